package words

// Programs is what the commands that run the notebook's programs say.
type Programs struct{ language }

// NewPrograms gives them in a language.
func NewPrograms(lang string) Programs { return Programs{language{lang}} }

func (w Programs) PC() string {
	return w.in("Ejecuta la mitad del PC del cuaderno: su servidor o su cliente",
		"Run the PC's half of the notebook: its server or its client")
}

func (w Programs) PCLong() string {
	return w.in("Ejecuta los programas del cuaderno para el PC contra una Pico de verdad, o contra `tcptrace pico`.",
		"Runs the notebook's programs for the PC against a real Pico, or against `tcptrace pico`.")
}

func (w Programs) PCExample() string {
	return "  tcptrace pc server\n  tcptrace pc client 192.168.1.57"
}

func (w Programs) PCServer() string {
	return w.in("Espera a la Pico en el puerto 9001 y contesta cada mensaje",
		"Wait for the Pico on port 9001 and answer every message")
}

func (w Programs) PCServerLong() string {
	return w.in("El servidor del cuaderno para el PC: acepta una conexión, imprime lo que llega y contesta «PC responde: » y los mismos bytes.\nTermina cuando la Pico cierra, o con Ctrl-C.",
		"The notebook's server for the PC: accepts one connection, prints what comes and answers \"PC responde: \" and the same bytes.\nEnds when the Pico closes, or with Ctrl-C.")
}

func (w Programs) PCServerExample() string {
	return w.in("  tcptrace pc server\n  tcptrace pc server --journal servidor.jsonl\n  tcptrace pc server --misbehave killed --at 10s",
		"  tcptrace pc server\n  tcptrace pc server --journal server.jsonl\n  tcptrace pc server --misbehave killed --at 10s")
}

func (w Programs) PCClient() string {
	return w.in("Envía líneas al servidor de eco de la Pico en el puerto 9000",
		"Send lines to the Pico's echo server on port 9000")
}

func (w Programs) PCClientLong() string {
	return w.in("El cliente del cuaderno para el PC: envía una línea, espera un recv() y lo imprime. Las líneas vienen del teclado, de un guion, o se inventan:\n--closed-loop envía la siguiente cuando llegó la respuesta, --open-loop envía en momentos al azar, llegue lo que llegue.",
		"The notebook's client for the PC: sends a line, waits for one recv() and prints it. Lines come from the keyboard, a script, or are made:\n--closed-loop sends the next when the answer has come, --open-loop sends at random times whatever comes.")
}

func (w Programs) PCClientExample() string {
	return "  tcptrace pc client 192.168.1.57\n  tcptrace pc client 192.168.1.57 --open-loop --count 60 --mean 3s --seed 7\n  printf '@2 hola\\n@5.1 uno\\n' | tcptrace pc client 192.168.1.57 --script -\n  tcptrace pc client 192.168.1.57 --misbehave 4k-line"
}

func (w Programs) Pico() string {
	return w.in("Hace de Pico: su servidor de eco y su cliente en un solo ciclo con poll",
		"Play the Pico: its echo server and its client in one poll loop")
}

func (w Programs) PicoLong() string {
	return w.in("Ejecuta en este computador el programa del cuaderno para la Pico, con las reglas de MicroPython: recv() da a lo más un segmento, una sola conexión\nespera a accept(), cinco conexiones en total, los errores y eventos de poll de MicroPython. --fixed ejecuta un ciclo corregido.",
		"Runs the notebook's program for the Pico on this computer, with MicroPython's rules: recv() gives at most one segment, one connection\nwaits for accept(), five connections in all, MicroPython's errors and poll events. --fixed runs a corrected loop instead.")
}

func (w Programs) PicoExample() string {
	return "  tcptrace pico --pc 127.0.0.1\n  tcptrace pico --pc 192.168.1.3 --journal pico.jsonl\n  tcptrace pico --pc 127.0.0.1 --bind 127.0.0.1 --fixed"
}

func (w Programs) Pair() string {
	return w.in("Ejecuta un lado de los dos programas pequeños de las tablas del cuaderno",
		"Run one side of the two small programs behind the notebook's tables")
}

func (w Programs) PairLong() string {
	return w.in("Un mensaje en cada sentido y un cierre, como en las dos tablas del cuaderno: con llamadas bloqueantes, o con llamadas que se reintentan.",
		"One message each way and a close, as in the notebook's two tables: with blocking calls, or with calls that are tried again.")
}

func (w Programs) PairExample() string {
	return w.in("  tcptrace pair blocking server --journal servidor.jsonl &\n  tcptrace pair blocking client --journal cliente.jsonl",
		"  tcptrace pair blocking server --journal server.jsonl &\n  tcptrace pair blocking client --journal client.jsonl")
}

func (w Programs) PairBlocking() string {
	return w.in("La primera tabla: llamadas bloqueantes",
		"The first table: blocking calls")
}

func (w Programs) PairNonBlocking() string {
	return w.in("La segunda tabla: llamadas no bloqueantes, con reintentos",
		"The second table: non-blocking calls, tried again")
}

func (w Programs) PairServer() string {
	return w.in("La columna del servidor",
		"The server's column")
}

func (w Programs) PairClient() string {
	return w.in("La columna del cliente",
		"The client's column")
}

func (w Programs) FlagJournal() string {
	return w.in("`ARCHIVO`: escribir cada llamada de socket en este archivo, para 'tcptrace report --calls'; a lo sumo 64 MB",
		"`FILE`: write every socket call into this file, for 'tcptrace report --calls'; at most 64 MB")
}

