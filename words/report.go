package words

// Report is what a report says.
type Report struct{ language }

// NewReport gives them in a language.
func NewReport(lang string) Report { return Report{language{lang}} }

func (w Report) Title(file string) Sentence {
	return w.sentence("Informe TCP de %s",
		"TCP report on %s", file)
}

func (w Report) StandardInput() string {
	return w.in("la entrada estándar",
		"standard input")
}

func (w Report) CaptureHeading() string {
	return w.in("La captura",
		"The capture")
}

func (w Report) File(file, format string) Sentence {
	return w.sentence("**Archivo:** `%s` (%s)",
		"**File:** `%s` (%s)", file, format)
}

func (w Report) FileLinks(file, format, linkTypes string) Sentence {
	return w.sentence("**Archivo:** `%s` (%s, enlace %s)",
		"**File:** `%s` (%s, link %s)", file, format, linkTypes)
}

func (w Report) Packets(packets, tcp int64) Sentence {
	return w.sentence("**Paquetes:** %d; TCP: %d",
		"**Packets:** %d; TCP: %d", packets, tcp)
}

func (w Report) PacketsWatched(packets, tcp int64, ports string, watched int64) Sentence {
	return w.sentence("**Paquetes:** %d; TCP: %d; de los puertos observados (%s): %d",
		"**Packets:** %d; TCP: %d; of the watched ports (%s): %d", packets, tcp, ports, watched)
}

func (w Report) Times(first, last, duration string) Sentence {
	return w.sentence("**Tiempo:** del %s al %s (%s)",
		"**Time:** from %s to %s (%s)", first, last, duration)
}

func (w Report) NoTimes() string {
	return w.in("**Tiempo:** la captura no dice a qué hora llegó cada paquete, así que no hay latencias ni cadencia",
		"**Time:** the capture does not say when its packets came, so there are no latencies and no cadence")
}

func (w Report) NothingSpoils() string {
	return w.in("Nada en la captura estropea los números que siguen: la captura no perdió paquetes, y ninguno está dañado, recortado o repetido por la captura.",
		"Nothing in the capture spoils the numbers below: the capture dropped no packets, and none is damaged, cut or captured twice.")
}

func (w Report) JournalRead(name, kind string, entries int) Sentence {
	return w.sentence("**Diario de llamadas:** `%s` (%s, llamadas: %d)",
		"**Journal:** `%s` (%s, calls: %d)", name, kind, entries)
}

func (w Report) JournalEnded(name, how string) Sentence {
	return w.sentence("**Fin del programa:** según `%s`, `%s`",
		"**End of the program:** `%s` says `%s`", name, how)
}

func (w Report) ClockSame(journal string, causes int) Sentence {
	return w.sentence("**Reloj** de `%s`: concuerda con el de la captura (causas que lo prueban: %d)",
		"**Clock** of `%s`: it agrees with the capture's (causes that prove it: %d)", journal, causes)
}

func (w Report) ClockAligned(journal, offset, bound string, causes int) Sentence {
	return w.sentence("**Reloj** de `%s`: se desplazó %s para coincidir con la captura, con un margen de ±%s (causas que lo prueban: %d)",
		"**Clock** of `%s`: it was shifted by %s to match the capture, to within ±%s (causes that prove it: %d)", journal, offset, bound, causes)
}

func (w Report) ClockDevice(journal, bound string, causes int) Sentence {
	return w.sentence("**Reloj** de `%s`: es el del dispositivo, que no sabe la hora; se ubicó en la captura con un margen de ±%s (causas que lo prueban: %d)",
		"**Clock** of `%s`: the device's own, which does not know the time of day; it was placed in the capture to within ±%s (causes that prove it: %d)", journal, bound, causes)
}

func (w Report) ClockUnchecked(journal string) Sentence {
	return w.sentence("**Reloj** de `%s`: ningún paquete permite comprobarlo, así que se tomó tal como está",
		"**Clock** of `%s`: no packet allows a check, so it was taken as it is", journal)
}

