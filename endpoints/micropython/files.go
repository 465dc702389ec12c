// Package micropython holds the notebook's program for a real Pico W, a corrected variant, and the call journal, as files
// for the board; and puts them there over the board's serial port.
package micropython

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"tcptrace/words"
)

//go:embed main.py main_fixed.py wifi.py tj.py
var programs embed.FS

// Marker begins every file that this package writes, so that it replaces its own files only.
const Marker = "# Written by tcptrace."

// Settings are what the board has to know.
type Settings struct {
	SSID, Password string
	Host           string // IPv4 address of the PC, as the board reaches it
	PicoPort       uint16 // where the board listens
	PCPort         uint16 // where the PC's server listens
	JournalPort    uint16 // where the call journal's datagrams go
	Journal        bool   // tell of every call
	Fixed          bool   // main.py is the corrected program
	PowerSave      bool   // leave the radio's power saving on, as the notebook does
	Lang           string // of what the programs print: "es", or English
}

// A File is one file of the board.
type File struct {
	Name string
	Data []byte
	// Secret says that the file holds the password: it is to be kept from other users.
	Secret bool
}

// Files are the board's files. main.py is what the board starts by itself; it is the corrected program with Settings.Fixed, and the
// other one lies beside it as main_fixed.py or main_notebook.py.
func Files(s Settings) ([]File, error) {
	settings, err := s.file()
	if err != nil {
		return nil, err
	}
	files := []File{settings}
	names := map[string]string{"main.py": "main.py", "main_fixed.py": "main_fixed.py"}
	if s.Fixed {
		names = map[string]string{"main.py": "main_notebook.py", "main_fixed.py": "main.py"}
	}
	for _, name := range []string{"wifi.py", "tj.py", "main_fixed.py", "main.py"} {
		data, err := programs.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if other, ok := names[name]; ok {
			name = other
		}
		files = append(files, File{Name: name, Data: data})
	}
	return files, nil
}

// texts are what the programs print; the Spanish ones are the notebook's.
type text struct{ key, value string }

var textES = []text{
	{"joining", "Conectando a WiFi..."}, {"joined", "Conectado, IP:"}, {"no network", "No se pudo conectar a WiFi"},
	{"started", "Servidor en :%d, cliente conectando a :%d ..."}, {"accepted", "Cliente conectado al servidor:"},
	{"served", "Servidor recibió:"}, {"received", "Cliente recibió:"}, {"closed", "Cliente servidor desconectado"},
	{"dropped", "Cliente desconectado:"}, {"lost", "Sin servidor PC:"}, {"deaf", "no lee"},
}

var textEN = []text{
	{"joining", "Joining the Wi-Fi network..."}, {"joined", "Connected, IP:"}, {"no network", "Could not join the Wi-Fi network"},
	{"started", "Server on :%d, client connecting to :%d ..."}, {"accepted", "Client connected to the server:"},
	{"served", "Server received:"}, {"received", "Client received:"}, {"closed", "The server's client disconnected"},
	{"dropped", "Client disconnected:"}, {"lost", "No PC server:"}, {"deaf", "it does not read"},
}

// pyString is a Python string literal. Go's escapes of what is not printable ASCII mean the same in Python.
func pyString(s string) string { return strconv.QuoteToASCII(s) }

func pyBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// file is settings.py.
func (s Settings) file() (File, error) {
	if s.SSID == "" || len(s.SSID) > 32 || !utf8.ValidString(s.SSID) {
		return File{}, words.BadSSID
	}
	if len(s.Password) > 64 || !utf8.ValidString(s.Password) {
		return File{}, words.BadWiFiPassword
	}
	var b strings.Builder
	b.WriteString(Marker + " Of the network and the lesson; it holds the Wi-Fi password: do not hand it on.\n")
	fmt.Fprintf(&b, "SSID = %s\nPASSWORD = %s\n", pyString(s.SSID), pyString(s.Password))
	fmt.Fprintf(&b, "HOST = %s\nPICO_PORT = %d\nPC_PORT = %d\nJOURNAL_PORT = %d\n", pyString(s.Host), s.PicoPort, s.PCPort, s.JournalPort)
	fmt.Fprintf(&b, "JOURNAL = %s\nPOWER_SAVE = %s\nTEXT = {\n", pyBool(s.Journal), pyBool(s.PowerSave))
	texts := textEN
	if s.Lang == "es" {
		texts = textES
	}
	for _, t := range texts {
		fmt.Fprintf(&b, "    %s: %s,\n", pyString(t.key), pyString(t.value))
	}
	b.WriteString("}\n")
	return File{Name: "settings.py", Data: []byte(b.String()), Secret: true}, nil
}
