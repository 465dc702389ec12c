//go:build !linux

package sandbox

// Enter does nothing: only on Linux a capture has privileges of its own that it can give up.
func Enter(string, User, []string, bool) error { return nil }

// Filter does nothing.
func Filter() error { return nil }

// DropCapabilities does nothing: capabilities are Linux's.
func DropCapabilities() error { return nil }
