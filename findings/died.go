package findings

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

var programDied = Kind{
	Code: "program-died", Severity: Error, find: findDied,
	Meaning: words.Of("El programa se detuvo: sus envíos cesan sin FIN ni RST, y la pila TCP sigue contestando.",
		"The program has stopped: its sends cease without FIN or RST, and the TCP stack still answers."),
}

// findDied looks for programs whose beats stop without a close while their stack lives, or whose connections all end at
// once (docs/findings.md 19).
func findDied(l *look) (out []Finding) {
	for _, host := range sortedHosts(l.loops) {
		p := l.loops[host]
		if f, ok := l.silenced(host, p); ok {
			out = append(out, f)
		} else if f, ok := l.exited(host, p); ok {
			out = append(out, f)
		}
	}
	if len(out) > 0 {
		return out // the journal's end is the same story
	}
	for k := range l.t.Journals {
		if f, ok := l.uncaught(&l.t.Journals[k]); ok {
			out = append(out, f)
		}
	}
	return out
}

// uncaught looks for a journal whose last call failed: after it the program did nothing any more.
func (l *look) uncaught(j *journal.Journal) (f Finding, ok bool) {
	if strings.HasPrefix(j.Ended, "exited with 0") || strings.HasPrefix(j.Ended, "killed") {
		return f, false
	}
	i := len(j.Entries) - 1
	for i >= 0 && (j.Entries[i].Call == journal.Close || j.Entries[i].Call == journal.Other) {
		i-- // closing is what the system does at the end
	}
	if i < 0 {
		return f, false
	}
	e := &j.Entries[i]
	if !e.Failed() || e.Call != journal.Send && e.Call != journal.Accept && e.Call != journal.Recv && e.Call != journal.RecvInto ||
		e.Errno == "EINTR" || e.Errno == again && (e.Call != journal.Accept || survived(j.Entries[:i], e)) {
		return f, false
	}
	f = Finding{Numbers: []Number{count("journal_line", int64(e.Line))}, Change: lineEchoSend.change()}
	if s, side := l.sessionOf(e, e.Socket); s != nil {
		f.Sessions = ids(s)
		f.Change = recvLine(s, side).change()
		if e.Call == journal.Send {
			f.Change = sendLine(s, side).change()
		}
		if r := resetBy(s, side.Other()); r >= 0 {
			f.Frames = []int64{s.Steps[r].Frame}
		}
	}
	f.Text = sentence("El programa del diario %[3]s terminó en `%[1]s` con %[2]s: una excepción que nadie atendió. Mire el traceback.",
		"The program of the journal %[3]s ended in `%[1]s` with %[2]s: an exception that nobody caught. Look at the traceback.", e.Args, e.Errno, base(j.Name))
	f.Long = sentence("La última llamada del diario %[1]s es la línea %[2]d, y falló; después el programa no hizo nada más. Un RST del otro lado hace fallar el `send()` o `recv()` siguiente, y en el programa del cuaderno nada lo rodea de `try`. En la Pico la pila TCP sigue viva en el REPL; en un PC el sistema cierra todos los sockets.",
		"The last call of the journal %[1]s is line %[2]d, and it failed; after it the program did nothing more. A RST of the other side makes the next `send()` or `recv()` fail, and in the notebook's program no `try` surrounds it. On a Pico the TCP stack lives on in the REPL; on a PC the system closes all sockets.", base(j.Name), e.Line)
	f.Fix = sentence("Rodee la llamada con `try` / `except OSError as e`, y cierre solo ese socket.", "Put the call in `try` / `except OSError as e`, and close only that socket.")
	return f, true
}

// survived reports whether the program went on after the same failure before: then it catches it.
func survived(before []journal.Entry, e *journal.Entry) bool {
	return slices.ContainsFunc(before, func(b journal.Entry) bool {
		return b.Socket == e.Socket && b.Call == e.Call && b.Errno == e.Errno
	})
}

