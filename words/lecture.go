package words

import "slices"

// Lecture is what the notebook's document says.
type Lecture struct{ language }

// NewLecture gives them in a language.
func NewLecture(lang string) Lecture { return Lecture{language{lang}} }

func (w Lecture) Title() string {
	return w.in("Sockets múltiples: lo que hacen de verdad las máquinas",
		"Multiple sockets: what the machines really do")
}

func (w Lecture) Intro() string {
	return w.in("Dos programas intercambian un mensaje por TCP. Las tablas que siguen no están dibujadas: cada fila es una llamada que hizo un programa o un paquete que capturó una tarjeta, y cada estado se deduce de los paquetes según el RFC 9293.",
		"Two programs exchange a message over TCP. The tables below were not drawn: every row is a call that a program made or a packet that a card captured, and every state follows from the packets by RFC 9293.")
}

func (w Lecture) FromLab() string {
	return w.in("Las ejecuciones se hicieron en un laboratorio de dos equipos simulados, un PC con CPython y una Pico W con MicroPython, en un enlace como una red Wi-Fi cercana. Se pueden repetir y salen iguales.",
		"The runs were made in a laboratory of two simulated hosts, a PC with CPython and a Pico W with MicroPython, on a link like a Wi-Fi network nearby. They can be repeated and come out the same.")
}

func (w Lecture) FromCaptures() string {
	return w.in("Las ejecuciones son las capturas y los diarios de llamadas que se entregaron.",
		"The runs are the captures and the journals of calls that were given.")
}

func (w Lecture) HowToRead() string {
	return w.in("El tiempo corre hacia abajo. Cada lado ve el segmento a su manera: para quien lo envía es `SYN →`, para quien lo recibe `← SYN`, y ambos están en una misma fila. Una llamada que envía comparte la fila de su segmento; una que esperaba vuelve, `*(UNBLOCK …)*`, en la fila del segmento que la despertó.",
		"Time runs downwards. Each side has its own view of a segment: for its sender it is `SYN →`, for its receiver `← SYN`, and both stand in one row. A call that sends shares the row of its segment; a call that waited returns, `*(UNBLOCK …)*`, in the row of the segment that woke it.")
}

func (w Lecture) APIHead() string {
	return w.in("`select` y `poll`",
		"`select` and `poll`")
}

func (w Lecture) APIIntro() string {
	return w.in("Un programa con varios sockets no debe esperar dentro de uno. Le pide al sistema que espere por todos a la vez:",
		"A program with several sockets must not wait inside one of them. It asks the system to wait for all of them at once:")
}

func (w Lecture) APIPoll() string {
	return w.in("Un objeto poll tiene estos métodos:",
		"A poll object has these methods:")
}

func (w Lecture) APIColumns() []string {
	return []string{
		w.in("Nombre",
			"Name"),
		"CPython (Linux)",
		"MicroPython (Pico W)",
	}
}

func (w Lecture) APIFunctions() [][3]string {
	return [][3]string{
		{
			"select(rlist, wlist, xlist[, timeout])",
			w.in("espera hasta que algo de una de las tres listas se pueda leer, se pueda escribir o tenga una condición excepcional; timeout en segundos",
				"waits until something in one of the three lists can be read, can be written or has an exceptional condition; timeout in seconds"),
			w.in("lo mismo, por compatibilidad; construye listas nuevas en cada llamada, por eso se prefiere `poll`",
				"the same, for compatibility; it builds new lists on every call, so `poll` is preferred"),
		},
		{
			"poll()",
			w.in("crea un objeto poll; no existe en Windows",
				"makes a poll object; not on Windows"),
			w.in("crea un objeto poll",
				"makes a poll object"),
		},
	}
}

