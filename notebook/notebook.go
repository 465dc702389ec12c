// Package notebook has what the lecturer's three programs agree on: ports, prefixes, the pause and the poll of the
// loop. Who plays the programs and who reads their packets take them from here. It knows no other package.
package notebook

import "time"

// The ports of the exchange.
const (
	EchoPort     uint16 = 9000 // the Pico's echo server
	GreetingPort uint16 = 9001 // the PC's server: the Pico is its client and greets it every second
	JournalPort  uint16 = 9099 // UDP: where a Pico tells its calls
)

// What the two servers put before the bytes that they send back.
const (
	EchoPrefix     = "Echo:"
	GreetingPrefix = "PC responde: "
)

// The loop of the Pico's program.
const (
	Period = time.Second           // time.sleep(1) between two greetings
	Poll   = 50 * time.Millisecond // poller.poll(50)
)

// Ports are the TCP ports that are watched when a capture has them and no others were asked for. Callers must not
// change them.
var Ports = []uint16{EchoPort, GreetingPort}

// Prefixes are the prefixes by server port. Callers must not change them.
var Prefixes = map[uint16]string{EchoPort: EchoPrefix, GreetingPort: GreetingPrefix}
