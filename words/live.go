package words

import "time"

// Live is what `tcptrace live` and `tcptrace interfaces` say.
type Live struct{ language }

// NewLive gives them in a language.
func NewLive(lang string) Live { return Live{language{lang}} }

func (w Live) Live() string {
	return w.in("Sigue el intercambio mientras ocurre y al final imprime el informe",
		"Follow the exchange as it happens, then print the report")
}

func (w Live) LiveLong() string {
	return w.in("Captura una interfaz e imprime al instante una fila por suceso; Ctrl-C termina y sigue el informe. Sin filtro se capturan los puertos observados\n(9000 y 9001, o --port), con ARP y el diario de la Pico en UDP 9099. La entrada también puede ser una tubería (-) o un archivo que crece.\nLos filtros son los de tcpdump: tcp, udp, arp, icmp, host, net, port, portrange, src, dst, and, or, not, paréntesis.",
		"Captures an interface and prints a row for every event at once; Ctrl-C ends it and the report follows. Without a filter the watched ports\nare captured (9000 and 9001, or --port), with ARP and the Pico's journal on UDP 9099. The input can also be a pipe (-) or a growing file.\nFilters are those of tcpdump: tcp, udp, arp, icmp, host, net, port, portrange, src, dst, and, or, not, parentheses.")
}

func (w Live) LiveExample() string {
	return w.in("  tcptrace live -i wlan0\n  tcptrace live -i wlan0 -w sesion.pcapng --duration 1m\n  tcptrace live -i any 'tcp port 9000 and host 192.168.1.57'\n  tcptrace live -i lo --run 'python3 servidor.py' --run 'python3 cliente.py'\n  ssh pi sudo tcpdump -U -w - port 9001 | tcptrace live -\n  tcptrace live --follow sesion.pcapng",
		"  tcptrace live -i wlan0\n  tcptrace live -i wlan0 -w session.pcapng --duration 1m\n  tcptrace live -i any 'tcp port 9000 and host 192.168.1.57'\n  tcptrace live -i lo --run 'python3 server.py' --run 'python3 client.py'\n  ssh pi sudo tcpdump -U -w - port 9001 | tcptrace live -\n  tcptrace live --follow session.pcapng")
}

func (w Live) FlagInterface() string {
	return w.in("`NOMBRE`: interfaz que se captura; 'any' son todas (véase 'tcptrace interfaces')",
		"`NAME`: interface to capture; 'any' for all (see 'tcptrace interfaces')")
}

func (w Live) FlagPico() string {
	return w.in("`DIRECCIÓN`: elegir la interfaz que tiene la ruta a esta dirección",
		"`ADDRESS`: choose the interface with the route to this address")
}

func (w Live) FlagWrite() string {
	return w.in("`ARCHIVO`: guardar los paquetes en este archivo: pcapng, o pcap según el nombre",
		"`FILE`: save the packets in this file: pcapng, or pcap by its name")
}

func (w Live) FlagRing() string {
	return w.in("`TAMAÑO[,ARCHIVOS]`: con -w: empezar otro archivo a este tamaño y conservar solo algunos: SIZE[,FILES] (10 archivos)",
		"`SIZE[,FILES]`: with -w: begin another file at this size and keep only some: SIZE[,FILES] (10 files)")
}

func (w Live) FlagRotate() string {
	return w.in("con -w: empezar otro archivo tras este tiempo",
		"with -w: begin another file after this time")
}

func (w Live) FlagSync() string {
	return w.in("con -w: esperar a que el disco tenga los paquetes",
		"with -w: wait until the disk has the packets")
}

func (w Live) FlagWeb() string {
	return w.in("mostrar la captura en una página que crece, para el proyector: en `DIRECCIÓN`, o en un puerto libre de 127.0.0.1",
		"show the capture in a page that grows, for a projector: at `ADDR`, or at a free port of 127.0.0.1")
}

func (w Live) WebAt(address string) string {
	return w.fill("La página está en %s",
		"The page is at %s", address)
}

func (w Live) WebTitle() string {
	return w.in("tcptrace en vivo",
		"tcptrace live")
}

func (w Live) FlagUser() string {
	return w.in("`USUARIO` que root pasa a ser tras abrir la interfaz (por omisión, quien usó sudo o el dueño de la carpeta de salida)",
		"`NAME` of the user that root becomes once the interface is open (default: who used sudo, or the owner of the output folder)")
}

func (w Live) NoSuchUser() string {
	return w.in("no existe este usuario",
		"there is no such user")
}

func (w Live) StaysRoot() string {
	return w.in("sigue como root, sin capacidades: solo root puede escribir en la carpeta de salida; --user elige otro usuario",
		"goes on as root, without capabilities: only root can write into the output folder; --user names another user")
}

func (w Live) FlagDuration() string {
	return w.in("terminar tras este tiempo",
		"end after this time")
}

