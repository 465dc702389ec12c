package findings

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"tcptrace/sessions"
)

// A Collector finds what the counters of one session prove, in every session of a capture as it ends, in memory that does not grow with
// their number: give its Session to sessions.Options.OnSession, and it to Find. The result does not depend on the order in
// which sessions end. Session may be called from several goroutines at once.
type Collector struct {
	looks sync.Pool       // of *look, each for one session at a time
	seen  [2]atomic.Int64 // sessions aside from the watched ports, and on them
	mu    sync.Mutex
	kinds map[string]*gathered
}

// sessions is how many sessions of the capture were seen.
func (c *Collector) sessions(l *look) int {
	if l.allPorts() {
		return int(c.seen[0].Load() + c.seen[1].Load())
	}
	return int(c.seen[1].Load())
}

// NewCollector starts with nothing found.
func NewCollector() *Collector {
	c := &Collector{kinds: map[string]*gathered{}}
	c.looks.New = func() any {
		return &look{t: &sessions.Trace{}, all: make([]*sessions.Session, 1), picos: map[netip.Addr]bool{}}
	}
	return c
}

// Watch makes a tracker with these options give every session to the collector.
func (c *Collector) Watch(o *sessions.Options) { o.OnSession = c.Session }

// gathered is what was found of one kind and group in sessions on the watched ports [1] and aside [0].
type gathered struct {
	kept  [2][]sighting // in sessions that the trace may examine itself
	first [2][]sighting // in others: the first maxPerKind of a kind, MaxSessions of a group
	n     [2]int        // how many others
	sums  [2]map[string]float64
}

// A sighting is one finding and the first frame of its session.
type sighting struct {
	frame   int64
	finding Finding
}

// Session looks at a session that has ended. It keeps nothing of it.
func (c *Collector) Session(s *sessions.Session) {
	defer s.Blame()
	c.seen[group(s)].Add(1)
	l := c.looks.Get().(*look)
	clear(l.picos)
	l.all[0], l.end = s, s.FirstTime+int64(s.Duration)
	l.recognise(s)
	for i := range singleKinds {
		c.find(l, &singleKinds[i], s)
	}
	l.all[0] = nil
	c.looks.Put(l)
}

// group is 1 for a session on the watched ports, 0 for one aside.
func group(s *sessions.Session) int {
	if s.Aside {
		return 0
	}
	return 1
}

// find looks for one kind. A fault is left to Find, which meets it in the examined sessions or not at all.
func (c *Collector) find(l *look, k *Kind, s *sessions.Session) {
	defer func() { _ = recover() }()
	found := k.find(l)
	if len(found) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range found {
		g := c.kinds[k.Code+f.group]
		if g == nil {
			g = &gathered{}
			c.kinds[k.Code+f.group] = g
		}
		g.enter(sighting{s.FirstFrame, f}, s)
	}
}

// enter notes a finding.
func (g *gathered) enter(x sighting, s *sessions.Session) {
	at := group(s)
	if s.Kept {
		g.kept[at] = append(g.kept[at], x)
		return
	}
	g.n[at]++
	most := maxPerKind
	if x.finding.group != "" {
		most = MaxSessions
		if g.sums[at] == nil {
			g.sums[at] = map[string]float64{}
		}
		for _, n := range x.finding.Numbers {
			g.sums[at][n.Name] += n.Value
		}
	}
	i, _ := slices.BinarySearchFunc(g.first[at], x.frame, func(a sighting, frame int64) int { return cmp.Compare(a.frame, frame) })
	if i < most {
		g.first[at] = slices.Insert(g.first[at], i, x)
		g.first[at] = g.first[at][:min(len(g.first[at]), most)]
	}
}

// add joins what was found of a kind in the examined sessions with what the collector found in all others; more is how
// many findings were counted and not kept.
func (c *Collector) add(l *look, k Kind, found []Finding) (all []Finding, more int) {
	last := int64(0)
	for _, s := range l.all {
		last = max(last, s.FirstFrame)
	}
	var keys []string
	for key := range c.kinds {
		if len(key) >= len(k.Code) && key[:len(k.Code)] == k.Code && (len(key) == len(k.Code) || key[len(k.Code)] == groupMark) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		g := c.kinds[key]
		sets := []int{1}
		if l.allPorts() {
			sets = []int{0, 1}
		}
		for _, at := range sets {
			all := c.beyond(g, at, last)
			if len(all.sightings) == 0 {
				continue
			}
			for i := range all.sightings {
				all.sightings[i].finding.Sessions = []int{l.t.Number(all.sightings[i].frame)}
			}
			if key != k.Code {
				found = mergeGroup(found, all)
				continue
			}
			for _, x := range all.sightings[:min(len(all.sightings), maxPerKind)] {
				found = append(found, x.finding)
			}
			more += all.n - min(len(all.sightings), maxPerKind)
		}
	}
	return found, more
}

// The others are the sightings in sessions that were not examined.
type others struct {
	sightings []sighting // the first ones, by first frame
	n         int        // how many there are in all
	sums      map[string]float64
}

// beyond gathers the sightings in sessions that begin after frame last.
func (c *Collector) beyond(g *gathered, at int, last int64) (o others) {
	o.n, o.sums = g.n[at], maps.Clone(g.sums[at])
	if o.sums == nil {
		o.sums = map[string]float64{}
	}
	o.sightings = slices.Clone(g.first[at])
	for _, x := range g.kept[at] {
		if x.frame <= last {
			continue
		}
		o.n++
		o.sightings = append(o.sightings, x)
		for _, n := range x.finding.Numbers {
			o.sums[n.Name] += n.Value
		}
	}
	slices.SortFunc(o.sightings, func(a, b sighting) int { return cmp.Compare(a.frame, b.frame) })
	o.sightings = o.sightings[:min(len(o.sightings), MaxSessions)]
	return o
}

// groupMark begins the group in a Collector's keys.
const groupMark = '|'

// allPorts reports whether sessions aside from the watched ports are the capture's too.
func (l *look) allPorts() bool { return len(l.t.Capture.Ports) == 0 }

// mergeGroup joins sightings of one group with what was found of it in the examined sessions. Numbers add up.
func mergeGroup(found []Finding, o others) []Finding {
	first := &o.sightings[0].finding
	i := slices.IndexFunc(found, func(f Finding) bool { return f.group == first.group })
	if i < 0 {
		base := *first
		base.Sessions, base.Frames, base.Count, base.Numbers = nil, nil, 0, slices.Clone(first.Numbers)
		for k := range base.Numbers {
			if adds(base.Numbers[k].Name) {
				base.Numbers[k].Value = 0
			}
		}
		found, i = append(found, base), len(found)
	}
	f := &found[i]
	f.Count = max(f.Count, len(f.Sessions)) + o.n
	f.Numbers = slices.Clone(f.Numbers)
	for k := range f.Numbers {
		if n := &f.Numbers[k]; adds(n.Name) {
			n.Value += o.sums[n.Name]
		}
	}
	for _, x := range o.sightings {
		f.Sessions = append(f.Sessions, x.finding.Sessions...)
		if len(f.Frames) < MaxFrames {
			f.Frames = append(f.Frames, x.finding.Frames...)
		}
	}
	if f.retell != nil {
		f.retell(f)
	}
	return found
}

// adds reports whether a number of a group adds up over its sessions.
func adds(name string) bool {
	switch name {
	case "sessions", "attempts", "syns", "probes":
		return true
	}
	return false
}
