package endpoints

import (
	"bytes"
	"net/netip"
	"time"
)

// The clients here do what makes the notebook's Pico program fail.

// LineClient sends one line and takes answers until all of it came back or Patient is over.
type LineClient struct {
	Pico    netip.AddrPort
	Voice   Voice
	Bytes   int           // of the line
	Wait    time.Duration // before it is sent, so that accept() has been called; 0 sends before accept()
	Patient time.Duration
}

// Run is the genuine captures' pico-4k and pico-early-4k.
func (p *LineClient) Run(n Net) error {
	s, err := dial(n, p.Pico)
	if err != nil {
		return err
	}
	p.Voice.printf("%s", p.Voice.words().ClientConnected())
	if err := pause(n, p.Wait); err != nil {
		return err
	}
	k, err := s.Send(bytes.Repeat([]byte("y"), p.Bytes))
	if err != nil {
		return err
	}
	p.Voice.print(p.Voice.words().Sent(k))
	poller := n.Poller()
	poller.Register(s, PollIn)
	end := n.Now().Add(p.Patient)
	for came := 0; came < p.Bytes; {
		left := end.Sub(n.Now())
		ready, err := poller.Poll(max(left, 0))
		if err != nil {
			return err
		}
		if len(ready) == 0 {
			break
		}
		data, err := s.Recv(65536)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			break
		}
		came += bytes.Count(data, []byte("y"))
		p.Voice.print(p.Voice.words().ClientReceived(pyBytes(data[:min(len(data), 60)])))
	}
	return s.Close()
}

// AbortClient sends a line and resets the connection at once: the Pico's send() of the echo fails, and the notebook's
// program ends with a traceback (docs/findings.md 19).
type AbortClient struct {
	Pico  netip.AddrPort
	Voice Voice
	Wait  time.Duration // before the line, so that accept() has been called
}

// Run sends and resets.
func (p *AbortClient) Run(n Net) error {
	s, err := dial(n, p.Pico)
	if err != nil {
		return err
	}
	p.Voice.printf("%s", p.Voice.words().ClientConnected())
	if err := pause(n, p.Wait); err != nil {
		return err
	}
	if _, err := s.Send([]byte("adiós")); err != nil {
		return err
	}
	if err := pause(n, abortAfter); err != nil {
		return err
	}
	if err := s.SetSockOpt(Linger0, 1); err != nil {
		return err
	}
	return s.Close()
}

// abortAfter lets the line arrive and reaches the Pico before its loop reads it, nearly always.
const abortAfter = 20 * time.Millisecond

// A Visit is one connection of a CrowdClient: when it opens, what it sends and when, when it closes; all since the program's start.
type Visit struct {
	Name  string
	Open  time.Duration
	Lines []ScriptLine
	Close time.Duration // 0 for never: the system closes it when the program ends
}

// CrowdClient holds several connections at once.
type CrowdClient struct {
	Pico   netip.AddrPort
	Voice  Voice
	Visits []Visit
	Linger time.Duration // after the last event, so that late answers are seen
}

// SecondClient is the genuine pico-second-client: A talks, then B connects, and A is not answered any more.
func SecondClient(pico netip.AddrPort, v Voice) *CrowdClient {
	s := time.Second
	return &CrowdClient{Pico: pico, Voice: v, Linger: 4 * s, Visits: []Visit{
		{Name: "A", Lines: []ScriptLine{{2 * s, "A1"}, {9 * s, "A2"}}},
		{Name: "B", Open: 6 * s, Lines: []ScriptLine{{8 * s, "B1"}, {12 * s, "B2"}}, Close: 17 * s},
	}}
}

// TwoAtOnce is the genuine pico-two-gap: B connects gap after A, before the loop has called accept().
func TwoAtOnce(pico netip.AddrPort, v Voice, gap time.Duration) *CrowdClient {
	ms := time.Millisecond
	return &CrowdClient{Pico: pico, Voice: v, Linger: 2 * time.Second, Visits: []Visit{
		{Name: "A", Lines: []ScriptLine{{gap + 300*ms, "A"}}, Close: 4 * time.Second},
		{Name: "B", Open: gap, Lines: []ScriptLine{{gap + 300*ms, "B"}}, Close: 4 * time.Second},
	}}
}

// SixClients opens six connections two seconds apart; the Pico has room for four beside its own (docs/findings.md 11).
func SixClients(pico netip.AddrPort, v Voice) *CrowdClient {
	c := &CrowdClient{Pico: pico, Voice: v, Linger: 6 * time.Second}
	for i, name := range []string{"A", "B", "C", "D", "E", "F"} {
		at := time.Duration(2*i) * time.Second
		c.Visits = append(c.Visits, Visit{Name: name, Open: at, Lines: []ScriptLine{{at + 1200*time.Millisecond, name}}})
	}
	return c
}

// crowdEvent is one thing to do.
type crowdEvent struct {
	at    time.Duration
	visit int
	do    func() error
}

// crowd is a CrowdClient at work.
type crowd struct {
	p       *CrowdClient
	n       Net
	poller  Poller
	sockets []Socket // by visit; nil while closed
}

// Run does what the visits say in order of time. An error of one connection is printed and ends that connection only.
func (p *CrowdClient) Run(n Net) error {
	c := &crowd{p: p, n: n, poller: n.Poller(), sockets: make([]Socket, len(p.Visits))}
	start := n.Now()
	last := time.Duration(0)
	for _, e := range c.events() {
		if err := c.listen(start.Add(e.at)); err != nil {
			return err
		}
		if err := c.failed(e.visit, e.do()); err != nil {
			return err
		}
		last = e.at
	}
	return c.listen(start.Add(last + p.Linger))
}
