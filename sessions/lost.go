package sessions

import (
	"cmp"
	"slices"
	"time"

	"tcptrace/capture"
)

// judgeLost marks the copies that reached nobody (docs/ladder.md, Loss): a later copy of the same bytes, SYN or FIN was
// needed, nothing shows that the receiver had the earlier one, and the later one was acknowledged in the end. Where the
// capture was made at the receiver, what was captured has arrived.
func (s *Session) judgeLost(near Pair[time.Duration]) {
	for _, side := range [...]Side{Client, Server} {
		if near[side.Other()] == 0 || s.Packets[side.Other()] == 0 {
			continue
		}
		for i := range s.Steps {
			st := &s.Steps[i]
			if st.From == side && st.repeats() && st.Marks&(MarkSpurious|MarkIgnored) == 0 && s.answered(i) {
				s.loseBefore(i)
			}
		}
		for i := range s.Steps {
			if st := &s.Steps[i]; st.From == side && st.Marks.Has(MarkLost) {
				s.Lost[side]++
			}
		}
	}
}

// repeats reports whether a segment carries bytes, a SYN or a FIN that was sent before.
func (st *Step) repeats() bool {
	return st.Marks&(MarkRetransmission|MarkSYNRepeated) != 0 || st.Flags&(capture.FIN|capture.RST) == capture.FIN && st.Marks&MarkNewFIN == 0
}

// reach is the offset that an ACK of all of a segment has.
func (st *Step) reach() int64 {
	end := st.Offset + int64(st.Length)
	if st.Flags&capture.SYN != 0 {
		end = 0
	}
	if st.Flags&capture.FIN != 0 {
		end++
	}
	return end
}

// answered reports whether a segment, or a later copy of it, was acknowledged.
func (s *Session) answered(i int) bool {
	st := &s.Steps[i]
	for k := i + 1; k < len(s.Steps); k++ {
		if o := &s.Steps[k]; o.From != st.From && o.Flags&capture.RST == 0 && o.Ack >= st.reach() {
			return true
		}
	}
	return false
}

// soonestSYN is the least time after which a stack repeats a SYN (RFC 6298 section 2.1 asks for 1 s). A sooner copy is the
// same SYN, captured twice.
const soonestSYN = 100 * time.Millisecond

// loseBefore marks the latest copies of what step i repeats, unless an ACK between them and it covers them.
func (s *Session) loseBefore(i int) {
	again := &s.Steps[i]
	from, to := again.Offset, again.reach()
	acked := int64(-1)
	for k := i - 1; k >= 0 && to > from || k >= 0 && again.Flags&capture.SYN != 0; k-- {
		st := &s.Steps[k]
		if st.From != again.From {
			acked = max(acked, st.Ack)
			continue
		}
		if again.Flags&capture.SYN != 0 {
			if st.Flags&capture.SYN != 0 {
				if acked < 0 && time.Duration(again.Time-st.Time) >= soonestSYN && (again.From == Server || !s.synacked(k, i)) {
					st.Marks |= MarkLost
				}
				return
			}
			continue
		}
		if st.Marks&(MarkIgnored|MarkKeepAlive|MarkWindowProbe) != 0 || st.reach() <= from || st.Offset >= to || st.Flags&(capture.SYN|capture.RST) != 0 ||
			st.Length == 0 && st.Flags&capture.FIN == 0 {
			continue
		}
		switch {
		case acked >= st.reach():
		case s.refused(k):
			st.Marks |= MarkIgnored
		default:
			st.Marks |= MarkLost
		}
		to = min(to, st.Offset)
	}
}

// synacked reports whether a SYN+ACK stands between two steps: then the first SYN had arrived.
func (s *Session) synacked(from, to int) bool {
	for k := from + 1; k < to; k++ {
		if s.Steps[k].From == Server && s.Steps[k].Flags.Has(capture.SYN|capture.ACK) {
			return true
		}
	}
	return false
}

// Arrived takes back that the copy in step i was lost: its receiver's program shows that it had the bytes. Then the later
// copies up to step repair, which was taken for the one that arrived, were sent for nothing.
func (s *Session) Arrived(i, repair int) {
	from := s.Steps[i].From
	lost, spurious := int64(0), int64(0)
	for k := i; k <= repair; k++ {
		st := &s.Steps[k]
		if st.From != from || st.Offset >= s.Steps[i].reach() || s.Steps[i].Offset >= st.reach() {
			continue
		}
		if st.Marks.Has(MarkLost) {
			st.Marks &^= MarkLost
			lost++
		}
		if k > i && !st.Marks.Has(MarkSpurious) {
			st.Marks |= MarkSpurious
			spurious++
		}
	}
	s.Lost[from] -= lost
	s.Spurious[from] += spurious
	s.orderStates()
}

