package lab

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// Place names one of the two hosts.
type Place uint8

// The hosts.
const (
	PC Place = iota
	Pico
)

// String is the host's name.
func (p Place) String() string { return [...]string{"pc", "pico"}[p] }

// The hosts' addresses: those of the notebook.
var (
	PCAddr   = netip.AddrFrom4([4]byte{192, 168, 1, 3})
	PicoAddr = netip.AddrFrom4([4]byte{192, 168, 1, 57})
)

const (
	thePCsMAC   = tcpip.LinkAddress("\x3c\x7c\x3f\x2a\x10\x03")
	thePicosMAC = tcpip.LinkAddress("\x28\xcd\xc1\x0a\x5b\x57")
	ethernetMTU = 1500
	nic         = 1
)

// habit is how a kind of host does things.
type habit struct {
	sack                    bool
	mtu                     uint32
	receiveWindow, sendBuf  int
	firstPort               uint16
	timeWait, leastRTO      time.Duration
	call, oversleep, travel span // what a call takes; how late sleep() is; what a packet takes between stack and card
	looks                   func(*rand.Rand) looks
	delayACK                delaying
	ackFINAtOnce            bool
	// When SYNs are sent again after the first, and last when the connection is given up; nil for the stack's own way.
	repeatSYN []time.Duration
}

// span is a duration between least and least+spread.
type span struct{ least, spread time.Duration }

func (s span) draw(r *rand.Rand) int64 { return int64(s.least) + r.Int64N(int64(s.spread)+1) }

var habits = [...]habit{
	PC: {sack: true, mtu: ethernetMTU, receiveWindow: linuxWindow, sendBuf: 128 << 10, firstPort: 32768, timeWait: time.Minute, leastRTO: 200 * time.Millisecond,
		call: span{40 * time.Microsecond, 30 * time.Microsecond}, oversleep: span{55 * time.Microsecond, 30 * time.Microsecond},
		travel:   span{8 * time.Microsecond, 8 * time.Microsecond},
		looks:    func(r *rand.Rand) looks { return &linuxLooks{id: uint16(r.Uint32())} },
		delayACK: delayLikeLinux},
	// The MTU makes the MSS 800. On both, half a call takes longer than a packet from the stack to the card: what a call sends
	// is captured before the program's next call.
	Pico: {mtu: picoMSS + 2*ipHeader, receiveWindow: picoWindow, sendBuf: picoSendBuffer, firstPort: picoFirstPort,
		timeWait: 2 * time.Minute, leastRTO: 512 * time.Millisecond,
		call: span{250 * time.Microsecond, 250 * time.Microsecond}, oversleep: span{0, 500 * time.Microsecond},
		travel:    span{60 * time.Microsecond, 60 * time.Microsecond},
		looks:     func(*rand.Rand) looks { return &picoLooks{isns: map[flow]isnShift{}} },
		repeatSYN: lwipSYNs(), delayACK: delayLikeLwIP, ackFINAtOnce: true},
}

// lwipSYNs is lwIP's rhythm: timers of 512 ms, no back-off for SYNs, six copies (docs/pico.md 4.1; the times are those
// of testdata/genuine/pico-firewall).
func lwipSYNs() (times []time.Duration) {
	for n := range time.Duration(6) {
		times = append(times, 2810*time.Millisecond+n*6*512*time.Millisecond)
	}
	return append(times, 18690*time.Millisecond)
}

// A host is a stack with its card.
type host struct {
	lab     *world
	place   Place
	habit   *habit
	addr    netip.Addr
	peer    *host
	stack   *stack.Stack
	card    *card
	mu      sync.Mutex // the stack's goroutines draw from random too
	rand    *rand.Rand
	syns    map[flow][]byte    // SYNs as the stack made them, of connections that the host repeats them of
	port    uint16             // the next ephemeral one
	limited map[uint16]*socket // listening sockets with lwIP's rules, by port
}

func newHost(l *world, place Place, addr netip.Addr, mac tcpip.LinkAddress) *host {
	seed := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(l.o.Seed, 2*n+uint64(place))) }
	h := &host{lab: l, place: place, habit: &habits[place], addr: addr, rand: seed(1), limited: map[uint16]*socket{}, syns: map[flow][]byte{}}
	h.port = h.habit.firstPort + uint16(h.rand.IntN(8192))
	h.card = &card{host: h, mac: mac, mtu: h.habit.mtu, looks: h.habit.looks(h.rand), acks: map[flow]*acks{}}
	travel := func() int64 { return h.habit.travel.draw(h.rand) }
	h.card.outDelay, h.card.inDelay = travel, travel
	h.stack = stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol},
		Clock:              l.s.clock,
		RandSource:         &seededSource{r: seed(2)},
		SecureRNG:          &seededReader{r: seed(3)},
	})
	return h
}

