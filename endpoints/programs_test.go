//go:build unix || windows

package endpoints

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"tcptrace/journal"
)

// A lesson is the notebook's exchange on a stage: the PC's server, the Pico, and a client.
type lesson struct {
	*stage
	pico, server *actor
	picoAt       netip.AddrPort
	pcAt         netip.AddrPort
}

// newLesson starts the Pico, and the server unless it is nil.
func newLesson(t *testing.T, server *PCServer, fixed bool) *lesson {
	l := &lesson{stage: newStage(t), pico: &actor{}, server: &actor{}, picoAt: freePort(t), pcAt: freePort(t)}
	if server != nil {
		server.Listen, server.Voice = l.pcAt, l.server.voice()
		l.run(l.server, server, nil, false)
		if server.LateBy == 0 {
			l.expect(l.server, fmt.Sprintf("Servidor PC en %s\n", l.pcAt))
		}
	}
	l.run(l.pico, &Pico{Listen: l.picoAt, PC: l.pcAt, Voice: l.pico.voice(), Fixed: fixed}, NewMicroPython, true)
	l.expect(l.pico, fmt.Sprintf("Servidor en %s, cliente conectando a %s ...\n", l.picoAt, l.pcAt))
	return l
}

// client runs a client to its end.
func (l *lesson) client(make func(a *actor) Program) *actor {
	l.t.Helper()
	a := &actor{}
	l.run(a, make(a), nil, false)
	if err := l.wait(a); err != nil {
		l.t.Errorf("the client: %v; it printed\n%s", err, a.printed())
	}
	return a
}

// TestNotebook: the three programs together print what the notebook's print.
func TestNotebook(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		t.Run(fmt.Sprintf("fixed %v", fixed), func(t *testing.T) {
			l := newLesson(t, &PCServer{}, fixed)
			a := l.client(func(a *actor) Program {
				return &PCClient{Pico: l.picoAt, Voice: a.voice(), Lines: &Script{Lines: []ScriptLine{{At: 2500 * time.Millisecond, Text: "hola"}, {Text: "adiós"}}}}
			})
			want := "Cliente PC conectado al MicroPython\nMensaje: MicroPython respondió: b'Echo:hola'\n" +
				`Mensaje: MicroPython respondió: b'Echo:adi\xc3\xb3s'` + "\nMensaje: \n"
			if got := a.printed(); got != want {
				t.Errorf("the client printed\n%s\nwant\n%s", got, want)
			}
			l.expect(l.server, "PC recibió: b'Hola desde MicroPython\\n'\n")
			l.expect(l.pico, "Cliente recibió: b'PC responde: Hola desde MicroPython\\n'\n")
			l.expect(l.pico, "Servidor recibió: b'hola'\n")
			if fixed {
				l.expect(l.pico, "Cliente desconectado: FIN\n")
			} else {
				l.expect(l.pico, "Cliente servidor desconectado\n")
			}
		})
	}
}

// TestSecondClient: the notebook's Pico forgets A when B comes; the corrected one serves both.
func TestSecondClient(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		l := newLesson(t, nil, fixed)
		a := l.client(func(a *actor) Program { return SecondClient(l.picoAt, a.voice()) })
		for text, want := range map[string]bool{"A recibió b'Echo:A1'": true, "B recibió b'Echo:B1'": true, "B recibió b'Echo:B2'": true, "A recibió b'Echo:A2'": fixed} {
			if got := strings.Contains(a.printed(), text); got != want {
				t.Errorf("fixed %v: %q printed: %v\n%s", fixed, text, got, a.printed())
			}
		}
	}
}

// TestLongLine: 4096 bytes come back in pieces of at most one segment, with one prefix each.
func TestLongLine(t *testing.T) {
	l := newLesson(t, nil, false)
	a := l.client(func(a *actor) Program {
		return &LineClient{Pico: l.picoAt, Voice: a.voice(), Bytes: 4096, Wait: 2 * time.Second, Patient: 5 * time.Minute}
	})
	if got := strings.Count(l.pico.printed(), "Servidor recibió: b'y"); got < 6 {
		t.Errorf("recv() was called %d times\n%s", got, a.printed())
	}
}

