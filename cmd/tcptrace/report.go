package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/findings"
	"tcptrace/notebook"
	"tcptrace/render"
	"tcptrace/render/data"
	"tcptrace/render/document"
	"tcptrace/render/plot"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/traffic"
	"tcptrace/words"
)

// reportFlags are the words of `tcptrace report` beside the selection.
type reportFlags struct {
	selection
	terminalFlags
	plain                      bool // a form was asked for: no short answer on a terminal
	path                       string
	format, columns, output    string
	all, noACKs, sleeps, align bool
	force                      bool
	picture                    pictureFlags
	folder                     *output.Folder // of -o
	services                   []traffic.Service
	summary, noSamples, rows   bool
}

func newReport(u *ui) *cobra.Command {
	w := u.words()
	r := &reportFlags{}
	c := &cobra.Command{
		Use: "report CAPTURE…", Short: w.Report(), Long: w.ReportLong(), Example: w.ReportExample(),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{w.NeedCapture(), c.CommandPath() + " session.pcap"}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			r.chooseForm(c)
			if r.ring = ringOf(args); r.ring == nil && isSeveral(args) {
				return r.several(c.Context(), u, args)
			}
			return r.run(c.Context(), u, args[0])
		},
	}
	r.register(c, w)
	f := c.Flags()
	f.BoolVar(&r.summary, "summary", false, w.FlagSummary())
	f.BoolVar(&r.noSamples, "no-samples", false, w.FlagNoSamples())
	f.BoolVar(&r.rows, "rows", false, w.FlagRows())
	return c
}

// register adds the flags that every command has which prints a report.
func (r *reportFlags) register(c *cobra.Command, w words.Command) {
	r.selection.flags(c, w)
	r.terminalFlags.register(c, w)
	f := c.Flags()
	f.StringVar(&r.format, "format", reportFormats[0], w.FlagFormat())
	complete(c, "format", reportFormats...)
	f.StringVar(&r.columns, "columns", "", w.FlagColumns())
	complete(c, "columns", "notebook", "report", "all")
	f.StringVarP(&r.output, "output", "o", "", w.FlagOutput())
	forceFlag(c, &r.force, w)
	r.picture.register(c, w)
	f.BoolVar(&r.all, "all", false, w.FlagAll())
	f.BoolVar(&r.noACKs, "no-acks", false, w.FlagNoACKs())
	f.BoolVar(&r.sleeps, "sleeps", false, w.FlagSleeps())
	f.BoolVar(&r.align, "align", false, w.FlagAlign())
}

// chooseForm notes whether the user asked for a form of the report.
func (r *reportFlags) chooseForm(c *cobra.Command) {
	for _, name := range []string{"format", "columns", "align"} {
		r.plain = r.plain || c.Flags().Changed(name)
	}
}

// onTerminal reports whether a person reads standard output and has not asked for a form.
func (r *reportFlags) onTerminal(u *ui) bool { return u.outIsTTY && !r.plain && r.output == "" }

// forceFlag adds --force, which every command has that writes files.
func forceFlag(c *cobra.Command, force *bool, w words.Command) {
	c.Flags().BoolVar(force, "force", false, w.FlagForce())
}

func oneCapture(w words.Command) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return &usageError{w.NeedCapture(), c.CommandPath() + " session.pcap"}
		case len(args) > 1:
			return &usageError{w.OneCapture(), c.CommandPath() + " " + args[0]}
		}
		return nil
	}
}

// run reads the capture and prints it in the wanted form. What is good is printed even when the input is damaged; the
// damage then decides the exit code.
func (r *reportFlags) run(ctx context.Context, u *ui, path string) error {
	r.path = path
	r.remember(path)
	o, columns, err := r.check(u)
	if err != nil {
		return err
	}
	c := findings.NewCollector()
	c.Watch(&o)
	spools := r.spools(&o)
	defer spools.close()
	tr, readErr := r.load(ctx, u, path, o)
	if tr == nil {
		return readErr
	}
	if tr.Capture.Watched == 0 && len(tr.Capture.Ports) > 0 && tr.Capture.TCPPackets > 0 && path != "-" && r.onTerminal(u) && readErr == nil {
		r.services = r.others(ctx, u, path)
	}
	if err := r.print(u, tr, c, spools, o, columns); err != nil {
		return err
	}
	return readErr
}

