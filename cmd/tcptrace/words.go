package main

// cmdWords are the words of the command line, beside those of the documents it prints.
type cmdWords struct {
	Short, Long                                                           string
	Report, ReportLong, ReportExample                                     string
	Plot, PlotLong, PlotExample                                           string
	Version, Docs, DocsMan                                                string
	FlagLang, FlagPort, FlagAllPorts, FlagHost, FlagEcho, FlagCalls       string
	FlagSession, FlagMaxUnpacked, FlagWorkers                             string
	FlagFormat, FlagColumns, FlagOutput, FlagAll, FlagNoACKs              string
	FlagSleeps, FlagAlign, FlagSummary, FlagNoSamples, FlagRows           string
	FlagKind, FlagPlotOutput, FlagWidth                                   string
	BadPort, BadHost, BadEcho, BadSession, BadColumn, BadFormat           string
	BadLang, BadKind, BadPlotFile, NeedKind, NeedCapture, OneCapture      string
	NotDirectory, SummaryFormat, RowsFormat, NothingToPlot, NoSuchSession string
	NotThere, NotAllowed, DiskFull, IsDirectory, SummarySession           string
	ReadOnlyDisk, BadMaxUnpacked, DamageAt, LimitAt                       string
	HintPermission, NothingRead                                           string
	Error, Hint, Reading, Wrote, Interrupted                              string
	HintDiskFull, HintLimit, HintNotCapture, HintDamaged, HintNoFile      string
	HintHelp, HintCalls, PlotKinds                                        string
	Usage, Examples, Commands, Flags, GlobalFlags, MoreHelp               string
	Help, HelpFlag, Completion, NoDescriptions, VersionIs                 string
	UnknownCommand, UnknownFlag, NeedValue, BadValue, WrongArguments      string
	CommandWord, FlagsWord, Default                                       string
	ValueWords                                                            map[string]string // pflag's names of types
}

func wordsFor(lang string) *cmdWords {
	if lang == "es" {
		return &cmdES
	}
	return &cmdEN
}

