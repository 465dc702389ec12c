package findings

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/notebook"
	"tcptrace/sessions"
	"tcptrace/words"
)

// A reset is a connection's end by RST without a FIN before it.
type reset struct {
	by     sessions.Side
	step   int
	unread int64 // bytes that the side received after its own last data, all acknowledged
	first  int64 // frame of the first of them
}

// resetOf finds the RST that ended an open connection, nil when it ended otherwise.
func resetOf(s *sessions.Session) *reset {
	if s.End != sessions.EndRST || len(s.Steps) == 0 || s.Handshake != nil && !s.Handshake.Complete {
		return nil
	}
	i := find(s, 0, func(st *sessions.Step) bool { return st.Flags&capture.RST != 0 })
	if i < 0 || find(s, 0, func(st *sessions.Step) bool { return st.Flags&capture.FIN != 0 }) >= 0 {
		return nil
	}
	r := &reset{by: s.Steps[i].From, step: i}
	own := -1
	for k := range s.Steps[:i] {
		if isData(r.by)(&s.Steps[k]) {
			own = k
		}
	}
	acked := int64(-1)
	for k := range s.Steps[:i] {
		if s.Steps[k].From == r.by {
			acked = max(acked, s.Steps[k].Ack)
		}
	}
	for k := own + 1; k < i; k++ {
		st := &s.Steps[k]
		if isData(r.by.Other())(st) && (acked >= st.Offset+int64(st.Length) || acked < 0) {
			r.unread += int64(st.Length)
			if r.first == 0 {
				r.first = st.Frame
			}
		}
	}
	return r
}

// killed reports whether the RST came from an echo server that had stopped answering: its process ended with requests
// unread.
func (r *reset) killed(s *sessions.Session) bool {
	return r.by == sessions.Server && s.Echo != nil && s.Echo.UnansweredBytes > 0
}

// unreadByCalls is how many of the bytes that the side had acknowledged its program never read; known is false without a
// journal of that side from the connection's beginning on.
func (r *reset) unreadByCalls(s *sessions.Session) (left int64, known bool) {
	if !s.Journaled[r.by] || s.RoleFrom != sessions.RoleFromSYN || s.StepsLeftOut > 0 {
		return 0, false
	}
	for i := range s.Steps[:r.step] {
		if st := &s.Steps[i]; st.From == r.by && st.Marks&sessions.MarkIgnored == 0 {
			left = max(left, st.Ack)
		}
	}
	read := false
	for i := range s.Calls[r.by] {
		if c := &s.Calls[r.by][i]; c.Own && (c.Call == journal.Recv || c.Call == journal.RecvInto) {
			read = true
			left -= max(c.Value, 0)
		}
	}
	return max(left, 0), read
}

var lingerReset = Kind{
	Code: "linger-reset", Severity: Note, find: findLinger,
	Meaning: words.Of("Un lado cerró con RST aunque había leído todo: SO_LINGER con plazo 0.", "A side closed with RST though it had read everything: SO_LINGER with a timeout of 0."),
}

// findLinger looks for RSTs at a close() by a program whose calls read every byte: only SO_LINGER 0 is left as a reason
// (RFC 9293 section 3.9.1, ABORT).
func findLinger(l *look) (out []Finding) {
	for _, s := range l.all {
		r := resetOf(s)
		if r == nil || r.killed(s) || !closes(s, r) {
			continue
		}
		if left, known := r.unreadByCalls(s); !known || left > 0 {
			continue
		}
		f := Finding{Sessions: ids(s), Frames: []int64{s.Steps[r.step].Frame}}
		f.Text = sentence("%[1]s cerró con RST en vez de FIN, y no por bytes sin leer: había leído todos. Así cierra SO_LINGER con plazo 0.",
			"%[1]s closed with RST instead of FIN, and not for unread bytes: it had read them all. SO_LINGER with a timeout of 0 closes so.", capital(l.who(s, r.by)))
		f.Long = sentence("Las llamadas muestran que el programa leyó todos los bytes que su TCP había confirmado antes de `close()`. Con SO_LINGER activo y plazo 0, `close()` aborta la conexión (RFC 9293, 3.9.1, ABORT): descarta lo que falte por enviar y manda RST, sin TIME-WAIT.",
			"The calls show that the program had read every byte that its TCP had acknowledged before `close()`. With SO_LINGER on and a timeout of 0, `close()` aborts the connection (RFC 9293, 3.9.1, ABORT): it drops what is left to send and sends RST, without TIME-WAIT.")
		f.Fix = sentence("Si no busca eso, quite SO_LINGER: el otro lado recibe ECONNRESET.", "Unless that is wanted, remove SO_LINGER: the other side gets ECONNRESET.")
		out = append(out, f)
	}
	return out
}

