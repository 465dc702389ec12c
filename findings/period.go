package findings

import (
	"time"

	"tcptrace/journal"
	"tcptrace/notebook"
	"tcptrace/sessions"
	"tcptrace/sessions/rhythm"
	"tcptrace/words"
)

var loopPeriod = Kind{
	Code: "loop-period", Severity: Note, find: findLoopPeriod,
	Meaning: words.Of("El período de los envíos dice qué hace el ciclo: sleep(1) solo, o sleep(1) más un poll(50) sin eventos.",
		"The period of the sends tells what the loop does: sleep(1) alone, or sleep(1) and an empty poll(50)."),
}

// findLoopPeriod reads the loop out of the rhythm of the beats (docs/findings.md 2).
func findLoopPeriod(l *look) (out []Finding) {
	for _, host := range sortedHosts(l.loops) {
		p := l.loops[host]
		c := p.session.Cadence
		// A median outside both ranges is a loop of another kind: nothing is said about it.
		if main := rhythm.PaceOf(c.Period.P50); main != rhythm.OtherPace {
			out = append(out, periodFinding(l, p.session, main, pacesOf(c)))
		}
	}
	return out
}

// paces are the intervals of each kind, in seconds of their median, and how many changes there were.
type paces struct {
	ready, empty []time.Duration
	changed      int64 // time of the beat with which the pace changed for minRun intervals; 0 for none
}

func pacesOf(c *sessions.Cadence) (p paces) {
	run, before := 0, rhythm.OtherPace
	for i := 1; i < len(c.Times); i++ {
		d := time.Duration(c.Times[i] - c.Times[i-1])
		k := rhythm.PaceOf(d)
		switch k {
		case rhythm.ReadyPace:
			p.ready = append(p.ready, d)
		case rhythm.EmptyPace:
			p.empty = append(p.empty, d)
		}
		if k == before {
			run++
		} else {
			run, before = 1, k
		}
		if run == minRun && p.changed == 0 && len(p.ready) > 0 && len(p.empty) > 0 {
			p.changed = c.Times[i-run]
		}
	}
	return p
}

func periodFinding(l *look, s *sessions.Session, main rhythm.Pace, p paces) Finding {
	who := l.who(s, s.Cadence.Sender)
	f := Finding{Sessions: ids(s), Frames: beatFrames(s, 4), Change: lineSleep.change(),
		Numbers: []Number{count("beats", s.Cadence.Beats), seconds("period_s", s.Cadence.Period.P50)}}
	mid := s.Cadence.Period.P50
	empty := l.pollWaited(s, p)
	switch {
	case p.changed != 0 && empty:
		a, b := rhythm.Median(p.ready), rhythm.Median(p.empty)
		f.Numbers = append(f.Numbers, seconds("ready_period_s", a), seconds("empty_period_s", b),
			seconds("changed_s", time.Duration(p.changed-l.t.Capture.FirstTime)))
		f.Frames = append(f.Frames, framesAt(s, p.changed)...)
		f.Text = sentence("El ciclo de %[1]s cambió entre %[2]s y %[3]s: con %[2]s siempre había algo que leer; con %[3]s `poll(50)` esperó en vano sus 50 ms.",
			"The loop of %[1]s changed between %[2]s and %[3]s: at %[2]s there was always something to read; at %[3]s `poll(50)` waited its 50 ms in vain.",
			who, precise(a), precise(b))
	case main == rhythm.ReadyPace:
		f.Text = sentence("El ciclo de %[1]s dura %[2]s: `sleep(1)` más el trabajo; `poll(50)` no esperó, porque siempre había algo listo.",
			"The loop of %[1]s runs every %[2]s: `sleep(1)` plus its work; `poll(50)` did not wait, because something was always ready.", who, precise(mid))
	case !empty:
		f.Text = sentence("El ciclo de %[1]s dura %[2]s: `sleep(1)` y %[3]s más, que no son un `poll(50)` sin eventos.",
			"The loop of %[1]s runs every %[2]s: `sleep(1)` and %[3]s more, which are not an empty `poll(50)`.", who, precise(mid), mid-notebook.Period)
	default:
		f.Text = sentence("El ciclo de %[1]s dura %[2]s = `sleep(1)` + un `poll(50)` sin eventos.",
			"The loop of %[1]s runs every %[2]s = `sleep(1)` + an empty `poll(50)`.", who, precise(mid))
	}
	f.Long = sentence("El período de un ciclo con pausa es P = S + W + h: la pausa S = 1 s, la espera W de `poll()` (0 si algo está listo, hasta 50 ms si no) y el trabajo h. Mediana de %[1]d intervalos: %[2]s, mínimo %[3]s, máximo %[4]s. El retraso se suma en cada vuelta: el programa no envía cada segundo sino cada %[2]s y se corre %[5]s por minuto. Un ciclo con plazo fijo quedaría en 1.000 s.",
		"The period of a loop with a pause is P = S + W + h: the pause S = 1 s, the wait W of `poll()` (0 when something is ready, up to 50 ms when not) and the work h. Median of %[1]d intervals: %[2]s, least %[3]s, most %[4]s. The delay adds up in every pass: the program does not send every second but every %[2]s and drifts by %[5]s per minute. A loop with deadlines would sit at 1.000 s.",
		s.Cadence.Period.N, precise(mid), precise(s.Cadence.Period.Min), precise(s.Cadence.Period.Max), 60*(mid-notebook.Period))
	f.Fix = sentence("Para enviar cada segundo exacto, guarde la hora del próximo envío (`proximo = time.ticks_add(proximo, 1000)`) en lugar de dormir.",
		"To send every second exactly, keep the time of the next send (`due = time.ticks_add(due, 1000)`) instead of sleeping.")
	return f
}

