package sessions_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest"
)

// TestWorkersAgree holds that the result does not depend on how many workers tracked the capture.
func TestWorkersAgree(t *testing.T) {
	captures := map[string][]byte{}
	for _, name := range []string{"pico-normal", "pico-early-4k", "pico-second-client", "unix-lo-strace"} {
		raw, err := os.ReadFile(filepath.Join(genuine, name, "capture.pcap"))
		if err != nil {
			t.Fatal(err)
		}
		captures[name] = raw
	}
	var made bytes.Buffer
	w := sessionstest.NotebookWorkload()
	w.Packets, w.Sessions, w.Concurrent = 60_000, 400, 150
	if err := sessionstest.Generate(&made, w); err != nil {
		t.Fatal(err)
	}
	captures["made"] = made.Bytes()
	for name, raw := range captures {
		for _, o := range []sessions.Options{{Summary: true}, {Samples: true}, {Shown: 16}, {AllPorts: true, Shown: 3}} {
			want := runWith(t, raw, o, 1)
			for _, n := range []int{2, 8} {
				if d := cmp.Diff(want, runWith(t, raw, o, n), cmpopts.IgnoreUnexported(sessions.Trace{}, sessions.Session{}), cmpopts.EquateComparable(netip.AddrPort{}, netip.Addr{}, sessions.Step{})); d != "" {
					t.Errorf("%s %s, %d workers:\n%s", name, fmt.Sprintf("%+v", o), n, d)
				}
			}
		}
	}
}

func runWith(t *testing.T, raw []byte, o sessions.Options, workers int) *sessions.Trace {
	t.Helper()
	src, err := capture.NewSource("memory", bytes.NewReader(raw), capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := sessions.Run(context.Background(), src, o, workers)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestAttemptsAreLetGo floods a tracker with attempts to connect that nobody answers: they are counted, let go, and the memory is
// used again, and the result does not depend on the workers. An attempt that is repeated after the flood is another session.
func TestAttemptsAreLetGo(t *testing.T) {
	var made bytes.Buffer
	w := sessionstest.HalfOpenWorkload()
	w.Packets, w.Sessions = 400_000, 400_000
	if err := sessionstest.Generate(&made, w); err != nil {
		t.Fatal(err)
	}
	var want *sessions.Trace
	for _, n := range []int{1, 3} {
		for _, p := range []sessions.Policy{sessions.ForReading, sessions.ForTotals} {
			var o sessions.Options
			o.Keep(p)
			o.Built = 1000
			tr := runWith(t, made.Bytes(), o, n)
			count := tr.Count()
			if tr.Summary != nil {
				count = int(tr.Summary.Sessions)
			}
			if want == nil {
				want = tr
			}
			if count != 400_000 || tr.LetGo != want.LetGo && p == sessions.ForReading || tr.LetGo < 100_000 {
				t.Errorf("%d workers, policy %d: %d sessions, %d let go, want %d", n, p, count, tr.LetGo, want.LetGo)
			}
		}
	}
}

// TestStrangersTakeNoPlaces holds that a Pico's datagrams are kept though more of strangers than there are places came before.
func TestStrangersTakeNoPlaces(t *testing.T) {
	pico := netip.MustParseAddr("192.168.1.57")
	for _, workers := range []int{1, 3} {
		tracker := sessions.NewTracker(sessions.Options{}, workers)
		tracker.Add(&capture.Event{Kind: capture.KindSegment, Segment: capture.Segment{Frame: 1, Time: 1, HasTime: true, Flags: capture.SYN,
			Src: netip.MustParseAddrPort("192.168.1.3:40000"), Dst: netip.AddrPortFrom(pico, 9000)}})
		told := func(from netip.Addr) {
			tracker.Add(&capture.Event{Kind: capture.KindDatagram, Datagram: capture.Datagram{Src: netip.AddrPortFrom(from, 50000), Payload: []byte("TJ1")}})
		}
		for range 150 {
			told(pico)
		}
		for i := range 2*sessions.MaxExplaining + 50_000 {
			told(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
		}
		for range 150 {
			told(pico)
		}
		tr := tracker.Finish(capture.Info{})
		own := 0
		for _, d := range tr.Datagrams {
			if d.Src.Addr() == pico {
				own++
			}
		}
		if strangers := int64(len(tr.Datagrams)-own) + tr.DroppedDatagrams; own != 300 || strangers != 2*sessions.MaxExplaining+50_000 || tr.Capture.Explaining != 0 {
			t.Errorf("%d workers: %d of 300 datagrams, %d of strangers, %d left out", workers, own, strangers, tr.Capture.Explaining)
		}
	}
}

// TestClosedAreLetGo makes so many connections that those which have closed are let go before their time: all are counted, whatever
// the number of workers, and what comes late to one of the first is a session of its own.
func TestClosedAreLetGo(t *testing.T) {
	var made bytes.Buffer
	w := sessionstest.NotebookWorkload()
	w.Packets, w.Sessions, w.Concurrent = 900_000, 60_000, 100
	if err := sessionstest.Generate(&made, w); err != nil {
		t.Fatal(err)
	}
	var want sessions.Totals
	for _, n := range []int{1, 3} {
		var o sessions.Options
		o.Keep(sessions.ForTotals)
		tr := runWith(t, made.Bytes(), o, n)
		if n == 1 {
			want = tr.Summary.Totals
		}
		if tr.Summary.Sessions < 60_000 || tr.Summary.Sessions > 60_600 {
			t.Errorf("%d workers: %d sessions", n, tr.Summary.Sessions)
		}
		if d := cmp.Diff(want, tr.Summary.Totals); d != "" {
			t.Errorf("%d workers:\n%s", n, d)
		}
	}
}
