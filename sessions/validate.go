package sessions

import (
	"errors"
	"fmt"

	"tcptrace/capture"
)

// Validate holds a whole trace, as Finish gave it, to what must be true whatever was captured: counters that add up,
// steps in order, states that move only along the arrows of RFC 9293 figure 5, echoes of no more bytes than were
// sent. It returns every contradiction it finds, each with its session, and changes nothing. It is for tests.
func Validate(t *Trace) error {
	var v validator
	if t.Summary != nil {
		v.summary(t)
		return errors.Join(v.found...)
	}
	last, packets := int64(0), int64(0)
	_ = t.Each(func(s *Session) error {
		v.where = fmt.Sprintf("session %d", s.ID)
		v.session(s)
		v.check(s.FirstFrame >= last, "begins at frame %d, the one before it at %d", s.FirstFrame, last)
		last = s.FirstFrame
		packets += s.Packets[Client] + s.Packets[Server]
		return nil
	})
	v.where = "the capture"
	v.check(packets == t.Capture.Watched, "the sessions have %d packets, watched are %d", packets, t.Capture.Watched)
	return errors.Join(v.found...)
}

// maxContradictions caps how many contradictions one trace is told.
const maxContradictions = 20

// A validator collects contradictions.
type validator struct {
	where string
	found []error
}

func (v *validator) check(holds bool, format string, args ...any) {
	if !holds && len(v.found) < maxContradictions {
		v.found = append(v.found, fmt.Errorf("%s: %s", v.where, fmt.Sprintf(format, args...)))
	}
}

// atMost checks that none of a pair of counters is above its bound.
func (v *validator) atMost(what string, part, whole Pair[int64]) {
	for side := range part {
		v.check(part[side] >= 0 && part[side] <= whole[side], "%s of side %d: %d of %d", what, side, part[side], whole[side])
	}
}

func (v *validator) summary(t *Trace) {
	v.where = "the summary"
	x, ends := t.Summary, int64(0)
	for _, n := range x.Ends {
		ends += n
	}
	v.check(ends == x.Sessions, "%d ends of %d sessions", ends, x.Sessions)
	v.check(len(x.StandOut) <= StandOutSessions && int64(len(x.StandOut)) <= x.Sessions, "%d of %d sessions stand out", len(x.StandOut), x.Sessions)
	v.atMost("retransmitted segments", x.Retransmitted, x.Packets)
	v.stats("echo", &x.EchoRTT)
	v.stats("period", &x.CadencePeriod)
	v.stats("ACK", &x.ACKRTT)
	for _, s := range x.StandOut {
		v.where = fmt.Sprintf("session %d, which stands out", s.ID)
		v.session(s)
	}
}

func (v *validator) session(s *Session) {
	v.atMost("data segments", s.DataSegments, s.Packets)
	v.atMost("retransmitted segments", s.Retransmitted, s.DataSegments)
	v.atMost("segments out of order", s.OutOfOrder, s.DataSegments)
	v.atMost("duplicate ACKs", s.DuplicateACKs, s.Packets)
	v.atMost("zero windows", s.ZeroWindows, s.Packets)
	v.atMost("keep-alives", s.KeepAlives, s.Packets)
	for side := range s.Bytes {
		v.check(s.Bytes[side] >= 0 && s.MissingBytes[side] >= 0, "%d bytes and %d missing of side %d", s.Bytes[side], s.MissingBytes[side], side)
		v.check(s.Bytes[side] == 0 || s.DataSegments[side] > 0, "%d bytes without a segment of side %d", s.Bytes[side], side)
		v.check(s.States[side] <= TimeWait, "state %d", s.States[side])
		v.stats("ACK", &s.ACKRTT[side])
	}
	v.check(s.FirstFrame > 0 && s.LastFrame >= s.FirstFrame, "frames %d to %d", s.FirstFrame, s.LastFrame)
	v.check(s.Duration >= 0, "lasts %v", s.Duration)
	v.check(s.End >= EndOpen && int(s.End) < NumEnds, "end %d", s.End)
	v.check(s.Client.IsValid() && s.Server.IsValid(), "ends %v and %v", s.Client, s.Server)
	v.handshake(s)
	v.echo(s)
	v.cadence(s)
	v.steps(s)
}

func (v *validator) handshake(s *Session) {
	h := s.Handshake
	if h == nil {
		return
	}
	for _, frame := range []int64{h.SYNFrame, h.SYNACKFrame, h.ACKFrame} {
		v.check(frame == 0 || frame >= s.FirstFrame && frame <= s.LastFrame, "handshake frame %d of %d to %d", frame, s.FirstFrame, s.LastFrame)
	}
	v.check(h.Complete || !h.HasRTT, "a round trip of an incomplete handshake")
	v.check(h.RTT >= 0, "a handshake of %v", h.RTT)
}

// stats checks that a summary of values is one.
func (v *validator) stats(what string, s *Stats) {
	if s.N == 0 {
		v.check(*s == Stats{}, "%s: no values, but %+v", what, *s)
		return
	}
	v.check(s.N > 0 && s.Min >= 0 && s.Min <= s.P50 && s.P50 <= s.P95 && s.P95 <= s.P99 && s.P99 <= s.Max,
		"%s: percentiles out of order: %+v", what, *s)
	v.check(s.Mean >= s.Min && s.Mean <= s.Max && s.StdDev >= 0 && s.StdDev <= s.Max-s.Min, "%s: mean or deviation: %+v", what, *s)
}

