package words

import "strconv"

// Answer is what a report says on a terminal: the short answer first.
type Answer struct{ language }

// NewAnswer gives it in a language.
func NewAnswer(lang string) Answer { return Answer{language{lang}} }

// Head is the first line: the file, what is in it, how long it lasted ("" when unknown).
func (w Answer) Head(file string, packets int64, lasted string, sessions int64) string {
	if lasted == "" {
		return w.fill("%[1]s · paquetes: %[2]d · sesiones: %[3]d",
			"%[1]s · packets: %[2]d · sessions: %[3]d", file, packets, sessions)
	}
	return w.fill("%[1]s · paquetes: %[2]d en %[3]s · sesiones: %[4]d",
		"%[1]s · packets: %[2]d in %[3]s · sessions: %[4]d", file, packets, lasted, sessions)
}

func (w Answer) Happened() string {
	return w.in("Qué pasó y por qué",
		"What happened and why")
}

func (w Answer) NothingFound() string {
	return w.in("Nada llama la atención: las reglas de `tcptrace explain --list` no encontraron nada.",
		"Nothing stands out: the rules of `tcptrace explain --list` found nothing.")
}

func (w Answer) MoreFindings(more int) string {
	return w.fill("y otras %d razones: tcptrace explain",
		"and %d more reasons: tcptrace explain", more)
}

func (w Answer) SessionsHeading() string {
	return w.in("Sesiones",
		"Sessions")
}

func (w Answer) MoreSessions(more int64) string {
	return w.fill("y %d más: --long las muestra todas",
		"and %d more: --long shows all of them", more)
}

func (w Answer) SessionPackets(packets int64) string {
	return w.fill("%d paquetes",
		"%d packets", packets)
}

func (w Answer) Echo(median string, n int64) string {
	return w.fill("eco %s (mediana de %d)",
		"echo %s (median of %d)", median, n)
}

// EchoOnly is Echo where there is little room.
func (w Answer) EchoOnly(median string) string {
	return w.fill("eco %s",
		"echo %s", median)
}

// Every is Cadence where there is little room.
func (w Answer) Every(mean string) string {
	return w.fill("cada %s",
		"every %s", mean)
}

func (w Answer) Cadence(mean string, intervals, missed int64) string {
	if missed > 0 {
		return w.fill("cada %s (%d intervalos, faltan %d)",
			"every %s (%d intervals, %d missed)", mean, intervals, missed)
	}
	return w.fill("cada %s (%d intervalos)",
		"every %s (%d intervals)", mean, intervals)
}

// Ends are the ways in which a session ends, in few words, by sessions.End.
func (w Answer) Ends() []string {
	return []string{
		w.in("abierta", "open"),
		w.in("cerrada con FIN", "closed by FIN"),
		w.in("cortada con RST", "cut by RST"),
		w.in("rechazada", "refused"),
		w.in("sin respuesta", "no answer"),
	}
}

func (w Answer) TableHeading(session int) string {
	return w.fill("La tabla de la sesión %d",
		"The table of session %d", session)
}

func (w Answer) MoreRows(more int) string {
	return w.fill("… %d filas más …",
		"… %d more rows …", more)
}

// MoreRowsIn names the command that shows all of them.
func (w Answer) MoreRowsIn(more int, command string) string {
	return w.fill("… %[1]d filas más: %[2]s …",
		"… %[1]d more rows: %[2]s …", more, command)
}

func (w Answer) NextHeading() string {
	return w.in("Qué hacer ahora",
		"What to do next")
}

func (w Answer) NextFrame() string {
	return w.in("la historia de ese paquete",
		"that packet's story")
}

func (w Answer) NextExplain() string {
	return w.in("las razones con todos sus números",
		"the reasons with all their numbers")
}

func (w Answer) NextPage() string {
	return w.in("la página interactiva",
		"the interactive page")
}

func (w Answer) NextView() string {
	return w.in("la misma página en el navegador",
		"the same page in the browser")
}

func (w Answer) Spoilt(troubles int) string {
	if troubles == 1 {
		return w.in("Ojo: la captura tiene un defecto; --long dice cuál y qué resultados altera.",
			"Note: the capture has a defect; --long says which, and what it spoils.")
	}
	return w.fill("Ojo: la captura tiene %d defectos; --long dice cuáles y qué resultados alteran.",
		"Note: the capture has %d defects; --long says which, and what they spoil.", troubles)
}

func (w Answer) Frames(list string) string {
	return w.fill("lo prueban los paquetes %s",
		"proof: frames %s", list)
}

func (w Answer) Frame(list string) string {
	return w.fill("lo prueba el paquete %s",
		"proof: frame %s", list)
}

func (w Answer) InSessions(list string) string {
	return w.fill("sesiones %s",
		"sessions %s", list)
}

func (w Answer) InSession(list string) string {
	return w.fill("sesión %s",
		"session %s", list)
}

// NotWatched says that a capture has none of the ports asked for.
func (w Answer) NotWatched(ports string) string {
	return w.fill("Nadie habla por los puertos vigilados (%s). Esto es lo que hay en la captura:",
		"Nobody uses the watched ports (%s). This is what the capture has:", ports)
}

func (w Answer) MorePorts(more int) string {
	return w.fill("y %d más: tcptrace hosts los muestra todos",
		"and %d more: tcptrace hosts shows all of them", more)
}

// NotNotebook says that a capture has other ports than the notebook's, all of which are shown.
func (w Answer) NotNotebook(ports string) string {
	return w.fill("La captura no tiene los puertos del cuaderno (%s); se muestran todas sus sesiones.",
		"The capture has none of the notebook's ports (%s); all of its sessions are shown.", ports)
}

// HostColumns are the heads of the table of hosts and ports.
func (w Answer) HostColumns() []string {
	return []string{
		w.in("Servidor", "Server"),
		w.in("Ses.", "Sess."),
		w.in("Paq.", "Pkts"),
		"Bytes",
		w.in("Respuesta", "Response"),
		"p95",
		w.in("Tiempo", "Time"),
	}
}

// FileColumns are the heads of the table of several captures.
func (w Answer) FileColumns() []string {
	return []string{
		w.in("Archivo", "File"),
		w.in("Paquetes", "Packets"),
		w.in("Sesiones", "Sessions"),
		w.in("Peor hallazgo", "Worst finding"),
		w.in("Hallazgos", "Findings"),
		w.in("Eco (mediana)", "Echo (median)"),
		w.in("Faltan", "Missed"),
		w.in("Estado", "State"),
	}
}

func (w Answer) Unreadable() string {
	return w.in("ilegible",
		"unreadable")
}

func (w Answer) SessionCount(sessions int64) string {
	if sessions == 1 {
		return w.in("1 sesión", "1 session")
	}
	return w.fill("%d sesiones",
		"%d sessions", sessions)
}

func (w Answer) Readable() string {
	return w.in("bien",
		"fine")
}

func (w Answer) CommandFor() string {
	return w.in("Para ver un puerto:",
		"To look at a port:")
}

// Number writes a count.
func (w Answer) Number(n int64) string { return strconv.FormatInt(n, 10) }
