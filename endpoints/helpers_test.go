//go:build unix || windows

package endpoints

import (
	"context"
	"errors"
	"iter"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// testLimit ends what hangs; no test measures time.
const testLimit = 20 * time.Second

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// newTestNet is the kernel's network for one test.
func newTestNet(t *testing.T) Net {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testLimit)
	n, err := NewKernel(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Exit(); cancel() })
	return n
}

// freePort is a port of 127.0.0.1 that nothing had a moment ago.
func freePort(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listenOn is a listening socket on a free port.
func listenOn(t *testing.T, n Net, backlog int) Socket {
	t.Helper()
	s := must[Socket](t)(n.Socket())
	check(t, s.Bind(netip.AddrPortFrom(loopback, 0)))
	check(t, s.Listen(backlog))
	return s
}

// connected is a client of the listening socket, in blocking mode.
func connected(t *testing.T, n Net, to Socket) Socket {
	t.Helper()
	s := must[Socket](t)(n.Socket())
	check(t, s.Connect(to.LocalAddr()))
	return s
}

func accepted(t *testing.T, l Socket) Socket {
	t.Helper()
	conn, _, err := l.Accept()
	check(t, err)
	return conn
}

// pollOne polls one socket until something is ready.
func pollOne(t *testing.T, n Net, s Socket, ev Events) Events {
	t.Helper()
	p := n.Poller()
	p.Register(s, ev)
	ready, err := p.Poll(testLimit)
	check(t, err)
	if len(ready) != 1 || ready[0].Socket != s {
		t.Fatalf("ready: %v", ready)
	}
	return ready[0].Events
}

func expectErrno(t *testing.T, what string, err error, want Errno) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// fast is a Net whose time runs faster, so that the programs' seconds are short. Time is the only thing that it changes.
type fast struct {
	Net
	begun time.Time
}

const faster = 25

func newFast(n Net) Net { return &fast{Net: n, begun: time.Now()} }

func (f *fast) Sleep(d time.Duration) error { return f.Net.Sleep(d / faster) }
func (f *fast) Now() time.Time              { return f.begun.Add(time.Since(f.begun) * faster).UTC() }

func (f *fast) StopAt(at time.Time) {
	if !at.IsZero() {
		at = f.begun.Add(at.Sub(f.begun) / faster)
	}
	f.Net.StopAt(at)
}

func (f *fast) Poller() Poller { return fastPoller{f.Net.Poller()} }

type fastPoller struct{ Poller }

func (p fastPoller) Poll(timeout time.Duration) ([]Ready, error) {
	if timeout > 0 {
		timeout /= faster
	}
	return p.Poller.Poll(timeout)
}

func (p fastPoller) IPoll(timeout time.Duration) (iter.Seq2[Socket, Events], error) {
	ready, err := p.Poll(timeout)
	return Iterate(ready), err
}

// A stage runs programs as processes of one test.
type stage struct {
	t      *testing.T
	cancel context.CancelFunc
	ctx    context.Context
	wg     sync.WaitGroup
}

func newStage(t *testing.T) *stage {
	ctx, cancel := context.WithTimeout(context.Background(), testLimit)
	s := &stage{t: t, ctx: ctx, cancel: cancel}
	t.Cleanup(func() { cancel(); s.wg.Wait() })
	return s
}

// actor is a running program.
type actor struct {
	done chan struct{}
	err  error
	mu   sync.Mutex
	text strings.Builder
}

func (a *actor) Write(b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.Write(b)
}

// printed is what the program has printed so far.
func (a *actor) printed() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}

func (a *actor) voice() Voice { return Voice{Out: a, Lang: "es"} }

// run starts a program; wrap puts more around its Net, nil for nothing. hold keeps its sockets when it fails, as a Pico's REPL does.
func (s *stage) run(a *actor, p Program, wrap func(Net) Net, hold bool) *actor {
	s.t.Helper()
	kernel, err := NewKernel(s.ctx)
	check(s.t, err)
	n := newFast(kernel)
	if wrap != nil {
		n = wrap(n)
	}
	a.done = make(chan struct{})
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		a.err = p.Run(n)
		close(a.done)
		if hold {
			<-s.ctx.Done()
		}
		kernel.Exit()
	}()
	return a
}

// wait waits for a program's end.
func (s *stage) wait(a *actor) error {
	s.t.Helper()
	select {
	case <-a.done:
		return a.err
	case <-time.After(testLimit):
		s.t.Fatalf("the program does not end; it printed:\n%s", a.printed())
		return nil
	}
}

// expect waits until a program has printed a text.
func (s *stage) expect(a *actor, text string) {
	s.t.Helper()
	for end := time.Now().Add(testLimit); !strings.Contains(a.printed(), text); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("no %q in\n%s", text, a.printed())
		}
	}
}
