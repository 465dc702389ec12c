package render

import (
	"slices"
	"strconv"
	"time"

	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// LadderOptions chooses how ladders are printed as tables.
type LadderOptions struct {
	ladder.Options
	Lang    string   // "es" or "en"
	Columns []string // names of columns; nil for ReportColumns
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

// LadderTables gives the tables of one session: handshake, data, and teardown. Tables without rows are left out; the
// last one carries the notes.
func LadderTables(s *sessions.Session, t *sessions.Trace, o LadderOptions) []document.Table {
	l := newLadder(s, t, o)
	titles := [...]string{ladder.Handshake: l.w.LadderHandshake(), ladder.Data: l.w.LadderData(), ladder.Teardown: l.w.LadderClose()}
	var tables []document.Table
	for phase, title := range titles {
		if rows := l.t.Part(ladder.Phase(phase)); len(rows) > 0 {
			tables = append(tables, document.Table{Title: title, Header: l.header(), Rows: l.print(rows)})
		}
	}
	if n := len(tables); n > 0 {
		tables[n-1].Notes = l.notes()
	}
	return tables
}

// Ladder gives a session as one table, as the lecture and the notebook show it.
func Ladder(s *sessions.Session, t *sessions.Trace, o LadderOptions) document.Table {
	l := newLadder(s, t, o)
	return document.Table{Header: l.header(), Rows: l.print(l.t.Rows), Notes: l.notes()}
}

// A ladderPrinter writes the cells of one ladder.
type ladderPrinter struct {
	t       *ladder.Table
	w       *Words
	columns []string
}

func newLadder(s *sessions.Session, t *sessions.Trace, o LadderOptions) *ladderPrinter {
	l := &ladderPrinter{t: ladder.Build(s, t, o.Options), w: WordsFor(o.Lang), columns: o.Columns}
	if l.columns == nil {
		l.columns = ReportColumns
	}
	return l
}

// header is the column heads, in bold as the notebook has them.
func (l *ladderPrinter) header() (h []document.Cell) {
	w := l.w
	heads := map[string]string{
		ColumnFrame: "#", ColumnTime: w.LadderTime(), ColumnPayload: w.LadderPayload(),
		ColumnClientCall: w.LadderClient() + ": " + w.LadderCall(), ColumnServerCall: w.LadderServer() + ": " + w.LadderCall(),
		ColumnClientState: w.LadderClient() + ": " + w.LadderState(), ColumnServerState: w.LadderServer() + ": " + w.LadderState(),
		ColumnClientSignal: w.LadderClient() + ": " + w.LadderSignal(), ColumnServerSignal: w.LadderServer() + ": " + w.LadderSignal(),
		ColumnClientResult: w.LadderClient() + ": " + w.LadderResult(), ColumnServerResult: w.LadderServer() + ": " + w.LadderResult(),
	}
	for _, c := range l.columns {
		h = append(h, document.NewCell(document.Strong, heads[c]))
	}
	return h
}

// print cuts rows into the wanted columns.
func (l *ladderPrinter) print(rows []ladder.Row) (out [][]document.Cell) {
	for i := range rows {
		var cells []document.Cell
		for _, c := range l.columns {
			cells = append(cells, l.cell(&rows[i], c))
		}
		out = append(out, cells)
	}
	return out
}

// cell is one column of a row.
func (l *ladderPrinter) cell(r *ladder.Row, column string) document.Cell {
	switch column {
	case ColumnFrame:
		if r.Frame > 0 {
			return document.NewCell(document.Plain, strconv.FormatInt(r.Frame, 10))
		}
	case ColumnTime:
		if d, ok := l.t.Since(r); ok {
			return document.NewCell(document.Plain, sixDecimals(d))
		}
	case ColumnClientCall:
		return l.call(r, sessions.Client)
	case ColumnClientState:
		return l.state(r, sessions.Client)
	case ColumnClientSignal:
		if r.Kind == ladder.KindFold || r.Kind == ladder.KindLeftOut {
			return document.NewCell(document.Plain, l.fold(r))
		}
		return l.signal(r, sessions.Client)
	case ColumnClientResult:
		return l.result(r, sessions.Client)
	case ColumnServerCall:
		return l.call(r, sessions.Server)
	case ColumnServerState:
		return l.state(r, sessions.Server)
	case ColumnServerSignal:
		return l.signal(r, sessions.Server)
	case ColumnServerResult:
		return l.result(r, sessions.Server)
	case ColumnPayload:
		if r.Step >= 0 {
			return document.NewCell(document.Code, payloadText(&l.t.Session.Steps[r.Step]))
		}
	}
	return nil
}

// sixDecimals writes a duration with six decimals.
func sixDecimals(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 6, 64)
}

// since is the time from one moment to another; where a packet has no time it is empty.
func (w *Words) since(at, start int64) string {
	if at == ladder.Never || start == ladder.Never {
		return ""
	}
	return sixDecimals(time.Duration(at - start))
}

func payloadText(st *sessions.Step) string {
	if len(st.Text()) == 0 {
		return ""
	}
	text := document.Printable(st.Text(), sessions.PreviewBytes)
	if int(st.Length) > len(st.Text()) && len(st.Text()) == sessions.PreviewBytes {
		text += "…"
	}
	return `"` + text + `"`
}
