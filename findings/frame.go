package findings

import (
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/words"
)

// Frame is what one segment did: to both sides, to their programs, and by which rule.
type Frame struct {
	Session *sessions.Session
	Step    int
	Before  sessions.Pair[sessions.State]
	Lines   []Text
}

// ExplainFrame explains the segment with a frame number. ok is false when no session that keeps its steps has it.
func ExplainFrame(t *sessions.Trace, number int64) (f Frame, ok bool) {
	l := newLook(t, Options{})
	for _, s := range l.all {
		for i := range s.Steps {
			if s.Steps[i].Frame == number {
				return l.explain(s, i), true
			}
		}
	}
	return f, false
}

func (l *look) explain(s *sessions.Session, i int) Frame {
	st := &s.Steps[i]
	f := Frame{Session: s, Step: i, Before: statesBefore(s, i)}
	from, to := l.who(s, st.From), l.who(s, st.From.Other())
	f.Lines = append(f.Lines, whatItIs(st, from, to), numbersOf(s, i))
	f.Lines = append(f.Lines, l.marksOf(s, i)...)
	for _, side := range []sessions.Side{st.From, st.From.Other()} {
		if side != st.From && st.Marks.Has(sessions.MarkLost) {
			continue
		}
		f.Lines = append(f.Lines, stateLine(f.Before[side], st.States[side], l.who(s, side)))
	}
	f.Lines = append(f.Lines, callLines(s, i, from, to)...)
	return f
}

// statesBefore are the states before a step: those after the one before, or those of a fresh start.
func statesBefore(s *sessions.Session, i int) sessions.Pair[sessions.State] {
	switch {
	case i > 0 && !(s.StepsLeftOut > 0 && i == s.StepsHead):
		return s.Steps[i-1].States
	case i == 0 && s.RoleFrom == sessions.RoleFromSYN && s.Steps[0].Flags&capture.SYN != 0:
		listen := sessions.Listen
		if s.End == sessions.EndRefused {
			listen = sessions.Closed
		} else if s.End == sessions.EndNoAnswer {
			listen = sessions.Undetermined
		}
		return sessions.Pair[sessions.State]{sessions.Closed, listen}
	}
	return sessions.Pair[sessions.State]{}
}

// whatItIs names the segment and the rule that governs it.
func whatItIs(st *sessions.Step, from, to Text) Text {
	switch f := st.Flags; {
	case f&capture.RST != 0:
		return sentence("RST: %[1]s termina la conexión sin más; lo que esté en camino se pierde (RFC 9293, 3.5.2 y 3.10.7.4).", "RST: %[1]s ends the connection at once; what is on its way is lost (RFC 9293, 3.5.2 and 3.10.7.4).", from)
	case f.Has(capture.SYN | capture.ACK):
		return sentence("SYN+ACK: la pila de %[1]s acepta el saludo y propone su propio número inicial; su programa aún no interviene (RFC 9293, 3.5 y 3.10.7.3).", "SYN+ACK: the stack of %[1]s takes the handshake up and proposes its own initial number; its program has no part in it yet (RFC 9293, 3.5 and 3.10.7.3).", from)
	case f&capture.SYN != 0:
		return sentence("SYN: %[1]s pide abrir una conexión con %[2]s (RFC 9293, 3.5 y 3.10.7.2).", "SYN: %[1]s asks %[2]s to open a connection (RFC 9293, 3.5 and 3.10.7.2).", from, to)
	case st.Marks.Has(sessions.MarkKeepAlive):
		return sentence("Sonda de keep-alive: pregunta si %[2]s sigue ahí; no lleva datos nuevos (RFC 9293, 3.8.4).", "Keep-alive probe: asks whether %[2]s is still there; it carries no new data (RFC 9293, 3.8.4).", from, to)
	case st.Marks.Has(sessions.MarkWindowProbe):
		return sentence("Sonda de ventana: pregunta a %[2]s si su ventana cerrada se abrió (RFC 9293, 3.8.6.1).", "Window probe: asks %[2]s whether its closed window has opened (RFC 9293, 3.8.6.1).", from, to)
	case f&capture.FIN != 0 && st.Length > 0:
		return sentence("Datos y FIN: %[1]s envía sus últimos %[3]d bytes y avisa que no enviará más; todavía puede recibir (RFC 9293, 3.6 y 3.10.7.4).", "Data and FIN: %[1]s sends its last %[3]d bytes and says that it will send no more; it can still receive (RFC 9293, 3.6 and 3.10.7.4).", from, to, st.Length)
	case f&capture.FIN != 0:
		return sentence("FIN: %[1]s avisa que no enviará más; todavía puede recibir (RFC 9293, 3.6 y 3.10.7.4, octavo paso).", "FIN: %[1]s says that it will send no more; it can still receive (RFC 9293, 3.6 and 3.10.7.4, eighth step).", from)
	case st.Length > 0:
		return sentence("Datos: %[3]d bytes de %[1]s para %[2]s (RFC 9293, 3.10.7.4, séptimo paso).", "Data: %[3]d bytes from %[1]s to %[2]s (RFC 9293, 3.10.7.4, seventh step).", from, to, st.Length)
	}
	return sentence("ACK solo: la pila de %[1]s confirma lo recibido; lo envía TCP, no el programa (RFC 9293, 3.10.7.4, quinto paso).", "ACK alone: the stack of %[1]s acknowledges what it received; TCP sends it, not the program (RFC 9293, 3.10.7.4, fifth step).", from)
}

