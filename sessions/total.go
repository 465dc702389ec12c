package sessions

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A total is a set of durations in nanoseconds as exact sums and a histogram. Totals merge: however the values were
// spread over sessions, workers or captures, and in whatever order they are put together, the result is the same.
type total struct {
	n        int64
	min, max int64
	sum      exactSum
	squares  exactSum
	few      []int64                 // the values, or others of the same buckets, while they are few: a histogram takes 260 KB
	hist     *hdrhistogram.Histogram // then
}

// maxFew is how many values a total has before it makes a histogram of them.
const maxFew = 512

// count counts n values that are v, or in its bucket.
func (t *total) count(v, n int64) {
	if t.hist == nil && int64(len(t.few))+n <= maxFew {
		for range n {
			t.few = append(t.few, v)
		}
		return
	}
	if t.hist == nil {
		t.hist, t.few = t.histogram(), nil
	}
	record(t.hist, v, n)
}

// histogram is the total's, or one that is made of its few values.
func (t *total) histogram() *hdrhistogram.Histogram {
	if t.hist != nil {
		return t.hist
	}
	h := newHistogram()
	for _, v := range t.few {
		record(h, v, 1)
	}
	return h
}

// buckets are the least values of a histogram's buckets, in their order.
var buckets = sync.OnceValue(func() (least []int64) {
	s := newHistogram().Export()
	for i := range s.Counts {
		s.Counts[i] = 1
	}
	for _, b := range hdrhistogram.Import(s).Distribution() {
		least = append(least, b.From)
	}
	return least
})

// bucketOf is the bucket that a value is counted in.
func bucketOf(v int64) int {
	v = min(max(v, 0), histogramMax)
	i, found := slices.BinarySearch(buckets(), v)
	if !found {
		i--
	}
	return i
}

func (t *total) add(v int64) {
	if t.n == 0 || v < t.min {
		t.min = v
	}
	if t.n == 0 || v > t.max {
		t.max = v
	}
	t.n++
	t.sum.add(v)
	t.squares.addSquare(v)
	t.count(v, 1)
}

// merge adds another total.
func (t *total) merge(o *total) {
	if o.n == 0 {
		return
	}
	if t.n == 0 {
		t.min, t.max = o.min, o.max
	}
	t.min, t.max = min(t.min, o.min), max(t.max, o.max)
	t.n += o.n
	t.sum.merge(o.sum)
	t.squares.merge(o.squares)
	if o.hist == nil {
		for _, v := range o.few {
			t.count(v, 1)
		}
		return
	}
	if t.hist == nil {
		t.hist, t.few = t.histogram(), nil
	}
	t.hist.Merge(o.hist)
}

// addSeries adds the values of a session's series.
func (t *total) addSeries(s *series) {
	if s.long != nil {
		t.merge(s.long)
		return
	}
	for _, v := range s.raw {
		t.add(v)
	}
}

// mean of a total that is not empty.
func (t *total) mean() float64 { return t.sum.float() / float64(t.n) }

// stddev is that of the population. The difference of two large squares would lose its digits in floating point.
func (t *total) stddev() float64 {
	n, sum := big.NewInt(t.n), t.sum.integer()
	variance := new(big.Int).Mul(n, t.squares.integer())
	variance.Sub(variance, sum.Mul(sum, sum)) // n²·variance
	v, _ := new(big.Float).SetInt(variance).Float64()
	return math.Sqrt(max(v, 0)) / float64(t.n)
}

func (t *total) stats() Stats {
	if t.n == 0 {
		return Stats{}
	}
	at := t.quantiles()
	return Stats{N: t.n, Min: time.Duration(t.min), Max: time.Duration(t.max),
		Mean: time.Duration(math.Round(t.mean())), StdDev: time.Duration(math.Round(t.stddev())),
		P50: at(50), P95: at(95), P99: at(99)}
}

// quantiles gives the total's percentiles, as the histogram has them, whether there is one or not: the largest value of the bucket in
// which the value of that rank is.
func (t *total) quantiles() func(p float64) time.Duration {
	within := func(v int64) time.Duration { return time.Duration(min(max(v, t.min), t.max)) }
	if t.hist != nil {
		return func(p float64) time.Duration { return within(t.hist.ValueAtPercentile(p)) }
	}
	few := slices.Sorted(slices.Values(t.few))
	return func(p float64) time.Duration {
		rank := int(p/100*float64(len(few)) + 0.5)
		i := bucketOf(few[min(max(rank, 1), len(few))-1])
		if i+1 < len(buckets()) {
			return within(buckets()[i+1] - 1)
		}
		return within(histogramMax)
	}
}

// appendBinary appends the total: the number of values, and where there are any the least, the largest, both sums, and
// the histogram's buckets that are not empty, each as its distance from the one before and its count. Empty buckets are
// not written, so that the same set of values has one form.
func (t *total) appendBinary(b []byte) []byte {
	b = binary.AppendVarint(b, t.n)
	if t.n == 0 {
		return b
	}
	b = binary.AppendVarint(b, t.min)
	b = binary.AppendVarint(b, t.max)
	for _, s := range [...]exactSum{t.sum, t.squares} {
		b = binary.BigEndian.AppendUint64(b, s.hi)
		b = binary.BigEndian.AppendUint64(b, s.lo)
	}
	last := -1
	bucket := func(i int, n int64) {
		b = binary.AppendUvarint(b, uint64(i-last))
		b = binary.AppendUvarint(b, uint64(n))
		last = i
	}
	if t.hist == nil {
		few := slices.Sorted(slices.Values(t.few))
		for i := 0; i < len(few); {
			at, n := bucketOf(few[i]), int64(0)
			for ; i < len(few) && bucketOf(few[i]) == at; i++ {
				n++
			}
			bucket(at, n)
		}
		return append(b, 0) // no bucket is at distance 0
	}
	for i, n := range t.hist.Export().Counts {
		if n > 0 {
			bucket(i, n)
		}
	}
	return append(b, 0)
}

var errDigest = errors.New("not a digest")

// readBinary reads what appendBinary wrote and gives the rest.
func (t *total) readBinary(b []byte) ([]byte, error) {
	r := digestReader{rest: b}
	*t = total{n: r.varint()}
	if t.n == 0 {
		return r.rest, r.err
	}
	t.min, t.max = r.varint(), r.varint()
	for _, s := range [...]*exactSum{&t.sum, &t.squares} {
		s.hi, s.lo = r.word(), r.word()
	}
	least, at, all := buckets(), -1, int64(0)
	for r.err == nil {
		distance := r.uvarint()
		if distance == 0 {
			break
		}
		n := int64(r.uvarint())
		if distance >= uint64(len(least)-at) || n <= 0 || n > t.n-all {
			return nil, errDigest
		}
		at += int(distance)
		all += n
		t.count(least[at], n)
	}
	if r.err != nil || all != t.n || t.n < 0 || t.min > t.max {
		return nil, errDigest
	}
	return r.rest, nil
}

// A digestReader takes numbers from a digest's binary form; after an error it gives zeros.
type digestReader struct {
	rest []byte
	err  error
}

func (r *digestReader) advance(n int) {
	if n <= 0 || r.err != nil {
		r.rest, r.err = nil, errDigest
		return
	}
	r.rest = r.rest[n:]
}

func (r *digestReader) varint() int64 {
	v, n := binary.Varint(r.rest)
	r.advance(n)
	return v
}

func (r *digestReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.advance(n)
	return v
}

func (r *digestReader) word() uint64 {
	if len(r.rest) < 8 {
		r.rest, r.err = nil, errDigest
		return 0
	}
	v := binary.BigEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return v
}
