package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tcptrace/words"
)

// Line is one line of a JSON Lines journal: one call, written after it returned (or, without "dur",
// "ret" and "errno", one that never did).
//
//	{"t": 1795355224.339552123, "dur": 0.000123, "pid": 77, "obj": 1, "call": "connect",
//	 "args": [["192.168.1.57", 9000]], "ret": null, "local": ["192.168.1.3", 42538]}
//	{"t": 1795355225.1, "dur": 0.2, "obj": 1, "call": "recv", "args": [1024], "ret": 9, "data": "Echo:hola"}
//	{"t": 1795355226.0, "dur": 1.5, "obj": 2, "call": "accept", "args": [], "ret": [3, ["192.168.1.3", 42538]]}
//	{"t": 1795355227.0, "dur": 0.05, "obj": null, "call": "poll", "args": [50], "ret": [[2, 1], [3, 17]]}
//	{"t": 1795355228.0, "dur": 0, "obj": 3, "call": "send", "args": [12], "errno": "EAGAIN"}
type Line struct {
	// T is the start in seconds since 1970-01-01 UTC, a decimal number read exactly to the nanosecond.
	T json.Number `json:"t"`
	// Dur is the call's duration in seconds; left out or null when it is not known.
	Dur json.Number `json:"dur,omitempty"`
	// PID is the process or thread; 0 or left out when it does not matter.
	PID int `json:"pid,omitempty"`
	// Obj names the socket by any number or string; null or left out for poll, select and sleep. A
	// "socket" call or an accept that names it again begins a new socket.
	Obj json.RawMessage `json:"obj"`
	// Call is the method as the program called it: socket, setblocking, settimeout, bind, listen, accept,
	// connect, connect_ex, send, sendall, recv, recv_into, close, shutdown, getsockopt, setsockopt, poll,
	// select or sleep. Other names make no row.
	Call string `json:"call"`
	// Args are the arguments in order. An address is [host, port]; bytes to send are their number;
	// constants are their names ("AF_INET"); the buffer of recv_into is its size or left out; select has three lists of
	// names of sockets and a time.
	Args []json.RawMessage `json:"args"`
	// Ret is what the call returned: a number of bytes for send and recv, [obj, [host, port]] for accept,
	// [[obj, events], …] for poll, three lists of obj for select, the value for getsockopt, null for None.
	Ret json.RawMessage `json:"ret,omitempty"`
	// Errno is the error's name ("EAGAIN", as errno.errorcode has it), or a number of Linux or Winsock. It
	// excludes Ret.
	Errno json.RawMessage `json:"errno,omitempty"`
	// Data are the first bytes sent or received, one character U+0000 to U+00FF for each byte.
	Data string `json:"data,omitempty"`
	// Local and Remote are the socket's addresses after the call, when they are known: [host, port].
	Local  json.RawMessage `json:"local,omitempty"`
	Remote json.RawMessage `json:"remote,omitempty"`
	// Lang is "micropython" for a MicroPython program; left out it is CPython.
	Lang string `json:"lang,omitempty"`
	// Source is the line of the program's file that made the call, from 1; left out when it is not known.
	Source int `json:"src,omitempty"`
	// LeftOut stands alone in its line: so many calls were made here that the journal had no room for.
	LeftOut int64 `json:"left_out,omitempty"`
}

// jsonLines reads a JSON Lines journal.
type jsonLines struct {
	builder
	numbers map[string]int // socket numbers by "obj"; 0: not a TCP socket
	sockets int
}

func newJSONLines(b builder) *jsonLines {
	return &jsonLines{builder: b, numbers: map[string]int{}}
}

func (r *jsonLines) finish() *Journal {
	r.inferAddresses()
	return r.done()
}

// line reads one line.
func (r *jsonLines) line(n int, s string) {
	if strings.TrimSpace(s) == "" {
		return
	}
	if len(r.j.Entries) == mostEntries { // of what is only counted, nobody has to know what it says
		r.entriesLeftOut++
		return
	}
	var c Line
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		r.problem(n, words.NotObject(printable(err.Error())))
		return
	}
	if c.LeftOut > 0 {
		r.j.Lost += int(min(c.LeftOut, mostLost))
		return
	}
	start, ok := jsonNanos(c.T)
	if !ok || start < firstEpoch*int64(time.Second) {
		r.problem(n, words.BadTime(clip(c.T.String())))
		return
	}
	e := Entry{Line: n, Process: int32(c.PID), Source: int32(min(max(c.Source, 0), math.MaxInt32)), Start: start, FD: -1, Call: callNamed(c.Call)}
	if c.Lang == "micropython" {
		e.Dialect = MicroPython
	}
	if c.Dur != "" {
		dur, ok := jsonNanos(c.Dur)
		if !ok || dur < 0 {
			r.problem(n, words.BadDuration(clip(c.Dur.String())))
			return
		}
		e.Duration, e.HasEnd = time.Duration(dur), true
	}
	if !r.nameSocket(&e, &c) {
		return
	}
	e.setEnds(jsonAddr(c.Local), jsonAddr(c.Remote))
	e.Data = latin1(c.Data)
	r.arguments(&e, &c)
	if !r.result(&e, &c) {
		r.problem(n, words.BadResult(clip(string(c.Ret))))
	}
	r.add(e)
}

