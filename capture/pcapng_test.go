package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"tcptrace/words"
)

// ngFile builds pcapng files block by block.
type ngFile struct {
	data  []byte
	order binary.AppendByteOrder
}

func newNg(order binary.AppendByteOrder) *ngFile {
	f := &ngFile{order: order}
	f.section()
	return f
}

func (f *ngFile) section() *ngFile {
	b := f.order.AppendUint32(nil, byteOrderMagic)
	b = f.order.AppendUint16(b, 1)
	b = f.order.AppendUint16(b, 0)
	return f.block(blockSection, f.order.AppendUint64(b, math.MaxUint64))
}

func (f *ngFile) block(kind uint32, body []byte) *ngFile {
	body = appendPadded(nil, body)
	f.data = f.order.AppendUint32(f.data, kind)
	f.data = f.order.AppendUint32(f.data, uint32(len(body)+12))
	f.data = append(f.data, body...)
	f.data = f.order.AppendUint32(f.data, uint32(len(body)+12))
	return f
}

func (f *ngFile) option(code uint16, value []byte) []byte {
	b := f.order.AppendUint16(nil, code)
	b = f.order.AppendUint16(b, uint16(len(value)))
	return appendPadded(b, value)
}

func (f *ngFile) count(code uint16, n uint64) []byte {
	return f.option(code, f.order.AppendUint64(nil, n))
}

func (f *ngFile) iface(link uint16, options ...[]byte) *ngFile {
	b := f.order.AppendUint16(nil, link)
	b = append(b, 0, 0, 0, 0, 0, 0)
	for _, o := range options {
		b = append(b, o...)
	}
	return f.block(blockInterface, b)
}

func (f *ngFile) packet(iface uint32, ticks uint64, options ...[]byte) *ngFile {
	frame := ethernetIPv4TCP(4, 1)
	b := f.order.AppendUint32(nil, iface)
	b = f.order.AppendUint32(b, uint32(ticks>>32))
	b = f.order.AppendUint32(b, uint32(ticks))
	b = f.order.AppendUint32(b, uint32(len(frame)))
	b = f.order.AppendUint32(b, uint32(len(frame)))
	b = appendPadded(b, frame)
	for _, o := range options {
		b = append(b, o...)
	}
	return f.block(blockEnhanced, b)
}

func (f *ngFile) statistics(iface uint32, options ...[]byte) *ngFile {
	b := f.order.AppendUint32(nil, iface)
	b = append(b, make([]byte, 8)...)
	for _, o := range options {
		b = append(b, o...)
	}
	return f.block(blockStatistics, b)
}

func TestKernelDrops(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		f := newNg(order).iface(linkEthernet).iface(linkEthernet)
		f.packet(0, 1, f.count(optionDropCount, 3)).packet(0, 2, f.count(optionDropCount, 4))
		f.packet(1, 3, f.count(optionDropCount, 100))
		// An interface's statistics count from the start: they replace what the packets told, and the last counts.
		f.statistics(1, f.count(optionIfDrop, 10)).statistics(1, f.count(optionIfDrop, 20), f.count(optionOSDrop, 5))
		f.section().iface(linkEthernet).statistics(0, f.count(optionIfDrop, 1000))
		_, info, err := readBytes(f.data)
		if err != nil || !info.HasKernelDropped || info.KernelDropped != 7+25+1000 {
			t.Errorf("%v: %d dropped (%t), %v", order, info.KernelDropped, info.HasKernelDropped, err)
		}
	}
	f := newNg(binary.LittleEndian).iface(linkEthernet).packet(0, 1)
	if _, info, _ := readBytes(f.data); info.HasKernelDropped {
		t.Error("drops are known without anything that tells them")
	}
	f.statistics(0, f.count(optionIfDrop, math.MaxUint64)).section().iface(1).statistics(0, f.count(optionIfDrop, math.MaxUint64))
	if _, info, _ := readBytes(f.data); info.KernelDropped <= 0 {
		t.Errorf("forged drops run over: %d", info.KernelDropped)
	}
}

