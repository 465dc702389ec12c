package lab

import (
	"net/netip"
	"slices"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// Truth is the lab's own record of what happened, made where it happened: by the programs' calls and at the PC's card. It reads no
// payload and knows nothing of how a capture is understood.
type Truth struct {
	Connections []*Connection        // in the order in which they were begun
	byPair      map[flow]*connection // the newest of each pair of addresses
	all         []*connection
}

// A Connection is one TCP connection. Times are ns since 1970 as captured at the PC's card.
type Connection struct {
	Client, Server netip.AddrPort
	// RTT is the time from the SYN that was answered, the last one before the SYN+ACK, to the ACK that completed the
	// handshake; valid iff HasRTT.
	RTT    time.Duration
	HasRTT bool
	// Beats are the first transmissions of the first byte of every send() of the client.
	Beats []int64
	// Echoes are the recv() calls of the server that a send() answered.
	Echoes []Echo
	// Sent are the bytes that the client and the server gave to their stacks.
	Sent [2]int64
	// RTTs are the times from the first capture of a data segment of the client and of the server to the first ACK of exactly its
	// bytes, for segments that crossed the card once. Where nothing is lost or overtaken, these are the ACK round trips.
	RTTs [2][]time.Duration
	// Captured are the packets of the connection, by sender: client, server.
	Captured [2]int64
}

// Echo is one recv() of a server and the answer to it.
type Echo struct {
	Sent  int64         // first transmission of the last byte that the recv() returned
	RTT   time.Duration // to the first segment with the last byte of the answer
	Bytes int           // that the recv() returned
}

// connection is a Connection while it goes on. Indices are places.
type connection struct {
	Connection
	opener         Place
	sent, received [2]int64
	calls          [2][]transfer
	isn            [2]uint32
	hasISN         [2]bool
	synAt          int64
	complete       bool
	seen           [2][]sighting          // disjoint, by offset
	crossed        [2]map[int64]*crossing // data segments by their end
}

// transfer is a send() or recv() by the bytes of the stream that it moved.
type transfer struct {
	write    bool
	from, to int64
}

// crossing is a data segment that passed the card and waits for its ACK.
type crossing struct {
	at    int64
	times int
}

// sighting is a part of a stream and when it was captured first.
type sighting struct {
	from, to int64
	at       int64
}

// pairOf is the connection's key: the PC's end first.
func pairOf(a, b netip.AddrPort) flow {
	if a.Addr() == PicoAddr {
		return flow{b, a}
	}
	return flow{a, b}
}

// opened begins a connection: its client has called connect().
func (t *Truth) opened(place Place, client, server netip.AddrPort) *connection {
	c := &connection{opener: place, Connection: Connection{Client: client, Server: server}}
	t.byPair[pairOf(client, server)] = c
	t.Connections = append(t.Connections, &c.Connection)
	t.all = append(t.all, c)
	return c
}

// joined is the connection that an accept() gave.
func (t *Truth) joined(local, remote netip.AddrPort) *connection {
	return t.byPair[pairOf(local, remote)]
}

func (c *connection) wrote(at Place, n int64) {
	c.calls[at] = append(c.calls[at], transfer{true, c.sent[at], c.sent[at] + n})
	c.sent[at] += n
}

func (c *connection) read(at Place, n int64) {
	c.calls[at] = append(c.calls[at], transfer{false, c.received[at], c.received[at] + n})
	c.received[at] += n
}

// capture takes a packet that passes the PC's card.
func (t *Truth) capture(packet []byte, at int64) {
	from, to := source(packet), destination(packet)
	c := t.byPair[pairOf(from, to)]
	if c == nil {
		return
	}
	place := PC
	if from.Addr() == PicoAddr {
		place = Pico
	}
	if place == c.opener {
		c.Captured[0]++
	} else {
		c.Captured[1]++
	}
	tcp := header.TCP(packet[ipHeader:])
	flags, seq := tcp.Flags(), tcp.SequenceNumber()
	if flags.Contains(header.TCPFlagSyn) {
		c.isn[place], c.hasISN[place] = seq, true
		if place == c.opener && !c.hasISN[1-place] {
			c.synAt = at
		}
		return
	}
	c.shake(place, tcp, at)
	if n := len(packet) - ipHeader - int(tcp.DataOffset()); n > 0 && c.hasISN[place] && !flags.Contains(header.TCPFlagRst) {
		offset := int64(seq - c.isn[place] - 1)
		c.see(place, offset, offset+int64(n), at)
		if c.crossed[place] == nil {
			c.crossed[place] = map[int64]*crossing{}
		}
		x := c.crossed[place][offset+int64(n)]
		if x == nil {
			x = &crossing{at: at}
			c.crossed[place][offset+int64(n)] = x
		}
		x.times++
	}
	c.acknowledge(1-place, tcp, at)
}

// acknowledge takes the ACK of a packet by the other side.
func (c *connection) acknowledge(sender Place, tcp header.TCP, at int64) {
	if !tcp.Flags().Contains(header.TCPFlagAck) || !c.hasISN[sender] {
		return
	}
	end := int64(tcp.AckNumber() - c.isn[sender] - 1)
	x := c.crossed[sender][end]
	if x == nil {
		return
	}
	delete(c.crossed[sender], end)
	if x.times == 1 {
		i := 0
		if sender != c.opener {
			i = 1
		}
		c.RTTs[i] = append(c.RTTs[i], time.Duration(at-x.at))
	}
}

// shake notices the ACK that completes the handshake.
func (c *connection) shake(place Place, tcp header.TCP, at int64) {
	if c.complete || place != c.opener || !c.hasISN[PC] || !c.hasISN[Pico] || !tcp.Flags().Contains(header.TCPFlagAck) ||
		tcp.Flags().Contains(header.TCPFlagRst) {
		return
	}
	c.complete = true
	c.RTT, c.HasRTT = time.Duration(at-c.synAt), true
}

// see notes bytes that were not captured before.
func (c *connection) see(place Place, from, to, at int64) {
	list := c.seen[place]
	i := len(list)
	for i > 0 && list[i-1].to > from {
		i--
	}
	for from < to {
		if i == len(list) || to <= list[i].from {
			list = slices.Insert(list, i, sighting{from, to, at})
			break
		}
		if from < list[i].from {
			list = slices.Insert(list, i, sighting{from, list[i].from, at})
			i++
		}
		from = max(from, list[i].to)
		i++
	}
	c.seen[place] = list
}

// when is the moment of a byte's first capture; false if it was never captured.
func (c *connection) when(place Place, offset int64) (int64, bool) {
	i, found := slices.BinarySearchFunc(c.seen[place], offset, func(s sighting, offset int64) int {
		switch {
		case s.to <= offset:
			return -1
		case s.from > offset:
			return 1
		}
		return 0
	})
	if !found {
		return 0, false
	}
	return c.seen[place][i].at, true
}

// finish works out what the calls and the captured bytes say.
func (t *Truth) finish() {
	for _, c := range t.all {
		c.finish()
	}
}

func (c *connection) finish() {
	client, server := c.opener, 1-c.opener
	c.Sent = [2]int64{c.sent[client], c.sent[server]}
	for _, call := range c.calls[client] {
		if at, ok := c.when(client, call.from); ok && call.write {
			c.Beats = append(c.Beats, at)
		}
	}
	for i, call := range c.calls[server] {
		if call.write || i+1 == len(c.calls[server]) || !c.calls[server][i+1].write {
			continue
		}
		sent, ok := c.when(client, call.to-1)
		got, ok2 := c.when(server, c.calls[server][i+1].to-1)
		if ok && ok2 {
			c.Echoes = append(c.Echoes, Echo{Sent: sent, RTT: time.Duration(got - sent), Bytes: int(call.to - call.from)})
		}
	}
}
