package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tcptrace/findings"
	"tcptrace/notebook"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest/examples"
)

// TestAdviceIsTried runs the notebook's programs under CPython, in a network namespace of their own, captures them, does what
// the findings advise, and runs them again: what was advised against is gone, and nothing as bad has taken its place.
func TestAdviceIsTried(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed")
	}
	if !inNamespace(t) {
		return
	}
	before := playNotebook(t, nil)
	advised := before["loop-echo"]
	if advised == nil || advised.Change == nil || advised.Change.Diff == "" {
		t.Fatalf("the notebook's programs: %v", codes(before))
	}
	after := playNotebook(t, advised.Change)
	if after["loop-echo"] != nil {
		t.Errorf("loop-echo is still there: %s", after["loop-echo"].Text.EN)
	}
	for code, f := range after {
		if f.Severity >= findings.Warning && before[code] == nil {
			t.Errorf("%s is new: %s", code, f.Text.EN)
		}
	}
	t.Logf("before: %v, after: %v", codes(before), codes(after))
}

func codes(found map[string]*findings.Finding) (all []string) {
	for code, f := range found {
		all = append(all, fmt.Sprintf("%s (%v)", code, f.Severity))
	}
	return all
}

// playTime is how long a client types; it takes eight echoes, or a few less, to tell a rhythm.
const playTime = 9 * time.Second

// playNotebook runs the PC's server and the board's program, changed or not, has a client talk to it, and says what is
// found.
func playNotebook(t *testing.T, change *findings.Change) map[string]*findings.Finding {
	t.Helper()
	diff := ""
	if change != nil {
		diff = change.Diff
	}
	dir := programs(t, diff)
	file := filepath.Join(dir, "run.pcapng")
	c := newCapturingOn(t, "lo", nil, "--no-report", "-w", file)
	defer startProgram(t, dir, notebook.ServerProgram, io.Discard)()
	defer startProgram(t, dir, notebook.PicoProgram, io.Discard)()
	talk(t)
	if code := c.end(syscall.SIGINT); code != 0 && code != 130 {
		t.Fatalf("live: exit code %d: %s", code, c.err.String())
	}
	return foundIn(t, file)
}

// programs puts the notebook's programs into a folder, one of them changed.
func programs(t *testing.T, diff string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{notebook.PicoProgram, notebook.ServerProgram, notebook.ClientProgram} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(notebook.Program(name)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff != "" {
		patch(t, dir, diff)
	}
	return dir
}

// startProgram runs a program of the folder and gives what ends it.
func startProgram(t *testing.T, dir, name string, out io.Writer) (end func()) {
	t.Helper()
	standIns, err := filepath.Abs("testdata/standins.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "-u", standIns, name)
	cmd.Dir = dir
	printed, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if name == notebook.ClientProgram {
		_, _ = io.WriteString(in, "hola\n")
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(printed)
		for ; lines.Scan(); fmt.Fprintln(out, lines.Text()) {
			if strings.Contains(lines.Text(), readyLines[name]) {
				close(ready)
			}
		}
	}()
	select {
	case <-ready:
	case <-ended:
		t.Fatalf("%s ended", name)
	case <-time.After(30 * time.Second):
		t.Fatalf("%s does not begin", name)
	}
	return func() {
		_ = cmd.Process.Kill()
		<-ended
		_ = cmd.Wait()
	}
}

// readyLines are in what the programs print when they listen, or are connected.
var readyLines = map[string]string{notebook.PicoProgram: "Servidor en", notebook.ServerProgram: "Servidor PC en", notebook.ClientProgram: "Cliente PC conectado"}

// patch applies a unified diff with the program that everybody uses for it, or with git.
func patch(t *testing.T, dir, diff string) {
	t.Helper()
	for _, tool := range [][]string{{"patch", "-p1"}, {"git", "apply", "-p1", "-"}} {
		if _, err := exec.LookPath(tool[0]); err != nil {
			continue
		}
		cmd := exec.Command(tool[0], tool[1:]...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(diff)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s\n%s", tool[0], err, out, diff)
		}
		return
	}
	t.Skip("neither patch nor git is installed")
}

// talk sends messages at times that have nothing to do with a second, and waits for each one's echo.
func talk(t *testing.T) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", notebook.EchoPort), 3*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	end := time.Now().Add(playTime)
	for n := 0; time.Now().Before(end); n++ {
		message := fmt.Sprintf("hola %d", n)
		if _, err := io.WriteString(conn, message); err != nil {
			t.Fatal(err)
		}
		echo := make([]byte, len(notebook.EchoPrefix)+len(message))
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.ReadFull(conn, echo); err != nil || string(echo) != notebook.EchoPrefix+message {
			t.Fatalf("echo %q: %v", echo, err)
		}
		time.Sleep(time.Duration(130+n*370%900) * time.Millisecond)
	}
}

// foundIn explains a capture, one finding by code.
func foundIn(t *testing.T, path string) map[string]*findings.Finding {
	t.Helper()
	tr := examples.Track(t, path, sessions.Options{Shown: sessions.DefaultShown, Samples: true})
	found := map[string]*findings.Finding{}
	for _, f := range findings.Find(tr, findings.Options{}) {
		found[f.Code] = &f
	}
	return found
}

// TestOtherAdviceIsTried makes the other changes in the notebook's programs, one by one, and sees that each does what it is
// advised for.
func TestOtherAdviceIsTried(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed")
	}
	if !inNamespace(t) {
		return
	}
	for name, try := range map[string]func(t *testing.T, dir string){
		"clients": tryClients, "accept": tryAccept, "answer": tryAnswer, "nodelay": tryNodelay,
	} {
		t.Run(name, func(t *testing.T) { try(t, programs(t, findings.Patches()[name])) })
	}
}

