// Package conversation puts the tables of all sessions between a few hosts on one axis: one line of life a host, the rows
// in order, the passes of the loop that one of them runs, which rows need not be seen, and where an answer waited. It is data:
// no words, no pixels.
package conversation

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/rhythm"
)

// Options choose what a conversation has.
type Options struct {
	Table    ladder.Options // All keeps every row in view
	MaxHosts int            // lines of life; 0 for two
	Splits   []rhythm.Split // where the time of echoes went
	Proof    []int64        // frames that prove something: the passes that have them stay in view; ascending
}

// A Host is one line of life: a host, or one of the two programs of a loopback.
type Host struct {
	Addr  netip.Addr
	Side  sessions.Side // of a loopback, the side that this line is; NoSide otherwise
	Stack string        // as in sessions.Fingerprint
	// Near is how far the capture point is, one way: the least that a session of the host tells (sessions.Session.Near), for a
	// handshake that was answered late makes one session seem farther than its host is.
	Near time.Duration
}

// A Part is one session of the conversation.
type Part struct {
	Table *ladder.Table
	Lines sessions.Pair[int] // the host of either side, an index into Hosts
}

// A Row is a row of one of the tables in its place.
type Row struct {
	*ladder.Row
	Part int
	// At is when it happened as the capture tells, ns since 1970, never before the row above; the row above's where nothing
	// tells, ladder.Never where no row above has a time.
	At  int64
	Gap time.Duration // since the row above
	// Left and Arrived are when the row's segment left its sender and reached its receiver at their own places, estimated
	// (sessions.Session.Near) and never out of the order of the rows of one host; they are At for a call. Valid iff the
	// segment departs, or arrives, in this row.
	Left, Arrived int64
	Fold          int // index into Folds of the fold that hides it; -1
}

// A Pass is one pass of a loop: it begins above a row.
type Pass struct {
	Number int // from 1
	Row    int
	Host   int
}

// A Fold stands for rows that say what was seen before.
type Fold struct {
	First, Last int         // rows
	Passes      int         // of the loop; 0 when Run is set
	Period      int64       // ns from one such pass to the next, the mean; 0 for a single pass
	Run         *ladder.Row // the row that stands for equal cycles of one session
	Part        int         // of Run
}

// A Wait is where an answer was kept waiting by the program that gives it.
type Wait struct {
	Split          *rhythm.Split
	Host           int // where it waited
	Request, Reply int // the rows in which the request arrives and the reply departs
	// When the parts begin at that host, ns since 1970: the wait for the loop, the program's own work, what TCP held back; and
	// when the reply left.
	Loop, Program, Stack, Until int64
}

// A Bar is a call that took time.
type Bar struct {
	Part, Host  int
	Call        *sessions.Call
	First, Last int   // rows in which it begins and returns, of a sleep those of the host's calls before and behind it; -1 where none does
	From, To    int64 // ns since 1970; To is From where the end is not known
}

// Conversation is sessions between a few hosts on one axis.
type Conversation struct {
	Hosts  []Host // from left to right: a Pico is the last one
	Parts  []*Part
	Rows   []Row
	Loop   *rhythm.Loop // what the passes are of; nil without one
	Passes []Pass
	Folds  []Fold
	Waits  []Wait
	Bars   []Bar
	Others int // sessions between other hosts, which are not here
}

// Build makes the conversation of the sessions of a trace that are shown. It has no rows where none is. In steps:
//
//  1. Hosts get lines of life in the order of their sessions; a Pico's is the last. Sessions between hosts with a line take
//     part, with a table each.
//  2. Their rows are merged by time; each table's order stays. A poll() that stands in several tables is taken once.
//  3. Times at the hosts' own places are estimated from the distance to the capture point.
//  4. The loop's passes, waits and bars are laid on the rows, and passes that say what two earlier ones said are folded.
func Build(t *sessions.Trace, o Options) *Conversation {
	b := &builder{o: o, t: t, c: &Conversation{}}
	b.hosts()
	b.merge()
	b.times()
	b.passes()
	b.waits()
	b.bars()
	if !o.Table.All {
		b.fold()
	}
	return b.c
}

type builder struct {
	o Options
	t *sessions.Trace
	c *Conversation
}

// hosts gives lines of life, and takes the sessions between them.
func (b *builder) hosts() {
	most := b.o.MaxHosts
	if most == 0 {
		most = 2
	}
	var shown []*sessions.Session
	for _, s := range b.t.Sessions {
		if s.Shown && len(s.Steps) > 0 {
			shown = append(shown, s)
		}
	}
	for _, s := range shown {
		ends := b.ends(s)
		need := 0
		for _, h := range ends {
			if b.find(h) < 0 {
				need++
			}
		}
		if len(b.c.Hosts)+need > most {
			continue
		}
		for _, h := range ends {
			if i := b.find(h); i < 0 {
				b.c.Hosts = append(b.c.Hosts, h)
			} else if b.c.Hosts[i].Stack == "" {
				b.c.Hosts[i].Stack = h.Stack
			}
		}
	}
	slices.SortStableFunc(b.c.Hosts, func(a, c Host) int { return picoLast(a) - picoLast(c) })
	for _, s := range shown {
		ends := b.ends(s)
		lines := sessions.Pair[int]{b.find(ends[sessions.Client]), b.find(ends[sessions.Server])}
		if lines[0] < 0 || lines[1] < 0 {
			b.c.Others++
			continue
		}
		table := b.o.Table
		table.All = true
		b.c.Parts = append(b.c.Parts, &Part{Table: ladder.Build(s, b.t, table), Lines: lines})
	}
	b.distances()
}