// others are the services of a capture whose watched ports nobody uses.
func (r *reportFlags) others(ctx context.Context, u *ui, path string) []traffic.Service {
	m := traffic.NewMeter()
	o := sessions.Options{AllPorts: true}
	o.Keep(sessions.ForTotals)
	m.WatchSessions(&o)
	all := selection{maxUnpacked: r.maxUnpacked}
	if tr, _ := all.load(ctx, u, path, o); tr == nil {
		return nil
	}
	return m.Services().All
}

// spools are where the sessions go as they end, by form.
type spools map[data.Form]*data.Spool

func (s spools) close() {
	for _, spool := range s {
		spool.Close()
	}
}

// spools are made when all sessions are wanted, so that a capture of any length can be written: for the one form that goes to
// standard output, or for all files of a folder. Where sessions are kept there are none.
func (r *reportFlags) spools(o *sessions.Options) spools {
	var forms []data.Form
	form, ok := map[string]data.Form{"json": data.FormJSON, "ndjson": data.FormNDJSON, "csv": data.FormCSV}[r.format]
	switch {
	case r.rows || r.summary || len(r.sessions) > 0:
		return nil
	case r.output != "" && len(r.calls) == 0:
		forms = []data.Form{data.FormJSON, data.FormCSV, data.FormEchoes, data.FormBeats}
	case r.output == "" && ok:
		forms = []data.Form{form}
		o.Keep(sessions.ForRows)
		o.Samples = form != data.FormCSV && !r.noSamples
	}
	all := spools{}
	for _, form := range forms {
		all[form] = data.NewSpool(form, data.JSONOptions{NoSamples: r.noSamples})
		all[form].Watch(o)
	}
	return all
}

// print prints a trace in the wanted form, with what the collector found in its sessions. The spools, where there are any,
// have the sessions.
func (r *reportFlags) print(u *ui, tr *sessions.Trace, c *findings.Collector, spools spools, o sessions.Options, columns []string) error {
	found := concerning(findings.Find(tr, findings.Options{Collector: c}), o.ShownIDs)
	if err := keepSessions(tr, o.ShownIDs, u.words()); err != nil {
		return err
	}
	doc := &printing{flags: r, u: u, tr: tr, columns: columns, found: found, explained: true, spools: spools, services: r.services}
	if r.folder != nil {
		return doc.toFolder(r.folder, r.output)
	}
	return doc.toStdout()
}

// check turns the flags into options and refuses what does not go together.
func (r *reportFlags) check(u *ui) (o sessions.Options, columns []string, err error) {
	w := u.words()
	if columns, err = columnsOf(r.columns, w); err != nil {
		return o, nil, err
	}
	if o, err = r.options(w); err != nil {
		return o, nil, err
	}
	if !slices.Contains(reportFormats, r.format) {
		return o, nil, &usageError{w.BadFormat() + ": " + r.format, strings.Join(reportFormats, ", ")}
	}
	if err := r.picture.check(w); err != nil {
		return o, nil, err
	}
	if r.rows && (r.format != "json" || r.summary) {
		return o, nil, &usageError{w.RowsFormat(), "--format json --rows"}
	}
	if r.summary && len(r.sessions) > 0 {
		return o, nil, &usageError{w.SummarySession(), "--summary"}
	}
	if r.summary && slices.Contains([]string{"table", "csv", "ndjson", "svg", "mermaid"}, r.format) {
		return o, nil, &usageError{w.SummaryFormat(), "--summary --format json"}
	}
	if err := r.openFolder(); err != nil {
		return o, nil, err
	}
	r.keep(&o)
	return o, columns, nil
}

// openFolder opens the folder of -o, if there is one, and sees to it that the report may go there. "-" is standard output.
func (r *reportFlags) openFolder() (err error) {
	if r.output == "-" {
		r.output = ""
	}
	if r.output == "" {
		return nil
	}
	if r.folder, err = output.Open(r.output, output.Options{Set: reportSet, Force: r.force}); err == nil {
		err = r.folder.Check(reportFiles...)
	}
	if err != nil {
		return &outputError{err}
	}
	return nil
}

