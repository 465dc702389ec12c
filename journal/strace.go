package journal

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"tcptrace/words"
)

// strace reads the output of strace -ttt, with or without -f, -T, -y, -yy and -o.
//
// Sockets are followed through dup(), fork() and threads. A process whose clone() was not traced starts
// with a copy of the descriptors of its parent and sees those that others open later.
type strace struct {
	builder
	tasks      map[int]*task
	attached   map[int]bool // "strace: Process N attached": not the first process
	cloning    []*call      // clone() and fork() that have not returned
	last       *task
	first      *task         // the process the journal is about
	newest     map[int]*file // what each descriptor number was opened as last
	connected  map[[2]netip.AddrPort]*file
	anyGuessed bool
	copied     int // descriptors in copied tables
	sockets    int
	ends       []*socket // by socket number less 1
	reserved   map[int]bool
	suspended  int // bytes kept of unfinished lines
}

// mostUnfinished bounds the text of unfinished lines that is kept.
const mostUnfinished = 16 << 20

// call is one system call, begun and perhaps returned.
type call struct {
	name   string
	line   int
	task   *task
	start  int64
	text   string // arguments as far as they are known
	args   []string
	fd     int // first argument, -1 if it is no descriptor
	file   *file
	index  int // of the entry kept for it, -1 if none is
	out    outcome
	end    int64 // when it was resumed, by strace's clock; valid iff hasEnd
	hasEnd bool
}

func newStrace(b builder) *strace {
	return &strace{builder: b, tasks: map[int]*task{}, attached: map[int]bool{}, newest: map[int]*file{},
		connected: map[[2]netip.AddrPort]*file{}, reserved: map[int]bool{}}
}

// line reads one line.
func (r *strace) line(n int, s string) {
	l, ok := cutLeader(s)
	if !ok {
		// A program's output may share the line: its print has no newline yet.
		if at := strings.Index(s, "[pid "); at > 0 {
			l, ok = cutLeader(s[at:])
		}
	}
	if !ok {
		r.otherLine(n, s)
		return
	}
	t := r.taskOf(l.pid)
	r.last = t
	if r.first == nil {
		r.first = t
	}
	switch {
	case strings.HasPrefix(l.rest, "+++ "):
		r.ended(t, l.pid, strings.Trim(l.rest, "+ "))
	case strings.HasPrefix(l.rest, "--- "):
	case strings.HasPrefix(l.rest, "<... "):
		r.resume(n, t, l)
	default:
		r.begin(n, t, l)
	}
}

// otherLine takes what strace says about itself, and makes a Problem of the rest.
func (r *strace) otherLine(n int, s string) {
	if note, found := strings.CutPrefix(s, "strace: Process "); found {
		if number, _, attached := strings.Cut(note, " attached"); attached {
			if pid, err := strconv.Atoi(number); err == nil && r.last != nil {
				r.attached[pid] = true
			}
		}
		return
	}
	blank := strings.TrimSpace(s) == ""
	if blank || strings.HasPrefix(s, "strace:") || strings.HasPrefix(s, " > ") || strings.HasPrefix(s, "[ Process PID=") {
		return
	}
	if untimedCall.MatchString(s) {
		r.problem(n, words.NoEpoch(clip(s)))
		return
	}
	r.problem(n, words.NotStrace(clip(s)))
}

// begin reads a line on which a call starts.
func (r *strace) begin(n int, t *task, l leader) {
	name := callName(l.rest)
	text := l.rest[len(name)+1:]
	c := &call{name: plainName(name), line: n, task: t, start: l.start, fd: -1, index: -1}
	if _, interesting := handlers[c.name]; !interesting {
		return
	}
	if cut, pending := cutUnfinished(text); pending {
		c.text = cut
		r.suspend(n, c)
		return
	}
	args, rest, whole := splitArgs(text)
	out, valid := parseOutcome(rest)
	if !whole || !valid {
		r.problem(n, words.CallDamaged(clip(l.rest)))
		return
	}
	c.args, c.out = args, out
	r.resolve(c)
	r.complete(c)
}

