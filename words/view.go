package words

// View is what `tcptrace view` says.
type View struct{ language }

// NewView gives it in a language.
func NewView(lang string) View { return View{language{lang}} }

func (w View) Short() string {
	return w.in("Mostrar una captura en el navegador",
		"Show a capture in the browser")
}

func (w View) Long() string {
	return w.in(`Lee una captura y sirve la página interactiva de ella, de cualquier tamaño: las filas llegan por ventanas.
Abre el navegador; con --no-open solo escribe la dirección. Únicamente quien conoce la dirección ve la página.`,
		`Reads a capture and serves its interactive page, whatever its size: rows come by windows.
It opens the browser; with --no-open it only prints the address. Only who knows the address sees the page.`)
}

func (w View) Example() string {
	return w.in("  tcptrace view session.pcap\n  tcptrace view session.pcap --addr 127.0.0.1:8080 --no-open",
		"  tcptrace view session.pcap\n  tcptrace view session.pcap --addr 127.0.0.1:8080 --no-open")
}

func (w View) FlagAddr() string {
	return w.in("dirección `EQUIPO:PUERTO` en la que se sirve; sin ella, un puerto libre de 127.0.0.1",
		"address `HOST:PORT` to serve at; without it a free port of 127.0.0.1")
}

func (w View) FlagNoOpen() string {
	return w.in("no abrir el navegador",
		"do not open the browser")
}

func (w View) At(address string) string {
	return w.fill("La página está en %s",
		"The page is at %s", address)
}

func (w View) Stop() string {
	return w.in("Ctrl-C la cierra.",
		"Ctrl-C closes it.")
}
