package output

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"tcptrace/internal/filelock"
)

// A draft is a file that has its content and not yet its name. It is locked as long as its writer lives, so that the drafts
// of a run that was killed can be told from those of one that is at work.
type draft struct {
	File
	file    *os.File
	entry   entry
	renamed bool
}

type drafts []*draft

// What the name of a draft begins and ends with.
const (
	draftBegins = ".tcptrace-"
	draftEnds   = ".part"
)

// newDraft opens a draft under a random name, which nobody can have put a link under.
func newDraft(dir string, file File) (*draft, error) {
	if file.Name != filepath.Base(file.Name) || file.Name == "." || file.Name == ".." || file.Name == "" {
		return nil, fmt.Errorf("%q is not a file name", file.Name)
	}
	mode := file.Mode
	if mode == 0 {
		mode = 0o644
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	path := filepath.Join(dir, draftBegins+hex.EncodeToString(random[:])+draftEnds)
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|filelock.NoFollow, mode)
	if err != nil {
		return nil, named(err, filepath.Join(dir, file.Name))
	}
	_ = filelock.Try(out)
	unnamed.Store(path, nil)
	return &draft{File: file, file: out}, nil
}

// unnamed are the paths of the drafts that this process has not given their names.
var unnamed sync.Map

// Abandon removes every draft of this process, which must end now.
func Abandon() {
	unnamed.Range(func(path, _ any) bool {
		_ = os.Remove(path.(string))
		return true
	})
}

// named gives an error of a draft the name that the user knows.
func named(err error, path string) error {
	var fault *fs.PathError
	if errors.As(err, &fault) {
		return &fs.PathError{Op: fault.Op, Path: path, Err: fault.Err}
	}
	return err
}

// write has the content written and its digest taken.
func (d *draft) write() error {
	t := &hashing{out: d.file, sum: sha256.New()}
	w := bufio.NewWriterSize(t, 256<<10)
	err := d.Write(w)
	if flushed := w.Flush(); err == nil {
		err = flushed
	}
	if err == nil && d.Sync {
		err = d.file.Sync()
	}
	if err != nil {
		return named(err, filepath.Join(filepath.Dir(d.file.Name()), d.Name))
	}
	st, err := d.file.Stat()
	if err != nil {
		return err
	}
	d.entry = entry{Name: d.Name, Digests: []digest{{Size: t.size, Time: st.ModTime().UnixNano(), SHA256: hex.EncodeToString(t.sum.Sum(nil))}}}
	return nil
}

// hashing takes the digest of what is written.
type hashing struct {
	out  io.Writer
	sum  hash.Hash
	size int64
}

func (h *hashing) Write(b []byte) (int, error) {
	n, err := h.out.Write(b)
	_, _ = h.sum.Write(b[:n])
	h.size += int64(n)
	return n, err
}

// rename gives the draft its name.
func (d *draft) rename(dir string) error {
	path := filepath.Join(dir, d.Name)
	if !canRenameOpen {
		_ = d.file.Close()
	}
	if err := os.Rename(d.file.Name(), path); err != nil {
		var fault *os.LinkError
		if errors.As(err, &fault) {
			return &fs.PathError{Op: "write", Path: path, Err: fault.Err} // the draft's name is nobody's business
		}
		return err
	}
	d.renamed = true
	unnamed.Delete(d.file.Name())
	if d.Sync {
		syncFolder(dir)
	}
	return nil
}

// discard closes the drafts and removes those that have not got their names.
func (d drafts) discard() {
	for _, x := range d {
		_ = x.file.Close()
		if !x.renamed {
			_ = os.Remove(x.file.Name())
			unnamed.Delete(x.file.Name())
		}
	}
}

// staleAfter is how old a draft is at least that a killed run left: one that was just opened is not locked yet.
const staleAfter = time.Minute

// removeStale removes the drafts of runs that were killed.
func removeStale(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, draftBegins) && strings.HasSuffix(name, draftEnds) && e.Type().IsRegular() {
			if st, err := e.Info(); err != nil || time.Since(st.ModTime()) < staleAfter {
				continue
			}
			removeUnlessLocked(filepath.Join(dir, name))
		}
	}
}
