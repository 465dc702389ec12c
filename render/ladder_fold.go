package render

import (
	"fmt"
	"strings"
	"time"

	"tcptrace/sessions"
)

// shownCycles is how many equal cycles stand in full before the rest are folded (ladder.md, Rows 10).
const shownCycles = 3

// A cycle is one exchange of the application: lines[from:to], which says the same as its neighbours.
type cycle struct {
	from, to  int
	signature string
	at        int64
}

// foldCycles replaces equal application cycles after the third by one line.
func (l *ladder) foldCycles() {
	cycles := l.cycles(l.parts())
	var kept []line
	done := 0 // lines before it are in kept
	for start, end := 0, 0; start < len(cycles); start = end {
		for end = start + 1; end < len(cycles) && cycles[end].signature == cycles[start].signature; end++ {
		}
		if run := cycles[start:end]; len(run) > shownCycles+1 {
			kept = append(kept, l.lines[done:run[shownCycles].from]...)
			kept = append(kept, l.foldRun(run))
			done = run[len(run)-1].to
		}
	}
	if done > 0 {
		l.lines = append(kept, l.lines[done:]...)
	}
}

// cycles cuts the data rows into exchanges: each begins where the side that began the first one speaks again after
// the other side has, or after it has itself if the other never does.
func (l *ladder) cycles(from, to int) (out []cycle) {
	first := sessions.NoSide
	answered := true
	alone := l.oneWay(from, to)
	for i := from; i < to; i++ {
		speaker := l.speaker(i)
		if speaker == sessions.NoSide {
			continue
		}
		if first == sessions.NoSide {
			first = speaker
		}
		if speaker == first && (answered || alone) {
			out = append(out, cycle{from: l.withCalls(i, from, out), at: l.lines[i].row.At})
			answered = false
		}
		if speaker != first {
			answered = true
		}
	}
	for i := range out {
		out[i].to = to
		if i+1 < len(out) {
			out[i].to = out[i+1].from
		}
		out[i].signature = l.signature(out[i])
	}
	return out
}

// withCalls moves a cycle's begin back over the calls that come directly before its first segment, which belong to
// it; but never into the cycle before.
func (l *ladder) withCalls(i, from int, done []cycle) int {
	low := from
	if n := len(done); n > 0 {
		low = done[n-1].from + 1
	}
	for i > low && l.lines[i-1].row.Step < 0 && l.lines[i-1].fold == "" {
		i--
	}
	return i
}

// speaker is the side that sent new data in a line.
func (l *ladder) speaker(i int) sessions.Side {
	r := &l.lines[i].row
	if r.Step < 0 || !l.s.Steps[r.Step].Marks.Has(sessions.MarkNewData) {
		return sessions.NoSide
	}
	return l.s.Steps[r.Step].From
}

// oneWay reports whether only one side sends data.
func (l *ladder) oneWay(from, to int) bool {
	first := sessions.NoSide
	for i := from; i < to; i++ {
		s := l.speaker(i)
		if first == sessions.NoSide {
			first = s
		}
		if s != sessions.NoSide && s != first {
			return false
		}
	}
	return true
}

// signature is what must be equal for two cycles to be the same: every signal but idle ACKs, every call and result.
func (l *ladder) signature(c cycle) string {
	var b strings.Builder
	for i := c.from; i < c.to; i++ {
		x := &l.lines[i]
		if l.idleACK(*x) {
			continue
		}
		for i, side := range x.sides {
			result := side.result.Text()
			if n := x.row.Start[i]; n >= 0 && len(l.s.Calls[i][n].Ready) > 0 {
				result = "" // what poll() says of other sockets does not part cycles
			}
			for _, text := range []string{side.call.Text(), side.state.Text(), side.signal.Text(), result} {
				b.WriteString(text)
				b.WriteByte(0)
			}
		}
	}
	return b.String()
}

// foldRun is the line that stands for a run of equal cycles after the first ones; it says how many there were.
func (l *ladder) foldRun(run []cycle) line {
	last := run[len(run)-1]
	fold := line{row: sessions.Row{Step: -1, Start: none, Return: none, Expires: sessions.NoSide}, fold: l.foldText(run)}
	// The state cells stay readable: nothing in a folded cycle changes them.
	for i := range fold.sides {
		fold.sides[i].state = l.lines[last.to-1].sides[i].state
	}
	return fold
}

func (l *ladder) foldText(run []cycle) string {
	var signals []string
	for i := run[0].from; i < run[0].to; i++ {
		if l.speaker(i) != sessions.NoSide {
			signals = append(signals, l.lines[i].sides[sessions.Client].signal.Text())
		}
	}
	what := strings.Join(signals, " / ")
	mean, least, most, ok := periods(run)
	if !ok {
		return fmt.Sprintf(l.w.LadderFoldUntimed, len(run), what)
	}
	ms := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
	return fmt.Sprintf(l.w.LadderFold, len(run), what, ms(mean), ms(least), ms(most))
}

// periods are the times from one cycle's begin to the next.
func periods(run []cycle) (mean, least, most time.Duration, ok bool) {
	for i := 1; i < len(run); i++ {
		d := time.Duration(run[i].at - run[i-1].at)
		if d < 0 || d > 100*365*24*time.Hour {
			return 0, 0, 0, false
		}
		if i == 1 || d < least {
			least = d
		}
		most = max(most, d)
	}
	n := len(run) - 1
	return time.Duration(run[n].at-run[0].at) / time.Duration(n), least, most, true
}
