package data

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tcptrace/internal/testfiles"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest/examples"
)

var csvFiles = map[string]func(io.Writer, *sessions.Trace, *Spool) error{
	"sessions.csv": WriteSessionsCSV, "echoes.csv": WriteEchoesCSV, "beats.csv": WriteBeatsCSV,
}

func writeCSV(t *testing.T, name string, tr *sessions.Trace) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := csvFiles[name](&b, tr, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCSVGolden(t *testing.T) {
	for name := range csvFiles {
		testfiles.Golden(t, "testdata/"+name, writeCSV(t, name, examples.Healthy()))
	}
}

// TestCSVShape holds that every line has a value for every column and none is a formula.
func TestCSVShape(t *testing.T) {
	for name, tr := range examples.All() {
		for file := range csvFiles {
			out := writeCSV(t, file, tr)
			records, err := csv.NewReader(bytes.NewReader(out)).ReadAll() // checks the number of columns
			if err != nil {
				t.Errorf("%s of %s: %v", file, name, err)
			}
			for _, record := range records {
				for _, c := range record {
					checkCSVCell(t, c)
				}
			}
			if i := bytes.IndexFunc(out, func(r rune) bool { return r < ' ' && r != '\n' || r == '<' || r == 0x1b }); i >= 0 {
				t.Errorf("%s of %s: %q passed", file, name, out[i])
			}
		}
	}
}

type failer interface{ Errorf(string, ...any) }

func checkCSVCell(t failer, c string) {
	if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") && strings.Trim(c[1:], "0123456789.") != "" {
		t.Errorf("a formula: %q", c)
	}
}

func TestGuarded(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "-0.005": "-0.005", "+57": "+57",
		"-inf": "'-inf", "-": "-", "Echo:": "Echo:", "": "", "＝1": "'＝1", "-0x1p-2": "'-0x1p-2"} {
		if got := document.SpreadsheetText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		checkCSVCell(t, document.SpreadsheetText(document.PrintableWith(rapid.String().Draw(t, "text"), document.NameAlphabet)))
	})
}

// TestBeatsLeftOut holds that the beats after a cap keep their numbers and have no interval across it.
func TestBeatsLeftOut(t *testing.T) {
	tr := &sessions.Trace{Sessions: []*sessions.Session{{ID: 1, Cadence: &sessions.Cadence{TimesLeftOut: 10,
		Times: []int64{0, int64(time.Second), int64(12 * time.Second), int64(13 * time.Second)}}}}}
	records, err := csv.NewReader(bytes.NewReader(writeCSV(t, "beats.csv", tr))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records[1:] {
		got = append(got, r[6]+" "+r[9])
	}
	if want := "1 |2 1.000000000|13 |14 1.000000000"; strings.Join(got, "|") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
