package sessions

import "sort"

// MaxIslands caps the received ranges beyond a hole that one direction keeps. When there are more, the lowest
// hole is given up: it counts as missing, and bytes that fill it later count as seen.
const MaxIslands = 1024

// An island is a captured range beyond a hole: stream offsets [start, end), first noticed at time.
type island struct {
	start, end int64
	time       int64
}

// A coverage knows which payload bytes of one direction were captured: everything in [first, edge), and the
// islands beyond. The zero value covers nothing, at offset 0.
type coverage struct {
	first, edge int64
	islands     []island // sorted, disjoint, none touching another or edge
	given       int64    // bytes of holes given up
	capped      bool
}

// end is the offset after the last byte seen.
func (c *coverage) end() int64 {
	if n := len(c.islands); n > 0 {
		return c.islands[n-1].end
	}
	return c.edge
}

// missing counts the bytes of all holes below end.
func (c *coverage) missing() int64 {
	m, at := c.given, c.edge
	for _, s := range c.islands {
		m += s.start - at
		at = s.end
	}
	return m
}

// add covers [from, to) and returns how many of its bytes are new.
func (c *coverage) add(from, to, time int64) (fresh int64) {
	switch {
	case from == c.edge && len(c.islands) == 0:
		c.edge = to
		return to - from
	case from < c.first:
		return c.addBelow(from, to, time)
	case to <= c.edge:
		return 0
	case from <= c.edge:
		return c.extend(to)
	default:
		return c.insert(from, to, time)
	}
}

// addBelow handles bytes before the first one that was seen: a capture that starts in mid-stream, out of order.
func (c *coverage) addBelow(from, to, time int64) int64 {
	if to < c.first {
		fresh := to - from
		if c.edge > c.first {
			c.islands = append([]island{{c.first, c.edge, time}}, c.islands...)
		}
		c.first, c.edge = from, to
		return fresh
	}
	fresh := c.first - from
	c.first = from
	if to > c.edge {
		fresh += c.extend(to)
	}
	return fresh
}

// extend moves the edge up to to, swallowing the islands it reaches.
func (c *coverage) extend(to int64) int64 {
	fresh := to - c.edge
	n := 0
	for n < len(c.islands) && c.islands[n].start <= to {
		s := c.islands[n]
		fresh -= min(s.end, to) - s.start
		to = max(to, s.end)
		n++
	}
	c.edge = to
	if n > 0 {
		c.islands = append(c.islands[:0], c.islands[n:]...)
	}
	return fresh
}

// insert adds an island, or grows and joins those it touches.
func (c *coverage) insert(from, to, time int64) int64 {
	lo := sort.Search(len(c.islands), func(i int) bool { return c.islands[i].end >= from })
	hi := lo
	fresh := to - from
	joined := island{from, to, time}
	for hi < len(c.islands) && c.islands[hi].start <= to {
		s := c.islands[hi]
		if o := min(s.end, to) - max(s.start, from); o > 0 {
			fresh -= o
		}
		joined.start, joined.end = min(joined.start, s.start), max(joined.end, s.end)
		joined.time = min(joined.time, s.time)
		hi++
	}
	if hi == lo {
		c.islands = append(c.islands, island{})
		copy(c.islands[lo+1:], c.islands[lo:])
	} else if hi > lo+1 {
		c.islands = append(c.islands[:lo+1], c.islands[hi:]...)
	}
	c.islands[lo] = joined
	if len(c.islands) > MaxIslands {
		c.giveUp()
	}
	return fresh
}

// giveUp drops the lower half of the holes, so that a flood of islands costs little per island.
func (c *coverage) giveUp() {
	c.capped = true
	n := len(c.islands) / 2
	for _, s := range c.islands[:n] {
		c.given += s.start - c.edge
		c.edge = s.end
	}
	c.islands = append(c.islands[:0], c.islands[n:]...)
}

// above is when the first island at or beyond offset was noticed; ok is false when there is none.
func (c *coverage) above(offset int64) (time int64, ok bool) {
	i := sort.Search(len(c.islands), func(i int) bool { return c.islands[i].start >= offset })
	if i == len(c.islands) {
		return 0, false
	}
	return c.islands[i].time, true
}
