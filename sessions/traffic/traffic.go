// Package traffic measures who serves what in a capture: by host and port the sessions, packets and bytes, the rate over time, and
// the time from the last byte of a request to the first byte of the reply, whatever the protocol.
package traffic

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"tcptrace/sessions"
)

// Buckets is how many parts the time of a capture has in Service.Rate, at most.
const Buckets = 64

// MaxServices is how many hosts and ports are told apart; the packets of others are counted in Services.Others.
const MaxServices = 4096

// noTime is the time of a step whose packet has none.
const noTime = math.MinInt64

// maxWaiting bounds the sessions that wait for a reply at one time.
const maxWaiting = 1 << 17

// Service is one port of one host.
type Service struct {
	Address  netip.AddrPort
	Sessions int64
	Packets  int64
	Bytes    sessions.Pair[int64] // payload sent by the clients, by the server; what was repeated counts once
	First    int64                // times of its first and last packet, ns since 1970; valid iff HasTimes
	Last     int64
	HasTimes bool
	Rate     []int64 // payload bytes in equal parts of the capture's time
	Response Response
}

// Response is how long replies took. All but N are valid iff N > 0.
type Response struct {
	N             int64
	P50, P95, Max time.Duration
}

// Services are the services of a capture, most bytes first, and what was beyond the bound.
type Services struct {
	All    []Service
	Others int64         // packets of services beyond MaxServices
	Part   time.Duration // how long one part of a Rate is; 0 without times
}

// A Meter measures the steps of a capture. It is not safe for concurrent use.
type Meter struct {
	services map[netip.AddrPort]*meter
	waiting  map[ends]int64 // since when a request has been waiting for its reply
	start    int64
	part     int64 // ns
	timed    bool
	others   int64
}

type ends struct{ client, server netip.AddrPort }

type meter struct {
	Service
	few   []int64                 // response times, ns, while they are few: their percentiles are exact, as a session's are
	times *hdrhistogram.Histogram // µs, of all once they are more
}

// fewTimes is how many response times of a service are kept as they are.
const fewTimes = 1024

// NewMeter makes a Meter.
func NewMeter() *Meter {
	return &Meter{services: map[netip.AddrPort]*meter{}, waiting: map[ends]int64{}, part: int64(time.Millisecond)}
}

// Watch makes a tracker with these options give every step to the meter. It needs a single worker.
func (m *Meter) Watch(o *sessions.Options) {
	o.OnStep = m.step
	before := o.OnSession
	o.OnSession = func(s *sessions.Session) {
		if before != nil {
			before(s)
		}
		if v := m.services[s.Server]; v != nil {
			v.ended(s)
		}
		delete(m.waiting, ends{s.Client, s.Server})
	}
}

// WatchSessions is Watch for sessions, packets and bytes alone, with any number of workers.
func (m *Meter) WatchSessions(o *sessions.Options) {
	var mu sync.Mutex
	o.OnSession = func(s *sessions.Session) {
		mu.Lock()
		defer mu.Unlock()
		v := m.service(s.Server)
		if v == nil {
			m.others += s.Packets[0] + s.Packets[1]
			return
		}
		v.ended(s)
		v.Packets += s.Packets[0] + s.Packets[1]
	}
}

// ended counts a session that is complete.
func (v *meter) ended(s *sessions.Session) {
	v.Sessions++
	for side := range s.Bytes {
		v.Bytes[side] += s.Bytes[side]
	}
}

// service is the meter of a host's port, nil beyond the bound.
func (m *Meter) service(server netip.AddrPort) *meter {
	v := m.services[server]
	if v == nil && len(m.services) < MaxServices {
		v = &meter{Service: Service{Address: server}}
		m.services[server] = v
	}
	return v
}

// step counts one segment and matches a reply with its request.
func (m *Meter) step(client, server netip.AddrPort, st *sessions.Step) {
	v := m.service(server)
	if v == nil {
		m.others++
		return
	}
	v.Packets++
	if st.Time == noTime {
		return
	}
	if !v.HasTimes {
		v.First, v.HasTimes = st.Time, true
	}
	v.Last = max(v.Last, st.Time)
	if !st.Marks.Has(sessions.MarkNewData) {
		return
	}
	m.rate(v, st.Time, int64(st.Length))
	key := ends{client, server}
	asked, waits := m.waiting[key]
	switch {
	case st.From == sessions.Client && (waits || len(m.waiting) < maxWaiting):
		m.waiting[key] = st.Time
	case st.From == sessions.Server && waits:
		delete(m.waiting, key)
		v.took(time.Duration(st.Time - asked))
	}
}

// took enters one response time.
func (v *meter) took(d time.Duration) {
	if d < 0 {
		return
	}
	v.Response.N++
	v.Response.Max = max(v.Response.Max, d)
	if v.times == nil && len(v.few) < fewTimes {
		v.few = append(v.few, int64(d))
		return
	}
	if v.times == nil {
		v.times = hdrhistogram.New(1, int64(time.Hour/time.Microsecond), 2)
		for _, earlier := range v.few {
			v.record(time.Duration(earlier))
		}
		v.few = nil
	}
	v.record(d)
}

// record enters a time into the histogram.
func (v *meter) record(d time.Duration) {
	_ = v.times.RecordValue(min(max(d.Microseconds(), 1), int64(time.Hour/time.Microsecond))) // within its bounds
}

// rate adds bytes to the part of the capture's time they belong to. When the time is longer than the parts reach, each two
// become one.
func (m *Meter) rate(v *meter, at, bytes int64) {
	if !m.timed {
		m.start, m.timed = at, true
	}
	for (at-m.start)/m.part >= Buckets {
		m.part *= 2
		for _, x := range m.services {
			for i := 1; i < len(x.Rate); i++ {
				bytes := x.Rate[i]
				x.Rate[i] = 0
				x.Rate[i/2] += bytes
			}
			x.Rate = x.Rate[:(len(x.Rate)+1)/2]
		}
	}
	i := int(max(at-m.start, 0) / m.part)
	for len(v.Rate) <= i {
		v.Rate = append(v.Rate, 0)
	}
	v.Rate[i] += bytes
}

// Services gives what was measured.
func (m *Meter) Services() Services {
	out := Services{Others: m.others}
	parts := 0
	for _, v := range m.services {
		parts = max(parts, len(v.Rate))
	}
	for _, v := range m.services {
		s := v.Service
		s.Rate = append(slices.Clone(v.Rate), make([]int64, parts-len(v.Rate))...)
		switch {
		case len(v.few) > 0:
			few := slices.Sorted(slices.Values(v.few))
			s.Response.P50, s.Response.P95 = sessions.Percentile(few, 50), sessions.Percentile(few, 95)
		case v.times != nil:
			s.Response.P50 = time.Duration(v.times.ValueAtQuantile(50)) * time.Microsecond
			s.Response.P95 = min(time.Duration(v.times.ValueAtQuantile(95))*time.Microsecond, s.Response.Max)
		}
		out.All = append(out.All, s)
	}
	if m.timed {
		out.Part = time.Duration(m.part)
	}
	slices.SortFunc(out.All, func(a, b Service) int {
		return cmp.Or(cmp.Compare(b.Bytes[0]+b.Bytes[1], a.Bytes[0]+a.Bytes[1]), cmp.Compare(b.Packets, a.Packets), a.Address.Compare(b.Address))
	})
	return out
}
