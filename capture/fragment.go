package capture

import (
	"net/netip"
	"sort"

	"tcptrace/words"
)

// The caps of reassembly. A datagram that would exceed one of them is given up, oldest first.
const (
	maxDatagram       = 65535 // bytes, RFC 791
	maxDatagrams      = 1024
	maxFragmentMemory = 8 << 20
	maxFragmentRuns   = 512                // runs of bytes with holes between them, in one datagram
	fragmentLifetime  = 30 * 1_000_000_000 // ns of capture time, as Linux keeps them
)

// fragmentKey is what the fragments of one datagram share, RFC 791 section 3.2 and RFC 8200 section 4.5.
type fragmentKey struct {
	src, dst netip.Addr
	id       uint32
	proto    uint8 // IPv4 only: IPv6 keys have no next header
}

// run is the bytes [from, to) of a datagram.
type run struct{ from, to int }

// datagram is one that is being put together.
type datagram struct {
	serial  int64 // tells it from a later one with the same key
	first   int64 // time of its first fragment
	packets int64 // fragments held
	data    []byte
	runs    []run // sorted, not touching
	total   int   // bytes; -1 until the last fragment has come
	known   int   // bytes from the start of which none was cut off by the snap length
	head    ipHeader
	hasHead bool // head is of the fragment with offset 0
}

// reassembler holds incomplete IP datagrams within fixed limits.
type reassembler struct {
	seen    int64 // fragments
	pending int64 // of them, those that are no part of a complete datagram
	memory  int
	serial  int64
	held    map[fragmentKey]*datagram
	order   []heldKey // oldest first; an entry is void when its datagram is gone
}

type heldKey struct {
	key    fragmentKey
	serial int64
}

// fragment takes one fragment in and decodes the datagram when it is complete.
func (d *decoder) fragment(h *ipHeader, v view, offset int, more bool, depth int) outcome {
	r := &d.fragments
	r.seen++
	if !reassembled(h.proto) {
		return notTCP
	}
	end := offset + v.wire
	switch {
	case end > maxDatagram:
		return d.unreadable(words.FragmentBeyond)
	case more && v.wire%8 != 0, v.wire == 0:
		return d.unreadable(words.FragmentLength)
	}
	key := fragmentKey{h.src, h.dst, h.id, h.proto}
	if h.v6 {
		key.proto = 0
	}
	g := r.find(key, d.time, d.timed)
	g.packets++
	r.pending++
	if offset == 0 && !g.hasHead {
		g.head, g.hasHead = *h, true
	}
	if !r.add(g, v, offset, more, h.v6) {
		r.drop(key, g)
		return waiting
	}
	if !g.hasHead || g.total < 0 || len(g.runs) != 1 || g.runs[0] != (run{0, g.total}) {
		r.shrink()
		return waiting
	}
	return d.complete(key, g, depth)
}

// reassembled reports whether a protocol may carry TCP; fragments of the others are not kept.
func reassembled(proto uint8) bool {
	switch proto {
	case protoTCP, protoUDP, protoIPv4, protoIPv6, protoGRE, protoEtherIP, protoMPLS, protoAH,
		protoHopByHop, protoRouting, protoDestination, protoMobility:
		return true
	}
	return false
}

// complete decodes a whole datagram. Nothing reuses its memory.
func (d *decoder) complete(key fragmentKey, g *datagram, depth int) outcome {
	r := &d.fragments
	head := g.head
	head.fragmented = true
	whole := view{g.data[:min(g.total, g.known)], g.total}
	r.pending -= g.packets
	g.packets = 0
	r.drop(key, g)
	if head.v6 {
		return d.extensions(&head, whole, depth+1)
	}
	return d.transport(&head, whole, depth+1)
}

// find returns the datagram of a key, a new one if there is none or it is too old.
func (r *reassembler) find(key fragmentKey, now int64, timed bool) *datagram {
	if g, ok := r.held[key]; ok {
		if age := now - g.first; !timed || age >= -fragmentLifetime && age <= fragmentLifetime {
			return g
		}
		r.drop(key, g)
	}
	if r.held == nil {
		r.held = map[fragmentKey]*datagram{}
	}
	for len(r.held) >= maxDatagrams {
		r.dropOldest()
	}
	r.serial++
	g := &datagram{serial: r.serial, first: now, total: -1, known: maxDatagram}
	r.held[key] = g
	r.order = append(r.order, heldKey{key, g.serial})
	return g
}

// add copies a fragment's bytes into its datagram. It reports false when the datagram is to be given up:
// its parts contradict each other, or there are too many of them. Bytes that came first stay, as in the BSDs;
// IPv6 forbids overlaps altogether (RFC 5722).
func (r *reassembler) add(g *datagram, v view, offset int, more, v6 bool) bool {
	end := offset + v.wire
	if !more {
		if g.total >= 0 && g.total != end {
			return false
		}
		g.total = end
	}
	if g.total >= 0 && (end > g.total || len(g.runs) > 0 && g.runs[len(g.runs)-1].to > g.total) {
		return false
	}
	if len(v.b) < v.wire {
		g.known = min(g.known, offset+len(v.b))
	}
	if grow := end - len(g.data); grow > 0 {
		before := cap(g.data)
		g.data = append(g.data, make([]byte, grow)...)
		r.memory += cap(g.data) - before
	}
	// The runs that the fragment touches are [i, j).
	i := sort.Search(len(g.runs), func(k int) bool { return g.runs[k].to >= offset })
	j := i
	at := offset
	overlap := false
	for ; j < len(g.runs) && g.runs[j].from <= end; j++ {
		overlap = overlap || g.runs[j].from < end && g.runs[j].to > offset
		copyPart(g.data, v.b, offset, at, g.runs[j].from)
		at = max(at, g.runs[j].to)
	}
	copyPart(g.data, v.b, offset, at, end)
	if overlap && v6 && !(j == i+1 && g.runs[i].from <= offset && g.runs[i].to >= end) {
		return false // a copy of what is there already is harmless
	}
	merged := run{offset, end}
	if j > i {
		merged = run{min(offset, g.runs[i].from), max(end, g.runs[j-1].to)}
	}
	g.runs = append(g.runs[:i], append([]run{merged}, g.runs[j:]...)...)
	return len(g.runs) <= maxFragmentRuns
}

// copyPart copies the bytes [from, to) of a fragment that starts at offset, as far as they were captured.
func copyPart(data, b []byte, offset, from, to int) {
	to = min(to, offset+len(b))
	if from < to {
		copy(data[from:to], b[from-offset:to-offset])
	}
}

// drop forgets a datagram.
func (r *reassembler) drop(key fragmentKey, g *datagram) {
	r.memory -= cap(g.data)
	delete(r.held, key)
	if len(r.order) > 4*maxDatagrams {
		r.compact()
	}
}

// shrink keeps the memory within its cap.
func (r *reassembler) shrink() {
	for r.memory > maxFragmentMemory {
		r.dropOldest()
	}
}

func (r *reassembler) dropOldest() {
	for len(r.order) > 0 {
		oldest := r.order[0]
		r.order = r.order[1:]
		if g, ok := r.held[oldest.key]; ok && g.serial == oldest.serial {
			r.drop(oldest.key, g)
			return
		}
	}
}

// compact takes void entries out of the order.
func (r *reassembler) compact() {
	kept := r.order[:0:0]
	for _, k := range r.order {
		if g, ok := r.held[k.key]; ok && g.serial == k.serial {
			kept = append(kept, k)
		}
	}
	r.order = kept
}
