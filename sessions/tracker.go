package sessions

import (
	"hash/maphash"
	"net/netip"
	"slices"

	"tcptrace/capture"
	"tcptrace/notebook"
)

// DefaultShown is how many sessions keep their steps unless asked otherwise.
const DefaultShown = 16

// Options choose what is tracked and how much is kept.
type Options struct {
	Ports    []uint16     // watched ports; empty: notebook.Ports when present, else all
	AllPorts bool         // watch everything
	Hosts    []netip.Addr // only sessions with one of these ends; empty: all
	Echo     map[uint16]string
	// Shown is how many sessions, from the first on, keep their steps; 0 for none.
	Shown int
	// ShownIDs, when set, names the sessions that keep their steps instead. It needs a single worker.
	ShownIDs []int
	// Samples keeps the raw echo samples and beat times of every session, not only of the shown ones.
	Samples bool
	// Summary adds sessions to totals as they end and forgets them: Trace.Summary instead of Sessions.
	Summary bool
	// Lazy builds only the first Built sessions into Trace.Sessions; Trace.Each builds the others one at a time.
	Lazy bool
	// Counted, with Lazy, keeps the first Built sessions only and counts the others in Trace.Count, once Options.OnSession
	// has had them.
	Counted bool
	Built   int
	// MaxSteps is how many steps of a session that is shown are kept; 0 for the constant of that name.
	MaxSteps int
	// OnBegin is called by Run before the first session with a time can end: with what the source knows then. The Info is
	// only the caller's until it returns.
	OnBegin func(*capture.Info)
	// OnSession is called once with every session when nothing can come to it any more: foldAfter past the close of both its ends, when its
	// ports are used again, or when the capture ends. It is complete but for its number and its steps. With a Summary
	// it is forgotten then, so that memory does not grow with the number of sessions. The Session and
	// all it holds are only the caller's until it returns. Calls come in no order that means anything, and with several
	// workers from several goroutines at once.
	OnSession func(*Session)
	// Digests keeps the values that a session measured until OnSession has seen it, for Digest.Add.
	Digests bool
	// OnStep is called with every step at once, before the session's own data are complete. The Step must not
	// be kept. It needs a single worker.
	OnStep func(client, server netip.AddrPort, s *Step)
}

// prefix is the echo prefix for a session to the given server port.
func (o *Options) prefix(port uint16) (string, bool) {
	if p, ok := o.Echo[port]; ok {
		return p, true
	}
	p, ok := notebook.Prefixes[port]
	return p, ok
}

// isServerPort reports whether a port is one that servers of the exchange listen on.
func (o *Options) isServerPort(port uint16) bool {
	if slices.Contains(o.Ports, port) {
		return true
	}
	_, echo := o.prefix(port)
	return echo || len(o.Ports) == 0 && slices.Contains(notebook.Ports, port)
}

// routed is which connection a segment belongs to: its key, its hash and the direction.
type routed struct {
	key     connKey
	horizon horizon
	d       int8
	isIPv4  bool
	copied  bool
	watched bool
}

// A front sees every segment of a capture in order, before they are spread over workers: copies, clock jumps and
// the choice of ports are matters of the whole.
type router struct {
	o        *Options
	seed     maphash.Seed
	mix      [2]uint64
	copies   copyFinder
	notebook bool // a notebook port was seen
	byPort   bool // ports are chosen by notebook.Ports

	attempts               attempts
	frame                  int64 // of the latest segment
	lastTime               int64
	hasTime                bool
	watched, other, copied int64
	copiedOther            int64
	backwards, jumps, huge int64
}

// JumpSeconds is the silence after which a step between two packets is called a clock jump; a step back
// always is one.
const JumpSeconds = 24 * 3600

// largestWireSegment is the most payload a standard Ethernet jumbo frame carries; more can only be offload.
const largestWireSegment = 9000

func newFront(o *Options) *router {
	f := &router{o: o, seed: maphash.MakeSeed(), byPort: len(o.Ports) == 0 && !o.AllPorts}
	f.mix[0] = maphash.Bytes(f.seed, []byte{0}) | 1
	f.mix[1] = maphash.Bytes(f.seed, []byte{1}) | 1
	return f
}

