package micropython

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tcptrace/words"
)

// Why an upload ends. All are reasons, which the command says in the user's language.
var (
	// ErrForeign means that the board has a file of somebody else where ours would go.
	ErrForeign = error(words.BoardForeign)
	// ErrNoREPL means that nothing on the port answers as a MicroPython board does.
	ErrNoREPL = error(words.BoardMissing)
	// ErrTalks means the same of a port on which something talks without end.
	ErrTalks = error(words.BoardTalks)
	// ErrSilent means that the board answered no more.
	ErrSilent = error(words.BoardSilent)
	// ErrDamaged means that a file did not arrive as it was sent.
	ErrDamaged = error(words.BoardDamaged)
)

// A BoardError is what the board said when a statement failed: the last line of its traceback.
type BoardError struct{ Text string }

func (e *BoardError) Error() string { return e.Unwrap().Error() }
func (e *BoardError) Unwrap() error { return words.BoardSays(e.Text) }

// An UnfinishedError is why not all files are on the board, and which are. The others are as they were.
type UnfinishedError struct {
	Done int    // files that are there
	File string // the one that could not be put there
	Err  error
}

func (e *UnfinishedError) Error() string { return e.File + ": " + e.Err.Error() }
func (e *UnfinishedError) Unwrap() error { return e.Err }

// A Port is a serial port. Read returns no bytes and no error when its time to wait is over.
type Port interface {
	io.ReadWriter
	SetReadTimeout(d time.Duration) error
}

// Options say how to put files on a board.
type Options struct {
	Force    bool                            // replace files that are not ours
	Progress func(file string, done, of int) // bytes; may be nil
	Start    bool                            // let the board restart and run main.py at the end
	Wait     time.Duration                   // for the answer to a statement; 5 s if zero
	Limit    time.Duration                   // for all of it; a minute if zero
}

// Waits of the raw REPL.
const (
	answerWait = 5 * time.Second
	wholeLimit = time.Minute           // a Pico takes a few seconds
	talkWait   = time.Second           // for an interrupted program's last words
	readWait   = 50 * time.Millisecond // of one Read
	chunkSize  = 192                   // bytes of a file in one statement
	lineChunk  = 256                   // bytes written at once: the board's input buffer (pyboard.py does the same)
)

// Control characters of MicroPython's REPL (docs.micropython.org, "The MicroPython REPL").
const (
	ctrlA = "\x01" // enter the raw REPL
	ctrlB = "\x02" // leave it
	ctrlC = "\x03" // interrupt a program
	ctrlD = "\x04" // in the raw REPL: run what was sent; in the other: soft reset
)

// Upload stops the board's program, writes the files through the raw REPL, checks each by its SHA-256, and leaves the REPL. Every
// file is written under another name first, so that a broken cable leaves the old one whole. Nothing of the files is echoed or logged.
//
// It ends at its limit whatever the board does. When the board does not read, a goroutine waits in the port's Write until the port
// is closed.
func Upload(ctx context.Context, port Port, files []File, o Options) error {
	limit := orElse(o.Limit, wholeLimit)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, words.BoardSlow(int(limit/time.Second)))
	defer cancel()
	b := &board{ctx: ctx, port: port, wait: orElse(o.Wait, answerWait)}
	if err := port.SetReadTimeout(readWait); err != nil {
		return err
	}
	defer b.flush()
	if err := b.enter(); err != nil {
		return err
	}
	defer b.leave(o.Start)
	if !o.Force {
		for _, f := range files {
			if err := b.ours(f.Name); err != nil {
				return &UnfinishedError{0, f.Name, err}
			}
		}
	}
	for i, f := range files {
		if err := b.put(f, o.Progress); err != nil {
			return &UnfinishedError{i, f.Name, err}
		}
	}
	return nil
}

func orElse(d, other time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return other
}

// board is a board in the raw REPL.
type board struct {
	ctx   context.Context
	port  Port
	wait  time.Duration
	rest  []byte // read and not used yet
	stuck bool   // it does not read: a Write has not returned
}

// write writes to the board until the upload is to end.
func (b *board) write(s string) error { return b.writeUntil(s, b.ctx.Done()) }

// writeUntil writes in a goroutine of its own: a port's Write waits for a board that does not read, and knows no deadline.
func (b *board) writeUntil(s string, end <-chan struct{}) error {
	if b.stuck {
		return ErrSilent
	}
	written := make(chan error, 1)
	go func() {
		_, err := io.WriteString(b.port, s)
		written <- err
	}()
	late := time.NewTimer(b.wait)
	defer late.Stop()
	select {
	case err := <-written:
		return err
	case <-late.C:
		b.stuck = true
		return ErrSilent
	case <-end:
		b.stuck = true
		return context.Cause(b.ctx)
	}
}

// flush throws away what a board did not read, so that closing the port does not wait for it.
func (b *board) flush() {
	if out, ok := b.port.(interface{ ResetOutputBuffer() error }); ok && b.stuck {
		_ = out.ResetOutputBuffer()
	}
}

// enter interrupts what runs and enters the raw REPL.
func (b *board) enter() error {
	why := ErrNoREPL
	for try := 0; try < 3; try++ {
		b.rest = nil
		if err := b.write("\r" + ctrlC + ctrlC); err != nil {
			return noREPL(err)
		}
		why = b.drain()
		if err := b.write("\r" + ctrlA); err != nil {
			return noREPL(err)
		}
		_, err := b.until("raw REPL; CTRL-B to exit\r\n>", b.wait/2)
		if err == nil || !errors.Is(err, ErrSilent) {
			return err
		}
	}
	return why
}

