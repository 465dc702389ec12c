// One window of the ladder as SVG elements.

import { Conversation, Lang, Wait, DEPARTS, ARRIVES, LOST, SEGMENT, REPEATED, SPURIOUS, OUT_OF_ORDER, ACK_ONLY, CONTROL, RESET, FAILED, LEFT_OUT, UNTIMED, EXPIRY } from "./data";
import { s, duration, put, seconds } from "./dom";
import { Geometry } from "./geometry";
import { Layout } from "./layout";
import { Span } from "./spans";

export interface View {
  c: Conversation; l: Layout; g: Geometry; spans: Span[]; lang: Lang;
  selected: number;   // row, -1 for none
  finding: number;    // that is shown, -1 for none
  limit: number;      // rows from here on are hidden: the quiz asks for them; -1 for none
}

const FAMILY = ["", "unknown", "closed", "listen", "opening", "opening", "established", "closing1", "closing1", "closing2", "closing1", "closing2", "timewait"];
/** The look of a state: its family. */
export const family = (state: number): string => FAMILY[state] ?? "unknown";
export const colour = (part: number): string => "p" + part % 6;

/** Draws what lies between two heights; y is counted from the upper one. */
export function draw(v: View, from: number, to: number): SVGElement[] {
  const { l } = v, out: SVGElement[] = [];
  const first = l.find(from - l.reach), last = Math.min(l.find(to + l.reach), l.count);
  if (v.selected >= 0 && l.shown(v.selected)) { // below everything
    const e = l.entryOf[v.selected]!, y = l.y[e]! - from - (l.scale === "real" ? 8 : 0);
    out.push(s("rect", { class: "selection", x: v.g.small ? 2 : v.g.ruler - 2, y: y.toFixed(1), width: v.g.width - (v.g.small ? 4 : v.g.ruler + 4), height: l.scale === "real" ? 16 : l.height[e]!, rx: 4 }));
  }
  lines(v, from, to, out);
  const labels = new Labels(l.scale === "real");
  bands(v, from, to, out, labels);
  const entries: number[] = [];
  for (let i = first; i < last; i++) {
    if (v.limit >= 0 && rowAt(v, i) >= v.limit) break;
    entries.push(i);
  }
  if (l.scale === "real" && entries.length > 400) { density(v, entries, from, out); return out; }
  bars(v, from, to, out);
  waits(v, from, to, out, labels);
  const under: SVGElement[] = [], place = out.length; // arrows that cross other rows lie below their texts
  for (const i of entries) {
    const r = l.entries[i]!;
    if (r < 0) fold(v, i, from, to, out); else row(v, i, r, from, to, out, under, labels);
  }
  out.splice(place, 0, ...under);
  out.push(...labels.over);
  labels.end(v);
  passes(v, from, to, out, labels);
  return out;
}

/** The first row of an entry. */
export function rowAt(v: { c: Conversation; l: Layout }, i: number): number {
  const r = v.l.entries[i]!;
  return r < 0 ? v.c.head.folds[-1 - r]!.first : r;
}

/** Labels of the real-time scale are placed where there is room; the others are counted. */
class Labels {
  /** What lies above everything. */
  readonly over: SVGElement[] = [];
  private readonly taken = new Map<string, number[]>();
  private hidden = 0;
  private shown: SVGElement | null = null;
  constructor(private readonly greedy: boolean) {}
  room(column: string, y: number): boolean {
    if (!this.greedy) return true;
    const taken = this.taken.get(column) ?? [];
    for (let i = taken.length - 1; i >= 0 && i >= taken.length - 60; i--) if (Math.abs(y - taken[i]!) < 17) return false;
    taken.push(y);
    this.taken.set(column, taken);
    return true;
  }
  name(v: View, column: string, y: number, make: () => SVGElement): SVGElement | null {
    if (!this.room(column, y)) { this.hidden++; return null; }
    this.end(v);
    return this.shown = make();
  }
  end(v: View): void {
    if (this.shown && this.hidden) this.shown.append(s("tspan", { class: "muted", dx: 6 }, "+" + this.hidden), s("title", null, put(v.c.head.ui[v.lang].Hidden!, { n: this.hidden })));
    this.hidden = 0;
    this.shown = null;
  }
}