var cmdEN = cmdWords{
	Short:           "Puts the packets of a PC and a Pico W back into the tables a lecturer draws",
	Long:            "tcptrace reads a capture of TCP traffic and shows what happened: which call was made, which state each side was in, which segment crossed, how long everything took.",
	Report:          "Print handshake, data and teardown tables, latency and cadence of a capture",
	ReportLong:      "Reads a capture file (pcap or pcapng, also .gz .zst .lz4 .xz; - is standard input) and prints a report. Watched are ports 9000 and 9001 if the capture has TCP there, else all ports.",
	ReportExample:   "  tcptrace report session.pcap\n  tcptrace report session.pcap -o out\n  tcptrace report session.pcap --format json\n  tcptrace report session.pcap \\\n      --calls client=client.strace --calls server=server.strace\n  tcptrace report session.pcap --format table --columns notebook --lang es\n  zcat big.pcap.gz | tcptrace report - --summary",
	Plot:            "Draw one plot: cadence, echo, phase or sequence",
	PlotLong:        "Draws one plot of a capture as SVG or PNG, by the ending of the output file.",
	PlotExample:     "  tcptrace plot session.pcap --kind cadence -o cadence.svg\n  tcptrace plot session.pcap --kind sequence --session 2 -o sequence.png",
	Version:         "Print the version",
	Docs:            "Write documentation",
	DocsMan:         "Write the man pages into a folder",
	FlagLang:        "`LANG` of the output: es or en (default: the locale)",
	FlagPort:        "watch this `PORT` (repeatable, or a list)",
	FlagAllPorts:    "watch every port",
	FlagHost:        "only sessions with this `ADDRESS` at one end (repeatable)",
	FlagEcho:        "`PORT=PREFIX`: the server at PORT answers with PREFIX and the request (repeatable)",
	FlagCalls:       "`[SIDE=]FILE`: journal of socket calls, where SIDE is client, server, pc, pico or an address; an strace, our JSON lines, TJ1 lines or timestamped output (repeatable)",
	FlagSession:     "show only this session, or `N-M`, with all rows (repeatable)",
	FlagMaxUnpacked: "stop after this many `BYTES` of unpacked input (default 64 GiB)",
	FlagWorkers:     "number of tracking workers (default: one per core)",
	FlagFormat:      "`FORMAT`: markdown, table, json, ndjson, csv, ipynb or html",
	FlagColumns:     "`COLUMNS` of the tables: notebook, report, all, or a list of names",
	FlagOutput:      "write report, JSON, CSV files and plots into `DIR`",
	FlagAll:         "show every row: fold no equal cycles",
	FlagNoACKs:      "hide ACKs that change no state",
	FlagSleeps:      "show sleep() calls",
	FlagAlign:       "pad the tables for reading in a terminal",
	FlagSummary:     "print the whole capture's totals instead of each session",
	FlagNoSamples:   "JSON: leave out the single samples",
	FlagRows:        "JSON: with the table of each session: rows, calls and notes",
	PlotKinds:       "cadence, echo, phase or sequence",
	FlagKind:        "`KIND`: cadence, echo, phase or sequence",
	FlagPlotOutput:  "`FILE` to write, .svg or .png (- is standard output, as SVG)",
	FlagWidth:       "width in `PIXELS`",
	BadPort:         "not a port", BadHost: "not an address", BadEcho: "not PORT=PREFIX", BadSession: "not a session number or range",
	BadColumn: "unknown column", BadFormat: "unknown format", BadLang: "unknown language", BadKind: "unknown kind of plot",
	BadPlotFile: "a plot is an .svg or a .png file", NeedKind: "--kind is missing", NeedCapture: "which capture?",
	OneCapture: "one capture at a time", NotDirectory: "not a folder", RowsFormat: "--rows belongs to --format json, without --summary", SummaryFormat: "--summary has the formats markdown, json, html and ipynb",
	NothingRead:    "interrupted before the first packet",
	SummarySession: "--summary is about all sessions: leave out --session",
	NotThere:       "no such file or folder", NotAllowed: "permission denied", DiskFull: "no space left on the disk", IsDirectory: "is a folder",
	ReadOnlyDisk: "the disk can only be read", BadMaxUnpacked: "not a number of bytes",
	DamageAt: "%s: packet %d, offset %d: %s", LimitAt: "%s: unpacks to more than %d bytes (%s)",
	HintPermission: "make the file readable, or copy it where you can read it",
	NothingToPlot:  "the capture has nothing for this plot", NoSuchSession: "there is no such session",
	Error: "error", Hint: "hint", Reading: "reading: %.0f MB", Wrote: "wrote %s", Interrupted: "interrupted: what was read so far follows",
	HintDiskFull: "the disk is full: free some space or choose another folder", HintLimit: "what was read before the limit is shown; raise it if you trust the file",
	HintNotCapture: "captures come from tcpdump, dumpcap or Wireshark: tcpdump -w session.pcap",
	HintDamaged:    "what was good before the damage is shown", HintNoFile: "check the name; - reads standard input", HintHelp: "tcptrace help",
	HintCalls: "strace needs -f -ttt: strace -f -ttt -T -yy -s 64 -o calls.txt -e trace=network,poll,ppoll,select,pselect6,close,fcntl,ioctl,clock_nanosleep python3 server.py",
	Usage:     "Usage", Examples: "Examples", Commands: "Commands", Flags: "Flags", GlobalFlags: "Global flags",
	MoreHelp: "Use \"%s [command] --help\" for more about a command.", Help: "Help about any command", HelpFlag: "help for this command",
	Completion: "Write the completion script of a shell", NoDescriptions: "names alone, without explanations", VersionIs: "tcptrace %s, %s, %s/%s\n",
	UnknownCommand: "unknown command", UnknownFlag: "unknown flag", NeedValue: "a value is missing", BadValue: "not a value for this flag",
	WrongArguments: "wrong number of arguments", CommandWord: "command", FlagsWord: "flags", Default: "default",
	ValueWords: map[string]string{"string": "TEXT", "stringArray": "TEXT", "strings": "TEXT", "int": "N", "uint": "N", "uint16": "N", "uint64": "N", "float": "N", "duration": "TIME"},
}

