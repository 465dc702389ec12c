package lecture

import (
	"fmt"
	"slices"
	"strings"

	"tcptrace/journal"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// eventsOf writes a value as its names.
func eventsOf(value uint16) string { return strings.Join(journal.EventNames(value), " + ") }

// seenEvents counts what poll() and select() reported, by dialect and value.
type seenEvents [2]map[uint16]int

func (r *Runs) events() seenEvents {
	seen := seenEvents{map[uint16]int{}, map[uint16]int{}}
	for _, t := range append([]*sessions.Trace{r.Blocking, r.NonBlocking, r.Exchange}, r.Others...) {
		if t == nil {
			continue
		}
		for i := range t.Journals {
			for _, e := range t.Journals[i].Entries {
				for _, one := range e.Ready() {
					if e.Call == journal.Poll {
						seen[e.Dialect][one.Events]++
					}
				}
			}
		}
	}
	return seen
}

// of counts how often a bit was reported.
func (s seenEvents) of(d journal.Dialect, bit uint16) (n int) {
	for value, times := range s[d] {
		if value&bit != 0 {
			n += times
		}
	}
	return n
}

// eventTable is the notebook's table of events, with what holds on each system and how often the runs, which may be the lab's, had it.
func eventTable(w words.Lecture, seen seenEvents, lab bool) document.Table {
	t := document.Table{Header: heads(w.EventColumns(lab)...)}
	for i, e := range journal.Events {
		row := []document.Cell{text("`" + e.Name + "`"), text("%d", e.Bit), text(w.EventCPython()[i]), text(w.EventPico()[i])}
		row = append(row, text("%s", times(w, seen.of(journal.CPython, e.Bit))), text("%s", times(w, seen.of(journal.MicroPython, e.Bit))))
		t.Rows = append(t.Rows, row)
	}
	t.Rows = append(t.Rows, []document.Cell{text("`POLLEXT`"), text("—"), text(w.NoPollExt()), text(w.NoPollExt()), nil, nil})
	return t
}

func times(w words.Lecture, n int) string {
	if n == 0 {
		return w.NotObserved()
	}
	return fmt.Sprintf("%d×", n)
}

// valueTable lists the values that were observed, which are sums of events.
func valueTable(w words.Lecture, seen seenEvents) (t document.Table, any bool) {
	t = document.Table{Header: heads(w.ValueColumns()...), Numeric: []bool{true}}
	var values []uint16
	for d := range seen {
		for v := range seen[d] {
			if !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
	}
	slices.Sort(values)
	for _, v := range values {
		t.Rows = append(t.Rows, []document.Cell{text("%d", v), text("%s", eventsOf(v)), text(w.ValueMeaning()[v]),
			text("%s", times(w, seen[journal.CPython][v])), text("%s", times(w, seen[journal.MicroPython][v]))})
	}
	return t, len(values) > 0
}