func (w Report) LetGo(attempts int64) Sentence {
	return w.sentence("**Intentos de conexión sin respuesta que se soltaron:** %d; cuentan como sesiones sin respuesta, y lo que llegara después por sus puertos cuenta como otra sesión",
		"**Unanswered attempts to connect that were let go:** %d; they count as sessions without an answer, and what came later on their ports as another session", attempts)
}

func (w Report) PictureHeading() string {
	return w.in("La conversación",
		"The conversation")
}

func (w Report) StrayDatagrams(datagrams int64) Sentence {
	return w.sentence("**Datagramas de diario sin sesión:** %d; los enviaron equipos que no tienen aquí ninguna sesión, y no se leyeron",
		"**Journal datagrams without a session:** %d; they came from hosts that have no session here, and were not read", datagrams)
}

func (w Report) LooseCalls(calls int) Sentence {
	return w.sentence("**Llamadas sueltas:** %d; son de un diario y no pertenecen a ninguna sesión mostrada",
		"**Loose calls:** %d; they are in a journal and belong to no session that is shown", calls)
}

func (w Report) AndMore(more int) Sentence {
	return w.sentence("… y %d más",
		"… and %d more", more)
}

func (w Report) TroublesIntro() string {
	return w.in("Lo que hay que tener en cuenta al leer los números:",
		"What to keep in mind when reading the numbers:")
}

func (w Report) TroubleDamage(packet, offset int64, what string) Sentence {
	return w.sentence("**El archivo está dañado** en el paquete %d (posición %d): `%s`.",
		"**The file is damaged** at packet %d (offset %d): `%s`.", packet, offset, what)
}

func (w Report) SpoilsDamage() string {
	return w.in("Lo anterior se leyó bien y vale; lo que venía después no está en este informe.",
		"What stands before was read and is good; what came after is not in this report.")
}

func (w Report) TroubleLimit(limit string) Sentence {
	return w.sentence("**La lectura llegó a un límite:** `%s`.",
		"**Reading reached a limit:** `%s`.", limit)
}

func (w Report) SpoilsLimit() string {
	return w.in("Lo que sigue en el archivo no está en este informe.",
		"What follows in the file is not in this report.")
}

func (w Report) TroubleDropped(packets int64) Sentence {
	return w.sentence("**Paquetes que el sistema perdió al capturar: %d.**",
		"**Packets that the system dropped while capturing: %d.**", packets)
}

func (w Report) SpoilsDropped() string {
	return w.in("Los bytes que faltan y los huecos pueden ser de la captura y no de la red.",
		"Missing bytes and holes may be the capture's and not the network's.")
}

func (w Report) TroubleCut(packets int64) Sentence {
	return w.sentence("**Paquetes recortados (snaplen): %d.**",
		"**Packets cut short (snap length): %d.**", packets)
}

func (w Report) SpoilsCut() string {
	return w.in("Los conteos y los tiempos valen, porque salen de los encabezados; del texto enviado falta una parte.",
		"Counts and times are good, because they come from the headers; part of the text that was sent is missing.")
}

func (w Report) TroubleCutHeaders(packets int64) Sentence {
	return w.sentence("**Paquetes recortados dentro del encabezado TCP: %d.**",
		"**Packets cut inside their TCP header: %d.**", packets)
}

func (w Report) SpoilsCutHeaders() string {
	return w.in("Sin números de secuencia ni banderas no pertenecen a ninguna sesión; capture 128 bytes o más de cada paquete.",
		"Without sequence numbers and flags they belong to no session; capture 128 bytes or more of every packet.")
}

func (w Report) TroubleDuplicates(frames int64) Sentence {
	return w.sentence("**Tramas que aparecen dos veces: %d** (puerto espejo o captura en varias interfaces).",
		"**Frames that appear twice: %d** (a mirror port, or a capture on several interfaces).", frames)
}

func (w Report) SpoilsDuplicates() string {
	return w.in("Cuentan como paquetes, pero no como bytes ni como retransmisiones.",
		"They count as packets, but not as bytes and not as retransmissions.")
}

func (w Report) TroubleOffload(segments int64) Sentence {
	return w.sentence("**Segmentos más grandes que cualquier trama: %d** (offload: la tarjeta de red los parte o los une).",
		"**Segments larger than any frame: %d** (offload: the network card splits or joins them).", segments)
}

