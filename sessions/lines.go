package sessions

import (
	"time"

	"tcptrace/capture"
)

// localReply is the longest a host takes to answer a segment that was captured at its own interface. An end that answers
// faster is where the capture was made.
const localReply = 150 * time.Microsecond

// Near is how far the capture point is from each end, one way: half of the shortest time from a segment that passed it on
// the way to that end to the answer that passed it on the way back (docs/ladder.md, Two sides). SYN and SYN+ACK are
// answered at once; ACK round trips can only be longer, so the least of all is taken. It is 0 for the end that the
// capture was made at, and where nothing tells.
func (s *Session) Near() (near Pair[time.Duration]) {
	for _, end := range [...]Side{Client, Server} {
		if least := s.leastAnswer(end); least > localReply {
			near[end] = least / 2
		}
	}
	return near
}

// leastAnswer is the shortest time from a segment to an end to its answer; 0 when none is known.
func (s *Session) leastAnswer(end Side) (least time.Duration) {
	note := func(d time.Duration) {
		if d > 0 && (least == 0 || d < least) {
			least = d
		}
	}
	if s.ACKRTT[end.Other()].N > 0 {
		note(s.ACKRTT[end.Other()].Min)
	}
	var syn, synack *Step
	for i := range s.Steps {
		st := &s.Steps[i]
		switch {
		case st.Flags&capture.SYN == 0 || st.Marks&MarkIgnored != 0:
			if synack != nil && st.From == Client && st.Flags&(capture.ACK|capture.RST) == capture.ACK && end == Client {
				note(time.Duration(st.Time - synack.Time))
			}
			if syn != nil && synack == nil && st.Flags&capture.RST != 0 && st.From == Server && end == Server {
				note(time.Duration(st.Time - syn.Time))
			}
			if synack != nil {
				return least
			}
		case st.Flags&capture.ACK == 0:
			syn = st
		case synack == nil:
			synack = st
			if syn != nil && end == Server {
				note(time.Duration(st.Time - syn.Time))
			}
		}
	}
	return least
}

// Departed is when a step's segment left its sender, and Arrived when it reached its receiver: its capture time moved by
// the ends' distances from the capture point.
func (st *Step) Departed(near Pair[time.Duration]) int64 { return moved(st.Time, -near[st.From]) }

// Arrived is when a step's segment reached its receiver.
func (st *Step) Arrived(near Pair[time.Duration]) int64 {
	return moved(st.Time, near[st.From.Other()])
}

// moved shifts a time; a packet without a time stays without.
func moved(at int64, by time.Duration) int64 {
	if at == noTime {
		return at
	}
	return at + int64(by)
}

// An Event is a segment that one side sends or receives, at the side's own time, and the side's state after it.
type Event struct {
	Step  int // index into Session.Steps
	Sent  bool
	At    int64 // ns since 1970
	State State
}

// Line is what happened at one side, in its own order. In steps:
//
//  1. What the side sent stands in the order of its capture, and so does what it received: neither overtakes itself,
//     unless the network reorders, which a capture at the other end cannot show.
//  2. The two are merged. An ACK field tells what its sender had received: bytes, SYN or FIN that it covers came before
//     it, the next ones that it does not cover came after it. Where no ACK field tells, the side's times decide.
//  3. The side's state follows by RFC 9293's figure. Lost copies do not arrive.
func (s *Session) Line(side Side, near Pair[time.Duration]) []Event {
	l := line{s: s, side: side, near: near, peerSYN: -1}
	var sent, received []int
	for i := range s.Steps {
		switch {
		case s.Steps[i].From == side:
			sent = append(sent, i)
			l.acked = max(l.acked, s.Steps[i].Ack)
		case s.Steps[i].Marks&MarkLost == 0 && s.Steps[i].Flags&capture.SYN != 0 && l.peerSYN < 0:
			l.peerSYN = i
			received = append(received, i)
		case s.Steps[i].Marks&MarkLost == 0:
			received = append(received, i)
		}
	}
	l.judgeFresh(received)
	needs := l.needs(received)
	i := 0
	for _, j := range sent {
		for i < len(received) && l.before(received, i, j, needs) {
			l.receive(received[i])
			i++
		}
		l.send(j)
	}
	for ; i < len(received); i++ {
		l.receive(received[i])
	}
	return l.events
}

// A line is one side's sequence of events while it is put together.
type line struct {
	s       *Session
	side    Side
	near    Pair[time.Duration]
	events  []Event
	peerSYN int    // the step with the peer's first SYN that arrived, -1
	fresh   []bool // by step: it brought the side bytes or a FIN that it did not have
	acked   int64  // the highest ACK field that the side sends

	state   State
	in      coverage // of the peer's stream
	started bool
	fin     int64 // offset of the peer's FIN; valid iff hasFIN
	hasFIN  bool
	finIn   bool
	own     int64 // offset of the own FIN; valid iff ownFIN
	ownFIN  bool
}

