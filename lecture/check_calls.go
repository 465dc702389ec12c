package lecture

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
)

var (
	callPattern  = regexp.MustCompile(`(?:\b(\w+)\.)?\b([a-z_]+)\s*\(`)
	returning    = regexp.MustCompile(`(?i)unblock|desbloque|loop until ready|until ready`)
	bareText     = regexp.MustCompile(`\bbytearray\(\s*["']`)
	returnsError = regexp.MustCompile(`(?i)\b(devuelve|retorna|regresa|returns?)\b.*(blockingioerror|eagain|oserror|excepci|exception)`)
	zeroNoData   = regexp.MustCompile(`(?i)\b0\b.*(no hay datos|sin datos|no data)|(no hay datos|sin datos|no data).*\b0\b`)
	triedAgain   = regexp.MustCompile(`(?i)reintent|se repite|retr(y|ies)|tried again|try again`)
	connected    = regexp.MustCompile(`(?i)conexi[oó]n establecida|connection established|conectado|connected`)
	nonBlocking  = regexp.MustCompile(`(?i)non-?blocking|no bloqueante|setblocking\(False|♻`)
	zeroBytes    = regexp.MustCompile(`^0($|\s*\()|^b''$`)
	wholeNumber  = regexp.MustCompile(`^\d+$`)
)

// callOf is the name of the call in a cell, and of the object before it.
func callOf(cell string) (name, object string) {
	if returning.MatchString(cell) {
		return "return", ""
	}
	m := callPattern.FindStringSubmatch(cell)
	if m == nil {
		return "", ""
	}
	return m[2], m[1]
}

func isSend(name string) bool { return name == "send" || name == "sendall" }

func isRecv(name string) bool { return strings.HasPrefix(name, "recv") }

// isListener reports whether a server's object is the socket that listens.
func isListener(object string) bool { return object == "s" || object == "srv" }

// ended reports whether the peer's FIN has come.
func (j *judge) ended(side sessions.Side) bool {
	for k := max(j.step, j.before); k >= 0; k-- {
		if st := &j.s.Steps[k]; st.From != side && st.Flags.Has(capture.FIN) {
			return true
		}
	}
	return false
}

// call judges a call cell.
func (j *judge) call(i int, side sessions.Side) {
	column := 4 * int(side)
	cell := j.t.rows[i].cells[column]
	name, object := callOf(cell)
	if cell == "" {
		j.missingReturn(i, side)
		return
	}
	right := func(ok bool, why Reason, want string, frame int64) {
		if ok {
			j.set(i, column, Right, ReasonNone, "", j.frame(j.step))
		} else {
			j.set(i, column, Wrong, why, want, frame)
		}
	}
	switch {
	case earlier.MatchString(j.t.rows[i].cells[column+clientResult]): // nothing of it was captured
	case bareText.MatchString(cell):
		j.set(i, column, Wrong, ReasonText, "b\"…\"", 0)
	case name == "return":
		j.returns(i, side)
	case name == "connect" && !j.sends(side, "SYN") && j.has(side, capture.SYN): // tried again; its result says what came of it
	case name == "connect":
		right(j.sends(side, "SYN"), ReasonNotSent, "SYN", j.nextFrom(side, "SYN"))
	case isSend(name) && side == sessions.Server && isListener(object):
		j.set(i, column, Wrong, ReasonListener, "conn."+name, j.frame(j.step))
	case isSend(name) && queued.MatchString(j.t.rows[i].cells[column+clientResult]): // its bytes left later, as the row says
	case isSend(name) && failed.MatchString(j.t.rows[i].cells[column+clientResult]): // nothing leaves a call that fails
	case isSend(name):
		right(j.sends(side, "Data"), ReasonNotSent, "Data", j.nextFrom(side, "Data"))
	case name == "close" && !j.sends(side, "FIN") && j.has(side, capture.FIN): // shutdown() has sent it
	case name == "close" && j.reset(): // there is no connection any more to send a FIN on
	case name == "close" && !(side == sessions.Server && isListener(object)) && j.s.States[side] != sessions.Established:
		right(j.sends(side, "FIN") || j.sends(side, "RST"), ReasonNotSent, "FIN", j.nextFrom(side, "FIN"))
	case name == "bind" && strings.Contains(cell, "127.0.0.1") && !j.s.Server.Addr().IsLoopback():
		j.set(i, column, Wrong, ReasonLoopback, j.s.Server.String(), j.frame(0))
	default:
		j.byJournal(i, side, name)
	}
	if isRecv(name) || name == "accept" || name == "connect" {
		j.pending[side] = name
	}
}

