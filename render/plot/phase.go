package plot

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"gonum.org/v1/plot/plotter"

	"tcptrace/sessions"
)

// One loop serves echo and beats when the replies are this close to a beat, in seconds, over at least
// lockedEchoes echoes (findings.md, Phase lock).
const (
	lockedMedian = 0.020
	lockedMost   = 0.100
	lockedEchoes = 3
)

// phaseEcho is one echo between the beats of the host that answered it. All values are seconds.
type phaseEcho struct {
	sent       float64   // since the capture's first packet
	reply      float64   // after the beat before the request
	request    float64   // the same
	beats      []float64 // the same, from 0 to the first beat after the reply
	fromBeat   float64   // of the request to the nearest beat, negative when before it
	replyApart float64   // of the reply, likewise
}

// phasePair is one host: the beats that it sends on one set of connections, the echoes that it answers
// on another.
type phasePair struct {
	beats  []float64 // since the capture's first packet, sorted
	period float64   // median
	pulses []*sessions.Session
	echoes []*sessions.Session
}

// phasePage draws every echo as a line from its request to its reply, counted from the beat before the
// request, and beside it how far requests and replies are from their nearest beat.
func phasePage(t *sessions.Trace, chosen []*sessions.Session, w *words) (*plotPage, error) {
	var all []phaseEcho
	var names []*sessions.Session
	var period float64
	dropped := 0
	isChosen := map[*sessions.Session]bool{}
	for _, s := range chosen {
		isChosen[s] = true
	}
	for _, pair := range phasePairs(t) {
		byPulse := slices.ContainsFunc(pair.pulses, func(s *sessions.Session) bool { return isChosen[s] })
		drawn := false
		for _, e := range pair.echoes {
			if !isChosen[e] && !byPulse {
				continue
			}
			found, outside := pair.place(t, e)
			all = append(all, found...)
			dropped += outside
			period = max(period, pair.period)
			names = append(names, e)
			drawn = true
		}
		if drawn {
			names = append(names, pair.pulses...)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no host both sends beats and answers echoes among them", ErrNothingToPlot)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].sent < all[j].sent })
	page := &plotPage{title: w.PhaseTitle, height: 330, margin: 6}
	requests, replies := phaseHistograms(all, period, w)
	page.panels = append([]*plotPanel{phaseRows(all, period, w)}, requests, replies)
	phaseWords(page, all, names, dropped, w)
	return page, nil
}

// phasePairs finds the hosts that both beat and answer. A session plays one part only, and the host
// with more beats chooses first: a PC whose user types evenly is not the rhythm of the Pico's loop.
func phasePairs(t *sessions.Trace) []phasePair {
	var pulses []*sessions.Session
	for _, s := range t.Sessions {
		if s.Cadence != nil && len(s.Cadence.Times) > 1 && s.Cadence.Sender != sessions.NoSide {
			pulses = append(pulses, s)
		}
	}
	slices.SortStableFunc(pulses, func(a, b *sessions.Session) int {
		return cmp.Compare(len(b.Cadence.Times), len(a.Cadence.Times))
	})
	answering := map[netip.Addr][]*sessions.Session{}
	for _, s := range t.Sessions {
		if s.Echo != nil && len(s.Echo.Samples) > 0 {
			answering[s.Server.Addr()] = append(answering[s.Server.Addr()], s)
		}
	}
	pairs := map[netip.Addr]*phasePair{}
	var hosts []netip.Addr
	answers, beats := map[*sessions.Session]bool{}, map[*sessions.Session]bool{}
	for _, pulse := range pulses {
		if answers[pulse] {
			continue
		}
		beats[pulse] = true
		host := senderHost(pulse)
		if pairs[host] == nil {
			pairs[host] = &phasePair{}
			hosts = append(hosts, host)
			for _, e := range answering[host] {
				// On one machine alone, what its beats are sent to is not what answers in their rhythm.
				same := pulse.Cadence.Sender == sessions.Client && e.Server == pulse.Server
				if !beats[e] && !same {
					pairs[host].echoes = append(pairs[host].echoes, e)
					answers[e] = true
				}
			}
		}
		pairs[host].pulses = append(pairs[host].pulses, pulse)
	}
	var out []phasePair
	for _, host := range hosts {
		if len(pairs[host].echoes) > 0 {
			pairs[host].mergeBeats(t)
			out = append(out, *pairs[host])
		}
	}
	return out
}

func senderHost(s *sessions.Session) netip.Addr {
	if s.Cadence.Sender == sessions.Server {
		return s.Server.Addr()
	}
	return s.Client.Addr()
}

// mergeBeats puts the beats of all of a host's connections on one line.
func (p *phasePair) mergeBeats(t *sessions.Trace) {
	var gaps []float64
	for _, s := range p.pulses {
		for i, ns := range s.Cadence.Times {
			p.beats = append(p.beats, sinceStart(t, ns))
			if i > 0 {
				gaps = append(gaps, float64(ns-s.Cadence.Times[i-1])/1e9)
			}
		}
	}
	slices.Sort(p.beats)
	slices.Sort(gaps)
	p.period = quantile(gaps, 0.5)
}

// place sets the echoes of a session between the beats. An echo that has no beat around it, because it
// came before the first, after the last or where a beat is missing, is counted as outside.
func (p *phasePair) place(t *sessions.Trace, s *sessions.Session) (found []phaseEcho, outside int) {
	for _, sample := range s.Echo.Samples {
		sent := sinceStart(t, sample.Sent)
		reply := sent + sample.RTT.Seconds()
		next := sort.Search(len(p.beats), func(i int) bool { return p.beats[i] > sent })
		after := sort.Search(len(p.beats), func(i int) bool { return p.beats[i] > reply })
		if next == 0 || next == len(p.beats) || p.beats[next]-p.beats[next-1] > missedPeriods*p.period ||
			reply > p.beats[len(p.beats)-1]+p.period/2 {
			outside++
			continue
		}
		base := p.beats[next-1]
		e := phaseEcho{sent: sent, request: sent - base, reply: reply - base}
		for i := next - 1; i < min(after+1, len(p.beats)) && len(e.beats) < 32; i++ {
			e.beats = append(e.beats, p.beats[i]-base)
		}
		e.fromBeat, e.replyApart = p.apart(sent), p.apart(reply)
		found = append(found, e)
	}
	return found, outside
}

// apart is the distance of a moment from the nearest beat; negative before it.
func (p *phasePair) apart(at float64) float64 {
	next := sort.SearchFloat64s(p.beats, at)
	best := math.Inf(1)
	for _, i := range []int{next - 1, next} {
		if i >= 0 && i < len(p.beats) && math.Abs(at-p.beats[i]) < math.Abs(best) {
			best = at - p.beats[i]
		}
	}
	return best
}

var (
	requestMark = plotMark{shape: shapeCircle, ink: inkBlue, hollow: true, radius: 3}
	replyMark   = plotMark{shape: shapeDiamond, ink: inkRed, radius: 3}
	waitLine    = lineOf(inkGrey, 1)
	beatLine    = lineOf(inkGreen, 2)
)

// phaseRows is the large panel: a row per echo, in the order of time from top to bottom.
func phaseRows(all []phaseEcho, period float64, w *words) *plotPanel {
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
	for _, e := range rows {
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
		plotAxis{span: across, label: fmt.Sprintf("%s (%s)", w.PhaseAxis, xUnit.name), ticks: linearTicks(across, xUnit, 7)},
		plotAxis{span: down, label: fmt.Sprintf("%s (%s)", w.TimeAxis, yUnit.name), ticks: linearTicks(down, yUnit, 8), down: true})
	request, reply, wait := requestMark, replyMark, waitLine
	if len(rows) > 40 {
		request.radius, reply.radius, wait.Width = 2, 2, 0.5
	}
	axes.Add(drawSegments(beats, beatLine, 0), drawSegments(waits, wait, 0),
		drawMarks(requests, request), drawMarks(replies, reply))
	return &plotPanel{axes: axes, left: 0, right: 0.62, bottom: 330}
}

// phaseHistograms are the two small panels: how far requests and replies are from their nearest beat,
// with the same axes, so that a heap and a spread cannot be mistaken for each other.
func phaseHistograms(all []phaseEcho, period float64, w *words) (requests, replies *plotPanel) {
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
	y := plotAxis{span: plotSpan{0, top}, label: w.PhaseCount, ticks: countTicks(top, 4)}
	panel := func(boxes []plotSegment, ink inkColor, x plotAxis) *plotPanel {
		axes := newAxes(x, y)
		axes.Add(drawUpright(0, lineOf(inkGreen, 1.2)), drawBoxes(boxes, ink))
		return &plotPanel{axes: axes, left: 0.64, right: 1}
	}
	requests = panel(asked, inkBlue, x)
	requests.bottom = 154
	x.label = fmt.Sprintf("%s (%s)", w.PhaseNearest, u.name)
	replies = panel(answered, inkRed, x)
	replies.top, replies.bottom = 160, 330
	return requests, replies
}

// phaseWords writes what stands above the panels.
func phaseWords(page *plotPage, all []phaseEcho, names []*sessions.Session, dropped int, w *words) {
	slices.SortFunc(names, func(a, b *sessions.Session) int { return cmp.Compare(a.ID, b.ID) })
	names = slices.Compact(names)
	var ends []string
	for _, s := range names[:min(len(names), maxSeries)] {
		ends = append(ends, endPointsText(s, w))
	}
	if rest := len(names) - maxSeries; rest > 0 {
		ends = append(ends, fmt.Sprintf(w.MoreSessions, rest))
	}
	page.facts = append(page.facts, strings.Join(ends, " · "))
	var asked, answered []float64
	for _, e := range all {
		asked = append(asked, math.Abs(e.fromBeat))
		answered = append(answered, math.Abs(e.replyApart))
	}
	slices.Sort(asked)
	slices.Sort(answered)
	median, most := quantile(answered, 0.5), answered[len(answered)-1]
	page.panels[1].caption = fmt.Sprintf(w.PhaseRequests, plotDuration(seconds(quantile(asked, 0.5))))
	page.panels[2].caption = fmt.Sprintf(w.PhaseReplies, plotDuration(seconds(median)), plotDuration(seconds(most)))
	if len(all) >= lockedEchoes {
		verdict := w.PhaseFree
		if median < lockedMedian && most < lockedMost {
			verdict = w.PhaseLocked
		}
		page.facts = append(page.facts, verdict)
	}
	if dropped > 0 {
		page.facts = append(page.facts, fmt.Sprintf(w.PhaseDropped, dropped))
	}
	if len(all) > maxPhaseRows {
		page.facts = append(page.facts, fmt.Sprintf(w.Drawn, maxPhaseRows, len(all)))
	}
	page.legend = []legendItem{
		{text: w.PhaseRequest, mark: &requestMark},
		{text: w.PhaseWait, line: &waitLine},
		{text: w.PhaseReply, mark: &replyMark},
		{text: w.PhaseBeat, line: &beatLine, tall: true},
	}
}
