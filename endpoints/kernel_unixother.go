//go:build unix && !linux

package endpoints

import "golang.org/x/sys/unix"

// windowClamp is 0 where the system has no such option.
const windowClamp = 0

// ignoreSYNs is a rule that only Linux can be asked to keep.
func ignoreSYNs(int, bool) error { return unix.ENOPROTOOPT }