// sends reports whether the row is about a segment of this kind by this side.
func (j *judge) sends(side sessions.Side, kind string) bool {
	return j.step >= 0 && (claim{from: side, kind: kind}).fits(&j.s.Steps[j.step])
}

// nextFrom is the first frame below the rows above with a segment of this kind.
func (j *judge) nextFrom(side sessions.Side, kind string) int64 {
	for k := j.before + 1; k < len(j.s.Steps); k++ {
		if (claim{from: side, kind: kind}).fits(&j.s.Steps[k]) {
			return j.frame(k)
		}
	}
	return 0
}

// byJournal judges a call that sends nothing by the journal of its side, where there is one.
func (j *judge) byJournal(i int, side sessions.Side, name string) {
	if !j.s.Journaled[side] || name == "" || name == "bytearray" {
		return
	}
	column := 4 * int(side)
	for k := range j.s.Calls[side] {
		if called, _, _ := strings.Cut(j.s.Calls[side][k].Args, "("); called == name || isRecv(called) && isRecv(name) {
			j.set(i, column, Right, ReasonNone, "", 0)
			return
		}
	}
	j.set(i, column, Wrong, ReasonNotCalled, name, 0)
}

// returns judges the return of a call that waited: its cause must have come.
func (j *judge) returns(i int, side sessions.Side) {
	column := 4 * int(side)
	cell := strings.ToLower(j.t.rows[i].cells[column])
	waited := j.pending[side]
	for _, name := range []string{"connect", "accept", "recv"} {
		if strings.Contains(cell, name) {
			waited = name
		}
	}
	var ok bool
	var frame int64
	switch {
	case j.step >= 0 && kindOf(&j.s.Steps[j.step]) == "RST" && j.s.Steps[j.step].From != side: // it wakes whoever waits
		ok = true
	case waited == "connect":
		ok, frame = j.step >= 0 && kindOf(&j.s.Steps[j.step]) == "SYN+ACK", j.nextFrom(sessions.Server, "SYN+ACK")
	case waited == "accept":
		at := max(j.step, j.before)
		ok, frame = at >= 0 && j.s.Steps[at].States[side] >= sessions.Established, j.nextFrom(sessions.Client, "ACK")
	case isRecv(waited):
		ok, frame = j.unread[side] > 0 || j.ended(side), j.nextFrom(side.Other(), "Data")
	default:
		return
	}
	if !ok {
		j.set(i, column, Wrong, ReasonTooEarly, waited, frame)
		return
	}
	if isRecv(waited) {
		j.unread[side] = 0
	}
	j.pending[side] = ""
	j.set(i, column, Right, ReasonNone, "", j.frame(max(j.step, j.before)))
}

// missingReturn notices that data came for a recv() that waited and the row does not say so.
func (j *judge) missingReturn(i int, side sessions.Side) {
	if j.step < 0 || !isRecv(j.pending[side]) || j.retries[side] {
		return
	}
	st := &j.s.Steps[j.step]
	if st.From == side || st.Length == 0 {
		return
	}
	j.set(i, 4*int(side), Missing, ReasonReturns, "UNBLOCK "+j.pending[side], j.frame(j.step))
	if j.t.rows[i].cells[4*int(side)+clientResult] == "" {
		j.set(i, 4*int(side)+clientResult, Missing, ReasonCount, strconv.Itoa(int(st.Length)), j.frame(j.step))
	}
	j.pending[side], j.unread[side] = "", 0
}

