package lecture

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf16"
)

// asUTF16 writes text in UTF-16 with a byte order mark.
func asUTF16(text string, bigEndian bool) []byte {
	var b []byte
	for _, u := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		if bigEndian {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

// TestNotesKeepTheirForm refreshes notes in every encoding and with both line ends: what comes out is in the same form.
func TestNotesKeepTheirForm(t *testing.T) {
	l := labLecture(t, Options{Lang: "es"})
	begin, end := Markers(SectionBlocking)
	for _, newline := range []string{"\n", "\r\n"} {
		notes := begin + newline + "old ♻️" + newline + end + newline
		plain, _, err := l.IntoMarkdown([]byte(notes))
		if err != nil {
			t.Fatal(err)
		}
		for name, encode := range map[string]func(string) []byte{
			"UTF-8 with a mark":     func(s string) []byte { return append([]byte("\xef\xbb\xbf"), s...) },
			"UTF-16, little-endian": func(s string) []byte { return asUTF16(s, false) },
			"UTF-16, big-endian":    func(s string) []byte { return asUTF16(s, true) },
		} {
			got, _, err := l.IntoMarkdown(encode(notes))
			if err != nil || !bytes.Equal(got, encode(string(plain))) {
				t.Errorf("%s, line end %q: %v, %.60q", name, newline, err, got)
			}
		}
	}
}

// TestNotesThatAreNoText are named rightly, and nothing is written.
func TestNotesThatAreNoText(t *testing.T) {
	l := labLecture(t, Options{Lang: "es"})
	begin, end := Markers(SectionBlocking)
	text := begin + "\nniño\n" + end + "\n"
	for name, notes := range map[string][]byte{
		"Latin-1":             bytes.ReplaceAll([]byte(text), []byte("ñ"), []byte{0xf1}),
		"UTF-16 without mark": asUTF16(text, false)[2:],
		"UTF-16, cut":         asUTF16(text, true)[:31],
		"UTF-16, half a pair": append(asUTF16(text, false), 0x00, 0xd8),
		"zeros":               make([]byte, 100),
	} {
		if out, _, err := l.IntoMarkdown(notes); !errors.Is(err, ErrNotText) || out != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Check(notes, false, nil); !errors.Is(err, ErrNotText) {
			t.Errorf("%s, checked: %v", name, err)
		}
	}
}
