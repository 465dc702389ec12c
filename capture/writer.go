package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// FileFormat is a capture file format that can be written.
type FileFormat uint8

// The formats. FormatPcap has nanosecond times, one link type and no comments.
const (
	FormatPcap FileFormat = iota + 1
	FormatPcapNG
)

// Packet is one packet to be written.
type Packet struct {
	Time           int64 // ns since 1970-01-01 UTC
	LinkType       uint16
	Data           []byte // at most MaxPacket bytes; not kept
	OriginalLength int    // bytes on the wire; 0 means len(Data)
	Comment        string // UTF-8; pcapng only
}

// ErrComment tells that a format has no room for comments.
var ErrComment = errors.New("pcap files hold no comments; write pcapng")

// Writer writes a capture file. Its methods return every error of the writer below it; after an error
// all further calls return that error. It must be closed, or aborted.
type Writer struct {
	w      *bufio.Writer
	format FileFormat
	links  map[uint16]uint32 // interface numbers by link type
	block  []byte
	err    error
	file   *partFile
}

// NewWriter writes to w, which stays the caller's to close.
func NewWriter(w io.Writer, format FileFormat) (*Writer, error) {
	if format != FormatPcap && format != FormatPcapNG {
		return nil, fmt.Errorf("unknown capture format %d", format)
	}
	cw := &Writer{w: bufio.NewWriterSize(w, 64<<10), format: format, links: map[uint16]uint32{}}
	if format == FormatPcapNG {
		cw.sectionHeader()
	}
	return cw, cw.err
}

// CreateOptions changes how Create treats what is there already.
type CreateOptions struct {
	Overwrite bool // replace an existing regular file
}

// Create writes to path+".part" with mode 0600 and renames it to path on Close. An existing file, or a
// part left by a program that was killed, is refused unless o.Overwrite is set, and a symbolic link always.
func Create(path string, format FileFormat, o CreateOptions) (*Writer, error) {
	if err := checkTarget(path, o); err != nil {
		return nil, err
	}
	part := path + ".part"
	if st, err := os.Lstat(part); o.Overwrite && err == nil && st.Mode().IsRegular() {
		if err := os.Remove(part); err != nil { // left by a program that was killed
			return nil, err
		}
	}
	// O_EXCL does not follow a symbolic link that waits under the name.
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(f, format)
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(part))
	}
	w.file = &partFile{File: f, part: part, path: path, options: o}
	return w, nil
}

func checkTarget(path string, o CreateOptions) error {
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !st.Mode().IsRegular():
		return fmt.Errorf("%s: refusing to replace what is not a regular file", path)
	case !o.Overwrite:
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	return nil
}

// partFile is a file that gets its name when it is complete.
type partFile struct {
	*os.File
	part, path string
	options    CreateOptions
}

func (f *partFile) commit() error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.part))
	}
	if f.options.Overwrite {
		if err := checkTarget(f.path, f.options); err != nil {
			return errors.Join(err, os.Remove(f.part))
		}
		return os.Rename(f.part, f.path)
	}
	// A link fails when the name was taken meanwhile; a rename would replace it. File systems without
	// hard links get the check and the rename.
	if err := os.Link(f.part, f.path); err == nil {
		return os.Remove(f.part)
	} else if errors.Is(err, fs.ErrExist) {
		return errors.Join(err, os.Remove(f.part))
	}
	if err := checkTarget(f.path, f.options); err != nil {
		return errors.Join(err, os.Remove(f.part))
	}
	return os.Rename(f.part, f.path)
}

// WritePacket appends one packet.
func (w *Writer) WritePacket(p Packet) error {
	if w.err != nil {
		return w.err
	}
	if p.OriginalLength == 0 {
		p.OriginalLength = len(p.Data)
	}
	// A packet that cannot be written does not spoil the file.
	switch {
	case len(p.Data) > MaxPacket:
		return fmt.Errorf("a packet of %d bytes is longer than %d", len(p.Data), MaxPacket)
	case p.OriginalLength < 0 || int64(p.OriginalLength) > 1<<32-1:
		return fmt.Errorf("original length %d does not fit", p.OriginalLength)
	case p.Time < 0:
		return fmt.Errorf("time %d ns is before 1970", p.Time)
	}
	if w.format == FormatPcapNG {
		return w.enhanced(&p)
	}
	return w.pcapRecord(&p)
}

