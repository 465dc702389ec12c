package words

// Command is what every command says: help, flags, errors.
type Command struct{ language }

// NewCommand gives them in a language.
func NewCommand(lang string) Command { return Command{language{lang}} }

func (w Command) Short() string {
	return w.in("Devuelve los paquetes de un PC y una Pico W a las tablas que un profesor dibuja en el tablero",
		"Puts the packets of a PC and a Pico W back into the tables a lecturer draws")
}

func (w Command) Long() string {
	return w.in("tcptrace lee una captura de tráfico TCP y muestra qué pasó: qué llamada se hizo, en qué estado estaba cada lado, qué segmento cruzó, cuánto tardó todo.",
		"tcptrace reads a capture of TCP traffic and shows what happened: which call was made, which state each side was in, which segment crossed, how long everything took.")
}

func (w Command) Report() string {
	return w.in("Imprime las tablas de saludo, datos y cierre, la latencia y la cadencia de una captura",
		"Print handshake, data and teardown tables, latency and cadence of a capture")
}

func (w Command) ReportLong() string {
	return w.in("Lee una captura (pcap o pcapng, también .gz .zst .lz4 .xz; - es la entrada estándar) e imprime un informe. Se observan los puertos 9000 y 9001 si la captura tiene TCP allí; si no, todos.",
		"Reads a capture file (pcap or pcapng, also .gz .zst .lz4 .xz; - is standard input) and prints a report. Watches ports 9000 and 9001 if the capture has TCP there, else all ports.")
}

func (w Command) ReportExample() string {
	return w.in("  tcptrace report sesion.pcap\n  tcptrace report sesion.pcap -o salida\n  tcptrace report sesion.pcap --format json\n  tcptrace report sesion.pcap \\\n      --calls client=cliente.strace --calls server=servidor.strace\n  tcptrace report sesion.pcap --format table --columns notebook --lang es\n  zcat grande.pcap.gz | tcptrace report - --summary",
		"  tcptrace report session.pcap\n  tcptrace report session.pcap -o out\n  tcptrace report session.pcap --format json\n  tcptrace report session.pcap \\\n      --calls client=client.strace --calls server=server.strace\n  tcptrace report session.pcap --format table --columns notebook --lang es\n  zcat big.pcap.gz | tcptrace report - --summary")
}

func (w Command) Plot() string {
	return w.in("Dibuja una gráfica: cadence, echo, phase o sequence",
		"Draw one plot: cadence, echo, phase or sequence")
}

func (w Command) PlotLong() string {
	return w.in("Dibuja una gráfica de una captura en SVG o PNG, según la terminación del archivo de salida.",
		"Draws one plot of a capture as SVG or PNG, by the ending of the output file.")
}

func (w Command) PlotExample() string {
	return w.in("  tcptrace plot sesion.pcap --kind cadence -o cadencia.svg\n  tcptrace plot sesion.pcap --kind sequence --session 2 -o secuencia.png",
		"  tcptrace plot session.pcap --kind cadence -o cadence.svg\n  tcptrace plot session.pcap --kind sequence --session 2 -o sequence.png")
}

func (w Command) Version() string {
	return w.in("Imprime la versión",
		"Print the version")
}

func (w Command) Docs() string {
	return w.in("Escribe la documentación",
		"Write documentation")
}

func (w Command) DocsMan() string {
	return w.in("Escribe las páginas de manual en una carpeta",
		"Write the man pages into a folder")
}

func (w Command) FlagLang() string {
	return w.in("`IDIOMA` de la salida: es o en (por omisión, el del sistema)",
		"`LANG` of the output: es or en (default: the locale)")
}

func (w Command) FlagPort() string {
	return w.in("observar este `PUERTO` (repetible, o una lista)",
		"watch this `PORT` (repeatable, or a list)")
}

func (w Command) FlagAllPorts() string {
	return w.in("observar todos los puertos",
		"watch every port")
}

func (w Command) FlagHost() string {
	return w.in("solo sesiones con esta `DIRECCIÓN` en un extremo (repetible)",
		"only sessions with this `ADDRESS` at one end (repeatable)")
}

func (w Command) FlagEcho() string {
	return w.in("`PUERTO=PREFIJO`: el servidor del PUERTO contesta con el PREFIJO y lo pedido (repetible)",
		"`PORT=PREFIX`: the server at PORT answers with PREFIX and the request (repeatable)")
}

