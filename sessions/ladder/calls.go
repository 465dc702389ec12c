package ladder

import (
	"iter"
	"math"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"time"

	"tcptrace/journal"
	"tcptrace/sessions"
)

// A CallSource is one journal and what the user said about whose it is.
type Source struct {
	Journal journal.Journal
	// Side says which end of its sessions the journal belongs to; NoSide leaves it to the four-tuple.
	Side sessions.Side
	// Host is the journal's host; the zero value leaves it open. The Pico's datagrams tell it.
	Host netip.Addr
	// Pico and PC restrict the journal to ends that are, or are not, a Pico by their fingerprint.
	Pico, PC bool
}

// AddCalls lays journals on the capture's clock and gives every call to the sessions it concerns. Sessions must have
// been built with steps; those without are only matched by socket. Calls that concern no session go to t.Loose.
func AddCalls(t *sessions.Trace, sources []Source) {
	for i := range sources {
		t.Journals = append(t.Journals, sources[i].Journal)
		t.Problems = append(t.Problems, sources[i].Journal.Problems...)
		for _, run := range runsOf(sources[i]) {
			p := newPlacing(t, &run)
			p.matchSockets()
			p.recogniseArrivals()
			p.distribute()
		}
	}
	for _, s := range t.Built() {
		if s.Journaled[sessions.Client] || s.Journaled[sessions.Server] {
			matchCalls(s)
		}
	}
}

// DeviceCalls are the journals of the Picos that told their calls inside the capture, in the order in which they first
// spoke. Only a host that has a session counts; the datagrams of others are counted in t.StrayDatagrams.
func DeviceCalls(t *sessions.Trace) (sources []Source) {
	watched := map[netip.Addr]bool{}
	for _, s := range t.Built() {
		watched[s.Client.Addr()], watched[s.Server.Addr()] = true, true
	}
	devices := map[netip.Addr]*journal.Device{}
	var order []netip.Addr
	t.StrayDatagrams = t.DroppedDatagrams
	for _, d := range t.Datagrams {
		host := d.Src.Addr()
		if !watched[host] {
			t.StrayDatagrams++
			continue
		}
		if devices[host] == nil {
			devices[host] = journal.NewDevice("udp " + host.String())
			order = append(order, host)
		}
		devices[host].Datagram(d.Time, d.Payload)
	}
	for _, host := range order {
		sources = append(sources, Source{Journal: devices[host].Journal(), Side: sessions.NoSide, Host: host})
	}
	return sources
}

// runsOf splits a device's journal where its program was started again: every run has a clock of its own.
func runsOf(src Source) (runs []Source) {
	entries := src.Journal.Entries
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && entries[n].Run == entries[0].Run {
			n++
		}
		run := src
		run.Journal.Entries = entries[:n:n]
		runs = append(runs, run)
		entries = entries[n:]
	}
	return runs
}

// A socketUse is what one socket number of a journal did.
type socketUse struct {
	number    int
	entries   []int // indices into Journal.Entries
	accepted  int   // index of the accept() that made it, -1
	listener  int   // the number of the listening socket it came from, 0
	connects  int   // index of its connect(), -1
	listens   bool
	session   *sessions.Session
	side      sessions.Side
	local     netip.AddrPort
	remote    netip.AddrPort
	connIndex int // 1 for the first accepted connection of its listener
	place     int // how many sockets the program had made by socket() when it made this one
}

// A placing is the work of laying one journal on a trace.
type placing struct {
	t     *sessions.Trace
	src   *Source
	use   map[int]*socketUse
	order []*socketUse
	taken map[sessionSide]bool // the sides of sessions that a socket of this journal has
	// Of the connections that each listening socket accepted, the indices of the accept() calls, ascending.
	accepts map[int][]int
	offset  int64
	bound   int64
	clock   *sessions.Clock // nil while nothing tells
}

// A sessionSide is one end of a session.
type sessionSide struct {
	session *sessions.Session
	side    sessions.Side
}

func newPlacing(t *sessions.Trace, src *Source) *placing {
	p := &placing{t: t, src: src, use: map[int]*socketUse{}, taken: map[sessionSide]bool{}, accepts: map[int][]int{}}
	for i := range src.Journal.Entries {
		p.note(i, &src.Journal.Entries[i])
	}
	made := 0
	for _, u := range p.order {
		u.place = made
		if u.accepted < 0 {
			made++
			continue
		}
		p.accepts[u.listener] = append(p.accepts[u.listener], u.accepted)
	}
	for _, indices := range p.accepts {
		slices.Sort(indices)
	}
	return p
}

