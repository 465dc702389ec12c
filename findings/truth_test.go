package findings_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tcptrace/findings"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions/sessionstest/examples"
)

// TestBothEndsFindTheSame holds that the two captures of each run, with the calls of both programs, are explained by the same
// codes. In lost-syn the far end has no lost SYN to show: there the call tells of it.
func TestBothEndsFindTheSame(t *testing.T) {
	captures, _ := filepath.Glob(testfiles.Truth(t, "*", "capB.pcap"))
	if len(captures) < 5 {
		t.Fatalf("only %d runs", len(captures))
	}
	for _, b := range captures {
		run := filepath.Dir(b)
		at, far := codesOf(t, filepath.Join(run, "capA.pcap")), codesOf(t, b)
		if !slices.Equal(at, far) {
			t.Errorf("%s: %v from one end, %v from the other", filepath.Base(run), at, far)
		}
	}
}

// TestJournalsCorrectAdvice holds that nothing is advised that a journal shows to be done, and that an error is named as the
// program got it.
func TestJournalsCorrectAdvice(t *testing.T) {
	for _, c := range []struct{ run, code, fix, long string }{
		{"connect-retried", "time-wait", "The server sets `SO_REUSEADDR` before `bind()` already", ""},
		{"refused-nonblocking", "connection-refused", "", "by the journal, `s.connect((\"10.77.0.2\", 4000))` gave ECONNREFUSED"},
	} {
		found := findingsOf(t, testfiles.Truth(t, c.run, "capA.pcap"))
		i := slices.IndexFunc(found, func(f findings.Finding) bool { return f.Code == c.code })
		if i < 0 || !strings.Contains(found[i].Fix.EN, c.fix) || !strings.Contains(found[i].Long.EN, c.long) || c.fix != "" && found[i].Change != nil {
			t.Errorf("%s: %+v", c.run, found)
		}
	}
}

// codesOf are the codes of a run's capture.
func codesOf(t *testing.T, path string) (codes []string) {
	t.Helper()
	for _, f := range findingsOf(t, path) {
		codes = append(codes, f.Code)
	}
	slices.Sort(codes)
	return codes
}

// findingsOf explains a run's capture with the calls of its programs.
func findingsOf(t *testing.T, path string) []findings.Finding {
	t.Helper()
	return findings.Find(examples.Whole(t, path, examples.Journals(t, filepath.Dir(path))), findings.Options{})
}

// TestForecastHolds compares what loop-echo says of the corrected program with a genuine run of it: "at most" must be true,
// and not by far.
func TestForecastHolds(t *testing.T) {
	forecast, measured := 0.0, 0.0
	for _, f := range findingsOf(t, testfiles.Genuine(t, "pico-normal", "capture.pcap")) {
		if f.Code == "loop-echo" {
			forecast, _ = f.Number("deadline_rtt_s")
		}
	}
	fixed := examples.Genuine(t, "pico-fixed")
	for _, s := range fixed.Sessions {
		if s.Echo != nil && s.Echo.RTT.N > 0 {
			measured = s.Echo.RTT.Mean.Seconds()
		}
	}
	if measured == 0 || forecast < measured || forecast > 4*measured {
		t.Errorf("forecast %.4f s, measured %.4f s", forecast, measured)
	}
}
