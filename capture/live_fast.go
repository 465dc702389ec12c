package capture

import (
	"encoding/binary"

	"tcptrace/notebook"
)

// plainUDP recognises, without decoding it, the commonest packet that has nothing to tell: an unfragmented IPv4
// datagram on Ethernet to and from ports that carry neither the Pico's journal nor a tunnel. A flood of them is what a
// live capture must be quick about. It answers as the decoder does, notTCP, and a test holds that.
func plainUDP(rec *record) bool {
	const ethernet, header = 14, 20
	b := rec.data
	if rec.link != linkEthernet || len(b) < ethernet+header+8 || b[12] != 8 || b[13] != 0 || b[14] != 0x45 || b[23] != protoUDP {
		return false
	}
	be := binary.BigEndian
	if be.Uint16(b[20:])&0x3fff != 0 || be.Uint16(b[16:]) < header+8 {
		return false
	}
	return !carries(be.Uint16(b[34:])) && !carries(be.Uint16(b[36:]))
}

// carries reports whether the decoder looks into datagrams of a port.
func carries(port uint16) bool {
	switch port {
	case notebook.JournalPort, portL2TP, portGTP, portTeredo, portLISP, portGRE, portVXLAN, portVXLANGPE, portAYIYA,
		portGENEVE, portMPLS, portVXLANOld, portTZSP:
		return true
	}
	return false
}
