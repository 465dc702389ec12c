package render

import (
	"slices"

	"tcptrace/findings"
	"tcptrace/render/document"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/words"
)

// RowDetail is everything that is known of one row of a table, for a terminal: the cells whole, the packet's story with the RFC's
// rules, and the findings that it proves.
func RowDetail(v *LadderView, row int, t *sessions.Trace, found []findings.Finding, lang string, sc *screen.Screen) (lines []string) {
	w, tw := WordsFor(lang), words.NewTUI(lang)
	r := &v.Table.Rows[row]
	if r.Kind == ladder.KindFold || r.Kind == ladder.KindLeftOut {
		return sc.Wrap(v.l.fold(r), "", "")
	}
	for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
		name := w.LadderClient()
		if side == sessions.Server {
			name = w.LadderServer()
		}
		text := name + ": " + sc.Paint(stateStyle(r.Sides[side].State), StateText(r.Sides[side].State))
		if call := sc.Cell(v.l.call(r, side)); call != "" {
			text += "  " + tw.CallDetail() + ": " + call
		}
		if result := sc.Cell(v.l.result(r, side)); result != "" {
			text += " → " + result
		}
		lines = append(lines, sc.Wrap(text, "", "  ")...)
	}
	if r.Frame == 0 {
		return lines
	}
	if f, ok := findings.ExplainFrame(t, r.Frame); ok {
		st := &f.Session.Steps[f.Step]
		title := tw.Detail(r.Frame)
		if text := payloadText(st); text != "" {
			title += "  " + document.VisibleLines(text)
		}
		lines = append(lines, sc.Paint(screen.Heading, screen.Cut(title, sc.Width)))
		for _, line := range f.Lines {
			lines = append(lines, sc.Wrap(sc.Cell(marked(line.In(w.Lang))), sc.Bullet(), "  ")...)
		}
	}
	for i := range found {
		if slices.Contains(found[i].Frames, r.Frame) {
			lines = append(lines, FindingLines(&found[i], lang, sc)...)
		}
	}
	return lines
}

// FindingLines is a finding for a terminal: its sentence, what proves it, and what to change.
func FindingLines(f *findings.Finding, lang string, sc *screen.Screen) []string {
	a := &answer{report: &report{w: WordsFor(lang), t: &sessions.Trace{}}, aw: words.NewAnswer(lang), sc: sc, o: AnswerOptions{Fixes: true, Named: true}}
	return a.finding(f)
}

// NothingFound says that no rule found anything.
func NothingFound(lang string) string {
	return document.Sentence(words.NewAnswer(lang).NothingFound()).Text()
}

// EndText is how a session ended, in few words.
func EndText(s *sessions.Session, lang string) string { return words.NewAnswer(lang).Ends()[s.End] }
