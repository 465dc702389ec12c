package lab

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"slices"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"tcptrace/endpoints"
)

// A socket implements endpoints.Socket, and the interfaces of lwIP's own rules, on the lab's stack. Its errors and
// poll events are Linux's on both hosts: endpoints.NewMicroPython makes the Pico's of them.
type socket struct {
	n        *net
	ep       tcpip.Endpoint
	queue    *waiter.Queue
	blocking bool
	closed   bool

	local, remote netip.AddrPort
	bound         bool
	connecting    bool
	failed        endpoints.Errno // why the connection ended, 0 if it did not
	pending       bool            // failed has not been told yet
	conn          *connection     // the lab's record, nil while not connected

	pendingLimit    int                 // finished connections that may wait for accept(); valid iff guard is set
	connectionLimit int                 // connections at once; valid iff guard is set
	finished        []finishedHandshake // those that wait, when there is a limit
	accepted        []tcpip.Endpoint    // those that were accepted, when there is a limit
	guard           *waiter.Entry       // nil: the stack's own rules hold
}

type finishedHandshake struct {
	ep    tcpip.Endpoint
	queue *waiter.Queue
	peer  netip.AddrPort
	first uint32 // sequence number of the one segment that is kept until accept(); valid iff holds
	holds bool
}

var (
	_ endpoints.Socket          = (*socket)(nil)
	_ endpoints.PendingLimiter  = (*socket)(nil)
	_ endpoints.SegmentReceiver = (*socket)(nil)
	_ endpoints.Shutdowner      = (*socket)(nil)
)

// call lets the time of a call pass around do. A closed socket knows no call.
func (s *socket) call(do func() error) error {
	s.n.spend()
	if s.closed {
		s.n.spend()
		return endpoints.EBADF
	}
	err := do()
	if !errors.Is(err, endpoints.ErrStopped) {
		s.n.spend()
	}
	return err
}

// SetBlocking implements endpoints.Socket.
func (s *socket) SetBlocking(blocking bool) error {
	return s.call(func() error { s.blocking = blocking; return nil })
}

// SetSockOpt implements endpoints.Socket.
func (s *socket) SetSockOpt(o endpoints.Option, value int) error {
	return s.call(func() error {
		switch o {
		case endpoints.ReuseAddr:
			s.ep.SocketOptions().SetReuseAddress(value != 0)
		case endpoints.Linger0:
			s.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: value != 0})
		case endpoints.NoDelay:
			s.ep.SocketOptions().SetDelayOption(value == 0)
		default:
			return endpoints.ENOPROTOOPT
		}
		return nil
	})
}

// GetSockOpt implements endpoints.Socket.
func (s *socket) GetSockOpt(o endpoints.Option) (value int, err error) {
	err = s.call(func() error {
		if o != endpoints.SoError {
			return endpoints.ENOPROTOOPT
		}
		s.check()
		if s.pending {
			value, s.pending = int(s.failed), false
		}
		return nil
	})
	return value, err
}

// Bind implements endpoints.Socket.
func (s *socket) Bind(a netip.AddrPort) error {
	return s.call(func() error {
		if !s.n.local(a) {
			return endpoints.EADDRNOTAVAIL
		}
		full := tcpip.FullAddress{Port: a.Port()}
		if !a.Addr().IsUnspecified() {
			full.Addr = tcpip.AddrFrom4(a.Addr().As4())
		}
		if err := s.ep.Bind(full); err != nil {
			return errnoOf(err)
		}
		s.local, s.bound = a, true
		return nil
	})
}

// Listen implements endpoints.Socket.
func (s *socket) Listen(backlog int) error {
	return s.call(func() error {
		if err := s.ep.Listen(max(backlog, 1)); err != nil {
			return errnoOf(err)
		}
		return nil
	})
}

// LimitPending implements endpoints.PendingLimiter. Whoever is one too many is reset, the newest first.
func (s *socket) LimitPending(pending, connections int) error {
	if s.closed {
		return endpoints.EBADF
	}
	s.pendingLimit, s.connectionLimit = pending, connections
	if s.guard == nil {
		s.n.host.limited[s.local.Port()] = s
		entry := waiter.NewFunctionEntry(waiter.ReadableEvents, func(waiter.EventMask) {
			s.n.s.at(s.n.s.time(), s.admit) // not here: the stack holds locks
		})
		s.guard = &entry
		s.queue.EventRegister(s.guard)
	}
	return nil
}

