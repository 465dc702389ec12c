package lecture

import (
	"fmt"
	"regexp"
	"strings"

	"tcptrace/render"
)

var verb = regexp.MustCompile(`%[-+ #0-9.]*[a-z]`)

// marks are the words' own settings: `code`, **strong**, *emphasis*.
var marks = []struct {
	sign string
	kind render.SpanKind
}{{"`", render.Code}, {"**", render.Strong}, {"*", render.Emphasis}}

// text makes a line of our own words. The settings are read before the arguments are put in, which are never read as settings.
func text(format string, args ...any) (c render.Cell) {
	add := func(kind render.SpanKind, part string) {
		n := len(verb.FindAllString(strings.ReplaceAll(part, "%%", ""), -1))
		if part = fmt.Sprintf(part, args[:n]...); part != "" {
			c = append(c, render.Span{Kind: kind, Text: part})
		}
		args = args[n:]
	}
	for format != "" {
		at, sign, kind := len(format), "", render.Plain
		for _, m := range marks {
			if i := strings.Index(format, m.sign); i >= 0 && i < at {
				at, sign, kind = i, m.sign, m.kind
			}
		}
		add(render.Plain, format[:at])
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

func head(level int, words string, args ...any) render.Heading {
	return render.Heading{Level: level, Text: text(words, args...)}
}

func paragraph(words string, args ...any) render.Paragraph {
	return render.Paragraph{Text: text(words, args...)}
}

func list(items ...string) (l render.List) {
	for _, item := range items {
		l.Items = append(l.Items, text(item))
	}
	return l
}

// heads are column heads, in bold as the notebook has them.
func heads(words ...string) (row []render.Cell) {
	for _, w := range words {
		row = append(row, render.Cell{{Kind: render.Strong, Text: w}})
	}
	return row
}

func cells(words ...string) (row []render.Cell) {
	for _, w := range words {
		row = append(row, text(strings.ReplaceAll(w, "%", "%%")))
	}
	return row
}
