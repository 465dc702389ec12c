package capture

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"tcptrace/words"
)

// udpBytes is a UDP datagram.
func udpBytes(src, dst uint16, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, src)
	b = binary.BigEndian.AppendUint16(b, dst)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	return append(append(b, 0, 0), payload...)
}

// ip4 wraps an upper layer in IPv4.
func ip4(proto byte, upper []byte) []byte {
	return ipv4Piece(1, upper, piece{0, len(upper)}, proto)
}

func TestTunnelsAndTheirLookalikes(t *testing.T) {
	inner := ip4(protoTCP, tcpBytes(10))
	frame := ethernetIPv4TCP(10, 4242)
	vxlan := append([]byte{8, 0, 0, 0, 0, 0, 1, 0}, frame...)
	geneve := append([]byte{0, 0, 0x65, 0x58, 0, 0, 1, 0}, frame...)
	gtp := append(binary.BigEndian.AppendUint16([]byte{0x30, 0xff}, uint16(len(inner))), append([]byte{0, 0, 0, 1}, inner...)...)
	for name, c := range map[string]struct {
		packet []byte
		want   bool
	}{
		"VXLAN":                           {ip4(protoUDP, udpBytes(50000, portVXLAN, vxlan)), true},
		"VXLAN on another port":           {ip4(protoUDP, udpBytes(50000, 4790, vxlan)), false},
		"an answer from VXLAN's port":     {ip4(protoUDP, udpBytes(portVXLAN, 50000, vxlan)), false},
		"VXLAN without its flag":          {ip4(protoUDP, udpBytes(50000, portVXLAN, append([]byte{0}, vxlan[1:]...))), false},
		"VXLAN with unknown flags":        {ip4(protoUDP, udpBytes(50000, portVXLAN, append([]byte{0x0c}, vxlan[1:]...))), false},
		"GENEVE":                          {ip4(protoUDP, udpBytes(50000, portGENEVE, geneve)), true},
		"GENEVE on another port":          {ip4(protoUDP, udpBytes(50000, 6082, geneve)), false},
		"GENEVE of version 1":             {ip4(protoUDP, udpBytes(50000, portGENEVE, append([]byte{0x40}, geneve[1:]...))), false},
		"GTP":                             {ip4(protoUDP, udpBytes(portGTP, portGTP, gtp)), true},
		"GTP on another port":             {ip4(protoUDP, udpBytes(2123, 2123, gtp)), false},
		"GTP echo request":                {ip4(protoUDP, udpBytes(portGTP, portGTP, slices.Concat([]byte{0x30, 1}, gtp[2:]))), false},
		"IP in IP":                        {ip4(protoIPv4, inner), true},
		"GRE":                             {ip4(protoGRE, append([]byte{0, 0, 8, 0}, inner...)), true},
		"GRE cut":                         {ip4(protoGRE, []byte{0x20, 0, 8, 0, 1}), false},
		"EtherIP":                         {ip4(protoEtherIP, append([]byte{0x30, 0}, frame...)), true},
		"MPLS in IP":                      {ip4(protoMPLS, append([]byte{0, 0, 0x11, 64}, inner...)), true},
		"a TCP segment as a UDP payload":  {ip4(protoUDP, udpBytes(9000, 9001, inner)), false},
		"authentication header":           {ip4(protoAH, append([]byte{protoTCP, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1}, tcpBytes(10)...)), true},
		"encrypted":                       {ip4(protoESP, tcpBytes(10)), false},
		"UDP journal on the wrong port":   {ip4(protoUDP, udpBytes(9098, 9098, []byte("TJ1 n=1"))), false},
		"another protocol on the journal": {ip4(protoUDP, udpBytes(9099, 9099, []byte("XJ1 n=1"))), false},
	} {
		var d decoder
		got := feed(&d, c.packet)
		if (len(got) == 1) != c.want {
			t.Errorf("%s: %d segments, reason %q", name, len(got), d.reason)
		}
		if len(got) == 1 && (got[0].Seq != 4242 || got[0].Length != 10) {
			t.Errorf("%s: %+v", name, got[0])
		}
	}
}

