package findings

import (
	"time"

	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

// A message is what one send() of the client made: its echoes have requests that left together.
type message struct {
	samples     []sessions.EchoSample
	from, to    int // of Echo.Samples
	sent, bytes int64
}

// lastReply is when the message's last echo had arrived.
func (m *message) lastReply() int64 {
	e := &m.samples[len(m.samples)-1]
	return e.Sent + int64(e.RTT)
}

func (m *message) firstReply() int64 { return m.samples[0].Sent + int64(m.samples[0].RTT) }

// messagesOf groups a session's echoes by the message they answer.
func messagesOf(s *sessions.Session) []message { return messagesApart(s, rhythm.SameMessage) }

// messagesApart takes requests that left further apart than gap for different messages.
func messagesApart(s *sessions.Session, gap time.Duration) (out []message) {
	if s.Echo == nil || s.Untimed {
		return nil
	}
	before := int64(0)
	for i := range s.Echo.Samples {
		e := s.Echo.Samples[i]
		if n := len(out); n > 0 && time.Duration(e.Sent-before) <= gap {
			m := &out[n-1]
			m.to, m.bytes = i+1, m.bytes+int64(e.Bytes)
			m.samples = s.Echo.Samples[m.from:m.to]
		} else {
			out = append(out, message{samples: s.Echo.Samples[i : i+1], from: i, to: i + 1, sent: e.Sent, bytes: int64(e.Bytes)})
		}
		before = e.Sent
	}
	return out
}

// isSplit reports whether a message was read in several pieces: all but the last as large as one recv() gives.
func (m *message) isSplit() bool {
	if len(m.samples) < 2 {
		return false
	}
	for _, e := range m.samples[:len(m.samples)-1] {
		if e.Bytes < minSplitChunk {
			return false
		}
	}
	return true
}

var messageSplit = Kind{
	Code: "message-split", Severity: Warning, find: findMessageSplit,
	Meaning: words.Of("Un solo send() llegó en varios recv(): TCP no tiene mensajes.",
		"One send() arrived in several recv(): TCP has no messages."),
}

// findMessageSplit looks for messages that were echoed in several pieces (docs/findings.md 5).
func findMessageSplit(l *look) (out []Finding) {
	for _, s := range l.all {
		for _, m := range messagesOf(s) {
			if m.isSplit() {
				out = append(out, splitFinding(l, s, &m))
				break // one message explains the session
			}
		}
	}
	return out
}

func splitFinding(l *look, s *sessions.Session, m *message) Finding {
	chunks := make([]int, len(m.samples))
	var frames []int64
	for i, e := range m.samples {
		chunks[i] = e.Bytes
		frames = append(frames, e.RequestFrame, e.ReplyFrame)
	}
	span := time.Duration(m.lastReply() - m.firstReply())
	f := Finding{Sessions: ids(s), Frames: frames, Change: linePicoRecv.change(),
		Numbers: []Number{count("bytes", m.bytes), count("pieces", int64(len(chunks))), count("piece_bytes", int64(chunks[0])), seconds("span_s", span)}}
	f.Text = sentence("TCP no tiene mensajes: `recv()` entregó un pedazo por vuelta, y un mensaje de %[1]d bytes se volvió %[2]d ecos (%[3]s bytes).",
		"TCP has no messages: `recv()` gave the program one piece per turn, so a message of %[1]d bytes became %[2]d echoes (%[3]s bytes).", m.bytes, len(chunks), list(chunks))
	reason := sentence("`recv(1024)` entrega a lo sumo 1024 bytes de lo que haya llegado", "`recv(1024)` gives at most 1024 bytes of what has arrived")
	if l.isPico(s.Server.Addr()) {
		reason = sentence("en la Pico `recv()` entrega un solo segmento (a lo sumo %d bytes, su MSS) aunque se pidan 1024", "on the Pico `recv()` gives a single segment (at most %d bytes, its MSS) though 1024 were asked for", picoMSS)
	}
	f.Long = sentence("Cada prefijo «%[4]s» es una llamada a `recv()`: %[1]s. El primer eco salió %[2]s después de enviar y el último %[3]s después del primero, uno por vuelta del ciclo. TCP es una corriente de bytes (RFC 9293, 2.2): los límites de `send()` no viajan.",
		"Every prefix \"%[4]s\" is one call of `recv()`: %[1]s. The first echo left %[2]s after the send and the last %[3]s after the first, one per pass of the loop. TCP is a stream of bytes (RFC 9293, 2.2): the boundaries of `send()` do not travel.",
		reason, m.samples[0].RTT, span, s.Echo.Prefix)
	f.Fix = sentence("Marque el fin de cada mensaje (por ejemplo `\\n`, o su longitud delante), junte lo recibido en un búfer y conteste cuando el mensaje esté completo.",
		"Mark the end of each message (such as `\\n`, or its length in front), collect what was received in a buffer, and answer when the message is whole.")
	return f
}

var nagleTail = Kind{
	Code: "nagle-tail", Severity: Note, find: findNagleTail,
	Meaning: words.Of("La respuesta no cupo en un segmento: los últimos bytes esperaron el ACK del primero (Nagle).",
		"The reply did not fit in one segment: its last bytes waited for the first one's ACK (Nagle)."),
}

// findNagleTail looks for replies cut into a full segment and a small one that left only after the ACK (docs/findings.md 6).
func findNagleTail(l *look) (out []Finding) {
	for _, s := range l.all {
		if s.Echo == nil || len(s.Echo.Samples) == 0 || !timed(s) {
			continue
		}
		if f, ok := tails(s); ok {
			out = append(out, f)
		}
	}
	return out
}

// tails counts the small rests that waited for an ACK in a session's replies.
func tails(s *sessions.Session) (f Finding, ok bool) {
	full := largestSegment(s, sessions.Server)
	if full < minSplitChunk {
		return f, false
	}
	n, bytes := 0, int32(0)
	var waits []time.Duration
	for i := range s.Steps {
		a := &s.Steps[i]
		if !isData(sessions.Server)(a) || a.Length != full {
			continue
		}
		end := a.Offset + int64(a.Length)
		next := find(s, i+1, isData(sessions.Server))
		if next < 0 || s.Steps[next].Offset != end || s.Steps[next].Length >= full {
			continue
		}
		ack := find(s, i+1, func(st *sessions.Step) bool { return st.From == sessions.Client && st.Ack >= end })
		b := &s.Steps[next]
		if wait := time.Duration(b.Time - a.Time); ack >= 0 && ack < next && wait <= nagleMax {
			n, bytes = n+1, b.Length
			waits = append(waits, wait)
			f.Frames = append(f.Frames, a.Frame, s.Steps[ack].Frame, b.Frame)
		}
	}
	if n == 0 {
		return f, false
	}
	f.Sessions, f.Change = ids(s), lineAccepted.change()
	f.Numbers = []Number{count("tails", int64(n)), count("segment_bytes", int64(full)), count("tail_bytes", int64(bytes)), seconds("wait_s", rhythm.Median(waits))}
	f.Text = sentence("«%[1]s» hizo la respuesta %[2]d bytes más larga que un segmento (%[3]d): un segundo paquete esperó %[4]s el ACK del primero.",
		"\"%[1]s\" made the reply %[2]d bytes longer than one segment (%[3]d): a second packet waited %[4]s for the first one's ACK.", s.Echo.Prefix, bytes, full, rhythm.Median(waits))
	f.Long = sentence("El algoritmo de Nagle (RFC 9293, 3.7.4) retiene un segmento pequeño mientras haya datos sin confirmar. La respuesta llena un segmento de %[1]d bytes y deja %[2]d: estos salen un viaje de ida y vuelta después (%[3]s; %[4]d veces). Si el otro lado demorara sus ACK, serían 40 a 200 ms.",
		"Nagle's algorithm (RFC 9293, 3.7.4) holds a small segment back while data are unacknowledged. The reply fills one segment of %[1]d bytes and leaves %[2]d: those leave one round trip later (%[3]s; %[4]d times). If the other side delayed its ACKs, it would be 40 to 200 ms.", full, bytes, rhythm.Median(waits), n)
	f.Fix = sentence("Active TCP_NODELAY en la conexión (MicroPython 1.23 o posterior). Leer de a menos bytes no sirve: parte la petición en más ecos.",
		"Set TCP_NODELAY on the connection (MicroPython 1.23 or later). Reading fewer bytes does not help: it splits the request into more echoes.")
	return f, true
}

// largestSegment is the most payload that one segment of a side carried.
func largestSegment(s *sessions.Session, side sessions.Side) (most int32) {
	for i := range s.Steps {
		if s.Steps[i].From == side {
			most = max(most, s.Steps[i].Length)
		}
	}
	return most
}
