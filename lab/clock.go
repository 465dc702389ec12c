package lab

import (
	"container/heap"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// A clock is the lab's time: a heap of events, and the moment of the last one that ran. It is the clock of both
// stacks, whose goroutines use it, so it is locked.
type clock struct {
	mu     sync.Mutex
	base   time.Time
	now    int64 // ns since base
	events eventHeap
	last   uint64 // sequence number of the newest event: events of one moment run in the order in which they were made
	moved  uint64 // counts everything that was asked of the clock: whoever waits for quiet looks at it
}

// An event runs once at a moment. Events of the stacks' timers run in goroutines of their own, as tcpip.Clock asks.
type event struct {
	at    int64
	seq   uint64
	run   func()
	spawn bool
	index int // in the heap, -1 outside of it
}

type eventHeap []*event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].seq < h[j].seq
}
func (h eventHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *eventHeap) Push(x any) {
	e := x.(*event)
	e.index = len(*h)
	*h = append(*h, e)
}
func (h *eventHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	e.index = -1
	return e
}

// at schedules run; a moment that is past is now.
func (c *clock) at(when int64, run func()) *event { return c.add(&event{at: when, run: run}) }

func (c *clock) add(e *event) *event {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved++
	c.last++
	e.seq = c.last
	e.at = max(e.at, c.now)
	heap.Push(&c.events, e)
	return e
}

// cancel takes an event back; false if it has run or was taken back before.
func (c *clock) cancel(e *event) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved++
	if e.index < 0 {
		return false
	}
	heap.Remove(&c.events, e.index)
	return true
}

// next takes the first event and moves the time to it; nil if there is none up to the limit, where the time then stands.
func (c *clock) next(limit int64) *event {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.events) == 0 || c.events[0].at > limit {
		c.now = max(c.now, limit)
		return nil
	}
	e := heap.Pop(&c.events).(*event)
	c.now = e.at
	return e
}

// due is the moment of the first event; false if there is none.
func (c *clock) due() (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.events) == 0 {
		return 0, false
	}
	return c.events[0].at, true
}

// time is ns since base.
func (c *clock) time() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) activity() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moved
}

// Now implements tcpip.Clock.
func (c *clock) Now() time.Time { return c.base.Add(time.Duration(c.time())) }

// NowMonotonic implements tcpip.Clock.
func (c *clock) NowMonotonic() tcpip.MonotonicTime {
	return tcpip.MonotonicTime{}.Add(time.Duration(c.time()))
}

// AfterFunc implements tcpip.Clock.
func (c *clock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &timer{c: c, f: f}
	t.Reset(d)
	return t
}

// A timer is a tcpip.Timer on the lab's clock.
type timer struct {
	c  *clock
	f  func()
	mu sync.Mutex
	e  *event
}

// Stop implements tcpip.Timer.
func (t *timer) Stop() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.e != nil && t.c.cancel(t.e)
}

// Reset implements tcpip.Timer.
func (t *timer) Reset(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.e != nil {
		t.c.cancel(t.e)
	}
	t.e = t.c.add(&event{at: t.c.time() + int64(d), run: t.f, spawn: true})
}
