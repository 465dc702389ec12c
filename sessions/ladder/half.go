package ladder

import (
	"net/netip"
	"strings"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
)

// A half follows one side from row to row: its state, and the call that waits.
type half struct {
	s         *sessions.Session
	side      sessions.Side
	calls     []sessions.Call
	journaled bool
	state     State // Shown once the side has a socket
	known     bool  // state.TCP says something
	waiting   bool
}

func newHalf(s *sessions.Session, side sessions.Side) *half {
	return &half{s: s, side: side, calls: s.Calls[side], journaled: s.Journaled[side]}
}

// fill gives the side's half of one row.
func (v *half) fill(r *Placed) Half {
	h := emptyHalf()
	if r.Expires == v.side {
		v.state, v.known = State{Shown: true, TCP: sessions.Closed}, true
		h.State, h.Result = v.state, Result{Kind: Expired}
		return h
	}
	if i := r.Return[v.side]; i >= 0 {
		h.Returns, h.Result, v.waiting = i, v.result(&v.calls[i]), false
	}
	if r.Step >= 0 {
		v.segment(r, &h)
	}
	if i := r.Start[v.side]; i >= 0 {
		v.begin(i, r, &h)
	}
	if v.state.Shown && v.known {
		h.State = v.state
		h.State.Blocked = v.waiting
	}
	return h
}

// segment is the side's part in a row with a captured segment: nothing where it only leaves or only arrives at the other
// side.
func (v *half) segment(r *Placed, h *Half) {
	st := &v.s.Steps[r.Step]
	if sent := st.From == v.side; sent && !r.Departs || !sent && !r.Arrives {
		return
	}
	if tcp := st.States[v.side]; tcp != sessions.Undetermined || !v.known || v.s.Handshake != nil {
		v.state, v.known = State{Shown: true, TCP: tcp}, true
	}
	v.state.Shown = true
	h.Signal = SignalOf(st, v.side)
	if st.From == v.side && !v.journaled {
		h.Implied = implied(st, v.s)
	}
}

// begin is a call that starts in this row.
func (v *half) begin(i int, r *Placed, h *Half) {
	call := &v.calls[i]
	v.state.Shown = true
	h.Begins = i
	if r.Step < 0 {
		v.prepare(call)
		v.resume(call)
		waits := call.Blocked && call.Call != journal.Connect // as in the row of a SYN
		v.waiting = v.waiting || waits || !call.Returns && canWait(call.Call)
	}
	if !call.Blocked {
		h.Result = v.result(call)
	}
}

// canWait reports whether a call that never returned was waiting when its program ended.
func canWait(c journal.Call) bool {
	switch c {
	case journal.Accept, journal.Connect, journal.Recv, journal.RecvInto, journal.Poll, journal.Select, journal.Send:
		return true
	}
	return false
}

// prepare changes the state that a side shows before its first segment.
func (v *half) prepare(call *sessions.Call) {
	switch call.Call {
	case journal.Socket:
		if !v.known {
			v.state.TCP, v.known = sessions.Closed, true
		}
	case journal.Bind:
		if !call.Failed() && v.known && v.state.TCP == sessions.Closed && !v.state.Bound {
			v.state.Bound, v.state.Local = true, call.Addr()
		}
	case journal.Connect:
		if call.Waits == sessions.HeldByLoss { // the SYN left, though it was not captured
			v.state = State{Shown: true, TCP: sessions.SynSent}
			v.known = true
		}
	case journal.Listen:
		if !call.Failed() && (!v.known || v.state.TCP == sessions.Closed) {
			v.state = State{Shown: true, TCP: sessions.Listen}
			v.known = true
		}
	}
}

// resume gives the state that a call before the capture, or one whose handshake was not captured, left behind.
func (v *half) resume(call *sessions.Call) {
	if call.Failed() || !call.Returns || call.Cause >= 0 || v.known && v.state.TCP.IsSynchronised() {
		return
	}
	switch call.Call {
	case journal.Accept, journal.Connect:
		if v.s.Handshake == nil {
			v.state, v.known = State{Shown: true, TCP: sessions.Established}, true
		}
	}
}

// implied is what a segment tells about its sender's call when there is no journal.
func implied(st *sessions.Step, s *sessions.Session) (i Implied) {
	if st.Flags&capture.SYN != 0 && st.Flags&capture.ACK == 0 && st.Marks&sessions.MarkSYNRepeated == 0 {
		i |= ImpliedConnect
	}
	if st.Marks.Has(sessions.MarkNewData) && st.Marks&(sessions.MarkRetransmission|sessions.MarkKeepAlive|sessions.MarkWindowProbe) == 0 {
		i |= ImpliedSend
	}
	if st.Marks.Has(sessions.MarkNewFIN) {
		if takesAfter(s, st) {
			return i | ImpliedShutdown
		}
		i |= ImpliedClose
	}
	return i
}

