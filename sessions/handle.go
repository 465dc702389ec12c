package sessions

import (
	"tcptrace/capture"
)

// longestGuess is the least time between a loss and its repetition where no round trip is known: 3 ms, the
// figure Wireshark uses for "out of order".
const longestGuess = 3_000_000 // ns

// An arrival is one segment that is being handled: what was found out about it so far.
type arrival struct {
	seg   *capture.Segment
	d     int // direction
	now   int64
	marks Mark
	from  int64 // stream offset of the payload
	to    int64
	ack   int64 // stream offset of the other direction; valid iff ACK
	fresh int64
}

// handle takes one segment that belongs to c. What it does to the streams and states, it does here, in the
// order in which a TCP would: payload, FIN, ACK, window, state.
func (t *worker) handle(c *conn, d int, seg *capture.Segment) {
	s := &t.arrival
	*s = arrival{seg: seg, d: d, now: timeOf(seg)}
	t.arrive(c, s)
	before := c.states
	if c.bits.has(bitCrossed) && c.crossed != int8(d) {
		c.uncross(d)
	}
	if c.details == nil && c.needsHistory(seg.Flags) {
		t.open(c)
		c.zeekSoFar(&c.extra.history, nil)
	}
	if seg.Flags&(capture.SYN|capture.RST) != 0 {
		t.control(c, s)
	} else {
		t.ordinary(c, s)
	}
	c.zeek(s)
	if c.states != before {
		s.marks |= MarkStateChange
	}
	t.step(c, s)
	if c.over() && !c.bits.has(bitDone) {
		t.finishStreams(c)
	}
}

// arrive does the counting that every frame gets.
func (t *worker) arrive(c *conn, s *arrival) {
	c.packets[s.d]++
	c.lastFrame, c.lastAt = s.seg.Frame, s.seg.Offset
	switch {
	case s.now == noTime:
		c.bits |= bitUntimed
	case c.lastTime != noTime && s.now < c.lastTime:
		c.bits |= bitBackwards
		c.lastTime = s.now
	default:
		c.lastTime = s.now
	}
	if c.firstTime == noTime {
		c.firstTime = s.now
	}
	f := &c.syn[s.d]
	if !f.has(synAny) {
		f.set(synAny, true)
		f.ttl, f.ipid = s.seg.TTL, s.seg.IPID
		f.set(synDF, s.seg.DontFragment)
		f.set(synHasMAC, s.seg.HasSrcMAC)
		f.mac = s.seg.SrcMAC
	}
	if s.d != int(c.client) {
		c.bits |= bitServerIn
	}
	c.completeness |= completenessOf(c, s)
}

// control handles SYN, SYN+ACK and RST.
func (t *worker) control(c *conn, s *arrival) {
	switch f := s.seg.Flags; {
	case f&capture.RST != 0:
		c.reset(s)
	case f&capture.ACK != 0:
		t.synack(c, s)
	default:
		t.synchronise(c, s)
	}
}

// noteSYN keeps what a SYN or SYN+ACK says about its sender.
func (c *conn) noteSYN(s *arrival) (repeated bool) {
	f := &c.syn[s.d]
	if f.has(synSeen) && f.isn == s.seg.Seq {
		return true
	}
	o := &s.seg.Options
	another := f.has(synSeen)
	f.set(synSeen, true)
	f.isn, f.window, f.options = s.seg.Seq, s.seg.Window, o.Set
	f.ttl, f.ipid = s.seg.TTL, s.seg.IPID
	f.set(synDF, s.seg.DontFragment)
	f.mss, f.shift = 0, 0
	if o.Set&capture.HasMSS != 0 {
		f.mss = o.MSS
	}
	if o.Set&capture.HasWindowScale != 0 {
		f.shift = min(o.WindowScale, 14) // RFC 7323 section 2.3
	}
	switch {
	case c.details == nil: // open will start at the latest SYN
	case another && c.flows[s.d].onlySYN():
		c.flows[s.d].base = s.seg.Seq + 1
	default:
		c.learnBase(s.d, s.seg.Seq+1)
	}
	return false
}

// onlySYN reports whether nothing has come of a flow but its SYN, so that another SYN starts it anew.
func (f *flow) onlySYN() bool {
	return f.next == 0 && f.edge == 0 && f.first == 0 && f.data == 0 && !f.ackSet && !f.hasFIN && len(f.islands) == 0
}

