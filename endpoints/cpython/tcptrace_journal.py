# Written by tcptrace. Runs a Python program unchanged and writes one line of JSON for every call on its TCP sockets, for
# select() and poll(), and for time.sleep():
#
#   python3 tcptrace_journal.py CALLS.jsonl server.py [arguments]
#   python3 tcptrace_journal.py CALLS.jsonl -m module [arguments]
import errno
import json
import os
import runpy
import select
import socket
import sys
import threading
import time

KEPT = 64  # bytes of data in a line
now_ns = time.time_ns if hasattr(time, "time_ns") else lambda: int(time.time() * 1e9)
out = None
lock = threading.Lock()
inside = threading.local()  # only the program's own calls count, not those that they make in turn
sockets = 0
by_fd = {}
INET = (socket.AF_INET, getattr(socket, "AF_INET6", -2))
RealSocket = socket.socket


def seconds(ns):
    return "%d.%09d" % divmod(ns, 1000000000)


def write(start, end, fields):
    text = '{"t": ' + seconds(start)
    if end is not None:
        text += ', "dur": ' + seconds(max(0, end - start))
    fields["pid"] = os.getpid()
    line = (text + ", " + json.dumps(fields)[1:] + "\n").encode()
    with lock:
        os.write(out, line)


def error_name(e):
    if isinstance(e, socket.timeout) and not e.errno:
        return "ETIMEDOUT"
    return errno.errorcode.get(e.errno, str(e.errno or type(e).__name__))


def plain(value):
    """An argument as JSON has it."""
    if hasattr(value, "name") and isinstance(value, int):
        return value.name
    if isinstance(value, (bytes, bytearray, memoryview)):
        return memoryview(value).nbytes
    if isinstance(value, tuple) and len(value) >= 2:
        return [str(value[0]), value[1]]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return repr(value)


def constants(prefix):
    names = [n for n in dir(socket) if n.startswith(prefix) and isinstance(getattr(socket, n), int)]
    # Options of other levels share the prefix (SO_VM_SOCKETS_…): of equal values the shortest name stands.
    return {getattr(socket, n): n for n in sorted(names, key=len, reverse=True)}


SO, TCP = constants("SO_"), constants("TCP_")


def option(level, name):
    if level == socket.SOL_SOCKET:
        return ["SOL_SOCKET", SO.get(name, name)]
    if level == socket.IPPROTO_TCP:
        return ["IPPROTO_TCP", TCP.get(name, name)]
    return [level, name]


def journaled(call, number, args, act, told=None, result=None, after=None):
    """Runs act() and writes its line. told(value) are more fields, result(value) is what "ret" says."""
    if getattr(inside, "call", False):
        return act()
    fields = {"obj": number, "call": call, "args": args}
    inside.call = True
    start = now_ns()
    try:
        value = act()
    except OSError as e:
        end = now_ns()
        fields["errno"] = error_name(e)
        fields.update(after() if after else {})
        write(start, end, fields)
        raise
    except BaseException:
        write(start, None, fields)  # interrupted: the call never returned
        raise
    finally:
        inside.call = False
    end = now_ns()
    fields["ret"] = result(value) if result else value
    fields.update(told(value) if told else {})
    fields.update(after() if after else {})
    write(start, end, fields)
    return value


def latin1(data):
    return bytes(data[:KEPT]).decode("latin-1")


