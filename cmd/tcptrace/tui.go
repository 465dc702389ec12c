package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tcptrace/capture"
	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/cmd/tcptrace/internal/tui"
	"tcptrace/findings"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// tuiFlags are the words of `tcptrace tui` beside those of the report.
type tuiFlags struct {
	reportFlags
}

// tuiSteps is how many segments of a session are kept for the view.
const tuiSteps = 1_000_000

func newTUI(u *ui) *cobra.Command {
	w, tw := u.words(), words.NewTUI(u.lang)
	t := &tuiFlags{}
	c := &cobra.Command{
		Use: "tui CAPTURE", Short: tw.Short(), Long: tw.Long(), Example: tw.Example(), Args: oneCapture(w),
		RunE: func(c *cobra.Command, args []string) error { return t.run(c.Context(), u, args[0]) },
	}
	t.selection.flags(c, w)
	f := c.Flags()
	f.BoolVar(&t.all, "all", false, w.FlagAll())
	f.BoolVar(&t.noACKs, "no-acks", false, w.FlagNoACKs())
	f.BoolVar(&t.sleeps, "sleeps", false, w.FlagSleeps())
	return c
}

// run reads the capture and shows it until the user leaves.
func (t *tuiFlags) run(ctx context.Context, u *ui, path string) error {
	tw := words.NewTUI(u.lang)
	if !u.outIsTTY || !u.inIsTTY {
		return &usageError{tw.NoTerminal(), "tcptrace report " + path}
	}
	t.remember(path)
	o, err := t.options(u.words())
	if err != nil {
		return err
	}
	o.Keep(sessions.ForPlots)
	o.MaxSteps = tuiSteps
	c := findings.NewCollector()
	c.Watch(&o)
	tr, readErr := t.load(ctx, u, path, o)
	if tr == nil {
		return readErr
	}
	if err := keepSessions(tr, o.ShownIDs, u.words()); err != nil {
		return err
	}
	p := &printing{flags: &t.reportFlags, u: u, tr: tr, found: concerning(findings.Find(tr, findings.Options{Collector: c}), o.ShownIDs), explained: true}
	start := 0
	if len(o.ShownIDs) > 0 {
		start = o.ShownIDs[0]
	}
	view := tui.New(ctx, tui.Options{Lang: u.lang, Colour: u.colours, ASCII: !u.unicode, Ladder: p.ladderOptions(), Start: start,
		Export: func(form tui.Form, session int) (string, error) { return p.export(form, session, path, t.maxUnpacked) }})
	go view.Show(tr, p.found)
	if readErr != nil {
		go view.Tell(u.describe(readErr))
	}
	if err := view.Wait(); err != nil {
		return err
	}
	return readErr
}

// export writes what the view shows of a session, or of all, beside where the user is, and gives the file's name.
func (p *printing) export(form tui.Form, session int, path string, maxUnpacked int64) (name string, err error) {
	base := "tcptrace"
	if path != "" && path != "-" {
		base = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	if session > 0 {
		base += fmt.Sprintf("-%d", session)
	}
	file := output.File{}
	switch form {
	case tui.Markdown:
		name, file.Write = base+".md", func(w io.Writer) error { return p.exportMarkdown(w, session) }
	case tui.SVG:
		name, file.Write = base+".svg", func(w io.Writer) error { return p.exportSVG(w, session) }
	case tui.Capture:
		return p.exportCapture(base+".pcapng", session, path, maxUnpacked)
	}
	if err := output.WriteFile(name, file, output.Options{}); err != nil {
		return "", errors.New(p.u.describe(&outputError{err}))
	}
	return name, nil
}

func (p *printing) exportMarkdown(w io.Writer, session int) error {
	if session == 0 {
		return p.document(nil, false).WriteMarkdown(w, document.MarkdownOptions{Align: true})
	}
	for _, s := range p.tr.Sessions {
		if s.ID == session {
			d := &document.Document{Lang: p.u.lang}
			d.Add(document.TableBlock{Table: render.Ladder(s, p.tr, p.ladderOptions())})
			return d.WriteMarkdown(w, document.MarkdownOptions{Align: true})
		}
	}
	return nil
}

func (p *printing) exportSVG(w io.Writer, session int) error {
	one := *p.tr
	if session > 0 {
		one.Sessions = nil
		for _, s := range p.tr.Sessions {
			if s.ID == session {
				one.Sessions = append(one.Sessions, s)
			}
		}
	}
	d, err := render.Picture(&one, render.PictureOptions{Options: p.ladderOptions().Options, Lang: p.u.lang, Findings: p.found})
	if err != nil {
		return err
	}
	_, err = w.Write(d.SVG())
	return err
}

// exportCapture cuts the session's packets out.
func (p *printing) exportCapture(name string, session int, path string, maxUnpacked int64) (string, error) {
	w := words.NewCut(p.u.lang)
	if path == "" || path == "-" {
		return "", errors.New(w.FromPipe())
	}
	c := &cutting{w: w, file: document.PrintableString(filepath.Base(path), document.MaxNameBytes)}
	var ids []int
	for _, s := range p.tr.Sessions {
		if session == 0 || s.ID == session {
			ids = append(ids, s.ID)
		}
	}
	if err := c.choose(p.tr, p.found, ids, p.u); err != nil {
		return "", err
	}
	quiet := newUI(os.Stdin, io.Discard, io.Discard, p.u.env)
	file := output.File{Sync: true, Write: func(out io.Writer) error {
		_, err := c.copy(context.Background(), quiet, path, maxUnpacked, out, capture.FormatPcapNG)
		return err
	}}
	if err := output.WriteFile(name, file, output.Options{}); err != nil {
		return "", errors.New(p.u.describe(&outputError{err}))
	}
	return name, nil
}
