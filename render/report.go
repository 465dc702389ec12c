package render

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tcptrace/findings"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
)

// ReportOptions chooses how a report is built.
type ReportOptions struct {
	Lang   string // "es" or "en"
	Ladder LadderOptions
	Images []Image // in the order in which they are shown
	// Picture is the drawn ladder, which stands before all tables; nil without one.
	Picture *document.ImageBlock
	// NoTables leaves out the tables of rows, for a page that has them in its drawing.
	NoTables bool
	// Findings are the explanations of the trace, shown in their order.
	Findings []findings.Finding
}

// Image is a picture for the report.
type Image struct {
	document.ImageBlock
	Session int // the number of the session that it belongs to, 0 for the whole capture
	Points  any // the plot.Points of an SVG; nil without any
}

// MaxListed is how many sessions a report lists; of the others it needs only the number.
const MaxListed = 1000

// Caps of a report; what they leave out is said in it.
const (
	maxTableSessions = MaxListed // lines of the table of sessions
	maxSections      = 16        // sessions that get a section without having steps
	maxLines         = 10        // lines about one kind of trouble
	maxChunkRuns     = 12        // runs of equal echo sizes
)

// report builds one document.
type report struct {
	*document.Document
	t        *sessions.Trace
	w        *Words
	o        ReportOptions
	networks rhythm.Networks
}

// Report builds the report of a trace: the capture's health, the table of sessions, and a section
// for every session that is shown; with a Summary the totals and the sessions that stand out. The
// sessions of a lazy trace that are not built are counted and not shown.
func Report(t *sessions.Trace, o ReportOptions) *document.Document {
	r := newReport(t, o)
	w := r.w
	title := document.Say(w.Title(captureName(t.Capture.File, w)))
	r.Title = title.Text()
	r.AddHeading(1, title)
	r.health()
	r.findings()
	if o.Picture != nil {
		r.AddHeading(2, document.Sentence(w.PictureHeading()))
		r.Add(*o.Picture)
	}
	r.found()
	return r.Document
}

// found says what sessions there were.
func (r *report) found() {
	switch {
	case r.t.Summary != nil:
		r.summary()
	case len(r.t.Sessions) == 0:
		r.nothing()
	default:
		r.sessions()
	}
}

// newReport is an empty report.
func newReport(t *sessions.Trace, o ReportOptions) *report {
	w := WordsFor(o.Lang)
	o.Ladder.Lang = o.Lang
	return &report{&document.Document{Lang: w.Lang}, t, w, o, rhythm.NetworksOf(t.Sessions)}
}

