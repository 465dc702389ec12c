package words

// LectureCommand is what `tcptrace lecture` says on the command line.
type LectureCommand struct{ language }

// NewLectureCommand gives them in a language.
func NewLectureCommand(lang string) LectureCommand { return LectureCommand{language{lang}} }

func (w LectureCommand) Short() string {
	return w.in("Escribe el documento del cuaderno con tablas verdaderas, o corrige una hecha a mano",
		"Write the notebook's document with true tables, or check a table drawn by hand")
}

func (w LectureCommand) Long() string {
	return w.in(`Escribe la clase sobre sockets: la tabla bloqueante y la no bloqueante, las dos lado a lado, los eventos de poll y
cómo se comportan los programas. Las tablas salen de ejecuciones en el laboratorio, o de capturas propias. Una captura se
toma por la ejecución bloqueante, la no bloqueante o el intercambio según lo que contiene, o por su nombre: blocking=FILE,
nonblocking=FILE, session=FILE.

Con --into se renuevan las secciones entre marcas de un archivo Markdown o un cuaderno y todo lo demás queda igual:
<!-- tcptrace:blocking --> y <!-- /tcptrace:blocking -->. Los nombres: api, blocking, nonblocking, compare, events,
programs, mistakes, method, y lecture para todo.

Con --check las tablas de un archivo Markdown o un cuaderno se comparan con una captura, celda por celda. El código de
salida es 0 si todas las celdas están bien y 7 si no.`,
		`Writes the lecture on sockets: the blocking and the non-blocking table, both side by side, the events of poll,
and how the programs behave. The tables come from runs in the lab, or from captures of one's own. A capture is taken
for the blocking run, the non-blocking run or the exchange by what is in it, or by name: blocking=FILE, nonblocking=FILE,
session=FILE.

With --into the sections between markers in a Markdown file or a notebook are refreshed and all else stays as it is:
<!-- tcptrace:blocking --> and <!-- /tcptrace:blocking -->. The names: api, blocking, nonblocking, compare, events,
programs, mistakes, method, and lecture for all of it.

With --check the tables of a Markdown file or a notebook are compared with a capture, cell by cell. The exit code is 0
if all cells are right and 7 if not.`)
}

func (w LectureCommand) Example() string {
	return w.in("  tcptrace lecture -o clase.md\n  tcptrace lecture --format ipynb --lang es -o clase.ipynb\n  tcptrace lecture --capture bloqueante.pcap --calls client=cliente.txt --calls server=servidor.txt\n  tcptrace lecture --into NOTAS.md\n  tcptrace lecture --check NOTAS.md --capture sesion.pcap",
		"  tcptrace lecture -o lecture.md\n  tcptrace lecture --format ipynb --lang es -o lecture.ipynb\n  tcptrace lecture --capture blocking.pcap --calls client=client.txt --calls server=server.txt\n  tcptrace lecture --into NOTES.md\n  tcptrace lecture --check NOTES.md --capture session.pcap")
}

func (w LectureCommand) FlagFormat() string {
	return w.in("`FORMATO`: markdown, ipynb o html; con --check también csv o json, una fila por archivo",
		"`FORMAT`: markdown, ipynb or html; with --check also csv or json, a row for each file")
}

func (w LectureCommand) FlagOutput() string {
	return w.in("`ARCHIVO`: archivo que se escribe; las imágenes de Markdown quedan al lado",
		"`FILE`: file to write; pictures of Markdown are put beside it")
}

func (w LectureCommand) FlagSplit() string {
	return w.in("cada tabla en tres partes: saludo, datos, cierre",
		"each table in three parts: handshake, data, teardown")
}

func (w LectureCommand) FlagCapture() string {
	return w.in("`[EJECUCIÓN=]ARCHIVO`: captura de la que se escribe: [blocking=|nonblocking=|session=]FILE (repetible)",
		"`[RUN=]FILE`: capture to write from: [blocking=|nonblocking=|session=]FILE (repeatable)")
}

func (w LectureCommand) FlagCalls() string {
	return w.in("`[EJECUCIÓN:][LADO=]ARCHIVO`: diario de llamadas: [blocking:|nonblocking:|session:][SIDE=]FILE (repetible)",
		"`[RUN:][SIDE=]FILE`: journal of socket calls: [blocking:|nonblocking:|session:][SIDE=]FILE (repeatable)")
}

func (w LectureCommand) FlagInto() string {
	return w.in("`ARCHIVO`: renovar las regiones marcadas de este .md o .ipynb",
		"`FILE`: refresh the marked regions of this .md or .ipynb")
}

func (w LectureCommand) FlagCheck() string {
	return w.in("`ARCHIVO`: corregir las tablas de este .md o .ipynb, o las de cada archivo de una carpeta, con --capture",
		"`FILE`: check the tables of this .md or .ipynb, or of each file in a folder, against --capture")
}

func (w LectureCommand) BadRole() string {
	return w.in("dos capturas para la misma ejecución",
		"two captures for the same run")
}

