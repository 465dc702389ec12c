package ladder

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// Options choose what a table shows.
type Options struct {
	All    bool // fold nothing
	NoACKs bool // hide ACKs that change no state
	Sleeps bool // show calls of sleep
}

// Table is the ladder of one session.
type Table struct {
	Session *sessions.Session
	Start   int64 // time of the first row, ns since 1970; Never when it has none
	Rows    []Row
	Runs    []Run // with Options.All: the rows that would be folded, in order
	Notes   []Note
}

// Never is the time of a row whose packet has none.
const Never = math.MinInt64

// Kind says what a row is.
type Kind uint8

// The kinds of row (docs/ladder.md, Rows 2, 8 and 10).
const (
	KindSegment Kind = iota // one captured segment
	KindCall                // a call that sends nothing, or that waits
	KindExpiry              // TIME-WAIT ends, which no packet shows
	KindFold                // stands for equal cycles of the application
	KindLeftOut             // stands for segments that were not kept
)

// String is the word of the JSON.
func (k Kind) String() string {
	return [...]string{"segment", "call", "expiry", "fold", "left-out"}[k]
}

// Phase is the part of a connection's life that a row belongs to.
type Phase uint8

// The phases: the handshake lasts until both sides are ESTABLISHED, the teardown begins with the first FIN or RST.
const (
	Handshake Phase = iota
	Data
	Teardown
)

// String is the word of the JSON.
func (p Phase) String() string { return [...]string{"handshake", "data", "teardown"}[p] }

// Row is one line of the table.
type Row struct {
	Kind  Kind
	Phase Phase
	Step  int   // index into Session.Steps; -1 for a row without a segment
	Frame int64 // of the segment, as Wireshark counts; 0 for none
	At    int64 // capture time of the segment, or start of the call, ns since 1970; Never when unknown
	// Departs and Arrives tell whether the segment leaves its sender and reaches its receiver in this row. A segment whose
	// receiver acted while it was on the way has a row for each.
	Departs, Arrives bool
	Lost             bool // the segment reached nobody
	Sides            sessions.Pair[Half]
	Fold             Fold // valid iff Kind is KindFold or KindLeftOut
}

// Half is one side's part in a row.
type Half struct {
	Begins  int // index into Session.Calls of the side: the call that starts in this row; -1
	Returns int // the same: the call that had waited and returns in this row; -1
	Implied Implied
	State   State
	Signal  Signal
	Result  Result
}

// Implied are the calls that a segment proves where no journal tells of them (docs/ladder.md, Rows 11).
type Implied uint8

// The implied calls.
const (
	ImpliedConnect Implied = 1 << iota
	ImpliedSend
	ImpliedClose
	ImpliedShutdown
)