// learnBase puts offset 0 of a direction at the byte after its SYN. When data was seen before the SYN (a capture
// out of order), what was counted from another zero is moved.
func (c *conn) learnBase(d int, base uint32) {
	f := &c.flows[d]
	if !f.known {
		f.start(base)
		return
	}
	shift := int64(int32(f.base - base))
	if shift == 0 {
		return
	}
	f.base = base
	f.next += shift
	f.first += shift
	f.edge += shift
	f.acked += shift
	f.fin += shift
	for i := range f.islands {
		f.islands[i].start += shift
		f.islands[i].end += shift
	}
	if w := c.extra.streams; w != nil {
		w.rtt[d].queue, w.rtt[d].head = nil, 0
		st := &w.stream[d]
		st.pos += shift
		for i := range st.waiting {
			st.waiting[i].at += shift
		}
	}
}

// synchronise handles a SYN without ACK.
func (t *worker) synchronise(c *conn, s *arrival) {
	c.syns++
	if c.noteSYN(s) {
		s.marks |= MarkSYNRepeated
	}
	peer := 1 - s.d
	if !c.bits.has(bitSYNACK) {
		if s.d == int(c.client) {
			c.synTime, c.synFrame = s.now, s.seg.Frame
		} else if c.syn[peer].has(synSeen) && c.states[peer] == SynSent && !c.states[s.d].synchronised() {
			c.crossedSYN(s.d)
		}
	}
	if c.states[s.d].synchronised() || c.states[s.d] == Closed && c.bits.has(bitRST) {
		s.marks |= MarkIgnored
		return
	}
	c.states[s.d] = c.states[s.d].next(sendSYN)
	if !c.states[peer].synchronised() {
		c.states[peer] = c.states[peer].next(recvSYN)
	}
	t.payload(c, s, s.seg.Seq+1)
}

// crossedSYN handles a SYN that left before the peer's SYN had come: both sides open (RFC 9293 figure 8). What the
// peer's SYN was taken to have done is taken back until the peer's next segment, which arrives after it.
func (c *conn) crossedSYN(d int) {
	if c.bits.has(bitSimOpen) {
		return
	}
	c.bits |= bitSimOpen | bitCrossed
	c.crossed = int8(d)
	c.states[d] = Closed
	c.mendSteps(d, SynReceived, Closed)
}

// crossedFIN handles a FIN whose ACK field shows that the peer's FIN had not come yet: both sides close (RFC 9293
// figure 13).
func (c *conn) crossedFIN(d int) {
	peer := 1 - d
	if !c.flows[peer].finIn || c.states[d] != CloseWait {
		return
	}
	c.bits |= bitCrossed
	c.crossed = int8(d)
	c.flows[peer].finIn = false
	c.states[d] = Established
	c.mendSteps(d, CloseWait, Established)
}

// uncross lets the segment that crossed arrive: it was sent before the one that direction d sends now.
func (c *conn) uncross(d int) {
	peer := 1 - d
	c.bits &^= bitCrossed
	if c.states[peer] == SynSent {
		c.states[peer] = SynReceived
	}
	if c.details != nil && c.flows[d].hasFIN {
		c.takeFIN(d)
	}
}

// synack handles SYN+ACK.
func (t *worker) synack(c *conn, s *arrival) {
	if c.noteSYN(s) && c.syn[s.d].has(synACKSeen) {
		s.marks |= MarkSYNRepeated
	}
	c.syn[s.d].set(synACKSeen, true)
	f := t.open(c)
	peer := 1 - s.d
	f[peer].start(s.seg.Ack)
	c.learnScale()
	// With data in the SYN (RFC 7413) the answer may cover the data too.
	answers := !c.syn[peer].has(synSeen) || s.seg.Ack-(c.syn[peer].isn+1) <= uint32(f[peer].next)
	if !answers {
		s.marks |= MarkIgnored
		return
	}
	if !c.bits.has(bitSYNACK) {
		c.bits |= bitSYNACK
		c.extra.synackFrame, c.extra.synackTime = s.seg.Frame, s.now
		if c.syn[peer].has(synSeen) {
			c.bits |= bitInOrder
			f[peer].sawRTT(c.synTime, s.now)
		}
	}
	c.states[s.d] = c.states[s.d].next(sendSYNACK)
	c.states[peer] = c.states[peer].next(recvSYNACK)
	f[s.d].offer(s.seg, 0)
	t.payload(c, s, s.seg.Seq+1)
	c.acknowledge(s)
}

// learnScale puts the window scales in force once both SYNs were seen (RFC 7323 section 2.2: both must offer it).
func (c *conn) learnScale() {
	a, b := &c.syn[0], &c.syn[1]
	if a.has(synSeen) && b.has(synSeen) && a.options&b.options&capture.HasWindowScale != 0 {
		c.flows[0].shift, c.flows[1].shift = a.shift, b.shift
	}
}

