package plot

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
)

// plotSpan is the range of the values on one axis.
type plotSpan struct{ min, max float64 }

// emptySpan contains nothing yet; include widens it.
func emptySpan() plotSpan { return plotSpan{math.Inf(1), math.Inf(-1)} }

func (s *plotSpan) include(v float64) {
	s.min, s.max = min(s.min, v), max(s.max, v)
}

// padded widens a span by a share of itself on both sides, and to at least the width atLeast, so
// that no mark sits on an edge and one value alone has an axis.
func (s plotSpan) padded(share, atLeast float64) plotSpan {
	if short := atLeast - (s.max - s.min); short > 0 {
		s.min -= short / 2
		s.max += short / 2
	}
	extra := (s.max - s.min) * share
	return plotSpan{s.min - extra, s.max + extra}
}

// paddedLog is padded for a logarithmic axis: the span must be positive.
func (s plotSpan) paddedLog(factor float64) plotSpan {
	return plotSpan{s.min / factor, s.max * factor}
}

// plotUnit is a unit that an axis is labelled in.
type plotUnit struct {
	name string
	size float64 // of one unit, in seconds or bytes
}

var (
	unitMicro  = plotUnit{"µs", 1e-6}
	unitMilli  = plotUnit{"ms", 1e-3}
	unitSecond = plotUnit{"s", 1}
	unitMinute = plotUnit{"min", 60}
	unitHour   = plotUnit{"h", 3600}
	unitByte   = plotUnit{"B", 1}
	unitKilo   = plotUnit{"kB", 1e3}
	unitMega   = plotUnit{"MB", 1e6}
	unitGiga   = plotUnit{"GB", 1e9}
)

// timeUnit is the unit for an axis of times that is width seconds wide.
func timeUnit(width float64) plotUnit {
	switch {
	case width < 2e-3:
		return unitMicro
	case width < 2:
		return unitMilli
	case width <= 1800:
		return unitSecond
	case width <= 3*3600:
		return unitMinute
	}
	return unitHour
}

// clockUnit is timeUnit for an axis that counts from the capture's start: seconds for as long as
// they can be read, so that the numbers are those of the tables.
func clockUnit(s plotSpan) plotUnit {
	if s.max >= 1 && s.max-s.min <= 1800 {
		return unitSecond
	}
	return timeUnit(s.max)
}

// clockTicks are the ticks of an axis of capture times. A moment late in a long capture has long labels,
// so there are fewer of them.
func clockTicks(s plotSpan, u plotUnit) []plot.Tick {
	ticks := linearTicks(s, u, 8)
	for _, t := range ticks {
		if len(t.Label) > 7 {
			return linearTicks(s, u, 3)
		}
	}
	return ticks
}

// byteUnit is the unit for an axis that reaches to n bytes.
func byteUnit(n float64) plotUnit {
	switch {
	case n < 1e4:
		return unitByte
	case n < 1e6:
		return unitKilo
	case n < 1e9:
		return unitMega
	}
	return unitGiga
}

// linearTicks are about n labelled ticks at 1, 2 or 5 times a power of ten of the unit.
func linearTicks(s plotSpan, u plotUnit, n int) []plot.Tick {
	lo, hi := s.min/u.size, s.max/u.size
	step, decimals := niceStep((hi - lo) / float64(n))
	first, last := math.Ceil(lo/step), math.Floor(hi/step)
	if !(last >= first && last-first <= 1000) {
		return nil // not numbers, or a span below the precision of its values
	}
	var ticks []plot.Tick
	for i := range int(last-first) + 1 {
		v := (first+float64(i))*step + 0 // the sum of -0 and 0 is 0, which prints without a sign
		label := strconv.FormatFloat(v, 'f', decimals, 64)
		ticks = append(ticks, plot.Tick{Value: v * u.size, Label: label})
	}
	return ticks
}

// niceStep rounds a step to 1, 2 or 5 times a power of ten, and tells how many decimals show it.
func niceStep(raw float64) (step float64, decimals int) {
	if !(raw > 0) || math.IsInf(raw, 0) {
		return 1, 0
	}
	exp := int(math.Floor(math.Log10(raw)))
	power := math.Pow10(exp)
	switch m := raw / power; {
	case m < 1.5:
		step = power
	case m < 3.5:
		step = 2 * power
	case m < 7.5:
		step = 5 * power
	default:
		step = 10 * power
		exp++
	}
	return step, max(0, -exp)
}

// countTicks are linearTicks at whole numbers only.
func countTicks(top float64, n int) []plot.Tick {
	step, _ := niceStep(1.4 * top / float64(n))
	step = max(1, step)
	var ticks []plot.Tick
	for v := 0.0; v <= top; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', 0, 64)})
	}
	return ticks
}

// logTimeTicks are ticks at the powers of ten of a second, labelled in human units, with unlabelled
// ones between; when the span has fewer than two powers, 2 and 5 are labelled too.
func logTimeTicks(s plotSpan) []plot.Tick {
	lo, hi := int(math.Floor(math.Log10(s.min))), int(math.Ceil(math.Log10(s.max)))
	sparse := math.Log10(s.max/s.min) < 2
	var ticks []plot.Tick
	for e := lo; e <= hi; e++ {
		for m := 1; m <= 9; m++ {
			v := float64(m) * math.Pow10(e)
			if v < s.min || v > s.max {
				continue
			}
			t := plot.Tick{Value: v}
			if m == 1 || sparse && (m == 2 || m == 5) {
				t.Label = tickDuration(v)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// tickDuration writes a round number of seconds in its own unit: "20 ms".
func tickDuration(seconds float64) string {
	for _, u := range []plotUnit{unitSecond, unitMilli, unitMicro} {
		if seconds > 0.999*u.size {
			return strconv.FormatFloat(math.Round(seconds/u.size), 'f', 0, 64) + " " + u.name
		}
	}
	return strconv.FormatFloat(seconds*1e9, 'g', 2, 64) + " ns"
}

// plotDuration writes a measured duration with three or four significant digits: "15.0 ms", "1.005 s".
func plotDuration(d time.Duration) string {
	if d < 0 {
		return "-" + plotDuration(max(-d, 0))
	}
	switch s := d.Seconds(); {
	case s >= 0.9995:
		return fmt.Sprintf("%.3f s", s)
	case s >= 0.0995:
		return fmt.Sprintf("%.0f ms", s*1e3)
	case s >= 0.0009995:
		return fmt.Sprintf("%.1f ms", s*1e3)
	}
	return fmt.Sprintf("%.0f µs", d.Seconds()*1e6)
}

// plotBytes writes a number of bytes: "759 B", "4.19 MB".
func plotBytes(n int64) string {
	u := byteUnit(float64(n))
	if u == unitByte {
		return fmt.Sprintf("%d B", n)
	}
	return strconv.FormatFloat(float64(n)/u.size, 'f', 2, 64) + " " + u.name
}
