package lab

import (
	"time"

	"gvisor.dev/gvisor/pkg/waiter"

	"tcptrace/endpoints"
)

// threads implements endpoints.Threads: each of a program's threads is a process of the scheduler, and only the one whose turn it is
// runs. The calls of all of them go through the program's one net, in the name of that thread.
type threads struct {
	n      *net
	queues map[int64]*waiter.Queue // of those that are parked, by key
	woken  map[int64]int           // how often a key was unparked
}

func newThreads(n *net) *threads {
	return &threads{n: n, queues: map[int64]*waiter.Queue{}, woken: map[int64]int{}}
}

// Spawn implements endpoints.Threads.
func (t *threads) Spawn(run func()) {
	p := t.n.s.launch(t.n.s.time(), func(*process) { run() })
	p.stopAt.Store(t.n.process.stopAt.Load())
}

// Spend implements endpoints.Threads.
func (t *threads) Spend(d time.Duration) error {
	when := t.n.s.time() + int64(d)
	if d < 0 || when > never {
		when = never
	}
	if !t.n.sleep(when) {
		return endpoints.ErrStopped
	}
	return nil
}

// Park implements endpoints.Threads.
func (t *threads) Park(key int64, timeout time.Duration) error {
	q := t.queues[key]
	if q == nil {
		q = &waiter.Queue{}
		t.queues[key] = q
	}
	deadline := never
	if timeout >= 0 {
		deadline = t.n.s.time() + int64(timeout)
	}
	seen := t.woken[key]
	if _, stop := t.n.waitFor(deadline, []*waiter.Queue{q}, func() bool { return t.woken[key] != seen }); stop {
		return endpoints.ErrStopped
	}
	return nil
}

// Unpark implements endpoints.Threads.
func (t *threads) Unpark(key int64) {
	t.woken[key]++
	if q := t.queues[key]; q != nil {
		q.Notify(waiter.ReadableEvents)
	}
}

// Lease implements endpoints.Threads.
func (t *threads) Lease() time.Time {
	s := t.n.s
	s.mu.Lock()
	defer s.mu.Unlock()
	when := min(s.current.stopAt.Load(), t.n.host.lab.end)
	if len(s.events) > 0 {
		when = min(when, s.events[0].at)
	}
	if len(s.ready) > 0 {
		when = s.now
	}
	return s.base.Add(time.Duration(when))
}

// The calls of a program are those of the thread whose turn it is.

func (n *net) until(when int64)      { n.s.current.until(when) }
func (n *net) sleep(when int64) bool { return n.s.current.sleep(when) }
func (n *net) waitFor(deadline int64, queues []*waiter.Queue, ready func() bool) (isReady, stop bool) {
	return n.s.current.waitFor(deadline, queues, ready)
}
