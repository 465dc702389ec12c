package endpoints

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/netip"
	"strconv"
	"time"

	"tcptrace/journal"
)

// RecordOptions say whose calls are recorded.
type RecordOptions struct {
	PID         int     // of the process; 0 when it does not matter
	MicroPython bool    // the program is MicroPython's: results are written in its words
	Ration      *Ration // of the journal; nil for no limit
	// Source is the line of the program's file that makes the call that begins; nil where nobody knows.
	Source func() int
}

// A Recording is a Net that writes one line of JSON for every call of the program, when it has returned: the journal that
// journal.Read reads. The program knows nothing of it. Calls that were stopped get a line without a result.
//
// When the ration is used up calls are left out, and a line says how many. Calls are found in a capture by the bytes that
// went before them, so a connection that lacks one call has none after it.
type Recording struct {
	Net
	out     io.Writer
	options RecordOptions
	sockets int
	err     error
}

// Record wraps n so that its calls are written to w, which the caller owns. Lines are written whole, one Write each.
func Record(n Net, w io.Writer, o RecordOptions) *Recording {
	return &Recording{Net: n, out: w, options: o}
}

// Err is the first error of writing the journal; the program never sees it.
func (r *Recording) Err() error { return r.err }

// Finish tells of calls that were left out and are not told of yet. It is called when the program is over.
func (r *Recording) Finish() {
	if n := r.options.Ration.Missing(); n > 0 {
		r.put(map[string]int64{"left_out": n})
	}
}

// keptBytes is how much payload a line holds.
const keptBytes = 64

// latin1 is the first bytes of data, one character U+0000 to U+00FF for each.
func latin1(data []byte) string {
	data = data[:min(len(data), keptBytes)]
	text := make([]rune, len(data))
	for i, b := range data {
		text[i] = rune(b)
	}
	return string(text)
}

// seconds is a time or duration in seconds, exact to the nanosecond.
func seconds(ns int64) json.Number { return json.Number(fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9)) }

// pair is an address as Python has it; nil when it is not known.
func pair(a netip.AddrPort) []any {
	if !a.IsValid() {
		return nil
	}
	return []any{a.Addr().String(), a.Port()}
}

// value is a part of a line: numbers, lists and strings, which have no errors.
func value(v any) json.RawMessage {
	text, _ := json.Marshal(v)
	return text
}

// known is value for a list, left out when it is nil.
func known(list []any) json.RawMessage {
	if list == nil {
		return nil
	}
	return value(list)
}

// started is a call that has begun.
type started struct {
	r    *Recording
	at   time.Time
	s    *recordedSocket // nil for poll and sleep
	line journal.Line
}

func (r *Recording) begin(s *recordedSocket, call string, args ...any) *started {
	c := &started{r: r, s: s, line: journal.Line{Call: call, Args: []json.RawMessage{}, PID: r.options.PID}}
	for _, arg := range args {
		c.line.Args = append(c.line.Args, value(arg))
	}
	if s != nil {
		c.line.Obj = value(s.number)
	}
	if r.options.MicroPython {
		c.line.Lang = "micropython"
	}
	if r.options.Source != nil {
		c.line.Source = r.options.Source()
	}
	c.at = r.Net.Now()
	return c
}

// end writes the line; ret is what the call returned, nil for None. It reports whether the line is in the journal.
func (c *started) end(ret any, data []byte, err error) bool {
	after := c.r.Net.Now()
	c.line.T = seconds(c.at.UnixNano())
	var number Errno
	switch {
	case errors.Is(err, ErrStopped):
	case err != nil:
		c.line.Dur, c.line.Errno = seconds(max(after.Sub(c.at), 0).Nanoseconds()), value(err.Error())
		if errors.As(err, &number) {
			c.line.Errno = value(number.Name())
		}
	default:
		c.line.Dur = seconds(max(after.Sub(c.at), 0).Nanoseconds())
		c.line.Ret = value(ret)
	}
	c.line.Data = latin1(data)
	if c.s != nil && c.s.inner != nil {
		c.line.Local, c.line.Remote = known(pair(c.s.inner.LocalAddr())), known(pair(c.s.inner.RemoteAddr()))
	}
	return c.write(after)
}

