package journal

import (
	"net/netip"
	"strconv"
	"strings"
)

// handlers say what each system call means. A call that is not here is of no interest.
var handlers map[string]func(*strace, *call)

// spawns are the calls that make processes and threads.
var spawns = map[string]bool{"clone": true, "clone3": true, "fork": true, "vfork": true}

func init() {
	handlers = map[string]func(*strace, *call){
		"socket": (*strace).socket, "bind": (*strace).bind, "listen": (*strace).listen,
		"accept": (*strace).accept, "accept4": (*strace).accept, "connect": (*strace).connect,
		"send": (*strace).send, "sendto": (*strace).send, "write": (*strace).send,
		"sendmsg": (*strace).sendVector, "writev": (*strace).sendVector, "sendfile": (*strace).sendFile,
		"recv": (*strace).recv, "recvfrom": (*strace).recv, "read": (*strace).recv,
		"recvmsg": (*strace).recvVector, "readv": (*strace).recvVector,
		"shutdown": (*strace).shutdown, "close": (*strace).close, "close_range": (*strace).closeRange,
		"dup": (*strace).dup, "dup2": (*strace).dup, "dup3": (*strace).dup,
		"fcntl": (*strace).fcntl, "ioctl": (*strace).ioctl,
		"setsockopt": (*strace).setSockOpt, "getsockopt": (*strace).getSockOpt,
		"getsockname": (*strace).getSockName, "getpeername": (*strace).getPeerName,
		"poll": (*strace).poll, "ppoll": (*strace).poll,
		"select": (*strace).selectCall, "pselect6": (*strace).selectCall,
		"nanosleep": (*strace).sleep, "clock_nanosleep": (*strace).sleep,
		"epoll_ctl": (*strace).epollCtl, "epoll_wait": (*strace).epollWait,
		"epoll_pwait": (*strace).epollWait, "epoll_pwait2": (*strace).epollWait,
		"restart_syscall": (*strace).restart,
		"socketpair":      (*strace).opensPair, "pipe": (*strace).opensPair, "pipe2": (*strace).opensPair,
	}
	for _, name := range []string{"open", "openat", "openat2", "creat", "epoll_create", "epoll_create1", "eventfd",
		"eventfd2", "timerfd_create", "signalfd", "signalfd4", "memfd_create", "pidfd_open", "inotify_init",
		"inotify_init1"} {
		handlers[name] = (*strace).opens
	}
	for name := range spawns {
		handlers[name] = (*strace).spawn
	}
}

// arg is the argument at i, "" if there are not so many.
func (c *call) arg(i int) string {
	if i < len(c.args) {
		return c.args[i]
	}
	return ""
}

// number is the argument at i as a number, 0 if it is none.
func (c *call) number(i int) int64 {
	n, _ := strconv.ParseInt(c.arg(i), 0, 64)
	return n
}

// succeeded reports whether the call is known to have succeeded.
func (c *call) succeeded() bool { return c.out.known && c.out.errno == "" && c.out.value >= 0 }

// tcp is the TCP socket that a call is about. Where nothing has told what the descriptor is (it was
// inherited, or strace was attached later), adopt says that the call proves it to be one.
func (r *strace) tcp(c *call, adopt bool) *socket {
	if c.file == nil && adopt && c.fd >= 0 && c.out.errno != "EBADF" && c.out.errno != "ENOTSOCK" {
		c.file = &file{socket: r.newSocket()}
		r.open(c.task, c.fd, c.file)
	}
	if c.file == nil {
		return nil
	}
	return c.file.socket
}

func (r *strace) socket(c *call) {
	family := c.arg(0)
	inet := family == "AF_INET" || family == "AF_INET6" || family == "PF_INET" || family == "PF_INET6"
	protocol := c.arg(2)
	stream := strings.Contains(c.arg(1), "SOCK_STREAM") && !strings.Contains(protocol, "SCTP")
	if !inet || !stream {
		r.opens(c)
		return
	}
	if !c.out.known {
		return
	}
	var kinds []string
	for kind := range strings.SplitSeq(c.arg(1), "|") {
		if kind != "SOCK_CLOEXEC" {
			kinds = append(kinds, kind)
		}
	}
	args := "socket(" + family + ", " + strings.Join(kinds, "|") + ")"
	e := c.entry(Socket, nil, printable(args))
	e.FD = -1
	if c.succeeded() {
		s := r.newSocket()
		s.nonblocking = strings.Contains(c.arg(1), "SOCK_NONBLOCK")
		r.open(c.task, int(c.out.value), &file{socket: s})
		e.Socket, e.FD = s.number, int32(c.out.value)
	}
	r.emit(c, e)
}

