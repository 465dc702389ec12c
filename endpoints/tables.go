package endpoints

import (
	"net/netip"
	"time"
)

// The messages of the tables.
const (
	toServer = "Hola servidor"
	toClient = "Hola cliente"
)

// The pauses of the tables' programs. They put the calls of both sides into one order that does not depend on the machine.
const (
	tableThink   = 300 * time.Millisecond // of the blocking client, before send() and before close()
	tableClose   = 200 * time.Millisecond // of the blocking server, before close(): its ACK of the FIN goes out alone
	retryEvery   = 100 * time.Millisecond // of the non-blocking pair, after EAGAIN
	retryThink   = 350 * time.Millisecond // of the non-blocking client, so that the server's recv() fails a few times
	serverThink  = 550 * time.Millisecond // of the non-blocking server, so that the client's recv() fails a few times
	connectLimit = 2 * time.Second        // of the non-blocking client's wait for the connection
	bufferSize   = 4096
	cpythonQueue = 128 // the backlog of CPython's listen() without an argument (Modules/socketmodule.c)
)

// TablePair is one side of the notebook's two tables.
type TablePair struct {
	Addr        netip.AddrPort // to listen on or to connect to
	NonBlocking bool           // the second table
	Client      bool
	ReuseAddr   bool // of the server; the notebook's tables have none
	Recv        bool // recv() in place of recv_into(), which MicroPython's sockets do not have
	Voice       Voice
}

// Run exchanges one message each way and closes: the client first.
func (p *TablePair) Run(n Net) error {
	switch {
	case p.Client && p.NonBlocking:
		return p.retryingClient(n)
	case p.Client:
		return p.blockingClient(n)
	case p.NonBlocking:
		return p.retryingServer(n)
	}
	return p.blockingServer(n)
}

func (p *TablePair) blockingClient(n Net) error {
	s, err := dial(n, p.Addr)
	if err != nil {
		return err
	}
	if err := n.Sleep(tableThink); err != nil {
		return err
	}
	if _, err := s.Send([]byte(toServer)); err != nil {
		return err
	}
	buf := make([]byte, bufferSize)
	k, err := p.receive(s, buf)
	if err != nil {
		return err
	}
	p.received(buf[:k])
	if err := n.Sleep(tableThink); err != nil {
		return err
	}
	return s.Close()
}

// receive takes what has come, into buf.
func (p *TablePair) receive(s Socket, buf []byte) (int, error) {
	if !p.Recv {
		return s.RecvInto(buf)
	}
	data, err := s.Recv(len(buf))
	return copy(buf, data), err
}

// receiving is the call of receive.
func (p *TablePair) receiving() string {
	if p.Recv {
		return "recv"
	}
	return "recv_into"
}

func (p *TablePair) received(data []byte) {
	p.Voice.print(p.Voice.words().Received(len(data), p.Voice.shown(data)))
}

// listener opens the server's socket.
func (p *TablePair) listener(n Net) (Socket, error) {
	s, err := n.Socket()
	if err != nil {
		return nil, err
	}
	if p.NonBlocking {
		if err := s.SetBlocking(false); err != nil {
			return nil, err
		}
	}
	if p.ReuseAddr {
		if err := s.SetSockOpt(ReuseAddr, 1); err != nil {
			return nil, err
		}
	}
	if err := s.Bind(p.Addr); err != nil {
		return nil, err
	}
	return s, s.Listen(cpythonQueue)
}

func (p *TablePair) blockingServer(n Net) error {
	s, err := p.listener(n)
	if err != nil {
		return err
	}
	conn, _, err := s.Accept()
	if err != nil {
		return err
	}
	buf := make([]byte, bufferSize)
	k, err := p.receive(conn, buf)
	if err != nil {
		return err
	}
	p.received(buf[:k])
	if _, err := conn.Send([]byte(toClient)); err != nil {
		return err
	}
	if k, err = p.receive(conn, buf); err != nil { // 0: the client has closed
		return err
	}
	p.received(buf[:k])
	if err := n.Sleep(tableClose); err != nil {
		return err
	}
	if err := conn.Close(); err != nil {
		return err
	}
	return s.Close()
}

// again repeats a call every 100 ms while it raises EAGAIN, and prints how often that was.
func (p *TablePair) again(n Net, name string, call func() error) error {
	for failed := 0; ; failed++ {
		err := call()
		if err == EAGAIN {
			if err := n.Sleep(retryEvery); err != nil {
				return err
			}
			continue
		}
		if failed > 0 {
			p.Voice.print(p.Voice.words().Attempts(name, failed))
		}
		return err
	}
}

// sendAll sends what send() left over, too.
func (p *TablePair) sendAll(n Net, s Socket, data []byte) error {
	for len(data) > 0 {
		err := p.again(n, "send", func() error {
			k, err := s.Send(data)
			data = data[k:]
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// recvAgain is receive repeated; it prints what came.
func (p *TablePair) recvAgain(n Net, s Socket) error {
	buf := make([]byte, bufferSize)
	var k int
	err := p.again(n, p.receiving(), func() (err error) {
		k, err = p.receive(s, buf)
		return err
	})
	if err == nil {
		p.received(buf[:k])
	}
	return err
}

func (p *TablePair) retryingClient(n Net) error {
	s, err := n.Socket()
	if err != nil {
		return err
	}
	if err := s.SetBlocking(false); err != nil {
		return err
	}
	if err := p.connectLater(n, s); err != nil {
		return err
	}
	if err := n.Sleep(retryThink); err != nil {
		return err
	}
	if err := p.sendAll(n, s, []byte(toServer)); err != nil {
		return err
	}
	if err := p.recvAgain(n, s); err != nil {
		return err
	}
	if err := n.Sleep(retryThink); err != nil {
		return err
	}
	return s.Close()
}

// connectLater begins to connect, waits for POLLOUT, and asks for the result.
func (p *TablePair) connectLater(n Net, s Socket) error {
	if err := s.Connect(p.Addr); err != nil && err != EINPROGRESS {
		return err
	}
	poller := n.Poller()
	poller.Register(s, PollOut)
	ready, err := poller.Poll(connectLimit)
	if err != nil {
		return err
	}
	if len(ready) == 0 {
		return ETIMEDOUT
	}
	pending, err := s.GetSockOpt(SoError)
	if err == nil && pending != 0 {
		err = Errno(pending)
	}
	return err
}

func (p *TablePair) retryingServer(n Net) error {
	s, err := p.listener(n)
	if err != nil {
		return err
	}
	var conn Socket
	err = p.again(n, "accept", func() (err error) {
		conn, _, err = s.Accept()
		return err
	})
	if err != nil {
		return err
	}
	if err := conn.SetBlocking(false); err != nil {
		return err
	}
	if err := p.recvAgain(n, conn); err != nil {
		return err
	}
	if err := n.Sleep(serverThink); err != nil {
		return err
	}
	if err := p.sendAll(n, conn, []byte(toClient)); err != nil {
		return err
	}
	if err := p.recvAgain(n, conn); err != nil { // 0: the client has closed
		return err
	}
	if err := conn.Close(); err != nil {
		return err
	}
	return s.Close()
}
