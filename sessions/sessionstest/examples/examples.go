// Package examples has traces that printers and their tests are tried on: one whole and healthy, one full of hostile text,
// one summary, and those of the genuine captures.
package examples

import (
	"context"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tcptrace/capture"
	"tcptrace/internal/testfiles"
	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/words"
)

const (
	ms = time.Millisecond
	// Start is the time of the first packet of the made-up traces, ns since 1970.
	Start = int64(1795355221_279422000)
)

// stats summarises durations the plain way.
func stats(ds ...time.Duration) sessions.Stats {
	if len(ds) == 0 {
		return sessions.Stats{}
	}
	slices.Sort(ds)
	s := sessions.Stats{N: int64(len(ds)), Min: ds[0], Max: ds[len(ds)-1]}
	for _, d := range ds {
		s.Mean += d / time.Duration(len(ds))
	}
	rank := func(p int) time.Duration { return ds[(len(ds)-1)*p/100] }
	s.P50, s.P95, s.P99 = rank(50), rank(95), rank(99)
	s.StdDev = (s.Max - s.Min) / 4
	return s
}

// Healthy is a whole trace like a Pico's: its client on 9001 that beats once a second, and a PC
// that talks to its echo server on 9000. Nothing is wrong with it.
func Healthy() *sessions.Trace {
	pico, pc := netip.MustParseAddr("192.168.1.57"), netip.MustParseAddr("192.168.1.3")
	beats := &sessions.Session{
		ID: 1, Client: netip.AddrPortFrom(pico, 56712), Server: netip.AddrPortFrom(pc, 9001),
		RoleFrom: sessions.RoleFromSYN, FirstFrame: 1, LastFrame: 141, FirstTime: Start, Duration: 32380 * ms,
		Packets: sessions.Pair[int64]{69, 36}, Bytes: sessions.Pair[int64]{759, 1188},
		DataSegments: sessions.Pair[int64]{33, 34}, Retransmitted: sessions.Pair[int64]{0, 1},
		Spurious: sessions.Pair[int64]{0, 1}, SYNs: 1,
		Handshake: &sessions.Handshake{SYNFrame: 1, SYNACKFrame: 2, ACKFrame: 3, RTT: 5996 * time.Microsecond,
			HasRTT: true, Complete: true},
		States: sessions.Pair[sessions.State]{sessions.Established, sessions.Established},
		End:    sessions.EndOpen, ClosedFirst: sessions.NoSide, Completeness: 15, ZeekState: "S1", ZeekHistory: "ShADadt",
		Endpoint: sessions.Pair[sessions.Fingerprint]{
			{Stack: "lwip-pico", Score: 16, Why: []words.Reason{words.OnlyMSS, words.Window(6400), words.TTL(255)}},
			{Stack: "linux", Why: []words.Reason{words.LinuxWindow(64, 64240)}}},
		ACKRTT: sessions.Pair[sessions.Stats]{stats(40*time.Microsecond, 52*time.Microsecond), stats(12*ms, 130*ms, 250*ms)},
		Cadence: &sessions.Cadence{Sender: sessions.Client, DriftPPM: 5744.2, HasDrift: true, Jitter: 3100 * time.Microsecond,
			Missed: 0, Bunched: 0, Steady: true},
	}
	for i := range 33 {
		beats.Cadence.Times = append(beats.Cadence.Times, Start+int64(44*ms)+int64(i)*int64(1005744*time.Microsecond)+int64(i%3)*int64(2*ms))
	}
	var periods []time.Duration
	for i := 1; i < 33; i++ {
		periods = append(periods, time.Duration(beats.Cadence.Times[i]-beats.Cadence.Times[i-1]))
	}
	beats.Cadence.Beats, beats.Cadence.Period = 33, stats(periods...)
	beats.Steps = []sessions.Step{
		{Frame: 1, Time: Start, From: sessions.Client, Flags: capture.SYN, Marks: sessions.MarkStateChange,
			States: sessions.Pair[sessions.State]{sessions.SynSent, sessions.SynReceived}, Ack: -1},
	}
	echo := echoSession(netip.AddrPortFrom(pc, 43018), netip.AddrPortFrom(pico, 9000))
	return &sessions.Trace{
		Capture: sessions.Capture{
			Info: capture.Info{File: "capture.pcap", Format: "pcap", LinkTypes: []string{"EN10MB"}, Packets: 147, TCPPackets: 143,
				NotTCP: 4, FirstTime: Start, LastTime: Start + int64(32380222*time.Microsecond), HasTimes: true},
			Watched: 143, Ports: []uint16{9000, 9001},
		},
		Sessions: []*sessions.Session{beats, echo},
	}
}

