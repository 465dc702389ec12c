package plot

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"

	"gonum.org/v1/plot/plotter"

	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

// phaseEcho is one echo between the beats of the host that answered it. All values are seconds.
type phaseEcho struct {
	sent       float64   // since the capture's first packet
	reply      float64   // after the beat before the request
	request    float64   // the same
	beats      []float64 // the same, from 0 to the first beat after the reply
	fromBeat   float64   // of the request to the nearest beat, negative when before it
	replyApart float64   // of the reply, likewise
	split      *rhythm.Split
}

// phasePair is one host: the loop that it runs, and how the echoes that it answers stand to it.
type phasePair struct {
	*rhythm.Lock
	beats  []float64 // of the loop, since the capture's first packet, sorted
	period float64
}

// phasePage draws every echo as a line from its request to its reply, counted from the beat before the
// request, and beside it how far requests and replies are from their nearest beat.
func phasePage(t *sessions.Trace, chosen []*sessions.Session, w words.Plot) (*plotPage, error) {
	isChosen := map[int]bool{}
	for _, s := range chosen {
		isChosen[s.ID] = true
	}
	view := phaseView{w: w}
	for _, pair := range phasePairs(t) {
		byLoop := slices.ContainsFunc(pair.Loop.Sessions, func(s *sessions.Session) bool { return isChosen[s.ID] })
		view.add(t, pair, func(session int) bool { return byLoop || isChosen[session] })
	}
	if len(view.echoes) == 0 {
		return nil, fmt.Errorf("%w: no host both sends beats and answers echoes among them", ErrNothingToPlot)
	}
	sort.SliceStable(view.echoes, func(i, j int) bool { return view.echoes[i].sent < view.echoes[j].sent })
	page := &plotPage{title: w.PhaseTitle(), height: 330, margin: 6}
	requests, replies := phaseHistograms(view.echoes, view.period, w)
	page.panels = append([]*plotPanel{phaseRows(view.echoes, view.period, w)}, requests, replies)
	view.words(page)
	return page, nil
}

// A phaseView is what one picture shows.
type phaseView struct {
	w       words.Plot
	echoes  []phaseEcho
	names   []*sessions.Session
	locks   []*rhythm.Lock
	period  float64
	dropped int // echoes with no beat around them
}

// add takes the wanted echoes of one host.
func (v *phaseView) add(t *sessions.Trace, pair phasePair, wanted func(session int) bool) {
	drawn := map[int]bool{}
	for i := range pair.Splits {
		d := &pair.Splits[i]
		if !wanted(d.Session) {
			continue
		}
		drawn[d.Session] = true
		if e, ok := pair.place(t, d); ok {
			v.echoes = append(v.echoes, e)
		} else {
			v.dropped++
		}
	}
	if len(drawn) == 0 {
		return
	}
	v.period = max(v.period, pair.period)
	v.locks = append(v.locks, pair.Lock)
	v.names = append(v.names, pair.Loop.Sessions...)
	for _, s := range t.Sessions {
		if drawn[s.ID] {
			v.names = append(v.names, s)
		}
	}
}

// phasePairs finds the hosts that both run a loop and answer echoes. A session plays one part only, and the loop with
// more messages chooses first: a PC whose user types evenly is not the rhythm of the Pico's loop.
func phasePairs(t *sessions.Trace) (pairs []phasePair) {
	networks := rhythm.NetworksOf(t.Sessions)
	hosts, answers := map[netip.Addr]bool{}, map[int]bool{}
	for _, l := range rhythm.Loops(t.Sessions) {
		if hosts[l.Host] || slices.ContainsFunc(l.Sessions, func(s *sessions.Session) bool { return answers[s.ID] }) {
			continue
		}
		hosts[l.Host] = true
		k := rhythm.LockOf(t.Sessions, l, networks)
		if k == nil {
			continue
		}
		for _, id := range k.Sessions {
			answers[id] = true
		}
		pair := phasePair{Lock: k, period: l.Period.Seconds()}
		for _, at := range l.Times {
			pair.beats = append(pair.beats, sinceStart(t, at))
		}
		pairs = append(pairs, pair)
	}
	return pairs
}

