package words

import (
	"net/netip"
	"time"
)

// Endpoints is what the notebook's programs print; in Spanish as his programs do.
type Endpoints struct{ language }

// NewEndpoints gives them in a language.
func NewEndpoints(lang string) Endpoints { return Endpoints{language{lang}} }

func (w Endpoints) PicoStarted(own, pc netip.AddrPort) string {
	return w.fill("Servidor en %s, cliente conectando a %s ...\n",
		"Server on %s, client connecting to %s ...\n", own, pc)
}

func (w Endpoints) PicoAccepted(addr string) string {
	return w.fill("Cliente conectado al servidor: %s\n",
		"Client connected to the server: %s\n", addr)
}

func (w Endpoints) PicoServed(data string) string {
	return w.fill("Servidor recibió: %s\n",
		"Server received: %s\n", data)
}

func (w Endpoints) PicoReceived(data string) string {
	return w.fill("Cliente recibió: %s\n",
		"Client received: %s\n", data)
}

func (w Endpoints) PicoClosed() string {
	return w.in("Cliente servidor desconectado\n",
		"The server's client disconnected\n")
}

func (w Endpoints) ServerStarted(own netip.AddrPort) string {
	return w.fill("Servidor PC en %s\n",
		"PC server on %s\n", own)
}

func (w Endpoints) ServerAccepted(addr string) string {
	return w.fill("Conectado con: %s\n",
		"Connected with: %s\n", addr)
}

func (w Endpoints) ServerReceived(data string) string {
	return w.fill("PC recibió: %s\n",
		"PC received: %s\n", data)
}

func (w Endpoints) ClientConnected() string {
	return w.in("Cliente PC conectado al MicroPython\n",
		"PC client connected to MicroPython\n")
}

func (w Endpoints) ClientPrompt() string {
	return w.in("Mensaje: ",
		"Message: ")
}

func (w Endpoints) ClientReceived(data string) string {
	return w.fill("MicroPython respondió: %s\n",
		"MicroPython answered: %s\n", data)
}

func (w Endpoints) FixedClosed(reason string) string {
	return w.fill("Cliente desconectado: %s\n",
		"Client disconnected: %s\n", reason)
}

func (w Endpoints) FixedDeaf() string {
	return w.in("no lee",
		"it does not read")
}

func (w Endpoints) FixedLost(why error, retry time.Duration) string {
	return w.fill("Sin servidor PC: %s; se intenta otra vez en %s\n",
		"No PC server: %s; trying again in %s\n", why, retry)
}

func (w Endpoints) TwoSent(name, text string) string {
	return w.fill("%s envió %s\n",
		"%s sent %s\n", name, text)
}

func (w Endpoints) TwoReceived(name, data string) string {
	return w.fill("%s recibió %s\n",
		"%s received %s\n", name, data)
}

func (w Endpoints) TwoNothing(name string, err error) string {
	return w.fill("%s: nada (%s)\n",
		"%s: nothing (%s)\n", name, err)
}

func (w Endpoints) Sent(bytes int) string {
	return w.fill("send %d\n",
		"send %d\n", bytes)
}

func (w Endpoints) Received(bytes int, data string) string {
	return w.fill("recv %d %s\n",
		"recv %d %s\n", bytes, data)
}

func (w Endpoints) Attempts(name string, failed int) string {
	return w.fill("%s: EAGAIN ×%d\n",
		"%s: EAGAIN ×%d\n", name, failed)
}

// Shown is the beginning of a message that is too long to be printed whole. The journal's reader knows it.
func (w Endpoints) Shown(beginning string, bytes int) string {
	return w.fill("%s… (%d bytes)",
		"%s… (%d bytes)", beginning, bytes)
}

func (w Endpoints) LeftOut(lines int64) string {
	return w.fill("… se omitieron %d líneas\n",
		"… %d lines were left out\n", lines)
}

func (w Endpoints) OutputFull(megabytes int64) string {
	return w.fill("… ya son %d MB: de aquí en adelante no se imprime más\n",
		"… that makes %d MB: nothing more is printed from here on\n", megabytes)
}
