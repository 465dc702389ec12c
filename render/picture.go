package render

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"tcptrace/findings"
	"tcptrace/journal"
	"tcptrace/render/scene"
	"tcptrace/sessions"
	"tcptrace/sessions/conversation"
	"tcptrace/sessions/ladder"
)

// PictureSize is what a drawn ladder is for.
type PictureSize string

// The sizes: as tall as its rows need, a slide of 1600 by 900, a sheet of A4 upright.
const (
	Tall  PictureSize = "tall"
	Slide PictureSize = "slide"
	A4    PictureSize = "a4"
)

// PictureSizes are all sizes, the usual one first.
var PictureSizes = []string{string(Tall), string(Slide), string(A4)}

// PictureOptions choose what is drawn.
type PictureOptions struct {
	ladder.Options
	Lang     string
	Size     PictureSize        // "" is Tall
	From, To int                // rows, from 1; 0 for the first and the last
	Findings []findings.Finding // numbered from 1 on the picture
	Finding  int                // draw the rows around this one only; 0 for all
}

// ErrNothingToDraw tells that a trace has no session with segments.
var ErrNothingToDraw = errors.New("nothing to draw")

// Picture draws a conversation: the calls and states of its hosts, and the segments between them, on one axis of time. Every
// decision comes from the model (conversation.Build); here things get their places. In steps:
//
//  1. Rows in view, and folds in place of those that are not, are chosen.
//  2. Each gets its height, and room for the pause before it (diagram.place).
//  3. States, bars of calls, waits for the loop, passes, arrows, texts and badges of findings are drawn, in this order.
func Picture(t *sessions.Trace, o PictureOptions) (*scene.Drawing, error) {
	p := newPicture(t, o)
	if len(p.c.Rows) == 0 {
		return nil, ErrNothingToDraw
	}
	p.choose()
	p.columns()
	p.place()
	p.draw()
	return p.d, nil
}

// A picture is a drawn ladder while it is made.
type picture struct {
	*diagram
	o      PictureOptions
	d      *scene.Drawing
	drawn  []entry // those that are drawn
	badges map[int64][]int

	font, least   float64 // the size of texts, and of the smallest
	width, height float64
	lines         []float64  // of life, one a host
	callWidth     [2]float64 // of the calls on the left and on the right
	stateRoom     float64
}

// The colours of connections, which differ in grey too, and of what is said beside them (contrast on white at least 4.5).
var pictureColours = []string{"#1f5fa8", "#9c3d00", "#00695c", "#6a1b9a", "#5d4037", "#37474f"}

const (
	inkColour   = "#1a1a1a"
	quietColour = "#5a5a5a"
	errorColour = "#b00020"
	waitColour  = "#8a5a00"
	waitFill    = "#f0b429"
	workColour  = "#37474f"
	stackColour = "#6a1b9a"
	lineColour  = "#9a9a9a"
	badgeColour = "#b00020"
)

// stateColours fill the bands; the names beside them are what says it.
var stateColours = map[sessions.State]string{
	sessions.Listen: "#cfd8dc", sessions.SynSent: "#ffe0a3", sessions.SynReceived: "#ffe0a3", sessions.Established: "#a9d6b0",
	sessions.FinWait1: "#c5b6e3", sessions.FinWait2: "#c5b6e3", sessions.CloseWait: "#f2b8a0", sessions.Closing: "#c5b6e3",
	sessions.LastAck: "#f2b8a0", sessions.TimeWait: "#d7ccc8",
}

func newPicture(t *sessions.Trace, o PictureOptions) *picture {
	p := &picture{diagram: newDiagram(t, o.Options, o.Lang, o.Findings), o: o, badges: map[int64][]int{}, font: rowFont, width: 1400}
	switch o.Size {
	case Slide:
		p.font, p.least, p.width, p.height = 22, 20, 1600, 900
	case A4:
		p.font, p.width, p.height = 9, 794, 1123
	}
	for i := range o.Findings {
		if o.Finding > 0 && i+1 != o.Finding {
			continue
		}
		for _, frame := range badgedFrames(&o.Findings[i]) {
			p.badges[frame] = append(p.badges[frame], i+1)
		}
	}
	return p
}

