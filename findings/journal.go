package findings

import (
	"slices"
	"strings"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/words"
)

const (
	again = "EAGAIN"
)

var addrInUse = Kind{
	Code: "addr-in-use", Severity: Error, find: findAddrInUse,
	Meaning: words.Of("bind() dio EADDRINUSE: el puerto está en TIME-WAIT porque el servidor cerró primero, o en uso.",
		"bind() gave EADDRINUSE: the port is in TIME-WAIT because the server closed first, or in use."),
}

// findAddrInUse looks for failed bind() calls in the journals and for the close that holds the port (docs/findings.md 21).
func findAddrInUse(l *look) (out []Finding) {
	for k := range l.t.Journals {
		j := &l.t.Journals[k]
		reuse := map[int]bool{}
		for i := range j.Entries {
			e := &j.Entries[i]
			if e.Call == journal.SetSockOpt && strings.Contains(e.Args, "REUSEADDR") {
				reuse[e.Socket] = true
			}
			if e.Call == journal.Bind && e.Errno == "EADDRINUSE" {
				out = append(out, l.addrFinding(j, e, reuse[e.Socket]))
			}
		}
	}
	return out
}

func (l *look) addrFinding(j *journal.Journal, e *journal.Entry, reuse bool) Finding {
	f := Finding{Change: lineServerBind.change(), Numbers: []Number{count("journal_line", int64(e.Line)), count("port", int64(e.Addr().Port()))}}
	f.Text = sentence("`bind()` en el puerto %[1]d dio EADDRINUSE.", "`bind()` on port %[1]d gave EADDRINUSE.", e.Addr().Port())
	if s, at := l.holder(e); s != nil {
		waited := time.Duration(e.Start - at)
		f.Sessions = ids(s)
		if i := find(s, 0, hasFlag(sessions.Server, capture.FIN)); i >= 0 {
			f.Frames = []int64{s.Steps[i].Frame}
		}
		f.Numbers = append(f.Numbers, seconds("after_close_s", waited), seconds("left_s", timeWaitLinux-waited))
		f.Text = sentence("El puerto %[1]d está en TIME-WAIT por 60 s porque el servidor cerró primero: `bind()` falló %[2]s después.",
			"Port %[1]d is in TIME-WAIT for 60 s because the server closed first: `bind()` failed %[2]s later.", e.Addr().Port(), waited)
	}
	if reuse {
		f.Text = joined(f.Text, sentence(" (Este servidor sí puso SO_REUSEADDR; faltaba en el anterior.)", " (This server did set SO_REUSEADDR; the one before had not.)"))
		f.Numbers = append(f.Numbers, count("reuseaddr", 1))
	}
	f.Long = sentence("La línea %[1]d de %[2]s muestra el error. Quien envía el primer FIN guarda la conexión 60 s (Linux) y con ella el puerto. SO_REUSEADDR permite el `bind()` solo si también lo tenía el socket muerto, así que ayuda desde la segunda corrida en adelante. También lo causa otro programa que siga escuchando en ese puerto.",
		"Line %[1]d of %[2]s shows the error. Who sends the first FIN keeps the connection for 60 s (Linux), and the port with it. SO_REUSEADDR allows the `bind()` only if the dead socket had it too, so it helps from the second run on. Another program that still listens on the port causes it as well.", e.Line, base(j.Name))
	f.Fix = sentence("Ponga `s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)` antes de `bind()` en todas las corridas, o deje que el cliente cierre primero.",
		"Put `s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)` before `bind()` in every run, or let the client close first.")
	return f
}

// holder is the session of a port that its server closed first, less than TIME-WAIT before a bind(), and when it was
// closed. A device's clock cannot tell.
func (l *look) holder(e *journal.Entry) (*sessions.Session, int64) {
	for _, s := range slices.Backward(l.all) {
		if s.Server.Port() != e.Addr().Port() || s.ClosedFirst != sessions.Server && !s.ClosedTogether || s.Untimed || e.Device || s.End == sessions.EndRefused {
			continue
		}
		at := s.FirstTime + int64(s.Duration)
		if i := find(s, 0, hasFlag(sessions.Server, capture.FIN)); i >= 0 {
			at = s.Steps[i].Time
		}
		if wait := time.Duration(e.Start - at); wait > 0 && wait < timeWaitLinux {
			return s, at
		}
	}
	return nil, 0
}

var sendErrorHidden = Kind{
	Code: "send-error-hidden", Severity: Warning, find: findHidden,
	Meaning: words.Of("send() falló y el programa siguió como si nada: calló el error.",
		"send() failed and the program went on as if nothing had happened: it hid the error."),
}

