package ladder

import (
	"time"

	"tcptrace/journal"
	"tcptrace/sessions"
)

// alignClock finds the capture's time of the journal's zero (docs/journal.md C):
//
//  1. A cause comes before its effect. A call that sends bounds the offset from above, because its segment cannot be captured
//     before the call; a call that returns data bounds it from below, because it cannot return before the segment.
//  2. All sockets that were matched with sessions give such bounds; the narrowest of each kind count.
//  3. A clock for which offset 0 is within the bounds is the capture's own, and is left as it is.
//  4. Any other is moved below its upper bound by the way from the program to the capture, or into the middle of the bounds
//     where they are narrower than both ways: a program sends when it wants to, but reads when it comes to it.
//  5. A device's clock knows no time of day. It is moved to its upper bound, less half of the round trip to the capture.
//  6. Bounds that cross prove that a clock was set, or a pair is wrong; that is told and nothing is claimed.
func (p *placing) alignClock() {
	b := bounds{lower: none, upper: -none, waited: -none}
	device := false
	for i := range p.src.Journal.Entries {
		e := &p.src.Journal.Entries[i]
		device = device || e.Device
		if e.Device && e.HasSeen && e.HasEnd {
			b.atMost(e.Seen - e.Start - int64(e.Duration))
		}
	}
	trip, way := time.Duration(-1), time.Duration(-1)
	for _, u := range p.order {
		if u.session == nil {
			continue
		}
		p.boundsOf(u, &b)
		if h := u.session.Handshake; h != nil && h.HasRTT && (trip < 0 || h.RTT < trip) {
			trip = h.RTT
		}
		if near := u.session.Near()[u.side]; way < 0 || near < way {
			way = near
		}
	}
	if b.pairs == 0 {
		return
	}
	if b.upper == -none {
		b.upper = b.waited
	}
	p.offset, p.bound = 0, 0
	switch {
	case device && b.upper != -none:
		p.offset = b.upper - int64(max(trip, 0))/2
	case device || !b.holds(0):
		p.offset = b.likely(int64(max(way, 0)), int64(max(trip, 0))/2)
	}
	clock := sessions.Clock{Journal: p.src.Journal.Name, Pairs: b.pairs, Device: device, Offset: time.Duration(p.offset),
		Lower: time.Duration(b.lower), Upper: time.Duration(b.upper), HasLower: b.lower != none, HasUpper: b.upper != -none}
	clock.Contradicts = b.lower > b.upper && !b.holds(b.middle()) // then no offset holds
	if p.offset != 0 {
		p.bound = bound(&clock)
		clock.Bound = time.Duration(p.bound)
	}
	p.clock = &clock
}

// none is a lower bound that bounds nothing; its negative is such an upper one.
const none = int64(-1) << 62

// bound is how far the clock may be off, either way.
func bound(c *sessions.Clock) int64 {
	var b int64
	if c.HasUpper {
		b = max(b, int64((c.Upper - c.Offset).Abs()))
	}
	if c.HasLower {
		b = max(b, int64((c.Offset - c.Lower).Abs()))
	}
	return b
}

// bounds are what causes say about a clock's offset.
type bounds struct {
	lower, upper int64
	waited       int64 // an upper bound where nothing was sent: calls that took long had not found their data there
	pairs        int
}

func (b *bounds) atMost(v int64)  { b.upper = min(b.upper, v); b.pairs++ }
func (b *bounds) atLeast(v int64) { b.lower = max(b.lower, v); b.pairs++ }

// longCall is how long a call takes at least that certainly waited.
const longCall = 10 * time.Millisecond

// returned takes a call that returned with what a step brought, or an earlier copy of it, for all that is known: first is
// the first one captured.
func (b *bounds) returned(e *journal.Entry, tl *timeline, first, step int) {
	if first < 0 || step < 0 || !e.HasEnd || e.Late {
		return
	}
	b.atLeast(tl.steps[first].Time - e.Start - int64(e.Duration))
	if e.Duration >= longCall {
		b.waited = min(b.waited, tl.at(step)-e.Start)
	}
}

// holds reports whether every cause stands before its effect, as well as the two clocks can tell.
func (b *bounds) holds(offset int64) bool {
	return offset >= b.lower-clockSlack && offset <= b.upper+clockSlack
}

// likely is the offset that the bounds make likely, for a program that is way from the capture point: the ways to and
// from it take equally long, as far as anyone can tell. Where one bound is missing, it is half of the round trip from the other.
func (b *bounds) likely(way, half int64) int64 {
	switch {
	case b.lower == none:
		return b.upper - half
	case b.upper == -none:
		return b.lower + half
	case b.upper-b.lower > 2*way:
		return b.upper - way
	}
	return b.middle()
}

// middle is the offset in the middle of two bounds.
func (b *bounds) middle() int64 {
	if b.lower == none || b.upper == -none {
		return 0
	}
	return b.lower + (b.upper-b.lower)/2
}

// boundsOf draws the bounds from one connection: what was sent was captured after its send() began, and what was
// received was captured before its recv() ended. Both hold wherever the capture was made.
func (p *placing) boundsOf(u *socketUse, b *bounds) {
	tl := newTimeline(u.session, u.side)
	if len(tl.steps) == 0 {
		return
	}
	sent, read, known := tl.streamStart(p.entriesOf(u))
	if !known {
		return
	}
	closed := false
	for _, i := range u.entries {
		e := &p.src.Journal.Entries[i]
		if e.Late {
			continue
		}
		switch e.Call {
		case journal.Connect:
			if at := tl.ownSYN(); at >= 0 && i == u.connects {
				b.atMost(tl.steps[at].Time - e.Start)
			}
		case journal.Close, journal.Shutdown:
			if at := tl.ownFIN(); at >= 0 && !closed && e.Errno == "" && e.Socket == u.number {
				b.atMost(tl.steps[at].Time - e.Start)
				closed = true
			}
		case journal.Send:
			if at := tl.ownByte(sent); at >= 0 && e.Value > 0 {
				b.atMost(tl.steps[at].Time - e.Start)
			}
			sent += max(e.Value, 0)
		case journal.Recv, journal.RecvInto:
			switch {
			case e.Value > 0:
				b.returned(e, tl, tl.firstCopy(read+e.Value-1), tl.arrival(read+e.Value-1))
			case e.Errno == "" && e.Asked > 0:
				b.returned(e, tl, tl.firstFIN(), tl.peerFIN())
			}
			read += max(e.Value, 0)
		}
	}
	if u.accepted >= 0 {
		ack := tl.handshakeACK()
		b.returned(&p.src.Journal.Entries[u.accepted], tl, ack, ack)
	}
}
