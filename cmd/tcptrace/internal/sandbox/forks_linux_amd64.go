package sandbox

import "golang.org/x/sys/unix"

// forks are the older calls that make processes or change rights, which newer architectures have not.
var forks = []uint32{unix.SYS_FORK, unix.SYS_VFORK, unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN}
