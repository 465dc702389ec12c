# Written by tcptrace. The notebook's program for the Pico W, corrected: it waits in poll() only, until its next message is due;
# it knows every client, sends what send() left over before it reads more, sees closes and errors, and connects again when the PC
# is gone.
import settings
import wifi

wifi.connect()
if settings.JOURNAL:
    import tj  # before the sockets: it takes their place and tells of every call

import usocket as socket
import uselect
import time

TEXT = settings.TEXT
EAGAIN = 11
EINPROGRESS = 115
PERIOD_MS = 1000
RETRY_MS = 2000
PATIENCE_MS = 30000  # with a client that takes nothing of its answer

poller = uselect.poll()


class Clients:
    """The echo server. Nothing is read from a client whose last answer has not left yet: one that sends and never reads fills
    its own connection, and not the board's memory."""

    def __init__(self):
        self.unsent = {}  # id of the socket: [socket, the rest of its answer, when something of it was taken last]
        self.srv = socket.socket()
        self.srv.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.srv.bind(("0.0.0.0", settings.PICO_PORT))
        self.srv.listen(4)
        self.srv.setblocking(False)
        poller.register(self.srv, uselect.POLLIN)

    def accept(self):
        try:
            conn, addr = self.srv.accept()
        except OSError:
            return  # it was gone before we came
        print(TEXT["accepted"], addr)
        conn.setblocking(False)
        self.unsent[id(conn)] = [conn, b"", 0]
        poller.register(conn, uselect.POLLIN)

    def drop(self, conn, why):
        print(TEXT["dropped"], why)
        poller.unregister(conn)
        del self.unsent[id(conn)]
        conn.close()

    def serve(self, conn, event):
        entry = self.unsent.get(id(conn))
        if entry is None:
            return
        if not entry[1] and event & ~uselect.POLLOUT:
            try:
                data = conn.recv(1024)
            except OSError as e:
                if e.args[0] != EAGAIN:
                    self.drop(conn, e)
                return
            if not data:
                return self.drop(conn, "FIN")
            print(TEXT["served"], data)
            entry[1], entry[2] = b"Echo:" + data, time.ticks_ms()
        if entry[1]:
            self.send(entry)

    def send(self, entry):
        conn, unsent, since = entry
        n = 0
        try:
            n = conn.send(unsent)
        except OSError as e:
            if e.args[0] != EAGAIN:
                return self.drop(conn, e)
        now = time.ticks_ms()
        if n:
            entry[1], entry[2] = unsent[n:], now
        elif time.ticks_diff(now, since) >= PATIENCE_MS:
            # What waits for it, and what it has sent meanwhile, fills buffers that all connections share.
            return self.drop(conn, TEXT["deaf"])
        poller.modify(conn, uselect.POLLOUT if entry[1] else uselect.POLLIN)

    def release(self):
        for entry in list(self.unsent.values()):
            if entry[1] and time.ticks_diff(time.ticks_ms(), entry[2]) >= PATIENCE_MS:
                self.send(entry)


class Caller:
    """The client of the PC's server."""

    def __init__(self):
        self.sock = None
        self.up = False
        self.unsent = b""
        self.retry = time.ticks_ms()

    def connect(self):
        if self.sock is not None or time.ticks_diff(time.ticks_ms(), self.retry) < 0:
            return
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.up, self.unsent = False, b""
        try:
            self.sock.connect((settings.HOST, settings.PC_PORT))
        except OSError as e:
            if e.args[0] != EINPROGRESS:
                return self.lost(e)
        poller.register(self.sock, uselect.POLLIN | uselect.POLLOUT)

    def lost(self, why):
        print(TEXT["lost"], why)
        try:
            poller.unregister(self.sock)
        except (OSError, KeyError):
            pass  # it was not registered yet
        self.sock.close()
        self.sock = None
        self.retry = time.ticks_add(time.ticks_ms(), RETRY_MS)

    def handle(self, event):
        try:
            if event & uselect.POLLOUT and not event & (uselect.POLLERR | uselect.POLLHUP):
                self.up = True
                self.flush()
            if event & ~uselect.POLLOUT:
                data = self.sock.recv(1024)
                if not data:
                    return self.lost("FIN")
                print(TEXT["received"], data)
        except OSError as e:
            if e.args[0] != EAGAIN:
                self.lost(e)

    def flush(self):
        if self.unsent:
            self.unsent = self.unsent[self.sock.send(self.unsent):]
        poller.modify(self.sock, uselect.POLLIN | (uselect.POLLOUT if self.unsent else 0))

    def hello(self):
        if self.sock is None or not self.up or self.unsent:
            return  # a message that still waits is not overtaken
        self.unsent = b"Hola desde MicroPython\n"
        try:
            self.flush()
        except OSError as e:
            if e.args[0] != EAGAIN:
                self.lost(e)


clients = Clients()
caller = Caller()
print(TEXT["started"] % (settings.PICO_PORT, settings.PC_PORT))
due = time.ticks_add(time.ticks_ms(), PERIOD_MS)
while True:
    caller.connect()
    for sock, event in poller.poll(max(0, time.ticks_diff(due, time.ticks_ms()))):
        if sock is clients.srv:
            clients.accept()
        elif sock is caller.sock:
            caller.handle(event)
        else:
            clients.serve(sock, event)
    if time.ticks_diff(time.ticks_ms(), due) >= 0:
        due = time.ticks_add(due, PERIOD_MS)
        caller.hello()
        clients.release()
