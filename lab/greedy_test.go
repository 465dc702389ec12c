package lab

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tcptrace/endpoints"
	"tcptrace/sessions"
)

// greedy sends and does not read for a while; then it reads and counts what comes back.
type greedy struct {
	deaf        time.Duration // how long it does not read
	early, late int           // bytes that were taken after three seconds, and in all
	back        []byte
}

// Run ends with what the connection ends with.
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
	for end := start.Add(g.deaf); n.Now().Before(end); {
		k, err := s.Send(bytes.Repeat([]byte("y"), 4096))
		if err != nil && err != endpoints.EAGAIN {
			return err
		}
		if g.late += k; n.Now().Before(start.Add(3 * time.Second)) {
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

// playGreedy lets a greedy client and another one talk to the corrected Pico, and holds that the PC and the other one are served as
// if the greedy one were not there.
func playGreedy(t *testing.T, g *greedy) *Result {
	t.Helper()
	var said bytes.Buffer
	r, err := Run(context.Background(), Options{Seed: 3, Length: time.Minute, Link: LinkOptions{Delay: 2 * time.Millisecond}}, []Program{
		{Name: "server", Place: PC, Run: &endpoints.PCServer{}},
		{Name: "pico", Place: Pico, Start: 500 * time.Millisecond, Run: &endpoints.Pico{PC: pcServer, Fixed: true}},
		{Name: "greedy", Place: PC, Start: time.Second, Run: g},
		{Name: "client", Place: PC, Start: 2 * time.Second, Run: &endpoints.PCClient{Pico: picoServer,
			Voice: endpoints.Voice{Out: &said}, Lines: &endpoints.Numbered{Count: 20, Think: 2 * time.Second}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(said.String(), "b'Echo:hola "); got != 20 {
		t.Errorf("the other client had %d answers:\n%s", got, said.String())
	}
	for _, s := range trace(t, r).Sessions {
		if s.Server == pcServer && (s.Cadence.Beats < 57 || s.Cadence.Period.Max > 1100*time.Millisecond) {
			t.Errorf("the PC was greeted %d times, at most %v apart", s.Cadence.Beats, s.Cadence.Period.Max)
		}
		if s.Server == picoServer && s.Bytes[sessions.Client] < 1000 && s.Echo.RTT.Max > 50*time.Millisecond {
			t.Errorf("an echo of the other client took %v", s.Echo.RTT.Max)
		}
	}
	return r
}

// TestGreedyClient: the corrected Pico stops reading from a client that sends and does not read, and when it reads again nothing is
// missing.
func TestGreedyClient(t *testing.T) {
	g := &greedy{deaf: 8 * time.Second}
	r := playGreedy(t, g)
	if len(r.Errors) > 0 || g.early == 0 || g.early != g.late {
		t.Errorf("%d bytes were taken in three seconds, %d in eight: %v", g.early, g.late, r.Errors)
	}
	if got := bytes.Count(g.back, []byte("y")); got != g.late || strings.Trim(string(g.back), "Echo:y") != "" {
		t.Errorf("%d of %d bytes came back", got, g.late)
	}
}

// TestDeafClient: one that goes on like that is let go, because it holds what all connections share.
func TestDeafClient(t *testing.T) {
	g := &greedy{deaf: 50 * time.Second}
	r := playGreedy(t, g)
	if err := r.Errors["greedy"]; len(r.Errors) != 1 || !errors.Is(err, endpoints.ECONNRESET) || g.early != g.late {
		t.Errorf("%d bytes were taken in three seconds, %d in all: %v", g.early, g.late, r.Errors)
	}
}
