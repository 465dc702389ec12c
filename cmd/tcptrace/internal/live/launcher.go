package live

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"tcptrace/sessions/ladder"
)

// A Runner runs the programs of --run: Programs in this process, or another process that may do what this one has given up.
type Runner interface {
	// Ended is closed when every program has ended.
	Ended() <-chan struct{}
	// Stop ends what still runs as Ctrl-C would, and kills what does not end.
	Stop()
	// SoFar reads the calls that were written so far.
	SoFar() []ladder.Source
	// Journals reads the calls and removes what was kept for them; before that, the path of each is given to keep. What went
	// wrong with a program is given to print.
	Journals(print, keep func(string)) []ladder.Source
}

// The messages between a capture that is confined and the launcher that it has started before. Each is a line of JSON.
type (
	// toLauncher is first the commands to start, then a word to stop them.
	toLauncher struct {
		Commands []string `json:"commands,omitempty"`
		Stop     bool     `json:"stop,omitempty"`
	}
	// fromLauncher is one thing that happened.
	fromLauncher struct {
		Row      *string  `json:"row,omitempty"`
		Untraced bool     `json:"untraced,omitempty"`
		Started  []traced `json:"started,omitempty"`
		Failed   *failure `json:"failed,omitempty"`
		Ended    bool     `json:"ended,omitempty"`
		Stopped  []traced `json:"stopped,omitempty"`
	}
	failure struct {
		Command string `json:"command"` // "" for the temporary folder
		Text    string `json:"text"`
	}
	// traced is a program that has ended and where its calls are.
	traced struct {
		Text  string `json:"text"`
		Trace string `json:"trace,omitempty"`
		Exit  string `json:"exit,omitempty"` // why it ended, if not well
	}
)

// Launch serves one capture from the launcher's end of a connection: it starts the programs, tells what they do, and ends them when
// it is told to, or when the capture is gone.
func Launch(conn io.ReadWriter) error {
	in, out := json.NewDecoder(conn), &messages{to: json.NewEncoder(conn)}
	var first toLauncher
	if err := in.Decode(&first); err != nil {
		return err
	}
	p, err := StartPrograms(first.Commands, func() { out.send(fromLauncher{Untraced: true}) }, func(text string) { out.send(fromLauncher{Row: &text}) })
	if err != nil {
		var program *ProgramError
		f := &failure{Text: err.Error()}
		if errors.As(err, &program) {
			f.Command, f.Text = program.command, program.err.Error()
		}
		out.send(fromLauncher{Failed: f})
		return err
	}
	out.send(fromLauncher{Started: p.traced()})
	go func() {
		<-p.Ended()
		out.send(fromLauncher{Ended: true})
	}()
	var next toLauncher
	err = in.Decode(&next) // a capture that is gone is a word to stop too
	p.Stop()
	if err == nil {
		out.send(fromLauncher{Stopped: p.traced()})
		_, err = io.Copy(io.Discard, conn) // until the journals have been read
	}
	p.remove()
	return err
}

// messages sends from several goroutines.
type messages struct {
	mu sync.Mutex
	to *json.Encoder
}

func (m *messages) send(f fromLauncher) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.to.Encode(f) // a capture that is gone is noticed by the reader
}

// traced are the programs, and how they ended if they have.
func (p *Programs) traced() (list []traced) {
	for _, one := range p.running {
		list = append(list, traced{one.text, one.trace, one.exit()})
	}
	return list
}

// remote are programs that a launcher runs.
type remote struct {
	conn    *os.File
	out     *json.Encoder
	ended   chan struct{}
	stopped chan []traced
	list    []traced
	running atomic.Pointer[[]traced]
	once    sync.Once
}

// StartRemote is StartPrograms by way of a launcher, which it is the other end of conn of.
func StartRemote(conn *os.File, commands []string, untraced func(), row func(string)) (Runner, error) {
	r := &remote{conn: conn, out: json.NewEncoder(conn), ended: make(chan struct{}), stopped: make(chan []traced, 1)}
	if err := r.out.Encode(toLauncher{Commands: commands}); err != nil {
		return nil, err
	}
	started := make(chan error, 1)
	go r.listen(started, untraced, row)
	return r, <-started
}

// listen takes the launcher's messages until it is gone.
func (r *remote) listen(started chan<- error, untraced func(), row func(string)) {
	in := json.NewDecoder(r.conn)
	for {
		var m fromLauncher
		if err := in.Decode(&m); err != nil {
			select {
			case started <- err:
			default:
			}
			close(r.stopped)
			return
		}
		switch {
		case m.Row != nil:
			row(*m.Row)
		case m.Untraced:
			untraced()
		case m.Started != nil:
			r.running.Store(&m.Started)
			started <- nil
		case m.Failed != nil && m.Failed.Command != "":
			started <- &ProgramError{m.Failed.Command, errors.New(m.Failed.Text)}
		case m.Failed != nil:
			started <- errors.New(m.Failed.Text)
		case m.Ended:
			close(r.ended)
		case m.Stopped != nil:
			r.stopped <- m.Stopped
		}
	}
}

func (r *remote) Ended() <-chan struct{} { return r.ended }

func (r *remote) Stop() {
	r.once.Do(func() {
		if r.out.Encode(toLauncher{Stop: true}) == nil {
			r.list = <-r.stopped
		}
	})
}

func (r *remote) SoFar() []ladder.Source {
	if list := r.running.Load(); list != nil {
		return readSoFar(*list)
	}
	return nil
}

func (r *remote) Journals(print, keep func(string)) []ladder.Source {
	defer r.conn.Close()
	return readTraces(r.list, print, keep)
}
