package sessions

import (
	"time"
)

// cadencePort is where the notebook's Pico greets the PC every second: there the client is the sender.
const cadencePort = 9001

// An echoReader runs a session's echo parser and turns its repetitions into samples.
type echoReader struct {
	parser  *echoParser
	rtt     series
	samples sampled[EchoSample]
	keep    bool
}

// run takes one repetition.
func (e *echoReader) run(r echoRun, q requestPiece) {
	if r.time == noTime || q.time == noTime || r.time < q.time {
		return // no latency without two times in order
	}
	e.rtt.add(r.time - q.time)
	if e.keep {
		e.samples.add(EchoSample{RequestFrame: q.frame, ReplyFrame: r.frame, Sent: q.time,
			RTT: time.Duration(r.time - q.time), Bytes: int(r.to - r.from)})
	}
}

// deliver hands new payload to the session's streams.
func (t *worker) deliver(c *conn, s *sight) {
	w := c.extra.work
	if w == nil {
		return
	}
	st := w.stream[s.d]
	if st == nil {
		st = t.openStream(c, s.d)
	}
	st.add(s.from, chunk{data: s.seg.Payload, length: int64(s.seg.Length), time: s.now, frame: s.seg.Frame,
		push: s.seg.Flags&pushFlag != 0})
}

// openStream starts to read one direction.
func (t *worker) openStream(c *conn, d int) *stream {
	w := c.extra.work
	keep := t.o.Samples || c.extra.steps != nil
	if w.echo == nil {
		w.echo = t.newEcho(c, keep)
	}
	beats := &beatFinder{keep: keep}
	st := &stream{}
	switch {
	case w.echo == nil:
		st.sink = beats.add
	case d == int(c.client):
		st.sink = func(p chunk) { beats.add(p); w.echo.parser.addRequest(p) }
	default:
		st.sink = func(p chunk) { beats.add(p); w.echo.parser.addReply(p) }
	}
	if c.syn[d].seen {
		st.started, st.pos = true, 0
	}
	w.stream[d], w.beats[d] = st, beats
	return st
}

// newEcho makes an echo reader where the server's port has a prefix.
func (t *worker) newEcho(c *conn, keep bool) *echoReader {
	server := 1 - int(c.client)
	prefix, ok := t.o.prefix(c.port(server))
	if !ok {
		return nil
	}
	e := &echoReader{keep: keep, parser: newEchoParser(prefix, !c.syn[server].seen)}
	e.parser.onRun = e.run
	return e
}

// finishStreams turns the streams into results and gives their memory back.
func (t *worker) finishStreams(c *conn) {
	c.bits |= bitDone
	if c.extra == nil || c.extra.work == nil {
		return
	}
	w := c.extra.work
	r := &results{}
	for d := range w.rtt {
		r.ackRTT[c.side(d)] = w.rtt[d].series.stats()
		if t.o.Summary {
			t.fold[c.group()].ackRTT.addSeries(&w.rtt[d].series)
		}
	}
	r.echo = t.finishEcho(c, w)
	r.cadence = t.finishCadence(c, w)
	c.extra.result, c.extra.work = r, nil
}

func (t *worker) finishEcho(c *conn, w *work) *Echo {
	if w.echo == nil {
		return nil
	}
	e, p := w.echo, w.echo.parser
	p.finish()
	if !p.speaks() {
		return nil
	}
	if t.o.Summary {
		t.fold[c.group()].echoRTT.addSeries(&e.rtt)
	}
	out := &Echo{Prefix: string(p.prefix), Requests: int64(c.flows[c.client].fresh), Replies: p.replies,
		Matched: p.matched, UnansweredBytes: p.end - p.answered, RTT: e.rtt.stats(), ByLength: p.byLength,
		Ambiguous: p.ambiguous}
	if e.keep {
		out.Samples, out.SamplesLeftOut = e.samples.all()
	}
	return out
}

// finishCadence picks the sender whose beats are the session's rhythm.
func (t *worker) finishCadence(c *conn, w *work) *Cadence {
	client, server := int(c.client), 1-int(c.client)
	sides := []int{client, server}
	notebook := c.port(server) == cadencePort
	if notebook {
		sides = sides[:1]
	}
	for _, d := range sides {
		if w.beats[d] == nil {
			continue
		}
		r := w.beats[d].rhythm()
		if r == nil || !notebook && !r.regular() {
			continue
		}
		if t.o.Summary {
			t.fold[c.group()].period.addSeries(&r.periods)
		}
		return r.cadence(c.side(d))
	}
	return nil
}
