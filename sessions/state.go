package sessions

// The RFC's figure as tables: what one side does when its own segment leaves, and when the peer's is handled.
// One side is written; the other is the same table with the sides swapped (RFC 9293 sections 3.3.2 and 3.10.7).

// An act is what a segment means to one side's state.
type act uint8

const (
	sendSYN    act = iota
	sendSYNACK     // SYN+ACK leaves
	sendACK        // an ACK without payload leaves
	sendData       // payload leaves
	sendFIN
	recvSYN
	recvSYNACK // SYN+ACK that acknowledges our SYN
	recvACK    // an ACK that acknowledges our SYN
	recvFINACK // an ACK that acknowledges our FIN
	recvFIN    // the peer's FIN, in order, nothing missing before it
	numActs
)

const numStates = int(TimeWait) + 1

// after[state][act] is the next state; the zero value (Undetermined) means "no change".
var after = [numStates][numActs]State{
	Undetermined: {
		sendSYN: SynSent, sendSYNACK: SynReceived, sendData: Established, sendFIN: FinWait1,
		recvSYN: SynReceived, recvSYNACK: Established, recvFIN: CloseWait,
	},
	Closed: {sendSYN: SynSent, sendSYNACK: SynReceived, recvSYN: SynReceived},
	Listen: {sendSYN: SynSent, sendSYNACK: SynReceived, recvSYN: SynReceived},
	SynSent: {
		// Having sent an ACK, data or FIN, it must have received the SYN+ACK that the capture lacks.
		sendSYNACK: SynReceived, sendACK: Established, sendData: Established, sendFIN: FinWait1,
		recvSYN: SynReceived, recvSYNACK: Established,
	},
	SynReceived: {sendData: Established, sendFIN: FinWait1, recvSYNACK: Established, recvACK: Established, recvFIN: CloseWait},
	Established: {sendFIN: FinWait1, recvFIN: CloseWait},
	FinWait1:    {recvFINACK: FinWait2, recvFIN: Closing},
	FinWait2:    {recvFIN: TimeWait},
	CloseWait:   {sendFIN: LastAck},
	Closing:     {recvFINACK: TimeWait},
	LastAck:     {recvFINACK: Closed},
}

// next applies one act to one state.
func (s State) next(a act) State {
	if n := after[s][a]; n != Undetermined {
		return n
	}
	return s
}

// over reports whether a connection in this state exchanges no more data.
func (s State) over() bool { return s == Closed || s == TimeWait }

// synchronised reports whether both sequence numbers are agreed (RFC 9293 section 3.5.1).
func (s State) synchronised() bool { return s >= Established }

// IsSynchronised reports whether a connection in this state has agreed on both sequence numbers (RFC 9293 section 3.5.1).
func (s State) IsSynchronised() bool { return s.synchronised() }