// refuses reports whether data from a connection that waits for accept() finds no room: lwIP keeps its first segment and drops
// the others (docs/findings.md 4).
func (s *socket) refuses(from netip.AddrPort, seq uint32) bool {
	for i := range s.finished {
		f := &s.finished[i]
		if f.peer != from {
			continue
		}
		if !f.holds {
			f.first, f.holds = seq, true
		}
		return f.first != seq
	}
	return false
}

// full reports whether the listening socket answers no SYN for want of room.
func (s *socket) full() bool {
	s.accepted = slices.DeleteFunc(s.accepted, func(ep tcpip.Endpoint) bool {
		switch tcp.EndpointState(ep.State()) {
		case tcp.StateClose, tcp.StateError, tcp.StateTimeWait:
			return true
		}
		return false
	})
	return len(s.accepted)+len(s.finished) >= s.connectionLimit
}

// admit takes finished handshakes from the stack, as many as may wait.
func (s *socket) admit() {
	for !s.closed {
		var from tcpip.FullAddress
		ep, queue, err := s.ep.Accept(&from)
		if err != nil {
			break
		}
		if len(s.finished) >= s.pendingLimit {
			ep.Abort()
			continue
		}
		peer := netip.AddrPortFrom(netip.AddrFrom4(from.Addr.As4()), from.Port)
		s.finished = append(s.finished, finishedHandshake{ep: ep, queue: queue, peer: peer})
		s.queue.Notify(waiter.WritableEvents) // whoever polls looks again; not readable, which would call admit once more
	}
}

// next is the next finished connection.
func (s *socket) next() (finishedHandshake, bool) {
	if s.guard != nil {
		s.admit()
		if len(s.finished) == 0 {
			return finishedHandshake{}, false
		}
		f := s.finished[0]
		s.finished = s.finished[1:]
		s.accepted = append(s.accepted, f.ep)
		return f, true
	}
	ep, queue, err := s.ep.Accept(nil)
	return finishedHandshake{ep: ep, queue: queue}, err == nil
}

// Accept implements endpoints.Socket.
func (s *socket) Accept() (conn endpoints.Socket, peer netip.AddrPort, err error) {
	err = s.call(func() error {
		if tcp.EndpointState(s.ep.State()) != tcp.StateListen {
			return endpoints.EINVAL
		}
		var f finishedHandshake
		ready := func() (ok bool) { f, ok = s.next(); return ok }
		if err := s.wait(ready); err != nil {
			return err
		}
		c := &socket{n: s.n, ep: f.ep, queue: f.queue, blocking: true}
		c.addresses()
		c.conn = s.n.host.lab.truth.joined(c.local, c.remote)
		s.n.open = append(s.n.open, c)
		conn, peer = c, c.remote
		return nil
	})
	return conn, peer, err
}

// wait waits for ready if the socket blocks.
func (s *socket) wait(ready func() bool) error {
	if !s.blocking {
		if ready() {
			return nil
		}
		return endpoints.EAGAIN
	}
	if _, stop := s.n.waitFor(never, []*waiter.Queue{s.queue}, ready); stop {
		return endpoints.ErrStopped
	}
	return nil
}

// Connect implements endpoints.Socket.
func (s *socket) Connect(a netip.AddrPort) error {
	return s.call(func() error {
		if s.connecting {
			return s.connectAgain()
		}
		if a.Addr().IsLoopback() {
			return endpoints.EHOSTUNREACH // the lab's hosts have one card each
		}
		if !s.bound {
			s.bindEphemeral()
		}
		err := s.ep.Connect(tcpip.FullAddress{Addr: tcpip.AddrFrom4(a.Addr().As4()), Port: a.Port()})
		if _, started := err.(*tcpip.ErrConnectStarted); !started && err != nil {
			return errnoOf(err)
		}
		s.connecting, s.remote = true, a
		s.addresses()
		s.conn = s.n.host.lab.truth.opened(s.n.host.place, s.local, s.remote)
		s.n.host.openSlowly(s)
		if !s.blocking {
			return endpoints.EINPROGRESS
		}
		if err := s.wait(func() bool { s.check(); return !s.opening() }); err != nil {
			return err
		}
		return s.connectAgain()
	})
}

