package endpoints

import (
	"errors"
	"net/netip"
	"time"

	"tcptrace/notebook"
)

// The ports of the notebook's programs.
const (
	PicoPort  = 9000 // the Pico's echo server
	PCPort    = 9001 // the PC's server
	TablePort = 4000 // the pairs of the tables
)

// Prefixes of the answers, and the Pico's message.
const (
	EchoPrefix = notebook.EchoPrefix
	PCPrefix   = notebook.GreetingPrefix
	Hello      = "Hola desde MicroPython\n"
)

// recvSize is what the notebook's programs ask recv() for.
const recvSize = 1024

// A Program is one of the notebook's programs, or a variant that misbehaves. Run returns nil when the program comes to its own
// end, ErrStopped when it was told to end, and an Errno when a call failed that the program does not catch: in Python, the
// traceback. It does not close what the notebook's program leaves open; whoever runs it calls Net.Exit, or leaves a
// Pico's connections to its TCP stack, as a Pico with a traceback does.
type Program interface {
	Run(n Net) error
}

// How is which direction of a connection shutdown() closes, with the numbers of Linux.
type How int

// The directions.
const (
	ShutRead  How = iota // SHUT_RD
	ShutWrite            // SHUT_WR
	ShutBoth             // SHUT_RDWR
)

// A Shutdowner is a Socket that can close one direction alone.
type Shutdowner interface {
	Shutdown(how How) error
}

// A Threaded program has threads of its own, and calls from lines of a file: a program of another process.
type Threaded interface {
	Program
	// SetThreads gives the program what its threads need, before Run.
	SetThreads(Threads)
	// SourceLine is the line of the file that the call which begins now stands in, 0 when it is not known.
	SourceLine() int
}

// Threads is what a system does for a program with threads. Only one of them runs at a time.
type Threads interface {
	// Spawn starts a thread.
	Spawn(run func())
	// Spend lets time pass for the running thread; ErrStopped when the program is to end.
	Spend(d time.Duration) error
	// Park has the running thread wait until the key is unparked, or for the timeout, less than 0 for none.
	Park(key int64, timeout time.Duration) error
	Unpark(key int64)
	// Lease is the moment before which nothing happens unless the running thread does something.
	Lease() time.Time
}

// ProgramFunc makes a Program of a function.
type ProgramFunc func(n Net) error

// Run calls f.
func (f ProgramFunc) Run(n Net) error { return f(n) }

// pause lets time pass that is not a call of the program: a person types, a process is frozen.
func pause(n Net, d time.Duration) error {
	if r, ok := n.(*Recording); ok {
		n = r.Net
	}
	if d <= 0 {
		return nil
	}
	return n.Sleep(d)
}

// anyPort is 0.0.0.0 and the port.
func anyPort(port uint16) netip.AddrPort { return netip.AddrPortFrom(netip.IPv4Unspecified(), port) }

// orAny is addr, or 0.0.0.0 with the port when addr is zero.
func orAny(addr netip.AddrPort, port uint16) netip.AddrPort {
	if addr.IsValid() {
		return addr
	}
	return anyPort(port)
}

// stopped reports whether the program is to end.
func stopped(err error) bool { return errors.Is(err, ErrStopped) }
