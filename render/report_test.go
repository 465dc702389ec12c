package render

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tcptrace/capture"
	"tcptrace/internal/testfiles"
	"tcptrace/journal"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest/examples"
	"tcptrace/words"
)

// Pictures of one pixel.
var (
	onePNG, _ = base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
	oneSVG    = []byte("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><path d=\"M0 0h1v1z\"/></svg>\n")
)

func exampleImages() []Image {
	return []Image{
		{ImageBlock: document.ImageBlock{Name: "cadence", Alt: "Cadencia [1]", SVG: oneSVG, PNG: onePNG}, Session: 0},
		{ImageBlock: document.ImageBlock{Name: "echo-2", Alt: "Eco", SVG: oneSVG}, Session: 2},
		{ImageBlock: document.ImageBlock{Name: "sequence-2", Alt: "Secuencia", PNG: onePNG}, Session: 2},
		{ImageBlock: document.ImageBlock{Name: "none", Alt: "nada"}, Session: 2},
	}
}

func example(lang string) *document.Document {
	t := examples.Healthy()
	t.Journals = []journal.Journal{{Name: "strace.client.txt", Kind: "strace", Entries: make([]journal.Entry, 12), Ended: "exited with 0"}}
	t.Journals = append(t.Journals, journal.Journal{Name: "pc.txt", Kind: "output", Entries: make([]journal.Entry, 1)})
	t.Clocks = []sessions.Clock{{Journal: "strace.client.txt", Pairs: 7},
		{Journal: "pc.jsonl", Offset: -120_000, Lower: -310_000, Upper: -100_000, HasLower: true, HasUpper: true, Bound: 190_000, Pairs: 2},
		{Journal: "udp 192.168.1.57", Upper: 4_000_001, HasUpper: true, Bound: 2_000_000, Pairs: 3, Device: true}}
	return Report(t, ReportOptions{Lang: lang, Images: exampleImages()})
}

