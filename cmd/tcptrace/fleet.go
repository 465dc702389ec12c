package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"tcptrace/capture"
	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/fleet"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/words"
)

func newFleet(u *ui) *cobra.Command {
	w := words.NewFleet(u.lang)
	c := &cobra.Command{Use: "fleet", Short: w.Short(), Long: w.Long(), Example: w.Example()}
	c.AddCommand(newFleetScan(u, w), newFleetMerge(u, w), newFleetTop(u, w), newFleetGroup(u, w), newFleetDiff(u, w), newFleetCut(u, w))
	return c
}

// fleetScan are the words of `tcptrace fleet scan`.
type fleetScan struct {
	selection
	out, ring, shard, labels string
	verify, quiet            bool
	rings                    int
}

func newFleetScan(u *ui, w words.Fleet) *cobra.Command {
	s := &fleetScan{}
	c := &cobra.Command{
		Use: "scan PATH…", Short: w.ScanShort(), Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return s.run(c.Context(), u, w, args) },
	}
	cw, f := u.words(), c.Flags()
	f.StringVarP(&s.out, "output", "o", "", w.FlagOut())
	f.StringVar(&s.ring, "ring", "auto", w.FlagRing())
	f.StringVar(&s.shard, "shard", "", w.FlagShard())
	f.StringVar(&s.labels, "labels", "", w.FlagLabels())
	f.IntVar(&s.rings, "workers", runtime.GOMAXPROCS(0), w.FlagWorkers())
	f.BoolVar(&s.verify, "verify", false, w.FlagVerify())
	f.BoolVar(&s.quiet, "quiet", false, w.FlagQuiet())
	f.StringArrayVar(&s.ports, "port", nil, cw.FlagPort())
	f.BoolVar(&s.allPorts, "all-ports", false, cw.FlagAllPorts())
	f.StringArrayVar(&s.echo, "echo", nil, cw.FlagEcho())
	f.Int64Var(&s.maxUnpacked, "max-unpacked", 0, cw.FlagMaxUnpacked())
	complete(c, "ring", "auto", "file", "dir")
	return c
}

func (s *fleetScan) run(ctx context.Context, u *ui, w words.Fleet, args []string) error {
	if s.out == "" {
		return &usageError{w.NeedOut(), "tcptrace fleet scan captures/ -o fleet"}
	}
	o, err := s.fleetOptions(u, w)
	if err != nil {
		return err
	}
	labels, err := readLabels(s.labels)
	if err != nil {
		return err
	}
	paths, err := pathsOf(u, args)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return &usageError{w.NeedPaths(), "tcptrace fleet scan captures/ -o fleet"}
	}
	grouping, err := fleet.NewGrouping(s.ring)
	if err != nil {
		return &usageError{"--ring: " + err.Error(), "--ring auto, file, dir, '(.*)-(\\d+)\\.pcap'"}
	}
	rings, err := fleet.Rings(paths, grouping)
	if err != nil {
		return &inputError{err}
	}
	if len(rings) == 0 {
		return &usageError{strings.Join(args, " ") + ": " + w.NoFiles(), "tcptrace fleet scan captures/ -o fleet"}
	}
	keepMemoryLow(fleetGCPercent)
	u.patient.Store(true) // what has been done is kept
	o.Progress = s.progress(u, w)
	result, err := fleet.Scan(ctx, rings, o)
	u.endProgress()
	if result == nil {
		return &outputError{err}
	}
	u.print(w.Done(result.Rings, result.Fresh, result.Files, result.Bad))
	s.tellProblems(u, w, result.Problems)
	switch {
	case ctx.Err() != nil:
		return &interruptedError{u.words().Stopped()}
	case err != nil:
		return &outputError{err}
	}
	if o.Shards <= 1 {
		how := u.lang + " " + labels.Text()
		if !fleet.IsMerged(s.out, how) || !isFile(filepath.Join(s.out, "index.html")) {
			if err := mergeInto(u, []string{s.out}, labels, s.out); err != nil {
				return err
			}
			if err := fleet.MergedAs(s.out, how); err != nil {
				return &outputError{err}
			}
		}
	}
	return fleetError(w, result)
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// fleetOptions reads the flags.
func (s *fleetScan) fleetOptions(u *ui, w words.Fleet) (o fleet.Options, err error) {
	so, err := s.options(u.words())
	if err != nil {
		return o, err
	}
	o = fleet.Options{Tracking: fleet.Tracking{Ports: so.Ports, AllPorts: so.AllPorts, Echo: so.Echo, MaxUnpacked: s.maxUnpacked}, Out: s.out, Workers: s.rings, Verify: s.verify}
	if s.shard != "" {
		i, n, ok := strings.Cut(s.shard, "/")
		var err1, err2 error
		o.Shard, err1 = strconv.Atoi(i)
		o.Shards, err2 = strconv.Atoi(n)
		if !ok || err1 != nil || err2 != nil || o.Shards < 1 || o.Shard < 0 || o.Shard >= o.Shards {
			return o, &usageError{w.BadShard() + ": " + s.shard, "--shard 0/4"}
		}
	}
	return o, nil
}