func TestInterfacesAndTimes(t *testing.T) {
	f := newNg(binary.LittleEndian)
	f.iface(linkEthernet)                                        // microseconds
	f.iface(linkEthernet, f.option(optionTSResol, []byte{9}))    // nanoseconds
	f.iface(linkEthernet, f.option(optionTSResol, []byte{0x80})) // seconds
	f.iface(linkEthernet, f.option(optionTSResol, []byte{3}), f.count(optionTSOffset, 5))
	f.packet(0, 1_000_001).packet(1, 1_000_000_001).packet(2, 7).packet(3, 250)
	events, info, err := readBytes(f.data)
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{1_000_001_000, 1_000_000_001, 7_000_000_000, 5_250_000_000}
	for i, ev := range events {
		if ev.Segment.Time != want[i] || ev.Segment.Interface != uint32(i) || !ev.Segment.HasTime {
			t.Errorf("packet %d: %d of interface %d", i, ev.Segment.Time, ev.Segment.Interface)
		}
	}
	if len(events) != 4 || info.FirstTime != want[0] || info.LastTime != want[3] {
		t.Errorf("%d events, %+v", len(events), info)
	}
	if len(info.Warnings) != 1 || !strings.Contains(info.Warnings[0].String(), "interface 2") {
		t.Errorf("warnings %q", info.Warnings)
	}
}

func TestTimesThatDoNotFit(t *testing.T) {
	f := newNg(binary.LittleEndian)
	f.iface(linkEthernet, f.option(optionTSResol, []byte{0})).packet(0, math.MaxUint64).packet(0, 5)
	events, info, err := readBytes(f.data)
	if err != nil || len(events) != 2 || events[0].Segment.Time != math.MaxInt64 || events[1].Segment.Time != 5e9 {
		t.Fatalf("%v, %+v", err, events)
	}
	if !strings.Contains(fmt.Sprint(info.Warnings), "do not fit") {
		t.Errorf("warnings %q", info.Warnings)
	}
}

func TestBlocksAreSkipped(t *testing.T) {
	f := newNg(binary.BigEndian).iface(linkEthernet)
	f.block(0x0bad, make([]byte, 100_000)).packet(0, 1).block(0x80000001, nil).packet(0, 2)
	events, _, err := readBytes(f.data)
	if err != nil || len(events) != 2 || events[1].Segment.Frame != 2 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

// TestBlockOfMegabytes needs the buffer to grow, and one byte more than allowed is refused.
func TestBlockOfMegabytes(t *testing.T) {
	f := newNg(binary.LittleEndian).iface(linkEthernet).packet(0, 1).block(0x0bad, make([]byte, MaxBlock-12)).packet(0, 2)
	if events, _, err := readBytes(f.data); err != nil || len(events) != 2 {
		t.Errorf("%d events, %v", len(events), err)
	}
	f = newNg(binary.LittleEndian).iface(linkEthernet).packet(0, 1).block(0x0bad, make([]byte, MaxBlock-8)).packet(0, 2)
	events, info, err := readBytes(f.data)
	var damage *Damage
	if !errors.As(err, &damage) || len(events) != 1 || damage.AtPacket != 2 || info.Damage == nil {
		t.Errorf("%d events, %v", len(events), err)
	}
}

// TestClaimsAreNotBelieved holds that a length field alone gets no memory.
func TestClaimsAreNotBelieved(t *testing.T) {
	f := newNg(binary.LittleEndian).iface(linkEthernet)
	f.data = binary.LittleEndian.AppendUint32(f.data, 0x0bad)
	f.data = binary.LittleEndian.AppendUint32(f.data, MaxBlock)
	f.data = append(f.data, make([]byte, 100)...)
	in := newStream(strings.NewReader(string(f.data)))
	r, err := newPcapngReader(in, new(warnings))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.next(new(record)); err == nil || len(in.buf) != firstBuffer {
		t.Errorf("%v, a buffer of %d bytes", err, len(in.buf))
	}
}

func TestWarningsAreBounded(t *testing.T) {
	f := newNg(binary.LittleEndian)
	for range 100 {
		f.iface(linkEthernet, f.option(optionTSResol, []byte{0xbf}))
	}
	_, info, err := readBytes(f.data)
	if err != nil || len(info.Warnings) != maxWarnings+1 || info.Warnings[maxWarnings] != words.More(100-maxWarnings) {
		t.Errorf("%d warnings, %v", len(info.Warnings), err)
	}
}
