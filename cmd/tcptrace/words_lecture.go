package main

// lectureWords are the words of `tcptrace lecture`.
type lectureWords struct {
	Short, Long, Example                               string
	FlagFormat, FlagOutput, FlagSplit                  string
	FlagCapture, FlagCalls, FlagInto, FlagCheck        string
	BadRole, TwoOfARole, CallsNeedCapture, NoTable     string
	IntoAlone, CheckNeedsCapture, CheckOneCapture      string
	NoSessionIn, BadSessions                           string
	Refreshed, Unchanged                               string
	Markers                                            [5]string // by lecture.MarkerFault
	AtLine, AtCell, HintMarkers, NotNotebook           string
	CellsWrong, NoTableInNotes, HintTable, AllRight    string
	RoleBlocking, RoleNonBlocking, RoleSession, Chosen string
}

func lectureWordsFor(lang string) *lectureWords {
	if lang == "es" {
		return &lectureES
	}
	return &lectureEN
}

var lectureEN = lectureWords{
	Short: "Write the notebook's document with true tables, or check a table drawn by hand",
	Long: `Writes the lecture on sockets: the blocking and the non-blocking table, both side by side, the events of poll,
and how the programs behave. The tables come from runs in the lab, or from captures of one's own. A capture is taken
for the blocking run, the non-blocking run or the exchange by what is in it, or by name: blocking=FILE, nonblocking=FILE,
session=FILE.

With --into the sections between markers in a Markdown file or a notebook are refreshed and all else stays as it is:
<!-- tcptrace:blocking --> and <!-- /tcptrace:blocking -->. The names: api, blocking, nonblocking, compare, events,
programs, mistakes, method, and lecture for all of it.

With --check the tables of a Markdown file or a notebook are compared with a capture, cell by cell. The exit code is 0
if all cells are right and 1 if not.`,
	Example:    "  tcptrace lecture -o lecture.md\n  tcptrace lecture --format ipynb --lang es -o lecture.ipynb\n  tcptrace lecture --capture blocking.pcap --calls client=client.txt --calls server=server.txt\n  tcptrace lecture --into NOTES.md\n  tcptrace lecture --check NOTES.md --capture session.pcap",
	FlagFormat: "markdown, ipynb or html", FlagOutput: "file to write; pictures of Markdown are put beside it",
	FlagSplit:   "each table in three parts: handshake, data, teardown",
	FlagCapture: "capture to write from: [blocking=|nonblocking=|session=]FILE (repeatable)",
	FlagCalls:   "journal of socket calls: [blocking:|nonblocking:|session:][SIDE=]FILE (repeatable)",
	FlagInto:    "refresh the marked regions of this .md or .ipynb", FlagCheck: "check the tables of this .md or .ipynb against --capture",
	BadRole: "two captures for the same run", TwoOfARole: "name them: --capture blocking=a.pcap --capture nonblocking=b.pcap",
	CallsNeedCapture: "--calls needs --capture", NoTable: "no session with a table in",
	IntoAlone: "--into writes into its own file: leave out -o, --format and --check", CheckNeedsCapture: "--check needs --capture FILE",
	CheckOneCapture: "--check takes one capture", NoSessionIn: "there is no TCP session in", BadSessions: "no such session",
	Refreshed: "%s: regions refreshed", Unchanged: "%s: already up to date",
	Markers: [5]string{"no markers found", "there is no section of this name", "the region has no end", "an end without a beginning", "no run was given for this section"},
	AtLine:  "line %d", AtCell: "cell %d, line %d", HintMarkers: "put <!-- tcptrace:blocking --> and <!-- /tcptrace:blocking --> on lines of their own",
	NotNotebook: "not a Jupyter notebook", CellsWrong: "cells that are not right: %d of %d judged; rows that are missing: %d",
	NoTableInNotes: "no table with the notebook's columns found", HintTable: "its heads are Client: Call, Client: State, Client: Signal, Client: Result, and the same of the Server",
	AllRight: "all cells are right: %d", RoleBlocking: "blocking", RoleNonBlocking: "non-blocking", RoleSession: "session", Chosen: "%s: taken for the %s run",
}