// belongs ties a socket to its session.
func (p *placing) belongs(u *socketUse, s *sessions.Session) {
	if s != nil {
		u.session = s
		p.taken[sessionSide{s, u.side}] = true
	}
}

// entriesOf are a socket's entries, in their order.
func (p *placing) entriesOf(u *socketUse) iter.Seq[*journal.Entry] {
	return func(yield func(*journal.Entry) bool) {
		for _, i := range u.entries {
			if !yield(&p.src.Journal.Entries[i]) {
				return
			}
		}
	}
}

// note files an entry under its socket.
func (p *placing) note(i int, e *journal.Entry) {
	if e.Socket == 0 {
		return
	}
	u := p.socket(e.Socket)
	u.entries = append(u.entries, i)
	if e.Local().IsValid() {
		u.local = e.Local()
	}
	if e.Remote().IsValid() {
		u.remote = e.Remote()
	}
	switch e.Call {
	case journal.Connect:
		if u.connects < 0 {
			u.connects = i
		}
		if e.Addr().IsValid() {
			u.remote = e.Addr()
		}
	case journal.Bind:
		u.local = e.Addr()
	case journal.Listen:
		u.listens = true
	case journal.Accept:
		if e.New != 0 {
			n := p.socket(e.New)
			n.accepted, n.listener, n.remote = i, e.Socket, e.Addr()
			if n.local.Port() == 0 {
				n.local = u.local
			}
		}
	}
}

func (p *placing) socket(n int) *socketUse {
	u := p.use[n]
	if u == nil {
		u = &socketUse{number: n, accepted: -1, connects: -1, side: sessions.NoSide}
		p.use[n] = u
		p.order = append(p.order, u)
	}
	return u
}

// matchSockets finds the session of every connected socket and lays the journal on the capture's clock. In steps:
//
//  1. Sockets that only one session can be, and that only they can be: addresses and ports tell, whatever the clock says.
//  2. These pairs place the clock.
//  3. The other sockets take the session that opened nearest in time; on a clock that nothing places and that is not the
//     capture's, the first that is free.
func (p *placing) matchSockets() {
	conns := map[int]int{}
	for _, u := range p.order {
		switch {
		case u.accepted >= 0:
			conns[u.listener]++
			u.connIndex = conns[u.listener]
			u.side = sessions.Server
		case u.connects >= 0:
			u.side = sessions.Client
		}
	}
	p.matchUnique()
	p.alignClock()
	for _, u := range p.order {
		if u.side != sessions.NoSide && u.session == nil {
			p.belongs(u, p.nearest(u))
		}
	}
	p.alignClock()
	if p.clock != nil {
		p.t.Clocks = append(p.t.Clocks, *p.clock)
	}
}

// matchUnique ties the sockets and sessions that fit nobody else.
func (p *placing) matchUnique() {
	rivals := map[*sessions.Session]sessions.Pair[int]{}
	fitting := map[*socketUse][]*sessions.Session{}
	for _, u := range p.order {
		if u.side == sessions.NoSide {
			continue
		}
		for _, s := range p.t.Built() {
			if p.fits(u, s) {
				n := rivals[s]
				n[u.side]++
				rivals[s] = n
				fitting[u] = append(fitting[u], s)
			}
		}
	}
	for u, all := range fitting {
		if len(all) == 1 && rivals[all[0]][u.side] == 1 {
			p.belongs(u, all[0])
		}
	}
}

// fits reports whether a session can be a socket's by its addresses.
func (p *placing) fits(u *socketUse, s *sessions.Session) bool {
	if !p.allowed(s, u.side) {
		return false
	}
	if u.side == sessions.Server {
		return s.Client == unmapped(u.remote) && (u.local.Port() == 0 || s.Server.Port() == u.local.Port())
	}
	return s.Server == unmapped(u.remote) && (u.local.Port() == 0 || u.local.Port() == s.Client.Port())
}

// allowed reports whether the journal may belong to that end of a session.
func (p *placing) allowed(s *sessions.Session, side sessions.Side) bool {
	if p.src.Side != sessions.NoSide && p.src.Side != side {
		return false
	}
	end := s.Client
	if side == sessions.Server {
		end = s.Server
	}
	if p.src.Host.IsValid() && p.src.Host != end.Addr() {
		return false
	}
	if p.src.Pico || p.src.PC {
		return isPico(p.t, s, side) == p.src.Pico
	}
	return true
}

// isPico reports whether that end's address was recognised as a Pico in any session.
func isPico(t *sessions.Trace, s *sessions.Session, side sessions.Side) bool {
	addr := s.EndPoint(side).Addr()
	for _, o := range t.Built() {
		for _, d := range []sessions.Side{sessions.Client, sessions.Server} {
			if o.EndPoint(d).Addr() == addr && o.Endpoint[d].Stack == sessions.PicoStack {
				return true
			}
		}
	}
	return false
}

