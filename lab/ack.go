package lab

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// The stack acknowledges every segment at once; neither Linux nor lwIP does. Their delay is made here, between the stack and the
// card: an ACK that carries nothing waits, and does not go at all when something that carries it leaves first (RFC 1122,
// section 4.2.3.2).

const (
	linuxDelay = 40 * time.Millisecond  // TCP_DELACK_MIN
	lwipTick   = 256 * time.Millisecond // tcp_fasttmr as MicroPython calls it on the rp2 (docs/pico.md 4.1)
)

// delaying says until when a host keeps back an ACK that is ready now, ns since the lab's start; now itself for not at all.
type delaying func(a *acks, now int64) int64

// delayLikeLinux waits where a program answers: where it has sent data soon after data came, until once it has not (the
// "pingpong" mode of net/ipv4/tcp_input.c and tcp_timer.c). Elsewhere Linux acknowledges at once.
func delayLikeLinux(a *acks, now int64) int64 {
	if !a.answers {
		return now
	}
	return now + int64(linuxDelay)
}

// delayLikeLwIP waits for the next tick of the timer, whenever that comes.
func delayLikeLwIP(_ *acks, now int64) int64 { return (now/int64(lwipTick) + 1) * int64(lwipTick) }

// acks is what a card knows of a connection's acknowledgements.
type acks struct {
	sent   uint32 // the newest acknowledgement number that left
	begun  bool   // one has left
	held   []byte
	alarm  *event
	fin    uint32 // the acknowledgement number of the peer's FIN; valid iff hasFIN
	hasFIN bool
	closed bool // this side has sent its FIN

	came    int64 // when data came last
	any     bool  // some came
	answers bool  // the program sends soon after it receives
}

// holdACK takes a packet from the stack, and reports whether it is an ACK that is kept back.
func (c *card) holdACK(packet []byte) bool {
	t := header.TCP(packet[ipHeader:])
	flags := t.Flags()
	f := flow{source(packet), destination(packet)}
	a := c.acks[f]
	if a == nil {
		a = &acks{}
		c.acks[f] = a
	}
	second := c.release(a)
	if !flags.Contains(header.TCPFlagAck) {
		return false
	}
	ack := t.AckNumber()
	now := c.host.lab.s.time()
	if len(packet) > ipHeader+int(t.DataOffset()) && a.any && now-a.came < int64(linuxDelay) {
		a.answers = true
	}
	pure := flags == header.TCPFlagAck && len(packet) == ipHeader+int(t.DataOffset())
	fresh := a.begun && ack != a.sent
	a.closed = a.closed || flags.Contains(header.TCPFlagFin)
	// Whoever has closed already has nothing to wait for; lwIP never waits with a FIN.
	atOnce := a.hasFIN && ack == a.fin && (a.closed || c.host.habit.ackFINAtOnce)
	until := c.host.habit.delayACK(a, now)
	if !pure || !fresh || second || ack-a.sent > picoMSS || atOnce || until <= now {
		a.sent, a.begun = ack, true
		return false
	}
	a.held = packet
	a.alarm = c.host.lab.s.at(until, func() {
		a.held, a.alarm, a.sent, a.answers = nil, nil, ack, false
		c.send(packet)
	})
	return true
}

// release takes back an ACK that was kept, because something leaves that tells the same or more; false if there was none.
func (c *card) release(a *acks) bool {
	if a.held == nil {
		return false
	}
	c.host.lab.s.cancel(a.alarm)
	a.held, a.alarm = nil, nil
	return true
}

// noteArrival remembers when the peer's data came, and that it has closed.
func (c *card) noteArrival(packet []byte) {
	a := c.acks[flow{destination(packet), source(packet)}]
	if a == nil {
		return
	}
	t := header.TCP(packet[ipHeader:])
	length := uint32(len(packet) - ipHeader - int(t.DataOffset()))
	if length > 0 {
		a.came, a.any = c.host.lab.s.time(), true
	}
	if t.Flags().Contains(header.TCPFlagFin) {
		a.fin, a.hasFIN = t.SequenceNumber()+length+1, true
	}
}
