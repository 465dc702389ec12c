package capture

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// frames are the kinds of packet that the main path is measured with; each carries n bytes of payload.
func ethernetIPv4TCP(n int, seq uint32) []byte {
	b := append(make([]byte, 0, 54+n), 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0)
	b = append(b, 0x45, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(40+n))
	b = append(b, 0, 1, 0x40, 0, 64, 6, 0, 0, 192, 168, 1, 3, 192, 168, 1, 57)
	return append(appendTCP(b, seq), make([]byte, n)...)
}

func ethernetIPv6TCP(n int, seq uint32) []byte {
	b := append(make([]byte, 0, 74+n), 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(20+n))
	b = append(b, 6, 64)
	b = append(b, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
	b = append(b, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)
	return append(appendTCP(b, seq), make([]byte, n)...)
}

func appendTCP(b []byte, seq uint32) []byte {
	b = append(b, 0x9c, 0x40, 0x23, 0x28)
	b = binary.BigEndian.AppendUint32(b, seq)
	return append(b, 0, 0, 0, 1, 0x50, 0x18, 0x19, 0, 0, 0, 0, 0)
}

// file writes packets of one frame maker.
func file(t testing.TB, format FileFormat, packets int, frame func(i int) []byte) []byte {
	var out bytes.Buffer
	w, err := NewWriter(&out, format)
	if err != nil {
		t.Fatal(err)
	}
	for i := range packets {
		if err := w.WritePacket(Packet{Time: 1e18 + int64(i)*1e6, LinkType: linkEthernet, Data: frame(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// endless repeats the packets of a capture after its header.
type endless struct {
	data []byte
	body int
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.at == len(e.data) {
		e.at = e.body
	}
	n := copy(p, e.data[e.at:])
	e.at += n
	return n, nil
}

// benchmarkRead measures one packet: reading, decoding and filling the event.
func benchmarkRead(b *testing.B, format FileFormat, payload int) {
	const packets = 2000
	frame := func(i int) []byte { return ethernetIPv4TCP(payload, uint32(i*payload)) }
	data := file(b, format, packets, frame)
	body := len(data) - packets*(len(data)-len(file(b, format, packets-1, frame)))
	src, err := NewSource("bench", &endless{data: data, body: body}, OpenOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(frame(0))))
	b.ReportAllocs()
	var ev Event
	for b.Loop() {
		if err := src.Next(&ev); err != nil {
			b.Fatal(err)
		}
	}
	if got := src.Info().TCPPackets; got < int64(b.N) {
		b.Fatalf("%d packets with TCP, want %d", got, b.N)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/packet")
}

func BenchmarkReadPcap(b *testing.B)        { benchmarkRead(b, FormatPcap, 16) }
func BenchmarkReadPcapLarge(b *testing.B)   { benchmarkRead(b, FormatPcap, 1400) }
func BenchmarkReadPcapng(b *testing.B)      { benchmarkRead(b, FormatPcapNG, 16) }
func BenchmarkReadPcapngLarge(b *testing.B) { benchmarkRead(b, FormatPcapNG, 1400) }
