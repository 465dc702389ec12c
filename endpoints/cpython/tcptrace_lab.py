"""Runs an unmodified Python program in tcptrace's lab: its sockets, its clock, its threads and its terminal are the lab's.

    python3 -S tcptrace_lab.py pico|pc PROGRAM.py SEED WIFI_NS [arguments of the program]

The lines that go over standard input and output are described in docs/lab-protocol.md. With "pico" the program finds
MicroPython's modules as the Pico W has them, with "pc" CPython's own library above the lab's sockets.
"""
import builtins
import errno as _errno
import faulthandler
import json
import os
import sys
import time as _real_time
import types
import _thread as _real_thread
try:
    import _socket as _real_socket
except ImportError:
    _real_socket = None

VERSION = 1
PICO, PROGRAM, SEED, WIFI_NS = sys.argv[1] == "pico", sys.argv[2], sys.argv[3], int(sys.argv[4])
CLOCK_NS = 8000 if PICO else 60        # reading the clock
CALL_NS = 375000 if PICO else 55000    # a socket call, on the average
FLUSH_NS = 1000000                     # computing that is told to the lab at the latest

PICO_ADDRESS, PC_ADDRESS = "192.168.1.57", "192.168.1.3"
EAGAIN, EBADF, ENOENT, EINPROGRESS, ETIMEDOUT = 11, 9, 2, 115, 110    # Linux's, which are lwIP's
EAFNOSUPPORT, EALREADY, EOPNOTSUPP = 97, 114, 95
POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL = 1, 4, 8, 16, 32

# The program's standard input and output lead nowhere: print() and input() go over the protocol.
_in, _out = os.dup(0), os.dup(1)
_null = os.open(os.devnull, os.O_RDWR)
os.dup2(_null, 0)
os.dup2(_null, 1)
faulthandler.enable()
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode

# ---- requests ----

_now = 0       # the lab's clock at the last answer, ns since 1970
_owed = 0      # what was computed since, ns
_lease = 0     # before this moment nothing happens
_same = None   # the last request, if it was without result
_fault = None  # how it failed
_spun = 0      # requests since then that were not made, because nothing could have changed
_buffer = b""
_mine = _real_thread._local()
_boxes = {}    # thread number -> [lock, answer]
_threads = 0


def _number():
    """The number of the running thread; the first is 0."""
    if not hasattr(_mine, "number"):
        _mine.number = 0
        _new_box(0)
    return _mine.number


def _new_box(number):
    box = _boxes[number] = [_real_thread.allocate_lock(), None]
    box[0].acquire()
    return box


def _read_line():
    global _buffer
    while True:
        end = _buffer.find(b"\n")
        if end >= 0:
            line, _buffer = _buffer[:end], _buffer[end + 1:]
            return line
        more = os.read(_in, 65536)
        if not more:
            os._exit(143)    # tcptrace is gone
        _buffer += more


def _write(request):
    data = (_encode(request) + "\n").encode()
    while data:
        data = data[os.write(_out, data):]


def _hand_over(answer):
    box = _boxes[answer[0]]
    box[1] = answer
    box[0].release()


def _await(me):
    """Waits for the answer of this thread. Whoever reads one of another thread hands it over, and that thread reads on."""
    answer = json.loads(_read_line())
    if answer[0] == me:
        return answer
    _hand_over(answer)
    box = _boxes[me]
    box[0].acquire()
    return box[1]


