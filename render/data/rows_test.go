package data

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"testing"

	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/sessionstest/examples"
)

// tables builds the unfolded ladders of a trace.
func tables(t *sessions.Trace) func(*sessions.Session) *ladder.Table {
	return func(s *sessions.Session) *ladder.Table { return ladder.Build(s, t, ladder.Options{All: true}) }
}

// TestRowsGolden holds the table of a genuine run, as JSON and as CSV.
func TestRowsGolden(t *testing.T) {
	tr := examples.Genuine(t, "table2-nonblocking")
	tr.Capture.File = "capture.pcap"
	var out bytes.Buffer
	if err := WriteJSON(&out, tr, JSONOptions{NoSamples: true, Table: tables(tr)}); err != nil {
		t.Fatal(err)
	}
	testfiles.Golden(t, "testdata/rows.json", out.Bytes())
	out.Reset()
	if err := WriteRowsCSV(&out, tr, tables(tr)); err != nil {
		t.Fatal(err)
	}
	testfiles.Golden(t, "testdata/rows.csv", out.Bytes())
}

// TestRowsAgree holds that JSON and CSV have the same rows, and that a row for every kept step is there.
func TestRowsAgree(t *testing.T) {
	for _, name := range []string{"pico-normal", "table1-four-way-close", "pico-second-client", "addrinuse-timewait"} {
		tr := examples.Genuine(t, name)
		var asJSON, asCSV bytes.Buffer
		if err := WriteJSON(&asJSON, tr, JSONOptions{NoSamples: true, Table: tables(tr)}); err != nil {
			t.Fatal(err)
		}
		if err := WriteRowsCSV(&asCSV, tr, tables(tr)); err != nil {
			t.Fatal(err)
		}
		var report struct {
			Sessions []struct {
				Rows []struct {
					Frame  *int64
					Client struct{ State *string }
				}
			}
		}
		if err := json.Unmarshal(asJSON.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(&asCSV).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		rows, frames, steps := 0, 0, 0
		for i, s := range report.Sessions {
			rows += len(s.Rows)
			steps += len(tr.Sessions[i].Steps)
			for _, r := range s.Rows {
				if r.Frame != nil {
					frames++
				}
			}
		}
		if rows != len(lines)-1 || frames < steps {
			t.Errorf("%s: %d rows in JSON, %d in CSV, %d with frames of %d steps", name, rows, len(lines)-1, frames, steps)
		}
	}
}
