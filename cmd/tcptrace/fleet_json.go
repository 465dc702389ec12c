package main

import (
	"encoding/json"
	"io"

	"tcptrace/fleet"
	"tcptrace/render/data"
	"tcptrace/sessions"
)

// A groupObject is a group of sessions in JSON. Durations are nanoseconds, null where there are none.
type groupObject struct {
	Labels        map[string]string `json:"labels"`
	Sessions      int64             `json:"sessions"`
	Resets        int64             `json:"resets"`
	Echoes        int64             `json:"echo_n"`
	EchoP50       *int64            `json:"echo_p50_ns"`
	EchoP95       *int64            `json:"echo_p95_ns"`
	EchoP99       *int64            `json:"echo_p99_ns"`
	Intervals     int64             `json:"period_n"`
	PeriodP50     *int64            `json:"period_p50_ns"`
	Missed        int64             `json:"missed"`
	Retransmitted [2]int64          `json:"retransmitted"`
	Packets       [2]int64          `json:"packets"`
	Bytes         [2]int64          `json:"bytes"`
}

func groupObjects(all []fleet.Summary, by []string) []groupObject {
	out := []groupObject{}
	for i := range all {
		o := totalsObject(&all[i].Digest)
		o.Resets = all[i].Resets()
		for k, name := range by {
			o.Labels[name] = all[i].Key[k]
		}
		out = append(out, o)
	}
	return out
}

func totalsObject(d *sessions.Digest) groupObject {
	st := d.Stats()
	known := func(n, v int64) *int64 {
		if n == 0 {
			return nil
		}
		return &v
	}
	e, p := &st.EchoRTT, &st.CadencePeriod
	return groupObject{Labels: map[string]string{}, Sessions: st.Sessions, Echoes: e.N, EchoP50: known(e.N, int64(e.P50)), EchoP95: known(e.N, int64(e.P95)),
		EchoP99: known(e.N, int64(e.P99)), Intervals: p.N, PeriodP50: known(p.N, int64(p.P50)), Missed: st.Missed, Retransmitted: st.Retransmitted,
		Packets: st.Packets, Bytes: st.Bytes}
}

// A changeObject is a difference in JSON.
type changeObject struct {
	Labels     map[string]string `json:"labels"`
	What       string            `json:"what"`
	Before     float64           `json:"before"` // a share, or seconds
	After      float64           `json:"after"`
	N          [2]int64          `json:"n"`
	Regression bool              `json:"regression"`
}

func changeObjects(all []fleet.Change, by []string) []changeObject {
	out := []changeObject{}
	for i := range all {
		c := &all[i]
		o := changeObject{Labels: map[string]string{}, What: c.What, Before: c.Before, After: c.After, N: c.N, Regression: c.Regression}
		for k, name := range by {
			o.Labels[name] = c.Key[k]
		}
		out = append(out, o)
	}
	return out
}

// writeFleetSummary writes summary.json.
func writeFleetSummary(w io.Writer, m *fleet.Merged) error {
	problems := m.Problems
	if problems == nil {
		problems = []fleet.FileRow{}
	}
	found := m.Found
	if found == nil {
		found = []fleet.Code{}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	total := &sessions.Summary{Totals: m.Digest.Stats(), Digest: &m.Digest}
	return e.Encode(struct {
		Schema   string          `json:"schema"`
		Rings    int             `json:"rings"`
		Files    int             `json:"files"`
		Damaged  int             `json:"damaged_files"`
		Gaps     int             `json:"gaps"`
		Packets  int64           `json:"packets"`
		Summary  json.RawMessage `json:"summary"` // as report --summary has it
		Findings []fleet.Code    `json:"findings"`
		Top      []fleet.Row     `json:"top"`
		Problems []fleet.FileRow `json:"problems"`
	}{fleet.Schema, m.Rings, m.Files, len(m.Problems), m.Gaps, m.Packets, data.Summary(total), found, m.Top, problems})
}
