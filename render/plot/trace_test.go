package plot

import (
	"bufio"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// readPlotTrace builds a trace from testdata/name.tsv: the numbers of a genuine capture, a line per
// session, its beats, its echoes and its segments. Times are seconds after the first packet.
func readPlotTrace(tb testing.TB, name string) *sessions.Trace {
	tb.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".tsv"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	t := &sessions.Trace{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		var s *sessions.Session
		if n := len(t.Sessions); n > 0 {
			s = t.Sessions[n-1]
		}
		switch cells[0] {
		case "capture":
			t.Capture.HasTimes = true
			t.Capture.FirstTime = plotNanos(tb, cells[1])
			t.Capture.LastTime = t.Capture.FirstTime + plotNanos(tb, cells[2])
		case "session":
			t.Sessions = append(t.Sessions, readPlotSession(tb, cells))
		case "beats":
			s.Cadence = &sessions.Cadence{Sender: sessions.Client, Beats: int64(len(cells) - 1)}
			for _, c := range cells[1:] {
				s.Cadence.Times = append(s.Cadence.Times, t.Capture.FirstTime+plotNanos(tb, c))
			}
		case "echo":
			if s.Echo == nil {
				s.Echo = &sessions.Echo{}
			}
			bytes, _ := strconv.Atoi(cells[3])
			s.Echo.Samples = append(s.Echo.Samples, sessions.EchoSample{Bytes: bytes,
				Sent: t.Capture.FirstTime + plotNanos(tb, cells[1]), RTT: time.Duration(plotNanos(tb, cells[2]))})
		case "step":
			readPlotStep(tb, t, s, cells)
		}
	}
	if lines.Err() != nil {
		tb.Fatal(lines.Err())
	}
	for _, s := range t.Sessions {
		finishPlotCadence(s.Cadence)
	}
	return t
}

// plotNanos reads decimal seconds without rounding.
func plotNanos(tb testing.TB, s string) int64 {
	tb.Helper()
	whole, part, _ := strings.Cut(s, ".")
	ns, err := strconv.ParseInt(whole+(part + "000000000")[:9], 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return ns
}

func readPlotSession(tb testing.TB, cells []string) *sessions.Session {
	id, _ := strconv.Atoi(cells[1])
	s := &sessions.Session{ID: id, Client: netip.MustParseAddrPort(cells[2]), Server: netip.MustParseAddrPort(cells[3])}
	if cells[4] != "-" {
		s.Handshake = &sessions.Handshake{RTT: time.Duration(plotNanos(tb, cells[4])), HasRTT: true, Complete: true}
	}
	return s
}

func readPlotStep(tb testing.TB, t *sessions.Trace, s *sessions.Session, cells []string) {
	number := func(i int) int64 {
		n, err := strconv.ParseInt(cells[i], 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		return n
	}
	step := sessions.Step{Frame: number(1), Time: t.Capture.FirstTime + plotNanos(tb, cells[2]),
		Length: int32(number(6)), Offset: number(7), Ack: number(8), Window: number(9)}
	if cells[3] == "s" {
		step.From = sessions.Server
	}
	flags := map[rune]capture.Flags{'S': capture.SYN, 'F': capture.FIN, 'R': capture.RST, 'P': capture.PSH, 'A': capture.ACK}
	for _, c := range cells[4] {
		step.Flags |= flags[c]
	}
	marks := map[rune]sessions.Mark{'r': sessions.MarkRetransmission, 's': sessions.MarkSpurious | sessions.MarkRetransmission,
		'z': sessions.MarkZeroWindow, 'd': sessions.MarkDuplicateACK, 'o': sessions.MarkOutOfOrder, 'k': sessions.MarkKeepAlive}
	for _, c := range cells[5] {
		step.Marks |= marks[c]
	}
	if !step.Marks.Has(sessions.MarkRetransmission) {
		s.Bytes[step.From] += int64(step.Length)
	}
	if s.Handshake != nil && step.Flags.Has(capture.SYN) {
		if step.From == sessions.Client {
			s.Handshake.SYNFrame = step.Frame
		} else {
			s.Handshake.SYNACKFrame = step.Frame
		}
	}
	s.Steps = append(s.Steps, step)
}

// finishPlotCadence fills in what the plots read of the statistics.
func finishPlotCadence(c *sessions.Cadence) {
	if c == nil || len(c.Times) < 2 {
		return
	}
	var gaps []time.Duration
	for i := range c.Times[1:] {
		gaps = append(gaps, time.Duration(c.Times[i+1]-c.Times[i]))
	}
	slices.Sort(gaps)
	c.Period = sessions.Stats{N: int64(len(gaps)), P50: gaps[(len(gaps)-1)/2]}
	for _, g := range gaps {
		if g > c.Period.P50*3/2 {
			c.Missed++
		}
	}
	c.Jitter = 2 * time.Millisecond
}
