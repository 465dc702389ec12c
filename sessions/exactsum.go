package sessions

import (
	"math/big"
	"math/bits"
)

// An exactSum adds 64-bit integers and their squares in 128 bits, so that the order of adding cannot show in
// the result, however the values were spread over workers.
type exactSum struct{ hi, lo uint64 }

func (s *exactSum) add(v int64) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, uint64(v), 0)
	s.hi, _ = bits.Add64(s.hi, uint64(v>>63), carry)
}

func (s *exactSum) addSquare(v int64) {
	if v < 0 {
		v = -v
	}
	hi, lo := bits.Mul64(uint64(v), uint64(v))
	s.merge(exactSum{hi, lo})
}

func (s *exactSum) merge(o exactSum) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, o.lo, 0)
	s.hi, _ = bits.Add64(s.hi, o.hi, carry)
}

// float is the sum as a float64; negative sums come out right.
func (s *exactSum) float() float64 {
	return float64(int64(s.hi))*(1<<64) + float64(s.lo)
}

// integer is the sum.
func (s *exactSum) integer() *big.Int {
	v := big.NewInt(int64(s.hi))
	return v.Lsh(v, 64).Add(v, new(big.Int).SetUint64(s.lo))
}
