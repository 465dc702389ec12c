package findings

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"tcptrace/capture"
	"tcptrace/notebook"
	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

// A look is one reading of a trace: what several findings need is worked out once.
type look struct {
	t        *sessions.Trace
	o        Options
	all      []*sessions.Session
	picos    map[netip.Addr]bool
	loops    map[netip.Addr]*loop // by the host whose program sends the beats
	networks rhythm.Networks
	refused  map[int]bool // sessions that refused data explains: their repeats are no others' business
	full     map[int]bool // sessions that a full table explains
	flooded  map[int]bool // sessions whose packets found no buffer
	end      int64        // time of the last packet
}

// newLook looks at the sessions that a trace examines.
func newLook(t *sessions.Trace, o Options) *look {
	l := &look{t: t, o: o, picos: map[netip.Addr]bool{}, refused: map[int]bool{}, full: map[int]bool{}, flooded: map[int]bool{}}
	if l.all = t.Examined; l.all == nil {
		l.all = t.Built()
	}
	for _, s := range l.all {
		l.recognise(s)
		l.end = max(l.end, s.FirstTime+int64(s.Duration))
	}
	if t.Capture.HasTimes {
		l.end = max(l.end, t.Capture.LastTime)
	}
	l.loops, l.networks = findLoops(l), rhythm.NetworksOf(l.all)
	return l
}

// recognise notes which ends of a session are Picos.
func (l *look) recognise(s *sessions.Session) {
	for side, e := range s.Endpoint {
		if e.Stack == sessions.PicoStack {
			l.picos[hostOf(s, sessions.Side(side))] = true
		}
	}
}

// sourceHas reports whether the user's program, if there is one, has a word in its code.
func (l *look) sourceHas(word string) bool {
	return slices.ContainsFunc(l.o.Source, func(line string) bool {
		code, _, _ := strings.Cut(line, "#")
		return strings.Contains(code, word)
	})
}

func (l *look) isPico(a netip.Addr) bool { return l.picos[a] }

// endOf is the end point of one side.
func endOf(s *sessions.Session, side sessions.Side) netip.AddrPort {
	if side == sessions.Server {
		return s.Server
	}
	return s.Client
}

func hostOf(s *sessions.Session, side sessions.Side) netip.Addr { return endOf(s, side).Addr() }

// name is what a sentence calls a host: the Pico, the PC that talks to one, or its address.
func (l *look) name(a netip.Addr) Text {
	if l.isPico(a) {
		return words.Of("la Pico", "the Pico")
	}
	for _, s := range l.all {
		for _, side := range sides {
			if hostOf(s, side) == a && l.isPico(hostOf(s, side.Other())) {
				return words.Of("el PC", "the PC")
			}
		}
	}
	return words.Of(a.String(), a.String())
}

// who is what a sentence calls one end of a session. Where both are on one host, their roles tell them apart.
func (l *look) who(s *sessions.Session, side sessions.Side) Text {
	switch {
	case s.Client.Addr() != s.Server.Addr():
		return l.name(hostOf(s, side))
	case side == sessions.Client:
		return words.Of("el cliente", "the client")
	}
	return words.Of("el servidor", "the server")
}

var sides = [2]sessions.Side{sessions.Client, sessions.Server}

// period is the loop period of a host's program: measured where it sends beats, else the notebook's second.
func (l *look) period(a netip.Addr) time.Duration {
	if p := l.loops[a]; p != nil && p.Period > 0 {
		return p.Period
	}
	return notebook.Period
}

// timed reports whether a session's times can be used.
func timed(s *sessions.Session) bool { return !s.Untimed && len(s.Steps) > 0 }

// find is the first step from number from on for which match holds, -1 for none.
func find(s *sessions.Session, from int, match func(*sessions.Step) bool) int {
	for i := max(from, 0); i < len(s.Steps); i++ {
		if s.Steps[i].Marks&sessions.MarkIgnored == 0 && match(&s.Steps[i]) {
			return i
		}
	}
	return -1
}

// last is the last step for which match holds, -1 for none.
func last(s *sessions.Session, match func(*sessions.Step) bool) int {
	for i := len(s.Steps) - 1; i >= 0; i-- {
		if s.Steps[i].Marks&sessions.MarkIgnored == 0 && match(&s.Steps[i]) {
			return i
		}
	}
	return -1
}

// isData reports whether a step brought new bytes of a side.
func isData(side sessions.Side) func(*sessions.Step) bool {
	return func(st *sessions.Step) bool {
		return st.From == side && st.Length > 0 && st.Marks.Has(sessions.MarkNewData)
	}
}

func hasFlag(side sessions.Side, f capture.Flags) func(*sessions.Step) bool {
	return func(st *sessions.Step) bool { return st.From == side && st.Flags&f != 0 }
}

// opened is when a session's handshake was complete, and whether it was.
func opened(s *sessions.Session) (at int64, ok bool) {
	if s.Handshake == nil || !s.Handshake.Complete {
		return 0, false
	}
	if s.Handshake.HasRTT && s.SYNs == 1 {
		return s.FirstTime + int64(s.Handshake.RTT), true
	}
	for i := range s.Steps {
		if s.Steps[i].Frame == s.Handshake.ACKFrame {
			return s.Steps[i].Time, true
		}
	}
	return s.FirstTime, true
}

// closedAt is when a session stopped being open: the second FIN, or a valid RST. ok is false for one that is open.
func closedAt(s *sessions.Session) (at int64, ok bool) {
	if s.End == sessions.EndOpen {
		return 0, false
	}
	return s.FirstTime + int64(s.Duration), true
}

// ids are the numbers of sessions.
func ids(list ...*sessions.Session) (out []int) {
	for _, s := range list {
		out = append(out, s.ID)
	}
	return out
}
