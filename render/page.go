package render

import (
	"cmp"
	"strconv"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/journal"
	"tcptrace/render/document"
	"tcptrace/render/page"
	"tcptrace/sessions"
	"tcptrace/sessions/conversation"
	"tcptrace/sessions/ladder"
	"tcptrace/words"
)

// PageOptions choose what a page shows.
type PageOptions struct {
	ladder.Options
	Lang     string
	Images   []Image // the plots
	Findings []findings.Finding
	From     int    // the first row of the drawing, from 0; negative counts from the end
	MaxRows  int    // of the drawing; 0 for MaxPageRows
	Served   bool   // other rows can be asked for, by ?from=N
	Live     string // page.Page.Live
	Name     string // of the conversation; "" for the capture's file
}

// DocumentPage is a document with the conversations that it is about in front of it.
func DocumentPage(d *document.Document, part string, data ...page.Data) *page.Page {
	return &page.Page{Lang: d.Lang, Title: d.Title, NoScript: words.NewPage(d.Lang).NoScript(), Data: data,
		Sections: []page.Section{{ID: part, Body: d.AppendHTMLBlocks(nil)}}}
}

// MaxPageRows is how many rows a page has: 35 bytes a packet, and a browser that stays quick.
const MaxPageRows = 100_000

// Page builds the interactive page of a trace: the findings, the conversation as data, and behind it the plots and what the report
// says of sessions and of the capture. Where nothing can be drawn the page is the report.
func Page(t *sessions.Trace, o PageOptions) *page.Page { return pageOf(t, o, PageData(t, o)) }

func pageOf(t *sessions.Trace, o PageOptions, data page.Data) *page.Page {
	w := WordsFor(o.Lang)
	p := &page.Page{Lang: w.Lang, Title: document.Say(w.Title(captureName(t.Capture.File, w))).Text(), Live: o.Live,
		NoScript: words.NewPage(w.Lang).NoScript(), Data: []page.Data{data}}
	if o.Live == "" {
		p.Sections = pageSections(t, o)
	}
	for _, image := range o.Images {
		p.Plots = append(p.Plots, page.Plot{Name: image.Name, Alt: image.Alt, SVG: string(image.SVG), Points: image.Points})
	}
	return p
}

// pageSections are what stands behind the drawing: what the report says of every session, and of the capture, in both languages.
func pageSections(t *sessions.Trace, o PageOptions) (out []page.Section) {
	add := func(id, lang string, r *report) {
		if len(r.Blocks) > 0 {
			out = append(out, page.Section{ID: id, Lang: lang, Body: r.AppendHTMLBlocks(nil)})
		}
	}
	for _, lang := range pageLanguages(o.Lang) {
		r := newReport(t, ReportOptions{Lang: lang, NoTables: true})
		r.found()
		add("sessions", lang, r)
		r = newReport(t, ReportOptions{Lang: lang})
		r.health()
		add("capture", lang, r)
	}
	return out
}

// pageLanguages are both languages, the page's own first.
func pageLanguages(lang string) []string {
	if lang == words.ES {
		return []string{words.ES, words.EN}
	}
	return []string{words.EN, words.ES}
}

// The head of a conversation's data, as the page reads it (render/page/src/data.ts).
type pageHead struct {
	Schema   string        `json:"schema"`
	Lang     string        `json:"lang"`
	File     string        `json:"file"`
	Packets  int64         `json:"packets"`
	Timed    bool          `json:"timed"`
	Rows     int           `json:"rows"`
	AllRows  int           `json:"allRows"`
	From     int           `json:"from"`    // of all rows, the first one here
	Served   bool          `json:"served"`  // others can be asked for
	Initial  [][3]int64    `json:"initial"` // part, side and state above the first row
	Others   int           `json:"others"`
	Hosts    []pageHost    `json:"hosts"`
	Parts    []pagePart    `json:"parts"`
	Findings []pageFinding `json:"findings"`
	Passes   [][3]int      `json:"passes"` // number, row, host
	Folds    []pageFold    `json:"folds"`
	Waits    []pageWait    `json:"waits"`
	Bars     []pageBar     `json:"bars"`
	UI       pageBoth[any] `json:"ui"`
	Rules    pageBoth[any] `json:"rules"`
	States   []string      `json:"states"`
	Layout   pageLayout    `json:"layout"`
}

