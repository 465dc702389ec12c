package findings

import (
	"strings"

	"tcptrace/words"
)

// A program is one of the notebook's three.
type program uint8

const (
	picoProgram program = iota
	serverProgram
	clientProgram
)

var programNames = [...]words.Text{
	picoProgram:   words.Of("el programa de MicroPython", "the MicroPython program"),
	serverProgram: words.Of("el servidor del PC", "the PC's server"),
	clientProgram: words.Of("el cliente del PC", "the PC's client"),
}

// Change is the line of a program that a finding is about.
type Change struct {
	Program Text   // whose line it is
	Quote   string // the line as the notebook has it, or as the user's file has it
	File    string // the user's file when the line was found in it
	Line    int    // its number there, from 1; 0 without a file

	// Diff is the whole change as a unified diff, of the user's file or of the notebook's program; "" when it is told in words
	// alone.
	Diff string
	Pico bool // it is about the MicroPython program, whose corrected form `tcptrace firmware --fixed` writes

	find  []string // what the line contains, the best first
	patch *patch
}

// The lines of the notebook's programs that findings talk about.
var (
	lineSleep        = mark{picoProgram, "time.sleep(1)", []string{"time.sleep(", "sleep(1)", "sleep_ms("}, deadlinePatch}
	linePicoListen   = mark{picoProgram, "srv.listen(1)", []string{"srv.listen(", ".listen("}, nil}
	lineOneClient    = mark{picoProgram, "server_client = conn", []string{"server_client = conn"}, clientsPatch}
	lineAccepted     = mark{picoProgram, "conn.setblocking(False)", []string{"conn.setblocking(", ".accept("}, nodelayPatch}
	linePicoRecv     = mark{picoProgram, "data = sock.recv(1024)", []string{"sock.recv(", ".recv("}, nil}
	lineEchoSend     = mark{picoProgram, `sock.send(b"Echo:" + data)`, []string{`b"Echo:"`, "sock.send("}, nil}
	lineCliRecv      = mark{picoProgram, "data = cli.recv(1024)", []string{"cli.recv(", ".recv("}, nil}
	lineCliSend      = mark{picoProgram, `cli.send(b"Hola desde MicroPython\n")`, []string{"cli.send(", ".send("}, nil}
	lineConnect      = mark{picoProgram, "cli.connect((HOST, HTTP_PORT))", []string{"cli.connect(", ".connect("}, nil}
	lineHost         = mark{picoProgram, `HOST = "192.168.1.3"`, []string{"HOST =", "HOST,", "HOST="}, nil}
	lineServerBind   = mark{serverProgram, "s.bind((HOST, PORT))", []string{".bind("}, reusePatch}
	lineServerAccept = mark{serverProgram, "conn, addr = s.accept()", []string{".accept("}, acceptPatch}
	lineServerRecv   = mark{serverProgram, "data = conn.recv(1024)", []string{"conn.recv(", ".recv("}, nil}
	lineServerSend   = mark{serverProgram, `conn.send(b"PC responde: " + data)`, []string{"PC responde", "conn.send("}, nil}
	lineClientRecv   = mark{clientProgram, "resp = s.recv(1024)", []string{"s.recv(", ".recv("}, wholeAnswerPatch}
	lineClientSend   = mark{clientProgram, "s.send(msg)", []string{"s.send(", ".send("}, nil}
)

type mark struct {
	program program
	quote   string
	find    []string
	patch   *patch // nil when there is none
}

// change makes the Change of a finding.
func (m mark) change() *Change {
	return &Change{Program: programNames[m.program], Quote: m.quote, Pico: m.program == picoProgram, find: m.find, patch: m.patch}
}

// locate looks for the line in the user's file: the notebook's own spelling first, then what is typical of it.
func (c *Change) locate(o Options) {
	if c.patch != nil {
		c.Diff = c.patch.diff(o)
	}
	if o.SourceName == "" {
		return
	}
	for _, want := range append([]string{c.Quote}, c.find...) {
		for i, text := range o.Source {
			code, _, _ := strings.Cut(text, "#")
			if strings.Contains(code, want) {
				c.File, c.Line, c.Quote = o.SourceName, i+1, quoted(code)
				return
			}
		}
	}
}

// maxQuote caps a quoted line of the user's program, in characters.
const maxQuote = 120

// quoted is a line of a program as a sentence can hold it.
func quoted(code string) string {
	r := []rune(strings.ReplaceAll(strings.TrimSpace(code), "`", "'"))
	if len(r) > maxQuote {
		return string(r[:maxQuote]) + "…"
	}
	return string(r)
}

// text says which line it is.
func (c *Change) text() Text {
	if c.Line > 0 {
		return sentence(" → `%s`, línea %d: `%s`", " → `%s`, line %d: `%s`", c.File, c.Line, c.Quote)
	}
	return sentence(" → en %s: `%s`", " → in %s: `%s`", c.Program, c.Quote)
}
