package screen

import (
	"strings"

	"tcptrace/render/document"
)

// Document lays a whole document out. Pictures are named, not drawn.
func (s *Screen) Document(d *document.Document) (lines []string) {
	for i, b := range d.Blocks {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, s.Block(b)...)
	}
	return lines
}

// Block lays one block out.
func (s *Screen) Block(b document.Block) (lines []string) {
	switch b := b.(type) {
	case document.Heading:
		if b.Level <= 2 {
			return []string{s.Rule(b.Text.Text())}
		}
		return s.Wrap(s.Paint(Heading, b.Text.Text()), "", "")
	case document.Paragraph:
		return s.Wrap(s.Cell(b.Text), "", "")
	case document.List:
		for _, item := range b.Items {
			lines = append(lines, s.Wrap(s.Cell(item), s.Bullet(), "  ")...)
		}
		return lines
	case document.TableBlock:
		if b.Table.Title != "" {
			lines = append(lines, s.Wrap(s.Paint(Strong, b.Table.Title), "", "")...)
		}
		lines = append(lines, s.Table(&b.Table)...)
		for _, n := range b.Table.Notes {
			lines = append(lines, s.Wrap(s.Cell(n), s.Bullet(), "  ")...)
		}
		return lines
	case document.CodeBlock:
		return s.code(b)
	case document.ScriptBlock:
		return s.code(document.CodeBlock{Text: b.Text})
	case document.ImageBlock:
		return s.Wrap(b.Alt, "["+b.Name+"] ", "  ")
	}
	return nil
}

// Bullet begins an item of a list.
func (s *Screen) Bullet() string {
	if s.ASCII {
		return "* "
	}
	return "• "
}

// code keeps a text's lines; those of a diff have its colours.
func (s *Screen) code(b document.CodeBlock) (lines []string) {
	for line := range strings.Lines(b.Text) {
		line = document.VisibleLines(strings.TrimRight(line, "\n"))
		style := Plain
		switch {
		case b.Language == "diff" && strings.HasPrefix(line, "+"):
			style = Good
		case b.Language == "diff" && strings.HasPrefix(line, "-"):
			style = Waiting
		}
		lines = append(lines, "  "+s.Paint(style, line))
	}
	return lines
}
