package render

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tcptrace/render/document"
	"tcptrace/sessions"
)

// session adds the section of one session.
func (r *report) session(s *sessions.Session) {
	w := r.w
	heading := document.Heading{Level: 2, Text: document.Say(w.Session(s.ID, endpoint(s.Client), endpoint(s.Server)))}
	if r.o.NoTables { // in a page it can be gone to
		heading.ID = anchor(s.ID)
	}
	r.Add(heading)
	r.Add(document.Paragraph{Text: document.Join(r.opening(s), r.ending(s))})
	r.AddList(r.caveats(s))
	if tables := r.ladders(s); len(tables) > 0 {
		r.AddHeading(3, document.Sentence(w.LadderHeading()))
		for _, t := range tables {
			r.Add(document.TableBlock{Table: t})
		}
	}
	if s.Echo != nil {
		r.echo(s)
	}
	if s.Cadence != nil {
		r.cadence(s.Cadence)
	}
	r.traffic(s)
	r.stacks(s)
	for _, image := range r.o.Images {
		if image.Session == s.ID {
			r.Add(image.ImageBlock)
		}
	}
}

// ladders are a session's tables of rows.
func (r *report) ladders(s *sessions.Session) []document.Table {
	if r.o.NoTables {
		return nil
	}
	return LadderTables(s, r.t, r.o.Ladder)
}

// opening says how the session began.
func (r *report) opening(s *sessions.Session) document.Cell {
	w := r.w
	switch h := s.Handshake; {
	case s.End == sessions.EndRefused || s.End == sessions.EndNoAnswer:
		return nil // the ending says it all
	case h == nil:
		return document.Sentence(w.HandshakeUnseen())
	case !h.HasRTT:
		return document.Sentence(w.HandshakePart())
	case s.SYNs > 1:
		return document.Say(w.HandshakeRepeated(w.Duration(h.RTT), s.SYNs))
	default:
		return document.Say(w.HandshakeTook(w.Duration(h.RTT)))
	}
}

// ending says how the session ended and who closed first.
func (r *report) ending(s *sessions.Session) document.Cell {
	w, known, closer := r.w, s.ClosedFirst != sessions.NoSide, ""
	if known {
		closer = w.Sides()[s.ClosedFirst]
	}
	switch {
	case s.ClosedTogether && (s.End == sessions.EndFIN || s.End == sessions.EndRST):
		return document.Sentence(w.EndTogether())
	case s.End == sessions.EndFIN && known:
		return document.Say(w.EndFIN(closer))
	case s.End == sessions.EndFIN:
		return document.Sentence(w.EndFINUnknown())
	case s.End == sessions.EndRST && known:
		return document.Say(w.EndRST(closer))
	case s.End == sessions.EndRST:
		return document.Sentence(w.EndRSTUnknown())
	case s.End == sessions.EndRefused:
		return document.Say(w.EndRefused(s.Server.Port()))
	case s.End == sessions.EndNoAnswer:
		return document.Say(w.EndNoAnswer(s.SYNs))
	case known:
		return document.Say(w.EndOpenOneFIN(closer))
	}
	return document.Sentence(w.EndOpen())
}

// caveats say how sure the section is.
func (r *report) caveats(s *sessions.Session) (items []document.Cell) {
	w := r.w
	switch s.RoleFrom {
	case sessions.RoleFromSYNACK:
		items = append(items, document.Sentence(w.RoleFromSYNACK()))
	case sessions.RoleFromPort:
		items = append(items, document.Sentence(w.RoleFromPort()))
	case sessions.RoleFromOrder:
		items = append(items, document.Sentence(w.RoleFromOrder()))
	}
	for _, side := range [...]sessions.Side{sessions.Client, sessions.Server} {
		silent := s.Packets[side] > 0 && s.Packets[side.Other()] == 0
		if silent && s.End != sessions.EndNoAnswer {
			items = append(items, document.Say(w.OneDirection(w.Sides()[side])))
		}
		if n := s.MissingBytes[side]; n > 0 {
			items = append(items, document.Say(w.Missing(w.Sides()[side], n)))
		}
	}
	if s.Copies > 0 {
		items = append(items, document.Say(w.SessionCopies(s.Copies)))
	}
	if s.Untimed {
		items = append(items, document.Sentence(w.SessionUntimed()))
	}
	if s.Backwards {
		items = append(items, document.Sentence(w.SessionBackwards()))
	}
	if s.HolesCapped {
		items = append(items, document.Sentence(w.HolesCapped()))
	}
	if s.StepsLeftOut > 0 {
		items = append(items, document.Say(w.StepsLeftOut(s.StepsLeftOut)))
	}
	return items
}