// silenced looks for beats that stopped on an open connection though the host's stack still sends packets.
func (l *look) silenced(host netip.Addr, p *loop) (f Finding, ok bool) {
	s := p.session
	if len(s.Cadence.Times) == 0 || len(s.Steps) == 0 || s.Untimed {
		return f, false
	}
	at := s.Cadence.Times[len(s.Cadence.Times)-1]
	wait := time.Duration(staleAnswerBeats * float64(p.Period))
	end := l.end
	if s.End != sessions.EndOpen || s.ClosedFirst != sessions.NoSide || s.ClosedTogether {
		stop := find(s, 0, func(st *sessions.Step) bool { return st.Time > at && st.Flags&(capture.FIN|capture.RST) != 0 })
		if stop < 0 {
			return f, false
		}
		end = s.Steps[stop].Time
	}
	if time.Duration(end-at) <= wait {
		return f, false
	}
	alive := l.signOfLife(p, at+int64(p.Period)+int64(rhythm.LockMax), end)
	if alive == 0 {
		return f, false
	}
	f = Finding{Sessions: ids(s), Frames: append(framesAt(s, at), alive),
		Numbers: []Number{count("beats", int64(len(s.Cadence.Times))), seconds("last_beat_s", time.Duration(at-l.t.Capture.FirstTime)), seconds("silent_s", time.Duration(end-at))}}
	who := l.name(host)
	f.Text = sentence("El programa de %[1]s se detuvo %[2]s antes del final de la captura (la pila TCP sigue contestando): mire el traceback en Thonny.",
		"The program of %[1]s stopped %[2]s before the end of the capture (the TCP stack still answers): look at the traceback in Thonny.", who, time.Duration(end-at))
	f.Long = sentence("El último envío periódico fue %[1]s antes del final, más de %.1[2]f períodos de %[3]s, sin FIN ni RST; después la pila de %[4]s todavía envió paquetes (trama %[5]d): confirma y hasta completa saludos sin el programa. En el programa del cuaderno la causa es una excepción sin atender en `send()` o `accept()`, que devuelve la Pico al REPL con sus sockets abiertos.",
		"The last periodic send was %[1]s before the end, more than %.1[2]f periods of %[3]s, without FIN or RST; after it the stack of %[4]s still sent packets (frame %[5]d): it acknowledges, and even completes handshakes, without the program. In the notebook's program the cause is an exception that nobody caught in `send()` or `accept()`, which drops the Pico into the REPL with its sockets open.",
		time.Duration(end-at), staleAnswerBeats, precise(p.Period), who, alive)
	f.Fix = sentence("Rodee `send()` y `accept()` con `try` / `except OSError as e`, imprima el error y cierre ese socket.",
		"Put `send()` and `accept()` in `try` / `except OSError as e`, print the error and close that socket.")
	f.Change = lineEchoSend.change()
	return f, true
}

// signOfLife is the first frame that the loop's host sent in (from, to], 0 if there is none.
func (l *look) signOfLife(p *loop, from, to int64) int64 {
	for _, s := range l.all {
		side := p.side(s)
		if side == sessions.NoSide || s.FirstTime+int64(s.Duration) <= from {
			continue
		}
		if i := find(s, 0, func(st *sessions.Step) bool {
			return st.From == side && st.Time > from && st.Time <= to && st.Flags&capture.RST == 0
		}); i >= 0 {
			return s.Steps[i].Frame
		}
	}
	return 0
}

// A parting is how a host ended one of its connections by itself.
type parting struct {
	s    *sessions.Session
	step int
}

// exited looks for a process's end: all of a host's connections closed by it at once, or all that were left within one
// period after a peer's RST.
func (l *look) exited(host netip.Addr, p *loop) (f Finding, ok bool) {
	closing := p.parting(p.session)
	if closing < 0 {
		return f, false
	}
	at := p.session.Steps[closing].Time
	partings := []parting{{p.session, closing}}
	resetFrame := int64(0)
	for _, s := range l.all {
		side := p.side(s)
		if s == p.session || side == sessions.NoSide {
			continue
		}
		if open, isOpen := opened(s); !isOpen || open > at {
			continue
		}
		if i := p.parting(s); i >= 0 && time.Duration(s.Steps[i].Time-at).Abs() <= diedAtOnce {
			partings = append(partings, parting{s, i})
			continue
		}
		if openAt(s, at+1) {
			return f, false // one connection lives on
		}
		if r := resetBy(s, side.Other()); r >= 0 && at >= s.Steps[r].Time && time.Duration(at-s.Steps[r].Time) <= p.Period+rhythm.LockMax {
			resetFrame = s.Steps[r].Frame
			partings = append(partings, parting{s, r})
		}
	}
	if len(partings) < 2 {
		return f, false
	}
	f.Numbers = []Number{count("connections", int64(len(partings))), seconds("at_s", time.Duration(at-l.t.Capture.FirstTime))}
	for _, q := range partings {
		f.Sessions, f.Frames = append(f.Sessions, q.s.ID), append(f.Frames, q.s.Steps[q.step].Frame)
	}
	who := l.name(host)
	f.Text = sentence("El programa de %[1]s terminó: todas sus conexiones (%[2]d) se acabaron a la vez. Mire su última salida (traceback).",
		"The program of %[1]s has ended: all its connections (%[2]d) ended at once. Look at the last thing it printed (traceback).", who, len(partings))
	cause := sentence("Un Ctrl-C se ve igual.", "A Ctrl-C looks the same.")
	if resetFrame > 0 {
		cause = sentence("Antes llegó un RST del otro lado (trama %d): el `send()` siguiente lanzó una excepción que nadie atendió.",
			"Before it a RST came from the other side (frame %d): the next `send()` raised an exception that nobody caught.", resetFrame)
	}
	f.Long = sentence("Cuando un proceso termina, el núcleo cierra todos sus sockets en el mismo instante: FIN, o RST si quedaban bytes sin leer. %s",
		"When a process ends, the kernel closes all its sockets in the same instant: FIN, or RST where bytes were unread. %s", cause)
	f.Fix = sentence("Atienda las excepciones de cada socket por separado, para que la falla de un cliente no acabe con los demás.",
		"Handle the exceptions of each socket on its own, so that one client's failure does not end the others.")
	f.Change = lineEchoSend.change()
	return f, true
}

