package tcptrace_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tcptrace/internal/testfiles"
)

// build makes the program once for a test and returns the folder it is in.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	name := "tcptrace"
	if os.PathSeparator == '\\' {
		name += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, name), "./cmd/tcptrace").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// TestREADMECommands runs every command that the README gives in a block of kind sh, each block from the same folder, as a
// reader would type it. `go test ./...` is what runs this test.
func TestREADMECommands(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell to run them with")
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	bin, dir := build(t), t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "testdata"), os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	copyFile(t, filepath.Join("testdata", "genuine", "pico-normal", "capture.pcap"), filepath.Join(dir, "session.pcap"))
	ran := 0
	for _, block := range shellBlock.FindAllStringSubmatch(string(text), -1) {
		script := strings.ReplaceAll(block[1], "go run ./cmd/tcptrace", "tcptrace")
		if strings.HasPrefix(script, "go test") {
			continue
		}
		ran++
		cmd := exec.Command(shell, "-eu", "-c", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "LC_ALL=C")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s\n%v\n%s", script, err, tail(out))
		}
	}
	if ran < 5 {
		t.Errorf("only %d blocks of commands were found", ran)
	}
	for _, made := range []string{"tcptrace-demo/report.md", "out/report.md", "lecture.md", "mine.md", "echo.svg", "session.html", "sessions.csv", "sessions.json"} {
		if st, err := os.Stat(filepath.Join(dir, filepath.FromSlash(made))); err != nil || st.Size() == 0 {
			t.Errorf("the README's commands did not make %s", made)
		}
	}
}

func tail(out []byte) string {
	if len(out) > 2000 {
		out = out[len(out)-2000:]
	}
	return string(out)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestREADMEPictures holds that the README shows what the program draws today.
func TestREADMEPictures(t *testing.T) {
	capture := filepath.Join("testdata", "genuine", "pico-normal", "capture.pcap")
	for name, args := range map[string][]string{
		"phase.svg":  {"plot", capture, "--kind", "phase", "--lang", "en"},
		"ladder.svg": {"report", capture, "--format", "svg", "--finding", "1", "--lang", "en"},
	} {
		picture := filepath.Join("docs", name)
		got, err := exec.Command(filepath.Join(build(t), "tcptrace"), args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if *testfiles.Update {
			if err := os.WriteFile(picture, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("docs/%s is not what the program draws: run go test . -update and look at it", name)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#]+)\)`)

// TestLinks holds that the documents point at files that exist.
func TestLinks(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join("docs", "*.md"))
	for _, name := range append(names, "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), filepath.FromSlash(m[1]))); errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s points at %s, which does not exist", name, m[1])
			}
		}
	}
}

// TestPackagesAreDescribed holds that ARCHITECTURE.md knows every package of the policy, and no other.
func TestPackagesAreDescribed(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for r := range arrows {
		if !strings.Contains(string(text), "`"+r+"`") {
			t.Errorf("ARCHITECTURE.md says nothing of %s", r)
		}
		if _, err := os.Stat(r); err != nil {
			t.Errorf("the policy knows a package %s that is not there", r)
		}
	}
}
