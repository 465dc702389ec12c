package micropython

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tcptrace/journal"
)

// A lessonRun is a board's program under CPython, between a PC's server and a client of the test.
type lessonRun struct {
	t       *testing.T
	pc      net.Listener
	conn    net.Conn // from the program to the PC
	echo    string   // address of the program's server
	told    *net.UDPConn
	printed chan string
}

const testLimit = 20 * time.Second

// freePort is a port that nothing had a moment ago.
func freePort(t *testing.T) uint16 {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

// runLesson starts the board's main.py.
func runLesson(t *testing.T, s Settings) *lessonRun {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to run the board's programs")
	}
	r := &lessonRun{t: t, printed: make(chan string, 1000)}
	if r.pc, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.pc.Close() })
	if r.told, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.told.Close() })
	s.SSID, s.Password, s.Host = lessonSSID, lessonPassword, "127.0.0.1"
	s.PicoPort, s.PCPort = freePort(t), uint16(r.pc.Addr().(*net.TCPAddr).Port)
	s.JournalPort = uint16(r.told.LocalAddr().(*net.UDPAddr).Port)
	r.echo = fmt.Sprintf("127.0.0.1:%d", s.PicoPort)
	r.start(python, s)
	r.conn = r.accept()
	return r
}

const lessonSSID, lessonPassword = `Aula "3" ñ`, `con'tra\seña`

func (r *lessonRun) start(python string, s Settings) {
	dir := r.t.TempDir()
	files, err := Files(s)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	c := exec.CommandContext(ctx, python, "testdata/boot.py", dir, "main.py")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { cancel(); c.Wait() })
	go func() {
		defer close(r.printed)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			select {
			case r.printed <- scan.Text():
			default: // nobody looks any more
			}
		}
	}()
}

// accept waits for the program's connection to the PC.
func (r *lessonRun) accept() net.Conn {
	r.t.Helper()
	r.pc.(*net.TCPListener).SetDeadline(time.Now().Add(testLimit))
	conn, err := r.pc.Accept()
	if err != nil {
		r.t.Fatal("the program does not connect: ", err)
	}
	r.t.Cleanup(func() { conn.Close() })
	return conn
}

// expectPrint waits for a print that begins like this.
func (r *lessonRun) expectPrint(prefix string) string {
	r.t.Helper()
	limit := time.After(testLimit)
	for {
		select {
		case line, ok := <-r.printed:
			if !ok {
				r.t.Fatalf("the program ended without printing %q", prefix)
			}
			if strings.HasPrefix(line, prefix) {
				return line
			}
		case <-limit:
			r.t.Fatalf("the program does not print %q", prefix)
		}
	}
}

// expect reads exactly this from a connection.
func expect(t *testing.T, c net.Conn, want string) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(testLimit))
	buf := make([]byte, len(want))
	for n := 0; n < len(buf); {
		k, err := c.Read(buf[n:])
		if n += k; err != nil {
			t.Fatalf("got %q and %v, want %q", buf[:n], err, want)
		}
	}
	if string(buf) != want {
		t.Fatalf("got %q, want %q", buf, want)
	}
}

func (r *lessonRun) dial() net.Conn {
	r.t.Helper()
	c, err := net.DialTimeout("tcp4", r.echo, testLimit)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	return c
}

const hola = "Hola desde MicroPython\n"

// TestNotebookProgram: main.py joins the network, greets the PC every turn, echoes to the last client and forgets the one before.
func TestNotebookProgram(t *testing.T) {
	r := runLesson(t, Settings{Lang: "es"})
	if got, want := r.expectPrint("connect"), `connect 'Aula "3" ñ' "con'tra\\seña"`; got != want {
		t.Errorf("the network: %s, want %s", got, want)
	}
	r.expectPrint("Conectado, IP: 127.0.0.1")
	r.expectPrint("Servidor en :")
	expect(t, r.conn, hola)
	fmt.Fprint(r.conn, "PC responde: "+hola)
	r.expectPrint(`Cliente recibió: b'PC responde: Hola desde MicroPython\n'`)
	a := r.dial()
	fmt.Fprint(a, "uno")
	expect(t, a, "Echo:uno")
	b := r.dial()
	fmt.Fprint(b, "dos")
	expect(t, b, "Echo:dos")
	fmt.Fprint(a, "tres")
	b.Close()
	r.expectPrint("Cliente servidor desconectado")
	expect(t, r.conn, hola+hola)
	a.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := a.Read(make([]byte, 10)); err == nil {
		t.Errorf("the forgotten client got %d bytes", n)
	}
}

