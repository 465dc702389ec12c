package lecture

import (
	"tcptrace/capture"
	"tcptrace/sessions"
)

// proofs find the frames that show each of the mistakes that package words lists, in its order; nil for what no frame
// shows.
var proofs = []func(*sessions.Session, int) bool{
	nil,
	nil,
	showsSYN,
	showsSYNACK,
	completing,
	nil,
	showsRequest,
	showsRequest,
	showsReply,
	nil,
	showsClientFIN,
	showsACKOfFIN,
	showsServerFIN,
	showsLastACK,
	nil,
	nil,
	showsSYN,
	showsClientFIN,
	nil,
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
