package journal

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tcptrace/words"
)

// A TJ1 line is one socket call on a Pico, sent when it has returned:
//
//	TJ1 n=12 t=928508833 d=11 s=2 recv(1024)=b'PC responde: Hola desde ',36
//
// n counts the lines of one run of the program, t is ticks_us() at the start of the call, d its duration
// in µs, s the number of the socket (0 for poll and sleep). Results: None, a number, ok, !11 for
// OSError(11), bytes with their length, (s3,('192.168.1.3', 42274)) for accept, [s2:1,s3:1] for poll.
// "TJ1 hello" is sent first, to have the address resolved.

// ticksPeriod is where MicroPython's ticks_us() wraps on the Pico: 2^30 µs, 17.9 minutes
// (docs.micropython.org, time.ticks_ms).
const ticksPeriod = 1 << 30

// told is a TJ1 line before its clock is known.
type toldLine struct {
	entry Entry
	n     int64
	ticks int64 // ticks_us at the start, modulo ticksPeriod
	took  int64 // µs, modulo ticksPeriod
	text  string
}

// Device collects the TJ1 datagrams of one Pico, in any order, with losses, duplicates and restarts.
type Device struct {
	builder
	run   []toldLine    // of the current run of the program
	byN   map[int64]int // index in run
	maxN  int64         // highest n of the current run
	hello bool          // the current run's beginning was seen
	runs  []finishedRun
	count int // datagrams so far
	kept  int
}

// finishedRun is one run of the program, in any order.
type finishedRun struct {
	calls []toldLine
	hello bool
}

// NewDevice begins the journal of a device; name is the journal's, such as "udp 192.168.1.57".
func NewDevice(name string) *Device {
	return &Device{builder: builder{j: Journal{Name: name, Kind: "tj1"}}, byN: map[int64]int{}}
}

// Datagram takes the payload of one datagram that was captured at seen (ns since 1970-01-01 UTC). The
// payload is not kept. Datagrams that are no TJ1 line are problems.
func (d *Device) Datagram(seen int64, payload []byte) {
	d.count++
	text := strings.TrimRight(string(payload[:min(len(payload), longestLine)]), "\r\n")
	if !strings.HasPrefix(text, "TJ1 ") {
		d.problem(d.count, words.NotDatagram(clip(text)))
		return
	}
	d.addLine(d.count, text, seen, true)
}

// addLine reads one line; seen is valid iff hasSeen.
func (d *Device) addLine(line int, text string, seen int64, hasSeen bool) {
	if text == "TJ1 hello" {
		// A late copy of the greeting comes next to the first calls.
		if len(d.run) > 0 && d.maxN > 2 {
			d.restart()
		}
		d.hello = true
		return
	}
	c, err := parseTold(text)
	if err != nil {
		var why words.Reason
		if errors.As(err, &why) {
			d.problem(line, words.DatagramDamaged(why, clip(text)))
		}
		return
	}
	c.text = text
	c.entry.Line, c.entry.Seen, c.entry.HasSeen = line, seen, hasSeen
	if at, again := d.byN[c.n]; again {
		if d.run[at].text == text {
			return // a duplicate
		}
		d.restart()
	} else if len(d.run) > 0 && c.n < d.maxN && !d.late(c) {
		d.restart()
	}
	if d.kept++; d.kept > mostEntries {
		d.entriesLeftOut++
		return
	}
	d.byN[c.n] = len(d.run)
	d.maxN = max(d.maxN, c.n)
	d.run = append(d.run, c)
}

// restart ends the current run of the program.
func (d *Device) restart() {
	d.runs = append(d.runs, finishedRun{d.run, d.hello})
	d.run, d.byN, d.maxN, d.hello = nil, map[int64]int{}, 0, false
}

// mostLate is how long the network may hold a datagram back.
const mostLate = 5 * time.Second

// late reports whether a call with a lower n than the highest was only held back by the network, and not
// the beginning of a new run: its clock must fit between its neighbours'.
func (d *Device) late(c toldLine) bool {
	last := d.run[len(d.run)-1]
	if !c.entry.HasSeen || !last.entry.HasSeen || c.entry.Seen-last.entry.Seen > int64(mostLate) {
		return false
	}
	for i := len(d.run) - 1; i >= 0 && i >= len(d.run)-256; i-- {
		other := d.run[i]
		ahead := forward(c.ticks, other.ticks) // how far other is behind c
		if other.n > c.n && ahead > ticksPeriod/2 || other.n < c.n && ahead < ticksPeriod/2 && ahead > 0 {
			return false
		}
	}
	return true
}

// forward is the way from a to b on the circle of ticks.
func forward(a, b int64) int64 { return ((b-a)%ticksPeriod + ticksPeriod) % ticksPeriod }

