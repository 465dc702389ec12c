package ladder

import (
	"strings"

	"tcptrace/journal"
	"tcptrace/sessions"
)

// Spelling is a call as the notebook writes it: `conn.send(12 bytes)`.
func Spelling(c *sessions.Call) string { return object(c) + c.Args }

// Name is a call as an UNBLOCK names it: `conn.recv_into`.
func Name(c *sessions.Call) string {
	name, _, _ := strings.Cut(c.Args, "(")
	return object(c) + name
}

// object is what stands before the call: "s." or "conn.", nothing for socket(), poll, select and sleep.
func object(c *sessions.Call) string {
	if c.Object == "" || c.Call == journal.Socket {
		return ""
	}
	return c.Object + "."
}
