package words

// Fleet is what `tcptrace fleet` says.
type Fleet struct{ language }

// NewFleet gives it in a language.
func NewFleet(lang string) Fleet { return Fleet{language{lang}} }

func (w Fleet) Short() string {
	return w.in("Muchas capturas a la vez: carpetas con años de ellas",
		"Many captures at once: folders with years of them")
}

func (w Fleet) Long() string {
	return w.in(`scan lee cada captura una sola vez y guarda de ella una parte; merge, top, group, diff y cut trabajan con las partes.
Los archivos de una misma captura (dumpcap, tcpdump -C y -G, live --ring) se leen como una sola.`,
		`scan reads every capture once and keeps a part of it; merge, top, group, diff and cut work with the parts.
The files of one capture (dumpcap, tcpdump -C and -G, live --ring) are read as one.`)
}

func (w Fleet) Example() string {
	return "  tcptrace fleet scan captures/ -o fleet\n  tcptrace fleet top fleet --by echo.p99\n  tcptrace fleet group fleet --by board,date --labels boards.csv\n  tcptrace fleet cut fleet --top 20 -o worst.pcapng"
}

func (w Fleet) ScanShort() string {
	return w.in("Leer lo que aún no se ha leído de archivos, carpetas y patrones (- lee una lista)",
		"Read what has not been read yet of files, folders and patterns (- reads a list)")
}

func (w Fleet) MergeShort() string {
	return w.in("Juntar las partes de una o varias carpetas en filas, totales y una página",
		"Put the parts of one or several folders together: rows, totals, a page")
}

func (w Fleet) TopShort() string {
	return w.in("Las sesiones que más llaman la atención",
		"The sessions that stand out most")
}

func (w Fleet) GroupShort() string {
	return w.in("Sesiones, cortes, ecos y mensajes por placa, firmware, día…",
		"Sessions, resets, echoes and messages by board, firmware, day…")
}

func (w Fleet) DiffShort() string {
	return w.in("Qué empeoró entre dos carpetas, más allá del azar (código 7 si algo empeoró)",
		"What got worse between two folders, beyond chance (exit code 7 if anything did)")
}

func (w Fleet) CutShort() string {
	return w.in("Copiar los paquetes de las sesiones que más llaman la atención",
		"Copy the packets of the sessions that stand out most")
}

func (w Fleet) FlagOut() string {
	return w.in("carpeta `DIR` de las partes y los resultados",
		"folder `DIR` of the parts and the results")
}

func (w Fleet) FlagRing() string {
	return w.in("qué archivos son una sola captura: auto, file, dir o una expresión regular con un grupo (`RING`)",
		"which files are one capture: auto, file, dir or a regular expression with a group (`RING`)")
}

func (w Fleet) FlagShard() string {
	return w.in("solo la parte `I/N` de las capturas, I desde 0: para N máquinas o tareas",
		"only the share `I/N` of the captures, I from 0: for N machines or jobs")
}

func (w Fleet) FlagWorkers() string {
	return w.in("cuántas capturas se leen a la vez",
		"how many captures are read at once")
}

func (w Fleet) FlagVerify() string {
	return w.in("comparar el contenido entero de los archivos, no solo su tamaño y fecha",
		"compare the whole content of files, not just their size and time")
}

func (w Fleet) FlagLabels() string {
	return w.in("tabla `CSV` con mac o ip, board, firmware, ap, from y to",
		"table `CSV` with mac or ip, board, firmware, ap, from and to")
}

func (w Fleet) FlagBy() string {
	return w.in("orden `BY`: score, echo.p99, missed, reset, o el código de un hallazgo",
		"order `BY`: score, echo.p99, missed, reset, or the code of a finding")
}

func (w Fleet) FlagGroupBy() string {
	return w.in("etiquetas `BY`, separadas por comas: board, firmware, ap, date, ring, orig, resp",
		"labels `BY`, with commas between: board, firmware, ap, date, ring, orig, resp")
}

func (w Fleet) FlagTop() string {
	return w.in("cuántas sesiones",
		"how many sessions")
}

func (w Fleet) FlagFormat() string {
	return w.in("`FORMATO`: table, csv o json",
		"`FORMAT`: table, csv or json")
}

func (w Fleet) FlagQuiet() string {
	return w.in("no mostrar el avance",
		"show no progress")
}

func (w Fleet) NeedOut() string {
	return w.in("falta la carpeta de los resultados",
		"the folder for the results is missing")
}

func (w Fleet) NeedPaths() string {
	return w.in("falta qué leer: archivos, carpetas, patrones, o - para una lista",
		"what to read is missing: files, folders, patterns, or - for a list")
}

func (w Fleet) BadShard() string {
	return w.in("no es una parte I/N, con I desde 0",
		"not a share I/N with I from 0")
}

