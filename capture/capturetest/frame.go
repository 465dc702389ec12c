package capturetest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
)

// frame wraps an upper layer's bytes in IP and Ethernet. missing bytes were on the wire but not captured.
func frame(src, dst netip.Addr, proto byte, a attributes, upper []byte, missing int) (packet, error) {
	ttl, err := a.number("ttl", 64, 8)
	if err != nil {
		return packet{}, err
	}
	id, err := a.number("ipid", 0, 16)
	if err != nil {
		return packet{}, err
	}
	be := binary.BigEndian
	var ip []byte
	kind := uint16(0x0800)
	length := len(upper) + missing
	if src.Is4() {
		if length+20 > 1<<16-1 {
			return packet{}, errors.New("longer than an IP packet")
		}
		place := uint16(0)
		if a.flag("df") {
			place = 0x4000
		}
		ip = be.AppendUint16([]byte{0x45, 0}, uint16(20+length))
		ip = be.AppendUint16(ip, uint16(id))
		ip = be.AppendUint16(ip, place)
		ip = append(ip, byte(ttl), proto, 0, 0)
		ip = append(append(ip, src.AsSlice()...), dst.AsSlice()...)
		be.PutUint16(ip[10:], checksum(0, ip))
	} else {
		if length > 1<<16-1 {
			return packet{}, errors.New("longer than an IP packet")
		}
		kind = 0x86dd
		ip = be.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(length))
		ip = append(ip, proto, byte(ttl))
		ip = append(append(ip, src.AsSlice()...), dst.AsSlice()...)
	}
	return ethernet(src, dst, kind, a, append(ip, upper...), missing)
}

func ethernet(src, dst netip.Addr, kind uint16, a attributes, data []byte, missing int) (packet, error) {
	from := madeUp(src)
	if text, ok := a.values["mac"]; ok {
		var err error
		if from, err = hardwareAddress(text); err != nil {
			return packet{}, err
		}
	}
	iface, err := a.number("iface", 0, 16)
	if err != nil {
		return packet{}, err
	}
	to := madeUp(dst)
	h := append(to[:], from[:]...)
	h = binary.BigEndian.AppendUint16(h, kind)
	h = append(h, data...)
	return packet{data: h, wire: len(h) + missing, iface: uint32(iface)}, nil
}

// madeUp is a locally administered hardware address for an IP address.
func madeUp(a netip.Addr) [6]byte {
	b := a.AsSlice()
	return [6]byte(append([]byte{2, 0}, b[len(b)-4:]...))
}

func (b *builder) udp(words []string) (packet, error) {
	dir, words, err := endPoints(words)
	if err != nil {
		return packet{}, err
	}
	a, err := attributesOf(words, common...)
	if err != nil {
		return packet{}, err
	}
	be := binary.BigEndian
	u := be.AppendUint16(nil, dir.src.Port())
	u = be.AppendUint16(u, dir.dst.Port())
	u = be.AppendUint16(u, uint16(8+len(a.payload)))
	u = append(append(u, 0, 0), a.payload...)
	sum := checksum(pseudo(dir, 17, len(u)), u)
	if sum == 0 {
		sum = 0xffff
	}
	be.PutUint16(u[6:], sum)
	return frame(dir.src.Addr(), dir.dst.Addr(), 17, a, u, 0)
}

func (b *builder) arp(words []string) (packet, error) {
	var sender, target netip.Addr
	var mac [6]byte
	var op byte
	var err error
	switch {
	case len(words) >= 4 && words[0] == "who-has" && words[2] == "tell":
		op = 1
		target, err = netip.ParseAddr(words[1])
		if err == nil {
			sender, err = netip.ParseAddr(words[3])
		}
		mac = madeUp4(sender)
	case len(words) >= 5 && words[1] == "is-at" && words[3] == "to":
		op = 2
		sender, err = netip.ParseAddr(words[0])
		if err == nil {
			target, err = netip.ParseAddr(words[4])
		}
		if err == nil {
			mac, err = hardwareAddress(words[2])
		}
		words = words[1:]
	default:
		err = errors.New("want who-has A tell B, or A is-at MAC to B")
	}
	if err != nil {
		return packet{}, err
	}
	if !sender.Is4() || !target.Is4() {
		return packet{}, errors.New("ARP is for IPv4")
	}
	a, err := attributesOf(words[4:], common...)
	if err != nil {
		return packet{}, err
	}
	if text, ok := a.values["mac"]; ok {
		if mac, err = hardwareAddress(text); err != nil {
			return packet{}, err
		}
	}
	body := []byte{0, 1, 8, 0, 6, 4, 0, op}
	body = append(append(body, mac[:]...), sender.AsSlice()...)
	body = append(append(body, 0, 0, 0, 0, 0, 0), target.AsSlice()...)
	p, err := ethernet(sender, target, 0x0806, a, body, 0)
	copy(p.data[6:12], mac[:])
	return p, err
}

