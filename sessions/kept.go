package sessions

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// What a capture keeps of its sessions, by first frame: the first Options.Shown with all their steps, the first
// ExaminedSessions with some, and of every other one its counters. So what is told of a capture does not depend on its
// size, or on which command asks.

// ExaminedSessions is how many sessions, from the first on, are kept with steps and samples in Trace.Examined, for what
// can only be told from the steps of a session or from several sessions together.
const ExaminedSessions = 128

// A firsts knows the first frames of the capture's first sessions, as far as they were seen. It is shared by the workers,
// none of which knows how many sessions the others have made.
type firsts struct {
	mu      sync.Mutex
	shown   int // how many are kept with all their steps
	most    int // how many are kept with some
	listed  int // how many are kept at all, with Lazy
	frames  [2][]int64
	changed atomic.Int64 // counts the changes
}

func newFirsts(o *Options) *firsts {
	f := &firsts{shown: o.Shown, most: o.Shown}
	if o.OnSession != nil {
		f.most = max(f.most, ExaminedSessions)
	}
	f.listed = f.most
	if o.Lazy {
		f.listed = max(f.listed, o.Built)
	}
	return f
}

// enter takes the first frame of a session just made, of those aside from the watched ports [0] or on them [1].
func (f *firsts) enter(group int, frame int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.frames[group]
	i, _ := slices.BinarySearch(list, frame)
	if i == f.listed {
		return
	}
	list = slices.Insert(list, i, frame)
	f.frames[group] = list[:min(len(list), f.listed)]
	f.changed.Add(1)
}

// lists reports whether a session of a group is among those that are kept at all, as far as is known.
func (f *firsts) lists(group int, firstFrame int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.frames[group]
	return len(list) < f.listed || f.listed > 0 && firstFrame <= list[f.listed-1]
}

// last are the latest first frames of sessions that keep all their steps, and of sessions that keep some.
func (f *firsts) last(group int) (shown, kept int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list, none := f.frames[group], int64(0)
	at := func(n int) int64 {
		switch {
		case n == 0:
			return none
		case len(list) < n:
			return math.MaxInt64
		}
		return list[n-1]
	}
	return at(f.shown), at(f.most)
}

// keep gives a session just made the list of steps that its place in the capture earns it. Segments come in batches, in
// which sessions are not made in order, so that some are kept at first that others displace; trim mends that.
func (t *worker) keep(c *conn, group int) {
	var full, kept bool
	if len(t.o.ShownIDs) > 0 {
		full = t.shows(group)
		kept = full || t.o.OnSession != nil && t.made[group] <= ExaminedSessions
	} else {
		t.firsts.enter(group, c.firstFrame)
		lastShown, lastKept := t.firsts.last(group)
		full, kept = c.firstFrame <= lastShown, c.firstFrame <= lastKept
	}
	if !kept {
		return
	}
	c.bits |= bitKept
	t.kept = append(t.kept, c)
	t.open(c)
	c.extra.steps = &stepList{brief: !full, most: t.o.MaxSteps}
	if full && len(t.o.ShownIDs) > 0 {
		c.bits |= bitShown
	}
}

// trim lets go of what was kept of sessions that turned out not to be among the first ones.
func (t *worker) trim() {
	if n := t.firsts.changed.Load(); n != t.trimmed && len(t.o.ShownIDs) == 0 {
		t.trimmed = n
		t.kept = slices.DeleteFunc(t.kept, t.displaced)
	}
}

// displaced takes away from a session what it has lost its right to, and reports whether that is everything.
func (t *worker) displaced(c *conn) bool {
	lastShown, lastKept := t.firsts.last(c.group())
	switch l := c.extra.steps; {
	case c.firstFrame > lastKept:
		c.bits &^= bitKept
		c.extra.steps = nil
		if !t.o.Samples {
			c.forgetSamples()
		}
		return true
	case l != nil && c.firstFrame > lastShown && !l.brief:
		c.extra.steps = l.shortened()
	}
	return false
}

// finished builds a session that is finished, without its steps, and gives it to Options.OnSession. What it returns is
// overwritten by the next one.
func (t *worker) finished(c *conn) *Session {
	steps := c.detachSteps() // not every session has them
	s := &t.scratch
	c.session(s, 0)
	s.Aside, s.Kept = !c.bits.has(bitWatched), c.bits.has(bitKept)
	if t.o.OnSession != nil {
		t.o.OnSession(s)
	}
	if c.details != nil {
		c.extra.steps = steps
		if c.extra.result != nil {
			c.extra.result.measured = nil
		}
	}
	return s
}

// detachSteps takes the list of steps, nil if there is none, away from a session.
func (c *conn) detachSteps() (l *stepList) {
	if c.details != nil {
		l, c.extra.steps = c.extra.steps, nil
	}
	return l
}

// forgetSamples drops what was kept for showing.
func (c *conn) forgetSamples() {
	if c.details == nil {
		return
	}
	if w := c.extra.streams; w != nil {
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
