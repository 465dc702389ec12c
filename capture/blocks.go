package capture

// Block types, options and magic numbers of pcapng (draft-ietf-opsawg-pcapng).
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockPacket     = 2 // obsolete
	blockSimple     = 3
	blockStatistics = 5
	blockEnhanced   = 6

	byteOrderMagic = 0x1a2b3c4d

	optionEnd       = 0
	optionComment   = 1
	optionTSResol   = 9
	optionFCSLen    = 13
	optionTSOffset  = 14
	optionDropCount = 4 // of an Enhanced Packet Block
	optionIfDrop    = 5 // of an Interface Statistics Block
	optionOSDrop    = 7
)
