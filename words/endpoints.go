package words

import "time"

// Endpoints is what the notebook's programs print; in Spanish as his programs do.
type Endpoints struct{ language }

// NewEndpoints gives them in a language.
func NewEndpoints(lang string) Endpoints { return Endpoints{language{lang}} }

func (w Endpoints) PicoStarted(port, port2 uint16) string {
	return w.fill("Servidor en :%d, cliente conectando a :%d ...\n",
		"Server on :%d, client connecting to :%d ...\n", port, port2)
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

func (w Endpoints) ServerStarted(port uint16) string {
	return w.fill("Servidor PC en puerto %d\n",
		"PC server on port %d\n", port)
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

func (w Endpoints) ClientReceived(pyBytes string) string {
	return w.fill("MicroPython respondió: %s\n",
		"MicroPython answered: %s\n", pyBytes)
}

func (w Endpoints) FixedClosed(reason string) string {
	return w.fill("Cliente desconectado: %s\n",
		"Client disconnected: %s\n", reason)
}

func (w Endpoints) FixedLost(why error, fixedRetry time.Duration) string {
	return w.fill("Sin servidor PC: %s; se intenta otra vez en %s\n",
		"No PC server: %s; trying again in %s\n", why, fixedRetry)
}

func (w Endpoints) TwoSent(i, text string) string {
	return w.fill("%s envió %s\n",
		"%s sent %s\n", i, text)
}

func (w Endpoints) TwoReceived(i, data string) string {
	return w.fill("%s recibió %s\n",
		"%s received %s\n", i, data)
}

func (w Endpoints) TwoNothing(i string, err error) string {
	return w.fill("%s: nada (%s)\n",
		"%s: nothing (%s)\n", i, err)
}

func (w Endpoints) Sent(k int) string {
	return w.fill("send %d\n",
		"send %d\n", k)
}

func (w Endpoints) Received(data int, data2 string) string {
	return w.fill("recv %d %s\n",
		"recv %d %s\n", data, data2)
}

func (w Endpoints) Attempts(name string, failed int) string {
	return w.fill("%s: EAGAIN ×%d\n",
		"%s: EAGAIN ×%d\n", name, failed)
}
