package lecture

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"tcptrace/render/document"
)

// SectionWhole is the name of a region that takes the whole lecture.
const SectionWhole = "lecture"

// A MarkerError says what is wrong with the markers of somebody's notes.
type MarkerError struct {
	Line int // from 1; of a notebook: of the cell's text
	Cell int // from 1, 0 outside of notebooks
	What MarkerFault
	Name string
}

// MarkerFault is what can be wrong with a marker.
type MarkerFault uint8

// The faults.
const (
	NoMarkers      MarkerFault = iota // there is no region at all
	UnknownSection                    // no section has this name
	NotClosed                         // the region has no end
	NotOpened                         // an end without a beginning
	NothingToSay                      // the runs have nothing for this section
)

// Error names the place and the fault, in English, for logs.
func (e *MarkerError) Error() string {
	what := [...]string{"no regions", "unknown section", "region not closed", "end of a region that was not opened", "no run for this section"}[e.What]
	if e.Cell > 0 {
		return fmt.Sprintf("cell %d, line %d: %s: %s", e.Cell, e.Line, what, e.Name)
	}
	return fmt.Sprintf("line %d: %s: %s", e.Line, what, e.Name)
}

// Markers gives the two lines between which a section stands in somebody's notes.
func Markers(name string) (begin, end string) {
	return "<!-- tcptrace:" + name + " -->", "<!-- /tcptrace:" + name + " -->"
}

// marker reads a line; ok is false for one that is no marker.
func marker(line string) (name string, end, ok bool) {
	s, ok := strings.CutPrefix(strings.TrimSpace(line), "<!--")
	if !ok {
		return "", false, false
	}
	if s, ok = strings.CutSuffix(s, "-->"); !ok {
		return "", false, false
	}
	s, end = strings.CutPrefix(strings.TrimSpace(s), "/")
	name, ok = strings.CutPrefix(s, "tcptrace:")
	return strings.TrimSpace(name), end, ok
}

// IntoMarkdown writes the sections into the regions between their markers, and leaves every other byte as it is. It gives the
// pictures that the sections link, which belong beside the file. Notes stay in UTF-8 or UTF-16, with the byte order mark and
// the line ends that they have. The error is a *MarkerError or ErrNotText.
func (l *Lecture) IntoMarkdown(notes []byte) (out []byte, images []document.ImageBlock, err error) {
	text, form, err := decodeNotes(notes)
	if err != nil {
		return nil, nil, err
	}
	in := &inserter{l: l}
	if text, err = in.text(text, 0); err != nil {
		return nil, nil, err
	}
	if in.regions == 0 {
		return nil, nil, &MarkerError{What: NoMarkers}
	}
	out, err = form.encode(text)
	return out, in.images, err
}

// inserter goes through somebody's notes.
type inserter struct {
	l       *Lecture
	inline  bool // pictures as data in the text
	regions int
	images  []document.ImageBlock
}

// text refreshes the regions of one text. Markers inside of fenced code are somebody's examples.
func (in *inserter) text(notes []byte, cell int) ([]byte, error) {
	newline := "\n"
	if bytes.Contains(notes, []byte("\r\n")) {
		newline = "\r\n"
	}
	var out []byte
	open, openLine, fence := "", 0, ""
	for number, line := range bytes.SplitAfter(notes, []byte("\n")) {
		fault := func(what MarkerFault, name string) error {
			return &MarkerError{Line: number + 1, Cell: cell, What: what, Name: name}
		}
		fence = fenceAfter(fence, string(line))
		name, end, isMarker := marker(string(line))
		switch {
		case fence != "" || !isMarker:
			if open == "" {
				out = append(out, line...)
			}
		case open == "" && end:
			return nil, fault(NotOpened, name)
		case open == "":
			body, err := in.section(name, fault)
			if err != nil {
				return nil, err
			}
			out = append(out, line...)
			if !bytes.HasSuffix(line, []byte("\n")) {
				out = append(out, newline...)
			}
			out = append(out, strings.ReplaceAll(string(body), "\n", newline)...)
			open, openLine = name, number+1
			in.regions++
		case end && name == open:
			out = append(out, line...)
			open = ""
		}
	}
	if open != "" {
		return nil, &MarkerError{Line: openLine, Cell: cell, What: NotClosed, Name: open}
	}
	return out, nil
}

// fenceAfter is the fence that is open after a line, "" for none (CommonMark 0.31, section 4.5).
func fenceAfter(open, line string) string {
	s := strings.TrimLeft(line, " ")
	if len(line)-len(s) > 3 {
		return open
	}
	n := len(s) - len(strings.TrimLeft(s, "`"))
	if n < 3 {
		n = len(s) - len(strings.TrimLeft(s, "~"))
	}
	switch {
	case n < 3:
		return open
	case open == "":
		return s[:n]
	case s[0] == open[0] && n >= len(open) && strings.TrimSpace(s[n:]) == "":
		return ""
	}
	return open
}

// section is the Markdown of a section, with an empty line before and after it.
func (in *inserter) section(name string, fault func(MarkerFault, string) error) ([]byte, error) {
	var blocks []document.Block
	switch s := in.l.Section(name); {
	case name == SectionWhole:
		blocks = in.l.Document().Blocks
	case s != nil:
		blocks = s.Blocks
	case slices.Contains(SectionNames(), name):
		return nil, fault(NothingToSay, name)
	default:
		return nil, fault(UnknownSection, name)
	}
	d := &document.Document{Lang: in.l.Lang, Blocks: blocks}
	body := d.AppendMarkdown([]byte("\n"), document.MarkdownOptions{Images: true})
	for _, b := range blocks {
		image, ok := b.(document.ImageBlock)
		if !ok {
			continue
		}
		if in.inline {
			link := []byte("](" + image.Name + ".png)")
			data := "](data:image/png;base64," + base64.StdEncoding.EncodeToString(image.PNG) + ")"
			body = bytes.Replace(body, link, []byte(data), 1)
		} else {
			in.images = append(in.images, image)
		}
	}
	return append(body, '\n'), nil
}