// place sets an echo between the beats. One that has no beat around it, because it came before the first, after the
// last or where a beat is missing, has no place.
func (p *phasePair) place(t *sessions.Trace, d *rhythm.Split) (e phaseEcho, ok bool) {
	sent, reply := sinceStart(t, d.Sent), sinceStart(t, d.Reply)
	next := sort.Search(len(p.beats), func(i int) bool { return p.beats[i] > sent })
	after := sort.Search(len(p.beats), func(i int) bool { return p.beats[i] > reply })
	if next == 0 || next == len(p.beats) || p.beats[next]-p.beats[next-1] > sessions.MissedOver*p.period ||
		reply > p.beats[len(p.beats)-1]+p.period/2 {
		return e, false
	}
	base := p.beats[next-1]
	e = phaseEcho{sent: sent, request: sent - base, reply: reply - base}
	for i := next - 1; i < min(after+1, len(p.beats)) && len(e.beats) < 32; i++ {
		e.beats = append(e.beats, p.beats[i]-base)
	}
	e.split = d
	e.fromBeat, e.replyApart = p.Loop.Apart(d.Sent).Seconds(), p.Loop.Apart(d.Reply).Seconds()
	return e, true
}

var (
	requestMark = plotMark{shape: shapeCircle, ink: inkBlue, hollow: true, radius: 3}
	replyMark   = plotMark{shape: shapeDiamond, ink: inkRed, radius: 3}
	waitLine    = lineOf(inkGrey, 1)
	beatLine    = lineOf(inkGreen, 2)
)

// phaseRows is the large panel: a row per echo, in the order of time from top to bottom.
func phaseRows(all []phaseEcho, period float64, w words.Plot) *plotPanel {
	rows := all
	if len(rows) > maxPhaseRows {
		rows = make([]phaseEcho, 0, maxPhaseRows)
		for i := range maxPhaseRows {
			rows = append(rows, all[i*len(all)/maxPhaseRows])
		}
	}
	across, down := emptySpan(), emptySpan()
	across.include(0)
	across.include(period)
	for _, e := range rows {
		across.include(e.reply)
		down.include(e.sent)
	}
	across = plotSpan{-0.04 * across.max, across.max * 1.05}
	down = down.padded(0.08, 0.5)
	half := (down.max - down.min) / 42
	var requests, replies plotter.XYs
	var waits, beats []plotSegment
	var points []dataPoint
	for _, e := range rows {
		text := fmt.Sprintf("#%d · %d → %d · %s", e.split.Session, e.split.RequestFrame, e.split.ReplyFrame, plotDuration(e.split.RTT))
		points = append(points, dataPoint{e.request, e.sent, e.split.RequestFrame, e.split.Session, text}, dataPoint{e.reply, e.sent, e.split.ReplyFrame, e.split.Session, text})
		requests = append(requests, plotter.XY{X: e.request, Y: e.sent})
		replies = append(replies, plotter.XY{X: e.reply, Y: e.sent})
		waits = append(waits, plotSegment{e.request, e.sent, e.reply, e.sent})
		for _, b := range e.beats {
			beats = append(beats, plotSegment{b, e.sent - half, b, e.sent + half})
		}
	}
	xUnit := timeUnit(across.max)
	yUnit := clockUnit(down)
	axes := newAxes(
		plotAxis{span: across, label: fmt.Sprintf("%s (%s)", w.PhaseAxis(), xUnit.name), ticks: linearTicks(across, xUnit, 7)},
		plotAxis{span: down, label: fmt.Sprintf("%s (%s)", w.TimeAxis(), yUnit.name), ticks: linearTicks(down, yUnit, 8), down: true})
	request, reply, wait := requestMark, replyMark, waitLine
	if len(rows) > 40 {
		request.radius, reply.radius, wait.Width = 2, 2, 0.5
	}
	axes.Add(drawSegments(beats, beatLine, 0), drawSegments(waits, wait, 0),
		drawMarks(requests, request), drawMarks(replies, reply))
	return &plotPanel{axes: axes, left: 0, right: 0.62, bottom: 330, points: points}
}

