package sessions

import (
	"slices"

	"tcptrace/capture"
)

// MaxSteps is how many steps of one shown session are kept: the first MaxStepsHead and the last ones. What is
// left out between them is counted in Session.StepsLeftOut.
const (
	MaxSteps     = 20000
	MaxStepsHead = 15000
)

// The same for a session that is only examined.
const (
	BriefSteps     = 512
	BriefStepsHead = 384
)

// A stepList keeps the first steps of a session and the last ones, one behind the other. Where the last ones are, a step
// beyond the limit takes the place of the oldest of them.
type stepList struct {
	steps []Step // the first ones, and behind them a ring
	n     int    // steps seen
	brief bool   // BriefSteps are kept, not MaxSteps
	most  int    // Options.MaxSteps
	given bool   // no step comes any more, and all may give the list away
}

// limits are how many first steps are kept, and how many of the last.
func (l *stepList) limits() (first, last int) {
	if l.brief {
		return BriefStepsHead, BriefSteps - BriefStepsHead
	}
	if l.most > 0 {
		first = l.most * MaxStepsHead / MaxSteps
		return first, l.most - first
	}
	return MaxStepsHead, MaxSteps - MaxStepsHead
}

// head is how many of the first steps there are.
func (l *stepList) head() int {
	first, _ := l.limits()
	return min(l.n, first)
}

// add gives the next step, empty but for the beginning of its payload. It is valid until the next one is added.
func (l *stepList) add(payload []byte) (s *Step) {
	first, last := l.limits()
	i := l.n
	l.n++
	if i < first+last {
		s = l.grow(first + last)
	} else {
		s = &l.steps[first+(i-first)%last]
		*s = Step{}
	}
	s.SetText(payload)
	return s
}

// manySteps is how long a list grows by doubling. One that is longer gets all its room at once: its steps are never copied
// again, and what it does not use is no memory until it is written to.
const manySteps = 1024

// grow appends a step to a list that may have most.
func (l *stepList) grow(most int) *Step {
	if n := len(l.steps); n == cap(l.steps) {
		room := min(max(2*n, 8), most)
		if n >= manySteps {
			room = most
		}
		l.steps = append(make([]Step, 0, room), l.steps...)
	}
	l.steps = append(l.steps, Step{})
	return &l.steps[len(l.steps)-1]
}

// at is step number i, nil if it was left out.
func (l *stepList) at(i int) *Step {
	first, last := l.limits()
	switch {
	case i < 0 || i >= l.n:
		return nil
	case i < first:
		return &l.steps[i]
	case i >= l.n-last:
		return &l.steps[first+(i-first)%last]
	}
	return nil
}

// shortened is a brief list made of one that keeps more.
func (l *stepList) shortened() *stepList {
	s := &stepList{brief: true}
	first, last := s.limits()
	for s.n < l.n {
		if s.n == first { // what is between is left out
			s.n = max(s.n, l.n-last)
		}
		from := l.at(s.n)
		*s.add(nil) = *from
	}
	return s
}

// turnRound exchanges the roles in every step.
func (l *stepList) turnRound() {
	for i := range l.steps {
		s := &l.steps[i]
		s.From = s.From.Other()
		s.States[Client], s.States[Server] = s.States[Server], s.States[Client]
	}
}

// all returns the kept steps in order and how many were left out after the head. They do not change when the list goes on;
// a list that does not go on gives its own.
func (l *stepList) all() (steps []Step, left int64) {
	first, last := l.limits()
	if l.given {
		if l.n > first+last {
			rotate(l.steps[first:], (l.n-first)%last)
		}
		return l.steps, int64(l.n - len(l.steps))
	}
	steps = append(make([]Step, 0, len(l.steps)), l.steps[:l.head()]...)
	from := max(l.n-last, first)
	for i := from; i < l.n; i++ {
		steps = append(steps, *l.at(i))
	}
	return steps, int64(l.n - len(steps))
}

// rotate brings element n to the front.
func rotate(steps []Step, n int) {
	slices.Reverse(steps[:n])
	slices.Reverse(steps[n:])
	slices.Reverse(steps)
}

// nextStep is the number that the current segment's step will get; -1 if steps are not kept.
func (c *conn) nextStep() int {
	if c.extra.steps == nil {
		return -1
	}
	return c.extra.steps.n
}

// markStep adds a mark to a step that was recorded before.
func (c *conn) markStep(i int, m Mark) {
	if l := c.extra.steps; l != nil && i >= 0 {
		if s := l.at(i); s != nil {
			s.Marks |= m
		}
	}
}

// mendSteps corrects the latest steps of a session: end d was taken to be in state was, but had been in state is.
func (c *conn) mendSteps(d int, was, is State) {
	if c.details == nil || c.extra.steps == nil {
		return
	}
	l, side := c.extra.steps, c.side(d)
	for i := l.n - 1; i >= 0; i-- {
		s := l.at(i)
		if s == nil || s.States[side] != was {
			return
		}
		s.States[side] = is
	}
}

// step records what a segment did, for those who asked.
func (t *worker) step(c *conn, s *arrival) {
	kept := c.details != nil && c.extra.steps != nil
	if !kept && t.onStep == nil {
		return
	}
	var st *Step
	if kept {
		st = c.extra.steps.add(s.seg.Payload)
	} else {
		st = &Step{}
		st.SetText(s.seg.Payload)
	}
	st.Frame, st.Time, st.From, st.Flags, st.Marks = s.seg.Frame, s.now, c.side(s.d), s.seg.Flags, s.marks
	st.Length, st.Offset, st.Ack, st.Cut = int32(min(s.seg.Length, 1<<30)), s.from, -1, s.seg.Cut()
	client, server := int(c.client), 1-int(c.client)
	st.States = Pair[State]{c.states[client], c.states[server]}
	switch {
	case s.seg.Flags&capture.ACK == 0:
	case s.seg.Flags&capture.RST == 0:
		st.Ack = s.ack
	case c.details != nil && c.flows[1-s.d].ackSet && s.marks&MarkIgnored == 0:
		st.Ack = c.flows[1-s.d].offset(s.seg.Ack)
	}
	switch {
	case s.seg.Flags&capture.SYN != 0:
		st.Window = int64(s.seg.Window) // never scaled (RFC 7323 section 2.2)
	case c.details != nil:
		st.Window = c.flows[s.d].window
	}
	if t.onStep != nil {
		t.onStep(c, st)
	}
}