func notebookOf(t testing.TB, d *document.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.WriteNotebook(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReportGolden(t *testing.T) {
	for _, lang := range []string{"es", "en"} {
		d := example(lang)
		testfiles.Golden(t, "testdata/report."+lang+".md", d.AppendMarkdown(nil, document.MarkdownOptions{Images: true}))
		testfiles.Golden(t, "testdata/report."+lang+".html", d.AppendHTML(nil))
		testfiles.Golden(t, "testdata/hostile."+lang+".md", Report(examples.Hostile(), ReportOptions{Lang: lang}).AppendMarkdown(nil, document.MarkdownOptions{}))
		testfiles.Golden(t, "testdata/summary."+lang+".md", Report(examples.Summary(), ReportOptions{Lang: lang}).AppendMarkdown(nil, document.MarkdownOptions{Align: true}))
	}
	testfiles.Golden(t, "testdata/report.es.ipynb", notebookOf(t, example("es")))
}

// TestReportEnds holds that the report says of every end what is known and no more.
func TestReportEnds(t *testing.T) {
	for _, tt := range []struct {
		end    sessions.End
		closed sessions.Side
		want   string
	}{
		{sessions.EndFIN, sessions.Client, "It ended in order: both sides sent FIN, and the client closed first."},
		{sessions.EndFIN, sessions.NoSide, "It ended in order: both sides sent FIN."},
		{sessions.EndRST, sessions.Server, "It ended abruptly, with RST; the server closed first."},
		{sessions.EndRST, sessions.NoSide, "It ended abruptly, with RST."},
		{sessions.EndOpen, sessions.NoSide, "it was still open."},
		{sessions.EndOpen, sessions.Server, "half closed: the server had sent FIN"},
		{sessions.EndRefused, sessions.Server, "nobody listened on port 9001."},
		{sessions.EndNoAnswer, sessions.NoSide, "the SYNs that were sent (1) got no answer"},
	} {
		tr := examples.Healthy()
		tr.Sessions[0].End, tr.Sessions[0].ClosedFirst = tt.end, tt.closed
		out := string(Report(tr, ReportOptions{Lang: "en"}).AppendMarkdown(nil, document.MarkdownOptions{}))
		if !strings.Contains(out, tt.want) {
			t.Errorf("%v, closed first by %d: no %q", tt.end, tt.closed, tt.want)
		}
	}
}

// TestReportHealth holds that each trouble has its line and that a clean capture has none.
func TestReportHealth(t *testing.T) {
	const fine = "Nothing in the capture spoils the numbers"
	for name, tt := range map[string]struct {
		change func(*sessions.Trace)
		want   string
	}{
		"nothing":  {func(*sessions.Trace) {}, fine},
		"no drops": {func(tr *sessions.Trace) { tr.Capture.HasKernelDropped = true }, fine},
		"drops":    {func(tr *sessions.Trace) { tr.Capture.HasKernelDropped, tr.Capture.KernelDropped = true, 3 }, "dropped while capturing: 3.**"},
		"damage": {func(tr *sessions.Trace) {
			tr.Capture.Damage = &capture.Damage{AtPacket: 5, Offset: 99, What: words.Foreign("x")}
		}, "at packet 5 (offset 99): `x`."},
		"limit":     {func(tr *sessions.Trace) { tr.Capture.Limit = "max-unpacked" }, "**Reading reached a limit:** `max-unpacked`."},
		"cut":       {func(tr *sessions.Trace) { tr.Capture.Truncated = 4 }, "**Packets cut short (snap length): 4.**"},
		"headers":   {func(tr *sessions.Trace) { tr.Capture.CutHeaders = 13 }, "**Packets cut inside their TCP header: 13.**"},
		"copies":    {func(tr *sessions.Trace) { tr.Capture.Copies = 6 }, "**Frames that appear twice: 6**"},
		"offload":   {func(tr *sessions.Trace) { tr.Capture.Offloaded = 7 }, "**Segments larger than any frame: 7**"},
		"backwards": {func(tr *sessions.Trace) { tr.Capture.Backwards = 8 }, "before them: 8.**"},
		"jumps":     {func(tr *sessions.Trace) { tr.Capture.ClockJumps = 9 }, "during the capture: 9.**"},
		"untimed":   {func(tr *sessions.Trace) { tr.Capture.Untimed = 10 }, "**Packets without a time: 10.**"},
		"fragments": {func(tr *sessions.Trace) { tr.Capture.Fragments = 11 }, "**IP fragments: 11.**"},
		"unread": {func(tr *sessions.Trace) {
			tr.Capture.Unread = []capture.Unread{{What: words.LinkType(189, ""), Packets: 2}}
		}, "**Packets not read: 2** (`link type 189`)."},
		"undecoded":  {func(tr *sessions.Trace) { tr.Capture.Undecoded = 12 }, "**Packets not understood: 12.**"},
		"explaining": {func(tr *sessions.Trace) { tr.Capture.Explaining = 5 }, "were not kept: 5.**"},
		"warning":    {func(tr *sessions.Trace) { tr.Capture.Warnings = []words.Reason{words.Foreign("ratio 1000")} }, "**The reader warns:** `ratio 1000`."},
		"journal": {func(tr *sessions.Trace) {
			tr.Problems = []journal.Problem{{File: "a.txt", Line: 3, What: words.Foreign("y")}}
		}, "`a.txt`, line 3: `y`."},
		"journal 2": {func(tr *sessions.Trace) {
			tr.Journals = []journal.Journal{{Problems: []journal.Problem{{File: "b.txt", Line: 4, What: words.Foreign("z")}}}}
		}, "`b.txt`, line 4: `z`."},
		"many":  {func(tr *sessions.Trace) { tr.Problems = make([]journal.Problem, 15) }, "… and 5 more"},
		"lost":  {func(tr *sessions.Trace) { tr.Journals = []journal.Journal{{Name: "udp", Lost: 2}} }, "**Datagrams lost** from `udp`: 2."},
		"gap":   {func(tr *sessions.Trace) { tr.Journals = []journal.Journal{{Name: "pc.jsonl", Kind: "jsonl", Lost: 2}} }, "**Calls that had no room** in `pc.jsonl`: 2."},
		"clock": {func(tr *sessions.Trace) { tr.Clocks = []sessions.Clock{{Journal: "j", Contradicts: true}} }, "The clock of `j` **contradicts itself:**"},
	} {
		tr := examples.Healthy()
		tt.change(tr)
		out := string(Report(tr, ReportOptions{Lang: "en"}).AppendMarkdown(nil, document.MarkdownOptions{}))
		if !strings.Contains(out, tt.want) {
			t.Errorf("%s: no %q in\n%s", name, tt.want, out[:min(len(out), 2000)])
		}
		if (tt.want == fine) != strings.Contains(out, fine) {
			t.Errorf("%s: says that all is fine", name)
		}
	}
}

// TestReportNothing holds that a capture without sessions is explained.
func TestReportNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		trace sessions.Trace
		want  string
	}{
		"empty":  {sessions.Trace{}, "La captura no tiene ningún paquete que se pueda leer."},
		"no TCP": {sessions.Trace{Capture: sessions.Capture{Info: capture.Info{Packets: 7, NotTCP: 7}}}, "no hay TCP: sus paquetes (7)"},
		"unread": {sessions.Trace{Capture: sessions.Capture{Info: capture.Info{Packets: 7, Undecoded: 7,
			Unread: []capture.Unread{{What: words.LinkType(189, "USB_LINUX"), Packets: 7}}}}}, "**Paquetes sin leer: 7** (`tipo de enlace 189 (USB_LINUX)`)"},
		"other ports": {sessions.Trace{Capture: sessions.Capture{Info: capture.Info{Packets: 7, TCPPackets: 6}, Ports: []uint16{9000, 9001}}},
			"Ninguno de los paquetes TCP (6) es de los puertos observados (9000, 9001). Con `--all-ports`"},
		"nothing made": {sessions.Trace{Capture: sessions.Capture{Info: capture.Info{Packets: 7, TCPPackets: 6}}}, "Los paquetes TCP (6) no forman"},
		"ARP":          {sessions.Trace{ARPs: make([]capture.ARP, 3), ICMPs: make([]capture.ICMPError, 2)}, "Mensajes ARP: 3."},
	} {
		out := string(Report(&tt.trace, ReportOptions{Lang: "es"}).AppendMarkdown(nil, document.MarkdownOptions{}))
		if !strings.Contains(out, tt.want) {
			t.Errorf("%s: no %q in\n%s", name, tt.want, out)
		}
	}
}

