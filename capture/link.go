package capture

import (
	"encoding/binary"

	"tcptrace/words"
)

// packet decodes one captured packet of any kind. A decoder that panics costs this packet only.
func (d *decoder) packet(rec *record, frame int64, ev *Event) (out outcome) {
	defer func() {
		if recover() != nil {
			out = d.unreadable(words.DecoderFault)
		}
	}()
	d.frame, d.time, d.timed, d.iface = frame, rec.time, rec.hasTime, rec.iface
	d.ev, d.mac, d.hasMAC = ev, MAC{}, false
	v := view{rec.data, rec.wire}
	if rec.fcs > 0 {
		v = v.limit(max(v.wire-int(rec.fcs), 0))
	}
	return d.link(rec.link, v, 0)
}

// link decodes a packet by its link type.
func (d *decoder) link(kind uint16, v view, depth int) outcome {
	if depth > maxDepth {
		return d.unreadable(words.NestedTooDeeply)
	}
	switch kind {
	case linkEthernet:
		return d.ethernet(v, depth)
	case linkRawBSD, linkRawOpenBSD, linkRaw, linkIPv4, linkIPv6:
		return d.network(v, depth)
	case linkNull, linkLoop:
		return d.addressFamily(v, 4, depth)
	case linkENC: // family, SPI and flags
		return d.addressFamily(v, 12, depth)
	case linkSLL:
		return d.linuxCooked(v, depth)
	case linkSLL2:
		return d.linuxCooked2(v, depth)
	case linkPPP, linkPPPSerial:
		return d.pppFramed(v, depth)
	case linkPPPDirection:
		return d.afterHeader(v, 1, depth, d.pppFramed)
	case linkPPPoE:
		return d.pppoe(v, depth)
	case linkCiscoHDLC:
		return d.ciscoHDLC(v, depth)
	case linkCiscoHDLCDirection:
		return d.afterHeader(v, 1, depth, d.ciscoHDLC)
	case linkFrameRelay:
		return d.frameRelay(v, depth)
	case linkFrameRelayDirection:
		return d.afterHeader(v, 1, depth, d.frameRelay)
	case linkSLIP:
		return d.slip(v, depth)
	case linkFDDI:
		return d.fddi(v, depth)
	case linkTokenRing:
		return d.tokenRing(v, depth)
	case linkATM:
		return d.llc(v, depth)
	case linkSunATM:
		return d.sunATM(v, depth)
	case linkPKTAP, linkUser2:
		return d.pktap(kind, v, depth)
	case linkNFLOG:
		return d.nflog(v, depth)
	case linkTZSP:
		return d.tzsp(v, depth)
	case linkPFLOG:
		return d.pflog(v, depth)
	case linkMPLS:
		return d.mpls(v, depth)
	case linkFibreChannel: // RFC 4338: network addresses of eight bytes
		return d.afterHeader(v, 16, depth, d.llc)
	case linkIPNET:
		return d.afterHeader(v, 24, depth, d.network)
	case linkIEEE1394:
		return d.etherTypeAt(v, 16, depth)
	case linkArcnet:
		return d.arcnet(v, depth)
	case linkBRCM, linkDSA: // a switch's tag of four bytes between the addresses and the type
		return d.etherTypeAt(v, 16, depth)
	case linkBRCMPrepended:
		return d.afterHeader(v, 4, depth, d.ethernet)
	case linkEDSA:
		return d.etherTypeAt(v, 20, depth)
	case linkJuniperEthernet, linkJuniperPPPoE, linkJuniperPPP, linkJuniperFrameRelay, linkJuniperCiscoHDLC:
		return d.juniper(kind, v, depth)
	case linkERF:
		return d.erf(v, depth)
	case linkIPoIB:
		return d.ipoib(v, depth)
	case linkInfiniBand:
		return d.infiniband(v, depth)
	}
	return d.wireless(kind, v, depth)
}

