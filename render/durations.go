package render

import (
	"strconv"
	"time"

	"tcptrace/capture"
)

// Duration writes a duration for a sentence, with a unit that fits and three or four digits that
// count: "42.1 µs", "5.996 ms", "1.005 s".
func (w *Words) Duration(d time.Duration) string {
	size := d.Abs()
	switch {
	case size < time.Microsecond:
		return strconv.FormatInt(int64(d), 10) + " ns"
	case size < time.Millisecond-50*time.Nanosecond: // what rounds up to 1000 µs is a millisecond
		return w.scaled(d, time.Microsecond) + " µs"
	case size < time.Second-50*time.Microsecond:
		return w.scaled(d, time.Millisecond) + " ms"
	}
	return w.scaled(d, time.Second) + " s"
}

func (w *Words) scaled(d, unit time.Duration) string {
	v := float64(d) / float64(unit)
	digits := 0
	for limit := 10 * unit; digits < 3 && limit <= 1000*unit; limit *= 10 {
		if d.Abs() < limit {
			digits++
		}
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// In writes a duration as a number of units with the given decimals, for tables.
func (w *Words) In(d, unit time.Duration, digits int) string {
	return strconv.FormatFloat(float64(d)/float64(unit), 'f', digits, 64)
}

// clockTime writes a time of day in UTC with microseconds.
func clockTime(ns int64) string {
	return capture.TimeOf(ns).Format("2006-01-02 15:04:05.000000 UTC")
}
