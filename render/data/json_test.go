package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/netip"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest/examples"
	"tcptrace/words"
)

// The schema of docs/report.md once more, for encoding/json.

type (
	wireSeconds string
	wireObject  struct {
		Schema   string         `json:"schema"`
		Capture  wireCapture    `json:"capture"`
		Sessions *[]wireSession `json:"sessions,omitempty"`
		Summary  *wireSummary   `json:"summary,omitempty"`
		Findings []int          `json:"findings"`
	}
	wireCapture struct {
		File          *string      `json:"file"`
		Format        *string      `json:"format"`
		LinkTypes     []string     `json:"link_types"`
		Packets       int64        `json:"packets"`
		TCP           int64        `json:"tcp_packets"`
		Watched       int64        `json:"watched_packets"`
		First         *string      `json:"first_time"`
		Last          *string      `json:"last_time"`
		Duration      *wireSeconds `json:"duration_s"`
		KernelDropped *int64       `json:"kernel_dropped"`
		Duplicates    int64        `json:"duplicates"`
		Fragments     int64        `json:"fragments"`
		Undecoded     int64        `json:"undecoded"`
		NotTCP        int64        `json:"not_tcp"`
		Truncated     int64        `json:"truncated_packets"`
		CutHeaders    int64        `json:"cut_headers"`
		Damaged       *wireDamage  `json:"damaged"`
	}
	wireDamage struct {
		At     int64  `json:"at_packet"`
		Offset int64  `json:"offset"`
		What   string `json:"what"`
	}
	wireSession struct {
		ID            int             `json:"id"`
		UID           string          `json:"uid"`
		Client        *string         `json:"client"`
		Server        *string         `json:"server"`
		MAC           [2]*string      `json:"mac"`
		RoleFrom      *string         `json:"role_from"`
		FirstFrame    int64           `json:"first_frame"`
		LastFrame     int64           `json:"last_frame"`
		Offset        [2]int64        `json:"offset"`
		TS            *string         `json:"ts"`
		FirstTime     *wireSeconds    `json:"first_time_s"`
		Duration      *wireSeconds    `json:"duration_s"`
		Packets       [2]int64        `json:"packets"`
		Bytes         [2]int64        `json:"bytes"`
		DataSegments  [2]int64        `json:"data_segments"`
		Retransmitted [2]int64        `json:"retransmitted"`
		Spurious      [2]int64        `json:"spurious"`
		OutOfOrder    [2]int64        `json:"out_of_order"`
		DuplicateACKs [2]int64        `json:"duplicate_acks"`
		ZeroWindows   [2]int64        `json:"zero_windows"`
		KeepAlives    [2]int64        `json:"keep_alives"`
		MissingBytes  [2]int64        `json:"missing_bytes"`
		Lost          *[2]int64       `json:"lost"`
		Near          *[2]wireSeconds `json:"near_s"`
		SYNs          int64           `json:"syns"`
		Handshake     *wireHandshake  `json:"handshake"`
		States        [2]*string      `json:"states"`
		End           string          `json:"end"`
		ClosedFirst   *string         `json:"closed_first"`
		Completeness  uint8           `json:"completeness"`
		ZeekState     *string         `json:"zeek_state"`
		ZeekHistory   *string         `json:"zeek_history"`
		Endpoint      [2]wireEndpoint `json:"endpoint"`
		ACKRTT        [2]*wireStats   `json:"ack_rtt"`
		Echo          *wireEcho       `json:"echo"`
		Cadence       *wireCadence    `json:"cadence"`
	}
	wireHandshake struct {
		SYN      *int64       `json:"syn_frame"`
		SYNACK   *int64       `json:"synack_frame"`
		ACK      *int64       `json:"ack_frame"`
		RTT      *wireSeconds `json:"rtt_s"`
		Complete bool         `json:"complete"`
	}
	wireEndpoint struct {
		Stack *string  `json:"stack"`
		Score int      `json:"score"`
		Why   []string `json:"why"`
	}
	wireStats struct {
		N      int64        `json:"n"`
		Min    *wireSeconds `json:"min"`
		Mean   *wireSeconds `json:"mean"`
		P50    *wireSeconds `json:"p50"`
		P95    *wireSeconds `json:"p95"`
		P99    *wireSeconds `json:"p99"`
		Max    *wireSeconds `json:"max"`
		StdDev *wireSeconds `json:"stddev"`
	}
	wireEcho struct {
		Prefix     string        `json:"prefix"`
		Requests   int64         `json:"requests"`
		Replies    int64         `json:"replies"`
		Matched    int64         `json:"matched"`
		Unanswered int64         `json:"unanswered_bytes"`
		Chunks     *[]int        `json:"chunks,omitempty"`
		RTT        *wireStats    `json:"rtt"`
		Samples    *[]wireSample `json:"samples,omitempty"`
		LeftOut    int64         `json:"samples_left_out,omitempty"`
	}
	wireSample struct {
		Request int64        `json:"request_frame"`
		Reply   int64        `json:"reply_frame"`
		Sent    *wireSeconds `json:"sent_s"`
		RTT     *wireSeconds `json:"rtt_s"`
		Bytes   int          `json:"bytes"`
	}
	wireCadence struct {
		Sender  *string         `json:"sender"`
		Beats   int64           `json:"beats"`
		Period  *wireStats      `json:"period"`
		Steady  bool            `json:"steady"`
		Drift   *wireFloat      `json:"drift_ppm"`
		Jitter  *wireSeconds    `json:"jitter_s"`
		Missed  int64           `json:"missed"`
		Bunched int64           `json:"bunched"`
		Times   *[]*wireSeconds `json:"times_s,omitempty"`
		LeftOut int64           `json:"times_left_out,omitempty"`
	}
	wireFloat   float64
	wireSummary struct {
		Sessions      int64            `json:"sessions"`
		Ends          map[string]int64 `json:"ends"`
		Packets       [2]int64         `json:"packets"`
		Bytes         [2]int64         `json:"bytes"`
		Retransmitted [2]int64         `json:"retransmitted"`
		EchoRTT       *wireStats       `json:"echo_rtt"`
		CadencePeriod *wireStats       `json:"cadence_period"`
		ACKRTT        *wireStats       `json:"ack_rtt"`
		StandOut      []wireSession    `json:"stand_out"`
	}
)

