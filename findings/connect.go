package findings

import (
	"net/netip"
	"slices"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/notebook"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/words"
)

var connectionRefused = Kind{
	Code: "connection-refused", Severity: Error, find: findRefused, single: true,
	Meaning: words.Of("Nadie escuchaba en ese puerto: el SYN recibió RST.", "Nobody was listening on that port: the SYN was answered with RST."),
}

// findRefused looks for SYNs that were answered with RST, and for connect() calls that say so (docs/findings.md 14).
func findRefused(l *look) (out []Finding) {
	groups := map[netip.AddrPort][]*sessions.Session{}
	var order []netip.AddrPort
	for _, s := range l.all {
		if s.End == sessions.EndRefused {
			if groups[s.Server] == nil {
				order = append(order, s.Server)
			}
			groups[s.Server] = append(groups[s.Server], s)
		}
	}
	for _, end := range order {
		out = append(out, refusedFinding(l, end, groups[end]))
	}
	for i := range l.t.Loose {
		c := &l.t.Loose[i]
		if c.Call == journal.Connect && c.Errno == "ECONNREFUSED" && groups[c.Addr()] == nil {
			groups[c.Addr()] = []*sessions.Session{}
			f := refusedFinding(l, c.Addr(), nil)
			f.Numbers = append(f.Numbers, count("journal_line", int64(c.Line)))
			out = append(out, f)
		}
	}
	return out
}

func refusedFinding(l *look, end netip.AddrPort, group []*sessions.Session) Finding {
	f := Finding{Sessions: ids(group...), group: "|" + end.String(),
		Numbers: []Number{count("port", int64(end.Port())), count("attempts", int64(max(len(group), 1)))}}
	for _, s := range group {
		f.Frames = append(f.Frames, s.FirstFrame, s.LastFrame)
		if len(s.Steps) > 1 {
			f.Numbers = append(f.Numbers, seconds("answered_s", s.Duration))
		}
		if len(f.Frames) >= MaxFrames {
			break
		}
	}
	pico := len(group) > 0 && l.isPico(group[0].Client.Addr())
	if pico && end.Port() == notebook.GreetingPort {
		f.Text = sentence("Nadie escuchaba en %[1]d: arranque primero `pc_server.py` y reinicie después la Pico; solo lo intenta una vez.",
			"Nobody was listening on %[1]d: start `pc_server.py` first, then restart the Pico; it tries only once.", end.Port())
		f.Change = lineConnect.change()
	} else {
		f.Text = sentence("Nadie escuchaba en %[1]s: arranque primero el servidor y conéctese después.",
			"Nobody was listening on %[1]s: start the server first, then connect.", end)
	}
	f.Long = sentence("El SYN llegó y la pila de %[1]s contestó RST porque ningún socket estaba en LISTEN en el puerto %[2]d (RFC 9293, 3.10.7.1). El cliente pasa de SYN-SENT a CLOSED%[3]s.",
		"The SYN arrived, and the stack of %[1]s answered RST because no socket was in LISTEN on port %[2]d (RFC 9293, 3.10.7.1). The client goes from SYN-SENT to CLOSED%[3]s.", end.Addr().String(), end.Port(), refusedErrno(group, pico))
	if pico {
		f.Long = joined(f.Long, sentence(" En la Pico el error es 104 (ECONNRESET, nunca 111); un programa que lo calla con `except OSError: pass` sigue enviando sobre un socket muerto.",
			" On the Pico the error is 104 (ECONNRESET, never 111); a program that hides it with `except OSError: pass` goes on sending on a dead socket."))
	}
	f.Fix = sentence("Reintente `connect()` con un socket nuevo cada pocos segundos hasta que el servidor esté.",
		"Try `connect()` again with a new socket every few seconds until the server is there.")
	return f
}

// refusedErrno says how the client's program learned of the refusal: as its journal has it, else as its stack tells it.
func refusedErrno(group []*sessions.Session, pico bool) Text {
	for _, s := range group {
		calls := s.Calls[sessions.Client]
		for i := range calls {
			c := &calls[i]
			switch {
			case (c.Errno == "ECONNREFUSED" || c.Errno == "ECONNRESET") && c.Returns:
				return sentence("; según el diario, `%[1]s` dio %[2]s", "; by the journal, `%[1]s` gave %[2]s", ladder.Spelling(c), c.Errno)
			case c.Call == journal.GetSockOpt && c.Value > 0:
				return sentence("; según el diario, SO_ERROR dio %[1]d", "; by the journal, SO_ERROR gave %[1]d", c.Value)
			}
		}
	}
	if pico {
		return Text{}
	}
	return sentence(" y `connect()` da ECONNREFUSED", ", and `connect()` gives ECONNREFUSED")
}

