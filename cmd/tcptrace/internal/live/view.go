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
	rows   chan string    // each with its line end
	end    chan struct{}  // closed when no row follows
	done   sync.WaitGroup // the printer
	Hidden atomic.Int64   // rows that were not shown because the output is too slow
	drawn  int            // width of the status line that stands there
	failed bool
}

const (
	rowsAhead   = 1 << 14
	statusEvery = 250 * time.Millisecond
)

func (v *View) Start() {
	v.rows, v.end = make(chan string, rowsAhead), make(chan struct{})
	v.done.Add(1)
	go v.print()
}

// Row hands a line to the printer, or counts it as hidden when that is too far behind.
func (v *View) Row(text string) {
	select {
	case v.rows <- text + "\n":
	default:
		v.Hidden.Add(1)
	}
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
	for {
		select {
		case r := <-v.rows:
			v.write(v.gather(r), v.Status != nil)
		case <-ticks:
			v.write(nil, true)
		case <-v.end:
			v.write(v.gather(""), false)
			return
		}
	}
}

// gather takes every row that waits, so that a burst is one write.
func (v *View) gather(first string) []byte {
	const most = 64 << 10
	b := []byte(first)
	for len(b) < most {
		select {
		case r := <-v.rows:
			b = append(b, r...)
		default:
			return b
		}
	}
	return b
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
