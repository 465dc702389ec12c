package live

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"tcptrace/journal"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// Programs are the programs of --run, each under strace where there is one. A nil *livePrograms has none.
type Programs struct {
	dir     string // where the straces are written
	running []*liveProgram
	all     chan struct{} // closed when every program has ended
	once    sync.Once
}

type liveProgram struct {
	text  string
	cmd   *exec.Cmd
	trace string // "" without strace
	done  chan struct{}
	err   error
}

const (
	// programGrace is how long packets are captured after the last program has ended.
	ProgramGrace = 300 * time.Millisecond
	// programEnd is how long a program may take to end after Ctrl-C.
	programEnd = 2 * time.Second
	// serverStart is how long is waited for a program to listen before the next one is started.
	serverStart = 3 * time.Second
)

// A programError is a program that could not be started.
type ProgramError struct {
	command string
	err     error
}

func (e *ProgramError) Error() string { return e.command + ": " + e.err.Error() }
func (e *ProgramError) Unwrap() error { return e.err }

// StartPrograms starts shell commands in their order, each when the one before it listens or has had the time to. What
// they print is given to row, with the program's number before it. Where strace is not installed untraced is called, and
// the programs have no journals. An error that is no *programError is about the temporary folder.
func StartPrograms(commands []string, untraced func(), row func(string)) (*Programs, error) {
	if len(commands) == 0 {
		return nil, nil
	}
	p := &Programs{all: make(chan struct{})}
	strace, err := exec.LookPath("strace")
	if err != nil {
		untraced()
	} else if p.dir, err = os.MkdirTemp("", "tcptrace-live-"); err != nil {
		return nil, err
	}
	for i, text := range commands {
		one := &liveProgram{text: text, done: make(chan struct{})}
		one.cmd = shellCommand(text)
		if p.dir != "" {
			one.trace = filepath.Join(p.dir, fmt.Sprintf("%d.strace", i+1))
			one.cmd.Args = append([]string{strace, "-f", "-ttt", "-T", "-yy", "-s", "64", "-o", one.trace, "-e", journal.StraceCalls}, one.cmd.Args...)
			one.cmd.Path = strace
		}
		listening := listeners()
		if err := one.start(i+1, row); err != nil {
			p.Stop()
			return nil, &ProgramError{text, err}
		}
		p.running = append(p.running, one)
		if i+1 < len(commands) {
			waitForListener(one, listening)
		}
	}
	go func() {
		for _, one := range p.running {
			<-one.done
		}
		close(p.all)
	}()
	return p, nil
}

// Start runs one program; what it prints goes between the rows with its number before it.
func (p *liveProgram) start(number int, row func(string)) error {
	ownGroup(p.cmd)
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	p.cmd.Stdout, p.cmd.Stderr = writer, writer
	p.cmd.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	err = p.cmd.Start()
	writer.Close()
	if err != nil {
		reader.Close()
		return err
	}
	go func() {
		lines := bufio.NewReaderSize(reader, 4096)
		for {
			line, err := lines.ReadSlice('\n')
			if len(line) > 0 {
				row(fmt.Sprintf("[%d] %s", number, document.PrintableString(strings.TrimRight(string(line), "\r\n"), 400)))
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				reader.Close()
				return
			}
		}
	}()
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return nil
}

// waitForListener waits until somebody listens who did not before, or the program ends.
func waitForListener(p *liveProgram, before map[string]bool) {
	deadline := time.Now().Add(serverStart)
	for time.Now().Before(deadline) {
		for l := range listeners() {
			if !before[l] {
				return
			}
		}
		select {
		case <-p.done:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// listeners are the listening TCP sockets of this host, as Linux lists them; elsewhere none.
func listeners() map[string]bool {
	const listen = "0A" // TCP_LISTEN of the kernel
	out := map[string]bool{}
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for line := range bytes.Lines(b) {
			if f := bytes.Fields(line); len(f) > 9 && string(f[3]) == listen {
				out[string(f[1])+" "+string(f[9])] = true // address and inode
			}
		}
	}
	return out
}

// Ended is closed when every program has ended; of no programs it never is.
func (p *Programs) Ended() <-chan struct{} {
	if p == nil {
		return nil
	}
	return p.all
}

// Stop ends what still runs as Ctrl-C would, and kills what does not end.
func (p *Programs) Stop() {
	p.once.Do(func() {
		for _, one := range p.running {
			interruptGroup(one.cmd)
		}
		deadline := time.After(programEnd)
		for _, one := range p.running {
			select {
			case <-one.done:
			case <-deadline:
				killGroup(one.cmd)
				<-one.done
			}
		}
	})
}

// Journals reads the straces and removes them; before that, the path of each is given to keep. What went wrong with a program
// is given to print.
func (p *Programs) Journals(print, keep func(string)) []ladder.Source {
	if p == nil {
		return nil
	}
	defer p.remove()
	return readTraces(p.traced(), print, keep)
}

// remove removes the straces.
func (p *Programs) remove() {
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}

// maxSoFar is how long a strace may be that is read while it grows: it is read anew each time.
const maxSoFar = 8 << 20

// SoFar reads the straces as far as they are written.
func (p *Programs) SoFar() []ladder.Source { return readSoFar(p.traced()) }

// readSoFar reads straces that still grow. One that is too long for that has no calls until its program has ended.
func readSoFar(programs []traced) (sources []ladder.Source) {
	for _, one := range programs {
		if st, err := os.Stat(one.Trace); err != nil || st.Size() > maxSoFar {
			continue
		}
		if j, err := readJournal(one.Trace); err == nil {
			j.Name = document.PrintableString(one.Text, 60)
			sources = append(sources, ladder.Source{Journal: *j, Side: sessions.NoSide})
		}
	}
	return sources
}

// exit is how a program ended, "" for well or not yet.
func (p *liveProgram) exit() string {
	select {
	case <-p.done:
	default:
		return ""
	}
	var code *exec.ExitError
	if errors.As(p.err, &code) {
		return code.Error()
	}
	return ""
}

// readTraces reads the straces of programs that have ended.
func readTraces(programs []traced, print, keep func(string)) (sources []ladder.Source) {
	for _, one := range programs {
		name := document.PrintableString(one.Text, 100)
		if one.Exit != "" {
			print(name + ": " + one.Exit)
		}
		if one.Trace == "" {
			continue
		}
		j, err := readJournal(one.Trace)
		if err != nil {
			print(fmt.Sprintf("%s: %v", name, err))
			continue
		}
		keep(one.Trace)
		j.Name = document.PrintableString(one.Text, 60)
		sources = append(sources, ladder.Source{Journal: *j, Side: sessions.NoSide})
	}
	return sources
}

func readJournal(path string) (*journal.Journal, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return journal.Read(path, io.Reader(f))
}
