package sessions_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// genuine is where the captures of real stacks are kept, with their facts.
var genuine = filepath.Join("..", "testdata", "genuine")

type facts struct {
	FirstTCP float64 `json:"first_tcp_epoch"`
	Packets  int64   `json:"tcp_packets"`
	Streams  []struct {
		Client, Server           string
		PacketsFromClient        int64   `json:"packets_from_client"`
		PacketsFromServer        int64   `json:"packets_from_server"`
		SYNs                     int64   `json:"syn_count"`
		HandshakeComplete        float64 `json:"handshake_complete_s"`
		ClientBytes, ServerBytes int64
		CB                       int64 `json:"client_bytes"`
		SB                       int64 `json:"server_bytes"`
		CD                       int64 `json:"client_data_segments"`
		SD                       int64 `json:"server_data_segments"`
		CR                       int64 `json:"client_retransmitted"`
		SR                       int64 `json:"server_retransmitted"`
		Fins, Rsts               []factClose
		SynTimes                 []float64               `json:"syn_times"`
		ClientSYN                *struct{ MSS, TTL any } `json:"client_syn"`
		Hola                     *factHola
		PCReply                  *struct {
			Count int64
			RTT   *factStats
		} `json:"pc_reply"`
		Echo *factEcho
	}
}

type factClose struct {
	T  float64
	By string
}

type factStats struct {
	N              int64
	Min, Mean, Max float64
}

type factHola struct {
	Count  int64
	Times  []float64
	Period *factStats
}

type factEcho struct {
	ClientSegments int64 `json:"client_segments"`
	Prefixes       int64 `json:"echo_prefixes"`
	Echoed         int64 `json:"echoed_bytes"`
	BytesPerPrefix []int `json:"bytes_per_prefix"`
	Samples        []struct {
		Sent  float64 `json:"sent_s"`
		Bytes int
		RTT   float64
	} `json:"rtt_last_byte"`
	RTT *factStats
}

