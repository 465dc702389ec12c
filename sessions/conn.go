package sessions

import (
	"encoding/binary"
	"net/netip"
	"time"

	"tcptrace/capture"
)

// An address is an IP address as two big-endian words, IPv4 in its mapped form.
type address struct{ hi, lo uint64 }

// ipv4Address is the address of a 32-bit number.
func ipv4Address(a uint32) address { return address{0, 0xffff<<32 | uint64(a)} }

func addressOf(a netip.Addr) address {
	if a.Is4() {
		b := a.As4()
		return ipv4Address(binary.BigEndian.Uint32(b[:]))
	}
	b := a.As16()
	return address{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// A connKey names a connection by its two ends, the lower one first, in one process: the hash is seeded.
type connKey struct {
	a, b   address
	pa, pb uint16
	hash   uint32 // of the rest
}

// A conn is a session while it is tracked. Directions are numbered by connKey order, not by role, because the
// role can become known late; an index d is the direction sent by end d (0 is a).
//
// It is small while only SYNs were seen, because hundreds of thousands of half-open sessions are a normal
// attack (192 bytes, which is a size that Go allocates without waste); what data needs is in details.
type conn struct {
	key      connKey
	chain    *conn // the next one in the same slot of the table
	*details       // nil while only SYNs were seen

	states       [2]State
	bits         connBits
	completeness uint8
	client       int8 // direction of the client's segments
	closedFirst  int8 // direction, -1 for none
	roleFrom     RoleFrom
	isIPv4       bool
	crossed      int8 // see bitCrossed

	packets      [2]uint32
	syns, copies uint32
	firstSeq     uint32 // raw sequence number of the first packet
	syn          [2]synFacts

	lastFrame, lastTime   int64
	firstFrame, firstTime int64
	firstAt, lastAt       int64 // offsets of the first and the last packet in the file
	synTime               int64 // of the latest SYN before the SYN+ACK
	synFrame              int64 // likewise
}

// details are what a session needs once it is more than a SYN: one piece of memory, because its parts are used together.
type details struct {
	flows [2]flow
	extra extra
}

type connBits uint16

const (
	bitRST       connBits = 1 << iota // a valid RST closed it
	bitRefused                        // a valid RST answered the SYN
	bitWatched                        // one of the watched ports
	bitSYNACK                         // a SYN+ACK was seen
	bitACKed                          // the handshake's ACK was seen
	bitInOrder                        // SYN, SYN+ACK and ACK came in this order
	bitServerIn                       // anything but a SYN came from the server
	bitSimOpen                        // both sides sent a SYN without ACK
	bitDone                           // streams finished: only counters grow
	bitUntimed                        // a packet had no time
	bitBackwards                      // time went back within the session
	bitPending                        // extra.pendingSYN is set
	bitKept                           // its steps and samples are kept to the end
	bitShown                          // it is among the sessions that are shown in full
	bitTracked                        // it was not forgotten
	bitCrossed                        // a SYN or FIN is still on its way to end `crossed`, which sent its own before
)

func (b connBits) has(x connBits) bool { return b&x != 0 }

// synFacts is what one end's SYN, SYN+ACK or first segment tells about its stack.
type synFacts struct {
	isn     uint32
	window  uint16
	mss     uint16
	ipid    uint16
	options capture.OptionSet
	shift   uint8 // as sent
	ttl     uint8
	bits    synBits
	mac     capture.MAC
}

// synBits are the yes-or-no parts of synFacts. They share a byte because half-open sessions come in hundreds of
// thousands.
type synBits uint8

const (
	synSeen         synBits = 1 << iota // a SYN or SYN+ACK
	synACKSeen                          // a SYN+ACK
	synAny                              // any segment: ttl, DF and MAC are valid
	synDF                               // IPv4 DF
	synHasMAC                           // mac is valid
	synRSTWin25                         // an RST with window 25: lwIP's swapped byte order (docs/pico.md 4.2)
	synSentRST                          // an RST, valid or not
	synCrossedClose                     // its FIN or RST left before the peer's had arrived
)

func (f *synFacts) has(b synBits) bool { return f.bits&b != 0 }

// set puts a bit to yes or no.
func (f *synFacts) set(b synBits, yes bool) {
	f.bits &^= b
	if yes {
		f.bits |= b
	}
}

// A flow is what one direction needs once more than a SYN was seen. Offsets count from the byte after the SYN.
type flow struct {
	base   uint32 // raw sequence number of offset 0
	known  bool
	shift  uint8 // window scale in force
	hasFIN bool
	finIn  bool // the receiver has processed the FIN
	probed bool // its latest segment was a keep-alive or a window probe
	winSet bool
	ackSet bool
	fin    int64 // offset of the FIN; valid iff hasFIN
	next   int64 // highest offset sent: payload end, or one past the FIN
	acked  int64 // highest cumulative ACK by the peer; valid iff ackSet
	window int64 // last receive window offered BY this side, scaled
	raw    uint16

	coverage
	bytes         int64
	data          uint32 // segments with payload
	fresh         uint32 // of them, with new bytes
	retransmitted uint32
	spurious      uint32
	outOfOrder    uint32
	duplicateACKs uint32
	zeroWindows   uint32
	keepAlives    uint32
	minRTT        int64 // least time to an answer for this direction's segments; 0 unknown
	lastTime      int64
	maxLength     int32
}

// extra is what a session needs beside its flows once more than a SYN was seen.
type extra struct {
	synackTime, ackTime   int64
	synackFrame, ackFrame int64
	pendingSYN            *capture.Segment // a SYN in a synchronised state, not yet understood
	pendingFrom           int8             // who sent it
	steps                 *stepList        // nil unless the session will be shown
	streams               *streams         // nil once the streams are finished
	result                *results         // once the streams are finished
	history               zeekHistory
}

// results is what remains of the streams of a finished session.
type results struct {
	ackRTT  [2]Stats
	echo    *Echo
	cadence *Cadence
	text    [2][]byte // by side: the first payload bytes, where no echo was matched

	measured *measured // Options.Digests, until the session was told
}

// ends returns the two end points, [client, server].
func (c *conn) ends() (client, server netip.AddrPort) {
	a := netip.AddrPortFrom(c.addr(c.key.a), c.key.pa)
	b := netip.AddrPortFrom(c.addr(c.key.b), c.key.pb)
	if c.client == 0 {
		return a, b
	}
	return b, a
}

func (c *conn) addr(x address) netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], x.hi)
	binary.BigEndian.PutUint64(b[8:], x.lo)
	a := netip.AddrFrom16(b)
	if c.isIPv4 {
		a = a.Unmap()
	}
	return a
}