// judgeFresh finds what brought something new: of bytes whose first copy was lost, that is the copy which arrived.
func (l *line) judgeFresh(received []int) {
	l.fresh = make([]bool, len(l.s.Steps))
	var in coverage
	started, hasFIN := false, false
	for _, i := range received {
		st := &l.s.Steps[i]
		if st.Marks&(MarkIgnored|MarkKeepAlive|MarkWindowProbe) != 0 || st.Flags&capture.RST != 0 {
			continue
		}
		if st.Length > 0 {
			if !started && l.s.RoleFrom != RoleFromSYN {
				in.first, in.edge = st.Offset, st.Offset
			}
			started = true
			l.fresh[i] = in.add(st.Offset, st.Offset+int64(st.Length), st.Time) > 0
		}
		if st.Flags&capture.FIN != 0 && !hasFIN {
			hasFIN, l.fresh[i] = true, true
		}
	}
}

// end is what an ACK field must reach to cover a received segment: -1 when it carries nothing new.
func (l *line) end(i int) int64 {
	st := &l.s.Steps[i]
	switch {
	case st.Marks&(MarkIgnored|MarkKeepAlive|MarkWindowProbe) != 0:
		return -1
	case l.fresh[i] && st.Flags&capture.FIN != 0:
		return st.Offset + int64(st.Length) + 1
	case l.fresh[i]:
		return st.Offset + int64(st.Length)
	case st.Flags&capture.SYN != 0 && i == l.peerSYN:
		return 0
	}
	return -1
}

// needs[k] is the least ACK field of received[k:] that carries something new: who acknowledges it had received
// received[:k+1] too.
func (l *line) needs(received []int) []int64 {
	needs := make([]int64, len(received))
	least := int64(1) << 62
	for k := len(received) - 1; k >= 0; k-- {
		if end := l.end(received[k]); end >= 0 {
			least = min(least, end)
		}
		needs[k] = least
	}
	return needs
}

// before reports whether the side received received[k] before it sent step j.
func (l *line) before(received []int, k, j int, needs []int64) bool {
	own := &l.s.Steps[j]
	if own.Flags&(capture.SYN|capture.ACK) == capture.SYN {
		return l.s.Steps[received[k]].Marks&MarkIgnored != 0 // a SYN without ACK has seen none
	}
	if in := &l.s.Steps[received[k]]; in.Flags&capture.RST != 0 && in.Marks&MarkIgnored == 0 && own.Marks.Has(MarkNewFIN) {
		return false // who has received a RST has no connection left to close
	}
	if own.Ack >= 0 {
		if needs[k] <= own.Ack {
			return true
		}
		st := &l.s.Steps[received[k]]
		if end := l.end(received[k]); end > own.Ack && st.Offset <= own.Ack && st.Marks&MarkHole == 0 {
			return false
		}
	}
	in := &l.s.Steps[received[k]]
	if own.isNew() && in.Ack >= own.reach() && in.Flags&capture.RST == 0 {
		return false // it acknowledges what leaves here
	}
	if arrived, left := in.Arrived(l.near), own.Departed(l.near); arrived != left {
		return arrived < left
	}
	return received[k] < j // a capture without finer times: in its order
}

// isNew reports whether a segment is the first to carry something that an ACK field covers.
func (st *Step) isNew() bool {
	return st.Marks&(MarkNewData|MarkNewFIN) != 0 || st.Flags&capture.SYN != 0 && st.Marks&MarkSYNRepeated == 0
}

func (l *line) enter(i int, sent bool, at int64) {
	l.events = append(l.events, Event{Step: i, Sent: sent, At: at, State: l.state})
}

// send takes one segment of the side's own.
func (l *line) send(i int) {
	st := &l.s.Steps[i]
	f := st.Flags
	switch {
	case f&capture.RST != 0:
		if st.Marks&MarkIgnored == 0 {
			l.state = Closed
		}
	case st.Marks&MarkIgnored != 0:
	case f.Has(capture.SYN | capture.ACK):
		l.state = l.state.next(sendSYNACK)
	case f&capture.SYN != 0:
		l.state = l.state.next(sendSYN)
	default:
		if st.Marks&(MarkKeepAlive|MarkWindowProbe) == 0 {
			act := sendACK
			if st.Length > 0 {
				act = sendData
			}
			l.state = l.state.next(act)
		}
		if st.Marks.Has(MarkNewFIN) {
			if l.state == Undetermined && l.hasFIN {
				l.state = CloseWait
			}
			l.own, l.ownFIN = st.Offset+int64(st.Length), true
			l.state = l.state.next(sendFIN)
		}
	}
	l.enter(i, true, st.Departed(l.near))
}