func (v *validator) echo(s *Session) {
	e := s.Echo
	if e == nil {
		return
	}
	v.stats("echo", &e.RTT)
	v.check(e.Matched >= 0 && e.Matched <= e.Replies, "%d of %d replies match", e.Matched, e.Replies)
	v.check(e.UnansweredBytes >= 0, "%d unanswered bytes", e.UnansweredBytes)
	v.check(e.RTT.N <= e.Matched, "%d round trips of %d matches", e.RTT.N, e.Matched)
	v.check(e.SamplesLeftOut >= 0 && (len(e.Samples) == 0 || int64(len(e.Samples))+e.SamplesLeftOut == e.RTT.N),
		"%d samples and %d left out of %d", len(e.Samples), e.SamplesLeftOut, e.RTT.N)
	var echoed int64
	for _, x := range e.Samples {
		v.check(x.RTT >= 0 && x.Bytes >= 0, "an echo of %d bytes in %v", x.Bytes, x.RTT)
		echoed += int64(x.Bytes)
	}
	asked := s.Bytes[Client] + s.MissingBytes[Client]
	v.check(echoed+e.UnansweredBytes <= asked, "%d bytes echoed and %d unanswered of %d", echoed, e.UnansweredBytes, asked)
}

func (v *validator) cadence(s *Session) {
	c := s.Cadence
	if c == nil {
		return
	}
	v.stats("period", &c.Period)
	v.check(c.Beats > 0 && c.Period.N < c.Beats, "%d periods of %d beats", c.Period.N, c.Beats)
	v.check(len(c.Times) == 0 || int64(len(c.Times))+c.TimesLeftOut == c.Beats, "%d times and %d left out of %d beats", len(c.Times), c.TimesLeftOut, c.Beats)
	v.check(c.Missed >= 0 && c.Bunched >= 0 && c.Missed+c.Bunched <= c.Period.N, "%d missed and %d bunched of %d", c.Missed, c.Bunched, c.Period.N)
}

// steps checks the rows of a session that is shown.
func (v *validator) steps(s *Session) {
	if len(s.Steps) == 0 {
		v.check(s.StepsLeftOut == 0, "%d steps left out of none", s.StepsLeftOut)
		return
	}
	v.check(s.StepsLeftOut >= 0 && (s.StepsLeftOut == 0 || s.StepsHead > 0 && s.StepsHead < len(s.Steps)),
		"%d steps left out after %d of %d", s.StepsLeftOut, s.StepsHead, len(s.Steps))
	packets := s.Packets[Client] + s.Packets[Server]
	v.check(int64(len(s.Steps))+s.StepsLeftOut+s.Copies == packets, "%d steps, %d left out and %d copies of %d packets",
		len(s.Steps), s.StepsLeftOut, s.Copies, packets)
	var fresh Pair[int64]
	for i := range s.Steps {
		st := &s.Steps[i]
		v.step(st)
		if st.Marks.Has(MarkNewData) {
			fresh[st.From] += int64(st.Length)
		}
		if i > 0 {
			v.check(st.Frame >= s.Steps[i-1].Frame, "frame %d after %d", st.Frame, s.Steps[i-1].Frame)
		}
	}
	near := s.Near()
	for side := range s.States {
		events := s.Line(Side(side), near)
		for i := 1; i < len(events); i++ {
			v.arrow(s, Side(side), events[i-1], events[i])
		}
		if n := len(events); n > 0 && s.StepsLeftOut == 0 && !s.Untimed && !s.Backwards && s.End != EndNoAnswer {
			v.check(events[n-1].State == s.States[side], "side %d ends in %v, and its steps in %v", side, s.States[side], events[n-1].State)
		}
	}
	if s.StepsLeftOut == 0 {
		v.atMost("bytes", s.Bytes, fresh)
	}
}

func (v *validator) step(st *Step) {
	v.check(st.From == Client || st.From == Server, "frame %d is from %d", st.Frame, st.From)
	v.check(len(st.Text()) <= PreviewBytes && len(st.Text()) <= int(st.Length), "frame %d: a preview of %d of %d bytes", st.Frame, len(st.Text()), st.Length)
	v.check(st.Length > 0 || st.Marks&(MarkNewData|MarkRetransmission|MarkOutOfOrder|MarkHole) == 0, "frame %d: marks %b of a segment without payload", st.Frame, st.Marks)
	v.check(st.Window >= 0, "frame %d: a window of %d", st.Frame, st.Window)
}

// arrow checks that one event of a side leads from one state to the next.
func (v *validator) arrow(s *Session, side Side, before, event Event) {
	a, b := before.State, event.State
	if a == b || side == Server && (s.End == EndRefused || s.End == EndNoAnswer) {
		return
	}
	st := &s.Steps[event.Step]
	reset := st.Flags&capture.RST != 0 && b == Closed && st.Marks&MarkIgnored == 0
	v.check(reset || reachable[a][b], "frame %d: side %d goes from %v to %v", st.Frame, side, a, b)
}

// reachable[a][b] is whether the arrows of the RFC lead from a to b. One segment can stand for several arrows, because
// what the capture lacks is caught up on.
var reachable = func() (r [numStates][numStates]bool) {
	for from := range after {
		for _, to := range after[from] {
			r[from][to] = r[from][to] || to != Undetermined
		}
	}
	for via := range numStates {
		for from := range numStates {
			for to := range numStates {
				r[from][to] = r[from][to] || r[from][via] && r[via][to]
			}
		}
	}
	return r
}()
