//go:build !unix

package endpoints

import "net/netip"

// limiter is nothing here: the system's own queue of waiting connections holds.
type limiter struct{ readable handle }

func (*limiter) end()  {}
func (*limiter) left() {}

func (s *kernelSocket) acceptPending() (Socket, netip.AddrPort, error) {
	return nil, netip.AddrPort{}, EOPNOTSUPP
}
