// Package ladder is the lecturer's table as data: a session and its socket calls as rows of two halves, the client's
// and the server's (docs/ladder.md).
//
// Three steps make a table.
//
//  1. AddCalls lays journals of socket calls on a trace: it finds the session of every socket, places the journal's
//     clock by cause, and joins each call with the segment that it sent or that let it return.
//  2. Rows puts the segments and the calls of one session into one order.
//  3. Build fills both halves of every row (call, state, signal, result), cuts the table into phases, folds equal
//     cycles, and notes what a reader has to know.
//
// Everything is enumerations, numbers and references to steps and calls. The package knows no language and no format:
// every view prints the same table.
package ladder
