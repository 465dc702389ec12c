package ladder

import (
	"tcptrace/journal"
	"tcptrace/sessions"
)

// A Placed is one line before its cells are filled: a segment that leaves, arrives or does both, a call that sends
// nothing, or what no packet shows. It names steps and calls; half.go fills the cells.
type Placed struct {
	Step             int // index into Steps; -1 for a row without a segment
	Departs, Arrives bool
	Start            sessions.Pair[int] // index into Calls[side] of the call that begins in this row; -1
	Return           sessions.Pair[int] // of the call that had waited and returns in this row; -1
	Expires          sessions.Side      // the side whose TIME-WAIT ends, derived; NoSide otherwise
	At               int64              // capture time of the segment, or start of the call, ns since 1970; 0 for a derived row
}

func newRow(step int) Placed {
	return Placed{Step: step, Start: sessions.Pair[int]{-1, -1}, Return: sessions.Pair[int]{-1, -1}, Expires: sessions.NoSide}
}

// Rows lays out a session's table (docs/ladder.md, Rows 2 and 7). With sleeps, calls of sleep have rows too. In steps:
//
//  1. Each side's segments stand in the order in which that side sent and received them (sessions.Line).
//  2. Its calls are put between them: with the segment that they sent or that let them return, else at their start, but
//     never out of program order.
//  3. The two sides are merged. A segment is one row, unless its receiver sent something or changed its state while it
//     was on the way: then it has two, its departure and its arrival.
func Rows(s *sessions.Session, sleeps bool) []Placed {
	if s.StepsLeftOut > 0 || s.Untimed || s.Backwards {
		return expire(s, captureOrder(s, sleeps))
	}
	m := &merger{s: s, departed: make([]bool, len(s.Steps)), arrives: make([]bool, len(s.Steps))}
	for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
		m.sides[side] = layOut(s, side, newTimeline(s, side), sleeps)
		for _, x := range m.sides[side] {
			if x.step >= 0 && !x.sent {
				m.arrives[x.step] = true
			}
		}
	}
	return expire(s, m.merge())
}

// An item is one thing that happens at one side.
type item struct {
	step    int // -1 for a call's own row
	sent    bool
	call    int // that begins here; -1
	returns int // that returns here; -1
	at      int64
	changes bool // the call changes the side's state
}

// layOut puts a side's calls between its events.
func layOut(s *sessions.Session, side sessions.Side, tl *timeline, sleeps bool) []item {
	begins, returns := map[int]int{}, map[int]int{}
	gaps := make([][]int, len(tl.events)+1) // calls of their own after so many events
	calls := s.Calls[side]
	latest := latestGaps(calls, tl, sleeps)
	low := 0
	for i := range calls {
		c := &calls[i]
		if !shown(c, sleeps) {
			continue
		}
		if c.Step >= 0 {
			begins[c.Step] = i
			low = max(low, tl.place[c.Step]+1)
		} else {
			gap := low
			for gap < len(tl.events) && tl.events[gap].At <= c.At {
				gap++
			}
			if c.Cause >= 0 && !c.Blocked && c.Returns {
				gap = max(gap, tl.place[c.Cause]+1, tl.placeOf(lastRead(c, tl))+1)
			}
			gap = max(min(gap, latest[i]), low)
			gaps[gap] = append(gaps[gap], i)
			low = gap
		}
		if c.Blocked && c.Cause >= 0 {
			returns[c.Cause] = i
			low = max(low, tl.place[c.Cause]+1)
		}
	}
	var out []item
	for k := 0; k <= len(tl.events); k++ {
		for _, i := range gaps[k] {
			out = append(out, item{step: -1, call: i, returns: -1, at: calls[i].At, changes: changesState(&calls[i])})
		}
		if k == len(tl.events) {
			break
		}
		e := tl.events[k]
		x := item{step: e.Step, sent: e.Sent, call: -1, returns: -1, at: e.At}
		if i, ok := begins[e.Step]; ok && e.Sent {
			x.call = i
		}
		if i, ok := returns[e.Step]; ok {
			x.returns = i
		}
		out = append(out, x)
	}
	return out
}

