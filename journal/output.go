package journal

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"tcptrace/words"
)

// output reads what the notebook's three programs print, each line with the epoch time of its printing:
//
//	1795355224.339552 Cliente conectado al servidor: ('192.168.1.3', 42538)
//
// A print tells only that a call has returned, so entries are Late. The notebook's programs print
// nothing for send().
type output struct {
	builder
	listening int // socket numbers, 0 while there is none
	conn      int
	client    int
	sockets   int
	local     netip.AddrPort // of the listening socket
	remote    netip.AddrPort // of the client
	peer      netip.AddrPort // of conn
}

func newOutput(b builder) *output { return &output{builder: b} }

// raised is the last line of a Python traceback.
var raised = regexp.MustCompile(`^([A-Za-z_]+(Error|Exception|Interrupt|Exit))(: .*)?$`)

// line reads one line; lines that are not the notebook's are no concern of this journal.
func (r *output) line(n int, s string) {
	at, text, ok := cutStamp(s)
	if !ok {
		return
	}
	text = strings.TrimPrefix(text, "Mensaje: ") // input()'s prompt has no newline
	if raised.MatchString(text) {
		r.j.Ended = clip(text)
		return
	}
	e := Entry{Line: n, Start: at, Late: true, FD: -1, Returns: true}
	for _, p := range prints {
		if value, found := strings.CutPrefix(text, p.prefix); found {
			e.Dialect = p.dialect
			p.meaning(r, e, value)
			return
		}
	}
}

// prints are the notebook's prints and what they tell.
var prints = []struct {
	prefix  string
	dialect Dialect
	meaning func(r *output, e Entry, value string)
}{
	{"Servidor en ", MicroPython, (*output).started},
	{"Cliente conectado al servidor: ", MicroPython, (*output).accepted},
	{"Servidor recibió: ", MicroPython, (*output).connReceived},
	{"Cliente recibió: ", MicroPython, (*output).clientReceived},
	{"Cliente servidor desconectado", MicroPython, (*output).connClosed},
	{"Servidor PC en puerto ", CPython, (*output).serverStarted},
	{"Servidor PC en ", CPython, (*output).serverStarted},
	{"Conectado con: ", CPython, (*output).accepted},
	{"PC recibió: ", CPython, (*output).connReceived},
	{"Cliente PC conectado al MicroPython", CPython, (*output).connected},
	{"MicroPython respondió: ", CPython, (*output).clientReceived},
}

// next numbers a socket.
func (r *output) next() int {
	r.sockets++
	return r.sockets
}

// started reads "Servidor en :9000, cliente conectando a :9001 ...", with or without addresses: both of the Pico's sockets exist.
func (r *output) started(_ Entry, value string) {
	server, client, _ := strings.Cut(value, ", cliente conectando a ")
	client, _, _ = strings.Cut(client, " ")
	r.listening, r.client = r.next(), r.next()
	r.local, r.remote = printedAddress(server), printedAddress(client)
}

// serverStarted reads "Servidor PC en puerto 9001", or an address in place of the port.
func (r *output) serverStarted(_ Entry, value string) {
	r.listening, r.local = r.next(), printedAddress(value)
}

// printedAddress is "192.168.1.3:9001", or ":9001" or "9001", a port of which the address is not known.
func printedAddress(text string) netip.AddrPort {
	text = strings.TrimSpace(text)
	if a, err := netip.ParseAddrPort(text); err == nil {
		return a
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(text, ":"), 10, 16)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(n))
}

func (r *output) accepted(e Entry, value string) {
	addr, ok := pythonAddr(value)
	if !ok {
		r.problem(e.Line, words.NoAddress(clip(value)))
	}
	if r.listening == 0 {
		r.listening = r.next()
	}
	r.conn, r.peer = r.next(), addr
	e.Call, e.Args, e.Socket, e.New = Accept, "accept()", r.listening, r.conn
	e.setAddr(addr)
	e.setEnds(r.local, netip.AddrPort{})
	r.add(e)
}

func (r *output) connected(e Entry, _ string) {
	r.client = r.next()
	e.Call, e.Args, e.Socket = Connect, "connect()", r.client
	r.add(e)
}

func (r *output) connReceived(e Entry, value string) {
	if r.conn == 0 {
		r.conn = r.next()
	}
	e.Socket = r.conn
	e.setEnds(r.local, r.peer)
	r.received(e, value)
}

func (r *output) clientReceived(e Entry, value string) {
	if r.client == 0 {
		r.client = r.next()
	}
	e.Socket = r.client
	e.setEnds(netip.AddrPort{}, r.remote)
	r.received(e, value)
}

// received keeps a recv() whose bytes were printed.
func (r *output) received(e Entry, value string) {
	data, total, rest, ok := pythonBytes(value)
	if !ok {
		r.problem(e.Line, words.NoBytes(clip(value)))
		return
	}
	total = max(total, wholeSize(rest))
	e.Call, e.Args, e.Data, e.Value = Recv, "recv()", data, total
	r.add(e)
}

// wholeSize is the size of a message of which only the beginning was printed, "… (800 bytes)"; 0 where all of it was.
func wholeSize(rest string) int64 {
	number, found := strings.CutPrefix(rest, "… (")
	number, _, ended := strings.Cut(number, " bytes)")
	n, err := strconv.ParseUint(number, 10, 31)
	if !found || !ended || err != nil {
		return 0
	}
	return int64(n)
}

// connClosed reads "Cliente servidor desconectado": recv() returned b” (or raised), then close().
func (r *output) connClosed(e Entry, _ string) {
	if r.conn == 0 {
		return
	}
	e.Socket = r.conn
	e.setEnds(r.local, r.peer)
	recv, closed := e, e
	recv.Call, recv.Args = Recv, "recv()"
	closed.Call, closed.Args = Close, "close()"
	r.add(recv)
	r.add(closed)
	r.conn = 0
}

func (r *output) finish() *Journal {
	if len(r.j.Entries) == 0 {
		r.problem(0, words.NoPrints)
	}
	return r.done()
}
