package sessions

import (
	"time"

	"tcptrace/notebook"
)

// streams is the costly part of a session: what reads its streams. A worker keeps idle ones, so that a session
// costs no new memory once others have ended.
type streams struct {
	rtt      [2]rttQueue
	stream   [2]stream
	beats    [2]beatFinder
	sinks    [2]streamSink
	hasEcho  bool
	keep     bool
	opened   bool
	parser   echoParser
	echoRTT  series
	lastEcho int64
	text     [2][PreviewBytes]byte // the first payload bytes of each direction
	textLen  [2]uint8
	samples  sampled[EchoSample]
	repeated *[2]recentRetransmissions // nil until something was sent twice or a SACK seen
}

// A streamSink hands one direction's bytes to those who read them.
type streamSink struct {
	w    *streams
	d    int8
	kind sinkKind
	beat bool
}

type sinkKind uint8

const (
	sinkPlain sinkKind = iota
	sinkRequest
	sinkReply
)

// deliver is the end of a stream.
func (k *streamSink) deliver(c *chunk) {
	if k.beat {
		k.w.beats[k.d].add(c)
	}
	switch k.kind {
	case sinkRequest:
		k.w.parser.addRequest(c)
	case sinkReply:
		k.w.parser.addReply(c)
	}
}

// run takes one repetition of the echo.
func (w *streams) run(r *echoRun, q *requestPiece) {
	if r.time == noTime || q.time == noTime || r.time < q.time {
		return // no latency without two times in order
	}
	w.echoRTT.add(r.time - q.time)
	w.lastEcho = r.time - q.time
	if w.keep {
		w.samples.add(EchoSample{RequestFrame: q.frame, ReplyFrame: r.frame, Sent: q.time,
			RTT: time.Duration(r.time - q.time), Bytes: int(r.to - r.from)})
	}
}

// repeats is where retransmissions wait for a verdict.
func (w *streams) repeats() *[2]recentRetransmissions {
	if w.repeated == nil {
		w.repeated = new([2]recentRetransmissions)
	}
	return w.repeated
}

// reset makes work ready for another session.
func (w *streams) reset() {
	for d := range w.rtt {
		w.rtt[d].reset()
		w.stream[d].reset()
		w.beats[d].reset()
		w.sinks[d] = streamSink{}
	}
	w.hasEcho, w.keep, w.opened, w.lastEcho, w.textLen = false, false, false, 0, [2]uint8{}
	if w.repeated != nil {
		for d := range w.repeated {
			w.repeated[d].n, w.repeated[d].sn = 0, 0
		}
	}
	w.echoRTT.reset()
	w.samples.reset()
}

// maxStock caps how many idle works a worker keeps.
const maxIdle = 4096

// newStreams takes a reader of streams that is idle, or makes one.
func (t *worker) newStreams() *streams {
	if n := len(t.idle); n > 0 {
		w := t.idle[n-1]
		t.idle = t.idle[:n-1]
		return w
	}
	return &streams{}
}

// recycle keeps a reader of streams for another session, unless it grew too large to keep.
func (t *worker) recycle(w *streams) {
	const large = 1 << 10
	if len(t.idle) < maxIdle && cap(w.rtt[0].series.raw) <= large && cap(w.rtt[1].series.raw) <= large &&
		cap(w.parser.request.all) <= 16*large && cap(w.samples.head) <= large && cap(w.stream[0].waiting)+cap(w.stream[1].waiting) <= large {
		w.reset()
		t.idle = append(t.idle, w)
	}
}

// deliver hands new payload to the session's streams.
func (t *worker) deliver(c *conn, s *arrival) {
	w := c.extra.streams
	if w == nil {
		return
	}
	if !w.opened {
		t.openStreams(c, w)
	}
	if w.textLen[s.d] == 0 {
		w.textLen[s.d] = uint8(copy(w.text[s.d][:], s.seg.Payload))
	}
	t.chunk = chunk{data: s.seg.Payload, length: int64(s.seg.Length), time: s.now, frame: s.seg.Frame,
		push: s.seg.Flags&pushFlag != 0}
	w.stream[s.d].add(s.from, &t.chunk)
}

