package micropython

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcptrace/internal/testfiles"
)

// lesson are settings with characters that need care.
var lesson = Settings{SSID: `Aula "3"`, Password: "contraseña'\\", Host: "192.168.1.3", PicoPort: 9000, PCPort: 9001, JournalPort: 9099, Lang: "es"}

// TestScriptedLesson: both programs, with the journal on, play a scripted lesson the same way under every interpreter that is here.
// MicroPython is the one that counts; CPython stands in where there is none.
func TestScriptedLesson(t *testing.T) {
	s := lesson
	s.Journal, s.PowerSave = true, false
	dir := t.TempDir()
	files, err := Files(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, interpreter := range []string{"micropython", "python3"} {
		for _, program := range []string{"main", "main_fixed"} {
			t.Run(interpreter+" "+program, func(t *testing.T) {
				path, err := exec.LookPath(interpreter)
				if err != nil {
					t.Skip("no " + interpreter + " here")
				}
				c := exec.Command(path, "testdata/script.py", dir, program)
				c.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", "PYTHONDONTWRITEBYTECODE=1")
				got, err := c.CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, got)
				}
				name := filepath.Join("testdata", "script-"+program+".txt")
				if *testfiles.Update && interpreter == "python3" {
					if err := os.WriteFile(name, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}