// Each gives the names of the implied calls in the order of their sending.
func (i Implied) Each() (names []string) {
	for bit, name := range [...]string{"connect", "send", "close", "shutdown"} {
		if i&(1<<bit) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// State is what a state cell says.
type State struct {
	Shown   bool // false until the side has a socket: the cell is empty
	TCP     sessions.State
	Bound   bool           // bind() has given the closed socket an address
	Local   netip.AddrPort // that address; valid iff Bound, and even then it may be unknown
	Blocked bool           // a thread waits inside a call
}

// Fold is what a row stands for that replaces others.
type Fold struct {
	Count             int      // cycles, or segments that were left out
	Signals           []Signal // of one cycle's data, as the client sees them
	Timed             bool     // the periods are valid
	Mean, Least, Most time.Duration
}

// Build lays a session out. The session must be part of the trace, with its calls joined (AddCalls).
func Build(s *sessions.Session, t *sessions.Trace, o Options) *Table {
	defer s.Blame()
	b := &builder{s: s}
	rows := Rows(s, o.Sleeps)
	b.start = Never
	if len(rows) > 0 {
		b.start = rows[0].At
	}
	sides := [2]*half{newHalf(s, sessions.Client), newHalf(s, sessions.Server)}
	for i := range rows {
		b.rows = append(b.rows, b.row(&rows[i], sides))
	}
	if o.NoACKs {
		b.rows = slices.DeleteFunc(b.rows, func(r Row) bool { return idleACK(s, &r) })
	}
	if s.StepsLeftOut > 0 {
		b.leaveOut()
	}
	b.phases()
	runs := b.runs()
	if !o.All {
		b.fold(runs)
		runs = nil
	}
	return &Table{Session: s, Start: b.start, Rows: b.rows, Runs: runs, Notes: b.notes(t)}
}

// A builder makes one table.
type builder struct {
	s     *sessions.Session
	start int64
	rows  []Row
}

// row fills both halves of one row.
func (b *builder) row(p *Placed, sides [2]*half) Row {
	r := Row{Kind: KindCall, Step: p.Step, At: p.At, Departs: p.Departs, Arrives: p.Arrives}
	switch {
	case p.Step >= 0:
		r.Kind, r.Frame = KindSegment, b.s.Steps[p.Step].Frame
		r.Lost = b.s.Steps[p.Step].Marks.Has(sessions.MarkLost)
	case p.Expires != sessions.NoSide:
		r.Kind, r.At = KindExpiry, Never
	}
	for _, v := range sides {
		r.Sides[v.side] = v.fill(p)
	}
	if p.Expires == sessions.Client {
		r.Sides[sessions.Server] = emptyHalf()
	}
	return r
}

func emptyHalf() Half { return Half{Begins: -1, Returns: -1} }

// plainRow is a row without calls and signals.
func plainRow(k Kind, f Fold) Row {
	return Row{Kind: k, Step: -1, At: Never, Fold: f, Sides: sessions.Pair[Half]{emptyHalf(), emptyHalf()}}
}

// idleACK reports whether a row is an ACK that changes no state and at which no call begins or returns.
func idleACK(s *sessions.Session, r *Row) bool {
	if r.Step < 0 {
		return false
	}
	for side := range r.Sides {
		if r.Sides[side].Begins >= 0 || r.Sides[side].Returns >= 0 {
			return false
		}
	}
	st := &s.Steps[r.Step]
	return st.Length == 0 && st.Flags&(capture.SYN|capture.FIN|capture.RST) == 0 &&
		st.Marks&(sessions.MarkKeepAlive|sessions.MarkWindowProbe|sessions.MarkStateChange) == 0
}

// leaveOut puts one row where steps were not kept.
func (b *builder) leaveOut() {
	at := slices.IndexFunc(b.rows, func(r Row) bool { return r.Step >= b.s.StepsHead })
	if at >= 0 {
		b.rows = slices.Insert(b.rows, at, plainRow(KindLeftOut, Fold{Count: int(b.s.StepsLeftOut)}))
	}
}

// phases tells every row its phase.
func (b *builder) phases() {
	established, closing := b.parts()
	for i := range b.rows {
		switch {
		case i < established:
			b.rows[i].Phase = Handshake
		case i < closing:
			b.rows[i].Phase = Data
		default:
			b.rows[i].Phase = Teardown
		}
	}
}

// parts finds where the data and where the teardown begin.
func (b *builder) parts() (established, closing int) {
	closing = slices.IndexFunc(b.rows, func(r Row) bool {
		if r.Step < 0 {
			return false
		}
		st := &b.s.Steps[r.Step]
		return st.Flags&(capture.FIN|capture.RST) != 0 && st.Marks&sessions.MarkIgnored == 0
	})
	if closing < 0 {
		closing = len(b.rows)
	}
	if b.s.Handshake == nil {
		return 0, closing
	}
	for i := range b.rows[:closing] {
		if b.rows[i].Step < 0 {
			continue
		}
		if st := b.s.Steps[b.rows[i].Step].States; st[0] >= sessions.Established && st[1] >= sessions.Established {
			return i + 1, closing
		}
	}
	return closing, closing
}

// Part is the rows of one phase.
func (t *Table) Part(p Phase) []Row {
	from := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Phase == p })
	if from < 0 {
		return nil
	}
	to := from
	for to < len(t.Rows) && t.Rows[to].Phase == p {
		to++
	}
	return t.Rows[from:to]
}

// IdleACK reports whether a row is an ACK that changes no state and at which no call begins or returns.
func (t *Table) IdleACK(r *Row) bool { return idleACK(t.Session, r) }

// Since is a row's time after the table's first row; ok is false for a row without a time.
func (t *Table) Since(r *Row) (d time.Duration, ok bool) {
	if r.At == Never || t.Start == Never {
		return 0, false
	}
	return time.Duration(r.At - t.Start), true
}