func (w Report) SpoilsOffload() string {
	return w.in("El número de segmentos y el instante de cada uno son los del sistema operativo y no los del cable; los bytes valen.",
		"The number of segments and the moment of each are the operating system's and not the wire's; the bytes are good.")
}

func (w Report) TroubleBackwards(packets int64) Sentence {
	return w.sentence("**Paquetes con una hora anterior a la del paquete que los precede: %d.**",
		"**Packets with an earlier time than the packet before them: %d.**", packets)
}

func (w Report) SpoilsBackwards() string {
	return w.in("Los intervalos que pasan por ellos no son de fiar.",
		"Intervals across them cannot be trusted.")
}

func (w Report) TroubleJumps(jumps int64) Sentence {
	return w.sentence("**Saltos del reloj durante la captura: %d.**",
		"**Jumps of the clock during the capture: %d.**", jumps)
}

func (w Report) SpoilsJumps() string {
	return w.in("Las duraciones y latencias que cruzan un salto no valen.",
		"Durations and latencies across a jump are worthless.")
}

func (w Report) TroubleUnread(packets int64, what string) Sentence {
	return w.sentence("**Paquetes sin leer: %d** (`%s`).",
		"**Packets not read: %d** (`%s`).", packets, what)
}

func (w Report) SpoilsUnread() string {
	return w.in("Si llevaban TCP, ese TCP no está en este informe.",
		"If they carried TCP, that TCP is not in this report.")
}

func (w Report) TroubleUndecoded(packets int64) Sentence {
	return w.sentence("**Paquetes que no se entendieron: %d.**",
		"**Packets not understood: %d.**", packets)
}

func (w Report) SpoilsUndecoded() string {
	return w.in("Si llevaban TCP, ese TCP no está en este informe.",
		"If they carried TCP, that TCP is not in this report.")
}

func (w Report) TroubleUntimed(packets int64) Sentence {
	return w.sentence("**Paquetes sin hora: %d.**",
		"**Packets without a time: %d.**", packets)
}

func (w Report) SpoilsUntimed() string {
	return w.in("Cuentan como paquetes, pero no entran en ninguna latencia ni cadencia.",
		"They count as packets, but enter no latency and no cadence.")
}

func (w Report) TroubleFragments(fragments int64) Sentence {
	return w.sentence("**Fragmentos IP: %d.**",
		"**IP fragments: %d.**", fragments)
}

func (w Report) SpoilsFragments() string {
	return w.in("Se volvieron a unir; el instante del segmento es el de su último fragmento.",
		"They were put together; the moment of the segment is that of its last fragment.")
}

func (w Report) TroubleExplaining(packets int64) Sentence {
	return w.sentence("**Mensajes ARP, ICMP o del diario que no se guardaron: %d.**",
		"**ARP, ICMP or journal messages that were not kept: %d.**", packets)
}

func (w Report) SpoilsExplaining() string {
	return w.in("Puede faltar alguna explicación; los números valen.",
		"Some explanation may be missing; the numbers are good.")
}

func (w Report) TroubleWarning(text string) Sentence {
	return w.sentence("**Aviso del lector:** `%s`.",
		"**The reader warns:** `%s`.", text)
}

func (w Report) SpoilsWarning() string {
	return w.in("No cambia los números.",
		"It does not change the numbers.")
}

func (w Report) TroubleJournalLine(file string, line int, what string) Sentence {
	return w.sentence("**No se entendió** `%s`, línea %d: `%s`.",
		"**Not understood:** `%s`, line %d: `%s`.", file, line, what)
}

func (w Report) SpoilsJournalLine() string {
	return w.in("Puede faltar una llamada en las tablas.",
		"A call may be missing in the tables.")
}

func (w Report) TroubleJournalLost(name string, datagrams int) Sentence {
	return w.sentence("**Datagramas perdidos** de `%s`: %d.",
		"**Datagrams lost** from `%s`: %d.", name, datagrams)
}

