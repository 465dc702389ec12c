package words

// Ladder is what the table says.
type Ladder struct{ language }

// NewLadder gives them in a language.
func NewLadder(lang string) Ladder { return Ladder{language{lang}} }

func (w Ladder) LadderClient() string {
	return w.in("Cliente",
		"Client")
}

func (w Ladder) LadderServer() string {
	return w.in("Servidor",
		"Server")
}

func (w Ladder) LadderCall() string {
	return w.in("Inicio llamada",
		"Call")
}

func (w Ladder) LadderState() string {
	return w.in("Estado",
		"State")
}

func (w Ladder) LadderSignal() string {
	return w.in("Señal",
		"Signal")
}

func (w Ladder) LadderResult() string {
	return w.in("Resultado/Retorno",
		"Result")
}

func (w Ladder) LadderPayload() string {
	return w.in("Datos",
		"Data")
}

func (w Ladder) LadderTime() string { return "t (s)" }

func (w Ladder) LadderConnected() string {
	return w.in("conexión establecida",
		"connection established")
}

func (w Ladder) LadderEndOfData() string {
	return w.in("0 (fin de datos)",
		"0 (end of data)")
}

func (w Ladder) LadderExpired() string {
	return w.in("(al vencer 2·MSL, no se ve en la captura)",
		"(when 2·MSL expires, not visible in the capture)")
}

func (w Ladder) LadderSpurious() string {
	return w.in("(espuria)",
		"(spurious)")
}

func (w Ladder) LadderProbe() string {
	return w.in("sonda",
		"probe")
}

func (w Ladder) LadderNagle() string {
	return w.in("(en cola: Nagle)",
		"(queued: Nagle)")
}

func (w Ladder) LadderWindow() string {
	return w.in("(en cola: ventana)",
		"(queued: window)")
}

func (w Ladder) LadderHandshake() string {
	return w.in("Saludo",
		"Handshake")
}

func (w Ladder) LadderData() string {
	return w.in("Datos",
		"Data")
}

func (w Ladder) LadderClose() string {
	return w.in("Cierre",
		"Teardown")
}

func (w Ladder) LadderFold(count int, signals, mean, least, most string) string {
	return w.fill("… %d × (%s), cada %s s (%s–%s)",
		"… %d × (%s), every %s s (%s–%s)", count, signals, mean, least, most)
}

func (w Ladder) LadderFoldUntimed(count int, signals string) string {
	return w.fill("… %d × (%s)",
		"… %d × (%s)", count, signals)
}

func (w Ladder) LadderLeftOut(count int) string {
	return w.fill("… %d segmentos omitidos",
		"… %d segments left out", count)
}

func (w Ladder) NoteRepeated() string {
	return w.in("♺: el segmento se envió otra vez.",
		"♺: the segment was sent again.")
}

func (w Ladder) NoteSpurious() string {
	return w.in("(espuria): la primera copia ya había llegado; no se perdió nada.",
		"(spurious): the first copy had already arrived; nothing was lost.")
}

func (w Ladder) NoteProbe() string {
	return w.in("sonda: keep-alive o sonda de ventana; no lleva datos nuevos.",
		"probe: keep-alive or window probe; it carries no new data.")
}

func (w Ladder) NoteQueued() string {
	return w.in("(en cola: Nagle) o (en cola: ventana): send() aceptó los bytes, pero salieron más tarde: esperaban el ACK de lo enviado antes, o sitio en la ventana del otro lado.",
		"(queued: Nagle) or (queued: window): send() took the bytes, but they left later: they waited for the ACK of what was sent before, or for room in the peer's window.")
}

func (w Ladder) NoteItalic() string {
	return w.in("Las llamadas en cursiva se deducen de los paquetes: sin un diario de llamadas no se sabe cuándo se llamó a recv() ni a accept().",
		"Calls in italics are implied by packets: without a journal of calls nobody knows when recv() or accept() was called.")
}

func (w Ladder) SourceLine(n int) string { return w.fill("línea %d:", "line %d:", n) }

func (w Ladder) NoteRetries(call string, count int64, seconds string) string {
	return w.fill("%s ♻️×%d duró %s s: cada intento falló con EAGAIN porque todavía no había nada.",
		"%s ♻️×%d took %s s: every attempt failed with EAGAIN because there was nothing yet.", call, count, seconds)
}

func (w Ladder) NoteBlock() string {
	return w.in("BLOCK es el hilo que espera dentro de la llamada; entre paréntesis, el estado TCP, que no cambia por esperar.",
		"BLOCK is the thread that waits inside the call; in parentheses the TCP state, which waiting does not change.")
}

func (w Ladder) NoteTimeWait() string {
	return w.in("La última fila no la muestra ningún paquete: TIME-WAIT dura 2·MSL (60 s en Linux, unos 123 s en la Pico).",
		"No packet shows the last row: TIME-WAIT lasts 2·MSL (60 s on Linux, about 123 s on the Pico).")
}

func (w Ladder) LadderBefore() string {
	return w.in("(antes de la captura)",
		"(before the capture)")
}

func (w Ladder) NoteLost(copies int64) string {
	return w.fill("✗: esa copia no llegó a nadie (copias perdidas: %d); el estado, las llamadas y los ecos se apoyan en la que llegó.",
		"✗: that copy reached nobody (lost copies: %d); states, calls and echoes rest on the one that arrived.", copies)
}

