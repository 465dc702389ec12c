package plot

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/words"
)

// windowReach is how far above the data, as a multiple of it, the window's edge may come and still be
// drawn over them. A window of 64 KiB over 35 bytes of data would press the data onto the axis.
const windowReach = 2.8

// sequenceMark is one kind of special event in a time–sequence graph.
type sequenceMark struct {
	look plotMark
	name func(words.Plot) string
}

// The events, in the order of the legend.
const (
	eventRetransmission = iota
	eventSpurious
	eventOutOfOrder
	eventZeroWindow
	eventProbe
	eventSYN
	eventFIN
	eventRST
	numEvents
)

var sequenceMarks = [numEvents]sequenceMark{
	eventRetransmission: {plotMark{shape: shapeCross, ink: inkRed, radius: 3.4}, func(w words.Plot) string { return w.Retransmission() }},
	eventSpurious:       {plotMark{shape: shapeDiamond, ink: inkOrange, hollow: true, radius: 3.6}, func(w words.Plot) string { return w.Spurious() }},
	eventOutOfOrder:     {plotMark{shape: shapePlus, ink: inkSky, radius: 3.6}, func(w words.Plot) string { return w.OutOfOrder() }},
	eventZeroWindow:     {plotMark{shape: shapeSquare, ink: inkPurple, radius: 2.8}, func(w words.Plot) string { return w.ZeroWindow() }},
	eventProbe:          {plotMark{shape: shapeCircle, ink: inkSky, hollow: true, radius: 2.8}, func(w words.Plot) string { return w.Probe() }},
	eventSYN:            {plotMark{shape: shapeUp, ink: inkBlack, radius: 3.2}, func(w words.Plot) string { return w.SYN() }},
	eventFIN:            {plotMark{shape: shapeDown, ink: inkBlack, radius: 3.2}, func(w words.Plot) string { return w.FIN() }},
	eventRST:            {plotMark{shape: shapeCross, ink: inkBlack, radius: 4.6}, func(w words.Plot) string { return w.RST() }},
}

var (
	dataLine   = lineOf(inkBlue, 1.8)
	repeatLine = lineOf(inkRed, 1.8)
	ackLine    = lineOf(inkGreen, 1.2)
	edgeLine   = lineOf(inkPurple, 1.2, 4, 2)
)

// sequenceFlow is one direction of a session, ready to be drawn. Times are seconds since the capture's
// first packet, offsets are bytes of the sender's stream.
type sequenceFlow struct {
	data, repeats []plotSegment
	acks          []plotter.XYs // broken where steps were left out, as the next two
	edges         []plotter.XYs // acknowledgement plus window
	windows       []plotter.XYs
	events        [numEvents]plotter.XYs
	bottom, top   float64 // the lowest data byte, the highest one or acknowledgement; 0 is between them
	bytes         int64
	points        []dataPoint // segments with data
}

// sequencePage draws, for each session and direction, stream offset against time.
func sequencePage(t *sessions.Trace, chosen []*sessions.Session, w words.Plot) (*plotPage, error) {
	var shown []*sessions.Session
	rest := 0
	for _, s := range chosen {
		switch {
		case len(s.Steps) == 0:
		case len(shown) == maxSequences:
			rest++
		default:
			shown = append(shown, s)
		}
	}
	if len(shown) == 0 {
		return nil, fmt.Errorf("%w: no chosen session has its segments kept", ErrNothingToPlot)
	}
	page := &plotPage{title: w.SequenceTitle(), margin: 6}
	used := [numEvents]bool{}
	for _, s := range shown {
		for _, from := range []sessions.Side{sessions.Client, sessions.Server} {
			panels, flow := directionPanels(t, s, from, page.height, w)
			page.panels = append(page.panels, panels...)
			page.height = panels[len(panels)-1].bottom + flowGap
			for i, pts := range flow.events {
				used[i] = used[i] || len(pts) > 0
			}
		}
		if s.StepsLeftOut > 0 {
			page.facts = append(page.facts, fmt.Sprintf("#%d: ", s.ID)+w.StepsLeftOut(s.StepsLeftOut))
		}
	}
	if len(shown) == 1 {
		page.title += ": " + endPointsText(shown[0], w)
	}
	if rest > 0 {
		page.facts = append(page.facts, w.NotShown(rest))
	}
	page.legend = sequenceLegend(used, w)
	return page, nil
}

