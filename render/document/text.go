package document

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// How an ASCII byte of captured text is shown.
const (
	asIs  = iota
	asHex // \xNN
	asEsc // a backslash and a letter, or itself
)

// alphabet says for each ASCII byte how it is shown. Control bytes are never shown as they are.
type alphabet [utf8.RuneSelf]uint8

// Payload is read as the inside of a quoted string; in names a backslash is part of a Windows path;
// in text of our own only what cannot be seen is escaped, because the printers escape the rest.
var (
	payloadAlphabet = newAlphabet("|`<", `\"`)
	NameAlphabet    = newAlphabet("|`<", "")
	ownAlphabet     = newAlphabet("", "")
)

func newAlphabet(hex, escaped string) *alphabet {
	var a alphabet
	for c := range a {
		if c < ' ' || c == 0x7f {
			a[c] = asHex
		}
	}
	for _, c := range "\n\r\t" {
		a[c] = asEsc
	}
	for _, c := range hex {
		a[c] = asHex
	}
	for _, c := range escaped {
		a[c] = asEsc
	}
	return &a
}

// Printable turns captured bytes into text that is safe in every output, as the inside of a quoted
// string: valid UTF-8 that can be seen stays as it is, every other byte becomes \n, \r, \t or \xNN.
// So do the bytes of '|', '`' and '<', of C1 controls, of zero-width and of bidirectional
// characters (docs/ladder.md, Rows 14). More than max bytes are cut, never inside a character, and "…" says
// so; max <= 0 cuts nothing. The result is a copy.
func Printable(b []byte, max int) string {
	if max > 0 && len(b) > max {
		return printablePart(b[:max])
	}
	return string(appendPrintable(nil, string(b), payloadAlphabet))
}

// PrintablePart is Printable for the first bytes of a payload of length bytes, of which no more are
// at hand: it ends in "…" when b is not all.
func PrintablePart(b []byte, length int) string {
	if len(b) < length {
		return printablePart(b)
	}
	return Printable(b, 0)
}

func printablePart(b []byte) string {
	return string(appendPrintable(nil, string(wholeRunes(b)), payloadAlphabet)) + "…"
}

// PrintableString is Printable for names that come from outside: files, interfaces, reasons. A
// backslash and a quotation mark stay, because names are not shown as quoted strings.
func PrintableString(s string, max int) string {
	if max > 0 && len(s) > max {
		return string(appendPrintable(nil, string(wholeRunes([]byte(s[:max]))), NameAlphabet)) + "…"
	}
	return PrintableWith(s, NameAlphabet)
}

// visible is the last guard of the printers: what cannot be seen is escaped, whoever wrote it.
func visible(s string) string { return PrintableWith(s, ownAlphabet) }

// VisibleLines is visible for a text of several lines.
func VisibleLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

func PrintableWith(s string, a *alphabet) string {
	if isPrintable(s, a) {
		return s
	}
	return string(appendPrintable(nil, s, a))
}

// wholeRunes drops the bytes at the end of b that begin a character which is not all there.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

// isPrintable reports whether s needs no escape.
func isPrintable(s string, a *alphabet) bool {
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if a[r] != asIs {
				return false
			}
		case !IsVisible(r) || needsBase(r, i, a):
			return false
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return false
			}
		}
	}
	return true
}

func appendPrintable(dst []byte, s string, a *alphabet) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			dst = appendASCII(dst, c, a[c])
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || !IsVisible(r) || needsBase(r, i, a) {
			for _, c := range []byte(s[i : i+size]) {
				dst = appendHex(dst, c)
			}
		} else {
			dst = append(dst, s[i:i+size]...)
		}
		i += size
	}
	return dst
}

func appendASCII(dst []byte, c, how byte) []byte {
	if how == asIs {
		return append(dst, c)
	}
	if how == asHex {
		return appendHex(dst, c)
	}
	switch c {
	case '\n':
		c = 'n'
	case '\r':
		c = 'r'
	case '\t':
		c = 't'
	}
	return append(dst, '\\', c)
}

func appendHex(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'x', digits[c>>4], digits[c&15])
}

// IsVisible reports whether a character shows something by itself and leaves its neighbours where
// they are. IsPrint excludes controls, bidirectional and zero-width characters and odd spaces; the
// tables exclude the letters and marks that show nothing. The emoji selector U+FE0F is allowed.
func IsVisible(r rune) bool {
	if r < 0x300 {
		return unicode.IsPrint(r)
	}
	return unicode.IsPrint(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		(r == 0xfe0f || !unicode.Is(unicode.Variation_Selector, r))
}

// needsBase reports whether a character from outside would be drawn over what stands before it.
func needsBase(r rune, at int, a *alphabet) bool {
	return at == 0 && a != ownAlphabet && unicode.Is(unicode.M, r)
}