// numbersOf says which bytes are carried, acknowledged and allowed.
func numbersOf(s *sessions.Session, i int) Text {
	st := &s.Steps[i]
	t := words.Text{}
	if st.Length > 0 {
		t = sentence("Lleva los bytes %[1]d a %[2]d de su corriente. ", "It carries bytes %[1]d to %[2]d of its stream. ", st.Offset+1, st.Offset+int64(st.Length))
	}
	switch {
	case st.Ack > 0 && coversFIN(s, i):
		t = joined(t, sentence("Confirma todos los bytes del otro lado (%[1]d) y su FIN, y ofrece una ventana de %[2]d bytes (RFC 9293, 3.8.6).", "It acknowledges all bytes of the other side (%[1]d) and its FIN, and offers a window of %[2]d bytes (RFC 9293, 3.8.6).", st.Ack-1, st.Window))
	case st.Ack >= 0:
		t = joined(t, sentence("Confirma todo hasta el byte %[1]d del otro lado y ofrece una ventana de %[2]d bytes (RFC 9293, 3.8.6).", "It acknowledges everything up to byte %[1]d of the other side and offers a window of %[2]d bytes (RFC 9293, 3.8.6).", st.Ack, st.Window))
	default:
		t = joined(t, sentence("No confirma nada; ofrece una ventana de %[1]d bytes.", "It acknowledges nothing; it offers a window of %[1]d bytes.", st.Window))
	}
	return t
}

// coversFIN reports whether a segment acknowledges the other side's FIN, which takes one number behind its last byte (RFC
// 9293 section 3.4).
func coversFIN(s *sessions.Session, i int) bool {
	for k := range s.Steps[:i] {
		fin := &s.Steps[k]
		if fin.From != s.Steps[i].From && fin.Marks.Has(sessions.MarkNewFIN) && s.Steps[i].Ack > fin.Offset+int64(fin.Length) {
			return true
		}
	}
	return false
}

// marksOf explains what is special about a segment.
func (l *look) marksOf(s *sessions.Session, i int) (out []Text) {
	m := s.Steps[i].Marks
	for _, x := range []struct {
		mark sessions.Mark
		text Text
	}{
		{sessions.MarkSYNRepeated, words.Of("Es una repetición: el primero no tuvo respuesta a tiempo (RFC 9293, 3.8.1; RFC 6298).", "It is a repeat: the first one had no answer in time (RFC 9293, 3.8.1; RFC 6298).")},
		{sessions.MarkOutOfOrder, words.Of("Llegó fuera de orden: llena un hueco (RFC 9293, 3.10.7.4).", "It came out of order: it fills a hole (RFC 9293, 3.10.7.4).")},
		{sessions.MarkDuplicateACK, words.Of("Es un ACK repetido: algo llegó fuera de orden o dos veces (RFC 5681, 2).", "It is a duplicate ACK: something came out of order or twice (RFC 5681, 2).")},
		{sessions.MarkZeroWindow, words.Of("La ventana es cero: el programa no lee y el otro lado debe parar (RFC 9293, 3.8.6.1).", "The window is zero: the program does not read, and the other side must stop (RFC 9293, 3.8.6.1).")},
		{sessions.MarkHole, words.Of("Antes de estos bytes falta algo que la captura no vio.", "Before these bytes something is missing that the capture did not see.")},
		{sessions.MarkIgnored, words.Of("No tuvo efecto: queda fuera de la ventana del receptor (RFC 9293, 3.10.7.4, primer paso).", "It had no effect: it lies outside the receiver's window (RFC 9293, 3.10.7.4, first step).")},
	} {
		if m.Has(x.mark) {
			out = append(out, x.text)
		}
	}
	if m.Has(sessions.MarkLost) {
		out = append(out, words.Of("Se perdió: no llegó a nadie; hizo falta una copia posterior (RFC 9293, 3.8.1).", "It was lost: it reached nobody, and a later copy was needed (RFC 9293, 3.8.1)."))
	}
	switch {
	case m.Has(sessions.MarkSpurious):
		out = append(out, words.Of("Es una retransmisión innecesaria: el original había llegado (RFC 2883; RFC 5682).", "It is a spurious retransmission: the original had arrived (RFC 2883; RFC 5682)."))
	case m.Has(sessions.MarkRetransmission):
		out = append(out, words.Of("Es una retransmisión: el emisor no vio el ACK a tiempo (RFC 9293, 3.8.1; RFC 6298).", "It is a retransmission: the sender saw no ACK in time (RFC 9293, 3.8.1; RFC 6298)."))
	}
	return out
}

