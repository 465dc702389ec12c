package lab

import (
	"math/rand/v2"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// LinkOptions are what the link does to packets, the same in both directions. The zero value is a perfect wire.
type LinkOptions struct {
	Delay     time.Duration // one way
	Jitter    time.Duration // added to Delay: between nothing and this much, without reordering
	Loss      float64       // share of packets that vanish, 0 to 1
	Reorder   float64       // share of packets that are overtaken by those behind them
	Duplicate float64       // share of packets that arrive twice
	Rate      int64         // bits a second, 0 for no limit
}

// link is one direction between two cards.
type link struct {
	lab     *world
	o       LinkOptions
	random  *rand.Rand
	to      *card
	busy    int64 // until when the wire is taken by packets before
	arrived int64 // when the newest packet arrives: the order is kept
}

// carry takes a packet that has left its card at the present moment.
func (l *link) carry(packet []byte) {
	now := l.lab.s.time()
	start := max(now, l.busy)
	if l.o.Rate > 0 {
		l.busy = start + int64(len(packet)+ethernetHeader)*8*int64(time.Second)/l.o.Rate
		start = l.busy
	}
	if l.random.Float64() < l.o.Loss {
		return
	}
	l.deliver(packet, start)
	if l.random.Float64() < l.o.Duplicate {
		l.deliver(packet, start)
	}
}

// deliver lets a packet arrive after the delay. One that is to be overtaken stays behind for longer than the next ones need, and
// does not hold them up.
func (l *link) deliver(packet []byte, start int64) {
	when := start + int64(l.o.Delay) + leastGap
	if l.o.Jitter > 0 {
		when += l.random.Int64N(int64(l.o.Jitter))
	}
	if l.random.Float64() < l.o.Reorder {
		late := int64(l.o.Delay+l.o.Jitter)/2 + int64(2*time.Millisecond)
		l.lab.s.at(max(when, l.arrived)+late, func() { l.to.arrive(packet) })
		return
	}
	l.arrived = max(when, l.arrived+leastGap)
	l.lab.s.at(l.arrived, func() { l.to.arrive(packet) })
}

// leastGap keeps two packets from having the same time, ns.
const leastGap = 1000

const ethernetHeader = 14

// card is a host's network card: the place where packets are captured. It implements stack.LinkEndpoint.
type card struct {
	host     *host
	mac      tcpip.LinkAddress
	mtu      uint32
	looks    looks
	out      *link
	upward   stack.NetworkDispatcher
	pass     int64        // when the newest packet passed the card
	outDelay func() int64 // from the stack to the card, ns
	inDelay  func() int64 // from the card to the stack, ns
	inUntil  int64
	acks     map[flow]*acks
}

// WritePackets implements stack.LinkWriter: it takes what the stack sends.
func (c *card) WritePackets(pkts stack.PacketBufferList) (int, tcpip.Error) {
	s := c.host.lab.s
	for _, p := range pkts.AsSlice() {
		view := p.ToView()
		packet := append([]byte(nil), view.AsSlice()...)
		view.Release()
		c.host.mu.Lock()
		when := max(s.time()+c.outDelay(), c.pass+leastGap)
		c.pass = when
		c.host.mu.Unlock()
		s.at(when, func() { c.leave(packet) })
	}
	return pkts.Len(), nil
}

// leave takes a packet from the stack.
func (c *card) leave(packet []byte) {
	if c.host.repeatsSYN(packet) || c.holdACK(packet) {
		return
	}
	c.send(packet)
}

// send captures a packet and gives it to the wire.
func (c *card) send(packet []byte) {
	lab := c.host.lab
	packet = c.looks.leaving(packet, lab.s.time())
	lab.capture(c, c.host, packet)
	c.out.carry(packet)
}

// arrive captures a packet from the wire and hands it to the stack a little later.
func (c *card) arrive(packet []byte) {
	lab := c.host.lab
	lab.capture(c, c.host.peer, packet)
	packet = c.looks.arriving(append([]byte(nil), packet...))
	c.inUntil = max(lab.s.time()+c.inDelay(), c.inUntil+leastGap)
	lab.s.at(c.inUntil, func() {
		if c.host.ignored(packet) {
			return
		}
		c.noteArrival(packet)
		p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet)})
		c.upward.DeliverNetworkPacket(ipv4.ProtocolNumber, p)
		p.DecRef()
	})
}

// Attach implements stack.NetworkLinkEndpoint.
func (c *card) Attach(d stack.NetworkDispatcher) { c.upward = d }

// IsAttached implements stack.NetworkLinkEndpoint.
func (c *card) IsAttached() bool { return c.upward != nil }

// MTU implements stack.NetworkLinkEndpoint.
func (c *card) MTU() uint32 { return c.mtu }

// SetMTU implements stack.NetworkLinkEndpoint.
func (c *card) SetMTU(mtu uint32) { c.mtu = mtu }

// MaxHeaderLength implements stack.NetworkLinkEndpoint: the Ethernet header is put on where packets are captured.
func (c *card) MaxHeaderLength() uint16 { return 0 }

// LinkAddress implements stack.NetworkLinkEndpoint.
func (c *card) LinkAddress() tcpip.LinkAddress { return c.mac }

// SetLinkAddress implements stack.NetworkLinkEndpoint.
func (c *card) SetLinkAddress(a tcpip.LinkAddress) { c.mac = a }

// Capabilities implements stack.NetworkLinkEndpoint.
func (c *card) Capabilities() stack.LinkEndpointCapabilities { return 0 }

// Wait implements stack.NetworkLinkEndpoint.
func (c *card) Wait() {}

// ARPHardwareType implements stack.NetworkLinkEndpoint: both hosts know each other's address.
func (c *card) ARPHardwareType() header.ARPHardwareType { return header.ARPHardwareNone }

// AddHeader implements stack.NetworkLinkEndpoint.
func (c *card) AddHeader(*stack.PacketBuffer) {}

// ParseHeader implements stack.NetworkLinkEndpoint.
func (c *card) ParseHeader(*stack.PacketBuffer) bool { return true }

// Close implements stack.NetworkLinkEndpoint.
func (c *card) Close() {}

// SetOnCloseAction implements stack.NetworkLinkEndpoint.
func (c *card) SetOnCloseAction(func()) {}
