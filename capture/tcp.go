package capture

import (
	"encoding/binary"
	"net/netip"

	"tcptrace/words"
)

// What must be captured of a TCP header: all up to the control bits makes a segment. Of less, the ports show that the
// packet is TCP, but there is nothing to follow a connection with.
const (
	leastTCP = 14
	tcpPorts = 4
)

// tcp decodes RFC 9293 section 3.1 into the decoder's event. A header of an impossible length (a data offset below 5,
// or one beyond the packet) still names its connection: it is a segment without payload and with damaged options.
func (d *decoder) tcp(h *ipHeader, v view) outcome {
	b := v.b
	switch {
	case len(b) < tcpPorts:
		return d.unreadable(words.HeaderCut("TCP"))
	case len(b) < leastTCP:
		return cutTCP
	}
	header := int(b[12]>>4) * 4
	possible := header >= 20 && header <= v.wire
	ev := d.ev
	ev.Kind = KindSegment
	s := &ev.Segment
	s.Frame, s.Time, s.HasTime = d.frame, d.time, d.timed
	s.Src = netip.AddrPortFrom(h.src, binary.BigEndian.Uint16(b))
	s.Dst = netip.AddrPortFrom(h.dst, binary.BigEndian.Uint16(b[2:]))
	s.Seq, s.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	s.Flags = Flags(b[13])
	s.Window, s.NoWindow, s.Checksum = 0, len(b) < 16, 0
	if !s.NoWindow {
		s.Window = binary.BigEndian.Uint16(b[14:])
	}
	if len(b) >= 18 {
		s.Checksum = binary.BigEndian.Uint16(b[16:])
	}
	s.DataOffset = uint8(header / 4)
	s.Length, s.Payload = 0, nil
	if possible {
		s.Length, s.Payload = v.wire-header, b[min(header, len(b)):]
	}
	s.Interface = d.iface
	s.IPID = uint16(h.id)
	if h.v6 {
		s.IPID = 0
	}
	s.TTL, s.DontFragment, s.Fragmented = h.ttl, h.dontFragment, h.fragmented
	s.HasSrcMAC, s.SrcMAC = d.hasMAC, d.mac
	switch {
	case !possible:
		s.Options = Options{Set: OptionsDamaged}
	case header == 20 && len(b) >= 20:
		s.Options.Set = 0
	default:
		tcpOptions(b, header, &s.Options)
	}
	return found
}

// tcpOptions reads the options of a header of the given length, as far as they were captured.
func tcpOptions(b []byte, header int, o *Options) {
	*o = Options{}
	if len(b) < header {
		o.Set |= OptionsDamaged
		header = len(b)
	}
	if header <= 20 {
		return
	}
	for p := b[20:header]; len(p) > 0; {
		switch p[0] {
		case 0: // end of options
			return
		case 1: // no operation
			p = p[1:]
			continue
		}
		if len(p) < 2 || p[1] < 2 || int(p[1]) > len(p) {
			o.Set |= OptionsDamaged
			return
		}
		tcpOption(p[0], p[2:p[1]], o)
		p = p[p[1]:]
	}
}

// tcpOption reads the value of one option; a known kind with a length of its own is damage.
func tcpOption(kind uint8, value []byte, o *Options) {
	switch {
	case kind == 2 && len(value) == 2:
		o.Set |= HasMSS
		o.MSS = binary.BigEndian.Uint16(value)
	case kind == 3 && len(value) == 1:
		o.Set |= HasWindowScale
		o.WindowScale = value[0]
	case kind == 4 && len(value) == 0:
		o.Set |= HasSACKPermitted
	case kind == 5 && len(value)%8 == 0 && len(value) <= 32:
		o.Set |= HasSACK
		o.SACKCount = uint8(len(value) / 8)
		for i := range int(o.SACKCount) {
			o.SACK[i] = SACKBlock{binary.BigEndian.Uint32(value[8*i:]), binary.BigEndian.Uint32(value[8*i+4:])}
		}
	case kind == 8 && len(value) == 8:
		o.Set |= HasTimestamps
		o.TSVal, o.TSEcr = binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])
	case kind >= 2 && kind <= 5 || kind == 8:
		o.Set |= OptionsDamaged
	default:
		o.Set |= HasOtherOption
	}
}
