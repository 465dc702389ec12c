package main

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

// A liveFinder says what the packets prove as soon as they do, while the capture runs. It looks at a snapshot of the
// capture's own tracker: what it says is what the report would say now.
type liveFinder struct {
	tracker   *sessions.Tracker
	collector *findings.Collector
	info      func() capture.Info
	numbers   func(*sessions.Trace)
	lang      string
	print     func(string)

	packets         int64 // when it last looked
	next, explainAt time.Time
	said            map[string]bool
}

// refresh takes a snapshot if it is time for one and something has come since the last.
func (f *liveFinder) refresh(now time.Time) {
	if now.Before(f.next) {
		return
	}
	info := f.info()
	if info.Packets == f.packets {
		return
	}
	f.packets = info.Packets
	tr := f.tracker.Snapshot(info)
	f.numbers(tr)
	if !now.Before(f.explainAt) {
		f.explain(tr)
		f.explainAt = now.Add(findEvery)
	}
	f.next = now.Add(max(lookEvery, lookShare*time.Since(now)))
}

// explain says what is new.
func (f *liveFinder) explain(tr *sessions.Trace) {
	ladder.AddCalls(tr, ladder.DeviceCalls(tr))
	for _, found := range findings.Find(tr, findings.Options{Collector: f.collector}) {
		if !f.said[found.Code] {
			f.said[found.Code] = true
			f.print(fmt.Sprintf(">> %s: %s", found.Code, found.Text.In(f.lang)))
		}
	}
}