// closes reports whether a close() of the program sent the RST.
func closes(s *sessions.Session, r *reset) bool {
	for i := range s.Calls[r.by] {
		if c := &s.Calls[r.by][i]; c.Call == journal.Close && c.Own && c.Step == r.step {
			return true
		}
	}
	return false
}

var unreadAtClose = Kind{
	Code: "unread-at-close", Severity: Note, find: findUnread,
	Meaning: words.Of("Un lado cerró con bytes sin leer: TCP envía RST en vez de FIN.", "A side closed with unread bytes: TCP sends RST instead of FIN."),
}

// findUnread looks for RSTs by a side that had received data after its own last data (docs/findings.md 8).
func findUnread(l *look) (out []Finding) {
	for _, s := range l.all {
		r := resetOf(s)
		if r == nil || r.unread == 0 || r.killed(s) {
			continue
		}
		if left, known := r.unreadByCalls(s); known {
			if r.unread = left; left == 0 {
				continue // all was read: linger-reset
			}
		}
		who := l.who(s, r.by)
		f := Finding{Sessions: ids(s), Frames: []int64{r.first, s.Steps[r.step].Frame}, Numbers: []Number{count("unread_bytes", r.unread)}}
		f.Text = sentence("%[1]s cerró con bytes sin leer (hasta %[2]d), por eso TCP envió RST en vez de FIN.",
			"%[1]s closed with bytes it had never read (up to %[2]d), so TCP sent RST instead of FIN.", capital(who), r.unread)
		if _, known := r.unreadByCalls(s); known {
			f.Text = sentence("%[1]s cerró con %[2]d bytes sin leer, por eso TCP envió RST en vez de FIN.",
				"%[1]s closed with %[2]d bytes it had never read, so TCP sent RST instead of FIN.", capital(who), r.unread)
		}
		if s.Echo == nil && !s.Journaled[r.by] { // nothing tells how much its program had read
			f.Text = sentence("%[1]s terminó con RST en vez de FIN: lo más probable es que cerrara con bytes sin leer (recibió %[2]d después de su último envío).",
				"%[1]s ended with RST instead of FIN: most likely it closed with bytes unread (it had received %[2]d after its own last send).", capital(who), r.unread)
		}
		f.Long = sentence("Cuando `close()` (o el final del proceso) encuentra bytes recibidos y no leídos, la pila avisa con RST que se perdieron (RFC 9293, 3.6.1; RFC 2525, 2.17; Linux y lwIP por igual). El otro lado recibe ECONNRESET aunque no hizo nada mal. Los %[1]d bytes llegaron después del último envío de %[2]s y estaban confirmados por TCP: confirmar no es leer. Con los mismos paquetes se vería un SO_LINGER de cero.",
			"When `close()` (or the end of the process) finds bytes that were received and not read, the stack says with RST that they are lost (RFC 9293, 3.6.1; RFC 2525, 2.17; Linux and lwIP alike). The other side gets ECONNRESET though it did nothing wrong. The %[1]d bytes came after the last send of %[2]s and TCP had acknowledged them: acknowledging is not reading. A SO_LINGER of zero would show the same packets.", r.unread, who)
		f.Fix = sentence("Antes de cerrar, avise con `shutdown(SHUT_WR)` y lea hasta que `recv()` dé `b''`.",
			"Before closing, say so with `shutdown(SHUT_WR)` and read until `recv()` gives `b''`.")
		if l.isPico(hostOf(s, r.by)) { // its sockets have no shutdown()
			f.Fix = sentence("Antes de cerrar, lea hasta que `recv()` dé EAGAIN, o deje que el otro lado cierre primero y lea hasta `b''`.",
				"Before closing, read until `recv()` gives EAGAIN, or let the other side close first and read until `b''`.")
		}
		f.Change = recvLine(s, r.by).change()
		out = append(out, f)
	}
	return out
}

