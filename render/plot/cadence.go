package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tcptrace/sessions"
	"tcptrace/words"
)

// The periods of the notebook's loop (docs/findings.md, Cadence): a poll() with something ready returns
// at once and leaves sleep(1); an empty one adds its 50 ms. They are drawn where the median is near.
const (
	periodSleep     = 1.000
	periodSleepPoll = 1.050
	periodsNear     = 0.2
)

// cadenceSeries is one session's intervals; the time of an interval is that of the beat that ends it.
type cadenceSeries struct {
	session         *sessions.Session
	median          float64
	normal          plotter.XYs
	missed, bunched plotter.XYs
	points          []dataPoint // of the normal ones whose frames are known
}

// cadencePage draws the interval between beats over time, and beside it, on the same vertical axis,
// how often each interval was.
func cadencePage(t *sessions.Trace, chosen []*sessions.Session, w words.Plot) (*plotPage, error) {
	var all []cadenceSeries
	for _, s := range chosen {
		if c, ok := intervalsOf(t, s); ok {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no session has two beats", ErrNothingToPlot)
	}
	x, y, lines := cadenceAxes(all, w)
	over := newAxes(x, y)
	counted := newAxes(cadenceCounts(all, y.span, w))
	for i := min(len(all), maxSeries+1) - 1; i >= 0; i-- {
		counted.Add(cadenceBars(all, i, y.span))
	}
	for _, p := range []*plot.Plot{over, counted} {
		for i, level := range lines {
			p.Add(drawLevel(level, cadenceLine(i)))
		}
	}
	drawClouds(over, len(all), func(i int) plotter.XYs { return all[i].normal })
	edges := edgesOf(all, y.span)
	for _, e := range edges {
		over.Add(edgeMarks(e))
	}
	var points []dataPoint
	for i := range all {
		points = append(points, all[i].points...)
	}
	page := &plotPage{title: w.CadenceTitle(), height: 300, margin: 8}
	page.panels = []*plotPanel{
		{axes: over, left: 0, right: 0.7, bottom: 300, points: points},
		{axes: counted, left: 0.7, right: 1, bottom: 300},
	}
	if len(lines) > 0 {
		page.margin = 96
		page.panels[1].notes = []levelNote{
			{level: periodSleep, text: w.LineSleep(), style: plotText(sizeTick, inkGreen)},
			{level: periodSleepPoll, text: w.LineSleepPoll(), style: plotText(sizeTick, inkRed)},
		}
	}
	cadenceWords(page, all, edges, w)
	return page, nil
}

// The marks at the upper and the lower edge, for what is outside of the scale.
var (
	missedMark  = plotMark{shape: shapeUp, ink: inkRed, radius: 3.6}
	bunchedMark = plotMark{shape: shapeDown, ink: inkOrange, radius: 3.6}
	aboveMark   = plotMark{shape: shapeUp, ink: inkBlack, hollow: true, radius: 3}
	belowMark   = plotMark{shape: shapeDown, ink: inkBlack, hollow: true, radius: 3}
)

// cadenceEdge is one kind of intervals that are drawn at an edge.
type cadenceEdge struct {
	points plotter.XYs
	mark   plotMark
	at     float64   // the edge, as a value of the axis
	inward vg.Length // from there; each kind has its own level, so that labels do not meet
	name   func(words.Plot) string
}

// edgesOf collects what stands at the edges: missed, bunched, and rare intervals far from the others.
func edgesOf(all []cadenceSeries, gaps plotSpan) []cadenceEdge {
	edges := []cadenceEdge{
		{mark: aboveMark, at: gaps.max, inward: 17, name: func(w words.Plot) string { return w.OffScale() }},
		{mark: belowMark, at: gaps.min, inward: 17, name: func(w words.Plot) string { return w.OffScale() }},
		{mark: missedMark, at: gaps.max, inward: 7, name: func(w words.Plot) string { return w.Missed() }},
		{mark: bunchedMark, at: gaps.min, inward: 7, name: func(w words.Plot) string { return w.Bunched() }},
	}
	for _, c := range all {
		for _, p := range c.normal {
			if p.Y > gaps.max {
				edges[0].points = append(edges[0].points, p)
			}
			if p.Y < gaps.min {
				edges[1].points = append(edges[1].points, p)
			}
		}
		edges[2].points = append(edges[2].points, c.missed...)
		edges[3].points = append(edges[3].points, c.bunched...)
	}
	return edges
}

// usualSpan leaves out the rare values far outside of where nearly all are: they would squeeze the
// picture. Few values are all usual.
func usualSpan(values []float64) plotSpan {
	slices.Sort(values)
	lo, hi := values[0], values[len(values)-1]
	if len(values) < 20 {
		return plotSpan{lo, hi}
	}
	q05, q95 := quantile(values, 0.05), quantile(values, 0.95)
	reach := 3 * max(q95-q05, 0.005*q95)
	usual := emptySpan()
	for _, v := range values {
		if v >= q05-reach && v <= q95+reach {
			usual.include(v)
		}
	}
	return usual
}

func cadenceLine(i int) draw.LineStyle {
	if i == 0 {
		return lineOf(inkGreen, 1.1)
	}
	return lineOf(inkRed, 1.1, 5, 3)
}

// intervalsOf sorts a session's intervals into normal, missed and bunched. When beats were left out in
// the middle, the longest interval is the place where they are missing, and is none.
func intervalsOf(t *sessions.Trace, s *sessions.Session) (cadenceSeries, bool) {
	c := cadenceSeries{session: s}
	if s.Cadence == nil || len(s.Cadence.Times) < 2 {
		return c, false
	}
	times := s.Cadence.Times
	var gaps []float64
	for i := range times[1:] {
		gaps = append(gaps, float64(times[i+1]-times[i])/1e9)
	}
	cut := -1
	if s.Cadence.TimesLeftOut > 0 {
		cut = slices.Index(gaps, slices.Max(gaps))
	}
	c.median = s.Cadence.Period.P50.Seconds()
	if c.median <= 0 {
		c.median = quantile(sortedCopy(gaps), 0.5)
	}
	frames := beatFrames(s)
	for i, g := range gaps {
		at := plotter.XY{X: sinceStart(t, times[i+1]), Y: g}
		switch {
		case i == cut:
		case g > sessions.MissedOver*c.median:
			c.missed = append(c.missed, at)
		case g < sessions.BunchedUnder*c.median:
			c.bunched = append(c.bunched, at)
		default:
			c.normal = append(c.normal, at)
			if frame := frames[times[i+1]]; frame > 0 {
				c.points = append(c.points, dataPoint{at.X, at.Y, frame, s.ID, fmt.Sprintf("#%d · %d · %s", s.ID, frame, plotDuration(seconds(g)))})
			}
		}
	}
	return c, len(c.normal)+len(c.missed)+len(c.bunched) > 0
}

// beatFrames are the frames of a session's messages by their times, as far as steps were kept.
func beatFrames(s *sessions.Session) map[int64]int64 {
	frames := map[int64]int64{}
	for i := range s.Steps {
		if st := &s.Steps[i]; st.From == s.Cadence.Sender && st.Marks.Has(sessions.MarkNewData) {
			frames[st.Time] = st.Frame
		}
	}
	return frames
}

// cadenceAxes spans the normal intervals: the missed and the bunched ones are written at the edges,
// or one of them would squeeze all others onto a line. It returns the periods to draw as well.
func cadenceAxes(all []cadenceSeries, w words.Plot) (x, y plotAxis, lines []float64) {
	times := emptySpan()
	var usual []float64
	near := false
	for _, c := range all {
		for _, part := range []plotter.XYs{c.normal, c.missed, c.bunched} {
			for _, p := range part {
				times.include(p.X)
			}
		}
		for _, p := range c.normal {
			usual = append(usual, p.Y)
		}
		near = near || math.Abs(c.median-(periodSleep+periodSleepPoll)/2) < periodsNear
	}
	if len(usual) == 0 {
		usual = append(usual, all[0].median)
	}
	gaps := usualSpan(usual)
	if near {
		lines = []float64{periodSleep, periodSleepPoll}
		gaps.include(periodSleep)
		gaps.include(periodSleepPoll)
	}
	times.include(0)
	times = plotSpan{0, times.max * 1.02}.padded(0, 1e-3)
	gaps = gaps.padded(0.12, max(gaps.max*0.01, 1e-6))
	u := timeUnit(gaps.max)
	if lines != nil {
		u = unitSecond
	}
	y = plotAxis{span: gaps, label: fmt.Sprintf("%s (%s)", w.IntervalAxis(), u.name), ticks: linearTicks(gaps, u, 7)}
	return timeAxis(times, w), y, lines
}

// binWidth is a round width that cuts a span into about 30.
func binWidth(s plotSpan) float64 {
	width, _ := niceStep((s.max - s.min) / 30)
	return width
}

// binCounts counts the values per bin; bin k reaches from k to k+1 widths.
func binCounts(values plotter.XYs, width float64) map[int]int {
	counts := map[int]int{}
	for _, v := range values {
		counts[int(math.Floor(v.Y/width))]++
	}
	return counts
}

// cadenceCounts are the axes of the distribution: counts to the right, the shared one upwards.
func cadenceCounts(all []cadenceSeries, gaps plotSpan, w words.Plot) (x, y plotAxis) {
	total := map[int]int{}
	most := 1
	for _, c := range all {
		for bin, n := range binCounts(c.normal, binWidth(gaps)) {
			total[bin] += n
			most = max(most, total[bin])
		}
	}
	top := float64(most) * 1.08
	x = plotAxis{span: plotSpan{0, top}, label: w.CountIntervals(), ticks: countTicks(top, 4)}
	y = plotAxis{span: gaps, ticks: linearTicks(gaps, unitSecond, 7)}
	if timeUnit(gaps.max) != unitSecond {
		y.ticks = linearTicks(gaps, timeUnit(gaps.max), 7)
	}
	return x, y.unlabelled()
}

// cadenceBars draws the bars of series i stacked on those before it; the last is all the grey ones.
func cadenceBars(all []cadenceSeries, i int, gaps plotSpan) plotFunc {
	width := binWidth(gaps)
	sum := map[int]int{}
	until := i + 1
	if i == maxSeries {
		until = len(all)
	}
	for _, c := range all[:until] {
		for bin, n := range binCounts(c.normal, width) {
			sum[bin] += n
		}
	}
	bins := make([]int, 0, len(sum))
	for bin := range sum {
		bins = append(bins, bin)
	}
	slices.Sort(bins)
	var boxes []plotSegment
	for _, bin := range bins {
		lo := float64(bin) * width
		boxes = append(boxes, plotSegment{0, lo + width*0.06, float64(sum[bin]), lo + width*0.94})
	}
	return drawBoxes(boxes, seriesMark(i).ink)
}

// edgeMarks draws marks at a horizontal edge, with the values beside those that have room for it.
func edgeMarks(e cadenceEdge) plotFunc {
	pts, m := thinned(e.points, maxMarks), e.mark
	return func(c draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&c)
		level := y(e.at) + e.inward
		if e.at == p.Y.Max {
			level = y(e.at) - e.inward
		}
		var at []vg.Point
		var values []float64
		for _, pt := range pts {
			v := vg.Point{X: x(pt.X), Y: level}
			if n := len(at); n == 0 || math.Abs(float64(v.X-at[n-1].X)) > float64(m.radius) {
				at, values = append(at, v), append(values, pt.Y)
			}
		}
		m.paint(c, at)
		style := plotText(sizeTick, inkText)
		for i, labels := 0, 0; i < len(at) && labels < maxMarkLabels; i++ {
			label := plotDuration(seconds(values[i]))
			left := at[i].X + 7
			right := left + style.Width(label)
			if right > c.Max.X || i+1 < len(at) && right+m.radius+2 > at[i+1].X {
				continue
			}
			c.FillText(style, vg.Point{X: left, Y: at[i].Y - 3}, label)
			labels++
		}
	}
}

// cadenceWords writes what stands above the panels.
func cadenceWords(page *plotPage, all []cadenceSeries, edges []cadenceEdge, w words.Plot) {
	var names []string
	for _, c := range all {
		names = append(names, endPointsText(c.session, w))
	}
	for i, c := range all[:min(len(all), maxSeries)] {
		k := c.session.Cadence
		numbers := w.CadenceNumbers(k.Beats, plotDuration(seconds(c.median)), plotDuration(k.Jitter), k.Missed)
		if k.TimesLeftOut > 0 {
			numbers += " · " + w.LeftOut(k.TimesLeftOut)
		}
		numbers += drawnFact(len(c.normal), maxMarks, w)
		if len(all) == 1 {
			page.facts = append(page.facts, names[i])
		} else {
			numbers = fmt.Sprintf("#%d: %s", c.session.ID, numbers)
		}
		page.facts = append(page.facts, numbers)
	}
	page.legend = seriesLegend(names, w.CadenceOne(), w)
	for i := range edges {
		if len(edges[i].points) > 0 {
			page.legend = append(page.legend, legendItem{text: edges[i].name(w), mark: &edges[i].mark})
		}
	}
}
