//go:build !unix && !windows

package endpoints

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// errNoSockets says what does not work and what does.
var errNoSockets = errors.New("the bundled programs have no sockets on this system; the simulated network works: tcptrace demo")

var errAgain = errNoSockets

type wakeup struct{ close func() }

func newWakeup(context.Context) (*wakeup, error) { return nil, errNoSockets }

func (*wakeup) poll([]pollEntry, time.Duration) (int, error) { return 0, errNoSockets }

func errnoOf(err error) error { return err }

func sysErrno(n int) error                             { return Errno(n) }
func sysSocket() (handle, error)                       { return 0, errNoSockets }
func sysAccept(handle) (handle, netip.AddrPort, error) { return 0, netip.AddrPort{}, errNoSockets }
func sysLocal(handle) (netip.AddrPort, error)          { return netip.AddrPort{}, errNoSockets }
func sysBind(handle, netip.AddrPort) error             { return errNoSockets }
func sysConnect(handle, netip.AddrPort) error          { return errNoSockets }
func sysListen(handle, int) error                      { return errNoSockets }
func sysSend(handle, []byte) (int, error)              { return 0, errNoSockets }
func sysRecv(handle, []byte) (int, error)              { return 0, errNoSockets }
func sysClose(handle) error                            { return errNoSockets }
func sysLinger(handle, int) error                      { return errNoSockets }
func sysSetOpt(_ handle, _, _, _ int) error            { return errNoSockets }
func sysGetOpt(_ handle, _, _ int) (int, error)        { return 0, errNoSockets }
func sockOpt(Option) (level, name int, ok bool)        { return 0, 0, false }
