package capture

import (
	"bytes"
	"net"
	"net/netip"
	"os"
)

func interfaceLink(name string) string {
	i, err := findInterface(name)
	if err != nil {
		return ""
	}
	return linkName(i.link)
}

// neighbours reads the ARP table, by interface.
func neighbours() map[string][]Neighbour {
	b, err := os.ReadFile("/proc/net/arp")
	if err != nil {
		return nil
	}
	return parseARPTable(b)
}

// parseARPTable reads the columns of /proc/net/arp, proc_net(5): address, type, flags, MAC, mask, interface.
func parseARPTable(b []byte) map[string][]Neighbour {
	out := map[string][]Neighbour{}
	for line := range bytes.Lines(b) {
		f := bytes.Fields(line)
		if len(f) < 6 || string(f[2]) == "0x0" { // incomplete: nobody answered
			continue
		}
		addr, err1 := netip.ParseAddr(string(f[0]))
		mac, err2 := net.ParseMAC(string(f[3]))
		if err1 != nil || err2 != nil || len(mac) != 6 {
			continue
		}
		name := string(f[5])
		out[name] = append(out[name], Neighbour{addr, MAC(mac)})
	}
	return out
}
