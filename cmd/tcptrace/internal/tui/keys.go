package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tcptrace/render"
	"tcptrace/sessions"
)

// key does what a key asks for.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	switch {
	case name == "ctrl+c":
		return tea.Quit
	case m.typing:
		return m.typed(k)
	case m.asking:
		m.exportAs(name)
		return nil
	case m.help:
		m.help = false
		return nil
	}
	m.message = ""
	switch name {
	case "q":
		return tea.Quit
	case "?":
		m.help = true
	case "j", "down":
		m.step(1)
	case "k", "up":
		m.step(-1)
	case "pgdown", "ctrl+f":
		m.step(m.window())
	case "pgup", "ctrl+b":
		m.step(-m.window())
	case "g", "home":
		m.step(-m.most())
	case "G", "end":
		m.step(m.most())
	case "t", "tab":
		m.open(m.view + 1)
	case "shift+tab":
		m.open(m.view - 1)
	case "1", "2", "3", "4":
		m.open(int(name[0] - '1'))
	case "enter":
		m.enter()
	case "esc":
		m.back()
	case "space":
		m.space()
	case "/":
		m.typing = true
		m.input.SetValue("")
		return m.input.Focus()
	case "n":
		m.next()
	case "f":
		m.freeze()
	case "e":
		m.asking = m.o.Export != nil && m.t != nil
	}
	return nil
}

// most is more than any view has lines.
func (m *model) most() int { return max(m.count(), len(m.detail)) }

// enter opens what the cursor is on.
func (m *model) enter() {
	switch m.view {
	case viewSessions:
		if p := m.places[viewSessions].cursor; p < len(m.list) {
			m.choose(m.list[p])
		}
	case viewTable:
		if m.ladder != nil && m.detail == nil && m.ladder.Len() > 0 {
			m.detail, m.scroll = render.RowDetail(m.ladder, m.places[viewTable].cursor, m.t, m.found, m.o.Lang, m.sc), 0
			m.places[viewTable].move(0, m.count(), m.window())
		}
	case viewFindings:
		if p := m.places[viewFindings].cursor; p < len(m.found) {
			m.proof, m.proofAt = &m.found[p], -1
			m.nextProof()
		}
	}
}

// choose opens the table of a session.
func (m *model) choose(s *sessions.Session) {
	m.session, m.places[viewTable], m.proof = s, place{}, nil
	m.open(viewTable)
}

// back closes what is open, or goes back to the sessions.
func (m *model) back() {
	switch {
	case m.detail != nil:
		m.detail = nil
		m.step(0)
	case m.proof != nil && m.view == viewTable:
		m.proof = nil
		m.open(viewFindings)
	case m.filter != "":
		m.filter = ""
		m.arrange()
		m.step(0)
	case m.view != viewSessions:
		m.open(viewSessions)
	}
}

// space folds or unfolds the table, and orders the sessions anew.
func (m *model) space() {
	switch m.view {
	case viewSessions:
		m.order = (m.order + 1) % len(m.w.Orders())
		m.arrange()
		m.step(-m.most())
	case viewTable:
		frame := m.frame()
		m.folded = !m.folded
		m.detail = nil
		m.layLadder()
		m.goTo(frame)
	}
}

// frame is the packet that the cursor is on or after; 0 for none.
func (m *model) frame() int64 {
	if m.ladder == nil {
		return 0
	}
	rows := m.ladder.Table.Rows
	for i := min(m.places[viewTable].cursor, len(rows)-1); i >= 0; i-- {
		if rows[i].Frame > 0 {
			return rows[i].Frame
		}
	}
	return 0
}

// goTo puts the cursor on the row of a packet, or on the nearest one before it.
func (m *model) goTo(frame int64) {
	at := 0
	if m.ladder != nil {
		for i := range m.ladder.Table.Rows {
			if f := m.ladder.Table.Rows[i].Frame; f > 0 && f <= frame {
				at = i
				if f == frame {
					break
				}
			}
		}
	}
	m.places[viewTable].cursor = at
	m.places[viewTable].move(0, m.count(), m.window())
}

// next goes to the next match of the search, or to the next packet of the finding that was opened.
func (m *model) next() {
	if m.proof != nil && m.view == viewTable {
		m.nextProof()
		return
	}
	m.search(m.input.Value())
}

