# Written by tcptrace. The call journal: put "import tj" before everything else in a program, or before its sockets, and every
# call on a TCP socket or poll object and every sleep is told to the PC in one UDP datagram, after the call has returned:
#
#   TJ1 n=12 t=928508833 d=11 s=2 recv(1024)=b'Hola',4
#
# n counts the datagrams, t is ticks_us() at the start, d the duration in us, s the number of the socket (0 for poll and
# sleep). "=!11" is OSError(11). The datagrams are in the capture, on the capture's clock: tcptrace report finds them there.
import sys
import time as _time
import socket as _socket
import select as _select

try:
    import settings
    _to = (settings.HOST, settings.JOURNAL_PORT)
except ImportError:
    _to = ("192.168.1.3", 9099)

_SHOWN = 24  # bytes of data in a datagram
_udp = None
_told = 0
_sockets = 0


def _connected():
    try:
        import network
        return network.WLAN(network.STA_IF).isconnected()
    except ImportError:
        return True


def _open():
    # lwIP keeps one packet for an address that ARP has not found yet: a datagram that waits there is thrown out by the next, and
    # so would the program's own SYN be. Greet twice and wait, so that the address is known before the program goes on.
    global _udp
    _udp = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    for _ in range(2):
        try:
            _udp.sendto(b"TJ1 hello", _to)
        except OSError:
            pass
        _time.sleep_ms(150)


def _tell(start, number, call, result):
    global _told
    took = _time.ticks_diff(_time.ticks_us(), start)
    if _udp is None:
        if not _connected():
            return  # nobody could hear it
        _open()
    line = "TJ1 n=%d t=%d d=%d s=%d %s=%s" % (_told, start, took, number, call, result)
    _told += 1
    try:
        _udp.sendto(line.encode(), _to)
    except OSError:
        pass  # the gap in n tells


def _brief(data):
    data = bytes(data)
    return "%r,%d" % (data[:_SHOWN], len(data))


class socket:
    def __init__(self, *args, _raw=None):
        global _sockets
        start = _time.ticks_us()
        self._raw = _socket.socket(*args) if _raw is None else _raw
        _sockets += 1
        self._number = _sockets
        if _raw is None:
            _tell(start, self._number, "socket()", "ok")

    def _call(self, name, shown, *args):
        start = _time.ticks_us()
        try:
            result = getattr(self._raw, name)(*args)
        except OSError as e:
            _tell(start, self._number, "%s(%s)" % (name, shown), "!%d" % e.args[0])
            raise
        text = _brief(result) if isinstance(result, bytes) else repr(result)
        _tell(start, self._number, "%s(%s)" % (name, shown), text)
        return result

    def setsockopt(self, *args):
        return self._call("setsockopt", ", ".join([repr(a) for a in args]), *args)

    def setblocking(self, flag):
        return self._call("setblocking", repr(flag), flag)

    def settimeout(self, value):
        return self._call("settimeout", repr(value), value)

    def bind(self, addr):
        return self._call("bind", repr(addr), addr)

    def listen(self, *args):
        return self._call("listen", ", ".join([repr(a) for a in args]), *args)

    def connect(self, addr):
        return self._call("connect", repr(addr), addr)

    def send(self, data):
        return self._call("send", _brief(data), data)

    def sendall(self, data):
        return self._call("sendall", _brief(data), data)

    def write(self, data):
        return self._call("write", _brief(data), data)

    def recv(self, size):
        return self._call("recv", str(size), size)

    def read(self, *args):
        return self._call("read", ", ".join([repr(a) for a in args]), *args)

    def readinto(self, buf, *args):
        return self._call("readinto", str(len(buf)), buf, *args)

    def readline(self):
        return self._raw.readline()

    def close(self):
        return self._call("close", "")

    def accept(self):
        start = _time.ticks_us()
        try:
            raw, addr = self._raw.accept()
        except OSError as e:
            _tell(start, self._number, "accept()", "!%d" % e.args[0])
            raise
        conn = socket(_raw=raw)
        _tell(start, self._number, "accept()", "(s%d,%r)" % (conn._number, addr))
        return conn, addr


def _new_socket(*args, **kwargs):
    # Only TCP is told.
    if _socket.SOCK_DGRAM in args[1:2] or kwargs.get("type") == _socket.SOCK_DGRAM:
        return _socket.socket(*args, **kwargs)
    return socket(*(tuple(args) + tuple(kwargs.values())))


class poll:
    def __init__(self):
        self._raw = _select.poll()
        self._known = {}

    def _inner(self, obj):
        return getattr(obj, "_raw", obj)

    def register(self, obj, events=5):
        self._known[id(self._inner(obj))] = obj
        return self._raw.register(self._inner(obj), events)

    def unregister(self, obj):
        self._known.pop(id(self._inner(obj)), None)
        return self._raw.unregister(self._inner(obj))

    def modify(self, obj, events):
        return self._raw.modify(self._inner(obj), events)

    def poll(self, timeout=-1):
        return self._wait("poll", timeout)

    def ipoll(self, timeout=-1, flags=0):
        return iter(self._wait("ipoll", timeout))

    def _wait(self, name, timeout):
        start = _time.ticks_us()
        ready = [(self._known[id(item[0])], item[1]) for item in self._raw.poll(timeout)]
        shown = ",".join(["s%d:%d" % (getattr(o, "_number", 0), e) for o, e in ready])
        _tell(start, 0, "%s(%d)" % (name, timeout), "[" + shown + "]")
        return ready


def _sleeper(name):
    real = getattr(_time, name)

    def sleep(duration):
        start = _time.ticks_us()
        real(duration)
        _tell(start, 0, "%s(%r)" % (name, duration), "None")
    return sleep


class _Module:
    pass


def _copy(module, **others):
    # A file usocket.py would not be found: importing a name with u prefers what is built in.
    m = _Module()
    for name in dir(module):
        if name[:2] != "__":
            setattr(m, name, getattr(module, name))
    for name in others:
        setattr(m, name, others[name])
    return m


sys.modules["usocket"] = sys.modules["socket"] = _copy(_socket, socket=_new_socket)
sys.modules["uselect"] = sys.modules["select"] = _copy(_select, poll=poll)
sys.modules["utime"] = sys.modules["time"] = _copy(
    _time, sleep=_sleeper("sleep"), sleep_ms=_sleeper("sleep_ms"), sleep_us=_sleeper("sleep_us"))
