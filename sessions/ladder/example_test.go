package ladder_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// folder has a capture, and what strace saw of both programs.
const folder = "../../testdata/genuine/table1-four-way-close"

// read tracks the capture. The table needs every packet of the session: Shown keeps them.
func read() *sessions.Trace {
	src, err := capture.Open(filepath.Join(folder, "capture.pcap"), capture.OpenOptions{})
	if err != nil {
		panic(err)
	}
	defer src.Close()
	trace, err := sessions.Run(context.Background(), src, sessions.Options{Shown: 1}, 1)
	if err != nil {
		panic(err)
	}
	return trace
}

// calls are the journals; whose they are is found by the addresses in them.
func calls() (sources []ladder.Source) {
	for _, name := range []string{"strace.client.txt", "strace.server.txt"} {
		f, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			panic(err)
		}
		j, err := journal.Read(name, f)
		f.Close()
		if err != nil {
			panic(err)
		}
		sources = append(sources, ladder.Source{Journal: *j, Side: sessions.NoSide})
	}
	return sources
}

// Each call is tied to the segment that it sent and to the one that let it return.
func ExampleAddCalls() {
	trace := read()
	ladder.AddCalls(trace, calls())
	s := trace.Sessions[0]
	for i := range s.Calls[sessions.Client] {
		c := &s.Calls[sessions.Client][i]
		if c.Step >= 0 {
			fmt.Println(ladder.Spelling(c), "sent frame", s.Steps[c.Step].Frame)
		}
		if c.Call == journal.Connect && c.Blocked {
			fmt.Println("  and waited for frame", s.Steps[c.Cause].Frame)
		}
	}
	// Output:
	// s.connect(("127.0.0.1", 4000)) sent frame 1
	//   and waited for frame 2
	// s.send(13 bytes) sent frame 4
	// s.close() sent frame 8
}

// The table is data: printers put words and a format to it.
func ExampleBuild() {
	trace := read()
	ladder.AddCalls(trace, calls())
	table := ladder.Build(trace.Sessions[0], trace, ladder.Options{})
	for _, r := range table.Part(ladder.Teardown) {
		if r.Kind != ladder.KindSegment {
			continue // a call that sends nothing, or the end of TIME-WAIT
		}
		client, server := r.Sides[sessions.Client], r.Sides[sessions.Server]
		fmt.Printf("frame %2d  %-3s  %-10s  %s\n", r.Frame, client.Signal.Segment(), client.State.TCP, server.State.TCP)
	}
	// Output:
	// frame  8  FIN  FIN-WAIT-1  CLOSE-WAIT
	// frame  9  ACK  FIN-WAIT-2  CLOSE-WAIT
	// frame 10  FIN  TIME-WAIT   LAST-ACK
	// frame 11  ACK  TIME-WAIT   CLOSED
}
