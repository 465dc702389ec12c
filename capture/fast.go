package capture

import (
	"encoding/binary"
	"net/netip"
)

// fast decodes the packets that nearly every capture consists of: one of the usual link headers, then IPv4
// without options or IPv6 without extensions, unfragmented, then TCP. It reports false for all others, and
// for everything odd; the decoder then takes its general way, which gives the same segment for what fast
// accepts.
func fast(rec *record, frame int64, ev *Event) bool {
	b, wire := rec.data, rec.wire
	s := &ev.Segment
	var from sender
	if rec.link == linkEthernet {
		if len(b) < 54 {
			return false
		}
		if kind := binary.BigEndian.Uint16(b[12:14]); kind != etherIPv4 && kind != etherIPv6 {
			return false
		}
		from = sender{MAC(b[6:12]), true, rec.iface}
		b, wire = b[14:], wire-14
	} else {
		var size int
		if size, from = fastLink(rec); size < 0 {
			return false
		}
		b, wire = b[size:], wire-size
	}
	if len(b) < 40 || rec.fcs > 0 {
		return false
	}
	if b[0] == 0x45 {
		if !fast4(s, b, wire) {
			return false
		}
	} else if b[0]>>4 != 6 || !fast6(s, b, wire) {
		return false
	}
	ev.Kind = KindSegment
	s.Frame, s.Time, s.HasTime, s.Interface = frame, rec.time, rec.hasTime, from.iface
	s.HasSrcMAC, s.SrcMAC = from.known, from.mac
	return true
}

// sender is what a link header says of a packet's origin.
type sender struct {
	mac   MAC
	known bool
	iface uint32
}

// fastLink gives the size of the link headers that fast reads, Ethernet's aside; -1 for all others.
func fastLink(rec *record) (size int, from sender) {
	from.iface = rec.iface
	b := rec.data
	var kind, hardware, length uint16
	var address []byte
	switch {
	case rec.link == linkRaw:
		return 0, from
	case rec.link == linkNull && len(b) >= 4:
		if family := binary.LittleEndian.Uint32(b); family == 2 || family == 24 || family == 30 {
			return 4, from
		}
		return -1, from
	case rec.link == linkSLL && len(b) >= 16:
		size, address = 16, b[6:12]
		kind, hardware, length = binary.BigEndian.Uint16(b[14:]), binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint16(b[4:])
	case rec.link == linkSLL2 && len(b) >= 20:
		size, address = 20, b[12:18]
		kind, hardware, length = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[8:]), uint16(b[11])
		from.iface = binary.BigEndian.Uint32(b[4:])
	}
	if kind != etherIPv4 && kind != etherIPv6 || hardware == hardwareNetlink || hardware == hardwareRadiotap {
		return -1, from
	}
	if hardware == hardwareEthernet && length == 6 {
		from.mac, from.known = MAC(address), true
	}
	return size, from
}

// fast4 fills a segment from an IPv4 packet of at least 40 captured bytes without options.
func fast4(s *Segment, b []byte, wire int) bool {
	ip := (*[40]byte)(b)
	place := binary.BigEndian.Uint16(ip[6:8])
	total := int(binary.BigEndian.Uint16(ip[2:4]))
	if ip[9] != protoTCP || place&0x3fff != 0 || total < 40 || total > wire {
		return false
	}
	if !fastTCP(s, b[20:min(total, len(b))], total-20) {
		return false
	}
	s.Src = netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[12:16])), binary.BigEndian.Uint16(ip[20:22]))
	s.Dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[16:20])), binary.BigEndian.Uint16(ip[22:24]))
	s.IPID = binary.BigEndian.Uint16(ip[4:6])
	s.TTL, s.DontFragment = ip[8], place&0x4000 != 0
	return true
}

// fast6 is fast4 for IPv6.
func fast6(s *Segment, b []byte, wire int) bool {
	if len(b) < 60 {
		return false
	}
	ip := (*[60]byte)(b)
	length := int(binary.BigEndian.Uint16(ip[4:6]))
	if ip[6] != protoTCP || length < 20 || length+40 > wire {
		return false
	}
	if !fastTCP(s, b[40:min(40+length, len(b))], length) {
		return false
	}
	s.Src = netip.AddrPortFrom(netip.AddrFrom16([16]byte(ip[8:24])), binary.BigEndian.Uint16(ip[40:42]))
	s.Dst = netip.AddrPortFrom(netip.AddrFrom16([16]byte(ip[24:40])), binary.BigEndian.Uint16(ip[42:44]))
	s.IPID, s.TTL, s.DontFragment = 0, ip[7], false
	return true
}

// fastTCP fills what the TCP header says, except the ports. b has at least the 20 bytes of a header; wire
// is the length of header and payload.
func fastTCP(s *Segment, b []byte, wire int) bool {
	if len(b) < 20 {
		return false
	}
	h := (*[20]byte)(b)
	header := int(h[12]>>4) * 4
	if header < 20 || header > wire || header > len(b) {
		return false
	}
	switch {
	case header == 20:
		s.Options.Set = 0
	case header == 32 && binary.BigEndian.Uint32(b[20:24]) == timestampsAlone:
		s.Options.Set = HasTimestamps
		s.Options.TSVal = binary.BigEndian.Uint32(b[24:28])
		s.Options.TSEcr = binary.BigEndian.Uint32(b[28:32])
	default:
		tcpOptions(b, header, &s.Options)
	}
	s.Seq, s.Ack = binary.BigEndian.Uint32(h[4:8]), binary.BigEndian.Uint32(h[8:12])
	s.DataOffset, s.Flags = h[12]>>4, Flags(h[13])
	s.Window, s.Checksum = binary.BigEndian.Uint16(h[14:16]), binary.BigEndian.Uint16(h[16:18])
	s.Length = wire - header
	s.Payload = b[header:]
	s.Fragmented, s.NoWindow = false, false
	return true
}

// timestampsAlone is how hosts write a header with timestamps and nothing else, RFC 7323 appendix A.
const timestampsAlone = 0x0101080a
