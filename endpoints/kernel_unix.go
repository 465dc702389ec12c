//go:build unix

package endpoints

import (
	"context"
	"errors"
	"iter"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// wakeup is a pipe whose reading end becomes readable when the program is to end, so that it can stand in every poll().
type wakeup struct {
	fd    int
	close func()
}

func newWakeup(ctx context.Context) (*wakeup, error) {
	r, w, err := newPipe()
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { unix.Close(w) })
	return &wakeup{fd: r, close: func() {
		if stop() {
			unix.Close(w)
		}
		unix.Close(r)
	}}, nil
}

func newPipe() (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe(p[:]); err != nil {
		return 0, 0, errnoOf(err)
	}
	for _, fd := range p {
		unix.CloseOnExec(fd)
		_ = unix.SetNonblock(fd, true)
	}
	return p[0], p[1], nil
}

// errnoOf turns the system's error into an Errno by its name, because the numbers differ between systems.
func errnoOf(err error) error {
	var n unix.Errno
	if !errors.As(err, &n) {
		return err
	}
	name := unix.ErrnoName(n)
	for e, known := range errnoNames {
		if known == name {
			return e
		}
	}
	return Errno(n)
}

// kernelSocket is one descriptor. It is always in non-blocking mode in the kernel; a call of a blocking socket waits in poll()
// first, where it can be stopped.
type kernelSocket struct {
	k             *kernel
	fd            int
	blocking      bool
	closed        bool
	local, remote netip.AddrPort
	limit         *limiter // of a listening socket, nil without LimitPending
	parent        *limiter // of an accepted socket
}

func (k *kernel) Socket() (Socket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, errnoOf(err)
	}
	return k.adopt(fd), nil
}

// adopt takes over a new descriptor.
func (k *kernel) adopt(fd int) *kernelSocket {
	unix.CloseOnExec(fd)
	_ = unix.SetNonblock(fd, true)
	s := &kernelSocket{k: k, fd: fd, blocking: true}
	k.open[s] = struct{}{}
	return s
}

// waitFor waits until fd is ready for one of the events; -1 waits for ever.
func (k *kernel) waitFor(fd int, events int16, timeout time.Duration) error {
	_, err := k.pollAll([]unix.PollFd{{Fd: int32(fd), Events: events}}, timeout)
	return err
}

// pollAll is poll() that ends with ErrStopped. fds keeps the results.
func (k *kernel) pollAll(fds []unix.PollFd, timeout time.Duration) (n int, err error) {
	all := append(slices.Clone(fds), unix.PollFd{Fd: int32(k.wake.fd), Events: unix.POLLIN})
	end := time.Now().Add(timeout)
	for {
		left := timeout
		if timeout >= 0 {
			left = max(time.Until(end), 0)
		}
		left, cut := k.clip(left)
		n, err := unix.Poll(all, milliseconds(left))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, errnoOf(err)
		case all[len(fds)].Revents != 0 || k.ctx.Err() != nil:
			return 0, ErrStopped
		case n == 0 && cut:
			return 0, ErrStopped
		}
		copy(fds, all)
		return n, nil
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
func (s *kernelSocket) call(events int16, op func() error) error {
	for {
		if s.closed {
			return EBADF
		}
		if s.blocking {
			if err := s.k.waitFor(s.pollFD(), events, -1); err != nil {
				return err
			}
		}
		err := op()
		if err == unix.EINTR || err == unix.EAGAIN && s.blocking {
			continue
		}
		if err != nil {
			return errnoOf(err)
		}
		return nil
	}
}

// pollFD is the descriptor that tells when the socket is ready.
func (s *kernelSocket) pollFD() int {
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

func (s *kernelSocket) Bind(addr netip.AddrPort) error {
	if s.closed {
		return EBADF
	}
	sa, err := sockaddr(addr)
	if err != nil {
		return err
	}
	if err := unix.Bind(s.fd, sa); err != nil {
		return errnoOf(err)
	}
	s.learnLocal()
	return nil
}

func sockaddr(addr netip.AddrPort) (unix.Sockaddr, error) {
	if a := addr.Addr().Unmap(); a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4(), Port: int(addr.Port())}, nil
	}
	return nil, EAFNOSUPPORT
}

func addrPortOf(sa unix.Sockaddr) netip.AddrPort {
	if in, ok := sa.(*unix.SockaddrInet4); ok {
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port))
	}
	return netip.AddrPort{}
}

func (s *kernelSocket) learnLocal() {
	if sa, err := unix.Getsockname(s.fd); err == nil {
		s.local = addrPortOf(sa)
	}
}

