package lecture

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"tcptrace/sessions"
)

// Verdict is what a capture says about a cell.
type Verdict uint8

// The verdicts. Unjudged is a cell that neither the packets nor a journal say anything about.
const (
	Unjudged Verdict = iota
	Right
	Wrong
	Missing
)

// A Mark is the verdict on one cell.
type Mark struct {
	Verdict Verdict
	Reason  Reason
	Want    string // what should stand there, "" where that is no text
	Frame   int64  // the frame that proves it, 0 where none does
}

// A Lack is a segment that has no row.
type Lack struct {
	After int // the row above, from 0; -1 for before the first
	Step  int
	Frame int64
}

// A Checked is one table of the notes with its verdicts.
type Checked struct {
	Line, Cell int // of its heads; Cell is 0 outside of notebooks
	Session    *sessions.Session
	Rows       [][notebookColumns]string
	Marks      [][notebookColumns]Mark
	Lacks      []Lack
	// OtherKind tells that the table is of a blocking program and the run is not, or the reverse: nothing of it is judged.
	OtherKind, NonBlockingRun bool
	// Count is how many cells have each verdict; empty ones that nobody can judge are left out.
	Count [Missing + 1]int
}

// Faults is how many cells are wrong or missing, and how many rows are.
func (c *Checked) Faults() (cells, rows int) { return c.Count[Wrong] + c.Count[Missing], len(c.Lacks) }

// ErrNoTable tells that notes have no table with the notebook's columns.
var ErrNoTable = errors.New("no table with the notebook's columns")

// Check compares every table of somebody's notes, Markdown or a Jupyter notebook, with a session of the trace: the one that fits it
// best. The error is ErrNoTable or ErrNotText, or wraps ErrNotNotebook.
func Check(notes []byte, isNotebook bool, tr *sessions.Trace) (checked []*Checked, err error) {
	if notes, _, err = decodeNotes(notes); err != nil {
		return nil, err
	}
	var tables []*noteTable
	if isNotebook {
		cells, err := readCells(notes)
		if err != nil {
			return nil, err
		}
		for i, c := range cells {
			if c.markdown {
				tables = append(tables, readTables(c.source, i+1)...)
			}
		}
	} else {
		tables = readTables(string(notes), 0)
	}
	if len(tables) == 0 {
		return nil, ErrNoTable
	}
	for _, t := range tables {
		if c := t.check(tr); c != nil {
			checked = append(checked, c)
		}
	}
	return checked, nil
}

// The steps that are looked at of a long session: a table drawn by hand is about its beginning and its end.
const (
	firstSteps = 600
	lastSteps  = 400
)

// shortened is a session with the steps that are looked at.
func shortened(s *sessions.Session) *sessions.Session {
	if len(s.Steps) <= firstSteps+lastSteps {
		return s
	}
	short := *s
	short.Steps = slices.Concat(s.Steps[:firstSteps], s.Steps[len(s.Steps)-lastSteps:])
	return &short
}

// check finds the session that fits best and judges by it; nil if none has steps.
func (t *noteTable) check(tr *sessions.Trace) *Checked {
	var best *judge
	for _, s := range tr.Sessions {
		if len(s.Steps) == 0 {
			continue
		}
		s := shortened(s)
		if a := alignFolded(t, s); best == nil || a.score > best.a.score {
			best = &judge{t: t, s: s, a: a}
		}
	}
	if best == nil {
		return nil
	}
	if other, nonBlocking := t.otherKind(tr); other {
		return &Checked{Line: t.Line, Cell: t.Cell, Session: best.s, OtherKind: true, NonBlockingRun: nonBlocking}
	}
	return best.judge()
}

