package words

// Hosts is what `tcptrace hosts` says.
type Hosts struct{ language }

// NewHosts gives it in a language.
func NewHosts(lang string) Hosts { return Hosts{language{lang}} }

func (w Hosts) Short() string {
	return w.in("Qué equipos y puertos hay en una captura, cuánto tráfico tienen y cuánto tardan en responder",
		"Which hosts and ports a capture has, how much traffic, and how long they take to answer")
}

func (w Hosts) Long() string {
	return w.in(`Una fila por servidor y puerto, la de más bytes primero: sesiones, paquetes, bytes de datos, el tiempo entre el último byte
de una petición y el primero de la respuesta (mediana, entre paréntesis cuántas, y p95), sea cual sea el protocolo, y los
bytes en el tiempo.`,
		`A row for every server and port, most bytes first: sessions, packets, payload bytes, the time from the last byte of a
request to the first byte of the reply (median, in parentheses how many, and p95), whatever the protocol, and the
bytes over time.`)
}

func (w Hosts) Example() string {
	return "  tcptrace hosts session.pcap\n  tcptrace hosts session.pcap --format csv"
}

func (w Hosts) FlagFormat() string {
	return w.in("`FORMATO`: markdown, csv o json",
		"`FORMAT`: markdown, csv or json")
}

func (w Hosts) Part(length string) string {
	return w.fill("Respuesta: del último byte de la petición al primero de la respuesta, la mediana y cuántas (×). Tiempo: los bytes a lo largo de la captura, en partes de %s o más; el bloque más alto es la mayor tasa de la fila.",
		"Response: from the last byte of the request to the first of the reply, the median and how many (×). Time: the bytes through the capture, in parts of %s or more; the highest block is the row's highest rate.", length)
}

func (w Hosts) Others(packets int64) string {
	return w.fill("Otros servicios, más allá de los primeros 4096: %d paquetes.",
		"Other services, beyond the first 4096: %d packets.", packets)
}

func (w Hosts) Nothing() string {
	return w.in("La captura no tiene TCP.",
		"The capture has no TCP.")
}
