package words

// What the reader of captures says.

// Why a file is not a capture.
var (
	EmptyFile       = fixed("empty-file", "un archivo vacío, no una captura", "an empty file, not a capture")
	TextMode        = fixed("text-mode", "un archivo pcapng transferido en modo texto, que cambió sus finales de línea; transfiéralo otra vez en modo binario", "a pcapng file that was transferred in text mode, which changed its line ends; transfer it again in binary mode")
	PackedTwice     = fixed("packed-twice", "comprimido dos veces; descomprímalo una vez", "compressed twice; unpack it once")
	PackedOtherwise = fixed("packed-otherwise", "empaquetado en bzip2, zip o 7z, que no se leen; desempáquelo antes", "packed as bzip2, zip or 7z, which are not read; unpack it first")
	WebPage         = fixed("web-page", "parece una página web", "it looks like a web page")
	PNGImage        = fixed("png-image", "es una imagen PNG", "it is a PNG image")
	ERFFile         = fixed("erf-file", "parece un archivo ERF de una tarjeta Endace; conviértalo con \"editcap -F pcap\"", "it looks like an ERF file of an Endace card; convert it with \"editcap -F pcap\"")
	PlainText       = fixed("plain-text", "es texto", "it is text")

	notCapture  = newKind("not-a-capture", "no es una captura: %s", "not a capture: %s")
	onlyBytes   = newKind("only-bytes", "solo %d bytes", "only %d bytes")
	unknownFile = newKind("unknown-magic", "número mágico desconocido % x", "unknown magic number % x")
)

// NotCapture says what a file is instead.
func NotCapture(what Reason) Reason { return notCapture.with(what) }

// OnlyBytes says that a file is too short to be anything.
func OnlyBytes(n int) Reason { return onlyBytes.with(n) }

// UnknownMagic shows the first bytes of a file.
func UnknownMagic(head [4]byte) Reason { return unknownFile.with(head) }

// The parts of a file that can be cut.
var (
	PcapHeader    = Text{"el encabezado del archivo pcap", "the pcap file header"}
	SnoopHeader   = Text{"el encabezado del archivo snoop", "the snoop file header"}
	SectionHeader = Text{"el encabezado de la sección", "the section header"}
	RecordHeader  = Text{"un encabezado de registro", "a record header"}
	Record        = Text{"un registro", "a record"}
	BlockHeader   = Text{"un encabezado de bloque", "a block header"}
	Block         = Text{"un bloque", "a block"}
)

// How a file is damaged.
var (
	ZeroHeader      = fixed("zero-header", "un encabezado de registro lleno de ceros", "a record header of zero bytes")
	SecondHeader    = fixed("second-header", "un segundo encabezado de archivo en el medio", "a second file header in the middle")
	NoSectionHeader = fixed("no-section-header", "falta el encabezado de la sección", "no section header")
	BadChecksum     = fixed("checksum", "la suma de comprobación no cuadra", "invalid checksum")
	BadHeader       = fixed("archive-header", "un encabezado no válido", "invalid header")

	cutInside          = newKind("cut", "cortado dentro de %s: %d de %d bytes", "cut inside %s: %d of %d bytes")
	pcapVersion        = newKind("pcap-version", "la versión %d.%d de pcap no se puede leer (sí de la 2.0 a la 2.4)", "pcap version %d.%d is not readable (2.0 to 2.4 are)")
	recordTooLong      = newKind("record-length", "un registro dice tener %d bytes capturados, más de %d", "a record claims %d captured bytes, more than %d")
	blockImpossible    = newKind("block-length", "un bloque de tipo 0x%x dice tener una longitud imposible de %d bytes", "a block of type 0x%x claims an impossible length of %d bytes")
	blockTooLong       = newKind("block-too-long", "un bloque de tipo 0x%x dice tener %d bytes, más de %d", "a block of type 0x%x claims %d bytes, more than %d")
	blockLengths       = newKind("block-lengths", "las dos longitudes de un bloque difieren: %d y %d", "a block's two lengths differ: %d and %d")
	byteOrder          = newKind("byte-order", "un encabezado de sección con el orden de bytes % x", "a section header with the byte-order magic % x")
	sectionShort       = newKind("section-short", "un encabezado de sección de %d bytes es demasiado corto", "a section header of %d bytes is too short")
	pcapngVersion      = newKind("pcapng-version", "la versión %d.%d de pcapng no se puede leer (sí la 1.0)", "pcapng version %d.%d is not readable (1.0 is)")
	interfaceShort     = newKind("interface-short", "una descripción de interfaz de %d bytes es demasiado corta", "an interface description of %d bytes is too short")
	tooManyInterfaces  = newKind("interfaces", "más de %d interfaces", "more than %d interfaces")
	enhancedShort      = newKind("packet-block-short", "un bloque de paquete de %d bytes es demasiado corto", "an enhanced packet block of %d bytes is too short")
	packetShort        = newKind("old-packet-block-short", "un bloque de paquete antiguo de %d bytes es demasiado corto", "a packet block of %d bytes is too short")
	simpleShort        = newKind("simple-packet-block-short", "un bloque de paquete simple de %d bytes es demasiado corto", "a simple packet block of %d bytes is too short")
	unknownInterface   = newKind("unknown-interface", "un paquete de la interfaz %d, que no se describió", "a packet of interface %d, which was not described")
	packetTooLong      = newKind("packet-length", "un paquete dice tener %d bytes capturados, más de %d", "a packet claims %d captured bytes, more than %d")
	packetOverBlock    = newKind("packet-over-block", "un paquete dice tener %d bytes capturados en un bloque de %d", "a packet claims %d captured bytes in a block of %d")
	simplePacketLong   = newKind("simple-packet-length", "un paquete de %d bytes capturados, más de %d", "a packet of %d captured bytes, more than %d")
	snoopVersion       = newKind("snoop-version", "la versión %d de snoop no se puede leer (sí la 2)", "snoop version %d is not readable (2 is)")
	snoopLink          = newKind("snoop-link", "el tipo de enlace %d de snoop no se lee", "snoop datalink type %d is not read")
	snoopRecord        = newKind("snoop-record", "un registro de %d bytes dice tener %d bytes capturados", "a record of %d bytes claims %d captured bytes")
	compressionCut     = newKind("compression-cut", "la compresión %s está cortada", "the %s compression is cut off")
	compressionDamaged = newKind("compression-damaged", "la compresión %s: %s", "the %s compression: %s")
	dictionaryTooLarge = newKind("dictionary", "un diccionario de %d bytes es mayor que %d", "a dictionary of %d bytes is larger than %d")
	decompressorFailed = newKind("decompressor", "el descompresor falló: %s", "the decompressor failed: %s")
)

