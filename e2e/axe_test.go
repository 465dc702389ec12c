package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is the accessibility checker, from npm: only this test needs it.
const axe = "axe-core@4.10.3"

// axeSource fetches the checker.
func axeSource(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not here: the checker of accessibility comes from it")
	}
	dir := t.TempDir()
	c := exec.Command("npm", "install", "--prefix", dir, "--no-save", "--no-audit", "--no-fund", axe)
	if out, err := c.CombinedOutput(); err != nil {
		t.Skipf("npm cannot fetch %s: %v %s", axe, err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestAccessible runs the checker on the page, light and dark, on a desk and on a phone: nothing serious, contrast included.
func TestAccessible(t *testing.T) {
	source := axeSource(t)
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