func (s wireSeconds) MarshalJSON() ([]byte, error) { return []byte(s), nil }

func (f wireFloat) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%.3f", float64(f)), nil }

func secondsOf[T ~int64](ns T, known bool) *wireSeconds {
	if !known {
		return nil
	}
	sign, d := "", int64(ns)
	if d < 0 {
		sign, d = "-", -d
	}
	s := wireSeconds(fmt.Sprintf("%s%d.%09d", sign, d/1e9, d%1e9))
	return &s
}

func known[T comparable](v T, known bool) *T {
	if !known {
		return nil
	}
	return &v
}

func orNil(s string) *string { return known(s, s != "") }

func wireOf(t *sessions.Trace, o JSONOptions) any {
	c := &t.Capture
	const layout = "2006-01-02T15:04:05.000000000Z"
	out := wireObject{Schema: "tcptrace/1", Findings: []int{}, Capture: wireCapture{
		orNil(c.File), orNil(c.Format), append([]string{}, c.LinkTypes...), c.Packets, c.TCPPackets, c.Watched,
		known(time.Unix(0, c.FirstTime).UTC().Format(layout), c.HasTimes),
		known(time.Unix(0, c.LastTime).UTC().Format(layout), c.HasTimes),
		secondsOf(c.LastTime-c.FirstTime, c.HasTimes), known(c.KernelDropped, c.HasKernelDropped), c.Copies, c.Fragments,
		c.Undecoded, c.NotTCP, c.Truncated, c.CutHeaders, nil}}
	if c.Damage != nil {
		out.Capture.Damaged = &wireDamage{c.Damage.AtPacket, c.Damage.Offset, c.Damage.What.String()}
	}
	if s := t.Summary; s != nil {
		out.Summary = &wireSummary{s.Sessions, map[string]int64{"open": s.Ends[0], "fin": s.Ends[1], "rst": s.Ends[2],
			"refused": s.Ends[3], "no-answer": s.Ends[4]}, s.Packets, s.Bytes, s.Retransmitted,
			wireStatsOf(s.EchoRTT), wireStatsOf(s.CadencePeriod), wireStatsOf(s.ACKRTT), []wireSession{}}
		for _, x := range s.StandOut {
			out.Summary.StandOut = append(out.Summary.StandOut, wireSessionOf(x, c, true))
		}
		return out
	}
	out.Sessions = &[]wireSession{}
	for _, x := range t.Sessions {
		*out.Sessions = append(*out.Sessions, wireSessionOf(x, c, o.NoSamples))
	}
	return out
}

func wireStatsOf(s sessions.Stats) *wireStats {
	if s.N == 0 {
		return nil
	}
	return &wireStats{s.N, secondsOf(s.Min, true), secondsOf(s.Mean, true), secondsOf(s.P50, true), secondsOf(s.P95, true),
		secondsOf(s.P99, true), secondsOf(s.Max, true), secondsOf(s.StdDev, true)}
}

