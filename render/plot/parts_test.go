package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/sessions/sessionstest/examples"
)

func labels(ticks []plot.Tick) string {
	var out []string
	for _, t := range ticks {
		if t.Label != "" {
			out = append(out, t.Label)
		}
	}
	return strings.Join(out, " ")
}

func TestLinearTicks(t *testing.T) {
	for _, c := range []struct {
		span plotSpan
		unit plotUnit
		n    int
		want string
	}{
		{plotSpan{-0.3, 10.2}, unitSecond, 5, "0 2 4 6 8 10"},
		{plotSpan{0.992, 1.056}, unitSecond, 7, "1.00 1.01 1.02 1.03 1.04 1.05"},
		{plotSpan{0, 0.99}, unitMilli, 5, "0 200 400 600 800"},
		{plotSpan{-60, 4600}, unitKilo, 5, "0 1 2 3 4"},
		{plotSpan{1, 1}, unitSecond, 5, "1"},
		{plotSpan{0, math.Inf(1)}, unitSecond, 5, ""},
		{plotSpan{math.NaN(), 1}, unitSecond, 5, ""},
		{plotSpan{1e300, 2e300}, unitSecond, 1, "1" + strings.Repeat("0", 300)},
	} {
		got := labels(linearTicks(c.span, c.unit, c.n))
		if c.want != got && !(len(c.want) > 100 && len(got) > 100) {
			t.Errorf("ticks of %v in %s: %q, want %q", c.span, c.unit.name, got, c.want)
		}
	}
	// Below the precision of a float64 the loop must end all the same.
	linearTicks(plotSpan{1.8e9, 1.8e9 + 1e-6}, unitMicro, 8)
}

func TestLogTimeTicks(t *testing.T) {
	if got := labels(logTimeTicks(plotSpan{0.00009, 1.3})); got != "100 µs 1 ms 10 ms 100 ms 1 s" {
		t.Errorf("wide: %q", got)
	}
	if got := labels(logTimeTicks(plotSpan{0.0015, 0.06})); got != "2 ms 5 ms 10 ms 20 ms 50 ms" {
		t.Errorf("narrow: %q", got)
	}
}

func TestClockTicksDoNotCollide(t *testing.T) {
	for _, s := range []plotSpan{{0, 32}, {3600, 3600.00003}, {4.3e-3, 4.4e-3}, {86400, 86500}, {0, 90000}} {
		letters := 0
		for _, tick := range clockTicks(s, clockUnit(s)) {
			letters += len(tick.Label) + 2
		}
		if letters == 0 || letters > 100 {
			t.Errorf("%v: labels of %d letters", s, letters)
		}
	}
}

func TestPlotDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 µs", 183 * time.Microsecond: "183 µs", 999600: "1.0 ms", 15010 * time.Microsecond: "15.0 ms",
		99600 * time.Microsecond: "100 ms", 546009 * time.Microsecond: "546 ms", 999600 * time.Microsecond: "1.000 s",
		1005744 * time.Microsecond: "1.006 s", -time.Second: "-1.000 s", math.MinInt64: "-0 µs",
	} {
		if got := plotDuration(d); got != want {
			t.Errorf("%d ns: %q, want %q", d, got, want)
		}
	}
}

func TestThinnedKeepsExtremes(t *testing.T) {
	var pts plotter.XYs
	for i := range 10001 {
		pts = append(pts, plotter.XY{X: float64(i), Y: math.Sin(float64(i) / 50)})
	}
	pts[5003].Y, pts[9998].Y = 7, -7
	for name, kept := range map[string]plotter.XYs{"thinned": thinned(pts, 100), "sampled": sampled(pts, 100)} {
		low, high := emptySpan(), 0
		for _, p := range kept {
			low.include(p.Y)
			if p.Y == 7 || p.Y == -7 {
				high++
			}
		}
		if len(kept) > 104 || low != (plotSpan{-7, 7}) || high < 2 {
			t.Errorf("%s: %d points from %v to %v", name, len(kept), low.min, low.max)
		}
	}
	line := thinned(pts, 100)
	if !slices.IsSortedFunc(line, func(a, b plotter.XY) int { return int(a.X - b.X) }) {
		t.Error("thinned changes the order")
	}
	if len(thinned(pts[:50], 100)) != 50 || len(sampled(pts[:50], 100)) != 50 {
		t.Error("few points must stay as they are")
	}
}

func TestWrapText(t *testing.T) {
	style := plotText(sizeText, inkText)
	long := strings.Repeat("palabra ", 40)
	for _, line := range wrapText(long, style, 200) {
		if style.Width(line) > 200 {
			t.Errorf("%q does not fit", line)
		}
	}
	if got := strings.Join(wrapText(long, style, 200), " "); got != strings.TrimSpace(long) {
		t.Errorf("words lost: %q", got)
	}
	if got := wrapText("una", style, 1); len(got) != 1 || got[0] != "una" {
		t.Errorf("%q", got)
	}
}

