package findings

import (
	"net/netip"
	"slices"
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/words"
)

// byServer groups the sessions with a handshake by the server's end point, each in order of opening.
func (l *look) byServer() (ends []netip.AddrPort, groups map[netip.AddrPort][]*sessions.Session) {
	groups = map[netip.AddrPort][]*sessions.Session{}
	for _, s := range l.all {
		if s.Handshake == nil || !s.Handshake.Complete || s.Untimed {
			continue
		}
		if groups[s.Server] == nil {
			ends = append(ends, s.Server)
		}
		groups[s.Server] = append(groups[s.Server], s)
	}
	return ends, groups
}

// unanswered finds the first request of an echo session that never had its answer, though time enough was captured for
// it and TCP acknowledged it. ok is false when there is none.
func (l *look) unanswered(s *sessions.Session) (st *sessions.Step, ok bool) {
	e := s.Echo
	if e == nil || e.UnansweredBytes == 0 || len(s.Steps) == 0 {
		return nil, false
	}
	answered := s.Bytes[sessions.Client] - e.UnansweredBytes
	i := find(s, 0, func(st *sessions.Step) bool {
		return isData(sessions.Client)(st) && st.Offset+int64(st.Length) > answered
	})
	if i < 0 {
		return nil, false
	}
	st = &s.Steps[i]
	acked := find(s, i+1, func(a *sessions.Step) bool {
		return a.From == sessions.Server && a.Ack >= st.Offset+int64(st.Length)
	})
	wait := time.Duration(staleAnswerBeats * float64(l.period(s.Server.Addr())))
	end := l.end
	if at, closed := closedAt(s); closed {
		end = at
	}
	return st, acked >= 0 && time.Duration(end-st.Time) > wait
}

// replied reports whether a server sent data on a session after a moment.
func replied(s *sessions.Session, after int64) bool {
	return find(s, 0, func(st *sessions.Step) bool { return isData(sessions.Server)(st) && st.Time > after }) >= 0
}

// openAt reports whether a session was open at a moment.
func openAt(s *sessions.Session, at int64) bool {
	from, ok := opened(s)
	to, closed := closedAt(s)
	return ok && from <= at && (!closed || to > at)
}

var secondClient = Kind{
	Code: "second-client", Severity: Warning, find: findSecondClient,
	Meaning: words.Of("El programa recuerda solo el último cliente: el primero sigue conectado pero nadie le contesta.",
		"The program remembers only the last client: the first one stays connected and is never answered."),
}

// findSecondClient looks for a connection that is no longer answered once a newer one is there (docs/findings.md 9).
func findSecondClient(l *look) (out []Finding) {
	ends, groups := l.byServer()
	for _, end := range ends {
		for i, a := range groups[end] {
			lost, ok := l.unanswered(a)
			if !ok {
				continue
			}
			for _, b := range groups[end][i+1:] {
				at, _ := opened(b)
				if openAt(a, at) && lost.Time > at && replied(b, at) && !replied(a, lost.Time) {
					out = append(out, secondClientFinding(l, a, b, lost))
					break
				}
			}
		}
	}
	return out
}

func secondClientFinding(l *look, a, b *sessions.Session, lost *sessions.Step) Finding {
	f := Finding{Sessions: ids(a, b), Frames: []int64{b.Handshake.ACKFrame, lost.Frame}, Change: lineOneClient.change(),
		Numbers: []Number{count("unanswered_bytes", a.Echo.UnansweredBytes), seconds("waited_s", time.Duration(l.end-lost.Time))}}
	if i := find(b, 0, isData(sessions.Server)); i >= 0 {
		f.Frames = append(f.Frames, b.Steps[i].Frame)
	}
	f.Text = sentence("El programa recuerda solo el último cliente (`server_client = conn`): el primero (sesión %[1]d) sigue conectado pero ignorado desde que llegó el otro (sesión %[2]d).",
		"The program remembers only the last client (`server_client = conn`): the first one (session %[1]d) stays connected and ignored since the other came (session %[2]d).", a.ID, b.ID)
	f.Long = sentence("La variable guarda una sola conexión y el segundo `accept()` la reemplaza. La pila TCP sigue confirmando los datos de la sesión %[1]d (%[2]d bytes sin contestar, desde la trama %[3]d), pero el programa ya no compara ese socket con ninguno: `poll()` lo da como listo en cada vuelta y nadie lo lee. Su ventana solo se encoge, y al irse el segundo cliente el primero sigue sin atender.",
		"The variable holds a single connection, and the second `accept()` replaces it. The TCP stack goes on acknowledging the data of session %[1]d (%[2]d bytes unanswered, from frame %[3]d on), but the program no longer compares that socket with any: `poll()` reports it ready in every pass and nobody reads it. Its window only shrinks, and when the second client leaves the first is still not served.", a.ID, a.Echo.UnansweredBytes, lost.Frame)
	f.Fix = sentence("Guarde las conexiones en un diccionario (`clientes[id(conn)] = conn`) y atienda la que `poll()` señale.",
		"Keep the connections in a dictionary (`clients[id(conn)] = conn`) and serve the one that `poll()` reports.")
	return f
}

