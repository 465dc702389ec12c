package journal

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// open is the line with which most of the cases begin.
const open = "7 1795355200.000001 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3\n"

// straceCases say what each shape of line means, one small journal each.
var straceCases = []struct {
	name, text string
	want       []string
}{
	{"without pid, padded, nanosecond stamps",
		"1795355200.000000001 socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3\n1795355200.5 listen(3, 1)    = 0\n",
		[]string{"1 1795355200.000000001 s1 fd3 #1 socket(AF_INET6, SOCK_STREAM) = 3",
			"2 1795355200.500000000 s1 fd3 #4 listen(1) asked 1 = 0"}},
	{"other families and UDP make nothing, and their numbers are used again",
		"7 1795355200.1 socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3\n7 1795355200.2 close(3) = 0\n" +
			"7 1795355200.3 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3\n" +
			"7 1795355200.4 sendto(3, \"x\", 1, 0, NULL, 0) = 1\n7 1795355200.5 close(3) = 0\n" +
			"7 1795355200.6 socket(AF_INET, SOCK_STREAM, 0) = 3\n7 1795355200.7 close(3) = 0\n" +
			"7 1795355200.8 socket(AF_INET, SOCK_STREAM, 0) = 3\n7 1795355200.9 close(3) = 0\n7 1795355201.0 close(3) = -1 EBADF (Bad file descriptor)\n",
		[]string{"6 1795355200.600000000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"7 1795355200.700000000 p7 s1 fd3 #10 close() = 0",
			"8 1795355200.800000000 p7 s2 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"9 1795355200.900000000 p7 s2 fd3 #10 close() = 0"}},
	{"escapes, a cut string, quotes and parentheses in the payload",
		open + `7 1795355200.1 sendto(3, "\303\241 \")\", <\1\x02"..., 900, MSG_NOSIGNAL, NULL, 0) = 700 <0.000020>` + "\n" +
			`7 1795355200.2 recvfrom(3, ") = 5 <unfinished ...>", 64, 0, NULL, NULL) = 22` + "\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			`2 1795355200.100000000 +0.000020000 p7 s1 fd3 #7 send(900 bytes) asked 900 = 700 data "á \")\", <\x01\x02"`,
			`3 1795355200.200000000 p7 s1 fd3 #8 recv(64) asked 64 = 22 data ") = 5 <unfinished ...>"`}},
	{"unfinished and resumed: the stamp of the second line ends the call",
		open + "8 1795355200.1 nanosleep({tv_sec=0, tv_nsec=5000000}, NULL) = 0\n" +
			"7 1795355200.2 recvfrom(3,  <unfinished ...>\n8 1795355200.3 nanosleep({tv_sec=2, tv_nsec=0}, NULL) = 0\n" +
			"7 1795355200.75 <... recvfrom resumed>\"hola\", 1024, 0, NULL, NULL) = 4\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"2 1795355200.100000000 p8 #16 sleep(0.005) = 0",
			`3 1795355200.200000000 +0.550000000 p7 s1 fd3 #8 recv(1024) asked 1024 = 4 data "hola"`,
			"4 1795355200.300000000 p8 #16 sleep(2) = 0"}},
	{"killed while a call waits, in both spellings",
		open + "7 1795355200.1 accept4(3,  <unfinished ...>\n8 1795355200.2 recvfrom(3,  <unfinished ...>) = ?\n" +
			"7 1795355200.3 +++ killed by SIGKILL +++\n8 1795355200.3 +++ killed by SIGKILL +++\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"2 1795355200.100000000 p7 s1 fd3 #5 accept() = ?",
			"3 1795355200.200000000 p8 s1 fd3 #8 recv() = ?"}},
	{"a signal, and the program starts the call again",
		open + "7 1795355200.1 accept4(3, 0x7ff, [16], SOCK_CLOEXEC) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.1>\n" +
			"7 1795355200.2 --- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---\n" +
			"7 1795355200.3 accept4(3, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr(\"10.0.0.1\")}, [16], SOCK_CLOEXEC) = 4 <0.200000>\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"2 1795355200.100000000 +0.400000000 p7 s1 fd3 #5 accept() = 4 new s2 addr 10.0.0.1:9"}},
	{"a signal, and the program does something else: EINTR",
		open + "7 1795355200.1 recvfrom(3, 0x7ff, 10, 0, NULL, NULL) = ? ERESTARTSYS (To be restarted)\n" +
			"7 1795355200.2 --- SIGINT {si_signo=SIGINT} ---\n7 1795355200.3 close(3) = 0\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"2 1795355200.100000000 p7 s1 fd3 #8 recv(10) asked 10 ! EINTR",
			"4 1795355200.300000000 p7 s1 fd3 #10 close() = 0"}},
	{"the kernel resumes a poll by itself",
		open + "7 1795355200.1 poll([{fd=3, events=POLLIN}], 1, 50) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)\n" +
			"7 1795355200.2 restart_syscall(<... resuming interrupted poll ...>) = 1 ([{fd=3, revents=POLLIN}]) <0.010000>\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"2 1795355200.100000000 +0.110000000 p7 #14 poll(POLLIN) = 1 polled [{1 1}] ready [{1 1}] text [{fd=3, revents=POLLIN}]"}},
	{"-yy tells of sockets that were never opened here, and of their addresses",
		"1795355200.1 recvfrom(4<TCPv6:[[::1]:4000->[::1]:5000]>, \"\", 9, 0, NULL, NULL) = 0 <0.000001>\n" +
			"1795355200.2 close(5<UNIX-STREAM:[13->14, \"/x)\"]>) = 0 <0.000001>\n" +
			"1795355200.3 write(1</dev/null<char 1:3>>, \"x\", 1) = 1 <0.000001>\n" +
			"1795355200.4 close(4<TCPv6:[[::1]:4000->[::1]:5000]>) = 0 <0.000001>\n",
		[]string{"1 1795355200.100000000 +0.000001000 s1 fd4 #8 recv(9) asked 9 = 0 local [::1]:4000 remote [::1]:5000",
			"4 1795355200.400000000 +0.000001000 s1 fd4 #10 close() = 0 local [::1]:4000 remote [::1]:5000"}},
	{"dup: only the last descriptor closes",
		open + "7 1795355200.1 dup(3) = 4\n7 1795355200.2 close(3) = 0\n7 1795355200.3 write(4, \"ab\", 2) = 2\n7 1795355200.4 close(4) = 0\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"3 1795355200.200000000 p7 s1 fd3 #0 close() = 0",
			`4 1795355200.300000000 p7 s1 fd4 #7 send(2 bytes) asked 2 = 2 data "ab"`,
			"5 1795355200.400000000 p7 s1 fd4 #10 close() = 0"}},
	{"a traced fork copies, a traced thread shares",
		open + "7 1795355200.1 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 8\n7 1795355200.2 close(3) = 0\n" +
			"8 1795355200.3 clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, stack=0x7f} => {parent_tid=[9]}, 88) = 9\n" +
			"9 1795355200.4 shutdown(3, SHUT_WR) = 0\n9 1795355200.5 close(3) = 0\n8 1795355200.6 close(3) = -1 EBADF (Bad file descriptor)\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"3 1795355200.200000000 p7 s1 fd3 #0 close() = 0",
			"5 1795355200.400000000 p9 s1 fd3 #11 shutdown(SHUT_WR) = 0",
			"6 1795355200.500000000 p9 s1 fd3 #10 close() = 0"}},
	{"a listening parent forks, untraced: the child's close of it is none",
		open + "7 1795355200.1 accept(3, {sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr(\"10.0.0.1\")}, [16]) = 4\n" +
			"8 1795355200.2 close(3) = 0\n7 1795355200.3 close(4) = 0\n8 1795355200.4 sendto(4, \"a\", 1, 0, NULL, 0) = 1\n" +
			"7 1795355200.5 accept(3, {sa_family=AF_INET, sin_port=htons(2), sin_addr=inet_addr(\"10.0.0.1\")}, [16]) = 4\n8 1795355200.6 close(4) = 0\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"2 1795355200.100000000 p7 s1 fd3 #5 accept() = 4 new s2 addr 10.0.0.1:1",
			"3 1795355200.200000000 p8 s1 fd3 #0 close() = 0",
			"4 1795355200.300000000 p7 s2 fd4 #0 close() = 0 remote 10.0.0.1:1",
			`5 1795355200.400000000 p8 s2 fd4 #7 send(1 bytes) asked 1 = 1 data "a" remote 10.0.0.1:1`,
			"6 1795355200.500000000 p7 s1 fd3 #5 accept() = 4 new s3 addr 10.0.0.1:2",
			"7 1795355200.600000000 p8 s2 fd4 #10 close() = 0 remote 10.0.0.1:1"}},
	{"blocking mode",
		open + "7 1795355200.1 fcntl(3, F_SETFL, O_RDWR) = 0\n7 1795355200.2 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n" +
			"7 1795355200.3 ioctl(3, FIONBIO, [0]) = 0\n7 1795355200.4 ioctl(3, FIONBIO, [1]) = 0\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"3 1795355200.200000000 p7 s1 fd3 #2 setblocking(False) = 0",
			"4 1795355200.300000000 p7 s1 fd3 #2 setblocking(True) = 0",
			"5 1795355200.400000000 p7 s1 fd3 #2 setblocking(False) = 0"}},
	{"polls, elided and timed out, and select",
		open + "7 1795355200.1 poll([...3], 3, 50) = 2 ([{fd=3, revents=POLLIN|POLLERR|POLLHUP}, {fd=9, revents=POLLNVAL}]) <0.000015>\n" +
			"7 1795355200.2 poll([{fd=3, events=POLLIN}, {fd=-1}], 2, 50) = 0 (Timeout)\n" +
			"7 1795355200.3 select(5, [3 4], [3], [], {tv_sec=0, tv_usec=50000}) = 2 (in [3], out [3], left {tv_sec=0, tv_usec=1})\n" +
			"7 1795355200.4 select(0, NULL, NULL, NULL, {tv_sec=0, tv_usec=50000}) = 0 (Timeout)\n" +
			"7 1795355200.5 poll(NULL, 0, 250) = 0 (Timeout)\n7 1795355200.6 poll([{fd=0, events=POLLIN}], 1, 5) = 0 (Timeout)\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"2 1795355200.100000000 +0.000015000 p7 #14 poll() = 2 ready [{1 25} {0 32}] text [{fd=3, revents=POLLIN|POLLERR|POLLHUP}, {fd=9, revents=POLLNVAL}]",
			"3 1795355200.200000000 p7 #14 poll(POLLIN) = 0 polled [{1 1}] text Timeout",
			"4 1795355200.300000000 p7 #15 select([3, 4], [3], []) = 2 polled [{1 1} {0 1} {1 4}] ready [{1 1} {1 4}] text in [3], out [3]",
			"5 1795355200.400000000 p7 #16 sleep(0.05) = 0", "6 1795355200.500000000 p7 #16 sleep(0.25) = 0"}},
	{"sendmsg, recvmsg, peeking, SO_ERROR and a shutdown of nothing",
		open + `7 1795355200.1 sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=1}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 3` + "\n" +
			`7 1795355200.2 recvmsg(3, {msg_name=NULL, msg_iov=[{iov_base="xyz", iov_len=64}], msg_iovlen=1, msg_flags=0}, 0) = 3` + "\n" +
			"7 1795355200.3 recvfrom(3, \"q\", 1, MSG_PEEK, NULL, NULL) = 1\n" +
			"7 1795355200.4 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0\n" +
			"7 1795355200.5 shutdown(3, SHUT_RDWR) = -1 ENOTCONN (Transport endpoint is not connected)\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			`2 1795355200.100000000 p7 s1 fd3 #7 send(3 bytes) asked 3 = 3 data "ab"`,
			`3 1795355200.200000000 p7 s1 fd3 #8 recv(64) asked 64 = 3 data "xyz"`,
			`4 1795355200.300000000 p7 s1 fd3 #0 recv(1) asked 1 = 1 data "q"`,
			"5 1795355200.400000000 p7 s1 fd3 #12 getsockopt(SO_ERROR) = 111",
			"6 1795355200.500000000 p7 s1 fd3 #0 shutdown(SHUT_RDWR) ! ENOTCONN"}},
	{"[pid N] appears with the second process, program output on the same line",
		"1795355200.1 socket(AF_INET, SOCK_STREAM, 0) = 3\nstrace: Process 8 attached\n[pid     7] 1795355200.2 listen(3, 5) = 0\n" +
			"hola[pid     8] 1795355200.3 accept(3, 0x1, [16]) = -1 EAGAIN (Resource temporarily unavailable)\n[pid     8] 1795355200.4 +++ exited with 0 +++\n" +
			"1795355200.5 close(3) = 0\n1795355200.6 +++ exited with 3 +++\n",
		[]string{"1 1795355200.100000000 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"3 1795355200.200000000 p7 s1 fd3 #4 listen(5) asked 5 = 0",
			"4 1795355200.300000000 p8 s1 fd3 #5 accept() ! EAGAIN",
			"6 1795355200.500000000 p7 s1 fd3 #10 close() = 0"}},
	{"an epoll that was told of the socket",
		open + "7 1795355200.1 epoll_create1(EPOLL_CLOEXEC) = 4\n7 1795355200.2 epoll_ctl(4, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data={u32=77, u64=77}}) = 0\n" +
			"7 1795355200.3 epoll_wait(4, [{events=EPOLLIN|EPOLLRDHUP, data={u32=77, u64=77}}], 1, 50) = 1\n",
		[]string{"1 1795355200.000001000 p7 s1 fd3 #1 socket(AF_INET, SOCK_STREAM) = 3",
			"4 1795355200.300000000 p7 #14 epoll_wait() = 1 ready [{1 8193}] text [{fd=3, revents=EPOLLIN|EPOLLRDHUP}]"}},
}

