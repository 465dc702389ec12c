//go:build unix

package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tcptrace/endpoints"
	"tcptrace/words"
)

// TestRationedOutput: lines that are left out are counted where they are missing, at the end, and the total is told once.
func TestRationedOutput(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1000, 0)
	p := &rationed{out: &out, ration: &endpoints.Ration{Burst: 10, Rate: 10, Total: 20}, w: words.NewEndpoints("es"), now: func() time.Time { return now }}
	for _, line := range []string{"uno\n", "dos\n", "tres\n", "cuatro\n"} {
		if n, err := io.WriteString(p, line); n != len(line) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	now = now.Add(time.Minute)
	for _, line := range []string{"cinco\n", "seis\n", "siete\n", "ocho\n"} {
		_, _ = io.WriteString(p, line)
		now = now.Add(time.Minute)
	}
	p.end()
	p.end()
	want := "uno\ndos\n… se omitieron 2 líneas\ncinco\nseis\n… ya son 0 MB: de aquí en adelante no se imprime más\n… se omitieron 2 líneas\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestFlood: whoever floods the PC's server fills neither the terminal nor the disk, is answered all the same, and what was left
// out is told.
func TestFlood(t *testing.T) {
	port, calls := aPort(t), filepath.Join(t.TempDir(), "server.jsonl")
	server := start(t, "", "pc", "server", "--bind", "127.0.0.1", "--port", port, "--journal", calls)
	server.expect(t, "PC server on 127.0.0.1:"+port+"\n")
	conn, err := net.Dial("tcp4", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const flood = 20 << 20
	go func() {
		_, _ = io.CopyN(conn, endless{}, flood)
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	answers, err := io.ReadAll(conn)
	if n := len(bytes.ReplaceAll(answers, []byte("PC responde: "), nil)); n != flood || err != nil {
		t.Errorf("%d of %d bytes came back: %v", n, flood, err)
	}
	server.ends(t, 0)
	if out := server.out.String(); len(out) > 1<<20 || !strings.Contains(out, " lines were left out\n") {
		t.Errorf("%d bytes were printed, at the end %.100q", len(out), out[max(0, len(out)-100):])
	}
	if size := fileSize(t, calls); size > 8<<20 {
		t.Errorf("the journal has %d bytes", size)
	}
	if j := readCalls(t, calls); j.Lost == 0 || !strings.Contains(server.err.String(), " calls had no room") {
		t.Errorf("%d calls are missing: %s", j.Lost, server.err.String())
	}
}

// endless is what a program sends that never stops.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'A'
	}
	return len(b), nil
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