// reportFormats are the formats of a report, the first one unless another is asked for.
var reportFormats = []string{"markdown", "table", "json", "ndjson", "csv", "ipynb", "html", "svg", "mermaid"}

// keep chooses what has to be kept of the sessions for what will be printed.
func (r *reportFlags) keep(o *sessions.Options) {
	switch data := r.format == "json" || r.format == "ndjson" || r.format == "csv"; {
	case r.summary:
		o.Keep(sessions.ForTotals)
	case r.output != "" && len(r.calls)+len(r.sessions) == 0:
		o.Keep(sessions.ForFolder)
	case r.output != "", data && !r.noSamples:
		o.Keep(sessions.ForPlots)
	case len(r.calls)+len(r.sessions) == 0: // journals are laid on sessions that are built, and --session may name any
		o.Keep(sessions.ForReading)
	default:
		o.Keep(sessions.ForTables)
	}
	o.Built = render.MaxListed
	if r.format == "html" {
		o.MaxSteps = render.MaxPageRows
	}
	if r.rows {
		o.Shown, o.Lazy = rowSessions, false
	}
}

// rowSessions is how many sessions have their rows in JSON; --session names others.
const rowSessions = 256

// keepSessions drops the sessions that --session does not name.
func keepSessions(tr *sessions.Trace, ids []int, w words.Command) error {
	if len(ids) == 0 {
		return nil
	}
	tr.Sessions = slices.DeleteFunc(tr.Sessions, func(s *sessions.Session) bool { return !slices.Contains(ids, s.ID) })
	if len(tr.Sessions) == 0 {
		return &usageError{fmt.Sprintf("%s: %v", w.NoSuchSession(), ids), "tcptrace report CAPTURE --format csv"}
	}
	return nil
}

// A printing is one trace on its way out.
type printing struct {
	flags   *reportFlags
	u       *ui
	tr      *sessions.Trace
	columns []string
	found   []findings.Finding
	// explained: found is what is to be shown. Otherwise the first who needs it looks.
	explained bool
	drawn     *document.ImageBlock // the drawn ladder; without SVG where there is nothing to draw
	spools    spools               // those of the sessions that the trace does not have
	services  []traffic.Service    // what there is in a capture that has nothing watched
}

func (p *printing) ladderOptions() render.LadderOptions {
	return render.LadderOptions{Lang: p.u.lang, Columns: p.columns,
		Options: ladder.Options{All: p.flags.all, NoACKs: p.flags.noACKs, Sleeps: p.flags.sleeps}}
}

func (p *printing) document(images []render.Image, pictured bool) *document.Document {
	o := render.ReportOptions{Lang: p.u.lang, Ladder: p.ladderOptions(), Images: images, Findings: p.findings()}
	if pictured {
		o.Picture = p.pictureBlock()
	}
	return render.Report(p.tr, o)
}

// notebook is the report for Jupyter: with the drawn ladder, and a cell that reads the numbers of the folder.
func (p *printing) notebook() *document.Document {
	d := p.document(p.plots(true), true)
	d.AddHeading(2, document.NewCell(document.Plain, p.u.words().NotebookHeading()))
	d.Add(document.Paragraph{Text: document.NewCell(document.Plain, p.u.words().NotebookText())}, document.ScriptBlock{Text: readNumbers})
	return d
}

// readNumbers reads the CSV files that -o writes beside a notebook.
const readNumbers = `from pathlib import Path

import pandas as pd

tables = {name: pd.read_csv(name + ".csv") for name in ("sessions", "echoes", "beats", "rows") if Path(name + ".csv").exists()}
for name, table in tables.items():
    print(name, table.shape)
if "echoes" in tables and len(tables["echoes"]):
    print(tables["echoes"].groupby("session")["rtt_s"].describe())
if "beats" in tables and len(tables["beats"]):
    print(tables["beats"].groupby("session")["interval_s"].describe())
`

func (p *printing) jsonOptions() data.JSONOptions {
	o := data.JSONOptions{NoSamples: p.flags.noSamples, Findings: p.findings(), Spool: p.jsonSpool()}
	if p.flags.rows {
		o.Table = p.table
	}
	return o
}