func (w Lecture) APIMethods() [][3]string {
	return [][3]string{
		{
			"register(obj[, eventmask])",
			w.in("vigila obj; sin máscara, POLLIN, POLLPRI y POLLOUT",
				"watches obj; without a mask for POLLIN, POLLPRI and POLLOUT"),
			w.in("vigila obj; sin máscara, POLLIN y POLLOUT",
				"watches obj; without a mask for POLLIN and POLLOUT"),
		},
		{
			"unregister(obj)",
			w.in("deja de vigilarlo",
				"stops watching"),
			w.in("deja de vigilarlo",
				"stops watching"),
		},
		{
			"modify(obj, eventmask)",
			w.in("cambia lo que se pregunta",
				"changes what is asked"),
			w.in("cambia lo que se pregunta",
				"changes what is asked"),
		},
		{
			"poll([timeout])",
			w.in("espera a lo sumo timeout milisegundos; una lista de (descriptor, eventos): un número, no el socket",
				"waits at most timeout milliseconds; a list of (descriptor, events): a number, not the socket"),
			w.in("espera a lo sumo timeout milisegundos; una lista de (obj, eventos): el objeto mismo",
				"waits at most timeout milliseconds; a list of (obj, events): the object itself"),
		},
		{
			"ipoll([timeout])",
			w.in("no existe",
				"does not exist"),
			w.in("lo mismo como iterador, que reutiliza su tupla y no pide memoria; espera igual que poll",
				"the same as an iterator that reuses its tuple and allocates nothing; it waits like poll"),
		},
	}
}

func (w Lecture) APINotes() []string {
	return []string{
		w.in("La pregunta `if sock is srv` sirve en MicroPython. En CPython el primer elemento de cada par es un descriptor: se compara con `srv.fileno()`, o se usa el módulo `selectors`.",
			"The test `if sock is srv` works in MicroPython. In CPython the first item of each pair is a file descriptor, and one compares with `srv.fileno()`, or uses the module `selectors`."),
		w.in("MicroPython le pregunta a cada objeto si está listo. En la Pico W pueden contestar los sockets, las UART y `sys.stdin`; los archivos, no. CPython le pregunta al sistema por descriptores.",
			"MicroPython asks each object itself whether it is ready. On the Pico W sockets, UARTs and `sys.stdin` can answer, files cannot. CPython asks the system about descriptors."),
		w.in("Una lista vacía quiere decir que se acabó el tiempo. No es un error.",
			"An empty list means that the timeout expired; that is not an error."),
	}
}

func (w Lecture) RunBlocking() string {
	return w.in("Bloqueante",
		"Blocking")
}

func (w Lecture) RunNonBlocking() string {
	return w.in("No bloqueante",
		"Non-blocking")
}

func (w Lecture) RunExchange() string {
	return w.in("Pico y PC",
		"Pico and PC")
}

func (w Lecture) BlockingHead() string {
	return w.in("Sockets bloqueantes",
		"Blocking sockets")
}

func (w Lecture) BlockingIntro() string {
	return w.in("Una llamada que no se puede cumplir enseguida detiene su hilo, `BLOCK`. Al lado, entre paréntesis, está el estado TCP: esperar no lo cambia.",
		"A call that cannot be done at once stops its thread, `BLOCK`. The TCP state stands beside it in parentheses: waiting does not change it.")
}

func (w Lecture) NonBlockingHead() string {
	return w.in("Sockets no bloqueantes",
		"Non-blocking sockets")
}

func (w Lecture) NonBlockingIntro() string {
	return w.in("Después de `setblocking(False)` ninguna llamada espera. Lo que no se puede hacer enseguida lanza una excepción, EAGAIN, y el programa vuelve a intentarlo: ♻️×n cuenta los fallos iguales.",
		"After `setblocking(False)` no call waits. What cannot be done at once raises an exception, EAGAIN, and the program tries again: ♻️×n counts the equal failures.")
}

func (w Lecture) CompareHead() string {
	return w.in("Las dos, lado a lado",
		"Both side by side")
}

func (w Lecture) CompareIntro() string {
	return w.in("Las filas con señal son el mismo segmento en ambas ejecuciones, visto desde el cliente. En cada celda: la llamada, si espera, y su resultado.",
		"Rows with a signal are the same segment in both runs, from the client's point of view. In each cell: the call, whether it waits, and its result.")
}

func (w Lecture) CompareColumns() []string {
	return []string{
		w.in("Señal",
			"Signal"),
		w.in("Bloqueante: cliente",
			"Blocking: client"),
		w.in("Bloqueante: servidor",
			"Blocking: server"),
		w.in("No bloqueante: cliente",
			"Non-blocking: client"),
		w.in("No bloqueante: servidor",
			"Non-blocking: server"),
		w.in("Diferencia",
			"Difference"),
	}
}

func (w Lecture) OnlyBlocking() string {
	return w.in("**solo bloqueante**",
		"**blocking only**")
}

