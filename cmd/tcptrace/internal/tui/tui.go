// Package tui is the view of a trace to walk through in a terminal: the sessions, the table of one, the findings, the latency. It
// knows screens and keys; it reads no file and writes none, and computes nothing.
package tui

import (
	"context"
	"errors"
	"io"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"tcptrace/findings"
	"tcptrace/render"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/words"
)

// Form is what e exports.
type Form uint8

// The forms.
const (
	Markdown Form = iota
	SVG
	Capture
)

// Options are what the view shows and how.
type Options struct {
	Lang    string
	Colour  bool
	ASCII   bool
	Ladder  render.LadderOptions
	Start   int // the session whose table is shown first; 0 for the sessions
	In      io.Reader
	Out     io.Writer
	Env     []string
	Waiting string // what is shown until there is a trace
	// Export writes what is shown of a session (0 for all of them) and returns the file's name; nil: nothing can be exported.
	Export func(form Form, session int) (string, error)
}

// A Run is a view that runs.
type Run struct {
	program *tea.Program
	model   *model
}

// New makes a view.
func New(ctx context.Context, o Options) *Run {
	m := newModel(o)
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler()}
	if o.In != nil {
		options = append(options, tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithEnvironment(o.Env))
	}
	r := &Run{tea.NewProgram(m, options...), m}
	m.quit = r.program.Quit
	return r
}

// Show gives the view a trace with its findings, which must not change any more. It may come again and again while a capture goes
// on, from any goroutine.
func (r *Run) Show(t *sessions.Trace, found []findings.Finding) { r.program.Send(shown{t, found}) }

// Tell shows a line of text at the bottom.
func (r *Run) Tell(text string) { r.program.Send(told(text)) }

// Quit ends the view.
func (r *Run) Quit() { r.program.Quit() }

// Wait runs the view until the user leaves it or its context ends. Whatever happens, the terminal is as it was before.
func (r *Run) Wait() error {
	_, err := r.program.Run()
	if r.model.fault != nil {
		return r.model.fault
	}
	if errors.Is(err, tea.ErrProgramKilled) && (errors.Is(err, context.Canceled) || !errors.Is(err, tea.ErrProgramPanic)) {
		return context.Canceled
	}
	return err
}

type (
	shown struct {
		t     *sessions.Trace
		found []findings.Finding
	}
	told string
)

// The views, by their numbers.
const (
	viewSessions = iota
	viewTable
	viewFindings
	viewLatency
	numViews
)

// leastWidth and leastHeight are the least screen that anything is shown on.
const leastWidth, leastHeight = 30, 8

// A place is where one view stands: the line of the cursor, and the first line that is seen.
type place struct{ cursor, top int }

// move keeps the cursor among n lines and in sight of a window.
func (p *place) move(by, n, window int) {
	p.cursor = min(max(p.cursor+by, 0), max(n-1, 0))
	p.top = min(max(p.top, p.cursor-window+1), p.cursor)
	p.top = min(max(p.top, 0), max(n-window, 0))
}

// model is the state of the view.
type model struct {
	o      Options
	w      words.TUI
	sc     *screen.Screen
	t      *sessions.Trace
	found  []findings.Finding
	view   int
	places [numViews]place

	list    []*sessions.Session // as ordered and filtered
	order   int
	filter  string
	session *sessions.Session // the one whose table is shown
	ladder  *render.LadderView
	folded  bool
	lines   []string // of the findings, of the latency: built when they are shown, for this width
	starts  []int    // of the findings: the first line of each
	proof   *findings.Finding
	proofAt int
	detail  []string // what is open below the table; nil for nothing
	scroll  int      // of the detail
	help    bool
	frozen  bool
	pending *shown // what came while the view was frozen
	input   textinput.Model
	typing  bool
	fault   error
	quit    func() // ends the view, from any goroutine
	asking  bool   // for the form of an export
	message string
}

