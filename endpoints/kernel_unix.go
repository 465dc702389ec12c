//go:build unix

package endpoints

import (
	"context"
	"errors"
	"net/netip"
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

// errAgain is the error of a poll() that is to be repeated.
const errAgain = unix.EINTR

// poll is poll() with the pipe; it returns how many of the entries are ready. The events' values are the system's on every Unix.
func (w *wakeup) poll(entries []pollEntry, timeout time.Duration) (int, error) {
	fds := make([]unix.PollFd, len(entries)+1)
	for i, e := range entries {
		fds[i] = unix.PollFd{Fd: int32(e.fd), Events: int16(e.asked)}
		if e.ignored {
			fds[i].Fd = -1
		}
	}
	fds[len(entries)] = unix.PollFd{Fd: int32(w.fd), Events: unix.POLLIN}
	n, err := unix.Poll(fds, milliseconds(timeout))
	for i := range entries {
		entries[i].got = Events(uint16(fds[i].Revents)) & (PollIn | PollOut | PollErr | PollHup | PollNval)
	}
	return n, err
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

// sysErrno is the error of a number that the system gave.
func sysErrno(n int) error { return unix.Errno(n) }

func sysSocket() (handle, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return 0, err
	}
	return prepared(fd), nil
}

// prepared is a descriptor in non-blocking mode that children do not inherit.
func prepared(fd int) handle {
	unix.CloseOnExec(fd)
	_ = unix.SetNonblock(fd, true)
	return handle(fd)
}

func sockaddr(addr netip.AddrPort) unix.Sockaddr {
	return &unix.SockaddrInet4{Addr: addr.Addr().Unmap().As4(), Port: int(addr.Port())}
}

func addrPortOf(sa unix.Sockaddr) netip.AddrPort {
	if in, ok := sa.(*unix.SockaddrInet4); ok {
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port))
	}
	return netip.AddrPort{}
}

func sysAccept(fd handle) (handle, netip.AddrPort, error) {
	conn, sa, err := unix.Accept(int(fd))
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	return prepared(conn), addrPortOf(sa), nil
}

func sysLocal(fd handle) (netip.AddrPort, error) {
	sa, err := unix.Getsockname(int(fd))
	return addrPortOf(sa), err
}

func sysBind(fd handle, addr netip.AddrPort) error    { return unix.Bind(int(fd), sockaddr(addr)) }
func sysConnect(fd handle, addr netip.AddrPort) error { return unix.Connect(int(fd), sockaddr(addr)) }
func sysListen(fd handle, backlog int) error          { return unix.Listen(int(fd), backlog) }
func sysSend(fd handle, data []byte) (int, error)     { return unix.Write(int(fd), data) }
func sysRecv(fd handle, buf []byte) (int, error)      { return unix.Read(int(fd), buf) }
func sysClose(fd handle) error                        { return unix.Close(int(fd)) }

func sysLinger(fd handle, on int) error {
	return unix.SetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: int32(on)})
}

func sysSetOpt(fd handle, level, name, value int) error {
	return unix.SetsockoptInt(int(fd), level, name, value)
}

func sysGetOpt(fd handle, level, name int) (int, error) {
	return unix.GetsockoptInt(int(fd), level, name)
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
