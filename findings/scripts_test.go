package findings

import (
	"slices"
	"strings"
	"testing"

	"tcptrace/capture"
	"tcptrace/journal"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// A play is one code's capture: what must be found in it, and what must not.
type play struct {
	code  string
	not   []string
	write func(p *tape)
	calls func() []ladder.Source
	mend  func(t *sessions.Trace) // what a script cannot say about its capture
}

const beat = 1.005

var plays = []play{
	{code: "loop-echo", not: []string{"out-of-step", "message-split", "late-accept"}, write: locked},
	{code: "loop-period", write: func(p *tape) { p.hola(1, 6, beat) }},
	{code: "late-accept", not: []string{"early-data-dropped"}, write: func(p *tape) {
		p.hola(1, 6, beat)
		p.open(2.1, pcCli, picoSrv)
		p.say(2.2, pcCli, picoSrv, "hola")
		p.say(1+2.99*beat-0.0003+0.01, picoSrv, pcCli, "Echo:hola")
	}},
	{code: "early-data-dropped", not: []string{"spurious-retransmission", "pbuf-exhausted"}, write: early},
	{code: "message-split", write: split(false)},
	{code: "nagle-tail", not: []string{"nagle-delayed-ack"}, write: split(false)},
	{code: "out-of-step", write: split(true)},
	{code: "unread-at-close", not: []string{"abort"}, write: func(p *tape) {
		p.open(1, pcCli, picoSrv)
		p.say(1.1, pcCli, picoSrv, "hola")
		p.say(1.9, picoSrv, pcCli, "Echo:hola")
		p.seg(2.5, pcCli, picoSrv, "RST,ACK")
	}},
	{code: "linger-reset", not: []string{"unread-at-close", "abort"}, write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		p.seg(2, linuxB, linuxA, "ACK,PSH %q", "hola")
		p.seg(2.0001, linuxA, linuxB, "ACK")
		p.seg(2.5003, linuxA, linuxB, "RST,ACK")
	}, calls: strace(`1 1700000000.999900 connect(3<TCP:[1]>, {sa_family=AF_INET, sin_port=htons(9000), sin_addr=inet_addr("10.0.0.2")}, 16) = 0 <0.005000>
1 1700000001.500000 recvfrom(3<TCP:[10.0.0.1:40000->10.0.0.2:9000]>, "hola", 1024, 0, NULL, NULL) = 4 <0.500200>
1 1700000002.500200 close(3<TCP:[10.0.0.1:40000->10.0.0.2:9000]>) = 0 <0.000100>
`)},
	{code: "second-client", not: []string{"single-accept"}, write: func(p *tape) {
		p.hola(1, 14, beat)
		p.open(1.2, pcCli, picoSrv)
		p.say(2.2, pcCli, picoSrv, "A1")
		p.say(3.0, picoSrv, pcCli, "Echo:A1")
		p.open(3.5, pcCli2, picoSrv)
		p.say(5.2, pcCli, picoSrv, "A2")
		p.say(5.5, pcCli2, picoSrv, "B1")
		p.say(6.0, picoSrv, pcCli2, "Echo:B1")
	}},
	{code: "queue-full-reset", write: func(p *tape) {
		p.hola(1, 5, beat)
		p.open(1.3, pcCli, picoSrv)
		p.open(1.5, pcCli2, picoSrv)
		p.seg(1.5085, picoSrv, pcCli2, "RST,ACK win=25")
	}},
	{code: "pcb-exhausted", not: []string{"silent-drop"}, write: func(p *tape) {
		p.hola(1, 14, beat)
		for k := range 4 {
			p.open(1.2+1.1*float64(k), "192.168.1.3:4001"+string(rune('0'+k)), picoSrv)
		}
		for k := range 4 {
			p.seg(7+float64(k), "192.168.1.3:40099", picoSrv, "SYN seq=9 mss=1460 sackok df")
		}
	}},
	{code: "pbuf-exhausted", not: []string{"early-data-dropped"}, write: buffers},
	{code: "backlog-growing", not: []string{"message-split"}, write: func(p *tape) {
		p.hola(1, 14, beat)
		p.open(1.2, pcCli, picoSrv)
		for k := range 6 {
			p.say(3.1+0.1*float64(k), pcCli, picoSrv, "m"+string(rune('0'+k)))
			p.say(4.0+beat*float64(k), picoSrv, pcCli, "Echo:m"+string(rune('0'+k)))
		}
	}},
	{code: "connection-refused", not: []string{"silent-drop", "abort", "unread-at-close"}, write: func(p *tape) {
		p.seg(1, picoCli, pcSrv, "SYN %s", syn(picoCli))
		p.seg(1.00003, pcSrv, picoCli, "RST,ACK seq==0 win=0")
	}},
	{code: "silent-drop", not: []string{"pcb-exhausted"}, write: func(p *tape) {
		for k := range 7 {
			p.seg(1+3.07*float64(k), picoCli, pcSrv, "SYN %s", syn(picoCli))
		}
	}},
	{code: "icmp-unreachable", not: []string{"silent-drop"}, write: func(p *tape) {
		for k := range 4 {
			p.seg(1+float64(k), linuxA, linuxB, "SYN %s", syn(linuxA))
			p.raw(1.001+float64(k), "icmp 10.0.0.9 > 10.0.0.1 unreachable about %s > %s seq=0", linuxA, linuxB)
		}
	}},
	{code: "arp-unanswered", write: func(p *tape) {
		for k := range 5 {
			p.raw(1+float64(k), "arp who-has 192.168.1.99 tell 192.168.1.57")
		}
	}},
	{code: "peer-closed-ignored", not: []string{"abort", "unread-at-close", "program-died"}, write: func(p *tape) {
		p.hola(1, 5, beat)
		p.seg(5.3, pcSrv, picoCli, "FIN,ACK")
		p.seg(5.304, picoCli, pcSrv, "ACK")
		p.seg(6.025, picoCli, pcSrv, "ACK,PSH %q", "Hola desde MicroPython\n")
		p.seg(6.0251, pcSrv, picoCli, "RST")
	}},
	{code: "abort", not: []string{"unread-at-close", "program-died"}, write: func(p *tape) {
		p.hola(1, 5, beat)
		for k := range 4 {
			p.say(1+5*beat+1.0543*float64(k), picoCli, pcSrv, "Hola desde MicroPython\n")
		}
		p.seg(9.7, pcSrv, picoCli, "RST,ACK")
	}},
	{code: "program-died", not: []string{"half-open"}, write: func(p *tape) {
		p.hola(1, 6, beat)
		p.open(8, pcCli, picoSrv)
		p.say(9, pcCli, picoSrv, "hola")
		p.until(12)
	}},
	{code: "program-died", write: func(p *tape) { // the end of a process: all connections at once
		p.hola(1, 6, beat)
		p.open(1.2, pcCli, picoSrv)
		p.say(2.5, pcCli, picoSrv, "hola")
		p.say(3.01, picoSrv, pcCli, "Echo:hola")
		p.seg(6.5, picoCli, pcSrv, "FIN,ACK")
		p.seg(6.5001, picoSrv, pcCli, "FIN,ACK")
	}},
	{code: "program-died", write: func(p *tape) { // told by its journal
		p.open(1, "127.0.0.1:50000", "127.0.0.1:9001")
		p.seg(1.5, "127.0.0.1:9001", "127.0.0.1:50000", "RST,ACK")
	}, calls: strace(`1 1700000001.000000 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3
1 1700000001.000100 connect(3, {sa_family=AF_INET, sin_port=htons(9001), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
1 1700000002.000200 sendto(3, "aaaa", 4, 0, NULL, 0) = -1 ECONNRESET (Connection reset by peer)
1 1700000002.000300 close(3) = 0
1 1700000002.000400 +++ exited with 1 +++
`)},
	{code: "spurious-retransmission", write: func(p *tape) {
		p.open(1, picoCli, pcSrv)
		p.seg(2, picoCli, pcSrv, "ACK,PSH %q", "Hola desde MicroPython\n")
		p.seg(2.0003, pcSrv, picoCli, "ACK,PSH %q", "PC responde: Hola desde MicroPython\n")
		p.seg(2.211, pcSrv, picoCli, "ACK,PSH seq=1 %q", "PC responde: Hola desde MicroPython\n")
		p.seg(2.2152, picoCli, pcSrv, "ACK")
	}},
	{code: "segments-lost", not: []string{"spurious-retransmission", "silent-drop"}, write: func(p *tape) { // a SYN, and data
		p.seg(1, linuxA, linuxB, "SYN seq=100000 mss=1460 sackok df")
		p.seg(2.03, linuxA, linuxB, "SYN seq=100000 mss=1460 sackok df")
		p.seg(2.034, linuxB, linuxA, "SYN,ACK seq=100000 mss=1460 sackok df")
		p.seg(2.0341, linuxA, linuxB, "ACK")
		p.seg(2.1, linuxA, linuxB, "ACK,PSH %q", "hola")
		p.seg(2.31, linuxA, linuxB, "ACK,PSH seq=1 %q", "hola")
		p.seg(2.315, linuxB, linuxA, "ACK")
	}},
	{code: "reordering", not: []string{"segments-lost", "spurious-retransmission"}, write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		p.seg(2, linuxA, linuxB, "ACK seq=1 len=1000")
		p.seg(2.001, linuxA, linuxB, "ACK seq=2001 len=1000")
		p.seg(2.0011, linuxB, linuxA, "ACK ack=1001")
		p.seg(2.0012, linuxB, linuxA, "ACK ack=1001")
		p.seg(2.002, linuxA, linuxB, "ACK seq=1001 len=1000")
		p.seg(2.0021, linuxB, linuxA, "ACK ack=3001")
	}},
	{code: "send-flood", not: []string{"loop-period"}, write: func(p *tape) { p.hola(1, 60, 0.0075) }},
	{code: "addr-in-use", write: func(p *tape) {
		p.open(1, "127.0.0.1:50000", "127.0.0.1:9001")
		p.close(2, "127.0.0.1:9001", "127.0.0.1:50000")
	}, calls: strace(`1 1700000003.000000 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3
1 1700000003.000100 bind(3, {sa_family=AF_INET, sin_port=htons(9001), sin_addr=inet_addr("0.0.0.0")}, 16) = -1 EADDRINUSE (Address already in use)
`)},
	{code: "single-accept", not: []string{"second-client"}, write: func(p *tape) {
		p.hola(1, 4, beat)
		other := "192.168.1.57:50002"
		p.open(8, other, pcSrv)
		for k := range 5 {
			p.say(8.1+beat*float64(k), other, pcSrv, "Hola desde MicroPython\n")
		}
	}},
	{code: "send-error-hidden", not: []string{"partial-send"}, write: func(p *tape) {
		p.open(1, "127.0.0.1:50000", "127.0.0.1:9001")
	}, calls: strace(`1 1700000001.000000 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3
1 1700000001.000100 connect(3, {sa_family=AF_INET, sin_port=htons(9001), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EINPROGRESS (Operation now in progress)
1 1700000001.000200 sendto(3, "Hola", 4, 0, NULL, 0) = -1 EAGAIN (Resource temporarily unavailable)
1 1700000001.000300 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=0}, NULL) = 0
1 1700000002.000200 sendto(3, "Hola", 4, 0, NULL, 0) = 4
`)},
	{code: "partial-send", not: []string{"send-error-hidden"}, write: func(p *tape) {
		p.open(1, "127.0.0.1:50000", "127.0.0.1:9001")
	}, calls: strace(`1 1700000001.000000 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3
1 1700000001.000100 connect(3, {sa_family=AF_INET, sin_port=htons(9001), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
1 1700000001.000200 sendto(3, "aaaa"..., 100000, 0, NULL, 0) = 6400
1 1700000002.000200 sendto(3, "bbbb"..., 100000, 0, NULL, 0) = 6400
`)},
	{code: "zero-window", write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		p.seg(2, linuxA, linuxB, "ACK fill=1000")
		p.seg(2.001, linuxB, linuxA, "ACK win=0")
		p.seg(4.001, linuxB, linuxA, "ACK win=60000")
	}},
	{code: "time-wait", not: []string{"simultaneous-close"}, write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		p.close(2, linuxA, linuxB)
	}},
	{code: "coalesced-requests", not: []string{"message-split", "line-cut"}, write: func(p *tape) {
		p.open(1, picoCli, pcSrv)
		p.say(2, picoCli, pcSrv, "Hola\n")
		p.say(3, picoCli, pcSrv, "Hola\n")
		p.say(3.5, pcSrv, picoCli, "PC responde: Hola\nHola\n")
	}},
	{code: "line-cut", write: func(p *tape) {
		p.open(1, picoCli, pcSrv)
		p.say(2, picoCli, pcSrv, "Hola desde ")
		p.say(2.1, pcSrv, picoCli, "PC responde: Hola desde ")
		p.say(3, picoCli, pcSrv, "Micro\nHola\n")
		p.say(3.1, pcSrv, picoCli, "PC responde: Micro\nHola\n")
	}},
	{code: "wrong-prefix", write: func(p *tape) {
		p.open(1, pcCli, picoSrv)
		p.say(2, pcCli, picoSrv, "hola")
		p.say(2.5, picoSrv, pcCli, "Eco: hola")
	}},
	{code: "nagle-delayed-ack", write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		for k := range 4 {
			at := 2 + float64(k)
			p.seg(at, linuxA, linuxB, "ACK,PSH %q", "GET")
			p.seg(at+0.04, linuxB, linuxA, "ACK")
			p.seg(at+0.0401, linuxA, linuxB, "ACK,PSH %q", "/")
			p.seg(at+0.0402, linuxB, linuxA, "ACK,PSH %q", "ok")
		}
	}},
	{code: "wifi-power-save", write: func(p *tape) {
		for k, d := range []float64{0.004, 0.18, 0.09} {
			client := "192.168.1.3:4100" + string(rune('0'+k))
			at := 1 + 3*float64(k)
			p.seg(at, client, picoSrv, "SYN %s", syn(client))
			p.seg(at+d, picoSrv, client, "SYN,ACK %s", syn(picoSrv))
			p.seg(at+d+0.0001, client, picoSrv, "ACK")
		}
	}},
	{code: "half-open", not: []string{"program-died"}, write: func(p *tape) {
		p.hola(1, 4, beat)
		p.open(1.2, pcCli, picoSrv)
		for _, at := range []float64{5, 5.2, 5.6, 6.4, 8, 11.2} {
			p.seg(at, pcCli, picoSrv, "ACK,PSH seq=1 %q", "hola")
		}
	}},
	{code: "keep-alive", not: []string{"spurious-retransmission"}, write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		p.say(2, linuxA, linuxB, "hola")
		p.seg(60, linuxA, linuxB, "ACK seq=4")
		p.seg(60.004, linuxB, linuxA, "ACK")
	}},
	{code: "port-reused", write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		p.close(2, linuxA, linuxB)
		p.seg(5, linuxA, linuxB, "SYN seq=900000 mss=1460 sackok df")
		p.seg(5.004, linuxB, linuxA, "SYN,ACK seq=800000 mss=1460 sackok df")
		p.seg(5.0041, linuxA, linuxB, "ACK")
	}},
	{code: "simultaneous-close", write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		p.seg(2, linuxA, linuxB, "FIN,ACK seq=1 ack=1")
		p.seg(2.0001, linuxB, linuxA, "FIN,ACK seq=1 ack=1")
		p.seg(2.001, linuxA, linuxB, "ACK seq=2 ack=2")
		p.seg(2.0011, linuxB, linuxA, "ACK seq=2 ack=2")
	}},
	{code: "capture-drops", write: quiet, mend: func(t *sessions.Trace) { t.Capture.HasKernelDropped, t.Capture.KernelDropped = true, 7 }},
	{code: "capture-damaged", write: quiet, mend: func(t *sessions.Trace) { t.Capture.Damage = &capture.Damage{AtPacket: 9, Offset: 99} }},
	{code: "doubled-capture", not: []string{"spurious-retransmission", "keep-alive"}, write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		for k := range 5 {
			at := 2 + float64(k)
			for copied := range 2 {
				p.seg(at+float64(copied)*0.00001, linuxA, linuxB, "ACK,PSH seq=%d ipid=%d %q", 1+4*k, 100+k, "hola")
			}
			p.seg(at+0.004, linuxB, linuxA, "ACK ipid=%d", 900+k)
		}
	}},
	{code: "offload", write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		p.seg(2, linuxA, linuxB, "ACK fill=30000")
	}},
	{code: "one-direction", write: func(p *tape) {
		p.seg(1, linuxA, linuxB, "SYN %s", syn(linuxA))
		p.seg(1.004, linuxA, linuxB, "ACK ack==1")
		p.seg(2, linuxA, linuxB, "ACK,PSH ack==1 %q", "hola")
		p.seg(3, linuxA, linuxB, "ACK,PSH ack==9 %q", "hola")
	}},
	{code: "mid-stream", write: func(p *tape) {
		for k := range 3 {
			p.seg(1+float64(k), linuxA, linuxB, "ACK,PSH %q", "hola")
			p.seg(1.1+float64(k), linuxB, linuxA, "ACK,PSH %q", "Echo:hola")
		}
	}},
	{code: "clock-jump", write: func(p *tape) {
		quiet(p)
		p.seg(200000, linuxA, linuxB, "ACK,PSH %q", "tarde")
	}},
}