func (w Lecture) OnlyNonBlocking() string {
	return w.in("**solo no bloqueante**",
		"**non-blocking only**")
}

func (w Lecture) Differs() string { return "**≠**" }

func (w Lecture) SegmentsSame() string {
	return w.in("La columna de señales es igual en las dos ejecuciones, segmento por segmento. Bloquear es un asunto entre el programa y su propio sistema: **en el cable no existe.** El saludo lo hace TCP mientras nadie está en `accept()`.",
		"The column of signals is the same in both runs, segment by segment. Blocking is a matter between a program and its own system: **on the wire it does not exist.** The handshake is done by TCP while nobody stands in `accept()`.")
}

func (w Lecture) SegmentsNearly() string {
	return w.in("Salvo los ACK que no llevan nada, la columna de señales es igual en las dos ejecuciones, segmento por segmento. Bloquear es un asunto entre el programa y su propio sistema: **en el cable no existe.** Un ACK viaja solo cuando el programa tarda en contestar más de lo que TCP espera, y dentro de la respuesta cuando contesta pronto. El saludo lo hace TCP mientras nadie está en `accept()`.",
		"Apart from pure ACKs, the column of signals is the same in both runs, segment by segment. Blocking is a matter between a program and its own system: **on the wire it does not exist.** An ACK travels alone when the program takes longer to answer than TCP waits, and inside the answer when it is quick. The handshake is done by TCP while nobody stands in `accept()`.")
}

func (w Lecture) SegmentsDiffer() string {
	return w.in("Los segmentos de las dos ejecuciones no son del todo iguales: sus tiempos, y con ellos los ACK, cayeron de otro modo. Ninguna diferencia viene de bloquear, que el cable no conoce.",
		"The segments of the two runs are not quite the same: their times, and so their acknowledgements, fell otherwise. No difference comes from blocking itself, which the wire does not know.")
}

func (w Lecture) EventsHead() string {
	return w.in("Eventos de `poll`",
		"Events of `poll`")
}

func (w Lecture) EventsIntro() string {
	return w.in("El resultado de `poll` es una suma de bits. Lo que significan no es del todo igual en los dos sistemas:",
		"The result of `poll` is a sum of bits. What they mean is not quite the same on both systems:")
}

// EventColumns are the heads of the table of events; lab says that the runs are the lab's.
func (w Lecture) EventColumns(lab bool) []string {
	counted := w.in("En sus capturas", "In your captures")
	if lab {
		counted = w.in("En el laboratorio", "In the lab")
	}
	return []string{
		w.in("Constante",
			"Constant"),
		w.in("Valor",
			"Value"),
		"CPython (Linux)",
		"MicroPython (Pico W)",
		counted + ": CPython",
		counted + ": Pico",
	}
}

func (w Lecture) EventCPython() []string {
	return []string{
		w.in("hay datos, o una conexión para `accept()`, o el fin de los datos: `recv()` no esperará",
			"there are data, or a connection for `accept()`, or the end of data: `recv()` will not wait"),
		w.in("`send()` acepta al menos algo; también: `connect()` terminó, bien o mal",
			"`send()` takes at least something; also: `connect()` has come to its end, well or badly"),
		w.in("un error espera a `getsockopt(SO_ERROR)`; se informa sin pedirlo",
			"an error waits for `getsockopt(SO_ERROR)`; reported without being asked for"),
		w.in("las dos direcciones están cerradas, o el socket nunca estuvo conectado; se informa sin pedirlo",
			"both directions are closed, or the socket never was connected; reported without being asked for"),
		w.in("el descriptor no está abierto; se informa sin pedirlo",
			"the descriptor is not open; reported without being asked for"),
	}
}

func (w Lecture) EventPico() []string {
	return []string{
		w.in("lo mismo; tras el FIN del otro se informa en cada llamada, y `recv()` da `b''`",
			"the same; after the peer's FIN it is reported by every call, and `recv()` gives `b''`"),
		w.in("la conexión está establecida y hay sitio en el búfer de envío",
			"the connection is established and the send buffer has room"),
		w.in("la conexión fue reiniciada con RST, o abandonada (entonces llega solo: 8)",
			"the connection was reset, or given up (then it comes alone: 8)"),
		w.in("la conexión fue reiniciada con RST, o el socket es nuevo y sin conectar. **No** por un FIN",
			"the connection was reset, or the socket is new and unconnected. **Not** for a FIN"),
		w.in("el socket fue cerrado; no hay constante con este nombre, solo el valor 32",
			"the socket was closed; there is no constant of this name, only the value 32"),
	}
}

