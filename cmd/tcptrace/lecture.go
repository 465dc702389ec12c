package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/findings"
	"tcptrace/lecture"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/render/page"
	"tcptrace/sessions"
	"tcptrace/words"
)

// lectureFlags are the words of `tcptrace lecture` beside the selection.
type lectureFlags struct {
	selection
	u              *ui
	w              words.LectureCommand
	format, output string
	split, force   bool
	captures       []string
	into           string
	checks         []string
	drawn          []page.Data // the runs, of a page
}

func newLecture(u *ui) *cobra.Command {
	w := words.NewLectureCommand(u.lang)
	l := &lectureFlags{u: u, w: w}
	c := &cobra.Command{
		Use: "lecture", Short: w.Short(), Long: w.Long(), Example: w.Example(), Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, more []string) error {
			return l.run(c.Context(), more, c.Flags().Changed("format"))
		},
	}
	f := c.Flags()
	f.StringVar(&l.format, "format", "markdown", w.FlagFormat())
	f.StringVarP(&l.output, "output", "o", "", w.FlagOutput())
	forceFlag(c, &l.force, l.u.words())
	f.BoolVar(&l.split, "split", false, w.FlagSplit())
	f.StringArrayVar(&l.captures, "capture", nil, w.FlagCapture())
	f.StringArrayVar(&l.calls, "calls", nil, w.FlagCalls())
	f.StringArrayVar(&l.sessions, "session", nil, u.words().FlagSession())
	f.StringVar(&l.into, "into", "", w.FlagInto())
	f.StringArrayVar(&l.checks, "check", nil, w.FlagCheck())
	return c
}

func (l *lectureFlags) run(ctx context.Context, more []string, formatGiven bool) error {
	w := l.w
	formats := []string{"markdown", "ipynb", "html"}
	if len(l.checks) > 0 {
		formats = append(formats, "csv", "json")
		l.checks = append(l.checks, more...) // a shell's NOTES/*.md after --check
	}
	if l.output == "-" {
		l.output = ""
	}
	switch {
	case len(l.checks) == 0 && len(more) > 0:
		return &usageError{w.NoArguments(more[0]), "tcptrace lecture --capture session.pcap"}
	case !slices.Contains(formats, l.format):
		return &usageError{l.u.words().BadFormat() + ": " + l.format, strings.Join(formats, ", ")}
	case len(l.calls) > 0 && len(l.captures) == 0:
		return &usageError{w.CallsNeedCapture(), "tcptrace lecture --capture blocking.pcap --calls client=client.txt"}
	case l.into != "" && (l.output != "" || len(l.checks) > 0 || formatGiven):
		return &usageError{w.IntoAlone(), "tcptrace lecture --into NOTES.md"}
	case len(l.checks) > 0:
		return l.checkNotes(ctx)
	}
	runs, err := l.runs(ctx)
	if err != nil {
		return err
	}
	png := l.format == "ipynb" || isNotebook(l.into)
	doc, err := lecture.Write(runs, lecture.Options{Lang: l.u.lang, Split: l.split, PNG: png, Name: pictureName(cmp.Or(l.into, l.output))})
	if err != nil {
		return err
	}
	if l.into != "" {
		return l.refresh(ctx, doc)
	}
	l.drawn = l.conversations(runs)
	return l.print(doc.Document())
}

// conversations are the runs as a page draws them.
func (l *lectureFlags) conversations(runs *lecture.Runs) (all []page.Data) {
	w := words.NewLecture(l.u.lang)
	add := func(name string, tr *sessions.Trace) {
		if tr != nil {
			all = append(all, render.PageData(tr, render.PageOptions{Lang: l.u.lang, Name: name, Findings: findings.Find(tr, findings.Options{})}))
		}
	}
	if l.format != "html" {
		return nil
	}
	add(w.RunBlocking(), runs.Blocking)
	add(w.RunNonBlocking(), runs.NonBlocking)
	add(w.RunExchange(), runs.Exchange)
	return all
}

// pictureName is what the pictures of a document begin with: the document's name, as far as it needs no escapes in a link.
func pictureName(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, strings.TrimLeft(name, "."))
}

func isNotebook(path string) bool { return strings.EqualFold(filepath.Ext(path), ".ipynb") }

// The runs that a capture can be of.
const (
	roleBlocking    = "blocking"
	roleNonBlocking = "nonblocking"
	roleSession     = "session"
)

// runs are the lab's, or the user's own.
func (l *lectureFlags) runs(ctx context.Context) (*lecture.Runs, error) {
	if len(l.captures) == 0 {
		return lecture.LabRuns(ctx)
	}
	r := &lecture.Runs{}
	for _, arg := range l.captures {
		role, path := captureRole(arg)
		tr, err := l.trace(ctx, role, path)
		if err != nil {
			return nil, err
		}
		if role == "" {
			role = l.roleOf(tr, path)
		}
		to := map[string]**sessions.Trace{roleBlocking: &r.Blocking, roleNonBlocking: &r.NonBlocking, roleSession: &r.Exchange}[role]
		if *to != nil {
			return nil, &usageError{l.w.BadRole() + ": " + path, l.w.TwoOfARole()}
		}
		*to = tr
	}
	return r, nil
}

// captureRole splits [ROLE=]FILE.
func captureRole(arg string) (role, path string) {
	role, path, ok := strings.Cut(arg, "=")
	if ok && (role == roleBlocking || role == roleNonBlocking || role == roleSession) {
		return role, path
	}
	return "", arg
}