function lines(v: View, from: number, to: number, out: SVGElement[]): void {
  const bottom = Math.min(to, v.l.total - 55) - from;
  v.g.x.forEach(x => out.push(s("path", { class: "life", d: `M${x} ${Math.max(0, 8 - from)}V${bottom}` })));
}

function bands(v: View, from: number, to: number, out: SVGElement[], labels: Labels): void {
  for (const b of v.spans) {
    if (v.limit >= 0 && b.row >= v.limit) continue;
    let end = b.y2;
    if (v.limit >= 0) end = Math.min(end, v.l.yOf(v.limit));
    if (b.y1 > to || end < from) continue;
    const y1 = Math.max(b.y1, from - 10) - from, y2 = Math.min(end, to + 10) - from, x = v.g.band(b.host, b.part);
    if (b.state > 2) out.push(s("rect", { class: "band " + family(b.state) + " " + colour(b.part), x, y: y1.toFixed(1), width: v.g.bandWidth, height: Math.max(0, y2 - y1).toFixed(1) }));
    if (v.g.small || b.y1 < from - 20) continue;
    const dir = v.g.out(b.host);
    if (!labels.room("state" + b.host, b.y1 - from)) continue;
    out.push(s("text", { class: "state " + colour(b.part), x: v.g.stateAt(b.host).toFixed(1), y: nameY(v, b, from), "text-anchor": dir > 0 ? "start" : "end" },
      v.c.head.parts.length > 1 ? s("tspan", { class: "number" }, "#" + v.c.head.parts[b.part]!.id + " ") : null, v.c.head.states[b.state - 1]!));
  }
}

/** The name of a state stands on the line of its row. */
function nameY(v: View, b: Span, from: number): string {
  const e = v.l.entryOf[b.row]!;
  return ((v.l.scale === "real" ? b.y1 : v.l.y[e]! + (v.l.scale === "events" ? 17 : 13)) + (v.g.between(b.host) ? 14 : 0) + (v.l.scale === "real" ? 4 : 0) - from).toFixed(1);
}

function passes(v: View, from: number, to: number, out: SVGElement[], labels: Labels): void {
  const P = v.c.head.passes, ui = v.c.head.ui[v.lang];
  let a = 0, b = P.length;
  while (a < b) { const m = (a + b) >> 1; if (v.l.yOf(P[m]![1]) < from - 20) a = m + 1; else b = m; }
  let last = -1e9;
  for (; a < P.length; a++) {
    const [n, r, host] = P[a]!;
    if (v.limit >= 0 && r >= v.limit) break;
    const y = v.l.yOf(r);
    if (y > to + 20) break;
    if (!v.l.shown(r) || y - last < 6) continue;
    const dir = v.g.out(host), edge = dir > 0 ? v.g.width - 6 : v.g.ruler;
    out.unshift(s("path", { class: "pass", d: `M${v.g.x[host]} ${(y - from).toFixed(1)}H${edge}` }));
    const room = v.l.scale === "events" || v.l.scale === "real" && y - last > 16 && labels.room("call" + host, y - 9 - from) || v.l.scale === "readable" && v.l.gap[v.l.entryOf[r]!]! > 3e6;
    if (room && !v.g.small) out.push(s("text", { class: "muted tiny", x: edge, y: (y - from - (v.l.scale === "real" ? 9 : 3)).toFixed(1), "text-anchor": dir > 0 ? "end" : "start" }, put(ui.Pass!, { n })));
    last = y;
  }
}

