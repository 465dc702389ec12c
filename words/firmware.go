package words

// What an upload says of a board, and of what is to be put on it.
var (
	BoardForeign = fixed("board-foreign", "la placa tiene un archivo propio con este nombre", "the board has a file of its own with this name")
	BoardMissing = fixed("board-missing", "ninguna placa con MicroPython contesta en este puerto", "no MicroPython board answers on this port")
	BoardTalks   = fixed("board-talks", "lo que hay en este puerto no deja de enviar, y no contesta como una placa con MicroPython",
		"what is on this port never stops sending, and does not answer as a MicroPython board")
	BoardSilent  = fixed("board-silent", "la placa ya no contesta", "the board answers no more")
	BoardDamaged = fixed("board-damaged", "lo que llegó a la placa no es lo que se envió", "what arrived on the board is not what was sent")

	BadSSID         = fixed("bad-ssid", "el nombre de una red (SSID) tiene de 1 a 32 bytes de UTF-8", "a network's name (SSID) has 1 to 32 bytes of UTF-8")
	BadWiFiPassword = fixed("bad-wifi-password", "la contraseña de una red tiene a lo sumo 64 bytes de UTF-8", "a network's password has at most 64 bytes of UTF-8")

	boardSays = newKind("board-says", "la placa dice: %s", "the board says: %s")
	boardSlow = newKind("board-slow", "la placa no terminó en %d s", "the board was not done within %d s")
)

// BoardSays quotes the last line of a board's traceback.
func BoardSays(text string) Reason { return boardSays.with(text) }

// BoardSlow is an upload that reached its limit.
func BoardSlow(seconds int) Reason { return boardSlow.with(seconds) }

// Firmware is what `tcptrace firmware` says.
type Firmware struct{ language }

// NewFirmware gives them in a language.
func NewFirmware(lang string) Firmware { return Firmware{language{lang}} }

func (w Firmware) Firmware() string {
	return w.in("Escribe el programa del cuaderno para una Pico W de verdad, y lo pone en la placa",
		"Write the notebook's program for a real Pico W, and put it on the board")
}

func (w Firmware) FirmwareLong() string {
	return w.in("Escribe main.py con el comportamiento del cuaderno, main_fixed.py sin sus errores, y tj.py, un diario de cada llamada de socket que viaja\nen la misma captura. La contraseña del Wi-Fi se pregunta, o se lee de un archivo; solo queda en settings.py.\n--upload pone los archivos en una placa con MicroPython, por USB.",
		"Writes main.py with the notebook's behaviour, main_fixed.py without its mistakes, and tj.py, a journal of every socket call that travels\nin the same capture. The Wi-Fi password is asked for, or read from a file; it stands in settings.py only.\n--upload puts the files on a board that runs MicroPython, over USB.")
}

func (w Firmware) FirmwareExample() string {
	return "  tcptrace firmware -o pico --ssid Aula3 --host 192.168.1.3\n  tcptrace firmware --upload /dev/ttyACM0 --ssid Aula3 --host 192.168.1.3 --journal\n  tcptrace firmware --upload auto --ssid Aula3 --host 192.168.1.3 --password-file wifi.txt --fixed"
}

func (w Firmware) FlagOutput() string {
	return w.in("`CARPETA`: escribir los archivos en esta carpeta",
		"`DIR`: write the files into this folder")
}

func (w Firmware) FlagUpload() string {
	return w.in("`PUERTO`: poner los archivos en la placa de este puerto serie (auto: el único)",
		"`PORT`: put the files on the board at this serial port (auto: the only one)")
}

func (w Firmware) FlagSSID() string {
	return w.in("`NOMBRE`: nombre de la red Wi-Fi",
		"`NAME`: name of the Wi-Fi network")
}

func (w Firmware) FlagHost() string {
	return w.in("`DIRECCIÓN`: dirección IPv4 del PC, como lo alcanza la Pico",
		"`ADDRESS`: IPv4 address of the PC, as the Pico reaches it")
}

