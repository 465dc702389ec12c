package plot

// words is every string that a person reads in a plot, in one language. Verbs are fmt's; a test
// holds that both languages fill every field and take the same verbs.
type words struct {
	TimeAxis     string // the unit is appended
	EndPoints    string // session number, client, server
	MoreSessions string // how many sessions are drawn in grey together
	LeftOut      string // how many samples were not kept
	Drawn        string // how many values have a mark, of how many
	NotShown     string // how many sessions have no panel

	CadenceTitle   string
	IntervalAxis   string
	CountIntervals string
	CadenceNumbers string // beats, median, jitter, missed
	CadenceOne     string // what one mark is
	Missed         string
	Bunched        string
	OffScale       string
	LineSleep      string
	LineSleepPoll  string

	EchoTitle     string
	EchoAxis      string
	EchoShare     string
	EchoNumbers   string // echoes, min, median, max
	EchoOne       string
	HandshakeRTT  string // duration
	HandshakeHalf string // duration

	PhaseTitle    string
	PhaseAxis     string // the unit is appended
	PhaseRequest  string
	PhaseReply    string
	PhaseBeat     string
	PhaseWait     string
	PhaseNearest  string // the unit is appended
	PhaseCount    string
	PhaseRequests string // median distance to the nearest beat
	PhaseReplies  string // median distance, replies near a beat, all replies, the largest distance of those
	PhaseLocked   string
	PhaseFree     string
	PhaseDropped  string // echoes that no beats surround

	SequenceTitle  string
	OffsetAxis     string // the unit is appended
	Direction      string // session number, from, to, bytes
	Data           string
	AckLine        string
	WindowEdge     string
	Retransmission string
	Spurious       string
	OutOfOrder     string
	ZeroWindow     string
	Probe          string
	SYN            string
	FIN            string
	RST            string
	StepsLeftOut   string // how many segments are not drawn
}

var wordsEN = words{
	TimeAxis:     "time since the capture's first packet",
	EndPoints:    "#%d %s → %s",
	MoreSessions: "other sessions: %d",
	LeftOut:      "left out in the middle: %d",
	Drawn:        "drawn: %d of %d",
	NotShown:     "other sessions, not shown: %d",

	CadenceTitle:   "Cadence: interval between beats",
	IntervalAxis:   "interval",
	CountIntervals: "intervals",
	CadenceNumbers: "beats: %d · median %s · jitter %s · missed: %d",
	CadenceOne:     "interval between two beats",
	Missed:         "missed beat (more than 1.5 periods)",
	Bunched:        "bunched (less than half a period)",
	OffScale:       "off the scale",
	LineSleep:      "1.000 s = sleep(1)",
	LineSleepPoll:  "1.050 s = sleep(1)\n+ empty poll(50)",

	EchoTitle:     "Echo: round trip",
	EchoAxis:      "round trip",
	EchoShare:     "% of echoes at or below",
	EchoNumbers:   "echoes: %d · min %s · median %s · max %s",
	EchoOne:       "one echo",
	HandshakeRTT:  "TCP handshake\n%s",
	HandshakeHalf: "SYN → SYN+ACK\n%s",

	PhaseTitle:    "Phase: echoes against the beats of the same host",
	PhaseAxis:     "time since the last beat before the request",
	PhaseRequest:  "request sent",
	PhaseReply:    "reply seen",
	PhaseBeat:     "beat",
	PhaseWait:     "waiting",
	PhaseNearest:  "distance to the nearest beat",
	PhaseCount:    "echoes",
	PhaseRequests: "Requests: median %s from a beat",
	PhaseReplies:  "Replies: median %s, %d of %d within %s",
	PhaseLocked:   "Replies leave with the beat, whenever the request came: one loop does both.",
	PhaseFree:     "Replies do not wait for the beat.",
	PhaseDropped:  "echoes outside the beats, not shown: %d",

	SequenceTitle:  "Time–sequence",
	OffsetAxis:     "stream offset",
	Direction:      "#%d %s → %s · %s",
	Data:           "data segment",
	AckLine:        "acknowledged",
	WindowEdge:     "receive window",
	Retransmission: "retransmission",
	Spurious:       "spurious retransmission",
	OutOfOrder:     "out of order",
	ZeroWindow:     "zero window",
	Probe:          "keep-alive or probe",
	SYN:            "SYN",
	FIN:            "FIN",
	RST:            "RST",
	StepsLeftOut:   "segments left out in the middle (grey): %d",
}

var wordsES = words{
	TimeAxis:     "tiempo desde el primer paquete de la captura",
	EndPoints:    "#%d %s → %s",
	MoreSessions: "otras sesiones: %d",
	LeftOut:      "omitidos en el medio: %d",
	Drawn:        "dibujados: %d de %d",
	NotShown:     "otras sesiones, sin mostrar: %d",

	CadenceTitle:   "Cadencia: intervalo entre latidos",
	IntervalAxis:   "intervalo",
	CountIntervals: "intervalos",
	CadenceNumbers: "latidos: %d · mediana %s · jitter %s · ausentes: %d",
	CadenceOne:     "intervalo entre dos latidos",
	Missed:         "latido ausente (más de 1.5 períodos)",
	Bunched:        "envíos juntos (menos de medio período)",
	OffScale:       "fuera de la escala",
	LineSleep:      "1.000 s = sleep(1)",
	LineSleepPoll:  "1.050 s = sleep(1)\n+ poll(50) sin eventos",

	EchoTitle:     "Eco: ida y vuelta",
	EchoAxis:      "ida y vuelta",
	EchoShare:     "% de ecos hasta ese valor",
	EchoNumbers:   "ecos: %d · mín %s · mediana %s · máx %s",
	EchoOne:       "un eco",
	HandshakeRTT:  "saludo TCP\n%s",
	HandshakeHalf: "SYN → SYN+ACK\n%s",

	PhaseTitle:    "Fase: los ecos frente a los latidos del mismo equipo",
	PhaseAxis:     "tiempo desde el último latido antes de la petición",
	PhaseRequest:  "petición enviada",
	PhaseReply:    "respuesta vista",
	PhaseBeat:     "latido",
	PhaseWait:     "espera",
	PhaseNearest:  "distancia al latido más cercano",
	PhaseCount:    "ecos",
	PhaseRequests: "Peticiones: mediana a %s de un latido",
	PhaseReplies:  "Respuestas: mediana %s; %d de %d a lo sumo a %s",
	PhaseLocked:   "Las respuestas salen con el latido, llegue cuando llegue la petición: un mismo ciclo hace las dos cosas.",
	PhaseFree:     "Las respuestas no esperan al latido.",
	PhaseDropped:  "ecos fuera de los latidos, sin mostrar: %d",

	SequenceTitle:  "Tiempo–secuencia",
	OffsetAxis:     "posición en el flujo",
	Direction:      "#%d %s → %s · %s",
	Data:           "segmento de datos",
	AckLine:        "confirmado (ACK)",
	WindowEdge:     "ventana de recepción",
	Retransmission: "retransmisión",
	Spurious:       "retransmisión espuria",
	OutOfOrder:     "fuera de orden",
	ZeroWindow:     "ventana cero",
	Probe:          "keep-alive o sonda",
	SYN:            "SYN",
	FIN:            "FIN",
	RST:            "RST",
	StepsLeftOut:   "segmentos omitidos en el medio (gris): %d",
}

func wordsFor(lang string) *words {
	if lang == "en" {
		return &wordsEN
	}
	return &wordsES
}
