package render

import (
	"time"

	"tcptrace/render/document"
	"tcptrace/sessions"
)

// summary adds the totals of a whole capture in place of its sessions.
func (r *report) summary() {
	w, s := r.w, r.t.Summary
	r.AddHeading(2, document.Sentence(w.SummaryHeading()))
	r.totals(s)
	r.AddHeading(2, document.Sentence(w.EndsHeading()))
	ends := document.Table{Header: headCells(w.EndsColumns()...), Numeric: numeric(2, 1)}
	for end, n := range s.Ends {
		ends.Rows = append(ends.Rows, plainCells(w.EndNames()[end], number(n)))
	}
	r.Add(document.TableBlock{Table: ends})
	r.AddHeading(2, document.Sentence(w.SpreadHeading()))
	r.spreads(s)
	r.plots()
	if len(s.StandOut) > 0 {
		r.AddHeading(2, document.Sentence(w.StandOutHeading()))
		r.sessionTable(s.StandOut, len(s.StandOut))
	}
}

func (r *report) totals(s *sessions.Summary) {
	c := r.w.SummaryColumns()
	t := document.Table{
		Header:  headCells(c.Direction, c.Packets, c.Bytes, c.Retransmitted),
		Numeric: numeric(4, 1),
	}
	for side, direction := range r.w.Direction() {
		t.Rows = append(t.Rows, plainCells(direction, number(s.Packets[side]), number(s.Bytes[side]),
			number(s.Retransmitted[side])))
	}
	r.Add(document.Paragraph{Text: document.Say(r.w.SummaryCount(s.Sessions))})
	r.Add(document.TableBlock{Table: t})
}

// spreads adds the merged distributions, all in one unit so that they can be compared.
func (r *report) spreads(s *sessions.Summary) {
	rows := r.w.SpreadRows()
	t := document.Table{
		Title:   r.w.Milliseconds(),
		Header:  append(headCells(rows.Heading), r.statsHead()...),
		Numeric: numeric(9, 1),
	}
	for _, line := range [...]struct {
		name  string
		stats *sessions.Stats
	}{{rows.Echo, &s.EchoRTT}, {rows.Cadence, &s.CadencePeriod}, {rows.ACK, &s.ACKRTT}} {
		t.Rows = append(t.Rows, append(plainCells(line.name), r.statsCells(line.stats, time.Millisecond, 3)...))
	}
	r.Add(document.TableBlock{Table: t})
}
