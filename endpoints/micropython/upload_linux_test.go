package micropython

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcptrace/words"
)

// newPTY opens a pseudo-terminal in raw mode and returns its controlling end and the name of the other.
func newPTY(t *testing.T) (*os.File, string) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	master := os.NewFile(uintptr(fd), "ptmx")
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	mode.Lflag &^= unix.ECHO | unix.ICANON | unix.ISIG
	mode.Oflag &^= unix.OPOST
	mode.Iflag &^= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, mode); err != nil {
		t.Fatal(err)
	}
	return master, fmt.Sprintf("/dev/pts/%d", n)
}

// fakeBoard runs the REPL of testdata on a pseudo-terminal. It returns the port's name, the folder of the board's files and the file of
// its restarts.
func fakeBoard(t *testing.T, more ...string) (port, files, restarts string) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to play the board")
	}
	master, port := newPTY(t)
	files = t.TempDir()
	restarts = filepath.Join(t.TempDir(), "restarts")
	c := exec.Command(python, append([]string{"testdata/repl.py", files, restarts}, more...)...)
	c.Stdin, c.Stdout, c.Stderr = master, master, os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
	return port, files, restarts
}

func openBoard(t *testing.T, name string) SerialPort {
	t.Helper()
	p, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// TestUpload: what is on the board afterwards is what Files made, to the byte, with progress, and the board restarts.
func TestUpload(t *testing.T) {
	port, dir, restarts := fakeBoard(t)
	files, err := Files(lesson)
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]int{}
	o := Options{Start: true, Progress: func(file string, done, of int) {
		if done <= last[file] || done > of {
			t.Errorf("%s: progress from %d to %d of %d", file, last[file], done, of)
		}
		last[file] = done
	}}
	if err := Upload(t.Context(), openBoard(t, port), files, o); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		got, err := os.ReadFile(filepath.Join(dir, f.Name))
		if err != nil || !bytes.Equal(got, f.Data) {
			t.Errorf("%s: %d bytes on the board, %d sent: %v", f.Name, len(got), len(f.Data), err)
		}
		if last[f.Name] != len(f.Data) {
			t.Errorf("%s: progress ended at %d of %d", f.Name, last[f.Name], len(f.Data))
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	deadline := time.Now().Add(10 * time.Second)
	for _, err := os.Stat(restarts); err != nil; _, err = os.Stat(restarts) {
		if time.Now().After(deadline) {
			t.Fatal("the board was not restarted")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestUploadForeign: a student's own program is not replaced, unless that is wanted.
func TestUploadForeign(t *testing.T) {
	port, dir, _ := fakeBoard(t)
	own := filepath.Join(dir, "main.py")
	if err := os.WriteFile(own, []byte("print('mío')\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	files, err := Files(lesson)
	if err != nil {
		t.Fatal(err)
	}
	p := openBoard(t, port)
	if err := Upload(t.Context(), p, files, Options{}); !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), "main.py") {
		t.Errorf("a foreign main.py: %v", err)
	}
	if got, _ := os.ReadFile(own); string(got) != "print('mío')\n" {
		t.Errorf("it was changed: %q", got)
	}
	if err := Upload(t.Context(), p, files, Options{Force: true}); err != nil {
		t.Errorf("with Force: %v", err)
	}
	if err := Upload(t.Context(), p, files, Options{}); err != nil {
		t.Errorf("over our own files: %v", err)
	}
}

// TestUploadDamaged: a file that arrives spoiled is noticed, and the old one stays.
func TestUploadDamaged(t *testing.T) {
	port, dir, _ := fakeBoard(t, "damage")
	err := Upload(t.Context(), openBoard(t, port), []File{{Name: "main.py", Data: []byte(Marker + "\nprint('Hola')\n")}}, Options{})
	if err == nil || !strings.Contains(err.Error(), "main.py") {
		t.Errorf("no error: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "main.py")); err == nil {
		t.Error("the damaged file took its place")
	}
}

// TestBoardError: what the board says about a statement that fails comes back as its last line.
func TestBoardError(t *testing.T) {
	port, _, _ := fakeBoard(t)
	err := Upload(t.Context(), openBoard(t, port), []File{{Name: "no/such/folder.py", Data: []byte("x")}}, Options{})
	var said *BoardError
	if !errors.As(err, &said) || !strings.Contains(said.Text, "FileNotFoundError") {
		t.Errorf("%v", err)
	}
}

// TestUploadSilence: a port where nobody answers gives a clear error, and an ended context ends the upload.
func TestUploadSilence(t *testing.T) {
	_, name := newPTY(t)
	p := openBoard(t, name)
	if err := Upload(t.Context(), p, nil, Options{Wait: 100 * time.Millisecond}); !errors.Is(err, ErrNoREPL) {
		t.Errorf("silence: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Upload(ctx, p, nil, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// scriptedBoard is a port on which a test decides what is read, and what becomes of what is written.
type scriptedBoard struct {
	mu      sync.Mutex
	say     []byte
	written func(b *scriptedBoard, s string)
}

func (b *scriptedBoard) SetReadTimeout(time.Duration) error { return nil }

func (b *scriptedBoard) Read(buf []byte) (int, error) {
	time.Sleep(time.Millisecond)
	b.mu.Lock()
	defer b.mu.Unlock()
	n := copy(buf, b.say)
	b.say = b.say[n:]
	return n, nil
}

func (b *scriptedBoard) Write(data []byte) (int, error) {
	b.written(b, string(data))
	return len(data), nil
}

func (b *scriptedBoard) answer(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.say = append(b.say, text...)
}

// endless is a board that says the same without end.
type endless string

func (endless) SetReadTimeout(time.Duration) error { return nil }
func (e endless) Read(buf []byte) (int, error)     { return copy(buf, e), nil }
func (endless) Write(data []byte) (int, error)     { return len(data), nil }

// TestUploadTalks: a board that never stops talking ends the upload, whatever it says.
func TestUploadTalks(t *testing.T) {
	for _, text := range []string{"\x00", "\x1b[2J\x07", "OK\x04\x04>", "raw REPL"} {
		if err := Upload(t.Context(), endless(text), nil, Options{Wait: 100 * time.Millisecond}); !errors.Is(err, ErrTalks) {
			t.Errorf("%q without end: %v", text, err)
		}
	}
}

const rawREPL = "raw REPL; CTRL-B to exit\r\n>"

// slowBoard answers every statement well, and late.
func slowBoard(late time.Duration) *scriptedBoard {
	return &scriptedBoard{written: func(b *scriptedBoard, s string) {
		switch {
		case strings.HasSuffix(s, ctrlA):
			b.answer(rawREPL)
		case strings.HasSuffix(s, ctrlD):
			time.Sleep(late)
			b.answer("OK" + ctrlD + ctrlD + ">")
		}
	}}
}

// TestUploadLimit: a board that answers well and slowly does not keep the upload beyond its limit, and what is not there is told.
func TestUploadLimit(t *testing.T) {
	files := []File{{Name: "a.py"}, {Name: "main.py", Data: make([]byte, 1<<20)}}
	err := Upload(t.Context(), slowBoard(20*time.Millisecond), files, Options{Limit: time.Second, Force: true})
	var unfinished *UnfinishedError
	if !errors.Is(err, ErrDamaged) || !errors.As(err, &unfinished) || unfinished.File != "a.py" || unfinished.Done != 0 {
		t.Errorf("a board that has no sums: %v", err)
	}
	err = Upload(t.Context(), slowBoard(20*time.Millisecond), files[1:], Options{Limit: time.Second, Force: true})
	if !errors.Is(err, words.BoardSlow(1)) || !errors.As(err, &unfinished) || unfinished.File != "main.py" {
		t.Errorf("the limit: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if err := Upload(ctx, slowBoard(20*time.Millisecond), files[1:], Options{Force: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestUploadNotRead: a board that reads no more does not hold the upload in its last write.
func TestUploadNotRead(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	deaf := func(after string) *scriptedBoard {
		return &scriptedBoard{written: func(b *scriptedBoard, s string) {
			if strings.HasSuffix(s, ctrlA) {
				b.answer(rawREPL)
			}
			if strings.HasSuffix(s, after) {
				<-stop
			}
		}}
	}
	for after, want := range map[string]error{ctrlC: ErrNoREPL, ctrlD: ErrSilent} {
		err := Upload(t.Context(), deaf(after), []File{{Name: "main.py"}}, Options{Wait: 100 * time.Millisecond, Start: true})
		if !errors.Is(err, want) {
			t.Errorf("nothing is read after %q: %v", after, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := Upload(ctx, deaf(ctrlD), []File{{Name: "main.py"}}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
