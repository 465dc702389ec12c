package render

import (
	"strconv"
	"strings"
	"time"

	"tcptrace/findings"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/rhythm"
)

// maxFindingNumbers is how many session or frame numbers one line of the report names.
const maxFindingNumbers = 6

// findings adds the explanations, one line each, worst first.
func (r *report) findings() {
	if len(r.o.Findings) == 0 {
		return
	}
	r.AddHeading(2, document.Sentence(r.w.FindingsHeading()))
	r.Add(document.Paragraph{Text: document.Sentence(r.w.FindingsIntro())})
	var items []document.Cell
	for i := range r.o.Findings {
		items = append(items, findingLine(&r.o.Findings[i], r.w))
	}
	r.AddList(items)
}

// findingLine is one finding in one line.
func findingLine(f *findings.Finding, w *Words) document.Cell {
	c := document.Cell{{Kind: document.Strong, Text: w.severity(f.Severity)}, {Kind: document.Plain, Text: " "}, {Kind: document.Code, Text: f.Code}, {Kind: document.Plain, Text: ": "}}
	c = append(c, marked(f.Text.In(w.Lang))...)
	var where []string
	if len(f.Sessions) > 0 {
		where = append(where, document.Say(oneOrMore(len(f.Sessions), w.FindingSession, w.FindingSessions)(numberList(f.Sessions))).Text())
	}
	if len(f.Frames) > 0 {
		where = append(where, document.Say(oneOrMore(len(f.Frames), w.FindingFrame, w.FindingFrames)(numberList(f.Frames))).Text())
	}
	if len(where) > 0 {
		c = append(c, document.Span{Kind: document.Plain, Text: " (" + strings.Join(where, "; ") + ")"})
	}
	return c
}

func oneOrMore[T any](n int, one, more T) T {
	if n == 1 {
		return one
	}
	return more
}

func (w *Words) severity(s findings.Severity) string {
	if s < findings.Info || s > findings.Error {
		return ""
	}
	return w.Severities()[s-findings.Info]
}