var singleAccept = Kind{
	Code: "single-accept", Severity: Warning, find: findSingleAccept,
	Meaning: words.Of("El servidor acepta una sola vez: el cliente que vuelve se conecta, TCP le confirma y nadie le contesta.",
		"The server accepts only once: the client that comes back is connected, acknowledged by TCP and never answered."),
}

// findSingleAccept looks for a newer connection that TCP serves and the program does not, while an older one is open
// (docs/findings.md 22).
func findSingleAccept(l *look) (out []Finding) {
	ends, groups := l.byServer()
	for _, end := range ends {
		for i, b := range groups[end] {
			lost, ok := l.unanswered(b)
			if !ok || b.Echo.Matched > 0 || b.Bytes[sessions.Server] > 0 {
				continue
			}
			at, _ := opened(b)
			old := slices.IndexFunc(groups[end][:i], func(a *sessions.Session) bool {
				_, ignored := l.unanswered(a) // then the program serves nobody
				return openAt(a, at) && a.Bytes[sessions.Server] > 0 && !ignored
			})
			if old < 0 {
				continue
			}
			a := groups[end][old]
			f := Finding{Sessions: ids(a, b), Frames: []int64{b.Handshake.ACKFrame, lost.Frame}, Change: lineServerAccept.change(),
				Numbers: []Number{count("unanswered_bytes", b.Echo.UnansweredBytes)}}
			f.Text = sentence("El servidor llamó a `accept()` una sola vez: la conexión nueva (sesión %[1]d) quedó en la cola mientras la vieja (sesión %[2]d) siga abierta.",
				"The server called `accept()` only once: the new connection (session %[1]d) stays in the queue while the old one (session %[2]d) is open.", b.ID, a.ID)
			f.Long = sentence("El núcleo completa el saludo y confirma los datos de la conexión que espera en la cola de `listen()`; el programa sigue en `recv()` sobre la anterior, que nunca recibió FIN (si la Pico perdió la energía no pudo enviarlo, y sin keep-alive la conexión vieja dura para siempre).",
				"The kernel completes the handshake and acknowledges the data of the connection that waits in the queue of `listen()`; the program is still in `recv()` on the one before, which never had a FIN (a Pico that lost power could not send it, and without keep-alive the old connection lasts for ever).")
			f.Fix = sentence("Vuelva a `accept()` en un ciclo, con un hilo o `select` por cliente, y ponga `SO_KEEPALIVE`.",
				"Go back to `accept()` in a loop, with a thread or `select` for each client, and set `SO_KEEPALIVE`.")
			out = append(out, f)
		}
	}
	return out
}

var queueFullReset = Kind{
	Code: "queue-full-reset", Severity: Warning, find: findQueueFull, Pico: true,
	Meaning: words.Of("Dos clientes en el mismo segundo: listen(1) guarda uno y la Pico reinicia la conexión del otro.",
		"Two clients in the same second: listen(1) keeps one, and the Pico resets the other's connection."),
}

// findQueueFull looks for connections that a Pico reset right after the handshake while another one waited for accept()
// (docs/findings.md 10).
func findQueueFull(l *look) (out []Finding) {
	ends, groups := l.byServer()
	for _, end := range ends {
		if !l.isPico(end.Addr()) {
			continue
		}
		for i, b := range groups[end] {
			reset := resetBy(b, sessions.Server)
			at, _ := opened(b)
			a := waiting(groups[end], i, l.period(end.Addr()))
			if reset < 0 || b.Bytes[sessions.Server] > 0 || a == nil {
				continue
			}
			first, _ := opened(a)
			wait := time.Duration(b.Steps[reset].Time - at)
			if wait > max(queueResetRTTs*b.Handshake.RTT, queueResetMin) {
				continue
			}
			f := Finding{Sessions: ids(a, b), Frames: []int64{a.Handshake.ACKFrame, b.Handshake.ACKFrame, b.Steps[reset].Frame},
				Numbers: []Number{seconds("after_handshake_s", wait), seconds("between_s", time.Duration(at-first).Abs())}, Change: linePicoListen.change()}
			f.Text = sentence("Dos clientes llegaron con %[1]s de diferencia, dentro de la misma vuelta; `listen(1)` guarda uno y el otro (sesión %[2]d) fue rechazado con RST.",
				"Two clients came %[1]s apart, in the same pass of the loop; `listen(1)` keeps one waiting, and the other (session %[2]d) was thrown out with RST.", time.Duration(at-first).Abs(), b.ID)
			f.Long = sentence("En lwIP `listen(1)` es un solo puesto entre el saludo y `accept()`. La sesión %[1]d lo ocupaba hasta la siguiente vuelta del ciclo; al completarse el saludo de la sesión %[2]d no había sitio y la Pico la abortó %[3]s después (RST con ventana 25, propio de lwIP). Para el cliente `connect()` tuvo éxito y el primer `send()` o `recv()` da ECONNRESET. Linux no contestaría el tercer SYN; lwIP reinicia el segundo.",
				"In lwIP `listen(1)` is a single place between handshake and `accept()`. Session %[1]d held it until the next pass of the loop; when the handshake of session %[2]d was complete there was no room, and the Pico aborted it %[3]s later (RST with window 25, which is lwIP's own). For the client `connect()` succeeded, and the first `send()` or `recv()` gives ECONNRESET. Linux would leave the third SYN unanswered; lwIP resets the second.", a.ID, b.ID, wait)
			f.Fix = sentence("Pida más puestos (`srv.listen(4)`) y no duerma en el ciclo, para que `accept()` vacíe la cola.",
				"Ask for more places (`srv.listen(4)`) and do not sleep in the loop, so that `accept()` empties the queue.")
			out = append(out, f)
		}
	}
	return out
}

