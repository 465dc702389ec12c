package findings

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/words"
)

var outOfStep = Kind{
	Code: "out-of-step", Severity: Warning, find: findOutOfStep,
	Meaning: words.Of("El cliente llama a recv() una vez por mensaje, pero la respuesta llegó en varios pedazos: lee respuestas viejas.",
		"The client calls recv() once per message, but the reply came in several pieces: it reads old answers."),
}

// findOutOfStep looks for clients that went on although a part of the reply was still to come or to be read
// (docs/findings.md 7).
func findOutOfStep(l *look) (out []Finding) {
	for _, s := range l.all {
		all := messagesOf(s)
		for i := 1; i < len(all); i++ {
			before, next := &all[i-1], &all[i]
			pending := 0
			for _, e := range before.samples {
				if e.Sent+int64(e.RTT) > next.sent {
					pending++
				}
			}
			overtaken := pending > 0 && before.firstReply() < next.sent
			unread := len(before.samples) > 1 && resetBy(s, sessions.Client) >= 0
			if overtaken || unread {
				out = append(out, outOfStepFinding(s, before, next, pending))
				break
			}
		}
	}
	return out
}

func outOfStepFinding(s *sessions.Session, before, next *message, pending int) Finding {
	f := Finding{Sessions: ids(s), Change: lineClientRecv.change(),
		Numbers: []Number{count("pieces", int64(len(before.samples))), count("pending", int64(pending))},
		Frames:  []int64{before.samples[0].ReplyFrame, next.samples[0].RequestFrame, before.samples[len(before.samples)-1].ReplyFrame}}
	f.Text = sentence("El cliente llama a `recv()` una vez por mensaje, pero la respuesta llegó en %[1]d pedazos: está leyendo respuestas viejas.",
		"The client calls `recv()` once per message, but the reply came in %[1]d pieces: it is now reading old answers.", len(before.samples))
	f.Long = sentence("El cliente envió su siguiente mensaje (trama %[1]d) después del primer pedazo de la respuesta anterior, cuando le faltaban otros por leer (pedazos que aún no habían llegado: %[2]d). Desde ahí cada `recv()` devuelve bytes de antes, y al cerrar quedan bytes sin leer: por eso sale RST y no FIN.",
		"The client sent its next message (frame %[1]d) after the first piece of the answer before, with others still to be read (pieces that had not even come: %[2]d). From there on every `recv()` returns earlier bytes, and at close bytes stay unread: that is why RST leaves and not FIN.", next.samples[0].RequestFrame, pending)
	if pending == 0 {
		f.Long = sentence("La respuesta anterior llegó en %[2]d pedazos y el cliente llamó a `recv()` una sola vez antes de enviar su siguiente mensaje (trama %[1]d): leyó el primero, y desde ahí cada `recv()` devuelve bytes de antes. Al cerrar quedaron bytes sin leer: por eso salió RST y no FIN.",
			"The answer before came in %[2]d pieces, and the client called `recv()` only once before it sent its next message (frame %[1]d): it read the first, and from there on every `recv()` returns earlier bytes. At close bytes were unread: that is why RST left and not FIN.", next.samples[0].RequestFrame, len(before.samples))
	}
	f.Fix = sentence("Llame a `recv()` en un ciclo hasta tener la respuesta completa (por su `\\n` o su longitud).",
		"Call `recv()` in a loop until the reply is whole (by its `\\n` or its length).")
	return f
}

// resetBy is the step with which a side reset the connection, -1 for none.
func resetBy(s *sessions.Session, side sessions.Side) int {
	return find(s, 0, hasFlag(side, capture.RST))
}

var backlogGrowing = Kind{
	Code: "backlog-growing", Severity: Warning, find: findBacklogGrowing,
	Meaning: words.Of("Llegan más mensajes por segundo de los que el ciclo atiende: cada uno espera más que el anterior.",
		"More messages come per second than the loop serves: each waits longer than the one before."),
}

// findBacklogGrowing looks for echoes that take longer with every message (docs/findings.md 13).
func findBacklogGrowing(l *look) (out []Finding) {
	for _, s := range l.all {
		all := messagesApart(s, coalescedGap)
		if from, to, slope := growth(all); to-from >= minBacklog {
			first, worst := all[from].samples[0], all[to-1].samples[0]
			f := Finding{Sessions: ids(s), Frames: []int64{first.RequestFrame, first.ReplyFrame, worst.RequestFrame, worst.ReplyFrame},
				Numbers: []Number{count("messages", int64(to-from)), {"slope_s", slope}, seconds("first_rtt_s", first.RTT), seconds("last_rtt_s", worst.RTT)},
				Change:  linePicoRecv.change()}
			f.Text = sentence("Los mensajes llegan más rápido de lo que el ciclo los atiende: cada uno tardó %.2[1]f s más que el anterior (del %[2]s al %[3]s).",
				"Messages come faster than the loop serves them: each took %.2[1]f s longer than the one before (from %[2]s to %[3]s).", slope, first.RTT, worst.RTT)
			f.Long = sentence("El programa lee una vez por vuelta (P ≈ %[1]s), así que el mensaje k se contesta unas k vueltas después. Lo que no se lee ocupa la ventana de recepción hasta que se cierra y el emisor debe parar.",
				"The program reads once per pass (P ≈ %[1]s), so message k is answered some k passes later. What is not read fills the receive window until it closes and the sender must stop.", l.period(s.Server.Addr()))
			f.Fix = sentence("Lea todo lo que haya en cada vuelta (repita `recv()` hasta EAGAIN) y no duerma en el ciclo.",
				"Read all there is in every pass (repeat `recv()` until EAGAIN) and do not sleep in the loop.")
			out = append(out, f)
		}
	}
	return out
}

