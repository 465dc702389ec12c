package lecture

import (
	"os"
	"testing"

	"tcptrace/internal/testfiles"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest/examples"
)

// TestOwnTablesAreRight checks the tables that the ladder writes of every genuine run against that run, whole and in parts, in both
// languages: no cell may be marked. The run of nonblocking-partial-send is left out: a send() of 4 MB leaves in a hundred segments, and a
// check of notes ties a call to one.
func TestOwnTablesAreRight(t *testing.T) {
	entries, err := os.ReadDir(testfiles.Genuine(t))
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "nonblocking-partial-send" {
			continue
		}
		tr := examples.Genuine(t, e.Name())
		for _, s := range tr.Sessions {
			if len(s.Steps) == 0 {
				continue
			}
			alone := *tr
			alone.Sessions = []*sessions.Session{s}
			for _, lang := range []string{"es", "en"} {
				o := render.LadderOptions{Lang: lang, Columns: render.NotebookColumns}
				whole := render.Ladder(s, tr, o)
				parts := document.Document{Lang: lang}
				for _, part := range render.LadderTables(s, tr, o) {
					parts.Add(document.TableBlock{Table: part})
				}
				texts := [][]byte{whole.AppendMarkdown(nil, false), parts.AppendMarkdown(nil, document.MarkdownOptions{})}
				for _, text := range texts {
					checked, err := Check(text, false, &alone)
					if err != nil {
						t.Errorf("%s, session %d: %v", e.Name(), s.ID, err)
						continue
					}
					for _, c := range checked {
						tables++
						if cells, rows := c.Faults(); cells+rows > 0 {
							t.Errorf("%s, session %d, %s: %d cells and %d rows are marked: %v", e.Name(), s.ID, lang, cells, rows, faultsOf(c))
						}
					}
				}
			}
		}
	}
	if tables < 50 {
		t.Errorf("only %d tables", tables)
	}
}
