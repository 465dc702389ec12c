package live

import (
	"fmt"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/words"
)

// Rows turns what happens into lines, and shows the running numbers of the status line.
type Rows struct {
	lang string
	w    words.Live
	sc   *screen.Screen
	to   Printer

	sessions map[ends]int // their numbers
	states   map[sessions.State]string
	signals  map[ladder.Signal]string
	line     []byte

	mu      sync.Mutex // holds what follows: the printer reads it, and calls come beside the packets
	start   int64
	started bool
	running string
}

// A Printer prints rows. Rows are shed before they are made when it cannot keep up: a packet is never waited for by one.
type Printer interface {
	// Row prints a line.
	Row(text string)
	// Skip reports whether a row would not be printed now, and counts it if so.
	Skip() bool
}

// NewRows makes rows in a language; in colour where the screen has it.
func NewRows(lang string, sc *screen.Screen, to Printer) *Rows {
	return &Rows{lang: lang, w: words.NewLive(lang), sc: sc, to: to, sessions: map[ends]int{}, states: map[sessions.State]string{},
		signals: map[ladder.Signal]string{}}
}

func (l *Rows) print(text string) { l.to.Row(text) }

// ends are the two ends of a session.
type ends struct{ client, server netip.AddrPort }

// maxLiveSessions bounds how many sessions are announced and numbered in their rows.
const maxLiveSessions = 10_000

// since is the time of a row: seconds since the first one.
func (l *Rows) since(at int64) string { return string(l.appendSince(nil, at)) }

// appendSince appends it in twelve columns, with microseconds.
func (l *Rows) appendSince(dst []byte, at int64) []byte {
	l.mu.Lock()
	if !l.started {
		l.start, l.started = at, true
	}
	d := at - l.start
	l.mu.Unlock()
	if d < 0 {
		return fmt.Appendf(dst, "%12.6f", time.Duration(d).Seconds())
	}
	d += 500 // rounded to microseconds
	var digits [24]byte
	whole := strconv.AppendInt(digits[:0], d/1e9, 10)
	for range 5 - len(whole) {
		dst = append(dst, ' ')
	}
	dst = append(append(dst, whole...), '.')
	for unit := int64(1e8); unit >= 1e3; unit /= 10 {
		dst = append(dst, byte('0'+d/unit%10))
	}
	return dst
}

// Header names the columns.
func (l *Rows) Header() {
	l.print(l.columns(fmt.Sprintf("%12s", l.w.Time()), "", l.w.Client(), l.w.Signal(), l.w.Server(), ""))
}

func (l *Rows) columns(at, id, client, signal, server, text string) string {
	return fmt.Sprintf("%s %3s %s %s %s %s", at, id, screen.Pad(client, 12), screen.Pad(signal, 20), screen.Pad(server, 12), text)
}

// Step is one segment.
func (l *Rows) Step(client, server netip.AddrPort, st *sessions.Step) {
	n := l.session(client, server, st.Time)
	if l.to.Skip() {
		return
	}
	b := append(l.appendSince(l.line[:0], st.Time), ' ')
	switch {
	case n == 0:
		b = append(b, "  ·"...)
	case n < 1000:
		b = append(b, "   "[len(strconv.Itoa(n)):]...)
		b = strconv.AppendInt(b, int64(n), 10)
	default:
		b = strconv.AppendInt(b, int64(n), 10)
	}
	b = append(append(b, ' '), l.state(st.States[sessions.Client])...)
	b = append(append(b, ' '), l.signal(st)...)
	b = append(append(b, ' '), l.state(st.States[sessions.Server])...)
	b = append(b, ' ')
	if text := st.Text(); len(text) > 0 {
		b = append(append(append(b, '"'), document.PrintablePart(text, int(st.Length))...), '"')
	}
	l.line = b
	l.print(string(b))
}

// state is a state as its column has it. There are few, and very many rows.
func (l *Rows) state(s sessions.State) string {
	text, ok := l.states[s]
	if !ok {
		text = screen.Pad(render.StateOn(l.sc, s), 12)
		l.states[s] = text
	}
	return text
}

// maxSignals bounds how many segments are remembered as their column has them.
const maxSignals = 4096

// signal is a segment as its column has it.
func (l *Rows) signal(st *sessions.Step) string {
	g := ladder.SignalOf(st, sessions.Client)
	text, ok := l.signals[g]
	if !ok {
		text = screen.Pad(render.SignalOn(l.sc, st, l.lang), 20)
		if len(l.signals) < maxSignals {
			l.signals[g] = text
		}
	}
	return text
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
	entries := d.Journal().Entries
	for i := range entries {
		l.Call(g.Time, g.Src.Addr().String(), &entries[i])
	}
}

// Call is a call of a program, which a journal tells.
func (l *Rows) Call(at int64, who string, e *journal.Entry) {
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
	l.print(l.since(at) + "     " + l.sc.Paint(screen.Code, fmt.Sprintf("%s: %s%s%s", document.PrintableString(who, 60), object, e.Args, result)))
}

// A Follower prints the calls of journals that grow, each once it has returned.
type Follower struct {
	rows    *Rows
	printed map[string]int // by journal: how many of its calls have been looked at
}

// NewFollower makes one that prints with rows.
func NewFollower(rows *Rows) *Follower { return &Follower{rows, map[string]int{}} }

// Follow prints what is new in journals as far as they are written.
func (f *Follower) Follow(sources []ladder.Source) {
	for i := range sources {
		j := &sources[i].Journal
		for k := f.printed[j.Name]; k < len(j.Entries) && j.Entries[k].HasEnd; k++ {
			f.printed[j.Name] = k + 1
			switch e := &j.Entries[k]; e.Call {
			case journal.Other, journal.SetSockOpt, journal.Sleep:
			default:
				f.rows.Call(e.Start, j.Name, e)
			}
		}
	}
}
