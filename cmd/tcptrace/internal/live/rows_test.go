package live

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tcptrace/capture"
	"tcptrace/render/screen"
	"tcptrace/sessions"
)

// A page keeps rows; behind, it skips them.
type page struct {
	rows    []string
	behind  bool
	skipped int
}

func (p *page) Row(text string) { p.rows = append(p.rows, text) }

func (p *page) Skip() bool {
	if p.behind {
		p.skipped++
	}
	return p.behind
}

// TestSince holds that the times of rows are those that fmt would write.
func TestSince(t *testing.T) {
	l := NewRows("en", &screen.Screen{Width: 80, Height: 24}, &page{})
	l.since(1000)
	for range 2000 {
		d := rand.Int64N(1 << rand.UintN(52))
		if got, want := l.since(1000+d), fmt.Sprintf("%12.6f", (time.Duration(d+500).Truncate(time.Microsecond)).Seconds()); got != want {
			t.Fatalf("%d ns: %q, want %q", d, got, want)
		}
	}
	if got := l.since(0); got != "   -0.000001" {
		t.Errorf("before the first: %q", got)
	}
}

// TestRowsAreShed holds that a printer that is behind costs segments and nothing else.
func TestRowsAreShed(t *testing.T) {
	p := &page{}
	l := NewRows("en", &screen.Screen{Width: 80, Height: 24}, p)
	a, b := netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("10.0.0.2:9000")
	st := &sessions.Step{Time: 1, Flags: capture.ACK, Length: 4, States: sessions.Pair[sessions.State]{sessions.Established, sessions.Established}}
	st.SetText([]byte("hola"))
	l.Step(a, b, st)
	p.behind = true
	l.Step(a, b, st)
	l.Step(b, a, st) // a session is announced all the same
	p.behind = false
	l.Step(a, b, st)
	want := []string{"    0.000000   1 10.0.0.1:40000 → 10.0.0.2:9000", `    0.000000   1 ESTABLISHED  Data[4] →            ESTABLISHED  "hola"`,
		"    0.000000   2 10.0.0.2:9000 → 10.0.0.1:40000", `    0.000000   1 ESTABLISHED  Data[4] →            ESTABLISHED  "hola"`}
	if strings.Join(p.rows, "\n") != strings.Join(want, "\n") || p.skipped != 2 {
		t.Errorf("%d skipped:\n%s", p.skipped, strings.Join(p.rows, "\n"))
	}
}

// BenchmarkRow is what a row costs.
func BenchmarkRow(b *testing.B) {
	l := NewRows("en", &screen.Screen{Width: 80, Height: 24}, &none{})
	from, to := netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("10.0.0.2:9000")
	st := &sessions.Step{Time: 1, Flags: capture.ACK, Length: 4, States: sessions.Pair[sessions.State]{sessions.Established, sessions.Established}}
	st.SetText([]byte("hola mundo 12345"))
	b.ReportAllocs()
	for b.Loop() {
		l.Step(from, to, st)
	}
}

type none struct{}

func (none) Row(string) {}
func (none) Skip() bool { return false }
