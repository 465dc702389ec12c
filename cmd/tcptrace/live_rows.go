package main

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/notebook"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/sessions"
)

// liveRows turns what happens into lines, and keeps the running numbers of the status line.
type liveRows struct {
	lang  string
	w     *liveWords
	print func(string)
	echo  map[uint16]string // prefixes of --echo

	start    int64
	started  bool
	sessions map[liveKey]*liveSession

	mu      sync.Mutex // the numbers below are read by the printer
	beat    time.Duration
	beats   int
	meanSum time.Duration
	rtt     time.Duration
}

type liveKey struct{ client, server netip.AddrPort }

// maxLiveSessions bounds what is remembered for numbers and rhythms; beyond it sessions are shown without.
const maxLiveSessions = 10_000

// A liveSession is what the running numbers need of one session.
type liveSession struct {
	id       int
	lastBeat int64
	prefix   string
	echoes   bool
	requests []liveRequest // not answered yet
	answered int64         // request bytes answered
	sent     int64         // request bytes sent
}

type liveRequest struct{ end, at int64 }

// since is the time of a row: seconds since the first one.
func (l *liveRows) since(at int64) string {
	if !l.started {
		l.start, l.started = at, true
	}
	return fmt.Sprintf("%12.6f", time.Duration(at-l.start).Seconds())
}

// header names the columns.
func (l *liveRows) header() {
	l.print(l.columns(fmt.Sprintf("%12s", l.w.Time), "", l.w.Client, l.w.Signal, l.w.Server, ""))
}

func (l *liveRows) columns(at, id, client, signal, server, text string) string {
	return fmt.Sprintf("%s %3s %s %s %s %s", at, id, pad(client, 12), pad(signal, 20), pad(server, 12), text)
}

// step is one segment.
func (l *liveRows) step(client, server netip.AddrPort, st *sessions.Step) {
	s := l.session(client, server, st.Time)
	l.count(s, st)
	id := "·"
	if s.id > 0 {
		id = fmt.Sprint(s.id)
	}
	text := ""
	if len(st.Text) > 0 {
		text = `"` + document.PrintablePart(st.Text, int(st.Length)) + `"`
	}
	l.print(l.columns(l.since(st.Time), id, st.States[sessions.Client].String(), render.Signal(st, l.lang),
		st.States[sessions.Server].String(), text))
}

// session finds a session, or announces a new one.
func (l *liveRows) session(client, server netip.AddrPort, at int64) *liveSession {
	key := liveKey{client, server}
	if s := l.sessions[key]; s != nil {
		return s
	}
	s := &liveSession{}
	s.prefix, s.echoes = l.echo[server.Port()]
	if !s.echoes {
		s.prefix, s.echoes = notebook.Prefixes[server.Port()]
	}
	if len(l.sessions) < maxLiveSessions {
		l.sessions[key] = s
		s.id = len(l.sessions)
		l.print(fmt.Sprintf("%s %3d %s → %s", l.since(at), s.id, client, server))
	}
	return s
}

// count keeps the cadence and the echo. They are estimates for the eye: the report has the exact ones.
func (l *liveRows) count(s *liveSession, st *sessions.Step) {
	if !st.Marks.Has(sessions.MarkNewData) {
		return
	}
	if st.From == sessions.Client {
		if s.lastBeat != 0 {
			l.mu.Lock()
			l.beat = time.Duration(st.Time - s.lastBeat)
			l.beats++
			l.meanSum += l.beat
			l.mu.Unlock()
		}
		s.lastBeat = st.Time
		s.sent += int64(st.Length)
		if len(s.requests) < maxLiveSessions {
			s.requests = append(s.requests, liveRequest{s.sent, st.Time})
		}
		return
	}
	if s.echoes {
		l.answer(s, st)
	}
}

// answer takes a reply segment: a reply begins with its prefix, and every further byte answers one of a request.
func (l *liveRows) answer(s *liveSession, st *sessions.Step) {
	n := int64(st.Length)
	if s.answered == 0 || startsWith(st.Text, s.prefix) {
		n -= int64(len(s.prefix))
	}
	s.answered += max(n, 0)
	for len(s.requests) > 0 && s.requests[0].end <= s.answered {
		l.mu.Lock()
		l.rtt = time.Duration(st.Time - s.requests[0].at)
		l.mu.Unlock()
		s.requests = s.requests[1:]
	}
}

func startsWith(b []byte, prefix string) bool {
	return prefix != "" && len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// numbers are the running cadence and the last echo, for the status line.
func (l *liveRows) numbers() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := render.WordsFor(l.lang)
	cadence, echo := "–", "–"
	if l.beats > 0 {
		cadence = fmt.Sprintf(l.w.Mean, w.Duration(l.beat), w.Duration(l.meanSum/time.Duration(l.beats)))
	}
	if l.rtt > 0 {
		echo = w.Duration(l.rtt)
	}
	return fmt.Sprintf(l.w.Running, cadence, echo)
}

// other is an event that explains: ARP, an ICMP error, a call that a Pico told.
func (l *liveRows) other(ev *capture.Event) {
	switch ev.Kind {
	case capture.KindARP:
		a := &ev.ARP
		format := l.w.ARPReply
		if a.Request {
			format = l.w.ARPRequest
		}
		l.print(fmt.Sprintf("%s     ARP: "+format, l.since(a.Time), a.SenderIP, a.TargetIP))
	case capture.KindICMPError:
		e := &ev.ICMPError
		l.print(fmt.Sprintf("%s     ICMP: "+l.w.ICMP, l.since(e.Time), e.From, e.Type, e.Code, e.Src, e.Dst))
	case capture.KindDatagram:
		l.call(&ev.Datagram)
	}
}

// call is a call that a Pico told by a datagram.
func (l *liveRows) call(g *capture.Datagram) {
	d := journal.NewDevice("")
	d.Datagram(g.Time, g.Payload)
	for _, e := range d.Journal().Entries {
		object := ""
		if e.Socket > 0 {
			object = fmt.Sprintf("s%d.", e.Socket)
		}
		result := ""
		switch {
		case e.Failed():
			result = " = OSError: " + e.Errno
		case e.Text != "":
			result = " = " + e.Text
		case e.Returns:
			result = fmt.Sprintf(" = %d", e.Value)
		}
		l.print(fmt.Sprintf("%s     %s: %s%s%s", l.since(g.Time), g.Src.Addr(), object, e.Args, result))
	}
}
