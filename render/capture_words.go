package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// What the reader of captures says about damage, unread packets and oddities is English, because it goes into JSON
// and logs as it is. CaptureText puts it into the language of a report.

// A phrase is one thing that the reader says, with its values as %d, %x or %s, and the same in Spanish, where every
// value is a %s in the same order. A value that is text is itself a phrase.
type phrase struct{ en, es string }

var capturePhrases = []phrase{
	// Files.
	{"an empty file, not a capture", "un archivo vacío, no una captura"},
	{"not a capture: %s", "no es una captura: %s"},
	{"only %d bytes", "solo %s bytes"},
	{"a pcapng file that was transferred in text mode, which changed its line ends; transfer it again in binary mode",
		"un archivo pcapng transferido en modo texto, que cambió sus finales de línea; transfiéralo otra vez en modo binario"},
	{"compressed twice; unpack it once", "comprimido dos veces; descomprímalo una vez"},
	{"packed as bzip2, zip or 7z, which are not read; unpack it first", "empaquetado en bzip2, zip o 7z, que no se leen; desempáquelo antes"},
	{"it looks like a web page", "parece una página web"},
	{"it is a PNG image", "es una imagen PNG"},
	{"it looks like an ERF file of an Endace card; convert it with \"editcap -F pcap\"",
		"parece un archivo ERF de una tarjeta Endace; conviértalo con \"editcap -F pcap\""},
	{"it is text", "es texto"},
	{"unknown magic number % x", "número mágico desconocido %s"},
	{"pcap version %d.%d is not readable (2.0 to 2.4 are)", "la versión %s.%s de pcap no se puede leer (sí de la 2.0 a la 2.4)"},
	{"a record claims %d captured bytes, more than %d", "un registro dice tener %s bytes capturados, más de %s"},
	{"a record header of zero bytes", "un encabezado de registro lleno de ceros"},
	{"a second file header in the middle", "un segundo encabezado de archivo en el medio"},
	{"cut inside %s: %d of %d bytes", "cortado dentro de %s: %s de %s bytes"},
	{"the pcap file header", "el encabezado del archivo pcap"},
	{"the snoop file header", "el encabezado del archivo snoop"},
	{"the section header", "el encabezado de la sección"},
	{"a record header", "un encabezado de registro"},
	{"a record", "un registro"},
	{"a block header", "un encabezado de bloque"},
	{"a block", "un bloque"},
	{"no section header", "falta el encabezado de la sección"},
	{"a block of type 0x%x claims an impossible length of %d bytes", "un bloque de tipo 0x%s dice tener una longitud imposible de %s bytes"},
	{"a block of type 0x%x claims %d bytes, more than %d", "un bloque de tipo 0x%s dice tener %s bytes, más de %s"},
	{"a block's two lengths differ: %d and %d", "las dos longitudes de un bloque difieren: %s y %s"},
	{"a section header with the byte-order magic % x", "un encabezado de sección con el orden de bytes %s"},
	{"a section header of %d bytes is too short", "un encabezado de sección de %s bytes es demasiado corto"},
	{"pcapng version %d.%d is not readable (1.0 is)", "la versión %s.%s de pcapng no se puede leer (sí la 1.0)"},
	{"an interface description of %d bytes is too short", "una descripción de interfaz de %s bytes es demasiado corta"},
	{"more than %d interfaces", "más de %s interfaces"},
	{"an enhanced packet block of %d bytes is too short", "un bloque de paquete de %s bytes es demasiado corto"},
	{"a packet block of %d bytes is too short", "un bloque de paquete antiguo de %s bytes es demasiado corto"},
	{"a simple packet block of %d bytes is too short", "un bloque de paquete simple de %s bytes es demasiado corto"},
	{"a packet of interface %d, which was not described", "un paquete de la interfaz %s, que no se describió"},
	{"a packet claims %d captured bytes, more than %d", "un paquete dice tener %s bytes capturados, más de %s"},
	{"a packet claims %d captured bytes in a block of %d", "un paquete dice tener %s bytes capturados en un bloque de %s"},
	{"a packet of %d captured bytes, more than %d", "un paquete de %s bytes capturados, más de %s"},
	{"snoop version %d is not readable (2 is)", "la versión %s de snoop no se puede leer (sí la 2)"},
	{"snoop datalink type %d is not read", "el tipo de enlace %s de snoop no se lee"},
	{"a record of %d bytes claims %d captured bytes", "un registro de %s bytes dice tener %s bytes capturados"},
	{"the %s compression is cut off", "la compresión %s está cortada"},
	{"the %s compression: %s", "la compresión %s: %s"},
	{"gzip: invalid checksum", "la suma de comprobación no cuadra"},
	{"gzip: invalid header", "un encabezado no válido"},
	{"a dictionary of %d bytes is larger than %d", "un diccionario de %s bytes es mayor que %s"},
	{"the decompressor failed: %s", "el descompresor falló: %s"},

	// Oddities.
	{"an option list whose end claims %d bytes", "una lista de opciones cuyo final dice tener %s bytes"},
	{"option %d overruns its block", "la opción %s se sale de su bloque"},
	{"interface %d: times do not fit 64 bits of nanoseconds", "interfaz %s: las horas no caben en 64 bits de nanosegundos"},
	{"interface %d: option %d of %d bytes ignored", "interfaz %s: se ignoró la opción %s de %s bytes"},
	{"interface %d: %s", "interfaz %s: %s"},
	{"if_tsresol 0x%x (%s): its counter reaches only %s s past 1970", "if_tsresol 0x%s (%s): su contador solo alcanza %s s después de 1970"},
	{"if_tsresol 0x%x (%s): too coarse for latencies", "if_tsresol 0x%s (%s): demasiado gruesa para latencias"},
	{"an interface statistics block of %d bytes ignored", "se ignoró un bloque de estadísticas de %s bytes"},
	{"statistics of interface %d, which was not described", "estadísticas de la interfaz %s, que no se describió"},
	{"the input unpacks to more than 1000 times its size", "la entrada se descomprime a más de 1000 veces su tamaño"},
	{"and %d more", "y %s más"},

	// Packets.
	{"a fault of the decoder", "un fallo del decodificador"},
	{"headers nested too deeply", "demasiados encabezados anidados"},
	{"IP version neither 4 nor 6", "la versión de IP no es 4 ni 6"},
	{"IPv4 header length below 20", "longitud del encabezado IPv4 menor que 20"},
	{"IPv4 total length below its header", "longitud total IPv4 menor que su encabezado"},
	{"IPv4 options damaged", "opciones IPv4 dañadas"},
	{"IP fragment beyond 65,535 bytes", "fragmento IP más allá de 65 535 bytes"},
	{"IP fragment of an impossible length", "fragmento IP de longitud imposible"},
	{"IP fragments of datagrams that are not complete", "fragmentos IP de datagramas incompletos"},
	{"other link types and EtherTypes", "otros tipos de enlace y EtherTypes"},
	{"link type %d (%s)", "tipo de enlace %s (%s)"},
	{"link type %d", "tipo de enlace %s"},
	{"EtherType 0x%x", "EtherType 0x%s"},
	{"VLAN tag cut", "etiqueta VLAN cortada"},
	{"VN tag cut", "etiqueta VN cortada"},
	{"E tag cut", "etiqueta E cortada"},
	{"MACsec", "MACsec"},
	{"NLPID cut", "NLPID cortado"},
	{"MPLS label stack without an end", "pila de etiquetas MPLS sin fin"},
	{"MPLS payload cut", "contenido de MPLS cortado"},
	{"MPLS payload of an unknown kind", "contenido de MPLS de clase desconocida"},
	{"PPP with Van Jacobson header compression", "PPP con compresión de encabezados de Van Jacobson"},
	{"PPP multilink", "PPP multienlace"},
	{"PPP compressed or encrypted", "PPP comprimido o cifrado"},
	{"Frame Relay address without an end", "dirección de Frame Relay sin fin"},
	{"NFLOG of an unknown version", "NFLOG de versión desconocida"},
	{"NFLOG attribute cut", "atributo de NFLOG cortado"},
	{"ARCNET fragment", "fragmento de ARCNET"},
	{"malformed GRE", "GRE malformado"},
	{"malformed ERSPAN", "ERSPAN malformado"},
	{"malformed EtherIP", "EtherIP malformado"},
	{"IPsec ESP", "IPsec ESP"},
	{"802.11 fragment", "fragmento de 802.11"},
	{"802.11 frame encrypted", "trama de 802.11 cifrada"},
	{"%s header cut", "encabezado %s cortado"},
	{"%s header of an impossible length", "encabezado %s de longitud imposible"},
	{"link", "de enlace"},
	{"IPv6 extension", "de extensión IPv6"},
	{"GTP extension", "de extensión GTP"},
}

