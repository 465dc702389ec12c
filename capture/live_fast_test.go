package capture

import (
	"path/filepath"
	"testing"

	"tcptrace/internal/testfiles"
)

// Whatever the short cut takes, the decoder would have called notTCP.
func TestPlainUDPAgreesWithTheDecoder(t *testing.T) {
	files, _ := filepath.Glob(testfiles.Corpus(t, "*", "*.pcap*"))
	files = append(files, filepath.Join("testdata", "pico-normal.pcap"))
	taken := 0
	for _, name := range files {
		for _, b := range recordsOf(name, linkEthernet) {
			rec := record{link: linkEthernet}
			rec.setLengths(b, uint32(len(b)))
			if !plainUDP(&rec) {
				continue
			}
			taken++
			var d decoder
			var ev Event
			if got := d.packet(&rec, 1, &ev); got != notTCP {
				t.Errorf("%s: the decoder says %d (%s): % x", name, got, d.reason, b[:min(len(b), 60)])
			}
		}
	}
	if len(files) > 1 && taken < 100 {
		t.Errorf("only %d datagrams were tried", taken)
	}
}
