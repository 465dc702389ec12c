package findings

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tcptrace/notebook"
)

// TestPatchesApply applies every patch to the notebook's program, and lets Python read the result where there is one.
func TestPatchesApply(t *testing.T) {
	python, _ := exec.LookPath("python3")
	for name, p := range patches {
		source := strings.Split(notebook.Program(p.program), "\n")
		patched, ok := p.apply(source)
		if !ok {
			t.Errorf("%s does not fit %s", name, p.program)
			continue
		}
		if python == "" {
			continue
		}
		file := filepath.Join(t.TempDir(), p.program)
		if err := os.WriteFile(file, []byte(strings.Join(patched, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(python, "-m", "py_compile", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s\n%s", name, err, out, strings.Join(patched, "\n"))
		}
	}
}

// TestPatchFitsWhatWasWrittenAfter applies a patch to a program with other comments, blank lines and indentation, and to one
// that it does not fit.
func TestPatchFitsWhatWasWrittenAfter(t *testing.T) {
	p := &patch{notebook.PicoProgram, []edit{{"while True:\n    poll(50)\n", "while True:\n    poll(due)\n"}}}
	own := []string{"def main():", "    while True:  # for ever", "", "        # wait", "        poll(50)", "        x = '#'"}
	patched, ok := p.apply(own)
	if want := "def main():\n    while True:\n        poll(due)\n        x = '#'"; !ok || strings.Join(patched, "\n") != want {
		t.Errorf("%v\n%s", ok, strings.Join(patched, "\n"))
	}
	diff := p.diff(Options{SourceName: "mine.py", Source: own})
	if !strings.HasPrefix(diff, "--- a/mine.py\n+++ b/mine.py\n@@ ") || !strings.Contains(diff, "\n+        poll(due)\n") {
		t.Error(diff)
	}
	for _, other := range [][]string{{"while True:", "        poll(50)"}, {"while True:", "    poll(60)"}, append(own, own...), nil} {
		if patched, ok := p.apply(other); ok {
			t.Errorf("%q became %q", other, patched)
		}
	}
	if diff := deadlinePatch.diff(Options{SourceName: "mine.py", Source: own}); !strings.HasPrefix(diff, "--- a/main.py\n") {
		t.Error(diff)
	}
}
