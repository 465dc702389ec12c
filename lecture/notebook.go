package lecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrNotNotebook tells that a file is no Jupyter notebook.
var ErrNotNotebook = errors.New("not a Jupyter notebook")

// A notebookCell is a cell's text and where its value stands in the file.
type notebookCell struct {
	markdown bool
	source   string
	lines    bool // the value is a list of lines, not one string
	from, to int  // of the value of "source"
}

// readCells finds the cells of a notebook without losing where they are. It reads nbformat 4; of the older formats'
// worksheets there is nothing to be had.
func readCells(file []byte) ([]notebookCell, error) {
	d := json.NewDecoder(bytes.NewReader(file))
	if err := enter(d, '{'); err != nil {
		return nil, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, notebookError(err)
		}
		if key != "cells" {
			if err := skip(d); err != nil {
				return nil, err
			}
			continue
		}
		return cellList(d)
	}
	return nil, ErrNotNotebook
}

func notebookError(err error) error {
	if errors.Is(err, io.EOF) {
		return ErrNotNotebook
	}
	return fmt.Errorf("%w: %w", ErrNotNotebook, err)
}

// enter takes an opening bracket.
func enter(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err != nil {
		return notebookError(err)
	}
	if token != want {
		return ErrNotNotebook
	}
	return nil
}

func skip(d *json.Decoder) error {
	var ignored json.RawMessage
	if err := d.Decode(&ignored); err != nil {
		return notebookError(err)
	}
	return nil
}

func cellList(d *json.Decoder) (cells []notebookCell, err error) {
	if err := enter(d, '['); err != nil {
		return nil, err
	}
	for d.More() {
		c, err := oneCell(d)
		if err != nil {
			return nil, err
		}
		cells = append(cells, c)
	}
	return cells, nil
}

func oneCell(d *json.Decoder) (c notebookCell, err error) {
	if err := enter(d, '{'); err != nil {
		return c, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return c, notebookError(err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return c, notebookError(err)
		}
		switch key {
		case "cell_type":
			c.markdown = string(value) == `"markdown"`
		case "source":
			c.to = int(d.InputOffset())
			c.from = c.to - len(value)
			var lines []string
			if json.Unmarshal(value, &lines) == nil {
				c.source, c.lines = strings.Join(lines, ""), true
			} else if err := json.Unmarshal(value, &c.source); err != nil {
				return c, notebookError(err)
			}
		}
	}
	_, err = d.Token() // the closing bracket
	return c, err
}

// IntoNotebook is IntoMarkdown for a Jupyter notebook: the regions of its Markdown cells are refreshed, with the pictures as data
// in them, and every other byte of the file stays as it is. A region begins and ends in one cell. The error is a
// *MarkerError or wraps ErrNotNotebook. The lecture must have been written with PNG pictures.
func (l *Lecture) IntoNotebook(file []byte) ([]byte, error) {
	text, form, err := decodeNotes(file)
	if err != nil {
		return nil, err
	}
	if text, err = l.intoNotebook(text); err != nil {
		return nil, err
	}
	return form.encode(text)
}

func (l *Lecture) intoNotebook(file []byte) ([]byte, error) {
	cells, err := readCells(file)
	if err != nil {
		return nil, err
	}
	in := &inserter{l: l, inline: true}
	var out []byte
	at := 0
	for i, c := range cells {
		if !c.markdown || !strings.Contains(c.source, "tcptrace:") {
			continue
		}
		fresh, err := in.text([]byte(c.source), i+1)
		if err != nil {
			return nil, err
		}
		out = append(out, file[at:c.from]...)
		out = append(out, c.encode(string(fresh), file)...)
		at = c.to
	}
	if in.regions == 0 {
		return nil, &MarkerError{What: NoMarkers}
	}
	return append(out, file[at:]...), nil
}

// encode writes a cell's text in the shape that the value had, indented as it was.
func (c *notebookCell) encode(text string, file []byte) []byte {
	if !c.lines {
		return quote(text)
	}
	outer := indentOf(file[:c.from])
	inner := outer + " "
	if i := bytes.IndexByte(file[c.from:c.to], '\n'); i >= 0 {
		rest := file[c.from+i+1 : c.to]
		inner = string(rest[:len(rest)-len(bytes.TrimLeft(rest, " \t"))])
	}
	out := []byte("[")
	for i, line := range strings.SplitAfter(text, "\n") {
		if line == "" {
			continue
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, "\n"+inner...), quote(line)...)
	}
	return append(out, "\n"+outer+"]"...)
}

// indentOf is the white space at the beginning of the last line.
func indentOf(before []byte) string {
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// quote writes a JSON string as Jupyter does: only what must be escaped is.
func quote(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string has no error
	return bytes.TrimRight(b.Bytes(), "\n")
}
