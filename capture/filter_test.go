package capture

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	vm "golang.org/x/net/bpf"

	"tcptrace/capture/bpf"
	"tcptrace/internal/testfiles"
)

// The expressions that are held to libpcap's meaning of them.
var filterExpressions = []string{
	"tcp", "udp", "icmp", "icmp6", "arp", "ip", "ip6", "sctp", "rarp",
	"tcp port 9000 or tcp port 9001 or arp or udp port 9099",
	"port 80", "tcp port 80", "udp port 53", "src port 80", "tcp dst port 80", "tcp src or dst port 80",
	"src and dst port 123", "not port 80", "! tcp port 80 && ! arp", "portrange 1-1023", "tcp portrange 8000-9001",
	"udp dst portrange 1024-65535", "not tcp portrange 1-100 and ip",
	"host 192.168.1.57", "src host 192.168.1.57", "dst host 192.168.1.3", "ip host 127.0.0.1", "arp host 192.168.1.3",
	"src 10.0.0.1 or dst 10.0.0.1", "host 192.168.1.3 and 192.168.1.57", "host 192.168.1.3 or 127.0.0.1 and not 10.0.0.1",
	"net 10", "net 192.168", "net 192.168.1", "src net 10.0.0.0/8", "dst net 172.16.0.0/12", "net 192.168.1.0 mask 255.255.255.0",
	"net 0.0.0.0/0", "ip6 host ::1", "host fe80::1", "net fe80::/10", "src net 2001:db8::/33", "net ::/0", "net 2001::/64",
	"tcp or udp and port 53", "tcp and (port 80 or port 443)", "tcp port (80 or 443)", "port 80 or 443 or 8080",
	"not (tcp or udp)", "not not tcp", "host 127.0.0.1 and tcp port 4000", "(ip and tcp) or (ip6 and not udp)",
	"tcp port 80 or 8080 and not host 10.0.0.1", "icmp or icmp6 or arp", "ip and not tcp and not udp",
}

var filterLinks = []struct {
	name string
	link uint16
}{{"EN10MB", linkEthernet}, {"LINUX_SLL", linkSLL}, {"LINUX_SLL2", linkSLL2}, {"RAW", linkRaw}}

// oracle is libpcap's program for an expression, as tcpdump -ddd prints it.
func oracle(t *testing.T, dlt, expression string) []vm.RawInstruction {
	t.Helper()
	out, err := exec.Command("tcpdump", "-y", dlt, "-ddd", expression).CombinedOutput()
	if strings.Contains(string(out), "expression rejects all packets") {
		return []vm.RawInstruction{{Op: 6}} // ret #0
	}
	if err != nil {
		t.Fatalf("tcpdump -y %s -ddd %q: %v: %s", dlt, expression, err, out)
	}
	return parseDDD(t, string(out))
}

func parseDDD(t *testing.T, text string) (program []vm.RawInstruction) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if i == 0 {
			continue
		}
		f := strings.Fields(line)
		var n [4]uint64
		for k := range n {
			v, err := strconv.ParseUint(f[k], 10, 32)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			n[k] = v
		}
		program = append(program, vm.RawInstruction{Op: uint16(n[0]), Jt: uint8(n[1]), Jf: uint8(n[2]), K: uint32(n[3])})
	}
	return program
}

func filterGolden(dlt string) string { return filepath.Join("bpf", "testdata", "filter-"+dlt+".txt") }

