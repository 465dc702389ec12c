package journal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJSONLines holds what each kind of line means.
func TestJSONLines(t *testing.T) {
	text := `{"t": 1795355224.339552123, "dur": 1.2e-05, "pid": 77, "obj": 10, "call": "socket", "args": ["AF_INET", "SOCK_STREAM"], "ret": null}
{"t": 1795355224.4, "dur": 0, "obj": 10, "call": "setblocking", "args": [false], "ret": null}
{"t": 1795355224.5, "dur": 0.5, "obj": 10, "call": "bind", "args": [["0.0.0.0", 9001]], "ret": null}
{"t": 1795355224.6, "dur": 0.5, "obj": 10, "call": "listen", "args": [1], "ret": null}
{"t": 1795355225, "dur": 0.25, "obj": 10, "call": "accept", "args": [], "ret": [11, ["192.168.1.57", 42538]]}
{"t": 1795355225.1, "dur": 0.2, "obj": 11, "call": "recv", "args": [1024], "ret": 5, "data": "a\u00c3\u00b3\n\u0000", "local": ["192.168.1.3", 9001]}
{"t": 1795355225.2, "dur": 0.2, "obj": 11, "call": "recv_into", "args": [4096], "ret": 0}

{"t": 1795355225.3, "dur": 0, "obj": 11, "call": "send", "args": [12], "errno": "WSAEWOULDBLOCK"}
{"t": 1795355225.4, "dur": 0, "obj": 11, "call": "sendall", "args": [12], "ret": null}
{"t": 1795355225.5, "dur": 0.05, "obj": null, "call": "poll", "args": [50], "ret": [[10, 1], [11, 17]], "lang": "micropython"}
{"t": 1795355225.6, "dur": 0.05, "call": "select", "args": [[10, 11], [11], [], 0.05], "ret": [[10], [11], []]}
{"t": 1795355225.7, "dur": 1, "call": "sleep", "args": [1], "ret": null}
{"t": 1795355225.8, "dur": 0, "obj": 11, "call": "close", "args": [], "ret": null}
{"t": 1795355225.9, "dur": 0, "obj": 11, "call": "socket", "args": [], "ret": null}
{"t": 1795355226.0, "dur": 0.1, "obj": 11, "call": "connect_ex", "args": [["::ffff:10.0.0.1", 9000]], "ret": 111}
{"t": 1795355226.1, "obj": 11, "call": "recv", "args": [1]}
{"t": 1795355226.2, "dur": 0, "obj": 12, "call": "socket", "args": ["AF_INET", "SOCK_DGRAM"], "ret": null}
{"t": 1795355226.3, "dur": 0, "obj": 12, "call": "send", "args": [3], "ret": 3}
{"t": 1795355226.4, "dur": 0, "obj": 11, "call": "connect", "args": [["pi\u001b.local", 9000]], "errno": 10054}
{"left_out": 12}
{"left_out": 3}
`
	want := []string{
		"1 1795355224.339552123 +0.000012000 p77 s1 #1 socket(AF_INET, SOCK_STREAM) = 0 local 0.0.0.0:9001",
		"2 1795355224.400000000 +0.000000000 s1 #2 setblocking(False) = 0 local 0.0.0.0:9001",
		`3 1795355224.500000000 +0.500000000 s1 #3 bind(("0.0.0.0", 9001)) = 0 addr 0.0.0.0:9001 local 0.0.0.0:9001`,
		"4 1795355224.600000000 +0.500000000 s1 #4 listen(1) asked 1 = 0 local 0.0.0.0:9001",
		"5 1795355225.000000000 +0.250000000 s1 #5 accept() = 0 new s2 addr 192.168.1.57:42538 local 0.0.0.0:9001",
		`6 1795355225.100000000 +0.200000000 s2 #8 recv(1024) asked 1024 = 5 data "aó\n\x00" local 192.168.1.3:9001 remote 192.168.1.57:42538`,
		"7 1795355225.200000000 +0.200000000 s2 #9 recv_into(buf) asked 4096 = 0 local 192.168.1.3:9001 remote 192.168.1.57:42538",
		"9 1795355225.300000000 +0.000000000 s2 #7 send(12 bytes) asked 12 ! EAGAIN local 192.168.1.3:9001 remote 192.168.1.57:42538",
		"10 1795355225.400000000 +0.000000000 s2 #7 sendall(12 bytes) asked 12 = 12 local 192.168.1.3:9001 remote 192.168.1.57:42538",
		"11 1795355225.500000000 +0.050000000 mp #14 poll(50) = 2 ready [{1 1} {2 17}] text [s1:1,s2:17]",
		"12 1795355225.600000000 +0.050000000 #15 select([10, 11], [11], [], 0.05) = 2 polled [{1 1} {2 1} {2 4}] ready [{1 1} {2 4}] text [s1], [s2], []",
		"13 1795355225.700000000 +1.000000000 #16 sleep(1) = 0",
		"14 1795355225.800000000 +0.000000000 s2 #10 close() = 0 local 192.168.1.3:9001 remote 192.168.1.57:42538",
		"15 1795355225.900000000 +0.000000000 s3 #1 socket() = 0 remote 10.0.0.1:9000",
		`16 1795355226.000000000 +0.100000000 s3 #6 connect_ex(("10.0.0.1", 9000)) ! ECONNREFUSED addr 10.0.0.1:9000 remote 10.0.0.1:9000`,
		"17 1795355226.100000000 s3 #8 recv(1) asked 1 = ? remote 10.0.0.1:9000",
		`20 1795355226.400000000 +0.000000000 s3 #6 connect(("pi\x1b.local", 9000)) ! ECONNRESET remote 10.0.0.1:9000`,
	}
	j := readText(t, text)
	checkJournal(t, j)
	if diff := cmp.Diff(want, entriesOf(j)); diff != "" || len(j.Problems) > 0 || j.Lost != 15 {
		t.Errorf("%d lost, problems %v, -want +got:\n%s", j.Lost, j.Problems, diff)
	}
}