def _source_line():
    """The line of the program that is being run."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == PROGRAM:
            return frame.f_lineno
        frame = frame.f_back
    return 0


def ask(*request):
    """Makes a request and returns its value. Before the lease ends, a request without result is answered here, with the same."""
    global _now, _owed, _lease, _same, _fault, _spun
    if request == _same and _now + _owed + CALL_NS < _lease:
        _owed += CALL_NS
        _spun += 1
        if _fault:
            raise os_error(_fault)
        return []
    me = _number()
    owed, _owed = _owed, 0
    if _spun:
        spun, _spun = _spun, 0
        _write((me, 0, "spun", 0, spun))    # no answer comes
    _write((me, owed, request[0], _source_line()) + request[1:])
    answer = _await(me)
    _now, value = answer[1], answer[2]
    number = answer[3] if len(answer) > 3 else 0
    _same = None
    if len(answer) > 4:
        _same, _lease, _fault = request, answer[4], number
    if number:
        raise os_error(number)
    return value


def compute(ns):
    """Lets the program compute for a time."""
    global _owed
    _owed += ns
    if _owed >= FLUSH_NS and _now + _owed >= _lease:
        ask("spend")


if PICO:
    class _Error(OSError):
        """MicroPython's OSError: one class for all, with its number alone."""
        errno = property(lambda self: self.args[0])

        def __init__(self, number):
            super().__init__(number)

        def __str__(self):
            return "[Errno %d] %s" % (self.args[0], _errno.errorcode.get(self.args[0], ""))

        def __repr__(self):
            return "OSError(%d,)" % self.args[0]

    class _Again(_Error, BlockingIOError):
        """What CPython's asyncio, which stands in for MicroPython's, looks for."""

    for _class in (_Error, _Again):
        _class.__name__ = _class.__qualname__ = "OSError"

    def os_error(number):
        return (_Again if number in (EAGAIN, EALREADY, EINPROGRESS) else _Error)(number)
else:
    def os_error(number):
        return OSError(number, os.strerror(number))

# ---- sockets ----

_sockets = {}


class LabSocket:
    """_socket.socket of the lab: CPython's socket module stands above it."""
    __slots__ = ("_family", "_type", "proto", "_timeout", "_fd")
    family = property(lambda self: self._family)
    type = property(lambda self: self._type)

    def __init__(self, family=2, type=1, proto=0, fileno=None):
        self._family, self._type, self.proto = 2 if family == -1 else family, 1 if type == -1 else type, max(proto, 0)
        self._timeout = None
        if fileno is None:
            if self._family != 2 or self._type & 15 != 1:
                raise os_error(EAFNOSUPPORT)    # the lab speaks TCP over IPv4
            fileno = ask("socket")
        self._fd = fileno
        _sockets[fileno] = self

    def fileno(self):
        return self._fd

    def _ask(self, op, *args):
        if self._fd < 0:
            raise os_error(EBADF)
        return ask(op, self._fd, *args)

    def _wait(self, events):
        if self._timeout and not ask("poll", self._timeout * 1000, [[self._fd, events]]):
            raise os_error(ETIMEDOUT) if PICO else TimeoutError("timed out")

    def setblocking(self, flag):
        self.settimeout(None if flag else 0)

    def settimeout(self, seconds):
        self._timeout = seconds
        self._ask("setblocking", seconds is None)

    def gettimeout(self):
        return self._timeout

    timeout = property(gettimeout)

    def getblocking(self):
        return self._timeout is None

    def bind(self, address):
        self._ask("bind", resolve(address[0]), address[1])

    def listen(self, backlog=2 if PICO else 128):
        self._ask("listen", backlog)

    def _accept(self):
        self._wait(POLLIN)
        fd, host, port = self._ask("accept")
        return fd, (host, port)

    def connect(self, address):
        try:
            self._ask("connect", resolve(address[0]), address[1])
        except OSError as e:
            if not self._timeout or e.errno != EINPROGRESS:
                raise
            self._wait(POLLOUT)
            number = self._ask("getsockopt", "SO_ERROR")
            if number:
                raise os_error(number)

    def connect_ex(self, address):
        try:
            self.connect(address)
        except OSError as e:
            return e.errno
        return 0

    def send(self, data, flags=0):
        self._wait(POLLOUT)
        return self._ask("send", bytes(data).decode("latin-1"))

    def sendall(self, data, flags=0):
        data = bytes(data)
        while data:
            data = data[self.send(data):]

    def recv(self, size, flags=0):
        self._wait(POLLIN)
        return self._ask("recv", size).encode("latin-1")

    def recv_into(self, buffer, nbytes=0, flags=0):
        view = memoryview(buffer).cast("B")
        self._wait(POLLIN)
        data = self._ask("recv_into", nbytes or len(view)).encode("latin-1")
        view[:len(data)] = data
        return len(data)

    def setsockopt(self, level, name, value=0, *more):
        self._ask("setsockopt", level, name, value if isinstance(value, int) else 1)

    def getsockopt(self, level, name, *more):
        return self._ask("getsockopt", "SO_ERROR") if (level, name) == (1, 4) and not PICO else 0

    def getsockname(self):
        return tuple(self._ask("local"))

    def getpeername(self):
        return tuple(self._ask("remote"))

    def shutdown(self, how):
        self._ask("shutdown", how)

    def close(self):
        fd, self._fd = self._fd, -1
        if fd >= 0:
            _sockets.pop(fd, None)
            ask("close", fd)

    def detach(self):
        fd, self._fd = self._fd, -1
        return fd


