//go:build unix

package main

import (
	"os"
	"syscall"
)

// endingSignals end a command. SIGQUIT is one of them: what Go would print for it is of use to nobody.
var endingSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
