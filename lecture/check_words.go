package lecture

// checkWords are the words of a check of somebody's notes.
type checkWords struct {
	Title, Heading, Legend               string
	AtLine, AtCell, Against              string
	MarkedTitle, FaultsTitle, LacksTitle string
	Row, AtFirst, MoreLacks              string
	FaultColumns, LackColumns            [6]string
	Reasons                              [numReasons]string
}

func checkWordsFor(lang string) *checkWords {
	if lang == "es" {
		return &checkSpanish
	}
	return &checkEnglish
}

var checkEnglish = checkWords{
	Title: "Check of the tables", Heading: "The tables of %s, checked",
	Legend: "**✓** the packets agree · **✗** they say otherwise · **∅** something belongs here. Cells without a sign cannot be judged from packets.",
	AtLine: "The table at line %d", AtCell: "The table in cell %d, line %d",
	Against:     "Checked against the session %s → %s: %d cells right, %d wrong, %d missing, %d not judged; %d segments have no row.",
	MarkedTitle: "The table, marked", FaultsTitle: "What is not right", LacksTitle: "Segments without a row",
	Row: "Row", AtFirst: "the beginning", MoreLacks: "… and %d more",
	FaultColumns: [6]string{"Row", "Cell", "Written", "Should be", "Why", "Frame"},
	LackColumns:  [6]string{"After row", "Frame", "Client: signal", "Client: state", "Server: signal", "Server: state"},
	Reasons: [numReasons]string{
		ReasonNone:          "agrees",
		ReasonSignalMissing: "a segment has two ends: this side sees it too",
		ReasonTwice:         "this segment crossed once, and has its row above",
		ReasonNoSegment:     "no such segment crossed here",
		ReasonLength:        "the segment has another number of bytes",
		ReasonState:         "the state after this frame, by RFC 9293",
		ReasonBlock:         "BLOCK is the thread that waits; the TCP state goes on beside it",
		ReasonLocal:         "`bind()` only gives an address; it is no TCP state",
		ReasonDerived:       "no packet shows it",
		ReasonText:          "a TypeError in CPython and in MicroPython: a string needs an encoding",
		ReasonNotSent:       "nothing of this kind leaves this side here",
		ReasonListener:      "`s` listens and carries no data; `accept()` gave `conn`",
		ReasonLoopback:      "bound to 127.0.0.1 nobody outside can connect; this is where the server was reached",
		ReasonNotCalled:     "the journal of this side has no such call",
		ReasonTooEarly:      "what it waits for has not come yet: it comes with this frame",
		ReasonReturns:       "this segment wakes the call that waits",
		ReasonCount:         "the call returns how many bytes",
		ReasonIsCall:        "a call, and no result: its own FIN is this frame",
		ReasonZero:          "0 is the end of data, the FIN; without data the call raises",
		ReasonRaises:        "an exception is raised, not returned; in MicroPython it is `OSError` 11",
		ReasonOnce:          "one call is enough: the SYN is out; a second raises EALREADY or EISCONN",
		ReasonConnected:     "`connect()` returns on receiving the SYN+ACK",
		ReasonAddress:       "`accept()` gives the client's address",
		ReasonEnd:           "`recv_into()` returns 0 here: so the program learns of the close",
	},
}

var checkSpanish = checkWords{
	Title: "Corrección de las tablas", Heading: "Las tablas de %s, corregidas",
	Legend: "**✓** los paquetes coinciden · **✗** dicen otra cosa · **∅** aquí falta algo. Las celdas sin signo no se pueden juzgar con paquetes.",
	AtLine: "La tabla de la línea %d", AtCell: "La tabla de la celda %d, línea %d",
	Against:     "Comparada con la sesión %s → %s: %d celdas bien, %d mal, %d vacías que no deben estarlo, %d sin juzgar; %d segmentos no tienen fila.",
	MarkedTitle: "La tabla, con marcas", FaultsTitle: "Lo que no está bien", LacksTitle: "Segmentos sin fila",
	Row: "Fila", AtFirst: "el comienzo", MoreLacks: "… y %d más",
	FaultColumns: [6]string{"Fila", "Celda", "Escrito", "Debe ser", "Por qué", "Trama"},
	LackColumns:  [6]string{"Tras la fila", "Trama", "Cliente: señal", "Cliente: estado", "Servidor: señal", "Servidor: estado"},
	Reasons: [numReasons]string{
		ReasonNone:          "coincide",
		ReasonSignalMissing: "un segmento tiene dos extremos: este lado también lo ve",
		ReasonTwice:         "este segmento cruzó una vez, y tiene su fila más arriba",
		ReasonNoSegment:     "aquí no cruzó ningún segmento así",
		ReasonLength:        "el segmento lleva otra cantidad de bytes",
		ReasonState:         "el estado tras esta trama, según el RFC 9293",
		ReasonBlock:         "BLOCK es el hilo que espera; al lado sigue el estado TCP",
		ReasonLocal:         "`bind()` solo da una dirección; no es un estado TCP",
		ReasonDerived:       "ningún paquete lo muestra",
		ReasonText:          "TypeError en CPython y en MicroPython: hay que indicar la codificación",
		ReasonNotSent:       "de este lado no sale aquí nada de este tipo",
		ReasonListener:      "`s` escucha y no lleva datos; `accept()` entregó `conn`",
		ReasonLoopback:      "atado a 127.0.0.1 nadie de afuera se puede conectar; al servidor se llegó por aquí",
		ReasonNotCalled:     "el diario de este lado no tiene esa llamada",
		ReasonTooEarly:      "lo que espera aún no ha llegado: llega con esta trama",
		ReasonReturns:       "este segmento despierta a la llamada que espera",
		ReasonCount:         "la llamada devuelve cuántos bytes",
		ReasonIsCall:        "es una llamada y no un resultado: su propio FIN es esta trama",
		ReasonZero:          "0 es el fin de los datos, el FIN; sin datos la llamada lanza la excepción",
		ReasonRaises:        "una excepción se lanza, no se devuelve; en MicroPython es `OSError` 11",
		ReasonOnce:          "basta una llamada: el SYN ya salió; otra lanza EALREADY o EISCONN",
		ReasonConnected:     "`connect()` vuelve al recibir el SYN+ACK",
		ReasonAddress:       "`accept()` entrega la dirección del cliente",
		ReasonEnd:           "`recv_into()` devuelve 0 aquí: así se entera el programa del cierre",
	},
}