// A reading is a phrase made ready to be recognised.
type reading struct {
	whole *regexp.Regexp
	es    string
}

var phraseValues = strings.NewReplacer("%d", `(-?[0-9]+)`, "% x", `([0-9a-f ]+)`, "%x", `([0-9a-f]+)`, "%s", `(.+)`)

// readings has the phrases without values by their text, and the others in their order.
var readings = sync.OnceValues(func() (plain map[string]string, others []reading) {
	plain = map[string]string{}
	for _, p := range capturePhrases {
		if !strings.Contains(p.en, "%") {
			plain[p.en] = p.es
			continue
		}
		others = append(others, reading{regexp.MustCompile("^" + phraseValues.Replace(regexp.QuoteMeta(p.en)) + "$"), p.es})
	}
	return plain, others
})

// maxPhraseDepth bounds phrases within phrases.
const maxPhraseDepth = 3

// CaptureText is what package capture says (of damage, unread packets, oddities), in the given language. What it does
// not know stays English.
func CaptureText(lang, text string) string {
	if lang != "es" {
		return text
	}
	return captureES(text, 0)
}

func captureES(text string, depth int) string {
	plain, others := readings()
	if es, ok := plain[text]; ok {
		return es
	}
	if depth == maxPhraseDepth {
		return text
	}
	for _, r := range others {
		values := r.whole.FindStringSubmatch(text)
		if values == nil {
			continue
		}
		args := make([]any, 0, len(values))
		for v := range slices.Values(values[1:]) {
			args = append(args, captureES(v, depth+1))
		}
		return fmt.Sprintf(r.es, args...)
	}
	return text
}