// noREPL is the error of a port that takes nothing.
func noREPL(err error) error {
	if errors.Is(err, ErrSilent) {
		return ErrNoREPL
	}
	return err
}

// drain throws away what the interrupted program still prints, for a while: some never stop. It returns what is wrong with the port
// if no REPL is found on it.
func (b *board) drain() error {
	buf := make([]byte, 512)
	end := time.Now().Add(min(talkWait, b.wait))
	for quiet := 0; quiet < 2; {
		n, err := b.port.Read(buf)
		switch {
		case err != nil || b.ctx.Err() != nil:
			return ErrNoREPL
		case n == 0:
			quiet++
		case time.Now().After(end):
			return ErrTalks
		default:
			quiet = 0
		}
	}
	return ErrNoREPL
}

// leave goes back to the friendly REPL, and restarts the board if wanted. Errors say nothing new here.
func (b *board) leave(start bool) {
	keys := "\r" + ctrlB
	if start {
		keys += ctrlD
	}
	_ = b.writeUntil(keys, nil)
}

// mostAnswer is how much a board may say to one statement.
const mostAnswer = 64 << 10

// until reads up to a mark and returns what stood before it. After the wait, or when something else is said without end, the error is
// ErrSilent.
func (b *board) until(mark string, wait time.Duration) ([]byte, error) {
	end := time.Now().Add(wait)
	buf := make([]byte, 512)
	for {
		if at := bytes.Index(b.rest, []byte(mark)); at >= 0 {
			found := b.rest[:at]
			b.rest = b.rest[at+len(mark):]
			return found, nil
		}
		if b.ctx.Err() != nil {
			return nil, context.Cause(b.ctx)
		}
		if time.Now().After(end) || len(b.rest) > mostAnswer {
			return nil, ErrSilent
		}
		n, err := b.port.Read(buf)
		if err != nil {
			return nil, err
		}
		b.rest = append(b.rest, buf[:n]...)
	}
}

// run runs statements and returns what they print.
func (b *board) run(code string) (string, error) {
	for rest := code; rest != ""; {
		part := rest[:min(len(rest), lineChunk)]
		rest = rest[len(part):]
		if err := b.write(part); err != nil {
			return "", err
		}
		time.Sleep(time.Millisecond)
	}
	if err := b.write(ctrlD); err != nil {
		return "", err
	}
	if _, err := b.until("OK", b.wait); err != nil {
		return "", err
	}
	printed, err := b.until(ctrlD, b.wait)
	if err != nil {
		return "", err
	}
	raised, err := b.until(ctrlD+">", b.wait)
	if err != nil {
		return "", err
	}
	if text := strings.TrimSpace(string(raised)); text != "" {
		lines := strings.Split(text, "\n")
		return "", &BoardError{strings.TrimSpace(lines[len(lines)-1])}
	}
	return strings.TrimSpace(string(printed)), nil
}

// ours refuses a board that has somebody else's file of this name.
func (b *board) ours(name string) error {
	first, err := b.run("try:\n f=open(" + pyString(name) + ")\n print(f.read(" + fmt.Sprint(len(Marker)) + "))\n f.close()\nexcept OSError:\n pass\n")
	if err != nil {
		return err
	}
	if first != "" && first != Marker {
		return ErrForeign
	}
	return nil
}

// put writes one file and checks it.
func (b *board) put(f File, progress func(string, int, int)) error {
	part := f.Name + ".part"
	if _, err := b.run("f=open(" + pyString(part) + ",'wb')\n"); err != nil {
		return err
	}
	for done := 0; done < len(f.Data); {
		chunk := f.Data[done:min(done+chunkSize, len(f.Data))]
		if _, err := b.run("f.write(" + pyBytes(chunk) + ")\n"); err != nil {
			return err
		}
		done += len(chunk)
		if progress != nil {
			progress(f.Name, done, len(f.Data))
		}
	}
	sum, err := b.run("f.close()\nimport hashlib,binascii\nf=open(" + pyString(part) + ",'rb')\nh=hashlib.sha256()\n" +
		"while 1:\n d=f.read(256)\n if not d: break\n h.update(d)\nf.close()\nprint(binascii.hexlify(h.digest()).decode())\n")
	if err != nil {
		return err
	}
	if want := sha256.Sum256(f.Data); sum != hex.EncodeToString(want[:]) {
		return ErrDamaged
	}
	_, err = b.run("import os\ntry:\n os.remove(" + pyString(f.Name) + ")\nexcept OSError:\n pass\nos.rename(" + pyString(part) + "," + pyString(f.Name) + ")\n")
	return err
}

// pyBytes is a Python bytes literal.
func pyBytes(data []byte) string {
	var s strings.Builder
	s.WriteString("b'")
	for _, c := range data {
		switch {
		case c == '\\' || c == '\'':
			s.WriteByte('\\')
			s.WriteByte(c)
		case c >= 0x20 && c < 0x7f:
			s.WriteByte(c)
		default:
			fmt.Fprintf(&s, `\x%02x`, c)
		}
	}
	s.WriteByte('\'')
	return s.String()
}
