package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// ErrReplaced: a followed file was cut short or deleted.
var ErrReplaced = errors.New("the file that is followed was replaced or deleted")

// Follow opens a capture file that another program is still writing. At its end it waits for more, until ctx ends;
// then the reading ends as if the file ended after its last whole packet. Errors wrap ErrReplaced when the file is
// cut or deleted. The caller closes the Source.
func Follow(ctx context.Context, path string, o OpenOptions) (Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	src, err := OpenPipe(ctx, path, &growing{ctx: ctx, f: f, path: path}, 0, o)
	if err != nil {
		f.Close()
		return nil, err
	}
	src.(*source).closers = append(src.(*source).closers, f)
	return src, nil
}

// growing waits at the end of a file for more.
type growing struct {
	ctx    context.Context
	f      *os.File
	path   string
	offset int64
}

// growthEvery is how often a file is looked at for more: well below what a row may be late.
const growthEvery = 10 * time.Millisecond

func (g *growing) Read(b []byte) (int, error) {
	for {
		n, err := g.f.Read(b)
		g.offset += int64(n)
		if n > 0 || err != nil && err != io.EOF {
			return n, err
		}
		if st, err := g.f.Stat(); err == nil && st.Size() < g.offset {
			return 0, fmt.Errorf("%w: it is shorter than before", ErrReplaced)
		}
		if now, err := os.Stat(g.path); errors.Is(err, fs.ErrNotExist) || err == nil && !sameFile(g.f, now) {
			return 0, ErrReplaced
		}
		select {
		case <-g.ctx.Done():
			return 0, io.EOF
		case <-time.After(growthEvery):
		}
	}
}

func sameFile(f *os.File, other fs.FileInfo) bool {
	st, err := f.Stat()
	return err == nil && os.SameFile(st, other)
}

// OpenPipe reads a capture that another program writes into r. When ctx ends, it goes on for grace, because what
// ended us usually ends that program too, and its last packets are still coming; then the reading ends as if the input
// ended after its last whole packet. A Read of r that never returns is left behind.
func OpenPipe(ctx context.Context, name string, r io.Reader, grace time.Duration, o OpenOptions) (Source, error) {
	p := &pipe{ctx: ctx, grace: grace, more: make(chan []byte), free: make(chan []byte, pipeBuffers)}
	for range pipeBuffers {
		p.free <- make([]byte, pipeBuffer)
	}
	go p.pump(r)
	src, err := NewSource(name, p, o)
	if err != nil {
		return nil, err
	}
	s := src.(*source)
	s.records = &interruptible{s.records, p}
	return s, nil
}

const (
	pipeBuffer  = 128 << 10
	pipeBuffers = 4
)

// A pipe is a reader that can be interrupted, over one that cannot.
type pipe struct {
	ctx         context.Context
	grace       time.Duration
	more        chan []byte
	free        chan []byte
	now         []byte // what is being handed over
	whole       []byte // the buffer of now
	err         error  // of the reader; valid when more is closed
	interrupted bool
}

func (p *pipe) pump(r io.Reader) {
	defer close(p.more)
	for b := range p.free {
		b = b[:cap(b)]
		n, err := r.Read(b)
		if n > 0 {
			select {
			case p.more <- b[:n]:
			case <-time.After(time.Minute):
				if p.ctx.Err() != nil {
					return // nobody reads any more
				}
				p.more <- b[:n]
			}
		} else {
			p.free <- b
		}
		if err != nil {
			p.err = err
			return
		}
	}
}

func (p *pipe) Read(b []byte) (int, error) {
	if len(p.now) == 0 {
		if err := p.fetch(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.now)
	p.now = p.now[n:]
	if len(p.now) == 0 {
		p.free <- p.whole
	}
	return n, nil
}

// fetch waits for more, or for the end.
func (p *pipe) fetch() error {
	done := p.ctx.Done()
	var patience <-chan time.Time
	for {
		select {
		case b, ok := <-p.more:
			if !ok {
				return p.err
			}
			p.now, p.whole = b, b
			return nil
		case <-done:
			done, patience = nil, time.After(p.grace)
		case <-patience:
			p.interrupted = true
			return io.EOF
		}
	}
}

// interruptible ends quietly within a record when the reading was interrupted.
type interruptible struct {
	recordReader
	p *pipe
}

func (i *interruptible) next(rec *record) error {
	err := i.recordReader.next(rec)
	if err != nil && (i.p.interrupted || i.p.ctx.Err() != nil) {
		var hurt *recordDamage
		if errors.As(err, &hurt) {
			return io.EOF
		}
	}
	return err
}