func (r *strace) bind(c *call) {
	addr, inet := sockaddr(c.arg(1))
	s := r.tcp(c, inet)
	if s == nil {
		return
	}
	if c.succeeded() {
		s.learn(addr, netip.AddrPort{})
	}
	e := c.entry(Bind, s, "bind("+spellSockaddr(c.arg(1), addr)+")")
	e.setAddr(addr)
	r.emit(c, e)
}

func (r *strace) connect(c *call) {
	addr, inet := sockaddr(c.arg(1))
	s := r.tcp(c, inet)
	if s == nil {
		return
	}
	s.learn(netip.AddrPort{}, addr)
	e := c.entry(Connect, s, "connect("+spellSockaddr(c.arg(1), addr)+")")
	e.setAddr(addr)
	r.emit(c, e)
}

func (r *strace) listen(c *call) {
	s := r.tcp(c, false)
	if s == nil {
		return
	}
	e := c.entry(Listen, s, "listen("+printable(c.arg(1))+")")
	e.Asked = c.number(1)
	r.emit(c, e)
}

func (r *strace) accept(c *call) {
	addr, inet := sockaddr(c.arg(1))
	s := r.tcp(c, inet)
	if s == nil {
		if c.succeeded() {
			r.open(c.task, int(c.out.value), &file{})
		}
		return
	}
	e := c.entry(Accept, s, "accept()")
	if c.succeeded() {
		conn := r.newSocket()
		conn.local = s.local
		r.open(c.task, int(c.out.value), &file{socket: conn})
		if c.out.annotation != "" {
			r.lookup(c.task, int(c.out.value), c.out.annotation)
		}
		conn.learn(netip.AddrPort{}, addr)
		e.setAddr(conn.remote)
		e.New = conn.number
	}
	r.emit(c, e)
}

// send reads send(), sendto() and write(): descriptor, bytes, length, flags…
func (r *strace) send(c *call) {
	s := r.tcp(c, c.name == "sendto" && c.arg(4) == "NULL")
	if s == nil {
		return
	}
	r.emitSend(c, s, c.arg(1), c.number(2))
}

// sendVector reads sendmsg() and writev(), whose bytes are in iovecs.
func (r *strace) sendVector(c *call) {
	if s := r.tcp(c, false); s != nil {
		quoted, size := vector(c.arg(1))
		r.emitSend(c, s, quoted, size)
	}
}

// sendFile reads sendfile(socket, file, offset, count).
func (r *strace) sendFile(c *call) {
	if s := r.tcp(c, false); s != nil {
		r.emitSend(c, s, "", c.number(3))
	}
}

func (r *strace) emitSend(c *call, s *socket, quoted string, size int64) {
	e := c.entry(Send, s, "send("+spellBytes(size)+")")
	e.Asked = size
	if c.succeeded() {
		e.Data = cString(quoted, c.out.value)
	}
	r.emit(c, e)
}

// recv reads recv(), recvfrom() and read(): descriptor, bytes, length, flags…
func (r *strace) recv(c *call) {
	s := r.tcp(c, c.name == "recvfrom" && c.arg(4) == "NULL")
	if s == nil {
		return
	}
	flags := ""
	if c.name != "read" {
		flags = c.arg(3)
	}
	r.emitRecv(c, s, c.arg(1), c.number(2), flags)
}

// recvVector reads recvmsg() and readv(), whose bytes are in iovecs.
func (r *strace) recvVector(c *call) {
	if s := r.tcp(c, false); s != nil {
		quoted, size := vector(c.arg(1))
		flags := ""
		if c.name == "recvmsg" {
			flags = c.arg(2)
		}
		r.emitRecv(c, s, quoted, size, flags)
	}
}