func (w Lecture) NoPollExt() string {
	return w.in("no existe",
		"does not exist")
}

func (w Lecture) NotObserved() string { return "—" }

func (w Lecture) EventSources() string {
	return w.in("De dónde sale cada columna: lo de CPython está en el manual de Linux (`man 2 poll`) y se vio en capturas reales de Linux; lo de la Pico se midió en MicroPython real, salvo el valor 32, que se leyó en su código. Los conteos son solo de estas ejecuciones.",
		"Where each column comes from: what holds for CPython is in Linux's manual (`man 2 poll`) and was seen in genuine captures of Linux; what holds for the Pico was measured on genuine MicroPython, apart from the value 32, which was read in its code. The counts are of these runs alone.")
}

func (w Lecture) ValuesIntro(lab bool) string {
	if lab {
		return w.in("En el laboratorio se vieron estas sumas:",
			"These sums were seen in the lab:")
	}
	return w.in("En sus capturas se vieron estas sumas:",
		"These sums were seen in your captures:")
}

func (w Lecture) ValueColumns() []string {
	return []string{
		w.in("Valor",
			"Value"),
		w.in("Suma de",
			"Sum of"),
		w.in("Situación",
			"Situation"),
		"CPython",
		"Pico",
	}
}

func (w Lecture) ValueMeaning() map[uint16]string {
	return map[uint16]string{
		1: w.in("datos, una conexión por aceptar, o el fin de los datos",
			"data, a connection to accept, or the end of data"),
		4: w.in("se puede enviar; una conexión quedó establecida",
			"writable; a connection is established"),
		5: w.in("datos, y se puede enviar",
			"data, and writable"),
		8: w.in("la conexión fue abandonada: nadie contestó",
			"the connection was given up: nobody answered"),
		16: w.in("sin conectar",
			"not connected"),
		17: w.in("el error ya se informó; fin de los datos",
			"the error was already reported; the end of data"),
		20: w.in("sin conectar",
			"not connected"),
		25: w.in("rechazada o reiniciada: `recv()` lanza el error",
			"refused or reset: `recv()` raises the error"),
		29: w.in("rechazada o reiniciada, se preguntó por ambos",
			"refused or reset, asked for both"),
		32: w.in("el socket está cerrado",
			"the socket is closed"),
	}
}

func (w Lecture) EventNotes() []string {
	return []string{
		w.in("Que el otro cerró lo dice `recv()`: 0 bytes. Un programa que solo mira POLLHUP no se entera nunca en la Pico.",
			"`recv()` tells you that the peer has closed: 0 bytes. A program that looks only at POLLHUP never learns of it on the Pico."),
		w.in("POLLERR, POLLHUP y el valor 32 llegan aunque no se pidan, y llegan otra vez en cada llamada hasta que el socket se quita del poll o se cierra.",
			"POLLERR, POLLHUP and the value 32 come whether or not they were asked for, and come again at every call until the socket is unregistered or closed."),
	}
}

func (w Lecture) ProgramsHead() string {
	return w.in("El programa de la Pico: servidor y cliente en un ciclo",
		"The Pico's program: server and client in one loop")
}

func (w Lecture) ProgramsIntro() string {
	return w.in("El programa de la Pico atiende en el puerto 9000 y es cliente del PC en el 9001. Una vuelta de su ciclo es `poll(50)`, una respuesta a cada socket que esté listo, un mensaje al PC, y `sleep(1)`.",
		"The program on the Pico serves on port 9000 and is a client of the PC on port 9001. One pass of its loop is `poll(50)`, an answer to each socket that is ready, one message to the PC, and `sleep(1)`.")
}

func (w Lecture) Cadence(beats int64, mean, least, most string) Sentence {
	return w.sentence("**Cadencia.** %d mensajes al PC, uno cada %s en promedio, entre %s y %s.",
		"**Cadence.** %d messages to the PC, one every %s on average, between %s and %s.", beats, mean, least, most)
}

