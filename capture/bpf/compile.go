package bpf

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	vm "golang.org/x/net/bpf"
)

// A test is a node of a filter: a combination of others, or a question about one field.
type test struct {
	kind  testKind
	parts []*test // and, or, not

	field fieldAt // compare
	size  int     // bytes of the field
	mask  uint32  // 0 for all bits
	cond  vm.JumpTest
	value uint32
}

type testKind uint8

const (
	testNever   testKind = iota
	testAnd              // all of parts
	testOr               // any of parts
	testNot              // not parts[0]
	testType             // the EtherType is value
	testCompare          // the field compared with value
)

// fieldAt says where a field is: off bytes after the start of the network header, or of what follows an IPv4
// header of any length.
type fieldAt struct {
	off       uint32
	afterIPv4 bool
}

func allOf(parts ...*test) *test { return &test{kind: testAnd, parts: parts} }
func anyOf(parts ...*test) *test { return &test{kind: testOr, parts: parts} }

func etherTypeIs(t uint16) *test { return &test{kind: testType, value: uint32(t)} }

func networkByteIs(off uint32, v uint8) *test {
	return &test{kind: testCompare, field: fieldAt{off: off}, size: 1, cond: vm.JumpEqual, value: uint32(v)}
}

// protocolTest is a protocol by itself.
func protocolTest(name string) *test {
	switch name {
	case "ip":
		return etherTypeIs(etherIPv4)
	case "ip6":
		return etherTypeIs(etherIPv6)
	case "arp":
		return etherTypeIs(etherARP)
	case "rarp":
		return etherTypeIs(etherRARP)
	case "icmp":
		return allOf(etherTypeIs(etherIPv4), networkByteIs(9, protoICMP))
	case "icmp6":
		return ipv6Carries(protoICMPv6)
	case "udp":
		return anyOf(allOf(etherTypeIs(etherIPv4), networkByteIs(9, protoUDP)), ipv6Carries(protoUDP))
	case "sctp":
		return anyOf(allOf(etherTypeIs(etherIPv4), networkByteIs(9, protoSCTP)), ipv6Carries(protoSCTP))
	}
	return anyOf(allOf(etherTypeIs(etherIPv4), networkByteIs(9, protoTCP)), ipv6Carries(protoTCP))
}

const etherRARP = 0x8035

// ipv6Carries looks at the first next header, and through a fragment header as libpcap does.
func ipv6Carries(proto uint8) *test {
	return allOf(etherTypeIs(etherIPv6), anyOf(networkByteIs(6, proto),
		allOf(networkByteIs(6, protoFragment), networkByteIs(40, proto))))
}

// portTest asks for a port, or a range, of unfragmented TCP, UDP and SCTP.
func portTest(q qualifiers, from, to uint16) *test {
	protos := []uint8{protoSCTP, protoTCP, protoUDP}
	switch q.proto {
	case "tcp":
		protos = []uint8{protoTCP}
	case "udp":
		protos = []uint8{protoUDP}
	case "sctp":
		protos = []uint8{protoSCTP}
	}
	carries := func(at uint32) *test {
		var any []*test
		for _, p := range protos {
			any = append(any, networkByteIs(at, p))
		}
		return anyOf(any...)
	}
	in := func(field fieldAt) *test {
		if from == to {
			return &test{kind: testCompare, field: field, size: 2, cond: vm.JumpEqual, value: uint32(from)}
		}
		return allOf(&test{kind: testCompare, field: field, size: 2, cond: vm.JumpGreaterOrEqual, value: uint32(from)},
			&test{kind: testCompare, field: field, size: 2, cond: vm.JumpLessOrEqual, value: uint32(to)})
	}
	unfragmented := &test{kind: testCompare, field: fieldAt{off: 6}, size: 2, cond: vm.JumpBitsNotSet, value: 0x1fff}
	return anyOf(
		allOf(etherTypeIs(etherIPv6), carries(6), q.ends(in(fieldAt{off: 40}), in(fieldAt{off: 42}))),
		allOf(etherTypeIs(etherIPv4), carries(9), unfragmented,
			q.ends(in(fieldAt{afterIPv4: true}), in(fieldAt{off: 2, afterIPv4: true}))))
}

// ends combines the question about the source and that about the destination by the direction asked for.
func (q qualifiers) ends(src, dst *test) *test {
	switch q.direction {
	case "src":
		return src
	case "dst":
		return dst
	case "src and dst":
		return allOf(src, dst)
	}
	return anyOf(src, dst)
}

