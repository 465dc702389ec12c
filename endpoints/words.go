package endpoints

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
)

// words are what the programs print; the Spanish ones are those of the notebook's programs.
type words struct {
	PicoStarted, PicoAccepted, PicoServed, PicoReceived, PicoClosed string
	ServerStarted, ServerAccepted, ServerReceived                   string
	ClientConnected, ClientPrompt, ClientReceived                   string
	FixedClosed, FixedLost                                          string
	TwoSent, TwoReceived, TwoNothing                                string
	Sent, Received, Attempts                                        string
}

var wordsES = words{
	PicoStarted: "Servidor en :%d, cliente conectando a :%d ...\n", PicoAccepted: "Cliente conectado al servidor: %s\n",
	PicoServed: "Servidor recibió: %s\n", PicoReceived: "Cliente recibió: %s\n", PicoClosed: "Cliente servidor desconectado\n",
	ServerStarted: "Servidor PC en puerto %d\n", ServerAccepted: "Conectado con: %s\n", ServerReceived: "PC recibió: %s\n",
	ClientConnected: "Cliente PC conectado al MicroPython\n", ClientPrompt: "Mensaje: ", ClientReceived: "MicroPython respondió: %s\n",
	FixedClosed: "Cliente desconectado: %s\n", FixedLost: "Sin servidor PC: %s; se intenta otra vez en %s\n",
	TwoSent: "%s envió %s\n", TwoReceived: "%s recibió %s\n", TwoNothing: "%s: nada (%s)\n",
	Sent: "send %d\n", Received: "recv %d %s\n", Attempts: "%s: EAGAIN ×%d\n",
}

var wordsEN = words{
	PicoStarted: "Server on :%d, client connecting to :%d ...\n", PicoAccepted: "Client connected to the server: %s\n",
	PicoServed: "Server received: %s\n", PicoReceived: "Client received: %s\n", PicoClosed: "The server's client disconnected\n",
	ServerStarted: "PC server on port %d\n", ServerAccepted: "Connected with: %s\n", ServerReceived: "PC received: %s\n",
	ClientConnected: "PC client connected to MicroPython\n", ClientPrompt: "Message: ", ClientReceived: "MicroPython answered: %s\n",
	FixedClosed: "Client disconnected: %s\n", FixedLost: "No PC server: %s; trying again in %s\n",
	TwoSent: "%s sent %s\n", TwoReceived: "%s received %s\n", TwoNothing: "%s: nothing (%s)\n",
	Sent: "send %d\n", Received: "recv %d %s\n", Attempts: "%s: EAGAIN ×%d\n",
}

// Voice is where a program prints, and in which language: "es", or English. The zero value prints nothing.
type Voice struct {
	Out  io.Writer
	Lang string
}

func (v Voice) words() *words {
	if v.Lang == "es" {
		return &wordsES
	}
	return &wordsEN
}

// say prints; a program does not care whether anybody reads it.
func (v Voice) say(format string, args ...any) {
	if v.Out != nil {
		fmt.Fprintf(v.Out, format, args...)
	}
}

// pyBytes writes bytes as Python's repr() does: b'hola\n'. Nothing but printable ASCII comes out.
func pyBytes(data []byte) string {
	quote := byte('\'')
	if strings.Contains(string(data), "'") && !strings.Contains(string(data), `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteByte('b')
	b.WriteByte(quote)
	for _, c := range data {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\\' || c == quote:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte(quote)
	return b.String()
}

// pyAddr writes an address as Python prints the tuple: ('192.168.1.3', 42538).
func pyAddr(a netip.AddrPort) string { return fmt.Sprintf("('%s', %d)", a.Addr(), a.Port()) }
