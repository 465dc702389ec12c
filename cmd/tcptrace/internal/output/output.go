// Package output puts files where a person wants them: whole or not at all, never through a symbolic link, never over
// what tcptrace did not write. A manifest in the folder has a digest of each file, so that a file that was edited since is
// a person's. The package knows nothing of what is in the files.
package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"tcptrace/internal/filelock"
)

// A File is one file to be written. Write may be called once.
type File struct {
	Name  string // in the folder, without any path
	Write func(io.Writer) error
	// Sync has the file on the disk before it gets its name: for what cannot be made again.
	Sync bool
	// Mode is the file's mode before the umask; 0 stands for 0644.
	Mode fs.FileMode
	// CallsOf is the name of a capture in the folder whose journal this file is; CallsSide tells whose calls they are, as
	// --calls has it. Journals finds it again.
	CallsOf, CallsSide string
}

// Bytes is a file with the given content.
func Bytes(name string, content []byte) File {
	return File{Name: name, Write: func(w io.Writer) error { _, err := w.Write(content); return err }}
}

// A ForeignError tells that something is in the way that is not tcptrace's to replace.
type ForeignError struct {
	Path   string
	Edited bool // tcptrace wrote it, and somebody has changed it since
}

func (e *ForeignError) Error() string {
	if e.Edited {
		return e.Path + ": edited since tcptrace wrote it"
	}
	return e.Path + ": not written by tcptrace"
}

// ErrMeanwhile tells that another run has written into the folder since it was opened.
var ErrMeanwhile = errors.New("another run has written into the folder meanwhile")

// ErrNotAFile tells that "-" was given where a file or a folder is needed.
var ErrNotAFile = errors.New("standard output is no file")

// A Folder is where files go.
type Folder struct {
	path   string
	set    string // what of the manifest's files this run replaces as a whole; "" for none
	force  bool
	opened []byte // the manifest when the folder was opened
}

// Options say how a folder is written to.
type Options struct {
	// Set names files that belong together: a later run with the same Set removes those that it does not write again.
	// Files without one stand for themselves.
	Set string
	// Force replaces files that are not tcptrace's too.
	Force bool
}

// Open looks at a folder, which need not exist yet, before the work is done whose result it will get.
func Open(path string, o Options) (*Folder, error) {
	if path == "-" {
		return nil, ErrNotAFile
	}
	f := &Folder{path: filepath.Clean(path), set: o.Set, force: o.Force}
	if st, err := os.Stat(f.path); err == nil && !st.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: f.path, Err: syscall.ENOTDIR}
	}
	var err error
	if f.opened, err = f.readManifest(); err != nil {
		return nil, err
	}
	_, err = parseManifest(f.path, f.opened)
	return f, err
}

// readManifest reads the manifest's text; one that is not tcptrace's is none where it may be replaced.
func (f *Folder) readManifest() ([]byte, error) {
	text, err := readManifestFile(f.path)
	if err == nil {
		_, err = parseManifest(f.path, text)
	}
	var foreign *ForeignError
	if f.force && errors.As(err, &foreign) {
		return nil, nil
	}
	return text, err
}

// IsOurs reports whether a folder is new, empty, or one that tcptrace has written into.
func (f *Folder) IsOurs() bool {
	entries, err := os.ReadDir(f.path)
	return f.opened != nil || errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0
}

// Check tells before the work is done whether files of these names could be written. The error is a *ForeignError.
func (f *Folder) Check(names ...string) error {
	m, err := parseManifest(f.path, f.opened)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := f.mayReplace(m, name); err != nil {
			return err
		}
	}
	return nil
}

// mayReplace tells whether a name is free, or has a file that is tcptrace's.
func (f *Folder) mayReplace(m *manifest, name string) error {
	path := filepath.Join(f.path, name)
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case st.IsDir():
		return &fs.PathError{Op: "write", Path: path, Err: syscall.EISDIR}
	case f.force:
		return nil
	}
	e := m.find(name)
	if e == nil || !st.Mode().IsRegular() {
		return &ForeignError{Path: path}
	}
	same, err := e.is(path, st)
	if err == nil && !same {
		return &ForeignError{Path: path, Edited: true}
	}
	return err
}

