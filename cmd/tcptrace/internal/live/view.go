package live

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tcptrace/render/screen"
)

// A view prints the rows of a live capture as they come, and on a terminal keeps a status line below them. It runs
// beside the capture, so that a slow terminal costs rows and never packets. It changes no mode of the terminal:
// however the program ends, there is nothing to put back.
type View struct {
	Out    io.Writer      // rows
	Status io.Writer      // the status line's terminal; nil for none
	Same   bool           // rows and status line share a terminal
	Width  func() int     // of the status line's terminal
	Line   func() string  // the status line
	Broken func(error)    // told once when rows cannot be written any more
	wake   chan struct{}  // has a value when there are rows
	end    chan struct{}  // closed when no row follows
	done   sync.WaitGroup // the printer
	Hidden atomic.Int64   // rows that were not shown because the output is too slow
	drawn  int            // width of the status line that stands there
	failed bool

	mu   sync.Mutex // holds what follows
	rows []byte     // that wait to be printed, each with its line end
}

const (
	rowsAhead   = 1 << 20 // bytes of rows that may wait
	statusEvery = 250 * time.Millisecond
)

func (v *View) Start() {
	v.wake, v.end = make(chan struct{}, 1), make(chan struct{})
	v.done.Add(1)
	go v.print()
}

// Row hands a line to the printer, or counts it as hidden when that is too far behind.
func (v *View) Row(text string) {
	v.mu.Lock()
	fits := len(v.rows)+len(text) < rowsAhead
	if fits {
		v.rows = append(append(v.rows, text...), '\n')
	}
	v.mu.Unlock()
	if !fits {
		v.Hidden.Add(1)
		return
	}
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// Skip reports whether the printer is so far behind that rows are not worth making, and counts one if so. Some room is left
// for what is not a segment.
func (v *View) Skip() bool {
	v.mu.Lock()
	behind := len(v.rows) > rowsAhead*3/4
	v.mu.Unlock()
	if behind {
		v.Hidden.Add(1)
	}
	return behind
}

// take gives the rows that wait; empty is where the next ones may go.
func (v *View) take(empty []byte) (rows []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	rows, v.rows = v.rows, empty[:0]
	return rows
}

// Finish prints what is left and takes the status line away.
func (v *View) Finish() {
	close(v.end)
	v.done.Wait()
}

func (v *View) print() {
	defer v.done.Done()
	var ticks <-chan time.Time
	if v.Status != nil {
		ticker := time.NewTicker(statusEvery)
		defer ticker.Stop()
		ticks = ticker.C
	}
	var rows []byte
	for {
		select {
		case <-v.wake:
			rows = v.take(rows)
			v.write(rows, v.Status != nil)
		case <-ticks:
			v.write(nil, true)
		case <-v.end:
			v.write(v.take(rows), false)
			return
		}
	}
}

// write puts rows above the status line, which is drawn again when wanted.
func (v *View) write(rows []byte, redraw bool) {
	var status bytes.Buffer
	width := 0
	if v.Status != nil {
		width = v.Width()
		v.erase(&status, width)
	}
	if v.Same {
		status.Write(clipRows(rows, width))
	} else if len(rows) > 0 {
		v.send(v.Out, rows)
	}
	if redraw {
		text := screen.Cut(v.Line(), width-1)
		v.drawn = screen.Width(text)
		status.WriteString(text)
	}
	if status.Len() == 0 {
		return
	}
	v.send(v.Status, status.Bytes())
}

func (v *View) send(w io.Writer, b []byte) {
	if v.failed && w == v.Out {
		return
	}
	if _, err := w.Write(b); err != nil && !v.failed && (w == v.Out || v.Same) {
		v.failed = true
		v.Broken(err)
	}
}

// erase takes the status line away. A window that became narrower has broken it into several lines.
func (v *View) erase(b *bytes.Buffer, width int) {
	if v.drawn == 0 {
		return
	}
	for lines := (v.drawn - 1) / max(width, 1); lines > 0; lines-- {
		b.WriteString("\x1b[A")
	}
	b.WriteString("\r\x1b[J")
	v.drawn = 0
}

// clipRows cuts every line to the width of the terminal.
func clipRows(rows []byte, width int) []byte {
	if width <= 0 || len(rows) == 0 {
		return rows
	}
	var out []byte
	for line := range strings.Lines(string(rows)) {
		out = append(out, screen.Cut(strings.TrimSuffix(line, "\n"), width)...)
		out = append(out, '\n')
	}
	return out
}
