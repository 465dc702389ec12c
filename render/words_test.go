package render

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcptrace/render/document"
)

// leaves gives every string of a value by its path.
func leaves(path string, v reflect.Value, out map[string]string) map[string]string {
	switch v.Kind() {
	case reflect.String:
		out[path] = v.String()
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(path+"."+v.Type().Field(i).Name, v.Field(i), out)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			leaves(path+"."+v.Type().String(), v.Index(i), out)
		}
	default:
		out[path] = "" // a kind that this test does not know is a failure
	}
	return out
}

// TestWordsComplete holds that every string exists in both languages, with the same verbs and marks.
func TestWordsComplete(t *testing.T) {
	es := leaves("Words", reflect.ValueOf(*WordsFor("es")), map[string]string{})
	en := leaves("Words", reflect.ValueOf(*WordsFor("en")), map[string]string{})
	verb := regexp.MustCompile(`%[^%]|\*\*` + "|`")
	nested := regexp.MustCompile("^[^\x00]*(\x00[^\x00]*\x00[^\x00]*)*\x00[^\x00`]*`")
	for path, text := range es {
		if text == "" || en[path] == "" {
			t.Errorf("%s: es %q, en %q", path, text, en[path])
		}
		if diff := cmp.Diff(verb.FindAllString(text, -1), verb.FindAllString(en[path], -1)); diff != "" {
			t.Errorf("%s (-es +en):\n%s", path, diff)
		}
	}
	for _, words := range []map[string]string{es, en} {
		for path, text := range words {
			if nested.MatchString(strings.ReplaceAll(text, "**", "\x00")) {
				t.Errorf("%s: code inside strong text: %s", path, text)
			}
		}
	}
	if len(es) < 100 {
		t.Errorf("only %d strings found", len(es))
	}
}

// TestWordsDiffer finds sentences that were not translated.
func TestWordsDiffer(t *testing.T) {
	es := leaves("Words", reflect.ValueOf(*WordsFor("es")), map[string]string{})
	en := leaves("Words", reflect.ValueOf(*WordsFor("en")), map[string]string{})
	for path, text := range es {
		if len(text) > 30 && text == en[path] {
			t.Errorf("%s is the same in both languages: %s", path, text)
		}
	}
}

func TestWordsFor(t *testing.T) {
	for lang, want := range map[string]string{"es": "es", "en": "en", "": "es", "fr": "es"} {
		if got := WordsFor(lang).Lang; got != want {
			t.Errorf("%q: %s, want %s", lang, got, want)
		}
	}
}

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
	w := Words{DecimalMark: "."}
	for d, want := range map[time.Duration]string{
		0: "0 ns", 999: "999 ns", 42100: "42.10 µs", 5996 * time.Microsecond: "5.996 ms", 41700 * time.Microsecond: "41.70 ms",
		482113 * time.Microsecond: "482.1 ms", 1004871 * time.Microsecond: "1.005 s", 32380 * time.Millisecond: "32.38 s",
		3600 * time.Second: "3600 s", -1500 * time.Microsecond: "-1.500 ms",
	} {
		if got := w.Duration(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
	if got := (&Words{DecimalMark: ","}).Duration(1500 * time.Microsecond); got != "1,500 ms" {
		t.Errorf("with a comma: %s", got)
	}
}
