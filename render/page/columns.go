package page

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
)

// Columns are the rows of a conversation as columns: small when they are packed, and quick to read. A reader skips columns
// whose names it does not know.
type Columns struct {
	directory []column
	body      []byte
}

// A column is one entry of the directory: where the values lie, and how they are written.
type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
	From int    `json:"from"`
	To   int    `json:"to"`
}

// The types of columns.
const (
	typeInts   = "v" // zig-zag varints
	typeDeltas = "d" // the same, each less the one before
	typeTexts  = "t" // a JSON array of strings
)

// Ints adds a column of numbers.
func (c *Columns) Ints(name string, values []int64) { c.numbers(name, typeInts, values) }

// Deltas adds a column of numbers that differ little from one row to the next.
func (c *Columns) Deltas(name string, values []int64) { c.numbers(name, typeDeltas, values) }

func (c *Columns) numbers(name, kind string, values []int64) {
	from, last := len(c.body), int64(0)
	for _, v := range values {
		if kind == typeDeltas {
			v, last = v-last, v
		}
		c.body = binary.AppendVarint(c.body, v)
	}
	c.directory = append(c.directory, column{name, kind, from, len(c.body)})
}

// Texts adds a column of texts. What JSON cannot hold must have been made printable before.
func (c *Columns) Texts(name string, values []string) {
	from := len(c.body)
	b, err := json.Marshal(values)
	if err != nil {
		panic(err) // strings always marshal
	}
	c.body = append(c.body, b...)
	c.directory = append(c.directory, column{name, typeTexts, from, len(c.body)})
}

// Encode packs the columns: the length of the directory (four bytes, big endian), the directory as JSON, the values; deflated
// with zlib's frame, in base64.
func (c *Columns) Encode() []byte {
	directory, err := json.Marshal(c.directory)
	if err != nil {
		panic(err) // so do these
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(directory)))
	return packed(append(append(b, directory...), c.body...))
}

// packed deflates with zlib's frame, in base64.
func packed(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = w.Write(b) // to memory
	_ = w.Close()
	return base64.StdEncoding.AppendEncode(nil, out.Bytes())
}
