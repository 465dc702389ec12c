//go:build unix || windows

package endpoints

import (
	"bytes"
	"runtime"
	"testing"
	"time"
)

// boardAndPC are a MicroPython network and an ordinary one.
func boardAndPC(t *testing.T) (board, pc Net) {
	return NewMicroPython(newTestNet(t)), newTestNet(t)
}

// needPOSIX skips what is told by poll's error events, which Winsock gives otherwise.
func needPOSIX(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Winsock tells of errors in its own way")
	}
}

// TestMicroPythonRecv: recv() gives at most one segment's size, whatever was asked for.
func TestMicroPythonRecv(t *testing.T) {
	board, pc := boardAndPC(t)
	l := listenOn(t, board, 1)
	s := connected(t, pc, l)
	conn := accepted(t, l)
	if _, err := s.Send(bytes.Repeat([]byte("y"), 4096)); err != nil {
		t.Fatal(err)
	}
	check(t, s.Close())
	var sizes []int
	for total := 0; total < 4096; {
		data := must[[]byte](t)(conn.Recv(1024))
		if len(data) == 0 || len(data) > PicoMSS {
			t.Fatalf("recv(1024) gave %d bytes", len(data))
		}
		sizes, total = append(sizes, len(data)), total+len(data)
	}
	if len(sizes) < 6 {
		t.Errorf("4096 bytes came in %v", sizes)
	}
}

// segments is a socket that knows where its segments end.
type segments struct {
	Socket
	list []string
}

func (s *segments) RecvSegment(n int) ([]byte, error) {
	if len(s.list) == 0 {
		return nil, EAGAIN
	}
	first := s.list[0]
	k := min(n, len(first))
	if s.list[0] = first[k:]; s.list[0] == "" {
		s.list = s.list[1:]
	}
	return []byte(first[:k]), nil
}

func (s *segments) SetSockOpt(Option, int) error { return ENOPROTOOPT }
func (s *segments) SetBlocking(bool) error       { return nil }

type segmentNet struct {
	Net
	s *segments
}

func (n segmentNet) Socket() (Socket, error) { return n.s, nil }

// TestMicroPythonSegments: where the system knows the segments, recv() gives one of them, two small ones in two calls.
func TestMicroPythonSegments(t *testing.T) {
	n := NewMicroPython(segmentNet{newTestNet(t), &segments{list: []string{"uno", "dos", "tres"}}})
	s := must[Socket](t)(n.Socket())
	check(t, s.SetBlocking(false))
	for _, want := range []string{"uno", "dos", "tr", "es"} {
		size := 1024
		if want == "tr" {
			size = 2
		}
		if got := must[[]byte](t)(s.Recv(size)); string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	_, err := s.Recv(10)
	expectErrno(t, "recv", err, EAGAIN)
}

// TestMicroPythonRefused: a refused connection is 104, never 111, at once or after poll() says 25; then 17 and the end of data.
func TestMicroPythonRefused(t *testing.T) {
	needPOSIX(t)
	board, _ := boardAndPC(t)
	s := must[Socket](t)(board.Socket())
	if ev := pollOne(t, board, s, PollIn); ev != PollHup {
		t.Errorf("a new socket: events %d, want 16", ev)
	}
	check(t, s.SetBlocking(false))
	_, err := s.Recv(10)
	expectErrno(t, "recv on a new socket", err, EAGAIN)
	err = s.Connect(freePort(t))
	if err != EINPROGRESS && err != ECONNRESET {
		t.Errorf("connect: %v", err)
	}
	if err == EINPROGRESS {
		if ev := pollOne(t, board, s, PollIn); ev != 25 {
			t.Errorf("refused: events %d, want 25", ev)
		}
		_, err := s.Recv(10)
		expectErrno(t, "recv", err, ECONNRESET)
	}
	if ev := pollOne(t, board, s, PollIn); ev != 17 {
		t.Errorf("after the error was raised: events %d, want 17", ev)
	}
	if data, err := s.Recv(10); len(data) != 0 || err != nil {
		t.Errorf("recv after the error: %q, %v", data, err)
	}
	_, err = s.Send([]byte("x"))
	expectErrno(t, "send after the error", err, ECONNRESET)
	check(t, s.Close())
	if ev := pollOne(t, board, s, PollIn); ev != PollNval {
		t.Errorf("closed: events %d, want 32", ev)
	}
	_, err = s.Recv(10)
	expectErrno(t, "recv on a closed socket", err, EBADF)
}

// TestMicroPythonReset: queued data come before the error of a reset, and the error comes once.
func TestMicroPythonReset(t *testing.T) {
	needPOSIX(t)
	board, pc := boardAndPC(t)
	l := listenOn(t, board, 1)
	s := connected(t, pc, l)
	conn := accepted(t, l)
	check(t, conn.SetBlocking(false))
	if _, err := s.Send([]byte("adiós")); err != nil {
		t.Fatal(err)
	}
	pollOne(t, board, conn, PollIn)
	check(t, s.SetSockOpt(Linger0, 1))
	check(t, s.Close())
	for pollOne(t, board, conn, PollIn) != 25 {
		time.Sleep(time.Millisecond) // the reset is on its way
	}
	if data, err := conn.Recv(1024); string(data) != "adiós" || err != nil {
		t.Errorf("queued data: %q, %v", data, err)
	}
	_, err := conn.Recv(1024)
	expectErrno(t, "then the reset", err, ECONNRESET)
	if data, err := conn.Recv(1024); len(data) != 0 || err != nil {
		t.Errorf("then the end of data: %q, %v", data, err)
	}
}

// TestMicroPythonFIN: the peer's FIN is POLLIN for ever, not POLLHUP.
func TestMicroPythonFIN(t *testing.T) {
	board, pc := boardAndPC(t)
	l := listenOn(t, board, 1)
	s := connected(t, pc, l)
	conn := accepted(t, l)
	check(t, s.Close())
	for range 3 {
		if ev := pollOne(t, board, conn, PollIn); ev != PollIn {
			t.Errorf("events %d, want 1", ev)
		}
		if data, err := conn.Recv(10); len(data) != 0 || err != nil {
			t.Errorf("recv: %q, %v", data, err)
		}
	}
}

// TestMicroPythonConnections: five connections in all; listening sockets do not count, closed and dead ones give their room back.
func TestMicroPythonConnections(t *testing.T) {
	board, _ := boardAndPC(t)
	l := listenOn(t, board, 1)
	var open []Socket
	for range PicoConnections {
		open = append(open, must[Socket](t)(board.Socket()))
	}
	_, err := board.Socket()
	expectErrno(t, "the sixth", err, ENOMEM)
	check(t, open[0].Close())
	again := must[Socket](t)(board.Socket())
	check(t, l.Close())
	expectErrno(t, "connect to nobody", again.Connect(freePort(t)), ECONNRESET)
	if _, err := board.Socket(); err != nil {
		t.Errorf("after one died: %v", err)
	}
}
