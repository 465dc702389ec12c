package journal

import (
	"testing"
	"unicode/utf8"
)

// checkJournal holds what is true of every journal, whatever it was read from.
func checkJournal(t testing.TB, j *Journal) {
	t.Helper()
	known := map[int]bool{0: true}
	for i := range j.Entries {
		e := &j.Entries[i]
		known[e.Socket], known[e.New] = true, true
		switch {
		case e.HasEnd && e.Duration < 0:
			t.Errorf("line %d: negative duration %v", e.Line, e.Duration)
		case !e.HasEnd && e.Duration != 0:
			t.Errorf("line %d: a duration without an end", e.Line)
		case e.Errno != "" && !e.Returns:
			t.Errorf("line %d: an error of a call that did not return", e.Line)
		case len(e.Data) > keptBytes:
			t.Errorf("line %d: %d bytes kept", e.Line, len(e.Data))
		case e.Args == "" || !shown(e.Args) || !shown(e.Text()) || !shown(e.Errno):
			t.Errorf("line %d: unprintable text %q %q %q", e.Line, e.Args, e.Text(), e.Errno)
		case e.New != 0 && (e.Call != Accept || e.New == e.Socket):
			t.Errorf("line %d: socket %d made by call %d on socket %d", e.Line, e.New, e.Call, e.Socket)
		case e.Socket < 0 || e.New < 0:
			t.Errorf("line %d: socket numbers %d, %d", e.Line, e.Socket, e.New)
		case j.Kind == "strace" && e.Line <= 0:
			t.Errorf("entry %d without a line", i)
		}
	}
	for i := range j.Entries {
		for _, r := range j.Entries[i].Ready() {
			if j.Kind != "strace" && j.Kind != "tj1" && !known[r.Socket] {
				t.Errorf("line %d: ready socket %d is not known", j.Entries[i].Line, r.Socket)
			}
		}
	}
	for _, p := range j.Problems {
		if !shown(p.What.String()) {
			t.Errorf("line %d: unprintable problem %q", p.Line, p.What)
		}
	}
	if !shown(j.Ended) {
		t.Errorf("unprintable end %q", j.Ended)
	}
	if len(j.Problems) > mostProblems+2 {
		t.Errorf("%d problems kept", len(j.Problems))
	}
}

// shown reports whether text may be shown as it is; it shares no code with printable.
func shown(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if c < 0x20 || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 ||
			c == 0x200e || c == 0x200f || c == 0x61c || c == 0x2028 || c == 0x2029 || c == 0xfeff {
			return false
		}
	}
	return true
}
