package sessions

import (
	"math"
	"slices"
	"sort"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// MaxRawSamples is how many values a series keeps as they are. Past it a histogram of three significant digits
// takes over, which costs about 260 KB.
const MaxRawSamples = 4096

// histogramMax is the largest value a histogram tells apart: one hour. Larger values count as it.
const histogramMax = int64(time.Hour)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, histogramMax, 3) }

// A series collects durations in nanoseconds and summarises them: exactly while they are few; then its
// percentiles are within one part in a thousand, and all else stays exact.
type series struct {
	n        int64
	min, max int64
	mean, m2 float64 // Welford's running mean and sum of squared deviations
	raw      []int64
	hist     *hdrhistogram.Histogram
}

func (s *series) add(v int64) {
	if s.n == 0 || v < s.min {
		s.min = v
	}
	if s.n == 0 || v > s.max {
		s.max = v
	}
	s.n++
	d := float64(v) - s.mean
	s.mean += d / float64(s.n)
	s.m2 += d * (float64(v) - s.mean)
	switch {
	case s.hist != nil:
		record(s.hist, v, 1)
	case len(s.raw) < MaxRawSamples:
		s.raw = append(s.raw, v)
	default:
		s.spill()
		record(s.hist, v, 1)
	}
}

// spill moves the raw values into a histogram.
func (s *series) spill() {
	s.hist = newHistogram()
	for _, v := range s.raw {
		record(s.hist, v, 1)
	}
	s.raw = nil
}

// record counts v, clamped to what the histogram can hold.
func record(h *hdrhistogram.Histogram, v, n int64) {
	_ = h.RecordValues(min(max(v, 0), histogramMax), n) // cannot fail: the value is in range
}

// stddev is that of the population.
func (s *series) stddev() float64 {
	if s.n == 0 {
		return 0
	}
	return math.Sqrt(s.m2 / float64(s.n))
}

// stats summarises. Percentiles are nearest-rank: always a value that was measured.
func (s *series) stats() Stats {
	if s.n == 0 {
		return Stats{}
	}
	st := Stats{N: s.n, Min: time.Duration(s.min), Max: time.Duration(s.max),
		Mean: time.Duration(math.Round(s.mean)), StdDev: time.Duration(math.Round(s.stddev()))}
	at := s.quantiles()
	st.P50, st.P95, st.P99 = at(50), at(95), at(99)
	return st
}

// quantiles returns a function from percent to the value at that rank.
func (s *series) quantiles() func(percent int64) time.Duration {
	if s.hist != nil {
		return func(p int64) time.Duration {
			v := s.hist.ValueAtPercentile(float64(p))
			return time.Duration(min(max(v, s.min), s.max))
		}
	}
	sorted := slices.Clone(s.raw)
	slices.Sort(sorted)
	return func(p int64) time.Duration {
		rank := (p*int64(len(sorted)) + 99) / 100 // ceil(p·n/100)
		return time.Duration(sorted[max(rank, 1)-1])
	}
}

// countOver counts the values above limit, and countUnder those below it.
func (s *series) countOver(limit float64) (n int64) {
	return s.count(func(v int64) bool { return float64(v) > limit })
}

func (s *series) countUnder(limit float64) (n int64) {
	return s.count(func(v int64) bool { return float64(v) < limit })
}

func (s *series) count(match func(int64) bool) (n int64) {
	if s.hist == nil {
		for _, v := range s.raw {
			if match(v) {
				n++
			}
		}
		return n
	}
	for _, b := range s.hist.Distribution() {
		if b.Count > 0 && match(b.To) {
			n += b.Count
		}
	}
	return n
}

// A total is a series for a whole capture: a histogram from the start, so that totals of many captures or
// workers merge in any order with the same result.
type total struct {
	n        int64
	min, max int64
	sum      exactSum
	squares  exactSum
	hist     *hdrhistogram.Histogram
}

func (t *total) add(v int64) {
	if t.hist == nil {
		t.hist = newHistogram()
	}
	if t.n == 0 || v < t.min {
		t.min = v
	}
	if t.n == 0 || v > t.max {
		t.max = v
	}
	t.n++
	t.sum.add(v)
	t.squares.addSquare(v)
	record(t.hist, v, 1)
}

// merge adds another total.
func (t *total) merge(o *total) {
	if o.n == 0 {
		return
	}
	if t.hist == nil {
		t.hist = newHistogram()
		t.min, t.max = o.min, o.max
	}
	t.min, t.max = min(t.min, o.min), max(t.max, o.max)
	t.n += o.n
	t.sum.merge(o.sum)
	t.squares.merge(o.squares)
	t.hist.Merge(o.hist)
}

func (t *total) stats() Stats {
	if t.n == 0 {
		return Stats{}
	}
	mean := t.sum.float() / float64(t.n)
	variance := max(t.squares.float()/float64(t.n)-mean*mean, 0)
	at := func(p float64) time.Duration {
		return time.Duration(min(max(t.hist.ValueAtPercentile(p), t.min), t.max))
	}
	return Stats{N: t.n, Min: time.Duration(t.min), Max: time.Duration(t.max),
		Mean: time.Duration(math.Round(mean)), StdDev: time.Duration(math.Round(math.Sqrt(variance))),
		P50: at(50), P95: at(95), P99: at(99)}
}

// A sampled list keeps the head and the tail of a long list of values.
type sampled[T any] struct {
	head []T
	tail []T // a ring once it is full
	next int
	n    int64
}

// MaxShownSamples is how many raw samples or beats of a session are kept for showing: half of it from the
// start, half from the end.
const MaxShownSamples = 20000

func (l *sampled[T]) add(v T) {
	l.n++
	const half = MaxShownSamples / 2
	switch {
	case len(l.head) < half:
		l.head = append(l.head, v)
	case len(l.tail) < half:
		l.tail = append(l.tail, v)
	default:
		l.tail[l.next] = v
		l.next = (l.next + 1) % half
	}
}

// all returns the kept values in order, and how many are missing between head and tail.
func (l *sampled[T]) all() (kept []T, left int64) {
	kept = append(slices.Clip(l.head), l.tail[l.next:]...)
	kept = append(kept, l.tail[:l.next]...)
	return kept, l.n - int64(len(kept))
}

// medianOf is the nearest-rank median of values, which it sorts; 0 for none.
func medianOf(values []int64) int64 {
	if len(values) == 0 {
		return 0
	}
	sort.Slice(values, func(i, j int) bool { return values[i] < values[j] })
	return values[(len(values)-1)/2]
}
