// Package served lets a program of another process be a program of the lab: it makes the system calls, by the lines of
// docs/lab-protocol.md, that the process asks for on a pair of pipes. It knows no process: whoever starts one gives the pipes.
package served

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"tcptrace/endpoints"
)

// Process is a process that was started: what it reads, what it writes, and how it is ended.
type Process struct {
	In  io.Writer
	Out io.Reader
	// Abort ends a process that computes and asks for nothing; it may say where it was.
	Abort func()
	// Wait ends its input, waits until it is gone and gives what it wrote beside the protocol.
	Wait func() string
}

// Printed is what a program printed, and when, by the lab's clock.
type Printed struct {
	At     time.Time
	Stream string // "stdout", "stderr"
	Text   string
}

// Remark is what the shim says of the program's text before it runs: a name that the board has not.
type Remark struct {
	Line int
	Name string
}

// Program is a program of another process. It implements endpoints.Threaded.
type Program struct {
	Start    func() (*Process, error)
	Typed    []endpoints.ScriptLine // what a person types, by the time since the program's start
	Patience time.Duration          // real time that the program may compute without asking for anything
	// Address gives the address to use where the program names one; nil for all as they are.
	Address func(netip.Addr) netip.Addr

	Printed []Printed
	Remarks []Remark
	Spun    int64 // calls that were not asked for, because nothing could have happened

	threads endpoints.Threads
	net     endpoints.Net
	p       *Process
	out     *bufio.Reader
	sockets map[int]endpoints.Socket
	last    int // number of the newest socket
	began   time.Time
	typed   int
	line    int
	failed  error // of a thread that is not the first
}

// A StuckError is a program that computed without a call for longer than its patience.
type StuckError struct{ Where string }

func (e *StuckError) Error() string { return "computes without a call" }

// An ExitError is a program that ended with another code than 0: in Python, a traceback.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("exit %d", e.Code) }

// SetThreads implements endpoints.Threaded.
func (p *Program) SetThreads(t endpoints.Threads) { p.threads = t }

// SourceLine implements endpoints.Threaded.
func (p *Program) SourceLine() int { return p.line }

// maxRequest bounds a line of the protocol.
const maxRequest = 1 << 20

// Run implements endpoints.Program.
func (p *Program) Run(n endpoints.Net) (err error) {
	p.net, p.sockets, p.last, p.began = n, map[int]endpoints.Socket{}, 2, n.Now()
	if p.p, err = p.Start(); err != nil {
		return err
	}
	p.out = bufio.NewReaderSize(p.p.Out, 64<<10)
	err = p.serve(0)
	said := p.p.Wait()
	var stuck *StuckError
	switch {
	case errors.As(err, &stuck):
		stuck.Where = said
	case errors.Is(err, errGone):
		p.print("stderr", said) // of the interpreter itself
	}
	if err == nil {
		err = p.failed
	}
	return err
}

func (p *Program) print(stream, text string) {
	p.Printed = append(p.Printed, Printed{p.net.Now(), stream, text})
}

// A request is one line of the program: [thread, cost in ns, operation, source line, arguments…].
type request struct {
	thread int
	cost   int64
	op     string
	line   int
	args   []json.RawMessage
}

// errGone is the end of a program that did not say so.
var errGone = errors.New("its process is gone")

// errProtocol is a line that is no request.
var errProtocol = errors.New("not a request of the lab's protocol")

// read reads the next request. A program that computes for too long is aborted.
func (p *Program) read() (r request, err error) {
	patience := time.AfterFunc(p.Patience, p.p.Abort)
	text, err := readLine(p.out)
	if !patience.Stop() {
		return r, &StuckError{}
	}
	if err != nil {
		return r, errGone
	}
	return parse(text)
}

// readLine reads a line of at most maxRequest bytes.
func readLine(in *bufio.Reader) ([]byte, error) {
	var long []byte
	for {
		part, err := in.ReadSlice('\n')
		if err == nil && long == nil {
			return part, nil
		}
		if err != nil && err != bufio.ErrBufferFull {
			return nil, err
		}
		if long = append(long, part...); len(long) > maxRequest {
			return nil, errProtocol
		}
		if err == nil {
			return long, nil
		}
	}
}

// parse reads a request.
func parse(text []byte) (r request, err error) {
	var parts []json.RawMessage
	if json.Unmarshal(text, &parts) != nil || len(parts) < 4 {
		return r, fmt.Errorf("%w: %.80q", errProtocol, text)
	}
	for i, to := range []any{&r.thread, &r.cost, &r.op, &r.line} {
		if json.Unmarshal(parts[i], to) != nil {
			return r, fmt.Errorf("%w: %.80q", errProtocol, text)
		}
	}
	r.args = parts[4:]
	return r, nil
}