// pathsOf are the arguments, and in the place of - the lines of standard input.
func pathsOf(u *ui, args []string) (paths []string, err error) {
	for _, a := range args {
		if a != "-" {
			paths = append(paths, a)
			continue
		}
		lines := bufio.NewScanner(u.in)
		for lines.Scan() {
			if text := strings.TrimSpace(lines.Text()); text != "" {
				paths = append(paths, text)
			}
		}
		if err := lines.Err(); err != nil {
			return nil, &inputError{err}
		}
	}
	return paths, nil
}

// progress shows one line on a terminal, and one every ten seconds elsewhere.
func (s *fleetScan) progress(u *ui, w words.Fleet) func(fleet.Progress) {
	if s.quiet {
		return nil
	}
	every := 10 * time.Second
	if u.errIsTTY {
		every = 100 * time.Millisecond
	}
	var mu sync.Mutex
	begin, last := time.Now(), time.Now()
	return func(p fleet.Progress) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if now.Sub(last) < every {
			return
		}
		last = now
		took := now.Sub(begin)
		left := "?"
		if p.Bytes > 0 {
			left = time.Duration(float64(took) * float64(p.AllBytes-p.Bytes) / float64(p.Bytes)).Round(time.Second).String()
		}
		text := w.Progress(p.Files, p.AllFiles, float64(p.Bytes)/1e9, float64(p.Bytes)/1e9/took.Seconds(), left, p.Bad)
		if !u.errIsTTY {
			fmt.Fprintln(u.err, "tcptrace: "+text)
			return
		}
		u.shown = true
		fmt.Fprintf(u.err, "\r%-*s", min(u.width-1, 70), clip(text, u.width-1))
	}
}

// maxTold is how many files with a problem are named one by one.
const maxTold = 20

func (s *fleetScan) tellProblems(u *ui, w words.Fleet, problems []fleet.FileRow) {
	for i := range problems[:min(len(problems), maxTold)] {
		p := &problems[i]
		u.printf("%s: %s: %s", document.PrintableString(p.Path, document.MaxNameBytes), p.Code, document.PrintableString(p.What, document.MaxNameBytes))
	}
	if more := len(problems) - maxTold; more > 0 {
		u.print(w.MoreProblems(more))
	}
}

// fleetError decides the exit code of a scan: some files were damaged, or nothing could be read.
func fleetError(w words.Fleet, r *fleet.Result) error {
	unreadable := 0
	for i := range r.Problems {
		if r.Problems[i].Code == "unreadable" {
			unreadable++
		}
	}
	switch {
	case int64(unreadable) == r.Files && r.Files > 0:
		return &unreadableError{w.NothingReadable()}
	case len(r.Problems) > 0:
		return &partialError{errors.New(w.SomeDamaged())}
	}
	return nil
}

func readLabels(path string) (*fleet.Labels, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &inputError{err}
	}
	defer f.Close()
	l, err := fleet.ReadLabels(bufio.NewReader(f))
	if err != nil {
		return nil, &usageError{path + ": " + err.Error(), "mac,ip,board,firmware,ap,from,to"}
	}
	return l, nil
}

// mergeInto writes what scans say together: rows, summary.json, index.html.
func mergeInto(u *ui, outs []string, labels *fleet.Labels, dir string) error {
	m, err := fleet.MergeInto(outs, labels, dir)
	if err != nil {
		return notScanned(u, err)
	}
	folder, err := output.Open(dir, output.Options{Set: "fleet"})
	if err != nil {
		return &outputError{err}
	}
	page := render.Fleet(m, u.lang)
	if err := folder.Write([]output.File{{Name: "summary.json", Write: func(w io.Writer) error { return writeFleetSummary(w, m) }}, {Name: "index.html", Write: page.WriteHTML}}); err != nil {
		return &outputError{err}
	}
	u.print(words.NewPicture(u.lang).OpenIt(filepath.Join(dir, "index.html")))
	return nil
}