class Socket(RealSocket):
    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        self._number = None
        args = [plain(a) for a in (family, type, proto) if not (isinstance(a, int) and a == -1)]

        def make():
            given = dict(family=family, type=type, proto=proto, fileno=fileno)
            super(Socket, self).__init__(**{k: v for k, v in given.items() if v is not None and v != -1})

        if fileno is not None or getattr(inside, "call", False):
            make()
            if self.type == socket.SOCK_STREAM and self.family in INET:
                self._take()
            return
        if (family == -1 or family in INET) and type in (-1, socket.SOCK_STREAM):
            self._take()
        # A socket that is no TCP has no number: its line is told with one that no other has, and the reader leaves it out.
        journaled("socket", self._number or -1, args, make, result=lambda _: None)
        if self._number:
            by_fd[self.fileno()] = self._number

    def _take(self):
        """Takes the next number."""
        global sockets
        with lock:
            sockets += 1
            self._number = sockets
        if self.fileno() >= 0:
            by_fd[self.fileno()] = self._number

    def _ends(self):
        ends = {}
        for key, ask in (("local", RealSocket.getsockname), ("remote", RealSocket.getpeername)):
            try:
                ends[key] = plain(ask(self))
            except OSError:
                pass
        return ends

    def _call(self, call, args, act, **more):
        if self._number is None:
            return act()
        more.setdefault("after", self._ends)
        return journaled(call, self._number, args, act, **more)

    def accept(self):
        def fresh(value):
            return [value[0]._number, plain(value[1])]
        return self._call("accept", [], super().accept, result=fresh)

    def bind(self, address):
        return self._call("bind", [plain(address)], lambda: RealSocket.bind(self, address))

    def listen(self, *backlog):
        return self._call("listen", list(backlog), lambda: RealSocket.listen(self, *backlog))

    def connect(self, address):
        return self._call("connect", [plain(address)], lambda: RealSocket.connect(self, address))

    def connect_ex(self, address):
        return self._call("connect_ex", [plain(address)], lambda: RealSocket.connect_ex(self, address))

    def send(self, data, *flags):
        return self._call("send", [plain(data)], lambda: RealSocket.send(self, data, *flags),
                          told=lambda n: {"data": latin1(memoryview(data).cast("B")[:n])})

    def sendall(self, data, *flags):
        return self._call("sendall", [plain(data)], lambda: RealSocket.sendall(self, data, *flags),
                          told=lambda _: {"data": latin1(memoryview(data).cast("B"))})

    def recv(self, size, *flags):
        return self._call("recv", [size], lambda: RealSocket.recv(self, size, *flags),
                          result=len, told=lambda data: {"data": latin1(data)})

    def recv_into(self, buffer, *more):
        view = memoryview(buffer).cast("B")
        return self._call("recv_into", [view.nbytes], lambda: RealSocket.recv_into(self, buffer, *more),
                          told=lambda n: {"data": latin1(view[:n])})

    def setblocking(self, flag):
        return self._call("setblocking", [bool(flag)], lambda: RealSocket.setblocking(self, flag))

    def settimeout(self, value):
        return self._call("settimeout", [value], lambda: RealSocket.settimeout(self, value))

    def shutdown(self, how):
        return self._call("shutdown", [plain(how)], lambda: RealSocket.shutdown(self, how))

    def setsockopt(self, level, name, *value):
        return self._call("setsockopt", option(level, name) + [plain(v) for v in value],
                          lambda: RealSocket.setsockopt(self, level, name, *value))

    def getsockopt(self, level, name, *size):
        return self._call("getsockopt", option(level, name)[1:], lambda: RealSocket.getsockopt(self, level, name, *size),
                          result=lambda v: v if isinstance(v, int) else None)

    def close(self):
        if self._number is None or self.fileno() < 0:
            return super().close()
        ends = self._ends()
        by_fd.pop(self.fileno(), None)
        return self._call("close", [], lambda: RealSocket.close(self), after=lambda: ends)


def number_of(obj):
    """The socket's number, for a socket or its descriptor; 0 for anything else."""
    fd = obj if isinstance(obj, int) else obj.fileno()
    return by_fd.get(fd, 0)


def numbers(objects):
    return [number_of(o) for o in objects if number_of(o)]


real_select = select.select


def journaled_select(rlist, wlist, xlist, timeout=None):
    return journaled("select", None, [numbers(rlist), numbers(wlist), numbers(xlist), timeout],
                     lambda: real_select(rlist, wlist, xlist, timeout), result=lambda lists: [numbers(l) for l in lists])


class Poller:
    """select.poll() or select.epoll(), whose own types cannot be derived from."""

    def __init__(self, make, per_second, *args, **kwargs):
        self._inner = make(*args, **kwargs)
        self._per_second = per_second

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def __enter__(self):
        self._inner.__enter__()
        return self

    def __exit__(self, *args):
        return self._inner.__exit__(*args)

    def poll(self, timeout=None, *more):
        ms = None if timeout is None or timeout < 0 else timeout * 1000 / self._per_second
        args = [] if ms is None else [int(ms) if ms == int(ms) else ms]
        return journaled("poll", None, args, lambda: self._inner.poll(timeout, *more),
                         result=lambda ready: [[by_fd[fd], events] for fd, events in ready if fd in by_fd])


def install_selectors():
    """The socket module has imported selectors already, with what select had then."""
    import selectors
    for name, make in (("PollSelector", "poll"), ("EpollSelector", "epoll")):
        selector = getattr(selectors, name, None)
        if hasattr(selector, "_selector_cls"):
            selector._selector_cls = staticmethod(getattr(select, make))
    if sys.platform != "win32" and hasattr(selectors.SelectSelector, "_select"):
        selectors.SelectSelector._select = staticmethod(journaled_select)


def install():
    socket.socket = Socket
    socket.SocketType = Socket
    select.select = journaled_select
    if hasattr(select, "poll"):
        make_poll = select.poll
        select.poll = lambda: Poller(make_poll, 1000)
    if hasattr(select, "epoll"):
        make_epoll = select.epoll
        select.epoll = lambda *a, **k: Poller(make_epoll, 1, *a, **k)
    install_selectors()
    real_sleep = time.sleep

    def sleep(duration):
        return journaled("sleep", None, [duration], lambda: real_sleep(duration))
    time.sleep = sleep


def main():
    global out
    if len(sys.argv) < 3:
        sys.exit("usage: tcptrace_journal.py CALLS.jsonl PROGRAM.py [arguments]")
    out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    program = sys.argv[2:]
    if program[0] == "-m" and len(program) > 1:
        sys.argv = program[1:]
        sys.path[0] = ""
        install()
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        return
    sys.argv = program
    sys.path[0] = os.path.dirname(os.path.abspath(program[0]))
    install()
    runpy.run_path(program[0], run_name="__main__")


main()
