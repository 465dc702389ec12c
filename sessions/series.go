package sessions

import (
	"math"
	"slices"
	"sync"
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
	long *total // what it becomes past MaxRawSamples
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
}

// reset empties a series and keeps its memory.
func (s *series) reset() { s.raw, s.long = s.raw[:0], nil }

// spill moves the raw values into a histogram.
func (s *series) spill() {
	s.long = &total{}
	for _, v := range s.raw {
		s.long.add(v)
	}
	s.raw = s.raw[:0]
}

// spread is how many values there are, their mean and their standard deviation.
func (s *series) spread() (n int64, mean, stddev float64) {
	if s.long != nil {
		return s.long.n, s.long.mean(), s.long.stddev()
	}
	var m moments
	for _, v := range s.raw {
		m.add(v)
	}
	return m.n, m.mean, m.stddev()
}

// record counts v, clamped to what the histogram can hold.
func record(h *hdrhistogram.Histogram, v, n int64) {
	_ = h.RecordValues(min(max(v, 0), histogramMax), n) // cannot fail: the value is in range
}

// stats summarises. Percentiles are nearest-rank: always a value that was measured. It sorts the values.
func (s *series) stats() Stats {
	if s.long != nil {
		return s.long.stats()
	}
	if len(s.raw) == 0 {
		return Stats{}
	}
	n, mean, stddev := s.spread()
	slices.Sort(s.raw)
	// Of values beyond 2^53 ns, a damaged time's, the float rounds to more than there are.
	middle := min(max(int64(math.Round(mean)), s.raw[0]), s.raw[n-1])
	return Stats{N: n, Min: time.Duration(s.raw[0]), Max: time.Duration(s.raw[n-1]),
		Mean: time.Duration(middle), StdDev: time.Duration(math.Round(stddev)),
		P50: s.percentile(50), P95: s.percentile(95), P99: s.percentile(99)}
}

// percentile is the value at a rank of sorted raw values.
func (s *series) percentile(p int64) time.Duration { return Percentile(s.raw, p) }

// Percentile is a percentile of sorted values, of which there is at least one: the value of that rank, none between two.
func Percentile(sorted []int64, p int64) time.Duration {
	rank := (p*int64(len(sorted)) + 99) / 100 // ceil(p·n/100)
	return time.Duration(sorted[max(rank, 1)-1])
}

// histogramValues are the values that the counts of a histogram stand for: the largest one each.
var histogramValues = sync.OnceValue(func() (values []float64) {
	h := newHistogram()
	record(h, histogramMax, 1) // so that all are listed
	for _, b := range h.Distribution() {
		values = append(values, float64(b.To))
	}
	return values
})

// each visits the values, or what the histogram has instead of them, and how often each occurs.
func (s *series) each(visit func(v float64, times int64)) {
	if s.long == nil {
		for _, v := range s.raw {
			visit(float64(v), 1)
		}
		return
	}
	values := histogramValues()
	for i, n := range s.long.histogram().Export().Counts {
		if n > 0 {
			visit(values[i], n)
		}
	}
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
