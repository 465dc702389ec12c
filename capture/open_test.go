package capture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

var pico = filepath.Join("testdata", "pico-normal.pcap")

func picoBytes(t testing.TB) []byte {
	data, err := os.ReadFile(pico)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// packed compresses with every format that is read.
func packed(t testing.TB, data []byte) map[string][]byte {
	out := map[string][]byte{}
	for suffix, open := range map[string]func(io.Writer) (io.WriteCloser, error){
		".gz":  func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		".zst": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
		".lz4": func(w io.Writer) (io.WriteCloser, error) { return lz4.NewWriter(w), nil },
		".xz":  func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
	} {
		var b bytes.Buffer
		w, err := open(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		out[suffix] = b.Bytes()
	}
	return out
}

func TestOpenGenuineCapture(t *testing.T) {
	events, info, err := readFile(pico)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[Kind]int{}
	for _, ev := range events {
		kinds[ev.Kind]++
	}
	// As tshark counts them: 146 frames, 143 of TCP, the rest ARP.
	if info.Packets != 146 || info.TCPPackets != 143 || info.NotTCP != 3 || info.Undecoded != 0 {
		t.Errorf("%+v", info)
	}
	if kinds[KindSegment] != 143 || kinds[KindARP] != 3 || len(kinds) != 2 {
		t.Errorf("kinds %v", kinds)
	}
	if info.Format != "pcap" || len(info.LinkTypes) != 1 || info.LinkTypes[0] != "EN10MB" || !info.HasTimes {
		t.Errorf("%+v", info)
	}
	if info.FirstTime != 1795355221270061000 || info.LastTime != 1795355253659644000 {
		t.Errorf("times %d to %d", info.FirstTime, info.LastTime)
	}
}

func TestCompressionIsToldByContent(t *testing.T) {
	plain, _, err := readFile(pico)
	if err != nil {
		t.Fatal(err)
	}
	for suffix, data := range packed(t, picoBytes(t)) {
		t.Run(suffix, func(t *testing.T) {
			events, info, err := readBytes(data)
			if err != nil || info.Format != "pcap"+suffix {
				t.Fatalf("%v, format %s", err, info.Format)
			}
			compareSegments(t, segments(plain), segments(events))

			events, _, err = readBytes(data[:len(data)/2])
			var damage *Damage
			if !errors.As(err, &damage) || damage.Fatal != (len(events) == 0) || !strings.Contains(damage.What.String(), "cut off") {
				t.Errorf("half an archive: %d events, %v", len(events), err)
			}
		})
	}
}

func TestHugeDictionaryIsRefused(t *testing.T) {
	data := packed(t, picoBytes(t))[".xz"]
	at := bytes.Index(data, []byte{0x21, 1})
	if at < 0 {
		t.Fatal("no LZMA2 filter")
	}
	data[at+2] = 39 // 3 GiB
	_, err := NewSource("x", bytes.NewReader(data), OpenOptions{})
	if err == nil || !strings.Contains(err.Error(), "dictionary of 3221225472 bytes") {
		t.Error(err)
	}
}

func TestReadsOfOneByte(t *testing.T) {
	want, _, err := readFile(pico)
	if err != nil {
		t.Fatal(err)
	}
	src, err := NewSource("x", iotest.OneByteReader(bytes.NewReader(picoBytes(t))), OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := drain(src)
	if err != nil {
		t.Fatal(err)
	}
	compareSegments(t, segments(want), segments(got))
}

// TestPipeIsReadAsItComes holds that a packet is handed over as soon as its last byte is there.
func TestPipeIsReadAsItComes(t *testing.T) {
	data := file(t, FormatPcap, 2, func(i int) []byte { return ethernetIPv4TCP(10, uint32(i)) })
	first := len(data) - (16 + 64)
	r, w := io.Pipe()
	seen := make(chan bool)
	go func() {
		w.Write(data[:first])
		<-seen // the second packet is only written when the first one has been read
		w.Write(data[first:])
		w.Close()
	}()
	src, err := NewSource("-", r, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var ev Event
	if err := src.Next(&ev); err != nil {
		t.Fatal(err)
	}
	close(seen)
	if err := src.Next(&ev); err != nil || ev.Segment.Frame != 2 {
		t.Fatalf("%v, frame %d", err, ev.Segment.Frame)
	}
	if err := src.Next(&ev); err != io.EOF {
		t.Error(err)
	}
}

func TestReadErrorIsNoDamage(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, data := range map[string][]byte{"plain": picoBytes(t), "gz": packed(t, picoBytes(t))[".gz"]} {
		half := io.MultiReader(bytes.NewReader(data[:len(data)/2]), iotest.ErrReader(broken))
		src, err := NewSource(name, half, OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = drain(src)
		var damage *Damage
		if !errors.Is(err, broken) || errors.As(err, &damage) || src.Info().Damage != nil {
			t.Errorf("%s: %v", name, err)
		}
		if again := src.Next(new(Event)); again != err {
			t.Errorf("%s: then %v", name, again)
		}
	}
}

func TestLimitOfUnpackedBytes(t *testing.T) {
	data := file(t, FormatPcap, 1000, func(i int) []byte { return ethernetIPv4TCP(1000, 0) })
	zip := packed(t, data)[".gz"]
	src, err := NewSource("x.gz", bytes.NewReader(zip), OpenOptions{MaxUnpacked: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	events, err := drain(src)
	var limit *LimitError
	if !errors.As(err, &limit) || limit.Bytes != 100_000 || src.Info().Limit != "max-unpacked" || src.Info().Damage != nil {
		t.Errorf("%v, %+v", err, src.Info())
	}
	if len(events) != (100_000-24)/(16+1054) {
		t.Errorf("%d events before the limit", len(events))
	}
	// The limit is about compressed input only.
	if _, _, err := readBytes(data); err != nil {
		t.Error(err)
	}
	if _, err := NewSource("x", bytes.NewReader(data), OpenOptions{MaxUnpacked: 10}); err != nil {
		t.Error(err)
	}
}

func TestRatioIsRemarked(t *testing.T) {
	data := file(t, FormatPcap, 200, func(i int) []byte { return ethernetIPv4TCP(60_000, 0) })
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	w.Close()
	_, info, err := readBytes(b.Bytes())
	if err != nil || len(info.Warnings) != 1 || !strings.Contains(info.Warnings[0].String(), "1000 times") {
		t.Errorf("%v, %q; %d bytes of %d", err, info.Warnings, b.Len(), len(data))
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, OpenOptions{}); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none"), OpenOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	for content, want := range map[string]string{
		"":       "empty",
		"<html>": "web page",
		"BZh9":   "unpack it first",
		"snoop\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x04": "snoop version 3",
		"snoop\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x07": "datalink type 7",
		"\x1f\x8b\x08\x00": "compression",
	} {
		_, err := NewSource("f", strings.NewReader(content), OpenOptions{})
		var damage *Damage
		if !errors.As(err, &damage) || !damage.Fatal || !strings.Contains(err.Error(), want) || damage.File != "f" {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

func TestProgress(t *testing.T) {
	data := picoBytes(t)
	var last int64
	src, err := NewSource("x", bytes.NewReader(data), OpenOptions{Progress: func(n int64) {
		if n <= last {
			t.Errorf("%d after %d", n, last)
		}
		last = n
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(src); err != nil || last != int64(len(data)) {
		t.Errorf("%v, %d of %d bytes", err, last, len(data))
	}
}
