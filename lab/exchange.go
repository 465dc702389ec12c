package lab

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"tcptrace/endpoints"
)

// The servers of the notebook's exchange, as the programs reach them in the lab.
var (
	PicoServer = netip.AddrPortFrom(PicoAddr, endpoints.PicoPort)
	PCServer   = netip.AddrPortFrom(PCAddr, endpoints.PCPort)
)

// Exchange is the cast of a scenario: the PC's server from the start, the Pico and the clients when they come.
func Exchange(s *endpoints.Scenario) (programs []Program) {
	if s.Server != nil {
		programs = append(programs, Program{Name: "pc-server", Place: PC, Run: s.Server})
	}
	programs = append(programs, Program{Name: "pico", Place: Pico, Start: s.PicoAfter, Run: s.Pico})
	for i, c := range s.Clients {
		name := "pc-client"
		if i > 0 {
			name = fmt.Sprintf("pc-client-%d", i+1)
		}
		programs = append(programs, Program{Name: name, Place: PC, Start: c.After, Run: c.Program})
	}
	return programs
}

// Talk is what a person types during a time: a message about every three seconds, at any moment of the Pico's loop. The first
// comes after two seconds, the last leaves time for its answer.
func Talk(length time.Duration, seed uint64) *endpoints.Script {
	random := rand.New(rand.NewPCG(seed, 0x7461 /* "ta" */))
	script := &endpoints.Script{}
	at := 2 * time.Second
	for n := 1; at < length-2*time.Second; n++ {
		script.Lines = append(script.Lines, endpoints.ScriptLine{At: at, Text: fmt.Sprintf("hola %d", n)})
		at += 2500*time.Millisecond + time.Duration(random.Int64N(int64(1200*time.Millisecond)))
	}
	return script
}

// Pair is the notebook's pair of programs for its tables: the server on the Pico, which starts first, the client on the PC a
// little later.
func Pair(nonBlocking bool) []Program {
	port := uint16(endpoints.TablePort)
	server := &endpoints.TablePair{Addr: netip.AddrPortFrom(netip.IPv4Unspecified(), port), NonBlocking: nonBlocking, Recv: true}
	client := &endpoints.TablePair{Addr: netip.AddrPortFrom(PicoAddr, port), NonBlocking: nonBlocking, Client: true}
	return []Program{
		{Name: "server", Place: Pico, Run: server},
		{Name: "client", Place: PC, Start: pairGap, Run: client},
	}
}

// pairGap lets the non-blocking server's accept() fail a dozen times, as in the genuine table2-nonblocking.
const pairGap = 1170 * time.Millisecond
