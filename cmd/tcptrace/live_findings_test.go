package main

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tcptrace/capture"
)

// genuineEvents are the events of a real capture, kept as live keeps them.
func genuineEvents(t *testing.T, name string, add func(*capture.Event)) {
	t.Helper()
	src, err := capture.Open(filepath.Join("..", "..", "testdata", "genuine", name, "capture.pcap"), capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for ev := new(capture.Event); ; {
		if err := src.Next(ev); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		add(ev)
	}
}

// TestLiveFinder holds that a reason is told while the capture runs, once, and nothing after the end.
func TestLiveFinder(t *testing.T) {
	var mu sync.Mutex
	var said []string
	f := &liveFinder{lang: "en", say: func(text string) { mu.Lock(); said = append(said, text); mu.Unlock() }}
	f.start()
	genuineEvents(t, "pico-normal", f.add)
	deadline := time.Now().Add(20 * findEvery)
	told := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, ">> loop-echo: ") })
	}
	for !told() && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
	f.finish()
	if !told() {
		t.Fatalf("loop-echo was not told: %q", said)
	}
	seen := map[string]bool{}
	for _, s := range said {
		if seen[s] {
			t.Errorf("told twice: %s", s)
		}
		seen[s] = true
	}
}

// TestLiveFinderStops holds that it keeps no more than it may, and says so.
func TestLiveFinderStops(t *testing.T) {
	var said []string
	f := &liveFinder{lang: "en", full: "too many", say: func(text string) { said = append(said, text) }}
	for len(f.events) < maxFindEvents {
		genuineEvents(t, "pico-normal", f.add)
		if f.over {
			break
		}
	}
	genuineEvents(t, "pico-table1", f.add)
	if !f.over || f.events != nil || len(said) != 1 || said[0] != "too many" {
		t.Errorf("over %v, %d events kept, said %q", f.over, len(f.events), said)
	}
}
