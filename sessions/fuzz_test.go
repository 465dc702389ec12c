package sessions_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// fuzzEnds are the four-tuples of FuzzTracker: an echo, a greeting, one that is neither, and IPv6.
var fuzzEnds = [4][2]netip.AddrPort{
	{netip.MustParseAddrPort("192.168.1.3:50000"), netip.MustParseAddrPort("192.168.1.57:9000")},
	{netip.MustParseAddrPort("192.168.1.57:50001"), netip.MustParseAddrPort("192.168.1.3:9001")},
	{netip.MustParseAddrPort("10.0.0.1:7"), netip.MustParseAddrPort("10.0.0.1:8")},
	{netip.MustParseAddrPort("[2001:db8::1]:50000"), netip.MustParseAddrPort("[2001:db8::2]:80")},
}

// A fuzzOp is how many bytes make a segment.
const fuzzOp = 6

// fuzzSegments reads bytes as segments, mostly such as a TCP might send: sequence numbers near what was sent, ACKs
// near what the other side sent. The first byte of each chooses connection, direction and oddities.
func fuzzSegments(data []byte) (out []capture.Event) {
	var next [4][2]uint32
	for i := range next {
		next[i] = [2]uint32{uint32(i) * 0x55555555, 0xfffffff0}
	}
	now := int64(1_700_000_000_000_000_000)
	for n := 0; len(data) >= fuzzOp && n < 2000; n++ {
		op := data[:fuzzOp]
		data = data[fuzzOp:]
		c, d := op[0]&3, op[0]>>2&1
		flags := capture.Flags(op[1] & 0x1f)
		length := int(op[2] & 0x3f)
		if op[0]&0x40 != 0 {
			length *= 100
		}
		seq := next[c][d] + uint32(int32(int8(op[3])))
		ack := next[c][1-d] + uint32(int32(int8(op[4])))
		if op[0]&0x20 != 0 {
			seq <<= op[3] & 31
		}
		now += int64(op[5]) * int64(op[5]) * 100_000
		if op[0]&0x80 != 0 {
			now -= 200_000_000
		}
		payload := bytes.Repeat([]byte("Echo:ab\nPC responde: "), 1+length/20)[:length]
		s := capture.Segment{Frame: int64(n + 1), Time: now, HasTime: op[1]&0x20 == 0 || op[2]&0x40 == 0, Seq: seq, Ack: ack,
			Src: fuzzEnds[c][d], Dst: fuzzEnds[c][1-d], Flags: flags, Length: length, Payload: payload, DataOffset: 5,
			Window: uint16(op[1]>>6) * 0x55, IPID: uint16(n), TTL: 64}
		if op[2]&0x80 != 0 {
			s.Payload = payload[:length/2]
		}
		if flags.Has(capture.SYN) {
			s.Options = capture.Options{Set: capture.HasMSS | capture.HasWindowScale, MSS: 1460, WindowScale: op[3]}
		}
		if !s.HasTime {
			s.Time = 0
		}
		if end := seq + uint32(length); int32(end-next[c][d]) > 0 {
			next[c][d] = end
		}
		if flags&(capture.SYN|capture.FIN) != 0 {
			next[c][d]++
		}
		out = append(out, capture.Event{Kind: capture.KindSegment, Segment: s})
	}
	return out
}

func track(events []capture.Event, o sessions.Options, workers int) *sessions.Trace {
	t := sessions.NewTracker(o, workers)
	for i := range events {
		ev := events[i]
		t.Add(&ev)
	}
	return t.Finish(capture.Info{Packets: int64(len(events)), TCPPackets: int64(len(events))})
}

// FuzzTracker holds any sequence of segments to Validate, and the result to be the same with one worker and with four,
// built at once and one by one, and in the totals.
func FuzzTracker(f *testing.F) {
	f.Add([]byte{0, 2, 0, 0, 0, 1, 4, 0x12, 0, 0, 0, 1, 0, 0x10, 0, 0, 0, 1, 0, 0x18, 8, 0, 0, 9, 4, 0x18, 13, 0, 0, 9,
		0, 0x11, 0, 0, 0, 3, 4, 0x10, 0, 0, 0, 0, 4, 0x11, 0, 0, 0, 3, 0, 0x10, 0, 0, 0, 0})
	f.Add([]byte{1, 2, 0, 0, 0, 1, 5, 4, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 0x45, 0x10, 40, 200, 0, 1, 0x21, 0x18, 8, 9, 0, 9})
	f.Add(bytes.Repeat([]byte{6, 0x18, 3, 250, 1, 7, 2, 0x50, 1, 0, 0, 1}, 40))
	f.Fuzz(func(t *testing.T, data []byte) {
		events := fuzzSegments(data)
		o := sessions.Options{AllPorts: true, Shown: 2, Samples: true}
		tr := track(events, o, 1)
		if err := sessions.Validate(tr); err != nil {
			t.Fatal(err)
		}
		if d := differ(tr, track(events, o, 4)); d != "" {
			t.Fatalf("with 4 workers (-1 +4):\n%s", d)
		}
		o.Lazy, o.Built = true, 1
		if d := differ(tr, track(events, o, 1)); d != "" {
			t.Fatalf("built one by one (-at once +one by one):\n%s", d)
		}
		sum := track(events, sessions.Options{AllPorts: true, Summary: true}, 1)
		if err := sessions.Validate(sum); err != nil {
			t.Fatal(err)
		}
		checkTotals(t, tr, sum.Summary)
	})
}