// Journal returns what the device said so far, in the order of the calls. Every call has Device set:
// its start counts from an arbitrary zero, the wrap-around of ticks_us undone. Calls of a later run of the
// program (Entry.Run) are placed by the times at which their datagrams were seen, so between two
// runs the clock is only as good as the network; within a run it is exact.
func (d *Device) Journal() Journal {
	j := d.j
	j.Problems = slices.Clone(j.Problems)
	out := builder{j: j, moreProblems: d.moreProblems, entriesLeftOut: d.entriesLeftOut}
	var clock deviceClock
	sockets := 0
	for i, run := range append(slices.Clone(d.runs), finishedRun{d.run, d.hello}) {
		calls := slices.Clone(run.calls)
		slices.SortStableFunc(calls, func(a, b toldLine) int { return cmp.Compare(a.n, b.n) })
		out.j.Lost += lost(calls, run.hello || i > 0)
		base := sockets
		clock.restart()
		for _, c := range calls {
			e := c.entry
			e.Run = int32(i)
			e.Start, e.Duration = clock.place(c)
			sockets = max(sockets, renumber(&e, base))
			out.add(e)
		}
	}
	out.inferAddresses()
	return *out.done()
}

// Journals returns one journal for each run of the program on the device, each with its own clock.
func (d *Device) Journals() []Journal {
	all := d.Journal()
	var list []Journal
	for from := 0; from < len(all.Entries); {
		to := from
		for to < len(all.Entries) && all.Entries[to].Run == all.Entries[from].Run {
			to++
		}
		one := Journal{Name: all.Name, Kind: all.Kind, Entries: all.Entries[from:to:to]}
		if run := int(all.Entries[from].Run); run > 0 {
			one.Name = fmt.Sprintf("%s, run %d", all.Name, run+1)
		}
		list, from = append(list, one), to
	}
	if len(list) > 0 {
		list[0].Problems, list[0].Lost = all.Problems, all.Lost
	}
	return list
}

// lost counts the numbers that are missing, from 0 if the beginning of the run was seen.
func lost(calls []toldLine, fromStart bool) int {
	if len(calls) == 0 {
		return 0
	}
	first := calls[0].n
	if fromStart {
		first = 0
	}
	return int(calls[len(calls)-1].n-first) + 1 - len(calls)
}

// renumber shifts the socket numbers of a later run behind those of the earlier ones, and returns the
// highest.
func renumber(e *Entry, base int) (highest int) {
	shift := func(n *int) {
		if *n > 0 {
			*n += base
			highest = max(highest, *n)
		}
	}
	shift(&e.Socket)
	shift(&e.New)
	if e.poll != nil {
		p := *e.poll
		p.ready = slices.Clone(p.ready)
		e.poll = &p
	}
	for i := range e.Ready() {
		shift(&e.poll.ready[i].Socket)
	}
	return highest
}

// deviceClock undoes the wrap-around of ticks_us.
type deviceClock struct {
	end     int64 // µs: the end of the call before
	ticks   int64 // the same, modulo ticksPeriod
	seen    int64 // ns: when the call before was told
	hasSeen bool
	begun   bool // a call of this run was placed
	any     bool // a call of any run was placed
}

// restart begins a new run of the program.
func (c *deviceClock) restart() { c.begun = false }

// place gives a call its start, in ns, and its duration. Calls of one program follow one another, so the
// start is the first moment after the end of the call before that has these ticks. What is
// missing to the time between the datagrams is whole wraps of the counter: the call itself waited through
// them if it can wait, else the program was busy before it.
func (c *deviceClock) place(call toldLine) (start int64, took time.Duration) {
	gap := forward(c.ticks, call.ticks)
	duration := forward(0, call.took)
	if !c.begun && c.any {
		gap = 0
		if call.entry.HasSeen && c.hasSeen {
			gap = max(0, (call.entry.Seen-c.seen)/1000-duration)
		}
	} else if !c.any {
		gap, c.end = 0, call.ticks
	} else if call.entry.HasSeen && c.hasSeen {
		missing := (call.entry.Seen-c.seen)/1000 - gap - duration
		if wraps := (missing + ticksPeriod/2) / ticksPeriod; wraps > 0 {
			switch call.entry.Call {
			case Accept, Recv, RecvInto, Connect, Send, Poll, Select:
				duration += wraps * ticksPeriod
			default:
				gap += wraps * ticksPeriod
			}
		}
	}
	from := c.end + gap
	c.end = from + duration
	c.ticks = forward(0, call.ticks+duration)
	c.seen, c.hasSeen = call.entry.Seen, call.entry.HasSeen
	c.begun, c.any = true, true
	return from * 1000, time.Duration(duration) * time.Microsecond
}

// tj1Lines reads TJ1 lines from a file: the datagrams that a host noted, or a Pico's serial output with
// its own prints in between.
type tj1Lines struct{ device *Device }

func newTJ1Lines(b builder) *tj1Lines {
	d := NewDevice(b.j.Name)
	return &tj1Lines{device: d}
}

func (r *tj1Lines) problem(n int, what words.Reason) { r.device.problem(n, what) }

func (r *tj1Lines) line(n int, s string) {
	seen, rest, stamped := cutStamp(s)
	if strings.HasPrefix(rest, "TJ1 ") {
		r.device.addLine(n, strings.TrimRight(rest, " "), seen, stamped)
	}
}

func (r *tj1Lines) finish() *Journal {
	j := r.device.Journal()
	return &j
}