// A failing is the hidden failures of one socket.
type failing struct {
	socket, lost int
	errors       map[string]int
	first        *journal.Entry
}

// findHidden looks in the journals for failed send() calls after which the program did nothing about it (docs/findings.md 23).
func findHidden(l *look) (out []Finding) {
	for k := range l.t.Journals {
		j := &l.t.Journals[k]
		for _, x := range hiddenSends(j) {
			out = append(out, l.hiddenFinding(j, x))
		}
	}
	return out
}

func hiddenSends(j *journal.Journal) (out []*failing) {
	bySocket := map[int]*failing{}
	for i := range j.Entries {
		e := &j.Entries[i]
		if e.Call != journal.Send || !e.Failed() || !hidden(j.Entries[i+1:], e) {
			continue
		}
		x := bySocket[e.Socket]
		if x == nil {
			x = &failing{socket: e.Socket, errors: map[string]int{}, first: e}
			bySocket[e.Socket] = x
			out = append(out, x)
		}
		x.lost++
		x.errors[e.Errno]++
	}
	return out
}

// hidden reports whether the program went on after a failed send() without waiting for POLLOUT, closing the socket or
// connecting it again: the next thing it does about the socket is another send(), or nothing while it goes on.
func hidden(rest []journal.Entry, failed *journal.Entry) bool {
	going := 0
	for i := range rest {
		e := &rest[i]
		if e.Process != failed.Process {
			continue
		}
		for _, r := range append(slices.Clone(e.Polled()), e.Ready()...) {
			if r.Socket == failed.Socket && r.Events&journal.PollOut != 0 {
				return false
			}
		}
		if e.Socket == failed.Socket {
			switch e.Call {
			case journal.Close, journal.Shutdown, journal.Connect:
				return false
			case journal.Send:
				return true
			}
		}
		if e.Call == journal.Poll || e.Call == journal.Select || e.Call == journal.Sleep {
			if strings.Contains(e.Args, "POLLOUT") {
				return false
			}
			going++
		}
	}
	return going > 1
}

func (l *look) hiddenFinding(j *journal.Journal, x *failing) Finding {
	var names []string
	for name := range x.errors {
		names = append(names, name)
	}
	slices.Sort(names)
	f := Finding{Numbers: []Number{count("failed_sends", int64(x.lost)), count("journal_line", int64(x.first.Line))}, Change: lineCliSend.change()}
	s, side := l.sessionOf(x.first, x.socket)
	if s != nil {
		f.Sessions = ids(s)
		if r := resetBy(s, side.Other()); r >= 0 {
			f.Frames = []int64{s.Steps[r].Frame}
		}
	}
	f.Text = sentence("`send()` falló (%[2]s; veces: %[1]d) y el programa siguió como si nada: calló el error, como hace un `except: pass`.",
		"`send()` failed (%[2]s; times: %[1]d) and the program went on as if nothing had happened: it hid the error, as an `except: pass` does.", x.lost, strings.Join(names, ", "))
	why := sentence("EPIPE y ECONNRESET dicen que la conexión ya no existe: nada de lo que se escriba después sale.", "EPIPE and ECONNRESET say that the connection no longer exists: nothing written after that leaves.")
	if x.errors[again] > 0 {
		why = sentence("EAGAIN en un socket que todavía conecta, o con el búfer lleno, quiere decir que los bytes no se tomaron: ese mensaje se perdió.", "EAGAIN on a socket that is still connecting, or whose buffer is full, means that the bytes were not taken: that message is lost.")
	}
	f.Long = sentence("El diario %[1]s lo muestra desde la línea %[2]d: después del error el programa no cerró el socket ni esperó POLLOUT. %[3]s Los paquetes no lo pueden mostrar, porque de un envío que falla no sale ninguno.",
		"The journal %[1]s shows it from line %[2]d on: after the error the program neither closed the socket nor waited for POLLOUT. %[3]s Packets cannot show it, because a send that fails makes none.", base(j.Name), x.first.Line, why)
	f.Fix = sentence("Atienda el error: `except OSError as e:`; con EAGAIN (11) guarde los bytes y espere POLLOUT, con cualquier otro cierre y vuelva a conectar.",
		"Handle the error: `except OSError as e:`; on EAGAIN (11) keep the bytes and wait for POLLOUT, on any other close and connect again.")
	return f
}

