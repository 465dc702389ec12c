package render

// LadderWords are the ladder's words, a part of Words.
type LadderWords struct{}

var ladderES = LadderWords{}

var ladderEN = LadderWords{}
