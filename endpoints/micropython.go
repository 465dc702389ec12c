package endpoints

import (
	"iter"
	"net/netip"
	"time"
)

// The Pico W's lwIP as MicroPython configures it (docs/pico.md 4.1, from ports/rp2/lwip_inc/lwipopts.h).
const (
	PicoMSS         = 800  // bytes in a segment
	PicoWindow      = 6400 // bytes of receive window
	PicoConnections = 5    // TCP connections, listening sockets not counted
	picoTTL         = 255
	// SleepOverrun is how much longer than asked time.sleep() of the loop takes: 3.8 ms measured, with what the loop prints.
	SleepOverrun = 4 * time.Millisecond
)

// NewMicroPython makes n behave as the sockets of MicroPython on a Pico W do, where an ordinary system behaves otherwise
// (docs/pico.md 4.3): recv() gives at most one segment, listen(1) keeps one waiting connection, there are five connections in all, a refused
// connection is ECONNRESET and one without an answer ECONNABORTED, poll() reports what modlwip reports, sleep() is a
// little late. Where n allows, its segments look like the Pico's too.
//
// Winsock's poll tells less of a reset or refused connection than POSIX's, so there the events after one are not all modlwip's.
//
// Segments' ends are seen where the system knows or notes them (SegmentReceiver); elsewhere the bytes of two small segments may
// come out of one recv(), which the Pico gives in two.
func NewMicroPython(n Net) Net { return &microPython{Net: n, open: map[*mpSocket]struct{}{}} }

type microPython struct {
	Net
	open map[*mpSocket]struct{}
}

// mpSocket follows extmod/modlwip.c of MicroPython 1.29.
type mpSocket struct {
	m          *microPython
	inner      Socket
	blocking   bool
	connecting bool
	listening  bool
	accepted   bool
	closed     bool
	backlog    int
	pending    Errno // the error that the connection died of and no call has raised yet
	dead       Errno // the same after a call raised it
}

func (m *microPython) Sleep(d time.Duration) error { return m.Net.Sleep(d + SleepOverrun) }

func (m *microPython) Socket() (Socket, error) {
	if m.connections() >= PicoConnections {
		return nil, ENOMEM
	}
	inner, err := m.Net.Socket()
	if err != nil {
		return nil, err
	}
	// A system without these options gives other segments and the same program.
	_ = inner.SetSockOpt(MaxSegment, PicoMSS)
	_ = inner.SetSockOpt(WindowClamp, PicoWindow)
	_ = inner.SetSockOpt(TimeToLive, picoTTL)
	return m.adopt(&mpSocket{inner: inner}), nil
}

func (m *microPython) adopt(s *mpSocket) *mpSocket {
	s.m, s.blocking = m, true
	m.open[s] = struct{}{}
	m.makeRoom()
	return s
}

// connections counts the control blocks in use.
func (m *microPython) connections() (n int) {
	for s := range m.open {
		if !s.listening && s.dead == 0 {
			n++
		}
	}
	return n
}

// makeRoom tells the listening sockets how many connections they may have beside the program's own.
func (m *microPython) makeRoom() {
	own := 0
	for s := range m.open {
		if !s.listening && !s.accepted && s.dead == 0 {
			own++
		}
	}
	for s := range m.open {
		if l, ok := s.inner.(PendingLimiter); ok && s.listening {
			_ = l.LimitPending(max(s.backlog, 1), PicoConnections-own)
		}
	}
}

// translate turns a system's error into the one that modlwip raises.
func (s *mpSocket) translate(err error) error {
	e, ok := err.(Errno)
	if !ok {
		return err
	}
	switch e {
	case ECONNREFUSED, EPIPE, ECONNRESET:
		s.die(ECONNRESET)
		return ECONNRESET
	case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH:
		s.die(ECONNABORTED)
		return ECONNABORTED
	case ENOTCONN:
		if s.connecting || !s.blocking {
			return EAGAIN
		}
	}
	return e
}

// die frees the connection's control block, as lwIP does when it reports an error.
func (s *mpSocket) die(e Errno) {
	s.pending, s.dead, s.connecting = 0, e, false
	s.m.makeRoom()
}

func (s *mpSocket) SetSockOpt(o Option, value int) error {
	if s.closed {
		return EBADF
	}
	return s.inner.SetSockOpt(o, value)
}

// GetSockOpt fails: MicroPython's sockets have no getsockopt().
func (s *mpSocket) GetSockOpt(Option) (int, error) { return 0, EOPNOTSUPP }

func (s *mpSocket) SetBlocking(blocking bool) error {
	if s.closed {
		return EBADF
	}
	s.blocking = blocking
	return s.inner.SetBlocking(blocking)
}

func (s *mpSocket) Bind(addr netip.AddrPort) error { return s.inner.Bind(addr) }

func (s *mpSocket) Listen(backlog int) error {
	if err := s.inner.Listen(backlog); err != nil {
		return err
	}
	s.listening, s.backlog = true, backlog
	s.m.makeRoom()
	return nil
}

