package render

import (
	"fmt"
	"strings"

	"tcptrace/render/document"
	"tcptrace/render/screen"
	"tcptrace/sessions/traffic"
	"tcptrace/words"
)

// maxAnswerServices is how many ports the short answer lists.
const maxAnswerServices = 10

// Services is the table of hosts and ports of a capture.
func Services(all traffic.Services, lang string) document.Table {
	return servicesTable(all.All, lang, true)
}

// sparkWidth is how many columns a sparkline takes.
const sparkWidth = 8

// servicesTable leaves the columns of time out where they were not measured.
func servicesTable(all []traffic.Service, lang string, timed bool) document.Table {
	w, aw := WordsFor(lang), words.NewAnswer(lang)
	heads := aw.HostColumns()
	t := document.Table{Numeric: []bool{false, true, true, true, true, true}}
	if !timed {
		heads = heads[:4]
	}
	t.Header = headCells(heads...)
	for i := range all {
		s := &all[i]
		row := []string{s.Address.String(), number(s.Sessions), number(s.Packets), number(s.Bytes[0] + s.Bytes[1])}
		if timed {
			median, p95 := "", ""
			if s.Response.N > 0 {
				median, p95 = fmt.Sprintf("%s ×%d", w.Duration(s.Response.P50), s.Response.N), w.Duration(s.Response.P95)
			}
			row = append(row, median, p95, Sparkline(s.Rate, sparkWidth))
		}
		t.Rows = append(t.Rows, plainCells(row...))
	}
	return t
}

// Sparkline draws values as blocks of eight heights, the highest for the largest; equal runs of values share a column. A column
// in which there is nothing is a space, one in which there is something never is.
func Sparkline(values []int64, width int) string {
	columns := make([]int64, min(width, len(values)))
	var most int64
	for i, v := range values {
		c := &columns[i*len(columns)/len(values)]
		*c += v
		most = max(most, *c)
	}
	var b strings.Builder
	for _, v := range columns {
		switch {
		case v <= 0:
			b.WriteByte(' ')
		default:
			b.WriteRune([]rune("▁▂▃▄▅▆▇█")[min(v*8/max(most, 1), 7)])
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// services says which ports a capture has that has none of those asked for, and the command for each.
func (a *answer) services() {
	all := a.o.Services
	a.add(a.sc.Wrap(a.sc.Paint(screen.Warning, a.aw.NotWatched(portList(a.t.Capture.Ports))), "", "")...)
	a.add("")
	t := servicesTable(all[:min(len(all), maxAnswerServices)], a.o.Lang, false)
	a.add(a.sc.Table(&t)...)
	if more := len(all) - maxAnswerServices; more > 0 {
		a.add(a.sc.Paint(screen.Dim, a.aw.MorePorts(more)))
	}
	if a.o.Path == "" || a.o.Path == "-" {
		return
	}
	a.section(a.aw.CommandFor())
	seen := map[uint16]bool{}
	for i := range all[:min(len(all), maxAnswerServices)] {
		port := all[i].Address.Port()
		if !seen[port] {
			a.add("  " + a.sc.Paint(screen.Code, fmt.Sprintf("tcptrace report %s --port %d", shellWord(a.o.Path), port)))
		}
		seen[port] = true
	}
}