// notScanned words the error of a folder without a scan.
func notScanned(u *ui, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &usageError{words.NewFleet(u.lang).NotScanned() + ": " + err.Error(), "tcptrace fleet scan captures/ -o fleet"}
	}
	return &outputError{err}
}

// fleetFlags are the words of the commands that read parts.
type fleetFlags struct {
	labels, by, format, out string
	n                       int
	force                   bool
}

func (f *fleetFlags) table(c *cobra.Command, w words.Fleet) {
	c.Flags().StringVar(&f.labels, "labels", "", w.FlagLabels())
	c.Flags().StringVar(&f.format, "format", fleetFormats[0], w.FlagFormat())
	complete(c, "format", fleetFormats...)
}

var fleetFormats = []string{"table", "csv", "json"}

func newFleetMerge(u *ui, w words.Fleet) *cobra.Command {
	f := &fleetFlags{}
	c := &cobra.Command{Use: "merge DIR…", Short: w.MergeShort(), Args: cobra.MinimumNArgs(1), RunE: func(_ *cobra.Command, args []string) error {
		labels, err := readLabels(f.labels)
		if err != nil {
			return err
		}
		out := f.out
		if out == "" {
			out = args[0]
		}
		return mergeInto(u, args, labels, out)
	}}
	c.Flags().StringVarP(&f.out, "output", "o", "", w.FlagOut())
	c.Flags().StringVar(&f.labels, "labels", "", w.FlagLabels())
	return c
}

func newFleetTop(u *ui, w words.Fleet) *cobra.Command {
	f := &fleetFlags{}
	c := &cobra.Command{Use: "top DIR…", Short: w.TopShort(), Args: cobra.MinimumNArgs(1), RunE: func(_ *cobra.Command, args []string) error {
		labels, err := readLabels(f.labels)
		if err != nil {
			return err
		}
		rows, err := fleet.Top(args, labels, f.by, f.n)
		if err != nil {
			return notScanned(u, err)
		}
		return f.print(u, render.FleetTop(rows, u.lang), rows)
	}}
	f.table(c, w)
	c.Flags().StringVar(&f.by, "by", "score", w.FlagBy())
	c.Flags().IntVarP(&f.n, "top", "n", fleet.TopSessions, w.FlagTop())
	complete(c, "by", "score", "echo.p99", "missed", "reset")
	return c
}

func newFleetGroup(u *ui, w words.Fleet) *cobra.Command {
	f := &fleetFlags{}
	c := &cobra.Command{Use: "group DIR…", Short: w.GroupShort(), Args: cobra.MinimumNArgs(1), RunE: func(_ *cobra.Command, args []string) error {
		all, by, err := f.groups(u, args)
		if err != nil {
			return err
		}
		return f.print(u, render.FleetGroups(all, by, u.lang), groupObjects(all, by))
	}}
	f.table(c, w)
	c.Flags().StringVar(&f.by, "by", "board,date", w.FlagGroupBy())
	return c
}

// groups adds up what the folders say by the labels of --by.
func (f *fleetFlags) groups(u *ui, outs []string) (all []fleet.Summary, by []string, err error) {
	labels, err := readLabels(f.labels)
	if err != nil {
		return nil, nil, err
	}
	by = strings.Split(f.by, ",")
	for i := range by {
		if by[i] = strings.TrimSpace(by[i]); !slices.Contains(fleet.GroupNames, by[i]) {
			return nil, nil, &usageError{"--by: " + by[i], strings.Join(fleet.GroupNames, ", ")}
		}
	}
	if all, err = fleet.GroupBy(outs, labels, by); err != nil {
		return nil, nil, notScanned(u, err)
	}
	return all, by, nil
}

func newFleetDiff(u *ui, w words.Fleet) *cobra.Command {
	f := &fleetFlags{}
	c := &cobra.Command{Use: "diff DIR_A DIR_B", Short: w.DiffShort(), Args: cobra.ExactArgs(2), RunE: func(_ *cobra.Command, args []string) error {
		before, by, err := f.groups(u, args[:1])
		if err != nil {
			return err
		}
		after, _, err := f.groups(u, args[1:])
		if err != nil {
			return err
		}
		all := fleet.Diff(before, after)
		if err := f.print(u, render.FleetDiff(all, by, u.lang), changeObjects(all, by)); err != nil {
			return err
		}
		worse := 0
		for i := range all {
			if all[i].Regression {
				worse++
			}
		}
		if worse > 0 {
			return &checkError{w.Worse(worse)}
		}
		return nil
	}}
	f.table(c, w)
	c.Flags().StringVar(&f.by, "by", "board", w.FlagGroupBy())
	return c
}

