//go:build unix || windows

package endpoints

import (
	"context"
	"net/netip"
	"runtime"
	"testing"
	"time"
)

// TestKernelExchange: the notebook's calls on the system's sockets, blocking.
func TestKernelExchange(t *testing.T) {
	n := newTestNet(t)
	l := listenOn(t, n, 1)
	s := connected(t, n, l)
	conn, peer, err := l.Accept()
	check(t, err)
	if peer != s.LocalAddr() || conn.RemoteAddr() != s.LocalAddr() || conn.LocalAddr() != l.LocalAddr() || s.RemoteAddr() != l.LocalAddr() {
		t.Errorf("addresses: peer %v; %v %v; %v %v", peer, conn.LocalAddr(), conn.RemoteAddr(), s.LocalAddr(), s.RemoteAddr())
	}
	if k, err := s.Send([]byte("hola")); k != 4 || err != nil {
		t.Errorf("send: %d, %v", k, err)
	}
	if got := must[[]byte](t)(conn.Recv(3)); string(got) != "hol" {
		t.Errorf("recv(3): %q", got)
	}
	buf := make([]byte, 10)
	if k := must[int](t)(conn.RecvInto(buf)); string(buf[:k]) != "a" {
		t.Errorf("recv_into: %q", buf[:k])
	}
	check(t, s.Close())
	if got, err := conn.Recv(10); len(got) != 0 || err != nil {
		t.Errorf("after FIN: %q, %v", got, err)
	}
	expectErrno(t, "close twice", s.Close(), EBADF)
	_, err = s.Recv(1)
	expectErrno(t, "recv after close", err, EBADF)
}

// TestKernelNonBlocking: the errors of calls that would wait, and poll's real values.
func TestKernelNonBlocking(t *testing.T) {
	n := newTestNet(t)
	l := listenOn(t, n, 1)
	check(t, l.SetBlocking(false))
	_, _, err := l.Accept()
	expectErrno(t, "accept", err, EAGAIN)
	s := must[Socket](t)(n.Socket())
	check(t, s.SetBlocking(false))
	if err := s.Connect(l.LocalAddr()); err != EINPROGRESS && err != nil {
		t.Errorf("connect: %v", err)
	}
	if ev := pollOne(t, n, s, PollOut); ev != PollOut {
		t.Errorf("connected: events %d", ev)
	}
	if ev := pollOne(t, n, l, PollIn); ev != PollIn {
		t.Errorf("a waiting connection: events %d", ev)
	}
	conn := accepted(t, l)
	_, err = s.Recv(10)
	expectErrno(t, "recv", err, EAGAIN)
	check(t, conn.Close())
	if ev := pollOne(t, n, s, PollIn); ev != PollIn {
		t.Errorf("after the peer's FIN: events %d", ev)
	}
	check(t, s.Close())
	if ev := pollOne(t, n, s, PollIn); ev != PollNval {
		t.Errorf("closed: events %d", ev)
	}
}

// TestKernelPartialSend: a non-blocking send takes what fits, then EAGAIN; a blocking one takes all.
func TestKernelPartialSend(t *testing.T) {
	n := newTestNet(t)
	l := listenOn(t, n, 1)
	s := connected(t, n, l)
	conn := accepted(t, l)
	check(t, s.SetBlocking(false))
	big := make([]byte, 16<<20)
	k, err := s.Send(big)
	if err != nil || k <= 0 || k >= len(big) {
		t.Errorf("send: %d of %d, %v", k, len(big), err)
	}
	for err == nil {
		var more int
		more, err = s.Send(big)
		k += more
	}
	expectErrno(t, "send without room", err, EAGAIN)
	check(t, s.SetBlocking(true))
	received := make(chan int)
	go func() {
		total := 0
		for total < k+len(big) {
			data, err := conn.Recv(1 << 20)
			if err != nil || len(data) == 0 {
				break
			}
			total += len(data)
		}
		received <- total
	}()
	if more, err := s.Send(big); more != len(big) || err != nil {
		t.Errorf("blocking send: %d of %d, %v", more, len(big), err)
	}
	if got := <-received; got != k+len(big) {
		t.Errorf("received %d of %d", got, k+len(big))
	}
}

// TestKernelRefusedAndReset: errors carry Linux's numbers on every system.
func TestKernelRefusedAndReset(t *testing.T) {
	n := newTestNet(t)
	nobody := freePort(t)
	s := must[Socket](t)(n.Socket())
	expectErrno(t, "connect", s.Connect(nobody), ECONNREFUSED)
	if int(ECONNREFUSED) != 111 || ECONNREFUSED.Error() != "[Errno 111] ECONNREFUSED" || Errno(7).Name() != "errno 7" {
		t.Errorf("%v, %v", ECONNREFUSED.Error(), Errno(7).Name())
	}
	l := listenOn(t, n, 1)
	c := connected(t, n, l)
	conn := accepted(t, l)
	check(t, c.SetSockOpt(Linger0, 1))
	check(t, c.Close())
	if ev := pollOne(t, n, conn, PollIn); ev&(PollIn|PollErr|PollHup) != PollIn|PollErr|PollHup {
		t.Errorf("after RST: events %d", ev)
	}
	if runtime.GOOS != "windows" { // Winsock keeps no such error
		if v, err := conn.GetSockOpt(SoError); Errno(v) != ECONNRESET || err != nil {
			t.Errorf("SO_ERROR: %d, %v", v, err)
		}
	}
	again := must[Socket](t)(n.Socket())
	expectErrno(t, "bind", again.Bind(l.LocalAddr()), EADDRINUSE)
	expectErrno(t, "bind to IPv6", again.Bind(netip.MustParseAddrPort("[::1]:1")), EAFNOSUPPORT)
}

