package sandbox

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Enter executes the program again without any privilege: no capability, the given user where root runs it, no way to gain any
// by executing something (no_new_privs), and with confine no way to write but into the folders given nor to use TCP (Landlock,
// where the kernel has it). Credentials belong to threads and a Go
// program has many; execve keeps the calling one alone, so that nothing remains. Open file descriptors that are marked for it
// are inherited; carry is what Carried gives in the new program. It returns only an error, an *fs.PathError for a folder.
func Enter(carry string, user User, writable []string, confine bool) error {
	runtime.LockOSThread() // and never unlocked: the thread is good for nothing else
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl PR_SET_NO_NEW_PRIVS", err)
	}
	if confine {
		if err := landlock(writable); err != nil {
			return err
		}
	}
	for c := uintptr(0); c <= lastCapability; c++ {
		_ = unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0) // needs CAP_SETPCAP; without it no_new_privs alone must do
	}
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
	if err := become(user); err != nil {
		return err
	}
	var none [2]unix.CapUserData
	if err := unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0]); err != nil {
		return os.NewSyscallError("capset", err)
	}
	env := append(os.Environ(), carriedVariable+"="+carry)
	// The program's own file, even where its path can no longer be reached by this user.
	return os.NewSyscallError("execve", syscall.Exec("/proc/self/exe", os.Args, env))
}

const lastCapability = 63

// become turns root into a user, on this thread alone.
func become(user User) error {
	uid, gid := user.UID, user.GID
	if os.Geteuid() != 0 || uid == 0 {
		return nil
	}
	groups := []uint32{uint32(gid)}
	for _, call := range []struct {
		name           string
		number, a1, a2 uintptr
		a3             uintptr
	}{
		{"setgroups", unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(unsafe.Pointer(&groups[0])), 0},
		{"setresgid", unix.SYS_SETRESGID, uintptr(gid), uintptr(gid), uintptr(gid)},
		{"setresuid", unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)},
	} {
		if _, _, errno := unix.RawSyscall(call.number, call.a1, call.a2, call.a3); errno != 0 {
			return os.NewSyscallError(call.name, errno)
		}
	}
	runtime.KeepAlive(groups)
	return nil
}

// landlock confines the thread: files can be changed below the given folders only, and TCP is not for it. Kernels
// without Landlock, or with it switched off, confine nothing.
func landlock(writable []string) error {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return nil
	}
	const changes = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		unix.LANDLOCK_ACCESS_FS_MAKE_SYM
	rules := unix.LandlockRulesetAttr{Handled_access_fs: changes}
	size := unsafe.Sizeof(rules.Handled_access_fs)
	if abi >= 2 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		rules.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		size += unsafe.Sizeof(rules.Handled_access_net)
	}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return os.NewSyscallError("landlock_create_ruleset", errno)
	}
	defer unix.Close(int(fd))
	for _, dir := range writable {
		if err := allowBelow(int(fd), dir, rules.Handled_access_fs); err != nil {
			return err
		}
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return os.NewSyscallError("landlock_restrict_self", errno)
	}
	return nil
}

func allowBelow(ruleset int, dir string, access uint64) error {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC|unix.O_DIRECTORY, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: dir, Err: err}
	}
	defer unix.Close(fd)
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("landlock_add_rule", errno)
	}
	return nil
}

// fileCapabilities are those that let root open the files of others.
const fileCapabilities = 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH | 1<<unix.CAP_FOWNER

// droppedVariable is set for the program that DropCapabilities executed.
const droppedVariable = "TCPTRACE_DROPPED"

// DropCapabilities takes from a program that root runs what the reading and writing of files does not need: every capability but
// those that let root open the files of others. Where the runtime cannot do so on all threads, as in a program with C in it,
// the program is executed again.
func DropCapabilities() error {
	_, done := os.LookupEnv(droppedVariable)
	os.Unsetenv(droppedVariable)
	if os.Geteuid() != 0 || done {
		return nil
	}
	var have [2]unix.CapUserData
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := unix.Capget(&header, &have[0]); err != nil {
		return os.NewSyscallError("capget", err)
	}
	for i, keep := range [2]uint32{fileCapabilities, 0} {
		have[i] = unix.CapUserData{Effective: have[i].Effective & keep, Permitted: have[i].Permitted & keep}
	}
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&have[0])), 0)
	runtime.KeepAlive(have)
	switch errno {
	case 0:
		return nil
	case unix.ENOTSUP:
		return executeDropped()
	}
	return os.NewSyscallError("capset", errno)
}

// executeDropped executes the program again without the capabilities: a root's program gets those of the bounding set, which
// is this thread's own.
func executeDropped() error {
	runtime.LockOSThread()
	for c := uintptr(0); c <= lastCapability; c++ {
		if fileCapabilities>>c&1 == 0 {
			_ = unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
		}
	}
	env := append(os.Environ(), droppedVariable+"=1")
	return os.NewSyscallError("execve", syscall.Exec("/proc/self/exe", os.Args, env))
}
