package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"tcptrace/words"
	"testing"
	"time"
)

func savePackets(s *Saver, from, to int) {
	for n := from; n < to; n++ {
		s.WritePacket(Packet{Time: 1e18 + int64(n), LinkType: linkEthernet, Data: testPacket(n)})
	}
}

// testPacket is a frame of a length that needs padding in pcapng.
func testPacket(n int) []byte { return append(make([]byte, 60+n%4), byte(n), byte(n>>8)) }

// savedIn reads a file back and checks that it holds packets from, from+1 and so on.
func savedIn(t *testing.T, path string, from int) (n int) {
	t.Helper()
	src, err := Open(path, OpenOptions{Tap: func(p Packet) {
		want := testPacket(from + n)
		if !slices.Equal(p.Data, want) || p.Time != 1e18+int64(from+n) || p.LinkType != linkEthernet {
			t.Fatalf("%s: packet %d: time %d, % x, want % x", path, n, p.Time, p.Data, want)
		}
		n++
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for ev := new(Event); err == nil; {
		err = src.Next(ev)
	}
	if err != io.EOF {
		t.Errorf("%s: %v", path, err)
	}
	return n
}

func TestSaveRoundTrip(t *testing.T) {
	for _, name := range []string{"x.pcapng", "x.pcap", "X.PCAP"} {
		path := filepath.Join(t.TempDir(), name)
		s, err := Save(path, SaveOptions{})
		if err != nil {
			t.Fatal(err)
		}
		savePackets(s, 0, 20_000)
		if err := s.Close(&Counters{Seen: 20_007, Captured: 20_000, KernelDropped: 7}); err != nil {
			t.Fatal(err)
		}
		if n := savedIn(t, path, 0); n != 20_000 {
			t.Errorf("%s: %d packets", name, n)
		}
		if safe, lost := s.Saved(); safe != 20_000 || lost != 0 {
			t.Errorf("%s: %d safe, %d lost", name, safe, lost)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, st.Mode(), err)
		}
	}
}

// What the kernel dropped is told by the file too.
func TestSaveTellsDrops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcapng")
	s, err := Save(path, SaveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	savePackets(s, 0, 3)
	if err := s.Close(&Counters{Seen: 10, Captured: 3, KernelDropped: 7}); err != nil {
		t.Fatal(err)
	}
	src, err := Open(path, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for ev := new(Event); err == nil; {
		err = src.Next(ev)
	}
	if info := src.Info(); !info.HasKernelDropped || info.KernelDropped != 7 {
		t.Errorf("%+v", info)
	}
}

func TestSaveRing(t *testing.T) {
	dir := t.TempDir()
	s, err := Save(filepath.Join(dir, "x.pcapng"), SaveOptions{Bytes: 1000, Files: 3})
	if err != nil {
		t.Fatal(err)
	}
	savePackets(s, 0, 100)
	if found, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(found) != 1 {
		t.Errorf("while it runs: %v", found)
	}
	if err := s.Close(nil); err != nil {
		t.Fatal(err)
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(found) != 3 {
		t.Fatalf("%v", found)
	}
	total := 0
	for _, f := range found {
		st, err := os.Stat(f)
		if err != nil || st.Size() > 1200 {
			t.Errorf("%s: %d bytes, %v", f, st.Size(), err)
		}
		first := -1
		src, err := Open(f, OpenOptions{Tap: func(p Packet) {
			if first < 0 {
				first = int(p.Time - 1e18)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		for ev := new(Event); err == nil; {
			err = src.Next(ev)
		}
		src.Close()
		if first >= 0 {
			total += savedIn(t, f, first)
		}
	}
	if total == 0 || total >= 100 {
		t.Errorf("%d packets are kept", total)
	}
}

// TestSaveRingGoesOn starts a ring where an older one lies, with a file that its run left incomplete: nothing of it is replaced,
// deleted or counted, and nothing of the new one is lost.
func TestSaveRingGoesOn(t *testing.T) {
	dir := t.TempDir()
	old := map[string]string{"x-00001.pcapng": "one", "x-00003.pcapng": "three", "x-00004.pcapng.part": "four", "x-9.txt": "other", "y-00099.pcapng": "other"}
	for name, text := range old {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, overwrite := range []bool{false, true} {
		s, err := Save(filepath.Join(dir, "x.pcapng"), SaveOptions{Bytes: 1000, Files: 3, Overwrite: overwrite})
		if err != nil {
			t.Fatal(err)
		}
		savePackets(s, 0, 100)
		if err := s.Close(nil); err != nil {
			t.Fatal(err)
		}
		if safe, lost := s.Saved(); safe != 100 || lost != 0 {
			t.Errorf("%d packets are safe, %d lost", safe, lost)
		}
	}
	for name, text := range old {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != text {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	found, _ := filepath.Glob(filepath.Join(dir, "x-*.pcapng"))
	if len(found) != 2+2*3 || filepath.Base(found[2]) <= "x-00004.pcapng" {
		t.Errorf("%v", found)
	}
}

// TestSaveRingFindsWhatAKilledRunLeft holds that a part that holds a capture gets its name when nobody writes it, and only then.
func TestSaveRingFindsWhatAKilledRunLeft(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.pcapng")
	alive, err := Save(path, SaveOptions{Bytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join("..", "testdata", "genuine", "pico-normal", "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x-00003.pcapng.part"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	var found []string
	s, err := Save(path, SaveOptions{Bytes: 1 << 20, Found: func(path string) { found = append(found, filepath.Base(path)) }})
	if err != nil {
		t.Fatal(err)
	}
	savePackets(s, 0, 10)
	savePackets(alive, 0, 10)
	if err := errors.Join(s.Close(nil), alive.Close(nil)); err != nil {
		t.Fatal(err)
	}
	have, _ := filepath.Glob(filepath.Join(dir, "*"))
	for i := range have {
		have[i] = filepath.Base(have[i])
	}
	if want := []string{"x-00001.pcapng", "x-00003.pcapng", "x-00004.pcapng"}; !slices.Equal(have, want) || !slices.Equal(found, want[1:2]) {
		t.Errorf("there are %v, found %v", have, found)
	}
}

// TestSaveRingOfTwo lets somebody else put files where a ring's next ones would be, and take the place of one of its own.
func TestSaveRingOfTwo(t *testing.T) {
	dir := t.TempDir()
	s, err := Save(filepath.Join(dir, "x.pcapng"), SaveOptions{Bytes: 1000, Files: 2})
	if err != nil {
		t.Fatal(err)
	}
	savePackets(s, 0, 20)
	foreign := map[string]string{filepath.Join(dir, "x-00001.pcapng"): "mine", filepath.Join(dir, "x-00009.pcapng"): "mine too"}
	for name, text := range foreign {
		_ = os.Remove(name)
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	savePackets(s, 20, 200)
	if err := s.Close(nil); err != nil {
		t.Fatal(err)
	}
	if safe, lost := s.Saved(); safe != 200 || lost != 0 {
		t.Errorf("%d packets are safe, %d lost", safe, lost)
	}
	for name, text := range foreign {
		if b, err := os.ReadFile(name); err != nil || string(b) != text {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
}

// TestSaveNoticesOthers deletes, replaces and cuts a file while it is written: that is told within a second, and nothing of it
// is called saved.
func TestSaveNoticesOthers(t *testing.T) {
	replace := func(path string) error {
		return errors.Join(os.WriteFile(path+".new", []byte("theirs"), 0o644), os.Rename(path+".new", path))
	}
	for _, tt := range []struct {
		name   string
		ring   int64
		do     func(path string) error
		want   words.Reason
		theirs string // what is under the name at the end; "" for nothing
	}{
		{"deleted", 0, os.Remove, words.SaveDeleted, ""},
		{"replaced", 0, replace, words.SaveReplaced, "theirs"},
		{"replaced in a row", 1 << 20, replace, words.SaveReplaced, "theirs"},
		{"cut", 0, func(path string) error { return os.Truncate(path, 50) }, words.SaveCut, "cut"},
	} {
		path := filepath.Join(t.TempDir(), "live.pcapng")
		failed := make(chan error, 1)
		s, err := Save(path, SaveOptions{Bytes: tt.ring, Failed: func(err error) { failed <- err }})
		if err != nil {
			t.Fatal(err)
		}
		savePackets(s, 0, 10)
		part := path
		if tt.ring > 0 {
			part = filepath.Join(filepath.Dir(path), "live-00001.pcapng.part")
		}
		for safe := int64(0); safe < 10; safe, _ = s.Saved() {
			time.Sleep(10 * time.Millisecond)
		}
		if err := tt.do(part); err != nil {
			t.Fatal(err)
		}
		savePackets(s, 10, 20) // behind a cut they would fill the file up again
		var reason words.Reason
		select {
		case err := <-failed:
			if !errors.As(err, &reason) || reason != tt.want || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v", tt.name, err)
			}
		case <-time.After(time.Second):
			t.Errorf("%s: not noticed", tt.name)
		}
		if err := s.Close(nil); !errors.As(err, &reason) {
			t.Errorf("%s: closed with %v", tt.name, err)
		}
		if safe, lost := s.Saved(); safe != 0 || lost != 20 {
			t.Errorf("%s: %d saved, %d lost", tt.name, safe, lost)
		}
		text, err := os.ReadFile(part)
		switch {
		case tt.theirs == "" && !errors.Is(err, fs.ErrNotExist), tt.theirs == "theirs" && string(text) != "theirs", tt.theirs == "cut" && len(text) != 50:
			t.Errorf("%s: %q, %v", tt.name, text, err)
		}
	}
}

func TestSaveRefuses(t *testing.T) {
	dir := t.TempDir()
	there, link := filepath.Join(dir, "there"), filepath.Join(dir, "link")
	if err := os.WriteFile(there, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), link); err != nil {
		t.Skip(err)
	}
	if _, err := Save(there, SaveOptions{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("an existing file: %v", err)
	}
	for _, overwrite := range []bool{false, true} {
		if _, err := Save(link, SaveOptions{Overwrite: overwrite}); err == nil {
			t.Errorf("a symbolic link was followed, overwrite %v", overwrite)
		}
	}
	if b, _ := os.ReadFile(there); string(b) != "mine" {
		t.Error("the existing file was changed")
	}
	s, err := Save(there, SaveOptions{Overwrite: true})
	if err != nil {
		t.Fatal(err)
	}
	savePackets(s, 0, 5)
	if err := s.Close(nil); err != nil {
		t.Fatal(err)
	}
	if n := savedIn(t, there, 0); n != 5 {
		t.Errorf("%d packets", n)
	}
	if st, _ := os.Stat(there); st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", st.Mode())
	}
}

// After a write that stops in the middle the file ends with the last whole record.
func TestSaveCutsBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcapng")
	var told []error
	s, err := Save(path, SaveOptions{Failed: func(err error) { told = append(told, err) }})
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock() // the flushing goroutine waits
	for n := range 10 {
		if err := s.encode(&Packet{Time: 1e18 + int64(n), LinkType: linkEthernet, Data: testPacket(n), OriginalLength: len(testPacket(n))}); err != nil {
			t.Fatal(err)
		}
		s.pending.ends = append(s.pending.ends, len(s.pending.buf))
	}
	written := s.pending.ends[6] + 5
	if _, err := s.file.Write(s.pending.buf[:written]); err != nil {
		t.Fatal(err)
	}
	s.cutBack(written)
	s.fail(errors.New("the disk is full"), 0)
	s.mu.Unlock()
	savePackets(s, 10, 12)
	if err := s.Close(nil); err == nil {
		t.Error("the failure is not told at the end")
	}
	if n := savedIn(t, path, 0); n != 7 {
		t.Errorf("%d packets of 7", n)
	}
	if safe, lost := s.Saved(); safe != 7 || lost != 5 || len(told) != 1 {
		t.Errorf("%d safe, %d lost, told %v", safe, lost, told)
	}
}

// A followed file gives its packets as they come, and ends quietly in the middle of one.
func TestFollow(t *testing.T) {
	whole, err := os.ReadFile("testdata/pico-normal.pcap")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "growing.pcap")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	go func() {
		half := len(whole) - 1000
		for at := 0; at < half; at += 700 {
			_, _ = f.Write(whole[at:min(at+700, half)])
			time.Sleep(time.Millisecond)
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	src, err := Follow(ctx, path, OpenOptions{Tap: func(Packet) {
		if n++; n == 20 {
			time.AfterFunc(100*time.Millisecond, cancel)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for ev := new(Event); err == nil; {
		err = src.Next(ev)
	}
	if err != io.EOF || n < 20 {
		t.Errorf("%d packets, %v", n, err)
	}
}

func TestFollowNoticesReplacement(t *testing.T) {
	path := filepath.Join(t.TempDir(), "growing.pcap")
	whole, err := os.ReadFile("testdata/pico-normal.pcap")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := Follow(context.Background(), path, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	_ = os.Remove(path)
	for ev := new(Event); err == nil; {
		err = src.Next(ev)
	}
	if !errors.Is(err, ErrReplaced) {
		t.Errorf("%v", err)
	}
}

// A pipe whose writer says nothing more is left when the context ends.
func TestPipeInterrupted(t *testing.T) {
	whole, err := os.ReadFile("testdata/pico-normal.pcap")
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	go w.Write(whole[:len(whole)-3])
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	src, err := OpenPipe(ctx, "-", r, time.Millisecond, OpenOptions{Tap: func(Packet) {
		if n++; n == 20 {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	for ev := new(Event); err == nil; {
		err = src.Next(ev)
	}
	if err != io.EOF || n < 20 {
		t.Errorf("%d packets, %v", n, err)
	}
	r.Close()
}

// FuzzSave gives a saver any packets, into one file or a row of them, and holds it to what the reader gives back.
func FuzzSave(f *testing.F) {
	f.Add([]byte("hello world of packets"), uint8(0), uint16(0))
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 255, 255}, uint8(3), uint16(100))
	f.Fuzz(func(t *testing.T, data []byte, mode uint8, size uint16) {
		dir := t.TempDir()
		o := SaveOptions{Format: FormatPcapNG}
		if mode&1 != 0 {
			o.Format = FormatPcap
		}
		if mode&2 != 0 {
			o.Bytes = int64(size) + 100
		}
		s, err := Save(filepath.Join(dir, "a.cap"), o)
		if err != nil {
			t.Fatal(err)
		}
		var want []Packet
		for ; len(data) >= 6 && len(want) < 200; data = data[6:] {
			n := 1 + int(data[0])*int(data[1]&3)
			p := Packet{Time: int64(binary.LittleEndian.Uint32(data[1:])) * int64(data[5]) * 977, LinkType: linkEthernet,
				Data: bytes.Repeat(data[:6], n/6+1)[:n]}
			p.OriginalLength = n + int(data[3])
			s.WritePacket(p)
			want = append(want, p)
		}
		if err := s.Close(nil); err != nil {
			t.Fatal(err)
		}
		if safe, lost := s.Saved(); safe != int64(len(want)) || lost != 0 {
			t.Fatalf("%d saved, %d lost, of %d", safe, lost, len(want))
		}
		names, _ := filepath.Glob(filepath.Join(dir, "*")) // their numbers put them in order
		got := 0
		for _, name := range names {
			src, err := Open(name, OpenOptions{Tap: func(p Packet) {
				if got < len(want) {
					w := want[got]
					if p.Time != w.Time || p.OriginalLength != w.OriginalLength || !bytes.Equal(p.Data, w.Data) {
						t.Errorf("packet %d: %+v, not %+v", got, p, w)
					}
				}
				got++
			}})
			for ev := new(Event); err == nil; {
				err = src.Next(ev)
			}
			if !errors.Is(err, io.EOF) {
				t.Fatalf("%s: %v", name, err)
			}
			src.Close()
		}
		if got != len(want) {
			t.Fatalf("%d packets of %d", got, len(want))
		}
	})
}
