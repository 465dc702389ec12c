package capturetest

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcptrace/capture"
	"tcptrace/notebook"
)

const exchange = `
# a connection as a Pico opens it
0.000000 192.168.1.3:40000 > 192.168.1.57:9000 SYN seq=1000 win=6400 mss=800 ttl=255 mac=28:cd:c1:0a:5b:57
0.000210 192.168.1.57:9000 > 192.168.1.3:40000 SYN,ACK seq=0xffffffff wscale=7 sackok mss=1460 df
0.000300 192.168.1.3:40000 > 192.168.1.57:9000 ACK ts=7/9
0.1 192.168.1.3:40000 > 192.168.1.57:9000 ACK,PSH "hola\n" ipid=77 len=9
0.2 192.168.1.57:9000 > 192.168.1.3:40000 ACK sack=2-4,6-8 win=0
0.3 192.168.1.3:40000 > 192.168.1.57:9000 FIN,ACK seq==4000 ack==5
`

func TestParseSegments(t *testing.T) {
	events, err := Parse(exchange)
	if err != nil {
		t.Fatal(err)
	}
	pc, pico := netip.MustParseAddrPort("192.168.1.3:40000"), netip.MustParseAddrPort("192.168.1.57:9000")
	want := []capture.Segment{
		{Frame: 1, Time: 0, Src: pc, Dst: pico, Seq: 1000, Flags: capture.SYN, Window: 6400, TTL: 255, DataOffset: 6,
			SrcMAC:  capture.MAC{0x28, 0xcd, 0xc1, 0x0a, 0x5b, 0x57},
			Options: capture.Options{Set: capture.HasMSS, MSS: 800}},
		{Frame: 2, Time: 210_000, Src: pico, Dst: pc, Seq: 1<<32 - 1, Ack: 1001, Flags: capture.SYN | capture.ACK,
			Window: 64240, TTL: 64, DataOffset: 8, DontFragment: true,
			Options: capture.Options{Set: capture.HasMSS | capture.HasWindowScale | capture.HasSACKPermitted, MSS: 1460, WindowScale: 7}},
		{Frame: 3, Time: 300_000, Src: pc, Dst: pico, Seq: 1001, Ack: 0, Flags: capture.ACK, Window: 64240, TTL: 64,
			DataOffset: 8, Options: capture.Options{Set: capture.HasTimestamps, TSVal: 7, TSEcr: 9}},
		{Frame: 4, Time: 1e8, Src: pc, Dst: pico, Seq: 1001, Ack: 0, Flags: capture.ACK | capture.PSH, Window: 64240,
			TTL: 64, DataOffset: 5, IPID: 77, Length: 9, Payload: []byte("hola\n")},
		{Frame: 5, Time: 2e8, Src: pico, Dst: pc, Seq: 0, Ack: 1010, Flags: capture.ACK, TTL: 64, DataOffset: 10,
			Options: capture.Options{Set: capture.HasSACK, SACKCount: 2,
				SACK: [4]capture.SACKBlock{{Left: 1002, Right: 1004}, {Left: 1006, Right: 1008}}}},
		{Frame: 6, Time: 3e8, Src: pc, Dst: pico, Seq: 4000, Ack: 5, Flags: capture.FIN | capture.ACK, Window: 64240,
			TTL: 64, DataOffset: 5},
	}
	var got []capture.Segment
	for _, ev := range events {
		if ev.Kind != capture.KindSegment || !ev.Segment.HasTime || !ev.Segment.HasSrcMAC {
			t.Fatalf("not a timed segment: %+v", ev)
		}
		got = append(got, ev.Segment)
	}
	ignore := cmpopts.IgnoreFields(capture.Segment{}, "Offset", "Checksum", "HasTime", "HasSrcMAC")
	for i := range got[1:] { // the made-up addresses are not part of the promise
		got[i+1].SrcMAC = capture.MAC{}
	}
	compare := cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })
	if diff := cmp.Diff(want, got, ignore, compare, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestParseOtherPackets(t *testing.T) {
	events, err := Parse(`
1 arp who-has 10.0.0.2 tell 10.0.0.1
1 arp 10.0.0.2 is-at 28:cd:c1:00:00:01 to 10.0.0.1
1 udp 10.0.0.2:5000 > 10.0.0.1:9099 "TJ1 n=1"
1 icmp 10.0.0.2 > 10.0.0.1 unreachable about 10.0.0.1:40000 > 10.0.0.2:9000 seq=77
1 icmp fe80::2 > fe80::1 type=3 code=0 about [fe80::1]:40000 > [fe80::2]:9000 seq=78
- [fe80::1]:40000 > [fe80::2]:9000 ACK "x"
1 [fe80::1]:40000 > [fe80::2]:9000 ACK "y" iface=2
`)
	if err != nil {
		t.Fatal(err)
	}
	kinds := []capture.Kind{capture.KindARP, capture.KindARP, capture.KindDatagram, capture.KindICMPError,
		capture.KindICMPError, capture.KindSegment, capture.KindSegment}
	if len(events) != len(kinds) {
		t.Fatalf("%d events, want %d", len(events), len(kinds))
	}
	for i, ev := range events {
		if ev.Kind != kinds[i] {
			t.Errorf("event %d is of kind %d, want %d", i, ev.Kind, kinds[i])
		}
	}
	if a := events[1].ARP; a.Request || a.SenderIP != netip.MustParseAddr("10.0.0.2") || a.SenderMAC[0] != 0x28 {
		t.Errorf("reply: %+v", a)
	}
	if d := events[2].Datagram; string(d.Payload) != "TJ1 n=1" || d.Dst.Port() != notebook.JournalPort {
		t.Errorf("datagram: %+v", d)
	}
	if e := events[3].ICMPError; e.Type != 3 || e.Code != 3 || e.V6 || e.Seq != 77 || e.Dst.Port() != 9000 {
		t.Errorf("icmp: %+v", e)
	}
	if e := events[4].ICMPError; e.Type != 3 || e.Code != 0 || !e.V6 || e.Seq != 78 || e.Src.Port() != 40000 {
		t.Errorf("icmpv6: %+v", e)
	}
	if s := events[5].Segment; s.HasTime || string(s.Payload) != "x" {
		t.Errorf("untimed: %+v", s)
	}
	if s := events[6].Segment; s.Interface != 2 || s.Seq != 1 {
		t.Errorf("interface: %+v", s)
	}
}

func TestPCAPHoldsTheSameSegments(t *testing.T) {
	want, err := Parse(exchange)
	if err != nil {
		t.Fatal(err)
	}
	src, err := capture.NewSource("x", bytes.NewReader(PCAP(exchange)), capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	compare := cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })
	for i := range want {
		var ev capture.Event
		if err := src.Next(&ev); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[i].Segment, ev.Segment, compare, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(capture.Segment{}, "Offset")); diff != "" {
			t.Errorf("segment %d: %s", i, diff)
		}
	}
	if err := src.Next(new(capture.Event)); !errors.Is(err, io.EOF) {
		t.Errorf("after the last segment: %v", err)
	}
}

func TestParseNamesTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"0 1.2.3.4:1 > 1.2.3.5:2 SYM":                    "unknown flag",
		"0 1.2.3.4:1 > [::1]:2 SYN":                      "mixed",
		"0 1.2.3.4:1 > 1.2.3.5:2 ACK colour=1":           "unknown word",
		"0 1.2.3.4:1 > 1.2.3.5:2 ACK \"abc\" len=2":      "less than the payload",
		"x 1.2.3.4:1 > 1.2.3.5:2 ACK":                    "time",
		"0 1.2.3.4:1 > 1.2.3.5:2 ACK \"abc":              "without an end",
		"0 1.2.3.4:1 > 1.2.3.5:2 ACK win=65536":          "16 bits",
		"0 arp who-has 10.0.0.2":                         "who-has",
		"- 1.2.3.4:1 > 1.2.3.5:2 ACK \"abc\" len=20":     "cannot be cut",
		"0 1.2.3.4:1 > 1.2.3.5:2 ACK fill=70000":         "longer than an IP packet",
		"0 icmp 1.2.3.4 > 1.2.3.5 about 1.2.3.4:1 > 1:2": "line 2",
	} {
		_, err := Parse("\n" + text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
