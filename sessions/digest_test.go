package sessions_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest"
)

// made writes a capture of the notebook's exchange.
func made(t testing.TB, seed uint64, packets, number int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := sessionstest.NotebookWorkload()
	w.Seed, w.Packets, w.Sessions, w.Concurrent = seed, packets, number, number/2
	if err := sessionstest.Generate(&b, w); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parts are the digests of a capture's sessions, one each, in binary form.
func parts(t testing.TB, raw []byte) (all [][]byte, whole *sessions.Digest) {
	t.Helper()
	var mu sync.Mutex
	o := sessions.Options{Summary: true, Digests: true, OnSession: func(s *sessions.Session) {
		var d sessions.Digest
		d.Add(s)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, marshalled(t, &d))
	}}
	tr := traceOf(t, raw, o)
	return all, tr.Summary.Digest
}

func traceOf(t testing.TB, raw []byte, o sessions.Options) *sessions.Trace {
	t.Helper()
	src, err := capture.NewSource("memory", bytes.NewReader(raw), capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := sessions.Run(context.Background(), src, o, 2)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func marshalled(t interface{ Fatal(...any) }, d *sessions.Digest) []byte {
	b, err := d.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unmarshalled(t interface{ Fatal(...any) }, b []byte) *sessions.Digest {
	d := &sessions.Digest{}
	if err := d.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDigestMerges holds the laws of merging: the digests of a capture's sessions, put together in any order and in any
// groups, some of them through their binary form, are the capture's digest, byte for byte.
func TestDigestMerges(t *testing.T) {
	all, whole := parts(t, made(t, 1, 40_000, 60))
	want := marshalled(t, whole)
	if len(all) < 50 {
		t.Fatalf("%d sessions", len(all))
	}
	if s := whole.Stats(); s.EchoRTT.N == 0 || s.CadencePeriod.N == 0 || s.ACKRTT.N == 0 || s.Retransmitted[sessions.Client] == 0 {
		t.Fatalf("the digest says little: %+v", s)
	}
	var one []*sessions.Digest
	for _, b := range all {
		one = append(one, unmarshalled(t, b))
	}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(one).Draw(t, "order")
		groups := make([]*sessions.Digest, rapid.IntRange(1, 5).Draw(t, "groups"))
		for i := range groups {
			groups[i] = &sessions.Digest{}
		}
		choose := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "choice"), 0))
		for _, d := range order {
			groups[choose.IntN(len(groups))].Merge(d)
		}
		for len(groups) > 1 {
			i := choose.IntN(len(groups) - 1)
			groups[i].Merge(unmarshalled(t, marshalled(t, groups[i+1])))
			groups = append(groups[:i+1], groups[i+2:]...)
		}
		if got := marshalled(t, groups[0]); !bytes.Equal(got, want) {
			t.Fatalf("merged: %+v\nwhole: %+v", groups[0].Stats(), whole.Stats())
		}
	})
}

// TestDigestOfTwoCaptures holds that the digests of two captures merge to that of one capture with the packets of both,
// percentiles included.
func TestDigestOfTwoCaptures(t *testing.T) {
	a, b := made(t, 1, 30_000, 40), made(t, 2, 20_000, 30)
	b = moved(b)
	_, of := parts(t, a)
	_, other := parts(t, b)
	of.Merge(other)
	tr := sessions.NewTracker(sessions.Options{Summary: true}, 1)
	one, two := events(t, a), events(t, b)
	for len(one)+len(two) > 0 {
		from := &one
		if len(one) == 0 || len(two) > 0 && two[0].Segment.Time < one[0].Segment.Time {
			from = &two
		}
		tr.Add((*from)[0])
		*from = (*from)[1:]
	}
	whole := tr.Finish(capture.Info{}).Summary.Digest
	if diff := cmp.Diff(whole.Stats(), of.Stats()); diff != "" {
		t.Error(diff)
	}
	if !whole.Equal(of) {
		t.Error("the digests differ")
	}
}

// moved gives the hosts of an IPv4 capture other addresses: the bits of 10.x are in byte 26 and 30 of the frame.
func moved(raw []byte) []byte {
	out := bytes.Clone(raw)
	for at := 24; at+16 < len(out); {
		length := int(uint32(out[at+8]) | uint32(out[at+9])<<8 | uint32(out[at+10])<<16 | uint32(out[at+11])<<24)
		out[at+16+26] ^= 1
		out[at+16+30] ^= 1
		at += 16 + length
	}
	return out
}

func events(t *testing.T, raw []byte) (all []*capture.Event) {
	t.Helper()
	src, err := capture.NewSource("memory", bytes.NewReader(raw), capture.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		ev := &capture.Event{}
		if err := src.Next(ev); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		ev.Segment.Payload = bytes.Clone(ev.Segment.Payload)
		all = append(all, ev)
	}
}

// FuzzDigest holds that nothing breaks on bytes that are no digest, and that what is taken for one has one form.
func FuzzDigest(f *testing.F) {
	all, _ := parts(f, made(f, 1, 120, 4))
	for _, b := range all {
		f.Add(b)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		var d, again sessions.Digest
		if d.UnmarshalBinary(b) != nil {
			return
		}
		d.Stats()
		form := marshalled(t, &d)
		if err := again.UnmarshalBinary(form); err != nil || !again.Equal(&d) {
			t.Fatalf("read back: %v", err)
		}
		again.Merge(&d)
	})
}