func sequenceLegend(used [numEvents]bool, w words.Plot) []legendItem {
	items := []legendItem{{text: w.Data(), line: &dataLine, tall: true}, {text: w.AckLine(), line: &ackLine}, {text: w.WindowEdge(), line: &edgeLine}}
	for i := range sequenceMarks {
		if used[i] {
			items = append(items, legendItem{text: sequenceMarks[i].name(w), mark: &sequenceMarks[i].look})
		}
	}
	return items
}

// stepSpan is the time that a session's steps cover, shared by its two panels.
func stepSpan(t *sessions.Trace, s *sessions.Session) plotSpan {
	span := emptySpan()
	for i := range s.Steps {
		span.include(sinceStart(t, s.Steps[i].Time))
	}
	return span.padded(0.02, 1e-5)
}

// flowOf collects one direction: the sender's segments, and the receiver's answers to them.
func flowOf(t *sessions.Trace, s *sessions.Session, from sessions.Side) sequenceFlow {
	f := sequenceFlow{bytes: s.Bytes[from]}
	f.breakLines()
	for i := range s.Steps {
		step := &s.Steps[i]
		if s.StepsLeftOut > 0 && i == s.StepsHead {
			f.breakLines()
		}
		at := sinceStart(t, step.Time)
		if step.From == from {
			f.addSent(at, step)
			if step.Length > 0 && !isReset(step) {
				f.points = append(f.points, dataPoint{at, float64(step.Offset + int64(step.Length)), step.Frame, s.ID,
					fmt.Sprintf("#%d · %d · %d–%d B", s.ID, step.Frame, step.Offset, step.Offset+int64(step.Length))})
			}
		} else {
			f.addAnswer(at, step)
		}
	}
	return f
}

// breakLines begins new lines, unconnected to those before.
func (f *sequenceFlow) breakLines() {
	f.acks, f.edges, f.windows = append(f.acks, nil), append(f.edges, nil), append(f.windows, nil)
}

// addSent takes a segment of the direction's own sender.
func (f *sequenceFlow) addSent(at float64, step *sessions.Step) {
	lo, hi := float64(step.Offset), float64(step.Offset+int64(step.Length))
	repeated := step.Marks.Has(sessions.MarkRetransmission) || step.Marks.Has(sessions.MarkSpurious)
	if step.Length > 0 && !isReset(step) {
		f.bottom, f.top = min(f.bottom, lo), max(f.top, hi)
		if repeated {
			f.repeats = append(f.repeats, plotSegment{at, lo, at, hi})
		} else {
			f.data = append(f.data, plotSegment{at, lo, at, hi})
		}
	}
	mark := func(event int, y float64) {
		f.events[event] = append(f.events[event], plotter.XY{X: at, Y: y})
	}
	switch {
	case step.Marks.Has(sessions.MarkSpurious):
		mark(eventSpurious, hi)
	case repeated:
		mark(eventRetransmission, hi)
	case step.Marks.Has(sessions.MarkOutOfOrder):
		mark(eventOutOfOrder, hi)
	case step.Marks.Has(sessions.MarkKeepAlive) || step.Marks.Has(sessions.MarkWindowProbe):
		mark(eventProbe, hi)
	}
	if step.Flags.Has(capture.SYN) {
		mark(eventSYN, 0)
	}
	if step.Flags.Has(capture.FIN) {
		mark(eventFIN, hi)
	}
	if step.Flags.Has(capture.RST) {
		mark(eventRST, f.top)
	}
}

// addAnswer takes a segment of the other side: what it acknowledges and how much more it would take.
func (f *sequenceFlow) addAnswer(at float64, step *sessions.Step) {
	if step.Ack < 0 || isReset(step) {
		return
	}
	ack, edge := float64(step.Ack), float64(step.Ack+step.Window)
	last := len(f.acks) - 1
	f.acks[last] = append(f.acks[last], plotter.XY{X: at, Y: ack})
	f.edges[last] = append(f.edges[last], plotter.XY{X: at, Y: edge})
	f.windows[last] = append(f.windows[last], plotter.XY{X: at, Y: float64(step.Window)})
	f.top = max(f.top, ack)
	if step.Marks.Has(sessions.MarkZeroWindow) {
		f.events[eventZeroWindow] = append(f.events[eventZeroWindow], plotter.XY{X: at, Y: edge})
	}
}

// The heights of the panels of one direction, in points.
const (
	flowHeight  vg.Length = 178
	stripHeight vg.Length = 48 // of a window that is drawn apart
	flowGap     vg.Length = 6
)