// receive takes one segment of the peer's.
func (l *line) receive(i int) {
	st := &l.s.Steps[i]
	f := st.Flags
	switch {
	case f&capture.RST != 0:
		if st.Marks&MarkIgnored == 0 {
			l.state = Closed
		}
	case st.Marks&MarkIgnored != 0:
	case f.Has(capture.SYN | capture.ACK):
		l.payload(st)
		l.state = l.state.next(recvSYNACK)
	case f&capture.SYN != 0:
		l.payload(st) // TCP Fast Open (RFC 7413)
		if !l.state.synchronised() {
			l.state = l.state.next(recvSYN)
		}
	default:
		l.data(st)
	}
	l.enter(i, false, st.Arrived(l.near))
}

// data takes a received segment without SYN and RST: payload, ACK, FIN, in this order.
func (l *line) data(st *Step) {
	l.payload(st)
	if st.Ack >= 0 && st.Flags&capture.ACK != 0 {
		if l.state == SynReceived {
			l.state = l.state.next(recvACK)
		}
		if l.ownFIN && st.Ack > l.own {
			l.state = l.state.next(recvFINACK)
		}
	}
	if st.Flags&capture.FIN != 0 && !l.hasFIN {
		l.fin, l.hasFIN = st.Offset+int64(st.Length), true
		if !l.started && l.s.RoleFrom != RoleFromSYN {
			l.in.first, l.in.edge = l.fin, l.fin
		}
	}
	if l.hasFIN && !l.finIn && (l.in.edge >= l.fin && len(l.in.islands) == 0 || l.ownAcksFIN()) {
		l.finIn = true
		if l.state == Undetermined && l.ownFIN {
			l.state = FinWait1
		}
		l.state = l.state.next(recvFIN)
	}
}

// payload adds what a received segment carries to the peer's stream.
func (l *line) payload(st *Step) {
	if st.Length == 0 {
		return
	}
	if !l.started && l.s.RoleFrom != RoleFromSYN {
		l.in.first, l.in.edge = st.Offset, st.Offset
	}
	l.started = true
	l.in.add(st.Offset, st.Offset+int64(st.Length), st.Time)
}

// ownAcksFIN reports whether the side acknowledges the peer's FIN somewhere, though the capture lacks bytes before it.
func (l *line) ownAcksFIN() bool {
	return l.acked > l.fin && l.s.MissingBytes[l.side.Other()] > 0
}

// InOrder tells how much of the peer's stream had arrived in order at one side after each of its events: the offset of
// the first byte that was still missing.
func (s *Session) InOrder(side Side, events []Event) []int64 {
	edge := make([]int64, len(events))
	var in coverage
	started := false
	for k, e := range events {
		if st := &s.Steps[e.Step]; !e.Sent && st.Length > 0 && st.Marks&(MarkIgnored|MarkKeepAlive|MarkWindowProbe) == 0 && st.Flags&capture.RST == 0 {
			if !started && s.RoleFrom != RoleFromSYN {
				in.first, in.edge = st.Offset, st.Offset
			}
			started = true
			in.add(st.Offset, st.Offset+int64(st.Length), st.Time)
		}
		edge[k] = in.edge
	}
	return edge
}

// Settled reports whether all segments of the session were kept, with times in order, so that losses were judged and each
// side's states follow its own line.
func (s *Session) Settled() bool {
	return len(s.Steps) > 0 && s.StepsLeftOut == 0 && !s.Untimed && !s.Backwards
}

// settle judges losses and puts every side's states into its own order. With steps left out in the middle, the tracker's
// states stay: they were worked out on all of them.
func (s *Session) settle() {
	if !s.Settled() {
		return
	}
	s.judgeLost(s.Near())
	s.orderStates()
}

// orderStates works out both sides' states after each step, each in its own order.
func (s *Session) orderStates() {
	near := s.Near()
	for _, side := range [...]Side{Client, Server} {
		last := Undetermined
		states := make([]State, len(s.Steps))
		seen := make([]bool, len(s.Steps))
		line := s.Line(side, near)
		for _, e := range line {
			states[e.Step], seen[e.Step] = e.State, true
		}
		if n := len(line); n > 0 && s.End != EndNoAnswer { // a SYN that nobody answered may have reached nobody
			s.States[side] = line[n-1].State
		}
		for i := range s.Steps {
			if seen[i] {
				last = states[i]
			}
			s.Steps[i].States[side] = last
		}
	}
}
