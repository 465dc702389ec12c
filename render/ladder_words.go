package render

// LadderWords are the ladder's words, a part of Words.
type LadderWords struct {
	LadderClient, LadderServer               string // the sides, in column heads
	LadderCall, LadderState, LadderSignal    string
	LadderResult, LadderPayload              string
	LadderTime                               string
	LadderConnected                          string // the result of connect()
	LadderEndOfData                          string // the result of recv() = 0
	LadderExpired                            string // the result when TIME-WAIT ends
	LadderSpurious, LadderProbe              string
	LadderNagle, LadderWindow                string // what held the bytes of a send() back
	LadderHandshake, LadderData, LadderClose string // table titles
	LadderFold                               string // count, signals, mean, least, most
	LadderFoldUntimed                        string // count, signals
	LadderLeftOut                            string // count

	NoteRepeated, NoteSpurious, NoteProbe, NoteQueued, NoteItalic             string
	NoteRetries                                                               string // call, count, seconds
	NoteBlock, NoteTimeWait, NoteUnknown, NoteRoleGuess, NoteFold             string
	NoteEcho                                                                  string // byte counts
	NoteThreeSegmentClose, NoteDelayedFINACK, NoteLocal                       string
	NoteClock                                                                 string // journal, bound
	NoteDrops, NoteCut, NoteHole, NoteOutOfOrder, NoteCopies, NoteNoHandshake string
	NoteLost                                                                  string // copies
	NoteNear                                                                  string // side, duration
	NoteCrossed, NoteBefore                                                   string
	LadderBefore                                                              string // what a result says of a call before the capture
	NoteSure                                                                  string // how sure each kind of cell is
	NoteSureJournal                                                           string
	RoleSYN, RoleSYNACK, RolePort, RoleOrder                                  string
}

var ladderES = LadderWords{
	LadderClient: "Cliente", LadderServer: "Servidor",
	LadderCall: "Inicio llamada", LadderState: "Estado", LadderSignal: "Señal",
	LadderResult: "Resultado/Retorno", LadderPayload: "Datos", LadderTime: "t (s)",
	LadderConnected: "conexión establecida", LadderEndOfData: "0 (fin de datos)",
	LadderExpired:  "(al vencer 2·MSL, no se ve en la captura)",
	LadderSpurious: "(espuria)", LadderProbe: "sonda", LadderNagle: "(en cola: Nagle)", LadderWindow: "(en cola: ventana)",
	LadderHandshake: "Saludo", LadderData: "Datos", LadderClose: "Cierre",
	LadderFold:        "… %d × (%s), cada %s s (%s–%s)",
	LadderFoldUntimed: "… %d × (%s)",
	LadderLeftOut:     "… %d segmentos omitidos",

	NoteRepeated:          "♺: el segmento se envió otra vez.",
	NoteSpurious:          "(espuria): la primera copia ya había llegado; no se perdió nada.",
	NoteProbe:             "sonda: keep-alive o sonda de ventana; no lleva datos nuevos.",
	NoteQueued:            "(en cola: Nagle) o (en cola: ventana): send() aceptó los bytes, pero salieron más tarde: esperaban el ACK de lo enviado antes, o sitio en la ventana del otro lado.",
	NoteItalic:            "Las llamadas en cursiva se deducen de los paquetes: sin un diario de llamadas no se sabe cuándo se llamó a recv() ni a accept().",
	NoteRetries:           "%s ♻️×%d duró %s s: cada intento falló con EAGAIN porque todavía no había nada.",
	NoteBlock:             "BLOCK es el hilo que espera dentro de la llamada; entre paréntesis, el estado TCP, que no cambia por esperar.",
	NoteTimeWait:          "La última fila no la muestra ningún paquete: TIME-WAIT dura 2·MSL (60 s en Linux, unos 123 s en la Pico).",
	LadderBefore:          "(antes de la captura)",
	NoteLost:              "✗: esa copia no llegó a nadie (copias perdidas: %d); el estado, las llamadas y los ecos se apoyan en la que llegó.",
	NoteCrossed:           "Un segmento con dos filas, una al salir (→) y otra al llegar (←), estaba en camino cuando el otro lado hizo algo.",
	NoteNear:              "%s está a unos %s del punto de captura (la mitad del viaje de ida y vuelta más corto): sus salidas y llegadas se ordenan con esa diferencia; la columna de tiempo es la de la captura.",
	NoteBefore:            "(antes de la captura): la llamada ya había terminado cuando empezó la captura.",
	NoteUnknown:           "?: la captura no permite saber el estado.",
	NoteRoleGuess:         "≈: no se capturó el SYN; %s.",
	NoteFold:              "… n ×: ciclos iguales de la aplicación, contados todos; con --all se ven fila por fila.",
	NoteEcho:              "Los prefijos de la respuesta prueban cuántos bytes devolvió cada recv() del servidor: %s.",
	NoteThreeSegmentClose: "A diferencia de la tabla del cuaderno, el cierre fue de tres segmentos: el ACK del FIN viajó con el FIN del otro lado, así que no hay FIN-WAIT-2.",
	NoteDelayedFINACK:     "El ACK del FIN salió solo, %s s después del FIN: lo envía TCP, no el programa.",
	NoteLocal:             "CLOSED (local …): bind() no cambia el estado TCP, solo le da dirección al socket.",
	NoteClock:             "Las llamadas de %s se situaron en el reloj de la captura con un margen de ±%s s.",
	NoteDrops:             "A la captura le faltan %d paquetes, perdidos al capturar: esta tabla puede estar incompleta.",
	NoteCut:               "La captura cortó los paquetes: las longitudes vienen de la cabecera IP.",
	NoteHole:              "Faltan bytes que la captura no vio (%d).",
	NoteOutOfOrder:        "%d segmentos llegaron fuera de orden.",
	NoteCopies:            "%d tramas se capturaron dos veces; las copias no tienen fila.",
	NoteNoHandshake:       "La captura empezó con la conexión ya abierta: no hay saludo que mostrar.",
	NoteSure:              "Señales: capturadas. Estados: deducidos de RFC 9293 a partir de los segmentos.",
	NoteSureJournal:       "Llamadas y resultados: del diario de llamadas; la fila de cada retorno es la de su causa.",
	RoleSYN:               "el cliente es quien envió el SYN", RoleSYNACK: "el cliente es quien recibió el SYN+ACK",
	RolePort: "el cliente se dedujo de los puertos", RoleOrder: "se tomó por cliente a quien habló primero",
}