func (s *kernelSocket) Listen(backlog int) error {
	if s.closed {
		return EBADF
	}
	if err := unix.Listen(s.fd, backlog); err != nil {
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
	err := s.call(unix.POLLIN, func() error {
		fd, sa, err := unix.Accept(s.fd)
		if err != nil {
			return err
		}
		conn = s.k.adopt(fd)
		conn.remote = addrPortOf(sa)
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
	sa, err := sockaddr(addr)
	if err != nil {
		return err
	}
	err = unix.Connect(s.fd, sa)
	s.learnLocal()
	if err == nil || err == unix.EINPROGRESS {
		s.remote = addr
	}
	if err == nil || err != unix.EINPROGRESS {
		return wrapErrno(err)
	}
	if !s.blocking {
		return EINPROGRESS
	}
	if err := s.k.waitFor(s.fd, unix.POLLOUT, -1); err != nil {
		return err
	}
	pending, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return errnoOf(err)
	}
	s.learnLocal()
	if pending != 0 {
		return errnoOf(unix.Errno(pending))
	}
	return nil
}

func wrapErrno(err error) error {
	if err == nil {
		return nil
	}
	return errnoOf(err)
}

func (s *kernelSocket) Send(data []byte) (int, error) {
	sent := 0
	for {
		err := s.call(unix.POLLOUT, func() error {
			n, err := unix.Write(s.fd, data[sent:])
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
	err = s.call(unix.POLLIN, func() error {
		var err error
		n, err = unix.Read(s.fd, buf)
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
	err := unix.Close(s.fd)
	if s.parent != nil {
		s.parent.left()
	}
	return wrapErrno(err)
}

func (s *kernelSocket) LocalAddr() netip.AddrPort  { return s.local }
func (s *kernelSocket) RemoteAddr() netip.AddrPort { return s.remote }

func (s *kernelSocket) SetSockOpt(o Option, value int) error {
	if s.closed {
		return EBADF
	}
	if o == Linger0 {
		return wrapErrno(unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: int32(value)}))
	}
	level, name, ok := sockOpt(o)
	if !ok || o == SoError {
		return ENOPROTOOPT
	}
	return wrapErrno(unix.SetsockoptInt(s.fd, level, name, value))
}

func (s *kernelSocket) GetSockOpt(o Option) (int, error) {
	if s.closed {
		return 0, EBADF
	}
	level, name, ok := sockOpt(o)
	if !ok {
		return 0, ENOPROTOOPT
	}
	v, err := unix.GetsockoptInt(s.fd, level, name)
	if err != nil {
		return 0, errnoOf(err)
	}
	if o != SoError || v == 0 {
		return v, nil
	}
	if e, ok := errnoOf(unix.Errno(v)).(Errno); ok {
		return int(e), nil
	}
	return v, nil
}

// sockOpt is the system's level and number of an option.
func sockOpt(o Option) (level, name int, ok bool) {
	switch o {
	case ReuseAddr:
		return unix.SOL_SOCKET, unix.SO_REUSEADDR, true
	case SoError:
		return unix.SOL_SOCKET, unix.SO_ERROR, true
	case NoDelay:
		return unix.IPPROTO_TCP, unix.TCP_NODELAY, true
	case MaxSegment:
		return unix.IPPROTO_TCP, unix.TCP_MAXSEG, true
	case TimeToLive:
		return unix.IPPROTO_IP, unix.IP_TTL, true
	case WindowClamp:
		return unix.IPPROTO_TCP, windowClamp, windowClamp != 0
	}
	return 0, 0, false
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
	fds := make([]unix.PollFd, len(p.list))
	invalid := false
	for i, r := range p.list {
		fds[i].Fd = -1
		if s, ok := r.Socket.(*kernelSocket); ok && !s.closed && s.k == p.k {
			fds[i].Fd, fds[i].Events = int32(s.pollFD()), int16(r.Events)
		} else {
			invalid = true
		}
	}
	if invalid {
		timeout = 0
	}
	if _, err := p.k.pollAll(fds, timeout); err != nil {
		return nil, err
	}
	var ready []Ready
	for i, fd := range fds {
		got := Events(uint16(fd.Revents)) & (PollIn | PollOut | PollErr | PollHup | PollNval)
		if fd.Fd < 0 {
			got = PollNval
		}
		if got != 0 {
			ready = append(ready, Ready{p.list[i].Socket, got})
		}
	}
	return ready, nil
}

func (p *kernelPoller) IPoll(timeout time.Duration) (iter.Seq2[Socket, Events], error) {
	ready, err := p.Poll(timeout)
	return Iterate(ready), err
}
