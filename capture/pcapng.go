package capture

import (
	"encoding/binary"
	"io"

	"tcptrace/words"
)

// pcapngReader reads pcapng sections (draft-ietf-opsawg-pcapng) one block after the other.
type pcapngReader struct {
	in         *stream
	order      binary.ByteOrder
	big        bool              // order is big-endian
	interfaces []pcapngInterface // of the current section
	notes      *warnings

	dropped    int64 // by interfaces of earlier sections
	dropsKnown bool
}

// pcapngInterface is what an Interface Description Block said, and what was counted since.
type pcapngInterface struct {
	link    uint16
	fcs     uint8
	snap    uint32
	clock   clock
	warned  bool
	drops   int64 // the last statistics block, which counts from the start
	stats   bool
	between int64 // sum of the packets' own drop counts
}

// maxInterfaces bounds the memory that interface descriptions may take.
const maxInterfaces = 1 << 16

func newPcapngReader(in *stream, notes *warnings) (*pcapngReader, error) {
	r := &pcapngReader{in: in, notes: notes, order: binary.LittleEndian}
	head, err := in.peek(12)
	if err != nil {
		return nil, cut(in, err, words.SectionHeader, len(head), 12)
	}
	kind, body, err := r.block()
	if err == nil && kind != blockSection {
		err = damaged(0, words.NoSectionHeader)
	}
	if err == nil {
		err = r.section(body)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// block takes the next block off the input; body is valid until the next call. Its length is checked
// before it is believed.
func (r *pcapngReader) block() (kind uint32, body []byte, err error) {
	at := r.in.offset
	h := r.in.ready(12)
	if h == nil {
		if h, err = r.in.fill(12); err == io.EOF {
			return 0, nil, io.EOF
		} else if err != nil {
			return 0, nil, cut(r.in, err, words.BlockHeader, len(h), 12)
		}
	}
	if binary.LittleEndian.Uint32(h) == blockSection { // the same in both byte orders
		if err := r.byteOrder(h, at); err != nil {
			return 0, nil, err
		}
	}
	kind, length := r.u32(h), r.u32(h[4:])
	switch {
	case length < 12 || length%4 != 0:
		return 0, nil, damaged(at, words.BlockImpossible(kind, length))
	case length > MaxBlock:
		return 0, nil, damaged(at, words.BlockTooLong(kind, length, MaxBlock))
	}
	all := r.in.ready(int(length))
	if all == nil {
		if all, err = r.in.fill(int(length)); err != nil {
			return 0, nil, cut(r.in, err, words.Block, len(all), int(length))
		}
	}
	if trailer := r.u32(all[length-4:]); trailer != length {
		return 0, nil, damaged(at, words.BlockLengths(length, trailer))
	}
	r.in.advance(int(length))
	return kind, all[8 : length-4], nil
}

// u32 is order.Uint32 without a call through an interface, because every packet needs seven of them.
func (r *pcapngReader) u32(b []byte) uint32 {
	if r.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

// byteOrder reads a section header's byte-order magic, on which its own length depends.
func (r *pcapngReader) byteOrder(h []byte, at int64) error {
	switch {
	case binary.LittleEndian.Uint32(h[8:]) == byteOrderMagic:
		r.order, r.big = binary.LittleEndian, false
	case binary.BigEndian.Uint32(h[8:]) == byteOrderMagic:
		r.order, r.big = binary.BigEndian, true
	default:
		return damaged(at, words.ByteOrder([4]byte(h[8:12])))
	}
	return nil
}

// section begins a section: interface numbers start again.
func (r *pcapngReader) section(body []byte) error {
	if len(body) < 16 {
		return r.bad(body, words.SectionShort(len(body)+12))
	}
	major, minor := r.order.Uint16(body[4:]), r.order.Uint16(body[6:])
	// Some writers put 1.2 for 1.0, pcapng 4.1.
	if major != 1 || minor != 0 && minor != 2 {
		return r.bad(body, words.PcapngVersion(major, minor))
	}
	r.closeInterfaces()
	return nil
}

// bad is damage in the block that has just been taken.
func (r *pcapngReader) bad(body []byte, what words.Reason) error {
	return damaged(r.in.offset-int64(len(body))-12, what)
}

// next implements recordReader.
func (r *pcapngReader) next(rec *record) error {
	for {
		rec.at = r.in.offset
		kind, body, err := r.block()
		if err != nil {
			return err
		}
		switch kind {
		case blockEnhanced:
			return r.enhanced(body, rec)
		case blockSimple:
			return r.simple(body, rec)
		case blockPacket:
			return r.obsolete(body, rec)
		case blockInterface:
			err = r.describeInterface(body)
		case blockStatistics:
			r.statistics(body)
		case blockSection:
			err = r.section(body)
		}
		if err != nil {
			return err
		}
	}
}

// describeInterface reads an Interface Description Block, pcapng 4.2.
func (r *pcapngReader) describeInterface(body []byte) error {
	if len(body) < 8 {
		return r.bad(body, words.InterfaceShort(len(body)+12))
	}
	if len(r.interfaces) == maxInterfaces {
		return r.bad(body, words.TooManyInterfaces(maxInterfaces))
	}
	i := pcapngInterface{link: r.order.Uint16(body), snap: r.u32(body[4:])}
	resolution, offset := uint8(6), int64(0)
	r.options(body[8:], func(code uint16, value []byte) {
		switch {
		case code == optionTSResol && len(value) == 1:
			resolution = value[0]
		case code == optionTSOffset && len(value) == 8:
			offset = int64(r.order.Uint64(value))
		case code == optionFCSLen && len(value) == 1:
			i.fcs = checkSequence(value[0])
		case code == optionTSResol, code == optionTSOffset:
			r.notes.add(words.OptionIgnored(len(r.interfaces), code, len(value)))
		}
	})
	i.clock = newClock(resolution, offset)
	if remark, odd := i.clock.remark(resolution, len(r.interfaces)); odd {
		r.notes.add(remark)
	}
	r.interfaces = append(r.interfaces, i)
	return nil
}

// checkSequence reads if_fcslen, which counts bits but is written in bytes by some. No link has a frame
// check sequence of more than four bytes.
func checkSequence(value uint8) uint8 {
	if value >= 8 {
		value /= 8
	}
	if value > 4 {
		return 0
	}
	return value
}

// options calls f for every option; what is malformed ends the list with a remark.
func (r *pcapngReader) options(b []byte, f func(code uint16, value []byte)) {
	for len(b) >= 4 {
		code, length := r.order.Uint16(b), int(r.order.Uint16(b[2:]))
		if code == optionEnd {
			if length != 0 {
				r.notes.add(words.OptionListEnd(length))
			}
			return
		}
		if 4+length > len(b) {
			r.notes.add(words.OptionOverruns(code))
			return
		}
		f(code, b[4:4+length])
		b = b[min(4+(length+3)&^3, len(b)):]
	}
}

// enhanced reads an Enhanced Packet Block, pcapng 4.3.
func (r *pcapngReader) enhanced(body []byte, rec *record) error {
	if len(body) < 20 {
		return r.bad(body, words.EnhancedShort(len(body)+12))
	}
	number, high, low := r.u32(body), r.u32(body[4:]), r.u32(body[8:])
	captured, original := r.u32(body[12:]), r.u32(body[16:])
	if err := r.packet(body, 20, number, high, low, captured, original, rec); err != nil {
		return err
	}
	if options := body[20+(int(captured)+3)&^3:]; len(options) > 0 {
		r.packetOptions(options, number)
	}
	return nil
}

func (r *pcapngReader) packetOptions(options []byte, number uint32) {
	r.options(options, func(code uint16, value []byte) {
		if code == optionDropCount && len(value) == 8 {
			r.interfaces[number].between = addDrops(r.interfaces[number].between, r.order.Uint64(value))
			r.dropsKnown = true
		}
	})
}

// obsolete reads a Packet Block, pcapng appendix A: as an enhanced one, with two numbers in the first word.
func (r *pcapngReader) obsolete(body []byte, rec *record) error {
	if len(body) < 20 {
		return r.bad(body, words.PacketShort(len(body)+12))
	}
	number := uint32(r.order.Uint16(body))
	err := r.packet(body, 20, number, r.u32(body[4:]), r.u32(body[8:]),
		r.u32(body[12:]), r.u32(body[16:]), rec)
	if err != nil {
		return err
	}
	const notKnown = 0xffff
	if drops := r.order.Uint16(body[2:]); drops != notKnown {
		r.interfaces[number].between += int64(drops)
		r.dropsKnown = r.dropsKnown || drops > 0
	}
	return nil
}

// packet fills rec from a block that names interface, time and both lengths.
func (r *pcapngReader) packet(body []byte, at int, number, high, low, captured, original uint32, rec *record) error {
	if uint64(number) >= uint64(len(r.interfaces)) {
		return r.bad(body, words.UnknownInterface(int(number)))
	}
	if captured > MaxPacket {
		return r.bad(body, words.PacketTooLong(captured, MaxPacket))
	}
	if (int(captured)+3)&^3 > len(body)-at {
		return r.bad(body, words.PacketOverBlock(captured, len(body)+12))
	}
	i := &r.interfaces[number]
	rec.setLengths(body[at:at+int(captured)], original)
	rec.time, rec.hasTime = i.clock.nanoseconds(uint64(high)<<32|uint64(low)), true
	if *i.clock.saturated && !i.warned {
		i.warned = true
		r.notes.add(words.TimesOverflow(int(number)))
	}
	rec.link, rec.fcs, rec.iface = i.link, i.fcs, number
	return nil
}

// simple reads a Simple Packet Block, pcapng 4.4: of the first interface, without a time.
func (r *pcapngReader) simple(body []byte, rec *record) error {
	if len(body) < 4 {
		return r.bad(body, words.SimpleShort(len(body)+12))
	}
	if len(r.interfaces) == 0 {
		return r.bad(body, words.UnknownInterface(0))
	}
	i := &r.interfaces[0]
	original := r.u32(body)
	captured := min(uint64(original), uint64(len(body)-4))
	if i.snap != 0 {
		captured = min(captured, uint64(i.snap))
	}
	if captured > MaxPacket {
		return r.bad(body, words.SimplePacketTooLong(int(captured), MaxPacket))
	}
	rec.setLengths(body[4:4+captured], original)
	rec.time, rec.hasTime = 0, false
	rec.link, rec.fcs, rec.iface = i.link, i.fcs, 0
	return nil
}

// statistics reads an Interface Statistics Block, pcapng 4.6. The last one of an interface counts.
func (r *pcapngReader) statistics(body []byte) {
	if len(body) < 12 {
		r.notes.add(words.StatisticsShort(len(body) + 12))
		return
	}
	number := r.u32(body)
	if uint64(number) >= uint64(len(r.interfaces)) {
		r.notes.add(words.StatisticsUnknown(int(number)))
		return
	}
	i := &r.interfaces[number]
	drops, known := int64(0), false
	r.options(body[12:], func(code uint16, value []byte) {
		if (code == optionIfDrop || code == optionOSDrop) && len(value) == 8 {
			drops, known = addDrops(drops, r.order.Uint64(value)), true
		}
	})
	if known {
		i.drops, i.stats = drops, true
		r.dropsKnown = true
	}
}

// addDrops adds a forged count without running over.
func addDrops(sum int64, n uint64) int64 {
	const most = 1 << 61
	return min(sum+int64(min(n, most)), most)
}

// closeInterfaces keeps the drops of a section that ends.
func (r *pcapngReader) closeInterfaces() {
	r.dropped = r.allDrops()
	r.interfaces = r.interfaces[:0]
}

// allDrops is the drops so far: an interface's own statistics, else what its packets told.
func (r *pcapngReader) allDrops() int64 {
	sum := r.dropped
	for k := range r.interfaces {
		i := &r.interfaces[k]
		n := i.between
		if i.stats {
			n = i.drops
		}
		sum = addDrops(sum, uint64(n))
	}
	return sum
}

func (r *pcapngReader) describe(info *Info) {
	info.Format = "pcapng"
	info.KernelDropped, info.HasKernelDropped = r.allDrops(), r.dropsKnown
}
