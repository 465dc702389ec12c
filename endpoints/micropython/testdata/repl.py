# A board's REPL on standard input and output, as far as an upload needs it (docs.micropython.org, "The MicroPython REPL").
# argv: the directory of the board's files, a file to note restarts in, and "damage" to spoil every b"Hola" that is written.
import builtins
import contextlib
import io
import os
import sys
import traceback

os.chdir(sys.argv[1])


def say(data):
    while data:
        data = data[os.write(1, data):]


class Spoiled(io.FileIO):
    def write(self, data):
        return super().write(data.replace(b"Hola", b"Hula"))


def board_open(name, mode="r"):
    if len(sys.argv) > 3 and "w" in mode:
        return Spoiled(name, "w")
    return builtins.open(name, mode)


def execute(code, scope):
    printed = io.StringIO()
    error = ""
    try:
        with contextlib.redirect_stdout(printed):
            exec(code.decode(), scope)
    except BaseException:
        error = traceback.format_exc()
    return printed.getvalue().replace("\n", "\r\n").encode(), error.replace("\n", "\r\n").encode()


raw, sent, scope = False, b"", {"open": board_open}
say(b"Servidor en :9000\r\n")  # a program is running
while True:
    c = os.read(0, 1)
    if not c:
        break
    if c == b"\x01":
        raw, sent = True, b""
        say(b"raw REPL; CTRL-B to exit\r\n>")
    elif c == b"\x02":
        raw, sent = False, b""
        say(b"\r\nMicroPython v1.26 on 2026-01-01; Raspberry Pi Pico W with RP2040\r\n>>> ")
    elif c == b"\x03":
        sent = b""
        say(b"\r\nTraceback (most recent call last):\r\nKeyboardInterrupt: \r\n>>> ")
    elif c == b"\x04" and raw:
        printed, error = execute(sent, scope)
        sent = b""
        say(b"OK" + printed + b"\x04" + error + b"\x04>")
    elif c == b"\x04":
        with builtins.open(sys.argv[2], "a") as f:
            f.write("restart\n")
        say(b"\r\nMPY: soft reboot\r\n")
    elif raw:
        sent += c