// write writes the line if there is room for it and nothing is missing before it.
func (c *started) write(now time.Time) bool {
	ration := c.r.options.Ration
	if c.s != nil && c.s.cut {
		ration.Miss()
		return false
	}
	text, err := json.Marshal(&c.line)
	c.r.failed(err)
	if !ration.Take(len(text)+gapLine, now) {
		if c.s != nil {
			c.s.cut = !c.s.listening
		}
		return false
	}
	c.r.Finish()
	c.r.put(json.RawMessage(text))
	return true
}

// gapLine is room for a line's end and for a line before it that tells of a gap.
const gapLine = 1 + len(`{"left_out":1000000000}`+"\n")

// put writes one line whole.
func (r *Recording) put(line any) {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = r.out.Write(append(text, '\n'))
	}
	r.failed(err)
}

func (r *Recording) failed(err error) {
	if err != nil && r.err == nil {
		r.err = err
	}
}

// recordedSocket is a socket whose calls are written down. Sockets are numbered from 1 in the order in which socket() and
// accept() gave them.
type recordedSocket struct {
	r         *Recording
	inner     Socket
	number    int
	listening bool
	cut       bool // a call was left out, and so are all that follow; never of a listening socket, whose calls stand alone
}

func (r *Recording) number() int {
	r.sockets++
	return r.sockets
}

