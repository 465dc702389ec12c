package endpoints

import "time"

// A Ration is how much a program may write about what a peer makes it do: Burst bytes at once, Rate bytes a second after that, Total
// bytes in all. What goes beyond is left out and counted; whoever writes says how much that was. After something was left out
// nothing is written until there is room for a second, so that what is shown comes in pieces that can be read.
type Ration struct {
	Burst, Rate, Total int64

	used     int64
	room     float64   // bytes that may be written at once
	at       time.Time // when room was counted; zero before the first line
	choked   bool      // lines are left out until there is room for a second
	finished bool      // the total is used up
	missing  int64     // lines left out since Missing was asked
	missed   int64     // lines left out in all
}

// Take reports whether a line of n bytes may be written now. A nil Ration has no limit.
func (r *Ration) Take(n int, now time.Time) bool {
	if r == nil {
		return true
	}
	r.refill(now)
	size := int64(n)
	r.finished = r.finished || r.used+size > r.Total
	r.choked = r.room < float64(size) || r.choked && r.room < float64(min(r.Rate, r.Burst))
	if r.finished || r.choked {
		r.Miss()
		return false
	}
	r.used += size
	r.room -= float64(size)
	return true
}

func (r *Ration) refill(now time.Time) {
	if r.at.IsZero() {
		r.at, r.room = now, float64(r.Burst)
	}
	if gone := now.Sub(r.at); gone > 0 { // clocks are set back
		r.at, r.room = now, min(float64(r.Burst), r.room+gone.Seconds()*float64(r.Rate))
	}
}

// Miss counts a line that was left out.
func (r *Ration) Miss() {
	if r != nil {
		r.missing++
		r.missed++
	}
}

// Missing is how many lines were left out since it was asked last.
func (r *Ration) Missing() int64 {
	if r == nil {
		return 0
	}
	n := r.missing
	r.missing = 0
	return n
}

// Missed is how many lines were left out in all.
func (r *Ration) Missed() int64 {
	if r == nil {
		return 0
	}
	return r.missed
}

// Finished reports whether the total is used up: nothing will be written any more.
func (r *Ration) Finished() bool { return r != nil && r.finished }
