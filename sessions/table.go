package sessions

// A table finds the newest session of a four-tuple. It is a hash table with chains through the conns, so that an
// entry costs little more than a pointer.
type table struct {
	slots []*conn
	n     int
}

func (t *table) init() { t.slots = make([]*conn, 1024) }

// slot is where the chain of a key begins.
func (t *table) slot(key *connKey) **conn { return &t.slots[key.hash&uint32(len(t.slots)-1)] }

func (t *table) find(key *connKey) *conn {
	for c := *t.slot(key); c != nil; c = c.chain {
		if c.key == *key {
			return c
		}
	}
	return nil
}

// put enters c in place of an older session of the same four-tuple, which it returns.
func (t *table) put(c *conn) (older *conn) {
	p := t.slot(&c.key)
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
			p := t.slot(&c.key)
			c.chain, *p = *p, c
			c = next
		}
	}
}

// remove drops every session for which drop says so.
func (t *table) remove(drop func(*conn) bool) {
	for i := range t.slots {
		for p := &t.slots[i]; *p != nil; {
			if drop(*p) {
				*p = (*p).chain
				t.n--
				continue
			}
			p = &(*p).chain
		}
	}
}

// each visits every session in the table, in no particular order.
func (t *table) each(visit func(*conn)) {
	for i := range t.slots {
		for c := t.slots[i]; c != nil; c = c.chain {
			visit(c)
		}
	}
}

// connsPerBlock is how many sessions a block of a connList holds.
const connsPerBlock = 4096

// A connList is a list that grows without copying, because it may be what fills the memory.
type connList struct {
	blocks [][]*conn
	n      int
}

func (l *connList) add(c *conn) {
	if l.n%connsPerBlock == 0 {
		l.blocks = append(l.blocks, make([]*conn, 0, connsPerBlock))
	}
	last := &l.blocks[len(l.blocks)-1]
	*last = append(*last, c)
	l.n++
}
