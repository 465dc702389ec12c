package data

import (
	"io"
	"strconv"
	"strings"

	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// The table of a session for programs (docs/report.md, Rows): the same cells as every other view, without the words of
// a language.

// rowHalf is one side's part in a row, spelled.
type rowHalf struct {
	call, state, local, signal, result string
	blocked                            bool
	begins, returns                    string // ids of calls
}

// callID names a call within its session: the side's letter and its index in program order.
func callID(side sessions.Side, i int) string {
	if i < 0 {
		return ""
	}
	return [...]string{"c", "s"}[side] + strconv.Itoa(i)
}

// spell writes one side's half of a row.
func spell(t *ladder.Table, r *ladder.Row, side sessions.Side) (x rowHalf) {
	h := &r.Sides[side]
	calls := t.Session.Calls[side]
	var call []string
	if h.Begins >= 0 {
		call = append(call, ladder.Spelling(&calls[h.Begins]))
	}
	if h.Returns >= 0 {
		call = append(call, "UNBLOCK "+ladder.Name(&calls[h.Returns]))
	}
	for _, name := range h.Implied.Each() {
		call = append(call, "("+name+")")
	}
	x.call = strings.Join(call, " ")
	x.begins, x.returns = callID(side, h.Begins), callID(side, h.Returns)
	if h.State.Shown {
		x.state, x.blocked = h.State.TCP.String(), h.State.Blocked
		if h.State.Bound {
			x.local = address(h.State.Local)
		}
	}
	x.signal, x.result = signalText(h.Signal), resultText(&h.Result)
	return x
}

// signalText is a signal with its arrow, as the side sees it.
func signalText(g ladder.Signal) string {
	if !g.Shown {
		return ""
	}
	name := g.Segment()
	if g.Probe {
		name = "probe"
	}
	if g.Repeated {
		name = "♺ " + name
	}
	if g.Spurious {
		name += " (spurious)"
	}
	if g.Lost {
		name += " → ✗"
	} else if g.Sent {
		return name + " →"
	}
	if g.Sent {
		return name
	}
	return "← " + name
}

// resultText is what a call gave.
func resultText(x *ladder.Result) string {
	switch x.Kind {
	case ladder.Connected:
		return "connected"
	case ladder.EndOfData:
		return "0"
	case ladder.Expired:
		return "2MSL"
	}
	return x.Spelling()
}

// table appends the members rows, calls and notes of a session.
func (e *jsonBuffer) table(t *ladder.Table, c *sessions.Capture) {
	e.key("rows")
	e.raw("[")
	for i := range t.Rows {
		e.comma()
		e.raw("\n")
		e.row(t, &t.Rows[i], c)
	}
	e.raw("]")
	e.key("calls")
	e.raw("[")
	for side := range t.Session.Calls {
		for i := range t.Session.Calls[side] {
			e.comma()
			e.raw("\n")
			e.call(t.Session, sessions.Side(side), i, c)
		}
	}
	e.raw("]")
	e.key("notes")
	e.raw("[")
	for i := range t.Notes {
		e.comma()
		e.note(&t.Notes[i])
	}
	e.raw("]")
}

func (e *jsonBuffer) row(t *ladder.Table, r *ladder.Row, c *sessions.Capture) {
	e.raw("{")
	e.known("frame", r.Frame, r.Frame > 0)
	e.seconds("t_s", r.At-c.FirstTime, r.At != ladder.Never && c.HasTimes)
	e.str("kind", r.Kind.String())
	e.str("phase", r.Phase.String())
	for _, side := range [...]sessions.Side{sessions.Client, sessions.Server} {
		x := spell(t, r, side)
		e.key(sideName(side))
		e.raw("{")
		e.str("call", x.call)
		e.str("begins", x.begins)
		e.str("returns", x.returns)
		e.str("state", x.state)
		e.str("local", x.local)
		e.bool("blocked", x.blocked)
		e.str("signal", x.signal)
		e.str("result", x.result)
		e.raw("}")
	}
	e.bool("arrival", r.Arrives)
	e.bool("lost", r.Lost)
	e.raw("}")
}

func (e *jsonBuffer) call(s *sessions.Session, side sessions.Side, i int, c *sessions.Capture) {
	x := &s.Calls[side][i]
	e.raw("{")
	e.str("id", callID(side, i))
	e.str("side", sideName(side))
	e.str("call", ladder.Spelling(x))
	e.seconds("start_s", x.At-c.FirstTime, c.HasTimes)
	e.seconds("end_s", x.Until-c.FirstTime, c.HasTimes && x.HasEnd)
	e.stepFrame("sent_frame", s, x.Step)
	e.stepFrame("cause_frame", s, x.Cause)
	e.bool("blocked", x.Blocked)
	e.str("held_by", heldBy(x.Waits))
	e.bool("before_capture", x.Before)
	e.int("repeats", int64(x.Repeats))
	e.known("value", x.Value, x.Returns && x.Errno == "" && x.Call != journal.Accept)
	e.str("errno", x.Errno)
	e.int("line", int64(x.Line))
	if x.Source != 0 {
		e.int("source_line", int64(x.Source))
	}
	e.known("process", int64(x.Process), x.Process != 0)
	e.raw("}")
}

// heldBy is what kept the bytes of a send() from leaving at once.
func heldBy(h sessions.Held) string { return [...]string{"", "nagle", "window", "loss"}[h] }

func (e *jsonBuffer) stepFrame(name string, s *sessions.Session, step int) {
	if step < 0 || step >= len(s.Steps) {
		e.known(name, 0, false)
		return
	}
	e.int(name, s.Steps[step].Frame)
}

func (e *jsonBuffer) note(n *ladder.Note) {
	e.raw("{")
	e.str("kind", n.Kind.String())
	if n.N != 0 {
		e.int("n", n.N)
	}
	if n.Time != 0 {
		e.seconds("time_s", int64(n.Time), true)
	}
	if n.Kind == ladder.NoteRetries {
		e.str("call", callID(n.Side, n.Call))
	}
	if n.Journal != "" {
		e.str("journal", n.Journal)
	}
	if len(n.Sizes) > 0 {
		e.key("sizes")
		e.raw("[")
		for _, size := range n.Sizes {
			e.comma()
			*e = strconv.AppendInt(*e, int64(size), 10)
		}
		e.raw("]")
	}
	e.raw("}")
}

// WriteRowsCSV writes one line per row of every session that keeps its steps, never folded. The error is the writer's.
func WriteRowsCSV(w io.Writer, t *sessions.Trace, table func(*sessions.Session) *ladder.Table) error {
	columns := []string{"file", "uid", "session", "row", "frame", "t_s", "kind", "phase"}
	for _, side := range [...]string{"client", "server"} {
		for _, name := range [...]string{"call", "state", "local", "blocked", "signal", "result"} {
			columns = append(columns, side+"_"+name)
		}
	}
	c := newCSV(w, append(columns, "arrival", "lost")...)
	for _, s := range t.Sessions {
		if len(s.Steps) == 0 {
			continue
		}
		l := table(s)
		for i := range l.Rows {
			c.row(l, i, &t.Capture)
			if c.w.Error() != nil {
				return c.close()
			}
		}
	}
	return c.close()
}

func (c *csvTable) row(t *ladder.Table, i int, capture *sessions.Capture) {
	r := &t.Rows[i]
	c.text(capture.File)
	c.text(t.Session.UID.String())
	c.int(int64(t.Session.ID))
	c.int(int64(i + 1))
	c.known(r.Frame, r.Frame > 0)
	c.seconds(r.At-capture.FirstTime, r.At != ladder.Never && capture.HasTimes)
	c.text(r.Kind.String())
	c.text(r.Phase.String())
	for _, side := range [...]sessions.Side{sessions.Client, sessions.Server} {
		x := spell(t, r, side)
		for _, text := range [...]string{x.call, x.state, x.local} {
			c.text(text)
		}
		c.flag(x.blocked)
		c.text(x.signal)
		c.text(x.result)
	}
	c.flag(r.Arrives)
	c.flag(r.Lost)
	c.end()
}