// result judges a result cell.
func (j *judge) result(i int, side sessions.Side) {
	column := 4*int(side) + clientResult
	cell := j.t.rows[i].cells[column]
	name, _ := callOf(j.t.rows[i].cells[4*int(side)])
	inResult, _ := callOf(cell)
	switch {
	case cell == "":
		j.emptyResult(i, side, name)
	case inResult == "close":
		j.set(i, column, Wrong, ReasonIsCall, "close()", j.nextFrom(side, "FIN"))
	case j.atEnd(i, side, cell):
		if j.ended(side) {
			j.set(i, column, Right, ReasonNone, "", j.finTo(side))
		} else {
			j.set(i, column, Wrong, ReasonZero, "EAGAIN", j.finTo(side))
		}
	case zeroNoData.MatchString(cell):
		j.set(i, column, Wrong, ReasonZero, "EAGAIN", j.finTo(side))
	case returnsError.MatchString(cell):
		j.set(i, column, Wrong, ReasonRaises, "EAGAIN", 0)
	case name == "connect" && triedAgain.MatchString(cell):
		j.set(i, column, Wrong, ReasonOnce, "EINPROGRESS", j.frame(j.step))
	case earlier.MatchString(cell): // nothing of it was captured
	case connected.MatchString(cell) && j.retries[side]:
	case connected.MatchString(cell):
		if j.step >= 0 && kindOf(&j.s.Steps[j.step]) == "SYN+ACK" {
			j.set(i, column, Right, ReasonNone, "", j.frame(j.step))
		} else {
			j.set(i, column, Wrong, ReasonConnected, "", j.firstOf("SYN+ACK"))
		}
	case wholeNumber.MatchString(cell) && j.step >= 0 && j.s.Steps[j.step].Length > 0:
		j.count(i, column, cell)
	case name == "return" && j.out.Marks[i][4*int(side)].Verdict == Wrong:
		j.set(i, column, Wrong, ReasonTooEarly, "", j.out.Marks[i][4*int(side)].Frame)
	case strings.HasPrefix(cell, "conn") && side == sessions.Server:
		j.accepted(i, column, cell)
	}
}

// atEnd reports whether a cell says that a recv() returned 0 bytes.
func (j *judge) atEnd(i int, side sessions.Side, cell string) bool {
	name, _ := callOf(j.t.rows[i].cells[4*int(side)])
	return zeroBytes.MatchString(cell) && (isRecv(name) || name == "return")
}

// has reports whether a row above is about a segment of a side with a flag.
func (j *judge) has(side sessions.Side, flag capture.Flags) bool {
	for k := j.before; k >= 0; k-- {
		if st := &j.s.Steps[k]; st.From == side && st.Flags.Has(flag) {
			return true
		}
	}
	return false
}

// earlier is a result that says that the call was over when the capture began.
var earlier = regexp.MustCompile(`\((before the capture|antes de la captura)\)`)

// failed is a result that is an error: an exception's name or an errno's.
var failed = regexp.MustCompile(`Error\b|\bE[A-Z]{3,}\b`)

// reset reports whether an RST has ended the session.
func (j *judge) reset() bool {
	for k := max(j.step, j.before); k >= 0; k-- {
		if st := &j.s.Steps[k]; st.Flags.Has(capture.RST) && st.Marks&sessions.MarkIgnored == 0 {
			return true
		}
	}
	return false
}

// queued is a result that says of a send that its bytes left later, in either language.
var queued = regexp.MustCompile(`\((queued|en cola)`)

// spans reports whether a number of bytes is that of the present segment and those that follow it from the same side: a
// large send leaves in several.
func (j *judge) spans(cell string) bool {
	n, err := strconv.ParseInt(cell, 10, 64)
	from := j.s.Steps[j.step].From
	for k := j.step; err == nil && k < len(j.s.Steps) && n > 0; k++ {
		if st := &j.s.Steps[k]; st.From == from && st.Marks.Has(sessions.MarkNewData) {
			n -= int64(st.Length)
		}
	}
	return err == nil && n == 0
}

