package notebook

import "embed"

// The names of the lecturer's programs.
const (
	PicoProgram   = "main.py"   // on the Pico: the echo server and the client that greets
	ServerProgram = "server.py" // on the PC: what answers the greetings
	ClientProgram = "client.py" // on the PC: what a person types into
)

//go:embed programs
var programs embed.FS

// Program is the text of one of the lecturer's programs, as the notebook prints it; "" for other names.
func Program(name string) string {
	text, err := programs.ReadFile("programs/" + name)
	if err != nil {
		return ""
	}
	return string(text)
}