func macsOf(x *sessions.Session) (p [2]*string) {
	for i := range p {
		p[i] = known(net.HardwareAddr(x.MAC[i][:]).String(), x.HasMAC[i])
	}
	return p
}

func wireSessionOf(x *sessions.Session, c *sessions.Capture, noSamples bool) wireSession {
	hasTime := c.HasTimes && x.FirstTime != math.MinInt64
	sides := map[sessions.Side]*string{sessions.Client: orNil("client"), sessions.Server: orNil("server")}
	out := wireSession{x.ID, fmt.Sprintf("%016x", uint64(x.UID)), wireAddr(x.Client), wireAddr(x.Server), macsOf(x), orNil(x.RoleFrom.String()),
		x.FirstFrame, x.LastFrame, [2]int64{x.FirstOffset, x.LastOffset}, known(time.Unix(0, x.FirstTime).UTC().Format("2006-01-02T15:04:05.000000000Z"), hasTime),
		secondsOf(x.FirstTime-c.FirstTime, hasTime), secondsOf(x.Duration, hasTime && !x.Untimed), x.Packets, x.Bytes, x.DataSegments,
		x.Retransmitted, x.Spurious, x.OutOfOrder, x.DuplicateACKs, x.ZeroWindows, x.KeepAlives, x.MissingBytes, wireLost(x), wireNear(x), x.SYNs, nil,
		[2]*string{}, x.End.String(), sides[x.ClosedFirst], x.Completeness, orNil(x.ZeekState), orNil(x.ZeekHistory),
		[2]wireEndpoint{}, [2]*wireStats{wireStatsOf(x.ACKRTT[0]), wireStatsOf(x.ACKRTT[1])}, nil, nil}
	for i := range 2 {
		out.States[i] = known(x.States[i].String(), x.States[i] != sessions.Undetermined)
		e := x.Endpoint[i]
		out.Endpoint[i] = wireEndpoint{orNil(e.Stack), e.Score, englishOf(e.Why)}
	}
	if h := x.Handshake; h != nil {
		out.Handshake = &wireHandshake{known(h.SYNFrame, h.SYNFrame > 0), known(h.SYNACKFrame, h.SYNACKFrame > 0),
			known(h.ACKFrame, h.ACKFrame > 0), secondsOf(h.RTT, h.HasRTT), h.Complete}
	}
	if e := x.Echo; e != nil {
		out.Echo = &wireEcho{e.Prefix, e.Requests, e.Replies, e.Matched, e.UnansweredBytes, nil, wireStatsOf(e.RTT), nil, 0}
		if !noSamples {
			out.Echo.Chunks, out.Echo.Samples, out.Echo.LeftOut = &[]int{}, &[]wireSample{}, e.SamplesLeftOut
			for _, s := range e.Samples {
				*out.Echo.Chunks = append(*out.Echo.Chunks, s.Bytes)
				*out.Echo.Samples = append(*out.Echo.Samples, wireSample{s.RequestFrame, s.ReplyFrame,
					secondsOf(s.Sent-c.FirstTime, true), secondsOf(s.RTT, true), s.Bytes})
			}
		}
	}
	if d := x.Cadence; d != nil {
		out.Cadence = &wireCadence{sides[d.Sender], d.Beats, wireStatsOf(d.Period), d.Steady,
			known(wireFloat(d.DriftPPM), d.HasDrift && !math.IsNaN(d.DriftPPM)), secondsOf(d.Jitter, d.Period.N > 0), d.Missed, d.Bunched, nil, 0}
		if !noSamples {
			out.Cadence.Times, out.Cadence.LeftOut = &[]*wireSeconds{}, d.TimesLeftOut
			for _, at := range d.Times {
				*out.Cadence.Times = append(*out.Cadence.Times, secondsOf(at-c.FirstTime, true))
			}
		}
	}
	return out
}

func englishOf(list []words.Reason) []string {
	out := []string{}
	for _, r := range list {
		out = append(out, r.String())
	}
	return out
}

func wireLost(x *sessions.Session) *[2]int64 {
	if !x.Settled() {
		return nil
	}
	return (*[2]int64)(&x.Lost)
}

func wireNear(x *sessions.Session) *[2]wireSeconds {
	if !x.Settled() {
		return nil
	}
	near := x.Near()
	return &[2]wireSeconds{*secondsOf(near[0], true), *secondsOf(near[1], true)}
}

func wireAddr(a netip.AddrPort) *string { return known(a.String(), a.IsValid()) }

// decode reads JSON keeping numbers as they are written.
func decode(t testing.TB, b []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("more than one value in\n%s", b)
	}
	return v
}

