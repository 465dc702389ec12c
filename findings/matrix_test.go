package findings

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tcptrace/capture"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/sessionstest/examples"
)

var genuine = filepath.Join("..", "testdata", "genuine")

// read tracks a capture with every session's steps, and lays journals on it.
func read(t testing.TB, src capture.Source, calls []ladder.Source) *sessions.Trace {
	t.Helper()
	defer src.Close()
	tr, err := sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Shown: 100, Samples: true}, 1)
	var damage *capture.Damage
	if err != nil && !errors.As(err, &damage) {
		t.Fatal(err)
	}
	calls = append(calls, ladder.DeviceCalls(tr)...)
	if len(calls) > 0 {
		ladder.AddCalls(tr, calls)
	}
	return tr
}

func genuineTrace(t testing.TB, name string) *sessions.Trace {
	t.Helper()
	folder := filepath.Join(genuine, name)
	found, _ := filepath.Glob(filepath.Join(folder, "capture.pcap*"))
	if len(found) != 1 {
		t.Fatalf("%s: %d captures", name, len(found))
	}
	src, err := capture.Open(found[0], capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return read(t, src, examples.Journals(t, folder))
}

func codesOf(found []Finding) (codes []string) {
	for _, f := range found {
		if !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	slices.Sort(codes)
	return codes
}

// expected are the codes that the description of each genuine case implies; refused are those that it contradicts.
var expected = map[string][]string{
	"addrinuse-timewait":       {"addr-in-use", "connection-refused", "time-wait"},
	"nonblocking-partial-send": {"partial-send", "zero-window", "time-wait"},
	"pico-4k":                  {"message-split", "nagle-tail", "out-of-step", "unread-at-close", "loop-period", "loop-echo"},
	"pico-cyw43-trace":         {"loop-period", "time-wait"},
	"pico-early-4k":            {"late-accept", "early-data-dropped", "message-split", "nagle-tail", "loop-period", "time-wait"},
	"pico-firewall":            {"silent-drop"},
	"pico-fixed":               {"time-wait"},
	"pico-journal-udp":         {"loop-period", "time-wait"},
	"pico-no-server":           {"connection-refused"},
	"pico-normal":              {"loop-echo", "loop-period", "spurious-retransmission", "time-wait"},
	"pico-second-client":       {"second-client", "spurious-retransmission", "loop-period", "time-wait"},
	"pico-server-killed":       {"peer-closed-ignored", "loop-period"},
	"pico-server-rst":          {"abort", "loop-period"},
	"pico-table1":              {"time-wait"},
	"pico-two-gap":             {"queue-full-reset", "late-accept", "loop-period"},
	"table1-blocking-yy":       {"time-wait"},
	"table1-four-way-close":    {"time-wait"},
	"table2-nonblocking":       {"time-wait"},
	"unix-lo-strace":           {"loop-echo", "loop-period", "unread-at-close", "time-wait"},
	"unix-server-killed":       {"peer-closed-ignored", "send-error-hidden", "loop-period"},
}

// tolerated may be found beside what the description names: they are true there too.
var tolerated = map[string][]string{
	"nonblocking-partial-send": {"offload", "spurious-retransmission"}, // loopback segments of 32 KB; one repeat against the closed window
	"pico-early-4k":            {"loop-echo"},
	"pico-second-client":       {"loop-echo"},
	"unix-lo-strace":           {"program-died"},            // the PC's server, by the RST: ConnectionResetError
	"pico-journal-udp":         {"spurious-retransmission"}, // 211 ms after the original, answered at once
}

func TestMatrix(t *testing.T) {
	cases, err := os.ReadDir(genuine)
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]string{}
	var names []string
	for _, c := range cases {
		name := c.Name()
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			tr := genuineTrace(t, name)
			found := Find(tr, Options{})
			codes := codesOf(found)
			columns[name] = codes
			want, known := expected[name]
			if !known {
				t.Fatal("a genuine case without expectations")
			}
			for _, code := range want {
				if !slices.Contains(codes, code) {
					t.Errorf("%s is missing", code)
				}
			}
			for _, code := range codes {
				if !slices.Contains(want, code) && !slices.Contains(tolerated[name], code) {
					t.Errorf("%s was not expected", code)
				}
			}
			checkFindings(t, tr, found)
		})
	}
	compare(t, filepath.Join("testdata", "matrix.md"), matrix(names, columns))
}

