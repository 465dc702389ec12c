package endpoints

import (
	"iter"
	"net/netip"
	"slices"
	"time"
)

// handle is a descriptor of the system.
type handle uintptr

// pollEntry is a descriptor in a poll().
type pollEntry struct {
	fd      handle
	ignored bool // no descriptor stands here
	asked   Events
	got     Events
}

// kernelSocket is one descriptor. It is always in non-blocking mode in the kernel; a call of a blocking socket waits in poll()
// first, where it can be stopped.
type kernelSocket struct {
	k             *kernel
	fd            handle
	blocking      bool
	closed        bool
	local, remote netip.AddrPort
	limit         *limiter // of a listening socket, nil without LimitPending
	parent        *limiter // of an accepted socket
	watch         stopper  // of the ends of segments, nil without WatchSegments
}

// stopper is a goroutine that looks at a socket until it is closed.
type stopper interface{ stop() }

func (k *kernel) Socket() (Socket, error) {
	fd, err := sysSocket()
	if err != nil {
		return nil, errnoOf(err)
	}
	return k.adopt(fd), nil
}

// adopt takes over a new descriptor, which is in non-blocking mode.
func (k *kernel) adopt(fd handle) *kernelSocket {
	s := &kernelSocket{k: k, fd: fd, blocking: true}
	k.open[s] = struct{}{}
	return s
}

// waitFor waits until fd is ready for one of the events, for ever if timeout is negative.
func (k *kernel) waitFor(fd handle, events Events, timeout time.Duration) error {
	return k.pollAll([]pollEntry{{fd: fd, asked: events}}, timeout)
}

// pollAll is poll() that ends with ErrStopped. entries keep the results.
func (k *kernel) pollAll(entries []pollEntry, timeout time.Duration) error {
	end := time.Now().Add(timeout)
	for {
		left := timeout
		if timeout >= 0 {
			left = max(time.Until(end), 0)
		}
		left, cut := k.clip(left)
		n, err := k.wake.poll(entries, left)
		switch {
		case err == errAgain:
			continue
		case err != nil:
			return errnoOf(err)
		case k.ctx.Err() != nil || n == 0 && cut:
			return ErrStopped
		}
		return nil
	}
}

// milliseconds is a timeout as poll() takes it, rounded up so that a wait is never shorter than asked for.
func milliseconds(d time.Duration) int {
	if d < 0 {
		return -1
	}
	return int(min((d+time.Millisecond-1)/time.Millisecond, 1<<30))
}

// call runs a system call, in blocking mode again and again until it does not answer EAGAIN.
func (s *kernelSocket) call(events Events, op func() error) error {
	for {
		if s.closed {
			return EBADF
		}
		if s.blocking {
			if err := s.k.waitFor(s.pollFD(), events, -1); err != nil {
				return err
			}
		}
		err := errnoOf(op())
		if err == EINTR || err == EAGAIN && s.blocking {
			continue
		}
		return err
	}
}

// pollFD is the descriptor that tells when the socket is ready.
func (s *kernelSocket) pollFD() handle {
	if s.limit != nil {
		return s.limit.readable
	}
	return s.fd
}

func (s *kernelSocket) SetBlocking(blocking bool) error {
	if s.closed {
		return EBADF
	}
	s.blocking = blocking
	return nil
}

// isIPv4 refuses addresses of other families, as the notebook's AF_INET does.
func isIPv4(addr netip.AddrPort) error {
	if !addr.Addr().Unmap().Is4() {
		return EAFNOSUPPORT
	}
	return nil
}

func (s *kernelSocket) Bind(addr netip.AddrPort) error {
	if s.closed {
		return EBADF
	}
	if err := isIPv4(addr); err != nil {
		return err
	}
	if err := sysBind(s.fd, addr); err != nil {
		return errnoOf(err)
	}
	s.learnLocal()
	return nil
}

func (s *kernelSocket) learnLocal() {
	if a, err := sysLocal(s.fd); err == nil {
		s.local = a
	}
}

func (s *kernelSocket) Listen(backlog int) error {
	if s.closed {
		return EBADF
	}
	if err := sysListen(s.fd, backlog); err != nil {
		return errnoOf(err)
	}
	s.learnLocal()
	return nil
}

func (s *kernelSocket) Accept() (Socket, netip.AddrPort, error) {
	if s.limit != nil {
		return s.acceptPending()
	}
	var conn *kernelSocket
	err := s.call(PollIn, func() error {
		fd, peer, err := sysAccept(s.fd)
		if err != nil {
			return err
		}
		conn = s.k.adopt(fd)
		conn.remote = peer
		conn.learnLocal()
		return nil
	})
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	return conn, conn.remote, nil
}