function bars(v: View, from: number, to: number, out: SVGElement[]): void {
  const w = v.g.small ? 5 : 7;
  for (const b of v.c.head.bars) {
    if (v.limit >= 0 && b.first >= v.limit) continue;
    let y1: number, y2: number;
    if (b.kind === "sleep") {
      y1 = v.l.yAt(b.from); y2 = v.l.yAt(b.to);
      if (v.l.scale !== "real") { // between the calls of its program
        if (b.first >= 0 && v.l.shown(b.first)) { const e = v.l.entryOf[b.first]!; y1 = Math.max(y1, v.l.y[e]! + v.l.height[e]!); }
        if (b.last >= 0 && v.l.shown(b.last)) y2 = Math.min(y2, v.l.yOf(b.last));
      }
      if (y2 - y1 < 4) continue;
    } else {
      if (b.first < 0 || !v.l.shown(b.first)) continue;
      y1 = v.l.scale === "real" ? v.l.yAt(b.from) : v.l.yOf(b.first) + 10;
      y2 = b.kind === "open" ? v.l.total - 60 : b.kind === "repeat" && v.l.scale !== "real" ? v.l.yOf(b.first) + Math.max(22, v.l.height[v.l.entryOf[b.first]!]! - 2) :
        b.last >= 0 && v.l.scale !== "real" ? v.l.headOf(b.last) : v.l.yAt(b.to);
    }
    if (v.limit >= 0) y2 = Math.min(y2, v.l.yOf(v.limit));
    if (y2 < from || y1 > to || y2 <= y1) continue;
    const x = v.g.x[b.host]!, a = Math.max(y1, from - 30) - from, z = Math.min(y2, to + 30) - from;
    const title = s("title", null, b.name + (b.times > 1 ? " ×" + b.times : "") + (b.to > b.from ? ", " + duration(b.to - b.from) : ""));
    if (b.kind === "sleep") {
      let d = `M${x} ${a.toFixed(1)}`, side = 1;
      for (let y = a + 5; y < z; y += 5, side = -side) d += `L${x + side * 3.5} ${y.toFixed(1)}`;
      out.push(s("path", { class: "sleep", d: d + `L${x} ${z.toFixed(1)}` }, title));
      continue;
    }
    out.push(s("rect", { class: "call " + (b.kind === "repeat" ? "repeat" : "wait"), x: x - w / 2, y: a.toFixed(1), width: w, height: (z - a).toFixed(1), rx: 2 }, title));
    if (b.kind !== "repeat") continue;
    const n = Math.min(b.times, Math.floor((z - a) / 3));
    let d = "";
    for (let k = 1; k < n; k++) d += `M${x - w / 2} ${(a + (z - a) * k / n).toFixed(1)}h${w}`;
    out.push(s("path", { class: "notch", d }));
  }
}

/** Where a wait begins, where its parts end, and where it ends. */
export function waitPlaces(l: Layout, w: Wait): [number, number, number, number] {
  const from = l.headOf(w.request), to = l.tailOf(w.reply);
  const at = (t: number) => t >= w.until ? to : Math.min(Math.max(l.yAt(t), from), to);
  return [from, at(w.program), at(w.stack), to];
}