func trace(t *testing.T, path string, o sessions.Options, workers int) *sessions.Trace {
	t.Helper()
	src, err := capture.Open(path, capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	tr, err := sessions.Run(context.Background(), src, o, workers)
	if err != nil {
		t.Fatal(err)
	}
	if err := sessions.Validate(tr); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	return tr
}

// near compares a duration with seconds to the microsecond.
func near(t *testing.T, what string, got time.Duration, want float64) {
	t.Helper()
	if math.Abs(got.Seconds()-want) > 0.6e-6 {
		t.Errorf("%s: %.6f s, want %.6f s", what, got.Seconds(), want)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func checkStats(t *testing.T, what string, got sessions.Stats, want *factStats) {
	t.Helper()
	if want == nil {
		equal(t, what+" n", got.N, 0)
		return
	}
	equal(t, what+" n", got.N, want.N)
	near(t, what+" min", got.Min, want.Min)
	near(t, what+" mean", got.Mean, want.Mean)
	near(t, what+" max", got.Max, want.Max)
}

// TestGenuineFacts compares what the packets of real runs give with numbers that another program measured.
func TestGenuineFacts(t *testing.T) {
	cases, err := os.ReadDir(genuine)
	if err != nil || len(cases) < 20 {
		t.Fatalf("the genuine captures are not there: %d, %v", len(cases), err)
	}
	for _, e := range cases {
		t.Run(e.Name(), func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(genuine, e.Name(), "facts.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want facts
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			tr := trace(t, captureOf(t, e.Name()), sessions.Options{AllPorts: true, Shown: 100}, 1)
			checkFacts(t, tr, &want)
		})
	}
}

func checkFacts(t *testing.T, tr *sessions.Trace, want *facts) {
	equal(t, "TCP packets", tr.Capture.TCPPackets, want.Packets)
	equal(t, "sessions", len(tr.Sessions), len(want.Streams))
	start := int64(math.Round(want.FirstTCP*1e6)) * 1000
	since := func(ns int64) time.Duration { return time.Duration(ns - start) }
	for i, w := range want.Streams {
		s := tr.Sessions[i]
		equal(t, "client", s.Client.String(), w.Client)
		equal(t, "server", s.Server.String(), w.Server)
		equal(t, "packets", s.Packets, sessions.Pair[int64]{w.PacketsFromClient, w.PacketsFromServer})
		equal(t, "bytes", s.Bytes, sessions.Pair[int64]{w.CB, w.SB})
		equal(t, "data segments", s.DataSegments, sessions.Pair[int64]{w.CD, w.SD})
		equal(t, "retransmitted", s.Retransmitted, sessions.Pair[int64]{w.CR, w.SR})
		equal(t, "SYNs", s.SYNs, w.SYNs)
		if len(w.SynTimes) > 0 {
			near(t, "first SYN", since(s.FirstTime), w.SynTimes[0])
			if s.Handshake.HasRTT {
				near(t, "handshake", s.Handshake.RTT, w.HandshakeComplete-w.SynTimes[len(w.SynTimes)-1])
			}
		}
		checkClose(t, s, since, w.Fins, w.Rsts)
		if w.Hola != nil {
			checkHola(t, s, since, w.Hola)
		}
		if w.PCReply != nil && w.PCReply.Count > 0 {
			equal(t, "replies", s.Echo.Replies, w.PCReply.Count)
			checkStats(t, "reply", s.Echo.RTT, w.PCReply.RTT)
		}
		if w.Echo != nil {
			checkEcho(t, s, since, w.Echo)
		}
	}
}

// checkClose looks for the first FIN of each side and the RSTs among the steps.
func checkClose(t *testing.T, s *sessions.Session, since func(int64) time.Duration, fins, rsts []factClose) {
	var gotFINs, gotRSTs []factClose
	sides := []string{"client", "server"}
	for _, st := range s.Steps {
		c := factClose{since(st.Time).Seconds(), sides[st.From]}
		if st.Flags.Has(capture.FIN) {
			gotFINs = append(gotFINs, c)
		}
		if st.Flags.Has(capture.RST) {
			gotRSTs = append(gotRSTs, c)
		}
	}
	for _, c := range []struct {
		what      string
		got, want []factClose
	}{{"FIN", gotFINs, fins}, {"RST", gotRSTs, rsts}} {
		equal(t, c.what+"s", len(c.got), len(c.want))
		for i := range min(len(c.got), len(c.want)) {
			equal(t, c.what+" by", c.got[i].By, c.want[i].By)
			near(t, c.what, time.Duration(c.got[i].T*1e9), c.want[i].T)
		}
	}
	wantEnd := sessions.EndOpen
	switch {
	case len(rsts) > 0 && s.Packets[sessions.Server] == 1 && len(s.Steps) == 2:
		wantEnd = sessions.EndRefused
	case len(rsts) > 0:
		wantEnd = sessions.EndRST
	case len(fins) > 1:
		wantEnd = sessions.EndFIN
	case s.Packets[sessions.Server] == 0:
		wantEnd = sessions.EndNoAnswer
	}
	equal(t, "end", s.End, wantEnd)
}

func checkHola(t *testing.T, s *sessions.Session, since func(int64) time.Duration, w *factHola) {
	if s.Cadence == nil {
		t.Error("no cadence")
		return
	}
	equal(t, "beats", s.Cadence.Beats, w.Count)
	equal(t, "sender", s.Cadence.Sender, sessions.Client)
	equal(t, "beat times", len(s.Cadence.Times), len(w.Times))
	for i := range min(len(s.Cadence.Times), len(w.Times)) {
		near(t, "beat", since(s.Cadence.Times[i]), w.Times[i])
	}
	checkStats(t, "period", s.Cadence.Period, w.Period)
}

func checkEcho(t *testing.T, s *sessions.Session, since func(int64) time.Duration, w *factEcho) {
	e := s.Echo
	if e == nil {
		t.Error("no echo")
		return
	}
	equal(t, "requests", e.Requests, w.ClientSegments)
	equal(t, "replies", e.Replies, w.Prefixes)
	equal(t, "chunks", len(e.Samples), len(w.BytesPerPrefix))
	var sum int64
	for i := range min(len(e.Samples), len(w.Samples)) {
		equal(t, "chunk", e.Samples[i].Bytes, w.BytesPerPrefix[i])
		near(t, "sent", since(e.Samples[i].Sent), w.Samples[i].Sent)
		near(t, "echo", e.Samples[i].RTT, w.Samples[i].RTT)
		sum += int64(e.Samples[i].Bytes)
	}
	equal(t, "echoed bytes", sum, w.Echoed)
	equal(t, "unanswered", e.UnansweredBytes, s.Bytes[sessions.Client]-w.Echoed)
	checkStats(t, "echo", e.RTT, w.RTT)
}

// captureOf is the capture of a genuine case, plain or compressed.
func captureOf(t *testing.T, name string) string {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(genuine, name, "capture.pcap*"))
	if len(found) != 1 {
		t.Fatalf("%s: %d captures", name, len(found))
	}
	return found[0]
}
