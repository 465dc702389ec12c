package ladder

import (
	"slices"
	"time"

	"tcptrace/sessions"
)

// shownCycles is how many equal cycles stand in full before the rest are folded (docs/ladder.md, Rows 10).
const shownCycles = 3

// A cycle is one exchange of the application: rows[from:to], which says the same as its neighbours.
type cycle struct {
	from, to int
	says     []Saying
	at       int64
}

// A Saying is what a half of a row says for the purpose of comparing rows; it is comparable.
type Saying struct {
	begins, returns string
	repeats         int
	implied         Implied
	state           State
	signal          Signal
	result          Result
}

// A Run is a run of equal cycles: Row stands for Rows[From:To] where a reader need not see them.
type Run struct {
	From, To int
	Row      Row
}

// runs finds equal application cycles. In steps:
//
//  1. The data rows are cut into cycles where the side that spoke first speaks again.
//  2. Neighbouring cycles are equal when their halves say the same, idle ACKs aside.
//  3. A run of more than four equal cycles keeps three; one row that counts them all stands for the others.
func (b *builder) runs() (out []Run) {
	cycles := b.cycles(b.parts())
	for start, end := 0, 0; start < len(cycles); start = end {
		for end = start + 1; end < len(cycles) && slices.Equal(cycles[end].says, cycles[start].says); end++ {
		}
		if run := cycles[start:end]; len(run) > shownCycles+1 {
			out = append(out, Run{run[shownCycles].from, run[len(run)-1].to, b.foldRun(run)})
		}
	}
	return out
}

// fold replaces every run by its row.
func (b *builder) fold(runs []Run) {
	var kept []Row
	done := 0 // rows before it are in kept
	for _, r := range runs {
		kept = append(append(kept, b.rows[done:r.From]...), r.Row)
		done = r.To
	}
	if done > 0 {
		b.rows = append(kept, b.rows[done:]...)
	}
}

// cycles cuts the data rows into exchanges: each begins where the side that began the first one speaks again after
// the other side has, or after it has itself if the other never does.
func (b *builder) cycles(from, to int) (out []cycle) {
	first := sessions.NoSide
	answered := true
	alone := b.oneWay(from, to)
	for i := from; i < to; i++ {
		speaker := b.speaker(i)
		if speaker == sessions.NoSide {
			continue
		}
		if first == sessions.NoSide {
			first = speaker
		}
		if speaker == first && (answered || alone) {
			out = append(out, cycle{from: b.withCalls(i, from, out), at: b.rows[i].At})
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
		out[i].says = b.says(out[i])
	}
	return out
}

// withCalls moves a cycle's begin back over the calls that come directly before its first segment, which belong to
// it; but never into the cycle before.
func (b *builder) withCalls(i, from int, done []cycle) int {
	low := from
	if n := len(done); n > 0 {
		low = done[n-1].from + 1
	}
	for i > low && b.rows[i-1].Kind == KindCall {
		i--
	}
	return i
}

// speaker is the side that sent new data in a row.
func (b *builder) speaker(i int) sessions.Side {
	r := &b.rows[i]
	if r.Step < 0 || !b.s.Steps[r.Step].Marks.Has(sessions.MarkNewData) {
		return sessions.NoSide
	}
	return b.s.Steps[r.Step].From
}

// oneWay reports whether only one side sends data.
func (b *builder) oneWay(from, to int) bool {
	first := sessions.NoSide
	for i := from; i < to; i++ {
		s := b.speaker(i)
		if first == sessions.NoSide {
			first = s
		}
		if s != sessions.NoSide && s != first {
			return false
		}
	}
	return true
}

// says is what must be equal for two cycles to be the same.
func (b *builder) says(c cycle) (out []Saying) {
	for i := c.from; i < c.to; i++ {
		out = appendSays(out, b.s, &b.rows[i])
	}
	return out
}

// AppendSays appends what must be equal for two rows to say the same: every signal but idle ACKs, every call and result. What
// poll() says of other sockets does not part them. A row that says nothing, an idle ACK, appends nothing.
func (t *Table) AppendSays(dst []Saying, r *Row) []Saying { return appendSays(dst, t.Session, r) }

func appendSays(dst []Saying, s *sessions.Session, r *Row) []Saying {
	if idleACK(s, r) {
		return dst
	}
	for side := range r.Sides {
		h := &r.Sides[side]
		x := Saying{implied: h.Implied, state: h.State, signal: h.Signal, result: h.Result}
		if h.Begins >= 0 {
			call := &s.Calls[side][h.Begins]
			x.begins, x.repeats = Spelling(call), call.Repeats
			if len(call.Ready()) > 0 {
				x.result = Result{}
			}
		}
		if h.Returns >= 0 {
			x.returns = Name(&s.Calls[side][h.Returns])
		}
		dst = append(dst, x)
	}
	return dst
}

// foldRun is the row that stands for a run of equal cycles after the first ones; it says how many there were. The
// states stay readable: nothing in a folded cycle changes them.
func (b *builder) foldRun(run []cycle) Row {
	f := Fold{Count: len(run)}
	for i := run[0].from; i < run[0].to; i++ {
		if b.speaker(i) != sessions.NoSide {
			f.Signals = append(f.Signals, b.rows[i].Sides[sessions.Client].Signal)
		}
	}
	f.Mean, f.Least, f.Most, f.Timed = periods(run)
	row := plainRow(KindFold, f)
	last := &b.rows[run[len(run)-1].to-1]
	row.Phase = last.Phase
	for side := range row.Sides {
		row.Sides[side].State = last.Sides[side].State
	}
	return row
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
