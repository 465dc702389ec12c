package sessions

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"time"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/words"
)

// Side is one end of a session. Pairs are indexed by it.
type Side int8

// The two ends; NoSide is "neither" or "not known".
const (
	Client Side = 0
	Server Side = 1
	NoSide Side = -1
)

// Other is the opposite end.
func (s Side) Other() Side { return 1 - s }

// Pair holds one value per side: [client, server].
type Pair[T any] [2]T

// State is a TCP connection state, RFC 9293 section 3.3.2.
type State uint8

// The states; Undetermined is what a capture cannot tell.
const (
	Undetermined State = iota
	Closed
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
)

var stateNames = [...]string{"?", "CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED",
	"FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"}

// String is the RFC's name, "?" for Undetermined.
func (s State) String() string { return stateNames[s] }

// RoleFrom says what made one end the client (docs/ladder.md, Rows 1).
type RoleFrom uint8

// From the surest to the least sure.
const (
	RoleFromSYN RoleFrom = iota + 1
	RoleFromSYNACK
	RoleFromPort
	RoleFromOrder
)

// String is the word of the JSON.
func (r RoleFrom) String() string {
	return [...]string{"", "syn", "syn-ack", "port", "order"}[r]
}

// End says how a session ended.
type End uint8

// The ends (docs/report.md, Definitions).
const (
	EndOpen End = iota
	EndFIN
	EndRST
	EndRefused
	EndNoAnswer
	NumEnds = int(EndNoAnswer) + 1
)

// String is the word of the JSON.
func (e End) String() string {
	return [...]string{"open", "fin", "rst", "refused", "no-answer"}[e]
}

// Stats summarises a set of durations. All but N are valid iff N > 0.
type Stats struct {
	N                             int64
	Min, Mean, P50, P95, P99, Max time.Duration
	StdDev                        time.Duration // of the population
}

// Handshake is the three segments that opened a session.
type Handshake struct {
	SYNFrame, SYNACKFrame, ACKFrame int64         // 0 when not captured
	RTT                             time.Duration // SYN to the ACK that completes; valid iff HasRTT
	HasRTT                          bool
	Complete                        bool         // all three seen, in order
	MSS                             Pair[uint16] // as each side's SYN offers it; 0 for none
}

// Fingerprint tells which stack an end runs (docs/pico.md 4.2).
type Fingerprint struct {
	Stack string         // "lwip-pico", "linux", "windows", "" when not known
	Score int            // of the Pico
	Why   []words.Reason // in the order of the rules
}

// EchoSample is one recv() of the echo server: from the first transmission of its last request byte
// to the segment that held its last reply byte.
type EchoSample struct {
	RequestFrame, ReplyFrame int64
	Sent                     int64 // ns since 1970 of the first transmission of the last request byte
	RTT                      time.Duration
	Bytes                    int // echoed bytes, without the prefix
}

// Echo is what a session's reply stream says as repetitions of a prefix and request bytes.
type Echo struct {
	Prefix          string
	Requests        int64 // segments with new request bytes
	Replies         int64 // prefixes found
	Matched         int64 // of them, those whose bytes were the request's next bytes
	UnansweredBytes int64
	RTT             Stats
	Samples         []EchoSample  // capped: see SamplesLeftOut
	SamplesLeftOut  int64         // samples between the kept head and the kept tail
	Last            time.Duration // the latest round trip; valid iff RTT.N > 0
	ByLength        bool          // payload was cut by the snap length: matched by lengths
	Ambiguous       bool          // two parses use all of the request bytes
}

// Cadence is the rhythm of one sender's messages.
type Cadence struct {
	Sender       Side
	Beats        int64
	Period       Stats         // of successive beats; N is 0 for one beat
	Last         time.Duration // the latest interval; valid iff Period.N > 0
	Steady       bool          // most intervals are near the median: only then are a drift and missed messages claimed
	DriftPPM     float64
	HasDrift     bool          // false with fewer than three beats, or when not Steady
	Jitter       time.Duration // RFC 3550 A.8, against the mean period
	Missed       int64
	Bunched      int64
	Times        []int64 // ns since 1970 of each beat; capped: see TimesLeftOut
	TimesLeftOut int64
}

// Mark says what is special about a segment.
type Mark uint16

