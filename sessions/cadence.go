package sessions

import (
	"bytes"
	"math"
	"slices"
	"time"

	"tcptrace/notebook"
)

// The rules of a cadence (docs/report.md, Cadence). An interval is missed when it is over MissedOver medians: at least
// one message did not come; it is bunched under BunchedUnder medians.
const (
	MissedOver   = 1.5
	BunchedUnder = 0.5

	// Elsewhere than on the notebook's port, what counts as a cadence: a person who types has none.
	minRegularIntervals = 8
	maxRegularCV        = 0.05

	// A cadence is steady when this share of its intervals lies this near to the median; of one that is not, neither a
	// drift nor a missed message can be told.
	steadyShare = 2.0 / 3
	steadyNear  = 0.1

	nominalTolerance = 0.1 // a median this near to the notebook's period is measured against it
)

// A rhythm collects the beats of one sender. Their times are kept as they are while they are few.
type rhythm struct {
	times  []int64
	breaks []int // of times: before these something may be missing that was not captured
	broken bool  // before the next beat likewise
	long   *longRhythm
}

// A longRhythm is what a rhythm becomes past MaxRawSamples beats.
type longRhythm struct {
	rhythmSums
	periods series
	times   sampled[int64] // while listing
	listing bool
}

// rhythmSums are the running figures of a rhythm.
type rhythmSums struct {
	beats       int64
	first, last int64
	interval    int64 // the latest one
	// Sums for the least squares of time against beat number, in seconds from the first beat.
	sumN, sumT, sumNN, sumNT float64
	jitter, nominal          float64 // RFC 3550 A.8 against the nominal period, ns
}

func (r *rhythm) beat(t int64) {
	switch {
	case t == noTime:
	case r.long != nil:
		r.long.beat(t, r.broken)
	case len(r.times) <= MaxRawSamples:
		if r.broken && len(r.times) > 0 {
			r.breaks = append(r.breaks, len(r.times))
		}
		r.times = append(r.times, t)
	default:
		r.long = r.extend(true)
		r.times = r.times[:0]
		r.long.beat(t, r.broken)
	}
	if t != noTime {
		r.broken = false
	}
}

// whole reports whether the interval that ends at beat i has no gap in it.
func (r *rhythm) whole(i int) bool { return len(r.breaks) == 0 || !slices.Contains(r.breaks, i) }

// reset empties a rhythm and keeps its memory.
func (r *rhythm) reset() { r.times, r.breaks, r.broken, r.long = r.times[:0], nil, false, nil }

func (r *rhythm) any() bool { return r.long != nil || len(r.times) > 0 }

// extend computes the running figures of what was kept.
func (r *rhythm) extend(listing bool) *longRhythm {
	l := &longRhythm{listing: listing}
	l.periods.raw = make([]int64, 0, len(r.times))
	l.nominal = r.meanPeriod()
	for i, t := range r.times {
		l.beat(t, !r.whole(i))
	}
	return l
}

// meanPeriod is the mean of the periods that do not go back in time.
func (r *rhythm) meanPeriod() float64 {
	var m moments
	for i := 1; i < len(r.times); i++ {
		if p := r.times[i] - r.times[i-1]; p >= 0 && r.whole(i) {
			m.add(p)
		}
	}
	return m.mean
}

// beat takes one beat; broken: something may be missing before it.
func (l *longRhythm) beat(t int64, broken bool) {
	if l.beats == 0 {
		l.first = t
	} else if p := t - l.last; p >= 0 && !broken {
		l.periods.add(p)
		l.interval = p
		l.jitter += (math.Abs(float64(p)-l.nominal) - l.jitter) / 16
	}
	l.last = t
	n, s := float64(l.beats), float64(t-l.first)/1e9
	l.sumN += n
	l.sumT += s
	l.sumNN += n * n
	l.sumNT += n * s
	l.beats++
	if l.listing {
		l.times.add(t)
	}
}

// summed gives the running figures, however many beats there were.
func (r *rhythm) summed() *longRhythm {
	if r.long != nil {
		return r.long
	}
	return r.extend(false)
}

// regular reports whether the beats are even enough to be called a cadence.
func (r *rhythm) regular() bool {
	if r.long == nil && len(r.times) <= minRegularIntervals {
		return false
	}
	if r.long != nil {
		_, mean, stddev := r.long.periods.spread()
		return mean > 0 && stddev/mean < maxRegularCV
	}
	var m moments
	for i := 1; i < len(r.times); i++ {
		if r.whole(i) {
			m.add(max(r.times[i]-r.times[i-1], 0))
		}
	}
	return m.mean > 0 && m.stddev()/m.mean < maxRegularCV
}

// cadence summarises; keep keeps the beats' times.
func (r *rhythm) cadence(sender Side, keep bool) (*Cadence, series) {
	l := r.summed()
	c := &Cadence{Sender: sender, Beats: l.beats, Period: l.periods.stats()}
	switch {
	case keep && r.long == nil:
		c.Times = slices.Clone(r.times)
	case keep:
		c.Times, c.TimesLeftOut = l.times.all()
	}
	if c.Period.N == 0 {
		return c, l.periods
	}
	c.Last = time.Duration(l.interval)
	c.Jitter = time.Duration(math.Round(l.jitter))
	median := float64(c.Period.P50)
	near := int64(0)
	l.periods.each(func(p float64, times int64) {
		switch {
		case p > MissedOver*median:
			c.Missed += times
		case p < BunchedUnder*median:
			c.Bunched += times
		case p >= (1-steadyNear)*median && p <= (1+steadyNear)*median:
			near += times
		}
	})
	c.Steady = float64(near) >= steadyShare*float64(c.Period.N)
	if c.Steady {
		c.DriftPPM, c.HasDrift = l.drift(median)
	}
	return c, l.periods
}

// drift compares the least-squares period with the nominal one: the notebook's second where the median is
// near it, else the median itself.
func (l *longRhythm) drift(median float64) (ppm float64, ok bool) {
	n := float64(l.beats)
	d := n*l.sumNN - l.sumN*l.sumN
	if l.beats < 3 || d == 0 || median <= 0 {
		return 0, false
	}
	slope := (n*l.sumNT - l.sumN*l.sumT) / d * 1e9
	nominal := median
	if math.Abs(median-float64(notebook.Period)) < nominalTolerance*float64(notebook.Period) {
		nominal = float64(notebook.Period)
	}
	return (slope/nominal - 1) * 1e6, true
}

// A beatFinder turns one direction's stream into beats: its lines, or its segments with PSH while there is no
// line end. A line's time is the first transmission of its first byte.
type beatFinder struct {
	beats   rhythm
	inLines bool // a line end was seen: the beats are lines
	inLine  bool
	start   int64 // time of the first byte of the current line
}

func (b *beatFinder) reset() {
	b.beats.reset()
	b.inLines, b.inLine, b.start = false, false, 0
}

// gap notes that nothing was captured for a while.
func (b *beatFinder) gap() { b.beats.broken = true }

func (b *beatFinder) add(c *chunk) {
	if !b.inLine {
		b.inLine, b.start = true, c.time
	}
	if c.push && !b.inLines && !c.lost {
		b.beats.beat(c.time)
	}
	data := c.data
	for {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return
		}
		if !b.inLines {
			b.inLines = true
			b.beats.reset()
		}
		b.beats.beat(b.start)
		data = data[i+1:]
		b.start = c.time
		b.inLine = len(data) > 0 || int64(len(c.data)) < c.length
	}
}
