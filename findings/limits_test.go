package findings

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcptrace/capture"
	"tcptrace/capture/capturetest"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest"
	"tcptrace/sessions/sessionstest/examples"
)

// doubled writes every frame of a genuine capture twice, as a mirror port does.
func doubled(t *testing.T, name string) capture.Source {
	t.Helper()
	src, err := capture.Open(genuine+"/"+name+"/capture.pcap", capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return &twice{src: src}
}

// twice hands over every event two times, the second one microsecond later.
type twice struct {
	src  capture.Source
	held capture.Event
	copy bool
	n    int64
}

func (s *twice) Next(ev *capture.Event) error {
	if s.copy {
		s.copy = false
		*ev = s.held
		ev.Segment.Time++
		s.n++
		ev.Segment.Frame = s.n
		return nil
	}
	if err := s.src.Next(ev); err != nil {
		return err
	}
	s.n++
	ev.Segment.Frame = s.n
	if ev.Kind == capture.KindSegment {
		s.held, s.copy = *ev, true
		s.held.Segment = *ev.Segment.Clone()
	}
	return nil
}

func (s *twice) Info() capture.Info {
	info := s.src.Info()
	info.Packets *= 2
	return info
}

func (s *twice) Close() error { return s.src.Close() }

// TestDoubled holds that a capture with every frame twice tells what the capture with every frame once tells, and
// nothing of retransmissions.
func TestDoubled(t *testing.T) {
	for _, name := range []string{"pico-fixed", "pico-4k", "pico-two-gap", "pico-server-killed"} {
		once := codesOf(Find(genuineTrace(t, name), Options{}))
		found := Find(read(t, doubled(t, name), nil), Options{})
		codes := codesOf(found)
		if !slices.Contains(codes, "doubled-capture") || slices.Contains(codes, "spurious-retransmission") {
			t.Errorf("%s: %v", name, codes)
		}
		codes = slices.DeleteFunc(codes, func(c string) bool { return c == "doubled-capture" })
		if !slices.Equal(codes, once) {
			t.Errorf("%s: doubled %v, once %v", name, codes, once)
		}
	}
}

// TestLinuxIsNoPico holds that MicroPython on Linux is never called a Pico.
func TestLinuxIsNoPico(t *testing.T) {
	for _, name := range []string{"unix-lo-strace", "unix-server-killed", "table1-four-way-close"} {
		for _, f := range Find(genuineTrace(t, name), Options{}) {
			k, _ := KindOf(f.Code)
			if k.Pico || strings.Contains(f.Text.EN, "the Pico") || strings.Contains(f.Text.ES, "la Pico") {
				t.Errorf("%s: %s: %s", name, f.Code, f.Text.EN)
			}
		}
	}
}

// TestLoopProof holds the numbers of the proof against those measured by hand in pico-normal.
func TestLoopProof(t *testing.T) {
	for _, f := range Find(genuineTrace(t, "pico-normal"), Options{}) {
		if f.Code != "loop-echo" {
			continue
		}
		if len(f.Splits) != 8 {
			t.Fatalf("%d echoes", len(f.Splits))
		}
		for _, s := range f.Splits {
			if sum := s.Network + s.Stack + s.Loop + s.Program; sum != s.RTT || s.Loop < 0 || s.WithDeadline != s.RTT-s.Loop {
				t.Errorf("%+v: parts add up to %v", s, sum)
			}
		}
		for name, limits := range map[string][2]float64{"rtt_mean_s": {0.486364, 0.486365}, "lock_max_s": {0.0003, 0.00035},
			"network_s": {0.0059, 0.0061}, "deadline_rtt_s": {0.005, 0.02}, "chance": {1e-30, 1e-20}} {
			if v, ok := f.Number(name); !ok || v < limits[0] || v > limits[1] {
				t.Errorf("%s = %v, want between %v", name, v, limits)
			}
		}
		return
	}
	t.Error("no loop-echo in pico-normal")
}

// TestSource holds that --source names the user's line, whatever comments stand before it.
func TestSource(t *testing.T) {
	program := strings.Split("import time\n# time.sleep(1) is bad\nwhile True:\n    pass\n    time.sleep(1)  # wait\n", "\n")
	for _, f := range Find(genuineTrace(t, "pico-normal"), Options{SourceName: "main.py", Source: program}) {
		if f.Code != "loop-echo" {
			continue
		}
		if f.Change == nil || f.Change.Line != 5 || f.Change.File != "main.py" || f.Change.Quote != "time.sleep(1)" ||
			!strings.Contains(f.Fix.EN, "`main.py`, line 5") || !strings.Contains(f.Fix.ES, "`main.py`, línea 5") {
			t.Errorf("change %+v, fix %s", f.Change, f.Fix.EN)
		}
		return
	}
	t.Error("no loop-echo")
}

// TestKinds holds that codes are unique and have a meaning in both languages.
func TestKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds() {
		if seen[k.Code] || k.Severity == 0 || k.Meaning.ES == "" || k.Meaning.EN == "" || k.Meaning.ES == k.Meaning.EN {
			t.Errorf("%+v", k)
		}
		seen[k.Code] = true
	}
	if len(seen) < 26 {
		t.Errorf("%d kinds", len(seen))
	}
}