// TestOddLengths holds what becomes of IP lengths that do not fit the frame.
func TestOddLengths(t *testing.T) {
	set := func(packet []byte, length int) []byte {
		out := bytes.Clone(packet)
		binary.BigEndian.PutUint16(out[2:], uint16(length))
		return out
	}
	whole := ip4(protoTCP, tcpBytes(10))
	for name, c := range map[string]struct {
		packet []byte
		length int // of the payload; -1 for no segment
	}{
		"right":             {whole, 10},
		"padded":            {append(bytes.Clone(whole), 0, 0, 0, 0, 0, 0), 10},
		"offloaded":         {set(whole, 0), 10},
		"beyond the frame":  {set(whole, 5000), 10},
		"within the header": {set(whole, 19), -1},
		"no TCP":            {set(whole, 20), -1},
		"half a TCP header": {set(whole, 39), 0},
		"two thirds of it":  {set(whole, 33), -1},
		"ports alone":       {set(whole, 24), -1},
		"shorter":           {set(whole, 45), 5},
	} {
		var d decoder
		got := feed(&d, c.packet)
		if c.length < 0 {
			if len(got) != 0 {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Length != c.length || len(got[0].Payload) != c.length {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestOddHeaders holds that a TCP header of an impossible length, or one that was cut behind its control bits, still
// is a segment, and that IPv4 options that no host can walk end the decoding.
func TestOddHeaders(t *testing.T) {
	offset := func(words byte) []byte {
		out := ip4(protoTCP, tcpBytes(10))
		out[32] = words << 4
		return out
	}
	for name, c := range map[string]struct {
		packet     []byte
		kept       int // bytes that the snap length leaves; 0 for all
		length     int // -1 for no segment
		noWindow   bool
		isDamaged  bool
		isCut      bool
		withoutAny bool
	}{
		"whole":                    {packet: offset(5), length: 10},
		"data offset 0":            {packet: offset(0), isDamaged: true},
		"data offset 4":            {packet: offset(4), isDamaged: true},
		"data offset beyond":       {packet: offset(15), isDamaged: true},
		"captured to the flags":    {packet: offset(5), kept: 34, length: 10, noWindow: true, isDamaged: true},
		"captured to the window":   {packet: offset(5), kept: 36, length: 10, isDamaged: true},
		"captured to the offset":   {packet: offset(5), kept: 33, isCut: true},
		"captured to the ports":    {packet: offset(5), kept: 24, isCut: true},
		"captured to one port":     {packet: offset(5), kept: 23, withoutAny: true},
		"options of length 0":      {packet: withIPOptions(0x82, 0, 0, 0), withoutAny: true},
		"a security option of 2":   {packet: withIPOptions(0x82, 2, 0, 0), withoutAny: true},
		"an option beyond":         {packet: withIPOptions(1, 0x94, 4, 0), withoutAny: true},
		"a router alert":           {packet: withIPOptions(0x94, 4, 0, 0), length: 10},
		"no operations to the end": {packet: withIPOptions(1, 1, 1, 1), length: 10},
	} {
		t.Run(name, func(t *testing.T) {
			rec := &record{link: linkRaw, hasTime: true}
			kept := c.packet
			if c.kept > 0 {
				kept = kept[:c.kept]
			}
			rec.setLengths(kept, uint32(len(c.packet)))
			var d decoder
			var ev Event
			out, s := d.packet(rec, 1, &ev), &ev.Segment
			if c.isCut {
				if out != cutTCP {
					t.Errorf("outcome %d, reason %q", out, d.reason)
				}
				return
			}
			if c.withoutAny {
				if out != unread || d.reason == (words.Reason{}) {
					t.Errorf("outcome %d, %+v", out, s)
				}
				return
			}
			if out != found || s.Length != c.length || s.NoWindow != c.noWindow || s.Options.Set&OptionsDamaged != 0 != c.isDamaged {
				t.Errorf("outcome %d, %+v", out, s)
			}
			if s.Flags != ACK|PSH {
				t.Errorf("flags %v", s.Flags)
			}
		})
	}
}

// withIPOptions is an IPv4 packet with four bytes of options and ten bytes of TCP payload.
func withIPOptions(options ...byte) []byte {
	packet := ip4(protoTCP, tcpBytes(10))
	packet[0] = 0x46
	binary.BigEndian.PutUint16(packet[2:], binary.BigEndian.Uint16(packet[2:])+4)
	return append(packet[:20:20], append(options, packet[20:]...)...)
}

func TestFrameCheckSequenceIsNoPayload(t *testing.T) {
	frame := append(ethernetIPv4TCP(10, 1), 0xde, 0xad, 0xbe, 0xef)
	binary.BigEndian.PutUint16(frame[16:], 0) // offloaded: the frame's end is all there is to go by
	rec := &record{link: linkEthernet, fcs: 4}
	rec.setLengths(frame, uint32(len(frame)))
	var d decoder
	var ev Event
	if out := d.packet(rec, 1, &ev); out != found || ev.Segment.Length != 10 {
		t.Errorf("outcome %d, %d bytes", out, ev.Segment.Length)
	}
	if link, fcs := splitLinkType(0x24000001); link != 1 || fcs != 4 {
		t.Errorf("link type %d, %d bytes", link, fcs)
	}
	if link, fcs := splitLinkType(0xf4000001); link != 1 || fcs != 0 {
		t.Errorf("a nonsensical length: link type %d, %d bytes", link, fcs)
	}
}

func TestTCPOptions(t *testing.T) {
	for name, c := range map[string]struct {
		options []byte
		want    Options
	}{
		"SYN of a Pico":     {[]byte{2, 4, 3, 0x20}, Options{Set: HasMSS, MSS: 800}},
		"length 0":          {[]byte{1, 1, 8, 0}, Options{Set: OptionsDamaged}},
		"length 1":          {[]byte{30, 1, 0, 0}, Options{Set: OptionsDamaged}},
		"overrun":           {[]byte{2, 4, 3, 0x20, 8, 10, 0, 0}, Options{Set: HasMSS | OptionsDamaged, MSS: 800}},
		"a kind alone":      {[]byte{1, 1, 1, 8}, Options{Set: OptionsDamaged}},
		"MSS of 3 bytes":    {[]byte{2, 3, 1, 1}, Options{Set: OptionsDamaged}},
		"after the end":     {[]byte{0, 2, 4, 3}, Options{}},
		"unknown":           {[]byte{254, 4, 1, 2}, Options{Set: HasOtherOption}},
		"SACK of 9 bytes":   {[]byte{5, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, Options{Set: OptionsDamaged}},
		"empty SACK":        {[]byte{5, 2, 1, 1}, Options{Set: HasSACK}},
		"window scale 255":  {[]byte{3, 3, 255, 1}, Options{Set: HasWindowScale, WindowScale: 255}},
		"timestamps, moved": {[]byte{8, 10, 0, 0, 0, 7, 0, 0, 0, 9, 1, 1}, Options{Set: HasTimestamps, TSVal: 7, TSEcr: 9}},
		"timestamps":        {[]byte{1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9}, Options{Set: HasTimestamps, TSVal: 7, TSEcr: 9}},
	} {
		segment := append(appendTCP(nil, 1), c.options...)
		segment[12] = byte(20+len(c.options)) / 4 << 4
		packet := ip4(protoTCP, segment)
		var d decoder
		got := feed(&d, packet)
		if len(got) != 1 || got[0].Options != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		var quick Event
		if !fast(rawRecord(packet, 1), 1, &quick) || quick.Segment.Options != c.want {
			t.Errorf("%s, fast: %+v, want %+v", name, quick.Segment.Options, c.want)
		}
	}
}

func TestOptionsCutBySnapLength(t *testing.T) {
	segment := append(appendTCP(nil, 1), 2, 4, 3, 0x20, 3, 3, 7, 1)
	segment[12] = 7 << 4
	rec := rawRecord(ip4(protoTCP, segment), 1)
	rec.data = rec.data[:20+24] // the second option is not captured
	var d decoder
	var ev Event
	if d.packet(rec, 1, &ev) != found || ev.Segment.Options.Set != HasMSS|OptionsDamaged || ev.Segment.Length != 0 {
		t.Errorf("%+v", ev.Segment)
	}
}

// wifiFrame is an 802.11 data frame around a body.
func wifiFrame(control uint16, qos []byte, body []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, control|wifiData)
	b = append(b, 0, 0)
	b = append(b, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 0, 0)
	if control&(wifiToDS|wifiFromDS) == wifiToDS|wifiFromDS {
		b = append(b, 4, 4, 4, 4, 4, 4)
	}
	return append(append(b, qos...), body...)
}

func snap(ip []byte) []byte { return append([]byte{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, ip...) }

func TestWiFi(t *testing.T) {
	body := snap(ip4(protoTCP, tcpBytes(10)))
	var subframes []byte
	for i := range 3 {
		part := body
		if i == 1 {
			part = snap(ip4(protoICMP, make([]byte, 8)))
		}
		subframes = append(subframes, 9, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, byte(i))
		subframes = binary.BigEndian.AppendUint16(subframes, uint16(len(part)))
		subframes = append(subframes, part...)
		for len(subframes)%4 != 0 {
			subframes = append(subframes, 0)
		}
	}
	for name, c := range map[string]struct {
		frame    []byte
		segments int
		mac      byte
		reason   string
	}{
		"to the access point":   {wifiFrame(wifiToDS, nil, body), 1, 2, ""},
		"from the access point": {wifiFrame(wifiFromDS, nil, body), 1, 3, ""},
		"between two":           {wifiFrame(wifiToDS|wifiFromDS, nil, body), 1, 4, ""},
		"QoS":                   {wifiFrame(wifiToDS|wifiQoS, []byte{0, 0}, body), 1, 2, ""},
		"QoS with HT control":   {wifiFrame(wifiToDS|wifiQoS|wifiOrder, []byte{0, 0, 0, 0, 0, 0}, body), 1, 2, ""},
		"aggregate":             {wifiFrame(wifiToDS|wifiQoS, []byte{0x80, 0}, subframes), 2, 8, ""},
		"aggregate bit left on": {wifiFrame(wifiToDS|wifiQoS, []byte{0x80, 0}, body), 1, 2, ""},
		"encrypted":             {wifiFrame(wifiToDS|wifiProtected, nil, bytes.Repeat([]byte{0x5c}, 60)), 0, 0, "802.11 frame encrypted"},
		"decrypted by a driver": {wifiFrame(wifiToDS|wifiProtected, nil, append(make([]byte, 8), body...)), 1, 2, ""},
		"no data":               {wifiFrame(wifiToDS|wifiNoData, nil, nil), 0, 0, ""},
		"fragment":              {wifiFrame(wifiToDS|wifiMoreFrag, nil, body), 0, 0, "802.11 fragment"},
	} {
		rec := &record{link: linkWiFi}
		rec.setLengths(c.frame, uint32(len(c.frame)))
		var d decoder
		var ev Event
		n := 0
		if d.packet(rec, 1, &ev) == found {
			n = 1 + len(d.more)
		}
		if n != c.segments || d.reason.String() != c.reason {
			t.Errorf("%s: %d segments, reason %q", name, n, d.reason)
		}
		if n > 0 && (ev.Segment.SrcMAC[0] != c.mac || ev.Segment.Length != 10) {
			t.Errorf("%s: %+v", name, ev.Segment)
		}
	}
}

// TestAggregateThroughSource holds that all segments of one frame are handed over, and the frame counted once.
func TestAggregateThroughSource(t *testing.T) {
	body := snap(ip4(protoTCP, tcpBytes(10)))
	var subframes []byte
	for range 3 {
		subframes = append(subframes, 9, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8)
		subframes = binary.BigEndian.AppendUint16(subframes, uint16(len(body)))
		subframes = append(subframes, body...)
		subframes = append(subframes, make([]byte, (4-len(subframes)%4)%4)...)
	}
	var out bytes.Buffer
	w, _ := NewWriter(&out, FormatPcap)
	for range 2 {
		w.WritePacket(Packet{LinkType: linkWiFi, Data: wifiFrame(wifiToDS|wifiQoS, []byte{0x80, 0}, subframes)})
	}
	w.Close()
	events, info, err := readBytes(out.Bytes())
	if err != nil || len(events) != 6 || info.TCPPackets != 2 || events[2].Segment.Frame != 1 || events[3].Segment.Frame != 2 {
		t.Errorf("%v, %d events, %+v", err, len(events), info)
	}
}

// TestUnreadLinkTypeIsNamed holds that a link type that is not read is said with number and name.
func TestUnreadLinkTypeIsNamed(t *testing.T) {
	var out bytes.Buffer
	w, _ := NewWriter(&out, FormatPcapNG)
	for i, link := range []uint16{189, 65000, 189} {
		w.WritePacket(Packet{Time: int64(i), LinkType: link, Data: make([]byte, 60)})
	}
	w.Close()
	_, info, err := readBytes(out.Bytes())
	want := []Unread{{words.LinkType(189, "USB_LINUX"), 2}, {words.LinkType(65000, ""), 1}}
	if err != nil || !slices.Equal(info.Unread, want) || info.Undecoded != 3 {
		t.Errorf("%v, %+v", err, info)
	}
	if !slices.Equal(info.LinkTypes, []string{"USB_LINUX", "65000"}) {
		t.Errorf("link types %v", info.LinkTypes)
	}
}

// TestUnknownEtherTypes holds that they are named, that known ones are not, and that forged ones are bounded.
func TestUnknownEtherTypes(t *testing.T) {
	var d decoder
	var ev Event
	decode := func(kind uint16) outcome {
		frame := ethernetIPv4TCP(4, 1)
		binary.BigEndian.PutUint16(frame[12:], kind)
		rec := &record{link: linkEthernet}
		rec.setLengths(frame, uint32(len(frame)))
		return d.packet(rec, 1, &ev)
	}
	if out := decode(0x88cc); out != notTCP {
		t.Errorf("LLDP: outcome %d", out)
	}
	if out := decode(0x8899); out != unread || d.reason != words.EtherType(0x8899) {
		t.Errorf("a vendor's tag: outcome %d, %q", out, d.reason)
	}
	for kind := range uint16(1000) {
		decode(0xa000 + kind)
	}
	if len(d.numbered) != maxNumbered {
		t.Errorf("%d reasons kept", len(d.numbered))
	}
}

// TestCutHeadersAreCounted holds that a snap length that leaves only the ports costs the session and not the count.
func TestCutHeadersAreCounted(t *testing.T) {
	const addressesAndPorts = 14 + 20 + 6
	var out bytes.Buffer
	w, _ := NewWriter(&out, FormatPcap)
	for i := range 3 {
		frame := ethernetIPv4TCP(10, 1)
		p := Packet{Time: int64(i), LinkType: linkEthernet, Data: frame}
		if i > 0 {
			p.Data, p.OriginalLength = frame[:addressesAndPorts], len(frame)
		}
		w.WritePacket(p)
	}
	w.Close()
	events, info, err := readBytes(out.Bytes())
	if err != nil || len(events) != 1 || info.TCPPackets != 3 || info.CutHeaders != 2 || info.Undecoded != 0 || len(info.Unread) != 0 {
		t.Errorf("%v, %d events, %+v", err, len(events), info)
	}
	checkSums(t, info)
}