// Write puts the files into the folder, which it makes where it does not exist. In steps:
//
//  1. Every file is written under a random name of its own; what fails leaves the folder as it was.
//  2. The folder is locked. If the run replaces a set and another run has written that set since the folder was opened,
//     nothing is replaced, so that of two runs one has its files there whole.
//  3. Whatever would be replaced must be tcptrace's.
//  4. The manifest gets the digests of the new files beside the old ones, then the files get their names, then the manifest
//     has the new ones alone: a run that is cut short anywhere leaves nothing that the next one would not know as its own.
func (f *Folder) Write(files []File) error {
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return err
	}
	var drafts drafts
	defer func() { drafts.discard() }()
	for _, file := range files {
		file.Sync = file.Sync || f.force // it may take the place of a person's
		d, err := newDraft(f.path, file)
		if err != nil {
			return err
		}
		drafts = append(drafts, d)
		if err := d.write(); err != nil {
			return err
		}
	}
	unlock, err := lock(f.path)
	if err != nil {
		return err
	}
	defer unlock()
	removeStale(f.path)
	if err := f.bind(drafts); err != nil {
		return err
	}
	return f.commit(drafts)
}

// bind notes which content of which capture the journals among the drafts belong to.
func (f *Folder) bind(drafts drafts) error {
	for _, d := range drafts {
		if d.CallsOf == "" {
			continue
		}
		d.entry.Calls = &callsOf{Of: d.CallsOf, Side: d.CallsSide}
		if i := slices.IndexFunc(drafts, func(x *draft) bool { return x.Name == d.CallsOf }); i >= 0 {
			d.entry.Calls.Digests = drafts[i].entry.Digests
			continue
		}
		e, err := entryOf(filepath.Join(f.path, d.CallsOf))
		if err != nil {
			return err
		}
		d.entry.Calls.Digests = e.Digests
	}
	return nil
}

// A Journal is a file with the calls of who speaks in a capture.
type Journal struct {
	Path string
	Side string // as --calls has it
}

// Journals are the journals that were written beside a capture for it, as long as the capture is what it was then. A folder
// without a manifest has none.
func Journals(capture string) (found []Journal) {
	dir, name := filepath.Split(capture)
	dir = filepath.Clean(dir)
	m, err := readManifest(dir)
	if err != nil {
		return nil
	}
	st, err := os.Stat(capture)
	if err != nil || !st.Mode().IsRegular() {
		return nil
	}
	same := map[string]bool{} // by digest: whether the capture is it
	for _, e := range m.Files {
		if e.Calls == nil || e.Calls.Of != name || len(e.Calls.Digests) == 0 || e.Name != filepath.Base(e.Name) {
			continue
		}
		sum := e.Calls.Digests[0].SHA256
		if _, known := same[sum]; !known {
			asked := entry{Name: name, Digests: e.Calls.Digests}
			same[sum], _ = asked.is(capture, st)
		}
		path := filepath.Join(dir, e.Name)
		if j, err := os.Lstat(path); same[sum] && err == nil && j.Mode().IsRegular() {
			found = append(found, Journal{path, e.Calls.Side})
		}
	}
	return found
}

