package lab

import (
	"bytes"
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tcptrace/capture"
	"tcptrace/endpoints"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/ladder/laddertest"
)

// TestBothEndsAgree captures random runs at both ends of links with delays of 0 to 200 ms, loss and reordering, and holds
// that both captures give the same sessions, states, calls and results.
func TestBothEndsAgree(t *testing.T) {
	const runs = 200
	var differ []uint64
	for seed := range uint64(runs) {
		r := randomRun(t, seed)
		if !sameTables(traceAt(t, r, r.WriteCapture, 0), traceAt(t, r, r.WriteAtPico, 0)) {
			differ = append(differ, seed)
		}
	}
	if len(differ) > 0 {
		t.Errorf("%d of %d runs differ: seeds %v", len(differ), runs, differ)
	}
}

// randomRun is a run of the exchange on a random link, captured at both ends.
func randomRun(t *testing.T, seed uint64) *Result {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 1))
	delay := time.Duration(rnd.IntN(200)) * time.Millisecond
	link := LinkOptions{
		Delay: delay, Jitter: delay / 4,
		Loss:    []float64{0, 0, 0.02, 0.05}[rnd.IntN(4)],
		Reorder: []float64{0, 0, 0.03}[rnd.IntN(3)],
	}
	return run(t, Options{Seed: seed + 1, Length: 20 * time.Second, Link: link, BothEnds: true}, exchange(5, 2*time.Second))
}

// TestLateClocksChangeNothing holds that journals on clocks that are two hours late give the tables of journals on the
// capture's own, from either end.
func TestLateClocksChangeNothing(t *testing.T) {
	const runs = 200
	var differ []uint64
	for seed := range uint64(runs) {
		r := randomRun(t, seed)
		for _, write := range []func(io.Writer, capture.FileFormat) error{r.WriteCapture, r.WriteAtPico} {
			if !sameTables(traceAt(t, r, write, 0), traceAt(t, r, write, 2*time.Hour)) {
				differ = append(differ, seed)
			}
		}
	}
	if len(differ) > 0 {
		t.Errorf("%d of %d captures differ: seeds %v", len(differ), 2*runs, differ)
	}
}

// scenariosKnownToDiffer is, by name, how many of TestScenariosAgree's runs have tables that depend on the end that captured,
// or on the journals' clocks. In soft-reset the RST was lost on its way, so that only one end saw it; in server-frozen a RST
// came while a send() was made.
var scenariosKnownToDiffer = map[string]int{"server-frozen": 1, "soft-reset": 3}

// TestScenariosAgree runs every misbehaviour, and the corrected program, on random links and holds that the captures of both
// ends, with journals on the captures' clock and two hours late, give the same tables.
func TestScenariosAgree(t *testing.T) {
	differ := map[string]int{}
	for _, name := range endpoints.ScenarioNames() {
		for seed := range uint64(24) {
			rnd := rand.New(rand.NewPCG(seed/2, 9))
			delay := time.Duration(rnd.IntN(120)) * time.Millisecond
			link := LinkOptions{Delay: delay, Jitter: delay / 4, Loss: []float64{0, 0, 0.03}[rnd.IntN(3)]}
			s, err := endpoints.NewScenario(name, endpoints.Setting{PicoServer: PicoServer, PCServer: PCServer, Fixed: seed%2 == 1, Seed: seed / 2})
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(context.Background(), Options{Seed: seed/2 + 1, Length: min(s.Lasts, 40*time.Second), BothEnds: true, Link: link}, Exchange(s))
			if err != nil {
				t.Fatal(err)
			}
			pc, pico := traceAt(t, r, r.WriteCapture, 0), traceAt(t, r, r.WriteAtPico, 0)
			if !sameTables(pc, pico) || !sameTables(pc, traceAt(t, r, r.WriteCapture, 2*time.Hour)) ||
				!sameTables(pico, traceAt(t, r, r.WriteAtPico, 2*time.Hour)) {
				differ[name]++
			}
		}
	}
	if !maps.Equal(differ, scenariosKnownToDiffer) {
		t.Errorf("%v differ, scenariosKnownToDiffer is %v", differ, scenariosKnownToDiffer)
	}
}

// traceAt reads what one end captured, together with the calls of both programs, whose clocks may be late.
func traceAt(t *testing.T, r *Result, write func(io.Writer, capture.FileFormat) error, late time.Duration) *sessions.Trace {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, capture.FormatPcapNG); err != nil {
		t.Fatal(err)
	}
	src, err := capture.NewSource("run.pcapng", &b, capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tr := traceWithCallsLate(t, r, src, late)
	if err := sessions.Validate(tr); err != nil {
		t.Error(err)
	}
	return tr
}

// sameTables tells whether two captures of one run agree on each session's end, states and table.
func sameTables(a, b *sessions.Trace) bool {
	if len(a.Sessions) != len(b.Sessions) {
		return false
	}
	for _, sa := range a.Sessions {
		i := slices.IndexFunc(b.Sessions, func(s *sessions.Session) bool { return s.Client == sa.Client && s.Server == sa.Server })
		if i < 0 {
			return false
		}
		sb := b.Sessions[i]
		if sa.End != sb.End || sa.States != sb.States || sa.ClosedFirst != sb.ClosedFirst || sa.ClosedTogether != sb.ClosedTogether {
			return false
		}
		ta, tb := ladder.Build(sa, a, ladder.Options{All: true}), ladder.Build(sb, b, ladder.Options{All: true})
		for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
			if !slices.Equal(laddertest.Doings(ta, side, brief), laddertest.Doings(tb, side, brief)) {
				return false
			}
		}
	}
	return true
}

// brief is the longest call of which Doings leaves out whether it waited.
const brief = 10 * time.Millisecond
