package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcptrace/capture"
)

// inNamespace runs the calling test again in network and mount namespaces of its own, with two interfaces left and
// right that are joined by a cable, and reports whether this is that run.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv("TCPTRACE_TEST_NAMESPACE") != "" {
		for _, command := range []string{
			"link set lo up", "link add left type veth peer name right", "link set left up", "link set right up",
		} {
			if out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput(); err != nil {
				t.Fatalf("ip %s: %v: %s", command, err, out)
			}
		}
		for _, name := range []string{"left", "right"} { // no packets of the kernel's own
			_ = os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6", []byte("1"), 0o644)
		}
		return true
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("the program ip is not installed")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can make the namespaces that this test needs")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), "TCPTRACE_TEST_NAMESPACE=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS, Unshareflags: unix.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &failed):
		t.Skipf("no namespaces here: %v", err)
	case err != nil:
		t.Errorf("in the namespace: %v\n%s", err, out)
	default:
		t.Logf("in the namespace: %s", out)
	}
	return false
}

// beats sends segments of a Pico's client into the interface right: n of them, each with a line of five bytes.
func beats(t *testing.T, n int) {
	t.Helper()
	i, err := net.InterfaceByName("right")
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for k := range n {
		f := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
			0x45, 0, 0, 45, 0, byte(k), 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
			0xc3, 0x50, 0x23, 0x29, 0, 0, byte(k * 5 >> 8), byte(k * 5), 0, 0, 0, 1, 0x50, 0x18, 0x19, 0, 0, 0, 0, 0,
			'h', 'o', 'l', 'a', '\n'}
		if err := unix.Sendto(fd, f, 0, &unix.SockaddrLinklayer{Ifindex: i.Index}); err != nil {
			t.Fatal(err)
		}
	}
}

// A capturing is a `tcptrace live` that runs.
type capturing struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  bytes.Buffer
	err  bytes.Buffer
	said chan struct{}
}

// newCapturing starts the command on the interface left and waits until it listens.
func newCapturing(t *testing.T, env []string, args ...string) *capturing {
	t.Helper()
	return newCapturingOn(t, "left", env, args...)
}

func newCapturingOn(t *testing.T, name string, env []string, args ...string) *capturing {
	t.Helper()
	c := &capturing{t: t, said: make(chan struct{})}
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c.cmd = exec.Command(path)
	c.cmd.Args = append([]string{"tcptrace", "live", "-i", name}, args...)
	c.cmd.Env = append(append(os.Environ(), "LC_ALL=C"), env...)
	c.cmd.Stdout = &c.out
	stderr, err := c.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	for strings.Contains(first, "as root, without capabilities") { // said before it listens
		first, err = lines.ReadString('\n')
	}
	if !strings.Contains(first, "listening on "+name) {
		rest, _ := io.ReadAll(lines)
		t.Fatalf("it does not listen: %v: %s%s", err, first, rest)
	}
	go func() {
		_, _ = io.Copy(&c.err, lines)
		close(c.said)
	}()
	return c
}

// end signals the command and returns its exit code.
func (c *capturing) end(s syscall.Signal) int {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
	<-c.said
	_ = c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode()
}

// packetsIn reads a file to its end; err is nil when it is whole.
func packetsIn(t *testing.T, path string) (n int64, err error) {
	t.Helper()
	src, err := capture.Open(path, capture.OpenOptions{})
	if err != nil {
		return 0, err
	}
	defer src.Close()
	for ev := new(capture.Event); err == nil; {
		err = src.Next(ev)
	}
	if err == io.EOF {
		err = nil
	}
	return src.Info().Packets, err
}

