package ladder_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// TestStrayDatagrams holds that datagrams to the journal's port count only from hosts that have a session.
func TestStrayDatagrams(t *testing.T) {
	pico := netip.MustParseAddr("192.168.1.57")
	told := func(from netip.Addr, n int) capture.Datagram {
		return capture.Datagram{Time: int64(n), Src: netip.AddrPortFrom(from, 50000), Payload: fmt.Appendf(nil, "TJ1 n=%d t=%d d=11 s=1 recv(1024)=b'x',1", n, n*1000)}
	}
	tr := &sessions.Trace{Sessions: []*sessions.Session{{Client: netip.MustParseAddrPort("192.168.1.3:40000"), Server: netip.AddrPortFrom(pico, 9000)}}}
	for i := range 50 {
		tr.Datagrams = append(tr.Datagrams, told(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 1), told(pico, i+1))
	}
	sources := ladder.DeviceCalls(tr)
	if len(sources) != 1 || sources[0].Host != pico || len(sources[0].Journal.Entries) != 50 || tr.StrayDatagrams != 50 {
		t.Errorf("%d journals, %d stray datagrams", len(sources), tr.StrayDatagrams)
	}
}

// BenchmarkManySockets lays a journal of very many sockets on a trace; it takes a time that grows with their number alone.
func BenchmarkManySockets(b *testing.B) {
	for _, n := range []int{1000, 4000, 16000} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `{"t": %d.%06d, "dur": 0.000123, "pid": 77, "obj": %d, "call": "connect", "args": [["192.168.1.57", 9000]], "ret": null, "local": ["192.168.1.3", 42538]}`+"\n", 1795355201+i/1e6, i%1e6, i)
		}
		j, err := journal.Read("calls.jsonl", strings.NewReader(text.String()))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				tr := &sessions.Trace{Sessions: []*sessions.Session{{Client: netip.MustParseAddrPort("192.168.1.3:42538"), Server: netip.MustParseAddrPort("192.168.1.57:9000")}}}
				ladder.AddCalls(tr, []ladder.Source{{Journal: *j, Side: sessions.Client}})
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(n)/float64(time.Microsecond), "µs/socket")
		})
	}
}