func TestJSONProblems(t *testing.T) {
	j := readText(t, `{"t": 1795355224.1, "call": "sleep", "args": [1], "dur": 1, "ret": null}
{"t": 1795355224.2, "call": "sleep",
{"t": 12, "call": "sleep"}
{"t": "x", "call": "sleep"}
{"t": 1795355224.3, "dur": -1, "call": "sleep"}
{"t": 1795355224.4, "obj": 1, "call": "accept", "ret": "no"}
`)
	checkJournal(t, j)
	var lines []int
	for _, p := range j.Problems {
		lines = append(lines, p.Line)
	}
	if diff := cmp.Diff([]int{2, 3, 4, 5, 6}, lines); diff != "" || len(j.Entries) != 2 {
		t.Errorf("%d entries, lines of the problems, -want +got:\n%s", len(j.Entries), diff)
	}
}

// FuzzJSONLines: no text breaks a journal's rules.
func FuzzJSONLines(f *testing.F) {
	f.Add(`{"t": 1795355225, "dur": 0.25, "obj": 10, "call": "accept", "args": [], "ret": [11, ["192.168.1.57", 42538]]}`)
	f.Add(`{"t": 1795355225.6, "dur": 0.05, "call": "select", "args": [[10, 11], [11], [], 0.05], "ret": [[10], [11], []]}`)
	f.Add(`{"left_out": 9223372036854775807}`)
	f.Add(`{"t": 1795355225.3, "obj": "a", "call": "send", "args": [12], "errno": "WSAEWOULDBLOCK", "data": "\u00ff"}`)
	f.Fuzz(func(t *testing.T, text string) {
		j, err := Read("fuzz", strings.NewReader(`{"t": 1795355224.1, "call": "sleep", "args": [1], "dur": 1, "ret": null}`+"\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		checkJournal(t, j)
	})
}

// TestOutput: what the notebook's prints mean beyond the golden files.
func TestOutput(t *testing.T) {
	j := readText(t, "1795355224.1 Conectado con: ('10.0.0.1', x)\n1795355224.2 PC recibió: 12\n1795355224.3 ruido\nsin sello\n"+
		"1795355224.4 PC recibió: b'a\\x1b'\n1795355224.5 ConnectionResetError: [Errno 104] Connection reset by peer\x1b\n")
	checkJournal(t, j)
	want := []string{"1 1795355224.100000000 late s1 #5 accept() = 0 new s2",
		`5 1795355224.400000000 late s2 #8 recv() = 2 data "a\x1b"`}
	if diff := cmp.Diff(want, entriesOf(j)); diff != "" || len(j.Problems) != 2 || !strings.HasPrefix(j.Ended, "ConnectionResetError") {
		t.Errorf("problems %v, ended %q, -want +got:\n%s", j.Problems, j.Ended, diff)
	}
}

// TestOutputOfOurs: start lines that name addresses, and messages of which only the beginning is printed.
func TestOutputOfOurs(t *testing.T) {
	j := readText(t, "1795355224.0 Servidor en 0.0.0.0:9000, cliente conectando a 192.168.1.3:9001 ...\n"+
		"1795355224.1 Cliente recibió: b'PC'… (800 bytes)\n1795355224.2 Cliente conectado al servidor: ('192.168.1.3', 42538)\n"+
		"1795355224.3 Servidor recibió: b'a'… (99999999999 bytes)\n")
	checkJournal(t, j)
	want := []string{`2 1795355224.100000000 late mp s2 #8 recv() = 800 data "PC" remote 192.168.1.3:9001`,
		"3 1795355224.200000000 late mp s1 #5 accept() = 0 new s3 addr 192.168.1.3:42538 local 0.0.0.0:9000",
		`4 1795355224.300000000 late mp s3 #8 recv() = 1 data "a" local 0.0.0.0:9000 remote 192.168.1.3:42538`}
	if diff := cmp.Diff(want, entriesOf(j)); diff != "" || len(j.Problems) != 0 {
		t.Errorf("problems %v, -want +got:\n%s", j.Problems, diff)
	}
	j = readText(t, "1795355224.0 Servidor PC en 127.0.0.1:9001\n1795355224.1 Conectado con: ('127.0.0.1', 42538)\n")
	if got := j.Entries[0].Local().String(); got != "127.0.0.1:9001" {
		t.Errorf("the server listens on %s", got)
	}
}

// TestOutputOfCalls: a program that prints the names of its calls is not taken for strace.
func TestOutputOfCalls(t *testing.T) {
	j := readText(t, "1795355211.691292 send() calls 26 first 261928 EAGAIN 18\n1795355211.7 PC recibió: b'a'\n")
	if j.Kind != "output" || len(j.Entries) != 1 {
		t.Errorf("%s: %v", j.Kind, entriesOf(j))
	}
}

func TestDecimalNanos(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1795355224.339552": 1795355224339552000, "1795355224.3395521239": 1795355224339552123,
		"-0.5": -500_000_000, "9223372035.999999999": 9223372035999999999, ".5": -1, "": -1, "1e3": -1, "9999999999": -1, "1.2.3": -1, "１": -1,
	} {
		got, ok := decimalNanos(text)
		if ok != (want != -1) || ok && got != want {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
}