// windowOnScale reports whether the window's edge stays near enough to the data to be drawn over them,
// and its highest value.
func (f *sequenceFlow) windowOnScale() (highest float64, ok bool) {
	for _, part := range f.edges {
		for _, p := range part {
			highest = max(highest, p.Y)
		}
	}
	return highest, highest > 0 && highest <= f.top*windowReach
}

// directionPanels draws one direction from the height at downwards: its graph, and above it the receive
// window in a strip of its own when it is too large for the graph's scale.
func directionPanels(t *sessions.Trace, s *sessions.Session, from sessions.Side, at vg.Length, w words.Plot) ([]*plotPanel, *sequenceFlow) {
	f := flowOf(t, s, from)
	times := timeAxis(stepSpan(t, s), w)
	highest, onScale := f.windowOnScale()
	if from == sessions.Client {
		times.label = "" // the panel below has the same axis
	}
	client, server := endPointText(s.Client), endPointText(s.Server)
	if from == sessions.Server {
		client, server = server, client
	}
	caption := w.Direction(s.ID, client, server, plotBytes(f.bytes))
	var panels []*plotPanel
	if strip := f.windowStrip(times); strip != nil && !onScale {
		panels = append(panels, &plotPanel{axes: strip, right: 1, top: at, bottom: at + stripHeight, caption: caption})
		at, caption = at+stripHeight+flowGap, ""
	}
	top := max(f.top, 10)
	if onScale {
		top = max(top, highest)
	}
	span := plotSpan{f.bottom - 0.08*top, top * 1.1}
	u := byteUnit(top)
	axes := newAxes(times, plotAxis{span: span,
		label: fmt.Sprintf("%s (%s)", w.OffsetAxis(), u.name), ticks: linearTicks(span, u, 6)})
	if s.StepsLeftOut > 0 && s.StepsHead > 0 && s.StepsHead < len(s.Steps) {
		gap := plotSegment{sinceStart(t, s.Steps[s.StepsHead-1].Time), span.min, sinceStart(t, s.Steps[s.StepsHead].Time), span.max}
		axes.Add(drawBoxes([]plotSegment{gap}, inkBand))
	}
	f.draw(axes, onScale)
	return append(panels, &plotPanel{axes: axes, right: 1, top: at, bottom: at + flowHeight, caption: caption, points: f.points}), &f
}

// windowStrip draws the offered window alone over the same times; nil when nothing was offered.
func (f *sequenceFlow) windowStrip(times plotAxis) *plot.Plot {
	most := 0.0
	for _, part := range f.windows {
		for _, p := range part {
			most = max(most, p.Y)
		}
	}
	if most == 0 {
		return nil
	}
	u := byteUnit(most)
	span := plotSpan{0, most * 1.2}
	ticks := linearTicks(span, u, 2)
	for i := range ticks {
		if ticks[i].Value > 0 {
			ticks[i].Label += " " + u.name // the strip is too low for a label of its own
		}
	}
	strip := newAxes(plotAxis{span: times.span}, plotAxis{span: span, ticks: ticks})
	for _, part := range f.windows {
		strip.Add(drawLine(thinned(part, maxMarks), edgeLine, plotter.PostStep))
	}
	return strip
}

// draw adds a direction's lines, bars and marks to its axes.
func (f *sequenceFlow) draw(axes *plot.Plot, edge bool) {
	for i := range f.acks {
		if edge {
			axes.Add(drawLine(thinned(f.edges[i], maxMarks), edgeLine, plotter.PostStep))
		}
		axes.Add(drawLine(thinned(f.acks[i], maxMarks), ackLine, plotter.PostStep))
	}
	const least vg.Length = 2.5
	axes.Add(drawSegments(mergedBars(f.data, maxBars), dataLine, least), drawSegments(mergedBars(f.repeats, maxBars), repeatLine, least))
	for i := range f.events {
		axes.Add(drawSparseMarks(thinned(f.events[i], maxMarks), sequenceMarks[i].look))
	}
}

// mergedBars keeps the picture small: of too many bars, neighbours in time become one that covers them.
func mergedBars(bars []plotSegment, limit int) []plotSegment {
	if len(bars) <= limit {
		return bars
	}
	stretch := (len(bars) + limit - 1) / limit
	merged := make([]plotSegment, 0, limit)
	for from := 0; from < len(bars); from += stretch {
		part := bars[from:min(from+stretch, len(bars))]
		one := part[0]
		for _, b := range part[1:] {
			one.y0, one.y1 = min(one.y0, b.y0), max(one.y1, b.y1)
		}
		merged = append(merged, one)
	}
	return merged
}
