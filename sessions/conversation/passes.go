package conversation

import (
	"slices"
	"sort"
	"time"

	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/rhythm"
)

// samePass is the longest time between what a loop's program sends in one pass: its answers leave with its own message.
const samePass = 50 * time.Millisecond

// passes finds where every pass of the loop begins: at its message, or at what the program sent just before it, with the
// calls of the program that stand directly before.
func (b *builder) passes() {
	var own []*sessions.Session
	for _, p := range b.c.Parts {
		own = append(own, p.Table.Session)
	}
	loops := rhythm.Loops(own)
	if len(loops) == 0 {
		return
	}
	loop := loops[0]
	host := slices.IndexFunc(b.c.Hosts, func(h Host) bool {
		side := loop.Sessions[0].Cadence.Sender
		return h.Addr == loop.Host && (h.Side == sessions.NoSide || h.Side == side)
	})
	if host < 0 {
		return
	}
	b.c.Loop = loop
	rows, next := b.c.Rows, 0
	for i := range rows {
		for next < len(loop.Times) && loop.Times[next] < rows[i].At {
			next++ // a message that was captured and has no row
		}
		if next == len(loop.Times) {
			return
		}
		if rows[i].At != loop.Times[next] || !b.says(i, host) {
			continue
		}
		first := b.beginning(i, host)
		if n := len(b.c.Passes); n == 0 || first > b.c.Passes[n-1].Row {
			b.c.Passes = append(b.c.Passes, Pass{Number: next + 1, Row: first, Host: host})
		}
		next++
	}
}

// says reports whether new data of a host leave in a row.
func (b *builder) says(i, host int) bool {
	r := &b.c.Rows[i]
	if !r.Departs || b.c.Sender(r) != host {
		return false
	}
	return b.c.Parts[r.Part].Table.Session.Steps[r.Step].Marks.Has(sessions.MarkNewData)
}

// beginning walks back from a loop's message to the first row of its pass.
func (b *builder) beginning(beat, host int) int {
	low := 0
	if n := len(b.c.Passes); n > 0 {
		low = b.c.Passes[n-1].Row + 1
	}
	first := beat
	for i := beat - 1; i >= low && time.Duration(b.c.Rows[first].At-b.c.Rows[i].At) <= samePass; i-- {
		if b.says(i, host) {
			first = i
		}
	}
	for first > low && b.calls(first-1, host) {
		first--
	}
	return first
}

// calls reports whether a row is a call that a host's program begins; a sleep belongs to the pass before.
func (b *builder) calls(i, host int) bool {
	r := &b.c.Rows[i]
	if r.Kind != ladder.KindCall {
		return false
	}
	p := b.c.Parts[r.Part]
	for side := range r.Sides {
		if h := &r.Sides[side]; h.Begins >= 0 && p.Lines[side] == host {
			return p.Table.Session.Calls[side][h.Begins].Call != journal.Sleep
		}
	}
	return false
}

// shownPasses is how many passes that say the same stay in view.
const shownPasses = 2

// fold hides what was seen before. In steps:
//
//  1. Without a loop the equal cycles of every session are folded, as in its table.
//  2. With one, a pass says what its rows say, session by session: which session's segment came first does not matter, nor
//     do ACKs that change nothing.
//  3. A pass that says what two earlier ones in view said is hidden, unless it holds the proof of a finding, and unless it is
//     the last one, which may not be whole. Neighbours are hidden by one fold.
func (b *builder) fold() {
	if len(b.c.Passes) <= shownPasses+1 {
		b.foldRuns()
		return
	}
	var known [][]ladder.Saying
	var times []int
	for i := range len(b.c.Passes) - 1 {
		from, to := b.c.Passes[i].Row, b.c.Passes[i+1].Row
		says := b.saying(from, to)
		k := slices.IndexFunc(known, func(other []ladder.Saying) bool { return slices.Equal(other, says) })
		if k < 0 {
			if len(known) == maxKinds {
				continue
			}
			known, times, k = append(known, says), append(times, 0), len(known)
		}
		if times[k]++; times[k] <= shownPasses || b.proves(from, to) {
			continue
		}
		b.hide(i, from, to)
	}
}