func (w Report) TroubleJournalGap(name string, calls int) Sentence {
	return w.sentence("**Llamadas que no cupieron** en `%s`: %d.",
		"**Calls that had no room** in `%s`: %d.", name, calls)
}

func (w Report) SpoilsJournalGap() string {
	return w.in("De la conexión a la que le falta una llamada, el diario ya no tiene las siguientes.",
		"Of a connection that lacks a call, the journal has none after it.")
}

func (w Report) SpoilsJournalLost() string {
	return w.in("Sus llamadas no están en las tablas.",
		"Their calls are not in the tables.")
}

func (w Report) TroubleClockImpossible(journal string) Sentence {
	return w.sentence("El reloj de `%s` **se contradice:** las causas le ponen límites que se cruzan.",
		"The clock of `%s` **contradicts itself:** the causes give it bounds that cross.", journal)
}

func (w Report) SpoilsClockImpossible() string {
	return w.in("El orden entre sus llamadas y los paquetes no es de fiar.",
		"The order between its calls and the packets cannot be trusted.")
}

func (w Report) NoTCP(notTCP int64) Sentence {
	return w.sentence("En la captura no hay TCP: sus paquetes (%d) son de otros protocolos.",
		"There is no TCP in the capture: its packets (%d) are of other protocols.", notTCP)
}

func (w Report) NoPackets() string {
	return w.in("La captura no tiene ningún paquete que se pueda leer.",
		"The capture has no packet that can be read.")
}

func (w Report) NoneWatched(tcpPackets int64, ports string) Sentence {
	return w.sentence("Ninguno de los paquetes TCP (%d) es de los puertos observados (%s). Con `--all-ports` se ven todos los puertos y con `--port` se escogen otros.",
		"None of the TCP packets (%d) is of the watched ports (%s). `--all-ports` watches every port, and `--port` chooses others.", tcpPackets, ports)
}

func (w Report) NoSessions(tcpPackets int64) Sentence {
	return w.sentence("Los paquetes TCP (%d) no forman ninguna sesión que se pueda mostrar.",
		"The TCP packets (%d) make no session that can be shown.", tcpPackets)
}

func (w Report) SeenARP(arpPackets int) Sentence {
	return w.sentence("Mensajes ARP: %d. Alguien buscaba una dirección en la red local.",
		"ARP messages: %d. Somebody was looking for an address in the local network.", arpPackets)
}

func (w Report) SeenICMP(icmpErrors int) Sentence {
	return w.sentence("Errores ICMP: %d. Algún equipo avisó que no pudo entregar un segmento.",
		"ICMP errors: %d. Some machine said that it could not deliver a segment.", icmpErrors)
}

func (w Report) SessionsHeading() string {
	return w.in("Las sesiones",
		"The sessions")
}

func (w Report) Columns() SessionColumns {
	return SessionColumns{
		ID: w.in("N.º",
			"No."),
		Client: w.in("Cliente",
			"Client"),
		Server: w.in("Servidor",
			"Server"),
		Packets: w.in("Paquetes",
			"Packets"),
		Bytes: "Bytes",
		First: w.in("Empieza (s)",
			"Starts (s)"),
		Duration: w.in("Dura (s)",
			"Lasts (s)"),
		Handshake: w.in("Saludo (ms)",
			"Handshake (ms)"),
		Retransmitted: w.in("Retransmitidos",
			"Retransmitted"),
		End: w.in("Final",
			"End"),
		ClosedFirst: w.in("Cerró primero",
			"Closed first"),
	}
}

func (w Report) PairsNote() string {
	return w.in("Cada pareja de números es cliente / servidor, según quién envía. Los bytes cuentan una sola vez aunque se repitan.",
		"Each pair of numbers is client / server, by who sends. Bytes count once even when they are repeated.")
}

func (w Report) RoleGuessedNote() string {
	return w.in("≈: la captura no tiene el SYN, así que quién es el cliente se dedujo.",
		"≈: the SYN is not in the capture, so who is the client was inferred.")
}

func (w Report) MoreSessions(more int) Sentence {
	return w.sentence("… y %d más; todas están en el JSON y en el CSV.",
		"… and %d more; all of them are in the JSON and the CSV.", more)
}

