package sessions

import (
	"bytes"
	"encoding/binary"
	"time"
)

// Counts are what adds up over sessions. Pairs are per sending side.
type Counts struct {
	Sessions int64
	Ends     [NumEnds]int64

	Packets, Bytes, DataSegments Pair[int64]
	Retransmitted, Spurious      Pair[int64]
	OutOfOrder, DuplicateACKs    Pair[int64]
	ZeroWindows, KeepAlives      Pair[int64]
	MissingBytes                 Pair[int64]
	Copies, SYNs                 int64

	Requests, Replies, Matched, UnansweredBytes int64 // of echoes
	Beats, Missed, Bunched                      int64 // of cadences
}

// fields lists the counters, in the order of the binary form: further ones go to the end.
func (c *Counts) fields() []*int64 {
	all := []*int64{&c.Sessions}
	for i := range c.Ends {
		all = append(all, &c.Ends[i])
	}
	for _, p := range [...]*Pair[int64]{&c.Packets, &c.Bytes, &c.DataSegments, &c.Retransmitted, &c.Spurious, &c.OutOfOrder,
		&c.DuplicateACKs, &c.ZeroWindows, &c.KeepAlives, &c.MissingBytes} {
		all = append(all, &p[Client], &p[Server])
	}
	return append(all, &c.Copies, &c.SYNs, &c.Requests, &c.Replies, &c.Matched, &c.UnansweredBytes, &c.Beats, &c.Missed, &c.Bunched)
}

// add counts one session.
func (c *Counts) add(s *Session) {
	c.Sessions++
	c.Ends[s.End]++
	for side := range s.Packets {
		c.Packets[side] += s.Packets[side]
		c.Bytes[side] += s.Bytes[side]
		c.DataSegments[side] += s.DataSegments[side]
		c.Retransmitted[side] += s.Retransmitted[side]
		c.Spurious[side] += s.Spurious[side]
		c.OutOfOrder[side] += s.OutOfOrder[side]
		c.DuplicateACKs[side] += s.DuplicateACKs[side]
		c.ZeroWindows[side] += s.ZeroWindows[side]
		c.KeepAlives[side] += s.KeepAlives[side]
		c.MissingBytes[side] += s.MissingBytes[side]
	}
	c.Copies += s.Copies
	c.SYNs += s.SYNs
	if e := s.Echo; e != nil {
		c.Requests += e.Requests
		c.Replies += e.Replies
		c.Matched += e.Matched
		c.UnansweredBytes += e.UnansweredBytes
	}
	if d := s.Cadence; d != nil {
		c.Beats += d.Beats
		c.Missed += d.Missed
		c.Bunched += d.Bunched
	}
}

// Totals are what a Digest says of its sessions.
type Totals struct {
	Counts
	EchoRTT       Stats // round trips of echoes
	CadencePeriod Stats // of successive messages
	ACKRTT        Stats // from a segment to its ACK, both directions
}

// A Digest is counters, exact sums and histograms of any number of sessions; the zero value has none. Digests merge: of
// the same sessions, however they were split over workers, captures or machines, and in whatever order they were put
// together, the digest is the same and MarshalBinary gives the same bytes. It is not safe for concurrent use.
type Digest struct {
	counts               Counts
	echo, period, ackRTT total
}

// Add adds a session that Options.OnSession was given, before that call returns. It needs Options.Digests, which keeps
// the values that a session measured; without it only the session's counters are added.
func (d *Digest) Add(s *Session) {
	d.counts.add(s)
	if s.measured != nil {
		d.addMeasured(s.measured)
	}
}

// addMeasured adds the values that a session measured.
func (d *Digest) addMeasured(m *measured) {
	for i := range m.ackRTT {
		d.ackRTT.addSeries(&m.ackRTT[i])
	}
	d.echo.addSeries(&m.echo)
	d.period.addSeries(&m.period)
}

// Merge adds the sessions of o, which stays as it is.
func (d *Digest) Merge(o *Digest) {
	from := o.counts.fields()
	for i, c := range d.counts.fields() {
		*c += *from[i]
	}
	d.echo.merge(&o.echo)
	d.period.merge(&o.period)
	d.ackRTT.merge(&o.ackRTT)
}

// Equal reports whether both are of the same sessions, as far as digests can tell.
func (d *Digest) Equal(o *Digest) bool {
	a, _ := d.MarshalBinary()
	b, _ := o.MarshalBinary()
	return bytes.Equal(a, b)
}

// Stats says what the digest knows. Counts, means and deviations are exact; percentiles are within one part in a
// thousand.
func (d *Digest) Stats() Totals {
	return Totals{d.counts, d.echo.stats(), d.period.stats(), d.ackRTT.stats()}
}

// digestVersion is the first byte of the binary form.
const digestVersion = 1

// MarshalBinary gives the digest's binary form: a version byte, the number of counters and the counters, then the totals
// of echoes, periods and ACKs. It does not fail.
func (d *Digest) MarshalBinary() ([]byte, error) {
	b := []byte{digestVersion}
	fields := d.counts.fields()
	b = binary.AppendUvarint(b, uint64(len(fields)))
	for _, c := range fields {
		b = binary.AppendVarint(b, *c)
	}
	for _, t := range d.totals() {
		b = t.appendBinary(b)
	}
	return b, nil
}

// UnmarshalBinary reads what MarshalBinary gave. The error tells only that b is not that; d is then empty.
func (d *Digest) UnmarshalBinary(b []byte) error {
	*d = Digest{}
	if len(b) == 0 || b[0] != digestVersion {
		return errDigest
	}
	r := digestReader{rest: b[1:]}
	fields := d.counts.fields()
	if n := r.uvarint(); n != uint64(len(fields)) {
		return errDigest
	}
	for _, c := range fields {
		*c = r.varint()
	}
	err := r.err
	for _, t := range d.totals() {
		if err == nil {
			r.rest, err = t.readBinary(r.rest)
		}
	}
	if err == nil && len(r.rest) > 0 {
		err = errDigest
	}
	if err != nil {
		*d = Digest{}
	}
	return err
}

// EchoQuantile is the echo round trip below which a share of them lies, as exact as the histogram: three digits; 0 without any.
func (d *Digest) EchoQuantile(share float64) time.Duration {
	t := &d.echo
	if t.n == 0 {
		return 0
	}
	return t.quantiles()(100 * share)
}

func (d *Digest) totals() [3]*total { return [...]*total{&d.echo, &d.period, &d.ackRTT} }

// measured are the values that a session measured.
type measured struct {
	ackRTT       [2]series // by direction
	echo, period series
}