func stateLine(before, after sessions.State, who Text) Text {
	if before == after {
		return sentence("%[1]s sigue en `%[2]s`.", "%[1]s stays in `%[2]s`.", capital(who), after)
	}
	return sentence("%[1]s pasa de `%[2]s` a `%[3]s` (RFC 9293, 3.3.2).", "%[1]s goes from `%[2]s` to `%[3]s` (RFC 9293, 3.3.2).", capital(who), before, after)
}

// callLines say which call sent the segment and which call it wakes: from the journals, else what the packet implies.
func callLines(s *sessions.Session, i int, from, to Text) (out []Text) {
	st := &s.Steps[i]
	told := sessions.Pair[bool]{}
	for _, side := range sides {
		for k := range s.Calls[side] {
			c := &s.Calls[side][k]
			switch {
			case c.Step == i:
				told[side] = true
				out = append(out, sentence("Lo envió la llamada `%[1]s` (diario).", "The call `%[1]s` sent it (journal).", ladder.Spelling(c)))
			case c.Cause == i && c.Blocked:
				told[side] = true
				out = append(out, sentence("Despierta la llamada `%[1]s`, que esperaba desde %[2]s antes (diario).", "It wakes the call `%[1]s`, which had been waiting for %[2]s (journal).", ladder.Spelling(c), time.Duration(st.Time-c.At)))
			case c.Cause == i && c.Call != journal.Poll && c.Call != journal.Select:
				told[side] = true
				out = append(out, sentence("Lo que trajo lo toma la llamada `%[1]s`, %[2]s después (diario).", "What it brought is taken by the call `%[1]s`, %[2]s later (journal).", ladder.Spelling(c), time.Duration(max(c.At-st.Time, 0))))
			}
		}
	}
	if !told[st.From] && !s.Journaled[st.From] {
		if t := impliedSender(st, from); t.EN != "" {
			out = append(out, t)
		}
	}
	if !told[st.From.Other()] && st.Marks&(sessions.MarkIgnored|sessions.MarkLost) == 0 {
		out = append(out, wakes(s, i, to))
	}
	return out
}

// impliedSender is the call that must have sent a segment.
func impliedSender(st *sessions.Step, from Text) Text {
	repeated := st.Marks&(sessions.MarkRetransmission|sessions.MarkSYNRepeated|sessions.MarkKeepAlive|sessions.MarkWindowProbe) != 0
	switch {
	case repeated:
		return sentence("Ninguna llamada lo envió: lo repite la pila de %[1]s.", "No call sent it: the stack of %[1]s repeats it.", from)
	case st.Flags&capture.SYN != 0 && st.Flags&capture.ACK == 0:
		return sentence("Lo envió el `connect()` de %[1]s.", "The `connect()` of %[1]s sent it.", from)
	case st.Flags&capture.FIN != 0:
		return sentence("Lo envió el `close()` de %[1]s (o `shutdown`, o el fin del proceso).", "The `close()` of %[1]s sent it (or `shutdown`, or the end of the process).", from)
	case st.Length > 0:
		return sentence("Lo envió un `send()` de %[1]s.", "A `send()` of %[1]s sent it.", from)
	}
	return words.Text{}
}