// matrix writes the table of cases against codes.
func matrix(names []string, columns map[string][]string) []byte {
	var b bytes.Buffer
	b.WriteString("# Genuine captures and the codes found in them\n\nWritten by `go test ./findings -update`. Codes without a case here have a script in `scripts_test.go`.\n\n| Code | Cases |\n| --- | --- |\n")
	for _, k := range kinds {
		var in []string
		for _, n := range names {
			if slices.Contains(columns[n], k.Code) {
				in = append(in, n)
			}
		}
		fmt.Fprintf(&b, "| %s | %s |\n", k.Code, strings.Join(in, ", "))
	}
	b.WriteString("\n| Case | Codes |\n| --- | --- |\n")
	for _, n := range names {
		fmt.Fprintf(&b, "| %s | %s |\n", n, strings.Join(columns[n], ", "))
	}
	return b.Bytes()
}

// compare holds a file of testdata to what was made now.
func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *testfiles.Update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the findings are now; look, then run with -update", path)
	}
}

// checkFindings holds what is true of every finding.
func checkFindings(t *testing.T, tr *sessions.Trace, found []Finding) {
	t.Helper()
	severity := Error
	for _, f := range found {
		if f.Severity > severity || f.Severity == 0 {
			t.Errorf("%s: severity %v after %v", f.Code, f.Severity, severity)
		}
		severity = f.Severity
		for _, text := range []string{f.Text.ES, f.Text.EN, f.Long.ES, f.Long.EN} {
			if text == "" || strings.Contains(text, "%!") || strings.Contains(text, "NaN") {
				t.Errorf("%s: text %q", f.Code, text)
			}
		}
		if f.Text.ES == f.Text.EN || f.Long.ES == f.Long.EN || (f.Fix.ES == "") != (f.Fix.EN == "") {
			t.Errorf("%s is not in both languages", f.Code)
		}
		if !slices.IsSorted(f.Sessions) || !slices.IsSorted(f.Frames) || len(f.Frames) > MaxFrames {
			t.Errorf("%s: sessions %v, frames %v", f.Code, f.Sessions, f.Frames)
		}
		for _, n := range f.Frames {
			if n > tr.Capture.Packets {
				t.Errorf("%s: frame %d of %d", f.Code, n, tr.Capture.Packets)
			}
		}
		for _, n := range f.Numbers {
			if n.Value != n.Value || n.Value < 0 {
				t.Errorf("%s: %s = %v", f.Code, n.Name, n.Value)
			}
		}
	}
}

var picoOnly = []string{"loop-echo", "loop-period", "late-accept", "message-split", "nagle-tail", "out-of-step", "second-client",
	"single-accept", "backlog-growing", "program-died"}

// TestThirdParty holds that captures of other people's traffic say nothing about a Pico or the notebook's programs.
func TestThirdParty(t *testing.T) {
	root := testfiles.Corpus(t)
	files, total := 0, map[string]int{}
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(filepath.Base(path), ".pcap") && !strings.HasSuffix(path, ".cap") || strings.Contains(path, "truth") {
			return nil
		}
		if testing.Short() && files >= 100 {
			return fs.SkipAll
		}
		src, err := capture.Open(path, capture.OpenOptions{})
		if err != nil {
			return nil
		}
		tr, err := sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Shown: 64}, 1)
		src.Close()
		var damage *capture.Damage
		if err != nil && !errors.As(err, &damage) && !errors.Is(err, io.EOF) {
			return nil
		}
		files++
		found := Find(tr, Options{})
		for _, f := range found {
			k, _ := KindOf(f.Code)
			total[f.Code]++
			// Made up to hurt parsers, some of them on the notebook's ports: no traffic of anybody.
			if strings.Contains(path, "malformed") {
				continue
			}
			if k.Pico || slices.Contains(picoOnly, f.Code) || strings.Contains(f.Text.EN, "the Pico") {
				t.Errorf("%s: %s: %s", path, f.Code, f.Text.EN)
			}
		}
		checkFindings(t, tr, found)
		return nil
	})
	t.Logf("%d captures: %v", files, total)
	if files < 50 {
		t.Errorf("only %d captures were read", files)
	}
}
