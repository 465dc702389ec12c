package lab

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tcptrace/endpoints"
	"tcptrace/sessions"
)

// greedy sends and does not read for a while; then it reads and counts what comes back.
type greedy struct {
	early, late int // bytes that were taken after ten seconds, and after thirty
	back        []byte
}

// Run sends for thirty seconds.
func (g *greedy) Run(n endpoints.Net) error {
	s, err := n.Socket()
	if err != nil {
		return err
	}
	if err := s.Connect(picoServer); err != nil {
		return err
	}
	if err := s.SetBlocking(false); err != nil {
		return err
	}
	start := n.Now()
	for end := start.Add(30 * time.Second); n.Now().Before(end); {
		k, err := s.Send(bytes.Repeat([]byte("y"), 4096))
		if err != nil && err != endpoints.EAGAIN {
			return err
		}
		if g.late += k; n.Now().Before(start.Add(10 * time.Second)) {
			g.early = g.late
		}
		if err := n.Sleep(10 * time.Millisecond); err != nil {
			return err
		}
	}
	if err := s.SetBlocking(true); err != nil {
		return err
	}
	for bytes.Count(g.back, []byte("y")) < g.late {
		data, err := s.Recv(65536)
		if err != nil || len(data) == 0 {
			return err
		}
		g.back = append(g.back, data...)
	}
	return s.Close()
}

// TestGreedyClient: the corrected Pico stops reading from a client that sends and never reads; the PC and another client are
// served as if it were not there, and when it reads at last nothing is missing.
func TestGreedyClient(t *testing.T) {
	var said bytes.Buffer
	g := &greedy{}
	r := run(t, Options{Seed: 3, Length: time.Minute, Link: LinkOptions{Delay: 2 * time.Millisecond}}, []Program{
		{Name: "server", Place: PC, Run: &endpoints.PCServer{}},
		{Name: "pico", Place: Pico, Start: 500 * time.Millisecond, Run: &endpoints.Pico{PC: pcServer, Fixed: true}},
		{Name: "greedy", Place: PC, Start: time.Second, Run: g},
		{Name: "client", Place: PC, Start: 15 * time.Second, Run: &endpoints.PCClient{Pico: picoServer,
			Voice: endpoints.Voice{Out: &said}, Lines: &endpoints.Numbered{Count: 5, Think: 2 * time.Second}}},
	})
	if g.early == 0 || g.early != g.late {
		t.Errorf("%d bytes were taken in ten seconds, %d in thirty", g.early, g.late)
	}
	if got := bytes.Count(g.back, []byte("y")); got != g.late || strings.Trim(string(g.back), "Echo:y") != "" {
		t.Errorf("%d of %d bytes came back", got, g.late)
	}
	if got := strings.Count(said.String(), "b'Echo:hola "); got != 5 {
		t.Errorf("the other client had %d answers:\n%s", got, said.String())
	}
	for _, s := range trace(t, r).Sessions {
		if s.Server == pcServer && (s.Cadence.Beats < 57 || s.Cadence.Period.Max > 1100*time.Millisecond) {
			t.Errorf("the PC was greeted %d times, at most %v apart", s.Cadence.Beats, s.Cadence.Period.Max)
		}
		if s.Server == picoServer && s.Bytes[sessions.Client] < 100 && s.Echo.RTT.Max > 50*time.Millisecond {
			t.Errorf("an echo of the other client took %v", s.Echo.RTT.Max)
		}
	}
}