func madeUp4(a netip.Addr) [6]byte {
	if !a.Is4() {
		return [6]byte{}
	}
	return madeUp(a)
}

// icmp builds an ICMP or ICMPv6 error that quotes a TCP segment.
func (b *builder) icmp(words []string) (packet, error) {
	about := 0
	for i, w := range words {
		if w == "about" {
			about = i
		}
	}
	if about < 3 || words[1] != ">" {
		return packet{}, errors.New("want FROM > TO unreachable about SOURCE > DESTINATION seq=N")
	}
	from, err1 := netip.ParseAddr(words[0])
	to, err2 := netip.ParseAddr(words[2])
	dir, rest, err3 := endPoints(words[about+1:])
	if err := errors.Join(err1, err2, err3); err != nil {
		return packet{}, err
	}
	a, err := attributesOf(append(words[3:about:about], rest...), append(common, "unreachable", "type", "code", "seq")...)
	if err != nil {
		return packet{}, err
	}
	kind, code, proto := uint64(3), uint64(3), byte(1)
	if from.Is6() {
		kind, code, proto = 1, 4, 58
	}
	kind, err1 = a.number("type", kind, 8)
	code, err2 = a.number("code", code, 8)
	seq := b.next[dir]
	if text, ok := a.values["seq"]; ok {
		seq, err3 = b.relative(dir, text)
	}
	if err := errors.Join(err1, err2, err3); err != nil {
		return packet{}, err
	}
	quote, err := quoted(dir, seq)
	if err != nil {
		return packet{}, err
	}
	body := append([]byte{byte(kind), byte(code), 0, 0, 0, 0, 0, 0}, quote...)
	initial := uint32(0)
	if from.Is6() {
		initial = pseudo(direction{netip.AddrPortFrom(from, 0), netip.AddrPortFrom(to, 0)}, 58, len(body))
	}
	binary.BigEndian.PutUint16(body[2:], checksum(initial, body))
	return frame(from, to, proto, a, body, 0)
}

// quoted is the IP header and the first eight bytes of a TCP segment.
func quoted(dir direction, seq uint32) ([]byte, error) {
	be := binary.BigEndian
	upper := be.AppendUint16(nil, dir.src.Port())
	upper = be.AppendUint16(upper, dir.dst.Port())
	upper = be.AppendUint32(upper, seq)
	p, err := frame(dir.src.Addr(), dir.dst.Addr(), 6, attributes{}, upper, 12)
	if err != nil {
		return nil, err
	}
	return p.data[14:], nil
}

// pseudo sums the pseudo-header of TCP, UDP and ICMPv6, RFC 9293 section 3.1 and RFC 8200 section 8.1.
func pseudo(dir direction, proto byte, length int) uint32 {
	addresses := append(dir.src.Addr().AsSlice(), dir.dst.Addr().AsSlice()...)
	return sumWords(uint32(proto)+uint32(length), addresses)
}

func sumWords(sum uint32, b []byte) uint32 {
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
		sum = sum&0xffff + sum>>16
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum&0xffff + sum>>16
}

// checksum is the Internet checksum, RFC 1071.
func checksum(initial uint32, b []byte) uint16 {
	sum := sumWords(initial, b)
	sum = sum&0xffff + sum>>16
	return ^uint16(sum)
}

// pcapng writes packets as a pcapng section with as many Ethernet interfaces as they name. The product's
// writer is not used, because it gives every packet a time and has one interface a link type.
func pcapng(packets []packet) []byte {
	var out bytes.Buffer
	le := binary.LittleEndian
	block := func(kind uint32, body []byte) {
		body = append(body, make([]byte, (4-len(body)%4)%4)...)
		frame := le.AppendUint32(nil, kind)
		frame = le.AppendUint32(frame, uint32(len(body)+12))
		out.Write(frame)
		out.Write(body)
		out.Write(frame[4:])
	}
	section := le.AppendUint32(nil, 0x1a2b3c4d)
	section = le.AppendUint32(section, 1)
	block(0x0a0d0d0a, le.AppendUint64(section, 1<<64-1))
	interfaces := uint32(1)
	for _, p := range packets {
		interfaces = max(interfaces, p.iface+1)
	}
	for range interfaces {
		// Ethernet, no snap length, if_tsresol 9.
		block(1, []byte{1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0})
	}
	for _, p := range packets {
		if !p.timed {
			block(3, append(le.AppendUint32(nil, uint32(p.wire)), p.data...))
			continue
		}
		body := le.AppendUint32(nil, p.iface)
		body = le.AppendUint32(body, uint32(uint64(p.time)>>32))
		body = le.AppendUint32(body, uint32(p.time))
		body = le.AppendUint32(body, uint32(len(p.data)))
		body = le.AppendUint32(body, uint32(p.wire))
		block(6, append(body, p.data...))
	}
	return out.Bytes()
}