// columns places the lines of life: the calls beside the outer ones get the room of the widest one that is drawn.
func (p *picture) columns() {
	least, most := p.size(1)*4.5, p.width*0.2
	p.stateRoom = p.size(0.9) * 9
	for outer, host := range [...]int{0, len(p.c.Hosts) - 1} {
		p.callWidth[outer] = least
		for _, e := range p.drawn {
			if e.row < 0 {
				continue
			}
			r := &p.c.Rows[e.row]
			for _, side := range [...]sessions.Side{sessions.Client, sessions.Server} {
				if p.c.Parts[r.Part].Lines[side] == host {
					call := scene.Font{Size: p.size(0.95), Mono: true}
					p.callWidth[outer] = max(p.callWidth[outer], call.Width(p.callText(r, side)), call.Width("→ "+p.resultText(r, side)))
				}
			}
		}
		p.callWidth[outer] = min(p.callWidth[outer], most)
	}
	left := p.size(0.8)*5.6 + p.font*1.4 + p.callWidth[0] + p.stateRoom + p.font*2.6
	right := p.width - (p.callWidth[1] + p.stateRoom + p.font*3.2)
	for i := range p.c.Hosts {
		p.lines = append(p.lines, left+(right-left)*float64(i)/float64(max(len(p.c.Hosts)-1, 1)))
	}
}

// callRoom is the width of the calls beside a line of life.
func (p *picture) callRoom(host int) float64 {
	switch {
	case host == len(p.lines)-1:
		return p.callWidth[1]
	case host == 0:
		return p.callWidth[0]
	}
	return p.width * 0.15 // within the field
}

// size is that of a text, as a share of the usual one.
func (p *picture) size(share float64) float64 { return max(p.font*share, p.least) }

// colour is that of a session.
func colour(part int) string { return pictureColours[part%len(pictureColours)] }

// choose picks what is drawn: the range, or what is around a finding.
func (p *picture) choose() {
	from, to := 0, len(p.entries)
	if p.o.Finding > 0 && p.o.Finding <= len(p.o.Findings) {
		frames := p.o.Findings[p.o.Finding-1].Frames
		if len(frames) > 0 {
			first := slices.IndexFunc(p.entries, func(e entry) bool { return e.row >= 0 && p.c.Rows[e.row].Frame >= frames[0] })
			last := slices.IndexFunc(p.entries, func(e entry) bool { return e.row >= 0 && p.c.Rows[e.row].Frame >= frames[min(len(frames)-1, 1)] })
			if first >= 0 {
				from, to = max(first-4, 0), min(max(last, first)+5, len(p.entries))
			}
		}
	}
	if p.o.From > 0 {
		from = min(p.o.From-1, len(p.entries))
	}
	if p.o.To > 0 {
		to = min(p.o.To, len(p.entries))
	}
	p.drawn = p.entries[min(from, to):max(min(to, from+mostPictureRows), min(from, to))]
}

// mostPictureRows is how many rows one picture has: more are no picture. --range draws the others.
const mostPictureRows = 1000

// headRoom is the height of what stands above the rows.
func (p *picture) headRoom() float64 {
	return p.font*4.2 + float64(len(p.c.Parts))*p.font*1.5 + float64(len(p.headlines()))*p.font*1.5
}

// headlines are the findings, a line each.
func (p *picture) headlines() (lines []string) {
	most := map[PictureSize]int{Slide: 2, A4: 4}[p.o.Size]
	for i := range p.o.Findings {
		if most > 0 && i == most || i == 6 {
			break
		}
		if p.o.Finding > 0 && i+1 != p.o.Finding {
			continue
		}
		lines = append(lines, strconv.Itoa(i+1)+"  "+oneLine(strings.ReplaceAll(p.o.Findings[i].Text.In(p.o.Lang), "`", "")))
	}
	return lines
}

// place gives everything that is drawn its place, and drops that for which a picture of fixed height has no room.
func (p *picture) place() {
	most := p.height - p.font*2.5
	if p.height == 0 {
		most = 0
	}
	y := p.placeEntries(p.drawn, p.headRoom(), p.font/rowFont)
	if p.height == 0 {
		p.height = y + p.font*3
		return
	}
	for i := range p.drawn {
		if p.drawn[i].y+p.drawn[i].height > most {
			p.drawn = p.drawn[:i]
			return
		}
	}
}

// draw draws everything.
func (p *picture) draw() {
	p.d = &scene.Drawing{Width: p.width, Height: p.height, Title: p.title()}
	p.drawHead()
	if len(p.drawn) > 0 {
		p.drawLines()
		p.drawStates()
		p.drawPasses()
		p.drawBars()
		p.drawWaits()
	}
	p.drawRows()
	p.drawFoot()
}

