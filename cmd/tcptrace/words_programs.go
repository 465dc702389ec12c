package main

import "tcptrace/endpoints"

// programWords are the words of the commands that run the notebook's programs.
type programWords struct {
	PC, PCLong, PCExample                                     string
	PCServer, PCServerLong, PCServerExample                   string
	PCClient, PCClientLong, PCClientExample                   string
	Pico, PicoLong, PicoExample                               string
	Pair, PairLong, PairExample                               string
	PairBlocking, PairNonBlocking, PairServer, PairClient     string
	FlagJournal, FlagListenHost, FlagListenPort, FlagReuse    string
	FlagConnectHost, FlagConnectPort, FlagPC                  string
	FlagMisbehave, FlagAt, FlagFixed, FlagResetAfter          string
	FlagScript, FlagEvery, FlagOpenLoop, FlagClosedLoop       string
	FlagCount, FlagMean, FlagThink, FlagSeed                  string
	NeedHost, NeedPC, BadNumber, BadChoice, Traceback         string
	HintRefused, HintInUse, HintReset, HintNoRoute, HintOther string
}

func programWordsFor(lang string) *programWords {
	if lang == "es" {
		return &programES
	}
	return &programEN
}

// hintFor says what to do about an error that ended a program.
func (w *programWords) hintFor(e endpoints.Errno) string {
	switch e {
	case endpoints.ECONNREFUSED:
		return w.HintRefused
	case endpoints.EADDRINUSE:
		return w.HintInUse
	case endpoints.ECONNRESET, endpoints.EPIPE:
		return w.HintReset
	case endpoints.ETIMEDOUT, endpoints.EHOSTUNREACH, endpoints.ENETUNREACH:
		return w.HintNoRoute
	}
	return w.HintOther
}

var programEN = programWords{
	PC:              "Run the PC's half of the notebook: its server or its client",
	PCLong:          "Runs the notebook's programs for the PC against a real Pico, or against `tcptrace pico`.",
	PCExample:       "  tcptrace pc server\n  tcptrace pc client 192.168.1.57",
	PCServer:        "Wait for the Pico on port 9001 and answer every message",
	PCServerLong:    "The notebook's server for the PC: accepts one connection, prints what comes and answers \"PC responde: \" and the same bytes.\nEnds when the Pico closes, or with Ctrl-C.",
	PCServerExample: "  tcptrace pc server\n  tcptrace pc server --journal server.jsonl\n  tcptrace pc server --misbehave killed --at 10s",
	PCClient:        "Send lines to the Pico's echo server on port 9000",
	PCClientLong:    "The notebook's client for the PC: sends a line, waits for one recv() and prints it. Lines come from the keyboard, a script, or are made:\n--closed-loop sends the next when the answer has come, --open-loop sends at random times whatever comes.",
	PCClientExample: "  tcptrace pc client 192.168.1.57\n  tcptrace pc client 192.168.1.57 --open-loop --count 60 --mean 3s --seed 7\n  printf '@2 hola\\n@5.1 uno\\n' | tcptrace pc client 192.168.1.57 --script -\n  tcptrace pc client 192.168.1.57 --misbehave 4k-line",
	Pico:            "Play the Pico: its echo server and its client in one poll loop",
	PicoLong:        "Runs the notebook's program for the Pico on this computer, with MicroPython's rules: recv() gives at most one segment, one connection\nwaits for accept(), five connections in all, MicroPython's errors and poll events. --fixed runs a corrected loop instead.",
	PicoExample:     "  tcptrace pico --pc 127.0.0.1\n  tcptrace pico --pc 192.168.1.3 --journal pico.jsonl\n  tcptrace pico --pc 127.0.0.1 --fixed",
	Pair:            "Run one side of the two small programs behind the notebook's tables",
	PairLong:        "One message each way and a close, as in the notebook's two tables: with blocking calls, or with calls that are tried again.",
	PairExample:     "  tcptrace pair blocking server --journal server.jsonl &\n  tcptrace pair blocking client --journal client.jsonl",
	PairBlocking:    "The first table: blocking calls", PairNonBlocking: "The second table: non-blocking calls, tried again",
	PairServer: "The server's column", PairClient: "The client's column",
	FlagJournal:    "write every socket call into this file, for 'tcptrace report --calls'",
	FlagListenHost: "address to listen on", FlagListenPort: "port to listen on", FlagReuse: "set SO_REUSEADDR, which the notebook's program does not",
	FlagConnectHost: "address or name of the server", FlagConnectPort: "port of the server", FlagPC: "address of the PC, where its server listens: HOST or HOST:PORT",
	FlagMisbehave: "do something wrong, as in a classroom", FlagAt: "when that happens (default: as in the recorded cases)",
	FlagFixed: "the corrected loop: a deadline instead of sleep(1), every client served, closes noticed", FlagResetAfter: "end like a soft reset after this time",
	FlagScript: "take the lines from this file (- is standard input); \"@SECONDS text\" gives a line its time", FlagEvery: "time between script lines that have none",
	FlagOpenLoop: "send at random times, without waiting for answers", FlagClosedLoop: "send the next message when the answer has come",
	FlagCount: "number of messages of a loop (0: until Ctrl-C)", FlagMean: "mean time between messages of --open-loop",
	FlagThink: "time between an answer and the next message of --closed-loop", FlagSeed: "seed of the random times",
	NeedHost: "which host?", NeedPC: "--pc is missing: where is the PC's server?", BadNumber: "counts and times must not be negative", BadChoice: "unknown choice",
	Traceback:   "the program died of OSError: %v; as on a Pico, the connections stay and TCP answers; Ctrl-C ends",
	HintRefused: "nobody listens there: start the server first", HintInUse: "another program has the port, or an old connection is in TIME-WAIT for 60 s: wait, or start with --reuse every time",
	HintReset: "the other side closed with unread bytes or does not know this connection", HintNoRoute: "no answer: check the address, the network and the firewall",
	HintOther: "tcptrace help",
}

