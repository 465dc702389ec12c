package endpoints

import (
	"net/netip"
	"time"
)

// PCServer is the notebook's server for the PC: one accept(), then an answer to every recv() until the client closes.
//
// Its faults are those of a real classroom; at most one is set, and each counts from the start of the program.
type PCServer struct {
	Listen    netip.AddrPort // 0.0.0.0:9001 if zero
	Voice     Voice
	ReuseAddr bool // set SO_REUSEADDR, which the notebook's program does not

	LateBy      time.Duration // the program starts late: until then nobody listens
	KillAfter   time.Duration // the process is killed: its sockets are closed by the system
	FreezeAfter time.Duration // the process stops reading, until KillAfter
	Silent      bool          // SYNs are not answered, as behind a firewall
}

// Run serves one client. It returns nil when the client has closed.
func (p *PCServer) Run(n Net) error {
	start := n.Now()
	if err := pause(n, p.LateBy); err != nil {
		return err
	}
	p.stopAt(n, start)
	err := p.serve(n)
	if stopped(err) && p.frozen(n, start) {
		n.StopAt(time.Time{})
		if err := pause(n, start.Add(p.KillAfter).Sub(n.Now())); err != nil {
			return err
		}
	}
	return err
}

// stopAt arranges for the process to be frozen or killed.
func (p *PCServer) stopAt(n Net, start time.Time) {
	switch {
	case p.FreezeAfter > 0:
		n.StopAt(start.Add(p.FreezeAfter))
	case p.KillAfter > 0:
		n.StopAt(start.Add(p.KillAfter))
	}
}

// frozen reports whether the process stopped because it was frozen and is to be killed later.
func (p *PCServer) frozen(n Net, start time.Time) bool {
	return p.FreezeAfter > 0 && p.KillAfter > p.FreezeAfter && !n.Now().Before(start.Add(p.FreezeAfter))
}

func (p *PCServer) serve(n Net) error {
	s, err := n.Socket()
	if err != nil {
		return err
	}
	if p.ReuseAddr {
		if err := s.SetSockOpt(ReuseAddr, 1); err != nil {
			return err
		}
	}
	if err := s.Bind(orAny(p.Listen, PCPort)); err != nil {
		return err
	}
	if err := s.Listen(1); err != nil {
		return err
	}
	if p.Silent {
		if err := silence(s); err != nil {
			return err
		}
	}
	w := p.Voice.words()
	p.Voice.print(w.ServerStarted(s.LocalAddr()))
	conn, addr, err := s.Accept()
	if err != nil {
		return err
	}
	p.Voice.print(w.ServerAccepted(pyAddr(addr)))
	if err := p.answer(conn); err != nil {
		return err
	}
	if err := conn.Close(); err != nil {
		return err
	}
	return s.Close()
}

// answer replies until the client closes.
func (p *PCServer) answer(conn Socket) error {
	for {
		data, err := conn.Recv(recvSize)
		if err != nil || len(data) == 0 {
			return err
		}
		p.Voice.print(p.Voice.words().ServerReceived(p.Voice.shown(data)))
		if _, err := conn.Send(append([]byte(PCPrefix), data...)); err != nil {
			return err
		}
	}
}

// silence lets a listening socket answer no SYN, where the system can.
func silence(s Socket) error {
	if r, ok := s.(*recordedSocket); ok {
		s = r.inner
	}
	if l, ok := s.(PendingLimiter); ok {
		return l.LimitPending(1, 0)
	}
	return EOPNOTSUPP
}
