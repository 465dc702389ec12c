package capture

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// exactTime is the definition: ticks by the resolution, to the nearest nanosecond, plus the offset, within
// 64 bits.
func exactTime(resolution uint8, offset int64, ticks uint64) int64 {
	base := big.NewInt(10)
	if resolution&0x80 != 0 {
		base = big.NewInt(2)
	}
	unit := new(big.Int).Exp(base, big.NewInt(int64(resolution&0x7f)), nil)
	ns := new(big.Int).Mul(new(big.Int).SetUint64(ticks), big.NewInt(2e9))
	ns.Add(ns, unit)
	ns.Div(ns, new(big.Int).Mul(unit, big.NewInt(2)))
	ns.Add(ns, new(big.Int).Mul(big.NewInt(offset), big.NewInt(1e9)))
	if !ns.IsInt64() {
		if ns.Sign() < 0 {
			return math.MinInt64
		}
		return math.MaxInt64
	}
	return ns.Int64()
}

func TestEveryResolution(t *testing.T) {
	ticks := []uint64{0, 1, 499, 500, 1e9 - 1, 1491516383915793, 1491516383915793000, 1 << 60, 1<<63 - 1, 1 << 63, math.MaxUint64}
	offsets := []int64{0, 1, -1, 1491516383, 1 << 31, -1 << 31, 1<<31 + 1, 1 << 40, -1 << 40, math.MaxInt64, math.MinInt64}
	for r := 0; r <= 0xff; r++ {
		for _, offset := range offsets {
			c := newClock(uint8(r), offset)
			for _, n := range ticks {
				if got, want := c.nanoseconds(n), exactTime(uint8(r), offset, n); got != want {
					t.Fatalf("if_tsresol 0x%02x, if_tsoffset %d, %d ticks: %d, want %d", r, offset, n, got, want)
				}
			}
		}
	}
}

func TestAnyTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.Uint8().Draw(t, "resolution")
		offset := rapid.Int64().Draw(t, "offset")
		n := rapid.Uint64().Draw(t, "ticks")
		c := newClock(r, offset)
		got, want := c.nanoseconds(n), exactTime(r, offset, n)
		if got != want {
			t.Fatalf("%d, want %d", got, want)
		}
		extreme := want == math.MinInt64 || want == math.MaxInt64
		if *c.saturated && !extreme {
			t.Fatal("saturated without need")
		}
	})
}