// distances tells how far the hosts are. A session of which a host's side is at the capture point, with the handshake to show
// it, puts the host there.
func (b *builder) distances() {
	known := make([]bool, len(b.c.Hosts))
	for _, p := range b.c.Parts {
		s := p.Table.Session
		for side, d := range s.Near() {
			h := &b.c.Hosts[p.Lines[side]]
			told := d > 0 || s.Handshake != nil && s.Handshake.HasRTT
			if told && (!known[p.Lines[side]] || d < h.Near) {
				h.Near, known[p.Lines[side]] = d, true
			}
		}
	}
}

func picoLast(h Host) int {
	if h.Stack == sessions.PicoStack {
		return 1
	}
	return 0
}

// ends are a session's two lines of life.
func (b *builder) ends(s *sessions.Session) (ends sessions.Pair[Host]) {
	for _, side := range [...]sessions.Side{sessions.Client, sessions.Server} {
		ends[side] = Host{Addr: s.EndPoint(side).Addr(), Side: sessions.NoSide, Stack: s.Endpoint[side].Stack}
		if s.Client.Addr() == s.Server.Addr() {
			ends[side].Side = side
		}
	}
	return ends
}

func (b *builder) find(h Host) int {
	return slices.IndexFunc(b.c.Hosts, func(x Host) bool { return x.Addr == h.Addr && x.Side == h.Side })
}

// merge puts the rows of all tables in order of time.
func (b *builder) merge() {
	next := make([]int, len(b.c.Parts))
	polls := map[*journal.Entry]bool{}
	last := int64(ladder.Never)
	for {
		best, at := -1, int64(0)
		for i, p := range b.c.Parts {
			if next[i] == len(p.Table.Rows) {
				continue
			}
			when := p.Table.Rows[next[i]].At
			if when == ladder.Never || when == 0 {
				when = last // what no packet shows follows what came before
			}
			if best < 0 || when < at {
				best, at = i, when
			}
		}
		if best < 0 {
			return
		}
		r := Row{Row: &b.c.Parts[best].Table.Rows[next[best]], Part: best, At: max(at, last), Fold: -1}
		next[best]++
		if b.isPolled(&r, polls) {
			continue
		}
		if last != ladder.Never {
			r.Gap = time.Duration(r.At - last)
		}
		last = r.At
		b.c.Rows = append(b.c.Rows, r)
	}
}

// isPolled reports whether a row's call stands in another session's table already: a poll() is about the sockets of several,
// and has a row in the table of each.
func (b *builder) isPolled(r *Row, seen map[*journal.Entry]bool) bool {
	if r.Kind != ladder.KindCall {
		return false
	}
	for side := range r.Sides {
		h := &r.Sides[side]
		if h.Begins < 0 {
			continue
		}
		entry := b.c.Parts[r.Part].Table.Session.Calls[side][h.Begins].Entry
		if entry.Call != journal.Poll && entry.Call != journal.Select && entry.Call != journal.Sleep {
			return false
		}
		if seen[entry] {
			return true
		}
		seen[entry] = true
	}
	return false
}

// times estimates when segments left and arrived. In steps:
//
//  1. A host at the capture point has the capture's times.
//  2. What a far host sends left as long before as the host is far, but not before what it did last.
//  3. What it receives arrives as long after, but not after the capture shows the next segment that it sends: the least
//     distance that was ever seen is not that of every segment.
func (b *builder) times() {
	c := b.c
	next := make([]int64, len(c.Hosts)) // when the capture shows what the host sends next
	for i := range next {
		next[i] = math.MaxInt64
	}
	for i := range slices.Backward(c.Rows) {
		r := &c.Rows[i]
		r.Left, r.Arrived = r.At, r.At
		if r.Step < 0 || r.At == ladder.Never {
			continue
		}
		if to := c.Receiver(r); r.Arrives {
			r.Arrived = min(r.At+int64(c.Hosts[to].Near), next[to])
		}
		if from := c.Sender(r); r.Departs {
			next[from] = r.At
		}
	}
	last := make([]int64, len(c.Hosts)) // of what the host did before
	for i := range last {
		last[i] = ladder.Never
	}
	for i := range c.Rows {
		r := &c.Rows[i]
		if r.Step < 0 || r.At == ladder.Never {
			continue
		}
		if from := c.Sender(r); r.Departs {
			r.Left = max(r.At-int64(c.Hosts[from].Near), min(last[from], r.At))
			last[from] = r.Left
		}
		if to := c.Receiver(r); r.Arrives {
			r.Arrived = max(r.Arrived, last[to])
			last[to] = r.Arrived
		}
	}
}

// Sender is the line of life that a row's segment leaves, Receiver the one that it reaches; -1 for a row without a segment.
func (c *Conversation) Sender(r *Row) int {
	if r.Step < 0 {
		return -1
	}
	p := c.Parts[r.Part]
	return p.Lines[p.Table.Session.Steps[r.Step].From]
}

// Receiver is the line of life that a row's segment is for.
func (c *Conversation) Receiver(r *Row) int {
	if r.Step < 0 {
		return -1
	}
	p := c.Parts[r.Part]
	return p.Lines[p.Table.Session.Steps[r.Step].From.Other()]
}

// ByFrame finds the row in which a frame departs, or the one in which it arrives; -1 for none.
func (c *Conversation) ByFrame(frame int64, arrives bool) int {
	return slices.IndexFunc(c.Rows, func(r Row) bool {
		return r.Frame == frame && r.Step >= 0 && (arrives && r.Arrives || !arrives && r.Departs)
	})
}