// updateOracles asks tcpdump for every program.
func updateOracles(t *testing.T) {
	for _, l := range filterLinks {
		var b bytes.Buffer
		for _, e := range filterExpressions {
			fmt.Fprintf(&b, "# %s\n", e)
			for _, i := range oracle(t, l.name, e) {
				fmt.Fprintf(&b, "%d %d %d %d\n", i.Op, i.Jt, i.Jf, i.K)
			}
		}
		if err := os.WriteFile(filterGolden(l.name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// loadOracles reads the programs that tcpdump gave.
func loadOracles(t *testing.T, dlt string) map[string]*vm.VM {
	t.Helper()
	b, err := os.ReadFile(filterGolden(dlt))
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string]*vm.VM{}
	for _, part := range strings.Split(string(b), "# ")[1:] {
		expression, _, _ := strings.Cut(part, "\n")
		instructions, all := vm.Disassemble(parseDDD(t, part))
		if !all {
			t.Fatalf("%s: tcpdump's program has instructions of other kinds", expression)
		}
		vm, err := vm.NewVM(instructions)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		programs[expression] = vm
	}
	return programs
}

func compiled(t *testing.T, expression string, link uint16) *vm.VM {
	t.Helper()
	f, err := bpf.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	program, err := f.Compile(link)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	if _, err := vm.Assemble(program); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	vm, err := vm.NewVM(program)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return vm
}

// filterPackets gathers packets of the corpus and of the genuine captures, laid out for one link type.
func filterPackets(t *testing.T, link uint16) (packets [][]byte) {
	t.Helper()
	var files []string
	for _, pattern := range []string{testfiles.Genuine(t, "*", "capture.pcap*"), testfiles.Corpus(t, "*", "*.pcap"),
		testfiles.Corpus(t, "*", "*.pcapng"), testfiles.Corpus(t, "*", "*.cap")} {
		found, _ := filepath.Glob(pattern)
		files = append(files, found...)
	}
	for _, name := range files {
		packets = append(packets, recordsOf(name, link)...)
	}
	return packets
}

// maxFilterPackets is how many packets of one file are used.
const maxFilterPackets = 60

func recordsOf(name string, link uint16) (packets [][]byte) {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	var notes warnings
	r, err := newRecordReader(newStream(bufio.NewReader(f)), &notes)
	if err != nil {
		return nil
	}
	var rec record
	for len(packets) < maxFilterPackets && r.next(&rec) == nil {
		if p := relink(&rec, link); p != nil {
			packets = append(packets, p)
		}
	}
	return packets
}

// relink turns an Ethernet frame into a packet of another link type.
func relink(rec *record, link uint16) []byte {
	if rec.link == link {
		return bytes.Clone(rec.data)
	}
	if rec.link != linkEthernet || len(rec.data) < 14 {
		return nil
	}
	kind, body := rec.data[12:14], rec.data[14:]
	switch link {
	case linkRaw:
		if !bytes.Equal(kind, []byte{8, 0}) && !bytes.Equal(kind, []byte{0x86, 0xdd}) {
			return nil
		}
		return bytes.Clone(body)
	case linkSLL:
		return append(append(make([]byte, 14), kind...), body...)
	case linkSLL2:
		return append(append(bytes.Clone(kind), make([]byte, 18)...), body...)
	}
	return nil
}

func TestFilterAgreesWithLibpcap(t *testing.T) {
	if *testfiles.Update {
		if _, err := exec.LookPath("tcpdump"); err != nil {
			t.Skip("tcpdump, which gives the expected programs, is not installed")
		}
		updateOracles(t)
	}
	for _, l := range filterLinks {
		t.Run(l.name, func(t *testing.T) {
			packets := filterPackets(t, l.link)
			if len(packets) == 0 {
				t.Skip("no corpus beside the repository")
			}
			programs := loadOracles(t, l.name)
			for _, e := range filterExpressions {
				want := programs[e]
				if want == nil {
					t.Fatalf("no expected program for %q: run with -update", e)
				}
				compareVerdicts(t, e, compiled(t, e, l.link), want, packets)
			}
			t.Logf("%d packets, %d expressions", len(packets), len(filterExpressions))
		})
	}
}

func compareVerdicts(t *testing.T, expression string, got, want *vm.VM, packets [][]byte) {
	t.Helper()
	for i, p := range packets {
		g, err := got.Run(p)
		if err != nil {
			t.Fatal(err)
		}
		w, err := want.Run(p)
		if err != nil {
			t.Fatal(err)
		}
		if (g > 0) != (w > 0) {
			t.Errorf("%q: packet %d: %d, libpcap %d: % x", expression, i, g, w, p[:min(len(p), 80)])
			return
		}
	}
}
