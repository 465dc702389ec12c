package lecture

import (
	"html"
	"slices"
	"strings"
	"unicode"

	"tcptrace/sessions"
)

// A noteTable is a table of somebody's notes that has columns of the notebook's.
type noteTable struct {
	Line    int // of its heads, from 1; in a notebook: within the cell
	Cell    int // of the notebook, from 1; 0 for Markdown
	columns []int
	rows    []noteRow
}

// noteRow is one row: the eight cells as plain text, by the notebook's columns.
type noteRow struct {
	line   int
	cells  [notebookColumns]string
	claims [2]claim // what the two signal cells say; valid iff its kind is set
	states [2]string
	before [2]string // the states that the rows above name last
	calls  [2]string // the calls' names

	times int // of a row that stands for equal cycles: how many; 0 for all others
	cycle []claim
}

// mostRows caps the rows of a table that are looked at.
const mostRows = 1000

// has reports whether the table has one of the notebook's columns.
func (t *noteTable) has(column int) bool {
	for _, c := range t.columns {
		if c == column {
			return true
		}
	}
	return false
}

// readTables finds the tables of Markdown (GitHub's: heads, a rule, rows). Fenced code is left out.
func readTables(text string, cell int) (tables []*noteTable) {
	lines := strings.Split(text, "\n")
	fence := ""
	for i := 0; i < len(lines); i++ {
		fence = fenceAfter(fence, lines[i])
		if fence != "" || i+1 >= len(lines) || !isRule(lines[i+1]) || !strings.Contains(lines[i], "|") {
			continue
		}
		t, more := &noteTable{Line: i + 1, Cell: cell, columns: columnsOf(splitRow(lines[i]))}, false
		if n := len(tables); n > 0 && continues(titleAbove(lines, i)) && slices.Equal(tables[n-1].columns, t.columns) {
			t, more = tables[n-1], true
		}
		for i += 2; i < len(lines) && strings.Contains(lines[i], "|"); i++ {
			if len(t.rows) < mostRows {
				t.rows = append(t.rows, t.row(i+1, splitRow(lines[i])))
			}
		}
		i--
		if !more && t.usable() {
			tables = append(tables, t)
		}
	}
	return tables
}

// isRule reports whether a line is the rule below the heads: dashes, colons and pipes.
func isRule(line string) bool {
	return strings.Contains(line, "-") && strings.Contains(line, "|") && strings.Trim(line, " \t\r|:-") == ""
}

// splitRow cuts a row at its pipes; an escaped one is part of the text (GitHub Flavored Markdown 0.29, section 4.10).
func splitRow(line string) (cells []string) {
	line = strings.TrimSpace(line)
	line = strings.TrimPrefix(line, "|")
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line) && line[i+1] == '|':
			b.WriteByte('|')
			i++
		case line[i] == '|':
			cells = append(cells, plain(b.String()))
			b.Reset()
		default:
			b.WriteByte(line[i])
		}
	}
	if rest := plain(b.String()); rest != "" {
		cells = append(cells, rest)
	}
	return cells
}

// plain takes the settings out of a cell.
func plain(cell string) string {
	cell = strings.NewReplacer("`", "", "*", "", "<br>", " ", "<br/>", " ", `\_`, "_").Replace(cell)
	return strings.Join(strings.Fields(html.UnescapeString(cell)), " ")
}

// headWords are what the notebook's heads contain, in either language.
var headWords = struct {
	sides [2][]string
	kinds [4][]string // in the order of the columns of a side; "result" is asked before "call", which its head may name too
}{
	sides: [2][]string{{"client"}, {"servid", "server"}},
	kinds: [4][]string{{"llamada", "call"}, {"estado", "state"}, {"señal", "senal", "signal", "segment"}, {"resultado", "retorno", "result", "return"}},
}

func columnsOf(heads []string) (columns []int) {
	for _, h := range heads {
		h = strings.ToLower(h)
		column := -1
		for side, names := range headWords.sides {
			if !containsAny(h, names) {
				continue
			}
			for _, kind := range []int{3, 1, 2, 0} {
				if containsAny(h, headWords.kinds[kind]) {
					column = 4*side + kind
					break
				}
			}
		}
		columns = append(columns, column)
	}
	return columns
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

func (t *noteTable) row(line int, cells []string) noteRow {
	r := noteRow{line: line}
	for i, c := range cells {
		if i < len(t.columns) && t.columns[i] >= 0 {
			r.cells[t.columns[i]] = c
		}
	}
	if r.times, r.cycle = readFold(&r); r.times > 0 {
		return r
	}
	for side := range r.claims {
		if c, ok := readClaim(r.cells[4*side+clientSignal], sessions.Side(side)); ok {
			r.claims[side] = c
		}
		r.states[side], _ = stateName(r.cells[4*side+clientState])
		r.calls[side], _ = callOf(r.cells[4*side])
		if n := len(t.rows); n > 0 {
			r.before[side] = t.rows[n-1].states[side]
			if r.before[side] == "" {
				r.before[side] = t.rows[n-1].before[side]
			}
		}
	}
	return r
}

// usable reports whether there is something to compare with packets: a state or a signal of each side.
func (t *noteTable) usable() bool {
	return len(t.rows) > 0 && (t.has(clientState) || t.has(clientSignal)) && (t.has(serverState) || t.has(serverSignal))
}

// claim is a segment that a cell says crossed.
type claim struct {
	from   sessions.Side
	kind   string
	length int // of Data[n]; -1 where no number is given
}

// readClaim reads a signal cell of one side; false for a cell that names no segment.
func readClaim(cell string, side sessions.Side) (c claim, ok bool) {
	up := strings.ToUpper(cell)
	c = claim{from: side, length: -1}
	if strings.Contains(cell, "←") || strings.Contains(cell, "<-") {
		c.from = side.Other()
	}
	has := func(word string) bool { return strings.Contains(up, word) }
	switch data := has("DATA") || has("DATO") || has("PSH"); {
	case has("RST"):
		c.kind = "RST"
	case has("SYN") && has("ACK"):
		c.kind = "SYN+ACK"
	case has("SYN"):
		c.kind = "SYN"
	case data && has("FIN"):
		c.kind = "Data+FIN"
	case data:
		c.kind = "Data"
	case has("FIN"):
		c.kind = "FIN"
	case has("ACK"):
		c.kind = "ACK"
	default:
		return c, false
	}
	if i := strings.IndexByte(cell, '['); i >= 0 && strings.HasPrefix(c.kind, "Data") {
		if n, digits := leadingNumber(cell[i+1:]); digits {
			c.length = n
		}
	}
	return c, true
}

func leadingNumber(s string) (n int, ok bool) {
	for _, r := range s {
		if !unicode.IsDigit(r) || n > 1<<24 {
			break
		}
		n, ok = 10*n+int(r-'0'), true
	}
	return n, ok
}
