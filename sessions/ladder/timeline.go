package ladder

import (
	"iter"
	"sort"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
)

// A timeline is one side of a session in its own order and on its own time, and answers when that side could know or do
// something.
type timeline struct {
	s      *sessions.Session
	steps  []sessions.Step
	side   sessions.Side
	near   sessions.Pair[time.Duration]
	events []sessions.Event
	place  []int   // by step: index into events; -1 for a segment that never arrived
	edge   []int64 // bytes of the peer's stream that had arrived in order, after each event

	sent  byteIndex // own segments with new bytes, in the order of their sending
	taken byteIndex // the peer's segments, in the order of the capture

	// Steps that every call asks for.
	marks struct{ ownSYN, ownFIN, firstFIN, peerFIN, peerRST, synack, handshakeACK memo }
}

// A memo is a step that was looked for once.
type memo struct {
	known bool
	step  int
}

func (m *memo) get(find func() int) int {
	if !m.known {
		m.known, m.step = true, find()
	}
	return m.step
}

// A byteIndex finds the first of several segments of one direction that carries a byte.
type byteIndex struct {
	steps []int
	most  []int64 // the end of the segment, or of an earlier one that reaches further: so they never fall
}

func (x *byteIndex) add(i int, st *sessions.Step) {
	end := st.Offset + int64(st.Length)
	if n := len(x.most); n > 0 {
		end = max(end, x.most[n-1])
	}
	x.steps, x.most = append(x.steps, i), append(x.most, end)
}

// find is the first segment with byte number at, -1 for none: (1) every one before the first whose end lies behind the byte ends
// before it; (2) where that one begins behind it as well, the byte came out of order, in a later segment.
func (x *byteIndex) find(at int64, steps []sessions.Step) int {
	for k := sort.Search(len(x.most), func(i int) bool { return x.most[i] > at }); k < len(x.steps); k++ {
		if st := &steps[x.steps[k]]; st.Offset <= at && at < st.Offset+int64(st.Length) {
			return x.steps[k]
		}
	}
	return -1
}

func newTimeline(s *sessions.Session, side sessions.Side) *timeline {
	near := s.Near()
	tl := &timeline{s: s, steps: s.Steps, side: side, near: near, events: s.Line(side, near), place: make([]int, len(s.Steps))}
	for i := range tl.place {
		tl.place[i] = -1
	}
	for k, e := range tl.events {
		tl.place[e.Step] = k
	}
	tl.edge = s.InOrder(side, tl.events)
	for _, e := range tl.events {
		if st := &tl.steps[e.Step]; st.From == side && st.Marks.Has(sessions.MarkNewData) && st.Flags&capture.RST == 0 {
			tl.sent.add(e.Step, st)
		}
	}
	for i := range tl.steps {
		if st := &tl.steps[i]; st.From != side && st.Length > 0 && st.Flags&(capture.SYN|capture.RST) == 0 {
			tl.taken.add(i, st)
		}
	}
	return tl
}

// at is when a step left or reached the side, ns since 1970.
func (tl *timeline) at(step int) int64 { return tl.events[tl.place[step]].At }

// placeOf is where a step stands among the side's events; -1 for no step, or one that never arrived.
func (tl *timeline) placeOf(step int) int {
	if step < 0 {
		return -1
	}
	return tl.place[step]
}

// find is the first event for which match holds, as a step; -1 for none.
func (tl *timeline) find(match func(*sessions.Step) bool) int {
	for _, e := range tl.events {
		if match(&tl.steps[e.Step]) {
			return e.Step
		}
	}
	return -1
}

func (tl *timeline) ownSYN() int { return tl.marks.ownSYN.get(tl.findOwnSYN) }

func (tl *timeline) findOwnSYN() int {
	return tl.find(func(s *sessions.Step) bool {
		return s.From == tl.side && s.Flags&(capture.SYN|capture.ACK) == capture.SYN && s.Marks&sessions.MarkSYNRepeated == 0
	})
}

// ownByte is the step that first sent byte number at of the side's stream.
func (tl *timeline) ownByte(at int64) int {
	return tl.sent.find(at, tl.steps)
}

// arrival is the step with which byte number at of the peer's stream had arrived in order.
func (tl *timeline) arrival(at int64) int {
	i := sort.Search(len(tl.edge), func(i int) bool { return tl.edge[i] > at })
	if i == len(tl.edge) {
		return -1
	}
	return tl.events[i].Step
}

// firstCopy is the step that first brought byte number at of the peer's stream past the capture point; -1 for none.
func (tl *timeline) firstCopy(at int64) int {
	return tl.taken.find(at, tl.steps)
}

