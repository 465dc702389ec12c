package main

// explainWords are the words of `tcptrace explain`.
type explainWords struct {
	Short, Long, Example                     string
	FlagFrame, FlagList, FlagSource          string
	FlagFormat                               string
	BadCode, BadFrame, NoSuchFrame, NotFound string
	BadFormat, BadSource, ListAlone          string
	HintFrame                                string
}

func explainWordsFor(lang string) *explainWords {
	if lang == "es" {
		return &explainES
	}
	return &explainEN
}

var explainEN = explainWords{
	Short: "Say why: what happened, the frames that prove it, and the line to change",
	Long: `Explains what the programs in a capture did: the long form of what the report says in one line each, with the
numbers, the frames and their signals. CODE chooses one of them. With --frame it tells what one segment did to
both sides, which call it wakes, and by which section of the RFC.`,
	Example:     "  tcptrace explain session.pcap\n  tcptrace explain session.pcap loop-echo --source main.py\n  tcptrace explain session.pcap --frame 28\n  tcptrace explain --list",
	FlagFrame:   "explain this frame (number as in Wireshark)",
	FlagList:    "list all codes and what they mean",
	FlagSource:  "your program: its lines are named in place of the notebook's",
	FlagFormat:  "markdown or html",
	BadCode:     "unknown code",
	BadFrame:    "not a frame number",
	NoSuchFrame: "no watched session has this frame",
	NotFound:    "not found in this capture: %s",
	BadFormat:   "unknown format", BadSource: "not a text file", ListAlone: "--list takes no capture",
	HintFrame: "--all-ports watches every port",
}

var explainES = explainWords{
	Short: "Dice por qué: qué pasó, las tramas que lo prueban y la línea que hay que cambiar",
	Long: `Explica qué hicieron los programas de una captura: la forma larga de lo que el informe dice en una línea, con los
números, las tramas y sus señales. CODE elige uno de los códigos. Con --frame cuenta qué le hizo un segmento a
cada lado, qué llamada despierta y según qué sección del RFC.`,
	Example:     "  tcptrace explain sesion.pcap\n  tcptrace explain sesion.pcap loop-echo --source main.py\n  tcptrace explain sesion.pcap --frame 28\n  tcptrace explain --list",
	FlagFrame:   "explicar esta trama (número como en Wireshark)",
	FlagList:    "enumerar todos los códigos y lo que significan",
	FlagSource:  "su programa: se nombran sus líneas en lugar de las del cuaderno",
	FlagFormat:  "markdown o html",
	BadCode:     "código desconocido",
	BadFrame:    "no es un número de trama",
	NoSuchFrame: "ninguna sesión observada tiene esa trama",
	NotFound:    "no está en esta captura: %s",
	BadFormat:   "formato desconocido", BadSource: "no es un archivo de texto", ListAlone: "--list no lleva captura",
	HintFrame: "--all-ports observa todos los puertos",
}
