package data

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tcptrace/internal/testfiles"
)

// TestFieldsAreDocumented holds that docs/report.md has the table of the fields of a session, and -update writes it there.
func TestFieldsAreDocumented(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "report.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- fields -->\n", "<!-- end of fields -->\n"
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table between %q and %q", path, begin, end)
	}
	var table strings.Builder
	table.WriteString("\n| Field | Meaning |\n| --- | --- |\n")
	for _, f := range sessionFields {
		name := f.name
		if f.group != ofSession {
			name = f.group.name + "." + name
		}
		fmt.Fprintf(&table, "| `%s` | %s |\n", name, f.doc)
	}
	table.WriteString("\n")
	testfiles.Golden(t, path, []byte(before+begin+table.String()+end+after))
}
