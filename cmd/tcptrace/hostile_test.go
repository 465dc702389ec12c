package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tcptrace/internal/testfiles"
)

// malformed is a folder of the corpus of captures that are broken on purpose, which not every machine has.
func malformed(t *testing.T, parts ...string) string {
	t.Helper()
	return testfiles.Corpus(t, append([]string{"malformed"}, parts...)...)
}

// A printed is what one command line gave.
type printed struct {
	code     int
	out, err string
}

// command runs one command line within the test's process, without a terminal and in English.
func command(t *testing.T, args ...string) printed {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, newUI(strings.NewReader(""), &out, &errs, func(string) string { return "" }))
	return printed{code, out.String(), errs.String()}
}

// goTrace is what no user should ever see.
var goTrace = regexp.MustCompile(`goroutine \d+|panic:|runtime error|\.go:\d+`)

// checkEnd holds what is common to all ends of a report: an exit code of its own kind, no Go trace, and words when
// something was wrong.
func checkEnd(t *testing.T, path string, p printed, allowed ...int) {
	t.Helper()
	if !slices.Contains(allowed, p.code) {
		t.Errorf("%s: exit code %d, want one of %v\n%s", path, p.code, allowed, p.err)
	}
	if m := goTrace.FindString(p.err + p.out); m != "" {
		t.Errorf("%s: %q in the output\n%s", path, m, p.err)
	}
	if p.code != exitOK && !strings.Contains(p.err, filepath.Base(path)) {
		t.Errorf("%s: exit code %d and no word that names the file: %q", path, p.code, p.err)
	}
	if p.code == exitDamaged && !regexp.MustCompile(`(packet|paquete) \d+.*(offset|posición) \d+`).MatchString(p.err) {
		t.Errorf("%s: damage without packet and offset: %q", path, p.err)
	}
}

// expectations are the exit codes that the corpus's README gives to each kind of hostile file.
var expectations = map[string][]int{
	"E": {exitNotCapture}, "P": {exitDamaged}, "OK": {exitOK, exitLimit}, "B": {exitOK, exitLimit}, "I": {exitOK},
	"OK|P": {exitOK, exitDamaged}, "any": {exitOK, exitDamaged, exitNotCapture, exitLimit},
}

// TestHostileFiles holds what is said of every file that was made to break readers.
func TestHostileFiles(t *testing.T) { checkHostile(t, testfiles.Hostile(t)) }

// TestHostileCorpus does the same with the corpus, which has larger ones.
func TestHostileCorpus(t *testing.T) { checkHostile(t, malformed(t, "_made")) }

func checkHostile(t *testing.T, dir string) {
	t.Helper()
	table, err := os.ReadFile(filepath.Join(dir, "EXPECT.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
		name, rest, _ := strings.Cut(row, "\t")
		expect, _, _ := strings.Cut(rest, "\t")
		kind, count, _ := strings.Cut(expect, ":")
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			p := command(t, "report", path, "--format", "json")
			checkEnd(t, path, p, expectations[kind]...)
			checkPackets(t, p, count)
			if again := command(t, "report", path); again.code != p.code {
				t.Errorf("exit code %d for JSON, %d for Markdown", p.code, again.code)
			}
		})
	}
}

// checkPackets compares the JSON's number of packets; with no expectation the JSON must only be whole.
func checkPackets(t *testing.T, p printed, count string) {
	t.Helper()
	if p.code == exitNotCapture {
		if p.out != "" {
			t.Errorf("output for what is no capture: %.80q", p.out)
		}
		return
	}
	var doc struct{ Capture struct{ Packets int64 } }
	if err := json.Unmarshal([]byte(p.out), &doc); err != nil {
		t.Fatalf("the JSON does not parse: %v", err)
	}
	if want, err := strconv.ParseInt(count, 10, 64); err == nil && doc.Capture.Packets != want {
		t.Errorf("%d packets, want %d", doc.Capture.Packets, want)
	}
}

// TestMalformedFiles only survives what fuzzers have found in other readers.
func TestMalformedFiles(t *testing.T) {
	files := 0
	err := filepath.WalkDir(malformed(t), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.Contains(path, "_made") {
			return err
		}
		files++
		for _, args := range [][]string{{"--format", "json"}, {"--lang", "es"}, {"--summary"}} {
			checkEnd(t, path, command(t, append([]string{"report", path}, args...)...),
				exitOK, exitDamaged, exitNotCapture, exitLimit)
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files, %v", files, err)
	}
}

// TestReportComesLast holds that a folder in which something could not be written has no report that links to it.
func TestReportComesLast(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "echo.svg"), 0o700); err != nil { // in the way of a plot
		t.Fatal(err)
	}
	capture := filepath.Join("..", "..", "testdata", "genuine", "pico-normal", "capture.pcap")
	if p := command(t, "report", capture, "-o", dir); p.code != exitOutput || !strings.Contains(p.err, "echo.svg") {
		t.Errorf("exit code %d, %s", p.code, p.err)
	}
	if _, err := os.Stat(filepath.Join(dir, "report.md")); !os.IsNotExist(err) {
		t.Errorf("report.md is there: %v", err)
	}
}

// TestMaxUnpackedIsPositive holds that a limit below zero is refused, and not taken for one that was hit.
func TestMaxUnpackedIsPositive(t *testing.T) {
	if p := command(t, "report", "-", "--max-unpacked", "-5"); p.code != exitUsage || !strings.Contains(p.err, "-5") {
		t.Errorf("exit code %d, %s", p.code, p.err)
	}
}