// connectAgain is what connect() says about a connection that was begun.
func (s *socket) connectAgain() error {
	s.check()
	switch {
	case s.opening():
		return endpoints.EALREADY
	case s.failed != 0:
		s.pending = false
		return s.failed
	case s.blocking:
		return nil
	}
	return endpoints.EISCONN
}

// bindEphemeral takes the host's next free port.
func (s *socket) bindEphemeral() {
	for range 64 {
		if s.ep.Bind(tcpip.FullAddress{Port: s.n.host.nextPort()}) == nil {
			return
		}
	}
}

// opening reports whether the handshake is under way.
func (s *socket) opening() bool {
	switch tcp.EndpointState(s.ep.State()) {
	case tcp.StateConnecting, tcp.StateSynSent, tcp.StateSynRecv:
		return true
	}
	return false
}

// giveUp ends a handshake that nobody answered.
func (s *socket) giveUp() {
	s.failed, s.pending = endpoints.ETIMEDOUT, true
	s.ep.Abort()
	s.queue.Notify(waiter.WritableEvents | waiter.EventErr)
}

// check notices that the connection has failed.
func (s *socket) check() {
	if s.failed != 0 || tcp.EndpointState(s.ep.State()) != tcp.StateError {
		return
	}
	s.failed, s.pending = failure(s.ep.LastError()), true
}

// addresses takes the socket's two addresses from the stack.
func (s *socket) addresses() {
	if a, err := s.ep.GetLocalAddress(); err == nil && a.Addr.Len() == 4 {
		s.local = netip.AddrPortFrom(netip.AddrFrom4(a.Addr.As4()), a.Port)
	}
	if a, err := s.ep.GetRemoteAddress(); err == nil && a.Addr.Len() == 4 {
		s.remote = netip.AddrPortFrom(netip.AddrFrom4(a.Addr.As4()), a.Port)
	}
}

// Send implements endpoints.Socket.
func (s *socket) Send(data []byte) (sent int, err error) {
	err = s.call(func() error {
		var failure error
		put := func() bool {
			n, err := s.write(data[sent:])
			sent += n
			failure = err
			return err != nil || sent == len(data)
		}
		if !s.blocking {
			put()
			if sent == 0 && failure == nil && len(data) > 0 {
				return endpoints.EAGAIN
			}
			return failure
		}
		if err := s.wait(put); err != nil {
			return err
		}
		return failure
	})
	if sent > 0 && !errors.Is(err, endpoints.ErrStopped) {
		err = nil
	}
	return sent, err
}

// write gives the stack what it takes at once; a full buffer is no error.
func (s *socket) write(data []byte) (int, error) {
	s.check()
	switch {
	case s.failed != 0:
		return 0, s.broken()
	case s.opening():
		return 0, nil
	case s.conn == nil:
		return 0, endpoints.EPIPE
	}
	n, err := s.ep.Write(bytes.NewReader(data), tcpip.WriteOptions{})
	if n > 0 {
		s.conn.wrote(s.n.host.place, n)
	}
	if _, full := err.(*tcpip.ErrWouldBlock); err == nil || full {
		return int(n), nil
	}
	return int(n), errnoOf(err)
}

// broken is what a send on a failed connection says: the reason once, then EPIPE.
func (s *socket) broken() error {
	if s.pending {
		s.pending = false
		return s.failed
	}
	return endpoints.EPIPE
}

// Recv implements endpoints.Socket.
func (s *socket) Recv(n int) ([]byte, error) {
	buf := make([]byte, n)
	got, err := s.receive(buf, false)
	return buf[:got:got], err
}

// RecvSegment implements endpoints.SegmentReceiver.
func (s *socket) RecvSegment(n int) ([]byte, error) {
	buf := make([]byte, n)
	got, err := s.receive(buf, true)
	return buf[:got:got], err
}

// RecvInto implements endpoints.Socket.
func (s *socket) RecvInto(buf []byte) (int, error) { return s.receive(buf, false) }

