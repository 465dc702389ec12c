package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"tcptrace/capture"
	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/fleet"
	"tcptrace/journal"
	"tcptrace/render"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/words"
)

// selection is what every command that reads a capture lets the user choose.
type selection struct {
	ports       []string
	allPorts    bool
	hosts       []string
	echo        []string
	calls       []string
	sessions    []string
	maxUnpacked int64
	workers     int
	callsLimit  error       // a journal was too long; set when the journals have been read
	ring        *fleet.Ring // files that are read as one capture; nil for a single one
}

// ringOf finds the ring that the arguments are: files that one capture was written into, or a folder of them; nil when they are not
// just one with several files.
func ringOf(args []string) *fleet.Ring {
	g, _ := fleet.NewGrouping("auto") // never fails
	if len(args) == 1 {
		if st, err := os.Stat(args[0]); err != nil || !st.IsDir() {
			return nil
		}
	}
	rings, err := fleet.Rings(args, g)
	if err != nil || len(rings) != 1 || len(rings[0].Files) < 2 {
		return nil
	}
	return &rings[0]
}

// open opens the capture, or the ring that a path is.
func (s *selection) open(ctx context.Context, u *ui, path string) (capture.Source, error) {
	if s.ring == nil {
		s.ring = ringOf([]string{path})
	}
	if s.ring == nil {
		return openCapture(ctx, u, path, s.maxUnpacked)
	}
	paths, missing := s.ring.Paths()
	return capture.NewChain(paths, missing, func(path string) (capture.Source, error) {
		return capture.Open(path, capture.OpenOptions{MaxUnpacked: s.maxUnpacked, Progress: u.progress(0)})
	}), nil
}

// chainError is the first trouble of a ring's files, fatal when none of them could be read.
func chainError(src capture.Source) error {
	chain, ok := src.(*capture.Chain)
	if !ok {
		return nil
	}
	for i := range chain.Files {
		if err := chain.Files[i].Err; err != nil {
			var damage *capture.Damage
			if errors.As(err, &damage) && damage.Fatal && chain.Info().Packets > 0 {
				again := *damage
				again.Fatal = false // of one file among several
				return &again
			}
			return err
		}
	}
	return nil
}

// noCalls is the value of --calls that uses no journal, those neither that are remembered.
const noCalls = "none"

// remember takes the journals that were written beside the capture for it, unless --calls names others.
func (s *selection) remember(path string) {
	switch {
	case slices.Equal(s.calls, []string{noCalls}):
		s.calls = nil
	case len(s.calls) == 0 && path != "-":
		for _, j := range output.Journals(path) {
			arg := j.Path
			if j.Side != "" {
				arg = j.Side + "=" + j.Path
			}
			s.calls = append(s.calls, arg)
		}
	}
}

func (s *selection) flags(c *cobra.Command, w words.Command) {
	f := c.Flags()
	f.StringArrayVar(&s.ports, "port", nil, w.FlagPort())
	f.BoolVar(&s.allPorts, "all-ports", false, w.FlagAllPorts())
	f.StringArrayVar(&s.hosts, "host", nil, w.FlagHost())
	f.StringArrayVar(&s.echo, "echo", nil, w.FlagEcho())
	f.StringArrayVar(&s.calls, "calls", nil, w.FlagCalls())
	f.StringArrayVar(&s.sessions, "session", nil, w.FlagSession())
	f.Int64Var(&s.maxUnpacked, "max-unpacked", 0, w.FlagMaxUnpacked())
	f.IntVar(&s.workers, "workers", 0, w.FlagWorkers())
	_ = f.MarkHidden("workers")
	_ = c.RegisterFlagCompletionFunc("session", s.completeSession)
}

// mostOffered is how many sessions are offered to the shell.
const mostOffered = 100