func (w Firmware) FlagPasswordFile() string {
	return w.in("`ARCHIVO`: leer la contraseña de la primera línea de este archivo (- es la entrada estándar)",
		"`FILE`: read the password from the first line of this file (- is standard input)")
}

func (w Firmware) FlagOpenNetwork() string {
	return w.in("la red no tiene contraseña",
		"the network has no password")
}

func (w Firmware) FlagFixed() string {
	return w.in("main.py es el programa corregido",
		"main.py is the corrected program")
}

func (w Firmware) FlagJournal() string {
	return w.in("contarle al PC cada llamada de socket, en datagramas UDP al puerto 9099",
		"tell every socket call to the PC, in UDP datagrams to port 9099")
}

func (w Firmware) FlagNoPowerSave() string {
	return w.in("mantener despierta la radio: latencia sin los hasta 200 ms de su sueño",
		"keep the radio awake: latency without the up to 200 ms of its sleep")
}

func (w Firmware) FlagPort() string {
	return w.in("`PUERTO`: puerto del servidor de eco de la Pico",
		"`PORT`: port of the Pico's echo server")
}

func (w Firmware) FlagPCPort() string {
	return w.in("`PUERTO`: puerto del servidor del PC",
		"`PORT`: port of the PC's server")
}

func (w Firmware) FlagNoStart() string {
	return w.in("no reiniciar la placa al terminar",
		"do not restart the board after the upload")
}

func (w Firmware) NeedOutput() string {
	return w.in("¿a dónde? -o DIR o --upload PORT",
		"where to? -o DIR or --upload PORT")
}

func (w Firmware) NeedSSID() string {
	return w.in("falta --ssid: ¿qué red Wi-Fi?",
		"--ssid is missing: which Wi-Fi network?")
}

func (w Firmware) NeedHost() string {
	return w.in("--host debe ser la dirección IPv4 del PC en la red de la Pico",
		"--host must be the PC's IPv4 address in the Pico's network")
}

func (w Firmware) HintHost(addresses string) string {
	return w.fill("este computador tiene %s",
		"this computer has %s", addresses)
}

func (w Firmware) NeedPassword() string {
	return w.in("no hay terminal donde preguntar la contraseña del Wi-Fi",
		"no terminal to ask for the Wi-Fi password")
}

func (w Firmware) AskPassword(ssid string) string {
	return w.fill("Contraseña de %q: ",
		"Password of %q: ", ssid)
}

func (w Firmware) Wrote(files int, dir string) string {
	return w.fill("se escribieron %d archivos en %s",
		"wrote %d files into %s", files, dir)
}

func (w Firmware) Secret() string {
	return w.in("settings.py contiene la contraseña del Wi-Fi: no lo entregue",
		"settings.py holds the Wi-Fi password: do not hand it on")
}

func (w Firmware) HintPort() string {
	return w.in("cierre Thonny y otros programas que usen el puerto; en Linux su usuario debe estar en el grupo dialout",
		"close Thonny and other programs that use the port; on Linux your user must be in the group dialout")
}

func (w Firmware) HintTalks() string {
	return w.in("revise el puerto; si es el de la placa, desconéctela, conéctela otra vez e inténtelo enseguida",
		"check the port; if it is the board's, unplug the board, plug it in again and try at once")
}

func (w Firmware) Unfinished(done, of int) string {
	return w.fill("se pusieron %d de %d archivos en la placa, y los demás están como antes; ejecute la orden otra vez",
		"%d of %d files were put on the board, and the others are as before; run the command again", done, of)
}

func (w Firmware) Interrupted() string {
	return w.in("interrumpido antes de que los archivos estuvieran en su sitio",
		"interrupted before the files were in place")
}

func (w Firmware) HintForce() string {
	return w.in("--force lo reemplaza; guarde antes su propio programa",
		"--force replaces it; save your own program first")
}

func (w Firmware) NoPort(ports int) string {
	return w.fill("puertos serie encontrados: %d",
		"%d serial ports found", ports)
}

func (w Firmware) Uploaded(files int, name string) string {
	return w.fill("%d archivos están en la placa de %s",
		"%d files are on the board at %s", files, name)
}
