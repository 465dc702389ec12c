package render

import "tcptrace/words"

// Words are what a report says, in one language, and how it writes values.
type Words struct {
	words.Report
	words.Ladder
	words.Findings
	Lang string
}

// WordsFor gives the words of a language.
func WordsFor(lang string) *Words {
	return &Words{words.NewReport(lang), words.NewLadder(lang), words.NewFindings(lang), lang}
}
