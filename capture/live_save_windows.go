package capture

import "os"

// noFollow has no equivalent; O_EXCL refuses what exists, links included.
const noFollow = 0

// lockPart has nothing to do: nobody else opens a file for writing that is being written.
func lockPart(*os.File) {}

// isAbandoned cannot be told here.
func isAbandoned(*os.File) bool { return false }
