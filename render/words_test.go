package render

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcptrace/render/document"
)

func TestSentence(t *testing.T) {
	for _, tt := range []struct {
		format string
		args   []any
		want   document.Cell
	}{
		{"plain %d of %s", []any{3, "x"}, document.Cell{{Kind: document.Plain, Text: "plain 3 of x"}}},
		{"**File:** `%s` (%s, %d %%)", []any{"a`b", "**c**", 7},
			document.Cell{{Kind: document.Strong, Text: "File:"}, {Kind: document.Plain, Text: " "}, {Kind: document.Code, Text: `a\x60b`}, {Kind: document.Plain, Text: " (**c**, 7 %)"}}},
		{"`**`", nil, document.Cell{{Kind: document.Code, Text: "**"}}},
		{"", nil, nil},
	} {
		if diff := cmp.Diff(tt.want, document.Sentence(tt.format, tt.args...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.format, diff)
		}
	}
}

func TestDuration(t *testing.T) {
	w := WordsFor("en")
	for d, want := range map[time.Duration]string{
		0: "0 ns", 999: "999 ns", 42100: "42.10 µs", 5996 * time.Microsecond: "5.996 ms", 41700 * time.Microsecond: "41.70 ms",
		482113 * time.Microsecond: "482.1 ms", 1004871 * time.Microsecond: "1.005 s", 32380 * time.Millisecond: "32.38 s",
		3600 * time.Second: "3600 s", -1500 * time.Microsecond: "-1.500 ms",
	} {
		if got := w.Duration(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}
