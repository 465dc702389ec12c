package sessions

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
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
	at := func(p float64) time.Duration {
		return time.Duration(min(max(t.hist.ValueAtPercentile(p), t.min), t.max))
	}
	return Stats{N: t.n, Min: time.Duration(t.min), Max: time.Duration(t.max),
		Mean: time.Duration(math.Round(t.mean())), StdDev: time.Duration(math.Round(t.stddev())),
		P50: at(50), P95: at(95), P99: at(99)}
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
	for i, n := range t.hist.Export().Counts {
		if n > 0 {
			b = binary.AppendUvarint(b, uint64(i-last))
			b = binary.AppendUvarint(b, uint64(n))
			last = i
		}
	}
	return append(b, 0) // no bucket is at distance 0
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
	t.hist = newHistogram()
	counts, at, all := t.hist.Export(), -1, int64(0)
	for r.err == nil {
		distance := r.uvarint()
		if distance == 0 {
			break
		}
		n := int64(r.uvarint())
		if distance >= uint64(len(counts.Counts)-at) || n <= 0 || n > t.n-all {
			return nil, errDigest
		}
		at += int(distance)
		all += n
		counts.Counts[at] = n
	}
	if r.err != nil || all != t.n || t.n < 0 || t.min > t.max {
		return nil, errDigest
	}
	t.hist = hdrhistogram.Import(counts)
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