var ladderEN = LadderWords{
	LadderClient: "Client", LadderServer: "Server",
	LadderCall: "Call", LadderState: "State", LadderSignal: "Signal",
	LadderResult: "Result", LadderPayload: "Data", LadderTime: "t (s)",
	LadderConnected: "connection established", LadderEndOfData: "0 (end of data)",
	LadderExpired:  "(when 2·MSL expires, not visible in the capture)",
	LadderSpurious: "(spurious)", LadderProbe: "probe", LadderNagle: "(queued: Nagle)", LadderWindow: "(queued: window)",
	LadderHandshake: "Handshake", LadderData: "Data", LadderClose: "Teardown",
	LadderFold:        "… %d × (%s), every %s s (%s–%s)",
	LadderFoldUntimed: "… %d × (%s)",
	LadderLeftOut:     "… %d segments left out",

	NoteRepeated:          "♺: the segment was sent again.",
	NoteSpurious:          "(spurious): the first copy had already arrived; nothing was lost.",
	NoteProbe:             "probe: keep-alive or window probe; it carries no new data.",
	NoteQueued:            "(queued: Nagle) or (queued: window): send() took the bytes, but they left later: they waited for the ACK of what was sent before, or for room in the peer's window.",
	NoteItalic:            "Calls in italics are implied by packets: without a journal of calls nobody knows when recv() or accept() was called.",
	NoteRetries:           "%s ♻️×%d took %s s: every attempt failed with EAGAIN because there was nothing yet.",
	NoteBlock:             "BLOCK is the thread that waits inside the call; in parentheses the TCP state, which waiting does not change.",
	NoteTimeWait:          "No packet shows the last row: TIME-WAIT lasts 2·MSL (60 s on Linux, about 123 s on the Pico).",
	LadderBefore:          "(before the capture)",
	NoteLost:              "✗: that copy reached nobody (lost copies: %d); states, calls and echoes rest on the one that arrived.",
	NoteCrossed:           "A segment with two rows, one where it leaves (→) and one where it arrives (←), was on its way while the other side did something.",
	NoteNear:              "%s is about %s away from the capture point (half of the shortest round trip): what it sends and receives is put in order by that; the time column is the capture's.",
	NoteBefore:            "(before the capture): the call had returned when the capture began.",
	NoteUnknown:           "?: the capture cannot tell the state.",
	NoteRoleGuess:         "≈: the SYN was not captured; %s.",
	NoteFold:              "… n ×: equal cycles of the application, all of them counted; --all shows every row.",
	NoteEcho:              "The reply's prefixes prove how many bytes each recv() of the server returned: %s.",
	NoteThreeSegmentClose: "Unlike the notebook's table, the close took three segments: the ACK of the FIN travelled with the other side's FIN, so there is no FIN-WAIT-2.",
	NoteDelayedFINACK:     "The ACK of the FIN left alone, %s s after the FIN: TCP sends it, not the program.",
	NoteLocal:             "CLOSED (local …): bind() does not change the TCP state, it only gives the socket an address.",
	NoteClock:             "The calls of %s were laid on the capture's clock to within ±%s s.",
	NoteDrops:             "The capture lacks %d packets, dropped while capturing: this table may be incomplete.",
	NoteCut:               "The capture cut its packets: lengths come from the IP header.",
	NoteHole:              "Bytes are missing that the capture never saw (%d).",
	NoteOutOfOrder:        "%d segments arrived out of order.",
	NoteCopies:            "%d frames were captured twice; the copies have no row.",
	NoteNoHandshake:       "The capture began with the connection already open: there is no handshake to show.",
	NoteSure:              "Signals: captured. States: derived from the segments by RFC 9293.",
	NoteSureJournal:       "Calls and results: from the journal of calls; a return stands in the row of its cause.",
	RoleSYN:               "the client is who sent the SYN", RoleSYNACK: "the client is who received the SYN+ACK",
	RolePort: "the client was told by the ports", RoleOrder: "who spoke first was taken for the client",
}
