package sessions

import (
	"encoding/binary"
	"hash/fnv"
	"net/netip"

	"tcptrace/capture"
	"tcptrace/words"
)

const pushFlag = capture.PSH

// end says how the session ended (docs/report.md, End).
func (c *conn) end() End {
	switch {
	case c.bits.has(bitRefused):
		return EndRefused
	case c.bits.has(bitRST):
		return EndRST
	case c.details != nil && c.flows[0].hasFIN && c.flows[1].hasFIN:
		return EndFIN
	case c.roleFrom == RoleFromSYN && !c.bits.has(bitServerIn) && c.onlySYNs():
		return EndNoAnswer
	}
	return EndOpen
}

// onlySYNs reports whether the client sent nothing but SYNs.
func (c *conn) onlySYNs() bool { return c.completeness&^completeSYN == 0 }

// finalStates are the states at the end of the capture. Of a SYN that nobody answered it is not known whether
// it arrived.
func (c *conn) finalStates() Pair[State] {
	client, server := int(c.client), 1-int(c.client)
	p := Pair[State]{c.states[client], c.states[server]}
	if c.end() == EndNoAnswer {
		p[Server] = Undetermined
	}
	return p
}

// Timed reports whether a session's beginning has a time in its capture: packets of a pcapng Simple Packet Block have
// none.
func (s *Session) Timed(c *Capture) bool { return c.HasTimes && s.FirstTime != noTime }

// uid names a session by what does not depend on where in which capture it stands: its two ends, the first sequence
// number and the first time (FNV-1a, 64 bits).
func (c *conn) uid() UID {
	h := fnv.New64a()
	var b [52]byte
	binary.BigEndian.PutUint64(b[0:], c.key.a.hi)
	binary.BigEndian.PutUint64(b[8:], c.key.a.lo)
	binary.BigEndian.PutUint64(b[16:], c.key.b.hi)
	binary.BigEndian.PutUint64(b[24:], c.key.b.lo)
	binary.BigEndian.PutUint16(b[32:], c.key.pa)
	binary.BigEndian.PutUint16(b[34:], c.key.pb)
	binary.BigEndian.PutUint32(b[36:], c.firstSeq)
	binary.BigEndian.PutUint64(b[40:], uint64(c.firstTime))
	_, _ = h.Write(b[:])
	return UID(h.Sum64())
}

// session builds the exported form in s, whatever s held; the lists of its fingerprints and its handshake are used again.
func (c *conn) session(s *Session, id int) {
	handshake := s.Handshake
	why := [2][]words.Reason{s.Endpoint[0].Why[:0], s.Endpoint[1].Why[:0]}
	*s = Session{ID: id, RoleFrom: c.roleFrom, FirstFrame: c.firstFrame, LastFrame: c.lastFrame,
		FirstTime: c.firstTime, Duration: duration(c.firstTime, c.lastTime), Copies: int64(c.copies),
		SYNs: int64(c.syns), States: c.finalStates(), End: c.end(), ClosedFirst: NoSide,
		Completeness: c.completeness, ZeekState: c.zeekState(), ZeekHistory: c.zeekText()}
	s.Client, s.Server = c.ends()
	s.Shown = c.bits.has(bitShown)
	s.UID = c.uid()
	s.LastTime, s.FirstOffset, s.LastOffset = c.lastTime, c.firstAt, c.lastAt
	s.Untimed, s.Backwards = c.bits.has(bitUntimed), c.bits.has(bitBackwards)
	s.ClosedTogether = c.syn[0].has(synCrossedClose) || c.syn[1].has(synCrossedClose)
	if c.closedFirst >= 0 && !s.ClosedTogether {
		s.ClosedFirst = c.side(int(c.closedFirst))
	}
	for d := range 2 {
		side := c.side(d)
		s.Packets[side] = int64(c.packets[d])
		s.Endpoint[side] = c.fingerprint(d, why[side])
		if c.syn[d].has(synHasMAC) && c.syn[d].mac != (capture.MAC{}) { // loopback has zeros
			s.MAC[side], s.HasMAC[side] = c.syn[d].mac, true
		}
		if c.details != nil {
			c.exportFlow(s, d)
		}
	}
	s.Handshake = c.handshake(handshake)
	c.exportExtra(s)
}

// last is session for the last time: the steps are s's then.
func (c *conn) last(s *Session, id int) {
	if c.details != nil && c.extra.steps != nil {
		c.extra.steps.given = true
	}
	c.session(s, id)
	c.detachSteps()
}

func (c *conn) exportFlow(s *Session, d int) {
	f, side := &c.flows[d], c.side(d)
	s.Bytes[side] = f.bytes
	s.DataSegments[side] = int64(f.data)
	s.Retransmitted[side] = int64(f.retransmitted)
	s.Spurious[side] = int64(f.spurious)
	s.OutOfOrder[side] = int64(f.outOfOrder)
	s.DuplicateACKs[side] = int64(f.duplicateACKs)
	s.ZeroWindows[side] = int64(f.zeroWindows)
	s.KeepAlives[side] = int64(f.keepAlives)
	s.MissingBytes[side] = f.missing()
	s.HolesCapped = s.HolesCapped || f.capped
}

// handshake describes the opening, nil when no SYN was captured. It is written to h, unless that is nil.
func (c *conn) handshake(h *Handshake) *Handshake {
	if c.completeness&(completeSYN|completeSYNACK) == 0 {
		return nil
	}
	if h == nil {
		h = &Handshake{}
	}
	*h = Handshake{SYNFrame: c.synFrame}
	for d := range c.syn {
		h.MSS[c.side(d)] = c.syn[d].mss
	}
	if c.details == nil {
		return h
	}
	x := &c.extra
	h.SYNACKFrame, h.ACKFrame = x.synackFrame, x.ackFrame
	h.Complete = c.bits.has(bitInOrder) && c.bits.has(bitACKed)
	if h.Complete && c.synTime != noTime && x.ackTime != noTime && x.ackTime >= c.synTime {
		h.RTT, h.HasRTT = duration(c.synTime, x.ackTime), true
	}
	return h
}

func (c *conn) exportExtra(s *Session) {
	if c.details == nil {
		return
	}
	x := &c.extra
	if r := x.result; r != nil {
		s.ACKRTT, s.Echo, s.Cadence, s.FirstText = Pair[Stats](r.ackRTT), r.echo, r.cadence, r.text
		s.measured = r.measured
	}
	if x.steps != nil {
		var left int64
		s.StepsHead = x.steps.head()
		s.Steps, left = x.steps.all()
		s.StepsLeftOut = left
		s.settle()
		c.mendUnanswered(s)
	}
}

// mendUnanswered corrects what a SYN's receiver was taken for when its answer shows better: a closed port, or
// no answer at all.
func (c *conn) mendUnanswered(s *Session) {
	var instead State
	switch s.End {
	case EndRefused:
		instead = Closed
	case EndNoAnswer:
		instead = Undetermined
	default:
		return
	}
	for i := range s.Steps {
		if s.Steps[i].States[Server] == SynReceived {
			s.Steps[i].States[Server] = instead
		}
	}
}

// EndPoint is the address of one side.
func (s *Session) EndPoint(side Side) netip.AddrPort {
	if side == Server {
		return s.Server
	}
	return s.Client
}
