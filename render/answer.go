package render

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tcptrace/findings"
	"tcptrace/notebook"
	"tcptrace/render/document"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/sessions/traffic"
	"tcptrace/words"
)

// AnswerOptions choose what an Answer shows.
type AnswerOptions struct {
	Lang     string
	Ladder   LadderOptions
	Findings []findings.Finding
	Path     string // of the capture, for the commands; "" or "-" for none
	Fixes    bool   // say what to change, and show no table
	Named    bool   // name the sessions of a finding though there is but one
	Services []traffic.Service
}

// Shares of an answer in lines, for two screens of 24. What a part does not need, the table gets.
const (
	answerLines    = 46
	answerFindings = 16
	answerSessions = 6
	leastTable     = 7
)

// Answer is the short answer of a report for a terminal: what happened and why, the sessions, a table, and what to do next.
// It takes at most two screens; what is left out is counted.
func Answer(t *sessions.Trace, o AnswerOptions, sc *screen.Screen) []string {
	a := &answer{report: newReport(t, ReportOptions{Lang: o.Lang, Ladder: o.Ladder, Findings: o.Findings}), aw: words.NewAnswer(o.Lang), o: o, sc: sc}
	a.head()
	if len(o.Services) > 0 {
		a.services()
		return a.lines
	}
	a.happened()
	a.sessionLines()
	next := a.next()
	if !o.Fixes {
		a.table(max(answerLines, 2*sc.Height-2) - len(a.lines) - len(next))
	}
	a.lines = append(a.lines, next...)
	return a.lines
}

// LongAnswer is the whole report for a terminal: as a Report has it, with the tables as they fit.
func LongAnswer(t *sessions.Trace, o ReportOptions, sc *screen.Screen) (lines []string) {
	o.NoTables = true
	tables := map[string]*sessions.Session{}
	for _, s := range t.Sessions {
		if len(s.Steps) > 0 {
			tables[anchor(s.ID)] = s
		}
	}
	var told *sessions.Session // the one whose section has begun
	for i, b := range Report(t, o).Blocks {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, sc.Block(b)...)
		if h, ok := b.(document.Heading); ok {
			told = tables[h.ID]
			continue
		}
		if told != nil {
			v := NewLadderView(told, t, o.Ladder, sc)
			lines = append(lines, "", v.Header())
			for k := range v.Len() {
				lines = append(lines, v.Row(k))
			}
			for _, n := range v.Notes() {
				lines = append(lines, sc.Wrap(n, sc.Bullet(), "  ")...)
			}
			told = nil
		}
	}
	return lines
}

type answer struct {
	*report
	aw    words.Answer
	o     AnswerOptions
	sc    *screen.Screen
	lines []string
}

func (a *answer) add(lines ...string) { a.lines = append(a.lines, lines...) }

// section begins a part.
func (a *answer) section(title string) { a.add("", a.sc.Rule(title)) }

// head is the first lines: the file and what spoils it.
func (a *answer) head() {
	c := &a.t.Capture
	lasted := ""
	if c.HasTimes {
		lasted = a.w.Duration(time.Duration(c.LastTime - c.FirstTime))
	}
	count := int64(a.t.Count())
	if a.t.Summary != nil {
		count = a.t.Summary.Sessions
	}
	name := document.PrintableString(captureName(c.File, a.w), document.MaxNameBytes)
	a.add(a.sc.Wrap(a.sc.Paint(screen.Strong, a.aw.Head(name, c.Packets, lasted, count)), "", "")...)
	if n := len(a.troubles()); n > 0 {
		a.add(a.sc.Wrap(a.sc.Paint(screen.Warning, a.aw.Spoilt(n)), "", "")...)
	}
}

// happened are the findings, a sentence each with what proves it, worst first and never cut.
func (a *answer) happened() {
	a.section(a.aw.Happened())
	all := a.o.Findings
	if len(all) == 0 {
		a.add(a.sc.Wrap(a.sc.Cell(document.Sentence(a.aw.NothingFound())), "", "")...)
		return
	}
	begin := len(a.lines)
	for i := range all {
		lines := a.finding(&all[i])
		if i > 0 && len(a.lines)-begin+len(lines) > answerFindings {
			a.add(a.sc.Paint(screen.Dim, a.aw.MoreFindings(len(all)-i)))
			return
		}
		a.add(lines...)
	}
}

