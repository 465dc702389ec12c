package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"math/rand"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"tcptrace/capture"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest/examples"
	"tcptrace/words"
)

// svgOf draws a plot as SVG and checks what holds for every one.
func svgOf(tb testing.TB, kind Kind, t *sessions.Trace, ids []int, lang string) string {
	tb.Helper()
	var buf bytes.Buffer
	if err := Draw(&buf, kind, t, ids, Options{Lang: lang}); err != nil {
		tb.Fatalf("%s: %v", kind, err)
	}
	checkSVG(tb, buf.String())
	return buf.String()
}

// checkSVG: well-formed, self-contained, without scripts, with numbers only where numbers belong.
func checkSVG(tb testing.TB, svg string) {
	tb.Helper()
	dec := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			tb.Fatalf("not well-formed: %v", err)
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "svg", "g", "path", "text", "title":
		default:
			tb.Errorf("element %q", start.Name.Local)
		}
		for _, a := range start.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") {
				tb.Errorf("attribute %s", a.Name.Local)
			}
			if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") || strings.Contains(a.Value, "url(") {
				tb.Errorf("attribute %s=%q", a.Name.Local, a.Value)
			}
		}
	}
	if !strings.HasPrefix(svg, "<svg ") || !strings.Contains(svg, `font-family="Liberation Sans, Arial, Helvetica, sans-serif"`) {
		tb.Errorf("begins %.120q", svg)
	}
	if strings.Count(svg, "font-family") != 1 || strings.Contains(svg, "@font-face") {
		tb.Error("the family must be named once, and no font embedded")
	}
}

func TestPlotGolden(t *testing.T) {
	trace := examples.Genuine(t, "pico-normal")
	for _, kind := range Kinds() {
		for _, lang := range []string{"es", "en"} {
			got := svgOf(t, kind, trace, nil, lang)
			path := filepath.Join("testdata", fmt.Sprintf("%s.%s.svg", kind, lang))
			if *testfiles.Update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; look at it, then run the test with -update", path)
			}
		}
	}
}

