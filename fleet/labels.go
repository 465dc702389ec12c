package fleet

import (
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Labels say which board an address is, and what ran on it.
type Labels struct{ rows []label }

// Text is what the labels say, for comparing.
func (l *Labels) Text() string {
	if l == nil {
		return ""
	}
	return fmt.Sprintf("%v", l.rows)
}

type label struct {
	mac, ip             string
	board, firmware, ap string
	from, to            time.Time // zero for no bound; to is not in it
}

// ReadLabels reads a CSV with a head of mac, ip, board, firmware, ap, from and to, in any order; mac or ip is needed. Times are
// dates or RFC 3339.
func ReadLabels(r io.Reader) (*Labels, error) {
	in := csv.NewReader(r)
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
	}
	if _, mac := at["mac"]; !mac {
		if _, ip := at["ip"]; !ip {
			return nil, fmt.Errorf("line 1: no column mac or ip")
		}
	}
	l := &Labels{}
	for {
		record, err := in.Read()
		if err == io.EOF {
			return l, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		get := func(name string) string {
			if i, ok := at[name]; ok && i < len(record) {
				return strings.TrimSpace(record[i])
			}
			return ""
		}
		row := label{board: get("board"), firmware: get("firmware"), ap: get("ap")}
		if v := get("mac"); v != "" {
			mac, err := net.ParseMAC(v)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
			row.mac = mac.String()
		}
		if v := get("ip"); v != "" {
			a, err := netip.ParseAddr(v)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
			row.ip = a.Unmap().String()
		}
		for name, to := range map[string]*time.Time{"from": &row.from, "to": &row.to} {
			if v := get(name); v != "" {
				if *to, err = parseTime(v); err != nil {
					return nil, fmt.Errorf("line %d: %s: %w", line, name, err)
				}
			}
		}
		l.rows = append(l.rows, row)
	}
}

func parseTime(v string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, v); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, v)
}

// Names are a session's labels; "" for what nobody tells.
type Names struct{ Board, Firmware, AP string }

// of gives the labels of a session between two hosts at a time (the zero time for an unknown one) in a ring: the first rows that fit,
// then what the ring's path says.
func (l *Labels) of(ring string, at time.Time, macs, ips [2]string) (n Names) {
	if l != nil {
		for i := range l.rows {
			r := &l.rows[i]
			if r.mac != "" && !slices.Contains(macs[:], r.mac) || r.ip != "" && !slices.Contains(ips[:], r.ip) || r.mac == "" && r.ip == "" {
				continue
			}
			if !r.from.IsZero() && (at.IsZero() || at.Before(r.from)) || !r.to.IsZero() && (at.IsZero() || !at.Before(r.to)) {
				continue
			}
			n.take(r.board, r.firmware, r.ap)
		}
	}
	for _, part := range strings.Split(filepath.ToSlash(ring), "/") {
		switch key, value, _ := strings.Cut(part, "="); key {
		case "board":
			n.take(value, "", "")
		case "fw", "firmware":
			n.take("", value, "")
		case "ap":
			n.take("", "", value)
		}
	}
	return n
}

// take fills what is not known yet.
func (n *Names) take(board, firmware, ap string) {
	if n.Board == "" {
		n.Board = board
	}
	if n.Firmware == "" {
		n.Firmware = firmware
	}
	if n.AP == "" {
		n.AP = ap
	}
}

// label puts labels on a row.
func (l *Labels) label(r *Row) {
	at := time.Time{}
	if r.TS != nil {
		at = time.Unix(0, *r.TS)
	}
	n := l.of(r.Ring, at, [2]string{text(r.OrigL2), text(r.RespL2)}, [2]string{r.OrigH, r.RespH})
	r.Board, r.Firmware, r.AP = orNil(n.Board != "", n.Board), orNil(n.Firmware != "", n.Firmware), orNil(n.AP != "", n.AP)
}

// group gives the labels of a group, by the middle of its day.
func (l *Labels) group(ring string, g *Group) Names {
	at, err := time.Parse(time.DateOnly, g.Date)
	if err == nil {
		at = at.Add(12 * time.Hour)
	}
	return l.of(ring, at, [2]string{g.OrigL2, g.RespL2}, [2]string{g.OrigH, g.RespH})
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
