package sessions

import (
	"encoding/binary"

	"tcptrace/capture"
)

// copyWindow is how far apart two captures of one frame may be (report.md, Packets): mirror ports and `-i any`
// deliver the second within microseconds.
const copyWindow = 1_000_000 // ns

// doubledAfter copies in a row show that the whole capture is doubled.
const doubledAfter = 3

const frameSlots = 256 // frames remembered, one per slot: a later frame of the same slot takes it over

// A frameMark is enough of a frame to recognise its copy: the whole TCP header, checksum included, and the
// ends of its payload.
type frameMark struct {
	time       int64
	key        uint64 // hash of the end points
	seq, ack   uint32
	tsval      uint32
	ifindex    uint32
	length     int32
	window     uint16
	checksum   uint16
	ipid       uint16
	flags      capture.Flags
	dataOffset uint8
	copied     bool
	head, tail uint64 // first and last payload bytes
}

// A copyFinder recognises frames that were captured twice. It sees every TCP frame of a capture in order,
// before they are spread over workers, because "the capture is doubled" is a property of the whole.
type copyFinder struct {
	slots   [frameSlots]frameMark
	waiting [frameSlots]waitingFrame // a ring of frames with an ID whose copy may still come
	head, n int
	streak  int
	doubled bool
}

type waitingFrame struct {
	time int64
	slot uint8
}

// isCopy reports whether seg repeats a frame of the last millisecond, and remembers it otherwise.
func (f *copyFinder) isCopy(seg *capture.Segment, key uint64) bool {
	if !seg.HasTime {
		return false
	}
	f.expire(seg.Time)
	slot := uint8((key ^ uint64(seg.Seq)*0x9e3779b97f4a7c15) >> 56)
	m := &f.slots[slot]
	if m.seq == seg.Seq && m.key == key && f.matches(m, seg) {
		if seg.IPID != 0 && !m.copied {
			f.streak++
			f.doubled = f.doubled || f.streak >= doubledAfter
		}
		m.copied = true
		return true
	}
	m.set(seg, key)
	if seg.IPID != 0 && f.n < frameSlots {
		f.waiting[(f.head+f.n)%frameSlots] = waitingFrame{seg.Time, slot}
		f.n++
	}
	return false
}

// expire ends the wait for copies of frames older than copyWindow: one that had none breaks the row.
func (f *copyFinder) expire(now int64) {
	for f.n > 0 {
		w := &f.waiting[f.head]
		if d := now - w.time; d >= 0 && d <= copyWindow {
			return
		}
		if m := &f.slots[w.slot]; m.time == w.time && !m.copied {
			f.streak = 0
		}
		f.head = (f.head + 1) % frameSlots
		f.n--
	}
}

func (f *copyFinder) matches(m *frameMark, seg *capture.Segment) bool {
	d := seg.Time - m.time
	if d < 0 || d > copyWindow {
		return false
	}
	var n frameMark
	n.set(seg, m.key)
	n.time, n.copied, n.ifindex = m.time, m.copied, m.ifindex
	if n != *m {
		return false
	}
	return seg.IPID != 0 || f.doubled || seg.Interface != m.ifindex
}

func (m *frameMark) set(seg *capture.Segment, key uint64) {
	*m = frameMark{time: seg.Time, key: key, seq: seg.Seq, ack: seg.Ack, ifindex: seg.Interface,
		length: int32(seg.Length), window: seg.Window, checksum: seg.Checksum, ipid: seg.IPID,
		flags: seg.Flags, dataOffset: seg.DataOffset}
	if seg.Options.Set&capture.HasTimestamps != 0 {
		m.tsval = seg.Options.TSVal
	}
	p := seg.Payload
	switch {
	case len(p) >= 8:
		m.head, m.tail = binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[len(p)-8:])
	case len(p) > 0:
		var b [8]byte
		copy(b[:], p)
		m.head = binary.LittleEndian.Uint64(b[:])
	}
}
