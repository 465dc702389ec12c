package lecture

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"tcptrace/render/document"
	"tcptrace/words"
)

// A Grade is how one file of notes did against a capture. The numbers are of cells, except Tables, OtherKind (tables of a
// blocking program beside a non-blocking run, or the reverse) and MissingRows.
type Grade struct {
	File        string  `json:"file"`
	Tables      int     `json:"tables"`
	Right       int     `json:"right"`
	Wrong       int     `json:"wrong"`
	Missing     int     `json:"missing"`
	Unjudged    int     `json:"unjudged"`
	MissingRows int     `json:"missing_rows"`
	OtherKind   int     `json:"other_kind"`
	Problem     Problem `json:"problem"` // why there is nothing to count, "" if there is
}

// A Problem is why the tables of a file could not be checked.
type Problem string

// The problems. NoSession is that the capture has no session to compare with.
const (
	Unreadable  Problem = "unreadable"
	NoTable     Problem = "no-table"
	NotNotebook Problem = "not-a-notebook"
	NoSession   Problem = "no-session"
	NotText     Problem = "not-text"
	TooLarge    Problem = "too-large"
)

// GradeOf counts the verdicts on the tables of a file.
func GradeOf(file string, checked []*Checked) Grade {
	g := Grade{File: file, Tables: len(checked)}
	for _, c := range checked {
		g.Right += c.Count[Right]
		g.Wrong += c.Count[Wrong]
		g.Missing += c.Count[Missing]
		g.Unjudged += c.Count[Unjudged]
		g.MissingRows += len(c.Lacks)
		if c.OtherKind {
			g.OtherKind++
		}
	}
	return g
}

// Judged is how many cells have a verdict, Faults how many of them are wrong or missing.
func (g *Grade) Judged() int { return g.Right + g.Faults() }

// Faults is how many cells are wrong or missing.
func (g *Grade) Faults() int { return g.Wrong + g.Missing }

// Passed reports whether everything could be checked and nothing is wrong.
func (g *Grade) Passed() bool {
	return g.Problem == "" && g.Faults() == 0 && g.MissingRows == 0 && g.OtherKind == 0
}

// gradeColumns are the columns of the CSV, named as in JSON.
var gradeColumns = []string{"file", "tables", "right", "wrong", "missing", "unjudged", "missing_rows", "other_kind", "problem"}

func (g *Grade) counts() []string {
	var out []string
	for _, n := range []int{g.Tables, g.Right, g.Wrong, g.Missing, g.Unjudged, g.MissingRows, g.OtherKind} {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// WriteGradesCSV writes a line for each file under a line of names.
func WriteGradesCSV(w io.Writer, grades []Grade) error {
	out := csv.NewWriter(w)
	out.Write(gradeColumns)
	for i := range grades {
		g := &grades[i]
		out.Write(append(append([]string{document.SpreadsheetText(document.PrintableString(g.File, 200))}, g.counts()...), string(g.Problem)))
	}
	out.Flush()
	return out.Error()
}

// WriteGradesJSON writes an array with an object for each file.
func WriteGradesJSON(w io.Writer, grades []Grade) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(append([]Grade{}, grades...))
}

// GradesDocument is the table of the files of a class, a row for each.
func GradesDocument(grades []Grade, lang string) *document.Document {
	w := words.NewCheck(lang)
	t := document.Table{Title: w.GradesTitle(), Header: heads(w.GradeColumns()...)}
	for i := range grades {
		g := &grades[i]
		line := []document.Cell{{{Text: document.PrintableString(g.File, 200)}}}
		for _, n := range g.counts() {
			line = append(line, document.Cell{{Text: n}})
		}
		problem := ""
		if g.Problem != "" {
			problem = w.Problem(string(g.Problem))
		}
		t.Rows = append(t.Rows, append(line, document.Cell{{Text: problem}}))
	}
	return &document.Document{Title: w.Title(), Lang: lang, Blocks: []document.Block{document.Heading{Level: 1, Text: document.Cell{{Text: w.Title()}}}, document.TableBlock{Table: t}}}
}
