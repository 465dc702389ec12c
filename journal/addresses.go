package journal

// inferAddresses gives every entry the addresses of its socket that the calls themselves tell: bind()'s
// argument, connect()'s argument, and accept()'s peer, whose own end is that of the listening socket.
// What an entry has already stays.
func (b *builder) inferAddresses() {
	entries := b.j.Entries
	known := map[int]ends{}
	for i := range entries {
		e := &entries[i]
		k := known[e.Socket]
		if local := e.Local(); local.IsValid() {
			k.local = local
		}
		if remote := e.Remote(); remote.IsValid() {
			k.remote = remote
		}
		switch {
		case e.Call == Bind && e.Returns && e.Errno == "" && e.Addr().Port() != 0 && !k.local.IsValid():
			k.local = e.Addr()
		case e.Call == Connect && e.Addr().IsValid() && !e.Remote().IsValid():
			k.remote = e.Addr()
		case e.Call == Accept && e.New != 0:
			known[e.New] = ends{k.local, e.Addr()}
		}
		known[e.Socket] = k
		if e.Socket != 0 {
			e.ends = b.sharedEnds(k.local, k.remote)
		}
	}
	for i := range entries {
		e := &entries[i]
		k := known[e.Socket]
		if e.Socket == 0 {
			continue
		}
		local, remote := e.Local(), e.Remote()
		if !local.IsValid() || local.Addr().IsUnspecified() {
			local = k.local
		}
		if !remote.IsValid() {
			remote = k.remote
		}
		e.ends = b.sharedEnds(local, remote)
	}
}
