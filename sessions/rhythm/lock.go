package rhythm

import (
	"math"
	"net/netip"
	"sort"
	"time"

	"tcptrace/journal"
	"tcptrace/notebook"
	"tcptrace/sessions"
)

// When echoes are said to leave with the messages of a loop. Echo and message leave in the same pass: 0.35 ms apart at
// most in pico-normal, 34 ms under strace (unix-lo-strace); handling on real hardware takes 1–5 ms.
const (
	lockMedian = 20 * time.Millisecond
	LockMax    = 100 * time.Millisecond
	// A lost segment, of the reply or of the loop's message, puts one echo out of step: with many of them it proves nothing.
	lockedShare   = 0.8
	manyLocked    = 5
	MinLocked     = 3  // echoes; two can be chance (pico-cyw43-trace has 2)
	spreadOverRTT = 10 // round trips' spread over the network's: 140 in pico-normal, 0.1 in pico-fixed

	// Requests that leave closer together were one send(): 41 µs for the six segments of pico-4k; a person types
	// seconds apart, and a stream of messages comes 100 ms apart.
	SameMessage = 20 * time.Millisecond
)

// Split is one echo's time taken apart. The four parts add up to RTT.
type Split struct {
	Session                       int
	RequestFrame, ReplyFrame      int64
	Sent                          int64 // when the request left, ns since 1970
	Reply                         int64 // when the first segment of the reply was captured
	RTT                           time.Duration
	Network, Stack, Loop, Program time.Duration
	Lock                          time.Duration // from the reply to the nearest message of the loop, either way
	WithDeadline                  time.Duration // what RTT would have been at most without the wait for the loop
}

// Networks knows the network's share of an echo: the least handshake between two hosts, of sessions whose SYN was not
// repeated.
type Networks map[[2]netip.Addr]time.Duration

// NetworksOf measures the handshakes of sessions.
func NetworksOf(all []*sessions.Session) Networks {
	n := Networks{}
	for _, s := range all {
		if s.Handshake == nil || !s.Handshake.HasRTT || s.SYNs > 1 {
			continue
		}
		k := pairOf(s)
		if d, ok := n[k]; !ok || s.Handshake.RTT < d {
			n[k] = s.Handshake.RTT
		}
	}
	return n
}

// pairOf is a session's two hosts, whoever of them is the client.
func pairOf(s *sessions.Session) [2]netip.Addr {
	a, b := s.Client.Addr(), s.Server.Addr()
	if b.Less(a) {
		a, b = b, a
	}
	return [2]netip.Addr{a, b}
}

// Of is the network's time there and back for a session's hosts; 0 when it is not known.
func (n Networks) Of(s *sessions.Session) time.Duration { return n[pairOf(s)] }

// A Lock is how a host's echoes stand to its loop.
type Lock struct {
	Loop     *Loop
	Sessions []int // whose echoes they are
	Splits   []Split
	Messages int // distinct requests: the pieces of one message are not independent

	Median time.Duration // of the distances from reply to message
	Locked int           // replies within LockMax of a message
	Most   time.Duration // the largest distance among them
	Holds  bool          // the echoes wait for the loop
	Free   bool          // they do not; with neither it cannot be told
}

// LockOf takes the echoes of a loop's program apart, nil when there are none. In steps:
//
//  1. Every echo of the loop's host is split: the network's share, what TCP repeated or held back, the program's
//     handling, and the rest, which is the wait for the loop.
//  2. The distance of every reply's first segment to the nearest message of the loop is measured.
//  3. The echoes wait for the loop when there are enough of them, nearly all of them leave with a message, and their
//     round trips spread far more than the network's. They do not wait for it when half of them or more leave far from a
//     message, or when the slowest took little longer than the network.
func LockOf(all []*sessions.Session, l *Loop, n Networks) *Lock {
	k := &Lock{Loop: l}
	least := time.Duration(0)
	for _, s := range all {
		if !l.Answers(s) || s.Untimed {
			continue
		}
		k.Sessions = append(k.Sessions, s.ID)
		k.add(s, n.Of(s))
		if d := n.Of(s); d > 0 && (least == 0 || d < least) {
			least = d
		}
	}
	if len(k.Splits) == 0 {
		return nil
	}
	k.measure(least)
	return k
}

// measure decides whether the echoes are locked to the loop and slower than the network (docs/findings.md 1).
func (k *Lock) measure(network time.Duration) {
	var locks []time.Duration
	fastest, slowest := k.Splits[0].RTT, k.Splits[0].RTT
	for i := range k.Splits {
		d := &k.Splits[i]
		locks = append(locks, d.Lock)
		if d.Lock < LockMax {
			k.Locked, k.Most = k.Locked+1, max(k.Most, d.Lock)
		}
		fastest, slowest = min(fastest, d.RTT), max(slowest, d.RTT)
	}
	k.Median = Median(locks)
	if len(locks) < MinLocked || network <= 0 {
		return
	}
	share := 1.0
	if len(locks) >= manyLocked {
		share = lockedShare
	}
	k.Holds = k.Median < lockMedian && float64(k.Locked) >= share*float64(len(locks)) && slowest-fastest > spreadOverRTT*network
	k.Free = k.Median >= lockMedian || slowest <= spreadOverRTT*network
}

