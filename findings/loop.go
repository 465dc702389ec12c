package findings

import (
	"math"
	"net/netip"
	"slices"
	"sort"
	"time"

	"tcptrace/journal"
	"tcptrace/sessions"
)

// A loop is a program that sends something once per pass: the clock that everything else it does is measured against.
type loop struct {
	session *sessions.Session
	period  time.Duration // median
	times   []int64       // of the beats, ascending
}

// findLoops looks for the beats of the hosts' programs.
func findLoops(l *look) map[netip.Addr]*loop {
	loops := map[netip.Addr]*loop{}
	for _, s := range l.all {
		c := s.Cadence
		if c == nil || s.Untimed || c.Period.N < minPeriods || !l.isLoop(s) {
			continue
		}
		host := hostOf(s, c.Sender)
		if old := loops[host]; old != nil && len(old.times) >= len(c.Times) {
			continue
		}
		loops[host] = &loop{session: s, period: c.Period.P50, times: c.Times}
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

// isLoop reports whether a session's beats can be a loop's: those of the notebook's client, or of a Pico, and not the
// replies of a server, which follow the requests.
func (l *look) isLoop(s *sessions.Session) bool {
	p := &s.Cadence.Period
	if s.Cadence.Sender != sessions.Client || p.P50 < minLoopPeriod || p.StdDev > time.Duration(maxLoopSpread*float64(p.Mean)) {
		return false
	}
	return s.Server.Port() == notebookServerPort || l.isPico(s.Client.Addr())
}

// notebookServerPort is where the notebook's PC server listens.
const notebookServerPort = 9001

var loopEcho = Kind{
	Code: "loop-echo", Severity: Warning, find: findLoopEcho,
	Meaning: Text{"El eco no espera a la red: espera a que el ciclo del programa vuelva a pasar por poll().",
		"The echo does not wait for the network: it waits for the program's loop to come back to poll()."},
}

// findLoopEcho looks for echoes that leave together with the same program's beats (findings.md 1 and section 3, phase
// lock).
func findLoopEcho(l *look) (out []Finding) {
	for _, host := range sortedHosts(l.loops) {
		p := l.loops[host]
		proof := gather(l, host, p)
		if proof != nil && proof.holds() {
			out = append(out, proof.finding(l))
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

// A loopProof is the evidence that one host's echoes wait for its loop.
type loopProof struct {
	host     netip.Addr
	loop     *loop
	rtt      time.Duration // the network's: the least handshake
	splits   []Split
	locks    []time.Duration // of every reply
	distinct int             // messages, for the chance: chunks of one message are not independent
	sessions []int
}

// gather takes the echoes of a host's servers apart. It gives nil when there are none.
func gather(l *look, host netip.Addr, p *loop) *loopProof {
	proof := &loopProof{host: host, loop: p, rtt: l.rtt(host)}
	for _, s := range l.all {
		if s.Echo == nil || s.Server.Addr() != host || s.Server == p.session.Server || s.Untimed || len(s.Echo.Samples) == 0 {
			continue
		}
		proof.sessions = append(proof.sessions, s.ID)
		proof.take(s)
	}
	if len(proof.splits) == 0 {
		return nil
	}
	return proof
}

// take adds the samples of one session.
func (p *loopProof) take(s *sessions.Session) {
	before := int64(math.MinInt64)
	first, again, handled := firstSegments(s), repeatsOf(s), handlings(s)
	for i := range s.Echo.Samples {
		e := &s.Echo.Samples[i]
		if before == math.MinInt64 || time.Duration(e.Sent-before) > sameMessage {
			p.distinct++
		}
		before = e.Sent
		d := p.split(e)
		d.Session = s.ID
		reply := e.Sent + int64(e.RTT)
		if at, ok := first[i]; ok {
			// What left after the first segment of the reply waited inside TCP (Nagle's algorithm).
			d.Stack = min(time.Duration(reply-at), max(d.RTT-d.Network, 0))
			reply = at
		}
		d.Stack += repeatWait(s, again, e, d.RTT-d.Network-d.Stack)
		d.Lock = p.loop.distance(reply)
		rest := d.RTT - d.Network - d.Stack
		handling, told := handled[reply]
		if !told {
			handling = p.bound()
		}
		d.Program = min(handling, max(rest, 0))
		d.Loop = rest - d.Program
		d.WithDeadline = d.RTT - d.Loop
		p.splits = append(p.splits, d)
		p.locks = append(p.locks, d.Lock)
	}
}

func (p *loopProof) split(e *sessions.EchoSample) Split {
	return Split{RequestFrame: e.RequestFrame, ReplyFrame: e.ReplyFrame, RTT: e.RTT, Network: min(p.rtt, e.RTT)}
}

// bound is what the program takes at most between recv() and send() where no journal tells: what the period has beyond
// sleep(1) and, where poll() used it up, its timeout.
func (p *loopProof) bound() time.Duration {
	switch d := p.loop.period - notebookSleep; {
	case d >= emptyPeriodMin-notebookSleep && d <= emptyPeriodMax-notebookSleep:
		return max(d-notebookPoll, 0)
	case d > 0 && d <= readyPeriodMax-notebookSleep:
		return d
	}
	return 0
}

// handlings tells from a journal, by the time of a reply's first segment, how long the server's program took from the
// start of its recv() to the start of the send() that made it.
func handlings(s *sessions.Session) map[int64]time.Duration {
	out := map[int64]time.Duration{}
	read := int64(math.MinInt64)
	for i := range s.Calls[sessions.Server] {
		c := &s.Calls[sessions.Server][i]
		switch {
		case (c.Call == journal.Recv || c.Call == journal.RecvInto) && c.Value > 0:
			read = c.At
		case c.Call == journal.Send && c.Step >= 0 && read != math.MinInt64:
			out[s.Steps[c.Step].Time] = time.Duration(max(c.At-read, 0))
		}
	}
	return out
}

// firstSegments finds, for every echo sample, the time of the segment that brought the first byte of its reply. It is
// empty where the reply's place in the stream is not known.
func firstSegments(s *sessions.Session) map[int]int64 {
	first := map[int]int64{}
	if s.RoleFrom != sessions.RoleFromSYN || s.Echo.SamplesLeftOut > 0 || s.StepsLeftOut > 0 || s.Echo.ByLength {
		return first
	}
	at := int64(0)
	step := 0
	for i := range s.Echo.Samples {
		for step < len(s.Steps) {
			st := &s.Steps[step]
			if isData(sessions.Server)(st) && at < st.Offset+int64(st.Length) {
				break
			}
			step++
		}
		if step == len(s.Steps) {
			break
		}
		first[i] = s.Steps[step].Time
		at += int64(s.Echo.Samples[i].Bytes + len(s.Echo.Prefix))
	}
	return first
}

// repeatsOf are the client's segments that had to be repeated because they were not taken, oldest first.
func repeatsOf(s *sessions.Session) (again []*sessions.Step) {
	if s.Retransmitted[sessions.Client] == 0 {
		return nil
	}
	for i := range s.Steps {
		st := &s.Steps[i]
		if st.From == sessions.Client && st.Marks.Has(sessions.MarkRetransmission) && !st.Marks.Has(sessions.MarkSpurious) {
			again = append(again, st)
		}
	}
	return again
}

// repeatWait is how long a request had to be repeated until a copy was taken, at most limit.
func repeatWait(s *sessions.Session, again []*sessions.Step, e *sessions.EchoSample, limit time.Duration) (wait time.Duration) {
	if len(again) == 0 {
		return 0
	}
	at := sort.Search(len(s.Steps), func(i int) bool { return s.Steps[i].Frame >= e.RequestFrame })
	if at == len(s.Steps) || s.Steps[at].Frame != e.RequestFrame {
		return 0
	}
	end := s.Steps[at].Offset + int64(s.Steps[at].Length)
	for _, st := range again {
		if st.Offset < end && end <= st.Offset+int64(st.Length) && st.Time < e.Sent+int64(e.RTT) {
			wait = time.Duration(st.Time - e.Sent)
		}
	}
	return min(wait, max(limit, 0))
}

// distance is how far a moment is from the nearest beat.
func (p *loop) distance(at int64) time.Duration {
	i := sort.Search(len(p.times), func(i int) bool { return p.times[i] >= at })
	best := int64(math.MaxInt64)
	if i < len(p.times) {
		best = p.times[i] - at
	}
	if i > 0 {
		best = min(best, at-p.times[i-1])
	}
	return time.Duration(best)
}

// holds decides whether the echoes are locked to the beats and slower than the network (findings.md 1).
func (p *loopProof) holds() bool {
	if len(p.locks) < minLocked || p.rtt <= 0 {
		return false
	}
	least, most := p.splits[0].RTT, p.splits[0].RTT
	for _, d := range p.splits {
		least, most = min(least, d.RTT), max(most, d.RTT)
	}
	n, _ := p.within()
	share := 1.0
	if len(p.locks) >= manyLocked {
		share = lockedShare
	}
	return median(p.locks) < lockMedian && float64(n) >= share*float64(len(p.locks)) && most-least > spreadOverRTT*p.rtt
}

// within counts the replies that are locked, and gives the largest distance among them.
func (p *loopProof) within() (n int, most time.Duration) {
	for _, d := range p.locks {
		if d < lockMax {
			n, most = n+1, max(most, d)
		}
	}
	return n, most
}

// chance is the probability that the lock is an accident: were the replies independent of the beats and uniform in the
// period, one of them would lie within d of a beat with q = 2d/P, and k or more of n independent ones with the tail of
// the binomial distribution, q^n where all are locked.
func (p *loopProof) chance() float64 {
	locked, d := p.within()
	q := min(1, 2*float64(d)/float64(p.loop.period))
	n := p.distinct
	k := min(n, n-(len(p.locks)-locked))
	sum := 0.0
	for i := max(k, 0); i <= n; i++ {
		ways, _ := math.Lgamma(float64(n + 1))
		in, _ := math.Lgamma(float64(i + 1))
		out, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(ways-in-out) * math.Pow(q, float64(i)) * math.Pow(1-q, float64(n-i))
	}
	return min(sum, 1)
}

func (p *loopProof) finding(l *look) Finding {
	n := time.Duration(len(p.splits))
	var rtt, network, stack, wait, program, instead time.Duration
	var frames []int64
	for _, d := range p.splits {
		rtt, network, stack = rtt+d.RTT/n, network+d.Network/n, stack+d.Stack/n
		wait, program, instead = wait+d.Loop/n, program+d.Program/n, instead+d.WithDeadline/n
		frames = append(frames, d.RequestFrame, d.ReplyFrame)
	}
	chance := p.chance()
	locked, most := p.within()
	f := Finding{
		Sessions: append(slices.Clone(p.sessions), p.loop.session.ID), Frames: frames, Splits: p.splits,
		Numbers: []Number{count("echoes", int64(n)), count("messages", int64(p.distinct)), seconds("rtt_mean_s", rtt),
			seconds("network_s", network), seconds("stack_s", stack), seconds("loop_s", wait), seconds("program_s", program),
			seconds("deadline_rtt_s", instead), seconds("period_s", p.loop.period), seconds("lock_median_s", median(p.locks)),
			seconds("lock_max_s", most), count("locked", int64(locked)), {"chance", chance}},
		Text: say("La red tardó %[1]s; los otros %[2]s (en promedio) el mensaje esperó a que terminara `time.sleep(1)`.",
			"The network took %[1]s; the other %[2]s (on average) your message waited for `time.sleep(1)` to end.", network, wait),
		Change: lineSleep.change(),
	}
	if wait > p.loop.period {
		f.Text = say("La red tardó %[1]s; los otros %[2]s (en promedio) fueron varias vueltas del ciclo, con su `time.sleep(1)` en cada una.",
			"The network took %[1]s; the other %[2]s (on average) were several passes of the loop, with its `time.sleep(1)` in each.", network, wait)
	}
	f.Long = say("Los %[1]d ecos de %[2]s tardan %[3]s en promedio: red %[4]s (el saludo más corto), pila TCP %[5]s (repeticiones, Nagle), espera del ciclo %[6]s, programa a lo sumo %[7]s. "+
		"La prueba es la fase: %[13]d de ellos salen a lo sumo a %[8]s de un envío periódico del mismo programa (mediana %[9]s), cuyo período es %[10]s. "+
		"Si los ecos fueran independientes de ese ritmo y uniformes dentro del período, la probabilidad de que tantos cayeran así sería %.1[12]e (binomial con q = 2·%[8]s/%[10]s y n = %[11]d mensajes). "+
		"Un mensaje que llega d después del comienzo del ciclo recibe su eco P − d más tarde; la red no interviene.",
		"The %[1]d echoes of %[2]s take %[3]s on average: network %[4]s (the shortest handshake), TCP stack %[5]s (repeats, Nagle), waiting for the loop %[6]s, program at most %[7]s. "+
			"The proof is the phase: %[13]d of them leave within %[8]s of a periodic send of the same program (median %[9]s), whose period is %[10]s. "+
			"Were the echoes independent of that rhythm and uniform within the period, the probability that so many fell like this would be %.1[12]e (binomial with q = 2·%[8]s/%[10]s and n = %[11]d messages). "+
			"A message that comes d after the top of the loop has its echo P − d later; the network has no part in it.",
		len(p.splits), l.name(p.host), rtt, network, stack, wait, program, most, median(p.locks),
		precise(p.loop.period), p.distinct, chance, locked)
	f.Fix = say("Quite la pausa y espere en `poll()` hasta el próximo envío: `poller.poll(max(0, time.ticks_diff(proximo, time.ticks_ms())))`. El eco tardaría %s en lugar de %s.",
		"Drop the sleep and wait in `poll()` until the next send is due: `poller.poll(max(0, time.ticks_diff(due, time.ticks_ms())))`. The echo would take %s instead of %s.", instead, rtt)
	return f
}
