package render

import (
	"errors"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"tcptrace/findings"
	"tcptrace/journal"
	"tcptrace/render/document"
	"tcptrace/render/scene"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
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

// Picture draws the conversation of two hosts: their calls and states, and the segments between them, on one axis of time.
// Every decision comes from the tables (ladder.Build); here they get their places. In steps:
//
//  1. The sessions between the two hosts of the first session that is shown get a table each. A Pico stands on the right, else
//     the first session's server.
//  2. Their rows are merged by time; each table's order stays.
//  3. Every row gets its height, and a pause before it 16 px for each power of ten of its length in milliseconds, so that
//     order is exact, bursts can be read and waits can be seen.
//  4. States, bars of calls that wait, waits for the loop, arrows, texts and badges of findings are drawn, in this order.
func Picture(t *sessions.Trace, o PictureOptions) (*scene.Drawing, error) {
	p := newPicture(t, o)
	if !p.collect() {
		return nil, ErrNothingToDraw
	}
	p.choose()
	p.place()
	p.draw()
	return p.d, nil
}

// A picture is a drawn ladder while it is made.
type picture struct {
	t           *sessions.Trace
	o           PictureOptions
	w           words.Picture
	print       *Words
	d           *scene.Drawing
	left, right netip.Addr // of a loopback both are the same
	parts       []*part
	others      int // sessions between other hosts
	rows        []*pictureRow
	drawn       []*pictureRow // those that are drawn
	badges      map[int64][]int
	calls       map[*journal.Entry]bool // polls that have a row

	font                 float64
	width, height        float64
	leftLine, rightLine  float64
	callWidth, stateRoom float64
}

// A part is one session of the picture.
type part struct {
	table    *ladder.Table
	print    *ladderPrinter
	colour   string
	mirrored bool // its client stands on the right
	index    int
}

// side is the part's side that stands on the left or on the right.
func (p *part) side(right bool) sessions.Side {
	if right != p.mirrored {
		return sessions.Server
	}
	return sessions.Client
}

// A pictureRow is a row of one of the tables, with its place.
type pictureRow struct {
	*part
	row    *ladder.Row
	at     int64 // as in the row; that of the row before where it has none
	gap    time.Duration
	y      float64 // of its top
	height float64
}

// The colours of connections, which differ in grey too, and of what is said beside them (contrast on white at least 4.5).
var pictureColours = []string{"#1f5fa8", "#9c3d00", "#00695c", "#6a1b9a", "#5d4037", "#37474f"}

const (
	inkColour   = "#1a1a1a"
	quietColour = "#5a5a5a"
	errorColour = "#b00020"
	waitColour  = "#8a5a00"
	waitFill    = "#f0b429"
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
	p := &picture{t: t, o: o, w: words.NewPicture(o.Lang), print: WordsFor(o.Lang), badges: map[int64][]int{}, calls: map[*journal.Entry]bool{}, font: 13, width: 1400}
	switch o.Size {
	case Slide:
		p.font, p.width, p.height = 20, 1600, 900
	case A4:
		p.font, p.width, p.height = 9, 794, 1123
	}
	p.callWidth, p.stateRoom = p.width*0.2, p.font*9
	p.leftLine = p.font*6 + p.callWidth + p.stateRoom + p.font*2
	p.rightLine = p.width - (p.callWidth + p.stateRoom + p.font*3.2)
	for i := range o.Findings {
		if o.Finding > 0 && i+1 != o.Finding {
			continue
		}
		for _, frame := range o.Findings[i].Frames[:min(len(o.Findings[i].Frames), 4)] {
			p.badges[frame] = append(p.badges[frame], i+1)
		}
	}
	return p
}

// collect builds the tables of the sessions between the two hosts, and reports whether there are any.
func (p *picture) collect() bool {
	for _, s := range p.t.Sessions {
		if !s.Shown || len(s.Steps) == 0 {
			continue
		}
		a, b := s.Client.Addr(), s.Server.Addr()
		if len(p.parts) == 0 {
			p.left, p.right = a, b
			if s.Endpoint[sessions.Client].Stack == sessions.PicoStack {
				p.left, p.right = b, a
			}
		}
		same := a == p.left && b == p.right
		if !same && (a != p.right || b != p.left) {
			p.others++
			continue
		}
		x := &part{table: ladder.Build(s, p.t, p.o.Options), mirrored: !same, index: len(p.parts), colour: pictureColours[len(p.parts)%len(pictureColours)]}
		x.print = &ladderPrinter{t: x.table, w: p.print}
		p.parts = append(p.parts, x)
	}
	p.merge()
	return len(p.rows) > 0
}

// merge puts the rows of all tables in order of time.
func (p *picture) merge() {
	next := make([]int, len(p.parts))
	last := int64(ladder.Never)
	for {
		best := -1
		var at int64
		for i, x := range p.parts {
			if next[i] == len(x.table.Rows) {
				continue
			}
			when := x.table.Rows[next[i]].At
			if when == ladder.Never || when == 0 {
				when = last // what no packet shows follows what came before
			}
			if best < 0 || when < at {
				best, at = i, when
			}
		}
		if best < 0 {
			return
		}
		x := p.parts[best]
		r := &pictureRow{part: x, row: &x.table.Rows[next[best]], at: max(at, last)}
		if p.isDrawn(r) {
			next[best]++
			continue
		}
		if last != ladder.Never {
			r.gap = time.Duration(r.at - last)
		}
		last = r.at
		next[best]++
		p.rows = append(p.rows, r)
	}
}

// isDrawn reports whether a row's call stands in another session's table already: a poll() is about the sockets of several,
// and has a row in the table of each.
func (p *picture) isDrawn(r *pictureRow) bool {
	if r.row.Kind != ladder.KindCall {
		return false
	}
	for side := range r.row.Sides {
		h := &r.row.Sides[side]
		if h.Begins < 0 {
			continue
		}
		entry := r.table.Session.Calls[side][h.Begins].Entry
		if entry.Call != journal.Poll && entry.Call != journal.Select {
			return false
		}
		if p.calls[entry] {
			return true
		}
		p.calls[entry] = true
	}
	return false
}

// choose picks the rows that are drawn: the range, or those around a finding.
func (p *picture) choose() {
	from, to := 0, len(p.rows)
	if p.o.Finding > 0 && p.o.Finding <= len(p.o.Findings) {
		frames := p.o.Findings[p.o.Finding-1].Frames
		if len(frames) > 0 {
			first := slices.IndexFunc(p.rows, func(r *pictureRow) bool { return r.row.Frame >= frames[0] })
			last := slices.IndexFunc(p.rows, func(r *pictureRow) bool { return r.row.Frame >= frames[min(len(frames)-1, 1)] })
			if first >= 0 {
				from, to = max(first-4, 0), min(max(last, first)+5, len(p.rows))
			}
		}
	}
	if p.o.From > 0 {
		from = min(p.o.From-1, len(p.rows))
	}
	if p.o.To > 0 {
		to = min(p.o.To, len(p.rows))
	}
	p.drawn = p.rows[min(from, to):max(min(to, from+mostPictureRows), min(from, to))]
}

// mostPictureRows is how many rows one picture has: more are no picture. --range draws the others.
const mostPictureRows = 1000

// headRoom is the height of what stands above the rows.
func (p *picture) headRoom() float64 {
	return p.font*4.2 + float64(len(p.parts))*p.font*1.5 + float64(len(p.headlines()))*p.font*1.5
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

// place gives every row its place, and drops those for which a picture of fixed height has no room.
func (p *picture) place() {
	y := p.headRoom()
	for i, r := range p.drawn {
		if i > 0 {
			y += p.pause(r.gap)
		}
		r.y, r.height = y, p.rowHeight(r)
		y += r.height
		if p.height > 0 && y > p.height-p.font*2.5 {
			p.drawn = p.drawn[:i]
			break
		}
	}
	if p.height == 0 {
		p.height = y + p.font*3
	}
}

// pause is the room of a time in which nothing happens.
func (p *picture) pause(gap time.Duration) float64 {
	if gap <= 0 {
		return 0
	}
	return p.font * 1.1 * math.Log10(1+float64(gap)/float64(time.Millisecond))
}

// rowHeight is what a row's texts and arrow need.
func (p *picture) rowHeight(r *pictureRow) float64 {
	lines := 1.0
	for _, right := range []bool{false, true} {
		if p.callText(r, right) != "" && p.resultText(r, right) != "" {
			lines = 2
		}
	}
	height := lines*p.font*1.25 + p.font*0.35
	if r.row.Kind == ladder.KindSegment {
		height = max(height, p.font*2.1)
	}
	return height
}

func (p *picture) callText(r *pictureRow, right bool) string {
	if r.row.Kind == ladder.KindFold || r.row.Kind == ladder.KindLeftOut {
		return ""
	}
	return oneLine(strings.ReplaceAll(r.print.call(r.row, r.side(right)).Text(), "♻️", ""))
}

func (p *picture) resultText(r *pictureRow, right bool) string {
	return oneLine(r.print.result(r.row, r.side(right)).Text())
}

// oneLine makes visible what is not, as every printer of text does.
func oneLine(s string) string {
	return document.VisibleLines(strings.ReplaceAll(s, "\n", "\\n"))
}

// draw draws everything.
func (p *picture) draw() {
	p.d = &scene.Drawing{Width: p.width, Height: p.height, Title: p.w.Title(p.hostName(false), p.hostName(true))}
	p.drawHead()
	if len(p.drawn) > 0 {
		p.drawLines()
		p.drawStates()
		p.drawBlocks()
		p.drawWaits()
	}
	p.drawRows()
	p.drawFoot()
}

// hostName is a host's address and its system, where that is known.
func (p *picture) hostName(right bool) string {
	x := p.parts[0]
	side := x.side(right)
	end := x.table.Session.EndPoint(side)
	name := end.Addr().String()
	if p.left == p.right {
		name = end.String() // two programs of one host
	}
	stack := x.table.Session.Endpoint[side].Stack
	r := &report{w: p.print}
	if stack != "" {
		name += " · " + r.stackName(stack)
	}
	return oneLine(name)
}

func (p *picture) drawHead() {
	y := p.font * 1.9
	bold := scene.Font{Size: p.font * 1.15, Colour: inkColour, Bold: true}
	p.d.Text(p.leftLine, y, scene.Middle, bold, bold.Cut(p.hostName(false), p.callWidth*1.6))
	p.d.Text(p.rightLine, y, scene.Middle, bold, bold.Cut(p.hostName(true), p.callWidth*1.6))
	y += p.font * 1.6
	for _, x := range p.parts {
		s := x.table.Session
		f := scene.Font{Size: p.font, Colour: x.colour, Bold: true}
		p.d.Text((p.leftLine+p.rightLine)/2, y, scene.Middle, f, oneLine(p.w.Connection(s.ID, s.Client.String(), s.Server.String())))
		y += p.font * 1.5
	}
	f := scene.Font{Size: p.font, Colour: inkColour}
	for _, line := range p.headlines() {
		p.d.Circle(p.font*1.5, y-p.font*0.35, p.font*0.75, badgeColour)
		number, text, _ := strings.Cut(line, "  ")
		p.d.Text(p.font*1.5, y, scene.Middle, scene.Font{Size: p.font * 0.9, Colour: scene.Paper, Bold: true}, number)
		p.d.Text(p.font*2.8, y, scene.Start, f, f.Cut(text, (p.width-p.font*4)*1.15))
		y += p.font * 1.5
	}
}

func (p *picture) drawFoot() {
	f := scene.Font{Size: p.font * 0.85, Colour: quietColour, Italic: true}
	text := p.w.Scale()
	if len(p.drawn) > 0 {
		first := slices.Index(p.rows, p.drawn[0])
		if behind := len(p.rows) - first - len(p.drawn); first+behind > 0 {
			text += " · " + p.w.MoreRows(first, behind)
		}
	}
	if p.others > 0 {
		text += " · " + p.w.OtherSessions(p.others)
	}
	p.d.Text(p.width/2, p.height-p.font*0.9, scene.Middle, f, f.Cut(text, p.width*1.1))
}

// drawLines draws the two lines of life.
func (p *picture) drawLines() {
	top, bottom := p.drawn[0].y-p.font*0.5, p.bottom()
	for _, x := range []float64{p.leftLine, p.rightLine} {
		p.d.Line(x, top, x, bottom, scene.Pen{Colour: lineColour, Width: 1.5})
	}
}

func (p *picture) bottom() float64 {
	last := p.drawn[len(p.drawn)-1]
	return last.y + last.height
}

// line is the place of a side's line of life, and out the direction away from the other one.
func (p *picture) line(right bool) (x, out float64) {
	if right {
		return p.rightLine, 1
	}
	return p.leftLine, -1
}

// band is the place of the middle of a session's band of states.
func (p *picture) band(x *part, right bool) float64 {
	at, out := p.line(right)
	return at + out*p.font*(0.75+0.6*float64(x.index%3))
}

// drawStates draws a band for every session and side, and the state's name where it changes.
func (p *picture) drawStates() {
	for _, x := range p.parts {
		for _, right := range []bool{false, true} {
			p.drawStatesOf(x, right)
		}
	}
}

func (p *picture) drawStatesOf(x *part, right bool) {
	at, out := p.line(right)
	band, side := p.band(x, right), x.side(right)
	from, now := p.drawn[0].y, p.stateBefore(x, side)
	anchor := scene.End
	if right {
		anchor = scene.Start
	}
	name := func(y float64, s ladder.State) {
		p.d.Text(at+out*p.font*2.6, y, anchor, scene.Font{Size: p.font * 0.9, Colour: x.colour, Bold: true}, s.TCP.String())
	}
	if now.Shown {
		name(from+p.font*(1+1.1*float64(x.index)), now)
	}
	flush := func(to float64) {
		if fill := stateColours[now.TCP]; now.Shown && fill != "" {
			p.d.Box(band-p.font*0.22, from, p.font*0.44, to-from, fill, 1, scene.Pen{Colour: x.colour, Width: 0.6})
		}
	}
	for _, r := range p.drawn {
		if r.part != x || r.row.Kind == ladder.KindFold || r.row.Kind == ladder.KindLeftOut {
			continue
		}
		s := r.row.Sides[side].State
		if s.Shown == now.Shown && s.TCP == now.TCP && s.Bound == now.Bound {
			continue
		}
		changed := r.y + p.font*0.7
		flush(changed)
		if s.Shown {
			name(r.y+p.font, s)
		}
		from, now = changed, s
	}
	flush(p.bottom())
}

// stateBefore is the state of a session's side above the first row that is drawn.
func (p *picture) stateBefore(x *part, side sessions.Side) (s ladder.State) {
	for _, r := range p.rows {
		if r == p.drawn[0] {
			break
		}
		if r.part == x && r.row.Kind != ladder.KindFold && r.row.Kind != ladder.KindLeftOut {
			s = r.row.Sides[side].State
		}
	}
	return s
}

// drawBlocks draws a bar for every call that waits, from its row to the row in which it returns.
func (p *picture) drawBlocks() {
	for _, x := range p.parts {
		for _, right := range []bool{false, true} {
			at, _ := p.line(right)
			began := map[int]float64{}
			for _, r := range p.drawn {
				if r.part != x {
					continue
				}
				h := &r.row.Sides[x.side(right)]
				if h.Begins >= 0 && x.table.Session.Calls[x.side(right)][h.Begins].Blocked {
					began[h.Begins] = r.y + p.font*0.8
				}
				if h.Returns < 0 {
					continue
				}
				if from, ok := began[h.Returns]; ok {
					p.d.Box(at-p.font*0.28, from, p.font*0.56, r.y+p.font*0.9-from, waitFill, 0.55, scene.Pen{Colour: waitColour, Width: 0.8, Dash: "3 2"})
					delete(began, h.Returns)
				}
			}
		}
	}
}

// drawWaits draws where an echo waited for the loop of the program that answers it.
func (p *picture) drawWaits() {
	for i := range p.o.Findings {
		for _, split := range p.o.Findings[i].Splits {
			p.drawWait(&split)
		}
	}
}

// leastWait is the shortest wait for a loop that is drawn.
const leastWait = 20 * time.Millisecond

func (p *picture) drawWait(split *rhythm.Split) {
	if split.Loop < leastWait {
		return
	}
	var request, reply *pictureRow
	for _, r := range p.drawn {
		if r.row.Frame == split.RequestFrame && r.row.Arrives {
			request = r
		}
		if r.row.Frame == split.ReplyFrame && r.row.Departs && request != nil {
			reply = r
			break
		}
	}
	if request == nil || reply == nil {
		return
	}
	right := request.table.Session.Steps[request.row.Step].From == request.side(false)
	at, out := p.line(right)
	from, to := p.headY(request), p.tailY(reply)
	x := at - out*p.font*0.75
	p.d.Box(x-p.font*0.25, from, p.font*0.5, to-from, waitFill, 0.8, scene.Pen{Colour: waitColour, Width: 0.8})
	anchor := scene.End
	if !right {
		anchor = scene.Start
	}
	p.d.Halo(x-out*p.font*0.7, to-p.font*1.5, anchor, scene.Font{Size: p.font * 0.9, Colour: waitColour, Bold: true}, scene.Paper,
		p.w.WaitsForLoop(p.print.Duration(split.Loop)))
}

func (p *picture) tailY(r *pictureRow) float64 { return r.y + p.font }

func (p *picture) headY(r *pictureRow) float64 {
	if r.row.Departs {
		return r.y + p.font*1.5
	}
	return r.y + p.font
}

// drawRows draws times, texts and arrows.
func (p *picture) drawRows() {
	type way struct {
		part *part
		step int
	}
	left := map[way]float64{} // where segments left whose arrival has a row of its own
	for i, r := range p.drawn {
		p.drawTime(i, r)
		switch r.row.Kind {
		case ladder.KindFold, ladder.KindLeftOut:
			p.drawFold(r)
			continue
		}
		p.drawTexts(r)
		if r.row.Step < 0 {
			continue
		}
		key := way{r.part, r.row.Step}
		tail, departed := left[key]
		if r.row.Departs {
			tail, departed = p.tailY(r), true
			left[key] = tail
		}
		switch {
		case r.row.Lost || r.row.Arrives && departed:
			p.drawArrow(r, tail, p.headY(r))
		case r.row.Arrives:
			p.drawArrow(r, p.headY(r), p.headY(r)) // it left above the first row that is drawn
		}
	}
}

// drawTime writes a row's time, and the pause before it where that is long.
func (p *picture) drawTime(i int, r *pictureRow) {
	f := scene.Font{Size: p.font * 0.8, Colour: quietColour, Mono: true}
	if r.row.At != ladder.Never && r.row.At != 0 && p.t.Capture.HasTimes {
		p.d.Text(p.font*5.6, r.y+p.font, scene.End, f, strconv.FormatFloat(float64(r.at-p.rows[0].at)/1e9, 'f', 3, 64))
	}
	if i == 0 || r.gap < 30*time.Millisecond {
		return
	}
	y := r.y - p.pause(r.gap)/2
	pen := scene.Pen{Colour: lineColour, Width: 1}
	x := p.font * 6.1
	p.d.Line(x, r.y-p.pause(r.gap)+2, x, r.y-2, pen)
	p.d.Text(p.font*5.6, y+p.font*0.3, scene.End, scene.Font{Size: p.font * 0.8, Colour: waitColour, Bold: true}, "+"+p.print.Duration(r.gap))
}

// drawFold writes what a row stands for across the picture.
func (p *picture) drawFold(r *pictureRow) {
	middle := r.y + p.font*0.7
	p.d.Line(p.leftLine, middle, p.rightLine, middle, scene.Pen{Colour: r.colour, Width: 1, Dash: "1 4"})
	f := scene.Font{Size: p.font * 0.9, Colour: r.colour}
	p.d.Halo((p.leftLine+p.rightLine)/2, middle+p.font*0.3, scene.Middle, f, scene.Paper, f.Cut(oneLine(r.print.fold(r.row)), (p.rightLine-p.leftLine)*0.98))
}

// drawTexts writes the calls and their results at both sides.
func (p *picture) drawTexts(r *pictureRow) {
	for _, right := range []bool{false, true} {
		at, out := p.line(right)
		anchor := scene.End
		if right {
			anchor = scene.Start
		}
		x := at + out*(p.font*2.6+p.stateRoom)
		y := r.y + p.font
		call := scene.Font{Size: p.font * 0.95, Colour: inkColour, Mono: true}
		if text := p.callText(r, right); text != "" {
			p.d.Text(x, y, anchor, call, call.Cut(text, p.callWidth))
			y += p.font * 1.2
		}
		if text := p.resultText(r, right); text != "" {
			f := scene.Font{Size: p.font * 0.85, Colour: quietColour, Mono: true}
			if r.row.Sides[r.side(right)].Result.Errno != "" {
				f.Colour, f.Bold = errorColour, true
			}
			p.d.Text(x, y, anchor, f, f.Cut("→ "+text, p.callWidth))
		}
	}
}

// drawArrow draws a segment from its sender's line to its receiver's, with its name and the badges of findings.
func (p *picture) drawArrow(r *pictureRow, tail, head float64) {
	st := &r.table.Session.Steps[r.row.Step]
	fromLeft := st.From == r.side(false)
	x1, x2 := p.leftLine+p.font*0.3, p.rightLine-p.font*0.3
	if !fromLeft {
		x1, x2 = x2, x1
	}
	signal := ladder.SignalOf(st, st.From)
	pen := scene.Pen{Colour: r.colour, Width: 1.4}
	quiet := signal.Length == 0 && signal.Segment() == "ACK"
	switch {
	case signal.Spurious:
		pen.Dash = "1.5 3"
	case signal.Repeated:
		pen.Dash = "7 4"
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
	case tail == p.tailY(r) || signal.Lost:
	case fromLeft: // it crosses others: its name stands at its sender
		l = label{x: x1 + p.font*1.2, y: tail - p.font*0.3, anchor: scene.Start, beside: 1}
	default:
		l = label{x: x1 - p.font*1.2, y: tail - p.font*0.3, anchor: scene.End, beside: -1}
	}
	p.drawLabel(r, st, signal, l)
}

// A label is where a segment's name stands, and on which side of it the badges of findings.
type label struct {
	x, y   float64
	anchor scene.Anchor
	beside float64 // 1 for the right
}

// drawLabel names a segment, with the badges of findings.
func (p *picture) drawLabel(r *pictureRow, st *sessions.Step, signal ladder.Signal, l label) {
	text := strconv.FormatInt(r.row.Frame, 10) + "  " + strings.ReplaceAll(p.print.signal(signal), "♺ ", "↻ ")
	if len(st.Text()) > 0 {
		text += "  " + document.PrintablePart(st.Text()[:min(len(st.Text()), 18)], int(st.Length))
	}
	f := scene.Font{Size: p.font * 0.85, Colour: r.colour}
	p.d.Halo(l.x, l.y, l.anchor, f, scene.Paper, text)
	edge := l.x + l.beside*f.Width(text)
	if l.anchor == scene.Middle {
		edge = l.x + l.beside*f.Width(text)/2
	}
	for i, number := range p.badges[r.row.Frame] {
		if i == 2 {
			break
		}
		x := edge + l.beside*p.font*(1.1+1.4*float64(i))
		p.d.Circle(x, l.y-p.font*0.3, p.font*0.6, badgeColour)
		p.d.Text(x, l.y-p.font*0.03, scene.Middle, scene.Font{Size: p.font * 0.75, Colour: scene.Paper, Bold: true}, strconv.Itoa(number))
	}
}