func writeJSON(t testing.TB, tr *sessions.Trace, o JSONOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestJSONSameAsReflection holds that the appenders write what encoding/json writes from the schema.
func TestJSONSameAsReflection(t *testing.T) {
	for name, tr := range examples.All() {
		for _, o := range []JSONOptions{{}, {NoSamples: true}} {
			want, err := json.Marshal(wireOf(tr, o))
			if err != nil {
				t.Fatal(err)
			}
			got := writeJSON(t, tr, o)
			if diff := cmp.Diff(decode(t, want), decode(t, got)); diff != "" {
				t.Errorf("%s %+v (-want +got):\n%s", name, o, diff)
			}
			if name == "summary" { // encoding/json sorts the names of ends
				continue
			}
			if diff := cmp.Diff(keys(t, want), keys(t, got)); diff != "" {
				t.Errorf("%s %+v: order of members (-want +got):\n%s", name, o, diff)
			}
		}
	}
}

// keys are the names of all members in the order in which they are written.
func keys(t *testing.T, b []byte) (names []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	type level struct{ object, value bool }
	stack := []level{{}}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		top := &stack[len(stack)-1]
		if name, ok := token.(string); ok && top.object && !top.value {
			names = append(names, name)
			top.value = true
			continue
		}
		top.value = false
		switch token {
		case json.Delim('{'), json.Delim('['):
			stack = append(stack, level{object: token == json.Delim('{')})
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
		}
	}
}

func TestJSONGolden(t *testing.T) {
	testfiles.Golden(t, "testdata/report.json", writeJSON(t, examples.Healthy(), JSONOptions{}))
	testfiles.Golden(t, "testdata/summary.json", writeJSON(t, examples.Summary(), JSONOptions{}))
}

// TestJSONIsPrintable holds that hostile text gives neither control characters nor HTML.
func TestJSONIsPrintable(t *testing.T) {
	got := writeJSON(t, examples.Hostile(), JSONOptions{})
	if !utf8.Valid(got) || !json.Valid(got) {
		t.Fatal("not JSON in UTF-8")
	}
	for _, r := range string(got) {
		if r != '\n' && !unicode.IsPrint(r) || r == '<' {
			t.Fatalf("%U passed", r)
		}
	}
}

func TestJSONString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(t, "in"))
		if rapid.Bool().Draw(t, "text") {
			in = rapid.String().Draw(t, "in")
		}
		var e jsonBuffer
		e.quoted(in)
		var got, want string
		if err := json.Unmarshal(e, &got); err != nil {
			t.Fatalf("%v: %s", err, e)
		}
		b, _ := json.Marshal(in)
		_ = json.Unmarshal(b, &want)
		if got != want {
			t.Fatalf("%q instead of %q", got, want)
		}
	})
}

func TestAppendSeconds(t *testing.T) {
	for ns, want := range map[int64]string{0: "0.000000000", 5996000: "0.005996000", 1e9: "1.000000000", -1: "-0.000000001",
		-1500000000: "-1.500000000", math.MaxInt64: "9223372036.854775807", math.MinInt64: "-9223372036.854775808"} {
		if got := string(appendSeconds(nil, ns)); got != want {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	}
}

type failingWriter struct{ left int }

var errDisk = errors.New("disk full")

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errDisk
	}
	return len(b), nil
}

func TestOutputErrors(t *testing.T) {
	tr := examples.Healthy()
	for len(tr.Sessions) < 1000 {
		tr.Sessions = append(tr.Sessions, tr.Sessions[0])
	}
	for name, write := range map[string]func(io.Writer) error{
		"json":     func(w io.Writer) error { return WriteJSON(w, tr, JSONOptions{}) },
		"sessions": func(w io.Writer) error { return WriteSessionsCSV(w, tr, nil) },
		"echoes":   func(w io.Writer) error { return WriteEchoesCSV(w, examples.Healthy(), nil) },
		"beats":    func(w io.Writer) error { return WriteBeatsCSV(w, tr, nil) },
	} {
		for _, room := range []int{0, 100 << 10} {
			if name == "echoes" && room > 0 {
				continue
			}
			if err := write(&failingWriter{room}); !errors.Is(err, errDisk) {
				t.Errorf("%s with room for %d bytes: error %v", name, room, err)
			}
		}
	}
}

// BenchmarkJSON writes as many sessions as the large capture has.
func BenchmarkJSON(b *testing.B) {
	tr := examples.Healthy()
	for len(tr.Sessions) < 33000 {
		tr.Sessions = append(tr.Sessions, tr.Sessions...)
	}
	tr.Sessions = tr.Sessions[:33000]
	for _, o := range []JSONOptions{{NoSamples: true}, {}} {
		b.Run(fmt.Sprintf("%+v", o), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := WriteJSON(io.Discard, tr, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