func (w Live) FlagCount() string {
	return w.in("terminar tras esta cantidad de paquetes",
		"end after this many packets")
}

func (w Live) FlagFollow() string {
	return w.in("leer un archivo que otro programa está escribiendo",
		"read a file that another program is writing")
}

func (w Live) FlagRun() string {
	return w.in("`ORDEN`: ejecutar este programa con el diario de llamadas mientras se captura (repetible, en orden)",
		"`COMMAND`: run this program under the call journal while capturing (repeatable, started in order)")
}

func (w Live) FlagPlain() string {
	return w.in("solo líneas: sin línea de estado",
		"lines only: no status line")
}

func (w Live) FlagNoRows() string {
	return w.in("no mostrar filas; con --no-report solo se guardan los paquetes",
		"show no rows; with --no-report packets are only saved")
}

func (w Live) FlagNoReport() string {
	return w.in("no imprimir el informe al final",
		"print no report at the end")
}

func (w Live) FlagBuffer() string {
	return w.in("`TAMAÑO`: memoria para los paquetes que esperan ser leídos",
		"`SIZE`: memory for packets that wait to be read")
}

func (w Live) FlagPromiscuous() string {
	return w.in("capturar también las tramas para otros equipos",
		"capture frames for other hosts too")
}

func (w Live) Interfaces() string {
	return w.in("Enumera las interfaces que se pueden capturar",
		"List the interfaces that can be captured")
}

func (w Live) InterfacesLong() string {
	return w.in("Enumera las interfaces de red con su estado, tipo de enlace, direcciones, y las Picos con las que este equipo habló hace poco.",
		"Lists the network interfaces with their state, link type, addresses, and the Picos that this computer talked to lately.")
}

func (w Live) StateUp() string {
	return w.in("activa",
		"up")
}

func (w Live) StateDown() string {
	return w.in("inactiva",
		"down")
}

func (w Live) StateNoCarrier() string {
	return w.in("sin portadora",
		"no carrier")
}

func (w Live) PicoHere(address string) string {
	return w.fill("Pico o Raspberry Pi en %s",
		"Pico or Raspberry Pi at %s", address)
}

func (w Live) WhichInterface() string {
	return w.in("¿qué interfaz?",
		"which interface?")
}

func (w Live) AskInterface(likely string) string {
	return w.fill("número o nombre [%s]: ",
		"number or name [%s]: ", likely)
}

func (w Live) NeedInterface() string {
	return w.in("falta -i",
		"-i is missing")
}

func (w Live) NoRoute() string {
	return w.in("ninguna interfaz tiene una ruta hasta allí",
		"no interface has a route there")
}

func (w Live) NeedFile() string {
	return w.in("¿qué archivo se sigue?",
		"which file is to be followed?")
}

func (w Live) OneInput() string {
	return w.in("o una interfaz, o una tubería, o un archivo",
		"either an interface, or a pipe, or a file")
}

func (w Live) NeedWrite() string {
	return w.in("--ring, --rotate y --sync necesitan -w",
		"--ring, --rotate and --sync need -w")
}

func (w Live) BadSize() string {
	return w.in("no es un tamaño",
		"not a size")
}

func (w Live) BadRing() string {
	return w.in("no es SIZE[,FILES]",
		"not SIZE[,FILES]")
}

func (w Live) Exists() string {
	return w.in("el archivo existe; --force lo reemplaza",
		"the file exists; --force replaces it")
}

func (w Live) HintFilter() string {
	return w.in("tcptrace live -i wlan0 'tcp port 9000 or arp'",
		"tcptrace live -i wlan0 'tcp port 9000 or arp'")
}

func (w Live) HintPermission(executable, name, filter string) string {
	return w.fill("dé el permiso al programa una vez: sudo setcap cap_net_raw+ep %[1]s\n      o deje que tcpdump capture: sudo tcpdump -i %[2]s -U -w - '%[3]s' | tcptrace live -",
		"give the program the right once: sudo setcap cap_net_raw+ep %[1]s\n      or let tcpdump capture: sudo tcpdump -i %[2]s -U -w - '%[3]s' | tcptrace live -", executable, name, filter)
}

func (w Live) HintInterfaces(interfaceNames string) string {
	return w.fill("existen: %s",
		"there are: %s", interfaceNames)
}

func (w Live) HintGone() string {
	return w.in("lo capturado se conserva; conéctela de nuevo y vuelva a empezar",
		"what was captured is kept; plug it in again and start again")
}

func (w Live) NoPermission() string {
	return w.in("sin permiso para capturar paquetes",
		"no permission to capture packets")
}

func (w Live) NoInterface() string {
	return w.in("no existe esa interfaz",
		"there is no such interface")
}

func (w Live) NoStrace() string {
	return w.in("strace no está instalado: los programas corren sin diario de llamadas",
		"strace is not installed: the programs run without a journal of their calls")
}