// otherKind tells whether the journals of a trace show a run of the other kind than the table's, and of which. A table that
// names neither BLOCK nor setblocking(False) is of no kind, and a trace without journals too.
func (t *noteTable) otherKind(tr *sessions.Trace) (other, runNonBlocking bool) {
	if len(tr.Journals) == 0 {
		return false, false
	}
	blocks, waitsNot, polls := false, false, false
	for i := range t.rows {
		for column, cell := range t.rows[i].cells {
			blocks = blocks || column%4 == clientState && strings.Contains(cell, "BLOCK")
			waitsNot = waitsNot || nonBlocking.MatchString(cell)
			polls = polls || polling.MatchString(cell)
		}
	}
	runNonBlocking = IsNonBlocking(tr)
	return waitsNot && !runNonBlocking || blocks && !waitsNot && !polls && runNonBlocking, runNonBlocking
}

// polling is in the tables of programs that do not wait in their calls, or wait in poll().
var polling = regexp.MustCompile(`(?i)EAGAIN|EWOULDBLOCK|EINPROGRESS|BlockingIOError|\b(poll|ipoll|select)\(`)

// A judge goes through a table's rows beside the steps of its session.
type judge struct {
	t   *noteTable
	s   *sessions.Session
	a   alignment
	out *Checked

	step    int                           // that the present row is about, -1 for none
	before  int                           // the last step that a row above was about, -1 for none
	model   sessions.Pair[string]         // states by the rows above: of their calls before the first step, then of their segments
	pending sessions.Pair[string]         // the call that waits, by the rows above
	unread  sessions.Pair[int]            // steps with data for a side that no recv above has returned
	retries sessions.Pair[bool]           // the side's sockets are non-blocking, as the table has it
	used    sessions.Pair[map[string]int] // calls so far, by name
}

func (j *judge) judge() *Checked {
	j.out = &Checked{Line: j.t.Line, Cell: j.t.Cell, Session: j.s, Marks: make([][notebookColumns]Mark, len(j.t.rows))}
	j.used = sessions.Pair[map[string]int]{{}, {}}
	j.before = -1
	for i := range j.t.rows {
		for side := range j.retries {
			j.retries[side] = j.retries[side] || nonBlocking.MatchString(j.t.rows[i].cells[4*side])
		}
	}
	for i := range j.t.rows {
		j.out.Rows = append(j.out.Rows, j.t.rows[i].cells)
		j.step = j.a.step[i]
		for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
			j.note(i, side)
			j.signal(i, side)
			j.state(i, side)
			j.call(i, side)
			j.result(i, side)
		}
		j.before = max(j.before, j.step)
	}
	j.lacks()
	for i := range j.out.Marks {
		for c := range j.out.Marks[i] {
			if v := j.out.Marks[i][c].Verdict; v != Unjudged || j.out.Rows[i][c] != "" {
				j.out.Count[v]++
			}
		}
	}
	return j.out
}

// set gives a verdict on a cell of a column that the table has.
func (j *judge) set(i, column int, v Verdict, why Reason, want string, frame int64) {
	if j.t.has(column) {
		j.out.Marks[i][column] = Mark{v, why, want, frame}
	}
}

func (j *judge) frame(step int) int64 {
	if step < 0 || step >= len(j.s.Steps) {
		return 0
	}
	return j.s.Steps[step].Frame
}

// note keeps what the row says and does for the rows below.
func (j *judge) note(i int, side sessions.Side) {
	row := &j.t.rows[i]
	name, _ := callOf(row.cells[4*int(side)])
	j.used[side][name]++
	switch started := j.before >= 0 || j.step >= 0 || j.s.Handshake == nil; {
	case started: // the segments tell
	case name == "socket", name == "bind":
		j.model[side] = sessions.Closed.String()
	case name == "listen", name == "accept":
		j.model[side] = sessions.Listen.String()
	}
	if j.step >= 0 {
		if st := &j.s.Steps[j.step]; st.Length > 0 && st.From != side {
			j.unread[side]++
		}
	}
}

