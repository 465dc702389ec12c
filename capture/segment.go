package capture

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"tcptrace/words"
)

// Flags are the control bits of a TCP header, RFC 9293 section 3.1.
type Flags uint8

// The control bits, in their order on the wire.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Has reports whether all bits of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// String writes the set bits by their RFC names, such as "SYN,ACK".
func (f Flags) String() string {
	names := [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"}
	var set []string
	for i, n := range names {
		if f&(1<<i) != 0 {
			set = append(set, n)
		}
	}
	return strings.Join(set, ",")
}

// OptionSet says which TCP options a segment carried.
type OptionSet uint8

// The options that explain a connection.
const (
	HasMSS OptionSet = 1 << iota
	HasWindowScale
	HasSACKPermitted
	HasSACK
	HasTimestamps
	HasOtherOption
	// OptionsDamaged: an option length was zero, overran the header, or was cut off by the snap length; or the
	// header's own length is impossible.
	OptionsDamaged
)

// SACKBlock is one received range as the receiver reports it, RFC 2018: [Left, Right) in raw sequence numbers.
type SACKBlock struct{ Left, Right uint32 }

// Options are the TCP options of one segment. A field is valid iff its bit is in Set.
type Options struct {
	Set         OptionSet
	WindowScale uint8 // shift count as sent; RFC 7323 2.3 limits its use to 14
	SACKCount   uint8 // valid entries of SACK
	MSS         uint16
	TSVal       uint32
	TSEcr       uint32
	SACK        [4]SACKBlock
}

// MAC is a 48-bit hardware address.
type MAC [6]byte

// Segment is one TCP segment as it was captured.
//
// Payload is borrowed: it is valid until the next call of the Source that gave it. Clone copies.
type Segment struct {
	Frame int64 // number of the packet in its capture, from 1, as Wireshark counts
	Time  int64 // nanoseconds since 1970-01-01 UTC; valid iff HasTime

	// Offset is where the packet's record begins in the unpacked file; 0 for a live packet.
	Offset int64

	Src, Dst netip.AddrPort

	Seq, Ack uint32 // raw; Ack is valid iff Flags has ACK
	Length   int    // payload bytes on the wire, as the IP header tells
	Payload  []byte // the captured part of them: len(Payload) <= Length
	Options  Options

	Interface uint32 // the pcapng interface, or the SLL2 ifindex; 0 when there is one only
	Window    uint16 // unscaled, as sent
	Checksum  uint16 // as sent; never verified, because sending hosts leave it to the card
	IPID      uint16 // valid iff IPv4; 0 tells nothing (RFC 6864)
	Flags     Flags
	TTL       uint8 // IPv4 TTL or IPv6 hop limit

	HasTime      bool // false for pcapng Simple Packet Blocks
	DontFragment bool // IPv4 DF
	HasSrcMAC    bool
	NoWindow     bool // the header was cut off before the window: Window tells nothing
	Fragmented   bool // put together from IP fragments; Frame and Time are those of the last one
	SrcMAC       MAC
	DataOffset   uint8 // header length in 32-bit words
}

// Cut reports whether the snap length took payload away.
func (s *Segment) Cut() bool { return len(s.Payload) < s.Length }

// Clone copies a segment together with its payload, so that it may be kept.
func (s *Segment) Clone() *Segment {
	c := *s
	c.Payload = append([]byte(nil), s.Payload...)
	return &c
}

// ARP is an ARP request or reply for IPv4, RFC 826.
type ARP struct {
	Frame              int64
	Time               int64
	Request            bool // who-has; otherwise is-at
	SenderMAC          MAC
	SenderIP, TargetIP netip.Addr
}

// Datagram is a UDP datagram of the Pico's call journal. Payload is borrowed like a segment's.
type Datagram struct {
	Frame    int64
	Time     int64
	Src, Dst netip.AddrPort
	Payload  []byte
}

// ICMPError is an ICMP or ICMPv6 error about a TCP segment, which it quotes.
type ICMPError struct {
	Frame      int64
	Time       int64
	From       netip.Addr // who sent the error
	Type, Code uint8
	V6         bool
	Src, Dst   netip.AddrPort // of the quoted TCP segment
	Seq        uint32         // of the quoted TCP segment
}

// Kind says which field of an Event is set.
type Kind uint8

// The kinds of event.
const (
	KindSegment Kind = iota + 1
	KindARP
	KindDatagram
	KindICMPError
	KindGap // nothing was captured for a while: what came in it is unknown. Only a Chain has it; no field is set
)

// Event is the next thing of interest in a capture: a TCP segment, or one of the few other packets
// that explain what TCP did. Only the field that Kind names is valid.
type Event struct {
	Kind      Kind
	Segment   Segment
	ARP       ARP
	Datagram  Datagram
	ICMPError ICMPError
}

// Source yields the events of one capture in file order.
//
// Next fills ev, whose byte slices are borrowed until the following call. It returns io.EOF at the
// end, a *Damage when what follows cannot be read (everything good before it has been handed over),
// or the underlying read error. After an error every further call returns the same error.
//
// Info may be called at any time and tells about what has been read so far. The caller owns the
// Source and closes it; Close does not close a reader that the caller opened.
type Source interface {
	Next(ev *Event) error
	Info() Info
	Close() error
}

// Info is what a capture says about itself and what reading it cost: the report's first block.
type Info struct {
	File      string   // as the user named it; "-" for standard input
	Format    string   // such as "pcap", "pcap-ns", "pcapng", with ".gz" and so on when compressed
	LinkTypes []string // in order of appearance, such as "EN10MB"

	Packets    int64
	TCPPackets int64
	CutHeaders int64 // of them, those cut before the control bits of their TCP header: no segment comes of them
	NotTCP     int64 // decoded as far as needed to see that there is no TCP inside
	Undecoded  int64 // neither TCP nor known to be something else: see Unread
	Fragments  int64 // IP fragments seen
	Truncated  int64 // packets shorter than on the wire
	Untimed    int64 // packets without a time
	Filtered   int64 // packets that OpenOptions.Filter rejected, in none of the other counters

	FirstTime, LastTime int64 // of the first and the last packet (any protocol) that has a time, in file order; valid iff HasTimes
	HasTimes            bool

	KernelDropped    int64 // valid iff HasKernelDropped
	HasKernelDropped bool

	Unread   []Unread       // link types and shapes that were not read, most frequent first
	Warnings []words.Reason // small troubles: forged options, compression ratio; bounded
	Damage   *Damage        // nil while the input was whole
	Limit    string         // which limit was hit, "" for none
}

// Unread counts packets that could not be read for one reason.
type Unread struct {
	What    words.Reason // such as "link type 189 (USB_LINUX)" or "IPv4 header cut"
	Packets int64
}

// Damage says where a capture stops being readable.
type Damage struct {
	File     string
	AtPacket int64 // the number the next packet would have had
	Offset   int64 // of the damaged record in the (unpacked) stream
	What     words.Reason
	// Fatal: no packet could be read before it, so this is not a usable capture.
	Fatal bool
}

// Error names the file, the packet and the offset.
func (d *Damage) Error() string {
	return fmt.Sprintf("%s: packet %d, offset %d: %s", d.File, d.AtPacket, d.Offset, d.What)
}

// TimeOf turns a capture time into a time.Time in UTC.
func TimeOf(ns int64) time.Time { return time.Unix(0, ns).UTC() }
