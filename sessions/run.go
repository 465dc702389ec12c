package sessions

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/netip"
	"slices"
	"sync"

	"tcptrace/capture"
	"tcptrace/notebook"
)

// A Tracker turns the events of one capture into a Trace. It is not safe for concurrent use.
type Tracker struct {
	o              Options
	router         *router
	workers        []*worker
	dispatcher     *dispatcher // nil with one worker
	arps           []capture.ARP
	icmps          []capture.ICMPError
	grams          []capture.Datagram
	explainingLeft int64 // explaining packets beyond the cap
	strangers      int64 // datagrams that dropStrangers let go
	full           bool  // dropStrangers is of no more use
	routed         routed
	own            *Fault // a fault outside of the workers
	ended          bool
}

// MaxExplaining caps how many ARP packets, ICMP errors and journal datagrams are kept, each.
const MaxExplaining = 100_000

// NewTracker starts to track with the given number of workers. With more than one, Close or Finish must be called.
// The Trace is the same for any number of them.
func NewTracker(o Options, workers int) *Tracker {
	t := &Tracker{o: o}
	if len(o.ShownIDs) > 0 || o.OnStep != nil {
		workers = 1
	}
	t.router = newFront(&t.o)
	firsts := newFirsts(&t.o)
	for range max(workers, 1) {
		t.workers = append(t.workers, newWorker(&t.o, t.router.byPort, firsts))
	}
	if len(t.workers) > 1 {
		t.dispatcher = newDispatcher(t.workers)
	}
	return t
}

// Add takes the next event; what it borrows may be used again afterwards.
func (t *Tracker) Add(ev *capture.Event) {
	switch ev.Kind {
	case capture.KindSegment:
		t.addSegment(&ev.Segment)
	case capture.KindGap:
		t.gap()
	case capture.KindARP:
		if t.keeps(len(t.arps)) {
			t.arps = append(t.arps, ev.ARP)
		}
	case capture.KindICMPError:
		if t.keeps(len(t.icmps)) {
			t.icmps = append(t.icmps, ev.ICMPError)
		}
	case capture.KindDatagram:
		if len(t.grams) == MaxExplaining {
			t.dropStrangers()
		}
		if t.keeps(len(t.grams)) {
			d := ev.Datagram
			d.Payload = append([]byte(nil), d.Payload...)
			t.grams = append(t.grams, d)
		}
	}
}

// gap notes that nothing was captured for a while: no interval across it is one between two messages.
func (t *Tracker) gap() {
	if t.dispatcher != nil {
		t.dispatcher.drain()
	}
	for _, w := range t.workers {
		w.conns.each(func(c *conn) {
			if c.details != nil && c.extra.streams != nil {
				for d := range c.extra.streams.beats {
					c.extra.streams.beats[d].gap()
				}
			}
		})
	}
}

// dropStrangers lets go of the datagrams of hosts without a session so far, so that they do not take the places of a Pico's own.
// Where there are few of them it does so for the last time: the look at all sessions costs more than the places are worth.
func (t *Tracker) dropStrangers() {
	if t.full {
		return
	}
	if t.dispatcher != nil {
		t.dispatcher.drain()
	}
	hosts := map[netip.Addr]bool{}
	for _, w := range t.workers {
		w.conns.each(func(c *conn) { hosts[c.addr(c.key.a)], hosts[c.addr(c.key.b)] = true, true })
	}
	before := len(t.grams)
	t.grams = slices.DeleteFunc(slices.Clone(t.grams), func(d capture.Datagram) bool { return !hosts[d.Src.Addr()] })
	dropped := before - len(t.grams)
	t.strangers += int64(dropped)
	t.full = dropped < MaxExplaining/8
}

func (t *Tracker) keeps(n int) bool {
	if n < MaxExplaining {
		return true
	}
	t.explainingLeft++
	return false
}

func (t *Tracker) addSegment(seg *capture.Segment) {
	f, shard, ok := t.router.route(seg)
	if !ok {
		return
	}
	if t.dispatcher != nil {
		t.dispatcher.send(&f, shard, seg)
		return
	}
	t.routed = f
	t.workers[0].addOne(&t.routed, seg)
}

// Close stops the workers without a result.
func (t *Tracker) Close() {
	if t.dispatcher != nil && !t.ended {
		t.dispatcher.close()
	}
	t.ended = true
}

// Run reads src to its end and returns the trace of everything good in it. The error is nil at the end of input and
// when ctx ends; a *capture.Damage, a *Fault or a read error comes together with the trace of what was before it.
func Run(ctx context.Context, src capture.Source, o Options, workers int) (*Trace, error) {
	t := NewTracker(o, workers)
	defer t.Close()
	err := t.read(ctx, src)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	tr := t.Finish(src.Info())
	if f := t.Fault(); f != nil && err == nil {
		err = f
	}
	return tr, err
}

