// Package laddertest compares tables in tests.
package laddertest

import (
	"fmt"
	"strings"
	"time"

	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// Doings are what a table tells of one side, without times and frames: calls, returns, states and results. Of calls that
// take less than brief, whether they waited is left out; and of a send, whether its bytes were held back: at the far end of a
// link neither can be told for sure.
func Doings(l *ladder.Table, side sessions.Side, brief time.Duration) (out []string) {
	calls := l.Session.Calls[side]
	short := func(i int) bool { return i >= 0 && calls[i].HasEnd && calls[i].Duration < brief }
	for i := range l.Rows {
		h := l.Rows[i].Sides[side]
		var parts []string
		waits := h.State.Blocked
		switch {
		case h.Begins >= 0 && short(h.Begins) && waits:
			continue
		case h.Returns >= 0 && short(h.Returns):
			parts = append(parts, fmt.Sprintf("%s×%d", ladder.Spelling(&calls[h.Returns]), calls[h.Returns].Repeats))
			h.Returns = -1
		}
		if h.Begins >= 0 {
			parts = append(parts, fmt.Sprintf("%s×%d", ladder.Spelling(&calls[h.Begins]), calls[h.Begins].Repeats))
		}
		if h.Returns >= 0 {
			parts = append(parts, "UNBLOCK "+ladder.Name(&calls[h.Returns]))
		}
		if h.Result.Kind == ladder.Queued {
			h.Result.Kind, h.Result.Held = ladder.Count, sessions.NotHeld
		}
		if h.Result.Kind != ladder.NoResult && h.Result.Kind != ladder.Expired {
			parts = append(parts, fmt.Sprintf("%+v", h.Result))
		}
		if len(parts) > 0 {
			out = append(out, strings.Join(append(parts, h.State.TCP.String(), fmt.Sprint(waits)), " | "))
		}
	}
	return out
}
