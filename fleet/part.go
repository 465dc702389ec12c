package fleet

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/sessions"
)

// A line of a part: one of its members is set.
type line struct {
	Part    *partHead `json:"part,omitempty"`
	Session *Row      `json:"session,omitempty"`
	Aside   bool      `json:"aside,omitempty"` // of a session: void when the ring has watched ones
	Found   *Found    `json:"finding,omitempty"`
	File    *FileRow  `json:"file,omitempty"`
	Group   *Group    `json:"group,omitempty"`
	End     *partEnd  `json:"end,omitempty"`
}

type partHead struct {
	Schema string `json:"schema"`
	Ring   string `json:"ring"`
}

type partEnd struct {
	Sessions    int64 `json:"sessions"`
	Packets     int64 `json:"packets"`
	OnlyWatched bool  `json:"only_watched"`
}

// Tracking is how rings are tracked; parts made otherwise are others.
type Tracking struct {
	Ports       []uint16          `json:"ports"`
	AllPorts    bool              `json:"all_ports"`
	Echo        map[uint16]string `json:"echo"`
	MaxUnpacked int64             `json:"max_unpacked"`
}

// key names a part by the content of its ring's files and by how it was made: by their sizes and their first and last 64 KiB, or, to
// verify, by all of it.
func (r *Ring) key(t Tracking, verify bool) (string, error) {
	sum := sha256.New()
	how, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(sum, "%s\n%s\n%q\n", Schema, how, r.Name)
	for i := range r.Files {
		f := &r.Files[i]
		fmt.Fprintf(sum, "%q %d %t\n", f.Path, f.Size, f.Missing)
		if err := hashFile(sum, f, verify); err != nil {
			fmt.Fprintf(sum, "unreadable\n")
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:20]), nil
}

// hashPart is how much of each end of a file is hashed.
const hashPart = 64 << 10

func hashFile(sum io.Writer, f *File, verify bool) error {
	in, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	if verify || f.Size <= 2*hashPart {
		_, err := io.Copy(sum, in)
		return err
	}
	if _, err := io.CopyN(sum, in, hashPart); err != nil {
		return err
	}
	if _, err := in.Seek(-hashPart, io.SeekEnd); err != nil {
		return err
	}
	_, err = io.Copy(sum, in)
	return err
}

// encoders are used again: one takes most of a megabyte.
var encoders = sync.Pool{New: func() any {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // of options that are constant
	}
	return e
}}

// decoders likewise.
var decoders = sync.Pool{New: func() any {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err)
	}
	return d
}}

// maxGroups is how many pairs of hosts and days of one ring have a digest of their own; all others share one.
const maxGroups = 4096

// A partWriter writes the rows of one ring as they come.
type partWriter struct {
	out    *json.Encoder
	zip    *zstd.Encoder
	buf    *bufio.Writer
	err    error
	ring   *Ring
	chain  *capture.Chain
	groups [2]map[groupOf]*sessions.Digest // aside [0] and watched [1]
	uids   []firstUID
	n      [2]int64
}

type firstUID struct {
	first   int64
	uid     string
	watched bool
}

// Track tracks one ring and writes its part to w. The files' troubles are rows; the error is of w, of the context, or a fault of
// our own, after which the part must not be kept.
func Track(ctx context.Context, r *Ring, t Tracking, w io.Writer) (files []FileRow, err error) {
	p := &partWriter{ring: r, buf: bufio.NewWriterSize(w, 64<<10), groups: [2]map[groupOf]*sessions.Digest{{}, {}}}
	p.zip = encoders.Get().(*zstd.Encoder)
	p.zip.Reset(p.buf)
	defer func() {
		p.zip.Reset(nil)
		encoders.Put(p.zip)
	}()
	p.out = json.NewEncoder(p.zip)
	p.out.SetEscapeHTML(false)
	p.put(&line{Part: &partHead{Schema, r.Name}})
	paths, missing := r.Paths()
	p.chain = capture.NewChain(paths, missing, func(path string) (capture.Source, error) {
		return capture.Open(path, capture.OpenOptions{MaxUnpacked: t.MaxUnpacked})
	})
	o := sessions.Options{Ports: t.Ports, AllPorts: t.AllPorts, Echo: t.Echo}
	o.Keep(sessions.ForTotals)
	o.Digests = true
	c := findings.NewCollector()
	c.Watch(&o)
	seen := o.OnSession
	o.OnSession = func(s *sessions.Session) {
		seen(s)
		p.session(s)
	}
	tr, err := sessions.Run(ctx, p.chain, o, 1) // one worker: sessions end in an order that depends on nothing else
	_ = p.chain.Close()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var fault *sessions.Fault
	if err != nil && !errors.As(err, &fault) {
		return nil, err
	}
	files = p.files(fault)
	if fault == nil {
		p.found(findings.Find(tr, findings.Options{Collector: c}))
	}
	onlyWatched := len(tr.Capture.Ports) > 0
	p.writeGroups(onlyWatched)
	n := p.n[1]
	if !onlyWatched {
		n += p.n[0]
	}
	p.put(&line{End: &partEnd{Sessions: n, Packets: tr.Capture.Packets, OnlyWatched: onlyWatched}})
	return files, errors.Join(p.err, p.zip.Close(), p.buf.Flush())
}

