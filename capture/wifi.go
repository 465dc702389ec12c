package capture

import (
	"encoding/binary"

	"tcptrace/words"
)

// wireless decodes the link types that carry IEEE 802.11 frames; all others are not read.
func (d *decoder) wireless(kind uint16, v view, depth int) outcome {
	switch kind {
	case linkWiFi:
		return d.wifi(v, radio{}, depth)
	case linkRadiotap:
		return d.radiotap(v, depth)
	case linkPrism, linkAVS:
		return d.prism(v, depth)
	case linkPPI:
		return d.ppi(v, depth)
	}
	return d.unreadLink(kind)
}

// radio is what a receiver's header says about the frame after it.
type radio struct {
	fcs    bool // the frame ends with its check sequence
	padded bool // the MAC header is padded to 32 bits
}

// radiotap decodes a radiotap header (radiotap.org) as far as the flags.
func (d *decoder) radiotap(v view, depth int) outcome {
	if len(v.b) < 8 {
		return d.unreadable(words.HeaderCut("radiotap"))
	}
	size := int(binary.LittleEndian.Uint16(v.b[2:]))
	if size < 8 || size > len(v.b) {
		return d.unreadable(words.HeaderLength("radiotap"))
	}
	present := binary.LittleEndian.Uint32(v.b[4:])
	at := 8
	for word := present; word&(1<<31) != 0; at += 4 {
		if at+4 > size {
			return d.unreadable(words.HeaderLength("radiotap"))
		}
		word = binary.LittleEndian.Uint32(v.b[at:])
	}
	var r radio
	if present&1 != 0 { // TSFT, aligned to its eight bytes
		at = (at+7)&^7 + 8
	}
	if present&2 != 0 && at < size {
		r.fcs, r.padded = v.b[at]&0x10 != 0, v.b[at]&0x20 != 0
	}
	return d.wifi(v.from(size), r, depth)
}

// prism decodes the Prism monitoring header, or the AVS header that some drivers put under its number.
func (d *decoder) prism(v view, depth int) outcome {
	if len(v.b) < 8 {
		return d.unreadable(words.HeaderCut("Prism"))
	}
	size := binary.LittleEndian.Uint32(v.b[4:])
	if binary.BigEndian.Uint32(v.b)>>12 == 0x80211 || size > 0xffff {
		size = binary.BigEndian.Uint32(v.b[4:])
	}
	if size < 8 || uint64(size) > uint64(len(v.b)) {
		return d.unreadable(words.HeaderLength("Prism"))
	}
	return d.wifi(v.from(int(size)), radio{}, depth)
}

// ppi decodes a Per-Packet Information header and whatever link type it names.
func (d *decoder) ppi(v view, depth int) outcome {
	if len(v.b) < 8 {
		return d.unreadable(words.HeaderCut("PPI"))
	}
	size, inner := int(binary.LittleEndian.Uint16(v.b[2:])), binary.LittleEndian.Uint32(v.b[4:])
	if size < 8 || size > len(v.b) || inner > 0xffff {
		return d.unreadable(words.HeaderLength("PPI"))
	}
	if inner == linkWiFi {
		return d.wifi(v.from(size), ppiRadio(v.b[8:size]), depth)
	}
	return d.link(uint16(inner), v.from(size), depth+1)
}

// ppiRadio looks for the common 802.11 field, whose flags follow eight bytes of time.
func ppiRadio(fields []byte) (r radio) {
	for len(fields) >= 4 {
		kind, size := binary.LittleEndian.Uint16(fields), int(binary.LittleEndian.Uint16(fields[2:]))
		if 4+size > len(fields) {
			return r
		}
		const common = 2
		if kind == common && size >= 10 {
			r.fcs = fields[4+8]&1 != 0
		}
		fields = fields[4+size:]
	}
	return r
}

// The frame control bits of IEEE 802.11 section 9.2.4.1, as a little-endian word.
const (
	wifiType      = 0x000c
	wifiData      = 0x0008
	wifiNoData    = 0x0040
	wifiQoS       = 0x0080
	wifiToDS      = 0x0100
	wifiFromDS    = 0x0200
	wifiMoreFrag  = 0x0400
	wifiProtected = 0x4000
	wifiOrder     = 0x8000
)

// wifi decodes an IEEE 802.11 data frame that is not encrypted.
func (d *decoder) wifi(v view, r radio, depth int) outcome {
	if len(v.b) < 2 {
		return d.unreadable(words.HeaderCut("802.11"))
	}
	control := binary.LittleEndian.Uint16(v.b)
	if control&wifiType != wifiData || control&wifiNoData != 0 {
		return notTCP
	}
	if r.fcs {
		v = v.limit(max(v.wire-4, 0))
	}
	size := 24
	if control&(wifiToDS|wifiFromDS) == wifiToDS|wifiFromDS {
		size += 6
	}
	qos := size
	if control&wifiQoS != 0 {
		size += 2
		if control&wifiOrder != 0 {
			size += 4
		}
	}
	if r.padded {
		size = (size + 3) &^ 3
	}
	if len(v.b) < size {
		return d.unreadable(words.HeaderCut("802.11"))
	}
	if control&wifiMoreFrag != 0 || v.b[22]&0x0f != 0 {
		return d.unreadable(words.WirelessFragment)
	}
	d.wifiSource(control, v.b)
	aggregate := control&wifiQoS != 0 && v.b[qos]&0x80 != 0
	v = v.from(size)
	if control&wifiProtected != 0 {
		clear, ok := decrypted(v)
		if !ok {
			return d.unreadable(words.WirelessEncrypted)
		}
		v = clear
	}
	// Some bridges set the aggregate bit on frames that they have taken apart.
	if aggregate && !isSNAP(v.b) {
		return d.aggregate(v, depth)
	}
	return d.llc(v, depth)
}

// decrypted finds the payload of a frame that a driver has decrypted but left marked as protected, with or
// without its initialisation vector.
func decrypted(v view) (view, bool) {
	for _, vector := range [...]int{0, 4, 8} {
		if len(v.b) >= vector+8 && isSNAP(v.b[vector:]) {
			return v.from(vector), true
		}
	}
	return v, false
}

func isSNAP(b []byte) bool {
	return len(b) >= 6 && [6]byte(b) == [6]byte{0xaa, 0xaa, 0x03, 0, 0, 0}
}

// wifiSource keeps the address of the frame's origin, IEEE 802.11 table 9-30.
func (d *decoder) wifiSource(control uint16, b []byte) {
	at := 10
	switch control & (wifiToDS | wifiFromDS) {
	case wifiFromDS:
		at = 16
	case wifiToDS | wifiFromDS:
		at = 24
	}
	d.mac, d.hasMAC = MAC(b[at:at+6]), true
}

// aggregate decodes an A-MSDU: frames with a header of addresses and a length, each padded to 32 bits. The
// first event goes where the packet's event goes, the others behind it.
func (d *decoder) aggregate(v view, depth int) outcome {
	first, result := d.ev, notTCP
	defer func() { d.ev = first }()
	for len(v.b) >= 14 {
		length := int(binary.BigEndian.Uint16(v.b[12:]))
		d.mac, d.hasMAC = MAC(v.b[6:12]), true
		if result == found {
			d.more = append(d.more, Event{})
			d.ev = &d.more[len(d.more)-1]
		}
		out := d.llc(v.from(14).limit(length), depth+1)
		switch {
		case out != found && result == found:
			d.more = d.more[:len(d.more)-1]
		case out == found || result == notTCP:
			result = out
		}
		v = v.from(min((14+length+3)&^3, len(v.b)))
	}
	return result
}
