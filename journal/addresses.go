package journal

import "net/netip"

// inferAddresses gives every entry the addresses of its socket that the calls themselves tell: bind()'s
// argument, connect()'s argument, and accept()'s peer, whose own end is that of the listening socket.
// What an entry has already stays.
func inferAddresses(entries []Entry) {
	type ends struct{ local, remote netip.AddrPort }
	known := map[int]ends{}
	for i := range entries {
		e := &entries[i]
		k := known[e.Socket]
		if e.Local.IsValid() {
			k.local = e.Local
		}
		if e.Remote.IsValid() {
			k.remote = e.Remote
		}
		switch {
		case e.Call == Bind && e.Returns && e.Errno == "" && e.Addr.Port() != 0 && !k.local.IsValid():
			k.local = e.Addr
		case e.Call == Connect && e.Addr.IsValid() && !e.Remote.IsValid():
			k.remote = e.Addr
		case e.Call == Accept && e.New != 0:
			known[e.New] = ends{k.local, e.Addr}
		}
		known[e.Socket] = k
		if e.Socket != 0 {
			e.Local, e.Remote = k.local, k.remote
		}
	}
	for i := range entries {
		e := &entries[i]
		k := known[e.Socket]
		if e.Socket == 0 {
			continue
		}
		if !e.Local.IsValid() || e.Local.Addr().IsUnspecified() {
			e.Local = k.local
		}
		if !e.Remote.IsValid() {
			e.Remote = k.remote
		}
	}
}
