package tui

import (
	"fmt"
	"strings"

	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/render/screen"
	"tcptrace/sessions"
)

// The lines around the window: the views' names above, the heads of the columns, and the status below.
const (
	linesAbove = 1
	linesBelow = 1
)

// window is how many lines of the view are seen.
func (m *model) window() int {
	n := m.sc.Height - linesAbove - linesBelow
	if m.view == viewSessions || m.view == viewTable {
		n--
	}
	if m.detail != nil {
		n -= m.detailHeight() + 1
	}
	return max(n, 1)
}

// detailHeight is how many lines of the detail are seen: what it needs, at most two thirds of the screen.
func (m *model) detailHeight() int { return max(min(len(m.detail), m.sc.Height*2/3-2), 1) }

// draw gives the lines of the screen, as many as it has.
func (m *model) draw() []string {
	if m.sc.Width < leastWidth || m.sc.Height < leastHeight {
		return m.fill(m.sc.Wrap(m.w.TooSmall(leastWidth, leastHeight), "", ""), m.sc.Height)
	}
	lines := []string{m.tabs()}
	switch {
	case m.help:
		lines = append(lines, m.fill(m.helpLines(), m.sc.Height-linesAbove-linesBelow)...)
		return append(lines, m.status())
	case m.t == nil:
		lines = append(lines, m.fill(nil, m.sc.Height-linesAbove-linesBelow)...)
		return append(lines, m.status())
	}
	lines = append(lines, m.body()...)
	if m.detail != nil {
		bar := strings.Repeat("─", m.sc.Width)
		if m.sc.ASCII {
			bar = strings.Repeat("-", m.sc.Width)
		}
		lines = append(lines, m.sc.Paint(screen.Dim, bar))
		lines = append(lines, m.fill(m.detail[m.scroll:], m.detailHeight())...)
	}
	return append(lines, m.status())
}

// fill makes lines exactly so many, none wider than the screen.
func (m *model) fill(lines []string, n int) []string {
	out := make([]string, n)
	for i := range min(n, len(lines)) {
		out[i] = screen.Cut(lines[i], m.sc.Width)
	}
	return out
}

// tabs is the line with the names of the views.
func (m *model) tabs() string {
	var parts []string
	for i, name := range m.w.Views() {
		text := fmt.Sprintf(" %d %s ", i+1, name)
		switch {
		case i == m.view && m.sc.Colour:
			text = m.sc.Paint(screen.Selected, text)
		case i == m.view:
			text = "[" + strings.TrimSpace(text) + "]"
		}
		parts = append(parts, text)
	}
	line := strings.Join(parts, "")
	if m.view == viewTable && m.session != nil {
		line += "  " + m.sc.Paint(screen.Strong, fmt.Sprintf("%d %s → %s", m.session.ID, m.session.Client, m.session.Server))
	}
	if m.frozen {
		line += "  " + m.sc.Paint(screen.Warning, m.w.Frozen())
	}
	return screen.Cut(line, m.sc.Width)
}

// body is the window of the view.
func (m *model) body() []string {
	switch m.view {
	case viewSessions:
		return m.sessionLines()
	case viewTable:
		return m.tableLines()
	case viewFindings:
		return m.findingLines()
	}
	p := m.places[viewLatency]
	return m.fill(m.lines[min(p.top, len(m.lines)):], m.window())
}

// marked shows the line of the cursor: in reverse, and by a mark where there is no colour.
func (m *model) marked(line string, selected bool) string {
	mark := "  "
	if selected {
		mark = "▸ "
		if m.sc.ASCII {
			mark = "> "
		}
	}
	if selected && m.sc.Colour {
		return m.sc.Paint(screen.Selected, screen.Pad(mark+screen.Bare(line), m.sc.Width))
	}
	return screen.Cut(mark+line, m.sc.Width)
}

func (m *model) tableLines() []string {
	if m.ladder == nil {
		text := m.w.NoRows()
		if m.session == nil {
			text = m.w.NoSessions()
		}
		return m.fill(m.sc.Wrap(text, "", ""), m.window()+1)
	}
	p := m.places[viewTable]
	lines := []string{screen.Cut("  "+m.ladder.Header(), m.sc.Width)}
	for i := p.top; i < min(p.top+m.window(), m.ladder.Len()); i++ {
		lines = append(lines, m.marked(m.ladder.Row(i), i == p.cursor))
	}
	return m.fill(lines, m.window()+1)
}

func (m *model) sessionLines() []string {
	if len(m.list) == 0 {
		text := m.w.NoSessions()
		if m.filter != "" {
			text = m.w.NoMatch(m.filter)
		}
		return m.fill(m.sc.Wrap(text, "", ""), m.window()+1)
	}
	p := m.places[viewSessions]
	head := m.sessionHead()
	lines := []string{m.sc.Paint(screen.Heading, "  "+head)}
	for i := p.top; i < min(p.top+m.window(), len(m.list)); i++ {
		lines = append(lines, m.marked(m.sessionLine(m.list[i]), i == p.cursor))
	}
	return m.fill(lines, m.window()+1)
}

