package findings

import (
	"tcptrace/sessions"
	"tcptrace/words"
)

var captureDrops = Kind{
	Code: "capture-drops", Severity: Warning, find: findDrops,
	Meaning: words.Of("El sistema perdió paquetes al capturar: los huecos pueden ser de la captura.", "The system lost packets while capturing: holes may be the capture's own."),
}

func findDrops(l *look) []Finding {
	c := &l.t.Capture
	if !c.HasKernelDropped || c.KernelDropped == 0 {
		return nil
	}
	f := Finding{Numbers: []Number{count("dropped", c.KernelDropped), count("packets", c.Packets)}}
	f.Text = sentence("El sistema perdió paquetes al capturar (%[1]d): lo que falta puede ser de la captura y no de la red.", "The system lost packets while capturing (%[1]d): what is missing may be the capture's fault and not the network's.", c.KernelDropped)
	f.Long = sentence("El contador viene del propio archivo (o de la interfaz). Un segmento que falta aquí pero que el otro lado confirmó sí llegó: mire los bytes perdidos de cada sesión antes de culpar a la red.", "The counter comes from the file itself (or from the interface). A segment that is missing here but was acknowledged did arrive: look at each session's missing bytes before you blame the network.")
	f.Fix = sentence("Capture con filtro (`tcp port 9000 or tcp port 9001`), con un búfer mayor (`-B`), y escriba en un disco rápido.", "Capture with a filter (`tcp port 9000 or tcp port 9001`), with a larger buffer (`-B`), and write to a fast disk.")
	return []Finding{f}
}

var captureDamaged = Kind{
	Code: "capture-damaged", Severity: Error, find: findDamaged,
	Meaning: words.Of("El archivo está dañado o cortado: lo que sigue no se leyó.", "The file is damaged or cut off: what follows was not read."),
}

func findDamaged(l *look) []Finding {
	d := l.t.Capture.Damage
	if d == nil {
		return nil
	}
	f := Finding{Numbers: []Number{count("at_packet", d.AtPacket), count("offset", d.Offset)}}
	f.Text = sentence("El archivo está dañado en el paquete %[1]d: lo anterior vale, lo que sigue no está.", "The file is damaged at packet %[1]d: what comes before is good, what follows is not here.", d.AtPacket)
	f.Long = sentence("Una sesión que parece abierta al final puede haber terminado en la parte que falta (posición %[1]d del archivo).", "A session that seems open at the end may have ended in the missing part (offset %[1]d of the file).", d.Offset)
	f.Fix = sentence("Termine la captura con Ctrl-C antes de copiar el archivo.", "End the capture with Ctrl-C before you copy the file.")
	return []Finding{f}
}

var doubledCapture = Kind{
	Code: "doubled-capture", Severity: Note, find: findDoubled,
	Meaning: words.Of("Cada trama se capturó dos veces: las copias no son retransmisiones.", "Frames were captured twice: the copies are not retransmissions."),
}

func findDoubled(l *look) []Finding {
	n := l.t.Capture.Copies
	if n == 0 {
		return nil
	}
	var group []*sessions.Session
	for _, s := range l.all {
		if s.Copies > 0 {
			group = append(group, s)
		}
	}
	f := Finding{Sessions: ids(group...), Numbers: []Number{count("copies", n), count("packets", l.t.Capture.Packets)}}
	f.Text = sentence("Hay tramas capturadas dos veces (%[1]d; puerto espejo, o `-i any`): no son retransmisiones y no se cuentan como tales.", "There are frames captured twice (%[1]d; mirror port, or `-i any`): they are no retransmissions and are not counted as such.", n)
	f.Long = sentence("Una copia tiene la misma IP-ID, el mismo encabezado TCP con su suma y los mismos datos que una trama del último milisegundo. Una retransmisión es un paquete nuevo, con otra IP-ID y decenas de milisegundos después.", "A copy has the IP ID, the whole TCP header with its checksum, and the payload of a frame of the last millisecond. A retransmission is a new packet, with another IP ID and tens of milliseconds later.")
	f.Fix = sentence("Capture en una sola interfaz (`-i wlan0`).", "Capture on one interface (`-i wlan0`).")
	return []Finding{f}
}

var offload = Kind{
	Code: "offload", Severity: Info, find: findOffload,
	Meaning: words.Of("Segmentos más grandes que una trama: la tarjeta de red los parte después de la captura.", "Segments larger than a frame: the network card cuts them after the capture."),
}

func findOffload(l *look) []Finding {
	n := l.t.Capture.Offloaded
	if n == 0 {
		return nil
	}
	f := Finding{Numbers: []Number{count("segments", n)}}
	f.Text = sentence("Hay segmentos más grandes que cualquier trama (%[1]d): la tarjeta de red (o loopback) los parte o los une; no es un error.", "There are segments larger than any frame (%[1]d): the network card (or loopback) cuts or joins them; it is no error.", n)
	f.Long = sentence("Con TSO y GRO el sistema entrega y recibe bloques de hasta 64 KB; en el cable van segmentos de un MSS. Los bytes y los tiempos de los ecos valen; el número de segmentos y su separación no son los del cable. Las sumas de verificación de lo que sale también las pone la tarjeta.", "With TSO and GRO the system hands over and gets blocks of up to 64 KB; on the wire go segments of one MSS. Bytes and echo times hold; the number of segments and the time between them are not the wire's. Checksums of what leaves are the card's work too.")
	f.Fix = sentence("Para ver los segmentos del cable: `ethtool -K eth0 tso off gso off gro off`.", "To see the wire's segments: `ethtool -K eth0 tso off gso off gro off`.")
	return []Finding{f}
}