func (w Report) MoreDetails(left int) Sentence {
	return w.sentence("Sesiones que no se muestran en detalle: %d. Con `--session N` se pide una.",
		"Sessions that are not shown in detail: %d. `--session N` asks for one.", left)
}

func (w Report) PlotsHeading() string {
	return w.in("Gráficas",
		"Plots")
}

func (w Report) Session(id int, client, server string) Sentence {
	return w.sentence("Sesión %d: %s → %s",
		"Session %d: %s → %s", id, client, server)
}

func (w Report) EndFIN(closer string) Sentence {
	return w.sentence("Terminó en orden: ambos lados enviaron FIN, y %s cerró primero.",
		"It ended in order: both sides sent FIN, and %s closed first.", closer)
}

func (w Report) EndFINUnknown() string {
	return w.in("Terminó en orden: ambos lados enviaron FIN.",
		"It ended in order: both sides sent FIN.")
}

func (w Report) EndTogether() string {
	return w.in("Los dos lados cerraron a la vez: cada uno había cerrado antes de que llegara el FIN o el RST del otro.",
		"Both sides closed at once: each had closed before the other's FIN or RST arrived.")
}

func (w Report) EndRST(closer string) Sentence {
	return w.sentence("Terminó de golpe, con RST; %s cerró primero.",
		"It ended abruptly, with RST; %s closed first.", closer)
}

func (w Report) EndRSTUnknown() string {
	return w.in("Terminó de golpe, con RST.",
		"It ended abruptly, with RST.")
}

func (w Report) EndOpen() string {
	return w.in("Al final de la captura seguía abierta.",
		"At the end of the capture it was still open.")
}

func (w Report) EndOpenOneFIN(closer string) Sentence {
	return w.sentence("Al final de la captura estaba a medio cerrar: %s envió FIN y el otro lado no.",
		"At the end of the capture it was half closed: %s had sent FIN and the other side had not.", closer)
}

func (w Report) EndRefused(serverPort uint16) Sentence {
	return w.sentence("Fue rechazada: al SYN le respondieron RST, porque nadie escuchaba en el puerto %d.",
		"It was refused: the SYN was answered with RST, because nobody listened on port %d.", serverPort)
}

func (w Report) EndNoAnswer(syns int64) Sentence {
	return w.sentence("Nadie respondió: los SYN enviados (%d) no tuvieron ninguna respuesta.",
		"Nobody answered: the SYNs that were sent (%d) got no answer at all.", syns)
}

func (w Report) Sides() []string {
	return []string{
		w.in("el cliente",
			"the client"),
		w.in("el servidor",
			"the server"),
	}
}

func (w Report) BothAtOnce() string {
	return w.in("los dos a la vez",
		"both at once")
}

func (w Report) SidesCapital() []string {
	return []string{
		w.in("El cliente",
			"The client"),
		w.in("El servidor",
			"The server"),
	}
}

func (w Report) HandshakeTook(rtt string) Sentence {
	return w.sentence("El saludo tardó %s: eso es lo que tarda la red en ir y volver, sin programas de por medio.",
		"The handshake took %s: that is what the network takes there and back, without any program in between.", rtt)
}

func (w Report) HandshakeRepeated(duration string, syns int64) Sentence {
	return w.sentence("El saludo se completó en %s, pero hubo que repetir el SYN (SYN enviados: %d).",
		"The handshake took %s, but the SYN had to be repeated (SYNs sent: %d).", duration, syns)
}

func (w Report) HandshakePart() string {
	return w.in("El saludo no está completo en la captura.",
		"The handshake is not complete in the capture.")
}

func (w Report) HandshakeUnseen() string {
	return w.in("El saludo no está en la captura, que empezó con la conexión ya abierta.",
		"The handshake is not in the capture, which began with the connection already open.")
}

func (w Report) RoleFromSYNACK() string {
	return w.in("≈ No se ve el SYN; el cliente es quien recibió el SYN+ACK.",
		"≈ The SYN is not there; the client is the one that received the SYN+ACK.")
}

