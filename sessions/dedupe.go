package sessions

import (
	"encoding/binary"
	"math/bits"

	"tcptrace/capture"
)

// copyWindow is how far apart two captures of one frame may be (docs/report.md, Packets): mirror ports and `-i any`
// deliver the second within microseconds.
const copyWindow = 1_000_000 // ns

// doubledAfter copies in a row show that the whole capture is doubled.
const doubledAfter = 3

const frameSlots = 256 // frames remembered, one per slot: a later frame of the same slot takes it over

// A frameMark is enough of a frame to recognise its copy.
type frameMark struct {
	time    int64
	sum     uint64 // of the end points, the whole TCP header with its checksum, the IP ID, and the payload's ends
	ifindex uint32
	copied  bool
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
	sum := frameSum(seg, key)
	slot := uint8(sum >> 56)
	m := &f.slots[slot]
	if m.sum == sum && f.matches(m, seg) {
		if seg.IPID != 0 && !m.copied {
			f.streak++
			f.doubled = f.doubled || f.streak >= doubledAfter
		}
		m.copied = true
		return true
	}
	*m = frameMark{time: seg.Time, sum: sum, ifindex: seg.Interface}
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

// matches decides about a frame that equals m: it must be near in time, and without a usable IP ID something else
// must tell that frames are captured twice.
func (f *copyFinder) matches(m *frameMark, seg *capture.Segment) bool {
	d := seg.Time - m.time
	return d >= 0 && d <= copyWindow && (seg.IPID != 0 || f.doubled || seg.Interface != m.ifindex)
}

// copyKey mixes a four-tuple. Unlike the table's hash it has no seed: which frames share a slot must not change from
// run to run, because it decides what is recognised as a copy.
func copyKey(k *connKey, d int8) uint64 {
	const k0, k1 = 0xa0761d6478bd642f, 0xe7037ed1a0b428db
	return mix(k.a.lo^k.a.hi<<1^uint64(k.pa), k0) + mix(k.b.lo^k.b.hi<<1^uint64(k.pb), k1) + uint64(d)
}

// frameSum mixes everything that a copy has in common with its original into 64 bits.
func frameSum(seg *capture.Segment, key uint64) uint64 {
	const k0, k1, k2, k3 = 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0xd6e8feb86659fd93
	a := uint64(seg.Seq)<<32 | uint64(seg.Ack)
	b := uint64(seg.Checksum)<<48 | uint64(seg.IPID)<<32 | uint64(seg.Window)<<16 | uint64(seg.Flags)<<8 | uint64(seg.DataOffset)
	c := uint64(seg.Length) << 32
	if seg.Options.Set&capture.HasTimestamps != 0 {
		c |= uint64(seg.Options.TSVal)
	}
	var head, tail uint64
	p := seg.Payload
	switch {
	case len(p) >= 8:
		head, tail = binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[len(p)-8:])
	case len(p) > 0:
		var x [8]byte
		copy(x[:], p)
		head = binary.LittleEndian.Uint64(x[:])
	}
	x := mix(a^key, k0) ^ mix(b, k1) ^ mix(c^k2, k2)
	return mix(x^head, k3) ^ mix(tail+k0, k1)
}

// mix multiplies to 128 bits and folds the halves.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^b, b)
	return hi ^ lo
}
