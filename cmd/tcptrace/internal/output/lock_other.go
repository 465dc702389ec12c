//go:build !unix

package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// canRenameOpen reports whether a file that is open may get another name.
const canRenameOpen = false

// lockName is the file whose existence is the lock.
const lockName = ".tcptrace.lock"

// lockPatience is how long a lock holds that its run did not give back.
const lockPatience = 10 * time.Second

// lock waits until this run alone gives files their names in a folder. A lock that is older than lockPatience is one of a
// run that was killed.
func lock(dir string) (unlock func(), err error) {
	path := filepath.Join(dir, lockName)
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err == nil {
			return func() { _ = f.Close(); _ = os.Remove(path) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if st, err := os.Stat(path); err == nil && time.Since(st.ModTime()) > lockPatience {
			_ = os.Remove(path)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// removeUnlessLocked cannot tell whether a draft is being worked on; one of yesterday is not.
func removeUnlessLocked(path string) {
	if st, err := os.Stat(path); err == nil && time.Since(st.ModTime()) > 24*time.Hour {
		_ = os.Remove(path)
	}
}

// isLocked cannot be told; a file that is open is not removed there.
func isLocked(string) bool { return false }

// sameOwner has nothing to do: a new file has its folder's owner.
func sameOwner(string, fs.FileInfo) error { return nil }

// syncFolder has nothing to do: the system keeps names by itself.
func syncFolder(string) {}