// innocents are captures that look like a finding and are none.
var innocents = []play{
	{code: "one lost SYN", not: []string{"silent-drop"}, write: func(p *tape) {
		p.seg(1, linuxA, linuxB, "SYN %s", syn(linuxA))
		p.seg(2, linuxA, linuxB, "SYN %s", syn(linuxA))
		p.until(2.5)
	}},
	{code: "an end before the next beat", not: []string{"program-died"}, write: func(p *tape) {
		p.hola(1, 6, beat)
		p.open(1+5*beat+1.3, pcCli, picoSrv)
		p.until(1 + 5*beat + 1.9)
	}},
	{code: "two clients that nobody answers", not: []string{"second-client", "single-accept"}, write: func(p *tape) {
		p.hola(1, 9, beat)
		p.open(1.2, pcCli, picoSrv)
		p.say(1.5, pcCli, picoSrv, "A0")
		p.say(2.5, picoSrv, pcCli, "Echo:A0")
		p.open(3.5, pcCli2, picoSrv)
		p.say(4.2, pcCli, picoSrv, "A1")
		p.say(4.5, pcCli2, picoSrv, "B1")
	}},
	{code: "a client that asks when the beat comes", not: []string{"loop-echo"}, write: func(p *tape) {
		p.hola(1, 9, beat)
		p.open(1.5, pcCli, picoSrv)
		for k := range 5 {
			at := 1 + float64(k+2)*beat + 0.001
			p.say(at, pcCli, picoSrv, "m"+string(rune('0'+k)))
			p.say(at+0.006+0.002*float64(k), picoSrv, pcCli, "Echo:m"+string(rune('0'+k)))
		}
	}},
	{code: "two short messages", not: []string{"message-split", "out-of-step", "coalesced-requests"}, write: func(p *tape) {
		p.open(1, pcCli, picoSrv)
		p.say(2, pcCli, picoSrv, "uno")
		p.say(2.01, pcCli, picoSrv, "dos")
		p.say(2.5, picoSrv, pcCli, "Echo:uno")
		p.say(3.5, picoSrv, pcCli, "Echo:dos")
	}},
	{code: "data on its way when the FIN came", not: []string{"peer-closed-ignored"}, write: func(p *tape) {
		p.open(1, linuxA, linuxB)
		p.seg(2, linuxB, linuxA, "FIN,ACK")
		p.seg(2.03, linuxA, linuxB, "ACK,PSH ack=1 %q", "tarde")
		p.seg(2.0301, linuxB, linuxA, "RST")
	}},
	{code: "a far peer", not: []string{"nagle-delayed-ack"}, write: func(p *tape) {
		p.seg(1, linuxA, linuxB, "SYN %s", syn(linuxA))
		p.seg(1.09, linuxB, linuxA, "SYN,ACK %s", syn(linuxB))
		p.seg(1.0901, linuxA, linuxB, "ACK")
		for k := range 5 {
			at := 2 + float64(k)
			p.seg(at, linuxA, linuxB, "ACK,PSH %q", "GET")
			p.seg(at+0.09, linuxB, linuxA, "ACK")
			p.seg(at+0.0901, linuxA, linuxB, "ACK,PSH %q", "/")
			p.seg(at+0.2, linuxB, linuxA, "ACK")
		}
	}},
	{code: "a quiet exchange", write: quiet},
}

