package document

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// place is where inline Markdown stands, which decides what must be escaped.
type place uint8

const (
	inTable     place = iota // a table cell, where '|' ends the cell even inside a code span
	inParagraph              // the only line of a paragraph, a heading or a list item
)

// Neighbours of a span that are not characters.
const (
	edge      = ' ' // of the line or cell
	delimiter = -1  // the asterisk of another span
)

// appendInline appends a cell as inline Markdown: text that renders as it is, without links, HTML
// or formulas. It escapes as little as that allows, so that the source reads well too.
func appendInline(dst []byte, c Cell, where place) []byte {
	spans := normalized(c)
	for i, s := range spans {
		next := rune(edge)
		if i+1 < len(spans) {
			next = firstRune(spans[i+1])
		}
		switch s.Kind {
		case Code:
			dst = appendCode(dst, s.Text, where)
		case Emphasis, Strong:
			mark := "**"[:s.Kind-Emphasis+1]
			dst = append(dst, mark...)
			dst = appendEscaped(dst, s.Text, '*', where)
			dst = append(dst, mark...)
		default:
			text := s.Text
			if i == 0 && where == inParagraph {
				dst, text = appendLineStart(dst, strings.TrimLeft(text, " "))
			}
			dst = appendEscaped(dst, text, next, where)
		}
	}
	return dst
}

// normalized makes what is invisible visible, drops empty spans, joins equal neighbours, and turns
// emphasis that Markdown could not recognise where it stands into plain text.
func normalized(c Cell) []Span {
	if len(c) == 1 && c[0].Kind <= Code {
		if text := visible(c[0].Text); text == c[0].Text && text != "" {
			return c
		}
	}
	spans := joined(c)
	plain := false
	for i, s := range spans {
		if s.Kind <= Code {
			continue
		}
		before, after := rune(edge), rune(edge)
		if i > 0 {
			before = lastRune(spans[i-1])
		}
		if i+1 < len(spans) {
			after = firstRune(spans[i+1])
		}
		if !canEmphasise(before, s.Text, after) {
			spans[i].Kind = Plain
			plain = true
		}
	}
	if plain {
		return joined(spans)
	}
	return spans
}

func joined(c []Span) []Span {
	spans := make([]Span, 0, len(c))
	for _, s := range c {
		s.Text = visible(s.Text)
		switch last := len(spans) - 1; {
		case s.Text == "":
		case last >= 0 && spans[last].Kind == s.Kind:
			spans[last].Text += s.Text
		default:
			spans = append(spans, s)
		}
	}
	return spans
}

func firstRune(s Span) rune {
	switch s.Kind {
	case Code:
		return '`'
	case Plain:
		r, _ := utf8.DecodeRuneInString(s.Text)
		return r
	}
	return delimiter
}

func lastRune(s Span) rune {
	switch s.Kind {
	case Code:
		return '`'
	case Plain:
		r, _ := utf8.DecodeLastRuneInString(s.Text)
		return r
	}
	return delimiter
}

// canEmphasise reports whether asterisks around text are left- and right-flanking between the
// characters before and after (CommonMark 0.31, section 6.2), whether or not a reader of Markdown
// counts symbols as punctuation.
func canEmphasise(before rune, text string, after rune) bool {
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	return flanks(before, first) && flanks(after, last)
}

func flanks(outside, inside rune) bool {
	if outside == delimiter || inside == ' ' {
		return false
	}
	return unicode.IsLetter(inside) || unicode.IsDigit(inside) || outside == ' ' || unicode.IsPunct(outside)
}