func (w Lecture) CadenceWhy() string {
	return w.in("La vuelta dura el segundo de `sleep(1)` y unos milisegundos de trabajo. Si nada está listo, `poll(50)` agrega sus 50 ms y la cadencia es de 1.05 s; si el PC ya contestó, `poll` vuelve enseguida.",
		"The pass takes a second of `sleep(1)` and a few milliseconds of work. Where nothing is ready, `poll(50)` adds its 50 ms and the cadence is 1.05 s; where the PC has answered, `poll` returns at once.")
}

func (w Lecture) Echo(n int64, least, mean, p95, most string) Sentence {
	return w.sentence("**Eco.** %d peticiones, contestadas en %s la mejor, %s en promedio, percentil 95: %s, %s la peor.",
		"**Echo.** %d requests, answered after %s at best, %s on average, %s at the 95th percentile, %s at worst.", n, least, mean, p95, most)
}

func (w Lecture) EchoWhy(rtt string) Sentence {
	return w.sentence("El saludo, que TCP hace sin el programa, tardó %s: eso es la red. El resto del tiempo de un eco el mensaje espera, recibido y confirmado, a que termine `sleep(1)`. Un mensaje que llega en cualquier momento de la vuelta espera en promedio media vuelta.",
		"The handshake, which TCP does without the program, took %s: that is the network. The rest of an echo's time the message waits, received and acknowledged, for `sleep(1)` to end. A message that arrives at any moment of the pass waits half a pass on average.", rtt)
}

func (w Lecture) ProgramNotes() []string {
	return []string{
		w.in("`recv(1024)` no es un mensaje: en la Pico da los bytes de un segmento, a lo sumo 800. Una línea más larga se vuelve varios ecos, uno por segundo.",
			"`recv(1024)` is not a message: on the Pico it gives the bytes of one segment, at most 800. A longer line becomes several echoes, one a second."),
		w.in("`server_client` recuerda a un cliente. Otro que se conecta ocupa su lugar, y el primero sigue conectado y sin respuesta.",
			"`server_client` remembers one client. A second one that connects takes its place, and the first stays connected and unanswered."),
		w.in("`except: pass` alrededor de `send()` esconde que el PC se fue: no se imprime nada, y ya no se envía nada.",
			"`except: pass` around `send()` hides that the PC has gone: nothing is printed, and nothing is sent any more."),
		w.in("Un ciclo que solo espera en `poll`, hasta que toque el próximo mensaje, contesta en milisegundos y mantiene el segundo exacto.",
			"A loop that waits only in `poll`, until the next message is due, answers in milliseconds and keeps one second exactly."),
	}
}

func (w Lecture) MistakesHead() string {
	return w.in("Dónde se equivoca una tabla hecha a mano",
		"Where a hand-made table goes wrong")
}

func (w Lecture) MistakesIntro() string {
	return w.in("Estas son las filas que es fácil dibujar mal, con las tramas de la ejecución bloqueante que muestran cómo es:",
		"These are the rows that are easily drawn wrong, with the frames of the blocking run that show how it is:")
}

func (w Lecture) MistakeColumns() []string {
	return []string{
		w.in("Fila",
			"Row"),
		w.in("Suele escribirse",
			"Often written"),
		w.in("Lo que pasa",
			"What happens"),
		w.in("Tramas",
			"Frames"),
	}
}

// Mistakes are the rows of the table of what is often written: a row of the notebook, what it says, what happens.
func (w Lecture) Mistakes() [][3]string {
	return slices.Concat(w.handshakeMistakes(), w.dataMistakes(), w.closeMistakes(), w.nonBlockingMistakes())
}