// numberList writes the first numbers of a list.
func numberList[T int | int64](all []T) string {
	var out []string
	for _, n := range all[:min(len(all), maxFindingNumbers)] {
		out = append(out, strconv.FormatInt(int64(n), 10))
	}
	if len(all) > maxFindingNumbers {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// marked turns a finding's text into a cell: what stands between backticks is code. The text is our own but for names of
// files and lines of the user's program, which the printers escape like any other text.
func marked(text string) (c document.Cell) {
	for i, part := range strings.Split(text, "`") {
		if part == "" {
			continue
		}
		kind := document.Plain
		if i%2 == 1 {
			kind = document.Code
		}
		c = append(c, document.Span{Kind: kind, Text: part})
	}
	return c
}

// Explain is the long form of findings: the paragraph, what to change, the numbers, and the frames with their signals.
func Explain(t *sessions.Trace, found []findings.Finding, lang string) *document.Document {
	w := WordsFor(lang)
	title := document.Say(w.ExplainTitle(captureName(t.Capture.File, w)))
	e := explaining{&document.Document{Title: title.Text(), Lang: w.Lang}, t, w}
	e.AddHeading(1, title)
	if len(found) == 0 {
		e.Add(document.Paragraph{Text: document.Sentence(w.ExplainNothing())})
	}
	for i := range found {
		e.finding(&found[i])
	}
	return e.Document
}

type explaining struct {
	*document.Document
	t *sessions.Trace
	w *Words
}

func (e *explaining) finding(f *findings.Finding) {
	w := e.w
	e.AddHeading(2, document.Cell{{Kind: document.Code, Text: f.Code}, {Kind: document.Plain, Text: " · " + w.severity(f.Severity)}})
	e.Add(document.Paragraph{Text: marked(f.Text.In(w.Lang))})
	e.Add(document.Paragraph{Text: marked(f.Long.In(w.Lang))})
	if fix := f.Fix.In(w.Lang); fix != "" {
		e.Add(document.Paragraph{Text: document.Join(document.Sentence(w.ExplainFix()), marked(fix))})
	}
	e.patch(f.Change)
	e.splits(f.Splits)
	e.frames(f)
	if len(f.Numbers) > 0 {
		t := document.Table{Title: w.ExplainNumbers(), Header: headCells(w.ExplainName(), w.ExplainValue()), Numeric: numeric(2, 1)}
		for _, n := range f.Numbers {
			t.Rows = append(t.Rows, []document.Cell{document.NewCell(document.Code, n.Name), document.NewCell(document.Plain, formatNumber(n.Value))})
		}
		e.Add(document.TableBlock{Table: t})
	}
}

// patch shows the whole change, and where the board's program is that has all of them.
func (e *explaining) patch(c *findings.Change) {
	if c == nil {
		return
	}
	if c.Diff != "" {
		e.Add(document.CodeBlock{Language: "diff", Text: c.Diff})
	}
	if c.Pico {
		e.Add(document.Paragraph{Text: document.Sentence(e.w.ExplainFirmware())})
	}
}

// formatNumber writes a count without decimals and anything else with the digits it needs.
func formatNumber(v float64) string {
	if v == float64(int64(v)) {
		return strconv.FormatInt(int64(v), 10)
	}
	if v != 0 && v < 1e-6 {
		return strconv.FormatFloat(v, 'e', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 6, 64)
}

// splits shows where the time of the echoes went.
func (e *explaining) splits(all []rhythm.Split) {
	if len(all) == 0 {
		return
	}
	w, c := e.w, e.w.ExplainSplit()
	t := document.Table{Title: w.ExplainSplits(), Numeric: numeric(9, 0), Notes: []document.Cell{document.Sentence(w.ExplainSplitBy())},
		Header: headCells(c.Request, c.Reply, c.RTT, c.Network, c.Stack, c.Loop, c.Program, c.Lock, c.Deadline)}
	ms := func(d time.Duration) string { return w.In(d, time.Millisecond, 3) }
	var sum rhythm.Split
	for i := range all {
		s := &all[i]
		sum.RTT, sum.Network, sum.Stack = sum.RTT+s.RTT, sum.Network+s.Network, sum.Stack+s.Stack
		sum.Loop, sum.Program, sum.WithDeadline = sum.Loop+s.Loop, sum.Program+s.Program, sum.WithDeadline+s.WithDeadline
		if i < maxSplitRows {
			t.Rows = append(t.Rows, plainCells(number(s.RequestFrame), number(s.ReplyFrame), ms(s.RTT), ms(s.Network), ms(s.Stack),
				ms(s.Loop), ms(s.Program), ms(s.Lock), ms(s.WithDeadline)))
		}
	}
	if more := len(all) - maxSplitRows; more > 0 {
		t.Notes = append(t.Notes, document.Say(w.AndMore(more)))
	}
	t.Rows = append(t.Rows, plainCells(w.ExplainTotal(), "", ms(sum.RTT), ms(sum.Network), ms(sum.Stack), ms(sum.Loop), ms(sum.Program), "", ms(sum.WithDeadline)))
	e.Add(document.TableBlock{Table: t})
}

// maxSplitRows caps the echoes that are shown one by one; the sum has all of them.
const maxSplitRows = 50

// frames shows the frames of a finding with their ladder signals and the states after them.
func (e *explaining) frames(f *findings.Finding) {
	w := e.w
	t := document.Table{Title: w.ExplainFrames(), Numeric: []bool{true, true, true},
		Header: headCells("#", w.LadderTime(), w.ExplainSession(), w.LadderClient()+": "+w.LadderState(), w.ExplainSignal(), w.LadderServer()+": "+w.LadderState())}
	for _, frame := range f.Frames {
		s, st := stepOf(e.t, frame)
		if st == nil {
			continue
		}
		arrow := w.arrow(ladder.SignalOf(st, sessions.Client))
		at := w.UnknownValue()
		if s.Timed(&e.t.Capture) {
			at = sixDecimals(time.Duration(st.Time - e.t.Capture.FirstTime))
		}
		t.Rows = append(t.Rows, plainCells(number(frame), at, number(int64(s.ID)), st.States[sessions.Client].String(), arrow, st.States[sessions.Server].String()))
	}
	if len(t.Rows) > 0 {
		e.Add(document.TableBlock{Table: t})
	}
}

// stepOf finds the step with a frame number, nil when no session keeps it.
func stepOf(t *sessions.Trace, frame int64) (*sessions.Session, *sessions.Step) {
	for _, s := range t.Sessions {
		if frame < s.FirstFrame || frame > s.LastFrame {
			continue
		}
		for i := range s.Steps {
			if s.Steps[i].Frame == frame {
				return s, &s.Steps[i]
			}
		}
	}
	return nil, nil
}

// ExplainFrame is one segment's story as a document.
func ExplainFrame(f *findings.Frame, lang string) *document.Document {
	w := WordsFor(lang)
	s := f.Session
	st := &s.Steps[f.Step]
	title := document.Say(w.FrameTitle(st.Frame))
	d := &document.Document{Title: title.Text(), Lang: w.Lang}
	signal := w.arrow(ladder.SignalOf(st, sessions.Client))
	d.AddHeading(1, document.Join(title, document.Cell{{Kind: document.Plain, Text: "· "}, {Kind: document.Code, Text: signal}}))
	d.Add(document.Paragraph{Text: document.Say(w.FrameWhere(s.ID, endpoint(s.Client), endpoint(s.Server), w.since(st.Time, s.FirstTime)))})
	var items []document.Cell
	for _, line := range f.Lines {
		items = append(items, marked(line.In(w.Lang)))
	}
	d.AddList(items)
	return d
}

// ExplainOther is what a frame without TCP is, as a document.
func ExplainOther(frame int64, text findings.Text, lang string) *document.Document {
	title := document.Say(WordsFor(lang).FrameTitle(frame))
	d := &document.Document{Title: title.Text(), Lang: lang}
	d.AddHeading(1, title)
	d.Add(document.Paragraph{Text: marked(text.In(lang))})
	return d
}

// Kinds is the table of all codes: the table of contents of a lecture on what goes wrong with sockets.
func Kinds(lang string) *document.Document {
	w := WordsFor(lang)
	d := &document.Document{Title: w.KindsTitle(), Lang: w.Lang}
	d.AddHeading(1, document.Sentence(w.KindsTitle()))
	d.Add(document.Paragraph{Text: document.Sentence(w.KindsIntro())})
	t := document.Table{Header: headCells(w.KindsColumns()...)}
	for _, k := range findings.Kinds() {
		meaning := marked(k.Meaning.In(w.Lang))
		if k.Pico {
			meaning = append(meaning, document.Span{Kind: document.Plain, Text: " " + w.KindsPico()})
		}
		t.Rows = append(t.Rows, []document.Cell{document.NewCell(document.Code, k.Code), document.NewCell(document.Plain, w.severity(k.Severity)), meaning})
	}
	d.Add(document.TableBlock{Table: t})
	return d
}
