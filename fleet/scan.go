package fleet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"tcptrace/sessions"
)

// Options are how rings are scanned.
type Options struct {
	Tracking
	Out     string
	Workers int  // rings at once, at least 1
	Verify  bool // hash files whole
	Shard   int  // of Shards: this scan makes the parts of its own rings only
	Shards  int  // 0 or 1 for all
	// Progress is told how far the scan has come, from several goroutines. It must return soon.
	Progress func(Progress)
}

// Progress is how far a scan has come.
type Progress struct {
	Rings, Files int64 // done
	Bytes        int64 // read or found done
	Bad          int64 // files that could not be read to their end
	AllFiles     int64
	AllBytes     int64
	Fresh        int64 // rings that were tracked now; the others were there
}

// Result is what a scan found.
type Result struct {
	Progress
	Problems []FileRow // files with a problem, by ring and place
}

// An entry of the index: a ring and the part that it has.
type indexEntry struct {
	Ring     string    `json:"ring"`
	Files    []File    `json:"files"`
	Key      string    `json:"key"`
	Problems []FileRow `json:"problems,omitempty"`
}

type index struct {
	Schema   string       `json:"schema"`
	Tracking Tracking     `json:"tracking"`
	Rings    []indexEntry `json:"rings"`
	Merged   string       `json:"merged,omitempty"` // what MergedAs was told last
}

// merging names what a merge is made of: the parts, and what else it depends on.
func (ix *index) merging(how string) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q\n", how)
	for i := range ix.Rings {
		fmt.Fprintf(sum, "%q %s\n", ix.Rings[i].Ring, ix.Rings[i].Key)
	}
	return hex.EncodeToString(sum.Sum(nil)[:20])
}

// IsMerged reports whether a folder's rows were made from its parts as they are now, and as how says.
func IsMerged(out, how string) bool {
	ix := readIndex(out, nil)
	return ix.Merged != "" && ix.Merged == ix.merging(how)
}

// MergedAs notes that the folder's rows are made.
func MergedAs(out, how string) error {
	ix := readIndex(out, nil)
	ix.Merged = ix.merging(how)
	return ix.save(out)
}

func indexPath(out string) string { return filepath.Join(out, "index.json") }

// readIndex reads what the scans before left; one of another schema, or made otherwise, is none.
func readIndex(out string, t *Tracking) *index {
	ix := &index{}
	text, err := os.ReadFile(indexPath(out))
	if err != nil || json.Unmarshal(text, ix) != nil || ix.Schema != Schema {
		return &index{Schema: Schema}
	}
	if t != nil {
		mine, _ := json.Marshal(t)
		theirs, _ := json.Marshal(ix.Tracking)
		if string(mine) != string(theirs) {
			return &index{Schema: Schema}
		}
	}
	return ix
}

// save writes the index, whole or not at all.
func (ix *index) save(out string) error {
	slices.SortFunc(ix.Rings, func(a, b indexEntry) int { return strings.Compare(a.Ring, b.Ring) })
	text, err := json.MarshalIndent(ix, "", " ")
	if err != nil {
		return err
	}
	return writeFile(indexPath(out), append(text, '\n'))
}

// writeFile writes a file under a temporary name and gives it its own when it is whole.
func writeFile(path string, text []byte) error {
	return writeWith(path, func(f *os.File) error { _, err := f.Write(text); return err })
}

func writeWith(path string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// tempPrefix begins the names of files that are not whole.
const tempPrefix = ".tcptrace-"

// removeTemporary removes what a scan that was killed left.
func removeTemporary(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, tempPrefix+"*"))
	for _, path := range left {
		_ = os.Remove(path)
	}
}

