package lecture

import (
	"strconv"

	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// Reason is why a cell is wrong or missing.
type Reason uint8

// The reasons. Their sentences are in checkWords.
const (
	ReasonNone Reason = iota
	ReasonSignalMissing
	ReasonTwice
	ReasonNoSegment
	ReasonLength
	ReasonState
	ReasonBlock
	ReasonLocal
	ReasonDerived
	ReasonText
	ReasonNotSent
	ReasonListener
	ReasonLoopback
	ReasonNotCalled
	ReasonTooEarly
	ReasonReturns
	ReasonCount
	ReasonIsCall
	ReasonZero
	ReasonRaises
	ReasonOnce
	ReasonConnected
	ReasonAddress
	ReasonEnd
	numReasons
)

// The signs of the verdicts in a marked table.
var signs = [...]string{Right: "✓", Wrong: "✗", Missing: "∅"}

// CheckDocument is the report on checked notes: every table with its cells marked, what is wrong in it, and the rows that it
// lacks. name is what the notes are called.
func CheckDocument(name string, checked []*Checked, lang string) *document.Document {
	w := words.NewCheck(lang)
	d := &document.Document{Title: w.Title(), Lang: lang, Blocks: []document.Block{
		document.Heading{Level: 1, Text: sentence(w.Heading(name))}, paragraph(w.Legend())}}
	for _, c := range checked {
		b := checkWriter{c: c, w: w, m: render.WordsFor(lang)}
		d.Blocks = append(d.Blocks, b.blocks()...)
	}
	return d
}

// checkWriter writes about one table.
type checkWriter struct {
	c *Checked
	w words.Check
	m *render.Words
}

func (b *checkWriter) blocks() []document.Block {
	c, w := b.c, b.w
	where := sentence(w.AtLine(c.Line))
	if c.Cell > 0 {
		where = sentence(w.AtCell(c.Cell, c.Line))
	}
	if c.OtherKind {
		return []document.Block{document.Heading{Level: 2, Text: where}, paragraphOf(w.OtherKind(c.NonBlockingRun))}
	}
	cells, rows := c.Faults()
	blocks := []document.Block{document.Heading{Level: 2, Text: where},
		paragraphOf(w.Against(c.Session.Client.String(), c.Session.Server.String(), c.Count[Right], c.Count[Wrong], c.Count[Missing], c.Count[Unjudged], rows)),
		document.TableBlock{Table: b.marked()}}
	if cells > 0 {
		blocks = append(blocks, document.TableBlock{Table: b.faults()})
	}
	if rows > 0 {
		blocks = append(blocks, document.TableBlock{Table: b.lacks()})
	}
	return blocks
}

// columnName is a column's head.
func (b *checkWriter) columnName(column int) string {
	side := b.m.LadderClient()
	if column >= serverCall {
		side = b.m.LadderServer()
	}
	return side + ": " + [...]string{b.m.LadderCall(), b.m.LadderState(), b.m.LadderSignal(), b.m.LadderResult()}[column%4]
}

// marked is the person's table with a sign before every judged cell.
func (b *checkWriter) marked() document.Table {
	t := document.Table{Title: b.w.MarkedTitle(), Header: heads(b.w.Row())}
	for column := range notebookColumns {
		t.Header = append(t.Header, heads(b.columnName(column))...)
	}
	for i, row := range b.c.Rows {
		line := []document.Cell{{{Text: strconv.Itoa(i + 1)}}}
		for column, cell := range row {
			v := b.c.Marks[i][column].Verdict
			var out document.Cell
			if sign := signs[v]; sign != "" {
				out = append(out, document.Span{Kind: document.Strong, Text: sign})
			}
			if cell != "" {
				if len(out) > 0 {
					out = append(out, document.Span{Text: " "})
				}
				out = append(out, document.Span{Text: document.PrintableString(cell, 200)})
			}
			line = append(line, out)
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// faults lists what is wrong or missing, with the frame that proves it.
func (b *checkWriter) faults() document.Table {
	t := document.Table{Title: b.w.FaultsTitle(), Header: heads(b.w.FaultColumns()...)}
	for i := range b.c.Marks {
		for column := range b.c.Marks[i] {
			m := &b.c.Marks[i][column]
			if m.Verdict != Wrong && m.Verdict != Missing {
				continue
			}
			frame := ""
			if m.Frame > 0 {
				frame = strconv.FormatInt(m.Frame, 10)
			}
			t.Rows = append(t.Rows, []document.Cell{
				{{Text: strconv.Itoa(i + 1)}}, {{Text: b.columnName(column)}},
				{{Kind: document.Strong, Text: signs[m.Verdict]}, {Text: " " + document.PrintableString(b.c.Rows[i][column], 200)}},
				plainCell(m.Want), text(b.w.Reasons()[m.Reason]), plainCell(frame)})
		}
	}
	return t
}

func plainCell(s string) document.Cell {
	if s == "" {
		return nil
	}
	return document.Cell{{Text: s}}
}

// mostLacks caps the list of missing rows.
const mostLacks = 60

// lacks lists the segments without a row.
func (b *checkWriter) lacks() document.Table {
	t := document.Table{Title: b.w.LacksTitle(), Header: heads(b.w.LackColumns()...)}
	for n, lack := range b.c.Lacks {
		if n == mostLacks {
			t.Notes = append(t.Notes, sentence(b.w.MoreLacks(len(b.c.Lacks)-mostLacks)))
			break
		}
		st := &b.c.Session.Steps[lack.Step]
		after := b.w.AtFirst()
		if lack.After >= 0 {
			after = strconv.Itoa(lack.After + 1)
		}
		t.Rows = append(t.Rows, []document.Cell{plainCell(after), plainCell(strconv.FormatInt(lack.Frame, 10)),
			plainCell(signalOf(st, sessions.Client)), plainCell(st.States[sessions.Client].String()),
			plainCell(signalOf(st, sessions.Server)), plainCell(st.States[sessions.Server].String())})
	}
	return t
}