function waits(v: View, from: number, to: number, out: SVGElement[], labels: Labels): void {
  const { l, g } = v, taken = new Set<number>(), lanes: number[] = [];
  v.c.head.waits.forEach((w, n) => {
    if (l.yOf(w.reply) < from - 3000 || l.yOf(w.request) > to + 100) return; // far from here, and in nobody's lane
    if (v.limit >= 0 && w.reply >= v.limit || !l.shown(w.request) || !l.shown(w.reply)) return;
    const places = waitPlaces(l, w);
    let lane = lanes.findIndex(end => end <= places[0]);
    if (lane < 0) lane = lanes.length;
    lanes[lane] = places[3];
    if (places[3] < from || places[0] > to) return;
    const dir = -g.out(w.host), x = g.x[w.host]! + dir * (7 + 9 * Math.min(lane, 3)), group = s("g", { class: "delay", id: "w" + (n + 1), "data-wait": n });
    ["loop", "work", "stack"].forEach((kind, k) => {
      const a = places[k]!, z = places[k + 1]!;
      if (z - a > 0.4 || k === 0) group.append(s("rect", { class: "part-" + kind, x: x - 4, y: (a - from).toFixed(1), width: 8, height: Math.max(z - a, 0).toFixed(1) }));
    });
    group.append(s("title", null, parts(v, w)));
    const place = l.scale === "real" ? -1 : pillPlace(v, w), middle = (places[0] + places[1]) / 2 - from;
    if (place >= 0 ? !taken.has(place) : l.scale === "real" && places[1] - places[0] > 24 && labels.room("field", middle)) {
      taken.add(place);
      const small = l.scale === "events" || g.small, size = small ? 10.5 : 12.5, room = Math.abs(g.x[g.x.length - 1]! - g.x[0]!) - 30;
      let text = g.small ? w.short[v.lang] : w.text[v.lang];
      if (text.length * size * 0.56 + 30 > room) text = w.short[v.lang];
      const width = text.length * size * 0.56 + 30, high = small ? 13 : 18, left = dir < 0 ? x - 8 - width : x + 8, y = place < 0 ? middle - high / 2 - 4 : l.y[place]! - high - 2 - from;
      group.append(s("rect", { class: "pill", x: left.toFixed(1), y: y.toFixed(1), width: width.toFixed(1), height: high, rx: high / 2 }),
        glass(left + 8, y + (high - 9) / 2),
        s("text", { class: "pilltext", x: (left + 21).toFixed(1), y: (y + high - (small ? 3 : 5)).toFixed(1), "font-size": size }, text));
    }
    out.push(group);
  });
}

/** An hourglass, as a path: fonts lack the sign. */
function glass(x: number, y: number): SVGElement {
  return s("path", { class: "glass", d: `M${x.toFixed(1)} ${y.toFixed(1)}h7l-2.6 4.5l2.6 4.5h-7l2.6 -4.5z` });
}

/** The entry above which a wait's pill has room: the longest pause between the question and the answer. */
function pillPlace(v: View, w: Wait): number {
  const { l } = v, a = l.entryOf[w.request]!, z = l.entryOf[w.reply]!;
  if (l.scale === "events") return z;
  let best = -1, gap = 2e7;
  for (let i = a + 1; i <= z && i < a + 400; i++) if (l.gap[i]! > gap) { gap = l.gap[i]!; best = i; }
  return best;
}

/** The parts of a wait in words. */
export function parts(v: { c: Conversation; lang: Lang }, w: Wait): string {
  const ui = v.c.head.ui[v.lang], [all, network, loop, program, stack] = w.split;
  return `${ui.Waits} ${duration(all)}: ${ui.Network} ${duration(network)}, ${ui.Loop} ${duration(loop)}, ${ui.Program} ${duration(program)}` + (stack > 0 ? `, ${ui.Stack} ${duration(stack)}` : "");
}

function fold(v: View, i: number, from: number, to: number, out: SVGElement[]): void {
  const y = v.l.y[i]! - from, n = -1 - v.l.entries[i]!, f = v.c.head.folds[n]!;
  if (v.l.y[i]! > to || v.l.y[i]! + v.l.height[i]! < from) return;
  const a = v.g.x[0]!, b = v.g.x[v.g.x.length - 1]!;
  const text = f.text[v.lang], width = Math.min(b - a - 10, v.g.width * 0.9);
  out.push(s("g", { class: "fold" + (f.part >= 0 ? " " + colour(f.part) : ""), "data-fold": n, role: "button", tabindex: -1, "aria-label": text },
    s("rect", { class: "foldbox", x: a + 5, y: (y + 2).toFixed(1), width: Math.max(b - a - 10, 10), height: 19, rx: 9 }),
    s("text", { class: "foldtext", x: ((a + b) / 2).toFixed(1), y: (y + 15.5).toFixed(1), "text-anchor": "middle" },
      v.g.small && text.length * 6 > width ? text.slice(0, Math.floor(width / 6) - 1) + "…" : cutTo(text, width / 6.2))));
}

