// Package cpython holds the module that runs an unmodified Python program and writes down its socket calls as the JSON lines that
// the journal package reads. It needs CPython 3.6 or later, and nothing else, on any system.
package cpython

import (
	_ "embed"
	"os"
	"path/filepath"
)

//go:embed tcptrace_journal.py
var module []byte

// WriteTo writes the module into a folder and returns its path.
func WriteTo(dir string) (string, error) {
	path := filepath.Join(dir, "tcptrace_journal.py")
	return path, os.WriteFile(path, module, 0o644)
}

//go:embed tcptrace_lab.py
var labModule []byte

// WriteLabTo writes the module that runs a program in the lab into a folder and returns its path.
func WriteLabTo(dir string) (string, error) {
	path := filepath.Join(dir, "tcptrace_lab.py")
	return path, os.WriteFile(path, labModule, 0o644)
}

// Args are the arguments of a Python interpreter that runs the program (and its arguments) and writes its calls into the file calls.
func Args(modulePath, calls string, program []string) []string {
	return append([]string{modulePath, calls}, program...)
}