// mostLost is how many lost calls a line can tell of.
const mostLost = 1 << 30

// callNames are the calls by their names in Python.
var callNames = map[string]Call{
	"socket": Socket, "setblocking": SetBlocking, "bind": Bind, "listen": Listen, "accept": Accept,
	"connect": Connect, "connect_ex": Connect, "send": Send, "sendall": Send, "write": Send, "recv": Recv,
	"read": Recv, "recv_into": RecvInto, "readinto": RecvInto, "close": Close, "shutdown": Shutdown,
	"getsockopt": GetSockOpt, "setsockopt": SetSockOpt, "poll": Poll, "ipoll": Poll, "select": Select,
	"sleep": Sleep, "sleep_ms": Sleep, "sleep_us": Sleep,
}

// callNamed is the call of a Python name, Other for one that makes no row.
func callNamed(name string) Call { return callNames[name] }

// jsonNanos reads a JSON number of seconds as nanoseconds: exactly, unless it has an exponent.
func jsonNanos(n json.Number) (int64, bool) {
	if nanos, ok := decimalNanos(n.String()); ok {
		return nanos, true
	}
	f, err := n.Float64()
	if err != nil || math.Abs(f) > 9e9 {
		return 0, false
	}
	return int64(math.Round(f * 1e9)), true
}

// missing reports whether a JSON field was left out or is null.
func missing(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// nameSocket finds or gives the socket's number; false if the call is not about a TCP socket.
func (r *jsonLines) nameSocket(e *Entry, c *Line) bool {
	if missing(c.Obj) {
		return true
	}
	key := string(bytes.TrimSpace(c.Obj))
	if e.Call == Socket {
		r.numbers[key] = 0
		for _, arg := range c.Args {
			if s := string(arg); strings.Contains(s, "SOCK_DGRAM") || strings.Contains(s, "AF_UNIX") || strings.Contains(s, "SOCK_RAW") {
				return false
			}
		}
		if missing(c.Errno) {
			e.Socket = r.number(key, true)
		}
		return true
	}
	if known, seen := r.numbers[key]; seen && known == 0 {
		return false
	}
	e.Socket = r.number(key, false)
	return true
}

// number is the number of a socket, a new one if it is not known or begins again.
func (r *jsonLines) number(key string, begins bool) int {
	if n := r.numbers[key]; n != 0 && !begins {
		return n
	}
	r.sockets++
	r.numbers[key] = r.sockets
	return r.sockets
}

// arguments spells the arguments and keeps what they tell.
func (r *jsonLines) arguments(e *Entry, c *Line) {
	spelled := make([]string, len(c.Args))
	for i, arg := range c.Args {
		spelled[i] = spellJSON(arg)
	}
	list := strings.Join(spelled, ", ")
	switch e.Call {
	case Bind, Connect:
		if len(c.Args) > 0 {
			e.setAddr(jsonAddr(c.Args[0]))
		}
	case Send:
		e.Asked = jsonInt(c.Args, 0)
		list = spellBytes(e.Asked)
	case Recv, Listen:
		e.Asked = jsonInt(c.Args, 0)
	case RecvInto:
		e.Asked = jsonInt(c.Args, 0)
		list = "buf"
	case Select:
		for i, events := range [3]uint16{1, 4, 2} {
			if i < len(c.Args) {
				e.polling().polled = append(e.Polled(), r.jsonReady(c.Args[i], events)...)
			}
		}
	}
	e.Args = printable(c.Call) + "(" + list + ")"
}

// spellJSON writes an argument as Python would.
func spellJSON(raw json.RawMessage) string {
	switch s := string(raw); s {
	case "null":
		return "None"
	case "true":
		return "True"
	case "false":
		return "False"
	default:
		if a := jsonAddr(raw); a.IsValid() {
			return spellAddr(a)
		}
		var pair []json.RawMessage
		if json.Unmarshal(raw, &pair) == nil {
			parts := make([]string, len(pair))
			quoted := false
			for i, p := range pair {
				parts[i] = spellJSON(p)
				quoted = quoted || i == 0 && strings.HasPrefix(string(p), `"`)
			}
			list := strings.Join(parts, ", ")
			if quoted && len(pair) == 2 {
				return "(" + list + ")" // host name and port
			}
			return "[" + list + "]"
		}
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return printable(s)
		}
		if text != "" && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_|") == "" {
			return text // a constant's name
		}
		return `"` + printable(strings.ReplaceAll(text, `"`, `\"`)) + `"`
	}
}

