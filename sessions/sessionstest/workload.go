// Package sessionstest writes large captures of known content, for measurements and for tests that need
// many sessions at once. It has its own encoder, so that it shares no mistake with the reader.
package sessionstest

import "fmt"

// Mode says what the sessions of a workload do.
type Mode uint8

// The modes.
const (
	// Notebook: every second session is a Pico that sends a line each second to port 9001 of the PC and
	// gets it back, the others are the PC's client, which sends lines to port 9000 of a Pico.
	Notebook Mode = iota
	// Bulk: one side sends full segments of 1,400 bytes, the other acknowledges two or three at once.
	Bulk
	// HalfOpen: one SYN for each session, from addresses and ports of their own, and no answer.
	HalfOpen
	// Islands: one session in mid-stream that shows every second byte of a stream, one byte a segment.
	Islands
)

// Workload describes a capture. The same workload gives the same bytes everywhere.
type Workload struct {
	Mode       Mode
	Sessions   int
	Concurrent int // sessions open at once
	Packets    int // exactly as many are written
	// RetransmitPercent is how many of 100 data segments are sent twice; the first copy was captured and then
	// lost, so the answer comes after the second.
	RetransmitPercent float64
	Seed              uint64
}

// NotebookWorkload is 5 million packets of 33,000 sessions of the notebook's exchange, 2,000 at a time,
// 1 % of the data segments retransmitted: 430 MB.
func NotebookWorkload() Workload {
	return Workload{Mode: Notebook, Sessions: 33_000, Concurrent: 2_000, Packets: 5_000_000, RetransmitPercent: 1, Seed: 1}
}

// BulkWorkload is 1 million packets of 40 sessions, two or three segments of 1,400 bytes
// for one acknowledgement: 1 GB.
func BulkWorkload() Workload {
	return Workload{Mode: Bulk, Sessions: 40, Concurrent: 40, Packets: 1_000_000, RetransmitPercent: 0.1, Seed: 2}
}

// HalfOpenWorkload is 200,000 SYNs that nobody answers.
func HalfOpenWorkload() Workload {
	return Workload{Mode: HalfOpen, Sessions: 200_000, Concurrent: 200_000, Packets: 200_000, Seed: 3}
}

// IslandsWorkload is 200,000 segments of one byte with a missing byte between any two.
func IslandsWorkload() Workload {
	return Workload{Mode: Islands, Sessions: 1, Concurrent: 1, Packets: 200_000, Seed: 4}
}

// Named returns a preset by its name: notebook, bulk, halfopen or islands.
func Named(name string) (Workload, error) {
	switch name {
	case "notebook":
		return NotebookWorkload(), nil
	case "bulk":
		return BulkWorkload(), nil
	case "halfopen":
		return HalfOpenWorkload(), nil
	case "islands":
		return IslandsWorkload(), nil
	}
	return Workload{}, fmt.Errorf("no workload %q: notebook, bulk, halfopen or islands", name)
}

// Times returns a workload n times as long, with as many sessions at once as before.
func (o Workload) Times(n int) Workload {
	o.Packets *= n
	if o.Mode != Islands {
		o.Sessions *= n
	}
	return o
}

// leastPackets is what the shortest session of the notebook or of bulk takes: handshake, one exchange,
// teardown, with room for a remainder.
const leastPackets = 14

// check refuses what cannot be generated.
func (o Workload) check() error {
	switch {
	case o.Sessions <= 0 || o.Packets <= 0 || o.Concurrent <= 0:
		return fmt.Errorf("sessions, packets and concurrent must be positive: %+v", o)
	case o.RetransmitPercent < 0 || o.RetransmitPercent > 100:
		return fmt.Errorf("%g %% of the segments cannot be retransmitted", o.RetransmitPercent)
	case o.Sessions > mostSessions:
		return fmt.Errorf("at most %d sessions have ports of their own", mostSessions)
	case o.Mode == Notebook || o.Mode == Bulk:
		if o.Packets/o.Sessions < leastPackets {
			return fmt.Errorf("a session takes at least %d packets, there are %d for %d", leastPackets, o.Packets, o.Sessions)
		}
	case o.Mode == HalfOpen && o.Packets != o.Sessions:
		return fmt.Errorf("half-open sessions have one packet each")
	case o.Mode == Islands && o.Sessions != 1:
		return fmt.Errorf("islands are one session")
	}
	return nil
}