PIPES = 1000000    # numbers of pipes inside the program begin here


class Pipe:
    """Half of a socketpair inside one program: how asyncio wakes its loop."""
    count = 0
    family, type, proto = 1, 1, 0

    def __init__(self):
        Pipe.count += 1
        self._fd, self.data, self.peer = PIPES + Pipe.count, b"", None
        _sockets[self._fd] = self

    def fileno(self):
        return self._fd

    def setblocking(self, flag):
        pass

    settimeout = setblocking

    def send(self, data):
        self.peer.data += bytes(data)
        return len(data)

    def recv(self, size):
        if not self.data:
            raise BlockingIOError(EAGAIN, "EAGAIN")
        data, self.data = self.data[:size], self.data[size:]
        return data

    def close(self):
        _sockets.pop(self._fd, None)


def socketpair(*unused):
    a, b = Pipe(), Pipe()
    a.peer, b.peer = b, a
    return a, b


def resolve(host):
    if host in ("", "0.0.0.0"):
        return "0.0.0.0"
    parts = host.split(".")
    if len(parts) == 4 and all(p.isdigit() for p in parts):
        return host
    known = {"localhost": "127.0.0.1", "pico": PICO_ADDRESS, "pc": PC_ADDRESS}
    if host not in known:
        raise os_error(ENOENT) if PICO else _real_socket.gaierror(-2, "Name or service not known")
    return known[host]


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    return [(2, 1, 6, "", (resolve(host or "0.0.0.0"), int(port or 0)))]

# ---- readiness ----


def _fd_of(what):
    return what if isinstance(what, int) else what.fileno()


def _ready(ms, asked):
    local = [[fd, POLLIN] for fd, events in asked if fd >= PIPES and events & POLLIN and _sockets[fd].data]
    if local or not asked and ms == 0:
        return local
    return ask("poll", ms, [[fd, events] for fd, events in asked if fd < PIPES])


class Poll:
    """select.poll(), of CPython or of MicroPython: there, objects come back."""

    def __init__(self):
        self._asked = {}

    def register(self, what, events=POLLIN | POLLOUT if PICO else POLLIN | POLLOUT | 2):
        self._asked[_fd_of(what)] = [what, int(events)]

    def unregister(self, what):
        if self._asked.pop(_fd_of(what), None) is None:
            raise os_error(ENOENT) if PICO else KeyError(what)

    def modify(self, what, events):
        if _fd_of(what) not in self._asked:
            raise os_error(ENOENT)
        self._asked[_fd_of(what)][1] = int(events)

    def poll(self, timeout=None, *more):
        ms = -1 if timeout is None or timeout < 0 else timeout
        ready = _ready(ms, [[fd, asked[1]] for fd, asked in self._asked.items()])
        return [(self._asked[fd][0] if PICO else fd, events) for fd, events in ready]

    def ipoll(self, timeout=-1, *more):
        return iter(self.poll(timeout))


