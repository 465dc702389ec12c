package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"tcptrace/cmd/tcptrace/internal/live"
	"tcptrace/cmd/tcptrace/internal/sandbox"
)

// launcherVariable makes this program the launcher of a capture: the process that starts the programs of --run, which the capture
// itself may not do any more. It names the user that both become.
const launcherVariable = "TCPTRACE_LAUNCHER"

// launcherConnection is the launcher's end of the connection to its capture.
const launcherConnection = 3

// startLauncher starts the launcher where there are programs to start, and gives the number of the descriptor that leads to it, which
// the program that is executed next inherits; "" without programs.
func (r *liveRun) startLauncher(user sandbox.User) (string, error) {
	if len(r.flags.programs) == 0 {
		return "", nil
	}
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", os.NewSyscallError("socketpair", err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "launcher")
	defer theirs.Close()
	c := exec.Command("/proc/self/exe")
	c.Args = []string{"tcptrace"}
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%d,%d", launcherVariable, user.UID, user.GID))
	c.ExtraFiles = []*os.File{theirs} // number 3
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's Ctrl-C is the capture's, which ends the programs
	if err := c.Start(); err != nil {
		return "", err
	}
	_, err = unix.FcntlInt(uintptr(fds[0]), unix.F_SETFD, 0)
	return strconv.Itoa(fds[0]), err
}

func isLauncher() bool { return os.Getenv(launcherVariable) != "" }

// launch is the launcher: it gives up what the capture gives up, but for the files and TCP, and serves it.
func launch() int {
	if _, entered := sandbox.Carried(); !entered {
		var user sandbox.User
		_, err := fmt.Sscanf(os.Getenv(launcherVariable), "%d,%d", &user.UID, &user.GID)
		if err == nil {
			err = sandbox.Enter("launcher", user, nil, false)
		}
		fmt.Fprintln(os.Stderr, "tcptrace:", err)
		return exitCapture
	}
	os.Unsetenv(launcherVariable)
	if err := live.Launch(os.NewFile(launcherConnection, "capture")); err != nil {
		return exitCapture // the capture has been told, or is gone
	}
	return exitOK
}