// parting is the step with which the loop's program closed a session before its peer did, -1 if it did not.
func (p *loop) parting(s *sessions.Session) int {
	i := find(s, 0, func(st *sessions.Step) bool { return st.Flags&(capture.FIN|capture.RST) != 0 })
	if i < 0 || s.Steps[i].From != p.side(s) {
		return -1
	}
	return i
}

var halfOpen = Kind{
	Code: "half-open", Severity: Warning, find: findHalfOpen,
	Meaning: words.Of("Un lado repite y el otro ya no está: la conexión quedó abierta a medias.", "One side repeats and the other is gone: the connection is half-open."),
}

// findHalfOpen looks for data repeated to a peer that never sends anything again (RFC 9293 section 3.5.1).
func findHalfOpen(l *look) (out []Finding) {
	for _, s := range l.all {
		if s.End != sessions.EndOpen || !timed(s) || s.Packets[0] == 0 || s.Packets[1] == 0 {
			continue
		}
		for _, side := range sides {
			heard := last(s, func(st *sessions.Step) bool { return st.From == side.Other() })
			repeats, frames := 0, []int64(nil)
			for i := heard + 1; heard >= 0 && i < len(s.Steps); i++ {
				if st := &s.Steps[i]; st.From == side && st.Marks.Has(sessions.MarkRetransmission) {
					repeats++
					frames = append(frames, st.Frame)
				}
			}
			if repeats < halfOpenRepeats {
				continue
			}
			silent := time.Duration(s.Steps[len(s.Steps)-1].Time - s.Steps[heard].Time)
			if silent < halfOpenSilence {
				continue
			}
			gone := l.who(s, side.Other())
			f := Finding{Sessions: ids(s), Frames: append(frames, s.Steps[heard].Frame), Numbers: []Number{count("repeats", int64(repeats)), seconds("silent_s", silent)}}
			f.Text = sentence("%[1]s ya no está (sin energía, sin Wi-Fi o reiniciada) y el otro lado no lo sabe: lleva %[2]s repitiendo.",
				"%[1]s is gone (no power, no Wi-Fi, or restarted) and the other side does not know: it has been repeating for %[2]s.", capital(gone), silent)
			f.Long = sentence("El último paquete de %[1]s es la trama %[2]d; después hubo %[3]d repeticiones sin ninguna respuesta. Un equipo que se apaga no envía FIN ni RST (RFC 9293, 3.5.1): quien sigue vivo queda en ESTABLISHED hasta agotar sus repeticiones (unos 15 minutos en Linux), o para siempre si no tiene nada que enviar ni keep-alive.",
				"The last packet of %[1]s is frame %[2]d; %[3]d repeats followed without any answer. A machine that is switched off sends no FIN and no RST (RFC 9293, 3.5.1): who lives on stays ESTABLISHED until its repeats are used up (some 15 minutes on Linux), or for ever if it has nothing to send and no keep-alive.", gone, s.Steps[heard].Frame, repeats)
			f.Fix = sentence("Active `SO_KEEPALIVE`, o ponga un plazo (`settimeout`) y cierre si el otro calla.", "Set `SO_KEEPALIVE`, or a deadline (`settimeout`), and close when the other side is silent.")
			out = append(out, f)
		}
	}
	return out
}
