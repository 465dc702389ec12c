//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"tcptrace/internal/testfiles"
)

// A terminal is tcptrace running in one.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	pty  *os.File
	mu   sync.Mutex
	out  bytes.Buffer
	done chan error
}

// onTerminal runs tcptrace in a terminal.
func onTerminal(t *testing.T, columns, rows int, env []string, args ...string) *terminal {
	t.Helper()
	program, err := exec.LookPath("tcptrace") // TestMain has put it there
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, cmd: exec.Command(program, args...), done: make(chan error, 1)}
	x.cmd.Env = append(append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color", "NO_COLOR="), env...)
	x.cmd.Dir = t.TempDir()
	x.pty, err = pty.StartWithSize(x.cmd, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)})
	if err != nil {
		t.Skipf("no terminal: %v", err)
	}
	t.Cleanup(func() { _ = x.cmd.Process.Kill(); _ = x.pty.Close() })
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 4096)
		for {
			n, err := x.pty.Read(buf)
			x.mu.Lock()
			x.out.Write(buf[:n])
			x.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go func() {
		err := x.cmd.Wait()
		<-time.After(50 * time.Millisecond)
		x.done <- err
	}()
	return x
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.out.String()
}

// await waits for a text on the screen.
func (x *terminal) await(text string) {
	x.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !strings.Contains(ansi.Strip(x.text()), text) {
		if time.Now().After(deadline) {
			x.t.Fatalf("no %q on the screen:\n%q", text, x.text())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// exit waits for the end and gives its code.
func (x *terminal) exit() int {
	x.t.Helper()
	select {
	case <-x.done:
	case <-time.After(10 * time.Second):
		x.t.Fatalf("it does not end:\n%q", x.text())
	}
	return x.cmd.ProcessState.ExitCode()
}

func (x *terminal) send(keys string) {
	x.t.Helper()
	if _, err := io.WriteString(x.pty, keys); err != nil {
		x.t.Fatal(err)
	}
}

// checkRestored holds that the terminal is as it was found: its modes, the main screen, the cursor, the mouse.
func (x *terminal) checkRestored(before *unix.Termios) {
	x.t.Helper()
	after, err := unix.IoctlGetTermios(int(x.pty.Fd()), ioctlGetTermios)
	if err != nil {
		x.t.Fatal(err)
	}
	if *after != *before {
		x.t.Errorf("the terminal's modes are %+v, they were %+v", *after, *before)
	}
	for mode, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?1002h": "\x1b[?1002l", "\x1b[?1006h": "\x1b[?1006l", "\x1b[?2004h": "\x1b[?2004l"} {
		if text := x.text(); strings.LastIndex(text, mode) > strings.LastIndex(text, off) {
			x.t.Errorf("%q stays on", mode)
		}
	}
	if strings.Contains(x.text(), "goroutine ") {
		x.t.Errorf("a Go trace:\n%s", x.text())
	}
}

func capturePath(t *testing.T, name string) string {
	path, err := filepath.Abs(testfiles.Genuine(t, name, "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTUIOnATerminal walks through a capture, and holds that the terminal is left as it was found however the view ends.
func TestTUIOnATerminal(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(x *terminal)
		code int
	}{
		"q":       {func(x *terminal) { x.send("q") }, exitOK},
		"Ctrl-C":  {func(x *terminal) { x.send("\x03") }, exitOK},
		"SIGTERM": {func(x *terminal) { _ = x.cmd.Process.Signal(syscall.SIGTERM) }, exitInterrupted},
		"SIGINT":  {func(x *terminal) { _ = x.cmd.Process.Signal(syscall.SIGINT) }, exitInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			x := onTerminal(t, 80, 24, nil, "tui", capturePath(t, "pico-normal"))
			before, err := unix.IoctlGetTermios(int(x.pty.Fd()), ioctlGetTermios)
			if err != nil {
				t.Fatal(err)
			}
			x.await("192.168.1.57:56712")
			x.send("j\r")
			x.await("SYN-RECEIVED")
			if err := pty.Setsize(x.pty, &pty.Winsize{Cols: 120, Rows: 40}); err != nil {
				t.Fatal(err)
			}
			x.send("3")
			x.await("time-wait")
			c.end(x)
			if code := x.exit(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			x.checkRestored(before)
		})
	}
}

// TestTUIWithoutTerminal holds that the view says that it needs one.
func TestTUIWithoutTerminal(t *testing.T) {
	program, err := exec.LookPath("tcptrace")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "tui", capturePath(t, "pico-normal")).CombinedOutput()
	if code := exitCodeOf(err); code != exitUsage || !strings.Contains(string(out), "needs a terminal") {
		t.Errorf("exit code %d: %s", code, out)
	}
}

func exitCodeOf(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := err.(*exec.ExitError); ok {
		return e.ExitCode()
	}
	return -1
}

// TestAnswerOnATerminal holds that a terminal gets the short answer, and anything else, or whoever asks for it, the Markdown.
func TestAnswerOnATerminal(t *testing.T) {
	capture := capturePath(t, "pico-normal")
	short := func(args ...string) string {
		x := onTerminal(t, 80, 24, nil, args...)
		if code := x.exit(); code != 0 {
			t.Fatalf("%v: exit code %d: %s", args, code, x.text())
		}
		return x.text()
	}
	for _, command := range []string{"report", "explain"} {
		text := short(command, capture)
		plain := ansi.Strip(text)
		if !strings.Contains(text, "\x1b[") || !strings.Contains(plain, "loop-echo") || strings.Contains(plain, "**") || !strings.Contains(plain, "tcptrace view") {
			t.Errorf("%s:\n%s", command, plain)
		}
		if n := strings.Count(plain, "\n"); n > 48 {
			t.Errorf("%s takes %d lines", command, n)
		}
		if text := short(command, capture, "--format", "markdown"); !strings.HasPrefix(text, "# ") {
			t.Errorf("%s --format markdown begins with %.60q", command, text)
		}
	}
	if text := short("report", "--long", "--no-pager", capture); strings.Count(text, "\n") < 60 || !strings.Contains(ansi.Strip(text), "Who is who") {
		t.Errorf("--long:\n%s", text)
	}
}

// TestNoColour holds that NO_COLOR, a dumb terminal and a locale without Unicode are respected.
func TestNoColour(t *testing.T) {
	capture := capturePath(t, "pico-normal")
	for env, check := range map[string]*regexp.Regexp{"NO_COLOR=1": regexp.MustCompile("\x1b"), "TERM=dumb": regexp.MustCompile("\x1b"), "LC_ALL=C": regexp.MustCompile("[─│┼▁-█]")} {
		x := onTerminal(t, 80, 24, []string{env}, "report", "--long", "--no-pager", capture)
		if code := x.exit(); code != 0 || check.MatchString(x.text()) {
			t.Errorf("%s: exit code %d:\n%q", env, code, x.text())
		}
	}
}

// TestPager holds that a long report goes through the pager, a short answer does not, and that leaving the pager early is no error.
func TestPager(t *testing.T) {
	capture := capturePath(t, "pico-normal")
	env := []string{`PAGER=sh -c "head -2; echo PAGED"`}
	for want, args := range map[bool][]string{true: {"report", "--long", capture}, false: {"report", capture}} {
		x := onTerminal(t, 80, 24, env, args...)
		if code := x.exit(); code != 0 || strings.Contains(x.text(), "PAGED") != want {
			t.Errorf("%v: exit code %d:\n%s", args, code, x.text())
		}
	}
	x := onTerminal(t, 80, 24, env, "report", "--long", "--no-pager", capture)
	if code := x.exit(); code != 0 || strings.Contains(x.text(), "PAGED") {
		t.Errorf("--no-pager: exit code %d:\n%s", code, x.text())
	}
}

// TestPlotOnATerminal holds that a terminal gets no drawing's text.
func TestPlotOnATerminal(t *testing.T) {
	x := onTerminal(t, 80, 24, nil, "plot", capturePath(t, "pico-normal"), "--kind", "cadence")
	if code := x.exit(); code != 0 || strings.Contains(x.text(), "<svg") {
		t.Fatalf("exit code %d:\n%.300s", code, x.text())
	}
	if _, err := os.Stat(filepath.Join(x.cmd.Dir, "capture-cadence.svg")); err != nil {
		t.Error(err)
	}
}

// TestDemoRows holds that a demo in real time shows its rows while it runs.
func TestDemoRows(t *testing.T) {
	x := onTerminal(t, 100, 24, nil, "demo", "--real-time", "--seconds", "2")
	x.await("SYN-RECEIVED")
	if strings.Contains(ansi.Strip(x.text()), "What happened") {
		t.Error("the rows came with the answer")
	}
	if code := x.exit(); code != 0 || !strings.Contains(ansi.Strip(x.text()), "What happened") {
		t.Errorf("exit code %d:\n%s", code, x.text())
	}
}