// route finds the connection of a segment. ok is false for segments that are certainly not watched.
func (f *router) route(seg *capture.Segment) (out routed, shard uint32, ok bool) {
	f.frame = seg.Frame
	src, dst := seg.Src.Addr(), seg.Dst.Addr()
	if len(f.o.Hosts) > 0 && !f.wantsHost(src, dst) {
		return out, 0, false
	}
	sp, dp := seg.Src.Port(), seg.Dst.Port()
	out.watched = f.watches(sp, dp)
	if !out.watched && (!f.byPort || f.notebook) {
		return out, 0, false
	}
	a, b := addressOf(src), addressOf(dst)
	out.isIPv4 = src.Is4()
	hash := mix(f.hash(a, sp)+f.hash(b, dp), f.mix[0])
	if lower(a, sp, b, dp) {
		out.key = connKey{a: a, b: b, pa: sp, pb: dp}
	} else {
		out.key = connKey{a: b, b: a, pa: dp, pb: sp}
		out.d = 1
	}
	out.key.hash = uint32(hash)
	if seg.Flags&(capture.SYN|capture.ACK) == capture.SYN {
		f.attempts.add(seg.Frame)
	}
	out.horizon = f.attempts.horizon
	f.clock(seg)
	out.copied = f.copies.isCopy(seg, copyKey(&out.key, out.d))
	f.count(&out)
	if seg.Length > largestWireSegment {
		f.huge++
	}
	return out, uint32(hash >> 32), true
}

func (f *router) count(out *routed) {
	if out.watched {
		f.watched++
	} else {
		f.other++
	}
	if out.copied {
		if out.watched {
			f.copied++
		} else {
			f.copiedOther++
		}
	}
}

// clock notices time that goes back or jumps.
func (f *router) clock(seg *capture.Segment) {
	if !seg.HasTime {
		return
	}
	if f.hasTime {
		switch d := seg.Time - f.lastTime; {
		case d < 0:
			f.backwards++
		case d > JumpSeconds*1_000_000_000:
			f.jumps++
		}
	}
	f.hasTime, f.lastTime = true, seg.Time
}

func (f *router) wantsHost(src, dst netip.Addr) bool {
	return slices.Contains(f.o.Hosts, src.Unmap()) || slices.Contains(f.o.Hosts, dst.Unmap())
}

func (f *router) watches(sp, dp uint16) bool {
	switch {
	case f.o.AllPorts:
		return true
	case !f.byPort:
		return slices.Contains(f.o.Ports, sp) || slices.Contains(f.o.Ports, dp)
	}
	w := slices.Contains(notebook.Ports, sp) || slices.Contains(notebook.Ports, dp)
	f.notebook = f.notebook || w
	return w
}

// hash mixes one end with the process's random seed, so that nobody can choose addresses that collide.
func (f *router) hash(a address, port uint16) uint64 {
	return mix(a.lo^uint64(port)<<48, f.mix[0]) ^ mix(a.hi^uint64(port), f.mix[1])
}

// lower orders two ends.
func lower(a address, pa uint16, b address, pb uint16) bool {
	if a.hi != b.hi {
		return a.hi < b.hi
	}
	if a.lo != b.lo {
		return a.lo < b.lo
	}
	return pa <= pb
}

// A worker tracks the sessions of one shard.
type worker struct {
	o        *Options
	table    table
	conns    connList
	totals   [2]totals // Summary mode: [not watched, watched]
	byPort   bool
	made     [2]int // sessions created: [not watched, watched]
	firsts   *firsts
	trimmed  int64      // firsts.changed when trim last looked
	kept     []*conn    // those with bitKept that trim may still have to look at
	examined []*Session // Summary mode: kept sessions that were forgotten
	onStep   func(*conn, *Step)
	seen     int // segments since the latest sweep
	swept    int // sessions that had been made then
	idle     []*streams
	scratch  Session // what OnSession is given
	groups   grouping
	routed   routed          // likewise unpacked
	unpacked capture.Segment // the one that came out of a batch
	chunk    chunk           // the one that is being delivered
	arrival  arrival         // the segment that is being handled
	frame    int64           // its number
	fault    *Fault          // what made the worker stop; nil while it works
	horizon  horizon         // where the segment stands that is handled
	letGo    [2]int64        // attempts to connect that were let go (letGoAfter), aside [0] and watched [1]
	left     [2]int          // Options.Counted: sessions that are only counted, aside [0] and watched [1]
}