// Chance is the probability that the lock is an accident: were the replies independent of the loop and uniform in its
// period, one of them would lie within d of a message with q = 2d/P, and k or more of n independent ones with the tail
// of the binomial distribution, q^n where all are locked.
func (k *Lock) Chance() float64 {
	q := min(1, 2*float64(k.Most)/float64(k.Loop.Period))
	n := k.Messages
	from := min(n, n-(len(k.Splits)-k.Locked))
	sum := 0.0
	for i := max(from, 0); i <= n; i++ {
		ways, _ := math.Lgamma(float64(n + 1))
		in, _ := math.Lgamma(float64(i + 1))
		out, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(ways-in-out) * math.Pow(q, float64(i)) * math.Pow(1-q, float64(n-i))
	}
	return min(sum, 1)
}

// add takes the echoes of one session apart.
func (k *Lock) add(s *sessions.Session, network time.Duration) {
	before := int64(math.MinInt64)
	first, again, handled := firstSegments(s), repeatsOf(s), handlings(s)
	for i := range s.Echo.Samples {
		e := &s.Echo.Samples[i]
		if before == math.MinInt64 || time.Duration(e.Sent-before) > SameMessage {
			k.Messages++
		}
		before = e.Sent
		d := Split{Session: s.ID, RequestFrame: e.RequestFrame, ReplyFrame: e.ReplyFrame, Sent: e.Sent, Reply: e.Sent + int64(e.RTT),
			RTT: e.RTT, Network: min(network, e.RTT)}
		if at, ok := first[i]; ok {
			// What left after the first segment of the reply waited inside TCP (Nagle's algorithm).
			d.Stack = min(time.Duration(d.Reply-at), max(d.RTT-d.Network, 0))
			d.Reply = at
		}
		d.Stack += repeatWait(s, again, e, d.RTT-d.Network-d.Stack)
		d.Lock = k.Loop.Apart(d.Reply).Abs()
		rest := d.RTT - d.Network - d.Stack
		handling, told := handled[d.Reply]
		if !told {
			handling = handlingBound(k.Loop.Period)
		}
		d.Program = min(handling, max(rest, 0))
		d.Loop = rest - d.Program
		d.WithDeadline = d.RTT - d.Loop
		k.Splits = append(k.Splits, d)
	}
}

// handlingBound is what the program takes at most between recv() and send() where no journal tells: what the period has
// beyond sleep(1) and, where poll() used it up, its timeout.
func handlingBound(period time.Duration) time.Duration {
	d := period - notebook.Period
	switch PaceOf(period) {
	case EmptyPace:
		return max(d-notebook.Poll, 0)
	case ReadyPace:
		return d
	}
	if d > 0 && period < ReadyMin {
		return d
	}
	return 0
}

// handlings tells from a journal, by the time of a reply's first segment, how long the server's program took from the
// start of its recv() to the start of the send() that made it.
func handlings(s *sessions.Session) map[int64]time.Duration {
	out := map[int64]time.Duration{}
	read := int64(math.MinInt64)
	for i := range s.Calls[sessions.Server] {
		c := &s.Calls[sessions.Server][i]
		switch {
		case (c.Call == journal.Recv || c.Call == journal.RecvInto) && c.Value > 0:
			read = c.At
		case c.Call == journal.Send && c.Step >= 0 && read != math.MinInt64:
			out[s.Steps[c.Step].Time] = time.Duration(max(c.At-read, 0))
		}
	}
	return out
}

// firstSegments finds, for every echo sample, the time of the segment that brought the first byte of its reply. It is
// empty where the reply's place in the stream is not known.
func firstSegments(s *sessions.Session) map[int]int64 {
	first := map[int]int64{}
	if s.RoleFrom != sessions.RoleFromSYN || s.Echo.SamplesLeftOut > 0 || s.StepsLeftOut > 0 || s.Echo.ByLength {
		return first
	}
	at := int64(0)
	step := 0
	for i := range s.Echo.Samples {
		for step < len(s.Steps) {
			st := &s.Steps[step]
			if st.From == sessions.Server && st.Marks.Has(sessions.MarkNewData) && at < st.Offset+int64(st.Length) {
				break
			}
			step++
		}
		if step == len(s.Steps) {
			break
		}
		first[i] = s.Steps[step].Time
		at += int64(s.Echo.Samples[i].Bytes + len(s.Echo.Prefix))
	}
	return first
}

// repeatsOf are the client's segments that had to be repeated because they were not taken, oldest first.
func repeatsOf(s *sessions.Session) (again []*sessions.Step) {
	if s.Retransmitted[sessions.Client] == 0 {
		return nil
	}
	for i := range s.Steps {
		st := &s.Steps[i]
		if st.From == sessions.Client && st.Marks.Has(sessions.MarkRetransmission) && !st.Marks.Has(sessions.MarkSpurious) {
			again = append(again, st)
		}
	}
	return again
}

// repeatWait is how long a request had to be repeated until a copy was taken, at most limit.
func repeatWait(s *sessions.Session, again []*sessions.Step, e *sessions.EchoSample, limit time.Duration) (wait time.Duration) {
	if len(again) == 0 {
		return 0
	}
	at := sort.Search(len(s.Steps), func(i int) bool { return s.Steps[i].Frame >= e.RequestFrame })
	if at == len(s.Steps) || s.Steps[at].Frame != e.RequestFrame {
		return 0
	}
	end := s.Steps[at].Offset + int64(s.Steps[at].Length)
	for _, st := range again {
		if st.Offset < end && end <= st.Offset+int64(st.Length) && st.Time < e.Sent+int64(e.RTT) {
			wait = time.Duration(st.Time - e.Sent)
		}
	}
	return min(wait, max(limit, 0))
}