// afterHeader drops a header of fixed size.
func (d *decoder) afterHeader(v view, size, depth int, inner func(view, int) outcome) outcome {
	if len(v.b) < size {
		return d.unreadable(words.LinkHeaderCut)
	}
	return inner(v.from(size), depth)
}

// etherTypeAt finds an EtherType at the end of a header that stands before it.
func (d *decoder) etherTypeAt(v view, at, depth int) outcome {
	if len(v.b) < at+2 {
		return d.unreadable(words.LinkHeaderCut)
	}
	return d.etherType(binary.BigEndian.Uint16(v.b[at:]), v.from(at+2), depth)
}

// unreadLink names a link type that is not read.
func (d *decoder) unreadLink(kind uint16) outcome {
	return d.unreadNumber(unreadKey{'l', kind}, words.LinkType(kind, linkNames[kind]))
}

// unreadType names an EtherType that may carry anything, a vendor's tag for example.
func (d *decoder) unreadType(kind uint16) outcome {
	return d.unreadNumber(unreadKey{'e', kind}, words.EtherType(kind))
}

// unreadKey is a link type ('l') or an EtherType ('e') that is not read.
type unreadKey struct {
	space  byte
	number uint16
}

// maxNumbered bounds the reasons that forged numbers can make.
const maxNumbered = 64

// unreadNumber gives a reason with a number in it.
func (d *decoder) unreadNumber(key unreadKey, reason words.Reason) outcome {
	if !d.numbered[key] {
		if len(d.numbered) == maxNumbered {
			return d.unreadable(words.OtherTypes)
		}
		if d.numbered == nil {
			d.numbered = map[unreadKey]bool{}
		}
		d.numbered[key] = true
	}
	return d.unreadable(reason)
}

// ethernet decodes an Ethernet II or IEEE 802.3 frame.
func (d *decoder) ethernet(v view, depth int) outcome {
	if len(v.b) < 14 {
		return d.unreadable(words.HeaderCut("Ethernet"))
	}
	d.mac, d.hasMAC = MAC(v.b[6:12]), true
	kind := binary.BigEndian.Uint16(v.b[12:])
	if kind == etherIPv4 { // not nested: network tests the depth
		return d.network(v.from(14), depth)
	}
	return d.etherType(kind, v.from(14), depth)
}

// tagSize is how long a tag between the addresses and the packet's EtherType is, that EtherType included; 0 for what is
// no tag.
func tagSize(kind uint16) int {
	switch kind {
	case etherVLAN, etherQinQ, etherQinQ1, etherQinQ2, etherQinQ3:
		return 4
	case etherVNTag, etherHSR, etherRTag: // Cisco, before IEEE 802.1BR; IEC 62439-3; IEEE 802.1CB
		return 6
	case etherETag, etherMetadata: // IEEE 802.1BR; Cisco's security groups
		return 8
	}
	return 0
}

// tagCut names a tag that was cut.
func tagCut(kind uint16) words.Reason {
	switch kind {
	case etherVNTag:
		return words.VNTagCut
	case etherETag:
		return words.ETagCut
	case etherHSR:
		return words.HeaderCut("HSR")
	case etherRTag:
		return words.HeaderCut("802.1CB")
	case etherMetadata:
		return words.HeaderCut("Cisco MetaData")
	}
	return words.VLANTagCut
}

