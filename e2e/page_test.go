package e2e

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// allRows walks through the drawing from top to bottom and gives every element that stands for a row, with where it lies.
const allRows = `(() => {
	const box = document.querySelector('.scroller'), out = {};
	let last = -1;
	for (let y = 0; ; y += 200) {
		box.scrollTop = y;
		box.dispatchEvent(new Event('scroll'));
		for (const e of document.querySelectorAll('.ladder .ev')) out[e.id] = Number(e.dataset.row);
		if (box.scrollTop === last) break;
		last = box.scrollTop;
	}
	box.scrollTop = 0;
	return out;
})()`

// TestPageIsWholeAndQuiet opens every case from disk: it asks for nothing and complains of nothing, and
// the file is as small as it must be.
func TestPageIsWholeAndQuiet(t *testing.T) {
	for name, args := range cases(t) {
		t.Run(name, func(t *testing.T) {
			for _, lang := range []string{"en", "es"} {
				address := pageOf(t, append(args, "--lang", lang)...)
				p := open(t, address, desktop)
				p.keys("jjjertuq")
				p.keys("q?")
				p.do(`document.querySelector('[data-do=language]').click()`)
				if twice := eval[[]string](p, `[...document.querySelectorAll('[id]:not([id=""])')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`); len(twice) > 0 {
					t.Errorf("names that two elements have: %v", twice)
				}
				time.Sleep(300 * time.Millisecond)
				p.quiet()
				file, err := os.Stat(strings.TrimPrefix(address, "file://"))
				p.must(err)
				packets := eval[int64](p, `Number(JSON.parse(document.querySelector('script.head').textContent).packets)`)
				if most := 150_000 + 35*packets; file.Size() > most {
					t.Errorf("%d bytes, at most %d", file.Size(), most)
				}
			}
		})
	}
}

// TestWaitIsDrawnWhereItIs holds the wait for the loop to the arrows of its question and answer, and its text to the finding.
func TestWaitIsDrawnWhereItIs(t *testing.T) {
	p := open(t, pageOf(t, cases(t)["pico-normal"]...)+"#finding=1", desktop)
	p.wait("document.getElementById('f28')")
	type box struct{ Top, Bottom float64 }
	bars := eval[[]box](p, `[...document.querySelectorAll('#w1 rect:not(.pill)')].map(e => { const b = e.getBoundingClientRect(); return {top: b.top, bottom: b.bottom} })`)
	head := eval[box](p, `(() => { const b = document.querySelector('#f28 .head').getBoundingClientRect(); return {top: b.top, bottom: b.bottom} })()`)
	tail := eval[box](p, `(() => { const b = document.querySelector('#f30 .dot').getBoundingClientRect(); return {top: b.top, bottom: b.bottom} })()`)
	point, dot := (head.Top+head.Bottom)/2, (tail.Top+tail.Bottom)/2
	if len(bars) == 0 || math.Abs(bars[0].Top-point) > 1 || math.Abs(bars[len(bars)-1].Bottom-dot) > 12 {
		t.Errorf("bars %v, arrow's head at %.1f, the answer's tail at %.1f", bars, point, dot)
	}
	if text := eval[string](p, `document.querySelector('#w1 .pilltext').textContent`); text != "waits 534.5 ms for the loop" {
		t.Errorf("it says %q", text)
	}
	both := eval[[]string](p, `[...new Set([...document.querySelectorAll('.ladder .ev')].filter(e => { const b = e.getBoundingClientRect(); return b.bottom > 180 && b.top < 800 }).map(e => e.dataset.session))]`)
	if len(both) != 2 {
		t.Errorf("sessions in view: %v", both)
	}
}