// CutInside says which part of a file is cut, how many of its bytes are there, and how many it has.
func CutInside(part Text, have, want int) Reason { return cutInside.with(part, have, want) }

// PcapVersion refuses a version of pcap.
func PcapVersion(major, minor uint16) Reason { return pcapVersion.with(major, minor) }

// RecordTooLong compares a record's length with the largest.
func RecordTooLong(captured uint32, most int) Reason { return recordTooLong.with(captured, most) }

// BlockImpossible tells a block's type and its length, which no block can have.
func BlockImpossible(kind, length uint32) Reason { return blockImpossible.with(kind, length) }

// BlockTooLong tells a block's type and compares its length with the largest.
func BlockTooLong(kind, length uint32, most int) Reason { return blockTooLong.with(kind, length, most) }

// BlockLengths tells the lengths at both ends of a block.
func BlockLengths(first, last uint32) Reason { return blockLengths.with(first, last) }

// ByteOrder shows a byte-order magic that is none.
func ByteOrder(magic [4]byte) Reason { return byteOrder.with(magic) }

// SectionShort tells a section header's length.
func SectionShort(length int) Reason { return sectionShort.with(length) }

// PcapngVersion refuses a version of pcapng.
func PcapngVersion(major, minor uint16) Reason { return pcapngVersion.with(major, minor) }

// InterfaceShort tells an interface description's length.
func InterfaceShort(length int) Reason { return interfaceShort.with(length) }

// TooManyInterfaces tells how many are read.
func TooManyInterfaces(most int) Reason { return tooManyInterfaces.with(most) }

// EnhancedShort tells the length of an enhanced packet block.
func EnhancedShort(length int) Reason { return enhancedShort.with(length) }

// PacketShort tells the length of an obsolete packet block.
func PacketShort(length int) Reason { return packetShort.with(length) }

// SimpleShort tells the length of a simple packet block.
func SimpleShort(length int) Reason { return simpleShort.with(length) }

// UnknownInterface names an interface that has no description.
func UnknownInterface(number int) Reason { return unknownInterface.with(number) }

// PacketTooLong compares a packet's claimed length with the largest.
func PacketTooLong(captured uint32, most int) Reason { return packetTooLong.with(captured, most) }

// PacketOverBlock compares a packet's claimed length with its block's.
func PacketOverBlock(captured uint32, block int) Reason { return packetOverBlock.with(captured, block) }

// SimplePacketTooLong compares the length of a packet in a simple packet block with the largest.
func SimplePacketTooLong(captured, most int) Reason { return simplePacketLong.with(captured, most) }

// SnoopVersion refuses a version of snoop.
func SnoopVersion(version uint32) Reason { return snoopVersion.with(version) }

// SnoopLink refuses a link type of snoop.
func SnoopLink(kind uint32) Reason { return snoopLink.with(kind) }