// TestReportManySessions holds that the caps are said.
func TestReportManySessions(t *testing.T) {
	tr := examples.Healthy()
	for len(tr.Sessions) < maxTableSessions+50 {
		tr.Sessions = append(tr.Sessions, tr.Sessions[1])
	}
	out := string(Report(tr, ReportOptions{Lang: "en"}).AppendMarkdown(nil, document.MarkdownOptions{}))
	for _, want := range []string{"and 50 more;", fmt.Sprintf("not shown in detail: %d.", maxTableSessions+50-maxSections)} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestReportIsSafe holds that hostile text gives no control characters and nothing alive, in any format.
func TestReportIsSafe(t *testing.T) {
	for name, tr := range examples.All() {
		d := Report(tr, ReportOptions{Lang: "es", Images: exampleImages()})
		d.Title = examples.Evil
		md, page := d.AppendMarkdown(nil, document.MarkdownOptions{Images: true}), d.AppendHTML(nil)
		book := notebookOf(t, d)
		for format, out := range map[string][]byte{"markdown": md, "html": page, "ipynb": book} {
			if !utf8.Valid(out) {
				t.Errorf("%s as %s is not UTF-8", name, format)
			}
			for _, r := range string(out) {
				if r != '\n' && !unicode.IsPrint(r) {
					t.Errorf("%s as %s: %U passed", name, format, r)
					break
				}
			}
		}
		if strings.Contains(string(md), "<") {
			t.Errorf("%s: HTML in Markdown", name)
		}
		var fromMarkdown bytes.Buffer
		if err := markdown.Convert(md, &fromMarkdown); err != nil {
			t.Fatal(err)
		}
		checkDead(t, name+" as markdown", fromMarkdown.String(), false)
		checkDead(t, name+" as html", string(page), true)
	}
}

// checkDead holds that a page has only elements and attributes that do nothing.
func checkDead(t *testing.T, name, page string, whole bool) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	for _, e := range strings.Fields("html head body h1 h2 h3 p ul li table caption thead tbody tr th td code em strong img figure svg path") {
		allowed[e] = true
	}
	if whole {
		for _, e := range strings.Fields("meta title style div") {
			allowed[e] = true
		}
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && !allowed[n.Data] {
			t.Errorf("%s: a live <%s>", name, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "href" {
				t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
			}
			if a.Key == "src" && !regexp.MustCompile(`^(data:image/png;base64,[A-Za-z0-9+/=]+|[a-z0-9-]+\.(svg|png))$`).MatchString(a.Val) {
				t.Errorf("%s: src=%q", name, a.Val)
			}
		}
		if n.DataAtom == atom.Script {
			t.Errorf("%s: a script", name)
		}
	}
}

// markdown lets raw HTML through, so that a test sees it.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(goldmarkhtml.WithUnsafe()))

// cellTexts reads the cells of all tables of a page, row by row.
func cellTexts(t *testing.T, page []byte) (rows [][]string) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		switch n.DataAtom {
		case atom.Tr:
			rows = append(rows, nil)
		case atom.Td, atom.Th:
			var text strings.Builder
			for x := range n.Descendants() {
				if x.Type == html.TextNode {
					text.WriteString(x.Data)
				}
			}
			rows[len(rows)-1] = append(rows[len(rows)-1], text.String())
		}
	}
	return rows
}