// plainName drops the marks of 32-bit systems' variants of a call.
func plainName(name string) string {
	if name == "_newselect" {
		return "select"
	}
	name = strings.TrimSuffix(name, "_time64")
	if name == "fcntl64" || name == "sendfile64" {
		name = strings.TrimSuffix(name, "64")
	}
	return name
}

// cutUnfinished takes "<unfinished ...>" off the arguments of a call; a process that is killed leaves
// "<unfinished ...>) = ?".
func cutUnfinished(text string) (string, bool) {
	const mark = "<unfinished ...>"
	trimmed := strings.TrimSuffix(strings.TrimRight(text, " "), ") = ?")
	if cut, found := strings.CutSuffix(trimmed, mark); found {
		return strings.TrimRight(cut, " "), true
	}
	return text, false
}

// suspend keeps a call that has begun. What it names by descriptor is settled now: another thread may
// use the number again before this one returns.
func (r *strace) suspend(n int, c *call) {
	if old := c.task.pending; old != nil {
		r.abandon(old)
	}
	if r.suspended+len(c.text) > mostUnfinished {
		r.problem(n, words.TooManyOpen)
		return
	}
	r.suspended += len(c.text)
	c.args, _, _ = splitArgs(c.text)
	r.resolve(c)
	if c.index = r.add(Entry{Line: c.line}); c.index >= 0 {
		r.reserved[c.index] = true
	}
	c.task.pending = c
	if spawns[c.name] {
		r.cloning = append(r.cloning, c)
	}
	if c.name == "close" {
		r.shut(c.task, c.fd)
	}
}

// resume reads "<... accept4 resumed>…", the rest of a call that was suspended.
func (r *strace) resume(n int, t *task, l leader) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(l.rest, "<... "), " resumed>")
	name = plainName(name)
	c := t.pending
	if c == nil || c.name != name {
		if _, interesting := handlers[name]; interesting {
			r.problem(n, words.NotBegun(clip(l.rest)))
		}
		return
	}
	t.pending = nil
	r.suspended -= len(c.text)
	r.cloning = without(r.cloning, c)
	args, tail, whole := splitArgs(c.text + rest)
	out, valid := parseOutcome(tail)
	if cut, again := cutUnfinished(c.text + rest); again {
		args, _, _ = splitArgs(cut)
		out, whole, valid = outcome{}, true, true
	}
	if !whole || !valid {
		r.problem(n, words.CallDamaged(clip(l.rest)))
		r.abandon(c)
		return
	}
	c.text, c.args, c.out, c.end, c.hasEnd = c.text+rest, args, out, l.start, true
	r.complete(c)
}

// without removes one call from a list.
func without(list []*call, c *call) []*call {
	for i, other := range list {
		if other == c {
			return append(list[:i], list[i+1:]...)
		}
	}
	return list
}

// abandon writes down a call that never returned.
func (r *strace) abandon(c *call) {
	c.task.pending = nil
	r.cloning = without(r.cloning, c)
	r.suspended -= len(c.text)
	c.out, c.hasEnd = outcome{}, false
	r.complete(c)
}

// ended takes the end of a process or thread.
func (r *strace) ended(t *task, pid int, how string) {
	if t.pending != nil {
		r.abandon(t.pending)
	}
	if t == r.first && r.j.Ended == "" {
		r.j.Ended = printable(how)
	}
	for _, number := range []int{pid, t.pid, 0} {
		if r.tasks[number] == t {
			delete(r.tasks, number)
		}
	}
}

// resolve settles what the first argument of a call stands for.
func (r *strace) resolve(c *call) {
	if len(c.args) == 0 {
		return
	}
	var annotation string
	c.fd, annotation = descriptor(c.args[0])
	c.file = r.lookup(c.task, c.fd, annotation)
}

