//go:build !linux

package capture

// Sockets are what a capture opens while it has privileges. Only Linux has such.
type Sockets struct{}

// OpenSockets gives ErrNoLive: there is nothing to open beforehand.
func OpenSockets(string) (*Sockets, error) { return nil, ErrNoLive }

// ParseSockets gives ErrNoLive.
func ParseSockets(string) (*Sockets, error) { return nil, ErrNoLive }

// Close does nothing.
func (s *Sockets) Close() {}

// String is empty.
func (s *Sockets) String() string { return "" }

// Inherit does nothing.
func (s *Sockets) Inherit(bool) {}
