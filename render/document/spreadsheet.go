package document

import (
	"strings"
	"unicode/utf8"
)

// SpreadsheetText puts an apostrophe before text that a spreadsheet would take as a formula (OWASP, CSV
// injection), unless it is a plain number.
func SpreadsheetText(s string) string {
	if s == "" || s == "-" { // "-" is the standard input, and no formula
		return s
	}
	switch r, _ := utf8.DecodeRuneInString(s); r {
	case '=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠':
	default:
		return s
	}
	if strings.Trim(s[1:], "0123456789.") == "" && IsDigit(s[len(s)-1]) {
		return s
	}
	return "'" + s
}
