package render

import (
	"tcptrace/sessions"
)

// Words is every string that a person reads in a report, in one language. Strings with verbs are
// formats for Words.sentence, in which `…` is code and **…** is strong; both languages have the same
// verbs in the same order.
type Words struct {
	LadderWords
	FindingWords

	Lang        string // "es" or "en"
	DecimalMark string // the point in both: Python, the plots and Colombian engineers write it

	Title         string // file
	StandardInput string // the file named "-"

	// The capture.
	CaptureHeading string
	File           string // file, format
	FileLinks      string // file, format, link types
	Packets        string // all, TCP
	PacketsWatched string // all, TCP, ports, watched
	Times          string // first, last, duration
	NoTimes        string
	NothingSpoils  string
	TroublesIntro  string
	Troubles       Troubles
	JournalRead    string // name, kind, entries
	JournalEnded   string // name, how
	ClockSame      string // journal, number of causes
	ClockAligned   string // journal, offset, bound, number of causes
	ClockDevice    string // journal, bound, number of causes
	ClockUnchecked string // journal
	LooseCalls     string // calls
	AndMore        string // number of further lines

	// When there is no session to show.
	NoTCP       string // packets that are not TCP
	NoPackets   string
	NoneWatched string // TCP packets, ports
	NoSessions  string // TCP packets
	SeenARP     string // ARP packets
	SeenICMP    string // ICMP errors

	// The table of sessions.
	SessionsHeading string
	Columns         SessionColumns
	PairsNote       string
	RoleGuessedNote string
	MoreSessions    string // number of sessions that the table leaves out
	MoreDetails     string // number of sessions without a section
	PlotsHeading    string

	// One session.
	Session           string // id, client, server
	Ends              EndWords
	Sides             [2]string // "el cliente", "el servidor"
	BothAtOnce        string    // who closed first, when neither did
	SidesCapital      [2]string
	HandshakeTook     string // RTT
	HandshakeRepeated string // duration, SYNs
	HandshakePart     string
	HandshakeUnseen   string
	RoleFromSYNACK    string
	RoleFromPort      string
	RoleFromOrder     string
	Missing           string // side that sent them, bytes
	OneDirection      string // side that was seen
	SessionCopies     string // copies
	SessionUntimed    string
	SessionBackwards  string
	HolesCapped       string
	StepsLeftOut      string // segments
	LadderHeading     string

	// Echo.
	EchoHeading    string
	EchoMeaning    string // prefix
	EchoNoPrefix   string
	EchoTook       string // mean, min, max
	EchoTookOne    string // round trip
	EchoNetwork    string // handshake RTT, rest
	EchoNone       string
	EchoChunks     string // sizes
	EchoUnanswered string // bytes
	EchoByLength   string
	EchoAmbiguous  string
	EchoLeftOut    string // samples
	EchoColumns    EchoColumns
	EchoTableTitle string

	// Cadence.
	CadenceHeading  string
	CadenceTook     string // side, beats, mean, min, max
	CadenceOne      string // side
	CadenceSteady   string
	CadenceUnsteady string
	CadenceMissed   string // gaps
	CadenceBunched  string // intervals
	CadenceLeftOut  string // beats
	CadenceColumns  CadenceColumns
	CadenceTable    string
	TrafficHeading  string
	TrafficColumns  TrafficColumns
	Direction       [2]string // client to server, and back
	StacksHeading   string
	StackLine       string // side, address, stack
	StackWhy        string // introduces the reasons
	StackScore      string // score
	Stacks          StackNames
	StatsColumns    StatsColumns
	Milliseconds    string // title of a table whose durations are in ms
	UnknownValue    string
	SummaryHeading  string
	SummaryCount    string // sessions
	SummaryColumns  SummaryColumns
	EndsHeading     string
	EndsColumns     [2]string
	EndNames        [sessions.NumEnds]string
	SpreadHeading   string
	SpreadRows      SpreadRows
	StandOutHeading string
}

// Trouble is something wrong with a capture and what it spoils.
type Trouble struct{ What, Spoils string }

// Troubles are the lines of the capture's health.
type Troubles struct {
	Damage          Trouble // packet, offset, what
	Limit           Trouble // which
	Dropped         Trouble // packets
	Cut             Trouble // packets
	Duplicates      Trouble // frames
	Offload         Trouble // segments
	Backwards       Trouble // packets
	Jumps           Trouble // jumps
	Unread          Trouble // packets, what
	Undecoded       Trouble // packets
	Untimed         Trouble // packets
	Fragments       Trouble // fragments
	Explaining      Trouble // packets
	Warning         Trouble // text
	JournalLine     Trouble // file, line, what
	JournalLost     Trouble // name, datagrams
	ClockImpossible Trouble // journal
}

// SessionColumns head the table of sessions.
type SessionColumns struct {
	ID, Client, Server, Packets, Bytes, First, Duration, Handshake, Retransmitted, End, ClosedFirst string
}

// EndWords tell how a session ended.
type EndWords struct {
	FIN, RST   string // side that closed first
	FINUnknown string
	Together   string // both sides closed before they knew of each other
	RSTUnknown string
	Open       string
	OpenOneFIN string // side that closed
	Refused    string // server port
	NoAnswer   string // SYNs
}

// EchoColumns head the echo's counts.
type EchoColumns struct{ Prefix, Requests, Replies, Matched, Unanswered string }

// CadenceColumns head the cadence's numbers.
type CadenceColumns struct{ Beats, Drift, Jitter, Missed, Bunched string }

// TrafficColumns head the counters of each direction.
type TrafficColumns struct {
	Direction, Packets, Bytes, DataSegments, Retransmitted, Spurious, OutOfOrder, DuplicateACKs, ZeroWindows,
	KeepAlives, Missing, ACKRTT string
}

// StackNames name the stacks that a fingerprint tells.
type StackNames struct{ Pico, Linux, Windows, Unknown string }

// StatsColumns head a distribution.
type StatsColumns struct{ N, Min, Mean, P50, P95, P99, Max, StdDev string }

// SummaryColumns head the totals of a capture.
type SummaryColumns struct{ Direction, Packets, Bytes, Retransmitted string }

// SpreadRows name the merged distributions.
type SpreadRows struct{ Heading, Echo, Cadence, ACK string }

// WordsFor gives the words of a language: English for "en", else Spanish, the lecture's own. The
// words are shared; nobody changes them.
func WordsFor(lang string) *Words {
	if lang == "en" {
		return &wordsEN
	}
	return &wordsES
}
