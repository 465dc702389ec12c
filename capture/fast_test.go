package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcptrace/internal/testfiles"
)

// everyRecord calls f with the records of all captures of the corpus and of testdata.
func everyRecord(t *testing.T, f func(path string, number int64, rec *record)) {
	for _, root := range []string{"testdata", testfiles.Corpus(t)} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), "s-") { // those are long and all alike
				return err
			}
			file, err := os.Open(path)
			if err != nil {
				return err
			}
			defer file.Close()
			var notes warnings
			un, err := unpack(&countingReader{r: file}, 1<<30, &notes)
			if err != nil {
				return nil
			}
			rd, err := newRecordReader(newStream(un), &notes)
			if err != nil {
				return nil
			}
			var rec record
			for n := int64(1); rd.next(&rec) == nil; n++ {
				f(path, n, &rec)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestFastIsGeneral holds that the fast path gives the event of the general one.
func TestFastIsGeneral(t *testing.T) {
	var d decoder
	taken, tcp := 0, 0
	everyRecord(t, func(path string, number int64, rec *record) {
		var quick, thorough Event
		out := d.packet(rec, number, &thorough)
		if out == found && thorough.Kind == KindSegment {
			tcp++
		}
		if !fast(rec, number, &quick) {
			return
		}
		taken++
		if out != found || !reflect.DeepEqual(quick, thorough) {
			t.Fatalf("%s: packet %d: outcome %d\nfast    %+v\ngeneral %+v", path, number, out, quick.Segment, thorough.Segment)
		}
	})
	t.Logf("%d of %d packets with TCP took the fast path", taken, tcp)
	if taken*10 < tcp*9 {
		t.Errorf("only %d of %d packets with TCP took the fast path", taken, tcp)
	}
}

// TestGopacketAgrees compares every segment with what gopacket's own layers say about its packet, link
// layer included.
func TestGopacketAgrees(t *testing.T) {
	var d decoder
	compared, tcp := 0, 0
	everyRecord(t, func(path string, number int64, rec *record) {
		var ev Event
		out := d.packet(rec, number, &ev)
		s := &ev.Segment
		if out != found || ev.Kind != KindSegment || s.Fragmented {
			return
		}
		tcp++
		want, ok := byGopacket(rec)
		if !ok || s.Options.Set&OptionsDamaged != 0 { // gopacket accepts an option of length 0
			return
		}
		compared++
		got := segmentWithout(*s)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: packet %d:\nhere     %+v\ngopacket %+v", path, number, got, want)
		}
	})
	t.Logf("%d of %d segments compared", compared, tcp)
	if compared*10 < tcp*8 {
		t.Errorf("only %d of %d segments compared", compared, tcp)
	}
}

// segmentWithout drops what gopacket's layers do not know.
func segmentWithout(s Segment) Segment {
	s.Frame, s.Time, s.HasTime, s.Interface, s.SrcMAC, s.HasSrcMAC = 0, 0, false, 0, MAC{}, false
	s.Length = 0
	if len(s.Payload) == 0 {
		s.Payload = nil
	}
	return s
}

var gopacketLinks = map[uint16]gopacket.Decoder{
	linkEthernet: layers.LayerTypeEthernet, linkSLL: layers.LayerTypeLinuxSLL, linkNull: layers.LayerTypeLoopback,
	linkLoop: layers.LayerTypeLoopback, linkIPv4: layers.LayerTypeIPv4, linkIPv6: layers.LayerTypeIPv6,
}