func newModel(o Options) *model {
	m := &model{o: o, w: words.NewTUI(o.Lang), folded: true, message: o.Waiting}
	m.sc = &screen.Screen{Width: 80, Height: 24, Colour: o.Colour, ASCII: o.ASCII}
	m.input = textinput.New()
	m.input.Prompt = m.w.Search()
	return m
}

// Init starts nothing.
func (m *model) Init() tea.Cmd { return nil }

// View draws the screen, of which only what is seen is built.
func (m *model) View() tea.View {
	var lines []string
	m.guard(func() { lines = m.draw() })
	v := tea.NewView(strings.Join(lines, "\n"))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "tcptrace"
	return v
}

// guard makes a fault of a panic, so that the view ends as it always does and the terminal is left as it was found.
func (m *model) guard(f func()) {
	defer func() {
		if p := recover(); p != nil && m.fault == nil {
			m.fault = sessions.FaultOf(p, 0, 0)
			if m.quit != nil {
				go m.quit()
			}
		}
	}()
	f()
}

// Update takes a message. After a fault the view ends.
func (m *model) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	m.guard(func() { cmd = m.update(msg) })
	if m.fault != nil {
		return m, tea.Quit
	}
	return m, cmd
}

func (m *model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.sc.Width, m.sc.Height = msg.Width, msg.Height
		m.relayout()
	case shown:
		if m.frozen {
			m.pending = &msg
		} else {
			m.show(msg)
		}
	case told:
		m.message = string(msg)
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			m.step(-3)
		case tea.MouseWheelDown:
			m.step(3)
		}
	case tea.KeyPressMsg:
		return m.key(msg)
	}
	return nil
}

// show takes a trace.
func (m *model) show(s shown) {
	first := m.t == nil
	m.t, m.found, m.pending = s.t, s.found, nil
	id := m.o.Start
	if m.session != nil {
		id = m.session.ID
	}
	m.session = nil
	for _, x := range m.t.Sessions {
		if x.ID == id {
			m.session = x
		}
	}
	if first {
		m.message = ""
		if m.o.Start > 0 && m.session != nil {
			m.view = viewTable
		}
	}
	m.arrange()
	if m.session == nil && len(m.list) > 0 {
		m.session = m.list[0]
	}
	following := m.ladder != nil && m.places[viewTable].cursor >= m.ladder.Len()-1 && !first
	m.relayout()
	if following && m.ladder != nil {
		m.places[viewTable].move(m.ladder.Len(), m.ladder.Len(), m.window())
	}
}

// relayout builds anew what depends on the width and the trace.
func (m *model) relayout() {
	m.lines = nil
	m.layLadder()
	if m.t == nil {
		return
	}
	switch m.view {
	case viewFindings:
		m.layFindings()
	case viewLatency:
		m.lines = render.Latency(m.t, m.o.Lang, m.sc)
	}
	m.step(0)
}

// layLadder lays out the table of the session.
func (m *model) layLadder() {
	m.ladder = nil
	if m.session == nil || len(m.session.Steps) == 0 {
		return
	}
	o := m.o.Ladder
	o.All = !m.folded || o.All
	m.ladder = render.NewLadderView(m.session, m.t, o, m.inner())
}

// inner is the screen beside the mark of the cursor.
func (m *model) inner() *screen.Screen {
	sc := *m.sc
	sc.Width = max(m.sc.Width-2, 20)
	return &sc
}

// open shows another view.
func (m *model) open(view int) {
	m.view = (view + numViews) % numViews
	m.detail, m.message = nil, ""
	m.relayout()
}

// count is how many lines the view has.
func (m *model) count() int {
	switch m.view {
	case viewSessions:
		return len(m.list)
	case viewTable:
		if m.ladder == nil {
			return 0
		}
		return m.ladder.Len()
	case viewFindings:
		return len(m.starts)
	}
	return len(m.lines)
}

// step moves the cursor, or what is open.
func (m *model) step(by int) {
	if m.detail != nil {
		m.scroll = min(max(m.scroll+by, 0), max(len(m.detail)-m.detailHeight(), 0))
		return
	}
	m.places[m.view].move(by, m.count(), m.window())
}