type pageBoth[T any] struct {
	ES T `json:"es"`
	EN T `json:"en"`
}

func both(of func(lang string) string) pageBoth[string] {
	return pageBoth[string]{of(words.ES), of(words.EN)}
}

type pageHost struct {
	Name     pageBoth[string] `json:"name"`
	Addr     string           `json:"addr"`
	Near     int64            `json:"near"`
	Captured bool             `json:"captured"`
}

type pagePart struct {
	ID     int                `json:"id"`
	Client string             `json:"client"`
	Server string             `json:"server"`
	Lines  [2]int             `json:"lines"`
	Notes  pageBoth[[]string] `json:"notes"`
}

type pageFinding struct {
	Code     string           `json:"code"`
	Level    int              `json:"level"`
	Severity pageBoth[string] `json:"severity"`
	Text     pageBoth[string] `json:"text"`
	Long     pageBoth[string] `json:"long"`
	Fix      pageBoth[string] `json:"fix"`
	Diff     string           `json:"diff,omitempty"`
	Frames   []int64          `json:"frames"`
	Badges   int              `json:"badges"` // of the frames, how many carry the finding's number
	Sessions []int            `json:"sessions"`
}

type pageFold struct {
	First int              `json:"first"`
	Last  int              `json:"last"`
	Part  int              `json:"part"` // -1 for passes of the loop
	Text  pageBoth[string] `json:"text"`
}

type pageWait struct {
	Host    int              `json:"host"`
	Part    int              `json:"part"`
	Request int              `json:"request"`
	Reply   int              `json:"reply"`
	Program int64            `json:"program"` // ns since the capture's first packet
	Stack   int64            `json:"stack"`
	Until   int64            `json:"until"`
	Split   [5]int64         `json:"split"` // ns: all, network, loop, program, TCP
	Text    pageBoth[string] `json:"text"`
	Short   pageBoth[string] `json:"short"`
}

type pageBar struct {
	Host  int    `json:"host"`
	Part  int    `json:"part"`
	First int    `json:"first"`
	Last  int    `json:"last"`
	From  int64  `json:"from"` // ns since the capture's first packet
	To    int64  `json:"to"`
	Kind  string `json:"kind"` // wait, sleep, repeat, open
	Times int    `json:"times"`
	Name  string `json:"name"`
}

// pageLayout is how high things are (diagram.go): the page and the SVG place alike.
type pageLayout struct {
	Pause float64 `json:"pause"`
	Tail  float64 `json:"tail"`
	Head  float64 `json:"head"`
	Fold  float64 `json:"fold"`
	Long  int64   `json:"long"`

	Expiry float64 `json:"expiry"`
}

// Flags of a row, in the column "flags".
const (
	rowDeparts = 1 << iota
	rowArrives
	rowLost
	rowSegment
	rowFromServer
	rowRepeated
	rowSpurious
	rowOutOfOrder
	rowACKOnly
	rowControl // SYN or FIN
	rowReset
	rowUntimed
	rowClientFailed
	rowServerFailed
	rowIdle
	rowLeftOut
	rowExpiry
)

// Beside the state in the columns "clientState" and "serverState".
const (
	stateBlocked = 16
	stateBound   = 32
)

// PageData is a conversation as the page reads it.
func PageData(t *sessions.Trace, o PageOptions) page.Data { return NewPages(t, o).Data(o) }

// Pages are the windows of one conversation, which is laid out once.
type Pages struct {
	t      *sessions.Trace
	en, es *diagram
}

// NewPages lays out the conversation of a trace.
func NewPages(t *sessions.Trace, o PageOptions) *Pages {
	d := newDiagram(t, o.Options, words.EN, o.Findings)
	return &Pages{t, d, d.inLanguage(words.ES)}
}

// Data is one window: From and MaxRows choose it.
func (p *Pages) Data(o PageOptions) page.Data {
	all, most := p.en.c.Rows, cmp.Or(o.MaxRows, MaxPageRows)
	x := &pageData{d: p.en, es: p.es, from: min(max(o.From, 0), len(all))}
	if o.From < 0 {
		x.from = max(len(all)+o.From, 0)
	}
	x.rows = all[x.from:min(len(all), x.from+most)]
	x.zero = p.en.zero()
	return page.Data{Head: x.head(p.t, o), Columns: x.columns()}
}

