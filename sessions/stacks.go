package sessions

// The stacks that a Fingerprint tells (docs/pico.md 4.2); "" when it cannot tell.
const (
	PicoStack    = "lwip-pico" // MicroPython's lwIP on a Pico W
	LinuxStack   = "linux"
	WindowsStack = "windows"
)
