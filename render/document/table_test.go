package document

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"pgregory.net/rapid"

	"tcptrace/internal/testfiles"
)

// exampleTable has what the notebook's tables have, and every kind of trouble.
func exampleTable() *Table {
	return &Table{
		Title:   "Cierre",
		Header:  []Cell{NewCell(Strong, "#"), NewCell(Strong, "Cliente: Inicio llamada"), NewCell(Strong, "Resultado")},
		Numeric: []bool{true},
		Rows: [][]Cell{
			{NewCell(Plain, "7"), {{Code, "s.accept()"}, {Plain, " ♻️×17"}}, NewCell(Plain, "OSError: EAGAIN ×17")},
			{NewCell(Plain, "12"), NewCell(Emphasis, "(UNBLOCK conn.recv_into)"), NewCell(Plain, `conn, addr = ("127.0.0.1", 44764)`)},
			{nil, NewCell(Code, "a|b`c\\|d"), NewCell(Plain, "[{fd=3, revents=POLLOUT}]")},
			{NewCell(Plain, "100"), nil},
			{NewCell(Plain, "<script>alert(1)</script>"), NewCell(Plain, "[x](javascript:1) ![y](z) http://e.org www.e.org"), NewCell(Plain, "*a* _b_ ~~c~~ $d$ `e` \\| &lt; a_b \x1b[2J\u202e\nz")},
		},
	}
}

func TestTableGolden(t *testing.T) {
	tb := exampleTable()
	testfiles.Golden(t, "testdata/table.md", tb.AppendMarkdown(nil, false))
	testfiles.Golden(t, "testdata/table.align.md", tb.AppendMarkdown(nil, true))
	testfiles.Golden(t, "testdata/table.html", tb.AppendHTML(nil))
	testfiles.Golden(t, "testdata/table.txt", tb.AppendText(nil))
}

// TestTableAligned holds that every line of an aligned table is equally wide.
func TestTableAligned(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(exampleTable().AppendMarkdown(nil, true))), "\n")
	for _, line := range lines {
		if displayWidth(line) != displayWidth(lines[0]) {
			t.Errorf("%d cells wide instead of %d: %s", displayWidth(line), displayWidth(lines[0]), line)
		}
	}
}

// TestNotebookTables holds that the lecturer's cells, taken apart into spans, come out byte for byte.
func TestNotebookTables(t *testing.T) {
	files, _ := filepath.Glob(testfiles.Genuine(t, "*", "expected_table.md"))
	if len(files) == 0 {
		t.Fatal("no tables in testdata/genuine")
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rows, other := parseMarkdown(string(want))
		if len(rows) < 10 || other.Text() != "" {
			t.Fatalf("%s: %d rows, besides %q", file, len(rows), other.Text())
		}
		tb := Table{Header: rows[0], Rows: rows[1:]}
		if diff := cmp.Diff(string(want), string(tb.AppendMarkdown(nil, false))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// markdown lets raw HTML through, so that a test sees it.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(goldmarkhtml.WithUnsafe()))

// parseMarkdown reads Markdown as a browser shows it: the cells of its tables, and all other text.
// Elements that a table or a paragraph of ours never has are written as "<name>".
func parseMarkdown(source string) (rows [][]Cell, other Cell) {
	var out bytes.Buffer
	if err := markdown.Convert([]byte(source), &out); err != nil {
		panic(err)
	}
	return parseHTML(out.String())
}

// parseHTML reads HTML as parseMarkdown reads Markdown.
func parseHTML(source string) (rows [][]Cell, other Cell) {
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		panic(err)
	}
	for n := range doc.Descendants() {
		switch {
		case n.DataAtom == atom.Tr:
			rows = append(rows, nil)
		case n.DataAtom == atom.Td || n.DataAtom == atom.Th:
			last := len(rows) - 1
			rows[last] = append(rows[last], joined(spansOf(n, Plain)))
		case n.DataAtom == atom.Body:
			other = joined(spansOf(n, Plain))
		}
	}
	return rows, other
}

var kindOf = map[atom.Atom]SpanKind{atom.Code: Code, atom.Em: Emphasis, atom.Strong: Strong}

func spansOf(parent *html.Node, kind SpanKind) (spans []Span) {
	for n := range parent.ChildNodes() {
		inner, known := kindOf[n.DataAtom]
		switch {
		case n.Type == html.TextNode:
			spans = append(spans, Span{kind, strings.Trim(n.Data, "\n")})
		case n.DataAtom == atom.P:
			spans = append(spans, spansOf(n, kind)...)
		case n.DataAtom == atom.Table:
		case known && kind == Plain:
			spans = append(spans, spansOf(n, inner)...)
		default:
			spans = append(spans, Span{kind, "<" + n.Data + ">"})
		}
	}
	return spans
}

// hostileText draws text out of everything that means something to Markdown or HTML.
func hostileText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringOfN(rapid.SampledFrom([]rune("\\|`*_~$<>&#[]()!:./-+=\"' \n\tab1áz♻×→\x1b\u202e")), 0, 12, -1),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"<b>", "&lt;", "&#60;", "http://a.b", "www.a.b", "[a](b)",
			"![a](b)", "**", "__a__", "`", "``", "\\|", "\\", "|", " ", "---", "1.", "- [ ] x", "a_b", "<!--", "ó", "$x$", "~~", "[a]: b", "x"}), 0, 6),
			func(s []string) string { return strings.Join(s, "") }),
		rapid.String(),
	)
}

