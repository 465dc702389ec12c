package sessionstest

import (
	"container/heap"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"strconv"
)

// begin is the time of the first packet, in µs since 1970.
const begin = 1_795_000_000_000_000

// picos is how many Picos there are; sessions are dealt out to them in turn.
const picos = 200

// mostSessions have four-tuples of their own: each Pico has firstPort and the following ports.
const (
	firstPort    = 33_000
	mostSessions = picos * (65_535 - firstPort)
)

// Generate writes the capture of a workload. It needs memory for the concurrent sessions only.
func Generate(w io.Writer, o Workload) error {
	if err := o.check(); err != nil {
		return err
	}
	g := &generator{o: o, out: newEncoder(w), random: rand.New(rand.NewPCG(o.Seed, 0x7463707472616365))}
	g.pc = &host{ip: [4]byte{192, 168, 1, 3}, mac: [6]byte{0x3c, 0x7c, 0x3f, 0x2a, 0x10, 0x03}, ttl: 64, df: true}
	for i := range picos {
		n := byte(20 + i)
		g.picos[i] = &host{ip: [4]byte{192, 168, 1, n}, mac: [6]byte{0x28, 0xcd, 0xc1, 0x0a, 0x5b, n}, ttl: 255}
	}
	var err error
	switch o.Mode {
	case HalfOpen:
		err = g.halfOpen()
	case Islands:
		err = g.islands()
	default:
		err = g.sessions()
	}
	if err != nil {
		return err
	}
	return g.out.flush()
}

// generator makes the packets of one workload.
type generator struct {
	o      Workload
	out    *encoder
	random *rand.Rand
	pc     *host
	picos  [picos]*host
	open   timeline
}

// timeline is a heap of sessions by the time of their next packet.
type timeline []*session

func (t timeline) Len() int { return len(t) }
func (t timeline) Less(i, j int) bool {
	a, b := t[i].next().time, t[j].next().time
	return a < b || a == b && t[i].number < t[j].number
}
func (t timeline) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *timeline) Push(x any)   { *t = append(*t, x.(*session)) }
func (t *timeline) Pop() any {
	last := len(*t) - 1
	s := (*t)[last]
	*t = (*t)[:last]
	return s
}

// sessions writes the packets of all sessions in the order of time.
func (g *generator) sessions() error {
	begun := 0
	start := func(at int64) {
		if begun < g.o.Sessions {
			heap.Push(&g.open, g.newSession(begun, at))
			begun++
		}
	}
	for i := range min(g.o.Concurrent, g.o.Sessions) {
		start(begin + int64(i)*1_000_000/int64(g.o.Concurrent))
	}
	for len(g.open) > 0 {
		s := g.open[0]
		p := s.next()
		if err := g.out.write(p); err != nil {
			return err
		}
		s.planned++
		if s.planned < len(s.plan) || s.refill(g) {
			heap.Fix(&g.open, 0)
			continue
		}
		heap.Pop(&g.open)
		start(p.time + 1000 + g.random.Int64N(20_000))
	}
	return nil
}

// end is one side of a session.
type end struct {
	host   *host
	port   uint16
	seq    uint32 // of the next byte it sends
	window uint16
}

// session is one connection. Its packets are planned one exchange at a time.
type session struct {
	number  int
	kind    func(s *session, g *generator, cost int, again bool)
	client  end
	server  end
	clock   int64 // µs: the time of the last planned packet
	tick    int64 // µs: when the Pico's loop or the user is next due
	left    int   // packets that are still to be planned
	closing int   // packets that the end takes; 1 is an RST
	stamps  bool  // RFC 7323 timestamps on every segment
	plan    []packet
	planned int // packets of plan that were written
	text    [64]byte
	opened  bool
}

func (s *session) next() *packet { return &s.plan[s.planned] }

// newSession begins session number n at a time.
func (g *generator) newSession(n int, at int64) *session {
	pico, port := g.picos[n%picos], uint16(firstPort+n/picos)
	s := &session{number: n, clock: at, tick: at, left: g.o.Packets / g.o.Sessions, closing: 4}
	if n < g.o.Packets%g.o.Sessions {
		s.left++
	}
	if g.random.IntN(20) == 0 {
		s.closing = 1
	}
	picoEnd := end{host: pico, port: port, seq: 6509 + g.random.Uint32N(1<<16), window: 6400}
	pcEnd := end{host: g.pc, port: port, seq: g.random.Uint32(), window: 64240}
	switch {
	case g.o.Mode == Bulk:
		s.kind, s.client, s.server, s.stamps = (*session).bulk, picoEnd, pcEnd, true
		s.server.port, s.client.window, s.server.window = 9001, 502, 501
	case n%2 == 0:
		s.kind, s.client, s.server = (*session).beat, picoEnd, pcEnd
		s.server.port = 9001
	default:
		s.kind, s.client, s.server = (*session).echo, pcEnd, picoEnd
		s.server.port = 9000
	}
	s.refill(g)
	return s
}

