package live

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// Rows turns what happens into lines, and shows the running numbers of the status line.
type Rows struct {
	lang  string
	w     words.Live
	print func(string)

	start    int64
	started  bool
	sessions map[ends]int // their numbers

	mu      sync.Mutex // the numbers are read by the printer
	running string
}

// NewRows makes rows in a language, which are given to print.
func NewRows(lang string, print func(string)) *Rows {
	return &Rows{lang: lang, w: words.NewLive(lang), print: print, sessions: map[ends]int{}}
}

// ends are the two ends of a session.
type ends struct{ client, server netip.AddrPort }

// maxLiveSessions bounds how many sessions are announced and numbered in their rows.
const maxLiveSessions = 10_000

// since is the time of a row: seconds since the first one.
func (l *Rows) since(at int64) string {
	if !l.started {
		l.start, l.started = at, true
	}
	return fmt.Sprintf("%12.6f", time.Duration(at-l.start).Seconds())
}

// Header names the columns.
func (l *Rows) Header() {
	l.print(l.columns(fmt.Sprintf("%12s", l.w.Time()), "", l.w.Client(), l.w.Signal(), l.w.Server(), ""))
}

func (l *Rows) columns(at, id, client, signal, server, text string) string {
	return fmt.Sprintf("%s %3s %s %s %s %s", at, id, pad(client, 12), pad(signal, 20), pad(server, 12), text)
}

// Step is one segment.
func (l *Rows) Step(client, server netip.AddrPort, st *sessions.Step) {
	id := "·"
	if n := l.session(client, server, st.Time); n > 0 {
		id = fmt.Sprint(n)
	}
	text := ""
	if len(st.Text()) > 0 {
		text = `"` + document.PrintablePart(st.Text(), int(st.Length)) + `"`
	}
	l.print(l.columns(l.since(st.Time), id, st.States[sessions.Client].String(), render.Signal(st, l.lang),
		st.States[sessions.Server].String(), text))
}

// session finds a session's number, or announces a new one; 0 when there are too many.
func (l *Rows) session(client, server netip.AddrPort, at int64) int {
	key := ends{client, server}
	if id, ok := l.sessions[key]; ok || len(l.sessions) >= maxLiveSessions {
		return id
	}
	id := len(l.sessions) + 1
	l.sessions[key] = id
	l.print(fmt.Sprintf("%s %3d %s → %s", l.since(at), id, client, server))
	return id
}

// Update takes the cadence and the echo that were measured last from the report so far, and says whose they are.
func (l *Rows) Update(tr *sessions.Trace) {
	var beating, echoing *sessions.Session
	for _, s := range tr.Sessions {
		if c := s.Cadence; c != nil && c.Period.N > 0 && (beating == nil || s.LastFrame > beating.LastFrame) {
			beating = s
		}
		if e := s.Echo; e != nil && e.RTT.N > 0 && (echoing == nil || s.LastFrame > echoing.LastFrame) {
			echoing = s
		}
	}
	w := render.WordsFor(l.lang)
	cadence, echo := "–", "–"
	if beating != nil {
		cadence = l.w.Mean(w.Duration(beating.Cadence.Last), w.Duration(beating.Cadence.Period.Mean)) + fmt.Sprintf(" #%d", beating.ID)
	}
	if echoing != nil {
		echo = w.Duration(echoing.Echo.Last) + fmt.Sprintf(" #%d", echoing.ID)
	}
	l.mu.Lock()
	l.running = l.w.Running(cadence, echo)
	l.mu.Unlock()
}

// Numbers are the running cadence and the last echo, for the status line.
func (l *Rows) Numbers() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running == "" {
		return l.w.Running("–", "–")
	}
	return l.running
}

// Other is an event that explains: ARP, an ICMP error, a call that a Pico told.
func (l *Rows) Other(ev *capture.Event) {
	switch ev.Kind {
	case capture.KindARP:
		a := &ev.ARP
		said := l.w.ARPReply
		if a.Request {
			said = l.w.ARPRequest
		}
		l.print(l.since(a.Time) + "     ARP: " + said(a.SenderIP.String(), a.TargetIP.String()))
	case capture.KindICMPError:
		e := &ev.ICMPError
		l.print(l.since(e.Time) + "     ICMP: " + l.w.ICMP(e.From.String(), e.Type, e.Code, e.Src.String(), e.Dst.String()))
	case capture.KindDatagram:
		l.call(&ev.Datagram)
	}
}

// call is a call that a Pico told by a datagram.
func (l *Rows) call(g *capture.Datagram) {
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
		case e.Text() != "":
			result = " = " + e.Text()
		case e.Returns:
			result = fmt.Sprintf(" = %d", e.Value)
		}
		l.print(fmt.Sprintf("%s     %s: %s%s%s", l.since(g.Time), g.Src.Addr(), object, e.Args, result))
	}
}
