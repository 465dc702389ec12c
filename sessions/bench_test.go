package sessions_test

import (
	"bytes"
	"context"
	"testing"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest"
)

// BenchmarkSummary tracks a capture of the notebook's exchange from memory; the figures of the whole program beside
// its peers are made by `make bench`.
func BenchmarkSummary(b *testing.B) {
	benchmarkRun(b, sessions.Options{Summary: true}, 1, 400)
}

// BenchmarkSummaryTwoWorkers is the same with the tracking spread over two workers.
func BenchmarkSummaryTwoWorkers(b *testing.B) {
	benchmarkRun(b, sessions.Options{Summary: true}, 2, 400)
}

// BenchmarkSummaryInCache has few sessions at a time, so that it shows the work without the cache misses.
func BenchmarkSummaryInCache(b *testing.B) {
	benchmarkRun(b, sessions.Options{Summary: true}, 1, 10)
}

func benchmarkRun(b *testing.B, o sessions.Options, workers, concurrent int) {
	var file bytes.Buffer
	w := sessionstest.NotebookWorkload()
	w.Packets, w.Sessions, w.Concurrent = 200_000, 1320, concurrent
	if err := sessionstest.Generate(&file, w); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	b.ReportAllocs()
	for b.Loop() {
		src, err := capture.NewSource("bench", bytes.NewReader(file.Bytes()), capture.OpenOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := sessions.Run(context.Background(), src, o, workers); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(w.Packets), "ns/packet")
}
