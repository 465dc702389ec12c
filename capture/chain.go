package capture

import (
	"errors"
	"io"
	"slices"
	"time"
)

// ChainGap is the silence between the last packet of a file and the first of the next from which on it is taken for a gap, even where
// no file is known to be missing: what was sent meanwhile was not captured.
const ChainGap = time.Minute

// A Chain reads several captures, in the order in which they were written, as one: a ring of files. Packets are numbered through.
// A file that cannot be read to its end does not end the chain.
type Chain struct {
	open  func(path string) (Source, error)
	paths []string
	gaps  []bool // before each of paths a file is missing; nil for none
	next  int    // of paths
	src   Source // the one that is read; nil between two
	info  Info   // of the files before it
	base  int64  // packets in them
	held  Event  // the first event behind a gap
	hold  bool

	Files []ChainFile // as far as they were read
}

// A ChainFile is one file of a chain.
type ChainFile struct {
	Info
	Err error         // what ended it before its time: a *Damage, a *LimitError, an error of the system; nil for its end
	Gap time.Duration // silence before its first packet in which something was not captured; 0 for none
}

// NewChain makes a Chain of files; open opens one. missing says before which of them a file is missing; nil for none.
func NewChain(paths []string, missing []bool, open func(path string) (Source, error)) *Chain {
	return &Chain{open: open, paths: paths, gaps: missing}
}

// Next implements Source. An event of KindGap stands where packets are missing between two files.
func (c *Chain) Next(ev *Event) error {
	if c.hold {
		c.hold = false
		*ev = c.held
		return nil
	}
	for {
		if c.src == nil && !c.advance() {
			return io.EOF
		}
		err := c.src.Next(ev)
		if err != nil {
			c.close(err)
			continue
		}
		c.renumber(ev)
		if f := &c.Files[len(c.Files)-1]; !f.HasTimes {
			if info := c.src.Info(); info.HasTimes { // its first packet with a time has come
				f.HasTimes, f.FirstTime = true, info.FirstTime
				if f.Gap = c.gapBefore(info.FirstTime); f.Gap > 0 {
					c.held, c.hold = *ev, true
					*ev = Event{Kind: KindGap}
				}
			}
		}
		return nil
	}
}

// gapBefore is the time from the last packet of the files before to a moment, 0 when nothing is missing there.
func (c *Chain) gapBefore(first int64) time.Duration {
	if !c.info.HasTimes {
		return 0
	}
	silence := time.Duration(first - c.info.LastTime)
	if silence > ChainGap || c.gaps != nil && c.gaps[c.next-1] {
		return max(silence, 1)
	}
	return 0
}

// advance opens the next file that can be opened.
func (c *Chain) advance() bool {
	for c.next < len(c.paths) {
		path := c.paths[c.next]
		c.next++
		src, err := c.open(path)
		if err != nil {
			c.Files = append(c.Files, ChainFile{Info: Info{File: path}, Err: err})
			continue
		}
		c.src = src
		c.Files = append(c.Files, ChainFile{Info: Info{File: path}})
		return true
	}
	return false
}

// close ends a file.
func (c *Chain) close(err error) {
	info := c.src.Info()
	_ = c.src.Close()
	c.src = nil
	f := &c.Files[len(c.Files)-1]
	gap := f.Gap
	if !f.HasTimes && info.HasTimes {
		gap = c.gapBefore(info.FirstTime)
	}
	*f = ChainFile{Info: info, Gap: gap}
	if !errors.Is(err, io.EOF) {
		f.Err = err
	}
	c.info = joined(c.info, info)
	c.base += info.Packets
}

// renumber gives an event the number that its packet has in the chain.
func (c *Chain) renumber(ev *Event) {
	switch ev.Kind {
	case KindSegment:
		ev.Segment.Frame += c.base
	case KindARP:
		ev.ARP.Frame += c.base
	case KindDatagram:
		ev.Datagram.Frame += c.base
	case KindICMPError:
		ev.ICMPError.Frame += c.base
	}
}

// Info implements Source: of all files together.
func (c *Chain) Info() Info {
	if c.src == nil {
		return c.info
	}
	return joined(c.info, c.src.Info())
}

// joined adds what two parts of a capture say of themselves; the first one names it.
func joined(a, b Info) Info {
	if a.File == "" {
		return b
	}
	sum := a
	for to, n := range map[*int64]int64{&sum.Packets: b.Packets, &sum.TCPPackets: b.TCPPackets, &sum.CutHeaders: b.CutHeaders, &sum.NotTCP: b.NotTCP,
		&sum.Undecoded: b.Undecoded, &sum.Fragments: b.Fragments, &sum.Truncated: b.Truncated, &sum.Untimed: b.Untimed, &sum.Filtered: b.Filtered,
		&sum.KernelDropped: b.KernelDropped} {
		*to += n
	}
	sum.HasKernelDropped = a.HasKernelDropped || b.HasKernelDropped
	for _, link := range b.LinkTypes {
		if !slices.Contains(sum.LinkTypes, link) {
			sum.LinkTypes = append(sum.LinkTypes[:len(sum.LinkTypes):len(sum.LinkTypes)], link)
		}
	}
	switch {
	case a.HasTimes && b.HasTimes:
		sum.LastTime = b.LastTime
	case b.HasTimes:
		sum.FirstTime, sum.LastTime, sum.HasTimes = b.FirstTime, b.LastTime, true
	}
	sum.Unread = append(sum.Unread[:len(sum.Unread):len(sum.Unread)], b.Unread...)
	sum.Warnings = append(sum.Warnings[:len(sum.Warnings):len(sum.Warnings)], b.Warnings...)
	if sum.Damage == nil {
		sum.Damage = b.Damage
	}
	if sum.Limit == "" {
		sum.Limit = b.Limit
	}
	return sum
}

// Close implements Source.
func (c *Chain) Close() error {
	if c.src == nil {
		return nil
	}
	err := c.src.Close()
	c.src = nil
	c.next = len(c.paths)
	return err
}
