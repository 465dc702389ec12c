package render_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/render"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

var genuine = filepath.Join("..", "testdata", "genuine")

// traceWithCalls reads a genuine case with the journals beside it and the ones inside the capture.
func traceWithCalls(t *testing.T, name string, files ...string) *sessions.Trace {
	t.Helper()
	src, err := capture.Open(filepath.Join(genuine, name, "capture.pcap"), capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	tr, err := sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Shown: 16}, 1)
	if err != nil {
		t.Fatal(err)
	}
	sources := ladder.DeviceCalls(tr)
	for _, f := range files {
		r, err := os.Open(filepath.Join(genuine, name, f))
		if err != nil {
			t.Fatal(err)
		}
		j, err := journal.Read(f, r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, ladder.Source{Journal: *j, Side: sessions.NoSide})
	}
	ladder.AddCalls(tr, sources)
	return tr
}

// TestExpectedTables holds the notebook's tables of three real runs to the byte.
func TestExpectedTables(t *testing.T) {
	for name, files := range map[string][]string{
		"table1-four-way-close": {"strace.client.txt", "strace.server.txt"},
		"table2-nonblocking":    {"strace.client.txt", "strace.server.txt"},
		"pico-table1":           {"strace.client.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := traceWithCalls(t, name, files...)
			want, err := os.ReadFile(filepath.Join(genuine, name, "expected_table.md"))
			if err != nil {
				t.Fatal(err)
			}
			table := render.Ladder(tr.Sessions[0], tr, render.LadderOptions{Lang: "es", Columns: render.NotebookColumns})
			got := string(table.AppendMarkdown(nil, false))
			if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}
