package endpoints

import "fmt"

// Errno is the error of a socket call. Its values are Linux's (include/uapi/asm-generic/errno.h) on every system; MicroPython and
// lwIP have the same ones.
type Errno int

// The errors that socket calls meet.
const (
	ENOENT        Errno = 2
	EINTR         Errno = 4
	EIO           Errno = 5
	EBADF         Errno = 9
	EAGAIN        Errno = 11
	ENOMEM        Errno = 12
	EACCES        Errno = 13
	EINVAL        Errno = 22
	EMFILE        Errno = 24
	EPIPE         Errno = 32
	ENOTSOCK      Errno = 88
	ENOPROTOOPT   Errno = 92
	EOPNOTSUPP    Errno = 95
	EAFNOSUPPORT  Errno = 97
	EADDRINUSE    Errno = 98
	EADDRNOTAVAIL Errno = 99
	ENETDOWN      Errno = 100
	ENETUNREACH   Errno = 101
	ECONNABORTED  Errno = 103
	ECONNRESET    Errno = 104
	ENOBUFS       Errno = 105
	EISCONN       Errno = 106
	ENOTCONN      Errno = 107
	ESHUTDOWN     Errno = 108
	ETIMEDOUT     Errno = 110
	ECONNREFUSED  Errno = 111
	EHOSTUNREACH  Errno = 113
	EALREADY      Errno = 114
	EINPROGRESS   Errno = 115
)

var errnoNames = map[Errno]string{ENOENT: "ENOENT", EINTR: "EINTR", EIO: "EIO", EBADF: "EBADF", EAGAIN: "EAGAIN", ENOMEM: "ENOMEM",
	EACCES: "EACCES", EINVAL: "EINVAL", EMFILE: "EMFILE", EPIPE: "EPIPE", ENOTSOCK: "ENOTSOCK", ENOPROTOOPT: "ENOPROTOOPT",
	EOPNOTSUPP: "EOPNOTSUPP", EAFNOSUPPORT: "EAFNOSUPPORT", EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL", ENETDOWN: "ENETDOWN",
	ENETUNREACH: "ENETUNREACH", ECONNABORTED: "ECONNABORTED", ECONNRESET: "ECONNRESET", ENOBUFS: "ENOBUFS", EISCONN: "EISCONN",
	ENOTCONN: "ENOTCONN", ESHUTDOWN: "ESHUTDOWN", ETIMEDOUT: "ETIMEDOUT", ECONNREFUSED: "ECONNREFUSED", EHOSTUNREACH: "EHOSTUNREACH",
	EALREADY: "EALREADY", EINPROGRESS: "EINPROGRESS"}

// Name is the error's name, such as "EAGAIN".
func (e Errno) Name() string {
	if name, ok := errnoNames[e]; ok {
		return name
	}
	return fmt.Sprintf("errno %d", int(e))
}

// Error is the error as Python prints it, such as "[Errno 11] EAGAIN".
func (e Errno) Error() string { return fmt.Sprintf("[Errno %d] %s", int(e), e.Name()) }

// Temporary reports whether the call only has to be tried again later.
func (e Errno) Temporary() bool {
	return e == EAGAIN || e == EINPROGRESS || e == EALREADY || e == EINTR
}
