package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tcptrace/findings"
	"tcptrace/fleet"
	"tcptrace/render/document"
	"tcptrace/render/scene"
	"tcptrace/sessions"
	"tcptrace/words"
)

// FleetGroups is the table of groups; by are the names of their labels.
func FleetGroups(all []fleet.Summary, by []string, lang string) document.Table {
	w, fw := WordsFor(lang), words.NewFleet(lang)
	t := document.Table{Header: headCells(append(slices.Clone(by), fw.GroupColumns()...)...)}
	t.Numeric = slices.Concat(make([]bool, len(by)), slices.Repeat([]bool{true}, len(fw.GroupColumns())))
	for i := range all {
		s := &all[i]
		st := s.Digest.Stats()
		duration := func(d time.Duration, n int64) string {
			if n == 0 {
				return ""
			}
			return w.Duration(d)
		}
		row := slices.Clone(s.Key)
		for k := range row {
			row[k] = document.PrintableString(row[k], document.MaxNameBytes)
		}
		row = append(row, number(st.Sessions), number(s.Resets()), number(st.EchoRTT.N), duration(st.EchoRTT.P50, st.EchoRTT.N), duration(st.EchoRTT.P99, st.EchoRTT.N),
			duration(st.CadencePeriod.P50, st.CadencePeriod.N), number(st.Missed), number(st.Retransmitted[sessions.Client]+st.Retransmitted[sessions.Server]))
		t.Rows = append(t.Rows, plainCells(row...))
	}
	return t
}

// FleetTop is the table of the worst sessions.
func FleetTop(rows []fleet.Row, lang string) document.Table {
	w, fw := WordsFor(lang), words.NewFleet(lang)
	t := document.Table{Header: headCells(fw.TopColumns()...), Numeric: []bool{true}}
	for i := range rows {
		r := &rows[i]
		echo := ""
		if r.EchoP99 != nil {
			echo = w.Duration(time.Duration(*r.EchoP99))
		}
		t.Rows = append(t.Rows, plainCells(strconv.FormatFloat(r.Score, 'f', 0, 64), document.PrintableString(r.Ring, document.MaxNameBytes),
			fmt.Sprintf("%s:%d", r.OrigH, r.OrigP), fmt.Sprintf("%s:%d", r.RespH, r.RespP), r.End, echo, number(r.Skipped), strings.Join(r.Findings, ", "), r.UID))
	}
	return t
}

// FleetDiff is the table of what changed.
func FleetDiff(all []fleet.Change, by []string, lang string) document.Table {
	w, fw := WordsFor(lang), words.NewFleet(lang)
	t := document.Table{Header: headCells(append(slices.Clone(by), fw.DiffColumns()...)...)}
	value := func(c *fleet.Change, v float64) string {
		if strings.HasPrefix(c.What, "echo") {
			return w.Duration(time.Duration(v * float64(time.Second)))
		}
		return strconv.FormatFloat(100*v, 'f', 2, 64) + " %"
	}
	for i := range all {
		c := &all[i]
		worse := ""
		if c.Regression {
			worse = fw.Yes()
		}
		row := append(slices.Clone(c.Key), c.What, value(c, c.Before), value(c, c.After), fmt.Sprintf("%d / %d", c.N[0], c.N[1]), worse)
		for k := range row {
			row[k] = document.PrintableString(row[k], document.MaxNameBytes)
		}
		t.Rows = append(t.Rows, plainCells(row...))
	}
	return t
}

