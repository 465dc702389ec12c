package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tcptrace/capture/bpf"
	"tcptrace/words"
)

// Why an interface cannot be captured.
var (
	// ErrNoPermission: packet capture needs a privilege that this process has not.
	ErrNoPermission = errors.New("no permission to capture packets")
	// ErrNoInterface: there is no interface of this name.
	ErrNoInterface = errors.New("no such interface")
	// ErrInterfaceGone: the interface went away while it was captured.
	ErrInterfaceGone = errors.New("the interface is gone")
	// ErrNoLive: this build cannot capture from interfaces on this system.
	ErrNoLive = errors.New("this build of tcptrace cannot capture from interfaces on this system; let another program capture: tcpdump -i INTERFACE -U -w - | tcptrace live -")
)

// AnyInterface captures from all interfaces at once, as Linux knows it.
const AnyInterface = "any"

// DefaultBuffer is the size of the memory that the kernel fills while nobody reads.
const DefaultBuffer = 16 << 20

// LiveOptions changes how an interface is captured. The zero value is the default.
type LiveOptions struct {
	Filter      *bpf.Filter  // runs in the kernel where there is one; nil: everything
	Buffer      int          // bytes between kernel and program; 0 means DefaultBuffer
	Promiscuous bool         // also frames for other hosts
	Notice      func(Notice) // told of what happens to the interface and the clock, from inside Next; may be nil
	Tap         func(Packet) // as in OpenOptions; may be nil
	Sockets     *Sockets     // opened before, while there were privileges; nil: opened now
}

// A NoticeKind says what happened to the interface or the clock during a capture.
type NoticeKind uint8

// The kinds of notice.
const (
	NoticeDown    NoticeKind = iota + 1 // the interface went down; the capture goes on when it is up again
	NoticeUp                            // it is up again
	NoticeRenamed                       // it has the name New now; the capture goes on
	NoticeClock                         // the clock of the packets' times was set by Shift
	NoticeMTU                           // its MTU has changed
)

// A Notice is something that does not end a capture, but that its reader must know.
type Notice struct {
	Kind      NoticeKind
	Interface string
	New       string        // valid iff NoticeRenamed
	Shift     time.Duration // valid iff NoticeClock; negative: set back
	OldMTU    int           // bytes; valid iff NoticeMTU, like NewMTU
	NewMTU    int
}

// Counters tell where the packets went, so far. Every packet that came by is in exactly one of the last four:
// Seen = Filtered + Captured + KernelDropped + OurDropped, exactly, once the capture has ended; before that, packets
// wait in the buffer.
type Counters struct {
	Seen          int64
	Filtered      int64 // did not pass the filter
	Captured      int64 // handed to the reader
	KernelDropped int64 // passed the filter and found the buffer full
	OurDropped    int64 // taken from the buffer and not handed on: malformed by the driver
	// Exact: the system counts what the filter rejects. Without it Filtered is 0 and Seen starts behind the filter.
	Exact bool
}

// A Live is the Source of an interface. Its Next waits for packets and returns io.EOF when the context that opened
// it has ended and everything captured until then has been handed over, which takes less than 100 ms. When the
// interface goes away, the error wraps ErrInterfaceGone.
type Live struct {
	*source
	reader liveReader
}

// liveReader is what an operating system provides.
type liveReader interface {
	recordReader
	// counters may be called while another goroutine is inside next.
	counters() Counters
	io.Closer
}

// OpenLive starts to capture from an interface until ctx ends. Errors wrap ErrNoPermission, ErrNoInterface and
// ErrNoLive. The caller closes the Live.
func OpenLive(ctx context.Context, name string, o LiveOptions) (*Live, error) {
	if o.Buffer <= 0 {
		o.Buffer = DefaultBuffer
	}
	if o.Notice == nil {
		o.Notice = func(Notice) {}
	}
	r, err := openLive(ctx, name, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := newSource(name)
	s.records = tap(r, o.Tap)
	s.closers = append(s.closers, r)
	return &Live{source: s, reader: r}, nil
}

// Counters may be called at any time, from any goroutine.
func (l *Live) Counters() Counters { return l.reader.counters() }

func newSource(name string) *source {
	return &source{info: Info{File: name}, seen: map[uint16]bool{}, unread: map[words.Reason]int64{}, newest: -1}
}
