package conversation_test

import (
	"testing"
	"time"

	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/conversation"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/rhythm"
	"tcptrace/sessions/sessionstest/examples"
)

var genuine = []string{"pico-normal", "pico-4k", "pico-fixed", "pico-second-client", "pico-server-rst", "pico-two-gap", "pico-table1",
	"pico-journal-udp", "unix-lo-strace", "table2-nonblocking", "pico-cyw43-trace", "table1-four-way-close"}

func build(t *testing.T, name string, o conversation.Options) (*sessions.Trace, *conversation.Conversation) {
	t.Helper()
	tr := examples.Genuine(t, name)
	if sources := examples.Journals(t, testfiles.Genuine(t, name)); len(sources) > 0 {
		ladder.AddCalls(tr, sources)
	}
	networks := rhythm.NetworksOf(tr.Sessions)
	for _, l := range rhythm.Loops(tr.Sessions) {
		if k := rhythm.LockOf(tr.Sessions, l, networks); k != nil && k.Holds {
			o.Splits = append(o.Splits, k.Splits...)
		}
	}
	return tr, conversation.Build(tr, o)
}

// TestOrder holds that every row of every table is there once, in its table's order, that the axis never runs back, and that
// no host does anything before what it did before.
func TestOrder(t *testing.T) {
	for _, name := range genuine {
		tr, c := build(t, name, conversation.Options{})
		total := 0
		for _, p := range c.Parts {
			total += len(p.Table.Rows)
		}
		next := make([]int, len(c.Parts))
		last := make([]int64, len(c.Hosts))
		polls := 0
		for i := range c.Rows {
			r := &c.Rows[i]
			rows := c.Parts[r.Part].Table.Rows
			for &rows[next[r.Part]] != r.Row {
				if rows[next[r.Part]].Kind != ladder.KindCall {
					t.Fatalf("%s: row %d: its table's row before is not here", name, i)
				}
				polls++
				next[r.Part]++
			}
			next[r.Part]++
			if i > 0 && r.At < c.Rows[i-1].At {
				t.Errorf("%s: row %d is before the one above", name, i)
			}
			if r.Step < 0 {
				continue
			}
			if from := c.Sender(r); r.Departs {
				if r.Left < last[from] {
					t.Errorf("%s: frame %d left too early", name, r.Frame)
				}
				last[from] = r.Left
			}
			if to := c.Receiver(r); r.Arrives {
				if r.Arrived < last[to] || r.Arrived < r.Left {
					t.Errorf("%s: frame %d arrived too early", name, r.Frame)
				}
				last[to] = r.Arrived
			}
		}
		if len(c.Rows)+polls != total || len(tr.Sessions) != len(c.Parts)+c.Others {
			t.Errorf("%s: %d rows and %d polls of others, of %d", name, len(c.Rows), polls, total)
		}
	}
}

// TestFolds holds that only what was seen before is hidden: the captures have more passes than kinds of pass, and a proof stays.
func TestFolds(t *testing.T) {
	for name, want := range map[string]struct{ passes, atLeast int }{"pico-normal": {33, 40}, "pico-4k": {21, 40}, "pico-fixed": {18, 25}, "unix-lo-strace": {30, 80}} {
		_, c := build(t, name, conversation.Options{})
		hidden := 0
		for i := range c.Rows {
			if f := c.Rows[i].Fold; f >= 0 {
				hidden++
				if i < c.Folds[f].First || i > c.Folds[f].Last {
					t.Errorf("%s: row %d is outside of its fold", name, i)
				}
				if c.Rows[i].Step >= 0 {
					st := &c.Parts[c.Rows[i].Part].Table.Session.Steps[c.Rows[i].Step]
					if st.Marks&(sessions.MarkStateChange|sessions.MarkLost) != 0 {
						t.Errorf("%s: frame %d is hidden, though it changes a state", name, st.Frame)
					}
				}
			}
		}
		if len(c.Passes) != want.passes || hidden < want.atLeast {
			t.Errorf("%s: %d passes, %d rows hidden", name, len(c.Passes), hidden)
		}
		for _, f := range c.Folds {
			if f.Passes > 1 && (f.Period < int64(900*time.Millisecond) || f.Period > int64(1200*time.Millisecond)) {
				t.Errorf("%s: passes every %v", name, time.Duration(f.Period))
			}
		}
		for i := range c.Rows {
			if c.Rows[i].Fold < 0 || c.Rows[i].Frame == 0 {
				continue
			}
			frame := c.Rows[i].Frame
			_, shown := build(t, name, conversation.Options{Proof: []int64{frame}})
			if at := shown.ByFrame(frame, false); at < 0 || shown.Rows[at].Fold >= 0 {
				t.Errorf("%s: frame %d proves a finding and is hidden", name, frame)
			}
			break
		}
	}
}

// TestAll holds that nothing is folded where all rows are wanted.
func TestAll(t *testing.T) {
	_, c := build(t, "pico-normal", conversation.Options{Table: ladder.Options{All: true}})
	if len(c.Folds) > 0 {
		t.Errorf("%d folds", len(c.Folds))
	}
}

// TestWaits holds that every echo that waits for the loop has its parts in order, from the arrival of the request to the
// departure of the reply, and as long as the split says, to the estimate of the distance.
func TestWaits(t *testing.T) {
	for name, want := range map[string]int{"pico-normal": 8, "pico-4k": 7, "unix-lo-strace": 7} {
		_, c := build(t, name, conversation.Options{})
		if len(c.Waits) != want {
			t.Errorf("%s: %d waits", name, len(c.Waits))
		}
		for i := range c.Waits {
			w := &c.Waits[i]
			if !c.Rows[w.Request].Arrives || !c.Rows[w.Reply].Departs || c.Receiver(&c.Rows[w.Request]) != w.Host || c.Sender(&c.Rows[w.Reply]) != w.Host {
				t.Errorf("%s: wait %d is not where its frames are", name, i)
			}
			if w.Loop > w.Program || w.Program > w.Stack || w.Stack > w.Until {
				t.Errorf("%s: wait %d: %v", name, i, w)
			}
			if d := time.Duration(w.Until-w.Loop) - (w.Split.RTT - w.Split.Network); d.Abs() > 3*time.Millisecond {
				t.Errorf("%s: wait %d differs by %v from its split", name, i, d)
			}
		}
	}
}