// maxKinds bounds how many kinds of pass are remembered; what comes after that many is shown.
const maxKinds = 256

// hide folds one pass, into the fold before where that ends at it.
func (b *builder) hide(pass, from, to int) {
	n := len(b.c.Folds)
	if n == 0 || b.c.Folds[n-1].Last != from-1 {
		b.c.Folds = append(b.c.Folds, Fold{First: from})
		n++
	}
	f := &b.c.Folds[n-1]
	f.Last = to - 1
	f.Passes++
	if f.Passes > 1 {
		first := b.c.Passes[pass-f.Passes+1]
		f.Period = (b.c.Rows[b.c.Passes[pass].Row].At - b.c.Rows[first.Row].At) / int64(f.Passes-1)
	}
	for i := from; i < to; i++ {
		b.c.Rows[i].Fold = n - 1
	}
}

// saying is what rows say, session by session.
func (b *builder) saying(from, to int) (says []ladder.Saying) {
	for part, p := range b.c.Parts {
		for i := from; i < to; i++ {
			if r := &b.c.Rows[i]; r.Part == part {
				says = p.Table.AppendSays(says, r.Row)
			}
		}
		says = append(says, ladder.Saying{}) // the next session's begin
	}
	return says
}

// proves reports whether rows have one of the frames that must stay in view.
func (b *builder) proves(from, to int) bool {
	return slices.ContainsFunc(b.c.Rows[from:to], func(r Row) bool {
		_, ok := slices.BinarySearch(b.o.Proof, r.Frame)
		return r.Frame > 0 && ok
	})
}

// foldRuns folds the equal cycles of every session.
func (b *builder) foldRuns() {
	place := make([][]int, len(b.c.Parts)) // of a table's rows among all
	at := make([]int, len(b.c.Parts))
	for i := range b.c.Rows {
		part := b.c.Rows[i].Part
		rows := b.c.Parts[part].Table.Rows
		for &rows[at[part]] != b.c.Rows[i].Row { // a poll() that another table has
			place[part] = append(place[part], -1)
			at[part]++
		}
		place[part] = append(place[part], i)
		at[part]++
	}
	for part, p := range b.c.Parts {
		for k := range p.Table.Runs {
			run := &p.Table.Runs[k]
			f := Fold{First: -1, Run: &run.Row, Part: part}
			for i := run.From; i < min(run.To, len(place[part])); i++ {
				if row := place[part][i]; row >= 0 {
					b.c.Rows[row].Fold = len(b.c.Folds)
					f.Last = row
					if f.First < 0 {
						f.First = row
					}
				}
			}
			if f.First >= 0 {
				b.c.Folds = append(b.c.Folds, f)
			}
		}
	}
}

// waits lays the splits of echoes on the rows.
func (b *builder) waits() {
	byFrame := map[int64]int{}
	for i := range b.c.Rows {
		r := &b.c.Rows[i]
		if r.Step >= 0 && r.Frame > 0 {
			if _, ok := byFrame[r.Frame]; !ok {
				byFrame[r.Frame] = i
			}
		}
	}
	for k := range b.o.Splits {
		split := &b.o.Splits[k]
		part := slices.IndexFunc(b.c.Parts, func(p *Part) bool { return p.Table.Session.ID == split.Session })
		request, ok1 := byFrame[split.RequestFrame]
		reply, ok2 := byFrame[split.ReplyFrame]
		if part < 0 || !ok1 || !ok2 {
			continue
		}
		for !b.c.Rows[request].Arrives && request < reply { // the row in which it arrives
			request++
			for request < reply && b.c.Rows[request].Frame != split.RequestFrame {
				request++
			}
		}
		if request >= reply {
			continue
		}
		b.c.Waits = append(b.c.Waits, b.wait(split, part, request, reply))
	}
	sort.SliceStable(b.c.Waits, func(i, j int) bool { return b.c.Waits[i].Request < b.c.Waits[j].Request })
}

