//go:build !unix

package filelock

import (
	"errors"
	"os"
)

// NoFollow has no equivalent; os.O_EXCL refuses what exists, links included.
const NoFollow = 0

// Try locks nothing: these systems keep a file that is open for writing from others by themselves.
func Try(*os.File) error { return errors.ErrUnsupported }
