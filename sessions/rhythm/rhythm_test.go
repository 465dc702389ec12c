package rhythm

import (
	"testing"
	"time"
)

// TestChance holds the probability against cases that can be worked out by hand.
func TestChance(t *testing.T) {
	three := []Split{{}, {}, {}}
	k := &Lock{Loop: &Loop{Period: time.Second}, Splits: three, Messages: 3, Locked: 3, Most: 50 * time.Millisecond}
	if c := k.Chance(); c < 0.000999 || c > 0.001001 { // (2·50/1000)^3
		t.Errorf("three of three: %v", c)
	}
	k.Locked = 2
	if c := k.Chance(); c < 0.0279 || c > 0.0281 { // 0.1^3 + 3·0.1^2·0.9
		t.Errorf("two of three: %v", c)
	}
}

// TestMedian holds that the median is the nearest-rank one, as in the statistics of a session.
func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []time.Duration
		want time.Duration
	}{{nil, 0}, {[]time.Duration{7}, 7}, {[]time.Duration{9, 1}, 1}, {[]time.Duration{3, 1, 2}, 2}, {[]time.Duration{4, 1, 3, 2}, 2}} {
		if got := Median(c.in); got != c.want {
			t.Errorf("%v: %v, want %v", c.in, got, c.want)
		}
	}
}

// TestApart holds the signed distance to the nearest message.
func TestApart(t *testing.T) {
	l := &Loop{Times: []int64{1000, 2000, 3000}}
	for at, want := range map[int64]time.Duration{900: -100, 1000: 0, 1400: 400, 1600: -400, 3500: 500} {
		if got := l.Apart(at); got != want {
			t.Errorf("%d: %d, want %d", at, got, want)
		}
	}
}

// TestPaces holds the notebook's three paces.
func TestPaces(t *testing.T) {
	for ms, want := range map[int]Pace{1000: OtherPace, 1005: ReadyPace, 1024: ReadyPace, 1033: OtherPace, 1053: EmptyPace, 1200: OtherPace} {
		if got := PaceOf(time.Duration(ms) * time.Millisecond); got != want {
			t.Errorf("%d ms: %d, want %d", ms, got, want)
		}
	}
}

// TestVerdicts holds that few echoes that leave with the messages, after waits that are nearly equal, prove neither that they
// wait for the loop nor that they do not.
func TestVerdicts(t *testing.T) {
	const network = 6 * time.Millisecond
	for name, c := range map[string]struct {
		rtt, lock   []time.Duration
		holds, free bool
	}{
		"waits of all lengths":   {[]time.Duration{80e6, 400e6, 930e6}, []time.Duration{1e5, 3e5, 2e5}, true, false},
		"waits nearly equal":     {[]time.Duration{270e6, 290e6, 325e6}, []time.Duration{1e5, 3e5, 9e5}, false, false},
		"as fast as the network": {[]time.Duration{8e6, 9e6, 11e6}, []time.Duration{1e5, 3e5, 2e5}, false, true},
		"far from the messages":  {[]time.Duration{80e6, 400e6, 930e6}, []time.Duration{300e6, 240e6, 2e5}, false, true},
		"too few":                {[]time.Duration{80e6, 930e6}, []time.Duration{1e5, 3e5}, false, false},
	} {
		k := &Lock{}
		for i := range c.rtt {
			k.Splits = append(k.Splits, Split{RTT: c.rtt[i], Lock: c.lock[i]})
		}
		if k.measure(network); k.Holds != c.holds || k.Free != c.free {
			t.Errorf("%s: holds %v, free %v", name, k.Holds, k.Free)
		}
	}
}