// count judges a number of bytes.
func (j *judge) count(i, column int, cell string) {
	want := strconv.Itoa(int(j.s.Steps[j.step].Length))
	if cell == want || j.s.Steps[j.step].From == sessions.Side(column/4) && j.spans(cell) {
		j.set(i, column, Right, ReasonNone, "", j.frame(j.step))
	} else {
		j.set(i, column, Wrong, ReasonCount, want, j.frame(j.step))
	}
}

// accepted judges what accept() gave: an address in it must be the client's; the words (ip, port) in its place are right.
func (j *judge) accepted(i, column int, cell string) {
	want := `conn, addr = ("` + j.s.Client.Addr().String() + `", ` + strconv.Itoa(int(j.s.Client.Port())) + ")"
	digits := strings.ContainsAny(cell, "0123456789")
	if digits && !(strings.Contains(cell, j.s.Client.Addr().String()) && strings.Contains(cell, strconv.Itoa(int(j.s.Client.Port())))) {
		j.set(i, column, Wrong, ReasonAddress, want, j.frame(0))
		return
	}
	j.set(i, column, Right, ReasonNone, "", j.frame(max(j.step, j.before)))
}

// emptyResult notices results that a row should have.
func (j *judge) emptyResult(i int, side sessions.Side, name string) {
	column := 4*int(side) + clientResult
	if j.out.Marks[i][column].Verdict != Unjudged || j.step < 0 {
		return
	}
	st := &j.s.Steps[j.step]
	switch kind := kindOf(st); {
	case isSend(name) && st.From == side && st.Length > 0:
		j.set(i, column, Missing, ReasonCount, strconv.Itoa(int(st.Length)), st.Frame)
	case j.retries[side]:
	case (kind == "FIN" || kind == "Data+FIN") && st.From != side && j.reads(side) && j.readEnd(side) && !j.readsLater(i, side):
		j.set(i, column, Missing, ReasonEnd, "0", st.Frame)
	case kind == "SYN+ACK" && st.From != side && j.used[side]["connect"] > 0:
		j.set(i, column, Missing, ReasonConnected, "", st.Frame)
	}
}

// reads reports whether the table has a side's program read, and it has not closed yet.
func (j *judge) reads(side sessions.Side) bool {
	for name := range j.used[side] {
		if isRecv(name) {
			return j.used[side]["close"] == 0
		}
	}
	return false
}

// readEnd reports whether a side's program read the end of the data, as far as is known: without a journal it may have.
func (j *judge) readEnd(side sessions.Side) bool {
	return !j.s.Journaled[side] || slices.ContainsFunc(j.s.Calls[side], func(c sessions.Call) bool {
		return (c.Call == journal.Recv || c.Call == journal.RecvInto) && c.Returns && c.Errno == "" && c.Value == 0
	})
}

// readsLater reports whether a row below has a recv() that returns 0 for a side: the program asks later.
func (j *judge) readsLater(i int, side sessions.Side) bool {
	for k := i + 1; k < len(j.t.rows); k++ {
		if j.atEnd(k, side, j.t.rows[k].cells[4*int(side)+clientResult]) {
			return true
		}
	}
	return false
}

// finTo is the frame of the FIN that a side receives.
func (j *judge) finTo(side sessions.Side) int64 {
	for k := range j.s.Steps {
		if kind := kindOf(&j.s.Steps[k]); j.s.Steps[k].From != side && (kind == "FIN" || kind == "Data+FIN") {
			return j.frame(k)
		}
	}
	return 0
}

// firstOf is the frame of the first segment of a kind.
func (j *judge) firstOf(kind string) int64 {
	for k := range j.s.Steps {
		if kindOf(&j.s.Steps[k]) == kind {
			return j.frame(k)
		}
	}
	return 0
}
