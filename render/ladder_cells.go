package render

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// call prints a side's call cell: what begins, what returns, and what the segment implies.
func (l *ladderPrinter) call(r *ladder.Row, side sessions.Side) (c document.Cell) {
	h := &r.Sides[side]
	add := func(kind document.SpanKind, text string) {
		if len(c) > 0 {
			c = append(c, document.Span{Kind: document.Plain, Text: " "})
		}
		c = append(c, document.Span{Kind: kind, Text: text})
	}
	calls := l.t.Session.Calls[side]
	if h.Begins >= 0 {
		call := &calls[h.Begins]
		if call.Source > 0 {
			// In front, where no view cuts it off.
			add(document.Plain, l.w.SourceLine(int(call.Source)))
		}
		add(document.Code, ladder.Spelling(call))
		if call.Repeats > 1 {
			add(document.Plain, fmt.Sprintf("♻️×%d", call.Repeats))
		}
	}
	if h.Returns >= 0 {
		add(document.Emphasis, "(UNBLOCK "+ladder.Name(&calls[h.Returns])+")")
	}
	for _, name := range h.Implied.Each() {
		add(document.Emphasis, "("+name+")")
	}
	return c
}

// state prints a side's state cell.
func (l *ladderPrinter) state(r *ladder.Row, side sessions.Side) document.Cell {
	return document.NewCell(document.Plain, StateText(r.Sides[side].State))
}

// StateText writes a state as a cell has it: "CLOSED (local 127.0.0.1:4000)", "BLOCK (LISTEN)".
func StateText(s ladder.State) string {
	if !s.Shown {
		return ""
	}
	text := s.TCP.String()
	if s.Bound {
		local := "?"
		if s.Local.IsValid() {
			local = s.Local.String()
		}
		text += " (local " + local + ")"
	}
	if s.Blocked {
		return "BLOCK (" + text + ")"
	}
	return text
}

// signal prints a side's signal cell.
func (l *ladderPrinter) signal(r *ladder.Row, side sessions.Side) document.Cell {
	g := r.Sides[side].Signal
	if !g.Shown {
		return nil
	}
	return document.NewCell(document.Plain, l.w.arrow(g))
}

// Signal names a segment as the signal columns do, with the arrow as the client sees it: "SYN →", "← Data[36]".
func Signal(st *sessions.Step, lang string) string {
	return WordsFor(lang).arrow(ladder.SignalOf(st, sessions.Client))
}

// arrow is a signal with its arrow.
func (w *Words) arrow(g ladder.Signal) string {
	switch {
	case g.Lost:
		return w.signal(g) + " → ✗"
	case g.Sent:
		return w.signal(g) + " →"
	}
	return "← " + w.signal(g)
}

// signal is a segment without its arrow (docs/ladder.md, Rows 3).
func (w *Words) signal(g ladder.Signal) string {
	if g.Probe {
		return w.LadderProbe()
	}
	name := g.Segment()
	if g.Repeated {
		name = "♺ " + name
	}
	if g.Spurious {
		name += " " + w.LadderSpurious()
	}
	return name
}

// result prints a side's result cell.
func (l *ladderPrinter) result(r *ladder.Row, side sessions.Side) document.Cell {
	x := &r.Sides[side].Result
	if x.Kind == ladder.Expired {
		return document.NewCell(document.Emphasis, l.w.LadderExpired())
	}
	c := document.NewCell(document.Plain, l.w.result(x))
	if x.Before && len(c) > 0 {
		c = append(c, document.Span{Kind: document.Plain, Text: " "}, document.Span{Kind: document.Emphasis, Text: l.w.LadderBefore()})
	}
	return c
}

// result writes what a call gave (docs/ladder.md, Rows 9).
func (w *Words) result(x *ladder.Result) string {
	switch x.Kind {
	case ladder.Connected:
		return w.LadderConnected()
	case ladder.Queued:
		held := w.LadderNagle()
		if x.Held == sessions.HeldByWindow {
			held = w.LadderWindow()
		}
		return x.Spelling() + " " + held
	case ladder.EndOfData:
		return w.LadderEndOfData()
	}
	return x.Spelling()
}

