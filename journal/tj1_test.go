package journal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestTJ1Lines holds what each shape of line means.
func TestTJ1Lines(t *testing.T) {
	const head = "TJ1 n=0 t=5 d=1 s="
	for line, want := range map[string]string{
		head + "1 socket()=ok":                                                          "s1 #1 socket() = 0",
		head + "1 setsockopt(1, 4, 1)=None":                                             "s1 #13 setsockopt(1, 4, 1) = 0",
		head + "1 bind(('0.0.0.0', 9000))=None":                                         `s1 #3 bind(("0.0.0.0", 9000)) = 0 addr 0.0.0.0:9000 local 0.0.0.0:9000`,
		head + "1 listen()=None":                                                        "s1 #4 listen() = 0",
		head + "1 setblocking(False)=None":                                              "s1 #2 setblocking(False) = 0",
		head + "1 settimeout(2.5)=None":                                                 "s1 #0 settimeout(2.5) = 0",
		head + "1 connect(('192.168.1.3', 9001))=!115":                                  `s1 #6 connect(("192.168.1.3", 9001)) ! EINPROGRESS addr 192.168.1.3:9001 remote 192.168.1.3:9001`,
		head + "1 connect(('mi-pc', 9001))=!1234":                                       `s1 #6 connect(("mi-pc", 9001)) ! errno 1234`,
		head + "1 accept()=!11":                                                         "s1 #5 accept() ! EAGAIN",
		head + "1 accept()=(s2,('10.0.0.1', 42274))":                                    "s1 #5 accept() = 0 new s2 addr 10.0.0.1:42274",
		head + `1 accept()=(s2,bytearray(b'\x02\x00\xd3\xaa\x7f\x00\x00\x01\x00\x00'))`: "s1 #5 accept() = 0 new s2 addr 127.0.0.1:54186",
		head + "2 send(b'Hola desde MicroPython\\n',23)=23":                             `s2 #7 send(23 bytes) asked 23 = 23 data "Hola desde MicroPython\n"`,
		head + `2 send(b"it's (",6)=!104`:                                               "s2 #7 send(6 bytes) asked 6 ! ECONNRESET",
		head + "2 send(b'x',1)=None":                                                    `s2 #7 send(1 bytes) asked 1 ! EAGAIN data "x"`,
		head + `2 recv(1024)=b'\xc3\xb3)\\',4`:                                          `s2 #8 recv(1024) asked 1024 = 4 data "ó)\\"`,
		head + "2 recv(1024)=b'',0":                                                     "s2 #8 recv(1024) asked 1024 = 0",
		head + "2 recv(1024)=!103":                                                      "s2 #8 recv(1024) asked 1024 ! ECONNABORTED",
		head + "0 poll(50)=[s2:1,s3:17]":                                                "#14 poll(50) = 2 ready [{2 1} {3 17}] text [s2:1,s3:17]",
		head + "0 poll(-1)=[]":                                                          "#14 poll(-1) = 0 text []",
		head + "0 sleep(0.2)=None":                                                      "#16 sleep(0.2) = 0",
		head + "2 close()=None":                                                         "s2 #10 close() = 0",
		head + "2 close()\x1b=None":                                                     "",
		head + "2 recv(1024)=b'abc":                                                     "",
		head + "1 accept()=1,('10.0.0.1', 1)":                                           "",
		head + "1 accept()=(s1,('10.0.0.1', 1))":                                        "",
		head + "0 poll(50)=1":                                                           "",
		head + "2 recv(1024":                                                            "",
		"TJ1 n=x t=1 d=1 s=1 close()=None":                                              "",
		"TJ1 n=1 t=1":                                                                   "",
	} {
		j := readText(t, line)
		checkJournal(t, j)
		switch got := entriesOf(j); {
		case want == "" && (len(got) != 0 || len(j.Problems) != 1):
			t.Errorf("%q: %v, problems %v", line, got, j.Problems)
		case want != "" && (len(got) != 1 || got[0] != "1 0.000005000 +0.000001000 device mp "+want):
			t.Errorf("%q:\n got %v %v\nwant %s", line, got, j.Problems, want)
		}
	}
}

// TestTJ1Stamp: a host's stamp is when the datagram was seen.
func TestTJ1Stamp(t *testing.T) {
	j := readText(t, "1795355685.779618 TJ1 hello\nPico print\n1795355685.924996 TJ1 n=0 t=7 d=3 s=1 socket()=ok\n")
	if diff := cmp.Diff([]string{"3 0.000007000 +0.000003000 device seen 1795355685.924996 mp s1 #1 socket() = 0"}, entriesOf(j)); diff != "" {
		t.Error(diff)
	}
}

