package endpoints

import (
	"fmt"
	"io"
	"net/netip"
	"strings"

	"tcptrace/words"
)

// Voice is where a program prints, and in which language: "es", or English. The zero value prints nothing.
type Voice struct {
	Out  io.Writer
	Lang string
}

func (v Voice) words() words.Endpoints { return words.NewEndpoints(v.Lang) }

// printf prints; a program does not care whether anybody reads it.
func (v Voice) printf(format string, args ...any) {
	if v.Out != nil {
		fmt.Fprintf(v.Out, format, args...)
	}
}

// print prints what is worded already.
func (v Voice) print(text string) { v.printf("%s", text) }

// mostShown is how many bytes of a message are printed: a person reads no more of a line, and the notebook's are shorter.
const mostShown = 256

// shown is a message as Python prints it, a long one by its beginning and its size.
func (v Voice) shown(data []byte) string {
	if len(data) <= mostShown {
		return pyBytes(data)
	}
	return v.words().Shown(pyBytes(data[:mostShown]), len(data))
}

// pyBytes writes bytes as Python's repr() does: b'hola\n'. Nothing but printable ASCII comes out.
func pyBytes(data []byte) string {
	quote := byte('\'')
	if strings.Contains(string(data), "'") && !strings.Contains(string(data), `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteByte('b')
	b.WriteByte(quote)
	for _, c := range data {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\\' || c == quote:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte(quote)
	return b.String()
}

// pyAddr writes an address as Python prints the tuple: ('192.168.1.3', 42538).
func pyAddr(a netip.AddrPort) string { return fmt.Sprintf("('%s', %d)", a.Addr(), a.Port()) }
