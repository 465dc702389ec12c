package endpoints

import (
	"slices"
	"time"
)

// Of the corrected loop.
const (
	fixedBacklog  = 4
	fixedRetry    = 2 * time.Second  // between two tries to reach the PC
	fixedPatience = 30 * time.Second // with a client that takes nothing of its answer; a stack looks ever more rarely whether it does again
)

// fixedLoop is the corrected program: it waits in poll() only, until the next message is due, knows every client by itself, sends what
// send() did not take before it reads more, and connects again when the PC is gone.
type fixedLoop struct {
	p       *Pico
	n       Net
	poller  Poller
	srv     Socket
	clients []*guest // in the order in which they came

	cli     Socket // nil while there is none
	up      bool   // cli is connected
	unsent  []byte // of the last message
	retryAt time.Time
	nextAt  time.Time // when the next message is due
}

// guest is a client of the echo server.
type guest struct {
	conn   Socket
	unsent []byte    // the rest of one answer
	since  time.Time // when something of it was taken last
}

func (p *Pico) runFixed(n Net) (err error) {
	l := &fixedLoop{p: p, n: n, poller: n.Poller()}
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
	if now := l.n.Now(); now.Before(l.nextAt) {
		return nil
	}
	l.nextAt = l.nextAt.Add(loopSleep)
	if err := l.hello(); err != nil {
		return err
	}
	return l.release()
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
	l.clients = append(l.clients, &guest{conn: conn})
	l.poller.Register(conn, PollIn)
	return nil
}

// serve echoes to one client and drops it when it closes or fails. Nothing is read from a client whose last answer has not left
// yet: one that sends and never reads fills its own connection, and not the Pico's memory.
func (l *fixedLoop) serve(conn Socket, ev Events) error {
	i := slices.IndexFunc(l.clients, func(g *guest) bool { return g.conn == conn })
	if i < 0 {
		return nil
	}
	g := l.clients[i]
	if len(g.unsent) == 0 && ev&(PollIn|PollErr|PollHup|PollNval) != 0 {
		data, err := g.conn.Recv(recvSize)
		switch {
		case err == EAGAIN:
		case err != nil:
			return l.drop(g, err)
		case len(data) == 0:
			return l.letGo(g, "FIN")
		default:
			l.p.Voice.print(l.p.Voice.words().PicoServed(l.p.Voice.shown(data)))
			g.unsent, g.since = append([]byte(EchoPrefix), data...), l.n.Now()
		}
	}
	if len(g.unsent) == 0 {
		return nil
	}
	return l.send(g)
}

// send sends what there is room for, and lets go of a client that has taken nothing for a while: what waits for it, and what it has
// sent meanwhile, fills buffers that all of the Pico's connections share (docs/pico.md 4.1).
func (l *fixedLoop) send(g *guest) error {
	k, err := g.conn.Send(g.unsent)
	if err != nil && err != EAGAIN {
		return l.drop(g, err)
	}
	now := l.n.Now()
	if k > 0 {
		g.unsent, g.since = g.unsent[k:], now
	} else if now.Sub(g.since) >= fixedPatience {
		return l.letGo(g, l.p.Voice.words().FixedDeaf())
	}
	return l.poller.Modify(g.conn, turn(g.unsent))
}

// turn is what to ask poll() for about a client: room for the answer while there is one, else the next message. An error is told
// unasked, and the next send() raises it.
func turn(unsent []byte) Events {
	if len(unsent) > 0 {
		return PollOut
	}
	return PollIn
}

// release tries those clients once more that may have taken nothing for too long.
func (l *fixedLoop) release() error {
	now := l.n.Now()
	for _, g := range slices.Clone(l.clients) {
		if len(g.unsent) == 0 || now.Sub(g.since) < fixedPatience {
			continue
		}
		if err := l.send(g); err != nil {
			return err
		}
	}
	return nil
}

// drop lets go of a client after an error.
func (l *fixedLoop) drop(g *guest, why error) error {
	if stopped(why) {
		return why
	}
	return l.letGo(g, why.Error())
}

// letGo closes one client's connection.
func (l *fixedLoop) letGo(g *guest, reason string) error {
	l.p.Voice.print(l.p.Voice.words().FixedClosed(reason))
	l.clients = slices.DeleteFunc(l.clients, func(other *guest) bool { return other == g })
	if err := l.poller.Unregister(g.conn); err != nil {
		return err
	}
	if err := g.conn.Close(); stopped(err) {
		return err
	}
	return nil
}
