package render

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"tcptrace/findings"
	"tcptrace/internal/testfiles"
	"tcptrace/render/document"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/sessionstest/examples"
)

// pictured draws a genuine capture, with the straces that lie beside it.
func pictured(t *testing.T, name string, o PictureOptions) []byte {
	t.Helper()
	tr := examples.Genuine(t, name)
	if sources := examples.Journals(t, testfiles.Genuine(t, name)); len(sources) > 0 {
		ladder.AddCalls(tr, sources)
	}
	o.Findings = findings.Find(tr, findings.Options{})
	d, err := Picture(tr, o)
	if err != nil {
		t.Fatal(err)
	}
	return d.SVG()
}

func TestPictureGolden(t *testing.T) {
	testfiles.Golden(t, "testdata/pico-normal.svg", pictured(t, "pico-normal", PictureOptions{Lang: "en", From: 1, To: 30}))
	testfiles.Golden(t, "testdata/table1.es.svg", pictured(t, "table1-four-way-close", PictureOptions{Lang: "es", Size: Slide}))
}

// inert is everything that a drawing may have: attributes that every reader of SVG knows, and no way to act.
var inert = regexp.MustCompile(`^(svg|title|rect|line|path|circle|text)$`)

// checkDrawing parses a drawing and gives its texts.
func checkDrawing(t *testing.T, name string, svg []byte) (texts []drawnText) {
	t.Helper()
	in := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !inert.MatchString(e.Name.Local) {
			t.Errorf("%s: element %q", name, e.Name.Local)
		}
		x := drawnText{anchor: "start"}
		for _, a := range e.Attr {
			switch v, err := strconv.ParseFloat(a.Value, 64); a.Name.Local {
			case "x":
				x.x = v
			case "y":
				x.y = v
			case "font-size":
				x.size = v
			case "text-anchor":
				x.anchor = a.Value
			case "font-family":
				x.mono = strings.Contains(a.Value, "Mono")
			case "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "stroke-width", "fill-opacity":
				if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s: %s=%q", name, a.Name.Local, a.Value)
				}
			case "xmlns", "viewBox", "role", "fill", "stroke", "stroke-dasharray", "d", "font-weight", "font-style":
			default:
				t.Errorf("%s: attribute %s=%q", name, a.Name.Local, a.Value)
			}
		}
		if e.Name.Local == "text" {
			content, err := in.Token()
			data, isText := content.(xml.CharData)
			if err != nil || !isText {
				t.Fatalf("%s: an empty text", name)
			}
			x.text = string(data)
			if strings.ContainsFunc(x.text, func(r rune) bool { return !document.IsVisible(r) }) {
				t.Errorf("%s: %q is not visible", name, x.text)
			}
			texts = append(texts, x)
		}
	}
}

type drawnText struct {
	text, anchor string
	x, y, size   float64
	mono         bool
}

// box is about where a text is, rather too small than too large: an average letter of Liberation Sans is 0.5 wide.
func (x *drawnText) box() (left, top, right, bottom float64) {
	width := float64(utf8.RuneCountInString(x.text)) * x.size * 0.5
	if x.mono {
		width *= 1.2
	}
	left = x.x
	switch x.anchor {
	case "middle":
		left -= width / 2
	case "end":
		left -= width
	}
	return left, x.y - x.size*0.7, left + width, x.y + x.size*0.1
}

