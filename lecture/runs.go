package lecture

import (
	"bytes"
	"context"
	"time"

	"tcptrace/endpoints"
	"tcptrace/journal"
	"tcptrace/lab"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
)

// Runs are what a lecture is written from. Any of them may be nil; its sections are then left out.
type Runs struct {
	Lab         bool            // the runs are the lab's
	Blocking    *sessions.Trace // of the pair of the first table
	NonBlocking *sessions.Trace // of the pair of the second table
	Exchange    *sessions.Trace // of the Pico's program with the PC's server and client
	Others      []*sessions.Trace
}

// The lab's runs: their seed, how long they are, and a link like a Wi-Fi network nearby.
const (
	labSeed      = 9000
	pairLength   = 8 * time.Second
	talkLength   = 90 * time.Second
	clientStarts = 3200 * time.Millisecond
	giveUp       = 20 * time.Second
)

var labLink = lab.LinkOptions{Delay: 2 * time.Millisecond, Jitter: time.Millisecond}

// LabRuns makes every run in the lab: the same ones each time.
func LabRuns(ctx context.Context) (*Runs, error) {
	r := &Runs{Lab: true}
	for _, one := range []struct {
		to          **sessions.Trace
		nonBlocking bool
	}{{&r.Blocking, false}, {&r.NonBlocking, true}} {
		t, err := inLab(ctx, pairLength, lab.Pair(one.nonBlocking))
		if err != nil {
			return nil, err
		}
		*one.to = t
	}
	setting := endpoints.Setting{PicoServer: lab.PicoServer, PCServer: lab.PCServer}
	for _, name := range []string{"normal", "no-server", "server-frozen", "silent-server"} {
		s, err := endpoints.NewScenario(name, setting)
		if err != nil {
			return nil, err
		}
		length := s.Lasts + giveUp // the Pico's stack gives up a connection that nobody answers
		if name == "normal" {
			length = talkLength
			talk := lab.Talk(length-2*clientStarts, labSeed)
			s.Clients = []endpoints.Entrance{{After: clientStarts, Program: &endpoints.PCClient{Pico: lab.PicoServer, Lines: talk}}}
		}
		t, err := inLab(ctx, length, lab.Exchange(s))
		if err != nil {
			return nil, err
		}
		if name == "normal" {
			r.Exchange = t
		} else {
			r.Others = append(r.Others, t)
		}
	}
	return r, nil
}

func inLab(ctx context.Context, length time.Duration, programs []lab.Program) (*sessions.Trace, error) {
	result, err := lab.Run(ctx, lab.Options{Seed: labSeed, Length: length, Link: labLink}, programs)
	if err != nil {
		return nil, err
	}
	return TraceOf(ctx, result, "lab.pcapng")
}

// TraceOf puts a lab's packets and journals together, as a report of files does. name is what the capture is called.
func TraceOf(ctx context.Context, r *lab.Result, name string) (*sessions.Trace, error) {
	src, err := r.Source(name)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	o := sessions.Options{AllPorts: true}
	o.Keep(sessions.ForPlots)
	tr, err := sessions.Run(ctx, src, o, 1)
	if err != nil {
		return nil, err
	}
	var sources []ladder.Source
	for _, j := range r.Journals {
		read, err := journal.Read(j.Name, bytes.NewReader(j.Lines))
		if err != nil || len(read.Entries) == 0 {
			continue // a program that never came to its first call
		}
		sources = append(sources, ladder.Source{Journal: *read, Side: sessions.NoSide})
	}
	ladder.AddCalls(tr, sources)
	return tr, nil
}
