// Package capture turns files, pipes and interfaces into TCP segments, and writes capture files.
//
// It is the only package that knows gopacket, link types, file formats and compression. What leaves it
// are [Segment] values and the few other packets that explain them ([ARP], [Datagram], [ICMPError]),
// one [Event] at a time from a [Source]:
//
//	src, err := capture.Open("lab.pcapng.zst", capture.OpenOptions{})
//	…
//	defer src.Close()
//	var ev capture.Event
//	for {
//		if err := src.Next(&ev); err != nil {
//			break // io.EOF, *Damage, *LimitError, or a read error
//		}
//		…
//	}
//
// Read are pcap (versions 2.0 to 2.4, microseconds and nanoseconds, both byte orders, Kuznetzov's
// modification), pcapng, snoop and ERF, each plain or as .gz, .zst, .lz4 or .xz, told by their content. What
// a packet is wrapped in (link types, tags, tunnels, IP fragments) is taken off here. A packet that
// cannot be read is counted with the reason in [Info.Unread]; it is never skipped in silence.
//
// The way through the files of this package: open.go and unpack.go find the format; stream.go buffers;
// pcap.go, pcapng.go, snoop.go and erf.go cut it into records; fast.go decodes the usual packet, and link.go,
// infiniband.go, wifi.go, decode.go, fragment.go, upper.go, tunnel.go and tcp.go all others; source.go counts.
package capture
