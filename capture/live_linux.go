package capture

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	vm "golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"tcptrace/capture/bpf"
)

// Sockets are the packet sockets of one capture. To open them needs CAP_NET_RAW; to use them needs nothing, so that
// a program can give its privileges up in between, even by executing itself again: String and ParseSockets carry
// the descriptors across.
type Sockets struct {
	fd    int // captures
	count int // counts what the filter rejects
}

// OpenSockets opens the sockets for an interface. They see no packet before OpenLive binds them.
func OpenSockets(name string) (*Sockets, error) {
	i, err := findInterface(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	kind := unix.SOCK_RAW
	if i.cooked {
		kind = unix.SOCK_DGRAM
	}
	s := &Sockets{fd: -1, count: -1}
	// Protocol 0 keeps a socket deaf until it is bound, so that no packet comes in before the filter is there.
	if s.fd, err = unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC, 0); err == nil {
		s.count, err = unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC, 0)
	}
	if err != nil {
		s.Close()
		if err == unix.EPERM || err == unix.EACCES {
			return nil, fmt.Errorf("%s: %w", name, ErrNoPermission)
		}
		return nil, os.NewSyscallError("socket AF_PACKET", err)
	}
	return s, nil
}

// Close closes what is open.
func (s *Sockets) Close() {
	for _, fd := range []*int{&s.fd, &s.count} {
		if *fd >= 0 {
			unix.Close(*fd)
			*fd = -1
		}
	}
}

// String names the descriptors for ParseSockets.
func (s *Sockets) String() string { return fmt.Sprintf("%d,%d", s.fd, s.count) }

// ParseSockets takes over the descriptors that String named.
func ParseSockets(text string) (*Sockets, error) {
	a, b, _ := strings.Cut(text, ",")
	s := &Sockets{}
	var err1, err2 error
	s.fd, err1 = strconv.Atoi(a)
	s.count, err2 = strconv.Atoi(b)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("sockets %q: %w", text, err)
	}
	s.Inherit(false)
	return s, nil
}

// Inherit says whether a program that is executed gets the sockets.
func (s *Sockets) Inherit(yes bool) {
	flag := unix.FD_CLOEXEC
	if yes {
		flag = 0
	}
	for _, fd := range []int{s.fd, s.count} {
		_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFD, flag)
	}
}

// netInterface is what a capture must know of an interface.
type netInterface struct {
	index  int // 0 for any
	link   uint16
	cooked bool // no usable link header: the kernel takes it off and an SLL2 header is put in its place
	up     bool
}

// Hardware types whose frames start with Ethernet's header, or with IP's.
const (
	arpEthernet = unix.ARPHRD_ETHER
	arpLoopback = unix.ARPHRD_LOOPBACK
	arpNone     = unix.ARPHRD_NONE // tun
	arpRawIP    = 519
	arpRadiotap = unix.ARPHRD_IEEE80211_RADIOTAP
)

func findInterface(name string) (i netInterface, err error) {
	if name == AnyInterface {
		return netInterface{link: linkSLL2, cooked: true, up: true}, nil
	}
	found, err := net.InterfaceByName(name)
	if err != nil {
		return i, ErrNoInterface
	}
	i = netInterface{index: found.Index, link: linkSLL2, cooked: true, up: found.Flags&net.FlagUp != 0}
	switch hardwareOf(name) {
	case arpEthernet, arpLoopback:
		i.link, i.cooked = linkEthernet, false
	case arpNone, arpRawIP:
		i.link, i.cooked = linkRaw, false
	case arpRadiotap:
		i.link, i.cooked = linkRadiotap, false
	}
	return i, nil
}

// hardwareOf is the interface's ARPHRD_ number, 0 when it cannot be told.
func hardwareOf(name string) int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq(name)
	if err != nil || unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, req) != nil {
		return 0
	}
	return int(req.Uint16())
}

// packetSocket is the liveReader of Linux.
type packetSocket struct {
	ctx     context.Context
	sockets *Sockets
	ring    *ring
	file    *os.File // the socket, for the runtime's poller: a goroutine that waits costs no thread
	raw     syscall.RawConn
	alarm   time.Time // the read deadline of file
	unwatch func() bool
	watch   *linkWatch
	i       netInterface
	counts  bool // the counting socket is bound

	stopping bool
	stopped  time.Time
	fail     error // what ends the capture once the ring is empty
	nextTick time.Time

	packets, drops, filtered, captured, ours atomic.Int64
}

// tickEvery is how often counters are read and the interface and the clock are looked at.
const tickEvery = 200 * time.Millisecond