func (w Report) RoleFromPort() string {
	return w.in("≈ No se ve quién abrió la conexión; el servidor se dedujo por el puerto.",
		"≈ Who opened the connection is not to be seen; the server was inferred from its port.")
}

func (w Report) RoleFromOrder() string {
	return w.in("≈ No se ve quién abrió la conexión; se tomó como cliente al lado del puerto más alto.",
		"≈ Who opened the connection is not to be seen; the side with the higher port was taken as the client.")
}

func (w Report) Missing(side string, bytes int64) Sentence {
	return w.sentence("Bytes que envió %s y que faltan en la captura, aunque el otro lado los confirmó: %d.",
		"Bytes that were sent by %s and are missing in the capture, though the other side acknowledged them: %d.", side, bytes)
}

func (w Report) OneDirection(side string) Sentence {
	return w.sentence("Solo se ven los paquetes que envió %s; del otro lado no hay ninguno.",
		"There are only packets sent by %s; of the other side there are none.", side)
}

func (w Report) SessionCopies(copies int64) Sentence {
	return w.sentence("Tramas repetidas de esta sesión: %d. En las tablas cuentan una sola vez.",
		"Repeated frames of this session: %d. In the tables they count once.", copies)
}

func (w Report) SessionUntimed() string {
	return w.in("Algún paquete de esta sesión no tiene hora, así que no se dan latencias.",
		"Some packet of this session has no time, so no latencies are given.")
}

func (w Report) SessionBackwards() string {
	return w.in("La hora retrocede entre dos paquetes de esta sesión; sus tiempos no son de fiar.",
		"Time goes back between two packets of this session; its times cannot be trusted.")
}

func (w Report) HolesCapped() string {
	return w.in("Hubo más huecos a la vez de los que se pueden llevar en cuenta; los conteos de desorden y de bytes son aproximados.",
		"There were more holes at once than can be kept; the counts of disorder and of bytes are approximate.")
}

func (w Report) StepsLeftOut(segments int64) Sentence {
	return w.sentence("Las tablas muestran el comienzo y el final; segmentos omitidos en la mitad: %d.",
		"The tables show the beginning and the end; segments left out in the middle: %d.", segments)
}

func (w Report) LadderHeading() string {
	return w.in("Paso a paso",
		"Step by step")
}

func (w Report) EchoHeading() string {
	return w.in("El eco",
		"The echo")
}

func (w Report) EchoMeaning(prefix string) Sentence {
	return w.sentence("Cada respuesta empieza con `%s` y corresponde a un `recv()` del servidor.",
		"Each reply begins with `%s` and stands for one `recv()` of the server.", prefix)
}

func (w Report) EchoNoPrefix() string {
	return w.in("Cada respuesta repite lo recibido y corresponde a un `recv()` del servidor.",
		"Each reply repeats what was received and stands for one `recv()` of the server.")
}

func (w Report) EchoTook(mean, least, most string) Sentence {
	return w.sentence("Entre enviar una petición y tener completo su eco pasaron en promedio %s (el más rápido %s, el más lento %s).",
		"From sending a request to having its whole echo it took %s on average (the fastest %s, the slowest %s).", mean, least, most)
}

func (w Report) EchoTookOne(roundTrip string) Sentence {
	return w.sentence("Entre enviar la petición y tener completo su eco pasaron %s.",
		"From sending the request to having its whole echo it took %s.", roundTrip)
}

func (w Report) EchoNetwork(handshakeRTT, rest string) Sentence {
	return w.sentence("La red puso cerca de %s, lo que tardó el saludo más corto entre los dos equipos; lo demás, unos %s, la petición esperó a que el programa la atendiera.",
		"The network took about %s, as long as the shortest handshake between the two hosts; for the rest, about %s, the request waited for the program to attend to it.", handshakeRTT, rest)
}

func (w Report) EchoNone() string {
	return w.in("Ninguna petición alcanzó a tener respuesta.",
		"No request got as far as a reply.")
}

func (w Report) EchoChunks(sizes string) Sentence {
	return w.sentence("Bytes que entregó cada `recv()`: %s.",
		"Bytes that each `recv()` gave: %s.", sizes)
}

