package capture

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcptrace/notebook"
	"tcptrace/words"
)

// upperLayers are the decoders of gopacket that are used above IP; they keep their memory from packet to
// packet. Its decoders for GENEVE and GTP are not among them: the first loses its place after 255 bytes of
// options, the second prints to standard output.
type upperLayers struct {
	udp     layers.UDP
	gre     layers.GRE
	vxlan   layers.VXLAN
	etherIP layers.EtherIP
	arp     layers.ARP
	icmp4   layers.ICMPv4
	icmp6   layers.ICMPv6
}

// decodeLayer runs a decoder of gopacket, some of which panic on short input. It reports success.
func decodeLayer(layer gopacket.DecodingLayer, b []byte) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return layer.DecodeFromBytes(b, gopacket.NilDecodeFeedback) == nil
}

// transport decodes what an IP header announces.
func (d *decoder) transport(h *ipHeader, v view, depth int) outcome {
	switch h.proto {
	case protoTCP:
		return d.tcp(h, v)
	case protoUDP:
		return d.udp(h, v, depth)
	case protoICMP:
		return d.icmp4(h, v)
	case protoICMPv6:
		return d.icmp6(h, v)
	case protoIPv4, protoIPv6:
		return d.network(v, depth+1)
	case protoGRE:
		return d.gre(v, depth)
	case protoAH:
		return d.extensions(h, v, depth)
	case protoESP:
		return d.unreadable(words.IPsec)
	case protoMPLS:
		return d.mpls(v, depth+1)
	case protoEtherIP:
		if !decodeLayer(&d.upper.etherIP, v.b) || d.upper.etherIP.Version != 3 {
			return d.unreadable(words.EtherIPMalformed)
		}
		return d.ethernet(v.from(2), depth+1)
	}
	return notTCP
}

// arp fills an ARP event for requests and replies about IPv4 over Ethernet.
func (d *decoder) arp(v view) outcome {
	a := &d.upper.arp
	if !decodeLayer(a, v.b) {
		return notTCP
	}
	request := a.Operation == layers.ARPRequest
	if a.Protocol != layers.EthernetTypeIPv4 || a.HwAddressSize != 6 || a.ProtAddressSize != 4 ||
		!request && a.Operation != layers.ARPReply {
		return notTCP
	}
	d.ev.Kind = KindARP
	d.ev.ARP = ARP{
		Frame: d.frame, Time: d.time, Request: request,
		SenderMAC: MAC(a.SourceHwAddress),
		SenderIP:  netip.AddrFrom4([4]byte(a.SourceProtAddress)),
		TargetIP:  netip.AddrFrom4([4]byte(a.DstProtAddress)),
	}
	return found
}

// icmp4 fills an event for the errors of RFC 792 that quote a TCP segment.
func (d *decoder) icmp4(h *ipHeader, v view) outcome {
	i := &d.upper.icmp4
	if h.v6 || !decodeLayer(i, v.b) {
		return notTCP
	}
	switch i.TypeCode.Type() {
	case layers.ICMPv4TypeDestinationUnreachable, layers.ICMPv4TypeSourceQuench, layers.ICMPv4TypeRedirect,
		layers.ICMPv4TypeTimeExceeded, layers.ICMPv4TypeParameterProblem:
		return d.icmpError(h, i.TypeCode.Type(), i.TypeCode.Code(), i.Payload)
	}
	return notTCP
}

// icmp6 fills an event for the errors of RFC 4443, whose types are below 128.
func (d *decoder) icmp6(h *ipHeader, v view) outcome {
	i := &d.upper.icmp6
	if !h.v6 || !decodeLayer(i, v.b) {
		return notTCP
	}
	if kind := i.TypeCode.Type(); kind >= 1 && kind <= 4 && len(i.Payload) > 4 {
		return d.icmpError(h, kind, i.TypeCode.Code(), i.Payload[4:])
	}
	return notTCP
}