// TestInnocents holds that what only looks like a finding is none; and that where nothing is wrong nothing is found.
func TestInnocents(t *testing.T) {
	for _, x := range innocents {
		t.Run(x.code, func(t *testing.T) {
			var p tape
			x.write(&p)
			codes := codesOf(Find(read(t, p.source(), nil), Options{}))
			for _, code := range x.not {
				if slices.Contains(codes, code) {
					t.Errorf("%s was found in\n%s", code, p.String())
				}
			}
			if len(x.not) == 0 && len(codes) > 0 {
				t.Errorf("%v were found", codes)
			}
		})
	}
}

// quiet is an exchange in which nothing is wrong.
func quiet(p *tape) {
	p.open(1, linuxA, linuxB)
	p.say(2, linuxA, linuxB, "hola")
	p.say(2.01, linuxB, linuxA, "Echo:hola")
}

// locked has echoes that leave with the beats, whenever the request came.
func locked(p *tape) {
	p.hola(1, 12, beat)
	p.open(1.5, pcCli, picoSrv)
	for k, phase := range []float64{0.3, 0.7, 0.15, 0.9} {
		text := "m" + string(rune('0'+k))
		next := 1 + float64(2*k+3)*beat
		p.say(next-phase, pcCli, picoSrv, text)
		p.say(next-0.0003, picoSrv, pcCli, "Echo:"+text)
	}
}

