package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"

	"tcptrace/cmd/tcptrace/internal/tui"
	"tcptrace/render"
	"tcptrace/sessions/ladder"
	"tcptrace/words"
)

// A liveTUI is the view of a running capture. What would be printed meanwhile stands in its last line, and on the terminal when the
// view has been left.
type liveTUI struct {
	view  *tui.Run
	left  chan struct{} // closed when the user has left, or the view has failed
	fault error         // set before left is closed
	err   io.Writer     // where messages went before, and go afterwards

	mu   sync.Mutex // holds what follows
	said bytes.Buffer
}

// startTUI begins the view of --tui.
func (r *liveRun) startTUI(ctx context.Context) error {
	if !r.flags.tui {
		return nil
	}
	w := words.NewTUI(r.u.lang)
	if !r.u.outIsTTY {
		return &usageError{w.NoTerminal(), "tcptrace live --plain"}
	}
	o := ladder.Options{All: r.flags.all, NoACKs: r.flags.noACKs, Sleeps: r.flags.sleeps}
	t := &liveTUI{left: make(chan struct{}), err: r.u.err}
	t.view = tui.New(ctx, tui.Options{Lang: r.u.lang, Colour: r.u.colours, ASCII: !r.u.unicode, Ladder: render.LadderOptions{Options: o, Lang: r.u.lang},
		Waiting: r.w.Waiting()})
	r.screen = t
	r.u.err = t
	go func() {
		t.fault = t.view.Wait()
		close(t.left)
		r.end()
	}()
	return nil
}

// leaveTUI ends the view before its time.
func (r *liveRun) leaveTUI() {
	if r.screen != nil {
		r.screen.view.Quit()
		<-r.screen.left
		r.u.err = r.screen.err
	}
}

// Write shows a message in the view and keeps it for later.
func (t *liveTUI) Write(b []byte) (int, error) {
	t.mu.Lock()
	t.said.Write(b)
	t.mu.Unlock()
	if text := strings.TrimSpace(string(b)); text != "" {
		go t.view.Tell(text)
	}
	return len(b), nil
}

// endTUI waits until the user has left the view of a capture that has ended by itself; one that was ended from outside is
// left at once. Then messages are printed again, first those that came meanwhile.
func (r *liveRun) endTUI(ctx context.Context) error {
	t := r.screen
	if t == nil {
		return nil
	}
	select {
	case <-t.left:
	case <-ctx.Done():
		t.view.Quit()
		<-t.left
	default:
		go t.view.Tell(r.w.EndedTUI())
		select {
		case <-t.left:
		case <-ctx.Done():
			t.view.Quit()
			<-t.left
		}
	}
	r.u.err = t.err
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = t.err.Write(t.said.Bytes())
	if ctx.Err() != nil {
		return nil
	}
	return t.fault
}
