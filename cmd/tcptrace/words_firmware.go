package main

// firmwareWords are the words of `tcptrace firmware`.
type firmwareWords struct {
	Firmware, FirmwareLong, FirmwareExample                             string
	FlagOutput, FlagUpload, FlagSSID, FlagHost, FlagPasswordFile        string
	FlagOpenNetwork, FlagFixed, FlagJournal, FlagNoPowerSave, FlagPort  string
	FlagPCPort, FlagForce, FlagNoStart                                  string
	NeedOutput, NeedSSID, NeedHost, HintHost, NeedPassword, AskPassword string
	Foreign, Wrote, Secret, HintPort, HintForce, NoPort, Uploaded       string
}

func firmwareWordsFor(lang string) *firmwareWords {
	if lang == "es" {
		return &firmwareES
	}
	return &firmwareEN
}

var firmwareEN = firmwareWords{
	Firmware:        "Write the notebook's program for a real Pico W, and put it on the board",
	FirmwareLong:    "Writes main.py with the notebook's behaviour, main_fixed.py without its mistakes, and tj.py, a journal of every socket call that travels\nin the same capture. The Wi-Fi password is asked for, or read from a file; it stands in settings.py only.\n--upload puts the files on a board that runs MicroPython, over USB.",
	FirmwareExample: "  tcptrace firmware -o pico --ssid Aula3 --host 192.168.1.3\n  tcptrace firmware --upload /dev/ttyACM0 --ssid Aula3 --host 192.168.1.3 --journal\n  tcptrace firmware --upload auto --ssid Aula3 --host 192.168.1.3 --password-file wifi.txt --fixed",
	FlagOutput:      "write the files into this folder", FlagUpload: "put the files on the board at this serial port (auto: the only one)",
	FlagSSID: "name of the Wi-Fi network", FlagHost: "IPv4 address of the PC, as the Pico reaches it", FlagPasswordFile: "read the password from the first line of this file (- is standard input)",
	FlagOpenNetwork: "the network has no password", FlagFixed: "main.py is the corrected program", FlagJournal: "tell every socket call to the PC, in UDP datagrams to port 9099",
	FlagNoPowerSave: "keep the radio awake: latency without the up to 200 ms of its sleep", FlagPort: "port of the Pico's echo server", FlagPCPort: "port of the PC's server",
	FlagForce: "replace files that tcptrace did not write", FlagNoStart: "do not restart the board after the upload",
	NeedOutput: "where to? -o DIR or --upload PORT", NeedSSID: "--ssid is missing: which Wi-Fi network?", NeedHost: "--host must be the PC's IPv4 address in the Pico's network",
	HintHost: "this computer has %s", NeedPassword: "no terminal to ask for the Wi-Fi password", AskPassword: "Password of %q: ",
	Foreign: "there is a file here that tcptrace did not write; --force replaces it", Wrote: "wrote %d files into %s", Secret: "settings.py holds the Wi-Fi password: do not hand it on",
	HintPort: "close Thonny and other programs that use the port; on Linux your user must be in the group dialout", HintForce: "--force replaces it; save your own program first",
	NoPort: "%d serial ports found", Uploaded: "%d files are on the board at %s",
}

var firmwareES = firmwareWords{
	Firmware:        "Escribe el programa del cuaderno para una Pico W de verdad, y lo pone en la placa",
	FirmwareLong:    "Escribe main.py con el comportamiento del cuaderno, main_fixed.py sin sus errores, y tj.py, un diario de cada llamada de socket que viaja\nen la misma captura. La contraseña del Wi-Fi se pregunta, o se lee de un archivo; solo queda en settings.py.\n--upload pone los archivos en una placa con MicroPython, por USB.",
	FirmwareExample: "  tcptrace firmware -o pico --ssid Aula3 --host 192.168.1.3\n  tcptrace firmware --upload /dev/ttyACM0 --ssid Aula3 --host 192.168.1.3 --journal\n  tcptrace firmware --upload auto --ssid Aula3 --host 192.168.1.3 --password-file wifi.txt --fixed",
	FlagOutput:      "escribir los archivos en esta carpeta", FlagUpload: "poner los archivos en la placa de este puerto serie (auto: el único)",
	FlagSSID: "nombre de la red Wi-Fi", FlagHost: "dirección IPv4 del PC, como lo alcanza la Pico", FlagPasswordFile: "leer la contraseña de la primera línea de este archivo (- es la entrada estándar)",
	FlagOpenNetwork: "la red no tiene contraseña", FlagFixed: "main.py es el programa corregido", FlagJournal: "contarle al PC cada llamada de socket, en datagramas UDP al puerto 9099",
	FlagNoPowerSave: "mantener despierta la radio: latencia sin los hasta 200 ms de su sueño", FlagPort: "puerto del servidor de eco de la Pico", FlagPCPort: "puerto del servidor del PC",
	FlagForce: "reemplazar archivos que tcptrace no escribió", FlagNoStart: "no reiniciar la placa al terminar",
	NeedOutput: "¿a dónde? -o DIR o --upload PORT", NeedSSID: "falta --ssid: ¿qué red Wi-Fi?", NeedHost: "--host debe ser la dirección IPv4 del PC en la red de la Pico",
	HintHost: "este computador tiene %s", NeedPassword: "no hay terminal donde preguntar la contraseña del Wi-Fi", AskPassword: "Contraseña de %q: ",
	Foreign: "aquí hay un archivo que tcptrace no escribió; --force lo reemplaza", Wrote: "se escribieron %d archivos en %s", Secret: "settings.py contiene la contraseña del Wi-Fi: no lo entregues",
	HintPort: "cierra Thonny y otros programas que usen el puerto; en Linux tu usuario debe estar en el grupo dialout", HintForce: "--force lo reemplaza; guarda antes tu propio programa",
	NoPort: "puertos serie encontrados: %d", Uploaded: "%d archivos están en la placa de %s",
}
