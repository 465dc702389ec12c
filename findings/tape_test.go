package findings

import (
	"fmt"
	"sort"
	"strings"

	"tcptrace/capture"
	"tcptrace/capture/capturetest"
)

// A tape writes a capture script in any order of time.
type tape struct {
	lines []tapeLine
}

type tapeLine struct {
	at   float64
	text string
}

// The end points of the scripts: the notebook's Pico and PC.
const (
	picoCli = "192.168.1.57:50001"
	picoSrv = "192.168.1.57:9000"
	pcSrv   = "192.168.1.3:9001"
	pcCli   = "192.168.1.3:40001"
	pcCli2  = "192.168.1.3:40002"
	linuxA  = "10.0.0.1:40000"
	linuxB  = "10.0.0.2:9000"
)

func (p *tape) raw(at float64, format string, args ...any) {
	p.lines = append(p.lines, tapeLine{at, fmt.Sprintf(format, args...)})
}

func (p *tape) seg(at float64, from, to, rest string, args ...any) {
	p.raw(at, "%s > %s %s", from, to, fmt.Sprintf(rest, args...))
}

// syn is what a host puts into its SYN.
func syn(host string) string {
	if strings.HasPrefix(host, "192.168.1.57") {
		return "seq=6509 mss=800 win=6400 ttl=255"
	}
	return "seq=100000 mss=1460 sackok df"
}

// trip is the round trip of every script.
const trip = 0.004

// open does a handshake.
func (p *tape) open(at float64, client, server string) {
	p.seg(at, client, server, "SYN %s", syn(client))
	p.seg(at+trip, server, client, "SYN,ACK %s", syn(server))
	p.seg(at+trip+0.00005, client, server, "ACK")
}

// say sends text and has it acknowledged.
func (p *tape) say(at float64, from, to, text string) {
	p.seg(at, from, to, "ACK,PSH %q", text)
	p.seg(at+trip, to, from, "ACK")
}

// hola opens the Pico's connection to the PC and sends n beats, each answered.
func (p *tape) hola(from float64, n int, period float64) {
	p.open(from-0.05, picoCli, pcSrv)
	for k := range n {
		at := from + float64(k)*period
		p.seg(at, picoCli, pcSrv, "ACK,PSH %q", "Hola desde MicroPython\n")
		p.seg(at+0.0002, pcSrv, picoCli, "ACK,PSH %q", "PC responde: Hola desde MicroPython\n")
		p.seg(at+0.05, picoCli, pcSrv, "ACK")
	}
}

// close ends a connection in four segments.
func (p *tape) close(at float64, first, second string) {
	p.seg(at, first, second, "FIN,ACK")
	p.seg(at+trip, second, first, "ACK")
	p.seg(at+0.3, second, first, "FIN,ACK")
	p.seg(at+0.3+trip, first, second, "ACK")
}

// until makes the capture last to a moment: by a connection of somebody else.
func (p *tape) until(at float64) { p.raw(at, "arp 10.9.9.9 is-at 02:00:0a:09:09:09 to 10.9.9.8") }

func (p *tape) String() string {
	sort.SliceStable(p.lines, func(i, j int) bool { return p.lines[i].at < p.lines[j].at })
	var b strings.Builder
	for _, l := range p.lines {
		fmt.Fprintf(&b, "%.6f %s\n", 1_700_000_000+l.at, l.text)
	}
	return b.String()
}

func (p *tape) source() capture.Source { return capturetest.Source(p.String()) }
