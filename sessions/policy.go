package sessions

// A Policy says what is kept of the sessions of a capture beside their counters, for one use of the trace. Whatever the
// policy, the first sessions keep their steps, because findings are made from them: what is found does not depend on who
// asks.
type Policy uint8

// The policies.
const (
	// ForTables keeps all sessions, the first ones with their steps: tables, explanations.
	ForTables Policy = iota + 1
	// ForPlots keeps every sample and beat too: plots, files of samples.
	ForPlots
	// ForReading keeps the first sessions only and counts the others: a report of a capture of any length.
	ForReading
	// ForFolder is ForReading for all files of a report: Options.OnSession gets every session with its samples.
	ForFolder
	// ForTotals forgets a session when it has ended: totals of a capture of any length.
	ForTotals
	// ForRows forgets a session too, when Options.OnSession has written it with its samples: rows of a capture of any
	// length.
	ForRows
)

// Keep sets what o keeps. With ForReading and ForFolder the caller sets Built.
func (o *Options) Keep(p Policy) {
	o.Shown = DefaultShown
	o.Samples = p == ForPlots || p == ForRows || p == ForFolder
	o.Lazy = p == ForReading || p == ForFolder
	o.Counted = o.Lazy
	o.Summary = p == ForTotals || p == ForRows
}
