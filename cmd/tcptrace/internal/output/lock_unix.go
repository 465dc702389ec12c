//go:build unix

package output

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"tcptrace/internal/filelock"
)

// canRenameOpen reports whether a file that is open may get another name.
const canRenameOpen = true

// lockPatience is how long a run waits for another one that gives its files their names, which takes no longer than that
// on any disk that works.
const lockPatience = 10 * time.Second

// lock waits until this run alone gives files their names in a folder. A run that is killed loses its lock.
func lock(dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(lockPatience); ; time.Sleep(10 * time.Millisecond) {
		err := filelock.Try(d)
		switch {
		case err == nil:
			return func() { _ = d.Close() }, nil
		case errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOLCK) || errors.Is(err, unix.EBADF):
			return func() { _ = d.Close() }, nil // a file system without locks, as some of networks are
		case !errors.Is(err, filelock.ErrHeld) && !errors.Is(err, unix.EINTR) || time.Now().After(end):
			_ = d.Close()
			return nil, &os.PathError{Op: "lock", Path: dir, Err: err}
		}
	}
}

// removeUnlessLocked removes a draft that nobody works on.
func removeUnlessLocked(path string) {
	f, err := os.OpenFile(path, os.O_RDONLY|filelock.NoFollow, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if filelock.Try(f) == nil {
		_ = os.Remove(path)
	}
}

// isLocked reports whether a file is one that somebody is writing.
func isLocked(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|filelock.NoFollow|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(filelock.Try(f), filelock.ErrHeld)
}

// sameOwner gives a file the owner of another one, where this user may do so.
func sameOwner(path string, other fs.FileInfo) error {
	st, ok := other.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(path, int(st.Uid), int(st.Gid))
}

// syncFolder has the names in a folder on the disk.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // some file systems cannot; the file itself is there
		_ = d.Close()
	}
}
