package endpoints

import "time"

// Of the corrected loop.
const (
	fixedBacklog = 4
	fixedRetry   = 2 * time.Second // between two tries to reach the PC
)

// fixedLoop is the corrected program: it waits in poll() only, until the next message is due, knows every client by itself, sends what
// send() did not take before it reads more, and connects again when the PC is gone.
type fixedLoop struct {
	p       *Pico
	n       Net
	poller  Poller
	srv     Socket
	clients map[Socket][]byte // what is still to be sent to each: the rest of one answer at most

	cli     Socket // nil while there is none
	up      bool   // cli is connected
	unsent  []byte // of the last message
	retryAt time.Time
	nextAt  time.Time // when the next message is due
}

func (p *Pico) runFixed(n Net) (err error) {
	l := &fixedLoop{p: p, n: n, poller: n.Poller(), clients: map[Socket][]byte{}}
	if l.srv, err = p.listen(n, l.poller, fixedBacklog); err != nil {
		return err
	}
	p.Voice.print(p.Voice.words().PicoStarted(l.srv.LocalAddr(), p.PC))
	l.retryAt, l.nextAt = n.Now(), n.Now().Add(loopSleep)
	for {
		if err := l.pass(); err != nil {
			return err
		}
	}
}

func (l *fixedLoop) pass() error {
	now := l.n.Now()
	if l.cli == nil && !now.Before(l.retryAt) {
		if err := l.connect(); err != nil {
			return err
		}
	}
	ready, err := l.poller.Poll(max(l.nextAt.Sub(now), 0))
	if err != nil {
		return err
	}
	for _, r := range ready {
		switch r.Socket {
		case l.srv:
			err = l.accept()
		case l.cli:
			err = l.answered(r.Events)
		default:
			err = l.serve(r.Socket, r.Events)
		}
		if err != nil {
			return err
		}
	}
	if now := l.n.Now(); !now.Before(l.nextAt) {
		l.nextAt = l.nextAt.Add(loopSleep)
		return l.hello()
	}
	return nil
}

// connect begins to connect to the PC.
func (l *fixedLoop) connect() error {
	cli, err := l.n.Socket()
	if err != nil {
		return l.lost(err)
	}
	l.cli, l.up, l.unsent = cli, false, nil
	if err := cli.SetBlocking(false); err != nil {
		return err
	}
	if err := cli.Connect(l.p.PC); err != nil && err != EINPROGRESS {
		return l.lost(err)
	}
	l.poller.Register(cli, PollIn|PollOut)
	return nil
}

// lost drops the connection to the PC and tries again later.
func (l *fixedLoop) lost(why error) error {
	if stopped(why) {
		return why
	}
	l.p.Voice.print(l.p.Voice.words().FixedLost(why, fixedRetry))
	l.retryAt = l.n.Now().Add(fixedRetry)
	if l.cli == nil {
		return nil
	}
	_ = l.poller.Unregister(l.cli) // it may not be registered yet
	err := l.cli.Close()
	l.cli, l.up = nil, false
	if stopped(err) {
		return err
	}
	return nil
}

// answered handles what poll() reported about the connection to the PC.
func (l *fixedLoop) answered(ev Events) error {
	if ev&PollOut != 0 && ev&(PollErr|PollHup) == 0 {
		l.up = true
		if err := l.flush(); err != nil || l.cli == nil {
			return err
		}
	}
	if ev&(PollIn|PollErr|PollHup|PollNval) == 0 {
		return nil
	}
	data, err := l.cli.Recv(recvSize)
	switch {
	case err == EAGAIN:
		return nil
	case err != nil:
		return l.lost(err)
	case len(data) == 0:
		return l.lost(ESHUTDOWN)
	}
	l.p.Voice.print(l.p.Voice.words().PicoReceived(l.p.Voice.shown(data)))
	return nil
}

// hello sends the message of this second. One that still waits for room is not overtaken: the next one is left out.
func (l *fixedLoop) hello() error {
	if l.cli == nil || !l.up || len(l.unsent) > 0 {
		return nil
	}
	l.unsent = []byte(Hello)
	return l.flush()
}

// flush sends what is unsent, and asks for POLLOUT while something is left.
func (l *fixedLoop) flush() error {
	if len(l.unsent) > 0 {
		k, err := l.cli.Send(l.unsent)
		if err != nil && err != EAGAIN {
			return l.lost(err)
		}
		l.unsent = l.unsent[k:]
	}
	if len(l.unsent) > 0 {
		return l.poller.Modify(l.cli, PollIn|PollOut)
	}
	return l.poller.Modify(l.cli, PollIn)
}

func (l *fixedLoop) accept() error {
	conn, addr, err := l.srv.Accept()
	if err == EAGAIN || err == ECONNABORTED {
		return nil // it was gone before we came
	}
	if err != nil {
		return err
	}
	l.p.Voice.print(l.p.Voice.words().PicoAccepted(pyAddr(addr)))
	if err := conn.SetBlocking(false); err != nil {
		return err
	}
	l.clients[conn] = nil
	l.poller.Register(conn, PollIn)
	return nil
}

// serve echoes to one client and drops it when it closes or fails. Nothing is read from a client whose last answer has not left
// yet: one that sends and never reads fills its own connection, and not the Pico's memory.
func (l *fixedLoop) serve(conn Socket, ev Events) error {
	unsent := l.clients[conn]
	if len(unsent) == 0 && ev&(PollIn|PollErr|PollHup|PollNval) != 0 {
		data, err := conn.Recv(recvSize)
		switch {
		case err == EAGAIN:
		case err != nil || len(data) == 0:
			return l.drop(conn, err)
		default:
			l.p.Voice.print(l.p.Voice.words().PicoServed(l.p.Voice.shown(data)))
			unsent = append([]byte(EchoPrefix), data...)
		}
	}
	if len(unsent) > 0 {
		k, err := conn.Send(unsent)
		if err != nil && err != EAGAIN {
			return l.drop(conn, err)
		}
		unsent = unsent[k:]
	}
	l.clients[conn] = unsent
	return l.poller.Modify(conn, turn(unsent))
}

// turn is what to ask poll() for about a client: room for the answer while there is one, else the next message. An error is told
// unasked, and the next send() raises it.
func turn(unsent []byte) Events {
	if len(unsent) > 0 {
		return PollOut
	}
	return PollIn
}

// drop closes one client's connection; why is nil after a FIN.
func (l *fixedLoop) drop(conn Socket, why error) error {
	if stopped(why) {
		return why
	}
	reason := "FIN"
	if why != nil {
		reason = why.Error()
	}
	l.p.Voice.print(l.p.Voice.words().FixedClosed(reason))
	delete(l.clients, conn)
	if err := l.poller.Unregister(conn); err != nil {
		return err
	}
	if err := conn.Close(); stopped(err) {
		return err
	}
	return nil
}
