package render

import (
	"strings"
	"time"

	"tcptrace/render/document"
	"tcptrace/sessions"
)

// health adds the first block: what the capture is, and what spoils its numbers.
func (r *report) health() {
	r.AddHeading(2, document.Sentence(r.w.CaptureHeading))
	r.AddList(r.facts())
	if troubles := r.troubles(); len(troubles) > 0 {
		r.Add(document.Paragraph{Text: document.Sentence(r.w.TroublesIntro)}) // two lists in a row would be one
		r.AddList(troubles)
	} else {
		r.Add(document.Paragraph{Text: document.Sentence(r.w.NothingSpoils)})
	}
}

// facts say what was read.
func (r *report) facts() (items []document.Cell) {
	c, w := &r.t.Capture, r.w
	if len(c.LinkTypes) > 0 {
		items = append(items, document.Sentence(w.FileLinks, c.File, c.Format, strings.Join(c.LinkTypes, ", ")))
	} else {
		items = append(items, document.Sentence(w.File, c.File, c.Format))
	}
	if len(c.Ports) > 0 {
		items = append(items, document.Sentence(w.PacketsWatched, c.Packets, c.TCPPackets, portList(c.Ports), c.Watched))
	} else {
		items = append(items, document.Sentence(w.Packets, c.Packets, c.TCPPackets))
	}
	switch {
	case c.HasTimes:
		items = append(items, document.Sentence(w.Times, clockTime(c.FirstTime), clockTime(c.LastTime),
			w.Duration(time.Duration(c.LastTime-c.FirstTime))))
	case c.Packets > 0:
		items = append(items, document.Sentence(w.NoTimes))
	}
	for _, j := range r.t.Journals {
		items = append(items, document.Sentence(w.JournalRead, j.Name, j.Kind, len(j.Entries)))
		if j.Ended != "" {
			items = append(items, document.Sentence(w.JournalEnded, j.Name, j.Ended))
		}
	}
	items = append(items, r.clocks()...)
	if n := len(r.t.Loose); n > 0 {
		items = append(items, document.Sentence(w.LooseCalls, n))
	}
	return items
}

// clocks say how the journals' clocks were laid on the capture's; those that contradict themselves
// are troubles.
func (r *report) clocks() (items []document.Cell) {
	checked := map[string]bool{}
	for i := range r.t.Clocks {
		k := &r.t.Clocks[i]
		checked[k.Journal] = true
		if !k.Contradicts {
			items = append(items, r.clock(k))
		}
	}
	for _, j := range r.t.Journals {
		if !checked[j.Name] && len(j.Entries) > 0 {
			items = append(items, document.Sentence(r.w.ClockUnchecked, j.Name))
		}
	}
	return items
}

// clock says how one clock was laid, and how far it may be off.
func (r *report) clock(k *sessions.Clock) document.Cell {
	w := r.w
	switch {
	case k.Device:
		return document.Sentence(w.ClockDevice, k.Journal, w.Duration(k.Bound), k.Pairs)
	case k.Offset == 0 && k.Bound == 0:
		return document.Sentence(w.ClockSame, k.Journal, k.Pairs)
	}
	return document.Sentence(w.ClockAligned, k.Journal, w.Duration(k.Offset), w.Duration(k.Bound), k.Pairs)
}

// troubles say what is wrong, each in one line with what it spoils.
func (r *report) troubles() (items []document.Cell) {
	c, w := &r.t.Capture, &r.w.Troubles
	add := func(t Trouble, args ...any) {
		items = append(items, document.Join(document.Sentence(t.What, args...), document.Sentence(t.Spoils)))
	}
	count := func(t Trouble, n int64) {
		if n > 0 {
			add(t, n)
		}
	}
	if d := c.Damage; d != nil {
		add(w.Damage, d.AtPacket, d.Offset, d.What.In(r.w.Lang))
	}
	if c.Limit != "" {
		add(w.Limit, c.Limit)
	}
	if c.HasKernelDropped {
		count(w.Dropped, c.KernelDropped)
	}
	count(w.Cut, c.Truncated)
	count(w.Duplicates, c.Copies)
	count(w.Offload, c.Offloaded)
	count(w.Backwards, c.Backwards)
	count(w.Jumps, c.ClockJumps)
	count(w.Untimed, c.Untimed)
	count(w.Fragments, c.Fragments)
	count(w.Explaining, c.Explaining)
	for _, u := range c.Unread[:min(len(c.Unread), maxLines)] {
		add(w.Unread, u.Packets, u.What.In(r.w.Lang))
	}
	items = r.more(items, len(c.Unread))
	if len(c.Unread) == 0 {
		count(w.Undecoded, c.Undecoded)
	}
	for _, what := range c.Warnings[:min(len(c.Warnings), maxLines)] {
		add(w.Warning, what.In(r.w.Lang))
	}
	items = r.more(items, len(c.Warnings))
	return append(items, r.journalTroubles()...)
}

func (r *report) journalTroubles() (items []document.Cell) {
	w := &r.w.Troubles
	add := func(t Trouble, args ...any) {
		items = append(items, document.Join(document.Sentence(t.What, args...), document.Sentence(t.Spoils)))
	}
	for _, j := range r.t.Journals {
		if j.Lost > 0 {
			add(w.JournalLost, j.Name, j.Lost)
		}
	}
	for _, k := range r.t.Clocks {
		if k.Contradicts {
			add(w.ClockImpossible, k.Journal)
		}
	}
	problems := r.t.Problems
	if len(problems) == 0 { // a trace that has not gathered them
		for _, j := range r.t.Journals {
			problems = append(problems, j.Problems...)
		}
	}
	for _, p := range problems[:min(len(problems), maxLines)] {
		add(w.JournalLine, p.File, p.Line, p.What.In(r.w.Lang))
	}
	return r.more(items, len(problems))
}

// more says how many lines of a kind were left out.
func (r *report) more(items []document.Cell, n int) []document.Cell {
	if n > maxLines {
		items = append(items, document.Sentence(r.w.AndMore, n-maxLines))
	}
	return items
}
