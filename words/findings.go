package words

// Findings is what stands around findings.
type Findings struct{ language }

// NewFindings gives them in a language.
func NewFindings(lang string) Findings { return Findings{language{lang}} }

func (w Findings) FindingsHeading() string {
	return w.in("Qué pasó y por qué",
		"What happened and why")
}

func (w Findings) FindingsIntro() string {
	return w.in("Lo más grave primero; `tcptrace explain` muestra la explicación larga de cada código.",
		"Worst first; `tcptrace explain` shows the long explanation of each code.")
}

func (w Findings) FindingSession(numbers string) Sentence {
	return w.sentence("sesión %s",
		"session %s", numbers)
}

func (w Findings) FindingSessions(numbers string) Sentence {
	return w.sentence("sesiones %s",
		"sessions %s", numbers)
}

func (w Findings) FindingFrame(numbers string) Sentence {
	return w.sentence("trama %s",
		"frame %s", numbers)
}

func (w Findings) FindingFrames(numbers string) Sentence {
	return w.sentence("tramas %s",
		"frames %s", numbers)
}

func (w Findings) Severities() []string {
	return []string{
		w.in("para saber",
			"good to know"),
		w.in("nota",
			"note"),
		w.in("aviso",
			"warning"),
		"error",
	}
}

func (w Findings) ExplainTitle(file string) Sentence {
	return w.sentence("Explicación de %s",
		"Explanation of %s", file)
}

func (w Findings) ExplainNothing() string {
	return w.in("No hay nada que explicar: no se encontró ninguno de los problemas que `tcptrace explain --list` enumera.",
		"There is nothing to explain: none of the troubles that `tcptrace explain --list` names was found.")
}

func (w Findings) ExplainFix() string {
	return w.in("**Qué cambiar:**",
		"**What to change:**")
}

func (w Findings) ExplainFirmware() string {
	return w.in("El programa de la Pico con todas las correcciones lo escribe `tcptrace firmware --fixed`.",
		"`tcptrace firmware --fixed` writes the Pico's program with all corrections.")
}

func (w Findings) ExplainNumbers() string {
	return w.in("Los números",
		"The numbers")
}

func (w Findings) ExplainFrames() string {
	return w.in("Las tramas que lo prueban",
		"The frames that prove it")
}

func (w Findings) ExplainSplits() string {
	return w.in("Adónde se fue el tiempo de cada eco, en milisegundos",
		"Where the time of every echo went, in milliseconds")
}

func (w Findings) ExplainSplit() SplitColumns {
	return SplitColumns{
		Request: w.in("Petición",
			"Request"),
		Reply: w.in("Respuesta",
			"Reply"),
		RTT: w.in("Ida y vuelta",
			"Round trip"),
		Network: w.in("Red",
			"Network"),
		Stack: w.in("Pila TCP",
			"TCP stack"),
		Loop: w.in("Espera del ciclo",
			"Waiting for the loop"),
		Program: w.in("Programa",
			"Program"),
		Lock: w.in("Al envío más cercano",
			"To the nearest beat"),
		Deadline: w.in("Con plazo",
			"With a deadline"),
	}
}

func (w Findings) ExplainTotal() string {
	return w.in("Suma",
		"Sum")
}

func (w Findings) ExplainName() string {
	return w.in("Nombre",
		"Name")
}

func (w Findings) ExplainValue() string {
	return w.in("Valor",
		"Value")
}

func (w Findings) ExplainSession() string {
	return w.in("Sesión",
		"Session")
}

func (w Findings) ExplainSignal() string {
	return w.in("Señal",
		"Signal")
}

func (w Findings) ExplainSplitBy() string {
	return w.in("Red: el saludo más corto. Pila TCP: repeticiones y Nagle. Programa: de recv() a send() según el diario; sin diario, lo que el período tiene de más sobre sleep(1). El resto es la espera del ciclo. «Con plazo» es lo que habría tardado sin esa espera.",
		"Network: the shortest handshake. TCP stack: repeats and Nagle. Program: from recv() to send() by the journal; without one, what the period has beyond sleep(1). The rest is waiting for the loop. \"With a deadline\" is what it would have taken without that wait.")
}

func (w Findings) KindsTitle() string {
	return w.in("Lo que puede salir mal con sockets",
		"What can go wrong with sockets")
}

func (w Findings) KindsIntro() string {
	return w.in("Todos los códigos que `tcptrace` reconoce y lo que significan.",
		"All codes that `tcptrace` recognises, and what they mean.")
}

func (w Findings) KindsColumns() []string {
	return []string{
		w.in("Código",
			"Code"),
		w.in("Gravedad",
			"Severity"),
		w.in("Significado",
			"Meaning"),
	}
}

func (w Findings) KindsPico() string {
	return w.in("(solo Pico)",
		"(Pico only)")
}

func (w Findings) FrameTitle(number int64) Sentence {
	return w.sentence("La trama %d",
		"Frame %d", number)
}

func (w Findings) FrameWhere(session int, client, server, seconds string) Sentence {
	return w.sentence("**Sesión %d:** `%s` → `%s`; a los %s s de empezar la sesión.",
		"**Session %d:** `%s` → `%s`; %s s after the session began.", session, client, server, seconds)
}