func (w Programs) FlagBind() string {
	return w.in("`DIRECCIÓN`: dirección en la que se escucha; 0.0.0.0 son todas las de este computador, 127.0.0.1 solo él mismo",
		"`ADDRESS`: address to listen on; 0.0.0.0 is every one of this computer, 127.0.0.1 only itself")
}

func (w Programs) FlagListenPort() string {
	return w.in("`PUERTO`: puerto en el que se escucha",
		"`PORT`: port to listen on")
}

func (w Programs) FlagReuse() string {
	return w.in("poner SO_REUSEADDR, que el programa del cuaderno no pone",
		"set SO_REUSEADDR, which the notebook's program does not")
}

func (w Programs) FlagConnectHost() string {
	return w.in("`DIRECCIÓN`: dirección o nombre del servidor",
		"`ADDRESS`: address or name of the server")
}

func (w Programs) FlagConnectPort() string {
	return w.in("`PUERTO`: puerto del servidor",
		"`PORT`: port of the server")
}

func (w Programs) FlagPC() string {
	return w.in("`DIRECCIÓN[:PUERTO]`: dirección del PC, donde escucha su servidor: HOST o HOST:PUERTO",
		"`ADDRESS[:PORT]`: address of the PC, where its server listens: HOST or HOST:PORT")
}

func (w Programs) FlagMisbehave() string {
	return w.in("`FALLA`: hacer algo mal, como en un salón de clase",
		"`FAULT`: do something wrong, as in a classroom")
}

func (w Programs) FlagAt() string {
	return w.in("cuándo pasa eso (por omisión, como en los casos grabados)",
		"when that happens (default: as in the recorded cases)")
}

func (w Programs) FlagFixed() string {
	return w.in("el ciclo corregido: un plazo en vez de sleep(1), todos los clientes atendidos, cierres notados",
		"the corrected loop: a deadline instead of sleep(1), every client served, closes noticed")
}

func (w Programs) FlagResetAfter() string {
	return w.in("terminar como un reinicio suave tras este tiempo",
		"end like a soft reset after this time")
}

func (w Programs) FlagScript() string {
	return w.in("`ARCHIVO`: tomar las líneas de este archivo (- es la entrada estándar); «@SEGUNDOS texto» le da su momento a una línea",
		"`FILE`: take the lines from this file (- is standard input); \"@SECONDS text\" gives a line its time")
}

func (w Programs) FlagEvery() string {
	return w.in("tiempo entre las líneas del guion que no lo tienen",
		"time between script lines that have none")
}

func (w Programs) FlagOpenLoop() string {
	return w.in("enviar en momentos al azar, sin esperar respuestas",
		"send at random times, without waiting for answers")
}

func (w Programs) FlagClosedLoop() string {
	return w.in("enviar el siguiente mensaje cuando llegó la respuesta",
		"send the next message when the answer has come")
}

func (w Programs) FlagCount() string {
	return w.in("cuántos mensajes de un ciclo (0: hasta Ctrl-C)",
		"number of messages of a loop (0: until Ctrl-C)")
}

func (w Programs) FlagMean() string {
	return w.in("tiempo medio entre mensajes de --open-loop",
		"mean time between messages of --open-loop")
}

func (w Programs) FlagThink() string {
	return w.in("tiempo entre una respuesta y el siguiente mensaje de --closed-loop",
		"time between an answer and the next message of --closed-loop")
}

func (w Programs) FlagSeed() string {
	return w.in("semilla de los momentos al azar",
		"seed of the random times")
}

func (w Programs) NeedHost() string {
	return w.in("¿a qué equipo?",
		"which host?")
}

func (w Programs) NeedPC() string {
	return w.in("falta --pc: ¿dónde está el servidor del PC?",
		"--pc is missing: where is the PC's server?")
}

func (w Programs) BadNumber() string {
	return w.in("las cantidades y los tiempos no pueden ser negativos",
		"counts and times must not be negative")
}

func (w Programs) BadChoice() string {
	return w.in("opción desconocida",
		"unknown choice")
}

func (w Programs) Traceback(err error) string {
	return w.fill("el programa murió con OSError: %v; como en una Pico, las conexiones quedan y TCP contesta; Ctrl-C termina",
		"the program died of OSError: %v; as on a Pico, the connections stay and TCP answers; Ctrl-C ends", err)
}

func (w Programs) JournalLeftOut(file string, calls int64) string {
	return w.fill("%s: no cupieron %d llamadas; de una conexión a la que le falta una, tampoco están las siguientes",
		"%s: %d calls had no room; of a connection that lacks one, those after it are missing too", file, calls)
}

func (w Programs) HintRefused() string {
	return w.in("nadie escucha allí: arranque primero el servidor",
		"nobody listens there: start the server first")
}

func (w Programs) HintInUse() string {
	return w.in("otro programa tiene el puerto, o una conexión vieja está en TIME-WAIT 60 s: espere, o arranque siempre con --reuse",
		"another program has the port, or an old connection is in TIME-WAIT for 60 s: wait, or start with --reuse every time")
}

func (w Programs) HintReset() string {
	return w.in("el otro lado cerró con bytes sin leer o no conoce esta conexión",
		"the other side closed with unread bytes or does not know this connection")
}

func (w Programs) HintNoRoute() string {
	return w.in("sin respuesta: revise la dirección, la red y el cortafuegos",
		"no answer: check the address, the network and the firewall")
}

func (w Programs) HintOther() string { return "tcptrace help" }
