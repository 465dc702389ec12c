package capture

import (
	"io"
)

// firstBuffer is the size of a stream's buffer before any record needs more: large enough that system
// calls do not count, small enough to stay in a core's cache.
const firstBuffer = 512 << 10

// stream hands out consecutive bytes of a reader as slices of one refillable buffer, so that no record
// is copied. It reads no more than is there: a pipe's packets are seen as they come.
//
// A slice from peek is valid until the next call of peek or skip.
type stream struct {
	r          io.Reader
	buf        []byte
	start, end int
	offset     int64 // of buf[start] in the stream
	err        error // of r, handed on when the buffered bytes are used up
}

func newStream(r io.Reader) *stream { return &stream{r: r, buf: make([]byte, firstBuffer)} }

// buffered is the number of bytes that can be had without reading.
func (s *stream) buffered() int { return s.end - s.start }

// ready returns the next n bytes if they are buffered, else nil. It is peek for the two places that every
// packet passes, small enough to be inlined.
func (s *stream) ready(n int) []byte {
	if s.end-s.start < n {
		return nil
	}
	return s.buf[s.start : s.start+n]
}

// peek returns the next n bytes without consuming them. With fewer than n bytes left it returns what is
// there together with the reader's error: io.EOF if nothing is there, io.ErrUnexpectedEOF if something is.
func (s *stream) peek(n int) ([]byte, error) {
	if s.end-s.start >= n {
		return s.buf[s.start : s.start+n], nil
	}
	return s.fill(n)
}

func (s *stream) fill(n int) ([]byte, error) {
	for s.buffered() < n {
		if s.err != nil {
			err := s.err
			if err == io.EOF && s.buffered() > 0 {
				err = io.ErrUnexpectedEOF
			}
			return s.buf[s.start:s.end], err
		}
		s.makeRoom(n)
		s.read()
	}
	return s.buf[s.start : s.start+n], nil
}

// makeRoom moves the buffered bytes to the front and, when they fill the buffer, doubles it: the memory
// follows what has arrived and never what a length field claims.
func (s *stream) makeRoom(n int) {
	if s.start == s.end || len(s.buf)-s.start < n {
		copy(s.buf, s.buf[s.start:s.end])
		s.end -= s.start
		s.start = 0
	}
	if s.end == len(s.buf) {
		grown := make([]byte, 2*len(s.buf))
		copy(grown, s.buf[s.start:s.end])
		s.end -= s.start
		s.start = 0
		s.buf = grown
	}
}

func (s *stream) read() {
	const emptyReads = 100 // as bufio: a reader that never gives anything is broken
	for range emptyReads {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.err = err
			return
		}
		if n > 0 {
			return
		}
	}
	s.err = io.ErrNoProgress
}

// advance consumes n bytes that peek has shown.
func (s *stream) advance(n int) {
	s.start += n
	s.offset += int64(n)
}
