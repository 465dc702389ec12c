package data

import (
	"io"
	"math"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// JSONOptions chooses what the JSON holds.
type JSONOptions struct {
	// NoSamples leaves out samples, chunks and times_s.
	NoSamples bool
	// Table, when set, gives the ladder of a session, never folded: its rows, calls and notes are written too.
	Table func(*sessions.Session) *ladder.Table
	// Findings are the explanations of the trace, written in their order.
	Findings []findings.Finding
	// Spool, when set, has the sessions of the trace, in FormJSON.
	Spool *Spool
}

// WriteJSON writes a trace as the object of docs/report.md. With a Summary it has "summary" in place of
// "sessions". The error is the writer's.
func WriteJSON(w io.Writer, t *sessions.Trace, o JSONOptions) error {
	s := NewJSONStream(w, o)
	s.Begin(&t.Capture)
	switch {
	case o.Spool != nil:
		s.spooled(t)
	case t.Summary != nil:
		s.Summary(t.Summary)
	default:
		_ = t.Walk(func(x *sessions.Session) error { // a lazy trace builds them one by one
			s.Session(x)
			return s.err
		})
	}
	return s.End()
}

// WriteNDJSON writes one line per session: the object that the JSON's "sessions" has, with the name of the capture as
// its first member, so that the lines of many captures can be read as one table. The sessions are those of the spool,
// in FormNDJSON; without one those of the trace, and with a Summary those that stand out.
func WriteNDJSON(w io.Writer, t *sessions.Trace, o JSONOptions) error {
	if o.Spool != nil {
		return o.Spool.copy(w, t)
	}
	var e jsonBuffer
	line := func(x *sessions.Session) error {
		e = e[:0]
		e.line(x, &t.Capture, &o)
		_, err := w.Write(e)
		return err
	}
	if t.Summary != nil {
		for _, x := range t.Summary.StandOut {
			if err := line(x); err != nil {
				return err
			}
		}
	}
	return t.Walk(line)
}

// JSONStream writes the same object piece by piece, so that nothing but the piece need be in memory:
// Begin, then any number of Session or one Summary, then End. It buffers; the first error of the
// writer ends the output and is what End returns.
type JSONStream struct {
	w       io.Writer
	o       JSONOptions
	e       jsonBuffer
	capture *sessions.Capture
	open    bool // "sessions" or "summary" has been written
	listing bool // "sessions" is still open
	err     error
}

// jsonFlushAt is when the buffer goes to the writer, in bytes.
const jsonFlushAt = 64 << 10

// NewJSONStream makes a stream that writes to w, which stays the caller's.
func NewJSONStream(w io.Writer, o JSONOptions) *JSONStream {
	return &JSONStream{w: w, o: o}
}

// Begin writes the capture's part. c must be complete and is read until End.
func (s *JSONStream) Begin(c *sessions.Capture) {
	s.capture = c
	s.e = append(s.e, "{\"schema\":\"tcptrace/1\",\n\"capture\":"...)
	s.e.capture(c)
}

// Session writes the next session, in one line.
func (s *JSONStream) Session(x *sessions.Session) {
	s.nextLine()
	s.e.session(x, s.capture, &s.o)
	s.flush(jsonFlushAt)
}

func (s *JSONStream) nextLine() {
	s.AddList()
	if s.e[len(s.e)-1] != '[' {
		s.e = append(s.e, ',')
	}
	s.e = append(s.e, '\n')
}

// spooled writes the sessions of the spool.
func (s *JSONStream) spooled(t *sessions.Trace) {
	err := s.o.Spool.each(t, func(row []byte) error {
		s.nextLine()
		s.e = append(s.e, row...)
		s.flush(jsonFlushAt)
		return s.err
	})
	if s.err == nil {
		s.err = err
	}
}

func (s *JSONStream) AddList() {
	if s.open {
		return
	}
	s.open, s.listing = true, true
	s.e = append(s.e, ",\n\"sessions\":["...)
}

// Summary writes the capture's totals in place of sessions.
func (s *JSONStream) Summary(x *sessions.Summary) {
	s.open = true
	s.e = append(s.e, ",\n\"summary\":"...)
	s.e.summary(x, s.capture)
}

// Summary is the object "summary" of a report, of any number of captures.
func Summary(x *sessions.Summary) []byte {
	var e jsonBuffer
	e.summary(x, &sessions.Capture{})
	return e
}

// End completes the object and hands the rest to the writer. It returns the first error.
func (s *JSONStream) End() error {
	s.AddList()
	if s.listing {
		s.e = append(s.e, ']')
	}
	s.e = append(s.e, ",\n\"findings\":"...)
	s.e.findings(s.o.Findings)
	s.e = append(s.e, "}\n"...)
	s.flush(0)
	return s.err
}

// flush writes the buffer when it holds more than least bytes. Its last byte tells whether a comma
// is due, so it stays.
func (s *JSONStream) flush(least int) {
	if len(s.e) <= least {
		return
	}
	keep := 1
	if least == 0 {
		keep = 0
	}
	if s.err == nil {
		_, s.err = s.w.Write(s.e[:len(s.e)-keep])
	}
	s.e = append(s.e[:0], s.e[len(s.e)-keep:]...)
}

// jsonBuffer grows JSON. Its methods append one value, or a key and a value.
type jsonBuffer []byte

func (e *jsonBuffer) raw(s string) { *e = append(*e, s...) }

// key appends a member's name, and a comma unless it is the first.
func (e *jsonBuffer) key(name string) {
	e.comma()
	*e = append(*e, '"')
	*e = append(*e, name...)
	*e = append(*e, '"', ':')
}

// member is key for a name that is ready, with its comma.
func (e *jsonBuffer) member(name string) {
	if (*e)[len(*e)-1] == '{' {
		name = name[1:]
	}
	*e = append(*e, name...)
}

func (e *jsonBuffer) comma() {
	if c := (*e)[len(*e)-1]; c != '{' && c != '[' {
		*e = append(*e, ',')
	}
}

func (e *jsonBuffer) int(name string, v int64) {
	e.key(name)
	*e = strconv.AppendInt(*e, v, 10)
}

// known appends v, or null when it is not known.
func (e *jsonBuffer) known(name string, v int64, known bool) {
	e.key(name)
	if known {
		*e = strconv.AppendInt(*e, v, 10)
	} else {
		e.raw("null")
	}
}

func (e *jsonBuffer) bool(name string, v bool) {
	e.key(name)
	*e = strconv.AppendBool(*e, v)
}

// str appends a string, null for the empty one, which no field of the schema needs.
func (e *jsonBuffer) str(name, v string) {
	e.key(name)
	if v == "" {
		e.raw("null")
		return
	}
	e.quoted(v)
}

func (e *jsonBuffer) strs(name string, vs []string) {
	e.key(name)
	e.raw("[")
	for _, v := range vs {
		e.comma()
		e.quoted(v)
	}
	e.raw("]")
}

func (e *jsonBuffer) pair(name string, v sessions.Pair[int64]) {
	e.key(name)
	(*jsonValue)(e).integers(v)
}

// address writes an end point, "" when there is none.
func address(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// seconds appends nanoseconds as decimal seconds, or null.
func (e *jsonBuffer) seconds(name string, ns int64, known bool) {
	e.key(name)
	if !known {
		e.raw("null")
		return
	}
	*e = appendSeconds(*e, ns)
}

// appendSeconds appends nanoseconds as seconds with nine decimals: all of them, exactly.
func appendSeconds(dst []byte, ns int64) []byte {
	u := uint64(ns)
	if ns < 0 {
		dst = append(dst, '-')
		u = -u
	}
	return appendNine(append(strconv.AppendUint(dst, u/1e9, 10), '.'), u%1e9)
}

// appendNine appends nine digits.
func appendNine(dst []byte, u uint64) []byte {
	if u == 0 {
		return append(dst, "000000000"...)
	}
	var digits [9]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + u%10)
		u /= 10
	}
	return append(dst, digits[:]...)
}

