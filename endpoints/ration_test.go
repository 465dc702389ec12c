//go:build unix || windows

package endpoints

import (
	"bytes"
	"testing"
	"time"

	"tcptrace/journal"
)

// TestRation: a burst, then nothing until there is room for a second, then the rate, and a total that is final.
func TestRation(t *testing.T) {
	r := &Ration{Burst: 1000, Rate: 100, Total: 1500}
	now := time.Unix(1000, 0)
	taken := func(lines int) (n int) {
		for range lines {
			if r.Take(10, now) {
				n++
			}
		}
		return n
	}
	for _, step := range []struct {
		after time.Duration
		lines int
		want  int
	}{
		{0, 150, 100}, {500 * time.Millisecond, 5, 0}, {500 * time.Millisecond, 20, 10}, {-time.Hour, 5, 0}, {time.Hour, 0, 0},
		{2 * time.Second, 30, 20}, {time.Hour, 200, 20}, {time.Hour, 1, 0},
	} {
		now = now.Add(step.after)
		if got := taken(step.lines); got != step.want {
			t.Errorf("%d of %d lines after %v, want %d", got, step.lines, step.after, step.want)
		}
	}
	if r.Missed() != 261 || r.Missing() != 261 || r.Missing() != 0 || !r.Finished() {
		t.Errorf("%d left out, finished: %v", r.Missed(), r.Finished())
	}
	r = &Ration{Burst: 10, Rate: 10, Total: 1 << 30}
	small := 0
	for range 10_000 { // many small steps give as much room as one large step does
		if now = now.Add(time.Millisecond); r.Take(10, now) {
			small++
		}
	}
	if small < 9 || small > 11 {
		t.Errorf("%d lines in ten seconds", small)
	}
	var none *Ration
	if !none.Take(1<<40, now) || none.Missing() != 0 || none.Missed() != 0 || none.Finished() {
		t.Error("no ration is a limit")
	}
}

// setClock is a Net whose clock a test sets.
type setClock struct {
	Net
	now time.Time
}

func (c *setClock) Now() time.Time { return c.now }

// TestRecordedRation: a connection that had no room for a call has none after it, one that comes when there is room again is
// whole, and the journal says how many calls it lacks.
func TestRecordedRation(t *testing.T) {
	var log bytes.Buffer
	n := &setClock{newTestNet(t), time.Unix(1795355224, 0)}
	r := Record(n, &log, RecordOptions{Ration: &Ration{Burst: 6000, Rate: 6000, Total: 1 << 20}})
	l := listenOn(t, r, 4)
	talk := func(messages int) {
		client := connected(t, n, l)
		conn := accepted(t, l)
		for range messages {
			must[int](t)(client.Send([]byte("hola")))
			must[[]byte](t)(conn.Recv(4))
		}
		check(t, conn.Close())
		check(t, client.Close())
	}
	talk(100)
	talk(1) // this one's accept() has no room
	n.now = n.now.Add(time.Second)
	talk(3)
	r.Finish()
	j, err := journal.Read("x", &log)
	check(t, err)
	calls := map[int][]journal.Call{}
	for _, e := range j.Entries {
		calls[e.Socket] = append(calls[e.Socket], e.Call)
	}
	if got := len(j.Entries) + j.Lost; got != 3+102+3+5 || len(j.Problems) > 0 {
		t.Errorf("%d calls are there, %d are not: %v", len(j.Entries), j.Lost, j.Problems)
	}
	if first := calls[2]; len(first) < 10 || len(first) > 50 || first[len(first)-1] != journal.Recv {
		t.Errorf("of the first connection there is %v", first)
	}
	if last := calls[3]; len(last) != 4 || last[3] != journal.Close {
		t.Errorf("of the last connection there is %v", last)
	}
}
