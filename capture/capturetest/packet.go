package capturetest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"tcptrace/capture"
)

// packet is one Ethernet frame of a script.
type packet struct {
	line  int
	time  int64
	timed bool
	iface uint32
	data  []byte // as captured
	wire  int    // bytes on the wire
}

type direction struct{ src, dst netip.AddrPort }

func (d direction) back() direction { return direction{d.dst, d.src} }

// builder turns lines into packets and follows the sequence numbers of every direction.
type builder struct {
	isn  map[direction]uint32
	next map[direction]uint32
}

// common are the words that every kind of packet understands.
var common = []string{"mac", "ttl", "iface", "ipid"}

func (b *builder) line(words []string) (packet, error) {
	if len(words) < 2 {
		return packet{}, errors.New("want TIME and a packet")
	}
	time, timed, err := nanoseconds(words[0])
	if err != nil {
		return packet{}, err
	}
	var p packet
	switch words[1] {
	case "arp":
		p, err = b.arp(words[2:])
	case "udp":
		p, err = b.udp(words[2:])
	case "icmp":
		p, err = b.icmp(words[2:])
	default:
		p, err = b.tcp(words[1:])
	}
	if err == nil && !timed && (p.wire != len(p.data) || p.iface != 0) {
		err = errors.New("a packet without a time has no interface and cannot be cut")
	}
	p.time, p.timed = time, timed
	return p, err
}

func (b *builder) tcp(words []string) (packet, error) {
	dir, words, err := endPoints(words)
	if err != nil {
		return packet{}, err
	}
	if len(words) == 0 {
		return packet{}, errors.New("want flags after the end points, or -")
	}
	flags, err := flagsOf(words[0])
	if err != nil {
		return packet{}, err
	}
	a, err := attributesOf(words[1:], append(common, "seq", "ack", "win", "mss", "wscale", "sackok",
		"sack", "ts", "df", "fill", "len", "sum")...)
	if err != nil {
		return packet{}, err
	}
	if err := a.fill(); err != nil {
		return packet{}, err
	}
	length, err := a.number("len", uint64(len(a.payload)), 24)
	if err != nil {
		return packet{}, err
	}
	if int(length) < len(a.payload) {
		return packet{}, errors.New("len= is less than the payload")
	}
	header, err := b.tcpHeader(dir, flags, a, int(length))
	if err != nil {
		return packet{}, err
	}
	segment := append(header, a.payload...)
	missing := int(length) - len(a.payload)
	if missing == 0 {
		sum := checksum(pseudo(dir, 6, len(segment)), segment)
		binary.BigEndian.PutUint16(segment[16:], sum)
	}
	if sum, err := a.number("sum", 0, 16); err != nil {
		return packet{}, err
	} else if a.flag("sum") {
		binary.BigEndian.PutUint16(segment[16:], uint16(sum))
	}
	return frame(dir.src.Addr(), dir.dst.Addr(), 6, a, segment, missing)
}

// fill appends the payload that fill= asks for.
func (a *attributes) fill() error {
	n, err := a.number("fill", 0, 24)
	if err != nil {
		return err
	}
	for i := range n {
		a.payload = append(a.payload, byte('a'+i%26))
	}
	return nil
}

func flagsOf(text string) (capture.Flags, error) {
	if text == "-" {
		return 0, nil
	}
	var flags capture.Flags
	for _, name := range strings.Split(text, ",") {
		found := false
		for bit := capture.FIN; bit != 0; bit <<= 1 {
			if bit.String() == name {
				flags |= bit
				found = true
			}
		}
		if !found {
			return 0, fmt.Errorf("unknown flag %q", name)
		}
	}
	return flags, nil
}