// openStreams starts to read both directions.
func (t *worker) openStreams(c *conn, w *streams) {
	w.opened, w.keep = true, t.o.Samples || c.extra.steps != nil
	client, server := int(c.client), 1-int(c.client)
	if prefix, ok := t.o.prefix(c.port(server)); ok {
		w.hasEcho = true
		w.parser.start(prefix, !c.syn[server].has(synSeen), w)
		w.sinks[client].kind, w.sinks[server].kind = sinkRequest, sinkReply
	}
	for d := range w.stream {
		k := &w.sinks[d]
		k.w, k.d = w, int8(d)
		k.beat = d == client || c.port(server) != notebook.GreetingPort
		w.stream[d].out = k
		if c.syn[d].has(synSeen) {
			w.stream[d].started, w.stream[d].pos = true, 0
		}
	}
}

// finishStreams turns the streams into results and gives their memory back.
func (t *worker) finishStreams(c *conn) {
	c.bits |= bitDone
	if c.details == nil || c.extra.streams == nil {
		return
	}
	w := c.extra.streams
	r := &results{}
	if w.hasEcho {
		w.parser.finish()
	}
	sender := t.cadenceSender(c, w)
	periods := t.summarise(c, w, r, sender)
	if t.o.Summary || t.o.Digests {
		t.measure(c, w, r, periods)
	}
	c.extra.result, c.extra.streams = r, nil
	t.recycle(w)
}

// summarise works out what a session's own report shows, and gives the intervals of its cadence.
func (t *worker) summarise(c *conn, w *streams, r *results, sender int) (periods series) {
	for d := range w.rtt {
		r.ackRTT[c.side(d)] = w.rtt[d].series.stats()
	}
	if w.hasEcho && w.parser.speaks() {
		r.echo = t.finishEcho(c, w)
	}
	if !w.hasEcho || w.parser.matched == 0 {
		for d := range w.text {
			r.text[c.side(d)] = append([]byte(nil), w.text[d][:w.textLen[d]]...)
		}
	}
	if sender >= 0 {
		r.cadence, periods = w.beats[sender].beats.cadence(c.side(sender), w.keep)
	}
	return periods
}

// measure adds a session's values to the capture's totals, and keeps a copy of them for Digest.Add.
func (t *worker) measure(c *conn, w *streams, r *results, periods series) {
	m := measured{ackRTT: [2]series{w.rtt[0].series, w.rtt[1].series}, period: periods}
	if r.echo != nil {
		m.echo = w.echoRTT
	}
	if t.o.Summary {
		t.totals[c.group()].digest.addMeasured(&m)
	}
	if t.o.Digests {
		r.measured = &measured{[2]series{m.ackRTT[0].copied(), m.ackRTT[1].copied()}, m.echo.copied(), m.period.copied()}
	}
}

func (t *worker) finishEcho(c *conn, w *streams) *Echo {
	p := &w.parser
	out := &Echo{Prefix: string(p.prefix), Requests: int64(c.flows[c.client].fresh), Replies: p.replies,
		Matched: p.matched, UnansweredBytes: p.end - p.answered, RTT: w.echoRTT.stats(), Last: time.Duration(w.lastEcho), ByLength: p.byLength,
		Ambiguous: p.ambiguous}
	if w.keep {
		out.Samples, out.SamplesLeftOut = w.samples.all()
	}
	return out
}

// cadenceSender picks the direction whose beats are the session's rhythm, -1 for none.
func (t *worker) cadenceSender(c *conn, w *streams) int {
	client, server := int(c.client), 1-int(c.client)
	if !w.opened {
		return -1
	}
	notebook := c.port(server) == notebook.GreetingPort
	for _, d := range []int{client, server} {
		if r := &w.beats[d].beats; r.any() && (notebook || r.regular()) {
			return d
		}
	}
	return -1
}
