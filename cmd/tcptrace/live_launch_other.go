//go:build !linux

package main

import "tcptrace/cmd/tcptrace/internal/sandbox"

// startLauncher starts nothing: a capture has given nothing up here, and starts its programs itself.
func (r *liveRun) startLauncher(sandbox.User) (string, error) { return "", nil }

func isLauncher() bool { return false }

func launch() int { return exitUsage }