// TestCrash: a client that resets while its echo is due ends the notebook's program with ECONNRESET; the corrected one goes on.
func TestCrash(t *testing.T) {
	l := newLesson(t, nil, false)
	l.client(func(a *actor) Program {
		return &AbortClient{Pico: l.picoAt, Voice: a.voice(), Wait: 2500 * time.Millisecond}
	})
	if err := l.wait(l.pico); !errors.Is(err, ECONNRESET) {
		t.Errorf("the Pico's program: %v", err)
	}
	l = newLesson(t, nil, true)
	l.client(func(a *actor) Program {
		return &AbortClient{Pico: l.picoAt, Voice: a.voice(), Wait: 2500 * time.Millisecond}
	})
	a := l.client(func(a *actor) Program {
		return &PCClient{Pico: l.picoAt, Voice: a.voice(), Lines: &Numbered{Count: 3, Think: time.Second}}
	})
	if !strings.Contains(a.printed(), "Echo:hola 3") {
		t.Errorf("after the reset the corrected Pico answers\n%s", a.printed())
	}
}

// TestServerFaults: a server that is killed, frozen or late does on the Pico what the genuine ones do.
func TestServerFaults(t *testing.T) {
	l := newLesson(t, &PCServer{KillAfter: 4 * time.Second}, false)
	if err := l.wait(l.server); err != ErrStopped {
		t.Errorf("killed: %v", err)
	}
	l = newLesson(t, &PCServer{FreezeAfter: 4 * time.Second, KillAfter: 8 * time.Second}, false)
	if err := l.wait(l.server); err != ErrStopped {
		t.Errorf("frozen: %v", err)
	}
	if answered := strings.Count(l.server.printed(), "PC recibió"); answered < 1 || answered > 5 {
		t.Errorf("frozen after 4 s, but it answered %d times", answered)
	}
	l = newLesson(t, &PCServer{LateBy: 5 * time.Second}, true)
	l.expect(l.pico, "Sin servidor PC: [Errno 104] ECONNRESET")
	l.expect(l.server, "PC recibió: ")
}

// TestOpenLoop: every message is sent and answered, at the same random times for the same seed.
func TestOpenLoop(t *testing.T) {
	l := newLesson(t, nil, false)
	a := l.client(func(a *actor) Program {
		return &OpenLoopClient{Pico: l.picoAt, Voice: a.voice(), Mean: time.Second, Count: 6, Seed: 5, Patient: 5 * time.Minute}
	})
	answers := strings.NewReplacer("Echo:", "", "b'", "", "'", "").Replace(a.printed())
	for k := 1; k <= 6; k++ {
		if !strings.Contains(answers, message(k)) {
			t.Errorf("no answer to %s\n%s", message(k), a.printed())
		}
	}
	gaps := func(seed uint64) (list []time.Duration) {
		p := &OpenLoopClient{Mean: time.Second}
		random := p.random(seed)
		for range 1000 {
			list = append(list, p.gap(random))
		}
		return list
	}
	if !reflect.DeepEqual(gaps(1), gaps(1)) || reflect.DeepEqual(gaps(1), gaps(2)) {
		t.Error("the seed does not decide the times")
	}
	sum := time.Duration(0)
	for _, g := range gaps(3) {
		sum += g
	}
	if mean := sum / 1000; mean < 900*time.Millisecond || mean > 1100*time.Millisecond {
		t.Errorf("mean gap %v", mean)
	}
}

