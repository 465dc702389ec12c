//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// keepOpen lets a descriptor stay open in a program that is executed.
func keepOpen(f *os.File) error {
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETFD, 0)
	return err
}
