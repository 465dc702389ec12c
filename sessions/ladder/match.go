package ladder

import (
	"math"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
)

// matchCalls ties a session's calls to its steps: what they sent, and what let them return (docs/ladder.md, Rows 5 and 6).
// The partner is found by the socket and by bytes; time only tells whether a call had to wait.
func matchCalls(s *sessions.Session) {
	for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
		calls := s.Calls[side]
		m := &matching{s: s, side: side, tl: newTimeline(s, side), known: -1}
		m.taken = make([]bool, len(s.Steps))
		m.anchor(calls)
		for i := range calls {
			m.sending(&calls[i])
		}
		for i := range calls {
			m.returning(calls, i)
		}
		m.lostBefore(calls)
		m.lostSYN(calls)
		foldRepeats(calls)
	}
}

// A matching is the work on one side's calls, in program order.
type matching struct {
	s     *sessions.Session
	side  sessions.Side
	tl    *timeline
	taken []bool // steps that a call has already
	sent  int64  // stream offset of the next send()
	read  int64  // stream offset of the next recv()
	first int64  // when the side's first captured segment passed it
	known int    // the latest place of a cause that a call has returned with; what came until then, later calls find there
}

// clockSlack is what a program's clock and a capture's may differ by on one machine: strace stamps before the call, and
// the kernel stamps packets in another context.
const clockSlack = int64(2 * time.Millisecond)

// anchor finds where the journal stands in the streams. From the SYN on both begin at byte 0. A capture that begins in
// the middle is anchored at the first byte that both know: calls that had ended before it are before the capture.
func (m *matching) anchor(calls []sessions.Call) {
	if len(m.tl.events) == 0 {
		return
	}
	m.first = m.tl.events[0].At
	if m.s.RoleFrom == sessions.RoleFromSYN || m.s.RoleFrom == sessions.RoleFromSYNACK {
		return
	}
	var sent, read int64
	for i := range calls {
		c := &calls[i]
		if m.ended(c) >= m.first {
			continue
		}
		c.Before = true
		switch c.Call {
		case journal.Send:
			sent += max(c.Value, 0)
		case journal.Recv, journal.RecvInto:
			read += max(c.Value, 0)
		}
	}
	if sent, read, known := m.streamStart(calls); known {
		m.sent, m.read = sent, read
		beforeBytes(calls, sent, read)
		return
	}
	m.sent, m.read = -sent, -read
	m.align(calls, &m.sent, true)
	m.align(calls, &m.read, false)
}

// beforeBytes marks the calls whose bytes had all passed before the capture, which counts its streams from 0: bytes tell
// better than times.
func beforeBytes(calls []sessions.Call, sent, read int64) {
	for i := range calls {
		c := &calls[i]
		at := &read
		switch {
		case c.Value <= 0:
			continue
		case c.Call == journal.Send:
			at = &sent
		case c.Call != journal.Recv && c.Call != journal.RecvInto:
			continue
		}
		*at += c.Value
		c.Before = *at <= 0
	}
}

// streamStart is where this side's calls begin in the streams (timeline.streamStart).
func (m *matching) streamStart(calls []sessions.Call) (sent, read int64, known bool) {
	return m.tl.streamStart(func(yield func(*journal.Entry) bool) {
		for i := range calls {
			if !yield(calls[i].Entry) {
				return
			}
		}
	})
}

// align shifts an offset so that the first call after the beginning of the capture meets the first captured byte of its
// direction.
func (m *matching) align(calls []sessions.Call, offset *int64, sending bool) {
	from := m.tl.find(func(st *sessions.Step) bool { return (st.From == m.side) == sending && st.Length > 0 })
	if from < 0 {
		return
	}
	*offset += m.tl.steps[from].Offset
	if sending {
		return
	}
	// What had arrived before the capture and is read within it shifts the bytes that a recv() returns.
	var total int64
	for i := range calls {
		if c := &calls[i]; !c.Before && (c.Call == journal.Recv || c.Call == journal.RecvInto) {
			total += max(c.Value, 0)
		}
	}
	if arrived := m.tl.edge[len(m.tl.edge)-1] - m.tl.steps[from].Offset; total > arrived {
		*offset -= total - arrived
	}
}

// ended is when a call had returned, as far as the journal tells.
func (m *matching) ended(c *sessions.Call) int64 {
	if c.HasEnd {
		return c.Until
	}
	return c.At
}

// sending finds the first new segment of a call that sends.
func (m *matching) sending(c *sessions.Call) {
	switch {
	case c.Late:
		return
	case c.Call == journal.Connect:
		if ownsSYN(c) {
			c.Step = m.own(func(st *sessions.Step) bool {
				return st.Flags&(capture.SYN|capture.ACK) == capture.SYN && st.Marks&sessions.MarkSYNRepeated == 0
			})
		}
	case c.Failed():
		return
	case c.Call == journal.Close || c.Call == journal.Shutdown:
		if c.Own {
			c.Step = m.own(func(st *sessions.Step) bool {
				return st.Marks.Has(sessions.MarkNewFIN) || st.Flags&capture.RST != 0 && st.Marks&sessions.MarkIgnored == 0
			})
		}
	case c.Call == journal.Send:
		m.sendingData(c)
	}
	if c.Step >= 0 {
		m.taken[c.Step] = true
	}
}

