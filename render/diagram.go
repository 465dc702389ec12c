package render

import (
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/conversation"
	"tcptrace/sessions/ladder"
	"tcptrace/words"
)

// A diagram is a conversation with its words, for all drawings of it: the SVG, Mermaid, and the page.
type diagram struct {
	t        *sessions.Trace
	c        *conversation.Conversation
	w        words.Picture
	print    *Words
	printers []*ladderPrinter // one a session
	entries  []entry          // what is in view, from above
}

// An entry is one line in view: a row, or a fold in place of several.
type entry struct {
	row, fold int           // one of them is -1
	at        int64         // of the row; of the last one that the fold hides
	gap       time.Duration // before it
	y, height float64       // its place, once it has one
}

// maxHostLines is how many hosts get a line of life.
const maxHostLines = 4

func newDiagram(t *sessions.Trace, o ladder.Options, lang string, found []findings.Finding) *diagram {
	d := &diagram{t: t, w: words.NewPicture(lang), print: WordsFor(lang)}
	co := conversation.Options{Table: o, MaxHosts: maxHostLines}
	for i := range found {
		co.Splits = append(co.Splits, found[i].Splits...)
		co.Proof = append(co.Proof, badgedFrames(&found[i])...)
	}
	slices.Sort(co.Proof)
	d.c = conversation.Build(t, co)
	for _, p := range d.c.Parts {
		d.printers = append(d.printers, &ladderPrinter{t: p.Table, w: d.print})
	}
	d.view()
	return d
}

// inLanguage is the same diagram with its words in another language.
func (d *diagram) inLanguage(lang string) *diagram {
	other := *d
	other.w, other.print, other.printers = words.NewPicture(lang), WordsFor(lang), nil
	for _, p := range d.c.Parts {
		other.printers = append(other.printers, &ladderPrinter{t: p.Table, w: other.print})
	}
	return &other
}

// badgedFrames are the frames of a finding that carry its number.
func badgedFrames(f *findings.Finding) []int64 { return f.Frames[:min(len(f.Frames), 4)] }

// view lists what is in view.
func (d *diagram) view() {
	last := int64(ladder.Never)
	begun := make([]bool, len(d.c.Folds))
	for i := range d.c.Rows {
		r := &d.c.Rows[i]
		e := entry{row: i, fold: -1, at: r.At}
		first := r.At
		if r.Fold >= 0 {
			if begun[r.Fold] {
				last = max(last, r.At)
				continue
			}
			begun[r.Fold] = true
			e = entry{row: -1, fold: r.Fold, at: r.At}
			if d.c.Folds[r.Fold].Run == nil {
				e.at = d.c.Rows[d.c.Folds[r.Fold].Last].At
			}
		}
		if last != ladder.Never && first > last {
			e.gap = time.Duration(first - last)
		}
		last = max(last, e.at)
		d.entries = append(d.entries, e)
	}
}

// The heights of rows, in pixels where a letter of the text has the size rowFont. The page uses the same.
const (
	rowFont    = 13.0
	lineHeight = 16 // a line of text
	rowMargin  = 5
	arrowRoom  = 27  // what a segment needs at least
	foldHeight = 24  // a row that stands for others
	expiryRoom = 26  // above the end of TIME-WAIT, which nobody saw
	tailBelow  = 13  // a segment leaves so far below the top of its row
	headBelow  = 6.5 // and arrives so far below that
	pauseScale = 16  // of a pause, for each power of ten of its length in milliseconds
)

// longPause is the shortest time without an event that is labelled.
const longPause = 30 * time.Millisecond

// pause is the room of a time in which nothing happens: its order of magnitude, so that bursts can be read and waits seen.
func pause(gap time.Duration, scale float64) float64 {
	if gap <= 0 {
		return 0
	}
	return scale * pauseScale * math.Log10(1+float64(gap)/float64(time.Millisecond))
}

