package sessions

import (
	"math/bits"

	"tcptrace/capture"
)

// Wireshark's tcp.completeness bits.
const (
	completeSYN uint8 = 1 << iota
	completeSYNACK
	completeACK
	completeData
	completeFIN
	completeRST
)

func completenessOf(c *conn, s *arrival) (b uint8) {
	f := s.seg.Flags
	switch {
	case f&capture.RST != 0:
		return completeRST
	case f.Has(capture.SYN | capture.ACK):
		b = completeSYNACK
	case f&capture.SYN != 0:
		b = completeSYN
	case f&capture.ACK != 0:
		b = completeACK
	}
	if s.seg.Length > 0 {
		b |= completeData
	}
	if f&capture.FIN != 0 {
		b |= completeFIN
	}
	return b
}

// maxHistory caps the letters: two directions of eleven letters, the repeated ones up to six times each.
const maxHistory = 60

// A zeekHistory is Zeek's history field: one letter the first time something happens in a direction, upper
// case for the originator; T and W again at the 10th, 100th, … time.
type zeekHistory struct {
	seen    [2]uint16
	text    [maxHistory]byte
	n       uint8
	repeats [2]uint32
	zeros   [2]uint32
}

// The letters of a history that stand once per direction, as bits.
const (
	historySYN uint16 = 1 << iota
	historySYNACK
	historyACK
	historyData
	historyFIN
	historyRST
	historyMulti
)

var historyLetters = [...]byte{'S', 'H', 'A', 'D', 'F', 'R', 'Q'}

// add writes the letters of those bits that are new for a direction.
func (h *zeekHistory) add(role Side, what uint16) {
	for fresh := what &^ h.seen[role]; fresh != 0; fresh &= fresh - 1 {
		h.write(role, historyLetters[bits.TrailingZeros16(fresh)])
	}
	h.seen[role] |= what
}

// again writes a letter at the 1st, 10th, 100th, … time.
func (h *zeekHistory) again(role Side, letter byte, count *uint32) {
	*count++
	for n := uint32(1); n != 0 && n <= *count; n *= 10 {
		if n == *count {
			h.write(role, letter)
		}
	}
}

func (h *zeekHistory) write(role Side, letter byte) {
	if int(h.n) == len(h.text) {
		return
	}
	if role == Server {
		letter |= 0x20
	}
	h.text[h.n] = letter
	h.n++
}

// turnRound exchanges originator and responder.
func (h *zeekHistory) turnRound() {
	for i := range h.text[:h.n] {
		h.text[i] ^= 0x20
	}
	for _, pair := range []*[2]uint32{&h.repeats, &h.zeros} {
		pair[0], pair[1] = pair[1], pair[0]
	}
	h.seen[0], h.seen[1] = h.seen[1], h.seen[0]
}

// zeek enters one segment into the history. A connection that has shown nothing but SYNs needs none.
func (c *conn) zeek(s *arrival) {
	if c.details == nil {
		return
	}
	f := s.seg.Flags
	h, role := &c.extra.history, c.side(s.d)
	if h.n == 0 {
		c.zeekSoFar(h, s)
	}
	var what uint16
	switch {
	case f&(capture.SYN|capture.RST) == 0:
		if f&capture.ACK != 0 {
			what = historyACK
		}
	case f&capture.SYN != 0 && f&(capture.FIN|capture.RST) != 0:
		what = historyMulti
	case f.Has(capture.SYN | capture.ACK):
		what = historySYNACK
	case f&capture.SYN != 0:
		what = historySYN
	default:
		what = historyRST
	}
	if s.marks&MarkNewData != 0 {
		what |= historyData
	}
	if f&capture.FIN != 0 {
		what |= historyFIN
	}
	if what&^h.seen[role] != 0 {
		h.add(role, what)
	}
	if s.marks&(MarkRetransmission|MarkZeroWindow) != 0 {
		h.addRepeated(role, s.marks)
	}
}

