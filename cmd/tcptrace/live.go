package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tcptrace/capture"
	"tcptrace/capture/bpf"
	"tcptrace/cmd/tcptrace/internal/live"
	"tcptrace/findings"
	"tcptrace/notebook"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// liveFlags are the words of `tcptrace live` beside those of the report that follows.
type liveFlags struct {
	reportFlags
	iface, pico, write, ring  string
	follow, plain             bool
	sync, promiscuous, silent bool
	tui, noRows               bool
	duration, rotate          time.Duration
	count                     int64
	buffer                    string
	programs                  []string
	user, web                 string
}

func newLive(u *ui) *cobra.Command {
	w, lw := u.words(), words.NewLive(u.lang)
	l := &liveFlags{}
	c := &cobra.Command{
		Use: "live [- | FILE] [FILTER]", Short: lw.Live(), Long: lw.LiveLong(), Example: lw.LiveExample(),
		RunE: func(c *cobra.Command, args []string) error {
			l.chooseForm(c)
			l.path = l.write
			return l.run(c.Context(), u, args)
		},
	}
	l.reportFlags.register(c, w)
	f := c.Flags()
	f.StringVarP(&l.iface, "interface", "i", "", lw.FlagInterface())
	_ = c.RegisterFlagCompletionFunc("interface", func(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
		return strings.Split(interfaceNames(), ", "), cobra.ShellCompDirectiveNoFileComp
	})
	f.StringVar(&l.pico, "pico", "", lw.FlagPico())
	f.StringVarP(&l.write, "write", "w", "", lw.FlagWrite())
	f.StringVar(&l.ring, "ring", "", lw.FlagRing())
	f.DurationVar(&l.rotate, "rotate", 0, lw.FlagRotate())
	f.BoolVar(&l.sync, "sync", false, lw.FlagSync())
	f.DurationVar(&l.duration, "duration", 0, lw.FlagDuration())
	f.Int64Var(&l.count, "count", 0, lw.FlagCount())
	f.BoolVar(&l.follow, "follow", false, lw.FlagFollow())
	f.StringArrayVar(&l.programs, "run", nil, lw.FlagRun())
	f.BoolVar(&l.plain, "plain", false, lw.FlagPlain())
	f.BoolVar(&l.silent, "no-report", false, lw.FlagNoReport())
	f.BoolVar(&l.noRows, "no-rows", false, lw.FlagNoRows())
	f.StringVar(&l.buffer, "buffer", "16M", lw.FlagBuffer())
	f.StringVar(&l.user, "user", "", lw.FlagUser())
	f.BoolVar(&l.tui, "tui", false, words.NewTUI(u.lang).FlagTUI())
	f.StringVar(&l.web, "web", "", lw.FlagWeb())
	f.Lookup("web").NoOptDefVal = anyLoopbackPort
	f.BoolVar(&l.promiscuous, "promiscuous", false, lw.FlagPromiscuous())
	return c
}

// A liveRun is one capture from its beginning to its report.
type liveRun struct {
	flags   *liveFlags
	u       *ui
	w       words.Live
	options sessions.Options
	columns []string
	filter  *bpf.Filter

	src       capture.Source
	live      *capture.Live // nil for a pipe or a file
	saver     *capture.Saver
	programs  live.Runner // nil without any
	kept      int         // journals that keepJournal has written
	launcher  *os.File    // to the process that starts them; nil where this one does
	view      *live.View
	rows      *live.Rows
	collector *findings.Collector
	listener  net.Listener // of --web
	web       *broadcast   // nil without it and without --tui
	screen    *liveTUI     // nil without --tui

	captured atomic.Int64
	unsaved  atomic.Pointer[error]
	stop     context.CancelFunc // ends the capture
	fault    error              // an internal error, after which packets are only saved
	enough   chan struct{}      // closed once when --count is reached or nobody reads the rows
	once     sync.Once
}

func (l *liveFlags) run(ctx context.Context, u *ui, args []string) error {
	u.patient.Store(true)
	r := &liveRun{flags: l, u: u, w: words.NewLive(u.lang), enough: make(chan struct{})}
	from, err := r.prepare(args)
	if err != nil {
		return err
	}
	// A closed pipe and a closed terminal end the capture and not the program: what was captured is kept.
	hangup, unhook := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer unhook()
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	defer signal.Stop(broken)
	captureCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	r.stop = stop
	if err := r.openUntil(hangup, captureCtx, from); err != nil {
		return err
	}
	defer r.src.Close()
	return r.capture(hangup)
}