func (w Command) FlagCalls() string {
	return w.in("`[LADO=]ARCHIVO`: diario de llamadas, donde LADO es client, server, pc, pico o una dirección; un strace, nuestras líneas JSON, líneas TJ1 o salida con hora (repetible)",
		"`[SIDE=]FILE`: journal of socket calls, where SIDE is client, server, pc, pico or an address; an strace, our JSON lines, TJ1 lines or timestamped output (repeatable)")
}

func (w Command) FlagSession() string {
	return w.in("mostrar solo esta sesión, o `N-M`, con todas las filas (repetible)",
		"show only this session, or `N-M`, with all rows (repeatable)")
}

func (w Command) FlagMaxUnpacked() string {
	return w.in("parar tras esta cantidad de `BYTES` descomprimidos (por omisión 64 GiB)",
		"stop after this many `BYTES` of unpacked input (default 64 GiB)")
}

func (w Command) FlagWorkers() string {
	return w.in("cuántos hilos siguen las sesiones (por omisión, uno por núcleo)",
		"number of tracking workers (default: one per core)")
}

func (w Command) FlagFormat() string {
	return w.in("`FORMATO`: markdown, table, json, ndjson, csv, ipynb, html, svg o mermaid",
		"`FORMAT`: markdown, table, json, ndjson, csv, ipynb, html, svg or mermaid")
}

func (w Command) FlagColumns() string {
	return w.in("`COLUMNAS` de las tablas: notebook, report, all, o una lista de nombres",
		"`COLUMNS` of the tables: notebook, report, all, or a list of names")
}

func (w Command) FlagOutput() string {
	return w.in("escribir informe, JSON, CSV y gráficas en la `CARPETA`",
		"write report, JSON, CSV files and plots into `DIR`")
}

func (w Command) FlagAll() string {
	return w.in("mostrar todas las filas: no plegar los ciclos iguales",
		"show every row: fold no equal cycles")
}

func (w Command) FlagNoACKs() string {
	return w.in("ocultar los ACK que no cambian ningún estado",
		"hide ACKs that change no state")
}

func (w Command) FlagSleeps() string {
	return w.in("mostrar las llamadas a sleep()",
		"show sleep() calls")
}

func (w Command) FlagAlign() string {
	return w.in("alinear las tablas para leerlas en un terminal",
		"pad the tables for reading in a terminal")
}

func (w Command) FlagSummary() string {
	return w.in("imprimir los totales de toda la captura en vez de cada sesión",
		"print the whole capture's totals instead of each session")
}

func (w Command) FlagNoSamples() string {
	return w.in("JSON: sin las muestras una por una",
		"JSON: leave out the single samples")
}

func (w Command) FlagRows() string {
	return w.in("JSON: con la tabla de cada sesión: filas, llamadas y notas",
		"JSON: with the table of each session: rows, calls and notes")
}

func (w Command) PlotKinds() string {
	return w.in("cadence, echo, phase o sequence",
		"cadence, echo, phase or sequence")
}

func (w Command) FlagKind() string {
	return w.in("`TIPO`: cadence, echo, phase o sequence",
		"`KIND`: cadence, echo, phase or sequence")
}

func (w Command) FlagPlotOutput() string {
	return w.in("`ARCHIVO` que se escribe, .svg o .png (- es la salida estándar, en SVG)",
		"`FILE` to write, .svg or .png (- is standard output, as SVG)")
}

func (w Command) FlagWidth() string {
	return w.in("ancho en `PÍXELES`",
		"width in `PIXELS`")
}

func (w Command) BadPort() string {
	return w.in("no es un puerto",
		"not a port")
}

func (w Command) BadHost() string {
	return w.in("no es una dirección",
		"not an address")
}

func (w Command) BadEcho() string {
	return w.in("no es PORT=PREFIX",
		"not PORT=PREFIX")
}

func (w Command) BadSession() string {
	return w.in("no es un número de sesión ni un rango",
		"not a session number or range")
}

func (w Command) BadColumn() string {
	return w.in("columna desconocida",
		"unknown column")
}

func (w Command) BadFormat() string {
	return w.in("formato desconocido",
		"unknown format")
}

func (w Command) BadLang() string {
	return w.in("idioma desconocido",
		"unknown language")
}

