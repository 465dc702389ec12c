package render

import (
	"strings"

	"tcptrace/render/document"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// LadderView is a session's table for a terminal: as many columns as fit, a line a row, built when it is asked for.
//
//	all eight columns of the notebook, with frame and time, where they fit;
//	else frame, time, both states, the signal once, and both sides' calls with their results in what room is left;
//	else time, states and signal.
type LadderView struct {
	Table  *ladder.Table
	l      *ladderPrinter
	screen *screen.Screen
	layout []viewColumn
}

// A viewColumn is one column of a LadderView.
type viewColumn struct {
	head  string
	width int
	right bool
	style screen.Style
	cell  func(*ladder.Row) (string, screen.Style)
}

// viewSample is how many rows decide about the widths of the columns; in later ones, longer cells are cut.
const viewSample = 2000

// leastCalls is the least room for the calls of both sides, in columns.
const leastCalls = 18

// NewLadderView lays a session out for a screen.
func NewLadderView(s *sessions.Session, t *sessions.Trace, o LadderOptions, sc *screen.Screen) *LadderView {
	v := &LadderView{l: newLadder(s, t, o), screen: sc}
	v.Table = v.l.t
	v.layout = v.wide()
	if v.total() > sc.Width {
		v.layout = v.narrow(false)
	}
	if v.total() > sc.Width {
		v.layout = v.narrow(true)
	}
	return v
}

// Len is the number of rows.
func (v *LadderView) Len() int { return len(v.Table.Rows) }

// Notes are what stands below the table, as texts.
func (v *LadderView) Notes() (out []string) {
	for _, c := range v.l.notes() {
		out = append(out, v.screen.Cell(c))
	}
	return out
}

// wide are all the columns.
func (v *LadderView) wide() (out []viewColumn) {
	heads := v.l.header()
	for i, name := range v.l.columns {
		side, style := sessions.Client, screen.Plain
		switch {
		case strings.HasPrefix(name, "client."):
			style = screen.Client
		case strings.HasPrefix(name, "server."):
			side, style = sessions.Server, screen.Server
		}
		head := heads[i].Text()
		if _, own, found := strings.Cut(head, ": "); found {
			head = v.initial(side) + ": " + own
		}
		c := viewColumn{head: head, style: style, right: name == ColumnFrame || name == ColumnTime}
		c.cell = func(r *ladder.Row) (string, screen.Style) {
			text, look := v.l.cell(r, name).Text(), screen.Plain
			if name == ColumnClientState || name == ColumnServerState {
				look = stateStyle(r.Sides[side].State)
			}
			return text, look
		}
		out = append(out, v.fitted(c))
	}
	return out
}

// narrow are the states, the signal once, and what else fits; brief with milliseconds and without parentheses.
func (v *LadderView) narrow(brief bool) []viewColumn {
	w := v.l.w
	plain := func(column string) func(*ladder.Row) (string, screen.Style) {
		return func(r *ladder.Row) (string, screen.Style) { return v.l.cell(r, column).Text(), screen.Dim }
	}
	state := func(side sessions.Side) func(*ladder.Row) (string, screen.Style) {
		return func(r *ladder.Row) (string, screen.Style) {
			st := r.Sides[side].State
			st.Bound = false // the address does not fit
			text := StateText(st)
			if brief && st.Blocked {
				text = "BLOCK " + st.TCP.String()
			}
			return text, stateStyle(st)
		}
	}
	times := plain(ColumnTime)
	if brief {
		times = func(r *ladder.Row) (string, screen.Style) {
			text := v.l.cell(r, ColumnTime).Text()
			return text[:max(len(text)-3, 0)], screen.Dim
		}
	}
	frame := v.fitted(viewColumn{head: "#", right: true, cell: plain(ColumnFrame)})
	columns := []viewColumn{
		v.fitted(viewColumn{head: w.LadderTime(), right: true, cell: times}),
		v.fitted(viewColumn{head: w.LadderClient(), style: screen.Client, cell: state(sessions.Client)}),
		v.fitted(viewColumn{head: w.LadderSignal(), cell: v.signal}),
		v.fitted(viewColumn{head: w.LadderServer(), style: screen.Server, cell: state(sessions.Server)}),
	}
	v.layout = columns
	if v.total()+2+frame.width <= v.screen.Width {
		columns = append([]viewColumn{frame}, columns...)
	}
	v.layout = columns
	if left := v.screen.Width - v.total() - 2; left >= leastCalls {
		calls := viewColumn{head: w.LadderCall() + " → " + w.LadderResult(), cell: v.calls}
		if calls = v.fitted(calls); calls.width > screen.Width(calls.head) || v.hasCalls() {
			calls.width = min(calls.width, left)
			columns = append(columns, calls)
		}
	}
	return columns
}

// hasCalls reports whether any call is known.
func (v *LadderView) hasCalls() bool {
	s := v.Table.Session
	return len(s.Calls[sessions.Client])+len(s.Calls[sessions.Server]) > 0
}

// fitted gives a column the width of its widest cell.
func (v *LadderView) fitted(c viewColumn) viewColumn {
	c.width = screen.Width(c.head)
	for i := range v.Table.Rows[:min(len(v.Table.Rows), viewSample)] {
		r := &v.Table.Rows[i]
		if r.Kind == ladder.KindFold || r.Kind == ladder.KindLeftOut {
			continue
		}
		text, _ := c.cell(r)
		c.width = max(c.width, screen.Width(text))
	}
	return c
}

// total is the width of a line.
func (v *LadderView) total() int {
	n := 2 * (len(v.layout) - 1)
	for i := range v.layout {
		n += v.layout[i].width
	}
	return n
}

// Header is the line of the column heads.
func (v *LadderView) Header() string {
	var cells []string
	for i := range v.layout {
		c := &v.layout[i]
		pad := screen.Pad
		if c.right {
			pad = screen.PadLeft
		}
		cells = append(cells, v.screen.Paint(screen.Heading, pad(c.head, c.width)))
	}
	return screen.Cut(strings.TrimRight(strings.Join(cells, "  "), " "), v.screen.Width)
}

// Row is the line of a row.
func (v *LadderView) Row(i int) string {
	r := &v.Table.Rows[i]
	if r.Kind == ladder.KindFold || r.Kind == ladder.KindLeftOut {
		return v.screen.Paint(screen.Emphasis, screen.Cut("  "+v.l.fold(r), v.screen.Width))
	}
	var b strings.Builder
	for k := range v.layout {
		c := &v.layout[k]
		text, style := c.cell(r)
		if k > 0 {
			b.WriteString("  ")
		}
		text = document.VisibleLines(text)
		if c.right {
			text = screen.PadLeft(text, c.width)
		} else {
			text = screen.Pad(text, c.width)
		}
		b.WriteString(v.screen.Paint(style, text))
	}
	return screen.Cut(strings.TrimRight(b.String(), " "), v.screen.Width)
}

// signal is the segment of a row, once for both sides. Where it only leaves or only arrives in this row, "…" stands for the
// way that is not told here.
func (v *LadderView) signal(r *ladder.Row) (string, screen.Style) {
	a, b := r.Sides[sessions.Client].Signal, r.Sides[sessions.Server].Signal
	switch w := v.l.w; {
	case r.Kind == ladder.KindExpiry:
		return "2·MSL", screen.Emphasis
	case a.Shown && (b.Shown || r.Lost || r.Departs && r.Arrives):
		return w.arrow(a), signalStyle(a)
	case a.Shown && a.Sent:
		return w.signal(a) + " →…", signalStyle(a)
	case a.Shown:
		return "← " + w.signal(a) + " …", signalStyle(a)
	case b.Shown && b.Sent && r.Lost:
		return "✗ ← " + w.signal(b), screen.Waiting
	case b.Shown && b.Sent:
		return "…← " + w.signal(b), signalStyle(b)
	case b.Shown:
		return "… " + w.signal(b) + " →", signalStyle(b)
	}
	return "", screen.Plain
}

// initial is how a side is called in a few columns: "C", "S".
func (v *LadderView) initial(side sessions.Side) string {
	name := v.l.w.LadderClient()
	if side == sessions.Server {
		name = v.l.w.LadderServer()
	}
	return name[:1]
}

// calls are both sides' calls of a row with their results.
func (v *LadderView) calls(r *ladder.Row) (string, screen.Style) {
	var parts []string
	style := screen.Plain
	for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
		call, result := v.l.call(r, side).Text(), ""
		if r.Kind != ladder.KindExpiry {
			result = v.l.result(r, side).Text()
		}
		switch {
		case call == "" && result == "":
			continue
		case result != "":
			call += " → " + result
		}
		parts = append(parts, v.initial(side)+" "+call)
		style = screen.Client
		if side == sessions.Server {
			style = screen.Server
		}
	}
	if len(parts) > 1 {
		style = screen.Plain
	}
	return strings.Join(parts, " · "), style
}

// signalStyle marks what does not belong: a copy, a lost segment.
func signalStyle(g ladder.Signal) screen.Style {
	if g.Lost || g.Repeated || g.Spurious {
		return screen.Waiting
	}
	return screen.Plain
}

// stateStyle is how a state looks.
func stateStyle(s ladder.State) screen.Style {
	switch {
	case s.Blocked:
		return screen.Waiting
	case s.TCP == sessions.Established:
		return screen.Good
	case s.TCP == sessions.Closed, s.TCP == sessions.Listen, s.TCP == sessions.Undetermined:
		return screen.Dim
	}
	return screen.Moving
}

// StateOn is a state as a screen shows it.
func StateOn(sc *screen.Screen, state sessions.State) string {
	return sc.Paint(stateStyle(ladder.State{TCP: state, Shown: true}), state.String())
}

// SignalOn is a segment as a screen shows it, with the arrow as the client sees it.
func SignalOn(sc *screen.Screen, st *sessions.Step, lang string) string {
	g := ladder.SignalOf(st, sessions.Client)
	return sc.Paint(signalStyle(g), WordsFor(lang).arrow(g))
}