// Page is the page of one window.
func (p *Pages) Page(o PageOptions) *page.Page { return pageOf(p.t, o, p.Data(o)) }

type pageData struct {
	d, es *diagram // the same in English and in Spanish
	rows  []conversation.Row
	from  int   // of all rows, the first one of rows
	zero  int64 // ns since 1970, from which times count
}

// place is a row's number among those of the page; ok is false for one that is not there.
func (x *pageData) place(row int) (n int, ok bool) {
	n = row - x.from
	return n, n >= 0 && n < len(x.rows)
}

// initial are the states above the first row.
func (x *pageData) initial() [][3]int64 {
	states := map[[2]int]int64{}
	for i := range x.d.c.Rows[:x.from] {
		r := &x.d.c.Rows[i]
		for side := range r.Sides {
			if s := stateCode(r.Sides[side].State); s != 0 {
				states[[2]int{r.Part, side}] = s
			}
		}
	}
	out := [][3]int64{}
	for part := range x.d.c.Parts {
		for side := range 2 {
			if s := states[[2]int{part, side}]; s != 0 {
				out = append(out, [3]int64{int64(part), int64(side), s})
			}
		}
	}
	return out
}

func (x *pageData) since(at int64) int64 {
	if at == ladder.Never {
		return 0
	}
	return at - x.zero
}

// says gives a text in both languages.
func (x *pageData) says(of func(*diagram) string) pageBoth[string] {
	return pageBoth[string]{of(x.es), of(x.d)}
}

func (x *pageData) head(t *sessions.Trace, o PageOptions) *pageHead {
	h := &pageHead{Schema: "tcptrace-page/1", Lang: cmp.Or(o.Lang, words.EN), File: document.PrintableString(cmp.Or(o.Name, captureName(t.Capture.File, x.d.print)), 200),
		Packets: t.Capture.Packets, Timed: t.Capture.HasTimes, Rows: len(x.rows), AllRows: len(x.d.c.Rows), From: x.from, Served: o.Served, Initial: x.initial(), Others: x.d.c.Others,
		UI:     pageBoth[any]{words.NewPage(words.ES).UI(), words.NewPage(words.EN).UI()},
		Rules:  pageBoth[any]{words.NewPage(words.ES).StateRules(), words.NewPage(words.EN).StateRules()},
		Layout: pageLayout{pauseScale, tailBelow, headBelow, foldHeight, int64(longPause), expiryRoom},
		Hosts:  []pageHost{}, Parts: []pagePart{}, Findings: []pageFinding{}, Passes: [][3]int{}, Folds: []pageFold{}, Waits: []pageWait{}, Bars: []pageBar{}}
	for s := sessions.Undetermined; s <= sessions.TimeWait; s++ {
		h.States = append(h.States, s.String())
	}
	for i := range x.d.c.Hosts {
		h.Hosts = append(h.Hosts, x.host(i))
	}
	for i, p := range x.d.c.Parts {
		s := p.Table.Session
		h.Parts = append(h.Parts, pagePart{s.ID, endpoint(s.Client), endpoint(s.Server), p.Lines,
			pageBoth[[]string]{noteTexts(x.es.printers[i]), noteTexts(x.d.printers[i])}})
	}
	for i := range o.Findings {
		h.Findings = append(h.Findings, pageFindingOf(&o.Findings[i]))
	}
	for _, p := range x.d.c.Passes {
		if row, ok := x.place(p.Row); ok {
			h.Passes = append(h.Passes, [3]int{p.Number, row, p.Host})
		}
	}
	for i := range x.d.c.Folds {
		f := &x.d.c.Folds[i]
		part := -1
		if f.Run != nil {
			part = f.Part
		}
		first, last := max(f.First-x.from, 0), min(f.Last-x.from, len(x.rows)-1)
		h.Folds = append(h.Folds, pageFold{first, last, part, x.says(func(d *diagram) string { return d.foldText(f) })})
	}
	x.waitsAndBars(h)
	return h
}