// lostCopy is the latest step before another one that carried a byte of the peer's stream, was taken to be lost, and would
// have arrived by a time; -1 for none.
func (tl *timeline) lostCopy(at int64, before int, by int64) int {
	for i := before - 1; i >= 0; i-- {
		st := &tl.steps[i]
		if st.From != tl.side && st.Marks.Has(sessions.MarkLost) && st.Offset <= at && at < st.Offset+int64(st.Length) && st.Arrived(tl.near) <= by {
			return i
		}
	}
	return -1
}

// firstFIN is the step that first brought the peer's FIN past the capture point; -1 for none.
func (tl *timeline) firstFIN() int { return tl.marks.firstFIN.get(tl.findFirstFIN) }

func (tl *timeline) findFirstFIN() int {
	for i := range tl.steps {
		if st := &tl.steps[i]; st.From != tl.side && st.Marks.Has(sessions.MarkNewFIN) {
			return i
		}
	}
	return -1
}

// peerFIN is the step with which the peer's FIN had arrived, nothing missing before it.
func (tl *timeline) peerFIN() int { return tl.marks.peerFIN.get(tl.findPeerFIN) }

func (tl *timeline) findPeerFIN() int {
	fin := tl.find(func(s *sessions.Step) bool {
		return s.From != tl.side && s.Flags&capture.FIN != 0 && s.Marks&sessions.MarkIgnored == 0
	})
	if fin < 0 {
		return -1
	}
	end := tl.steps[fin].Offset + int64(tl.steps[fin].Length)
	if k := tl.place[fin]; end > 0 && tl.edge[k] < end {
		if j := tl.arrival(end - 1); j >= 0 && tl.place[j] > k {
			return j
		}
	}
	return fin
}

// peerRST is the RST with which the peer ended the connection.
func (tl *timeline) peerRST() int { return tl.marks.peerRST.get(tl.findPeerRST) }

func (tl *timeline) findPeerRST() int {
	return tl.find(func(s *sessions.Step) bool {
		return s.From != tl.side && s.Flags&capture.RST != 0 && s.Marks&sessions.MarkIgnored == 0
	})
}

func (tl *timeline) synack() int { return tl.marks.synack.get(tl.findSynack) }

func (tl *timeline) findSynack() int {
	return tl.find(func(s *sessions.Step) bool {
		return s.From == sessions.Server && s.Flags.Has(capture.SYN|capture.ACK) && s.Marks&sessions.MarkIgnored == 0
	})
}

// handshakeACK is the step that made the server ESTABLISHED.
func (tl *timeline) handshakeACK() int { return tl.marks.handshakeACK.get(tl.findHandshakeACK) }

func (tl *timeline) findHandshakeACK() int {
	seen := false
	for _, e := range tl.events {
		st := &tl.steps[e.Step]
		seen = seen || st.From == sessions.Server && st.Flags.Has(capture.SYN|capture.ACK)
		if seen && st.From == sessions.Client && st.Flags&(capture.SYN|capture.RST) == 0 && st.Flags&capture.ACK != 0 && st.Ack >= 0 {
			return e.Step
		}
	}
	return -1
}

// streamStart is the stream offset of the first byte that a side's calls send, and of the first that they receive. From
// the SYN on both are 0. A capture that begins in the middle counts from its own first byte; there the FINs tell: what the
// calls sent in all ends at the own FIN, and what they read before the end of data ends at the peer's.
func (tl *timeline) streamStart(calls iter.Seq[*journal.Entry]) (sent, read int64, known bool) {
	if tl.s.RoleFrom == sessions.RoleFromSYN || tl.s.RoleFrom == sessions.RoleFromSYNACK {
		return 0, 0, true
	}
	fin, end := tl.ownFIN(), tl.peerFIN()
	if fin < 0 || end < 0 {
		return 0, 0, false
	}
	atEnd := false
	for e := range calls {
		switch e.Call {
		case journal.Send:
			sent += max(e.Value, 0)
		case journal.Recv, journal.RecvInto:
			read += max(e.Value, 0)
			atEnd = atEnd || e.HasEnd && e.Errno == "" && e.Value == 0
		}
	}
	return tl.steps[fin].Offset + int64(tl.steps[fin].Length) - sent, tl.steps[end].Offset + int64(tl.steps[end].Length) - read, atEnd
}

func (tl *timeline) ownFIN() int { return tl.marks.ownFIN.get(tl.findOwnFIN) }

func (tl *timeline) findOwnFIN() int {
	return tl.find(func(s *sessions.Step) bool { return s.From == tl.side && s.Marks.Has(sessions.MarkNewFIN) })
}