// emitRecv keeps a receiving call; one that only looks (MSG_PEEK) or that reads beside the stream
// (MSG_OOB, MSG_ERRQUEUE) takes no bytes from it and makes no row.
func (r *strace) emitRecv(c *call, s *socket, quoted string, size int64, flags string) {
	kind := Recv // strace cannot tell recv() from recv_into()
	for _, aside := range []string{"MSG_PEEK", "MSG_OOB", "MSG_ERRQUEUE"} {
		if strings.Contains(flags, aside) {
			kind = Other
		}
	}
	spelled := "recv()" // the line was cut before the size
	if size > 0 {
		spelled = "recv(" + strconv.FormatInt(size, 10) + ")"
	}
	e := c.entry(kind, s, spelled)
	e.Asked = size
	if c.succeeded() {
		e.Data = cString(quoted, c.out.value)
	}
	r.emit(c, e)
}

func (r *strace) shutdown(c *call) {
	s := r.tcp(c, false)
	if s == nil {
		return
	}
	kind := Shutdown
	if c.out.errno == "ENOTCONN" {
		kind = Other // of nothing: no row
	}
	r.emit(c, c.entry(kind, s, "shutdown("+printable(c.arg(1))+")"))
}

// close frees the descriptor even when it fails (close(2), "Dealing with error returns").
func (r *strace) close(c *call) {
	s := r.tcp(c, false)
	if c.index < 0 && c.out.errno != "EBADF" {
		r.shut(c.task, c.fd)
	}
	if s == nil || c.out.errno == "EBADF" {
		return
	}
	kind := Close
	if s.holders--; s.holders > 0 {
		kind = Other // another descriptor holds it still
	}
	r.emit(c, c.entry(kind, s, "close()"))
}

func (r *strace) closeRange(c *call) {
	if !c.succeeded() || strings.Contains(c.arg(2), "CLOSE_RANGE_CLOEXEC") {
		return
	}
	from, to := c.number(0), c.number(1)
	if strings.HasPrefix(c.arg(1), "~") {
		to = 1 << 31
	}
	for fd := range c.task.files.files {
		if int64(fd) >= from && int64(fd) <= to {
			r.shut(c.task, fd)
		}
	}
}

func (r *strace) dup(c *call) {
	if !c.succeeded() {
		return
	}
	r.duplicate(c, int(c.out.value))
}

// duplicate makes another descriptor stand for what the first argument stands for.
func (r *strace) duplicate(c *call, fd int) {
	f := c.file
	if old := c.task.files.files[fd]; old != nil && old.socket != nil && old != f {
		old.socket.holders--
	}
	if f == nil {
		f = &file{}
	} else if f.socket != nil && c.task.files.files[fd] != f {
		f.socket.holders++
	}
	r.open(c.task, fd, f)
}

func (r *strace) fcntl(c *call) {
	switch command := c.arg(1); {
	case !c.succeeded():
	case strings.HasPrefix(command, "F_DUPFD"):
		r.duplicate(c, int(c.out.value))
	case command == "F_SETFL":
		r.setBlocking(c, strings.Contains(c.arg(2), "O_NONBLOCK"))
	}
}

func (r *strace) ioctl(c *call) {
	if c.arg(1) == "FIONBIO" && c.succeeded() {
		r.setBlocking(c, c.arg(2) != "[0]")
	}
}

// setBlocking keeps a change of the blocking mode; setting what is set makes no row for fcntl(), which
// programs also use for other flags.
func (r *strace) setBlocking(c *call, nonblocking bool) {
	s := r.tcp(c, false)
	if s == nil {
		return
	}
	if c.name == "fcntl" && s.nonblocking == nonblocking && !nonblocking {
		return
	}
	s.nonblocking = nonblocking
	args := "setblocking(True)"
	if nonblocking {
		args = "setblocking(False)"
	}
	r.emit(c, c.entry(SetBlocking, s, args))
}

func (r *strace) setSockOpt(c *call) {
	if s := r.tcp(c, false); s != nil {
		value := strings.Trim(c.arg(3), "[]")
		args := "setsockopt(" + c.arg(1) + ", " + c.arg(2) + ", " + value + ")"
		r.emit(c, c.entry(SetSockOpt, s, printable(args)))
	}
}

// getSockOpt keeps SO_ERROR, by which a program learns how its non-blocking connect() ended.
func (r *strace) getSockOpt(c *call) {
	s := r.tcp(c, false)
	if s == nil {
		return
	}
	kind := Other
	if c.arg(2) == "SO_ERROR" {
		kind = GetSockOpt
	}
	e := c.entry(kind, s, "getsockopt("+printable(c.arg(2))+")")
	if value := strings.Trim(c.arg(3), "[]"); c.succeeded() {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			n = errnoNumber(value)
		}
		e.Value = n
	}
	r.emit(c, e)
}

