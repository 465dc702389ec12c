package capture

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tcptrace/words"
)

// wrapping is a packet around the segment of tcpBytes(10).
type wrapping struct {
	name    string
	link    uint16
	packet  []byte
	unknown bool // to tshark
}

// wrappings are link types and tunnels that no capture of testdata has.
func wrappings() (out []wrapping) {
	return slices.Concat(linkWrappings(), erfWrappings(), tagWrappings(), infinibandWrappings(), juniperWrappings(), udpWrappings())
}

// linkWrappings are link types with small headers.
func linkWrappings() []wrapping {
	inner := ip4(protoTCP, tcpBytes(10))
	log := func(size, family byte) []byte {
		return append([]byte{size, family}, make([]byte, (int(size)+3)&^3-2)...)
	}
	return []wrapping{
		{name: "log of FreeBSD's packet filter", link: linkPFLOG, packet: append(log(61, 2), inner...)},
		{name: "log of OpenBSD's packet filter", link: linkPFLOG, packet: append(log(100, 24), ip6(protoTCP, tcpBytes(10))...)},
		{name: "MPLS", link: linkMPLS, unknown: true, packet: append([]byte{0, 0, 0x11, 64}, inner...)},
		{name: "IP over Fibre Channel", link: linkFibreChannel, packet: append(make([]byte, 16), snap(inner)...)},
	}
}

// ip6 wraps an upper layer in IPv6.
func ip6(proto byte, upper []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(len(upper)))
	b = append(b, proto, 64, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
	return append(append(b, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2), upper...)
}

// tagWrappings are tags and headers behind an EtherType.
func tagWrappings() []wrapping {
	inner := ip4(protoTCP, tcpBytes(10))
	frame := ethernetFrame(etherIPv4, inner)
	tagged := func(name string, kind uint16, parts ...[]byte) wrapping {
		return wrapping{name: name, link: linkEthernet, packet: ethernetFrame(kind, slices.Concat(parts...))}
	}
	return []wrapping{
		tagged("HSR", etherHSR, []byte{0, 56, 0, 7, 8, 0}, inner),
		tagged("802.1CB", etherRTag, []byte{0, 0, 0, 7, 8, 0}, inner),
		tagged("Cisco MetaData", etherMetadata, []byte{1, 1, 0, 1, 0, 9, 8, 0}, inner),
		tagged("802.1ah", etherBackbone, []byte{0, 0, 1, 0}, frame),
		tagged("TRILL", etherTRILL, []byte{0, 0x0a, 0, 1, 0, 2}, frame),
		tagged("TRILL with options", etherTRILL, []byte{0, 0x4a, 0, 1, 0, 2, 1, 2, 3, 4}, frame),
		tagged("NSH", etherNSH, []byte{0, 6, 1, 1, 0, 0, 1, 255}, make([]byte, 16), inner),
		tagged("NSH around Ethernet", etherNSH, []byte{0, 2, 2, 3, 0, 0, 1, 255}, frame),
	}
}

// infinibandWrappings are IP over InfiniBand with and without the headers of the fabric.
func infinibandWrappings() []wrapping {
	inner := ip4(protoTCP, tcpBytes(10))
	inner6 := ip6(protoTCP, tcpBytes(10))
	header := func(packet []byte) []byte {
		if packet[0]>>4 == 6 {
			return append([]byte{0x86, 0xdd, 0, 0}, packet...)
		}
		return append([]byte{8, 0, 0, 0}, packet...)
	}
	route := make([]byte, 40)
	global := slices.Concat([]byte{0x60, 0, 0, 0, 0, 0, 0x1b, 64}, make([]byte, 32))
	datagram := []byte{0, 0, 0, 1, 0, 0, 0, 2}
	immediate := []byte{0, 0, 0, 7}
	return []wrapping{
		{name: "IP over InfiniBand", link: linkIPoIB, packet: append(route, header(inner)...)},
		{name: "IPv6 over InfiniBand", link: linkIPoIB, packet: append(route, header(inner6)...)},
		{name: "InfiniBand datagram", link: linkInfiniBand,
			packet: fabric(linkNextLocal, transport(0x64, datagram, header(inner)))},
		{name: "InfiniBand datagram with immediate data", link: linkInfiniBand,
			packet: fabric(linkNextLocal, transport(0x65, datagram, immediate, header(inner6)))},
		{name: "InfiniBand datagram between subnets", link: linkInfiniBand,
			packet: fabric(linkNextGlobal, append(global, transport(0x64, datagram, header(inner))...))},
		{name: "InfiniBand connection", link: linkInfiniBand,
			packet: fabric(linkNextLocal, transport(0x04, header(inner)))},
		{name: "raw InfiniBand", link: linkInfiniBand, packet: fabric(linkNextRaw, append([]byte{0, 0, 8, 0}, inner...))},
		{name: "IPv6 on InfiniBand", link: linkInfiniBand, packet: fabric(linkNextIPv6, inner6)},
	}
}