// An interval fits sleep(1) and an empty poll(50) when it is so near to 1.050 s: the loop's own work takes 2 to 4 ms
// (testdata/genuine/pico-server-rst). Intervals that scatter more fit anything.
const emptyFit = 6 * time.Millisecond

// pollWaited reports whether something shows that poll(50) came back empty: the program's journal where there is one, else
// intervals that fit it.
func (l *look) pollWaited(s *sessions.Session, p paces) bool {
	if empty, known := l.emptyPolls(s); known {
		return 3*empty >= s.Cadence.Beats
	}
	if len(p.empty) == 0 {
		return false
	}
	mid := rhythm.Median(p.empty)
	near := 0
	for _, d := range p.empty {
		if (d - mid).Abs() <= emptyFit {
			near++
		}
	}
	return (mid-notebook.Period-notebook.Poll).Abs() <= emptyFit && 2*near > len(p.empty)
}

// emptyPolls counts the polls that came back with nothing while a session sent its beats; known is false without the
// sender's journal.
func (l *look) emptyPolls(s *sessions.Session) (n int64, known bool) {
	calls := s.Calls[s.Cadence.Sender]
	if len(calls) == 0 {
		return 0, false
	}
	first, last := calls[0].Entry, calls[len(calls)-1].Entry
	for i := range l.t.Journals {
		inside := false
		for k := range l.t.Journals[i].Entries {
			e := &l.t.Journals[i].Entries[k]
			inside = inside || e.Start == first.Start && e.Socket == first.Socket && e.Call == first.Call
			if !inside {
				continue
			}
			if (e.Call == journal.Poll || e.Call == journal.Select) && e.Errno == "" && len(e.Ready()) == 0 && e.HasEnd {
				n++
			}
			if e.Start == last.Start && e.Call == last.Call {
				return n, true
			}
		}
	}
	return 0, false
}

// beatFrames are the frames of the first beats of a session.
func beatFrames(s *sessions.Session, n int) (frames []int64) {
	for i := range s.Steps {
		if len(frames) < n && isData(s.Cadence.Sender)(&s.Steps[i]) {
			frames = append(frames, s.Steps[i].Frame)
		}
	}
	return frames
}

// framesAt are the frames of a session's steps at exactly one time.
func framesAt(s *sessions.Session, at int64) (frames []int64) {
	for i := range s.Steps {
		if s.Steps[i].Time == at {
			frames = append(frames, s.Steps[i].Frame)
		}
	}
	return frames
}
