package tcptrace_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/render"
	"tcptrace/render/data"
	"tcptrace/render/document"
	"tcptrace/sessions"
)

// notForPeople is what no output may have: what a terminal or an editor obeys, and numbers that are none.
var notForPeople = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|NaN|[-+]Inf")

// packetsOf reads the packets of the small genuine captures, which FuzzReport changes.
func packetsOf(f *testing.F) (seeds [][]capture.Packet) {
	names, err := filepath.Glob(filepath.Join("testdata", "genuine", "*", "capture.pcap"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		if st, err := os.Stat(name); err != nil || st.Size() > 60_000 {
			continue
		}
		var packets []capture.Packet
		src, err := capture.Open(name, capture.OpenOptions{Tap: func(p capture.Packet) {
			p.Data = bytes.Clone(p.Data)
			packets = append(packets, p)
		}})
		if err != nil {
			f.Fatal(err)
		}
		for ev := new(capture.Event); err == nil; {
			err = src.Next(ev)
		}
		src.Close()
		if !errors.Is(err, io.EOF) {
			f.Fatalf("%s: %v", name, err)
		}
		seeds = append(seeds, packets[:min(len(packets), 300)])
	}
	return seeds
}

// change makes one change of packets: what a network, a card or an attacker can do to them.
func change(packets []capture.Packet, op [4]byte) []capture.Packet {
	i := (int(op[1]) + int(op[0]>>3)*8) % len(packets)
	p, n, v := &packets[i], int(op[2]), op[3]
	switch op[0] & 7 {
	case 0:
		return slices.Delete(packets, i, i+1)
	case 1:
		twice := *p
		twice.Data = bytes.Clone(p.Data)
		return slices.Insert(packets, i, twice)
	case 2:
		j := (i + n) % len(packets)
		packets[i], packets[j] = packets[j], packets[i]
	case 3, 4:
		if len(p.Data) > 0 {
			p.Data[(14+n)%len(p.Data)] = v
		}
	case 5:
		p.Time = max(0, p.Time+int64(int8(v))*int64(n)*1e7)
	case 6:
		p.Data = p.Data[:n*len(p.Data)/255]
	case 7:
		for k := 54; k < len(p.Data) && k < 54+n; k++ {
			p.Data[k] = v
		}
	}
	return packets
}

// FuzzReport changes the packets of a genuine capture, writes them as pcapng, changes bytes of that too, and holds every form of the
// report to what it promises: valid, printable, and every packet counted once.
func FuzzReport(f *testing.F) {
	seeds := packetsOf(f)
	f.Add(uint8(0), []byte{1, 2, 3, 4, 5, 6, 7, 8}, []byte{})
	f.Add(uint8(3), []byte{0, 9, 40, 255, 1, 9, 40, 255, 2, 9, 40, 255, 3, 1, 1, 1}, []byte{})
	f.Add(uint8(5), []byte{6, 9, 40, 255, 5, 9, 40, 255, 7, 9, 40, 255}, []byte{200, 1, 255, 7, 3, 0})
	f.Fuzz(func(t *testing.T, which uint8, ops, flips []byte) {
		var packets []capture.Packet
		for _, p := range seeds[int(which)%len(seeds)] {
			p.Data = bytes.Clone(p.Data)
			packets = append(packets, p)
		}
		for ; len(ops) >= 4 && len(packets) > 1; ops = ops[4:] {
			packets = change(packets, [4]byte(ops))
		}
		var file bytes.Buffer
		w, err := capture.NewWriter(&file, capture.FormatPcapNG)
		for i := 0; i < len(packets) && err == nil; i++ {
			err = w.WritePacket(packets[i])
		}
		if err == nil {
			err = w.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
		raw := file.Bytes()
		whole := len(flips) < 3
		for ; len(flips) >= 3; flips = flips[3:] {
			raw[int(binary.LittleEndian.Uint16(flips))%len(raw)] = flips[2]
		}
		checkReport(t, raw, len(packets), whole)
	})
}

// checkReport reads a capture and prints it in every form. whole tells that it has n packets and no damage.
func checkReport(t *testing.T, raw []byte, n int, whole bool) {
	src, err := capture.NewSource("x.pcapng", bytes.NewReader(raw), capture.OpenOptions{})
	if err != nil {
		if whole {
			t.Fatal(err)
		}
		return
	}
	tr, err := sessions.Run(t.Context(), src, sessions.Options{AllPorts: true, Shown: 8, Samples: true}, 1)
	var damage *capture.Damage
	if err != nil && (whole || !errors.As(err, &damage)) {
		t.Fatal(err)
	}
	if err := sessions.Validate(tr); err != nil {
		t.Fatal(err)
	}
	c := &tr.Capture
	if whole && c.Packets != int64(n) {
		t.Fatalf("%d packets of %d", c.Packets, n)
	}
	if told := c.TCPPackets + c.NotTCP + c.Undecoded; told > c.Packets || told+c.Fragments < c.Packets {
		t.Fatalf("packets are not counted once: %+v", c.Info)
	}
	inSessions := int64(0)
	for _, s := range tr.Sessions {
		inSessions += s.Packets[sessions.Client] + s.Packets[sessions.Server]
	}
	if inSessions > c.TCPPackets {
		t.Fatalf("%d packets in sessions, of %d", inSessions, c.TCPPackets)
	}
	found := findings.Find(tr, findings.Options{})
	var out bytes.Buffer
	if err := data.WriteJSON(&out, tr, data.JSONOptions{Findings: found}); err != nil || !json.Valid(out.Bytes()) {
		t.Fatal("the JSON is not valid", err)
	}
	forPeople(t, "JSON", bytes.ReplaceAll(out.Bytes(), []byte("\n"), nil))
	for _, lang := range []string{"es", "en"} {
		report := render.Report(tr, render.ReportOptions{Lang: lang, Ladder: render.LadderOptions{Lang: lang}, Findings: found})
		forPeople(t, "report", report.AppendMarkdown(nil, document.MarkdownOptions{}))
		forPeople(t, "explain", render.Explain(tr, found, lang).AppendMarkdown(nil, document.MarkdownOptions{}))
	}
}

func forPeople(t *testing.T, what string, text []byte) {
	if at := notForPeople.FindIndex(text); at != nil {
		t.Fatalf("%s: %q", what, text[max(0, at[0]-80):min(len(text), at[1]+40)])
	}
}
