package capture

import (
	"fmt"
	"math"
	"math/bits"

	"tcptrace/words"
)

// clock turns the ticks of a pcapng interface into nanoseconds since 1970 (if_tsresol and if_tsoffset,
// pcapng 4.2). Every resolution is handled in 128 bits; what does not fit 64 saturates.
type clock struct {
	multiply, divide uint64 // ns = ticks*multiply/divide, to the nearest
	shift            uint   // and then >> shift, to the nearest
	never            bool   // the unit is so small that 2^64 of them are no nanosecond
	offset           int64  // seconds
	saturated        *bool  // set when a time did not fit
	plain            uint64 // ticks below need nothing but the multiplication
}

var powersOfTen = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// newClock understands if_tsresol: the exponent of 10, or of 2 with the top bit set, both negative.
func newClock(resolution uint8, offset int64) clock {
	c := clock{multiply: 1, divide: 1, offset: offset, saturated: new(bool)}
	n := int(resolution & 0x7f)
	switch {
	case resolution&0x80 != 0:
		c.multiply, c.shift = 1e9, uint(n)
	case n <= 9:
		c.multiply = powersOfTen[9-n]
	case n-9 < len(powersOfTen):
		c.divide = powersOfTen[n-9]
	default:
		c.never = true
	}
	if c.divide == 1 && c.shift == 0 && !c.never && offset >= -1<<31 && offset <= 1<<31 {
		c.plain = (math.MaxInt64 - 1<<31*1e9) / c.multiply
	}
	return c
}

// nanoseconds converts ticks.
func (c *clock) nanoseconds(ticks uint64) int64 {
	if ticks < c.plain {
		return int64(ticks*c.multiply) + c.offset*1e9
	}
	return c.exactly(ticks)
}

// exactly is nanoseconds for all other cases: 128 bits for the product, then the division, then the
// signed offset.
func (c *clock) exactly(ticks uint64) int64 {
	hi, lo := bits.Mul64(ticks, c.multiply)
	switch {
	case c.never:
		hi, lo = 0, 0
	case c.shift > 0:
		hi, lo = shiftRounded(hi, lo, c.shift)
	case c.divide > 1: // the product is below 2^64 here: multiply is 1
		quotient, rest := lo/c.divide, lo%c.divide
		if rest >= c.divide-rest {
			quotient++
		}
		hi, lo = 0, quotient
	}
	// The offset in nanoseconds as a 128-bit two's complement number.
	magnitude := uint64(c.offset)
	if c.offset < 0 {
		magnitude = -magnitude
	}
	offHi, offLo := bits.Mul64(magnitude, 1e9)
	if c.offset < 0 {
		var borrow uint64
		lo, borrow = bits.Sub64(lo, offLo, 0)
		hi, _ = bits.Sub64(hi, offHi, borrow)
	} else {
		var carry uint64
		lo, carry = bits.Add64(lo, offLo, 0)
		hi, _ = bits.Add64(hi, offHi, carry)
	}
	// hi:lo is signed now and fits a time if hi is nothing but the sign of lo.
	if hi != uint64(int64(lo)>>63) {
		*c.saturated = true
		if int64(hi) < 0 {
			return math.MinInt64
		}
		return math.MaxInt64
	}
	return int64(lo)
}

// shiftRounded divides 128 bits by 2^n, to the nearest; n is 1 to 127.
func shiftRounded(hi, lo uint64, n uint) (uint64, uint64) {
	var half, carry uint64
	if n > 64 {
		hi, carry = bits.Add64(hi, 1<<(n-65), 0)
	} else {
		half = 1 << (n - 1)
		lo, carry = bits.Add64(lo, half, 0)
		hi, carry = bits.Add64(hi, 0, carry)
	}
	switch {
	case n == 64:
		return carry, hi
	case n > 64:
		return 0, hi>>(n-64) | carry<<(128-n)
	}
	return hi>>n | carry<<(64-n), hi<<(64-n) | lo>>n
}

// remark says what is odd about the resolution of an interface: a counter of 64 bits that runs round within
// a year cannot count from 1970 alone.
func (c *clock) remark(resolution uint8, number int) (what words.Reason, odd bool) {
	n := int(resolution & 0x7f)
	unit := fmt.Sprintf("0x%02x (10^-%d s)", resolution, n)
	span := math.Pow(10, float64(-n)) * math.Pow(2, 64)
	if resolution&0x80 != 0 {
		unit = fmt.Sprintf("0x%02x (2^-%d s)", resolution, n)
		span = math.Pow(2, float64(64-n))
	}
	const year = 365 * 86400
	switch {
	case span < year && c.offset == 0:
		return words.ResolutionShort(number, unit, span), true
	case n < 3 || resolution&0x80 != 0 && n < 10:
		return words.ResolutionCoarse(number, unit), true
	}
	return what, false
}
