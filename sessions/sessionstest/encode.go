package sessionstest

import (
	"encoding/binary"
	"io"
)

// host is an end of sessions.
type host struct {
	ip   [4]byte
	mac  [6]byte
	ttl  byte
	df   bool
	ipID uint16 // of its last packet
}

// The control bits of RFC 9293 section 3.1.
const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
)

// packet is one TCP segment to be written.
type packet struct {
	time     int64 // µs since 1970
	from, to *host
	src, dst uint16
	seq, ack uint32
	flags    byte
	window   uint16
	options  []byte // a multiple of four
	payload  []byte
}

// encoder writes a classic pcap file, little-endian with microseconds, link type Ethernet.
type encoder struct {
	w       io.Writer
	buf     []byte
	packets int
}

// flushAt is how much is gathered for one write.
const flushAt = 1 << 20

func newEncoder(w io.Writer) *encoder {
	e := &encoder{w: w, buf: make([]byte, 0, flushAt+1<<17)}
	le := binary.LittleEndian
	e.buf = le.AppendUint32(e.buf, 0xa1b2c3d4)
	e.buf = le.AppendUint16(e.buf, 2)
	e.buf = le.AppendUint16(e.buf, 4)
	e.buf = append(e.buf, 0, 0, 0, 0, 0, 0, 0, 0)
	e.buf = le.AppendUint32(e.buf, 262144)
	e.buf = le.AppendUint32(e.buf, 1)
	return e
}

// write appends a packet.
func (e *encoder) write(p *packet) error {
	le, be := binary.LittleEndian, binary.BigEndian
	ipLength := 40 + len(p.options) + len(p.payload)
	b := e.buf
	b = le.AppendUint32(b, uint32(p.time/1e6))
	b = le.AppendUint32(b, uint32(p.time%1e6))
	b = le.AppendUint32(b, uint32(14+ipLength))
	b = le.AppendUint32(b, uint32(14+ipLength))

	b = append(b, p.to.mac[:]...)
	b = append(b, p.from.mac[:]...)
	b = be.AppendUint16(b, 0x0800)

	ip := len(b)
	p.from.ipID++
	fragment := uint16(0)
	if p.from.df {
		fragment = 0x4000
	}
	b = append(b, 0x45, 0)
	b = be.AppendUint16(b, uint16(ipLength))
	b = be.AppendUint16(b, p.from.ipID)
	b = be.AppendUint16(b, fragment)
	b = append(b, p.from.ttl, 6, 0, 0)
	b = append(b, p.from.ip[:]...)
	b = append(b, p.to.ip[:]...)
	be.PutUint16(b[ip+10:], ^fold(sum(b[ip:ip+20])))

	tcp := len(b)
	b = be.AppendUint16(b, p.src)
	b = be.AppendUint16(b, p.dst)
	b = be.AppendUint32(b, p.seq)
	b = be.AppendUint32(b, p.ack)
	b = append(b, byte(5+len(p.options)/4)<<4, p.flags)
	b = be.AppendUint16(b, p.window)
	b = append(b, 0, 0, 0, 0)
	b = append(b, p.options...)
	b = append(b, p.payload...)
	pseudo := sum(b[ip+12:ip+20]) + 6 + uint64(len(b)-tcp)
	be.PutUint16(b[tcp+16:], ^fold(pseudo+sum(b[tcp:])))

	e.buf = b
	e.packets++
	if len(e.buf) >= flushAt {
		return e.flush()
	}
	return nil
}

// flush writes what was gathered.
func (e *encoder) flush() error {
	_, err := e.w.Write(e.buf)
	e.buf = e.buf[:0]
	return err
}

// sum adds up 16-bit words as RFC 1071 does, four bytes at a time.
func sum(b []byte) (s uint64) {
	for len(b) >= 4 {
		s += uint64(binary.BigEndian.Uint32(b))
		b = b[4:]
	}
	if len(b) >= 2 {
		s += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		s += uint64(b[0]) << 8
	}
	return s
}

// fold brings a sum back to 16 bits.
func fold(s uint64) uint16 {
	for s > 0xffff {
		s = s&0xffff + s>>16
	}
	return uint16(s)
}