// handshakeMistakes are about bind() to the last ACK of the handshake.
func (w Lecture) handshakeMistakes() [][3]string {
	return [][3]string{
		{
			"`bind()`",
			w.in("un estado LOCAL",
				"a state LOCAL"),
			w.in("no es un estado TCP: el socket sigue en CLOSED y tiene una dirección. Atado a 127.0.0.1, nadie de afuera se puede conectar",
				"no TCP state: the socket stays CLOSED and has an address. Bound to 127.0.0.1 nobody outside can connect"),
		},
		{
			"`accept()`",
			w.in("estado BLOCK",
				"state BLOCK"),
			w.in("espera el hilo; el estado es LISTEN, y lo es para siempre: la conexión es otro socket, `conn`",
				"the thread waits; the state is LISTEN, and it is LISTEN for ever: the connection is another socket, `conn`"),
		},
		{
			"SYN",
			w.in("solo la mitad del cliente",
				"only the client's half"),
			w.in("el servidor lo recibe en la misma fila, y una conexión *nueva* entra en SYN-RECEIVED",
				"the server receives it in the same row, and a *new* connection enters SYN-RECEIVED"),
		},
		{
			"SYN+ACK",
			w.in("el cliente aún no tiene estado",
				"the client has no state yet"),
			w.in("el cliente está ESTABLISHED al recibirlo, y `connect()` vuelve aquí: su propio ACK aún no llegó a nadie",
				"the client is ESTABLISHED on receiving it, and `connect()` returns here: its own ACK has reached nobody yet"),
		},
		{
			"ACK",
			w.in("`accept()` completa el saludo",
				"`accept()` completes the handshake"),
			w.in("lo completa TCP solo, media ida y vuelta después del cliente; `accept()` recoge la conexión terminada, ahora o más tarde",
				"TCP completes it alone, half a round trip after the client; `accept()` takes the finished connection, now or later"),
		},
	}
}

// dataMistakes are about send() and recv().
func (w Lecture) dataMistakes() [][3]string {
	return [][3]string{
		{
			"`bytearray(\"…\")`",
			w.in("crea el mensaje",
				"makes the message"),
			w.in("TypeError en los dos Python: hay que indicar la codificación. Se escribe `b\"…\"`",
				"a TypeError in both Pythons: a string needs an encoding. Write `b\"…\"`"),
		},
		{
			"`send()`",
			w.in("sin resultado, sin confirmación",
				"no result, no acknowledgement"),
			w.in("devuelve una cuenta cuando los bytes están en el búfer local; el ACK del otro llega después",
				"it returns a count once the bytes are in the local buffer; the peer's ACK comes later"),
		},
		{
			"`recv_into()`, `recv()`",
			w.in("bloquea cuando ya hay datos; los datos, dos veces",
				"blocks when data are there; data drawn twice"),
			w.in("los datos que ya llegaron no lo dejan bloquear; si se llamó antes, espera desde entonces hasta el segmento",
				"data that have come do not let it block; if it was called before, it waits from then until the segment"),
		},
		{
			w.in("respuesta",
				"answer"),
			w.in("el cliente vuelve antes de que el servidor envíe",
				"the client returns before the server has sent"),
			w.in("al cliente solo lo puede despertar el segmento del servidor",
				"the client can only be woken by the server's segment"),
		},
		{
			w.in("llamadas del servidor",
				"server's calls"),
			"`s.send()`, `s.recv()`",
			w.in("el socket que escucha no lleva datos: `conn.send()`, `conn.recv()`",
				"the listening socket carries no data: `conn.send()`, `conn.recv()`"),
		},
	}
}

// closeMistakes are about close(), FIN and TIME-WAIT.
func (w Lecture) closeMistakes() [][3]string {
	return [][3]string{
		{
			w.in("`close()` del cliente",
				"client's `close()`"),
			w.in("el programa del servidor no nota nada",
				"the server's program notices nothing"),
			w.in("su `recv()` no devuelve bytes: así se entera del FIN",
				"its `recv()` returns no bytes: that is how it learns of the FIN"),
		},
		{
			w.in("ACK del FIN",
				"ACK of the FIN"),
			w.in("lo envía el `close()` del servidor",
				"sent by `close()` of the server"),
			w.in("lo envía TCP enseguida, en CLOSE-WAIT; si el servidor cierra muy pronto, ACK y FIN viajan en un segmento y FIN-WAIT-2 se salta",
				"sent by TCP at once, in CLOSE-WAIT; if the server closes very soon, ACK and FIN travel as one segment and FIN-WAIT-2 is skipped"),
		},
		{
			"LAST-ACK",
			w.in("sin FIN del servidor",
				"without a FIN of the server"),
			w.in("empieza con el FIN propio del servidor, cuando su programa llama a `close()`",
				"it begins with the server's own FIN, when its program calls `close()`"),
		},
		{
			w.in("último ACK",
				"last ACK"),
			w.in("falta",
				"missing"),
			w.in("el servidor queda CLOSED solo al recibirlo; el cliente espera en TIME-WAIT",
				"the server is CLOSED only when it has received it; the client waits in TIME-WAIT"),
		},
		{
			"TIME-WAIT",
			w.in("CLOSED enseguida",
				"CLOSED at once"),
			w.in("tras 2·MSL: un minuto en Linux, dos en la Pico. Ningún paquete lo muestra",
				"after 2·MSL: a minute on Linux, two on the Pico. No packet shows it"),
		},
	}
}