// recvLine is the recv() of the program that has one end of a session.
func recvLine(s *sessions.Session, side sessions.Side) mark {
	greeting := s.Server.Port() == notebook.GreetingPort
	switch {
	case side == sessions.Client && greeting:
		return lineCliRecv
	case side == sessions.Client:
		return lineClientRecv
	case greeting:
		return lineServerRecv
	}
	return linePicoRecv
}

// sendLine is the send() of the program that has one end of a session.
func sendLine(s *sessions.Session, side sessions.Side) mark {
	greeting := s.Server.Port() == notebook.GreetingPort
	switch {
	case side == sessions.Client && greeting:
		return lineCliSend
	case side == sessions.Client:
		return lineClientSend
	case greeting:
		return lineServerSend
	}
	return lineEchoSend
}

var abort = Kind{
	Code: "abort", Severity: Warning, find: findAbort,
	Meaning: words.Of("RST sin FIN: el proceso fue terminado a la fuerza con la conexión abierta.", "RST without FIN: the process was killed with the connection open."),
}

// findAbort looks for RSTs that end a connection without a FIN for another reason than late reading (docs/findings.md 18).
func findAbort(l *look) (out []Finding) {
	for _, s := range l.all {
		r := resetOf(s)
		// A RST before any data is no process's end: queue-full-reset, or a client that was only looking.
		if r == nil || r.unread > 0 && !r.killed(s) || s.Bytes[0]+s.Bytes[1] == 0 {
			continue
		}
		if left, known := r.unreadByCalls(s); known && left == 0 && closes(s, r) {
			continue // linger-reset
		}
		who := l.who(s, r.by)
		f := Finding{Sessions: ids(s), Frames: []int64{r.first, s.Steps[r.step].Frame}, Numbers: []Number{count("unread_bytes", r.unread)}}
		if r.unread > 0 {
			f.Text = sentence("El programa de %[1]s terminó de golpe con %[2]d bytes sin leer, por eso TCP envió RST en vez de FIN.",
				"The program of %[1]s was killed with %[2]d bytes it had never read, so TCP sent RST instead of FIN.", who, r.unread)
		} else {
			f.Text = sentence("%[1]s cortó la conexión con RST, sin FIN: el proceso terminó de golpe o cerró con SO_LINGER 0.",
				"%[1]s broke the connection off with RST, without FIN: the process was killed or closed with SO_LINGER 0.", capital(who))
			f.Severity = Note
		}
		f.Long = sentence("Al morir un proceso el núcleo cierra sus sockets: con el búfer vacío sale FIN, con bytes sin leer sale RST (RFC 9293, 3.6.1). Aquí las peticiones quedaron sin respuesta antes del RST (trama %[1]d): el proceso ya no leía. El otro lado recibe ECONNRESET en su siguiente llamada.",
			"When a process dies the kernel closes its sockets: with an empty buffer FIN leaves, with unread bytes RST (RFC 9293, 3.6.1). Here requests stayed unanswered before the RST (frame %[1]d): the process had stopped reading. The other side gets ECONNRESET in its next call.", s.Steps[r.step].Frame)
		if r.unread == 0 {
			f.Long = sentence("Un RST sin FIN antes (trama %[1]d) descarta lo que esté en camino. Lo envían un proceso que muere con bytes sin leer, `SO_LINGER` de cero, o un equipo intermedio que corta.",
				"A RST without a FIN before it (frame %[1]d) throws away what is on its way. It is sent by a process that dies with unread bytes, by a `SO_LINGER` of zero, or by a box on the way that cuts.", s.Steps[r.step].Frame)
		}
		f.Fix = sentence("Termine el programa con orden (Ctrl-C atendido, `close()`), y en el otro lado trate ECONNRESET como un fin más.",
			"End the program in order (handle Ctrl-C, `close()`), and on the other side treat ECONNRESET as one more way to end.")
		out = append(out, f)
	}
	return out
}

var peerClosedIgnored = Kind{
	Code: "peer-closed-ignored", Severity: Warning, find: findPeerClosed,
	Meaning: words.Of("El otro lado ya había cerrado (recv dio b''); el programa siguió escribiendo hasta recibir RST.",
		"The other side had closed (recv gave b''); the program kept writing until it got RST."),
}

