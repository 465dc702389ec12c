package sessions

import (
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
				if acked < 0 && (again.From == Server || !s.synacked(k, i)) {
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
		if acked < st.reach() {
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

// settle judges losses and puts every side's states into its own order. With steps left out in the middle, the tracker's
// states stay: they were worked out on all of them.
func (s *Session) settle() {
	if len(s.Steps) == 0 || s.StepsLeftOut > 0 || s.Untimed || s.Backwards {
		return
	}
	near := s.Near()
	s.judgeLost(near)
	for _, side := range [...]Side{Client, Server} {
		last := Undetermined
		states := make([]State, len(s.Steps))
		seen := make([]bool, len(s.Steps))
		for _, e := range s.Line(side, near) {
			states[e.Step], seen[e.Step] = e.State, true
		}
		for i := range s.Steps {
			if seen[i] {
				last = states[i]
			}
			s.Steps[i].States[side] = last
		}
	}
}
