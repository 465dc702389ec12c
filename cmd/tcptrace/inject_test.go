package main

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"

	"tcptrace/internal/testfiles"
)

// TestInjection holds that nothing inside a capture, be it payload or metadata, acts in any output: no control or
// bidirectional character, no broken table, no live HTML, no formula of a spreadsheet.
func TestInjection(t *testing.T) {
	files, err := filepath.Glob(testfiles.Hostile(t, "i-*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) { checkInert(t, path) })
	}
}

// TestInjectionByName is TestInjection for the words that are not inside the capture: its name, and journals.
func TestInjectionByName(t *testing.T) {
	capture, err := os.ReadFile(filepath.Join("..", "..", "testdata", "genuine", "pico-normal", "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	const evil = "=1+1|x`<b onload=alert(1)>![y](javascript:z)\x1b[31m\u202e\u0085\r\n# h"
	path := filepath.Join(t.TempDir(), evil+".pcap")
	if err := os.WriteFile(path, capture, 0o600); err != nil {
		t.Skip("this system does not allow such a name: ", err)
	}
	calls := filepath.Join(t.TempDir(), evil+".strace")
	lines := "1763650000.000001 connect(3, {sa_family=AF_INET, sin_port=htons(9000), sin_addr=inet_addr(\"192.168.1.57\")}, 16) = 0 <0.1>\n" +
		"1763650000.2 sendto(3, \"" + strings.ReplaceAll(evil, "\n", "") + "\", 5, 0, NULL, 0) = 5 <0.1>\n" + evil + "\n"
	if err := os.WriteFile(calls, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	checkInert(t, path, "--calls", calls)
}

// checkInert prints every format of a capture and checks each by its own rules.
func checkInert(t *testing.T, path string, more ...string) {
	for _, lang := range []string{"en", "es"} {
		args := append([]string{"report", path, "--lang", lang, "--all"}, more...)
		get := func(extra ...string) string {
			p := command(t, append(args[:len(args):len(args)], extra...)...)
			if p.code != exitOK {
				t.Errorf("%v: exit code %d, %s", extra, p.code, p.err)
			}
			checkVisible(t, strings.Join(extra, " ")+" standard error", p.err)
			checkVisible(t, strings.Join(extra, " "), p.out)
			return p.out
		}
		checkMarkdown(t, "markdown", get())
		checkMarkdown(t, "markdown with all columns", get("--columns", "all", "--align"))
		checkMarkdown(t, "table", get("--format", "table", "--columns", "all"))
		checkMarkdown(t, "summary", command(t, "report", path, "--lang", lang, "--summary").out)
		checkJSON(t, "json", get("--format", "json"))
		checkCSV(t, "csv", get("--format", "csv"))
		checkHTML(t, "html", get("--format", "html"))
		checkNotebook(t, get("--format", "ipynb"))
		dir := t.TempDir()
		get("-o", dir)
		checkFolder(t, dir)
	}
}

func checkFolder(t *testing.T, dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 5 {
		t.Errorf("%d files, %v", len(entries), err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		content := string(data)
		checkVisible(t, e.Name(), content)
		switch filepath.Ext(e.Name()) {
		case ".md":
			checkMarkdown(t, e.Name(), content)
		case ".json":
			checkJSON(t, e.Name(), content)
		case ".csv":
			checkCSV(t, e.Name(), content)
		case ".svg":
			checkSVG(t, e.Name(), content)
		case ".html":
			checkHTML(t, e.Name(), content)
		default:
			t.Errorf("a file %s", e.Name())
		}
	}
}

// checkVisible holds that a text is UTF-8 without a character that cannot be seen, line ends aside.
func checkVisible(t *testing.T, what, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("%s: not UTF-8", what)
	}
	drawn := strings.Contains(s, "<svg") // the library indents with tabs
	for i, r := range s {
		if r != '\n' && !(r == '\t' && drawn) && unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || r == '\ufeff' {
			t.Errorf("%s: %U in %.60q", what, r, s[max(0, i-20):])
			return
		}
	}
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM))

// checkMarkdown holds that a document has tables of even width, no HTML, and no link but to files beside it.
func checkMarkdown(t *testing.T, what, s string) {
	t.Helper()
	source := []byte(s)
	width := 0
	_ = ast.Walk(markdown.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock, *ast.AutoLink:
			t.Errorf("%s: live %s", what, n.Kind())
		case *ast.Link:
			checkLocal(t, what, string(n.Destination))
		case *ast.Image:
			checkLocal(t, what, string(n.Destination))
		case *extast.TableHeader:
			width = n.ChildCount()
		case *extast.TableRow:
			if n.ChildCount() != width {
				t.Errorf("%s: a row of %d cells in a table of %d", what, n.ChildCount(), width)
			}
		}
		return ast.WalkContinue, nil
	})
	// A row that has too many cells is clipped by the parser: count the bars that are not escaped as well.
	for line := range strings.SplitSeq(s, "\n") {
		if bars := strings.Count(line, "|") - strings.Count(line, `\|`); strings.HasPrefix(line, "|") && bars < 3 {
			t.Errorf("%s: a broken row %.80q", what, line)
		}
	}
}

// checkLocal holds that a link goes nowhere but to a plot beside the document.
func checkLocal(t *testing.T, what, target string) {
	t.Helper()
	if strings.ContainsAny(target, ":/\\?&") || filepath.Ext(target) != ".svg" && filepath.Ext(target) != ".md" {
		t.Errorf("%s: a link to %q", what, target)
	}
}

// checkJSON holds that the JSON parses and that its strings, too, can be printed as they are; but the names of files are
// given as they are, because programs open them.
func checkJSON(t *testing.T, what, s string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(s))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if text, ok := token.(string); ok && filepath.Ext(text) != ".pcap" && filepath.Ext(text) != ".strace" {
			checkVisible(t, what+", a string", text)
		}
	}
}

// checkCSV holds that all rows are of one width and that no cell is a formula (OWASP, CSV Injection).
func checkCSV(t *testing.T, what, s string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(s)).ReadAll() // rows of different widths are an error
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				continue
			}
			if strings.Trim(cell, "-0123456789.e") != "" {
				t.Errorf("%s: a formula %q", what, cell)
			}
		}
	}
}

// inertElements are the elements that a report's HTML is made of; none of them runs or loads anything.
var inertElements = map[string]bool{}

func init() {
	for name := range strings.FieldsSeq("html head meta title style body main header footer nav section article figure figcaption h1 h2 h3 h4 " +
		"p ul ol li dl dt dd table caption colgroup col thead tbody tr th td code pre strong em b i span div br hr a details summary img " +
		"svg g path rect circle ellipse line polyline polygon text tspan desc defs clippath lineargradient stop use") {
		inertElements[name] = true
	}
}

// checkHTML holds that a page has no element, attribute or address that does anything, its own script aside: that is the last
// one, and the others are data.
func checkHTML(t *testing.T, what, s string) {
	t.Helper()
	own, err := os.ReadFile(filepath.Join("..", "..", "render", "page", "dist", "page.js"))
	if err != nil {
		t.Fatal(err)
	}
	page, ok := strings.CutSuffix(s, "<script>"+string(own)+"</script>\n</body>\n</html>\n")
	if ok {
		s = dataScripts.ReplaceAllString(strings.Replace(page, "<noscript>", "", 1), "")
	}
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				t.Errorf("%s: %v", what, z.Err())
			}
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if !inertElements[token.Data] {
				t.Errorf("%s: an element %s", what, token.Data)
			}
			for _, a := range token.Attr {
				checkAttribute(t, what, token.Data, a.Key, a.Val)
			}
		}
	}
}

// dataScripts are the page's data: no browser runs them, and nothing in them ends them.
var dataScripts = regexp.MustCompile(`<script type="(application/json|text/plain)" class="(head|columns|plots)">[^<]*</script>`)

func checkAttribute(t *testing.T, what, element, key, value string) {
	t.Helper()
	key, value = strings.ToLower(key), strings.ToLower(strings.TrimSpace(value))
	switch {
	case strings.HasPrefix(key, "on"):
		t.Errorf("%s: <%s %s=%.60q>", what, element, key, value)
	case key == "href" || key == "src" || strings.HasSuffix(key, ":href"):
		if !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:image/") {
			t.Errorf("%s: <%s %s=%.60q>", what, element, key, value)
		}
	case key == "style" && strings.Contains(value, "url("):
		t.Errorf("%s: <%s %s=%.60q>", what, element, key, value)
	}
}

// checkSVG is checkHTML for a picture, which must also be well-formed XML.
func checkSVG(t *testing.T, what, s string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if name := strings.ToLower(e.Name.Local); !inertElements[name] {
			t.Errorf("%s: an element %s", what, name)
		}
		for _, a := range e.Attr {
			checkAttribute(t, what, e.Name.Local, a.Name.Local, a.Value)
		}
	}
}

// checkNotebook checks the cells of a Jupyter notebook: its Markdown by the rules of Markdown, and that it runs nothing.
func checkNotebook(t *testing.T, s string) {
	t.Helper()
	checkJSON(t, "ipynb", s)
	var doc struct {
		Cells []struct {
			CellType    string          `json:"cell_type"`
			Source      json.RawMessage `json:"source"`
			Attachments json.RawMessage `json:"attachments"`
		}
	}
	if err := json.Unmarshal([]byte(s), &doc); err != nil || len(doc.Cells) == 0 {
		t.Fatalf("ipynb: %d cells, %v", len(doc.Cells), err)
	}
	for _, c := range doc.Cells {
		var source string
		var lines []string
		if json.Unmarshal(c.Source, &lines) == nil {
			source = strings.Join(lines, "")
		} else if err := json.Unmarshal(c.Source, &source); err != nil {
			t.Fatal(err)
		}
		if c.CellType == "code" && source == strings.TrimSuffix(readNumbers, "\n") {
			continue // the same in every notebook
		}
		if c.CellType != "markdown" {
			t.Errorf("ipynb: a cell of type %s", c.CellType)
		}
		if bytes.Contains(c.Attachments, []byte("image/")) {
			continue // a picture of our own, in a cell of its own
		}
		if _, svg, ok := strings.Cut(source, "](data:image/svg+xml;base64,"); ok {
			drawing, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(strings.TrimSpace(svg), ")"))
			if err != nil {
				t.Errorf("ipynb: %v", err)
			}
			checkSVG(t, "ipynb", string(drawing))
			continue
		}
		checkMarkdown(t, "ipynb", source)
	}
}
