package words

// What is wrong with a capture filter. Words of the filter are quoted.

var (
	FilterNested      = fixed("filter-nested", "demasiados paréntesis anidados", "nested too deeply")
	FilterParenthesis = fixed("filter-parenthesis", "falta un paréntesis de cierre", "a closing parenthesis is missing")
	FilterEnds        = fixed("filter-ends", "la expresión termina antes de tiempo", "the expression ends too early")

	filterTooLong    = newKind("filter-length", "más de %d bytes", "longer than %d bytes")
	filterUnexpected = newKind("filter-unexpected", "%q no va aquí", "%q is not expected here")
	filterNeither    = newKind("filter-neither", "%q no es un número ni una dirección", "%q is neither a number nor an address")
	filterWord       = newKind("filter-word", "%q no es una palabra del lenguaje de filtros", "%q is not a word of the filter language")
	filterNoPorts    = newKind("filter-no-ports", "%q no va con puertos", "%q does not go with ports")
	filterNoAddress  = newKind("filter-no-address", "%q no va con la dirección %s", "%q does not go with the address %s")
	filterRange      = newKind("filter-range", "%q es un intervalo; escriba portrange", "%q is a range; write portrange")
	filterPort       = newKind("filter-port", "%q no es un puerto", "%q is not a port")
	filterAddress    = newKind("filter-address", "%q no es una dirección", "%q is not an address")
	filterNetwork    = newKind("filter-network", "%q no es una red", "%q is not a network")
	filterBits       = newKind("filter-bits", "%q tiene bits fuera de su máscara; escriba %s", "%q has bits set outside its mask; write %s")
	filterMask       = newKind("filter-mask", "%q no es una máscara", "%q is not a mask")
	filterHoles      = newKind("filter-holes", "la máscara %s tiene huecos", "the mask %s has holes")
	filterWrong      = newKind("filter-error", "filtro %q: en %d: %s", "filter %q: at %d: %s")
)

// FilterTooLong tells how long a filter may be.
func FilterTooLong(most int) Reason { return filterTooLong.with(most) }

// FilterUnexpected quotes a word that stands in the wrong place.
func FilterUnexpected(word string) Reason { return filterUnexpected.with(word) }

// FilterNeither quotes what stands where a number or an address should.
func FilterNeither(word string) Reason { return filterNeither.with(word) }

// FilterWord quotes an unknown word.
func FilterWord(word string) Reason { return filterWord.with(word) }

// FilterNoPorts names a protocol without ports.
func FilterNoPorts(protocol string) Reason { return filterNoPorts.with(protocol) }

// FilterNoAddress names a protocol and an address that do not go together.
func FilterNoAddress(protocol, address string) Reason {
	return filterNoAddress.with(protocol, address)
}

// FilterRange quotes a range that stands behind "port".
func FilterRange(word string) Reason { return filterRange.with(word) }

// FilterPort quotes what stands where a port should.
func FilterPort(word string) Reason { return filterPort.with(word) }

// FilterAddress quotes what stands where an address should.
func FilterAddress(word string) Reason { return filterAddress.with(word) }

// FilterNetwork quotes what stands where a network should.
func FilterNetwork(word string) Reason { return filterNetwork.with(word) }

// FilterBits quotes a network and gives the one that was probably meant.
func FilterBits(word, network string) Reason { return filterBits.with(word, network) }

// FilterMask quotes what stands where a mask should.
func FilterMask(word string) Reason { return filterMask.with(word) }

// FilterHoles quotes a mask that is not a run of ones.
func FilterHoles(mask string) Reason { return filterHoles.with(mask) }

// FilterWrong says what is wrong with a filter, and at which byte, from 1.
func FilterWrong(filter string, at int, why Reason) Reason { return filterWrong.with(filter, at, why) }
