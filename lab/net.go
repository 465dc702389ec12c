package lab

import (
	"iter"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"tcptrace/endpoints"
)

// process as a program's system: endpoints.Net on one of the hosts.
type net struct {
	*process
	host *host
	open []*socket // in the order in which they were made
}

// spend lets half of what a call takes pass; every call does it before and after what it does.
func (n *net) spend() { n.until(n.s.time() + n.host.draw(n.host.habit.call)/2) }

// Socket implements endpoints.Net.
func (n *net) Socket() (endpoints.Socket, error) {
	n.spend()
	defer n.spend()
	s := &socket{n: n, queue: &waiter.Queue{}, blocking: true}
	ep, err := n.host.stack.NewEndpoint(tcp.ProtocolNumber, ipv4.ProtocolNumber, s.queue)
	if err != nil {
		return nil, errnoOf(err)
	}
	s.ep = ep
	n.open = append(n.open, s)
	return s, nil
}

// Sleep implements endpoints.Net.
func (n *net) Sleep(d time.Duration) error {
	if !n.sleep(n.s.time() + int64(d) + n.host.draw(n.host.habit.oversleep)) {
		return endpoints.ErrStopped
	}
	return nil
}

// Now implements endpoints.Net.
func (n *net) Now() time.Time { return n.s.Now() }

// StopAt implements endpoints.Net. The lab's own end is never put off.
func (n *net) StopAt(t time.Time) {
	end := n.host.lab.end
	if t.IsZero() {
		n.stopAt.Store(end)
		return
	}
	n.stopAt.Store(min(int64(t.Sub(n.s.base)), end))
}

// Exit implements endpoints.Net.
func (n *net) Exit() {
	for _, s := range n.open {
		s.shut()
	}
	n.open = nil
}

// Poller implements endpoints.Net.
func (n *net) Poller() endpoints.Poller { return &poller{n: n} }

// poller implements endpoints.Poller.
type poller struct {
	n    *net
	list []polled
}

type polled struct {
	socket endpoints.Socket
	asked  endpoints.Events
}

func (p *poller) index(s endpoints.Socket) int {
	for i := range p.list {
		if p.list[i].socket == s {
			return i
		}
	}
	return -1
}

// Register implements endpoints.Poller.
func (p *poller) Register(s endpoints.Socket, ev endpoints.Events) {
	if i := p.index(s); i >= 0 {
		p.list[i].asked = ev
		return
	}
	p.list = append(p.list, polled{s, ev})
}

// Unregister implements endpoints.Poller.
func (p *poller) Unregister(s endpoints.Socket) error {
	i := p.index(s)
	if i < 0 {
		return endpoints.ENOENT
	}
	p.list = append(p.list[:i:i], p.list[i+1:]...)
	return nil
}

// Modify implements endpoints.Poller.
func (p *poller) Modify(s endpoints.Socket, ev endpoints.Events) error {
	i := p.index(s)
	if i < 0 {
		return endpoints.ENOENT
	}
	p.list[i].asked = ev
	return nil
}

// Poll implements endpoints.Poller.
func (p *poller) Poll(timeout time.Duration) (ready []endpoints.Ready, err error) {
	n := p.n
	n.spend()
	deadline := never
	if timeout >= 0 {
		deadline = n.s.time() + int64(timeout)
	}
	look := func() bool {
		ready = ready[:0]
		for _, one := range p.list {
			if ev := p.events(one); ev != 0 {
				ready = append(ready, endpoints.Ready{Socket: one.socket, Events: ev})
			}
		}
		return len(ready) > 0
	}
	if _, stop := n.waitFor(deadline, p.queues(), look); stop {
		return nil, endpoints.ErrStopped
	}
	n.spend()
	return ready, nil
}

func (p *poller) queues() (queues []*waiter.Queue) {
	for _, one := range p.list {
		if s, ok := one.socket.(*socket); ok && s.n == p.n && !s.closed {
			queues = append(queues, s.queue)
		}
	}
	return queues
}

// events is what poll says about one socket. A socket that is not the lab's, or is closed, is not valid.
func (p *poller) events(one polled) endpoints.Events {
	s, ok := one.socket.(*socket)
	if !ok || s.n != p.n || s.closed {
		return endpoints.PollNval
	}
	return s.events(one.asked)
}

// IPoll implements endpoints.Poller.
func (p *poller) IPoll(timeout time.Duration) (iter.Seq2[endpoints.Socket, endpoints.Events], error) {
	ready, err := p.Poll(timeout)
	if err != nil {
		return nil, err
	}
	return endpoints.Iterate(ready), nil
}

// local is the address to bind to for a program's.
func (n *net) local(a netip.AddrPort) bool {
	return a.Addr().IsUnspecified() || a.Addr() == n.host.addr
}
