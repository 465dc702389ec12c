package sessions

import (
	"math/rand/v2"
	"testing"
)

// TestHistogramValues compares what a long series visits with what the histogram's own listing has.
func TestHistogramValues(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var s series
	for i := range 3 * MaxRawSamples {
		s.add(int64(1) << rnd.IntN(42) * int64(1+i%7) / 3)
	}
	type bar struct {
		value float64
		times int64
	}
	var got, want []bar
	s.each(func(v float64, times int64) { got = append(got, bar{v, times}) })
	for _, b := range s.long.hist.Distribution() {
		if b.Count > 0 {
			want = append(want, bar{float64(b.To), b.Count})
		}
	}
	if len(want) < 100 || len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("value %d: %v, want %v", i, got[i], want[i])
		}
	}
}
