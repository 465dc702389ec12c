package sessions

import "bytes"

// MaxUnanswered caps the request bytes that wait for their echo; past it the session's echo is given up.
const MaxUnanswered = 256 << 10

// maxParses caps how many parses of the reply are followed at once while the request contains the prefix.
const maxParses = 16

// An echoParser reads the reply stream as repetitions of a prefix and the next bytes of the request stream.
//
// Where the request contains the prefix itself, a reply byte can continue an echo or start the next one. All
// such parses are followed side by side; most end at the next byte that does not fit. The parse that uses
// all of the request wins. For every piece of the reply:
//
//  1. Every parse takes the bytes that it expects: of the prefix, or the next ones of the request.
//  2. Where the prefix could begin, a parse that is inside the echoed bytes splits in two.
//  3. A parse that expected other bytes ends. When the last one ends, the reply is no echo from there on.
//  4. What all parses have in common is certain: those repetitions are reported, each with the piece of the request that
//     its last byte came in, and the request's bytes before them are forgotten.
type echoParser struct {
	prefix []byte
	out    runSink

	request  queue[byte] // request bytes from number at on
	wild     []span      // parts of the request whose bytes are unknown: they match anything
	at, end  int64       // numbers of the first byte in request and of the one after the last
	pieces   queue[requestPiece]
	parses   []parse
	spare    []parse
	answered int64
	replies  int64
	matched  int64

	seeking   bool // the reply starts in mid-stream: look for a prefix first
	broken    bool // the reply does not parse any further
	ambiguous bool
	byLength  bool
	open      lengthRun // by length: the echo that is still growing
	reported  echoRun   // the one that out is looking at
}

// A runSink takes every repetition with the piece of the request that its last byte belongs to.
type runSink interface {
	run(r *echoRun, q *requestPiece)
}

type span struct{ from, to int64 }

// A requestPiece is a run of request bytes that were first sent in one segment.
type requestPiece struct{ end, time, frame int64 }

// An echoRun is one repetition: the echo of request bytes [from, to), its last byte in the given frame.
type echoRun struct {
	from, to    int64
	time, frame int64
	prev        *echoRun
}

// A parse is one way to read the reply so far.
type parse struct {
	run    echoRun  // the repetition that is being read
	prefix int      // bytes of the prefix matched; len(prefix) means inside the echoed bytes
	done   *echoRun // finished repetitions not yet reported, newest first
}

type lengthRun struct {
	active bool
	run    echoRun
	push   bool
}

// start makes a parser ready for another session and keeps its memory.
func (p *echoParser) start(prefix string, midStream bool, out runSink) {
	p.request.clear()
	p.pieces.clear()
	*p = echoParser{prefix: []byte(prefix), out: out, seeking: midStream && prefix != "",
		request: p.request, pieces: p.pieces, parses: append(p.parses[:0], parse{}), spare: p.spare[:0]}
}

// addRequest takes the next request bytes.
func (p *echoParser) addRequest(c *chunk) {
	if p.broken {
		p.end += c.length
		return
	}
	if p.end-p.at+c.length > MaxUnanswered {
		p.end += c.length
		p.giveUp()
		return
	}
	p.request.push(c.data...)
	if n := c.length - int64(len(c.data)); n > 0 {
		p.wild = append(p.wild, span{p.end + int64(len(c.data)), p.end + c.length})
		p.request.push(make([]byte, n)...)
	}
	p.end += c.length
	p.pieces.push(requestPiece{p.end, c.time, c.frame})
}

// giveUp forgets a request that has grown too long, and with it the repetition that was being read.
func (p *echoParser) giveUp() {
	p.broken = true
	p.request, p.pieces, p.wild = queue[byte]{}, queue[requestPiece]{}, nil
	p.open.active = false
}

// addReply takes the next reply bytes.
func (p *echoParser) addReply(c *chunk) {
	switch {
	case p.broken:
	case len(p.prefix) == 0:
		p.replyWithoutPrefix(c)
	case p.byLength || int64(len(c.data)) < c.length:
		p.byLength = true
		p.replyByLength(c)
	case p.wholeReply(c):
	default:
		for _, b := range c.data {
			p.step(b, c)
			if p.broken {
				return
			}
		}
		p.settle()
	}
}