var cmdES = cmdWords{
	Short:           "Devuelve los paquetes de un PC y una Pico W a las tablas que un profesor dibuja en el tablero",
	Long:            "tcptrace lee una captura de tráfico TCP y muestra qué pasó: qué llamada se hizo, en qué estado estaba cada lado, qué segmento cruzó, cuánto tardó todo.",
	Report:          "Imprime las tablas de saludo, datos y cierre, la latencia y la cadencia de una captura",
	ReportLong:      "Lee una captura (pcap o pcapng, también .gz .zst .lz4 .xz; - es la entrada estándar) e imprime un informe. Se observan los puertos 9000 y 9001 si la captura tiene TCP allí; si no, todos.",
	ReportExample:   "  tcptrace report sesion.pcap\n  tcptrace report sesion.pcap -o salida\n  tcptrace report sesion.pcap --format json\n  tcptrace report sesion.pcap \\\n      --calls client=cliente.strace --calls server=servidor.strace\n  tcptrace report sesion.pcap --format table --columns notebook --lang es\n  zcat grande.pcap.gz | tcptrace report - --summary",
	Plot:            "Dibuja una gráfica: cadence, echo, phase o sequence",
	PlotLong:        "Dibuja una gráfica de una captura en SVG o PNG, según la terminación del archivo de salida.",
	PlotExample:     "  tcptrace plot sesion.pcap --kind cadence -o cadencia.svg\n  tcptrace plot sesion.pcap --kind sequence --session 2 -o secuencia.png",
	Version:         "Imprime la versión",
	Docs:            "Escribe la documentación",
	DocsMan:         "Escribe las páginas de manual en una carpeta",
	FlagLang:        "`IDIOMA` de la salida: es o en (por omisión, el del sistema)",
	FlagPort:        "observar este `PUERTO` (repetible, o una lista)",
	FlagAllPorts:    "observar todos los puertos",
	FlagHost:        "solo sesiones con esta `DIRECCIÓN` en un extremo (repetible)",
	FlagEcho:        "`PUERTO=PREFIJO`: el servidor del PUERTO contesta con el PREFIJO y lo pedido (repetible)",
	FlagCalls:       "`[LADO=]ARCHIVO`: diario de llamadas, donde LADO es client, server, pc, pico o una dirección; un strace, nuestras líneas JSON, líneas TJ1 o salida con hora (repetible)",
	FlagSession:     "mostrar solo esta sesión, o `N-M`, con todas las filas (repetible)",
	FlagMaxUnpacked: "parar tras esta cantidad de `BYTES` descomprimidos (por omisión 64 GiB)",
	FlagWorkers:     "cuántos hilos siguen las sesiones (por omisión, uno por núcleo)",
	FlagFormat:      "`FORMATO`: markdown, table, json, ndjson, csv, ipynb o html",
	FlagColumns:     "`COLUMNAS` de las tablas: notebook, report, all, o una lista de nombres",
	FlagOutput:      "escribir informe, JSON, CSV y gráficas en la `CARPETA`",
	FlagAll:         "mostrar todas las filas: no plegar los ciclos iguales",
	FlagNoACKs:      "ocultar los ACK que no cambian ningún estado",
	FlagSleeps:      "mostrar las llamadas a sleep()",
	FlagAlign:       "alinear las tablas para leerlas en un terminal",
	FlagSummary:     "imprimir los totales de toda la captura en vez de cada sesión",
	FlagNoSamples:   "JSON: sin las muestras una por una",
	FlagRows:        "JSON: con la tabla de cada sesión: filas, llamadas y notas",
	PlotKinds:       "cadence, echo, phase o sequence",
	FlagKind:        "`TIPO`: cadence, echo, phase o sequence",
	FlagPlotOutput:  "`ARCHIVO` que se escribe, .svg o .png (- es la salida estándar, en SVG)",
	FlagWidth:       "ancho en `PÍXELES`",
	BadPort:         "no es un puerto", BadHost: "no es una dirección", BadEcho: "no es PORT=PREFIX", BadSession: "no es un número de sesión ni un rango",
	BadColumn: "columna desconocida", BadFormat: "formato desconocido", BadLang: "idioma desconocido", BadKind: "gráfica desconocida",
	BadPlotFile: "una gráfica es un archivo .svg o .png", NeedKind: "falta --kind", NeedCapture: "¿qué captura?",
	OneCapture: "una captura a la vez", NotDirectory: "no es una carpeta", RowsFormat: "--rows va con --format json, sin --summary", SummaryFormat: "--summary tiene los formatos markdown, json, html e ipynb",
	NothingRead:    "interrumpido antes del primer paquete",
	SummarySession: "--summary habla de todas las sesiones: quite --session",
	NotThere:       "no existe el archivo o la carpeta", NotAllowed: "permiso denegado", DiskFull: "no queda espacio en el disco", IsDirectory: "es una carpeta",
	ReadOnlyDisk: "el disco es de solo lectura", BadMaxUnpacked: "no es una cantidad de bytes",
	DamageAt: "%s: paquete %d, posición %d: %s", LimitAt: "%s: se descomprime a más de %d bytes (%s)",
	HintPermission: "dé permiso de lectura sobre el archivo, o cópielo donde pueda leerlo",
	NothingToPlot:  "la captura no tiene nada para esta gráfica", NoSuchSession: "no existe esa sesión",
	Error: "error", Hint: "consejo", Reading: "leyendo: %.0f MB", Wrote: "se escribió %s", Interrupted: "interrumpido: sigue lo leído hasta aquí",
	HintDiskFull: "el disco está lleno: libere espacio o elija otra carpeta", HintLimit: "se muestra lo leído antes del límite; súbalo si confía en el archivo",
	HintNotCapture: "las capturas se hacen con tcpdump, dumpcap o Wireshark: tcpdump -w sesion.pcap",
	HintDamaged:    "se muestra lo que estaba bien antes del daño", HintNoFile: "revise el nombre; - lee la entrada estándar", HintHelp: "tcptrace help",
	HintCalls: "strace necesita -f -ttt: strace -f -ttt -T -yy -s 64 -o llamadas.txt -e trace=network,poll,ppoll,select,pselect6,close,fcntl,ioctl,clock_nanosleep python3 servidor.py",
	Usage:     "Uso", Examples: "Ejemplos", Commands: "Órdenes", Flags: "Opciones", GlobalFlags: "Opciones generales",
	MoreHelp: "Con \"%s [orden] --help\" se ve la ayuda de una orden.", Help: "Ayuda de cualquier orden", HelpFlag: "ayuda de esta orden",
	Completion: "Escribe el guion de autocompletado de un intérprete", NoDescriptions: "solo los nombres, sin explicaciones", VersionIs: "tcptrace %s, %s, %s/%s\n",
	UnknownCommand: "orden desconocida", UnknownFlag: "opción desconocida", NeedValue: "falta un valor", BadValue: "no es un valor de esta opción",
	WrongArguments: "cantidad de argumentos equivocada", CommandWord: "orden", FlagsWord: "opciones", Default: "por omisión",
	ValueWords: map[string]string{"string": "TEXTO", "stringArray": "TEXTO", "strings": "TEXTO", "int": "N", "uint": "N", "uint16": "N", "uint64": "N", "float": "N", "duration": "TIEMPO"},
}
