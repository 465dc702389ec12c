package web

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func serve(t *testing.T) *Server {
	t.Helper()
	l, err := Listen("")
	if err != nil {
		t.Fatal(err)
	}
	s := New(l, func(q url.Values) ([]byte, error) { return []byte("the page " + q.Get("from")), nil })
	t.Cleanup(func() { s.Close(time.Second) })
	return s
}

func get(t *testing.T, address string, change func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(b)
}

// TestRefusals holds who gets the page: whoever has the address, and nobody else.
func TestRefusals(t *testing.T) {
	s := serve(t)
	root, _, _ := strings.Cut(s.Address(), "/"+s.token)
	if code, body := get(t, s.Address()+"?from=7", nil); code != 200 || body != "the page 7" {
		t.Errorf("%d %s", code, body)
	}
	for name, c := range map[string]struct {
		address string
		change  func(*http.Request)
		code    int
	}{
		"no token":         {root + "/", nil, 404},
		"another token":    {root + "/AAAAAAAAAAAAAAAAAAAAAA/", nil, 404},
		"events, no token": {root + "/events", nil, 404},
		"something else":   {s.Address() + "etc/passwd", nil, 404},
		"a name":           {s.Address(), func(r *http.Request) { r.Host = "evil.example:80" }, 403},
		"another origin":   {s.Address(), func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		"another site":     {s.Address(), func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"events elsewhere": {s.Address() + "events", func(r *http.Request) { r.Header.Set("Origin", "null") }, 403},
		"to write":         {s.Address(), func(r *http.Request) { r.Method = http.MethodPost }, 405},
		"localhost":        {s.Address(), func(r *http.Request) { r.Host = "localhost:" + r.URL.Port() }, 200},
	} {
		if code, _ := get(t, c.address, c.change); code != c.code {
			t.Errorf("%s: %d instead of %d", name, code, c.code)
		}
	}
}

// events reads events until the end, or the first that wanted refuses.
func events(t *testing.T, s *Server, has string, wanted func(id, data string) bool) (ended bool) {
	t.Helper()
	r, _ := http.NewRequest(http.MethodGet, s.Address()+"events", nil)
	r.Header.Set("Last-Event-ID", has)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	id, kind := "", ""
	for in := bufio.NewScanner(answer.Body); in.Scan(); {
		line := in.Text()
		switch {
		case strings.HasPrefix(line, "id: "):
			id = line[4:]
		case strings.HasPrefix(line, "event: "):
			kind = line[7:]
		case strings.HasPrefix(line, "data: ") && kind == "end":
			return true
		case strings.HasPrefix(line, "data: ") && !wanted(id, line[6:]):
			return false
		}
	}
	return false
}

// TestEveryViewerEndsWithTheLastState has three viewers, of whom one comes late and one loses its connection.
func TestEveryViewerEndsWithTheLastState(t *testing.T) {
	s := serve(t)
	s.Publish([]byte(`{"n":1}`))
	last := make(chan string, 3)
	follow := func(has string, drop bool) {
		latest, id := "", has
		for {
			ended := events(t, s, id, func(n, data string) bool {
				latest, id = data, n
				keep := !drop
				drop = false
				return keep
			})
			if ended {
				last <- latest
				return
			}
		}
	}
	go follow("", false)
	go follow("", true)
	for s.Viewers() < 2 {
		time.Sleep(time.Millisecond)
	}
	for range 50 {
		s.Publish([]byte(`{"n":2}`))
	}
	go follow("", false)
	s.Publish([]byte(`{"n":"last"}`))
	time.Sleep(2 * leastApart)
	s.End()
	for range 3 {
		select {
		case got := <-last:
			if got != `{"n":"last"}` {
				t.Errorf("a viewer ended with %s", got)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("a viewer never ended")
		}
	}
}

// TestNobodyWaits publishes to a viewer that does not read.
func TestNobodyWaits(t *testing.T) {
	s := serve(t)
	r, _ := http.NewRequest(http.MethodGet, s.Address()+"events", nil)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	state := []byte(`"` + strings.Repeat("x", 1<<20) + `"`)
	done := make(chan bool)
	go func() {
		for range 200 {
			s.Publish(state)
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("publishing waits for a viewer")
	}
}
