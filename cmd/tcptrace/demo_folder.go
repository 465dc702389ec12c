package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tcptrace/words"
)

// demoMarker is the file that says what of a folder is the demo's own: a line of words, then a file name a line.
const demoMarker = ".tcptrace-demo"

// A demoFolder is where the demo writes: a folder of its own, of which it replaces what it wrote before and nothing else.
type demoFolder struct {
	path  string
	names []string // written before
	w     words.Demo
}

// openDemoFolder looks at the folder before any work is done. One that exists must be empty or have the marker.
func openDemoFolder(path string, w words.Demo) (*demoFolder, error) {
	d := &demoFolder{path: filepath.Clean(path), w: w}
	entries, err := os.ReadDir(d.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0:
		return d, nil
	case err != nil:
		return nil, &outputError{err}
	}
	text, err := os.ReadFile(filepath.Join(d.path, demoMarker))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &usageError{d.path + ": " + w.NotOurs(), w.HintOutput()}
	}
	if err != nil {
		return nil, &outputError{err}
	}
	for i, line := range strings.Split(strings.TrimRight(string(text), "\r\n"), "\n") {
		name := strings.TrimRight(line, "\r")
		if i > 0 && name != "" && name == filepath.Base(name) && name != "." && name != ".." {
			d.names = append(d.names, name)
		}
	}
	return d, nil
}

// replace lets write fill a new folder beside this one and then moves the files over.
func (d *demoFolder) replace(u *ui, write func(dir string) error) error {
	if err := os.MkdirAll(filepath.Dir(d.path), 0o755); err != nil {
		return &outputError{err}
	}
	fresh, err := os.MkdirTemp(filepath.Dir(d.path), ".tcptrace-demo-*")
	if err != nil {
		return &outputError{err}
	}
	defer os.RemoveAll(fresh)
	if err := write(fresh); err != nil {
		return err
	}
	if err := d.moveIn(fresh); err != nil {
		return err
	}
	u.print(u.words().Wrote(filepath.Join(d.path, "report.md")))
	return nil
}

// moveIn puts the files of fresh in the place of the ones written before.
func (d *demoFolder) moveIn(fresh string) error {
	entries, err := os.ReadDir(fresh)
	if err != nil {
		return &outputError{err}
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		path := filepath.Join(d.path, e.Name())
		if _, err := os.Lstat(path); err == nil && !slices.Contains(d.names, e.Name()) {
			return &usageError{path + ": " + d.w.NotOurFile(), d.w.HintOutput()}
		}
	}
	if err := os.MkdirAll(d.path, 0o755); err != nil {
		return &outputError{err}
	}
	// The marker first, with old and new names: a run that is cut short leaves nothing that the next one would not know.
	if err := d.mark(append(slices.Clone(d.names), names...)); err != nil {
		return err
	}
	for _, name := range d.names {
		if err := os.Remove(filepath.Join(d.path, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &outputError{err}
		}
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(fresh, name), filepath.Join(d.path, name)); err != nil {
			return &outputError{err}
		}
	}
	return d.mark(names)
}

func (d *demoFolder) mark(names []string) error {
	slices.Sort(names)
	names = slices.Compact(names)
	marker := outFile{demoMarker, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\n%s\n", d.w.MarkerText(), strings.Join(names, "\n"))
		return err
	}}
	if err := marker.write(d.path); err != nil {
		return &outputError{err}
	}
	return nil
}
