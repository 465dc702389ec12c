package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// inkColor is a colour of a plot.
type inkColor = color.NRGBA

// The palette is Okabe and Ito's, made for all common kinds of colour blindness; whatever differs
// by colour differs by shape or dash too.
var (
	pageWhite = rgb(0xffffff)
	inkBlack  = rgb(0x222222)
	inkText   = rgb(0x444444)
	inkAxis   = rgb(0x777777)
	inkGrid   = rgb(0xe6e6e6)
	inkBand   = rgb(0xeeeeee)
	inkGrey   = rgb(0x999999)
	inkOrange = rgb(0xe69f00)
	inkSky    = rgb(0x56b4e9)
	inkGreen  = rgb(0x009e73)
	inkBlue   = rgb(0x0072b2)
	inkRed    = rgb(0xd55e00)
	inkPurple = rgb(0xcc79a7)
)

// rgb is an opaque colour, 0xRRGGBB.
func rgb(v uint32) inkColor {
	return inkColor{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

// plotShape is the shape of a mark.
type plotShape uint8

const (
	shapeCircle plotShape = iota
	shapeDiamond
	shapeSquare
	shapeUp
	shapeDown
	shapeCross
	shapePlus
)

// plotMark is how one kind of mark looks.
type plotMark struct {
	shape  plotShape
	ink    inkColor
	hollow bool
	radius vg.Length
}

// stroked reports whether the shape is lines only.
func (m plotMark) stroked() bool {
	return m.hollow || m.shape == shapeCross || m.shape == shapePlus
}

// outline adds the mark at pt to a path, so that a whole series becomes one path.
func (m plotMark) outline(p *vg.Path, pt vg.Point) {
	r := m.radius
	at := func(x, y float64) vg.Point {
		return vg.Point{X: pt.X + r*vg.Length(x), Y: pt.Y + r*vg.Length(y)}
	}
	polygon := func(corners ...vg.Point) {
		p.Move(corners[0])
		for _, c := range corners[1:] {
			p.Line(c)
		}
		p.Close()
	}
	switch m.shape {
	case shapeCircle:
		p.Move(at(1, 0))
		p.Arc(pt, r, 0, 2*math.Pi)
		p.Close()
	case shapeDiamond:
		polygon(at(1.2, 0), at(0, 1.2), at(-1.2, 0), at(0, -1.2))
	case shapeSquare:
		polygon(at(0.9, 0.9), at(-0.9, 0.9), at(-0.9, -0.9), at(0.9, -0.9))
	case shapeUp:
		polygon(at(0, 1.2), at(-1.1, -0.8), at(1.1, -0.8))
	case shapeDown:
		polygon(at(0, -1.2), at(-1.1, 0.8), at(1.1, 0.8))
	case shapeCross:
		p.Move(at(-0.9, -0.9))
		p.Line(at(0.9, 0.9))
		p.Move(at(-0.9, 0.9))
		p.Line(at(0.9, -0.9))
	case shapePlus:
		p.Move(at(-1, 0))
		p.Line(at(1, 0))
		p.Move(at(0, -1))
		p.Line(at(0, 1))
	}
}

// paint draws the mark at the points, as one path.
func (m plotMark) paint(c draw.Canvas, pts []vg.Point) {
	var path vg.Path
	for _, pt := range pts {
		m.outline(&path, pt)
	}
	if len(path) == 0 {
		return
	}
	c.SetLineStyle(draw.LineStyle{Color: m.ink, Width: vg.Points(1.3)})
	if m.stroked() {
		c.Stroke(path)
		return
	}
	c.Fill(path)
}

// plotFunc is a plot.Plotter. Being only that, it hides the data range and the glyph boxes: ranges
// are set by the panel, and panels side by side must not be padded differently.
type plotFunc func(c draw.Canvas, p *plot.Plot)

// Draw implements plot.Plotter.
func (f plotFunc) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

// drawMarks draws one mark per point; points outside the axes are left out.
func drawMarks(pts plotter.XYs, m plotMark) plotFunc {
	return func(c draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&c)
		inside := make([]vg.Point, 0, len(pts))
		for _, pt := range pts {
			if v := (vg.Point{X: x(pt.X), Y: y(pt.Y)}); c.Contains(v) {
				inside = append(inside, v)
			}
		}
		m.paint(c, inside)
	}
}

// drawSparseMarks is drawMarks without the marks that would cover the one before them: a burst of
// equal events is a row of marks with the data visible between.
func drawSparseMarks(pts plotter.XYs, m plotMark) plotFunc {
	return func(c draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&c)
		var apart []vg.Point
		for _, pt := range pts {
			v := vg.Point{X: x(pt.X), Y: y(pt.Y)}
			if n := len(apart); !c.Contains(v) || n > 0 && math.Hypot(float64(v.X-apart[n-1].X), float64(v.Y-apart[n-1].Y)) < 1.7*float64(m.radius) {
				continue
			}
			apart = append(apart, v)
		}
		m.paint(c, apart)
	}
}

// drawLine draws a line through the points, clipped at the axes.
func drawLine(pts plotter.XYs, style draw.LineStyle, step plotter.StepKind) plotFunc {
	line := &plotter.Line{XYs: pts, LineStyle: style, StepStyle: step}
	return func(c draw.Canvas, p *plot.Plot) {
		if len(pts) > 1 {
			line.Plot(c, p)
		}
	}
}