func (x *pageData) waitsAndBars(h *pageHead) {
	for i := range x.d.c.Waits {
		w := &x.d.c.Waits[i]
		request, ok1 := x.place(w.Request)
		reply, ok2 := x.place(w.Reply)
		if !ok1 || !ok2 || w.Split.Loop < leastWait {
			continue
		}
		s := w.Split
		h.Waits = append(h.Waits, pageWait{w.Host, x.rows[request].Part, request, reply, x.since(w.Program), x.since(w.Stack), x.since(w.Until),
			[5]int64{int64(s.RTT), int64(s.Network), int64(s.Loop), int64(s.Program), int64(s.Stack)},
			x.says(func(d *diagram) string { return d.waitText(w) }), x.says(func(d *diagram) string { return d.print.Duration(s.Loop) })})
	}
	for i := range x.d.c.Bars {
		b := &x.d.c.Bars[i]
		first, ok := x.place(b.First)
		if !ok {
			first = -1
			if b.First >= 0 || len(x.rows) == 0 || b.To < x.rows[0].At || b.From > x.rows[len(x.rows)-1].At {
				continue
			}
		}
		last, ok := x.place(b.Last)
		if !ok {
			last = -1
		}
		kind := "wait"
		switch {
		case b.Call.Call == journal.Sleep:
			kind = "sleep"
		case b.Call.Repeats > 1:
			kind = "repeat"
		case !b.Call.Returns:
			kind = "open"
		}
		h.Bars = append(h.Bars, pageBar{b.Host, b.Part, first, last, x.since(b.From), x.since(b.To), kind, b.Call.Repeats, oneLine(ladder.Spelling(b.Call))})
	}
}

// host gives a line of life a name that a person would use.
func (x *pageData) host(i int) pageHost {
	h := &x.d.c.Hosts[i]
	out := pageHost{Addr: x.d.hostName(i), Near: int64(h.Near), Captured: h.Near == 0 && h.Side == sessions.NoSide}
	out.Name = both(func(lang string) string {
		w := words.NewPage(lang)
		switch {
		case h.Side == sessions.Client:
			return w.ClientProgram()
		case h.Side == sessions.Server:
			return w.ServerProgram()
		case h.Stack == sessions.PicoStack:
			return w.Pico()
		case len(x.d.c.Hosts) == 2 && x.d.c.Hosts[1-i].Stack == sessions.PicoStack:
			return w.PC()
		}
		return h.Addr.String()
	})
	return out
}

func noteTexts(l *ladderPrinter) (texts []string) {
	for _, n := range l.notes() {
		texts = append(texts, plainSigns(n.Text()))
	}
	return texts
}

func pageFindingOf(f *findings.Finding) pageFinding {
	out := pageFinding{Code: f.Code, Level: int(f.Severity), Frames: f.Frames, Badges: len(badgedFrames(f)), Sessions: f.Sessions,
		Severity: both(func(lang string) string { return WordsFor(lang).severity(f.Severity) }),
		Text:     pageBoth[string](f.Text), Long: pageBoth[string](f.Long), Fix: pageBoth[string](f.Fix)}
	if f.Change != nil {
		out.Diff = f.Change.Diff
	}
	for _, text := range []*string{&out.Text.ES, &out.Text.EN, &out.Long.ES, &out.Long.EN, &out.Fix.ES, &out.Fix.EN} {
		*text = document.VisibleLines(*text)
	}
	out.Diff = document.VisibleLines(out.Diff)
	if out.Frames == nil {
		out.Frames = []int64{}
	}
	return out
}

// texts numbers the texts of the rows: most are said again and again.
type texts struct {
	number map[pageBoth[string]]int64
	es, en []string // es is "" where both say the same
}

func (x *texts) add(t pageBoth[string]) int64 {
	n, ok := x.number[t]
	if ok {
		return n
	}
	n = int64(len(x.en))
	x.number[t] = n
	x.en = append(x.en, t.EN)
	if t.ES == t.EN {
		t.ES = ""
	}
	x.es = append(x.es, t.ES)
	return n
}

