package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"tcptrace/findings"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// explainFlags are the words of `tcptrace explain` beside the selection.
type explainFlags struct {
	selection
	frame          int64
	list           bool
	source, format string
	terminalFlags
	plain bool // a form was asked for
	path  string
}

func newExplain(u *ui) *cobra.Command {
	w, cw := words.NewExplain(u.lang), u.words()
	e := &explainFlags{}
	c := &cobra.Command{
		Use: "explain CAPTURE [CODE]", Short: w.Short(), Long: w.Long(), Example: w.Example(),
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case e.list && len(args) > 0:
				return &usageError{w.ListAlone(), "tcptrace explain --list"}
			case !e.list && len(args) == 2:
				return nil
			case !e.list:
				return oneCapture(cw)(c, args)
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			e.plain = c.Flags().Changed("format")
			if e.format != "markdown" && e.format != "html" {
				return &usageError{w.BadFormat() + ": " + e.format, "markdown, html"}
			}
			if e.list {
				return e.print(u, render.Kinds(u.lang), nil, nil)
			}
			if c.Flags().Changed("frame") && e.frame < 1 {
				return &usageError{fmt.Sprintf("%s: %d", w.BadFrame(), e.frame), "--frame 28"}
			}
			return e.run(c.Context(), u, args)
		},
	}
	e.selection.flags(c, cw)
	e.terminalFlags.register(c, cw)
	f := c.Flags()
	f.Int64Var(&e.frame, "frame", 0, w.FlagFrame())
	f.BoolVar(&e.list, "list", false, w.FlagList())
	f.StringVar(&e.source, "source", "", w.FlagSource())
	f.StringVar(&e.format, "format", "markdown", w.FlagFormat())
	complete(c, "format", "markdown", "html")
	c.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) (codes []string, _ cobra.ShellCompDirective) {
		if len(args) != 1 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		for _, k := range findings.Kinds() {
			codes = append(codes, k.Code+"\t"+k.Meaning.In(u.lang))
		}
		return codes, cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// explainedSessions caps the sessions that are read again for one frame.
const explainedSessions = 256

func (e *explainFlags) run(ctx context.Context, u *ui, args []string) error {
	w := words.NewExplain(u.lang)
	e.path = args[0]
	e.remember(e.path)
	code := ""
	if len(args) == 2 {
		code = args[1]
		if _, known := findings.KindOf(code); !known {
			return &usageError{w.BadCode() + ": " + code, "tcptrace explain --list"}
		}
	}
	fo, err := e.findingOptions(w)
	if err != nil {
		return err
	}
	o, err := e.options(u.words())
	if err != nil {
		return err
	}
	e.keep(&o)
	fo.Collector = findings.NewCollector()
	fo.Collector.Watch(&o)
	tr, readErr := e.load(ctx, u, args[0], o)
	if tr == nil {
		return readErr
	}
	if e.frame > 0 {
		err = e.explainFrame(ctx, u, args[0], o, tr)
	} else {
		found := findings.Find(tr, fo)
		if code != "" {
			found = slices.DeleteFunc(found, func(f findings.Finding) bool { return f.Code != code })
			if len(found) == 0 {
				u.print(w.NotFound(code))
			}
		}
		found = concerning(found, o.ShownIDs)
		if u.outIsTTY && !e.plain && !e.long && code == "" {
			err = u.writeLines(render.Answer(tr, render.AnswerOptions{Lang: u.lang, Findings: found, Path: e.path, Fixes: true}, u.screen()))
			return cmp.Or(err, readErr)
		}
		err = e.print(u, render.Explain(tr, found, u.lang), tr, found)
	}
	if err != nil {
		return err
	}
	return readErr
}

// concerning keeps the findings about the chosen sessions, and those about the whole capture.
func concerning(found []findings.Finding, ids []int) []findings.Finding {
	if len(ids) == 0 {
		return found
	}
	return slices.DeleteFunc(found, func(f findings.Finding) bool {
		return len(f.Sessions) > 0 && !slices.ContainsFunc(f.Sessions, func(id int) bool { return slices.Contains(ids, id) })
	})
}

// maxSource caps the user's program in bytes.
const maxSource = 1 << 20

// findingOptions reads the user's program for --source.
func (e *explainFlags) findingOptions(w words.Explain) (o findings.Options, err error) {
	if e.source == "" {
		return o, nil
	}
	f, err := os.Open(e.source)
	if err != nil {
		return o, &inputError{err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSource))
	if err != nil {
		return o, &inputError{err}
	}
	if !utf8.Valid(text) || strings.ContainsRune(string(text), 0) {
		return o, &usageError{w.BadSource() + ": " + e.source, "--source main.py"}
	}
	o.SourceName = filepath.Base(e.source)
	o.Source = strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	return o, nil
}

// explainFrame tells one segment's story. A frame beyond the sessions that keep their steps is looked for in a second
// reading of the file.
func (e *explainFlags) explainFrame(ctx context.Context, u *ui, path string, o sessions.Options, tr *sessions.Trace) error {
	w := words.NewExplain(u.lang)
	f, ok := findings.ExplainFrame(tr, e.frame)
	if !ok && path != "-" && len(o.ShownIDs) == 0 {
		around, err := e.sessionsAround(ctx, u, path, o, tr)
		if err != nil {
			return err
		}
		if len(around) > 0 {
			o.Keep(sessions.ForTables)
			o.ShownIDs, o.OnSession = around, nil
			again, err := e.load(ctx, u, path, o)
			if again == nil {
				return err
			}
			f, ok = findings.ExplainFrame(again, e.frame)
			tr = again
		}
	}
	if other, known := findings.ExplainOther(tr, e.frame); !ok && known {
		return e.print(u, render.ExplainOther(e.frame, other, u.lang), tr, nil)
	}
	switch {
	case !ok && e.frame > tr.Capture.Packets:
		return &usageError{w.FrameBeyond(e.frame, tr.Capture.Packets), ""}
	case !ok:
		return &usageError{fmt.Sprintf("%s: %d", w.NoSuchFrame(), e.frame), w.HintFrame()}
	}
	return e.print(u, render.ExplainFrame(&f, u.lang), tr, findings.Find(tr, findings.Options{}))
}

// sessionsAround are the numbers of the sessions that a frame can belong to. Where the trace does not have all sessions, the
// file is read for the others.
func (e *explainFlags) sessionsAround(ctx context.Context, u *ui, path string, o sessions.Options, tr *sessions.Trace) (ids []int, err error) {
	for _, s := range tr.Sessions {
		if s.FirstFrame <= e.frame && e.frame <= s.LastFrame && len(ids) < explainedSessions {
			ids = append(ids, s.ID)
		}
	}
	if tr.Count() == len(tr.Sessions) {
		return ids, nil
	}
	var ends [2]netip.AddrPort
	firsts := map[[2]netip.AddrPort][]int64{} // of sessions around the frame, by their ends
	o.Keep(sessions.ForTotals)
	o.OnStep = func(client, server netip.AddrPort, st *sessions.Step) {
		if st.Frame == e.frame {
			ends = [2]netip.AddrPort{client, server}
		}
	}
	o.OnSession = func(s *sessions.Session) { // with OnStep there is one worker
		if s.FirstFrame <= e.frame && e.frame <= s.LastFrame {
			firsts[[2]netip.AddrPort{s.Client, s.Server}] = append(firsts[[2]netip.AddrPort{s.Client, s.Server}], s.FirstFrame)
		}
	}
	totals, err := e.load(ctx, u, path, o)
	if totals == nil {
		return nil, err
	}
	ids = nil
	for _, first := range append(firsts[ends], firsts[[2]netip.AddrPort{ends[1], ends[0]}]...) {
		if id := totals.Number(first); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// keep chooses what has to be kept of the sessions: journals are laid on sessions that are built, and --session may name any.
func (e *explainFlags) keep(o *sessions.Options) {
	if len(e.calls)+len(e.sessions) > 0 {
		o.Keep(sessions.ForTables)
		return
	}
	o.Keep(sessions.ForReading)
	o.Built = render.MaxListed
}

// print prints the explanation; as a page with the conversation that it is about, where there is one.
func (e *explainFlags) print(u *ui, d *document.Document, tr *sessions.Trace, found []findings.Finding) error {
	var err error
	switch {
	case u.outIsTTY && !e.plain:
		return u.writeLines(u.screen().Document(d))
	case e.format == "html" && tr == nil:
		err = d.WriteHTML(u.out)
	case e.format == "html":
		p := render.DocumentPage(d, "explanation", render.PageData(tr, render.PageOptions{Lang: u.lang, Findings: found}))
		switch {
		case e.frame > 0:
			p.Start = fmt.Sprintf("f%d", e.frame)
		case len(found) > 0:
			p.Start = "finding-1"
		}
		err = p.Write(u.out)
	default:
		err = d.WriteMarkdown(u.out, document.MarkdownOptions{})
	}
	if err != nil {
		return &outputError{err}
	}
	return nil
}
