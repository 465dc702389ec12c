package capture

import (
	"bytes"
	"encoding/binary"
	"math/rand"
	"strings"
	"testing"
)

// piece is one fragment of an IP payload.
type piece struct{ from, to int }

// ipv4Piece wraps part of a payload in an IPv4 header.
func ipv4Piece(id uint16, payload []byte, p piece, proto byte) []byte {
	b := []byte{0x45, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(20+p.to-p.from))
	b = binary.BigEndian.AppendUint16(b, id)
	place := uint16(p.from / 8)
	if p.to < len(payload) {
		place |= 0x2000
	}
	b = binary.BigEndian.AppendUint16(b, place)
	b = append(b, 64, proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2)
	return append(b, payload[p.from:p.to]...)
}

// ipv6Piece is the same for IPv6.
func ipv6Piece(id uint16, payload []byte, p piece, proto byte) []byte {
	b := []byte{0x60, 0, 0, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(8+p.to-p.from))
	b = append(b, protoFragment, 64)
	b = append(b, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
	b = append(b, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)
	place := uint16(p.from)
	if p.to < len(payload) {
		place |= 1
	}
	b = append(b, proto, 0)
	b = binary.BigEndian.AppendUint16(b, place)
	b = binary.BigEndian.AppendUint32(b, uint32(id))
	return append(b, payload[p.from:p.to]...)
}

// tcpBytes is a TCP header without options and n bytes that count up.
func tcpBytes(n int) []byte {
	b := appendTCP(nil, 4242)
	for i := range n {
		b = append(b, byte(i*7))
	}
	return b
}

// rawRecord is one packet of raw IP at a number of seconds.
func rawRecord(data []byte, seconds int64) *record {
	rec := &record{link: linkRaw, time: seconds * 1e9, hasTime: true}
	rec.setLengths(data, uint32(len(data)))
	return rec
}

// feed decodes packets and returns the segments that come out.
func feed(d *decoder, packets ...[]byte) (out []Segment) {
	for i, p := range packets {
		var ev Event
		if d.packet(rawRecord(p, 1), int64(i+1), &ev) == found && ev.Kind == KindSegment {
			out = append(out, *ev.Segment.Clone())
		}
	}
	return out
}

type wrap func(id uint16, payload []byte, p piece, proto byte) []byte

func TestFragmentsInEveryOrder(t *testing.T) {
	payload := tcpBytes(100)
	pieces := []piece{{0, 8}, {8, 48}, {48, 64}, {64, 120}}
	for name, wrap := range map[string]wrap{"IPv4": ipv4Piece, "IPv6": ipv6Piece} {
		permutations(len(pieces), func(order []int) {
			var d decoder
			var packets [][]byte
			for _, i := range order {
				packets = append(packets, wrap(9, payload, pieces[i], protoTCP))
			}
			got := feed(&d, packets...)
			if len(got) != 1 || !bytes.Equal(got[0].Payload, payload[20:]) || got[0].Length != 100 || !got[0].Fragmented ||
				got[0].Frame != 4 || got[0].Seq != 4242 {
				t.Fatalf("%s in order %v: %+v", name, order, got)
			}
			if d.fragments.pending != 0 || d.fragments.seen != 4 || len(d.fragments.held) != 0 || d.fragments.memory != 0 {
				t.Fatalf("%s in order %v left %+v", name, order, d.fragments)
			}
		})
	}
}

func permutations(n int, f func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var at func(int)
	at = func(k int) {
		if k == n {
			f(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			at(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	at(0)
}

// TestRandomFragments cuts at random places, with overlaps that agree, and shuffles.
func TestRandomFragments(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for round := range 300 {
		payload := tcpBytes(100 + random.Intn(3000))
		var packets [][]byte
		for from := 0; from < len(payload); {
			to := min(from+8*(1+random.Intn(40)), len(payload))
			start := max(0, from-8*random.Intn(5))
			packets = append(packets, ipv4Piece(7, payload, piece{start, to}, protoTCP))
			from = to
		}
		random.Shuffle(len(packets), func(i, j int) { packets[i], packets[j] = packets[j], packets[i] })
		var d decoder
		got := feed(&d, packets...)
		if len(got) == 0 || !bytes.Equal(got[0].Payload, payload[20:]) {
			t.Fatalf("round %d: %d segments of %d fragments", round, len(got), len(packets))
		}
	}
}

func TestOverlaps(t *testing.T) {
	honest, forged := tcpBytes(60), tcpBytes(60)
	for i := 40; i < 60; i++ {
		forged[i] = 'X'
	}
	for name, c := range map[string]struct {
		wrap     wrap
		packets  []piece
		forged   int // index of the packet whose bytes differ
		segments int
	}{
		"IPv4 keeps what came first":      {ipv4Piece, []piece{{0, 48}, {40, 64}, {64, 80}}, 1, 1},
		"IPv4 covered by a later one":     {ipv4Piece, []piece{{0, 24}, {32, 48}, {24, 64}, {64, 80}}, 2, 1},
		"IPv6 gives the datagram up":      {ipv6Piece, []piece{{0, 48}, {40, 64}, {64, 80}}, 1, 0},
		"IPv6 suffers a repetition":       {ipv6Piece, []piece{{0, 48}, {0, 48}, {48, 80}}, -1, 1},
		"two ends that contradict":        {ipv4Piece, []piece{{0, 40}, {64, 80}, {40, 80}}, -1, 1},
		"bytes beyond the datagram's end": {ipv4Piece, []piece{{40, 80}, {0, 40}}, -1, 1},
	} {
		var d decoder
		var packets [][]byte
		for i, p := range c.packets {
			from := honest
			if i == c.forged {
				from = forged
			}
			packets = append(packets, c.wrap(3, from, p, protoTCP))
		}
		got := feed(&d, packets...)
		if len(got) != c.segments {
			t.Errorf("%s: %d segments", name, len(got))
		}
		for _, s := range got {
			if bytes.Contains(s.Payload[:28], []byte("X")) || len(s.Payload) != 60 {
				t.Errorf("%s: %q", name, s.Payload)
			}
		}
	}
}

func TestContradictingEnds(t *testing.T) {
	var d decoder
	long, short := tcpBytes(100), tcpBytes(60)
	got := feed(&d,
		ipv4Piece(1, short, piece{40, 80}, protoTCP), // the last fragment: the datagram has 80 bytes
		ipv4Piece(1, long, piece{80, 120}, protoTCP), // the last one too: it has 120
		ipv4Piece(1, short, piece{0, 40}, protoTCP))
	if len(got) != 0 || d.fragments.pending != 3 {
		t.Errorf("%d segments, %d pending", len(got), d.fragments.pending)
	}
}

func TestFragmentsCutBySnapLength(t *testing.T) {
	payload := tcpBytes(100)
	var d decoder
	var ev Event
	first := rawRecord(ipv4Piece(5, payload, piece{0, 64}, protoTCP), 1)
	first.data = first.data[:20+30] // ten bytes of TCP payload
	d.packet(first, 1, &ev)
	if out := d.packet(rawRecord(ipv4Piece(5, payload, piece{64, 120}, protoTCP), 1), 2, &ev); out != found {
		t.Fatalf("outcome %d", out)
	}
	if s := &ev.Segment; s.Length != 100 || !bytes.Equal(s.Payload, payload[20:30]) || !s.Cut() {
		t.Errorf("%d of %d bytes", len(s.Payload), s.Length)
	}
}

func TestOldFragmentsAreForgotten(t *testing.T) {
	payload := tcpBytes(60)
	var d decoder
	var ev Event
	d.packet(rawRecord(ipv4Piece(5, payload, piece{0, 40}, protoTCP), 1), 1, &ev)
	if out := d.packet(rawRecord(ipv4Piece(5, payload, piece{40, 80}, protoTCP), 100), 2, &ev); out == found {
		t.Error("fragments 99 s apart were put together")
	}
}

// TestCapsOfReassembly floods it and looks at what it holds.
func TestCapsOfReassembly(t *testing.T) {
	var d decoder
	var ev Event
	payload := tcpBytes(60_000)
	number := int64(0)
	for id := range 3000 {
		number++
		d.packet(rawRecord(ipv4Piece(uint16(id), payload, piece{0, 59_992}, protoTCP), 1), number, &ev)
		if r := &d.fragments; r.memory > maxFragmentMemory || len(r.held) > maxDatagrams || len(r.order) > 5*maxDatagrams {
			t.Fatalf("after %d datagrams: %d bytes, %d held, %d in order", id, r.memory, len(r.held), len(r.order))
		}
	}
	for id := range 3000 {
		number++
		d.packet(rawRecord(ipv4Piece(uint16(id), payload, piece{8, 16}, protoTCP), 1), number, &ev)
		if r := &d.fragments; len(r.held) > maxDatagrams || len(r.order) > 5*maxDatagrams {
			t.Fatalf("after %d datagrams: %d held, %d in order", id, len(r.held), len(r.order))
		}
	}
	if d.fragments.pending != number {
		t.Errorf("%d pending of %d", d.fragments.pending, number)
	}
}

func TestFragmentsWithGaps(t *testing.T) {
	var d decoder
	payload := tcpBytes(60_000)
	for at := 0; at+16 < len(payload); at += 16 {
		feed(&d, ipv4Piece(1, payload, piece{at, at + 8}, protoTCP))
		for _, g := range d.fragments.held {
			if len(g.runs) > maxFragmentRuns {
				t.Fatalf("%d runs", len(g.runs))
			}
		}
	}
}

func TestFragmentsThatAreNotKept(t *testing.T) {
	var d decoder
	if feed(&d, ipv4Piece(1, tcpBytes(60), piece{0, 40}, protoICMP)); len(d.fragments.held) != 0 {
		t.Error("ICMP is kept")
	}
	var ev Event
	out := d.packet(rawRecord(ipv4Piece(1, tcpBytes(60), piece{0, 44}, protoTCP), 1), 1, &ev)
	if out != unread || !strings.Contains(d.reason.String(), "impossible length") {
		t.Errorf("a fragment of 44 bytes with more to come: outcome %d, %s", out, d.reason)
	}
	atomic := ipv6Piece(1, tcpBytes(60), piece{0, 80}, protoTCP)
	if got := feed(&d, atomic); len(got) != 1 || got[0].Fragmented || got[0].Length != 60 {
		t.Errorf("an atomic fragment: %+v", got)
	}
}
