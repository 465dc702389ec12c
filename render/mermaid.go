package render

import (
	"fmt"
	"strconv"
	"strings"

	"tcptrace/sessions"
	"tcptrace/sessions/conversation"
	"tcptrace/sessions/ladder"
)

// What a Mermaid diagram may have, so that every site that draws them draws it: Gitea stops at 5,000 characters.
const (
	mermaidRows     = 60
	mermaidSessions = 16 // that are named at the top; arrows have the numbers of all
	mermaidBytes    = 4600
)

// Mermaid is the conversation as the text of a Mermaid sequence diagram, which GitHub and others draw: the segments, and the calls and
// states as notes. It has no times and no bars, and ends where a site would refuse more, which it says.
func Mermaid(t *sessions.Trace, o PictureOptions) (string, error) {
	p := newPicture(t, o)
	if len(p.c.Rows) == 0 {
		return "", ErrNothingToDraw
	}
	p.choose()
	var b strings.Builder
	b.WriteString("sequenceDiagram\n")
	for i := range p.c.Hosts {
		fmt.Fprintf(&b, "    participant %s as %s\n", mermaidHost(i), mermaidText(p.hostName(i)))
	}
	all := "Note over " + mermaidHost(0) + "," + mermaidHost(len(p.c.Hosts)-1)
	for _, x := range p.c.Parts[:min(len(p.c.Parts), mermaidSessions)] {
		s := x.Table.Session
		fmt.Fprintf(&b, "    %s: %s\n", all, mermaidText(oneLine(p.w.Connection(s.ID, s.Client.String(), s.Server.String()))))
	}
	m := &mermaid{p: p, all: all, states: make([]sessions.Pair[ladder.State], len(p.c.Parts))}
	for i := range p.drawn {
		text := m.entry(&p.drawn[i])
		if i == mermaidRows || b.Len()+len(text) > mermaidBytes {
			fmt.Fprintf(&b, "    %s: %s\n", all, mermaidText(p.w.MoreRows(0, len(p.drawn)-i)))
			break
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// mermaidHost is the short name of a line of life.
func mermaidHost(host int) string { return "H" + strconv.Itoa(host+1) }

// mermaid is a diagram while it is written.
type mermaid struct {
	p      *picture
	all    string // a note across everything
	states []sessions.Pair[ladder.State]
}

// entry writes what happens in a row: calls before the segment, the states after it.
func (m *mermaid) entry(e *entry) string {
	if e.row < 0 {
		return "    " + m.all + ": " + mermaidText(m.p.foldText(&m.p.c.Folds[e.fold])) + "\n"
	}
	r := &m.p.c.Rows[e.row]
	if r.Kind == ladder.KindLeftOut {
		return "    " + m.all + ": " + mermaidText(oneLine(m.p.printers[r.Part].fold(r.Row))) + "\n"
	}
	var b strings.Builder
	for _, side := range m.sides(r) {
		text := m.p.callText(r, side)
		if result := m.p.resultText(r, side); result != "" {
			text = strings.TrimSpace(text + " → " + result)
		}
		if text != "" {
			host := m.p.c.Parts[r.Part].Lines[side]
			place := "left of "
			if host == len(m.p.c.Hosts)-1 {
				place = "right of "
			}
			fmt.Fprintf(&b, "    Note %s%s: %s\n", place, mermaidHost(host), mermaidText(text))
		}
	}
	if r.Step >= 0 && (r.Departs || r.Lost) {
		b.WriteString(m.segment(r))
	}
	for _, side := range m.sides(r) {
		if now := r.Sides[side].State; now.Shown && now.TCP != m.states[r.Part][side].TCP {
			fmt.Fprintf(&b, "    Note over %s: %s\n", mermaidHost(m.p.c.Parts[r.Part].Lines[side]), mermaidText("#"+strconv.Itoa(m.p.c.Parts[r.Part].Table.Session.ID)+" "+now.TCP.String()))
			m.states[r.Part][side] = now
		}
	}
	return b.String()
}

// sides are a row's sides from left to right.
func (m *mermaid) sides(r *conversation.Row) [2]sessions.Side {
	if lines := m.p.c.Parts[r.Part].Lines; lines[sessions.Client] > lines[sessions.Server] {
		return [...]sessions.Side{sessions.Server, sessions.Client}
	}
	return [...]sessions.Side{sessions.Client, sessions.Server}
}

// segment writes an arrow: dashed for a copy, with a cross for one that reached nobody.
func (m *mermaid) segment(r *conversation.Row) string {
	session := m.p.c.Parts[r.Part].Table.Session
	st := &session.Steps[r.Step]
	signal := ladder.SignalOf(st, st.From)
	arrow := "->>"
	switch {
	case signal.Lost:
		arrow = "-x"
	case signal.Repeated:
		arrow = "-->>"
	}
	return fmt.Sprintf("    %s%s%s: %s\n", mermaidHost(m.p.c.Sender(r)), arrow, mermaidHost(m.p.c.Receiver(r)), mermaidText(fmt.Sprintf("#%d %d %s", session.ID, r.Frame, m.p.segmentText(r))))
}

// mermaidText writes what Mermaid would take for its own as its numbers of characters.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch r {
		case '#', ';', ':', '<', '>', '"', '`', '%', '{', '}':
			fmt.Fprintf(&b, "#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