// Fleet is the page of a merge: the totals, what was found, boards, the echo by board and day as a map of shades, the worst sessions.
func Fleet(m *fleet.Merged, lang string) *document.Document {
	w, fw := WordsFor(lang), words.NewFleet(lang)
	d := &document.Document{Title: fw.PageTitle(), Lang: lang}
	d.AddHeading(1, document.Sentence(fw.PageTitle()))
	items := []document.Cell{document.Say(fw.PageTotals(m.Rings, m.Files, m.Packets, m.Digest.Stats().Sessions))}
	if n := len(m.Problems); n > 0 {
		items = append(items, document.Say(fw.PageProblems(n)))
	}
	if m.Gaps > 0 {
		items = append(items, document.Say(fw.PageGaps(m.Gaps)))
	}
	d.AddList(items)
	if len(m.Found) > 0 {
		d.AddHeading(2, document.Sentence(fw.PageFindings()))
		t := document.Table{Header: headCells(fw.FindingColumns()...), Numeric: []bool{false, false, true, true}}
		for _, c := range m.Found {
			t.Rows = append(t.Rows, []document.Cell{document.NewCell(document.Code, c.Code), document.NewCell(document.Plain, severityNamed(c.Severity, w)),
				document.NewCell(document.Plain, strconv.Itoa(c.Sessions)), document.NewCell(document.Plain, strconv.Itoa(c.Rings))})
		}
		d.Add(document.TableBlock{Table: t})
	}
	d.AddHeading(2, document.Sentence(fw.PageBoards()))
	d.Add(document.TableBlock{Table: FleetGroups(m.Boards, []string{"board"}, lang)})
	if picture := heatMap(m.ByDay, lang); picture != nil {
		d.AddHeading(2, document.Sentence(fw.PageDays()))
		d.Add(*picture)
	}
	if len(m.Top) > 0 {
		d.AddHeading(2, document.Sentence(fw.PageTop()))
		d.Add(document.TableBlock{Table: FleetTop(m.Top, lang)})
	}
	return d
}

// severityNamed is the word for a severity that a row has by its name.
func severityNamed(name string, w *Words) string {
	for s := findings.Info; s <= findings.Error; s++ {
		if s.String() == name {
			return w.severity(s)
		}
	}
	return name
}

// The heat map: a row a board, a column a day, darker for a higher p99.
const (
	heatCell   = 22.0
	heatNames  = 150.0
	heatHead   = 70.0
	maxHeat    = 60 // days and boards, each; the latest and the first
	heatColour = "#b23a48"
)

// heatMap draws the p99 of the echoes by board and day; nil where there are none.
func heatMap(all []fleet.Summary, lang string) *document.ImageBlock {
	w, fw := WordsFor(lang), words.NewFleet(lang)
	var boards, days []string
	most := time.Duration(0)
	for i := range all {
		st := all[i].Digest.Stats().EchoRTT
		if st.N == 0 || all[i].Key[1] == "" {
			continue
		}
		most = max(most, st.P99)
		if !slices.Contains(boards, all[i].Key[0]) {
			boards = append(boards, all[i].Key[0])
		}
		if !slices.Contains(days, all[i].Key[1]) {
			days = append(days, all[i].Key[1])
		}
	}
	if most == 0 {
		return nil
	}
	slices.Sort(days)
	days, boards = days[max(len(days)-maxHeat, 0):], boards[:min(len(boards), maxHeat)]
	d := &scene.Drawing{Width: heatNames + heatCell*float64(len(days)) + 120, Height: heatHead + heatCell*float64(len(boards)) + 10, Title: fw.PageDays()}
	d.Box(0, 0, d.Width, d.Height, "#ffffff", 1, scene.Pen{})
	font := scene.Font{Size: 11, Colour: "#333333"}
	for k, day := range days {
		x := heatNames + heatCell*(float64(k)+0.5)
		if k%2 == 0 || len(days) < 8 {
			d.Text(x, heatHead-10-12*float64(k%3), scene.Middle, font, day[5:])
		}
	}
	for i, board := range boards {
		name := document.PrintableString(board, 24)
		if board == "" {
			name = fw.NoBoard()
		}
		d.Text(heatNames-6, heatHead+heatCell*(float64(i)+0.65), scene.End, font, font.Cut(name, heatNames-10))
	}
	for i := range all {
		st := all[i].Digest.Stats().EchoRTT
		row, column := slices.Index(boards, all[i].Key[0]), slices.Index(days, all[i].Key[1])
		if st.N == 0 || row < 0 || column < 0 {
			continue
		}
		x, y := heatNames+heatCell*float64(column), heatHead+heatCell*float64(row)
		d.Box(x, y, heatCell-2, heatCell-2, heatColour, 0.08+0.92*float64(st.P99)/float64(most), scene.Pen{Colour: "#dddddd", Width: 0.5})
	}
	d.Text(d.Width-112, heatHead+12, scene.Start, font, "p99 ≤ "+w.Duration(most))
	return &document.ImageBlock{Name: "echo-by-day", Alt: fw.PageDays(), SVG: d.SVG()}
}
