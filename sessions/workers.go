package sessions

import (
	"math"
	"sync"

	"tcptrace/capture"
)

// A batch is what the dispatcher hands to a worker: segments, with their payload and rarer parts behind them.
type batch struct {
	frame   int64   // of the first segment
	horizon horizon // of all
	items   []item
	arena   []byte
	options []capture.Options
	keys    []connKey     // of IPv6
	done    chan struct{} // closed by the worker instead of taking segments; nil for a usual batch
}

// An item is a segment on its way to a worker in 72 bytes, without what only the router needs: moving
// segments from one core to the other is a good part of the cost.
type item struct {
	a, b         uint32 // IPv4 addresses, as in connKey; of IPv6 a is an index into keys
	pa, pb       uint16
	hash         uint32
	time, offset int64
	frame        uint32 // after the first of the batch
	seq, ack     uint32
	length       int32
	payload      int32 // bytes in the arena, from at on
	at           int32
	options      uint16 // index + 1, 0 for none that matter to a worker
	window, ipid uint16
	bits         itemBits
	flags        capture.Flags
	ttl          uint8
	mac          capture.MAC
}

type itemBits uint8

const (
	itemReverse itemBits = 1 << iota // sent by end b
	itemIPv6
	itemCopied
	itemWatched
	itemHasTime
	itemDF
	itemHasMAC
	itemNoWindow
)

// bit is b or nothing.
func (b itemBits) bit(yes bool) itemBits {
	if yes {
		return b
	}
	return 0
}

// d is the direction of a segment.
func (it *item) d() int { return int(it.bits & itemReverse) }

// put packs a segment.
func (b *batch) put(f *routed, seg *capture.Segment) {
	if len(b.items) == 0 {
		b.frame, b.horizon = seg.Frame, f.horizon
	}
	k := &f.key
	b.items = append(b.items, item{a: uint32(k.a.lo), b: uint32(k.b.lo), pa: k.pa, pb: k.pb, hash: k.hash,
		time: seg.Time, offset: seg.Offset, frame: uint32(seg.Frame - b.frame), seq: seg.Seq, ack: seg.Ack,
		length: int32(min(seg.Length, 1<<30)), payload: int32(len(seg.Payload)), at: int32(len(b.arena)),
		window: seg.Window, ipid: seg.IPID, flags: seg.Flags, ttl: seg.TTL, mac: seg.SrcMAC,
		bits: itemBits(f.d) | itemIPv6.bit(!f.isIPv4) | itemCopied.bit(f.copied) | itemWatched.bit(f.watched) |
			itemHasTime.bit(seg.HasTime) | itemDF.bit(seg.DontFragment) | itemHasMAC.bit(seg.HasSrcMAC) | itemNoWindow.bit(seg.NoWindow)})
	it := &b.items[len(b.items)-1]
	b.arena = append(b.arena, seg.Payload...)
	if !f.isIPv4 {
		it.a = uint32(len(b.keys))
		b.keys = append(b.keys, *k)
	}
	if seg.Options.Set&^capture.HasTimestamps != 0 {
		b.options = append(b.options, seg.Options)
		it.options = uint16(len(b.options))
	}
}

// key is the connection of a segment.
func (b *batch) key(it *item) connKey {
	if it.bits&itemIPv6 != 0 {
		return b.keys[it.a]
	}
	return connKey{a: ipv4Address(it.a), b: ipv4Address(it.b), pa: it.pa, pb: it.pb, hash: it.hash}
}

// get unpacks a segment into f and seg; its payload is borrowed from the batch.
func (b *batch) get(it *item, f *routed, seg *capture.Segment) {
	*f = routed{key: b.key(it), d: int8(it.d()), isIPv4: it.bits&itemIPv6 == 0, copied: it.bits&itemCopied != 0,
		watched: it.bits&itemWatched != 0}
	seg.Frame, seg.Time, seg.HasTime, seg.Offset = b.frame+int64(it.frame), it.time, it.bits&itemHasTime != 0, it.offset
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

// fits reports whether another segment has room.
func (b *batch) fits(f *routed, seg *capture.Segment) bool {
	return len(b.items) == 0 || len(b.items) < batchSegments && b.horizon == f.horizon && len(b.arena)+len(seg.Payload) <= cap(b.arena) &&
		seg.Frame-b.frame <= math.MaxUint32
}

// empty makes a batch ready for others.
func (b *batch) empty() {
	b.items, b.arena, b.options, b.keys = b.items[:0], b.arena[:0], b.options[:0], b.keys[:0]
}

const (
	batchSegments = 12288
	batchBytes    = 384 << 10
	batchesAhead  = 1 // per worker: what bounds the memory between reader and workers
)

// groupSlots is how many lists a batch is sorted into.
const groupSlots = 8192

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
func (t *worker) grouping() bool { return len(t.o.ShownIDs) == 0 && t.onStep == nil }

// addBatch takes a batch, unless the worker has stopped.
func (t *worker) addBatch(b *batch) {
	if t.fault != nil {
		return
	}
	t.horizon = b.horizon
	defer t.guard()
	if t.grouping() {
		t.addGrouped(b)
		return
	}
	for i := range b.items {
		t.addItem(b, &b.items[i])
	}
}

// addOne takes a segment without a batch, unless the worker has stopped.
func (t *worker) addOne(f *routed, seg *capture.Segment) {
	if t.fault != nil {
		return
	}
	t.frame, t.horizon = seg.Frame, f.horizon
	defer t.guard()
	t.add(f, seg)
}

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
	t.trim()
}

