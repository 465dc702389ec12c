package capture

import (
	"errors"
	"fmt"
	"io"
	"sort"

	"tcptrace/words"
)

// source is a Source over any record reader.
type source struct {
	records recordReader
	input   *unpacked // nil for live sources
	closers []io.Closer
	rec     record
	dec     decoder
	info    Info
	notes   warnings
	seen    map[uint16]bool // link types
	newest  int32           // the link type of the last packet; -1 before the first
	unread  map[words.Reason]int64
	next    int // of dec.more
	err     error
}

// Next implements Source.
func (s *source) Next(ev *Event) error {
	if s.next < len(s.dec.more) {
		*ev = s.dec.more[s.next]
		s.next++
		return nil
	}
	for s.err == nil {
		if err := s.records.next(&s.rec); err != nil {
			s.err = s.end(err)
			break
		}
		s.count()
		if s.decode(ev) {
			return nil
		}
	}
	return s.err
}

// count takes a packet into the capture's totals.
func (s *source) count() {
	rec := &s.rec
	s.info.Packets++
	if rec.truncate {
		s.info.Truncated++
	}
	if rec.hasTime && s.info.HasTimes && int32(rec.link) == s.newest {
		s.info.LastTime = rec.time
		return
	}
	s.countFirst(rec)
}

// countFirst is count for the first packet of a link type, the first one with a time, and those without.
func (s *source) countFirst(rec *record) {
	info := &s.info
	switch {
	case !rec.hasTime:
		info.Untimed++
	case !info.HasTimes:
		info.HasTimes, info.FirstTime, info.LastTime = true, rec.time, rec.time
	default:
		info.LastTime = rec.time
	}
	s.newest = int32(rec.link)
	if !s.seen[rec.link] {
		s.seen[rec.link] = true
		info.LinkTypes = append(info.LinkTypes, linkName(rec.link))
	}
}

// decode decodes the current record and reports whether ev was filled.
func (s *source) decode(ev *Event) bool {
	if fast(&s.rec, s.info.Packets, ev) {
		s.info.TCPPackets++
		ev.Segment.Offset = s.rec.at
		return true
	}
	if plainUDP(&s.rec) {
		s.info.NotTCP++
		return false
	}
	d := &s.dec
	d.more, s.next = d.more[:0], 0
	switch d.packet(&s.rec, s.info.Packets, ev) {
	case found:
		s.tally(ev)
		ev.Segment.Offset = s.rec.at
		for i := range s.dec.more {
			s.dec.more[i].Segment.Offset = s.rec.at
		}
		return true
	case notTCP:
		s.info.NotTCP++
	case cutTCP:
		s.info.TCPPackets++
		s.info.CutHeaders++
	case unread:
		s.info.Undecoded++
		s.unread[d.reason]++
	}
	return false
}

// tally counts a packet with events once, as TCP if any of its events is a segment.
func (s *source) tally(ev *Event) {
	if ev.Kind == KindSegment {
		s.info.TCPPackets++
		return
	}
	for i := range s.dec.more {
		if s.dec.more[i].Kind == KindSegment {
			s.info.TCPPackets++
			return
		}
	}
	s.info.NotTCP++
}

// end turns a reader's error into what Next returns from then on, and notes it in the Info.
func (s *source) end(err error) error {
	var hurt *recordDamage
	var packed *packError
	switch {
	case err == io.EOF:
		return io.EOF
	case errors.Is(err, errLimit):
		s.info.Limit = "max-unpacked"
		return &LimitError{File: s.info.File, Limit: s.info.Limit, Bytes: s.input.max}
	case errors.As(err, &hurt):
		return s.damage(hurt.offset, hurt.what)
	case errors.As(err, &packed):
		at := int64(0)
		if s.input != nil {
			at = s.input.n
		}
		return s.damage(at, packed.reason())
	}
	return fmt.Errorf("%s: %w", s.info.File, err)
}

func (s *source) damage(offset int64, what words.Reason) error {
	d := &Damage{File: s.info.File, AtPacket: s.info.Packets + 1, Offset: offset, What: what,
		Fatal: s.info.Packets == 0}
	s.info.Damage = d
	return d
}

// Info implements Source. It must not be called while another goroutine is inside Next.
func (s *source) Info() Info {
	info := s.info
	if s.records != nil {
		s.records.describe(&info)
	}
	if s.input != nil {
		info.Format += s.input.suffix
	}
	info.LinkTypes = append([]string(nil), info.LinkTypes...)
	info.Fragments = s.dec.fragments.seen
	for what, n := range s.unread {
		info.Unread = append(info.Unread, Unread{what, n})
	}
	if n := s.dec.fragments.pending; n > 0 {
		info.Undecoded += n
		info.Unread = append(info.Unread, Unread{words.FragmentsMissing, n})
	}
	sort.Slice(info.Unread, func(i, j int) bool {
		a, b := info.Unread[i], info.Unread[j]
		if a.Packets != b.Packets {
			return a.Packets > b.Packets
		}
		return a.What.String() < b.What.String()
	})
	info.Warnings = s.notes.all()
	return info
}

// Close implements Source. It closes what Open opened, in reverse order.
func (s *source) Close() error {
	var first error
	for i := len(s.closers) - 1; i >= 0; i-- {
		if err := s.closers[i].Close(); err != nil && first == nil {
			first = err
		}
	}
	s.closers = nil
	return first
}