// rowWeight is the height of a row.
func (d *diagram) rowWeight(r *conversation.Row) int {
	lines := 1
	for _, side := range [...]sessions.Side{sessions.Client, sessions.Server} {
		n := 1
		if d.callText(r, side) != "" && d.resultText(r, side) != "" {
			n = 2
		}
		if d.between(d.c.Parts[r.Part].Lines[side]) && d.callText(r, side)+d.resultText(r, side) != "" {
			n++
		}
		lines = max(lines, n)
	}
	height := lines*lineHeight + rowMargin
	if r.Kind == ladder.KindSegment {
		height = max(height, arrowRoom)
	}
	return height
}

// between reports whether a host's line has others on both sides: its texts stand below the arrows.
func (d *diagram) between(host int) bool { return host > 0 && host < len(d.c.Hosts)-1 }

// placeEntries gives entries their places from y on and returns where they end.
func (d *diagram) placeEntries(entries []entry, y, scale float64) float64 {
	for i := range entries {
		e := &entries[i]
		if i > 0 {
			y += pause(e.gap, scale)
		}
		if d.isExpiry(e) {
			y += expiryRoom * scale
		}
		e.y, e.height = y, foldHeight*scale
		if e.row >= 0 && d.c.Rows[e.row].Kind != ladder.KindLeftOut {
			e.height = scale * float64(d.rowWeight(&d.c.Rows[e.row]))
		}
		y += e.height
	}
	return y
}

// isExpiry reports whether an entry is the end of TIME-WAIT.
func (d *diagram) isExpiry(e *entry) bool {
	return e.row >= 0 && d.c.Rows[e.row].Kind == ladder.KindExpiry
}

// tail is where an entry's segment leaves, head where it arrives.
func (d *diagram) tail(e *entry, scale float64) float64 { return e.y + tailBelow*scale }

func (d *diagram) head(e *entry, scale float64) float64 {
	if d.c.Rows[e.row].Departs {
		return e.y + (tailBelow+headBelow)*scale
	}
	return e.y + tailBelow*scale
}

// entryOf is the entry of a row among those that are drawn; nil for none.
func (d *diagram) entryOf(drawn []entry, row int) *entry {
	if row < 0 {
		return nil
	}
	place := func(e entry) int {
		if e.row >= 0 {
			return e.row
		}
		return d.c.Folds[e.fold].First
	}
	i := sort.Search(len(drawn), func(i int) bool { return place(drawn[i]) >= row })
	if i < len(drawn) && drawn[i].row == row {
		return &drawn[i]
	}
	return nil
}

// yAt is where a moment stands among drawn entries: time passes between them.
func (d *diagram) yAt(drawn []entry, at int64) float64 {
	i := sort.Search(len(drawn), func(i int) bool { return drawn[i].at >= at })
	switch {
	case i == len(drawn):
		last := drawn[i-1]
		return last.y + last.height
	case i == 0 || drawn[i].gap <= 0:
		return drawn[i].y
	}
	above := drawn[i-1].y + drawn[i-1].height
	done := 1 - float64(drawn[i].at-at)/float64(drawn[i].gap)
	return above + (drawn[i].y-above)*min(max(done, 0), 1)
}

// waitPlaces are where the parts of a wait begin and where the last one ends: between the request's arrival and the reply's
// departure.
func (d *diagram) waitPlaces(drawn []entry, w *conversation.Wait, scale float64) [4]float64 {
	from, to := d.head(d.entryOf(drawn, w.Request), scale), d.tail(d.entryOf(drawn, w.Reply), scale)
	clamp := func(at int64) float64 {
		if at >= w.Until {
			return to
		}
		return min(max(d.yAt(drawn, at), from), to)
	}
	return [4]float64{from, clamp(w.Program), clamp(w.Stack), to}
}