// openUntil opens the input, which for a pipe waits for its first bytes, unless the user or the time ends that.
func (r *liveRun) openUntil(ctx, captureCtx context.Context, from string) error {
	unwatch := context.AfterFunc(ctx, r.stop)
	defer unwatch()
	if d := r.flags.duration; d > 0 && from != "" {
		defer time.AfterFunc(d, r.stop).Stop()
	}
	err := r.open(captureCtx, from)
	if err != nil && captureCtx.Err() != nil {
		return context.Canceled
	}
	return err
}

// prepare reads the command line.
func (r *liveRun) prepare(args []string) (from string, err error) {
	l := r.flags
	if r.options, r.columns, err = l.check(r.u); err != nil {
		return "", err
	}
	if l.output != "" {
		r.options.Keep(sessions.ForPlots) // the sessions are written from what is kept of them
	}
	words := args
	switch {
	case len(args) > 0 && args[0] == "-":
		from, words = "-", args[1:]
	case l.follow && len(args) == 0:
		return "", &usageError{r.w.NeedFile(), "tcptrace live --follow session.pcapng"}
	case l.follow:
		from, words = args[0], args[1:]
	}
	if from != "" && l.iface != "" {
		return "", &usageError{r.w.OneInput(), "tcptrace live --help"}
	}
	if r.filter, err = bpf.Parse(strings.Join(words, " ")); err != nil {
		return "", &usageError{r.u.worded(err), r.w.HintFilter()}
	}
	if r.filter == nil && from == "" {
		o := r.options
		if len(l.programs) > 0 && len(o.Ports) == 0 {
			o.AllPorts = true // nobody knows which ports the programs will use
		}
		r.filter, err = bpf.Parse(watchFilter(&o))
	}
	return from, err
}

// watchFilter is the expression for the watched ports and what explains them.
func watchFilter(o *sessions.Options) string {
	explaining := fmt.Sprintf("arp or udp port %d", notebook.JournalPort)
	if o.AllPorts {
		return "tcp or " + explaining
	}
	ports := o.Ports
	if len(ports) == 0 {
		ports = notebook.Ports
	}
	var b strings.Builder
	for _, p := range ports {
		fmt.Fprintf(&b, "tcp port %d or ", p)
	}
	return b.String() + explaining
}

// open opens the input, and before it the file to write, as the user whose rights remain.
func (r *liveRun) open(ctx context.Context, from string) (err error) {
	l := r.flags
	var sockets *capture.Sockets
	if from == "" {
		sockets, err = r.openInterface(ctx)
	} else {
		err = r.listenForBrowsers()
	}
	if err != nil {
		return err
	}
	if err := r.openSaver(); err != nil {
		return err
	}
	switch {
	case from == "":
		size, err := parseSize(l.buffer)
		if err != nil {
			return &usageError{r.w.BadSize() + ": " + l.buffer, "--buffer 16M"}
		}
		r.live, err = capture.OpenLive(ctx, l.iface, capture.LiveOptions{Filter: r.filter, Buffer: int(size),
			Promiscuous: l.promiscuous, Notice: r.notice, Tap: r.tap, Sockets: sockets})
		if err != nil {
			return r.refused(err)
		}
		r.src = r.live
		return nil
	case from == "-":
		r.src, err = capture.OpenPipe(ctx, "-", r.u.in, pipeGrace, capture.OpenOptions{Filter: r.filter, Tap: r.tap})
	default:
		r.src, err = capture.Follow(ctx, from, capture.OpenOptions{Filter: r.filter, Tap: r.tap})
	}
	if err != nil && r.saver != nil {
		_ = r.saver.Close(nil)
	}
	return err
}

// pipeGrace is how long the end of a pipe is waited for after Ctrl-C, which ends its writer too.
const pipeGrace = 500 * time.Millisecond

// tap counts every packet, and saves it.
func (r *liveRun) tap(p capture.Packet) {
	n, limit := r.captured.Add(1), r.flags.count
	if limit > 0 && n >= limit {
		r.end()
		if n > limit {
			r.captured.Add(-1)
			return
		}
	}
	if r.saver != nil {
		r.saver.WritePacket(p)
	}
}

// end asks for the end of the capture, from inside.
func (r *liveRun) end() { r.once.Do(func() { close(r.enough) }) }

