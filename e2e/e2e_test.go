// Package e2e tries the page in a real browser: Chromium, driven over its debugging protocol. It is a module of its own, so that
// nobody needs a browser's driver to build or test tcptrace.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// program is tcptrace, built once.
var program string

// browser is one Chromium for all tests; every page gets a tab of its own.
var browser context.Context

// missing says why there is no browser; "" when there is one.
var missing string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "e2e")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "tcptrace")
	build := exec.Command("go", "build", "-o", program, "./cmd/tcptrace")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Printf("%s%v\n", out, err)
		return 1
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	browser, cancel = chromedp.NewContext(alloc)
	defer cancel()
	if err := chromedp.Do(browser); err != nil {
		missing = "no Chromium starts here: " + err.Error()
	}
	return m.Run()
}

// A tab is one page in the browser, with what it complained of.
type tab struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	messages []string // console, exceptions, policy
	requests []string // what it asked the network for
}

// view is how a page is looked at.
type view struct {
	width, height int64
	dark          bool
	reduced       bool // prefers-reduced-motion
	forced        bool // forced-colors
}

var desktop, phone = view{width: 1280, height: 800}, view{width: 390, height: 844}

// open opens an address and waits until the page is ready.
func open(t *testing.T, address string, v view) *tab {
	t.Helper()
	if missing != "" {
		t.Skip(missing)
	}
	p := &tab{t: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(p.hear))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	p.ctx = ctx
	var options []chromedp.EmulateViewportOption
	if v.width < 700 {
		options = append(options, chromedp.EmulateMobile)
	}
	p.must(chromedp.Do(ctx, chromedp.EmulateViewport(v.width, v.height, options...)))
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}
	if v.dark {
		features[0].Value = "dark"
	}
	if v.reduced {
		features = append(features, &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
	}
	if v.forced {
		features = append(features, &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	p.must(err)
	_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	p.must(err)
	p.must(chromedp.Do(ctx, chromedp.Navigate(address)))
	p.wait("window.tcptrace && window.tcptrace.ready > 0")
	return p
}

func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.messages = append(p.messages, text)
	case *runtime.EventConsoleAPICalled:
		p.messages = append(p.messages, fmt.Sprint("console ", e.Type))
	case *log.EventEntryAdded:
		p.messages = append(p.messages, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") {
			p.requests = append(p.requests, e.Request.URL)
		}
	}
}

func (p *tab) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// wait waits until an expression is true.
func (p *tab) wait(expression string) {
	p.t.Helper()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && ok {
			return
		}
		if time.Since(begin) > 60*time.Second {
			p.t.Fatalf("it never came true: %s (%v) %v", expression, err, p.messages)
		}
	}
}

// eval gives the value of an expression.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	// By way of JSON, so that any value arrives whole.
	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("JSON.stringify("+expression+")"))
	p.must(err)
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		p.t.Fatalf("%s: %v in %.300s", expression, err, text)
	}
	return v
}

func (p *tab) do(expression string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("(()=>{"+expression+";return true})()"))
	p.must(err)
}

// keys types keys.
func (p *tab) keys(keys string) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.KeyEvent(keys)))
}

// quiet holds that the page complained of nothing and asked nobody.
func (p *tab) quiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.messages) > 0 {
		p.t.Errorf("the page complains: %.400q", p.messages)
	}
	for _, r := range p.requests[min(1, len(p.requests)):] {
		p.t.Errorf("the page asked for %s", r)
	}
}

// tcptrace runs the program and gives its standard output.
func tcptrace(t *testing.T, args ...string) []byte {
	t.Helper()
	c := exec.Command(program, args...)
	c.Dir = ".."
	var out, complaints bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaints
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 2) {
		t.Fatalf("tcptrace %v: %v %s", args, err, complaints.String())
	}
	return out.Bytes()
}

// A page of a case, written once.
func pageOf(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, tcptrace(t, append([]string{"report", "--format", "html"}, args...)...), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// cases are the captures that the page must show well, by name, as arguments of tcptrace report.
func cases(t *testing.T) map[string][]string {
	t.Helper()
	genuine := func(name string, calls ...string) []string {
		dir := filepath.Join("testdata", "genuine", name)
		args := []string{filepath.Join(dir, "capture.pcap")}
		for _, c := range calls {
			side, file, _ := strings.Cut(c, "=")
			args = append(args, "--calls", side+"="+filepath.Join(dir, file))
		}
		return args
	}
	truth := func(name, capture string) []string {
		return []string{filepath.Join("testdata", "truth", name, capture)}
	}
	all := map[string][]string{
		"pico-normal":        genuine("pico-normal"),
		"pico-4k":            genuine("pico-4k"),
		"table2-nonblocking": genuine("table2-nonblocking", "client=strace.client.txt", "server=strace.server.txt"),
		"pico-table1":        genuine("pico-table1", "client=strace.client.txt", "pico=stdout.journal_rx.txt"),
		"pico-second-client": genuine("pico-second-client"),
	}
	for _, name := range []string{"far-side-10ms", "lost-syn", "simultaneous-close"} {
		for _, end := range []string{"A", "B"} {
			all[name+"-"+end] = truth(name, "cap"+end+".pcap")
		}
	}
	return all
}
