package render

import (
	"fmt"
	"net/netip"
	"strconv"
	"tcptrace/render/document"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
)

// A sideView follows one side from row to row: its state, and the call it waits in.
type sideView struct {
	l         *ladder
	side      sessions.Side
	calls     []sessions.Call
	journaled bool
	shown     bool   // the side has a socket
	state     string // "" before the first row
	waiting   *sessions.Call
}

// cells fills the side's half of one row.
func (v *sideView) cells(r sessions.Row) (c sideCells) {
	if r.Expires == v.side {
		v.state = sessions.Closed.String()
		return sideCells{state: document.NewCell(document.Plain, v.state), result: document.NewCell(document.Emphasis, v.l.w.LadderExpired)}
	}
	if i := r.Return[v.side]; i >= 0 {
		call := &v.calls[i]
		v.waiting = nil
		c.call = document.NewCell(document.Emphasis, "(UNBLOCK "+callName(call)+")")
		c.result = v.result(call)
	}
	if r.Step >= 0 {
		v.segment(&v.l.s.Steps[r.Step], &c)
	}
	if i := r.Start[v.side]; i >= 0 {
		v.begin(&v.calls[i], r, &c)
	}
	if v.shown && v.state != "" {
		c.state = document.NewCell(document.Plain, v.stateText())
	}
	return c
}

func (v *sideView) stateText() string {
	if v.waiting != nil {
		return "BLOCK (" + v.state + ")"
	}
	return v.state
}

// segment is the side's part in a captured segment.
func (v *sideView) segment(st *sessions.Step, c *sideCells) {
	v.shown = true
	v.state = st.States[v.side].String()
	c.signal = v.l.signal(st, v.side)
	if st.From == v.side && !v.journaled && c.call == nil {
		c.call = implied(st)
	}
}

// begin is a call that starts in this row.
func (v *sideView) begin(call *sessions.Call, r sessions.Row, c *sideCells) {
	v.shown = true
	started := document.Cell{{Kind: document.Code, Text: object(call) + call.Args}}
	if call.Repeats > 1 {
		started = append(started, document.Span{Kind: document.Plain, Text: fmt.Sprintf(" ♻️×%d", call.Repeats)})
	}
	c.call = append(started, emphasised(c.call)...)
	if r.Step < 0 {
		v.prepare(call)
	}
	waits := call.Blocked || !call.Returns && waitingCall(call.Call)
	if waits && r.Step < 0 {
		v.waiting = call
	}
	if !call.Blocked {
		c.result = v.result(call)
	}
}

// emphasised puts a space before what already stands in a cell.
func emphasised(c document.Cell) document.Cell {
	if len(c) == 0 {
		return nil
	}
	return append(document.Cell{{Kind: document.Plain, Text: " "}}, c...)
}

// waitingCall reports whether a call that never returned was waiting when its program ended.
func waitingCall(c journal.Call) bool {
	switch c {
	case journal.Accept, journal.Connect, journal.Recv, journal.RecvInto, journal.Poll, journal.Select, journal.Send:
		return true
	}
	return false
}

// prepare changes the state that a side shows before its first segment.
func (v *sideView) prepare(call *sessions.Call) {
	switch call.Call {
	case journal.Socket:
		if v.state == "" {
			v.state = sessions.Closed.String()
		}
	case journal.Bind:
		if !call.Failed() && v.state == sessions.Closed.String() {
			v.state = fmt.Sprintf("%s (local %s)", sessions.Closed, hostPort(call.Addr))
		}
	case journal.Listen:
		if !call.Failed() && v.before() {
			v.state = sessions.Listen.String()
		}
	}
}

// before reports whether no segment has been shown yet.
func (v *sideView) before() bool {
	return v.state == "" || len(v.state) >= 6 && v.state[:6] == sessions.Closed.String()
}

func hostPort(a netip.AddrPort) string {
	if !a.IsValid() {
		return "?"
	}
	return a.String()
}

// implied is what a segment tells about its sender's call when there is no journal.
func implied(st *sessions.Step) (c document.Cell) {
	add := func(name string) {
		if len(c) > 0 {
			c = append(c, document.Span{Kind: document.Plain, Text: " "})
		}
		c = append(c, document.Span{Kind: document.Emphasis, Text: "(" + name + ")"})
	}
	if st.Flags&capture.SYN != 0 && st.Flags&capture.ACK == 0 && st.Marks&sessions.MarkSYNRepeated == 0 {
		add("connect")
	}
	probe := st.Marks&(sessions.MarkKeepAlive|sessions.MarkWindowProbe) != 0
	if st.Marks.Has(sessions.MarkNewData) && st.Marks&sessions.MarkRetransmission == 0 && !probe {
		add("send")
	}
	if st.Marks.Has(sessions.MarkNewFIN) {
		add("close")
	}
	return c
}

