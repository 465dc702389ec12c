package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Limits of a confined program. Nobody's lesson needs as much.
const (
	confinedSeconds = 60
	confinedMemory  = 1 << 30 // of address space, bytes
	confinedFiles   = 64
)

// CanConfine says why a program cannot be confined here; nil where it can.
func CanConfine() error {
	if _, ok := auditArch(); !ok {
		return errors.New("no seccomp filter for " + runtime.GOARCH)
	}
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return os.NewSyscallError("landlock_create_ruleset", errno)
	}
	if abi < 4 {
		return fmt.Errorf("the kernel's Landlock is version %d, which has no rule for TCP", abi)
	}
	return nil
}

// Confine executes another program in the place of this one, which may read the readable files and folders and its interpreter's
// library and nothing else, and write nothing; it cannot open a socket or start a process, and what it takes of processor, memory
// and files is limited. It returns only an error.
func Confine(readable, argv []string) error {
	if err := CanConfine(); err != nil {
		return err
	}
	runtime.LockOSThread() // and never unlocked: the thread is the program's
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl PR_SET_NO_NEW_PRIVS", err)
	}
	program, err := filepath.EvalSymlinks(argv[0])
	if err != nil {
		return err
	}
	if err := readOnly(program, readable); err != nil {
		return err
	}
	var none [2]unix.CapUserData
	if err := unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0]); err != nil {
		return os.NewSyscallError("capset", err)
	}
	for c := uintptr(0); c <= lastCapability; c++ {
		_ = unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0) // no_new_privs holds where it is not allowed
	}
	path, err := unix.BytePtrFromString(program)
	if err != nil {
		return err
	}
	args, err := syscall.SlicePtrFromStrings(append([]string{program}, argv[1:]...))
	if err != nil {
		return err
	}
	env, err := syscall.SlicePtrFromStrings(os.Environ())
	if err != nil {
		return err
	}
	for resource, limit := range map[int]uint64{unix.RLIMIT_CPU: confinedSeconds, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_CORE: 0,
		unix.RLIMIT_NOFILE: confinedFiles} {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return os.NewSyscallError("setrlimit", err)
		}
	}
	filter := confinedFilter()
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	memory := unix.Rlimit{Cur: confinedMemory, Max: confinedMemory}
	// From here on this thread may not allocate: Go's own address space is larger than the limit.
	if _, _, errno := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_AS, uintptr(unsafe.Pointer(&memory)), 0, 0, 0); errno != 0 {
		return os.NewSyscallError("prlimit", errno)
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog))); errno != 0 {
		return os.NewSyscallError("seccomp", errno)
	}
	_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&args[0])), uintptr(unsafe.Pointer(&env[0])))
	runtime.KeepAlive(filter)
	return os.NewSyscallError("execve", errno)
}

// readOnly gives up all files but those, with all rights that Landlock knows, and TCP.
func readOnly(program string, readable []string) error {
	abi, _, _ := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	rules := unix.LandlockRulesetAttr{
		Handled_access_fs:  1<<15 - 1, // all of version 3
		Handled_access_net: unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP,
	}
	size := unsafe.Sizeof(rules.Handled_access_fs) + unsafe.Sizeof(rules.Handled_access_net)
	if abi >= 5 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return os.NewSyscallError("landlock_create_ruleset", errno)
	}
	defer unix.Close(int(fd))
	const execute, read = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE, unix.LANDLOCK_ACCESS_FS_READ_FILE
	const below = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	allowed := map[string]uint64{program: execute, "/dev/null": read | unix.LANDLOCK_ACCESS_FS_WRITE_FILE, "/dev/urandom": read, "/etc/ld.so.cache": read}
	for _, path := range readable {
		allowed[path] = below
	}
	// The interpreter's library stands beside it, the system's where systems have it.
	for _, dir := range []string{"/usr/lib", "/lib", "/lib64", "/usr/lib64", "/usr/local/lib", filepath.Join(filepath.Dir(program), "..", "lib")} {
		allowed[dir] = below | unix.LANDLOCK_ACCESS_FS_EXECUTE
	}
	for path, access := range allowed {
		if err := allow(int(fd), path, access); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return os.NewSyscallError("landlock_restrict_self", errno)
	}
	return nil
}

// allow allows access to a file, or below a folder.
func allow(ruleset int, path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &^= unix.LANDLOCK_ACCESS_FS_READ_DIR
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("landlock_add_rule", errno)
	}
	return nil
}