// captureName shortens a path to its last part, for titles.
func captureName(path string, w *Words) string {
	if path == "-" {
		return w.StandardInput()
	}
	if i := strings.LastIndexAny(path, `/\`); i >= 0 && i+1 < len(path) {
		return path[i+1:]
	}
	return path
}

// nothing says what was in a capture without sessions.
func (r *report) nothing() {
	c, w := &r.t.Capture, r.w
	r.AddHeading(2, document.Sentence(w.SessionsHeading()))
	var items []document.Cell
	switch {
	case c.Packets == 0:
		items = append(items, document.Sentence(w.NoPackets()))
	case c.TCPPackets == 0 && c.NotTCP > 0:
		items = append(items, document.Say(w.NoTCP(c.NotTCP)))
	case c.TCPPackets == 0: // what was not read is said above
		items = append(items, document.Sentence(w.NoPackets()))
	case c.Watched == 0 && len(c.Ports) > 0:
		items = append(items, document.Say(w.NoneWatched(c.TCPPackets, portList(c.Ports))))
	default:
		items = append(items, document.Say(w.NoSessions(c.TCPPackets)))
	}
	if n := len(r.t.ARPs); n > 0 {
		items = append(items, document.Say(w.SeenARP(n)))
	}
	if n := len(r.t.ICMPs); n > 0 {
		items = append(items, document.Say(w.SeenICMP(n)))
	}
	for _, item := range items {
		r.Add(document.Paragraph{Text: item})
	}
}

func portList(ports []uint16) string {
	texts := make([]string, len(ports))
	for i, p := range ports {
		texts[i] = strconv.Itoa(int(p))
	}
	return strings.Join(texts, ", ")
}

// sessions prints the table of all sessions, the plots of the capture, and the sections.
func (r *report) sessions() {
	r.AddHeading(2, document.Sentence(r.w.SessionsHeading()))
	r.sessionTable(r.t.Sessions, r.t.Count())
	r.plots()
	left := r.t.Count() - len(r.t.Sessions)
	for i, s := range r.t.Sessions {
		if s.Shown || i < maxSections {
			r.session(s)
		} else {
			left++
		}
	}
	if left > 0 {
		r.Add(document.Paragraph{Text: document.Say(r.w.MoreDetails(left))})
	}
}

// plots shows the pictures of the whole capture.
func (r *report) plots() {
	first := true
	for _, image := range r.o.Images {
		if image.Session != 0 {
			continue
		}
		if first {
			r.AddHeading(2, document.Sentence(r.w.PlotsHeading()))
			first = false
		}
		r.Add(image.ImageBlock)
	}
}

// sessionTable adds the table with a line for every session, of total ones.
func (r *report) sessionTable(all []*sessions.Session, total int) {
	c := r.w.Columns()
	t := document.Table{
		Header: headCells(c.ID, c.Client, c.Server, c.Packets, c.Bytes, c.First, c.Duration, c.Handshake,
			c.Retransmitted, c.End, c.ClosedFirst),
		Numeric: []bool{true, false, false, true, true, true, true, true, true},
		Notes:   []document.Cell{document.Sentence(r.w.PairsNote())},
	}
	guessed := false
	for _, s := range all[:min(len(all), maxTableSessions)] {
		guessed = guessed || s.RoleFrom != sessions.RoleFromSYN
		t.Rows = append(t.Rows, r.sessionRow(s))
	}
	if guessed {
		t.Notes = append(t.Notes, document.Sentence(r.w.RoleGuessedNote()))
	}
	if more := total - min(len(all), maxTableSessions); more > 0 {
		t.Notes = append(t.Notes, document.Say(r.w.MoreSessions(more)))
	}
	r.Add(document.TableBlock{Table: t})
}

func (r *report) sessionRow(s *sessions.Session) []document.Cell {
	c, w := &r.t.Capture, r.w
	client := endpoint(s.Client)
	if s.RoleFrom != sessions.RoleFromSYN {
		client = "≈ " + client
	}
	first, duration, handshake, closed := w.UnknownValue(), w.UnknownValue(), w.UnknownValue(), ""
	if s.Timed(c) {
		first = w.In(time.Duration(s.FirstTime-c.FirstTime), time.Second, 6)
	}
	if s.Timed(c) && !s.Untimed {
		duration = w.In(s.Duration, time.Second, 6)
	}
	if s.Handshake != nil && s.Handshake.HasRTT {
		handshake = w.In(s.Handshake.RTT, time.Millisecond, 3)
	}
	switch {
	case s.ClosedTogether:
		closed = w.BothAtOnce()
	case s.ClosedFirst != sessions.NoSide:
		closed = w.Sides()[s.ClosedFirst]
	}
	return plainCells(strconv.Itoa(s.ID), client, endpoint(s.Server), pairText(s.Packets), pairText(s.Bytes), first,
		duration, handshake, pairText(s.Retransmitted), w.EndNames()[s.End], closed)
}

func pairText(p sessions.Pair[int64]) string {
	return strconv.FormatInt(p[sessions.Client], 10) + " / " + strconv.FormatInt(p[sessions.Server], 10)
}

// endpoint writes an end point; a zone of an IPv6 address is text from outside.
func endpoint(a netip.AddrPort) string {
	if !a.IsValid() {
		return "?"
	}
	return document.PrintableString(a.String(), document.MaxNameBytes)
}

func plainCells(texts ...string) []document.Cell { return cells(document.Plain, texts) }

func headCells(texts ...string) []document.Cell { return cells(document.Strong, texts) }

func cells(kind document.SpanKind, texts []string) []document.Cell {
	row := make([]document.Cell, len(texts))
	for i, text := range texts {
		row[i] = document.NewCell(kind, text)
	}
	return row
}

// numeric marks all columns but the first ones as numbers.
func numeric(columns, text int) []bool {
	n := make([]bool, columns)
	for i := text; i < columns; i++ {
		n[i] = true
	}
	return n
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