// addressTest asks for an address or a network in IP and, for IPv4, in ARP and RARP.
func addressTest(q qualifiers, n netip.Prefix) *test {
	if n.Addr().Is6() {
		return allOf(etherTypeIs(etherIPv6), q.ends(addressIn(8, n), addressIn(24, n)))
	}
	inIP := allOf(etherTypeIs(etherIPv4), q.ends(addressIn(12, n), addressIn(16, n)))
	inARP := q.ends(addressIn(14, n), addressIn(24, n))
	switch q.proto {
	case "ip":
		return inIP
	case "arp":
		return allOf(etherTypeIs(etherARP), inARP)
	case "rarp":
		return allOf(etherTypeIs(etherRARP), inARP)
	}
	return anyOf(inIP, allOf(anyOf(etherTypeIs(etherARP), etherTypeIs(etherRARP)), inARP))
}

// addressIn compares the words of an address under the network's mask; words without mask bits are not looked at.
func addressIn(off uint32, n netip.Prefix) *test {
	b := n.Addr().AsSlice()
	var words []*test
	for i, bits := 0, n.Bits(); i < len(b) && bits > 0; i, bits = i+4, bits-32 {
		w := &test{kind: testCompare, field: fieldAt{off: off + uint32(i)}, size: 4, cond: vm.JumpEqual,
			value: binary.BigEndian.Uint32(b[i:])}
		if bits < 32 {
			w.mask = ^uint32(0) << (32 - bits)
		}
		words = append(words, w)
	}
	return allOf(words...) // of none: true, as "net 0.0.0.0/0"
}

// A linkLayout tells a filter where things are on one kind of link.
type linkLayout struct {
	network uint32 // offset of the network header
	etherAt uint32 // offset of the EtherType
	raw     bool   // no EtherType: the IP version tells
	cooked  bool   // the kernel keeps the EtherType beside the packet, which starts with the network header
}

func layoutOf(link uint16) (l linkLayout, ok bool) {
	switch link {
	case linkEthernet:
		return linkLayout{network: 14, etherAt: 12}, true
	case linkSLL:
		return linkLayout{network: 16, etherAt: 14}, true
	case linkSLL2:
		return linkLayout{network: 20, etherAt: 0}, true
	case linkRaw, linkRawBSD, linkRawOpenBSD, linkIPv4, linkIPv6:
		return linkLayout{raw: true}, true
	case LinkCooked:
		return linkLayout{cooked: true}, true
	}
	return l, false
}

// Accept is what a filter returns for a packet that passes: how many bytes of it to keep, the largest that captures hold.
const Accept = 262144

// maxProgram is how many instructions the kernel takes, BPF_MAXINSNS.
const maxProgram = 4096

// Compile turns the filter into a program for packets of one link type (1 Ethernet, 113 SLL, 276 SLL2, 101 raw IP).
// It answers 262144 for packets that pass and 0 for others. A nil Filter passes everything.
func (f *Filter) Compile(link uint16) ([]vm.Instruction, error) {
	return f.Program(link, nil, Accept, 0)
}

// Program is Compile with instructions in front, and with the answers given.
func (f *Filter) Program(link uint16, front []vm.Instruction, yes, no uint32) ([]vm.Instruction, error) {
	if f == nil {
		return append(front, vm.RetConstant{Val: yes}), nil
	}
	layout, ok := layoutOf(link)
	if !ok {
		return nil, fmt.Errorf("filters cannot be used on link type %d", link)
	}
	a := &assembler{layout: layout}
	pass, reject := a.label(), a.label()
	a.emit(f.root, pass, reject)
	a.place(pass)
	a.plain(vm.RetConstant{Val: yes})
	a.place(reject)
	a.plain(vm.RetConstant{Val: no})
	program := append(front, a.assemble()...)
	if len(program) > maxProgram {
		return nil, fmt.Errorf("the filter %q is too long: %d instructions, and %d are allowed", f.text, len(program), maxProgram)
	}
	return program, nil
}

// An assembler lays out instructions whose jumps go to labels.
type assembler struct {
	layout linkLayout
	code   []symbolic
	labels int
}

// symbolic is an instruction, a conditional jump, or a label.
type symbolic struct {
	plain    vm.Instruction
	cond     *vm.JumpIf
	yes, no  int  // labels of a conditional jump
	label    int  // of a label; 0 for none
	far      bool // the jump needs more than 8 bits: it goes by way of two unconditional ones
	position int
}

func (a *assembler) label() int { a.labels++; return a.labels }

func (a *assembler) place(label int)        { a.code = append(a.code, symbolic{label: label}) }
func (a *assembler) plain(i vm.Instruction) { a.code = append(a.code, symbolic{plain: i}) }