// nextProof shows the next packet that proves the finding that was opened.
func (m *model) nextProof() {
	f := m.proof
	if len(f.Frames) == 0 {
		if len(f.Sessions) > 0 {
			m.show1(f.Sessions[0])
		}
		return
	}
	m.proofAt = (m.proofAt + 1) % len(f.Frames)
	frame := f.Frames[m.proofAt]
	for _, s := range m.t.Sessions {
		if frame < s.FirstFrame || frame > s.LastFrame || !slices.ContainsFunc(s.Steps, func(st sessions.Step) bool { return st.Frame == frame }) {
			continue
		}
		m.session, m.view, m.detail, m.folded = s, viewTable, nil, false
		m.layLadder()
		m.goTo(frame)
		m.message = fmt.Sprintf("%s · %s", f.Code, m.w.Position(m.proofAt+1, len(f.Frames)))
		return
	}
}

// show1 opens the table of a session by its number, keeping the finding.
func (m *model) show1(id int) {
	for _, s := range m.t.Sessions {
		if s.ID == id {
			proof := m.proof
			m.choose(s)
			m.proof = proof
			return
		}
	}
}

// typed takes a key of the search.
func (m *model) typed(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		m.typing = false
		m.input.Blur()
		return nil
	case "enter":
		m.typing = false
		m.input.Blur()
		m.proof = nil
		m.search(m.input.Value())
		return nil
	}
	var cmd tea.Cmd
	m.input, cmd = m.input.Update(k)
	return cmd
}

// search filters the sessions, and in the other views goes to the next line with a text.
func (m *model) search(text string) {
	if m.view == viewSessions {
		m.filter = text
		m.arrange()
		m.step(-m.most())
		return
	}
	if text == "" {
		return
	}
	n := m.count()
	for k := 1; k <= n; k++ {
		i := (m.places[m.view].cursor + k) % n
		if strings.Contains(strings.ToLower(m.text(i)), strings.ToLower(text)) {
			m.places[m.view].cursor = i
			m.places[m.view].move(0, n, m.window())
			return
		}
	}
	m.message = m.w.NoMatch(text)
}

// text is a line of the view, for the search.
func (m *model) text(i int) string {
	switch m.view {
	case viewTable:
		return m.ladder.Row(i)
	case viewFindings:
		f := &m.found[i]
		return f.Code + " " + f.Text.In(m.o.Lang)
	}
	return m.lines[i]
}

// freeze stops showing what comes, or shows the latest of it.
func (m *model) freeze() {
	m.frozen = !m.frozen
	if !m.frozen && m.pending != nil {
		m.show(*m.pending)
	}
}

// exportAs writes what is seen.
func (m *model) exportAs(name string) {
	m.asking = false
	form, ok := map[string]Form{"m": Markdown, "s": SVG, "c": Capture}[name]
	if !ok {
		return
	}
	session := 0
	switch {
	case m.view == viewTable && m.session != nil:
		session = m.session.ID
	case m.view == viewSessions && m.places[viewSessions].cursor < len(m.list):
		session = m.list[m.places[viewSessions].cursor].ID
	}
	file, err := m.o.Export(form, session)
	if err != nil {
		m.message = err.Error()
		return
	}
	m.message = m.w.Exported(file)
}

// arrange orders and filters the sessions.
func (m *model) arrange() {
	m.list = nil
	for _, s := range m.t.Sessions {
		if m.filter == "" || strings.Contains(strings.ToLower(m.sessionLine(s)), strings.ToLower(m.filter)) {
			m.list = append(m.list, s)
		}
	}
	value := func(s *sessions.Session) int64 {
		switch m.order {
		case 1:
			return int64(m.foundIn(s.ID))
		case 2:
			return s.Packets[0] + s.Packets[1]
		case 3:
			if s.Echo != nil {
				return int64(s.Echo.RTT.P50)
			}
		case 4:
			if s.Cadence != nil {
				return s.Cadence.Missed
			}
		}
		return 0
	}
	slices.SortStableFunc(m.list, func(a, b *sessions.Session) int {
		return cmp.Or(cmp.Compare(value(b), value(a)), cmp.Compare(a.ID, b.ID))
	})
}

// foundIn is how many findings name a session.
func (m *model) foundIn(id int) (n int) {
	for i := range m.found {
		if slices.Contains(m.found[i].Sessions, id) {
			n++
		}
	}
	return n
}