// synSlack is how far a SYN may lie from its connect(): ARP can hold it back for 3 s (docs/journal.md C), and a SYN that
// was lost is repeated after 1 to 3 s.
const synSlack = 5 * time.Second

// nearest chooses among the sessions that fit, the one whose opening is nearest to the socket's first call in time.
func (p *placing) nearest(u *socketUse) *sessions.Session {
	first := u.accepted
	if first < 0 {
		first = u.connects
	}
	e := &p.src.Journal.Entries[first]
	var best *sessions.Session
	least := time.Duration(math.MaxInt64)
	for _, s := range p.t.Built() {
		if p.taken[sessionSide{s, u.side}] || !p.fits(u, s) {
			continue
		}
		if e.Device && p.clock == nil {
			return s
		}
		d := time.Duration(s.FirstTime - e.Start - p.offset)
		if u.side == sessions.Client && s.RoleFrom == sessions.RoleFromSYN && !e.Device && (d <= -time.Second || d >= synSlack) {
			continue
		}
		if d.Abs() < least {
			best, least = s, d.Abs()
		}
	}
	return best
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// recogniseArrivals corrects verdicts of loss by what the programs read: a recv() that had returned before the copy that was
// taken for the first one to arrive shows that an earlier one did (docs/ladder.md, Loss). The receiver's ACK was lost then.
func (p *placing) recogniseArrivals() {
	for _, u := range p.order {
		if u.session == nil || len(u.session.Steps) == 0 || u.session.Lost[u.side.Other()] == 0 {
			continue
		}
		tl := newTimeline(u.session, u.side)
		_, read, known := tl.streamStart(p.entriesOf(u))
		for _, i := range u.entries {
			e := &p.src.Journal.Entries[i]
			if e.Call != journal.Recv && e.Call != journal.RecvInto || e.Value <= 0 {
				continue
			}
			read += e.Value
			if until := e.Start + int64(e.Duration) + p.offset + p.bound + clockSlack; known && e.HasEnd && !e.Late {
				tl = p.arrivedBefore(u, tl, read-1, until)
			}
		}
	}
}

// arrivedBefore takes a byte that a program had by a time, and gives the timeline as it is then.
func (p *placing) arrivedBefore(u *socketUse, tl *timeline, at, until int64) *timeline {
	taken := tl.arrival(at)
	if taken < 0 || tl.at(taken) <= until {
		return tl
	}
	arrived := tl.lostCopy(at, taken, until)
	if arrived < 0 {
		return tl
	}
	u.session.Arrived(arrived, taken)
	return newTimeline(u.session, u.side)
}

// distribute gives every session its calls, on the capture's clock.
func (p *placing) distribute() {
	used := make([]bool, len(p.src.Journal.Entries))
	for _, u := range p.order {
		if u.session == nil {
			continue
		}
		s := u.session
		picked := p.callsOf(u)
		if len(s.Calls[u.side]) > 0 && s.Journaled[u.side] {
			continue // another journal has told this side's story already
		}
		s.Journaled[u.side] = true
		for _, i := range picked {
			used[i] = true
			c := p.place(i)
			c.Object = u.name(c.Entry, p)
			c.Own = c.Socket == u.number
			c.Events = u.events(c.Entry)
			c.Names = u.names(c.Entry, p)
			s.Calls[u.side] = append(s.Calls[u.side], c)
		}
	}
	for i, done := range used {
		if e := &p.src.Journal.Entries[i]; !done && e.Call != journal.Sleep && e.Call != journal.Poll && e.Call != journal.Select {
			if p.t.LooseN++; len(p.t.Loose) == maxLoose {
				continue
			}
			p.t.Loose = append(p.t.Loose, p.place(i))
		}
	}
}

// maxLoose is how many calls of no session are kept.
const maxLoose = 1000

// place puts one entry on the capture's clock.
func (p *placing) place(i int) sessions.Call {
	e := &p.src.Journal.Entries[i]
	c := sessions.Call{Entry: e, At: e.Start + p.offset, Step: -1, Cause: -1, Repeats: 1, Index: i}
	c.Until = c.At + int64(e.Duration)
	return c
}

// name is what the tables call the socket (docs/ladder.md, Rows 12).
func (u *socketUse) name(e *journal.Entry, p *placing) string {
	if e.Socket == 0 {
		return ""
	}
	if e.Socket != u.number || u.accepted < 0 {
		return "s"
	}
	if p.acceptedFrom(u.listener) > 1 {
		return "conn" + strconv.Itoa(u.connIndex)
	}
	return "conn"
}

// names are what the table calls the sockets that a poll reported: the session's own and its listener as elsewhere, others
// of the program by how they were made.
func (u *socketUse) names(e *journal.Entry, p *placing) (names []string) {
	for _, r := range e.Ready() {
		o := p.use[r.Socket]
		switch {
		case o == nil:
			names = append(names, "fd")
		case o == u || u.listener != 0 && r.Socket == u.listener:
			names = append(names, u.name(&journal.Entry{Socket: r.Socket}, p))
		case o.accepted >= 0:
			names = append(names, o.name(&journal.Entry{Socket: r.Socket}, p))
		default:
			names = append(names, "s"+strconv.Itoa(p.made(o, u)))
		}
	}
	return names
}

// made numbers the sockets that the program made by socket(), beside the one that a table calls s: from 2.
func (p *placing) made(o, own *socketUse) int {
	n := 2 + o.place
	if own.accepted < 0 && own.place < o.place {
		n--
	}
	if l := p.use[own.listener]; l != nil && l != own && l.accepted < 0 && l.place < o.place {
		n--
	}
	return n
}

// events are what a poll reported about this socket or its listener.
func (u *socketUse) events(e *journal.Entry) (events uint16) {
	for _, r := range e.Ready() {
		if r.Socket == u.number || u.listener != 0 && r.Socket == u.listener {
			events |= r.Events
		}
	}
	return events
}

func (p *placing) acceptedFrom(listener int) int { return len(p.accepts[listener]) }

// callsOf picks the entries that belong into one session's table, in program order: the socket's own, those of the
// listening socket it came from, the polls that report either ready, and the sleeps in between.
func (p *placing) callsOf(u *socketUse) []int {
	var out []int
	first, last := p.span(u)
	for i := range p.src.Journal.Entries {
		e := &p.src.Journal.Entries[i]
		switch {
		case e.Socket == u.number:
			out = append(out, i)
		case e.Socket != 0:
			if u.listener != 0 && e.Socket == u.listener && p.listenerCall(u, i) {
				out = append(out, i)
			}
		case i < first || i > last || !p.sameProcess(u, e):
		case e.Call == journal.Sleep, p.concerns(u, e, i):
			out = append(out, i)
		}
	}
	sort.Ints(out)
	return out
}

// span is from the first to the last entry about a socket or its listener.
func (p *placing) span(u *socketUse) (first, last int) {
	first, last = u.entries0(), 0
	if u.accepted >= 0 {
		first = u.accepted
		if l := p.use[u.listener]; l != nil && u.connIndex == 1 && len(l.entries) > 0 {
			first = l.entries[0]
		}
	}
	if n := len(u.entries); n > 0 {
		last = u.entries[n-1]
	}
	return first, max(last, u.accepted)
}

func (u *socketUse) entries0() int {
	if len(u.entries) == 0 {
		return 0
	}
	return u.entries[0]
}

func (p *placing) sameProcess(u *socketUse, e *journal.Entry) bool {
	for _, i := range u.entries {
		if q := p.src.Journal.Entries[i].Process; q == e.Process {
			return true
		}
	}
	return false
}

// listenerCall decides whether a call on the listening socket stands in the table of one of its connections: what
// prepared it, the accept() calls since the connection before, and what closed it after the last.
func (p *placing) listenerCall(u *socketUse, i int) bool {
	e := &p.src.Journal.Entries[i]
	accepts := p.accepts[u.listener]
	k, _ := slices.BinarySearch(accepts, u.accepted)
	before, last := -1, k == len(accepts)-1
	if k > 0 {
		before = accepts[k-1]
	}
	if e.Call == journal.Accept {
		return i > before && i <= u.accepted
	}
	if i < u.accepted {
		return before < 0 || i > before || e.Call != journal.Close
	}
	return last
}

// concerns reports whether a poll or select has its row in this socket's table: when it reports the socket, or the
// listener on the way to its accept, ready; and when it came back empty and could be about nothing else.
func (p *placing) concerns(u *socketUse, e *journal.Entry, i int) bool {
	if e.Call != journal.Poll && e.Call != journal.Select {
		return false
	}
	listening := u.listener != 0 && i < u.accepted && p.listenerCall(u, i)
	for _, r := range e.Ready() {
		if r.Socket == u.number || listening && r.Socket == u.listener {
			return true
		}
	}
	if len(e.Ready()) > 0 {
		return false
	}
	for _, r := range e.Polled() {
		if r.Socket != u.number && r.Socket != u.listener {
			return false
		}
	}
	return len(e.Polled()) > 0 || p.connected() == 1
}

// connected is how many sockets belong to a session.
func (p *placing) connected() int { return len(p.taken) }
