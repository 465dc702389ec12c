package capture

import (
	"encoding/binary"
	"io"

	"tcptrace/words"
)

// snoopMagic begins a snoop file, RFC 1761.
const snoopMagic = "snoop\x00\x00\x00"

// snoopReader reads the captures of Solaris, RFC 1761. All numbers are big-endian.
type snoopReader struct {
	in      *stream
	link    uint16
	dropped int64
}

// snoopLinks are the datalink types of RFC 1761 that have a link type here.
var snoopLinks = map[uint32]uint16{0: linkEthernet, 2: linkTokenRing, 4: linkEthernet, 8: linkFDDI}

// newSnoopReader reads the file header, whose magic number the caller has seen.
func newSnoopReader(in *stream) (*snoopReader, error) {
	const size = 16
	head, err := in.peek(size)
	if err != nil {
		return nil, cut(in, err, words.SnoopHeader, len(head), size)
	}
	if version := binary.BigEndian.Uint32(head[8:]); version != 2 {
		return nil, damaged(8, words.SnoopVersion(version))
	}
	link, ok := snoopLinks[binary.BigEndian.Uint32(head[12:])]
	if !ok {
		return nil, damaged(12, words.SnoopLink(binary.BigEndian.Uint32(head[12:])))
	}
	in.advance(size)
	return &snoopReader{in: in, link: link}, nil
}

func (s *snoopReader) next(rec *record) error {
	rec.at = s.in.offset
	const header = 24
	h, err := s.in.peek(header)
	if err != nil {
		if err == io.EOF {
			return io.EOF
		}
		return cut(s.in, err, words.RecordHeader, len(h), header)
	}
	be := binary.BigEndian
	original, captured, length := be.Uint32(h), be.Uint32(h[4:]), be.Uint32(h[8:])
	if captured > MaxPacket || length < header || length-header < captured || length-header-captured > MaxPacket {
		return damaged(s.in.offset, words.SnoopRecord(length, captured))
	}
	rec.time, rec.hasTime = int64(be.Uint32(h[16:]))*1e9+int64(be.Uint32(h[20:]))*1000, true
	s.dropped = int64(be.Uint32(h[12:]))
	all, err := s.in.peek(int(length))
	if err != nil {
		return cut(s.in, err, words.Record, len(all), int(length))
	}
	rec.setLengths(all[header:header+captured], original)
	rec.link, rec.fcs, rec.iface = s.link, 0, 0
	s.in.advance(int(length))
	return nil
}

func (s *snoopReader) describe(info *Info) {
	info.Format = "snoop"
	info.KernelDropped, info.HasKernelDropped = s.dropped, s.dropped > 0
}