// TestStraceLines reads each of straceCases.
func TestStraceLines(t *testing.T) {
	for _, c := range straceCases {
		t.Run(c.name, func(t *testing.T) {
			j := readText(t, c.text)
			checkJournal(t, j)
			if diff := cmp.Diff(c.want, entriesOf(j)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(j.Problems) > 0 {
				t.Errorf("problems: %v", j.Problems)
			}
		})
	}
}

// TestStraceProblems: bad lines are told by number and end nothing.
func TestStraceProblems(t *testing.T) {
	j := readText(t, "1795355200.1 socket(AF_INET, SOCK_STREAM, 0) = 3\n"+
		"1795355200.2 recvfrom(3, \"ho\n"+
		"12:00:00 listen(3, 1) = 0\n"+
		"\x1b[31mTraceback\n"+
		"9 1795355200.3 <... accept4 resumed>) = 5\n"+
		"1795355200.4 close(3) = 0\n"+
		"1795355200.5 sendto(3, \"a")
	checkJournal(t, j)
	var lines []int
	for _, p := range j.Problems {
		lines = append(lines, p.Line)
		if p.File != "test" {
			t.Errorf("file %q", p.File)
		}
	}
	if diff := cmp.Diff([]int{2, 3, 4, 5, 7}, lines); diff != "" {
		t.Errorf("lines of the problems, -want +got:\n%s", diff)
	}
	if len(j.Entries) != 2 || j.Entries[1].Call != Close {
		t.Errorf("entries: %v", entriesOf(j))
	}
	if what := j.Problems[2].What.String(); !strings.Contains(what, `\x1b[31m`) {
		t.Errorf("escape sequence in %q", what)
	}
}

// TestUnknown: files that are no journal say what was expected.
func TestUnknown(t *testing.T) {
	for text, want := range map[string]error{
		"":                                  ErrUnknown,
		"just words\nand more":              ErrUnknown,
		"\xd4\xc3\xb2\xa1\x02\x00\x04\x00":  ErrUnknown,
		"7 12:00:01 close(3) = 0\n":         ErrNoTimes,
		"12:00:01.123456 listen(3, 1) = 0":  ErrNoTimes,
		"     0.000123 socket(2, 1, 0) = 3": ErrNoTimes,
		"socket(AF_INET, SOCK_STREAM) = 3":  ErrNoTimes,
		"7 +++ exited with 0 +++":           ErrNoTimes,
	} {
		j, err := Read("x", strings.NewReader(text))
		if !errors.Is(err, want) || j != nil {
			t.Errorf("%q: journal %v, error %v, want %v", text, j, err, want)
		}
	}
}

// TestLimits: long lines and many entries are left out and said.
func TestLimits(t *testing.T) {
	text := "1795355200.1 socket(AF_INET, SOCK_STREAM, 0) = 3\n" +
		"1795355200.2 sendto(3, \"" + strings.Repeat("x", 2<<20) + "\", 9, 0, NULL, 0) = 9\n" +
		"1795355200.3 close(3) = 0\r\n"
	j := readText(t, text)
	if len(j.Entries) != 2 || len(j.Problems) != 1 || j.Problems[0].Line != 2 {
		t.Errorf("%v %v", entriesOf(j), j.Problems)
	}
	j = readText(t, "1795355200.1 socket(AF_INET, SOCK_STREAM, 0) = 3\n"+strings.Repeat("broken\n", 10_000))
	if len(j.Problems) != mostProblems+1 || !strings.Contains(j.Problems[mostProblems].What.String(), "9800 more") {
		t.Errorf("%d problems, last %v", len(j.Problems), j.Problems[len(j.Problems)-1])
	}
}

// failing is a reader that breaks after its text.
type failing struct{ text *strings.Reader }

func (f failing) Read(p []byte) (int, error) {
	if f.text.Len() == 0 {
		return 0, errors.New("pulled out")
	}
	return f.text.Read(p)
}

func TestReadError(t *testing.T) {
	j, err := Read("x", failing{strings.NewReader("1795355200.1 socket(AF_INET, SOCK_STREAM, 0) = 3\n1795355200.2 clo")})
	if err == nil || !strings.Contains(err.Error(), "pulled out") || j == nil || len(j.Entries) != 1 {
		t.Errorf("journal %v, error %v", j, err)
	}
}

// FuzzStrace: no text breaks a journal's rules.
func FuzzStrace(f *testing.F) {
	f.Add("7 1795355200.1 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<TCP:[1]>\n7 1795355200.2 accept4(3,  <unfinished ...>\n" +
		"8 1795355200.3 poll([{fd=3, events=POLLIN}], 1, 50) = 1 ([{fd=3, revents=POLLIN}])\n7 1795355200.4 <... accept4 resumed>{sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr(\"10.0.0.1\")}, [16], 0) = 4\n")
	f.Add("1795355200.1 recvfrom(4<TCPv6:[[::1]:4000->[::1]:5000]>, \"\\303\"..., 9, 0, NULL, NULL) = 1 <0.000001>\n1795355200.2 +++ killed by SIGKILL +++\n")
	f.Add("7 1795355200.1 clone(flags=CLONE_FILES) = 8\n8 1795355200.2 dup2(3, 4) = 4\n8 1795355200.3 fcntl(3, F_DUPFD_CLOEXEC, 0) = 5\n8 1795355200.4 close_range(3, ~0U, 0) = 0\n")
	f.Add("7 1795355200.1 poll([{fd=3, events=POLLIN}], 1, 50) = ? ERESTART_RESTARTBLOCK (x)\n7 1795355200.2 restart_syscall(<... resuming interrupted poll ...>) = 0\n")
	f.Add("7 1795355200.1 epoll_ctl(4, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data={u32=77, u64=77}}) = 0\n7 1795355200.3 epoll_wait(4, [{events=EPOLLIN, data={u32=77, u64=77}}], 1, 50) = 1\n" +
		"7 1795355200.3 select(5, [3 4], [3], [], {tv_sec=0, tv_usec=50000}) = 2 (in [3], out [3], left {tv_sec=0, tv_usec=1})\n")
	f.Fuzz(func(t *testing.T, text string) {
		j, err := Read("fuzz", strings.NewReader("7 1795355200.0 socket(AF_INET, SOCK_STREAM, 0) = 3\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		checkJournal(t, j)
	})
}
