package findings

import (
	"net/netip"
	"slices"

	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
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
type Text struct{ ES, EN string }

// In gives the text in "es" or "en".
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.EN
	}
	return t.ES
}

// Number is one measured number. Names end in the unit: _s for seconds; counts have none.
type Number struct {
	Name  string
	Value float64
}

// Finding is one explanation. Everything in it belongs to the caller.
type Finding struct {
	Code     string
	Severity Severity
	Sessions []int   // numbers of the sessions concerned, ascending
	Frames   []int64 // the frames that prove it, ascending; at most MaxFrames
	Numbers  []Number
	Text     Text           // one sentence for a student
	Long     Text           // one paragraph for an engineer
	Fix      Text           // what to change, or that there is nothing to
	Change   *Change        // the line of the program to change; nil when there is none
	Splits   []rhythm.Split // loop-echo: where the time of every echo went

	host netip.Addr // what findings of one kind are joined by
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
}

// MaxSessions caps how many sessions are looked at; those of a lazy trace are built for it, and no more than these.
const MaxSessions = 1000

// maxPerKind caps the findings of one code; further ones are counted in the last.
const maxPerKind = 4

// Find explains a trace, worst first. It builds at most MaxSessions sessions of a lazy trace and keeps none.
func Find(t *sessions.Trace, o Options) []Finding {
	l := newLook(t, o)
	var all []Finding
	for _, k := range kinds {
		found := limit(k.find(l))
		for i := range found {
			l.finish(&found[i], k)
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return int(b.Severity) - int(a.Severity) })
	return all
}

// limit keeps the first findings of a kind and counts the others in the last one kept.
func limit(found []Finding) []Finding {
	more := len(found) - maxPerKind
	if more <= 0 {
		return found
	}
	last := &found[maxPerKind-1]
	for _, f := range found[maxPerKind:] {
		last.Sessions = append(last.Sessions, f.Sessions...)
	}
	last.Numbers = append(last.Numbers, Number{"more", float64(more)})
	last.Text = joined(last.Text, say(" (Y más casos iguales: %d.)", " (More of the same: %d.)", more))
	return found[:maxPerKind]
}

// finish sets what all findings have in common.
func (l *look) finish(f *Finding, k Kind) {
	f.Code = k.Code
	if f.Severity == 0 {
		f.Severity = k.Severity
	}
	slices.Sort(f.Sessions)
	f.Sessions = slices.Compact(f.Sessions)
	f.Frames = slices.DeleteFunc(f.Frames, func(n int64) bool { return n <= 0 })
	slices.Sort(f.Frames)
	f.Frames = slices.Compact(f.Frames)
	if len(f.Frames) > MaxFrames {
		f.Frames = f.Frames[:MaxFrames]
	}
	if f.Fix == (Text{}) {
		f.Fix = Text{"No hay nada que cambiar.", "There is nothing to change."}
	}
	if f.Change != nil {
		f.Change.locate(l.o)
		f.Fix = joined(f.Fix, f.Change.text())
	}
}