// phaseHistograms are the two small panels: how far requests and replies are from their nearest beat,
// with the same axes, so that a heap and a spread cannot be mistaken for each other.
func phaseHistograms(all []phaseEcho, period float64, w words.Plot) (requests, replies *plotPanel) {
	const bins = 41 // odd, so that the beat is in the middle of one
	width := period / bins
	count := func(of func(phaseEcho) float64) (boxes []plotSegment, most float64) {
		var counts [bins]float64
		for _, e := range all {
			bin := int(math.Floor((of(e) + period/2) / width))
			counts[min(max(bin, 0), bins-1)]++
		}
		for i, n := range counts {
			if n > 0 {
				lo := -period/2 + float64(i)*width
				boxes = append(boxes, plotSegment{lo + width*0.06, 0, lo + width*0.94, n})
			}
			most = max(most, n)
		}
		return boxes, most
	}
	asked, mostAsked := count(func(e phaseEcho) float64 { return e.fromBeat })
	answered, mostAnswered := count(func(e phaseEcho) float64 { return e.replyApart })
	top := max(mostAsked, mostAnswered) * 1.08
	span := plotSpan{-period / 2, period / 2}
	u := timeUnit(period / 2)
	x := plotAxis{span: span, ticks: linearTicks(span, u, 6)}
	y := plotAxis{span: plotSpan{0, top}, label: w.PhaseCount(), ticks: countTicks(top, 4)}
	panel := func(boxes []plotSegment, ink inkColor, x plotAxis) *plotPanel {
		axes := newAxes(x, y)
		axes.Add(drawUpright(0, lineOf(inkGreen, 1.2)), drawBoxes(boxes, ink))
		return &plotPanel{axes: axes, left: 0.64, right: 1}
	}
	requests = panel(asked, inkBlue, x)
	requests.bottom = 154
	x.label = fmt.Sprintf("%s (%s)", w.PhaseNearest(), u.name)
	replies = panel(answered, inkRed, x)
	replies.top, replies.bottom = 160, 330
	return requests, replies
}

// words writes what stands above the panels.
func (v *phaseView) words(page *plotPage) {
	w, names := v.w, v.names
	slices.SortFunc(names, func(a, b *sessions.Session) int { return cmp.Compare(a.ID, b.ID) })
	names = slices.Compact(names)
	var ends []string
	for _, s := range names[:min(len(names), maxSeries)] {
		ends = append(ends, endPointsText(s, w))
	}
	if rest := len(names) - maxSeries; rest > 0 {
		ends = append(ends, w.MoreSessions(rest))
	}
	page.facts = append(page.facts, strings.Join(ends, " · "))
	var asked, answered []time.Duration
	for _, e := range v.echoes {
		asked = append(asked, seconds(math.Abs(e.fromBeat)))
	}
	holds, free, enough, near, most := true, true, false, 0, time.Duration(0)
	for _, k := range v.locks {
		near += k.Locked
		for i := range k.Splits {
			answered = append(answered, k.Splits[i].Lock)
		}
		holds, free = holds && k.Holds, free && k.Free
		enough, most = enough || len(k.Splits) >= rhythm.MinLocked, max(most, k.Most)
	}
	page.panels[1].caption = w.PhaseRequests(plotDuration(rhythm.Median(asked)))
	page.panels[2].caption = w.PhaseReplies(plotDuration(rhythm.Median(answered)), near, len(answered), plotDuration(most))
	if enough {
		verdict := w.PhaseUnsure()
		switch {
		case holds:
			verdict = w.PhaseLocked()
		case free:
			verdict = w.PhaseFree()
		}
		page.facts = append(page.facts, verdict)
	}
	if v.dropped > 0 {
		page.facts = append(page.facts, w.PhaseDropped(v.dropped))
	}
	if len(v.echoes) > maxPhaseRows {
		page.facts = append(page.facts, w.Drawn(maxPhaseRows, len(v.echoes)))
	}
	page.legend = []legendItem{
		{text: w.PhaseRequest(), mark: &requestMark},
		{text: w.PhaseWait(), line: &waitLine},
		{text: w.PhaseReply(), mark: &replyMark},
		{text: w.PhaseBeat(), line: &beatLine, tall: true},
	}
}