// parseTold reads one TJ1 line.
func parseTold(text string) (toldLine, error) {
	c := toldLine{entry: Entry{FD: -1, Device: true, Dialect: MicroPython, HasEnd: true}}
	rest := strings.TrimPrefix(text, "TJ1 ")
	var socketNumber int64
	for _, field := range [4]struct {
		name  string
		value *int64
		most  int64
	}{{"n=", &c.n, 1 << 53}, {"t=", &c.ticks, 1 << 53}, {"d=", &c.took, 1 << 53}, {"s=", &socketNumber, 1 << 20}} {
		value, tail, found := strings.Cut(rest, " ")
		number, named := strings.CutPrefix(value, field.name)
		n, err := strconv.ParseInt(number, 10, 64)
		negative := n < 0 && field.name != "d="
		if !found || !named || err != nil || negative || n > field.most || n < -field.most {
			return c, words.NoNumber(strings.TrimSuffix(field.name, "="))
		}
		*field.value, rest = n, tail
	}
	c.ticks = forward(0, c.ticks)
	c.entry.Socket = int(socketNumber)
	name := callName(rest)
	if name == "" || len(name) == len(rest) || rest[len(name)] != '(' {
		return c, words.TJ1WithoutCall
	}
	args := rest[len(name)+1:]
	end := closing(args)
	if end < 0 || !strings.HasPrefix(args[end+1:], "=") {
		return c, words.TJ1Cut
	}
	c.entry.Call = callNamed(name)
	return c, c.entry.toldCall(name, args[:end], args[end+2:])
}

// toldCall fills an entry from the arguments and the result of a TJ1 line.
func (e *Entry) toldCall(name, args, result string) error {
	e.Args = printable(name + "(" + respell(args) + ")")
	switch e.Call {
	case Bind, Connect:
		if a, ok := pythonAddr(args); ok {
			e.setAddr(a)
			e.Args = name + "(" + spellAddr(a) + ")"
		}
	case Send:
		data, _, rest, ok := pythonBytes(args)
		n, err := strconv.ParseInt(strings.TrimPrefix(rest, ","), 10, 64)
		if !ok || err != nil {
			return words.TJ1WithoutBytes
		}
		e.Data, e.Asked, e.Args = data, n, name+"("+spellBytes(n)+")"
	case Recv, RecvInto, Listen:
		e.Asked, _ = strconv.ParseInt(args, 10, 64)
	}
	if e.Call == RecvInto {
		e.Args = name + "(buf)"
	}
	return e.toldResult(result)
}

// toldResult reads what stands behind the equals sign.
func (e *Entry) toldResult(result string) error {
	e.Returns = true
	if number, failed := strings.CutPrefix(result, "!"); failed {
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil {
			return words.TJ1WithoutErrno
		}
		e.Errno, e.Data = errnoName(n), nil
		return nil
	}
	switch e.Call {
	case Poll, Select:
		e.polling().text = printable(result)
		return e.toldReady(result)
	case Accept:
		return e.toldAccept(result)
	}
	if data, _, rest, ok := pythonBytes(result); ok {
		n, err := strconv.ParseInt(strings.TrimPrefix(rest, ","), 10, 64)
		if err != nil {
			return words.TJ1WithoutLength
		}
		e.Data, e.Value = data, n
		return nil
	}
	if n, err := strconv.ParseInt(result, 10, 64); err == nil {
		e.Value = n
	} else if e.Call == Send || e.Call == Recv || e.Call == RecvInto {
		if result != "None" {
			return words.TJ1WithoutResult
		}
		e.Errno = "EAGAIN" // MicroPython's stream methods say None for "would block"
	}
	return nil
}

// toldAccept reads (s3,('192.168.1.3', 42274)).
func (e *Entry) toldAccept(result string) error {
	inside, bracket := strings.CutPrefix(result, "(s")
	number, rest, found := strings.Cut(inside, ",")
	n, err := strconv.Atoi(number)
	if !bracket || !found || err != nil || n <= 0 || n > 1<<20 || n == e.Socket {
		return words.TJ1WithoutSocket
	}
	e.New = n
	addr, _ := pythonAddr(rest)
	e.setAddr(addr)
	return nil
}

// toldReady reads [s2:1,s3:17].
func (e *Entry) toldReady(result string) error {
	inside, bracket := strings.CutPrefix(result, "[")
	inside, closed := strings.CutSuffix(inside, "]")
	if !bracket || !closed {
		return words.TJ1WithoutList
	}
	if inside == "" {
		return nil
	}
	for one := range strings.SplitSeq(inside, ",") {
		number, events, found := strings.Cut(strings.TrimPrefix(strings.TrimSpace(one), "s"), ":")
		n, err := strconv.Atoi(number)
		mask, err2 := strconv.ParseUint(events, 10, 16)
		if !found || err != nil || err2 != nil || n < 0 || n > 1<<20 {
			return words.TJ1WithoutReady
		}
		e.polling().ready = append(e.Ready(), Ready{Socket: n, Events: uint16(mask)})
	}
	e.Value = int64(len(e.Ready()))
	return nil
}