// erfWrappings are records of Endace's cards.
func erfWrappings() []wrapping {
	inner := ip4(protoTCP, tcpBytes(10))
	frame := append([]byte{0, 0}, ethernetFrame(etherIPv4, inner)...)
	extension := []byte{0x83, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0}
	hdlc := append([]byte{0x0f, 0, 8, 0}, inner...)
	datagram := transport(0x64, []byte{0, 0, 0, 1, 0, 0, 0, 2}, []byte{8, 0, 0, 0}, inner)
	return []wrapping{
		{name: "ERF Ethernet", link: linkERF, packet: erfRecord(erfEthernet, 1, frame)},
		{name: "ERF Ethernet with extension headers", link: linkERF, packet: erfRecord(erfColorEther|erfExtended, 1, append(extension, frame...))},
		{name: "ERF HDLC", link: linkERF, packet: erfRecord(erfHDLC, 1, hdlc)},
		{name: "ERF IPv4", link: linkERF, packet: erfRecord(erfIPv4, 1, inner)},
		{name: "ERF InfiniBand", link: linkERF, packet: erfRecord(erfInfiniBand, 1, fabric(linkNextLocal, datagram))},
	}
}

// erfRecord is a record with what stands behind its header, at a number of seconds and a half. The length on the wire
// counts neither extension headers nor Ethernet's offset.
func erfRecord(kind byte, seconds uint32, data []byte) []byte {
	wire := len(data)
	if kind&^erfExtended == erfEthernet || kind&^erfExtended == erfColorEther {
		wire -= 2
	}
	if kind&erfExtended != 0 {
		wire -= 16
	}
	b := binary.LittleEndian.AppendUint32([]byte{0, 0, 0, 0x80}, seconds)
	b = binary.BigEndian.AppendUint16(append(b, kind, 5), uint16(erfHeader+len(data)))
	b = binary.BigEndian.AppendUint16(append(b, 0, 3), uint16(wire))
	return append(b, data...)
}

// juniperWrappings are packets as JUNOS captures them.
func juniperWrappings() []wrapping {
	inner := ip4(protoTCP, tcpBytes(10))
	frame := ethernetFrame(etherIPv4, inner)
	junos := func(flags byte, parts ...[]byte) []byte {
		return append([]byte{'M', 'G', 'C', flags}, slices.Concat(parts...)...)
	}
	extension := []byte{0, 6, 1, 1, 1, 2, 1, 14}
	return []wrapping{
		{name: "JUNOS Ethernet", link: linkJuniperEthernet, packet: junos(1, frame)},
		{name: "JUNOS Ethernet with extensions", link: linkJuniperEthernet, packet: junos(0x81, extension, frame)},
		{name: "JUNOS without a link header", link: linkJuniperEthernet, packet: junos(0x83, extension, []byte{2, 0, 0, 0}, inner)},
		{name: "JUNOS PPPoE", link: linkJuniperPPPoE, packet: junos(0, frame)},
		{name: "JUNOS PPP", link: linkJuniperPPP, packet: junos(0, []byte{0xff, 3, 0, 0x21}, inner)},
		{name: "JUNOS Frame Relay", link: linkJuniperFrameRelay, packet: junos(0, []byte{0x18, 0x41, 3, 0xcc}, inner)},
		{name: "JUNOS Cisco HDLC", link: linkJuniperCiscoHDLC, packet: junos(0, []byte{0x0f, 0, 8, 0}, inner)},
	}
}

