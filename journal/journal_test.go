package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcptrace/internal/testfiles"
)

// dump writes a journal as text, one line per entry.
func dump(j *Journal) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d entries, lost %d, ended %q\n", j.Kind, len(j.Entries), j.Lost, j.Ended)
	for _, e := range j.Entries {
		b.WriteString(dumpEntry(&e))
		b.WriteByte('\n')
	}
	for _, p := range j.Problems {
		fmt.Fprintf(&b, "problem %d: %s\n", p.Line, p.What)
	}
	return b.String()
}

// dumpEntry writes all that an entry says, leaving out what it does not.
func dumpEntry(e *Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%4d %d.%09d", e.Line, e.Start/1e9, e.Start%1e9)
	if e.HasEnd {
		fmt.Fprintf(&b, " +%d.%09d", e.Duration/1e9, e.Duration%1e9)
	}
	show := func(when bool, format string, args ...any) {
		if when {
			fmt.Fprintf(&b, " "+format, args...)
		}
	}
	show(e.Process != 0, "p%d", e.Process)
	show(e.Run != 0, "run%d", e.Run)
	show(e.Late, "late")
	show(e.Device, "device")
	show(e.HasSeen, "seen %d.%06d", e.Seen/1e9, e.Seen%1e9/1e3)
	show(e.Dialect == MicroPython, "mp")
	show(e.Socket != 0, "s%d", e.Socket)
	show(e.FD >= 0, "fd%d", e.FD)
	fmt.Fprintf(&b, " #%d %s", e.Call, e.Args)
	show(e.Asked != 0, "asked %d", e.Asked)
	show(e.Returns && e.Errno == "", "= %d", e.Value)
	show(e.Errno != "", "! %s", e.Errno)
	show(!e.Returns, "= ?")
	show(e.New != 0, "new s%d", e.New)
	show(e.Data != nil, "data %q", e.Data)
	show(e.Addr().IsValid(), "addr %s", e.Addr())
	show(e.Local().IsValid(), "local %s", e.Local())
	show(e.Remote().IsValid(), "remote %s", e.Remote())
	show(e.Polled() != nil, "polled %v", e.Polled())
	show(e.Ready() != nil, "ready %v", e.Ready())
	show(e.Text() != "", "text %s", e.Text())
	return b.String()
}

// readText reads a journal from text and fails the test when it cannot.
func readText(t *testing.T, text string) *Journal {
	t.Helper()
	j, err := Read("test", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// entriesOf is the dump without its head and tail.
func entriesOf(j *Journal) []string {
	var lines []string
	for _, e := range j.Entries {
		lines = append(lines, strings.TrimSpace(dumpEntry(&e)))
	}
	return lines
}

// TestGolden reads journals of real runs.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files in testdata, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimPrefix(filepath.ToSlash(file), "testdata/"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			j, err := Read(filepath.Base(file), bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			checkJournal(t, j)
			got := dump(j)
			golden := strings.TrimSuffix(file, ".txt") + ".golden"
			if *testfiles.Update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
