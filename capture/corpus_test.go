package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"tcptrace/internal/testfiles"
	"tcptrace/words"
)

// TestMadeFiles holds what is said about the hand-made hostile files.
func TestMadeFiles(t *testing.T) { checkMade(t, testfiles.Hostile(t)) }

// TestMadeCorpus does the same with the corpus, which has larger ones.
func TestMadeCorpus(t *testing.T) { checkMade(t, testfiles.Corpus(t, "malformed", "_made")) }

func checkMade(t *testing.T, dir string) {
	t.Helper()
	for _, row := range table(t, filepath.Join(dir, "EXPECT.tsv")) {
		t.Run(row["name"], func(t *testing.T) {
			_, info, err := readFile(filepath.Join(dir, row["name"]))
			checkExpectation(t, row["expect"], info, err)
			checkSums(t, info)
		})
	}
}

func checkExpectation(t *testing.T, expect string, info Info, err error) {
	kinds, count, _ := strings.Cut(expect, ":")
	if kinds == "any" {
		return
	}
	var damage *Damage
	if isDamage := errors.As(err, &damage); isDamage != (err != nil) || isDamage != (info.Damage != nil) {
		t.Fatalf("error %v, Info.Damage %v: they must go together", err, info.Damage)
	}
	if kinds == "E" {
		if damage == nil || !damage.Fatal || info.Packets != 0 {
			t.Errorf("%d packets and %v, want fatal damage", info.Packets, err)
		}
		return
	}
	if want, _ := strconv.ParseInt(count, 10, 64); info.Packets != want {
		t.Errorf("%d packets, want %d", info.Packets, want)
	}
	switch {
	case strings.Contains(kinds, "P") && strings.Contains(kinds, "OK"):
	case kinds == "P" && (damage == nil || damage.Fatal || damage.AtPacket != info.Packets+1 || damage.Offset <= 0):
		t.Errorf("%+v, want damage after the last packet", damage)
	case kinds != "P" && err != nil:
		t.Errorf("%v, want none", err)
	}
}

// checkSums holds that every packet is counted in one place.
func checkSums(t *testing.T, info Info) {
	t.Helper()
	sum := info.TCPPackets + info.NotTCP + info.Undecoded
	if sum > info.Packets || sum+info.Fragments < info.Packets {
		t.Errorf("TCP %d + not TCP %d + undecoded %d do not make %d packets with %d fragments",
			info.TCPPackets, info.NotTCP, info.Undecoded, info.Packets, info.Fragments)
	}
	var unread int64
	for _, u := range info.Unread {
		unread += u.Packets
		if u.What == words.DecoderFault {
			t.Errorf("%d packets made the decoder panic", u.Packets)
		}
	}
	if unread != info.Undecoded {
		t.Errorf("the reasons explain %d of %d undecoded packets", unread, info.Undecoded)
	}
}

// TestMalformedFiles only survives what fuzzers of other readers have found.
func TestMalformedFiles(t *testing.T) {
	err := filepath.WalkDir(testfiles.Corpus(t, "malformed"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			_, info, _ := readFile(path)
			checkSums(t, info)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestDerivedLinks reads one conversation from every link type, tunnel and fragmentation.
func TestDerivedLinks(t *testing.T) {
	dir := testfiles.Corpus(t, "derived")
	events, _, err := readFile(filepath.Join(dir, "link", "eth.pcap"))
	if err != nil || len(segments(events)) != 36 {
		t.Fatalf("%d segments of the source, %v", len(events), err)
	}
	want := segments(events)
	for _, row := range table(t, filepath.Join(dir, "EXPECT.tsv")) {
		if !strings.HasPrefix(row["file"], "link/") {
			continue
		}
		t.Run(row["file"], func(t *testing.T) {
			events, info, err := readFile(filepath.Join(dir, filepath.FromSlash(row["file"])))
			if err != nil {
				t.Fatal(err)
			}
			checkSums(t, info)
			compareSegments(t, want, segments(events))
		})
	}
}

func compareSegments(t *testing.T, want, got []Segment) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d segments, want %d", len(got), len(want))
	}
	for i := range want {
		if a, b := line(&want[i]), line(&got[i]); a != b {
			t.Fatalf("segment %d:\n%s\nwant\n%s", i, b, a)
		}
		if want[i].Options != got[i].Options || want[i].Window != got[i].Window || want[i].Checksum != got[i].Checksum {
			t.Fatalf("segment %d: options, window or checksum differ", i)
		}
	}
}

// TestDerivedFormats reads one conversation from every file format.
func TestDerivedFormats(t *testing.T) {
	dir := testfiles.Corpus(t, "derived", "format")
	events, _, err := readFile(filepath.Join(dir, "pcap-le-us.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	want := segments(events)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			events, info, err := readFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			checkSums(t, info)
			compareFormat(t, e.Name(), want, segments(events))
		})
	}
}

// compareFormat compares everything that a format can hold.
func compareFormat(t *testing.T, name string, want, got []Segment) {
	if len(want) != len(got) {
		t.Fatalf("%d segments, want %d", len(got), len(want))
	}
	for i := range want {
		w, g := want[i], got[i]
		if strings.Contains(name, "snap") {
			if len(g.Payload) > len(w.Payload) || string(w.Payload[:len(g.Payload)]) != string(g.Payload) {
				t.Fatalf("segment %d: the captured payload is no prefix", i)
			}
			w.Payload = g.Payload
		}
		if a, b := line(&w), line(&g); a != b {
			t.Fatalf("segment %d:\n%s\nwant\n%s", i, b, a)
		}
		switch {
		case strings.Contains(name, "spb"):
			w.HasTime, w.Time = false, 0
		case strings.Contains(name, "-ms"): // the file's clock
			w.Time = (w.Time + 5e5) / 1e6 * 1e6
		case strings.Contains(name, "pow2-20"): // 2^-20 s is nearly a microsecond
			if off := w.Time - g.Time; off >= -500 && off <= 500 {
				g.Time = w.Time
			}
		}
		if w.Time != g.Time || w.HasTime != g.HasTime || w.Frame != g.Frame {
			t.Fatalf("segment %d: frame %d at %d (%t), want %d at %d", i, g.Frame, g.Time, g.HasTime, w.Frame, w.Time)
		}
	}
}