// read adds every event of src. A panic, in a decoder or here, is a fault at the packet after the latest segment.
func (t *Tracker) read(ctx context.Context, src capture.Source) (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.own = FaultOf(p, t.router.frame+1, 0)
		}
	}()
	var ev capture.Event
	begun := t.o.OnBegin == nil
	for n := 0; ; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			return nil
		}
		if err := src.Next(&ev); err != nil {
			return err
		}
		if !begun {
			if info := src.Info(); info.HasTimes || n == 0 {
				t.o.OnBegin(&info)
				begun = info.HasTimes
			}
		}
		t.Add(&ev)
	}
}

// Finish ends the capture and builds the trace. The tracker must not be used afterwards.
func (t *Tracker) Finish(info capture.Info) *Trace {
	t.Close()
	for _, w := range t.workers {
		w.horizon = t.router.attempts.horizon
	}
	onlyNotebook := t.router.byPort && t.router.notebook
	tr := &Trace{Capture: t.capture(info, onlyNotebook), ARPs: t.arps, ICMPs: t.icmps, Datagrams: t.grams, DroppedDatagrams: t.strangers}
	if t.o.Summary {
		t.summary(tr, onlyNotebook)
		tr.LetGo = t.letGo(onlyNotebook)
		return tr
	}
	tr.conns = t.collect(onlyNotebook)
	tr.left, tr.LetGo = t.left(onlyNotebook), t.letGo(onlyNotebook)
	tr.number = t.numbering(onlyNotebook)
	if !t.o.Counted {
		frames := make([]int64, len(tr.conns))
		for i, c := range tr.conns {
			frames[i] = c.firstFrame
		}
		tr.number = func(frame int64) int { n, _ := slices.BinarySearch(frames, frame); return n + 1 }
	}
	tr.build(t.built(len(tr.conns)))
	if t.o.OnSession != nil {
		tr.Examined = tr.Sessions[:min(len(tr.Sessions), ExaminedSessions)]
	}
	return tr
}

// built is how many of n sessions the options ask to build at once.
func (t *Tracker) built(n int) int {
	if t.o.Lazy {
		return min(n, t.o.Built)
	}
	return n
}

// build builds the first n sessions.
func (t *Trace) build(n int) {
	t.Sessions = make([]*Session, n)
	for i, c := range t.conns[:n] {
		t.Sessions[i] = &Session{FirstFrame: c.firstFrame, LastFrame: c.lastFrame}
		c.last(t.Sessions[i], i+1)
	}
	clear(t.conns[:n])
	if t.conns = t.conns[n:]; n == 0 {
		t.Sessions = nil
	}
}

// capture adds to the reader's counters what the front found.
func (t *Tracker) capture(info capture.Info, onlyNotebook bool) Capture {
	f := t.router
	c := Capture{Info: info, Watched: f.watched, Copies: f.copied, Backwards: f.backwards, ClockJumps: f.jumps,
		Offloaded: f.huge, Explaining: t.explainingLeft, Ports: t.o.Ports}
	if f.byPort {
		if onlyNotebook {
			c.Ports = notebook.Ports
		} else {
			c.Watched += f.other
			c.Copies += f.copiedOther
		}
	}
	return c
}

// collect finishes every session and sorts them by first frame.
func (t *Tracker) collect(onlyNotebook bool) []*conn {
	n := 0
	for _, w := range t.workers {
		n += w.conns.n
	}
	all := make([]*conn, 0, n)
	for _, w := range t.workers {
		w.conns.each(func(c *conn) {
			if t.o.Counted && w.forgets(c) {
				w.addUpGuarded(c)
				return
			}
			if w.finishGuarded(c, onlyNotebook) {
				all = append(all, c)
			}
		})
		w.conns, w.table = connList{}, table{}
	}
	slices.SortFunc(all, func(a, b *conn) int { return cmp.Compare(a.firstFrame, b.firstFrame) })
	if len(t.o.ShownIDs) == 0 {
		t.hide(all)
	}
	return all
}

// finishGuarded is finish; a session that makes it panic is left out, and is the worker's fault.
func (t *worker) finishGuarded(c *conn, onlyNotebook bool) (watched bool) {
	t.frame = c.firstFrame
	defer t.guard()
	return t.finish(c, onlyNotebook)
}

// addUpGuarded counts a session that is not kept, as finishGuarded.
func (t *worker) addUpGuarded(c *conn) {
	t.frame = c.firstFrame
	defer t.guard()
	t.flushPending(c)
	if c.unanswered(t.horizon) {
		t.letGo[c.group()]++
	}
	t.addUp(c)
}

// left is how many sessions are only counted.
func (t *Tracker) left(onlyNotebook bool) (n int) {
	for _, w := range t.workers {
		n += w.left[1]
		if !onlyNotebook {
			n += w.left[0]
		}
	}
	return n
}

