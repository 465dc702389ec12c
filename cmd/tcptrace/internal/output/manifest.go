package output

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ManifestName is the file in a folder that says which of its files are tcptrace's own.
const ManifestName = ".tcptrace.json"

// maxManifest bounds what is read of a manifest, in bytes.
const maxManifest = 16 << 20

// A manifest names the files that tcptrace wrote into a folder.
type manifest struct {
	Schema string  `json:"schema"`
	About  string  `json:"about"`
	Files  []entry `json:"files"`
}

const (
	manifestSchema = "tcptrace-files/1"
	manifestAbout  = "tcptrace wrote these files and may replace them. A file that was edited since is not replaced."
)

// An entry is a file and what it may be: one content, or two while a run replaces it.
type entry struct {
	Name    string   `json:"name"`
	Set     string   `json:"set,omitempty"`
	Digests []digest `json:"digests"`
	Calls   *callsOf `json:"calls,omitempty"` // of a journal: what it belongs to
}

// callsOf says that a file holds the calls of those who speak in a capture beside it.
type callsOf struct {
	Of      string   `json:"of"`             // the capture's name
	Side    string   `json:"side,omitempty"` // whose they are, as --calls has it; "" for what the calls themselves tell
	Digests []digest `json:"digests"`        // the capture's content
}

// A digest is one content of a file. A file with its size and time is taken for it without being read.
type digest struct {
	Size   int64  `json:"size"`
	Time   int64  `json:"time_ns"` // of the last change, ns since 1970
	SHA256 string `json:"sha256"`
}

// anySize is the size of a file that is still growing: any content is it.
const anySize = -1

// is reports whether a file's content is one of the entry's.
func (e *entry) is(path string, st fs.FileInfo) (bool, error) {
	sized := false
	for _, d := range e.Digests {
		if d.Size == anySize || d.Size == st.Size() && d.Time == st.ModTime().UnixNano() {
			return true, nil
		}
		sized = sized || d.Size == st.Size()
	}
	if !sized {
		return false, nil
	}
	now, err := entryOf(path)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(e.Digests, func(d digest) bool { return d.SHA256 == now.Digests[0].SHA256 }), nil
}

// entryOf takes the digest of a file.
func entryOf(path string) (e entry, err error) {
	in, err := os.Open(path)
	if err != nil {
		return e, err
	}
	defer in.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, in)
	if err != nil {
		return e, err
	}
	st, err := in.Stat()
	if err != nil {
		return e, err
	}
	return entry{Name: filepath.Base(path), Digests: []digest{{Size: size, Time: st.ModTime().UnixNano(), SHA256: hex.EncodeToString(sum.Sum(nil))}}}, nil
}

// readManifestFile reads the text of a folder's manifest; nil where there is none.
func readManifestFile(dir string) ([]byte, error) {
	path := filepath.Join(dir, ManifestName)
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular() || st.Size() > maxManifest:
		return nil, &ForeignError{Path: path}
	}
	return os.ReadFile(path)
}

func parseManifest(dir string, text []byte) (*manifest, error) {
	m := &manifest{Schema: manifestSchema, About: manifestAbout}
	if text == nil {
		return m, nil
	}
	if err := json.Unmarshal(text, m); err != nil || m.Schema != manifestSchema {
		return nil, &ForeignError{Path: filepath.Join(dir, ManifestName)}
	}
	m.About = manifestAbout
	return m, nil
}

func readManifest(dir string) (*manifest, error) {
	text, err := readManifestFile(dir)
	if err != nil {
		return nil, err
	}
	return parseManifest(dir, text)
}

func (m *manifest) find(name string) *entry {
	for i := range m.Files {
		if m.Files[i].Name == name {
			return &m.Files[i]
		}
	}
	return nil
}

// of are the entries of a set.
func (m *manifest) of(set string) (files []entry) {
	for _, e := range m.Files {
		if e.Set == set {
			files = append(files, e)
		}
	}
	return files
}

func (e entry) equal(o entry) bool { return e.Name == o.Name && slices.Equal(e.Digests, o.Digests) }

func (m *manifest) clone() *manifest {
	c := *m
	c.Files = slices.Clone(m.Files)
	for i := range c.Files {
		c.Files[i].Digests = slices.Clone(c.Files[i].Digests)
	}
	return &c
}

// add lets a file have another content too.
func (m *manifest) add(e entry, set string) {
	if have := m.find(e.Name); have != nil {
		have.Digests = append(have.Digests, e.Digests...)
		have.Calls = e.Calls
		return
	}
	e.Set = set
	m.Files = append(m.Files, e)
}

// replace gives a file this content and no other.
func (m *manifest) replace(e entry, set string) {
	m.drop(e.Name)
	e.Set = set
	m.Files = append(m.Files, e)
}

func (m *manifest) drop(name string) {
	m.Files = slices.DeleteFunc(m.Files, func(e entry) bool { return e.Name == name })
}

// save writes the manifest, whole or not at all.
func (m *manifest) save(dir string) error {
	slices.SortFunc(m.Files, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, ManifestName), err)
	}
	d, err := newDraft(dir, Bytes(ManifestName, append(text, '\n')))
	if err != nil {
		return err
	}
	defer func() { drafts{d}.discard() }()
	if err := d.write(); err != nil {
		return err
	}
	return d.rename(dir)
}