// echo adds the echo's numbers and what they mean.
func (r *report) echo(s *sessions.Session) {
	w, e := r.w, s.Echo
	r.AddHeading(3, document.Sentence(w.EchoHeading()))
	var prefix document.Cell
	switch {
	case e.Replies == 0: // there is none to speak of
	case e.Prefix == "":
		prefix = document.Sentence(w.EchoNoPrefix())
	default:
		prefix = document.Say(w.EchoMeaning(e.Prefix))
	}
	r.Add(document.Paragraph{Text: document.Join(r.echoMeaning(s), prefix)})
	c := w.EchoColumns()
	r.Add(document.TableBlock{Table: document.Table{
		Header: headCells(c.Prefix, c.Requests, c.Replies, c.Matched, c.Unanswered),
		Rows: [][]document.Cell{append([]document.Cell{document.NewCell(document.Code, document.PrintableString(e.Prefix, document.MaxNameBytes))},
			plainCells(number(e.Requests), number(e.Replies), number(e.Matched), number(e.UnansweredBytes))...)},
		Numeric: numeric(5, 1),
	}})
	if e.RTT.N > 0 {
		r.Add(document.TableBlock{Table: document.Table{Title: w.EchoTableTitle(), Header: r.statsHead(), Numeric: numeric(8, 0),
			Rows: [][]document.Cell{r.statsCells(&e.RTT, time.Millisecond, 3)}}})
	}
	var notes []document.Cell
	if chunks := chunkRuns(e.Samples); chunks != "" {
		notes = append(notes, document.Say(w.EchoChunks(chunks)))
	}
	if e.UnansweredBytes > 0 {
		notes = append(notes, document.Say(w.EchoUnanswered(e.UnansweredBytes)))
	}
	if e.ByLength {
		notes = append(notes, document.Sentence(w.EchoByLength()))
	}
	if e.Ambiguous {
		notes = append(notes, document.Sentence(w.EchoAmbiguous()))
	}
	if e.SamplesLeftOut > 0 {
		notes = append(notes, document.Say(w.EchoLeftOut(e.SamplesLeftOut)))
	}
	r.AddList(notes)
}

// echoMeaning tells the network's part of the round trip from the program's.
func (r *report) echoMeaning(s *sessions.Session) document.Cell {
	w, rtt := r.w, &s.Echo.RTT
	if rtt.N == 0 {
		return document.Sentence(w.EchoNone())
	}
	took := document.Say(w.EchoTook(w.Duration(rtt.Mean), w.Duration(rtt.Min), w.Duration(rtt.Max)))
	if rtt.N == 1 {
		took = document.Say(w.EchoTookOne(w.Duration(rtt.Mean)))
	}
	network := r.networks.Of(s)
	if network == 0 || network >= rtt.Mean {
		return took
	}
	return document.Join(took, document.Say(w.EchoNetwork(w.Duration(network), w.Duration(rtt.Mean-network))))
}

// chunkRuns writes the bytes of each reply, equal neighbours together: "800 ×5, 96".
func chunkRuns(samples []sessions.EchoSample) string {
	var runs []string
	for i := 0; i < len(samples); {
		j := i
		for j < len(samples) && samples[j].Bytes == samples[i].Bytes {
			j++
		}
		if len(runs) == maxChunkRuns {
			runs = append(runs, "…")
			break
		}
		run := strconv.Itoa(samples[i].Bytes)
		if j-i > 1 {
			run += " ×" + strconv.Itoa(j-i)
		}
		runs = append(runs, run)
		i = j
	}
	return strings.Join(runs, ", ")
}

// cadence adds the cadence's numbers and what they mean.
func (r *report) cadence(c *sessions.Cadence) {
	w := r.w
	r.AddHeading(3, document.Sentence(w.CadenceHeading()))
	sender := w.UnknownValue()
	if c.Sender != sessions.NoSide {
		sender = w.SidesCapital()[c.Sender]
	}
	if c.Period.N == 0 {
		r.Add(document.Paragraph{Text: document.Say(w.CadenceOne(sender))})
		return
	}
	p := &c.Period
	text := document.Say(w.CadenceTook(sender, c.Beats, w.Duration(p.Mean), w.Duration(p.Min), w.Duration(p.Max)))
	if c.Steady && c.Missed == 0 && c.Bunched == 0 {
		text = document.Join(text, document.Sentence(w.CadenceSteady()))
	}
	if !c.Steady {
		text = document.Join(text, document.Sentence(w.CadenceUnsteady()))
	}
	if c.Steady && c.Missed > 0 {
		text = document.Join(text, document.Say(w.CadenceMissed(c.Missed)))
	}
	if c.Steady && c.Bunched > 0 {
		text = document.Join(text, document.Say(w.CadenceBunched(c.Bunched)))
	}
	if c.TimesLeftOut > 0 {
		text = document.Join(text, document.Say(w.CadenceLeftOut(c.TimesLeftOut)))
	}
	r.Add(document.Paragraph{Text: text})
	drift := w.UnknownValue()
	if c.HasDrift {
		drift = strconv.FormatFloat(c.DriftPPM, 'f', 1, 64)
	}
	h := w.CadenceColumns()
	r.Add(
		document.TableBlock{Table: document.Table{Title: w.CadenceTable(), Header: r.statsHead(), Numeric: numeric(8, 0),
			Rows: [][]document.Cell{r.statsCells(p, time.Second, 6)}}},
		document.TableBlock{Table: document.Table{Header: headCells(h.Beats, h.Drift, h.Jitter, h.Missed, h.Bunched), Numeric: numeric(5, 0),
			Rows: [][]document.Cell{plainCells(number(c.Beats), drift, w.In(c.Jitter, time.Millisecond, 3), number(c.Missed),
				number(c.Bunched))}}})
}

