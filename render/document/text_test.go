package document

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPrintable(t *testing.T) {
	tests := []struct {
		in   string
		max  int
		want string
	}{
		{"Hola desde MicroPython\n", 40, `Hola desde MicroPython\n`},
		{"ó ñ → ♻️ 你好", 0, "ó ñ → ♻️ 你好"},
		{"a\\b\"c", 0, `a\\b\"c`},
		{"tab\tcr\rnul\x00esc\x1b[2Jdel\x7f", 0, `tab\tcr\rnul\x00esc\x1b[2Jdel\x7f`},
		{"|`<b>", 0, `\x7c\x60\x3cb>`},
		{"\xff\xc3", 0, `\xff\xc3`},
		{"\u0085\u009b31m", 0, `\xc2\x85\xc2\x9b31m`},
		{"a\u202eb\u2066c\u200bd\u2028e\ufeff", 0, `a\xe2\x80\xaeb\xe2\x81\xa6c\xe2\x80\x8bd\xe2\x80\xa8e\xef\xbb\xbf`},
		{"\u3164\U000e0100\U000e0041", 0, `\xe3\x85\xa4\xf3\xa0\x84\x80\xf3\xa0\x81\x81`},
		{"\u0338x\u0301", 0, "\\xcc\\xb8x\u0301"},
		{"\ufffd", 0, "\ufffd"},
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abcdef…"},
		{"abcó", 4, "abc…"},
		{"abc\xff\xff", 4, `abc\xff…`},
		{"", 3, ""},
	}
	for _, tt := range tests {
		if got := Printable([]byte(tt.in), tt.max); got != tt.want {
			t.Errorf("Printable(%q, %d) = %s, want %s", tt.in, tt.max, got, tt.want)
		}
	}
}

func TestPrintablePart(t *testing.T) {
	if got := PrintablePart([]byte("Echo:\xc3"), 10); got != "Echo:…" {
		t.Errorf("a cut character shows: %s", got)
	}
	if got := PrintablePart([]byte("Echo:\xc3"), 6); got != `Echo:\xc3` {
		t.Errorf("a whole payload is cut: %s", got)
	}
}

func TestPrintableString(t *testing.T) {
	if got := PrintableString(`C:\capturas\"pico" <1>|.pcap`, 0); got != `C:\capturas\"pico" \x3c1>\x7c.pcap` {
		t.Errorf("got %s", got)
	}
	if got := PrintableString("años y años", 3); got != "añ…" {
		t.Errorf("got %s", got)
	}
}

// TestPrintableProperty holds that no text of any kind passes a dangerous character.
func TestPrintableProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(
			rapid.SliceOfN(rapid.Byte(), 0, 60),
			rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) }),
		).Draw(t, "in")
		for _, out := range []string{Printable(in, 0), Printable(in, 7), PrintableString(string(in), 9), visible(string(in))} {
			if !utf8.ValidString(out) {
				t.Fatalf("not UTF-8: %q", out)
			}
			for _, r := range out {
				if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) {
					t.Fatalf("%U passed in %q", r, out)
				}
			}
		}
		if out := Printable(in, 0); strings.ContainsAny(out, "|`<") {
			t.Fatalf("Markdown passed in %q", out)
		}
		if once := visible(string(in)); visible(once) != once {
			t.Fatalf("visible is not idempotent on %q", in)
		}
	})
}

func FuzzPrintable(f *testing.F) {
	f.Add([]byte("Hola\n\x1b[31m|`<\u202e"), 5)
	f.Fuzz(func(t *testing.T, b []byte, max int) {
		out := Printable(b, max)
		for _, r := range out {
			if r < ' ' || r == 0x7f || r == utf8.RuneError && !strings.Contains(string(b), "\ufffd") {
				t.Fatalf("%U passed in %q", r, out)
			}
		}
	})
}