// tcpHeader builds the header and moves the direction's next number on.
func (b *builder) tcpHeader(dir direction, flags capture.Flags, a attributes, length int) ([]byte, error) {
	seq, err := b.sequence(dir, flags, a)
	if err != nil {
		return nil, err
	}
	ack := uint32(0)
	if flags.Has(capture.ACK) {
		ack = b.next[dir.back()]
	}
	if text, ok := a.values["ack"]; ok {
		if ack, err = b.relative(dir.back(), text); err != nil {
			return nil, err
		}
	}
	window, err := a.number("win", 64240, 16)
	if err != nil {
		return nil, err
	}
	options, err := b.options(dir, a)
	if err != nil {
		return nil, err
	}
	if len(options) > 40 {
		return nil, errors.New("the options are longer than 40 bytes")
	}
	end := seq + uint32(length)
	for _, flag := range []capture.Flags{capture.SYN, capture.FIN} {
		if flags.Has(flag) {
			end++
		}
	}
	// A retransmission does not move the direction back.
	if next, ok := b.next[dir]; !ok || flags.Has(capture.SYN) || int32(end-next) > 0 {
		b.next[dir] = end
	}
	be := binary.BigEndian
	h := be.AppendUint16(nil, dir.src.Port())
	h = be.AppendUint16(h, dir.dst.Port())
	h = be.AppendUint32(h, seq)
	h = be.AppendUint32(h, ack)
	h = append(h, byte(20+len(options))/4<<4, byte(flags))
	h = be.AppendUint16(h, uint16(window))
	h = append(h, 0, 0, 0, 0)
	return append(h, options...), nil
}

// sequence finds the raw sequence number of a segment.
func (b *builder) sequence(dir direction, flags capture.Flags, a attributes) (uint32, error) {
	text, given := a.values["seq"]
	if !flags.Has(capture.SYN) {
		if given {
			return b.relative(dir, text)
		}
		return b.next[dir], nil
	}
	if !given {
		return b.isn[dir], nil // the same SYN again, or 0
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "="), 0, 32)
	if err != nil {
		return 0, fmt.Errorf("seq=%s: not a sequence number", text)
	}
	b.isn[dir] = uint32(n)
	return uint32(n), nil
}

// relative reads a number that counts from a direction's SYN, or a raw one after "=".
func (b *builder) relative(dir direction, text string) (uint32, error) {
	raw, isRaw := strings.CutPrefix(text, "=")
	n, err := strconv.ParseInt(raw, 0, 64)
	if err != nil || n < -1<<31 || n >= 1<<32 {
		return 0, fmt.Errorf("%q is not a sequence number", text)
	}
	if isRaw {
		return uint32(n), nil
	}
	return b.isn[dir] + uint32(n), nil
}

// options builds the TCP options, padded to 32 bits.
func (b *builder) options(dir direction, a attributes) ([]byte, error) {
	var o []byte
	be := binary.BigEndian
	if a.flag("mss") {
		n, err := a.number("mss", 0, 16)
		if err != nil {
			return nil, err
		}
		o = be.AppendUint16(append(o, 2, 4), uint16(n))
	}
	if a.flag("wscale") {
		n, err := a.number("wscale", 0, 8)
		if err != nil {
			return nil, err
		}
		o = append(o, 1, 3, 3, byte(n))
	}
	if a.flag("sackok") {
		o = append(o, 1, 1, 4, 2)
	}
	if text, ok := a.values["ts"]; ok {
		value, echo, _ := strings.Cut(text, "/")
		v, err1 := strconv.ParseUint(value, 0, 32)
		e, err2 := strconv.ParseUint(echo, 0, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("ts=%s: want VALUE/ECHO", text)
		}
		o = be.AppendUint32(append(o, 1, 1, 8, 10), uint32(v))
		o = be.AppendUint32(o, uint32(e))
	}
	if text, ok := a.values["sack"]; ok {
		blocks := strings.Split(text, ",")
		o = append(o, 1, 1, 5, byte(2+8*len(blocks)))
		for _, block := range blocks {
			left, right, _ := strings.Cut(block, "-")
			l, err1 := b.relative(dir.back(), left)
			r, err2 := b.relative(dir.back(), right)
			if err := errors.Join(err1, err2); err != nil {
				return nil, fmt.Errorf("sack=%s: want LEFT-RIGHT", text)
			}
			o = be.AppendUint32(be.AppendUint32(o, l), r)
		}
	}
	return o, nil
}
