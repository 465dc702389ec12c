// Package sessions turns segments and socket calls into sessions: states, streams, echoes, beats.
//
// It does no I/O, reads no clock and prints nothing; time comes from the segments only. Wrapped
// sequence numbers stay inside: what leaves are 64-bit offsets from each side's SYN.
package sessions
