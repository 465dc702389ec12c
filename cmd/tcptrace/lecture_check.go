package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/lecture"
	"tcptrace/sessions"
)

// checkNotes marks the tables of somebody's notes, or gives each file of a class a row. What is not right makes a checkError.
func (l *lectureFlags) checkNotes(ctx context.Context) error {
	const usage = "tcptrace lecture --check NOTES.md --capture session.pcap"
	switch {
	case len(l.captures) == 0:
		return &usageError{l.w.CheckNeedsCapture(), usage}
	case len(l.captures) > 1:
		return &usageError{l.w.CheckOneCapture(), usage}
	}
	names, isClass, err := notesOf(l.checks)
	if err != nil {
		return &inputError{err}
	}
	if len(names) == 0 {
		return &usageError{strings.Join(l.checks, ", ") + ": " + l.w.NoNotes(), usage}
	}
	role, path := captureRole(l.captures[0])
	tr, err := l.trace(ctx, role, path)
	if err != nil {
		return err
	}
	if isClass || l.format == "csv" || l.format == "json" {
		return l.checkClass(ctx, names, tr)
	}
	return l.checkOne(ctx, names[0], path, tr)
}

// notesOf are the files to check: those that are named, and of folders those that end in .md and .ipynb. isClass tells that a
// row for each is wanted.
func notesOf(args []string) (names []string, isClass bool, err error) {
	for _, arg := range args {
		if st, err := os.Stat(arg); err != nil || !st.IsDir() {
			names = append(names, arg)
			continue
		}
		isClass = true
		entries, err := os.ReadDir(arg)
		if err != nil {
			return nil, false, err
		}
		for _, e := range entries {
			if ext := strings.ToLower(filepath.Ext(e.Name())); e.Type().IsRegular() && (ext == ".md" || ext == ".ipynb") && !strings.HasSuffix(e.Name(), ".check.md") {
				names = append(names, filepath.Join(arg, e.Name()))
			}
		}
	}
	return names, isClass || len(names) > 1, nil
}

// checkOne prints the marked tables of one file.
func (l *lectureFlags) checkOne(ctx context.Context, name, capture string, tr *sessions.Trace) error {
	checked, problem, err := checkFile(ctx, name, tr)
	switch problem {
	case lecture.Unreadable, lecture.TooLarge:
		return &inputError{err}
	case lecture.NoTable:
		return &usageError{name + ": " + l.w.NoTableInNotes(), l.w.HintTable()}
	case lecture.NotNotebook:
		return &usageError{name + ": " + l.w.NotNotebook(), ""}
	case lecture.NotText:
		return &usageError{name + ": " + l.w.NotText(), l.w.HintText()}
	case lecture.NoSession:
		return &usageError{l.w.NoTable() + " " + capture, "tcptrace report --all-ports " + capture}
	}
	if err := l.print(lecture.CheckDocument(filepath.Base(name), checked, l.u.lang)); err != nil {
		return err
	}
	switch g := lecture.GradeOf(name, checked); {
	case g.OtherKind > 0 && g.Faults() == 0 && g.MissingRows == 0:
		return &checkError{l.w.TablesOfOtherKind(g.OtherKind)}
	case !g.Passed():
		return &checkError{l.w.CellsWrong(g.Faults(), g.Judged(), g.MissingRows)}
	default:
		l.u.print(l.w.AllRight(g.Judged()))
		return nil
	}
}

// checkFile compares the tables of a file with a trace. The error is that of reading it.
func checkFile(ctx context.Context, name string, tr *sessions.Trace) ([]*lecture.Checked, lecture.Problem, error) {
	notes, err := readNotes(ctx, name)
	var limit *inputLimit
	switch {
	case errors.As(err, &limit):
		return nil, lecture.TooLarge, err
	case err != nil:
		return nil, lecture.Unreadable, err
	}
	checked, err := lecture.Check(notes, isNotebook(name), tr)
	switch {
	case errors.Is(err, lecture.ErrNoTable):
		return nil, lecture.NoTable, nil
	case errors.Is(err, lecture.ErrNotText):
		return nil, lecture.NotText, nil
	case err != nil:
		return nil, lecture.NotNotebook, nil
	case len(checked) == 0:
		return nil, lecture.NoSession, nil
	}
	return checked, "", nil
}

// checkClass prints a row for each file, and with -o writes each one's marked tables into that folder.
func (l *lectureFlags) checkClass(ctx context.Context, names []string, tr *sessions.Trace) error {
	if l.format == "ipynb" {
		return &usageError{l.u.words().BadFormat() + ": " + l.format, "markdown, html, csv, json"}
	}
	var grades []lecture.Grade
	var pages []output.File
	passed := 0
	for _, name := range names {
		checked, problem, _ := checkFile(ctx, name, tr)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		g := lecture.GradeOf(name, checked)
		g.Problem = problem
		grades = append(grades, g)
		if g.Passed() {
			passed++
		}
		if problem == "" {
			pages = append(pages, output.File{Name: l.pageName(name, pages), Write: l.writer(lecture.CheckDocument(filepath.Base(name), checked, l.u.lang))})
		}
	}
	if err := l.writePages(pages); err != nil {
		return err
	}
	if err := l.writeGrades(l.u.out, grades); err != nil {
		return &outputError{err}
	}
	if passed < len(grades) {
		return &checkError{l.w.FilesWrong(len(grades)-passed, len(grades))}
	}
	l.u.print(l.w.FilesRight(len(grades)))
	return nil
}

// writePages writes the pages into the folder of -o, if there is one.
func (l *lectureFlags) writePages(pages []output.File) error {
	if l.output == "" {
		return nil
	}
	folder, err := output.Open(l.output, output.Options{Set: "check", Force: l.force})
	if err == nil {
		err = folder.Write(pages)
	}
	if err != nil {
		return &outputError{err}
	}
	l.u.print(l.u.words().Wrote(l.output))
	return nil
}

// pageName is the name of a file's page: its own, with a number if another page has it already.
func (l *lectureFlags) pageName(name string, pages []output.File) string {
	ext := ".check.md"
	if l.format == "html" {
		ext = ".check.html"
	}
	taken := func(page string) bool {
		for _, p := range pages {
			if p.Name == page {
				return true
			}
		}
		return false
	}
	page := filepath.Base(name) + ext
	for n := 2; taken(page); n++ {
		page = filepath.Base(name) + "-" + strconv.Itoa(n) + ext
	}
	return page
}

// writeGrades writes the rows in the chosen format.
func (l *lectureFlags) writeGrades(w io.Writer, grades []lecture.Grade) error {
	switch l.format {
	case "csv":
		return lecture.WriteGradesCSV(w, grades)
	case "json":
		return lecture.WriteGradesJSON(w, grades)
	}
	return l.writer(lecture.GradesDocument(grades, l.u.lang))(w)
}