// findPeerClosed looks for data after the peer's FIN that were answered with RST (docs/findings.md 17).
func findPeerClosed(l *look) (out []Finding) {
	for _, s := range l.all {
		for _, x := range sides {
			fin := find(s, 0, func(st *sessions.Step) bool { return st.From == x.Other() && st.Marks.Has(sessions.MarkNewFIN) })
			if fin < 0 {
				continue
			}
			data := find(s, fin+1, isData(x))
			rst := -1
			if data >= 0 {
				rst = find(s, data+1, hasFlag(x.Other(), capture.RST))
			}
			own := find(s, 0, hasFlag(x, capture.FIN))
			// What was on its way when the FIN came, or was being computed, is nobody's fault.
			if rst < 0 || own >= 0 && own < rst || time.Duration(s.Steps[data].Time-s.Steps[fin].Time) < handshakeOf(s)+minIgnored {
				continue
			}
			out = append(out, peerClosedFinding(l, s, x, fin, data, rst))
		}
	}
	return out
}

func handshakeOf(s *sessions.Session) time.Duration {
	if s.Handshake == nil {
		return 0
	}
	return s.Handshake.RTT
}

func peerClosedFinding(l *look, s *sessions.Session, x sessions.Side, fin, data, rst int) Finding {
	wait := time.Duration(s.Steps[data].Time - s.Steps[fin].Time)
	who, peer := l.who(s, x), l.who(s, x.Other())
	f := Finding{Sessions: ids(s), Frames: []int64{s.Steps[fin].Frame, s.Steps[data].Frame, s.Steps[rst].Frame},
		Numbers: []Number{seconds("written_after_s", wait), count("bytes", int64(s.Steps[data].Length))}, Change: recvLine(s, x).change()}
	f.Text = sentence("%[1]s ya había cerrado; el programa de %[2]s no lo miró (`recv` devolvió `b''`) y siguió escribiendo hasta recibir RST.",
		"%[1]s had closed; the program of %[2]s did not look (`recv` returned `b''`) and kept writing until it got RST.", capital(peer), who)
	f.Long = sentence("El FIN (trama %[1]d) deja a %[2]s en CLOSE-WAIT: `poll()` da POLLIN y cada `recv()` da `b''`. %[3]s después el programa envió %[4]d bytes (trama %[5]d) a un socket que ya no existe, y la respuesta fue RST (RFC 9293, 3.10.7.1). Desde ahí `send()` falla (EPIPE, o 104 en la Pico); si el programa lo calla con un `except: pass`, no vuelve a salir nada, aunque siga vivo.",
		"The FIN (frame %[1]d) leaves %[2]s in CLOSE-WAIT: `poll()` gives POLLIN and every `recv()` gives `b''`. %[3]s later the program sent %[4]d bytes (frame %[5]d) to a socket that no longer exists, and the answer was RST (RFC 9293, 3.10.7.1). From there on `send()` fails (EPIPE, or 104 on the Pico); if the program hides it with an `except: pass`, nothing leaves any more, though it lives.", s.Steps[fin].Frame, who, wait, s.Steps[data].Length, s.Steps[data].Frame)
	f.Fix = sentence("Distinga `b''` (el otro cerró: `poller.unregister`, `close()`, volver a conectar) de EAGAIN (todavía no hay datos).",
		"Tell `b''` (the other side closed: `poller.unregister`, `close()`, connect again) from EAGAIN (no data yet).")
	return f
}

var timeWait = Kind{
	Code: "time-wait", Severity: Info, find: findTimeWait, single: true,
	Meaning: words.Of("Quien cierra primero queda en TIME-WAIT.", "Who closes first stays in TIME-WAIT."),
}

