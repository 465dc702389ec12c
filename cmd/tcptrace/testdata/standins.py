# Runs a program for MicroPython under CPython: stand-ins for the modules that only a board has, and the addresses of this
# machine. python3 standins.py PROGRAM
import select
import socket
import sys
import time
import types


class WLAN:
    def __init__(self, *_):
        pass

    def active(self, *_):
        return True

    def isconnected(self):
        return True

    def ifconfig(self):
        return ("127.0.0.1",)


class Poll:
    def __init__(self):
        self.inner, self.sockets = select.poll(), {}

    def register(self, sock, mask):
        self.sockets[sock.fileno()] = sock
        self.inner.register(sock, mask)

    def unregister(self, sock):
        del self.sockets[sock.fileno()]
        self.inner.unregister(sock)

    def poll(self, ms=-1):
        return [(self.sockets[fd], event) for fd, event in self.inner.poll(ms)]


network = types.ModuleType("network")
network.WLAN, network.STA_IF = WLAN, 0
uselect = types.ModuleType("uselect")
uselect.poll = Poll
uselect.POLLIN, uselect.POLLOUT, uselect.POLLERR, uselect.POLLHUP = select.POLLIN, select.POLLOUT, select.POLLERR, select.POLLHUP
sys.modules.update(network=network, uselect=uselect, usocket=socket)
time.ticks_ms = lambda: time.monotonic_ns() // 1_000_000
time.ticks_diff = lambda a, b: a - b
time.ticks_add = lambda a, b: a + b

with open(sys.argv[1], encoding="utf-8") as f:
    text = f.read()
for board in ("192.168.1.3", "192.168.1.57"):
    text = text.replace(board, "127.0.0.1")
exec(compile(text, sys.argv[1], "exec"), {"__name__": "__main__"})