func openLive(ctx context.Context, name string, o LiveOptions) (_ liveReader, err error) {
	s := &packetSocket{ctx: ctx, sockets: o.Sockets}
	if s.i, err = findInterface(name); err != nil {
		return nil, err
	}
	if s.sockets == nil {
		if s.sockets, err = OpenSockets(name); err != nil {
			return nil, errors.Unwrap(err)
		}
	}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.ring, err = mapRing(s.sockets.fd, o.Buffer); err != nil {
		return nil, err
	}
	// The time of arrival is taken when a packet comes up from the driver, not when it is put into the ring.
	if err = unix.SetsockoptInt(s.sockets.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return nil, os.NewSyscallError("setsockopt SO_TIMESTAMPNS", err)
	}
	if err = s.attach(o.Filter); err != nil {
		return nil, err
	}
	if s.watch, err = newLinkWatch(name, s.i, o.Notice); err != nil {
		return nil, err
	}
	if err = s.bind(o); err != nil {
		return nil, err
	}
	if err = s.poll(name); err != nil {
		return nil, err
	}
	file := s.file // Close sets the field to nil
	s.unwatch = context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Unix(1, 0)) })
	return s, nil
}

// attach gives the sockets their filters: one the filter, the other its opposite.
func (s *packetSocket) attach(f *bpf.Filter) error {
	link := s.i.link
	if s.i.cooked {
		link = bpf.LinkCooked
	}
	if err := attach(s.sockets.fd, f, link, s.i, bpf.Accept, 0); err != nil {
		return err
	}
	if s.counts = f != nil; !s.counts {
		return nil
	}
	// The counting socket has no room for packets: the kernel counts and forgets them before it copies any.
	if err := unix.SetsockoptInt(s.sockets.count, unix.SOL_SOCKET, unix.SO_RCVBUF, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_RCVBUF", err)
	}
	return attach(s.sockets.count, f, link, s.i, 0, 1)
}

// packetOutgoing is PACKET_OUTGOING of linux/if_packet.h: a packet that leaves this host.
const packetOutgoing = 4

func attach(fd int, f *bpf.Filter, link uint16, i netInterface, yes, no uint32) error {
	program, err := f.Program(link, onceOnly(i), yes, no)
	if err != nil {
		return err
	}
	return attachProgram(fd, program)
}

// onceOnly drops the packets that leave through the loopback interface: each comes back in at once, and would be
// seen twice. Other interfaces are not concerned.
func onceOnly(i netInterface) []vm.Instruction {
	lo, err := net.InterfaceByName("lo")
	if err != nil || i.index != 0 && i.index != lo.Index {
		return nil
	}
	return []vm.Instruction{
		vm.LoadExtension{Num: vm.ExtType},
		vm.JumpIf{Cond: vm.JumpNotEqual, Val: packetOutgoing, SkipTrue: 3},
		vm.LoadExtension{Num: vm.ExtInterfaceIndex},
		vm.JumpIf{Cond: vm.JumpNotEqual, Val: uint32(lo.Index), SkipTrue: 1},
		vm.RetConstant{Val: 0},
	}
}

func attachProgram(fd int, program []vm.Instruction) error {
	raw, err := vm.Assemble(program)
	if err != nil {
		return fmt.Errorf("filter: %w", err)
	}
	code := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		code[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	return os.NewSyscallError("setsockopt SO_ATTACH_FILTER", unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog))
}