// addItem takes one segment, unpacking it if it is not a usual one.
func (t *worker) addItem(b *batch, it *item) {
	t.frame = b.frame + int64(it.frame)
	if t.onStep != nil || !t.quick(b, it) {
		b.get(it, &t.routed, &t.unpacked)
		t.add(&t.routed, &t.unpacked)
		return
	}
	if t.counted() {
		t.sweep(it.time)
	}
}

// sort puts every segment into the list of its session's hash.
func (g *grouping) sort(b *batch) {
	g.used = g.used[:0]
	for i := range b.items {
		k := b.items[i].hash >> 16 & (groupSlots - 1)
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
		conns[i] = *t.table.slot(f.hash)
		for n := g.head[k]; n > 0; n = g.next[n-1] {
			g.warmed += int64(b.items[n-1].hash) + int64(b.items[n-1].ttl)
		}
	}
	var works [warmAhead]*streams
	for i := range lists {
		if c := conns[i]; c != nil && c.details != nil {
			works[i] = c.extra.streams
			g.warmed += c.lastTime + c.flows[0].touch() + c.flows[1].touch()
		}
	}
	for _, w := range works[:len(lists)] {
		if w != nil {
			g.warmed += w.touch()
		}
	}
	for _, w := range works[:len(lists)] {
		if w != nil {
			g.warmed += w.touchLists()
		}
	}
}

// touch reads from every part of a flow.
func (f *flow) touch() int64 {
	return int64(f.base) + f.acked + f.edge + f.bytes + f.minRTT + int64(f.retransmitted)
}

// touch reads from every part of a work.
func (w *streams) touch() int64 {
	p := &w.parser
	sum := p.at + p.end + p.answered + p.reported.to + int64(p.pieces.start) + int64(len(p.parses)) + int64(len(w.echoRTT.raw))
	for d := range w.stream {
		sum += w.stream[d].pos + int64(w.rtt[d].head) + int64(len(w.rtt[d].series.raw)) + w.beats[d].start + int64(w.sinks[d].d)
	}
	return sum
}

// touchLists reads where a work's lists will be read and grow.
func (w *streams) touchLists() (sum int64) {
	p := &w.parser
	if n := len(p.request.all); n > 0 {
		sum += int64(p.request.all[n-1])
	}
	if p.pieces.len() > 0 {
		sum += p.pieces.items()[0].time
	}
	if len(p.parses) > 0 {
		sum += p.parses[0].run.to
	}
	for d := range w.rtt {
		if n := len(w.rtt[d].series.raw); n > 0 {
			sum += w.rtt[d].series.raw[n-1]
		}
		if n := len(w.rtt[d].queue); n > 0 {
			sum += w.rtt[d].queue[n-1].time
		}
		if n := len(w.beats[d].beats.times); n > 0 {
			sum += w.beats[d].beats.times[n-1]
		}
	}
	return sum
}

// A dispatcher spreads segments over workers by four-tuple, so that every session has one worker.
type dispatcher struct {
	open  []*batch
	full  []chan *batch
	empty chan *batch
	done  sync.WaitGroup
}

func newDispatcher(workers []*worker) *dispatcher {
	d := &dispatcher{empty: make(chan *batch, len(workers)*(batchesAhead+2))}
	for _, w := range workers {
		ch := make(chan *batch, batchesAhead)
		d.full = append(d.full, ch)
		d.open = append(d.open, d.emptyBatch())
		d.done.Add(1)
		go d.work(w, ch)
	}
	return d
}

func (d *dispatcher) work(w *worker, in <-chan *batch) {
	defer d.done.Done()
	for b := range in {
		if b.done != nil {
			close(b.done)
			continue
		}
		w.addBatch(b)
		b.empty()
		select {
		case d.empty <- b:
		default:
		}
	}
}

func (d *dispatcher) emptyBatch() *batch {
	select {
	case b := <-d.empty:
		return b
	default:
		return &batch{items: make([]item, 0, batchSegments), arena: make([]byte, 0, batchBytes)}
	}
}

// send copies a segment into the batch of its worker.
func (d *dispatcher) send(f *routed, shard uint32, seg *capture.Segment) {
	i := int(shard % uint32(len(d.open)))
	b := d.open[i]
	if !b.fits(f, seg) {
		d.full[i] <- b
		b = d.emptyBatch()
		d.open[i] = b
	}
	b.put(f, seg)
}

// drain hands over what is left and waits until the workers have taken it. They wait for the next batch then.
func (d *dispatcher) drain() {
	for i, b := range d.open {
		d.full[i] <- b
		d.open[i] = d.emptyBatch()
		taken := &batch{done: make(chan struct{})}
		d.full[i] <- taken
		<-taken.done
	}
}

// close hands over what is left and waits for the workers.
func (d *dispatcher) close() {
	for i, b := range d.open {
		d.full[i] <- b
		close(d.full[i])
	}
	d.done.Wait()
}
