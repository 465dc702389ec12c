package journal

import (
	"net/netip"
	"strings"
)

// socket is one TCP socket of a strace journal, however many descriptors and processes hold it.
type socket struct {
	number        int
	local, remote netip.AddrPort
	local4        netip.AddrPort // the two ends as -yy last showed them together
	remote4       netip.AddrPort
	nonblocking   bool
	holders       int // descriptors known to hold it: dup() and traced fork() add some
}

// file is what a descriptor stands for.
type file struct {
	socket  *socket        // nil: it is known not to be a TCP socket
	watched map[string]int // epoll: the descriptor registered with some user data
}

// table is the descriptors of one process, which its threads share.
type table struct{ files map[int]*file }

// task is one process or thread.
type task struct {
	pid     int
	files   *table
	guessed bool  // its clone() was not traced, so whether it shares descriptors is not known
	pending *call // begun and not yet returned: "<unfinished ...>"
	// interrupted is 1 + the index of an entry that a signal interrupted; 0 for none.
	interrupted int
	again       *call // the call of that entry, for restart_syscall()
}

// copyOf is the table of a forked process; the original itself once copies have become too many.
func (r *strace) copyOf(t *table) *table {
	if r.copied += 1 + len(t.files); r.copied > mostCopied {
		return t
	}
	c := &table{files: make(map[int]*file, len(t.files))}
	for fd, f := range t.files {
		c.files[fd] = f
	}
	return c
}

// open puts a file at a descriptor, whatever was there.
func (r *strace) open(t *task, fd int, f *file) {
	t.files.files[fd] = f
	r.newest[fd] = f
}

// shut takes a descriptor away.
func (r *strace) shut(t *task, fd int) {
	f := t.files.files[fd]
	delete(t.files.files, fd)
	if f != nil && r.newest[fd] == f {
		delete(r.newest, fd)
	}
}

// newSocket numbers a socket.
func (r *strace) newSocket() *socket {
	r.sockets++
	s := &socket{number: r.sockets, holders: 1}
	r.ends = append(r.ends, s)
	return s
}

// lookup finds what a descriptor stands for, nil if nothing tells. annotation is what -yy says of it.
//
// A process whose clone() was not traced may be a thread: a descriptor that its own table lacks is
// looked for where it was opened last.
func (r *strace) lookup(t *task, fd int, annotation string) *file {
	if fd < 0 {
		return nil
	}
	f := t.files.files[fd]
	if f == nil && (t.guessed || r.anyGuessed) {
		f = r.newest[fd]
	}
	kind, ends, found := strings.Cut(annotation, ":[")
	switch {
	case annotation == "" || found && kind == "socket":
		return f
	case !found || kind != "TCP" && kind != "TCPv6":
		if f == nil || f.socket != nil {
			f = &file{}
			t.files.files[fd] = f
		}
		return f
	}
	local, remote := annotatedEnds(strings.TrimSuffix(ends, "]"))
	if f == nil || f.socket == nil || differs(f.socket, local, remote) {
		if f = r.byEnds(local, remote); f == nil {
			f = &file{socket: r.newSocket()}
		}
		r.open(t, fd, f)
	}
	f.socket.learn(local, remote)
	if remote.IsValid() {
		f.socket.local4, f.socket.remote4 = local, remote
		r.connected[[2]netip.AddrPort{local, remote}] = f
	}
	return f
}

// byEnds finds the socket that -yy showed with these two ends before.
func (r *strace) byEnds(local, remote netip.AddrPort) *file {
	if !remote.IsValid() {
		return nil
	}
	return r.connected[[2]netip.AddrPort{local, remote}]
}

// differs reports whether -yy shows a connection that cannot be this socket's.
func differs(s *socket, local, remote netip.AddrPort) bool {
	return remote.IsValid() && s.remote4.IsValid() && (s.local4 != local || s.remote4 != remote)
}

// learn notes addresses, where they say more than is known.
func (s *socket) learn(local, remote netip.AddrPort) {
	if local.Port() != 0 && (!s.local.IsValid() || s.local.Addr().IsUnspecified() || !local.Addr().IsUnspecified()) {
		s.local = local
	}
	if remote.Port() != 0 {
		s.remote = remote
	}
}

// annotatedEnds reads "a:p->b:q" or "a:p"; an inode alone gives nothing.
func annotatedEnds(s string) (local, remote netip.AddrPort) {
	a, b, _ := strings.Cut(s, "->")
	return annotatedAddr(a), annotatedAddr(b)
}

// annotatedAddr reads "127.0.0.1:4000" or "[::1]:4000"; it is zero for anything else.
func annotatedAddr(s string) netip.AddrPort {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// spawned says that parent's clone() or fork() returned child.
func (r *strace) spawned(parent *task, child int, shares bool) {
	c := r.tasks[child]
	switch {
	case c == nil:
		c = &task{pid: child, files: parent.files}
		if !shares {
			if c.files = r.copyOf(parent.files); c.files != parent.files {
				r.held(c.files)
			}
		}
		r.tasks[child] = c
	case c.guessed && shares && c.files != parent.files:
		for fd, f := range c.files.files {
			parent.files.files[fd] = f
		}
		c.files = parent.files
	case c.guessed && !shares:
		r.held(c.files)
	}
	c.guessed = false
}

// held counts one more holder for every socket of a forked table.
func (r *strace) held(t *table) {
	for _, f := range t.files {
		if f.socket != nil {
			f.socket.holders++
		}
	}
}

// taskOf finds the process of a line, or introduces it.
func (r *strace) taskOf(pid int) *task {
	if t := r.tasks[pid]; t != nil {
		return t
	}
	t := &task{pid: pid}
	switch main := r.tasks[0]; {
	case len(r.tasks) == 0 || r.last == nil:
		t.files = &table{files: map[int]*file{}}
	case main != nil && !r.attached[pid]:
		// strace without -o names the first process only from the second on.
		main.pid = pid
		r.tasks[pid] = main
		return main
	default:
		r.inherit(t)
	}
	r.tasks[pid] = t
	return t
}

// inherit gives a process that nothing introduced the descriptors of the one that is inside clone() or
// fork(), or else of the one that was busy last.
func (r *strace) inherit(t *task) {
	parent, shares := r.last, false
	for _, c := range r.cloning {
		parent, shares = c.task, strings.Contains(c.text, "CLONE_FILES")
	}
	if t.files = parent.files; !shares {
		t.files = r.copyOf(parent.files)
	}
	t.guessed = true
	r.anyGuessed = true
}

// mostCopied bounds the descriptors that all copied tables hold together.
const mostCopied = 1 << 20
