package fleet

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Ring is files that one capture was written into, one after the other. A single file is a ring of one.
type Ring struct {
	Name  string // the folder and what the files' names share
	Files []File // in the order in which they were written
}

// A File is one file of a ring, as it was found.
type File struct {
	Path    string `json:"path"`
	Missing bool   `json:"missing_before,omitempty"` // the numbers of the ring's files say that one before it is not there
	Size    int64  `json:"size"`
	MTime   int64  `json:"mtime_ns"`
}

// Size is the bytes of all files.
func (r *Ring) Size() (n int64) {
	for i := range r.Files {
		n += r.Files[i].Size
	}
	return n
}

// Grouping says which files are one ring.
type Grouping struct {
	// How is "auto" (by their names), "file" (each for itself), "dir" (all of a folder), or a regular expression with one group
	// for the ring's name and, if it has a second one, the number within it.
	How string
	re  *regexp.Regexp
}

// NewGrouping reads the value of --ring.
func NewGrouping(how string) (g Grouping, err error) {
	g.How = how
	switch how {
	case "", "auto", "file", "dir":
		return g, nil
	}
	if g.re, err = regexp.Compile(how); err == nil && g.re.NumSubexp() < 1 {
		err = fmt.Errorf("%q has no group", how)
	}
	return g, err
}

// The names that programs give to the files of one capture. Each has the stem, the number or time, and the end.
var ringNames = []*regexp.Regexp{
	regexp.MustCompile(`^(.*)_(\d{5})_(\d{14})(\.(?:pcapng|pcap|cap))$`),                                              // dumpcap -b: name_00001_20260302140000.pcapng
	regexp.MustCompile(`^(.*)_(\d{5})(\.(?:pcapng|pcap|cap))$`),                                                       // dumpcap -b with numbers alone
	regexp.MustCompile(`^(.*)-(\d{5,})(\.(?:pcapng|pcap))$`),                                                          // our own: name-00001.pcapng
	regexp.MustCompile(`^(.*\.(?:pcapng|pcap|cap))(\d{1,6})$`),                                                        // tcpdump -C: name.pcap, name.pcap1, …
	regexp.MustCompile(`^(.*?)[-_.]?(\d{4}-?\d{2}-?\d{2}[-_T.]?\d{2}[-:.]?\d{2}[-:.]?\d{2})(\.(?:pcapng|pcap|cap))$`), // tcpdump -G with a strftime name
}

// packed are the ends of names of packed files.
var packed = []string{".gz", ".zst", ".lz4", ".xz"}

// ringOf tells a file's ring and its place in it: a number or a time, which compare as texts of one length or as numbers.
func (g *Grouping) ringOf(path string) (ring, place string) {
	dir, name := filepath.Split(path)
	for _, p := range packed {
		name = strings.TrimSuffix(name, p)
	}
	switch {
	case g.How == "file":
		return path, ""
	case g.How == "dir":
		return filepath.Clean(dir), name
	case g.re != nil:
		m := g.re.FindStringSubmatch(path)
		switch {
		case m == nil:
			return path, ""
		case len(m) > 2:
			return m[1], m[2]
		}
		return m[1], path
	}
	for _, re := range ringNames {
		if m := re.FindStringSubmatch(name); m != nil {
			if len(m) == 3 { // tcpdump -C: the first file has no number
				return filepath.Join(dir, m[1]), m[2]
			}
			return filepath.Join(dir, m[1]+m[len(m)-1]), strings.Join(m[2:len(m)-1], " ")
		}
	}
	return filepath.Join(dir, name), ""
}

// lessPlace orders two places: numbers by value, everything else as text; none comes first.
func lessPlace(a, b string) int {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}

// skips reports whether the numbers of two files that follow each other say that one between them is missing.
func skips(a, b string) bool {
	a, _, _ = strings.Cut(a, " ") // dumpcap: the number, then the time
	b, _, _ = strings.Cut(b, " ")
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	return errX == nil && errY == nil && len(b) < 10 && y-x > 1
}

// captureEnds are the ends of the names that files of a folder must have to be looked at.
var captureEnd = regexp.MustCompile(`(?i)\.(pcap|pcapng|cap|dmp|snoop|erf|ntar)\d*$`)

// IsCapture reports whether a file's name is that of a capture.
func IsCapture(name string) bool {
	name = strings.ToLower(name)
	for _, p := range packed {
		name = strings.TrimSuffix(name, p)
	}
	return captureEnd.MatchString(name)
}

// Rings finds the rings among files, folders (with all below them) and patterns, in the order of their names. A file that is
// named twice counts once.
func Rings(paths []string, g Grouping) (rings []Ring, err error) {
	seen := map[string]bool{}
	type placed struct {
		File
		place string
	}
	byName := map[string][]placed{}
	add := func(path string, st fs.FileInfo) {
		path = filepath.Clean(path)
		if seen[path] || !st.Mode().IsRegular() {
			return
		}
		seen[path] = true
		ring, place := g.ringOf(path)
		byName[ring] = append(byName[ring], placed{File{Path: path, Size: st.Size(), MTime: st.ModTime().UnixNano()}, place})
	}
	for _, p := range paths {
		matches := []string{p}
		if strings.ContainsAny(p, "*?[") {
			if _, err := os.Lstat(p); err != nil {
				if matches, err = filepath.Glob(p); err != nil {
					return nil, fmt.Errorf("%s: %w", p, err)
				}
			}
		}
		for _, m := range matches {
			st, err := os.Stat(m)
			if err != nil {
				return nil, err
			}
			if !st.IsDir() {
				add(m, st)
				continue
			}
			err = filepath.WalkDir(m, func(path string, d fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				if d.Type().IsRegular() && IsCapture(d.Name()) {
					if st, err := d.Info(); err == nil {
						add(path, st)
					}
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	for name, files := range byName {
		slices.SortFunc(files, func(a, b placed) int { return cmp.Or(lessPlace(a.place, b.place), cmp.Compare(a.Path, b.Path)) })
		r := Ring{Name: name}
		for i, f := range files {
			f.Missing = i > 0 && skips(files[i-1].place, f.place)
			r.Files = append(r.Files, f.File)
		}
		rings = append(rings, r)
	}
	slices.SortFunc(rings, func(a, b Ring) int { return cmp.Compare(a.Name, b.Name) })
	return rings, nil
}

// Paths are the files of the ring, and before which of them one is missing.
func (r *Ring) Paths() (paths []string, missing []bool) {
	for i := range r.Files {
		paths, missing = append(paths, r.Files[i].Path), append(missing, r.Files[i].Missing)
	}
	return paths, missing
}
