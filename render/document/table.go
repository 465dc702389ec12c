package document

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// SpanKind says how a piece of text is set.
type SpanKind uint8

// The kinds of span.
const (
	Plain SpanKind = iota
	Code
	Emphasis
	Strong
)

// Span is a piece of text set in one way. Text is raw: the printers escape it.
type Span struct {
	Kind SpanKind
	Text string
}

// Cell is the content of a table cell, a paragraph or a list item: one line of text.
type Cell []Span

// NewCell makes a Cell of one span; an empty text makes the empty cell.
func NewCell(kind SpanKind, text string) Cell {
	if text == "" {
		return nil
	}
	return Cell{{kind, text}}
}

// Text is the cell's raw text without its settings.
func (c Cell) Text() string {
	if len(c) == 1 {
		return c[0].Text
	}
	var b strings.Builder
	for _, s := range c {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Table is a table before it is printed. Rows may be shorter than the header. Title and Notes
// are printed by a Document only, around the table.
type Table struct {
	Title   string
	Header  []Cell
	Rows    [][]Cell
	Numeric []bool // columns that HTML and the terminal set to the right; may be short or nil
	Notes   []Cell
}

func (t *Table) numeric(column int) bool {
	return column < len(t.Numeric) && t.Numeric[column]
}

// columns is the number of columns: of the header, or of the longest row if that has more.
func (t *Table) columns() int {
	n := len(t.Header)
	for _, row := range t.Rows {
		n = max(n, len(row))
	}
	return n
}

// at gives the cell of a column, empty when the row is short.
func at(row []Cell, column int) Cell {
	if column < len(row) {
		return row[column]
	}
	return nil
}

// AppendMarkdown appends the table in GitHub-flavoured Markdown, header, rule and rows, byte-stable
// (docs/ladder.md, Rows 16). align pads the cells by display width for reading in a terminal.
func (t *Table) AppendMarkdown(dst []byte, align bool) []byte {
	if align {
		return t.appendAligned(dst)
	}
	n := t.columns()
	dst = appendMarkdownRow(dst, t.Header, n)
	for range n {
		dst = append(dst, "| --- "...)
	}
	dst = append(dst, "|\n"...)
	for _, row := range t.Rows {
		dst = appendMarkdownRow(dst, row, n)
	}
	return dst
}

func appendMarkdownRow(dst []byte, row []Cell, columns int) []byte {
	for i := range columns {
		dst = append(dst, "| "...)
		dst = appendInline(dst, at(row, i), inTable)
		dst = append(dst, ' ')
	}
	return append(dst, "|\n"...)
}

func (t *Table) appendAligned(dst []byte) []byte {
	grid, widths := t.grid(3, func(c Cell) string { return string(appendInline(nil, c, inTable)) })
	for i, row := range grid {
		for j, text := range row {
			dst = append(dst, "| "...)
			dst = appendPadded(dst, text, widths[j], false)
			dst = append(dst, ' ')
		}
		dst = append(dst, "|\n"...)
		if i > 0 {
			continue
		}
		for _, w := range widths {
			dst = append(dst, "| "...)
			dst = append(dst, strings.Repeat("-", w)...)
			dst = append(dst, ' ')
		}
		dst = append(dst, "|\n"...)
	}
	return dst
}

// AppendText appends the table for a terminal: columns two spaces apart under a line, no markup.
func (t *Table) AppendText(dst []byte) []byte {
	grid, widths := t.grid(1, func(c Cell) string { return visible(c.Text()) })
	for i, row := range grid {
		start := len(dst)
		for j, text := range row {
			if j > 0 {
				dst = append(dst, "  "...)
			}
			dst = appendPadded(dst, text, widths[j], t.numeric(j))
		}
		dst = append(trimRight(dst, start), '\n')
		if i > 0 {
			continue
		}
		for j, w := range widths {
			if j > 0 {
				dst = append(dst, "  "...)
			}
			dst = append(dst, strings.Repeat("─", w)...)
		}
		dst = append(dst, '\n')
	}
	return dst
}

// grid prints every cell, header first, and measures the columns in terminal cells.
func (t *Table) grid(least int, print func(Cell) string) (grid [][]string, widths []int) {
	n := t.columns()
	widths = slices.Repeat([]int{least}, n)
	for _, row := range append([][]Cell{t.Header}, t.Rows...) {
		texts := make([]string, n)
		for j := range texts {
			texts[j] = print(at(row, j))
			widths[j] = max(widths[j], displayWidth(texts[j]))
		}
		grid = append(grid, texts)
	}
	return grid, widths
}

// displayWidth is the number of terminal cells that a text takes; "♻️" takes two.
func displayWidth(s string) int { return uniseg.StringWidth(s) }

func appendPadded(dst []byte, text string, width int, right bool) []byte {
	fill := max(0, width-displayWidth(text))
	if right {
		dst = appendSpaces(dst, fill)
		return append(dst, text...)
	}
	dst = append(dst, text...)
	return appendSpaces(dst, fill)
}

func appendSpaces(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}

func trimRight(dst []byte, from int) []byte {
	for len(dst) > from && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// AppendHTML appends the table as an HTML table element, its title as the caption.
func (t *Table) AppendHTML(dst []byte) []byte {
	n := t.columns()
	dst = append(dst, "<table>\n"...)
	if t.Title != "" {
		dst = append(dst, "<caption>"...)
		dst = appendHTMLText(dst, t.Title)
		dst = append(dst, "</caption>\n"...)
	}
	dst = append(dst, "<thead>\n"...)
	dst = t.appendHTMLRow(dst, t.Header, n, "th")
	dst = append(dst, "</thead>\n<tbody>\n"...)
	for _, row := range t.Rows {
		dst = t.appendHTMLRow(dst, row, n, "td")
	}
	return append(dst, "</tbody>\n</table>\n"...)
}

func (t *Table) appendHTMLRow(dst []byte, row []Cell, columns int, element string) []byte {
	dst = append(dst, "<tr>"...)
	for i := range columns {
		dst = append(dst, '<')
		dst = append(dst, element...)
		if t.numeric(i) {
			dst = append(dst, ` class="n"`...)
		}
		dst = append(dst, '>')
		dst = appendHTMLInline(dst, at(row, i))
		dst = append(dst, "</"...)
		dst = append(dst, element...)
		dst = append(dst, '>')
	}
	return append(dst, "</tr>\n"...)
}

var htmlElement = [...]string{Plain: "", Code: "code", Emphasis: "em", Strong: "strong"}

// appendHTMLInline appends the content of a cell as HTML.
func appendHTMLInline(dst []byte, c Cell) []byte {
	for _, s := range c {
		element := htmlElement[s.Kind]
		if element == "" {
			dst = appendHTMLText(dst, s.Text)
			continue
		}
		dst = append(dst, '<')
		dst = append(dst, element...)
		dst = append(dst, '>')
		dst = appendHTMLText(dst, s.Text)
		dst = append(dst, "</"...)
		dst = append(dst, element...)
		dst = append(dst, '>')
	}
	return dst
}

// appendHTMLText appends raw text for HTML content and quoted attributes.
func appendHTMLText(dst []byte, text string) []byte {
	text = visible(text)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '"':
			dst = append(dst, "&#34;"...)
		case '\'':
			dst = append(dst, "&#39;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// AppendCSV appends the table as CSV, head first. A spreadsheet takes no cell for a formula.
func (t *Table) AppendCSV(dst []byte) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range append([][]Cell{t.Header}, t.Rows...) {
		record := make([]string, t.columns())
		for i := range record {
			record[i] = SpreadsheetText(at(row, i).Text())
		}
		_ = w.Write(record) // into memory
	}
	w.Flush()
	return append(dst, b.Bytes()...)
}