// early sends three segments before accept().
func early(p *tape) {
	p.hola(1, 6, beat)
	p.open(2.1, pcCli, picoSrv)
	for k := range 3 {
		p.seg(2.11+float64(k)*0.00001, pcCli, picoSrv, "ACK seq=%d fill=800", 1+800*k)
	}
	p.seg(2.31, pcCli, picoSrv, "ACK seq=1 fill=800")
	p.seg(2.3142, picoSrv, pcCli, "ACK ack=801 win=5600") // as soon as a copy would be answered
	p.seg(2.351, pcCli, picoSrv, "ACK seq=801 fill=800")
	p.seg(2.85, pcCli, picoSrv, "ACK seq=801 fill=800")
	p.seg(3.2, picoSrv, pcCli, "ACK ack=1601 win=4800")
	p.seg(3.201, pcCli, picoSrv, "ACK seq=1601 fill=800")
	p.seg(3.3, picoSrv, pcCli, "ACK win=4000")
	p.seg(4.0, picoSrv, pcCli, "ACK,PSH %q", "Echo:abc")
}

// split echoes one message of 1700 bytes in three pieces, each cut by the MSS; hasty sends the next one too soon.
func split(hasty bool) func(p *tape) {
	return func(p *tape) {
		p.hola(1, 9, beat)
		p.open(1.5, pcCli, picoSrv)
		text := strings.Repeat("abcdefghij", 170)
		p.seg(3.5, pcCli, picoSrv, "ACK %q", text[:800])
		p.seg(3.50001, pcCli, picoSrv, "ACK %q", text[800:1600])
		p.seg(3.50002, pcCli, picoSrv, "ACK,PSH %q", text[1600:])
		p.seg(3.504, picoSrv, pcCli, "ACK win=4700")
		for k, at := range []int{0, 800, 1600} {
			reply := "Echo:" + text[at:min(at+800, 1700)]
			when := 1 + float64(3+k)*beat - 0.0003
			p.seg(when, picoSrv, pcCli, "ACK %q", reply[:min(800, len(reply))])
			p.seg(when+0.00002, pcCli, picoSrv, "ACK")
			if len(reply) > 800 {
				p.seg(when+trip, picoSrv, pcCli, "ACK,PSH %q", reply[800:])
				p.seg(when+trip+0.00002, pcCli, picoSrv, "ACK")
			}
		}
		if hasty {
			p.say(5.5, pcCli, picoSrv, "k")
			p.say(1+7*beat, picoSrv, pcCli, "Echo:k")
		}
	}
}

