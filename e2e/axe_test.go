package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is the accessibility checker, from npm: only this test needs it.
const axe = "axe-core@4.10.3"

// fromNPM fetches one file of a package.
func fromNPM(t *testing.T, pack string, file ...string) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skipf("npm is not here: %s comes from it", pack)
	}
	dir := t.TempDir()
	c := exec.Command("npm", "pack", "--silent", "--pack-destination", dir, pack)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Skipf("npm cannot fetch %s: %v %s", pack, err, out)
	}
	archives, _ := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if len(archives) != 1 {
		t.Fatalf("%s: %s", pack, out)
	}
	b, err := exec.Command("tar", "-xzOf", archives[0], filepath.ToSlash(filepath.Join(append([]string{"package"}, file...)...))).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// mermaid draws the diagrams of --format mermaid on the sites that do.
const mermaid = "mermaid@11.17.0"

// TestMermaidDraws has Mermaid draw the text of every case.
func TestMermaidDraws(t *testing.T) {
	if missing != "" {
		t.Skip(missing)
	}
	source := fromNPM(t, mermaid, "dist", "mermaid.min.js")
	ctx, cancel := chromedp.NewContext(browser)
	defer cancel()
	p := &tab{t: t, ctx: ctx}
	p.must(chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](source+";mermaid.initialize({startOnLoad: false});true"))
	p.must(err)
	for name, args := range cases(t) {
		text := string(tcptrace(t, append([]string{"report", "--format", "mermaid"}, args...)...))
		if len(text) > 5000 {
			t.Errorf("%s: %d characters", name, len(text))
		}
		p.do(fmt.Sprintf("window.drawn = ''; mermaid.render('d', %s).then(r => { window.drawn = r.svg; }, e => { window.drawn = 'error ' + e; })", strconv.Quote(text)))
		p.wait("window.drawn")
		if svg := eval[string](p, "window.drawn"); !strings.HasPrefix(svg, "<svg") || !strings.Contains(svg, "SYN") {
			t.Errorf("%s: %.300s", name, svg)
		}
	}
}

// TestAccessible runs the checker on the page, light and dark, on a desk and on a phone: nothing serious, contrast included.
func TestAccessible(t *testing.T) {
	source := fromNPM(t, axe, "axe.min.js")
	for _, name := range []string{"pico-normal", "table2-nonblocking"} {
		address := pageOf(t, cases(t)[name]...)
		for _, v := range []view{desktop, {width: 1280, height: 800, dark: true}, phone} {
			for _, hash := range []string{"#finding=1", "#scale=events"} {
				p := open(t, address+hash, v)
				// The driver's own way in: the page's policy would refuse the script.
				_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](source+";true"))
				p.must(err)
				p.do(`axe.run(document, {resultTypes: ['violations']}).then(r => { window.axed = r.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id + ': ' + v.nodes.slice(0, 4).map(n => n.target + ' ' + (n.any[0]?.message ?? n.failureSummary)).join('; ')); })`)
				p.wait("window.axed")
				for _, found := range eval[[]string](p, "window.axed") {
					t.Errorf("%s %s %+v: %.700s", name, hash, v, found)
				}
			}
		}
	}
}

// TestForcedColours holds that the drawing can be read where the system chooses the colours.
func TestForcedColours(t *testing.T) {
	p := open(t, pageOf(t, cases(t)["pico-normal"]...), view{width: 1280, height: 800, forced: true})
	if same := eval[bool](p, `(() => { const f = e => getComputedStyle(document.querySelector(e)); return f('.ladder .segment').fill === getComputedStyle(document.body).backgroundColor || f('.arrow').stroke === 'none'; })()`); same {
		t.Error("texts or arrows cannot be seen")
	}
}
