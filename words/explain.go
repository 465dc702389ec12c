package words

// Explain is what `tcptrace explain` says.
type Explain struct{ language }

// NewExplain gives them in a language.
func NewExplain(lang string) Explain { return Explain{language{lang}} }

func (w Explain) Short() string {
	return w.in("Dice por qué: qué pasó, las tramas que lo prueban y la línea que hay que cambiar",
		"Say why: what happened, the frames that prove it, and the line to change")
}

func (w Explain) Long() string {
	return w.in(`Explica qué hicieron los programas de una captura: la forma larga de lo que el informe dice en una línea, con los
números, las tramas y sus señales. CODE elige uno de los códigos. Con --frame cuenta qué le hizo un segmento a
cada lado, qué llamada despierta y según qué sección del RFC.`,
		`Explains what the programs in a capture did: the long form of what the report says in one line each, with the
numbers, the frames and their signals. CODE chooses one of them. With --frame it tells what one segment did to
both sides, which call it wakes, and by which section of the RFC.`)
}

func (w Explain) Example() string {
	return w.in("  tcptrace explain sesion.pcap\n  tcptrace explain sesion.pcap loop-echo --source main.py\n  tcptrace explain sesion.pcap --frame 28\n  tcptrace explain --list",
		"  tcptrace explain session.pcap\n  tcptrace explain session.pcap loop-echo --source main.py\n  tcptrace explain session.pcap --frame 28\n  tcptrace explain --list")
}

func (w Explain) FlagFrame() string {
	return w.in("explicar esta trama (número como en Wireshark)",
		"explain this frame (number as in Wireshark)")
}

func (w Explain) FlagList() string {
	return w.in("enumerar todos los códigos y lo que significan",
		"list all codes and what they mean")
}

func (w Explain) FlagSource() string {
	return w.in("`ARCHIVO`: su programa: se nombran sus líneas en lugar de las del cuaderno",
		"`FILE`: your program: its lines are named in place of the notebook's")
}

func (w Explain) FlagFormat() string {
	return w.in("`FORMATO`: markdown o html",
		"`FORMAT`: markdown or html")
}

func (w Explain) BadCode() string {
	return w.in("código desconocido",
		"unknown code")
}

func (w Explain) BadFrame() string {
	return w.in("no es un número de trama",
		"not a frame number")
}

func (w Explain) FrameBeyond(frame, packets int64) string {
	return w.fill("la captura no tiene la trama %d: sus paquetes son %d",
		"the capture has no frame %d: it has %d packets", frame, packets)
}

func (w Explain) NoSuchFrame() string {
	return w.in("esta trama no es TCP de una sesión observada",
		"this frame is not TCP of a watched session")
}

func (w Explain) NotFound(code string) string {
	return w.fill("no está en esta captura: %s",
		"not found in this capture: %s", code)
}

func (w Explain) BadFormat() string {
	return w.in("formato desconocido",
		"unknown format")
}

func (w Explain) BadSource() string {
	return w.in("no es un archivo de texto",
		"not a text file")
}

func (w Explain) ListAlone() string {
	return w.in("--list no lleva captura",
		"--list takes no capture")
}

func (w Explain) HintFrame() string {
	return w.in("--all-ports observa todos los puertos",
		"--all-ports watches every port")
}
