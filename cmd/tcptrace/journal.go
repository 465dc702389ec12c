package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/endpoints/cpython"
	"tcptrace/journal"
	"tcptrace/words"
)

func newJournal(u *ui) *cobra.Command {
	w := words.NewJournalCommand(u.lang)
	c := &cobra.Command{Use: "journal", Short: w.Journal(), Long: w.JournalLong(), Example: w.JournalExample()}
	c.AddCommand(newJournalPython(u), newJournalStrace(u))
	return c
}

// needProgram refuses a command line without a program.
func needProgram(u *ui, example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return &usageError{words.NewJournalCommand(u.lang).NeedProgram(), example}
		}
		return nil
	}
}

func newJournalPython(u *ui) *cobra.Command {
	w := words.NewJournalCommand(u.lang)
	var to, python string
	var force bool
	c := &cobra.Command{
		Use: "python [flags] -- PROGRAM.py [ARGUMENT...]", Short: w.Python(), Long: w.PythonLong(), Example: w.PythonExample(),
		Args: needProgram(u, "tcptrace journal python -- server.py"),
		RunE: func(c *cobra.Command, args []string) error {
			interpreter, err := findPython(u, python)
			if err != nil {
				return err
			}
			dir, err := os.MkdirTemp("", "tcptrace")
			if err != nil {
				return &outputError{err}
			}
			defer os.RemoveAll(dir)
			module, err := cpython.WriteTo(dir)
			if err != nil {
				return &outputError{err}
			}
			calls, err := callsFile(to, args, force, ".jsonl")
			if err != nil {
				return err
			}
			return observe(c.Context(), u, exec.Command(interpreter, cpython.Args(module, calls.Name(), args)...), calls)
		},
	}
	c.Flags().StringVarP(&to, "output", "o", "", w.FlagOutput())
	forceFlag(c, &force, u.words())
	c.Flags().StringVar(&python, "python", "", w.FlagPython())
	return c
}

// findPython is the interpreter of --python, or the first of the usual names.
func findPython(u *ui, name string) (string, error) {
	names := []string{name}
	if name == "" {
		names = []string{"python3", "python", "py"}
	}
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	return "", &usageError{words.NewJournalCommand(u.lang).NoPython() + ": " + strings.Join(names, ", "), "--python /usr/bin/python3"}
}

func newJournalStrace(u *ui) *cobra.Command {
	w := words.NewJournalCommand(u.lang)
	var to string
	var force bool
	c := &cobra.Command{
		Use: "strace [flags] -- COMMAND [ARGUMENT...]", Short: w.Strace(), Long: w.StraceLong(), Example: w.StraceExample(),
		Args: needProgram(u, "tcptrace journal strace -- python3 server.py"),
		RunE: func(c *cobra.Command, args []string) error {
			strace, err := exec.LookPath("strace")
			if err != nil {
				return &usageError{w.NoStrace(), w.HintNoStrace()}
			}
			calls, err := callsFile(to, args, force, ".strace")
			if err != nil {
				return err
			}
			full := append([]string{"-f", "-ttt", "-T", "-yy", "-s", "64", "-o", calls.Name(), "-e", journal.StraceCalls, "--"}, args...)
			return observe(c.Context(), u, exec.Command(strace, full...), calls)
		},
	}
	c.Flags().StringVarP(&to, "output", "o", "", w.FlagOutput())
	forceFlag(c, &force, u.words())
	return c
}

// callsFile is where the calls go: -o, or the program's name with another ending. It is made now, so that an error is told before the
// program runs; whoever gets it closes it when the program has ended, because as long as it is open no other run takes its place.
func callsFile(to string, program []string, force bool, ending string) (*os.File, error) {
	if to == "" {
		to = "calls" + ending
		for _, arg := range program {
			if strings.HasSuffix(arg, ".py") {
				to = strings.TrimSuffix(filepath.Base(arg), ".py") + ending
				break
			}
		}
	}
	f, err := output.Create(to, output.Options{Force: force})
	if err != nil {
		return nil, &outputError{err}
	}
	return f, nil
}

// Times for a program that is to end.
const (
	interruptGrace = 300 * time.Millisecond // a terminal's Ctrl-C reaches the program by itself
	killGrace      = 5 * time.Second
)

// observe runs a program on our standard input and output and says where its calls are.
func observe(ctx context.Context, u *ui, c *exec.Cmd, calls *os.File) error {
	u.patient.Store(true)
	c.Stdin, c.Stdout, c.Stderr = u.in, io.Writer(flushing{u}), u.err
	if u.in == io.Reader(os.Stdin) {
		c.Stdout = os.Stdout // a terminal stays one for the program
	}
	if err := c.Start(); err != nil {
		return &inputError{err}
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = endProgram(c, ended)
	}
	w := words.NewJournalCommand(u.lang)
	if st, failed := os.Stat(calls.Name()); failed == nil && st.Size() > 0 {
		u.print(w.Wrote(calls.Name(), calls.Name()))
	}
	if err := errors.Join(calls.Close(), output.Finished(calls.Name())); err != nil {
		return &outputError{err}
	}
	var exit *exec.ExitError
	switch {
	case err == nil || ctx.Err() != nil:
		return nil
	case errors.As(err, &exit):
		return &usageError{fmt.Sprintf("%s: %v", w.Failed(), exit), ""}
	}
	return &inputError{err}
}

// endProgram interrupts a program that does not end by itself, and kills one that does not listen.
func endProgram(c *exec.Cmd, ended <-chan error) error {
	steps := []struct {
		wait time.Duration
		do   func() error
	}{
		{interruptGrace, func() error { return c.Process.Signal(os.Interrupt) }},
		{killGrace, c.Process.Kill},
	}
	for _, step := range steps {
		select {
		case err := <-ended:
			return err
		case <-time.After(step.wait):
			_ = step.do() // it may have ended just now
		}
	}
	return <-ended
}