// told is a datagram of a simulated Pico.
type datagram struct {
	seen int64
	text string
}

// pico makes datagrams as a Pico does whose counter stands at ticks when the program starts.
type pico struct {
	boot, now, n int64 // µs
	sent         []datagram
}

func (p *pico) call(gap, took time.Duration, socket int, text string) {
	start := p.now + gap.Microseconds()
	p.now = start + took.Microseconds()
	shown := took.Microseconds()
	for shown >= ticksPeriod/2 { // ticks_diff is signed
		shown -= ticksPeriod
	}
	p.sent = append(p.sent, datagram{1_700_000_000_000_000_000 + (p.now-p.boot)*1000 + 2_000_000,
		fmt.Sprintf("TJ1 n=%d t=%d d=%d s=%d %s", p.n, start%ticksPeriod, shown, socket, text)})
	p.n++
}

// starts gives the datagrams to a Device and returns the starts of the calls, relative to the first.
func starts(t *testing.T, sent []datagram) (list []time.Duration, j Journal) {
	t.Helper()
	d := NewDevice("udp 192.168.1.57")
	for _, one := range sent {
		payload := []byte(one.text)
		d.Datagram(one.seen, payload)
		clear(payload) // it is borrowed
	}
	j = d.Journal()
	checkJournal(t, &j)
	for _, e := range j.Entries {
		list = append(list, time.Duration(e.Start-j.Entries[0].Start))
	}
	return list, j
}

// TestDeviceWrap: the counter wraps every 17.9 minutes, also inside a call and more than once.
func TestDeviceWrap(t *testing.T) {
	p := pico{boot: ticksPeriod - 1_000_000, now: ticksPeriod - 1_000_000}
	p.call(0, time.Millisecond, 1, "socket()=ok")
	p.call(0, 2*time.Second, 0, "sleep(2)=None")                                      // wraps inside
	p.call(0, 12*time.Minute, 1, "accept()=(s2,('10.0.0.1', 1))")                     // d is printed negative
	p.call(0, 50*time.Minute, 2, "recv(10)=b'a',1")                                   // longer than the period
	p.call(40*time.Minute, time.Millisecond, 2, "close()=None")                       // busy elsewhere
	p.call(time.Millisecond, 30*time.Millisecond, 1, "accept()=(s3,('10.0.0.1', 2))") // after all that
	p.call(100*time.Millisecond, 30*time.Millisecond, 3, "send(b'Hola',4)=4")
	got, j := starts(t, p.sent)
	ms := time.Millisecond
	want := []time.Duration{0, ms, ms + 2*time.Second, ms + 2*time.Second + 12*time.Minute, 102*time.Minute + 2*time.Second + ms,
		102*time.Minute + 2*time.Second + 3*ms, 102*time.Minute + 2*time.Second + 133*ms}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("starts, -want +got:\n%s", diff)
	}
	if d := j.Entries[3].Duration; d != 50*time.Minute {
		t.Errorf("the recv took %v", d)
	}
	if d := j.Entries[2].Duration; d != 12*time.Minute {
		t.Errorf("the accept took %v", d)
	}
}

// TestDeviceNetwork: order, losses and duplicates of the network do not show in the journal.
func TestDeviceNetwork(t *testing.T) {
	p := pico{boot: 50_000_000, now: 50_000_000}
	for i := range 40 {
		p.call(time.Millisecond, 999*time.Millisecond, 0, fmt.Sprintf("sleep(%d)=None", i))
	}
	want, whole := starts(t, p.sent)
	if whole.Lost != 0 || len(want) != 40 {
		t.Fatalf("%d calls, %d lost", len(want), whole.Lost)
	}
	var disturbed []datagram
	for i := 0; i < len(p.sent); i += 2 {
		a, b := p.sent[i], p.sent[i+1]
		a.seen, b.seen = b.seen, a.seen
		disturbed = append(disturbed, b, a, a, b)
	}
	got, j := starts(t, disturbed)
	if diff := cmp.Diff(want, got); diff != "" || j.Lost != 0 {
		t.Errorf("lost %d, -want +got:\n%s", j.Lost, diff)
	}
	gaps := append(append([]datagram{}, p.sent[2:10]...), p.sent[13:]...)
	got, j = starts(t, gaps)
	if j.Lost != 3 || got[8] != 11*time.Second {
		t.Errorf("lost %d (the first two were before the capture), call 13 at %v", j.Lost, got[8])
	}
	greeted := append([]datagram{{p.sent[0].seen, "TJ1 hello"}}, gaps...)
	if _, j = starts(t, greeted); j.Lost != 5 {
		t.Errorf("lost %d after the greeting", j.Lost)
	}
}

