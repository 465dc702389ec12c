package screen

import (
	"strings"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"

	"tcptrace/render/document"
)

// Table gives a table's lines. One that is wider than the screen has its widest columns wrapped; one that is much wider is
// given row by row.
func (s *Screen) Table(t *document.Table) []string {
	border := lipgloss.NormalBorder()
	if s.ASCII {
		border = lipgloss.ASCIIBorder()
	}
	grid := func(rows ...[]document.Cell) *table.Table {
		tb := table.New().Border(border).BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).Wrap(true)
		tb.StyleFunc(func(row, column int) lipgloss.Style {
			st := lipgloss.NewStyle().Padding(0, 1)
			if row != table.HeaderRow && column < len(t.Numeric) && t.Numeric[column] {
				st = st.Align(lipgloss.Right)
			}
			return st
		})
		if s.Colour {
			tb.BorderStyle(looks[Dim])
		}
		if len(t.Header) > 0 {
			tb.Headers(s.cells(t.Header, len(t.Header))...)
		}
		for _, r := range rows {
			tb.Row(s.cells(r, len(t.Header))...)
		}
		return tb
	}
	text := grid(t.Rows...).String()
	switch width := lipgloss.Width(text); {
	case width > s.Width*3/2 && len(t.Header) > 0:
		return s.records(t)
	case width > s.Width:
		text = grid(t.Rows...).Width(s.Width).String()
	}
	return trimmed(text)
}

// records gives a table that is much wider than the screen row by row: every cell behind the head of its column.
func (s *Screen) records(t *document.Table) (lines []string) {
	for _, row := range t.Rows {
		var b strings.Builder
		for i, c := range row {
			value := s.Cell(c)
			if value == "" {
				continue
			}
			if b.Len() > 0 {
				b.WriteString(" · ")
			}
			if i < len(t.Header) {
				b.WriteString(s.Paint(Dim, document.VisibleLines(t.Header[i].Text())+":") + " ")
			}
			b.WriteString(value)
		}
		lines = append(lines, s.Wrap(b.String(), s.Bullet(), "  ")...)
	}
	return lines
}

func trimmed(text string) (lines []string) {
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// cells gives the texts of a row, as many as there are columns.
func (s *Screen) cells(row []document.Cell, columns int) []string {
	out := make([]string, max(columns, len(row)))
	for i, c := range row {
		out[i] = s.Cell(c)
	}
	return out
}

// Cell paints a cell.
func (s *Screen) Cell(c document.Cell) string {
	var b strings.Builder
	for _, span := range c {
		style := Plain
		switch span.Kind {
		case document.Strong:
			style = Strong
		case document.Emphasis:
			style = Emphasis
		case document.Code:
			style = Code
		}
		text := document.VisibleLines(span.Text)
		if style == Code && !s.Colour {
			text = "`" + text + "`"
		}
		b.WriteString(s.Paint(style, text))
	}
	return b.String()
}
