package sessions

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"sort"
	"sync"

	"tcptrace/capture"
)

// A Tracker turns the events of one capture into a Trace. It is not safe for concurrent use.
type Tracker struct {
	o      Options
	front  *front
	crew   []*worker
	seg    *dispatcher // nil with one worker
	arps   []capture.ARP
	icmps  []capture.ICMPError
	grams  []capture.Datagram
	noted  int64 // explaining packets beyond the cap
	filed  filed
	ended  bool
	failed error
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
	t.front = newFront(&t.o)
	for range max(workers, 1) {
		t.crew = append(t.crew, newWorker(&t.o, t.front.byPort))
	}
	if len(t.crew) > 1 {
		t.seg = newDispatcher(t.crew)
	}
	return t
}

// Add takes the next event; what it borrows may be used again afterwards.
func (t *Tracker) Add(ev *capture.Event) {
	switch ev.Kind {
	case capture.KindSegment:
		t.addSegment(&ev.Segment)
	case capture.KindARP:
		if t.room(len(t.arps)) {
			t.arps = append(t.arps, ev.ARP)
		}
	case capture.KindICMPError:
		if t.room(len(t.icmps)) {
			t.icmps = append(t.icmps, ev.ICMPError)
		}
	case capture.KindDatagram:
		if t.room(len(t.grams)) {
			d := ev.Datagram
			d.Payload = append([]byte(nil), d.Payload...)
			t.grams = append(t.grams, d)
		}
	}
}

func (t *Tracker) room(n int) bool {
	if n < MaxExplaining {
		return true
	}
	t.noted++
	return false
}

func (t *Tracker) addSegment(seg *capture.Segment) {
	f, ok := t.front.file(seg)
	if !ok {
		return
	}
	if t.seg != nil {
		t.seg.send(&f, seg)
		return
	}
	t.filed = f
	t.crew[0].add(&t.filed, seg)
}

// Close stops the workers without a result.
func (t *Tracker) Close() {
	if t.seg != nil && !t.ended {
		t.seg.close()
	}
	t.ended = true
}

// Run reads src to its end and returns the trace of everything good in it. The error is nil at the end of input and
// when ctx ends; a *capture.Damage or a read error comes together with the trace of what was before it.
func Run(ctx context.Context, src capture.Source, o Options, workers int) (*Trace, error) {
	t := NewTracker(o, workers)
	defer t.Close()
	var ev capture.Event
	var err error
	for n := 0; ; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			break
		}
		if err = src.Next(&ev); err != nil {
			break
		}
		t.Add(&ev)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return t.Finish(src.Info()), err
}

// Finish ends the capture and builds the trace. The tracker must not be used afterwards.
func (t *Tracker) Finish(info capture.Info) *Trace {
	t.Close()
	onlyNotebook := t.front.byPort && t.front.notebook
	tr := &Trace{Capture: t.capture(info, onlyNotebook), ARPs: t.arps, ICMPs: t.icmps, Datagrams: t.grams}
	if t.o.Summary {
		tr.Summary = t.summary(onlyNotebook)
		return tr
	}
	tr.conns = t.collect(onlyNotebook)
	if !t.o.Lazy {
		tr.Sessions = make([]*Session, 0, len(tr.conns))
		_ = tr.Each(func(s *Session) error { tr.Sessions = append(tr.Sessions, s); return nil })
		tr.conns = nil
	}
	return tr
}

// capture adds to the reader's counters what the front found.
func (t *Tracker) capture(info capture.Info, onlyNotebook bool) Capture {
	f := t.front
	c := Capture{Info: info, Watched: f.watched, Copies: f.copied, Backwards: f.backwards, ClockJumps: f.jumps,
		Offloaded: f.huge, Explaining: t.noted, Ports: t.o.Ports}
	if f.byPort {
		if onlyNotebook {
			c.Ports = NotebookPorts
		} else {
			c.Watched += f.other
			c.Copies += f.copiedOther
		}
	}
	return c
}

// collect finishes every session and sorts them by first frame.
func (t *Tracker) collect(onlyNotebook bool) []*conn {
	var all []*conn
	for _, w := range t.crew {
		for _, c := range w.conns {
			w.flushPending(c)
			if onlyNotebook && !c.bits.has(bitWatched) {
				continue
			}
			if !c.bits.has(bitDone) {
				w.finishStreams(c)
			}
			all = append(all, c)
		}
		w.conns, w.table = nil, table{}
	}
	slices.SortFunc(all, func(a, b *conn) int { return cmp.Compare(a.firstFrame, b.firstFrame) })
	if len(t.o.ShownIDs) == 0 {
		t.hide(all)
	}
	return all
}

