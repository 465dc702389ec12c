package data

import (
	"bytes"
	"context"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest"
)

// generated is a capture of the notebook's exchange that is written while it is read.
func generated(t testing.TB, packets, number, concurrent int) capture.Source {
	t.Helper()
	w := sessionstest.NotebookWorkload()
	w.Packets, w.Sessions, w.Concurrent = packets, number, concurrent
	r, out := io.Pipe()
	go func() { out.CloseWithError(sessionstest.Generate(out, w)) }()
	t.Cleanup(func() { r.Close() })
	src, err := capture.NewSource("made.pcap", r, capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func tracked(t testing.TB, src capture.Source, o sessions.Options) *sessions.Trace {
	t.Helper()
	tr, err := sessions.Run(context.Background(), src, o, 2)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestSpoolWritesTheSame holds that spooled sessions are the trace's, in its order, however many runs they were
// written in.
func TestSpoolWritesTheSame(t *testing.T) {
	const packets, number, concurrent = 40_000, 300, 60
	forms := map[Form]func(io.Writer, *sessions.Trace, *Spool) error{
		FormJSON: func(w io.Writer, tr *sessions.Trace, s *Spool) error { return WriteJSON(w, tr, JSONOptions{Spool: s}) },
		FormNDJSON: func(w io.Writer, tr *sessions.Trace, s *Spool) error {
			return WriteNDJSON(w, tr, JSONOptions{Spool: s})
		},
		FormCSV: WriteSessionsCSV, FormEchoes: WriteEchoesCSV, FormBeats: WriteBeatsCSV,
	}
	for form, write := range forms {
		var want bytes.Buffer
		if err := write(&want, tracked(t, generated(t, packets, number, concurrent), sessions.Options{Samples: true, OnSession: func(*sessions.Session) {}}), nil); err != nil {
			t.Fatal(err)
		}
		for _, limit := range []int{spoolBytes, 100_000, 1} {
			s := NewSpool(form, JSONOptions{})
			s.limit = limit
			o := sessions.Options{Samples: true, Summary: true}
			s.Watch(&o)
			tr := tracked(t, generated(t, packets, number, concurrent), o)
			if runs := len(s.runs); limit == 1 && form <= FormCSV && runs != number || limit == spoolBytes && runs > 2 {
				t.Errorf("form %d, limit %d: %d runs", form, limit, runs)
			}
			var got bytes.Buffer
			if err := write(&got, tr, s); err != nil {
				t.Fatal(err)
			}
			s.Close()
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("form %d, limit %d: %d bytes, want %d", form, limit, got.Len(), want.Len())
			}
		}
		// The same beside a report that keeps some of the sessions.
		s := NewSpool(form, JSONOptions{})
		o := sessions.Options{Built: 150} // no fewer than are examined
		o.Keep(sessions.ForFolder)
		s.Watch(&o)
		tr := tracked(t, generated(t, packets, number, concurrent), o)
		var got bytes.Buffer
		if err := write(&got, tr, s); err != nil {
			t.Fatal(err)
		}
		s.Close()
		if len(tr.Sessions) != 150 || tr.Count() != number || !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("form %d beside %d sessions of %d: %d bytes, want %d", form, len(tr.Sessions), tr.Count(), got.Len(), want.Len())
		}
	}
}

// TestSpoolTellsFailure holds that a temporary folder that is not there is an error, and that the file goes.
func TestSpoolTellsFailure(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, folder+"/none")
	}
	s := NewSpool(FormCSV, JSONOptions{})
	s.limit = 1
	o := sessions.Options{Summary: true}
	s.Watch(&o)
	tr := tracked(t, generated(t, 2000, 10, 5), o)
	if err := WriteSessionsCSV(io.Discard, tr, s); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("the error is %v", err)
	}
	s.Close()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, folder)
	}
	s = NewSpool(FormCSV, JSONOptions{})
	s.limit = 1
	o = sessions.Options{Summary: true}
	s.Watch(&o)
	tracked(t, generated(t, 2000, 10, 5), o)
	s.Close()
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestMemoryDoesNotGrow holds that ten times as many sessions, in a capture ten times as long, need no more memory.
func TestMemoryDoesNotGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("3 million packets")
	}
	peak := func(times int) (most uint64) {
		s := NewSpool(FormNDJSON, JSONOptions{NoSamples: true})
		s.limit = 64 << 10
		defer s.Close()
		var mu sync.Mutex
		told := 0
		o := sessions.Options{Summary: true, OnSession: func(*sessions.Session) {
			mu.Lock()
			defer mu.Unlock()
			if told++; told%(100*times) != 0 {
				return
			}
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}}
		s.Watch(&o)
		tr := tracked(t, generated(t, 250_000*times, 1650*times, 100), o)
		lines := 0
		if err := WriteNDJSON(writerFunc(func(b []byte) (int, error) { lines += bytes.Count(b, []byte("\n")); return len(b), nil }),
			tr, JSONOptions{Spool: s}); err != nil {
			t.Fatal(err)
		}
		if lines != 1650*times || told != lines {
			t.Errorf("%d lines, %d sessions", lines, told)
		}
		return most
	}
	one, ten := peak(1), peak(10)
	t.Logf("1,650 sessions: %d KiB, 16,500: %d KiB", one>>10, ten>>10)
	if ten > one+one/4 {
		t.Errorf("memory grows: %d KiB for 1,650 sessions, %d KiB for 16,500", one>>10, ten>>10)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
