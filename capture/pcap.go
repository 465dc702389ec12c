package capture

import (
	"encoding/binary"
	"io"

	"tcptrace/words"
)

// The magic numbers of pcap files, as a little-endian reader sees them when the writer was little-endian.
const (
	magicPcap     = 0xa1b2c3d4 // microseconds
	magicPcapNano = 0xa1b23c4d // nanoseconds
	magicPcapKuzn = 0xa1b2cd34 // Kuznetzov's modification: records of 24 bytes
)

const pcapHeader = 24

// pcapReader reads pcap files of version 2.0 to 2.4 in both byte orders
// (draft-ietf-opsawg-pcap, and libpcap's savefile history for the older versions).
type pcapReader struct {
	in        *stream
	order     binary.ByteOrder
	big       bool
	magic     uint32
	version   uint32 // the version word as it stands in the file, to recognise a second header
	perTick   int64  // nanoseconds of one unit of the fraction field
	headerLen int    // of a record
	swapped   lengthOrder
	link      uint16
	fcs       uint8
	format    string
}

// lengthOrder says how a file orders the two lengths of a record.
type lengthOrder uint8

const (
	capturedFirst lengthOrder = iota
	originalFirst             // before version 2.3
	guessOrder                // version 2.3: both exist, the captured length is the smaller one
)

// isPcapMagic tells byte order and magic number of a pcap header, ok false when it is none.
func isPcapMagic(head []byte) (magic uint32, big, ok bool) {
	if len(head) < 4 {
		return 0, false, false
	}
	for _, big := range []bool{false, true} {
		magic := binary.LittleEndian.Uint32(head)
		if big {
			magic = binary.BigEndian.Uint32(head)
		}
		switch magic {
		case magicPcap, magicPcapNano, magicPcapKuzn:
			return magic, big, true
		}
	}
	return 0, false, false
}

// newPcapReader reads the file header, whose magic number the caller has seen.
func newPcapReader(in *stream) (*pcapReader, error) {
	head, err := in.peek(pcapHeader)
	if err != nil {
		return nil, cut(in, err, words.PcapHeader, len(head), pcapHeader)
	}
	p := &pcapReader{in: in, perTick: 1000, headerLen: 16, format: "pcap"}
	p.magic, p.big, _ = isPcapMagic(head)
	p.order = binary.LittleEndian
	if p.big {
		p.order = binary.BigEndian
	}
	switch p.magic {
	case magicPcapNano:
		p.perTick, p.format = 1, "pcap-ns"
	case magicPcapKuzn:
		p.headerLen, p.format = 24, "pcap-modified"
	}
	major, minor := p.order.Uint16(head[4:]), p.order.Uint16(head[6:])
	if major != 2 || minor > 4 {
		return nil, damaged(4, words.PcapVersion(major, minor))
	}
	switch {
	case minor < 3:
		p.swapped = originalFirst
	case minor == 3:
		p.swapped = guessOrder
	}
	p.version = p.order.Uint32(head[4:])
	p.link, p.fcs = splitLinkType(p.order.Uint32(head[20:]))
	in.advance(pcapHeader)
	return p, nil
}

// splitLinkType takes the frame check sequence's length out of a pcap header's link type field:
// bit 26 says that the upper four bits count it in 16-bit words. No link has one of more than four bytes:
// then the bits mean something else.
func splitLinkType(field uint32) (link uint16, fcs uint8) {
	if words := uint8(field >> 28); field&(1<<26) != 0 && words <= 2 {
		fcs = words * 2
	}
	return uint16(field), fcs
}

func (p *pcapReader) next(rec *record) error {
	rec.at = p.in.offset
	h := p.in.ready(p.headerLen)
	if h == nil {
		var err error
		if h, err = p.in.fill(p.headerLen); err == io.EOF {
			return io.EOF
		} else if err != nil {
			return cut(p.in, err, words.RecordHeader, len(h), p.headerLen)
		}
	}
	var sec, frac, captured, original uint32
	if p.big {
		sec, frac = binary.BigEndian.Uint32(h), binary.BigEndian.Uint32(h[4:])
		captured, original = binary.BigEndian.Uint32(h[8:]), binary.BigEndian.Uint32(h[12:])
	} else {
		sec, frac = binary.LittleEndian.Uint32(h), binary.LittleEndian.Uint32(h[4:])
		captured, original = binary.LittleEndian.Uint32(h[8:]), binary.LittleEndian.Uint32(h[12:])
	}
	if p.swapped == originalFirst || p.swapped == guessOrder && captured > original {
		captured, original = original, captured
	}
	if captured > MaxPacket || captured == 0 || sec == p.magic {
		if err := p.suspicious(sec, frac, captured, original); err != nil {
			return err
		}
	}
	n := p.headerLen + int(captured)
	all := p.in.ready(n)
	if all == nil {
		var err error
		if all, err = p.in.fill(n); err != nil {
			return cut(p.in, err, words.Record, len(all), n)
		}
	}
	rec.setLengths(all[p.headerLen:], original)
	rec.time = int64(sec)*1e9 + int64(frac)*p.perTick
	rec.hasTime = true
	rec.link, rec.fcs, rec.iface = p.link, p.fcs, 0
	p.in.advance(n)
	return nil
}

// suspicious tells the damage in a record header that looks like none.
func (p *pcapReader) suspicious(sec, frac, captured, original uint32) error {
	at := p.in.offset
	switch {
	case captured > MaxPacket:
		return damaged(at, words.RecordTooLong(captured, MaxPacket))
	case sec == 0 && frac == 0 && captured == 0 && original == 0:
		return damaged(at, words.ZeroHeader)
	case sec == p.magic && frac == p.version:
		return damaged(at, words.SecondHeader)
	}
	return nil
}

func (p *pcapReader) describe(info *Info) { info.Format = p.format }

// cut turns the end of the input inside something into damage; other read errors stay what they are.
func cut(in *stream, err error, what words.Text, have, want int) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return damaged(in.offset, words.CutInside(what, have, want))
	}
	return err
}