// SnoopRecord compares a record's length with what it claims to hold.
func SnoopRecord(length, captured uint32) Reason { return snoopRecord.with(length, captured) }

// CompressionCut names the compression of a file that is cut.
func CompressionCut(name string) Reason { return compressionCut.with(name) }

// CompressionDamaged names the compression and what is wrong.
func CompressionDamaged(name string, why Reason) Reason { return compressionDamaged.with(name, why) }

// DictionaryTooLarge compares the memory that an archive asks for with what it is given.
func DictionaryTooLarge(bytes uint64, most int) Reason { return dictionaryTooLarge.with(bytes, most) }

// DecompressorFailed tells a fault of a decompressor.
func DecompressorFailed(fault string) Reason { return decompressorFailed.with(fault) }

// What others did to a file that was being written.
var (
	SaveDeleted  = fixed("save-deleted", "otro programa borró el archivo mientras se escribía", "another program has deleted the file while it was being written")
	SaveReplaced = fixed("save-replaced", "otro programa puso otro archivo en su lugar mientras se escribía", "another program has put another file in its place while it was being written")
	SaveCut      = fixed("save-cut", "otro programa recortó el archivo mientras se escribía", "another program has cut the file while it was being written")
)

// Oddities, which end nothing.
var (
	HighCompression = fixed("high-compression", "la entrada se descomprime a más de 1000 veces su tamaño", "the input unpacks to more than 1000 times its size")

	optionListEnd     = newKind("option-list-end", "una lista de opciones cuyo final dice tener %d bytes", "an option list whose end claims %d bytes")
	optionOverruns    = newKind("option-overruns", "la opción %d se sale de su bloque", "option %d overruns its block")
	timesOverflow     = newKind("times-overflow", "interfaz %d: las horas no caben en 64 bits de nanosegundos", "interface %d: times do not fit 64 bits of nanoseconds")
	optionIgnored     = newKind("option-ignored", "interfaz %d: se ignoró la opción %d de %d bytes", "interface %d: option %d of %d bytes ignored")
	resolutionShort   = newKind("resolution-short", "interfaz %d: if_tsresol %s: su contador solo alcanza %.3g s después de 1970", "interface %d: if_tsresol %s: its counter reaches only %.3g s past 1970")
	resolutionCoarse  = newKind("resolution-coarse", "interfaz %d: if_tsresol %s: demasiado gruesa para latencias", "interface %d: if_tsresol %s: too coarse for latencies")
	statisticsShort   = newKind("statistics-short", "se ignoró un bloque de estadísticas de interfaz de %d bytes", "an interface statistics block of %d bytes ignored")
	statisticsUnknown = newKind("statistics-unknown", "estadísticas de la interfaz %d, que no se describió", "statistics of interface %d, which was not described")
	moreOddities      = newKind("more", "y %d más", "and %d more")
)

// OptionListEnd tells the length that the end of an option list claims.
func OptionListEnd(length int) Reason { return optionListEnd.with(length) }

// OptionOverruns names an option that is longer than its block.
func OptionOverruns(code uint16) Reason { return optionOverruns.with(code) }

// TimesOverflow names an interface whose times are out of range.
func TimesOverflow(number int) Reason { return timesOverflow.with(number) }

// OptionIgnored names an option of an interface that has an impossible length.
func OptionIgnored(number int, code uint16, length int) Reason {
	return optionIgnored.with(number, code, length)
}

// ResolutionShort says that an interface's counter cannot count from 1970; resolution is written as "0x09 (10^-9 s)".
func ResolutionShort(number int, resolution string, span float64) Reason {
	return resolutionShort.with(number, resolution, span)
}

// ResolutionCoarse says that an interface's clock is too coarse.
func ResolutionCoarse(number int, resolution string) Reason {
	return resolutionCoarse.with(number, resolution)
}

// StatisticsShort tells the length of an interface statistics block.
func StatisticsShort(length int) Reason { return statisticsShort.with(length) }

// StatisticsUnknown names an interface that has no description.
func StatisticsUnknown(number int) Reason { return statisticsUnknown.with(number) }

// More counts the oddities that are not told.
func More(n int) Reason { return moreOddities.with(n) }

