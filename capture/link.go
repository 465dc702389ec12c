package capture

import (
	"encoding/binary"
	"fmt"
)

// Link types that are read, as tcpdump.org/linktypes.html numbers them.
const (
	linkNull     = 0
	linkEthernet = 1
	linkRaw      = 101
)

// linkName names a link type the way tcpdump does, or by its number.
func linkName(link uint16) string {
	if name, ok := linkNames[link]; ok {
		return name
	}
	return fmt.Sprintf("%d", link)
}

var linkNames = map[uint16]string{0: "NULL", 1: "EN10MB", 101: "RAW"}

// packet decodes one captured packet.
func (d *decoder) packet(rec *record) (out outcome) {
	v := view{rec.data, rec.wire}
	if rec.fcs > 0 {
		v = v.limit(max(v.wire-int(rec.fcs), 0))
	}
	if rec.link == linkEthernet {
		return d.ethernet(v, 0)
	}
	switch rec.link {
	case linkRaw:
		return d.network(v, 0)
	}
	return d.unreadable("link type")
}

// ethernet decodes an Ethernet frame.
func (d *decoder) ethernet(v view, depth int) outcome {
	if len(v.b) < 14 {
		return d.unreadable("Ethernet header cut")
	}
	d.mac, d.hasMAC = MAC(v.b[6:12]), true
	kind := binary.BigEndian.Uint16(v.b[12:])
	return d.etherType(kind, v.from(14), depth)
}

func (d *decoder) etherType(kind uint16, v view, depth int) outcome {
	switch kind {
	case 0x0800, 0x86dd:
		return d.network(v, depth)
	}
	return notTCP
}