// open makes sure that there is room for data.
func (t *worker) open(c *conn) *[2]flow {
	if c.details == nil {
		c.details = t.conns.details()
		for d := range c.syn {
			if c.syn[d].has(synSeen) {
				c.flows[d].start(c.syn[d].isn + 1)
			}
		}
		if !c.bits.has(bitDone) {
			c.extra.streams = t.newStreams()
		}
	}
	return &c.flows
}

// reset handles RST: it counts only inside the receiver's window (RFC 9293 section 3.5.3).
func (c *conn) reset(s *arrival) {
	peer := 1 - s.d
	c.syn[s.d].set(synSentRST, true)
	if s.seg.Window == lwipResetWindow {
		c.syn[s.d].set(synRSTWin25, true)
	}
	if !c.acceptableRST(s) {
		s.marks |= MarkIgnored
		return
	}
	refused := c.states[peer] == SynSent && !c.bits.has(bitSYNACK)
	c.close(s)
	if c.states[0] != Closed || c.states[1] != Closed {
		c.bits |= bitRST
		if refused {
			c.bits |= bitRefused
		}
	}
	c.states = [2]State{Closed, Closed}
}

// close notes who ended the connection first, by FIN or RST. When each side's left before the other's had arrived, neither
// was first, and which one a capture shows first depends on where it was made. An ACK field that does not cover the other's
// FIN tells, and a FIN after the other's RST: who has received a RST has no connection left to close.
func (c *conn) close(s *arrival) {
	peer := 1 - s.d
	switch {
	case c.closedFirst < 0:
		c.closedFirst = int8(s.d)
	case int(c.closedFirst) != peer || c.details == nil:
	case s.seg.Flags&capture.FIN != 0 && c.bits.has(bitRST):
		c.syn[s.d].set(synCrossedClose, true)
	case c.flows[peer].hasFIN && s.seg.Flags&capture.ACK != 0 && c.flows[peer].offset(s.seg.Ack) <= c.flows[peer].fin:
		c.syn[s.d].set(synCrossedClose, true)
	}
}

// lwipResetWindow is the window field of lwIP's RST: TCP_WND with its bytes swapped (docs/pico.md 4.2).
const lwipResetWindow = 25

// acceptableRST applies the rule of the receiver's state.
func (c *conn) acceptableRST(s *arrival) bool {
	peer := 1 - s.d
	if c.states[peer] == SynSent && c.syn[peer].has(synSeen) {
		return s.seg.Flags.Has(capture.ACK) && s.seg.Ack == c.syn[peer].isn+1
	}
	if c.details == nil || !c.flows[s.d].known {
		if c.syn[s.d].has(synSeen) { // the client takes its own SYN back
			return s.seg.Seq == c.syn[s.d].isn+1 || s.seg.Seq == c.syn[s.d].isn
		}
		return true
	}
	mine := &c.flows[s.d]
	at := mine.offset(s.seg.Seq)
	low := mine.edge
	if mine.ackSet {
		low = min(low, mine.acked)
	}
	high := max(mine.next, mine.acked, low) + 1
	if c.flows[peer].winSet {
		high = max(high, low+c.flows[peer].window)
	}
	return at >= low && at <= high
}

// ordinary handles a segment without SYN and RST.
func (t *worker) ordinary(c *conn, s *arrival) {
	f := t.open(c)
	mine, peer := &f[s.d], 1-s.d
	if mine.known {
		s.marks |= c.probing(s)
	}
	mine.probed = s.marks&(MarkKeepAlive|MarkWindowProbe) != 0
	mine.start(s.seg.Seq)
	if s.seg.Flags&capture.ACK != 0 {
		f[peer].start(s.seg.Ack)
	}
	act := sendACK
	if s.seg.Length > 0 {
		act = sendData
	}
	if s.marks&(MarkKeepAlive|MarkWindowProbe) == 0 || s.seg.Length > 1 {
		c.states[s.d] = c.states[s.d].next(act)
	}
	t.payload(c, s, s.seg.Seq)
	if s.seg.Flags&capture.FIN != 0 {
		t.fin(c, s)
	}
	if s.seg.Flags&capture.ACK != 0 {
		c.acknowledge(s)
	}
	mine.offer(s.seg, mine.shift)
	if s.seg.Window == 0 && s.seg.Flags&capture.FIN == 0 && !s.seg.NoWindow {
		mine.zeroWindows++
		s.marks |= MarkZeroWindow
	}
	c.receiveFIN(s.d)
}