func (p *picture) drawHead() {
	y := p.font * 1.9
	bold := scene.Font{Size: p.size(1.15), Colour: inkColour, Bold: true}
	for i, x := range p.lines {
		p.d.Text(x, y, scene.Middle, bold, bold.Cut(p.hostName(i), 2*min(x, p.width-x, (p.rightmost()-p.lines[0])/2)))
	}
	y += p.font * 1.6
	for i, x := range p.c.Parts {
		s := x.Table.Session
		f := scene.Font{Size: p.size(1), Colour: colour(i), Bold: true}
		p.d.Text((p.lines[0]+p.rightmost())/2, y, scene.Middle, f, oneLine(p.w.Connection(s.ID, s.Client.String(), s.Server.String())))
		y += p.font * 1.5
	}
	f := scene.Font{Size: p.size(1), Colour: inkColour}
	for _, line := range p.headlines() {
		p.d.Circle(p.font*1.5, y-p.font*0.35, p.font*0.75, badgeColour)
		number, text, _ := strings.Cut(line, "  ")
		p.d.Text(p.font*1.5, y, scene.Middle, scene.Font{Size: p.size(0.9), Colour: scene.Paper, Bold: true}, number)
		p.d.Text(p.font*2.8, y, scene.Start, f, f.Cut(text, (p.width-p.font*4)*1.15))
		y += p.font * 1.5
	}
}

func (p *picture) drawFoot() {
	f := scene.Font{Size: p.size(0.85), Colour: quietColour, Italic: true}
	text := p.w.Scale()
	if len(p.drawn) > 0 {
		first := slices.IndexFunc(p.entries, func(e entry) bool { return e.row == p.drawn[0].row && e.fold == p.drawn[0].fold })
		if behind := len(p.entries) - first - len(p.drawn); first+behind > 0 {
			text += " · " + p.w.MoreRows(first, behind)
		}
	}
	if p.c.Others > 0 {
		text += " · " + p.w.OtherSessions(p.c.Others)
	}
	p.d.Text(p.width/2, p.height-p.font*0.9, scene.Middle, f, f.Cut(text, p.width*1.1))
}

// drawLines draws the lines of life.
func (p *picture) drawLines() {
	top, bottom := p.drawn[0].y-p.font*0.5, p.bottom()
	for _, x := range p.lines {
		p.d.Line(x, top, x, bottom, scene.Pen{Colour: lineColour, Width: 1.5})
	}
}

func (p *picture) rightmost() float64 { return p.lines[len(p.lines)-1] }

func (p *picture) bottom() float64 {
	last := p.drawn[len(p.drawn)-1]
	return last.y + last.height
}

// line is the place of a host's line of life, and out the direction in which its states and calls stand.
func (p *picture) line(host int) (x, out float64) {
	if host == len(p.lines)-1 {
		return p.lines[host], 1
	}
	return p.lines[host], -1
}

// outward is the anchor of a text beside a line.
func outward(out float64) scene.Anchor {
	if out > 0 {
		return scene.Start
	}
	return scene.End
}

// drawStates draws a band for every session and side, and the state's name where it changes.
func (p *picture) drawStates() {
	for part := range p.c.Parts {
		for _, side := range [...]sessions.Side{sessions.Client, sessions.Server} {
			p.drawStatesOf(part, side)
		}
	}
}

func (p *picture) drawStatesOf(part int, side sessions.Side) {
	x := p.c.Parts[part]
	at, out := p.line(x.Lines[side])
	band := at + out*p.font*(0.75+0.6*float64(part%3))
	from, now := p.drawn[0].y, p.stateBefore(part, side)
	name := func(y float64, s ladder.State) {
		p.d.Text(at+out*p.font*2.6, y, outward(out), scene.Font{Size: p.size(0.9), Colour: colour(part), Bold: true}, s.TCP.String())
	}
	if now.Shown {
		name(from+p.font*(1+1.1*float64(part)), now)
	}
	flush := func(to float64) {
		if fill := stateColours[now.TCP]; now.Shown && fill != "" {
			p.d.Box(band-p.font*0.22, from, p.font*0.44, to-from, fill, 1, scene.Pen{Colour: colour(part), Width: 0.6})
		}
	}
	for _, e := range p.drawn {
		if e.row < 0 || p.c.Rows[e.row].Part != part || p.c.Rows[e.row].Kind == ladder.KindLeftOut {
			continue
		}
		s := p.c.Rows[e.row].Sides[side].State
		if s.Shown == now.Shown && s.TCP == now.TCP && s.Bound == now.Bound {
			continue
		}
		changed := e.y + p.font*0.7
		flush(changed)
		if s.Shown {
			name(e.y+p.font, s)
		}
		from, now = changed, s
	}
	flush(p.bottom())
}