// refill plans the next packets; false when the session is over.
func (s *session) refill(g *generator) bool {
	s.plan, s.planned = s.plan[:0], 0
	switch {
	case !s.opened:
		s.opened = true
		s.handshake(g)
	case s.left > s.closing:
		s.exchange(g)
	case s.left > 0:
		s.close()
	}
	s.left -= len(s.plan)
	return len(s.plan) > 0
}

// add plans a segment from one end to the other, some µs after the one before.
func (s *session) add(after int64, from, to *end, flags byte, payload []byte) {
	s.clock += after
	p := packet{time: s.clock, from: from.host, to: to.host, src: from.port, dst: to.port, seq: from.seq,
		flags: flags, window: from.window, payload: payload}
	if flags&ack != 0 {
		p.ack = to.seq
	}
	if s.stamps {
		p.options = s.timestamps()
	}
	s.plan = append(s.plan, p)
	from.seq += uint32(len(payload))
	if flags&(syn|fin) != 0 {
		from.seq++
	}
}

// timestamps is the option of RFC 7323 with a clock of milliseconds.
func (s *session) timestamps() []byte {
	option := append(make([]byte, 0, 12), 1, 1, 8, 10)
	option = binary.BigEndian.AppendUint32(option, uint32(s.clock/1000))
	return binary.BigEndian.AppendUint32(option, uint32(s.clock/1000)-1)
}

// The options of SYNs: of lwIP on a Pico, of Linux, and of Linux that answers lwIP.
var (
	lwipSYN    = []byte{2, 4, 0x03, 0x20}
	linuxSYN   = []byte{2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 1, 2, 3, 0, 0, 0, 0, 1, 3, 3, 7}
	linuxPlain = []byte{2, 4, 0x05, 0xb4}
)

// handshake plans the three segments that open the session.
func (s *session) handshake(g *generator) {
	s.add(0, &s.client, &s.server, syn, nil)
	s.add(30, &s.server, &s.client, syn|ack, nil)
	s.add(4200+g.random.Int64N(100), &s.client, &s.server, ack, nil)
	switch {
	case s.stamps:
		s.plan[0].options, s.plan[1].options = linuxSYN, linuxSYN
		s.plan[0].window, s.plan[1].window = 64240, 65160
	case s.client.host == g.pc:
		s.plan[0].options, s.plan[1].options = linuxSYN, lwipSYN
	default:
		s.plan[0].options, s.plan[1].options = lwipSYN, linuxPlain
	}
	s.tick = s.clock + 40_000
}

// exchange plans one exchange. It takes three packets, or four with an acknowledgement of its own, and one or
// two more with a retransmission, so chosen that the rest of the session can be filled exactly.
func (s *session) exchange(g *generator) {
	cost := 3 + g.random.IntN(2)
	again := g.random.Float64()*50 < g.o.RetransmitPercent // two data segments in an exchange
	room := s.left - s.closing
	if again && !fillable(room-s.costAgain(cost)) {
		again = false
	}
	if !again && !fillable(room-cost) {
		cost = 7 - cost
	}
	s.kind(s, g, cost, again)
}

// costAgain is what an exchange with a retransmission takes.
func (s *session) costAgain(cost int) int {
	if s.stamps {
		return cost + 2
	}
	return cost + 1
}

// fillable reports whether exchanges of three and four packets can add up to n.
func fillable(n int) bool { return n == 0 || n >= 3 && n != 5 }

// The notebook's texts.
var (
	hola     = []byte("Hola desde MicroPython\n")
	responde = []byte("PC responde: Hola desde MicroPython\n")
)

// repeat plans the last planned segment once more, a retransmission timeout later.
func (s *session) repeat(after int64) {
	p := s.plan[len(s.plan)-1]
	s.clock += after
	p.time = s.clock
	s.plan = append(s.plan, p)
}

