package ladder

import (
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// NoteKind says what a note under a table is about.
type NoteKind uint8

// The notes, in their order (docs/ladder.md, Rows 13): what the marks mean, where the run differs from the notebook's
// table, and how sure each kind of cell is.
const (
	NoteDrops             NoteKind = iota // N packets were dropped while capturing
	NoteRoleGuess                         // the SYN was not captured: Session.RoleFrom says what told the client
	NoteNoHandshake                       // the capture began with the connection open
	NoteRepeated                          // some segment was sent again
	NoteSpurious                          // some repetition was spurious
	NoteProbe                             // some segment is a keep-alive or a window probe
	NoteQueued                            // some send() took bytes that left later
	NoteRetries                           // Call of Side failed N times with EAGAIN, over Time
	NoteBlock                             // some thread waits
	NoteLocal                             // bind() gave a closed socket an address
	NoteThreeSegmentClose                 // the ACK of the first FIN travelled with the other FIN
	NoteDelayedFINACK                     // the ACK of the first FIN left alone, Time after it
	NoteTimeWait                          // a row shows that TIME-WAIT ends
	NoteLost                              // N copies reached nobody
	NoteLostBefore                        // the first copies of what N calls sent were lost before the capture point
	NoteCrossed                           // some segments have two rows: their receiver acted while they were on the way
	NoteNear                              // the end of Side is Time away from the capture point
	NoteBefore                            // some calls had returned before the capture began
	NoteFold                              // some rows stand for others
	NoteUnknown                           // some state cannot be known
	NoteEcho                              // Sizes: the bytes that each recv() of the echo server gave
	NoteOutOfOrder                        // N segments came out of order
	NoteHole                              // N bytes were never captured
	NoteCopies                            // N frames were captured twice
	NoteCut                               // payload was cut by the snap length
	NoteItalic                            // some call is implied by a segment
	NoteClock                             // the clock of Journal was laid on the capture's to within Time
	NoteSure                              // where signals and states come from
	NoteSureJournal                       // where calls and results come from
)

var noteNames = [...]string{"drops", "role-guess", "no-handshake", "repeated", "spurious", "probe", "queued", "retries", "block",
	"local", "three-segment-close", "delayed-fin-ack", "time-wait", "lost", "lost-before-capture", "crossed", "near", "before-capture", "fold", "unknown", "echo", "out-of-order", "hole",
	"copies", "cut", "italic", "clock", "sure", "sure-journal"}

// String is the word of the JSON.
func (k NoteKind) String() string { return noteNames[k] }

// Note is one thing to know about a table. Which fields are valid depends on Kind.
type Note struct {
	Kind    NoteKind
	N       int64
	Time    time.Duration
	Side    sessions.Side
	Call    int // index into Session.Calls[Side]
	Journal string
	Sizes   []int
}

// seen is what stands in the rows of a table.
type seen struct {
	repeated, queued, blocked, bound, expired, folded, implied, crossed, before bool
}

func (b *builder) look() (x seen) {
	for i := range b.rows {
		r := &b.rows[i]
		x.folded = x.folded || r.Kind == KindFold || r.Kind == KindLeftOut
		for _, g := range r.Fold.Signals {
			x.repeated = x.repeated || g.Repeated
		}
		x.crossed = x.crossed || r.Arrives && !r.Departs
		for side := range r.Sides {
			h := &r.Sides[side]
			x.before = x.before || h.Result.Before
			x.repeated = x.repeated || h.Signal.Repeated
			x.queued = x.queued || h.Result.Kind == Queued
			x.blocked = x.blocked || h.State.Blocked
			x.bound = x.bound || h.State.Bound
			x.expired = x.expired || h.Result.Kind == Expired
			x.implied = x.implied || h.Implied != 0
		}
	}
	return x
}

// notes chooses by facts what a reader has to know.
func (b *builder) notes(t *sessions.Trace) (out []Note) {
	s := b.s
	add := func(when bool, n Note) {
		if when {
			out = append(out, n)
		}
	}
	total := func(p sessions.Pair[int64]) int64 { return p[0] + p[1] }
	var marks sessions.Mark
	unknown, cut := false, false
	for i := range s.Steps {
		st := &s.Steps[i]
		marks |= st.Marks
		cut = cut || st.Cut
		unknown = unknown || st.States[0] == sessions.Undetermined || st.States[1] == sessions.Undetermined
	}
	x, journaled := b.look(), s.Journaled[0] || s.Journaled[1]
	add(t.Capture.KernelDropped > 0, Note{Kind: NoteDrops, N: t.Capture.KernelDropped})
	add(s.RoleFrom != sessions.RoleFromSYN, Note{Kind: NoteRoleGuess})
	add(s.Handshake == nil, Note{Kind: NoteNoHandshake})
	add(x.repeated, Note{Kind: NoteRepeated})
	add(marks.Has(sessions.MarkSpurious), Note{Kind: NoteSpurious})
	add(marks&(sessions.MarkKeepAlive|sessions.MarkWindowProbe) != 0, Note{Kind: NoteProbe})
	add(x.queued, Note{Kind: NoteQueued})
	out = append(out, b.retries()...)
	add(x.blocked, Note{Kind: NoteBlock})
	add(x.bound, Note{Kind: NoteLocal})
	out = append(out, b.closing()...)
	add(x.expired, Note{Kind: NoteTimeWait})
	add(total(s.Lost) > 0, Note{Kind: NoteLost, N: total(s.Lost)})
	lost := lostBefore(s)
	add(lost > 0, Note{Kind: NoteLostBefore, N: lost})
	add(x.crossed, Note{Kind: NoteCrossed})
	if x.crossed || journaled {
		for side, d := range s.Near() {
			add(d > 0, Note{Kind: NoteNear, Side: sessions.Side(side), Time: d})
		}
	}
	add(x.before, Note{Kind: NoteBefore})
	add(x.folded, Note{Kind: NoteFold})
	add(unknown, Note{Kind: NoteUnknown})
	sizes := echoSizes(s)
	add(len(sizes) > 0, Note{Kind: NoteEcho, Sizes: sizes})
	add(total(s.OutOfOrder) > 0, Note{Kind: NoteOutOfOrder, N: total(s.OutOfOrder)})
	add(total(s.MissingBytes) > 0, Note{Kind: NoteHole, N: total(s.MissingBytes)})
	add(s.Copies > 0, Note{Kind: NoteCopies, N: s.Copies})
	add(cut, Note{Kind: NoteCut})
	add(x.implied, Note{Kind: NoteItalic})
	for _, c := range t.Clocks {
		add(journaled && c.Bound > 0, Note{Kind: NoteClock, Journal: c.Journal, Time: c.Bound})
	}
	add(true, Note{Kind: NoteSure})
	add(journaled, Note{Kind: NoteSureJournal})
	return out
}

// lostBefore counts the calls whose segment was only captured as a copy.
func lostBefore(s *sessions.Session) (n int64) {
	for side := range s.Calls {
		for i := range s.Calls[side] {
			if s.Calls[side][i].Waits == sessions.HeldByLoss {
				n++
			}
		}
	}
	return n
}

// retries tells of each run of failing calls how long it took.
func (b *builder) retries() (out []Note) {
	for side, calls := range b.s.Calls {
		for i := range calls {
			if c := &calls[i]; c.Repeats > 1 && c.Errno == "EAGAIN" {
				out = append(out, Note{Kind: NoteRetries, N: int64(c.Repeats), Time: time.Duration(c.LastAt - c.At),
					Side: sessions.Side(side), Call: i})
			}
		}
	}
	return out
}

// closing compares the close with the notebook's four segments.
func (b *builder) closing() []Note {
	var fin *sessions.Step
	for i := range b.s.Steps {
		st := &b.s.Steps[i]
		if fin == nil {
			if st.Marks.Has(sessions.MarkNewFIN) {
				fin = st
			}
			continue
		}
		if st.From == fin.From || st.Flags&capture.ACK == 0 || st.Ack <= fin.Offset+int64(fin.Length) {
			continue
		}
		switch {
		case st.Marks.Has(sessions.MarkNewFIN):
			return []Note{{Kind: NoteThreeSegmentClose}}
		case st.Flags&(capture.FIN|capture.RST) == 0 && st.Length == 0:
			return []Note{{Kind: NoteDelayedFINACK, Time: time.Duration(st.Time - fin.Time)}}
		}
		return nil
	}
	return nil
}

// echoSizes are how many bytes each recv() of the echo server gave, where prefixes prove it.
func echoSizes(s *sessions.Session) (sizes []int) {
	if s.Echo == nil || s.Echo.Prefix == "" {
		return nil
	}
	for i := range s.Echo.Samples {
		sizes = append(sizes, s.Echo.Samples[i].Bytes)
	}
	return sizes
}