func (r *strace) getSockName(c *call) {
	if s := r.tcp(c, false); s != nil && c.succeeded() {
		addr, _ := sockaddr(c.arg(1))
		s.learn(addr, netip.AddrPort{})
	}
}

func (r *strace) getPeerName(c *call) {
	if s := r.tcp(c, false); s != nil && c.succeeded() {
		addr, _ := sockaddr(c.arg(1))
		s.learn(netip.AddrPort{}, addr)
	}
}

// opens notes a descriptor that is no TCP socket.
func (r *strace) opens(c *call) {
	if c.succeeded() {
		r.open(c.task, int(c.out.value), &file{})
	}
}

// opensPair notes the two descriptors of pipe() and socketpair().
func (r *strace) opensPair(c *call) {
	if !c.succeeded() {
		return
	}
	for _, arg := range c.args {
		if inside, found := strings.CutPrefix(arg, "["); found {
			pair, _, _ := splitArgs(strings.TrimSuffix(inside, "]"))
			for _, one := range pair {
				if fd, _ := descriptor(one); fd >= 0 {
					r.open(c.task, fd, &file{})
				}
			}
		}
	}
}

func (r *strace) spawn(c *call) {
	if c.succeeded() && c.out.value > 0 {
		shares := strings.Contains(strings.Join(c.args, ","), "CLONE_FILES")
		r.spawned(c.task, int(c.out.value), shares)
	}
}

// restart takes the result of a call that the kernel resumed by itself after a signal.
func (r *strace) restart(c *call) {
	if first := c.task.again; first != nil {
		resumed := *c
		resumed.name, resumed.args, resumed.fd, resumed.file = first.name, first.args, first.fd, first.file
		handlers[first.name](r, &resumed)
		c.index = resumed.index
	}
}

// sockaddr reads {sa_family=AF_INET, sin_port=htons(9001), sin_addr=inet_addr("0.0.0.0")} and its IPv6
// cousin; inet is false for other families and for what was not filled in.
func sockaddr(s string) (addr netip.AddrPort, inet bool) {
	if !strings.Contains(s, "sa_family=AF_INET") {
		return addr, false
	}
	_, port, _ := strings.Cut(s, "_port=htons(")
	port, _, _ = strings.Cut(port, ")")
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return addr, true
	}
	_, host, found := strings.Cut(s, `inet_addr("`)
	if !found {
		_, host, _ = strings.Cut(s, `inet_pton(AF_INET6, "`)
	}
	host, _, _ = strings.Cut(host, `"`)
	return addrPort(host, int64(n)), true
}

// spellSockaddr is the address as an argument; what is no address of IP is given as its family.
func spellSockaddr(raw string, addr netip.AddrPort) string {
	if addr.IsValid() {
		return spellAddr(addr)
	}
	_, family, _ := strings.Cut(raw, "sa_family=")
	family, _, _ = strings.Cut(strings.TrimSuffix(family, "}"), ",")
	return printable(family)
}

// cString is the first bytes of a quoted argument, at most n and keptBytes.
func cString(quoted string, n int64) []byte {
	if !strings.HasPrefix(quoted, `"`) || n <= 0 {
		return nil
	}
	var data []byte
	for i := 1; i < len(quoted) && quoted[i] != '"' && len(data) < keptBytes && int64(len(data)) < n; {
		octet, size := escaped(quoted[i:])
		data = append(data, octet)
		i += size
	}
	return data
}

// vector reads [{iov_base="…", iov_len=12}, …], alone or inside a msghdr: the first string and the sum of the
// lengths. A length that strace prints as "4096 => 12" counts as the first number.
func vector(s string) (quoted string, size int64) {
	for {
		_, after, found := strings.Cut(s, "iov_base=")
		if !found {
			return quoted, size
		}
		if strings.HasPrefix(after, `"`) {
			end := endOfQuote(after, 0)
			if quoted == "" {
				quoted = after[:end+1]
			}
			after = after[end+1:]
		}
		_, length, _ := strings.Cut(after, "iov_len=")
		end := 0
		for end < len(length) && length[end] >= '0' && length[end] <= '9' {
			end++
		}
		n, _ := strconv.ParseInt(length[:end], 10, 64)
		size += n
		s = length
	}
}
