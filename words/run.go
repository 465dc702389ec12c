package words

import "time"

// Run is what `tcptrace run` says.
type Run struct{ language }

// NewRun gives them in a language.
func NewRun(lang string) Run { return Run{language{lang}} }

func (w Run) Short() string {
	return w.in("Ejecuta sus propios programas en el laboratorio e informa", "Run your own programs in the lab and report on them")
}

func (w Run) Long() string {
	return w.in(`Ejecuta sus programas, sin cambiarlos, en el laboratorio de la demostración: el de MicroPython en una Pico W simulada, los
de Python en el PC. Lo que usted no da (el servidor del PC, el cliente que conversa, la Pico) lo ponen los programas del cuaderno.
Imprime el informe, con la línea de su archivo junto a cada llamada, y lo escribe con la captura, los diarios y lo que los programas
imprimieron. No necesita placa, ni permisos, ni espera; sí un CPython. Los programas se ejecutan con los permisos de usted, como con
python3; con --confine, en Linux, no pueden leer otros archivos, ni escribir, ni abrir sockets, ni iniciar procesos.`,
		`Runs your programs, unchanged, in the demo's lab: the MicroPython one on a simulated Pico W, the Python ones on the PC. What
you do not give (the PC's server, the client that talks, the Pico) the notebook's programs are. Prints the report, with the line of
your file beside every call, and writes it with the capture, the journals and what the programs printed. Needs no board, no rights
and no waiting; it does need a CPython. The programs run with your rights, as with python3; with --confine, on Linux, they can read
no other files, write none, open no sockets and start no processes.`)
}

func (w Run) Example() string {
	return "  tcptrace run main.py\n  tcptrace run --pico main.py --pc server.py --pc client.py@5s --type client.py=" + w.in("mensajes", "messages") +
		".txt\n  tcptrace run main.py --against second-client\n  tcptrace run main.py --loss 2 --delay 20ms --seed 7 -o " + w.in("salida", "out")
}

func (w Run) FlagPico() string {
	return w.in("`PROGRAMA` de MicroPython que la Pico ejecuta", "MicroPython `PROGRAM` that the Pico runs")
}

func (w Run) FlagPC() string {
	return w.in("`PROGRAMA[@TIEMPO]` de Python que el PC ejecuta, y cuándo empieza (cliente.py@5s)",
		"Python `PROGRAM[@TIME]` that the PC runs, and when it starts (client.py@5s)")
}

func (w Run) FlagType() string {
	return w.in("`PROGRAMA=ARCHIVO`: lo que se le teclea, un mensaje por línea, \"@12.5 hola\" a su tiempo, ^D para el fin de la entrada",
		"`PROGRAM=FILE`: what is typed to it, a message a line, \"@12.5 hello\" at a time, ^D for the end of input")
}

func (w Run) FlagPython() string {
	return w.in("`RUTA` del intérprete de Python", "`PATH` of the Python interpreter")
}

func (w Run) FlagWifi() string {
	return w.in("cuánto tarda la Pico en unirse a la red; 0 si ya está en ella", "how long the Pico takes to join the network; 0 if it is in it already")
}

func (w Run) FlagConfine() string {
	return w.in("ejecutar los programas sin archivos, red ni procesos (Linux con Landlock)", "run the programs without files, network or processes (Linux with Landlock)")
}

func (w Run) ConfinedShort() string {
	return w.in("Se confina y se convierte en un programa (lo usa run --confine)", "Confine itself and become a program (run --confine uses it)")
}

func (w Run) NoConfinement(err error) string {
	return w.fill("aquí no se puede confinar un programa: %v", "a program cannot be confined here: %v", err)
}

func (w Run) NotAPython(path string, err error) string {
	return w.fill("%s no se ejecuta: %v", "%s does not run: %v", path, err)
}

func (w Run) FlagAgainst() string {
	return w.in("`FALLA` de los programas del cuaderno contra los que corre el suyo", "`FAULT` of the notebook's programs that yours runs against")
}

func (w Run) FlagOutput() string {
	return w.in("`CARPETA` en la que se escribe (por omisión, el nombre del primer programa con \"-run\")",
		"`DIR`: folder to write into (default: the first program's name with \"-run\")")
}

func (w Run) NoProgram() string { return w.in("falta el programa", "no program given") }

func (w Run) TwoPicos() string {
	return w.in("solo un programa puede ser el de la Pico", "only one program can be the Pico's")
}

func (w Run) NoSuchProgram() string {
	return w.in("no se da ningún programa con ese nombre", "no program of that name is given")
}

func (w Run) OwnReset() string {
	return w.in("un reinicio es cosa de la propia Pico, y aquí su programa es el de usted", "a reset is the Pico's own doing, and here its program is yours")
}

func (w Run) BadTime() string { return w.in("no es un tiempo", "not a time") }

func (w Run) BadWifi() string {
	return w.in("no es un tiempo de 0 a 60s", "not a time from 0 to 60s")
}

func (w Run) Alias(program, address, host string) string {
	return w.fill("%s se conecta a %s, que no es de nadie aquí: se toma por %s", "%s connects to %s, which is nobody's here: it is taken for %s", program, address, host)
}

func (w Run) ThePC() string { return w.in("el PC (192.168.1.3)", "the PC (192.168.1.3)") }

func (w Run) ThePico() string { return w.in("la Pico (192.168.1.57)", "the Pico (192.168.1.57)") }

func (w Run) Stuck(program string, patience time.Duration, line int) string {
	if line == 0 {
		return w.fill("%s calculó durante %v sin hacer ninguna llamada: se terminó", "%s computed for %v without making a call: it was ended", program, patience)
	}
	return w.fill("%s, línea %d: calculó durante %v sin hacer ninguna llamada (¿un ciclo sin espera?): se terminó",
		"%s, line %d: computed for %v without making a call (a loop without a wait?): it was ended", program, line, patience)
}

func (w Run) Spun(program string, n int64) string {
	return w.fill("%s preguntó en vano %d veces sin esperar: gasta el procesador; `poll()` con un tiempo espera sin gastar",
		"%s asked in vain %d times without a wait: it uses the processor up; `poll()` with a time waits without", program, n)
}

func (w Run) Failed(program string) string {
	return w.fill("%s terminó con un error:", "%s ended with an error:", program)
}

func (w Run) Gone(program string, err error) string {
	return w.fill("%s terminó antes de tiempo: %v", "%s ended early: %v", program, err)
}

func (w Run) NotOnTheBoard(program string, line int, name string) string {
	return w.fill("%s, línea %d: la placa no tiene %s", "%s, line %d: the board has no %s", program, line, name)
}

func (w Run) NoTraffic() string {
	return w.in("no hubo ninguna conexión TCP: vea prints.txt", "there was no TCP connection: see prints.txt")
}