// wholeReply takes the usual case at once: a segment that is the prefix and the next bytes of the request, where no
// other reading of it is possible. It reports whether it was one.
func (p *echoParser) wholeReply(c *chunk) bool {
	if len(p.parses) != 1 || p.seeking || len(p.wild) > 0 || p.parses[0].done != nil {
		return false
	}
	s := &p.parses[0]
	open := s.prefix == len(p.prefix) && s.run.to > s.run.from
	if !open && s.prefix != 0 || !bytes.HasPrefix(c.data, p.prefix) {
		return false
	}
	body, at := c.data[len(p.prefix):], s.run.to
	request := p.request.items()[at-p.at:]
	if open && at < p.end && request[0] == p.prefix[0] || int64(len(body)) > p.end-at || len(body) == 0 {
		return false
	}
	if !bytes.Equal(request[:len(body)], body) || p.mayContainPrefix(body) {
		return false
	}
	if open {
		p.report(s.run)
		p.forget(at)
	}
	*s = parse{prefix: len(p.prefix), run: echoRun{from: at, to: at + int64(len(body)), time: c.time, frame: c.frame}}
	return true
}

// mayContainPrefix reports whether the prefix, or the beginning of one that the next segment could complete, stands
// in body.
func (p *echoParser) mayContainPrefix(body []byte) bool {
	for i := 1; i < len(body); i++ {
		j := bytes.IndexByte(body[i:], p.prefix[0])
		if j < 0 {
			return false
		}
		i += j
		if n := min(len(p.prefix), len(body)-i); bytes.Equal(body[i:i+n], p.prefix[:n]) {
			return true
		}
	}
	return false
}

// step advances every parse by one reply byte.
func (p *echoParser) step(b byte, c *chunk) {
	next := p.spare[:0]
	for i := range p.parses {
		next = p.advance(next, &p.parses[i], b, c)
	}
	p.spare, p.parses = p.parses, next
	if len(next) == 0 {
		p.broken = true
		p.parses = append(p.parses[:0], p.spare...) // what had been read stays
	}
}

// advance appends to next what becomes of one parse.
func (p *echoParser) advance(next []parse, s *parse, b byte, c *chunk) []parse {
	if s.prefix < len(p.prefix) {
		return p.advancePrefix(next, s, b)
	}
	fits := s.run.to < p.end && (p.request.items()[s.run.to-p.at] == b || p.isWild(s.run.to))
	if fits {
		n := *s
		n.run.to++
		n.run.time, n.run.frame = c.time, c.frame
		next = append(next, n)
	}
	if b == p.prefix[0] && s.run.to > s.run.from && len(next) < maxParses {
		n := *s
		if len(p.parses) == 1 && !fits {
			p.report(n.run)
		} else {
			done := s.run
			done.prev = s.done
			n.done = &done
		}
		n.run = echoRun{from: s.run.to, to: s.run.to}
		n.prefix = 1
		next = append(next, n)
	}
	if len(next) == 0 && p.seeking && p.matched == 0 && len(p.parses) == 1 {
		n := parse{run: echoRun{from: p.at, to: p.at}}
		return p.advancePrefix(next, &n, b)
	}
	return next
}

// advancePrefix matches one byte of the prefix. While seeking, a byte that does not fit starts over.
func (p *echoParser) advancePrefix(next []parse, s *parse, b byte) []parse {
	n := *s
	switch {
	case b == p.prefix[s.prefix]:
		n.prefix++
	case p.seeking && p.matched == 0:
		n.prefix = 0
		if b == p.prefix[0] {
			n.prefix = 1
		}
	default:
		return next
	}
	return append(next, n)
}

// settle reports the finished repetitions as soon as only one parse is left, and forgets the request before it.
func (p *echoParser) settle() {
	if len(p.parses) != 1 {
		return
	}
	s := &p.parses[0]
	p.reportChain(s.done)
	s.done = nil
	p.forget(s.run.from)
}

// reportChain reports finished repetitions, oldest first.
func (p *echoParser) reportChain(r *echoRun) {
	var order []*echoRun
	for ; r != nil; r = r.prev {
		order = append(order, r)
	}
	for i := len(order) - 1; i >= 0; i-- {
		p.report(*order[i])
	}
}

