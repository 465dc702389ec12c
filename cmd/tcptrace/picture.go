package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/render/page"
	"tcptrace/words"
)

// pictureFlags are the words that choose what of a conversation is drawn.
type pictureFlags struct {
	size, rows string
	finding    int
	from, to   int // of rows
}

func (p *pictureFlags) register(c *cobra.Command, w words.Command) {
	f := c.Flags()
	f.StringVar(&p.size, "size", render.PictureSizes[0], w.FlagSize())
	complete(c, "size", render.PictureSizes...)
	f.StringVar(&p.rows, "range", "", w.FlagRange())
	f.IntVar(&p.finding, "finding", 0, w.FlagFinding())
}

// check reads --size and --range.
func (p *pictureFlags) check(w words.Command) error {
	if !slices.Contains(render.PictureSizes, p.size) {
		return &usageError{w.BadSize() + ": " + p.size, strings.Join(render.PictureSizes, ", ")}
	}
	if p.finding < 0 {
		return &usageError{fmt.Sprintf("%s: %d", w.BadRange(), p.finding), "--finding 1"}
	}
	if p.rows == "" {
		return nil
	}
	from, to, ok := strings.Cut(p.rows, "-")
	var err1, err2 error
	p.from, err1 = strconv.Atoi(from)
	p.to, err2 = strconv.Atoi(to)
	if !ok || err1 != nil || err2 != nil || p.from < 1 || p.to < p.from {
		return &usageError{w.BadRange() + ": " + p.rows, "--range 20-40"}
	}
	return nil
}

// pictureBlock is the drawn ladder for a document, nil where there is nothing to draw. It is drawn once.
func (p *printing) pictureBlock() *document.ImageBlock {
	if p.drawn == nil {
		p.drawn = &document.ImageBlock{Name: "ladder"}
		if d, err := render.Picture(p.tr, p.pictureOptions()); err == nil {
			p.drawn.SVG, p.drawn.Alt = d.SVG(), d.Title
		}
	}
	if p.drawn.SVG == nil {
		return nil
	}
	return p.drawn
}

func (p *printing) pictureOptions() render.PictureOptions {
	f := &p.flags.picture
	return render.PictureOptions{Options: p.ladderOptions().Options, Lang: p.u.lang, Size: render.PictureSize(f.size),
		From: f.from, To: f.to, Findings: p.findings(), Finding: f.finding}
}

// page is the interactive page.
func (p *printing) page() *page.Page { return p.pageWith(p.plots(false)) }

// pageWith is the page with plots that are drawn already.
func (p *printing) pageWith(images []render.Image) *page.Page {
	return render.Page(p.tr, render.PageOptions{Options: p.ladderOptions().Options, Lang: p.u.lang, Images: images, Findings: p.findings()})
}

// draw draws the conversation.
func (p *printing) draw(out io.Writer) error {
	var text []byte
	d, err := render.Picture(p.tr, p.pictureOptions())
	switch {
	case err != nil:
		return &usageError{words.NewPicture(p.u.lang).Nothing(), "tcptrace report CAPTURE"}
	case p.flags.format == "svg":
		text = d.SVG()
	default:
		var diagram string
		if diagram, err = render.Mermaid(p.tr, p.pictureOptions()); err != nil {
			return err
		}
		text = []byte(diagram)
	}
	if _, err := out.Write(text); err != nil {
		return &outputError{err}
	}
	return nil
}
