// Package testfiles finds the files that tests read and keeps their expected output. Only tests import it; it knows
// no other package of the module.
package testfiles

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update is the flag -update: expected output is written instead of compared.
var Update = flag.Bool("update", false, "write the expected output anew instead of comparing with it")

// CorpusVariable names the environment variable that holds the folder of third-party captures.
const CorpusVariable = "TCPTRACE_CORPUS"

// Root is the module's folder, which is found upwards from the test's.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = up
	}
}

// Genuine is a path in testdata/genuine, the captures of real programs that belong to the repository.
func Genuine(t testing.TB, parts ...string) string {
	t.Helper()
	return filepath.Join(append([]string{Root(t), "testdata", "genuine"}, parts...)...)
}

// Truth is a path in testdata/truth: runs whose every state the kernel has logged.
func Truth(t testing.TB, parts ...string) string {
	t.Helper()
	return filepath.Join(append([]string{Root(t), "testdata", "truth"}, parts...)...)
}

// Hostile is a path in testdata/hostile: small captures that were made to break readers, and EXPECT.tsv, which says for each
// what must come of it: E not a capture, P:n n packets and then damage, OK:n odd but valid, I:n nothing in it may act
// in any output, B:n large for its size, any: survive. The corpus has larger ones of the same make.
func Hostile(t testing.TB, parts ...string) string {
	t.Helper()
	return filepath.Join(append([]string{Root(t), "testdata", "hostile"}, parts...)...)
}

// Corpus is a path in the corpus of third-party captures, which is no part of the repository: the folder that
// TCPTRACE_CORPUS names, else ../shared/corpus beside the module. A test that needs it is skipped where there is none.
func Corpus(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv(CorpusVariable)
	if root == "" {
		root = filepath.Join(Root(t), "..", "shared", "corpus")
	}
	if _, err := os.Stat(root); err != nil {
		t.Skipf("no corpus of captures at %s; %s names another folder", root, CorpusVariable)
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

// Golden compares got with a file, given by its path from the test's folder, or writes the file with -update.
func Golden(t testing.TB, path string, got []byte) {
	t.Helper()
	if *Update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); go test -update writes it anew:\n%s", path, diff)
	}
}
