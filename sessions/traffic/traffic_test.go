package traffic_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"tcptrace/capture"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest"
	"tcptrace/sessions/sessionstest/examples"
	"tcptrace/sessions/traffic"
)

// TestServices holds what is measured of a genuine capture: the response times of the echo are those of the echo itself.
func TestServices(t *testing.T) {
	m := traffic.NewMeter()
	var o sessions.Options
	o.AllPorts = true
	o.Keep(sessions.ForTotals)
	m.Watch(&o)
	examples.Track(t, testfiles.Genuine(t, "pico-second-client", "capture.pcap"), o)
	all := m.Services()
	if len(all.All) != 2 || all.Others != 0 || all.Part != 512*time.Millisecond {
		t.Fatalf("%+v", all)
	}
	greeting, echo := all.All[0], all.All[1]
	if greeting.Address.String() != "192.168.1.3:9001" || greeting.Sessions != 1 || greeting.Packets != 79 || greeting.Response.N != 25 {
		t.Errorf("%+v", greeting)
	}
	if echo.Sessions != 2 || echo.Response.N != 3 || echo.Response.P50 < 680*time.Millisecond || echo.Response.P50 > 730*time.Millisecond || echo.Response.P95 > echo.Response.Max {
		t.Errorf("%+v", echo)
	}
	var sum int64
	for _, n := range greeting.Rate {
		sum += n
	}
	if sum != greeting.Bytes[0]+greeting.Bytes[1] || len(greeting.Rate) != len(echo.Rate) {
		t.Errorf("the rates have %d bytes in %d and %d parts, the service %d", sum, len(greeting.Rate), len(echo.Rate), greeting.Bytes)
	}
}

// TestBothWays holds that sessions alone give the same packets and bytes as all steps.
func TestBothWays(t *testing.T) {
	w := sessionstest.NotebookWorkload()
	w.Packets, w.Sessions, w.Concurrent = 50_000, 300, 100
	var made bytes.Buffer
	if err := sessionstest.Generate(&made, w); err != nil {
		t.Fatal(err)
	}
	run := func(watch func(*traffic.Meter, *sessions.Options), workers int) traffic.Services {
		src, err := capture.NewSource("made", bytes.NewReader(made.Bytes()), capture.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m := traffic.NewMeter()
		var o sessions.Options
		o.AllPorts = true
		o.Keep(sessions.ForTotals)
		watch(m, &o)
		if _, err := sessions.Run(context.Background(), src, o, workers); err != nil {
			t.Fatal(err)
		}
		return m.Services()
	}
	steps, ended := run((*traffic.Meter).Watch, 1), run((*traffic.Meter).WatchSessions, 4)
	if len(steps.All) != len(ended.All) || len(steps.All) == 0 {
		t.Fatalf("%d and %d services", len(steps.All), len(ended.All))
	}
	for i := range steps.All {
		a, b := steps.All[i], ended.All[i]
		if a.Address != b.Address || a.Sessions != b.Sessions || a.Packets != b.Packets || a.Bytes != b.Bytes {
			t.Errorf("%+v\n%+v", a, b)
		}
	}
}