// wakes is what a segment does to the receiver's program when no journal tells.
func wakes(s *sessions.Session, i int, to Text) Text {
	st := &s.Steps[i]
	switch {
	case st.Flags&capture.RST != 0 && s.End == sessions.EndRefused:
		return sentence("El `connect()` de %[1]s termina con ECONNREFUSED (104 en la Pico).", "The `connect()` of %[1]s ends with ECONNREFUSED (104 on the Pico).", to)
	case st.Flags&capture.RST != 0:
		return sentence("Toda llamada de %[1]s sobre ese socket despierta con ECONNRESET; `poll()` da POLLIN|POLLERR|POLLHUP.", "Every call of %[1]s on that socket wakes with ECONNRESET; `poll()` gives POLLIN|POLLERR|POLLHUP.", to)
	case st.Flags.Has(capture.SYN | capture.ACK):
		return sentence("Aquí vuelve el `connect()` de %[1]s: antes de que su propio ACK llegue a nadie.", "Here the `connect()` of %[1]s returns: before its own ACK has reached anyone.", to)
	case st.Flags&capture.SYN != 0:
		return sentence("No despierta ninguna llamada de %[1]s: el saludo lo hace la pila.", "It wakes no call of %[1]s: the stack does the handshake.", to)
	case s.Handshake != nil && st.Frame == s.Handshake.ACKFrame && st.From == sessions.Client:
		return sentence("La conexión entra en la cola de `listen()`: `accept()` de %[1]s puede tomarla y `poll()` da POLLIN en el socket que escucha.", "The connection enters the queue of `listen()`: `accept()` of %[1]s can take it, and `poll()` gives POLLIN on the listening socket.", to)
	case st.Marks.Has(sessions.MarkNewData) && st.Length > 0 && st.Flags&capture.FIN != 0, st.Marks.Has(sessions.MarkNewData) && st.Length > 0:
		return sentence("Un `recv()` de %[1]s que espere despierta con estos bytes; `poll()` da POLLIN.", "A waiting `recv()` of %[1]s wakes with these bytes; `poll()` gives POLLIN.", to)
	case st.Flags&capture.FIN != 0 && st.Marks.Has(sessions.MarkNewFIN):
		return sentence("Un `recv()` de %[1]s que espere despierta con `b''` (fin de datos); `poll()` da POLLIN.", "A waiting `recv()` of %[1]s wakes with `b''` (end of data); `poll()` gives POLLIN.", to)
	}
	return sentence("No despierta ninguna llamada de %[1]s, salvo un `send()` que esperara sitio.", "It wakes no call of %[1]s, but for a `send()` that waits for room.", to)
}

// ExplainOther names a frame that explains TCP and is not TCP itself: ARP, an ICMP error, a Pico's journal. ok is false for
// all other frames.
func ExplainOther(t *sessions.Trace, number int64) (text Text, ok bool) {
	for i := range t.ARPs {
		switch a := &t.ARPs[i]; {
		case a.Frame == number && a.SenderIP == a.TargetIP:
			return sentence("ARP, no TCP: %[1]s anuncia su dirección.", "ARP, not TCP: %[1]s announces its address.", a.SenderIP.String()), true
		case a.Frame == number && a.Request:
			return sentence("ARP, no TCP: %[1]s pregunta quién tiene %[2]s. Hasta que alguien conteste, lo que se envíe a esa dirección espera.",
				"ARP, not TCP: %[1]s asks who has %[2]s. Until somebody answers, whatever is sent to that address waits.", a.SenderIP.String(), a.TargetIP.String()), true
		case a.Frame == number:
			return sentence("ARP, no TCP: %[1]s contesta a %[2]s con su dirección de hardware.",
				"ARP, not TCP: %[1]s answers %[2]s with its hardware address.", a.SenderIP.String(), a.TargetIP.String()), true
		}
	}
	for i := range t.ICMPs {
		if e := &t.ICMPs[i]; e.Frame == number {
			return sentence("Un error ICMP, no TCP: %[1]s dice (tipo %[2]d, código %[3]d) que el segmento de %[4]s a %[5]s no se pudo entregar.",
				"An ICMP error, not TCP: %[1]s says (type %[2]d, code %[3]d) that the segment from %[4]s to %[5]s could not be delivered.",
				e.From.String(), e.Type, e.Code, e.Src.String(), e.Dst.String()), true
		}
	}
	for i := range t.Datagrams {
		if d := &t.Datagrams[i]; d.Frame == number {
			return sentence("Un datagrama UDP, no TCP: la Pico %[1]s cuenta una llamada de su programa.",
				"A UDP datagram, not TCP: the Pico %[1]s tells a call of its program.", d.Src.Addr().String()), true
		}
	}
	return text, false
}