func (s *mpSocket) Accept() (Socket, netip.AddrPort, error) {
	conn, addr, err := s.inner.Accept()
	if err != nil {
		return nil, addr, err
	}
	watchSegments(conn)
	return s.m.adopt(&mpSocket{inner: conn, accepted: true}), addr, nil
}

// watchSegments lets a socket look out for segments, if it can.
func watchSegments(s Socket) {
	if w, ok := s.(SegmentWatcher); ok {
		_ = w.WatchSegments(PicoMSS) // without it recv() follows sizes only
	}
}

func (s *mpSocket) Connect(addr netip.AddrPort) error {
	if s.closed {
		return EBADF
	}
	err := s.inner.Connect(addr)
	s.connecting = err == EINPROGRESS
	if err == nil || s.connecting {
		watchSegments(s.inner)
	}
	return s.translate(err)
}

func (s *mpSocket) Send(data []byte) (int, error) {
	switch {
	case s.closed:
		return 0, EBADF
	case s.dead != 0:
		return 0, s.dead
	}
	n, err := s.inner.Send(data)
	if err == nil {
		s.connecting = false
	}
	return n, s.translate(err)
}

func (s *mpSocket) Recv(n int) ([]byte, error) {
	switch {
	case s.closed:
		return nil, EBADF
	case s.dead != 0:
		return nil, nil
	}
	var data []byte
	var err error
	if in, ok := s.inner.(SegmentReceiver); ok {
		data, err = in.RecvSegment(n)
	} else {
		data, err = s.inner.Recv(min(n, PicoMSS))
	}
	if err == nil && len(data) == 0 && s.pending != 0 {
		err = s.pending
	}
	if err == nil {
		s.connecting = false
	}
	return data, s.translate(err)
}

// RecvInto is recv() with a copy; MicroPython's sockets have readinto() only, which waits for the whole buffer.
func (s *mpSocket) RecvInto(buf []byte) (int, error) {
	data, err := s.Recv(len(buf))
	return copy(buf, data), err
}

func (s *mpSocket) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.inner.Close()
	delete(s.m.open, s)
	s.m.makeRoom()
	return err
}

func (s *mpSocket) LocalAddr() netip.AddrPort  { return s.inner.LocalAddr() }
func (s *mpSocket) RemoteAddr() netip.AddrPort { return s.inner.RemoteAddr() }

// mpPoller reports modlwip's events.
type mpPoller struct {
	m     *microPython
	inner Poller
	outer map[Socket]*mpSocket
}

func (m *microPython) Poller() Poller {
	return &mpPoller{m: m, inner: m.Net.Poller(), outer: map[Socket]*mpSocket{}}
}

func (p *mpPoller) Register(s Socket, ev Events) {
	own, ok := s.(*mpSocket)
	if !ok {
		p.inner.Register(s, ev)
		return
	}
	p.outer[own.inner] = own
	p.inner.Register(own.inner, ev)
}

func mpInner(s Socket) Socket {
	if own, ok := s.(*mpSocket); ok {
		return own.inner
	}
	return s
}

func (p *mpPoller) Unregister(s Socket) error {
	delete(p.outer, mpInner(s))
	return p.inner.Unregister(mpInner(s))
}

func (p *mpPoller) Modify(s Socket, ev Events) error { return p.inner.Modify(mpInner(s), ev) }

func (p *mpPoller) Poll(timeout time.Duration) ([]Ready, error) {
	ready, err := p.inner.Poll(timeout)
	for i := range ready {
		if own := p.outer[ready[i].Socket]; own != nil {
			ready[i] = Ready{own, own.events(ready[i].Events)}
		}
	}
	return ready, err
}

// events are what modlwip's poll reports where the system below reports ev.
func (s *mpSocket) events(ev Events) Events {
	if ev&PollErr != 0 && s.pending == 0 && s.dead == 0 {
		// Reading the error takes it away from the system below; it is kept for the next recv().
		if n, err := s.inner.GetSockOpt(SoError); err == nil && n != 0 {
			s.pending = ECONNRESET
			if e := Errno(n); e == ETIMEDOUT || e == EHOSTUNREACH || e == ENETUNREACH {
				s.pending = ECONNABORTED
			}
		}
	}
	switch {
	case s.closed:
		return PollNval
	case s.pending == ECONNABORTED || s.dead == ECONNABORTED:
		return PollErr
	case s.pending != 0:
		return ev&PollOut | PollIn | PollErr | PollHup
	case s.dead != 0:
		return ev&PollOut | PollIn | PollHup
	case !s.listening && ev&PollIn != 0 && ev&PollHup != 0:
		return ev &^ PollHup // both sides have sent FIN: data and its end are readable, and no more
	}
	return ev
}

func (p *mpPoller) IPoll(timeout time.Duration) (iter.Seq2[Socket, Events], error) {
	ready, err := p.Poll(timeout)
	return Iterate(ready), err
}