// Scan tracks the rings that have no part yet. What has been done stays when it is ended; the next scan goes on from there. A ring that
// makes the tracker fail is a row.
func Scan(ctx context.Context, rings []Ring, o Options) (*Result, error) {
	if err := os.MkdirAll(filepath.Join(o.Out, "parts"), 0o755); err != nil {
		return nil, err
	}
	removeTemporary(o.Out)
	removeTemporary(filepath.Join(o.Out, "parts"))
	s := &scan{Options: o, old: map[string]indexEntry{}}
	before := readIndex(o.Out, &o.Tracking)
	for _, e := range before.Rings {
		s.old[e.Ring] = e
	}
	var mine []Ring
	for _, r := range rings {
		if o.Shards > 1 && shardOf(r.Name, o.Shards) != o.Shard {
			continue
		}
		mine = append(mine, r)
		s.done.AllFiles += int64(len(r.Files))
		s.done.AllBytes += r.Size()
	}
	order := slices.Clone(mine) // the longest first, so that the last worker is not left with one
	slices.SortStableFunc(order, func(a, b Ring) int { return int(min(max(b.Size()-a.Size(), -1), 1)) })
	err := s.run(ctx, order)
	ix := &index{Schema: Schema, Tracking: o.Tracking, Rings: s.entries, Merged: before.Merged}
	if saveErr := ix.save(o.Out); err == nil {
		err = saveErr
	}
	res := &Result{Progress: s.done}
	for _, e := range ix.Rings {
		res.Problems = append(res.Problems, e.Problems...)
	}
	return res, err
}

// shardOf is the shard that a ring belongs to.
func shardOf(ring string, shards int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(ring))
	return int(h.Sum32() % uint32(shards))
}

type scan struct {
	Options
	old map[string]indexEntry

	mu      sync.Mutex // holds what follows
	done    Progress
	entries []indexEntry
}

// run has the rings tracked by the workers.
func (s *scan) run(ctx context.Context, rings []Ring) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range max(s.Workers, 1) {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(rings) || ctx.Err() != nil {
					return
				}
				if err := s.ring(ctx, &rings[i]); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// ring makes the part of one ring, unless it is there.
func (s *scan) ring(ctx context.Context, r *Ring) error {
	e, known := s.old[r.Name]
	if known && !s.Verify && slices.Equal(e.Files, r.Files) && exists(partPath(s.Out, e.Key)) {
		s.finished(r, e, false)
		return nil
	}
	key, err := r.key(s.Tracking, s.Verify)
	if err != nil {
		return err
	}
	fresh := false
	if known && e.Key == key && exists(partPath(s.Out, key)) {
		e.Files = r.Files // touched, and the same
	} else {
		files, err := s.track(ctx, r, key)
		if err != nil {
			return err
		}
		fresh = true
		e = indexEntry{Ring: r.Name, Files: r.Files, Key: key}
		for _, f := range files {
			if f.Code != "" {
				e.Problems = append(e.Problems, f)
			}
		}
	}
	s.finished(r, e, fresh)
	return nil
}

func exists(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// track writes a part.
func (s *scan) track(ctx context.Context, r *Ring, key string) (files []FileRow, err error) {
	err = writeWith(partPath(s.Out, key), func(f *os.File) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("%s: %w", r.Name, sessions.FaultOf(p, 0, 0))
			}
		}()
		files, err = Track(ctx, r, s.Tracking, f)
		return err
	})
	return files, err
}

// finished counts a ring.
func (s *scan) finished(r *Ring, e indexEntry, fresh bool) {
	s.mu.Lock()
	s.entries = append(s.entries, e)
	s.done.Rings++
	s.done.Files += int64(len(r.Files))
	s.done.Bytes += r.Size()
	s.done.Bad += int64(len(e.Problems))
	if fresh {
		s.done.Fresh++
	}
	done := s.done
	s.mu.Unlock()
	if s.Progress != nil {
		s.Progress(done)
	}
}

// parts are the parts of the folders that scans wrote, by the names of their rings. A ring that two folders have counts once.
func parts(outs []string) (list []part, err error) {
	seen := map[string]bool{}
	for _, out := range outs {
		if _, err := os.Stat(indexPath(out)); err != nil {
			return nil, err
		}
		ix := readIndex(out, nil)
		for _, e := range ix.Rings {
			if seen[e.Ring] {
				continue
			}
			seen[e.Ring] = true
			list = append(list, part{indexEntry: e, path: partPath(out, e.Key)})
		}
	}
	slices.SortFunc(list, func(a, b part) int { return strings.Compare(a.Ring, b.Ring) })
	return list, nil
}

type part struct {
	indexEntry
	path string
}