// stateBefore is the state of a session's side above the first row that is drawn.
func (p *picture) stateBefore(part int, side sessions.Side) (s ladder.State) {
	first := p.drawn[0].row
	if first < 0 {
		first = p.c.Folds[p.drawn[0].fold].First
	}
	for i := range p.c.Rows[:first] {
		if r := &p.c.Rows[i]; r.Part == part && r.Kind != ladder.KindLeftOut {
			s = r.Sides[side].State
		}
	}
	return s
}

// drawPasses marks where the loop begins anew.
func (p *picture) drawPasses() {
	f := scene.Font{Size: p.size(0.75), Colour: quietColour}
	for _, pass := range p.c.Passes {
		e := p.entryOf(p.drawn, pass.Row)
		if e == nil {
			continue
		}
		x, out := p.line(pass.Host)
		edge := x + out*(p.font*3+p.stateRoom+p.callRoom(pass.Host))
		p.d.Line(x, e.y, edge, e.y, scene.Pen{Colour: lineColour, Width: 0.8, Dash: "1 3"})
		p.d.Text(edge, e.y-p.font*0.2, outward(-out), f, p.w.Pass(pass.Number))
	}
}

// drawBars draws calls that wait, from the row in which they begin to the one in which they return, and sleeps.
func (p *picture) drawBars() {
	for i := range p.c.Bars {
		b := &p.c.Bars[i]
		x, _ := p.line(b.Host)
		first, last := p.entryOf(p.drawn, b.First), p.entryOf(p.drawn, b.Last)
		switch {
		case b.Call.Call == journal.Sleep:
			from, to := p.sleepPlaces(p.drawn, b)
			if to-from > 3 {
				p.d.Zigzag(x, from, to, p.font*0.25, scene.Pen{Colour: quietColour, Width: 1})
			}
		case first != nil && last != nil:
			p.drawBar(x, first.y+p.font*0.8, last.y+p.font*0.9)
		case first != nil && b.Call.Repeats > 1:
			p.drawNotches(x, first.y+p.font*0.5, first.y+first.height-p.font*0.2, b.Call.Repeats)
		case first != nil && !b.Call.Returns: // it never returned
			p.drawBar(x, first.y+p.font*0.8, p.bottom())
		}
	}
}

func (p *picture) drawBar(x, from, to float64) {
	p.d.Box(x-p.font*0.28, from, p.font*0.56, to-from, waitFill, 0.4, scene.Pen{Colour: waitColour, Width: 0.8, Dash: "3 2"})
}

// drawNotches draws a call that was repeated: one bar with a notch for each time, as far as they can be told apart.
func (p *picture) drawNotches(x, from, to float64, n int) {
	p.d.Box(x-p.font*0.2, from, p.font*0.4, to-from, scene.Paper, 1, scene.Pen{Colour: quietColour, Width: 0.8})
	n = min(n, int((to-from)/3))
	for i := 1; i < n; i++ {
		y := from + (to-from)*float64(i)/float64(n)
		p.d.Line(x-p.font*0.2, y, x+p.font*0.2, y, scene.Pen{Colour: quietColour, Width: 0.8})
	}
}

// leastWait is the shortest wait for a loop that is drawn.
const leastWait = 20 * time.Millisecond

// drawWaits draws where an echo waited, in its parts: for the loop of the program that answers it, for the program's work, and
// for TCP, which held the reply back.
func (p *picture) drawWaits() {
	for i := range p.c.Waits {
		w := &p.c.Waits[i]
		request, reply := p.entryOf(p.drawn, w.Request), p.entryOf(p.drawn, w.Reply)
		if request == nil || reply == nil || w.Split.Loop < leastWait {
			continue
		}
		at, out := p.line(w.Host)
		x, half := at-out*p.font*0.75, p.font*0.25
		places := p.waitPlaces(p.drawn, w, p.font/rowFont)
		for k, pen := range [...]scene.Pen{{Colour: waitColour, Width: 0.9}, {Colour: workColour, Width: 0.9}, {Colour: stackColour, Width: 0.9}} {
			from, to := places[k], places[k+1]
			if to-from < 0.5 {
				continue
			}
			fill := [...]string{waitFill, workColour, scene.Paper}[k]
			p.d.Box(x-half, from, 2*half, to-from, fill, 0.8, pen)
			if k != 1 {
				p.d.Hatch(x-half, from, 2*half, to-from, p.font*0.4, pen)
			}
		}
		p.d.Halo(x-out*p.font*0.7, places[3]-p.font*1.5, outward(-out), scene.Font{Size: p.size(0.9), Colour: waitColour, Bold: true}, scene.Paper, p.waitText(w))
	}
}

