package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"

	"tcptrace/capture"
	"tcptrace/sessions"
)

// TestCutAnywhere cuts small captures at every byte, plain and compressed: what was whole before the cut is told, the
// cut is said with its exit code, and nothing ends in a Go trace.
func TestCutAnywhere(t *testing.T) {
	for name, format := range map[string]capture.FileFormat{"pcap": capture.FormatPcap, "pcapng": capture.FormatPcapNG} {
		data, ends := smallCapture(t, format)
		t.Run(name, func(t *testing.T) {
			for n := range len(data) + 1 {
				checkCut(t, data[:n], whole(ends, n))
			}
		})
		for suffix, packed := range packedCapture(t, data) {
			t.Run(name+suffix, func(t *testing.T) {
				for n := range packed {
					if n%7 > 0 && n > 20 && n < len(packed)-40 {
						continue // headers and trailers at every byte, what is between at some
					}
					if p := fromStdin(t, packed[:n]); p.code == exitOK {
						t.Errorf("%d of %d bytes: exit code 0", n, len(packed))
					} else {
						checkEnd(t, "-", p, exitDamaged, exitNotCapture)
					}
				}
				checkCut(t, packed, whole(ends, len(data)))
			})
		}
	}
}

// A boundary is where a cut hurts nothing: behind the file's header, a block or a packet.
type boundary struct{ at, packets int }

// A cutPoint is what a cut leaves.
type cutPoint struct {
	packets int
	clean   bool // the cut is at a boundary
}

// whole tells what a cut after n bytes leaves.
func whole(boundaries []boundary, n int) (c cutPoint) {
	for _, b := range boundaries {
		if b.at <= n {
			c = cutPoint{b.packets, b.at == n}
		}
	}
	return c
}

func checkCut(t *testing.T, data []byte, want cutPoint) {
	t.Helper()
	p := fromStdin(t, data)
	code := exitDamaged
	switch {
	case want.clean:
		code = exitOK
	case want.packets == 0:
		code = exitNotCapture
	}
	checkEnd(t, "-", p, code)
	var doc struct{ Capture struct{ Packets int } }
	if code != exitNotCapture {
		if err := json.Unmarshal([]byte(p.out), &doc); err != nil {
			t.Fatalf("%d bytes: %v", len(data), err)
		}
	}
	if code != exitNotCapture && doc.Capture.Packets != want.packets {
		t.Errorf("%d bytes: %d packets, want %d", len(data), doc.Capture.Packets, want.packets)
	}
}

func fromStdin(t *testing.T, data []byte) printed {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"report", "-", "--format", "json"}, newUI(bytes.NewReader(data), &out, &errs, func(string) string { return "" }))
	return printed{code, out.String(), errs.String()}
}

// smallCapture is a capture of three packets, and its boundaries.
func smallCapture(t *testing.T, format capture.FileFormat) (data []byte, boundaries []boundary) {
	t.Helper()
	genuine, err := os.ReadFile(filepath.Join("..", "..", "testdata", "genuine", "pico-normal", "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, format)
	if err != nil {
		t.Fatal(err)
	}
	records := genuine[24:]
	for i := range 3 {
		n := binary.LittleEndian.Uint32(records[8:])
		p := capture.Packet{Time: 1_700_000_000_000_000_000 + int64(i), LinkType: 1, Data: records[16 : 16+n]}
		if err := errors.Join(w.WritePacket(p), w.Flush()); err != nil {
			t.Fatal(err)
		}
		boundaries = append(boundaries, boundary{b.Len(), i + 1})
		records = records[16+n:]
	}
	if format == capture.FormatPcap {
		return b.Bytes(), append([]boundary{{24, 0}}, boundaries...)
	}
	section := int(binary.LittleEndian.Uint32(b.Bytes()[4:]))
	link := int(binary.LittleEndian.Uint32(b.Bytes()[section+4:]))
	return b.Bytes(), append([]boundary{{section, 0}, {section + link, 0}}, boundaries...)
}

// packedCapture compresses a capture in every way that is read.
func packedCapture(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	pack := func(suffix string, create func(io.Writer) (io.WriteCloser, error)) {
		var b bytes.Buffer
		w, err := create(&b)
		if err == nil {
			_, err = w.Write(data)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(suffix, err)
		}
		out[suffix] = b.Bytes()
	}
	pack(".gz", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
	pack(".zst", func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
	pack(".lz4", func(w io.Writer) (io.WriteCloser, error) { return lz4.NewWriter(w), nil })
	pack(".xz", func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) })
	return out
}

// TestAPanicIsASentence holds that a panic anywhere in a command is told in a sentence, after the output that was good.
func TestAPanicIsASentence(t *testing.T) {
	for _, tt := range []struct {
		stack, want, not string
	}{{"", "internal error of tcptrace in the session of packets 3 to 9: out of range", "goroutine"}, {"1", "goroutine", "\x00"}} {
		var out, errs bytes.Buffer
		u := newUI(nil, &out, &errs, func(name string) string {
			if name == stackVariable {
				return tt.stack
			}
			return ""
		})
		code := u.report(guarded(func() error {
			_, _ = u.out.WriteString("good\n")
			defer (&sessions.Session{FirstFrame: 3, LastFrame: 9}).Blame()
			panic("out of range")
		}))
		if code != exitDamaged || out.String() != "good\n" || !strings.Contains(errs.String(), tt.want) || strings.Contains(errs.String(), tt.not) {
			t.Errorf("exit code %d, %q, %q", code, out.String(), errs.String())
		}
	}
}
