package lecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// sample is a lecture that needs no lab.
func sample(t *testing.T, png bool) *Lecture {
	t.Helper()
	l, err := Write(&Runs{}, Options{Lang: "en", PNG: png})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// region is a section between its markers, with something old in it.
func region(name, old string) string {
	begin, end := Markers(name)
	return begin + "\n" + old + end + "\n"
}

func TestIntoMarkdown(t *testing.T) {
	l := sample(t, false)
	before, between, after := "# Mine\n\ntrailing spaces  \n", "\ttabs\n\n", "the end, no newline"
	notes := before + region(SectionAPI, "old\n") + between + region(SectionMistakes, "") + after
	out, _, err := l.IntoMarkdown([]byte(notes))
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	for _, keep := range []string{before + "<!-- tcptrace:api -->\n\n## `select` and `poll`", "<!-- /tcptrace:api -->\n" + between + "<!-- tcptrace:mistakes -->\n\n## ",
		"<!-- /tcptrace:mistakes -->\n" + after} {
		if !strings.Contains(text, keep) {
			t.Errorf("%q is not in the result", keep)
		}
	}
	if strings.Contains(text, "old\n") || !strings.HasSuffix(text, after) {
		t.Error("the old text is still there, or the end is not")
	}
	again, _, err := l.IntoMarkdown(out)
	if err != nil || !bytes.Equal(again, out) {
		t.Errorf("a second refresh changes something: %v", err)
	}
}

func TestIntoKeepsLineEnds(t *testing.T) {
	notes := strings.ReplaceAll("a\n"+region(SectionAPI, "x\n")+"b\n", "\n", "\r\n")
	out, _, err := sample(t, false).IntoMarkdown([]byte(notes))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(out), "\n"); n != strings.Count(string(out), "\r\n") || n < 10 {
		t.Errorf("%d line feeds, %d of them after carriage returns", n, strings.Count(string(out), "\r\n"))
	}
}

func TestMarkerFaults(t *testing.T) {
	begin, end := Markers(SectionAPI)
	for notes, want := range map[string]MarkerError{
		"text\n":                              {What: NoMarkers},
		"```\n" + region(SectionAPI, ""):      {What: NoMarkers},
		"a\n" + begin + "\n":                  {What: NotClosed, Line: 2, Name: SectionAPI},
		end + "\n":                            {What: NotOpened, Line: 1, Name: SectionAPI},
		region("tables", ""):                  {What: UnknownSection, Line: 1, Name: "tables"},
		"\n\n" + region(SectionBlocking, "x"): {What: NothingToSay, Line: 3, Name: SectionBlocking},
	} {
		_, _, err := sample(t, false).IntoMarkdown([]byte(notes))
		var fault *MarkerError
		if !errors.As(err, &fault) || *fault != want {
			t.Errorf("%q: %v, want %v", notes, err, &want)
		}
	}
}

func TestIntoNotebook(t *testing.T) {
	begin, end := Markers(SectionAPI)
	lines := func(s ...string) string {
		var quoted []string
		for _, l := range s {
			quoted = append(quoted, "    "+string(quote(l)))
		}
		return "[\n" + strings.Join(quoted, ",\n") + "\n   ]"
	}
	head := "{\n \"cells\": [\n  {\n   \"cell_type\": \"code\",  \"source\": " + lines(begin+"\n", end) + ", \"weird\":   1e5 },\n  {\n   \"cell_type\": \"markdown\",\n   \"source\": "
	tail := ",\n   \"id\": \"é\\u00e9\"\n  }\n ],\n \"nbformat\": 4 }\n\n"
	file := head + lines("before\n", begin+"\n", "old\n", end+"\n", "after <b>") + tail
	out, err := sample(t, true).IntoNotebook([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(out), head) || !strings.HasSuffix(string(out), tail) {
		t.Fatalf("the rest has changed:\n%s", out)
	}
	var read struct {
		Cells []struct{ Source []string }
	}
	if err := json.Unmarshal(out, &read); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(read.Cells[1].Source, "")
	if !strings.HasPrefix(text, "before\n"+begin+"\n\n## ") || !strings.HasSuffix(text, end+"\nafter <b>") || strings.Contains(text, "old") {
		t.Errorf("the cell is now %q", text)
	}
	again, err := sample(t, true).IntoNotebook(out)
	if err != nil || !bytes.Equal(again, out) {
		t.Errorf("a second refresh changes something: %v", err)
	}
	if _, err := sample(t, true).IntoNotebook([]byte("{}")); !errors.Is(err, ErrNotNotebook) {
		t.Error(err)
	}
}

// TestFormats holds that the document comes out in every format, and split.
func TestFormats(t *testing.T) {
	l := labLecture(t, Options{Lang: "es", PNG: true, Split: true})
	var book, page bytes.Buffer
	if err := l.Document().WriteNotebook(&book); err != nil || !json.Valid(book.Bytes()) {
		t.Errorf("notebook: %v", err)
	}
	if strings.Count(book.String(), `"image/png"`) != 3 {
		t.Errorf("%d pictures", strings.Count(book.String(), `"image/png"`))
	}
	if err := labLecture(t, Options{Lang: "en"}).Document().WriteHTML(&page); err != nil || strings.Count(page.String(), "<svg") != 3 {
		t.Errorf("page: %v, %d pictures", err, strings.Count(page.String(), "<svg"))
	}
	if n := strings.Count(book.String(), "**Cierre**") + strings.Count(book.String(), "**Teardown**"); n != 2 {
		t.Errorf("%d teardown tables", n)
	}
}
