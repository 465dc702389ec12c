package sessions_test

import (
	"bufio"
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"tcptrace/capture"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
)

// A truthRow is one TCP stream as another program saw it.
type truthRow map[string]string

func (r truthRow) n(t *testing.T, column string) int64 {
	v, err := strconv.ParseInt(r[column], 10, 64)
	if err != nil {
		t.Fatalf("column %s: %v", column, err)
	}
	return v
}

func readTruth(t *testing.T, path string) (rows []truthRow) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	var header []string
	for sc.Scan() {
		cells := strings.Split(sc.Text(), "\t")
		if header == nil {
			header = cells
			continue
		}
		r := truthRow{}
		for i, c := range cells {
			r[header[i]] = c
		}
		rows = append(rows, r)
	}
	return rows
}

// compared are the figures in which every row must agree, or be in the list of differences.
var compared = []string{"pkts_ab", "pkts_ba", "unique_ab", "unique_ba"}

// alsoCompared are those whose definitions differ from the oracle's; their differences are listed too.
var alsoCompared = []string{"retransmission_ab", "retransmission_ba", "out_of_order_ab", "out_of_order_ba",
	"duplicate_ack_ab", "duplicate_ack_ba"}

// figures are a session's values by the truth's column names, seen from src.
func figures(s *sessions.Session, src netip.AddrPort) map[string]int64 {
	a, b := sessions.Client, sessions.Server
	if s.Client != src {
		a, b = b, a
	}
	return map[string]int64{
		"pkts_ab": s.Packets[a], "pkts_ba": s.Packets[b], "unique_ab": s.Bytes[a], "unique_ba": s.Bytes[b],
		"retransmission_ab": s.Retransmitted[a], "retransmission_ba": s.Retransmitted[b],
		"out_of_order_ab": s.OutOfOrder[a], "out_of_order_ba": s.OutOfOrder[b],
		"duplicate_ack_ab": s.DuplicateACKs[a], "duplicate_ack_ba": s.DuplicateACKs[b],
	}
}

// TestTruth compares every session of the corpus with the oracle. The differences must be exactly those of the
// checked-in list, where each has its reason.
func TestTruth(t *testing.T) {
	files, _ := filepath.Glob(testfiles.Corpus(t, "truth", "*.conv.tsv"))
	if len(files) == 0 {
		t.Skip("the corpus of third-party captures is not on this machine")
	}
	var basic, derived []string
	rows := 0
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".conv.tsv")
		want := readTruth(t, f)
		rows += len(want)
		b, d := compareTruth(t, corpusPath(t, name), want)
		basic = append(basic, b...)
		derived = append(derived, d...)
	}
	sort.Strings(basic)
	sort.Strings(derived)
	t.Logf("%d rows, %d differ in packets or bytes, %d in retransmissions, order or duplicate ACKs", rows, len(basic), len(derived))
	if len(basic)*100 > rows {
		t.Errorf("more than 1%% of %d rows differ: %d", rows, len(basic))
	}
	checkList(t, "truth_basic.tsv", basic)
	checkList(t, "truth_derived.tsv", derived)
}

// corpusPath finds the capture of a truth file, in whose name "__" stands for "/" or for itself.
func corpusPath(t testing.TB, name string) string {
	dirs := strings.Split(name, "__")
	for i := range dirs {
		p := filepath.Join(strings.Join(dirs[:i+1], "/"), strings.Join(dirs[i+1:], "__"))
		if st, err := os.Stat(testfiles.Corpus(t, p)); err == nil && !st.IsDir() {
			return filepath.ToSlash(p)
		}
	}
	return name
}

func compareTruth(t *testing.T, file string, want []truthRow) (basic, derived []string) {
	src, err := capture.Open(testfiles.Corpus(t, file), capture.OpenOptions{})
	if err != nil {
		return []string{file + "\t*\tunreadable"}, nil
	}
	defer src.Close()
	tr, _ := sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Shown: 1 << 30}, 1)
	if err := sessions.Validate(tr); err != nil {
		t.Errorf("%s: %v", file, err)
	}
	left := slices.Clone(tr.Sessions)
	for _, w := range want {
		from := netip.AddrPortFrom(netip.MustParseAddr(w["src"]), uint16(w.n(t, "sport")))
		to := netip.AddrPortFrom(netip.MustParseAddr(w["dst"]), uint16(w.n(t, "dport")))
		at := slices.IndexFunc(left, func(s *sessions.Session) bool {
			return s.FirstFrame == w.n(t, "first_frame") && (s.Client == from && s.Server == to || s.Client == to && s.Server == from)
		})
		key := fmt.Sprintf("%s\t%s", file, w["stream"])
		if at < 0 {
			basic = append(basic, key+"\tno such session")
			continue
		}
		s := left[at]
		got := figures(s, from)
		left = slices.Delete(left, at, at+1)
		if d := differences(t, got, w, compared); d != "" {

			basic = append(basic, key+"\t"+d)
		}
		if d := differences(t, got, w, alsoCompared); d != "" {
			derived = append(derived, key+"\t"+d)
			explained[key+"\t"+d] = explain(t, s, from, got, w)
		}
	}
	for _, s := range left {
		basic = append(basic, fmt.Sprintf("%s\t+\tsession %d, frame %d, is not in the truth", file, s.ID, s.FirstFrame))
	}
	return basic, derived
}

