//go:build !unix

package endpoints

import (
	"context"
	"errors"
)

// errNoSockets says what does not work and what does.
var errNoSockets = errors.New("the bundled programs need the sockets of Linux or macOS; here use the simulated network instead: tcptrace demo")

type wakeup struct{ close func() }

func newWakeup(context.Context) (*wakeup, error) { return nil, errNoSockets }

type kernelSocket struct{}

func (*kernelSocket) Close() error { return EBADF }

func (k *kernel) Socket() (Socket, error) { return nil, EOPNOTSUPP }

func (k *kernel) Poller() Poller { return nil }
