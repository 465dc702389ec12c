package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"reflect"
	"testing"

	"tcptrace/words"
)

// checkSegment holds what every segment must keep to, whatever the bytes were.
func checkSegment(t *testing.T, s *Segment) {
	switch {
	case s.Length < 0, len(s.Payload) > s.Length:
		t.Fatalf("%d bytes of payload, %d on the wire", len(s.Payload), s.Length)
	case s.DataOffset > 15, s.DataOffset < 5 && (s.Length > 0 || s.Options.Set&OptionsDamaged == 0):
		t.Fatalf("data offset %d, %d bytes of payload, options %b", s.DataOffset, s.Length, s.Options.Set)
	case s.NoWindow && (s.Window != 0 || s.Options.Set&OptionsDamaged == 0):
		t.Fatalf("window %d of a header cut before it, options %b", s.Window, s.Options.Set)
	case !s.Src.IsValid() || !s.Dst.IsValid() || s.Src.Addr().Is4() != s.Dst.Addr().Is4():
		t.Fatalf("end points %v and %v", s.Src, s.Dst)
	case s.Options.SACKCount > 4:
		t.Fatalf("%d SACK blocks", s.Options.SACKCount)
	case s.Frame <= 0:
		t.Fatalf("frame %d", s.Frame)
	case !s.HasTime && s.Time != 0:
		t.Fatalf("time %d without a time", s.Time)
	}
}

func FuzzReader(f *testing.F) {
	frame := func(i int) []byte { return ethernetIPv4TCP(i, uint32(i)) }
	f.Add(file(f, FormatPcap, 3, frame))
	f.Add(file(f, FormatPcapNG, 3, frame))
	f.Add(newNg(binary.BigEndian).iface(linkEthernet, newNg(binary.BigEndian).option(optionTSResol, []byte{0x9f})).packet(0, 77).data)
	f.Add([]byte("snoop\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x04"))
	f.Add(erfFile())
	for _, data := range packed(f, file(f, FormatPcap, 2, frame)) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		src, err := NewSource("fuzz", bytes.NewReader(data), OpenOptions{MaxUnpacked: 1 << 20})
		var damage *Damage
		var limit *LimitError
		if err != nil {
			if !errors.As(err, &damage) || !damage.Fatal {
				t.Fatalf("%v is no fatal damage", err)
			}
			return
		}
		events := int64(0)
		for {
			var ev Event
			if err = src.Next(&ev); err != nil {
				break
			}
			events++
			if ev.Kind == KindSegment {
				checkSegment(t, &ev.Segment)
			}
		}
		info := src.Info()
		switch {
		case err == io.EOF:
		case errors.As(err, &damage):
			if damage.AtPacket != info.Packets+1 || damage.Offset < 0 || info.Damage != damage {
				t.Fatalf("%+v after %d packets", damage, info.Packets)
			}
		case errors.As(err, &limit):
		default:
			t.Fatalf("%v: bytes in memory gave a read error", err)
		}
		if info.TCPPackets-info.CutHeaders > events || info.TCPPackets+info.NotTCP > info.Packets || info.KernelDropped < 0 {
			t.Fatalf("%d events, %+v", events, info)
		}
		for _, u := range info.Unread {
			if u.What == words.DecoderFault {
				t.Fatal("the decoder panicked")
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	inner := ip4(protoTCP, tcpBytes(4))
	f.Add(uint16(linkEthernet), uint8(0), ethernetIPv4TCP(4, 1))
	f.Add(uint16(linkEthernet), uint8(4), ethernetIPv6TCP(4, 1))
	f.Add(uint16(linkWiFi), uint8(0), wifiFrame(wifiToDS|wifiQoS, []byte{0, 0}, snap(inner)))
	f.Add(uint16(linkRadiotap), uint8(0), append([]byte{0, 0, 9, 0, 2, 0, 0, 0, 0x10}, wifiFrame(wifiToDS, nil, snap(inner))...))
	for _, link := range []uint16{linkNull, linkSLL, linkSLL2, linkPPP, linkPPPoE, linkCiscoHDLC, linkFrameRelay, linkFDDI,
		linkTokenRing, linkATM, linkSunATM, linkPKTAP, linkNFLOG, linkArcnet, linkPrism, linkAVS, linkPPI, linkSLIP, linkENC} {
		f.Add(link, uint8(0), inner)
	}
	for _, packet := range [][]byte{
		ip4(protoGRE, append([]byte{0, 0, 8, 0}, inner...)),
		ip4(protoUDP, udpBytes(1, portVXLAN, append([]byte{8, 0, 0, 0, 0, 0, 1, 0}, ethernetIPv4TCP(4, 1)...))),
		ip4(protoUDP, udpBytes(1, portTeredo, inner)),
		ip4(protoUDP, udpBytes(1, portAYIYA, inner)),
		ip4(protoICMP, append([]byte{3, 3, 0, 0, 0, 0, 0, 0}, inner...)),
		ipv6Piece(1, tcpBytes(60), piece{0, 40}, protoTCP),
	} {
		f.Add(uint16(linkRaw), uint8(0), packet)
	}
	for _, w := range wrappings() {
		f.Add(w.link, uint8(0), w.packet)
	}
	f.Fuzz(func(t *testing.T, link uint16, fcs uint8, data []byte) {
		if len(data) > MaxPacket {
			return
		}
		var d decoder
		rec := &record{link: link, fcs: fcs & 7, time: math.MaxInt64, hasTime: true}
		rec.setLengths(data, uint32(len(data)))
		original := bytes.Clone(data)
		var ev, quick Event
		out := d.packet(rec, 1, &ev)
		if out == unread && (d.reason == (words.Reason{}) || d.reason == words.DecoderFault) {
			t.Fatalf("unread because of %q", d.reason)
		}
		if out == found && ev.Kind == KindSegment {
			checkSegment(t, &ev.Segment)
		}
		if fast(rec, 1, &quick) && (out != found || !reflect.DeepEqual(quick, ev)) {
			t.Fatalf("outcome %d\nfast    %+v\ngeneral %+v", out, quick.Segment, ev.Segment)
		}
		if !bytes.Equal(original, data) {
			t.Fatal("the packet was changed")
		}
		d.packet(rec, 2, &ev) // a second time meets what reassembly has kept
	})
}
