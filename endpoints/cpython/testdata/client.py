# A student's client, with an argument, a poll object, a datagram socket that is no concern of the journal, and an error.
import select
import socket
import sys

u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.close()
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
s.send("¡hola!\n".encode())
if hasattr(select, "poll"):
    p = select.poll()
    p.register(s, select.POLLIN)
    p.poll(20000)
f = s.makefile("rb")
print(f.readline())
f.close()
s.close()
t = socket.socket()
print(t.connect_ex(("127.0.0.1", 1)) != 0)
t.settimeout(0.01)
try:
    t.recv(10)
except OSError as e:
    print("error")
t.close()
