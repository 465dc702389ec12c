package render

import "tcptrace/sessions"

// LadderOptions chooses how sessions become ladder tables.
type LadderOptions struct {
	Lang     string // "es" or "en"
	Notebook bool   // the notebook's eight columns only
	All      bool   // fold nothing
	NoACKs   bool   // hide ACKs that change no state
	Sleeps   bool   // show sleep rows
}

// LadderTables gives the tables of one session: handshake, data and teardown.
func LadderTables(s *sessions.Session, t *sessions.Trace, o LadderOptions) []Table {
	return nil
}