// TestEveryRowIsDrawnOnce holds, in every case and scale, that each row of the data has exactly one element, that no arrow goes
// up, that no host's time runs back, and that the states in the header are those of the table.
func TestEveryRowIsDrawnOnce(t *testing.T) {
	for name, args := range cases(t) {
		t.Run(name, func(t *testing.T) {
			address := pageOf(t, args...)
			for _, scale := range []string{"readable", "events", "real"} {
				p := open(t, address+"#unfold=all&scale="+scale, view{width: 1280, height: 800, reduced: true})
				drawn := eval[map[string]int](p, allRows)
				rows := eval[int](p, "window.tcptrace.app.c.n")
				seen := make([]bool, rows)
				for id, row := range drawn {
					if seen[row] {
						t.Errorf("%s: row %d is drawn twice, as %s", scale, row, id)
					}
					seen[row] = true
				}
				if i := slices.Index(seen, false); i >= 0 {
					t.Errorf("%s: row %d is not drawn", scale, i)
				}
				for _, problem := range eval[[]string](p, `(() => {
					const a = window.tcptrace.app, {c, l} = a, out = [], last = {};
					const y = (host, at, what) => { if (at < (last[host] ?? -1e9) - 0.01) out.push(what + ' is above what its host did before'); last[host] = Math.max(at, last[host] ?? -1e9); };
					for (let r = 0; r < c.n; r++) {
						const f = c.col.flags[r], frame = c.col.frame[r];
						if (!(f & 8)) continue;
						const [from, to] = c.ends(r);
						if (f & 1) y(from, l.tailOf(r), 'departure of ' + frame);
						if (f & 2) y(to, l.headOf(r), 'arrival of ' + frame);
						if (f & 1 && f & 2 && l.headOf(r) < l.tailOf(r) - 0.01) out.push('arrow ' + frame + ' goes up');
						if (c.departureRow[r] >= 0 && l.headOf(r) < l.tailOf(c.departureRow[r])) out.push('arrow ' + frame + ' goes up');
					}
					return out.slice(0, 5);
				})()`) {
					t.Errorf("%s: %s", scale, problem)
				}
				for _, problem := range eval[[]string](p, `(() => {
					const a = window.tcptrace.app, c = a.c, out = [];
					for (let r = 0; r < c.n; r += 1) {
						const part = c.col.part[r], states = a.statesAt(0, r);
						for (const [side, column] of [[0, 'clientState'], [1, 'serverState']]) {
							const want = c.col[column][r] & 15, has = states.find(s => s.part === part && s.side === side);
							if (want && (!has || has.state !== want)) out.push('row ' + r + ' side ' + side + ': ' + (has && has.state) + ' instead of ' + want);
						}
					}
					return out.slice(0, 5);
				})()`) {
					t.Errorf("%s: %s", scale, problem)
				}
			}
		})
	}
}

// TestHeaderSaysWhatTheTableSays selects rows and compares what is written.
func TestHeaderSaysWhatTheTableSays(t *testing.T) {
	p := open(t, pageOf(t, cases(t)["table2-nonblocking"]...)+"#unfold=all", view{width: 1280, height: 800, reduced: true})
	for _, problem := range eval[[]string](p, `(() => {
		const a = window.tcptrace.app, out = [];
		for (let r = 0; r < a.c.n; r++) {
			a.select(r, true);
			const pills = [...document.querySelectorAll('.heads .pill')].map(e => e.textContent), cells = document.querySelectorAll('#r' + (r + 1) + ' td');
			for (const k of [3, 7]) {
				const text = cells[k].textContent.replace(/^BLOCK \(/, '').replace(/ \(.*$/, '').replace(/\)$/, '');
				if (text && !pills.includes(text)) out.push('row ' + (r + 1) + ': ' + text + ' is not in ' + pills);
			}
		}
		return out;
	})()`) {
		t.Error(problem)
	}
}

