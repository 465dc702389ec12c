package capture

import (
	"encoding/binary"
	"math"
	"net/netip"

	"tcptrace/words"
)

// outcome says what became of one packet.
type outcome uint8

const (
	notTCP  outcome = iota // decoded far enough to see that there is no TCP inside
	found                  // an event was filled in
	waiting                // an IP fragment, kept until its datagram is complete
	cutTCP                 // a TCP header of which only the start was captured
	unread                 // the decoder's reason says why
)

// maxDepth limits headers inside headers: IP in IP, Ethernet in GRE, and so on.
const maxDepth = 16

// view is a run of captured bytes together with the length it had on the wire.
type view struct {
	b    []byte
	wire int
}

// from drops the first n bytes; n must not exceed len(v.b).
func (v view) from(n int) view { return view{v.b[n:], v.wire - n} }

// limit cuts a view to n bytes on the wire.
func (v view) limit(n int) view {
	if n < v.wire {
		v.wire = n
	}
	if n < len(v.b) {
		v.b = v.b[:n]
	}
	return v
}

// decoder turns packets into events. Its zero value is ready.
type decoder struct {
	ev     *Event // where the next event goes
	frame  int64
	time   int64
	timed  bool
	iface  uint32
	mac    MAC
	hasMAC bool
	reason words.Reason // why the packet is unread

	fragments reassembler
	upper     upperLayers
	// more holds the events of a packet beyond its first one: an 802.11 aggregate carries several.
	more []Event

	numbered map[unreadKey]bool // the reasons that name a number
}

// ipHeader is what the layers above need of an IP header.
type ipHeader struct {
	src, dst     netip.Addr
	id           uint32 // of IPv4, or of an IPv6 fragment header
	proto        uint8
	ttl          uint8
	v6           bool
	dontFragment bool
	fragmented   bool
}

func (d *decoder) unreadable(reason words.Reason) outcome {
	d.reason = reason
	return unread
}

// network decodes an IP packet of either version.
func (d *decoder) network(v view, depth int) outcome {
	if len(v.b) == 0 {
		return d.unreadable(words.HeaderCut("IP"))
	}
	if depth > maxDepth {
		return d.unreadable(words.NestedTooDeeply)
	}
	switch v.b[0] >> 4 {
	case 4:
		return d.ipv4(v, depth)
	case 6:
		return d.ipv6(v, depth)
	}
	return d.unreadable(words.IPVersion)
}

// ipv4 decodes RFC 791. A total length of zero is what a segmentation offload leaves: it means "to the
// end of the frame". Bytes after the total length are padding, and a total length beyond the frame, as it
// was on the wire, cannot be true.
func (d *decoder) ipv4(v view, depth int) outcome {
	b := v.b
	if len(b) < 20 {
		return d.unreadable(words.HeaderCut("IPv4"))
	}
	header, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if total == 0 || total > v.wire {
		total = v.wire
	}
	switch {
	case header < 20:
		return d.unreadable(words.IPv4HeaderLength)
	case total < header:
		return d.unreadable(words.IPv4TotalLength)
	case len(b) < header:
		return d.unreadable(words.HeaderCut("IPv4"))
	case header > 20 && !soundOptions(b[20:header]):
		return d.unreadable(words.IPv4Options)
	}
	place := binary.BigEndian.Uint16(b[6:])
	h := ipHeader{
		src:          netip.AddrFrom4([4]byte(b[12:16])),
		dst:          netip.AddrFrom4([4]byte(b[16:20])),
		id:           uint32(binary.BigEndian.Uint16(b[4:])),
		proto:        b[9],
		ttl:          b[8],
		dontFragment: place&0x4000 != 0,
	}
	payload := view{b[header:min(total, len(b))], total - header}
	if place&0x3fff != 0 {
		return d.fragment(&h, payload, int(place&0x1fff)*8, place&0x2000 != 0, depth)
	}
	if h.proto == protoTCP {
		return d.tcp(&h, payload)
	}
	return d.transport(&h, payload, depth)
}

