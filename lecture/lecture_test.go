package lecture

import (
	"context"
	"testing"

	"tcptrace/internal/testfiles"
	"tcptrace/render/document"
	"tcptrace/words"
)

func labLecture(t *testing.T, o Options) *Lecture {
	t.Helper()
	runs, err := LabRuns(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	l, err := Write(runs, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestGolden(t *testing.T) {
	for _, lang := range []string{"es", "en"} {
		l := labLecture(t, Options{Lang: lang})
		testfiles.Golden(t, "testdata/lecture."+lang+".md", l.Document().AppendMarkdown(nil, document.MarkdownOptions{Images: true}))
	}
}

// TestEveryMistakeHasItsProof holds that the list of proofs goes with the words, and every reason of a check has a sentence.
func TestEveryMistakeHasItsProof(t *testing.T) {
	for _, lang := range []string{"es", "en"} {
		if n := len(words.NewLecture(lang).Mistakes()); n != len(proofs) {
			t.Errorf("%s: %d mistakes, %d proofs", lang, n, len(proofs))
		}
		if n := len(words.NewCheck(lang).Reasons()); n != int(numReasons) {
			t.Errorf("%s: %d reasons of %d", lang, n, numReasons)
		}
	}
}
