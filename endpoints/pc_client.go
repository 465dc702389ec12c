package endpoints

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Lines is where a client's messages come from.
type Lines interface {
	// Next waits for the next message. It returns io.EOF after the last one, and ErrStopped.
	Next(n Net) (string, error)
}

// PCClient is the notebook's client for the PC: it sends a message, waits for one recv(), prints it, and asks for the next.
type PCClient struct {
	Pico  netip.AddrPort
	Lines Lines
	Voice Voice
}

// Run ends with the lines, and closes.
func (p *PCClient) Run(n Net) error {
	s, err := dial(n, p.Pico)
	if err != nil {
		return err
	}
	w := p.Voice.words()
	p.Voice.printf("%s", w.ClientConnected())
	for {
		p.Voice.printf("%s", w.ClientPrompt())
		line, err := p.Lines.Next(n)
		if err == io.EOF {
			p.Voice.printf("\n")
			return s.Close()
		}
		if err != nil {
			return err
		}
		if _, err := s.Send([]byte(line)); err != nil {
			return err
		}
		data, err := s.Recv(recvSize)
		if err != nil {
			return err
		}
		p.Voice.print(w.ClientReceived(p.Voice.shown(data)))
	}
}

// dial is socket() and connect() in blocking mode.
func dial(n Net, addr netip.AddrPort) (Socket, error) {
	s, err := n.Socket()
	if err != nil {
		return nil, err
	}
	return s, s.Connect(addr)
}

// ReadLines takes messages from a person or a pipe, one a line. It reads in a goroutine of its own, which ends with the
// input; a stopped program does not wait for it.
func ReadLines(ctx context.Context, in io.Reader) Lines {
	l := &readLines{ctx: ctx, lines: make(chan string), failed: make(chan error, 1)}
	go l.read(in)
	return l
}

type readLines struct {
	ctx    context.Context
	lines  chan string
	failed chan error
}

func (l *readLines) read(in io.Reader) {
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		select {
		case l.lines <- scan.Text():
		case <-l.ctx.Done():
			return
		}
	}
	err := scan.Err()
	if err == nil {
		err = io.EOF
	}
	l.failed <- err
}

// Next ignores n: a person has a real clock.
func (l *readLines) Next(Net) (string, error) {
	select {
	case <-l.ctx.Done():
		return "", ErrStopped
	case line := <-l.lines:
		return line, nil
	case err := <-l.failed:
		l.failed <- err
		return "", err
	}
}

// ScriptLine is one message of a script. A message that has its time is sent then, unless the one before is not answered yet.
type ScriptLine struct {
	At   time.Duration // since the first message was asked for
	Text string
}

// Script gives prepared messages. It is used once.
type Script struct {
	Lines []ScriptLine
	begun time.Time
	next  int
}

// Next waits by n's clock until the line's time.
func (s *Script) Next(n Net) (string, error) {
	if s.begun.IsZero() {
		s.begun = n.Now()
	}
	if s.next >= len(s.Lines) {
		return "", io.EOF
	}
	line := s.Lines[s.next]
	if err := pause(n, s.begun.Add(line.At).Sub(n.Now())); err != nil {
		return "", err
	}
	s.next++
	return line.Text, nil
}

// ParseScript reads a script: one message a line, and before it, if its time matters, "@SECONDS " since the connection. Lines without a
// time follow at once, or every apart. Empty lines and lines that begin with # are left out.
func ParseScript(in io.Reader, every time.Duration) (*Script, error) {
	script := &Script{}
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, 1<<20)
	at := time.Duration(0)
	for number := 1; scan.Scan(); number++ {
		text := scan.Text()
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if stamp, rest, found := strings.Cut(text, " "); found && strings.HasPrefix(stamp, "@") {
			s, err := strconv.ParseFloat(stamp[1:], 64)
			if err != nil || !(s >= 0 && s < 1e6) {
				return nil, fmt.Errorf("line %d: no time in seconds: %s", number, stamp)
			}
			at, text = time.Duration(s*float64(time.Second)), rest
		} else if len(script.Lines) > 0 {
			at += every
		}
		script.Lines = append(script.Lines, ScriptLine{at, text})
	}
	return script, scan.Err()
}