// arg reads an argument; one that is missing, or something else, leaves to as it is.
func (r *request) arg(i int, to any) {
	if i < len(r.args) {
		_ = json.Unmarshal(r.args[i], to)
	}
}

// polledInVain reports whether the request was a poll that did not wait, and whether nothing was ready.
func (r *request) polledInVain(value any) bool {
	ms := -1.0
	r.arg(0, &ms)
	ready, ok := value.([][2]int)
	return r.op == "poll" && ms == 0 && ok && len(ready) == 0
}

// serve answers the requests of one thread, until it ends. Only the thread whose turn it is runs.
func (p *Program) serve(thread int) error {
	for {
		r, err := p.read()
		if err != nil {
			return err
		}
		if r.op == "spun" {
			spun := int64(0)
			r.arg(0, &spun)
			p.Spun += max(spun, 0)
			continue
		}
		p.line = r.line
		if err := p.threads.Spend(time.Duration(max(r.cost, 0))); err != nil { // also of a program that never waits
			return err
		}
		switch r.op {
		case "exit":
			var code int
			r.arg(0, &code)
			if code != 0 {
				return &ExitError{code}
			}
			return nil
		case "thread_end":
			return nil
		case "spawn":
			number := 0
			r.arg(0, &number)
			p.threads.Spawn(func() { p.thread(number) })
			p.answer(thread, &r, nil, nil)
			continue
		}
		value, err := p.do(&r)
		if errors.Is(err, endpoints.ErrStopped) {
			return err
		}
		p.answer(thread, &r, value, err)
	}
}

// thread is a further thread of the program, from its first turn on.
func (p *Program) thread(number int) {
	p.answer(number, &request{}, nil, nil)
	if err := p.serve(number); err != nil && !errors.Is(err, endpoints.ErrStopped) && p.failed == nil {
		p.failed = err
	}
}

// answer answers: [thread, now in ns, value], an error number behind it, and a lease where nothing happened.
func (p *Program) answer(thread int, r *request, value any, err error) {
	a := []any{thread, p.net.Now().UnixNano(), value}
	number := 0
	if err != nil {
		number = int(numberOf(err))
	}
	idle := r.op == "spend" || number == int(endpoints.EAGAIN) || number == 0 && r.polledInVain(value)
	if number != 0 || idle {
		a = append(a, number)
	}
	if idle {
		a = append(a, p.threads.Lease().UnixNano())
	}
	text, _ := json.Marshal(a) // numbers and strings
	_, _ = p.p.In.Write(append(text, '\n'))
}

// numberOf is the number of an error, Linux's on both hosts.
func numberOf(err error) endpoints.Errno {
	var number endpoints.Errno
	if errors.As(err, &number) {
		return number
	}
	return endpoints.EINVAL
}

// do makes the call.
func (p *Program) do(r *request) (any, error) {
	switch r.op {
	case "hello", "spend":
		return nil, nil
	case "sleep":
		var ns int64
		r.arg(0, &ns)
		return nil, p.net.Sleep(time.Duration(ns))
	case "print":
		var stream, text string
		r.arg(0, &stream)
		r.arg(1, &text)
		p.print(stream, text)
		return nil, nil
	case "remark":
		var m Remark
		r.arg(0, &m.Line)
		r.arg(1, &m.Name)
		p.Remarks = append(p.Remarks, m)
		return nil, nil
	case "input":
		return p.input()
	case "park":
		var key, ns int64
		r.arg(0, &key)
		r.arg(1, &ns)
		return nil, p.threads.Park(key, time.Duration(ns))
	case "unpark":
		var key int64
		r.arg(0, &key)
		p.threads.Unpark(key)
		return nil, nil
	case "poll":
		return p.poll(r)
	case "socket":
		s, err := p.net.Socket()
		if err != nil {
			return nil, err
		}
		return p.enter(s), nil
	}
	number := 0
	r.arg(0, &number)
	s := p.sockets[number]
	if s == nil {
		return nil, endpoints.EBADF
	}
	return p.onSocket(r, number, s)
}

// enter numbers a socket, as a system numbers descriptors.
func (p *Program) enter(s endpoints.Socket) int {
	p.last++
	p.sockets[p.last] = s
	return p.last
}

// input is the next line that is typed, when its time has come. When nobody types any more the program waits for ever.
func (p *Program) input() (any, error) {
	if p.typed >= len(p.Typed) {
		return nil, p.threads.Spend(-1)
	}
	l := p.Typed[p.typed]
	p.typed++
	if wait := l.At - p.net.Now().Sub(p.began); wait > 0 {
		if err := p.threads.Spend(wait); err != nil {
			return nil, err
		}
	}
	if l.Text == EndOfInput {
		return nil, nil
	}
	return l.Text, nil
}

