package ladder

import (
	"fmt"
	"strconv"
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

// Spelling is what a result cell says in every language; empty for the kinds that take words.
func (r *Result) Spelling() string {
	switch r.Kind {
	case Raised:
		text := r.Exception + ": " + r.Errno
		if r.Repeats > 1 {
			text += " ×" + strconv.Itoa(r.Repeats)
		}
		return text
	case Accepted:
		return fmt.Sprintf("%s, addr = (%q, %d)", r.Name, r.Addr.Addr().Unmap().String(), r.Addr.Port())
	case Count, Queued:
		return strconv.FormatInt(r.Value, 10)
	case Events:
		return r.Text
	}
	return ""
}
