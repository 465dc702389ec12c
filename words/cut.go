package words

// Cut is what `tcptrace cut` says.
type Cut struct{ language }

// NewCut gives it in a language.
func NewCut(lang string) Cut { return Cut{language{lang}} }

func (w Cut) Short() string {
	return w.in("Copiar a otro archivo solo los paquetes de unas sesiones o de un intervalo",
		"Copy only the packets of some sessions, or of a range, to another file")
}

func (w Cut) Long() string {
	return w.in(`Copia los paquetes tal como se capturaron. Cada uno lleva un comentario con su número en el archivo original
y, si prueba un hallazgo, el código y la frase de este; Wireshark los muestra. Un archivo .pcap no tiene comentarios.`,
		`Copies packets as they were captured. Each carries a comment with its number in the original file and, where it
proves a finding, that one's code and sentence; Wireshark shows them. A .pcap file has no comments.`)
}

func (w Cut) Example() string {
	return "  tcptrace cut session.pcap --session 2 -o session2.pcapng\n  tcptrace cut session.pcap --range 20-60 -o part.pcapng"
}

func (w Cut) FlagRange() string {
	return w.in("números de los paquetes, `A-B`",
		"numbers of the packets, `A-B`")
}

func (w Cut) FlagOutput() string {
	return w.in("`FILE` que se escribe: .pcapng (con comentarios) o .pcap",
		"`FILE` to write: .pcapng (with comments) or .pcap")
}

func (w Cut) NeedOutput() string {
	return w.in("falta el archivo de salida",
		"the output file is missing")
}

func (w Cut) BadOutput() string {
	return w.in("el archivo de salida se llama .pcapng o .pcap",
		"the output file is named .pcapng or .pcap")
}

func (w Cut) NeedChoice() string {
	return w.in("diga qué copiar: --session o --range, una de las dos",
		"say what to copy: --session or --range, one of them")
}

func (w Cut) BadRange() string {
	return w.in("no es un intervalo de paquetes",
		"not a range of packets")
}

func (w Cut) FromPipe() string {
	return w.in("cut lee el archivo dos veces; la entrada estándar no se puede leer de nuevo",
		"cut reads the file twice; standard input cannot be read again")
}

func (w Cut) Wrote(file string, packets int64) string {
	return w.fill("se copiaron %[2]d paquetes en %[1]s",
		"copied %[2]d packets to %[1]s", file, packets)
}

func (w Cut) Frame(frame int64, file string) string {
	return w.fill("paquete %[1]d de %[2]s",
		"frame %[1]d of %[2]s", frame, file)
}

func (w Cut) NoPackets() string {
	return w.in("ningún paquete corresponde a lo que se pidió",
		"no packet is what was asked for")
}