// signal is a segment from one side's point of view.
func (l *ladder) signal(st *sessions.Step, side sessions.Side) document.Cell {
	name := l.signalName(st)
	if st.From == side {
		return document.NewCell(document.Plain, name+" →")
	}
	return document.NewCell(document.Plain, "← "+name)
}

// signalName is the segment without its arrow (ladder.md, Rows 3).
func (l *ladder) signalName(st *sessions.Step) string {
	if st.Marks&(sessions.MarkKeepAlive|sessions.MarkWindowProbe) != 0 {
		return l.w.LadderProbe
	}
	name := ""
	add := func(part string) {
		if name != "" {
			name += "+"
		}
		name += part
	}
	f := st.Flags
	switch {
	case f&capture.RST != 0:
		return "RST"
	case f.Has(capture.SYN | capture.ACK):
		add("SYN+ACK")
	case f&capture.SYN != 0:
		add("SYN")
	}
	if st.Length > 0 {
		add("Data[" + strconv.Itoa(int(st.Length)) + "]")
	}
	if f&capture.FIN != 0 {
		add("FIN")
	}
	if name == "" {
		name = "ACK"
	}
	repeated := st.Marks&(sessions.MarkRetransmission|sessions.MarkSYNRepeated) != 0 ||
		f&capture.FIN != 0 && st.Marks&sessions.MarkNewFIN == 0 && st.Length == 0
	if repeated {
		name = "♺ " + name
	}
	if st.Marks.Has(sessions.MarkSpurious) {
		name += " " + l.w.LadderSpurious
	}
	return name
}

// result is what a call returned (ladder.md, Rows 9).
func (v *sideView) result(c *sessions.Call) document.Cell {
	w := v.l.w
	if !c.Returns {
		return nil
	}
	if c.Failed() {
		text := exception(c) + ": " + c.Errno
		if c.Repeats > 1 {
			text += " ×" + strconv.Itoa(c.Repeats)
		}
		return document.NewCell(document.Plain, text)
	}
	switch c.Call {
	case journal.Accept:
		return document.NewCell(document.Plain, acceptResult(c, v.calls))
	case journal.Connect:
		return document.NewCell(document.Plain, w.LadderConnected)
	case journal.Send:
		if c.Queued {
			return document.NewCell(document.Plain, strconv.FormatInt(c.Value, 10)+" "+w.LadderQueued)
		}
		return document.NewCell(document.Plain, strconv.FormatInt(c.Value, 10))
	case journal.Recv, journal.RecvInto:
		if c.Value == 0 {
			return document.NewCell(document.Plain, w.LadderEndOfData)
		}
		return document.NewCell(document.Plain, strconv.FormatInt(c.Value, 10))
	case journal.GetSockOpt:
		return document.NewCell(document.Plain, strconv.FormatInt(c.Value, 10))
	case journal.Poll, journal.Select:
		return document.NewCell(document.Plain, c.Text)
	}
	return nil
}

// acceptResult is `conn, addr = ("192.168.1.3", 42274)`, with the name of the new socket.
func acceptResult(c *sessions.Call, calls []sessions.Call) string {
	name := "conn"
	for i := range calls {
		if calls[i].Socket == c.New && c.New != 0 {
			name = calls[i].Object
			break
		}
	}
	return fmt.Sprintf("%s, addr = (%q, %d)", name, c.Addr.Addr().Unmap().String(), c.Addr.Port())
}

// exceptions are CPython's subclasses of OSError by errno (PEP 3151).
var exceptions = map[string]string{
	"EAGAIN": "BlockingIOError", "EWOULDBLOCK": "BlockingIOError", "EINPROGRESS": "BlockingIOError",
	"EALREADY": "BlockingIOError", "EPIPE": "BrokenPipeError", "ESHUTDOWN": "BrokenPipeError",
	"ECONNABORTED": "ConnectionAbortedError", "ECONNREFUSED": "ConnectionRefusedError",
	"ECONNRESET": "ConnectionResetError", "ETIMEDOUT": "TimeoutError", "EINTR": "InterruptedError",
	"EACCES": "PermissionError", "EPERM": "PermissionError",
}

// exception is the class that the program's language raises; MicroPython has OSError only.
func exception(c *sessions.Call) string {
	if name, ok := exceptions[c.Errno]; ok && c.Dialect == journal.CPython {
		return name
	}
	return "OSError"
}
