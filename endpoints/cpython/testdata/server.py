# A student's server: accepts in non-blocking mode, waits with select(), answers once, sees the end of data.
import select
import socket
import time

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 0))
s.listen(1)
s.setblocking(False)
try:
    s.accept()
except BlockingIOError:
    pass
print(s.getsockname()[1], flush=True)
select.select([s], [], [], 20)
conn, addr = s.accept()
buf = bytearray(100)
n = conn.recv_into(buf)
time.sleep(0.01)
conn.sendall(b"Echo:" + buf[:n])
print(conn.recv(1024))
conn.close()
s.close()
