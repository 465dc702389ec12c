// Package filelock marks files that are being written, so that another run of this program leaves them alone. A lock goes
// with its writer, also with one that is killed.
package filelock

import "errors"

// ErrHeld says that another open file has the lock.
var ErrHeld = errors.New("the file is locked")
