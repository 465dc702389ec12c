package findings

import (
	"time"

	"tcptrace/notebook"
	"tcptrace/words"
)

var sendFlood = Kind{
	Code: "send-flood", Severity: Warning, find: findFlood,
	Meaning: words.Of("Un programa envía en cada vuelta de su ciclo, sin mirar el reloj: muchos más mensajes que uno por período.",
		"A program sends in every turn of its loop without looking at the clock: far more messages than one a period."),
}

// A flood is at least so many messages, at so many times the rate that the program is meant to have.
const (
	minFlood   = 20
	floodTimes = 10
)

// findFlood looks for greetings that come far more often than their period.
func findFlood(l *look) (out []Finding) {
	for _, s := range l.all {
		c := s.Cadence
		if c == nil || s.Server.Port() != notebook.GreetingPort || c.Period.N < minFlood || c.Period.Mean*floodTimes > notebook.Period {
			continue
		}
		rate := float64(time.Second) / float64(max(c.Period.Mean, 1))
		f := Finding{Sessions: ids(s), Numbers: []Number{count("messages", c.Beats), {"per_second", rate}}}
		f.Text = sentence("%[1]s envió %[2]d saludos, %[3]d por segundo en vez de uno: en su ciclo nada espera al reloj.",
			"%[1]s sent %[2]d greetings, %[3]d a second instead of one: nothing in its loop waits for the clock.", capital(l.who(s, c.Sender)), c.Beats, int64(rate+0.5))
		f.Long = sentence("poll() vuelve en cuanto un socket está listo, y uno establecido casi siempre se puede escribir. Un `send()` que depende solo de eso sale en cada vuelta. El intervalo medio fue de %[1]s.",
			"poll() returns as soon as a socket is ready, and an established one can nearly always be written to. A `send()` that depends on that alone leaves in every turn. The mean interval was %[1]s.", c.Period.Mean)
		f.Fix = sentence("Envíe solo cuando se cumpla el plazo: guarde la hora del próximo envío con `time.ticks_add`, y compare con `time.ticks_diff` antes de cada `send()`.",
			"Send only when it is due: keep the time of the next send with `time.ticks_add`, and compare with `time.ticks_diff` before every `send()`.")
		f.Change = sendLine(s, c.Sender).change()
		out = append(out, f)
	}
	return out
}
