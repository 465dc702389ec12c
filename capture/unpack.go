package capture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"

	"tcptrace/words"
)

// countingReader counts the bytes of the input as it was stored, and remembers its own failure, so that
// a disk's error can be told from a damaged archive.
type countingReader struct {
	r        io.Reader
	n        int64
	failed   error // other than io.EOF
	progress func(int64)
}

// Read counts and reports progress.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.failed = err
	}
	if c.progress != nil && n > 0 {
		c.progress(c.n)
	}
	return n, err
}

// unpacked is the content of the input, one layer of compression taken off.
type unpacked struct {
	r      io.Reader
	packed *countingReader
	suffix string      // such as ".gz"; "" when the input is not compressed
	tail   *tailReader // of .xz
	close  func() error
	n, max int64
	notes  *warnings
	warned bool
}

// errLimit is turned into a *LimitError by the source, which knows the file's name.
var errLimit = errors.New("limit of unpacked bytes")

// packError is a damaged archive.
type packError struct {
	suffix string
	err    error
}

func (e *packError) Error() string { return e.reason().String() }

// reason says what is wrong. What the libraries say most often has words of ours.
func (e *packError) reason() words.Reason {
	name, why := e.suffix[1:], words.Foreign(e.err.Error())
	var ours *archiveError
	switch {
	case errors.Is(e.err, io.ErrUnexpectedEOF):
		return words.CompressionCut(name)
	case errors.As(e.err, &ours):
		why = ours.what
	case errors.Is(e.err, gzip.ErrChecksum):
		why = words.BadChecksum
	case errors.Is(e.err, gzip.ErrHeader):
		why = words.BadHeader
	}
	return words.CompressionDamaged(name, why)
}

// An archiveError is what we find wrong with an archive.
type archiveError struct{ what words.Reason }

func (e *archiveError) Error() string { return e.what.String() }

func (e *packError) Unwrap() error { return e.err }

// The largest window that is given to an archive: enough for every preset of xz and zstd -19.
const maxWindow = 64 << 20

// unpack recognises the compression by its first bytes. max limits what a compressed input unpacks to.
func unpack(packed *countingReader, max int64, notes *warnings) (*unpacked, error) {
	head := make([]byte, 6)
	n, err := io.ReadFull(packed, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	head = head[:n]
	whole := io.MultiReader(bytes.NewReader(head), packed)
	u := &unpacked{r: whole, packed: packed, max: max, notes: notes}
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		u.suffix = ".gz"
		u.r, err = gzip.NewReader(whole)
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		u.suffix = ".zst"
		var z *zstd.Decoder
		z, err = zstd.NewReader(whole, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err == nil {
			u.r, u.close = z, func() error { z.Close(); return nil }
		}
	case bytes.HasPrefix(head, []byte("\x04\x22\x4d\x18")):
		u.suffix = ".lz4"
		u.r = lz4.NewReader(whole)
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		u.suffix = ".xz"
		u.tail = &tailReader{r: whole}
		buffered := bufio.NewReader(u.tail)
		if err = checkDictionary(buffered); err == nil {
			u.r, err = xz.NewReader(buffered)
		}
	default:
		return u, nil
	}
	if err != nil {
		return nil, u.failure(err)
	}
	return u, nil
}

// checkDictionary refuses an xz file whose first block asks for more memory than maxWindow, because the
// library gives whatever is asked for (The .xz File Format, sections 3.1 and 5.3.1).
func checkDictionary(r *bufio.Reader) error {
	const streamHeader, lzma2 = 12, 0x21
	// A header that is too short or odd is left to the library, which says so.
	head, _ := r.Peek(streamHeader + 2)
	if len(head) < streamHeader+2 {
		return nil
	}
	block, _ := r.Peek(streamHeader + int(head[streamHeader])*4 + 4)
	fields := block[streamHeader+2:]
	skip := head[streamHeader+1] >> 6 // two sizes may stand before the filters
	for ; skip > 0; skip &= skip - 1 {
		_, n := binary.Uvarint(fields)
		if n <= 0 {
			return nil
		}
		fields = fields[n:]
	}
	for range head[streamHeader+1]&3 + 1 {
		id, n := binary.Uvarint(fields)
		if n <= 0 {
			return nil
		}
		size, m := binary.Uvarint(fields[n:])
		if m <= 0 || size == 0 || uint64(len(fields)-n-m) < size {
			return nil
		}
		bits := fields[n+m]
		if dictionary := uint64(2|bits&1) << (bits/2 + 11); id == lzma2 && dictionary > maxWindow {
			return &archiveError{words.DictionaryTooLarge(dictionary, maxWindow)}
		}
		fields = fields[n+m+int(size):]
	}
	return nil
}

// xzFooter ends an xz stream (The .xz File Format, section 2.1.2.4).
var xzFooter = [2]byte{'Y', 'Z'}

// A tailReader remembers the last two bytes that are not zero. The xz library takes a file that was cut between a
// block and the index for a whole one; only the footer, which padding of zeros may follow, tells.
type tailReader struct {
	r    io.Reader
	last [2]byte
}

// Read reads and remembers.
func (t *tailReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	switch end := bytes.TrimRight(p[:n], "\x00"); len(end) {
	case 0:
	case 1:
		t.last = [2]byte{t.last[1], end[0]}
	default:
		t.last = [2]byte(end[len(end)-2:])
	}
	return n, err
}

// Close frees the decompressor.
func (u *unpacked) Close() error { return u.close() }

// Read unpacks, within the limit.
func (u *unpacked) Read(p []byte) (int, error) {
	if u.suffix == "" {
		return u.r.Read(p)
	}
	if u.n >= u.max {
		return 0, errLimit
	}
	if int64(len(p)) > u.max-u.n {
		p = p[:u.max-u.n]
	}
	n, err := u.unpackSome(p)
	if err == io.EOF && u.tail != nil && u.tail.last != xzFooter {
		err = io.ErrUnexpectedEOF
	}
	u.n += int64(n)
	if !u.warned && u.n > 1<<20 && u.n/1000 > u.packed.n {
		u.warned = true
		u.notes.add(words.HighCompression)
	}
	if err != nil && err != io.EOF {
		err = u.failure(err)
	}
	return n, err
}

// unpackSome reads from the decompressor. A panic of it, on forged input, is damage like any other.
func (u *unpacked) unpackSome(p []byte) (n int, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			n, err = 0, &archiveError{words.DecompressorFailed(fmt.Sprint(fault))}
		}
	}()
	return u.r.Read(p)
}

// failure tells a read error of the input from damage inside the archive.
func (u *unpacked) failure(err error) error {
	if u.packed.failed != nil {
		return u.packed.failed
	}
	return &packError{u.suffix, err}
}
