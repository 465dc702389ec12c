package capture

import (
	"net"
	"net/netip"

	"tcptrace/notebook"
)

// An Interface is a network interface of this host.
type Interface struct {
	Name      string
	Index     int
	MAC       string // "" for none
	Addresses []netip.Prefix
	Up        bool
	Running   bool // has a carrier, as far as the system tells
	Loopback  bool
	LinkType  string // what its packets would be captured as, such as "EN10MB"; "" where that is known only later
	// Neighbours are the hosts that this one talked to lately through the interface; nil where the system does not tell.
	Neighbours []Neighbour
}

// A Neighbour is an entry of the system's ARP table.
type Neighbour struct {
	Addr netip.Addr
	MAC  MAC
}

// Interfaces lists the interfaces of this host in the system's order. It needs no privileges.
func Interfaces() ([]Interface, error) {
	found, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var list []Interface
	for _, f := range found {
		i := Interface{Name: f.Name, Index: f.Index, MAC: f.HardwareAddr.String(), Up: f.Flags&net.FlagUp != 0,
			Running: f.Flags&net.FlagRunning != 0, Loopback: f.Flags&net.FlagLoopback != 0, LinkType: interfaceLink(f.Name)}
		addresses, err := f.Addrs()
		if err != nil {
			return nil, err
		}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				i.Addresses = append(i.Addresses, p)
			}
		}
		list = append(list, i)
	}
	for name, n := range neighbours() {
		for k := range list {
			if list[k].Name == name {
				list[k].Neighbours = append(list[k].Neighbours, n...)
			}
		}
	}
	return list, nil
}

// RouteTo names the interface by which packets to a host leave, "" if there is no route. Nothing is sent.
func RouteTo(host netip.Addr) (string, error) {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, notebook.JournalPort)))
	if err != nil {
		return "", err
	}
	defer c.Close()
	local := c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
	list, err := Interfaces()
	if err != nil {
		return "", err
	}
	for _, i := range list {
		for _, p := range i.Addresses {
			if p.Addr().Unmap() == local.WithZone("") {
				return i.Name, nil
			}
		}
	}
	return "", nil
}
