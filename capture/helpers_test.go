package capture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// table reads a file of tab-separated columns with a header line.
func table(t testing.TB, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var names []string
	var rows []map[string]string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if lines.Text() == "" || lines.Text()[0] == '#' {
			continue
		}
		cells := strings.Split(lines.Text(), "\t")
		if names == nil {
			names = cells
			continue
		}
		row := map[string]string{}
		for i, name := range names {
			if i < len(cells) {
				row[name] = cells[i]
			}
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// drain reads a source to its end and returns copies of its events. err is nil for io.EOF.
func drain(src Source) (events []Event, err error) {
	for {
		var ev Event
		if err := src.Next(&ev); errors.Is(err, io.EOF) {
			return events, nil
		} else if err != nil {
			return events, err
		}
		ev.Segment = *ev.Segment.Clone()
		ev.Datagram.Payload = bytes.Clone(ev.Datagram.Payload)
		events = append(events, ev)
	}
}

// readFile reads a whole capture, also one that cannot be opened.
func readFile(path string) ([]Event, Info, error) {
	src, err := Open(path, OpenOptions{})
	if err != nil {
		info := Info{File: path}
		errors.As(err, &info.Damage)
		return nil, info, err
	}
	defer src.Close()
	events, err := drain(src)
	return events, src.Info(), err
}

func readBytes(data []byte) ([]Event, Info, error) {
	src, err := NewSource("bytes", bytes.NewReader(data), OpenOptions{})
	if err != nil {
		return nil, Info{}, err
	}
	events, err := drain(src)
	return events, src.Info(), err
}

func segments(events []Event) []Segment {
	var out []Segment
	for _, ev := range events {
		if ev.Kind == KindSegment {
			out = append(out, ev.Segment)
		}
	}
	return out
}

// line writes what a segment says, without what depends on its wrapping.
func line(s *Segment) string {
	return fmt.Sprintf("%v > %v %v seq=%d ack=%d len=%d %q", s.Src, s.Dst, s.Flags, s.Seq, s.Ack, s.Length, s.Payload)
}