// clock appends a time of day, RFC 3339 with nanoseconds.
func (e *jsonBuffer) clock(name string, ns int64, known bool) {
	e.key(name)
	(*jsonValue)(e).clock(ns, known)
}

// A jsonValue appends the values of fields.
type jsonValue jsonBuffer

func (v *jsonValue) buffer() *jsonBuffer { return (*jsonBuffer)(v) }

func (v *jsonValue) integer(n int64, known bool) {
	if !known {
		v.buffer().raw("null")
		return
	}
	*v = strconv.AppendInt(*v, n, 10)
}

func (v *jsonValue) integers(p sessions.Pair[int64]) {
	v.range64(p[sessions.Client], p[sessions.Server])
}

func (v *jsonValue) integersIf(p sessions.Pair[int64], known bool) {
	if !known {
		v.buffer().raw("null")
		return
	}
	v.integers(p)
}

func (v *jsonValue) secondsIf(p sessions.Pair[time.Duration], known bool) {
	if !known {
		v.buffer().raw("null")
		return
	}
	*v = append(*v, '[')
	v.seconds(int64(p[sessions.Client]), true)
	*v = append(*v, ',')
	v.seconds(int64(p[sessions.Server]), true)
	*v = append(*v, ']')
}

func (v *jsonValue) range64(from, to int64) {
	*v = append(*v, '[')
	*v = strconv.AppendInt(*v, from, 10)
	*v = append(*v, ',')
	*v = strconv.AppendInt(*v, to, 10)
	*v = append(*v, ']')
}

