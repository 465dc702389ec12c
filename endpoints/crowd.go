package endpoints

import (
	"cmp"
	"slices"
	"time"
)

// events are the visits' events by time.
func (c *crowd) events() (all []crowdEvent) {
	for i, v := range c.p.Visits {
		all = append(all, crowdEvent{v.Open, i, func() error { return c.open(i) }})
		for _, line := range v.Lines {
			all = append(all, crowdEvent{line.At, i, func() error { return c.send(i, line.Text) }})
		}
		if v.Close > 0 {
			all = append(all, crowdEvent{v.Close, i, func() error { return c.close(i) }})
		}
	}
	slices.SortStableFunc(all, func(a, b crowdEvent) int { return cmp.Compare(a.at, b.at) })
	return all
}

func (c *crowd) name(i int) string { return c.p.Visits[i].Name }

// open begins to connect without waiting, so that one client that is not answered does not keep the others.
func (c *crowd) open(i int) error {
	s, err := c.n.Socket()
	if err != nil {
		return err
	}
	c.sockets[i] = s
	if err := s.SetBlocking(false); err != nil {
		return err
	}
	if err := s.Connect(c.p.Pico); err != nil && err != EINPROGRESS {
		return err
	}
	c.poller.Register(s, PollIn)
	return nil
}

func (c *crowd) send(i int, text string) error {
	if c.sockets[i] == nil {
		return nil
	}
	if _, err := c.sockets[i].Send([]byte(text)); err != nil {
		return err
	}
	c.p.Voice.print(c.p.Voice.words().TwoSent(c.name(i), c.p.Voice.shown([]byte(text))))
	return nil
}

func (c *crowd) close(i int) error {
	if c.sockets[i] == nil {
		return nil
	}
	if err := c.poller.Unregister(c.sockets[i]); err != nil {
		return err
	}
	err := c.sockets[i].Close()
	c.sockets[i] = nil
	return err
}

// failed prints an error of one connection and closes it; it hands on only what ends the program.
func (c *crowd) failed(i int, err error) error {
	if err == nil || stopped(err) {
		return err
	}
	c.p.Voice.print(c.p.Voice.words().TwoNothing(c.name(i), err))
	if err == EAGAIN { // not connected yet: the connection goes on, the line is lost
		return nil
	}
	if err := c.close(i); stopped(err) {
		return err
	}
	return nil
}

// listen prints what comes until a time.
func (c *crowd) listen(until time.Time) error {
	for {
		left := until.Sub(c.n.Now())
		if left <= 0 {
			return nil
		}
		ready, err := c.poller.Poll(left)
		if err != nil {
			return err
		}
		for _, r := range ready {
			if err := c.receive(slices.Index(c.sockets, r.Socket)); err != nil {
				return err
			}
		}
	}
}

// receive reads once and prints; the end of data closes.
func (c *crowd) receive(i int) error {
	data, err := c.sockets[i].Recv(recvSize)
	if err != nil {
		return c.failed(i, err)
	}
	if len(data) == 0 {
		return c.failed(i, ESHUTDOWN)
	}
	c.p.Voice.print(c.p.Voice.words().TwoReceived(c.name(i), c.p.Voice.shown(data)))
	return nil
}