// TestExplainFrame holds that every segment of the genuine captures has its story in both languages.
func TestExplainFrame(t *testing.T) {
	for name := range expected {
		tr := genuineTrace(t, name)
		for _, s := range tr.Sessions {
			for i := range s.Steps {
				f, ok := ExplainFrame(tr, s.Steps[i].Frame)
				if !ok || f.Session != s || f.Step != i || len(f.Lines) < 4 {
					t.Fatalf("%s: frame %d: %v", name, s.Steps[i].Frame, f.Lines)
				}
				for _, line := range f.Lines {
					if line.ES == "" || line.EN == "" || line.ES == line.EN || strings.Contains(line.ES+line.EN, "%!") {
						t.Errorf("%s: frame %d: %v", name, s.Steps[i].Frame, line)
					}
				}
			}
		}
		if _, ok := ExplainFrame(tr, 1<<40); ok {
			t.Errorf("%s has frame 2^40", name)
		}
	}
}

// TestFrameStory holds one story word for word: what the handshake's third segment does.
func TestFrameStory(t *testing.T) {
	tr := read(t, capturetest.Source(`1.0 10.0.0.1:40000 > 10.0.0.2:9000 SYN seq=1 mss=1460 sackok df
1.1 10.0.0.2:9000 > 10.0.0.1:40000 SYN,ACK seq=9 mss=1460 sackok df
1.2 10.0.0.1:40000 > 10.0.0.2:9000 ACK`), nil)
	f, ok := ExplainFrame(tr, 3)
	if !ok {
		t.Fatal("no story")
	}
	var lines []string
	for _, l := range f.Lines {
		lines = append(lines, l.EN)
	}
	want := []string{
		"ACK alone: the stack of 10.0.0.1 acknowledges what it received; TCP sends it, not the program (RFC 9293, 3.10.7.4, fifth step).",
		"It acknowledges everything up to byte 0 of the other side and offers a window of 64240 bytes (RFC 9293, 3.8.6).",
		"10.0.0.1 stays in `ESTABLISHED`.",
		"10.0.0.2 goes from `SYN-RECEIVED` to `ESTABLISHED` (RFC 9293, 3.3.2).",
		"The connection enters the queue of `listen()`: `accept()` of 10.0.0.2 can take it, and `poll()` gives POLLIN on the listening socket.",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s", strings.Join(lines, "\n"))
	}
}

