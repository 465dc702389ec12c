package sessionstest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// seen is what the test's own reader found in a capture.
type seen struct {
	packets, syns, resets, fins       int
	dataSegments, repeated, dataBytes int
	sessions, openAtOnce              int
	finished                          int // sessions with a FIN of each side, or an RST
	lastTime                          int64
}

// flow is one direction of a session.
type flow struct {
	next uint32
	fin  bool
}

// readCapture decodes a capture with no code of the encoder, and fails the test at the first packet that
// no sound sender would have sent.
func readCapture(t *testing.T, b []byte) seen {
	t.Helper()
	if len(b) < 24 || binary.LittleEndian.Uint32(b) != 0xa1b2c3d4 || binary.LittleEndian.Uint32(b[20:]) != 1 {
		t.Fatal("no little-endian pcap of Ethernet")
	}
	var s seen
	flows := map[[12]byte]*flow{}
	open := 0
	for b = b[24:]; len(b) > 0; {
		time := int64(binary.LittleEndian.Uint32(b))*1e6 + int64(binary.LittleEndian.Uint32(b[4:]))
		captured, length := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
		frame := b[16 : 16+captured]
		b = b[16+captured:]
		s.packets++
		if time < s.lastTime || captured != length {
			t.Fatalf("packet %d: time %d after %d, %d of %d bytes", s.packets, time, s.lastTime, captured, length)
		}
		s.lastTime = time
		ip := frame[14:]
		if frame[12] != 8 || ip[0] != 0x45 || ip[9] != 6 || int(binary.BigEndian.Uint16(ip[2:])) != len(ip) {
			t.Fatalf("packet %d: no IPv4 with TCP of the right length", s.packets)
		}
		if onesComplement(ip[:20], 0) != 0xffff {
			t.Fatalf("packet %d: IP checksum", s.packets)
		}
		tcp := ip[20:]
		if onesComplement(tcp, onesComplement(ip[12:20], uint32(6+len(tcp)))) != 0xffff {
			t.Fatalf("packet %d: TCP checksum", s.packets)
		}
		open += s.segment(t, flows, ip, tcp)
		s.openAtOnce = max(s.openAtOnce, open)
	}
	return s
}

// segment counts one segment and checks it against its flow; it returns how the number of open
// sessions changed.
func (s *seen) segment(t *testing.T, flows map[[12]byte]*flow, ip, tcp []byte) (change int) {
	t.Helper()
	var there, back [12]byte
	copy(there[:], ip[12:20])
	copy(there[8:], tcp[:4])
	copy(back[:], ip[16:20])
	copy(back[4:], ip[12:16])
	copy(back[8:], tcp[2:4])
	copy(back[10:], tcp[:2])
	seq, acked, flags := binary.BigEndian.Uint32(tcp[4:]), binary.BigEndian.Uint32(tcp[8:]), tcp[13]
	payload := len(tcp) - int(tcp[12]>>4)*4
	f := flows[there]
	if flags&2 != 0 {
		if f != nil {
			t.Fatalf("packet %d: a second SYN", s.packets)
		}
		f = &flow{next: seq}
		flows[there] = f
		s.syns++
		if flags&16 == 0 {
			s.sessions++
			change = 1
		}
	} else if f == nil {
		f = &flow{next: seq}
		flows[there] = f
	}
	other := flows[back]
	if flags&16 != 0 && other != nil && int32(acked-other.next) > 0 {
		t.Fatalf("packet %d acknowledges what was never sent", s.packets)
	}
	if payload > 0 {
		s.dataSegments++
		if int32(seq-f.next) < 0 {
			s.repeated++
			if other != nil && flags&16 != 0 && int32(seq+uint32(payload)-f.next) > 0 {
				t.Fatalf("packet %d repeats only a part", s.packets)
			}
		} else {
			s.dataBytes += payload
		}
	}
	size := uint32(payload)
	if flags&3 != 0 {
		size++
	}
	if int32(seq+size-f.next) > 0 {
		f.next = seq + size
	}
	switch {
	case flags&4 != 0:
		s.resets++
		s.finished++
		change--
	case flags&1 != 0:
		s.fins++
		if f.fin = true; other != nil && other.fin {
			s.finished++
			change--
		}
	}
	return change
}

// onesComplement is RFC 1071's sum over 16-bit words.
func onesComplement(b []byte, start uint32) uint32 {
	for i, octet := range b {
		start += uint32(octet) << (8 * (1 - i%2))
	}
	for start > 0xffff {
		start = start&0xffff + start>>16
	}
	return start
}