var silentDrop = Kind{
	Code: "silent-drop", Severity: Error, find: findSilent, single: true,
	Meaning: words.Of("El SYN se repite y nadie contesta, ni siquiera RST: un cortafuegos lo descarta.",
		"The SYN is repeated and nothing answers, not even RST: a firewall drops it."),
}

// findSilent looks for SYNs repeated without any answer (docs/findings.md 15).
func findSilent(l *look) (out []Finding) {
	groups := map[netip.AddrPort][]*sessions.Session{}
	var order []netip.AddrPort
	for _, s := range l.all {
		if s.End != sessions.EndNoAnswer || s.SYNs < minSilentSYNs || l.full[s.ID] || l.unreachable(s) != nil {
			continue
		}
		if groups[s.Server] == nil {
			order = append(order, s.Server)
		}
		groups[s.Server] = append(groups[s.Server], s)
	}
	for _, end := range order {
		group := groups[end]
		syns := int64(0)
		f := Finding{Sessions: ids(group...), Change: lineHost.change()}
		for _, s := range group {
			syns += s.SYNs
			f.Frames = append(f.Frames, framesOf(s, hasFlag(sessions.Client, capture.SYN))...)
		}
		f.Numbers = []Number{count("syns", syns), seconds("span_s", group[0].Duration), count("port", int64(end.Port()))}
		f.group, f.retell = "|"+end.String(), func(f *Finding) { tellSilent(f, end) }
		tellSilent(&f, end)
		f.Fix = sentence("Abra el puerto %d en el cortafuegos, y compruebe que los dos equipos estén en la misma red.",
			"Open port %d in the firewall, and check that both machines are on the same network.", end.Port())
		out = append(out, f)
	}
	return out
}

// tellSilent writes the texts of silent-drop from its numbers.
func tellSilent(f *Finding, end netip.AddrPort) {
	syns, _ := f.Number("syns")
	span, _ := f.Number("span_s")
	f.Text = sentence("Nadie contesta los SYN a %[1]s (%[2]d intentos), ni siquiera con RST: lo más probable es un cortafuegos en ese equipo (en Windows: permita Python en redes privadas).",
		"Nothing answers the SYNs to %[1]s (%[2]d attempts), not even RST: most likely a firewall on that machine (Windows: allow Python on private networks).", end, int64(syns))
	f.Long = sentence("Un puerto cerrado contestaría RST. El silencio quiere decir que el SYN fue descartado antes de llegar a TCP, o que su respuesta no vuelve: cortafuegos, aislamiento entre clientes del punto de acceso, o una ruta de vuelta que falta. Linux repite tras 1, 1, 1, 1, 1, 2, 4… s; la Pico 7 veces cada 3.07 s y luego abandona (ECONNABORTED). Aquí: %[1]d SYN en %[2]s.",
		"A closed port would answer RST. Silence means that the SYN was dropped before it came to TCP, or that its answer does not come back: a firewall, client isolation of the access point, or a missing way back. Linux repeats after 1, 1, 1, 1, 1, 2, 4… s; the Pico 7 times every 3.07 s and then gives up (ECONNABORTED). Here: %[1]d SYNs in %[2]s.", int64(syns), time.Duration(span*1e9))
}

// unreachable is the ICMP error about a session, nil if there is none.
func (l *look) unreachable(s *sessions.Session) *capture.ICMPError {
	for i := range l.t.ICMPs {
		if e := &l.t.ICMPs[i]; e.Src == s.Client && e.Dst == s.Server {
			return e
		}
	}
	return nil
}

var icmpUnreachable = Kind{
	Code: "icmp-unreachable", Severity: Error, find: findUnreachable,
	Meaning: words.Of("Un equipo del camino dijo por ICMP que no se puede llegar.", "A machine on the way said by ICMP that there is no way through."),
}

