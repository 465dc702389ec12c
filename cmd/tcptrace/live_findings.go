package main

import (
	"fmt"
	"sync"
	"time"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

const (
	findEvery = 2 * time.Second
	// maxFindEvents bounds what is kept to look for reasons while the capture runs: at some 500 bytes each, 10 MB, and
	// looking costs some 40 ms. An hour of the notebook's exchange has 19,000 packets.
	maxFindEvents = 20_000
)

// A liveFinder says what the packets prove as soon as they do, while the capture runs. It tracks its own copy of them
// from the start each time, beside the capture, because findings look at sessions as they stand and the capture's
// tracker is at work. When there are too many it stops and says so; the report at the end has everything.
type liveFinder struct {
	options sessions.Options
	lang    string
	full    string // said when there are too many packets
	say     func(string)

	mu     sync.Mutex
	events []capture.Event
	over   bool
	end    chan struct{}
	done   sync.WaitGroup
}

// start begins to look, every findEvery, until finish.
func (f *liveFinder) start() {
	f.options.OnStep, f.options.Shown, f.options.Samples = nil, sessions.DefaultShown, true
	f.end = make(chan struct{})
	f.done.Add(1)
	go f.watch()
}

// add keeps a copy of an event.
func (f *liveFinder) add(ev *capture.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return
	}
	if len(f.events) == maxFindEvents {
		f.over, f.events = true, nil
		f.say(f.full)
		return
	}
	kept := *ev
	switch ev.Kind {
	case capture.KindSegment:
		kept.Segment = *ev.Segment.Clone()
	case capture.KindDatagram:
		kept.Datagram.Payload = append([]byte(nil), ev.Datagram.Payload...)
	}
	f.events = append(f.events, kept)
}

// finish stops looking; nothing is said afterwards.
func (f *liveFinder) finish() {
	close(f.end)
	f.done.Wait()
}

func (f *liveFinder) watch() {
	defer f.done.Done()
	tick := time.NewTicker(findEvery)
	defer tick.Stop()
	said, seen := map[string]bool{}, 0
	for {
		select {
		case <-f.end:
			return
		case <-tick.C:
		}
		f.mu.Lock()
		events := f.events // only appended to, so that this part of it does not change
		f.mu.Unlock()
		if len(events) == seen {
			continue
		}
		seen = len(events)
		for _, found := range f.find(events) {
			if !said[found.Code] {
				said[found.Code] = true
				f.say(fmt.Sprintf(">> %s: %s", found.Code, found.Text.In(f.lang)))
			}
		}
	}
}

// find tracks events and explains them.
func (f *liveFinder) find(events []capture.Event) []findings.Finding {
	t := sessions.NewTracker(f.options, 1)
	var info capture.Info
	for i := range events {
		ev := &events[i]
		t.Add(ev)
		if ev.Kind == capture.KindSegment && ev.Segment.HasTime {
			if !info.HasTimes {
				info.FirstTime, info.HasTimes = ev.Segment.Time, true
			}
			info.LastTime = ev.Segment.Time
			info.TCPPackets++
		}
		info.Packets++
	}
	tr := t.Finish(info)
	ladder.AddCalls(tr, ladder.DeviceCalls(tr))
	return findings.Find(tr, findings.Options{})
}
