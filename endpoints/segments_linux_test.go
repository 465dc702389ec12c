package endpoints

import (
	"bytes"
	"testing"
	"time"
)

// noted is up to where ends of segments are known.
func noted(s Socket) int {
	w := s.(*mpSocket).inner.(*kernelSocket).watch.(*segmentWatch)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.ends) == 0 {
		return 0
	}
	return int(w.ends[len(w.ends)-1])
}

// TestKernelSegments: two small messages come out of MicroPython's recv() one by one, as they came; long ones in segments.
func TestKernelSegments(t *testing.T) {
	board, pc := boardAndPC(t)
	l := listenOn(t, board, 1)
	s := connected(t, pc, l)
	conn := accepted(t, l)
	messages := []string{"uno", "dos", string(bytes.Repeat([]byte("y"), 2000)), "tres"}
	sent := 0
	for i, m := range messages {
		if _, err := s.Send([]byte(m)); err != nil {
			t.Fatal(err)
		}
		sent += len(m)
		for end := time.Now().Add(testLimit); noted(conn) < sent; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("message %d did not arrive", i)
			}
		}
	}
	check(t, s.Close())
	var got []int
	for {
		size := 1024
		if len(got) == 1 {
			size = 2 // the rest of "dos" comes alone
		}
		data := must[[]byte](t)(conn.Recv(size))
		got = append(got, len(data))
		if len(data) == 0 {
			break
		}
	}
	want := []int{3, 2, 1, 800, 800, 400, 4, 0}
	if len(got) != len(want) {
		t.Fatalf("recv() gave %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("recv() gave %v, want %v", got, want)
		}
	}
	check(t, conn.SetBlocking(false))
	check(t, conn.Close())
}