// port is the port of end d.
func (c *conn) port(d int) uint16 {
	if d == 0 {
		return c.key.pa
	}
	return c.key.pb
}

// side tells the role of direction d.
func (c *conn) side(d int) Side {
	if d == int(c.client) {
		return Client
	}
	return Server
}

// takeForClient says which end is the client, now that a SYN or SYN+ACK tells. What was written down by roles before,
// on a guess that was wrong, is turned round; an echo that was read the wrong way is given up.
func (c *conn) takeForClient(d int, from RoleFrom) {
	c.roleFrom = from
	if int(c.client) == d {
		return
	}
	c.client = int8(d)
	c.bits &^= bitServerIn
	if c.packets[1-d] > 0 {
		c.bits |= bitServerIn
	}
	if c.details == nil {
		return
	}
	x := &c.extra
	x.history.turnRound()
	if x.steps != nil {
		x.steps.turnRound()
	}
	if w := x.streams; w != nil {
		w.hasEcho = false
		w.sinks[0].kind, w.sinks[1].kind = sinkPlain, sinkPlain
	}
	if r := x.result; r != nil {
		r.ackRTT[0], r.ackRTT[1] = r.ackRTT[1], r.ackRTT[0]
		r.text[0], r.text[1] = r.text[1], r.text[0]
		r.echo = nil
		if r.cadence != nil {
			r.cadence.Sender = r.cadence.Sender.Other()
		}
	}
}