// jsonSpool is the spool for the form of JSON that is printed.
func (p *printing) jsonSpool() *data.Spool {
	if p.flags.format == "ndjson" && p.flags.folder == nil {
		return p.spools[data.FormNDJSON]
	}
	return p.spools[data.FormJSON]
}

// table is a session's ladder for programs: never folded.
func (p *printing) table(s *sessions.Session) *ladder.Table {
	return ladder.Build(s, p.tr, ladder.Options{All: true, NoACKs: p.flags.noACKs, Sleeps: p.flags.sleeps})
}

// findings explains the trace, once.
func (p *printing) findings() []findings.Finding {
	if !p.explained {
		p.found, p.explained = findings.Find(p.tr, findings.Options{}), true
	}
	return p.found
}

// toStdout prints one format.
func (p *printing) toStdout() error {
	if p.flags.onTerminal(p.u) {
		return p.toTerminal()
	}
	var err error
	switch p.flags.format {
	case "markdown":
		err = p.document(nil, false).WriteMarkdown(p.u.out, document.MarkdownOptions{Align: p.flags.align})
	case "table":
		err = p.tables(p.u.out)
	case "json":
		err = data.WriteJSON(p.u.out, p.tr, p.jsonOptions())
	case "ndjson":
		err = data.WriteNDJSON(p.u.out, p.tr, p.jsonOptions())
	case "csv":
		err = data.WriteSessionsCSV(p.u.out, p.tr, p.spools[data.FormCSV])
	case "html":
		err = p.page().Write(p.u.out)
	case "ipynb":
		err = p.notebook().WriteNotebook(p.u.out)
	case "svg", "mermaid":
		return p.draw(p.u.out)
	}
	if err != nil {
		return &outputError{err}
	}
	return nil
}

// toTerminal prints the short answer, or with --long everything.
func (p *printing) toTerminal() error {
	sc := p.u.screen()
	if p.flags.long || p.tr.Summary != nil {
		return p.u.writeLines(render.LongAnswer(p.tr, render.ReportOptions{Lang: p.u.lang, Ladder: p.ladderOptions(), Findings: p.findings()}, sc))
	}
	return p.u.writeLines(render.Answer(p.tr, render.AnswerOptions{Lang: p.u.lang, Ladder: p.ladderOptions(), Findings: p.findings(),
		Path: p.flags.path, Services: p.services}, sc))
}

// tables prints the ladders alone, one a session.
func (p *printing) tables(out io.Writer) error {
	first := true
	for _, s := range p.tr.Sessions {
		if !s.Shown || len(s.Steps) == 0 {
			continue
		}
		if !first {
			if _, err := io.WriteString(out, "\n"); err != nil {
				return err
			}
		}
		first = false
		t := render.Ladder(s, p.tr, p.ladderOptions())
		if _, err := out.Write(t.AppendMarkdown(nil, p.flags.align)); err != nil {
			return err
		}
	}
	return nil
}

// maxSequencePlots caps the time–sequence graphs of one report.
const maxSequencePlots = 8

// plots draws what the trace has data for: the whole capture's plots, and a time–sequence graph per shown session.
// Jupyter needs PNG.
func (p *printing) plots(png bool) (images []render.Image) {
	if p.tr.Summary != nil {
		return nil
	}
	var shown []int
	for _, s := range p.tr.Sessions {
		if s.Shown && len(s.Steps) > 0 {
			shown = append(shown, s.ID)
		}
	}
	for _, kind := range plot.Kinds() {
		switch kind {
		case plot.Cadence:
			images = p.plot(images, kind, beating(p.tr, shown), 0, png)
			continue
		case plot.Echo, plot.Phase:
			images = p.plot(images, kind, shown, 0, png)
			continue
		}
		for _, id := range shown[:min(len(shown), maxSequencePlots)] {
			images = p.plot(images, kind, []int{id}, id, png)
		}
	}
	return images
}

