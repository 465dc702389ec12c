package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/endpoints"
	"tcptrace/words"
)

// process runs one of the bundled programs on this machine's sockets.
type process struct {
	u           *ui
	journal     string
	force       bool // the journal replaces a file that is not tcptrace's
	microPython bool // the program is the Pico's
	output      *rationed
}

// What a peer can make a program print and record: much more than a lesson needs, and no full disk.
func printRation() *endpoints.Ration {
	return &endpoints.Ration{Burst: 256 << 10, Rate: 16 << 10, Total: 16 << 20}
}

func journalRation() *endpoints.Ration {
	return &endpoints.Ration{Burst: 4 << 20, Rate: 256 << 10, Total: 64 << 20}
}

func (p *process) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.journal, "journal", "", words.NewPrograms(p.u.lang).FlagJournal())
	forceFlag(c, &p.force, p.u.words())
}

// voice prints at once, line by line, because somebody watches.
func (p *process) voice() endpoints.Voice {
	p.output = &rationed{out: flushing{p.u}, ration: printRation(), w: words.NewEndpoints(p.u.lang), now: time.Now}
	return endpoints.Voice{Out: p.output, Lang: p.u.lang}
}

// rationed is an output that leaves lines out when there are too many, and says how many.
type rationed struct {
	out    io.Writer
	ration *endpoints.Ration
	w      words.Endpoints
	now    func() time.Time
	full   bool // it was said that nothing more is printed
}

// Write takes a line, or a prompt. A program does not care whether anybody reads it.
func (p *rationed) Write(line []byte) (int, error) {
	taken := p.ration.Take(len(line), p.now())
	if !taken && (p.full || !p.ration.Finished()) {
		return len(line), nil
	}
	if !taken {
		p.full = true
		line = []byte(p.w.OutputFull(p.ration.Total >> 20))
	} else if n := p.ration.Missing(); n > 0 {
		line = append([]byte(p.w.LeftOut(n)), line...)
	}
	return p.out.Write(line)
}

// end says what was left out last.
func (p *rationed) end() {
	if n := p.ration.Missing(); n > 0 {
		_, _ = io.WriteString(p.out, p.w.LeftOut(n))
	}
}

// flushing is the output without its buffer.
type flushing struct{ u *ui }

func (f flushing) Write(b []byte) (int, error) {
	n, err := f.u.out.Write(b)
	if err == nil {
		err = f.u.out.Flush()
	}
	if err != nil && f.u.written == nil {
		f.u.written = &outputError{err}
	}
	return n, err
}

// run runs a program until it ends, and ends it like the system does with a process: its sockets are closed.
func (p *process) run(ctx context.Context, program endpoints.Program) (err error) {
	p.u.patient.Store(true)
	n, err := endpoints.NewKernel(ctx)
	if err != nil {
		return &inputError{err}
	}
	system := n
	defer system.Exit()
	if p.microPython {
		n = endpoints.NewMicroPython(n)
	}
	closeJournal := func() error { return nil }
	if p.journal != "" {
		n, closeJournal, err = p.record(n)
		if err != nil {
			return &outputError{err}
		}
	}
	err = program.Run(n)
	p.output.end()
	if p.microPython && err != nil && !errors.Is(err, endpoints.ErrStopped) {
		p.afterTraceback(ctx, err)
	}
	if failed := closeJournal(); failed != nil {
		return &outputError{failed}
	}
	return p.ended(ctx, err)
}

// record opens the journal; what it returns closes it and tells the first error of writing.
func (p *process) record(n endpoints.Net) (endpoints.Net, func() error, error) {
	f, err := output.Create(p.journal, output.Options{Force: p.force})
	if err != nil {
		return nil, nil, err
	}
	ration := journalRation()
	r := endpoints.Record(n, f, endpoints.RecordOptions{PID: os.Getpid(), MicroPython: p.microPython, Ration: ration})
	return r, func() error {
		r.Finish()
		if n := ration.Missed(); n > 0 {
			p.u.print(words.NewPrograms(p.u.lang).JournalLeftOut(p.journal, n))
		}
		return errors.Join(r.Err(), f.Close(), output.Finished(p.journal))
	}, nil
}

// afterTraceback is a Pico whose program has died: the REPL is back, and the TCP stack goes on answering.
func (p *process) afterTraceback(ctx context.Context, err error) {
	p.u.print(words.NewPrograms(p.u.lang).Traceback(err))
	<-ctx.Done()
}

// ended turns a program's end into the command's.
func (p *process) ended(ctx context.Context, err error) error {
	var number endpoints.Errno
	switch {
	case err == nil || errors.Is(err, endpoints.ErrStopped) || p.microPython && ctx.Err() != nil:
		return nil
	case errors.As(err, &number):
		return &usageError{"OSError: " + number.Error(), hintFor(words.NewPrograms(p.u.lang), number)}
	}
	return err
}

// address resolves HOST or HOST:PORT to IPv4, which is all that a Pico speaks.
func address(ctx context.Context, u *ui, value string, port uint16) (netip.AddrPort, error) {
	host := value
	if h, p, err := net.SplitHostPort(value); err == nil {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return netip.AddrPort{}, &usageError{u.words().BadPort() + ": " + p, "192.168.1.57:9000"}
		}
		host, port = h, uint16(n)
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil || len(addrs) == 0 {
		return netip.AddrPort{}, &usageError{u.words().BadHost() + ": " + host, "192.168.1.57"}
	}
	return netip.AddrPortFrom(addrs[0].Unmap(), port), nil
}

// bindFlags are --bind and its older name, --host, and --port: where a program listens.
func bindFlags(c *cobra.Command, w words.Programs, host *string, port *uint16, ownHost string, ownPort uint16) {
	f := c.Flags()
	f.StringVar(host, "bind", ownHost, w.FlagBind())
	f.StringVar(host, "host", ownHost, w.FlagBind())
	_ = f.MarkHidden("host")
	f.Uint16Var(port, "port", ownPort, w.FlagListenPort())
}

// listenAddr is the address to listen on.
func listenAddr(u *ui, host string, port uint16) (netip.AddrPort, error) {
	a, err := netip.ParseAddr(host)
	if err != nil || !a.Unmap().Is4() {
		return netip.AddrPort{}, &usageError{u.words().BadHost() + ": " + host, "--bind 0.0.0.0"}
	}
	return netip.AddrPortFrom(a.Unmap(), port), nil
}

// oneOf refuses a name that is not in the list.
func oneOf(u *ui, flag, value string, names []string) error {
	if value == "" {
		return nil
	}
	for _, n := range names {
		if n == value {
			return nil
		}
	}
	return &usageError{fmt.Sprintf("--%s: %s: %s", flag, words.NewPrograms(u.lang).BadChoice(), value), joined(names)}
}

func joined(names []string) (s string) {
	for i, n := range names {
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}

// openInput opens a file, or standard input for "-".
func openInput(u *ui, path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(u.in), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &inputError{err}
	}
	return f, nil
}

// hintFor says what to do about an error that ended a program.
func hintFor(w words.Programs, e endpoints.Errno) string {
	switch e {
	case endpoints.ECONNREFUSED:
		return w.HintRefused()
	case endpoints.EADDRINUSE:
		return w.HintInUse()
	case endpoints.ECONNRESET, endpoints.EPIPE:
		return w.HintReset()
	case endpoints.ETIMEDOUT, endpoints.EHOSTUNREACH, endpoints.ENETUNREACH:
		return w.HintNoRoute()
	}
	return w.HintOther()
}
