package lecture

import (
	"slices"

	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// The notebook's columns by number.
const (
	clientCall = iota
	clientState
	clientSignal
	clientResult
	serverCall
	serverState
	serverSignal
	serverResult
	notebookColumns
)

// compare puts two ladders side by side: rows of the same segment stand in one row, and what differs is marked.
func compare(w words.Lecture, a, b document.Table) document.Table {
	t := document.Table{Header: heads(w.CompareColumns()...)}
	next := 0
	for i := 0; i < len(a.Rows); {
		j := match(a.Rows[i], b.Rows, next)
		switch {
		case signal(a.Rows[i]) != "" && j >= 0:
			for ; next < j; next++ {
				t.Rows = append(t.Rows, side(w, nil, b.Rows[next]))
			}
			t.Rows = append(t.Rows, side(w, a.Rows[i], b.Rows[j]))
			next, i = j+1, i+1
		case signal(a.Rows[i]) != "":
			t.Rows = append(t.Rows, side(w, a.Rows[i], nil))
			i++
		default:
			// A call that sends nothing: the same call of the other run, if it comes before the next segment there.
			if k := sameCall(a.Rows[i], b.Rows, next); k >= 0 {
				for ; next < k; next++ {
					t.Rows = append(t.Rows, side(w, nil, b.Rows[next]))
				}
				t.Rows = append(t.Rows, side(w, a.Rows[i], b.Rows[k]))
				next = k + 1
			} else {
				t.Rows = append(t.Rows, side(w, a.Rows[i], nil))
			}
			i++
		}
	}
	for ; next < len(b.Rows); next++ {
		t.Rows = append(t.Rows, side(w, nil, b.Rows[next]))
	}
	return t
}

// signal is a row's segment from the client's point of view, "" for a row without one.
func signal(row []document.Cell) string { return row[clientSignal].Text() }

// match finds the next row with the same segment.
func match(row []document.Cell, rows [][]document.Cell, from int) int {
	for j := from; j < len(rows); j++ {
		if signal(rows[j]) == signal(row) {
			return j
		}
	}
	return -1
}

// sameCall finds the row of the same call before the next segment.
func sameCall(row []document.Cell, rows [][]document.Cell, from int) int {
	for j := from; j < len(rows) && signal(rows[j]) == ""; j++ {
		if bare(rows[j][clientCall]) == bare(row[clientCall]) && bare(rows[j][serverCall]) == bare(row[serverCall]) {
			return j
		}
	}
	return -1
}

// bare is a call without how often it was made.
func bare(c document.Cell) string {
	for _, s := range c {
		if s.Kind == document.Code {
			return s.Text
		}
	}
	return c.Text()
}

// side is one row: the segment, each run's calls with their results, and whether they differ.
func side(w words.Lecture, a, b []document.Cell) []document.Cell {
	row := make([]document.Cell, 6)
	for i, run := range [2][]document.Cell{a, b} {
		if run == nil {
			continue
		}
		row[2*i+1], row[2*i+2] = doing(run, clientCall), doing(run, serverCall)
		row[0] = run[clientSignal]
	}
	mark := ""
	switch {
	case a == nil:
		mark = w.OnlyNonBlocking()
	case b == nil:
		mark = w.OnlyBlocking()
	case row[1].Text() != row[3].Text() || row[2].Text() != row[4].Text():
		mark = w.Differs()
	}
	row[5] = text(mark)
	return row
}

// doing is a side's call, the waiting it causes and its result, in one cell.
func doing(row []document.Cell, call int) (c document.Cell) {
	c = append(c, row[call]...)
	if state := row[call+1].Text(); len(row[call]) > 0 && len(state) > 5 && state[:5] == "BLOCK" {
		c = append(c, document.Span{Text: " BLOCK"})
	}
	result := row[call+3]
	if len(c) > 0 && len(result) > 0 {
		c = append(c, document.Span{Text: " → "})
	}
	return append(c, result...)
}

// sameSegments reports whether two sessions' segments are the same, in order, by direction, kind and length; carrying says that
// only those count that carry something, not bare ACKs.
func sameSegments(a, b *sessions.Session, carrying bool) bool {
	return slices.Equal(segmentList(a, carrying), segmentList(b, carrying))
}

func segmentList(s *sessions.Session, carrying bool) (list []string) {
	for i := range s.Steps {
		if st := &s.Steps[i]; !carrying || kindOf(st) != "ACK" {
			list = append(list, signalOf(st, sessions.Client))
		}
	}
	return list
}
