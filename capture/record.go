package capture

import "fmt"

// The limits that are checked before any memory is given to a record.
const (
	MaxPacket = 256 << 10 // captured bytes of one packet
	MaxBlock  = 16 << 20  // bytes of one pcapng block
)

// record is one packet as a file or an interface gives it.
type record struct {
	data     []byte // borrowed until the next record
	wire     int    // bytes on the wire, never less than len(data)
	time     int64  // ns since 1970; valid iff hasTime
	at       int64  // offset of the record in the unpacked file; 0 for live packets
	link     uint16 // link type, see link.go
	fcs      uint8  // bytes of frame check sequence at the end of the frame on the wire
	hasTime  bool
	iface    uint32
	truncate bool // the snap length took bytes away
}

// recordReader gives the packets of one capture in order. next returns io.EOF at the end, a
// *recordDamage when what follows is no packet, or the error of the reader below.
type recordReader interface {
	next(rec *record) error
	// describe adds what the reader knows about the capture itself.
	describe(info *Info)
}

// recordDamage is damage as a record reader knows it; the source adds the file and the packet number.
type recordDamage struct {
	offset int64
	what   string
}

func (d *recordDamage) Error() string { return fmt.Sprintf("offset %d: %s", d.offset, d.what) }

func damaged(offset int64, format string, args ...any) error {
	return &recordDamage{offset: offset, what: fmt.Sprintf(format, args...)}
}

// setLengths fills the length fields of a record. A captured length above the original one is odd but
// valid: some writers leave the original length out.
func (rec *record) setLengths(data []byte, original uint32) {
	rec.data = data
	rec.wire = max(len(data), int(original))
	rec.truncate = uint64(original) > uint64(len(data))
}

// warnings is a bounded list of distinct remarks.
type warnings struct {
	list []string
	left int
}

const maxWarnings = 32

func (w *warnings) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, have := range w.list {
		if have == text {
			return
		}
	}
	if len(w.list) == maxWarnings {
		w.left++
		return
	}
	w.list = append(w.list, text)
}

// all returns a copy of the remarks, with a last one that counts those left out.
func (w *warnings) all() []string {
	out := append([]string(nil), w.list...)
	if w.left > 0 {
		out = append(out, fmt.Sprintf("and %d more", w.left))
	}
	return out
}