// etherType decodes what follows an EtherType, or an IEEE 802.3 length.
func (d *decoder) etherType(kind uint16, v view, depth int) outcome {
	for size := tagSize(kind); size > 0; size = tagSize(kind) {
		if len(v.b) < size {
			return d.unreadable(tagCut(kind))
		}
		kind, v = binary.BigEndian.Uint16(v.b[size-2:]), v.from(size)
	}
	if depth > maxDepth {
		return d.unreadable(words.NestedTooDeeply)
	}
	switch kind {
	case etherIPv4, etherIPv6:
		return d.network(v, depth)
	case etherARP:
		return d.arp(v)
	case etherMPLS, etherMPLSMulticast:
		return d.mpls(v, depth+1)
	case etherPPPoE:
		return d.pppoe(v, depth+1)
	case etherPPP:
		return d.pppFramed(v, depth+1)
	case etherFabricPath: // an outer header with a tag of two bytes, then the frame
		return d.afterHeader(v, 2, depth+1, d.ethernet)
	case etherBridging:
		return d.ethernet(v, depth+1)
	case etherBackbone: // IEEE 802.1ah: a tag of four bytes, then the customer's frame
		return d.afterHeader(v, 4, depth+1, d.ethernet)
	case etherTRILL:
		return d.trill(v, depth+1)
	case etherNSH:
		return d.nsh(v, depth+1)
	case etherJumboLLC:
		return d.llc(v, depth+1)
	case etherMACsec:
		return d.unreadable(words.MACsec)
	}
	switch {
	case kind <= maxLength8023:
		return d.llc(v.limit(int(kind)), depth+1)
	case withoutTCP[kind]:
		return notTCP
	}
	return d.unreadType(kind)
}

// maxLength8023 is the largest value of the type field that is a length, IEEE 802.3 section 3.2.6.
const maxLength8023 = 1500

// llc decodes IEEE 802.2 with or without SNAP (RFC 1042), also in the form of RFC 2684 over ATM.
func (d *decoder) llc(v view, depth int) outcome {
	if len(v.b) < 4 {
		return notTCP // no IP packet fits
	}
	switch [3]byte(v.b) {
	case [3]byte{0x06, 0x06, 0x03}: // IP's own access point
		return d.network(v.from(3), depth)
	case [3]byte{0xfe, 0xfe, 0x03}: // ISO protocols by their NLPID
		return d.nlpid(v.from(3), depth)
	case [3]byte{0xaa, 0xaa, 0x03}:
	default:
		return notTCP
	}
	if len(v.b) < 8 {
		return d.unreadable(words.HeaderCut("SNAP"))
	}
	kind, inner := binary.BigEndian.Uint16(v.b[6:]), v.from(8)
	switch [3]byte(v.b[3:]) {
	case [3]byte{0, 0, 0}, [3]byte{0, 0, 0xf8}:
		if kind > maxLength8023 {
			return d.etherType(kind, inner, depth+1)
		}
	case [3]byte{0, 0x80, 0xc2}: // bridged Ethernet, RFC 2684 section 5.2
		if kind == 1 || kind == 7 {
			return d.afterHeader(inner, 2, depth+1, d.ethernet)
		}
	}
	return notTCP
}

// nlpid decodes what follows an ISO network layer protocol identifier.
func (d *decoder) nlpid(v view, depth int) outcome {
	if len(v.b) < 1 {
		return d.unreadable(words.NLPIDCut)
	}
	switch v.b[0] {
	case 0xcc, 0x8e:
		return d.network(v.from(1), depth)
	}
	return notTCP
}

// mpls skips a label stack, RFC 3032, and tells what it carries by the first nibble, RFC 4928.
func (d *decoder) mpls(v view, depth int) outcome {
	for {
		if len(v.b) < 4 {
			return d.unreadable(words.MPLSEndless)
		}
		bottom := v.b[2]&1 != 0
		v = v.from(4)
		if bottom {
			break
		}
	}
	if len(v.b) == 0 {
		return d.unreadable(words.MPLSCut)
	}
	switch v.b[0] >> 4 {
	case 4, 6:
		return d.network(v, depth)
	case 0: // a pseudowire's control word, RFC 4385
		return d.afterHeader(v, 4, depth+1, d.ethernet)
	}
	return d.unreadable(words.MPLSUnknown)
}

// addressFamily decodes a loopback header: an address family in either byte order, at the start of a
// header of the given size.
func (d *decoder) addressFamily(v view, size, depth int) outcome {
	if len(v.b) < size {
		return d.unreadable(words.HeaderCut("loopback"))
	}
	family := binary.LittleEndian.Uint32(v.b)
	if family > 0xffff {
		family = binary.BigEndian.Uint32(v.b)
	}
	switch family {
	case 2, 10, 23, 24, 28, 30: // AF_INET everywhere; AF_INET6 of Linux, Windows and the BSDs
		return d.network(v.from(size), depth)
	}
	return notTCP
}

