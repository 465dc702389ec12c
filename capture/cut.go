package capture

import (
	"errors"
	"io"
)

// Cut copies packets of src, which must have been opened with the tap of c, to w: those for which Keep says so. It returns how
// many, and the error that ended the reading, nil at the end of the input.
//
// A segment that came in IP fragments is copied with its last fragment only.
type Cut struct {
	// Keep is asked about every packet: with the event that it gave, or nil for one that gave none. comment is written beside
	// the packet where the format has room for it.
	Keep func(frame int64, ev *Event) (comment string, keep bool)

	w      *Writer
	latest Packet // a copy of the packet that was read last
	data   []byte
	frame  int64 // its number
	told   bool  // Keep was asked about it
	copied int64
	err    error
}

// Tap is the Tap of OpenOptions.
func (c *Cut) Tap(p Packet) {
	c.without()
	c.frame++
	c.data = append(c.data[:0], p.Data...)
	p.Data = c.data
	c.latest, c.told = p, false
}

// without asks about a packet that gave no event.
func (c *Cut) without() {
	if c.frame > 0 && !c.told {
		c.ask(nil)
	}
}

func (c *Cut) ask(ev *Event) {
	c.told = true
	if c.err != nil {
		return
	}
	comment, keep := c.Keep(c.frame, ev)
	if !keep {
		return
	}
	c.latest.Comment = comment
	if c.w.format != FormatPcapNG {
		c.latest.Comment = ""
	}
	if c.err = c.w.WritePacket(c.latest); c.err == nil {
		c.copied++
	}
}

// Copy reads src to its end. An error of w is returned before one of src.
func (c *Cut) Copy(src Source, w *Writer) (copied int64, err error) {
	c.w = w
	var ev Event
	for {
		if err = src.Next(&ev); err != nil {
			break
		}
		c.ask(&ev)
		if c.err != nil {
			return c.copied, c.err
		}
	}
	c.without()
	if c.err != nil {
		return c.copied, c.err
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return c.copied, err
}