// openSaver begins the file of -w.
func (r *liveRun) openSaver() (err error) {
	l := r.flags
	if l.write == "" {
		if l.ring != "" || l.rotate != 0 || l.sync {
			return &usageError{r.w.NeedWrite(), "-w session.pcapng"}
		}
		return nil
	}
	o := capture.SaveOptions{Overwrite: l.force, Sync: l.sync, Every: l.rotate, Failed: r.saveFailed,
		Found: func(path string) { r.u.print(r.w.FoundPart(path)) }}
	if l.ring != "" {
		size, files, several := strings.Cut(l.ring, ",")
		o.Files = 10
		if several {
			if _, err := fmt.Sscanf(files, "%d", &o.Files); err != nil || o.Files < 1 {
				return &usageError{r.w.BadRing() + ": " + l.ring, "--ring 10M,5"}
			}
		}
		if o.Bytes, err = parseSize(size); err != nil {
			return &usageError{r.w.BadRing() + ": " + l.ring, "--ring 10M,5"}
		}
	}
	if r.saver, err = capture.Save(l.write, o); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return &outputError{fmt.Errorf("%s: %s", l.write, r.w.Exists())}
		}
		return &outputError{err}
	}
	return nil
}

// saveFailed tells of the first write that failed, at once; the capture goes on.
func (r *liveRun) saveFailed(err error) {
	r.unsaved.Store(&err)
	if r.view != nil {
		r.view.Row("!! " + document.VisibleLines(r.w.SaveFailed(r.u.describe(err))))
	}
}

// parseSize reads bytes with K, M or G behind.
func parseSize(text string) (int64, error) {
	digits := strings.TrimRight(strings.ToUpper(text), "KMGIB")
	var n int64
	if _, err := fmt.Sscanf(digits, "%d", &n); err != nil || n <= 0 || fmt.Sprint(n) != digits {
		return 0, errors.New("not a size")
	}
	unit := int64(1)
	for i, u := range []string{"K", "M", "G"} {
		if strings.HasPrefix(strings.ToUpper(text[len(digits):]), u) {
			unit = 1 << (10 * (i + 1))
		}
	}
	if n > 1<<40/unit {
		return 0, errors.New("too large")
	}
	return n * unit, nil
}

// notice tells what happened to the interface or the clock.
func (r *liveRun) notice(n capture.Notice) {
	text := ""
	switch n.Kind {
	case capture.NoticeDown:
		text = r.w.Down(n.Interface)
	case capture.NoticeUp:
		text = r.w.Up(n.Interface)
	case capture.NoticeRenamed:
		text = r.w.Renamed(n.Interface, n.New)
	case capture.NoticeClock:
		text = r.w.ClockForward(n.Shift.Round(time.Millisecond))
		if n.Shift < 0 {
			text = r.w.ClockBack(-n.Shift.Round(time.Millisecond))
		}
	case capture.NoticeMTU:
		text = r.w.MTUChanged(n.Interface, n.OldMTU, n.NewMTU)
	}
	if r.view != nil {
		r.view.Row("!! " + document.VisibleLines(text))
	}
}

// programsEnded is closed when every program of --run has ended; without any it never is.
func (r *liveRun) programsEnded() <-chan struct{} {
	if r.programs == nil {
		return nil
	}
	return r.programs.Ended()
}

// startPrograms starts the programs of --run.
func (r *liveRun) startPrograms() (err error) {
	untraced := func() { r.u.print(r.w.NoStrace()) }
	switch {
	case len(r.flags.programs) == 0:
		return nil
	case r.launcher != nil:
		var p live.Runner
		if p, err = live.StartRemote(r.launcher, r.flags.programs, untraced, r.view.Row); err == nil {
			r.programs = p
		}
	default:
		var p *live.Programs
		if p, err = live.StartPrograms(r.flags.programs, untraced, r.view.Row); err == nil {
			r.programs = p
		}
	}
	var program *live.ProgramError
	switch {
	case errors.As(err, &program):
		return &captureError{err, ""}
	case err != nil:
		return &outputError{err}
	}
	return nil
}

// capture is the loop: packets in, rows out, until something ends it; then the report.
func (r *liveRun) capture(ctx context.Context) error {
	r.startView()
	if err := r.startTUI(ctx); err != nil {
		r.view.Finish()
		return err
	}
	if !r.flags.noRows {
		r.options.OnStep = r.rows.Step
	}
	r.collector = findings.NewCollector()
	r.collector.Watch(&r.options)
	keepMemoryLow(summaryGCPercent)
	tracker := sessions.NewTracker(r.options, 1)
	defer tracker.Close()
	r.startBroadcast(tracker)
	if err := r.startPrograms(); err != nil {
		r.view.Finish()
		r.leaveTUI()
		return err
	}
	finder := &live.Finder{Tracker: tracker, Collector: r.collector, Info: r.src.Info, Numbers: r.rows.Update, Lang: r.u.lang,
		Print: r.view.Row}
	finished := make(chan struct{})
	go r.await(ctx, finished)
	go r.followCalls(finished)
	var err error
	for ev := new(capture.Event); ; {
		if err = r.src.Next(ev); err != nil {
			break
		}
		r.examine(tracker, finder, ev)
	}
	close(finished)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return r.conclude(ctx, tracker, err)
}