// findUnreachable looks for connections that never opened and about which an ICMP error came (RFC 9293 section 3.9.2.2).
func findUnreachable(l *look) (out []Finding) {
	for _, s := range l.all {
		e := l.unreachable(s)
		if e == nil || s.Handshake != nil && s.Handshake.Complete {
			continue
		}
		f := Finding{Sessions: ids(s), Frames: []int64{s.FirstFrame, e.Frame}, Numbers: []Number{count("type", int64(e.Type)), count("code", int64(e.Code))}}
		f.Text = sentence("%[1]s dijo por ICMP que no se puede llegar a %[2]s.", "%[1]s said by ICMP that %[2]s cannot be reached.", e.From.String(), s.Server)
		f.Long = sentence("El error ICMP (tipo %[1]d, código %[2]d) cita el SYN de esta conexión: no es silencio ni RST, sino un equipo o cortafuegos que rechaza. TCP lo trata como error blando (RFC 9293, 3.9.2.2) y sigue intentando; `connect()` da EHOSTUNREACH o ECONNREFUSED.",
			"The ICMP error (type %[1]d, code %[2]d) quotes this connection's SYN: neither silence nor RST, but a machine or firewall that refuses. TCP takes it for a soft error (RFC 9293, 3.9.2.2) and goes on trying; `connect()` gives EHOSTUNREACH or ECONNREFUSED.", e.Type, e.Code)
		f.Fix = sentence("Revise la dirección, la ruta y el cortafuegos de quien envió el error.", "Check the address, the route and the firewall of who sent the error.")
		out = append(out, f)
	}
	return out
}

var arpUnanswered = Kind{
	Code: "arp-unanswered", Severity: Error, find: findARP,
	Meaning: words.Of("Ninguna máquina tiene la dirección puesta en HOST: las preguntas ARP quedan sin respuesta.",
		"No machine has the address in HOST: the ARP questions stay unanswered."),
}

// asked is one host looking for an address.
type asked struct{ by, target netip.Addr }

// findARP looks for addresses asked for again and again that nobody has, and from which no TCP ever came (docs/findings.md 16).
func findARP(l *look) (out []Finding) {
	questions := map[asked][]capture.ARP{}
	var order []asked
	has := map[netip.Addr]bool{}
	for _, a := range l.t.ARPs {
		k := asked{a.SenderIP, a.TargetIP}
		if !a.SenderIP.IsUnspecified() {
			has[a.SenderIP] = true // who asks or answers is there
		}
		if a.Request && !a.SenderIP.IsUnspecified() && a.SenderIP != a.TargetIP {
			if questions[k] == nil {
				order = append(order, k)
			}
			questions[k] = append(questions[k], a)
		}
	}
	for _, s := range l.all {
		for _, side := range sides {
			has[hostOf(s, side)] = has[hostOf(s, side)] || s.Packets[side] > 0
		}
	}
	for _, k := range order {
		q := inARow(questions[k])
		if has[k.target] || len(q) < minARPs || time.Duration(q[len(q)-1].Time-q[0].Time) < minARPSpan {
			continue
		}
		f := Finding{Numbers: []Number{count("questions", int64(len(q))), seconds("span_s", time.Duration(q[len(q)-1].Time-q[0].Time))}, Change: lineHost.change()}
		for _, a := range q {
			f.Frames = append(f.Frames, a.Frame)
		}
		f.Text = sentence("Ninguna máquina tiene la dirección %[1]s que %[2]s busca: revise `HOST` en su programa.",
			"No machine has the address %[1]s that %[2]s looks for: check `HOST` in its program.", k.target.String(), l.name(k.by))
		f.Long = sentence("Antes de enviar un SYN por la red local hay que conocer la dirección física del destino. %[1]s preguntó %[2]d veces por %[3]s (ARP, RFC 826) y nadie contestó, así que no salió ni un paquete TCP. El aislamiento entre clientes de un punto de acceso se ve igual.",
			"Before a SYN can leave on the local network the hardware address of its destination must be known. %[1]s asked %[2]d times for %[3]s (ARP, RFC 826) and nobody answered, so not one TCP packet left. Client isolation of an access point looks the same.", k.by.String(), len(q), k.target.String())
		f.Fix = sentence("Mire la dirección del otro equipo (`ip addr`, `ipconfig`, `wlan.ifconfig()`) y corríjala.",
			"Look up the other machine's address (`ip addr`, `ipconfig`, `wlan.ifconfig()`) and correct it.")
		out = append(out, f)
	}
	return out
}

// inARow gives the longest run of questions no further apart than arpGap.
func inARow(q []capture.ARP) (best []capture.ARP) {
	q = slices.Clone(q)
	slices.SortFunc(q, func(a, b capture.ARP) int { return int(a.Frame - b.Frame) })
	for i := 0; i < len(q); {
		j := i + 1
		for j < len(q) && time.Duration(q[j].Time-q[j-1].Time) <= arpGap {
			j++
		}
		if j-i > len(best) {
			best = q[i:j]
		}
		i = j
	}
	return best
}
