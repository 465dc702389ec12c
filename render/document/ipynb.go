package document

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// The parts of nbformat 4.5 that a notebook of Markdown needs (nbformat.v4.5.schema.json). Members
// stand in the order in which Jupyter itself writes them.
type (
	notebook struct {
		Cells    []any            `json:"cells"` // notebookCell and codeCell
		Metadata notebookMetadata `json:"metadata"`
		Format   int              `json:"nbformat"`
		Minor    int              `json:"nbformat_minor"`
	}
	notebookCell struct {
		Attachments map[string]map[string]string `json:"attachments,omitempty"`
		Type        string                       `json:"cell_type"`
		ID          string                       `json:"id"`
		Metadata    struct{}                     `json:"metadata"`
		Source      []string                     `json:"source"`
	}
	// A code cell has two members more, the first of which is null.
	codeCell struct {
		Type     string     `json:"cell_type"`
		Runs     *int       `json:"execution_count"`
		ID       string     `json:"id"`
		Metadata struct{}   `json:"metadata"`
		Outputs  []struct{} `json:"outputs"`
		Source   []string   `json:"source"`
	}
	notebookMetadata struct {
		Kernel   notebookKernel   `json:"kernelspec"`
		Language notebookLanguage `json:"language_info"`
		Title    string           `json:"title"`
	}
	notebookKernel struct {
		DisplayName string `json:"display_name"`
		Language    string `json:"language"`
		Name        string `json:"name"`
	}
	notebookLanguage struct {
		Name string `json:"name"`
	}
)

// WriteNotebook prints the document as a Jupyter notebook, nbformat 4.5, of Markdown cells: one per
// section, and one per picture, which is attached to it; and of a code cell per script. The same document gives the same cell ids.
// Its kernel is Python, the language of the lecture. The error is the writer's.
func (d *Document) WriteNotebook(w io.Writer) error {
	n := notebook{
		Cells: d.notebookCells(),
		Metadata: notebookMetadata{
			Kernel:   notebookKernel{"Python 3", "python", "python3"},
			Language: notebookLanguage{"python"},
			Title:    visible(d.Title),
		},
		Format: 4,
		Minor:  5,
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(n)
}

func (d *Document) notebookCells() []any {
	cells := []any{}
	var section []byte
	id := func() string { return fmt.Sprintf("tcptrace-%04d", len(cells)+1) }
	add := func(c notebookCell) {
		c.Type, c.ID = "markdown", id()
		cells = append(cells, c)
	}
	flush := func() {
		if len(section) > 0 {
			add(notebookCell{Source: sourceLines(section)})
		}
		section = nil
	}
	for _, b := range d.Blocks {
		switch b := b.(type) {
		case ImageBlock:
			if b.fileName() != "" {
				flush()
				add(imageCell(b))
			}
			continue
		case ScriptBlock:
			flush()
			cells = append(cells, codeCell{Type: "code", ID: id(), Outputs: []struct{}{}, Source: sourceLines([]byte(b.Text))})
			continue
		case Heading:
			if b.Level <= 2 {
				flush()
			}
		}
		if len(section) > 0 {
			section = append(section, '\n')
		}
		section = appendMarkdownBlock(section, b, false)
	}
	flush()
	return cells
}

// imageCell attaches the PNG, because Jupyter shows no SVG from an attachment; a picture without
// one stands in the text as data.
func imageCell(b ImageBlock) notebookCell {
	if len(b.PNG) == 0 {
		data := "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(b.SVG)
		return notebookCell{Source: sourceLines(appendMarkdownImage(nil, b.Alt, data))}
	}
	name := url.PathEscape(b.Name + ".png")
	return notebookCell{
		Attachments: map[string]map[string]string{name: {"image/png": base64.StdEncoding.EncodeToString(b.PNG)}},
		Source:      sourceLines(appendMarkdownImage(nil, b.Alt, "attachment:"+name)),
	}
}

// sourceLines cuts text into lines that keep their ends, the last one without.
func sourceLines(text []byte) []string {
	return strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
}