// callsEvery is how often the calls of --run are looked at; looking takes no more than a share of the time.
const (
	callsEvery = 300 * time.Millisecond
	callsShare = 20
)

// followCalls prints the calls of the programs as they are made.
func (r *liveRun) followCalls(finished <-chan struct{}) {
	if r.programs == nil {
		return
	}
	follower := live.NewFollower(r.rows)
	for pause := callsEvery; ; {
		select {
		case <-finished:
			return
		case <-time.After(pause):
		}
		begin := time.Now()
		if err := guarded(func() error { follower.Follow(r.programs.SoFar()); return nil }); err != nil {
			return // the report tells of it
		}
		pause = max(callsEvery, callsShare*time.Since(begin))
	}
}

// examine follows one packet. An internal error ends that and not the capture, which goes on and is saved.
func (r *liveRun) examine(tracker *sessions.Tracker, finder *live.Finder, ev *capture.Event) {
	if r.fault != nil || r.onlySaves() {
		return
	}
	r.web.lock()
	defer r.web.unlock(r.src)
	r.fault = guarded(func() error {
		tracker.Add(ev)
		finder.Refresh(time.Now())
		if ev.Kind != capture.KindSegment && !r.flags.noRows {
			r.rows.Other(ev)
		}
		return tracker.Fault()
	})
	if r.fault != nil {
		r.view.Row("!! " + document.VisibleLines(r.u.describe(r.fault)))
	}
}

// onlySaves reports whether nobody wants to know what is in the packets.
func (r *liveRun) onlySaves() bool { return r.flags.noRows && r.flags.silent && r.web == nil }

// await ends the capture when the user, the time, the count or the programs say so. Programs are ended first, so that
// their last packets are captured.
func (r *liveRun) await(ctx context.Context, finished <-chan struct{}) {
	var late <-chan time.Time
	if d := r.flags.duration; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-ctx.Done():
	case <-late:
	case <-r.enough:
	case <-finished:
	case <-r.programsEnded():
	}
	if r.programs != nil {
		r.programs.Stop()
		time.Sleep(live.ProgramGrace)
	}
	r.stop()
}

// startView makes rows go to the output, or beside a machine-readable report to standard error.
func (r *liveRun) startView() {
	u := r.u
	v := &live.View{Out: flushing{u}, Line: r.statusLine, Broken: func(error) { r.end() }, Width: func() int { return u.width }}
	onStdout := r.flags.format == "markdown" || r.flags.format == "table"
	if !onStdout {
		v.Out = u.err
	}
	if r.flags.tui {
		v.Out = io.Discard // the view has all rows
	} else if u.process && !r.flags.plain && os.Getenv("TERM") != "dumb" {
		switch {
		case onStdout && term.IsTerminal(int(os.Stdout.Fd())):
			v.Status, v.Same, v.Width = v.Out, true, widthOf(os.Stdout)
		case u.errIsTTY:
			v.Status, v.Same, v.Width = u.err, !onStdout, widthOf(os.Stderr)
		}
	}
	r.view = v
	sc := u.screen()
	sc.Colour = sc.Colour && v.Same
	r.rows = live.NewRows(u.lang, sc, v)
	v.Start()
	name := r.flags.iface
	if r.live == nil {
		name = r.src.Info().File
	}
	filter := ""
	if r.filter != nil {
		filter = r.filter.String()
	}
	u.print(r.w.Listening(name, filter))
	if !r.flags.noRows {
		r.rows.Header()
	}
}

// widthOf asks the terminal for its width at every call: windows change.
func widthOf(f *os.File) func() int {
	return func() int {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
		return 80
	}
}

// counters are the capture's, or those of a pipe, whose writer alone knows what it lost.
func (r *liveRun) counters() capture.Counters {
	if r.live != nil {
		return r.live.Counters()
	}
	c := capture.Counters{Captured: r.captured.Load(), Exact: true}
	return c
}

func (r *liveRun) statusLine() string {
	c := r.counters()
	text := r.rows.Numbers() + " · " + r.w.Counted(c.Captured, c.KernelDropped+c.OurDropped)
	if r.saver != nil {
		safe, _ := r.saver.Saved()
		text += " · " + r.w.SavedShort(safe)
	}
	return text
}
