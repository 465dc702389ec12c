// Where things stand: the y of every row, for three scales. The readable one is that of the SVG (render/diagram.go).

import { Conversation, DEPARTS, ARRIVES, UNTIMED, EXPIRY } from "./data";

export type Scale = "readable" | "events" | "real";
export const TOP = 30, EVENT = 30;
const EVENT_TAIL = 19, PILL = 17;

export class Layout {
  /** What is in view, from above: a row, or -1 - fold. */
  readonly entries: Int32Array;
  readonly y: Float64Array;
  readonly height: Float64Array;
  readonly gap: Float64Array;
  /** Where the segment of an entry leaves and arrives. */
  readonly tail: Float64Array;
  readonly heads: Float64Array;
  /** The entry of a row; that of its fold where it is hidden. */
  readonly entryOf: Int32Array;
  readonly count: number;
  readonly total: number;
  /** How far beyond its own place the drawing of an entry reaches at most. */
  readonly reach: number;
  private readonly at: Float64Array;
  /** The time of the first row: calls can be before the capture's first packet. */
  private readonly base: number;

  constructor(readonly c: Conversation, readonly scale: Scale, readonly zoom: number, unfolded: Set<number>, small: boolean) {
    this.base = c.n ? c.col.at[0]! : 0;
    const n = c.n, L = c.head.layout, folds = c.head.folds;
    const entries: number[] = [], folded = new Map<number, number>();
    this.entryOf = new Int32Array(n).fill(-1);
    for (let r = 0; r < n; r++) {
      const f = c.col.fold[r]! - 1;
      if (f < 0 || unfolded.has(f) || scale === "real") { this.entryOf[r] = entries.length; entries.push(r); continue; }
      let e = folded.get(f);
      if (e === undefined) { e = entries.length; folded.set(f, e); entries.push(-1 - f); }
      this.entryOf[r] = e;
    }
    this.entries = Int32Array.from(entries);
    const m = this.count = entries.length;
    this.y = new Float64Array(m); this.height = new Float64Array(m); this.gap = new Float64Array(m);
    this.tail = new Float64Array(m); this.heads = new Float64Array(m); this.at = new Float64Array(m);
    const pills = new Set(scale === "events" ? c.head.waits.map(w => w.reply) : []);
    let y = TOP, last = NaN, reach = 60;
    const pps = 220 * zoom / 1e9; // pixels a nanosecond, of the real scale
    for (let i = 0; i < m; i++) {
      const r = entries[i]!, fold = r < 0 ? folds[-1 - r]! : null, row = fold ? fold.first : r;
      const from = c.col.at[row]!, to = fold && fold.part < 0 ? c.col.at[fold.last]! : from;
      this.gap[i] = Number.isNaN(last) ? 0 : Math.max(0, from - last);
      this.at[i] = to;
      last = Number.isNaN(last) ? to : Math.max(last, to);
      if (scale === "real") {
        this.y[i] = TOP + (from - this.base) * pps;
        this.tail[i] = TOP + (from - this.base - c.col.left[row]!) * pps;
        this.heads[i] = TOP + (from - this.base + c.col.arrived[row]!) * pps;
        reach = Math.max(reach, Math.abs(this.heads[i]! - this.y[i]!), Math.abs(this.y[i]! - this.tail[i]!));
        continue;
      }
      const readable = scale === "readable", f = c.col.flags[row]!;
      if (readable && i > 0 && this.gap[i]! > 0) y += L.pause * zoom * Math.log10(1 + this.gap[i]! / 1e6);
      if (f & EXPIRY && r >= 0) y += L.expiry; // nobody saw how long that took
      if (pills.has(r)) y += PILL; // what waited is said above the answer
      this.y[i] = y;
      this.height[i] = fold ? L.fold : readable ? c.col.weight[row]! + (small ? extra(c, row) : 0) : EVENT + (small ? extra(c, row) : 0);
      const tail = readable ? L.tail : EVENT_TAIL;
      this.tail[i] = y + tail;
      this.heads[i] = y + tail + (readable && (f & DEPARTS) ? L.head : 0);
      y += this.height[i]!;
    }
    for (let r = 0; r < n; r++) {
      const a = c.arrivalRow[r]!;
      if (a >= 0 && this.entryOf[a]! >= 0) reach = Math.max(reach, this.heads[this.entryOf[a]!]! - this.tail[this.entryOf[r]!]!);
    }
    this.reach = reach;
    this.total = (scale === "real" ? (m ? Math.max(this.y[m - 1]!, this.heads[m - 1]!) : 0) : y) + 90;
  }

  /** The first entry at or below y. */
  find(y: number): number {
    let a = 0, b = this.count;
    while (a < b) { const m = (a + b) >> 1; if (this.y[m]! < y) a = m + 1; else b = m; }
    return a;
  }

  /** Where a moment stands: time passes between the entries. */
  yAt(at: number): number {
    if (this.scale === "real") return TOP + (at - this.base) * 220 * this.zoom / 1e9;
    let a = 0, b = this.count;
    while (a < b) { const m = (a + b) >> 1; if (this.at[m]! < at) a = m + 1; else b = m; }
    if (a === this.count) return a ? this.y[a - 1]! + this.height[a - 1]! : TOP;
    if (a === 0 || this.gap[a]! <= 0) return this.y[a]!;
    const above = this.y[a - 1]! + this.height[a - 1]!, done = 1 - (this.at[a]! - at) / this.gap[a]!;
    return above + (this.y[a]! - above) * Math.min(Math.max(done, 0), 1);
  }

  /** The moment at a height. */
  timeAt(y: number): number {
    if (!this.count) return 0;
    if (this.scale === "real") return this.base + (y - TOP) * 1e9 / (220 * this.zoom);
    return this.at[Math.min(this.find(y), this.count - 1)]!;
  }

  tailOf(row: number): number { return this.tail[this.entryOf[row]!]!; }
  headOf(row: number): number { return this.heads[this.entryOf[row]!]!; }
  yOf(row: number): number { return this.y[this.entryOf[row]!]!; }
  shown(row: number): boolean { return this.entries[this.entryOf[row]!] === row; }
  timed(row: number): boolean { return this.c.head.timed && !this.c.has(row, UNTIMED); }
  arrives(row: number): boolean { return this.c.has(row, ARRIVES); }
}

/** The lines that a row's calls need below its arrow on a phone. */
function extra(c: Conversation, row: number): number {
  const lines = (call: number, result: number) => (call ? 1 : 0) + (result ? 1 : 0);
  return 13 * Math.max(lines(c.col.clientCall[row]!, c.col.clientResult[row]!), lines(c.col.serverCall[row]!, c.col.serverResult[row]!));
}
