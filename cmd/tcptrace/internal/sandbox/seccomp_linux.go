package sandbox

import (
	"os"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// denied are the system calls that a program which reads packets never makes, and that would be of use to one who has taken it
// over: other programs, other processes, the system itself.
var denied = []uint32{
	unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_SETNS, unix.SYS_UNSHARE, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_IO_URING_SETUP, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_SETHOSTNAME,
}

// Filter denies the whole process those system calls, for good (seccomp). Kernels without seccomp deny nothing.
func Filter() error {
	arch, ok := auditArch()
	if !ok {
		return nil
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil { // the other threads get it with the filter
		return os.NewSyscallError("prctl PR_SET_NO_NEW_PRIVS", err)
	}
	filter := program(arch)
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(filter)
	switch errno {
	case 0, unix.ENOSYS, unix.EINVAL:
		return nil
	}
	return os.NewSyscallError("seccomp", errno)
}

// auditArch is the kernel's name of this architecture; ok is false for those whose calls nobody looked at here.
func auditArch() (arch uint32, ok bool) {
	arch, ok = map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	return arch, ok
}

// program is the filter, a classic BPF program over struct seccomp_data: the number of the call at 0, the architecture at 4.
// Calls of another architecture, such as the 32-bit ones of a 64-bit kernel, are denied as a whole.
func program(arch uint32) []unix.SockFilter {
	p := ownCalls(arch)
	for _, number := range denied {
		p = append(p, unlessCall(number), ret(deny))
	}
	return append(p, ret(unix.SECCOMP_RET_ALLOW))
}

const deny = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func ret(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }

// unlessCall skips the next instruction if the number that is loaded is another.
func unlessCall(number uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: number, Jf: 1}
}

// ownCalls lets only the calls of one architecture go on.
func ownCalls(arch uint32) []unix.SockFilter {
	const x32 = 0x40000000
	return []unix.SockFilter{
		load(4),
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: arch, Jt: 1},
		ret(deny),
		load(0),
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: x32, Jf: 1},
		ret(deny),
	}
}

// confinedDenied are the calls that a program for the lab has no need of: the network, other processes, the system.
var confinedDenied = []uint32{
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_SENDMMSG,
	unix.SYS_KILL, unix.SYS_TKILL, unix.SYS_TGKILL, unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO,
	unix.SYS_MEMFD_CREATE, unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_SHMGET, unix.SYS_MSGGET, unix.SYS_SEMGET,
	unix.SYS_SETPRIORITY, unix.SYS_SCHED_SETAFFINITY, unix.SYS_PERSONALITY,
}

// confinedFilter denies those and, of what Filter denies, all but execve, which comes once and for which Landlock allows only the
// interpreter; new processes, but not threads; limits of other processes.
// clone3 has its flags in memory, which no filter sees: it does not exist, and libraries then use clone.
func confinedFilter() []unix.SockFilter {
	arch, _ := auditArch()
	p := ownCalls(arch)
	for _, number := range slices.Concat(denied, confinedDenied, forks) {
		if number != unix.SYS_EXECVE {
			p = append(p, unlessCall(number), ret(deny))
		}
	}
	const firstArgument = 16 // its low half, on little-endian machines
	return append(p,
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_PRLIMIT64, Jf: 4},
		load(firstArgument),
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: 0, Jt: 1},
		ret(deny),
		ret(unix.SECCOMP_RET_ALLOW),
		unlessCall(unix.SYS_CLONE3), ret(unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS)),
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_CLONE, Jf: 3},
		load(firstArgument),
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: unix.CLONE_THREAD, Jt: 1},
		ret(deny),
		ret(unix.SECCOMP_RET_ALLOW))
}
