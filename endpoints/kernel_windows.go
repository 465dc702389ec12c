package endpoints

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The calls of Winsock that x/sys has no function for.
var (
	winsock     = windows.NewLazySystemDLL("ws2_32.dll")
	procAccept  = winsock.NewProc("accept")
	procSend    = winsock.NewProc("send")
	procRecv    = winsock.NewProc("recv")
	procIoctl   = winsock.NewProc("ioctlsocket")
	procWSAPoll = winsock.NewProc("WSAPoll")
)

// Numbers of winsock2.h.
const (
	socketError  = ^uintptr(0)           // what a failed call returns
	fionbio      = 0x8004667e            // FIONBIO
	soError      = 0x1007                // SO_ERROR
	wouldBlock   = syscall.Errno(10035)  // WSAEWOULDBLOCK
	pollReadable = 0x0100                // POLLRDNORM
	pollWritable = 0x0010                // POLLWRNORM
	pollError    = 0x0001                // POLLERR
	pollHangup   = 0x0002                // POLLHUP
	pollInvalid  = 0x0004                // POLLNVAL
	wakeEvery    = 50 * time.Millisecond // Winsock cannot poll anything but sockets: waits look up this often
)

// errAgain is the error of a poll() that is to be repeated; Winsock has none.
var errAgain = errors.New("again")

var startWinsock = sync.OnceValue(func() error {
	var data windows.WSAData
	return windows.WSAStartup(0x202, &data)
})

// wakeup ends waits when the context is done, by never waiting long at a time.
type wakeup struct {
	ctx   context.Context
	close func()
}

func newWakeup(ctx context.Context) (*wakeup, error) {
	if err := startWinsock(); err != nil {
		return nil, err
	}
	return &wakeup{ctx: ctx, close: func() {}}, nil
}

// pollFd is WSAPOLLFD.
type pollFd struct {
	fd    handle
	asked int16
	got   int16
}

// poll is WSAPoll(); it returns how many of the entries are ready.
func (w *wakeup) poll(entries []pollEntry, timeout time.Duration) (int, error) {
	fds := make([]pollFd, 0, len(entries))
	for _, e := range entries {
		if !e.ignored {
			fds = append(fds, pollFd{fd: e.fd, asked: winsockEvents(e.asked)})
		}
	}
	for end := time.Now().Add(timeout); ; {
		slice := wakeEvery
		if timeout >= 0 {
			slice = min(slice, max(time.Until(end), 0))
		}
		n, err := wsaPoll(fds, slice)
		over := timeout >= 0 && !time.Now().Before(end)
		if err != nil || n > 0 || over || w.ctx.Err() != nil {
			for i, k := 0, 0; i < len(entries); i++ {
				entries[i].got = 0
				if !entries[i].ignored {
					entries[i].got = ourEvents(fds[k].got, entries[i].asked)
					k++
				}
			}
			return n, err
		}
	}
}

// wsaPoll polls for one slice of time. WSAPoll refuses an empty list.
func wsaPoll(fds []pollFd, timeout time.Duration) (int, error) {
	if len(fds) == 0 {
		time.Sleep(timeout)
		return 0, nil
	}
	r, _, err := procWSAPoll.Call(uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), uintptr(milliseconds(timeout)))
	runtime.KeepAlive(fds)
	if int32(r) < 0 {
		return 0, err
	}
	return int(int32(r)), nil
}

func winsockEvents(ev Events) (w int16) {
	if ev&PollIn != 0 {
		w |= pollReadable
	}
	if ev&PollOut != 0 {
		w |= pollWritable
	}
	return w
}

// ourEvents are the events as Linux reports them: what is hung up or failed is readable too. A FIN of the peer is POLLHUP to
// Winsock and no more than POLLIN elsewhere.
func ourEvents(w int16, asked Events) (ev Events) {
	if w&pollReadable != 0 || w&(pollHangup|pollError) != 0 {
		ev |= PollIn & asked
	}
	if w&pollWritable != 0 || w&pollError != 0 {
		ev |= PollOut & asked
	}
	if w&pollError != 0 {
		ev |= PollErr | PollHup
	}
	if w&pollInvalid != 0 {
		ev |= PollNval
	}
	return ev
}

// winsockErrors are Winsock's numbers less 10000 (winerror.h) for ours.
var winsockErrors = map[syscall.Errno]Errno{4: EINTR, 9: EBADF, 13: EACCES, 22: EINVAL, 24: EMFILE, 35: EAGAIN, 36: EINPROGRESS, 37: EALREADY,
	38: ENOTSOCK, 42: ENOPROTOOPT, 45: EOPNOTSUPP, 47: EAFNOSUPPORT, 48: EADDRINUSE, 49: EADDRNOTAVAIL, 50: ENETDOWN, 51: ENETUNREACH,
	53: ECONNABORTED, 54: ECONNRESET, 55: ENOBUFS, 56: EISCONN, 57: ENOTCONN, 58: ESHUTDOWN, 60: ETIMEDOUT, 61: ECONNREFUSED, 65: EHOSTUNREACH}

