package endpoints

import (
	"net/netip"
	"time"

	"tcptrace/notebook"
)

// The rhythm of the notebook's loop.
const (
	loopPoll  = notebook.Poll
	loopSleep = notebook.Period
)

// Pico is the notebook's program for the Pico: an echo server and a client of the PC's server in one poll loop that ends every
// pass with sleep(1). Run it on a Net of NewMicroPython.
type Pico struct {
	Listen netip.AddrPort // 0.0.0.0:9000 if zero
	PC     netip.AddrPort // the PC's server
	Voice  Voice
	Fixed  bool // the corrected loop: a deadline instead of sleep, state for each client, closes and errors handled
	// ResetAfter ends the program like a soft reset, all connections closed by the system; 0 for never.
	ResetAfter time.Duration
}

// Run runs the loop until it is stopped or a call fails that the notebook's program does not catch: accept(), or send() of an echo.
func (p *Pico) Run(n Net) error {
	if p.ResetAfter > 0 {
		n.StopAt(n.Now().Add(p.ResetAfter))
	}
	if p.Fixed {
		return p.runFixed(n)
	}
	l := &picoLoop{p: p, n: n}
	if err := l.start(); err != nil {
		return err
	}
	for {
		if err := l.pass(); err != nil {
			return err
		}
	}
}

// picoLoop is the notebook's loop: it remembers one client only.
type picoLoop struct {
	p        *Pico
	n        Net
	poller   Poller
	srv, cli Socket
	client   Socket // server_client
}

// listen opens the server's socket and registers it.
func (p *Pico) listen(n Net, poller Poller, backlog int) (Socket, error) {
	srv, err := n.Socket()
	if err != nil {
		return nil, err
	}
	if err := srv.SetSockOpt(ReuseAddr, 1); err != nil {
		return nil, err
	}
	if err := srv.Bind(orAny(p.Listen, PicoPort)); err != nil {
		return nil, err
	}
	if err := srv.Listen(backlog); err != nil {
		return nil, err
	}
	if err := srv.SetBlocking(false); err != nil {
		return nil, err
	}
	poller.Register(srv, PollIn)
	return srv, nil
}

func (l *picoLoop) start() (err error) {
	l.poller = l.n.Poller()
	if l.srv, err = l.p.listen(l.n, l.poller, 1); err != nil {
		return err
	}
	if l.cli, err = l.n.Socket(); err != nil {
		return err
	}
	if err := l.cli.SetBlocking(false); err != nil {
		return err
	}
	// EINPROGRESS is as it should be, and every other error goes unseen too (docs/findings.md 14).
	if err := l.cli.Connect(l.p.PC); stopped(err) {
		return err
	}
	l.poller.Register(l.cli, PollIn)
	l.p.Voice.print(l.p.Voice.words().PicoStarted(l.srv.LocalAddr(), l.p.PC))
	return nil
}

// pass is one turn of the loop.
func (l *picoLoop) pass() error {
	ready, err := l.poller.Poll(loopPoll)
	if err != nil {
		return err
	}
	for _, r := range ready {
		switch r.Socket {
		case l.srv:
			err = l.accept()
		case l.client:
			err = l.echo()
		case l.cli:
			err = l.receive()
		}
		if err != nil {
			return err
		}
	}
	if _, err := l.cli.Send([]byte(Hello)); stopped(err) { // every other error goes unseen (docs/findings.md 23)
		return err
	}
	return l.n.Sleep(loopSleep)
}

// accept takes a client and forgets the one before, which stays connected (docs/findings.md 9).
func (l *picoLoop) accept() error {
	conn, addr, err := l.srv.Accept()
	if err != nil {
		return err
	}
	l.p.Voice.print(l.p.Voice.words().PicoAccepted(pyAddr(addr)))
	if err := conn.SetBlocking(false); err != nil {
		return err
	}
	l.client = conn
	l.poller.Register(conn, PollIn)
	return nil
}

// echo answers one recv(). An error of send() is not caught; one of recv() counts as a close.
func (l *picoLoop) echo() error {
	data, err := l.client.Recv(recvSize)
	if stopped(err) {
		return err
	}
	if err == nil && len(data) > 0 {
		l.p.Voice.print(l.p.Voice.words().PicoServed(l.p.Voice.shown(data)))
		_, err := l.client.Send(append([]byte(EchoPrefix), data...))
		return err
	}
	l.p.Voice.printf("%s", l.p.Voice.words().PicoClosed())
	if err := l.poller.Unregister(l.client); err != nil {
		return err
	}
	err = l.client.Close()
	l.client = nil
	return err
}

// receive prints what the PC answered; neither its FIN nor an error is noticed (docs/findings.md 17).
func (l *picoLoop) receive() error {
	data, err := l.cli.Recv(recvSize)
	if stopped(err) {
		return err
	}
	if len(data) > 0 {
		l.p.Voice.print(l.p.Voice.words().PicoReceived(l.p.Voice.shown(data)))
	}
	return nil
}
