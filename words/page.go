package words

// Page is what the interactive page says. Values stand in the texts as {name}: the page puts them in.
type Page struct{ language }

// NewPage gives it in a language.
func NewPage(lang string) Page { return Page{language{lang}} }

func (w Page) NoScript() string {
	return w.in("Esta página dibuja la conversación con JavaScript. El mismo informe como texto: tcptrace report.",
		"This page draws the conversation with JavaScript. The same report as text: tcptrace report.")
}

// UI are the texts of the page's controls and labels.
type UI struct {
	Answer, Ladder, Plots, Tables          string
	NavAnswer, NavLadder, NavTables        string
	NavCapture                             string
	Contents, ShowMe, Change, Nothing      string
	Readable, Events, RealTime, Scale      string
	ReadableNote, EventsNote, RealNote     string
	ZoomIn, ZoomOut, Wide, Theme, Language string
	Play, Quiz, Help, Close                string
	Selected, NoneSelected                 string
	Frame, Leaves, Arrives, Bytes          string
	Payload, Call                          string
	Lasted, Session                        string
	Network, Loop, Program, Stack, Waits   string
	Pass                                   string
	Estimated, CapturedAt, Distance        string
	Time, State, Signal, Result            string
	Client, Server, Packets                string
	Hidden, Thinned, Others                string
	Window, Earlier, Later                 string
	Question, CallQuestion, Right, Wrong   string
	Next, Score, NoQuestions, Overview     string
	Live, LiveEnded, LiveLost, Rename      string
	Run, Skip, HelpText                    string
	Legend, LegendData, LegendControl      string
	LegendACK, LegendAgain, LegendSpurious string
	LegendLost, LegendReset, LegendWait    string
	LegendLoop, LegendSleep, LegendRepeat  string
	LegendImplied                          string
}