// TestKernelStops: calls that wait end with the context and at StopAt, and Exit closes everything.
func TestKernelStops(t *testing.T) {
	waits := map[string]func(n Net, l Socket) error{
		"accept": func(_ Net, l Socket) error { _, _, err := l.Accept(); return err },
		"poll":   func(n Net, _ Socket) error { _, err := n.Poller().Poll(-1); return err },
		"ipoll":  func(n Net, _ Socket) error { _, err := n.Poller().IPoll(time.Hour); return err },
		"sleep":  func(n Net, _ Socket) error { return n.Sleep(time.Hour) },
	}
	for name, wait := range waits {
		ctx, cancel := context.WithCancel(t.Context())
		n, err := NewKernel(ctx)
		check(t, err)
		l := listenOn(t, n, 1)
		n.StopAt(n.Now().Add(time.Millisecond))
		if err := wait(n, l); err != ErrStopped {
			t.Errorf("%s at StopAt: %v", name, err)
		}
		n.StopAt(time.Time{})
		go cancel()
		if err := wait(n, l); err != ErrStopped {
			t.Errorf("%s with the context: %v", name, err)
		}
		n.Exit()
		if err := l.Close(); err != EBADF {
			t.Errorf("%s: not closed by Exit: %v", name, err)
		}
	}
}

// TestKernelPoller: order, changes, and sockets that are not registered.
func TestKernelPoller(t *testing.T) {
	n := newTestNet(t)
	l := listenOn(t, n, 4)
	a, b := connected(t, n, l), connected(t, n, l)
	p := n.Poller()
	p.Register(b, PollIn|PollOut)
	p.Register(a, PollIn)
	expectErrno(t, "modify", p.Modify(l, PollIn), ENOENT)
	expectErrno(t, "unregister", p.Unregister(l), ENOENT)
	check(t, p.Modify(a, PollOut))
	p.Register(b, PollOut)
	var order []Socket
	ready := must[[]Ready](t)(p.Poll(0))
	for _, r := range ready {
		order = append(order, r.Socket)
	}
	if len(order) != 2 || order[0] != b || order[1] != a {
		t.Errorf("order of registration: %v", ready)
	}
	check(t, p.Unregister(b))
	all, err := p.IPoll(0)
	check(t, err)
	for s, ev := range all {
		if s != a || ev != PollOut {
			t.Errorf("%v: events %d", s, ev)
		}
	}
	check(t, p.Modify(a, PollIn))
	if ready := must[[]Ready](t)(p.Poll(0)); len(ready) != 0 {
		t.Errorf("nothing to read: %v", ready)
	}
}

// TestLimitPending: lwIP's queue: one connection waits, the next is reset after its handshake, and without room for a connection
// SYNs are not answered.
func TestLimitPending(t *testing.T) {
	n := newTestNet(t)
	l := listenOn(t, n, 1)
	limited, ok := l.(PendingLimiter)
	if !ok {
		t.Skip("this system keeps its own queue")
	}
	check(t, limited.LimitPending(1, 2))
	a := connected(t, n, l)
	if ev := pollOne(t, n, l, PollIn); ev != PollIn {
		t.Errorf("one waits: events %d", ev)
	}
	b := must[Socket](t)(n.Socket())
	err := b.Connect(l.LocalAddr())
	if err == nil { // the reset may be there before connect() looks
		_, err = b.Recv(1)
	}
	expectErrno(t, "the second while one waits", err, ECONNRESET)
	connA := accepted(t, l)
	if connA.RemoteAddr() != a.LocalAddr() {
		t.Errorf("accepted %v, want %v", connA.RemoteAddr(), a.LocalAddr())
	}
	check(t, l.SetBlocking(false))
	if _, _, err := l.Accept(); err != EAGAIN {
		t.Errorf("accept of none: %v", err)
	}
	c := connected(t, n, l)
	pollOne(t, n, l, PollIn)
	connC := accepted(t, l)
	if runtime.GOOS == "linux" {
		d := must[Socket](t)(n.Socket())
		check(t, d.SetBlocking(false))
		expectErrno(t, "connect without room", d.Connect(l.LocalAddr()), EINPROGRESS)
		p := n.Poller()
		p.Register(d, PollOut)
		if ready := must[[]Ready](t)(p.Poll(200 * time.Millisecond)); len(ready) > 0 {
			t.Errorf("the SYN was answered: events %d", ready[0].Events)
		}
	}
	check(t, c.Close())
	check(t, connC.Close())
	connected(t, n, l)
	pollOne(t, n, l, PollIn)
	check(t, l.Close())
}