// takesAfter reports whether the sender of a FIN goes on taking data: its receive window opens again, or it acknowledges
// bytes that came after its FIN, without answering with RST. A closed socket does neither (RFC 9293 section 3.6.1).
func takesAfter(s *sessions.Session, fin *sessions.Step) bool {
	taken := int64(-1)
	for i := range s.Steps {
		st := &s.Steps[i]
		if st.Frame <= fin.Frame {
			continue
		}
		switch {
		case st.From == fin.From && st.Flags&capture.RST != 0:
			return false
		case st.From != fin.From && st.Length > 0 && st.Marks.Has(sessions.MarkNewData) && st.Ack > fin.Offset+int64(fin.Length):
			taken = st.Offset + int64(st.Length)
		case st.From == fin.From && taken > 0 && st.Ack >= taken:
			return true
		}
	}
	return false
}

// ResultKind says what a call gave.
type ResultKind uint8

// The results (docs/ladder.md, Rows 9). NoResult leaves the cell empty.
const (
	NoResult  ResultKind = iota
	Raised               // an exception: Exception and Errno
	Accepted             // Name and Addr
	Connected            // connect() succeeded
	Count                // a number of bytes, or a socket option's value
	Queued               // send() took Value bytes, which left later
	EndOfData            // recv() gave 0: the peer has closed
	Events               // what poll or select reported, as Text
	Expired              // no call's: TIME-WAIT ended
)

// Result is what a result cell says.
type Result struct {
	Kind      ResultKind
	Exception string         // the class that the program's language raises
	Errno     string         // "EAGAIN"
	Repeats   int            // how many equal failing calls the row stands for; valid iff Raised
	Value     int64          // valid iff Count or Queued
	Held      sessions.Held  // valid iff Queued: what held the bytes back
	Before    bool           // the call had returned before the capture began
	Name      string         // the new socket of accept()
	Addr      netip.AddrPort // its peer
	Text      string
}

// result is what a call returned.
func (v *half) result(c *sessions.Call) Result {
	r := v.value(c)
	r.Before = c.Before
	return r
}

// value is a result without what is said about it.
func (v *half) value(c *sessions.Call) Result {
	if !c.Returns {
		return Result{}
	}
	if c.Failed() {
		return Result{Kind: Raised, Exception: Exception(c.Entry), Errno: c.Errno, Repeats: c.Repeats}
	}
	switch c.Call {
	case journal.Accept:
		return Result{Kind: Accepted, Name: v.accepted(c), Addr: c.Addr()}
	case journal.Connect:
		return Result{Kind: Connected}
	case journal.Send:
		if c.Waits == sessions.HeldByNagle || c.Waits == sessions.HeldByWindow {
			return Result{Kind: Queued, Value: c.Value, Held: c.Waits}
		}
		return Result{Kind: Count, Value: c.Value}
	case journal.Recv, journal.RecvInto:
		if c.Value == 0 {
			return Result{Kind: EndOfData}
		}
		return Result{Kind: Count, Value: c.Value}
	case journal.GetSockOpt:
		return Result{Kind: Count, Value: c.Value}
	case journal.Poll, journal.Select:
		return Result{Kind: Events, Text: eventsText(c)}
	}
	return Result{}
}

// accepted is what the table calls the socket that accept() gave.
func (v *half) accepted(c *sessions.Call) string {
	for i := range v.calls {
		if v.calls[i].Socket == c.New && c.New != 0 {
			return v.calls[i].Object
		}
	}
	return "conn"
}

// exceptions are CPython's subclasses of OSError by errno (PEP 3151).
var exceptions = map[string]string{
	"EAGAIN": "BlockingIOError", "EWOULDBLOCK": "BlockingIOError", "EINPROGRESS": "BlockingIOError",
	"EALREADY": "BlockingIOError", "EPIPE": "BrokenPipeError", "ESHUTDOWN": "BrokenPipeError",
	"ECONNABORTED": "ConnectionAbortedError", "ECONNREFUSED": "ConnectionRefusedError",
	"ECONNRESET": "ConnectionResetError", "ETIMEDOUT": "TimeoutError", "EINTR": "InterruptedError",
	"EACCES": "PermissionError", "EPERM": "PermissionError",
}

// Exception is the class that the program's language raises for a failed call; MicroPython has OSError only.
func Exception(e *journal.Entry) string {
	if name, ok := exceptions[e.Errno]; ok && e.Dialect == journal.CPython {
		return name
	}
	return "OSError"
}

// eventsText writes what poll or select reported, the same from every journal: [s: POLLIN, conn1: POLLIN|POLLHUP].
func eventsText(c *sessions.Call) string {
	var parts []string
	for i, r := range c.Ready() {
		name := "fd"
		if i < len(c.Names) {
			name = c.Names[i]
		}
		parts = append(parts, name+": "+strings.Join(journal.EventNames(r.Events), "|"))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