// The marks.
const (
	MarkRetransmission Mark = 1 << iota
	MarkSpurious            // a retransmission whose first copy had arrived
	MarkOutOfOrder
	MarkKeepAlive
	MarkWindowProbe
	MarkZeroWindow
	MarkDuplicateACK
	MarkNewData     // carries payload bytes not seen before
	MarkNewFIN      // the first FIN of its sender
	MarkIgnored     // outside the receiver's window, or otherwise without effect
	MarkSYNRepeated // a SYN or SYN+ACK seen before
	MarkHole        // payload bytes before it were never captured
	MarkStateChange // a state changed
	MarkLost        // a later copy of the same bytes was needed: this one reached nobody
)

// Has reports whether all bits of m are set.
func (k Mark) Has(m Mark) bool { return k&m == m }

// Step is one segment of a session and what it did to both sides.
type Step struct {
	Frame  int64
	Time   int64 // ns since 1970
	From   Side
	Flags  capture.Flags
	Marks  Mark
	Cut    bool        // payload was cut by the snap length
	States Pair[State] // after the segment was handled by its receiver
	Length int32       // payload bytes on the wire
	Offset int64       // stream offset of the first payload byte; 0 is the byte after the SYN
	Ack    int64       // stream offset that is acknowledged; -1 without ACK
	Window int64       // receive window that the sender offers, bytes, scaled

	// The first captured payload bytes: inside, so that the collector has no pointers to follow in many steps.
	text     [PreviewBytes]byte
	textSize uint8
}

// Text is the first captured payload bytes, at most PreviewBytes. They belong to the step.
func (st *Step) Text() []byte { return st.text[:st.textSize:st.textSize] }

// SetText takes the beginning of a payload as the step's text.
func (st *Step) SetText(payload []byte) { st.textSize = uint8(copy(st.text[:], payload)) }

// PreviewBytes is how much payload a step keeps (docs/ladder.md, Rows 14: cut at 40 bytes).
const PreviewBytes = 40

// UID names a session in any capture that holds its first packet, in any order, on any machine.
type UID uint64

// String is the UID as JSON and CSV have it: 16 hexadecimal digits.
func (u UID) String() string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(u))
	return hex.EncodeToString(b[:])
}

// Session is one TCP connection. Counters are per sending side.
type Session struct {
	ID             int // from 1, by first frame, among the sessions shown
	UID            UID
	Client, Server netip.AddrPort
	RoleFrom       RoleFrom
	FirstFrame     int64
	LastFrame      int64
	FirstTime      int64             // ns since 1970
	LastTime       int64             // ns since 1970, of the last packet
	FirstOffset    int64             // of the first packet's record in the unpacked file, bytes
	LastOffset     int64             // of the last packet's record
	MAC            Pair[capture.MAC] // hardware addresses of the first packets; valid iff HasMAC
	HasMAC         Pair[bool]
	Duration       time.Duration

	Packets, Bytes, DataSegments Pair[int64]
	Retransmitted, Spurious      Pair[int64]
	Lost                         Pair[int64] // copies that reached nobody, among the kept steps
	OutOfOrder, DuplicateACKs    Pair[int64]
	ZeroWindows, KeepAlives      Pair[int64]
	MissingBytes                 Pair[int64]
	Copies                       int64 // duplicated frames, of both sides
	SYNs                         int64
	Handshake                    *Handshake // nil when no SYN and no SYN+ACK was captured
	States                       Pair[State]
	End                          End
	ClosedFirst                  Side   // sender of the first FIN or RST; NoSide for none, and with ClosedTogether
	ClosedTogether               bool   // each side's FIN or RST left before the other's had arrived
	Completeness                 uint8  // Wireshark's tcp.completeness bits
	ZeekState, ZeekHistory       string // Zeek's conn_state and history
	Endpoint                     Pair[Fingerprint]
	ACKRTT                       Pair[Stats] // of segments sent by that side
	Echo                         *Echo
	Cadence                      *Cadence
	FirstText                    Pair[[]byte] // the first payload bytes of each side, at most PreviewBytes; only where no echo was matched
	HolesCapped                  bool         // a direction had more holes at once than are kept
	Untimed                      bool         // a packet had no time: no latency is told
	Backwards                    bool         // time went back between two of its packets

	Shown        bool         // it is one of those that are shown in full
	Kept         bool         // OnSession: it may be among Trace.Examined
	Aside        bool         // OnSession: it is not on a watched port, and void once the capture has some
	Steps        []Step       // only for sessions that are shown or examined; head and tail when capped
	StepsLeftOut int64        // steps between head and tail
	StepsHead    int          // how many of Steps are the head when StepsLeftOut > 0
	Calls        Pair[[]Call] // in program order; see Journaled
	Journaled    Pair[bool]   // a journal tells what this side did

	measured *measured // Options.Digests: for Digest.Add
}