// signal judges a signal cell.
func (j *judge) signal(i int, side sessions.Side) {
	column := 4*int(side) + clientSignal
	cell := j.t.rows[i].cells[column]
	c, ok := readClaim(cell, side)
	switch {
	case j.t.rows[i].times > 0:
	case j.step < 0 && ok:
		why, frame := j.noSegment(c)
		j.set(i, column, Wrong, why, "", frame)
	case j.step < 0:
	case !ok && j.otherwise(i, side):
	case !ok:
		j.set(i, column, Missing, ReasonSignalMissing, signalOf(&j.s.Steps[j.step], side), j.frame(j.step))
	case c.length >= 0 && c.length != int(j.s.Steps[j.step].Length):
		j.set(i, column, Wrong, ReasonLength, signalOf(&j.s.Steps[j.step], side), j.frame(j.step))
	default:
		j.set(i, column, Right, ReasonNone, "", j.frame(j.step))
	}
}

// otherwise reports whether a side's half of a segment stands in another row, or nowhere: it left or arrived there, or was
// lost.
func (j *judge) otherwise(i int, side sessions.Side) bool {
	_, apart := j.a.arrival[j.step]
	return apart || strings.Contains(j.t.rows[i].cells[4*int(side.Other())+clientSignal], "✗")
}

// elsewhere reports whether the row has only the other side's half of a segment that leaves in one row and arrives in
// another.
func (j *judge) elsewhere(i int, side sessions.Side) bool {
	if j.step < 0 {
		return false
	}
	at, apart := j.a.arrival[j.step]
	return apart && (i == at) == (j.s.Steps[j.step].From == side)
}

// noSegment says why there is no segment for a claim: it has been drawn before, or it never crossed.
func (j *judge) noSegment(c claim) (Reason, int64) {
	for k := j.before; k >= 0; k-- {
		if j.a.row[k] >= 0 && c.fits(&j.s.Steps[k]) {
			return ReasonTwice, j.frame(k)
		}
	}
	return ReasonNoSegment, 0
}

// now is a side's state after the row, "" when nothing is known of it.
func (j *judge) now(side sessions.Side) string {
	if j.step < 0 {
		return j.model[side]
	}
	if state := j.s.Steps[j.step].States[side]; state != sessions.Undetermined {
		return state.String()
	}
	return ""
}

// state judges a state cell.
func (j *judge) state(i int, side sessions.Side) {
	column := 4*int(side) + clientState
	cell := j.t.rows[i].cells[column]
	want, frame := j.now(side), j.frame(max(j.step, j.before))
	if j.step >= 0 && !j.elsewhere(i, side) {
		j.model[side] = want
	}
	name, waits := stateName(cell)
	upper := strings.ToUpper(cell)
	switch {
	case want == "":
	case j.elsewhere(i, side): // its half of the segment is in another row
	case cell == "":
		if j.step >= 0 && changes(j.s, j.step, side) {
			j.set(i, column, Missing, ReasonState, want, frame)
		}
	case strings.Contains(upper, "LOCAL") && name == "":
		j.set(i, column, Wrong, ReasonLocal, "CLOSED (local …)", frame)
	case waits && name == "": // the thread waits; the state beside it is left out
		j.set(i, column, Right, ReasonNone, "", frame)
	case name == want:
		j.set(i, column, Right, ReasonNone, "", frame)
	case name == sessions.Closed.String() && want == sessions.TimeWait.String() && j.step < 0 && j.before == len(j.s.Steps)-1:
		j.set(i, column, Right, ReasonDerived, "", 0)
	default:
		j.set(i, column, Wrong, ReasonState, want, frame)
	}
}

// lacks lists the segments that no row is about.
func (j *judge) lacks() {
	after := -1
	for k, row := range j.a.row {
		if row >= 0 {
			after = row
			continue
		}
		if j.covered(k) {
			continue
		}
		j.out.Lacks = append(j.out.Lacks, Lack{After: after, Step: k, Frame: j.frame(k)})
	}
}
