// Package web serves one page to browsers: as it is, or growing while a capture runs. It is read only, answers only under an
// address with a random token, refuses names that others gave this host, and never makes its caller wait.
package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// MaxViewers bounds how many browsers follow a capture at once.
const MaxViewers = 64

// How long a browser may take: for its request, for one message, and between two signs of life.
const (
	headerTimeout  = 5 * time.Second
	messageTimeout = 10 * time.Second
	signOfLife     = 15 * time.Second
)

// leastApart is the least time between two messages to one browser.
const leastApart = 50 * time.Millisecond

// A Server serves one page. Its methods may be called from any goroutine.
type Server struct {
	page  func(query url.Values) ([]byte, error)
	token string
	http  *http.Server
	addr  net.Addr

	mu      sync.Mutex
	state   []byte // the latest
	number  int64  // of it; 0 for none
	ended   bool
	changed chan struct{} // closed when there is a newer state, or the end
	viewers int
}

// Listen opens the address that the page is served at: HOST:PORT, a port alone, or "" for any port of 127.0.0.1.
func Listen(address string) (net.Listener, error) {
	switch {
	case address == "":
		address = "127.0.0.1:0"
	case !strings.Contains(address, ":"):
		if _, err := strconv.ParseUint(address, 10, 16); err != nil {
			return nil, &net.AddrError{Err: "not HOST:PORT", Addr: address}
		}
		address = "127.0.0.1:" + address
	}
	return net.Listen("tcp", address)
}

// New serves on a listener, which it owns from now on. page makes the page anew for every browser, from the query of its
// address.
func New(l net.Listener, page func(query url.Values) ([]byte, error)) *Server {
	s := &Server{page: page, token: newToken(), addr: l.Addr(), changed: make(chan struct{})}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: headerTimeout, MaxHeaderBytes: 1 << 14}
	go func() { _ = s.http.Serve(l) }() // until Close
	return s
}

func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Address is what to open in a browser. Of a server that listens on all of its host's addresses it names the loopback one.
func (s *Server) Address() string {
	host, port, _ := net.SplitHostPort(s.addr.String())
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/" + s.token + "/"
}

// EventsPath is the path of the events, for the page.
func (s *Server) EventsPath() string { return "/" + s.token + "/events" }

// Publish gives all browsers a newer state, one line of JSON, which belongs to the server from now on.
func (s *Server) Publish(state []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
	s.number++
	s.wake()
}

// End tells all browsers that nothing more comes.
func (s *Server) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.wake()
}

func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Viewers is how many browsers follow.
func (s *Server) Viewers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.viewers
}

// Close ends the server; browsers that have not taken the last state within wait are left.
func (s *Server) Close(wait time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
}

// serve checks a request, and answers it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	token, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case !isOwnHost(r.Host) || !isSameOrigin(r):
		http.Error(w, "403 not from there", http.StatusForbidden)
	case subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1:
		http.Error(w, "404 the address printed by tcptrace is longer", http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "405 read only", http.StatusMethodNotAllowed)
	case rest == "":
		s.servePage(w, r)
	case rest == "events":
		s.serveEvents(w, r)
	default:
		http.NotFound(w, r)
	}
}

// isOwnHost reports whether a request is for this host by an address or as localhost. A name can be anybody's, who lets it lead
// here.
func isOwnHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" {
		return true
	}
	_, err = netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// isSameOrigin reports whether a request comes from the page itself, or from no page.
func isSameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" {
		return false
	}
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "http://"+r.Host
}

func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	b, err := s.page(r.URL.Query())
	if err != nil {
		http.Error(w, "500 "+strings.Map(printable, err.Error()), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(b) // a browser that is gone
	}
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

// serveEvents sends one browser the latest state whenever there is a newer one than it has. One that is slow misses those
// between, and never makes anybody wait.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "503 too many", http.StatusServiceUnavailable)
		return
	}
	defer s.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	send := func(format string, args ...any) bool {
		_ = control.SetWriteDeadline(time.Now().Add(messageTimeout))
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && control.Flush() == nil
	}
	has, _ := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	if !send("retry: 1000\n\n") {
		return
	}
	for {
		s.mu.Lock()
		state, number, ended, changed := s.state, s.number, s.ended, s.changed
		s.mu.Unlock()
		if number != has && number > 0 {
			if !send("id: %d\nevent: state\ndata: %s\n\n", number, state) {
				return
			}
			has = number
		}
		if ended {
			send("event: end\ndata: {}\n\n")
			return
		}
		select {
		case <-changed:
			time.Sleep(leastApart)
		case <-time.After(signOfLife):
			if !send(": here\n\n") {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.viewers == MaxViewers {
		return false
	}
	s.viewers++
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.viewers--
}
