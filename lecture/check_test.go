package lecture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tcptrace/capture"
	"tcptrace/internal/testfiles"
	"tcptrace/render/document"
	"tcptrace/sessions"
)

func readFile(t *testing.T, path ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// genuine is the trace of a genuine capture, packets only.
func genuine(t *testing.T, name string) *sessions.Trace {
	t.Helper()
	src, err := capture.Open(filepath.Join("..", "testdata", "genuine", name, "capture.pcap"), capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	tr, err := sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Shown: 16}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func check(t *testing.T, notes []byte, isNotebook bool, tr *sessions.Trace) []*Checked {
	t.Helper()
	checked, err := Check(notes, isNotebook, tr)
	if err != nil {
		t.Fatal(err)
	}
	return checked
}

// TestNotebook holds that a check of the notebook's own tables finds the faults of docs/tables.md, each in its cell.
func TestNotebook(t *testing.T) {
	checked := check(t, readFile(t, "testdata", "notebook.md"), false, genuine(t, "table1-four-way-close"))
	if len(checked) != 2 {
		t.Fatalf("%d tables", len(checked))
	}
	// Row (from 1), column, verdict. Rows 2.1 S1 to 19 and 2.2 of docs/tables.md.
	both := []string{"2 state ✗", "6 signal ∅", "6 state ✗", "7 c.state ∅", "9 c.call ✗", "12 signal ✗", "13 c.call ✗", "13 c.result ✗", "14 call ✗", "15 call ✗",
		"15 c.signal ∅", "17 state ✗", "17 result ✗", "18 c.signal ∅", "18 signal ∅"}
	want := [2][]string{
		append([]string{"7 c.result ∅", "8 c.result ✗", "10 c.result ∅", "15 c.call ∅", "15 c.result ∅", "15 result ∅", "16 result ∅"}, both...),
		append([]string{"4 result ✗", "6 c.result ✗", "12 c.result ✗"}, both...),
	}
	for i, c := range checked {
		got := faultsOf(c)
		slices.Sort(want[i])
		if !slices.Equal(got, want[i]) {
			t.Errorf("table %d:\n got %v\nwant %v", i+1, got, want[i])
		}
		var lacks []string
		for _, l := range c.Lacks {
			lacks = append(lacks, signalOf(&c.Session.Steps[l.Step], sessions.Client))
		}
		if strings.Join(lacks, ", ") != "← ACK, ACK →, ← FIN" {
			t.Errorf("table %d lacks %v", i+1, lacks)
		}
	}
	for _, lang := range []string{"es", "en"} {
		testfiles.Golden(t, "testdata/check."+lang+".md", CheckDocument("notebook.md", checked, lang).AppendMarkdown(nil, document.MarkdownOptions{}))
	}
}

// faultsOf lists what is wrong or missing as "row column sign"; the client's columns begin with "c.".
func faultsOf(c *Checked) (out []string) {
	for i := range c.Marks {
		for column, m := range c.Marks[i] {
			if m.Verdict != Wrong && m.Verdict != Missing {
				continue
			}
			name := [...]string{"call", "state", "signal", "result"}[column%4]
			if column < serverCall {
				name = "c." + name
			}
			out = append(out, fmt.Sprintf("%d %s %s", i+1, name, signs[m.Verdict]))
		}
	}
	slices.Sort(out)
	return out
}

// TestTrueTables holds that tables made from a capture are right by it, in both languages.
func TestTrueTables(t *testing.T) {
	for _, name := range []string{"table1-four-way-close", "table2-nonblocking", "pico-table1"} {
		notes := readFile(t, "..", "testdata", "genuine", name, "expected_table.md")
		for _, c := range check(t, notes, false, genuine(t, name)) {
			if cells, rows := c.Faults(); cells+rows > 0 || c.Count[Right] < 70 {
				t.Errorf("%s: %v, %d rows missing, %d right", name, faultsOf(c), rows, c.Count[Right])
			}
		}
	}
	runs, err := LabRuns(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"es", "en"} {
		l, err := Write(runs, Options{Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		for name, tr := range map[string]*sessions.Trace{SectionBlocking: runs.Blocking, SectionNonBlocking: runs.NonBlocking} {
			d := &document.Document{Blocks: l.Section(name).Blocks}
			for _, c := range check(t, d.AppendMarkdown(nil, document.MarkdownOptions{}), false, tr) {
				if cells, rows := c.Faults(); cells+rows > 0 || c.Count[Right] < 70 {
					t.Errorf("%s %s: %v, %d rows missing, %d right", lang, name, faultsOf(c), rows, c.Count[Right])
				}
			}
		}
	}
}

// TestEveryCellCounts holds that no state and no signal of a true table can be changed, or taken away, unnoticed.
func TestEveryCellCounts(t *testing.T) {
	tr := genuine(t, "table1-four-way-close")
	notes := string(readFile(t, "..", "testdata", "genuine", "table1-four-way-close", "expected_table.md"))
	lines := strings.Split(strings.TrimSuffix(notes, "\n"), "\n")
	changed := 0
	for i := 2; i < len(lines); i++ {
		cells := strings.Split(lines[i], " | ")
		for column := range cells {
			plain := strings.Trim(cells[column], "| ")
			for _, instead := range []string{"CLOSING", "SIN → nunca", "RST →"} {
				isState := strings.ToUpper(plain) == plain && plain != "" && column%4 == 1
				isSignal := strings.ContainsAny(plain, "→←")
				if !isState && !isSignal || isState != (instead == "CLOSING") {
					continue
				}
				other := slices.Clone(cells)
				other[column] = strings.Replace(cells[column], plain, instead, 1)
				copied := slices.Clone(lines)
				copied[i] = strings.Join(other, " | ")
				changed++
				for _, c := range check(t, []byte(strings.Join(copied, "\n")), false, tr) {
					if f, rows := c.Faults(); f+rows == 0 {
						t.Errorf("row %d, column %d: %q for %q is not noticed", i-1, column, instead, plain)
					}
				}
			}
		}
	}
	if changed < 60 {
		t.Errorf("only %d cells changed", changed)
	}
}

func TestCheckNotebookFile(t *testing.T) {
	table := strings.Split(strings.TrimSpace(string(readFile(t, "..", "testdata", "genuine", "table1-four-way-close", "expected_table.md"))), "\n")
	var quoted []string
	for _, line := range table {
		quoted = append(quoted, string(quote(line+"\n")))
	}
	file := `{"cells": [{"cell_type": "code", "source": ["| a | b |"], "outputs": []}, {"cell_type": "markdown", "metadata": {}, "source": [` +
		strings.Join(quoted, ",\n") + `]}], "nbformat": 4, "nbformat_minor": 5}`
	checked := check(t, []byte(file), true, genuine(t, "table1-four-way-close"))
	if len(checked) != 1 || checked[0].Cell != 2 {
		t.Fatalf("%+v", checked)
	}
	if cells, rows := checked[0].Faults(); cells+rows > 0 {
		t.Error(faultsOf(checked[0]))
	}
}

func TestNothingToCheck(t *testing.T) {
	tr := genuine(t, "table1-four-way-close")
	fenced := append([]byte("```\n"), readFile(t, "..", "testdata", "genuine", "table1-four-way-close", "expected_table.md")...)
	for _, notes := range [][]byte{nil, []byte("| a | b |\n| - | - |\n| 1 | 2 |\n"), append(fenced, "```\n"...)} {
		if _, err := Check(notes, false, tr); !errors.Is(err, ErrNoTable) {
			t.Errorf("%.30q: %v", notes, err)
		}
	}
	for _, file := range []string{"", "[]", "{}", `{"cells": 3}`, `{"cells": [{"source": 1}]}`, `{"cells": [{"source": ["a"`} {
		if _, err := Check([]byte(file), true, tr); !errors.Is(err, ErrNotNotebook) {
			t.Errorf("%q: %v", file, err)
		}
	}
}

// FuzzCheck holds that nobody's notes can break the check.
func FuzzCheck(f *testing.F) {
	src, err := capture.Open(filepath.Join("..", "testdata", "genuine", "table1-four-way-close", "capture.pcap"), capture.OpenOptions{})
	if err != nil {
		f.Fatal(err)
	}
	tr, err := sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Shown: 16}, 1)
	if err != nil {
		f.Fatal(err)
	}
	notes, err := os.ReadFile(filepath.Join("testdata", "notebook.md"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(notes, false)
	f.Add([]byte(`{"cells": [{"cell_type": "markdown", "source": ["| Client: State | Server: State |\n", "|-|-|\n", "|CLOSED|?|"]}]}`), true)
	f.Fuzz(func(t *testing.T, notes []byte, isNotebook bool) {
		if len(notes) > 1<<16 {
			return
		}
		checked, err := Check(notes, isNotebook, tr)
		if err != nil {
			return
		}
		out := CheckDocument("x", checked, "es").AppendMarkdown(nil, document.MarkdownOptions{})
		if bytes.ContainsAny(out, "\x00\x1b") {
			t.Errorf("control bytes in %q", out)
		}
	})
}
