package sessions

import (
	"cmp"
	"slices"
)

// What a capture keeps of its sessions, by first frame: the first Options.Shown with all their steps, the first
// ExaminedSessions with some, and of every other one its counters. So what is told of a capture does not depend on its
// size, or on which command asks.

// ExaminedSessions is how many sessions, from the first on, are kept with steps and samples in Trace.Examined, for what
// can only be told from the steps of a session or from several sessions together.
const ExaminedSessions = 128

// keep gives a session just made the list of steps that its place in the capture earns it. Segments come in batches, in
// which sessions are not made in order, so that too many are kept at first; trim and Tracker.hide mend that.
func (t *worker) keep(c *conn, group int) {
	full := t.shows(c, group)
	if !full && (t.o.OnSession == nil || t.before[group] >= ExaminedSessions) {
		return
	}
	c.bits |= bitKept
	t.kept = append(t.kept, c)
	t.open(c)
	c.extra.steps = &stepList{brief: !full}
	if full && len(t.o.ShownIDs) > 0 {
		c.bits |= bitShown
	}
}

// trim lets go of what a batch kept beyond the worker's first sessions, now that their order is known.
func (t *worker) trim() {
	most := t.o.Shown
	if t.o.OnSession != nil {
		most = max(most, ExaminedSessions)
	}
	if len(t.kept) <= most {
		return
	}
	slices.SortFunc(t.kept, func(a, b *conn) int { return cmp.Compare(a.firstFrame, b.firstFrame) })
	for _, c := range t.kept[most:] {
		c.bits &^= bitKept
		c.extra.steps = nil
		if !t.o.Samples {
			c.forgetSamples()
		}
	}
	for _, c := range t.kept[min(t.o.Shown, most):most] {
		if l := c.extra.steps; l != nil && !l.brief {
			c.extra.steps = l.shortened()
		}
	}
	clear(t.kept[most:])
	t.kept = t.kept[:most]
}

// tell builds a session that is finished, without its steps, and gives it to Options.OnSession. What it returns is
// overwritten by the next one.
func (t *worker) tell(c *conn) *Session {
	var steps *stepList
	if c.extra != nil {
		steps, c.extra.steps = c.extra.steps, nil // not every session has them
	}
	s := &t.told
	c.session(s, 0)
	s.Aside, s.Kept = !c.bits.has(bitWatched), c.bits.has(bitKept)
	if t.o.OnSession != nil {
		t.telling.Lock()
		t.o.OnSession(s)
		t.telling.Unlock()
	}
	if c.extra != nil {
		c.extra.steps = steps
		if c.extra.result != nil {
			c.extra.result.measured = nil
		}
	}
	return s
}

// forgetSamples drops what was kept for showing.
func (c *conn) forgetSamples() {
	if c.extra == nil {
		return
	}
	if w := c.extra.work; w != nil {
		w.keep = false
		w.samples.reset()
		for d := range w.beats {
			if l := w.beats[d].beats.long; l != nil {
				l.times, l.listing = sampled[int64]{}, false
			}
		}
	}
	r := c.extra.result
	if r == nil {
		return
	}
	if r.echo != nil {
		r.echo.Samples, r.echo.SamplesLeftOut = nil, 0
	}
	if r.cadence != nil {
		r.cadence.Times, r.cadence.TimesLeftOut = nil, 0
	}
}
