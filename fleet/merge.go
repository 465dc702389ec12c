package fleet

import (
	"bufio"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	"tcptrace/sessions"
)

// TopSessions is how many of the worst sessions a merge keeps.
const TopSessions = 20

// A Merged is what the parts of a fleet say together.
type Merged struct {
	Digest   sessions.Digest
	Rings    int
	Files    int
	Packets  int64
	Problems []FileRow // files with a problem
	Gaps     int       // between files of a ring
	Found    []Code
	Top      []Row     // the worst sessions, worst first
	ByDay    []Summary // by board and day
	Boards   []Summary
}

// A Code is how often a kind of finding was made.
type Code struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Sessions int    `json:"sessions"` // concerned
	Rings    int    `json:"rings"`    // it was made in
}

// A Summary is a group of sessions by labels.
type Summary struct {
	Key    []string
	Digest sessions.Digest
}

// An Output is where the rows of a merge go; nil members are left out.
type Output struct {
	Session func(*Row) error
	Found   func(*Found) error
	File    func(*FileRow) error
}

// Merge reads the parts that scans wrote into folders, gives their rows to out in the order of the rings' names, and adds them up.
func Merge(outs []string, labels *Labels, out Output) (*Merged, error) {
	list, err := parts(outs)
	if err != nil {
		return nil, err
	}
	m := &merger{labels: labels, out: out, codes: map[string]*Code{}, byDay: newGroups([]string{"board", "date"})}
	for i := range list {
		if err := m.part(&list[i]); err != nil {
			return nil, err
		}
	}
	return m.merged(len(list)), nil
}

type merger struct {
	Merged
	labels *Labels
	out    Output
	codes  map[string]*Code
	byDay  *groups
}

func (m *merger) part(p *part) error {
	inRing := map[string]bool{}
	end, err := readPart(p.path, func(l *line) error {
		switch {
		case l.Session != nil:
			return m.session(l.Session)
		case l.Found != nil:
			f := l.Found
			c := m.codes[f.Code]
			if c == nil {
				c = &Code{Code: f.Code, Severity: f.Severity}
				m.codes[f.Code] = c
			}
			c.Sessions += f.Sessions
			if !inRing[f.Code] {
				inRing[f.Code] = true
				c.Rings++
			}
			if m.out.Found != nil {
				return m.out.Found(f)
			}
		case l.File != nil:
			m.Files++
			if l.File.Code != "" {
				m.Problems = append(m.Problems, *l.File)
			}
			if l.File.Gap > 0 {
				m.Gaps++
			}
			if m.out.File != nil {
				return m.out.File(l.File)
			}
		case l.Group != nil:
			return m.group(p.Ring, l.Group)
		}
		return nil
	})
	m.Packets += end.Packets
	return err
}

func (m *merger) session(r *Row) error {
	m.labels.label(r)
	at, _ := slices.BinarySearchFunc(m.Top, r, func(a Row, b *Row) int { return worse(&a, b) })
	if at < TopSessions {
		m.Top = slices.Insert(m.Top, at, *r)
		m.Top = m.Top[:min(len(m.Top), TopSessions)]
	}
	if m.out.Session != nil {
		return m.out.Session(r)
	}
	return nil
}

// worse orders rows: the one that stands out more first; the order of rings and frames where none does.
func worse(a, b *Row) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Ring, b.Ring), cmp.Compare(a.FirstFrame, b.FirstFrame), cmp.Compare(a.UID, b.UID))
}

func (m *merger) group(ring string, g *Group) error {
	var d sessions.Digest
	if err := d.UnmarshalBinary(g.Digest); err != nil {
		return err
	}
	m.byDay.add(m.labels.group(ring, g), g, &d)
	return nil
}

func (m *merger) merged(rings int) *Merged {
	m.Rings = rings
	for _, c := range m.codes {
		m.Found = append(m.Found, *c)
	}
	slices.SortFunc(m.Found, func(a, b Code) int { return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(a.Code, b.Code)) })
	m.ByDay = m.byDay.all()
	boards := map[string]int{}
	for i := range m.ByDay {
		day := &m.ByDay[i]
		m.Digest.Merge(&day.Digest)
		k, known := boards[day.Key[0]]
		if !known {
			k = len(m.Boards)
			boards[day.Key[0]] = k
			m.Boards = append(m.Boards, Summary{Key: day.Key[:1]})
		}
		m.Boards[k].Digest.Merge(&day.Digest)
	}
	return &m.Merged
}

// MergeInto is Merge with the rows written into a folder: sessions, findings and files as NDJSON, packed with zstd.
func MergeInto(outs []string, labels *Labels, dir string) (*Merged, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var rows [3]*rowFile
	var err error
	for i, name := range []string{"sessions", "findings", "files"} {
		if rows[i], err = newRowFile(filepath.Join(dir, name+".ndjson.zst")); err != nil {
			break
		}
		defer rows[i].discard()
	}
	if err != nil {
		return nil, err
	}
	m, err := Merge(outs, labels, Output{Session: func(r *Row) error { return rows[0].put(r) }, Found: func(f *Found) error { return rows[1].put(f) },
		File: func(f *FileRow) error { return rows[2].put(f) }})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if err := r.commit(); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// A rowFile is a file of rows that gets its name when it is whole.
type rowFile struct {
	path string
	file *os.File
	buf  *bufio.Writer
	zip  *zstd.Encoder
	json *json.Encoder
}

func newRowFile(path string) (*rowFile, error) {
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*")
	if err != nil {
		return nil, err
	}
	r := &rowFile{path: path, file: f, buf: bufio.NewWriterSize(f, 256<<10)}
	if r.zip, err = zstd.NewWriter(r.buf, zstd.WithEncoderConcurrency(1)); err != nil {
		return nil, err
	}
	r.json = json.NewEncoder(r.zip)
	r.json.SetEscapeHTML(false)
	return r, nil
}

func (r *rowFile) put(v any) error { return r.json.Encode(v) }

func (r *rowFile) commit() error {
	for _, step := range []func() error{r.zip.Close, r.buf.Flush, func() error { return r.file.Chmod(0o644) }, r.file.Close} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := os.Rename(r.file.Name(), r.path); err != nil {
		return err
	}
	r.file = nil
	return nil
}

// discard removes a file that was not committed.
func (r *rowFile) discard() {
	if r != nil && r.file != nil {
		_ = r.file.Close()
		_ = os.Remove(r.file.Name())
	}
}
