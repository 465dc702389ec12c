package capturetest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// split cuts a line at blanks; a quoted string is one word.
func split(line string) ([]string, error) {
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimLeft(line, " \t") {
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, errors.New("a string without an end")
			}
			words = append(words, quoted)
			line = line[len(quoted):]
			continue
		}
		end := strings.IndexAny(line, " \t")
		if end < 0 {
			end = len(line)
		}
		words = append(words, line[:end])
		line = line[end:]
	}
	return words, nil
}

// attributes are the words after the end points and the flags.
type attributes struct {
	values  map[string]string
	payload []byte
	has     bool // a payload was given
}

func attributesOf(words []string, allowed ...string) (attributes, error) {
	a := attributes{values: map[string]string{}}
	for _, w := range words {
		if w[0] == '"' {
			text, err := strconv.Unquote(w)
			if err != nil {
				return a, fmt.Errorf("bad string %s", w)
			}
			a.payload, a.has = append(a.payload, text...), true
			continue
		}
		key, value, _ := strings.Cut(w, "=")
		known := false
		for _, k := range allowed {
			known = known || k == key
		}
		if !known {
			return a, fmt.Errorf("unknown word %q", w)
		}
		if _, twice := a.values[key]; twice {
			return a, fmt.Errorf("%s given twice", key)
		}
		a.values[key] = value
	}
	return a, nil
}

// number reads an attribute of at most the given number of bits.
func (a attributes) number(key string, fallback uint64, bits int) (uint64, error) {
	text, ok := a.values[key]
	if !ok {
		return fallback, nil
	}
	n, err := strconv.ParseUint(text, 0, bits)
	if err != nil {
		return 0, fmt.Errorf("%s=%s: not a number of %d bits", key, text, bits)
	}
	return n, nil
}

func (a attributes) flag(key string) bool {
	_, ok := a.values[key]
	return ok
}

// nanoseconds reads seconds with decimals, exactly.
func nanoseconds(text string) (ns int64, timed bool, err error) {
	if text == "-" {
		return 0, false, nil
	}
	whole, fraction, _ := strings.Cut(text, ".")
	sec, err := strconv.ParseUint(whole, 10, 32)
	if err != nil || len(fraction) > 9 {
		return 0, false, fmt.Errorf("time %q is not seconds with up to nine decimals", text)
	}
	nano := uint64(0)
	if fraction != "" {
		if nano, err = strconv.ParseUint(fraction+strings.Repeat("0", 9-len(fraction)), 10, 32); err != nil {
			return 0, false, fmt.Errorf("time %q is not seconds with up to nine decimals", text)
		}
	}
	return int64(sec)*1e9 + int64(nano), true, nil
}

func hardwareAddress(text string) (mac [6]byte, err error) {
	b, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	if err != nil || len(b) != 6 {
		return mac, fmt.Errorf("%q is not a hardware address", text)
	}
	return [6]byte(b), nil
}

// endPoints reads "A:1 > B:2" at the start of words.
func endPoints(words []string) (direction, []string, error) {
	if len(words) < 3 || words[1] != ">" {
		return direction{}, nil, errors.New("want SOURCE > DESTINATION")
	}
	src, err := netip.ParseAddrPort(words[0])
	if err != nil {
		return direction{}, nil, err
	}
	dst, err := netip.ParseAddrPort(words[2])
	if err != nil {
		return direction{}, nil, err
	}
	if src.Addr().Is4() != dst.Addr().Is4() {
		return direction{}, nil, errors.New("IPv4 and IPv6 mixed")
	}
	return direction{src, dst}, words[3:], nil
}
