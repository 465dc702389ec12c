//go:build unix || windows

package endpoints

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

// TestGreedyClient: the corrected Pico stops reading from a client that sends and never reads. The others are served as before, and
// when the greedy one reads at last, all that it sent comes back. Time is real: the Pico is patient for half a minute only.
func TestGreedyClient(t *testing.T) {
	s, server, pico := newStage(t), &actor{}, &actor{}
	picoAt, pcAt := freePort(t), freePort(t)
	s.run(server, &PCServer{Listen: pcAt, Voice: server.voice()}, nil, false)
	s.expect(server, "Servidor PC en ")
	s.run(pico, &Pico{Listen: picoAt, PC: pcAt, Voice: pico.voice(), Fixed: true}, func(n Net) Net { return NewMicroPython(n.(*fast).Net) }, false)
	s.expect(pico, "Servidor en ")
	greedy := dialTo(t, picoAt)
	sent := sendAll(t, greedy)
	greeted := strings.Count(server.printed(), "PC recibió")
	other := dialTo(t, picoAt)
	for i := range 3 {
		fmt.Fprintf(other, "hola %d", i)
		expectRead(t, other, fmt.Sprintf("Echo:hola %d", i))
	}
	for end := time.Now().Add(testLimit); strings.Count(server.printed(), "PC recibió") < greeted+2; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the PC is not greeted any more")
		}
	}
	check(t, greedy.(*net.TCPConn).CloseWrite())
	echo := must[[]byte](t)(io.ReadAll(greedy))
	if got := bytes.ReplaceAll(echo, []byte(EchoPrefix), nil); !bytes.Equal(got, pattern(sent)) {
		t.Errorf("%d bytes were sent, %d came back, or others", sent, len(got))
	}
}

func dialTo(t *testing.T, to netip.AddrPort) net.Conn {
	t.Helper()
	c := must[net.Conn](t)(net.Dial("tcp4", to.String()))
	t.Cleanup(func() { c.Close() })
	check(t, c.SetReadDeadline(time.Now().Add(testLimit)))
	return c
}

// pattern is n bytes in which none can be missing unseen.
func pattern(n int) []byte { return bytes.Repeat([]byte("0123456789a"), n/11+1)[:n] }

// sendAll sends until nobody takes any more, which has to be long before the end of the pattern.
func sendAll(t *testing.T, c net.Conn) (sent int) {
	t.Helper()
	for all := pattern(32 << 20); sent < len(all); {
		check(t, c.SetWriteDeadline(time.Now().Add(time.Second)))
		k, err := c.Write(all[sent:min(sent+64<<10, len(all))])
		sent += k
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return sent
		}
		check(t, err)
	}
	t.Fatal("all of it is read, and kept somewhere")
	return sent
}

func expectRead(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("%q, %v; want %q", got, err, want)
	}
}
