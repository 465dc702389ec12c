package endpoints

import (
	"errors"
	"iter"
	"net/netip"
	"time"

	"tcptrace/journal"
)

// ErrStopped is what a call that waits returns when its program is to end: the context was done, or the time of
// Net.StopAt has come. A program returns it at once; whoever runs the program then calls Net.Exit.
var ErrStopped = errors.New("stopped")

// Net is what a program sees of its system: sockets, poll objects and the clock, in the notebook's vocabulary. One Net is one
// process; it is used by one goroutine at a time.
//
// Errors of calls are of type Errno, or ErrStopped.
type Net interface {
	// Socket is socket(AF_INET, SOCK_STREAM). The program closes it, or Exit does.
	Socket() (Socket, error)
	// Poller is select.poll().
	Poller() Poller
	// Sleep is time.sleep(). It returns ErrStopped early when the program is to end.
	Sleep(d time.Duration) error
	// Now is the system's clock, UTC.
	Now() time.Time
	// StopAt sets the moment from which every call that would wait returns ErrStopped, as if the process were stopped or killed
	// there. A zero time takes it back. It does not change the context.
	StopAt(t time.Time)
	// Exit closes every socket that is still open, as a system does when a process ends: no call of the program.
	Exit()
}

// Socket is one TCP socket. A socket starts in blocking mode. Every method fails with EBADF after Close, except the two addresses.
//
// LocalAddr and RemoteAddr are getsockname() and getpeername(); they are zero while not known, and stay after Close.
type Socket interface {
	SetSockOpt(o Option, value int) error
	GetSockOpt(o Option) (int, error)
	SetBlocking(blocking bool) error
	Bind(addr netip.AddrPort) error
	// Listen takes the backlog as the program gave it.
	Listen(backlog int) error
	// Accept returns a new socket in blocking mode, whatever the mode of the listening one, and the peer's address.
	Accept() (Socket, netip.AddrPort, error)
	Connect(addr netip.AddrPort) error
	// Send returns how many bytes the system took. In blocking mode that is all of them, or an error.
	Send(data []byte) (int, error)
	// Recv returns 1 to n bytes, which belong to the caller, or none and no error at the end of data (FIN).
	Recv(n int) ([]byte, error)
	// RecvInto fills buf and returns the number of bytes, 0 at the end of data (FIN).
	RecvInto(buf []byte) (int, error)
	Close() error
	LocalAddr() netip.AddrPort
	RemoteAddr() netip.AddrPort
}

// Option names a socket option. A system may refuse options it does not have with ENOPROTOOPT.
type Option uint8

// The options.
const (
	ReuseAddr   Option = iota + 1 // SOL_SOCKET, SO_REUSEADDR
	SoError                       // SOL_SOCKET, SO_ERROR: the pending error's number as an Errno, and clears it
	Linger0                       // SOL_SOCKET, SO_LINGER: with 1 close() sends RST and waits for nothing
	NoDelay                       // IPPROTO_TCP, TCP_NODELAY
	MaxSegment                    // IPPROTO_TCP, TCP_MAXSEG: the MSS to announce, bytes
	WindowClamp                   // IPPROTO_TCP, TCP_WINDOW_CLAMP: the largest receive window to offer, bytes
	TimeToLive                    // IPPROTO_IP, IP_TTL
)

var optionNames = [...]struct{ level, name string }{ReuseAddr: {"SOL_SOCKET", "SO_REUSEADDR"}, SoError: {"SOL_SOCKET", "SO_ERROR"},
	Linger0: {"SOL_SOCKET", "SO_LINGER"}, NoDelay: {"IPPROTO_TCP", "TCP_NODELAY"}, MaxSegment: {"IPPROTO_TCP", "TCP_MAXSEG"},
	WindowClamp: {"IPPROTO_TCP", "TCP_WINDOW_CLAMP"}, TimeToLive: {"IPPROTO_IP", "IP_TTL"}}

// Level is the name of the option's level, such as "SOL_SOCKET".
func (o Option) Level() string { return optionNames[o].level }

// String is the option's name, such as "SO_REUSEADDR".
func (o Option) String() string { return optionNames[o].name }

// Events are the bits of poll(), with the values of Linux and MicroPython (docs/pico.md 4.3).
type Events uint16

// The events, by the numbers of the journals.
const (
	PollIn   Events = Events(journal.PollIn)
	PollOut  Events = Events(journal.PollOut)
	PollErr  Events = Events(journal.PollErr)  // reported without being asked for
	PollHup  Events = Events(journal.PollHup)  // reported without being asked for
	PollNval Events = Events(journal.PollNval) // reported without being asked for: the socket is closed
)

// Ready is one entry of a poll's result.
type Ready struct {
	Socket Socket // the value that was registered
	Events Events
}

// Poller is a poll object. Results come in the order of registration.
type Poller interface {
	// Register adds a socket or changes what is asked of it.
	Register(s Socket, ev Events)
	// Unregister fails with ENOENT for a socket that is not registered.
	Unregister(s Socket) error
	// Modify fails with ENOENT for a socket that is not registered.
	Modify(s Socket, ev Events) error
	// Poll waits until a socket is ready or timeout is over (none ready), for ever if timeout is negative. A socket of another Net, or
	// one that is closed, is ready with PollNval.
	Poll(timeout time.Duration) ([]Ready, error)
	// IPoll is Poll as an iterator, as MicroPython's ipoll().
	IPoll(timeout time.Duration) (iter.Seq2[Socket, Events], error)
}

// A PendingLimiter is a listening socket that can keep lwIP's rules: at most pending finished connections wait for accept(), and
// one more is reset at once after its handshake (docs/findings.md 10); and with connections of them alive, waiting ones included,
// further SYNs are not answered (docs/findings.md 11). Without it the system's own rules hold.
type PendingLimiter interface {
	// LimitPending is called after Listen, and again when the room changes.
	LimitPending(pending, connections int) error
}

// A SegmentReceiver is a socket that knows where the received segments end, as lwIP does. Without it a MicroPython
// program gets at most one segment's size at a time, whatever segments the bytes came in.
type SegmentReceiver interface {
	// RecvSegment is Recv, but returns bytes of the first unread segment only.
	RecvSegment(n int) ([]byte, error)
}

// A SegmentWatcher is a SegmentReceiver that has to look out for segments from the moment of its connection.
type SegmentWatcher interface {
	// WatchSegments is called when the socket connects or was accepted; size is the most bytes of a segment.
	WatchSegments(size int) error
}

// Iterate is IPoll for a Poller that has Poll only.
func Iterate(ready []Ready) iter.Seq2[Socket, Events] {
	return func(yield func(Socket, Events) bool) {
		for _, r := range ready {
			if !yield(r.Socket, r.Events) {
				return
			}
		}
	}
}