func echoSession(client, server netip.AddrPort) *sessions.Session {
	x := &sessions.Session{
		ID: 2, Client: client, Server: server, RoleFrom: sessions.RoleFromSYN, FirstFrame: 20, LastFrame: 147,
		FirstTime: Start + int64(6*time.Second), Duration: 21 * time.Second,
		Packets: sessions.Pair[int64]{20, 18}, Bytes: sessions.Pair[int64]{48, 88}, DataSegments: sessions.Pair[int64]{8, 8},
		SYNs: 1, Handshake: &sessions.Handshake{SYNFrame: 20, SYNACKFrame: 21, ACKFrame: 22, RTT: 4200 * time.Microsecond,
			HasRTT: true, Complete: true},
		States: sessions.Pair[sessions.State]{sessions.TimeWait, sessions.Closed}, End: sessions.EndFIN,
		ClosedFirst: sessions.Client, Completeness: 31, ZeekState: "SF", ZeekHistory: "ShADadfF",
		Endpoint: sessions.Pair[sessions.Fingerprint]{{Stack: "linux"}, {Stack: "lwip-pico", Score: 9, Why: []words.Reason{words.Window(6400)}}},
		Echo:     &sessions.Echo{Prefix: "Echo:", Requests: 8, Replies: 8, Matched: 8},
	}
	var rtts []time.Duration
	for i := range 8 {
		rtt := time.Duration(100+117*i) * ms
		rtts = append(rtts, rtt)
		x.Echo.Samples = append(x.Echo.Samples, sessions.EchoSample{RequestFrame: int64(30 + 4*i), ReplyFrame: int64(32 + 4*i),
			Sent: x.FirstTime + int64(i)*int64(2500*ms), RTT: rtt, Bytes: 6})
	}
	x.Echo.RTT = stats(rtts...)
	return x
}

// Evil is text that tries to be something else in every output.
const Evil = "=1+1|`<script>alert(1)</script>\n\x1b[2J\u202e\u009b\"'&[x](javascript:1)\xff\\ ó\x00</svg>"

// Hostile has everything wrong with it, hostile text in every string, and no number to divide by.
func Hostile() *sessions.Trace {
	t := Healthy()
	c := &t.Capture
	c.File, c.Format, c.LinkTypes = Evil, Evil, []string{Evil, Evil}
	c.KernelDropped, c.HasKernelDropped = 12, true
	c.Undecoded, c.Fragments, c.Truncated, c.CutHeaders, c.Untimed = 5, 6, 7, 2, 8
	c.Copies, c.Backwards, c.ClockJumps, c.Offloaded = 9, 10, 11, 13
	c.Unread = []capture.Unread{{What: words.Foreign(Evil), Packets: 3}}
	c.Warnings = []words.Reason{words.Foreign(Evil)}
	c.Damage = &capture.Damage{File: Evil, AtPacket: 148, Offset: 9999, What: words.Foreign(Evil)}
	c.Limit = Evil
	x := t.Sessions[0]
	x.RoleFrom, x.ZeekState, x.ZeekHistory = sessions.RoleFromPort, Evil, Evil
	x.Endpoint = sessions.Pair[sessions.Fingerprint]{{Stack: Evil, Why: []words.Reason{words.Foreign(Evil)}}, {}}
	x.Handshake, x.States, x.Copies, x.HolesCapped = nil, sessions.Pair[sessions.State]{}, 3, true
	x.Cadence = &sessions.Cadence{Sender: sessions.Server, Beats: 1, Times: []int64{Start}}
	x.StepsLeftOut, x.Untimed, x.Backwards = 7, true, true
	x.Steps[0].SetText([]byte(Evil))
	x.Steps[0].Length = 400
	y := t.Sessions[1]
	y.Handshake = &sessions.Handshake{SYNFrame: 20}
	y.Client = netip.AddrPortFrom(netip.MustParseAddr("fe80::1%"+"<b>\x1b"), 1)
	y.Echo = &sessions.Echo{Prefix: Evil, Requests: 3, UnansweredBytes: 9, ByLength: true, Ambiguous: true, SamplesLeftOut: 4}
	y.End, y.MissingBytes = sessions.EndRST, sessions.Pair[int64]{5, 6}
	empty := &sessions.Session{ID: 3, ClosedFirst: sessions.NoSide, End: sessions.EndNoAnswer}
	t.Sessions = append(t.Sessions, empty)
	t.Journals = []journal.Journal{{Name: Evil, Kind: "tj1", Lost: 2, Ended: Evil}}
	t.Problems = []journal.Problem{{File: Evil, Line: 3, What: words.Foreign(Evil)}}
	t.Clocks = []sessions.Clock{{Journal: Evil, Offset: 3 * ms, Lower: 4 * ms, Upper: 2 * ms, Pairs: 5, Contradicts: true}}
	return t
}

