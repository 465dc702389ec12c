// Package capture turns files, pipes and interfaces into TCP segments, and writes capture files.
//
// It is the only room that knows gopacket, link types, file formats and compression. What leaves it
// are [Segment] values and the few other packets that explain them ([ARP], [Datagram], [ICMPError]),
// one [Event] at a time from a [Source].
package capture
