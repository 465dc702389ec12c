package lecture

import (
	"tcptrace/capture"
	"tcptrace/sessions"
)

// words are everything that the lecture says, in one language.
type words struct {
	Title, Intro, FromLab, FromCaptures, HowToRead string

	APIHead, APIIntro, APIPoll string
	APIColumns                 [3]string
	APIFunctions, APIMethods   [][3]string // name, CPython, MicroPython
	APINotes                   []string

	BlockingHead, BlockingIntro       string
	NonBlockingHead, NonBlockingIntro string

	CompareHead, CompareIntro              string
	CompareColumns                         [6]string
	OnlyBlocking, OnlyNonBlocking, Differs string
	SegmentsSame, SegmentsNearly           string
	SegmentsDiffer                         string

	EventsHead, EventsIntro, ValuesIntro string
	EventColumns                         [6]string
	EventCPython, EventPico              [5]string // by event
	NoPollExt, NotObserved               string
	ValueColumns                         [5]string
	ValueMeaning                         map[uint16]string
	EventNotes                           []string

	ProgramsHead, ProgramsIntro        string
	Cadence, CadenceWhy, Echo, EchoWhy string
	ProgramNotes                       []string

	MistakesHead, MistakesIntro string
	MistakeColumns              [4]string
	Mistakes                    []mistake

	MethodHead, MethodIntro, MethodLab string
	Method                             []string
}

// mistake is what a hand-made table says, and what happens.
type mistake struct {
	Row, Written, Happens string
	Proof                 func(*sessions.Session, int) bool // finds the frames that show it; nil for what no frame shows
}

func wordsFor(lang string) *words {
	if lang == "es" {
		return &spanish
	}
	return &english
}

// The frames that show the mistakes, in their order.
var (
	showsSYN       = flagged(sessions.Client, capture.SYN, capture.ACK)
	showsSYNACK    = flagged(sessions.Server, capture.SYN|capture.ACK, 0)
	showsClientFIN = flagged(sessions.Client, capture.FIN, 0)
	showsServerFIN = flagged(sessions.Server, capture.FIN, 0)
	showsACKOfFIN  = ackOfFIN(sessions.Server)
	showsLastACK   = ackOfFIN(sessions.Client)
	showsRequest   = withData(sessions.Client)
	showsReply     = withData(sessions.Server)
)