// latestGaps tells for every call how many events may stand before its own row at most: those before the segments that
// it, or a later call of the program, sent or waited for, and those that its result says had not come: the peer's RST if it
// found the connection alive, the SYN+ACK if it found no room to send though nothing had been sent.
func latestGaps(calls []sessions.Call, tl *timeline, sleeps bool) []int {
	latest := make([]int, len(calls))
	most, reset, connected := len(tl.events), tl.placeOf(tl.peerRST()), tl.placeOf(tl.synack())
	early := firstSent(calls)
	for i := len(calls) - 1; i >= 0; i-- {
		c := &calls[i]
		if shown(c, sleeps) {
			if next := tl.placeOf(firstUnread(c, tl)); next >= 0 {
				most = min(most, next)
			}
			if reset >= 0 && foundAlive(c) {
				most = min(most, reset)
			}
			if tl.side == sessions.Client && connected >= 0 && i < early && c.Call == journal.Send && c.Errno == "EAGAIN" {
				most = min(most, connected)
			}
			if c.Blocked && c.Cause >= 0 {
				most = min(most, tl.place[c.Cause])
			}
			if c.Step >= 0 {
				most = min(most, tl.place[c.Step])
			}
			if c.Waits == sessions.HeldByLoss {
				most = min(most, tl.place[c.Repair])
			}
		}
		latest[i] = most
	}
	return latest
}

// lastRead is the step that brought the last byte that a recv() returned, -1 for other calls.
func lastRead(c *sessions.Call, tl *timeline) int {
	if c.Call != journal.Recv && c.Call != journal.RecvInto || c.Value <= 0 || c.Before {
		return -1
	}
	return tl.arrival(c.Read - 1)
}

// firstUnread is the step that brought the byte behind those that a recv() returned, when it had room for more: that one had
// not come yet.
func firstUnread(c *sessions.Call, tl *timeline) int {
	if lastRead(c, tl) < 0 || c.Value >= int64(c.Asked) {
		return -1
	}
	return tl.arrival(c.Read)
}

// firstSent is the number of the first call that sent something.
func firstSent(calls []sessions.Call) int {
	for i := range calls {
		if c := &calls[i]; c.Call == journal.Send && c.Value > 0 {
			return i
		}
	}
	return len(calls)
}

// foundAlive reports whether a call's result says that no RST had arrived: after one, a socket takes nothing and has nothing
// to wait for.
func foundAlive(c *sessions.Call) bool {
	switch {
	case !c.Own || !c.Returns:
		return false
	case c.Errno == "EAGAIN" || c.Errno == "EALREADY" || c.Errno == "EINPROGRESS":
		return true
	}
	return c.Call == journal.Send && c.Value > 0
}

// shown reports whether a call has a place in the table.
func shown(c *sessions.Call, sleeps bool) bool {
	return c.Repeats != 0 && makesRow(c) && (c.Call != journal.Sleep || sleeps)
}

// changesState reports whether a call without a segment changes what its side's state cell says.
func changesState(c *sessions.Call) bool {
	switch c.Call {
	case journal.Socket, journal.Bind, journal.Listen:
		return true
	}
	return false
}

// A merger makes rows of the items of both sides.
type merger struct {
	s        *sessions.Session
	sides    sessions.Pair[[]item]
	departed []bool // by step
	arrives  []bool // by step: it has an arrival
	rows     []Placed
}

func (m *merger) next(side sessions.Side) *item {
	if len(m.sides[side]) == 0 {
		return nil
	}
	return &m.sides[side][0]
}

func (m *merger) pop(side sessions.Side) { m.sides[side] = m.sides[side][1:] }

// merge takes items until none is left.
func (m *merger) merge() []Placed {
	for m.next(sessions.Client) != nil || m.next(sessions.Server) != nil {
		a, b := m.next(sessions.Client), m.next(sessions.Server)
		switch {
		case a != nil && b != nil && a.step >= 0 && a.step == b.step:
			m.whole()
		case m.landing(a) && (!m.landing(b) || a.at <= b.at):
			m.emit(sessions.Client)
		case m.landing(b):
			m.emit(sessions.Server)
		default:
			m.emit(m.choose(a, b))
		}
	}
	return m.rows
}

// landing reports whether an item is the arrival of a segment whose departure stands already.
func (m *merger) landing(x *item) bool {
	return x != nil && x.step >= 0 && !x.sent && m.departed[x.step]
}

// choose picks the side whose item comes next, when neither is one row for both.
func (m *merger) choose(a, b *item) sessions.Side {
	waits := func(x *item) bool { return x == nil || x.step >= 0 && !x.sent } // for a departure on the other side
	switch {
	case waits(a) && waits(b):
		return m.untie(a, b)
	case waits(a):
		return sessions.Server
	case waits(b):
		return sessions.Client
	case quiet(a) && !quiet(b) && m.arrives[max(b.step, 0)] && b.step >= 0:
		return sessions.Client // a call during the flight of a segment does not part it
	case quiet(b) && !quiet(a) && m.arrives[max(a.step, 0)] && a.step >= 0:
		return sessions.Server
	case a.at <= b.at:
		return sessions.Client
	}
	return sessions.Server
}

