package sessions

import (
	"cmp"
	"slices"

	"tcptrace/capture"
)

// snapshotLatest is how many of the sessions that were active last a snapshot holds, beside the first ones.
const snapshotLatest = 16

// Snapshot is the trace of what has come so far. The tracker goes on afterwards; nothing that is in the snapshot changes
// any more. Its cost is bounded: it holds the first ExaminedSessions sessions and those that were active last, with the
// numbers that Finish would give them now, and only the explaining packets that are kept anyway.
func (t *Tracker) Snapshot(info capture.Info) *Trace {
	if t.dispatcher != nil {
		t.dispatcher.drain()
	}
	onlyNotebook := t.router.byPort && t.router.notebook
	tr := &Trace{Capture: t.capture(info, onlyNotebook), ARPs: t.arps[:len(t.arps):len(t.arps)], ICMPs: t.icmps[:len(t.icmps):len(t.icmps)],
		Datagrams: t.grams[:len(t.grams):len(t.grams)], DroppedDatagrams: t.strangers}
	all := t.soFar(onlyNotebook)
	tr.left = t.left(onlyNotebook)
	tr.number = t.numbering(onlyNotebook)
	if !t.o.Counted && !t.o.Summary {
		frames := make([]int64, len(all))
		for i, x := range all {
			frames[i] = x.c.firstFrame
		}
		tr.number = func(frame int64) int { n, _ := slices.BinarySearch(frames, frame); return n + 1 }
	}
	latest := map[*conn]bool{}
	for _, x := range mostRecent(all, snapshotLatest) {
		latest[x.c] = true
	}
	for i, x := range all {
		if i >= ExaminedSessions && !latest[x.c] {
			continue
		}
		s := &Session{}
		x.w.soFar(x.c, s, tr.number(x.c.firstFrame))
		s.Shown = i < t.o.Shown
		tr.Sessions = append(tr.Sessions, s)
	}
	tr.Examined = tr.Sessions[:min(len(all), ExaminedSessions)]
	return tr
}

// A tracked session and who tracks it.
type tracked struct {
	c *conn
	w *worker
}

// soFar lists the sessions that are tracked, by first frame.
func (t *Tracker) soFar(onlyNotebook bool) (all []tracked) {
	for _, w := range t.workers {
		w.conns.each(func(c *conn) {
			if !onlyNotebook || c.bits.has(bitWatched) {
				all = append(all, tracked{c, w})
			}
		})
	}
	slices.SortFunc(all, func(a, b tracked) int { return cmp.Compare(a.c.firstFrame, b.c.firstFrame) })
	return all
}

// mostRecent are the n sessions with the latest packets.
func mostRecent(all []tracked, n int) (last []tracked) {
	for _, x := range all {
		i, _ := slices.BinarySearchFunc(last, x, func(a, b tracked) int { return cmp.Compare(a.c.lastFrame, b.c.lastFrame) })
		if len(last) == n {
			if i == 0 {
				continue
			}
			last = slices.Delete(last, 0, 1)
			i--
		}
		last = slices.Insert(last, i, x)
	}
	return last
}

// soFar builds a session as it would be if the capture ended now.
func (t *worker) soFar(c *conn, s *Session, id int) {
	if c.details == nil || c.extra.streams == nil {
		c.session(s, id)
		return
	}
	w, r := c.extra.streams.copied(), &results{}
	if w.hasEcho {
		w.parser.finish()
	}
	t.summarise(c, w, r, t.cadenceSender(c, w))
	c.extra.result = r
	c.session(s, id)
	c.extra.result = nil
}

// copied is a work that can be finished without a trace in the one that it was copied from.
func (w *streams) copied() *streams {
	n := &streams{hasEcho: w.hasEcho, keep: w.keep, opened: w.opened, lastEcho: w.lastEcho, beats: w.beats, text: w.text, textLen: w.textLen}
	for d := range w.rtt {
		n.rtt[d].series = w.rtt[d].series.copied()
	}
	n.echoRTT = w.echoRTT.copied()
	n.samples = sampled[EchoSample]{head: w.samples.head, tail: slices.Clone(w.samples.tail), next: w.samples.next, n: w.samples.n}
	n.samples.head = n.samples.head[:len(n.samples.head):len(n.samples.head)]
	n.parser = w.parser
	n.parser.out = n
	n.parser.request = w.parser.request.clone()
	n.parser.pieces = w.parser.pieces.clone()
	n.parser.parses = slices.Clone(w.parser.parses)
	n.parser.spare = nil
	return n
}

// copied is a series that can be sorted and added to on its own.
func (s *series) copied() series {
	c := series{raw: slices.Clone(s.raw)}
	if s.long != nil {
		c.long = &total{}
		c.long.merge(s.long)
	}
	return c
}