// appendCode appends a code span. Inside it nothing can be escaped but, in a table, '|'.
func appendCode(dst []byte, text string, where place) []byte {
	if where == inTable {
		// Readers of Markdown disagree about a pipe after a backslash, so it stands outside the span.
		for {
			before, after, found := strings.Cut(text, `\|`)
			if !found {
				break
			}
			dst = appendCodeSpan(dst, before+`\`, where)
			dst = append(dst, "&#124;"...)
			text = after
		}
	}
	return appendCodeSpan(dst, text, where)
}

func appendCodeSpan(dst []byte, text string, where place) []byte {
	if text == "" {
		return dst
	}
	fence := strings.Repeat("`", longestRun(text, '`')+1)
	pad := text[0] == '`' || text[len(text)-1] == '`' ||
		text[0] == ' ' && text[len(text)-1] == ' ' && strings.Trim(text, " ") != ""
	dst = append(dst, fence...)
	if pad {
		dst = append(dst, ' ')
	}
	for i := 0; i < len(text); i++ {
		if text[i] == '|' && where == inTable {
			dst = append(dst, '\\')
		}
		dst = append(dst, text[i])
	}
	if pad {
		dst = append(dst, ' ')
	}
	return append(dst, fence...)
}

func longestRun(s string, of byte) int {
	longest, run := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] != of {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// appendLineStart escapes what would make a paragraph something else, and gives the rest.
func appendLineStart(dst []byte, text string) (out []byte, rest string) {
	if text == "" {
		return dst, text
	}
	if strings.IndexByte("#+->=[|", text[0]) >= 0 {
		return append(dst, '\\', text[0]), text[1:]
	}
	digits := 0
	for digits < len(text) && IsDigit(text[digits]) {
		digits++
	}
	marker := digits > 0 && digits < len(text) && (text[digits] == '.' || text[digits] == ')')
	if marker && (digits+1 == len(text) || strings.IndexByte(" \t\n", text[digits+1]) >= 0) { // an address is no list
		dst = append(dst, text[:digits]...)
		return append(dst, '\\', text[digits]), text[digits+1:]
	}
	return dst, text
}

// appendEscaped appends plain text; next is the character that follows it in the line.
func appendEscaped(dst []byte, text string, next rune, where place) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		follow := byte(next) // enough: only ASCII matters below
		if next >= utf8.RuneSelf || next == delimiter {
			follow = 'x'
		}
		if i+1 < len(text) {
			follow = text[i+1]
		}
		if strings.IndexByte("*`~$<&|\\]_:.", c) < 0 {
			dst = append(dst, c)
			continue
		}
		dst = appendSpecial(dst, text, i, follow, where)
	}
	return dst
}

// appendSpecial appends text[i], which may mean something in Markdown before follow.
func appendSpecial(dst []byte, text string, i int, follow byte, where place) []byte {
	switch c := text[i]; c {
	case '`':
		return append(dst, "&#96;"...)
	case '<':
		return append(dst, "&lt;"...)
	case '&':
		if follow == '#' || isAlnum(follow) {
			return append(dst, "&amp;"...)
		}
		return append(dst, c)
	case '\\':
		switch {
		case follow == '|' && where == inTable:
			return append(dst, "&#92;"...)
		case i+1 == len(text) || isPunct(follow):
			return append(dst, `\\`...)
		}
		return append(dst, c)
	case '*', '~', '$':
		return append(dst, '\\', c)
	default:
		if mustEscape(text, i, follow, where) {
			dst = append(dst, '\\')
		}
		return append(dst, c)
	}
}

// mustEscape decides for the characters that mean something only among certain neighbours.
func mustEscape(text string, i int, follow byte, where place) bool {
	switch text[i] {
	case '|':
		return where == inTable
	case ']': // the middle of a link; of a link's definition the line's start is escaped
		return follow == '(' || follow == '['
	case '_': // inside a word it is only itself
		return i == 0 || !isAlnum(text[i-1]) || !isAlnum(follow)
	case ':': // GitHub makes a link of http://
		return strings.HasPrefix(text[i+1:], "//")
	case '.': // and of www.
		return i >= 3 && strings.EqualFold(text[i-3:i], "www")
	}
	return false
}

func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(c byte) bool {
	return IsDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isPunct(c byte) bool { return c > ' ' && c < 0x7f && !isAlnum(c) }