// beat plans one turn of the Pico's loop: its line, the PC's answer, and the Pico's late acknowledgement.
func (s *session) beat(g *generator, cost int, again bool) {
	s.clock = max(s.clock+1, s.tick+g.random.Int64N(4000))
	s.tick += 1_004_000
	first := again && g.random.IntN(2) == 0
	s.add(0, &s.client, &s.server, psh|ack, hola)
	if first {
		s.repeat(300_000)
	}
	if cost == 4 {
		s.add(20, &s.server, &s.client, ack, nil)
	}
	s.add(160, &s.server, &s.client, psh|ack, responde)
	if again && !first {
		s.repeat(220_000)
	}
	s.add(50_000+g.random.Int64N(200_000), &s.client, &s.server, ack, nil)
}

// longestLine is of what the user of the PC's client types; it makes the average packet 70 bytes long.
const longestLine = 51

// echo plans one line that a user types and the Pico's answer, which waits for its loop.
func (s *session) echo(g *generator, cost int, again bool) {
	s.clock = max(s.clock+1, s.tick)
	text := append(s.text[:0], "Echo:"...)
	for range 1 + g.random.IntN(longestLine) {
		text = append(text, byte('a'+g.random.IntN(26)))
	}
	first := again && g.random.IntN(2) == 0
	s.add(0, &s.client, &s.server, psh|ack, text[5:])
	if first {
		s.repeat(210_000)
	}
	wait := g.random.Int64N(1_000_000)
	if cost == 4 {
		early := min(wait, 1000+g.random.Int64N(250_000))
		s.add(early, &s.server, &s.client, ack, nil)
		wait -= early
	}
	s.add(wait, &s.server, &s.client, psh|ack, text)
	if again && !first {
		s.repeat(300_000)
	}
	s.add(40, &s.client, &s.server, ack, nil)
	s.tick = s.clock + 200_000 + g.random.Int64N(1_000_000)
}

// chunk is the payload of every segment of a bulk session.
var chunk = func() []byte {
	b := make([]byte, 0, 1408)
	for i := 0; len(b) < 1400; i++ {
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, ' ')
	}
	return b[:1400]
}()

// bulk plans two or three full segments and the acknowledgement of all of them; with a loss the first
// is asked for by a duplicate acknowledgement and sent again.
func (s *session) bulk(g *generator, cost int, again bool) {
	s.add(200+g.random.Int64N(300), &s.client, &s.server, ack, chunk)
	lost := s.plan[0]
	for range cost - 2 {
		s.add(12, &s.client, &s.server, psh|ack, chunk)
	}
	if again {
		s.add(150, &s.server, &s.client, ack, nil)
		s.plan[len(s.plan)-1].ack = lost.seq
		s.clock += 300
		lost.time, lost.options = s.clock, s.timestamps()
		s.plan = append(s.plan, lost)
	}
	s.add(150, &s.server, &s.client, ack, nil)
}

// close plans the end: four segments, begun by either side, or an RST.
func (s *session) close() {
	a, b := &s.client, &s.server
	if s.number%6 == 5 {
		a, b = b, a
	}
	if s.closing == 1 {
		s.add(100_000, a, b, rst|ack, nil)
		return
	}
	s.add(100_000, a, b, fin|ack, nil)
	s.add(4000, b, a, ack, nil)
	s.add(500_000, b, a, fin|ack, nil)
	s.add(40, a, b, ack, nil)
}

// halfOpen writes one SYN from each of many addresses, 100 µs apart.
func (g *generator) halfOpen() error {
	for i := range g.o.Sessions {
		from := &host{ip: [4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}, mac: [6]byte{2, 0, 0, 0, 0, 1}, ttl: 64, df: true, ipID: uint16(g.random.Uint32())}
		p := packet{time: begin + int64(i)*100, from: from, to: g.pc, src: uint16(1024 + i%60_000), dst: 9001,
			seq: g.random.Uint32(), flags: syn, window: 64240}
		if err := g.out.write(&p); err != nil {
			return err
		}
	}
	return nil
}

// islands writes every second byte of a stream, across the wrap of the sequence numbers.
func (g *generator) islands() error {
	s := &session{client: end{host: g.picos[37], port: 50_000, window: 6400}, server: end{host: g.pc, port: 9001, window: 64240}}
	s.client.seq = -uint32(g.o.Packets)
	for i := range g.o.Packets {
		s.plan = s.plan[:0]
		s.clock = begin + int64(i)*100
		s.add(0, &s.client, &s.server, psh|ack, hola[:1])
		s.client.seq++
		if err := g.out.write(&s.plan[0]); err != nil {
			return err
		}
	}
	return nil
}
