package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

// What is read of inputs that are kept in memory, in bytes: what is longer is no input of this kind, or never ends.
const (
	maxNotes   = 64 << 20
	maxJournal = 256 << 20 // the calls in it are bounded by themselves
)

// An inputLimit tells that an input is longer than it may be.
type inputLimit struct {
	file  string
	limit int64
}

func (e *inputLimit) Error() string { return fmt.Sprintf("%s: more than %d bytes", e.file, e.limit) }

// A callsLimit tells that a journal has more calls than are kept.
type callsLimit struct {
	file          string
	kept, leftOut int
}

func (e *callsLimit) Error() string {
	return fmt.Sprintf("%s: %d calls left out after the first %d", e.file, e.leftOut, e.kept)
}

// readNotes reads somebody's notes.
func readNotes(ctx context.Context, path string) ([]byte, error) {
	in, err := openBounded(ctx, path, maxNotes)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(in)
}

// openBounded opens a file whose reading ends with an *inputLimit at the limit, and with ctx's error when that ends. Opening a
// pipe waits for its other end, so it is done beside.
func openBounded(ctx context.Context, path string, limit int64) (io.ReadCloser, error) {
	type opened struct {
		file *os.File
		err  error
	}
	got := make(chan opened, 1)
	go func() {
		f, err := os.Open(path)
		got <- opened{f, err}
	}()
	select {
	case o := <-got:
		if o.err != nil {
			return nil, o.err
		}
		l := &limited{ctx: ctx, file: o.file, in: o.file, left: limit, inputLimit: inputLimit{path, limit}}
		if st, err := o.file.Stat(); err == nil && !st.Mode().IsRegular() {
			l.in = untilDone(ctx, o.file)
		}
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// limited is an input that ends.
type limited struct {
	ctx  context.Context
	file *os.File
	in   io.Reader // of the file, not waiting for it after ctx has ended
	left int64
	inputLimit
}

func (l *limited) Read(b []byte) (n int, err error) {
	if l.left == 0 {
		if n, err = l.in.Read(make([]byte, 1)); n > 0 {
			return 0, &l.inputLimit
		}
	} else {
		n, err = l.in.Read(b[:min(int64(len(b)), l.left)])
		l.left -= int64(n)
	}
	if l.ctx.Err() != nil {
		return 0, l.ctx.Err()
	}
	return n, err
}

func (l *limited) Close() error { return l.file.Close() }