// drawRows draws times, texts and arrows.
func (p *picture) drawRows() {
	type way struct{ part, step int }
	left := map[way]float64{} // where segments left whose arrival has a row of its own
	for i := range p.drawn {
		e := &p.drawn[i]
		p.drawTime(i, e)
		if e.row < 0 || p.c.Rows[e.row].Kind == ladder.KindLeftOut {
			p.drawFold(e)
			continue
		}
		r := &p.c.Rows[e.row]
		p.drawTexts(e, r)
		if r.Step < 0 {
			continue
		}
		key := way{r.Part, r.Step}
		tail, departed := left[key]
		if r.Departs {
			tail, departed = p.tailY(e), true
			left[key] = tail
		}
		switch {
		case r.Lost || r.Arrives && departed:
			p.drawArrow(e, r, tail, p.headY(e))
		case r.Arrives:
			p.drawArrow(e, r, p.headY(e), p.headY(e)) // it left above the first row that is drawn
		}
	}
}

func (p *picture) tailY(e *entry) float64 { return p.tail(e, p.font/rowFont) }

func (p *picture) headY(e *entry) float64 { return p.head(e, p.font/rowFont) }

// drawTime writes a row's time, and the pause before it where that is long.
func (p *picture) drawTime(i int, e *entry) {
	f := scene.Font{Size: p.size(0.8), Colour: quietColour, Mono: true}
	if e.row >= 0 && p.c.Rows[e.row].Row.At != ladder.Never && p.c.Rows[e.row].Row.At != 0 && p.t.Capture.HasTimes {
		p.d.Text(p.size(0.8)*5.6+p.font*0.6, e.y+p.font, scene.End, f, strconv.FormatFloat(float64(e.at-p.zero())/1e9, 'f', 3, 64))
	}
	if p.isExpiry(e) { // the lines of life are broken: how long it took is not known
		for _, x := range p.lines {
			for _, y := range [...]float64{e.y - p.font*0.5, e.y - p.font} {
				p.d.Line(x-p.font*0.5, y, x+p.font*0.5, y-p.font*0.5, scene.Pen{Colour: lineColour, Width: 1.5})
			}
		}
		p.d.Text(p.size(0.8)*5.6+p.font*0.6, e.y-p.font*0.5, scene.End, scene.Font{Size: p.size(0.8), Colour: waitColour, Bold: true}, "2·MSL")
	}
	if i == 0 || e.gap < longPause {
		return
	}
	room := pause(e.gap, p.font/rowFont)
	x := p.size(0.8)*5.6 + p.font*1.1
	p.d.Line(x, e.y-room+2, x, e.y-2, scene.Pen{Colour: lineColour, Width: 1})
	p.d.Text(p.size(0.8)*5.6+p.font*0.6, e.y-room/2+p.font*0.3, scene.End, scene.Font{Size: p.size(0.8), Colour: waitColour, Bold: true}, "+"+p.print.Duration(e.gap))
}

// drawFold writes what a row stands for across the picture.
func (p *picture) drawFold(e *entry) {
	ink, text := quietColour, ""
	if e.row >= 0 {
		r := &p.c.Rows[e.row]
		ink, text = colour(r.Part), oneLine(p.printers[r.Part].fold(r.Row))
	} else {
		f := &p.c.Folds[e.fold]
		if f.Run != nil {
			ink = colour(f.Part)
		}
		text = p.foldText(f)
	}
	middle := e.y + p.font*0.7
	p.d.Line(p.lines[0], middle, p.rightmost(), middle, scene.Pen{Colour: ink, Width: 1, Dash: "1 4"})
	f := scene.Font{Size: p.size(0.9), Colour: ink}
	p.d.Halo((p.lines[0]+p.rightmost())/2, middle+p.font*0.3, scene.Middle, f, scene.Paper, f.Cut(text, (p.rightmost()-p.lines[0])*0.98))
}

