package lecture

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/notebook"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/render/plot"
	"tcptrace/sessions"
	"tcptrace/words"
)

// Options say how a lecture is written.
type Options struct {
	Lang  string // "es" or "en"
	Split bool   // the tables in three parts: handshake, data, teardown
	PNG   bool   // pictures as PNG, which a Jupyter notebook shows, instead of SVG
	Name  string // what the names of the pictures begin with, so that two lectures in a folder have their own; "lecture" when empty
}

// A Section is a part of the lecture that can stand alone in somebody's notes.
type Section struct {
	Name   string
	Blocks []document.Block
}

// The names of the sections, in their order.
const (
	SectionAPI         = "api"
	SectionBlocking    = "blocking"
	SectionNonBlocking = "nonblocking"
	SectionCompare     = "compare"
	SectionEvents      = "events"
	SectionPrograms    = "programs"
	SectionMistakes    = "mistakes"
	SectionMethod      = "method"
)

// SectionNames are the names of all sections.
func SectionNames() []string {
	return []string{SectionAPI, SectionBlocking, SectionNonBlocking, SectionCompare, SectionEvents, SectionPrograms, SectionMistakes, SectionMethod}
}

// A Lecture is the document in its parts.
type Lecture struct {
	Title    string
	Lang     string
	Opening  []document.Block
	Sections []Section // those that the runs have something for
}

// Document is the whole lecture.
func (l *Lecture) Document() *document.Document {
	d := &document.Document{Title: l.Title, Lang: l.Lang, Blocks: append([]document.Block(nil), l.Opening...)}
	for _, s := range l.Sections {
		d.Blocks = append(d.Blocks, s.Blocks...)
	}
	return d
}

// Section finds a section by its name, nil if the lecture has none of that name.
func (l *Lecture) Section(name string) *Section {
	for i := range l.Sections {
		if l.Sections[i].Name == name {
			return &l.Sections[i]
		}
	}
	return nil
}

// writer builds a lecture.
type writer struct {
	r *Runs
	o Options
	w words.Lecture
	m *render.Words
}

// Write writes the lecture. The error is that of a plot that cannot be drawn.
func Write(r *Runs, o Options) (*Lecture, error) {
	b := &writer{r: r, o: o, w: words.NewLecture(o.Lang), m: render.WordsFor(o.Lang)}
	l := &Lecture{Title: b.w.Title(), Lang: o.Lang, Opening: []document.Block{head(1, b.w.Title()), paragraph(b.w.Intro())}}
	if r.Lab {
		l.Opening = append(l.Opening, paragraph(b.w.FromLab()))
	} else {
		l.Opening = append(l.Opening, paragraph(b.w.FromCaptures()))
	}
	l.Opening = append(l.Opening, paragraph(b.w.HowToRead()))
	for _, part := range []struct {
		name  string
		write func() ([]document.Block, error)
	}{
		{SectionAPI, b.api},
		{SectionBlocking, func() ([]document.Block, error) {
			return b.ladder(r.Blocking, b.w.BlockingHead(), b.w.BlockingIntro())
		}},
		{SectionNonBlocking, func() ([]document.Block, error) {
			return b.ladder(r.NonBlocking, b.w.NonBlockingHead(), b.w.NonBlockingIntro())
		}},
		{SectionCompare, b.compare}, {SectionEvents, b.events}, {SectionPrograms, b.programs}, {SectionMistakes, b.mistakes}, {SectionMethod, b.method},
	} {
		blocks, err := part.write()
		if err != nil {
			return nil, err
		}
		if len(blocks) > 0 {
			l.Sections = append(l.Sections, Section{part.name, blocks})
		}
	}
	return l, nil
}

func (b *writer) api() ([]document.Block, error) {
	w := b.w
	functions := document.Table{Header: heads(w.APIColumns()...)}
	for _, f := range w.APIFunctions() {
		functions.Rows = append(functions.Rows, cells("`"+f[0]+"`", f[1], f[2]))
	}
	methods := document.Table{Header: heads(w.APIColumns()...)}
	for _, f := range w.APIMethods() {
		methods.Rows = append(methods.Rows, cells("`"+f[0]+"`", f[1], f[2]))
	}
	return []document.Block{head(2, w.APIHead()), paragraph(w.APIIntro()), document.TableBlock{Table: functions}, paragraph(w.APIPoll()),
		document.TableBlock{Table: methods}, list(w.APINotes()...)}, nil
}