func (w LectureCommand) TwoOfARole() string {
	return w.in("nómbrelas: --capture blocking=a.pcap --capture nonblocking=b.pcap",
		"name them: --capture blocking=a.pcap --capture nonblocking=b.pcap")
}

func (w LectureCommand) CallsNeedCapture() string {
	return w.in("--calls necesita --capture",
		"--calls needs --capture")
}

func (w LectureCommand) NoTable() string {
	return w.in("no hay sesión con tabla en",
		"no session with a table in")
}

func (w LectureCommand) IntoAlone() string {
	return w.in("--into escribe en su propio archivo: quite -o, --format y --check",
		"--into writes into its own file: leave out -o, --format and --check")
}

func (w LectureCommand) CheckNeedsCapture() string {
	return w.in("--check necesita --capture FILE",
		"--check needs --capture FILE")
}

func (w LectureCommand) CheckOneCapture() string {
	return w.in("--check toma una sola captura",
		"--check takes one capture")
}

func (w LectureCommand) NoSessionIn() string {
	return w.in("no hay ninguna sesión TCP en",
		"there is no TCP session in")
}

func (w LectureCommand) Refreshed(into string) string {
	return w.fill("%s: regiones renovadas",
		"%s: regions refreshed", into)
}

func (w LectureCommand) Unchanged(into string) string {
	return w.fill("%s: ya estaba al día",
		"%s: already up to date", into)
}

func (w LectureCommand) Markers() []string {
	return []string{
		w.in("no se encontraron marcas",
			"no markers found"),
		w.in("no hay sección con este nombre",
			"there is no section of this name"),
		w.in("la región no tiene final",
			"the region has no end"),
		w.in("un final sin comienzo",
			"an end without a beginning"),
		w.in("no se entregó ejecución para esta sección",
			"no run was given for this section"),
	}
}

func (w LectureCommand) AtLine(line int) string {
	return w.fill("línea %d",
		"line %d", line)
}

func (w LectureCommand) AtCell(cell, line int) string {
	return w.fill("celda %d, línea %d",
		"cell %d, line %d", cell, line)
}

func (w LectureCommand) HintMarkers() string {
	return w.in("ponga <!-- tcptrace:blocking --> y <!-- /tcptrace:blocking --> en líneas propias",
		"put <!-- tcptrace:blocking --> and <!-- /tcptrace:blocking --> on lines of their own")
}

func (w LectureCommand) NotText() string {
	return w.in("no es texto en UTF-8 ni en UTF-16",
		"neither UTF-8 nor UTF-16 text")
}

func (w LectureCommand) HintText() string {
	return w.in("guárdelo como UTF-8 en su editor",
		"save it as UTF-8 in your editor")
}

func (w LectureCommand) NotNotebook() string {
	return w.in("no es un cuaderno de Jupyter",
		"not a Jupyter notebook")
}

func (w LectureCommand) NoNotes() string {
	return w.in("no hay archivos .md ni .ipynb",
		"no .md or .ipynb files")
}

func (w LectureCommand) NoArguments(arg string) string {
	return w.fill("lecture no toma argumentos: %s",
		"lecture takes no arguments: %s", arg)
}

func (w LectureCommand) TablesOfOtherKind(n int) string {
	return w.fill("tablas de otro tipo que la captura (bloqueante o no bloqueante): %d",
		"tables of another kind than the capture (blocking or non-blocking): %d", n)
}

func (w LectureCommand) FilesWrong(wrong, files int) string {
	return w.fill("archivos que no están bien: %d de %d",
		"files that are not right: %d of %d", wrong, files)
}

func (w LectureCommand) FilesRight(files int) string {
	return w.fill("todos los archivos están bien: %d",
		"all files are right: %d", files)
}

func (w LectureCommand) CellsWrong(faults, judged, rows int) string {
	return w.fill("celdas que no están bien: %d de %d juzgadas; filas que faltan: %d",
		"cells that are not right: %d of %d judged; rows that are missing: %d", faults, judged, rows)
}

func (w LectureCommand) NoTableInNotes() string {
	return w.in("no se encontró una tabla con las columnas del cuaderno",
		"no table with the notebook's columns found")
}

func (w LectureCommand) HintTable() string {
	return w.in("sus encabezados son Cliente: Inicio llamada, Cliente: Estado, Cliente: Señal, Cliente: Resultado/Retorno, y los mismos del Servidor",
		"its heads are Client: Call, Client: State, Client: Signal, Client: Result, and the same of the Server")
}

func (w LectureCommand) AllRight(judged int) string {
	return w.fill("todas las celdas están bien: %d",
		"all cells are right: %d", judged)
}

func (w LectureCommand) RoleBlocking() string {
	return w.in("bloqueante",
		"blocking")
}

func (w LectureCommand) RoleNonBlocking() string {
	return w.in("no bloqueante",
		"non-blocking")
}

func (w LectureCommand) RoleSession() string {
	return w.in("del intercambio",
		"session")
}

func (w LectureCommand) Chosen(path, name string) string {
	return w.fill("%s: se toma por la ejecución %s",
		"%s: taken for the %s run", path, name)
}