// quiet reports whether an item is a call's own row that changes no state.
func quiet(x *item) bool { return x.step < 0 && !x.changes }

// untie ends a wait of both sides for each other, which contradictory times can make: the segment that was captured first
// departs.
func (m *merger) untie(a, b *item) sessions.Side {
	side := sessions.Client
	if a == nil || b != nil && b.step < a.step {
		side = sessions.Server
	}
	step := m.next(side).step
	from := side.Other()
	for k := range m.sides[from] {
		if x := m.sides[from][k]; x.step == step && x.sent {
			rest := append([]item{x}, m.sides[from][:k]...)
			m.sides[from] = append(rest, m.sides[from][k+1:]...)
			return from
		}
	}
	m.departed[step] = true // it has no departure that is kept
	return side
}

// whole emits a segment that leaves and arrives in one row.
func (m *merger) whole() {
	a, b := m.next(sessions.Client), m.next(sessions.Server)
	r := newRow(a.step)
	r.Departs, r.Arrives, r.At = true, true, m.s.Steps[a.step].Time
	r.Start, r.Return = sessions.Pair[int]{a.call, b.call}, sessions.Pair[int]{a.returns, b.returns}
	m.departed[a.step] = true
	m.rows = append(m.rows, r)
	m.pop(sessions.Client)
	m.pop(sessions.Server)
}

// emit makes a row of one side's next item.
func (m *merger) emit(side sessions.Side) {
	x := m.next(side)
	r := newRow(x.step)
	r.Start[side], r.Return[side], r.At = x.call, x.returns, x.at
	if x.step >= 0 {
		r.At = m.s.Steps[x.step].Time
		r.Departs, r.Arrives = x.sent, !x.sent
		m.departed[x.step] = true
	}
	m.rows = append(m.rows, r)
	m.pop(side)
}

// captureOrder lays a session out by capture time alone: where times cannot be trusted, or steps are missing in the
// middle, a side's own order cannot be told.
func captureOrder(s *sessions.Session, sleeps bool) []Placed {
	rows := make([]Placed, 0, len(s.Steps))
	next := sessions.Pair[int]{}
	var gap [2]int64 // the time of the steps that were not kept: nor are its calls
	if s.StepsLeftOut > 0 && s.StepsHead > 0 && s.StepsHead < len(s.Steps) {
		gap = [2]int64{s.Steps[s.StepsHead-1].Time, s.Steps[s.StepsHead].Time}
	}
	calls := func(until int64, all bool) {
		for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
			for next[side] < len(s.Calls[side]) {
				c := &s.Calls[side][next[side]]
				if !all && c.At > until {
					break
				}
				if shown(c, sleeps) && c.Step < 0 && (c.At <= gap[0] || c.At >= gap[1]) {
					r := newRow(-1)
					r.Start[side], r.At = next[side], c.At
					rows = append(rows, r)
				}
				next[side]++
			}
		}
	}
	starts, returns := callsBySteps(s, sleeps)
	for i := range s.Steps {
		calls(s.Steps[i].Time, false)
		r := newRow(i)
		r.Departs, r.Arrives, r.At = true, s.Steps[i].Marks&sessions.MarkLost == 0, s.Steps[i].Time
		for side := range s.Calls {
			if k, ok := starts[side][i]; ok {
				r.Start[side] = k
			}
			if k, ok := returns[side][i]; ok {
				r.Return[side] = k
			}
		}
		rows = append(rows, r)
	}
	calls(0, true)
	return rows
}

// callsBySteps tells for every step the call that sent it, and the one that it let return.
func callsBySteps(s *sessions.Session, sleeps bool) (starts, returns sessions.Pair[map[int]int]) {
	for side := range s.Calls {
		starts[side], returns[side] = map[int]int{}, map[int]int{}
		for k := range s.Calls[side] {
			c := &s.Calls[side][k]
			if !shown(c, sleeps) {
				continue
			}
			if c.Step >= 0 {
				starts[side][c.Step] = k
			}
			if c.Blocked && c.Cause >= 0 {
				returns[side][c.Cause] = k
			}
		}
	}
	return starts, returns
}

// expire adds the row in which TIME-WAIT ends, which no packet shows.
func expire(s *sessions.Session, rows []Placed) []Placed {
	for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
		if s.States[side] == sessions.TimeWait && len(s.Steps) > 0 {
			r := newRow(-1)
			r.Expires = side
			rows = append(rows, r)
		}
	}
	return rows
}
