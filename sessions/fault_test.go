package sessions_test

import (
	"bytes"
	"errors"
	"sync/atomic"
	"testing"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest"
)

// TestAPanicIsAFault lets the user of a tracker panic in the midst of many sessions: the run ends with a fault that names the
// packet, with the sessions that were good, and without a panic, in whichever goroutine it was.
func TestAPanicIsAFault(t *testing.T) {
	var raw bytes.Buffer
	w := sessionstest.NotebookWorkload()
	w.Packets, w.Sessions, w.Concurrent = 20_000, 200, 50
	if err := sessionstest.Generate(&raw, w); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 4} {
		var seen atomic.Int64
		o := sessions.Options{Summary: true, OnSession: func(s *sessions.Session) {
			if s.FirstFrame > 500 {
				panic("here")
			}
			seen.Add(1)
		}}
		src, err := capture.NewSource("x", bytes.NewReader(raw.Bytes()), capture.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		tr, err := sessions.Run(t.Context(), src, o, workers)
		var fault *sessions.Fault
		if !errors.As(err, &fault) || fault.What != "here" || fault.Frame <= 500 || fault.Stack == "" {
			t.Fatalf("%d workers: %v", workers, err)
		}
		if tr == nil || tr.Summary == nil || tr.Summary.Sessions == 0 || seen.Load() == 0 {
			t.Errorf("%d workers: nothing is left", workers)
		}
	}
}