// byGopacket decodes with gopacket alone. ok is false where it cannot, or where it is known to be wrong:
// packets cut short, those of more than 65,535 bytes, options of an impossible length.
func byGopacket(rec *record) (s Segment, ok bool) {
	decoder := gopacketLinks[rec.link]
	if rec.link == linkRaw && len(rec.data) > 0 {
		decoder = layers.LayerTypeIPv4
		if rec.data[0]>>4 == 6 {
			decoder = layers.LayerTypeIPv6
		}
	}
	if decoder == nil || rec.truncate || rec.wire > 1<<16-1 {
		return s, false
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	packet := gopacket.NewPacket(rec.data, decoder, gopacket.NoCopy)
	var last *layers.TCP
	for _, l := range packet.Layers() {
		switch l := l.(type) {
		case *layers.IPv4:
			s = Segment{TTL: l.TTL, IPID: l.Id, DontFragment: l.Flags&layers.IPv4DontFragment != 0}
			s.Src = netip.AddrPortFrom(netip.AddrFrom4([4]byte(l.SrcIP.To4())), 0)
			s.Dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte(l.DstIP.To4())), 0)
		case *layers.IPv6:
			s = Segment{TTL: l.HopLimit}
			s.Src = netip.AddrPortFrom(netip.AddrFrom16([16]byte(l.SrcIP)), 0)
			s.Dst = netip.AddrPortFrom(netip.AddrFrom16([16]byte(l.DstIP)), 0)
		case *layers.TCP:
			last = l
		}
	}
	if last == nil || packet.Metadata().Truncated {
		return s, false
	}
	s.Src = netip.AddrPortFrom(s.Src.Addr(), uint16(last.SrcPort))
	s.Dst = netip.AddrPortFrom(s.Dst.Addr(), uint16(last.DstPort))
	s.Seq, s.Ack, s.Window, s.Checksum = last.Seq, last.Ack, last.Window, last.Checksum
	s.DataOffset, s.Flags = last.DataOffset, Flags(last.Contents[13])
	if len(last.LayerPayload()) > 0 {
		s.Payload = last.LayerPayload()
	}
	for _, o := range last.Options {
		if gopacketOption(&s.Options, o); o.OptionType == layers.TCPOptionKindSACK && len(o.OptionData)%8 != 0 {
			return s, false
		}
	}
	return s, true
}

func gopacketOption(o *Options, from layers.TCPOption) {
	value := from.OptionData
	switch from.OptionType {
	case layers.TCPOptionKindEndList, layers.TCPOptionKindNop:
	case layers.TCPOptionKindMSS:
		o.Set |= HasMSS
		o.MSS = binary.BigEndian.Uint16(value)
	case layers.TCPOptionKindWindowScale:
		o.Set |= HasWindowScale
		o.WindowScale = value[0]
	case layers.TCPOptionKindSACKPermitted:
		o.Set |= HasSACKPermitted
	case layers.TCPOptionKindSACK:
		o.Set |= HasSACK
		o.SACKCount = uint8(len(value) / 8)
		for i := range int(o.SACKCount) {
			o.SACK[i] = SACKBlock{binary.BigEndian.Uint32(value[8*i:]), binary.BigEndian.Uint32(value[8*i+4:])}
		}
	case layers.TCPOptionKindTimestamps:
		o.Set |= HasTimestamps
		o.TSVal, o.TSEcr = binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])
	default:
		o.Set |= HasOtherOption
	}
}

// TestNextAllocatesNothing holds the promise of Source.Next for the common kinds of file.
func TestNextAllocatesNothing(t *testing.T) {
	const packets = 2000
	for name, data := range map[string][]byte{
		"pcap":        file(t, FormatPcap, packets, func(i int) []byte { return ethernetIPv4TCP(100, uint32(i)) }),
		"pcapng":      file(t, FormatPcapNG, packets, func(i int) []byte { return ethernetIPv4TCP(100, uint32(i)) }),
		"pcap IPv6":   file(t, FormatPcap, packets, func(i int) []byte { return ethernetIPv6TCP(100, uint32(i)) }),
		"pcapng IPv6": file(t, FormatPcapNG, packets, func(i int) []byte { return ethernetIPv6TCP(100, uint32(i)) }),
		"VLAN, which takes the general way": file(t, FormatPcap, packets, func(i int) []byte {
			f := ethernetIPv4TCP(100, uint32(i))
			return append(f[:12:12], append([]byte{0x81, 0, 0, 1}, f[12:]...)...)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			src, err := NewSource(name, bytes.NewReader(data), OpenOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var ev Event
			n := testing.AllocsPerRun(packets-10, func() {
				if err := src.Next(&ev); err != nil && err != io.EOF {
					t.Fatal(err)
				}
			})
			if n != 0 {
				t.Errorf("%v allocations a packet", n)
			}
			if ev.Kind != KindSegment || ev.Segment.Length != 100 || fmt.Sprint(ev.Segment.Src.Port()) != "40000" {
				t.Errorf("last event %+v", ev)
			}
		})
	}
}
