package fleet

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"tcptrace/sessions"
)

// Labels that sessions can be grouped by.
var GroupNames = []string{"board", "firmware", "ap", "date", "ring", "orig", "resp"}

// groups add digests up by labels.
type groups struct {
	by   []string
	byID map[string]*Summary
}

func newGroups(by []string) *groups { return &groups{by, map[string]*Summary{}} }

// add adds the digest of a group.
func (g *groups) add(n Names, of *Group, d *sessions.Digest) { g.addIn(n, "", of, d) }

func (g *groups) addIn(n Names, ring string, of *Group, d *sessions.Digest) {
	key := make([]string, len(g.by))
	for i, name := range g.by {
		key[i] = map[string]string{"board": n.Board, "firmware": n.Firmware, "ap": n.AP, "date": of.Date, "ring": ring, "orig": of.OrigH, "resp": of.RespH}[name]
	}
	id := strings.Join(key, "\x00")
	s := g.byID[id]
	if s == nil {
		s = &Summary{Key: key}
		g.byID[id] = s
	}
	s.Digest.Merge(d)
}

// all gives the groups in the order of their keys.
func (g *groups) all() (out []Summary) {
	for _, s := range g.byID {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Summary) int { return slices.Compare(a.Key, b.Key) })
	return out
}

// GroupBy adds the sessions of scans up by labels.
func GroupBy(outs []string, labels *Labels, by []string) ([]Summary, error) {
	for _, name := range by {
		if !slices.Contains(GroupNames, name) {
			return nil, fmt.Errorf("%q is none of %s", name, strings.Join(GroupNames, ", "))
		}
	}
	list, err := parts(outs)
	if err != nil {
		return nil, err
	}
	g := newGroups(by)
	for i := range list {
		p := &list[i]
		_, err := readPart(p.path, func(l *line) error {
			if l.Group == nil {
				return nil
			}
			var d sessions.Digest
			if err := d.UnmarshalBinary(l.Group.Digest); err != nil {
				return err
			}
			g.addIn(labels.group(p.Ring, l.Group), p.Ring, l.Group, &d)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return g.all(), nil
}

// Resets is how many of a group's sessions ended by RST, were refused or got no answer.
func (s *Summary) Resets() int64 {
	t := s.Digest.Stats()
	return t.Ends[sessions.EndRST] + t.Ends[sessions.EndRefused] + t.Ends[sessions.EndNoAnswer]
}

// A Change is a difference of one group between two fleets.
type Change struct {
	Key        []string
	What       string  // "resets", "missed", "echo.p50", "echo.p99"
	Before     float64 // a share of sessions or messages, or seconds
	After      float64
	N          [2]int64 // how many sessions, messages or echoes each is of
	Regression bool     // worse, and by more than chance
}

// The rules of a difference: it is one when the bounds of both sides, each with the given confidence, do not touch.
const (
	minSamples = 30
	confidence = 1.96 // standard errors: 95 %
	least      = 0.10 // a quantile must be worse by a tenth, too
)

// Diff compares two fleets group by group.
func Diff(before, after []Summary) (all []Change) {
	old := map[string]*Summary{}
	for i := range before {
		old[strings.Join(before[i].Key, "\x00")] = &before[i]
	}
	for i := range after {
		b := &after[i]
		if a := old[strings.Join(b.Key, "\x00")]; a != nil {
			all = append(all, a.changes(b)...)
		}
	}
	slices.SortStableFunc(all, func(a, b Change) int {
		if a.Regression != b.Regression {
			if a.Regression {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.After-b.Before, a.After-a.Before)
	})
	return all
}

func (s *Summary) changes(o *Summary) (all []Change) {
	a, b := s.Digest.Stats(), o.Digest.Stats()
	all = append(all, share(o.Key, "resets", s.Resets(), a.Sessions, o.Resets(), b.Sessions))
	all = append(all, share(o.Key, "missed", a.Missed, a.CadencePeriod.N, b.Missed, b.CadencePeriod.N))
	for what, q := range map[string]float64{"echo.p50": 0.5, "echo.p99": 0.99} {
		all = append(all, quantile(o.Key, what, q, &s.Digest, &o.Digest))
	}
	slices.SortFunc(all, func(x, y Change) int { return cmp.Compare(x.What, y.What) })
	return all
}

// share compares two proportions by Wilson's bounds.
func share(key []string, what string, x, n, y, m int64) Change {
	c := Change{Key: key, What: what, N: [2]int64{n, m}, Before: ratio(x, n), After: ratio(y, m)}
	_, high := wilson(x, n)
	low, _ := wilson(y, m)
	c.Regression = n >= minSamples && m >= minSamples && low > high
	return c
}

func ratio(x, n int64) float64 {
	if n == 0 {
		return 0
	}
	return float64(x) / float64(n)
}

// wilson are the bounds of a proportion (E. B. Wilson, 1927).
func wilson(x, n int64) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	p, size, z := ratio(x, n), float64(n), confidence
	middle := (p + z*z/(2*size)) / (1 + z*z/size)
	spread := z / (1 + z*z/size) * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	return middle - spread, middle + spread
}

// quantile compares two quantiles by the order statistics that bound them.
func quantile(key []string, what string, q float64, a, b *sessions.Digest) Change {
	x, y := a.Stats().EchoRTT, b.Stats().EchoRTT
	c := Change{Key: key, What: what, N: [2]int64{x.N, y.N}}
	bounds := func(d *sessions.Digest, n int64) (at, low, high time.Duration) {
		spread := confidence * math.Sqrt(q*(1-q)/float64(max(n, 1)))
		return d.EchoQuantile(q), d.EchoQuantile(max(q-spread, 0)), d.EchoQuantile(min(q+spread, 1))
	}
	before, _, high := bounds(a, x.N)
	after, low, _ := bounds(b, y.N)
	c.Before, c.After = before.Seconds(), after.Seconds()
	c.Regression = x.N >= minSamples && y.N >= minSamples && low > high && float64(after) > (1+least)*float64(before)
	return c
}

// Top are the worst rows of scans: by "score", "echo.p99", "missed", "reset", or the code of a finding.
func Top(outs []string, labels *Labels, by string, n int) (rows []Row, err error) {
	value := func(r *Row) float64 {
		switch by {
		case "score":
			return r.Score
		case "echo.p99":
			if r.EchoP99 == nil {
				return 0
			}
			return float64(*r.EchoP99)
		case "missed":
			return float64(r.Skipped)
		case "reset":
			if r.End == "rst" || r.End == "refused" || r.End == "no-answer" {
				return 1 + r.Score
			}
			return 0
		}
		if slices.Contains(r.Findings, by) {
			return 1 + r.Score
		}
		return 0
	}
	compare := func(a, b *Row) int { return cmp.Or(cmp.Compare(value(b), value(a)), worse(a, b)) }
	_, err = Merge(outs, labels, Output{Session: func(r *Row) error {
		if value(r) <= 0 {
			return nil
		}
		at, _ := slices.BinarySearchFunc(rows, r, func(a Row, b *Row) int { return compare(&a, b) })
		if at < n {
			rows = slices.Insert(rows, at, *r)
			rows = rows[:min(len(rows), n)]
		}
		return nil
	}})
	return rows, err
}

// FilesOf are the files of a ring, in order, as the scans found them.
func FilesOf(outs []string, ring string) (files []string, err error) {
	list, err := parts(outs)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Ring == ring {
			for _, f := range list[i].Files {
				files = append(files, f.Path)
			}
		}
	}
	return files, nil
}