// offer notes the receive window that a segment offers. The window of a SYN is never scaled.
func (f *flow) offer(seg *capture.Segment, shift uint8) {
	if seg.NoWindow {
		return
	}
	f.winSet, f.raw = true, seg.Window
	f.window = int64(seg.Window) << shift
}

// sawRTT notes one time from a segment of this direction to its answer.
func (f *flow) sawRTT(from, to int64) {
	if from == noTime || to == noTime || to < from {
		return
	}
	if d := to - from; f.minRTT == 0 || d < f.minRTT {
		f.minRTT = max(d, 1)
	}
}

// probing recognises keep-alives and window probes: at most one byte, just below or at the next one to send.
// RFC 9293 sections 3.8.4 and 3.8.6.1.
func (c *conn) probing(s *arrival) Mark {
	if s.seg.Length > 1 || s.seg.Flags&(capture.FIN|capture.SYN) != 0 {
		return 0
	}
	mine, theirs := &c.flows[s.d], &c.flows[1-s.d]
	at := mine.offset(s.seg.Seq)
	closed := theirs.winSet && theirs.window == 0
	switch {
	case at == mine.next-1 && closed, at == mine.next && closed && s.seg.Length == 1,
		closed && s.seg.Length == 1 && mine.ackSet && at == mine.acked && at < mine.next:
		return MarkWindowProbe
	case at == mine.next-1 && (s.seg.Length == 0 || mine.ackSet && mine.acked >= mine.next):
		mine.keepAlives++
		return MarkKeepAlive
	}
	return 0
}

// payload enters the payload that starts at raw sequence number seq.
func (t *worker) payload(c *conn, s *arrival, seq uint32) {
	if c.details == nil {
		if s.seg.Length == 0 {
			return
		}
		t.open(c)
	}
	f := &c.flows[s.d]
	if !f.known {
		f.start(seq)
	}
	s.from = f.offset(seq)
	s.to = s.from + int64(s.seg.Length)
	if s.seg.Length == 0 {
		t.emptyPosition(c, s)
		return
	}
	if f.bytes == 0 && !c.syn[s.d].has(synSeen) && f.data == 0 {
		f.first, f.edge = s.from, s.from // mid-stream: the first byte seen
		f.next = max(f.next, s.from)
	}
	f.data++
	f.maxLength = max(f.maxLength, int32(min(s.seg.Length, 1<<30)))
	hadHole := s.from < f.coverage.end()
	since, above := f.coverage.above(s.from)
	s.fresh = f.coverage.add(s.from, s.to, s.now)
	c.classify(s, hadHole, since, above)
	if s.fresh > 0 {
		s.marks |= MarkNewData
		f.bytes += s.fresh
		f.fresh++
		if s.from > f.edge {
			s.marks |= MarkHole
		}
		t.deliver(c, s)
	}
	if s.to > f.next {
		if w := c.extra.streams; w != nil && s.fresh > 0 && s.marks&MarkRetransmission == 0 {
			w.rtt[s.d].sent(s.to, s.now)
		}
		f.next = s.to
	}
	f.lastTime = s.now
}

// emptyPosition lets a segment without payload tell where its direction stands.
func (t *worker) emptyPosition(c *conn, s *arrival) {
	f := &c.flows[s.d]
	if s.from > f.next && s.marks == 0 && f.data == 0 && !c.syn[s.d].has(synSeen) {
		f.first, f.edge, f.next = s.from, s.from, s.from
	}
}

// classify tells retransmissions and out-of-order segments apart (docs/report.md, Definitions).
func (c *conn) classify(s *arrival, below bool, since int64, above bool) {
	f := &c.flows[s.d]
	probe := s.marks&(MarkKeepAlive|MarkWindowProbe) != 0
	switch {
	case s.fresh < int64(s.seg.Length) && !probe:
		s.marks |= MarkRetransmission
		f.retransmitted++
		c.noteRetransmission(s)
	case s.fresh > 0 && below && above && !probe:
		limit := f.minRTT
		if limit == 0 {
			limit = longestGuess
		}
		if since != noTime && s.now != noTime && s.now-since < limit {
			s.marks |= MarkOutOfOrder
			f.outOfOrder++
		}
	}
}

