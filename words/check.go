package words

// Check is what a check of somebody's tables says.
type Check struct{ language }

// NewCheck gives them in a language.
func NewCheck(lang string) Check { return Check{language{lang}} }

func (w Check) Title() string {
	return w.in("Corrección de las tablas",
		"Check of the tables")
}

func (w Check) Heading(name string) Sentence {
	return w.sentence("Las tablas de %s, corregidas",
		"The tables of %s, checked", name)
}

func (w Check) Legend() string {
	return w.in("**✓** los paquetes coinciden · **✗** dicen otra cosa · **∅** aquí falta algo. Las celdas sin signo no se pueden juzgar con paquetes.",
		"**✓** the packets agree · **✗** they say otherwise · **∅** something belongs here. Cells without a sign cannot be judged from packets.")
}

func (w Check) AtLine(line int) Sentence {
	return w.sentence("La tabla de la línea %d",
		"The table at line %d", line)
}

func (w Check) AtCell(cell, line int) Sentence {
	return w.sentence("La tabla de la celda %d, línea %d",
		"The table in cell %d, line %d", cell, line)
}

func (w Check) Against(client, server string, right, wrong, missing, unjudged, lacks int) Sentence {
	return w.sentence("Comparada con la sesión %s → %s: %d celdas bien, %d mal, %d vacías que no deben estarlo, %d sin juzgar; %d segmentos no tienen fila.",
		"Checked against the session %s → %s: %d cells right, %d wrong, %d missing, %d not judged; %d segments have no row.", client, server, right, wrong, missing, unjudged, lacks)
}

// OtherKind is said instead of marks when a table is of a blocking program and the run is not, or the reverse.
func (w Check) OtherKind(nonBlocking bool) Sentence {
	if nonBlocking {
		return w.sentence("Esta tabla es de un programa bloqueante y la captura es de uno no bloqueante (así lo dice el registro de llamadas): no se marca. Compárela con la captura de una ejecución bloqueante.",
			"This table is of a blocking program and the capture is of a non-blocking one (its journal of calls says so): it is not marked. Check it against the capture of a blocking run.")
	}
	return w.sentence("Esta tabla es de un programa no bloqueante y la captura es de uno bloqueante (así lo dice el registro de llamadas): no se marca. Compárela con la captura de una ejecución no bloqueante.",
		"This table is of a non-blocking program and the capture is of a blocking one (its journal of calls says so): it is not marked. Check it against the capture of a non-blocking run.")
}

// GradesTitle is the title of the table of a class, a row for each file.
func (w Check) GradesTitle() string {
	return w.in("Un archivo por fila",
		"A file in each row")
}

func (w Check) GradeColumns() []string {
	return []string{
		w.in("Archivo",
			"File"),
		w.in("Tablas",
			"Tables"),
		w.in("Bien",
			"Right"),
		w.in("Mal",
			"Wrong"),
		w.in("Vacías",
			"Missing"),
		w.in("Sin juzgar",
			"Not judged"),
		w.in("Filas que faltan",
			"Missing rows"),
		w.in("De otro tipo",
			"Of the other kind"),
		w.in("Problema",
			"Problem"),
	}
}

// Problem is why a file could not be checked, by the name that JSON has.
func (w Check) Problem(name string) string {
	switch name {
	case "unreadable":
		return w.in("no se pudo leer",
			"could not be read")
	case "no-table":
		return w.in("sin tabla con las columnas del cuaderno",
			"no table with the notebook's columns")
	case "not-a-notebook":
		return w.in("no es un cuaderno de Jupyter",
			"not a Jupyter notebook")
	}
	return w.in("la captura no tiene sesiones con paquetes",
		"the capture has no session with packets")
}

func (w Check) MarkedTitle() string {
	return w.in("La tabla, con marcas",
		"The table, marked")
}

func (w Check) FaultsTitle() string {
	return w.in("Lo que no está bien",
		"What is not right")
}

func (w Check) LacksTitle() string {
	return w.in("Segmentos sin fila",
		"Segments without a row")
}

func (w Check) Row() string {
	return w.in("Fila",
		"Row")
}

func (w Check) AtFirst() string {
	return w.in("el comienzo",
		"the beginning")
}

