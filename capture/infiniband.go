package capture

import (
	"encoding/binary"

	"tcptrace/words"
)

// ipoib decodes LINKTYPE_IPOIB: forty bytes of a global route header, or of what stands in its place, and then the
// header of IP over InfiniBand.
func (d *decoder) ipoib(v view, depth int) outcome {
	const route, header = 40, 4
	if len(v.b) < route+header {
		return d.unreadable(words.LinkHeaderCut)
	}
	return d.etherType(binary.BigEndian.Uint16(v.b[route:]), v.from(route+header), depth)
}

// The next header that a local route header tells, InfiniBand Architecture 7.7.5.
const (
	linkNextRaw    = 0 // a raw header with an EtherType
	linkNextIPv6   = 1
	linkNextLocal  = 2 // a base transport header
	linkNextGlobal = 3 // the same behind a global route header
)

// infiniband decodes LINKTYPE_INFINIBAND, which begins with the local route header. That tells the packet's length in
// words of 32 bits, from itself to the invariant CRC; a variant CRC of two bytes may follow.
func (d *decoder) infiniband(v view, depth int) outcome {
	const header, invariantCRC = 8, 4
	if len(v.b) < header {
		return d.unreadable(words.HeaderCut("InfiniBand"))
	}
	v, next := v.limit(int(binary.BigEndian.Uint16(v.b[4:])&0x7ff)*4), v.b[1]&3
	if v.wire < header {
		return d.unreadable(words.HeaderLength("InfiniBand"))
	}
	v = v.from(header)
	switch next {
	case linkNextRaw: // there is no invariant CRC
		return d.etherTypeAt(v, 2, depth)
	case linkNextIPv6:
		return d.network(v, depth)
	case linkNextGlobal:
		const route, transport = 40, 0x1b
		if len(v.b) < route {
			return d.unreadable(words.HeaderCut("InfiniBand"))
		}
		if v.b[6] != transport {
			return notTCP
		}
		v = v.from(route)
	}
	return d.infinibandTransport(v.limit(max(v.wire-invariantCRC, 0)), depth)
}

// infinibandTransport decodes a base transport header and what a SEND in one packet carries. IP is sent by unreliable
// datagrams (RFC 4391), or over connections (RFC 4755), whose longer messages are not put together.
func (d *decoder) infinibandTransport(v view, depth int) outcome {
	const base, datagram, immediate = 12, 8, 4
	if len(v.b) < base {
		return d.unreadable(words.HeaderCut("InfiniBand"))
	}
	size, parts := base, false
	switch opcode := v.b[0]; opcode {
	case 0x04, 0x24: // SEND only, of a reliable and of an unreliable connection
	case 0x05, 0x25:
		size += immediate
	case 0x00, 0x20: // SEND first
		parts = true
	case 0x64:
		size += datagram
	case 0x65:
		size += datagram + immediate
	default:
		return notTCP
	}
	v = v.limit(max(v.wire-int(v.b[1]>>4&3), 0)) // padding
	if len(v.b) < size {
		return d.unreadable(words.HeaderCut("InfiniBand"))
	}
	v = v.from(size)
	switch {
	case !isIPoverInfiniBand(v.b):
		return notTCP
	case parts:
		return d.unreadable(words.InfiniBandParts)
	}
	return d.network(v.from(4), depth)
}

// isIPoverInfiniBand tells the header of RFC 4391, section 6, and the IP version after it from what else programs send:
// nothing in the headers before does.
func isIPoverInfiniBand(b []byte) bool {
	if len(b) < 5 || b[2] != 0 || b[3] != 0 {
		return false
	}
	kind, version := binary.BigEndian.Uint16(b), b[4]>>4
	return kind == etherIPv4 && version == 4 || kind == etherIPv6 && version == 6
}
