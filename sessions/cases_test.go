package sessions_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcptrace/capture/capturetest"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
)

// TestCases reads every script of testdata/cases and compares what it gives with the golden file beside it.
func TestCases(t *testing.T) {
	scripts, _ := filepath.Glob(filepath.Join("testdata", "cases", "*.txt"))
	if len(scripts) < 30 {
		t.Fatalf("only %d scripts", len(scripts))
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			script, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			tr, err := sessions.Run(context.Background(), capturetest.Source(string(script)), sessions.Options{Shown: 16}, 1)
			if err != nil {
				t.Fatal(err)
			}
			got := dump(tr)
			golden := strings.TrimSuffix(path, ".txt") + ".golden"
			if *testfiles.Update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
		})
	}
}

// dump writes everything that a case is about, one fact a line.
func dump(tr *sessions.Trace) string {
	var b strings.Builder
	c := &tr.Capture
	fmt.Fprintf(&b, "capture watched=%d copies=%d backwards=%d jumps=%d offloaded=%d\n", c.Watched, c.Copies, c.Backwards, c.ClockJumps, c.Offloaded)
	for _, s := range tr.Sessions {
		dumpSession(&b, s)
	}
	return b.String()
}

func dumpSession(b *strings.Builder, s *sessions.Session) {
	fmt.Fprintf(b, "session %d %s > %s role=%s end=%s first=%s states=%s/%s zeek=%s/%s completeness=%d\n", s.ID, s.Client, s.Server,
		s.RoleFrom, s.End, sideName(s.ClosedFirst), s.States[0], s.States[1], s.ZeekState, s.ZeekHistory, s.Completeness)
	fmt.Fprintf(b, "  packets=%v bytes=%v data=%v retransmitted=%v spurious=%v out-of-order=%v duplicate-acks=%v zero=%v keep-alives=%v missing=%v copies=%d syns=%d\n",
		s.Packets, s.Bytes, s.DataSegments, s.Retransmitted, s.Spurious, s.OutOfOrder, s.DuplicateACKs, s.ZeroWindows, s.KeepAlives, s.MissingBytes, s.Copies, s.SYNs)
	if h := s.Handshake; h != nil {
		fmt.Fprintf(b, "  handshake frames=%d,%d,%d complete=%v rtt=%v/%v\n", h.SYNFrame, h.SYNACKFrame, h.ACKFrame, h.Complete, h.RTT, h.HasRTT)
	}
	if s.ACKRTT[0].N+s.ACKRTT[1].N > 0 {
		fmt.Fprintf(b, "  ack-rtt n=%d,%d min=%v,%v\n", s.ACKRTT[0].N, s.ACKRTT[1].N, s.ACKRTT[0].Min, s.ACKRTT[1].Min)
	}
	if e := s.Echo; e != nil {
		fmt.Fprintf(b, "  echo requests=%d replies=%d matched=%d unanswered=%d by-length=%v ambiguous=%v", e.Requests, e.Replies, e.Matched, e.UnansweredBytes, e.ByLength, e.Ambiguous)
		for _, p := range e.Samples {
			fmt.Fprintf(b, " %d>%d:%dB/%v", p.RequestFrame, p.ReplyFrame, p.Bytes, p.RTT)
		}
		b.WriteByte('\n')
	}
	if k := s.Cadence; k != nil {
		fmt.Fprintf(b, "  cadence by=%s beats=%d periods=%d median=%v missed=%d bunched=%d jitter=%v\n", sideName(k.Sender), k.Beats, k.Period.N, k.Period.P50, k.Missed, k.Bunched, k.Jitter.Round(time.Microsecond))
	}
	for _, st := range s.Steps {
		fmt.Fprintf(b, "  %d %s %s [%d+%d) ack=%d win=%d %s/%s%s\n", st.Frame, sideName(st.From), st.Flags, st.Offset, st.Length, st.Ack, st.Window,
			st.States[0], st.States[1], markNames(st.Marks))
	}
}

func sideName(s sessions.Side) string {
	switch s {
	case sessions.Client:
		return "client"
	case sessions.Server:
		return "server"
	}
	return "-"
}

// markNames spells the marks but those that most segments have.
func markNames(m sessions.Mark) (out string) {
	for _, x := range []struct {
		m    sessions.Mark
		name string
	}{{sessions.MarkRetransmission, "retransmission"}, {sessions.MarkSpurious, "spurious"}, {sessions.MarkOutOfOrder, "out-of-order"},
		{sessions.MarkKeepAlive, "keep-alive"}, {sessions.MarkWindowProbe, "window-probe"}, {sessions.MarkZeroWindow, "zero-window"},
		{sessions.MarkDuplicateACK, "duplicate-ack"}, {sessions.MarkIgnored, "ignored"}, {sessions.MarkSYNRepeated, "syn-repeated"}, {sessions.MarkHole, "hole"}} {
		if m.Has(x.m) {
			out += " " + x.name
		}
	}
	return out
}
