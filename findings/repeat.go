package findings

import (
	"net/netip"
	"slices"
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

var spuriousRetransmission = Kind{
	Code: "spurious-retransmission", Severity: Note, find: findSpurious, single: true,
	Meaning: words.Of("Un paquete se repitió aunque el primero había llegado: su ACK tardó, no se perdió nada.",
		"A packet was repeated though the first copy had arrived: its ACK came late, nothing was lost."),
}

// findSpurious looks for repeats whose first copy had arrived (docs/findings.md 20).
func findSpurious(l *look) (out []Finding) {
	for _, s := range l.all {
		if l.refused[s.ID] || l.flooded[s.ID] {
			continue
		}
		for _, side := range sides {
			if f, ok := l.spurious(s, side); ok {
				out = append(out, f)
			}
		}
	}
	return out
}

// spurious weighs the repeats that one side of a session sent.
func (l *look) spurious(s *sessions.Session, side sessions.Side) (f Finding, ok bool) {
	n := s.Spurious[side]
	var after []time.Duration
	pico := l.isPico(hostOf(s, side.Other()))
	for i := range s.Steps {
		st := &s.Steps[i]
		if st.From != side || !st.Marks.Has(sessions.MarkRetransmission) {
			continue
		}
		first := i - 1
		for first >= 0 && !carries(&s.Steps[first], side, st.Offset) {
			first--
		}
		if first < 0 {
			continue
		}
		wait := time.Duration(st.Time - s.Steps[first].Time)
		if !st.Marks.Has(sessions.MarkSpurious) {
			continue
		}
		after = append(after, wait)
		f.Frames = append(f.Frames, s.Steps[first].Frame, st.Frame)
	}
	if n == 0 {
		return f, false
	}
	f.Sessions = ids(s)
	f.Numbers = []Number{count("spurious", n), count("retransmitted", s.Retransmitted[side])}
	who, peer := l.who(s, side), l.who(s, side.Other())
	if len(after) > 0 {
		f.Numbers = append(f.Numbers, seconds("after_s", rhythm.Median(after)))
	}
	if pico {
		f.Text = sentence("%[1]s repitió un paquete porque el ACK de la Pico tardó (espera hasta 256 ms a propósito); no se perdió nada.",
			"%[1]s repeated a packet because the Pico's ACK came late (it waits up to 256 ms on purpose); nothing was lost.", capital(who))
		f.Long = sentence("lwIP demora el ACK de un segmento suelto hasta su próximo tic de 256 ms, y Linux repite tras unos 200 ms como mínimo (RFC 6298 pide 1 s). La copia salió %[1]s después del original, que ya estaba en la Pico: al verla repetida contestó enseguida. Una retransmisión de estas no dice nada del Wi-Fi.",
			"lwIP delays the ACK of a single segment until its next tick of 256 ms, and Linux repeats after some 200 ms at the least (RFC 6298 asks for 1 s). The copy left %[1]s after the original, which the Pico had already: on seeing it again it answered at once. Such a retransmission tells nothing about the Wi-Fi.", rhythm.Median(after))
	} else {
		f.Text = sentence("%[1]s repitió paquetes que %[2]s ya tenía (%[3]d): el ACK tardó o se perdió, los datos no.",
			"%[1]s repeated packets that %[2]s had already (%[3]d): the ACK was late or lost, the data were not.", capital(who), peer, n)
		f.Long = sentence("La prueba de que el original había llegado: estaba confirmado antes de la copia, lo dice un D-SACK (RFC 2883), o el ACK siguiente llegó demasiado pronto para contestar a la copia. La causa es un plazo de retransmisión más corto que la demora del ACK, o un ACK perdido.",
			"The proof that the original had arrived: it was acknowledged before the copy, a D-SACK says so (RFC 2883), or the next ACK came too soon to answer the copy. The cause is a retransmission timeout shorter than the delay of the ACK, or a lost ACK.")
	}
	f.Fix = sentence("No hay nada que corregir en el programa.", "There is nothing to correct in the program.")
	return f, true
}

// carries reports whether a step has byte number at of a side's stream.
func carries(st *sessions.Step, side sessions.Side, at int64) bool {
	return st.From == side && st.Length > 0 && st.Offset <= at && at < st.Offset+int64(st.Length)
}

var nagleDelayedACK = Kind{
	Code: "nagle-delayed-ack", Severity: Note, find: findNagleDelayed,
	Meaning: words.Of("Nagle de un lado y ACK demorado del otro: cada segundo envío pequeño espera decenas de milisegundos.",
		"Nagle on one side and delayed ACKs on the other: every second small send waits tens of milliseconds."),
}

// findNagleDelayed looks for small segments that leave at the very moment when a late ACK of the one before arrives
// (RFC 9293 section 3.7.4; RFC 1122 section 4.2.3.4).
func findNagleDelayed(l *look) (out []Finding) {
	for _, s := range l.all {
		if !timed(s) {
			continue
		}
		for _, side := range sides {
			f, waits := stalls(s, side)
			if len(waits) < minNaglePairs {
				continue
			}
			who := l.who(s, side)
			f.Sessions = ids(s)
			f.Numbers = []Number{count("stalls", int64(len(waits))), seconds("wait_s", rhythm.Median(waits))}
			f.Text = sentence("%[2]d envíos pequeños de %[1]s esperaron %[3]s cada uno: Nagle aguardaba un ACK que el otro lado demoraba a propósito.",
				"%[2]d small sends of %[1]s waited %[3]s each: Nagle was waiting for an ACK that the other side delayed on purpose.", who, len(waits), rhythm.Median(waits))
			f.Long = sentence("Con datos pequeños sin confirmar, Nagle no deja salir otro segmento pequeño; el receptor, a su vez, espera por si puede mandar el ACK junto con datos. Los dos aguardan hasta que vence el plazo del ACK demorado (40 ms en Linux, 200 ms en Windows, 256 ms en la Pico). Ocurre al escribir una petición en dos `send()`.",
				"With small data unacknowledged, Nagle lets no other small segment leave; the receiver in turn waits to see whether the ACK can travel with data. Both wait until the delayed ACK's timer runs out (40 ms on Linux, 200 ms on Windows, 256 ms on the Pico). It happens when one request is written with two `send()`.")
			f.Fix = sentence("Junte los datos en un solo `send()`, o active TCP_NODELAY.", "Put the data together in one `send()`, or set TCP_NODELAY.")
			f.Change = lineClientSend.change()
			out = append(out, f)
		}
	}
	return out
}

// stalls finds small segments of a side that left right after a delayed pure ACK of the small segment before.
func stalls(s *sessions.Session, side sessions.Side) (f Finding, waits []time.Duration) {
	full := largestSegment(s, side)
	if handshakeOf(s) == 0 {
		return f, nil // a late ACK cannot be told from a far one
	}
	for i := range s.Steps {
		a := &s.Steps[i]
		if !isData(side)(a) || a.Length >= full && full >= minSplitChunk {
			continue
		}
		if i+2 >= len(s.Steps) {
			break
		}
		ack, b := &s.Steps[i+1], &s.Steps[i+2]
		wait := time.Duration(ack.Time - a.Time)
		if ack.From != side.Other() || ack.Length > 0 || ack.Ack < a.Offset+int64(a.Length) || wait < handshakeOf(s)+delayedACKMin || wait > handshakeOf(s)+delayedACKMax {
			continue
		}
		if isData(side)(b) && b.Flags&capture.FIN == 0 && time.Duration(b.Time-ack.Time) <= afterACKMax+handshakeOf(s) {
			waits = append(waits, wait)
			f.Frames = append(f.Frames, a.Frame, ack.Frame, b.Frame)
		}
	}
	return f, waits
}

var keepAlive = Kind{
	Code: "keep-alive", Severity: Info, find: findKeepAlive, single: true,
	Meaning: words.Of("Sondas de keep-alive: una conexión quieta que pregunta si el otro sigue ahí.", "Keep-alive probes: a quiet connection asks whether the other side is still there."),
}

// findKeepAlive tells of keep-alive probes (RFC 9293 section 3.8.4).
func findKeepAlive(l *look) []Finding {
	var group []*sessions.Session
	n, frames := int64(0), []int64(nil)
	for _, s := range l.all {
		if k := s.KeepAlives[0] + s.KeepAlives[1]; k > 0 {
			group, n = append(group, s), n+k
			frames = append(frames, framesOf(s, func(st *sessions.Step) bool { return st.Marks.Has(sessions.MarkKeepAlive) })...)
		}
	}
	if n == 0 {
		return nil
	}
	f := Finding{Sessions: ids(group...), Frames: frames, Numbers: []Number{count("probes", n)}}
	f.Count, f.group, f.retell = len(group), "|", tellKeepAlive
	tellKeepAlive(&f)
	f.Long = sentence("Una sonda repite el último byte confirmado, o ninguno, para forzar un ACK (RFC 9293, 3.8.4). Sin respuesta tras varias, la pila da la conexión por muerta. No es una retransmisión.",
		"A probe repeats the last acknowledged byte, or none, to force an ACK (RFC 9293, 3.8.4). With no answer to several the stack takes the connection for dead. It is not a retransmission.")
	return []Finding{f}
}

// tellKeepAlive writes the text of keep-alive from its numbers.
func tellKeepAlive(f *Finding) {
	n, _ := f.Number("probes")
	f.Text = sentence("Una conexión quieta preguntó si el otro lado sigue ahí (sondas de keep-alive: %[1]d; sesiones: %[2]d); no llevan datos nuevos.",
		"A quiet connection asked whether the other side is still there (keep-alive probes: %[1]d; sessions: %[2]d); they carry no new data.", int64(n), f.Count)
}

var portReused = Kind{
	Code: "port-reused", Severity: Note, find: findPortReused,
	Meaning: words.Of("La misma pareja de puertos se abrió de nuevo antes de que venciera TIME-WAIT.", "The same pair of ports was opened again before TIME-WAIT ran out."),
}

// findPortReused looks for the same four-tuple opened again too early (RFC 9293 section 3.6.1).
func findPortReused(l *look) (out []Finding) {
	type tuple struct{ c, s netip.AddrPort }
	before := map[tuple]*sessions.Session{}
	for _, s := range l.all {
		k := tuple{s.Client, s.Server}
		o := before[k]
		before[k] = s
		if o == nil || s.Untimed || o.Untimed || s.RoleFrom != sessions.RoleFromSYN || o.End == sessions.EndRefused || o.End == sessions.EndNoAnswer {
			continue
		}
		end, _ := closedAt(o)
		if end == 0 {
			end = o.FirstTime + int64(o.Duration)
		}
		gap := time.Duration(s.FirstTime - end)
		if gap >= timeWaitLinux || gap < 0 {
			continue
		}
		f := Finding{Sessions: ids(o, s), Frames: []int64{o.LastFrame, s.FirstFrame}, Numbers: []Number{seconds("after_s", gap), count("port", int64(s.Client.Port()))}}
		f.Text = sentence("El cliente volvió a usar el puerto %[1]d %[2]s después del cierre: todavía podría haber segmentos viejos en camino.",
			"The client used port %[1]d again %[2]s after the close: old segments could still be on their way.", s.Client.Port(), gap)
		f.Long = sentence("La misma cuádrupla (sesiones %[1]d y %[2]d) se abrió antes de 2·MSL. Un servidor en TIME-WAIT puede aceptar el SYN si su número de secuencia es mayor (RFC 9293, 3.6.1), contestar un ACK viejo o reiniciar. La Pico vuelve a empezar sus puertos tras un reinicio y lo provoca con facilidad.",
			"The same four-tuple (sessions %[1]d and %[2]d) was opened before 2·MSL. A server in TIME-WAIT may take the SYN if its sequence number is larger (RFC 9293, 3.6.1), answer an old ACK, or reset. The Pico starts its ports anew after a reset and brings it about easily.", o.ID, s.ID)
		f.Fix = sentence("No fije el puerto del cliente con `bind()`; deje que el sistema lo elija.", "Do not fix the client's port with `bind()`; let the system choose it.")
		out = append(out, f)
	}
	return out
}

var wifiPowerSave = Kind{
	Code: "wifi-power-save", Severity: Note, find: findPowerSave, Pico: true,
	Meaning: words.Of("El Wi-Fi de la Pico duerme entre paquetes: el viaje de ida y vuelta varía de milisegundos a cientos.",
		"The Pico's Wi-Fi sleeps between packets: the round trip varies from milliseconds to hundreds."),
}

// findPowerSave compares a Pico's round trips at handshake and FIN, which no delayed ACK touches (docs/pico.md 4.4).
func findPowerSave(l *look) (out []Finding) {
	var hosts []netip.Addr
	for h := range l.picos {
		hosts = append(hosts, h)
	}
	slices.SortFunc(hosts, netip.Addr.Compare)
	for _, h := range hosts {
		var trips []time.Duration
		var used []*sessions.Session
		var frames []int64
		for _, s := range l.all {
			if s.Untimed || s.Client.Addr() != h && s.Server.Addr() != h {
				continue
			}
			if k := s.Handshake; k != nil && k.HasRTT && s.SYNs == 1 {
				trips, used, frames = append(trips, k.RTT), append(used, s), append(frames, k.SYNFrame)
			}
			if d, frame := finTrip(s, h); d > 0 {
				trips, used, frames = append(trips, d), append(used, s), append(frames, frame)
			}
		}
		if len(trips) < powerSaveSamples {
			continue
		}
		least, most := slices.Min(trips), slices.Max(trips)
		if most < powerSaveMin || most > powerSaveMax || most < powerSaveSpread*least {
			continue
		}
		f := Finding{Sessions: ids(used...), Frames: frames,
			Numbers: []Number{count("trips", int64(len(trips))), seconds("min_s", least), seconds("median_s", rhythm.Median(trips)), seconds("max_s", most)}}
		f.Text = sentence("El Wi-Fi de la Pico duerme entre paquetes: la ida y vuelta va de %[1]s a %[2]s según la suerte.",
			"The Pico's Wi-Fi sleeps between packets: the round trip goes from %[1]s to %[2]s as luck has it.", least, most)
		f.Long = sentence("Con el ahorro de energía por omisión (PM2) el radio duerme 200 ms después del último tráfico y solo despierta con las balizas del punto de acceso (102.4 ms por DTIM). Un paquete por segundo es el peor caso. Se midió con saludos y FIN, que lwIP confirma al instante; nunca con datos, cuyo ACK demora hasta 256 ms.",
			"With the default power saving (PM2) the radio sleeps 200 ms after the last traffic and wakes only for the access point's beacons (102.4 ms times DTIM). One packet a second is the worst case. It was measured on handshakes and FINs, which lwIP acknowledges at once; never on data, whose ACK it delays up to 256 ms.")
		f.Fix = sentence("Para medir: `wlan.config(pm=network.WLAN.PM_NONE)`.", "For measurements: `wlan.config(pm=network.WLAN.PM_NONE)`.")
		out = append(out, f)
	}
	return out
}

// finTrip is the time from the peer's FIN to the Pico's ACK of it, 0 if it was not seen.
func finTrip(s *sessions.Session, pico netip.Addr) (time.Duration, int64) {
	peer := sessions.Client
	if s.Client.Addr() == pico {
		peer = sessions.Server
	}
	fin := find(s, 0, func(st *sessions.Step) bool { return st.From == peer && st.Marks.Has(sessions.MarkNewFIN) })
	if fin < 0 {
		return 0, 0
	}
	end := s.Steps[fin].Offset + int64(s.Steps[fin].Length)
	ack := find(s, fin+1, func(st *sessions.Step) bool { return st.From == peer.Other() && st.Ack > end })
	if ack < 0 {
		return 0, 0
	}
	return time.Duration(s.Steps[ack].Time - s.Steps[fin].Time), s.Steps[fin].Frame
}
