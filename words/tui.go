package words

// TUI is what `tcptrace tui` says.
type TUI struct{ language }

// NewTUI gives it in a language.
func NewTUI(lang string) TUI { return TUI{language{lang}} }

func (w TUI) Short() string {
	return w.in("Recorrer una captura en la terminal",
		"Walk through a capture in the terminal")
}

func (w TUI) Long() string {
	return w.in(`Cuatro vistas: las sesiones, la tabla de una, los hallazgos y la latencia. ? muestra las teclas; q sale.`,
		`Four views: the sessions, the table of one, the findings, and the latency. ? shows the keys; q leaves.`)
}

func (w TUI) Example() string {
	return "  tcptrace tui session.pcap\n  tcptrace live -i wlan0 --tui"
}

func (w TUI) NoTerminal() string {
	return w.in("la vista necesita una terminal",
		"the view needs a terminal")
}

// Views are the names of the views, in their order.
func (w TUI) Views() []string {
	return []string{
		w.in("Sesiones", "Sessions"),
		w.in("Tabla", "Table"),
		w.in("Hallazgos", "Findings"),
		w.in("Latencia", "Latency"),
	}
}

// Keys are the lines of the help: a key and what it does.
func (w TUI) Keys() [][2]string {
	return [][2]string{
		{"j k ↑ ↓", w.in("una línea más abajo o más arriba", "a line down or up")},
		{"PgUp PgDn g G", w.in("una página; el principio; el final", "a page; the beginning; the end")},
		{"t Tab 1–4", w.in("la vista siguiente, o una de ellas", "the next view, or one of them")},
		{"Enter", w.in("abrir: la tabla de una sesión, el detalle de una fila, los paquetes de un hallazgo", "open: a session's table, a row's detail, a finding's frames")},
		{"Esc", w.in("cerrar lo abierto; volver", "close what is open; back")},
		{w.in("Espacio", "Space"), w.in("en la tabla, plegar o desplegar; en las sesiones, otro orden", "in the table, fold or unfold; in the sessions, another order")},
		{"/ n", w.in("buscar; la siguiente coincidencia, o el siguiente paquete de un hallazgo", "search; the next match, or the next frame of a finding")},
		{"f", w.in("detener la vista mientras se captura, o seguir", "freeze the view while capturing, or go on")},
		{"e", w.in("exportar lo que se ve: Markdown, SVG o pcapng", "export what is seen: Markdown, SVG or pcapng")},
		{"?", w.in("esta ayuda", "this help")},
		{"q", w.in("salir", "leave")},
	}
}

func (w TUI) HelpTitle() string {
	return w.in("Teclas",
		"Keys")
}

func (w TUI) Status() string {
	return w.in("t vista · Enter abrir · / buscar · e exportar · ? teclas · q salir",
		"t view · Enter open · / search · e export · ? keys · q leave")
}

func (w TUI) StatusShort() string {
	return w.in("? teclas · q salir",
		"? keys · q leave")
}

func (w TUI) Frozen() string {
	return w.in("DETENIDA",
		"FROZEN")
}

func (w TUI) Position(at, of int) string {
	return w.fill("%[1]d de %[2]d",
		"%[1]d of %[2]d", at, of)
}

func (w TUI) NoRows() string {
	return w.in("De esta sesión solo hay contadores. Para ver su tabla: tcptrace tui ARCHIVO --session N",
		"Of this session there are counters only. To see its table: tcptrace tui FILE --session N")
}

func (w TUI) NoSessions() string {
	return w.in("No hay sesiones.",
		"There are no sessions.")
}

func (w TUI) NoMatch(text string) string {
	return w.fill("nada coincide con «%s»",
		"nothing matches “%s”", text)
}

func (w TUI) Order(name string) string {
	return w.fill("orden: %s",
		"order: %s", name)
}

// Orders are the orders of the sessions.
func (w TUI) Orders() []string {
	return []string{
		w.in("número", "number"),
		w.in("hallazgos", "findings"),
		w.in("paquetes", "packets"),
		w.in("eco", "echo"),
		w.in("mensajes que faltan", "missed messages"),
	}
}

func (w TUI) ExportPrompt() string {
	return w.in("exportar: m Markdown · s SVG · c pcapng recortado · Esc nada",
		"export: m Markdown · s SVG · c cut pcapng · Esc nothing")
}

func (w TUI) Exported(file string) string {
	return w.fill("se escribió %s",
		"wrote %s", file)
}

func (w TUI) Detail(frame int64) string {
	return w.fill("Paquete %d",
		"Frame %d", frame)
}

func (w TUI) CallDetail() string {
	return w.in("Llamada",
		"Call")
}

func (w TUI) EchoTitle(session int) string {
	return w.fill("Sesión %d: ida y vuelta de los ecos",
		"Session %d: round trips of the echoes", session)
}

func (w TUI) CadenceTitle(session int) string {
	return w.fill("Sesión %d: intervalos entre mensajes",
		"Session %d: intervals between messages", session)
}

func (w TUI) PhaseTitle() string {
	return w.in("Fase: cuánto después de un mensaje del bucle sale cada respuesta",
		"Phase: how long after a message of the loop each reply leaves")
}

func (w TUI) Locked(locked, all int) string {
	return w.fill("%[1]d de %[2]d respuestas salen junto a un mensaje",
		"%[1]d of %[2]d replies leave beside a message", locked, all)
}

func (w TUI) NoLatency() string {
	return w.in("Aquí no hay ecos ni mensajes periódicos que medir.",
		"There are no echoes and no periodic messages to measure here.")
}

func (w TUI) Spread(least, median, p95, most string) string {
	return w.fill("mín. %[1]s · mediana %[2]s · p95 %[3]s · máx. %[4]s",
		"min. %[1]s · median %[2]s · p95 %[3]s · max. %[4]s", least, median, p95, most)
}

func (w TUI) TooSmall(width, height int) string {
	return w.fill("La terminal es muy pequeña: hacen falta %[1]d×%[2]d.",
		"The terminal is too small: %[1]d×%[2]d are needed.", width, height)
}

func (w TUI) Search() string {
	return w.in("buscar: ",
		"search: ")
}

func (w TUI) FlagTUI() string {
	return w.in("mostrar lo que se captura en una vista que se puede recorrer",
		"show what is captured in a view to walk through")
}