func (r *report) statsHead() []document.Cell {
	c := r.w.StatsColumns()
	return headCells(c.N, c.Min, c.Mean, c.P50, c.P95, c.P99, c.Max, c.StdDev)
}

// statsCells writes a distribution in units with the given decimals; an empty one is only its n.
func (r *report) statsCells(s *sessions.Stats, unit time.Duration, digits int) []document.Cell {
	texts := []string{number(s.N)}
	for _, d := range [...]time.Duration{s.Min, s.Mean, s.P50, s.P95, s.P99, s.Max, s.StdDev} {
		if s.N == 0 {
			texts = append(texts, "")
			continue
		}
		texts = append(texts, r.w.In(d, unit, digits))
	}
	return plainCells(texts...)
}

// traffic adds the counters of both directions. Columns in which nothing happened are left out,
// except those that every reader looks for.
func (r *report) traffic(s *sessions.Session) {
	w, c := r.w, r.w.TrafficColumns()
	columns := []struct {
		name   string
		values sessions.Pair[int64]
		always bool
	}{
		{c.Packets, s.Packets, true}, {c.Bytes, s.Bytes, true}, {c.DataSegments, s.DataSegments, true},
		{c.Retransmitted, s.Retransmitted, true}, {c.Spurious, s.Spurious, false}, {c.OutOfOrder, s.OutOfOrder, false},
		{c.DuplicateACKs, s.DuplicateACKs, false}, {c.ZeroWindows, s.ZeroWindows, false},
		{c.KeepAlives, s.KeepAlives, false}, {c.Missing, s.MissingBytes, false},
	}
	head := []string{c.Direction}
	rows := [2][]string{{w.Direction()[0]}, {w.Direction()[1]}}
	for _, column := range columns {
		if !column.always && column.values == (sessions.Pair[int64]{}) {
			continue
		}
		head = append(head, column.name)
		for side := range rows {
			rows[side] = append(rows[side], number(column.values[side]))
		}
	}
	if s.ACKRTT[0].N+s.ACKRTT[1].N > 0 {
		head = append(head, c.ACKRTT)
		for side := range rows {
			median := ""
			if s.ACKRTT[side].N > 0 {
				median = w.In(s.ACKRTT[side].P50, time.Millisecond, 3)
			}
			rows[side] = append(rows[side], median)
		}
	}
	r.AddHeading(3, document.Sentence(w.TrafficHeading()))
	r.Add(document.TableBlock{Table: document.Table{Header: headCells(head...), Numeric: numeric(len(head), 1),
		Rows: [][]document.Cell{plainCells(rows[0]...), plainCells(rows[1]...)}}})
}

// stacks says which system each end runs and why; when neither is known it says nothing.
func (r *report) stacks(s *sessions.Session) {
	w := r.w
	var items []document.Cell
	for side, f := range s.Endpoint {
		address := s.Client
		if side == int(sessions.Server) {
			address = s.Server
		}
		item := document.Say(w.StackLine(w.SidesCapital()[side], endpoint(address), r.stackName(f.Stack)))
		if f.Score > 0 {
			item = document.Join(item, document.Say(w.StackScore(f.Score)))
		}
		if len(f.Why) > 0 {
			item = append(item, document.Span{Kind: document.Plain, Text: ", " + w.StackWhy() + " "})
			for i, why := range f.Why {
				if i > 0 {
					item = append(item, document.Span{Kind: document.Plain, Text: ", "})
				}
				item = append(item, document.Span{Kind: document.Code, Text: document.PrintableString(why.In(w.Lang), document.MaxNameBytes)})
			}
		}
		items = append(items, item)
	}
	known := func(f sessions.Fingerprint) bool { return f.Stack != "" || len(f.Why) > 0 }
	if slices.ContainsFunc(s.Endpoint[:], known) {
		r.AddHeading(3, document.Sentence(w.StacksHeading()))
		r.AddList(items)
	}
}

func (r *report) stackName(stack string) string {
	switch stack {
	case sessions.PicoStack:
		return r.w.Stacks().Pico
	case sessions.LinuxStack:
		return r.w.Stacks().Linux
	case sessions.WindowsStack:
		return r.w.Stacks().Windows
	case "":
		return r.w.Stacks().Unknown
	}
	return stack
}