// fold says what a row stands for.
func (l *ladderPrinter) fold(r *ladder.Row) string {
	f := &r.Fold
	if r.Kind == ladder.KindLeftOut {
		return l.w.LadderLeftOut(f.Count)
	}
	var signals []string
	for _, g := range f.Signals {
		signals = append(signals, l.w.arrow(g))
	}
	what := strings.Join(signals, " / ")
	if !f.Timed {
		return l.w.LadderFoldUntimed(f.Count, what)
	}
	s := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
	return l.w.LadderFold(f.Count, what, s(f.Mean), s(f.Least), s(f.Most))
}

// maxEchoChunks is how many echo sizes a note lists before it says "…".
const maxEchoChunks = 12

// notes prints the notes under a table.
func (l *ladderPrinter) notes() (out []document.Cell) {
	for i := range l.t.Notes {
		out = append(out, document.NewCell(document.Plain, l.note(&l.t.Notes[i])))
	}
	return out
}

// plainNotes are the notes that are always the same words.
func (w *Words) plainNotes() map[ladder.NoteKind]string {
	return map[ladder.NoteKind]string{
		ladder.NoteNoHandshake: w.NoteNoHandshake(), ladder.NoteRepeated: w.NoteRepeated(), ladder.NoteSpurious: w.NoteSpurious(),
		ladder.NoteProbe: w.NoteProbe(), ladder.NoteQueued: w.NoteQueued(), ladder.NoteBlock: w.NoteBlock(), ladder.NoteLocal: w.NoteLocal(),
		ladder.NoteThreeSegmentClose: w.NoteThreeSegmentClose(), ladder.NoteTimeWait: w.NoteTimeWait(), ladder.NoteFold: w.NoteFold(),
		ladder.NoteUnknown: w.NoteUnknown(), ladder.NoteCut: w.NoteCut(), ladder.NoteItalic: w.NoteItalic(), ladder.NoteSure: w.NoteSure(),
		ladder.NoteSureJournal: w.NoteSureJournal(), ladder.NoteCrossed: w.NoteCrossed(), ladder.NoteBefore: w.NoteBefore(),
	}
}

func (l *ladderPrinter) note(n *ladder.Note) string {
	w := l.w
	switch n.Kind {
	case ladder.NoteDrops:
		return w.NoteDrops(n.N)
	case ladder.NoteRoleGuess:
		return w.NoteRoleGuess(w.role(l.t.Session.RoleFrom))
	case ladder.NoteRetries:
		call := &l.t.Session.Calls[n.Side][n.Call]
		return w.NoteRetries(document.PrintableString(ladder.Spelling(call), 60), n.N, strconv.FormatFloat(n.Time.Seconds(), 'f', 3, 64))
	case ladder.NoteDelayedFINACK:
		return w.NoteDelayedFINACK(sixDecimals(n.Time))
	case ladder.NoteEcho:
		return w.NoteEcho(sizeList(n.Sizes))
	case ladder.NoteOutOfOrder:
		return w.NoteOutOfOrder(n.N)
	case ladder.NoteHole:
		return w.NoteHole(n.N)
	case ladder.NoteCopies:
		return w.NoteCopies(n.N)
	case ladder.NoteLostBefore:
		return w.NoteLostBefore(n.N)
	case ladder.NoteLost:
		return w.NoteLost(n.N)
	case ladder.NoteNear:
		return w.NoteNear(w.SidesCapital()[n.Side], w.Duration(n.Time))
	case ladder.NoteClock:
		return w.NoteClock(document.PrintableString(n.Journal, 60), sixDecimals(n.Time))
	}
	return w.plainNotes()[n.Kind]
}

// role says what told who the client is.
func (w *Words) role(from sessions.RoleFrom) string {
	switch from {
	case sessions.RoleFromSYNACK:
		return w.RoleSYNACK()
	case sessions.RoleFromPort:
		return w.RolePort()
	case sessions.RoleFromOrder:
		return w.RoleOrder()
	}
	return w.RoleSYN()
}

// sizeList lists the first sizes.
func sizeList(sizes []int) string {
	var texts []string
	for i, n := range sizes {
		if i == maxEchoChunks {
			texts = append(texts, "…")
			break
		}
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, ", ")
}