// finding is one finding.
func (a *answer) finding(f *findings.Finding) (lines []string) {
	text := Severity(f.Severity, f.Code, a.sc) + "  " + a.sc.Cell(marked(f.Text.In(a.w.Lang)))
	var proof []string
	if len(f.Sessions) > 0 && (a.o.Named || a.t.Count() > 1) {
		proof = append(proof, oneOrMore(len(f.Sessions), a.aw.InSession, a.aw.InSessions)(numberList(f.Sessions)))
	}
	if len(f.Frames) > 0 {
		proof = append(proof, oneOrMore(len(f.Frames), a.aw.Frame, a.aw.Frames)(numberList(f.Frames)))
	}
	if len(proof) > 0 {
		text += " " + a.sc.Paint(screen.Dim, "("+strings.Join(proof, "; ")+")")
	}
	lines = a.sc.Wrap(text, "", "    ")
	if fix := f.Fix.In(a.w.Lang); a.o.Fixes && fix != "" {
		lines = append(lines, a.sc.Wrap(a.sc.Cell(marked(fix)), "  → ", "    ")...)
	}
	return lines
}

// Severity paints a finding's code, with a mark that tells its severity without colour.
func Severity(s findings.Severity, code string, sc *screen.Screen) string {
	style := [...]screen.Style{findings.Info: screen.Note, findings.Note: screen.Note, findings.Warning: screen.Warning, findings.Error: screen.Trouble}[s]
	mark := [...]string{"·", "i", "•", "!", "✗"}[s]
	if sc.ASCII {
		mark = [...]string{".", "i", "-", "!", "X"}[s]
	}
	return sc.Paint(style, mark+" "+code)
}

// sessionLines are the sessions, a line each: those that findings name first.
func (a *answer) sessionLines() {
	if len(a.t.Sessions) == 0 {
		return
	}
	a.section(a.aw.SessionsHeading())
	if !a.watchedAny() {
		a.add(a.sc.Wrap(a.sc.Paint(screen.Warning, a.aw.NotNotebook(portList(notebook.Ports))), "", "")...)
	}
	shown := a.chosen()
	idWidth := 1
	for _, s := range shown {
		idWidth = max(idWidth, len(fmt.Sprint(s.ID)))
	}
	for _, s := range shown {
		a.add(a.sessionLine(s, idWidth))
	}
	if more := a.t.Count() - len(shown); more > 0 {
		a.add(a.sc.Paint(screen.Dim, a.aw.MoreSessions(int64(more))))
	}
}

// watchedAny reports whether the capture has a port that is watched, or none were asked for.
func (a *answer) watchedAny() bool {
	for _, s := range a.t.Sessions {
		if slices.Contains(notebook.Ports, s.Server.Port()) {
			return true
		}
	}
	return len(a.t.Capture.Ports) > 0
}

// chosen are the sessions that have a line: those that findings name, then the first ones; in the order of their numbers.
func (a *answer) chosen() (out []*sessions.Session) {
	byID := map[int]*sessions.Session{}
	for _, s := range a.t.Sessions {
		byID[s.ID] = s
	}
	take := func(s *sessions.Session) {
		if s != nil && len(out) < answerSessions && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for i := range a.o.Findings {
		for _, id := range a.o.Findings[i].Sessions {
			take(byID[id])
		}
	}
	for _, s := range a.t.Sessions {
		take(s)
	}
	slices.SortFunc(out, func(x, y *sessions.Session) int { return x.ID - y.ID })
	return out
}

func (a *answer) sessionLine(s *sessions.Session, idWidth int) string {
	ends := fmt.Sprintf("%*d %s → %s", idWidth, s.ID, endpoint(s.Client), endpoint(s.Server))
	var long, short []string
	say := func(l, s string) { long, short = append(long, l), append(short, s) }
	if c := s.Cadence; c != nil && c.Period.N > 1 && s.Server.Port() != notebook.EchoPort {
		say(a.aw.Cadence(a.w.Duration(c.Period.Mean), c.Period.N, c.Missed), a.aw.Every(a.w.Duration(c.Period.Mean)))
	}
	if e := s.Echo; e != nil && e.RTT.N > 0 {
		say(a.aw.Echo(a.w.Duration(e.RTT.P50), e.RTT.N), a.aw.EchoOnly(a.w.Duration(e.RTT.P50)))
	}
	say(a.aw.Ends()[s.End], a.aw.Ends()[s.End])
	head := a.sc.Paint(screen.Strong, ends) + "  "
	for _, facts := range [][]string{append([]string{a.aw.SessionPackets(s.Packets[0] + s.Packets[1])}, long...), long} {
		if line := head + strings.Join(facts, ", "); screen.Width(line) <= a.sc.Width {
			return line
		}
	}
	return screen.Cut(head+strings.Join(short, ", "), a.sc.Width)
}

// table is the ladder of the session that the first finding is about, in so many lines: its head and its tail.
func (a *answer) table(room int) {
	s := a.told()
	if s == nil {
		return
	}
	v := NewLadderView(s, a.t, a.o.Ladder, a.sc)
	a.section(a.aw.TableHeading(s.ID))
	a.add(v.Header())
	room = max(room-3, leastTable)
	n := v.Len()
	head, tail := n, n
	if n > room {
		head = (room - 1) * 2 / 3
		tail = n - (room - 1 - head)
	}
	for i := range n {
		switch {
		case i < head || i >= tail:
			a.add(v.Row(i))
		case i == head:
			a.add(a.sc.Paint(screen.Dim, "    "+a.moreRows(tail-head)))
		}
	}
}

// moreRows says how many rows are left out, and where all of them are.
func (a *answer) moreRows(n int) string {
	if a.o.Path == "" || a.o.Path == "-" {
		return a.aw.MoreRows(n)
	}
	return a.aw.MoreRowsIn(n, "tcptrace tui "+shellWord(a.o.Path))
}

// told is the session whose table is shown: the first that a finding names, else the first with rows.
func (a *answer) told() *sessions.Session {
	usable := func(s *sessions.Session) bool { return s.Shown && len(s.Steps) > 0 }
	for i := range a.o.Findings {
		for _, s := range a.t.Sessions {
			if usable(s) && slices.Contains(a.o.Findings[i].Sessions, s.ID) {
				return s
			}
		}
	}
	for _, s := range a.t.Sessions {
		if usable(s) {
			return s
		}
	}
	return nil
}

// next are three commands for this file.
func (a *answer) next() (lines []string) {
	if a.o.Path == "" || a.o.Path == "-" || len(a.t.Sessions) == 0 {
		return nil
	}
	file := shellWord(a.o.Path)
	out := shellWord(strings.TrimSuffix(filepath.Base(a.o.Path), filepath.Ext(a.o.Path)) + "-report")
	explain, why := "tcptrace explain "+file, a.aw.NextExplain()
	if frame := a.provingFrame(); a.o.Fixes && len(a.o.Findings) > 0 {
		explain += " " + a.o.Findings[0].Code
	} else if frame > 0 {
		explain, why = fmt.Sprintf("%s --frame %d", explain, frame), a.aw.NextFrame()
	}
	commands := [][2]string{
		{explain, why},
		{"tcptrace report " + file + " --format html -o " + out, a.aw.NextPage()},
		{"tcptrace view " + file, a.aw.NextView()},
	}
	lines = append(lines, "", a.sc.Rule(a.aw.NextHeading()))
	width := 0
	for _, c := range commands {
		width = max(width, screen.Width(c[0]))
	}
	for _, c := range commands {
		line := "  " + a.sc.Paint(screen.Code, c[0])
		switch why := "  " + a.sc.Paint(screen.Dim, c[1]); {
		case 2+width+screen.Width(why) <= a.sc.Width:
			line = "  " + a.sc.Paint(screen.Code, screen.Pad(c[0], width)) + why
		case screen.Width(line)+screen.Width(why) <= a.sc.Width:
			line += why
		}
		lines = append(lines, line) // a command is never cut: it is there to be copied
	}
	return lines
}

// provingFrame is the first frame that proves the first finding that any frame proves.
func (a *answer) provingFrame() int64 {
	for i := range a.o.Findings {
		if frames := a.o.Findings[i].Frames; len(frames) > 0 {
			return frames[0]
		}
	}
	return 0
}

// shellWord writes a file's name so that a shell takes it as one word.
func shellWord(name string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+=:,@%", r) || r > 0x7f && document.IsVisible(r)
	}
	if name != "" && !strings.HasPrefix(name, "-") && strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0 {
		return name
	}
	if strings.HasPrefix(name, "-") {
		name = "./" + name
	}
	return "'" + strings.ReplaceAll(document.PrintableString(name, 0), "'", `'\''`) + "'"
}