const cutTo = (text: string, n: number): string => text.length > n ? text.slice(0, Math.max(0, Math.floor(n) - 1)) + "…" : text;

function row(v: View, i: number, r: number, from: number, to: number, out: SVGElement[], under: SVGElement[], labels: Labels): void {
  const { c, l, g } = v, f = c.col.flags[r]!, y = l.y[i]! - from, part = c.col.part[r]!;
  if (f & LEFT_OUT) {
    out.push(s("text", { class: "foldtext", x: ((g.x[0]! + g.x[g.x.length - 1]!) / 2).toFixed(1), y: (y + 15).toFixed(1), "text-anchor": "middle" }, c.cell(r, "segment", v.lang)));
    return;
  }
  const arrow = f & SEGMENT ? arrowOf(v, r) : null;
  const low = Math.min(l.y[i]!, arrow ? arrow.tail : Infinity), high = Math.max(l.y[i]! + l.height[i]!, arrow ? arrow.head : 0);
  if (low > to || high < from) return;
  const group = s("g", { class: "ev " + colour(part) + (r === v.selected ? " sel" : ""), "data-row": r, "data-session": c.head.parts[part]!.id, id: idOf(c, r) });
  if (c.col.frame[r]) group.setAttribute("data-frame", String(c.col.frame[r]));
  group.append(s("rect", { class: "hit", x: g.small ? 2 : g.ruler - 2, y: (arrow && l.scale === "real" ? arrow.tail - from - 8 : y + 0.5).toFixed(1), width: g.width - (g.small ? 4 : g.ruler + 4),
    height: (l.scale === "real" ? (arrow ? Math.max(16, arrow.head - arrow.tail + 16) : 16) : Math.max(l.height[i]! - 1, 4)).toFixed(1), rx: 4 }));
  if (l.timed(r)) ruler(v, i, r, y, group, labels);
  if (f & EXPIRY && l.scale !== "real") group.append(s("path", { class: "expiry", d: g.x.map(x => `M${x - 6} ${(y - 12).toFixed(1)}l12 -6M${x - 6} ${(y - 6).toFixed(1)}l12 -6`).join("") }),
    s("text", { class: "gaptext", x: g.ruler - 11, y: (y - 6).toFixed(1), "text-anchor": "end" }, "2·MSL"));
  let shapes: SVGElement = group;
  if (arrow?.long && arrow.drawn) under.push(shapes = s("g", { class: "crossing " + colour(part), "data-row": r }));
  if (arrow) drawArrow(v, r, arrow, from, group, shapes, labels);
  for (const side of [0, 1]) callOf(v, r, side, y, group, labels);
  out.push(group);
}

/** The name of a row's place: f28 for the departure of frame 28, f28-in for its arrival, c7 for the call of row 7. */
export function idOf(c: Conversation, r: number): string {
  const f = c.col.flags[r]!;
  if (!(f & SEGMENT)) return "c" + (r + 1);
  return "f" + c.col.frame[r] + (f & DEPARTS ? "" : "-in");
}

function ruler(v: View, i: number, r: number, y: number, group: SVGElement, labels: Labels): void {
  const { c, l, g } = v, real = l.scale === "real", at = y + (real ? 4 : l.scale === "events" ? 17 : 13);
  if (labels.room("ruler", at)) {
    const before = i > 0 ? c.col.at[r]! - c.col.at[rowAt(v, i - 1)]! : 0;
    const text = g.small ? (i === 0 ? "0" : "+" + shortDuration(before)) : seconds(c.col.at[r]!);
    group.append(s("text", { class: "time", x: g.ruler - (g.small ? 4 : 10), y: at.toFixed(1), "text-anchor": "end" }, text));
  }
  const gap = l.gap[i]!;
  if (l.scale !== "readable" || gap < c.head.layout.long || g.small || i === 0) return;
  const room = l.y[i]! - l.y[i - 1]! - l.height[i - 1]!, x = g.ruler - 4;
  group.append(s("path", { class: "gap", d: `M${x} ${(y - room + 2).toFixed(1)}V${(y - 1).toFixed(1)}M${x - 3} ${(y - 6).toFixed(1)}l3 5l3 -5M${x - 3} ${(y - room + 7).toFixed(1)}l3 -5l3 5` }),
    s("text", { class: "gaptext", x: x - 7, y: (y - room / 2 + 4).toFixed(1), "text-anchor": "end" }, duration(gap)));
}

