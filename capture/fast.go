package capture

import (
	"encoding/binary"
	"net/netip"
)

// fast decodes the packets that nearly every capture consists of: Ethernet, or IP without a link header,
// then IPv4 without options or IPv6 without extensions, unfragmented, then TCP. It reports false for all
// others, and for everything odd; the decoder then takes its general way,
// which gives the same segment for what fast accepts.
func fast(rec *record, frame int64, ev *Event) bool {
	b, wire := rec.data, rec.wire
	if rec.fcs > 0 {
		return false
	}
	var mac MAC
	framed := rec.link == linkEthernet
	if framed {
		if len(b) < 14 {
			return false
		}
		mac = MAC(b[6:12])
		kind := binary.BigEndian.Uint16(b[12:14])
		b, wire = b[14:], wire-14
		if kind == etherIPv6 {
			return fast6(rec, b, wire, mac, frame, ev)
		}
		if kind != etherIPv4 {
			return false
		}
	} else if rec.link != linkRaw {
		return false
	}
	if len(b) < 40 || b[0] != 0x45 || b[9] != protoTCP {
		return false
	}
	ip := (*[40]byte)(b)
	place := binary.BigEndian.Uint16(ip[6:8])
	total := int(binary.BigEndian.Uint16(ip[2:4]))
	if place&0x3fff != 0 || total < 40 || total > wire {
		return false
	}
	s := &ev.Segment
	if !fastTCP(s, b[20:min(total, len(b))], total-20) {
		return false
	}
	ev.Kind = KindSegment
	s.Frame, s.Time, s.HasTime, s.Interface = frame, rec.time, rec.hasTime, rec.iface
	s.Src = netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[12:16])), binary.BigEndian.Uint16(ip[20:22]))
	s.Dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[16:20])), binary.BigEndian.Uint16(ip[22:24]))
	s.IPID = binary.BigEndian.Uint16(ip[4:6])
	s.TTL, s.DontFragment = ip[8], place&0x4000 != 0
	s.HasSrcMAC, s.SrcMAC = framed, mac
	return true
}

// fast6 is fast for IPv6 over Ethernet.
func fast6(rec *record, b []byte, wire int, mac MAC, frame int64, ev *Event) bool {
	if len(b) < 60 || b[0]>>4 != 6 || b[6] != protoTCP {
		return false
	}
	ip := (*[60]byte)(b)
	length := int(binary.BigEndian.Uint16(ip[4:6]))
	if length < 20 || length+40 > wire {
		return false
	}
	s := &ev.Segment
	if !fastTCP(s, b[40:min(40+length, len(b))], length) {
		return false
	}
	ev.Kind = KindSegment
	s.Frame, s.Time, s.HasTime, s.Interface = frame, rec.time, rec.hasTime, rec.iface
	s.Src = netip.AddrPortFrom(netip.AddrFrom16([16]byte(ip[8:24])), binary.BigEndian.Uint16(ip[40:42]))
	s.Dst = netip.AddrPortFrom(netip.AddrFrom16([16]byte(ip[24:40])), binary.BigEndian.Uint16(ip[42:44]))
	s.IPID, s.TTL, s.DontFragment = 0, ip[7], false
	s.HasSrcMAC, s.SrcMAC = true, mac
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
	s.Fragmented = false
	return true
}

// timestampsAlone is how hosts write a header with timestamps and nothing else, RFC 7323 appendix A.
const timestampsAlone = 0x0101080a
