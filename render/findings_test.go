package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcptrace/findings"
	"tcptrace/internal/testfiles"
	"tcptrace/render/data"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/sessions/sessionstest/examples"
)

func exampleFindings() []findings.Finding {
	return []findings.Finding{
		{
			Code: "loop-echo", Severity: findings.Warning, Sessions: []int{1, 2}, Frames: []int64{20, 30, 40, 50, 60, 70, 80},
			Numbers: []findings.Number{{Name: "echoes", Value: 8}, {Name: "loop_s", Value: 0.47}, {Name: "chance", Value: 3e-26}},
			Text:    findings.Text{ES: "Esperó a `sleep(1)`.", EN: "It waited for `sleep(1)`."},
			Long:    findings.Text{ES: "Párrafo.", EN: "Paragraph."},
			Fix:     findings.Text{ES: "Cambie `a|b`.", EN: "Change `a|b`."},
			Splits:  []rhythm.Split{{Session: 2, RequestFrame: 20, ReplyFrame: 30, RTT: 500 * time.Millisecond, Network: 5 * time.Millisecond, Loop: 490 * time.Millisecond, Program: 5 * time.Millisecond, WithDeadline: 10 * time.Millisecond}},
		},
		{Code: "time-wait", Severity: findings.Info, Sessions: []int{2}, Text: findings.Text{ES: "Cerró <b>.", EN: "Closed <b>."}},
	}
}

// TestFindingsInReport holds that the findings follow the capture's health, one line each, in their order.
func TestFindingsInReport(t *testing.T) {
	out := string(Report(examples.Healthy(), ReportOptions{Lang: "en", Findings: exampleFindings()}).AppendMarkdown(nil, document.MarkdownOptions{}))
	want := "## What happened and why\n\nWorst first; `tcptrace explain` shows the long explanation of each code.\n\n" +
		"- **warning** `loop-echo`: It waited for `sleep(1)`. (sessions 1, 2; frames 20, 30, 40, 50, 60, 70, …)\n" +
		"- **good to know** `time-wait`: Closed &lt;b>. (session 2)\n"
	health, found, table := strings.Index(out, "## The capture"), strings.Index(out, want), strings.Index(out, "## The sessions")
	if health < 0 || found < health || table < found {
		t.Errorf("health at %d, findings at %d, sessions at %d in\n%s", health, found, table, out)
	}
	if out := string(Report(examples.Healthy(), ReportOptions{Lang: "en"}).AppendMarkdown(nil, document.MarkdownOptions{})); strings.Contains(out, "What happened") {
		t.Error("a heading without findings")
	}
}

// TestFindingsJSON holds the object of docs/report.md.
func TestFindingsJSON(t *testing.T) {
	var out bytes.Buffer
	if err := data.WriteJSON(&out, examples.Healthy(), data.JSONOptions{Findings: exampleFindings()}); err != nil {
		t.Fatal(err)
	}
	type both struct{ Es, En string }
	type wire struct {
		Code, Severity  string
		Sessions        []int
		Count           int `json:"session_count"`
		Frames          []int64
		Numbers         map[string]float64
		Text, Long, Fix *both
		Splits          []map[string]float64
	}
	var got struct{ Findings []json.RawMessage }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in\n%s", err, out.String())
	}
	var list []wire
	for _, raw := range got.Findings {
		var w wire
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&w); err != nil {
			t.Fatal(err)
		}
		if len(w.Splits) > 0 && (w.Splits[0]["rtt_s"] != 0.5 || w.Splits[0]["loop_s"] != 0.49) {
			t.Errorf("splits %v", w.Splits)
		}
		w.Long, w.Splits = nil, nil
		list = append(list, w)
	}
	want := []wire{
		{"loop-echo", "warning", []int{1, 2}, 0, []int64{20, 30, 40, 50, 60, 70, 80}, map[string]float64{"echoes": 8, "loop_s": 0.47, "chance": 3e-26},
			&both{"Esperó a `sleep(1)`.", "It waited for `sleep(1)`."}, nil, &both{"Cambie `a|b`.", "Change `a|b`."}, nil},
		{"time-wait", "info", []int{2}, 0, []int64{}, map[string]float64{}, &both{"Cerró <b>.", "Closed <b>."}, nil, nil, nil},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
}

// TestExplainDocument holds the long form in both languages.
func TestExplainDocument(t *testing.T) {
	tr := examples.Healthy()
	tr.Sessions[1].Steps = []sessions.Step{{Frame: 30, Time: examples.Start, From: sessions.Server, Length: 9, Marks: sessions.MarkNewData,
		States: sessions.Pair[sessions.State]{sessions.Established, sessions.Established}}}
	for _, lang := range []string{"es", "en"} {
		testfiles.Golden(t, "testdata/explain."+lang+".md", Explain(tr, exampleFindings(), lang).AppendMarkdown(nil, document.MarkdownOptions{}))
		testfiles.Golden(t, "testdata/explain.none."+lang+".md", Explain(tr, nil, lang).AppendMarkdown(nil, document.MarkdownOptions{}))
		testfiles.Golden(t, "testdata/explain.list."+lang+".md", Kinds(lang).AppendMarkdown(nil, document.MarkdownOptions{}))
	}
}
