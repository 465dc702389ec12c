package journal

import (
	"strconv"
	"strings"
)

// errnoNames are Linux's numbers (include/uapi/asm-generic/errno.h), which lwIP and MicroPython share
// (lwIP's src/include/lwip/errno.h, MicroPython's py/mperrno.h), as far as socket calls meet them.
var errnoNames = map[int64]string{
	1: "EPERM", 2: "ENOENT", 4: "EINTR", 5: "EIO", 9: "EBADF", 11: "EAGAIN", 12: "ENOMEM", 13: "EACCES",
	14: "EFAULT", 16: "EBUSY", 17: "EEXIST", 19: "ENODEV", 22: "EINVAL", 23: "ENFILE", 24: "EMFILE",
	28: "ENOSPC", 32: "EPIPE", 71: "EPROTO", 75: "EOVERFLOW",
	88: "ENOTSOCK", 89: "EDESTADDRREQ", 90: "EMSGSIZE", 91: "EPROTOTYPE", 92: "ENOPROTOOPT",
	93: "EPROTONOSUPPORT", 95: "EOPNOTSUPP", 97: "EAFNOSUPPORT", 98: "EADDRINUSE", 99: "EADDRNOTAVAIL",
	100: "ENETDOWN", 101: "ENETUNREACH", 102: "ENETRESET", 103: "ECONNABORTED", 104: "ECONNRESET",
	105: "ENOBUFS", 106: "EISCONN", 107: "ENOTCONN", 108: "ESHUTDOWN", 110: "ETIMEDOUT",
	111: "ECONNREFUSED", 112: "EHOSTDOWN", 113: "EHOSTUNREACH", 114: "EALREADY", 115: "EINPROGRESS",
	125: "ECANCELED",
}

// winsockOffset is the distance of Winsock's numbers from the BSD numbers (winerror.h).
const winsockOffset = 10000

// winsockNames are the BSD numbers that Winsock adds winsockOffset to.
var winsockNames = map[int64]string{
	4: "EINTR", 9: "EBADF", 13: "EACCES", 14: "EFAULT", 22: "EINVAL", 24: "EMFILE", 35: "EAGAIN",
	36: "EINPROGRESS", 37: "EALREADY", 38: "ENOTSOCK", 48: "EADDRINUSE", 49: "EADDRNOTAVAIL",
	50: "ENETDOWN", 51: "ENETUNREACH", 52: "ENETRESET", 53: "ECONNABORTED", 54: "ECONNRESET",
	55: "ENOBUFS", 56: "EISCONN", 57: "ENOTCONN", 58: "ESHUTDOWN", 60: "ETIMEDOUT",
	61: "ECONNREFUSED", 64: "EHOSTDOWN", 65: "EHOSTUNREACH",
}

// errnoName is the name of an error number; one that is not known stays "errno 1234".
func errnoName(n int64) string {
	if n < 0 {
		n = -n
	}
	if name, ok := errnoNames[n]; ok {
		return name
	}
	if name, ok := winsockNames[n-winsockOffset]; ok {
		return name
	}
	return "errno " + strconv.FormatInt(n, 10)
}

// errnoSpelling brings a name to the one spelling the tables use.
func errnoSpelling(name string) string {
	if digits(name) && name != "" {
		if n, err := strconv.ParseInt(name, 10, 32); err == nil {
			return errnoName(n)
		}
	}
	if bare, found := strings.CutPrefix(name, "WSAE"); found {
		name = "E" + bare
	}
	if name == "EWOULDBLOCK" {
		return "EAGAIN"
	}
	return printable(name)
}

// errnoNumber is the Linux number of a name, for SO_ERROR's value; 0 if it is not known.
func errnoNumber(name string) int64 {
	for n, known := range errnoNames {
		if known == name {
			return n
		}
	}
	return 0
}
