package sandbox

import (
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// Under Landlock only the folders given can be written into.
func TestLandlockConfines(t *testing.T) {
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION); errno != 0 {
		t.Skipf("this kernel has no Landlock: %v", errno)
	}
	allowed, forbidden := t.TempDir(), t.TempDir()
	result := make(chan [3]error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		var r [3]error
		if r[0] = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); r[0] == nil {
			r[0] = landlock([]string{allowed})
		}
		create := func(dir string) error {
			fd, err := unix.Open(filepath.Join(dir, "x"), unix.O_CREAT|unix.O_WRONLY, 0o600)
			if err == nil {
				unix.Close(fd)
			}
			return err
		}
		r[1], r[2] = create(allowed), create(forbidden)
		result <- r
	}()
	r := <-result
	if r[0] != nil || r[1] != nil || r[2] != unix.EACCES {
		t.Errorf("landlock: %v; in the folder: %v; outside: %v, want EACCES", r[0], r[1], r[2])
	}
}
