package main

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"tcptrace/cmd/tcptrace/internal/sandbox"
	"tcptrace/cmd/tcptrace/internal/web"
	"tcptrace/findings"
	"tcptrace/render"
	"tcptrace/sessions"
	"tcptrace/words"
)

// viewFlags are the words of `tcptrace view` beside those of the report whose page it serves.
type viewFlags struct {
	reportFlags
	address string
	noOpen  bool
}

// viewRows is how many rows one page of a served capture has; the others are asked for.
const viewRows = 20_000

// viewSteps is how many segments of a session are kept for it.
const viewSteps = 1_000_000

func newView(u *ui) *cobra.Command {
	w, vw := u.words(), words.NewView(u.lang)
	v := &viewFlags{}
	c := &cobra.Command{
		Use: "view CAPTURE", Short: vw.Short(), Long: vw.Long(), Example: vw.Example(),
		Args: oneCapture(w),
		RunE: func(c *cobra.Command, args []string) error { return v.run(c.Context(), u, vw, args[0]) },
	}
	v.selection.flags(c, w)
	f := c.Flags()
	f.StringVar(&v.address, "addr", "", vw.FlagAddr())
	f.BoolVar(&v.noOpen, "no-open", false, vw.FlagNoOpen())
	f.BoolVar(&v.all, "all", false, w.FlagAll())
	f.BoolVar(&v.noACKs, "no-acks", false, w.FlagNoACKs())
	f.BoolVar(&v.sleeps, "sleeps", false, w.FlagSleeps())
	return c
}

// run serves the page until the user ends it. The browser is opened before the capture is read, because afterwards nothing may be
// started any more; it waits for the page.
func (v *viewFlags) run(ctx context.Context, u *ui, w words.View, path string) error {
	v.format = "html"
	v.remember(path)
	if u.process {
		if err := sandbox.DropCapabilities(); err != nil { // which may execute the program again
			return &captureError{err, ""}
		}
	}
	o, err := v.options(u.words())
	if err != nil {
		return err
	}
	o.Keep(sessions.ForPlots)
	o.MaxSteps = viewSteps
	l, err := web.Listen(v.address)
	if err != nil {
		return &usageError{fmt.Sprintf("--addr %s: %v", v.address, err), "--addr 127.0.0.1:8080"}
	}
	ready := make(chan struct{})
	pages := &viewed{ready: ready}
	server := web.New(l, pages.page)
	defer server.Close(time.Second)
	u.print(w.At(server.Address()))
	if u.process && !v.noOpen {
		openBrowser(server.Address())
	}
	if u.process {
		if err := sandbox.Filter(); err != nil {
			return &captureError{err, ""}
		}
	}
	c := findings.NewCollector()
	c.Watch(&o)
	tr, readErr := v.load(ctx, u, path, o)
	if tr == nil {
		return readErr
	}
	if err := keepSessions(tr, o.ShownIDs, u.words()); err != nil {
		return err
	}
	p := &printing{flags: &v.reportFlags, u: u, tr: tr, found: concerning(findings.Find(tr, findings.Options{Collector: c}), o.ShownIDs), explained: true}
	pages.options = render.PageOptions{Options: p.ladderOptions().Options, Lang: u.lang, Images: p.plots(false), Findings: p.found, MaxRows: viewRows, Served: true}
	pages.pages = render.NewPages(tr, pages.options)
	close(ready)
	if readErr != nil {
		u.printf("%s", u.describe(readErr))
	}
	u.print(w.Stop())
	<-ctx.Done()
	return nil
}

// viewed is what is served: nothing before it is ready.
type viewed struct {
	ready   <-chan struct{}
	options render.PageOptions
	pages   *render.Pages
}

// page is the window that a browser asks for by ?from=N.
func (v *viewed) page(query url.Values) ([]byte, error) {
	<-v.ready
	o := v.options
	if n, err := strconv.Atoi(query.Get("from")); err == nil && n > 0 {
		o.From = n
	}
	return v.pages.Page(o).Append(nil)
}

// openBrowser asks the system to show an address. That there is no browser is no fault: the address is printed too.
func openBrowser(address string) {
	command := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if command == nil {
		command = []string{"xdg-open"}
	}
	c := exec.Command(command[0], append(command[1:], address)...)
	if c.Start() == nil {
		go func() { _ = c.Wait() }()
	}
}