// sweepEvery is how many segments, and sweepMade how many new sessions, pass at most between two looks for sessions that can
// be forgotten: in a flood of attempts to connect every segment is one.
const (
	sweepEvery = 1 << 16
	sweepMade  = 1 << 13
)

// foldAfter is how long nothing may have come to a session whose ends have both closed before it is forgotten: what comes
// later on its ports is another session. 2·MSL with the RFC's MSL of two minutes is 240 s; no stack measured waits
// longer than 123 s (docs/pico.md 4.1).
const forgetAfter = 240_000_000_000 // ns

// expired reports whether a session is too long over for a segment of the given time, or whether too many others have begun
// since. It does not depend on when a worker has swept.
func (c *conn) expired(now int64, h horizon) bool {
	return c.over() && (c.lastFrame < h.closed || now != noTime && c.lastTime != noTime && now-c.lastTime >= forgetAfter)
}

// Where very many connections are made, sessions are let go before their time. letGoAfter is how many other attempts to connect may
// be made after the latest packet of one that nobody has answered, closedAfter how many after the latest packet of a session whose
// ends have both closed: a host has used all of its ports again by then (Linux has 28,232 of them). What comes later on its ports is
// another session. They are counted in steps of letGoStep.
const (
	letGoAfter  = 1 << 17
	closedAfter = 28 << 10
	letGoStep   = 1 << 10
)

// A horizon is how far back sessions are remembered, at one place of the capture.
type horizon struct {
	unanswered int64 // frame of the attempt that was made letGoAfter attempts ago, 0 for none
	closed     int64 // likewise closedAfter
}

// An attempts counts attempts to connect in the order of the capture.
type attempts struct {
	n      int
	frames [letGoAfter / letGoStep]int64 // of every letGoStep-th attempt, a ring
	horizon
}

func (a *attempts) add(frame int64) {
	if a.n++; a.n%letGoStep != 0 {
		return
	}
	const back = closedAfter / letGoStep
	i := a.n / letGoStep
	at := &a.frames[i%len(a.frames)]
	a.unanswered, *at = *at, frame
	a.closed = a.frames[(i+len(a.frames)-back)%len(a.frames)]
}

// unanswered reports whether a session is an attempt to connect that is let go. Like expired, it does not depend on when a worker
// has swept.
func (c *conn) unanswered(h horizon) bool {
	return c.completeness == completeSYN && c.lastFrame < h.unanswered
}

func newWorker(o *Options, byPort bool, firsts *firsts) *worker {
	w := &worker{o: o, byPort: byPort, firsts: firsts}
	w.table.init()
	if o.OnStep != nil {
		w.onStep = func(c *conn, s *Step) {
			client, server := c.ends()
			o.OnStep(client, server, s)
		}
	}
	return w
}

// add takes one routed segment.
func (t *worker) add(f *routed, seg *capture.Segment) {
	c := t.table.find(&f.key)
	switch {
	case c == nil:
	case c.unanswered(t.horizon):
		if t.forgets(c) {
			t.letGo[c.group()]++
		}
		c = nil
	case c.expired(timeOf(seg), t.horizon):
		c = nil
	}
	if c != nil && seg.Flags&capture.SYN != 0 && !f.copied {
		var held bool
		if c, held = t.sameOrNew(c, f, seg); held {
			return
		}
	}
	if c == nil {
		c = t.create(f, seg)
	}
	if c.bits.has(bitPending) {
		t.flushPending(c)
	}
	if f.copied {
		t.countCopy(c, int(f.d), seg)
	} else {
		t.handle(c, int(f.d), seg)
	}
	if t.counted() {
		t.sweep(timeOf(seg))
	}
}

