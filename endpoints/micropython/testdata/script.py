# Plays a lesson to a board's program, under MicroPython or CPython: argv are the folder of the board's files, the program's
# module, and "greedy" for a lesson with a client that sends and never reads beside one that does both, on a small heap. Network,
# sockets, poll and the clock are scripted, so the output is the same every time.
import sys
import time as real_time

GREEDY = sys.argv[3:] == ["greedy"]
TURNS = 400 if GREEDY else 8  # of the program's loop
HEAP = 16384  # bytes that the greedy lesson leaves to the program


class Module:
    pass


class Over(Exception):
    pass


def in_use():
    """The bytes that the interpreter keeps."""
    try:
        import tracemalloc
    except ImportError:
        import gc
        gc.collect()
        return gc.mem_alloc()
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    return tracemalloc.get_traced_memory()[0]


clock = Module()
clock.now = 0  # us


def advance(us):
    clock.now += int(us)


def ticks_us():
    advance(3)
    return clock.now % (1 << 30)


time = Module()
for name in dir(real_time):
    if name[:2] != "__":
        setattr(time, name, getattr(real_time, name))
time.sleep = lambda s: advance(s * 1000000)
time.sleep_ms = lambda ms: advance(ms * 1000)
time.sleep_us = advance
time.ticks_us = ticks_us
time.ticks_ms = lambda: clock.now // 1000
time.ticks_add = lambda t, d: t + d
time.ticks_diff = lambda a, b: a - b
time.time = lambda: clock.now // 1000000


class WLAN:
    PM_NONE = 16
    asked = 0

    def __init__(self, interface):
        pass

    def active(self, on):
        pass

    def config(self, pm):
        print("pm", pm)

    def connect(self, ssid, password):
        print("connect", ssid, password)

    def isconnected(self):
        WLAN.asked += 1
        return WLAN.asked > 2

    def ifconfig(self):
        return ("192.168.1.57",)


class Socket:
    def __init__(self, *args):
        self.waiting = []  # what recv() gives
        self.listening = self.connected = False

    def setsockopt(self, *args):
        pass

    def setblocking(self, flag):
        pass

    def bind(self, addr):
        pass

    def listen(self, backlog):
        self.listening = True

    def connect(self, addr):
        self.connected = True
        raise OSError(115)

    def send(self, data):
        if self.connected:
            self.waiting.append(b"PC responde: " + data)
        return len(data)

    def sendto(self, data, addr):
        print(addr[1], data.decode())

    def recv(self, size):
        if not self.waiting:
            raise OSError(11)
        return self.waiting.pop(0)

    def accept(self):
        if GREEDY:
            return (Greedy() if Poll.turns == 3 else Constant()), ("192.168.1.3", 42270 + Poll.turns)
        conn = Socket()
        conn.waiting = [b"hola", b"adi\xc3\xb3s", b""]
        return conn, ("192.168.1.3", 42274)

    def close(self):
        pass

    def takes(self):
        return True


class Constant(Socket):
    """A client that always has something to say, and reads."""

    def __init__(self):
        super().__init__()
        self.waiting = [b"hola"]

    def recv(self, size):
        return self.waiting[0]


class Greedy(Constant):
    """One that does not read: a segment of the board's, and a half, is all that finds room."""

    def __init__(self):
        super().__init__()
        self.waiting = [b"y" * 800]
        self.room = 1200

    def send(self, data):
        if not self.room:
            raise OSError(11)
        n = min(self.room, len(data))
        self.room -= n
        return n

    def takes(self):
        return self.room > 0


class Poll:
    turns = 0

    def __init__(self):
        self.entries = []

    def register(self, obj, events):
        self.entries.append([obj, events])

    def modify(self, obj, events):
        for entry in self.entries:
            if entry[0] is obj:
                entry[1] = events

    def unregister(self, obj):
        self.entries = [e for e in self.entries if e[0] is not obj]

    def poll(self, timeout=-1):
        Poll.turns += 1
        if Poll.turns > TURNS:
            raise Over()
        if GREEDY and Poll.turns == 1:
            Poll.before = in_use()
        elif GREEDY and in_use() > Poll.before + HEAP:
            raise MemoryError()
        ready = []
        for obj, events in self.entries:
            event = events & 4 if obj.takes() else 0
            if events & 1 and (obj.waiting or obj.listening and 3 <= Poll.turns < (5 if GREEDY else 4)):
                event |= 1
            if event:
                ready.append((obj, event))
        advance(100000 if GREEDY else 500 if ready else timeout * 1000)
        return ready


network, socket, select = Module(), Module(), Module()
network.WLAN, network.STA_IF = WLAN, 0
socket.socket, socket.SOL_SOCKET, socket.SO_REUSEADDR = Socket, 1, 4
socket.AF_INET, socket.SOCK_STREAM, socket.SOCK_DGRAM = 2, 1, 2
select.poll, select.POLLIN, select.POLLOUT, select.POLLERR, select.POLLHUP = Poll, 1, 4, 8, 16
for name, module in (("network", network), ("socket", socket), ("select", select), ("time", time)):
    sys.modules[name] = sys.modules["u" + name] = module
sys.path.insert(0, sys.argv[1])
if GREEDY:
    in_use()
try:
    __import__(sys.argv[2])
except Over:
    print("over")
