//go:build !linux

package sandbox

import "errors"

// Enter does nothing: only on Linux a capture has privileges of its own that it can give up.
func Enter(string, User, []string, bool) error { return nil }

// Filter does nothing.
func Filter() error { return nil }

// DropCapabilities does nothing: capabilities are Linux's.
func DropCapabilities() error { return nil }

// CanConfine says why a program cannot be confined here.
func CanConfine() error { return errors.New("only Linux has Landlock and seccomp") }

// Confine does nothing but say so.
func Confine([]string, []string) error { return CanConfine() }