def select(readers, writers, others, timeout=None):
    asked = {}
    for whats, event in ((readers, POLLIN), (writers, POLLOUT)):
        for what in whats:
            asked[_fd_of(what)] = asked.get(_fd_of(what), 0) | event
    ready = dict(_ready(-1 if timeout is None else timeout * 1000, [list(a) for a in asked.items()]))
    return ([w for w in readers if ready.get(_fd_of(w), 0) & (POLLIN | POLLERR | POLLHUP)],
            [w for w in writers if ready.get(_fd_of(w), 0) & (POLLOUT | POLLERR)], [])

# ---- clock ----


def now_ns():
    compute(CLOCK_NS)
    return _now + _owed


def sleep(seconds):
    ask("sleep", max(int(seconds * 1e9), 0))


def since_start():
    return now_ns() - _start


def new_module(name, **names):
    module = types.ModuleType(name)
    module.__dict__.update(names)
    return module


def cpython_time():
    module = new_module("time", **{name: getattr(_real_time, name) for name in dir(_real_time) if not name.startswith("_")})
    module.sleep, module.time_ns = sleep, now_ns
    module.time = lambda: now_ns() / 1e9
    module.monotonic = module.perf_counter = module.process_time = lambda: since_start() / 1e9
    module.monotonic_ns = module.perf_counter_ns = module.process_time_ns = since_start
    module.localtime = module.gmtime = lambda t=None: _real_time.gmtime(now_ns() / 1e9 if t is None else t)    # the lab is in UTC
    module.ctime = lambda t=None: _real_time.asctime(module.gmtime(t))
    return module

# ---- threads: real ones, of which only the one whose answer came runs ----


def start_new_thread(function, args, kwargs={}):
    global _threads
    _threads += 1
    number = _threads
    box = _new_box(number)

    def body():
        _mine.number = number
        box[0].acquire()    # until the lab gives this thread its first turn
        try:
            function(*args, **kwargs)
        except SystemExit:
            pass
        except BaseException:
            report(*sys.exc_info())
        sentinel = getattr(_mine, "sentinel", None)
        if sentinel is not None and sentinel.locked():
            sentinel.release()    # whoever joins the thread goes on
        last_words(number)

    ident = _real_thread.start_new_thread(body, ())
    ask("spawn", number)
    return ident


def last_words(number):
    """Ends a thread: the answer that comes next is another's."""
    global _owed
    owed, _owed = _owed, 0
    _write((number, owed, "thread_end", 0))
    _hand_over(json.loads(_read_line()))


class Lock:
    """A lock between the program's threads. Nobody else runs, so that only one that is held needs the lab."""

    def __init__(self):
        self._held, self._waiting = False, 0

    def acquire(self, blocking=True, timeout=-1):
        deadline = None if timeout is None or timeout < 0 else _now + int(timeout * 1e9)
        while self._held:
            if not blocking or deadline is not None and _now >= deadline:
                return False
            self._waiting += 1
            ask("park", id(self), -1 if deadline is None else deadline - _now)
            self._waiting -= 1
        self._held = True
        return True

    def release(self):
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held = False
        if self._waiting:
            ask("unpark", id(self))

    def locked(self):
        return self._held

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *unused):
        self.release()

    def _at_fork_reinit(self):
        self._held = False

    acquire_lock, release_lock, locked_lock = acquire, release, locked


def set_sentinel():
    """The lock that is released when the running thread ends (CPython to 3.12)."""
    _mine.sentinel = Lock()
    return _mine.sentinel


