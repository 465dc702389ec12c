package lecture

import (
	"fmt"
	"strings"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// kindOf is a step's segment as a signal cell writes it, without its length.
func kindOf(st *sessions.Step) string {
	switch f := st.Flags; {
	case f.Has(capture.RST):
		return "RST"
	case f.Has(capture.SYN | capture.ACK):
		return "SYN+ACK"
	case f.Has(capture.SYN):
		return "SYN"
	case st.Length > 0 && f.Has(capture.FIN):
		return "Data+FIN"
	case st.Length > 0:
		return "Data"
	case f.Has(capture.FIN):
		return "FIN"
	}
	return "ACK"
}

// signalOf is a step as one side writes it: "Data[13] →", "← ACK".
func signalOf(st *sessions.Step, side sessions.Side) string {
	kind := kindOf(st)
	if st.Length > 0 {
		kind = strings.Replace(kind, "Data", fmt.Sprintf("Data[%d]", st.Length), 1)
	}
	if st.From == side {
		return kind + " →"
	}
	return "← " + kind
}

// fits reports whether a claim is about a step.
func (c claim) fits(st *sessions.Step) bool {
	kind := kindOf(st)
	return c.from == st.From && (c.kind == kind || kind == "Data+FIN" && (c.kind == "Data" || c.kind == "FIN"))
}

// stateName is the TCP state that a state cell names, "" for none; waits says that the cell is about a waiting thread.
func stateName(cell string) (name string, waits bool) {
	up := strings.ToUpper(cell)
	waits = strings.HasPrefix(up, "BLOCK")
	// The longer names first: SYN-SENT is no SYN, CLOSE-WAIT is not CLOSED.
	for _, s := range []sessions.State{sessions.FinWait1, sessions.FinWait2, sessions.CloseWait, sessions.TimeWait, sessions.SynReceived,
		sessions.SynSent, sessions.LastAck, sessions.Established, sessions.Closing, sessions.Closed, sessions.Listen} {
		if plainState(up, s.String()) {
			return s.String(), waits
		}
	}
	return "", waits
}

// plainState finds a state's name written with hyphens, spaces, underscores or nothing between its words.
func plainState(up, name string) bool {
	for _, between := range []string{"-", " ", "_", ""} {
		if strings.Contains(up, strings.ReplaceAll(name, "-", between)) {
			return true
		}
	}
	return false
}

// alignment says which step each row is about, -1 for none.
type alignment struct {
	step  []int // by row
	row   []int // by step
	score int

	arrival map[int]int // by step: the row in which it arrives, where that is another than the one in which it leaves
}

// impossible keeps a row from standing beside a step.
const impossible = -1 << 20

// align lays the rows of a table on the steps of a session so that the most cells agree. Both keep their order; rows and steps may
// stay alone.
func align(t *noteTable, s *sessions.Session) alignment {
	n, m := len(t.rows), len(s.Steps)
	best := make([][]int, n+1)
	for i := range best {
		best[i] = make([]int, m+1)
	}
	points := make([][]int, n)
	for i := range n {
		points[i] = make([]int, m)
		for j := range m {
			points[i][j] = t.points(i, s, j)
			best[i+1][j+1] = max(best[i][j+1], best[i+1][j], best[i][j]+points[i][j])
		}
	}
	a := alignment{step: make([]int, n), row: make([]int, m), score: best[n][m]}
	for i := range a.step {
		a.step[i] = -1
	}
	for j := range a.row {
		a.row[j] = -1
	}
	for i, j := n, m; i > 0 && j > 0; {
		switch best[i][j] {
		case best[i-1][j]:
			i--
		case best[i][j-1]:
			j--
		default:
			i, j = i-1, j-1
			a.step[i], a.row[j] = j, i
		}
	}
	return a
}

// points is how well a row is about a step.
func (t *noteTable) points(i int, s *sessions.Session, j int) int {
	st, row := &s.Steps[j], &t.rows[i]
	sum, speaks := 0, false
	for _, c := range row.claims {
		if c.kind == "" {
			continue
		}
		if !c.fits(st) {
			return impossible
		}
		sum, speaks = sum+6, true
		if c.length >= 0 && c.length != int(st.Length) {
			sum -= 3
		}
	}
	if !speaks {
		if implied(row, st) {
			sum, speaks = 3, true
		}
	}
	states := t.statePoints(i, s, j)
	if !speaks && states < 3 {
		return impossible
	}
	return sum + states
}

// implied reports whether a row without signals has a call that sends this segment.
func implied(row *noteRow, st *sessions.Step) bool {
	name := row.calls[st.From]
	switch kindOf(st) {
	case "SYN":
		return name == "connect"
	case "Data":
		return isSend(name)
	case "FIN":
		return name == "close"
	}
	return false
}

// statePoints counts the states that agree; one that the row and the step both change counts more.
func (t *noteTable) statePoints(i int, s *sessions.Session, j int) (sum int) {
	row := &t.rows[i]
	for side, name := range row.states {
		if name == "" || name != s.Steps[j].States[side].String() {
			continue
		}
		sum++
		if changes(s, j, sessions.Side(side)) && row.before[side] != name {
			sum += 2
		}
	}
	return sum
}

// changes reports whether a step changes a side's state.
func changes(s *sessions.Session, j int, side sessions.Side) bool {
	return j == 0 || s.Steps[j].States[side] != s.Steps[j-1].States[side]
}
