//go:build unix

package endpoints

import (
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"
)

// limiter gives a listening socket lwIP's queue: it takes every connection from the kernel at once, keeps a few for
// accept(), and resets the others.
type limiter struct {
	fd       int
	readable handle // a pipe that holds one byte for each waiting connection, for poll()
	writable int
	quit     *stopPipe
	done     chan struct{}

	mu          sync.Mutex
	pending     int // most that may wait
	connections int // most that may be alive
	alive       int
	ignoring    bool
	waiting     []waiting
}

type waiting struct {
	fd   handle
	peer netip.AddrPort
}

// stopPipe ends the goroutine of a limiter.
type stopPipe struct{ r, w int }

// LimitPending starts a goroutine that ends with Close.
func (s *kernelSocket) LimitPending(pending, connections int) error {
	if s.closed {
		return EBADF
	}
	if s.limit != nil {
		s.limit.mu.Lock()
		defer s.limit.mu.Unlock()
		s.limit.pending, s.limit.connections = pending, connections
		s.limit.adapt()
		return nil
	}
	r, w, err := newPipe()
	if err != nil {
		return err
	}
	qr, qw, err := newPipe()
	if err != nil {
		unix.Close(r)
		unix.Close(w)
		return err
	}
	s.limit = &limiter{fd: int(s.fd), readable: handle(r), writable: w, quit: &stopPipe{qr, qw}, done: make(chan struct{}),
		pending: pending, connections: connections}
	s.limit.adapt()
	go s.limit.take()
	return nil
}

// take accepts until the socket is closed.
func (l *limiter) take() {
	defer close(l.done)
	for {
		fds := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}, {Fd: int32(l.quit.r), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return
		}
		if fds[1].Revents != 0 {
			return
		}
		fd, sa, err := unix.Accept(l.fd)
		if err == nil {
			l.arrived(waiting{prepared(fd), addrPortOf(sa)})
		}
	}
}

// arrived keeps a new connection or resets it.
func (l *limiter) arrived(c waiting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= l.pending || l.alive >= l.connections {
		_ = sysLinger(c.fd, 1)
		_ = sysClose(c.fd)
		return
	}
	l.waiting = append(l.waiting, c)
	l.alive++
	_, _ = unix.Write(l.writable, []byte{1})
	l.adapt()
}

// adapt answers SYNs only while there is room for a connection.
func (l *limiter) adapt() {
	if full := l.alive >= l.connections; full != l.ignoring && ignoreSYNs(l.fd, full) == nil {
		l.ignoring = full
	}
}

// left notes that an accepted connection was closed.
func (l *limiter) left() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alive--
	select {
	case <-l.done:
	default:
		l.adapt()
	}
}

// next takes a waiting connection; false if there is none.
func (l *limiter) next() (waiting, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return waiting{}, false
	}
	c := l.waiting[0]
	l.waiting = l.waiting[1:]
	var one [1]byte
	_, _ = unix.Read(int(l.readable), one[:])
	return c, true
}

// end stops the goroutine and closes what nobody accepted, with RST as lwIP does.
func (l *limiter) end() {
	unix.Close(l.quit.w)
	<-l.done
	unix.Close(l.quit.r)
	for c, ok := l.next(); ok; c, ok = l.next() {
		_ = sysLinger(c.fd, 1)
		_ = sysClose(c.fd)
	}
	unix.Close(int(l.readable))
	unix.Close(l.writable)
}

// acceptPending is Accept of a limited socket.
func (s *kernelSocket) acceptPending() (Socket, netip.AddrPort, error) {
	var conn *kernelSocket
	err := s.call(PollIn, func() error {
		c, ok := s.limit.next()
		if !ok {
			return EAGAIN
		}
		conn = s.k.adopt(c.fd)
		conn.remote, conn.parent = c.peer, s.limit
		conn.learnLocal()
		return nil
	})
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	return conn, conn.remote, nil
}