func (w Ladder) NoteLostBefore(calls int64) string {
	return w.fill("De lo que enviaron algunas llamadas (%d), la primera copia se perdió antes del punto de captura: la llamada está donde el programa la hizo, y el segmento que se capturó es una repetición.",
		"Of what some calls sent (%d), the first copy was lost before the capture point: the call stands where the program made it, and the segment that was captured is a repeat.", calls)
}

func (w Ladder) NoteCrossed() string {
	return w.in("Un segmento con dos filas, una al salir (→) y otra al llegar (←), estaba en camino cuando el otro lado hizo algo.",
		"A segment with two rows, one where it leaves (→) and one where it arrives (←), was on its way while the other side did something.")
}

func (w Ladder) NoteNear(side, duration string) string {
	return w.fill("%s está a unos %s del punto de captura (la mitad del viaje de ida y vuelta más corto): sus salidas y llegadas se ordenan con esa diferencia; la columna de tiempo es la de la captura.",
		"%s is about %s away from the capture point (half of the shortest round trip): what it sends and receives is put in order by that; the time column is the capture's.", side, duration)
}

func (w Ladder) NoteBefore() string {
	return w.in("(antes de la captura): la llamada ya había terminado cuando empezó la captura.",
		"(before the capture): the call had returned when the capture began.")
}

func (w Ladder) NoteUnknown() string {
	return w.in("?: la captura no permite saber el estado.",
		"?: the capture cannot tell the state.")
}

func (w Ladder) NoteRoleGuess(roleFrom string) string {
	return w.fill("≈: no se capturó el SYN; %s.",
		"≈: the SYN was not captured; %s.", roleFrom)
}

func (w Ladder) NoteFold() string {
	return w.in("… n ×: ciclos iguales de la aplicación, contados todos; con --all se ven fila por fila.",
		"… n ×: equal cycles of the application, all of them counted; --all shows every row.")
}

func (w Ladder) NoteEcho(byteCounts string) string {
	return w.fill("Los prefijos de la respuesta prueban cuántos bytes devolvió cada recv() del servidor: %s.",
		"The reply's prefixes prove how many bytes each recv() of the server returned: %s.", byteCounts)
}

func (w Ladder) NoteThreeSegmentClose() string {
	return w.in("A diferencia de la tabla del cuaderno, el cierre fue de tres segmentos: el ACK del FIN viajó con el FIN del otro lado, así que no hay FIN-WAIT-2.",
		"Unlike the notebook's table, the close took three segments: the ACK of the FIN travelled with the other side's FIN, so there is no FIN-WAIT-2.")
}

func (w Ladder) NoteDelayedFINACK(time string) string {
	return w.fill("El ACK del FIN salió solo, %s s después del FIN: lo envía TCP, no el programa.",
		"The ACK of the FIN left alone, %s s after the FIN: TCP sends it, not the program.", time)
}

func (w Ladder) NoteLocal() string {
	return w.in("CLOSED (local …): bind() no cambia el estado TCP, solo le da dirección al socket.",
		"CLOSED (local …): bind() does not change the TCP state, it only gives the socket an address.")
}

func (w Ladder) NoteClock(journal, bound string) string {
	return w.fill("Las llamadas de %s se situaron en el reloj de la captura con un margen de ±%s s.",
		"The calls of %s were laid on the capture's clock to within ±%s s.", journal, bound)
}

func (w Ladder) NoteDrops(n int64) string {
	return w.fill("A la captura le faltan %d paquetes, perdidos al capturar: esta tabla puede estar incompleta.",
		"The capture lacks %d packets, dropped while capturing: this table may be incomplete.", n)
}

func (w Ladder) NoteCut() string {
	return w.in("La captura cortó los paquetes: las longitudes vienen de la cabecera IP.",
		"The capture cut its packets: lengths come from the IP header.")
}

func (w Ladder) NoteHole(n int64) string {
	return w.fill("Faltan bytes que la captura no vio (%d).",
		"Bytes are missing that the capture never saw (%d).", n)
}

func (w Ladder) NoteOutOfOrder(n int64) string {
	return w.fill("%d segmentos llegaron fuera de orden.",
		"%d segments arrived out of order.", n)
}

func (w Ladder) NoteCopies(n int64) string {
	return w.fill("%d tramas se capturaron dos veces; las copias no tienen fila.",
		"%d frames were captured twice; the copies have no row.", n)
}

func (w Ladder) NoteNoHandshake() string {
	return w.in("La captura empezó con la conexión ya abierta: no hay saludo que mostrar.",
		"The capture began with the connection already open: there is no handshake to show.")
}

func (w Ladder) NoteSure() string {
	return w.in("Señales: capturadas. Estados: deducidos de RFC 9293 a partir de los segmentos.",
		"Signals: captured. States: derived from the segments by RFC 9293.")
}

func (w Ladder) NoteSureJournal() string {
	return w.in("Llamadas y resultados: del diario de llamadas; la fila de cada retorno es la de su causa.",
		"Calls and results: from the journal of calls; a return stands in the row of its cause.")
}

func (w Ladder) RoleSYN() string {
	return w.in("el cliente es quien envió el SYN",
		"the client is who sent the SYN")
}

func (w Ladder) RoleSYNACK() string {
	return w.in("el cliente es quien recibió el SYN+ACK",
		"the client is who received the SYN+ACK")
}

func (w Ladder) RolePort() string {
	return w.in("el cliente se dedujo de los puertos",
		"the client was told by the ports")
}

func (w Ladder) RoleOrder() string {
	return w.in("se tomó por cliente a quien habló primero",
		"who spoke first was taken for the client")
}
