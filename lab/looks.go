package lab

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// The Pico's constants on the wire (docs/pico.md 4.1): MicroPython's lwIP on the rp2 port.
const (
	picoMSS         = 800
	picoWindow      = 6400
	picoSendBuffer  = 6400
	picoTTL         = 255
	picoISN         = 6510 // the first connection's; it grows by two every second
	picoISNTick     = 500_000_000
	picoResetWindow = 25 // lwIP's tcp_rst swaps the bytes of the window twice
	picoFirstPort   = 49152
	linuxWindow     = 64240 // of a SYN
	ipHeader        = 20    // the stacks send no IP options
)

// looks dresses a host's packets: what the stack cannot be told to send is changed between it and the card, and what the peer
// answers to that is changed back, so that the stack does not notice.
type looks interface {
	// leaving changes an IPv4 packet on its way out and gives it back, perhaps shorter.
	leaving(packet []byte, now int64) []byte
	// arriving changes one on its way in.
	arriving(packet []byte) []byte
}

// linuxLooks is a PC with Linux: netstack is like it but for the IP ID and the first window.
type linuxLooks struct {
	id uint16
}

func (l *linuxLooks) leaving(packet []byte, _ int64) []byte {
	ip := header.IPv4(packet)
	l.id++
	if l.id == 0 {
		l.id = 1
	}
	ip.SetID(l.id)
	sumIP(ip)
	if t := header.TCP(packet[ipHeader:]); t.Flags().Contains(header.TCPFlagSyn) {
		t.SetWindowSize(linuxWindow)
		sumTCP(packet)
	}
	return packet
}

func (l *linuxLooks) arriving(packet []byte) []byte { return packet }

// picoLooks is MicroPython's lwIP.
type picoLooks struct {
	id   uint16
	isns map[flow]isnShift
}

// isnShift is what is added to the sequence numbers of a connection that the stack began with isn.
type isnShift struct{ isn, shift uint32 }

// flow is a connection as one host sees it.
type flow struct{ local, remote netip.AddrPort }

func (l *picoLooks) leaving(packet []byte, now int64) []byte {
	f := flow{source(packet), destination(packet)}
	if t := header.TCP(packet[ipHeader:]); t.Flags().Contains(header.TCPFlagSyn) {
		packet = onlyMSS(packet)
		if isn := t.SequenceNumber(); l.isns[f].isn != isn {
			l.isns[f] = isnShift{isn, picoISN + uint32(now/picoISNTick) - isn}
		}
	}
	ip, t := header.IPv4(packet), header.TCP(packet[ipHeader:])
	t.SetSequenceNumber(t.SequenceNumber() + l.isns[f].shift)
	switch {
	case t.Flags().Contains(header.TCPFlagRst):
		t.SetWindowSize(picoResetWindow)
	case t.Flags().Contains(header.TCPFlagSyn):
		t.SetWindowSize(picoWindow)
	}
	ip.SetFlagsFragmentOffset(0, 0)
	ip.SetID(l.id)
	l.id++
	ip.SetTTL(picoTTL)
	sumIP(ip)
	sumTCP(packet)
	return packet
}

func (l *picoLooks) arriving(packet []byte) []byte {
	if header.TCP(packet[ipHeader:]).Flags().Contains(header.TCPFlagSyn) {
		packet = onlyMSS(packet)
	}
	t := header.TCP(packet[ipHeader:])
	if t.Flags().Contains(header.TCPFlagAck) {
		t.SetAckNumber(t.AckNumber() - l.isns[flow{destination(packet), source(packet)}].shift)
	}
	sumTCP(packet)
	return packet
}

// onlyMSS takes all options but the MSS out of a SYN, as lwIP neither sends nor understands others.
func onlyMSS(packet []byte) []byte {
	t := header.TCP(packet[ipHeader:])
	mss := header.ParseSynOptions(t.Options(), t.Flags().Contains(header.TCPFlagAck)).MSS
	out := append([]byte(nil), packet[:ipHeader+header.TCPMinimumSize]...)
	out = append(out, header.TCPOptionMSS, header.TCPOptionMSSLength, 0, 0)
	binary.BigEndian.PutUint16(out[len(out)-2:], mss)
	header.TCP(out[ipHeader:]).SetDataOffset(header.TCPMinimumSize + header.TCPOptionMSSLength)
	ip := header.IPv4(out)
	ip.SetTotalLength(uint16(len(out)))
	sumIP(ip)
	return out
}

func sumIP(ip header.IPv4) {
	ip.SetChecksum(0)
	ip.SetChecksum(^ip.CalculateChecksum())
}

func sumTCP(packet []byte) {
	ip := header.IPv4(packet)
	t := header.TCP(packet[ipHeader:])
	t.SetChecksum(0)
	sum := header.PseudoHeaderChecksum(header.TCPProtocolNumber, ip.SourceAddress(), ip.DestinationAddress(), uint16(len(t)))
	t.SetChecksum(^checksum.Checksum(t, sum))
}

func source(packet []byte) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(packet[12:16])), binary.BigEndian.Uint16(packet[ipHeader:]))
}

func destination(packet []byte) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(packet[16:20])), binary.BigEndian.Uint16(packet[ipHeader+2:]))
}