// TestPictureTextsDoNotOverlap holds that no text of a drawing lies on another one or beyond the edge.
func TestPictureTextsDoNotOverlap(t *testing.T) {
	for _, name := range []string{"pico-normal", "pico-4k", "pico-second-client", "table1-four-way-close", "table2-nonblocking", "pico-server-rst", "pico-two-gap"} {
		for _, size := range []PictureSize{Tall, Slide, A4} {
			for _, lang := range []string{"es", "en"} {
				svg := pictured(t, name, PictureOptions{Lang: lang, Size: size})
				texts := checkDrawing(t, name, svg)
				for i := range texts {
					l, top, r, bottom := texts[i].box()
					if l < 0 || r > 1600 || top < 0 {
						t.Errorf("%s %s %s: %q is outside", name, size, lang, texts[i].text)
					}
					for j := range i {
						l2, top2, r2, bottom2 := texts[j].box()
						if min(r, r2)-max(l, l2) > 2 && min(bottom, bottom2)-max(top, top2) > 2 {
							t.Errorf("%s %s %s: %q lies on %q", name, size, lang, texts[i].text, texts[j].text)
						}
					}
				}
			}
		}
	}
}

// TestPictureIsInert draws traces full of hostile text.
func TestPictureIsInert(t *testing.T) {
	drawn := 0
	for name, tr := range examples.All() {
		for _, s := range tr.Sessions {
			s.Shown = true
		}
		d, err := Picture(tr, PictureOptions{Lang: "es", Options: ladder.Options{All: true}, Findings: findings.Find(tr, findings.Options{})})
		if errors.Is(err, ErrNothingToDraw) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		drawn++
		checkDrawing(t, name, d.SVG())
	}
	if drawn < 2 {
		t.Errorf("%d drawings", drawn)
	}
}

// TestPictureHasEveryRow holds that an arrow or a text stands for every row, in order, and that arrows do not go up.
func TestPictureHasEveryRow(t *testing.T) {
	tr := examples.Genuine(t, "pico-4k")
	p := newPicture(tr, PictureOptions{Lang: "en", Options: ladder.Options{All: true}})
	p.choose()
	p.columns()
	p.place()
	rows := 0
	for _, s := range tr.Sessions {
		rows += len(ladder.Build(s, tr, ladder.Options{All: true}).Rows)
	}
	if len(p.drawn) != rows {
		t.Errorf("%d rows of %d", len(p.drawn), rows)
	}
	for i := range p.drawn {
		e := &p.drawn[i]
		if i > 0 && e.y < p.drawn[i-1].y+p.drawn[i-1].height {
			t.Errorf("row %d lies on the one before", i)
		}
		if r := p.c.Rows[e.row]; r.Departs && r.Arrives && p.headY(e) <= p.tailY(e) {
			t.Errorf("row %d: its arrow goes up", i)
		}
	}
}

// TestMermaid holds the diagram to its golden text, to the limits of the sites that draw it, and to one line an item.
func TestMermaid(t *testing.T) {
	for name, tr := range examples.All() {
		for _, s := range tr.Sessions {
			s.Shown = true
		}
		text, err := Mermaid(tr, PictureOptions{Lang: "en", Options: ladder.Options{All: true}})
		if errors.Is(err, ErrNothingToDraw) {
			continue
		}
		if err != nil || len(text) > 5000 {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
		for line := range strings.Lines(strings.TrimPrefix(text, "sequenceDiagram\n")) {
			if !regexp.MustCompile(`^    (participant H\d as [^:<]+|Note (over H\d|over H\d,H\d|left of H\d|right of H\d): [^:<]+|H\d(->>|-->>|-x)H\d: [^:<]+)\n$`).MatchString(line) {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
	tr := examples.Genuine(t, "table1-four-way-close")
	ladder.AddCalls(tr, examples.Journals(t, testfiles.Genuine(t, "table1-four-way-close")))
	text, err := Mermaid(tr, PictureOptions{Lang: "es"})
	if err != nil {
		t.Fatal(err)
	}
	testfiles.Golden(t, "testdata/table1.es.mmd", []byte(text))
	whole, err := Mermaid(examples.Genuine(t, "pico-4k"), PictureOptions{Lang: "en", Options: ladder.Options{All: true}})
	if err != nil || !strings.Contains(whole, "are not drawn") {
		t.Errorf("it does not say what is left out: %v", err)
	}
}
