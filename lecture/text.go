package lecture

import (
	"fmt"
	"regexp"
	"strings"

	"tcptrace/render/document"
	"tcptrace/words"
)

var verb = regexp.MustCompile(`%[-+ #0-9.]*[a-z]`)

// marks are the words' own settings: `code`, **strong**, *emphasis*.
var marks = []struct {
	sign string
	kind document.SpanKind
}{{"`", document.Code}, {"**", document.Strong}, {"*", document.Emphasis}}

// text makes a line of our own words. The settings are read before the arguments are put in, which are never read as settings.
func text(format string, args ...any) (c document.Cell) {
	add := func(kind document.SpanKind, part string) {
		n := len(verb.FindAllString(strings.ReplaceAll(part, "%%", ""), -1))
		if part = fmt.Sprintf(part, args[:n]...); part != "" {
			c = append(c, document.Span{Kind: kind, Text: part})
		}
		args = args[n:]
	}
	for format != "" {
		at, sign, kind := len(format), "", document.Plain
		for _, m := range marks {
			if i := strings.Index(format, m.sign); i >= 0 && i < at {
				at, sign, kind = i, m.sign, m.kind
			}
		}
		add(document.Plain, format[:at])
		if sign == "" {
			break
		}
		format = format[at+len(sign):]
		end := strings.Index(format, sign)
		if end < 0 {
			end = len(format)
		}
		add(kind, format[:end])
		format = strings.TrimPrefix(format[end:], sign)
	}
	return c
}

// sentence makes a line of a sentence of package words.
func sentence(s words.Sentence) document.Cell { return text(s.Format, s.Values...) }

func head(level int, words string, args ...any) document.Heading {
	return document.Heading{Level: level, Text: text(words, args...)}
}

func paragraph(words string, args ...any) document.Paragraph {
	return document.Paragraph{Text: text(words, args...)}
}

func paragraphOf(s words.Sentence) document.Paragraph { return document.Paragraph{Text: sentence(s)} }

func list(items ...string) (l document.List) {
	for _, item := range items {
		l.Items = append(l.Items, text(item))
	}
	return l
}

// heads are column heads, in bold as the notebook has them.
func heads(words ...string) (row []document.Cell) {
	for _, w := range words {
		row = append(row, document.Cell{{Kind: document.Strong, Text: w}})
	}
	return row
}

func cells(words ...string) (row []document.Cell) {
	for _, w := range words {
		row = append(row, text(strings.ReplaceAll(w, "%", "%%")))
	}
	return row
}
