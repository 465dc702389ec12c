package ladder

import (
	"sort"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
)

// The window in which a call's own segment must lie (ladder.md, Rows 5).
const (
	sendEarly = 200 * time.Microsecond
	sendLate  = 6 * time.Millisecond
)

// matchCalls ties a session's calls to its steps: what they sent, and what let them return.
func matchCalls(s *sessions.Session) {
	for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
		calls := s.Calls[side]
		m := &matching{s: s, side: side, tl: newTimeline(s, side), bound: int64(s.ClockBound[side])}
		m.taken = make([]bool, len(s.Steps))
		for i := range calls {
			m.sending(&calls[i])
		}
		for i := range calls {
			m.returning(&calls[i])
		}
		foldRepeats(calls)
	}
}

// A matching is the work on one side's calls, in program order.
type matching struct {
	s     *sessions.Session
	side  sessions.Side
	tl    *timeline
	bound int64
	taken []bool // steps that a call has already
	sent  int64  // bytes that the sends so far have taken
	read  int64  // bytes that the recvs so far have returned
}

// sending finds the first new segment of a call that sends.
func (m *matching) sending(c *sessions.Call) {
	if c.Failed() && c.Errno != "EINPROGRESS" && c.Call != journal.Connect || c.Late {
		return
	}
	switch c.Call {
	case journal.Connect:
		c.Step = m.own(c, func(st *sessions.Step) bool {
			return st.Flags&capture.SYN != 0 && st.Marks&sessions.MarkSYNRepeated == 0
		})
	case journal.Close, journal.Shutdown:
		c.Step = m.own(c, func(st *sessions.Step) bool {
			return st.Marks.Has(sessions.MarkNewFIN) || st.Flags&capture.RST != 0
		})
	case journal.Send:
		m.sendingData(c)
	}
	if c.Step >= 0 {
		m.taken[c.Step] = true
	}
}

// sendingData matches one send: the segment that first carried its first byte. Bytes that travelled in the segment of
// an earlier send, or outside the window, were queued (Nagle's algorithm, or the peer's window).
func (m *matching) sendingData(c *sessions.Call) {
	from := m.sent
	m.sent += max(c.Value, 0)
	if c.Returns && c.Value <= 0 {
		return
	}
	known := m.s.RoleFrom == sessions.RoleFromSYN && m.s.Handshake != nil
	c.Step = m.own(c, func(st *sessions.Step) bool {
		if !st.Marks.Has(sessions.MarkNewData) || st.Flags&capture.RST != 0 {
			return false
		}
		return !known || st.Offset <= from && from < st.Offset+int64(st.Length)
	})
	c.Queued = c.Step < 0
}

// own is the first segment of the side within the call's window that no call has yet and that fits.
func (m *matching) own(c *sessions.Call, fits func(*sessions.Step) bool) int {
	end := c.At
	if c.HasEnd {
		end = c.Until
	}
	from, to := c.At-int64(sendEarly)-m.bound, end+int64(sendLate)+m.bound
	steps := m.tl.steps
	first, ordered := 0, !m.s.Backwards && !m.s.Untimed
	if ordered {
		first = sort.Search(len(steps), func(i int) bool { return steps[i].Time >= from })
	}
	for i := first; i < len(steps); i++ {
		st := &steps[i]
		if st.Time > to && ordered {
			break
		}
		if st.From == m.side && st.Time >= from && st.Time <= to && !m.taken[i] && fits(st) {
			return i
		}
	}
	return -1
}

// returning finds what let a call return, and whether it had to wait for it (ladder.md, Rows 6).
func (m *matching) returning(c *sessions.Call) {
	c.Cause = m.cause(c)
	if c.Late || c.Cause < 0 {
		return
	}
	c.Blocked = m.tl.steps[c.Cause].Time > c.At
	if c.Call == journal.Connect && c.Step < 0 {
		c.Blocked = false
	}
}

// cause is the step that a successful or failed return goes back to, -1 for calls that return by themselves.
func (m *matching) cause(c *sessions.Call) int {
	if !c.Returns {
		return -1
	}
	if c.Failed() {
		return m.failure(c)
	}
	switch c.Call {
	case journal.Accept:
		return m.tl.handshakeACK()
	case journal.Connect:
		return m.tl.synack()
	case journal.Recv, journal.RecvInto:
		if c.Value == 0 {
			if c.Asked == 0 && c.Call == journal.Recv {
				return -1
			}
			return m.tl.peerFIN()
		}
		m.read += c.Value
		return m.tl.arrival(m.read - c.Value)
	case journal.Poll, journal.Select:
		return m.readiness(c)
	}
	return -1
}

// failure is what an error goes back to.
func (m *matching) failure(c *sessions.Call) int {
	switch c.Errno {
	case "ECONNRESET", "ECONNREFUSED", "EPIPE", "ECONNABORTED":
		return m.tl.peerRST()
	}
	return -1
}

// readiness is the event that made the session's socket ready.
func (m *matching) readiness(c *sessions.Call) int {
	events := c.Events
	switch {
	case len(c.Ready) == 0:
		return -1
	case events&(journal.PollErr|journal.PollHup) != 0 && m.tl.peerRST() >= 0:
		return m.tl.peerRST()
	case events&journal.PollIn == 0 && events&journal.PollOut != 0:
		if m.side == sessions.Client {
			return m.tl.synack()
		}
		return -1
	case m.side == sessions.Server && !m.acceptedBefore(c):
		return m.tl.handshakeACK()
	}
	if at := m.tl.arrival(m.read); at >= 0 {
		return at
	}
	return m.tl.peerFIN()
}

// acceptedBefore reports whether the connection had been accepted before this call.
func (m *matching) acceptedBefore(c *sessions.Call) bool {
	for i := range m.s.Calls[m.side] {
		o := &m.s.Calls[m.side][i]
		if o.Call == journal.Accept && o.Returns && o.Errno == "" {
			return o.Index < c.Index
		}
	}
	return true
}

// foldRepeats joins calls that fail again and again with EAGAIN, and polls that come back empty again and again, into
// the first of them (ladder.md, Rows 8). Sleeps between them do not part them.
func foldRepeats(calls []sessions.Call) {
	var first *sessions.Call
	for i := range calls {
		c := &calls[i]
		switch {
		case c.Call == journal.Sleep, !makesRow(c):
		case first != nil && sameRepeat(first, c):
			first.Repeats++
			first.LastAt = c.At
			c.Repeats = 0
		case repeatable(c):
			first = c
			first.LastAt = c.At
		default:
			first = nil
		}
	}
}

// repeatable reports whether a call can be the start of a run of equal failures.
func repeatable(c *sessions.Call) bool {
	if c.Call == journal.Poll || c.Call == journal.Select {
		return c.Returns && len(c.Ready) == 0 && c.Errno == ""
	}
	return c.Errno == "EAGAIN"
}

func sameRepeat(a, b *sessions.Call) bool {
	return repeatable(b) && a.Call == b.Call && a.Socket == b.Socket && a.Args == b.Args
}

// makesRow reports whether a call has a row of its own in a table (ladder.md, Rows 15).
func makesRow(c *sessions.Call) bool {
	switch c.Call {
	case journal.Other, journal.SetSockOpt:
		return false
	case journal.Shutdown:
		return c.Step >= 0
	}
	return true
}