/** A pause in at most six characters. */
function shortDuration(ns: number): string {
  if (ns < 1e6) return Math.round(ns / 1e3) + "µs";
  if (ns < 1e9) return Math.round(ns / 1e6) + "ms";
  return (ns / 1e9).toFixed(ns < 1e10 ? 2 : 1) + "s";
}

interface Arrow { tail: number; head: number; drawn: boolean; long: boolean }

/** An arrow is drawn with the row in which its segment arrives; one that reaches nobody, or only in a row that is hidden, where it leaves. */
function arrowOf(v: View, r: number): Arrow {
  const { c, l } = v, f = c.col.flags[r]!;
  if (f & DEPARTS && f & ARRIVES) return { tail: l.tailOf(r), head: l.headOf(r), drawn: true, long: false };
  if (f & LOST) return { tail: l.tailOf(r), head: l.headOf(r), drawn: true, long: false };
  if (f & DEPARTS) {
    const to = c.arrivalRow[r]!;
    const hidden = to >= 0 && v.limit >= 0 && to >= v.limit;
    return { tail: l.tailOf(r), head: to < 0 ? l.headOf(r) : l.headOf(to), drawn: to < 0 || hidden || !l.shown(to), long: to >= 0 };
  }
  const left = c.departureRow[r]!;
  return { tail: left < 0 ? l.headOf(r) : l.tailOf(left), head: l.headOf(r), drawn: true, long: left >= 0 };
}

