package main

// liveWords are the words of live captures.
type liveWords struct {
	Live, LiveLong, LiveExample                                      string
	FlagInterface, FlagPico, FlagWrite, FlagForce, FlagRing          string
	FlagRotate, FlagSync, FlagDuration, FlagCount, FlagFollow        string
	FlagRun, FlagPlain, FlagNoReport, FlagBuffer, FlagPromiscuous    string
	Interfaces, InterfacesLong                                       string
	StateUp, StateDown, StateNoCarrier, PicoHere                     string
	WhichInterface, AskInterface, NeedInterface, NoRoute             string
	NeedFile, OneInput, NeedWrite, BadSize, BadRing, Exists          string
	HintFilter, HintPermission, HintInterfaces, HintGone             string
	NoPermission, NoInterface, NoStrace                              string
	Listening, Time, Client, Signal, Server                          string
	Down, Up, Renamed, ClockBack, ClockForward, Gone                 string
	ARPRequest, ARPReply, ICMP                                       string
	Mean, Running, Counted, SavedShort                               string
	Counts, CountsShort, Incomplete, Hidden, Safe, SaveFailed, Wrote string
}

func liveWordsFor(lang string) *liveWords {
	if lang == "es" {
		return &liveES
	}
	return &liveEN
}

var liveEN = liveWords{
	Live:            "Follow the exchange as it happens, then print the report",
	LiveLong:        "Captures an interface and prints a row for every event at once; Ctrl-C ends it and the report follows. Without a filter the watched ports\nare captured (9000 and 9001, or --port), with ARP and the Pico's journal on UDP 9099. The input can also be a pipe (-) or a growing file.\nFilters are those of tcpdump: tcp, udp, arp, icmp, host, net, port, portrange, src, dst, and, or, not, parentheses.",
	LiveExample:     "  tcptrace live -i wlan0\n  tcptrace live -i wlan0 -w session.pcapng --duration 1m\n  tcptrace live -i any 'tcp port 9000 and host 192.168.1.57'\n  tcptrace live -i lo --run 'python3 server.py' --run 'python3 client.py'\n  ssh pi sudo tcpdump -U -w - port 9001 | tcptrace live -\n  tcptrace live --follow session.pcapng",
	FlagInterface:   "interface to capture; 'any' for all (see 'tcptrace interfaces')",
	FlagPico:        "choose the interface with the route to this address",
	FlagWrite:       "save the packets in this file: pcapng, or pcap by its name",
	FlagForce:       "replace the file of -w if it exists",
	FlagRing:        "with -w: begin another file at this size and keep only some: SIZE[,FILES] (10 files)",
	FlagRotate:      "with -w: begin another file after this time",
	FlagSync:        "with -w: wait until the disk has the packets",
	FlagDuration:    "end after this time",
	FlagCount:       "end after this many packets",
	FlagFollow:      "read a file that another program is writing",
	FlagRun:         "run this program under the call journal while capturing (repeatable, started in order)",
	FlagPlain:       "lines only: no status line",
	FlagNoReport:    "print no report at the end",
	FlagBuffer:      "memory for packets that wait to be read",
	FlagPromiscuous: "capture frames for other hosts too",
	Interfaces:      "List the interfaces that can be captured",
	InterfacesLong:  "Lists the network interfaces with their state, link type, addresses, and the Picos that this computer talked to lately.",
	StateUp:         "up", StateDown: "down", StateNoCarrier: "no carrier", PicoHere: "Pico or Raspberry Pi at %s",
	WhichInterface: "which interface?", AskInterface: "number or name [%s]: ", NeedInterface: "-i is missing", NoRoute: "no interface has a route there",
	NeedFile: "which file is to be followed?", OneInput: "either an interface, or a pipe, or a file", NeedWrite: "--ring, --rotate and --sync need -w",
	BadSize: "not a size", BadRing: "not SIZE[,FILES]", Exists: "the file exists; --force replaces it",
	HintFilter:     "tcptrace live -i wlan0 'tcp port 9000 or arp'",
	HintPermission: "give the program the right once: sudo setcap cap_net_raw+ep %[1]s\n      or let tcpdump capture: sudo tcpdump -i %[2]s -U -w - '%[3]s' | tcptrace live -",
	HintInterfaces: "there are: %s", HintGone: "what was captured is kept; plug it in again and start again",
	NoPermission: "no permission to capture packets", NoInterface: "there is no such interface",
	NoStrace:  "strace is not installed: the programs run without a journal of their calls",
	Listening: "listening on %s  %s", Time: "t (s)", Client: "client", Signal: "signal", Server: "server",
	Down: "the interface %s is down; the capture goes on when it is up again", Up: "the interface %s is up again",
	Renamed: "the interface %s is called %s now", ClockBack: "the clock was set back by %v: times before and after do not compare",
	ClockForward: "the clock was set forward by %v: times before and after do not compare", Gone: "the interface is gone",
	ARPRequest: "%s asks who has %s", ARPReply: "%s answers %s", ICMP: "%s: type %d code %d about %s → %s",
	Mean: "%s (mean %s)", Running: "cadence %s · echo %s", Counted: "captured %d · lost %d", SavedShort: "saved %d",
	Counts:      "%d packets seen: %d filtered out, %d captured, %d dropped by the kernel, %d dropped here",
	CountsShort: "%d packets captured, %d filtered out, %d dropped", Incomplete: "packets are missing: every table is incomplete",
	Hidden: "%d rows were not shown because the output is too slow; the report has them",
	Safe:   "%d packets are safe in %s, %d were not saved", SaveFailed: "saving failed, the capture goes on: %v", Wrote: "%d packets saved in %s",
}

