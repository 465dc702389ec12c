package findings_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
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

// codesOf are the codes of a run's capture.
func codesOf(t *testing.T, path string) (codes []string) {
	t.Helper()
	src, err := capture.Open(path, capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	tr, err := sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Shown: 100, Samples: true}, 1)
	if err != nil {
		t.Fatal(err)
	}
	ladder.AddCalls(tr, examples.Journals(t, filepath.Dir(path)))
	for _, f := range findings.Find(tr, findings.Options{}) {
		codes = append(codes, f.Code)
	}
	slices.Sort(codes)
	return codes
}
