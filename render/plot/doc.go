// Package plot draws static pictures of a trace: the cadence, the echo, the phase and the sequence graph. It is the
// only one that knows gonum; it decides nothing that sessions/rhythm has not decided.
package plot