// udpWrappings are tunnels inside UDP.
func udpWrappings() []wrapping {
	inner := ip4(protoTCP, tcpBytes(10))
	gre := append([]byte{0, 0, 8, 0}, inner...)
	frame := ethernetFrame(etherIPv4, inner)
	greWithAll := append([]byte{0xb0, 0, 0x65, 0x58, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 6}, frame...)
	return []wrapping{
		onEthernet("GRE in UDP", udpBytes(50000, portGRE, gre)),
		onEthernet("GRE in UDP with every field", udpBytes(50000, portGRE, greWithAll)),
		onEthernet("MPLS in UDP", udpBytes(50000, portMPLS, append([]byte{0, 0, 0x11, 64}, inner...))),
		onEthernet("LISP", udpBytes(50000, portLISP, append(make([]byte, 8), inner...))),
		onEthernet("VXLAN-GPE", udpBytes(50000, portVXLANGPE, append([]byte{0x0c, 0, 0, 1, 0, 0, 7, 0}, inner...))),
		onEthernet("NSH in VXLAN-GPE", udpBytes(50000, portVXLANGPE, slices.Concat([]byte{0x0c, 0, 0, 4, 0, 0, 7, 0}, []byte{0, 2, 2, 3, 0, 0, 1, 255}, frame))),
		onEthernet("L2TP", udpBytes(1701, portL2TP, append([]byte{0, 2, 0, 1, 0, 1, 0xff, 3, 0, 0x21}, inner...))),
		onEthernet("L2TP with every field", udpBytes(portL2TP, 50000, append([]byte{0x4a, 2, 0, byte(18 + len(inner)), 0, 1, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0x21}, inner...))),
		onEthernet("TZSP", udpBytes(50000, portTZSP, slices.Concat([]byte{1, 0, 0, 1, 0, 10, 1, 0x33, 1}, frame))),
		{name: "TZSP with 802.11", link: linkTZSP, packet: slices.Concat([]byte{1, 0, 0, 18, 1}, wifiFrame(wifiToDS, nil, snap(inner)))},
	}
}

// onEthernet is a UDP datagram from there on down.
func onEthernet(name string, datagram []byte) wrapping {
	return wrapping{name: name, link: linkEthernet, packet: ethernetFrame(etherIPv4, ip4(protoUDP, datagram))}
}

// ethernetFrame is an Ethernet II frame.
func ethernetFrame(kind uint16, data []byte) []byte {
	head := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}
	return append(binary.BigEndian.AppendUint16(head, kind), data...)
}

// fabric is an InfiniBand packet with its local route header and variant CRC.
func fabric(next byte, data []byte) []byte {
	for len(data)%4 != 0 {
		data = append(data, 0)
	}
	return append(append([]byte{0, next, 0, 1, 0, byte(2 + len(data)/4), 0, 2}, data...), 0xcc, 0xcc)
}

// transport is a base transport header with what follows it, padding and the invariant CRC.
func transport(opcode byte, parts ...[]byte) []byte {
	data := slices.Concat(parts...)
	pad := -len(data) & 3
	head := []byte{opcode, byte(pad) << 4, 0xff, 0xff, 0, 0, 0, 9, 0, 0, 0, 0}
	return slices.Concat(head, data, make([]byte, pad), []byte{0xcc, 0xcc, 0xcc, 0xcc})
}

// TestWrappings takes the segment out of every wrapping, and cuts each at every byte: a packet that was cut is never
// passed over in silence where a whole one is read.
func TestWrappings(t *testing.T) {
	for _, w := range wrappings() {
		t.Run(w.name, func(t *testing.T) {
			var d decoder
			var ev Event
			rec := &record{link: w.link}
			rec.setLengths(w.packet, uint32(len(w.packet)))
			out, s := d.packet(rec, 1, &ev), &ev.Segment
			if out != found || s.Seq != 4242 || s.Length != 10 || !bytes.Equal(s.Payload, tcpBytes(10)[20:]) {
				t.Errorf("outcome %d, reason %q, %+v", out, d.reason, s)
			}
			if plainUDP(rec) {
				t.Error("the short cut for UDP takes it")
			}
			for n := range w.packet {
				d.reason = words.Reason{}
				rec.setLengths(w.packet[:n], uint32(len(w.packet)))
				if out := d.packet(rec, 1, &ev); out == unread && (d.reason == (words.Reason{}) || d.reason == words.DecoderFault) {
					t.Errorf("cut at %d: %q", n, d.reason)
				}
			}
		})
	}
}

// TestWrappingsAreTsharks reads the same with tshark, when there is one.
func TestWrappingsAreTsharks(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark here")
	}
	var file bytes.Buffer
	w, _ := NewWriter(&file, FormatPcapNG)
	var names []string
	for _, x := range wrappings() {
		if !x.unknown {
			names = append(names, x.name)
			if x.link == linkInfiniBand { // which tshark knows only so
				x.link, x.packet = linkERF, erfRecord(erfInfiniBand, 1, x.packet)
			}
			w.WritePacket(Packet{Time: int64(len(names)), LinkType: x.link, Data: x.packet})
		}
	}
	w.Close()
	path := filepath.Join(t.TempDir(), "wrappings.pcapng")
	if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-n", "-r", path, "-T", "fields", "-e", "tcp.seq_raw", "-e", "tcp.len", "-e", "frame.protocols").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(names) {
		t.Fatalf("%d lines for %d packets", len(lines), len(names))
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, "4242\t10\t") {
			t.Errorf("%s: tshark has %q", names[i], line)
		}
	}
}

