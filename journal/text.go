package journal

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// keptBytes is how much payload an entry keeps.
const keptBytes = 64

// printable replaces what must not reach a terminal or a document raw by \xNN: control characters,
// bidirectional and other format controls, and bytes that are not UTF-8.
func printable(s string) string {
	clean := true
	for _, c := range s {
		if !safeRune(c) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		if c == utf8.RuneError && n <= 1 || !safeRune(c) {
			for _, octet := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, `\x%02x`, octet)
			}
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// safeRune reports whether a character may be shown as it is.
func safeRune(c rune) bool {
	if c < 0x80 {
		return c >= 0x20 && c != 0x7f
	}
	return c != utf8.RuneError && (unicode.IsGraphic(c) || unicode.Is(unicode.Co, c))
}

// clip shortens text for a Problem.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return printable(s)
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return printable(s[:cut]) + "…"
}

// decimalNanos reads a plain decimal number of seconds exactly as nanoseconds; digits beyond the ninth are
// dropped. It refuses signs other than a leading minus, exponents, and what does not fit in 64 bits.
func decimalNanos(s string) (int64, bool) {
	negative := strings.HasPrefix(s, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if whole == "" || len(whole) > 10 || !digits(whole) || !digits(fraction) {
		return 0, false
	}
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || sec > math.MaxInt64/1_000_000_000-1 {
		return 0, false
	}
	if len(fraction) > 9 {
		fraction = fraction[:9]
	}
	nanos := int64(0)
	for i := range 9 {
		nanos *= 10
		if i < len(fraction) {
			nanos += int64(fraction[i] - '0')
		}
	}
	total := sec*1_000_000_000 + nanos
	if negative {
		total = -total
	}
	return total, true
}

// digits reports whether s consists of ASCII digits; the empty string does.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// firstEpoch is the earliest time taken for seconds since 1970 (in 1973): smaller numbers are
// differences, as strace -r prints them.
const firstEpoch = 100_000_000

// cutStamp takes a leading "seconds.fraction " of an epoch clock off a line.
func cutStamp(s string) (nanos int64, rest string, ok bool) {
	stamp, rest, found := strings.Cut(s, " ")
	if !found || len(stamp) < 9 || stamp[0] < '0' || stamp[0] > '9' {
		return 0, s, false
	}
	nanos, ok = decimalNanos(stamp)
	if !ok || nanos < firstEpoch*1_000_000_000 {
		return 0, s, false
	}
	return nanos, strings.TrimLeft(rest, " "), true
}

// spellAddr writes an address as the notebook does: ("127.0.0.1", 4000).
func spellAddr(a netip.AddrPort) string {
	return fmt.Sprintf("(%q, %d)", a.Addr().String(), a.Port())
}

// spellBytes counts bytes as the notebook's tables do, also one of them.
func spellBytes(n int64) string { return strconv.FormatInt(n, 10) + " bytes" }

// addrPort joins a host and a port; it is zero for a host name. IPv4-mapped IPv6 becomes IPv4, as it
// is on the wire, and zones are dropped, which packets do not have.
func addrPort(host string, port int64) netip.AddrPort {
	a, err := netip.ParseAddr(host)
	if err != nil || port < 0 || port > 65535 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Unmap().WithZone(""), uint16(port))
}

// pythonBytes reads a Python bytes literal (b'..' or b"..") at the start of s. It keeps the first
// keptBytes bytes and returns the number of all, and what follows the literal.
func pythonBytes(s string) (kept []byte, total int64, rest string, ok bool) {
	if len(s) < 3 || s[0] != 'b' || s[1] != '\'' && s[1] != '"' {
		return nil, 0, s, false
	}
	quote := s[1]
	for i := 2; i < len(s); {
		if s[i] == quote {
			return kept, total, s[i+1:], true
		}
		octet, n := escaped(s[i:])
		if len(kept) < keptBytes {
			kept = append(kept, octet)
		}
		total++
		i += n
	}
	return nil, 0, s, false
}

// escaped reads one byte of a C or Python string: itself, or a backslash escape (octal, hexadecimal or
// a letter), and tells how many characters it took.
func escaped(s string) (octet byte, n int) {
	if s[0] != '\\' || len(s) < 2 {
		return s[0], 1
	}
	switch c := s[1]; c {
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'r':
		return '\r', 2
	case 'v':
		return '\v', 2
	case 'f':
		return '\f', 2
	case 'a':
		return '\a', 2
	case 'b':
		return '\b', 2
	case 'x':
		end := 2
		for end < len(s) && end < 4 && strings.IndexByte("0123456789abcdefABCDEF", s[end]) >= 0 {
			end++
		}
		v, _ := strconv.ParseUint(s[2:end], 16, 8)
		return byte(v), end
	default:
		end := 1
		for end < len(s) && end < 4 && s[end] >= '0' && s[end] <= '7' {
			end++
		}
		if end == 1 {
			return c, 2
		}
		v, _ := strconv.ParseUint(s[1:end], 8, 16)
		return byte(v), end
	}
}

// pythonAddr reads ('192.168.1.3', 42274), or the raw sockaddr_in that MicroPython's unix port hands
// out as bytearray(b'\x02\x00…') (family little-endian, port and address big-endian).
func pythonAddr(s string) (netip.AddrPort, bool) {
	if raw, found := strings.CutPrefix(s, "bytearray("); found {
		b, _, _, ok := pythonBytes(raw)
		if !ok || len(b) < 8 || b[0] != 2 || b[1] != 0 {
			return netip.AddrPort{}, false
		}
		ip := netip.AddrFrom4([4]byte(b[4:8]))
		return netip.AddrPortFrom(ip, uint16(b[2])<<8|uint16(b[3])), true
	}
	if len(s) < 2 || s[0] != '(' || s[1] != '\'' && s[1] != '"' {
		return netip.AddrPort{}, false
	}
	host, rest, found := strings.Cut(s[2:], s[1:2])
	if !found {
		return netip.AddrPort{}, false
	}
	rest = strings.TrimLeft(rest, ", ")
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	port, err := strconv.ParseInt(rest[:end], 10, 32)
	if err != nil {
		return netip.AddrPort{}, false
	}
	a := addrPort(host, port)
	return a, a.IsValid()
}

// respell turns Python's single-quoted strings into double-quoted ones.
func respell(s string) string {
	if !strings.Contains(s, "'") || strings.Contains(s, `"`) {
		return s
	}
	return strings.ReplaceAll(s, "'", `"`)
}

// closing is the index of the parenthesis that closes the one before s, with regard to nested brackets
// and Python strings; -1 if there is none.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return i
			}
			depth--
		case '\'', '"':
			for i++; i < len(s) && s[i] != c; i++ {
				if s[i] == '\\' {
					i++
				}
			}
		}
	}
	return -1
}
