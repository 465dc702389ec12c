package findings

import (
	"net/netip"
	"slices"
	"time"

	"tcptrace/notebook"
	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

// A loop is a rhythm of the notebook's kind and the session that has most of it.
type loop struct {
	*rhythm.Loop
	session *sessions.Session
}

// findLoops looks for the loops of the hosts' programs: those of the notebook's client, or of a Pico, and not the
// replies of a server, which follow the requests.
func findLoops(l *look) map[netip.Addr]*loop {
	loops := map[netip.Addr]*loop{}
	for _, p := range rhythm.Loops(l.all) {
		s := p.Sessions[0]
		if s.Cadence.Sender != sessions.Client || s.Server.Port() != notebook.GreetingPort && !l.isPico(p.Host) || loops[p.Host] != nil {
			continue
		}
		loops[p.Host] = &loop{p, s}
	}
	return loops
}

// side is the end of a session that the loop's program holds; NoSide when it has no part in it. On one host the program
// is who talks to the server that it sends its beats to, and who serves everybody else.
func (p *loop) side(s *sessions.Session) sessions.Side {
	host := hostOf(p.session, p.session.Cadence.Sender)
	switch {
	case s == p.session:
		return p.session.Cadence.Sender
	case s.Client.Addr() == s.Server.Addr() && s.Client.Addr() == host:
		if s.Server == p.session.Server {
			return sessions.Client
		}
		return sessions.Server
	case s.Client.Addr() == host:
		return sessions.Client
	case s.Server.Addr() == host:
		return sessions.Server
	}
	return sessions.NoSide
}

var loopEcho = Kind{
	Code: "loop-echo", Severity: Warning, find: findLoopEcho,
	Meaning: words.Of("El eco no espera a la red: espera a que el ciclo del programa vuelva a pasar por poll().",
		"The echo does not wait for the network: it waits for the program's loop to come back to poll()."),
}

// findLoopEcho looks for echoes that leave together with the same program's beats (docs/findings.md 1 and Phase
// lock).
func findLoopEcho(l *look) (out []Finding) {
	for _, host := range sortedHosts(l.loops) {
		if lock := rhythm.LockOf(l.all, l.loops[host].Loop, l.networks); lock != nil && lock.Holds {
			out = append(out, loopEchoFinding(l, host, lock))
		}
	}
	return out
}

func sortedHosts(loops map[netip.Addr]*loop) (hosts []netip.Addr) {
	for h := range loops {
		hosts = append(hosts, h)
	}
	slices.SortFunc(hosts, netip.Addr.Compare)
	return hosts
}

func loopEchoFinding(l *look, host netip.Addr, p *rhythm.Lock) Finding {
	n := time.Duration(len(p.Splits))
	var rtt, network, stack, wait, program, instead time.Duration
	var frames []int64
	for _, d := range p.Splits {
		rtt, network, stack = rtt+d.RTT/n, network+d.Network/n, stack+d.Stack/n
		wait, program, instead = wait+d.Loop/n, program+d.Program/n, instead+d.WithDeadline/n
		frames = append(frames, d.RequestFrame, d.ReplyFrame)
	}
	chance, period := p.Chance(), p.Loop.Period
	f := Finding{
		Sessions: append(slices.Clone(p.Sessions), ids(p.Loop.Sessions...)...), Frames: frames, Splits: p.Splits,
		Numbers: []Number{count("echoes", int64(n)), count("messages", int64(p.Messages)), seconds("rtt_mean_s", rtt),
			seconds("network_s", network), seconds("stack_s", stack), seconds("loop_s", wait), seconds("program_s", program),
			seconds("deadline_rtt_s", instead), seconds("period_s", period), seconds("lock_median_s", p.Median),
			seconds("lock_max_s", p.Most), count("locked", int64(p.Locked)), {"chance", chance}},
		Text: sentence("La red tardó %[1]s; los otros %[2]s (en promedio) el mensaje esperó a que terminara `time.sleep(1)`.",
			"The network took %[1]s; the other %[2]s (on average) your message waited for `time.sleep(1)` to end.", network, wait),
		Change: lineSleep.change(),
	}
	if wait > period {
		f.Text = sentence("La red tardó %[1]s; los otros %[2]s (en promedio) fueron varias vueltas del ciclo, con su `time.sleep(1)` en cada una.",
			"The network took %[1]s; the other %[2]s (on average) were several passes of the loop, with its `time.sleep(1)` in each.", network, wait)
	}
	f.Long = sentence("Los %[1]d ecos de %[2]s tardan %[3]s en promedio: red %[4]s (el saludo más corto), pila TCP %[5]s (repeticiones, Nagle), espera del ciclo %[6]s, programa a lo sumo %[7]s. "+
		"La prueba es la fase: %[13]d de ellos salen a lo sumo a %[8]s de un envío periódico del mismo programa (mediana %[9]s), cuyo período es %[10]s. "+
		"Si los ecos fueran independientes de ese ritmo y uniformes dentro del período, la probabilidad de que tantos cayeran así sería %.1[12]e (binomial con q = 2·%[8]s/%[10]s y n = %[11]d mensajes). "+
		"Un mensaje que llega d después del comienzo del ciclo recibe su eco P − d más tarde; la red no interviene.",
		"The %[1]d echoes of %[2]s take %[3]s on average: network %[4]s (the shortest handshake), TCP stack %[5]s (repeats, Nagle), waiting for the loop %[6]s, program at most %[7]s. "+
			"The proof is the phase: %[13]d of them leave within %[8]s of a periodic send of the same program (median %[9]s), whose period is %[10]s. "+
			"Were the echoes independent of that rhythm and uniform within the period, the probability that so many fell like this would be %.1[12]e (binomial with q = 2·%[8]s/%[10]s and n = %[11]d messages). "+
			"A message that comes d after the top of the loop has its echo P − d later; the network has no part in it.",
		len(p.Splits), l.name(host), rtt, network, stack, wait, program, p.Most, p.Median,
		precise(period), p.Messages, chance, p.Locked)
	f.Fix = sentence("Quite la pausa y espere en `poll()` hasta el próximo envío: `poller.poll(max(0, time.ticks_diff(proximo, time.ticks_ms())))`. El eco tardaría a lo sumo %s en lugar de %s.",
		"Drop the sleep and wait in `poll()` until the next send is due: `poller.poll(max(0, time.ticks_diff(due, time.ticks_ms())))`. The echo would take at most %s instead of %s.", instead, rtt)
	return f
}