// pflog decodes the log of the BSDs' packet filter: its header's length without the padding to 32 bits, and the address
// family.
func (d *decoder) pflog(v view, depth int) outcome {
	const least = 45
	if len(v.b) < 2 {
		return d.unreadable(words.HeaderCut("PFLOG"))
	}
	size, family := int(v.b[0]), v.b[1]
	if size < least {
		return d.unreadable(words.HeaderLength("PFLOG"))
	}
	switch family {
	case 2, 24, 28, 30: // AF_INET; AF_INET6 of the BSDs
		return d.afterHeader(v, (size+3)&^3, depth, d.network)
	}
	return notTCP
}

// linuxCooked decodes LINKTYPE_LINUX_SLL.
func (d *decoder) linuxCooked(v view, depth int) outcome {
	if len(v.b) < 16 {
		return d.unreadable(words.HeaderCut("SLL"))
	}
	be := binary.BigEndian
	d.cookedAddress(be.Uint16(v.b[2:]), be.Uint16(v.b[4:]), v.b[6:14])
	return d.cookedProtocol(be.Uint16(v.b[2:]), be.Uint16(v.b[14:]), v.from(16), depth)
}

// linuxCooked2 decodes LINKTYPE_LINUX_SLL2, which tells the interface.
func (d *decoder) linuxCooked2(v view, depth int) outcome {
	if len(v.b) < 20 {
		return d.unreadable(words.HeaderCut("SLL2"))
	}
	be := binary.BigEndian
	d.iface = be.Uint32(v.b[4:])
	d.cookedAddress(be.Uint16(v.b[8:]), uint16(v.b[11]), v.b[12:20])
	return d.cookedProtocol(be.Uint16(v.b[8:]), be.Uint16(v.b), v.from(20), depth)
}

// ARPHRD_ values of Linux.
const (
	hardwareEthernet = 1
	hardwareNetlink  = 824
	hardwareRadiotap = 803
)

// cookedAddress keeps the sender's address if it is an Ethernet one.
func (d *decoder) cookedAddress(hardware, length uint16, address []byte) {
	if hardware == hardwareEthernet && length == 6 {
		d.mac, d.hasMAC = MAC(address), true
	}
}

func (d *decoder) cookedProtocol(hardware, kind uint16, v view, depth int) outcome {
	switch {
	case hardware == hardwareNetlink:
		return notTCP
	case hardware == hardwareRadiotap:
		return d.radiotap(v, depth)
	case kind == 4: // LINUX_SLL_P_802_2
		return d.llc(v, depth)
	case kind <= maxLength8023:
		return notTCP
	}
	return d.etherType(kind, v, depth)
}

// pppoe decodes a PPPoE session packet, RFC 2516.
func (d *decoder) pppoe(v view, depth int) outcome {
	if len(v.b) < 8 {
		return d.unreadable(words.HeaderCut("PPPoE"))
	}
	if v.b[0] != 0x11 || v.b[1] != 0 {
		return notTCP // discovery
	}
	return d.ppp(v.from(6).limit(int(binary.BigEndian.Uint16(v.b[4:]))), depth)
}

// pppFramed decodes PPP with or without the address and control bytes of RFC 1662, or the Cisco HDLC that
// serial lines mix in.
func (d *decoder) pppFramed(v view, depth int) outcome {
	if len(v.b) < 2 {
		return d.unreadable(words.HeaderCut("PPP"))
	}
	switch {
	case v.b[0] == 0xff && v.b[1] == 0x03:
		v = v.from(2)
	case v.b[0] == 0x0f || v.b[0] == 0x8f:
		return d.ciscoHDLC(v, depth)
	}
	return d.ppp(v, depth)
}