// nonBlockingMistakes are about calls that do not wait, and what the notebook leaves out.
func (w Lecture) nonBlockingMistakes() [][3]string {
	return [][3]string{
		{
			w.in("llamadas no bloqueantes",
				"non-blocking calls"),
			w.in("devuelven BlockingIOError",
				"return BlockingIOError"),
			w.in("la *lanzan*. MicroPython no tiene ese nombre: allí es `OSError` con errno 11",
				"they *raise* it. MicroPython has no such name: there it is `OSError` with errno 11"),
		},
		{
			w.in("`connect()` no bloqueante",
				"non-blocking `connect()`"),
			w.in("se reintenta",
				"is tried again"),
			w.in("basta una vez: EINPROGRESS, y esperar POLLOUT. Otra llamada no envía nada: EALREADY mientras dura el saludo; en Linux la primera después devuelve 0 y las demás lanzan EISCONN",
				"once is enough: EINPROGRESS, then wait for POLLOUT. Another call sends nothing: EALREADY while the handshake lasts; on Linux the first one after it returns 0, later ones raise EISCONN"),
		},
		{
			w.in("`recv()` da 0",
				"`recv()` gives 0"),
			w.in("todavía no hay datos",
				"there are no data yet"),
			w.in("0 es el fin de los datos, definitivo. Todavía no hay datos es EAGAIN",
				"0 is the end of data, for good. No data yet is EAGAIN"),
		},
		{
			w.in("RST, SYN perdido, cierre simultáneo",
				"RST, lost SYN, simultaneous close"),
			w.in("no existen",
				"do not exist"),
			w.in("cada uno tiene sus filas: RST cierra los dos lados de una vez y la llamada que espera lanza ECONNRESET o ECONNREFUSED",
				"each has its rows: RST closes both sides at once and the waiting call raises ECONNRESET or ECONNREFUSED"),
		},
	}
}

func (w Lecture) MethodHead() string {
	return w.in("Para hacerlo uno mismo",
		"Make it yourself")
}

func (w Lecture) MethodIntro() string {
	return w.in("Cada tabla de aquí se puede hacer con una captura propia:",
		"Every table here can be made from a capture of one's own:")
}

func (w Lecture) Method() []string {
	return []string{
		w.in("`tcptrace demo` ejecuta el intercambio en el laboratorio y escribe informe y gráficas.",
			"`tcptrace demo` runs the exchange in the laboratory and writes report and plots."),
		w.in("`tcpdump -w sesion.pcap 'tcp port 9000 or tcp port 9001'` o Wireshark capturan el verdadero; `tcptrace report sesion.pcap` imprime sus tablas.",
			"`tcpdump -w session.pcap 'tcp port 9000 or tcp port 9001'` or Wireshark captures the real one; `tcptrace report session.pcap` prints its tables."),
		w.in("`strace -f -ttt -T -yy -o servidor.txt python3 servidor.py` cuenta las llamadas: `tcptrace report sesion.pcap --calls server=servidor.txt`.",
			"`strace -f -ttt -T -yy -o server.txt python3 server.py` tells the calls: `tcptrace report session.pcap --calls server=server.txt`."),
		w.in("`tcptrace lecture --capture bloqueante.pcap --calls client=cliente.txt --calls server=servidor.txt` escribe este documento con ellas.",
			"`tcptrace lecture --capture blocking.pcap --calls client=client.txt --calls server=server.txt` writes this document from them."),
		w.in("`tcptrace lecture --check NOTAS.md --capture sesion.pcap` corrige una tabla que alguien dibujó a mano.",
			"`tcptrace lecture --check NOTES.md --capture session.pcap` marks a table that somebody drew by hand."),
	}
}

func (w Lecture) MethodLab(seed, least, most string) Sentence {
	return w.sentence("Las ejecuciones de laboratorio de aquí: semilla %s, un retardo de %s a %s en cada sentido.",
		"The laboratory's runs here: seed %s, a delay of %s to %s each way.", seed, least, most)
}
