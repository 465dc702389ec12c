//go:build !linux

package main

import (
	"path/filepath"

	"tcptrace/capture"
)

// Only on Linux a capture has privileges of its own that it can give up.

func heldSockets() (*capture.Sockets, string, error) { return nil, "", nil }

func givePrivilegesUp(*capture.Sockets, string, []string, bool) error { return nil }

func folderOf(path string) string { return filepath.Dir(path) }
