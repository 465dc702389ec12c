// Package scene has drawings as primitives, lines, boxes and texts, and writes them as SVG that every reader of SVG draws alike:
// attributes only, no styles and no scripts. It knows nothing of what is drawn.
package scene

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Drawing is a picture of fixed size. Coordinates are pixels, y runs downwards.
type Drawing struct {
	Width, Height float64
	Title         string // what it shows, for those who cannot see it
	body          []byte
}

// A Pen is how a line or an outline is drawn.
type Pen struct {
	Colour string // #rrggbb; "" draws nothing
	Width  float64
	Dash   string // as stroke-dasharray; "" for a whole line
}

// Anchor is the point of a text that its place names.
type Anchor string

// The anchors.
const (
	Start  Anchor = "start"
	Middle Anchor = "middle"
	End    Anchor = "end"
)

// A Font is how a text is written.
type Font struct {
	Size   float64
	Colour string
	Mono   bool // every character is 0.6 of the size wide
	Bold   bool
	Italic bool
}

// monoAdvance is the width of a character of the fixed-width font, in its size: that of Liberation Mono and DejaVu Sans Mono.
const monoAdvance = 0.602

// Width is how wide a text is at most; of a proportional font it is an estimate on the safe side.
func (f Font) Width(text string) float64 {
	advance := monoAdvance
	if !f.Mono {
		advance = 0.6
	}
	if f.Bold && !f.Mono {
		advance = 0.66
	}
	return float64(utf8.RuneCountInString(text)) * advance * f.Size
}

// Cut shortens a text to a width; what is missing is "…".
func (f Font) Cut(text string, width float64) string {
	if f.Width(text) <= width {
		return text
	}
	r := []rune(text)
	n := int(width / f.Width("m"))
	return string(r[:max(min(n-1, len(r)), 0)]) + "…"
}

// Line draws a line.
func (d *Drawing) Line(x1, y1, x2, y2 float64, p Pen) {
	d.open("line")
	d.number("x1", x1)
	d.number("y1", y1)
	d.number("x2", x2)
	d.number("y2", y2)
	d.pen(p)
	d.close()
}

// Box draws a rectangle, filled or outlined or both; opacity is that of the filling.
func (d *Drawing) Box(x, y, width, height float64, fill string, opacity float64, p Pen) {
	d.open("rect")
	d.number("x", x)
	d.number("y", y)
	d.number("width", max(width, 0))
	d.number("height", max(height, 0))
	d.text("fill", orNone(fill))
	if opacity < 1 && fill != "" {
		d.number("fill-opacity", opacity)
	}
	d.pen(p)
	d.close()
}

// Circle draws a filled circle.
func (d *Drawing) Circle(x, y, radius float64, fill string) {
	d.open("circle")
	d.number("cx", x)
	d.number("cy", y)
	d.number("r", radius)
	d.text("fill", fill)
	d.close()
}

// Head draws the head of an arrow that comes from (x1, y1), at (x2, y2): a filled triangle, or an open angle.
func (d *Drawing) Head(x1, y1, x2, y2, size float64, p Pen, open bool) {
	length := math.Hypot(x2-x1, y2-y1)
	if length == 0 {
		return
	}
	ux, uy := (x2-x1)/length, (y2-y1)/length
	bx, by := x2-ux*size, y2-uy*size
	wx, wy := -uy*size*0.42, ux*size*0.42
	d.open("path")
	path := "M" + number(bx+wx) + " " + number(by+wy) + "L" + number(x2) + " " + number(y2) + "L" + number(bx-wx) + " " + number(by-wy)
	if !open {
		path += "Z"
	}
	d.text("d", path)
	if open {
		d.text("fill", "none")
		d.pen(Pen{Colour: p.Colour, Width: p.Width})
	} else {
		d.text("fill", p.Colour)
	}
	d.close()
}

// Cross draws an ✕ around a point.
func (d *Drawing) Cross(x, y, size float64, p Pen) {
	p.Dash = ""
	d.Line(x-size, y-size, x+size, y+size, p)
	d.Line(x-size, y+size, x+size, y-size, p)
}

