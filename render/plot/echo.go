package plot

import (
	"fmt"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

// logSpread is from which ratio of a high to a low round trip the axis is logarithmic. Echoes that wait
// for a loop are spread evenly over a period: their 10 % and 90 % quantiles are as 1 to 9.
const logSpread = 30

// echoSeries is one session's echoes.
type echoSeries struct {
	session *sessions.Session
	network time.Duration // the network's share, 0 when it is not known
	over    plotter.XYs   // sent time, round trip; seconds
	sorted  []float64     // round trips
	points  []dataPoint
	waiting plotter.XYs // requests without an answer: sent time, until when none had come
}

// echoPage draws the echo round trip over time, and beside it, on the same vertical axis, which share
// of the echoes took at most that long. An even spread is a straight line there.
func echoPage(t *sessions.Trace, chosen []*sessions.Session, w words.Plot) (*plotPage, error) {
	var all []echoSeries
	for _, s := range chosen {
		if e, ok := echoesOf(t, s); ok {
			all = append(all, e)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no session has an answered echo", ErrNothingToPlot)
	}
	x, y := echoAxes(all, w)
	over := newAxes(x, y)
	shares := plotSpan{0, 100}
	shared := newAxes(plotAxis{span: shares, label: w.EchoShare(), ticks: linearTicks(shares, plotUnit{"%", 1}, 4)}, y.unlabelled())
	page := &plotPage{title: w.EchoTitle(), height: 300, margin: 8}
	notes := echoFloors(all, over, shared, w)
	drawClouds(over, len(all), func(i int) plotter.XYs { return all[i].over })
	waiting := cadenceEdge{mark: unansweredMark, at: y.span.max, inward: 7}
	var points []dataPoint
	for i := range all {
		waiting.points = append(waiting.points, all[i].waiting...)
		points = append(points, all[i].points...)
	}
	over.Add(edgeMarks(waiting))
	for i := min(len(all), maxSeries) - 1; i >= 0; i-- {
		steps := thinned(shareSteps(all[i].sorted), maxMarks)
		shared.Add(drawLine(steps, seriesLine(i), plotter.NoStep))
	}
	page.panels = []*plotPanel{
		{axes: over, left: 0, right: 0.66, bottom: 300, points: points},
		{axes: shared, left: 0.66, right: 1, bottom: 300, notes: notes},
	}
	if len(notes) > 0 {
		page.margin = 92
	}
	echoWords(page, all, w)
	return page, nil
}

// seriesLine is the line of a series; the dashes tell the series apart without colour.
func seriesLine(i int) draw.LineStyle {
	style := lineOf(seriesMark(i).ink, 1.6)
	switch i {
	case 1:
		style.Dashes = append(style.Dashes, 6, 2)
	case 2:
		style.Dashes = append(style.Dashes, 2, 2)
	case 3:
		style.Dashes = append(style.Dashes, 8, 2, 2, 2)
	}
	return style
}

func echoesOf(t *sessions.Trace, s *sessions.Session) (echoSeries, bool) {
	e := echoSeries{session: s, network: rhythm.NetworksOf(t.Sessions).Of(s)}
	if s.Echo == nil {
		return e, false
	}
	for _, sample := range s.Echo.Samples {
		rtt := sample.RTT.Seconds()
		e.over = append(e.over, plotter.XY{X: sinceStart(t, sample.Sent), Y: rtt})
		e.sorted = append(e.sorted, rtt)
		e.points = append(e.points, dataPoint{sinceStart(t, sample.Sent), rtt, sample.RequestFrame, s.ID, fmt.Sprintf("#%d · %d → %d · %s", s.ID, sample.RequestFrame, sample.ReplyFrame, plotDuration(sample.RTT))})
	}
	for _, i := range rhythm.Unanswered(s) {
		st := &s.Steps[i]
		e.waiting = append(e.waiting, plotter.XY{X: sinceStart(t, st.Time), Y: float64(t.Capture.LastTime-st.Time) / 1e9})
	}
	e.sorted = sortedCopy(e.sorted)
	return e, len(e.sorted) > 0
}

// stats are the session's own, which know of samples that were not kept, else those of the samples.
func (e *echoSeries) stats() sessions.Stats {
	if e.session.Echo.RTT.N > 0 {
		return e.session.Echo.RTT
	}
	n := len(e.sorted)
	return sessions.Stats{N: int64(n), Min: seconds(e.sorted[0]), P50: seconds(quantile(e.sorted, 0.5)), Max: seconds(e.sorted[n-1])}
}

// echoFloor is the least that the network alone takes (rhythm.Networks).
type echoFloor struct {
	took time.Duration
	// half: only SYN to SYN+ACK. Captured beside the server, an echo does not cross the network, but the
	// whole handshake does; then only its first half is a floor.
	half bool
}

// floorOf returns the floor under a session's echoes; ok is false when the handshake does not tell.
func (e *echoSeries) floorOf() (floor echoFloor, ok bool) {
	if e.network <= 0 {
		return floor, false
	}
	if e.sorted[0] < e.network.Seconds() && e.session.Handshake != nil {
		if took, seen := synToSYNACK(e.session); seen {
			return echoFloor{took, true}, true
		}
	}
	return echoFloor{e.network, false}, true
}

// synToSYNACK is the first half of the handshake, when its segments were kept.
func synToSYNACK(s *sessions.Session) (time.Duration, bool) {
	var syn, answer int64
	for i := range s.Steps {
		switch s.Steps[i].Frame {
		case s.Handshake.SYNFrame:
			syn = s.Steps[i].Time
		case s.Handshake.SYNACKFrame:
			answer = s.Steps[i].Time
		}
	}
	return time.Duration(answer - syn), syn > 0 && answer > syn
}

// farApart reports whether a linear axis would hide something: the sessions' medians lie far apart, or
// the round trips of one session do.
func farApart(all []echoSeries) bool {
	medians := emptySpan()
	for _, e := range all {
		medians.include(quantile(e.sorted, 0.5))
		if low, high := quantile(e.sorted, 0.1), quantile(e.sorted, 0.9); len(e.sorted) >= 10 && high > logSpread*low {
			return true
		}
	}
	return medians.max > logSpread*medians.min
}

// echoAxes chooses a linear axis from zero, or a logarithmic one when the round trips lie far apart.
func echoAxes(all []echoSeries, w words.Plot) (x, y plotAxis) {
	times, rtts := emptySpan(), emptySpan()
	for i, e := range all {
		for _, p := range e.over {
			times.include(p.X)
			rtts.include(p.Y)
		}
		for _, p := range e.waiting {
			times.include(p.X)
		}
		if floor, ok := e.floorOf(); ok && i < maxSeries {
			rtts.include(floor.took.Seconds())
		}
	}
	times = plotSpan{min(0, times.min), times.max * 1.02}.padded(0, 1e-3)
	if rtts.min > 0 && farApart(all) {
		rtts = rtts.paddedLog(1.4)
		return timeAxis(times, w), plotAxis{span: rtts, label: w.EchoAxis(), ticks: logTimeTicks(rtts), log: true}
	}
	rtts = plotSpan{min(0, rtts.min), max(rtts.max*1.06, 1e-6)}
	u := timeUnit(rtts.max)
	return timeAxis(times, w), plotAxis{span: rtts, label: fmt.Sprintf("%s (%s)", w.EchoAxis(), u.name), ticks: linearTicks(rtts, u, 7)}
}

// floorsNear is the ratio up to which floors share one note.
const floorsNear = 1.3

// floorNote names the floors of one or more sessions at nearly the same level.
type floorNote struct {
	first, last *sessions.Session
	count       int
	low, high   echoFloor
	ink         inkColor
}

// echoFloors draws the handshake round trips as levels through both panels and returns their names.
func echoFloors(all []echoSeries, over, shared *plot.Plot, w words.Plot) []levelNote {
	var groups []*floorNote
	for i, e := range all[:min(len(all), maxSeries)] {
		floor, ok := e.floorOf()
		if !ok {
			continue
		}
		ink := seriesMark(i).ink
		style := lineOf(ink, 1, 3, 3)
		over.Add(drawLevel(floor.took.Seconds(), style))
		shared.Add(drawLevel(floor.took.Seconds(), style))
		joined := false
		for _, g := range groups {
			if joined = g.join(e.session, floor); joined {
				break
			}
		}
		if !joined {
			groups = append(groups, &floorNote{first: e.session, last: e.session, count: 1, low: floor, high: floor, ink: ink})
		}
	}
	var notes []levelNote
	for _, g := range groups {
		notes = append(notes, levelNote{level: g.low.took.Seconds(), text: g.text(len(all) > 1, w), style: plotText(sizeTick, g.ink)})
	}
	return notes
}

// join takes a floor into the note if it is near enough to all that are there.
func (g *floorNote) join(s *sessions.Session, f echoFloor) bool {
	low, high := min(g.low.took, f.took), max(g.high.took, f.took)
	if f.half != g.low.half || float64(high) > floorsNear*float64(low) {
		return false
	}
	g.low.took, g.high.took, g.last, g.ink = low, high, s, inkText
	g.count++
	return true
}

// text names the sessions, when there are several in the plot, the kind of floor and its value or range.
func (g *floorNote) text(numbered bool, w words.Plot) string {
	value := plotDuration(g.low.took)
	if high := plotDuration(g.high.took); high != value {
		value += " – " + high
	}
	label := w.HandshakeRTT(value)
	if g.low.half {
		label = w.HandshakeHalf(value)
	}
	switch {
	case !numbered:
		return label
	case g.count == 1:
		return fmt.Sprintf("#%d ", g.first.ID) + label
	case g.count == 2:
		return fmt.Sprintf("#%d, #%d\n", g.first.ID, g.last.ID) + label
	}
	return fmt.Sprintf("#%d … #%d\n", g.first.ID, g.last.ID) + label
}

// shareSteps is the empirical distribution as a staircase: share in percent, round trip.
func shareSteps(sorted []float64) plotter.XYs {
	n := float64(len(sorted))
	steps := make(plotter.XYs, 0, 2*len(sorted))
	for i, rtt := range sorted {
		steps = append(steps,
			plotter.XY{X: 100 * float64(i) / n, Y: rtt},
			plotter.XY{X: 100 * float64(i+1) / n, Y: rtt})
	}
	return steps
}

// echoWords writes what stands above the panels.
func echoWords(page *plotPage, all []echoSeries, w words.Plot) {
	var names []string
	for _, e := range all {
		names = append(names, endPointsText(e.session, w))
	}
	for i, e := range all[:min(len(all), maxSeries)] {
		st := e.stats()
		numbers := w.EchoNumbers(st.N, plotDuration(st.Min), plotDuration(st.P50), plotDuration(st.Max))
		if left := e.session.Echo.SamplesLeftOut; left > 0 {
			numbers += " · " + w.LeftOut(left)
		}
		numbers += drawnFact(len(e.over), maxMarks, w)
		if len(all) == 1 {
			page.facts = append(page.facts, names[i])
		} else {
			numbers = fmt.Sprintf("#%d: %s", e.session.ID, numbers)
		}
		page.facts = append(page.facts, numbers)
	}
	page.legend = seriesLegend(names, w.EchoOne(), w)
	if slices.ContainsFunc(all, func(e echoSeries) bool { return len(e.waiting) > 0 }) {
		page.legend = append(page.legend, legendItem{text: w.EchoUnanswered(), mark: &unansweredMark})
	}
}

// unansweredMark stands at the upper edge, with the time until which no answer had come.
var unansweredMark = plotMark{shape: shapeUp, ink: inkBlack, hollow: true, radius: 3.2}