func hostileCell() *rapid.Generator[Cell] {
	return rapid.Custom(func(t *rapid.T) Cell {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Span {
			return Span{SpanKind(rapid.IntRange(0, 3).Draw(t, "kind")), hostileText().Draw(t, "text")}
		}), 0, 4).Draw(t, "cell")
	})
}

// TestMarkdownProperty holds that a reader of GitHub-flavoured Markdown sees as many cells as there
// are, with exactly their text, code set as code, and nothing alive.
func TestMarkdownProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "columns")
		tb := Table{Header: rapid.SliceOfN(hostileCell(), n, n).Draw(t, "header")}
		for range rapid.IntRange(0, 3).Draw(t, "rows") {
			tb.Rows = append(tb.Rows, rapid.SliceOfN(hostileCell(), n, n).Draw(t, "row"))
		}
		source := string(tb.AppendMarkdown(nil, rapid.Bool().Draw(t, "align")))
		checkSame(t, source, append([][]Cell{tb.Header}, tb.Rows...), parseMarkdown)
		checkSame(t, string(tb.AppendHTML(nil)), append([][]Cell{tb.Header}, tb.Rows...), parseHTML)
	})
}

func checkSame(t *rapid.T, source string, want [][]Cell, parse func(string) ([][]Cell, Cell)) {
	got, other := parse(source)
	if len(got) != len(want) || other.Text() != "" {
		t.Fatalf("%d rows instead of %d, outside %q, from\n%s", len(got), len(want), other.Text(), source)
	}
	for i := range want {
		if len(got[i]) != len(want[i]) {
			t.Fatalf("row %d has %d cells instead of %d, from\n%s", i, len(got[i]), len(want[i]), source)
		}
		for j := range want[i] {
			checkCell(t, source, got[i][j], want[i][j])
		}
	}
}

func checkCell(t *rapid.T, source string, got, want Cell) {
	if shown, wanted := strings.TrimSpace(got.Text()), strings.TrimSpace(visible(want.Text())); shown != wanted {
		t.Fatalf("shows %q instead of %q, from\n%s", shown, wanted, source)
	}
	if shown, wanted := codeOf(got), codeOf(want); shown != wanted {
		t.Fatalf("shows as code %q instead of %q, from\n%s", shown, wanted, source)
	}
}

// codeOf is the text of a cell that is code; the pipe after a backslash may stand outside it.
func codeOf(c Cell) string {
	var b strings.Builder
	for _, s := range c {
		if s.Kind == Code {
			b.WriteString(visible(s.Text))
		}
	}
	return strings.ReplaceAll(b.String(), "|", "")
}

// TestParagraphProperty holds the same for a line outside a table.
func TestParagraphProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := hostileCell().Draw(t, "cell")
		source := string(appendInline(nil, want, inParagraph))
		rows, got := parseMarkdown(source)
		if len(rows) > 0 {
			t.Fatalf("a table, from\n%s", source)
		}
		checkCell(t, source, got, want)
	})
}

// TestEmphasis holds that emphasis is emphasis wherever the product puts it.
func TestEmphasis(t *testing.T) {
	for _, want := range []Cell{
		{{Emphasis, "(UNBLOCK conn.recv_into)"}},
		{{Emphasis, "(al vencer 2·MSL, no se ve en la captura)"}},
		{{Strong, "Cliente: Señal"}, {Plain, " x"}},
		{{Plain, "x "}, {Strong, "12."}, {Plain, " y"}},
		{{Plain, "a"}, {Emphasis, "b"}, {Code, "c"}},
	} {
		_, got := parseMarkdown(string(appendInline(nil, want, inParagraph)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestOneTrouble pins the forms of escapes that other readers of Markdown agree on.
func TestOneTrouble(t *testing.T) {
	for _, tt := range []struct {
		in   Cell
		want string
	}{
		{NewCell(Code, "a|b"), "`a\\|b`"},
		{NewCell(Code, `a\|b`), "`a\\`&#124;`b`"},
		{NewCell(Code, "`a"), "`` `a ``"},
		{NewCell(Plain, `a\|b`), `a&#92;\|b`},
		{NewCell(Plain, `a\xff\*`), `a\xff\\\*`},
		{NewCell(Plain, "recv_into _x_"), `recv_into \_x\_`},
		{NewCell(Plain, "<b>&amp;&"), "&lt;b>&amp;amp;&"},
		{Cell{{Plain, "x"}, {Emphasis, "(y)"}}, "x(y)"},
		{Cell{{Emphasis, "x"}, {Strong, "y"}}, "x**y**"},
		{Cell{{Plain, ""}, {Code, ""}}, ""},
	} {
		if got := string(appendInline(nil, tt.in, inTable)); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.in, got, tt.want)
		}
	}
}

func BenchmarkTableMarkdown(b *testing.B) {
	tb := exampleTable()
	for len(tb.Rows) < 1000 {
		tb.Rows = append(tb.Rows, tb.Rows[0])
	}
	var dst []byte
	for b.Loop() {
		dst = tb.AppendMarkdown(dst[:0], false)
	}
	b.SetBytes(int64(len(dst)))
}
