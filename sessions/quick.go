package sessions

import "tcptrace/capture"

// quickNever are the bits of a session none of whose segments is usual.
const quickNever = bitPending | bitCrossed | bitDone | bitUntimed

// quick takes the usual segment at once, and reports whether it was one: an ACK, with payload or without, of a connection
// where both ends are established, that comes in time and in order, has no options that tell anything, and finds nothing
// missing, closed or probed. It does what add and handle would do, without what they would find to be nothing; every condition
// names what it leaves out. That both give the same is what the tests with one worker and with several compare.
func (t *worker) quick(b *batch, it *item) bool {
	if it.flags&^capture.PSH != capture.ACK || it.options != 0 || it.window == 0 ||
		it.bits&(itemHasTime|itemNoWindow|itemCopied) != itemHasTime {
		return false
	}
	key := b.key(it)
	c := t.table.find(&key)
	if c == nil || !c.isUsual(it) {
		return false
	}
	d := it.d()
	mine, peer := &c.flows[d], &c.flows[1-d]
	ack := peer.offset(it.ack)
	if ack < peer.acked {
		return false
	}
	duplicate := it.length == 0 && ack == peer.acked && it.window == mine.raw && !peer.probed
	c.packets[d]++
	c.lastFrame, c.lastAt, c.lastTime = b.frame+int64(it.frame), it.offset, it.time
	c.completeness |= completeACK
	mine.probed = false
	from := mine.next
	if it.length > 0 {
		t.quickPayload(c, b, it)
	}
	s := &t.arrival
	*s = arrival{seg: &t.unpacked, d: d, now: it.time, from: from, ack: ack}
	if duplicate {
		mine.duplicateACKs++
		s.marks = MarkDuplicateACK
	}
	if ack > peer.acked || peer.retransmitted > 0 {
		t.unpacked.Options.Set, t.unpacked.Frame = 0, c.lastFrame
		c.checkSpurious(s)
		if ack > peer.acked {
			c.advanceACK(s)
		}
	}
	mine.raw, mine.window = it.window, int64(it.window)<<mine.shift
	if c.extra.steps != nil {
		t.quickStep(c, b, it)
	}
	return true
}

// isUsual reports whether a session is in the state in which a segment can be usual, and whether the segment is the next
// one that was to be expected.
func (c *conn) isUsual(it *item) bool {
	if c.details == nil || c.bits&quickNever != 0 || !c.bits.has(bitACKed) || it.time < c.lastTime ||
		c.states != [2]State{Established, Established} {
		return false
	}
	mine, peer, x := &c.flows[it.d()], &c.flows[1-it.d()], &c.extra
	if it.seq != mine.base+uint32(mine.next) || mine.next != mine.edge || mine.hasFIN || peer.hasFIN ||
		len(mine.islands) > 0 || len(peer.islands) > 0 || !mine.ackSet || !peer.ackSet || peer.window == 0 {
		return false
	}
	w, what := x.streams, historyACK
	if it.length > 0 {
		if what |= historyData; mine.bytes == 0 {
			return false // it may be the first byte seen
		}
	}
	return w != nil && w.opened && len(w.stream[it.d()].waiting) == 0 && what&^x.history.seen[c.side(it.d())] == 0
}

// quickPayload is what payload does with bytes that are new and next.
func (t *worker) quickPayload(c *conn, b *batch, it *item) {
	f, w := &c.flows[it.d()], c.extra.streams
	from := f.next
	to := from + int64(it.length)
	c.completeness |= completeData
	f.data++
	f.fresh++
	f.maxLength = max(f.maxLength, it.length)
	f.bytes += int64(it.length)
	f.edge, f.next, f.lastTime = to, to, it.time
	data := b.arena[it.at : it.at+it.payload : it.at+it.payload]
	if w.textLen[it.d()] == 0 {
		w.textLen[it.d()] = uint8(copy(w.text[it.d()][:], data))
	}
	t.chunk = chunk{data: data, length: int64(it.length), time: it.time, frame: c.lastFrame, push: it.flags&pushFlag != 0}
	w.stream[it.d()].add(from, &t.chunk)
	w.rtt[it.d()].sent(to, it.time)
}

// quickStep keeps the step of a segment that was taken.
func (t *worker) quickStep(c *conn, b *batch, it *item) {
	b.get(it, &t.routed, &t.unpacked)
	if it.length > 0 {
		t.arrival.marks |= MarkNewData
	}
	t.step(c, &t.arrival)
}