// Summary is a trace read with --summary.
func Summary() *sessions.Trace {
	t := Healthy()
	t.Summary = &sessions.Summary{Totals: sessions.Totals{
		Counts: sessions.Counts{Sessions: 33000, Ends: [sessions.NumEnds]int64{10, 32000, 900, 80, 10},
			Packets: sessions.Pair[int64]{3000000, 2000000}, Bytes: sessions.Pair[int64]{123456789, 23456},
			Retransmitted: sessions.Pair[int64]{50000, 3}},
		EchoRTT: t.Sessions[1].Echo.RTT, CadencePeriod: t.Sessions[0].Cadence.Period}, StandOut: t.Sessions}
	t.Sessions = nil
	return t
}

// Genuine tracks a capture of testdata/genuine with every session's steps, and lays the journals that lie beside it.
func Genuine(t testing.TB, name string) *sessions.Trace {
	t.Helper()
	files, _ := filepath.Glob(testfiles.Genuine(t, name, "capture.pcap*"))
	if len(files) != 1 {
		t.Fatalf("%s has %d captures", name, len(files))
	}
	tr := Track(t, files[0], sessions.Options{Shown: sessions.DefaultShown, Samples: true})
	ladder.AddCalls(tr, append(Journals(t, testfiles.Genuine(t, name)), ladder.DeviceCalls(tr)...))
	return tr
}

// Whole tracks all ports of a capture with every session's steps, and lays the given journals on it.
func Whole(t testing.TB, path string, sources []ladder.Source) *sessions.Trace {
	t.Helper()
	tr := Track(t, path, sessions.Options{AllPorts: true, Shown: 100, Samples: true})
	ladder.AddCalls(tr, sources)
	return tr
}

// Track tracks a capture.
func Track(t testing.TB, path string, o sessions.Options) *sessions.Trace {
	t.Helper()
	src, err := capture.Open(path, capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	tr, err := sessions.Run(context.Background(), src, o, 1)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// Journals reads the straces in a folder, in the order of their names.
func Journals(t testing.TB, folder string) (sources []ladder.Source) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(folder, "strace.*.txt"))
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		j, err := journal.Read(filepath.Base(file), f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, ladder.Source{Journal: *j, Side: sessions.NoSide})
	}
	return sources
}

// All are traces of every oddity that a printer must stand, by name.
func All() map[string]*sessions.Trace {
	untimed := Healthy()
	untimed.Capture.HasTimes, untimed.Capture.FirstTime = false, 0
	nan := Healthy()
	nan.Sessions[0].Cadence.DriftPPM = math.NaN()
	partly := Healthy()
	partly.Sessions[0].Untimed, partly.Sessions[1].Untimed, partly.Sessions[1].FirstTime = true, true, math.MinInt64
	capped := Healthy()
	capped.Sessions[0].Cadence.TimesLeftOut, capped.Sessions[1].Echo.SamplesLeftOut = 5, 6
	backwards := Healthy()
	backwards.Capture.FirstTime = Start + int64(time.Hour)
	many := Healthy() // more than the stream's buffer
	for len(many.Sessions)*1000 < 128<<10 {
		many.Sessions = append(many.Sessions, many.Sessions[:2]...)
	}
	return map[string]*sessions.Trace{"many": many, "example": Healthy(), "hostile": Hostile(), "summary": Summary(),
		"empty": {}, "untimed": untimed, "nan": nan, "partly": partly, "capped": capped, "backwards": backwards}
}