// drawTexts writes the calls and their results at both sides.
func (p *picture) drawTexts(e *entry, r *conversation.Row) {
	for _, side := range [...]sessions.Side{sessions.Client, sessions.Server} {
		host := p.c.Parts[r.Part].Lines[side]
		at, out := p.line(host)
		x, y := at+out*(p.font*2.6+p.stateRoom), e.y+p.font
		if p.between(host) {
			x, y = at+out*p.font*2.6, y+p.font*1.1
		}
		call := scene.Font{Size: p.size(0.95), Colour: inkColour, Mono: true}
		if text := p.callText(r, side); text != "" {
			p.d.Text(x, y, outward(out), call, call.Cut(text, p.callRoom(host)))
			y += p.font * 1.2
		}
		if text := p.resultText(r, side); text != "" {
			f := scene.Font{Size: p.size(0.85), Colour: quietColour, Mono: true}
			if r.Sides[side].Result.Errno != "" {
				f.Colour, f.Bold = errorColour, true
			}
			p.d.Text(x, y, outward(out), f, f.Cut("→ "+text, p.callRoom(host)))
		}
	}
}

// drawArrow draws a segment from its sender's line to its receiver's, with its name and the badges of findings.
func (p *picture) drawArrow(e *entry, r *conversation.Row, tail, head float64) {
	st := &p.c.Parts[r.Part].Table.Session.Steps[r.Step]
	x1, x2 := p.lines[p.c.Sender(r)], p.lines[p.c.Receiver(r)]
	way := 1.0
	if x2 < x1 {
		way = -1
	}
	x1, x2 = x1+way*p.font*0.3, x2-way*p.font*0.3
	signal := ladder.SignalOf(st, st.From)
	pen := scene.Pen{Colour: colour(r.Part), Width: 1.4}
	quiet := signal.Length == 0 && signal.Segment() == "ACK"
	switch {
	case signal.Spurious:
		pen.Dash = "1.5 3"
	case signal.Repeated:
		pen.Dash = "7 4"
	case st.Marks.Has(sessions.MarkOutOfOrder):
		pen.Dash = "10 3 2 3"
	case quiet:
		pen.Width = 0.8
	case signal.Length == 0:
		pen.Width = 2.4
	}
	endX, endY := x2, head
	if signal.Lost {
		endX, endY = x1+(x2-x1)*0.6, tail+(head-tail)*0.6
	}
	p.d.Line(x1, tail, endX, endY, pen)
	if signal.Lost {
		p.d.Cross(endX, endY, p.font*0.35, scene.Pen{Colour: errorColour, Width: 2})
	} else {
		p.d.Head(x1, tail, endX, endY, p.font*0.75, pen, quiet)
	}
	if strings.HasPrefix(signal.Segment(), "RST") {
		p.d.Cross(endX+(x1-endX)*0.03, endY, p.font*0.4, scene.Pen{Colour: errorColour, Width: 2})
	}
	l := label{x: (x1 + x2) / 2, y: (tail+head)/2 - p.font*0.5, anchor: scene.Middle, beside: -1}
	switch {
	case tail == p.tailY(e) || signal.Lost:
	case way > 0: // it crosses others: its name stands at its sender
		l = label{x: x1 + p.font*1.2, y: tail - p.font*0.3, anchor: scene.Start, beside: 1}
	default:
		l = label{x: x1 - p.font*1.2, y: tail - p.font*0.3, anchor: scene.End, beside: -1}
	}
	p.drawLabel(r, l)
}

// A label is where a segment's name stands, and on which side of it the badges of findings.
type label struct {
	x, y   float64
	anchor scene.Anchor
	beside float64 // 1 for the right
}

// drawLabel names a segment, with the badges of findings.
func (p *picture) drawLabel(r *conversation.Row, l label) {
	text := strconv.FormatInt(r.Frame, 10) + "  " + p.segmentText(r)
	if preview := p.previewText(r); preview != "" {
		text += "  " + preview
	}
	f := scene.Font{Size: p.size(0.85), Colour: colour(r.Part)}
	p.d.Halo(l.x, l.y, l.anchor, f, scene.Paper, text)
	edge := l.x + l.beside*f.Width(text)
	if l.anchor == scene.Middle {
		edge = l.x + l.beside*f.Width(text)/2
	}
	for i, number := range p.badges[r.Frame] {
		if i == 2 {
			break
		}
		x := edge + l.beside*p.font*(1.1+1.4*float64(i))
		p.d.Circle(x, l.y-p.font*0.3, p.font*0.6, badgeColour)
		p.d.Text(x, l.y-p.font*0.03, scene.Middle, scene.Font{Size: p.size(0.75), Colour: scene.Paper, Bold: true}, strconv.Itoa(number))
	}
}
