package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/term"

	"tcptrace/capture"
	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// Exit codes.
const (
	exitOK         = 0
	exitUsage      = 1
	exitDamaged    = 2 // results were given, but the input was damaged
	exitNotCapture = 3 // not a capture, or damaged before its first packet
	exitOutput     = 4 // cannot write the output
	exitCapture    = 5 // no permission, or the system refused to capture
	exitLimit      = 6 // a limit was hit
	exitCheck      = 7 // a check found something wrong

	exitInterrupted = 130 // stopped by the user before there was anything to show
)

// All rules about the terminal are here: language, width, colour, progress, how errors look.

// A ui is what a command knows of the person in front of it.
type ui struct {
	in       io.Reader
	out      *bufio.Writer
	err      io.Writer
	errIsTTY bool
	process  bool // in, out and err are the process's own
	colour   bool // on err
	width    int  // of err
	// What standard output is, when it is a terminal.
	outIsTTY, inIsTTY   bool
	outWidth, outHeight int
	colours, unicode    bool
	pagerDone           func() // ends the pager; nil without one
	lang                string
	env                 func(string) string
	written             error
	shown               bool // a progress line stands on err
	last                time.Time
	// patient is set by a command that ends others or saves what it has before it ends: an interruption does not force it.
	patient atomic.Bool
}

// systemUI is the process's own.
func systemUI() *ui {
	u := newUI(os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	u.process = true
	u.colours = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	u.unicode = unicodeLocale(os.Getenv)
	u.inIsTTY = term.IsTerminal(int(os.Stdin.Fd()))
	if out := int(os.Stdout.Fd()); term.IsTerminal(out) {
		u.outIsTTY = true
		if w, h, err := term.GetSize(out); err == nil && w > 0 && h > 0 {
			u.outWidth, u.outHeight = w, h
		}
	}
	fd := int(os.Stderr.Fd())
	if u.errIsTTY = term.IsTerminal(fd); u.errIsTTY {
		u.colour = u.colours
		if w, _, err := term.GetSize(fd); err == nil && w > 0 {
			u.width = w
		}
	}
	return u
}

func newUI(in io.Reader, out, err io.Writer, env func(string) string) *ui {
	return &ui{in: in, out: bufio.NewWriterSize(out, 64<<10), err: err, width: 80, outWidth: 80, outHeight: 24, env: env, lang: "en"}
}

// unicodeLocale reports whether the locale's characters are Unicode's: whether lines can be drawn. Windows has no locale in the
// environment, and a terminal that can.
func unicodeLocale(env func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return runtime.GOOS == "windows"
}

// chooseLang takes --lang wherever it stands, because help and errors are in that language too; else the locale.
func (u *ui) chooseLang(args []string) {
	u.lang = langOf(u.env)
	for i, a := range args {
		v, ok := strings.CutPrefix(a, "--lang=")
		if a == "--lang" && i+1 < len(args) {
			v, ok = args[i+1], true
		}
		if ok && words.Known(v) {
			u.lang = v
		}
	}
}

// langOf reads the locale from the environment by POSIX's precedence.
func langOf(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "es") {
				return "es"
			}
			return "en"
		}
	}
	return "en"
}

func (u *ui) words() words.Command { return words.NewCommand(u.lang) }

// progress shows how far the reading has come, at most ten times a second and only on a terminal.
func (u *ui) progress(total int64) func(int64) {
	if !u.errIsTTY {
		return nil
	}
	started := time.Now()
	return func(done int64) {
		now := time.Now()
		if now.Sub(started) < 500*time.Millisecond || now.Sub(u.last) < 100*time.Millisecond {
			return
		}
		u.last = now
		text := u.words().Reading(float64(done) / 1e6)
		if total > 0 {
			text += fmt.Sprintf(" (%d %%)", min(done*100/total, 100))
		}
		u.shown = true
		fmt.Fprintf(u.err, "\r%-*s", min(u.width-1, 60), clip(text, u.width-1))
	}
}

