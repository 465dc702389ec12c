package render

import (
	"fmt"
	"strconv"
	"strings"

	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// What a Mermaid diagram may have, so that every site that draws them draws it: Gitea stops at 5,000 characters.
const (
	mermaidRows  = 60
	mermaidBytes = 4800
)

// Mermaid is the conversation as the text of a Mermaid sequence diagram, which GitHub and others draw: the segments, and the calls and
// states as notes. It has no times and no bars, and ends where a site would refuse more, which it says.
func Mermaid(t *sessions.Trace, o PictureOptions) (string, error) {
	p := newPicture(t, o)
	if !p.collect() {
		return "", ErrNothingToDraw
	}
	p.choose()
	var b strings.Builder
	fmt.Fprintf(&b, "sequenceDiagram\n    participant L as %s\n    participant R as %s\n", mermaidText(p.hostName(false)), mermaidText(p.hostName(true)))
	for _, x := range p.parts {
		s := x.table.Session
		fmt.Fprintf(&b, "    Note over L,R: %s\n", mermaidText(oneLine(p.w.Connection(s.ID, s.Client.String(), s.Server.String()))))
	}
	m := &mermaid{p: p, states: map[*part]sessions.Pair[ladder.State]{}}
	for i, r := range p.drawn {
		text := m.row(r)
		if i == mermaidRows || b.Len()+len(text) > mermaidBytes {
			fmt.Fprintf(&b, "    Note over L,R: %s\n", mermaidText(p.w.MoreRows(0, len(p.drawn)-i)))
			break
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// mermaid is a diagram while it is written.
type mermaid struct {
	p      *picture
	states map[*part]sessions.Pair[ladder.State]
}

// row writes what happens in a row: calls before the segment, the states after it.
func (m *mermaid) row(r *pictureRow) string {
	var b strings.Builder
	if r.row.Kind == ladder.KindFold || r.row.Kind == ladder.KindLeftOut {
		return "    Note over L,R: " + mermaidText(oneLine(r.print.fold(r.row))) + "\n"
	}
	for _, right := range []bool{false, true} {
		text := m.p.callText(r, right)
		if result := m.p.resultText(r, right); result != "" {
			text = strings.TrimSpace(text + " → " + result)
		}
		if text != "" {
			fmt.Fprintf(&b, "    Note %s: %s\n", [2]string{"left of L", "right of R"}[place(right)], mermaidText(text))
		}
	}
	if r.row.Step >= 0 && (r.row.Departs || r.row.Lost) {
		b.WriteString(m.segment(r))
	}
	for _, right := range []bool{false, true} {
		side := r.side(right)
		states := m.states[r.part]
		if now := r.row.Sides[side].State; now.Shown && now.TCP != states[side].TCP {
			fmt.Fprintf(&b, "    Note over %s: %s\n", [2]string{"L", "R"}[place(right)], mermaidText("#"+strconv.Itoa(r.table.Session.ID)+" "+now.TCP.String()))
			states[side] = now
			m.states[r.part] = states
		}
	}
	return b.String()
}

func place(right bool) int {
	if right {
		return 1
	}
	return 0
}

// segment writes an arrow: dashed for a copy, with a cross for one that reached nobody.
func (m *mermaid) segment(r *pictureRow) string {
	st := &r.table.Session.Steps[r.row.Step]
	from, to := "L", "R"
	if st.From != r.side(false) {
		from, to = to, from
	}
	signal := ladder.SignalOf(st, st.From)
	arrow := "->>"
	switch {
	case signal.Lost:
		arrow = "-x"
	case signal.Repeated:
		arrow = "-->>"
	}
	return fmt.Sprintf("    %s%s%s: %s\n", from, arrow, to, mermaidText(fmt.Sprintf("#%d %d %s", r.table.Session.ID, r.row.Frame, strings.ReplaceAll(m.p.print.signal(signal), "♺ ", "↻ "))))
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