func (r *Recording) Socket() (Socket, error) {
	s := &recordedSocket{r: r, number: r.number()}
	var args []any
	if !r.options.MicroPython {
		args = []any{"AF_INET", "SOCK_STREAM"}
	}
	c := r.begin(s, "socket", args...)
	var err error
	s.inner, err = r.Net.Socket()
	c.end(nil, nil, err)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (r *Recording) Sleep(d time.Duration) error {
	c := r.begin(nil, "sleep", json.Number(strconv.FormatFloat(d.Seconds(), 'f', -1, 64)))
	err := r.Net.Sleep(d)
	c.end(nil, nil, err)
	return err
}

func (s *recordedSocket) SetSockOpt(o Option, value int) error {
	c := s.r.begin(s, "setsockopt", o.Level(), o.String(), value)
	err := s.inner.SetSockOpt(o, value)
	c.end(nil, nil, err)
	return err
}

func (s *recordedSocket) GetSockOpt(o Option) (int, error) {
	c := s.r.begin(s, "getsockopt", o.String())
	value, err := s.inner.GetSockOpt(o)
	c.end(value, nil, err)
	return value, err
}

func (s *recordedSocket) SetBlocking(blocking bool) error {
	c := s.r.begin(s, "setblocking", blocking)
	err := s.inner.SetBlocking(blocking)
	c.end(nil, nil, err)
	return err
}

func (s *recordedSocket) Bind(addr netip.AddrPort) error {
	c := s.r.begin(s, "bind", pair(addr))
	err := s.inner.Bind(addr)
	c.end(nil, nil, err)
	return err
}

func (s *recordedSocket) Listen(backlog int) error {
	c := s.r.begin(s, "listen", backlog)
	err := s.inner.Listen(backlog)
	s.listening = err == nil
	c.end(nil, nil, err)
	return err
}

func (s *recordedSocket) Accept() (Socket, netip.AddrPort, error) {
	c := s.r.begin(s, "accept")
	inner, addr, err := s.inner.Accept()
	if err != nil {
		c.end(nil, nil, err)
		return nil, addr, err
	}
	conn := &recordedSocket{r: s.r, inner: inner, number: s.r.number()}
	conn.cut = !c.end([]any{conn.number, pair(addr)}, nil, nil)
	return conn, addr, nil
}

func (s *recordedSocket) Connect(addr netip.AddrPort) error {
	c := s.r.begin(s, "connect", pair(addr))
	err := s.inner.Connect(addr)
	c.end(nil, nil, err)
	return err
}

func (s *recordedSocket) Send(data []byte) (int, error) {
	c := s.r.begin(s, "send", len(data))
	n, err := s.inner.Send(data)
	c.end(n, data[:max(n, 0)], err)
	return n, err
}

func (s *recordedSocket) Recv(n int) ([]byte, error) {
	c := s.r.begin(s, "recv", n)
	data, err := s.inner.Recv(n)
	c.end(len(data), data, err)
	return data, err
}

func (s *recordedSocket) RecvInto(buf []byte) (int, error) {
	c := s.r.begin(s, "recv_into", len(buf))
	n, err := s.inner.RecvInto(buf)
	c.end(n, buf[:max(n, 0)], err)
	return n, err
}

func (s *recordedSocket) Close() error {
	c := s.r.begin(s, "close")
	err := s.inner.Close()
	c.end(nil, nil, err)
	return err
}

// Shutdown implements Shutdowner. It fails with EOPNOTSUPP where the socket below cannot.
func (s *recordedSocket) Shutdown(how How) error {
	c := s.r.begin(s, "shutdown", [...]string{"SHUT_RD", "SHUT_WR", "SHUT_RDWR"}[min(max(how, ShutRead), ShutBoth)])
	err := error(EOPNOTSUPP)
	if inner, ok := s.inner.(Shutdowner); ok {
		err = inner.Shutdown(how)
	}
	c.end(nil, nil, err)
	return err
}

func (s *recordedSocket) LocalAddr() netip.AddrPort  { return s.inner.LocalAddr() }
func (s *recordedSocket) RemoteAddr() netip.AddrPort { return s.inner.RemoteAddr() }

// recordedPoller records poll(); register, unregister and modify are no calls of a socket and make no line.
type recordedPoller struct {
	r     *Recording
	inner Poller
	outer map[Socket]*recordedSocket
}

func (r *Recording) Poller() Poller {
	return &recordedPoller{r: r, inner: r.Net.Poller(), outer: map[Socket]*recordedSocket{}}
}

func (p *recordedPoller) Register(s Socket, ev Events) {
	own, ok := s.(*recordedSocket)
	if !ok {
		p.inner.Register(s, ev)
		return
	}
	p.outer[own.inner] = own
	p.inner.Register(own.inner, ev)
}

// innerOf is the socket below, or s itself when it is none of ours.
func innerOf(s Socket) Socket {
	if own, ok := s.(*recordedSocket); ok {
		return own.inner
	}
	return s
}

func (p *recordedPoller) Unregister(s Socket) error {
	delete(p.outer, innerOf(s))
	return p.inner.Unregister(innerOf(s))
}

func (p *recordedPoller) Modify(s Socket, ev Events) error { return p.inner.Modify(innerOf(s), ev) }

func (p *recordedPoller) Poll(timeout time.Duration) ([]Ready, error) { return p.poll("poll", timeout) }

func (p *recordedPoller) IPoll(timeout time.Duration) (iter.Seq2[Socket, Events], error) {
	ready, err := p.poll("ipoll", timeout)
	return Iterate(ready), err
}

func (p *recordedPoller) poll(call string, timeout time.Duration) ([]Ready, error) {
	var args []any
	if timeout >= 0 {
		args = []any{timeout.Milliseconds()}
	}
	c := p.r.begin(nil, call, args...)
	ready, err := p.inner.Poll(timeout)
	told := make([][2]int, 0, len(ready))
	for i, one := range ready {
		if own := p.outer[one.Socket]; own != nil {
			ready[i].Socket = own
			told = append(told, [2]int{own.number, int(one.Events)})
		}
	}
	c.end(told, nil, err)
	return ready, err
}
