package plot

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"math"
	"sort"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The page's measures, in points: 750 points are the default 1000 px.
const (
	pageWidth  vg.Length = 750
	pageEdge   vg.Length = 10
	captionGap vg.Length = 4
)

// plotPage is a plot before it is drawn: words on top, panels below.
type plotPage struct {
	title    string
	facts    []string // lines under the title
	legend   []legendItem
	panels   []*plotPanel
	height   vg.Length // of the area of the panels
	margin   vg.Length // room on the right for the panels' notes
	measured vg.Length // height of the words on top
}

// plotPanel is one pair of axes and its place in the area of the panels.
type plotPanel struct {
	axes        *plot.Plot
	left, right float64   // shares of the area's width
	top, bottom vg.Length // below the area's upper edge
	caption     string    // above the axes, "" for none
	notes       []levelNote
	points      []dataPoint // what can be pointed at
	area        draw.Canvas // with the axes' labels; set by place
}

// dataPoint is a mark that stands for something in the capture.
type dataPoint struct {
	x, y    float64 // values of the axes
	frame   int64
	session int
	text    string
}

// A Point is a mark of a drawn plot, for those who make it answer to a pointer: its place in the SVG's own coordinates, the
// frame and the session that it stands for, and what it says.
type Point struct {
	X       float64 `json:"x"`
	Y       float64 `json:"y"`
	Frame   int64   `json:"frame"`
	Session int     `json:"session"`
	Text    string  `json:"text"`
}

// maxPoints bounds the points of one plot: those that have marks of their own.
const maxPoints = maxMarks

// placed are the points of all panels, after they were drawn.
func (g *plotPage) placed(height vg.Length) (out []Point) {
	for _, p := range g.panels {
		data := p.axes.DataCanvas(p.area)
		x, y := p.axes.Transforms(&data)
		for _, d := range p.points[:min(len(p.points), maxPoints)] {
			at := vg.Point{X: x(d.x), Y: y(d.y)}
			if data.Contains(at) {
				out = append(out, Point{tenth(at.X), tenth(height - at.Y), d.frame, d.session, d.text})
			}
		}
	}
	return out
}

// tenth rounds to what can be seen.
func tenth(v vg.Length) float64 { return math.Round(v.Points()*10) / 10 }

// levelNote is a text beside the right edge of a panel, at a value of its vertical axis. Standing
// outside of the axes it cannot cover data.
type levelNote struct {
	level float64
	text  string
	style text.Style
}

// legendItem explains one mark or line. Exactly one of mark, line and band is set.
type legendItem struct {
	text string
	mark *plotMark
	line *draw.LineStyle
	tall bool // the line is drawn upright, as data segments are
}

// write draws the page in the format asked for.
func (g *plotPage) write(w io.Writer, o Options) error {
	lines := g.headLines()
	g.measured = g.headHeight(lines)
	height := g.measured + g.height + pageEdge
	if o.Format == "png" {
		// The resolution is a whole number, so the page is a little narrower or wider than 750 points.
		dpi := max(1, int(math.Round(float64(o.Width)*72/float64(pageWidth))))
		width := vg.Length(o.Width) / vg.Length(dpi) * vg.Inch
		c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))
		g.draw(draw.NewCanvas(c, width, height), lines)
		_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
		return err
	}
	c := &svgCanvas{Canvas: vgsvg.New(pageWidth, height)}
	g.draw(draw.New(c), lines)
	if o.Points != nil {
		*o.Points = g.placed(height)
	}
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		return err
	}
	_, err := w.Write(g.finishSVG(c.withWidths(buf.Bytes()), o.Width, height))
	return err
}

// svgCanvas notes how wide each text was measured. A browser without the fonts of svgFamily takes a wider one, and the text
// would run into its neighbour or over the edge.
type svgCanvas struct {
	*vgsvg.Canvas
	widths []vg.Length
}

// FillString implements vg.Canvas.
func (c *svgCanvas) FillString(f font.Face, at vg.Point, s string) {
	c.widths = append(c.widths, f.Width(s))
	c.Canvas.FillString(f, at, s)
}

// withWidths gives each text of the canvas's SVG its measured width, which it fills in any font.
func (c *svgCanvas) withWidths(svg []byte) []byte {
	const start = "<text "
	var out bytes.Buffer
	for _, width := range c.widths {
		at := bytes.Index(svg, []byte(start)) + len(start)
		out.Write(svg[:at])
		svg = svg[at:]
		if width > 0 {
			fmt.Fprintf(&out, `textLength="%.4g" lengthAdjust="spacingAndGlyphs" `, width.Points())
		}
	}
	out.Write(svg)
	return out.Bytes()
}

// svgFamily is asked for once for the whole picture. The first three have the same widths as the
// font that the layout was measured with.
const svgFamily = "Liberation Sans, Arial, Helvetica, sans-serif"

