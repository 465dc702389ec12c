package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"tcptrace/internal/filelock"
	"tcptrace/words"
)

// SaveOptions changes how a capture is saved while it runs.
type SaveOptions struct {
	Format    FileFormat    // 0: by the name, pcap for ".pcap", else pcapng
	Overwrite bool          // replace an existing regular file
	Sync      bool          // put every flush on the disk before going on
	Bytes     int64         // begin another file when one has this size; 0: never
	Every     time.Duration // begin another file when one is this old; 0: never
	Files     int           // with Bytes or Every: how many files are kept; 0: all
	// Found is told of a file that an earlier run of the row was killed over, under the name that it has from now on; may be nil.
	Found func(path string)
	// Failed is told of the first write that failed, from inside a call or from the flushing goroutine; may be nil.
	Failed func(error)
}

// The pace of a Saver.
const (
	flushEvery = 150 * time.Millisecond // what a kill can cost; the promise is 250 ms
	syncEvery  = 5 * time.Second        // what a power cut can cost
	saveBuffer = 256 << 10
)

// A Saver writes packets to disk as they come. The file holds whole records at any moment, and everything older than a
// quarter of a second, whatever becomes of the program. After a write that failed it cuts the file back to a whole
// record and saves nothing more; the capture may go on. It is safe for concurrent use.
type Saver struct {
	mu      sync.Mutex
	o       SaveOptions
	path    string
	file    *os.File
	w       *Writer
	pending records
	info    fs.FileInfo // of the file, as it was opened
	inFile  int64       // packets in the file
	size    int64       // bytes of the file, all of whole records
	began   time.Time
	number  int         // of the file, when there are several
	kept    []savedFile // finished files, oldest first
	safe    int64       // packets in files
	lost    int64       // packets that came after the failure, or with it
	err     error
	spoiled bool // others have changed the file
	end     chan struct{}

	described bool   // the current file has a packet, of link and so of interface iface
	link      uint16 // valid iff described
	iface     uint32
	ended     sync.WaitGroup
}

// A savedFile is a complete file of several, as it was when it got its name.
type savedFile struct {
	path string
	info fs.FileInfo
}

// remove deletes the file, unless another one has its name now. A new file may have the number of an old one on the disk,
// but hardly its length and time.
func (f savedFile) remove() {
	now, err := os.Lstat(f.path)
	if err != nil || f.info == nil || !os.SameFile(now, f.info) || now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
		return
	}
	_ = os.Remove(f.path)
}

// records collects whole records between two flushes, and remembers where each packet ends.
type records struct {
	buf  []byte
	ends []int
}

func (r *records) Write(b []byte) (int, error) {
	r.buf = append(r.buf, b...)
	return len(b), nil
}

// Save starts to save into path, or into a row of files with numbers in their names. A file that exists is refused
// unless o.Overwrite is set; a symbolic link always is. Files are readable by their owner only. One file has its
// name from the start; of several, each gets its name when it is complete and ends in ".part" until then. Their numbers go on
// after the highest that is there: files of earlier runs are neither replaced nor deleted nor counted. A ".part" that a run left
// behind holds whole records and gets its name, which o.Found is told.
func Save(path string, o SaveOptions) (*Saver, error) {
	if o.Format == 0 {
		o.Format = FormatPcapNG
		if strings.EqualFold(filepath.Ext(path), ".pcap") {
			o.Format = FormatPcap
		}
	}
	s := &Saver{o: o, path: path, end: make(chan struct{})}
	if s.several() {
		number, err := highestNumber(path)
		if err != nil {
			return nil, err
		}
		s.number = number
		s.nameAbandoned()
	}
	s.pending.buf = make([]byte, 0, saveBuffer+MaxPacket)
	if err := s.begin(); err != nil {
		return nil, err
	}
	s.ended.Add(1)
	go s.flushing()
	return s, nil
}

// highestNumber is the highest number of a file in a row that is there, complete or not; 0 for none.
func highestNumber(path string) (highest int, err error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return 0, err
	}
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(filepath.Base(path), ext) + "-"
	for _, e := range entries {
		rest, ours := strings.CutPrefix(strings.TrimSuffix(e.Name(), partSuffix), stem)
		digits, whole := strings.CutSuffix(rest, ext)
		if n, err := strconv.Atoi(digits); ours && whole && err == nil && n > highest {
			highest = n
		}
	}
	return highest, nil
}

