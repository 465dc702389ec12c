package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tcptrace/capture"
	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/findings"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

// cutFlags are the words of `tcptrace cut` beside the selection.
type cutFlags struct {
	selection
	packets, output string
	force           bool
}

func newCut(u *ui) *cobra.Command {
	w, cw := u.words(), words.NewCut(u.lang)
	x := &cutFlags{}
	c := &cobra.Command{
		Use: "cut CAPTURE", Short: cw.Short(), Long: cw.Long(), Example: cw.Example(), Args: oneCapture(w),
		RunE: func(c *cobra.Command, args []string) error { return x.run(c.Context(), u, cw, args[0]) },
	}
	x.selection.flags(c, w)
	f := c.Flags()
	f.StringVar(&x.packets, "range", "", cw.FlagRange())
	f.StringVarP(&x.output, "output", "o", "", cw.FlagOutput())
	forceFlag(c, &x.force, w)
	return c
}

// A cutting is what is copied, and what is said of it.
type cutting struct {
	from, to int64 // --range; 0 without it
	spans    []cutSpan
	proofs   map[int64][]string // by frame: the findings that it proves
	file     string
	w        words.Cut
}

// A cutSpan is one session: all packets between its ends, from its first to its last.
type cutSpan struct {
	client, server netip.AddrPort
	first, last    int64
}

func (x *cutFlags) run(ctx context.Context, u *ui, w words.Cut, path string) error {
	format, err := x.check(w, path)
	if err != nil {
		return err
	}
	c := &cutting{w: w, file: document.PrintableString(filepath.Base(path), document.MaxNameBytes)}
	if c.from, c.to, err = parseRange(x.packets, w); err != nil {
		return err
	}
	o, err := x.options(u.words())
	if err != nil {
		return err
	}
	o.Keep(sessions.ForTables)
	collector := findings.NewCollector()
	collector.Watch(&o)
	tr, readErr := x.load(ctx, u, path, o)
	if tr == nil {
		return readErr
	}
	if err := c.choose(tr, concerning(findings.Find(tr, findings.Options{Collector: collector}), o.ShownIDs), o.ShownIDs, u); err != nil {
		return err
	}
	var copied int64
	file := output.File{Sync: true, Write: func(out io.Writer) error {
		copied, err = c.copy(ctx, u, path, x.maxUnpacked, out, format)
		return err
	}}
	err = output.WriteFile(x.output, file, output.Options{Force: x.force})
	var nothing *usageError
	switch {
	case errors.As(err, &nothing), errors.Is(err, context.Canceled):
		return err
	case err != nil:
		return &outputError{err}
	}
	u.print(w.Wrote(x.output, copied))
	return readErr
}

// check refuses what cannot be cut, and gives the format of the output.
func (x *cutFlags) check(w words.Cut, path string) (format capture.FileFormat, err error) {
	switch {
	case path == "-":
		return 0, &usageError{w.FromPipe(), "tcptrace cut session.pcap --session 2 -o session2.pcapng"}
	case x.output == "":
		return 0, &usageError{w.NeedOutput(), "-o session2.pcapng"}
	case (len(x.sessions) > 0) == (x.packets != ""):
		return 0, &usageError{w.NeedChoice(), "--session 2, --range 20-60"}
	}
	switch strings.ToLower(filepath.Ext(x.output)) {
	case ".pcapng":
		return capture.FormatPcapNG, nil
	case ".pcap":
		return capture.FormatPcap, nil
	}
	return 0, &usageError{w.BadOutput() + ": " + x.output, "-o session2.pcapng"}
}

// parseRange reads A-B or A.
func parseRange(text string, w words.Cut) (from, to int64, err error) {
	if text == "" {
		return 0, 0, nil
	}
	a, b, isRange := strings.Cut(text, "-")
	if !isRange {
		b = a
	}
	from, err1 := strconv.ParseInt(strings.TrimSpace(a), 10, 64)
	to, err2 := strconv.ParseInt(strings.TrimSpace(b), 10, 64)
	if err1 != nil || err2 != nil || from < 1 || to < from {
		return 0, 0, &usageError{w.BadRange() + ": " + text, "--range 20-60"}
	}
	return from, to, nil
}

// choose notes the sessions to copy and what their packets prove.
func (c *cutting) choose(tr *sessions.Trace, found []findings.Finding, ids []int, u *ui) error {
	err := tr.Walk(func(s *sessions.Session) error {
		if slices.Contains(ids, s.ID) {
			c.spans = append(c.spans, cutSpan{s.Client, s.Server, s.FirstFrame, s.LastFrame})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(ids) > 0 && len(c.spans) == 0 {
		return &usageError{fmt.Sprintf("%s: %v", u.words().NoSuchSession(), ids), "tcptrace report CAPTURE --format csv"}
	}
	c.proofs = map[int64][]string{}
	for i := range found {
		f := &found[i]
		for _, frame := range f.Frames {
			c.proofs[frame] = append(c.proofs[frame], f.Code+": "+f.Text.In(u.lang))
		}
	}
	return nil
}

// copy reads the capture again and writes what was chosen.
func (c *cutting) copy(ctx context.Context, u *ui, path string, maxUnpacked int64, out io.Writer, format capture.FileFormat) (copied int64, err error) {
	w, err := capture.NewWriter(out, format)
	if err != nil {
		return 0, err
	}
	cut := capture.Cut{Keep: func(frame int64, ev *capture.Event) (string, bool) {
		if ctx.Err() != nil || !c.wants(frame, ev) {
			return "", false
		}
		return strings.Join(append([]string{c.w.Frame(frame, c.file)}, c.proofs[frame]...), "\n"), true
	}}
	src, err := capture.Open(path, capture.OpenOptions{MaxUnpacked: maxUnpacked, Tap: cut.Tap})
	if err != nil {
		return 0, err
	}
	defer src.Close()
	copied, err = cut.Copy(src, w)
	u.endProgress()
	var damage *capture.Damage
	var limit *capture.LimitError
	switch {
	case ctx.Err() != nil:
		return copied, ctx.Err()
	case errors.As(err, &damage), errors.As(err, &limit): // told by the first reading
	case err != nil:
		return copied, err
	}
	if copied == 0 {
		return 0, &usageError{c.w.NoPackets(), "tcptrace report " + path}
	}
	return copied, w.Close()
}

// wants reports whether a packet was asked for.
func (c *cutting) wants(frame int64, ev *capture.Event) bool {
	if c.from > 0 {
		return frame >= c.from && frame <= c.to
	}
	if ev == nil || ev.Kind != capture.KindSegment {
		return false
	}
	for i := range c.spans {
		s := &c.spans[i]
		a, b := ev.Segment.Src, ev.Segment.Dst
		if frame >= s.first && frame <= s.last && (a == s.client && b == s.server || a == s.server && b == s.client) {
			return true
		}
	}
	return false
}
