package findings

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"tcptrace/notebook"
)

// A patch is how one of the notebook's programs is corrected: edits of its lines that were tried together.
type patch struct {
	program string // notebook.PicoProgram and so on
	edits   []edit
}

// An edit takes the place of lines that stand behind each other. Both texts are of whole lines, indented as in the program.
type edit struct{ before, after string }

// apply makes the edits in a program, the notebook's or one that was written after it. Lines are compared without comments, and
// empty ones do not count; the program may be indented more. It reports false unless every edit has exactly one place.
func (p *patch) apply(source []string) (patched []string, ok bool) {
	patched = source
	for _, e := range p.edits {
		if patched, ok = e.apply(patched); !ok {
			return nil, false
		}
	}
	return patched, true
}

func (e *edit) apply(source []string) (patched []string, ok bool) {
	want := strings.Split(strings.TrimSuffix(e.before, "\n"), "\n")
	from, to, more := -1, 0, ""
	for i := range source {
		end, indent, fits := matchLines(source, i, want)
		if !fits {
			continue
		}
		if from >= 0 {
			return nil, false
		}
		from, to, more = i, end, indent
	}
	if from < 0 {
		return nil, false
	}
	patched = append(patched, source[:from]...)
	for _, line := range strings.Split(strings.TrimSuffix(e.after, "\n"), "\n") {
		if line != "" {
			line = more + line
		}
		patched = append(patched, line)
	}
	return append(patched, source[to:]...), true
}

// matchLines compares what stands from line i of a program on with the wanted lines. It gives the line behind them and by
// what the program is indented more.
func matchLines(source []string, i int, want []string) (end int, more string, ok bool) {
	first, known := codeOf(source[i]), false
	if first == "" {
		return 0, "", false
	}
	for _, w := range want {
		code := codeOf(w)
		if code == "" {
			continue
		}
		for i < len(source) && codeOf(source[i]) == "" {
			i++
		}
		if i == len(source) || strings.TrimSpace(codeOf(source[i])) != strings.TrimSpace(code) {
			return 0, "", false
		}
		have, wanted := indentOf(source[i]), indentOf(w)
		if !strings.HasSuffix(have, wanted) {
			return 0, "", false
		}
		extra := strings.TrimSuffix(have, wanted)
		if known && extra != more {
			return 0, "", false
		}
		more, known = extra, true
		i++
	}
	return i, more, true
}

// codeOf is a line of Python without its comment and the blanks before it.
func codeOf(line string) string {
	quote := byte(0)
	for i := range len(line) {
		switch c := line[i]; {
		case quote != 0:
			if c == quote && line[i-1] != '\\' {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return strings.TrimRight(line[:i], " \t")
		}
	}
	return strings.TrimRight(line, " \t")
}

func indentOf(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " \t"))] }

// diff is the patch as a unified diff: of the user's program when the edits fit there, else of the notebook's. A patch of
// another program than the user's, by its code, is of the notebook's too.
func (p *patch) diff(o Options) string {
	if o.SourceName != "" {
		if patched, ok := p.apply(o.Source); ok {
			return unified(o.SourceName, o.Source, patched)
		}
	}
	source := strings.Split(notebook.Program(p.program), "\n")
	patched, _ := p.apply(source) // a test applies every patch
	return unified(p.program, source, patched)
}

func unified(name string, before, after []string) string {
	return udiff.Unified("a/"+name, "b/"+name, strings.Join(before, "\n"), strings.Join(after, "\n"))
}

// Patches are the changes that findings advise, as unified diffs of the notebook's programs, by name.
func Patches() map[string]string {
	diffs := map[string]string{}
	for name, p := range patches {
		diffs[name] = p.diff(Options{})
	}
	return diffs
}

var patches = map[string]*patch{"deadline": deadlinePatch, "clients": clientsPatch, "accept": acceptPatch, "reuse": reusePatch,
	"answer": wholeAnswerPatch, "nodelay": nodelayPatch}

// deadlinePatch waits in poll() until the next greeting is due. The guard before send() is part of it: poll() returns for
// every message too. So is the end of the PC's connection, which poll() would report again and again.
var deadlinePatch = &patch{notebook.PicoProgram, []edit{
	{`while True:
    events = poller.poll(50)
`, `proximo = time.ticks_ms()

while True:
    falta = time.ticks_diff(proximo, time.ticks_ms())
    events = poller.poll(max(0, falta))
`},
	{`            if data:
                print("Cliente recibió:", data)
            continue
`, `            if data:
                print("Cliente recibió:", data)
            elif data == b"" or evt & (uselect.POLLERR | uselect.POLLHUP):
                poller.unregister(cli)
            continue
`},
	{`    try:
        cli.send(b"Hola desde MicroPython\n")
    except:
        pass

    time.sleep(1)
`, `    if time.ticks_diff(time.ticks_ms(), proximo) >= 0:
        proximo = time.ticks_add(proximo, 1000)
        try:
            cli.send(b"Hola desde MicroPython\n")
        except:
            pass
`},
}}

// clientsPatch serves every client that is connected, and not the last one only.
var clientsPatch = &patch{notebook.PicoProgram, []edit{
	{`poller.register(srv, uselect.POLLIN)

server_client = None
`, `poller.register(srv, uselect.POLLIN)

server_clients = {}
`},
	{`            server_client = conn
`, `            server_clients[id(conn)] = conn
`},
	{`        if sock is server_client:
`, `        if id(sock) in server_clients:
`},
	{`                sock.close()
                server_client = None
`, `                del server_clients[id(sock)]
                sock.close()
`},
}}

// nodelayPatch lets the end of a long reply leave without the ACK of its beginning.
var nodelayPatch = &patch{notebook.PicoProgram, []edit{
	{`            conn.setblocking(False)
`, `            conn.setblocking(False)
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
`},
}}

// acceptPatch lets the PC's server take one client after the other, each in a thread.
var acceptPatch = &patch{notebook.ServerProgram, []edit{
	{`import socket
`, `import socket
import threading
`},
	{`conn, addr = s.accept()
print("Conectado con:", addr)

while True:
    data = conn.recv(1024)
    if not data:
        break
    print("PC recibió:", data)
    conn.send(b"PC responde: " + data)
`, `
def atender(conn):
    with conn:
        while True:
            data = conn.recv(1024)
            if not data:
                break
            print("PC recibió:", data)
            conn.sendall(b"PC responde: " + data)


while True:
    conn, addr = s.accept()
    print("Conectado con:", addr)
    threading.Thread(target=atender, args=(conn,), daemon=True).start()
`},
}}

// reusePatch lets the PC's server listen again on a port in TIME-WAIT.
var reusePatch = &patch{notebook.ServerProgram, []edit{
	{`s.bind((HOST, PORT))
`, `s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((HOST, PORT))
`},
}}

// wholeAnswerPatch reads until the whole echo has come: its prefix and as many bytes as were sent.
var wholeAnswerPatch = &patch{notebook.ClientProgram, []edit{
	{`    s.send(msg)
    resp = s.recv(1024)
`, `    s.sendall(msg)
    resp = b""
    while len(resp) < len(b"Echo:" + msg):
        parte = s.recv(1024)
        if not parte:
            break
        resp += parte
`},
}}
