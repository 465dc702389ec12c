package render

import (
	"strings"
	"time"

	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// health adds the first block: what the capture is, and what spoils its numbers.
func (r *report) health() {
	r.AddHeading(2, document.Sentence(r.w.CaptureHeading()))
	r.AddList(r.facts())
	if troubles := r.troubles(); len(troubles) > 0 {
		r.Add(document.Paragraph{Text: document.Sentence(r.w.TroublesIntro())}) // two lists in a row would be one
		r.AddList(troubles)
	} else {
		r.Add(document.Paragraph{Text: document.Sentence(r.w.NothingSpoils())})
	}
}

// facts say what was read.
func (r *report) facts() (items []document.Cell) {
	c, w := &r.t.Capture, r.w
	if len(c.LinkTypes) > 0 {
		items = append(items, document.Say(w.FileLinks(c.File, c.Format, strings.Join(c.LinkTypes, ", "))))
	} else {
		items = append(items, document.Say(w.File(c.File, c.Format)))
	}
	if len(c.Ports) > 0 {
		items = append(items, document.Say(w.PacketsWatched(c.Packets, c.TCPPackets, portList(c.Ports), c.Watched)))
	} else {
		items = append(items, document.Say(w.Packets(c.Packets, c.TCPPackets)))
	}
	switch {
	case c.HasTimes:
		items = append(items, document.Say(w.Times(clockTime(c.FirstTime), clockTime(c.LastTime),
			w.Duration(time.Duration(c.LastTime-c.FirstTime)))))
	case c.Packets > 0:
		items = append(items, document.Sentence(w.NoTimes()))
	}
	for _, j := range r.t.Journals {
		items = append(items, document.Say(w.JournalRead(j.Name, j.Kind, len(j.Entries))))
		if j.Ended != "" {
			items = append(items, document.Say(w.JournalEnded(j.Name, j.Ended)))
		}
	}
	items = append(items, r.clocks()...)
	if n := r.t.LetGo; n > 0 {
		items = append(items, document.Say(w.LetGo(n)))
	}
	if n := r.t.StrayDatagrams; n > 0 {
		items = append(items, document.Say(w.StrayDatagrams(n)))
	}
	if n := int(r.t.LooseN); n > 0 {
		items = append(items, document.Say(w.LooseCalls(n)))
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
			items = append(items, document.Say(r.w.ClockUnchecked(j.Name)))
		}
	}
	return items
}

// clock says how one clock was laid, and how far it may be off.
func (r *report) clock(k *sessions.Clock) document.Cell {
	w := r.w
	switch {
	case k.Device:
		return document.Say(w.ClockDevice(k.Journal, w.Duration(k.Bound), k.Pairs))
	case k.Offset == 0 && k.Bound == 0:
		return document.Say(w.ClockSame(k.Journal, k.Pairs))
	}
	return document.Say(w.ClockAligned(k.Journal, w.Duration(k.Offset), w.Duration(k.Bound), k.Pairs))
}

// troubles say what is wrong, each in one line with what it spoils.
func (r *report) troubles() (items []document.Cell) {
	c, w := &r.t.Capture, r.w
	add := func(what document.Cell, spoils string) {
		items = append(items, document.Join(what, document.Sentence(spoils)))
	}
	count := func(n int64, what func(int64) words.Sentence, spoils string) {
		if n > 0 {
			add(document.Say(what(n)), spoils)
		}
	}
	if d := c.Damage; d != nil {
		add(document.Say(w.TroubleDamage(d.AtPacket, d.Offset, d.What.In(r.w.Lang))), w.SpoilsDamage())
	}
	if c.Limit != "" {
		add(document.Say(w.TroubleLimit(c.Limit)), w.SpoilsLimit())
	}
	if c.HasKernelDropped {
		count(c.KernelDropped, w.TroubleDropped, w.SpoilsDropped())
	}
	count(c.Truncated, w.TroubleCut, w.SpoilsCut())
	count(c.CutHeaders, w.TroubleCutHeaders, w.SpoilsCutHeaders())
	count(c.Copies, w.TroubleDuplicates, w.SpoilsDuplicates())
	count(c.Offloaded, w.TroubleOffload, w.SpoilsOffload())
	count(c.Backwards, w.TroubleBackwards, w.SpoilsBackwards())
	count(c.ClockJumps, w.TroubleJumps, w.SpoilsJumps())
	count(c.Untimed, w.TroubleUntimed, w.SpoilsUntimed())
	count(c.Fragments, w.TroubleFragments, w.SpoilsFragments())
	count(c.Explaining, w.TroubleExplaining, w.SpoilsExplaining())
	for _, u := range c.Unread[:min(len(c.Unread), maxLines)] {
		add(document.Say(w.TroubleUnread(u.Packets, u.What.In(r.w.Lang))), w.SpoilsUnread())
	}
	items = r.more(items, len(c.Unread))
	if len(c.Unread) == 0 {
		count(c.Undecoded, w.TroubleUndecoded, w.SpoilsUndecoded())
	}
	for _, what := range c.Warnings[:min(len(c.Warnings), maxLines)] {
		add(document.Say(w.TroubleWarning(what.In(r.w.Lang))), w.SpoilsWarning())
	}
	items = r.more(items, len(c.Warnings))
	return append(items, r.journalTroubles()...)
}

func (r *report) journalTroubles() (items []document.Cell) {
	w := r.w
	add := func(what document.Cell, spoils string) {
		items = append(items, document.Join(what, document.Sentence(spoils)))
	}
	for _, j := range r.t.Journals {
		switch {
		case j.Lost > 0 && j.Kind == "jsonl":
			add(document.Say(w.TroubleJournalGap(j.Name, j.Lost)), w.SpoilsJournalGap())
		case j.Lost > 0:
			add(document.Say(w.TroubleJournalLost(j.Name, j.Lost)), w.SpoilsJournalLost())
		}
	}
	for _, k := range r.t.Clocks {
		if k.Contradicts {
			add(document.Say(w.TroubleClockImpossible(k.Journal)), w.SpoilsClockImpossible())
		}
	}
	problems := r.t.Problems
	if len(problems) == 0 { // a trace that has not gathered them
		for _, j := range r.t.Journals {
			problems = append(problems, j.Problems...)
		}
	}
	for _, p := range problems[:min(len(problems), maxLines)] {
		add(document.Say(w.TroubleJournalLine(p.File, p.Line, p.What.In(r.w.Lang))), w.SpoilsJournalLine())
	}
	return r.more(items, len(problems))
}

// more says how many lines of a kind were left out.
func (r *report) more(items []document.Cell, n int) []document.Cell {
	if n > maxLines {
		items = append(items, document.Say(r.w.AndMore(n-maxLines)))
	}
	return items
}
