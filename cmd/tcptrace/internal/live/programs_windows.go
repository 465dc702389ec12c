package live

import "os/exec"

func shellCommand(text string) *exec.Cmd { return exec.Command("cmd", "/C", text) }

func ownGroup(*exec.Cmd) {}

func interruptGroup(c *exec.Cmd) { _ = c.Process.Kill() }

func killGroup(c *exec.Cmd) { _ = c.Process.Kill() }
