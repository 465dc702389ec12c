package lecture

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// ErrNotText tells that notes are neither UTF-8 nor UTF-16 with a byte order mark.
var ErrNotText = errors.New("neither UTF-8 nor UTF-16")

// The byte order marks (Unicode 15, section 23.8).
var (
	markUTF8    = []byte("\xef\xbb\xbf")
	markUTF16LE = []byte("\xff\xfe")
	markUTF16BE = []byte("\xfe\xff")
)

// A textForm is how somebody's notes are written, so that they can be written in the same way again.
type textForm struct {
	mark     []byte            // the byte order mark, if there is one
	encoding encoding.Encoding // nil for UTF-8
}

// decodeNotes gives the text of notes in UTF-8, without a byte order mark. The error is ErrNotText.
func decodeNotes(file []byte) (text []byte, form textForm, err error) {
	switch {
	case bytes.HasPrefix(file, markUTF8):
		form.mark = markUTF8
	case bytes.HasPrefix(file, markUTF16LE):
		form = textForm{markUTF16LE, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)}
	case bytes.HasPrefix(file, markUTF16BE):
		form = textForm{markUTF16BE, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)}
	}
	text = file[len(form.mark):]
	if form.encoding != nil {
		if len(text)%2 != 0 {
			return nil, form, ErrNotText
		}
		if text, err = form.encoding.NewDecoder().Bytes(text); err != nil {
			return nil, form, ErrNotText
		}
		if again, err := form.encode(text); err != nil || !bytes.Equal(again, file) {
			return nil, form, ErrNotText // half a pair, which would not come back
		}
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, form, ErrNotText
	}
	return text, form, nil
}

// encode writes text in the form of the notes.
func (f textForm) encode(text []byte) ([]byte, error) {
	if f.encoding != nil {
		var err error
		if text, err = f.encoding.NewEncoder().Bytes(text); err != nil {
			return nil, err
		}
	}
	return append(bytes.Clone(f.mark), text...), nil
}
