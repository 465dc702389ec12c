package sessions

// MaxBuffered is how many bytes of out-of-order payload one direction keeps until the hole before them fills;
// what exceeds it is remembered by length only.
const MaxBuffered = 64 << 10

// noTime stands for the time of a packet that has none (pcapng Simple Packet Blocks).
const noTime = -1 << 63

// A chunk is a run of stream bytes, all first captured in one segment and handed on in stream order.
type chunk struct {
	data   []byte // the known bytes, from the first on; borrowed
	length int64  // on the wire; more than len(data) when bytes are unknown
	time   int64  // of the first transmission, or noTime
	frame  int64
	push   bool // the last byte is the last of a segment with PSH
	lost   bool // never captured, though the receiver acknowledged it
}

// cut is the part of c from byte from up to byte to.
func (c *chunk) cut(from, to int64) chunk {
	p := *c
	p.push = c.push && to == c.length
	known := int64(len(c.data))
	p.data = c.data[min(from, known):min(to, known)]
	p.length = to - from
	return p
}

type held struct {
	at int64 // stream offset
	chunk
}

// A stream puts one direction's payload back in order and hands every byte on once.
type stream struct {
	pos      int64 // next offset to hand on
	started  bool
	waiting  []held // sorted, disjoint, all beyond pos
	buffered int
	out      sink
}

// A sink takes a stream's bytes in order; the chunk is borrowed.
type sink interface{ deliver(c *chunk) }

// reset makes a stream ready for another direction.
func (s *stream) reset() {
	s.pos, s.started, s.waiting, s.buffered = 0, false, s.waiting[:0], 0
}

// add takes the payload at offset at.
func (s *stream) add(at int64, c *chunk) {
	if !s.started {
		s.started, s.pos = true, at
	}
	end := at + c.length
	if len(s.waiting) == 0 && at <= s.pos {
		if at == s.pos {
			s.deliver(c)
		} else if end > s.pos {
			part := c.cut(s.pos-at, c.length)
			s.deliver(&part)
		}
		return
	}
	s.hold(at, c)
	s.drain()
}

func (s *stream) deliver(c *chunk) {
	s.pos += c.length
	s.out.deliver(c)
}

// hold keeps those parts of c that are neither handed on nor waiting already.
func (s *stream) hold(at int64, c *chunk) {
	end := at + c.length
	from := max(at, s.pos)
	for i := 0; from < end; i++ {
		for i < len(s.waiting) && s.waiting[i].at+s.waiting[i].length <= from {
			i++
		}
		to := end
		if i < len(s.waiting) {
			if w := s.waiting[i]; w.at <= from {
				from = w.at + w.length
				continue
			}
			to = min(end, s.waiting[i].at)
		}
		s.insert(i, held{from, s.keep(c.cut(from-at, to-at))})
		from = to
	}
}

// keep copies a chunk's bytes, as far as the buffer allows.
func (s *stream) keep(c chunk) chunk {
	n := min(len(c.data), MaxBuffered-s.buffered)
	c.data = append([]byte(nil), c.data[:n]...)
	s.buffered += n
	return c
}

func (s *stream) insert(i int, h held) {
	if len(s.waiting) >= MaxIslands {
		return // the hole before it will count as lost
	}
	s.waiting = append(s.waiting, held{})
	copy(s.waiting[i+1:], s.waiting[i:])
	s.waiting[i] = h
}

// drain hands on what has become contiguous.
func (s *stream) drain() {
	n := 0
	for n < len(s.waiting) && s.waiting[n].at <= s.pos {
		s.buffered -= len(s.waiting[n].data)
		s.deliver(&s.waiting[n].chunk)
		n++
	}
	s.waiting = append(s.waiting[:0], s.waiting[n:]...)
}

// acknowledged skips holes that the receiver says it has: the capture missed them for good. A hole with nothing
// captured beyond it is left alone, because captures can show an ACK before its data.
func (s *stream) acknowledged(to int64) {
	for len(s.waiting) > 0 && s.waiting[0].at <= to {
		s.deliver(&chunk{length: s.waiting[0].at - s.pos, time: noTime, lost: true})
		s.drain()
	}
}