func (p *echoParser) report(r echoRun) {
	p.replies++
	p.matched++
	p.answered += r.to - r.from
	pieces := p.pieces.items()
	for i := range pieces {
		if pieces[i].end >= r.to {
			p.reported = r
			p.out.run(&p.reported, &pieces[i])
			return
		}
	}
}

// forget drops request bytes before number to.
func (p *echoParser) forget(to int64) {
	if to <= p.at {
		return
	}
	p.request.drop(int(to - p.at))
	p.at = to
	for p.pieces.len() > 0 && p.pieces.items()[0].end <= to {
		p.pieces.drop(1)
	}
	for len(p.wild) > 0 && p.wild[0].to <= to {
		p.wild = append(p.wild[:0], p.wild[1:]...)
	}
}

func (p *echoParser) isWild(i int64) bool {
	for _, w := range p.wild {
		if i >= w.from && i < w.to {
			return true
		}
	}
	return false
}

// replyWithoutPrefix takes every reply segment for one recv() of the server: with an empty prefix nothing in
// the bytes tells repetitions apart.
func (p *echoParser) replyWithoutPrefix(c *chunk) {
	if c.length > p.end-p.at || int64(len(c.data)) == c.length && !p.fits(c.data) {
		p.broken = true
		return
	}
	p.report(echoRun{from: p.at, to: p.at + c.length, time: c.time, frame: c.frame})
	p.forget(p.at + c.length)
}

// fits compares known reply bytes with the next request bytes.
func (p *echoParser) fits(data []byte) bool {
	if len(p.wild) == 0 {
		return bytes.Equal(p.request.items()[:len(data)], data)
	}
	for i, b := range data {
		if p.request.items()[i] != b && !p.isWild(p.at+int64(i)) {
			return false
		}
	}
	return true
}

// replyByLength matches replies whose bytes the snap length took: a segment starts a repetition when its visible
// bytes say so, or when the segment before it ended a message (PSH).
func (p *echoParser) replyByLength(c *chunk) {
	if s := p.parses[0]; !p.open.active && s.prefix == len(p.prefix) && s.run.to > s.run.from {
		p.open = lengthRun{true, s.run, true} // what was being read when the first cut segment came
	}
	starts := !p.open.active || p.open.push
	if len(c.data) >= len(p.prefix) {
		starts = bytes.HasPrefix(c.data, p.prefix)
	}
	if starts {
		p.closeLengthRun()
		at := p.at
		p.open = lengthRun{active: true, run: echoRun{from: at, to: at - int64(len(p.prefix))}}
	}
	if !p.open.active {
		p.broken = true
		return
	}
	p.open.run.to += c.length
	p.open.run.time, p.open.run.frame, p.open.push = c.time, c.frame, c.push
	if p.open.run.to > p.end {
		p.broken = true
		p.open.active = false
	}
}

func (p *echoParser) closeLengthRun() {
	if p.open.active && p.open.run.to > p.open.run.from {
		p.report(p.open.run)
		p.forget(p.open.run.to)
		p.parses[0] = parse{run: echoRun{from: p.at, to: p.at}}
	}
	p.open.active = false
}

// finish picks the parse that uses all of the request, else the one that uses most, and reports its rest.
func (p *echoParser) finish() {
	if p.byLength {
		p.closeLengthRun()
		return
	}
	best, full := -1, 0
	for i, s := range p.parses {
		if s.run.to == p.end {
			full++
		}
		if best < 0 || s.run.to > p.parses[best].run.to {
			best = i
		}
	}
	if best < 0 || len(p.prefix) == 0 {
		return
	}
	p.ambiguous = full > 1
	s := p.parses[best]
	p.reportChain(s.done)
	if s.prefix < len(p.prefix) {
		return
	}
	switch {
	case s.run.to == s.run.from:
		p.replies++ // a prefix with nothing behind it
	case !p.broken || p.atPieceEnd(s.run.to):
		p.report(s.run)
	}
}

// atPieceEnd reports whether request byte number to ends a request segment.
func (p *echoParser) atPieceEnd(to int64) bool {
	for _, q := range p.pieces.items() {
		if q.end == to {
			return true
		}
	}
	return false
}

// speaks reports whether the session's bytes are an echo at all: something matched, or requests wait and no
// reply contradicts.
func (p *echoParser) speaks() bool {
	return p.matched > 0 || p.end > 0 && !p.broken
}
