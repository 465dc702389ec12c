package capture

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A linkWatch looks at an interface and at the clock from time to time and tells what changed.
type linkWatch struct {
	fd     int // any socket: what the ioctls of interfaces are asked through
	i      netInterface
	name   string
	up     bool
	mtu    int // bytes; 0 until the first look
	notice func(Notice)

	// wall minus steady is constant while nobody sets the clock.
	wall, steady int64
}

// clockTolerance is the least change of the clock that is told. A time daemon slews by less than 0.1 ms between two
// looks.
const clockTolerance = 20 * time.Millisecond

func newLinkWatch(name string, i netInterface, notice func(Notice)) (*linkWatch, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	w := &linkWatch{fd: fd, i: i, name: name, up: true, notice: notice}
	w.wall, w.steady = clocks()
	if i.index != 0 {
		w.lookAtMTU()
	}
	return w, nil
}

func (w *linkWatch) close() { unix.Close(w.fd) }

// clocks reads the clock of the packets' times and one that nobody sets; that one goes on while the machine sleeps.
func clocks() (wall, steady int64) {
	var a, b unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_REALTIME, &a)
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &b)
	return a.Nano(), b.Nano()
}

// look tells what changed since the last look. The error wraps ErrInterfaceGone.
func (w *linkWatch) look() error {
	w.lookAtClock()
	if w.i.index == 0 {
		return nil
	}
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	req.SetUint32(uint32(w.i.index))
	if err := unix.IoctlIfreq(w.fd, unix.SIOCGIFNAME, req); err != nil {
		return fmt.Errorf("%w: %s", ErrInterfaceGone, w.name)
	}
	if name := req.Name(); name != w.name {
		w.notice(Notice{Kind: NoticeRenamed, Interface: w.name, New: name})
		w.name = name
	}
	if req, err = unix.NewIfreq(w.name); err != nil || unix.IoctlIfreq(w.fd, unix.SIOCGIFFLAGS, req) != nil {
		return nil // renamed between the two questions: the next look tells
	}
	if up := req.Uint16()&unix.IFF_UP != 0; up != w.up {
		w.up = up
		kind := NoticeDown
		if up {
			kind = NoticeUp
		}
		w.notice(Notice{Kind: kind, Interface: w.name})
	}
	w.lookAtMTU()
	return nil
}

// lookAtMTU tells a change of the largest packet: segments that were whole may come in pieces from now on, or the reverse.
func (w *linkWatch) lookAtMTU() {
	req, err := unix.NewIfreq(w.name)
	if err != nil || unix.IoctlIfreq(w.fd, unix.SIOCGIFMTU, req) != nil {
		return
	}
	mtu := int(req.Uint32())
	if w.mtu != 0 && mtu != w.mtu {
		w.notice(Notice{Kind: NoticeMTU, Interface: w.name, OldMTU: w.mtu, NewMTU: mtu})
	}
	w.mtu = mtu
}

func (w *linkWatch) lookAtClock() {
	wall, steady := clocks()
	shift := time.Duration((wall - w.wall) - (steady - w.steady))
	w.wall, w.steady = wall, steady
	if shift.Abs() > clockTolerance {
		w.notice(Notice{Kind: NoticeClock, Interface: w.name, Shift: shift})
	}
}
