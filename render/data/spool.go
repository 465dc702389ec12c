package data

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"encoding/csv"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"github.com/klauspost/compress/s2"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// A Form is how a Spool writes a session.
type Form uint8

// The forms: an object of the JSON's "sessions", a line of NDJSON, a line of sessions.csv, the lines that a session has in echoes.csv
// and in beats.csv.
const (
	FormJSON Form = iota + 1
	FormNDJSON
	FormCSV
	FormEchoes
	FormBeats
)

// A Spool takes every session of a capture as it ends, in whatever order, and gives them back written and in the order of
// their first frames, in memory that does not grow with their number: rows beyond a few megabytes wait in a temporary
// file. Give its Watch to the options of a tracker with a Summary, and it to JSONOptions or WriteSessionsCSV; Close
// removes the file. Sessions may come from several goroutines at once; all else is for one.
//
// It is an external merge sort: (1) rows gather in memory, in as many buffers as goroutines may bring them;
// (2) when a buffer is full it is sorted and written behind the last run in the file; (3) at the end the runs and the buffers
// are merged.
type Spool struct {
	form    Form
	o       JSONOptions
	capture sessions.Capture // as far as a session's row needs it
	buffers []rowBuffer
	limit   int // bytes of text in a buffer before it becomes a run

	mu     sync.Mutex // holds what follows
	packer *s2.Writer // rows resemble each other: an eleventh of the bytes to write and to read, in less time
	file   *os.File
	runs   []int64 // where the runs end in the file
	err    error
}

// A rowBuffer is rows in memory, in no order.
type rowBuffer struct {
	mu   sync.Mutex // holds what follows
	w    *rowWriter
	rows []spooled
	text []byte // of the rows
}

// A rowWriter writes sessions one by one. A session's number is only known at the end.
type rowWriter struct {
	form    Form
	o       *JSONOptions
	capture *sessions.Capture
	number  int // where in a row its number stands, the place of one digit; in lists of lines a numberMark stands for it
	line    bytes.Buffer
	csv     *csvTable
}

// A spooled row in memory.
type spooled struct {
	frame    int64 // first frame of the session
	from, to int   // its text
	aside    bool
}

// spoolBytes is how much text a Spool keeps in memory before it writes runs.
const spoolBytes = 4 << 20

// runBlock is how much text of a run is in memory while the runs are merged.
const runBlock = 8 << 10

// rowRoom is what a buffer has room for beyond the limit: the usual row that reaches it.
const rowRoom = 4 << 10

// NewSpool makes a spool for one capture. Of o only NoSamples matters.
func NewSpool(form Form, o JSONOptions) *Spool {
	n := runtime.GOMAXPROCS(0)
	s := &Spool{form: form, o: JSONOptions{NoSamples: o.NoSamples}, buffers: make([]rowBuffer, n), limit: spoolBytes / n,
		packer: s2.NewWriter(nil, s2.WriterConcurrency(1), s2.WriterBlockSize(runBlock))}
	for i := range s.buffers {
		s.buffers[i].w = s.newWriter()
	}
	return s
}

func (s *Spool) newWriter() *rowWriter {
	w := &rowWriter{form: s.form, o: &s.o, capture: &s.capture}
	w.csv = &csvTable{w: csv.NewWriter(&w.line), marked: true}
	return w
}

// Watch makes a tracker with these options give its sessions to the spool, beside whoever gets them already.
func (s *Spool) Watch(o *sessions.Options) {
	before, began := o.OnSession, o.OnBegin
	o.OnSession = func(x *sessions.Session) {
		if before != nil {
			before(x)
		}
		s.add(x)
	}
	o.OnBegin = func(c *capture.Info) {
		if began != nil {
			began(c)
		}
		s.capture.Info = *c
	}
}

// add writes a session that has ended. Those that the trace examines are written at the end, from what their steps say.
func (s *Spool) add(x *sessions.Session) {
	b := s.buffer()
	defer b.mu.Unlock()
	if b.text == nil {
		b.text = make([]byte, 0, s.limit+rowRoom)
	}
	from := len(b.text)
	b.text = b.w.append(b.text, x)
	b.rows = append(b.rows, spooled{x.FirstFrame, from, len(b.text), x.Aside})
	if len(b.text) >= s.limit {
		s.spill(b)
	}
}

// buffer gives a buffer that nobody else uses, locked.
func (s *Spool) buffer() *rowBuffer {
	for i := range s.buffers {
		if s.buffers[i].mu.TryLock() {
			return &s.buffers[i]
		}
	}
	s.buffers[0].mu.Lock()
	return &s.buffers[0]
}

// append appends a session with 0 for its number.
func (w *rowWriter) append(to []byte, x *sessions.Session) []byte {
	id := x.ID
	x.ID = 0
	defer func() { x.ID = id }()
	e := jsonBuffer(to)
	switch w.form {
	case FormJSON:
		w.number = len(`{"id":`)
		e.session(x, w.capture, w.o)
		return e
	case FormNDJSON:
		e.line(x, w.capture, w.o)
		if w.number == 0 {
			w.number = bytes.Index(e[len(to):], []byte(`,"id":`)) + len(`,"id":`)
		}
		return e
	}
	w.line.Reset()
	switch w.form {
	case FormEchoes:
		if x.Echo != nil {
			w.csv.echoes(x, w.capture)
		}
		w.csv.w.Flush()
		return append(to, w.line.Bytes()...)
	case FormBeats:
		if x.Cadence != nil {
			w.csv.beats(x, w.capture)
		}
		w.csv.w.Flush()
		return append(to, w.line.Bytes()...)
	}
	w.csv.session(x, w.capture)
	_ = w.csv.w.Write(w.csv.record[:2]) // the number is the third
	w.csv.w.Flush()
	w.number = w.line.Len() // the comma has the place of the line end
	w.line.Reset()
	w.csv.end()
	w.csv.w.Flush()
	return append(to, w.line.Bytes()...)
}

