# Runs a board's program with CPython: argv are the folder of the board's files and the program. What MicroPython has beside
# CPython is put in place; the clock of the program is five times as fast.
import runpy
import select
import socket
import sys
import time
import types

FASTER = 5
TICKS = 1 << 30  # where ticks_us() of the Pico wraps

real_sleep = time.sleep
time.sleep = lambda seconds: real_sleep(seconds / FASTER)
time.sleep_ms = lambda ms: real_sleep(ms / 1000 / FASTER)
time.sleep_us = lambda us: real_sleep(us / 1e6 / FASTER)
time.ticks_ms = lambda: time.monotonic_ns() * FASTER // 1000000 % TICKS
time.ticks_us = lambda: time.monotonic_ns() * FASTER // 1000 % TICKS
time.ticks_add = lambda t, d: (t + d) % TICKS
time.ticks_diff = lambda a, b: (a - b + TICKS // 2) % TICKS - TICKS // 2


class WLAN:
    PM_NONE = 0x10
    tries = 0  # there is one interface, whoever asks for it

    def __init__(self, interface):
        pass

    def active(self, on):
        pass

    def config(self, **options):
        print("pm", options["pm"])

    def connect(self, ssid, password):
        print("connect", repr(ssid), repr(password))

    def isconnected(self):
        WLAN.tries += 1
        return WLAN.tries > 2

    def ifconfig(self):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")


class Poll:
    """MicroPython's poll() hands out the objects, CPython's their descriptors."""

    def __init__(self):
        self.inner = select.poll()
        self.objects = {}

    def register(self, obj, events):
        self.objects[obj.fileno()] = obj
        self.inner.register(obj, events)

    def modify(self, obj, events):
        if obj.fileno() not in self.objects:
            raise OSError(2)
        self.inner.modify(obj, events)

    def unregister(self, obj):
        del self.objects[obj.fileno()]
        self.inner.unregister(obj)

    def poll(self, timeout=-1):
        return [(self.objects[fd], event) for fd, event in self.inner.poll(timeout)]


uselect = types.ModuleType("uselect")
uselect.poll = Poll
uselect.POLLIN, uselect.POLLOUT, uselect.POLLERR, uselect.POLLHUP = 1, 4, 8, 16
network = types.ModuleType("network")
network.WLAN, network.STA_IF = WLAN, 0
sys.modules["network"] = network
sys.modules["usocket"] = socket
sys.modules["uselect"] = sys.modules["select"] = uselect
sys.modules["utime"] = time
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
sys.stdout.reconfigure(line_buffering=True, encoding="utf-8")
runpy.run_path(sys.argv[1] + "/" + sys.argv[2], run_name="__main__")
