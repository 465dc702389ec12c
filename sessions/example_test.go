package sessions_test

import (
	"context"
	"fmt"
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// The notebook's programs: the Pico greets the PC every second, and the PC talks to the Pico's echo server.
func ExampleRun() {
	src, err := capture.Open("../testdata/genuine/pico-normal/capture.pcap", capture.OpenOptions{})
	if err != nil {
		panic(err)
	}
	defer src.Close()
	trace, err := sessions.Run(context.Background(), src, sessions.Options{}, 1)
	if err != nil {
		panic(err)
	}
	for _, s := range trace.Sessions {
		fmt.Println(s.ID, s.Client, "→", s.Server, s.Packets, "packets,", s.End)
		if c := s.Cadence; c != nil {
			fmt.Println("  ", c.Beats, "beats, one in", c.Period.P50.Round(time.Millisecond))
		}
		if e := s.Echo; e != nil {
			fmt.Println("  ", e.Matched, "echoes, from", e.RTT.Min.Round(100*time.Microsecond), "to", e.RTT.Max.Round(100*time.Microsecond))
		}
	}
	// Output:
	// 1 192.168.1.57:56712 → 192.168.1.3:9001 [69 36] packets, open
	//    33 beats, one in 1.006s
	//    33 echoes, from 100µs to 3.1ms
	// 2 192.168.1.3:42538 → 192.168.1.57:9000 [20 18] packets, fin
	//    8 echoes, from 82.2ms to 934.3ms
}