var liveES = liveWords{
	Live:            "Sigue el intercambio mientras ocurre y al final imprime el informe",
	LiveLong:        "Captura una interfaz e imprime al instante una fila por suceso; Ctrl-C termina y sigue el informe. Sin filtro se capturan los puertos observados\n(9000 y 9001, o --port), con ARP y el diario de la Pico en UDP 9099. La entrada también puede ser una tubería (-) o un archivo que crece.\nLos filtros son los de tcpdump: tcp, udp, arp, icmp, host, net, port, portrange, src, dst, and, or, not, paréntesis.",
	LiveExample:     "  tcptrace live -i wlan0\n  tcptrace live -i wlan0 -w sesion.pcapng --duration 1m\n  tcptrace live -i any 'tcp port 9000 and host 192.168.1.57'\n  tcptrace live -i lo --run 'python3 servidor.py' --run 'python3 cliente.py'\n  ssh pi sudo tcpdump -U -w - port 9001 | tcptrace live -\n  tcptrace live --follow sesion.pcapng",
	FlagInterface:   "interfaz que se captura; 'any' son todas (véase 'tcptrace interfaces')",
	FlagPico:        "elegir la interfaz que tiene la ruta a esta dirección",
	FlagWrite:       "guardar los paquetes en este archivo: pcapng, o pcap según el nombre",
	FlagForce:       "reemplazar el archivo de -w si existe",
	FlagRing:        "con -w: empezar otro archivo a este tamaño y conservar solo algunos: SIZE[,FILES] (10 archivos)",
	FlagRotate:      "con -w: empezar otro archivo tras este tiempo",
	FlagSync:        "con -w: esperar a que el disco tenga los paquetes",
	FlagDuration:    "terminar tras este tiempo",
	FlagCount:       "terminar tras esta cantidad de paquetes",
	FlagFollow:      "leer un archivo que otro programa está escribiendo",
	FlagRun:         "ejecutar este programa con el diario de llamadas mientras se captura (repetible, en orden)",
	FlagPlain:       "solo líneas: sin línea de estado",
	FlagNoReport:    "no imprimir el informe al final",
	FlagBuffer:      "memoria para los paquetes que esperan ser leídos",
	FlagPromiscuous: "capturar también las tramas para otros equipos",
	Interfaces:      "Enumera las interfaces que se pueden capturar",
	InterfacesLong:  "Enumera las interfaces de red con su estado, tipo de enlace, direcciones, y las Picos con las que este equipo habló hace poco.",
	StateUp:         "activa", StateDown: "inactiva", StateNoCarrier: "sin portadora", PicoHere: "Pico o Raspberry Pi en %s",
	WhichInterface: "¿qué interfaz?", AskInterface: "número o nombre [%s]: ", NeedInterface: "falta -i", NoRoute: "ninguna interfaz tiene una ruta hasta allí",
	NeedFile: "¿qué archivo se sigue?", OneInput: "o una interfaz, o una tubería, o un archivo", NeedWrite: "--ring, --rotate y --sync necesitan -w",
	BadSize: "no es un tamaño", BadRing: "no es SIZE[,FILES]", Exists: "el archivo existe; --force lo reemplaza",
	HintFilter:     "tcptrace live -i wlan0 'tcp port 9000 or arp' captura eso",
	HintPermission: "dé el permiso al programa una vez: sudo setcap cap_net_raw+ep %[1]s\n      o deje que tcpdump capture: sudo tcpdump -i %[2]s -U -w - '%[3]s' | tcptrace live -",
	HintInterfaces: "existen: %s", HintGone: "lo capturado se conserva; conéctela de nuevo y vuelva a empezar",
	NoPermission: "sin permiso para capturar paquetes", NoInterface: "no existe esa interfaz",
	NoStrace:  "strace no está instalado: los programas corren sin diario de llamadas",
	Listening: "escuchando en %s  %s", Time: "t (s)", Client: "cliente", Signal: "señal", Server: "servidor",
	Down: "la interfaz %s está inactiva; la captura sigue cuando se active", Up: "la interfaz %s está activa otra vez",
	Renamed: "la interfaz %s se llama ahora %s", ClockBack: "el reloj se atrasó %v: los tiempos de antes y después no se comparan",
	ClockForward: "el reloj se adelantó %v: los tiempos de antes y después no se comparan", Gone: "la interfaz ya no existe",
	ARPRequest: "%s pregunta quién tiene %s", ARPReply: "%s contesta a %s", ICMP: "%s: tipo %d código %d sobre %s → %s",
	Mean: "%s (media %s)", Running: "cadencia %s · eco %s", Counted: "capturados %d · perdidos %d", SavedShort: "guardados %d",
	Counts:      "%d paquetes vistos: %d filtrados, %d capturados, %d perdidos por el núcleo, %d perdidos aquí",
	CountsShort: "%d paquetes capturados, %d filtrados, %d perdidos", Incomplete: "faltan paquetes: todas las tablas están incompletas",
	Hidden: "%d filas no se mostraron porque la salida es lenta; el informe las tiene",
	Safe:   "%d paquetes están a salvo en %s, %d no se guardaron", SaveFailed: "no se pudo guardar, la captura sigue: %v", Wrote: "%d paquetes guardados en %s",
}
