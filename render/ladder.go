package render

import (
	"fmt"
	"slices"
	"strconv"
	"tcptrace/render/document"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
)

// LadderOptions chooses how sessions become ladder tables.
type LadderOptions struct {
	Lang    string   // "es" or "en"
	Columns []string // names of Columns; nil for ReportColumns
	All     bool     // fold nothing
	NoACKs  bool     // hide ACKs that change no state
	Sleeps  bool     // show sleep rows
}

// Columns of a ladder, by the names of --columns.
const (
	ColumnFrame        = "frame"
	ColumnTime         = "time"
	ColumnClientCall   = "client.call"
	ColumnClientState  = "client.state"
	ColumnClientSignal = "client.signal"
	ColumnClientResult = "client.result"
	ColumnServerCall   = "server.call"
	ColumnServerState  = "server.state"
	ColumnServerSignal = "server.signal"
	ColumnServerResult = "server.result"
	ColumnPayload      = "payload"
)

// NotebookColumns are the eight of the lecturer's tables; ReportColumns have the frame and the time in front.
var (
	NotebookColumns = []string{ColumnClientCall, ColumnClientState, ColumnClientSignal, ColumnClientResult,
		ColumnServerCall, ColumnServerState, ColumnServerSignal, ColumnServerResult}
	ReportColumns = append([]string{ColumnFrame, ColumnTime}, NotebookColumns...)
	AllColumns    = append(slices.Clone(ReportColumns), ColumnPayload)
)

// LadderTables gives the tables of one session: handshake (until both sides are ESTABLISHED), data, and teardown
// (from the first FIN or RST). Tables without rows are left out; the last one carries the notes.
func LadderTables(s *sessions.Session, t *sessions.Trace, o LadderOptions) []document.Table {
	l := newLadder(s, o)
	established, closing := l.parts()
	var tables []document.Table
	for _, part := range []struct {
		title    string
		from, to int
	}{{l.w.LadderHandshake, 0, established}, {l.w.LadderData, established, closing}, {l.w.LadderClose, closing, len(l.lines)}} {
		if part.from < part.to {
			tables = append(tables, document.Table{Title: part.title, Header: l.header(), Rows: l.render(l.lines[part.from:part.to])})
		}
	}
	if n := len(tables); n > 0 {
		tables[n-1].Notes = l.notes(t)
	}
	return tables
}

// Ladder gives a session as one table, as the lecture and the notebook show it.
func Ladder(s *sessions.Session, t *sessions.Trace, o LadderOptions) document.Table {
	l := newLadder(s, o)
	return document.Table{Header: l.header(), Rows: l.render(l.lines), Notes: l.notes(t)}
}

// A ladder is a session's table while it is built.
type ladder struct {
	s     *sessions.Session
	o     LadderOptions
	w     *Words
	start int64
	lines []line
}

// A line is one row before it is cut into columns.
type line struct {
	row   sessions.Row
	frame int64
	time  string
	sides [2]sideCells
	text  string // payload
	fold  string // what a folded row says instead
}

// sideCells are one side's four cells.
type sideCells struct {
	call, state, signal, result document.Cell
}

func newLadder(s *sessions.Session, o LadderOptions) *ladder {
	l := &ladder{s: s, o: o, w: WordsFor(o.Lang)}
	rows := sessions.Rows(s, o.Sleeps)
	if len(rows) > 0 {
		l.start = rows[0].At
	}
	var sides [2]*sideView
	for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
		sides[side] = &sideView{l: l, side: side, calls: s.Calls[side], journaled: s.Journaled[side]}
	}
	for i := range rows {
		l.lines = append(l.lines, l.line(rows[i], sides))
	}
	if o.NoACKs {
		l.lines = slices.DeleteFunc(l.lines, l.idleACK)
	}
	if s.StepsLeftOut > 0 {
		l.leaveOut()
	}
	if !o.All {
		l.foldCycles()
	}
	return l
}

// line fills both halves of one row.
func (l *ladder) line(r sessions.Row, sides [2]*sideView) line {
	out := line{row: r}
	if r.Step >= 0 {
		st := &l.s.Steps[r.Step]
		out.frame, out.text = st.Frame, l.payload(st)
	}
	if r.Expires == sessions.NoSide {
		out.time = l.clock(r.At)
	}
	for _, v := range sides {
		out.sides[v.side] = v.cells(r)
	}
	if r.Expires == sessions.Client {
		out.sides[sessions.Server] = sideCells{}
	}
	return out
}

// clock is the time since the first row; a packet without a time has none.
func (l *ladder) clock(at int64) string {
	const never = -1 << 63
	if at == never || l.start == never {
		return ""
	}
	return sixDecimals(time.Duration(at - l.start))
}

// sixDecimals writes a duration with six decimals.
func sixDecimals(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 6, 64)
}

func (l *ladder) payload(st *sessions.Step) string {
	if len(st.Text) == 0 {
		return ""
	}
	text := document.Printable(st.Text, sessions.PreviewBytes)
	if int(st.Length) > len(st.Text) && len(st.Text) == sessions.PreviewBytes {
		text += "…"
	}
	return `"` + text + `"`
}