func (d *decoder) icmpError(h *ipHeader, kind, code uint8, quote []byte) outcome {
	src, dst, seq, ok := quotedTCP(quote)
	if !ok {
		return notTCP
	}
	d.ev.Kind = KindICMPError
	d.ev.ICMPError = ICMPError{Frame: d.frame, Time: d.time, From: h.src, Type: kind, Code: code, V6: h.v6,
		Src: src, Dst: dst, Seq: seq}
	return found
}

// quotedTCP reads ports and sequence number from the start of an IP packet that an ICMP error quotes.
func quotedTCP(b []byte) (src, dst netip.AddrPort, seq uint32, ok bool) {
	var from, to netip.Addr
	var upper []byte
	switch {
	case len(b) >= 28 && b[0]>>4 == 4:
		header := int(b[0]&15) * 4
		if b[9] != protoTCP || header < 20 || binary.BigEndian.Uint16(b[6:])&0x1fff != 0 || len(b) < header {
			return src, dst, 0, false
		}
		from, to = netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))
		upper = b[header:]
	case len(b) >= 48 && b[0]>>4 == 6 && b[6] == protoTCP:
		from, to = netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:]))
		upper = b[40:]
	}
	if len(upper) < 8 {
		return src, dst, 0, false
	}
	be := binary.BigEndian
	return netip.AddrPortFrom(from, be.Uint16(upper)), netip.AddrPortFrom(to, be.Uint16(upper[2:])), be.Uint32(upper[4:]), true
}

// UDP ports of tunnels.
const (
	portL2TP      = 1701
	portGTP       = 2152
	portTeredo    = 3544
	portLISP      = 4341
	portGRE       = 4754
	portVXLAN     = 4789
	portVXLANGPE  = 4790
	portAYIYA     = 5072
	portGENEVE    = 6081
	portMPLS      = 6635
	portVXLANOld  = 8472 // Linux before IANA's number
	portTZSP      = 37008
	journalPrefix = "TJ1"
)

// udp hands on the Pico's journal and opens tunnels; both are known by port and content together.
func (d *decoder) udp(h *ipHeader, v view, depth int) outcome {
	u := &d.upper.udp
	if !decodeLayer(u, v.b) {
		return notTCP
	}
	if u.Length >= 8 {
		v = v.limit(int(u.Length))
	}
	inner := v.from(8)
	src, dst := uint16(u.SrcPort), uint16(u.DstPort)
	if (src == notebook.JournalPort || dst == notebook.JournalPort) && bytes.HasPrefix(inner.b, []byte(journalPrefix)) {
		d.ev.Kind = KindDatagram
		d.ev.Datagram = Datagram{Frame: d.frame, Time: d.time, Src: netip.AddrPortFrom(h.src, src),
			Dst: netip.AddrPortFrom(h.dst, dst), Payload: inner.b}
		return found
	}
	switch {
	case dst == portVXLAN, dst == portVXLANOld:
		return d.vxlan(inner, depth)
	case dst == portVXLANGPE:
		return d.vxlanGPE(inner, depth)
	case dst == portGENEVE:
		return d.geneve(inner, depth)
	case dst == portGRE:
		return d.greInUDP(inner, depth)
	case dst == portMPLS: // RFC 7510
		return d.mpls(inner, depth+1)
	case dst == portLISP:
		return d.lisp(inner, depth)
	case dst == portTZSP:
		return d.tzsp(inner, depth+1)
	}
	switch { // both ends may use the port
	case dst == portGTP, src == portGTP:
		return d.gtp(inner, depth)
	case dst == portL2TP, src == portL2TP:
		return d.l2tp(inner, depth)
	case dst == portTeredo, src == portTeredo:
		return d.teredo(inner, depth)
	case dst == portAYIYA, src == portAYIYA:
		return d.ayiya(inner, depth)
	}
	return notTCP
}