func (p *partWriter) put(l *line) {
	if p.err == nil {
		p.err = p.out.Encode(l)
	}
}

// session writes a session that is complete, and adds it to its group.
func (p *partWriter) session(s *sessions.Session) {
	row := rowOf(s, p.ring.Name, p.fileOf(s.FirstFrame))
	p.put(&line{Session: row, Aside: s.Aside})
	at := 1
	if s.Aside {
		at = 0
	}
	p.n[at]++
	p.uids = append(p.uids, firstUID{s.FirstFrame, row.UID, !s.Aside})
	g := Group{Date: row.Date(), OrigH: row.OrigH, RespH: row.RespH}
	if row.OrigL2 != nil {
		g.OrigL2 = *row.OrigL2
	}
	if row.RespL2 != nil {
		g.RespL2 = *row.RespL2
	}
	k := keyOf(&g)
	d := p.groups[at][k]
	if d == nil {
		if len(p.groups[at]) >= maxGroups {
			k = groupOf{date: g.Date}
		}
		if d = p.groups[at][k]; d == nil {
			d = &sessions.Digest{}
			p.groups[at][k] = d
		}
	}
	d.Add(s)
}

// fileOf is the file that a frame of the ring is in.
func (p *partWriter) fileOf(frame int64) string {
	for i := range p.chain.Files {
		f := &p.chain.Files[i]
		if i == len(p.chain.Files)-1 || frame <= f.Packets {
			return f.File
		}
		frame -= f.Packets
	}
	return ""
}

// files gives the rows of the files and writes them.
func (p *partWriter) files(fault *sessions.Fault) (rows []FileRow) {
	for i := range p.ring.Files {
		row := FileRow{Ring: p.ring.Name, Path: p.ring.Files[i].Path, Size: p.ring.Files[i].Size}
		if i < len(p.chain.Files) {
			row.tell(&p.chain.Files[i])
		}
		if fault != nil && i == len(p.ring.Files)-1 {
			row.Code, row.What = "fault", fault.What
		}
		rows = append(rows, row)
		p.put(&line{File: &row})
	}
	return rows
}

// tell takes what the reader said of a file.
func (r *FileRow) tell(f *capture.ChainFile) {
	r.Format, r.Packets, r.TCP = f.Format, f.Packets, f.TCPPackets
	r.First, r.Last = orNil(f.HasTimes, f.FirstTime), orNil(f.HasTimes, f.LastTime)
	r.Dropped = orNil(f.HasKernelDropped, f.KernelDropped)
	r.Gap = int64(f.Gap)
	var damage *capture.Damage
	var limit *capture.LimitError
	switch {
	case f.Err == nil:
	case errors.As(f.Err, &damage):
		r.Code, r.What, r.AtByte = "damaged", damage.What.String(), &damage.Offset
		if damage.Fatal {
			r.Code = "unreadable"
		}
	case errors.As(f.Err, &limit):
		r.Code, r.What = "limit", limit.Limit
	default:
		r.Code, r.What = "unreadable", f.Err.Error()
	}
}