// plotSegment is a straight line between two points of the data.
type plotSegment struct{ x0, y0, x1, y1 float64 }

// drawSegments draws unconnected lines as one path, cut to the axes. A line shorter than least is
// drawn least long, upwards, so that one byte can be seen beside a megabyte.
func drawSegments(segs []plotSegment, style draw.LineStyle, least vg.Length) plotFunc {
	return func(c draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&c)
		var path vg.Path
		for _, s := range segs {
			a, b := vg.Point{X: x(s.x0), Y: y(s.y0)}, vg.Point{X: x(s.x1), Y: y(s.y1)}
			if math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)) < float64(least) {
				b = vg.Point{X: a.X, Y: a.Y + least}
			}
			for _, part := range c.ClipLinesXY([]vg.Point{a, b}) {
				path.Move(part[0])
				path.Line(part[len(part)-1])
			}
		}
		if len(path) > 0 {
			c.SetLineStyle(style)
			c.Stroke(path)
		}
	}
}

// drawBoxes fills rectangles given as diagonals, as one path, cut to the axes.
func drawBoxes(boxes []plotSegment, ink color.Color) plotFunc {
	return func(c draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&c)
		inX := func(v float64) vg.Length { return min(max(x(v), c.Min.X), c.Max.X) }
		inY := func(v float64) vg.Length { return min(max(y(v), c.Min.Y), c.Max.Y) }
		var path vg.Path
		for _, b := range boxes {
			if inX(b.x0) == inX(b.x1) || inY(b.y0) == inY(b.y1) {
				continue // outside of the axes
			}
			path.Move(vg.Point{X: inX(b.x0), Y: inY(b.y0)})
			path.Line(vg.Point{X: inX(b.x1), Y: inY(b.y0)})
			path.Line(vg.Point{X: inX(b.x1), Y: inY(b.y1)})
			path.Line(vg.Point{X: inX(b.x0), Y: inY(b.y1)})
			path.Close()
		}
		if len(path) > 0 {
			c.SetColor(ink)
			c.Fill(path)
		}
	}
}

// drawLevel draws a horizontal line across the panel.
func drawLevel(level float64, style draw.LineStyle) plotFunc {
	return func(c draw.Canvas, p *plot.Plot) {
		_, y := p.Transforms(&c)
		if v := y(level); c.ContainsY(v) {
			c.StrokeLine2(style, c.Min.X, v, c.Max.X, v)
		}
	}
}

// drawUpright draws a vertical line across the panel.
func drawUpright(at float64, style draw.LineStyle) plotFunc {
	return func(c draw.Canvas, p *plot.Plot) {
		x, _ := p.Transforms(&c)
		if v := x(at); c.ContainsX(v) {
			c.StrokeLine2(style, v, c.Min.Y, v, c.Max.Y)
		}
	}
}

// lineOf is a plain or dashed line.
func lineOf(ink color.Color, width vg.Length, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: ink, Width: width, Dashes: dashes}
}

// newAxes is an empty pair of axes in the house's style, with a grid at the labelled ticks.
func newAxes(x, y plotAxis) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.TextHandler = plotTextHandler
	p.Legend.TextStyle = plotText(sizeText, inkText)
	for _, side := range []struct {
		axis *plot.Axis
		want plotAxis
	}{{&p.X, x}, {&p.Y, y}} {
		a, want := side.axis, side.want
		a.Min, a.Max = want.span.min, want.span.max
		a.Label.Text = want.label
		a.Label.Padding = vg.Points(3)
		a.Label.TextStyle.Font = plotText(sizeText, inkText).Font
		a.Label.TextStyle.Color = inkText
		a.Label.TextStyle.Handler = plotTextHandler
		a.Tick.Label.Font = plotText(sizeTick, inkText).Font
		a.Tick.Label.Color = inkText
		a.Tick.Label.Handler = plotTextHandler
		a.Tick.LineStyle = lineOf(inkAxis, vg.Points(0.6))
		a.Tick.Length = vg.Points(4)
		a.LineStyle = lineOf(inkAxis, vg.Points(0.6))
		a.Padding = 0
		a.Tick.Marker = plot.ConstantTicks(want.ticks)
		if want.log {
			a.Scale = plot.LogScale{}
		}
		if want.down {
			a.Scale = plot.InvertedScale{Normalizer: a.Scale}
		}
	}
	grid := plotter.NewGrid()
	grid.Vertical = lineOf(inkGrid, vg.Points(0.6))
	grid.Horizontal = lineOf(inkGrid, vg.Points(0.6))
	p.Add(grid)
	return p
}

// plotAxis is what a panel wants of one axis.
type plotAxis struct {
	span  plotSpan
	label string
	ticks []plot.Tick
	log   bool
	down  bool // values grow downwards
}

// unlabelled blanks the labels of an axis, for a panel that shares its neighbour's. A space is still a
// label to the library, so the grid stays and both panels are padded alike.
func (a plotAxis) unlabelled() plotAxis {
	a.label = ""
	blank := make([]plot.Tick, len(a.ticks))
	for i, t := range a.ticks {
		blank[i].Value = t.Value
		if t.Label != "" {
			blank[i].Label = " "
		}
	}
	a.ticks = blank
	return a
}
