package words

// Plot is what a plot says.
type Plot struct{ language }

// NewPlot gives them in a language.
func NewPlot(lang string) Plot { return Plot{language{lang}} }

func (w Plot) TimeAxis() string {
	return w.in("tiempo desde el primer paquete de la captura",
		"time since the capture's first packet")
}

func (w Plot) EndPoints(sessionNumber int, client, server string) string {
	return w.fill("#%d %s → %s",
		"#%d %s → %s", sessionNumber, client, server)
}

func (w Plot) MoreSessions(rest int) string {
	return w.fill("otras sesiones: %d",
		"other sessions: %d", rest)
}

func (w Plot) LeftOut(n int64) string {
	return w.fill("omitidos en el medio: %d",
		"left out in the middle: %d", n)
}

func (w Plot) Drawn(drawn, of int) string {
	return w.fill("dibujados: %d de %d",
		"drawn: %d of %d", drawn, of)
}

func (w Plot) NotShown(rest int) string {
	return w.fill("otras sesiones, sin mostrar: %d",
		"other sessions, not shown: %d", rest)
}

func (w Plot) EchoUnanswered() string {
	return w.in("sin respuesta hasta el fin de la captura, tanto tiempo",
		"no answer until the capture's end, for so long")
}

func (w Plot) CadenceTitle() string {
	return w.in("Cadencia: intervalo entre mensajes",
		"Cadence: interval between beats")
}

func (w Plot) IntervalAxis() string {
	return w.in("intervalo",
		"interval")
}

func (w Plot) CountIntervals() string {
	return w.in("intervalos",
		"intervals")
}

func (w Plot) CadenceNumbers(beats int64, median, jitter string, missed int64) string {
	return w.fill("mensajes: %d · mediana %s · jitter %s · ausentes: %d",
		"beats: %d · median %s · jitter %s · missed: %d", beats, median, jitter, missed)
}

func (w Plot) CadenceOne() string {
	return w.in("intervalo entre dos mensajes",
		"interval between two beats")
}

func (w Plot) Missed() string {
	return w.in("mensaje ausente (más de 1.5 períodos)",
		"missed beat (more than 1.5 periods)")
}

func (w Plot) Bunched() string {
	return w.in("envíos juntos (menos de medio período)",
		"bunched (less than half a period)")
}

func (w Plot) OffScale() string {
	return w.in("fuera de la escala",
		"off the scale")
}

func (w Plot) LineSleep() string { return "1.000 s = sleep(1)" }

func (w Plot) LineSleepPoll() string {
	return w.in("1.050 s = sleep(1)\n+ poll(50) sin eventos",
		"1.050 s = sleep(1)\n+ empty poll(50)")
}

func (w Plot) EchoTitle() string {
	return w.in("Eco: ida y vuelta",
		"Echo: round trip")
}

func (w Plot) EchoAxis() string {
	return w.in("ida y vuelta",
		"round trip")
}

func (w Plot) EchoShare() string {
	return w.in("% de ecos hasta ese valor",
		"% of echoes at or below")
}

func (w Plot) EchoNumbers(echoes int64, least, median, most string) string {
	return w.fill("ecos: %d · mín %s · mediana %s · máx %s",
		"echoes: %d · min %s · median %s · max %s", echoes, least, median, most)
}

func (w Plot) EchoOne() string {
	return w.in("un eco",
		"one echo")
}

func (w Plot) HandshakeRTT(duration string) string {
	return w.fill("saludo TCP\n%s",
		"TCP handshake\n%s", duration)
}

func (w Plot) HandshakeHalf(duration string) string {
	return w.fill("SYN → SYN+ACK\n%s",
		"SYN → SYN+ACK\n%s", duration)
}

func (w Plot) PhaseTitle() string {
	return w.in("Fase: los ecos frente a los envíos periódicos del mismo equipo",
		"Phase: echoes against the beats of the same host")
}

func (w Plot) PhaseAxis() string {
	return w.in("tiempo desde el último envío periódico antes de la petición",
		"time since the last beat before the request")
}

func (w Plot) PhaseRequest() string {
	return w.in("petición enviada",
		"request sent")
}

func (w Plot) PhaseReply() string {
	return w.in("respuesta vista",
		"reply seen")
}

func (w Plot) PhaseBeat() string {
	return w.in("envío periódico",
		"beat")
}

func (w Plot) PhaseWait() string {
	return w.in("espera",
		"waiting")
}

func (w Plot) PhaseNearest() string {
	return w.in("distancia al envío periódico más cercano",
		"distance to the nearest beat")
}

func (w Plot) PhaseCount() string {
	return w.in("ecos",
		"echoes")
}

func (w Plot) PhaseRequests(median string) string {
	return w.fill("Peticiones: mediana a %s de un envío periódico",
		"Requests: median %s from a beat", median)
}

func (w Plot) PhaseReplies(median string, near, of int, within string) string {
	return w.fill("Respuestas: mediana %s; %d de %d hasta %s",
		"Replies: median %s, %d of %d within %s", median, near, of, within)
}

func (w Plot) PhaseLocked() string {
	return w.in("Las respuestas salen con el envío periódico, llegue cuando llegue la petición: un mismo ciclo hace las dos cosas.",
		"Replies leave with the beat, whenever the request came: one loop does both.")
}

func (w Plot) PhaseFree() string {
	return w.in("Las respuestas no esperan al envío periódico.",
		"Replies do not wait for the beat.")
}

func (w Plot) PhaseUnsure() string {
	return w.in("Con estos ecos no se puede saber si las respuestas esperan al envío periódico.",
		"These echoes do not tell whether replies wait for the beat.")
}

func (w Plot) PhaseDropped(dropped int) string {
	return w.fill("ecos fuera de los envíos, sin mostrar: %d",
		"echoes outside the beats, not shown: %d", dropped)
}

func (w Plot) SequenceTitle() string {
	return w.in("Tiempo–secuencia",
		"Time–sequence")
}

func (w Plot) OffsetAxis() string {
	return w.in("posición en el flujo",
		"stream offset")
}

func (w Plot) Direction(sessionNumber int, from, to, bytes string) string {
	return w.fill("#%d %s → %s · %s",
		"#%d %s → %s · %s", sessionNumber, from, to, bytes)
}

func (w Plot) Data() string {
	return w.in("segmento de datos",
		"data segment")
}

func (w Plot) AckLine() string {
	return w.in("confirmado (ACK)",
		"acknowledged")
}

func (w Plot) WindowEdge() string {
	return w.in("ventana de recepción",
		"receive window")
}

func (w Plot) Retransmission() string {
	return w.in("retransmisión",
		"retransmission")
}

func (w Plot) Spurious() string {
	return w.in("retransmisión espuria",
		"spurious retransmission")
}

func (w Plot) OutOfOrder() string {
	return w.in("fuera de orden",
		"out of order")
}

func (w Plot) ZeroWindow() string {
	return w.in("ventana cero",
		"zero window")
}

func (w Plot) Probe() string {
	return w.in("keep-alive o sonda",
		"keep-alive or probe")
}

func (w Plot) SYN() string { return "SYN" }

func (w Plot) FIN() string { return "FIN" }

func (w Plot) RST() string { return "RST" }

func (w Plot) StepsLeftOut(n int64) string {
	return w.fill("segmentos omitidos en el medio (gris): %d",
		"segments left out in the middle (grey): %d", n)
}