// overlaps gives the texts that lie on one another, and those that stand outside of the window.
const overlaps = `(() => {
	const box = document.querySelector('.scroller'), out = new Set(), n = 20, max = box.scrollHeight - box.clientHeight;
	for (let k = 0; k < n; k++) {
		box.scrollTop = max * k / (n - 1);
		box.dispatchEvent(new Event('scroll'));
		const area = box.getBoundingClientRect(), top = document.querySelector('.heads').getBoundingClientRect().bottom;
		const texts = [...document.querySelectorAll('.ladder text')].map(e => ({e, b: e.getBoundingClientRect()})).filter(x => x.b.bottom > top && x.b.top < area.bottom && x.b.width > 0);
		texts.forEach(({e, b}, i) => {
			if (b.left < -1 || b.right > innerWidth + 1) out.add('outside: ' + e.textContent + ' ' + Math.round(b.left) + '–' + Math.round(b.right));
			for (let j = 0; j < i; j++) {
				const o = texts[j];
				const w = Math.min(b.right, o.b.right) - Math.max(b.left, o.b.left), h = Math.min(b.bottom, o.b.bottom) - Math.max(b.top, o.b.top);
				if (w > 2 && h > 4) out.add(o.e.textContent + ' | ' + e.textContent + ' (' + Math.round(w) + '×' + h.toFixed(1) + ')');
			}
		});
	}
	return [...out].slice(0, 8);
})()`

// TestTextsDoNotOverlap looks at twenty places of every case, in both languages, on a desk and on a phone.
func TestTextsDoNotOverlap(t *testing.T) {
	for name, args := range cases(t) {
		t.Run(name, func(t *testing.T) {
			for _, lang := range []string{"en", "es"} {
				address := pageOf(t, append(args, "--lang", lang)...)
				for _, v := range []view{desktop, phone} {
					for _, scale := range []string{"readable", "events", "real"} {
						v.reduced = true
						p := open(t, address+"#scale="+scale, v)
						if found := eval[[]string](p, overlaps); len(found) > 0 {
							t.Errorf("%s, %d pixels, %s:\n\t%s", lang, v.width, scale, strings.Join(found, "\n\t"))
						}
						if eval[bool](p, "document.documentElement.scrollWidth > innerWidth + 1") {
							t.Errorf("%s, %d pixels: the page is wider than the window", lang, v.width)
						}
					}
				}
			}
		})
	}
}

// TestFirstScreen holds what a reader sees without scrolling.
func TestFirstScreen(t *testing.T) {
	address := pageOf(t, cases(t)["pico-normal"]...)
	p := open(t, address, desktop)
	if hidden := eval[[]string](p, `[...document.querySelectorAll('.card')].filter(e => !e.classList.contains('level1') && e.getBoundingClientRect().bottom > innerHeight).map(e => e.textContent)`); len(hidden) > 0 {
		t.Errorf("findings below the edge: %q", hidden)
	}
	if !eval[bool](p, `['f4', 'f5', 'f6'].every(id => document.getElementById(id).getBoundingClientRect().bottom < innerHeight)`) {
		t.Error("the handshake is below the edge")
	}
	p = open(t, address, phone)
	if n := eval[int](p, `[...document.querySelectorAll('.ladder .ev')].filter(e => { const b = e.getBoundingClientRect(); return b.top > 0 && b.bottom < innerHeight }).length`); n < 6 {
		t.Errorf("%d rows on a phone", n)
	}
	if !eval[bool](p, `(() => { const b = document.querySelector('.card').getBoundingClientRect(), o = document.querySelector('.overview').getBoundingClientRect(); return b.bottom < innerHeight && o.bottom < innerHeight })()`) {
		t.Error("a phone does not show the first finding and the overview at once")
	}
}

// TestKeyboard goes from a finding to its frame, to its row, and back, without a mouse.
func TestKeyboard(t *testing.T) {
	p := open(t, pageOf(t, cases(t)["pico-normal"]...), view{width: 1280, height: 800, reduced: true})
	p.keys("1")
	if at := eval[string](p, "location.hash"); at != "#finding=1&at=f28" {
		t.Errorf("after 1: %s", at)
	}
	if said := eval[string](p, `document.querySelector('[aria-live]').textContent`); said != "frame 28, PC → Pico, Data[4], 4.534 s, waits 534.5 ms for the loop" {
		t.Errorf("it says %q", said)
	}
	p.keys("\r")
	if row := eval[string](p, `document.activeElement.closest('tr')?.dataset.frame ?? ''`); row != "28" {
		t.Errorf("after Enter the row of frame %q has the focus", row)
	}
	p.do(`document.activeElement.closest('tr').querySelectorAll('a')[1].focus()`)
	p.keys("\r")
	p.wait("location.hash.includes('f28')")
	p.do("document.activeElement.blur()")
	p.keys("j")
	if at := eval[string](p, "location.hash"); !strings.Contains(at, "at=f29") {
		t.Errorf("after j: %s", at)
	}
	p.keys("n")
	if at := eval[string](p, "location.hash"); !strings.HasPrefix(at, "#finding=2") {
		t.Errorf("after n: %s", at)
	}
	p.keys("e")
	if at := eval[string](p, "location.hash"); !strings.Contains(at, "scale=events") {
		t.Errorf("after e: %s", at)
	}
	p.keys("\x1b")
	if at := eval[string](p, "location.hash"); at != "#scale=events" {
		t.Errorf("after Escape: %s", at)
	}
	// A link is a view.
	p.do("location.hash = '#f41'; ")
	p.wait("document.querySelector('.ev.sel')?.id === 'f41'")
	p.quiet()
}

