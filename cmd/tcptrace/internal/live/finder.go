package live

import (
	"fmt"
	"time"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// How often a live run looks at what has come so far: for the numbers of the status line, and for reasons.
const (
	lookEvery = time.Second
	findEvery = 2 * time.Second
	// lookShare bounds the part of the time that looking takes, so that packets never wait for it.
	lookShare = 20
)

// A Finder says what the packets prove as soon as they do, while the capture runs. It looks at a snapshot of the
// capture's own tracker: what it says is what the report would say now.
type Finder struct {
	Tracker   *sessions.Tracker
	Collector *findings.Collector
	Info      func() capture.Info
	Numbers   func(*sessions.Trace)
	Lang      string
	Print     func(string)

	packets         int64 // when it last looked
	next, explainAt time.Time
	said            map[string]bool
}

// Refresh takes a snapshot if it is time for one and something has come since the last.
func (f *Finder) Refresh(now time.Time) {
	if now.Before(f.next) {
		return
	}
	info := f.Info()
	if info.Packets == f.packets {
		return
	}
	f.packets = info.Packets
	tr := f.Tracker.Snapshot(info)
	f.Numbers(tr)
	if !now.Before(f.explainAt) {
		f.explain(tr)
		f.explainAt = now.Add(findEvery)
	}
	f.next = now.Add(max(lookEvery, lookShare*time.Since(now)))
}

// explain says what is new.
func (f *Finder) explain(tr *sessions.Trace) {
	ladder.AddCalls(tr, ladder.DeviceCalls(tr))
	for _, found := range findings.Find(tr, findings.Options{Collector: f.Collector}) {
		if !f.said[found.Code] {
			if f.said == nil {
				f.said = map[string]bool{}
			}
			f.said[found.Code] = true
			f.Print(fmt.Sprintf(">> %s: %s", found.Code, found.Text.In(f.Lang)))
		}
	}
}