// Numbered gives Count equal messages with their number, "hola 1" and so on, for the closed loop: the next message when the answer
// to the last one has come and Think has passed.
type Numbered struct {
	Count int // 0 for ever
	Think time.Duration
	next  int
}

// message is the text of the message with this number.
func message(number int) string { return "hola " + strconv.Itoa(number) }

// Next thinks before every message but the first.
func (l *Numbered) Next(n Net) (string, error) {
	if l.Count > 0 && l.next >= l.Count {
		return "", io.EOF
	}
	if l.next > 0 {
		if err := pause(n, l.Think); err != nil {
			return "", err
		}
	}
	l.next++
	return message(l.next), nil
}

// OpenLoopClient sends at random times whether or not the answers have come, as independent people do: the gaps are exponentially
// distributed, so that the messages meet the server's loop at every phase.
type OpenLoopClient struct {
	Pico    netip.AddrPort
	Voice   Voice
	Mean    time.Duration // of the gap between two messages; Even takes the randomness away
	Even    bool
	Count   int // messages; 0 for ever
	Seed    uint64
	Patient time.Duration // how long to wait for answers after the last message
}

// Run sends Count messages, waits for the last answers, and closes.
func (p *OpenLoopClient) Run(n Net) error {
	s, err := dial(n, p.Pico)
	if err != nil {
		return err
	}
	p.Voice.printf("%s", p.Voice.words().ClientConnected())
	poller := n.Poller()
	poller.Register(s, PollIn)
	random := p.random(p.Seed)
	due := n.Now()
	var owed owed
	for k := 1; p.Count == 0 || k <= p.Count; k++ {
		due = due.Add(p.gap(random))
		if err := p.listen(n, s, poller, due, &owed, false); err != nil {
			return finish(s, err)
		}
		if _, err := s.Send([]byte(message(k))); err != nil {
			return err
		}
		owed.bytes += len(message(k))
	}
	if err := p.listen(n, s, poller, n.Now().Add(p.Patient), &owed, true); err != nil {
		return finish(s, err)
	}
	return s.Close()
}

// random is the source of the gaps; the second number only has to be the same always.
func (p *OpenLoopClient) random(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0x7463707472616365))
}

func (p *OpenLoopClient) gap(random *rand.Rand) time.Duration {
	if p.Even {
		return p.Mean
	}
	return time.Duration(float64(p.Mean) * random.ExpFloat64())
}

// finish closes after the server did.
func finish(s Socket, err error) error {
	if errors.Is(err, io.EOF) {
		return s.Close()
	}
	return err
}

// owed counts the bytes that are still to come back. Several messages that the server read in one recv() come back with one prefix.
type owed struct {
	bytes int
	tail  []byte // the last bytes, where a prefix may have begun
}

func (o *owed) receive(data []byte) {
	all := append(o.tail, data...)
	o.bytes -= len(data) - bytes.Count(all, []byte(EchoPrefix))*len(EchoPrefix)
	o.tail = bytes.Clone(all[max(0, len(all)-len(EchoPrefix)+1):])
}

// listen prints answers until a time, or, with enough, until none is owed any more. It returns io.EOF when the server has closed.
func (p *OpenLoopClient) listen(n Net, s Socket, poller Poller, until time.Time, owed *owed, enough bool) error {
	for !enough || owed.bytes > 0 {
		left := until.Sub(n.Now())
		if left <= 0 {
			return nil
		}
		ready, err := poller.Poll(left)
		if err != nil {
			return err
		}
		if len(ready) == 0 {
			return nil
		}
		data, err := s.Recv(recvSize)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			return io.EOF
		}
		owed.receive(data)
		p.Voice.print(p.Voice.words().ClientReceived(p.Voice.shown(data)))
	}
	return nil
}
