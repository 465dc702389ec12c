// Package capturetest writes captures as text, so that a test shows the packets it is about.
//
// A script has one packet a line; blank lines and lines that start with # are skipped. A TCP segment:
//
//	0.000000 192.168.1.3:40000 > 192.168.1.57:9000 SYN seq=1000 win=6400 mss=800 ttl=255
//	0.000210 192.168.1.57:9000 > 192.168.1.3:40000 SYN,ACK seq=6509
//	0.000300 192.168.1.3:40000 > 192.168.1.57:9000 ACK
//	0.100000 192.168.1.3:40000 > 192.168.1.57:9000 ACK,PSH seq=1 ack=1 "hola\n"
//
// The time is in seconds since 1970 with up to nine decimals, "-" for a packet without a time. IPv6 end
// points are written [fe80::1]:9000. Flags are the RFC's names joined by commas, "-" for none.
//
// In a segment with SYN, seq= is the initial sequence number itself. In all others seq=, ack= and sack=
// count from the SYN of their direction, which is 0, so that the first payload byte is 1; a leading "="
// (seq==4000) gives the raw number. Where a direction has had no SYN, numbers are raw. Left out, seq= is
// the next number of its direction, and ack= the next number of the other one.
//
// The words of a segment, in any order:
//
//	seq=N ack=N win=N ttl=N ipid=N mss=N wscale=N sackok sack=A-B[,C-D…] ts=VALUE/ECHO df
//	"payload"          a quoted Go string
//	fill=N             N bytes of payload, a running alphabet
//	len=N              payload length on the wire; what goes beyond the payload given was cut
//	sum=N              the TCP checksum as sent; correct when left out
//	mac=28:cd:c1:…     the source's hardware address; made from its IP address when left out
//	iface=N            the interface, from 0
//
// Numbers may be written as in Go (0x1000, 6_400). The other packets:
//
//	1.0 arp who-has 192.168.1.57 tell 192.168.1.3
//	1.0 arp 192.168.1.57 is-at 28:cd:c1:0a:5b:57 to 192.168.1.3
//	1.0 udp 192.168.1.57:49153 > 192.168.1.3:9099 "TJ1 n=1 …"
//	1.0 icmp 192.168.1.57 > 192.168.1.3 unreachable about 192.168.1.3:40000 > 192.168.1.57:9000 seq=0
//
// For icmp, type= and code= replace "unreachable", which is a port unreachable of either IP version.
// mac=, ttl=, iface= and ipid= are understood by all of them.
package capturetest
