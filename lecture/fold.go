package lecture

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tcptrace/sessions"
	"tcptrace/words"
)

// foldCell is a cell that stands for equal cycles of the application, as the ladder writes them:
// "… 30 × (Data[23] → / ← Data[36]), every 1.024 s".
var foldCell = regexp.MustCompile(`^… (\d+) × \(([^)]*)\)`)

// readFold reads a row that stands for cycles: how many, and the client's signals of one of them.
func readFold(r *noteRow) (times int, cycle []claim) {
	m := foldCell.FindStringSubmatch(r.cells[clientSignal])
	if m == nil {
		return 0, nil
	}
	times, _ = strconv.Atoi(m[1])
	for signal := range strings.SplitSeq(m[2], " / ") {
		if c, ok := readClaim(signal, sessions.Client); ok {
			c.length = -1
			cycle = append(cycle, c)
		}
	}
	return times, cycle
}

// unfolded is a table with the rows that folds stand for, and of which row each is.
func (t *noteTable) unfolded() (all *noteTable, origin []int) {
	all = &noteTable{Line: t.Line, Cell: t.Cell, columns: t.columns}
	for i := range t.rows {
		r := &t.rows[i]
		if r.times == 0 {
			all.rows, origin = append(all.rows, *r), append(origin, i)
			continue
		}
		for n := 0; n < r.times*len(r.cycle) && len(all.rows) < 2*mostRows; n++ {
			c := r.cycle[n%len(r.cycle)]
			all.rows, origin = append(all.rows, noteRow{claims: [2]claim{c, c}}), append(origin, i)
		}
	}
	return all, origin
}

// alignFolded is align for a table whose rows may stand for cycles. Such a row is about no step of its own.
func alignFolded(t *noteTable, s *sessions.Session) alignment {
	all, origin := t.unfolded()
	whole := align(all, s)
	a := alignment{step: make([]int, len(t.rows)), row: whole.row, score: whole.score}
	for i := range a.step {
		a.step[i] = -1
	}
	for i, step := range whole.step {
		if t.rows[origin[i]].times == 0 {
			a.step[origin[i]] = step
		}
	}
	for step, i := range a.row {
		if i >= 0 {
			a.row[step] = origin[i]
		}
	}
	a.arrive(t, s)
	return a
}

// arrive finds the segments that leave in one row and arrive in another, because their receivers did something else while
// they were on their way. The alignment has found one of the two rows; the other one has only the other side's half.
func (a *alignment) arrive(t *noteTable, s *sessions.Session) {
	a.arrival = map[int]int{}
	for i := range t.rows {
		side, c, ok := t.rows[i].half()
		if a.step[i] >= 0 || !ok {
			continue
		}
		for _, exact := range []bool{true, false} {
			if step, row := a.other(t, s, i, side, c, exact); step >= 0 {
				a.step[i], a.arrival[step] = step, max(i, row)
				a.row[step] = min(i, row)
				break
			}
		}
	}
}

// half is the one claim of a row that has no other.
func (r *noteRow) half() (side sessions.Side, c claim, ok bool) {
	for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
		if r.claims[side].kind != "" && r.claims[side.Other()].kind == "" {
			return side, r.claims[side], true
		}
	}
	return side, c, false
}

// other finds the row with the other half of the segment that row i has on a side: below it where i is the departure, above
// it where it is the arrival. A lost copy arrives nowhere. exact asks for the same number of bytes.
func (a *alignment) other(t *noteTable, s *sessions.Session, i int, side sessions.Side, c claim, exact bool) (step, row int) {
	for step, row := range a.row {
		if row < 0 || !c.fits(&s.Steps[step]) || exact && c.length != int(s.Steps[step].Length) && c.length >= 0 {
			continue
		}
		if _, taken := a.arrival[step]; taken || strings.Contains(t.rows[row].cells[4*int(side.Other())+clientSignal], "✗") {
			continue
		}
		if has, _, ok := t.rows[row].half(); ok && has != side && (c.from == side) == (i < row) {
			return step, row
		}
	}
	return -1, -1
}

// covered reports whether a segment without a row belongs to a fold: one stands between the rows before and behind it,
// or is one of them.
func (j *judge) covered(step int) bool {
	before, behind := -1, len(j.t.rows)-1
	for k := step; k >= 0 && before < 0; k-- {
		before = j.a.row[k]
	}
	for k := step; k < len(j.a.row); k++ {
		if j.a.row[k] >= 0 {
			behind = j.a.row[k]
			break
		}
	}
	return slices.ContainsFunc(j.t.rows[max(before, 0):behind+1], func(r noteRow) bool { return r.times > 0 })
}

// continues reports whether the line above a table says that it goes on with the one before: the ladder in parts has the
// titles of the phases.
func continues(title string) bool {
	title = plain(title)
	for _, lang := range []string{words.ES, words.EN} {
		if w := words.NewLadder(lang); title == w.LadderData() || title == w.LadderClose() {
			return true
		}
	}
	return false
}

// titleAbove is the last line above number i that is not empty.
func titleAbove(lines []string, i int) string {
	for i--; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); line != "" {
			return line
		}
	}
	return ""
}
