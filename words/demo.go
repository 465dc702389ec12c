package words

// Demo is what `tcptrace demo` says.
type Demo struct{ language }

// NewDemo gives them in a language.
func NewDemo(lang string) Demo { return Demo{language{lang}} }

func (w Demo) Short() string {
	return w.in("Ejecuta el intercambio del cuaderno en un laboratorio propio e informa",
		"Run the notebook's exchange in a lab of its own and report on it")
}

func (w Demo) Long() string {
	return w.in(`Ejecuta los programas del cuaderno, un PC y una Pico W, en dos equipos simulados, imprime el informe y lo escribe
con sus gráficas, la captura y los diarios de llamadas en una carpeta. No necesita permisos, ni Pico, ni espera: el
reloj del laboratorio se adelanta. La misma semilla da los mismos paquetes.`,
		`Runs the notebook's programs, a PC and a Pico W, on two simulated hosts, prints the report and writes it with
its plots, the capture and the journals of calls into a folder. Needs no rights, no Pico and no waiting: the lab's
clock runs ahead. The same seed gives the same packets.`)
}

func (w Demo) Example() string {
	return "  tcptrace demo\n  tcptrace demo --seconds 600 --loss 2 --delay 20ms\n  tcptrace demo --misbehave second-client\n  tcptrace demo --fixed --lang es"
}

func (w Demo) FlagSeconds() string {
	return w.in("`SEGUNDOS`: cuánto dura el intercambio (por omisión, lo que haga falta)",
		"`SECONDS`: how long the exchange lasts (default: as long as the run needs)")
}

func (w Demo) FlagLoss() string {
	return w.in("`PORCENTAJE`: paquetes que se pierden en el enlace, en porcentaje",
		"`PERCENT`: packets lost on the link, in percent")
}

func (w Demo) FlagDelay() string {
	return w.in("retardo del enlace en un sentido; se suma al azar hasta otro tanto",
		"the link's delay one way; up to as much again is added at random")
}

func (w Demo) FlagSeed() string {
	return w.in("semilla de todo lo que es al azar",
		"seed of everything that is random")
}

func (w Demo) FlagMisbehave() string {
	return w.in("`FALLA`: una ejecución en la que algo sale mal",
		"`FAULT`: a run in which something goes wrong")
}

func (w Demo) FlagFixed() string {
	return w.in("la Pico ejecuta el ciclo corregido: un plazo en vez de sleep(1)",
		"the Pico runs the corrected loop: a deadline instead of sleep(1)")
}

func (w Demo) FlagOutput() string {
	return w.in("`CARPETA`: carpeta en la que se escribe",
		"`DIR`: folder to write into")
}

func (w Demo) FlagRealTime() string {
	return w.in("que el reloj del laboratorio vaya al paso del real",
		"let the lab's clock run as fast as the real one")
}

func (w Demo) FlagBothEnds() string {
	return w.in("capturar también en la tarjeta de la Pico, en session-pico.pcapng",
		"capture at the Pico's card too, into session-pico.pcapng")
}

func (w Demo) BadSeconds() string {
	return w.in("no es una cantidad de segundos de 1 a 86400",
		"not a number of seconds from 1 to 86400")
}

func (w Demo) BadLoss() string {
	return w.in("no es un porcentaje de 0 a 50",
		"not a percentage from 0 to 50")
}

func (w Demo) BadDelay() string {
	return w.in("no es un retardo de 0 a 5s",
		"not a delay from 0 to 5s")
}

func (w Demo) BadMisbehave() string {
	return w.in("no existe esa ejecución",
		"no such run")
}

func (w Demo) NotOurs() string {
	return w.in("no la escribió tcptrace demo",
		"was not written by tcptrace demo")
}

func (w Demo) HintOutput() string {
	return w.in("elija otra carpeta con -o, o use esta con --force",
		"choose another folder with -o, or use this one with --force")
}

func (w Demo) Ended(name string, err error) string {
	return w.fill("%s terminó con %v, que su programa no captura",
		"%s ended with %v, as its program does not catch it", name, err)
}