// ownsSYN reports whether a connect() put the SYN on its way: one that found the socket connecting, connected or failed
// already sent nothing.
func ownsSYN(c *sessions.Call) bool {
	switch c.Errno {
	case "EALREADY", "EISCONN", "ECONNABORTED", "EBADF", "EINVAL":
		return false
	}
	return true
}

// own is the first segment of the side that no call has yet and that fits.
func (m *matching) own(fits func(*sessions.Step) bool) int {
	for _, e := range m.tl.events {
		if st := &m.tl.steps[e.Step]; e.Sent && !m.taken[e.Step] && fits(st) {
			return e.Step
		}
	}
	return -1
}

// sendingData matches one send: the segment that first carried its first byte. When that left later than the call can
// explain, and something held it back, the call was queued.
func (m *matching) sendingData(c *sessions.Call) {
	from := m.sent
	m.sent += max(c.Value, 0)
	if c.Returns && c.Value <= 0 || c.Before {
		return
	}
	step := m.tl.ownByte(from)
	if step < 0 {
		return
	}
	c.Waits = m.heldBack(c, from, step)
	if c.Waits == sessions.NotHeld && !m.taken[step] {
		c.Step = step
	}
}

// heldBack tells why a send's first byte, number from of the stream, left later than the call: because something sent before
// was unacknowledged and the segment small (Nagle's algorithm, RFC 9293 section 3.7.4), or because the peer's window was full.
func (m *matching) heldBack(c *sessions.Call, from int64, step int) sessions.Held {
	if m.tl.at(step)-m.ended(c) <= m.doubt() {
		return sessions.NotHeld
	}
	return m.reason(c, from, step, c.At+m.doubt())
}

// doubt is how much later than a call a segment may seem to leave that left with it: at the far end of the link a time is
// an estimate, because one way may take longer than the other. It does not depend on whose clock the journal was on.
func (m *matching) doubt() int64 { return clockSlack + int64(m.tl.near[m.side])/2 }

// reason is what could hold back a send whose first byte, number from of the stream, left with a step. The program had sent
// all bytes before it, whether or not their segments were captured; what had arrived by a time counts as known to the side.
func (m *matching) reason(c *sessions.Call, from int64, step int, by int64) sessions.Held {
	acked, window, largest := int64(-1), int64(-1), int32(0)
	for _, e := range m.tl.events {
		st := &m.tl.steps[e.Step]
		if e.At > by {
			break
		}
		if e.Sent {
			largest = max(largest, st.Length)
		} else if st.Ack >= 0 {
			acked, window = max(acked, st.Ack), st.Window
		}
	}
	st := &m.tl.steps[step]
	switch {
	case acked < 0: // nothing came before in a capture that begins in the middle
		return sessions.NotHeld
	case m.s.Handshake != nil && window >= 0 && from-acked+int64(st.Length) > window:
		return sessions.HeldByWindow
	case from > acked && (st.Length < m.mss(largest) || int64(st.Length) > max(c.Value, 0)):
		return sessions.HeldByNagle
	}
	return sessions.NotHeld
}

// mss is the largest segment that the side sends: what the SYNs agreed on, or else the largest one it has sent.
func (m *matching) mss(largest int32) int32 {
	if h := m.s.Handshake; h != nil && h.MSS[sessions.Client] > 0 && h.MSS[sessions.Server] > 0 {
		return int32(min(h.MSS[sessions.Client], h.MSS[sessions.Server]))
	}
	if largest == 0 {
		return math.MaxInt32
	}
	return largest
}

// lostBefore parts sends from segments that cannot be the first copy of their bytes: the program had waited for something
// else, or had sent more, before the segment left. The bytes were held back, or the first copy was lost before the capture
// point, which can only be where that is not at the side itself. A program makes its calls one after the other, so that no
// clock is needed to tell.
func (m *matching) lostBefore(calls []sessions.Call) {
	latest := len(m.tl.events) // where what the later calls of the program did begins
	for i := len(calls) - 1; i >= 0; i-- {
		c := &calls[i]
		if c.Call == journal.Send && c.Step >= 0 && m.tl.place[c.Step] > latest {
			held := sessions.HeldByLoss
			c.Repair = c.Step
			if m.tl.near[m.side] == 0 {
				held = m.reason(c, m.tl.steps[c.Step].Offset, c.Step, c.At)
			}
			if held != sessions.NotHeld {
				m.taken[c.Step], c.Step, c.Waits = false, -1, held
			}
		}
		if c.Step >= 0 {
			latest = min(latest, m.tl.place[c.Step])
		}
		if c.Blocked && c.Cause >= 0 {
			latest = min(latest, m.tl.place[c.Cause])
		}
	}
}

