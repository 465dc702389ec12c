package ladder

import (
	"sort"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// A timeline answers when one side of a session could know or do something, from its steps.
type timeline struct {
	steps []sessions.Step
	side  sessions.Side
	edge  []int64 // bytes of the peer's stream that had arrived in order, after each step
}

func newTimeline(s *sessions.Session, side sessions.Side) *timeline {
	return &timeline{steps: s.Steps, side: side, edge: s.InOrder(side)}
}

// find is the first step for which match holds, -1 for none.
func (tl *timeline) find(match func(*sessions.Step) bool) int {
	for i := range tl.steps {
		if match(&tl.steps[i]) {
			return i
		}
	}
	return -1
}

func (tl *timeline) ownSYN() int {
	return tl.find(func(s *sessions.Step) bool { return s.From == tl.side && s.Flags&capture.SYN != 0 })
}

// ownByte is the step that first sent byte number at of the side's stream.
func (tl *timeline) ownByte(at int64) int {
	return tl.find(func(s *sessions.Step) bool {
		return s.From == tl.side && s.Marks.Has(sessions.MarkNewData) && s.Offset <= at && at < s.Offset+int64(s.Length)
	})
}

// arrival is the step with which byte number at of the peer's stream had arrived in order.
func (tl *timeline) arrival(at int64) int {
	i := sort.Search(len(tl.edge), func(i int) bool { return tl.edge[i] > at })
	if i == len(tl.edge) {
		return -1
	}
	return i
}

// peerFIN is the step with which the peer's FIN had arrived, nothing missing before it.
func (tl *timeline) peerFIN() int {
	i := tl.find(func(s *sessions.Step) bool { return s.From != tl.side && s.Marks.Has(sessions.MarkNewFIN) })
	if i < 0 {
		return -1
	}
	end := tl.steps[i].Offset + int64(tl.steps[i].Length)
	if end > 0 && tl.edge[i] < end {
		if j := tl.arrival(end - 1); j > i {
			return j
		}
	}
	return i
}

// peerRST is the RST with which the peer ended the connection.
func (tl *timeline) peerRST() int {
	return tl.find(func(s *sessions.Step) bool {
		return s.From != tl.side && s.Flags&capture.RST != 0 && s.Marks&sessions.MarkIgnored == 0
	})
}

func (tl *timeline) synack() int {
	return tl.find(func(s *sessions.Step) bool {
		return s.From == sessions.Server && s.Flags.Has(capture.SYN|capture.ACK) && s.Marks&sessions.MarkIgnored == 0
	})
}

// handshakeACK is the step that made the server ESTABLISHED.
func (tl *timeline) handshakeACK() int {
	if tl.synack() < 0 {
		return -1
	}
	return tl.find(func(s *sessions.Step) bool {
		return s.From == sessions.Client && s.Flags&(capture.SYN|capture.RST) == 0 && s.Flags&capture.ACK != 0 && s.Ack >= 0
	})
}