// A Loss is one segment that reached nobody, and the copy that came in its place.
type Loss struct {
	Step   int           // the lost copy; -1 when it was lost before the capture point, so that only a gap was seen, or a call
	Repair int           // the copy that arrived
	Wait   time.Duration // from the lost copy, the first segment after the gap, or the call, to the repair
}

// Losses are the segments of one side that the network lost, in the order of their repairs (docs/ladder.md, Loss). A gap
// that closes sooner than a retransmission could is reordering, and none.
func (s *Session) Losses(side Side) (losses []Loss) {
	if s.StepsLeftOut > 0 || s.Untimed || s.Backwards {
		return nil
	}
	highest, gap := int64(-1), int64(noTime)
	for i := range s.Steps {
		st := &s.Steps[i]
		if st.From != side || st.Marks&(MarkIgnored|MarkKeepAlive|MarkWindowProbe) != 0 {
			continue
		}
		if s.Lost[side] > 0 {
			if lost := s.repairs(i); lost >= 0 {
				losses = append(losses, Loss{Step: lost, Repair: i, Wait: time.Duration(st.Time - s.Steps[lost].Time)})
			}
		}
		if st.Length == 0 {
			continue
		}
		if st.Marks.Has(MarkHole) && gap == noTime {
			gap = st.Time
		}
		if gap != noTime && st.Offset < highest && st.Marks.Has(MarkNewData) && st.Marks&(MarkRetransmission|MarkOutOfOrder) == 0 {
			losses = append(losses, Loss{Step: -1, Repair: i, Wait: time.Duration(st.Time - gap)})
		}
		if highest = max(highest, st.reach()); !st.Marks.Has(MarkHole) && st.reach() >= highest {
			gap = noTime
		}
	}
	return s.lossesOfCalls(side, losses)
}

// lossesOfCalls adds the losses before the capture point that only the program's calls tell of.
func (s *Session) lossesOfCalls(side Side, losses []Loss) []Loss {
	near := s.Near()
	for i := range s.Calls[side] {
		c := &s.Calls[side][i]
		if c.Waits != HeldByLoss || slices.ContainsFunc(losses, func(x Loss) bool { return x.Repair == c.Repair }) {
			continue
		}
		wait := time.Duration(s.Steps[c.Repair].Departed(near) - c.At)
		if c.HasEnd && c.Cause >= 0 { // a connect: durations tell better than the clock of a journal
			wait = c.Duration - time.Duration(s.Steps[c.Cause].Arrived(near)-s.Steps[c.Repair].Departed(near))
		}
		losses = append(losses, Loss{Step: -1, Repair: c.Repair, Wait: max(wait, 0)})
	}
	slices.SortStableFunc(losses, func(a, b Loss) int { return cmp.Compare(a.Repair, b.Repair) })
	return losses
}

// refused reports whether a copy met a full receive buffer: what its receiver sent before the next copy closes the window
// before this one's end. Then it arrived outside the window and had no effect; the network lost nothing (RFC 9293 section 3.10.7.4).
func (s *Session) refused(i int) bool {
	st := &s.Steps[i]
	for k := i + 1; k < len(s.Steps); k++ {
		o := &s.Steps[k]
		if o.From == st.From && o.Offset == st.Offset && o.Length > 0 {
			break
		}
		if o.From != st.From && o.Ack >= 0 && o.Flags&(capture.SYN|capture.RST) == 0 {
			if o.Ack+o.Window < st.reach() && o.Ack <= st.Offset {
				return true
			}
		}
	}
	return false
}

// repairs is the latest lost copy of what step i carries, when i is not lost itself; -1 for none.
func (s *Session) repairs(i int) int {
	st := &s.Steps[i]
	if !st.repeats() || st.Marks.Has(MarkLost) {
		return -1
	}
	for k := i - 1; k >= 0; k-- {
		o := &s.Steps[k]
		if o.From != st.From || !o.Marks.Has(MarkLost) || (o.Flags^st.Flags)&capture.SYN != 0 {
			continue
		}
		if st.Flags&capture.SYN != 0 || o.Offset < st.reach() && st.Offset < o.reach() {
			return k
		}
	}
	return -1
}
