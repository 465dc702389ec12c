package render

import (
	"fmt"
	"strings"
	"time"

	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

// Latency draws the latency of a trace for a terminal: of every session with echoes or messages how they went over time and
// how they are distributed, and how the replies stand to the loop.
func Latency(t *sessions.Trace, lang string, sc *screen.Screen) (lines []string) {
	l := latency{WordsFor(lang), words.NewTUI(lang), sc, nil}
	for _, s := range t.Sessions {
		if e := s.Echo; e != nil && e.RTT.N > 0 && len(e.Samples) > 0 {
			var all []time.Duration
			for i := range e.Samples {
				all = append(all, e.Samples[i].RTT)
			}
			l.series(l.tw.EchoTitle(s.ID), &e.RTT, all)
		}
		if c := s.Cadence; c != nil && c.Period.N > 1 && len(c.Times) > 1 {
			var all []time.Duration
			for i := 1; i < len(c.Times); i++ {
				all = append(all, time.Duration(c.Times[i]-c.Times[i-1]))
			}
			l.series(l.tw.CadenceTitle(s.ID), &c.Period, all)
		}
	}
	networks := rhythm.NetworksOf(t.Sessions)
	for _, loop := range rhythm.Loops(t.Sessions) {
		if k := rhythm.LockOf(t.Sessions, loop, networks); k != nil {
			l.phase(k)
		}
	}
	if len(l.lines) == 0 {
		return sc.Wrap(l.tw.NoLatency(), "", "")
	}
	return l.lines
}

type latency struct {
	w     *Words
	tw    words.TUI
	sc    *screen.Screen
	lines []string
}

// barRows is how many classes a distribution has.
const barRows = 8

// series shows one list of durations: its spread, its course, its distribution.
func (l *latency) series(title string, s *sessions.Stats, all []time.Duration) {
	if len(l.lines) > 0 {
		l.lines = append(l.lines, "")
	}
	l.lines = append(l.lines, l.sc.Rule(title))
	l.lines = append(l.lines, l.sc.Wrap(l.tw.Spread(l.w.Duration(s.Min), l.w.Duration(s.P50), l.w.Duration(s.P95), l.w.Duration(s.Max)), "", "")...)
	l.lines = append(l.lines, "  "+l.sc.Paint(screen.Code, heights(all, s.Min, s.Max, max(l.sc.Width-4, 8))))
	l.bars(all, s.Min, s.Max)
}

// heights draws the largest value of each part of a list as a block, the lowest for the least of all and the highest for the
// most: the course over time.
func heights(all []time.Duration, least, most time.Duration, width int) string {
	columns := make([]time.Duration, min(width, len(all)))
	for i, d := range all {
		c := &columns[i*len(columns)/len(all)]
		*c = max(*c, d)
	}
	var b strings.Builder
	for _, d := range columns {
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[min(max(int64(d-least)*8/max(int64(most-least), 1), 0), 7)])
	}
	return b.String()
}

// bars is a distribution in equal classes from the least to the most.
func (l *latency) bars(all []time.Duration, least, most time.Duration) {
	rows := barRows
	if most <= least {
		rows = 1
	}
	counts := make([]int, rows)
	width := max((most-least)/time.Duration(rows), 1)
	highest := 1
	for _, d := range all {
		i := min(max(int((d-least)/width), 0), rows-1)
		counts[i]++
		highest = max(highest, counts[i])
	}
	room := max(l.sc.Width-34, 8)
	for i, n := range counts {
		if n == 0 && (i == 0 || i == rows-1 || counts[i-1] == 0) {
			continue
		}
		from, to := least+time.Duration(i)*width, least+time.Duration(i+1)*width
		block := "█"
		if l.sc.ASCII {
			block = "#"
		}
		length := (n*room + highest - 1) / highest
		l.lines = append(l.lines, fmt.Sprintf("  %s – %s %5d ", screen.PadLeft(l.bound(from, width), 9), screen.Pad(l.bound(to, width), 9), n)+
			l.sc.Paint(screen.Client, strings.Repeat(block, length)))
	}
}

// bound writes the edge of a class in the digits that tell it from the next one.
func (l *latency) bound(d, class time.Duration) string {
	unit, name := time.Microsecond, " µs"
	if d >= time.Millisecond || class >= 100*time.Microsecond {
		unit, name = time.Millisecond, " ms"
	}
	digits := 0
	for step := unit; digits < 3 && class < 10*step; step /= 10 {
		digits++
	}
	return l.w.In(d, unit, digits) + name
}

// phase shows how long after the loop's latest message each reply left.
func (l *latency) phase(k *rhythm.Lock) {
	var after []time.Duration
	for i := range k.Splits {
		apart := k.Loop.Apart(k.Splits[i].Reply)
		if apart < 0 {
			apart += k.Loop.Period
		}
		after = append(after, max(apart, 0))
	}
	l.lines = append(l.lines, "", l.sc.Rule(l.tw.PhaseTitle()))
	l.lines = append(l.lines, l.sc.Wrap(l.tw.Locked(k.Locked, len(k.Splits)), "", "")...)
	l.bars(after, 0, k.Loop.Period)
}