// tryClients connects twice to the board and has both answered.
func tryClients(t *testing.T, dir string) {
	defer startProgram(t, dir, notebook.PicoProgram, io.Discard)()
	a, b := dialed(t, notebook.EchoPort), dialed(t, notebook.EchoPort)
	for _, c := range []net.Conn{b, a, b, a} {
		answers(t, c, "hola", notebook.EchoPrefix+"hola")
	}
}

// tryNodelay has a long message answered, prefix and all.
func tryNodelay(t *testing.T, dir string) {
	defer startProgram(t, dir, notebook.PicoProgram, io.Discard)()
	long := strings.Repeat("y", 1024)
	answers(t, dialed(t, notebook.EchoPort), long, notebook.EchoPrefix+long)
}

// tryAccept lets a second board greet while the first one is connected.
func tryAccept(t *testing.T, dir string) {
	defer startProgram(t, dir, notebook.ServerProgram, io.Discard)()
	a, b := dialed(t, notebook.GreetingPort), dialed(t, notebook.GreetingPort)
	for _, c := range []net.Conn{b, a} {
		answers(t, c, "hola", notebook.GreetingPrefix+"hola")
	}
}

// TestReuseAddrIsTried ends a server that has closed first, and starts it again at once. It has a namespace of its own: Linux
// asks for SO_REUSEADDR on the older socket too.
func TestReuseAddrIsTried(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed")
	}
	if !inNamespace(t) {
		return
	}
	dir := programs(t, findings.Patches()["reuse"])
	end := startProgram(t, dir, notebook.ServerProgram, io.Discard)
	c := dialed(t, notebook.GreetingPort)
	answers(t, c, "hola", notebook.GreetingPrefix+"hola")
	end()
	_ = c.Close()
	time.Sleep(100 * time.Millisecond)
	defer startProgram(t, dir, notebook.ServerProgram, io.Discard)()
	answers(t, dialed(t, notebook.GreetingPort), "hola", notebook.GreetingPrefix+"hola")
}

// tryAnswer sends the echo in two pieces and looks at what the client prints.
func tryAnswer(t *testing.T, dir string) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", notebook.EchoPort))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan struct{})
	go func() {
		defer close(served)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.ReadFull(c, make([]byte, len("hola")))
		_, _ = io.WriteString(c, "Echo:")
		time.Sleep(200 * time.Millisecond)
		_, _ = io.WriteString(c, "hola")
		time.Sleep(300 * time.Millisecond)
	}()
	var printed bytes.Buffer
	end := startProgram(t, dir, notebook.ClientProgram, &printed)
	<-served
	end()
	if !strings.Contains(printed.String(), "b'Echo:hola'") {
		t.Errorf("printed %q", printed.String())
	}
}

func dialed(t *testing.T, port uint16) net.Conn {
	t.Helper()
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 3*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	time.Sleep(50 * time.Millisecond)
	return c
}

func answers(t *testing.T, c net.Conn, message, want string) {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	got := make([]byte, len(want))
	_, err := io.WriteString(c, message)
	if err == nil {
		_, err = io.ReadFull(c, got)
	}
	if err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