// fin handles a FIN: it counts one after the payload.
func (t *worker) fin(c *conn, s *arrival) {
	f := &c.flows[s.d]
	if f.hasFIN {
		if f.fin != s.to {
			s.marks |= MarkIgnored
		}
		return
	}
	s.marks |= MarkNewFIN
	f.hasFIN, f.fin = true, s.to
	f.next = max(f.next, s.to+1)
	c.close(s)
	other := &c.flows[1-s.d]
	if c.states[s.d] == Undetermined && other.hasFIN {
		c.states[s.d] = CloseWait
	}
	if other.hasFIN && s.seg.Flags&capture.ACK != 0 {
		if other.offset(s.seg.Ack) > other.fin {
			c.takeFIN(1 - s.d) // though bytes before it were not captured
		} else {
			c.crossedFIN(s.d)
		}
	}
	c.states[s.d] = c.states[s.d].next(sendFIN)
}

// acknowledge handles the ACK field: what it says about the other direction.
func (c *conn) acknowledge(s *arrival) {
	peer := 1 - s.d
	f := &c.flows[peer] // the direction that is acknowledged
	s.ack = f.offset(s.seg.Ack)
	if !f.ackSet {
		f.ackSet, f.acked = true, s.ack
		if s.ack > f.next && f.data == 0 && !c.syn[peer].has(synSeen) {
			f.next, f.first, f.edge = s.ack, s.ack, s.ack
		}
	} else {
		c.duplicateACK(s)
	}
	c.checkSpurious(s)
	if s.ack > f.acked || !c.bits.has(bitACKed) {
		c.advanceACK(s)
	}
	if c.states[peer] == SynReceived && s.ack >= 0 && s.seg.Flags&capture.SYN == 0 {
		c.handshakeDone(s)
	}
	if f.hasFIN && s.ack > f.fin {
		c.states[peer] = c.states[peer].next(recvFINACK)
		c.takeFIN(peer)
	}
}

// advanceACK takes a cumulative ACK that covers more than before.
func (c *conn) advanceACK(s *arrival) {
	peer := 1 - s.d
	f := &c.flows[peer]
	f.acked = max(f.acked, s.ack)
	if f.data == 0 && !f.hasFIN {
		f.next = max(f.next, s.ack) // a capture of one direction: its ACKs are all that moves the other
	}
	w := c.extra.streams
	if w == nil {
		return
	}
	if rtt := w.rtt[peer].acknowledged(s.ack, s.now); rtt >= 0 {
		w.rtt[peer].series.add(rtt)
		if f.minRTT == 0 || rtt < f.minRTT {
			f.minRTT = max(rtt, 1)
		}
	}
	if st := &w.stream[peer]; len(st.waiting) > 0 {
		st.acknowledged(s.ack)
	}
}

// handshakeDone: the ACK of the SYN+ACK arrived.
func (c *conn) handshakeDone(s *arrival) {
	peer := 1 - s.d
	c.states[peer] = c.states[peer].next(recvACK)
	if c.states[s.d] == SynReceived && c.bits.has(bitSimOpen) {
		c.states[s.d] = Established
	}
	if !c.bits.has(bitACKed) {
		c.bits |= bitACKed
		c.extra.ackFrame, c.extra.ackTime = s.seg.Frame, s.now
		if c.bits.has(bitSYNACK) {
			c.flows[peer].sawRTT(c.extra.synackTime, s.now)
		}
	}
}

// duplicateACK recognises a pure ACK that says what the one before it said: same number, same window, nothing
// carried, nothing closed, and not the answer to a keep-alive or window probe (Wireshark's definition; RFC 5681 section 2 also asks for outstanding data, which
// would hide the ACK that answers a second copy).
func (c *conn) duplicateACK(s *arrival) {
	f, mine := &c.flows[1-s.d], &c.flows[s.d]
	if s.seg.Length > 0 || s.seg.Flags&(capture.SYN|capture.FIN|capture.RST) != 0 || s.ack != f.acked ||
		s.seg.Window == 0 || s.seg.Window != mine.raw || s.from != mine.next ||
		s.marks&(MarkKeepAlive|MarkWindowProbe) != 0 || f.probed {
		return
	}
	mine.duplicateACKs++
	s.marks |= MarkDuplicateACK
}

// receiveFIN hands the sender's FIN to its receiver once nothing before it is missing.
func (c *conn) receiveFIN(d int) {
	f := &c.flows[d]
	if f.hasFIN && !f.finIn && f.edge >= f.fin && len(f.islands) == 0 {
		c.takeFIN(d)
	}
}

// takeFIN is the receiver's side of the FIN that direction d sent.
func (c *conn) takeFIN(d int) {
	f := &c.flows[d]
	if f.finIn {
		return
	}
	f.finIn = true
	peer := 1 - d
	if c.states[peer] == Undetermined && c.flows[peer].hasFIN {
		c.states[peer] = FinWait1
	}
	c.states[peer] = c.states[peer].next(recvFIN)
}
