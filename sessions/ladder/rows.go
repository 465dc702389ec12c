package ladder

import (
	"sort"

	"tcptrace/journal"
	"tcptrace/sessions"
)

// A Placed is one line before its cells are filled of a session's table: a segment, a call that sends nothing, or what no packet shows. It names
// steps and calls; half.go fills the cells.
type Placed struct {
	Step    int                // index into Steps; -1 for a row without a segment
	Start   sessions.Pair[int] // index into Calls[side] of the call that begins in this row; -1
	Return  sessions.Pair[int] // of the call that had waited and returns in this row; -1
	Expires sessions.Side      // the side whose TIME-WAIT ends, derived; NoSide otherwise
	At      int64              // time of the segment or the call, ns since 1970; 0 for a derived row
}

func newRow(step int) Placed {
	return Placed{Step: step, Start: sessions.Pair[int]{-1, -1}, Return: sessions.Pair[int]{-1, -1}, Expires: sessions.NoSide}
}

// Rows lays out a session's table (ladder.md, Rows). With sleeps, calls of sleep have rows too.
func Rows(s *sessions.Session, sleeps bool) []Placed {
	rows := make([]Placed, len(s.Steps))
	for i := range s.Steps {
		rows[i] = newRow(i)
		rows[i].At = s.Steps[i].Time
	}
	var loose []looseRow
	for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
		loose = append(loose, layOut(s, side, rows, sleeps)...)
	}
	return expire(s, mergeRows(rows, loose))
}

// A looseRow is a call's own row: it stands after the first gap segments.
type looseRow struct {
	gap int
	at  int64 // time within the gap
	row Placed
}

// layOut gives each of a side's calls its place: in the row of its segment, or in a row of its own at its start, but
// never before the side's previous row (ladder.md, Rows 7).
func layOut(s *sessions.Session, side sessions.Side, rows []Placed, sleeps bool) (loose []looseRow) {
	gap, at := 0, int64(-1)<<62
	after := func(step int) {
		if step+1 > gap {
			gap, at = step+1, s.Steps[step].Time
		}
	}
	for i := range s.Calls[side] {
		c := &s.Calls[side][i]
		if c.Repeats == 0 || !makesRow(c) || c.Call == journal.Sleep && !sleeps {
			continue
		}
		if c.Step >= 0 {
			rows[c.Step].Start[side] = i
			after(c.Step)
		} else {
			if before := sort.Search(len(s.Steps), func(k int) bool { return s.Steps[k].Time > c.At }); before > gap {
				gap, at = before, c.At
			}
			at = max(at, c.At)
			r := newRow(-1)
			r.Start[side], r.At = i, c.At
			loose = append(loose, looseRow{gap, at, r})
		}
		if c.Blocked && c.Cause >= 0 {
			rows[c.Cause].Return[side] = i
			after(c.Cause)
		}
	}
	return loose
}

// mergeRows puts the calls' own rows between the segments.
func mergeRows(rows []Placed, loose []looseRow) []Placed {
	sort.SliceStable(loose, func(i, j int) bool {
		if loose[i].gap != loose[j].gap {
			return loose[i].gap < loose[j].gap
		}
		return loose[i].at < loose[j].at
	})
	out := make([]Placed, 0, len(rows)+len(loose)+2)
	n := 0
	for i := 0; i <= len(rows); i++ {
		for n < len(loose) && loose[n].gap == i {
			out = append(out, loose[n].row)
			n++
		}
		if i < len(rows) {
			out = append(out, rows[i])
		}
	}
	return out
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
