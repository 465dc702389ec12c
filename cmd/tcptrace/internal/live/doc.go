// Package live is the screen and the programs of a live run: rows as they come, a status line below them, findings as they
// are made, and programs that run under strace meanwhile. It registers no flags and computes no number: it shows what a
// snapshot of the tracker says.
package live