// print prints a table in the wanted form; rows are what JSON has of it.
func (f *fleetFlags) print(u *ui, t document.Table, rows any) (err error) {
	switch f.format {
	case "table":
		if u.outIsTTY {
			return u.writeLines(u.screen().Table(&t))
		}
		_, err = u.out.Write(t.AppendMarkdown(nil, true))
	case "csv":
		_, err = u.out.Write(t.AppendCSV(nil))
	case "json":
		e := json.NewEncoder(u.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		err = e.Encode(rows)
	default:
		return &usageError{u.words().BadFormat() + ": " + f.format, strings.Join(fleetFormats, ", ")}
	}
	if err != nil {
		return &outputError{err}
	}
	return nil
}

func newFleetCut(u *ui, w words.Fleet) *cobra.Command {
	f := &fleetFlags{}
	c := &cobra.Command{Use: "cut DIR…", Short: w.CutShort(), Args: cobra.MinimumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
		return f.cut(c.Context(), u, w, args)
	}}
	c.Flags().StringVar(&f.by, "by", "score", w.FlagBy())
	c.Flags().IntVarP(&f.n, "top", "n", fleet.TopSessions, w.FlagTop())
	c.Flags().StringVarP(&f.out, "output", "o", "", words.NewCut(u.lang).FlagOutput())
	c.Flags().StringVar(&f.labels, "labels", "", w.FlagLabels())
	forceFlag(c, &f.force, u.words())
	return c
}

// cut copies the packets of the worst sessions. Only the files of their captures are read.
func (f *fleetFlags) cut(ctx context.Context, u *ui, w words.Fleet, outs []string) error {
	x := cutFlags{output: f.out, selection: selection{sessions: []string{"1"}}}
	cw := words.NewCut(u.lang)
	format, err := x.check(cw, "")
	if err != nil {
		return err
	}
	labels, err := readLabels(f.labels)
	if err != nil {
		return err
	}
	rows, err := fleet.Top(outs, labels, f.by, f.n)
	if err != nil {
		return notScanned(u, err)
	}
	if len(rows) == 0 {
		return &usageError{w.NoneFound(), "tcptrace fleet top " + outs[0]}
	}
	slices.SortStableFunc(rows, func(a, b fleet.Row) int { return strings.Compare(a.Ring, b.Ring) })
	copied := int64(0)
	err = output.WriteFile(f.out, output.File{Sync: true, Write: func(out io.Writer) error {
		writer, err := capture.NewWriter(out, format)
		if err != nil {
			return err
		}
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[n].Ring == rows[0].Ring {
				n++
			}
			some, err := cutRing(ctx, outs, rows[:n], cw, writer)
			if err != nil {
				return err
			}
			copied += some
			rows = rows[n:]
		}
		return writer.Close()
	}}, output.Options{Force: f.force})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &outputError{err}
	}
	u.print(cw.Wrote(f.out, copied))
	return nil
}

// cutRing copies the packets of some sessions of one ring.
func cutRing(ctx context.Context, outs []string, rows []fleet.Row, cw words.Cut, w *capture.Writer) (copied int64, err error) {
	files, err := fleet.FilesOf(outs, rows[0].Ring)
	if err != nil {
		return 0, err
	}
	c := &cutting{w: cw, file: document.PrintableString(filepath.Base(rows[0].Ring), document.MaxNameBytes)}
	about := map[[2]string]string{}
	for i := range rows {
		r := &rows[i]
		client, server, err := r.Ends()
		if err != nil {
			return 0, err
		}
		c.spans = append(c.spans, cutSpan{client, server, r.FirstFrame, r.LastFrame})
		about[[2]string{client.String(), server.String()}] = strings.TrimSpace(r.UID + " " + strings.Join(r.Findings, " "))
	}
	cut := capture.Cut{Keep: func(frame int64, ev *capture.Event) (string, bool) {
		if ctx.Err() != nil || !c.wants(frame, ev) {
			return "", false
		}
		a, b := ev.Segment.Src.String(), ev.Segment.Dst.String()
		text := about[[2]string{a, b}]
		if text == "" {
			text = about[[2]string{b, a}]
		}
		return cw.Frame(frame, c.file) + "\n" + text, true
	}}
	chain := capture.NewChain(files, nil, func(path string) (capture.Source, error) {
		return capture.Open(path, capture.OpenOptions{Tap: cut.Tap})
	})
	defer chain.Close()
	return cut.Copy(chain, w)
}