// commit gives the drafts their names. The folder is locked.
func (f *Folder) commit(drafts drafts) error {
	text, err := f.readManifest()
	if err != nil {
		return err
	}
	old, err := parseManifest(f.path, text)
	if err != nil {
		return err
	}
	if opened, err := parseManifest(f.path, f.opened); err != nil || f.set != "" && !slices.EqualFunc(opened.of(f.set), old.of(f.set), entry.equal) {
		return fmt.Errorf("%s: %w", f.path, ErrMeanwhile)
	}
	for _, d := range drafts {
		if err := f.mayReplace(old, d.Name); err != nil {
			return err
		}
	}
	outdated := f.outdated(old, drafts)
	both, fresh := old.clone(), old.clone()
	for _, d := range drafts {
		both.add(d.entry, f.set)
		fresh.replace(d.entry, f.set)
	}
	// In a folder that all may write into, the manifest can be another user's: then nothing is replaced, and nothing remembered.
	remembered := both.save(f.path)
	if remembered != nil && !errors.Is(remembered, fs.ErrPermission) {
		return remembered
	}
	for _, name := range outdated {
		if err := os.Remove(filepath.Join(f.path, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		fresh.drop(name)
	}
	for _, d := range drafts {
		if err := d.rename(f.path); err != nil {
			return err
		}
	}
	if remembered != nil {
		return nil
	}
	return fresh.save(f.path)
}

// outdated are the files of the set that this run does not write again and that nobody has edited.
func (f *Folder) outdated(m *manifest, drafts drafts) (names []string) {
	if f.set == "" {
		return nil
	}
	for _, e := range m.Files {
		written := slices.ContainsFunc(drafts, func(d *draft) bool { return d.Name == e.Name })
		path := filepath.Join(f.path, e.Name)
		st, err := os.Lstat(path)
		if e.Set != f.set || written || err != nil || !st.Mode().IsRegular() {
			continue
		}
		if same, err := e.is(path, st); err == nil && same {
			names = append(names, e.Name)
		}
	}
	return names
}

// WriteFile writes a file and those that belong to it, which go beside it. A device or a pipe is written to as it is, without
// them. Options.Set is not used: the file's name names what belongs together.
func WriteFile(path string, file File, o Options, beside ...File) error {
	if isDevice(path) {
		return writeInto(path, file)
	}
	dir, name := filepath.Split(path)
	if name == "" {
		return &fs.PathError{Op: "write", Path: path, Err: syscall.EISDIR}
	}
	if _, err := os.Stat(filepath.Clean(dir)); err != nil { // a folder with a typing error is not made
		return named(err, path)
	}
	file.Name, o.Set = name, name
	f, err := Open(dir, o)
	if err != nil {
		return err
	}
	return f.Write(append(slices.Clip(beside), file))
}

// isDevice reports whether a path leads to what is written to as it is.
func isDevice(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !st.IsDir() && !st.Mode().IsRegular()
}

// Check tells before the work is done whether WriteFile could write to path.
func Check(path string, o Options) error {
	if isDevice(path) {
		return nil
	}
	dir, name := filepath.Split(path)
	if st, err := os.Stat(filepath.Clean(dir)); err != nil || !st.IsDir() {
		return err
	}
	f, err := Open(dir, o)
	if err != nil {
		return err
	}
	return f.Check(name)
}

func writeInto(path string, file File) (err error) {
	out, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return file.Write(out)
}

// Create makes a file that grows under its own name, such as a journal, which must be there however its writer ends. What
// is in its way must be tcptrace's. It is tcptrace's whatever is in it until Finished takes its digest.
func Create(path string, o Options) (*os.File, error) {
	if path == "-" {
		return nil, ErrNotAFile
	}
	if isDevice(path) {
		return os.OpenFile(path, os.O_WRONLY, 0)
	}
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	unlock, err := lock(dir)
	if err != nil {
		return nil, named(err, path)
	}
	defer unlock()
	f, err := Open(dir, o)
	if err == nil {
		err = f.Check(name)
	}
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(dir, f.opened)
	if err != nil {
		return nil, err
	}
	m.replace(entry{Name: name, Digests: []digest{{Size: anySize}}}, "")
	if isLocked(path) {
		return nil, fmt.Errorf("%s: %w", path, ErrMeanwhile)
	}
	if err := m.save(dir); err != nil && !errors.Is(err, fs.ErrPermission) {
		return nil, named(err, path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|filelock.NoFollow, 0o644)
	if err == nil {
		_ = filelock.Try(file) // as long as it is open, no other run takes its place
	}
	return file, err
}

// Finished takes the digest of a file that Create made and that is complete.
func Finished(path string) error {
	if isDevice(path) {
		return nil
	}
	dir := filepath.Dir(path)
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	m, err := readManifest(dir)
	if err != nil {
		return err
	}
	e, err := entryOf(path)
	if err != nil {
		return err
	}
	m.replace(e, "")
	if err := m.save(dir); !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil // the manifest is another user's, as in a folder that all may write into
}

// Replace gives a person's file new content. It stays the file that it is: behind its links, with its mode; its new content
// is on the disk before the old one is gone.
func Replace(path string, content []byte) (err error) {
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if st.Mode().Perm()&0o222 == 0 {
		return &fs.PathError{Op: "write", Path: path, Err: syscall.EACCES} // its owner wants it to stay as it is
	}
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	file := Bytes(name, content)
	file.Sync = true
	d, err := newDraft(dir, file)
	if err != nil {
		return err
	}
	defer func() { drafts{d}.discard() }()
	if err := d.write(); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(d.file.Name(), st.Mode().Perm()), sameOwner(d.file.Name(), st)); err != nil {
		return err
	}
	return d.rename(dir)
}
