//go:build unix || windows

package endpoints

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tcptrace/internal/testfiles"
	"tcptrace/journal"
)

// spell writes an entry without what differs between runs: its results, not its times and ports.
func spell(e journal.Entry) string {
	text := fmt.Sprintf("s%d %s", e.Socket, e.Args)
	switch {
	case e.Errno != "":
		text += " ! " + e.Errno
	case e.New != 0:
		text += fmt.Sprintf(" = s%d", e.New)
	case e.Text() != "":
		text += " = " + e.Text()
	case e.Returns:
		text += fmt.Sprintf(" = %d", e.Value)
	}
	if len(e.Data) > 0 {
		text += fmt.Sprintf(" %q", e.Data)
	}
	return text
}

// readRecorded reads a recording and folds equal neighbours, because retries depend on the machine.
func readRecorded(t *testing.T, name, text string, port string) (spelled []string, j *journal.Journal) {
	t.Helper()
	j, err := journal.Read(name, strings.NewReader(text))
	check(t, err)
	if j.Kind != "jsonl" || len(j.Problems) > 0 {
		t.Fatalf("%s: %s, %v", name, j.Kind, j.Problems)
	}
	for _, e := range j.Entries {
		one := strings.ReplaceAll(spell(e), port, "PORT")
		if e.Errno == "EAGAIN" || strings.HasPrefix(e.Args, "sleep(0.1)") {
			one = "… until it does not raise EAGAIN"
		}
		if len(spelled) == 0 || spelled[len(spelled)-1] != one {
			spelled = append(spelled, one)
		}
	}
	return spelled, j
}

// TestPairsRecorded: the pairs of both tables, recorded on both sides, are read back call by call.
func TestPairsRecorded(t *testing.T) {
	for _, name := range []string{"blocking", "nonblocking"} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			addr := freePort(t)
			port := fmt.Sprint(addr.Port())
			var logs [2]bytes.Buffer
			var actors [2]*actor
			for side := range 2 {
				a := &actor{}
				actors[side] = a
				pair := &TablePair{Addr: addr, NonBlocking: name == "nonblocking", Client: side == 1, Voice: a.voice()}
				if side == 1 {
					waitListening(t, &logs[0], actors[0])
				}
				s.run(a, pair, func(n Net) Net { return Record(n, &lockedWriter{a, &logs[side]}, RecordOptions{PID: 7 + side}) }, false)
			}
			check(t, s.wait(actors[0]))
			check(t, s.wait(actors[1]))
			var all strings.Builder
			for side, who := range []string{"server", "client"} {
				spelled, j := readRecorded(t, who, logs[side].String(), port)
				fmt.Fprintf(&all, "%s\n\t%s\n", who, strings.Join(spelled, "\n\t"))
				checkTimes(t, j)
			}
			testfiles.Golden(t, "testdata/pair-"+name+".txt", []byte(all.String()))
			if got := actors[1].printed(); !strings.Contains(got, "recv 12 b'Hola cliente'\n") {
				t.Errorf("the client printed %q", got)
			}
			if got := actors[0].printed(); !strings.Contains(got, "recv 13 b'Hola servidor'\n") || !strings.HasSuffix(got, "recv 0 b''\n") {
				t.Errorf("the server printed %q", got)
			}
		})
	}
}

// lockedWriter lets a test read what a program still writes.
type lockedWriter struct {
	a *actor
	w *bytes.Buffer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.a.mu.Lock()
	defer l.a.mu.Unlock()
	return l.w.Write(b)
}

// waitListening waits until a recorded program has called listen().
func waitListening(t *testing.T, log *bytes.Buffer, a *actor) {
	t.Helper()
	listening := func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return strings.Contains(log.String(), `"call":"listen"`)
	}
	for end := time.Now().Add(testLimit); !listening(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the server does not listen")
		}
	}
}

// checkTimes holds what every journal of one thread keeps: calls follow one another, and addresses are known once connected.
func checkTimes(t *testing.T, j *journal.Journal) {
	t.Helper()
	end := int64(0)
	for _, e := range j.Entries {
		if e.Start < end || !e.HasEnd || e.Process == 0 {
			t.Errorf("%s: starts at %d, the call before ended at %d; has an end: %v; process %d", e.Args, e.Start, end, e.HasEnd, e.Process)
		}
		end = e.Start + int64(e.Duration)
		if (e.Call == journal.Send || e.Call == journal.Recv) && (!e.Local().IsValid() || !e.Remote().IsValid()) {
			t.Errorf("%s: no addresses: %v %v", e.Args, e.Local(), e.Remote())
		}
	}
}

// TestRecordedUnfinished: a call that was stopped has a line without a result, and a failing writer is told once and never to the program.
func TestRecordedUnfinished(t *testing.T) {
	var log bytes.Buffer
	n := newTestNet(t)
	r := Record(n, &log, RecordOptions{MicroPython: true})
	l := listenOn(t, r, 1)
	r.StopAt(r.Now())
	if _, _, err := l.Accept(); err != ErrStopped {
		t.Errorf("accept: %v", err)
	}
	j, err := journal.Read("x", &log)
	check(t, err)
	last := j.Entries[len(j.Entries)-1]
	if last.Call != journal.Accept || last.HasEnd || last.Returns || last.Dialect != journal.MicroPython {
		t.Errorf("the stopped call: %+v", last)
	}
	broken := Record(n, failingWriter{}, RecordOptions{})
	s, err := broken.Socket()
	check(t, err)
	check(t, s.Close())
	if broken.Err() != os.ErrClosed {
		t.Errorf("Err: %v", broken.Err())
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestRecordedData: data are kept byte for byte up to a limit, whatever they are.
func TestRecordedData(t *testing.T) {
	var log bytes.Buffer
	r := Record(newTestNet(t), &log, RecordOptions{})
	l := listenOn(t, r, 1)
	s := connected(t, r, l)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(255 - i)
	}
	if _, err := s.Send(all); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Read("x", &log)
	check(t, err)
	last := j.Entries[len(j.Entries)-1]
	if !bytes.Equal(last.Data, all[:keptBytes]) || last.Value != 256 {
		t.Errorf("kept %q, value %d", last.Data, last.Value)
	}
}

// TestProgramsStop: every program ends with ErrStopped when its context is done before it begins.
func TestProgramsStop(t *testing.T) {
	here := freePort(t)
	v := Voice{}
	for name, p := range map[string]Program{
		"pico": &Pico{Listen: here, PC: here, Voice: v}, "fixed": &Pico{Listen: here, PC: here, Fixed: true},
		"server": &PCServer{Listen: here}, "pair": &TablePair{Addr: here}, "retrying pair": &TablePair{Addr: here, NonBlocking: true},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		n, err := NewKernel(ctx)
		check(t, err)
		cancel()
		if err := p.Run(NewMicroPython(n)); err != ErrStopped {
			t.Errorf("%s: %v", name, err)
		}
		n.Exit()
	}
}