// TestHTMLTables holds that the page has the tables of the Markdown, cell for cell.
func TestHTMLTables(t *testing.T) {
	d := example("es")
	var page bytes.Buffer
	if err := markdown.Convert(d.AppendMarkdown(nil, document.MarkdownOptions{}), &page); err != nil {
		t.Fatal(err)
	}
	fromMarkdown, fromHTML := cellTexts(t, page.Bytes()), cellTexts(t, d.AppendHTML(nil))
	if len(fromMarkdown) < 8 || len(fromMarkdown) != len(fromHTML) {
		t.Fatalf("%d rows in Markdown, %d in HTML", len(fromMarkdown), len(fromHTML))
	}
	for i := range fromHTML {
		for j := range fromHTML[i] {
			if a, b := fromMarkdown[i][j], fromHTML[i][j]; a != b {
				t.Errorf("row %d column %d: %q in Markdown, %q in HTML", i, j, a, b)
			}
		}
	}
}

// TestNotebookValid checks the rules of nbformat 4.5 (nbformat.v4.5.schema.json) that a notebook of
// Markdown cells can break: the members that must be there, those that may, ids, sources, attachments.
func TestNotebookValid(t *testing.T) {
	for name, tr := range examples.All() {
		d := Report(tr, ReportOptions{Lang: "en", Images: exampleImages()})
		book := notebookOf(t, d)
		if again := notebookOf(t, Report(tr, ReportOptions{Lang: "en", Images: exampleImages()})); !bytes.Equal(book, again) {
			t.Errorf("%s: not the same bytes twice", name)
		}
		if err := checkNotebook(book); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := checkNotebook([]byte(`{"cells":[],"metadata":{},"nbformat":4}`)); err == nil {
		t.Error("a notebook without nbformat_minor passes")
	}
}

func checkNotebook(book []byte) error {
	var n map[string]any
	if err := json.Unmarshal(book, &n); err != nil {
		return err
	}
	if err := members(n, "cells metadata nbformat nbformat_minor", ""); err != nil {
		return err
	}
	if n["nbformat"] != 4.0 || n["nbformat_minor"] != 5.0 {
		return fmt.Errorf("version %v.%v", n["nbformat"], n["nbformat_minor"])
	}
	meta := n["metadata"].(map[string]any)
	if kernel, ok := meta["kernelspec"].(map[string]any); ok && (kernel["name"] == nil || kernel["display_name"] == nil) {
		return fmt.Errorf("kernelspec %v", kernel)
	}
	ids := map[string]bool{}
	for _, c := range n["cells"].([]any) {
		c := c.(map[string]any)
		if err := checkNotebookCell(c); err != nil {
			return fmt.Errorf("%w in %v", err, c)
		}
		id := c["id"].(string)
		if ids[id] {
			return fmt.Errorf("id %s twice", id)
		}
		ids[id] = true
	}
	return nil
}

func checkNotebookCell(c map[string]any) error {
	if err := members(c, "id cell_type metadata source", "attachments"); err != nil {
		return err
	}
	if c["cell_type"] != "markdown" || !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(c["id"].(string)) {
		return fmt.Errorf("type %v, id %v", c["cell_type"], c["id"])
	}
	source, lines := "", c["source"].([]any)
	for i, line := range lines {
		source += line.(string)
		if strings.HasSuffix(line.(string), "\n") != (i+1 < len(lines)) {
			return fmt.Errorf("line %d ends wrongly", i)
		}
	}
	attachments, _ := c["attachments"].(map[string]any)
	for name, bundle := range attachments {
		for mime, data := range bundle.(map[string]any) {
			b, err := base64.StdEncoding.DecodeString(data.(string))
			if mime != "image/png" || err != nil || !bytes.HasPrefix(b, []byte("\x89PNG")) {
				return fmt.Errorf("attachment %s: %s, %v", name, mime, err)
			}
		}
		if !strings.Contains(source, "](attachment:"+name+")") {
			return fmt.Errorf("attachment %s is not shown", name)
		}
	}
	if strings.Count(source, "](attachment:") != len(attachments) {
		return fmt.Errorf("shows what is not attached")
	}
	return nil
}

// members holds that an object has exactly the members that it must have and some that it may.
func members(o map[string]any, must, may string) error {
	for _, name := range strings.Fields(must) {
		if _, ok := o[name]; !ok {
			return fmt.Errorf("no %s", name)
		}
	}
	for name := range o {
		if !strings.Contains(" "+must+" "+may+" ", " "+name+" ") {
			return fmt.Errorf("an unknown %s", name)
		}
	}
	return nil
}

// BenchmarkReport builds and prints the report of a notebook-size trace without its plots.
func BenchmarkReport(b *testing.B) {
	tr := examples.Healthy()
	b.ReportAllocs()
	for b.Loop() {
		d := Report(tr, ReportOptions{Lang: "es"})
		if err := d.WriteMarkdown(io.Discard, document.MarkdownOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