// over reports whether both ends have closed.
func (c *conn) over() bool { return c.states[0].over() && c.states[1].over() }

// offset turns a raw sequence number into a stream offset near what was sent last.
func (f *flow) offset(seq uint32) int64 {
	return f.next + int64(int32(seq-f.base-uint32(f.next)))
}

// start makes seq the raw number of offset 0, unless it is known.
func (f *flow) start(seq uint32) {
	if !f.known {
		f.known, f.base = true, seq
	}
}

// missing counts bytes that were never captured though the stream holds them: holes, and what the peer
// acknowledged beyond the last byte seen.
func (f *flow) missing() int64 {
	m := f.coverage.missing()
	end := f.coverage.end()
	if f.hasFIN {
		end = max(end, f.fin+1)
		m += max(f.fin-f.coverage.end(), 0)
	}
	if f.ackSet && f.acked > end {
		m += f.acked - end
	}
	return m
}

// An rttQueue matches ACKs with the data segments they answer.
type rttQueue struct {
	queue  []sentSegment // oldest first; head is the first valid one
	head   int
	series series
}

// maxOutstanding caps the unacknowledged segments that wait for an ACK sample.
const maxOutstanding = 1024

type sentSegment struct {
	end    int64
	time   int64
	repeat bool // sent again: Karn's algorithm gives no sample
}

func (q *rttQueue) reset() {
	q.queue, q.head = q.queue[:0], 0
	q.series.reset()
}

func (q *rttQueue) sent(end, time int64) {
	if q.head > 0 && q.head == len(q.queue) {
		q.queue, q.head = q.queue[:0], 0
	}
	if len(q.queue)-q.head >= maxOutstanding {
		return
	}
	if q.head > 64 && q.head*2 > len(q.queue) {
		n := copy(q.queue, q.queue[q.head:])
		q.queue, q.head = q.queue[:n], 0
	}
	q.queue = append(q.queue, sentSegment{end: end, time: time})
}

// waited is how long ago byte number from was first sent, -1 when it does not wait for an ACK any more.
func (q *rttQueue) waited(from, now int64) int64 {
	for i := q.head; i < len(q.queue); i++ {
		if s := &q.queue[i]; s.end > from {
			if s.repeat || s.time == noTime || now == noTime {
				return -1
			}
			return now - s.time
		}
	}
	return -1
}

// repeated marks every waiting segment that reaches beyond from and starts before to: bytes of it left twice.
func (q *rttQueue) repeated(from, to int64) {
	for i := q.head; i < len(q.queue); i++ {
		if q.queue[i].end > from {
			q.queue[i].repeat = true
			if q.queue[i].end >= to {
				return
			}
		}
	}
}

// acknowledged takes a cumulative ACK and returns the sample it gives, -1 for none: the newest segment it
// covers exactly, unless any segment it covers was repeated (the ACK may have waited for that one).
func (q *rttQueue) acknowledged(to, now int64) (sample int64) {
	sample = -1
	clean := true
	for q.head < len(q.queue) && q.queue[q.head].end <= to {
		s := q.queue[q.head]
		clean = clean && !s.repeat
		if s.end == to && clean && s.time != noTime && now != noTime {
			sample = now - s.time
		}
		q.head++
	}
	return sample
}

// start begins a session with its first segment.
func (c *conn) start(f *routed, seg *capture.Segment) {
	*c = conn{bits: bitTracked, key: f.key, isIPv4: f.isIPv4, closedFirst: -1,
		firstFrame: seg.Frame, lastFrame: seg.Frame, firstTime: timeOf(seg), lastTime: timeOf(seg),
		firstAt: seg.Offset, lastAt: seg.Offset, firstSeq: seg.Seq}
}

// timeOf is a segment's time, noTime if it has none.
func timeOf(seg *capture.Segment) int64 {
	if !seg.HasTime {
		return noTime
	}
	return seg.Time
}

// duration is the time between two packets, 0 if either has none or the clock went back.
func duration(from, to int64) time.Duration {
	if from == noTime || to == noTime {
		return 0
	}
	return time.Duration(max(to-from, 0))
}