func generate(t *testing.T, o Workload) ([]byte, seen) {
	t.Helper()
	var b bytes.Buffer
	if err := Generate(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), readCapture(t, b.Bytes())
}

func TestNotebook(t *testing.T) {
	o := NotebookWorkload()
	o.Sessions, o.Packets, o.Concurrent = 330, 50_003, 20
	b, s := generate(t, o)
	if s.packets != o.Packets || s.sessions != o.Sessions || s.finished != o.Sessions || s.openAtOnce != o.Concurrent {
		t.Errorf("%+v", s)
	}
	if s.resets < 3 || s.resets > 40 || s.fins != 2*(o.Sessions-s.resets) {
		t.Errorf("%d RST, %d FIN in %d sessions", s.resets, s.fins, o.Sessions)
	}
	if percent := 100 * float64(s.repeated) / float64(s.dataSegments); percent < 0.7 || percent > 1.3 {
		t.Errorf("%.2f %% of the data segments are repeated", percent)
	}
	if average := float64(len(b)-24)/float64(s.packets) - 16; average < 69 || average > 71 {
		t.Errorf("%.1f bytes a packet", average)
	}
	if again, _ := generate(t, o); !bytes.Equal(b, again) {
		t.Error("the same workload gave other bytes")
	}
	o.Seed++
	if other, _ := generate(t, o); bytes.Equal(b, other) {
		t.Error("another seed gave the same bytes")
	}
}

func TestBulk(t *testing.T) {
	o := BulkWorkload()
	o.Sessions, o.Packets, o.Concurrent, o.RetransmitPercent = 10, 5_001, 4, 1
	_, s := generate(t, o)
	if s.packets != o.Packets || s.finished != 10 || s.openAtOnce != 4 || s.repeated < 10 {
		t.Errorf("%+v", s)
	}
	if s.dataBytes != 1400*(s.dataSegments-s.repeated) || s.dataSegments < s.packets/2 {
		t.Errorf("%+v", s)
	}
}

// TestExact: any number of packets is met, with every kind of exchange at the end of a session.
func TestExact(t *testing.T) {
	for _, preset := range []Workload{NotebookWorkload(), BulkWorkload()} {
		for packets := 6 * leastPackets; packets < 6*leastPackets+60; packets++ {
			o := preset
			o.Sessions, o.Packets, o.Concurrent, o.RetransmitPercent, o.Seed = 6, packets, 3, 100, uint64(packets)
			if _, s := generate(t, o); s.packets != packets || s.finished != 6 {
				t.Errorf("%d packets wanted: %+v", packets, s)
			}
		}
	}
}

func TestHalfOpen(t *testing.T) {
	o := HalfOpenWorkload()
	o.Sessions, o.Packets = 70_000, 70_000
	if _, s := generate(t, o); s.packets != 70_000 || s.sessions != 70_000 || s.dataSegments != 0 || s.finished != 0 {
		t.Errorf("%+v", s)
	}
}

func TestIslands(t *testing.T) {
	o := IslandsWorkload()
	o.Packets = 1000
	if _, s := generate(t, o); s.packets != 1000 || s.dataSegments != 1000 || s.dataBytes != 1000 || s.repeated != 0 || s.syns != 0 {
		t.Errorf("%+v", s)
	}
}

func TestTimes(t *testing.T) {
	if o := NotebookWorkload().Times(10); o.Packets != 50_000_000 || o.Sessions != 330_000 || o.Concurrent != 2000 || o.check() != nil {
		t.Errorf("%+v %v", o, o.check())
	}
	if o := IslandsWorkload().Times(3); o.Packets != 600_000 || o.Sessions != 1 {
		t.Errorf("%+v", o)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestErrors(t *testing.T) {
	if err := Generate(full{}, IslandsWorkload()); err == nil {
		t.Error("a failed write was not reported")
	}
	for _, o := range []Workload{{}, {Sessions: 10, Packets: 50, Concurrent: 1}, {Mode: HalfOpen, Sessions: 2, Packets: 3, Concurrent: 1},
		{Mode: Islands, Sessions: 2, Packets: 3, Concurrent: 1}, {Sessions: 1, Packets: 99, Concurrent: 1, RetransmitPercent: 101}} {
		if err := Generate(&bytes.Buffer{}, o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
	if _, err := Named("nothing"); err == nil {
		t.Error("an unknown name was accepted")
	}
}