func (w Fleet) NotScanned() string {
	return w.in("en esta carpeta no hay ningún fleet scan",
		"there is no fleet scan in this folder")
}

func (w Fleet) NoFiles() string {
	return w.in("ahí no hay capturas",
		"there are no captures")
}

// Progress is the line of a scan that goes on.
func (w Fleet) Progress(files, of int64, gigabytes, rate float64, left string, bad int64) string {
	return w.fill("%[1]d de %[2]d archivos · %.2[3]f GB · %.2[4]f GB/s · faltan %[5]s · malos: %[6]d",
		"%[1]d of %[2]d files · %.2[3]f GB · %.2[4]f GB/s · %[5]s left · bad: %[6]d", files, of, gigabytes, rate, left, bad)
}

func (w Fleet) Done(rings, fresh, files, bad int64) string {
	return w.fill("capturas: %[1]d (nuevas: %[2]d), archivos: %[3]d, con problemas: %[4]d",
		"captures: %[1]d (new: %[2]d), files: %[3]d, with problems: %[4]d", rings, fresh, files, bad)
}

func (w Fleet) MoreProblems(more int) string {
	return w.fill("y %d archivos más con problemas: files.ndjson.zst los tiene todos",
		"and %d more files with problems: files.ndjson.zst has all of them", more)
}

func (w Fleet) SomeDamaged() string {
	return w.in("algunos archivos no se pudieron leer hasta el final",
		"some files could not be read to their end")
}

func (w Fleet) NothingReadable() string {
	return w.in("ningún archivo se pudo leer",
		"no file could be read")
}

func (w Fleet) Worse(changes int) string {
	return w.fill("empeoraron %d valores",
		"%d values got worse", changes)
}

func (w Fleet) NoneFound() string {
	return w.in("ninguna sesión corresponde",
		"no session is like that")
}

// GroupColumns are the heads behind the labels.
func (w Fleet) GroupColumns() []string {
	return []string{w.in("Sesiones", "Sessions"), w.in("Cortes", "Resets"), w.in("Ecos", "Echoes"), w.in("Eco p50", "Echo p50"), w.in("Eco p99", "Echo p99"),
		w.in("Intervalo p50", "Interval p50"), w.in("Faltan", "Missed"), w.in("Retransmitidos", "Retransmitted")}
}

// TopColumns are the heads of the worst sessions.
func (w Fleet) TopColumns() []string {
	return []string{w.in("Puntaje", "Score"), w.in("Captura", "Capture"), w.in("Cliente", "Client"), w.in("Servidor", "Server"), w.in("Final", "End"),
		w.in("Eco p99", "Echo p99"), w.in("Faltan", "Missed"), w.in("Hallazgos", "Findings"), "UID"}
}

// DiffColumns are the heads behind the labels.
func (w Fleet) DiffColumns() []string {
	return []string{w.in("Qué", "What"), w.in("Antes", "Before"), w.in("Después", "After"), "n", w.in("¿Peor?", "Worse?")}
}

func (w Fleet) Yes() string {
	return w.in("sí",
		"yes")
}

func (w Fleet) PageTitle() string {
	return w.in("Muchas capturas",
		"Many captures")
}

func (w Fleet) PageTotals(rings, files int, packets, sessions int64) Sentence {
	return w.sentence("**Capturas:** %d; archivos: %d; paquetes: %d; sesiones: %d",
		"**Captures:** %d; files: %d; packets: %d; sessions: %d", rings, files, packets, sessions)
}

func (w Fleet) PageProblems(files int) Sentence {
	return w.sentence("**Archivos con problemas:** %d",
		"**Files with problems:** %d", files)
}

func (w Fleet) PageGaps(gaps int) Sentence {
	return w.sentence("**Huecos entre archivos:** %d; lo que pasó en ellos no se capturó y no cuenta como mensajes que faltan",
		"**Gaps between files:** %d; what happened in them was not captured and does not count as missed messages", gaps)
}

func (w Fleet) PageFindings() string {
	return w.in("Hallazgos",
		"Findings")
}

func (w Fleet) FindingColumns() []string {
	return []string{w.in("Código", "Code"), w.in("Gravedad", "Severity"), w.in("Sesiones", "Sessions"), w.in("Capturas", "Captures")}
}

func (w Fleet) PageBoards() string {
	return w.in("Por placa",
		"By board")
}

func (w Fleet) PageDays() string {
	return w.in("Eco p99 por placa y día",
		"Echo p99 by board and day")
}

func (w Fleet) PageTop() string {
	return w.in("Las sesiones que más llaman la atención",
		"The sessions that stand out most")
}

func (w Fleet) NoBoard() string {
	return w.in("(sin placa)",
		"(no board)")
}
