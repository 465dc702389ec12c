package sessions

import (
	"bytes"
	"math"
	"time"
)

// What counts as a regular rhythm on ports other than the notebook's (report.md, Cadence).
const (
	minRegularBeats  = 5
	maxRegularCV     = 0.25
	missedOverMedian = 1.5
	bunchedUnder     = 0.5
	notebookPeriod   = time.Second // the notebook's sleep(1)
	nominalTolerance = 0.1         // a median this near to the notebook's period is measured against it
)

// A rhythm collects the beats of one sender.
type rhythm struct {
	last    int64
	periods series
	times   sampled[int64]
	keep    bool // keep times
	beats   int64
	first   int64
	// Sums for the least squares of time against beat number, in seconds from the first beat.
	sumN, sumT, sumNN, sumNT float64
	jitter                   float64 // once periods spilled: running, against jitterRef
	jitterRef                float64
	backwards                int64
}

func (r *rhythm) beat(t int64) {
	if t == noTime {
		return
	}
	if r.beats == 0 {
		r.first = t
	} else if p := t - r.last; p >= 0 {
		r.period(p)
	} else {
		r.backwards++
	}
	r.last = t
	n, s := float64(r.beats), float64(t-r.first)/1e9
	r.sumN += n
	r.sumT += s
	r.sumNN += n * n
	r.sumNT += n * s
	r.beats++
	if r.keep {
		r.times.add(t)
	}
}

func (r *rhythm) period(p int64) {
	if len(r.periods.raw) == MaxRawSamples {
		r.jitterRef = r.periods.mean
		r.jitter = jitterOf(r.periods.raw, r.jitterRef)
	}
	r.periods.add(p)
	if r.periods.hist != nil {
		r.jitter += (math.Abs(float64(p)-r.jitterRef) - r.jitter) / 16
	}
}

// jitterOf is RFC 3550 A.8 with a sender that means to send every nominal nanoseconds.
func jitterOf(periods []int64, nominal float64) (j float64) {
	for _, p := range periods {
		j += (math.Abs(float64(p)-nominal) - j) / 16
	}
	return j
}

// regular reports whether the beats are even enough to be called a cadence.
func (r *rhythm) regular() bool {
	return r.beats >= minRegularBeats && r.periods.mean > 0 && r.periods.stddev()/r.periods.mean < maxRegularCV
}

// cadence summarises.
func (r *rhythm) cadence(sender Side) *Cadence {
	c := &Cadence{Sender: sender, Beats: r.beats, Period: r.periods.stats()}
	if r.keep {
		c.Times, c.TimesLeftOut = r.times.all()
	}
	if c.Period.N == 0 {
		return c
	}
	j := r.jitter
	if r.periods.hist == nil {
		j = jitterOf(r.periods.raw, r.periods.mean)
	}
	c.Jitter = time.Duration(math.Round(j))
	median := float64(c.Period.P50)
	c.Missed = r.periods.countOver(missedOverMedian * median)
	c.Bunched = r.periods.countUnder(bunchedUnder * median)
	c.DriftPPM, c.HasDrift = r.drift(median)
	return c
}

// drift compares the least-squares period with the nominal one: the notebook's second where the median is
// near it, else the median itself.
func (r *rhythm) drift(median float64) (ppm float64, ok bool) {
	n := float64(r.beats)
	d := n*r.sumNN - r.sumN*r.sumN
	if r.beats < 3 || d == 0 || median <= 0 {
		return 0, false
	}
	slope := (n*r.sumNT - r.sumN*r.sumT) / d * 1e9
	nominal := median
	if math.Abs(median-float64(notebookPeriod)) < nominalTolerance*float64(notebookPeriod) {
		nominal = float64(notebookPeriod)
	}
	return (slope/nominal - 1) * 1e6, true
}

// A beatFinder turns one direction's stream into beats: its lines, or its segments with PSH while there is no
// line end. A line's time is the first transmission of its first byte.
type beatFinder struct {
	lines  *rhythm // from the first line end on
	pushes *rhythm // until then
	start  int64   // time of the first byte of the current line
	inLine bool
	keep   bool
}

func (b *beatFinder) add(c chunk) {
	if !b.inLine {
		b.inLine, b.start = true, c.time
	}
	if c.push && b.lines == nil && !c.lost {
		if b.pushes == nil {
			b.pushes = &rhythm{keep: b.keep}
		}
		b.pushes.beat(c.time)
	}
	data := c.data
	for {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return
		}
		if b.lines == nil {
			b.lines, b.pushes = &rhythm{keep: b.keep}, nil
		}
		b.lines.beat(b.start)
		data = data[i+1:]
		b.start = c.time
		b.inLine = len(data) > 0 || int64(len(c.data)) < c.length
	}
}

func (b *beatFinder) rhythm() *rhythm {
	if b.lines != nil {
		return b.lines
	}
	return b.pushes
}