// soonestSYN is the least time after which a stack repeats a SYN: 1 s (RFC 6298 section 2.1), less what a clock or a timer
// of a small stack may be off.
const soonestSYN = 900 * time.Millisecond

// lostSYN recognises a connect() whose SYN was lost before the capture point: it waited longer than the handshake that was captured took,
// by as much as a stack waits before it repeats a SYN. Only durations are compared, so that no clock is needed.
func (m *matching) lostSYN(calls []sessions.Call) {
	for i := range calls {
		c := &calls[i]
		if c.Call != journal.Connect || !c.Blocked || !c.HasEnd || c.Step < 0 || c.Cause < 0 || m.tl.near[m.side] == 0 {
			continue
		}
		handshake := time.Duration(m.tl.at(c.Cause) - m.tl.at(c.Step))
		if handshake < soonestSYN && c.Duration-handshake >= soonestSYN {
			c.Waits, c.Repair = sessions.HeldByLoss, c.Step
			m.taken[c.Step], c.Step = false, -1
		}
	}
}

// returning finds what let call i return, and whether it had to wait for it.
func (m *matching) returning(calls []sessions.Call, i int) {
	c := &calls[i]
	c.Cause = m.cause(calls, i)
	if c.Late || c.Cause < 0 || c.Before {
		return
	}
	came := m.tl.at(c.Cause)
	place := m.tl.place[c.Cause]
	// Times of the far end are estimates; a call that took long has certainly waited.
	c.Blocked = (came > c.At || c.HasEnd && c.Duration >= longCall) && place > m.known
	m.known = max(m.known, place)
	// A call that returned before its cause could have come, by the estimate, did not wait for it.
	if c.Blocked && c.HasEnd && int64(c.Duration) < atOnce && came > c.Until && c.Call != journal.Connect {
		c.Blocked = false
	}
	if c.Call == journal.Connect && c.Step < 0 {
		c.Blocked = false
	}
}

// atOnce is the longest that a call takes which waits for nothing, strace's own work included.
const atOnce = int64(200 * time.Microsecond)

// cause is the step that a successful or failed return goes back to, -1 for calls that return by themselves.
func (m *matching) cause(calls []sessions.Call, i int) int {
	c := &calls[i]
	if !c.Returns {
		return -1
	}
	if c.Failed() {
		return m.failure(calls, i)
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
			if fin := m.tl.peerFIN(); fin >= 0 {
				return fin
			}
			return m.tl.peerRST() // the error was reported before, or the stack does not tell a RST from a FIN
		}
		if c.Before {
			return -1
		}
		m.read += c.Value
		c.Read = m.read
		return m.tl.arrival(m.read - c.Value)
	case journal.Poll, journal.Select:
		return m.readiness(calls, i)
	case journal.GetSockOpt:
		return -1
	}
	return -1
}

// failure is what an error goes back to. The first call that tells of a RST has it for its cause; on later ones the
// connection is simply gone.
func (m *matching) failure(calls []sessions.Call, i int) int {
	switch calls[i].Errno {
	case "ECONNRESET", "ECONNREFUSED", "EPIPE", "ECONNABORTED":
		return m.tl.peerRST()
	}
	return -1
}

// readiness is the event that made the session's socket ready.
func (m *matching) readiness(calls []sessions.Call, i int) int {
	c := &calls[i]
	events := c.Events
	switch {
	case len(c.Ready()) == 0:
		return -1
	case events&(journal.PollErr|journal.PollHup) != 0 && m.tl.peerRST() >= 0:
		return m.tl.peerRST()
	case events&journal.PollIn == 0 && events&journal.PollOut != 0:
		if m.side == sessions.Client {
			return m.tl.synack()
		}
		return -1
	case m.side == sessions.Server && !acceptedBefore(calls, c):
		return m.tl.handshakeACK()
	}
	if at := m.tl.arrival(m.read); at >= 0 {
		return at
	}
	return m.tl.peerFIN()
}

// acceptedBefore reports whether the connection had been accepted before a call.
func acceptedBefore(calls []sessions.Call, c *sessions.Call) bool {
	for i := range calls {
		if o := &calls[i]; o.Call == journal.Accept && o.Returns && o.Errno == "" {
			return o.Index < c.Index
		}
	}
	return true
}

// foldRepeats joins calls that fail again and again with EAGAIN or EALREADY, and polls that come back empty again and
// again, into the first of them (docs/ladder.md, Rows 8). Sleeps between them do not part them.
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
		return c.Returns && len(c.Ready()) == 0 && c.Errno == ""
	}
	return c.Errno == "EAGAIN" || c.Errno == "EALREADY"
}

func sameRepeat(a, b *sessions.Call) bool {
	return repeatable(b) && a.Call == b.Call && a.Socket == b.Socket && a.Args == b.Args && a.Errno == b.Errno
}

// makesRow reports whether a call has a row of its own in a table (docs/ladder.md, Rows 15).
func makesRow(c *sessions.Call) bool {
	switch c.Call {
	case journal.Other, journal.SetSockOpt:
		return false
	case journal.Shutdown:
		return c.Step >= 0
	}
	return true
}
