# Written by tcptrace. The notebook's program for the Pico W: an echo server on one port and a client of the PC's server,
# in one poll loop that ends every turn with sleep(1). It keeps the notebook's habits, good and bad, so that a capture shows
# them; main_fixed.py is the same without the bad ones.
import settings
import wifi

wifi.connect()
if settings.JOURNAL:
    import tj  # before the sockets: it takes their place and tells of every call

import usocket as socket
import uselect
import time

TEXT = settings.TEXT
poller = uselect.poll()

srv = socket.socket()
srv.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
srv.bind(("0.0.0.0", settings.PICO_PORT))
srv.listen(1)
srv.setblocking(False)
poller.register(srv, uselect.POLLIN)
served = None  # the one client that is remembered

cli = socket.socket()
cli.setblocking(False)
try:
    cli.connect((settings.HOST, settings.PC_PORT))
except OSError:
    pass  # EINPROGRESS, and whatever else: nobody looks
poller.register(cli, uselect.POLLIN)
print(TEXT["started"] % (settings.PICO_PORT, settings.PC_PORT))


def accept():
    global served
    served, addr = srv.accept()
    print(TEXT["accepted"], addr)
    served.setblocking(False)
    poller.register(served, uselect.POLLIN)


def receive(sock):
    try:
        return sock.recv(1024)
    except OSError:
        return None


def echo():
    global served
    data = receive(served)
    if data:
        print(TEXT["served"], data)
        served.send(b"Echo:" + data)
    else:
        print(TEXT["closed"])
        poller.unregister(served)
        served.close()
        served = None


while True:
    for sock, event in poller.poll(50):
        if sock is srv:
            accept()
        elif sock is served:
            echo()
        elif sock is cli:
            data = receive(cli)
            if data:
                print(TEXT["received"], data)
    try:
        cli.send(b"Hola desde MicroPython\n")
    except OSError:
        pass
    time.sleep(1)