func (w Report) EchoUnanswered(bytes int64) Sentence {
	return w.sentence("Bytes que quedaron sin respuesta: %d.",
		"Bytes that remained unanswered: %d.", bytes)
}

func (w Report) EchoByLength() string {
	return w.in("El texto está recortado en la captura, así que peticiones y respuestas se emparejaron por su longitud.",
		"The text is cut in the capture, so requests and replies were matched by their lengths.")
}

func (w Report) EchoAmbiguous() string {
	return w.in("La petición contiene el mismo prefijo de la respuesta y se puede leer de dos maneras; se muestra una.",
		"The request contains the prefix of the reply and can be read in two ways; one is shown.")
}

func (w Report) EchoLeftOut(samples int64) Sentence {
	return w.sentence("Muestras omitidas en la mitad: %d. Los promedios las incluyen.",
		"Samples left out in the middle: %d. The averages include them.", samples)
}

func (w Report) EchoColumns() EchoColumns {
	return EchoColumns{
		Prefix: w.in("Prefijo",
			"Prefix"),
		Requests: w.in("Peticiones",
			"Requests"),
		Replies: w.in("Respuestas",
			"Replies"),
		Matched: w.in("Coinciden",
			"Match"),
		Unanswered: w.in("Bytes sin respuesta",
			"Unanswered bytes"),
	}
}

func (w Report) EchoTableTitle() string {
	return w.in("Ida y vuelta del eco, en milisegundos",
		"Round trip of the echo, in milliseconds")
}

func (w Report) CadenceHeading() string {
	return w.in("La cadencia",
		"The cadence")
}

func (w Report) CadenceTook(side string, beats int64, mean, least, most string) Sentence {
	return w.sentence("%s envió %d mensajes, uno cada %s en promedio (entre %s y %s).",
		"%s sent %d beats, one every %s on average (between %s and %s).", side, beats, mean, least, most)
}

func (w Report) CadenceOne(side string) Sentence {
	return w.sentence("%s envió un solo mensaje, así que todavía no hay un período.",
		"%s sent a single beat, so there is no period yet.", side)
}

func (w Report) CadenceSteady() string {
	return w.in("No faltó ningún mensaje ni salieron dos juntos.",
		"No beat was missed and no two came together.")
}

func (w Report) CadenceUnsteady() string {
	return w.in("Los intervalos son tan distintos entre sí que no forman un ritmo: no se puede decir si falta alguno ni cuánto se corre.",
		"The intervals differ so much that they are no rhythm: whether one is missing, or how far it drifts, cannot be told.")
}

func (w Report) CadenceMissed(gaps int64) Sentence {
	return w.sentence("Pausas de más de período y medio: %d; en cada una faltó al menos un mensaje.",
		"Pauses of more than a period and a half: %d; in each, at least one beat is missing.", gaps)
}

func (w Report) CadenceBunched(intervals int64) Sentence {
	return w.sentence("Intervalos de menos de medio período: %d; en cada uno, dos mensajes salieron casi juntos.",
		"Intervals of less than half a period: %d; in each, two beats came almost together.", intervals)
}

func (w Report) CadenceLeftOut(beats int64) Sentence {
	return w.sentence("Instantes omitidos en la mitad: %d. Los promedios los incluyen.",
		"Moments left out in the middle: %d. The averages include them.", beats)
}

func (w Report) CadenceColumns() CadenceColumns {
	return CadenceColumns{
		Beats: w.in("Latidos",
			"Beats"),
		Drift: w.in("Deriva (ppm)",
			"Drift (ppm)"),
		Jitter: "Jitter (ms)",
		Missed: w.in("Ausentes",
			"Missed"),
		Bunched: w.in("Juntos",
			"Bunched"),
	}
}

func (w Report) CadenceTable() string {
	return w.in("Tiempo entre un mensaje y el siguiente, en segundos",
		"Time from one beat to the next, in seconds")
}

func (w Report) TrafficHeading() string {
	return w.in("El tráfico de cada lado",
		"The traffic of each side")
}