var partialSend = Kind{
	Code: "partial-send", Severity: Warning, find: findPartial,
	Meaning: words.Of("send() tomó solo una parte de los bytes, o ninguno (EAGAIN): el resto hay que enviarlo otra vez.",
		"send() took only a part of the bytes, or none (EAGAIN): the rest must be sent again."),
}

// A taking is what a socket's send() calls took.
type taking struct {
	socket, sends, partial, again int
	bytes                         int64
	resent                        bool // after each part the program sent the rest
	first                         *journal.Entry
}

// findPartial looks in the journals for send() calls that took less than they were given (docs/findings.md 24).
func findPartial(l *look) (out []Finding) {
	for k := range l.t.Journals {
		j := &l.t.Journals[k]
		for _, x := range takings(j) {
			if x.partial == 0 {
				continue
			}
			f := Finding{Numbers: []Number{count("sends", int64(x.sends)), count("partial", int64(x.partial)), count("eagain", int64(x.again)), count("bytes", x.bytes), count("journal_line", int64(x.first.Line))}, Change: lineEchoSend.change()}
			if s, side := l.sessionOf(x.first, x.socket); s != nil {
				f.Sessions = ids(s)
				f.Frames = framesOf(s, func(st *sessions.Step) bool { return st.From == side.Other() && st.Marks.Has(sessions.MarkZeroWindow) })
			}
			f.Text = sentence("`send()` no tomó todos los bytes (llamadas: %[1]d de %[2]d, y EAGAIN: %[3]d): el búfer de envío estaba lleno.",
				"`send()` did not take all bytes (calls: %[1]d of %[2]d, and EAGAIN: %[3]d): the send buffer was full.", x.partial, x.sends, x.again)
			f.Long = sentence("Un `send()` sin bloqueo toma lo que quepa en el búfer de envío y devuelve cuánto (la primera vez, %[1]d de %[2]d bytes; línea %[3]d de %[4]s). Con el búfer lleno da EAGAIN. En la Pico caben 6400 bytes sin confirmar.",
				"A non-blocking `send()` takes what fits in the send buffer and returns how much (the first time %[1]d of %[2]d bytes; line %[3]d of %[4]s). With the buffer full it gives EAGAIN. On the Pico 6400 unacknowledged bytes fit.", x.first.Value, x.first.Asked, x.first.Line, base(j.Name))
			if x.resent {
				f.Severity = Info
				f.Text = joined(f.Text, sentence(" El programa lo trató bien: envió el resto después.", " The program handled it well: it sent the rest later."))
				f.Change = nil
			} else {
				f.Fix = sentence("Guarde lo que no se tomó (`resto = datos[n:]`) y envíelo cuando `poll()` dé POLLOUT; o use `sendall()` con bloqueo.",
					"Keep what was not taken (`rest = data[n:]`) and send it when `poll()` gives POLLOUT; or use `sendall()` and block.")
			}
			out = append(out, f)
		}
	}
	return out
}

// takings adds up the send() calls of every socket of a journal.
func takings(j *journal.Journal) (out []*taking) {
	bySocket := map[int]*taking{}
	rest := map[int]int64{}
	for i := range j.Entries {
		e := &j.Entries[i]
		if e.Call != journal.Send || !e.Returns {
			continue
		}
		x := bySocket[e.Socket]
		if x == nil {
			x = &taking{socket: e.Socket, resent: true}
			bySocket[e.Socket] = x
			out = append(out, x)
		}
		if left := rest[e.Socket]; left > 0 && e.Asked != left {
			x.resent = false // something else was sent after a part
		}
		switch {
		case e.Errno == again:
			x.again++
			continue
		case e.Failed():
			continue
		}
		x.sends++
		x.bytes += e.Value
		rest[e.Socket] = 0
		if e.Asked > e.Value {
			if x.partial == 0 {
				x.first = e
			}
			x.partial++
			rest[e.Socket] = e.Asked - e.Value
		}
	}
	for n, left := range rest {
		if left > 0 {
			bySocket[n].resent = false
		}
	}
	return out
}

// sessionOf finds the session, and the side of it, that a journal's call belongs to; nil for none.
func (l *look) sessionOf(e *journal.Entry, socket int) (*sessions.Session, sessions.Side) {
	for _, s := range l.all {
		for _, side := range sides {
			for i := range s.Calls[side] {
				if c := &s.Calls[side][i]; c.Line == e.Line && c.Start == e.Start && c.Socket == socket {
					return s, side
				}
			}
		}
	}
	return nil, sessions.NoSide
}

// base is a journal's name without its folder.
func base(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }
