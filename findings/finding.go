package findings

import (
	"net/netip"
	"slices"

	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

// Severity says how much a finding matters to who runs the programs.
type Severity uint8

// The severities, from the mildest. The zero value leaves it to the kind.
const (
	Info    Severity = iota + 1 // how TCP works; nothing to change
	Note                        // it costs time or hides something
	Warning                     // the programs do not do what was meant
	Error                       // something does not work, or the numbers cannot be trusted
)

// String is the word of the JSON.
func (s Severity) String() string {
	return [...]string{"", "info", "note", "warning", "error"}[s]
}

// Text is a sentence in both languages. What stands between backticks is code.
type Text = words.Text

// Number is one measured number. Names end in the unit: _s for seconds; counts have none.
type Number struct {
	Name  string
	Value float64
}

// Finding is one explanation. Everything in it belongs to the caller.
type Finding struct {
	Code     string
	Severity Severity
	Sessions []int   // numbers of the sessions concerned, ascending; at most MaxSessions
	Count    int     // how many sessions are concerned in all
	Frames   []int64 // the frames that prove it, ascending; at most MaxFrames
	Numbers  []Number
	Text     Text           // one sentence for a student
	Long     Text           // one paragraph for an engineer
	Fix      Text           // what to change, or that there is nothing to
	Change   *Change        // the line of the program to change; nil when there is none
	Splits   []rhythm.Split // loop-echo: where the time of every echo went

	host   netip.Addr     // what findings of one kind are joined by
	group  string         // findings of one kind with the same group are one, whatever their sessions; "" for none
	retell func(*Finding) // writes the texts of a group from its numbers; nil when they say no number
}

// MaxFrames caps the frames of a finding: enough to look at, not the whole capture.
const MaxFrames = 16

// Number gives a number by its name.
func (f *Finding) Number(name string) (float64, bool) {
	for _, n := range f.Numbers {
		if n.Name == name {
			return n.Value, true
		}
	}
	return 0, false
}

// Kind is one code: what it means, and how it is found.
type Kind struct {
	Code     string
	Severity Severity
	Meaning  Text
	Pico     bool // it is about a Pico and found only where one was recognised
	find     func(*look) []Finding
	single   bool // the counters of one session prove it: a Collector finds it in every session
}

// Kinds lists all codes in the order of a lecture: first what the programs do, then connections, then the capture.
func Kinds() []Kind { return slices.Clone(kinds) }

// KindOf finds a kind by its code.
func KindOf(code string) (Kind, bool) {
	for _, k := range kinds {
		if k.Code == code {
			return k, true
		}
	}
	return Kind{}, false
}

// Options are what the user adds to a trace.
type Options struct {
	// SourceName and Source are the user's program, line by line: findings then name its line in place of the
	// notebook's.
	SourceName string
	Source     []string
	// Collector, when set, has looked at every session of the trace as it ended.
	Collector *Collector
}

// MaxSessions caps the sessions that a finding lists; Count has them all.
const MaxSessions = 100

// maxPerKind caps the findings of one code; further ones are counted in the last.
const maxPerKind = 4

// Find explains a trace, worst first. What one session proves is told of every session that Options.Collector
// was given; what takes several sessions together is looked for among those that the trace examines.
func Find(t *sessions.Trace, o Options) []Finding {
	l := newLook(t, o)
	var all []Finding
	for _, k := range kinds {
		all = append(all, l.kind(k)...)
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return int(b.Severity) - int(a.Severity) })
	return causesFirst(all)
}

// slower are the codes that explain why echoes waited for several passes of the loop, where one pass is what the loop
// itself costs.
var slower = []string{"early-data-dropped", "message-split", "pbuf-exhausted", "backlog-growing", "single-accept", "second-client"}

// causesFirst puts loop-echo behind what made its echoes wait for more than one pass in the same session: a reader who
// mends the first line must not find that it was another's effect.
func causesFirst(all []Finding) []Finding {
	for i := 0; i < len(all); i++ {
		f := all[i]
		wait, _ := f.Number("loop_s")
		period, ok := f.Number("period_s")
		if f.Code != loopEcho.Code || !ok || wait <= period {
			continue
		}
		behind := i
		for j := i + 1; j < len(all) && all[j].Severity == f.Severity; j++ {
			if slices.Contains(slower, all[j].Code) && slices.ContainsFunc(f.Sessions, func(id int) bool { return slices.Contains(all[j].Sessions, id) }) {
				behind = j
			}
		}
		copy(all[i:behind], all[i+1:behind+1])
		all[behind] = f
		if behind > i {
			i-- // what stands here now has not been looked at
		}
	}
	return all
}

// kind finds all of one kind. A fault in it is a finding of its own and not the end of the others.
func (l *look) kind(k Kind) (found []Finding) {
	defer func() {
		if p := recover(); p != nil {
			found = []Finding{faulty(k, p)}
		}
	}()
	found = k.find(l)
	more := 0
	if c := l.o.Collector; c != nil && k.single {
		found, more = c.add(l, k, found)
	}
	found = limit(alike(found), more)
	for i := range found {
		l.finish(&found[i], k)
		if c := l.o.Collector; c != nil && !k.single && len(found[i].Sessions) > 0 && c.sessions(l) > len(l.all) {
			found[i].Numbers = append(found[i].Numbers, count("examined_sessions", int64(len(l.all))))
			found[i].Text = joined(found[i].Text, sentence(" (Sesiones examinadas: las primeras %[1]d de %[2]d.)", " (Sessions examined: the first %[1]d of %[2]d.)", len(l.all), c.sessions(l)))
		}
	}
	return found
}

// faulty says that a kind could not be looked for.
func faulty(k Kind, fault any) Finding {
	f := Finding{Code: k.Code, Severity: Warning}
	f.Text = sentence("No se pudo buscar `%[1]s`: un error de tcptrace (%[2]v).", "`%[1]s` could not be looked for: a fault of tcptrace (%[2]v).", k.Code, fault)
	f.Long = f.Text
	f.Fix = sentence("Informe de este error con la captura.", "Report this fault together with the capture.")
	return f
}

// alike joins findings that say the same of several sessions: one line with all of them. The first one stays the example
// of the long text and of the numbers.
func alike(found []Finding) (joined []Finding) {
	for _, f := range found {
		i := slices.IndexFunc(joined, func(g Finding) bool { return g.Text == f.Text && g.Fix == f.Fix && g.group == f.group })
		if i < 0 || len(f.Sessions) == 0 || len(joined[i].Sessions) == 0 {
			joined = append(joined, f)
			continue
		}
		g := &joined[i]
		g.Count = max(g.Count, len(g.Sessions)) + max(f.Count, len(f.Sessions))
		g.Sessions = append(slices.Clone(g.Sessions), f.Sessions...)
		g.Frames = append(slices.Clone(g.Frames), f.Frames...)
		g.Splits = append(slices.Clone(g.Splits), f.Splits...)
	}
	return joined
}

// limit keeps the first findings of a kind and counts the others, and those that nobody kept, in the last one kept.
func limit(found []Finding, uncounted int) []Finding {
	more := max(len(found)-maxPerKind, 0) + uncounted
	if more == 0 {
		return found
	}
	kept := found[:min(len(found), maxPerKind)]
	last := &kept[len(kept)-1]
	last.Count = max(last.Count, len(last.Sessions)) + uncounted
	for _, f := range found[len(kept):] {
		last.Sessions = append(last.Sessions, f.Sessions...)
		last.Count += max(f.Count, len(f.Sessions))
	}
	last.Numbers = append(last.Numbers, Number{"more", float64(more)})
	last.Text = joined(last.Text, sentence(" (Y más casos iguales: %d.)", " (More of the same: %d.)", more))
	return kept
}

// finish sets what all findings have in common.
func (l *look) finish(f *Finding, k Kind) {
	f.Code = k.Code
	if f.Severity == 0 {
		f.Severity = k.Severity
	}
	slices.Sort(f.Sessions)
	f.Sessions = slices.Compact(f.Sessions)
	f.Count = max(f.Count, len(f.Sessions))
	f.Sessions = f.Sessions[:min(len(f.Sessions), MaxSessions)]
	f.Frames = slices.DeleteFunc(f.Frames, func(n int64) bool { return n <= 0 })
	slices.Sort(f.Frames)
	f.Frames = slices.Compact(f.Frames)
	if len(f.Frames) > MaxFrames {
		f.Frames = f.Frames[:MaxFrames]
	}
	if f.Fix == (words.Text{}) {
		f.Fix = words.Of("No hay nada que cambiar.", "There is nothing to change.")
	}
	if f.Change != nil {
		f.Change.locate(l.o)
		f.Fix = joined(f.Fix, f.Change.text())
	}
}