// counted counts a segment and reports whether it is time to sweep.
func (t *worker) counted() bool {
	t.seen++
	made := t.made[0] + t.made[1]
	if !t.o.Summary && !t.o.Counted || t.seen < sweepEvery && made-t.swept < sweepMade {
		return false
	}
	t.seen, t.swept = 0, made
	return true
}

// forgets reports whether nothing is kept of a session once it is over.
func (t *worker) forgets(c *conn) bool {
	return t.o.Summary || t.o.Counted && !t.firsts.lists(c.group(), c.firstFrame)
}

// countCopy counts a frame that was captured twice, and does nothing else with it.
func (t *worker) countCopy(c *conn, d int, seg *capture.Segment) {
	c.packets[d]++
	c.copies++
	c.lastFrame, c.lastAt = seg.Frame, seg.Offset
}

// create starts a session.
func (t *worker) create(f *routed, seg *capture.Segment) *conn {
	c := t.conns.add()
	c.start(f, seg)
	t.assignRoles(c, int(f.d), seg)
	group := 0
	if f.watched {
		c.bits |= bitWatched
		group = 1
	}
	t.made[group]++
	t.keep(c, group)
	older := t.table.put(c)
	if t.o.Summary || t.o.Counted {
		t.totals[group].opened(c.firstFrame)
		if older != nil && t.forgets(older) {
			t.forget(older)
		}
	}
	return c
}

// shows reports whether the session just made is named by Options.ShownIDs.
func (t *worker) shows(group int) bool {
	return slices.Contains(t.o.ShownIDs, t.made[group]) ||
		t.byPort && group == 0 && slices.Contains(t.o.ShownIDs, t.made[0]+t.made[1])
}

// assignRoles decides who the client is by a session's first segment, from the surest sign to the least (docs/ladder.md,
// Rows 1):
//
//  1. A SYN without ACK comes from the client.
//  2. A SYN+ACK goes to it.
//  3. In mid-stream the server is the end with a port on which servers are expected, if just one end has such a port.
//  4. Else the server has the lower port.
//  5. With equal ports the client is who was seen first.
//
// A SYN or SYN+ACK that is captured later corrects 3 to 5 (takeForClient).
func (t *worker) assignRoles(c *conn, d int, seg *capture.Segment) {
	other := 1 - d
	from, to := c.port(d), c.port(other)
	switch {
	case seg.Flags&capture.SYN != 0 && seg.Flags&capture.ACK == 0:
		c.client, c.roleFrom = int8(d), RoleFromSYN
	case seg.Flags&capture.SYN != 0:
		c.client, c.roleFrom = int8(other), RoleFromSYNACK
	case t.o.isServerPort(to) != t.o.isServerPort(from):
		c.client, c.roleFrom = int8(d), RoleFromPort
		if t.o.isServerPort(from) {
			c.client = int8(other)
		}
	case from != to:
		c.client, c.roleFrom = int8(d), RoleFromPort
		if from < to {
			c.client = int8(other)
		}
	default:
		c.client, c.roleFrom = int8(d), RoleFromOrder
	}
}

// reorderReach is how far before the first byte seen a SYN may lie to belong to the same connection.
const reorderReach = 1 << 16

// sameOrNew decides whether a segment with SYN on a known four-tuple opens a new session. It returns the session
// the segment belongs to, nil for a new one; held means that only the next segment can tell.
//
//  1. A SYN+ACK belongs to the SYN that it acknowledges: one that was held, else the session's (sameSYNACK).
//  2. The same initial sequence number again is a repetition.
//  3. A first SYN whose number lies just before the first byte seen opened this session; it was captured late.
//  4. After both ends have closed, or after an RST, a SYN opens a new one (RFC 9293 section 3.6.1, for TIME-WAIT).
//  5. Another number while nobody has answered the first SYN is another attempt: a new session.
//  6. A SYN from the other end while none was answered is a simultaneous open: the same session.
//  7. Where no SYN of either end was captured, the session is what remains of an older connection: a new one.
//  8. Between synchronised ends only the answer tells: an acceptance means that a host has restarted, anything else that
//     the SYN is void (RFC 9293 section 3.10.7.4). It is held until then.
func (t *worker) sameOrNew(c *conn, f *routed, seg *capture.Segment) (same *conn, held bool) {
	d := int(f.d)
	if seg.Flags&capture.ACK != 0 {
		return t.sameSYNACK(c, d, seg), false
	}
	mine := &c.syn[d]
	switch {
	case mine.has(synSeen) && mine.isn == seg.Seq:
		return c, false
	case !mine.has(synSeen) && c.nearStart(d, seg.Seq):
		if c.roleFrom != RoleFromSYN {
			c.takeForClient(d, RoleFromSYN)
		}
		return c, false
	case c.over(), c.bits.has(bitRST):
		return nil, false
	case mine.has(synSeen) && !c.bits.has(bitSYNACK) && !c.states[1-d].synchronised():
		return nil, false // unanswered: the program tried again from the same port
	case !mine.has(synSeen) && c.syn[1-d].has(synSeen) && !c.bits.has(bitSYNACK):
		return c, false // simultaneous open
	case !mine.has(synSeen) && !c.syn[1-d].has(synSeen):
		return nil, false // mid-stream remains of an older connection
	}
	t.holdSYN(c, f, seg)
	return c, true
}

