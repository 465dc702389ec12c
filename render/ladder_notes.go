package render

import (
	"fmt"
	"strconv"
	"strings"
	"tcptrace/render/document"
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// maxEchoChunks is how many echo sizes a note lists before it says "…".
const maxEchoChunks = 12

// notes say in words what the marks in a session's tables mean, where the run differs from the notebook's, and how
// sure each kind of cell is (ladder.md, Rows 13).
func (l *ladder) notes(t *sessions.Trace) (out []document.Cell) {
	add := func(when bool, format string, args ...any) {
		if when {
			out = append(out, document.NewCell(document.Plain, fmt.Sprintf(format, args...)))
		}
	}
	s, w := l.s, l.w
	var marks sessions.Mark
	for i := range s.Steps {
		marks |= s.Steps[i].Marks
	}
	journaled := s.Journaled[0] || s.Journaled[1]
	add(t.Capture.KernelDropped > 0, w.NoteDrops, t.Capture.KernelDropped)
	add(s.RoleFrom != sessions.RoleFromSYN, w.NoteRoleGuess, l.roleWords())
	add(s.Handshake == nil, "%s", w.NoteNoHandshake)
	add(l.shows("♺"), "%s", w.NoteRepeated)
	add(marks.Has(sessions.MarkSpurious), "%s", w.NoteSpurious)
	add(marks&(sessions.MarkKeepAlive|sessions.MarkWindowProbe) != 0, "%s", w.NoteProbe)
	add(l.shows(w.LadderQueued), "%s", w.NoteQueued)
	for _, text := range l.retries() {
		add(true, "%s", text)
	}
	add(l.shows("BLOCK ("), "%s", w.NoteBlock)
	add(l.shows("(local "), "%s", w.NoteLocal)
	out = append(out, l.closeNotes()...)
	add(l.shows(w.LadderExpired), "%s", w.NoteTimeWait)
	add(l.shows("… "), "%s", w.NoteFold)
	add(l.unknownState(), "%s", w.NoteUnknown)
	add(l.echoSizes() != "", w.NoteEcho, l.echoSizes())
	add(s.OutOfOrder[0]+s.OutOfOrder[1] > 0, w.NoteOutOfOrder, s.OutOfOrder[0]+s.OutOfOrder[1])
	add(s.MissingBytes[0]+s.MissingBytes[1] > 0, w.NoteHole, s.MissingBytes[0]+s.MissingBytes[1])
	add(s.Copies > 0, w.NoteCopies, s.Copies)
	add(l.anyCut(), "%s", w.NoteCut)
	add(l.italics(), "%s", w.NoteItalic)
	for _, c := range t.Clocks {
		add(journaled && c.Bound > 0, w.NoteClock, document.PrintableString(c.Journal, 60), sixDecimals(c.Bound))
	}
	add(true, "%s", w.NoteSure)
	add(journaled, "%s", w.NoteSureJournal)
	return out
}

func (l *ladder) roleWords() string {
	switch l.s.RoleFrom {
	case sessions.RoleFromSYNACK:
		return l.w.RoleSYNACK
	case sessions.RoleFromPort:
		return l.w.RolePort
	case sessions.RoleFromOrder:
		return l.w.RoleOrder
	}
	return l.w.RoleSYN
}

// shows reports whether any cell of the table contains text.
func (l *ladder) shows(text string) bool {
	for i := range l.lines {
		x := &l.lines[i]
		if strings.Contains(x.fold, text) {
			return true
		}
		for _, side := range x.sides {
			for _, c := range []document.Cell{side.call, side.state, side.signal, side.result} {
				if strings.Contains(c.Text(), text) {
					return true
				}
			}
		}
	}
	return false
}

func (l *ladder) unknownState() bool {
	for _, st := range l.s.Steps {
		if st.States[0] == sessions.Undetermined || st.States[1] == sessions.Undetermined {
			return true
		}
	}
	return false
}

// italics reports whether a call cell was filled from packets alone.
func (l *ladder) italics() bool {
	for i := range l.lines {
		for side, c := range l.lines[i].sides {
			if len(c.call) > 0 && !l.s.Journaled[side] {
				return true
			}
		}
	}
	return false
}

func (l *ladder) anyCut() bool {
	for i := range l.s.Steps {
		if l.s.Steps[i].Cut {
			return true
		}
	}
	return false
}

// retries says how long each run of failing calls took.
func (l *ladder) retries() (out []string) {
	for _, calls := range l.s.Calls {
		for i := range calls {
			c := &calls[i]
			if c.Repeats > 1 && c.Errno == "EAGAIN" {
				took := time.Duration(c.LastAt - c.At)
				out = append(out, fmt.Sprintf(l.w.NoteRetries, object(c)+document.PrintableString(c.Args, 60), c.Repeats,
					strconv.FormatFloat(took.Seconds(), 'f', 3, 64)))
			}
		}
	}
	return out
}

// closeNotes compare the close with the notebook's four segments.
func (l *ladder) closeNotes() []document.Cell {
	first := -1
	for i := range l.s.Steps {
		st := &l.s.Steps[i]
		if first < 0 {
			if st.Marks.Has(sessions.MarkNewFIN) {
				first = i
			}
			continue
		}
		fin := &l.s.Steps[first]
		if st.From == fin.From || st.Flags&capture.ACK == 0 || st.Ack <= fin.Offset+int64(fin.Length) {
			continue
		}
		switch {
		case st.Marks.Has(sessions.MarkNewFIN):
			return []document.Cell{document.NewCell(document.Plain, l.w.NoteThreeSegmentClose)}
		case st.Flags&(capture.FIN|capture.RST) == 0 && st.Length == 0:
			return []document.Cell{document.NewCell(document.Plain, fmt.Sprintf(l.w.NoteDelayedFINACK, sixDecimals(time.Duration(st.Time-fin.Time))))}
		}
		return nil
	}
	return nil
}

// echoSizes lists how many bytes each recv() of the echo server returned, when that tells something.
func (l *ladder) echoSizes() string {
	e := l.s.Echo
	if e == nil || len(e.Samples) == 0 || e.Prefix == "" {
		return ""
	}
	var sizes []string
	for i, p := range e.Samples {
		if i == maxEchoChunks {
			sizes = append(sizes, "…")
			break
		}
		sizes = append(sizes, strconv.Itoa(p.Bytes))
	}
	return strings.Join(sizes, ", ")
}
