package capture_test

import (
	"errors"
	"fmt"
	"io"

	"tcptrace/capture"
)

// A source gives one event at a time until io.EOF. What was good before damage in a file has been given by then.
func ExampleOpen() {
	src, err := capture.Open("../testdata/genuine/table1-four-way-close/capture.pcap", capture.OpenOptions{})
	if err != nil {
		panic(err)
	}
	defer src.Close()
	for {
		var ev capture.Event
		if err := src.Next(&ev); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			panic(err)
		}
		if ev.Kind != capture.KindSegment {
			continue // ARP, a datagram of the Pico's journal, an ICMP error
		}
		fmt.Printf("%2d %5d > %-5d %-7s %d bytes\n", ev.Segment.Frame, ev.Segment.Src.Port(), ev.Segment.Dst.Port(), ev.Segment.Flags, ev.Segment.Length)
	}
	// Output:
	//  1 35574 > 4000  SYN     0 bytes
	//  2  4000 > 35574 SYN,ACK 0 bytes
	//  3 35574 > 4000  ACK     0 bytes
	//  4 35574 > 4000  PSH,ACK 13 bytes
	//  5  4000 > 35574 ACK     0 bytes
	//  6  4000 > 35574 PSH,ACK 12 bytes
	//  7 35574 > 4000  ACK     0 bytes
	//  8 35574 > 4000  FIN,ACK 0 bytes
	//  9  4000 > 35574 ACK     0 bytes
	// 10  4000 > 35574 FIN,ACK 0 bytes
	// 11 35574 > 4000  ACK     0 bytes
}