// explained holds the reasons that explain found, for -update.
var explained = map[string]string{}

// explain finds out by counting why the figures of one session differ from the oracle's, and says so only when the
// counts come out even; otherwise a person must look.
func explain(t *testing.T, s *sessions.Session, src netip.AddrPort, got map[string]int64, w truthRow) string {
	if s.Copies > 0 {
		return "frames captured twice: the oracle takes the copies for repetitions"
	}
	var reasons []string
	for _, end := range []string{"_ab", "_ba"} {
		side := sessions.Client
		if (s.Client == src) != (end == "_ab") {
			side = sessions.Server
		}
		again, late, probes := repeats(s, side)
		kept := w.n(t, "keep_alive"+end) + w.n(t, "zero_window_probe"+end)
		ours := got["retransmission"+end] + got["out_of_order"+end]
		theirs := w.n(t, "retransmission"+end) + w.n(t, "out_of_order"+end)
		if ours != theirs {
			rest := ours + again + late - theirs
			if rest < 0 || rest > kept {
				return ""
			}
			if rest > 0 {
				reasons = append(reasons, "a byte sent again before it was acknowledged is a keep-alive or window probe to the oracle")
			}
			if again > 0 {
				reasons = append(reasons, fmt.Sprintf("%d repeated SYN or FIN are retransmissions to the oracle, which carry no data byte twice", again))
			}
			if late > 0 {
				reasons = append(reasons, fmt.Sprintf("%d segments fill holes late: to the oracle retransmissions or out of order, though none of their bytes was seen before", late))
			}
		} else if got["out_of_order"+end] != w.n(t, "out_of_order"+end) {
			reasons = append(reasons, "the oracle calls repetitions within its initial RTT of the last segment out of order, though all their bytes had been seen")
		}
		if d := got["duplicate_ack"+end] - w.n(t, "duplicate_ack"+end); d != 0 {
			if d > 0 || -d > probes {
				return ""
			}
			reasons = append(reasons, "ACKs that answer probes are duplicate ACKs to the oracle")
		}
	}
	slices.Sort(reasons)
	return strings.Join(slices.Compact(reasons), "; ")
}

// repeats counts a side's repeated SYNs and FINs without data, its late hole fills, and the probes it answered.
func repeats(s *sessions.Session, side sessions.Side) (again, late, probes int64) {
	var top int64
	for _, st := range s.Steps {
		if st.From != side {
			if st.Marks&(sessions.MarkKeepAlive|sessions.MarkWindowProbe) != 0 {
				probes++
			}
			continue
		}
		repeated := st.Flags.Has(capture.SYN) && st.Marks.Has(sessions.MarkSYNRepeated) ||
			st.Flags.Has(capture.FIN) && !st.Marks.Has(sessions.MarkNewFIN) && !st.Marks.Has(sessions.MarkIgnored)
		switch {
		case repeated && !st.Marks.Has(sessions.MarkRetransmission):
			again++
		case st.Length > 0 && st.Marks.Has(sessions.MarkNewData) && st.Offset < top &&
			st.Marks&(sessions.MarkRetransmission|sessions.MarkOutOfOrder) == 0:
			late++
		}
		top = max(top, st.Offset+int64(st.Length))
	}
	return again, late, probes
}

// differences lists the columns that differ as "column=ours/theirs".
func differences(t *testing.T, got map[string]int64, w truthRow, columns []string) string {
	var out []string
	for _, c := range columns {
		want := w.n(t, c)
		if got[c] != want {
			out = append(out, fmt.Sprintf("%s=%d/%d", c, got[c], want))
		}
	}
	return strings.Join(out, " ")
}

// checkList compares differences with a checked-in list of "file, stream, difference, reason".
func checkList(t *testing.T, name string, got []string) {
	path := filepath.Join("testdata", name)
	reasons := map[string]string{}
	var want []string
	if raw, err := os.ReadFile(path); err == nil {
		for line := range strings.Lines(string(raw)) {
			cells := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 4)
			if len(cells) != 4 {
				t.Fatalf("%s: a line without a reason: %q", path, line)
			}
			key := strings.Join(cells[:3], "\t")
			reasons[key] = cells[3]
			want = append(want, key)
		}
	}
	if *testfiles.Update {
		var b strings.Builder
		for _, g := range got {
			reason := reasons[g]
			if reason == "" {
				reason = explained[g]
			}
			fmt.Fprintf(&b, "%s\t%s\n", g, reason)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	sort.Strings(want)
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("%s: new difference: %s", name, g)
		}
	}
	for _, w := range want {
		switch {
		case !slices.Contains(got, w):
			t.Errorf("%s: no longer a difference: %s", name, w)
		case reasons[w] == "":
			t.Errorf("%s: a difference without a reason: %s", name, w)
		}
	}
}
