package words

// JournalCommand is what `tcptrace journal` says.
type JournalCommand struct{ language }

// NewJournalCommand gives them in a language.
func NewJournalCommand(lang string) JournalCommand { return JournalCommand{language{lang}} }

func (w JournalCommand) Journal() string {
	return w.in("Ejecuta un programa tuyo y anota sus llamadas de socket",
		"Run a program of yours and write down its socket calls")
}

func (w JournalCommand) JournalLong() string {
	return w.in("Ejecuta un programa sin cambiarlo y escribe un diario de sus llamadas de socket, que `tcptrace report --calls` pone en las tablas.",
		"Runs a program unchanged and writes a journal of its socket calls, which `tcptrace report --calls` puts into the tables.")
}

func (w JournalCommand) JournalExample() string {
	return w.in("  tcptrace journal python -- pc_server.py\n  tcptrace journal strace -- python3 pc_server.py\n  tcptrace report sesion.pcap --calls pc_server.jsonl",
		"  tcptrace journal python -- pc_server.py\n  tcptrace journal strace -- python3 pc_server.py\n  tcptrace report session.pcap --calls pc_server.jsonl")
}

func (w JournalCommand) Python() string {
	return w.in("Ejecuta un programa de Python y anota sus llamadas, en cualquier sistema",
		"Run a Python program and write down its calls, on any system")
}

func (w JournalCommand) PythonLong() string {
	return w.in("Ejecuta un programa de Python con un pequeño módulo delante que escribe una línea por cada llamada a sus sockets TCP, a select() y poll(),\ny a time.sleep(). El programa no se cambia; CPython 3.6 o posterior.",
		"Runs a Python program with a small module in front that writes one line for every call on its TCP sockets, for select() and poll(),\nand for time.sleep(). The program needs no change; CPython 3.6 or later.")
}

func (w JournalCommand) PythonExample() string {
	return w.in("  tcptrace journal python -- pc_server.py\n  tcptrace journal python -o servidor.jsonl -- servidor.py 9001\n  tcptrace journal python --python python3.12 -- -m http.server",
		"  tcptrace journal python -- pc_server.py\n  tcptrace journal python -o server.jsonl -- server.py 9001\n  tcptrace journal python --python python3.12 -- -m http.server")
}

func (w JournalCommand) Strace() string {
	return w.in("Ejecuta cualquier programa bajo strace con las opciones correctas, en Linux",
		"Run any program under strace with the right flags, on Linux")
}

func (w JournalCommand) StraceLong() string {
	return w.in("Ejecuta un programa bajo strace con las opciones que las tablas necesitan: horas de comienzo y duraciones, direcciones, las llamadas de socket.",
		"Runs a program under strace with the flags that the tables need: times of start and duration, addresses, the socket calls.")
}

func (w JournalCommand) StraceExample() string {
	return w.in("  tcptrace journal strace -- python3 pc_server.py\n  tcptrace journal strace -o cliente.strace -- ./cliente 192.168.1.57",
		"  tcptrace journal strace -- python3 pc_server.py\n  tcptrace journal strace -o client.strace -- ./client 192.168.1.57")
}

func (w JournalCommand) FlagOutput() string {
	return w.in("escribir las llamadas en este archivo (por omisión, el nombre del programa en esta carpeta)",
		"write the calls into this file (default: the program's name in this folder)")
}

func (w JournalCommand) FlagPython() string {
	return w.in("el intérprete de Python (por omisión, python3 o python)",
		"the Python interpreter (default: python3 or python)")
}

func (w JournalCommand) NeedProgram() string {
	return w.in("¿qué programa?",
		"which program?")
}

func (w JournalCommand) NoPython() string {
	return w.in("no se encontró Python",
		"no Python found")
}

func (w JournalCommand) NoStrace() string {
	return w.in("strace no está instalado",
		"strace is not installed")
}

func (w JournalCommand) HintNoStrace() string {
	return w.in("tcptrace journal python funciona sin él; en Debian y Ubuntu: sudo apt install strace",
		"tcptrace journal python works without it; on Debian and Ubuntu: sudo apt install strace")
}

func (w JournalCommand) Wrote(file, option string) string {
	return w.fill("las llamadas están en %s; tcptrace report sesion.pcap --calls %s",
		"the calls are in %s; tcptrace report session.pcap --calls %s", file, option)
}

func (w JournalCommand) Failed() string {
	return w.in("el programa falló",
		"the program failed")
}