// svgFace is what the library writes at every text.
const svgFace = "font-family:Liberation Sans;font-variant:normal;"

// finishSVG replaces the library's prologue: without an XML declaration the picture can stand inside
// HTML, it is measured in pixels, and it has a title for those who cannot see it.
func (g *plotPage) finishSVG(svg []byte, width int, height vg.Length) []byte {
	root := bytes.Index(svg, []byte("<svg "))
	body := svg[root+bytes.IndexByte(svg[root:], '>')+1:]
	body = bytes.ReplaceAll(body, []byte(svgFace+"font-weight:normal;font-style:normal;"), nil)
	body = bytes.ReplaceAll(body, []byte(svgFace+"font-weight:bold;font-style:normal;"), []byte("font-weight:bold;"))
	body = attributed(body)
	px := math.Round(float64(width) * float64(height/pageWidth))
	var out bytes.Buffer
	out.Grow(len(body) + 400)
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%.0f" viewBox="0 0 %.5g %.5g" role="img" font-family="%s">`+"\n",
		width, px, pageWidth.Points(), height.Points(), svgFamily)
	fmt.Fprintf(&out, "<title>%s</title>", html.EscapeString(g.title+". "+strings.Join(g.facts, ". ")))
	out.Write(body)
	return out.Bytes()
}

// attributed writes every style as attributes, which readers without style sheets and pages that forbid inline styles
// understand alike.
func attributed(svg []byte) []byte {
	const start, end = `style="`, '"'
	var out bytes.Buffer
	for {
		at := bytes.Index(svg, []byte(start))
		if at < 0 {
			break
		}
		out.Write(svg[:at])
		svg = svg[at+len(start):]
		stop := bytes.IndexByte(svg, end)
		for i, rule := range strings.Split(strings.Trim(string(svg[:stop]), "; \n"), ";") {
			if name, value, ok := strings.Cut(rule, ":"); ok {
				if i > 0 {
					out.WriteByte(' ')
				}
				fmt.Fprintf(&out, `%s="%s"`, strings.TrimSpace(name), strings.TrimSpace(value))
			}
		}
		svg = svg[stop+1:]
	}
	out.Write(svg)
	return out.Bytes()
}

// headLine is a line of words above the panels, or a row of the legend.
type headLine struct {
	text   string
	style  text.Style
	legend []legendItem
	height vg.Length
}

// headLines breaks the title, the facts and the legend into lines that fit the page.
func (g *plotPage) headLines() []headLine {
	room := pageWidth - 2*pageEdge
	var lines []headLine
	add := func(s string, style text.Style, height vg.Length) {
		for _, part := range wrapText(s, style, room) {
			lines = append(lines, headLine{text: part, style: style, height: height})
		}
	}
	add(g.title, plotBold(sizeTitle, inkBlack), 17)
	for _, f := range g.facts {
		add(f, plotText(sizeText, inkText), 13.5)
	}
	style := plotText(sizeText, inkText)
	var row []legendItem
	var used vg.Length
	flush := func() {
		if len(row) > 0 {
			lines = append(lines, headLine{style: style, legend: row, height: 14.5})
		}
		row, used = nil, 0
	}
	for _, item := range g.legend {
		width := legendWidth(item, style)
		if used+width > room {
			flush()
		}
		row = append(row, item)
		used += width
	}
	flush()
	return lines
}

func (g *plotPage) headHeight(lines []headLine) vg.Length {
	h := pageEdge
	for _, l := range lines {
		h += l.height
	}
	return h + 4
}

// The measures of a legend's items.
const (
	thumbWidth vg.Length = 18
	thumbGap   vg.Length = 4
	itemGap    vg.Length = 11
)

func legendWidth(item legendItem, style text.Style) vg.Length {
	return thumbWidth + thumbGap + style.Width(item.text) + itemGap
}

// draw draws everything on a canvas of the page's size.
func (g *plotPage) draw(c draw.Canvas, lines []headLine) {
	c.FillPolygon(pageWhite, []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}})
	y := c.Max.Y - pageEdge
	for _, l := range lines {
		y -= l.height
		if l.legend != nil {
			drawLegend(c, l, vg.Point{X: c.Min.X + pageEdge, Y: y + 4})
			continue
		}
		c.FillText(l.style, vg.Point{X: c.Min.X + pageEdge, Y: y + 4}, l.text)
	}
	g.place(c)
	for _, p := range g.panels {
		p.axes.Draw(p.area)
		data := p.axes.DataCanvas(p.area)
		if p.caption != "" {
			c.FillText(plotBold(sizeText, inkText), vg.Point{X: data.Min.X, Y: data.Max.Y + captionGap}, p.caption)
		}
		p.drawNotes(data)
	}
}

