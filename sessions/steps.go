package sessions

import "tcptrace/capture"

// MaxSteps is how many steps of one shown session are kept: the first MaxStepsHead and the last ones. What is
// left out between them is counted in Session.StepsLeftOut.
const (
	MaxSteps     = 20000
	MaxStepsHead = 15000
)

// A stepList keeps the head and the tail of a session's steps.
type stepList struct {
	head []Step
	tail []Step // a ring once it is full
	n    int    // steps seen
}

func (l *stepList) add(s Step) *Step {
	l.n++
	if len(l.head) < MaxStepsHead {
		l.head = append(l.head, s)
		return &l.head[len(l.head)-1]
	}
	if len(l.tail) < MaxSteps-MaxStepsHead {
		l.tail = append(l.tail, s)
		return &l.tail[len(l.tail)-1]
	}
	i := (l.n - 1 - MaxStepsHead) % len(l.tail)
	l.tail[i] = s
	return &l.tail[i]
}

// at is step number i, nil if it was left out.
func (l *stepList) at(i int) *Step {
	switch {
	case i < 0 || i >= l.n:
		return nil
	case i < len(l.head):
		return &l.head[i]
	case i >= l.n-len(l.tail):
		return &l.tail[(i-MaxStepsHead)%len(l.tail)]
	}
	return nil
}

// turnRound exchanges the roles in every step.
func (l *stepList) turnRound() {
	for _, steps := range [][]Step{l.head, l.tail} {
		for i := range steps {
			s := &steps[i]
			s.From = s.From.Other()
			s.States[Client], s.States[Server] = s.States[Server], s.States[Client]
		}
	}
}

// all returns the kept steps in order and how many were left out after the head.
func (l *stepList) all() (steps []Step, left int64) {
	steps = append([]Step(nil), l.head...)
	for i := l.n - len(l.tail); i < l.n; i++ {
		steps = append(steps, *l.at(i))
	}
	return steps, int64(l.n - len(steps))
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
	if c.extra == nil || c.extra.steps == nil {
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
func (t *worker) step(c *conn, s *sight) {
	kept := c.extra != nil && c.extra.steps != nil
	if !kept && t.onStep == nil {
		return
	}
	st := Step{Frame: s.seg.Frame, Time: s.now, From: c.side(s.d), Flags: s.seg.Flags, Marks: s.marks,
		Length: int32(min(s.seg.Length, 1<<30)), Offset: s.from, Ack: -1, Cut: s.seg.Cut()}
	client, server := int(c.client), 1-int(c.client)
	st.States = Pair[State]{c.states[client], c.states[server]}
	if s.seg.Flags&capture.ACK != 0 && s.seg.Flags&capture.RST == 0 {
		st.Ack = s.ack
	}
	switch {
	case s.seg.Flags&capture.SYN != 0:
		st.Window = int64(s.seg.Window) // never scaled (RFC 7323 section 2.2)
	case c.flows != nil:
		st.Window = c.flows[s.d].window
	}
	if n := min(len(s.seg.Payload), PreviewBytes); n > 0 {
		st.Text = append([]byte(nil), s.seg.Payload[:n]...)
	}
	if kept {
		c.extra.steps.add(st)
	}
	if t.onStep != nil {
		t.onStep(c, &st)
	}
}
