package sessions

import (
	"math"
	"slices"
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
// percentiles are within one part in a thousand, and all else stays exact. Adding is an append, because most
// sessions are small and are summarised once.
type series struct {
	raw  []int64
	long *longSeries
}

// A longSeries is what a series becomes past MaxRawSamples.
type longSeries struct {
	moments
	hist *hdrhistogram.Histogram
}

// moments are the running figures of a set of values.
type moments struct {
	n        int64
	min, max int64
	mean, m2 float64 // Welford's running mean and sum of squared deviations
}

func (m *moments) add(v int64) {
	if m.n == 0 || v < m.min {
		m.min = v
	}
	if m.n == 0 || v > m.max {
		m.max = v
	}
	m.n++
	d := float64(v) - m.mean
	m.mean += d / float64(m.n)
	m.m2 += d * (float64(v) - m.mean)
}

// stddev is that of the population.
func (m *moments) stddev() float64 {
	if m.n == 0 {
		return 0
	}
	return math.Sqrt(m.m2 / float64(m.n))
}

func (s *series) add(v int64) {
	if s.long == nil {
		if len(s.raw) < MaxRawSamples {
			s.raw = append(s.raw, v)
			return
		}
		s.spill()
	}
	s.long.add(v)
	record(s.long.hist, v, 1)
}

// reset empties a series and keeps its memory.
func (s *series) reset() { s.raw, s.long = s.raw[:0], nil }

// spill moves the raw values into a histogram.
func (s *series) spill() {
	s.long = &longSeries{hist: newHistogram()}
	for _, v := range s.raw {
		s.long.add(v)
		record(s.long.hist, v, 1)
	}
	s.raw = s.raw[:0]
}

// moments are the exact figures so far.
func (s *series) moments() moments {
	if s.long != nil {
		return s.long.moments
	}
	var m moments
	for _, v := range s.raw {
		m.add(v)
	}
	return m
}

// record counts v, clamped to what the histogram can hold.
func record(h *hdrhistogram.Histogram, v, n int64) {
	_ = h.RecordValues(min(max(v, 0), histogramMax), n) // cannot fail: the value is in range
}

// stats summarises. Percentiles are nearest-rank: always a value that was measured. It sorts the values.
func (s *series) stats() Stats {
	m := s.moments()
	if m.n == 0 {
		return Stats{}
	}
	slices.Sort(s.raw)
	return Stats{N: m.n, Min: time.Duration(m.min), Max: time.Duration(m.max),
		Mean: time.Duration(math.Round(m.mean)), StdDev: time.Duration(math.Round(m.stddev())),
		P50: s.percentile(50), P95: s.percentile(95), P99: s.percentile(99)}
}

// max is the largest value, 0 for none.
func (s *series) max() int64 {
	if s.long != nil {
		return s.long.max
	}
	if len(s.raw) == 0 {
		return 0
	}
	return slices.Max(s.raw)
}

// percentile is the value at a rank; raw values must be sorted.
func (s *series) percentile(p int64) time.Duration {
	if l := s.long; l != nil {
		return time.Duration(min(max(l.hist.ValueAtPercentile(float64(p)), l.min), l.max))
	}
	rank := (p*int64(len(s.raw)) + 99) / 100 // ceil(p·n/100)
	return time.Duration(s.raw[max(rank, 1)-1])
}

// each visits the values, or what the histogram has instead of them, and how often each occurs. Listing a histogram is
// dear: one visit should answer all questions.
func (s *series) each(visit func(v float64, times int64)) {
	if s.long == nil {
		for _, v := range s.raw {
			visit(float64(v), 1)
		}
		return
	}
	for _, b := range s.long.hist.Distribution() {
		if b.Count > 0 {
			visit(float64(b.To), b.Count)
		}
	}
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

// reset empties a list and keeps its memory.
func (l *sampled[T]) reset() {
	l.head, l.tail, l.next, l.n = l.head[:0], l.tail[:0], 0, 0
}

// all returns the kept values in order, and how many are missing between head and tail.
func (l *sampled[T]) all() (kept []T, left int64) {
	kept = append(slices.Clone(l.head), l.tail[l.next:]...)
	kept = append(kept, l.tail[:l.next]...)
	return kept, l.n - int64(len(kept))
}