func (w Command) BadKind() string {
	return w.in("gráfica desconocida",
		"unknown kind of plot")
}

func (w Command) BadPlotFile() string {
	return w.in("una gráfica es un archivo .svg o .png",
		"a plot is an .svg or a .png file")
}

func (w Command) NeedKind() string {
	return w.in("falta --kind",
		"--kind is missing")
}

func (w Command) NeedCapture() string {
	return w.in("¿qué captura?",
		"which capture?")
}

func (w Command) OneCapture() string {
	return w.in("una captura a la vez",
		"one capture at a time")
}

func (w Command) NotDirectory() string {
	return w.in("no es una carpeta",
		"not a folder")
}

func (w Command) RowsFormat() string {
	return w.in("--rows va con --format json, sin --summary",
		"--rows belongs to --format json, without --summary")
}

func (w Command) SummaryFormat() string {
	return w.in("--summary tiene los formatos markdown, json, html e ipynb",
		"--summary has the formats markdown, json, html and ipynb")
}

func (w Command) NothingRead() string {
	return w.in("interrumpido antes de leer algo",
		"interrupted before anything was read")
}

func (w Command) SummarySession() string {
	return w.in("--summary habla de todas las sesiones: quite --session",
		"--summary is about all sessions: leave out --session")
}

func (w Command) NotThere() string {
	return w.in("no existe el archivo o la carpeta",
		"no such file or folder")
}

func (w Command) NotAllowed() string {
	return w.in("permiso denegado",
		"permission denied")
}

func (w Command) DiskFull() string {
	return w.in("no queda espacio en el disco",
		"no space left on the disk")
}

func (w Command) NotebookHeading() string {
	return w.in("Los números en Python",
		"The numbers in Python")
}

func (w Command) NotebookText() string {
	return w.in("La celda lee los archivos CSV que tcptrace report -o escribe junto a este cuaderno.",
		"The cell reads the CSV files that tcptrace report -o writes beside this notebook.")
}

func (w Command) HintPartial() string {
	return w.in("lo que se mostró de los demás archivos vale",
		"what was shown of the other files holds")
}

func (w Command) NoCaptures() string {
	return w.in("no hay capturas en esta carpeta",
		"there are no captures in this folder")
}

func (w Command) FlagLong() string {
	return w.in("en una terminal, todo el informe, por el paginador; sin esta opción, la respuesta corta",
		"on a terminal, the whole report, through the pager; without this flag, the short answer")
}

func (w Command) FlagNoPager() string {
	return w.in("no usar el paginador",
		"do not use the pager")
}

func (w Command) FlagForce() string {
	return w.in("reemplazar también archivos que tcptrace no escribió, o que alguien cambió después",
		"replace files too that tcptrace did not write, or that somebody has edited since")
}

func (w Command) FlagSize() string {
	return w.in("`TAMAÑO` del dibujo con --format svg: tall, slide (1600×900) o a4",
		"`SIZE` of the picture with --format svg: tall, slide (1600×900) or a4")
}

func (w Command) FlagRange() string {
	return w.in("`DESDE-HASTA`: filas que se dibujan con --format svg o mermaid",
		"`FROM-TO`: rows that --format svg or mermaid draws")
}

func (w Command) FlagFinding() string {
	return w.in("dibujar con --format svg o mermaid solo lo que rodea a este hallazgo, por su `NÚMERO`",
		"draw with --format svg or mermaid only what is around this finding, by its `NUMBER`")
}

func (w Command) BadSize() string {
	return w.in("no existe este tamaño",
		"there is no such size")
}

func (w Command) BadRange() string {
	return w.in("no es un rango de filas",
		"not a range of rows")
}

func (w Command) ForeignFile() string {
	return w.in("este archivo no lo escribió tcptrace y no se reemplaza",
		"tcptrace did not write this file and does not replace it")
}

func (w Command) EditedFile() string {
	return w.in("alguien cambió este archivo después de que tcptrace lo escribió; no se reemplaza",
		"somebody has edited this file since tcptrace wrote it; it is not replaced")
}

func (w Command) HintForce() string {
	return w.in("elija otro lugar con -o, o reemplácelo con --force",
		"choose another place with -o, or replace it with --force")
}

