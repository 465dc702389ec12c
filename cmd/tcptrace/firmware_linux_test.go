package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// newTerminal is a pseudo-terminal: the end of the person and the end of the command.
func newTerminal(t *testing.T) (person, terminal *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	person = os.NewFile(uintptr(fd), "ptmx")
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return person, terminal
}

// echoes reports whether the terminal shows what is typed.
func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return mode.Lflag&unix.ECHO != 0
}

// startOn runs the firmware command on a terminal and waits until it asks for the password, without echo.
func startOn(t *testing.T, terminal *os.File, dir string) *atWork {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	c := &atWork{code: make(chan int, 1), cancel: cancel}
	t.Cleanup(cancel)
	u := newUI(terminal, &c.out, &c.err, func(string) string { return "" })
	go func() {
		c.code <- run(ctx, []string{"firmware", "-o", dir, "--ssid", "Aula3", "--host", "192.168.1.3"}, u)
	}()
	for end := time.Now().Add(commandLimit); !strings.Contains(c.err.String(), "Password of") || echoes(t, terminal); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not ask without echo: %s", c.err.String())
		}
	}
	return c
}

// TestPasswordAsked: the password is asked for without echo, reaches settings.py and nothing else; the echo comes back.
func TestPasswordAsked(t *testing.T) {
	person, terminal := newTerminal(t)
	dir := t.TempDir()
	c := startOn(t, terminal, dir)
	if _, err := person.WriteString("geheim 2\n"); err != nil {
		t.Fatal(err)
	}
	c.ends(t, 0)
	settings, err := os.ReadFile(filepath.Join(dir, "settings.py"))
	if err != nil || !strings.Contains(string(settings), `PASSWORD = "geheim 2"`) {
		t.Errorf("%v\n%s", err, settings)
	}
	if printed := c.out.String() + c.err.String(); strings.Contains(printed, "geheim") {
		t.Errorf("the password was printed: %s", printed)
	}
	if !echoes(t, terminal) {
		t.Error("the terminal is left without echo")
	}
}

// TestPasswordInterrupted: Ctrl-C at the question ends the command and gives the terminal back.
func TestPasswordInterrupted(t *testing.T) {
	_, terminal := newTerminal(t)
	dir := t.TempDir()
	c := startOn(t, terminal, dir)
	c.cancel()
	c.ends(t, 130)
	if !strings.Contains(c.err.String(), "interrupted before the files were in place") {
		t.Errorf("it says %s", c.err.String())
	}
	if !echoes(t, terminal) {
		t.Error("the terminal is left without echo")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("files were written: %v", left)
	}
}

// TestUploadInterrupted: Ctrl-C during an upload says what is on the board, in words of its own.
func TestUploadInterrupted(t *testing.T) {
	board, terminal := newTerminal(t)
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	c := &atWork{code: make(chan int, 1), cancel: cancel}
	t.Cleanup(cancel)
	u := newUI(strings.NewReader(""), &c.out, &c.err, func(string) string { return "" })
	go func() {
		c.code <- run(ctx, []string{"firmware", "--upload", terminal.Name(), "--ssid", "Aula3", "--host", "192.168.1.3", "--open-network", "--lang", "es"}, u)
	}()
	sent, buf := "", make([]byte, 1024)
	for !strings.Contains(sent, "settings.py") { // the first statement
		n, err := board.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		if sent += string(buf[:n]); strings.HasSuffix(sent, "\x01") {
			_, _ = board.WriteString("raw REPL; CTRL-B to exit\r\n>")
		}
	}
	c.cancel()
	c.ends(t, exitInterrupted)
	for _, want := range []string{"se pusieron 0 de 5 archivos", "interrumpido antes de que los archivos estuvieran en su sitio"} {
		if !strings.Contains(c.err.String(), want) {
			t.Errorf("no %q in %s", want, c.err.String())
		}
	}
}