// complete hands a call to its handler and keeps the addresses of its socket.
func (r *strace) complete(c *call) {
	if c.out.interrupted {
		c.out.known, c.out.hasTook, c.hasEnd = false, false, false
	}
	handlers[c.name](r, c)
	if c.out.interrupted && c.index >= 0 && !r.reserved[c.index] {
		c.task.interrupted, c.task.again = c.index+1, c
	}
}

// entry begins the entry of a call on socket s, which is nil for calls without one.
func (c *call) entry(kind Call, s *socket, args string) Entry {
	e := Entry{Line: c.line, Process: int32(c.task.pid), Start: c.start, Call: kind, FD: int32(c.fd), Args: args,
		Returns: c.out.known, Errno: c.out.errno}
	if c.out.known && c.out.errno == "" {
		e.Value = c.out.value
	}
	switch {
	case c.out.hasTook:
		e.Duration, e.HasEnd = c.out.took, true
	case c.hasEnd && c.out.known:
		e.Duration, e.HasEnd = max(0, time.Duration(c.end-c.start)), true
	}
	if s != nil {
		e.Socket = s.number
		e.setEnds(s.local, s.remote)
	}
	return e
}

// emit keeps an entry. A call that a signal interrupted and that the program, or the kernel, starts again
// is one entry from the first start to the last return; one that is not started again returned EINTR.
func (r *strace) emit(c *call, e Entry) {
	if at := c.task.interrupted - 1; at >= 0 {
		c.task.interrupted, c.task.again = 0, nil
		old := &r.j.Entries[at]
		if old.Call == e.Call && old.Socket == e.Socket && old.Args == e.Args {
			if e.HasEnd {
				e.Duration += time.Duration(e.Start - old.Start)
			}
			e.Start, e.Line = old.Start, old.Line
			*old = e
			c.index = at
			return
		}
		old.Returns, old.Errno = true, "EINTR"
	}
	if c.index >= 0 {
		delete(r.reserved, c.index)
		r.j.Entries[c.index] = e
		return
	}
	c.index = r.add(e)
}

// finish ends the journal: calls that never returned, places kept for calls that made no entry,
// addresses that became known later, and closes that closed nothing.
func (r *strace) finish() *Journal {
	var pending []*call
	for _, t := range r.tasks {
		if t.pending != nil {
			pending = append(pending, t.pending)
		}
	}
	slices.SortFunc(pending, func(a, b *call) int { return a.line - b.line })
	for _, c := range pending {
		if c.task.pending == c {
			r.abandon(c)
		}
	}
	kept := r.j.Entries[:0]
	for i, e := range r.j.Entries {
		if !r.reserved[i] {
			kept = append(kept, e)
		}
	}
	r.j.Entries = kept
	r.fillAddresses()
	r.keepLastClose()
	if r.sockets == 0 && len(r.j.Entries) == 0 {
		r.problem(0, words.NoTCPCalls)
	}
	return r.done()
}

// fillAddresses gives the entries of a socket the addresses that only later lines showed.
func (r *strace) fillAddresses() {
	for i := range r.j.Entries {
		e := &r.j.Entries[i]
		if e.Socket == 0 || e.Socket > len(r.ends) || r.ends[e.Socket-1] == nil {
			continue
		}
		s := r.ends[e.Socket-1]
		local, remote := e.Local(), e.Remote()
		if !local.IsValid() || local.Addr().IsUnspecified() {
			local = s.local
		}
		if !remote.IsValid() {
			remote = s.remote
		}
		e.ends = r.sharedEnds(local, remote)
	}
}

// keepLastClose makes Other of every close() of a socket that was used afterwards: another descriptor or
// process held it, so nothing was closed on the wire.
func (r *strace) keepLastClose() {
	used := make(map[int]bool, r.sockets)
	for i := len(r.j.Entries) - 1; i >= 0; i-- {
		e := &r.j.Entries[i]
		if e.Socket == 0 {
			continue
		}
		if e.Call == Close && used[e.Socket] {
			e.Call = Other
		}
		used[e.Socket] = true
	}
}