// TestLookalikes holds what is said of packets that are nearly the wrapping of a segment.
func TestLookalikes(t *testing.T) {
	for name, c := range lookalikes() {
		t.Run(name, func(t *testing.T) {
			var d decoder
			var ev Event
			rec := &record{link: c.link}
			rec.setLengths(c.packet, uint32(len(c.packet)))
			if out := d.packet(rec, 1, &ev); out != c.want || out == unread && d.reason != c.reason {
				t.Errorf("outcome %d, reason %q", out, d.reason)
			}
		})
	}
}

type lookalike struct {
	link   uint16
	packet []byte
	want   outcome
	reason words.Reason
}

func lookalikes() map[string]lookalike {
	inner := append([]byte{8, 0, 0, 0}, ip4(protoTCP, tcpBytes(10))...)
	changed := func(at int, b byte) []byte {
		out := bytes.Clone(inner)
		out[at] = b
		return out
	}
	udp := func(dst uint16, data ...byte) []byte {
		return ip4(protoUDP, udpBytes(50000, dst, append(data, inner[4:]...)))
	}
	send := func(opcode byte, data []byte) []byte { return fabric(linkNextLocal, transport(opcode, data)) }
	return map[string]lookalike{
		"a long message on InfiniBand":     {linkInfiniBand, send(0x00, inner), unread, words.InfiniBandParts},
		"the rest of a message":            {linkInfiniBand, send(0x02, inner), notTCP, words.Reason{}},
		"an RDMA write":                    {linkInfiniBand, send(0x0a, inner), notTCP, words.Reason{}},
		"another program's message":        {linkInfiniBand, send(0x04, changed(2, 1)), notTCP, words.Reason{}},
		"its type without its version":     {linkInfiniBand, send(0x04, changed(4, 0x65)), notTCP, words.Reason{}},
		"a transport that is not IBA's":    {linkInfiniBand, fabric(linkNextGlobal, make([]byte, 80)), notTCP, words.Reason{}},
		"NSH of no length":                 {linkEthernet, ethernetFrame(etherNSH, make([]byte, 60)), unread, words.HeaderLength("NSH")},
		"an ERF record of ATM":             {linkERF, erfRecord(3, 1, inner), unread, words.ERFType(3)},
		"an ERF counter":                   {linkERF, erfRecord(erfIPCounter, 1, inner), notTCP, words.Reason{}},
		"a log header of no length":        {linkPFLOG, append([]byte{8, 2}, make([]byte, 60)...), unread, words.HeaderLength("PFLOG")},
		"a log of another family":          {linkPFLOG, append([]byte{61, 7}, make([]byte, 100)...), notTCP, words.Reason{}},
		"JUNOS without its magic":          {linkJuniperEthernet, inner, unread, words.LinkType(178, "JUNIPER_ETHER")},
		"GRE in DTLS":                      {linkRaw, udp(4755, 0, 0, 8, 0), notTCP, words.Reason{}},
		"an answer from GRE's port":        {linkRaw, ip4(protoUDP, udpBytes(portGRE, 50000, append([]byte{0, 0}, inner...))), notTCP, words.Reason{}},
		"PPTP's GRE in UDP":                {linkRaw, udp(portGRE, 0, 1, 8, 0), notTCP, words.Reason{}},
		"text on GRE's port":               {linkRaw, udp(portGRE, []byte("GET ")...), notTCP, words.Reason{}},
		"L2TP control":                     {linkRaw, udp(portL2TP, 0xc8, 2, 0, 60, 0, 1, 0, 0), notTCP, words.Reason{}},
		"L2TPv3":                           {linkRaw, udp(portL2TP, 0, 3, 0, 0, 0, 0, 0, 1), notTCP, words.Reason{}},
		"VXLAN on the port of its heir":    {linkRaw, udp(portVXLANGPE, 8, 0, 0, 0, 0, 0, 7, 0), notTCP, words.Reason{}},
		"a TZSP keep-alive":                {linkRaw, udp(portTZSP, 1, 4, 0, 1, 1), notTCP, words.Reason{}},
		"an InfiniBand packet of no words": {linkInfiniBand, make([]byte, 60), unread, words.HeaderLength("InfiniBand")},
	}
}
