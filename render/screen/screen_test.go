package screen_test

import (
	"strings"
	"testing"

	"tcptrace/render/document"
	"tcptrace/render/screen"
)

var widths = []int{20, 40, 60, 80, 120}

// TestLinesFit holds that no block is wider than its screen, in colour or not, whatever characters are in it.
func TestLinesFit(t *testing.T) {
	long := strings.Repeat("♻️×95 (Data[23] → / ← Data[36]) señal_muy_larga_sin_espacios_que_no_cabe ", 6)
	cells := func(texts ...string) (row []document.Cell) {
		for _, text := range texts {
			row = append(row, document.NewCell(document.Code, text))
		}
		return row
	}
	blocks := []document.Block{
		document.Heading{Level: 2, Text: document.NewCell(document.Plain, long)},
		document.Heading{Level: 3, Text: document.NewCell(document.Plain, long)},
		document.Paragraph{Text: document.NewCell(document.Strong, long)},
		document.List{Items: []document.Cell{document.NewCell(document.Emphasis, long), document.NewCell(document.Plain, "corto")}},
		document.TableBlock{Table: document.Table{Title: long, Header: cells("uno", "dos", "tres"), Rows: [][]document.Cell{cells("1", long, "♻️"), cells("2", "b", "c")}}},
		document.TableBlock{Table: document.Table{Header: cells("uno", "dos"), Rows: [][]document.Cell{cells("1", "una celda algo más ancha que veinte columnas")}, Numeric: []bool{true}}},
	}
	for _, width := range widths {
		for _, colour := range []bool{false, true} {
			sc := &screen.Screen{Width: width, Height: 24, Colour: colour}
			for i, b := range blocks {
				lines := sc.Block(b)
				if len(lines) == 0 {
					t.Errorf("block %d has no line", i)
				}
				for _, line := range lines {
					if screen.Width(line) > width {
						t.Errorf("width %d, block %d: %d columns: %q", width, i, screen.Width(line), line)
					}
				}
				if colour {
					plain := (&screen.Screen{Width: width, Height: 24}).Block(document.Paragraph{Text: document.NewCell(document.Plain, "x")})
					if strings.Contains(strings.Join(plain, ""), "\x1b") {
						t.Error("an escape sequence without colour")
					}
				}
			}
		}
	}
}

// TestWrapLosesNothing holds that a text that is wrapped is the same text.
func TestWrapLosesNothing(t *testing.T) {
	text := "Un mensaje esperó 0.47 s a que terminara time.sleep(1); la red tardó 6 ms → ver paquetes 28, 30, 41."
	for _, width := range widths {
		sc := &screen.Screen{Width: width, Height: 24}
		var words []string
		for _, line := range sc.Wrap(text, "", "    ") {
			words = append(words, strings.Fields(line)...)
		}
		if got := strings.Join(words, " "); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(text, " ", "") {
			t.Errorf("width %d: %q", width, got)
		}
	}
}

// TestPad holds that padding makes texts exactly as wide as asked.
func TestPad(t *testing.T) {
	sc := &screen.Screen{Width: 80, Height: 24, Colour: true}
	for _, text := range []string{"", "a", "♻️×95", "ESTABLISHED → señal", sc.Paint(screen.Good, "ESTABLISHED"), "日本語のテキスト"} {
		for width := 1; width < 24; width++ {
			if n := screen.Width(screen.Pad(text, width)); n != width {
				t.Errorf("Pad(%q, %d) is %d wide", text, width, n)
			}
			if n := screen.Width(screen.PadLeft(text, width)); n != width {
				t.Errorf("PadLeft(%q, %d) is %d wide", text, width, n)
			}
		}
	}
}

// TestWithoutUnicode holds that a locale without Unicode gets no drawn lines.
func TestWithoutUnicode(t *testing.T) {
	d := &document.Document{}
	d.AddHeading(2, document.NewCell(document.Plain, "Title"))
	d.AddList([]document.Cell{document.NewCell(document.Plain, "item")})
	d.Add(document.TableBlock{Table: document.Table{Header: []document.Cell{document.NewCell(document.Plain, "a")}, Rows: [][]document.Cell{{document.NewCell(document.Plain, "b")}}}})
	sc := &screen.Screen{Width: 40, Height: 24, ASCII: true}
	for _, line := range sc.Document(d) {
		for _, r := range line {
			if r > 0x7f {
				t.Errorf("%q has %q", line, r)
			}
		}
	}
}

// TestHostileText holds that nothing from outside reaches the terminal as a control sequence.
func TestHostileText(t *testing.T) {
	sc := &screen.Screen{Width: 60, Height: 24}
	d := &document.Document{}
	for _, kind := range []document.SpanKind{document.Plain, document.Strong, document.Code, document.Emphasis} {
		d.Add(document.Paragraph{Text: document.NewCell(kind, "a\x1b]0;evil\x07b\u202e\u009bc\x9bd")}, document.CodeBlock{Text: "x\x1b[31m"})
	}
	for _, line := range sc.Document(d) {
		if strings.ContainsAny(line, "\x1b\x07\u009b\u202e") {
			t.Errorf("%q", line)
		}
	}
}