var clockJump = Kind{
	Code: "clock-jump", Severity: Warning, find: findJump,
	Meaning: words.Of("El reloj de la captura saltó o retrocedió: los tiempos que cruzan el salto no valen.", "The capture's clock jumped or went back: times across the jump do not hold."),
}

func findJump(l *look) []Finding {
	c := &l.t.Capture
	if c.ClockJumps+c.Backwards == 0 {
		return nil
	}
	var group []*sessions.Session
	for _, s := range l.all {
		if s.Backwards {
			group = append(group, s)
		}
	}
	f := Finding{Sessions: ids(group...), Numbers: []Number{count("jumps", c.ClockJumps), count("backwards", c.Backwards)}}
	f.Text = sentence("El reloj de la captura saltó (veces: %[1]d) o retrocedió (paquetes: %[2]d): las latencias que lo cruzan no valen.", "The capture's clock jumped (times: %[1]d) or went back (packets: %[2]d): latencies across it do not hold.", c.ClockJumps, c.Backwards)
	f.Long = sentence("Un ajuste de NTP, un equipo que despertó, o dos archivos unidos sin ordenar. El orden de los paquetes del archivo es el que se usa; sus horas, con reserva.", "An NTP correction, a machine that woke up, or two files joined without sorting. The order of packets in the file is the one used; their times with reserve.")
	f.Fix = sentence("Una los archivos con `mergecap` y ordénelos con `reordercap`.", "Join files with `mergecap` and sort them with `reordercap`.")
	return []Finding{f}
}

// minOneSided is how many packets of one side without any of the other are more than chance.
const minOneSided = 3

var oneDirection = Kind{
	Code: "one-direction", Severity: Warning, find: findOneDirection, single: true,
	Meaning: words.Of("Solo se capturó un sentido de la conversación.", "Only one direction of the conversation was captured."),
}

func findOneDirection(l *look) []Finding {
	var group []*sessions.Session
	var frames []int64
	for _, s := range l.all {
		for _, side := range sides {
			if s.Packets[side] >= minOneSided && s.Packets[side.Other()] == 0 && s.End != sessions.EndNoAnswer {
				group, frames = append(group, s), append(frames, s.FirstFrame, s.LastFrame)
			}
		}
	}
	if len(group) == 0 {
		return nil
	}
	f := Finding{Sessions: ids(group...), Frames: frames, Numbers: []Number{count("sessions", int64(len(group)))}}
	f.Count, f.group, f.retell = len(group), "|", tellOneDirection
	tellOneDirection(&f)
	f.Long = sentence("Los ACK de un lado prueban que el otro existió, pero sus paquetes no pasaron por donde se capturó: puerto espejo de un solo sentido, ruta asimétrica, o una interfaz que no ve lo propio.", "One side's ACKs prove that the other was there, but its packets did not pass where the capture was made: a mirror port of one direction, an asymmetric route, or an interface that does not see its own.")
	f.Fix = sentence("Capture en uno de los dos extremos.", "Capture at one of the two ends.")
	return []Finding{f}
}

var midStream = Kind{
	Code: "mid-stream", Severity: Info, find: findMidStream, single: true,
	Meaning: words.Of("La captura empezó con la conexión ya abierta: no hay saludo.", "The capture began with the connection already open: there is no handshake."),
}

func findMidStream(l *look) []Finding {
	var group []*sessions.Session
	var frames []int64
	for _, s := range l.all {
		if s.Handshake == nil && s.Packets[0]+s.Packets[1] >= minOneSided {
			group, frames = append(group, s), append(frames, s.FirstFrame)
		}
	}
	if len(group) == 0 {
		return nil
	}
	f := Finding{Sessions: ids(group...), Frames: frames, Numbers: []Number{count("sessions", int64(len(group)))}}
	f.Count, f.group, f.retell = len(group), "|", tellMidStream
	tellMidStream(&f)
	f.Long = sentence("Sin SYN no se sabe la escala de la ventana, ni quién es el cliente con certeza, ni los números de secuencia iniciales; los estados se deducen de lo que sigue.", "Without a SYN the window's scale is not known, nor for certain who is the client, nor the initial sequence numbers; states are derived from what follows.")
	f.Fix = sentence("Empiece a capturar antes de arrancar los programas.", "Start the capture before the programs.")
	return []Finding{f}
}

// tellOneDirection writes the text from the number of sessions.
func tellOneDirection(f *Finding) {
	f.Text = sentence("Solo se capturó un sentido (sesiones: %[1]d): no hay ecos, ni ACK con que medir, ni estados seguros.", "Only one direction was captured (sessions: %[1]d): there are no echoes, no ACKs to measure with, and no sure states.", f.Count)
}

// tellMidStream writes the text from the number of sessions.
func tellMidStream(f *Finding) {
	f.Text = sentence("La captura empezó con conexiones ya abiertas (%[1]d): no se ve su saludo ni las opciones acordadas.", "The capture began with connections already open (%[1]d): neither their handshake nor the options agreed on are seen.", f.Count)
}