// jump goes to one of two labels.
func (a *assembler) jump(j vm.JumpIf, yes, no int) {
	a.code = append(a.code, symbolic{cond: &j, yes: yes, no: no})
}

// always goes to the label of a constant answer: a jump whose two ways lead to the same place.
func (a *assembler) always(answer bool, yes, no int) {
	to := no
	if answer {
		to = yes
	}
	a.jump(vm.JumpIf{Cond: vm.JumpEqual}, to, to)
}

// emit writes the code of a test that goes to yes or no.
func (a *assembler) emit(t *test, yes, no int) {
	switch t.kind {
	case testNot:
		a.emit(t.parts[0], no, yes)
	case testAnd, testOr:
		a.emitParts(t, yes, no)
	case testType:
		a.emitType(uint16(t.value), yes, no)
	case testCompare:
		a.emitCompare(t, yes, no)
	default:
		a.always(false, yes, no)
	}
}

func (a *assembler) emitParts(t *test, yes, no int) {
	if len(t.parts) == 0 {
		a.always(t.kind == testAnd, yes, no)
		return
	}
	for i, p := range t.parts {
		if i == len(t.parts)-1 {
			a.emit(p, yes, no)
			return
		}
		next := a.label()
		if t.kind == testAnd {
			a.emit(p, next, no)
		} else {
			a.emit(p, yes, next)
		}
		a.place(next)
	}
}

func (a *assembler) emitType(kind uint16, yes, no int) {
	l := a.layout
	switch {
	case l.raw && kind == etherIPv4, l.raw && kind == etherIPv6:
		version := uint32(0x40)
		if kind == etherIPv6 {
			version = 0x60
		}
		a.plain(vm.LoadAbsolute{Off: l.network, Size: 1})
		a.plain(vm.ALUOpConstant{Op: vm.ALUOpAnd, Val: 0xf0})
		a.jump(vm.JumpIf{Cond: vm.JumpEqual, Val: version}, yes, no)
	case l.raw:
		a.always(false, yes, no)
	case l.cooked:
		a.plain(vm.LoadExtension{Num: vm.ExtProto})
		a.jump(vm.JumpIf{Cond: vm.JumpEqual, Val: uint32(kind)}, yes, no)
	default:
		a.plain(vm.LoadAbsolute{Off: l.etherAt, Size: 2})
		a.jump(vm.JumpIf{Cond: vm.JumpEqual, Val: uint32(kind)}, yes, no)
	}
}

func (a *assembler) emitCompare(t *test, yes, no int) {
	off := a.layout.network + t.field.off
	if t.field.afterIPv4 {
		a.plain(vm.LoadMemShift{Off: a.layout.network})
		a.plain(vm.LoadIndirect{Off: off, Size: t.size})
	} else {
		a.plain(vm.LoadAbsolute{Off: off, Size: t.size})
	}
	if t.mask != 0 {
		a.plain(vm.ALUOpConstant{Op: vm.ALUOpAnd, Val: t.mask})
	}
	a.jump(vm.JumpIf{Cond: t.cond, Val: t.value}, yes, no)
}

// assemble gives labels their places. A conditional jump reaches 255 instructions; those that must go farther jump
// over unconditional ones, which makes the code longer, so it is laid out again until nothing changes.
func (a *assembler) assemble() []vm.Instruction {
	places := make([]int, a.labels+1)
	for changed := true; changed; {
		changed = false
		a.layOut(places)
		for i := range a.code {
			s := &a.code[i]
			if s.cond == nil || s.far {
				continue
			}
			if after := s.position + 1; places[s.yes]-after > 255 || places[s.no]-after > 255 {
				s.far, changed = true, true
			}
		}
	}
	var out []vm.Instruction
	for i := range a.code {
		switch s := &a.code[i]; {
		case s.plain != nil:
			out = append(out, s.plain)
		case s.cond != nil && s.far:
			j := *s.cond
			j.SkipTrue, j.SkipFalse = 0, 1
			out = append(out, j, vm.Jump{Skip: uint32(places[s.yes] - s.position - 2)},
				vm.Jump{Skip: uint32(places[s.no] - s.position - 3)})
		case s.cond != nil:
			j := *s.cond
			j.SkipTrue, j.SkipFalse = uint8(places[s.yes]-s.position-1), uint8(places[s.no]-s.position-1)
			out = append(out, j)
		}
	}
	return out
}

func (a *assembler) layOut(places []int) {
	at := 0
	for i := range a.code {
		s := &a.code[i]
		s.position = at
		switch {
		case s.label > 0:
			places[s.label] = at
		case s.far:
			at += 3
		default:
			at++
		}
	}
}