// TestDeviceRestart: a new run has new sockets, its own numbers and a place behind the old one.
func TestDeviceRestart(t *testing.T) {
	first := pico{boot: 900_000_000, now: 900_000_000}
	first.call(0, time.Millisecond, 1, "socket()=ok")
	first.call(0, time.Millisecond, 1, "accept()=(s2,('10.0.0.1', 1))")
	first.call(0, time.Second, 0, "poll(50)=[s2:1]")
	first.call(0, time.Second, 0, "sleep(1)=None")
	for name, second := range map[string]*pico{
		"soft reset": {boot: 910_000_000, now: 910_000_000}, "power cut": {boot: 3_000_000, now: 3_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			second.call(0, time.Millisecond, 1, "socket()=ok")
			second.call(0, time.Millisecond, 1, "accept()=(s2,('10.0.0.1', 2))")
			second.call(0, time.Second, 0, "poll(50)=[s2:1]")
			sent := append([]datagram{}, first.sent...)
			for _, one := range second.sent {
				one.seen += int64(10 * time.Second)
				sent = append(sent, one)
			}
			_, j := starts(t, sent)
			if len(j.Entries) != 7 || j.Lost != 0 {
				t.Fatalf("%d entries, %d lost", len(j.Entries), j.Lost)
			}
			e := j.Entries[5]
			if e.Run != 1 || e.Socket != 3 || e.New != 4 || j.Entries[6].Ready()[0].Socket != 4 || j.Entries[2].Ready()[0].Socket != 2 {
				t.Errorf("run %d, socket %d, new %d, ready %v", e.Run, e.Socket, e.New, j.Entries[6].Ready())
			}
			apart := time.Duration(j.Entries[4].Start - j.Entries[0].Start)
			if apart < 10*time.Second-5*time.Millisecond || apart > 10*time.Second+5*time.Millisecond {
				t.Errorf("the second run begins %v after the first", apart)
			}
			d := NewDevice("x")
			for _, one := range sent {
				d.Datagram(one.seen, []byte(one.text))
			}
			if runs := d.Journals(); len(runs) != 2 || len(runs[0].Entries) != 4 || len(runs[1].Entries) != 3 {
				t.Errorf("journals: %v", runs)
			}
		})
	}
}

// TestDeviceRubbish: what is no TJ1 line is a problem.
func TestDeviceRubbish(t *testing.T) {
	d := NewDevice("x")
	d.Datagram(1, []byte("\x00\xff\x1b[2J"))
	d.Datagram(2, []byte("TJ1 n=0 t=0 d=0 s=0 "))
	d.Datagram(3, nil)
	j := d.Journal()
	checkJournal(t, &j)
	if len(j.Problems) != 3 || j.Problems[1].Line != 2 {
		t.Errorf("%v", j.Problems)
	}
}

// FuzzTJ1: no datagrams break a journal's rules, and a call keeps its place whatever came between.
func FuzzTJ1(f *testing.F) {
	f.Add(int64(1_700_000_000_000_000_000), "TJ1 hello\nTJ1 n=0 t=927306095 d=3 s=1 socket()=ok\nTJ1 n=1 t=5 d=-4 s=1 accept()=(s2,('10.0.0.1', 1))\nTJ1 n=0 t=7 d=1 s=0 poll(5)=[s1:1]")
	f.Add(int64(0), "TJ1 n=9 t=1073741823 d=1073741823 s=2 recv(10)=b'\\x41\\'',2\nTJ1 n=3 t=1 d=1 s=2 send(b\"a\",1)=!11\nTJ1 n=10 t=3 d=3 s=0 sleep(1)=None")
	f.Fuzz(func(t *testing.T, seen int64, text string) {
		d := NewDevice("fuzz")
		for i, line := range strings.Split(text, "\n") {
			d.Datagram(seen%(1<<61)+int64(i)*1_000_000, []byte(line))
		}
		j := d.Journal()
		checkJournal(t, &j)
		last := int64(-1 << 62)
		for _, e := range j.Entries {
			if e.Start < last {
				t.Errorf("datagram %d: calls of one program overlap", e.Line)
			}
			last = e.Start + int64(e.Duration)
		}
		if j.Lost < 0 {
			t.Errorf("%d lost", j.Lost)
		}
	})
}
