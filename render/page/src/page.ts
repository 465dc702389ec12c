// The page: findings, the ladder with its overview, the table; what a reader does with them.

import { Conversation, Head, Lang, unpack, DEPARTS, SEGMENT } from "./data";
import { h, s, marked, put, duration, seconds } from "./dom";
import { draw, family, colour, idOf, legend, parts, rowAt, View } from "./draw";
import { Geometry } from "./geometry";
import { Layout, Scale } from "./layout";
import { Overview } from "./overview";
import { enliven, figures, inked } from "./plots";
import { pages, patterns } from "./print";
import { questions, Question } from "./quiz";
import { spansOf, Span } from "./spans";
import { Table } from "./table";

const SCALES: Scale[] = ["readable", "events", "real"];
const MOST_PIXELS = 12e6; // browsers cap the height of an element: beyond it the scroll bar is proportional

const icon = (d: string): SVGElement => s("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, s("path", { d }));
const ICONS = {
  play: "M4 2.5v11l9-5.5z", pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z", minus: "M3 7.2h10v1.6H3z", plus: "M3 7.2h4.2V3h1.6v4.2H13v1.6H8.8V13H7.2V8.8H3z",
  theme: "M8 1.5a6.5 6.5 0 1 0 0 13zM8 3a5 5 0 0 1 0 10z", wide: "M1.5 3h13v8h-13zM6 12.5h4v1.2H6zM3 4.5v5h10v-5z",
};

class App {
  private c!: Conversation;
  private l!: Layout;
  private g!: Geometry;
  private spans: Span[] = [];
  private readonly unfolded = new Set<number>();
  private lang: Lang = "en";
  private scale: Scale = "readable";
  private zoom = 1;
  private wide = false;
  private selected = -1;
  private finding = -1;
  private names: string[] = [];
  private data = 0;

  private readonly params = new URLSearchParams();
  private pos = 0;          // what is at the upper edge, in pixels of the drawing
  private ratio = 1;        // pixels of the drawing for one of the scroll bar
  private tile = { from: 0, to: -1 };
  private ready = false;
  private before = 0;       // where the last painting was
  private rest = 0;         // the timer after which a thrown view is drawn whole
  private playing = 0;
  private quiz: { list: Question[]; at: number; right: number; asked: number; done: boolean } | null = null;
  private limit = -1;
  private following = true;

  private readonly bar = h("header", { class: "bar" });
  private readonly answer = h("aside", { id: "answer", class: "answer" });
  private readonly cards = h("div", { class: "cards" });
  private readonly details = h("div", { class: "details", id: "details" });
  private readonly heads = h("div", { class: "heads" });
  private readonly svg = s("svg", { class: "ladder" }) as SVGSVGElement;
  private readonly space = h("div", { class: "space" });
  private readonly scroller: HTMLElement;
  private readonly note = h("p", { class: "note" });
  private readonly asking = h("div", { class: "asking", role: "dialog", hidden: true });
  private readonly helping = h("div", { class: "helping", role: "dialog", hidden: true });
  private readonly said = h("div", { class: "sr", "aria-live": "polite" });
  private readonly clock = h("div", { class: "clock", hidden: true, "aria-hidden": "true" });
  private readonly status = h("span", { class: "status" });
  private readonly overview: Overview;
  private readonly table: Table;
  private readonly tables = h("section", { id: "tables", class: "part" });
  private plots: { mark(frame: number): void } | null = null;

  constructor(private readonly all: Conversation[], drawn: HTMLElement | null) {
    this.scroller = h("div", { class: "scroller", tabindex: 0, role: "region" }, this.heads, this.space);
    this.space.append(this.svg);
    this.overview = new Overview("", at => this.goTime(at), by => this.scrollBy(by * this.viewHeight()));
    this.table = new Table(row => this.select(row, true, true));
    this.tables.append(h("h2", null), this.table.root);
    const drawing = h("section", { id: "ladder", class: "drawing" }, this.overview.root, this.scroller, this.note, this.clock, this.asking);
    document.getElementById("app")!.replaceChildren(h("a", { class: "skip", href: "#ladder" }), this.bar, h("main", null, this.answer, drawing), this.helping, this.said);
    const doc = document.getElementById("document")!;
    doc.querySelectorAll("figure svg").forEach(inked);
    doc.querySelectorAll<HTMLElement>("div.wide, pre").forEach(x => { x.tabIndex = 0; }); // they scroll, and a keyboard must reach them
    doc.prepend(...[drawn, this.tables].filter(x => x !== null));
    doc.querySelectorAll<HTMLElement>(".part[data-part]").forEach(x => { if (!x.id && !x.lang) x.id = x.dataset.part!; });
    this.use(0);
    this.readHash();
    this.listen();
    this.texts();
    this.relayout();
    this.start();
    this.plots = enliven(frame => { const r = this.c.rowOf(frame, false); if (r >= 0) { this.select(r, true); this.reveal(); } });
    this.ready = true;
  }

  private ui(name: string, values?: Record<string, string | number>): string { const t = this.c.head.ui[this.lang][name] ?? name; return values ? put(t, values) : t; }
  private viewHeight(): number { return Math.max(60, this.scroller.clientHeight - this.heads.offsetHeight); }

  private use(n: number): void {
    this.data = n;
    this.c = this.all[n]!;
    this.unfolded.clear();
    this.selected = this.finding = -1;
  }

  /** Takes a newer state of the conversation, of a capture that goes on. */
  replace(c: Conversation): void {
    const atEnd = this.pos + this.viewHeight() > this.l.total - 120, moved = this.c.head.from - c.head.from;
    if (this.selected >= 0) this.selected = Math.min(Math.max(this.selected + moved, 0), c.n - 1);
    const changed = JSON.stringify(this.c.head.findings.map(f => f.text)) !== JSON.stringify(c.head.findings.map(f => f.text)) || c.head.parts.length !== this.c.head.parts.length;
    const anchor = atEnd || !this.l.count ? -1 : rowAt({ c: this.c, l: this.l }, Math.min(this.l.find(this.pos + 1), this.l.count - 1)) + moved;
    this.c = this.all[this.data] = c;
    this.name();
    if (changed) this.texts(); else this.table.set(c, this.lang);
    this.relayout();
    if (this.following && atEnd) this.scrollTo(this.l.total - this.viewHeight());
    else if (anchor >= 0 && anchor < c.n && moved) this.scrollTo(this.l.yOf(anchor));
  }

  say(text: string): void { this.status.textContent = text; }

  private name(): void {
    this.names = this.c.head.hosts.map((x, i) => this.params.get("h" + i)?.slice(0, 40) || x.name[this.lang]);
  }

  // Texts and controls, anew with every language.
  private texts(): void {
    const c = this.c, head = c.head;
    document.documentElement.lang = this.lang;
    document.querySelectorAll<HTMLElement>("#document [lang]").forEach(x => { x.hidden = x.lang !== this.lang; });
    document.querySelectorAll<HTMLElement>("#document .part[lang]").forEach(x => { x.id = x.lang === this.lang ? x.dataset.part! : ""; });
    document.querySelectorAll<HTMLElement>("#document .part[lang] [data-anchor], #document .part[lang] h2[id]").forEach(x => { // what is hidden is nowhere to go to
      x.dataset.anchor ??= x.id;
      x.id = x.closest<HTMLElement>(".part")!.lang === this.lang ? x.dataset.anchor : "";
    });
    this.name();
    document.querySelector(".skip")!.textContent = this.ui("Skip");
    const button = (key: string, text: string | Node, click: () => void, attrs: Record<string, string> = {}) => h("button", { type: "button", "data-do": key, click, ...attrs }, text);
    const scales = h("div", { class: "group", role: "group", "aria-label": this.ui("Scale") }, ...SCALES.map((k, i) => button("scale-" + k, this.ui(["Readable", "Events", "RealTime"][i]!), () => this.setScale(k), { "aria-pressed": String(this.scale === k) })));
    const labelled = (key: string, d: string, label: string, click: () => void) => button(key, icon(d), click, { "aria-label": label, title: label });
    const runs = this.all.length > 1 ? h("div", { class: "group", role: "group", "aria-label": this.ui("Run") }, ...this.all.map((x, i) => button("run-" + i, x.head.file, () => { this.use(i); this.texts(); this.relayout(); this.start(); }, { "aria-pressed": String(i === this.data) }))) : null;
    const links = [["NavAnswer", "answer"], ["NavLadder", "ladder"], ["Plots", "plots"], ["NavTables", "tables"], ["NavCapture", "capture"]]
      .filter(x => !["plots", "capture"].includes(x[1]!) || document.querySelector(`[data-part="${x[1]}"]`));
    this.bar.replaceChildren(h("h1", { title: head.file }, head.file), this.status,
      h("span", { class: "sub" }, this.ui("Packets", { n: head.packets }) + this.distance()),
      h("nav", { "aria-label": this.ui("Contents") }, ...links.map(([key, id]) => h("a", { href: "#" + id }, this.ui(key!)))), ...[runs].filter(x => x !== null) as HTMLElement[],
      scales, h("div", { class: "group" }, labelled("out", ICONS.minus, this.ui("ZoomOut"), () => this.setZoom(this.zoom / 1.5)), labelled("in", ICONS.plus, this.ui("ZoomIn"), () => this.setZoom(this.zoom * 1.5))),
      labelled("play", ICONS.play, this.ui("Play"), () => this.togglePlay()), button("quiz", this.ui("Quiz"), () => this.toggleQuiz()),
      labelled("wide", ICONS.wide, this.ui("Wide"), () => { this.wide = !this.wide; this.relayout(); this.writeHash(); }), labelled("theme", ICONS.theme, this.ui("Theme"), () => this.flipTheme()),
      ...document.querySelector(".part[data-part]:not([lang]):not(#plots)") ? [] : [button("language", this.ui("Language"), () => this.setLang(this.lang === "es" ? "en" : "es"))], button("help", "?", () => this.toggleHelp(), { "aria-label": this.ui("Help"), title: this.ui("Help") }));
    this.answer.replaceChildren(h("h2", null, this.ui("Answer")), this.cards, this.details,
      h("details", { class: "legend" }, h("summary", null, this.ui("Legend")), h("ul", null, ...legend().map(([name, sample]) => h("li", null, sample, " ", this.ui(name))))));
    this.tables.querySelector("h2")!.textContent = this.ui("Tables");
    document.querySelector("#plots h2")?.replaceChildren(this.ui("Plots"));
    this.tables.hidden = head.parts.length === 0;
    this.scroller.setAttribute("aria-label", this.ui("Ladder"));
    this.overview.root.setAttribute("aria-label", this.ui("Overview"));
    this.helping.replaceChildren(h("ul", null, ...this.ui("HelpText").split(" · ").map(x => h("li", null, x))), h("button", { type: "button", click: () => this.toggleHelp() }, this.ui("Close")));
    this.findings();
    this.detail();
    this.table.set(c, this.lang);
  }

  /** Where the capture was made and how far the others are, as far as that is known. */
  private distance(): string {
    const hosts = this.c.head.hosts, far = hosts.filter(x => x.near > 0), here = hosts.findIndex(x => x.captured);
    if (!far.length) return "";
    return (here >= 0 ? " · " + this.ui("CapturedAt", { host: this.names[here]! }) : "") + " · " + this.ui("Distance", { time: duration(Math.max(...far.map(x => x.near))) });
  }

  private findings(): void {
    const list = this.c.head.findings;
    this.cards.replaceChildren(...list.map((f, n) => {
      const card = h("article", { class: "card level" + f.level + (n === this.finding ? " on" : ""), id: "finding-" + (n + 1), "data-finding": n,
        "data-session": f.sessions?.[0] ?? null, "data-frame": f.frames[0] ?? null });
      card.append(h("h3", null, h("span", { class: "number" }, String(n + 1)), " ", h("span", { class: "severity" }, f.severity[this.lang]), " ", h("code", null, f.code)), h("p", null, ...marked(f.text[this.lang])));
      if (n === this.finding) {
        card.append(h("p", { class: "long" }, ...marked(f.long[this.lang])), h("p", { class: "fix" }, h("strong", null, this.ui("Change") + " "), ...marked(f.fix[this.lang])));
        if (f.diff) card.append(h("pre", { tabindex: 0 }, f.diff));
        if (f.frames.length) card.append(h("p", { class: "frames" }, this.ui("Frame") + " ", ...f.frames.flatMap((x, i) => [i ? ", " : "", h("a", { href: "#f" + x }, String(x))])));
      }
      if (f.frames.length) card.append(h("button", { type: "button", class: "show", "data-show": n, click: () => this.show(n) }, this.ui("ShowMe")));
      return card;
    }));
    if (!list.length) this.cards.append(h("p", null, this.ui("Nothing")));
  }

  private relayout(keep = -1, offset = 0.35): void {
    const width = Math.max(this.scroller.clientWidth, 280);
    document.body.classList.toggle("empty", this.c.n === 0 && !document.body.dataset.live); // there is no drawing
    document.body.classList.toggle("wide", this.wide);
    this.g = new Geometry(Math.max(this.scroller.clientWidth, 280) || width, this.c, this.wide);
    this.l = new Layout(this.c, this.scale, this.zoom, this.unfolded, this.g.small);
    this.spans = spansOf(this.c, this.l);
    this.ratio = this.l.total > MOST_PIXELS ? this.l.total / MOST_PIXELS : 1;
    this.space.style.height = Math.max(this.l.total / this.ratio, 1) + "px";
    this.note.textContent = [this.ui(this.scale === "readable" ? "ReadableNote" : this.scale === "events" ? "EventsNote" : "RealNote"),
      this.c.head.hosts.some(x => x.near > 0) ? this.ui("Estimated") + "." : "",
      this.c.head.allRows > this.c.head.rows ? this.ui(this.c.head.served || this.c.head.from ? "Window" : "Thinned", { from: this.c.head.from + 1, n: this.c.head.from + this.c.head.rows, all: this.c.head.allRows }) : "",
      this.c.head.others ? this.ui("Others", { n: this.c.head.others }) : ""].filter(x => x).join(" ");
    if (this.c.head.served) { // the rows before and behind are asked for
      const { from, rows, allRows } = this.c.head, link = (at: number, text: string) => h("a", { href: "?from=" + at, class: "rowslink" }, text);
      if (from > 0) this.note.append(" ", link(Math.max(0, from - rows), "← " + this.ui("Earlier")));
      if (from + rows < allRows) this.note.append(" ", link(from + rows, this.ui("Later") + " →"));
    }
    this.overview.draw(this.c);
    if (keep >= 0) this.scrollTo(this.l.yOf(keep) - this.viewHeight() * offset);
    this.paint(true);
  }

  private scrollTo(y: number): void {
    this.pos = Math.max(0, Math.min(y, this.l.total - this.viewHeight()));
    this.scroller.scrollTop = this.pos / this.ratio;
    this.paint(false);
  }
  private scrollBy(d: number): void { this.scrollTo(this.pos + d); }
  private goTime(at: number): void { this.following = false; this.scrollTo(this.l.yAt(at) - this.viewHeight() / 2); }

  private view(): View {
    return { c: this.c, l: this.l, g: this.g, spans: this.spans, lang: this.lang, selected: this.selected, finding: this.finding, limit: this.limit };
  }

  // Somewhat more than a screen is drawn at once, and anew only when the view leaves it. While it is thrown along, what is seen is
  // enough: the rest is drawn when it has come to rest.
  private paint(force: boolean): void {
    const high = this.viewHeight(), top = this.pos;
    if (force || top < this.tile.from || top + high > this.tile.to || this.ratio > 1) {
      const thrown = !force && Math.abs(top - this.before) > high, around = thrown ? 0.1 : 0.2;
      clearTimeout(this.rest);
      if (thrown) this.rest = setTimeout(() => this.paint(true), 150);
      const from = this.ratio > 1 ? top : Math.max(0, Math.floor(top - around * high)), to = this.ratio > 1 ? top + high : Math.min(from + (1 + 2 * around) * high, this.l.total);
      this.tile = { from, to };
      this.svg.setAttribute("viewBox", `0 0 ${this.g.width} ${Math.max(to - from, 1)}`);
      this.svg.setAttribute("width", String(this.g.width));
      this.svg.setAttribute("height", String(Math.max(to - from, 1)));
      this.svg.style.top = (this.ratio > 1 ? this.scroller.scrollTop : from) + "px";
      this.svg.replaceChildren(patterns(), ...draw(this.view(), from, to));
    }
    this.before = top;
    this.header();
    this.overview.window(this.l.timeAt(top), this.l.timeAt(top + high));
  }

  /** The states at the reading line: at the selected row while that is in view. */
  private header(): void {
    const inView = this.selected >= 0 && this.l.yOf(this.selected) >= this.pos - 40 && this.l.yOf(this.selected) <= this.pos + this.viewHeight();
    const line = inView ? this.l.yOf(this.selected) + Math.max(this.l.height[this.l.entryOf[this.selected]!]!, 1) : this.pos + this.viewHeight() * 0.35;
    const states = this.statesAt(line, inView ? this.selected : -1);
    const key = JSON.stringify([states, this.names, this.g.width, this.g.small]);
    if (this.heads.dataset.key === key) return;
    this.heads.dataset.key = key;
    this.heads.replaceChildren(...this.g.x.map((x, host) => {
      const pills = states.filter(p => p.host === host).slice(0, this.g.small ? 2 : 4).map(p => h("span", { class: "pill " + family(p.state), "data-session": this.c.head.parts[p.part]!.id },
        (this.c.head.parts.length > 1 ? "#" + this.c.head.parts[p.part]!.id + " " : "") + this.c.head.states[p.state - 1]!));
      const box = h("div", { class: "head" }, h("button", { type: "button", class: "hostname", title: this.ui("Rename"), click: () => this.rename(host) }, this.names[host]!),
        h("span", { class: "addr" }, this.c.head.hosts[host]!.addr), h("span", { class: "pills" }, ...pills));
      const half = Math.min(x, this.g.width - x, 260, ...this.g.x.filter(o => o !== x).map(o => Math.abs(o - x) / 2)) - 2, last = host === this.g.x.length - 1;
      if (this.g.small) { box.style.left = (last ? this.g.width - this.g.width / this.g.x.length : host * this.g.width / this.g.x.length) + "px"; box.style.width = this.g.width / this.g.x.length + "px"; }
      else { box.style.left = x - half + "px"; box.style.width = 2 * half + "px"; }
      return box;
    }));
  }

  /** The state of every end at a height, or after a row where that is given. */
  statesAt(y: number, row = -1): { part: number; side: number; host: number; state: number }[] {
    const out: Span[] = [];
    for (const b of this.spans) {
      if (this.limit >= 0 && b.row >= this.limit) continue;
      if (row >= 0 ? b.row > row : b.y1 > y) continue;
      const i = out.findIndex(o => o.part === b.part && o.side === b.side);
      if (i >= 0) out[i] = b; else out.push(b);
    }
    return out.sort((a, b) => a.part - b.part).map(({ part, side, host, state }) => ({ part, side, host, state }));
  }

  private rename(host: number): void {
    const box = this.heads.children[host]!, name = box.querySelector(".hostname")!;
    const field = h("input", { class: "hostname", value: this.names[host]!, maxlength: 40, "aria-label": this.ui("Rename") });
    const done = () => {
      if (field.value.trim()) this.params.set("h" + host, field.value.trim()); else this.params.delete("h" + host);
      this.name();
      this.heads.dataset.key = "";
      this.header();
      this.writeHash();
    };
    field.addEventListener("keydown", e => { e.stopPropagation(); if (e.key === "Enter" || e.key === "Escape") field.blur(); });
    field.addEventListener("blur", done, { once: true });
    name.replaceWith(field);
    field.focus();
    field.select();
  }

  // Selecting and showing.
  select(row: number, scroll: boolean, fromTable = false): void {
    if (row < 0 || row >= this.c.n) return;
    const f = this.c.col.fold[row]! - 1;
    if (f >= 0 && !this.unfolded.has(f) && this.scale !== "real") { this.unfolded.add(f); this.relayout(); }
    this.selected = row;
    this.following = false;
    if (scroll) {
      const y = this.l.yOf(row);
      if (y < this.pos + 20 || y > this.pos + this.viewHeight() - 90) this.glide(y - this.viewHeight() * 0.35);
    }
    this.detail();
    this.table.select(row, !fromTable);
    this.plots?.mark(this.c.col.frame[row]!);
    this.said.textContent = this.describe(row);
    this.paint(true);
    this.writeHash();
  }

  /** Scrolls softly where the reader has not asked for less motion. */
  private glide(y: number): void {
    const to = Math.max(0, Math.min(y, this.l.total - this.viewHeight()));
    if (!this.ready || matchMedia("(prefers-reduced-motion: reduce)").matches || Math.abs(to - this.pos) > 8000) { this.scrollTo(to); return; }
    const from = this.pos, begin = performance.now();
    const tick = (t: number) => {
      const f = Math.min(1, (t - begin) / 250), ease = 1 - (1 - f) ** 3;
      this.scrollTo(from + (to - from) * ease);
      if (f < 1) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  private reveal(): void { document.getElementById("ladder")!.scrollIntoView({ block: "nearest" }); }

  private describe(row: number): string {
    const c = this.c, f = c.col.flags[row]!, frame = c.col.frame[row]!;
    if (!(f & SEGMENT)) return [c.cell(row, "clientCall", this.lang), c.cell(row, "clientResult", this.lang), c.cell(row, "serverCall", this.lang), c.cell(row, "serverResult", this.lang)].filter(x => x).join(" ");
    const [a, b] = c.ends(row), wait = c.head.waits.find(w => w.request === row);
    return `${this.ui("Frame")} ${frame}, ${this.names[a]} → ${this.names[b]}, ${c.cell(row, "segment", this.lang)}, ${(c.col.at[row]! / 1e9).toFixed(3)} s` + (wait ? ", " + wait.text[this.lang] : "");
  }

  show(n: number): void {
    const f = this.c.head.findings[n];
    if (!f) return;
    this.finding = n;
    this.findings();
    const row = f.frames.length ? this.c.rowOf(f.frames[0]!, false) : -1;
    if (row >= 0) this.select(row, true); else this.paint(true);
    this.reveal();
    this.writeHash();
    document.getElementById("finding-" + (n + 1))?.scrollIntoView({ block: "nearest" });
  }

  private detail(): void {
    const c = this.c, r = this.selected, dl = h("dl", null), add = (name: string, value: string | Node) => dl.append(h("dt", null, name), h("dd", null, value));
    this.details.replaceChildren(h("h2", null, this.ui("Selected")));
    if (r < 0 || r >= c.n || this.limit >= 0) { this.details.append(h("p", { class: "muted" }, this.ui("NoneSelected"))); return; }
    const f = c.col.flags[r]!, p = c.head.parts[c.col.part[r]!]!, about = (host: number) => c.head.hosts[host]!.near > 0 ? "≈ " : "";
    add(this.ui("Session"), "#" + p.id + " " + p.client + " → " + p.server);
    if (f & SEGMENT) {
      const [a, b] = c.ends(r);
      add(this.ui("Frame"), h("a", { href: "#r" + (r + 1) }, String(c.col.frame[r])));
      add(this.ui("Signal"), this.names[a] + " → " + this.names[b] + ": " + c.cell(r, "segment", this.lang));
      if (this.l.timed(r)) {
        if (f & DEPARTS) add(this.ui("Leaves"), about(a) + seconds(c.col.at[r]! - c.col.left[r]!) + " s");
        if (this.l.arrives(r)) add(this.ui("Arrives"), about(b) + seconds(c.col.at[r]! + c.col.arrived[r]!) + " s");
      }
      if (c.col.length[r]) add(this.ui("Bytes"), c.col.length[r] + " @ " + c.col.offset[r]);
      const preview = c.cell(r, "preview", this.lang);
      if (preview) add(this.ui("Payload"), h("code", null, preview));
    }
    for (const side of [0, 1]) {
      const call = c.cell(r, side ? "serverCall" : "clientCall", this.lang), result = c.cell(r, side ? "serverResult" : "clientResult", this.lang);
      const state = c.cell(r, side ? "serverStateText" : "clientStateText", this.lang), who = this.ui(side ? "Server" : "Client");
      if (call) add(who + ": " + this.ui("Call"), h("code", null, call));
      if (result) add(who + ": " + this.ui("Result"), h("code", null, result));
      if (state) add(who + ": " + this.ui("State"), state);
    }
    for (const b of c.head.bars) if (b.first === r && b.to > b.from) add(this.ui("Lasted"), b.name + ": " + duration(b.to - b.from));
    for (const w of c.head.waits) if (w.request === r || w.reply === r) add(this.ui("Waits"), parts({ c, lang: this.lang }, w));
    this.details.append(dl);
  }

  private step(by: number, part = -1): void {
    const { l } = this;
    let e = this.selected >= 0 ? l.entryOf[this.selected]! : l.find(this.pos + 1) - (by > 0 ? 1 : 0);
    for (e += by; e >= 0 && e < l.count; e += by) {
      const r = l.entries[e]!;
      if (r >= 0 && (part < 0 || this.c.col.part[r] === part)) { this.select(r, true); return; }
    }
  }

  private unfold(): void {
    const folds = this.c.head.folds.length;
    const middle = this.selected >= 0 ? this.selected : rowAt({ c: this.c, l: this.l }, Math.min(this.l.find(this.pos + this.viewHeight() * 0.35), this.l.count - 1));
    if (this.unfolded.size === folds) this.unfolded.clear(); else for (let i = 0; i < folds; i++) this.unfolded.add(i);
    this.relayout(middle);
    this.writeHash();
  }

  private setScale(k: Scale): void {
    if (!this.l.count) return;
    const middle = this.selected >= 0 ? this.selected : rowAt({ c: this.c, l: this.l }, Math.min(this.l.find(this.pos + this.viewHeight() * 0.35), this.l.count - 1));
    const from = new Map<string, number>(), old = this.l, oldPos = this.pos;
    for (const e of this.svg.querySelectorAll(".ev[id]")) { const r = Number(e.getAttribute("data-row")); from.set(e.id, old.yOf(r) - oldPos); }
    if (k === "real" && this.zoom === 1 && this.c.n > 1) { // as much room as the rows need
      const span = Math.max(1, this.c.col.at[this.c.n - 1]! - this.c.col.at[0]!) / 1e9;
      this.zoom = Math.max(1, this.c.n * 14 / (220 * span));
    } else if (this.scale === "real") this.zoom = 1;
    this.scale = k;
    this.relayout(middle, Math.min(Math.max((old.yOf(middle) - oldPos) / this.viewHeight(), 0.1), 0.8));
    for (const x of SCALES) this.bar.querySelector(`[data-do="scale-${x}"]`)?.setAttribute("aria-pressed", String(x === k));
    this.writeHash();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const e of this.svg.querySelectorAll<SVGElement>(".ev[id]")) {
      const was = from.get(e.id), r = Number(e.getAttribute("data-row"));
      if (was !== undefined) e.animate([{ transform: `translateY(${was - (this.l.yOf(r) - this.pos)}px)` }, { transform: "none" }], { duration: 250, easing: "ease-out" });
    }
  }

  private setZoom(z: number): void {
    const most = this.scale === "real" ? 2e6 : 6, least = this.scale === "real" ? 1e-3 : 0.15;
    const middle = this.selected >= 0 ? this.selected : -1, at = this.l.timeAt(this.pos + this.viewHeight() * 0.35);
    this.zoom = Math.min(Math.max(z, least), most);
    this.relayout(middle);
    if (middle < 0) this.scrollTo(this.l.yAt(at) - this.viewHeight() * 0.35);
    this.writeHash();
  }

  private setLang(lang: Lang): void { this.lang = lang; this.texts(); this.relayout(this.selected); this.heads.dataset.key = ""; this.header(); this.writeHash(); }

  private flipTheme(): void {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    this.overview.draw(this.c);
    this.paint(true);
    this.writeHash();
  }

  private toggleHelp(): void { this.helping.hidden = !this.helping.hidden; if (!this.helping.hidden) this.helping.querySelector("button")!.focus(); }

  // Play: the packet travels, the states change.
  private togglePlay(): void {
    if (this.playing) { this.stop(); return; }
    this.playing = 1;
    this.bar.querySelector('[data-do="play"]')!.replaceChildren(icon(ICONS.pause));
    let e = this.selected >= 0 ? this.l.entryOf[this.selected]! : Math.max(0, this.l.find(this.pos));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const next = () => {
      while (e < this.l.count && this.l.entries[e]! < 0) e++;
      if (!this.playing || e >= this.l.count) { this.stop(); return; }
      const r = this.l.entries[e]!, gap = this.l.gap[e]!, pause = gap > 1e9 && !still ? 700 : 0;
      if (pause) this.count(this.c.col.at[r]! - gap, gap, pause);
      this.later(pause, () => {
        this.clock.hidden = true;
        this.select(r, true);
        e++;
        if (still || !this.c.has(r, SEGMENT)) this.later(900, next); else this.fly(r, 900, next);
      });
    };
    next();
  }

  private later(ms: number, f: () => void): void { if (ms) setTimeout(() => { if (this.playing) f(); }, ms); else f(); }

  private count(from: number, gap: number, ms: number): void {
    const begin = performance.now();
    this.clock.hidden = false;
    const tick = (t: number) => {
      const f = Math.min(1, (t - begin) / ms);
      this.clock.textContent = ((from + gap * f) / 1e9).toFixed(2) + " s";
      if (f < 1 && this.playing) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  private fly(r: number, ms: number, then: () => void): void {
    const [a, b] = this.c.ends(r), e = this.l.entryOf[r]!, begin = performance.now(), dot = s("circle", { class: "flying " + colour(this.c.col.part[r]!), r: 8 });
    this.svg.append(dot);
    const tick = (t: number) => {
      const f = Math.min(1, (t - begin) / ms);
      if (!dot.isConnected) this.svg.append(dot);
      dot.setAttribute("cx", String(this.g.x[a]! + (this.g.x[b]! - this.g.x[a]!) * f));
      dot.setAttribute("cy", String(this.l.tail[e]! + (this.l.heads[e]! - this.l.tail[e]!) * f - this.tile.from));
      if (f < 1 && this.playing) { requestAnimationFrame(tick); return; }
      dot.remove();
      this.later(120, then);
    };
    requestAnimationFrame(tick);
  }

  private stop(): void {
    this.playing = 0;
    this.clock.hidden = true;
    this.svg.querySelector(".flying")?.remove();
    this.bar.querySelector('[data-do="play"]')!.replaceChildren(icon(ICONS.play));
  }

  // Quiz: what comes after the question is hidden.
  private toggleQuiz(): void {
    if (this.quiz) { this.quiz = null; this.limit = -1; this.asking.hidden = true; document.body.classList.remove("quiz"); this.detail(); this.paint(true); return; }
    const list = questions(this.c, this.lang, this.names);
    this.quiz = { list, at: 0, right: 0, asked: 0, done: false };
    document.body.classList.add("quiz");
    for (let i = 0; i < this.c.head.folds.length; i++) this.unfolded.add(i);
    this.relayout();
    const from = this.selected >= 0 ? list.findIndex(q => q.row >= this.selected) : 0;
    this.quiz.at = Math.max(0, from);
    this.ask();
  }

  private ask(): void {
    const quiz = this.quiz!, q = quiz.list[quiz.at];
    this.asking.hidden = false;
    const close = h("button", { type: "button", class: "close", click: () => this.toggleQuiz() }, this.ui("Close"));
    if (!q) { this.asking.replaceChildren(h("p", null, this.ui("NoQuestions")), close); return; }
    this.limit = q.row;
    this.selected = -1;
    quiz.done = false;
    this.detail();
    this.scrollTo(this.l.yOf(q.row) - this.viewHeight() * 0.45);
    this.paint(true);
    const rule = h("p", { class: "rule", "aria-live": "polite" });
    const answer = (i: number, button: HTMLElement) => {
      if (quiz.done) return;
      quiz.done = true;
      quiz.asked++;
      const right = i === q.answer;
      if (right) quiz.right++;
      button.classList.add(right ? "right" : "wrong");
      this.limit = -1;
      rule.textContent = (right ? this.ui("Right") : this.ui("Wrong", { answer: q.options[q.answer]! })) + " " + q.rule;
      score.textContent = this.ui("Score", { right: quiz.right, all: quiz.asked });
      this.limit = q.row + 1;
      this.paint(true);
      next.hidden = false;
      next.focus();
    };
    const score = h("span", { class: "score" }, this.ui("Score", { right: quiz.right, all: quiz.asked }));
    const next = h("button", { type: "button", class: "next", hidden: true, click: () => { quiz.at = (quiz.at + 1) % quiz.list.length; this.ask(); } }, this.ui("Next"));
    this.asking.setAttribute("aria-label", this.ui("Quiz"));
    this.asking.replaceChildren(h("p", { class: "question" }, q.text), h("div", { class: "options" }, ...q.options.map((o, i) => { const b: HTMLElement = h("button", { type: "button", "data-option": i, click: () => answer(i, b) }, o); return b; })), rule, score, next, close);
  }

  // The hash keeps the view: a link is a view.
  private readHash(): void {
    const text = location.hash.slice(1);
    this.lang = this.c.head.lang === "es" ? "es" : "en";
    if (!text && document.body.dataset.start) { this.params.set("at", document.body.dataset.start); return; }
    let place: RegExpExecArray | null;
    if ((place = /^(f\d+(?:-in)?|r\d+|c\d+|finding-\d+)$/.exec(text))) { this.params.set("at", place[1]!); return; }
    for (const [k, v] of new URLSearchParams(text)) if (/^(scale|zoom|at|finding|lang|theme|wide|unfold|h\d)$/.test(k)) this.params.set(k, v.slice(0, 60));
    const lang = this.params.get("lang"), scale = this.params.get("scale") as Scale, theme = this.params.get("theme"), zoom = Number(this.params.get("zoom"));
    if (lang === "es" || lang === "en") this.lang = lang;
    if (SCALES.includes(scale)) this.scale = scale;
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
    if (zoom > 0 && Number.isFinite(zoom)) this.zoom = zoom;
    this.wide = this.params.get("wide") === "1";
    if (this.params.get("unfold") === "all") this.c.head.folds.forEach((_, i) => this.unfolded.add(i));
  }

  private start(): void {
    const n = Number(this.params.get("finding")) - 1, at = this.params.get("at");
    if (n >= 0 && this.c.head.findings[n]) { this.show(n); if (at) this.goTo(at); return; }
    if (at) { this.goTo(at); return; }
    this.scrollTo(document.body.dataset.live ? this.l.total : 0); // what grows is followed
  }

  /** Goes to f28, f28-in, r12, c12 or finding-1. */
  private goTo(place: string): boolean {
    const m = /^(f|r|c|finding-)(\d+)(-in)?$/.exec(place);
    if (!m) return false;
    const n = Number(m[2]);
    if (m[1] === "finding-") { this.show(n - 1); return true; }
    const row = m[1] === "f" ? this.c.rowOf(n, m[3] !== undefined) : n - 1;
    if (row < 0 || row >= this.c.n) return false;
    this.select(row, true);
    if (m[1] === "r") { this.tables.scrollIntoView({ block: "start" }); } else this.reveal();
    return true;
  }

  private writeHash(): void {
    if (!this.ready) return;
    const p = new URLSearchParams();
    if (this.finding >= 0) p.set("finding", String(this.finding + 1));
    if (this.selected >= 0) p.set("at", idOf(this.c, this.selected));
    if (this.scale !== "readable") p.set("scale", this.scale);
    if (this.zoom !== 1) p.set("zoom", this.zoom.toPrecision(4));
    if (this.lang !== this.c.head.lang) p.set("lang", this.lang);
    if (document.documentElement.dataset.theme) p.set("theme", document.documentElement.dataset.theme);
    if (this.wide) p.set("wide", "1");
    if (this.unfolded.size && this.unfolded.size === this.c.head.folds.length) p.set("unfold", "all");
    for (const [k, v] of this.params) if (/^h\d$/.test(k)) p.set(k, v);
    history.replaceState(null, "", p.size ? "#" + p : location.pathname + location.search);
  }

  private listen(): void {
    this.scroller.addEventListener("scroll", () => {
      const at = this.scroller.scrollTop * this.ratio;
      if (Math.abs(at - this.pos) > this.ratio * 1.5) { this.pos = at; this.following = at + this.viewHeight() > this.l.total - 120; }
      this.paint(false);
    }, { passive: true });
    this.scroller.addEventListener("wheel", e => {
      if (e.ctrlKey) { e.preventDefault(); this.setZoom(this.zoom * Math.exp(-e.deltaY / 300)); return; }
      if (this.ratio > 1) { e.preventDefault(); this.scrollBy(e.deltaY); }
    }, { passive: false });
    let pinch = 0;
    const apart = (e: TouchEvent) => Math.hypot(e.touches[0]!.clientX - e.touches[1]!.clientX, e.touches[0]!.clientY - e.touches[1]!.clientY);
    this.scroller.addEventListener("touchstart", e => { pinch = e.touches.length === 2 ? apart(e) : 0; }, { passive: true });
    this.scroller.addEventListener("touchmove", e => {
      if (e.touches.length !== 2 || !pinch) return;
      e.preventDefault();
      const now = apart(e);
      if (Math.abs(now / pinch - 1) > 0.05) { this.setZoom(this.zoom * now / pinch); pinch = now; }
    }, { passive: false });
    this.svg.addEventListener("click", e => {
      const at = e.target as Element, badge = at.closest("[data-finding]"), fold = at.closest("[data-fold]"), ev = at.closest("[data-row]");
      if (badge) this.show(Number(badge.getAttribute("data-finding")));
      else if (fold) { const n = Number(fold.getAttribute("data-fold")); this.unfolded.add(n); this.relayout(this.c.head.folds[n]!.first); }
      else if (ev && this.limit < 0) this.select(Number(ev.getAttribute("data-row")), false);
    });
    addEventListener("resize", () => { const keep = this.selected; this.heads.dataset.key = ""; this.relayout(keep); });
    addEventListener("hashchange", () => { if (!this.goTo(location.hash.slice(1))) { const n = Number(new URLSearchParams(location.hash.slice(1)).get("finding")) - 1; if (n >= 0 && n !== this.finding) this.show(n); } });
    addEventListener("beforeprint", () => this.print());
    addEventListener("afterprint", () => document.querySelector(".sheets")?.remove());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.overview.draw(this.c); this.paint(true); });
    addEventListener("keydown", e => this.key(e));
  }

  print(): void {
    document.querySelector(".sheets")?.remove();
    const found = h("ol", null, ...this.c.head.findings.map(f => h("li", null, ...marked(f.text[this.lang]), " ", ...marked(f.fix[this.lang]))));
    document.getElementById("document")!.before(h("div", { class: "sheets" }, h("h1", null, this.c.head.file), h("h2", null, this.ui("Answer")), found, ...pages(this.c, this.lang, this.unfolded, this.names, this.c.head.file)));
  }

  private key(e: KeyboardEvent): void {
    const target = e.target;
    if (e.ctrlKey || e.metaKey || e.altKey || !(target instanceof Element) || this.c.n === 0 || target instanceof HTMLInputElement || target.closest(".tablebox, div.wide, pre")) return;
    const onButton = target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
    if (onButton && (e.key === " " || e.key === "Enter")) return;
    const part = this.selected >= 0 ? this.c.col.part[this.selected]! : -1, findings = this.c.head.findings.length;
    const keys: Record<string, () => void> = {
      ArrowDown: () => this.step(1), j: () => this.step(1), ArrowUp: () => this.step(-1), k: () => this.step(-1),
      ArrowRight: () => this.step(1, part), ArrowLeft: () => this.step(-1, part),
      PageDown: () => this.scrollBy(this.viewHeight() * 0.9), PageUp: () => this.scrollBy(-this.viewHeight() * 0.9), Home: () => this.scrollTo(0), End: () => this.scrollTo(this.l.total),
      n: () => { if (findings) this.show((this.finding + 1) % findings); }, p: () => { if (findings) this.show((this.finding + findings - 1) % findings); },
      "+": () => this.setZoom(this.zoom * 1.5), "=": () => this.setZoom(this.zoom * 1.5), "-": () => this.setZoom(this.zoom / 1.5), "0": () => this.setZoom(1),
      e: () => this.setScale("events"), r: () => this.setScale("readable"), t: () => this.setScale("real"),
      Enter: () => { if (this.selected >= 0) { this.tables.scrollIntoView({ block: "start" }); document.getElementById("r" + (this.selected + 1))?.querySelector("a")?.focus(); } },
      u: () => this.unfold(), " ": () => this.togglePlay(), "?": () => this.toggleHelp(), q: () => this.toggleQuiz(),
      Escape: () => { if (!this.helping.hidden) this.toggleHelp(); else if (this.quiz) this.toggleQuiz(); else if (this.playing) this.stop(); else { this.selected = this.finding = -1; this.findings(); this.detail(); this.table.select(-1, false); this.paint(true); this.writeHash(); this.scroller.focus(); } },
    };
    const digit = Number(e.key);
    const act = digit >= 1 && digit <= 9 ? () => this.show(digit - 1) : keys[e.key];
    if (!act || this.quiz && e.key !== "Escape" && e.key !== "q") return;
    e.preventDefault();
    act();
  }
}

async function load(): Promise<Conversation[]> {
  const heads = [...document.querySelectorAll<HTMLElement>("script.head")], columns = [...document.querySelectorAll<HTMLElement>("script.columns")];
  return Promise.all(heads.map(async (x, i) => new Conversation(JSON.parse(x.textContent!) as Head, await unpack(columns[i]!.textContent!))));
}

/** A page that grows: every message is the conversation as far as it has come; after a lost connection the next one has all of it. */
function follow(app: App, all: Conversation[], path: string): void {
  const events = new EventSource(path);
  const ui = (k: string) => all[0]!.head.ui[document.documentElement.lang === "es" ? "es" : "en"][k] ?? k;
  events.addEventListener("open", () => app.say(ui("Live")));
  events.addEventListener("error", () => app.say(ui("LiveLost")));
  let before: Promise<void> = Promise.resolve(); // states are unpacked one after the other, and the end comes last
  const next = (f: () => void | Promise<void>) => { before = before.then(f); };
  events.addEventListener("state", e => next(async () => {
    const message = JSON.parse((e as MessageEvent<string>).data) as { head: Head; columns: string };
    app.replace(new Conversation(message.head, await unpack(message.columns)));
    app.say(ui("Live"));
  }));
  events.addEventListener("end", () => { events.close(); next(() => app.say(ui("LiveEnded"))); });
}

declare global { interface Window { tcptrace?: { app: App; ready: number } } }

Promise.all([load(), figures()]).then(([all, drawn]) => {
  const app = new App(all, drawn), live = document.body.dataset.live;
  window.tcptrace = { app, ready: performance.now() };
  if (live) follow(app, all, live);
});
