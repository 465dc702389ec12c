package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"tcptrace/capture/bpf"
	"tcptrace/words"
)

// DefaultMaxUnpacked is how many bytes a compressed capture may unpack to unless told otherwise.
const DefaultMaxUnpacked = 64 << 30

// OpenOptions changes how a capture is read. The zero value is the default.
type OpenOptions struct {
	// MaxUnpacked limits the bytes that a compressed capture unpacks to; 0 means DefaultMaxUnpacked.
	MaxUnpacked int64
	// Progress is told, now and then, how many bytes of the (packed) input have been read. It runs
	// inside Next and must not call the Source.
	Progress func(bytesRead int64)
	// Filter lets only packets that pass it into the source; Info.Filtered counts the others. nil: everything. A packet of
	// a link type that filters cannot be used on is the end of the source, with an error.
	Filter *bpf.Filter
	// Tap sees every packet that passed the filter, as it was captured, before its events are handed over. What the
	// Packet borrows is valid during the call. A packet without a time has time 0.
	Tap func(Packet)
}

// LimitError is the end of reading because a limit was reached. Everything before it was handed over.
type LimitError struct {
	File  string
	Limit string // the limit's name, "max-unpacked"
	Bytes int64  // its value
}

// Error names the file, the limit and its value.
func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: unpacks to more than %d bytes (%s)", e.File, e.Bytes, e.Limit)
}

// Open opens a capture file, or standard input for "-". Format and compression are told from the
// content. What is no capture at all gives a *Damage with Fatal set.
func Open(path string, o OpenOptions) (Source, error) {
	if path == "-" {
		return NewSource("-", os.Stdin, o)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s is a directory", path)
	}
	src, err := NewSource(path, f, o)
	if err != nil {
		f.Close()
		return nil, err
	}
	src.(*source).closers = append(src.(*source).closers, f)
	return src, nil
}

// NewSource reads a capture from r, which is never sought and stays the caller's to close. The name is
// used in Info and in errors.
func NewSource(name string, r io.Reader, o OpenOptions) (Source, error) {
	if o.MaxUnpacked == 0 {
		o.MaxUnpacked = DefaultMaxUnpacked
	}
	s := newSource(name)
	packed := &countingReader{r: r, progress: o.Progress}
	un, err := unpack(packed, o.MaxUnpacked, &s.notes)
	if err != nil {
		return nil, s.end(err)
	}
	s.input = un
	if un.close != nil {
		s.closers = append(s.closers, un)
	}
	in := newStream(un)
	rd, err := newRecordReader(in, &s.notes)
	if err != nil {
		failure := s.end(err)
		s.Close()
		return nil, failure
	}
	s.records = tap(s.sift(rd, o.Filter), o.Tap)
	return s, nil
}

// newRecordReader recognises the format by its first bytes.
func newRecordReader(in *stream, notes *warnings) (recordReader, error) {
	head, err := in.peek(16)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	if len(head) == 0 {
		return nil, damaged(0, words.EmptyFile)
	}
	if _, _, ok := isPcapMagic(head); ok {
		return newPcapReader(in)
	}
	if len(head) >= 4 && binary.BigEndian.Uint32(head) == blockSection {
		return newPcapngReader(in, notes)
	}
	if bytes.HasPrefix(head, []byte(snoopMagic)) {
		return newSnoopReader(in)
	}
	if isERF(in, head) {
		return &erfReader{in: in}, nil
	}
	return nil, damaged(0, words.NotCapture(whatItIs(head)))
}

// whatItIs names content that is sometimes taken for a capture.
func whatItIs(head []byte) words.Reason {
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case len(head) < 4:
		return words.OnlyBytes(len(head))
	case has("\n\r\r\n"), has("\r\n\r\r\r\n"), has("\n\n\n\n"), has("\r\r\r\r"):
		return words.TextMode
	case has("\x1f\x8b"), has("\x28\xb5\x2f\xfd"), has("\x04\x22\x4d\x18"), has("\xfd7zXZ"):
		return words.PackedTwice
	case has("BZh"), has("PK\x03\x04"), has("7z\xbc\xaf"):
		return words.PackedOtherwise
	case has("<"), has("HTTP/"):
		return words.WebPage
	case has("\x89PNG"):
		return words.PNGImage
	case looksLikeERF(head):
		return words.ERFFile
	case has("\xff\xfe"), has("\xfe\xff"), has("\xef\xbb\xbf"):
		return words.PlainText
	}
	return words.UnknownMagic([4]byte(head))
}