// TestFixedProgram: the corrected program serves both clients, notices that the PC closes, and comes back.
func TestFixedProgram(t *testing.T) {
	r := runLesson(t, Settings{Lang: "en", Fixed: true, PowerSave: false})
	if got := r.expectPrint("pm"); got != "pm 16" {
		t.Errorf("power saving: %s", got)
	}
	r.expectPrint("Server on :")
	expect(t, r.conn, hola)
	a, b := r.dial(), r.dial()
	fmt.Fprint(a, "uno")
	expect(t, a, "Echo:uno")
	fmt.Fprint(b, "dos")
	expect(t, b, "Echo:dos")
	fmt.Fprint(a, "tres")
	expect(t, a, "Echo:tres")
	a.Close()
	r.expectPrint("Client disconnected: FIN")
	r.conn.Close()
	r.expectPrint("No PC server:")
	again := r.accept()
	expect(t, again, hola)
	big := strings.Repeat("y", 3000)
	fmt.Fprint(b, big)
	got := 0
	b.SetReadDeadline(time.Now().Add(testLimit))
	for buf := make([]byte, 4096); got < len(big); {
		n, err := b.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got += strings.Count(string(buf[:n]), "y")
	}
}

// TestCallJournal: with the journal on, every call of the notebook's program is told, and our reader understands all of it.
func TestCallJournal(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		t.Run(fmt.Sprintf("fixed %v", fixed), func(t *testing.T) {
			r := runLesson(t, Settings{Lang: "es", Journal: true, Fixed: fixed, PowerSave: true})
			expect(t, r.conn, hola)
			fmt.Fprint(r.conn, "PC responde: "+hola)
			a := r.dial()
			fmt.Fprint(a, "adiós")
			expect(t, a, "Echo:adiós")
			a.Close()
			j := r.readJournal()
			if len(j.Problems) > 0 || j.Lost > 0 {
				t.Errorf("problems %v, %d lost", j.Problems, j.Lost)
			}
			seen := map[string]bool{}
			for _, e := range j.Entries {
				text := e.Args
				if e.Errno != "" {
					text += " " + e.Errno
				}
				seen[text] = true
			}
			want := []string{"socket()", `bind(("0.0.0.0", ` + r.port() + `))`, "setblocking(False)", "accept()", "recv(1024)", "send(23 bytes)",
				"send(11 bytes)", "close()", fmt.Sprintf("connect((\"127.0.0.1\", %d)) EINPROGRESS", r.pc.Addr().(*net.TCPAddr).Port)}
			if !fixed {
				want = append(want, "listen(1)", "poll(50)", "sleep(1)")
			}
			for _, w := range want {
				if !seen[w] {
					t.Errorf("%s was not told; told were %v", w, seen)
				}
			}
		})
	}
}

func (r *lessonRun) port() string { return r.echo[strings.LastIndex(r.echo, ":")+1:] }

// readJournal reads datagrams until a client's socket was closed.
func (r *lessonRun) readJournal() journal.Journal {
	r.t.Helper()
	d := journal.NewDevice("udp 127.0.0.1")
	buf := make([]byte, 2048)
	for first := true; ; first = false {
		r.told.SetReadDeadline(time.Now().Add(testLimit))
		n, err := r.told.Read(buf)
		if err != nil {
			r.t.Fatal("the journal falls silent: ", err)
		}
		if text := string(buf[:n]); first && text != "TJ1 hello" {
			r.t.Errorf("the first datagram is %q: lwIP would lose it or the SYN", text)
		}
		d.Datagram(time.Now().UnixNano(), buf[:n])
		if strings.HasSuffix(string(buf[:n]), "close()=None") {
			return d.Journal()
		}
	}
}

// TestFiles: the right program is main.py, the password is in one file that says so, and bad names are refused.
func TestFiles(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		files, err := Files(Settings{SSID: "a", Password: "geheim", Fixed: fixed})
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]File{}
		for _, f := range files {
			names[f.Name] = f
			if has := strings.Contains(string(f.Data), "geheim"); has != f.Secret || f.Secret != (f.Name == "settings.py") {
				t.Errorf("%s: password %v, secret %v", f.Name, has, f.Secret)
			}
			if !strings.HasPrefix(string(f.Data), Marker) {
				t.Errorf("%s does not begin with the marker", f.Name)
			}
		}
		if got := strings.Contains(string(names["main.py"].Data), "class Clients"); got != fixed || len(names) != 5 {
			t.Errorf("fixed %v: main.py is the corrected one: %v; %d files", fixed, got, len(names))
		}
	}
	for _, s := range []Settings{{}, {SSID: strings.Repeat("a", 33)}, {SSID: "\xff"}, {SSID: "a", Password: "\xff"}} {
		if _, err := Files(s); err == nil {
			t.Errorf("%+v is not refused", s)
		}
	}
}