// A capture that runs as root by sudo keeps its sockets and nothing else, in every thread.
func TestLiveGivesPrivilegesUp(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	dir, err := os.MkdirTemp("/tmp", "tcptrace-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	const user = 54321
	if err := os.Chown(dir, user, user); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "x.pcapng")
	c := newCapturing(t, []string{fmt.Sprintf("SUDO_UID=%d", user), fmt.Sprintf("SUDO_GID=%d", user)}, "--no-report", "-w", file)
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", c.cmd.Process.Pid))
	if len(tasks) < 2 {
		t.Fatalf("threads: %v", tasks)
	}
	for _, task := range tasks {
		b, err := os.ReadFile(task)
		if err != nil {
			continue // a thread that ended meanwhile
		}
		for _, want := range []string{"Uid:\t54321\t54321\t54321\t54321", "Gid:\t54321\t54321\t54321\t54321", "Groups:\t54321 ",
			"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000",
			"CapAmb:\t0000000000000000", "NoNewPrivs:\t1"} {
			if !strings.Contains(string(b), want) {
				t.Errorf("%s: no %q in\n%s", task, want, b)
			}
		}
	}
	beats(t, 10)
	if code := c.end(syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d: %s", code, c.err.String())
	}
	if n, err := packetsIn(t, file); n != 10 || err != nil {
		t.Errorf("%d packets, %v", n, err)
	}
	st, err := os.Stat(file)
	if err != nil || st.Mode().Perm() != 0o600 || st.Sys().(*syscall.Stat_t).Uid != user {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestLiveKeepsWhatWasCaptured(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		file := filepath.Join(t.TempDir(), "x.pcapng")
		c := newCapturing(t, nil, "--format", "table", "-w", file)
		beats(t, 500)
		if code := c.end(s); code != 0 {
			t.Errorf("%v: exit code %d: %s", s, code, c.err.String())
		}
		if n, err := packetsIn(t, file); n != 500 || err != nil {
			t.Errorf("%v: %d packets of 500, %v", s, n, err)
		}
		if rows := strings.Count(c.out.String(), "Data[5] →            ?"); rows != 500 {
			t.Errorf("%v: %d rows of 500", s, rows)
		}
		if !strings.Contains(c.err.String(), " 500 captured, 0 dropped by the kernel, 0 dropped here") {
			t.Errorf("%v: %s", s, c.err.String())
		}
	}
}

// A kill leaves a whole file with everything but the last moments.
func TestLiveKilled(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	for range 5 {
		file := filepath.Join(t.TempDir(), "x.pcapng")
		c := newCapturing(t, nil, "--no-report", "-w", file)
		beats(t, 300)
		waitFor(t, func() bool { n, _ := packetsIn(t, file); return n == 300 })
		beats(t, 100)
		c.end(syscall.SIGKILL)
		if n, err := packetsIn(t, file); n < 300 || err != nil {
			t.Errorf("%d packets, %v", n, err)
		}
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for range 1000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it does not happen")
}

// A full disk is told at once, the file is cut back to whole packets, and the rows go on.
func TestLiveDiskFull(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=32k"); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	defer unix.Unmount(dir, 0)
	file := filepath.Join(dir, "x.pcapng")
	c := newCapturing(t, nil, "--no-report", "-w", file)
	for range 10 {
		beats(t, 300)
		time.Sleep(20 * time.Millisecond)
	}
	if code := c.end(syscall.SIGINT); code != exitOutput {
		t.Errorf("exit code %d: %s", code, c.err.String())
	}
	n, err := packetsIn(t, file)
	if n == 0 || n >= 3000 || err != nil {
		t.Errorf("%d packets, %v", n, err)
	}
	if !strings.Contains(c.err.String(), fmt.Sprintf("%d packets are safe in", n)) {
		t.Errorf("%d packets are in the file, and it says: %s", n, c.err.String())
	}
	if out := c.out.String(); !strings.Contains(out, "!! saving failed") || strings.Count(out, "Data[5] →") != 3000 {
		t.Errorf("%d rows of 3000", strings.Count(out, "Data[5] →"))
	}
}

func TestLiveInterfaceGone(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	file := filepath.Join(t.TempDir(), "x.pcapng")
	c := newCapturing(t, nil, "--no-report", "-w", file)
	beats(t, 3)
	if out, err := exec.Command("ip", "link", "del", "left").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	<-c.said
	_ = c.cmd.Wait()
	if code := c.cmd.ProcessState.ExitCode(); code != exitCapture || !strings.Contains(c.err.String(), "left: the interface is gone") {
		t.Errorf("exit code %d: %s", code, c.err.String())
	}
	if n, err := packetsIn(t, file); n != 3 || err != nil {
		t.Errorf("%d packets, %v", n, err)
	}
}

// TestLiveBecomesSomebody holds whom a root becomes that sudo did not call: the owner of the output folder, nobody where nothing is
// written, and else itself without any capability, which it says.
func TestLiveBecomesSomebody(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	folder := func(owner int) string {
		dir, err := os.MkdirTemp("/tmp", "tcptrace-test-")
		if err == nil {
			err = os.Chown(dir, owner, owner)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		return dir
	}
	for _, tt := range []struct {
		name, uid string
		args      []string
	}{
		{"owner", "54321", []string{"--no-report", "-w", filepath.Join(folder(54321), "x.pcapng")}},
		{"owner, report", "54321", []string{"-o", filepath.Join(folder(54321), "out")}},
		{"nobody", "65534", []string{"--no-report"}},
		{"root's folder", "0", []string{"--no-report", "-w", filepath.Join(folder(0), "x.pcapng")}},
	} {
		// The notice of a root that stays one comes before the line that it listens.
		c := newCapturingOn(t, "lo", []string{"SUDO_UID=", "SUDO_GID="}, tt.args...)
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Uid:\t" + tt.uid + "\t" + tt.uid + "\t", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
			if !strings.Contains(string(status), want) {
				t.Errorf("%s: no %q in\n%s", tt.name, want, status)
			}
		}
		beats(t, 3)
		if code := c.end(syscall.SIGINT); code != 0 && code != exitInterrupted {
			t.Errorf("%s: exit code %d: %s", tt.name, code, c.err.String())
		}
	}
}

// TestFileCommandsGiveRightsUp reads back from the kernel what a report that root started may still do.
func TestFileCommandsGiveRightsUp(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(path)
	c.Args = []string{"tcptrace", "report", "-"}
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { in.Close(); _ = c.Wait() }()
	wants := []string{"CapEff:\t000000000000000e", "CapPrm:\t000000000000000e", "NoNewPrivs:\t1", "Seccomp:\t2"}
	var last []byte
	for range 100 {
		last, _ = os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
		if !slices.ContainsFunc(wants, func(want string) bool { return !strings.Contains(string(last), want) }) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("no %q in\n%s", wants, last)
}

// TestLiveRunsProgramsOutsideOfItsConfinement holds that the programs of --run may do what the capture may not, with the user that both
// became, that their calls are in the report, and that they end with a capture that is killed.
func TestLiveRunsProgramsOutsideOfItsConfinement(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	dir, err := os.MkdirTemp("/tmp", "tcptrace-test-")
	if err == nil {
		err = os.Chown(dir, 54321, 54321)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	elsewhere, err := os.MkdirTemp("/tmp", "tcptrace-test-")
	if err == nil {
		err = os.Chmod(elsewhere, 0o777)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(elsewhere) })
	mark := filepath.Join(elsewhere, "mark")
	c := newCapturingOn(t, "lo", []string{"SUDO_UID=", "SUDO_GID="}, "-w", filepath.Join(dir, "x.pcapng"), "--run", "id -u > "+mark+"; exec sleep 30.5")
	deadline := time.Now().Add(10 * time.Second)
	var who []byte
	for time.Now().Before(deadline) {
		if who, _ = os.ReadFile(mark); len(who) > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if strings.TrimSpace(string(who)) != "54321" {
		t.Errorf("the program is user %q, %v", who, err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil || !strings.Contains(string(status), "Seccomp:\t2") || !strings.Contains(string(status), "Uid:\t54321") {
		t.Errorf("%v: %s", err, status)
	}
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.said
	_ = c.cmd.Wait()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		out, err := exec.Command("pgrep", "-f", "^sleep 30.5$").Output()
		if len(out) == 0 && err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the program outlives its capture: %s", out)
		}
	}
}