// ppp decodes a protocol field of one byte or two, RFC 1661 section 2, and what follows.
func (d *decoder) ppp(v view, depth int) outcome {
	if len(v.b) < 2 {
		return d.unreadable(words.HeaderCut("PPP"))
	}
	protocol, size := binary.BigEndian.Uint16(v.b), 2
	if v.b[0]&1 != 0 {
		protocol, size = uint16(v.b[0]), 1
	}
	switch protocol {
	case 0x0021, 0x0057:
		return d.network(v.from(size), depth)
	case 0x0281, 0x0283:
		return d.mpls(v.from(size), depth+1)
	case 0x002d, 0x002f:
		return d.unreadable(words.PPPVanJacobson)
	case 0x003d:
		return d.unreadable(words.PPPMultilink)
	case 0x0053, 0x00fb, 0x00fd:
		return d.unreadable(words.PPPCompressed)
	}
	return notTCP
}

// ciscoHDLC decodes address, control and an EtherType.
func (d *decoder) ciscoHDLC(v view, depth int) outcome {
	if len(v.b) < 4 {
		return d.unreadable(words.HeaderCut("Cisco HDLC"))
	}
	const osi = 0xfefe // IS-IS between routers
	if kind := binary.BigEndian.Uint16(v.b[2:]); kind > maxLength8023 && kind != osi {
		return d.etherType(kind, v.from(4), depth)
	}
	return notTCP
}

// frameRelay decodes a Q.922 address of two to four bytes and the RFC 2427 header after it, or Cisco's
// EtherType in its place.
func (d *decoder) frameRelay(v view, depth int) outcome {
	size := 2
	for len(v.b) > size-1 && v.b[size-1]&1 == 0 {
		if size++; size > 4 {
			return d.unreadable(words.FrameRelayEndless)
		}
	}
	if len(v.b) < size+2 {
		return d.unreadable(words.HeaderCut("Frame Relay"))
	}
	v = v.from(size)
	if v.b[0] != 0x03 {
		if kind := binary.BigEndian.Uint16(v.b); kind > maxLength8023 {
			return d.etherType(kind, v.from(2), depth)
		}
		return notTCP
	}
	v = v.from(1)
	if v.b[0] == 0 { // padding, RFC 2427 section 3
		v = v.from(1)
	}
	if len(v.b) >= 6 && v.b[0] == 0x80 && [3]byte(v.b[1:]) == [3]byte{} {
		return d.etherType(binary.BigEndian.Uint16(v.b[4:]), v.from(6), depth)
	}
	return d.nlpid(v, depth)
}

// slip decodes LINKTYPE_SLIP: a direction, a byte of type and the compressed header as it went over the
// line, 16 bytes in all; then the IP packet with its header restored.
func (d *decoder) slip(v view, depth int) outcome {
	return d.afterHeader(v, 16, depth, d.network)
}

// fddi decodes frame control, two addresses and LLC.
func (d *decoder) fddi(v view, depth int) outcome {
	if len(v.b) < 13 {
		return d.unreadable(words.HeaderCut("FDDI"))
	}
	if v.b[0]&0xf0 != 0x50 {
		return notTCP // no asynchronous LLC frame
	}
	d.mac, d.hasMAC = MAC(v.b[7:13]), true
	return d.llc(v.from(13), depth)
}

// tokenRing decodes access and frame control, two addresses, source routing if there is any, and LLC.
func (d *decoder) tokenRing(v view, depth int) outcome {
	if len(v.b) < 15 {
		return d.unreadable(words.HeaderCut("Token Ring"))
	}
	if v.b[1]&0xc0 != 0x40 {
		return notTCP // no LLC frame
	}
	d.mac, d.hasMAC = MAC(v.b[8:14]), true
	size := 14
	if d.mac[0]&0x80 != 0 { // source-routed: the bit is not part of the address
		d.mac[0] &^= 0x80
		size += int(v.b[14] & 0x1f)
	}
	return d.afterHeader(v, size, depth, d.llc)
}