func (w Command) NotAFile() string {
	return w.in("la salida estándar (-) no sirve aquí: indique un archivo o una carpeta",
		"standard output (-) does not do here: name a file or a folder")
}

func (w Command) Meanwhile() string {
	return w.in("otra ejecución de tcptrace escribió en esta carpeta mientras tanto; quedó la suya, completa",
		"another run of tcptrace has written into this folder meanwhile; its files stand there, whole")
}

func (w Command) InputLimit(file string, most int64) string {
	return w.fill("%s: tiene más de %d bytes, o no termina",
		"%s: more than %d bytes, or without an end", file, most)
}

func (w Command) CallsLimit(file string, kept, leftOut int) string {
	return w.fill("%s: se usaron las primeras %d llamadas; %d más quedaron fuera",
		"%s: the first %d calls were used; %d more were left out", file, kept, leftOut)
}

func (w Command) Stopped() string {
	return w.in("interrumpido antes de terminar",
		"interrupted before the end")
}

func (w Command) Fault(frame, last int64, what string) string {
	switch {
	case frame == 0:
		return w.fill("error interno de tcptrace: %s",
			"internal error of tcptrace: %s", what)
	case last == 0:
		return w.fill("error interno de tcptrace en el paquete %d: %s",
			"internal error of tcptrace at packet %d: %s", frame, what)
	}
	return w.fill("error interno de tcptrace en la sesión de los paquetes %d a %d: %s",
		"internal error of tcptrace in the session of packets %d to %d: %s", frame, last, what)
}

func (w Command) HintFault() string {
	return w.in("lo que se muestra antes es válido; informe del error con esos paquetes y la salida de TCPTRACE_STACK=1",
		"what is shown before is good; please report the error with those packets and the output of TCPTRACE_STACK=1")
}

func (w Command) FileTooLarge() string {
	return w.in("el archivo sería más grande de lo permitido",
		"the file would be larger than is allowed")
}

func (w Command) IsDirectory() string {
	return w.in("es una carpeta",
		"is a folder")
}

func (w Command) ReadOnlyDisk() string {
	return w.in("el disco es de solo lectura",
		"the disk can only be read")
}

func (w Command) BadMaxUnpacked() string {
	return w.in("no es una cantidad de bytes",
		"not a number of bytes")
}

func (w Command) DamageAt(file string, atPacket, offset int64, what string) string {
	return w.fill("%s: paquete %d, posición %d: %s",
		"%s: packet %d, offset %d: %s", file, atPacket, offset, what)
}

func (w Command) LimitAt(file string, bytes int64, limit string) string {
	return w.fill("%s: se descomprime a más de %d bytes (%s)",
		"%s: unpacks to more than %d bytes (%s)", file, bytes, limit)
}

func (w Command) HintPermission() string {
	return w.in("dé permiso de lectura sobre el archivo, o cópielo donde pueda leerlo",
		"make the file readable, or copy it where you can read it")
}

func (w Command) NothingToPlot() string {
	return w.in("la captura no tiene nada para esta gráfica",
		"the capture has nothing for this plot")
}

func (w Command) NoSuchSession() string {
	return w.in("no existe esa sesión",
		"there is no such session")
}

func (w Command) Error() string { return "error" }

func (w Command) Hint() string {
	return w.in("consejo",
		"hint")
}

func (w Command) Reading(megabytes float64) string {
	return w.fill("leyendo: %.0f MB",
		"reading: %.0f MB", megabytes)
}

func (w Command) Wrote(file string) string {
	return w.fill("se escribió %s",
		"wrote %s", file)
}

func (w Command) Interrupted() string {
	return w.in("interrumpido: sigue lo leído hasta aquí",
		"interrupted: what was read so far follows")
}

func (w Command) HintDiskFull() string {
	return w.in("el disco está lleno: libere espacio o elija otra carpeta",
		"the disk is full: free some space or choose another folder")
}

func (w Command) HintLimit() string {
	return w.in("se muestra lo leído antes del límite; súbalo si confía en el archivo",
		"what was read before the limit is shown; raise it if you trust the file")
}

func (w Command) HintNotCapture() string {
	return w.in("las capturas se hacen con tcpdump, dumpcap o Wireshark: tcpdump -w sesion.pcap",
		"captures come from tcpdump, dumpcap or Wireshark: tcpdump -w session.pcap")
}