function drawArrow(v: View, r: number, a: Arrow, from: number, group: SVGElement, shapes: SVGElement, labels: Labels): void {
  const { c, l, g } = v, f = c.col.flags[r]!, [sender, receiver] = c.ends(r), x1 = g.x[sender]!, x2 = g.x[receiver]!, way = x2 < x1 ? -1 : 1;
  const quiet = (f & ACK_ONLY) !== 0, real = l.scale === "real", ya = a.tail - from, yb = a.head - from;
  const named = f & DEPARTS || c.departureRow[r]! < 0;
  const p = x1 + way * 4, q = x2 - way * 5, part = c.col.part[r]!;
  if (a.drawn) {
    const lost = (f & LOST) !== 0, ex = lost ? p + (q - p) * 0.6 : q, ey = lost ? ya + (yb - ya) * 0.6 : yb;
    const size = quiet ? 6.5 : 9, len = Math.hypot(ex - p, ey - ya) || 1, ux = (ex - p) / len, uy = (ey - ya) / len, hx = ex - ux * size, hy = ey - uy * size;
    const kind = f & SPURIOUS ? " spurious" : f & REPEATED ? " again" : f & OUT_OF_ORDER ? " disorder" : "";
    const width = quiet ? 1.1 : f & (CONTROL | RESET) ? 2.6 : Math.min(4, 1.5 + Math.log10(1 + c.col.length[r]!) * 0.5);
    shapes.append(s("path", { class: "arrow" + kind + (quiet ? " quiet" : ""), "stroke-width": width.toFixed(1), d: `M${p} ${ya.toFixed(1)}L${(lost ? ex : hx).toFixed(1)} ${(lost ? ey : hy).toFixed(1)}` }),
      s("circle", { class: "dot", cx: x1, cy: ya.toFixed(1), r: quiet ? 2 : 3 }));
    if (lost) shapes.append(s("path", { class: "cross", d: `M${(ex - 5).toFixed(1)} ${(ey - 5).toFixed(1)}l10 10m0 -10l-10 10` }));
    else shapes.append(s("path", { class: quiet ? "headopen" : "head", d: `M${ex.toFixed(1)} ${ey.toFixed(1)}L${(hx - uy * size * 0.45).toFixed(1)} ${(hy + ux * size * 0.45).toFixed(1)}L${(hx + uy * size * 0.45).toFixed(1)} ${(hy - ux * size * 0.45).toFixed(1)}Z` }));
    if (f & RESET) shapes.append(s("path", { class: "cross", d: `M${(ex - way * 14 - 5).toFixed(1)} ${(ey - 5).toFixed(1)}l10 10m0 -10l-10 10` }));
  }
  if (!named) return;
  const long = a.long && (f & DEPARTS) !== 0;
  const lx = long ? p + way * (14 + 19 * Math.min(f & DEPARTS ? c.badges.get(r)?.length ?? 0 : 0, 2)) : (x1 + x2) / 2, ly = long ? ya - 4 : (ya + yb) / 2 - 5, anchor = !long ? "middle" : way > 0 ? "start" : "end";
  const label = labels.name(v, real ? "field" : "", ly, () => {
    const t = s("text", { class: "segment" + (quiet ? " muted" : ""), x: lx.toFixed(1), y: ly.toFixed(1), "text-anchor": anchor, "font-size": quiet ? 11 : g.small ? 11.5 : g.font });
    if (c.head.parts.length > 1 && !g.small) t.append(s("tspan", { class: "number" }, "#" + c.head.parts[part]!.id + " "));
    const bold = (f & (CONTROL | RESET)) !== 0;
    t.append(s("tspan", bold ? { "font-weight": 700 } : null, c.cell(r, "segment", v.lang)));
    const preview = c.cell(r, "preview", v.lang), room = Math.abs(x2 - x1) - 40 - c.cell(r, "segment", v.lang).length * 7.5 - 60;
    if (preview && !g.small && room > 60) t.append(s("tspan", { class: "preview", dx: 7 }, cutTo(preview, room / 6.6)));
    return t;
  });
  if (label) group.append(label);
  const found = c.badges.get(r);
  if (found && f & DEPARTS && labels.room("badge" + sender, ya)) found.slice(0, 2).forEach((n, k) => {
    const bx = x1 + way * (16 + 19 * k);
    labels.over.push(s("g", { class: "badge level" + c.head.findings[n]!.level + (n === v.finding ? " on" : ""), "data-finding": n },
      s("circle", { cx: bx, cy: ya.toFixed(1), r: 8.5 }), s("text", { x: bx, y: (ya + 4).toFixed(1), "text-anchor": "middle" }, String(n + 1))));
  });
}

const CELLS = [["clientCall", "clientResult"], ["serverCall", "serverResult"]] as const;

function callOf(v: View, r: number, side: number, y: number, group: SVGElement, labels: Labels): void {
  const { c, l, g } = v, [callColumn, resultColumn] = CELLS[side]!, call = c.cell(r, callColumn, v.lang), result = c.cell(r, resultColumn, v.lang);
  if (!call && !result) return;
  const host = c.head.parts[c.col.part[r]!]!.lines[side]!, dir = g.out(host), failed = (c.col.flags[r]! & FAILED[side]!) !== 0, implied = call.startsWith("(");
  const real = l.scale === "real", events = l.scale === "events";
  let x = g.callAt(host), anchor = dir > 0 ? "start" : "end", at = y + (real ? 4 : events ? 17 : 13), width = g.calls[side === 0 && host === 0 || host === 0 ? 0 : 1]!;
  if (g.between(host)) { at += 14; width = 150; }
  if (g.small) { // inside the field, below the arrow
    anchor = dir > 0 ? "end" : "start";
    x = g.x[host]! - dir * 8;
    at = y + (real ? 14 : events ? 40 : 34);
    width = (g.x[g.x.length - 1]! - g.x[0]!) * 0.95;
  }
  if (g.small && real && !labels.room("badge" + host, at) || !labels.room(g.small && real ? "field" : "call" + host, at)) return;
  const size = g.small ? 10.5 : g.font - 1;
  const oneLine = events && call && result && (call.length + result.length + 3) * g.mono <= width && !g.small;
  if (oneLine) {
    group.append(s("text", { class: "callname" + (failed ? " failed" : ""), x: x.toFixed(1), y: at.toFixed(1), "text-anchor": anchor, "font-size": size }, g.cut(call + " → " + result, width)));
    return;
  }
  if (events && call && result && !g.small) at -= 6;
  if (call) group.append(s("text", { class: "callname" + (implied ? " implied" : ""), x: x.toFixed(1), y: at.toFixed(1), "text-anchor": anchor, "font-size": size }, g.cut(call, width)));
  if (result && !(real && call)) group.append(s("text", { class: "result" + (failed ? " failed" : ""), x: x.toFixed(1), y: (at + (call ? g.small ? 12 : events ? 13 : 15 : 0)).toFixed(1), "text-anchor": anchor, "font-size": size - 0.5 }, g.cut("→ " + result, width)));
}

