package rhythm

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"sort"
	"time"

	"tcptrace/sessions"
)

// What makes the messages of a session those of a loop.
const (
	minIntervals  = 3                      // fewer are no rhythm
	minLoopPeriod = 200 * time.Millisecond // faster is a stream, not a loop with a pause
	maxLoopSpread = 0.25                   // standard deviation over mean: 0.019 in pico-server-rst, where the pace changes
)

// Median is the nearest-rank median, as in sessions.Stats: always a value that was measured. It is 0 for none and
// leaves d as it is.
func Median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = slices.Sorted(slices.Values(d))
	return d[(len(d)+1)/2-1]
}

// A Loop is a program that sends something once per pass: the clock that everything else it does is measured against.
type Loop struct {
	Host     netip.Addr
	Sessions []*sessions.Session // the sessions that it sends to one server port, the one with most messages first
	Period   time.Duration       // median of the intervals of all of them
	Times    []int64             // of the messages of all of them, ns since 1970, ascending
}

// Sender is the host that sends a session's messages; the zero Addr when it has no cadence.
func Sender(s *sessions.Session) netip.Addr {
	if s.Cadence == nil || s.Cadence.Sender == sessions.NoSide {
		return netip.Addr{}
	}
	return s.EndPoint(s.Cadence.Sender).Addr()
}

// Looping reports whether a session's messages can be a loop's.
func Looping(s *sessions.Session) bool {
	c := s.Cadence
	if c == nil || c.Sender == sessions.NoSide || s.Untimed || c.Period.N < minIntervals {
		return false
	}
	p := &c.Period
	return p.P50 >= minLoopPeriod && p.StdDev <= time.Duration(maxLoopSpread*float64(p.Mean))
}

// Loops finds the loops among sessions: one for each host and the server port that it sends to, or answers on, the one
// with most messages first.
func Loops(all []*sessions.Session) []*Loop {
	type key struct {
		host netip.Addr
		port uint16
		side sessions.Side
	}
	byKey := map[key]*Loop{}
	var loops []*Loop
	for _, s := range all {
		if !Looping(s) {
			continue
		}
		k := key{Sender(s), s.Server.Port(), s.Cadence.Sender}
		l := byKey[k]
		if l == nil {
			l = &Loop{Host: k.host}
			byKey[k] = l
			loops = append(loops, l)
		}
		l.Sessions = append(l.Sessions, s)
	}
	for _, l := range loops {
		l.merge()
	}
	slices.SortStableFunc(loops, func(a, b *Loop) int { return cmp.Compare(len(b.Times), len(a.Times)) })
	return loops
}

// merge puts the messages of all sessions on one line.
func (l *Loop) merge() {
	slices.SortStableFunc(l.Sessions, func(a, b *sessions.Session) int {
		return cmp.Compare(len(b.Cadence.Times), len(a.Cadence.Times))
	})
	if len(l.Sessions) == 1 {
		l.Period, l.Times = l.Sessions[0].Cadence.Period.P50, l.Sessions[0].Cadence.Times
		return
	}
	var intervals []time.Duration
	for _, s := range l.Sessions {
		for i, at := range s.Cadence.Times {
			l.Times = append(l.Times, at)
			if i > 0 {
				intervals = append(intervals, time.Duration(at-s.Cadence.Times[i-1]))
			}
		}
	}
	slices.Sort(l.Times)
	l.Period = Median(intervals)
}

// Apart is how far a moment is from the nearest message of the loop, negative before it.
func (l *Loop) Apart(at int64) time.Duration {
	next := sort.Search(len(l.Times), func(i int) bool { return l.Times[i] >= at })
	best := time.Duration(math.MaxInt64)
	for _, i := range []int{next - 1, next} {
		if i < 0 || i >= len(l.Times) {
			continue
		}
		if d := time.Duration(at - l.Times[i]); d.Abs() < best.Abs() {
			best = d
		}
	}
	return best
}

// Answers reports whether a session's echoes come from the loop's program: its server is the loop's host, and it is not
// what the loop itself sends to.
func (l *Loop) Answers(s *sessions.Session) bool {
	if s.Echo == nil || len(s.Echo.Samples) == 0 || s.Server.Addr() != l.Host {
		return false
	}
	return !slices.ContainsFunc(l.Sessions, func(own *sessions.Session) bool {
		return own == s || own.Cadence.Sender == sessions.Client && own.Server == s.Server
	})
}

// Pace is what one interval of the notebook's loop says about its poll().
type Pace uint8

// The paces.
const (
	OtherPace Pace = iota
	ReadyPace      // something was ready: poll() returned at once
	EmptyPace      // poll() used its 50 ms
)

// The intervals of the notebook's loop, sleep(1) and poll(50): a loop on deadlines sits at 1.0000 s (pico-fixed
// 0.99945–1.00045); with something always ready it takes 1.0040 (pico-4k), 1.0105 (unix-server-killed), 1.024
// (unix-lo-strace); with an empty poll 1.0520–1.0543 (pico-server-rst).
const (
	ReadyMin = 1002 * time.Millisecond
	ReadyMax = 1030 * time.Millisecond
	EmptyMin = 1035 * time.Millisecond
	EmptyMax = 1090 * time.Millisecond
)

// PaceOf reads one interval.
func PaceOf(d time.Duration) Pace {
	switch {
	case d >= ReadyMin && d <= ReadyMax:
		return ReadyPace
	case d >= EmptyMin && d <= EmptyMax:
		return EmptyPace
	}
	return OtherPace
}
