package ladder_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/ladder/laddertest"
	"tcptrace/sessions/sessionstest/examples"
)

// The runs in testdata/truth were captured at both ends of a link with delay, loss or reordering, with the calls of both
// programs and the kernel's own log of every state (tracepoint inet_sock_set_state). Together they are the measure of the
// table.

// truthJournals reads the calls of a run, shifted in time and in the given order.
func truthJournals(t *testing.T, name string, shift time.Duration, reverse bool) (sources []ladder.Source) {
	t.Helper()
	sources = examples.Journals(t, testfiles.Truth(t, name))
	if reverse {
		slices.Reverse(sources)
	}
	for _, src := range sources {
		for i := range src.Journal.Entries {
			src.Journal.Entries[i].Start += int64(shift)
		}
	}
	return sources
}

// truthCaptures are the captures of all runs: "far-side-10ms/capA.pcap".
func truthCaptures(t *testing.T) (names []string) {
	files, _ := filepath.Glob(testfiles.Truth(t, "*", "*.pcap"))
	if len(files) < 15 {
		t.Fatalf("only %d captures", len(files))
	}
	for _, f := range files {
		names = append(names, filepath.Join(filepath.Base(filepath.Dir(f)), filepath.Base(f)))
	}
	return names
}

var kernelLine = regexp.MustCompile(`sport=(\d+) dport=(\d+) saddr=(\S+) daddr=(\S+) .*oldstate=TCP_(\S+) newstate=TCP_(\S+)`)

// kernelStates reads the states that the kernel gave each end of every connection, by "own address:port peer:port". The
// kernel logs the end of FIN-WAIT-2 and CLOSING as CLOSE, because TIME-WAIT has a socket of its own.
func kernelStates(t *testing.T, name string) map[string][]string {
	t.Helper()
	f, err := os.Open(testfiles.Truth(t, name, "states.kernel.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	names := map[string]string{"SYN_SENT": "SYN-SENT", "SYN_RECV": "SYN-RECEIVED", "ESTABLISHED": "ESTABLISHED", "FIN_WAIT1": "FIN-WAIT-1",
		"FIN_WAIT2": "FIN-WAIT-2", "CLOSE_WAIT": "CLOSE-WAIT", "CLOSING": "CLOSING", "LAST_ACK": "LAST-ACK", "CLOSE": "end"}
	out := map[string][]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		m := kernelLine.FindStringSubmatch(lines.Text())
		if m == nil || m[6] == "LISTEN" || m[5] == "LISTEN" && m[6] == "CLOSE" {
			continue
		}
		if m[1] == "0" { // SYN-SENT before the port is chosen
			continue
		}
		key := fmt.Sprintf("%s:%s %s:%s", m[3], m[1], m[4], m[2])
		out[key] = append(out[key], names[m[6]])
		out[key] = slices.Compact(out[key]) // a close() while data waits is logged once for the state and once for the FIN
	}
	return out
}

// tableStates are the states that a table shows for one side, without those before its first segment.
func tableStates(l *ladder.Table, side sessions.Side) (states []string) {
	for i := range l.Rows {
		h := &l.Rows[i].Sides[side]
		if l.Rows[i].Step < 0 || !h.State.Shown || !h.Signal.Shown {
			continue
		}
		name := h.State.TCP.String()
		if h.State.TCP == sessions.TimeWait || h.State.TCP == sessions.Closed {
			name = "end"
		}
		if len(states) == 0 || states[len(states)-1] != name {
			states = append(states, name)
		}
	}
	return states
}

// TestStatesAreTheKernels holds that each side's states, from either end's capture, with calls and without, are those that
// the kernel logged.
func TestStatesAreTheKernels(t *testing.T) {
	compared := 0
	for _, name := range truthCaptures(t) {
		run := filepath.Dir(name)
		kernel := kernelStates(t, run)
		for _, sources := range [][]ladder.Source{nil, truthJournals(t, run, 0, false)} {
			tr := examples.Whole(t, testfiles.Truth(t, name), sources)
			for _, s := range tr.Sessions {
				l := ladder.Build(s, tr, ladder.Options{All: true})
				for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
					want := kernel[s.EndPoint(side).String()+" "+s.EndPoint(side.Other()).String()]
					got := tableStates(l, side)
					if len(want) == 0 || s.Handshake == nil || s.End == sessions.EndRefused {
						continue
					}
					if side == sessions.Client { // the kernel knows no port yet when the SYN leaves
						want = append([]string{"SYN-SENT"}, want...)
					}
					if !slices.Contains(got, "FIN-WAIT-2") && slices.Contains(want, "CLOSE-WAIT") == slices.Contains(got, "CLOSE-WAIT") {
						// The ACK of the FIN came with the other FIN: the kernel passes through within one segment.
						want = slices.DeleteFunc(slices.Clone(want), func(s string) bool { return s == "FIN-WAIT-2" })
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s session %d side %d (-kernel +table):\n%s", name, s.ID, side, diff)
					}
					compared++
				}
			}
		}
	}
	if compared < 40 {
		t.Errorf("only %d sides compared", compared)
	}
}

