package sessions

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"
)

// TestBuckets holds that a value's bucket is the one that the histogram counts it in.
func TestBuckets(t *testing.T) {
	if n := len(newHistogram().Export().Counts); len(buckets()) != n {
		t.Fatalf("%d buckets, the histogram has %d", len(buckets()), n)
	}
	for range 3000 {
		v := rand.Int64N(1 << rand.UintN(42))
		h := newHistogram()
		record(h, v, 1)
		for i, n := range h.Export().Counts {
			if n > 0 && bucketOf(v) != i {
				t.Fatalf("%d is in bucket %d, not %d", v, i, bucketOf(v))
			}
		}
	}
}

// TestFewAreLikeMany holds that a total of few values and one with a histogram say the same and have the same bytes.
func TestFewAreLikeMany(t *testing.T) {
	for range 50 {
		var few, many, read, merged total
		many.hist = newHistogram()
		half := [2]total{}
		for i := range rand.IntN(maxFew) {
			v := rand.Int64N(int64(2 * time.Hour))
			few.add(v)
			many.add(v)
			half[i%2].add(v)
		}
		merged.merge(&half[1])
		merged.merge(&half[0])
		want := many.appendBinary(nil)
		if _, err := read.readBinary(want); err != nil {
			t.Fatal(err)
		}
		for name, x := range map[string]*total{"few": &few, "merged": &merged, "read": &read} {
			if !bytes.Equal(x.appendBinary(nil), want) || x.stats() != many.stats() {
				t.Fatalf("%s: %+v, want %+v", name, x.stats(), many.stats())
			}
		}
	}
}