// errnoOf turns a Winsock error into an Errno.
func errnoOf(err error) error {
	var n syscall.Errno
	if !errors.As(err, &n) {
		return err
	}
	if e, ok := winsockErrors[n-10000]; ok {
		return e
	}
	return Errno(n)
}

// sysErrno is the error of a number that the system gave.
func sysErrno(n int) error { return syscall.Errno(n) }

// failed is the error of a call that returned r.
func failed(r uintptr, err error) (int, error) {
	if r == socketError || int32(r) == -1 {
		return 0, err
	}
	return int(r), nil
}

func sysSocket() (handle, error) {
	fd, err := windows.Socket(windows.AF_INET, windows.SOCK_STREAM, windows.IPPROTO_TCP)
	if err != nil {
		return 0, err
	}
	return prepared(handle(fd))
}

// prepared is a socket in non-blocking mode that children do not inherit.
func prepared(fd handle) (handle, error) {
	_ = windows.SetHandleInformation(windows.Handle(fd), windows.HANDLE_FLAG_INHERIT, 0)
	on := uint32(1)
	_, err := failed3(procIoctl.Call(uintptr(fd), fionbio, uintptr(unsafe.Pointer(&on))))
	if err != nil {
		sysClose(fd)
		return 0, err
	}
	return fd, nil
}

// failed3 is failed for the three values of Call.
func failed3(r, _ uintptr, err error) (int, error) { return failed(r, err) }

func sockaddr(addr netip.AddrPort) windows.Sockaddr {
	return &windows.SockaddrInet4{Addr: addr.Addr().Unmap().As4(), Port: int(addr.Port())}
}

func addrPortOf(sa windows.Sockaddr) netip.AddrPort {
	if in, ok := sa.(*windows.SockaddrInet4); ok {
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port))
	}
	return netip.AddrPort{}
}

func sysAccept(fd handle) (handle, netip.AddrPort, error) {
	r, _, err := procAccept.Call(uintptr(fd), 0, 0)
	if r == socketError {
		return 0, netip.AddrPort{}, err
	}
	conn, err := prepared(handle(r))
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	peer, err := windows.Getpeername(windows.Handle(conn))
	if err != nil {
		return conn, netip.AddrPort{}, nil // it is gone already; the next call tells
	}
	return conn, addrPortOf(peer), nil
}

func sysLocal(fd handle) (netip.AddrPort, error) {
	sa, err := windows.Getsockname(windows.Handle(fd))
	return addrPortOf(sa), err
}

func sysBind(fd handle, addr netip.AddrPort) error {
	return windows.Bind(windows.Handle(fd), sockaddr(addr))
}

// sysConnect reports EINPROGRESS where Winsock says that it would block.
func sysConnect(fd handle, addr netip.AddrPort) error {
	err := windows.Connect(windows.Handle(fd), sockaddr(addr))
	if err == wouldBlock {
		return EINPROGRESS
	}
	return err
}

func sysListen(fd handle, backlog int) error { return windows.Listen(windows.Handle(fd), backlog) }

// bufferOf is the address of a buffer, which may be empty.
func bufferOf(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

func sysSend(fd handle, data []byte) (int, error) {
	return failed3(procSend.Call(uintptr(fd), uintptr(bufferOf(data)), uintptr(len(data)), 0))
}

func sysRecv(fd handle, buf []byte) (int, error) {
	return failed3(procRecv.Call(uintptr(fd), uintptr(bufferOf(buf)), uintptr(len(buf)), 0))
}

func sysClose(fd handle) error { return windows.Closesocket(windows.Handle(fd)) }

func sysLinger(fd handle, on int) error {
	return windows.SetsockoptLinger(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_LINGER, &windows.Linger{Onoff: int32(on)})
}

func sysSetOpt(fd handle, level, name, value int) error {
	return windows.SetsockoptInt(windows.Handle(fd), level, name, value)
}

func sysGetOpt(fd handle, level, name int) (int, error) {
	return windows.GetsockoptInt(windows.Handle(fd), level, name)
}

// sockOpt is Winsock's level and number of an option.
func sockOpt(o Option) (level, name int, ok bool) {
	switch o {
	case ReuseAddr:
		return windows.SOL_SOCKET, windows.SO_REUSEADDR, true
	case SoError:
		return windows.SOL_SOCKET, soError, true
	case NoDelay:
		return windows.IPPROTO_TCP, windows.TCP_NODELAY, true
	case TimeToLive:
		return windows.IPPROTO_IP, windows.IP_TTL, true
	}
	return 0, 0, false
}
