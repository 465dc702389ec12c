package sessions_test

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest"
)

// TestTrackingAllocates holds that tracking costs at most one allocation per packet on average, all of a session's
// life included.
func TestTrackingAllocates(t *testing.T) {
	var file bytes.Buffer
	w := sessionstest.NotebookWorkload()
	w.Packets, w.Sessions, w.Concurrent = 100_000, 660, 100
	if err := sessionstest.Generate(&file, w); err != nil {
		t.Fatal(err)
	}
	for _, o := range []sessions.Options{{Summary: true}, {Lazy: true}, {Shown: sessions.DefaultShown}} {
		src, err := capture.NewSource("memory", bytes.NewReader(file.Bytes()), capture.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		tr := sessions.NewTracker(o, 1)
		var ev capture.Event
		var before, after runtime.MemStats
		packets := 0
		runtime.ReadMemStats(&before)
		for ; ; packets++ {
			if err := src.Next(&ev); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			tr.Add(&ev)
		}
		tr.Finish(src.Info())
		runtime.ReadMemStats(&after)
		if n := float64(after.Mallocs-before.Mallocs) / float64(packets); n > 1 {
			t.Errorf("%+v: %.2f allocations per packet", o, n)
		} else {
			t.Logf("summary %v lazy %v shown %d: %.3f allocations per packet", o.Summary, o.Lazy, o.Shown, n)
		}
	}
}
