package e2e

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSVGIsAlikeEverywhere draws a slide with Chromium and with rsvg: what differs by more than the edges of letters is at most a
// hundredth of the picture. Its texts can be read from the last row, and it has no styles.
func TestSVGIsAlikeEverywhere(t *testing.T) {
	if _, err := exec.LookPath("rsvg-convert"); err != nil {
		t.Skip("no rsvg-convert here")
	}
	for _, c := range []struct{ capture, size string }{{"pico-normal", "slide"}, {"pico-4k", "a4"}} {
		svg := tcptrace(t, "report", filepath.Join("testdata", "genuine", c.capture, "capture.pcap"), "--format", "svg", "--size", c.size, "--finding", "1")
		if regexp.MustCompile(`var\(|<style| style=|class=`).Match(svg) {
			t.Error("the drawing has styles")
		}
		for _, size := range regexp.MustCompile(`font-size="([\d.]+)"`).FindAllSubmatch(svg, -1) {
			if n, _ := strconv.ParseFloat(string(size[1]), 64); c.size == "slide" && n < 20 {
				t.Errorf("text of %v pixels on a slide", n)
			}
		}
		path := filepath.Join(t.TempDir(), "ladder.svg")
		if err := os.WriteFile(path, svg, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("rsvg-convert", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		one, err := png.Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if missing != "" {
			t.Skip(missing)
		}
		ctx, cancel := chromedp.NewContext(browser)
		defer cancel()
		p := &tab{t: t, ctx: ctx}
		p.must(chromedp.Do(ctx, chromedp.EmulateViewport(int64(one.Bounds().Dx()), int64(one.Bounds().Dy())), chromedp.Navigate("file://"+path)))
		shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		p.must(err)
		keep(t, c.capture+"-"+c.size+".png", shot)
		other, err := png.Decode(bytes.NewReader(shot))
		if err != nil {
			t.Fatal(err)
		}
		if share := differing(one, other); share > 0.01 {
			t.Errorf("%s %s: %.2f %% of the pixels differ", c.capture, c.size, 100*share)
		} else {
			t.Logf("%s %s: %.2f %% of the pixels differ", c.capture, c.size, 100*share)
		}
	}
}

// TestPageAndSVGPlaceAlike holds the readable scale of the page to the SVG: the names of segments stand at the same heights, to half a
// pixel.
func TestPageAndSVGPlaceAlike(t *testing.T) {
	label := regexp.MustCompile(`<text x="[\d.]+" y="([\d.]+)" text-anchor="middle" font-size="11" fill="[^"]+">(\d+)  `)
	for _, name := range []string{"pico-normal", "pico-4k", "table2-nonblocking", "pico-table1", "pico-second-client", "simultaneous-close-A"} {
		args := cases(t)[name]
		drawn := map[string]float64{}
		for _, m := range label.FindAllStringSubmatch(string(tcptrace(t, append([]string{"report", "--format", "svg", "--all"}, args...)...)), -1) {
			drawn[m[2]], _ = strconv.ParseFloat(m[1], 64)
		}
		p := open(t, pageOf(t, append(args, "--all")...), desktop)
		placed := eval[map[string]float64](p, `(() => { const {c, l} = window.tcptrace.app, out = {}; for (let r = 0; r < c.n; r++) if (c.has(r, 8) && (c.has(r, 1) && c.has(r, 2) || c.has(r, 4))) out[c.col.frame[r]] = (l.tailOf(r) + l.headOf(r)) / 2; return out; })()`)
		offset, compared := math.NaN(), 0
		for frame, y := range drawn {
			at, ok := placed[frame]
			if !ok {
				continue
			}
			if compared++; math.IsNaN(offset) {
				offset = y - at
			}
			if d := y - at - offset; d > 0.5 || d < -0.5 {
				t.Errorf("%s: frame %s stands %.1f pixels elsewhere", name, frame, d)
			}
		}
		if compared < 5 {
			t.Errorf("%s: %d segments compared", name, compared)
		}
	}
}

// differing is the share of pixels that differ by more than half of the range, and have no like neighbour: letters and lines are not
// placed to the same fraction of a pixel.
func differing(a, b image.Image) float64 {
	grey := func(m image.Image, x, y int) int {
		r, g, b, _ := m.At(m.Bounds().Min.X+x, m.Bounds().Min.Y+y).RGBA()
		return int(r+g+b) / 3 >> 8
	}
	w, h, n := min(a.Bounds().Dx(), b.Bounds().Dx()), min(a.Bounds().Dy(), b.Bounds().Dy()), 0
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			at, alike := grey(a, x, y), false
			for dy := -1; dy <= 1 && !alike; dy++ {
				for dx := -1; dx <= 1 && !alike; dx++ {
					d := at - grey(b, x+dx, y+dy)
					alike = -128 < d && d < 128
				}
			}
			if !alike {
				n++
			}
		}
	}
	return float64(n) / float64(w*h)
}