// setUp connects the stack to the card and gives it its habits.
func (h *host) setUp() error {
	options := []tcpip.SettableTransportProtocolOption{
		// The stack offers half of its receive buffer as window.
		&tcpip.TCPReceiveBufferSizeRangeOption{Min: 1, Default: 2 * h.habit.receiveWindow, Max: 4 * h.habit.receiveWindow},
		&tcpip.TCPSendBufferSizeRangeOption{Min: 1, Default: h.habit.sendBuf, Max: h.habit.sendBuf},
		ptr(tcpip.TCPModerateReceiveBufferOption(false)),
		ptr(tcpip.TCPSACKEnabled(h.habit.sack)),
		ptr(tcpip.TCPDelayEnabled(true)), // Nagle
		ptr(tcpip.TCPTimeWaitTimeoutOption(h.habit.timeWait)),
		ptr(tcpip.TCPMinRTOOption(h.habit.leastRTO)),
	}
	for _, o := range options {
		if err := h.stack.SetTransportProtocolOption(tcp.ProtocolNumber, o); err != nil {
			return stackError{"set up " + h.place.String(), err}
		}
	}
	if err := h.stack.CreateNIC(nic, h.card); err != nil {
		return stackError{"add the card", err}
	}
	address := tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber,
		AddressWithPrefix: tcpip.AddressWithPrefix{Address: tcpip.AddrFrom4(h.addr.As4()), PrefixLen: 24}}
	if err := h.stack.AddProtocolAddress(nic, address, stack.AddressProperties{}); err != nil {
		return stackError{"set the address", err}
	}
	h.stack.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}})
	return nil
}

func ptr[T any](v T) *T { return &v }

// stackError is a failure of the user-space stack.
type stackError struct {
	doing string
	err   tcpip.Error
}

func (e stackError) Error() string { return "lab: " + e.doing + ": " + e.err.String() }

// shut ends the stack's goroutines.
func (h *host) shut() {
	h.stack.Close()
}

// draw takes a duration from the host's own chance.
func (h *host) draw(s span) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return s.draw(h.rand)
}

// nextPort is the next ephemeral port: lwIP and, nearly, Linux count up.
func (h *host) nextPort() uint16 {
	h.port++
	if h.port < h.habit.firstPort {
		h.port = h.habit.firstPort
	}
	return h.port
}

// repeatsSYN keeps a connection's first SYN, and reports whether a packet is a copy of it: the stack's own copies do not leave
// a host that has times of its own for them.
func (h *host) repeatsSYN(packet []byte) bool {
	t := header.TCP(packet[ipHeader:])
	if h.habit.repeatSYN == nil || t.Flags()&(header.TCPFlagSyn|header.TCPFlagAck) != header.TCPFlagSyn {
		return false
	}
	f := flow{source(packet), destination(packet)}
	if first := h.syns[f]; first != nil && header.TCP(first[ipHeader:]).SequenceNumber() == t.SequenceNumber() {
		return true
	}
	h.syns[f] = append([]byte(nil), packet...)
	return false
}

// openSlowly sends a connection's SYN again at the host's own times while it is not answered, and gives it up after the last.
func (h *host) openSlowly(s *socket) {
	f := flow{s.local, s.remote}
	now := h.lab.s.time()
	for i, after := range h.habit.repeatSYN {
		h.lab.s.at(now+int64(after), func() {
			switch {
			case s.closed || !s.opening():
			case i+1 < len(h.habit.repeatSYN):
				h.card.send(append([]byte(nil), h.syns[f]...))
			default:
				s.giveUp()
			}
		})
	}
}

// ignored reports whether a packet is a SYN, or data before accept(), that finds no room.
func (h *host) ignored(packet []byte) bool {
	t := header.TCP(packet[ipHeader:])
	s := h.limited[t.DestinationPort()]
	switch {
	case s == nil:
		return false
	case t.Flags()&(header.TCPFlagSyn|header.TCPFlagAck) == header.TCPFlagSyn:
		return s.full()
	}
	return len(packet) > ipHeader+int(t.DataOffset()) && s.refuses(source(packet), t.SequenceNumber())
}

// seededSource is a math/rand source for the stack, which wants it safe for concurrent use.
type seededSource struct {
	mu sync.Mutex
	r  *rand.Rand
}

// Int63 implements math/rand.Source.
func (s *seededSource) Int63() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.r.Int64()
}

// Seed implements math/rand.Source; the seed is the lab's.
func (s *seededSource) Seed(int64) {}

// seededReader is a source of the stack's "secure" numbers: in the lab nothing is secret and everything is to come again.
type seededReader struct {
	mu sync.Mutex
	r  *rand.Rand
}

// Read implements io.Reader.
func (s *seededReader) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var word [8]byte
	for i := 0; i < len(p); i += 8 {
		binary.LittleEndian.PutUint64(word[:], s.r.Uint64())
		copy(p[i:], word[:])
	}
	return len(p), nil
}