// differ compares two traces of the same capture.
func differ(a, b *sessions.Trace) string {
	list := func(tr *sessions.Trace) (out []*sessions.Session) {
		_ = tr.Each(func(s *sessions.Session) error { out = append(out, s); return nil })
		return out
	}
	opts := []cmp.Option{cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.AddrPort{}, sessions.Step{}), cmpopts.IgnoreUnexported(sessions.Session{})}
	if d := cmp.Diff(a.Capture, b.Capture, opts...); d != "" {
		return d
	}
	x, y := list(a), list(b)
	if reflect.DeepEqual(x, y) { // much the faster
		return ""
	}
	return cmp.Diff(x, y, opts...)
}

// checkTotals compares a summary with the sum of the sessions.
func checkTotals(t *testing.T, tr *sessions.Trace, got *sessions.Summary) {
	t.Helper()
	var want sessions.Summary
	_ = tr.Each(func(s *sessions.Session) error {
		want.Sessions++
		want.Ends[s.End]++
		for side := range 2 {
			want.Packets[side] += s.Packets[side]
			want.Bytes[side] += s.Bytes[side]
			want.Retransmitted[side] += s.Retransmitted[side]
		}
		return nil
	})
	if want.Sessions != got.Sessions || want.Ends != got.Ends || want.Packets != got.Packets || want.Bytes != got.Bytes ||
		want.Retransmitted != got.Retransmitted {
		t.Errorf("summed up: %d sessions, ends %v, packets %v, bytes %v, retransmitted %v\nthe summary: %d, %v, %v, %v, %v",
			want.Sessions, want.Ends, want.Packets, want.Bytes, want.Retransmitted,
			got.Sessions, got.Ends, got.Packets, got.Bytes, got.Retransmitted)
	}
}

// FuzzEcho builds a request stream and the echo of a server whose recv() gave any sizes, cuts both into any segments,
// and holds the parser to what the server did. The request has no letter of the prefix, so that there is one reading.
func FuzzEcho(f *testing.F) {
	f.Add([]byte("hello"), []byte{5}, []byte{3}, []byte{4})
	f.Add([]byte("a longer request with more of everything 0123456789"), []byte{1, 20, 3}, []byte{7, 9}, []byte{2, 30, 1})
	f.Fuzz(func(t *testing.T, request, recvs, cuts, replyCuts []byte) {
		request = request[:min(len(request), 4000)]
		for i, b := range request {
			if bytes.IndexByte([]byte("Echo:"), b) >= 0 {
				request[i] = 'x'
			}
		}
		if len(request) == 0 {
			return
		}
		var reply []byte
		var sizes []int
		for _, piece := range pieces(request, recvs) {
			reply = append(append(reply, "Echo:"...), piece...)
			sizes = append(sizes, len(piece))
		}
		tr := track(conversation(pieces(request, cuts), pieces(reply, replyCuts)), sessions.Options{Shown: 1, Samples: true}, 1)
		if err := sessions.Validate(tr); err != nil {
			t.Fatal(err)
		}
		e := tr.Sessions[0].Echo
		if e == nil {
			t.Fatal("no echo")
		}
		var got []int
		for _, s := range e.Samples {
			got = append(got, s.Bytes)
		}
		if fmt.Sprint(got) != fmt.Sprint(sizes) || e.Matched != int64(len(sizes)) || e.UnansweredBytes != 0 || e.Ambiguous {
			t.Fatalf("echoes %v, want %v; %+v", got, sizes, e)
		}
	})
}

// pieces cuts b into pieces of the given sizes, over and over, each at least one byte.
func pieces(b, sizes []byte) (out [][]byte) {
	for i := 0; len(b) > 0; i++ {
		n := len(b)
		if len(sizes) > 0 {
			n = min(int(sizes[i%len(sizes)])+1, len(b))
		}
		out, b = append(out, b[:n]), b[n:]
	}
	return out
}

// conversation is a handshake, all requests and then all replies, 1 ms apart.
func conversation(requests, replies [][]byte) (out []capture.Event) {
	now := time.Unix(1_700_000_000, 0).UnixNano()
	seq := [2]uint32{0xffffff00, binary.BigEndian.Uint32([]byte("Pico"))}
	send := func(d int, flags capture.Flags, payload []byte) {
		now += int64(time.Millisecond)
		out = append(out, capture.Event{Kind: capture.KindSegment, Segment: capture.Segment{Frame: int64(len(out) + 1), Time: now,
			HasTime: true, Src: fuzzEnds[0][d], Dst: fuzzEnds[0][1-d], Seq: seq[d], Ack: seq[1-d], Flags: flags,
			Length: len(payload), Payload: payload, Window: 6400, IPID: uint16(len(out) + 1), TTL: 64, DataOffset: 5}})
		seq[d] += uint32(len(payload))
		if flags.Has(capture.SYN) {
			seq[d]++
		}
	}
	send(0, capture.SYN, nil)
	send(1, capture.SYN|capture.ACK, nil)
	send(0, capture.ACK, nil)
	for _, p := range requests {
		send(0, capture.ACK|capture.PSH, p)
	}
	for _, p := range replies {
		send(1, capture.ACK|capture.PSH, p)
	}
	return out
}
