//go:build linux

package capture

import (
	"path/filepath"
	"testing"
)

// repeating is a recordReader that gives one frame again and again.
type repeating struct {
	frame []byte
	left  int
}

func (r *repeating) next(rec *record) error {
	if r.left--; r.left < 0 {
		return errClosed
	}
	*rec = record{time: 1e18, link: linkEthernet, hasTime: true}
	rec.setLengths(r.frame, uint32(len(r.frame)))
	return nil
}

func (r *repeating) describe(*Info) {}

// BenchmarkLive is what user space does for a packet of a flood: decode it and save it.
func BenchmarkLive(b *testing.B) {
	for _, save := range []bool{false, true} {
		name := "decode"
		if save {
			name = "save"
		}
		b.Run(name, func(b *testing.B) {
			s := newSource("flood")
			s.records = &repeating{testFrame(2), b.N}
			if save {
				saver, err := Save(filepath.Join(b.TempDir(), "x.pcapng"), SaveOptions{})
				if err != nil {
					b.Fatal(err)
				}
				defer saver.Close(nil)
				s.records = tap(s.records, saver.WritePacket)
			}
			b.ReportAllocs()
			var ev Event
			for s.Next(&ev) == nil {
			}
		})
	}
}