class ThreadHandle:
    """What joins a thread (CPython from 3.13)."""

    def __init__(self, ident=None):
        self.ident, self._running = ident, Lock()
        self._running.acquire()

    def is_done(self):
        return not self._running.locked()

    def _set_done(self):
        if self._running.locked():
            self._running.release()

    def join(self, timeout=None):
        if self._running.acquire(True, -1 if timeout is None else max(timeout, 0)):
            self._running.release()


_joinable = []    # handles of threads that the program's end waits for


def start_joinable_thread(function, handle=None, daemon=True):
    handle = handle or ThreadHandle()
    if not daemon:
        _joinable.append(handle)

    def run():
        try:
            function()
        finally:
            handle._set_done()

    handle.ident = start_new_thread(run, ())
    return handle


def join_all():
    while _joinable:
        _joinable.pop().join()


class RLock:
    """A lock that its owner may take again."""

    def __init__(self):
        self._lock, self._owner, self._count = Lock(), None, 0

    def acquire(self, blocking=True, timeout=-1):
        me = _number()
        if self._owner != me:
            if not self._lock.acquire(blocking, timeout):
                return False
            self._owner = me
        self._count += 1
        return True

    def release(self):
        if self._owner != _number():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = None
            self._lock.release()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *unused):
        self.release()

    def _is_owned(self):
        return self._owner == _number()

    def _release_save(self):
        saved = self._count, self._owner
        self._count, self._owner = 0, None
        self._lock.release()
        return saved

    def _acquire_restore(self, saved):
        self._lock.acquire()
        self._count, self._owner = saved

    def _at_fork_reinit(self):
        self.__init__()

# ---- the terminal ----


class Output:
    encoding, errors = "utf-8", "replace"

    def __init__(self, name):
        self.name, self._part = name, ""

    def write(self, text):
        self._part += text
        if "\n" in self._part:
            whole, self._part = self._part.rsplit("\n", 1)
            ask("print", self.name, whole + "\n")
        return len(text)

    def flush(self):
        if self._part:
            part, self._part = self._part, ""
            ask("print", self.name, part)

    def isatty(self):
        return False

    def fileno(self):
        raise OSError("the lab's terminal is no file")


class Input:
    encoding = "utf-8"

    def readline(self, *unused):
        line = ask("input")
        return "" if line is None else line + "\n"

    read = readline

    def __iter__(self):
        return iter(self.readline, "")

    def isatty(self):
        return False

    def fileno(self):
        raise OSError("the lab's terminal is no file")


def read_input(prompt=""):
    sys.stdout.write(str(prompt))
    sys.stdout.flush()
    line = ask("input")
    if line is None:
        raise EOFError
    return line

# ---- the PC ----


def install_pc():
    raw = types.ModuleType("_socket")
    for name in dir(_real_socket):
        value = getattr(_real_socket, name)
        if isinstance(value, (int, str, type(None))) or isinstance(value, type) and issubclass(value, BaseException):
            setattr(raw, name, value)
    for name in ("inet_aton", "inet_ntoa", "inet_pton", "inet_ntop", "htons", "htonl", "ntohs", "ntohl"):
        if hasattr(_real_socket, name):
            setattr(raw, name, getattr(_real_socket, name))
    raw.socket = raw.SocketType = LabSocket
    raw.getaddrinfo, raw.socketpair, raw.gethostbyname = getaddrinfo, socketpair, resolve
    raw.gethostname = lambda: "pc"
    raw.getdefaulttimeout, raw.setdefaulttimeout = lambda: None, lambda seconds: None
    raw.close = lambda fd: ask("close", fd)
    ready = new_module("select", select=select, poll=Poll, error=OSError, POLLIN=POLLIN, POLLPRI=2, POLLOUT=POLLOUT,
                       POLLERR=POLLERR, POLLHUP=POLLHUP, POLLNVAL=POLLNVAL)
    thread = new_module("_thread", **{name: getattr(_real_thread, name) for name in dir(_real_thread) if not name.startswith("__")})
    thread.start_new_thread = thread.start_new = start_new_thread
    thread.allocate_lock = thread.allocate = thread.LockType = thread.lock = Lock
    thread.RLock, thread._set_sentinel = RLock, set_sentinel
    if hasattr(_real_thread, "start_joinable_thread"):
        thread.start_joinable_thread, thread._ThreadHandle, thread._make_thread_handle = start_joinable_thread, ThreadHandle, ThreadHandle
        thread._shutdown = join_all
    for name in ("socket", "selectors", "threading", "asyncio", "queue", "concurrent"):
        sys.modules.pop(name, None)
    sys.modules.update({"_socket": raw, "select": ready, "time": cpython_time(), "_thread": thread, "_ssl": None})    # no TLS in the lab
    import socket as library
    library.socketpair = socketpair
    return builtins.__dict__