/** What the looks of things mean, as samples with the names of the texts that explain them. */
export function legend(): [string, SVGElement][] {
  const sample = (...children: SVGElement[]) => s("svg", { class: "sample p0", viewBox: "0 0 44 16", width: 44, height: 16, "aria-hidden": "true" }, ...children);
  const line = (cls: string, width: number) => s("path", { class: "arrow " + cls, "stroke-width": width, d: "M2 8H34" });
  const head = (cls: string) => s("path", { class: cls, d: "M42 8L33 4V12Z" });
  return [
    ["LegendData", sample(line("", 2), head("head"))], ["LegendControl", sample(line("", 2.8), head("head"))], ["LegendACK", sample(line("quiet", 1.1), head("headopen"))],
    ["LegendAgain", sample(line("again", 2), head("head"))], ["LegendSpurious", sample(line("spurious", 2), head("head"))],
    ["LegendLost", sample(s("path", { class: "arrow", "stroke-width": 2, d: "M2 8H22" }), s("path", { class: "cross", d: "M18 4l8 8m0 -8l-8 8" }))],
    ["LegendReset", sample(line("", 2.8), head("head"), s("path", { class: "cross", d: "M20 4l8 8m0 -8l-8 8" }))],
    ["LegendWait", sample(s("rect", { class: "call wait", x: 18, y: 1, width: 7, height: 14 }))], ["LegendLoop", sample(s("rect", { class: "part-loop", x: 18, y: 0, width: 8, height: 11 }), s("rect", { class: "part-work", x: 18, y: 11, width: 8, height: 5 }))],
    ["LegendSleep", sample(s("path", { class: "sleep", d: "M22 0l3.5 3l-7 4l7 4l-3.5 4" }))], ["LegendRepeat", sample(s("rect", { class: "call repeat", x: 18, y: 1, width: 7, height: 14 }), s("path", { class: "notch", d: "M18 5h7M18 8h7M18 11h7" }))],
    ["LegendImplied", sample(s("text", { class: "implied", x: 2, y: 12, "font-size": 11 }, "(send)"))],
  ];
}

/** Too much for arrows: how many segments there are, each three pixels. */
function density(v: View, entries: number[], from: number, out: SVGElement[]): void {
  const count = new Map<number, number>();
  for (const i of entries) {
    const r = v.l.entries[i]!;
    if (r < 0 || !v.c.has(r, SEGMENT) || v.c.has(r, UNTIMED)) continue;
    const k = Math.floor((v.l.y[i]! - from) / 3);
    count.set(k, (count.get(k) ?? 0) + 1);
  }
  const most = Math.max(1, ...count.values()), a = v.g.x[0]!, b = v.g.x[v.g.x.length - 1]!;
  let d = "";
  for (const [k, n] of count) { const w = (b - a - 10) * n / most; d += `M${((a + b - w) / 2).toFixed(1)} ${k * 3}h${w.toFixed(1)}v2h${(-w).toFixed(1)}z`; }
  out.push(s("path", { class: "density", d }));
}