func (w *Writer) pcapRecord(p *Packet) error {
	if p.Comment != "" {
		return ErrComment
	}
	if p.Time/1e9 > 1<<32-1 {
		return fmt.Errorf("time %d ns is after 2106, beyond pcap", p.Time)
	}
	if len(w.links) == 0 {
		w.links[p.LinkType] = 0
		w.pcapHeader(p.LinkType)
	} else if _, ok := w.links[p.LinkType]; !ok {
		return fmt.Errorf("link type %d differs from the file's; write pcapng", p.LinkType)
	}
	le := binary.LittleEndian
	h := le.AppendUint32(w.block[:0], uint32(p.Time/1e9))
	h = le.AppendUint32(h, uint32(p.Time%1e9))
	h = le.AppendUint32(h, uint32(len(p.Data)))
	h = le.AppendUint32(h, uint32(p.OriginalLength))
	w.block = h
	w.write(h)
	w.write(p.Data)
	return w.err
}

func (w *Writer) pcapHeader(link uint16) {
	le := binary.LittleEndian
	h := le.AppendUint32(nil, magicPcapNano)
	h = le.AppendUint16(h, 2)
	h = le.AppendUint16(h, 4)
	h = append(h, make([]byte, 8)...)
	h = le.AppendUint32(h, MaxPacket)
	w.write(le.AppendUint32(h, uint32(link)))
}

// sectionHeader writes a Section Header Block of unknown length, pcapng 4.1.
func (w *Writer) sectionHeader() {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, byteOrderMagic)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint64(b, 1<<64-1)
	w.writeBlock(blockSection, b)
}

// interfaceNumber describes a link type's interface before its first packet, pcapng 4.2.
func (w *Writer) interfaceNumber(link uint16) uint32 {
	n, ok := w.links[link]
	if ok {
		return n
	}
	n = uint32(len(w.links))
	w.links[link] = n
	le := binary.LittleEndian
	b := le.AppendUint16(nil, link)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint32(b, MaxPacket)
	b = appendOption(b, optionTSResol, []byte{9})
	b = appendOption(b, optionEnd, nil)
	w.writeBlock(blockInterface, b)
	return n
}

// enhanced writes an Enhanced Packet Block, pcapng 4.3.
func (w *Writer) enhanced(p *Packet) error {
	if len(p.Comment) > 1<<16-1 {
		return fmt.Errorf("a comment of %d bytes does not fit", len(p.Comment))
	}
	number := w.interfaceNumber(p.LinkType)
	le := binary.LittleEndian
	b := le.AppendUint32(w.block[:0], number)
	b = le.AppendUint32(b, uint32(uint64(p.Time)>>32))
	b = le.AppendUint32(b, uint32(p.Time))
	b = le.AppendUint32(b, uint32(len(p.Data)))
	b = le.AppendUint32(b, uint32(p.OriginalLength))
	b = appendPadded(b, p.Data)
	if p.Comment != "" {
		b = appendOption(b, optionComment, []byte(p.Comment))
		b = appendOption(b, optionEnd, nil)
	}
	w.block = b
	w.writeBlock(blockEnhanced, b)
	return w.err
}

// writeBlock writes a block around a body that is padded to 32 bits already.
func (w *Writer) writeBlock(kind uint32, body []byte) {
	var frame [8]byte
	total := uint32(len(body) + 12)
	binary.LittleEndian.PutUint32(frame[:], kind)
	binary.LittleEndian.PutUint32(frame[4:], total)
	w.write(frame[:])
	w.write(body)
	w.write(frame[4:])
}

func appendOption(b []byte, code uint16, value []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return appendPadded(b, value)
}

func appendPadded(b, data []byte) []byte {
	b = append(b, data...)
	return append(b, make([]byte, (4-len(data)%4)%4)...)
}

func (w *Writer) write(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

// Flush hands everything written so far to the writer below.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

var errClosed = errors.New("the capture writer is closed")

// Close completes the capture: a file of Create gets its name. After a write error the unfinished file
// is removed and the error returned. A pcap file without packets is written as Ethernet.
func (w *Writer) Close() error {
	if w.err == errClosed {
		return nil
	}
	if w.err == nil && w.format == FormatPcap && len(w.links) == 0 {
		w.pcapHeader(linkEthernet)
	}
	err := w.Flush()
	if err != nil {
		w.Abort()
		return err
	}
	w.err = errClosed
	if w.file != nil {
		err = w.file.commit()
	}
	return err
}

// Abort gives the capture up: the unfinished file of Create is removed. It does nothing after Close.
func (w *Writer) Abort() {
	if w.err == errClosed {
		return
	}
	w.err = errClosed
	if w.file != nil {
		w.file.Close()
		os.Remove(w.file.part)
	}
}
