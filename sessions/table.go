package sessions

// A table finds the newest session of a four-tuple. It is a hash table with chains through the conns, so that an
// entry costs little more than a pointer.
type table struct {
	slots []*conn
	n     int
}

func (t *table) init() { t.slots = make([]*conn, 1024) }

// slot is where the chain of a key's hash begins.
func (t *table) slot(hash uint32) **conn { return &t.slots[hash&uint32(len(t.slots)-1)] }

func (t *table) find(key *connKey) *conn {
	for c := *t.slot(key.hash); c != nil; c = c.chain {
		if c.key == *key {
			return c
		}
	}
	return nil
}

// put enters c in place of an older session of the same four-tuple, which it returns.
func (t *table) put(c *conn) (older *conn) {
	p := t.slot(c.key.hash)
	for *p != nil {
		if o := *p; o.key == c.key {
			c.chain = o.chain
			o.chain = nil
			*p = c
			return o
		}
		p = &(*p).chain
	}
	*p = c
	if t.n++; t.n > len(t.slots) {
		t.grow()
	}
	return nil
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]*conn, 2*len(old))
	for i := range old {
		for c := old[i]; c != nil; {
			next := c.chain
			p := t.slot(c.key.hash)
			c.chain, *p = *p, c
			c = next
		}
	}
}

// remove drops every session for which drop says so.
func (t *table) remove(drop func(*conn) bool) {
	for i := range t.slots {
		for p := &t.slots[i]; *p != nil; {
			c, next := *p, (*p).chain
			if drop(c) { // and c is perhaps another session's now
				*p = next
				t.n--
				continue
			}
			p = &c.chain
		}
	}
}

// connsPerBlock is how many sessions a block of a connList holds: 24 KiB, which is a size that Go allocates without waste.
const connsPerBlock = 128

// A connList holds a worker's sessions in blocks, in order of creation, and has the memory of those that were released used again.
type connList struct {
	blocks [][]conn
	free   []*conn
	spare  []*details // of released sessions
	n      int
}

// add makes room for another session.
func (l *connList) add() *conn {
	l.n++
	if k := len(l.free) - 1; k >= 0 {
		c := l.free[k]
		l.free = l.free[:k]
		return c
	}
	if k := len(l.blocks) - 1; k < 0 || len(l.blocks[k]) == connsPerBlock {
		l.blocks = append(l.blocks, make([]conn, 0, connsPerBlock))
	}
	last := &l.blocks[len(l.blocks)-1]
	*last = append(*last, conn{})
	return &(*last)[len(*last)-1]
}

// release takes a session's memory back. Nobody may know the session any more.
func (l *connList) release(c *conn) {
	if c.details != nil {
		*c.details = details{}
		l.spare = append(l.spare, c.details)
	}
	*c = conn{}
	l.free = append(l.free, c)
	l.n--
}

// details gives an empty one.
func (l *connList) details() *details {
	k := len(l.spare) - 1
	if k < 0 {
		return &details{}
	}
	d := l.spare[k]
	l.spare = l.spare[:k]
	return d
}

// each visits every session that is tracked.
func (l *connList) each(visit func(*conn)) {
	for _, block := range l.blocks {
		for i := range block {
			if c := &block[i]; c.bits.has(bitTracked) {
				visit(c)
			}
		}
	}
}