// Why a packet could not be read.
var (
	DecoderFault       = fixed("decoder-fault", "un fallo del decodificador", "a fault of the decoder")
	NestedTooDeeply    = fixed("nested", "demasiados encabezados anidados", "headers nested too deeply")
	IPVersion          = fixed("ip-version", "la versión de IP no es 4 ni 6", "IP version neither 4 nor 6")
	IPv4HeaderLength   = fixed("ipv4-header-length", "longitud del encabezado IPv4 menor que 20", "IPv4 header length below 20")
	IPv4TotalLength    = fixed("ipv4-total-length", "longitud total IPv4 menor que su encabezado", "IPv4 total length below its header")
	IPv4Options        = fixed("ipv4-options", "opciones IPv4 dañadas", "IPv4 options damaged")
	FragmentBeyond     = fixed("fragment-beyond", "fragmento IP más allá de 65 535 bytes", "IP fragment beyond 65,535 bytes")
	FragmentLength     = fixed("fragment-length", "fragmento IP de longitud imposible", "IP fragment of an impossible length")
	FragmentsMissing   = fixed("fragments-missing", "fragmentos IP de datagramas incompletos", "IP fragments of datagrams that are not complete")
	OtherTypes         = fixed("other-types", "otros tipos de enlace y EtherTypes", "other link types and EtherTypes")
	VLANTagCut         = fixed("vlan-cut", "etiqueta VLAN cortada", "VLAN tag cut")
	VNTagCut           = fixed("vn-cut", "etiqueta VN cortada", "VN tag cut")
	ETagCut            = fixed("e-tag-cut", "etiqueta E cortada", "E tag cut")
	MACsec             = fixed("macsec", "MACsec", "MACsec")
	NLPIDCut           = fixed("nlpid-cut", "NLPID cortado", "NLPID cut")
	MPLSEndless        = fixed("mpls-endless", "pila de etiquetas MPLS sin fin", "MPLS label stack without an end")
	MPLSCut            = fixed("mpls-cut", "contenido de MPLS cortado", "MPLS payload cut")
	MPLSUnknown        = fixed("mpls-unknown", "contenido de MPLS de clase desconocida", "MPLS payload of an unknown kind")
	PPPVanJacobson     = fixed("ppp-vj", "PPP con compresión de encabezados de Van Jacobson", "PPP with Van Jacobson header compression")
	PPPMultilink       = fixed("ppp-multilink", "PPP multienlace", "PPP multilink")
	PPPCompressed      = fixed("ppp-compressed", "PPP comprimido o cifrado", "PPP compressed or encrypted")
	FrameRelayEndless  = fixed("frame-relay-endless", "dirección de Frame Relay sin fin", "Frame Relay address without an end")
	NFLOGVersion       = fixed("nflog-version", "NFLOG de versión desconocida", "NFLOG of an unknown version")
	NFLOGCut           = fixed("nflog-cut", "atributo de NFLOG cortado", "NFLOG attribute cut")
	ARCNETFragment     = fixed("arcnet-fragment", "fragmento de ARCNET", "ARCNET fragment")
	InfiniBandParts    = fixed("infiniband-parts", "mensaje de InfiniBand en varios paquetes", "InfiniBand message in several packets")
	GREMalformed       = fixed("gre", "GRE malformado", "malformed GRE")
	ERSPANMalformed    = fixed("erspan", "ERSPAN malformado", "malformed ERSPAN")
	EtherIPMalformed   = fixed("etherip", "EtherIP malformado", "malformed EtherIP")
	IPsec              = fixed("ipsec", "IPsec ESP", "IPsec ESP")
	WirelessFragment   = fixed("wireless-fragment", "fragmento de 802.11", "802.11 fragment")
	WirelessEncrypted  = fixed("wireless-encrypted", "trama de 802.11 cifrada", "802.11 frame encrypted")
	LinkHeaderCut      = fixed("link-cut", "encabezado de enlace cortado", "link header cut")
	IPv6ExtensionCut   = fixed("ipv6-extension-cut", "encabezado de extensión IPv6 cortado", "IPv6 extension header cut")
	GTPExtensionLength = fixed("gtp-extension-length", "encabezado de extensión GTP de longitud imposible", "GTP extension header of an impossible length")

	linkType      = newKind("link-type", "tipo de enlace %d", "link type %d")
	linkTypeNamed = newKind("link-type-named", "tipo de enlace %d (%s)", "link type %d (%s)")
	etherType     = newKind("ethertype", "EtherType 0x%04x", "EtherType 0x%04x")
	erfType       = newKind("erf-type", "registro ERF de tipo %d", "ERF record of type %d")
	headerCut     = newKind("header-cut", "encabezado %s cortado", "%s header cut")
	headerLength  = newKind("header-length", "encabezado %s de longitud imposible", "%s header of an impossible length")
)

// LinkType names a link type that is not read; name is "" where it has none.
func LinkType(number uint16, name string) Reason {
	if name == "" {
		return linkType.with(number)
	}
	return linkTypeNamed.with(number, name)
}

// EtherType names an EtherType that is not read.
func EtherType(number uint16) Reason { return etherType.with(number) }

// ERFType names a kind of ERF record that is not read.
func ERFType(number uint8) Reason { return erfType.with(number) }

// HeaderCut names a protocol whose header is cut.
func HeaderCut(protocol string) Reason { return headerCut.with(protocol) }

// HeaderLength names a protocol whose header claims a length that it cannot have.
func HeaderLength(protocol string) Reason { return headerLength.with(protocol) }
