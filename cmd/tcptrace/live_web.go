package main

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tcptrace/capture"
	"tcptrace/cmd/tcptrace/internal/web"
	"tcptrace/findings"
	"tcptrace/render"
	"tcptrace/render/page"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// anyLoopbackPort is where --web listens unless it is told.
const anyLoopbackPort = "127.0.0.1:0"

// listenForBrowsers opens the address of --web, while the process still may.
func (r *liveRun) listenForBrowsers() (err error) {
	if r.flags.web == "" {
		return nil
	}
	if r.listener, err = web.Listen(r.flags.web); err != nil {
		return &usageError{fmt.Sprintf("--web %s: %v", r.flags.web, err), "--web=127.0.0.1:8080"}
	}
	return nil
}

// inherited makes a listener one that the program which is executed next has too, and gives its number; "" for none.
func inherited(l net.Listener) (string, error) {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return "", nil
	}
	f, err := tcp.File()
	if err != nil {
		return "", err
	}
	return strconv.Itoa(int(f.Fd())), keepOpen(f) // never closed: the next program closes it
}

// inheritListener takes the listener that the program before this one opened.
func (r *liveRun) inheritListener(number string) error {
	fd, err := strconv.Atoi(number)
	if err != nil {
		return nil // there is none
	}
	f := os.NewFile(uintptr(fd), "web")
	defer f.Close()
	r.listener, err = net.FileListener(f)
	return err
}

// How often browsers get a newer state: at most so often, and not more than a share of the time is spent on it.
const (
	broadcastEvery = 200 * time.Millisecond
	broadcastShare = 50
	// broadcastRows is how many of the latest rows a browser follows; at the end it gets all of them.
	broadcastRows = 4000
)

// A broadcast shows a running capture to browsers, and to the view of --tui. The capture gives it a packet's worth of time and nothing more: snapshots are
// taken between packets, and everything else is done beside the capture. A nil broadcast does nothing.
type broadcast struct {
	r       *liveRun
	server  *web.Server
	tracker *sessions.Tracker

	mu     sync.Mutex // the tracker's
	info   capture.Info
	wanted atomic.Bool // the source's Info, after the next packet
	seen   atomic.Int64

	latest atomic.Pointer[page.Data]
	quit   chan struct{}
	done   chan struct{}
}

// startBroadcast serves the page, and says where.
func (r *liveRun) startBroadcast(t *sessions.Tracker) {
	if r.listener == nil && r.screen == nil {
		return
	}
	b := &broadcast{r: r, tracker: t, info: r.src.Info(), quit: make(chan struct{}), done: make(chan struct{})}
	b.wanted.Store(true)
	if r.listener != nil {
		b.server = web.New(r.listener, b.page)
	}
	r.web = b
	b.update()
	if b.server != nil {
		r.u.print(r.w.WebAt(b.server.Address()))
	}
	go b.run()
}

// lock and unlock stand around the tracker's work on a packet.
func (b *broadcast) lock() {
	if b != nil {
		b.mu.Lock()
	}
}

func (b *broadcast) unlock(src capture.Source) {
	if b == nil {
		return
	}
	if b.wanted.Swap(false) {
		b.info = src.Info()
	}
	b.seen.Add(1)
	b.mu.Unlock()
}

// run publishes what has come, until the capture ends.
func (b *broadcast) run() {
	defer close(b.done)
	pause, seen := broadcastEvery, int64(0)
	for {
		select {
		case <-b.quit:
			return
		case <-time.After(pause):
		}
		n := b.seen.Load()
		if n == seen {
			continue
		}
		seen = n
		begin := time.Now()
		if err := guarded(func() error { b.update(); return nil }); err != nil {
			b.r.view.Row("!! " + b.r.u.describe(err))
			return
		}
		pause = max(broadcastEvery, broadcastShare*time.Since(begin))
	}
}

// update publishes a snapshot.
func (b *broadcast) update() {
	b.mu.Lock()
	tr := b.tracker.Snapshot(b.info)
	b.mu.Unlock()
	b.wanted.Store(true)
	sources := ladder.DeviceCalls(tr)
	if b.r.programs != nil {
		sources = append(sources, b.r.programs.SoFar()...)
	}
	ladder.AddCalls(tr, sources)
	b.publish(tr, render.PageOptions{From: -broadcastRows})
}

// publish gives a trace to the browsers and to the view.
func (b *broadcast) publish(tr *sessions.Trace, o render.PageOptions) {
	o.Lang, o.Findings = b.r.u.lang, findings.Find(tr, findings.Options{})
	if b.r.screen != nil {
		b.r.screen.view.Show(tr, o.Findings)
	}
	if b.server == nil {
		return
	}
	o.Options = ladder.Options{All: b.r.flags.all, NoACKs: b.r.flags.noACKs, Sleeps: b.r.flags.sleeps}
	data := render.PageData(tr, o)
	b.latest.Store(&data)
	if state, err := data.State(); err == nil {
		b.server.Publish(state)
	}
}

// page is the page with the latest state.
func (b *broadcast) page(url.Values) ([]byte, error) {
	p := page.Page{Lang: b.r.u.lang, Title: b.r.w.WebTitle(), Data: []page.Data{*b.latest.Load()}, Live: b.server.EventsPath()}
	return p.Append(nil)
}

// stop ends the updates: from then on the tracker is the caller's alone.
func (b *broadcast) stop() {
	if b != nil {
		close(b.quit)
		<-b.done
	}
}

// last publishes the finished trace, whole.
func (b *broadcast) last(tr *sessions.Trace) {
	if b != nil {
		b.publish(tr, render.PageOptions{})
	}
}

// close ends the page for all browsers.
func (b *broadcast) close() {
	if b != nil && b.server != nil {
		b.server.End()
		b.server.Close(2 * time.Second)
	}
}