var programES = programWords{
	PC:              "Ejecuta la mitad del PC del cuaderno: su servidor o su cliente",
	PCLong:          "Ejecuta los programas del cuaderno para el PC contra una Pico de verdad, o contra `tcptrace pico`.",
	PCExample:       "  tcptrace pc server\n  tcptrace pc client 192.168.1.57",
	PCServer:        "Espera a la Pico en el puerto 9001 y contesta cada mensaje",
	PCServerLong:    "El servidor del cuaderno para el PC: acepta una conexión, imprime lo que llega y contesta «PC responde: » y los mismos bytes.\nTermina cuando la Pico cierra, o con Ctrl-C.",
	PCServerExample: "  tcptrace pc server\n  tcptrace pc server --journal servidor.jsonl\n  tcptrace pc server --misbehave killed --at 10s",
	PCClient:        "Envía líneas al servidor de eco de la Pico en el puerto 9000",
	PCClientLong:    "El cliente del cuaderno para el PC: envía una línea, espera un recv() y lo imprime. Las líneas vienen del teclado, de un guion, o se inventan:\n--closed-loop envía la siguiente cuando llegó la respuesta, --open-loop envía en momentos al azar, llegue lo que llegue.",
	PCClientExample: "  tcptrace pc client 192.168.1.57\n  tcptrace pc client 192.168.1.57 --open-loop --count 60 --mean 3s --seed 7\n  printf '@2 hola\\n@5.1 uno\\n' | tcptrace pc client 192.168.1.57 --script -\n  tcptrace pc client 192.168.1.57 --misbehave 4k-line",
	Pico:            "Hace de Pico: su servidor de eco y su cliente en un solo ciclo con poll",
	PicoLong:        "Ejecuta en este computador el programa del cuaderno para la Pico, con las reglas de MicroPython: recv() da a lo más un segmento, una sola conexión\nespera a accept(), cinco conexiones en total, los errores y eventos de poll de MicroPython. --fixed ejecuta un ciclo corregido.",
	PicoExample:     "  tcptrace pico --pc 127.0.0.1\n  tcptrace pico --pc 192.168.1.3 --journal pico.jsonl\n  tcptrace pico --pc 127.0.0.1 --fixed",
	Pair:            "Ejecuta un lado de los dos programas pequeños de las tablas del cuaderno",
	PairLong:        "Un mensaje en cada sentido y un cierre, como en las dos tablas del cuaderno: con llamadas bloqueantes, o con llamadas que se reintentan.",
	PairExample:     "  tcptrace pair blocking server --journal servidor.jsonl &\n  tcptrace pair blocking client --journal cliente.jsonl",
	PairBlocking:    "La primera tabla: llamadas bloqueantes", PairNonBlocking: "La segunda tabla: llamadas no bloqueantes, con reintentos",
	PairServer: "La columna del servidor", PairClient: "La columna del cliente",
	FlagJournal:    "escribir cada llamada de socket en este archivo, para 'tcptrace report --calls'",
	FlagListenHost: "dirección en la que se escucha", FlagListenPort: "puerto en el que se escucha", FlagReuse: "poner SO_REUSEADDR, que el programa del cuaderno no pone",
	FlagConnectHost: "dirección o nombre del servidor", FlagConnectPort: "puerto del servidor", FlagPC: "dirección del PC, donde escucha su servidor: HOST o HOST:PUERTO",
	FlagMisbehave: "hacer algo mal, como en un salón de clase", FlagAt: "cuándo pasa eso (por omisión, como en los casos grabados)",
	FlagFixed: "el ciclo corregido: un plazo en vez de sleep(1), todos los clientes atendidos, cierres notados", FlagResetAfter: "terminar como un reinicio suave tras este tiempo",
	FlagScript: "tomar las líneas de este archivo (- es la entrada estándar); «@SEGUNDOS texto» le da su momento a una línea", FlagEvery: "tiempo entre las líneas del guion que no lo tienen",
	FlagOpenLoop: "enviar en momentos al azar, sin esperar respuestas", FlagClosedLoop: "enviar el siguiente mensaje cuando llegó la respuesta",
	FlagCount: "cuántos mensajes de un ciclo (0: hasta Ctrl-C)", FlagMean: "tiempo medio entre mensajes de --open-loop",
	FlagThink: "tiempo entre una respuesta y el siguiente mensaje de --closed-loop", FlagSeed: "semilla de los momentos al azar",
	NeedHost: "¿a qué equipo?", NeedPC: "falta --pc: ¿dónde está el servidor del PC?", BadNumber: "las cantidades y los tiempos no pueden ser negativos", BadChoice: "opción desconocida",
	Traceback:   "el programa murió con OSError: %v; como en una Pico, las conexiones quedan y TCP contesta; Ctrl-C termina",
	HintRefused: "nadie escucha allí: arranca primero el servidor", HintInUse: "otro programa tiene el puerto, o una conexión vieja está en TIME-WAIT 60 s: espera, o arranca siempre con --reuse",
	HintReset: "el otro lado cerró con bytes sin leer o no conoce esta conexión", HintNoRoute: "sin respuesta: revisa la dirección, la red y el cortafuegos",
	HintOther: "tcptrace help",
}
