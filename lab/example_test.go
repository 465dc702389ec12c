package lab_test

import (
	"context"
	"fmt"
	"time"

	"tcptrace/endpoints"
	"tcptrace/lab"
	"tcptrace/sessions"
)

// The notebook's Pico greets a server on the PC for a minute, which takes a moment: the clock jumps from event to event.
func ExampleRun() {
	result, err := lab.Run(context.Background(), lab.Options{
		Seed:   1,
		Length: time.Minute,
		Link:   lab.LinkOptions{Delay: 2 * time.Millisecond},
	}, []lab.Program{
		{Name: "server", Place: lab.PC, Run: &endpoints.PCServer{}},
		{Name: "pico", Place: lab.Pico, Start: time.Second, Run: &endpoints.Pico{PC: lab.PCServer}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(result.Start, result.Journals[0].Name, result.Journals[1].Name)

	src, err := result.Source("lab.pcapng")
	if err != nil {
		panic(err)
	}
	defer src.Close()
	trace, err := sessions.Run(context.Background(), src, sessions.Options{}, 1)
	if err != nil {
		panic(err)
	}
	s := trace.Sessions[0]
	fmt.Println(s.Server, s.Handshake.RTT.Round(time.Millisecond), s.Cadence.Beats, "beats, one in", s.Cadence.Period.P50.Round(time.Millisecond))
	// Output:
	// 2026-03-02 14:00:00 +0000 UTC server.jsonl pico.jsonl
	// 192.168.1.3:9001 4ms 59 beats, one in 1.005s
}