func (s *kernelSocket) Connect(addr netip.AddrPort) error {
	if s.closed {
		return EBADF
	}
	if err := isIPv4(addr); err != nil {
		return err
	}
	err := errnoOf(sysConnect(s.fd, addr))
	s.learnLocal()
	if err == nil || err == EINPROGRESS {
		s.remote = addr
	}
	if err != EINPROGRESS || !s.blocking {
		return err
	}
	if err := s.k.waitFor(s.fd, PollOut, -1); err != nil {
		return err
	}
	pending, err := s.GetSockOpt(SoError)
	if err == nil && pending != 0 {
		err = Errno(pending)
	}
	s.learnLocal()
	return err
}

func (s *kernelSocket) Send(data []byte) (int, error) {
	sent := 0
	for {
		err := s.call(PollOut, func() error {
			n, err := sysSend(s.fd, data[sent:])
			sent += max(n, 0)
			return err
		})
		if err != nil && sent > 0 && err != ErrStopped {
			return sent, nil
		}
		if err != nil || !s.blocking || sent >= len(data) {
			return sent, err
		}
	}
}

func (s *kernelSocket) Recv(n int) ([]byte, error) {
	buf := make([]byte, n)
	got, err := s.RecvInto(buf)
	return buf[:got:got], err
}

func (s *kernelSocket) RecvInto(buf []byte) (n int, err error) {
	err = s.call(PollIn, func() error {
		var err error
		n, err = sysRecv(s.fd, buf)
		return err
	})
	return max(n, 0), err
}

func (s *kernelSocket) Close() error {
	if s.closed {
		return EBADF
	}
	s.closed = true
	delete(s.k.open, s)
	if s.limit != nil {
		s.limit.end()
	}
	if s.watch != nil {
		s.watch.stop()
	}
	err := sysClose(s.fd)
	if s.parent != nil {
		s.parent.left()
	}
	return errnoOf(err)
}

func (s *kernelSocket) LocalAddr() netip.AddrPort  { return s.local }
func (s *kernelSocket) RemoteAddr() netip.AddrPort { return s.remote }

func (s *kernelSocket) SetSockOpt(o Option, value int) error {
	if s.closed {
		return EBADF
	}
	if o == Linger0 {
		return errnoOf(sysLinger(s.fd, value))
	}
	level, name, ok := sockOpt(o)
	if !ok || o == SoError {
		return ENOPROTOOPT
	}
	return errnoOf(sysSetOpt(s.fd, level, name, value))
}

func (s *kernelSocket) GetSockOpt(o Option) (int, error) {
	if s.closed {
		return 0, EBADF
	}
	level, name, ok := sockOpt(o)
	if !ok {
		return 0, ENOPROTOOPT
	}
	v, err := sysGetOpt(s.fd, level, name)
	if err != nil {
		return 0, errnoOf(err)
	}
	if o != SoError || v == 0 {
		return v, nil
	}
	if e, ok := errnoOf(sysErrno(v)).(Errno); ok {
		return int(e), nil
	}
	return v, nil
}

// kernelPoller is a poll object over descriptors.
type kernelPoller struct {
	k    *kernel
	list []Ready // what is asked for
}

func (k *kernel) Poller() Poller { return &kernelPoller{k: k} }

func (p *kernelPoller) index(s Socket) int {
	return slices.IndexFunc(p.list, func(r Ready) bool { return r.Socket == s })
}

func (p *kernelPoller) Register(s Socket, ev Events) {
	if i := p.index(s); i >= 0 {
		p.list[i].Events = ev
		return
	}
	p.list = append(p.list, Ready{s, ev})
}

func (p *kernelPoller) Modify(s Socket, ev Events) error {
	i := p.index(s)
	if i < 0 {
		return ENOENT
	}
	p.list[i].Events = ev
	return nil
}

func (p *kernelPoller) Unregister(s Socket) error {
	i := p.index(s)
	if i < 0 {
		return ENOENT
	}
	p.list = slices.Delete(p.list, i, i+1)
	return nil
}

func (p *kernelPoller) Poll(timeout time.Duration) ([]Ready, error) {
	entries := make([]pollEntry, len(p.list))
	for i, r := range p.list {
		s, ok := r.Socket.(*kernelSocket)
		if !ok || s.closed || s.k != p.k {
			entries[i].ignored, timeout = true, 0
			continue
		}
		entries[i].fd, entries[i].asked = s.pollFD(), r.Events
	}
	if err := p.k.pollAll(entries, timeout); err != nil {
		return nil, err
	}
	var ready []Ready
	for i, e := range entries {
		if e.ignored {
			e.got = PollNval
		}
		if e.got != 0 {
			ready = append(ready, Ready{p.list[i].Socket, e.got})
		}
	}
	return ready, nil
}

func (p *kernelPoller) IPoll(timeout time.Duration) (iter.Seq2[Socket, Events], error) {
	ready, err := p.Poll(timeout)
	return Iterate(ready), err
}
