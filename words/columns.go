package words

// The heads of the report's tables.

// SessionColumns head the table of sessions.
type SessionColumns struct {
	ID, Client, Server, Packets, Bytes, First, Duration, Handshake, Retransmitted, End, ClosedFirst string
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

// SplitColumns are the heads of the table that takes echoes apart.
type SplitColumns struct {
	Request, Reply, RTT, Network, Stack, Loop, Program, Lock, Deadline string
}