// idleACK reports whether a line is an ACK that changes nothing and wakes nobody.
func (l *ladder) idleACK(x line) bool {
	return l.isPureACK(x) && x.row.Start == none && x.row.Return == none &&
		!l.s.Steps[x.row.Step].Marks.Has(sessions.MarkStateChange)
}

var none = sessions.Pair[int]{-1, -1}

func (l *ladder) isPureACK(x line) bool {
	if x.row.Step < 0 {
		return false
	}
	st := &l.s.Steps[x.row.Step]
	return st.Length == 0 && st.Flags&(capture.SYN|capture.FIN|capture.RST) == 0 && st.Marks&(sessions.MarkKeepAlive|sessions.MarkWindowProbe) == 0
}

// leaveOut puts one line where steps were not kept.
func (l *ladder) leaveOut() {
	at := slices.IndexFunc(l.lines, func(x line) bool { return x.row.Step >= l.s.StepsHead })
	if at >= 0 {
		gap := line{row: sessions.Row{Step: -1, Start: none, Return: none, Expires: sessions.NoSide},
			fold: fmt.Sprintf(l.w.LadderLeftOut, l.s.StepsLeftOut)}
		l.lines = slices.Insert(l.lines, at, gap)
	}
}

// parts finds where the data and where the teardown begin.
func (l *ladder) parts() (established, closing int) {
	s := l.s
	closing = slices.IndexFunc(l.lines, func(x line) bool {
		if x.row.Step < 0 {
			return false
		}
		st := &s.Steps[x.row.Step]
		return st.Flags&(capture.FIN|capture.RST) != 0 && st.Marks&sessions.MarkIgnored == 0
	})
	if closing < 0 {
		closing = len(l.lines)
	}
	if s.Handshake == nil {
		return 0, closing
	}
	for i, x := range l.lines[:closing] {
		if x.row.Step < 0 {
			continue
		}
		if st := s.Steps[x.row.Step].States; st[0] >= sessions.Established && st[1] >= sessions.Established {
			return i + 1, closing
		}
	}
	return closing, closing
}

// header is the column heads, in bold as the notebook has them.
func (l *ladder) header() (h []document.Cell) {
	w := l.w
	heads := map[string]string{
		ColumnFrame: "#", ColumnTime: w.LadderTime, ColumnPayload: w.LadderPayload,
		ColumnClientCall: w.LadderClient + ": " + w.LadderCall, ColumnServerCall: w.LadderServer + ": " + w.LadderCall,
		ColumnClientState: w.LadderClient + ": " + w.LadderState, ColumnServerState: w.LadderServer + ": " + w.LadderState,
		ColumnClientSignal: w.LadderClient + ": " + w.LadderSignal, ColumnServerSignal: w.LadderServer + ": " + w.LadderSignal,
		ColumnClientResult: w.LadderClient + ": " + w.LadderResult, ColumnServerResult: w.LadderServer + ": " + w.LadderResult,
	}
	for _, c := range l.columns() {
		h = append(h, document.NewCell(document.Strong, heads[c]))
	}
	return h
}

func (l *ladder) columns() []string {
	if l.o.Columns == nil {
		return ReportColumns
	}
	return l.o.Columns
}

// render cuts lines into the wanted columns.
func (l *ladder) render(lines []line) (rows [][]document.Cell) {
	for i := range lines {
		rows = append(rows, l.cut(&lines[i]))
	}
	return rows
}

func (l *ladder) cut(x *line) (row []document.Cell) {
	client, server := &x.sides[sessions.Client], &x.sides[sessions.Server]
	for _, c := range l.columns() {
		var v document.Cell
		switch c {
		case ColumnFrame:
			if x.frame > 0 {
				v = document.NewCell(document.Plain, strconv.FormatInt(x.frame, 10))
			}
		case ColumnTime:
			v = document.NewCell(document.Plain, x.time)
		case ColumnClientCall:
			v = client.call
		case ColumnClientState:
			v = client.state
		case ColumnClientSignal:
			v = client.signal
			if x.fold != "" {
				v = document.NewCell(document.Plain, x.fold)
			}
		case ColumnClientResult:
			v = client.result
		case ColumnServerCall:
			v = server.call
		case ColumnServerState:
			v = server.state
		case ColumnServerSignal:
			v = server.signal
		case ColumnServerResult:
			v = server.result
		case ColumnPayload:
			v = document.NewCell(document.Code, x.text)
		}
		row = append(row, v)
	}
	return row
}

// callName is a call as an UNBLOCK names it: "conn.recv_into".
func callName(c *sessions.Call) string {
	name := c.Args
	if i := slices.Index([]byte(name), '('); i > 0 {
		name = name[:i]
	}
	return object(c) + name
}

// object is what stands before the call: "s." or "conn.", nothing for socket(), poll, select and sleep.
func object(c *sessions.Call) string {
	if c.Object == "" || c.Call == journal.Socket {
		return ""
	}
	return c.Object + "."
}