// TestQuizHidesTheAnswer holds that nothing on the page tells the state that is asked for.
func TestQuizHidesTheAnswer(t *testing.T) {
	p := open(t, pageOf(t, cases(t)["table2-nonblocking"]...), view{width: 1280, height: 800, reduced: true})
	p.keys("q")
	p.wait("!document.querySelector('.asking').hidden")
	for i := range 6 {
		question := eval[string](p, "document.querySelector('.question').textContent")
		limit := eval[int](p, "window.tcptrace.app.limit")
		if late := eval[int](p, `[...document.querySelectorAll('.ladder .ev')].filter(e => Number(e.dataset.row) >= window.tcptrace.app.limit).length`); late > 0 {
			t.Errorf("%s: %d rows from row %d on are drawn", question, late, limit)
		}
		if eval[bool](p, `getComputedStyle(document.getElementById('document')).visibility !== 'hidden' || getComputedStyle(document.querySelector('.answer')).visibility !== 'hidden'`) {
			t.Errorf("%s: the table or the findings can be read", question)
		}
		if n := eval[int](p, "document.querySelectorAll('.options button').length"); n < 3 || n > 4 {
			t.Errorf("%s: %d answers", question, n)
		}
		p.do(`const q = window.tcptrace.app.quiz, x = q.list[q.at]; document.querySelectorAll('.options button')[x.answer].click()`)
		if !eval[bool](p, "document.querySelector('.options .right') !== null && document.querySelector('.rule').textContent.length > 5") {
			t.Errorf("%s: the right answer is not taken, or has no rule", question)
		}
		if score := eval[string](p, "document.querySelector('.score').textContent"); score != fmt.Sprintf("%d of %d", i+1, i+1) {
			t.Errorf("score %q", score)
		}
		p.do("document.querySelector('.next').click()")
	}
	p.keys("\x1b")
	p.wait("document.querySelector('.asking').hidden")
	p.quiet()
}

// TestPlay follows the packets until the first state has changed.
func TestPlay(t *testing.T) {
	p := open(t, pageOf(t, cases(t)["table2-nonblocking"]...), view{width: 1280, height: 800})
	p.do("window.tcptrace.app.select(window.tcptrace.app.c.rowOf(1, false), true)")
	p.keys(" ")
	p.wait("document.querySelector('.flying')")
	p.wait("[...document.querySelectorAll('.heads .pill')].some(e => e.textContent === 'ESTABLISHED')")
	p.keys(" ")
	p.wait("!document.querySelector('.flying')")
	p.quiet()
	still := open(t, pageOf(t, cases(t)["table2-nonblocking"]...), view{width: 1280, height: 800, reduced: true})
	still.keys(" ")
	time.Sleep(300 * time.Millisecond)
	if eval[bool](still, "document.getAnimations().length > 0 || document.querySelector('.flying') !== null") {
		t.Error("something moves, though the reader has asked for less motion")
	}
}