// completeSession offers the sessions of the capture that stands on the line.
func (s *selection) completeSession(c *cobra.Command, args []string, _ string) (ids []string, _ cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	src, err := capture.Open(args[0], capture.OpenOptions{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer src.Close()
	o := sessions.Options{AllPorts: s.allPorts, Lazy: true, Counted: true, Built: mostOffered}
	tr, _ := sessions.Run(c.Context(), src, o, 1)
	for _, x := range tr.Sessions {
		ids = append(ids, fmt.Sprintf("%d\t%s → %s", x.ID, x.Client, x.Server))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// options turns the words of the command line into the tracker's options.
func (s *selection) options(w words.Command) (o sessions.Options, err error) {
	o.AllPorts = s.allPorts
	if s.maxUnpacked < 0 {
		return o, &usageError{fmt.Sprintf("%s: %d", w.BadMaxUnpacked(), s.maxUnpacked), "--max-unpacked 10000000000"}
	}
	for _, p := range splitAll(s.ports) {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return o, &usageError{w.BadPort() + ": " + p, "--port 9000"}
		}
		o.Ports = append(o.Ports, uint16(n))
	}
	for _, h := range splitAll(s.hosts) {
		a, err := netip.ParseAddr(h)
		if err != nil {
			return o, &usageError{w.BadHost() + ": " + h, "--host 192.168.1.57"}
		}
		o.Hosts = append(o.Hosts, a.Unmap())
	}
	for _, e := range s.echo {
		port, prefix, ok := strings.Cut(e, "=")
		n, err := strconv.ParseUint(port, 10, 16)
		if !ok || err != nil {
			return o, &usageError{w.BadEcho() + ": " + e, "--echo 7000=Echo:"}
		}
		if o.Echo == nil {
			o.Echo = map[uint16]string{}
		}
		o.Echo[uint16(n)] = prefix
	}
	o.ShownIDs, err = parseIDs(s.sessions, w)
	return o, err
}

func splitAll(values []string) (out []string) {
	for _, v := range values {
		for p := range strings.SplitSeq(v, ",") {
			out = append(out, strings.TrimSpace(p))
		}
	}
	return out
}

// maxIDs caps how many sessions one --session range may name.
const maxIDs = 10_000

// parseIDs reads session numbers and ranges: 3, 5-8.
func parseIDs(values []string, w words.Command) (ids []int, err error) {
	for _, v := range splitAll(values) {
		from, to, isRange := strings.Cut(v, "-")
		a, err1 := strconv.Atoi(from)
		b := a
		var err2 error
		if isRange {
			b, err2 = strconv.Atoi(to)
		}
		if err1 != nil || err2 != nil || a < 1 || b < a || b-a >= maxIDs {
			return nil, &usageError{w.BadSession() + ": " + v, "--session 2, --session 3-6"}
		}
		for n := a; n <= b; n++ {
			if !slices.Contains(ids, n) {
				ids = append(ids, n)
			}
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// summaryGCPercent keeps the memory of a summary near what it needs at any one time, so that a capture ten times as long
// takes no more: for 5 million packets 76 MiB where the usual 100 % takes 94, and 5 % more of the time.
const summaryGCPercent = 20

// samplesGCPercent is the same where samples are kept until they are written, which makes more garbage.
const samplesGCPercent = 50

// fleetGCPercent is the same for a scan of many small captures, each of which leaves its garbage.
const fleetGCPercent = 70

// keepMemoryLow sets it, unless the user has set another.
func keepMemoryLow(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// load reads a capture and its journals. When the input is damaged, the trace of what was good comes with the error.
func (s *selection) load(ctx context.Context, u *ui, path string, o sessions.Options) (*sessions.Trace, error) {
	switch {
	case o.Samples && (o.Summary || o.Counted):
		keepMemoryLow(samplesGCPercent)
	case o.Summary || o.Counted || len(s.calls) > 0:
		keepMemoryLow(summaryGCPercent)
	}
	sources, err := s.openCalls(ctx, u)
	if err != nil {
		return nil, err
	}
	src, err := s.open(ctx, u, path)
	if err != nil {
		return nil, interruption(ctx, err)
	}
	defer src.Close()
	workers := s.workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	tr, err := sessions.Run(ctx, src, o, workers)
	u.endProgress()
	if err == nil {
		err = chainError(src)
	}
	var damage *capture.Damage
	if errors.As(err, &damage) && damage.Fatal {
		return nil, interruption(ctx, err)
	}
	if ctx.Err() != nil {
		u.printf("%s", u.words().Interrupted())
		err = nil // a record cut by the interruption is no damage
	}
	if o.Shown > 0 || len(o.ShownIDs) > 0 || o.Summary {
		ladder.AddCalls(tr, append(ladder.DeviceCalls(tr), sources...))
	}
	if err == nil && s.callsLimit != nil {
		err = s.callsLimit
	}
	return tr, err
}

// openCapture opens a file or standard input and shows progress while it is read.
func openCapture(ctx context.Context, u *ui, path string, maxUnpacked int64) (capture.Source, error) {
	var size int64
	if st, err := os.Stat(path); err == nil {
		switch {
		case st.IsDir():
			return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
		case st.Mode().IsRegular():
			size = st.Size()
		}
	}
	o := capture.OpenOptions{MaxUnpacked: maxUnpacked, Progress: u.progress(size)}
	if path == "-" {
		return capture.NewSource("-", untilDone(ctx, u.in), o)
	}
	return capture.Open(path, o)
}

// untilDone reads from r, which may block for ever, until ctx ends; then it is at its end.
func untilDone(ctx context.Context, r io.Reader) io.Reader {
	read, write := io.Pipe()
	go func() {
		_, err := io.Copy(write, r)
		write.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { write.Close() })
	return read
}

// interruption is ctx's error where it explains why nothing could be read, else err.
func interruption(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// openCalls reads the journals of --calls.
func (s *selection) openCalls(ctx context.Context, u *ui) (sources []ladder.Source, err error) {
	for _, arg := range s.calls {
		src, file := callSide(arg)
		f, err := openBounded(ctx, file, maxJournal)
		if err != nil {
			return nil, &inputError{err}
		}
		j, err := journal.Read(file, f)
		f.Close()
		var limit *inputLimit
		switch {
		case errors.As(err, &limit) && j != nil:
			s.callsLimit = limit // what was read before it is good
		case limit != nil || ctx.Err() != nil:
			return nil, &inputError{err}
		case err != nil:
			return nil, &usageError{u.worded(err), u.words().HintCalls()}
		case j.LeftOut > 0:
			s.callsLimit = &callsLimit{file, len(j.Entries), j.LeftOut}
		}
		src.Journal = *j
		if src.Pico {
			for i := range src.Journal.Entries {
				src.Journal.Entries[i].Dialect = journal.MicroPython
			}
		}
		sources = append(sources, src)
	}
	return sources, nil
}

// callSide splits SIDE=FILE; without a known side the whole argument is the file.
func callSide(arg string) (src ladder.Source, file string) {
	src.Side = sessions.NoSide
	side, file, ok := strings.Cut(arg, "=")
	if !ok {
		return src, arg
	}
	switch side {
	case "client":
		src.Side = sessions.Client
	case "server":
		src.Side = sessions.Server
	case "pico":
		src.Pico = true
	case "pc":
		src.PC = true
	default:
		a, err := netip.ParseAddr(side)
		if err != nil {
			return src, arg // a file name with "=" in it
		}
		src.Host = a.Unmap()
	}
	return src, file
}

// columnsOf turns --columns into the ladder's columns.
func columnsOf(value string, w words.Command) ([]string, error) {
	switch value {
	case "":
		return nil, nil
	case "notebook":
		return render.NotebookColumns, nil
	case "report":
		return render.ReportColumns, nil
	case "all":
		return render.AllColumns, nil
	}
	columns := strings.Split(value, ",")
	for i, c := range columns {
		columns[i] = strings.TrimSpace(c)
		if !slices.Contains(render.AllColumns, columns[i]) {
			return nil, &usageError{w.BadColumn() + ": " + c, "notebook, report, all, " + strings.Join(render.AllColumns, ",")}
		}
	}
	return columns, nil
}