// hide drops what a worker kept for a session that is among its own first ones, but not among the capture's.
func (t *Tracker) hide(all []*conn) {
	for i := t.o.Shown; i < len(all); i++ {
		x := all[i].extra
		if x == nil || x.steps == nil {
			continue
		}
		x.steps = nil
		if r := x.result; r != nil && !t.o.Samples {
			if r.echo != nil {
				r.echo.Samples, r.echo.SamplesLeftOut = nil, 0
			}
			if r.cadence != nil {
				r.cadence.Times, r.cadence.TimesLeftOut = nil, 0
			}
		}
	}
}

// summary folds what is left and merges the workers.
func (t *Tracker) summary(onlyNotebook bool) *Summary {
	var sum fold
	var parts []*fold
	for _, w := range t.crew {
		var rest []*conn
		w.table.each(func(c *conn) { rest = append(rest, c) })
		sort.Slice(rest, func(i, j int) bool { return rest[i].firstFrame < rest[j].firstFrame })
		for _, c := range rest {
			w.flushPending(c)
			w.foldIn(c)
		}
		for g := range w.fold {
			if g == 0 && onlyNotebook {
				continue
			}
			sum.merge(&w.fold[g])
			parts = append(parts, &w.fold[g])
		}
	}
	return sum.summary(parts)
}

// Each calls fn with every session in order, building it if need be, until fn fails.
func (t *Trace) Each(fn func(*Session) error) error {
	for _, s := range t.Sessions {
		if err := fn(s); err != nil {
			return err
		}
	}
	for i, c := range t.conns {
		if err := fn(c.session(i + 1)); err != nil {
			return err
		}
	}
	return nil
}

// A batch is what the dispatcher hands to a worker: segments, with their payload and rarer parts behind them.
type batch struct {
	items   []item
	arena   []byte
	options []capture.Options
}

// An item is a segment on its way to a worker, without what only the front needs: half the size, because moving
// segments from one core to the other is a good part of the cost.
type item struct {
	filed
	frame, time  int64
	seq, ack     uint32
	length       int32
	payload      int32 // bytes in the arena, from at on
	at           int32
	options      int32 // index + 1, 0 for none that matter to a worker
	window, ipid uint16
	flags        capture.Flags
	ttl          uint8
	bits         uint8
	mac          capture.MAC
}

const (
	itemHasTime = 1 << iota
	itemDF
	itemHasMAC
	itemNoWindow
)

// put packs a segment.
func (b *batch) put(f *filed, seg *capture.Segment) {
	b.items = append(b.items, item{filed: *f, frame: seg.Frame, time: seg.Time, seq: seg.Seq, ack: seg.Ack,
		length: int32(min(seg.Length, 1<<30)), payload: int32(len(seg.Payload)), at: int32(len(b.arena)),
		window: seg.Window, ipid: seg.IPID, flags: seg.Flags, ttl: seg.TTL, mac: seg.SrcMAC})
	it := &b.items[len(b.items)-1]
	b.arena = append(b.arena, seg.Payload...)
	if seg.HasTime {
		it.bits |= itemHasTime
	}
	if seg.DontFragment {
		it.bits |= itemDF
	}
	if seg.HasSrcMAC {
		it.bits |= itemHasMAC
	}
	if seg.NoWindow {
		it.bits |= itemNoWindow
	}
	if seg.Options.Set&^capture.HasTimestamps != 0 {
		b.options = append(b.options, seg.Options)
		it.options = int32(len(b.options))
	}
}

// get unpacks a segment into seg; its payload is borrowed from the batch.
func (b *batch) get(it *item, seg *capture.Segment) {
	seg.Frame, seg.Time, seg.HasTime = it.frame, it.time, it.bits&itemHasTime != 0
	seg.Seq, seg.Ack, seg.Length = it.seq, it.ack, int(it.length)
	seg.Payload = b.arena[it.at : it.at+it.payload : it.at+it.payload]
	seg.Window, seg.IPID, seg.Flags, seg.TTL = it.window, it.ipid, it.flags, it.ttl
	seg.DontFragment, seg.HasSrcMAC, seg.SrcMAC = it.bits&itemDF != 0, it.bits&itemHasMAC != 0, it.mac
	seg.NoWindow = it.bits&itemNoWindow != 0
	seg.Options.Set = 0
	if it.options > 0 {
		seg.Options = b.options[it.options-1]
	}
}

const (
	batchSegments = 4096
	batchBytes    = 512 << 10
	batchesAhead  = 2 // per worker: what bounds the memory between reader and workers
)

// groupSlots is how many lists a batch is sorted into.
const groupSlots = 4096

// warmAhead is how many lists are brought into the cache together.
const warmAhead = 16