// columns are the rows. Texts are numbers of the columns "en" and "es".
func (x *pageData) columns() *page.Columns {
	all := &texts{number: map[pageBoth[string]]int64{}}
	all.add(pageBoth[string]{}) // number 0 is the empty text
	names := []string{"part", "at", "left", "arrived", "frame", "flags", "length", "offset", "weight", "fold", "segment", "preview",
		"clientCall", "clientState", "clientStateText", "clientSignal", "clientResult",
		"serverCall", "serverState", "serverStateText", "serverSignal", "serverResult", "step"}
	columns := make([][]int64, len(names))
	for i := range columns {
		columns[i] = make([]int64, 0, len(x.rows))
	}
	for i := range x.rows {
		for k, v := range x.row(&x.rows[i], all) {
			columns[k] = append(columns[k], v)
		}
	}
	c := &page.Columns{}
	for k, name := range names {
		switch name {
		case "at", "frame", "offset", "step":
			c.Deltas(name, columns[k])
		default:
			c.Ints(name, columns[k])
		}
	}
	c.Texts("en", all.en)
	c.Texts("es", all.es)
	return c
}

// row is one row's values, in the order of the names in columns.
func (x *pageData) row(r *conversation.Row, all *texts) [23]int64 {
	say := func(of func(*diagram) string) int64 { return all.add(x.says(of)) }
	v := [23]int64{0: int64(r.Part), 1: x.since(r.At), 2: r.At - r.Left, 3: r.Arrived - r.At, 4: r.Frame, 5: rowFlags(x.d, r),
		8: int64(x.d.rowWeight(r)), 9: int64(r.Fold + 1), 22: int64(r.Step)}
	if r.Step >= 0 {
		st := &x.d.c.Parts[r.Part].Table.Session.Steps[r.Step]
		v[6], v[7] = int64(st.Length), st.Offset
		v[10] = say(func(d *diagram) string { return d.segmentText(r) })
		v[11] = say(func(d *diagram) string { return d.previewText(r) })
	}
	if r.Kind == ladder.KindLeftOut {
		v[8] = foldHeight
		v[10] = say(func(d *diagram) string { return oneLine(d.printers[r.Part].fold(r.Row)) })
	}
	for side, at := range [...]int{12, 17} {
		side := sessions.Side(side)
		s := r.Sides[side].State
		v[at] = say(func(d *diagram) string { return d.callText(r, side) })
		v[at+1] = stateCode(s)
		v[at+2] = say(func(*diagram) string { return StateText(s) })
		v[at+3] = say(func(d *diagram) string { return plainSigns(d.printers[r.Part].signal(r.Row, side).Text()) })
		v[at+4] = say(func(d *diagram) string { return d.resultText(r, side) })
	}
	return v
}

func stateCode(s ladder.State) int64 {
	if !s.Shown {
		return 0
	}
	code := int64(s.TCP) + 1 // 0 is no state at all, 1 an unknown one
	if s.Blocked {
		code += stateBlocked
	}
	if s.Bound {
		code += stateBound
	}
	return code
}

func rowFlags(d *diagram, r *conversation.Row) (flags int64) {
	set := func(on bool, bit int64) {
		if on {
			flags |= bit
		}
	}
	set(r.Departs, rowDeparts)
	set(r.Arrives, rowArrives)
	set(r.Lost, rowLost)
	set(r.Row.At == ladder.Never || r.Row.At == 0, rowUntimed)
	set(r.Sides[sessions.Client].Result.Errno != "", rowClientFailed)
	set(r.Sides[sessions.Server].Result.Errno != "", rowServerFailed)
	set(r.Kind == ladder.KindLeftOut, rowLeftOut)
	set(r.Kind == ladder.KindExpiry, rowExpiry)
	if r.Step < 0 {
		return flags
	}
	p := d.c.Parts[r.Part]
	st := &p.Table.Session.Steps[r.Step]
	g := ladder.SignalOf(st, st.From)
	set(true, rowSegment)
	set(st.From == sessions.Server, rowFromServer)
	set(g.Repeated, rowRepeated)
	set(g.Spurious, rowSpurious)
	set(st.Marks.Has(sessions.MarkOutOfOrder), rowOutOfOrder)
	set(st.Length == 0 && st.Flags&(capture.SYN|capture.FIN|capture.RST) == 0, rowACKOnly)
	set(st.Flags&(capture.SYN|capture.FIN) != 0, rowControl)
	set(st.Flags&capture.RST != 0, rowReset)
	set(p.Table.IdleACK(r.Row), rowIdle)
	return flags
}

// anchor names what belongs to a session in a page.
func anchor(session int) string { return "s" + strconv.Itoa(session) }
