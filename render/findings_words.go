package render

// FindingWords are the words of findings and of `explain`.
type FindingWords struct {
	FindingsHeading string
	FindingsIntro   string // introduces the list
	FindingSession  string // session
	FindingSessions string // sessions
	FindingFrame    string // frame
	FindingFrames   string // frames
	Severities      [4]string

	ExplainTitle   string // file
	ExplainNothing string
	ExplainFix     string
	ExplainNumbers string
	ExplainFrames  string
	ExplainSplits  string
	ExplainSplit   SplitColumns
	ExplainTotal   string
	ExplainName    string
	ExplainValue   string
	ExplainSession string
	ExplainSignal  string
	ExplainSplitBy string // the note under the table of splits

	KindsTitle   string
	KindsIntro   string
	KindsColumns [3]string
	KindsPico    string

	FrameTitle string // number
	FrameWhere string // session, client, server, seconds
}

// SplitColumns are the heads of the table that takes echoes apart.
type SplitColumns struct {
	Request, Reply, RTT, Network, Stack, Loop, Program, Lock, Deadline string
}

var findingsES = FindingWords{
	FindingsHeading: "Qué pasó y por qué",
	FindingsIntro:   "Lo más grave primero; `tcptrace explain` muestra la explicación larga de cada código.",
	FindingSession:  "sesión %s",
	FindingSessions: "sesiones %s",
	FindingFrame:    "trama %s",
	FindingFrames:   "tramas %s",
	Severities:      [4]string{"para saber", "nota", "aviso", "error"},

	ExplainTitle:   "Explicación de %s",
	ExplainNothing: "No hay nada que explicar: no se encontró ninguno de los problemas que `tcptrace explain --list` enumera.",
	ExplainFix:     "**Qué cambiar:**",
	ExplainNumbers: "Los números",
	ExplainFrames:  "Las tramas que lo prueban",
	ExplainSplits:  "Adónde se fue el tiempo de cada eco, en milisegundos",
	ExplainSplit: SplitColumns{Request: "Petición", Reply: "Respuesta", RTT: "Ida y vuelta", Network: "Red", Stack: "Pila TCP",
		Loop: "Espera del ciclo", Program: "Programa", Lock: "Al envío más cercano", Deadline: "Con plazo"},
	ExplainTotal:   "Suma",
	ExplainName:    "Nombre",
	ExplainValue:   "Valor",
	ExplainSession: "Sesión",
	ExplainSignal:  "Señal",
	ExplainSplitBy: "Red: el saludo más corto. Pila TCP: repeticiones y Nagle. Programa: de recv() a send() según el diario; sin diario, lo que el período tiene de más sobre sleep(1). El resto es la espera del ciclo. «Con plazo» es lo que habría tardado sin esa espera.",

	KindsTitle:   "Lo que puede salir mal con sockets",
	KindsIntro:   "Todos los códigos que `tcptrace` reconoce y lo que significan.",
	KindsColumns: [3]string{"Código", "Gravedad", "Significado"},
	KindsPico:    "(solo Pico)",

	FrameTitle: "La trama %d",
	FrameWhere: "**Sesión %d:** `%s` → `%s`; a los %s s de empezar la sesión.",
}

var findingsEN = FindingWords{
	FindingsHeading: "What happened and why",
	FindingsIntro:   "Worst first; `tcptrace explain` shows the long explanation of each code.",
	FindingSession:  "session %s",
	FindingSessions: "sessions %s",
	FindingFrame:    "frame %s",
	FindingFrames:   "frames %s",
	Severities:      [4]string{"good to know", "note", "warning", "error"},

	ExplainTitle:   "Explanation of %s",
	ExplainNothing: "There is nothing to explain: none of the troubles that `tcptrace explain --list` names was found.",
	ExplainFix:     "**What to change:**",
	ExplainNumbers: "The numbers",
	ExplainFrames:  "The frames that prove it",
	ExplainSplits:  "Where the time of every echo went, in milliseconds",
	ExplainSplit: SplitColumns{Request: "Request", Reply: "Reply", RTT: "Round trip", Network: "Network", Stack: "TCP stack",
		Loop: "Waiting for the loop", Program: "Program", Lock: "To the nearest beat", Deadline: "With a deadline"},
	ExplainTotal:   "Sum",
	ExplainName:    "Name",
	ExplainValue:   "Value",
	ExplainSession: "Session",
	ExplainSignal:  "Signal",
	ExplainSplitBy: "Network: the shortest handshake. TCP stack: repeats and Nagle. Program: from recv() to send() by the journal; without one, what the period has beyond sleep(1). The rest is waiting for the loop. \"With a deadline\" is what it would have taken without that wait.",

	KindsTitle:   "What can go wrong with sockets",
	KindsIntro:   "All codes that `tcptrace` recognises, and what they mean.",
	KindsColumns: [3]string{"Code", "Severity", "Meaning"},
	KindsPico:    "(Pico only)",

	FrameTitle: "Frame %d",
	FrameWhere: "**Session %d:** `%s` → `%s`; %s s after the session began.",
}