var lectureES = lectureWords{
	Short: "Escribe el documento del cuaderno con tablas verdaderas, o corrige una hecha a mano",
	Long: `Escribe la clase sobre sockets: la tabla bloqueante y la no bloqueante, las dos lado a lado, los eventos de poll y
cómo se comportan los programas. Las tablas salen de ejecuciones en el laboratorio, o de capturas propias. Una captura se
toma por la ejecución bloqueante, la no bloqueante o el intercambio según lo que contiene, o por su nombre: blocking=FILE,
nonblocking=FILE, session=FILE.

Con --into se renuevan las secciones entre marcas de un archivo Markdown o un cuaderno y todo lo demás queda igual:
<!-- tcptrace:blocking --> y <!-- /tcptrace:blocking -->. Los nombres: api, blocking, nonblocking, compare, events,
programs, mistakes, method, y lecture para todo.

Con --check las tablas de un archivo Markdown o un cuaderno se comparan con una captura, celda por celda. El código de
salida es 0 si todas las celdas están bien y 1 si no.`,
	Example:    "  tcptrace lecture -o clase.md\n  tcptrace lecture --format ipynb --lang es -o clase.ipynb\n  tcptrace lecture --capture bloqueante.pcap --calls client=cliente.txt --calls server=servidor.txt\n  tcptrace lecture --into NOTAS.md\n  tcptrace lecture --check NOTAS.md --capture sesion.pcap",
	FlagFormat: "markdown, ipynb o html", FlagOutput: "archivo que se escribe; las imágenes de Markdown quedan al lado",
	FlagSplit:   "cada tabla en tres partes: saludo, datos, cierre",
	FlagCapture: "captura de la que se escribe: [blocking=|nonblocking=|session=]FILE (repetible)",
	FlagCalls:   "diario de llamadas: [blocking:|nonblocking:|session:][SIDE=]FILE (repetible)",
	FlagInto:    "renovar las regiones marcadas de este .md o .ipynb", FlagCheck: "corregir las tablas de este .md o .ipynb con --capture",
	BadRole: "dos capturas para la misma ejecución", TwoOfARole: "nómbrelas: --capture blocking=a.pcap --capture nonblocking=b.pcap",
	CallsNeedCapture: "--calls necesita --capture", NoTable: "no hay sesión con tabla en",
	IntoAlone: "--into escribe en su propio archivo: quite -o, --format y --check", CheckNeedsCapture: "--check necesita --capture FILE",
	CheckOneCapture: "--check toma una sola captura", NoSessionIn: "no hay ninguna sesión TCP en", BadSessions: "no existe esa sesión",
	Refreshed: "%s: regiones renovadas", Unchanged: "%s: ya estaba al día",
	Markers: [5]string{"no se encontraron marcas", "no hay sección con este nombre", "la región no tiene final", "un final sin comienzo", "no se entregó ejecución para esta sección"},
	AtLine:  "línea %d", AtCell: "celda %d, línea %d", HintMarkers: "ponga <!-- tcptrace:blocking --> y <!-- /tcptrace:blocking --> en líneas propias",
	NotNotebook: "no es un cuaderno de Jupyter", CellsWrong: "celdas que no están bien: %d de %d juzgadas; filas que faltan: %d",
	NoTableInNotes: "no se encontró una tabla con las columnas del cuaderno", HintTable: "sus encabezados son Cliente: Inicio llamada, Cliente: Estado, Cliente: Señal, Cliente: Resultado/Retorno, y los mismos del Servidor",
	AllRight: "todas las celdas están bien: %d", RoleBlocking: "bloqueante", RoleNonBlocking: "no bloqueante", RoleSession: "del intercambio", Chosen: "%s: se toma por la ejecución %s",
}