// TestPicoJournal: the recorded Pico is read as MicroPython's: no getsockopt, EINPROGRESS, polls of several sockets.
func TestPicoJournal(t *testing.T) {
	s := newStage(t)
	pcAt := freePort(t)
	var log bytes.Buffer
	server, pico := &actor{}, &actor{}
	s.run(server, &PCServer{Listen: pcAt, Voice: server.voice()}, nil, false)
	s.expect(server, "Servidor PC")
	s.run(pico, &Pico{Listen: freePort(t), PC: pcAt, Voice: pico.voice(), ResetAfter: 5 * time.Second}, func(n Net) Net {
		return Record(NewMicroPython(n), &lockedWriter{pico, &log}, RecordOptions{MicroPython: true})
	}, false)
	if err := s.wait(pico); err != ErrStopped {
		t.Errorf("soft reset: %v", err)
	}
	j, err := journal.Read("pico", &log)
	check(t, err)
	seen := map[string]bool{}
	for _, e := range j.Entries {
		if e.Dialect != journal.MicroPython {
			t.Fatalf("%s: not MicroPython", e.Args)
		}
		seen[spell(e)] = true
	}
	for _, want := range []string{"s1 socket() = 0", "s2 socket() = 0", "s1 listen(1) = 0", `s2 recv(1024) = 36 "PC responde: Hola desde MicroPython\n"`,
		`s2 send(23 bytes) = 23 "Hola desde MicroPython\n"`, "s0 poll(50) = [s2:1]", "s0 sleep(1) = 0"} {
		if !seen[want] {
			t.Errorf("no %s in %v", want, seen)
		}
	}
}

// TestParseScript: times, gaps, comments and errors.
func TestParseScript(t *testing.T) {
	s, err := ParseScript(strings.NewReader("# a lesson\nhola\n\n@2.5 uno dos\ntres\n@x\n"), time.Second)
	check(t, err)
	want := []ScriptLine{{0, "hola"}, {2500 * time.Millisecond, "uno dos"}, {3500 * time.Millisecond, "tres"}, {4500 * time.Millisecond, "@x"}}
	if !reflect.DeepEqual(s.Lines, want) {
		t.Errorf("%v", s.Lines)
	}
	for _, bad := range []string{"@x hola", "@-1 hola", "@1e9 hola", "@NaN hola"} {
		if _, err := ParseScript(strings.NewReader(bad), 0); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// TestReadLines: lines as they come, the last one without an end, then io.EOF again and again.
func TestReadLines(t *testing.T) {
	l := ReadLines(t.Context(), strings.NewReader("uno\r\n\ntres"))
	for _, want := range []string{"uno", "", "tres"} {
		if got, err := l.Next(nil); got != want || err != nil {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	for range 2 {
		if _, err := l.Next(nil); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
	}
}

// TestScenarios: every run has programs for its name, and an unknown name tells the known ones.
func TestScenarios(t *testing.T) {
	w := Setting{PicoServer: netip.MustParseAddrPort("10.0.0.2:9000"), PCServer: netip.MustParseAddrPort("10.0.0.1:9001"), Fixed: true}
	for _, name := range ScenarioNames() {
		s, err := NewScenario(name, w)
		check(t, err)
		if s.Name != name || s.Pico == nil || !s.Pico.Fixed || s.Pico.PC != w.PCServer || s.Lasts <= s.PicoAfter || (s.Server == nil) != (name == "no-server") {
			t.Errorf("%s: %+v", name, s)
		}
		if s.Pico.Listen.Port() != 9000 || s.Server != nil && s.Server.Listen.Port() != 9001 {
			t.Errorf("%s: ports", name)
		}
	}
	if _, err := NewScenario("nothing", w); err == nil || !strings.Contains(err.Error(), "second-client") {
		t.Errorf("%v", err)
	}
}

// TestPyBytes: bytes as Python prints them.
func TestPyBytes(t *testing.T) {
	for in, want := range map[string]string{"": "b''", "hola\n": `b'hola\n'`, "it's": `b"it's"`, `it's "`: `b'it\'s "'`, "ó\x1b\t\r\\": `b'\xc3\xb3\x1b\t\r\\'`} {
		if got := pyBytes([]byte(in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// TestShown: a long message is printed by its beginning and its size, in a line that does not grow with it.
func TestShown(t *testing.T) {
	if got, want := (Voice{}).shown(bytes.Repeat([]byte("y"), mostShown)), "b'"+strings.Repeat("y", mostShown)+"'"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := (Voice{}).shown(make([]byte, 1024)), "b'"+strings.Repeat(`\x00`, mostShown)+"'… (1024 bytes)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
