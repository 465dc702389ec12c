package sessions

import (
	"encoding/binary"
	"sort"
)

// StandOutSessions is how many sessions a summary names.
const StandOutSessions = 20

// totals add up sessions that are no longer tracked. Those of many workers merge in any order.
type totals struct {
	digest      Digest
	standOut    []ranked // at most StandOutSessions, best first
	firstFrames []byte   // varint differences of the sessions' first frames, in order of creation
	lastFirst   int64
}

// A ranked session with what makes it stand out.
type ranked struct {
	score   float64
	session *Session
}

// opened notes that a session began, so that its number can be told at the end.
func (f *totals) opened(frame int64) {
	f.firstFrames = binary.AppendVarint(f.firstFrames, frame-f.lastFirst)
	f.lastFirst = frame
}

// appendFirstFrames adds the first frames of the sessions that were added up.
func (f *totals) appendFirstFrames(all []int64) []int64 {
	var at int64
	for rest := f.firstFrames; len(rest) > 0; {
		d, size := binary.Varint(rest)
		at += d
		rest = rest[size:]
		all = append(all, at)
	}
	return all
}

// opensBefore counts, for each of the given frames, which are sorted, the sessions that began before.
func (f *totals) opensBefore(frames []int64, counts []int) {
	var at int64
	before := make([]int, len(frames)+1)
	for rest := f.firstFrames; len(rest) > 0; {
		d, size := binary.Varint(rest)
		at += d
		rest = rest[size:]
		i := sort.Search(len(frames), func(i int) bool { return frames[i] > at })
		before[i]++
	}
	sum := 0
	for i := range frames {
		sum += before[i]
		counts[i] += sum
	}
}

// forget adds a session that has ended to the totals, and has its memory used again.
func (t *worker) forget(c *conn) {
	t.addUp(c)
	c.bits &^= bitTracked
	if !c.bits.has(bitKept) { // trim may still look at those that are kept
		t.conns.release(c)
	}
}

// addUp adds a session that has ended to the totals.
func (t *worker) addUp(c *conn) {
	t.flushPending(c) // whatever ends the session: a SYN that was held is one of its packets
	if !c.bits.has(bitDone) {
		t.finishStreams(c)
	}
	steps := c.detachSteps()
	s := t.finished(c)
	if t.o.Counted {
		t.left[c.group()]++
		return
	}
	f := &t.totals[c.group()]
	f.digest.counts.add(s)
	f.rank(c, strangeness(s))
	if c.bits.has(bitKept) && t.o.OnSession != nil {
		c.extra.steps = steps
		s := &Session{}
		c.last(s, 0)
		s.Aside = !c.bits.has(bitWatched)
		t.examined = append(t.examined, s)
	}
}

// admits reports whether a session with this score would be among those that stand out so far. The bar only rises, so
// that one that is turned away now stays out.
func (f *totals) admits(score float64, firstFrame int64) bool {
	n := len(f.standOut)
	if n < StandOutSessions {
		return true
	}
	last := f.standOut[n-1]
	return score > last.score || score == last.score && firstFrame < last.session.FirstFrame
}

// rank enters a session among those that stand out, if it does.
func (f *totals) rank(c *conn, score float64) {
	if !f.admits(score, c.firstFrame) {
		return
	}
	s := &Session{}
	c.session(s, 0)
	if s.Echo != nil {
		e := *s.Echo
		e.Samples, e.SamplesLeftOut = nil, 0
		s.Echo = &e
	}
	if s.Cadence != nil {
		d := *s.Cadence
		d.Times, d.TimesLeftOut = nil, 0
		s.Cadence = &d
	}
	f.insertRanked(ranked{score, s})
}

func (f *totals) insertRanked(r ranked) {
	i := sort.Search(len(f.standOut), func(i int) bool { return r.before(f.standOut[i]) })
	f.standOut = append(f.standOut, ranked{})
	copy(f.standOut[i+1:], f.standOut[i:])
	f.standOut[i] = r
	f.standOut = f.standOut[:min(len(f.standOut), StandOutSessions)]
}

func (r ranked) before(o ranked) bool {
	if r.score != o.score {
		return r.score > o.score
	}
	return r.session.FirstFrame < o.session.FirstFrame
}

// How much each oddity adds to a session's strangeness: the worst kind of end first, then what made it slow.
const (
	strangeRST       = 1000
	strangeRefused   = 900
	strangeNoAnswer  = 800
	strangeZeroWin   = 200
	strangeMissed    = 100
	strangeMissing   = 100
	strangePerCent   = 10 // for each per cent of data segments retransmitted
	strangePerSecond = 20 // for each second of the longest echo
	strangeMost      = 500
)

var strangeEnds = [NumEnds]float64{EndRST: strangeRST, EndRefused: strangeRefused, EndNoAnswer: strangeNoAnswer}

// Score is how much a session stands out: the worst kind of end first, then what made it slow.
func (s *Session) Score() float64 { return strangeness(s) }

// strangeness ranks a session for the summary's list of those that stand out.
func strangeness(s *Session) float64 {
	score := strangeEnds[s.End]
	data, again := s.DataSegments[Client]+s.DataSegments[Server], s.Retransmitted[Client]+s.Retransmitted[Server]
	if data > 0 {
		score += min(strangePerCent*100*float64(again)/float64(data), strangeMost)
	}
	if s.ZeroWindows[Client]+s.ZeroWindows[Server] > 0 {
		score += strangeZeroWin
	}
	if s.MissingBytes[Client]+s.MissingBytes[Server] > 0 {
		score += strangeMissing
	}
	if s.Echo != nil {
		score += min(strangePerSecond*s.Echo.RTT.Max.Seconds(), strangeMost)
	}
	if s.Cadence != nil && s.Cadence.Missed > 0 {
		score += strangeMissed
	}
	return score
}

// merge adds the totals of another worker.
func (f *totals) merge(o *totals) {
	f.digest.Merge(&o.digest)
	for _, r := range o.standOut {
		f.insertRanked(r)
	}
}

// summary is what the report shows. The parts are the totals that hold the sessions' first frames.
func (f *totals) summary(parts []*totals) *Summary {
	s := &Summary{Totals: f.digest.Stats(), Digest: &f.digest}
	byFrame := make([]*Session, 0, len(f.standOut))
	for _, r := range f.standOut {
		s.StandOut = append(s.StandOut, r.session)
		byFrame = append(byFrame, r.session)
	}
	sort.Slice(byFrame, func(i, j int) bool { return byFrame[i].FirstFrame < byFrame[j].FirstFrame })
	frames, before := make([]int64, len(byFrame)), make([]int, len(byFrame))
	for i, b := range byFrame {
		frames[i] = b.FirstFrame
	}
	for _, p := range parts {
		p.opensBefore(frames, before)
	}
	for i, b := range byFrame {
		b.ID = before[i] + 1
	}
	return s
}
