package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// generated writes a capture of so many packets and gives its page.
func generated(t *testing.T, packets string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "large.pcap")
	c := exec.Command("go", "run", "./sessions/sessionstest/generate", "-packets", packets, "-sessions", "4", "-concurrent", "4", "-o", path)
	c.Dir = ".."
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	return pageOf(t, path)
}

// TestLarge opens the page of a large capture and scrolls through it. What it measures is logged; what it holds is what does not
// depend on the machine: the size of the file and of the document, and that what was left out is said.
func TestLarge(t *testing.T) {
	for _, c := range []struct {
		packets string
		most    int64
		thinned bool
	}{{"100000", 150_000 + 35*100_000, false}, {"1000000", 20_000_000, true}} {
		t.Run(c.packets, func(t *testing.T) {
			address := generated(t, c.packets)
			file, err := os.Stat(address[len("file://"):])
			if err != nil {
				t.Fatal(err)
			}
			if file.Size() > c.most {
				t.Errorf("%d bytes, at most %d", file.Size(), c.most)
			}
			p := open(t, address, desktop)
			type figures struct {
				Ready, P50, P95, Idle, Wheel, Fling float64
				Nodes, Heap                         int
			}
			p.do(`(async () => {
				const box = document.querySelector('.scroller'), frame = () => new Promise(r => requestAnimationFrame(r)), rate = async step => {
					box.scrollTop = 0;
					await frame();
					const begin = performance.now(), paints = [];
					let nodes = 0;
					for (let i = 0; i < 150; i++) {
						const at = performance.now();
						box.scrollTop = (box.scrollTop + step) % (box.scrollHeight - box.clientHeight);
						box.dispatchEvent(new Event('scroll'));
						paints.push(performance.now() - at);
						nodes = Math.max(nodes, document.querySelectorAll('.ladder *').length);
						await frame();
					}
					paints.sort((a, b) => a - b);
					return {fps: 150000 / (performance.now() - begin), p50: paints[75], p95: paints[142], nodes};
				};
				const idle = await rate(0), wheel = await rate(120), fling = await rate(Math.max(800, box.scrollHeight / 180));
				window.figures = {ready: window.tcptrace.ready, idle: idle.fps, wheel: wheel.fps / idle.fps, fling: fling.fps / idle.fps, p50: wheel.p50, p95: wheel.p95,
					nodes: Math.max(wheel.nodes, fling.nodes), heap: Math.round((performance.memory?.usedJSHeapSize ?? 0) / 1e6)};
			})()`)
			p.wait("window.figures")
			f := eval[figures](p, "window.figures")
			t.Logf("%s packets, %d bytes: ready after %.0f ms; a turn of the wheel takes %.1f ms (95 %%: %.1f); of the idle rate %.2f by wheel, %.2f thrown; %d nodes, heap %d MB",
				c.packets, file.Size(), f.Ready, f.P50, f.P95, f.Wheel, f.Fling, f.Nodes, f.Heap)
			if f.Nodes > 900 {
				t.Errorf("%d nodes in the drawing", f.Nodes)
			}
			if f.Heap > 400 {
				t.Errorf("heap %d MB", f.Heap)
			}
			note := eval[string](p, "document.querySelector('.note').textContent")
			if said := eval[bool](p, "window.tcptrace.app.c.head.allRows > window.tcptrace.app.c.head.rows"); said != c.thinned {
				t.Errorf("thinned: %v; the page says %q", said, note)
			}
			p.quiet()
		})
	}
}
