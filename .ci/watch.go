//go:build ignore

// Watch reads what `go test -json` prints, shows the closing line of every package and all that failing tests said,
// and judges the tests that were skipped:
//
//	go test -json ./... | go run .ci/watch.go -skips FILE      the first run: shows, and keeps the skipped tests in FILE
//	go run .ci/watch.go -judge .ci/skips.txt FILE…             a test skipped in every run must be on the list
//	go run .ci/watch.go -again PACKAGE FILE                    the tests of a package that were skipped, as a -run pattern
//
// The list has a line for what may be skipped: a condition, then a regular expression for "PACKAGE TEST: REASON". The
// conditions are always, no-corpus (the captures of third parties are not beside the repository), not-root.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// An event is a line of `go test -json`.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
	ImportPath                    string // of build output
}

func main() {
	skips := flag.String("skips", "", "file that gets one line for each test: skip or run, package, test")
	judge := flag.String("judge", "", "list of what may be skipped")
	again := flag.String("again", "", "package whose skipped tests are wanted")
	flag.Parse()
	var err error
	switch {
	case *judge != "":
		err = judgeSkips(*judge, flag.Args())
	case *again != "":
		err = printPattern(*again, flag.Args())
	default:
		err = watch(os.Stdin, *skips)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "watch:", err)
		os.Exit(1)
	}
}

// watch shows a test run and keeps who was skipped.
func watch(in io.Reader, skips string) error {
	said := map[string][]string{}
	var kept []string
	var failed, passed int
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if line == "" && err != nil {
			break
		}
		var e event
		if json.Unmarshal([]byte(line), &e) != nil {
			fmt.Print(line) // what the compiler says
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			if e.Test == "" {
				if o := e.Output; o != "PASS\n" && o != "FAIL\n" {
					fmt.Print(o)
				}
			} else {
				said[key] = append(said[key], e.Output)
			}
		case "build-output":
			fmt.Print(e.Output)
		case "build-fail":
			failed++
		case "fail":
			failed++
			fmt.Print(strings.Join(said[key], ""))
		case "skip":
			if e.Test != "" {
				kept = append(kept, "skip "+key+" "+reason(said[key]))
			}
		case "pass":
			if e.Test != "" {
				passed++
				kept = append(kept, "run "+key)
			}
		}
		if e.Test != "" && e.Action != "output" && e.Action != "run" {
			delete(said, key)
		}
	}
	if skips != "" {
		if err := os.WriteFile(skips, []byte(strings.Join(kept, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%d tests passed, %d failed\n", passed, failed)
	if failed > 0 || len(kept) == 0 {
		return fmt.Errorf("not all tests passed")
	}
	return nil
}

// reason is what a skipped test said.
func reason(output []string) string {
	for _, line := range output {
		if _, text, ok := strings.Cut(line, ".go:"); ok {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

// fates reads the files of watch: which tests were skipped and never run, with their reasons.
func fates(files []string) (skipped map[string]string, err error) {
	skipped = map[string]string{}
	ran := map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			f := strings.SplitN(strings.TrimSpace(line), " ", 4)
			switch {
			case len(f) >= 3 && f[0] == "run":
				ran[f[1]+" "+f[2]] = true
			case len(f) == 4 && f[0] == "skip":
				skipped[f[1]+" "+f[2]] = f[3]
			case len(f) == 3 && f[0] == "skip":
				skipped[f[1]+" "+f[2]] = ""
			}
		}
	}
	for test := range ran {
		delete(skipped, test)
	}
	return skipped, nil
}

// judgeSkips fails when a test was skipped that the list does not allow.
func judgeSkips(list string, files []string) error {
	skipped, err := fates(files)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	allowed := func(test string) bool {
		for line := range strings.Lines(string(text)) {
			condition, pattern, _ := strings.Cut(strings.TrimSpace(line), " ")
			if pattern == "" || !holds(condition) {
				continue
			}
			if ok, err := regexp.MatchString(pattern, test); err == nil && ok {
				return true
			}
		}
		return false
	}
	var uncovered []string
	for test, why := range skipped {
		if text := test + ": " + why; !allowed(text) {
			uncovered = append(uncovered, text)
		}
	}
	slices.Sort(uncovered)
	fmt.Printf("%d tests skipped in every run, %d of them not on the list\n", len(skipped), len(uncovered))
	if len(uncovered) > 0 {
		return fmt.Errorf("skipped although this machine should cover them:\n  %s", strings.Join(uncovered, "\n  "))
	}
	return nil
}

// holds says whether a condition of the list is true here.
func holds(condition string) bool {
	switch condition {
	case "always":
		return true
	case "no-corpus":
		_, err := os.Stat(filepath.Join("..", "shared", "corpus"))
		return err != nil
	case "not-root":
		return os.Geteuid() != 0
	}
	return false
}

// printPattern prints the top-level tests of a package that were skipped.
func printPattern(pkg string, files []string) error {
	skipped, err := fates(files)
	if err != nil {
		return err
	}
	var names []string
	for test := range skipped {
		if name, ok := strings.CutPrefix(test, pkg+" "); ok {
			top, _, _ := strings.Cut(name, "/")
			names = append(names, regexp.QuoteMeta(top))
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > 0 {
		fmt.Printf("^(%s)$\n", strings.Join(names, "|"))
	}
	return nil
}