// Call is a journal entry placed on the capture's clock and matched with the segments of a session.
type Call struct {
	*journal.Entry          // the journal's, not to be changed
	At             int64    // start on the capture's clock, ns since 1970
	Until          int64    // end on the capture's clock; valid iff HasEnd
	Object         string   // "s", "conn", "conn2"; "" for poll and sleep
	Step           int      // index of the step it sent (its first new segment); -1 for none
	Cause          int      // index of the step that let it return; -1 when it did not wait, or is not known
	Repeats        int      // how many equal failing calls this one stands for; 1 for itself, 0 for one that is folded away
	Events         uint16   // poll and select: the events reported about this session's socket
	Blocked        bool     // it waited for its cause
	Own            bool     // it was made on the connection's own socket, not on the listening one
	Before         bool     // it had returned before the capture began
	Waits          Held     // a send or connect whose segment left, or was captured, later than the call: why
	Read           int64    // a recv that returned bytes: stream offset behind the last of them
	Repair         int      // HeldByLoss: index of the step with the first copy that was captured
	Names          []string // poll and select: what the table calls the sockets of Ready
	Index          int      // of the entry within its journal
	LastAt         int64    // of a run of repeats: the start of the last one
}

// Held says what kept the bytes of a send() from leaving at once.
type Held uint8

// What can hold bytes back.
const (
	NotHeld      Held = iota
	HeldByNagle       // small data wait for the ACK of what was sent before (RFC 9293 section 3.7.4)
	HeldByWindow      // the peer's window is full
	HeldByLoss        // they left at once, but the first copy was lost before the capture point; a connect's SYN likewise
)

// Clock is how one journal's clock was laid on the capture's.
type Clock struct {
	Journal            string
	Offset             time.Duration // capture time minus journal time
	Lower, Upper       time.Duration // the bounds that causes put on Offset
	HasLower, HasUpper bool
	Bound              time.Duration // how far Offset may be off, either way; 0 for the capture's own clock
	Pairs              int           // how many causes were used
	Device             bool          // the journal's zero is arbitrary
	Contradicts        bool          // the bounds cross: a clock was set, or a pair is wrong
}

// Capture is the capture's health, with what the tracker found beside what the reader knows.
type Capture struct {
	capture.Info
	Watched    int64    // packets of the watched ports
	Copies     int64    // duplicated frames
	Backwards  int64    // packets whose time is before their predecessor's
	ClockJumps int64    // jumps of more than JumpSeconds between neighbours
	Offloaded  int64    // segments larger than any wire carries: offload super-segments
	Explaining int64    // ARP, ICMP and journal packets beyond the cap, left out
	Ports      []uint16 // the ports watched; nil for all
}

// Summary is the whole capture's totals. Summaries of several captures are made by merging their Digests.
type Summary struct {
	Totals
	Digest   *Digest    // what Totals says
	StandOut []*Session // at most StandOutSessions, most striking first
}

// Trace is everything a capture and its journals gave.
type Trace struct {
	Capture  Capture
	Sessions []*Session // by first frame; nil with Summary; the first ones with Lazy (see Each)
	Summary  *Summary
	Journals []journal.Journal
	Clocks   []Clock
	Loose    []Call // calls of journals that belong to no session (a run that never connected), the first ones
	LooseN   int64  // how many there are

	// LetGo are attempts to connect that nobody had answered when many packets had passed since: they are counted as sessions
	// without an answer, and what came later on their ports, if anything did, is another session.
	LetGo int64

	// StrayDatagrams are those that came to the journal's port from hosts without a session here: anybody can send them.
	StrayDatagrams int64
	// DroppedDatagrams are those of them that are not among Datagrams any more.
	DroppedDatagrams int64
	ARPs             []capture.ARP
	ICMPs            []capture.ICMPError
	Problems         []journal.Problem
	// Datagrams are the Pico's journal lines found in the capture.
	Datagrams []capture.Datagram

	// Examined are the first sessions with their steps and samples, for what can only be told by looking at several
	// together. It is there with Options.OnSession, with a Summary too.
	Examined []*Session

	conns  []*conn // Options.Lazy: sessions not built yet
	left   int     // Options.Counted: sessions that were not kept
	number func(firstFrame int64) int
}