func TestIntervalsOf(t *testing.T) {
	trace := &sessions.Trace{}
	at := func(seconds ...float64) *sessions.Session {
		c := &sessions.Cadence{}
		for _, s := range seconds {
			c.Times = append(c.Times, int64(s*1e9))
		}
		return &sessions.Session{Cadence: c}
	}
	c, ok := intervalsOf(trace, at(0, 1, 2, 3, 5.1, 6.1, 6.4, 7.4))
	if !ok || len(c.normal) != 5 || len(c.missed) != 1 || len(c.bunched) != 1 || c.missed[0].X != 5.1 {
		t.Errorf("%+v", c)
	}
	// The place where beats were not kept is not a missed beat.
	s := at(0, 1, 2, 3, 500, 501, 502)
	s.Cadence.TimesLeftOut = 496
	if c, _ := intervalsOf(trace, s); len(c.normal) != 5 || len(c.missed) != 0 {
		t.Errorf("left out: %+v", c)
	}
	s = at(0, 500)
	s.Cadence.TimesLeftOut = 496
	if _, ok := intervalsOf(trace, s); ok {
		t.Error("the gap alone is no interval")
	}
}

func TestUsualSpan(t *testing.T) {
	few := usualSpan([]float64{1, 1.01, 9})
	if few != (plotSpan{1, 9}) {
		t.Errorf("few values are all usual: %v", few)
	}
	many := make([]float64, 100)
	for i := range many {
		many[i] = 1 + float64(i%7)/1000
	}
	many[50] = 1.4
	if got := usualSpan(many); got != (plotSpan{1, 1.006}) {
		t.Errorf("one far value: %v", got)
	}
}

// setCadence measures made-up beats.
func setCadence(c *sessions.Cadence) {
	var gaps []time.Duration
	for i := 1; i < len(c.Times); i++ {
		gaps = append(gaps, time.Duration(c.Times[i]-c.Times[i-1]))
	}
	slices.Sort(gaps)
	c.Period = sessions.Stats{N: int64(len(gaps)), P50: rhythm.Median(gaps)}
	for _, g := range gaps {
		c.Period.Mean += g / time.Duration(len(gaps))
	}
}

func TestCadenceLines(t *testing.T) {
	trace := examples.Genuine(t, "pico-server-rst")
	svg := svgOf(t, Cadence, trace, nil, "en")
	for _, want := range []string{"1.000 s = sleep(1)", "1.050 s = sleep(1)", "beats: 10", "192.168.1.57:59861 → 192.168.1.3:9001", "interval (s)"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q", want)
		}
	}
	for i := range trace.Sessions[0].Cadence.Times {
		trace.Sessions[0].Cadence.Times[i] = trace.Capture.FirstTime + int64(i)*5e9
	}
	setCadence(trace.Sessions[0].Cadence)
	if svg := svgOf(t, Cadence, trace, nil, "en"); strings.Contains(svg, "sleep(1)") {
		t.Error("the loop's periods have no place beside a period of 5 s")
	}
}

func TestEchoFloor(t *testing.T) {
	trace := examples.Genuine(t, "pico-normal")
	pc, ok := echoesOf(trace, trace.Sessions[0])
	if !ok {
		t.Fatal("no echoes")
	}
	if f, ok := pc.floorOf(); !ok || !f.half || f.took != 42*time.Microsecond {
		t.Errorf("captured beside the server: %+v", f)
	}
	pico, _ := echoesOf(trace, trace.Sessions[1])
	if f, ok := pico.floorOf(); !ok || f.half || f.took != 5996*time.Microsecond {
		t.Errorf("across the network: %+v", f)
	}
	trace.Sessions[0].Steps = nil
	if f, ok := pc.floorOf(); !ok || f.half {
		t.Errorf("without steps there is the whole handshake only: %+v", f)
	}
	trace.Sessions[0].Handshake, trace.Sessions[1].Handshake = nil, nil
	if pico, _ = echoesOf(trace, trace.Sessions[1]); pico.network != 0 {
		t.Errorf("no handshake, but a network of %v", pico.network)
	}
	if _, ok := pico.floorOf(); ok {
		t.Error("a floor without a handshake")
	}
}

func TestEchoScale(t *testing.T) {
	trace := examples.Genuine(t, "pico-normal")
	if svg := svgOf(t, Echo, trace, []int{2}, "en"); !strings.Contains(svg, "round trip (ms)") || !strings.Contains(svg, ">6.0 ms<") {
		t.Error("the Pico's echoes alone belong on a linear axis in ms over the handshake's 6.00 ms")
	}
	if svg := svgOf(t, Echo, trace, nil, "en"); !strings.Contains(svg, ">100 µs<") || !strings.Contains(svg, ">1 s<") {
		t.Error("100 µs beside 1 s need a logarithmic axis")
	}
}