// Hatch draws diagonal lines in a rectangle, apart by step.
func (d *Drawing) Hatch(x, y, width, height, step float64, p Pen) {
	path := ""
	for at := step; at < width+height; at += step {
		x1, y1 := x, y+at
		if at > height {
			x1, y1 = x+at-height, y+height
		}
		x2, y2 := x+at, y
		if at > width {
			x2, y2 = x+width, y+at-width
		}
		path += "M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2)
	}
	d.path(path, p)
}

// Zigzag draws a line that goes from side to side, downwards.
func (d *Drawing) Zigzag(x, from, to, reach float64, p Pen) {
	path := "M" + number(x) + " " + number(from)
	for y := from + reach; y < to; y += 2 * reach {
		path += "L" + number(x+reach) + " " + number(y)
		path += "L" + number(x-reach) + " " + number(min(y+reach, to))
	}
	d.path(path+"L"+number(x)+" "+number(to), p)
}

func (d *Drawing) path(path string, p Pen) {
	if path == "" {
		return
	}
	d.open("path")
	d.text("d", path)
	d.text("fill", "none")
	d.pen(p)
	d.close()
}

// Text writes a line of text on a base line.
func (d *Drawing) Text(x, y float64, anchor Anchor, f Font, text string) {
	if text == "" {
		return
	}
	d.open("text")
	d.number("x", x)
	d.number("y", y)
	if anchor != Start {
		d.text("text-anchor", string(anchor))
	}
	d.number("font-size", f.Size)
	if f.Mono {
		d.text("font-family", "Liberation Mono, DejaVu Sans Mono, monospace")
	}
	if f.Bold {
		d.text("font-weight", "bold")
	}
	if f.Italic {
		d.text("font-style", "italic")
	}
	d.text("fill", f.Colour)
	d.body = append(d.body, '>')
	d.body = append(d.body, escape(text)...)
	d.body = append(d.body, "</text>\n"...)
}

// Halo writes a text on a box of the paper's colour, so that lines below do not cross it.
func (d *Drawing) Halo(x, y float64, anchor Anchor, f Font, paper, text string) {
	width := f.Width(text)
	left := map[Anchor]float64{Start: x, Middle: x - width/2, End: x - width}[anchor]
	d.Box(left-2, y-f.Size*0.85, width+4, f.Size*1.1, paper, 0.85, Pen{})
	d.Text(x, y, anchor, f, text)
}

// SVG is the drawing as a file.
func (d *Drawing) SVG() []byte {
	var b []byte
	b = append(b, `<svg xmlns="http://www.w3.org/2000/svg" width="`+number(d.Width)+`" height="`+number(d.Height)+`" viewBox="0 0 `+number(d.Width)+" "+number(d.Height)+`" font-family="Liberation Sans, Arial, Helvetica, sans-serif" role="img">`+"\n"...)
	b = append(b, "<title>"+escape(d.Title)+"</title>\n"...)
	b = append(b, `<rect width="`+number(d.Width)+`" height="`+number(d.Height)+`" fill="`+Paper+`"/>`+"\n"...)
	b = append(b, d.body...)
	return append(b, "</svg>\n"...)
}

// Paper is the colour of the ground.
const Paper = "#ffffff"

func (d *Drawing) open(element string) {
	d.body = append(d.body, '<')
	d.body = append(d.body, element...)
}

func (d *Drawing) close() { d.body = append(d.body, "/>\n"...) }

func (d *Drawing) text(name, value string) {
	d.body = append(d.body, " "+name+`="`+escape(value)+`"`...)
}

func (d *Drawing) number(name string, v float64) {
	d.body = append(d.body, " "+name+`="`+number(v)+`"`...)
}

func (d *Drawing) pen(p Pen) {
	if p.Colour == "" {
		return
	}
	d.text("stroke", p.Colour)
	d.number("stroke-width", p.Width)
	if p.Dash != "" {
		d.text("stroke-dasharray", p.Dash)
	}
}

func orNone(colour string) string {
	if colour == "" {
		return "none"
	}
	return colour
}

// number writes a coordinate to a tenth of a pixel, which is what can be seen, so that files are the same everywhere.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// escape writes text for XML; what XML cannot hold becomes U+FFFD.
func escape(s string) string {
	return escapes.Replace(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\t' || r == 0xfffe || r == 0xffff {
			return utf8.RuneError
		}
		return r
	}, s))
}
