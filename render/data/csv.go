package data

import (
	"encoding/csv"
	"io"
	"math"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"tcptrace/render/document"
	"tcptrace/sessions"
)

// WriteSessionsCSV writes one line per session: the JSON's fields that are one value, pairs as two
// columns. Seconds have nine decimals and a point; what is unknown is empty. The sessions are those of the spool, in
// FormCSV; without one those of the trace, and with a Summary those that stand out. The error is the writer's, or the
// spool's.
func WriteSessionsCSV(w io.Writer, t *sessions.Trace, spool *Spool) error {
	c := newCSV(w, sessionColumns()...)
	if spool != nil {
		return c.spooled(w, t, spool)
	}
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

// WriteEchoesCSV writes one line per echo sample of every session: of the spool's, in FormEchoes, or of the trace's without one.
func WriteEchoesCSV(w io.Writer, t *sessions.Trace, spool *Spool) error {
	c := newCSV(w, "file", "uid", "session", "client", "server", "prefix", "request_frame", "reply_frame", "ts", "sent_s", "rtt_s", "bytes")
	if spool != nil {
		return c.spooled(w, t, spool)
	}
	_ = t.Walk(func(x *sessions.Session) error {
		if x.Echo != nil {
			c.echoes(x, &t.Capture)
		}
		return c.w.Error()
	})
	return c.close()
}

// WriteBeatsCSV writes one line per beat of every session with a cadence; interval_s is the time
// since the beat before, empty for the first one and after beats that were left out. The sessions are those of the spool, in
// FormBeats, or the trace's without one.
func WriteBeatsCSV(w io.Writer, t *sessions.Trace, spool *Spool) error {
	c := newCSV(w, "file", "uid", "session", "client", "server", "sender", "beat", "ts", "time_s", "interval_s")
	if spool != nil {
		return c.spooled(w, t, spool)
	}
	_ = t.Walk(func(x *sessions.Session) error {
		if x.Cadence != nil {
			c.beats(x, &t.Capture)
		}
		return c.w.Error()
	})
	return c.close()
}

// spooled ends the heads and writes the lines of a spool behind them.
func (c *csvTable) spooled(w io.Writer, t *sessions.Trace, spool *Spool) error {
	if err := c.close(); err != nil {
		return err
	}
	return spool.copy(w, t)
}

// echoes adds the lines of one session.
func (c *csvTable) echoes(x *sessions.Session, capture *sessions.Capture) {
	for i := range x.Echo.Samples {
		s := &x.Echo.Samples[i]
		c.text(capture.File)
		c.text(x.UID.String())
		c.sessionNumber(x)
		c.endpoints(x)
		c.text(x.Echo.Prefix)
		c.int(s.RequestFrame)
		c.int(s.ReplyFrame)
		c.clock(s.Sent, true)
		c.seconds(s.Sent-capture.FirstTime, true)
		c.seconds(int64(s.RTT), true)
		c.int(int64(s.Bytes))
		c.end()
	}
}

// beats adds the lines of one session.
func (c *csvTable) beats(x *sessions.Session, capture *sessions.Capture) {
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
		c.text(capture.File)
		c.text(x.UID.String())
		c.sessionNumber(x)
		c.endpoints(x)
		c.text(sideName(x.Cadence.Sender))
		c.int(beat)
		c.clock(at, true)
		c.seconds(at-capture.FirstTime, true)
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
	marked bool // a session's number is not known yet
}

// numberMark stands for the number of a session that is not known yet; no text has it.
const numberMark = 0

// sessionNumber adds the cell that tells which session a line is of.
func (c *csvTable) sessionNumber(x *sessions.Session) {
	if c.marked {
		c.record = append(c.record, string(rune(numberMark)))
		return
	}
	c.int(int64(x.ID))
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
func (c *csvTable) endpoint(a netip.AddrPort) { c.text(address(a)) }

func (c *csvTable) text(s string) {
	c.record = append(c.record, document.SpreadsheetText(document.PrintableWith(s, document.NameAlphabet)))
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

func (c *csvTable) endpoints(x *sessions.Session) {
	for _, a := range [...]netip.AddrPort{x.Client, x.Server} {
		if a.IsValid() {
			c.text(a.String())
		} else {
			c.text("")
		}
	}
}

// statsColumns are the columns of a distribution.
func statsColumns(name string) (columns []string) {
	for _, c := range [...]string{"n", "min_s", "mean_s", "p50_s", "p95_s", "p99_s", "max_s", "stddev_s"} {
		columns = append(columns, name+"_"+c)
	}
	return columns
}

// A csvHead collects the columns that fields fill.
type csvHead struct {
	name    string
	columns []string
}

func (h *csvHead) one()                                         { h.columns = append(h.columns, h.name) }
func (h *csvHead) two(a, b string)                              { h.columns = append(h.columns, h.name+a, h.name+b) }
func (h *csvHead) integer(int64, bool)                          { h.one() }
func (h *csvHead) integers(sessions.Pair[int64])                { h.two("_client", "_server") }
func (h *csvHead) integersIf(sessions.Pair[int64], bool)        { h.two("_client", "_server") }
func (h *csvHead) secondsIf(sessions.Pair[time.Duration], bool) { h.two("_client", "_server") }
func (h *csvHead) text(string)                                  { h.one() }
func (h *csvHead) endpoint(netip.AddrPort)                      { h.one() }
func (h *csvHead) texts(sessions.Pair[string])                  { h.two("_client", "_server") }
func (h *csvHead) quoted(string)                                { h.one() }
func (h *csvHead) flag(bool)                                    { h.one() }
func (h *csvHead) seconds(int64, bool)                          { h.one() }
func (h *csvHead) clock(int64, bool)                            { h.one() }
func (h *csvHead) decimal(float64, bool)                        { h.one() }
func (h *csvHead) stats(*sessions.Stats)                        { h.columns = append(h.columns, statsColumns(h.name)...) }
func (h *csvHead) range64(int64, int64)                         { h.two("_first", "_last") }
func (h *csvHead) statsPair(*sessions.Pair[sessions.Stats]) {
	h.columns = append(append(h.columns, statsColumns(h.name+"_client")...), statsColumns(h.name+"_server")...)
}

// sessionColumns are the columns of sessions.csv: the file and the uid, by which CSVs of many captures can be joined,
// then the fields.
func sessionColumns() []string {
	h := &csvHead{columns: []string{"file", "uid"}}
	full := &sessions.Session{Handshake: &sessions.Handshake{}, Echo: &sessions.Echo{}, Cadence: &sessions.Cadence{}}
	for i := range sessionFields {
		f := &sessionFields[i]
		if f.name == "uid" {
			continue
		}
		if h.name = f.name; f.group != ofSession {
			h.name = f.group.name + "_" + f.name
		}
		f.put(h, full, &sessions.Capture{})
	}
	return h.columns
}

// fieldWidths are how many columns each field has.
var fieldWidths = sync.OnceValue(func() (widths []int) {
	full := &sessions.Session{Handshake: &sessions.Handshake{}, Echo: &sessions.Echo{}, Cadence: &sessions.Cadence{}}
	for i := range sessionFields {
		h := &csvHead{}
		sessionFields[i].put(h, full, &sessions.Capture{})
		widths = append(widths, len(h.columns))
	}
	return widths
})

// session adds the cells of one session.
func (c *csvTable) session(x *sessions.Session, capture *sessions.Capture) {
	c.text(capture.File)
	c.text(x.UID.String())
	for i, width := range fieldWidths() {
		f := &sessionFields[i]
		switch {
		case f.name == "uid":
		case f.group.has(x):
			f.put(c, x, capture)
		default:
			for range width {
				c.record = append(c.record, "")
			}
		}
	}
}

func (c *csvTable) integer(v int64, known bool) { c.known(v, known) }
func (c *csvTable) integers(v sessions.Pair[int64]) {
	c.range64(v[sessions.Client], v[sessions.Server])
}
func (c *csvTable) integersIf(v sessions.Pair[int64], known bool) {
	c.known(v[sessions.Client], known)
	c.known(v[sessions.Server], known)
}
func (c *csvTable) secondsIf(v sessions.Pair[time.Duration], known bool) {
	c.seconds(int64(v[sessions.Client]), known)
	c.seconds(int64(v[sessions.Server]), known)
}
func (c *csvTable) texts(v sessions.Pair[string]) {
	c.text(v[sessions.Client])
	c.text(v[sessions.Server])
}
func (c *csvTable) quoted(v string)        { c.text(v) }
func (c *csvTable) flag(v bool)            { c.text(strconv.FormatBool(v)) }
func (c *csvTable) range64(from, to int64) { c.int(from); c.int(to) }
func (c *csvTable) statsPair(v *sessions.Pair[sessions.Stats]) {
	c.stats(&v[sessions.Client])
	c.stats(&v[sessions.Server])
}

func (c *csvTable) clock(ns int64, known bool) {
	if !known {
		c.record = append(c.record, "")
		return
	}
	c.record = append(c.record, string(appendClock(nil, ns)))
}

func (c *csvTable) decimal(v float64, known bool) {
	if !known || math.IsNaN(v) || math.IsInf(v, 0) {
		c.record = append(c.record, "")
		return
	}
	c.record = append(c.record, strconv.FormatFloat(v, 'f', 3, 64))
}

func (c *csvTable) stats(s *sessions.Stats) {
	c.known(s.N, s.N > 0)
	for _, d := range [...]time.Duration{s.Min, s.Mean, s.P50, s.P95, s.P99, s.Max, s.StdDev} {
		c.seconds(int64(d), s.N > 0)
	}
}