// waiting finds a connection that can have held the one place of the queue when connection i opened: opened less than
// a period before it, or in the same moment, and not reset itself.
func waiting(group []*sessions.Session, i int, period time.Duration) *sessions.Session {
	at, _ := opened(group[i])
	for k, a := range group {
		first, _ := opened(a)
		if k != i && first <= at+int64(queueResetMin) && time.Duration(at-first) < period && resetBy(a, sessions.Server) < 0 {
			return a
		}
	}
	return nil
}

var pcbExhausted = Kind{
	Code: "pcb-exhausted", Severity: Error, find: findPCBs, Pico: true,
	Meaning: words.Of("La Pico tiene sitio para 5 conexiones TCP; las olvidadas lo siguen ocupando y no contesta más SYN.",
		"The Pico has room for 5 TCP connections; forgotten ones still occupy it, and it answers no further SYN."),
}

// findPCBs looks for SYNs that a Pico stopped answering while it had all its connections open (docs/findings.md 11).
func findPCBs(l *look) (out []Finding) {
	for _, s := range l.all {
		host := s.Server.Addr()
		if s.End != sessions.EndNoAnswer || !l.isPico(host) || s.Untimed {
			continue
		}
		open, answered := 0, false
		var holders []int
		for _, o := range l.all {
			if o == s || o.Client.Addr() != host && o.Server.Addr() != host {
				continue
			}
			answered = answered || o.Server == s.Server && o.Handshake != nil && o.Handshake.Complete && o.FirstTime < s.FirstTime
			if openAt(o, s.FirstTime) {
				open++
				holders = append(holders, o.ID)
			}
		}
		if !answered || open < picoPCBs-1 {
			continue
		}
		l.full[s.ID] = true
		if k := slices.IndexFunc(out, func(f Finding) bool { return f.host == host }); k >= 0 {
			out[k].Sessions = append(out[k].Sessions, s.ID)
			continue
		}
		f := Finding{Sessions: append(holders, s.ID), Frames: framesOf(s, hasFlag(sessions.Client, capture.SYN)),
			Numbers: []Number{count("open", int64(open)), count("room", picoPCBs), count("syns", s.SYNs)}, Change: lineOneClient.change(), host: host}
		f.Text = sentence("La Pico tiene sitio para %[1]d conexiones TCP y las olvidadas lo siguen ocupando: %[2]d abiertas cuando llegó el SYN de la sesión %[3]d, que nadie contestó.",
			"The Pico has room for %[1]d TCP connections and the forgotten ones still occupy it: %[2]d were open when the SYN of session %[3]d came, which nobody answered.", picoPCBs, open, s.ID)
		f.Long = sentence("MEMP_NUM_TCP_PCB es 5: la conexión hacia el PC y cuatro clientes. Una conexión que el programa dejó de mirar no se libera, ni siquiera cuando el otro lado cerró. Sin bloque libre lwIP descarta el SYN en silencio y el cliente lo repite (%d veces aquí).",
			"MEMP_NUM_TCP_PCB is 5: the connection to the PC and four clients. A connection that the program no longer looks at is not freed, not even when the other side has closed. Without a free block lwIP drops the SYN silently, and the client repeats it (%d times here).", s.SYNs)
		f.Fix = sentence("Cierre cada conexión que deje de usar (`conn.close()`), y antes de reemplazar `server_client` cierre la anterior.",
			"Close every connection that you no longer use (`conn.close()`), and before you replace `server_client` close the one before.")
		out = append(out, f)
	}
	return out
}

// framesOf are the frames of the steps for which match holds.
func framesOf(s *sessions.Session, match func(*sessions.Step) bool) (frames []int64) {
	for i := range s.Steps {
		if len(frames) < MaxFrames && match(&s.Steps[i]) {
			frames = append(frames, s.Steps[i].Frame)
		}
	}
	return frames
}
