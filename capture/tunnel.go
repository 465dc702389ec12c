package capture

import (
	"encoding/binary"

	"tcptrace/words"
)

// gre decodes RFC 2784 and 2890, and the version 1 that PPTP uses, RFC 2637.
func (d *decoder) gre(v view, depth int) outcome {
	g := &d.upper.gre
	if !decodeLayer(g, v.b) {
		return d.unreadable(words.GREMalformed)
	}
	inner := v.from(len(g.Contents))
	if g.Version == 1 {
		if !g.SeqPresent { // an acknowledgement alone
			return notTCP
		}
		inner = inner.limit(int(g.Key >> 16))
	}
	switch kind := uint16(g.Protocol); {
	case kind == greERSPAN:
		if !g.SeqPresent { // type I has no header of its own
			return d.ethernet(inner, depth+1)
		}
		return d.afterHeader(inner, 8, depth+1, d.ethernet)
	case kind == greERSPAN3:
		return d.erspan3(inner, depth)
	case kind == greWCCP && len(inner.b) > 0 && inner.b[0]>>4 != 4:
		return d.afterHeader(inner, 4, depth+1, d.network)
	case kind == greWCCP:
		return d.network(inner, depth+1)
	case kind >= greArubaFirst && kind <= greArubaLast:
		return d.wifi(inner, radio{}, depth+1)
	default:
		if kind <= maxLength8023 { // keep-alives have no protocol
			return notTCP
		}
		return d.etherType(kind, inner, depth+1)
	}
}

// greInUDP decodes RFC 8086. The header is that of RFC 2784 and RFC 2890; what has other bits set is some other
// protocol on that port. The same inside DTLS has port 4755 and cannot be read.
func (d *decoder) greInUDP(v view, depth int) outcome {
	const known = 0xb000 // checksum, key and sequence number are there
	if len(v.b) < 4 || binary.BigEndian.Uint16(v.b)&^known != 0 {
		return notTCP
	}
	return d.gre(v, depth)
}

// Protocol types of GRE that are no EtherTypes of frames.
const (
	greERSPAN     = 0x88be
	greERSPAN3    = 0x22eb
	greWCCP       = 0x883e
	greArubaFirst = 0x8200 // Aruba's access points: 802.11 frames, one number a queue
	greArubaLast  = 0x8fff
)

// erspan3 decodes ERSPAN type III: twelve bytes, and eight more if the last bit says so.
func (d *decoder) erspan3(v view, depth int) outcome {
	if len(v.b) < 12 {
		return d.unreadable(words.ERSPANMalformed)
	}
	size := 12
	if v.b[11]&1 != 0 {
		size = 20
	}
	return d.afterHeader(v, size, depth+1, d.ethernet)
}

// vxlan decodes RFC 7348. What does not have exactly its flags is some other protocol on that port.
func (d *decoder) vxlan(v view, depth int) outcome {
	const known = 0x88 // the flags I of RFC 7348 and G of group policies
	x := &d.upper.vxlan
	if !decodeLayer(x, v.b) || !x.ValidIDFlag || v.b[0]&^known != 0 || v.b[7] != 0 {
		return notTCP
	}
	return d.ethernet(v.from(8), depth+1)
}

// trill decodes RFC 6325 section 3: flags and the length of the options, and the nicknames of two bridges.
func (d *decoder) trill(v view, depth int) outcome {
	if len(v.b) < 6 {
		return d.unreadable(words.HeaderCut("TRILL"))
	}
	options := int(binary.BigEndian.Uint16(v.b)>>6&0x1f) * 4
	return d.afterHeader(v, 6+options, depth, d.ethernet)
}

// nsh decodes a network service header, RFC 8300 section 2.
func (d *decoder) nsh(v view, depth int) outcome {
	if len(v.b) < 8 {
		return d.unreadable(words.HeaderCut("NSH"))
	}
	size, next := int(v.b[1]&0x3f)*4, v.b[3]
	switch {
	case size < 8:
		return d.unreadable(words.HeaderLength("NSH"))
	case len(v.b) < size:
		return d.unreadable(words.HeaderCut("NSH"))
	}
	return d.nextProtocol(next, v.from(size), depth)
}

// nextProtocol decodes what stands behind a network service header.
func (d *decoder) nextProtocol(kind uint8, v view, depth int) outcome {
	switch kind {
	case 1, 2: // IPv4, IPv6
		return d.network(v, depth)
	case 3:
		return d.ethernet(v, depth)
	case 4:
		if depth > maxDepth {
			return d.unreadable(words.NestedTooDeeply)
		}
		return d.nsh(v, depth+1)
	case 5:
		return d.mpls(v, depth)
	}
	return notTCP
}

// vxlanGPE decodes draft-ietf-nvo3-vxlan-gpe-13, whose header tells what follows.
func (d *decoder) vxlanGPE(v view, depth int) outcome {
	const versionAndNext = 0x34
	if len(v.b) < 8 || v.b[0]&versionAndNext != 0x04 || v.b[1] != 0 || v.b[2] != 0 {
		return notTCP
	}
	return d.nextProtocol(v.b[3], v.from(8), depth+1)
}

// lisp decodes the data packets of RFC 9300 section 5: a header of eight bytes before IP.
func (d *decoder) lisp(v view, depth int) outcome {
	if len(v.b) < 9 || v.b[8]>>4 != 4 && v.b[8]>>4 != 6 {
		return notTCP
	}
	return d.network(v.from(8), depth+1)
}

