//go:build !unix

package main

import (
	"os"
	"syscall"
)

// endingSignals end a command.
var endingSignals = []os.Signal{os.Interrupt, syscall.SIGTERM}