// TestHostile opens captures that are full of markup: no element and no attribute comes of it.
func TestHostile(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "hostile", "i-*"))
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	evil := filepath.Join(t.TempDir(), `<img src=x onerror=alert(1)>"'--><script>alert(2)<`+"\u2028.pcap")
	data, err := os.ReadFile(filepath.Join("..", "testdata", "genuine", "pico-normal", "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(evil, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, evil) {
		path, _ := filepath.Abs(file)
		p := open(t, pageOf(t, path, "--all-ports")+"#h0=%3Cimg%20src=x%20onerror=alert(3)%3E&at=%3Cscript%3E", desktop)
		p.keys("jjj1e")
		if n := eval[int](p, `document.querySelectorAll('img, iframe, object, embed, link, base, form, body script:not(.head):not(.columns):not(.plots)').length`); n != 1 {
			t.Errorf("%s: %d elements that act", filepath.Base(file), n-1)
		}
		if bad := eval[[]string](p, `[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => /^on/i.test(a.name) || a.name === 'style' && !/^(top|left|width|height): |^(left|width).*px;$|^height/.test(a.value) || /^(href|src|xlink:href)$/.test(a.name) && !a.value.startsWith('#')).map(a => a.name + '=' + a.value)`); len(bad) > 0 {
			t.Errorf("%s: attributes %q", filepath.Base(file), bad)
		}
		p.quiet()
	}
}

// TestNothingToDraw holds that a page without a conversation is the report, and complains of no key.
func TestNothingToDraw(t *testing.T) {
	for _, more := range [][]string{{"--port", "1"}, {"--summary"}} {
		p := open(t, pageOf(t, append(cases(t)["pico-normal"], more...)...), desktop)
		p.keys("jqe1 ")
		if eval[bool](p, "document.querySelector('.drawing').getBoundingClientRect().height > 0") {
			t.Errorf("%v: an empty drawing", more)
		}
		if top := eval[float64](p, "document.querySelector('#document h2').getBoundingClientRect().top"); top > 800 {
			t.Errorf("%v: the report begins at %v", more, top)
		}
		p.quiet()
	}
}

// TestPrint prints a handout: pages of A4 with a head each, on which everything stands.
func TestPrint(t *testing.T) {
	p := open(t, pageOf(t, cases(t)["pico-normal"]...), desktop)
	p.do("window.tcptrace.app.print()")
	sheets := eval[[]int](p, `[...document.querySelectorAll('.sheet')].map(s => s.querySelectorAll('.ev').length)`)
	total := 0
	for i, n := range sheets {
		if n == 0 {
			t.Errorf("sheet %d of %d is empty", i+1, len(sheets))
		}
		total += n
	}
	shown := eval[int](p, "window.tcptrace.app.l.entries.filter(e => e >= 0).length")
	if total < shown || len(sheets) < 2 {
		t.Errorf("%d rows on %d sheets, of %d", total, len(sheets), shown)
	}
	printed, err := chromedp.Call(p.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true), PrintBackground: new(true)})
	p.must(err)
	keep(t, "print.pdf", printed.Data)
}

// keep puts a picture where a person can look at it: E2E_PICTURES names the folder.
func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	dir := os.Getenv("E2E_PICTURES")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestBuildIsTheCommittedOne makes the script and the style anew.
func TestBuildIsTheCommittedOne(t *testing.T) {
	before := map[string]string{}
	dist := filepath.Join("..", "render", "page", "dist")
	for _, name := range []string{"page.js", "page.css"} {
		b, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil {
			t.Fatal(err)
		}
		before[name] = string(b)
	}
	// A checkout elsewhere, with the line ends of Windows, must give the same.
	elsewhere, out := t.TempDir(), t.TempDir()
	sources, err := filepath.Glob(filepath.Join("..", "render", "page", "src", "*"))
	if err != nil || len(sources) < 10 {
		t.Fatal(sources, err)
	}
	for _, path := range sources {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(elsewhere, filepath.Base(path)), []byte(strings.ReplaceAll(string(b), "\n", "\r\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command("go", "run", ".", elsewhere, out)
	c.Dir = filepath.Join("..", "render", "page", "build")
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, text)
	}
	for name, want := range before {
		b, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || string(b) != want {
			t.Errorf("%s is not what its sources give (%v): cd render/page/build && go run .", name, err)
		}
	}
}
