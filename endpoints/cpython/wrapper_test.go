package cpython

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tcptrace/journal"
)

// pythons are the interpreters that are here, newest names first.
func pythons(t *testing.T) (list []string) {
	for _, name := range []string{"python3", "python3.6", "python3.8", "python3.12", "python3.13"} {
		if path, err := exec.LookPath(name); err == nil && exec.Command(path, "-c", "").Run() == nil {
			list = append(list, path)
		}
	}
	if len(list) == 0 {
		t.Skip("no python3 to run the wrapper")
	}
	return list
}

var ports = regexp.MustCompile(`\("127\.0\.0\.1", \d+\)`)

// spelled are the calls without what differs between runs.
func spelled(t *testing.T, file string) (list []string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	j, err := journal.Read(file, f)
	if err != nil {
		t.Fatal(err)
	}
	if j.Kind != "jsonl" || len(j.Problems) > 0 {
		t.Fatalf("%s: %v", j.Kind, j.Problems)
	}
	for _, e := range j.Entries {
		text := fmt.Sprintf("s%d %s", e.Socket, ports.ReplaceAllString(e.Args, "ADDR"))
		switch {
		case e.Errno != "":
			text += " ! " + e.Errno
		case e.New != 0:
			text += fmt.Sprintf(" = s%d", e.New)
		case e.Returns:
			text += fmt.Sprintf(" = %d", e.Value)
		}
		if len(e.Data) > 0 {
			text += fmt.Sprintf(" %q", e.Data)
		}
		if e.Process == 0 || !e.HasEnd || e.Dialect != journal.CPython {
			t.Errorf("%s: process %d, end %v, dialect %v", text, e.Process, e.HasEnd, e.Dialect)
		}
		list = append(list, text)
	}
	return list
}

// TestWrapper: two unmodified programs behave as without the wrapper, and their journals hold every call and no other.
func TestWrapper(t *testing.T) {
	for _, python := range pythons(t) {
		t.Run(filepath.Base(python), func(t *testing.T) {
			dir := t.TempDir()
			module, err := WriteTo(dir)
			if err != nil {
				t.Fatal(err)
			}
			serverCalls, clientCalls := filepath.Join(dir, "server.jsonl"), filepath.Join(dir, "client.jsonl")
			server := exec.Command(python, Args(module, serverCalls, []string{"testdata/server.py"})...)
			server.Stderr = os.Stderr
			out, err := server.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			defer server.Process.Kill()
			lines := bufio.NewScanner(out)
			lines.Scan()
			client, err := exec.Command(python, Args(module, clientCalls, []string{"testdata/client.py", lines.Text()})...).CombinedOutput()
			if err != nil || !strings.HasPrefix(string(client), `b'Echo:\xc2\xa1hola!\n'`) {
				t.Fatalf("%v\n%s", err, client)
			}
			lines.Scan()
			if lines.Text() != "b''" || server.Wait() != nil {
				t.Errorf("the server printed %q", lines.Text())
			}
			want := []string{"s1 socket(AF_INET, SOCK_STREAM) = 0", "s1 setsockopt(SOL_SOCKET, SO_REUSEADDR, 1) = 0", "s1 bind(ADDR) = 0",
				"s1 listen(1) = 0", "s1 setblocking(False) = 0", "s1 accept() ! EAGAIN", "s0 select([1], [], [], 20) = 1", "s1 accept() = s2",
				`s2 recv_into(buf) = 8 "¡hola!\n"`, "s0 sleep(0.01) = 0", `s2 sendall(13 bytes) = 13 "Echo:¡hola!\n"`, "s2 recv(1024) = 0",
				"s2 close() = 0", "s1 close() = 0"}
			if got := spelled(t, serverCalls); !slices.Equal(got, want) {
				t.Errorf("the server's calls\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
			checkClient(t, spelled(t, clientCalls))
		})
	}
}

// checkClient holds the calls of testdata/client.py; create_connection() differs a little between the versions of Python.
func checkClient(t *testing.T, got []string) {
	t.Helper()
	for _, want := range []string{"s1 connect(ADDR) = 0", `s1 send(8 bytes) = 8 "¡hola!\n"`, "s0 poll(20000) = 1",
		`s1 recv_into(buf) = 13 "Echo:¡hola!\n"`, "s1 close() = 0", "s2 socket() = 0", "s2 connect_ex(ADDR) ! ECONNREFUSED", "s2 close() = 0"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in\n\t%s", want, strings.Join(got, "\n\t"))
		}
	}
	for _, line := range got {
		if strings.Contains(line, "SOCK_DGRAM") || strings.HasPrefix(line, "s3") {
			t.Errorf("no TCP: %s", line)
		}
	}
}