// nameAbandoned gives the files their names that runs were killed over. Only what begins like a capture and is written by
// nobody is taken for one.
func (s *Saver) nameAbandoned() {
	for number := range s.number {
		part, path := s.namesOf(number + 1)
		if !isAbandonedCapture(part) || nameSave(part, path) != nil {
			continue
		}
		if s.o.Found != nil {
			s.o.Found(path)
		}
	}
}

func isAbandonedCapture(path string) bool {
	if st, err := os.Lstat(path); err != nil || !st.Mode().IsRegular() {
		return false
	}
	f, err := os.OpenFile(path, os.O_RDONLY|filelock.NoFollow, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [4]byte
	if _, err := io.ReadFull(f, head[:]); err != nil || filelock.Try(f) != nil {
		return false
	}
	magic := binary.LittleEndian.Uint32(head[:])
	return magic == blockSection || magic == magicPcap || magic == magicPcapNano
}

// partSuffix ends the name of a file of several that is not complete.
const partSuffix = ".part"

func (s *Saver) several() bool { return s.o.Bytes > 0 || s.o.Every > 0 }

// names are those of the current file: while it is written and afterwards.
func (s *Saver) names() (part, path string) {
	if !s.several() {
		return s.path, s.path
	}
	return s.namesOf(s.number)
}

// namesOf are the names of a file in a row.
func (s *Saver) namesOf(number int) (part, path string) {
	ext := filepath.Ext(s.path)
	path = fmt.Sprintf("%s-%05d%s", strings.TrimSuffix(s.path, ext), number, ext)
	return path + partSuffix, path
}

// begin opens the next file.
func (s *Saver) begin() error {
	f, err := s.open()
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	w, err := NewWriter(&s.pending, s.o.Format)
	if err != nil {
		f.Close()
		return err
	}
	s.file, s.info, s.w, s.size, s.inFile, s.began, s.described = f, info, w, 0, 0, time.Now(), false
	return nil
}

// open makes the next file. In a row another run may take a number at the same time; then the next one is taken.
func (s *Saver) open() (*os.File, error) {
	for {
		s.number++
		part, path := s.names()
		overwrite := s.o.Overwrite && !s.several()
		err := checkSave(path, overwrite)
		if err == nil {
			var f *os.File
			if f, err = openSave(part, overwrite); err == nil {
				return f, nil
			}
		}
		if !s.several() || !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
}

// checkSave refuses what must not be replaced. Pipes and devices hold nothing that could be.
func checkSave(path string, overwrite bool) error {
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case st.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s: is a symbolic link, which is not followed", path)
	case st.IsDir():
		return fmt.Errorf("%s: is a directory", path)
	case st.Mode().IsRegular() && !overwrite:
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	return nil
}

func openSave(path string, overwrite bool) (*os.File, error) {
	if st, err := os.Lstat(path); err == nil && st.Mode()&(fs.ModeNamedPipe|fs.ModeDevice) != 0 {
		return os.OpenFile(path, os.O_WRONLY|filelock.NoFollow, 0)
	}
	if overwrite {
		// A new file instead of an old one that is cut: it has our mode, and no other name.
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|filelock.NoFollow, 0o600)
	if err == nil {
		_ = filelock.Try(f) // as long as it is open, nobody takes it for abandoned
	}
	return f, err
}

// WritePacket takes a packet; what it borrows may be used again afterwards. What cannot be written is told by Err.
func (s *Saver) WritePacket(p Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		s.lost++
		return
	}
	if p.Time < 0 {
		p.Time = 0 // a clock before 1970 is no reason to lose a packet
	}
	if err := s.encode(&p); err != nil {
		s.fail(err, 1)
		return
	}
	s.pending.ends = append(s.pending.ends, len(s.pending.buf))
	if len(s.pending.buf) >= saveBuffer {
		s.flush(false)
	}
	if s.o.Bytes > 0 && s.size+int64(len(s.pending.buf)) >= s.o.Bytes || s.o.Every > 0 && time.Since(s.began) >= s.o.Every {
		s.rotate()
	}
}

// encode appends a packet to the pending records. The first packet of a link type goes by way of the Writer, which
// describes the interface before it; the others have nothing before them and skip its buffer.
func (s *Saver) encode(p *Packet) error {
	if !s.described || p.LinkType != s.link || p.Comment != "" || len(p.Data) > MaxPacket || p.OriginalLength < len(p.Data) || p.Time/1e9 > 1<<32-1 {
		if err := s.w.WritePacket(*p); err != nil {
			return err
		}
		s.described, s.link, s.iface = true, p.LinkType, s.w.links[p.LinkType]
		return s.w.Flush() // into pending, which cannot fail
	}
	le := binary.LittleEndian
	b := s.pending.buf
	if s.o.Format == FormatPcap {
		b = le.AppendUint32(b, uint32(p.Time/1e9))
		b = le.AppendUint32(b, uint32(p.Time%1e9))
		b = le.AppendUint32(b, uint32(len(p.Data)))
		b = le.AppendUint32(b, uint32(p.OriginalLength))
		s.pending.buf = append(b, p.Data...)
		return nil
	}
	padding := -len(p.Data) & 3
	total := uint32(32 + len(p.Data) + padding)
	b = le.AppendUint32(b, blockEnhanced)
	b = le.AppendUint32(b, total)
	b = le.AppendUint32(b, s.iface)
	b = le.AppendUint32(b, uint32(uint64(p.Time)>>32))
	b = le.AppendUint32(b, uint32(p.Time))
	b = le.AppendUint32(b, uint32(len(p.Data)))
	b = le.AppendUint32(b, uint32(p.OriginalLength))
	b = append(b, p.Data...)
	b = append(b, 0, 0, 0)[:len(b)+padding]
	s.pending.buf = le.AppendUint32(b, total)
	return nil
}

// flushing writes what has come, several times a second.
func (s *Saver) flushing() {
	defer s.ended.Done()
	tick, sync := time.NewTicker(flushEvery), time.NewTicker(syncEvery)
	defer tick.Stop()
	defer sync.Stop()
	for {
		select {
		case <-s.end:
			return
		case <-sync.C:
			s.syncOpen()
		case <-tick.C:
			s.mu.Lock()
			if s.err == nil {
				_ = s.w.Flush() // the header of a file without packets
				s.flush(s.o.Sync)
				s.inspect()
			}
			s.mu.Unlock()
		}
	}
}

// syncOpen puts what was written on the disk, while packets go on coming.
func (s *Saver) syncOpen() {
	s.mu.Lock()
	f := s.file
	s.mu.Unlock()
	if f != nil {
		_ = f.Sync() // a pipe cannot, and a file that is closed meanwhile is settled
	}
}

// inspect sees to it that the file that is being written is the one under its name, and whole: what is in it is not saved
// otherwise, though writing goes well.
func (s *Saver) inspect() {
	if s.err != nil || s.file == nil || !s.info.Mode().IsRegular() {
		return
	}
	part, _ := s.names()
	now, err := os.Lstat(part)
	var what words.Reason
	switch {
	case errors.Is(err, fs.ErrNotExist):
		what = words.SaveDeleted
	case err != nil:
		return // a folder that cannot be looked into at the moment
	case !os.SameFile(now, s.info):
		what = words.SaveReplaced
	case now.Size() < s.size:
		what = words.SaveCut
	default:
		return
	}
	s.spoiled = true
	s.safe -= s.inFile
	s.fail(fmt.Errorf("%s: %w", part, what), s.inFile)
	s.inFile = 0
}

// flush hands the collected records to the system.
func (s *Saver) flush(sync bool) {
	if len(s.pending.buf) == 0 {
		return
	}
	if s.inspect(); s.err != nil { // before more is written, behind which a cut could not be seen
		s.lost += int64(len(s.pending.ends))
		s.pending.buf, s.pending.ends = s.pending.buf[:0], s.pending.ends[:0]
		return
	}
	n, err := s.file.Write(s.pending.buf)
	if err == nil && sync {
		err = s.file.Sync()
	}
	if err != nil {
		s.cutBack(n)
		s.fail(err, 0)
		return
	}
	s.size += int64(n)
	s.safe += int64(len(s.pending.ends))
	s.inFile += int64(len(s.pending.ends))
	s.pending.buf, s.pending.ends = s.pending.buf[:0], s.pending.ends[:0]
}

// cutBack makes the file end with the last record of which every byte was written.
func (s *Saver) cutBack(written int) {
	whole := sort.SearchInts(s.pending.ends, written+1)
	end := 0
	if whole > 0 {
		end = s.pending.ends[whole-1]
	}
	_ = s.file.Truncate(s.size + int64(end)) // of a pipe it fails, and nothing can be done
	s.size += int64(end)
	s.safe += int64(whole)
	s.inFile += int64(whole)
	s.lost += int64(len(s.pending.ends) - whole)
	s.pending.buf, s.pending.ends = s.pending.buf[:0], s.pending.ends[:0]
}

func (s *Saver) fail(err error, lost int64) {
	s.err = err
	s.lost += lost
	if s.o.Failed != nil {
		s.o.Failed(err)
	}
}

// rotate ends a file of several and begins the next.
func (s *Saver) rotate() {
	if err := s.finish(); err != nil {
		s.fail(err, 0)
		return
	}
	if err := s.begin(); err != nil {
		s.fail(err, 0)
	}
}

// finish completes the current file.
func (s *Saver) finish() error {
	if s.err == nil {
		if s.o.Format == FormatPcap && len(s.w.links) == 0 {
			s.w.pcapHeader(linkEthernet)
		}
		_ = s.w.Flush()
		s.flush(false)
		s.inspect()
	}
	if s.file == nil {
		return s.err
	}
	if s.o.Sync && s.err == nil {
		s.err = s.file.Sync()
	}
	if err := s.file.Close(); err != nil && s.err == nil {
		s.err = err
	}
	s.file = nil
	if part, path := s.names(); part != path && !s.spoiled && (s.size > 0 || s.err == nil) {
		if err := nameSave(part, path); err != nil {
			if s.err == nil {
				s.err = err
			}
			return s.err // what was saved is in the part
		}
		info, _ := os.Lstat(path)
		s.kept = append(s.kept, savedFile{path, info})
		for s.o.Files > 0 && len(s.kept) > s.o.Files {
			s.kept[0].remove()
			s.kept = s.kept[1:]
		}
	}
	if s.err == nil {
		_, path := s.names()
		s.settle(path)
	}
	return s.err
}

// nameSave gives a complete file its name, unless something has that name meanwhile.
func nameSave(part, path string) error {
	err := os.Link(part, path) // unlike a rename, it replaces nothing
	switch {
	case err == nil:
		return os.Remove(part)
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	if err := checkSave(path, false); err != nil { // a file system without links
		return err
	}
	return os.Rename(part, path)
}

// settle puts a complete file and its name on the disk, so that they survive a power cut. The capture does not wait for it.
func (s *Saver) settle(path string) {
	s.ended.Go(func() {
		for _, name := range []string{path, filepath.Dir(path)} {
			if st, err := os.Stat(name); err != nil || !st.IsDir() && !st.Mode().IsRegular() {
				continue // a pipe would wait for its other end
			}
			if f, err := os.Open(name); err == nil {
				_ = f.Sync() // not every file system can; the file is written all the same
				_ = f.Close()
			}
		}
	})
}

// Saved tells how many packets are in files, and how many are not because writing failed.
func (s *Saver) Saved() (safe, lost int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.safe, s.lost
}

// File is the name of the file that is being written, or was last.
func (s *Saver) File() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, path := s.names()
	return path
}

// Close completes the file. With counters of a capture, a pcapng file ends with how many packets the kernel dropped,
// as an Interface Statistics Block. The error is that of the first write that failed.
func (s *Saver) Close(c *Counters) error {
	close(s.end)
	s.ended.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if c != nil && s.err == nil && s.o.Format == FormatPcapNG && len(s.w.links) > 0 {
		s.w.statistics(c)
		_ = s.w.Flush()
	}
	err := s.finish()
	s.ended.Wait()
	return err
}

// statistics writes an Interface Statistics Block for the first interface, pcapng 4.6.
func (w *Writer) statistics(c *Counters) {
	const (
		optionReceived = 4 // isb_ifrecv
		optionAccepted = 6 // isb_filteraccept
	)
	le := binary.LittleEndian
	now := uint64(time.Now().UnixNano())
	b := le.AppendUint32(nil, 0)
	b = le.AppendUint32(b, uint32(now>>32))
	b = le.AppendUint32(b, uint32(now))
	number := func(code uint16, n int64) { b = appendOption(b, code, le.AppendUint64(nil, uint64(n))) }
	number(optionReceived, c.Seen)
	number(optionIfDrop, 0)
	number(optionAccepted, c.Captured)
	number(optionOSDrop, c.KernelDropped)
	b = appendOption(b, optionEnd, nil)
	w.writeBlock(blockStatistics, b)
}
