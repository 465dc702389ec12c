package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/words"
)

// captureNames are the ends of the names that captures have, beside those that are packed.
var captureNames = []string{".pcap", ".pcapng", ".cap", ".dmp", ".snoop", ".erf", ".ntar"}

// isSeveral reports whether the arguments are more than one capture: several files, or a folder.
func isSeveral(args []string) bool {
	if len(args) > 1 {
		return true
	}
	st, err := os.Stat(args[0])
	return err == nil && st.IsDir()
}

// capturesOf gives the files that are named, and the captures of the folders that are.
func capturesOf(args []string) (paths []string, err error) {
	for _, a := range args {
		st, err := os.Stat(a)
		if err != nil {
			return nil, err
		}
		if !st.IsDir() {
			paths = append(paths, a)
			continue
		}
		entries, err := os.ReadDir(a)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Type().IsRegular() && isCaptureName(e.Name()) {
				paths = append(paths, filepath.Join(a, e.Name()))
			}
		}
	}
	return paths, nil
}

func isCaptureName(name string) bool {
	name = strings.ToLower(name)
	for _, packed := range []string{".gz", ".zst", ".lz4", ".xz"} {
		name = strings.TrimSuffix(name, packed)
	}
	return slices.Contains(captureNames, filepath.Ext(name))
}

// A fileLine is what is told of one of several captures.
type fileLine struct {
	path              string
	packets, sessions int64
	found             []findings.Finding
	echo              sessions.Stats
	missed            int64
	err               error
}

// worst is the gravest of the findings; ok is false without any.
func (l *fileLine) worst() (f *findings.Finding, ok bool) {
	for i := range l.found {
		if f == nil || l.found[i].Severity > f.Severity {
			f = &l.found[i]
		}
	}
	return f, f != nil
}

// several reports on many captures: a line each, worst first. A capture that cannot be read is a line too.
func (r *reportFlags) several(ctx context.Context, u *ui, args []string) error {
	w := u.words()
	if r.output != "" || len(r.calls)+len(r.sessions) > 0 || r.rows || r.summary || r.format != "markdown" {
		return &usageError{w.OneCapture(), "tcptrace report " + args[0]}
	}
	o, err := r.options(w)
	if err != nil {
		return err
	}
	paths, err := capturesOf(args)
	if err != nil {
		return &inputError{err}
	}
	if len(paths) == 0 {
		return &usageError{args[0] + ": " + w.NoCaptures(), "tcptrace report session.pcap"}
	}
	var lines []fileLine
	for _, path := range paths {
		if ctx.Err() != nil {
			break
		}
		lines = append(lines, r.line(ctx, u, path, o))
	}
	slices.SortStableFunc(lines, func(a, b fileLine) int { return cmp.Compare(b.weight(), a.weight()) })
	if r.onTerminal(u) {
		err = u.writeLines(r.terminalLines(u, lines))
	} else {
		err = r.printLines(u, lines)
	}
	if err != nil {
		return &outputError{err}
	}
	return worstError(lines)
}

// weight orders lines: those that could not be read, then by the gravest finding, then by how many there are.
func (l *fileLine) weight() int {
	weight := len(l.found)
	if f, ok := l.worst(); ok {
		weight += int(f.Severity) * 1000
	}
	if l.err != nil {
		weight += 1_000_000
	}
	return weight
}

// line reads one capture.
func (r *reportFlags) line(ctx context.Context, u *ui, path string, o sessions.Options) fileLine {
	l := fileLine{path: path}
	c := findings.NewCollector()
	o.Keep(sessions.ForTotals)
	c.Watch(&o)
	one := selection{maxUnpacked: r.maxUnpacked, workers: r.workers}
	tr, err := one.load(ctx, u, path, o)
	l.err = err
	if tr == nil {
		return l
	}
	l.packets, l.found = tr.Capture.Packets, findings.Find(tr, findings.Options{Collector: c})
	if t := tr.Summary; t != nil {
		l.sessions, l.missed = t.Sessions, t.Missed
		l.echo = t.EchoRTT
	}
	return l
}

