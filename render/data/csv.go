package data

import (
	"encoding/csv"
	"io"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tcptrace/render/document"
	"tcptrace/sessions"
)

// WriteSessionsCSV writes one line per session: the JSON's fields that are one value, pairs as two
// columns. Seconds have nine decimals and a point; what is unknown is empty. With a Summary it writes
// the sessions that stand out. The error is the writer's.
func WriteSessionsCSV(w io.Writer, t *sessions.Trace) error {
	c := newCSV(w, sessionColumns()...)
	line := func(x *sessions.Session) error {
		c.session(x, &t.Capture)
		c.end()
		return c.w.Error()
	}
	if t.Summary != nil {
		for _, x := range t.Summary.StandOut {
			_ = line(x) // close tells
		}
	}
	_ = t.Walk(line)
	return c.close()
}

// WriteEchoesCSV writes one line per echo sample of every session.
func WriteEchoesCSV(w io.Writer, t *sessions.Trace) error {
	c := newCSV(w, "session", "client", "server", "prefix", "request_frame", "reply_frame", "sent_s", "rtt_s", "bytes")
	_ = t.Walk(func(x *sessions.Session) error {
		if x.Echo != nil {
			c.echoes(x, t.Capture.FirstTime)
		}
		return c.w.Error()
	})
	return c.close()
}

// WriteBeatsCSV writes one line per beat of every session with a cadence; interval_s is the time
// since the beat before, empty for the first one and after beats that were left out.
func WriteBeatsCSV(w io.Writer, t *sessions.Trace) error {
	c := newCSV(w, "session", "client", "server", "sender", "beat", "time_s", "interval_s")
	_ = t.Walk(func(x *sessions.Session) error {
		if x.Cadence != nil {
			c.beats(x, t.Capture.FirstTime)
		}
		return c.w.Error()
	})
	return c.close()
}

// echoes adds the lines of one session; base is the time of the capture's first packet.
func (c *csvTable) echoes(x *sessions.Session, base int64) {
	for i := range x.Echo.Samples {
		s := &x.Echo.Samples[i]
		c.int(int64(x.ID))
		c.endpoints(x)
		c.text(x.Echo.Prefix)
		c.int(s.RequestFrame)
		c.int(s.ReplyFrame)
		c.seconds(s.Sent-base, true)
		c.seconds(int64(s.RTT), true)
		c.int(int64(s.Bytes))
		c.end()
	}
}

// beats adds the lines of one session.
func (c *csvTable) beats(x *sessions.Session, base int64) {
	times, gap := x.Cadence.Times, gapIndex(x.Cadence)
	beat := int64(0)
	for i, at := range times {
		beat++
		if i == gap {
			beat += x.Cadence.TimesLeftOut
		}
		var interval int64
		known := i > 0 && i != gap
		if known {
			interval = at - times[i-1]
		}
		c.int(int64(x.ID))
		c.endpoints(x)
		c.text(sideName(x.Cadence.Sender))
		c.int(beat)
		c.seconds(at-base, true)
		c.seconds(interval, known)
		c.end()
	}
}

// gapIndex finds the first beat after those that were left out: the widest gap is theirs, because
// thousands are kept on both sides of it. Without such it is -1.
func gapIndex(c *sessions.Cadence) int {
	gap := -1
	if c.TimesLeftOut == 0 {
		return gap
	}
	widest := int64(math.MinInt64)
	for i := 1; i < len(c.Times); i++ {
		if d := c.Times[i] - c.Times[i-1]; d > widest {
			widest, gap = d, i
		}
	}
	return gap
}

// csvTable builds lines of comma-separated values that a spreadsheet takes as values.
type csvTable struct {
	w      *csv.Writer
	record []string
}

func newCSV(w io.Writer, columns ...string) *csvTable {
	c := &csvTable{w: csv.NewWriter(w)}
	c.record = append(c.record, columns...)
	c.end()
	return c
}

// end writes the line; its error waits in the writer.
func (c *csvTable) end() {
	_ = c.w.Write(c.record)
	c.record = c.record[:0]
}

func (c *csvTable) close() error {
	c.w.Flush()
	return c.w.Error()
}

// text adds a cell of text, escaped like captured text and kept from being a formula.
func (c *csvTable) text(s string) {
	c.record = append(c.record, guarded(document.PrintableWith(s, document.NameAlphabet)))
}

// guarded puts an apostrophe before text that a spreadsheet would take as a formula (OWASP, CSV
// injection), unless it is a plain number.
func guarded(s string) string {
	if s == "" {
		return s
	}
	switch r, _ := utf8.DecodeRuneInString(s); r {
	case '=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠':
	default:
		return s
	}
	if strings.Trim(s[1:], "0123456789.") == "" && document.IsDigit(s[len(s)-1]) {
		return s
	}
	return "'" + s
}

func (c *csvTable) int(v int64) { c.record = append(c.record, strconv.FormatInt(v, 10)) }

func (c *csvTable) known(v int64, known bool) {
	if known {
		c.int(v)
	} else {
		c.record = append(c.record, "")
	}
}

func (c *csvTable) seconds(ns int64, known bool) {
	var b [24]byte
	if !known {
		c.record = append(c.record, "")
		return
	}
	c.record = append(c.record, string(appendSeconds(b[:0], ns)))
}

func (c *csvTable) float(v float64, known bool) {
	if !known || math.IsNaN(v) || math.IsInf(v, 0) {
		c.record = append(c.record, "")
		return
	}
	c.record = append(c.record, strconv.FormatFloat(v, 'f', 3, 64))
}

