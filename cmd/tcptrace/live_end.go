package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tcptrace/capture"
	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/cmd/tcptrace/internal/sandbox"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// conclude completes the file, tells the counts and prints the report. err is what ended the capture.
func (r *liveRun) conclude(ctx context.Context, tracker *sessions.Tracker, err error) error {
	r.view.Finish()
	r.web.stop()
	defer r.web.close()
	if fault := r.endTUI(ctx); fault != nil {
		err = cmp.Or(err, fault)
	}
	c := r.counters()
	if r.live == nil {
		info := r.src.Info()
		c.Filtered, c.KernelDropped = info.Filtered, info.KernelDropped
		c.Seen = c.Filtered + c.Captured
	}
	saveErr := r.closeSaver(&c)
	r.tellCounts(&c)
	reportErr := r.fault
	if failed := guarded(func() error {
		tr := tracker.Finish(r.src.Info())
		if r.flags.silent && r.web == nil {
			return nil
		}
		return r.report(tr)
	}); failed != nil {
		reportErr = failed
	}
	switch {
	case saveErr != nil:
		return saveErr
	case reportErr != nil:
		return reportErr
	case errors.Is(err, capture.ErrInterfaceGone):
		return &captureError{fmt.Errorf("%s: %s", r.flags.iface, r.w.Gone()), r.w.HintGone()}
	case errors.Is(err, capture.ErrReplaced):
		return &inputError{err}
	case err != nil && r.live != nil:
		return &captureError{err, ""}
	}
	return err
}

// closeSaver completes the file and says what is in it.
func (r *liveRun) closeSaver(c *capture.Counters) error {
	if r.saver == nil {
		return nil
	}
	err := r.saver.Close(c)
	safe, lost := r.saver.Saved()
	if err != nil {
		r.u.print(r.w.Safe(safe, r.saver.File(), lost))
		return &outputError{err}
	}
	r.u.print(r.w.Wrote(safe, r.saver.File()))
	return nil
}

// tellCounts says where the packets went.
func (r *liveRun) tellCounts(c *capture.Counters) {
	if c.Exact && r.live != nil {
		r.u.print(r.w.Counts(c.Seen, c.Filtered, c.Captured, c.KernelDropped, c.OurDropped))
	} else {
		r.u.print(r.w.CountsShort(c.Captured, c.Filtered, c.KernelDropped+c.OurDropped))
	}
	if c.KernelDropped+c.OurDropped > 0 {
		r.u.printf("%s", r.w.Incomplete())
	}
	if n := r.view.Hidden.Load(); n > 0 {
		r.u.print(r.w.Hidden(n))
	}
}

// report prints what `tcptrace report` would print for the same packets and journals.
func (r *liveRun) report(tr *sessions.Trace) error {
	sources, err := r.flags.openCalls(context.Background(), r.u)
	if err != nil {
		return err
	}
	if r.programs != nil {
		sources = append(sources, r.programs.Journals(r.u.print, r.keepJournal)...)
	}
	if r.options.Shown > 0 || len(r.options.ShownIDs) > 0 {
		ladder.AddCalls(tr, append(ladder.DeviceCalls(tr), sources...))
	}
	r.web.last(tr)
	if r.flags.silent {
		return nil
	}
	if err := r.flags.openFolder(); err != nil { // anew: others may have written there while we captured
		return err
	}
	return r.flags.print(r.u, tr, r.collector, nil, r.options, r.columns)
}

// keepJournal keeps the calls of a program beside the capture of -w, which remembers them. A ring has no one file that they
// belong to.
func (r *liveRun) keepJournal(trace string) {
	w := r.flags.write
	if w == "" || r.flags.ring != "" || r.saver == nil {
		return
	}
	r.kept++
	name := strings.TrimSuffix(filepath.Base(w), filepath.Ext(w)) + fmt.Sprintf(".calls-%d.strace", r.kept)
	file := output.File{CallsOf: filepath.Base(w), Mode: 0o600, Write: func(out io.Writer) error {
		in, err := os.Open(trace)
		if err != nil {
			return err
		}
		defer in.Close()
		_, err = io.Copy(out, in)
		return err
	}}
	path := filepath.Join(filepath.Dir(w), name)
	if err := output.WriteFile(path, file, output.Options{Force: r.flags.force}); err != nil {
		r.u.printf("%s: %s", path, r.u.describe(err))
	}
}

// openInterface chooses the interface and opens its sockets; from then on the process has no privileges.
func (r *liveRun) openInterface(ctx context.Context) (*capture.Sockets, error) {
	l := r.flags
	if carried, ok := sandbox.Carried(); ok {
		return r.resume(carried)
	}
	if err := r.listenForBrowsers(); err != nil {
		return nil, err
	}
	if l.iface == "" {
		name, err := r.chooseInterface()
		if err != nil {
			return nil, err
		}
		l.iface = name
	}
	sockets, err := capture.OpenSockets(l.iface)
	if errors.Is(err, capture.ErrNoLive) {
		return nil, nil // the capture opens what it needs, or says that it cannot
	}
	if err != nil {
		return nil, r.refused(err)
	}
	if !r.u.process {
		return sockets, nil
	}
	user, err := r.chooseUser()
	if err != nil {
		return nil, err
	}
	launcher, err := r.startLauncher(user)
	if err != nil {
		return nil, &captureError{err, ""}
	}
	sockets.Inherit(true)
	web, err := inherited(r.listener)
	if err != nil {
		return nil, &captureError{err, ""}
	}
	err = sandbox.Enter(strings.Join([]string{sockets.String(), launcher, web, l.iface}, ";"), user, r.writable(), true)
	var path *fs.PathError
	if errors.As(err, &path) {
		err = &outputError{err}
	}
	return sockets, err
}

// resume goes on in the process that Enter has executed, which has the sockets, the connection to the launcher, and no right.
func (r *liveRun) resume(carried string) (*capture.Sockets, error) {
	parts := strings.SplitN(carried, ";", 4)
	numbers, launcher, web := parts[0], parts[1], parts[2]
	r.flags.iface = parts[3]
	if err := r.inheritListener(web); err != nil {
		return nil, &captureError{err, ""}
	}
	if fd, err := strconv.Atoi(launcher); err == nil {
		r.launcher = os.NewFile(uintptr(fd), "launcher")
	}
	if err := sandbox.Filter(); err != nil {
		return nil, &captureError{err, ""}
	}
	return capture.ParseSockets(numbers)
}

// writable are the folders that the capture may write into.
func (r *liveRun) writable() (dirs []string) {
	if w := r.flags.write; w != "" {
		dirs = append(dirs, filepath.Dir(w))
	}
	if o := r.flags.output; o != "" {
		dirs = append(dirs, existing(o))
	}
	return dirs
}

// refused explains why an interface cannot be captured, and what can be typed instead.
func (r *liveRun) refused(err error) error {
	name := r.flags.iface
	filter := ""
	if r.filter != nil {
		filter = r.filter.String()
	}
	switch {
	case errors.Is(err, capture.ErrNoPermission):
		return &captureError{fmt.Errorf("%s: %s", name, r.w.NoPermission()),
			r.w.HintPermission(executable(), name, filter)}
	case errors.Is(err, capture.ErrNoInterface):
		return &usageError{name + ": " + r.w.NoInterface(), r.w.HintInterfaces(interfaceNames())}
	}
	return &captureError{err, ""}
}