func TestPlotSameBytesEveryTime(t *testing.T) {
	trace := examples.Genuine(t, "pico-early-4k")
	for _, format := range []string{"svg", "png"} {
		for _, kind := range Kinds() {
			outs := make([]bytes.Buffer, 3)
			var wg sync.WaitGroup
			for i := range outs {
				wg.Go(func() {
					if err := Draw(&outs[i], kind, trace, nil, Options{Format: format}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if !bytes.Equal(outs[0].Bytes(), outs[1].Bytes()) || !bytes.Equal(outs[0].Bytes(), outs[2].Bytes()) {
				t.Errorf("%s %s: not the same bytes", kind, format)
			}
		}
	}
}

func TestPlotWidth(t *testing.T) {
	trace := examples.Genuine(t, "pico-fixed")
	for _, width := range []int{0, 333, 1234} {
		var buf bytes.Buffer
		if err := Draw(&buf, Echo, trace, []int{2}, Options{Width: width, Format: "png"}); err != nil {
			t.Fatal(err)
		}
		pic, err := png.DecodeConfig(&buf)
		if err != nil {
			t.Fatal(err)
		}
		want := width
		if want == 0 {
			want = 1000
		}
		if pic.Width != want {
			t.Errorf("PNG is %d px wide, want %d", pic.Width, want)
		}
		buf.Reset()
		if err := Draw(&buf, Echo, trace, []int{2}, Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(buf.String(), fmt.Sprintf(` width="%d" `, want)) || !strings.Contains(buf.String(), `viewBox="0 0 750 `) {
			t.Errorf("SVG begins %.150q", buf.String())
		}
	}
}

func TestPlotRefusesOptions(t *testing.T) {
	trace := examples.Genuine(t, "pico-fixed")
	for name, call := range map[string]struct {
		kind Kind
		o    Options
	}{
		"kind":      {"pie", Options{}},
		"format":    {Echo, Options{Format: "gif"}},
		"too small": {Echo, Options{Width: 10}},
		"too large": {Echo, Options{Width: 100000}},
	} {
		var buf bytes.Buffer
		err := Draw(&buf, call.kind, trace, nil, call.o)
		if err == nil || errors.Is(err, ErrNothingToPlot) || buf.Len() > 0 {
			t.Errorf("%s: error %v, %d bytes", name, err, buf.Len())
		}
	}
}

func TestNothingToPlot(t *testing.T) {
	normal := examples.Genuine(t, "pico-normal")
	untimed := examples.Genuine(t, "pico-normal")
	untimed.Capture.HasTimes = false
	bare := &sessions.Trace{Sessions: []*sessions.Session{
		{ID: 1, Cadence: &sessions.Cadence{Beats: 1, Times: []int64{5}}, Echo: &sessions.Echo{}},
	}}
	bare.Capture.HasTimes = true
	empty := &sessions.Trace{}
	empty.Capture.HasTimes = true
	for name, call := range map[string]struct {
		trace *sessions.Trace
		ids   []int
		kinds []Kind
	}{
		"no sessions":        {empty, nil, Kinds()},
		"no such session":    {normal, []int{77}, Kinds()},
		"no times":           {untimed, nil, Kinds()},
		"one beat, no echo":  {bare, nil, Kinds()},
		"not in the session": {normal, []int{2}, []Kind{Cadence}},
		"no partner":         {examples.Genuine(t, "pico-server-rst"), nil, []Kind{Phase}},
	} {
		for _, kind := range call.kinds {
			var buf bytes.Buffer
			err := Draw(&buf, kind, call.trace, call.ids, Options{})
			if !errors.Is(err, ErrNothingToPlot) || buf.Len() > 0 {
				t.Errorf("%s, %s: error %v, %d bytes", name, kind, err, buf.Len())
			}
		}
	}
}

// hardTraces are traces that a hostile or broken capture could give.
func hardTraces() map[string]*sessions.Trace {
	pico, pc := netip.MustParseAddr("192.168.1.57"), netip.MustParseAddr("192.168.1.3")
	build := func(times []int64, samples []sessions.EchoSample, steps []sessions.Step) *sessions.Trace {
		t := &sessions.Trace{Sessions: []*sessions.Session{
			{ID: 1, Client: netip.AddrPortFrom(pico, 50000), Server: netip.AddrPortFrom(pc, 9001),
				Cadence: &sessions.Cadence{Times: times, Beats: int64(len(times))}, Steps: steps},
			{ID: 2, Client: netip.AddrPortFrom(pc, 40000), Server: netip.AddrPortFrom(pico, 9000),
				Handshake: &sessions.Handshake{HasRTT: true, RTT: time.Millisecond},
				Echo:      &sessions.Echo{Samples: samples}, Steps: steps},
		}}
		t.Capture.HasTimes = true
		t.Capture.FirstTime = 1e18
		return t
	}
	const at = int64(1e18)
	year := int64(365 * 24 * time.Hour)
	step := func(ns, offset, ack, window int64, length int32, marks sessions.Mark) sessions.Step {
		return sessions.Step{Time: ns, Offset: offset, Ack: ack, Window: window, Length: length, Flags: capture.ACK, Marks: marks}
	}
	return map[string]*sessions.Trace{
		"all at once": build([]int64{at, at, at}, []sessions.EchoSample{{Sent: at}, {Sent: at}}, []sessions.Step{step(at, 0, 0, 0, 0, 0)}),
		"backwards": build([]int64{at, at - 5e9, at - 9e9}, []sessions.EchoSample{{Sent: at - 6e9, RTT: -time.Second}},
			[]sessions.Step{step(at, 0, 0, 9, 5, 0), step(at-9e9, 5, 5, 9, 5, 0)}),
		"decades": build([]int64{at, at + 20*year, at + 20*year + 1}, []sessions.EchoSample{{Sent: at + 1, RTT: time.Duration(19 * year)}},
			[]sessions.Step{step(at, 0, 0, 9, 5, 0), step(at+20*year, 5, 5, 9, 5, 0)}),
		"a nanosecond in decades": build([]int64{at + 20*year, at + 20*year + 1}, []sessions.EchoSample{{Sent: at + 20*year, RTT: 1}},
			[]sessions.Step{step(at+20*year, 0, 0, 9, 5, 0), step(at+20*year+1, 5, 5, 9, 5, 0)}),
		"before the start of the stream": build([]int64{at, at + 1e9}, []sessions.EchoSample{{Sent: at, RTT: 1e6}},
			[]sessions.Step{step(at, -3000, -1, 0, 1000, sessions.MarkRetransmission), step(at+1, -2000, 1<<40, 1<<30, 1<<30, sessions.MarkZeroWindow)}),
		"nothing moves": build([]int64{0, math.MaxInt64}, []sessions.EchoSample{{Sent: math.MaxInt64, RTT: math.MaxInt64}},
			[]sessions.Step{step(math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt32, math.MaxUint16)}),
	}
}

func TestPlotHardTraces(t *testing.T) {
	for name, trace := range hardTraces() {
		for _, kind := range Kinds() {
			var svg, pic bytes.Buffer
			err := Draw(&svg, kind, trace, nil, Options{})
			if errors.Is(err, ErrNothingToPlot) {
				continue
			}
			if err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
				continue
			}
			t.Run(name+" "+string(kind), func(t *testing.T) { checkSVG(t, svg.String()) })
			if err := Draw(&pic, kind, trace, nil, Options{Format: "png", Width: 400}); err != nil {
				t.Errorf("%s, %s: PNG: %v", name, kind, err)
			}
		}
	}
}

// manyBeats is a long capture: regular beats, some missed and some bunched, an echo in every third period.
func manyBeats(pairs, beats int) *sessions.Trace {
	r := rand.New(rand.NewSource(1))
	t := &sessions.Trace{}
	t.Capture.HasTimes = true
	at := int64(1e18)
	t.Capture.FirstTime = at
	pico, pc := netip.MustParseAddr("192.168.1.57"), netip.MustParseAddr("192.168.1.3")
	for i := range pairs {
		s := &sessions.Session{ID: 2*i + 1, Client: netip.AddrPortFrom(pico, uint16(49152+i%16000)), Server: netip.AddrPortFrom(pc, 9001),
			Cadence: &sessions.Cadence{Beats: int64(beats)}}
		e := &sessions.Session{ID: 2*i + 2, Client: netip.AddrPortFrom(pc, uint16(32768+i%16000)), Server: netip.AddrPortFrom(pico, 9000),
			Handshake: &sessions.Handshake{RTT: 4 * time.Millisecond, HasRTT: true}, Echo: &sessions.Echo{}}
		for range beats {
			gap := int64(1.004e9 + r.NormFloat64()*3e6)
			switch r.Intn(50) {
			case 0, 1:
				gap *= 2
			case 2:
				gap /= 4
			}
			if r.Intn(3) == 0 {
				wait := int64(r.Float64() * float64(gap))
				e.Echo.Samples = append(e.Echo.Samples, sessions.EchoSample{Sent: at + wait, RTT: time.Duration(gap-wait) + 300*time.Microsecond})
			}
			at += gap
			s.Cadence.Times = append(s.Cadence.Times, at)
		}
		setCadence(s.Cadence)
		t.Sessions = append(t.Sessions, s, e)
	}
	return t
}

func TestPlotStaysSmall(t *testing.T) {
	for name, trace := range map[string]*sessions.Trace{"long": manyBeats(1, 30000), "many": manyBeats(3000, 10)} {
		for _, kind := range []Kind{Cadence, Echo, Phase} {
			svg := svgOf(t, kind, trace, nil, "en")
			if len(svg) > 300_000 {
				t.Errorf("%s, %s: %d bytes", name, kind, len(svg))
			}
			if name == "long" && !strings.Contains(svg, "drawn: ") {
				t.Errorf("%s, %s: does not say that not all is drawn", name, kind)
			}
			if name == "many" && !strings.Contains(svg, "other sessions: ") {
				t.Errorf("%s, %s: does not say that there are more sessions", name, kind)
			}
		}
	}
	long := &sessions.Trace{Sessions: []*sessions.Session{{ID: 1}}}
	long.Capture.HasTimes = true
	for i := range 50000 {
		long.Sessions[0].Steps = append(long.Sessions[0].Steps,
			sessions.Step{Time: int64(2 * i), Length: 10, Offset: int64(10 * i), Marks: sessions.MarkRetransmission},
			sessions.Step{Time: int64(2*i + 1), From: sessions.Server, Flags: capture.ACK, Ack: int64(10 * i), Window: 5000})
	}
	if svg := svgOf(t, Sequence, long, nil, "en"); len(svg) > 400_000 {
		t.Errorf("sequence: %d bytes", len(svg))
	}
}

// A zone is a name that comes from somewhere else.
func TestPlotZoneStaysOut(t *testing.T) {
	trace := examples.Genuine(t, "pico-fixed")
	for _, s := range trace.Sessions {
		s.Client = netip.AddrPortFrom(netip.MustParseAddr("fe80::1%<script>alert(1)</script>"), s.Client.Port())
	}
	for _, kind := range []Kind{Cadence, Echo, Sequence} {
		svg := svgOf(t, kind, trace, nil, "es")
		if strings.Contains(svg, "script") || !strings.Contains(svg, "[fe80::1]:63731") {
			t.Errorf("%s: end points are not addresses alone", kind)
		}
	}
}

// Panels that share an axis must agree about where it is, whatever their labels are.
func TestPlotPanelsLineUp(t *testing.T) {
	trace := examples.Genuine(t, "pico-early-4k")
	chosen, err := plotSessions(trace, nil)
	if err != nil {
		t.Fatal(err)
	}
	cadence, err := cadencePage(trace, chosen, words.NewPlot(words.ES))
	if err != nil {
		t.Fatal(err)
	}
	sequence, err := sequencePage(trace, chosen, words.NewPlot(words.ES))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []*plotPage{cadence, sequence} {
		page.measured = page.headHeight(page.headLines())
		page.place(draw.NewCanvas(&recorder.Canvas{}, pageWidth, page.measured+page.height+pageEdge))
		for i, a := range page.panels {
			for _, b := range page.panels[:i] {
				da, db := a.axes.DataCanvas(a.area), b.axes.DataCanvas(b.area)
				apart := func(x, y vg.Length) bool { return math.Abs(float64(x-y)) > 0.3 }
				if a.left == b.left && apart(da.Min.X, db.Min.X) || a.right == b.right && apart(da.Max.X, db.Max.X) {
					t.Errorf("%s: panels reach from %.2f to %.2f and from %.2f to %.2f", page.title, da.Min.X, da.Max.X, db.Min.X, db.Max.X)
				}
				if a.bottom == b.bottom && (apart(da.Min.Y, db.Min.Y) || apart(da.Max.Y, db.Max.Y)) {
					t.Errorf("%s: panels stand from %.2f to %.2f and from %.2f to %.2f", page.title, da.Min.Y, da.Max.Y, db.Min.Y, db.Max.Y)
				}
				if a.bottom <= b.top == (b.bottom <= a.top) && a.right <= b.left == (b.right <= a.left) {
					t.Errorf("%s: panels %d and another cover each other", page.title, i)
				}
			}
		}
	}
}

// BenchmarkPlots draws the four plots of a capture of the notebook's size: 33 beats, 8 echoes, 143 steps.
func BenchmarkPlots(b *testing.B) {
	trace := examples.Genuine(b, "pico-normal")
	for _, format := range []string{"svg", "png"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				for _, kind := range Kinds() {
					if err := Draw(io.Discard, kind, trace, nil, Options{Format: format}); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