// found writes the findings, with the UIDs of their sessions.
func (p *partWriter) found(all []findings.Finding) {
	onlyWatched := p.n[1] > 0
	uids := slices.DeleteFunc(p.uids, func(u firstUID) bool { return onlyWatched && !u.watched })
	slices.SortFunc(uids, func(a, b firstUID) int { return int(a.first - b.first) })
	for i := range all {
		f := &all[i]
		row := Found{Ring: p.ring.Name, Code: f.Code, Severity: f.Severity.String(), Sessions: f.Count, UIDs: []string{}, Frames: f.Frames,
			Numbers: map[string]float64{}, EN: f.Text.EN, ES: f.Text.ES}
		if row.Frames == nil {
			row.Frames = []int64{}
		}
		row.Sessions = max(row.Sessions, len(f.Sessions))
		for _, id := range f.Sessions {
			if id >= 1 && id <= len(uids) {
				row.UIDs = append(row.UIDs, uids[id-1].uid)
			}
		}
		for _, n := range f.Numbers {
			row.Numbers[n.Name] = n.Value
		}
		p.put(&line{Found: &row})
	}
}

// writeGroups writes the digests in the order of their keys.
func (p *partWriter) writeGroups(onlyWatched bool) {
	all := p.groups[1]
	if !onlyWatched {
		for k, d := range p.groups[0] {
			if have := all[k]; have != nil {
				have.Merge(d)
			} else {
				all[k] = d
			}
		}
	}
	for _, k := range sortedGroups(all) {
		g := Group{Date: k.date, OrigH: k.origH, OrigL2: k.origL2, RespH: k.respH, RespL2: k.respL2}
		g.Digest, _ = all[k].MarshalBinary() // never fails
		p.put(&line{Group: &g})
	}
}

// A groupOf is what a Group is the digest of.
type groupOf struct{ date, origH, origL2, respH, respL2 string }

func keyOf(g *Group) groupOf { return groupOf{g.Date, g.OrigH, g.OrigL2, g.RespH, g.RespL2} }

func sortedGroups(all map[groupOf]*sessions.Digest) []groupOf {
	return slices.SortedFunc(maps.Keys(all), func(a, b groupOf) int {
		return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(a.origH, b.origH), cmp.Compare(a.origL2, b.origL2), cmp.Compare(a.respH, b.respH), cmp.Compare(a.respL2, b.respL2))
	})
}

// errIncomplete tells that a part does not end as parts do.
var errIncomplete = errors.New("the part is not complete")

// eachLine gives the lines of a part.
func eachLine(path string, visit func(text []byte) error) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	unzip := decoders.Get().(*zstd.Decoder)
	if err := unzip.Reset(in); err != nil {
		return err
	}
	defer func() {
		_ = unzip.Reset(nil)
		decoders.Put(unzip)
	}()
	lines := bufio.NewScanner(unzip)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		if err := visit(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// maxLine bounds a line of a part: the digest of a group is the longest.
const maxLine = 16 << 20

// readPart calls visit with every line of a part, but those of sessions that are void because the ring has watched ones; every
// session has the codes of the findings that name it. It reads the part twice: both stand behind the sessions.
func readPart(path string, visit func(*line) error) (end partEnd, err error) {
	complete := false
	codes := map[string][]string{} // by UID
	err = eachLine(path, func(text []byte) error {
		isEnd := bytes.HasPrefix(text, []byte(`{"end":`))
		if !isEnd && !bytes.HasPrefix(text, []byte(`{"finding":`)) {
			return nil
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return err
		}
		if isEnd {
			end, complete = *l.End, true
			return nil
		}
		for _, uid := range l.Found.UIDs {
			if !slices.Contains(codes[uid], l.Found.Code) {
				codes[uid] = append(codes[uid], l.Found.Code)
			}
		}
		return nil
	})
	if err == nil && !complete {
		err = errIncomplete
	}
	if err != nil {
		return end, fmt.Errorf("%s: %w", path, err)
	}
	return end, eachLine(path, func(text []byte) error {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if l.Session != nil {
			if l.Aside && end.OnlyWatched {
				return nil
			}
			if of := codes[l.Session.UID]; of != nil {
				l.Session.Findings = of
			}
		}
		return visit(&l)
	})
}

// partPath is where the part of a key is.
func partPath(out, key string) string { return filepath.Join(out, "parts", key+".ndjson.zst") }
