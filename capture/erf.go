package capture

import (
	"encoding/binary"
	"io"

	"tcptrace/words"
)

// erfReader reads the captures of Endace's cards in the Extensible Record Format. Such a file has neither a header nor
// a magic number: it begins with the first record. The header of a record goes to the decoder with its packet, as
// LINKTYPE_ERF has it in other files.
type erfReader struct {
	in      *stream
	dropped int64
}

// erfHeader is the size of a record's header: a time, a type, flags, the record's length, a counter and the packet's
// length on the wire.
const erfHeader = 16

// Types of ERF records, without the bit that announces extension headers.
const (
	erfHDLC         = 1
	erfEthernet     = 2
	erfColorHDLC    = 10
	erfColorEther   = 11
	erfIPCounter    = 13
	erfTCPCounter   = 14
	erfDSMColorHDLC = 15
	erfDSMEther     = 16
	erfHashHDLC     = 19
	erfHashEther    = 20
	erfInfiniBand   = 21
	erfIPv4         = 22
	erfIPv6         = 23
	erfMeta         = 27
	erfLast         = 29
	erfPad          = 48
	erfExtended     = 0x80
)

// isERF tests the first record and, where there is one, the header of the second.
func isERF(in *stream, head []byte) bool {
	if !looksLikeERF(head) {
		return false
	}
	length := int(binary.BigEndian.Uint16(head[10:]))
	two, err := in.peek(length + erfHeader)
	if err != nil {
		return len(two) == length
	}
	return looksLikeERF(two[length:]) || two[length+8] == erfPad
}

// looksLikeERF tests the header of a record: a type that is in use, a length that holds the header, and a length on the
// wire that goes with it.
func looksLikeERF(head []byte) bool {
	if len(head) < erfHeader {
		return false
	}
	kind, length, wire := head[8]&^erfExtended, binary.BigEndian.Uint16(head[10:]), binary.BigEndian.Uint16(head[14:])
	return kind >= 1 && kind <= erfLast && length >= 18 && wire > 0 && int(length) <= int(wire)+64 && head[9]&0xc0 == 0
}

func (e *erfReader) next(rec *record) error {
	for {
		rec.at = e.in.offset
		h, err := e.in.peek(erfHeader)
		if err == io.EOF {
			return io.EOF
		}
		if err != nil {
			return cut(e.in, err, words.RecordHeader, len(h), erfHeader)
		}
		length := int(binary.BigEndian.Uint16(h[10:]))
		if length < erfHeader {
			return damaged(e.in.offset, words.HeaderLength("ERF"))
		}
		all, err := e.in.peek(length)
		if err != nil {
			return cut(e.in, err, words.Record, len(all), length)
		}
		e.in.advance(length)
		if all[8]&^erfExtended != erfPad {
			e.fill(rec, all)
			return nil
		}
	}
}

// fill takes a record apart. Its time is in units of 2^-32 s, least significant byte first; the rest is big-endian.
func (e *erfReader) fill(rec *record, all []byte) {
	ticks := binary.LittleEndian.Uint64(all)
	rec.time, rec.hasTime = int64(ticks>>32)*1e9+int64((ticks&(1<<32-1)*1e9+1<<31)>>32), true
	if kind := all[8] &^ erfExtended; kind == erfHDLC || kind == erfEthernet { // with a colour in its place otherwise
		e.dropped += int64(binary.BigEndian.Uint16(all[12:]))
	}
	size, _ := erfHeaders(all)
	wire := size + int(binary.BigEndian.Uint16(all[14:]))
	rec.setLengths(all[:min(len(all), wire)], uint32(wire)) // records are padded to 64 bits
	rec.link, rec.fcs, rec.iface = linkERF, 0, uint32(all[9]&3)
}

func (e *erfReader) describe(info *Info) {
	info.Format = "erf"
	info.KernelDropped, info.HasKernelDropped = e.dropped, e.dropped > 0
}

// erfHeaders is the size of all that stands before the packet: extension headers of eight bytes, each of which says
// whether another one follows, and the offset that Ethernet has. ok is false where they are cut.
func erfHeaders(b []byte) (size int, ok bool) {
	size = erfHeader
	for more := b[8]&erfExtended != 0; more; size += 8 {
		if len(b) < size+8 {
			return size, false
		}
		more = b[size]&erfExtended != 0
	}
	switch b[8] &^ erfExtended {
	case erfEthernet, erfColorEther, erfDSMEther, erfHashEther:
		size += 2
	}
	return size, len(b) >= size
}

// erf decodes LINKTYPE_ERF.
func (d *decoder) erf(v view, depth int) outcome {
	if len(v.b) < erfHeader {
		return d.unreadable(words.HeaderCut("ERF"))
	}
	size, ok := erfHeaders(v.b)
	if !ok {
		return d.unreadable(words.HeaderCut("ERF"))
	}
	kind, v := v.b[8]&^erfExtended, v.from(size)
	switch kind {
	case erfEthernet, erfColorEther, erfDSMEther, erfHashEther:
		return d.ethernet(v, depth)
	case erfHDLC, erfColorHDLC, erfDSMColorHDLC, erfHashHDLC:
		return d.pppFramed(v, depth)
	case erfIPv4, erfIPv6:
		return d.network(v, depth)
	case erfInfiniBand:
		return d.infiniband(v, depth)
	case erfIPCounter, erfTCPCounter, erfMeta, erfPad:
		return notTCP
	}
	return d.unreadable(words.ERFType(kind))
}
