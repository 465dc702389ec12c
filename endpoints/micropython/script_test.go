package micropython

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	dir := boardFolder(t, s)
	for _, interpreter := range interpreters {
		for _, program := range []string{"main", "main_fixed"} {
			t.Run(interpreter+" "+program, func(t *testing.T) {
				got := playScript(t, interpreter, dir, program)
				name := filepath.Join("testdata", "script-"+program+".txt")
				if *testfiles.Update && interpreter == "python3" {
					if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

// interpreters are those that play scripts.
var interpreters = []string{"micropython", "python3"}

// boardFolder is a folder with the files of a board.
func boardFolder(t *testing.T, s Settings) (dir string) {
	t.Helper()
	dir = t.TempDir()
	files, err := Files(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// playScript runs testdata/script.py and gives what it and the program print.
func playScript(t *testing.T, interpreter string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(interpreter)
	if err != nil {
		t.Skip("no " + interpreter + " here")
	}
	c := exec.Command(path, append([]string{"testdata/script.py"}, args...)...)
	c.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", "PYTHONDONTWRITEBYTECODE=1")
	got, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, got[max(0, len(got)-4000):])
	}
	return string(got)
}

// TestSmallHeap: a client that sends and never reads does not fill a board's memory, and is let go after a while; another one is
// served every turn.
func TestSmallHeap(t *testing.T) {
	dir := boardFolder(t, lesson)
	for _, interpreter := range interpreters {
		t.Run(interpreter, func(t *testing.T) {
			got := playScript(t, interpreter, dir, "main_fixed", "greedy")
			if read := strings.Count(got, ": b'yyy"); read != 2 {
				t.Errorf("the greedy client was read %d times", read)
			}
			if gone := strings.Count(got, "Cliente desconectado: no lee\n"); gone != 1 {
				t.Errorf("it was let go %d times", gone)
			}
			if served := strings.Count(got, ": b'hola'\n"); served < 390 || !strings.HasSuffix(got, "over\n") {
				t.Errorf("the other client was served %d times", served)
			}
		})
	}
}
