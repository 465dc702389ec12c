package document

import (
	"fmt"
	"strings"

	"tcptrace/words"
)

// Say fills a sentence of package words.
func Say(s words.Sentence) Cell { return Sentence(s.Format, s.Values...) }

// Sentence fills a format of Words: what stands between backticks is code, between ** strong. The
// settings are read from the format before it is filled, so arguments cannot add any. String
// arguments come from anywhere and are made printable.
func Sentence(format string, args ...any) Cell {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = PrintableString(s, MaxNameBytes)
		}
	}
	var c Cell
	kind := Plain
	for format != "" {
		mark, at := nextMark(format, kind)
		text := format[:at]
		n := verbs(text)
		c = append(c, NewCell(kind, fmt.Sprintf(text, args[:n]...))...)
		args, format = args[n:], format[at+len(mark):]
		switch {
		case kind != Plain:
			kind = Plain
		case mark == "`":
			kind = Code
		case mark == "**":
			kind = Strong
		}
	}
	return c
}

// MaxNameBytes is how much of a name from outside a report shows.
const MaxNameBytes = 200

// nextMark finds the mark that ends the text of a kind, or the end of the format.
func nextMark(format string, kind SpanKind) (mark string, at int) {
	code, strong := strings.Index(format, "`"), strings.Index(format, "**")
	switch {
	case kind != Strong && code >= 0 && (strong < 0 || kind == Code || code < strong):
		return "`", code
	case kind != Code && strong >= 0:
		return "**", strong
	}
	return "", len(format)
}

// verbs counts the verbs of a format that has plain verbs and %% only.
func verbs(format string) int {
	return strings.Count(format, "%") - 2*strings.Count(format, "%%")
}

// Join puts sentences one after the other into one paragraph.
func Join(sentences ...Cell) Cell {
	var c Cell
	for _, s := range sentences {
		if len(s) == 0 {
			continue
		}
		if len(c) > 0 {
			c = append(c, Span{Plain, " "})
		}
		c = append(c, s...)
	}
	return c
}
