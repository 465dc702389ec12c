package capture

import (
	"io"
	"path/filepath"
	"testing"
)

func genuine(parts ...string) string {
	return filepath.Join(append([]string{"..", "..", "shared", "genuine"}, parts...)...)
}

func TestOpenReadsAPicoCapture(t *testing.T) {
	src, err := Open(genuine("pico-normal", "capture.pcap"), OpenOptions{})
	if err != nil {
		t.Skip("no genuine captures here:", err)
	}
	defer src.Close()
	var ev Event
	n := 0
	for {
		if err := src.Next(&ev); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		n++
	}
	info := src.Info()
	if int64(n) != info.TCPPackets || n == 0 {
		t.Errorf("%d events, info %+v", n, info)
	}
}