func (c *csvTable) endpoints(x *sessions.Session) {
	for _, a := range [...]netip.AddrPort{x.Client, x.Server} {
		if a.IsValid() {
			c.text(a.String())
		} else {
			c.text("")
		}
	}
}

// stats adds the columns of statsColumns.
func (c *csvTable) stats(s *sessions.Stats) {
	c.known(s.N, s.N > 0)
	for _, d := range [...]time.Duration{s.Min, s.Mean, s.P50, s.P95, s.P99, s.Max, s.StdDev} {
		c.seconds(int64(d), s.N > 0)
	}
}

func statsColumns(name string) (columns []string) {
	for _, c := range [...]string{"n", "min_s", "mean_s", "p50_s", "p95_s", "p99_s", "max_s", "stddev_s"} {
		columns = append(columns, name+"_"+c)
	}
	return columns
}

// pairs are the counters that a session has once per side, in the JSON's order and by its names.
var pairs = [...]struct {
	name string
	of   func(*sessions.Session) *sessions.Pair[int64]
}{
	{"packets", func(x *sessions.Session) *sessions.Pair[int64] { return &x.Packets }},
	{"bytes", func(x *sessions.Session) *sessions.Pair[int64] { return &x.Bytes }},
	{"data_segments", func(x *sessions.Session) *sessions.Pair[int64] { return &x.DataSegments }},
	{"retransmitted", func(x *sessions.Session) *sessions.Pair[int64] { return &x.Retransmitted }},
	{"spurious", func(x *sessions.Session) *sessions.Pair[int64] { return &x.Spurious }},
	{"out_of_order", func(x *sessions.Session) *sessions.Pair[int64] { return &x.OutOfOrder }},
	{"duplicate_acks", func(x *sessions.Session) *sessions.Pair[int64] { return &x.DuplicateACKs }},
	{"zero_windows", func(x *sessions.Session) *sessions.Pair[int64] { return &x.ZeroWindows }},
	{"keep_alives", func(x *sessions.Session) *sessions.Pair[int64] { return &x.KeepAlives }},
	{"missing_bytes", func(x *sessions.Session) *sessions.Pair[int64] { return &x.MissingBytes }},
}

func sessionColumns() []string {
	columns := []string{"id", "client", "server", "role_from", "first_frame", "first_time_s", "duration_s"}
	for _, p := range pairs {
		columns = append(columns, p.name+"_client", p.name+"_server")
	}
	columns = append(columns, "syns", "handshake_rtt_s", "handshake_complete", "state_client", "state_server",
		"end", "closed_first", "completeness", "zeek_state", "zeek_history", "stack_client", "stack_server")
	columns = append(columns, statsColumns("ack_rtt_client")...)
	columns = append(columns, statsColumns("ack_rtt_server")...)
	columns = append(columns, "echo_prefix", "echo_requests", "echo_replies", "echo_matched", "echo_unanswered_bytes")
	columns = append(columns, statsColumns("echo_rtt")...)
	columns = append(columns, "cadence_sender", "cadence_beats")
	columns = append(columns, statsColumns("cadence_period")...)
	return append(columns, "cadence_drift_ppm", "cadence_jitter_s", "cadence_missed", "cadence_bunched")
}

func (c *csvTable) session(x *sessions.Session, capture *sessions.Capture) {
	hasTime := x.Timed(capture)
	c.int(int64(x.ID))
	c.endpoints(x)
	c.text(x.RoleFrom.String())
	c.int(x.FirstFrame)
	c.seconds(x.FirstTime-capture.FirstTime, hasTime)
	c.seconds(int64(x.Duration), hasTime && !x.Untimed)
	for _, p := range pairs {
		v := p.of(x)
		c.int(v[sessions.Client])
		c.int(v[sessions.Server])
	}
	c.int(x.SYNs)
	h := x.Handshake
	if h == nil {
		h = new(sessions.Handshake)
	}
	c.seconds(int64(h.RTT), h.HasRTT)
	c.text(strconv.FormatBool(h.Complete))
	for _, s := range x.States {
		if s == sessions.Undetermined {
			c.text("")
		} else {
			c.text(s.String())
		}
	}
	c.text(x.End.String())
	c.text(sideName(x.ClosedFirst))
	c.int(int64(x.Completeness))
	c.text(x.ZeekState)
	c.text(x.ZeekHistory)
	c.text(x.Endpoint[sessions.Client].Stack)
	c.text(x.Endpoint[sessions.Server].Stack)
	c.stats(&x.ACKRTT[sessions.Client])
	c.stats(&x.ACKRTT[sessions.Server])
	c.echo(x.Echo)
	c.cadence(x.Cadence)
}

func (c *csvTable) echo(x *sessions.Echo) {
	has := x != nil
	if !has {
		x = new(sessions.Echo)
	}
	c.text(x.Prefix)
	c.known(x.Requests, has)
	c.known(x.Replies, has)
	c.known(x.Matched, has)
	c.known(x.UnansweredBytes, has)
	c.stats(&x.RTT)
}

func (c *csvTable) cadence(x *sessions.Cadence) {
	has := x != nil
	if !has {
		x = &sessions.Cadence{Sender: sessions.NoSide}
	}
	c.text(sideName(x.Sender))
	c.known(x.Beats, has)
	c.stats(&x.Period)
	c.float(x.DriftPPM, x.HasDrift)
	c.seconds(int64(x.Jitter), x.Period.N > 0)
	c.known(x.Missed, has)
	c.known(x.Bunched, has)
}