// EndOfInput is the text of a line that is none: Ctrl-D.
const EndOfInput = "\x04"

// onSocket makes a call on a socket.
func (p *Program) onSocket(r *request, number int, s endpoints.Socket) (any, error) {
	n := 0
	r.arg(1, &n)
	switch r.op {
	case "setblocking":
		on := true
		r.arg(1, &on)
		return nil, s.SetBlocking(on)
	case "bind", "connect":
		a, err := p.address(r)
		switch {
		case err != nil:
			return nil, err
		case r.op == "bind":
			return nil, s.Bind(a)
		}
		return nil, s.Connect(a)
	case "listen":
		return nil, s.Listen(n)
	case "accept":
		c, a, err := s.Accept()
		if err != nil {
			return nil, err
		}
		return []any{p.enter(c), a.Addr().String(), a.Port()}, nil
	case "send":
		var text string
		r.arg(1, &text)
		return result(s.Send(bytesOf(text)))
	case "recv":
		b, err := s.Recv(min(max(n, 0), maxRequest/8))
		return textOf(b, err)
	case "recv_into":
		b := make([]byte, min(max(n, 0), maxRequest/8))
		n, err := s.RecvInto(b)
		return textOf(b[:max(n, 0)], err)
	case "shutdown":
		if one, ok := s.(endpoints.Shutdowner); ok && n >= int(endpoints.ShutRead) && n <= int(endpoints.ShutBoth) {
			return nil, one.Shutdown(endpoints.How(n))
		}
		return nil, endpoints.EINVAL
	case "setsockopt":
		return nil, setOption(r, s)
	case "getsockopt":
		return result(s.GetSockOpt(endpoints.SoError))
	case "local":
		return pair(s.LocalAddr()), nil
	case "remote":
		return pair(s.RemoteAddr()), nil
	case "close":
		delete(p.sockets, number)
		return nil, s.Close()
	}
	return nil, endpoints.EOPNOTSUPP
}

// setOption sets the options that the lab knows; the others are taken and do nothing.
func setOption(r *request, s endpoints.Socket) error {
	var level, name, value int
	r.arg(1, &level)
	r.arg(2, &name)
	r.arg(3, &value)
	switch {
	case level == 6 && name == 1: // IPPROTO_TCP, TCP_NODELAY
		return s.SetSockOpt(endpoints.NoDelay, value)
	case level == 1 && (name == 2 || name == 4): // SOL_SOCKET, SO_REUSEADDR of Linux and of lwIP
		return s.SetSockOpt(endpoints.ReuseAddr, value)
	}
	return nil
}

func result(n int, err error) (any, error) { return n, err }

func textOf(b []byte, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return latin1(b), nil
}

func pair(a netip.AddrPort) []any {
	if !a.IsValid() {
		return []any{"0.0.0.0", 0}
	}
	return []any{a.Addr().String(), a.Port()}
}

// address reads the two arguments of bind() and connect().
func (p *Program) address(r *request) (netip.AddrPort, error) {
	var host string
	var port uint16
	r.arg(1, &host)
	r.arg(2, &port)
	if host == "" {
		host = "0.0.0.0"
	}
	a, err := netip.ParseAddr(host)
	if err != nil || !a.Is4() {
		return netip.AddrPort{}, endpoints.EINVAL
	}
	if r.op == "connect" && p.Address != nil {
		a = p.Address(a)
	}
	return netip.AddrPortFrom(a, port), nil
}

// poll makes a poller of what is asked now: making one costs nothing in the lab.
func (p *Program) poll(r *request) (any, error) {
	ms := float64(-1)
	var asked [][2]int
	r.arg(0, &ms)
	r.arg(1, &asked)
	poller, back, ready := p.net.Poller(), map[endpoints.Socket]int{}, [][2]int{}
	for _, a := range asked {
		s := p.sockets[a[0]]
		if s == nil {
			ready = append(ready, [2]int{a[0], int(endpoints.PollNval)})
			continue
		}
		poller.Register(s, endpoints.Events(a[1]))
		back[s] = a[0]
	}
	if len(ready) > 0 {
		return ready, nil
	}
	timeout := time.Duration(-1)
	if ms >= 0 {
		timeout = time.Duration(min(ms, 1e12) * float64(time.Millisecond))
	}
	found, err := poller.Poll(timeout)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		ready = append(ready, [2]int{back[one.Socket], int(one.Events)})
	}
	return ready, nil
}

// latin1 is bytes as a text of as many characters.
func latin1(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

func bytesOf(text string) []byte {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		b = append(b, byte(r))
	}
	return b
}
