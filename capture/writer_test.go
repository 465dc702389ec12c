package capture

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteAndRead(t *testing.T) {
	for format, name := range map[FileFormat]string{FormatPcap: "pcap-ns", FormatPcapNG: "pcapng"} {
		var out bytes.Buffer
		w, err := NewWriter(&out, format)
		if err != nil {
			t.Fatal(err)
		}
		frame := ethernetIPv4TCP(30, 77)
		for _, p := range []Packet{
			{Time: 1491516383_915793001, LinkType: linkEthernet, Data: frame},
			{Time: 1491516383_915793002, LinkType: linkEthernet, Data: frame[:60], OriginalLength: len(frame)},
		} {
			if err := w.WritePacket(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		events, info, err := readBytes(out.Bytes())
		if err != nil || len(events) != 2 || info.Format != name || info.Truncated != 1 {
			t.Fatalf("%v, %d events, %+v", err, len(events), info)
		}
		first, second := &events[0].Segment, &events[1].Segment
		if first.Time != 1491516383_915793001 || second.Time-first.Time != 1 || first.Seq != 77 || first.Cut() {
			t.Errorf("first %+v", first)
		}
		if !second.Cut() || second.Length != 30 || len(second.Payload) != 6 {
			t.Errorf("second %+v", second)
		}
	}
}

func TestEmptyCaptureIsReadable(t *testing.T) {
	for _, format := range []FileFormat{FormatPcap, FormatPcapNG} {
		var out bytes.Buffer
		w, err := NewWriter(&out, format)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, info, err := readBytes(out.Bytes()); err != nil || info.Packets != 0 {
			t.Errorf("format %d: %v, %+v", format, err, info)
		}
	}
}

func TestMixedLinkTypes(t *testing.T) {
	frame := ethernetIPv4TCP(3, 1)
	var out bytes.Buffer
	w, _ := NewWriter(&out, FormatPcapNG)
	for i := range 4 {
		p := Packet{Time: int64(i), LinkType: linkEthernet, Data: frame}
		if i%2 == 1 {
			p.LinkType, p.Data = linkRaw, frame[14:]
		}
		if err := w.WritePacket(p); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	events, info, err := readBytes(out.Bytes())
	if err != nil || len(events) != 4 || len(info.LinkTypes) != 2 || events[3].Segment.Interface != 1 {
		t.Errorf("%v, %d events, %+v", err, len(events), info)
	}
	w, _ = NewWriter(new(bytes.Buffer), FormatPcap)
	w.WritePacket(Packet{LinkType: linkEthernet, Data: frame})
	if err := w.WritePacket(Packet{LinkType: linkRaw, Data: frame[14:]}); err == nil {
		t.Error("pcap took a second link type")
	}
	if err := w.WritePacket(Packet{LinkType: linkEthernet, Data: frame}); err != nil {
		t.Errorf("a refused packet spoiled the file: %v", err)
	}
}

func TestPacketsThatCannotBeWritten(t *testing.T) {
	for name, p := range map[string]Packet{
		"too long":       {Data: make([]byte, MaxPacket+1)},
		"before 1970":    {Time: -1},
		"original":       {OriginalLength: -5},
		"after 2106":     {Time: 1 << 62},
		"with a comment": {Comment: "x"},
	} {
		w, _ := NewWriter(new(bytes.Buffer), FormatPcap)
		if err := w.WritePacket(p); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	w, _ := NewWriter(new(bytes.Buffer), FormatPcapNG)
	if err := w.WritePacket(Packet{Comment: strings.Repeat("x", 1<<16)}); err == nil {
		t.Error("a comment of 65536 bytes was written")
	}
	if _, err := NewWriter(new(bytes.Buffer), 0); err == nil {
		t.Error("a format that does not exist")
	}
}

// TestCommentsAreWiresharks reads what was written with tshark, when there is one.
func TestCommentsAreWiresharks(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark here")
	}
	path := filepath.Join(t.TempDir(), "c.pcapng")
	w, err := Create(path, FormatPcapNG, CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, comment := range []string{"", "primer eco: 1 µs", "two"} {
		if err := w.WritePacket(Packet{Time: 1e18, LinkType: 1, Data: ethernetIPv4TCP(5, 1), Comment: comment}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-r", path, "-T", "fields", "-e", "frame.number", "-e", "frame.comment").Output()
	if want := "1\t\n2\tprimer eco: 1 µs\n3\ttwo\n"; err != nil || string(out) != want {
		t.Errorf("%v: %q, want %q", err, out, want)
	}
}

func TestCreate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.pcap")
	w, err := Create(path, FormatPcap, CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WritePacket(Packet{LinkType: 1, Data: ethernetIPv4TCP(5, 1)}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is there before Close: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, mode %v", err, st.Mode())
	}
	if err := w.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	if err := w.WritePacket(Packet{}); err == nil {
		t.Error("written after Close")
	}
	if _, err := os.Stat(path + ".part"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the unfinished file is left: %v", err)
	}
	if _, err := Create(path, FormatPcap, CreateOptions{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("an existing file: %v", err)
	}
	w, err = Create(path, FormatPcap, CreateOptions{Overwrite: true})
	if err != nil {
		t.Fatal(err)
	}
	w.Abort()
	if _, info, err := readFile(path); err != nil || info.Packets != 1 {
		t.Errorf("Abort harmed the old file: %v, %d packets", err, info.Packets)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("left over: %v", entries)
	}
}

func TestPartOfAKilledProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcap")
	if err := os.WriteFile(path+".part", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, FormatPcap, CreateOptions{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("replaced without being told: %v", err)
	}
	w, err := Create(path, FormatPcap, CreateOptions{Overwrite: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestCreateRefusesLinks(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	for _, name := range []string{"link.pcap", "other.pcap.part"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	for _, name := range []string{"link.pcap", "other.pcap"} {
		if _, err := Create(filepath.Join(dir, name), FormatPcap, CreateOptions{Overwrite: true}); err == nil {
			t.Errorf("%s was followed", name)
		}
	}
	if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the target was made: %v", err)
	}
}

// TestNameTakenMeanwhile holds that Close replaces nothing that appeared after Create.
func TestNameTakenMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcap")
	w, err := Create(path, FormatPcap, CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Close: %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "mine" {
		t.Errorf("replaced: %q", data)
	}
	if _, err := os.Stat(path + ".part"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the unfinished file is left: %v", err)
	}
}

// failing fails after a number of bytes, as a full disk does.
type failing struct{ left int }

var errFull = errors.New("no space left")

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > f.left {
		n := f.left
		f.left = 0
		return n, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func TestWriteErrorsAreReturned(t *testing.T) {
	for left := 0; left < 200_000; left += 40_000 {
		w, err := NewWriter(&failing{left: left}, FormatPcapNG)
		for i := 0; err == nil && i < 4000; i++ {
			err = w.WritePacket(Packet{LinkType: 1, Data: ethernetIPv4TCP(5, 1)})
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, errFull) {
			t.Errorf("%d bytes of room: %v", left, err)
		}
	}
}
