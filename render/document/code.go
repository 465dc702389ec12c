package document

import "strings"

// appendFence writes a block of code between fences that its text cannot end.
func appendFence(dst []byte, b CodeBlock) []byte {
	fence := "```"
	for strings.Contains(b.Text, fence) {
		fence += "`"
	}
	dst = append(append(append(dst, fence...), b.Language...), '\n')
	dst = appendCodeLines(dst, b.Text, func(dst []byte, text string) []byte { return append(dst, text...) })
	return append(append(dst, fence...), '\n')
}

// appendPre writes a block of code as HTML.
func appendPre(dst []byte, b CodeBlock) []byte {
	dst = append(dst, "<pre><code>"...)
	dst = appendCodeLines(dst, b.Text, appendHTMLText)
	return append(dst, "</code></pre>\n"...)
}

// appendCodeLines writes the lines of a text with what cannot be seen made visible. Tabs stay: they may be Python's
// indentation.
func appendCodeLines(dst []byte, text string, write func([]byte, string) []byte) []byte {
	for line := range strings.Lines(text) {
		for i, part := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			if i > 0 {
				dst = append(dst, '\t')
			}
			dst = write(dst, string(appendPrintable(nil, part, ownAlphabet)))
		}
		dst = append(dst, '\n')
	}
	return dst
}