// sunATM decodes the header of SunATM's driver.
func (d *decoder) sunATM(v view, depth int) outcome {
	if len(v.b) < 4 {
		return d.unreadable(words.HeaderCut("SunATM"))
	}
	switch v.b[0] & 0x0f {
	case 1: // LAN emulation: a header of two bytes, then Ethernet
		return d.afterHeader(v, 6, depth, d.ethernet)
	case 2:
		return d.llc(v.from(4), depth)
	}
	return notTCP
}

// pktap decodes Apple's per-packet metadata, whose first words are its length and the link type inside.
func (d *decoder) pktap(kind uint16, v view, depth int) outcome {
	if len(v.b) < 12 {
		return d.unreadable(words.HeaderCut("PKTAP"))
	}
	le := binary.LittleEndian
	size, next, inner := le.Uint32(v.b), le.Uint32(v.b[4:]), le.Uint32(v.b[8:])
	if size < 12 || uint64(size) > uint64(len(v.b)) || inner > 0xffff {
		if kind == linkUser2 {
			return d.unreadLink(kind)
		}
		return d.unreadable(words.HeaderLength("PKTAP"))
	}
	const packetFollows = 1
	if next != packetFollows {
		return notTCP
	}
	return d.link(uint16(inner), v.from(int(size)), depth+1)
}

// nflog decodes the Linux firewall's log: a header and attributes in the byte order of the host.
func (d *decoder) nflog(v view, depth int) outcome {
	if len(v.b) < 4 {
		return d.unreadable(words.HeaderCut("NFLOG"))
	}
	if v.b[1] != 0 {
		return d.unreadable(words.NFLOGVersion)
	}
	v = v.from(4)
	for len(v.b) >= 4 {
		length, kind := binary.LittleEndian.Uint16(v.b), binary.LittleEndian.Uint16(v.b[2:])
		if kind > 0xff {
			length, kind = binary.BigEndian.Uint16(v.b), binary.BigEndian.Uint16(v.b[2:])
		}
		const payload = 9
		if kind == payload && length >= 4 {
			return d.network(v.limit(int(length)).from(4), depth)
		}
		step := (int(length) + 3) &^ 3
		if length < 4 || step > len(v.b) {
			return d.unreadable(words.NFLOGCut)
		}
		v = v.from(step)
	}
	return notTCP
}

// arcnet decodes LINKTYPE_ARCNET_LINUX with the headers of RFC 1201 and RFC 1051.
func (d *decoder) arcnet(v view, depth int) outcome {
	if len(v.b) < 8 {
		return d.unreadable(words.HeaderCut("ARCNET"))
	}
	switch v.b[4] {
	case 0xd4, 0xc4: // RFC 1201: a split flag and a sequence number follow
		if v.b[5] != 0 {
			return d.unreadable(words.ARCNETFragment)
		}
		return d.network(v.from(8), depth)
	case 0xf0: // RFC 1051
		return d.network(v.from(5), depth)
	}
	return notTCP
}

// juniper decodes the header that JUNOS puts before a packet: a magic number, flags, and perhaps extensions.
func (d *decoder) juniper(kind uint16, v view, depth int) outcome {
	const extended, withoutLink = 0x80, 0x02
	if len(v.b) < 6 {
		return d.unreadable(words.HeaderCut("Juniper"))
	}
	if [3]byte(v.b) != [3]byte{'M', 'G', 'C'} {
		return d.unreadLink(kind)
	}
	size := 4
	if v.b[3]&extended != 0 {
		size = 6 + int(binary.BigEndian.Uint16(v.b[4:]))
	}
	if v.b[3]&withoutLink != 0 { // a number that tells the protocol stands in its place
		return d.afterHeader(v, size+4, depth, d.network)
	}
	switch kind {
	case linkJuniperPPP:
		return d.afterHeader(v, size, depth, d.pppFramed)
	case linkJuniperFrameRelay:
		return d.afterHeader(v, size, depth, d.frameRelay)
	case linkJuniperCiscoHDLC:
		return d.afterHeader(v, size, depth, d.ciscoHDLC)
	}
	return d.afterHeader(v, size, depth, d.ethernet)
}