// bind starts the flow of packets.
func (s *packetSocket) bind(o LiveOptions) error {
	address := &unix.SockaddrLinklayer{Protocol: hostToNet16(unix.ETH_P_ALL), Ifindex: s.i.index}
	if s.counts {
		if err := unix.Bind(s.sockets.count, address); err != nil {
			return os.NewSyscallError("bind", err)
		}
	}
	if o.Promiscuous && s.i.index != 0 {
		m := unix.PacketMreq{Ifindex: int32(s.i.index), Type: unix.PACKET_MR_PROMISC}
		if err := unix.SetsockoptPacketMreq(s.sockets.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &m); err != nil {
			return os.NewSyscallError("setsockopt PACKET_ADD_MEMBERSHIP", err)
		}
	}
	if err := unix.Bind(s.sockets.fd, address); err != nil {
		if err == unix.ENODEV {
			return ErrNoInterface
		}
		return os.NewSyscallError("bind", err)
	}
	// An interface that is down says so as an error of the socket; it is told by the watch.
	_, _ = unix.GetsockoptInt(s.sockets.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	return nil
}

func hostToNet16(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}

// next implements recordReader.
func (s *packetSocket) next(rec *record) error {
	for {
		for s.ring.left > 0 {
			var p ringPacket
			if s.ring.next(&p) {
				s.fill(&p, rec)
				s.captured.Add(1)
				return nil
			}
			s.ours.Add(1)
		}
		s.control()
		if s.ring.acquire() {
			continue
		}
		if s.stopping && s.drained() {
			if s.fail != nil {
				return s.fail
			}
			return io.EOF
		}
		if err := s.wait(); err != nil {
			return err
		}
	}
}

// fill turns a packet in the ring into a record.
func (s *packetSocket) fill(p *ringPacket, rec *record) {
	switch {
	case s.i.cooked:
		p.cook()
	case s.i.link == linkEthernet:
		p.vlan(12)
	}
	*rec = record{time: p.time, link: s.i.link, hasTime: true}
	rec.setLengths(p.room[p.off:], uint32(p.wire))
}

// control does what is due between two blocks: the end, and the look at counters, interface and clock.
func (s *packetSocket) control() {
	if !s.stopping && s.ctx.Err() != nil {
		s.stop()
	}
	now := time.Now()
	if now.Before(s.nextTick) {
		return
	}
	s.nextTick = now.Add(tickEvery)
	s.statistics()
	if err := s.watch.look(); err != nil && !s.stopping {
		s.fail = err
		s.stop()
	}
}

// stop lets no further packet in. What is in the ring is still handed over.
func (s *packetSocket) stop() {
	reject := []vm.Instruction{vm.RetConstant{Val: 0}}
	_ = attachProgram(s.sockets.fd, reject)
	if s.counts {
		_ = attachProgram(s.sockets.count, reject)
	}
	s.stopping, s.stopped = true, time.Now()
}

// drained reports whether every packet that the kernel put into the ring has been read. The block that was being
// filled when the capture stopped comes after the block timeout.
func (s *packetSocket) drained() bool {
	since := time.Since(s.stopped)
	if since < 2*blockTimeout {
		return false
	}
	s.statistics()
	const longest = 90 * time.Millisecond // of quiet: no packet comes after this
	return s.captured.Load()+s.ours.Load() >= s.packets.Load()-s.drops.Load() || since > longest
}

// statistics adds up the kernel's counters, which reading sets to zero.
func (s *packetSocket) statistics() {
	if st, err := unix.GetsockoptTpacketStatsV3(s.sockets.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
		s.packets.Add(int64(st.Packets))
		s.drops.Add(int64(st.Drops))
	}
	if s.counts {
		if st, err := unix.GetsockoptTpacketStats(s.sockets.count, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			s.filtered.Add(int64(st.Packets))
		}
	}
}

// poll gives the socket to the runtime's poller, which from then on owns the descriptor.
func (s *packetSocket) poll(name string) error {
	if err := unix.SetNonblock(s.sockets.fd, true); err != nil {
		return os.NewSyscallError("fcntl O_NONBLOCK", err)
	}
	s.file = os.NewFile(uintptr(s.sockets.fd), name)
	var err error
	s.raw, err = s.file.SyscallConn()
	return err
}

// wait sleeps until the kernel hands a block over, which then is held, the context ends, or the next look is due.
func (s *packetSocket) wait() error {
	alarm := s.nextTick
	if s.stopping {
		alarm = time.Now().Add(blockTimeout / 2)
	}
	if !alarm.Equal(s.alarm) {
		if err := s.file.SetReadDeadline(alarm); err != nil {
			return err
		}
		s.alarm = alarm
	}
	if !s.stopping && s.ctx.Err() != nil {
		return nil // its end may have set the deadline before we did
	}
	tries := 0
	err := s.raw.Read(func(uintptr) bool {
		tries++
		return s.ring.acquire() || tries > 1 // woken, but not by a block: an error of the socket
	})
	if err == nil && s.ring.held || errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	if err != nil { // after an error alone the poller may give a socket up
		time.Sleep(blockTimeout)
	}
	return s.socketError()
}

// socketError takes the socket's error away. ENETDOWN is what an interface that goes down or away leaves; the watch
// finds out which.
func (s *packetSocket) socketError() error {
	code, err := unix.GetsockoptInt(s.sockets.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return os.NewSyscallError("getsockopt SO_ERROR", err)
	}
	switch e := unix.Errno(code); e {
	case 0:
		return nil
	case unix.ENETDOWN, unix.ENODEV, unix.ENXIO:
		s.nextTick = time.Time{}
		return nil
	default:
		return e
	}
}

// describe implements recordReader.
func (s *packetSocket) describe(info *Info) {
	info.Format = "live"
	info.KernelDropped, info.HasKernelDropped = s.drops.Load(), true
}

func (s *packetSocket) counters() Counters {
	c := Counters{Filtered: s.filtered.Load(), Captured: s.captured.Load(), KernelDropped: s.drops.Load(),
		OurDropped: s.ours.Load(), Exact: true}
	// Between two readings of the kernel's counters the packets read are ahead of them.
	c.Seen = c.Filtered + max(s.packets.Load(), c.Captured+c.KernelDropped+c.OurDropped)
	return c
}

// Close implements io.Closer.
func (s *packetSocket) Close() error {
	if s.unwatch != nil {
		s.unwatch()
	}
	if s.ring != nil {
		_ = s.ring.close()
		s.ring = nil
	}
	if s.watch != nil {
		s.watch.close()
		s.watch = nil
	}
	if s.file != nil {
		_ = s.file.Close()
		s.file, s.sockets.fd = nil, -1
	}
	if s.sockets != nil {
		s.sockets.Close()
	}
	return nil
}
