package sessions

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// A Fault is a mistake of the program that a packet brought to light. What came before it is good.
type Fault struct {
	Frame int64  // the packet that was being handled, or the first one of the session; 0 when not known
	Last  int64  // the last packet of the session, 0 for one packet
	What  string // what went wrong, in the program's own words
	Stack string // where, for whoever mends it
}

func (f *Fault) Error() string {
	switch {
	case f.Frame == 0:
		return "internal error: " + f.What
	case f.Last == 0:
		return fmt.Sprintf("packet %d: internal error: %s", f.Frame, f.What)
	}
	return fmt.Sprintf("packets %d to %d: internal error: %s", f.Frame, f.Last, f.What)
}

// FaultOf makes a Fault of what recover gave; one that already is a Fault stays what it is.
func FaultOf(recovered any, frame, last int64) *Fault {
	var f *Fault
	if err, ok := recovered.(error); ok && errors.As(err, &f) {
		return f
	}
	return &Fault{Frame: frame, Last: last, What: fmt.Sprint(recovered), Stack: string(debug.Stack())}
}

// Blame is deferred where a session is examined: a panic goes on as a Fault that names the session's packets.
func (s *Session) Blame() {
	if p := recover(); p != nil {
		panic(FaultOf(p, s.FirstFrame, s.LastFrame))
	}
}

// guard is deferred where a worker works: a panic becomes its fault, after which it takes nothing more.
func (t *worker) guard() {
	if p := recover(); p != nil && t.fault == nil {
		t.fault = FaultOf(p, t.frame, 0)
	}
}

// fault is the first fault of the workers, by packet; nil when there is none.
func (t *Tracker) fault() *Fault {
	first := t.own
	for _, w := range t.workers {
		if f := w.fault; f != nil && (first == nil || f.Frame < first.Frame) {
			first = f
		}
	}
	return first
}

// Fault is a mistake of the program that the packets brought to light, nil if none did. It may be asked when the trace is
// finished, and with one worker after every packet.
func (t *Tracker) Fault() error {
	if f := t.fault(); f != nil {
		return f
	}
	return nil
}