// l2tp decodes a data message of RFC 2661 section 3.1: PPP behind a header with optional parts. Control messages are
// between the ends of the tunnel.
func (d *decoder) l2tp(v view, depth int) outcome {
	const hasLength, hasSequence, hasOffset, others, version = 0x4000, 0x0800, 0x0200, 0xb4ff, 2
	if len(v.b) < 6 {
		return notTCP
	}
	flags, size := binary.BigEndian.Uint16(v.b), 6
	if flags&others != version {
		return notTCP
	}
	if flags&hasLength != 0 {
		length := int(binary.BigEndian.Uint16(v.b[2:]))
		if length > v.wire {
			return notTCP
		}
		v, size = v.limit(length), size+2
	}
	if flags&hasSequence != 0 {
		size += 4
	}
	if flags&hasOffset != 0 {
		if len(v.b) < size+2 {
			return d.unreadable(words.HeaderCut("L2TP"))
		}
		size += 2 + int(binary.BigEndian.Uint16(v.b[size:]))
	}
	return d.afterHeader(v, size, depth+1, d.pppFramed)
}

// tzsp decodes the TaZmen Sniffer Protocol, in which access points and routers send what they hear: a version, a type, a
// link type of its own numbers, and tags up to an end.
func (d *decoder) tzsp(v view, depth int) outcome {
	const version, pad, end = 1, 0, 1
	if len(v.b) < 4 || v.b[0] != version || v.b[1] > 1 {
		return notTCP
	}
	kind, v := binary.BigEndian.Uint16(v.b[2:]), v.from(4)
	for {
		switch {
		case len(v.b) > 0 && v.b[0] == pad:
			v = v.from(1)
			continue
		case len(v.b) > 0 && v.b[0] == end:
			return d.heard(kind, v.from(1), depth)
		case len(v.b) < 2 || len(v.b) < 2+int(v.b[1]):
			return d.unreadable(words.HeaderCut("TZSP"))
		}
		v = v.from(2 + int(v.b[1]))
	}
}

// heard decodes a packet by TZSP's number of its link type.
func (d *decoder) heard(kind uint16, v view, depth int) outcome {
	switch kind {
	case 1:
		return d.link(linkEthernet, v, depth)
	case 18:
		return d.link(linkWiFi, v, depth)
	case 119:
		return d.link(linkPrism, v, depth)
	case 126:
		return d.link(linkRadiotap, v, depth)
	case 127:
		return d.link(linkAVS, v, depth)
	}
	return notTCP
}

// geneve decodes RFC 8926.
func (d *decoder) geneve(v view, depth int) outcome {
	if len(v.b) < 8 || v.b[0]>>6 != 0 || v.b[1]&0x3f != 0 || v.b[7] != 0 {
		return notTCP
	}
	size, kind := 8+int(v.b[0]&0x3f)*4, binary.BigEndian.Uint16(v.b[2:])
	if len(v.b) < size {
		return d.unreadable(words.HeaderCut("GENEVE"))
	}
	if kind <= maxLength8023 {
		return notTCP
	}
	return d.etherType(kind, v.from(size), depth+1)
}

// gtp decodes a G-PDU of GTPv1-U, 3GPP TS 29.281 section 5.
func (d *decoder) gtp(v view, depth int) outcome {
	const packetData = 0xff
	if len(v.b) < 8 || v.b[0]>>4 != 3 || v.b[1] != packetData {
		return notTCP
	}
	flags := v.b[0]
	v = v.limit(8 + int(binary.BigEndian.Uint16(v.b[2:]))).from(8)
	if flags&7 != 0 {
		if len(v.b) < 4 {
			return d.unreadable(words.HeaderCut("GTP"))
		}
		next := v.b[3]
		v = v.from(4)
		for flags&4 != 0 && next != 0 {
			if len(v.b) < 4 {
				return d.unreadable(words.HeaderCut("GTP"))
			}
			size := int(v.b[0]) * 4
			if size == 0 || size > len(v.b) {
				return d.unreadable(words.GTPExtensionLength)
			}
			next = v.b[size-1]
			v = v.from(size)
		}
	}
	if len(v.b) == 0 || v.b[0]>>4 != 4 && v.b[0]>>4 != 6 {
		return notTCP
	}
	return d.network(v, depth+1)
}

// teredo decodes IPv6 with the optional headers of RFC 4380 section 5.1.1 before it.
func (d *decoder) teredo(v view, depth int) outcome {
	if len(v.b) >= 4 && v.b[0] == 0 && v.b[1] == 1 { // authentication: two lengths, then 9 bytes
		if size := 13 + int(v.b[2]) + int(v.b[3]); size <= len(v.b) {
			v = v.from(size)
		}
	}
	if len(v.b) >= 8 && v.b[0] == 0 && v.b[1] == 0 { // origin
		v = v.from(8)
	}
	if len(v.b) < 40 || v.b[0]>>4 != 6 || int(binary.BigEndian.Uint16(v.b[4:]))+40 > v.wire {
		return notTCP
	}
	return d.network(v, depth+1)
}

// ayiya decodes draft-massar-v6ops-ayiya-02: identity and signature of variable size before the packet.
func (d *decoder) ayiya(v view, depth int) outcome {
	const forward = 1
	if len(v.b) < 8 || v.b[2]&0x0f != forward {
		return notTCP
	}
	size := 8 + 1<<(v.b[0]>>4) + int(v.b[1]>>4)*4
	if len(v.b) <= size {
		return notTCP
	}
	switch v.b[3] {
	case protoIPv4, protoIPv6:
		return d.network(v.from(size), depth+1)
	}
	return notTCP
}
