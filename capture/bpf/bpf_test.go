package bpf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	vm "golang.org/x/net/bpf"
)

// A cooked socket shows the kernel's filter the packet from its network header on; all but the EtherType is
// where raw IP has it.
func TestFilterCooked(t *testing.T) {
	f, err := Parse("tcp port 9000 or arp")
	if err != nil {
		t.Fatal(err)
	}
	program, err := f.Compile(LinkCooked)
	if err != nil {
		t.Fatal(err)
	}
	ext, abs := 0, 0
	for _, i := range program {
		switch i := i.(type) {
		case vm.LoadExtension:
			if i.Num != vm.ExtProto {
				t.Errorf("loads extension %v", i.Num)
			}
			ext++
		case vm.LoadAbsolute:
			if i.Off == 9 {
				abs++
			}
		}
	}
	if ext != 3 || abs != 1 {
		t.Errorf("%d loads of the EtherType and %d of the IPv4 protocol; want 3 and 1", ext, abs)
	}
}

// Long expressions need jumps beyond the 8 bits of a conditional one.
func TestFilterLong(t *testing.T) {
	var words []string
	for port := 1; port <= 120; port++ {
		words = append(words, fmt.Sprintf("tcp port %d", port*10))
	}
	f, err := Parse(strings.Join(words, " or "))
	if err != nil {
		t.Fatal(err)
	}
	program, err := f.Compile(linkEthernet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vm.Assemble(program); err != nil {
		t.Fatal(err)
	}
	vm, err := vm.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	packet := func(port uint16) []byte {
		p := make([]byte, 14+20+20)
		p[12], p[14], p[23] = 8, 0x45, protoTCP
		p[36], p[37] = byte(port>>8), byte(port)
		return p
	}
	for _, port := range []uint16{10, 600, 1200} {
		if n, err := vm.Run(packet(port)); err != nil || n == 0 {
			t.Errorf("port %d: %d, %v", port, n, err)
		}
		if n, err := vm.Run(packet(port + 1)); err != nil || n != 0 {
			t.Errorf("port %d: %d, %v", port+1, n, err)
		}
	}
	all := strings.Repeat("tcp port 1 or ", 300) + "tcp port 2"
	if f, err = Parse(all); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Compile(linkEthernet); err == nil {
		t.Error("a program longer than the kernel takes was compiled")
	}
}

func TestErrors(t *testing.T) {
	for text, at := range map[string]int{
		"tcp port": 8, "tcp port http": 9, "port 70000": 5, "port 80-90": 5, "host": 4, "host 1.2.3": 5, "net 10.0.0.1/8": 4,
		"tcp host 10.0.0.1": 9, "ip host ::1": 8, "(tcp": 4, "tcp)": 3, "tcp udp": 4, "and tcp": 0, "tcp and": 7, "vlan": 0,
		"net 10.0.0.0 mask 255.0.255.0": 4, "ip port 80": 8, strings.Repeat("(", 200) + "tcp": 100,
	} {
		f, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q gave %v, %v", text, f, err)
			continue
		}
		if e.At != at {
			t.Errorf("%q: error at %d, want %d: %v", text, e.At, at, err)
		}
	}
	if f, err := Parse("  "); f != nil || err != nil {
		t.Errorf("the empty filter: %v, %v", f, err)
	}
}

func FuzzFilter(f *testing.F) {
	for _, e := range []string{"tcp port 9000 or tcp port 9001 or arp or udp port 9099", "src and dst port 123", "! tcp port 80 && ! arp",
		"portrange 1-1023", "net 192.168.1.0 mask 255.255.255.0", "src net 2001:db8::/33", "(tcp or udp) and not host 10.0.0.1", "tcp port 80 or 443"} {
		f.Add(e)
	}
	packet := make([]byte, 100)
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := Parse(text)
		if err != nil {
			return
		}
		program, err := filter.Compile(linkEthernet)
		if err != nil {
			return
		}
		vm, err := vm.NewVM(program)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if _, err := vm.Run(packet); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
