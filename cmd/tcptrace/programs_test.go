//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tcptrace/journal"
)

// watched is an output that a test reads while a command writes.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// atWork is a command line that runs.
type atWork struct {
	out, err watched
	code     chan int
	cancel   context.CancelFunc
}

const commandLimit = 20 * time.Second

// start runs a command line in this process.
func start(t *testing.T, in string, args ...string) *atWork {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	c := &atWork{code: make(chan int, 1), cancel: cancel}
	u := newUI(strings.NewReader(in), &c.out, &c.err, func(string) string { return "" })
	go func() { c.code <- run(ctx, args, u) }()
	t.Cleanup(cancel)
	return c
}

// ends waits for a command's end.
func (c *atWork) ends(t *testing.T, want int) {
	t.Helper()
	if got := <-c.code; got != want {
		t.Errorf("exit code %d, want %d; it printed\n%s%s", got, want, c.out.String(), c.err.String())
	}
}

// expect waits until a command has printed a text.
func (c *atWork) expect(t *testing.T, text string) {
	t.Helper()
	for end := time.Now().Add(commandLimit); !strings.Contains(c.out.String(), text); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %q in\n%s%s", text, c.out.String(), c.err.String())
		}
	}
}

// aPort is a port that nothing had a moment ago.
func aPort(t *testing.T) string {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

func readCalls(t *testing.T, path string) *journal.Journal {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	j, err := journal.Read(path, f)
	if err != nil || len(j.Problems) > 0 {
		t.Fatalf("%v, %v", err, j.Problems)
	}
	return j
}

// TestPairCommand: both columns of a table, run by the command, journaled, and read back.
func TestPairCommand(t *testing.T) {
	for _, kind := range []string{"blocking", "nonblocking"} {
		port, dir := aPort(t), t.TempDir()
		calls := filepath.Join(dir, "server.jsonl")
		server := start(t, "", "--lang", "es", "pair", kind, "server", "--port", port, "--journal", calls)
		for end := time.Now().Add(commandLimit); ; time.Sleep(2 * time.Millisecond) {
			if text, _ := os.ReadFile(calls); strings.Contains(string(text), `"listen"`) {
				break
			}
			if time.Now().After(end) {
				t.Fatal("the server does not listen")
			}
		}
		client := start(t, "", "--lang", "es", "pair", kind, "client", "--port", port, "--journal", filepath.Join(dir, "client.jsonl"))
		client.ends(t, 0)
		server.ends(t, 0)
		if got := client.out.String(); !strings.HasSuffix(got, "recv 12 b'Hola cliente'\n") {
			t.Errorf("%s: the client printed %q", kind, got)
		}
		for _, name := range []string{"server", "client"} {
			j := readCalls(t, filepath.Join(dir, name+".jsonl"))
			if last := j.Entries[len(j.Entries)-1]; last.Call != journal.Close || int(last.Process) != os.Getpid() {
				t.Errorf("%s %s: the last call is %s of %d", kind, name, last.Args, last.Process)
			}
		}
	}
}

// TestLessonCommands: the three programs as three commands, ended by Ctrl-C, which is a normal end.
func TestLessonCommands(t *testing.T) {
	pcPort, picoPort, dir := aPort(t), aPort(t), t.TempDir()
	server := start(t, "", "--lang", "es", "pc", "server", "--bind", "127.0.0.1", "--port", pcPort)
	server.expect(t, "Servidor PC en 127.0.0.1:"+pcPort+"\n")
	calls := filepath.Join(dir, "pico.jsonl")
	pico := start(t, "", "--lang", "es", "pico", "--bind", "127.0.0.1", "--port", picoPort, "--pc", "127.0.0.1:"+pcPort, "--journal", calls)
	pico.expect(t, "Servidor en 127.0.0.1:"+picoPort+", cliente conectando a 127.0.0.1:"+pcPort+" ...\n")
	client := start(t, "hola\nadiós\n", "--lang", "es", "pc", "client", "127.0.0.1", "--port", picoPort)
	client.ends(t, 0)
	want := "Cliente PC conectado al MicroPython\nMensaje: MicroPython respondió: b'Echo:hola'\nMensaje: MicroPython respondió: b'Echo:adi\\xc3\\xb3s'\nMensaje: \n"
	if got := client.out.String(); got != want {
		t.Errorf("the client printed\n%s", got)
	}
	pico.expect(t, "Cliente recibió: b'PC responde: Hola desde MicroPython\\n'\n")
	pico.cancel()
	pico.ends(t, 0)
	server.cancel()
	<-server.code // 0, or 1 when the Pico's end reached it as a reset first
	j := readCalls(t, calls)
	if j.Entries[0].Dialect != journal.MicroPython {
		t.Errorf("the Pico's calls are %v", j.Entries[0].Dialect)
	}
}