// beating picks the sessions of the notebook's cadence, because the rhythm of a person who types into the echo client
// would hide it; without one it picks all of ids.
func beating(tr *sessions.Trace, ids []int) []int {
	var greeting []int
	for _, s := range tr.Sessions {
		if s.Cadence != nil && s.Server.Port() == notebook.GreetingPort && (len(ids) == 0 || slices.Contains(ids, s.ID)) {
			greeting = append(greeting, s.ID)
		}
	}
	if len(greeting) == 0 {
		return ids
	}
	return greeting
}

// plot draws one plot; a kind without data gives none.
func (p *printing) plot(images []render.Image, kind plot.Kind, ids []int, session int, png bool) []render.Image {
	name := string(kind)
	if session > 0 {
		name = fmt.Sprintf("%s-%d", kind, session)
	}
	img := render.Image{Session: session, ImageBlock: document.ImageBlock{Name: name, Alt: plot.Title(kind, p.u.lang)}}
	var points []plot.Point
	draw := func(format string) []byte {
		var b bytes.Buffer
		if err := plot.Draw(&b, kind, p.tr, ids, plot.Options{Lang: p.u.lang, Format: format, Points: &points}); err != nil {
			if !errors.Is(err, plot.ErrNothingToPlot) {
				p.u.printf("%s: %v", name, err)
			}
			return nil
		}
		return b.Bytes()
	}
	if len(ids) == 0 {
		return images
	}
	if png {
		img.PNG = draw("png")
	} else {
		img.SVG = draw("svg")
	}
	if img.SVG == nil && img.PNG == nil {
		return images
	}
	img.Points = points
	return append(images, img)
}

// reportFiles are the names of a report's folder that do not depend on the capture.
var reportFiles = []string{"report.md", reportPage, "report.json", "sessions.csv", "echoes.csv", "beats.csv", "rows.csv"}

// reportSet names the files that belong to one report in a folder; the next report there replaces all of them.
const reportSet = "report"

// toFolder writes the report and everything beside it.
func (p *printing) toFolder(dir *output.Folder, path string) error {
	if err := dir.Write(p.files()); err != nil {
		return &outputError{err}
	}
	p.tellFolder(path)
	return nil
}

// tellFolder says what was written and what to open.
func (p *printing) tellFolder(path string) {
	p.u.print(p.u.words().Wrote(filepath.Join(path, "report.md")))
	p.u.print(words.NewPicture(p.u.lang).OpenIt(filepath.Join(path, reportPage)))
}

// reportPage is the report as a page, in a folder.
const reportPage = "report.html"

// files are the report and everything beside it.
func (p *printing) files() []output.File {
	images := p.plots(false)
	doc := p.document(images, true)
	files := []output.File{{Name: "report.json", Write: func(w io.Writer) error {
		return data.WriteJSON(w, p.tr, p.jsonOptions())
	}}}
	if p.tr.Summary == nil {
		files = append(files,
			output.File{Name: "sessions.csv", Write: func(w io.Writer) error { return data.WriteSessionsCSV(w, p.tr, p.spools[data.FormCSV]) }},
			output.File{Name: "echoes.csv", Write: func(w io.Writer) error { return data.WriteEchoesCSV(w, p.tr, p.spools[data.FormEchoes]) }},
			output.File{Name: "beats.csv", Write: func(w io.Writer) error { return data.WriteBeatsCSV(w, p.tr, p.spools[data.FormBeats]) }},
			output.File{Name: "rows.csv", Write: func(w io.Writer) error { return data.WriteRowsCSV(w, p.tr, p.table) }})
	}
	for _, img := range images {
		files = append(files, output.Bytes(img.Name+".svg", img.SVG))
	}
	if b := p.pictureBlock(); b != nil {
		files = append(files, output.Bytes(b.Name+".svg", b.SVG))
	}
	files = append(files, output.File{Name: reportPage, Write: p.pageWith(images).Write})
	switch p.flags.format {
	case "ipynb":
		files = append(files, output.File{Name: "report.ipynb", Write: p.notebook().WriteNotebook})
	}
	// The report comes last: where it stands, all that it links to does.
	return append(files, output.File{Name: "report.md", Write: func(w io.Writer) error {
		return doc.WriteMarkdown(w, document.MarkdownOptions{Align: p.flags.align, Images: true})
	}})
}