// addRepeated writes the letters that stand again at the 10th, 100th, … time.
func (h *zeekHistory) addRepeated(role Side, m Mark) {
	if m&MarkRetransmission != 0 {
		h.again(role, 'T', &h.repeats[role])
	}
	if m&MarkZeroWindow != 0 {
		h.again(role, 'W', &h.zeros[role])
	}
}

// needsHistory reports whether a segment makes a history that zeekSoFar cannot tell from the counters: one that is
// several of SYN, FIN and RST at once, or another RST.
func (c *conn) needsHistory(f capture.Flags) bool {
	switch f & (capture.SYN | capture.FIN | capture.RST) {
	case 0, capture.SYN, capture.FIN:
		return false
	case capture.RST:
		return c.syn[0].has(synSentRST) || c.syn[1].has(synSentRST)
	}
	return true
}

// zeekSoFar writes what came before there was room for a history: SYNs and at most one RST. The segment at hand, if
// any, is not among them.
func (c *conn) zeekSoFar(h *zeekHistory, now *arrival) {
	if c.syns > 0 {
		c.zeekSYNs(h)
	}
	for d := range c.syn {
		if c.syn[d].has(synSentRST) && (now == nil || now.d != d || now.seg.Flags&capture.RST == 0) {
			h.add(c.side(d), historyRST)
		}
	}
}

// zeekSYNs writes the SYNs that came before there was room for a history.
func (c *conn) zeekSYNs(h *zeekHistory) {
	for _, side := range []Side{Client, Server} {
		d := int(c.client)
		if side == Server {
			d = 1 - d
		}
		if c.syn[d].has(synSeen) && c.completeness&completeSYN != 0 && (side == Client || c.bits.has(bitSimOpen)) {
			h.add(side, historySYN)
		}
	}
}

// zeekText is the history as Zeek prints it.
func (c *conn) zeekText() string {
	if c.details == nil || c.extra.history.n == 0 {
		h := zeekHistory{}
		c.zeekSoFar(&h, nil)
		return string(h.text[:h.n])
	}
	h := &c.extra.history
	return string(h.text[:h.n])
}

// zeekState is Zeek's conn_state.
func (c *conn) zeekState() string {
	o := int(c.client)
	r := 1 - o
	has := func(b uint8) bool { return c.completeness&b != 0 }
	fin := func(d int) bool { return c.details != nil && c.flows[d].hasFIN }
	switch {
	case !has(completeSYN) && !has(completeSYNACK):
		return "OTH"
	case c.bits.has(bitRefused):
		return "REJ"
	case !has(completeSYN):
		return zeekWithoutSYN(c.bits.has(bitRST) && int(c.closedFirst) == r, fin(r))
	case !has(completeSYNACK):
		switch {
		case c.bits.has(bitRST) && int(c.closedFirst) == o:
			return "RSTOS0"
		case fin(o):
			return "SH"
		case !c.bits.has(bitServerIn):
			return "S0"
		}
		return "OTH"
	case c.bits.has(bitRST):
		if c.resetBy(o) {
			return "RSTO"
		}
		return "RSTR"
	case fin(o) && fin(r):
		return "SF"
	case fin(o):
		return "S2"
	case fin(r):
		return "S3"
	}
	return "S1"
}

func zeekWithoutSYN(rst, fin bool) string {
	switch {
	case rst:
		return "RSTRH"
	case fin:
		return "SHR"
	}
	return "OTH"
}

// resetBy reports whether end d sent the RST that counted.
func (c *conn) resetBy(d int) bool {
	if c.details == nil {
		return int(c.closedFirst) == d
	}
	h := &c.extra.history
	for _, l := range h.text[:h.n] {
		if l == 'R' {
			return c.side(d) == Client
		}
		if l == 'r' {
			return c.side(d) == Server
		}
	}
	return false
}
