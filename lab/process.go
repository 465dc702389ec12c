package lab

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/waiter"
)

// A scheduler runs programs one at a time, and moves the clock only when all of them wait and the stacks are quiet.
// The order of everything is then a matter of the events alone.
type scheduler struct {
	*clock
	ready   []*process // in the order in which they were woken; under clock.mu
	parked  chan struct{}
	alive   int
	current *process // whose turn it is
}

// A process is one program in a goroutine of its own.
type process struct {
	s       *scheduler
	wake    chan struct{}
	waiting bool         // it may be put on the ready list; under clock.mu
	stopAt  atomic.Int64 // the moment from which it is to end
}

// never is a moment that does not come.
const never = int64(1)<<62 - 1

func newScheduler(base time.Time) *scheduler {
	return &scheduler{clock: &clock{base: base}, parked: make(chan struct{})}
}

// launch starts program at a moment. exited is called in the program's turn after it returned.
func (s *scheduler) launch(when int64, program func(*process)) *process {
	p := &process{s: s, wake: make(chan struct{})}
	p.stopAt.Store(never)
	s.alive++
	s.at(when, func() {
		p.waiting = true
		p.wakeUp()
		go func() {
			<-p.wake
			program(p)
			s.alive--
			s.parked <- struct{}{}
		}()
	})
	return p
}

// wakeUp puts a waiting program on the ready list. It may be called from any goroutine.
func (p *process) wakeUp() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.s.moved++
	if p.waiting {
		p.waiting = false
		p.s.ready = append(p.s.ready, p)
	}
}

// NotifyEvent implements waiter.EventListener: something happened to a socket that the program waits for.
func (p *process) NotifyEvent(waiter.EventMask) { p.wakeUp() }

// park gives the turn back until the program is woken.
func (p *process) park() {
	p.s.parked <- struct{}{}
	<-p.wake
}

// aboutToWait says that from now on a wake-up counts. It stands before the check of what is waited for.
func (p *process) aboutToWait() {
	p.s.mu.Lock()
	p.waiting = true
	p.s.mu.Unlock()
}

// done says that wake-ups count no more, the last one included.
func (p *process) done() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.waiting = false
	if i := slices.Index(p.s.ready, p); i >= 0 {
		p.s.ready = slices.Delete(p.s.ready, i, i+1)
	}
}

// until waits for a moment, whatever else happens.
func (p *process) until(when int64) {
	if when <= p.s.time() {
		return
	}
	defer p.done()
	p.s.at(when, p.wakeUp)
	for p.s.time() < when {
		p.aboutToWait()
		p.park()
	}
}

// stopping reports whether the program is to end.
func (p *process) stopping() bool { return p.s.time() >= p.stopAt.Load() }

// sleep waits until a moment or until the program is to end; false for the latter.
func (p *process) sleep(when int64) bool {
	p.until(min(when, p.stopAt.Load()))
	return !p.stopping() || when < p.stopAt.Load()
}

// waitFor waits until ready says so, until the deadline, or until the program is to end. It is woken by the queues.
func (p *process) waitFor(deadline int64, queues []*waiter.Queue, ready func() bool) (isReady, stop bool) {
	entries := make([]waiter.Entry, len(queues))
	for i, q := range queues {
		entries[i].Init(p, waiter.ReadableEvents|waiter.WritableEvents|waiter.EventErr|waiter.EventHUp|waiter.EventRdHUp)
		q.EventRegister(&entries[i])
	}
	defer func() {
		for i, q := range queues {
			q.EventUnregister(&entries[i])
		}
		p.done()
	}()
	if limit := min(deadline, p.stopAt.Load()); limit < never {
		defer p.s.cancel(p.s.at(limit, p.wakeUp))
	}
	for {
		p.aboutToWait()
		switch {
		case ready():
			return true, false
		case p.stopping():
			return false, true
		case p.s.time() >= deadline:
			return false, false
		}
		p.park()
	}
}

// step gives the next ready program its turn; false if none is ready.
func (s *scheduler) step() bool {
	s.mu.Lock()
	if len(s.ready) == 0 {
		s.mu.Unlock()
		return false
	}
	p := s.ready[0]
	s.ready = append(s.ready[:0], s.ready[1:]...)
	s.mu.Unlock()
	s.current = p
	p.wake <- struct{}{}
	<-s.parked
	return true
}

// quietYields is how often the stacks' goroutines are let run in a row without any of them touching the clock or waking
// a program, before they are taken to be quiet. One would be enough but for the Go scheduler, which looks into the global
// queue, where a yielding goroutine waits, before its own once in 61 turns.
const quietYields = 6

// settle lets the stacks' goroutines run until they are quiet. It needs GOMAXPROCS(1).
func (s *scheduler) settle() {
	seen := s.activity()
	for quiet := 0; quiet < quietYields; quiet++ {
		runtime.Gosched()
		if now := s.activity(); now != seen {
			seen, quiet = now, -1
		}
	}
}

// oneAtATime holds GOMAXPROCS while a lab runs.
var oneAtATime sync.Mutex

// onOneProcessor runs f with GOMAXPROCS(1) and restores what was before. Labs of one process run one after the other.
func onOneProcessor(f func()) {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	f()
}