// tie is how well a capture at one end tells when a segment reached the other: the link of the runs delays each segment by
// some milliseconds more or less. Whether a call that is as short waited for its segment, only the near capture can tell.
const tie = 10 * time.Millisecond

// TestBothEndsAgree holds that the tables from both ends' captures of one run have the same calls, states and results.
func TestBothEndsAgree(t *testing.T) {
	runs := 0
	for _, name := range truthCaptures(t) {
		run := filepath.Dir(name)
		if filepath.Base(name) != "capB.pcap" {
			continue
		}
		runs++
		a := examples.Whole(t, testfiles.Truth(t, run, "capA.pcap"), truthJournals(t, run, 0, false))
		b := examples.Whole(t, testfiles.Truth(t, name), truthJournals(t, run, 0, false))
		if len(a.Sessions) != len(b.Sessions) {
			t.Fatalf("%s: %d and %d sessions", run, len(a.Sessions), len(b.Sessions))
		}
		for i := range a.Sessions {
			sa, sb := a.Sessions[i], b.Sessions[i]
			if sa.End != sb.End || sa.States != sb.States || sa.ClosedFirst != sb.ClosedFirst || sa.ClosedTogether != sb.ClosedTogether {
				t.Errorf("%s session %d: ends %v and %v, states %v and %v, closed first by %v and %v", run, i+1, sa.End, sb.End, sa.States, sb.States,
					sa.ClosedFirst, sb.ClosedFirst)
			}
			la, lb := ladder.Build(sa, a, ladder.Options{}), ladder.Build(sb, b, ladder.Options{})
			for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
				if diff := cmp.Diff(laddertest.Doings(la, side, tie), laddertest.Doings(lb, side, tie)); diff != "" {
					t.Errorf("%s session %d side %d (-A +B):\n%s", run, i+1, side, diff)
				}
			}
		}
	}
	if runs < 5 {
		t.Errorf("only %d runs with two captures", runs)
	}
}

// drifting lets the clocks of journals gain 200 millionths, which a cheap quartz does.
func drifting(sources []ladder.Source) []ladder.Source {
	for _, src := range sources {
		for i := range src.Journal.Entries {
			e := &src.Journal.Entries[i]
			e.Start += (e.Start - src.Journal.Entries[0].Start) / 5000
		}
	}
	return sources
}

// TestClocksChangeNothing holds that shifting every journal by hours, other orders of the journals' files, and a clock that
// drifts leave the table as it is.
func TestClocksChangeNothing(t *testing.T) {
	for _, name := range truthCaptures(t) {
		run := filepath.Dir(name)
		want := examples.Whole(t, testfiles.Truth(t, name), truthJournals(t, run, 0, false))
		for what, sources := range map[string][]ladder.Source{
			"3 h late":  truthJournals(t, run, 3*time.Hour, false),
			"2 h early": truthJournals(t, run, -2*time.Hour, true),
			"reversed":  truthJournals(t, run, 0, true),
			"200 ppm":   drifting(truthJournals(t, run, 0, false)),
		} {
			got := examples.Whole(t, testfiles.Truth(t, name), sources)
			for i := range want.Sessions {
				lw, lg := ladder.Build(want.Sessions[i], want, ladder.Options{}), ladder.Build(got.Sessions[i], got, ladder.Options{})
				for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
					if diff := cmp.Diff(laddertest.Doings(lw, side, tie), laddertest.Doings(lg, side, tie)); diff != "" {
						t.Errorf("%s session %d side %d, %s:\n%s", name, i+1, side, what, diff)
					}
				}
			}
		}
	}
}

// TestClocksOfOneMachineAreLeftAlone holds that no journal is moved, and none called contradictory, that was written on the
// clock of the capture.
func TestClocksOfOneMachineAreLeftAlone(t *testing.T) {
	for _, name := range truthCaptures(t) {
		sources := truthJournals(t, filepath.Dir(name), 0, false)
		tr := examples.Whole(t, testfiles.Truth(t, name), sources)
		if len(tr.Clocks) == 0 && len(sources) > 0 {
			t.Errorf("%s: no clock was looked at", name)
		}
		for _, c := range tr.Clocks {
			if c.Offset != 0 || c.Bound != 0 || c.Contradicts {
				t.Errorf("%s: the clock of %s moved by %v, to within %v, contradicts itself: %v", name, c.Journal, c.Offset, c.Bound, c.Contradicts)
			}
		}
	}
}