// drawLegend draws one row of the legend with its baseline at pt.
func drawLegend(c draw.Canvas, row headLine, pt vg.Point) {
	for _, item := range row.legend {
		middle := vg.Point{X: pt.X + thumbWidth/2, Y: pt.Y + 3}
		switch {
		case item.line != nil && item.tall:
			c.StrokeLine2(*item.line, middle.X, middle.Y-4, middle.X, middle.Y+4)
		case item.line != nil:
			c.StrokeLine2(*item.line, pt.X, middle.Y, pt.X+thumbWidth, middle.Y)
		}
		if item.mark != nil {
			item.mark.paint(c, []vg.Point{middle})
		}
		c.FillText(row.style, vg.Point{X: pt.X + thumbWidth + thumbGap, Y: pt.Y}, item.text)
		pt.X += legendWidth(item, row.style)
	}
}

// place gives every panel its canvas, and lines up the data areas of panels that begin at the same
// left or upper edge, whatever room their labels need.
func (g *plotPage) place(c draw.Canvas) {
	left, width := c.Min.X+pageEdge, c.Max.X-c.Min.X-2*pageEdge-g.margin
	ceiling := c.Max.Y - g.measured
	for _, p := range g.panels {
		top := ceiling - p.top
		if p.caption != "" {
			top -= plotBold(sizeText, inkText).Height(p.caption) + captionGap
		}
		p.area = draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: left + width*vg.Length(p.left), Y: ceiling - p.bottom},
			Max: vg.Point{X: left + width*vg.Length(p.right), Y: top},
		}}
	}
	lineUp(g.panels, func(p *plotPanel) float64 { return p.left }, func(p *plotPanel) (*vg.Length, vg.Length) {
		return &p.area.Min.X, p.axes.DataCanvas(p.area).Min.X
	}, true)
	lineUp(g.panels, func(p *plotPanel) float64 { return float64(p.bottom) }, func(p *plotPanel) (*vg.Length, vg.Length) {
		return &p.area.Min.Y, p.axes.DataCanvas(p.area).Min.Y
	}, true)
	lineUp(g.panels, func(p *plotPanel) float64 { return float64(p.top) }, func(p *plotPanel) (*vg.Length, vg.Length) {
		return &p.area.Max.Y, p.axes.DataCanvas(p.area).Max.Y
	}, false)
	lineUp(g.panels, func(p *plotPanel) float64 { return p.right }, func(p *plotPanel) (*vg.Length, vg.Length) {
		return &p.area.Max.X, p.axes.DataCanvas(p.area).Max.X
	}, false)
}

// lineUp moves one edge of the panels that have the same key inwards to where the innermost data
// edge of them is.
func lineUp(panels []*plotPanel, key func(*plotPanel) float64, edge func(*plotPanel) (*vg.Length, vg.Length), lower bool) {
	innermost := map[float64]vg.Length{}
	for _, p := range panels {
		_, data := edge(p)
		best, seen := innermost[key(p)]
		if !seen || lower == (data > best) {
			innermost[key(p)] = data
		}
	}
	for _, p := range panels {
		area, data := edge(p)
		*area += innermost[key(p)] - data
	}
}

// drawNotes writes the notes beside the data area, pushed apart so that they can be read; each has a
// line to its level.
func (p *plotPanel) drawNotes(data draw.Canvas) {
	notes := append([]levelNote(nil), p.notes...)
	sort.SliceStable(notes, func(i, j int) bool { return notes[i].level > notes[j].level })
	_, y := p.axes.Transforms(&data)
	height := func(n levelNote) vg.Length {
		return noteStep * n.style.Font.Size * vg.Length(1+strings.Count(n.text, "\n"))
	}
	middles := make([]vg.Length, len(notes))
	ceiling := data.Max.Y + 10
	for i, n := range notes {
		middles[i] = min(y(n.level), ceiling-height(n)/2)
		ceiling = middles[i] - height(n)/2
	}
	floor := data.Min.Y - 10
	for i := len(notes) - 1; i >= 0; i-- {
		middles[i] = max(middles[i], floor+height(notes[i])/2)
		floor = middles[i] + height(notes[i])/2
	}
	for i, n := range notes {
		data.StrokeLine2(lineOf(n.style.Color.(inkColor), 0.8), data.Max.X+1, y(n.level), data.Max.X+7, middles[i])
		top := middles[i] + height(n)/2
		for _, part := range strings.Split(n.text, "\n") {
			top -= noteStep * n.style.Font.Size
			data.FillText(n.style, vg.Point{X: data.Max.X + 9, Y: top + 2.2}, part)
		}
	}
}

// noteStep is the distance of the lines of a note, in sizes of its text.
const noteStep = 1.15