func (w Page) UI() UI {
	return UI{
		Answer: w.in("Qué pasó y por qué", "What happened and why"), Ladder: w.in("La conversación", "The conversation"),
		Plots: w.in("Gráficas", "Plots"), Tables: w.in("Las tablas", "The tables"),
		NavAnswer: w.in("Por qué", "Why"), NavLadder: w.in("Dibujo", "Drawing"), NavTables: w.in("Tablas", "Tables"), NavCapture: w.in("Captura", "Capture"),
		Contents: w.in("Contenido", "Contents"), ShowMe: w.in("Ver en el dibujo", "Show me"), Change: w.in("Qué cambiar:", "What to change:"),
		Nothing:  w.in("Nada llama la atención en esta captura.", "Nothing stands out in this capture."),
		Readable: w.in("Legible", "Readable"), Events: w.in("Eventos", "Events"), RealTime: w.in("Tiempo real", "Real time"), Scale: w.in("Escala", "Scale"),
		ReadableNote: w.in("El orden es exacto; la altura no está a escala: las pausas se rotulan. La inclinación no es una velocidad.",
			"Order is exact; height is not to scale: gaps are labelled. The slope is not a speed."),
		EventsNote: w.in("Una fila por evento, como en la tabla.", "One row an event, as in the table."),
		RealNote:   w.in("A escala. Ctrl y la rueda, o + y −, acercan y alejan.", "To scale. Ctrl and the wheel, or + and −, zoom."),
		ZoomIn:     w.in("Acercar", "Zoom in"), ZoomOut: w.in("Alejar", "Zoom out"), Wide: w.in("Proyector", "Projector"), Theme: w.in("Claro u oscuro", "Light or dark"),
		Language: w.in("English", "Español"), Play: w.in("Reproducir", "Play"),
		Quiz: w.in("Preguntas", "Quiz"), Help: w.in("Ayuda", "Help"), Close: w.in("Cerrar", "Close"),
		Selected: w.in("Selección", "Selected"), NoneSelected: w.in("Haga clic en una flecha o use ↑ ↓.", "Click an arrow, or use ↑ ↓."),
		Frame: w.in("trama", "frame"), Leaves: w.in("sale", "leaves"), Arrives: w.in("llega", "arrives"), Bytes: w.in("longitud", "length"),
		Payload: w.in("datos", "data"), Call: w.in("llamada", "call"),
		Lasted: w.in("duró", "lasted"), Session: w.in("sesión", "session"),
		Network: w.in("red", "network"), Loop: w.in("espera al ciclo", "wait for the loop"), Program: w.in("el programa", "the program"), Stack: w.in("TCP", "TCP itself"),
		Waits:      w.in("la respuesta tardó", "the answer took"),
		Pass:       w.in("vuelta {n}", "pass {n}"),
		Estimated:  w.in("≈ estimado a partir del saludo inicial", "≈ estimated from the handshake"),
		CapturedAt: w.in("capturado en {host}", "captured at {host}"), Distance: w.in("ida ≈ {time}", "one way ≈ {time}"),
		Time: w.in("Tiempo (s)", "Time (s)"), State: w.in("estado", "state"), Signal: w.in("señal", "signal"), Result: w.in("resultado", "result"),
		Client: w.in("Cliente", "Client"), Server: w.in("Servidor", "Server"), Packets: w.in("{n} paquetes", "{n} packets"),
		Hidden:  w.in("+{n} sin rótulo", "+{n} without a label"),
		Thinned: w.in("Se dibujan las primeras {n} filas de {all}; tcptrace view muestra todas.", "The first {n} rows of {all} are drawn; tcptrace view shows all."),
		Others:  w.in("Otras sesiones, con otros equipos: {n}; --host o --session las eligen.", "Other sessions, with other hosts: {n}; --host or --session choose them."),
		Window:  w.in("Filas {from} a {n} de {all}.", "Rows {from} to {n} of {all}."),
		Earlier: w.in("anteriores", "earlier"), Later: w.in("siguientes", "later"),
		Question:     w.in("¿En qué estado quedará {host} (#{n}) después de {signal}?", "In which state will {host} (#{n}) be after {signal}?"),
		CallQuestion: w.in("¿Qué devuelve {call} en {host}?", "What does {call} return at {host}?"),
		Right:        w.in("Correcto.", "Right."), Wrong: w.in("No: {answer}.", "No: {answer}."), Next: w.in("Siguiente", "Next"), Score: w.in("{right} de {all}", "{right} of {all}"),
		NoQuestions: w.in("En esta conversación no cambia ningún estado.", "No state changes in this conversation."), Overview: w.in("Toda la captura; arrastre para ir a un lugar", "The whole capture; drag to go somewhere"),
		Live: w.in("en vivo", "live"), LiveEnded: w.in("la captura terminó", "the capture has ended"), LiveLost: w.in("sin conexión; se intenta de nuevo", "connection lost; trying again"),
		Rename: w.in("Clic para cambiar el nombre", "Click to change the name"), Run: w.in("Ejecución", "Run"), Skip: w.in("Ir al dibujo", "Skip to the drawing"),

		Legend: w.in("Qué significa cada signo", "What the signs mean"), LegendData: w.in("datos", "data"), LegendControl: w.in("SYN, FIN", "SYN, FIN"),
		LegendACK: w.in("ACK sin datos", "ACK without data"), LegendAgain: w.in("repetido, porque hizo falta", "repeated, because it had to be"),
		LegendSpurious: w.in("repetido sin necesidad", "repeated needlessly"), LegendLost: w.in("perdido: no llegó a nadie", "lost: it reached nobody"), LegendReset: w.in("RST", "RST"),
		LegendWait: w.in("una llamada que espera", "a call that waits"), LegendLoop: w.in("espera al ciclo, y el trabajo del programa", "the wait for the loop, and the program's work"),
		LegendSleep: w.in("sleep()", "sleep()"), LegendRepeat: w.in("la misma llamada, repetida", "the same call, repeated"),
		LegendImplied: w.in("deducida de los paquetes", "inferred from the packets"),
		HelpText: w.in("↑ ↓ j k: evento · ← →: la misma conexión · n p: hallazgo · 1–9: hallazgo por número · + − 0: acercar · e r t: escala · Enter: detalles · u: desplegar · Espacio: reproducir · q: preguntas · Esc: cerrar",
			"↑ ↓ j k: event · ← →: same connection · n p: finding · 1–9: finding by number · + − 0: zoom · e r t: scale · Enter: details · u: unfold · Space: play · q: quiz · Esc: close"),
	}
}