// letGo is how many attempts to connect were let go.
func (t *Tracker) letGo(onlyNotebook bool) (n int64) {
	for _, w := range t.workers {
		n += w.letGo[1]
		if !onlyNotebook {
			n += w.letGo[0]
		}
	}
	return n
}

// numbering gives sessions their numbers by their first frames, those too that are no longer kept.
func (t *Tracker) numbering(onlyNotebook bool) func(frame int64) int {
	frames := sync.OnceValue(func() (all []int64) {
		for _, w := range t.workers {
			for g := range w.totals {
				if g > 0 || !onlyNotebook {
					all = w.totals[g].appendFirstFrames(all)
				}
			}
		}
		slices.Sort(all)
		return all
	})
	return func(frame int64) int { n, _ := slices.BinarySearch(frames(), frame); return n + 1 }
}

// finish finishes a session, and reports whether it is watched.
func (t *worker) finish(c *conn, onlyNotebook bool) bool {
	t.flushPending(c)
	if onlyNotebook && !c.bits.has(bitWatched) {
		return false
	}
	if !c.bits.has(bitDone) {
		t.finishStreams(c)
	}
	if t.o.OnSession != nil {
		t.finished(c)
	}
	return true
}

// hide drops what is kept of sessions that are not among the capture's first ones: between two looks of trim, and of
// sessions whose beginning was only understood later.
func (t *Tracker) hide(all []*conn) {
	examined := t.o.Shown
	if t.o.OnSession != nil {
		examined = max(examined, ExaminedSessions)
	}
	for i, c := range all {
		x := c.details
		switch {
		case i < t.o.Shown:
			c.bits |= bitShown
		case i < examined:
			if x != nil && x.extra.steps != nil && !x.extra.steps.brief {
				x.extra.steps = x.extra.steps.shortened()
			}
		case x != nil && c.bits.has(bitKept):
			x.extra.steps = nil
			if !t.o.Samples {
				c.forgetSamples()
			}
		}
	}
}

// forgetRest adds up the sessions that the end of the capture found open, or not yet forgotten.
func (t *worker) forgetRest() {
	t.conns.each(func(c *conn) {
		t.frame = c.firstFrame
		if c.unanswered(t.horizon) {
			t.letGo[c.group()]++
		}
		t.addUp(c)
	})
	t.conns, t.table = connList{}, table{}
}

// summary adds up what is left and merges the workers.
func (t *Tracker) summary(tr *Trace, onlyNotebook bool) {
	var sum totals
	var parts []*totals
	var finishing sync.WaitGroup
	for _, w := range t.workers {
		finishing.Go(func() {
			defer w.guard()
			w.forgetRest()
		})
	}
	finishing.Wait()
	for _, w := range t.workers {
		for g := range w.totals {
			if g == 0 && onlyNotebook {
				continue
			}
			sum.merge(&w.totals[g])
			parts = append(parts, &w.totals[g])
		}
		for _, s := range w.examined {
			if !onlyNotebook || !s.Aside {
				tr.Examined = append(tr.Examined, s)
			}
		}
	}
	tr.Summary = sum.summary(parts)
	slices.SortFunc(tr.Examined, func(a, b *Session) int { return cmp.Compare(a.FirstFrame, b.FirstFrame) })
	tr.Examined = tr.Examined[:min(len(tr.Examined), ExaminedSessions)]
	for i, s := range tr.Examined {
		s.ID = i + 1
	}
	tr.number = t.numbering(onlyNotebook)
}

// Number is the number of the session that begins with a frame: what its ID is, or would be. It may be asked of sessions
// that Options.OnSession was given, once the trace is finished.
func (t *Trace) Number(firstFrame int64) int {
	if t.number == nil {
		return 0
	}
	return t.number(firstFrame)
}

// Built are the sessions that are in memory: those that Sessions lists, and with a Summary those that are examined.
func (t *Trace) Built() []*Session {
	if t.Sessions == nil {
		return t.Examined
	}
	return t.Sessions
}

// Count is the number of sessions, built or not. It is 0 with a Summary.
func (t *Trace) Count() int { return len(t.Sessions) + len(t.conns) + t.left }

// Each calls fn with every session in order, building it if need be, until fn fails. Those that Options.Counted did not keep
// are not among them.
func (t *Trace) Each(fn func(*Session) error) error {
	return t.walk(fn, func() *Session { return &Session{} })
}

// Walk is Each for an fn that keeps nothing: a session that has to be built is fn's only until it returns.
func (t *Trace) Walk(fn func(*Session) error) error {
	var s Session
	return t.walk(fn, func() *Session { return &s })
}

func (t *Trace) walk(fn func(*Session) error, empty func() *Session) error {
	for _, s := range t.Sessions {
		if err := fn(s); err != nil {
			return err
		}
	}
	for i, c := range t.conns {
		s := empty()
		c.session(s, len(t.Sessions)+i+1)
		if err := fn(s); err != nil {
			return err
		}
	}
	return nil
}
