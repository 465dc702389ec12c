package micropython

import (
	"io"
	"time"

	"go.bug.st/serial"
)

// baudRate is of no effect on the Pico's USB port, which has no line; boards behind a serial chip use this one.
const baudRate = 115200

// A SerialPort is an open serial port. Its owner closes it.
type SerialPort interface {
	Port
	io.Closer
}

// Open opens a serial port: /dev/ttyACM0 on Linux, /dev/cu.usbmodem… on macOS, COM3 on Windows.
func Open(name string) (SerialPort, error) {
	p, err := serial.Open(name, &serial.Mode{BaudRate: baudRate})
	if err != nil {
		return nil, err
	}
	if err := p.SetReadTimeout(10 * time.Millisecond); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Ports are the names of the serial ports of this computer.
func Ports() ([]string, error) { return serial.GetPortsList() }
