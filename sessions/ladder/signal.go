package ladder

import (
	"strconv"
	"strings"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// Signal is a segment from one side's point of view (docs/ladder.md, Rows 3). The zero value is no signal.
type Signal struct {
	Shown    bool
	Sent     bool          // by the side that the half belongs to
	Flags    capture.Flags // those that name the segment: SYN, FIN, RST, and ACK beside SYN
	Length   int           // payload bytes on the wire
	Probe    bool          // a keep-alive or a window probe
	Repeated bool          // sent before
	Spurious bool          // repeated although the first copy had arrived
	Lost     bool          // it reached nobody
}

// SignalOf is a step's segment as a side sees it.
func SignalOf(st *sessions.Step, side sessions.Side) Signal {
	g := Signal{Shown: true, Sent: st.From == side, Flags: named(st.Flags), Length: int(st.Length)}
	g.Probe = st.Marks&(sessions.MarkKeepAlive|sessions.MarkWindowProbe) != 0
	if g.Probe || st.Flags&capture.RST != 0 {
		return g
	}
	g.Repeated = st.Marks&(sessions.MarkRetransmission|sessions.MarkSYNRepeated) != 0 ||
		st.Flags&capture.FIN != 0 && st.Marks&sessions.MarkNewFIN == 0 && st.Length == 0
	g.Spurious, g.Lost = st.Marks.Has(sessions.MarkSpurious), st.Marks.Has(sessions.MarkLost)
	return g
}

// named keeps the flags that name a segment; the others say nothing in a table.
func named(f capture.Flags) capture.Flags {
	if f&capture.SYN != 0 {
		return f & (capture.SYN | capture.ACK | capture.FIN | capture.RST)
	}
	return f & (capture.FIN | capture.RST)
}

// Segment names the segment itself, without what is said about it: SYN, SYN+ACK, ACK, Data[n], FIN, Data[n]+FIN, RST.
// The ACK flag is left out where it says nothing.
func (g Signal) Segment() string {
	var parts []string
	switch {
	case g.Flags&capture.RST != 0:
		return "RST"
	case g.Flags.Has(capture.SYN | capture.ACK):
		parts = append(parts, "SYN+ACK")
	case g.Flags&capture.SYN != 0:
		parts = append(parts, "SYN")
	}
	if g.Length > 0 {
		parts = append(parts, "Data["+strconv.Itoa(g.Length)+"]")
	}
	if g.Flags&capture.FIN != 0 {
		parts = append(parts, "FIN")
	}
	if len(parts) == 0 {
		return "ACK"
	}
	return strings.Join(parts, "+")
}
