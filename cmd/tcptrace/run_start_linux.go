package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// A starter starts processes that end with tcptrace, however that ends. The kernel ends them with the thread that started them, so
// that all are started on one, which lives until end.
type starter struct {
	starts chan func()
}

func newStarter() *starter {
	s := &starter{starts: make(chan func())}
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		for start := range s.starts {
			start()
		}
	}()
	return s
}

func (s *starter) start(c *exec.Cmd) error {
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	done := make(chan error)
	s.starts <- func() { done <- c.Start() }
	return <-done
}

func (s *starter) end() { close(s.starts) }