// StateRules say, for every state, why a connection is in it.
type StateRules struct {
	Listen, SynSent, SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait, Closed string
}

// StateRules are told after the rules of RFC 9293.
func (w Page) StateRules() StateRules {
	return StateRules{
		Listen:      w.in("RFC 9293, 3.10.1: una apertura pasiva, listen(), espera en LISTEN una petición de cualquier equipo.", "RFC 9293, 3.10.1: a passive open, listen(), waits in LISTEN for a request from any host."),
		SynSent:     w.in("RFC 9293, 3.10.1: una apertura activa, connect(), envía SYN y espera en SYN-SENT el SYN del otro lado.", "RFC 9293, 3.10.1: an active open, connect(), sends a SYN and waits in SYN-SENT for the other side's SYN."),
		SynReceived: w.in("RFC 9293, 3.10.7.2: quien recibe un SYN en LISTEN contesta SYN+ACK y pasa a SYN-RECEIVED hasta que llegue el ACK.", "RFC 9293, 3.10.7.2: a SYN that arrives in LISTEN is answered with SYN+ACK; the side is in SYN-RECEIVED until the ACK arrives."),
		Established: w.in("RFC 9293, 3.10.7.3 y 3.10.7.4: cuando llega el ACK de su SYN, y ya llegó el SYN del otro, un lado está en ESTABLISHED: se puede enviar datos.", "RFC 9293, 3.10.7.3 and 3.10.7.4: once its SYN is acknowledged and the other's SYN is there, a side is ESTABLISHED: data can be sent."),
		FinWait1:    w.in("RFC 9293, 3.10.4: quien cierra primero envía FIN y espera en FIN-WAIT-1 su ACK, o el FIN del otro.", "RFC 9293, 3.10.4: who closes first sends a FIN and waits in FIN-WAIT-1 for its ACK, or for the other's FIN."),
		FinWait2:    w.in("RFC 9293, 3.10.7.4: llegó el ACK del FIN, pero no el FIN del otro: FIN-WAIT-2.", "RFC 9293, 3.10.7.4: the FIN is acknowledged, the other's FIN has not come: FIN-WAIT-2."),
		CloseWait:   w.in("RFC 9293, 3.10.7.4: llegó el FIN del otro; CLOSE-WAIT dura hasta que este programa llame a close().", "RFC 9293, 3.10.7.4: the other's FIN has come; CLOSE-WAIT lasts until this program calls close()."),
		Closing:     w.in("RFC 9293, 3.10.7.4: los dos FIN se cruzaron, y el propio aún no tiene ACK: CLOSING.", "RFC 9293, 3.10.7.4: the FINs crossed, and this side's is not acknowledged yet: CLOSING."),
		LastAck:     w.in("RFC 9293, 3.10.4: close() en CLOSE-WAIT envía FIN y espera en LAST-ACK el último ACK.", "RFC 9293, 3.10.4: close() in CLOSE-WAIT sends a FIN and waits in LAST-ACK for the last ACK."),
		TimeWait:    w.in("RFC 9293, 3.6.1: quien cerró primero se queda en TIME-WAIT dos veces la vida máxima de un segmento, para que ninguno viejo llegue a la conexión siguiente.", "RFC 9293, 3.6.1: who closed first stays in TIME-WAIT for twice the maximum segment lifetime, so that no old segment reaches the next connection."),
		Closed:      w.in("RFC 9293, 3.3.2: CLOSED es no tener conexión.", "RFC 9293, 3.3.2: CLOSED is having no connection."),
	}
}

func (w Page) PC() string { return w.in("PC", "PC") }

func (w Page) Pico() string { return w.in("Pico", "Pico") }

func (w Page) ClientProgram() string { return w.in("Cliente", "Client") }

func (w Page) ServerProgram() string { return w.in("Servidor", "Server") }