func (v *jsonValue) text(s string) {
	if s == "" {
		v.buffer().raw("null")
		return
	}
	v.buffer().quoted(s)
}

// endpoint appends an address and port, which need no escapes but for a zone.
func (v *jsonValue) endpoint(a netip.AddrPort) {
	if !a.IsValid() || a.Addr().Zone() != "" {
		v.text(address(a))
		return
	}
	*v = append(a.AppendTo(append(*v, '"')), '"')
}

func (v *jsonValue) quoted(s string) { v.buffer().quoted(s) }

func (v *jsonValue) texts(p sessions.Pair[string]) {
	*v = append(*v, '[')
	v.text(p[sessions.Client])
	*v = append(*v, ',')
	v.text(p[sessions.Server])
	*v = append(*v, ']')
}

func (v *jsonValue) flag(b bool) { *v = strconv.AppendBool(*v, b) }

func (v *jsonValue) seconds(ns int64, known bool) {
	if !known {
		v.buffer().raw("null")
		return
	}
	*v = appendSeconds(*v, ns)
}

func (v *jsonValue) decimal(f float64, known bool) {
	if !known || math.IsNaN(f) || math.IsInf(f, 0) {
		v.buffer().raw("null")
		return
	}
	*v = strconv.AppendFloat(*v, f, 'f', 3, 64)
}

func (v *jsonValue) stats(s *sessions.Stats) { v.buffer().stats(s) }

func (v *jsonValue) statsPair(p *sessions.Pair[sessions.Stats]) {
	*v = append(*v, '[')
	v.stats(&p[sessions.Client])
	*v = append(*v, ',')
	v.stats(&p[sessions.Server])
	*v = append(*v, ']')
}

// clock appends a time of day, RFC 3339 with nanoseconds.
func (v *jsonValue) clock(ns int64, known bool) {
	e := v.buffer()
	if !known {
		e.raw("null")
		return
	}
	*e = append(appendClock(append(*e, '"'), ns), '"')
}

// appendClock appends a time of day, RFC 3339 with nanoseconds. The library's own layout is the fast one; it has no
// nanoseconds where they are zero.
func appendClock(dst []byte, ns int64) []byte {
	dst = capture.TimeOf(ns).AppendFormat(dst, time.RFC3339)
	fraction := ns % 1e9
	if fraction < 0 {
		fraction += 1e9
	}
	dst[len(dst)-1] = '.' // for the Z
	return append(appendNine(dst, uint64(fraction)), 'Z')
}

// stats appends STATS, null when there was nothing to measure.
func (e *jsonBuffer) stats(s *sessions.Stats) {
	if s.N == 0 {
		e.raw("null")
		return
	}
	e.raw(`{"n":`)
	*e = strconv.AppendInt(*e, s.N, 10)
	for _, v := range [...]struct {
		name string
		d    time.Duration
	}{{"min", s.Min}, {"mean", s.Mean}, {"p50", s.P50}, {"p95", s.P95}, {"p99", s.P99}, {"max", s.Max}, {"stddev", s.StdDev}} {
		e.seconds(v.name, int64(v.d), true)
	}
	e.raw("}")
}

func (e *jsonBuffer) statsOf(name string, s *sessions.Stats) {
	e.key(name)
	e.stats(s)
}

// quoted appends a JSON string. What cannot be seen, and what means something to HTML, is escaped,
// so that JSON on a terminal or in a page is harmless; bytes that are not UTF-8 become U+FFFD.
func (e *jsonBuffer) quoted(s string) {
	if isPlain(s) {
		*e = append(*e, '"')
		*e = append(*e, s...)
		*e = append(*e, '"')
		return
	}
	dst := append(*e, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendJSONByte(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if document.IsVisible(r) {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = appendJSONRune(dst, r)
		}
		i += size
	}
	*e = append(dst, '"')
}

// plainBytes are those that stand for themselves in a JSON string.
var plainBytes = func() (plain [256]bool) {
	for c := range byte(0x7f) {
		plain[c] = len(appendJSONByte(nil, c)) == 1
	}
	return plain
}()

func isPlain(s string) bool {
	for i := range len(s) {
		if !plainBytes[s[i]] {
			return false
		}
	}
	return true
}

func appendJSONByte(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '<', '>', '&', 0x7f:
		return appendJSONRune(dst, rune(c))
	}
	if c < ' ' {
		return appendJSONRune(dst, rune(c))
	}
	return append(dst, c)
}

// appendJSONRune appends a character as \uNNNN, or as two of them beyond the first plane.
func appendJSONRune(dst []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	if r > 0xffff {
		r -= 0x10000
		dst = appendJSONRune(dst, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return append(dst, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}