# ---- the Pico ----


class BoardSocket(LabSocket):
    """MicroPython's socket: CPython's names that it has not are missing here too."""
    __slots__ = ()

    def accept(self):
        fd, address = self._accept()
        return BoardSocket(fileno=fd), address

    def send(self, data, *unused):
        return LabSocket.send(self, data.encode() if isinstance(data, str) else data)    # a str is a buffer there

    def sendall(self, data):
        LabSocket.sendall(self, data.encode() if isinstance(data, str) else data)

    write = send

    def read(self, size=-1):
        if size >= 0:
            return self.recv(size)
        parts = []
        while not parts or parts[-1]:
            parts.append(self.recv(1024))
        return b"".join(parts)

    def readinto(self, buffer, size=0):
        return LabSocket.recv_into(self, buffer, size)

    def readline(self):
        line = b""
        while not line.endswith(b"\n"):
            byte = self.recv(1)
            if not byte:
                break
            line += byte
        return line

    def makefile(self, *unused):
        return self

    def __getattribute__(self, name):
        if name in MISSING:
            raise AttributeError("'socket' object has no attribute '%s'" % name)
        return object.__getattribute__(self, name)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


# What CPython's sockets have and the board's have not (MicroPython's extmod/modlwip.c).
MISSING = frozenset(("recv_into", "getsockname", "getpeername", "getsockopt", "shutdown", "connect_ex", "gettimeout", "getblocking",
                     "timeout", "detach"))
# Names of CPython that MicroPython has not.
NO_BUILTINS = ("BlockingIOError", "ConnectionError", "ConnectionResetError", "ConnectionRefusedError", "ConnectionAbortedError",
               "BrokenPipeError", "TimeoutError", "InterruptedError", "PermissionError", "FileNotFoundError")
NO_MODULES = ("threading", "selectors", "queue", "subprocess", "socketserver", "http", "concurrent", "signal")


class WLAN:
    """The network card: it has joined WIFI_NS after connect(), or from the start."""

    def __init__(self, *unused):
        self._on, self._at = False, 0 if WIFI_NS == 0 else None

    def active(self, on=None):
        if on is None:
            return self._on
        self._on = bool(on)

    def connect(self, *unused, **more):
        self._at = now_ns() + WIFI_NS

    def disconnect(self):
        self._at = None

    def isconnected(self):
        return self._at == 0 or self._at is not None and now_ns() >= self._at

    def status(self, *unused):
        return 3 if self.isconnected() else 0 if self._at is None else 1

    def ifconfig(self, *unused):
        if self.isconnected():
            return (PICO_ADDRESS, "255.255.255.0", "192.168.1.1", "192.168.1.1")
        return ("0.0.0.0",) * 4

    def config(self, *unused, **more):
        return None

    def scan(self):
        return []


class Pin:
    IN, OUT, PULL_UP, PULL_DOWN = 0, 1, 1, 2

    def __init__(self, *unused, value=0, **more):
        self._value = value

    def value(self, new=None):
        if new is None:
            return self._value
        self._value = new

    __call__ = value

    def on(self):
        self._value = 1

    def off(self):
        self._value = 0

    def toggle(self):
        self._value = 1 - self._value

    high, low = on, off


