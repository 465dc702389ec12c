package findings

import (
	"time"

	"tcptrace/sessions"
	"tcptrace/words"
)

var lateAccept = Kind{
	Code: "late-accept", Severity: Note, find: findLateAccept,
	Meaning: words.Of("connect() tuvo éxito antes de que el programa llamara a accept(): la primera respuesta tarda más de una vuelta.",
		"connect() succeeded before the program called accept(): the first answer takes more than one pass of the loop."),
}

// findLateAccept looks for first answers that took longer than one pass of the loop, on connections that were open
// before the data (docs/findings.md 3).
func findLateAccept(l *look) (out []Finding) {
	for _, s := range l.all {
		if s.Echo == nil || s.Echo.Matched == 0 || len(s.Echo.Samples) == 0 || s.Untimed {
			continue
		}
		open, ok := opened(s)
		p := l.period(s.Server.Addr())
		e := &s.Echo.Samples[0]
		if !ok || s.Handshake.RTT > p/2 || e.RTT <= p || e.RTT > lateAcceptMax || e.Sent < open || time.Duration(e.Sent-open) > p {
			continue
		}
		f := Finding{Sessions: ids(s), Frames: []int64{s.Handshake.ACKFrame, e.RequestFrame, e.ReplyFrame},
			Numbers: []Number{seconds("handshake_s", s.Handshake.RTT), seconds("first_answer_s", e.RTT), seconds("period_s", p)},
			Change:  lineSleep.change()}
		f.Text = sentence("`connect()` funcionó en %[1]s porque TCP completó el saludo solo; el programa llamó a `accept()` después y la primera respuesta tardó %[2]s.",
			"`connect()` succeeded in %[1]s because TCP finished the handshake by itself; the program called `accept()` later, and the first answer took %[2]s.", s.Handshake.RTT, e.RTT)
		f.Long = sentence("El saludo lo hace la pila TCP en cuanto llega el SYN (RFC 9293, 3.5); `accept()` solo saca de la cola una conexión ya establecida. El primer mensaje llegó antes de esa llamada: en una vuelta el programa acepta, en la siguiente lee. Por eso la primera respuesta tarda entre P y 2·P (P = %[1]s; aquí %[2]s) y las demás entre 0 y P.",
			"The TCP stack does the handshake as soon as the SYN comes (RFC 9293, 3.5); `accept()` only takes an established connection from the queue. The first message came before that call: in one pass the program accepts, in the next it reads. So the first answer takes between P and 2·P (P = %[1]s; here %[2]s), the others between 0 and P.", precise(p), e.RTT)
		f.Fix = sentence("Sin la pausa, `poll()` despierta con el saludo mismo y `accept()` se llama enseguida.",
			"Without the pause, `poll()` wakes with the handshake itself and `accept()` is called at once.")
		out = append(out, f)
	}
	return out
}

var earlyDataDropped = Kind{
	Code: "early-data-dropped", Severity: Warning, find: findEarlyDataDropped, Pico: true,
	Meaning: words.Of("Hasta accept() la Pico guarda un solo segmento y descarta los demás: el otro lado los repite.",
		"Until accept() the Pico keeps one segment and drops the rest: the other side repeats them."),
}

// findEarlyDataDropped looks for data that a Pico's lwIP refused before accept(): the first segment acknowledged, the
// following ones repeated (docs/findings.md 4).
func findEarlyDataDropped(l *look) (out []Finding) {
	for _, s := range l.all {
		if !l.isPico(s.Server.Addr()) || s.Retransmitted[sessions.Client] == 0 || !timed(s) {
			continue
		}
		f, ok := refusedData(l, s)
		if ok {
			l.refused[s.ID] = true
			out = append(out, f)
		}
	}
	return out
}

func refusedData(l *look, s *sessions.Session) (f Finding, ok bool) {
	open, known := opened(s)
	first := find(s, 0, isData(sessions.Client))
	if !known || first < 0 || time.Duration(s.Steps[first].Time-open) > l.period(s.Server.Addr()) {
		return f, false // the program had accepted already
	}
	answer := find(s, 0, isData(sessions.Server))
	beyond := s.Steps[first].Offset + int64(s.Steps[first].Length) // the end of the one segment that is kept
	repeats, frames := 0, []int64{s.Steps[first].Frame}
	later := false
	for i := range s.Steps {
		st := &s.Steps[i]
		if answer >= 0 && i > answer || st.From != sessions.Client || !st.Marks.Has(sessions.MarkRetransmission) {
			continue
		}
		repeats++
		later = later || st.Offset >= beyond
		frames = append(frames, st.Frame)
	}
	if !later {
		return f, false
	}
	f = Finding{Sessions: ids(s), Frames: frames, Change: lineSleep.change(),
		Numbers: []Number{count("repeated", int64(repeats)), count("kept_bytes", int64(s.Steps[first].Length))}}
	f.Text = sentence("Hasta `accept()` la Pico guarda un solo segmento (%[1]d bytes); el PC tuvo que repetir los demás (repeticiones: %[2]d).",
		"The Pico keeps only one segment (%[1]d bytes) until `accept()`; the PC had to repeat the others (repeats: %[2]d).", s.Steps[first].Length, repeats)
	f.Long = sentence("En lwIP una conexión que el programa aún no aceptó puede retener un solo segmento rechazado (refused_data); los que llegan detrás se descartan sin ACK aunque la ventana anunciada tuviera sitio. El emisor los repite con esperas crecientes hasta que `accept()` vacía la cola. No es pérdida de la red ni del Wi-Fi.",
		"In lwIP a connection that the program has not yet accepted can hold one refused segment (refused_data); those behind it are dropped without an ACK though the advertised window had room. The sender repeats them with growing waits until `accept()` empties the queue. Neither the network nor the Wi-Fi lost them.")
	f.Fix = sentence("Acepte sin demora (sin la pausa del ciclo), o que el cliente espere un saludo del servidor antes de enviar mucho.",
		"Accept without delay (no pause in the loop), or let the client wait for a greeting of the server before it sends much.")
	return f, true
}