func (w Check) MoreLacks(lacks int) Sentence {
	return w.sentence("… y %d más",
		"… and %d more", lacks)
}

func (w Check) FaultColumns() []string {
	return []string{
		w.in("Fila",
			"Row"),
		w.in("Celda",
			"Cell"),
		w.in("Escrito",
			"Written"),
		w.in("Debe ser",
			"Should be"),
		w.in("Por qué",
			"Why"),
		w.in("Trama",
			"Frame"),
	}
}

func (w Check) LackColumns() []string {
	return []string{
		w.in("Tras la fila",
			"After row"),
		w.in("Trama",
			"Frame"),
		w.in("Cliente: señal",
			"Client: signal"),
		w.in("Cliente: estado",
			"Client: state"),
		w.in("Servidor: señal",
			"Server: signal"),
		w.in("Servidor: estado",
			"Server: state"),
	}
}

func (w Check) Reasons() []string {
	return []string{
		w.in("coincide",
			"agrees"),
		w.in("un segmento tiene dos extremos: este lado también lo ve",
			"a segment has two ends: this side sees it too"),
		w.in("este segmento cruzó una vez, y tiene su fila más arriba",
			"this segment crossed once, and has its row above"),
		w.in("aquí no cruzó ningún segmento así",
			"no such segment crossed here"),
		w.in("el segmento lleva otra cantidad de bytes",
			"the segment has another number of bytes"),
		w.in("el estado tras esta trama, según el RFC 9293",
			"the state after this frame, by RFC 9293"),
		w.in("BLOCK es el hilo que espera; al lado sigue el estado TCP",
			"BLOCK is the thread that waits; the TCP state goes on beside it"),
		w.in("`bind()` solo da una dirección; no es un estado TCP",
			"`bind()` only gives an address; it is no TCP state"),
		w.in("ningún paquete lo muestra",
			"no packet shows it"),
		w.in("TypeError en CPython y en MicroPython: hay que indicar la codificación",
			"a TypeError in CPython and in MicroPython: a string needs an encoding"),
		w.in("de este lado no sale aquí nada de este tipo",
			"nothing of this kind leaves this side here"),
		w.in("`s` escucha y no lleva datos; `accept()` entregó `conn`",
			"`s` listens and carries no data; `accept()` gave `conn`"),
		w.in("atado a 127.0.0.1 nadie de afuera se puede conectar; al servidor se llegó por aquí",
			"bound to 127.0.0.1 nobody outside can connect; this is where the server was reached"),
		w.in("el diario de este lado no tiene esa llamada",
			"the journal of this side has no such call"),
		w.in("lo que espera aún no ha llegado: llega con esta trama",
			"what it waits for has not come yet: it comes with this frame"),
		w.in("este segmento despierta a la llamada que espera",
			"this segment wakes the call that waits"),
		w.in("la llamada devuelve cuántos bytes",
			"the call returns how many bytes"),
		w.in("es una llamada y no un resultado: su propio FIN es esta trama",
			"a call, and no result: its own FIN is this frame"),
		w.in("0 es el fin de los datos, el FIN; sin datos la llamada lanza la excepción",
			"0 is the end of data, the FIN; without data the call raises"),
		w.in("una excepción se lanza, no se devuelve; en MicroPython es `OSError` 11",
			"an exception is raised, not returned; in MicroPython it is `OSError` 11"),
		w.in("basta una llamada: el SYN ya salió; otra no envía nada: EALREADY mientras dura el saludo; en Linux la primera después devuelve 0 y las demás lanzan EISCONN",
			"one call is enough: the SYN is out; another sends nothing: EALREADY while the handshake lasts; on Linux the first one after it returns 0, later ones raise EISCONN"),
		w.in("`connect()` vuelve al recibir el SYN+ACK",
			"`connect()` returns on receiving the SYN+ACK"),
		w.in("`accept()` entrega la dirección del cliente",
			"`accept()` gives the client's address"),
		w.in("`recv()` y `recv_into()` terminan aquí sin bytes: así se entera el programa del cierre",
			"`recv()` and `recv_into()` return without bytes here: so the program learns of the close"),
	}
}