// result keeps what the call returned; false if "ret" has not the shape of the call.
func (r *jsonLines) result(e *Entry, c *Line) bool {
	if !missing(c.Errno) {
		e.Returns = true
		var name string
		if json.Unmarshal(c.Errno, &name) != nil {
			name = string(c.Errno)
		}
		e.Errno = errnoSpelling(name)
		return true
	}
	if len(c.Ret) == 0 {
		return true
	}
	e.Returns = true
	if missing(c.Ret) {
		if c.Call == "sendall" {
			e.Value = e.Asked
		}
		return true
	}
	switch e.Call {
	case Accept:
		return r.acceptResult(e, c.Ret)
	case Poll:
		return r.pollResult(e, c.Ret)
	case Select:
		return r.selectResult(e, c.Ret)
	}
	if c.Call == "connect_ex" {
		if n, err := strconv.ParseInt(string(c.Ret), 10, 32); err == nil && n != 0 {
			e.Errno = errnoName(n)
			return true
		}
	}
	var n int64
	if json.Unmarshal(c.Ret, &n) == nil {
		e.Value = n
		return true
	}
	return e.Call == Other || e.Call == Socket
}

// acceptResult reads [obj, [host, port]].
func (r *jsonLines) acceptResult(e *Entry, raw json.RawMessage) bool {
	var pair []json.RawMessage
	if json.Unmarshal(raw, &pair) != nil || len(pair) != 2 || missing(pair[0]) {
		return false
	}
	e.New = r.number(string(bytes.TrimSpace(pair[0])), true)
	e.setAddr(jsonAddr(pair[1]))
	return true
}

// pollResult reads [[obj, events], …].
func (r *jsonLines) pollResult(e *Entry, raw json.RawMessage) bool {
	var list [][]json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return false
	}
	var parts []string
	for _, pair := range list {
		var events uint16
		if len(pair) != 2 || json.Unmarshal(pair[1], &events) != nil {
			return false
		}
		one := Ready{Socket: r.known(pair[0]), Events: events}
		e.polling().ready = append(e.Ready(), one)
		parts = append(parts, fmt.Sprintf("s%d:%d", one.Socket, events))
	}
	e.polling().text, e.Value = "["+strings.Join(parts, ",")+"]", int64(len(list))
	return true
}

// selectResult reads three lists of sockets: readable, writable, exceptional.
func (r *jsonLines) selectResult(e *Entry, raw json.RawMessage) bool {
	var lists []json.RawMessage
	if json.Unmarshal(raw, &lists) != nil || len(lists) > 3 {
		return false
	}
	var parts []string
	for i, list := range lists {
		ready := r.jsonReady(list, [3]uint16{1, 4, 2}[i])
		names := make([]string, len(ready))
		for j, one := range ready {
			names[j] = "s" + strconv.Itoa(one.Socket)
		}
		e.polling().ready = append(e.Ready(), ready...)
		parts = append(parts, "["+strings.Join(names, ",")+"]")
	}
	e.polling().text, e.Value = strings.Join(parts, ", "), int64(len(e.Ready()))
	return true
}

// jsonReady reads a list of sockets.
func (r *jsonLines) jsonReady(raw json.RawMessage, events uint16) []Ready {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var out []Ready
	for _, one := range list {
		out = append(out, Ready{Socket: r.known(one), Events: events})
	}
	return out
}

// known is the number of a socket that was named before, 0 for none.
func (r *jsonLines) known(raw json.RawMessage) int { return r.numbers[string(bytes.TrimSpace(raw))] }

// jsonAddr reads [host, port]; it is zero for anything else.
func jsonAddr(raw json.RawMessage) (a netip.AddrPort) {
	var pair []any
	if missing(raw) || json.Unmarshal(raw, &pair) != nil || len(pair) < 2 {
		return a
	}
	host, isHost := pair[0].(string)
	port, isPort := pair[1].(float64)
	if !isHost || !isPort {
		return a
	}
	return addrPort(host, int64(port))
}

// jsonInt is the number at i, 0 if there is none.
func jsonInt(args []json.RawMessage, i int) (n int64) {
	if i < len(args) && json.Unmarshal(args[i], &n) != nil {
		return 0
	}
	return n
}

// latin1 turns one character for each byte back into bytes, as many as an entry keeps.
func latin1(s string) []byte {
	var data []byte
	for _, c := range s {
		if len(data) == keptBytes || c > 0xff {
			break
		}
		data = append(data, byte(c))
	}
	return data
}