func (w Live) Waiting() string {
	return w.in("esperando paquetes; q termina la captura",
		"waiting for packets; q ends the capture")
}

func (w Live) EndedTUI() string {
	return w.in("la captura terminó; q sale y muestra el informe",
		"the capture has ended; q leaves and shows the report")
}

func (w Live) Listening(name, filter string) string {
	return w.fill("escuchando en %s  %s",
		"listening on %s  %s", name, filter)
}

func (w Live) Time() string { return "t (s)" }

func (w Live) Client() string {
	return w.in("cliente",
		"client")
}

func (w Live) Signal() string {
	return w.in("señal",
		"signal")
}

func (w Live) Server() string {
	return w.in("servidor",
		"server")
}

func (w Live) Down(name string) string {
	return w.fill("la interfaz %s está inactiva; la captura sigue cuando se active",
		"the interface %s is down; the capture goes on when it is up again", name)
}

func (w Live) Up(name string) string {
	return w.fill("la interfaz %s está activa otra vez",
		"the interface %s is up again", name)
}

func (w Live) Renamed(name, now string) string {
	return w.fill("la interfaz %s se llama ahora %s",
		"the interface %s is called %s now", name, now)
}

func (w Live) MTUChanged(name string, before, now int) string {
	return w.fill("la MTU de la interfaz %s cambió de %d a %d bytes",
		"the MTU of the interface %s has changed from %d to %d bytes", name, before, now)
}

func (w Live) ClockBack(by time.Duration) string {
	return w.fill("el reloj se atrasó %v: los tiempos de antes y después no se comparan",
		"the clock was set back by %v: times before and after do not compare", by)
}

func (w Live) ClockForward(by time.Duration) string {
	return w.fill("el reloj se adelantó %v: los tiempos de antes y después no se comparan",
		"the clock was set forward by %v: times before and after do not compare", by)
}

func (w Live) Gone() string {
	return w.in("la interfaz ya no existe",
		"the interface is gone")
}

func (w Live) ARPRequest(asks, address string) string {
	return w.fill("%s pregunta quién tiene %s",
		"%s asks who has %s", asks, address)
}

func (w Live) ARPReply(answers, asked string) string {
	return w.fill("%s contesta a %s",
		"%s answers %s", answers, asked)
}

func (w Live) ICMP(from string, kind, code uint8, src, dst string) string {
	return w.fill("%s: tipo %d código %d sobre %s → %s",
		"%s: type %d code %d about %s → %s", from, kind, code, src, dst)
}

func (w Live) Mean(last, mean string) string {
	return w.fill("%s (media %s)",
		"%s (mean %s)", last, mean)
}

func (w Live) Running(cadence, echo string) string {
	return w.fill("cadencia %s · eco %s",
		"cadence %s · echo %s", cadence, echo)
}

func (w Live) Counted(captured, dropped int64) string {
	return w.fill("capturados %d · perdidos %d",
		"captured %d · lost %d", captured, dropped)
}

func (w Live) SavedShort(safe int64) string {
	return w.fill("guardados %d",
		"saved %d", safe)
}

func (w Live) Counts(seen, filtered, captured, kernelDropped, ourDropped int64) string {
	return w.fill("%d paquetes vistos: %d filtrados, %d capturados, %d perdidos por el núcleo, %d perdidos aquí",
		"%d packets seen: %d filtered out, %d captured, %d dropped by the kernel, %d dropped here", seen, filtered, captured, kernelDropped, ourDropped)
}

func (w Live) CountsShort(captured, filtered, dropped int64) string {
	return w.fill("%d paquetes capturados, %d filtrados, %d perdidos",
		"%d packets captured, %d filtered out, %d dropped", captured, filtered, dropped)
}

func (w Live) Incomplete() string {
	return w.in("faltan paquetes: todas las tablas están incompletas",
		"packets are missing: every table is incomplete")
}

func (w Live) Hidden(n int64) string {
	return w.fill("%d filas no se mostraron porque la salida es lenta; el informe las tiene",
		"%d rows were not shown because the output is too slow; the report has them", n)
}

func (w Live) Safe(safe int64, file string, lost int64) string {
	return w.fill("%d paquetes están a salvo en %s, %d no se guardaron",
		"%d packets are safe in %s, %d were not saved", safe, file, lost)
}

func (w Live) FoundPart(file string) string {
	return w.fill("una ejecución anterior terminó a la fuerza: lo que guardó quedó en %s",
		"an earlier run was killed: what it saved is in %s", file)
}

func (w Live) SaveFailed(why string) string {
	return w.fill("no se pudo guardar, la captura sigue: %s",
		"saving failed, the capture goes on: %s", why)
}

func (w Live) Wrote(safe int64, file string) string {
	return w.fill("%d paquetes guardados en %s",
		"%d packets saved in %s", safe, file)
}