// differences are the corpus files where this reader and the oracle count differently, with the reason.
func differences(t *testing.T) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, row := range table(t, filepath.Join("testdata", "corpus-differences.tsv")) {
		out[row["file"]] = row
	}
	return out
}

// TestCorpusCounts compares the number of packets, and of packets with TCP, with the corpus's manifest.
func TestCorpusCounts(t *testing.T) {
	manifest := testfiles.Corpus(t, "MANIFEST.tsv")
	explained, used := differences(t), map[string]bool{}
	for _, row := range table(t, manifest) {
		if strings.HasPrefix(row["path"], "malformed/") {
			continue
		}
		_, info, err := readFile(testfiles.Corpus(t, filepath.FromSlash(row["path"])))
		checkSums(t, info)
		got := fmt.Sprintf("%d/%d", info.Packets, info.TCPPackets)
		if err != nil {
			got = "refused"
		}
		want := row["packets"] + "/" + row["tcp_packets"]
		if why, ok := explained[row["path"]]; ok {
			used[row["path"]] = true
			if got != why["here"] || want != why["oracle"] {
				t.Errorf("%s: %s here, %s there; explained is %s and %s", row["path"], got, want, why["here"], why["oracle"])
			}
			continue
		}
		if got != want {
			t.Errorf("%s: packets/TCP %s, the oracle has %s (%v)", row["path"], got, want, err)
		}
	}
	for file := range explained {
		if !used[file] {
			t.Errorf("the explained difference of %s is gone", file)
		}
	}
}

// flow is one direction of the packets between two end points.
type flow struct{ src, dst netip.AddrPort }

type traffic struct{ packets, bytes int64 }

// TestCorpusTruth compares packets and payload bytes of every direction with the oracle's streams.
func TestCorpusTruth(t *testing.T) {
	explained := differences(t)
	files, rows, differ := 0, 0, 0
	defer func() { t.Logf("%d files, %d directions, %d differ", files, rows, differ) }()
	for _, row := range table(t, testfiles.Corpus(t, "MANIFEST.tsv")) {
		truth := testfiles.Corpus(t, "truth", strings.ReplaceAll(row["path"], "/", "__")+".conv.tsv")
		if strings.HasPrefix(row["path"], "malformed/") {
			continue
		}
		if _, err := os.Stat(truth); err != nil {
			continue
		}
		files++
		want := truthOf(t, truth)
		rows += len(want)
		wrong := compareTraffic(t, testfiles.Corpus(t, filepath.FromSlash(row["path"])), want)
		differ += len(wrong)
		allowed := "0"
		if why := explained[row["path"]]; why != nil {
			allowed = why["directions"]
		}
		if fmt.Sprint(len(wrong)) != allowed {
			t.Errorf("%s: %d directions differ, %s are explained: %s", row["path"], len(wrong), allowed, strings.Join(wrong, "; "))
		}
	}
	if files < 300 {
		t.Errorf("only %d files compared", files)
	}
}

// compareTraffic says where a file's packets and bytes differ from what is wanted.
func compareTraffic(t *testing.T, path string, want map[flow]traffic) (wrong []string) {
	events, _, _ := readFile(path)
	got := map[flow]traffic{}
	for _, s := range segments(events) {
		tr := got[flow{s.Src, s.Dst}]
		got[flow{s.Src, s.Dst}] = traffic{tr.packets + 1, tr.bytes + int64(s.Length)}
	}
	for _, f := range sortedFlows(want) {
		if got[f] != want[f] {
			wrong = append(wrong, fmt.Sprintf("%v > %v: %+v, the oracle has %+v", f.src, f.dst, got[f], want[f]))
		}
		delete(got, f)
	}
	for f, tr := range got {
		wrong = append(wrong, fmt.Sprintf("%v > %v: %+v, unknown to the oracle", f.src, f.dst, tr))
	}
	return wrong
}

func truthOf(t *testing.T, path string) map[flow]traffic {
	out := map[flow]traffic{}
	add := func(f flow, packets, bytes string) {
		p, err1 := strconv.ParseInt(packets, 10, 64)
		b, err2 := strconv.ParseInt(bytes, 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if p > 0 {
			out[f] = traffic{out[f].packets + p, out[f].bytes + b}
		}
	}
	for _, row := range table(t, path) {
		src := netip.AddrPortFrom(netip.MustParseAddr(row["src"]), port(t, row["sport"]))
		dst := netip.AddrPortFrom(netip.MustParseAddr(row["dst"]), port(t, row["dport"]))
		add(flow{src, dst}, row["pkts_ab"], row["bytes_ab"])
		add(flow{dst, src}, row["pkts_ba"], row["bytes_ba"])
	}
	return out
}

func port(t *testing.T, text string) uint16 {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(n)
}

func sortedFlows(m map[flow]traffic) []flow {
	var out []flow
	for f := range m {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return fmt.Sprint(out[i]) < fmt.Sprint(out[j]) })
	return out
}
