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
