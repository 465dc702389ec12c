package render

import (
	"tcptrace/render/document"
	"tcptrace/sessions"
)

// Signal names a segment as the signal columns do, with the arrow as the client sees it: "SYN →", "← Data[36]".
func Signal(st *sessions.Step, lang string) string {
	l := &ladder{w: WordsFor(lang)}
	return cellText(l.signal(st, sessions.Client))
}

// cellText is a cell without its marks.
func cellText(c document.Cell) (text string) {
	for _, s := range c {
		text += s.Text
	}
	return text
}
