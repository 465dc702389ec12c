package lab

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"tcptrace/capture"
	"tcptrace/endpoints"
	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

var (
	picoServer = netip.AddrPortFrom(PicoAddr, endpoints.PicoPort)
	pcServer   = netip.AddrPortFrom(PCAddr, endpoints.PCPort)
)

// exchange is the notebook's: the three programs, messages at random times.
func exchange(messages int, mean time.Duration) []Program {
	return []Program{
		{Name: "server", Place: PC, Run: &endpoints.PCServer{}},
		{Name: "pico", Place: Pico, Start: 500 * time.Millisecond, Run: &endpoints.Pico{PC: pcServer}},
		{Name: "client", Place: PC, Start: 3 * time.Second,
			Run: &endpoints.OpenLoopClient{Pico: picoServer, Mean: mean, Count: messages, Seed: 7, Patient: time.Minute}},
	}
}

// run runs a lab and fails the test when a program does.
func run(t testing.TB, o Options, programs []Program) *Result {
	t.Helper()
	r, err := Run(context.Background(), o, programs)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range r.Errors {
		t.Errorf("program %s: %v", name, err)
	}
	return r
}

// trace is what the sessions make of a lab's packets and journals.
func trace(t testing.TB, r *Result) *sessions.Trace {
	t.Helper()
	src, err := r.Source("lab.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	tr := traceWithCalls(t, r, src)
	for _, p := range tr.Problems {
		t.Errorf("%s:%d: %s", p.File, p.Line, p.What)
	}
	return tr
}

// traceWithCalls is what the sessions make of one end's packets and the calls of both programs.
func traceWithCalls(t testing.TB, r *Result, src capture.Source) *sessions.Trace {
	t.Helper()
	return traceWithCallsLate(t, r, src, 0)
}

// traceWithCallsLate is traceWithCalls with journals on clocks that are late.
func traceWithCallsLate(t testing.TB, r *Result, src capture.Source, late time.Duration) *sessions.Trace {
	t.Helper()
	tr, err := sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Shown: 16, Samples: true}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var calls []ladder.Source
	for _, j := range r.Journals {
		read, err := journal.Read(j.Name, bytes.NewReader(j.Lines))
		if err != nil {
			t.Fatal(err)
		}
		for i := range read.Entries {
			read.Entries[i].Start += int64(late)
		}
		calls = append(calls, ladder.Source{Journal: *read, Side: sessions.NoSide})
	}
	ladder.AddCalls(tr, calls)
	return tr
}

func hash(t testing.TB, r *Result) [32]byte {
	t.Helper()
	var all bytes.Buffer
	if err := r.WriteCapture(&all, capture.FormatPcapNG); err != nil {
		t.Fatal(err)
	}
	for _, j := range r.Journals {
		all.Write(j.Lines)
	}
	return sha256.Sum256(all.Bytes())
}

func TestSameSeedSameBytes(t *testing.T) {
	bad := LinkOptions{Delay: 3 * time.Millisecond, Jitter: 4 * time.Millisecond, Loss: 0.03, Reorder: 0.05, Duplicate: 0.03, Rate: 2_000_000}
	o := Options{Seed: 42, Length: time.Hour, Link: bad}
	first := run(t, o, exchange(600, 5*time.Second))
	if n := len(first.Packets); n < 12_000 {
		t.Fatalf("%d packets in an hour", n)
	}
	want := hash(t, first)
	procs := runtime.GOMAXPROCS(0)
	for range 2 {
		if got := hash(t, run(t, o, exchange(600, 5*time.Second))); got != want {
			t.Fatalf("the same seed gave other bytes")
		}
	}
	if got := runtime.GOMAXPROCS(0); got != procs {
		t.Errorf("GOMAXPROCS is %d, was %d", got, procs)
	}
	o.Seed++
	if hash(t, run(t, o, exchange(600, 5*time.Second))) == want {
		t.Errorf("another seed gave the same bytes")
	}
}

// TestTruth holds that what the sessions compute from the packets is what the lab knows, to the nanosecond.
func TestTruth(t *testing.T) {
	links := map[string]LinkOptions{
		"perfect": {},
		"wifi":    {Delay: 2 * time.Millisecond, Jitter: 6 * time.Millisecond},
		"loss":    {Delay: 5 * time.Millisecond, Loss: 0.08},
		"reorder": {Delay: 5 * time.Millisecond, Jitter: time.Millisecond, Reorder: 0.2},
		"repeat":  {Delay: 5 * time.Millisecond, Duplicate: 0.1},
		"all":     {Delay: 30 * time.Millisecond, Jitter: 10 * time.Millisecond, Loss: 0.05, Reorder: 0.1, Duplicate: 0.05, Rate: 500_000},
	}
	for name, link := range links {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(2) {
				r := run(t, Options{Seed: seed, Length: 6 * time.Minute, Link: link}, exchange(100, 2*time.Second))
				tr := trace(t, r)
				if len(tr.Sessions) != len(r.Truth.Connections) {
					t.Fatalf("seed %d: %d sessions of %d connections", seed, len(tr.Sessions), len(r.Truth.Connections))
				}
				for i, s := range tr.Sessions {
					compare(t, s, r.Truth.Connections[i])
					if link.Loss+link.Reorder+link.Duplicate == 0 {
						compareRTTs(t, s, r.Truth.Connections[i])
					}
				}
			}
		})
	}
}

