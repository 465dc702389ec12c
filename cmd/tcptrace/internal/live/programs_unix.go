//go:build unix

package live

import (
	"os/exec"
	"syscall"
)

func shellCommand(text string) *exec.Cmd { return exec.Command("/bin/sh", "-c", text) }

// ownGroup keeps the terminal's Ctrl-C from a program: it is ended when its last packets can still be captured.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func interruptGroup(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGINT) }

func killGroup(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