// soundOptions reports whether IPv4 options can be walked to their end, RFC 791 section 3.1. A host drops a packet whose
// options it cannot read.
func soundOptions(p []byte) bool {
	for len(p) > 0 && p[0] != 0 {
		if p[0] == 1 { // no operation
			p = p[1:]
			continue
		}
		if len(p) < 2 || int(p[1]) < leastIPOption(p[0]) || int(p[1]) > len(p) {
			return false
		}
		p = p[p[1]:]
	}
	return true
}

// leastIPOption is the shortest length that an IPv4 option can have.
func leastIPOption(kind uint8) int {
	switch kind {
	case 130, 133, 7, 131, 137: // security (RFC 1108), and the routes of RFC 791
		return 3
	case 68, 136, 148: // timestamp, stream identifier, router alert (RFC 2113)
		return 4
	}
	return 2
}

// ipv6 decodes RFC 8200. A payload length of zero means a jumbo payload (RFC 2675), or a segmentation
// offload's packet that goes to the end of the frame.
func (d *decoder) ipv6(v view, depth int) outcome {
	b := v.b
	if len(b) < 40 {
		return d.unreadable(words.HeaderCut("IPv6"))
	}
	length := int(binary.BigEndian.Uint16(b[4:]))
	h := ipHeader{
		src:   netip.AddrFrom16([16]byte(b[8:24])),
		dst:   netip.AddrFrom16([16]byte(b[24:40])),
		proto: b[6],
		ttl:   b[7],
		v6:    true,
	}
	payload := v.from(40)
	if length == 0 {
		length = payload.wire
		if jumbo, ok := jumboLength(payload.b); h.proto == protoHopByHop && ok {
			length = jumbo
		}
	}
	payload = payload.limit(length)
	if h.proto == protoTCP {
		return d.tcp(&h, payload)
	}
	return d.extensions(&h, payload, depth)
}

// extensions walks an IPv6 header chain to the upper layer.
func (d *decoder) extensions(h *ipHeader, v view, depth int) outcome {
	for {
		var size int
		switch h.proto {
		case protoHopByHop, protoRouting, protoDestination, protoMobility, protoHIP, protoShim6:
			if len(v.b) < 2 {
				return d.unreadable(words.IPv6ExtensionCut)
			}
			size = int(v.b[1])*8 + 8
		case protoAH:
			if len(v.b) < 2 {
				return d.unreadable(words.IPv6ExtensionCut)
			}
			size = int(v.b[1])*4 + 8
		case protoFragment:
			if len(v.b) < 8 {
				return d.unreadable(words.IPv6ExtensionCut)
			}
			place := binary.BigEndian.Uint16(v.b[2:])
			h.proto, h.id = v.b[0], binary.BigEndian.Uint32(v.b[4:])
			v = v.from(8)
			if place&0xfff9 == 0 { // an atomic fragment, RFC 6946
				continue
			}
			return d.fragment(h, v, int(place&0xfff8), place&1 != 0, depth)
		default:
			return d.transport(h, v, depth)
		}
		if len(v.b) < size {
			return d.unreadable(words.IPv6ExtensionCut)
		}
		h.proto = v.b[0]
		v = v.from(size)
	}
}

// jumboLength reads the jumbo payload option of a hop-by-hop header, RFC 2675.
func jumboLength(b []byte) (int, bool) {
	if len(b) < 8 {
		return 0, false
	}
	options := b[2:min(len(b), int(b[1])*8+8)]
	for len(options) > 0 {
		if options[0] == 0 { // Pad1
			options = options[1:]
			continue
		}
		if len(options) < 2 || len(options) < 2+int(options[1]) {
			return 0, false
		}
		if options[0] == 0xc2 && options[1] == 4 {
			return int(min(binary.BigEndian.Uint32(options[2:]), math.MaxInt32)), true
		}
		options = options[2+int(options[1]):]
	}
	return 0, false
}

// IP protocol numbers that are looked at.
const (
	protoHopByHop    = 0
	protoICMP        = 1
	protoIPv4        = 4
	protoTCP         = 6
	protoUDP         = 17
	protoIPv6        = 41
	protoRouting     = 43
	protoFragment    = 44
	protoGRE         = 47
	protoESP         = 50
	protoAH          = 51
	protoICMPv6      = 58
	protoDestination = 60
	protoEtherIP     = 97
	protoMobility    = 135
	protoMPLS        = 137
	protoHIP         = 139
	protoShim6       = 140
)
