package e2e

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A served page is a running tcptrace that shows one.
type served struct {
	address string
	in      io.WriteCloser
	cmd     *exec.Cmd
}

// serve starts tcptrace, gives it its first input, and reads the page's address from what it says.
func serve(t *testing.T, first []byte, args ...string) *served {
	t.Helper()
	c := exec.Command(program, args...)
	c.Dir = ".."
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	if _, err := in.Write(first); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			if a := regexp.MustCompile(`http://\S+`).FindString(lines.Text()); a != "" {
				found <- a
				break
			}
		}
		_, _ = io.Copy(io.Discard, said)
	}()
	select {
	case a := <-found:
		return &served{a, in, c}
	case <-time.After(30 * time.Second):
		t.Fatal("it tells no address")
	}
	return nil
}

// rows are all that the page knows of its rows, as text.
const rows = `(() => { const c = window.tcptrace.app.c, out = []; for (let r = 0; r < c.n; r++) out.push(Object.keys(c.col).filter(k => !['segment', 'preview'].includes(k)).map(k => k.match(/Call|Text|Signal|Result/) ? c.cell(r, k, 'en') : c.col[k][r]).join('|')); return out; })()`

// TestLive gives a capture by and by: three browsers, of whom one comes late and one loses its connection, end with the rows of the
// report.
func TestLive(t *testing.T) {
	if missing != "" {
		t.Skip(missing)
	}
	capture, err := os.ReadFile(filepath.Join("..", "testdata", "genuine", "pico-normal", "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(t.TempDir(), "saved.pcapng")
	s := serve(t, capture[:24], "live", "-", "--web", "--plain", "-w", saved)
	one, two := open(t, s.address, desktop), open(t, s.address, view{width: 390, height: 844})
	if _, err := s.in.Write(capture[24 : len(capture)/2]); err != nil {
		t.Fatal(err)
	}
	one.wait("window.tcptrace.app.c.n > 40")
	two.wait("window.tcptrace.app.c.n > 40")
	if !eval[bool](one, `(() => { const b = document.querySelector('.scroller'); return b.scrollTop + b.clientHeight > b.scrollHeight - 160 })()`) {
		t.Error("the page does not follow what comes")
	}
	two.do("location.reload()") // it loses its connection
	late := open(t, s.address, desktop)
	if _, err := s.in.Write(capture[len(capture)/2:]); err != nil {
		t.Fatal(err)
	}
	s.in.Close()
	pages := map[string]*tab{"the first": one, "the one that lost its connection": two, "the late one": late}
	for _, p := range pages {
		p.wait(`document.querySelector('.status').textContent.includes('ended')`)
	}
	want := eval[[]string](open(t, pageOf(t, saved), desktop), rows)
	for name, p := range pages {
		got := eval[[]string](p, rows)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s ends with %d rows, the report has %d", name, len(got), len(want))
		}
		if n := eval[int](p, "document.querySelectorAll('.card').length"); n < 3 {
			t.Errorf("%s shows %d findings", name, n)
		}
	}
	for _, p := range []*tab{one, late} {
		p.mu.Lock()
		messages := strings.Join(p.messages, "\n")
		p.mu.Unlock()
		if strings.Contains(messages, "Content Security") || strings.Contains(messages, "Error") {
			t.Errorf("the page complains: %.400s", messages)
		}
	}
}

// TestView serves a capture of more rows than one page has, window by window.
func TestView(t *testing.T) {
	if missing != "" {
		t.Skip(missing)
	}
	path := filepath.Join(t.TempDir(), "large.pcap")
	c := exec.Command("go", "run", "./sessions/sessionstest/generate", "-packets", "60000", "-sessions", "2", "-concurrent", "2", "-o", path)
	c.Dir = ".."
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	s := serve(t, nil, "view", path, "--no-open")
	p := open(t, s.address, desktop)
	seen, total := 0, eval[int](p, "window.tcptrace.app.c.head.allRows")
	for last := 0; ; {
		n, from := eval[int](p, "window.tcptrace.app.c.n"), eval[int](p, "window.tcptrace.app.c.head.from")
		if from != seen {
			t.Fatalf("a window from %d, %d rows have been seen", from, seen)
		}
		seen += n
		next := eval[string](p, `[...document.querySelectorAll('.rowslink')].find(a => a.textContent.includes('→'))?.getAttribute('href') ?? ''`)
		if next == "" {
			break
		}
		if last++; last > 20 {
			t.Fatal("there is no end")
		}
		p.do("location.search = '" + next + "'")
		p.wait(fmt.Sprintf("window.tcptrace && window.tcptrace.ready > 0 && window.tcptrace.app.c.head.from === %d", seen))
	}
	if seen != total || total < 40_000 {
		t.Errorf("%d rows of %d", seen, total)
	}
	states := eval[[]string](p, `[...document.querySelectorAll('.heads .pill')].map(e => e.textContent)`)
	if len(states) == 0 {
		t.Error("a window in the middle does not know the states")
	}
}