// endProgress takes the progress line away.
func (u *ui) endProgress() {
	if u.shown {
		fmt.Fprintf(u.err, "\r%s\r", strings.Repeat(" ", min(u.width-1, 60)))
		u.shown = false
	}
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// printf prints a line for the person, not for the output.
func (u *ui) printf(format string, args ...any) {
	u.endProgress()
	if u.outIsTTY && u.errIsTTY {
		_ = u.outputError() // what was printed before stands before it
	}
	fmt.Fprintln(u.err, "tcptrace: "+document.VisibleLines(fmt.Sprintf(format, args...)))
}

// print prints a line for the person that is already worded.
func (u *ui) print(text string) { u.printf("%s", text) }

// outputError flushes the output and returns the first error of writing it.
func (u *ui) outputError() error {
	if err := u.out.Flush(); err != nil && u.written == nil {
		u.written = &outputError{err}
	}
	return u.written
}

// A usageError is a command line that cannot be understood; hint says what can.
type usageError struct {
	text, hint string
}

func (e *usageError) Error() string { return e.text }

// An outputError is a failure to write results.
type outputError struct{ err error }

func (e *outputError) Error() string { return e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }

// An inputError is a failure to open what should be read.
type inputError struct{ err error }

func (e *inputError) Error() string { return e.err.Error() }
func (e *inputError) Unwrap() error { return e.err }

// A checkError tells that a check was made and found something wrong.
type checkError struct{ text string }

func (e *checkError) Error() string { return e.text }

// An interruptedError is a run that the user ended; text says what became of it.
type interruptedError struct{ text string }

func (e *interruptedError) Error() string { return e.text }
func (e *interruptedError) Unwrap() error { return context.Canceled }

// A captureError is a failure to capture; hint says what can be done.
type captureError struct {
	err  error
	hint string
}

func (e *captureError) Error() string { return e.err.Error() }
func (e *captureError) Unwrap() error { return e.err }

// report prints an error, with a hint where there is one, and gives its exit code.
func (u *ui) report(err error) int {
	_ = u.outputError()
	u.endProgress()
	if err == nil {
		return exitOK
	}
	var fault *sessions.Fault
	if errors.As(err, &fault) && u.env(stackVariable) != "" {
		fmt.Fprintln(u.err, fault.Stack)
	}
	code, hint := u.judge(err)
	text := document.PrintableString(u.describe(err), 400)
	label := u.words().Error()
	if u.colour {
		label = "\x1b[31m" + label + "\x1b[0m"
	}
	fmt.Fprintf(u.err, "tcptrace: %s: %s\n", label, text)
	if hint != "" {
		fmt.Fprintf(u.err, "%s: %s\n", u.words().Hint(), document.VisibleLines(hint))
	}
	return code
}

// stackVariable is the environment variable that asks for the Go trace of an internal error.
const stackVariable = "TCPTRACE_STACK"

// worded is an error's text, with the reason in it in the user's language.
func (u *ui) worded(err error) string {
	var reason words.Reason
	if !errors.As(err, &reason) {
		return err.Error()
	}
	return strings.Replace(err.Error(), reason.Error(), reason.In(u.lang), 1)
}

// describe puts the commonest errors of the system in the user's language; all others speak for themselves.
func (u *ui) describe(err error) string {
	w := u.words()
	var interrupted *interruptedError
	if errors.As(err, &interrupted) {
		return interrupted.text
	}
	if errors.Is(err, context.Canceled) {
		return w.NothingRead()
	}
	var damage *capture.Damage
	if errors.As(err, &damage) {
		return w.DamageAt(damage.File, damage.AtPacket, damage.Offset, damage.What.In(u.lang))
	}
	var limit *capture.LimitError
	if errors.As(err, &limit) {
		return w.LimitAt(limit.File, limit.Bytes, limit.Limit)
	}
	var foreign *output.ForeignError
	var long *inputLimit
	var calls *callsLimit
	var fault *sessions.Fault
	switch {
	case errors.As(err, &fault):
		return w.Fault(fault.Frame, fault.Last, fault.What)
	case errors.As(err, &long):
		return w.InputLimit(long.file, long.limit)
	case errors.As(err, &calls):
		return w.CallsLimit(calls.file, calls.kept, calls.leftOut)
	case errors.As(err, &foreign) && foreign.Edited:
		return foreign.Path + ": " + w.EditedFile()
	case foreign != nil:
		return foreign.Path + ": " + w.ForeignFile()
	case errors.Is(err, output.ErrMeanwhile):
		return w.Meanwhile()
	case errors.Is(err, output.ErrNotAFile):
		return w.NotAFile()
	}
	var path *fs.PathError
	if !errors.As(err, &path) {
		return u.worded(err)
	}
	for _, known := range []struct {
		is   error
		text string
	}{{fs.ErrNotExist, w.NotThere()}, {fs.ErrPermission, w.NotAllowed()}, {syscall.ENOSPC, w.DiskFull()}, {syscall.EFBIG, w.FileTooLarge()},
		{syscall.EISDIR, w.IsDirectory()}, {syscall.ENOTDIR, w.NotDirectory()}, {syscall.EROFS, w.ReadOnlyDisk()}} {
		if errors.Is(path.Err, known.is) {
			return path.Path + ": " + known.text
		}
	}
	return err.Error()
}

// judge finds an error's exit code and hint.
func (u *ui) judge(err error) (code int, hint string) {
	var usage *usageError
	var damage *capture.Damage
	var limit *capture.LimitError
	var writing *outputError
	var live *captureError
	var check *checkError
	var fault *sessions.Fault
	var long *inputLimit
	var calls *callsLimit
	var partial *partialError
	var unreadable *unreadableError
	w := u.words()
	switch {
	case errors.As(err, &check):
		return exitCheck, ""
	case errors.As(err, &live):
		return exitCapture, live.hint
	case errors.Is(err, context.Canceled):
		return exitInterrupted, ""
	case errors.As(err, &writing):
		var foreign *output.ForeignError
		switch {
		case errors.Is(err, syscall.ENOSPC):
			return exitOutput, w.HintDiskFull()
		case errors.As(err, &foreign):
			return exitOutput, w.HintForce()
		}
		return exitOutput, ""
	case errors.As(err, &limit):
		return exitLimit, w.HintLimit()
	case errors.As(err, &long), errors.As(err, &calls):
		return exitLimit, ""
	case errors.As(err, &fault):
		return exitDamaged, w.HintFault()
	case errors.As(err, &unreadable):
		return exitNotCapture, w.HintNotCapture()
	case errors.As(err, &partial):
		return exitDamaged, w.HintPartial()
	case errors.As(err, &damage):
		if damage.Fatal {
			return exitNotCapture, w.HintNotCapture()
		}
		return exitDamaged, w.HintDamaged()
	case errors.As(err, &usage):
		return exitUsage, usage.hint
	case errors.Is(err, fs.ErrPermission):
		return exitCapture, w.HintPermission()
	case errors.Is(err, fs.ErrNotExist):
		return exitUsage, w.HintNoFile()
	}
	var input *inputError
	if errors.As(err, &input) {
		return exitCapture, ""
	}
	return exitUsage, w.HintHelp()
}