func (w Report) TrafficColumns() TrafficColumns {
	return TrafficColumns{
		Direction: w.in("Sentido",
			"Direction"),
		Packets: w.in("Paquetes",
			"Packets"),
		Bytes: "Bytes",
		DataSegments: w.in("Segmentos con datos",
			"Data segments"),
		Retransmitted: w.in("Retransmitidos",
			"Retransmitted"),
		Spurious: w.in("Espurios",
			"Spurious"),
		OutOfOrder: w.in("Fuera de orden",
			"Out of order"),
		DuplicateACKs: w.in("ACK duplicados",
			"Duplicate ACKs"),
		ZeroWindows: w.in("Ventana cero",
			"Zero window"),
		KeepAlives: w.in("Sondas",
			"Probes"),
		Missing: w.in("Bytes que faltan",
			"Missing bytes"),
		ACKRTT: w.in("Mediana hasta el ACK (ms)",
			"Median to the ACK (ms)"),
	}
}

func (w Report) Direction() []string {
	return []string{
		w.in("cliente → servidor",
			"client → server"),
		w.in("servidor → cliente",
			"server → client"),
	}
}

func (w Report) StacksHeading() string {
	return w.in("Quién es quién",
		"Who is who")
}

func (w Report) StackLine(side, address, stack string) Sentence {
	return w.sentence("**%s** (%s): %s",
		"**%s** (%s): %s", side, address, stack)
}

func (w Report) StackWhy() string {
	return w.in("porque se ve",
		"because of")
}

func (w Report) StackScore(score int) Sentence {
	return w.sentence("(puntaje: %d)",
		"(score: %d)", score)
}

func (w Report) Stacks() StackNames {
	return StackNames{
		Pico:    "Raspberry Pi Pico W (lwIP)",
		Linux:   "Linux",
		Windows: "Windows",
		Unknown: w.in("no se sabe qué sistema es",
			"the system is not known"),
	}
}

func (w Report) StatsColumns() StatsColumns {
	return StatsColumns{
		N: "n",
		Min: w.in("mínimo",
			"min"),
		Mean: w.in("media",
			"mean"),
		P50: w.in("mediana",
			"median"),
		P95: "p95",
		P99: "p99",
		Max: w.in("máximo",
			"max"),
		StdDev: w.in("desv. est.",
			"std. dev."),
	}
}

func (w Report) Milliseconds() string {
	return w.in("Todos los tiempos en milisegundos",
		"All times in milliseconds")
}

func (w Report) UnknownValue() string { return "?" }

func (w Report) SummaryHeading() string {
	return w.in("Resumen",
		"Summary")
}

func (w Report) SummaryCount(sessions int64) Sentence {
	return w.sentence("**Sesiones TCP:** %d",
		"**TCP sessions:** %d", sessions)
}

func (w Report) SummaryColumns() SummaryColumns {
	return SummaryColumns{
		Direction: w.in("Sentido",
			"Direction"),
		Packets: w.in("Paquetes",
			"Packets"),
		Bytes: "Bytes",
		Retransmitted: w.in("Retransmitidos",
			"Retransmitted"),
	}
}

func (w Report) EndsHeading() string {
	return w.in("Cómo terminaron",
		"How they ended")
}

func (w Report) EndsColumns() []string {
	return []string{
		w.in("Final",
			"End"),
		w.in("Sesiones",
			"Sessions"),
	}
}

func (w Report) EndNames() []string {
	return []string{
		w.in("abierta",
			"open"),
		"FIN",
		"RST",
		w.in("rechazada",
			"refused"),
		w.in("sin respuesta",
			"no answer"),
	}
}

func (w Report) SpreadHeading() string {
	return w.in("Cómo se reparten los tiempos",
		"How the times spread")
}

func (w Report) SpreadRows() SpreadRows {
	return SpreadRows{
		Heading: w.in("Medida",
			"Measure"),
		Echo: w.in("Ida y vuelta del eco",
			"Round trip of the echo"),
		Cadence: w.in("Período de la cadencia",
			"Period of the cadence"),
		ACK: w.in("Del segmento a su ACK",
			"From a segment to its ACK"),
	}
}

func (w Report) StandOutHeading() string {
	return w.in("Las sesiones que se salen de lo común",
		"The sessions that stand out")
}