// printLines prints the table.
func (r *reportFlags) printLines(u *ui, lines []fileLine) error {
	w, aw := render.WordsFor(u.lang), words.NewAnswer(u.lang)
	plainScreen := &screen.Screen{Width: 80, Height: 24}
	t := document.Table{Numeric: []bool{false, true, true, false, true, true, true}}
	for _, h := range aw.FileColumns() {
		t.Header = append(t.Header, document.NewCell(document.Strong, h))
	}
	for i := range lines {
		l := &lines[i]
		worst, echo, state := "", "", aw.Readable()
		if f, ok := l.worst(); ok {
			worst = render.Severity(f.Severity, f.Code, plainScreen)
		}
		if l.echo.N > 0 {
			echo = w.Duration(l.echo.P50)
		}
		if l.err != nil {
			state = strings.TrimPrefix(u.describe(l.err), l.path+": ")
		}
		row := []string{document.PrintableString(l.path, document.MaxNameBytes), strconv.FormatInt(l.packets, 10), strconv.FormatInt(l.sessions, 10), worst,
			strconv.Itoa(len(l.found)), echo, strconv.FormatInt(l.missed, 10), document.PrintableString(state, 120)}
		var cells []document.Cell
		for _, text := range row {
			cells = append(cells, document.NewCell(document.Plain, text))
		}
		t.Rows = append(t.Rows, cells)
	}
	_, err := u.out.Write(t.AppendMarkdown(nil, r.align))
	return err
}

// terminalLines are the lines for a terminal: what is worst, the file, and its numbers.
func (r *reportFlags) terminalLines(u *ui, lines []fileLine) (out []string) {
	w, aw, sc := render.WordsFor(u.lang), words.NewAnswer(u.lang), u.screen()
	worst, names := make([]string, len(lines)), make([]string, len(lines))
	worstWidth, nameWidth := 0, 0
	for i := range lines {
		l := &lines[i]
		worst[i] = sc.Paint(screen.Good, aw.Readable())
		if f, ok := l.worst(); ok {
			worst[i] = render.Severity(f.Severity, f.Code, sc)
		} else if l.err != nil {
			worst[i] = sc.Paint(screen.Trouble, aw.Unreadable())
		}
		names[i] = document.PrintableString(l.path, document.MaxNameBytes)
		worstWidth, nameWidth = max(worstWidth, screen.Width(worst[i])), max(nameWidth, screen.Width(names[i]))
	}
	nameWidth = min(nameWidth, sc.Width/2)
	for i := range lines {
		l := &lines[i]
		var facts []string
		if l.packets > 0 {
			facts = append(facts, aw.SessionPackets(l.packets), aw.SessionCount(l.sessions))
		}
		if l.echo.N > 0 {
			facts = append(facts, aw.EchoOnly(w.Duration(l.echo.P50)))
		}
		if l.err != nil {
			facts = append([]string{document.PrintableString(strings.TrimPrefix(u.describe(l.err), l.path+": "), 200)}, facts...)
		}
		out = append(out, screen.Cut(screen.Pad(worst[i], worstWidth)+"  "+screen.Pad(names[i], nameWidth)+"  "+strings.Join(facts, ", "), sc.Width))
	}
	return out
}

// worstError decides the exit code: damage, a limit or an unreadable file among them means that something is missing; where
// nothing at all could be read, the first error speaks.
func worstError(lines []fileLine) error {
	var first error
	read := 0
	for i := range lines {
		var damage *capture.Damage
		err := lines[i].err
		if err == nil || errors.As(err, &damage) && !damage.Fatal {
			read++
		}
		first = cmp.Or(first, err)
	}
	if read == 0 || first == nil {
		return first
	}
	var fatal *capture.Damage
	if errors.As(first, &fatal) && fatal.Fatal || errors.Is(first, fs.ErrPermission) {
		return &partialError{first}
	}
	return first
}

// An unreadableError tells that of several inputs none could be read.
type unreadableError struct{ text string }

func (e *unreadableError) Error() string { return e.text }

// A partialError is an input among several that could not be read: the results are incomplete.
type partialError struct{ err error }

func (e *partialError) Error() string { return e.err.Error() }