class ADC:
    def __init__(self, *unused):
        pass

    def read_u16(self):
        return 14000    # 27 degrees of the board's own thermometer


class Timer:
    ONE_SHOT, PERIODIC = 0, 1

    def __init__(self, *unused, **settings):
        self._run = 0
        if settings:
            self.init(**settings)

    def init(self, *, mode=PERIODIC, period=-1, freq=-1, callback=None):
        self._run += 1
        run, seconds = self._run, period / 1e3 if freq == -1 else 1 / freq

        def repeat():
            due = now_ns()
            while self._run == run:
                due += int(seconds * 1e9)
                sleep((due - now_ns()) / 1e9)
                if self._run == run:
                    callback(self)
                if mode == Timer.ONE_SHOT:
                    return
        start_new_thread(repeat, ())

    def deinit(self):
        self._run += 1


TICKS = (1 << 30) - 1


def board_time():
    def tuple_of(seconds=None):
        return tuple(_real_time.gmtime(now_ns() // 10**9 if seconds is None else seconds))[:8]

    return new_module("time", sleep=sleep, sleep_ms=lambda ms: sleep(ms / 1e3), sleep_us=lambda us: sleep(us / 1e6),
                      time=lambda: now_ns() // 10**9, time_ns=now_ns, localtime=tuple_of, gmtime=tuple_of,
                      ticks_ms=lambda: since_start() // 10**6 & TICKS, ticks_us=lambda: since_start() // 1000 & TICKS,
                      ticks_cpu=lambda: since_start() // 1000 & TICKS, ticks_add=lambda a, b: a + b & TICKS,
                      ticks_diff=lambda a, b: (a - b + (1 << 29) & TICKS) - (1 << 29))


def install_pico(source):
    def leave(*unused):
        raise SystemExit

    time = board_time()
    modules = {
        "time": time,
        "socket": new_module("socket", socket=BoardSocket, getaddrinfo=lambda host, port, *more: [(2, 1, 0, "", (resolve(host), port))],
                             AF_INET=2, AF_INET6=10, SOCK_STREAM=1, SOCK_DGRAM=2, SOCK_RAW=3, SOL_SOCKET=1, SO_REUSEADDR=4, SO_BROADCAST=32,
                             IPPROTO_IP=0, IPPROTO_TCP=6, TCP_NODELAY=1),
        "select": new_module("select", poll=Poll, select=select, POLLIN=POLLIN, POLLOUT=POLLOUT, POLLERR=POLLERR, POLLHUP=POLLHUP),
        "_thread": new_module("_thread", start_new_thread=start_new_thread, allocate_lock=Lock, get_ident=_number, exit=leave, LockType=Lock,
                              stack_size=lambda *unused: 0),
        "network": new_module("network", WLAN=WLAN, STA_IF=0, AP_IF=1, STAT_IDLE=0, STAT_CONNECTING=1, STAT_GOT_IP=3, hostname=lambda *unused: "pico"),
        "machine": new_module("machine", Pin=Pin, ADC=ADC, Timer=Timer, unique_id=lambda: b"\xe6`X8\x83Y\x2d\x35", freq=lambda *unused: 125000000,
                              reset=leave, soft_reset=leave),
        "micropython": new_module("micropython", const=lambda x: x, schedule=lambda f, a: f(a), mem_info=lambda *unused: None,
                                  alloc_emergency_exception_buf=lambda size: None),
        "rp2": new_module("rp2", country=lambda *unused: None),
    }
    import gc
    gc.mem_free, gc.mem_alloc = lambda: 180000, lambda: 12000
    for name in ("json", "struct", "errno", "os", "sys", "re", "random", "io", "binascii", "hashlib", "collections", "array"):
        modules["u" + name] = __import__(name)
    sys.print_exception = lambda e, *unused: report(type(e), e, e.__traceback__)
    if "asyncio" in source:    # CPython's own above the lab, with MicroPython's additions
        install_pc()
        import asyncio
        asyncio.sleep_ms = lambda ms: asyncio.sleep(ms / 1000)
        asyncio.ticks = time.ticks_ms
        modules["asyncio"] = modules["uasyncio"] = asyncio
    for name in ("time", "socket", "select"):
        modules["u" + name] = modules[name]
    sys.modules.update(modules)
    for name in NO_MODULES:
        sys.modules[name] = None
    names = {name: value for name, value in builtins.__dict__.items() if name not in NO_BUILTINS}
    names["const"] = lambda x: x
    return names

# ---- the program ----


def report(kind, value, trace):
    """Prints an exception as MicroPython does: the program's own lines, and the error."""
    lines = ["Traceback (most recent call last):"]
    while trace:
        code = trace.tb_frame.f_code
        if code.co_filename == PROGRAM:
            lines.append('  File "%s", line %d, in %s' % (os.path.basename(PROGRAM), trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    lines.append("%s: %s" % (kind.__name__, value) if str(value) or PICO else kind.__name__)
    sys.stdout.flush()
    ask("print", "stderr", "\n".join(lines) + "\n")


def read_source():
    """The program's text: as Python reads it, or in Latin-1 where it is not UTF-8 and does not say what it is."""
    with open(PROGRAM, "rb") as file:
        data = file.read()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        if b"coding" not in data[:200]:
            return data.decode("latin-1")
    return data


def text_of(source):
    return source if isinstance(source, str) else source.decode("latin-1")


def remarks(tree):
    """Says which names the program uses that the board has not."""
    import ast
    told = set()
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Name) and node.id in NO_BUILTINS:
            names = [node.id]
        elif isinstance(node, ast.Attribute) and node.attr in ("recv_into", "connect_ex", "getpeername", "getsockname"):
            names = [node.attr]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.split(".")[0] in NO_MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in NO_MODULES:
            names = [node.module]
        for name in names:
            if name not in told:
                told.add(name)
                ask("remark", node.lineno, name)


def run():
    """Runs the program and returns its exit code."""
    try:
        source = read_source()
        if PICO:
            import ast
            remarks(ast.parse(source, PROGRAM))
        exec(compile(source, PROGRAM, "exec"), main.__dict__)
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else 0
    except SyntaxError as e:
        ask("print", "stderr", 'Traceback (most recent call last):\n  File "%s", line %s\nSyntaxError: %s\n'
            % (os.path.basename(PROGRAM), e.lineno, "invalid syntax" if PICO else e.msg))
        return 1
    except BaseException:
        report(*sys.exc_info())
        return 1
    return 0


def seeded(name):
    """Makes chance the lab's: the same seed gives the same run."""
    import random
    random.seed(name)
    dice = random.Random(name)
    os.urandom = lambda size: bytes(dice.getrandbits(8) for _ in range(size))


ask("hello", VERSION)
_start = _now
seeded(SEED)
sys.path[0] = os.path.dirname(os.path.abspath(PROGRAM))
_names = install_pico(text_of(read_source())) if PICO else install_pc()
sys.argv = [PROGRAM] + sys.argv[5:]
sys.stdout, sys.stderr, sys.stdin = Output("stdout"), Output("stderr"), Input()
_names["input"] = read_input
main = types.ModuleType("__main__")
main.__dict__.update(__builtins__=_names, __file__=PROGRAM, __name__="__main__")
sys.modules["__main__"] = main
code = run()
sys.stdout.flush()
sys.stderr.flush()
if not PICO and code == 0 and "threading" in sys.modules:
    try:
        sys.modules["threading"]._shutdown()    # waits for the program's other threads
    except BaseException:
        pass
ask("exit", code)
os._exit(code)