// numbered appends a row with its number.
func (w *rowWriter) numbered(to, row []byte, number int) []byte {
	if w.form == FormEchoes || w.form == FormBeats {
		for {
			i := bytes.IndexByte(row, numberMark)
			if i < 0 {
				return append(to, row...)
			}
			to = strconv.AppendInt(append(to, row[:i]...), int64(number), 10)
			row = row[i+1:]
		}
	}
	to = strconv.AppendInt(append(to, row[:w.number]...), int64(number), 10)
	return append(to, row[w.number+1:]...)
}

// spill writes a buffer as one run and empties it. After an error nothing is kept.
func (s *Spool) spill(b *rowBuffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.sort()
	if s.err == nil {
		s.err = s.write(b)
	}
	b.rows, b.text = b.rows[:0], b.text[:0]
}

// write writes the rows of a buffer behind the last run.
func (s *Spool) write(b *rowBuffer) (err error) {
	at := int64(0)
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "tcptrace-*.rows"); err != nil {
			return err
		}
		_ = os.Remove(s.file.Name()) // where the system allows it, nothing is left behind whatever happens
	} else {
		at = s.runs[len(s.runs)-1]
	}
	out := &countingWriter{w: s.file, n: at}
	s.packer.Reset(out)
	w := s.packer
	var head []byte
	for _, r := range b.rows {
		head = binary.AppendUvarint(head[:0], uint64(r.frame))
		head = binary.AppendUvarint(append(head, flagOf(r.aside)), uint64(r.to-r.from))
		_, _ = w.Write(head) // Close tells
		_, _ = w.Write(b.text[r.from:r.to])
	}
	if err := w.Close(); err != nil {
		return err
	}
	s.runs = append(s.runs, out.n)
	return nil
}

func (b *rowBuffer) sort() {
	slices.SortFunc(b.rows, func(x, y spooled) int { return cmp.Compare(x.frame, y.frame) })
}

func flagOf(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// A countingWriter knows how far it has written.
type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// Close removes the temporary file.
func (s *Spool) Close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
		s.file = nil
	}
}

// each gives the text of every session of the trace, in its order; it is valid until emit returns.
func (s *Spool) each(t *sessions.Trace, emit func(row []byte) error) error {
	if s.err != nil {
		return s.err
	}
	s.capture.Info = t.Capture.Info
	examined := map[int64]*sessions.Session{}
	for _, x := range t.Examined {
		examined[x.FirstFrame] = x
	}
	w, number, onlyWatched := s.newWriter(), 0, len(t.Capture.Ports) > 0
	row := w.append(nil, &sessions.Session{}) // to know where numbers stand
	var whole []byte
	merged, err := s.merge()
	for err == nil && len(merged) > 0 {
		r := merged[0]
		text := r.text
		if !r.aside || !onlyWatched {
			number++
			if x := examined[r.frame]; x != nil {
				row = w.append(row[:0], x)
				text = row
			}
			whole = w.numbered(whole[:0], text, number)
			err = emit(whole)
		}
		if err == nil {
			err = merged.advance()
		}
	}
	return err
}

// copy writes the text of every session of the trace.
func (s *Spool) copy(w io.Writer, t *sessions.Trace) error {
	out := bufio.NewWriterSize(w, jsonFlushAt)
	err := s.each(t, func(row []byte) error {
		_, err := out.Write(row)
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// merge opens every run at its first row.
func (s *Spool) merge() (h runHeap, err error) {
	from := int64(0)
	for _, to := range s.runs {
		in := s2.NewReader(io.NewSectionReader(s.file, from, to-from), s2.ReaderMaxBlockSize(runBlock), s2.ReaderAllocBlock(runBlock))
		h = append(h, &run{in: in})
		from = to
	}
	for i := range s.buffers {
		s.buffers[i].sort()
		h = append(h, &run{rows: s.buffers[i].rows, all: s.buffers[i].text})
	}
	for i := len(h) - 1; i >= 0 && err == nil; i-- {
		var more bool
		if more, err = h[i].next(); !more {
			h = slices.Delete(h, i, i+1)
		}
	}
	heap.Init(&h)
	return h, err
}

// A run is rows in order of their first frames, and the one that it stands at. They come from a file or from memory.
type run struct {
	in    *s2.Reader
	rows  []spooled
	all   []byte
	frame int64
	aside bool
	text  []byte
}

// next goes to the next row, if there is one.
func (r *run) next() (more bool, err error) {
	if r.in == nil {
		if len(r.rows) == 0 {
			return false, nil
		}
		x := r.rows[0]
		r.frame, r.aside, r.text, r.rows = x.frame, x.aside, r.all[x.from:x.to], r.rows[1:]
		return true, nil
	}
	frame, err := binary.ReadUvarint(r.in)
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	aside, err := r.in.ReadByte()
	if err != nil {
		return false, err
	}
	size, err := binary.ReadUvarint(r.in)
	if err != nil {
		return false, err
	}
	r.frame, r.aside = int64(frame), aside == 1
	r.text = slices.Grow(r.text[:0], int(size))[:size]
	_, err = io.ReadFull(r.in, r.text)
	return err == nil, err
}

// A runHeap has the run with the earliest row first.
type runHeap []*run

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return h[i].frame < h[j].frame }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)        { *h = append(*h, x.(*run)) }
func (h *runHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// advance goes on to the next row of all runs.
func (h *runHeap) advance() error {
	more, err := (*h)[0].next()
	if more {
		heap.Fix(h, 0)
	} else {
		heap.Pop(h)
	}
	return err
}