// nearStart reports whether a SYN with this number can be the one that opened a connection whose later segments
// were captured first.
func (c *conn) nearStart(d int, seq uint32) bool {
	if c.details == nil || !c.flows[d].known {
		return c.roleFrom == RoleFromSYNACK && int(c.client) == d && c.details != nil && c.flows[d].known
	}
	gap := int64(int32(c.flows[d].base + uint32(c.flows[d].first) - (seq + 1)))
	return gap >= 0 && gap < reorderReach
}

// sameSYNACK decides for a SYN+ACK: it belongs to a SYN that was held back, or to the session as it is.
func (t *worker) sameSYNACK(c *conn, d int, seg *capture.Segment) *conn {
	if c.bits.has(bitPending) {
		p := c.extra.pendingSYN
		if seg.Ack == p.Seq+1 {
			return t.reopen(c, p)
		}
	}
	if c.syn[d].has(synSeen) && c.syn[d].isn != seg.Seq && c.over() {
		return nil
	}
	if !c.syn[1-d].has(synSeen) && c.roleFrom > RoleFromSYNACK {
		c.takeForClient(1-d, RoleFromSYNACK)
	}
	return c
}

// holdSYN keeps a SYN that came in a synchronised state: only an answer can tell whether it opens a new
// connection (the other host restarted) or is void (RFC 9293 section 3.10.7.4).
func (t *worker) holdSYN(c *conn, f *routed, seg *capture.Segment) {
	t.flushPending(c)
	t.open(c)
	c.extra.pendingSYN, c.extra.pendingFrom = seg.Clone(), f.d
	c.bits |= bitPending
}

// flushPending gives a held SYN to the old session after all.
func (t *worker) flushPending(c *conn) {
	if !c.bits.has(bitPending) {
		return
	}
	c.bits &^= bitPending
	seg := c.extra.pendingSYN
	c.extra.pendingSYN = nil
	s := arrival{seg: seg, now: timeOf(seg), marks: MarkIgnored, d: int(c.extra.pendingFrom)}
	t.arrive(c, &s)
	c.syns++
	t.step(c, &s)
}

// reopen starts the new session that a held SYN turned out to open.
func (t *worker) reopen(old *conn, syn *capture.Segment) *conn {
	old.extra.pendingSYN = nil
	old.bits &^= bitPending
	f := routed{key: old.key, d: old.extra.pendingFrom, isIPv4: old.isIPv4, watched: old.bits.has(bitWatched)}
	c := t.create(&f, syn)
	t.handle(c, int(f.d), syn)
	return c
}

// sweep forgets sessions that ended long ago.
func (t *worker) sweep(now int64) {
	t.table.remove(func(c *conn) bool {
		unanswered := c.unanswered(t.horizon)
		if !unanswered && !c.expired(now, t.horizon) {
			return false
		}
		if t.forgets(c) {
			if unanswered {
				t.letGo[c.group()]++
			}
			t.forget(c)
		}
		return true
	})
}

// group is where a session is counted: 1 for watched ones.
func (c *conn) group() int {
	if c.bits.has(bitWatched) {
		return 1
	}
	return 0
}
