package ladder

import (
	"time"

	"tcptrace/journal"
	"tcptrace/sessions"
)

// alignClock finds the capture's time of the journal's zero (docs/journal.md C). A journal from the capturing host's own
// clock is left as it is unless causes contradict that.
func (p *placing) alignClock() {
	b := bounds{lower: -1 << 62, upper: 1<<62 - 1}
	device := false
	for i := range p.src.Journal.Entries {
		e := &p.src.Journal.Entries[i]
		device = device || e.Device
		if e.Device && e.HasSeen && e.HasEnd {
			b.atMost(e.Seen - e.Start - int64(e.Duration))
		}
	}
	rtt := time.Duration(-1)
	for _, u := range p.order {
		if u.session == nil {
			continue
		}
		p.boundsOf(u, &b)
		if h := u.session.Handshake; h != nil && h.HasRTT && (rtt < 0 || h.RTT < rtt) {
			rtt = h.RTT
		}
	}
	if b.pairs == 0 {
		return
	}
	clock := sessions.Clock{Journal: p.src.Journal.Name, Pairs: b.pairs, Device: device}
	if device || !b.holds(0) {
		p.offset = b.upper - int64(max(rtt, 0))/2
		if !device && (b.lower > b.upper || b.upper == 1<<62-1) {
			p.offset = 0 // a clock of its own would obey the bounds: leave it and say so
		}
	}
	clock.Offset, clock.Lower, clock.Upper = time.Duration(p.offset), time.Duration(b.lower), time.Duration(b.upper)
	clock.HasLower, clock.HasUpper = b.lower != -1<<62, b.upper != 1<<62-1
	clock.Contradicts = b.lower > b.upper
	if p.offset != 0 {
		p.bound = bound(&clock)
		clock.Bound = time.Duration(p.bound)
	}
	p.t.Clocks = append(p.t.Clocks, clock)
}

// bound is how far the clock may be off, either way.
func bound(c *sessions.Clock) int64 {
	var b int64
	if c.HasUpper {
		b = max(b, int64(c.Upper-c.Offset))
	}
	if c.HasLower {
		b = max(b, int64(c.Offset-c.Lower))
	}
	return b
}

// bounds are what causes say about a clock's offset.
type bounds struct {
	lower, upper int64
	pairs        int
}

func (b *bounds) atMost(v int64)  { b.upper = min(b.upper, v); b.pairs++ }
func (b *bounds) atLeast(v int64) { b.lower = max(b.lower, v); b.pairs++ }

// clockTolerance is what a journal and a capture of one machine may contradict each other by: strace stamps before
// the call and the kernel stamps packets in another context.
const clockTolerance = int64(200 * time.Microsecond)

func (b *bounds) holds(offset int64) bool {
	return offset >= b.lower-clockTolerance && offset <= b.upper+clockTolerance
}

// boundsOf draws the bounds from one connection: what was sent was captured after its send() began, and what was
// received was captured before its recv() ended.
func (p *placing) boundsOf(u *socketUse, b *bounds) {
	tl := newTimeline(u.session, u.side)
	if len(tl.steps) == 0 {
		return
	}
	var sent, read int64
	for _, i := range u.entries {
		e := &p.src.Journal.Entries[i]
		if e.Late {
			continue
		}
		switch e.Call {
		case journal.Connect:
			if at := tl.ownSYN(); at >= 0 && i == u.connects {
				b.atMost(tl.at(at) - e.Start)
			}
		case journal.Send:
			if at := tl.ownByte(sent); at >= 0 && e.Value > 0 {
				b.atMost(tl.at(at) - e.Start)
			}
			sent += max(e.Value, 0)
		case journal.Recv, journal.RecvInto:
			if e.Value > 0 && e.HasEnd {
				if at := tl.arrival(read + e.Value - 1); at >= 0 {
					b.atLeast(tl.at(at) - e.Start - int64(e.Duration))
				}
			}
			read += max(e.Value, 0)
		}
	}
	if u.accepted >= 0 {
		if e := &p.src.Journal.Entries[u.accepted]; e.HasEnd && !e.Late {
			if at := tl.handshakeACK(); at >= 0 {
				b.atLeast(tl.at(at) - e.Start - int64(e.Duration))
			}
		}
	}
}
