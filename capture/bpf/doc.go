// Package bpf compiles capture filters, expressions in the language of pcap-filter(7), to programs for the kernel or for
// a virtual machine. It reads no packets and opens nothing.
package bpf

// The numbers that filters are about: link types (tcpdump.org, LINKTYPE_), EtherTypes (IEEE 802) and IP protocols (IANA).
const (
	linkEthernet   = 1
	linkRawBSD     = 12
	linkRawOpenBSD = 14
	linkRaw        = 101
	linkSLL        = 113
	linkIPv4       = 228
	linkIPv6       = 229
	linkSLL2       = 276

	// LinkCooked is not a link type of files: it is what a cooked packet socket shows to its filter.
	LinkCooked = 0xffff

	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherIPv6 = 0x86dd

	protoICMP     = 1
	protoTCP      = 6
	protoUDP      = 17
	protoFragment = 44
	protoICMPv6   = 58

	// protoSCTP is what an unqualified port may belong to beside TCP and UDP.
	protoSCTP = 132
)
