//go:build !unix

package main

import "tcptrace/cmd/tcptrace/internal/sandbox"

// chooseUser has nobody to choose: a capture has no rights of its own here.
func (r *liveRun) chooseUser() (sandbox.User, error) { return sandbox.User{}, nil }