// TestEverySession holds that what counters prove is told of every session of a large capture, whatever is built of it, and
// that the result does not depend on the number of workers.
func TestEverySession(t *testing.T) {
	var first []Finding
	for _, workers := range []int{1, 2, 5} {
		c := NewCollector()
		o := sessions.Options{Lazy: true, Shown: sessions.DefaultShown}
		c.Watch(&o)
		tr := manySessions(t, 700, o, workers)
		if tr.Sessions != nil {
			t.Fatal("the trace is not lazy")
		}
		found := Find(tr, Options{Collector: c})
		spurious := 0
		for _, f := range found {
			if f.Code == "spurious-retransmission" {
				spurious += f.Count
			}
			if len(f.Sessions) > MaxSessions || f.Count < len(f.Sessions) {
				t.Errorf("%s: %d sessions listed of %d", f.Code, len(f.Sessions), f.Count)
			}
		}
		want := 0
		_ = tr.Each(func(s *sessions.Session) error {
			for _, n := range s.Spurious {
				if n > 0 {
					want++
				}
			}
			return nil
		})
		if spurious != want || want < 5 {
			t.Errorf("%d workers: %d spurious of %d", workers, spurious, want)
		}
		if first == nil {
			first = found
			continue
		}
		ignore := cmpopts.IgnoreUnexported(Finding{})
		if diff := cmp.Diff(first, found, ignore, cmpopts.IgnoreUnexported(Change{})); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
}

func manySessions(t testing.TB, n int, o sessions.Options, workers int) *sessions.Trace {
	t.Helper()
	var file bytes.Buffer
	if err := sessionstest.Generate(&file, sessionstest.Workload{Sessions: n, Concurrent: 200, Packets: 150 * n, RetransmitPercent: 1, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	src, err := capture.NewSource("generated", &file, capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	tr, err := sessions.Run(context.Background(), src, o, workers)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestTooMany holds that one code has few lines however often it is found, and that the others are counted.
func TestTooMany(t *testing.T) {
	var p tape
	for k := range 9 {
		client := fmt.Sprintf("10.0.0.1:%d", 41000+k)
		server := fmt.Sprintf("10.0.0.2:%d", 8000+k)
		p.seg(float64(k), client, server, "SYN %s", syn(client))
		p.seg(float64(k)+0.001, server, client, "RST,ACK seq==0 win=0")
	}
	found := Find(read(t, p.source(), nil), Options{})
	if len(found) != maxPerKind {
		t.Fatalf("%d findings", len(found))
	}
	last := &found[len(found)-1]
	if v, ok := last.Number("more"); !ok || v != 5 || len(last.Sessions) != 6 || !strings.Contains(last.Text.EN, "More of the same: 5") {
		t.Errorf("%+v", last)
	}
}

func BenchmarkFind(b *testing.B) {
	tr := genuineTrace(b, "pico-normal")
	b.ResetTimer()
	for range b.N {
		Find(tr, Options{})
	}
}

func BenchmarkFindLazy(b *testing.B) {
	tr := manySessions(b, MaxSessions+500, sessions.Options{Shown: sessions.DefaultShown}, 1)
	b.ResetTimer()
	for range b.N {
		Find(tr, Options{})
	}
}

// loopback is the notebook's exchange on one host; the echo's client leaves as leave has it.
func loopback(leave func(p *tape, client, server string)) *tape {
	var p tape
	const cli, srv = "127.0.0.1:50001", "127.0.0.1:9001"
	p.open(0.9, cli, srv)
	for k := range 6 {
		at := 1 + beat*float64(k)
		p.say(at, cli, srv, "Hola desde MicroPython\n")
		p.seg(at+0.01, srv, cli, "ACK,PSH %q", "PC responde: Hola desde MicroPython\n")
		p.seg(at+0.02, cli, srv, "ACK")
	}
	p.open(1.5, "127.0.0.1:40001", "127.0.0.1:9000")
	leave(&p, "127.0.0.1:40001", "127.0.0.1:9000")
	return &p
}

// TestLoopback holds that on one host the programs are told apart: a client that leaves is not the end of the Pico's
// program, and an uncaught RST is.
func TestLoopback(t *testing.T) {
	leaving := loopback(func(p *tape, client, server string) {
		p.close(3, client, server)
		p.close(6.5, "127.0.0.1:9001", "127.0.0.1:50001")
	})
	if codes := codesOf(Find(read(t, leaving.source(), nil), Options{})); slices.Contains(codes, "program-died") {
		t.Errorf("%v after a client left", codes)
	}
	crash := loopback(func(p *tape, client, server string) {
		p.say(6.1, client, server, "adiós")
		p.seg(6.2, client, server, "RST,ACK")
		p.seg(7.04, "127.0.0.1:50001", "127.0.0.1:9001", "FIN,ACK")
	})
	if codes := codesOf(Find(read(t, crash.source(), nil), Options{})); !slices.Contains(codes, "program-died") {
		t.Errorf("%v after a crash\n%s", codes, crash.String())
	}
}

// TestLessKnown holds that where steps or sessions are not kept, less is found and nothing else.
func TestLessKnown(t *testing.T) {
	modes := map[string]sessions.Options{
		"no steps": {AllPorts: true}, "lazy": {AllPorts: true, Lazy: true, Shown: 2}, "summary": {AllPorts: true, Summary: true},
	}
	for c := range expected {
		full := codesOf(Find(genuineTrace(t, c), Options{}))
		for name, o := range modes {
			found := Find(tracked(t, c, o), Options{})
			for _, f := range found {
				if !slices.Contains(full, f.Code) {
					t.Errorf("%s, %s: %s", c, name, f.Code)
				}
				if strings.Contains(f.Text.EN+f.Long.EN, "%!") || f.Text.ES == "" {
					t.Errorf("%s, %s: %s: %q", c, name, f.Code, f.Text.EN)
				}
			}
		}
	}
}

func tracked(t *testing.T, name string, o sessions.Options) *sessions.Trace {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(genuine, name, "capture.pcap*"))
	src, err := capture.Open(found[0], capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	tr, err := sessions.Run(context.Background(), src, o, 2)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestCauseStandsFirst holds that what made echoes wait for several passes of the loop stands before the loop's own line.
func TestCauseStandsFirst(t *testing.T) {
	for name, cause := range map[string]string{"pico-4k": "message-split", "pico-early-4k": "early-data-dropped"} {
		found := Find(examples.Genuine(t, name), Options{})
		at := func(code string) int {
			return slices.IndexFunc(found, func(f Finding) bool { return f.Code == code })
		}
		if first, second := at(cause), at("loop-echo"); first < 0 || second < 0 || first > second {
			t.Errorf("%s: %s is number %d, loop-echo number %d", name, cause, first, second)
		}
	}
}

// TestAlikeFindingsAreOne holds that the same sentence about two sessions is one line with both.
func TestAlikeFindingsAreOne(t *testing.T) {
	var spurious []Finding
	for _, f := range Find(examples.Genuine(t, "pico-second-client"), Options{}) {
		if f.Code == "spurious-retransmission" {
			spurious = append(spurious, f)
		}
	}
	if len(spurious) != 1 || !slices.Equal(spurious[0].Sessions, []int{2, 3}) || spurious[0].Count != 2 || len(spurious[0].Frames) != 4 {
		t.Errorf("%d findings: %+v", len(spurious), spurious)
	}
}
