package lecture

import (
	"context"
	"reflect"
	"testing"

	"tcptrace/internal/testfiles"
	"tcptrace/render/document"
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

// TestNoWordMissing holds that both languages say everything.
func TestNoWordMissing(t *testing.T) {
	for lang, w := range map[string]*words{"es": &spanish, "en": &english} {
		v := reflect.ValueOf(*w)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: %s is empty", lang, v.Type().Field(i).Name)
			}
		}
	}
	if len(spanish.Mistakes) != len(english.Mistakes) || len(spanish.ValueMeaning) != len(english.ValueMeaning) {
		t.Error("one language says more than the other")
	}
}

// TestNoReasonMissing holds that a check says why in both languages.
func TestNoReasonMissing(t *testing.T) {
	for lang, w := range map[string]*checkWords{"es": &checkSpanish, "en": &checkEnglish} {
		v := reflect.ValueOf(*w)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: %s is empty", lang, v.Type().Field(i).Name)
			}
		}
		for r, sentence := range w.Reasons {
			if sentence == "" {
				t.Errorf("%s: reason %d is empty", lang, r)
			}
		}
	}
}
