package main

// journalWords are the words of `tcptrace journal`.
type journalWords struct {
	Journal, JournalLong, JournalExample string
	Python, PythonLong, PythonExample    string
	Strace, StraceLong, StraceExample    string
	FlagOutput, FlagPython               string
	NeedProgram, NoPython, NoStrace      string
	HintNoStrace, Wrote, Failed          string
}

func journalWordsFor(lang string) *journalWords {
	if lang == "es" {
		return &journalES
	}
	return &journalEN
}

var journalEN = journalWords{
	Journal:        "Run a program of yours and write down its socket calls",
	JournalLong:    "Runs a program unchanged and writes a journal of its socket calls, which `tcptrace report --calls` puts into the tables.",
	JournalExample: "  tcptrace journal python -- pc_server.py\n  tcptrace journal strace -- python3 pc_server.py\n  tcptrace report session.pcap --calls pc_server.jsonl",
	Python:         "Run a Python program and write down its calls, on any system",
	PythonLong:     "Runs a Python program with a small module in front that writes one line for every call on its TCP sockets, for select() and poll(),\nand for time.sleep(). The program needs no change; CPython 3.6 or later.",
	PythonExample:  "  tcptrace journal python -- pc_server.py\n  tcptrace journal python -o server.jsonl -- server.py 9001\n  tcptrace journal python --python python3.12 -- -m http.server",
	Strace:         "Run any program under strace with the right flags, on Linux",
	StraceLong:     "Runs a program under strace with the flags that the tables need: times of start and duration, addresses, the socket calls.",
	StraceExample:  "  tcptrace journal strace -- python3 pc_server.py\n  tcptrace journal strace -o client.strace -- ./client 192.168.1.57",
	FlagOutput:     "write the calls into this file (default: the program's name in this folder)", FlagPython: "the Python interpreter (default: python3 or python)",
	NeedProgram: "which program?", NoPython: "no Python found", NoStrace: "strace is not installed",
	HintNoStrace: "tcptrace journal python works without it; on Debian and Ubuntu: sudo apt install strace",
	Wrote:        "the calls are in %s; tcptrace report session.pcap --calls %s", Failed: "the program failed",
}

var journalES = journalWords{
	Journal:        "Ejecuta un programa tuyo y anota sus llamadas de socket",
	JournalLong:    "Ejecuta un programa sin cambiarlo y escribe un diario de sus llamadas de socket, que `tcptrace report --calls` pone en las tablas.",
	JournalExample: "  tcptrace journal python -- pc_server.py\n  tcptrace journal strace -- python3 pc_server.py\n  tcptrace report sesion.pcap --calls pc_server.jsonl",
	Python:         "Ejecuta un programa de Python y anota sus llamadas, en cualquier sistema",
	PythonLong:     "Ejecuta un programa de Python con un pequeño módulo delante que escribe una línea por cada llamada a sus sockets TCP, a select() y poll(),\ny a time.sleep(). El programa no se cambia; CPython 3.6 o posterior.",
	PythonExample:  "  tcptrace journal python -- pc_server.py\n  tcptrace journal python -o servidor.jsonl -- servidor.py 9001\n  tcptrace journal python --python python3.12 -- -m http.server",
	Strace:         "Ejecuta cualquier programa bajo strace con las opciones correctas, en Linux",
	StraceLong:     "Ejecuta un programa bajo strace con las opciones que las tablas necesitan: horas de comienzo y duraciones, direcciones, las llamadas de socket.",
	StraceExample:  "  tcptrace journal strace -- python3 pc_server.py\n  tcptrace journal strace -o cliente.strace -- ./cliente 192.168.1.57",
	FlagOutput:     "escribir las llamadas en este archivo (por omisión, el nombre del programa en esta carpeta)", FlagPython: "el intérprete de Python (por omisión, python3 o python)",
	NeedProgram: "¿qué programa?", NoPython: "no se encontró Python", NoStrace: "strace no está instalado",
	HintNoStrace: "tcptrace journal python funciona sin él; en Debian y Ubuntu: sudo apt install strace",
	Wrote:        "las llamadas están en %s; tcptrace report sesion.pcap --calls %s", Failed: "el programa falló",
}
