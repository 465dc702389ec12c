package document

import (
	"io"
	"net/url"
)

// Document is a report before it is printed. It is built once and printed as Markdown, as a
// self-contained HTML page, or as a Jupyter notebook. All text in it is raw; the printers escape.
type Document struct {
	Title  string
	Lang   string // "es" or "en"
	Blocks []Block
}

// Block is one of Heading, Paragraph, List, TableBlock and ImageBlock.
type Block interface{ block() }

// Heading is a headline of level 1 to 6.
type Heading struct {
	Level int
	Text  Cell
	ID    string // what a link in HTML goes to; "" for none
}

// Paragraph is a paragraph of text.
type Paragraph struct{ Text Cell }

// List is an unordered list.
type List struct{ Items []Cell }

// TableBlock is a table with its title above and its notes below.
type TableBlock struct{ Table Table }

// CodeBlock is text whose lines and blanks matter.
type CodeBlock struct {
	Language string // for highlighting: "diff"
	Text     string
}

// ScriptBlock is Python that a reader of a notebook can run; other printers leave it out.
type ScriptBlock struct{ Text string }

// ImageBlock is a picture. Its SVG is put into pages as it is, so it must be our own; either
// picture may be missing.
type ImageBlock struct {
	Name string // of the files, without .svg and .png
	Alt  string // what it shows, for who cannot see it
	SVG  []byte
	PNG  []byte
}

func (Heading) block()     {}
func (Paragraph) block()   {}
func (List) block()        {}
func (TableBlock) block()  {}
func (ImageBlock) block()  {}
func (CodeBlock) block()   {}
func (ScriptBlock) block() {}

// fileName is the name of the file that the image is linked as, "" when there is none.
func (b ImageBlock) fileName() string {
	switch {
	case len(b.SVG) > 0:
		return b.Name + ".svg"
	case len(b.PNG) > 0:
		return b.Name + ".png"
	}
	return ""
}

func (d *Document) Add(blocks ...Block) { d.Blocks = append(d.Blocks, blocks...) }

func (d *Document) AddHeading(level int, text Cell) { d.Add(Heading{Level: level, Text: text}) }

// AddList adds a list unless it is empty.
func (d *Document) AddList(items []Cell) {
	if len(items) > 0 {
		d.Add(List{items})
	}
}

// MarkdownOptions chooses how Markdown is printed.
type MarkdownOptions struct {
	Align  bool // pad tables by display width
	Images bool // link images as files beside the document; otherwise they are left out
}

// WriteMarkdown prints the document as GitHub-flavoured Markdown. The error is the writer's.
func (d *Document) WriteMarkdown(w io.Writer, o MarkdownOptions) error {
	_, err := w.Write(d.AppendMarkdown(nil, o))
	return err
}

// AppendMarkdown appends the document as GitHub-flavoured Markdown.
func (d *Document) AppendMarkdown(dst []byte, o MarkdownOptions) []byte {
	start := len(dst)
	for _, b := range d.Blocks {
		image, isImage := b.(ImageBlock)
		if isImage && (!o.Images || image.fileName() == "") {
			continue
		}
		if len(dst) > start {
			dst = append(dst, '\n')
		}
		if isImage {
			dst = appendMarkdownImage(dst, image.Alt, url.PathEscape(image.fileName()))
			continue
		}
		dst = appendMarkdownBlock(dst, b, o.Align)
	}
	return dst
}

// appendMarkdownBlock appends a block other than an image, with the end of its last line.
func appendMarkdownBlock(dst []byte, b Block, align bool) []byte {
	switch b := b.(type) {
	case Heading:
		dst = append(dst, "######"[:min(max(b.Level, 1), 6)]...)
		dst = append(dst, ' ')
		dst = appendInline(dst, b.Text, inParagraph)
		return append(dst, '\n')
	case Paragraph:
		dst = appendInline(dst, b.Text, inParagraph)
		return append(dst, '\n')
	case CodeBlock:
		return appendFence(dst, b)
	case List:
		return appendMarkdownList(dst, b.Items)
	case TableBlock:
		if b.Table.Title != "" {
			dst = appendInline(dst, NewCell(Strong, b.Table.Title), inParagraph)
			dst = append(dst, "\n\n"...)
		}
		dst = b.Table.AppendMarkdown(dst, align)
		if len(b.Table.Notes) > 0 {
			dst = append(dst, '\n')
		}
		return appendMarkdownList(dst, b.Table.Notes)
	}
	return dst
}

func appendMarkdownList(dst []byte, items []Cell) []byte {
	for _, item := range items {
		dst = append(dst, "- "...)
		dst = appendInline(dst, item, inParagraph)
		dst = append(dst, '\n')
	}
	return dst
}

// appendMarkdownImage appends an image in a paragraph of its own; target needs no escape.
func appendMarkdownImage(dst []byte, alt, target string) []byte {
	dst = append(dst, "!["...)
	for _, c := range appendInline(nil, NewCell(Plain, alt), inParagraph) {
		if c == '[' || c == ']' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	dst = append(dst, "]("...)
	dst = append(dst, target...)
	return append(dst, ")\n"...)
}
