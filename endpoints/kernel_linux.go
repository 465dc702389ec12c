package endpoints

import "golang.org/x/sys/unix"

const windowClamp = unix.TCP_WINDOW_CLAMP

// ignoreSYNs lets a listening socket answer nothing, by a socket filter that keeps no byte of any packet.
func ignoreSYNs(fd int, ignore bool) error {
	if !ignore {
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
	}
	drop := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &drop})
}
