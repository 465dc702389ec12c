package capture

import (
	"fmt"
	"slices"

	"tcptrace/words"
)

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
	what   words.Reason
}

func (d *recordDamage) Error() string { return fmt.Sprintf("offset %d: %s", d.offset, d.what) }

func damaged(offset int64, what words.Reason) error {
	return &recordDamage{offset: offset, what: what}
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
	list []words.Reason
	left int
}

const maxWarnings = 32

func (w *warnings) add(what words.Reason) {
	if slices.Contains(w.list, what) {
		return
	}
	if len(w.list) == maxWarnings {
		w.left++
		return
	}
	w.list = append(w.list, what)
}

// all returns a copy of the remarks, with a last one that counts those left out.
func (w *warnings) all() []words.Reason {
	out := slices.Clone(w.list)
	if w.left > 0 {
		out = append(out, words.More(w.left))
	}
	return out
}