// waitText says how long a message waited for the loop, and for TCP where that counts.
func (d *diagram) waitText(w *conversation.Wait) string {
	text := d.w.WaitsForLoop(d.print.Duration(w.Split.Loop))
	if w.Split.Stack >= time.Millisecond {
		text += " · TCP " + d.print.Duration(w.Split.Stack)
	}
	return text
}

func (d *diagram) callText(r *conversation.Row, side sessions.Side) string {
	if r.Kind == ladder.KindLeftOut {
		return ""
	}
	return oneLine(strings.ReplaceAll(d.printers[r.Part].call(r.Row, side).Text(), "♻️", ""))
}

func (d *diagram) resultText(r *conversation.Row, side sessions.Side) string {
	return oneLine(d.printers[r.Part].result(r.Row, side).Text())
}

// segmentText names a row's segment as its arrow does.
func (d *diagram) segmentText(r *conversation.Row) string {
	st := &d.c.Parts[r.Part].Table.Session.Steps[r.Step]
	text := plainSigns(d.print.signal(ladder.SignalOf(st, st.From)))
	if st.Marks.Has(sessions.MarkZeroWindow) && st.Flags&capture.RST == 0 {
		text += " · " + d.w.ZeroWindow()
	}
	return text
}

// plainSigns writes the sign of a repetition so that every font has it.
func plainSigns(text string) string { return strings.ReplaceAll(text, "♺", "↻") }

// zero is the moment from which drawings count: the capture's first packet, as in plots and in the table of sessions.
func (d *diagram) zero() int64 {
	switch {
	case d.t.Capture.HasTimes:
		return d.t.Capture.FirstTime
	case len(d.c.Rows) > 0 && d.c.Rows[0].At != ladder.Never:
		return d.c.Rows[0].At
	}
	return 0
}

// sleepPlaces are where a sleep begins and ends among drawn entries: between the calls of its program.
func (d *diagram) sleepPlaces(drawn []entry, b *conversation.Bar) (from, to float64) {
	from, to = d.yAt(drawn, b.From), d.yAt(drawn, b.To)
	if e := d.entryOf(drawn, b.First); e != nil {
		from = max(from, e.y+e.height)
	}
	if e := d.entryOf(drawn, b.Last); e != nil {
		to = max(min(to, e.y), from)
	}
	return from, to
}

// previewText is the beginning of what a row's segment carries.
func (d *diagram) previewText(r *conversation.Row) string {
	st := &d.c.Parts[r.Part].Table.Session.Steps[r.Step]
	if len(st.Text()) == 0 {
		return ""
	}
	return document.PrintablePart(st.Text()[:min(len(st.Text()), 18)], int(st.Length))
}

// foldText says what a fold stands for.
func (d *diagram) foldText(f *conversation.Fold) string {
	switch {
	case f.Run != nil:
		return oneLine(d.printers[f.Part].fold(f.Run))
	case f.Passes == 1:
		return d.w.PassAlike()
	}
	return d.w.PassesAlike(f.Passes, d.print.Duration(time.Duration(f.Period)))
}

// oneLine makes visible what is not, as every printer of text does.
func oneLine(s string) string {
	return document.VisibleLines(strings.ReplaceAll(s, "\n", "\\n"))
}

// hostName is a host's address and its system, where that is known.
func (d *diagram) hostName(host int) string {
	h := &d.c.Hosts[host]
	name := h.Addr.String()
	if h.Side != sessions.NoSide { // one of two programs of a host
		for _, p := range d.c.Parts {
			if p.Lines[h.Side] == host {
				name = p.Table.Session.EndPoint(h.Side).String()
				break
			}
		}
	}
	if h.Stack != "" {
		name += " · " + (&report{w: d.print}).stackName(h.Stack)
	}
	return oneLine(name)
}

// title says who talks with whom.
func (d *diagram) title() string {
	return d.w.Title(d.hostName(0), d.hostName(len(d.c.Hosts)-1))
}
