//go:build windows || (darwin && cgo)

package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/gopacket/pcap"
)

// pcapSocket is the liveReader of systems that have libpcap, or Npcap, which is the same for Windows.
type pcapSocket struct {
	ctx      context.Context
	handle   *pcap.Handle
	link     uint16
	captured atomic.Int64
	dropped  atomic.Int64
	last     time.Time
	closing  sync.Once
	wall     time.Time
	notice   func(Notice)
	name     string
}

// pcapWait is how long libpcap may keep packets back, and how late the end of the context is noticed.
const pcapWait = 20 * time.Millisecond

func openLive(ctx context.Context, name string, o LiveOptions) (liveReader, error) {
	device, err := pcapDevice(name)
	if err != nil {
		return nil, err
	}
	inactive, err := pcap.NewInactiveHandle(device)
	if err != nil {
		return nil, pcapError(err)
	}
	defer inactive.CleanUp()
	for _, err := range []error{inactive.SetSnapLen(MaxPacket), inactive.SetTimeout(pcapWait),
		inactive.SetBufferSize(o.Buffer), inactive.SetPromisc(o.Promiscuous)} {
		if err != nil {
			return nil, err
		}
	}
	handle, err := inactive.Activate()
	if err != nil {
		return nil, pcapError(err)
	}
	s := &pcapSocket{ctx: ctx, handle: handle, link: uint16(handle.LinkType()), notice: o.Notice, name: name, wall: time.Now()}
	if o.Filter != nil {
		if err := handle.SetBPFFilter(o.Filter.String()); err != nil {
			handle.Close()
			return nil, fmt.Errorf("filter: %w", err)
		}
	}
	return s, nil
}

// pcapDevice finds libpcap's device by its own name, or on Windows by the name that Windows shows, which is matched
// by the addresses.
func pcapDevice(name string) (string, error) {
	devices, err := pcap.FindAllDevs()
	if err != nil {
		return "", pcapError(err)
	}
	for _, d := range devices {
		if d.Name == name || strings.EqualFold(d.Description, name) {
			return d.Name, nil
		}
	}
	found, err := net.InterfaceByName(name)
	if err != nil {
		return "", ErrNoInterface
	}
	addresses, err := found.Addrs()
	if err != nil {
		return "", err
	}
	for _, d := range devices {
		for _, have := range d.Addresses {
			for _, a := range addresses {
				if n, ok := a.(*net.IPNet); ok && n.IP.Equal(have.IP) {
					return d.Name, nil
				}
			}
		}
	}
	return "", ErrNoInterface
}

// pcapError gives libpcap's texts our meaning.
func pcapError(err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "permission"), strings.Contains(text, "Permission"), strings.Contains(text, "Operation not permitted"):
		return fmt.Errorf("%w: %s", ErrNoPermission, text)
	case strings.Contains(text, "wpcap.dll"), strings.Contains(text, "load"):
		return fmt.Errorf("Npcap is not installed (https://npcap.com): %w", err)
	}
	return err
}

// next implements recordReader.
func (s *pcapSocket) next(rec *record) error {
	for {
		if s.ctx.Err() != nil {
			s.statistics()
			return io.EOF
		}
		if time.Since(s.last) > time.Second/5 {
			s.look()
		}
		data, info, err := s.handle.ZeroCopyReadPacketData()
		switch {
		case err == nil:
			s.captured.Add(1)
			*rec = record{time: info.Timestamp.UnixNano(), link: s.link, hasTime: true}
			rec.setLengths(data, uint32(info.Length))
			return nil
		case errors.Is(err, pcap.NextErrorTimeoutExpired):
			continue
		case err == io.EOF:
			return io.EOF
		}
		if _, gone := net.InterfaceByName(s.name); gone != nil {
			return fmt.Errorf("%w: %s: %v", ErrInterfaceGone, s.name, err)
		}
		return err
	}
}

// look reads the counters and tells when somebody set the clock: a Time of Go holds a steady reading beside the wall's.
func (s *pcapSocket) look() {
	now := time.Now()
	s.last = now
	s.statistics()
	if shift := now.Round(0).Sub(s.wall.Round(0)) - now.Sub(s.wall); shift.Abs() > 20*time.Millisecond {
		s.notice(Notice{Kind: NoticeClock, Interface: s.name, Shift: shift})
	}
	s.wall = now
}

func (s *pcapSocket) statistics() {
	if st, err := s.handle.Stats(); err == nil {
		s.dropped.Store(int64(st.PacketsDropped) + int64(st.PacketsIfDropped))
	}
}

// describe implements recordReader.
func (s *pcapSocket) describe(info *Info) {
	info.Format = "live"
	info.KernelDropped, info.HasKernelDropped = s.dropped.Load(), true
}

func (s *pcapSocket) counters() Counters {
	c := Counters{Captured: s.captured.Load(), KernelDropped: s.dropped.Load()}
	c.Seen = c.Captured + c.KernelDropped
	return c
}

// Close implements io.Closer.
func (s *pcapSocket) Close() error {
	s.closing.Do(s.handle.Close)
	return nil
}