// first is the first session that has a table, nil if there is none.
func first(t *sessions.Trace) *sessions.Session {
	if t == nil {
		return nil
	}
	for _, s := range t.Sessions {
		if len(s.Steps) > 0 {
			return s
		}
	}
	return nil
}

func (b *writer) ladderOptions() render.LadderOptions {
	return render.LadderOptions{Lang: b.o.Lang, Columns: render.NotebookColumns}
}

// ladder is one of the notebook's two tables.
func (b *writer) ladder(t *sessions.Trace, headline, intro string) ([]document.Block, error) {
	s := first(t)
	if s == nil {
		return nil, nil
	}
	blocks := []document.Block{head(2, headline), paragraph(intro)}
	if b.o.Split {
		for _, part := range render.LadderTables(s, t, b.ladderOptions()) {
			blocks = append(blocks, document.TableBlock{Table: part})
		}
		return blocks, nil
	}
	return append(blocks, document.TableBlock{Table: render.Ladder(s, t, b.ladderOptions())}), nil
}

func (b *writer) compare() ([]document.Block, error) {
	blocking, other := first(b.r.Blocking), first(b.r.NonBlocking)
	if blocking == nil || other == nil {
		return nil, nil
	}
	table := compare(b.w, render.Ladder(blocking, b.r.Blocking, b.ladderOptions()), render.Ladder(other, b.r.NonBlocking, b.ladderOptions()))
	conclusion := b.w.SegmentsDiffer()
	switch {
	case sameSegments(blocking, other, false):
		conclusion = b.w.SegmentsSame()
	case sameSegments(blocking, other, true):
		conclusion = b.w.SegmentsNearly()
	}
	return []document.Block{head(2, b.w.CompareHead()), paragraph(b.w.CompareIntro()), document.TableBlock{Table: table}, paragraph(conclusion)}, nil
}

func (b *writer) events() ([]document.Block, error) {
	w := b.w
	seen := b.r.events()
	blocks := []document.Block{head(2, w.EventsHead()), paragraph(w.EventsIntro()), document.TableBlock{Table: eventTable(w, seen, b.r.Lab)}, paragraph(w.EventSources())}
	if values, any := valueTable(w, seen); any {
		blocks = append(blocks, paragraph(w.ValuesIntro(b.r.Lab)), document.TableBlock{Table: values})
	}
	return append(blocks, list(w.EventNotes()...)), nil
}

// programs tells how the notebook's three programs behaved.
func (b *writer) programs() ([]document.Block, error) {
	t := b.r.Exchange
	if t == nil {
		return nil, nil
	}
	w := b.w
	blocks := []document.Block{head(2, w.ProgramsHead()), paragraph(w.ProgramsIntro())}
	for _, s := range t.Sessions {
		if c := s.Cadence; c != nil && c.Period.N > 0 && s.Server.Port() == notebook.GreetingPort {
			blocks = append(blocks, paragraphOf(w.Cadence(c.Beats, b.m.Duration(c.Period.Mean), b.m.Duration(c.Period.Min), b.m.Duration(c.Period.Max))),
				paragraph(w.CadenceWhy()))
			break
		}
	}
	for _, s := range t.Sessions {
		e := s.Echo
		if e == nil || e.RTT.N == 0 || s.Server.Port() != notebook.EchoPort {
			continue
		}
		blocks = append(blocks, paragraphOf(w.Echo(e.RTT.N, b.m.Duration(e.RTT.Min), b.m.Duration(e.RTT.Mean), b.m.Duration(e.RTT.P95), b.m.Duration(e.RTT.Max))))
		if s.Handshake != nil && s.Handshake.HasRTT {
			blocks = append(blocks, paragraphOf(w.EchoWhy(b.m.Duration(s.Handshake.RTT))))
		}
		break
	}
	images, err := b.images()
	if err != nil {
		return nil, err
	}
	return append(append(blocks, images...), list(w.ProgramNotes()...)), nil
}