// A grouping sorts the segments of a batch by session.
type grouping struct {
	head, tail [groupSlots]int16 // of each list: index + 1, 0 for an empty one
	next       [batchSegments]int16
	used       []int16
	warmed     int64 // what warm read, so that its loads are not optimised away
}

// grouping reports whether the order of segments of different sessions does not matter: when no session is chosen by
// its number.
func (t *worker) grouping() bool { return t.o.Shown == 0 && len(t.o.ShownIDs) == 0 && t.onStep == nil }

// addGrouped takes a batch session by session, because most of the cost of a segment is to bring its session into the
// cache. Segments of one session keep their order.
func (t *worker) addGrouped(b *batch) {
	g := &t.groups
	g.sort(b)
	for from := 0; from < len(g.used); from += warmAhead {
		lists := g.used[from:min(from+warmAhead, len(g.used))]
		t.warm(b, lists)
		for _, k := range lists {
			for i := g.head[k]; i > 0; i = g.next[i-1] {
				t.addItem(b, &b.items[i-1])
			}
			g.head[k] = 0
		}
	}
}

// addItem unpacks and takes one segment.
func (t *worker) addItem(b *batch, it *item) {
	b.get(it, &t.unpacked)
	t.add(&it.filed, &t.unpacked)
}

// sort puts every segment into the list of its session's hash.
func (g *grouping) sort(b *batch) {
	g.used = g.used[:0]
	for i := range b.items {
		k := b.items[i].hash >> 20 & (groupSlots - 1)
		n := int16(i + 1)
		g.next[i] = 0
		if g.head[k] == 0 {
			g.head[k] = n
			g.used = append(g.used, int16(k))
		} else {
			g.next[g.tail[k]-1] = n
		}
		g.tail[k] = n
	}
}

// warm touches what the first session of each list will need, step by step along the pointers: the processor overlaps
// loads that do not depend on each other, which it cannot do during the long work on one segment.
func (t *worker) warm(b *batch, lists []int16) {
	g := &t.groups
	var conns [warmAhead]*conn
	for i, k := range lists {
		f := &b.items[g.head[k]-1]
		conns[i] = t.table.slots[f.hash&uint64(len(t.table.slots)-1)]
		for n := g.head[k]; n > 0; n = g.next[n-1] {
			g.warmed += b.items[n-1].frame + int64(b.items[n-1].ttl)
		}
	}
	var works [warmAhead]*work
	for i := range lists {
		if c := conns[i]; c != nil && c.flows != nil {
			works[i] = c.extra.work
			g.warmed += c.flows[0].next + c.flows[1].acked + c.lastTime
		}
	}
	for _, w := range works[:len(lists)] {
		if w != nil {
			g.warmed += w.stream[0].pos + w.stream[1].pos + int64(w.rtt[0].head+w.rtt[1].head) + w.parser.at + w.parser.answered + w.beats[0].start
		}
	}
}

// A dispatcher spreads segments over workers by four-tuple, so that every session has one worker.
type dispatcher struct {
	open  []*batch
	full  []chan *batch
	empty chan *batch
	done  sync.WaitGroup
}

func newDispatcher(crew []*worker) *dispatcher {
	d := &dispatcher{empty: make(chan *batch, len(crew)*(batchesAhead+2))}
	for _, w := range crew {
		ch := make(chan *batch, batchesAhead)
		d.full = append(d.full, ch)
		d.open = append(d.open, d.fresh())
		d.done.Add(1)
		go d.work(w, ch)
	}
	return d
}

func (d *dispatcher) work(w *worker, in <-chan *batch) {
	defer d.done.Done()
	for b := range in {
		if w.grouping() {
			w.addGrouped(b)
		} else {
			for i := range b.items {
				w.addItem(b, &b.items[i])
			}
		}
		b.items, b.arena, b.options = b.items[:0], b.arena[:0], b.options[:0]
		select {
		case d.empty <- b:
		default:
		}
	}
}

func (d *dispatcher) fresh() *batch {
	select {
	case b := <-d.empty:
		return b
	default:
		return &batch{items: make([]item, 0, batchSegments), arena: make([]byte, 0, batchBytes)}
	}
}

// send copies a segment into the batch of its worker.
func (d *dispatcher) send(f *filed, seg *capture.Segment) {
	i := int((f.hash >> 32) % uint64(len(d.open)))
	b := d.open[i]
	if len(b.items) == batchSegments || len(b.arena)+len(seg.Payload) > cap(b.arena) && len(b.items) > 0 {
		d.full[i] <- b
		b = d.fresh()
		d.open[i] = b
	}
	b.put(f, seg)
}

// close hands over what is left and waits for the workers.
func (d *dispatcher) close() {
	for i, b := range d.open {
		d.full[i] <- b
		close(d.full[i])
	}
	d.done.Wait()
}