func TestPhase(t *testing.T) {
	for _, c := range []struct {
		trace  string
		ids    []int
		echoes int
		has    []string
	}{
		{"pico-normal", nil, 8, []string{"Replies: median 183 µs, 8 of 8 within 326 µs", "one loop does both"}},
		{"pico-normal", []int{1}, 8, nil}, // chosen by its beats
		{"pico-normal", []int{2}, 8, nil}, // chosen by its echoes
		{"pico-fixed", nil, 4, []string{"do not wait for the beat"}},
		{"unix-lo-strace", nil, 7, []string{"#2 127.0.0.1", "one loop does both"}}, // one address for all
	} {
		trace := examples.Genuine(t, c.trace)
		svg := svgOf(t, Phase, trace, c.ids, "en")
		for _, want := range c.has {
			if !strings.Contains(svg, want) {
				t.Errorf("%s: no %q", c.trace, want)
			}
		}
		var echoes []phaseEcho
		for _, pair := range phasePairs(trace) {
			for i := range pair.Splits {
				if e, ok := pair.place(trace, &pair.Splits[i]); ok {
					echoes = append(echoes, e)
				}
			}
		}
		if len(echoes) != c.echoes {
			t.Errorf("%s: %d echoes, want %d", c.trace, len(echoes), c.echoes)
		}
	}
}

// A PC that sends evenly is not the rhythm of anything: the session with more beats decides.
func TestPhasePairsPlayOnePart(t *testing.T) {
	trace := examples.Genuine(t, "pico-normal")
	typed := trace.Sessions[1]
	typed.Cadence = &sessions.Cadence{Sender: sessions.Client}
	for _, e := range typed.Echo.Samples {
		typed.Cadence.Times = append(typed.Cadence.Times, e.Sent)
	}
	pairs := phasePairs(trace)
	if len(pairs) != 1 || len(pairs[0].Loop.Sessions) != 1 || pairs[0].Loop.Sessions[0].ID != 1 || pairs[0].Sessions[0] != 2 {
		t.Errorf("%d pairs", len(pairs))
	}
}

func TestPhaseOutsideIsCounted(t *testing.T) {
	trace := examples.Genuine(t, "pico-normal")
	echo := trace.Sessions[1].Echo
	first := trace.Sessions[0].Cadence.Times[0]
	echo.Samples = append(echo.Samples, sessions.EchoSample{Sent: first - 1, RTT: 1}, sessions.EchoSample{Sent: first + 60e9, RTT: 1})
	if svg := svgOf(t, Phase, trace, nil, "en"); !strings.Contains(svg, "echoes outside the beats, not shown: 2") {
		t.Error("two echoes have no beats around them")
	}
}

func TestFlowOf(t *testing.T) {
	early := examples.Genuine(t, "pico-early-4k")
	f := flowOf(early, early.Sessions[1], sessions.Client)
	if len(f.data) != 6 || len(f.repeats) != 10 || len(f.events[eventRetransmission]) != 10 || len(f.events[eventFIN]) != 1 || f.top != 4097 {
		t.Errorf("%d data, %d repeated, top %v", len(f.data), len(f.repeats), f.top)
	}
	if highest, ok := f.windowOnScale(); !ok || highest != 4097+6304-1 && highest != 4097+6303 {
		t.Errorf("the Pico's window reaches to %v, on the scale %v", highest, ok)
	}
	normal := examples.Genuine(t, "pico-normal")
	f = flowOf(normal, normal.Sessions[1], sessions.Client)
	if _, ok := f.windowOnScale(); ok {
		t.Error("6400 bytes of window over 35 of data belong in a strip")
	}
	f = flowOf(normal, normal.Sessions[0], sessions.Server)
	if len(f.events[eventSpurious]) != 1 || len(f.events[eventRetransmission]) != 0 {
		t.Error("a spurious retransmission has its own mark, and only that")
	}
	full := examples.Genuine(t, "nonblocking-partial-send")
	f = flowOf(full, full.Sessions[0], sessions.Client)
	if len(f.events[eventZeroWindow]) < 10 || len(f.events[eventProbe]) != 2 {
		t.Errorf("%d zero windows, %d probes", len(f.events[eventZeroWindow]), len(f.events[eventProbe]))
	}
}

func TestSequenceLeftOut(t *testing.T) {
	trace := examples.Genuine(t, "pico-normal")
	s := trace.Sessions[0]
	s.Steps = append(s.Steps[:20:20], s.Steps[80:]...)
	s.StepsHead, s.StepsLeftOut = 20, 60
	f := flowOf(trace, s, sessions.Client)
	if len(f.acks) != 2 || len(f.acks[0]) == 0 || len(f.acks[1]) == 0 {
		t.Errorf("lines must break where steps are missing: %d parts", len(f.acks))
	}
	if svg := svgOf(t, Sequence, trace, []int{1}, "en"); !strings.Contains(svg, "left out in the middle (grey): 60") {
		t.Error("does not say how many segments are missing")
	}
}

func TestSequenceShowsAFew(t *testing.T) {
	trace := examples.Genuine(t, "pico-normal")
	for i := range 5 {
		s := *trace.Sessions[1]
		s.ID = 10 + i
		trace.Sessions = append(trace.Sessions, &s)
	}
	svg := svgOf(t, Sequence, trace, nil, "en")
	if !strings.Contains(svg, fmt.Sprintf("not shown: %d", 7-maxSequences)) {
		t.Error("does not say how many sessions are missing")
	}
}