// images are the plots of the exchange.
func (b *writer) images() (blocks []document.Block, err error) {
	for _, kind := range []plot.Kind{plot.Cadence, plot.Echo, plot.Phase} {
		var picture bytes.Buffer
		format := "svg"
		if b.o.PNG {
			format = "png"
		}
		err := plot.Draw(&picture, kind, b.r.Exchange, nil, plot.Options{Lang: b.o.Lang, Format: format})
		if errors.Is(err, plot.ErrNothingToPlot) {
			continue
		}
		if err != nil {
			return nil, err
		}
		image := document.ImageBlock{Name: cmp.Or(b.o.Name, "lecture") + "-" + string(kind), Alt: plot.Title(kind, b.o.Lang)}
		if b.o.PNG {
			image.PNG = picture.Bytes()
		} else {
			image.SVG = picture.Bytes()
		}
		blocks = append(blocks, image)
	}
	return blocks, nil
}

// mistakes sets what hand-made tables say against what happened in the first run, with the frames that show it.
func (b *writer) mistakes() ([]document.Block, error) {
	s := first(b.r.Blocking)
	table := document.Table{Header: heads(b.w.MistakeColumns()...)}
	for i, m := range b.w.Mistakes() {
		var proof document.Cell
		if s != nil && proofs[i] != nil {
			proof = text("%s", frames(s, proofs[i]))
		}
		table.Rows = append(table.Rows, []document.Cell{text(m[0]), text(m[1]), text(m[2]), proof})
	}
	if s == nil {
		table.Header = table.Header[:3]
		for i := range table.Rows {
			table.Rows[i] = table.Rows[i][:3]
		}
	}
	return []document.Block{head(2, b.w.MistakesHead()), paragraph(b.w.MistakesIntro()), document.TableBlock{Table: table}}, nil
}

// frames lists the frames of a session that show something.
func frames(s *sessions.Session, shows func(*sessions.Session, int) bool) string {
	out := ""
	for i := range s.Steps {
		if shows(s, i) {
			if out != "" {
				out += ", "
			}
			out += strconv.FormatInt(s.Steps[i].Frame, 10)
		}
	}
	return out
}

// What a frame can show.
func flagged(from sessions.Side, want, without capture.Flags) func(*sessions.Session, int) bool {
	return func(s *sessions.Session, i int) bool {
		st := &s.Steps[i]
		return st.From == from && st.Flags.Has(want) && st.Flags&without == 0
	}
}

func withData(from sessions.Side) func(*sessions.Session, int) bool {
	return func(s *sessions.Session, i int) bool { return s.Steps[i].From == from && s.Steps[i].Length > 0 }
}

// afterFIN are bare ACKs once both sides are closing down.
func ackOfFIN(from sessions.Side) func(*sessions.Session, int) bool {
	return func(s *sessions.Session, i int) bool {
		st := &s.Steps[i]
		return st.From == from && st.Length == 0 && st.Flags == capture.ACK && st.Marks.Has(sessions.MarkStateChange) &&
			(st.States[sessions.Client] > sessions.Established || st.States[sessions.Server] == sessions.Closed)
	}
}

// completing is the ACK that ends the handshake.
func completing(s *sessions.Session, i int) bool {
	return s.Handshake != nil && s.Steps[i].Frame == s.Handshake.ACKFrame
}

func (b *writer) method() ([]document.Block, error) {
	w := b.w
	items := list(w.Method()...)
	blocks := []document.Block{head(2, w.MethodHead()), paragraph(w.MethodIntro()), items}
	if b.r.Lab {
		blocks = append(blocks, paragraphOf(w.MethodLab(fmt.Sprint(labSeed), labLink.Delay.String(), (labLink.Delay+labLink.Jitter).String())))
	}
	return blocks, nil
}

// IsNonBlocking reports whether the programs of a trace's first session set their sockets to non-blocking.
func IsNonBlocking(t *sessions.Trace) bool {
	for i := range t.Journals {
		for _, e := range t.Journals[i].Entries {
			if e.Call == journal.SetBlocking {
				return true
			}
		}
	}
	return false
}

// IsExchange reports whether a trace is of the Pico's program: its ports, or echoes and beats.
func IsExchange(t *sessions.Trace) bool {
	for _, s := range t.Sessions {
		if p := s.Server.Port(); p == notebook.EchoPort || p == notebook.GreetingPort {
			return true
		}
	}
	return false
}