func compare(t *testing.T, s *sessions.Session, c *Connection) {
	t.Helper()
	if s.Client != c.Client || s.Server != c.Server {
		t.Fatalf("session %v → %v is connection %v → %v", s.Client, s.Server, c.Client, c.Server)
	}
	if s.Packets != c.Captured {
		t.Errorf("%v: packets %v, truth %v", s.Client, s.Packets, c.Captured)
	}
	if s.Handshake == nil || s.Handshake.HasRTT != c.HasRTT || s.Handshake.RTT != c.RTT {
		t.Errorf("%v: handshake %+v, truth %v", s.Client, s.Handshake, c.RTT)
	}
	if s.Server.Port() == endpoints.PCPort {
		compareBeats(t, s, c)
	}
	compareEchoes(t, s, c)
}

func compareBeats(t *testing.T, s *sessions.Session, c *Connection) {
	t.Helper()
	if s.Cadence == nil || len(s.Cadence.Times) != len(c.Beats) {
		t.Fatalf("beats: %+v, truth %d", s.Cadence, len(c.Beats))
	}
	for i, at := range s.Cadence.Times {
		if at != c.Beats[i] {
			t.Errorf("beat %d: %d ns off", i, at-c.Beats[i])
		}
	}
}

func compareEchoes(t *testing.T, s *sessions.Session, c *Connection) {
	t.Helper()
	if s.Echo == nil || len(s.Echo.Samples) != len(c.Echoes) {
		t.Fatalf("%v: echoes %+v, truth %d", s.Client, s.Echo, len(c.Echoes))
	}
	for i, e := range s.Echo.Samples {
		want := c.Echoes[i]
		if e.Sent != want.Sent || e.RTT != want.RTT || e.Bytes != want.Bytes {
			t.Errorf("%v: echo %d: %d bytes at %d in %v, truth %d at %d in %v", s.Client, i, e.Bytes, e.Sent, e.RTT, want.Bytes, want.Sent, want.RTT)
		}
	}
}

func compareRTTs(t *testing.T, s *sessions.Session, c *Connection) {
	t.Helper()
	for side, rtts := range c.RTTs {
		got := s.ACKRTT[side]
		var sum time.Duration
		for _, d := range rtts {
			sum += d
		}
		if len(rtts) == 0 || got.N != int64(len(rtts)) || got.Min != slices.Min(rtts) || got.Max != slices.Max(rtts) {
			t.Fatalf("%v, side %d: %+v, truth has %d", s.Client, side, got, len(rtts))
		}
		if mean := sum / time.Duration(len(rtts)); got.Mean-mean > 1 || mean-got.Mean > 1 {
			t.Errorf("%v, side %d: mean %v, truth %v", s.Client, side, got.Mean, mean)
		}
	}
}

func TestPicoIsTakenForAPico(t *testing.T) {
	tr := trace(t, run(t, Options{Seed: 1, Length: 20 * time.Second}, exchange(3, time.Second)))
	for _, s := range tr.Sessions {
		pico, pc := sessions.Client, sessions.Server
		if s.Server.Addr() == PicoAddr {
			pico, pc = pc, pico
		}
		if got := s.Endpoint[pico]; got.Stack != "lwip-pico" {
			t.Errorf("the Pico looks like %+v", got)
		}
		if got := s.Endpoint[pc]; got.Stack != "linux" {
			t.Errorf("the PC looks like %+v", got)
		}
	}
}

// BenchmarkHour is an hour of the exchange on a plain link.
func BenchmarkHour(b *testing.B) {
	for b.Loop() {
		r := run(b, Options{Seed: 1, Length: time.Hour, Link: LinkOptions{Delay: time.Millisecond}}, exchange(0, 5*time.Second))
		b.ReportMetric(float64(len(r.Packets)), "packets")
	}
}

// TestPair holds that the tables' programs come to their ends, and that waiting is all in which the two ways differ: the
// same segments cross in the same order, but for ACKs that carry nothing, which depend on how soon the programs answer.
func TestPair(t *testing.T) {
	var signals [2][]string
	for i, nonBlocking := range []bool{false, true} {
		tr := trace(t, run(t, Options{Seed: 1, Length: 8 * time.Second, Link: LinkOptions{Delay: 2 * time.Millisecond}}, Pair(nonBlocking)))
		if len(tr.Sessions) != 1 || tr.Sessions[0].End != sessions.EndFIN || tr.Sessions[0].ClosedFirst != sessions.Client {
			t.Fatalf("non-blocking %v: %+v", nonBlocking, tr.Sessions)
		}
		for _, s := range tr.Sessions[0].Steps {
			if s.Flags != capture.ACK {
				signals[i] = append(signals[i], fmt.Sprint(s.From, s.Flags, s.Length))
			}
		}
	}
	if !slices.Equal(signals[0], signals[1]) {
		t.Errorf("blocking %v\nnon-blocking %v", signals[0], signals[1])
	}
}

