package live

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/internal/testfiles"
	"tcptrace/render"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// codes are the findings of a trace, with their texts and counts.
func codes(found []findings.Finding) (out []string) {
	for _, f := range found {
		out = append(out, fmt.Sprintf("%s %d %s", f.Code, f.Count, f.Text.EN))
	}
	return out
}

// TestLiveIsTheReportSoFar holds that a snapshot at the end of a capture has the numbers and findings of its report, and
// that the status line names the report's cadence and whose it is.
func TestLiveIsTheReportSoFar(t *testing.T) {
	for name, want := range map[string]string{"pico-normal": "1.006 s) #1", "pico-fixed": "1.000 s) #1", "pico-second-client": "#1", "table1-blocking-yy": "–"} {
		src, err := capture.Open(testfiles.Genuine(t, name, "capture.pcap"), capture.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c := findings.NewCollector()
		o := sessions.Options{Shown: sessions.DefaultShown, OnStep: func(_, _ netip.AddrPort, _ *sessions.Step) {}}
		c.Watch(&o)
		tracker := sessions.NewTracker(o, 1)
		rows := NewRows("en", &screen.Screen{Width: 80, Height: 24}, nil)
		ev := new(capture.Event)
		for n := 0; ; n++ {
			if err := src.Next(ev); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			tracker.Add(ev)
			if n%40 == 0 {
				tracker.Snapshot(src.Info()) // a look does not change what comes after it
			}
		}
		so := tracker.Snapshot(src.Info())
		rows.Update(so)
		if got := rows.Numbers(); !strings.Contains(got, want) {
			t.Errorf("%s: %s", name, got)
		}
		ladder.AddCalls(so, ladder.DeviceCalls(so))
		live := codes(findings.Find(so, findings.Options{Collector: c}))
		tr := tracker.Finish(src.Info())
		ladder.AddCalls(tr, ladder.DeviceCalls(tr))
		report := codes(findings.Find(tr, findings.Options{Collector: c}))
		if !slices.Equal(live, report) {
			t.Errorf("%s: live says\n%s\nand the report\n%s", name, strings.Join(live, "\n"), strings.Join(report, "\n"))
		}
		for i, s := range so.Sessions {
			r := tr.Sessions[i]
			if s.UID != r.UID || s.ID != r.ID || s.Bytes != r.Bytes || (s.Cadence == nil) != (r.Cadence == nil) ||
				s.Cadence != nil && s.Cadence.Period != r.Cadence.Period || s.Echo != nil && s.Echo.RTT != r.Echo.RTT {
				t.Errorf("%s: session %d differs", name, s.ID)
			}
		}
		if c := tr.Sessions[0].Cadence; c != nil && c.Period.N > 0 && name != "table1-blocking-yy" {
			if mean := render.WordsFor("en").Duration(c.Period.Mean); !strings.Contains(rows.Numbers(), mean) {
				t.Errorf("%s: the status line has no %s: %s", name, mean, rows.Numbers())
			}
		}
		src.Close()
	}
}

// TestLiveFinder holds that a reason is told while the capture runs, and once.
func TestLiveFinder(t *testing.T) {
	src, err := capture.Open(testfiles.Genuine(t, "pico-normal", "capture.pcap"), capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var said []string
	c := findings.NewCollector()
	o := sessions.Options{Shown: sessions.DefaultShown}
	c.Watch(&o)
	f := &Finder{Tracker: sessions.NewTracker(o, 1), Collector: c, Info: src.Info, Numbers: func(*sessions.Trace) {}, Lang: "en",
		Print: func(text string) { said = append(said, text) }}
	ev := new(capture.Event)
	now := time.Unix(0, 0)
	for src.Next(ev) == nil {
		f.Tracker.Add(ev)
		now = now.Add(findEvery)
		f.Refresh(now)
	}
	if !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, ">> loop-echo: ") }) {
		t.Fatalf("loop-echo was not told: %q", said)
	}
	seen := map[string]bool{}
	for _, s := range said {
		code, _, _ := strings.Cut(s, ":")
		if seen[code] {
			t.Errorf("told twice: %s", s)
		}
		seen[code] = true
	}
}
