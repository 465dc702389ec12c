package lab

import (
	"gvisor.dev/gvisor/pkg/tcpip"

	"tcptrace/endpoints"
)

// errnoOf is a stack's error by its number.
func errnoOf(err tcpip.Error) error {
	switch err.(type) {
	case *tcpip.ErrWouldBlock:
		return endpoints.EAGAIN
	case *tcpip.ErrConnectStarted:
		return endpoints.EINPROGRESS
	case *tcpip.ErrAlreadyConnecting:
		return endpoints.EALREADY
	case *tcpip.ErrAlreadyConnected:
		return endpoints.EISCONN
	case *tcpip.ErrPortInUse:
		return endpoints.EADDRINUSE
	case *tcpip.ErrBadLocalAddress, *tcpip.ErrNoPortAvailable:
		return endpoints.EADDRNOTAVAIL
	case *tcpip.ErrNotConnected:
		return endpoints.ENOTCONN
	case *tcpip.ErrClosedForSend:
		return endpoints.EPIPE
	case *tcpip.ErrHostUnreachable:
		return endpoints.EHOSTUNREACH
	case *tcpip.ErrNetworkUnreachable:
		return endpoints.ENETUNREACH
	case *tcpip.ErrNoBufferSpace:
		return endpoints.ENOBUFS
	case *tcpip.ErrConnectionReset, *tcpip.ErrConnectionRefused, *tcpip.ErrConnectionAborted, *tcpip.ErrTimeout:
		return failure(err)
	}
	return endpoints.EINVAL
}

// failure is why a connection ended.
func failure(err tcpip.Error) endpoints.Errno {
	switch err.(type) {
	case *tcpip.ErrTimeout:
		return endpoints.ETIMEDOUT
	case *tcpip.ErrConnectionAborted:
		return endpoints.ECONNABORTED
	case *tcpip.ErrConnectionRefused:
		return endpoints.ECONNREFUSED
	case *tcpip.ErrHostUnreachable:
		return endpoints.EHOSTUNREACH
	}
	return endpoints.ECONNRESET
}
