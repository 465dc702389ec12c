package served

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tcptrace/endpoints"
)

// still is a system in which nothing happens: sockets cannot be made, and time passes only by Spend and Sleep.
type still struct {
	endpoints.Net
	now time.Time
}

func (s *still) Now() time.Time { return s.now }

func (s *still) Socket() (endpoints.Socket, error) { return nil, endpoints.EMFILE }

// noEvents is a poller in whose system nothing happens.
type noEvents struct{ endpoints.Poller }

func (noEvents) Register(endpoints.Socket, endpoints.Events) {}

func (noEvents) Poll(time.Duration) ([]endpoints.Ready, error) { return nil, nil }

func (s *still) Poller() endpoints.Poller { return noEvents{} }

func (s *still) Sleep(d time.Duration) error {
	s.now = s.now.Add(d)
	return nil
}

func (s *still) Spend(d time.Duration) error {
	if d < 0 {
		return endpoints.ErrStopped // for ever
	}
	return s.Sleep(d)
}

func (s *still) Spawn(func()) {}

func (s *still) Park(int64, time.Duration) error { return endpoints.ErrStopped }

func (s *still) Unpark(int64) {}

func (s *still) Lease() time.Time { return s.now.Add(time.Second) }

// speak gives a program the requests and returns its answers, the program and what became of it.
func speak(requests string, typed ...endpoints.ScriptLine) (answers string, p *Program, err error) {
	var in bytes.Buffer
	p = &Program{Patience: time.Minute, Typed: typed, Start: func() (*Process, error) {
		return &Process{In: &in, Out: strings.NewReader(requests), Abort: func() {}, Wait: func() string { return "said" }}, nil
	}}
	s := &still{now: time.Unix(0, 0)}
	p.SetThreads(s)
	err = p.Run(s)
	return in.String(), p, err
}

func TestProtocol(t *testing.T) {
	for _, c := range []struct{ name, requests, answers, err string }{
		{"time", `[0,5,"hello",0,1]` + "\n" + `[0,7,"sleep",3,100]` + "\n" + `[0,0,"exit",0,0]` + "\n", "[0,5,null]\n[0,112,null]\n", ""},
		{"lease", `[0,1,"spend",0]` + "\n" + `[0,0,"exit",0,0]` + "\n", "[0,1,null,0,1000000001]\n", ""},
		{"error", `[0,0,"socket",9]` + "\n" + `[0,0,"recv",9,3,10]` + "\n" + `[0,0,"exit",0,1]` + "\n", "[0,0,null,24]\n[0,0,null,9]\n", "exit 1"},
		{"typed", `[0,0,"input",1]` + "\n" + `[0,0,"input",1]` + "\n" + `[0,0,"input",1]` + "\n", "[0,2000000000,\"hola\"]\n[0,2000000000,null]\n", "stopped"},
		{"gone", `[0,0,"hello",0]` + "\n", "[0,0,null]\n", "its process is gone"},
		{"noise", "Fatal\n", "", "not a request"},
		{"unknown", `[0,0,"fly",1,3]` + "\n" + `[0,0,"exit",0,0]` + "\n", "[0,0,null,9]\n", ""},
	} {
		answers, _, err := speak(c.requests, endpoints.ScriptLine{At: 2 * time.Second, Text: "hola"}, endpoints.ScriptLine{Text: EndOfInput})
		if answers != c.answers {
			t.Errorf("%s: answers %q, want %q", c.name, answers, c.answers)
		}
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
}

// TestPrints holds that what is printed has the lab's time and the line of its call.
func TestPrints(t *testing.T) {
	_, p, err := speak(`[0,40,"print",12,"stdout","uno\n"]` + "\n" + `[0,0,"remark",0,7,"recv_into"]` + "\n" + `[0,0,"spun",0,9]` + "\n" + `[0,0,"exit",0,0]` + "\n")
	if err != nil || len(p.Printed) != 1 || p.Printed[0].At != time.Unix(0, 40) || p.Printed[0].Text != "uno\n" {
		t.Errorf("%v %v", err, p.Printed)
	}
	if len(p.Remarks) != 1 || p.Remarks[0] != (Remark{7, "recv_into"}) || p.Spun != 9 {
		t.Errorf("%v %d", p.Remarks, p.Spun)
	}
}

// TestStuck holds that a program that asks for nothing is aborted, and that what it says of it is kept.
func TestStuck(t *testing.T) {
	out, in := io.Pipe()
	p := &Program{Patience: 10 * time.Millisecond, Start: func() (*Process, error) {
		return &Process{In: io.Discard, Out: out, Abort: func() { in.Close() }, Wait: func() string { return "line 4" }}, nil
	}}
	s := &still{}
	p.SetThreads(s)
	var stuck *StuckError
	if err := p.Run(s); !errors.As(err, &stuck) || stuck.Where != "line 4" {
		t.Errorf("%v", err)
	}
}

// TestLongLine holds that a line without end is no memory without end.
func TestLongLine(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(strings.Repeat("x", maxRequest+10)), strings.NewReader("\n"))
	if _, err := readLine(bufio.NewReader(endless)); !errors.Is(err, errProtocol) {
		t.Errorf("%v", err)
	}
	long := strings.Repeat("y", 100_000)
	if line, err := readLine(bufio.NewReader(strings.NewReader(long + "\n"))); err != nil || len(line) != len(long)+1 {
		t.Errorf("%d %v", len(line), err)
	}
}

// FuzzRequests holds that no process can make the lab fail: whatever it writes, it ends with a value.
func FuzzRequests(f *testing.F) {
	f.Add([]byte(`[0,5,"hello",0,1]` + "\n" + `[0,1,"poll",2,0,[[3,1]]]`))
	f.Add([]byte(`[0,0,"poll",0,0]` + "\n" + `[0,0,"poll"]` + "\n" + `[0,0,"bind",0,3,"",70000]`))
	f.Add([]byte(`[0,9e99,"spend",0]`))
	f.Add([]byte(`[0,0,"exit",0]`))
	f.Add([]byte(`[1,-5,"park",0,1,-1]`))
	f.Fuzz(func(t *testing.T, requests []byte) {
		_, _, _ = speak(string(requests))
	})
}

// TestAddress holds that an address of nobody's is the other host's.
func TestAddress(t *testing.T) {
	p := &Program{Address: func(netip.Addr) netip.Addr { return netip.MustParseAddr("192.168.1.3") }}
	r, err := parse([]byte(`[0,0,"connect",1,3,"192.168.0.17",9001]`))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := p.address(&r); err != nil || a.String() != "192.168.1.3:9001" {
		t.Errorf("%v %v", a, err)
	}
}
