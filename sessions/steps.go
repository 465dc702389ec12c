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

// A stepList keeps the head and the tail of a session's steps.
type stepList struct {
	head    []Step
	tail    []Step // a ring once it is full
	n       int    // steps seen
	brief   bool   // BriefSteps are kept, not MaxSteps
	preview []byte // what the steps' Text points into
}

// limits are how many steps are kept, and how many of them at the head.
func (l *stepList) limits() (all, head int) {
	if l.brief {
		return BriefSteps, BriefStepsHead
	}
	return MaxSteps, MaxStepsHead
}

// keepText copies the first bytes of a payload for a step.
func (l *stepList) keepText(payload []byte) []byte {
	n := min(len(payload), PreviewBytes)
	if cap(l.preview)-len(l.preview) < n {
		l.preview = make([]byte, 0, min(max(2*cap(l.preview), 512), 64<<10))
	}
	at := len(l.preview)
	l.preview = append(l.preview, payload[:n]...)
	return l.preview[at : at+n : at+n]
}

// oldest is the step whose place the next one takes, and whose text's memory; valid iff the list is full.
func (l *stepList) oldest() *Step {
	_, head := l.limits()
	return &l.tail[(l.n-head)%len(l.tail)]
}

// full reports whether the next step takes an older one's place.
func (l *stepList) full() bool {
	all, _ := l.limits()
	return l.n >= all
}

// cut gives BriefSteps of a list that keeps more.
func (l *stepList) cut() (steps []Step, head int, left int64) {
	if l.n <= BriefSteps || l.brief {
		head = len(l.head)
		if len(l.tail) == 0 {
			return l.head, head, 0
		}
		steps, left = l.all()
		return steps, min(head, len(steps)), left
	}
	head = min(BriefStepsHead, len(l.head))
	steps = append(steps, l.head[:head]...)
	for i := l.n - (BriefSteps - BriefStepsHead); i < l.n; i++ {
		if s := l.at(i); s != nil {
			steps = append(steps, *s)
		}
	}
	return steps, head, int64(l.n - len(steps))
}

func (l *stepList) add(s Step) *Step {
	all, head := l.limits()
	l.n++
	if len(l.head) < head {
		if len(l.head) == cap(l.head) { // append grows long slices by a quarter, and copies them as often
			l.head = slices.Grow(l.head, min(max(len(l.head), 8), head-len(l.head)))
		}
		l.head = append(l.head, s)
		return &l.head[len(l.head)-1]
	}
	if len(l.tail) < all-head {
		if len(l.tail) == cap(l.tail) {
			l.tail = slices.Grow(l.tail, min(max(len(l.tail), 64), all-head-len(l.tail)))
		}
		l.tail = append(l.tail, s)
		return &l.tail[len(l.tail)-1]
	}
	i := (l.n - 1 - head) % len(l.tail)
	l.tail[i] = s
	return &l.tail[i]
}

// at is step number i, nil if it was left out.
func (l *stepList) at(i int) *Step {
	_, head := l.limits()
	switch {
	case i < 0 || i >= l.n:
		return nil
	case i < len(l.head):
		return &l.head[i]
	case i >= l.n-len(l.tail):
		return &l.tail[(i-head)%len(l.tail)]
	}
	return nil
}

// shortened is a brief list made of one that keeps more.
func (l *stepList) shortened() *stepList {
	steps, head, left := l.cut()
	s := &stepList{brief: true, n: len(steps) + int(left)}
	s.head = append(s.head, steps[:head]...)
	if left == 0 {
		s.head = append(s.head, steps[head:]...)
		return s
	}
	tail := steps[head:]
	s.tail = make([]Step, len(tail))
	for i := range tail { // each where the ring has it
		s.tail[(s.n-len(tail)+i-head)%len(tail)] = tail[i]
	}
	return s
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

// all returns the kept steps in order and how many were left out after the head. They do not change when the list goes on.
func (l *stepList) all() (steps []Step, left int64) {
	steps = append(make([]Step, 0, len(l.head)+len(l.tail)), l.head...)
	var texts []byte
	for i := l.n - len(l.tail); i < l.n; i++ {
		s := *l.at(i)
		if l.full() {
			at := len(texts)
			texts = append(texts, s.Text...)
			s.Text = texts[at:len(texts):len(texts)]
		}
		steps = append(steps, s)
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
	switch {
	case s.seg.Flags&capture.ACK == 0:
	case s.seg.Flags&capture.RST == 0:
		st.Ack = s.ack
	case c.flows != nil && c.flows[1-s.d].ackSet && s.marks&MarkIgnored == 0:
		st.Ack = c.flows[1-s.d].offset(s.seg.Ack)
	}
	switch {
	case s.seg.Flags&capture.SYN != 0:
		st.Window = int64(s.seg.Window) // never scaled (RFC 7323 section 2.2)
	case c.flows != nil:
		st.Window = c.flows[s.d].window
	}
	switch {
	case len(s.seg.Payload) == 0:
	case kept && !c.extra.steps.full():
		st.Text = c.extra.steps.keepText(s.seg.Payload)
	case kept:
		st.Text = append(c.extra.steps.oldest().Text[:0], s.seg.Payload[:min(len(s.seg.Payload), PreviewBytes)]...)
	default:
		st.Text = append([]byte(nil), s.seg.Payload[:min(len(s.seg.Payload), PreviewBytes)]...)
	}
	if kept {
		c.extra.steps.add(st)
	}
	if t.onStep != nil {
		t.onStep(c, &st)
	}
}
