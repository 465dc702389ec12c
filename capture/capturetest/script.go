package capturetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"tcptrace/capture"
)

// Parse reads a script and returns its events, with payloads that may be kept. The error names the line.
func Parse(text string) ([]capture.Event, error) {
	packets, err := build(text)
	if err != nil {
		return nil, err
	}
	src, err := capture.NewSource("script", bytes.NewReader(pcapng(packets)), capture.OpenOptions{})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	var events []capture.Event
	for {
		var ev capture.Event
		if err := src.Next(&ev); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		ev.Segment = *ev.Segment.Clone()
		ev.Datagram.Payload = bytes.Clone(ev.Datagram.Payload)
		events = append(events, ev)
	}
	return events, nil
}

// Source gives a script's events as if they were read from a file. It panics on a bad script, because
// scripts are constants of tests.
func Source(text string) capture.Source {
	src, err := capture.NewSource("script", bytes.NewReader(pcapng(mustBuild(text))), capture.OpenOptions{})
	if err != nil {
		panic(err)
	}
	return src
}

// PCAP writes a script as a pcap file of Ethernet frames. It panics on a bad script, and on interfaces
// and packets without a time, which pcap cannot hold: PCAPNG can.
func PCAP(text string) []byte {
	var out bytes.Buffer
	w, err := capture.NewWriter(&out, capture.FormatPcap)
	if err != nil {
		panic(err)
	}
	for _, p := range mustBuild(text) {
		if p.iface != 0 || !p.timed {
			panic(fmt.Sprintf("capturetest: line %d: pcap has no interfaces and no packets without a time", p.line))
		}
		err := w.WritePacket(capture.Packet{Time: p.time, LinkType: 1, Data: p.data, OriginalLength: p.wire})
		if err != nil {
			panic(fmt.Sprintf("capturetest: line %d: %v", p.line, err))
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// PCAPNG writes a script as a pcapng file of Ethernet frames. It panics on a bad script.
func PCAPNG(text string) []byte { return pcapng(mustBuild(text)) }

func mustBuild(text string) []packet {
	packets, err := build(text)
	if err != nil {
		panic("capturetest: " + err.Error())
	}
	return packets
}

// build turns every line of a script into a packet.
func build(text string) ([]packet, error) {
	b := &builder{next: map[direction]uint32{}, isn: map[direction]uint32{}}
	var packets []packet
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words, err := split(line)
		if err == nil {
			var p packet
			p, err = b.line(words)
			p.line = i + 1
			packets = append(packets, p)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return packets, nil
}
