package sessions

import "tcptrace/capture"

// tooSoon is the part of the least round trip seen within which an ACK cannot answer a copy. The least one seen is no
// lower bound when there were few: pico-early-4k shows 4.9 ms in the handshake and 4.2 ms later.
const tooSoon = 2

// A Pico's lwIP acknowledges a single segment only at its next tick of 256 ms, and Linux repeats after some 200 ms at the
// least: 224 ms in pico-normal, 211 ms in pico-journal-udp. Such a copy is answered at once, because it is the second
// segment. Had the original been lost, the copy would be a first one, and its ACK would wait for a tick too; by chance
// it comes within lateAtOnce in 4 of 256 cases.
const (
	lateCopyMin = 190_000_000 // ns from the original to the copy
	lateCopyMax = 270_000_000
	lateAtOnce  = 4_000_000 // ns from the copy to the ACK, beyond the handshake's round trip
)

// maxRecent is how many retransmissions per direction wait for a verdict.
const maxRecent = 8

// A retransmission waits for evidence that its first copy had arrived (docs/report.md, Spurious).
type retransmission struct {
	from, to int64
	time     int64
	wait     int64 // since its bytes first left; -1 unknown
	step     int   // number of its step, -1 if steps are not kept
	answered bool
	spurious bool
}

type recentRetransmissions struct {
	ring [maxRecent]retransmission
	n    int // entered so far
	sack [4]span
	sn   int
}

// noteRetransmission enters a retransmission, with what is known about its first copy already.
func (c *conn) noteRetransmission(s *arrival) {
	f, w := &c.flows[s.d], c.extra.streams
	if w == nil {
		return // after both ends closed, repetitions are only counted
	}
	r := &w.repeats()[s.d]
	e := retransmission{from: s.from, to: s.to, time: s.now, wait: w.rtt[s.d].waited(s.from, s.now), step: c.nextStep()}
	w.rtt[s.d].repeated(s.from, s.to)
	if f.ackSet && f.acked >= s.to || r.sacked(s.from, s.to) {
		e.spurious = true
		f.spurious++
		s.marks |= MarkSpurious
	}
	r.ring[r.n%maxRecent] = e
	r.n++
}

// sacked reports whether the receiver's latest SACK blocks cover [from, to).
func (r *recentRetransmissions) sacked(from, to int64) bool {
	for _, b := range r.sack[:r.sn] {
		if b.from <= from && to <= b.to {
			return true
		}
	}
	return false
}

// checkSpurious weighs an ACK as evidence about the retransmissions of the direction it acknowledges.
func (c *conn) checkSpurious(s *arrival) {
	peer := 1 - s.d
	f := &c.flows[peer]
	sacks := s.seg.Options.Set&capture.HasSACK != 0
	if f.retransmitted == 0 && !sacks || c.extra.streams == nil {
		return
	}
	r := &c.extra.streams.repeats()[peer]
	duplicate := sacks && c.readSACK(s, r)
	verdict := func(e *retransmission) {
		e.spurious = true
		f.spurious++
		c.markStep(e.step, MarkSpurious)
	}
	used := false
	for i := max(0, r.n-maxRecent); i < r.n; i++ {
		e := &r.ring[i%maxRecent]
		switch {
		case e.spurious || s.ack < e.to:
		case duplicate && r.sack[0].from <= e.from && e.to <= r.sack[0].to:
			verdict(e)
		case !e.answered:
			e.answered = true
			if f.minRTT == 0 || e.time == noTime || s.now == noTime {
				continue
			}
			if d := s.now - e.time; d < f.minRTT/tooSoon || c.lateACK(s.d, e, d) {
				verdict(e)
			}
		case s.marks&MarkDuplicateACK != 0 && s.ack == e.to && !used:
			used = true // one duplicate ACK answers one copy
			verdict(e)
		}
	}
}

// lateACK reports whether a copy was sent only because the ACK of a Pico, end d, was late; answered is the time from the
// copy to its ACK.
func (c *conn) lateACK(d int, e *retransmission, answered int64) bool {
	if e.wait < lateCopyMin || e.wait > lateCopyMax || !c.isPico(d) {
		return false
	}
	h := c.handshake(nil)
	return h != nil && h.HasRTT && answered <= int64(h.RTT)+lateAtOnce
}

// isPico reports whether an end shows itself as a Pico by its fingerprint.
func (c *conn) isPico(d int) bool { return c.fingerprint(d, nil).Stack == PicoStack }

// readSACK keeps an ACK's SACK blocks and reports whether the first is a duplicate report: below the cumulative
// ACK, or inside the second block (RFC 2883 section 4).
func (c *conn) readSACK(s *arrival, r *recentRetransmissions) (duplicate bool) {
	f := &c.flows[1-s.d]
	o := &s.seg.Options
	r.sn = int(min(o.SACKCount, 4))
	for i := range r.sn {
		r.sack[i] = span{f.offset(o.SACK[i].Left), f.offset(o.SACK[i].Right)}
	}
	if r.sn == 0 {
		return false
	}
	first := r.sack[0]
	return first.to <= s.ack || r.sn > 1 && r.sack[1].from <= first.from && first.to <= r.sack[1].to
}