// growth finds the longest run of messages [from, to) each of which waited longer than the one before, and by how much
// on average, in seconds.
func growth(all []message) (from, to int, slope float64) {
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j].samples[0].RTT > all[j-1].samples[0].RTT {
			j++
		}
		if rise := all[j-1].samples[0].RTT - all[i].samples[0].RTT; j-i > to-from && j-i > 1 {
			if v := rise.Seconds() / float64(j-i-1); v > backlogSlope {
				from, to, slope = i, j, v
			}
		}
		i = j
	}
	return from, to, slope
}

var coalescedRequests = Kind{
	Code: "coalesced-requests", Severity: Note, find: findCoalesced,
	Meaning: words.Of("Dos send() llegaron en un solo recv(): una respuesta para ambos, sin pérdida.",
		"Two send() arrived in one recv(): one reply for both, nothing lost."),
}

// findCoalesced looks for replies that echo more than one request (docs/findings.md, Recoalescing).
func findCoalesced(l *look) (out []Finding) {
	for _, s := range l.all {
		if s.Echo == nil || len(s.Echo.Samples) == 0 || s.Echo.SamplesLeftOut > 0 || !timed(s) {
			continue
		}
		all := requestsOf(s)
		at, joint := int64(0), 0
		var frames []int64
		for _, e := range s.Echo.Samples {
			inside := sendsInside(all, at, at+int64(e.Bytes))
			at += int64(e.Bytes)
			if inside > 1 {
				joint++
				frames = append(frames, e.RequestFrame, e.ReplyFrame)
			}
		}
		if joint == 0 {
			continue
		}
		f := Finding{Sessions: ids(s), Frames: frames, Change: lineServerRecv.change(),
			Numbers: []Number{count("requests", s.Echo.Requests), count("replies", s.Echo.Replies), count("joint", int64(joint))}}
		f.Text = sentence("Dos envíos llegaron en un solo `recv()` (envíos: %[1]d; respuestas: %[2]d), sin que se perdiera un byte.",
			"Two sends came in one `recv()` (sends: %[1]d; replies: %[2]d), and not one byte was lost.", s.Echo.Requests, s.Echo.Replies)
		f.Long = sentence("El servidor tardó en leer y los bytes de varios `send()` se juntaron en su búfer; `recv()` los devolvió de una vez y el prefijo aparece una sola vez. TCP guarda el orden de los bytes, no los límites de las llamadas.",
			"The server was slow to read, and the bytes of several `send()` met in its buffer; `recv()` returned them at once and the prefix appears once. TCP keeps the order of bytes, not the boundaries of calls.")
		f.Fix = sentence("Separe los mensajes por su `\\n` al leer, y conteste uno por uno.", "Split what was read at `\\n`, and answer one message at a time.")
		out = append(out, f)
	}
	return out
}

// A request is a segment of the client that brought new bytes.
type request struct {
	offset int64
	same   bool // it belongs to the send of the segment before
}

// requestsOf lists a session's requests. Segments that follow a full one, or leave together with one, belong to the
// same send.
func requestsOf(s *sessions.Session) (out []request) {
	largest := largestSegment(s, sessions.Client)
	var before *sessions.Step
	for i := range s.Steps {
		st := &s.Steps[i]
		if !isData(sessions.Client)(st) {
			continue
		}
		same := before != nil && (before.Length == largest && before.Length >= minSplitChunk || time.Duration(st.Time-before.Time) < coalescedGap)
		out = append(out, request{st.Offset, same})
		before = st
	}
	slices.SortStableFunc(out, func(a, b request) int { return cmp.Compare(a.offset, b.offset) })
	return out
}

// sendsInside counts the sends whose bytes start in [from, to) of the request stream.
func sendsInside(all []request, from, to int64) (n int) {
	i := sort.Search(len(all), func(i int) bool { return all[i].offset >= from })
	for ; i < len(all) && all[i].offset < to; i++ {
		if !all[i].same || n == 0 {
			n++
		}
	}
	return n
}