func (m *model) sessionHead() string {
	c := render.WordsFor(m.o.Lang).Columns()
	e := m.w.Orders()
	return m.sessionCells("#", c.Client+" → "+c.Server, c.Packets, e[3], c.End, "!")
}

// sessionCells lays the cells of a line out: the packets and the end only where they fit, and the ends of the connection in what room is left.
func (m *model) sessionCells(id, ends, packets, echo, end, found string) string {
	rest := screen.PadLeft(found, 2) + " " + screen.PadLeft(echo, 9)
	if m.sc.Width >= 76 {
		rest += " " + screen.Pad(end, 15)
	}
	if m.sc.Width >= 92 {
		rest = screen.PadLeft(packets, 9) + " " + rest
	}
	room := max(m.sc.Width-2-5-screen.Width(rest)-1, 20)
	return screen.PadLeft(id, 4) + " " + screen.Pad(ends, min(room, 43)) + " " + strings.TrimRight(rest, " ")
}

func (m *model) sessionLine(s *sessions.Session) string {
	w := render.WordsFor(m.o.Lang)
	echo := ""
	if s.Echo != nil && s.Echo.RTT.N > 0 {
		echo = w.Duration(s.Echo.RTT.P50)
	}
	found := ""
	if n := m.foundIn(s.ID); n > 0 {
		found = fmt.Sprint(n)
	}
	return m.sessionCells(fmt.Sprint(s.ID), fmt.Sprintf("%s → %s", s.Client, s.Server), fmt.Sprint(s.Packets[0]+s.Packets[1]), echo, render.EndText(s, m.o.Lang), found)
}

func (m *model) findingLines() []string {
	if len(m.starts) == 0 {
		return m.fill(m.lines, m.window())
	}
	p := &m.places[viewFindings]
	// The cursor counts findings, the window lines.
	from := m.starts[p.cursor]
	to := len(m.lines)
	if p.cursor+1 < len(m.starts) {
		to = m.starts[p.cursor+1]
	}
	top := max(0, min(from, to-m.window()))
	var out []string
	for i := top; i < min(top+m.window(), len(m.lines)); i++ {
		line := m.lines[i]
		if i >= from && i < to {
			out = append(out, m.marked(line, i == from))
		} else {
			out = append(out, "  "+line)
		}
	}
	return m.fill(out, m.window())
}

// layFindings builds the lines of the findings.
func (m *model) layFindings() {
	m.lines, m.starts = nil, nil
	for i := range m.found {
		m.starts = append(m.starts, len(m.lines))
		m.lines = append(m.lines, render.FindingLines(&m.found[i], m.o.Lang, m.inner())...)
	}
	if len(m.found) == 0 {
		m.lines = m.sc.Wrap(render.NothingFound(m.o.Lang), "", "")
	}
}

// helpLines name the keys.
func (m *model) helpLines() (lines []string) {
	lines = append(lines, m.sc.Rule(m.w.HelpTitle()))
	for _, k := range m.w.Keys() {
		lines = append(lines, m.sc.Wrap(k[1], m.sc.Paint(screen.Code, screen.Pad("  "+k[0], 19)), strings.Repeat(" ", 19))...)
	}
	return lines
}

// status is the last line: what is typed, what was said, or the commonest keys and where the cursor is.
func (m *model) status() string {
	switch {
	case m.typing:
		return screen.Cut(m.input.View(), m.sc.Width)
	case m.asking:
		return screen.Cut(m.sc.Paint(screen.Strong, m.w.ExportPrompt()), m.sc.Width)
	case m.message != "":
		return screen.Cut(m.sc.Paint(screen.Strong, document.VisibleLines(m.message)), m.sc.Width)
	}
	keys := m.w.Status()
	position := ""
	if n := m.count(); n > 0 && m.t != nil {
		at := m.places[m.view].cursor + 1
		position = m.w.Position(at, n)
		if m.view == viewSessions && m.t.Count() > len(m.list) && m.filter == "" {
			position = m.w.Position(at, m.t.Count())
		}
	}
	if m.view == viewSessions {
		position = m.w.Order(m.w.Orders()[m.order]) + " · " + position
	}
	if screen.Width(keys)+screen.Width(position)+2 > m.sc.Width {
		keys = m.w.StatusShort()
	}
	return screen.Cut(m.sc.Paint(screen.Dim, screen.Pad(keys, max(m.sc.Width-screen.Width(position)-1, 1)))+" "+position, m.sc.Width)
}