// buffers streams small messages to a Pico that reads one a second.
func buffers(p *tape) {
	p.hola(1, 8, beat)
	p.open(1.2, pcCli, picoSrv)
	p.say(2.5, pcCli, picoSrv, "m0")
	p.say(3.0, picoSrv, pcCli, "Echo:m0")
	at := 4.0
	for k := range 13 {
		at = 4.1 + 0.01*float64(k)
		p.seg(at, pcCli, picoSrv, "ACK,PSH %q", "mm")
		p.seg(at+0.004, picoSrv, pcCli, "ACK win=%d", 6398-2*k)
	}
	p.seg(at+0.01, pcCli, picoSrv, "ACK,PSH %q", "mm")
	for _, d := range []float64{0.21, 0.62} {
		p.seg(at+d, pcCli, picoSrv, "ACK,PSH seq=29 %q", "mm")
	}
}

// strace makes a journal of lines.
func strace(lines string) func() []ladder.Source {
	return func() []ladder.Source {
		j, err := journal.Read("strace.txt", strings.NewReader(lines))
		if err != nil {
			panic(err)
		}
		return []ladder.Source{{Journal: *j, Side: sessions.NoSide}}
	}
}

// TestPlays holds that every code is found in its own capture, whole and in both languages.
func TestPlays(t *testing.T) {
	played := map[string]bool{}
	for _, x := range plays {
		t.Run(x.code, func(t *testing.T) {
			played[x.code] = true
			var p tape
			x.write(&p)
			var calls []ladder.Source
			if x.calls != nil {
				calls = x.calls()
			}
			tr := read(t, p.source(), calls)
			if x.mend != nil {
				x.mend(tr)
			}
			found := Find(tr, Options{})
			codes := codesOf(found)
			if !slices.Contains(codes, x.code) {
				t.Errorf("not found; found are %v in\n%s", codes, p.String())
			}
			for _, code := range x.not {
				if slices.Contains(codes, code) {
					t.Errorf("%s was found too", code)
				}
			}
			checkFindings(t, tr, found)
		})
	}
	for _, k := range kinds {
		if !played[k.Code] {
			t.Errorf("%s has no script", k.Code)
		}
	}
}