func (s *socket) receive(buf []byte, oneSegment bool) (got int, err error) {
	err = s.call(func() error {
		if s.conn == nil {
			return endpoints.ENOTCONN
		}
		var failure error
		take := func() (done bool) {
			got, done, failure = s.read(buf, oneSegment)
			return done
		}
		if err := s.wait(take); err != nil {
			return err
		}
		return failure
	})
	return got, err
}

// read takes what is there: done is false if there is nothing yet.
func (s *socket) read(buf []byte, oneSegment bool) (got int, done bool, err error) {
	s.check()
	if s.opening() {
		return 0, false, nil
	}
	dst := &taker{buf: buf, oneSegment: oneSegment}
	result, fault := s.ep.Read(dst, tcpip.ReadOptions{})
	switch fault.(type) {
	case nil:
		s.conn.read(s.n.host.place, int64(result.Count))
		return result.Count, true, nil
	case *tcpip.ErrWouldBlock:
		return 0, false, nil
	case *tcpip.ErrClosedForReceive:
		return 0, true, nil
	}
	s.check()
	if !s.pending {
		return 0, true, nil // the reason has been told
	}
	s.pending = false
	return 0, true, s.failed
}

// taker is the writer that the stack copies received bytes to; it gives one segment after the other.
type taker struct {
	buf        []byte
	n          int
	oneSegment bool
}

// Write implements io.Writer.
func (t *taker) Write(p []byte) (int, error) {
	if t.oneSegment && t.n > 0 {
		return 0, io.ErrShortWrite
	}
	n := copy(t.buf[t.n:], p)
	t.n += n
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// Close implements endpoints.Socket.
func (s *socket) Close() error {
	return s.call(func() error { s.shut(); return nil })
}

// Shutdown implements endpoints.Shutdowner.
func (s *socket) Shutdown(how endpoints.How) error {
	var flags tcpip.ShutdownFlags
	if how != endpoints.ShutWrite {
		flags |= tcpip.ShutdownRead
	}
	if how != endpoints.ShutRead {
		flags |= tcpip.ShutdownWrite
	}
	return s.call(func() error {
		if err := s.ep.Shutdown(flags); err != nil {
			return errnoOf(err)
		}
		return nil
	})
}

// shut closes the socket; connections that wait for accept() are reset, as both systems do.
func (s *socket) shut() {
	if s.closed {
		return
	}
	s.closed = true
	if s.guard != nil {
		delete(s.n.host.limited, s.local.Port())
		s.queue.EventUnregister(s.guard)
	}
	for _, f := range s.finished {
		f.ep.Abort()
	}
	s.ep.Close()
}

// LocalAddr implements endpoints.Socket.
func (s *socket) LocalAddr() netip.AddrPort { return s.local }

// RemoteAddr implements endpoints.Socket.
func (s *socket) RemoteAddr() netip.AddrPort { return s.remote }

// events is what poll() reports, as Linux does (tcp_poll).
func (s *socket) events(asked endpoints.Events) (ev endpoints.Events) {
	s.check()
	const hangup = endpoints.PollErr | endpoints.PollHup
	state := tcp.EndpointState(s.ep.State())
	switch {
	case s.failed != 0 && s.pending:
		return asked&(endpoints.PollIn|endpoints.PollOut) | hangup
	case s.failed != 0:
		return asked&(endpoints.PollIn|endpoints.PollOut) | endpoints.PollHup
	case state == tcp.StateInitial || state == tcp.StateBound:
		return endpoints.PollHup | asked&endpoints.PollOut
	case state == tcp.StateListen:
		return s.listenEvents(asked)
	case s.opening():
		return 0
	}
	mask := s.ep.Readiness(waiter.ReadableEvents | waiter.WritableEvents)
	if mask&waiter.ReadableEvents != 0 {
		ev |= asked & endpoints.PollIn
	}
	if mask&waiter.WritableEvents != 0 {
		ev |= asked & endpoints.PollOut
	}
	return ev
}

func (s *socket) listenEvents(asked endpoints.Events) endpoints.Events {
	if s.guard != nil {
		s.admit()
	}
	if len(s.finished) > 0 || s.guard == nil && s.ep.Readiness(waiter.ReadableEvents) != 0 {
		return asked & endpoints.PollIn
	}
	return 0
}
