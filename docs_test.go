package tcptrace_test

import (
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tcptrace/findings"
)

var (
	// cited is the name of a file in a comment: Markdown, Go, or anything below a folder testdata.
	cited = regexp.MustCompile(`[\w./*-]*(?:testdata/[\w./*-]*\w|\w\.(?:md|go))\b`)
	// elsewhere are the folders of other projects' source that comments cite.
	elsewhere = []string{"ports/", "src/"}
	documents = []string{"ladder", "report", "findings", "journal", "pico", "tables"}
)

// TestCited holds that the files that comments name exist: beside the comment's file, or from the root. A document of
// docs is cited with its folder.
func TestCited(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".go" {
			return err
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, group := range tree.Comments {
			for _, c := range group.List {
				for _, name := range cited.FindAllString(c.Text, -1) {
					if fault := badCitation(path.Dir(filepath.ToSlash(file)), name); fault != "" {
						t.Errorf("%s: %s %s", set.Position(c.Pos()), name, fault)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// badCitation says what is wrong with a name in a comment of a file in folder, "" when nothing is.
func badCitation(folder, name string) string {
	if slices.Contains(documents, strings.TrimSuffix(name, ".md")) {
		return "is docs/" + name
	}
	if slices.ContainsFunc(elsewhere, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
		return ""
	}
	for _, at := range []string{name, path.Join(folder, name)} {
		if found, err := filepath.Glob(filepath.FromSlash(at)); err == nil && len(found) > 0 {
			return ""
		}
	}
	return "does not exist"
}

// TestDocumentsCite holds the same for the paths in the documents themselves.
func TestDocumentsCite(t *testing.T) {
	files, _ := filepath.Glob("docs/*.md")
	for _, file := range append(files, "CONTRIBUTING.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range cited.FindAllString(string(text), -1) {
			if fault := badCitation(".", name); fault != "" && strings.Contains(name, "/") {
				t.Errorf("%s: %s %s", file, name, fault)
			}
		}
	}
}

// TestCodesAreDocumented holds that docs/findings.md has every code.
func TestCodesAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("docs", "findings.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range findings.Kinds() {
		if !strings.Contains(string(text), "**"+k.Code+"**") {
			t.Errorf("docs/findings.md says nothing of %s", k.Code)
		}
	}
}

// TestBadCitation shows that the test can fail.
func TestBadCitation(t *testing.T) {
	for name, good := range map[string]bool{
		"docs/ladder.md": true, "ladder.md": false, "docs/none.md": false, "doc.go": true, "none.go": false,
		"testdata/genuine/pico-normal": true, "testdata/genuine/none": false, "ports/rp2/none.go": true,
	} {
		if fault := badCitation("sessions/ladder", name); (fault == "") != good {
			t.Errorf("%s: %q", name, fault)
		}
	}
	if _, err := os.Stat("docs"); errors.Is(err, fs.ErrNotExist) {
		t.Error("the test does not run at the root")
	}
}
