package capture

import (
	"errors"
	"slices"
	"testing"

	"tcptrace/words"
)

// erfFile has two segments, the first one padded and the second cut short by the snap length, and a pad record between.
func erfFile() []byte {
	frame := append([]byte{0, 0}, ethernetIPv4TCP(10, 4242)...)
	padded := append(erfRecord(erfEthernet, 1, frame), 0, 0, 0)
	short := erfRecord(erfEthernet, 2, frame)[:erfHeader+2+54]
	padded[11], short[11] = byte(len(padded)), byte(len(short))
	return slices.Concat(padded, erfRecord(erfPad, 1, make([]byte, 8)), short)
}

func TestERF(t *testing.T) {
	events, info, err := readBytes(erfFile())
	if err != nil || len(events) != 2 || info.Format != "erf" || !slices.Equal(info.LinkTypes, []string{"ERF"}) {
		t.Fatalf("%v, %d events, %+v", err, len(events), info)
	}
	first, second := &events[0].Segment, &events[1].Segment
	if first.Time != 1_500_000_000 || first.Length != 10 || len(first.Payload) != 10 || first.Interface != 1 || !first.HasSrcMAC {
		t.Errorf("first %+v", first)
	}
	if second.Frame != 2 || second.Time != 2_500_000_000 || second.Length != 10 || len(second.Payload) != 0 || info.Truncated != 1 {
		t.Errorf("second %+v, %d cut short", second, info.Truncated)
	}
	if info.KernelDropped != 6 || !info.HasKernelDropped {
		t.Errorf("%d packets lost", info.KernelDropped)
	}
}

// TestERFCut holds that a file that was cut anywhere keeps what is whole, or is no capture.
func TestERFCut(t *testing.T) {
	file := erfFile()
	for n := range len(file) {
		events, info, err := readBytes(file[:n])
		var damage *Damage
		if err != nil && !errors.As(err, &damage) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if err == nil && int64(len(events)) != info.Packets {
			t.Errorf("cut at %d: %d events, %+v", n, len(events), info)
		}
	}
	_, _, err := readBytes(file[:60])
	var damage *Damage
	if !errors.As(err, &damage) || !damage.Fatal || damage.What != words.NotCapture(words.ERFFile) {
		t.Errorf("within the first record: %v", err)
	}
}
