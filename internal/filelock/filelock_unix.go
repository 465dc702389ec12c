//go:build unix

package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// NoFollow has an open fail on a symbolic link.
const NoFollow = unix.O_NOFOLLOW

// Try locks a file or folder until it is closed, without waiting. The error is ErrHeld where another open file has the
// lock, and what flock(2) says where the file system has none.
func Try(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrHeld
	}
	return err
}
