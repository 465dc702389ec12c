package tcptrace_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tcptrace/internal/testfiles"
)

// buildTool makes one of the programs in .ci.
func buildTool(t *testing.T, name string) string {
	t.Helper()
	tool := filepath.Join(t.TempDir(), name+".exe")
	if out, err := exec.Command("go", "build", "-o", tool, ".ci/"+name+".go").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return tool
}

// runTool runs a program in a folder and returns what it printed, what it complained of, and its exit code.
func runTool(t *testing.T, dir string, env []string, tool string, args ...string) (out, said string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(tool, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = append(cmd.Environ(), env...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// TestThirdParty holds that THIRD_PARTY.md has the modules and licences of today.
func TestThirdParty(t *testing.T) {
	got, said, code := runTool(t, ".", nil, buildTool(t, "licences"), "-o", "-")
	switch code {
	case 0:
		testfiles.Golden(t, "THIRD_PARTY.md", []byte(got))
	case 2:
		t.Skip("not all licences are at hand:", said)
	default:
		t.Fatal(said)
	}
}

const (
	mit   = "Permission is hereby granted, free of charge, to any person obtaining a copy\nof this software and associated documentation files"
	apart = "Permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"
)

// TestLicencesJudged holds what is done with the licences of a module: known ones are listed, in a file or above the code, and
// one that is unknown or missing is an error.
func TestLicencesJudged(t *testing.T) {
	tool := buildTool(t, "licences")
	for _, c := range []struct {
		name    string
		library map[string]string // files of the module
		code    int
		want    []string
	}{
		{"known", map[string]string{"LICENSE": mit, "a.go": "package a\n"}, 0, []string{"| example.com/a | v0.0.0 | MIT |", "`LICENSE` of example.com/a"}},
		{"notice", map[string]string{"LICENSE": mit, "NOTICE": "Thanks to B.\n", "a.go": "package a\n"}, 0, []string{"Thanks to B."}},
		{"head", map[string]string{"LICENSE": mit, "a.go": "/*\n * " + apart + "\n */\n\npackage a\n"}, 0, []string{"| ISC AND MIT |", "```text\n" + apart}},
		{"same head", map[string]string{"LICENSE": mit, "a.go": "/*\n" + mit + "\n*/\n\npackage a\n"}, 0, []string{"| MIT | [3](#text-3) |"}},
		{"other system", map[string]string{"LICENSE": mit, "a_windows.go": "package a\n"}, 0, []string{"| example.com/a (Windows only) |"}},
		{"unknown", map[string]string{"LICENSE": "Ask me.\n", "a.go": "package a\n"}, 1, []string{"example.com/a", "LICENSE", "not known"}},
		{"second unknown", map[string]string{"LICENSE": mit, "LICENSE-font": "Ask me.\n", "a.go": "package a\n"}, 1, []string{"LICENSE-font", "not known"}},
		{"none", map[string]string{"a.go": "package a\n"}, 1, []string{"example.com/a: no licence found"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := writeProgram(t, "example.com/a", "v0.0.0", c.library)
			out, said, code := runTool(t, dir, nil, tool, "-o", "-", ".")
			if code != c.code {
				t.Fatalf("exit code %d: %s", code, said)
			}
			for _, w := range c.want {
				if !strings.Contains(out+said, w) {
					t.Errorf("nothing of %q in:\n%s%s", w, tail([]byte(out)), said)
				}
			}
		})
	}
}

// TestLicencesAbsent holds that an empty module cache is told from a licence that is unknown.
func TestLicencesAbsent(t *testing.T) {
	empty := []string{"GOMODCACHE=" + t.TempDir(), "GOPROXY=off"}
	if _, said, code := runTool(t, ".", empty, buildTool(t, "licences"), "-o", "-"); code != 2 {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// writeProgram writes a program that imports one module, which has these files, and returns its folder.
func writeProgram(t *testing.T, module, version string, library map[string]string) string {
	t.Helper()
	files := map[string]string{
		"go.mod":   "module example.com/program\n\ngo 1.26\n\nrequire " + module + " " + version + "\n\nreplace " + module + " => ./a\n",
		"main.go":  "package main\n\nfunc main() {}\n",
		"a/go.mod": "module " + module + "\n\ngo 1.26\n",
	}
	importer := "import.go"
	for name, text := range library {
		files["a/"+name] = text
		if name == "a_windows.go" {
			importer = "import_windows.go"
		}
	}
	files[importer] = "package main\n\nimport _ \"" + module + "\"\n"
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