// findTimeWait tells who closed first, once for each side (docs/findings.md 26).
func findTimeWait(l *look) (out []Finding) {
	for _, side := range sides {
		var group []*sessions.Session
		var frames []int64
		for _, s := range l.all {
			if s.States[side] == sessions.TimeWait && s.ClosedFirst == side {
				group = append(group, s)
				if i := find(s, 0, hasFlag(side, capture.FIN)); i >= 0 {
					frames = append(frames, s.Steps[i].Frame)
				}
			}
		}
		if len(group) == 0 {
			continue
		}
		f := Finding{Sessions: ids(group...), Frames: frames, Numbers: []Number{count("sessions", int64(len(group)))}, group: "|" + strconv.Itoa(int(side))}
		if side == sessions.Client {
			f.Text = sentence("El cliente cerró primero: su puerto queda en TIME-WAIT (60 s en Linux); el del servidor queda libre enseguida.",
				"The client closed first: its port stays in TIME-WAIT (60 s on Linux); the server's is free at once.")
		} else {
			f.Text = sentence("El servidor cerró primero: su puerto queda en TIME-WAIT (60 s en Linux) y un servidor nuevo puede encontrarlo ocupado (EADDRINUSE).",
				"The server closed first: its port stays in TIME-WAIT (60 s on Linux), and a new server may find it taken (EADDRINUSE).")
			f.Fix, f.Change = reuseAdvice(l, group)
		}
		f.Long = sentence("TIME-WAIT guarda la conexión 2·MSL para poder repetir el último ACK y para que un segmento viejo no caiga en una conexión nueva con los mismos puertos (RFC 9293, 3.6). Linux: 60 s fijos; la Pico: 123 s. Ningún paquete muestra cuándo termina.",
			"TIME-WAIT keeps the connection for 2·MSL, to be able to repeat the last ACK and so that an old segment cannot fall into a new connection with the same ports (RFC 9293, 3.6). Linux: 60 s, fixed; the Pico: 123 s. No packet shows when it ends.")
		out = append(out, f)
	}
	return out
}

// reuseAdvice says what makes a port usable again at once, unless the journals or the user's program show that it was done.
func reuseAdvice(l *look, group []*sessions.Session) (fix Text, change *Change) {
	if l.sourceHas("SO_REUSEADDR") || slices.ContainsFunc(group, setsReuseAddr) {
		return sentence("El servidor ya pone `SO_REUSEADDR` antes de `bind()`: su puerto se puede volver a usar enseguida. No hay nada que cambiar.",
			"The server sets `SO_REUSEADDR` before `bind()` already: its port can be used again at once. There is nothing to change."), nil
	}
	return sentence("Ponga `SO_REUSEADDR` antes de `bind()` en todas las corridas del servidor.", "Set `SO_REUSEADDR` before `bind()` in every run of the server."),
		lineServerBind.change()
}

// setsReuseAddr reports whether a session's server was seen to set SO_REUSEADDR.
func setsReuseAddr(s *sessions.Session) bool {
	return slices.ContainsFunc(s.Calls[sessions.Server], func(c sessions.Call) bool {
		return c.Call == journal.SetSockOpt && !c.Failed() && strings.Contains(c.Args, "REUSEADDR")
	})
}

var simultaneousClose = Kind{
	Code: "simultaneous-close", Severity: Info, find: findSimultaneous,
	Meaning: words.Of("Los dos lados cerraron a la vez: ambos pasan por CLOSING.", "Both sides closed at once: both pass through CLOSING."),
}

// findSimultaneous looks for FINs that crossed (RFC 9293 section 3.6, case 3).
func findSimultaneous(l *look) (out []Finding) {
	for _, s := range l.all {
		i := find(s, 0, func(st *sessions.Step) bool {
			return st.States[0] == sessions.Closing || st.States[1] == sessions.Closing
		})
		if i < 0 {
			continue
		}
		f := Finding{Sessions: ids(s), Frames: framesOf(s, func(st *sessions.Step) bool { return st.Flags&capture.FIN != 0 })}
		f.Text = sentence("Los dos lados cerraron a la vez y los FIN se cruzaron: ambos pasan por CLOSING, y los dos puertos quedan en TIME-WAIT.", "Both sides closed at once and the FINs crossed: both pass through CLOSING, and both ports stay in TIME-WAIT.")
		f.Long = sentence("Cada lado estaba en FIN-WAIT-1 cuando llegó el FIN del otro antes que el ACK del suyo (RFC 9293, 3.6, caso 3). Los dos terminan en TIME-WAIT. Es correcto y raro: ocurre cuando ambos programas terminan al mismo tiempo.",
			"Each side was in FIN-WAIT-1 when the other's FIN came before the ACK of its own (RFC 9293, 3.6, case 3). Both end in TIME-WAIT. It is correct and rare: it happens when both programs end at the same time.")
		out = append(out, f)
	}
	return out
}
