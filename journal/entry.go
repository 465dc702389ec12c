// Package journal reads what programs said they did: socket calls from strace, JSON lines,
// the Pico's datagrams, and timestamped program output. It knows nothing of packets.
package journal

import (
	"net/netip"
	"time"

	"tcptrace/words"
)

// Call names a socket call of the notebook's vocabulary, whatever the system call behind it.
type Call uint8

// The calls. Other is a call that makes no row.
const (
	Other Call = iota
	Socket
	SetBlocking
	Bind
	Listen
	Accept
	Connect
	Send
	Recv     // recv(n), which returns the bytes
	RecvInto // recv_into(buf), which returns a count
	Close
	Shutdown
	GetSockOpt
	SetSockOpt
	Poll
	Select
	Sleep
)

// Dialect is the language whose exceptions a result is written in.
type Dialect uint8

// The dialects: strace is taken for CPython unless told otherwise, TJ1 lines are MicroPython.
const (
	CPython Dialect = iota
	MicroPython
)

// Events of poll(2), by MicroPython's numbers, which are Linux's (docs/pico.md 4.3).
const (
	PollIn   uint16 = 1
	PollOut  uint16 = 4
	PollErr  uint16 = 8
	PollHup  uint16 = 16
	PollNval uint16 = 32
)

// Events are the events of poll(2) that both systems have, in the order in which they are written.
var Events = [...]struct {
	Bit  uint16
	Name string
}{{PollIn, "POLLIN"}, {PollOut, "POLLOUT"}, {PollErr, "POLLERR"}, {PollHup, "POLLHUP"}, {PollNval, "POLLNVAL"}}

// EventNames are the names of a mask's events.
func EventNames(mask uint16) (names []string) {
	for _, e := range Events {
		if mask&e.Bit != 0 {
			names = append(names, e.Name)
		}
	}
	return names
}

// Ready is one entry of a poll() or select() result.
type Ready struct {
	Socket int    // socket number within the journal, 0 if it is not a socket
	Events uint16 // PollIn, …
}

// Entry is one call on one socket by one process.
//
// Socket numbers start at 1 in every journal, in the order in which socket() and accept() gave them;
// a file descriptor that is used again gets a new number.
type Entry struct {
	Line    int   // line of the file, or number of the datagram, from 1
	Process int32 // process or thread id, 0 if the journal does not tell
	Source  int32 // line of the program's file, from 1; 0 if the journal does not tell

	// Start is nanoseconds since 1970-01-01 UTC by the program's clock; with Device set it counts
	// from an arbitrary zero of the device (its wrap-around already undone).
	Start    int64
	Duration time.Duration // valid iff HasEnd
	Seen     int64         // capture time of the datagram that told of it; valid iff HasSeen
	Run      int32         // runs of the program on the device, from 0; a restart may have set its clock to zero
	FD       int32         // descriptor as printed; -1 if the journal has none
	Socket   int           // 0 for calls without one (poll, select, sleep)
	New      int           // accept: the number of the new socket

	// These stand together because a journal has very many entries.
	HasEnd  bool // false: strace without -T, or the call never returned
	Late    bool // program output: Start is when the program printed, after the call had returned
	Device  bool
	HasSeen bool
	Returns bool // a result is known: Value or Errno is valid
	Call    Call
	Dialect Dialect

	// Args is the call as the notebook writes it, without the object: "bind((\"0.0.0.0\", 4000))",
	// "send(13 bytes)", "poll(POLLOUT)". Printable text only.
	Args string

	Asked int64  // bytes the call was asked to send or may receive; backlog of listen
	Data  []byte // first bytes sent or received, as far as the journal has them
	Value int64  // the result when it is a number: bytes, 0, SO_ERROR's value
	Errno string // "EAGAIN"; "" when the call succeeded

	// What many entries share, or few have, stands elsewhere.
	addr *netip.AddrPort
	ends *ends
	poll *polling
}

// ends are the addresses of a socket.
type ends struct{ local, remote netip.AddrPort }

// polling is what poll and select have beside other calls.
type polling struct {
	text          string
	ready, polled []Ready
}

// Addr is the argument of bind and connect, and the peer of accept; zero if it is unknown.
func (e *Entry) Addr() netip.AddrPort {
	if e.addr == nil {
		return netip.AddrPort{}
	}
	return *e.addr
}

// setAddr gives an entry that address.
func (e *Entry) setAddr(a netip.AddrPort) {
	if e.addr = nil; a != (netip.AddrPort{}) {
		e.addr = &a
	}
}

// Local is the socket's own address when the journal shows it, even later; unspecified (0.0.0.0) where only the port is known.
func (e *Entry) Local() netip.AddrPort {
	if e.ends == nil {
		return netip.AddrPort{}
	}
	return e.ends.local
}

// Remote is the same of the peer.
func (e *Entry) Remote() netip.AddrPort {
	if e.ends == nil {
		return netip.AddrPort{}
	}
	return e.ends.remote
}

// setEnds gives an entry the addresses of its socket.
func (e *Entry) setEnds(local, remote netip.AddrPort) {
	if local.IsValid() || remote.IsValid() {
		e.ends = &ends{local, remote}
	}
}

// Text is the result of poll and select as the journal shows it; printable text only.
func (e *Entry) Text() string {
	if e.poll == nil {
		return ""
	}
	return e.poll.text
}

// Ready is what was ready for poll and select. It belongs to the journal.
func (e *Entry) Ready() []Ready {
	if e.poll == nil {
		return nil
	}
	return e.poll.ready
}

// Polled is what poll and select were asked about, when the journal tells. It belongs to the journal.
func (e *Entry) Polled() []Ready {
	if e.poll == nil {
		return nil
	}
	return e.poll.polled
}

// polling is an entry's part for poll and select, made when it is not there yet.
func (e *Entry) polling() *polling {
	if e.poll == nil {
		e.poll = &polling{}
	}
	return e.poll
}

// Failed reports whether the call returned an error.
func (e *Entry) Failed() bool { return e.Returns && e.Errno != "" }

// Problem is a line that could not be read. It never ends a journal.
type Problem struct {
	File string
	Line int
	What words.Reason
}

// Journal is all that one file, or one device inside a capture, said.
type Journal struct {
	Name     string // file name, or "udp 192.168.1.57" for datagrams in the capture
	Kind     string // "strace", "jsonl", "tj1", "output"
	Entries  []Entry
	Problems []Problem
	LeftOut  int    // calls beyond the most that are kept
	Lost     int    // calls that are missing: datagrams by their sequence number, or left out by the journal's own word
	Ended    string // how the program ended when the journal tells: "exited with 0", "killed by SIGKILL", or a traceback's last line
}