// roleOf finds out what a capture is of, and says so.
func (l *lectureFlags) roleOf(tr *sessions.Trace, path string) string {
	role, name := roleBlocking, l.w.RoleBlocking()
	switch {
	case lecture.IsExchange(tr):
		role, name = roleSession, l.w.RoleSession()
	case lecture.IsNonBlocking(tr):
		role, name = roleNonBlocking, l.w.RoleNonBlocking()
	}
	l.u.print(l.w.Chosen(path, name))
	return role
}

// trace reads a capture with its journals. A damaged capture that gave nothing is an error, one that gave something is told of.
func (l *lectureFlags) trace(ctx context.Context, role, path string) (*sessions.Trace, error) {
	one := l.selection
	one.calls = nil
	for _, c := range l.calls {
		for _, r := range []string{roleBlocking, roleNonBlocking, roleSession} {
			if rest, ok := strings.CutPrefix(c, r+":"); ok {
				if r != role {
					c = ""
					break
				}
				c = rest
			}
		}
		if c != "" {
			one.calls = append(one.calls, c)
		}
	}
	o, err := one.options(l.u.words())
	if err != nil {
		return nil, err
	}
	o.Keep(sessions.ForPlots)
	tr, err := one.load(ctx, l.u, path, o)
	if tr == nil {
		return nil, err
	}
	if err != nil {
		l.u.printf("%v", err)
	}
	if len(o.ShownIDs) > 0 {
		tr.Sessions = slices.DeleteFunc(tr.Sessions, func(s *sessions.Session) bool { return !slices.Contains(o.ShownIDs, s.ID) })
	}
	if len(tr.Sessions) == 0 {
		return nil, &usageError{l.w.NoSessionIn() + " " + path, "tcptrace report --all-ports " + path}
	}
	return tr, nil
}

// print writes a document in the wanted format, to a file or to standard output.
func (l *lectureFlags) print(d *document.Document) error {
	write := l.writer(d)
	if l.output == "" {
		if err := write(l.u.out); err != nil {
			return &outputError{err}
		}
		return nil
	}
	var beside []output.File
	if l.format == "markdown" {
		beside = pictures(d.Blocks)
	}
	if err := output.WriteFile(l.output, output.File{Write: write}, output.Options{Force: l.force}, beside...); err != nil {
		return &outputError{err}
	}
	l.u.print(l.u.words().Wrote(l.output))
	return nil
}

// writer writes a document in the chosen format.
func (l *lectureFlags) writer(d *document.Document) func(io.Writer) error {
	return func(w io.Writer) error {
		switch l.format {
		case "ipynb":
			return d.WriteNotebook(w)
		case "html":
			return render.DocumentPage(d, "lecture", l.drawn...).Write(w)
		}
		return d.WriteMarkdown(w, document.MarkdownOptions{Images: l.output != ""})
	}
}

// pictures are the files that a document's Markdown links.
func pictures(blocks []document.Block) (files []output.File) {
	for _, b := range blocks {
		if image, ok := b.(document.ImageBlock); ok && len(image.SVG) > 0 {
			files = append(files, output.Bytes(image.Name+".svg", image.SVG))
		}
	}
	return files
}

// refresh writes the lecture's sections into somebody's notes.
func (l *lectureFlags) refresh(ctx context.Context, doc *lecture.Lecture) error {
	notes, err := readNotes(ctx, l.into)
	if err != nil {
		return &inputError{err}
	}
	var fresh []byte
	var images []document.ImageBlock
	if isNotebook(l.into) {
		fresh, err = doc.IntoNotebook(notes)
	} else {
		fresh, images, err = doc.IntoMarkdown(notes)
	}
	if err != nil {
		return l.markerError(err)
	}
	var files []output.File
	for _, image := range images {
		files = append(files, pictures([]document.Block{image})...)
	}
	if len(files) > 0 {
		folder, err := output.Open(filepath.Dir(l.into), output.Options{Force: l.force})
		if err == nil {
			err = folder.Write(files)
		}
		if err != nil {
			return &outputError{err}
		}
	}
	if bytes.Equal(fresh, notes) {
		l.u.print(l.w.Unchanged(l.into))
		return nil
	}
	if err := output.Replace(l.into, fresh); err != nil {
		return &outputError{err}
	}
	l.u.print(l.w.Refreshed(l.into))
	return nil
}

// markerError says in the user's language what is wrong with the notes.
func (l *lectureFlags) markerError(err error) error {
	var fault *lecture.MarkerError
	if errors.Is(err, lecture.ErrNotText) {
		return &usageError{l.into + ": " + l.w.NotText(), l.w.HintText()}
	}
	if !errors.As(err, &fault) {
		return &usageError{l.into + ": " + l.w.NotNotebook(), ""}
	}
	text := l.into + ": "
	switch {
	case fault.Cell > 0:
		text += l.w.AtCell(fault.Cell, fault.Line) + ": "
	case fault.Line > 0:
		text += l.w.AtLine(fault.Line) + ": "
	}
	text += l.w.Markers()[fault.What]
	if fault.Name != "" {
		text += ": " + fault.Name
	}
	hint := l.w.HintMarkers()
	if fault.What == lecture.UnknownSection || fault.What == lecture.NothingToSay {
		hint = strings.Join(append(lecture.SectionNames(), lecture.SectionWhole), ", ")
	}
	return &usageError{text, hint}
}