func (w Command) HintDamaged() string {
	return w.in("se muestra lo que estaba bien antes del daño",
		"what was good before the damage is shown")
}

func (w Command) HintNoFile() string {
	return w.in("revise el nombre; - lee la entrada estándar",
		"check the name; - reads standard input")
}

func (w Command) HintHelp() string { return "tcptrace help" }

func (w Command) HintCalls() string {
	return w.in("strace necesita -f -ttt: strace -f -ttt -T -yy -s 64 -o llamadas.txt -e trace=network,poll,ppoll,select,pselect6,close,fcntl,ioctl,clock_nanosleep python3 servidor.py",
		"strace needs -f -ttt: strace -f -ttt -T -yy -s 64 -o calls.txt -e trace=network,poll,ppoll,select,pselect6,close,fcntl,ioctl,clock_nanosleep python3 server.py")
}

func (w Command) Usage() string {
	return w.in("Uso",
		"Usage")
}

func (w Command) Examples() string {
	return w.in("Ejemplos",
		"Examples")
}

func (w Command) Commands() string {
	return w.in("Órdenes",
		"Commands")
}

func (w Command) Flags() string {
	return w.in("Opciones",
		"Flags")
}

func (w Command) GlobalFlags() string {
	return w.in("Opciones generales",
		"Global flags")
}

func (w Command) MoreHelp(command string) string {
	return w.fill("Con \"%s [orden] --help\" se ve la ayuda de una orden.",
		"Use \"%s [command] --help\" for more about a command.", command)
}

func (w Command) Help() string {
	return w.in("Ayuda de cualquier orden",
		"Help about any command")
}

func (w Command) HelpFlag() string {
	return w.in("ayuda de esta orden",
		"help for this command")
}

func (w Command) Completion() string {
	return w.in("Escribe el guion de autocompletado de un intérprete",
		"Write the completion script of a shell")
}

func (w Command) NoDescriptions() string {
	return w.in("solo los nombres, sin explicaciones",
		"names alone, without explanations")
}

func (w Command) VersionIs(version, compiler, goos, goarch string) string {
	return w.fill("tcptrace %s, %s, %s/%s\n",
		"tcptrace %s, %s, %s/%s\n", version, compiler, goos, goarch)
}

func (w Command) UnknownCommand() string {
	return w.in("orden desconocida",
		"unknown command")
}

func (w Command) UnknownFlag() string {
	return w.in("opción desconocida",
		"unknown flag")
}

func (w Command) NeedValue() string {
	return w.in("falta un valor",
		"a value is missing")
}

func (w Command) BadValue() string {
	return w.in("no es un valor de esta opción",
		"not a value for this flag")
}

func (w Command) WrongArguments() string {
	return w.in("cantidad de argumentos equivocada",
		"wrong number of arguments")
}

func (w Command) CommandWord() string {
	return w.in("orden",
		"command")
}

func (w Command) FlagsWord() string {
	return w.in("opciones",
		"flags")
}

func (w Command) Default() string {
	return w.in("por omisión",
		"default")
}

func (w Command) ValueWords() map[string]string {
	return map[string]string{
		"string": w.in("TEXTO",
			"TEXT"),
		"stringArray": w.in("TEXTO",
			"TEXT"),
		"strings": w.in("TEXTO",
			"TEXT"),
		"int":    "N",
		"uint":   "N",
		"uint16": "N",
		"uint64": "N",
		"float":  "N",
		"duration": w.in("TIEMPO",
			"TIME"),
	}
}

// ManHeadings are the headings of a manual page, by what they are in English.
func (w Command) ManHeadings() map[string]string {
	return map[string]string{
		"NAME":                                   w.in("NOMBRE", "NAME"),
		"SYNOPSIS":                               w.in("SINOPSIS", "SYNOPSIS"),
		"DESCRIPTION":                            w.in("DESCRIPCIÓN", "DESCRIPTION"),
		"EXAMPLE":                                w.in("EJEMPLOS", "EXAMPLES"),
		"OPTIONS":                                w.in("OPCIONES", "OPTIONS"),
		"OPTIONS INHERITED FROM PARENT COMMANDS": w.in("OPCIONES GENERALES", "GLOBAL OPTIONS"),
		"SEE ALSO":                               w.in("VÉASE TAMBIÉN", "SEE ALSO"),
	}
}
