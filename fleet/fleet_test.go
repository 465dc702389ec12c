package fleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/fleet"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
)

// scanned scans paths into a new folder.
func scanned(t *testing.T, o fleet.Options, how string, paths ...string) (*fleet.Result, string) {
	t.Helper()
	g, err := fleet.NewGrouping(how)
	if err != nil {
		t.Fatal(err)
	}
	rings, err := fleet.Rings(paths, g)
	if err != nil {
		t.Fatal(err)
	}
	if o.Out == "" {
		o.Out = t.TempDir()
	}
	o.Workers = 2
	result, err := fleet.Scan(context.Background(), rings, o)
	if err != nil {
		t.Fatal(err)
	}
	return result, o.Out
}

// rows are what a scan's merge gives.
type rows struct {
	Sessions []fleet.Row
	Found    []fleet.Found
	Files    []fleet.FileRow
	Digest   []byte
	Merged   *fleet.Merged
}

func merged(t *testing.T, outs ...string) (r rows) {
	t.Helper()
	m, err := fleet.Merge(outs, nil, fleet.Output{Session: func(x *fleet.Row) error { r.Sessions = append(r.Sessions, *x); return nil },
		Found: func(x *fleet.Found) error { r.Found = append(r.Found, *x); return nil },
		File:  func(x *fleet.FileRow) error { r.Files = append(r.Files, *x); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	r.Merged = m
	r.Digest, _ = m.Digest.MarshalBinary()
	return r
}

// packetsOf reads the packets of a capture.
func packetsOf(t *testing.T, path string) (all []capture.Packet) {
	t.Helper()
	src, err := capture.Open(path, capture.OpenOptions{Tap: func(p capture.Packet) {
		p.Data = bytes.Clone(p.Data)
		all = append(all, p)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var ev capture.Event
	for err == nil {
		err = src.Next(&ev)
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	return all
}

// writeCapture writes packets into a file.
func writeCapture(t *testing.T, path string, packets []capture.Packet) {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, capture.FormatPcapNG)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packets {
		if err := w.WritePacket(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// sameButFiles takes out of rows what names files and rings.
func sameButFiles(r rows) rows {
	for i := range r.Sessions {
		r.Sessions[i].File, r.Sessions[i].Ring = "", ""
	}
	for i := range r.Found {
		r.Found[i].Ring = ""
	}
	r.Files, r.Merged = nil, nil
	return r
}

// TestRingIsTheWhole cuts genuine captures into files anywhere: read as a ring they have the rows, the echoes, the rhythm and the
// findings of the whole.
func TestRingIsTheWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"pico-normal", "pico-second-client", "pico-4k", "table1-four-way-close", "unix-lo-strace"} {
		all := packetsOf(t, testfiles.Genuine(t, name, "capture.pcap"))
		dir := t.TempDir()
		writeCapture(t, filepath.Join(dir, "whole.pcapng"), all)
		_, out := scanned(t, fleet.Options{}, "auto", filepath.Join(dir, "whole.pcapng"))
		want := sameButFiles(merged(t, out))
		for round := range 6 {
			cuts := []int{0, len(all)}
			for range 1 + random.IntN(5) {
				cuts = append(cuts, random.IntN(len(all)+1))
			}
			slices.Sort(cuts)
			ring := t.TempDir()
			for i := range len(cuts) - 1 {
				path := fmt.Sprintf("soak-%05d.pcapng", i+1)
				if round%2 == 1 {
					path = fmt.Sprintf("soak_%05d_202603021400%02d.pcapng", i+1, i)
				}
				writeCapture(t, filepath.Join(ring, path), all[cuts[i]:cuts[i+1]])
			}
			result, out := scanned(t, fleet.Options{}, "auto", ring)
			if result.Rings != 1 {
				t.Fatalf("%s: %d rings", name, result.Rings)
			}
			m := merged(t, out)
			if m.Merged.Gaps > 0 {
				t.Errorf("%s cut at %v: %d gaps", name, cuts, m.Merged.Gaps)
			}
			if d := cmp.Diff(want, sameButFiles(m)); d != "" {
				t.Errorf("%s cut at %v:\n%s", name, cuts, d)
			}
		}
	}
}

// TestMissingFile holds that a file that is missing in the middle is a gap and no message that was missed.
func TestMissingFile(t *testing.T) {
	all := packetsOf(t, testfiles.Genuine(t, "pico-normal", "capture.pcap"))
	dir := t.TempDir()
	writeCapture(t, filepath.Join(dir, "x-00001.pcapng"), all[:50])
	writeCapture(t, filepath.Join(dir, "x-00003.pcapng"), all[100:])
	_, out := scanned(t, fleet.Options{}, "auto", dir)
	m := merged(t, out)
	if m.Merged.Gaps != 1 || m.Files[1].Gap <= 0 {
		t.Errorf("%d gaps, %v", m.Merged.Gaps, m.Files)
	}
	if st := m.Merged.Digest.Stats(); st.Missed != 0 || st.CadencePeriod.Max.Seconds() > 1.1 {
		t.Errorf("%d missed, longest interval %v", st.Missed, st.CadencePeriod.Max)
	}
}

// TestRingNames holds which names are one ring, and in which order.
func TestRingNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a_00002_20260302140100.pcapng", "a_00001_20260302140000.pcapng", "b.pcap", "b.pcap1", "b.pcap10", "b.pcap2", "c-00001.pcapng.gz", "c-00002.pcapng.gz",
		"d-20260302-140000.pcap", "d-20260302-150000.pcap", "alone.pcap", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g, _ := fleet.NewGrouping("auto")
	rings, err := fleet.Rings([]string{dir, filepath.Join(dir, "alone.pcap")}, g)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rings {
		var files []string
		for _, f := range r.Files {
			files = append(files, filepath.Base(f.Path))
		}
		got = append(got, strings.Join(files, " "))
	}
	want := []string{"a_00001_20260302140000.pcapng a_00002_20260302140100.pcapng", "alone.pcap", "b.pcap b.pcap1 b.pcap2 b.pcap10", "c-00001.pcapng.gz c-00002.pcapng.gz",
		"d-20260302-140000.pcap d-20260302-150000.pcap"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for how, n := range map[string]int{"file": 11, "dir": 1, `(.*/[a-z])[-_.].*`: 5} {
		g, err := fleet.NewGrouping(how)
		if err != nil {
			t.Fatal(err)
		}
		if rings, _ := fleet.Rings([]string{dir}, g); len(rings) != n {
			t.Errorf("%s: %d rings, want %d", how, len(rings), n)
		}
	}
}

// fleetFolder is a folder of genuine captures.
func fleetFolder(t *testing.T) string {
	dir := t.TempDir()
	names, _ := filepath.Glob(testfiles.Genuine(t, "*", "capture.pcap"))
	if len(names) < 10 {
		t.Fatalf("%d captures", len(names))
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(filepath.Dir(name))+".pcap"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestShards holds that the shares of several machines together are the whole, byte for byte.
func TestShards(t *testing.T) {
	dir := fleetFolder(t)
	_, whole := scanned(t, fleet.Options{}, "auto", dir)
	var outs []string
	for i := range 3 {
		_, out := scanned(t, fleet.Options{Shard: i, Shards: 3}, "auto", dir)
		outs = append(outs, out)
	}
	a, b := t.TempDir(), t.TempDir()
	if _, err := fleet.MergeInto([]string{whole}, nil, a); err != nil {
		t.Fatal(err)
	}
	if _, err := fleet.MergeInto(outs, nil, b); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sessions.ndjson.zst", "findings.ndjson.zst", "files.ndjson.zst"} {
		x, _ := os.ReadFile(filepath.Join(a, name))
		y, _ := os.ReadFile(filepath.Join(b, name))
		if len(x) == 0 || !bytes.Equal(x, y) {
			t.Errorf("%s: %d and %d bytes", name, len(x), len(y))
		}
	}
	if !bytes.Equal(merged(t, whole).Digest, merged(t, outs...).Digest) {
		t.Error("the digests differ")
	}
}

// TestAgain holds that a second scan reads nothing, that one changed file has its own ring read and no other, and that what a killed scan
// left is removed.
func TestAgain(t *testing.T) {
	dir := fleetFolder(t)
	first, out := scanned(t, fleet.Options{}, "auto", dir)
	if first.Fresh != first.Rings || first.Rings < 10 {
		t.Fatalf("%+v", first.Progress)
	}
	left := filepath.Join(out, "parts", ".tcptrace-123")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, _ := scanned(t, fleet.Options{Out: out}, "auto", dir); again.Fresh != 0 {
		t.Errorf("%d rings were read again", again.Fresh)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("what was left of a killed scan is still there")
	}
	changed := packetsOf(t, filepath.Join(dir, "pico-normal.pcap"))
	writeCapture(t, filepath.Join(dir, "pico-normal.pcap"), changed[:100])
	if again, _ := scanned(t, fleet.Options{Out: out}, "auto", dir); again.Fresh != 1 {
		t.Errorf("%d rings were read again, want 1", again.Fresh)
	}
	if other, _ := scanned(t, fleet.Options{Out: out, Tracking: fleet.Tracking{AllPorts: true}}, "auto", dir); other.Fresh != other.Rings {
		t.Errorf("with other options %d of %d rings were read again", other.Fresh, other.Rings)
	}
}

// TestInterrupted holds that an interrupted scan that is done again gives the bytes of one that was not.
func TestInterrupted(t *testing.T) {
	dir := fleetFolder(t)
	_, whole := scanned(t, fleet.Options{}, "auto", dir)
	out := t.TempDir()
	g, _ := fleet.NewGrouping("auto")
	rings, _ := fleet.Rings([]string{dir}, g)
	ctx, cancel := context.WithCancel(context.Background())
	o := fleet.Options{Out: out, Workers: 1, Progress: func(p fleet.Progress) {
		if p.Rings == 4 {
			cancel()
		}
	}}
	result, err := fleet.Scan(ctx, rings, o)
	if err == nil || result.Rings < 4 || result.Rings == int64(len(rings)) {
		t.Fatalf("%+v, %v", result, err)
	}
	scanned(t, fleet.Options{Out: out}, "auto", dir)
	if a, b := readTree(t, whole), readTree(t, out); !maps.EqualFunc(a, b, bytes.Equal) {
		t.Errorf("%d and %d files differ", len(a), len(b))
	}
}

func readTree(t *testing.T, dir string) map[string][]byte {
	all := map[string][]byte{}
	parts, _ := filepath.Glob(filepath.Join(dir, "parts", "*"))
	for _, path := range parts {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = b
	}
	return all
}

// TestHostileFolder holds that every malformed file is a row, and that the good ones are as without them.
func TestHostileFolder(t *testing.T) {
	dir := t.TempDir()
	good, err := os.ReadFile(testfiles.Genuine(t, "pico-normal", "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "good.pcap"), good, 0o600); err != nil {
		t.Fatal(err)
	}
	_, alone := scanned(t, fleet.Options{}, "file", filepath.Join(dir, "good.pcap"))
	hostile, _ := filepath.Glob(testfiles.Hostile(t, "*.pcap*"))
	result, out := scanned(t, fleet.Options{}, "file", append(hostile, filepath.Join(dir, "good.pcap"))...)
	if result.Files != int64(len(hostile)+1) || len(result.Problems) == 0 || result.Bad != int64(len(result.Problems)) {
		t.Errorf("%+v, %d problems", result.Progress, len(result.Problems))
	}
	m := merged(t, out)
	if len(m.Files) != len(hostile)+1 {
		t.Errorf("%d rows of files", len(m.Files))
	}
	m.Sessions = slices.DeleteFunc(m.Sessions, func(r fleet.Row) bool { return filepath.Base(r.Ring) != "good.pcap" })
	if d := cmp.Diff(merged(t, alone).Sessions, m.Sessions); d != "" {
		t.Error(d)
	}
}

// TestFindingsAreThoseOfExplain holds that a scan finds what the report of every capture finds.
func TestFindingsAreThoseOfExplain(t *testing.T) {
	dir := fleetFolder(t)
	_, out := scanned(t, fleet.Options{}, "auto", dir)
	got := map[string][]string{}
	for _, f := range merged(t, out).Found {
		ring := filepath.Base(f.Ring)
		got[ring] = append(got[ring], f.Code)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.pcap"))
	for _, file := range files {
		src, err := capture.Open(file, capture.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var o sessions.Options
		o.Keep(sessions.ForTables)
		c := findings.NewCollector()
		c.Watch(&o)
		tr, err := sessions.Run(context.Background(), src, o, 1)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, f := range findings.Find(tr, findings.Options{Collector: c}) {
			want = append(want, f.Code)
		}
		if d := cmp.Diff(want, got[filepath.Base(file)]); d != "" {
			t.Errorf("%s:\n%s", file, d)
		}
	}
}

// TestLabels holds who gets which labels.
func TestLabels(t *testing.T) {
	labels, err := fleet.ReadLabels(strings.NewReader("mac, ip, board, firmware, ap, from, to\n28:cd:c1:0a:5b:14,,pico-1,1.26,,2026-01-01,2026-11-20\n28:CD:C1:0A:5B:14,,pico-1,1.27,,2026-11-20,\n,192.168.1.57,pico-2,,lab,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "fw=9.9", "board=x")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(testfiles.Genuine(t, "pico-normal", "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "c.pcap"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	_, out := scanned(t, fleet.Options{}, "auto", dir)
	groups, err := fleet.GroupBy([]string{out}, labels, []string{"board", "firmware", "ap", "date"})
	if err != nil {
		t.Fatal(err)
	}
	if len(groups) != 1 || strings.Join(groups[0].Key, " ") != "pico-2 9.9 lab 2026-11-22" {
		t.Errorf("%d groups, the first is %v", len(groups), groups[0].Key)
	}
	for bad, want := range map[string]string{"": "line 1", "board\nx\n": "no column", "mac,board\nzz,1\n": "line 2", "ip,from\n1.2.3.4,monday\n": "line 2"} {
		if _, err := fleet.ReadLabels(strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestDiff holds that what got worse is told, and chance is not.
func TestDiff(t *testing.T) {
	_, normal := scanned(t, fleet.Options{}, "auto", testfiles.Genuine(t, "pico-normal", "capture.pcap"))
	_, slow := scanned(t, fleet.Options{}, "auto", testfiles.Genuine(t, "pico-4k", "capture.pcap"))
	of := func(out string) []fleet.Summary {
		g, err := fleet.GroupBy([]string{out}, nil, []string{"board"})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	for _, c := range fleet.Diff(of(normal), of(normal)) {
		if c.Regression {
			t.Errorf("the same is worse: %+v", c)
		}
	}
	worse := 0
	for _, c := range fleet.Diff(of(normal), of(slow)) {
		if c.Regression {
			worse++
		}
	}
	for _, c := range fleet.Diff(of(slow), of(normal)) {
		if c.Regression {
			t.Logf("the other way: %+v", c)
		}
	}
	if worse == 0 {
		t.Log("nothing got worse between the two")
	}
}

// TestRowsAreJSON holds that the merged rows can be read by anybody.
func TestRowsAreJSON(t *testing.T) {
	_, out := scanned(t, fleet.Options{}, "auto", testfiles.Genuine(t, "pico-normal", "capture.pcap"))
	dir := t.TempDir()
	if _, err := fleet.MergeInto([]string{out}, nil, dir); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "sessions.ndjson.zst"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzip, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer unzip.Close()
	d := json.NewDecoder(unzip)
	var rows []map[string]any
	for {
		var row map[string]any
		if err := d.Decode(&row); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) != 2 || rows[0]["conn_state"] == "" || rows[1]["community_id"] != "1:LdDlAGDKlLlOphjCCEqzzK3YJ4k=" && rows[1]["id_resp_p"] != float64(9000) {
		t.Errorf("%v", rows)
	}
}