// TestScenarios holds that what goes wrong in the genuine captures goes wrong here.
func TestScenarios(t *testing.T) {
	want := map[string]string{
		"no-server": "refused fin", "silent-server": "no-answer", "server-killed": "rst", "server-frozen": "rst",
		"second-client": "open open fin", "two-at-once": "open fin rst", "six-clients": "open open open open fin no-answer no-answer",
		"4k-line": "open fin", "crash": "open rst", "soft-reset": "rst rst",
	}
	for name, ends := range want {
		s, err := endpoints.NewScenario(name, endpoints.Setting{PicoServer: PicoServer, PCServer: PCServer})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(context.Background(), Options{Seed: 1, Length: s.Lasts, Link: LinkOptions{Delay: 2 * time.Millisecond}}, Exchange(s))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range trace(t, r).Sessions {
			got = append(got, s.End.String())
		}
		if strings.Join(got, " ") != ends {
			t.Errorf("%s: %v, want %s", name, got, ends)
		}
	}
}

// TestFirstSegmentOnly is lwIP's rule of data before accept(): one segment is kept, the others are sent again.
func TestFirstSegmentOnly(t *testing.T) {
	s, err := endpoints.NewScenario("early-4k", endpoints.Setting{PicoServer: PicoServer, PCServer: PCServer})
	if err != nil {
		t.Fatal(err)
	}
	tr := trace(t, run(t, Options{Seed: 1, Length: s.Lasts, Link: LinkOptions{Delay: 2 * time.Millisecond}}, Exchange(s)))
	line := tr.Sessions[1]
	if line.Retransmitted[sessions.Client] == 0 || line.Bytes[sessions.Client] != 4096 {
		t.Errorf("%d retransmitted of %d bytes", line.Retransmitted[sessions.Client], line.Bytes[sessions.Client])
	}
}

// TestRealTime holds that the real clock changes nothing but how long it takes.
func TestRealTime(t *testing.T) {
	o := Options{Seed: 3, Length: 700 * time.Millisecond}
	want := hash(t, run(t, o, Pair(false)))
	o.RealTime = true
	if hash(t, run(t, o, Pair(false))) != want {
		t.Error("other bytes in real time")
	}
}

// TestEndedByContext holds that a lab whose context is done leaves what was captured and ends its programs.
func TestEndedByContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, Options{Length: time.Hour, RealTime: true}, Pair(true)); err != nil {
		t.Fatal(err)
	}
}

// TestNothingStays holds that a lab leaves no goroutine behind, neither of its stacks nor of programs that never end.
func TestNothingStays(t *testing.T) {
	run(t, Options{Seed: 1, Length: 5 * time.Second}, exchange(3, time.Second))
	before := runtime.NumGoroutine()
	for range 5 {
		run(t, Options{Seed: 1, Length: 5 * time.Second}, exchange(3, time.Second))
	}
	for range 1000 { // those that were told to end need a turn
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestDelayedACKs holds that ACKs leave as from a Linux and from a Pico: the PC's answer carries its ACK, the Pico's ACK comes
// at a tick of its timer, and neither waits for longer than it may.
func TestDelayedACKs(t *testing.T) {
	r := run(t, Options{Seed: 1, Length: 40 * time.Second, Link: LinkOptions{Delay: 2 * time.Millisecond}}, exchange(5, 3*time.Second))
	s := trace(t, r).Sessions[0]
	const client, server = sessions.Client, sessions.Server
	if s.Packets[server] > s.DataSegments[server]+3 {
		t.Errorf("the PC sent %d packets for %d answers", s.Packets[server], s.DataSegments[server])
	}
	if s.Packets[client] < 2*s.DataSegments[client] {
		t.Errorf("the Pico sent %d packets for %d messages", s.Packets[client], s.DataSegments[client])
	}
	if rtt := s.ACKRTT[server]; rtt.Max > 270*time.Millisecond || rtt.Max < 100*time.Millisecond || rtt.Min > 60*time.Millisecond {
		t.Errorf("the Pico acknowledged after %v to %v", rtt.Min, rtt.Max)
	}
	for _, rtt := range []sessions.Stats{s.ACKRTT[client], trace(t, r).Sessions[1].ACKRTT[server]} {
		if rtt.Max > time.Millisecond {
			t.Errorf("the PC acknowledged after %v", rtt.Max)
		}
	}
}