// wait says when the parts of a split begin. The reply's last segment left at the end; what TCP held back of the reply begins where
// its first one left, the program's work ends there, and the time from the request's arrival on is the wait for the loop.
func (b *builder) wait(split *rhythm.Split, part, request, reply int) Wait {
	p := b.c.Parts[part]
	w := Wait{Split: split, Host: p.Lines[sessions.Server], Request: request, Reply: reply,
		Loop: b.c.Rows[request].Arrived, Until: b.c.Rows[reply].Left}
	w.Stack = max(w.Until-max(split.Sent+int64(split.RTT)-split.Reply, 0), w.Loop)
	w.Program = max(w.Stack-int64(split.Program), w.Loop)
	return w
}

// bars lays calls that took time on the rows: those that waited, that slept, and that were repeated.
func (b *builder) bars() {
	type key struct {
		part, side, call int
	}
	first, last := map[key]int{}, map[key]int{}
	for i := range b.c.Rows {
		r := &b.c.Rows[i]
		for side := range r.Sides {
			if c := r.Sides[side].Begins; c >= 0 {
				first[key{r.Part, side, c}] = i
			}
			if c := r.Sides[side].Returns; c >= 0 {
				last[key{r.Part, side, c}] = i
			}
		}
	}
	seen := map[*journal.Entry]bool{}
	around := b.callRows()
	for part, p := range b.c.Parts {
		for side := range p.Table.Session.Calls {
			calls := p.Table.Session.Calls[side]
			for i := range calls {
				c := &calls[i]
				sleeps := c.Call == journal.Sleep
				if c.Repeats == 0 && !sleeps || c.Before || seen[c.Entry] || !(c.Blocked || sleeps || c.Repeats > 1) {
					continue
				}
				bar := Bar{Part: part, Host: p.Lines[side], Call: c, First: -1, Last: -1, From: c.At, To: c.At}
				if row, ok := first[key{part, side, i}]; ok {
					bar.First = row
				}
				if row, ok := last[key{part, side, i}]; ok {
					bar.Last = row
				}
				switch {
				case c.HasEnd:
					bar.To = max(c.Until, c.At)
				case c.Repeats > 1:
					bar.To = c.LastAt
				}
				seen[c.Entry] = sleeps || c.Call == journal.Poll || c.Call == journal.Select
				if sleeps {
					bar.First, bar.Last = around[bar.Host].around(bar.From, bar.To)
				} else if bar.First < 0 {
					continue
				}
				b.c.Bars = append(b.c.Bars, bar)
			}
		}
	}
	slices.SortStableFunc(b.c.Bars, func(x, y Bar) int { return int(min(max(x.From-y.From, -1), 1)) })
}

// callRows are the rows in which a host's calls stand, by their times: the row of a call whose segment the capture shows later is
// where a reader looks for it.
type callRows struct {
	at   []int64
	rows []int
}

func (b *builder) callRows() []callRows {
	out := make([]callRows, len(b.c.Hosts))
	for i := range b.c.Rows {
		r := &b.c.Rows[i]
		p := b.c.Parts[r.Part]
		for side := range r.Sides {
			if c := r.Sides[side].Begins; c >= 0 {
				x := &out[p.Lines[side]]
				at := p.Table.Session.Calls[side][c].At
				if n := len(x.at); n > 0 {
					at = max(at, x.at[n-1])
				}
				x.at, x.rows = append(x.at, at), append(x.rows, i)
			}
		}
	}
	return out
}

// around is the row of the last call before a time, and of the first one from another time on; -1 for none.
func (x *callRows) around(from, to int64) (before, behind int) {
	before, behind = -1, -1
	if i := sort.Search(len(x.at), func(i int) bool { return x.at[i] >= from }); i > 0 {
		before = x.rows[i-1]
	}
	if i := sort.Search(len(x.at), func(i int) bool { return x.at[i] >= to }); i < len(x.at) {
		behind = x.rows[i]
	}
	return before, behind
}
